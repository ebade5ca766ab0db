/* online_ranges.c - a range whose ends differ by row, of what is worth not being stored, is a part of the axis that it walks, under a guard.
 *
 *     sum [j: max(0, i - w + 1)..i + 1] { %e[i, j] }          sum [j: T | max(0, i - w + 1) <= j and j < i + 1] { %e[i, j] }
 *
 * Where the range lies inside of the axis of a tensor that it walks, for all rows. Its places are then those of the axis, so that rows have blocks in
 * common and a row's are where they are whatever the window is: in another order than the range's own, as a pass may have (PASSES.md, Laws 1). The guard
 * is a bound (narrow.c). Copies that become no pass go, and the range stays as it was written.
 */
#include "passes/online/online_int.h"

/* The end of a range, or where it begins, as what it is read from: equal ones are merged then. */
static IrNode *value_of(PassCx *cx, IrBuilder *b, Dim end)
{
    DimSym *s;
    IrNode *def = dim_is_sym(end, &s) ? map_find(&cx->sym_nodes, s) : NULL;
    return def && ir_inside(def, b->region->owner->parent) && !ir_inside(def, b->region) ? def : ir_dim_value(b, end);
}

static void widen(PassCx *cx, IrNode *n, IrNode *x, const Walked *a)
{
    IrRegion *r = n->regions[0];
    IrNode *y = ir_terminator(r), *guard = y->nin > 1 ? y->in[1] : NULL;
    IrBuilder b = { r->fn, r, y, n->span };
    IrType yes = ir_scalar(DT_bool);
    IrNode *inside = ir_add2(&b, OP_lt, yes, x, value_of(cx, &b, pass_end_of(cx, x)));
    if (!pass_from_zero(x))
        inside = ir_add2(&b, OP_and, yes, ir_add2(&b, OP_le, yes, value_of(cx, &b, x->lo), x), inside);
    IrNode *v[] = { y->in[0], guard ? ir_add2(&b, OP_and, yes, inside, guard) : inside };
    ir_yield(&b, 2, v);
    ir_drop(y);
    x->lo = x->from = x->to = NULL;
    x->dim = a->size;
    for (int i = 0; i < a->clamps.n; i++)
        if (pass_dim_of(cx, a->clamps.p[i]->in[2]) == a->size) {
            ir_replace(a->clamps.p[i], x);
            ir_drop(a->clamps.p[i]);
        }
}

/* Its guard is asked at all places of the axis then. */
static bool may_ask(PassCx *cx, const IrRegion *r, IrNode *x, Dim size)
{
    Map cone = map_new(cx->arena);
    Dim lo = x->lo, dim = x->dim;
    bool may = true;
    if (!pass_guard(r))
        return true;
    pass_note_cone(r, pass_guard(r), &cone);
    x->lo = NULL;
    x->dim = size;
    for (const IrNode *n = r->first; n && may; n = n->next)
        may = !map_find(&cone, n) || pass_is_total(cx, n);
    x->lo = lo;
    x->dim = dim;
    return may;
}

/* A loop for each of its places, the same for all columns: scores, which lie in blocks for all rows then. */
static bool loops(const Online *o, const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_reduce && pass_depends(o->cx, n, r) && !(o->column && pass_depends_on(o->cx, n, o->column)))
            return true;
    return false;
}

void online_widen_ranges(Online *o, IrRegion *r, bool asked)
{
    for (IrNode *n = r->first; n; n = n->next) {
        for (int k = 0; k < n->nregions && n->op == OP_if; k++)
            online_widen_ranges(o, n->regions[k], asked);
        for (int i = 0; n->op == OP_reduce && i < n->regions[0]->params.n; i++) {
            IrNode *x = n->regions[0]->params.p[i];
            Walked a;
            bool looping = loops(o, n->regions[0]), dear = looping;
            ir_walk(n->regions[0], online_see_dear, &dear);
            if (!dear || !pass_find_axis(o->cx, n, x, &a) || !may_ask(o->cx, n->regions[0], x, a.size))
                continue;
            o->ranges = o->ranges || (a.clamps.n && !asked);
            if (a.clamps.n && !asked)
                continue;
            widen(o->cx, n, x, &a);
            o->dear = o->dear || looping;
        }
    }
}
