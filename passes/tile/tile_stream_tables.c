/* tile_stream_tables.c - what is computed once for a block and may fault (keys and values by a table of pages): where it may, and the faults.
 *
 *     k[j, d] = a[clampi(table[j // 16], 0, P), j % 16, d]
 *
 *     for block {
 *       some = any [places j of the block] { table[j // 16] is no page }
 *       if some {
 *         rows:              any [places j of the row | guard] { clampi(table[j // 16], 0, P) }          where the faults are, if rows ask for them
 *       places j, lanes d:   k[j, d] = a[max(min(table[j // 16], P - 1), 0), j % 16, d]                  tile_stream_shared.c
 *       the block }
 *
 * So pages are looked up as often as there are places, and what a guard leaves out (the rest of a table that is padded) is no fault.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

/* ---- which values ------------------------------------------------------------------------------------------------------- */

/* The same for all of x, by what is known before the kernel. */
static bool is_known(Stream *s, const IrNode *n, const IrNode *x)
{
    bool size = n->op != OP_clampi || !pass_depends(s->c.cx, n->in[2], s->body);
    return (n->op == OP_clampi || n->op == OP_narrow || n->op == OP_nonzero) && size && !pass_depends_on(s->c.cx, n, x);
}

/* What is left of a division by a size that is asked whether it is 0: `a[.., j % X]`, where X is the size of the axis. */
static bool is_place_of_page(Stream *s, const IrNode *sub, Dim size)
{
    return sub->op == OP_mod && sub->in[1]->op == OP_nonzero && pass_dim_of(s->c.cx, sub->in[1]->in[0]) == size;
}

static bool is_total_then(Stream *s, const IrNode *n)
{
    for (int i = 1; i < n->nin && n->op == OP_load; i++)
        if (!is_place_of_page(s, n->in[i], n->in[0]->type.dims[i - 1]) && !pass_is_inside(s->c.cx, n, i))
            return false;
    return n->op == OP_load || pass_is_total(s->c.cx, n);
}

/* All that n needs of the host is total, or one of the known faults, the same for all of x. */
static bool cone_is_known(Stream *s, const IrNode *n, const IrNode *x)
{
    if (!n->parent || !ir_inside(n, s->c.host->regions[0]) || n->op == OP_index)
        return true;
    if (pass_is_fault(n) ? !is_known(s, n, x) : !is_total_then(s, n))
        return false;
    for (int i = 0; i < n->nin; i++)
        if (!cone_is_known(s, n->in[i], x))
            return false;
    return true;
}

/* Rows ask their guard alone whether they have a place, and that before the block. */
bool stream_may_look_before(Stream *s, const IrNode *n, const IrNode *x)
{
    for (int i = 0; i < s->c.n; i++)
        if (s->c.m[i].guard)
            return false;
    return !s->skew && !s->mix && cone_is_known(s, n, x) && stream_guard_is_ready(s);
}

/* ---- the faults --------------------------------------------------------------------------------------------------------- */

void stream_find_faults(Stream *s, SharedAt *x, IrNode *n)
{
    if (!n->parent || !ir_inside(n, s->c.host->regions[0]) || n->op == OP_index)
        return;
    for (int i = 0; i < n->nin; i++)
        stream_find_faults(s, x, n->in[i]);
    for (int i = 0; i < x->faults.n; i++)
        if (x->faults.p[i] == n)
            return;
    if (pass_is_fault(n))
        vec_push(s->c.cx->arena, &x->faults, n);
}

/* Does the operation, as it is written, fault? */
static IrNode *would_fault(IrBuilder *b, const IrNode *n)
{
    IrType bit = ir_scalar(DT_bool), wide = n->in[0]->type;
    IrNode *at = n->in[0];
    if (n->op == OP_clampi)
        return ir_add2(b, OP_or, bit, ir_add2(b, OP_lt, bit, at, n->in[1]), ir_add2(b, OP_le, bit, n->in[2], at));
    if (n->op == OP_nonzero)
        return stream_equal(b, at, ir_const_int(b, wide.dtype, 0));
    IrNode *small = ir_add1(b, OP_cast, n->type, at), *zero = ir_const_int(b, wide.dtype, 0), *none = ir_const_int(b, n->type.dtype, 0);
    IrNode *differs = ir_add2(b, OP_ne, bit, ir_add1(b, OP_cast, wide, small), at);
    IrNode *sign = ir_add2(b, OP_ne, bit, ir_add2(b, OP_lt, bit, at, zero), ir_add2(b, OP_lt, bit, small, none));
    return ir_add2(b, OP_or, bit, differs, sign);
}

/* Is there a fault at any place of the block that some row of the tile may have? */
static IrNode *any_place(Stream *s, const SharedAt *x)
{
    IrNode *bad = NULL;
    stream_start(s);
    Level *l = stream_top(s);
    IrNode *r = ir_add0(&l->b, OP_reduce, ir_scalar(DT_bool));
    IrRegion *in = ir_region_new(s->t->fn, r);
    IrNode *place = ir_index_new(in, s->c.j->name, NULL, dim_const(DIMS(s), STREAM_BLOCK), s->c.j->span);
    place->from = stream_places_begin(s);
    place->to = stream_places_end(s);
    r->redop = RED_any;
    r->order = ORDER_lanes16;
    l->b.before = r;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { s->c.j, NULL }, s->made.n };
    s->outermost = 1;
    stream_bind_place(s, place);
    for (int i = 0; i < x->faults.n; i++) {
        IrNode *n = stream_emit(s, x->faults.p[i]);
        IrBuilder *b = &stream_top(s)->b;
        IrNode *own = would_fault(b, n);
        bad = bad ? ir_add2(b, OP_or, ir_scalar(DT_bool), bad, own) : own;
    }
    ir_yield(&stream_top(s)->b, 1, &bad);
    stream_close(s);
    s->outermost = 0;
    s->place = NULL;
    pass_quiet_faults(s->t->cx, in);
    return r;
}

/* The operations themselves, where rows ask for what is computed. */
static void fault_in_rows(Stream *s, const SharedAt *x)
{
    Reduction r;
    IrNode *yields[2] = { NULL, NULL };
    stream_open_rows(s, 1);
    stream_open_reduction(s, &r, s->c.axis, RED_any, ORDER_lanes16, DT_bool);
    s->place->to = dim_mul(DIMS(s), s->place->to, tile_dim(s->t, dim_min(DIMS(s), dim_const(DIMS(s), 1), x->index->dim))); /* none of x: nothing is asked for */
    if (s->c.guard && !s->c.exact)
        yields[1] = stream_emit(s, s->c.guard);
    s->outermost = s->nlevels - 1;
    for (int i = 0; i < x->faults.n; i++)
        stream_emit(s, x->faults.p[i]);
    s->outermost = 0;
    yields[0] = ir_const_int(&stream_top(s)->b, DT_bool, 0);
    ir_yield(&stream_top(s)->b, yields[1] ? 2 : 1, yields);
    stream_close_reduction(s, &r);
    stream_close(s);
}

void stream_look_for_faults(Stream *s, const SharedAt *x)
{
    if (!x->faults.n)
        return;
    IrNode *choice = ir_add1(&s->at, OP_if, ir_scalar(DT_none), any_place(s, x));
    IrBuilder outer = stream_open_branch(s, choice);
    fault_in_rows(s, x);
    stream_close_branch(s, outer);
    stream_close_branch(s, stream_open_branch(s, choice));
}
