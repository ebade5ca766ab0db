/* tile_last.c - the new value of a variable is computed behind the last reader of the old one, so that it may take its memory.
 *
 *     %m1 = map [i] { f(%m[i], %g[i]) }                  %w1 = map [i] { .. %m[i] .. }
 *     %w1 = map [i] { .. %m[i] .. }                      %m1 = map [i] { f(%m[i], %g[i]) }      in the memory of %m
 *     ret %w1, %m1                                       ret %w1, %m1
 *
 * Only where nobody between them needs the new value. Of two that read each other's old value one moves, and the other keeps its copy.
 */
#include <stdint.h>

#include "passes/tile/tile_int.h"

enum { GAP = 1 << 16 }; /* between neighbours: room for those that move */

/* The nodes of a region have ascending numbers. */
typedef struct Order { PassCx *cx; const IrRegion *r; Map at; } Order;

static intptr_t place_of(const Order *o, const IrNode *n)
{
    IrNode *top = pass_ancestor_in((IrNode *)(uintptr_t)n, o->r);
    return top ? (intptr_t)map_find(&o->at, top) : 0;
}

static void number(Order *o)
{
    intptr_t k = 0;
    o->at = map_new(o->cx->arena);
    for (const IrNode *n = o->r->first; n; n = n->next)
        map_put(&o->at, n, (void *)(k += GAP));
}

static void move_behind(Order *o, IrNode *map, const IrNode *behind)
{
    intptr_t before = place_of(o, behind), between = before + (place_of(o, behind->next) - before) / 2;
    ir_move_before(map, behind->next);
    map_put(&o->at, map, (void *)between);
    if (between == before)
        number(o);
    o->cx->changed++;
}

static void settle(Order *o, IrNode *map, const IrNode *old)
{
    if (map->op != OP_map || map->parent != o->r || map == old)
        return;
    const IrNode *behind = NULL;
    intptr_t here = place_of(o, map), last = 0, first = INTPTR_MAX;
    for (const IrUse *u = old->uses; u; u = u->next) {
        intptr_t k = place_of(o, u->user);
        if (k > last && u->user != ir_terminator(o->r))
            last = k, behind = pass_ancestor_in(u->user, o->r);
    }
    for (const IrUse *u = map->uses; u; u = u->next) {
        intptr_t k = place_of(o, u->user);
        first = k < first ? k : first;
    }
    if (last > here && first > last)
        move_behind(o, map, behind);
}

static const IrNode *old_value(const IrFn *fn, const IrRegion *r, int slot)
{
    const IrNode *owner = r->owner;
    if (!owner)
        return slot < fn->vars.n ? fn->params.p[fn->vars.p[slot]] : NULL;
    if (owner->op == OP_for)
        return slot + 1 < r->params.n ? r->params.p[slot + 1] : NULL;
    return owner->op == OP_while && r == owner->regions[1] && slot < r->params.n ? r->params.p[slot] : NULL;
}

void tile_last(PassCx *cx, IrFn *fn, IrRegion *r)
{
    const IrNode *y = ir_terminator(r);
    Order o = { cx, r, map_new(cx->arena) };
    for (int i = 0; y && i < y->nin; i++) {
        const IrNode *old = old_value(fn, r, i);
        if (old && pass_is_tensor(old) && !o.at.n)
            number(&o);
        if (old && pass_is_tensor(old))
            settle(&o, y->in[i], old);
    }
    for (IrNode *n = r->first; n; n = n->next)
        for (int k = 0; k < n->nregions && (n->op == OP_for || n->op == OP_while || n->op == OP_if); k++)
            tile_last(cx, fn, n->regions[k]);
}
