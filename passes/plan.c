/* plan.c - place all buffers in one arena by their lifetimes.
 *
 *     %a = buffer arena : f32[T, D]        offset 0
 *     %b = buffer arena : f32[T, D]        offset 0 too, if %a was used for the last time before %b
 *
 * Sizes are Dims, so the arena's size is one as well and is known at entry. Buffers whose sizes are equal for all dims share a slot
 * when their lifetimes are apart; a buffer that is used inside a loop but stands outside of it lives for the whole loop.
 */
#include "passes/pass_int.h"

typedef struct Life { IrNode *buffer; Dim bytes; int first, last; } Life;
typedef struct Slot { Dim bytes, offset; int free_after; } Slot;

typedef struct Plan {
    PassCx *cx;
    Map number, end;       /* node -> 1 + position; node -> 1 + position of the last node inside it */
    int next;
    VEC(Life) lives;
    VEC(Slot) slots;
} Plan;

static void number_region(Plan *p, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        map_put(&p->number, n, (void *)(uintptr_t)(++p->next));
        for (int i = 0; i < n->nregions; i++)
            number_region(p, n->regions[i]);
        map_put(&p->end, n, (void *)(uintptr_t)p->next);
    }
}

static int position(Map *m, IrNode *n) { return (int)(uintptr_t)map_find(m, n); }

static int last_use(Plan *p, IrNode *b, IrRegion *home)
{
    int last = position(&p->number, b);
    for (IrUse *u = b->uses; u; u = u->next) {
        IrNode *a = pass_ancestor_in(u->user, home);
        int at = a ? position(&p->end, a) : p->next;
        if (u->user->op == OP_buffer) { /* a view */
            int v = last_use(p, u->user, home);
            at = v > at ? v : at;
        }
        last = at > last ? at : last;
    }
    return last;
}

static Dim bytes_of(PassCx *cx, IrType t)
{
    DimCx *d = cx->module->dims;
    Dim n = dim_const(d, dtype_bytes(t.dtype)), line = dim_const(d, 64);
    for (int i = 0; i < t.rank; i++)
        n = dim_mul(d, n, t.dims[i]);
    return dim_mul(d, dim_floordiv(d, dim_add(d, n, dim_const(d, 63)), line), line);
}

static void find_life(void *user, IrNode *n)
{
    Plan *p = user;
    if (n->op != OP_buffer || (n->place != PLACE_arena && n->place != PLACE_scratch))
        return;
    DimCx *d = p->cx->module->dims;
    Dim bytes = bytes_of(p->cx, n->type);
    bytes = n->place == PLACE_scratch ? dim_mul(d, bytes, dim_const(d, IR_TASKS)) : bytes;
    Life l = { n, bytes, position(&p->number, n), last_use(p, n, n->parent) };
    vec_push(p->cx->arena, &p->lives, l);
}

static Slot *slot_for(Plan *p, const Life *l)
{
    for (int i = 0; i < p->slots.n; i++)
        if (p->slots.p[i].bytes == l->bytes && p->slots.p[i].free_after < l->first)
            return &p->slots.p[i];
    Slot s = { .bytes = l->bytes };
    DimCx *d = p->cx->module->dims;
    s.offset = p->slots.n ? dim_add(d, vec_last(&p->slots).offset, vec_last(&p->slots).bytes) : dim_const(d, 0);
    vec_push(p->cx->arena, &p->slots, s);
    return &vec_last(&p->slots);
}

bool pass_plan(PassCx *cx, IrFn *fn)
{
    Plan p = { .cx = cx, .number = map_new(cx->arena), .end = map_new(cx->arena) };
    number_region(&p, fn->body);
    ir_walk(fn->body, find_life, &p);
    for (int i = 0; i < p.lives.n; i++) { /* already in order of their first node */
        Slot *s = slot_for(&p, &p.lives.p[i]);
        s->free_after = p.lives.p[i].last;
        p.lives.p[i].buffer->offset = s->offset;
    }
    DimCx *d = cx->module->dims;
    fn->arena_bytes = p.slots.n ? dim_add(d, vec_last(&p.slots).offset, vec_last(&p.slots).bytes) : dim_const(d, 0);
    return true;
}
