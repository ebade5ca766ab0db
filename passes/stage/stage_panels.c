/* stage_panels.c - a tensor in panels of 16 places of one axis, side by side, which is the last axis of what is packed.
 *
 *     load %w[.., n, .., k]      %wp[.., n // 16, .., k, n % 16]      an axis that is not the last one
 *     load %w[.., k, n]          %wp[n // 16, .., k, n % 16]          the last one: its panels come before all others
 *
 * so that a product along other axes goes through a panel from place to place: a weight [K, N] lies as one [N, K] would.
 */
#include "passes/stage/stage_int.h"

/* Where axis i of a tensor of that rank stands among the packed ones. */
static int place_of(int rank, int axis, int i)
{
    return axis < rank - 1 ? i : i == axis ? 0 : i + 1;
}

IrType stage_panels_type(PassCx *cx, IrType t, int axis)
{
    DimCx *d = cx->module->dims;
    IrType p = { t.dtype, t.rank + 1, NEWN(cx->arena, Dim, t.rank + 1) };
    for (int i = 0; i < t.rank; i++)
        p.dims[place_of(t.rank, axis, i)] = i == axis ? tile_ceil_div(d, t.dims[i], PANEL) : t.dims[i];
    p.dims[t.rank] = dim_const(d, PANEL);
    return p;
}

/* map [.., p, .., q: 16] { if 16 p + q < N { w[.., 16 p + q, ..] } else { 0 } } */
IrNode *stage_packing_panels(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis)
{
    StageMap m = stage_open_map(cx, b, type, w->span);
    IrNode *subs[IR_RANK_MOST], *q = m.r->params.p[type.rank - 1];
    for (int i = 0; i < w->type.rank; i++)
        subs[i] = m.r->params.p[place_of(w->type.rank, axis, i)];
    subs[axis] = ir_add2(&m.in, OP_add, ir_scalar(DT_i64), stage_binary(&m.in, OP_mul, subs[axis], PANEL), q);
    stage_open_inside(&m, stage_is_inside(&m, w, axis, subs[axis]));
    return stage_close_map(&m, ir_load(&m.yes, w, w->type.rank, subs));
}

IrNode *stage_panels_element(PassCx *cx, IrBuilder *b, IrNode *wp, int axis, IrNode *const *subs, Dim before)
{
    DimCx *d = cx->module->dims;
    IrNode *in[IR_RANK_MOST + 1], *panel = ir_int(b, PANEL);
    int rank = wp->type.rank - 1;
    for (int i = 0; i < rank; i++)
        in[place_of(rank, axis, i)] = i == axis ? ir_add2(b, OP_floordiv, ir_scalar(DT_i64), subs[i], panel) : subs[i];
    in[rank] = ir_add2(b, OP_mod, ir_scalar(DT_i64), subs[axis], panel);
    IrNode **at = &in[place_of(rank, axis, axis)];
    if (before)
        *at = ir_add2(b, OP_add, ir_scalar(DT_i64), *at, ir_dim_value(b, dim_floordiv(d, before, dim_const(d, PANEL))));
    return ir_load(b, wp, rank + 1, in);
}
