/* fuse_later.c - maps that are recomputed where they are read go there at the end, the last one first.
 *
 *     %0 = map [i] { exp(%x[i]) }             %0 -> %1 is decided, then %1 -> %2 by what both are made of;
 *     %1 = map [i] { %0[i] + 1 }              %1 goes into %2, then %0
 *     %2 = map [i] { %1[i] * 2 }
 *
 * So each body moves once and is small when it does: in the order of the decisions a chain of maps would take its square. A decision looks at the
 * nodes around the loads, which are the readers' own, and at what an element is made of, which is added up here. What looks into bodies
 * (faults), or would find tensors in them, takes them as they will be: all that wait are put in place before (fuse_now).
 */
#include "passes/fuse_int.h"

enum { SIZE_MOST = 1 << 20 };

static int sum(int a, int b) { return a + b < SIZE_MOST ? a + b : SIZE_MOST; }

static void add_body(FuseBody *b, const FuseBody *x)
{
    b->weight = b->weight > x->weight ? b->weight : x->weight;
    b->flops = sum(b->flops, x->flops);
    b->size = sum(b->size, x->size);
    b->faults |= x->faults;
    b->turns |= x->turns;
}

static void add_region(const Fuse *f, FuseBody *b, const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next) {
        const FuseLater *l = n->op == OP_load ? map_find(&f->later, n->in[0]) : NULL;
        Weight w = fuse_weight(n);
        add_body(b, l ? &l->body : &(FuseBody){ w, w == CHEAP, 1, pass_is_fault(n), n->op == OP_for || n->op == OP_while, false });
        b->tensors |= n->op == OP_map || n->op == OP_scatter;
        for (int i = 0; i < n->nregions; i++)
            add_region(f, b, n->regions[i]);
    }
}

FuseBody fuse_body(const Fuse *f, const IrNode *map)
{
    FuseBody b = { MOVES, 0, 0, false, false, false };
    add_region(f, &b, map->regions[0]);
    return b;
}

static bool is_in_element(const IrNode *n)
{
    for (const IrNode *o = n->parent->owner; o; o = o->parent->owner)
        if (o->op == OP_map || o->op == OP_reduce || o->op == OP_scatter)
            return true;
    return false;
}

/* Integers are places, of which later decisions ask what they are. */
bool fuse_can_wait(const Fuse *f, const IrNode *map, const FuseBody *b)
{
    bool several = map->uses && map->uses->next;
    return !b->faults && !(b->weight == LOOPS && (f->streams || several)) && !b->tensors && map->type.dtype != DT_i64 && !is_in_element(map);
}

void fuse_wait(Fuse *f, IrNode *map, const FuseBody *b)
{
    FuseLater *l = NEW(f->cx->arena, FuseLater);
    *l = (FuseLater){ *b, b->weight == LOOPS ? fuse_place(f->cx, map->uses->user, true) : NULL }; /* it has one reader, and so has what that goes into */
    map_put(&f->later, map, l);
    vec_push(f->cx->arena, &f->maps, map);
}

void fuse_now(Fuse *f)
{
    for (int i = f->maps.n; i-- > 0;) {
        IrNode *map = f->maps.p[i];
        const FuseLater *l = map_find(&f->later, map);
        while (map->uses)
            fuse_put(f->cx, map, map->uses->user, l->at ? l->at : map->uses->user, !map->uses->next);
        ir_drop(map);
    }
    f->maps.n = 0;
    f->later = map_new(f->cx->arena);
}
