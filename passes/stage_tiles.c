/* stage_tiles.c - a weight of bf16 in tiles, for targets that multiply them (tile_dot16.c).
 *
 *     load %w[.., n, .., k, ..]      %t[.., n // 16, .., k // 32, (k % 32) // 2 * 32 + n % 16 * 2 + k % 2]
 *
 * A row of a tile has two places of k of 16 lanes; a tile has 16 rows, 1 KiB. Wherever the axis of k was, its tiles lie one after the other.
 */
#include "passes/stage_int.h"

enum { LANES = 16, PLACES = 32 };

static IrNode *sum(IrBuilder *b, IrNode *x, IrNode *y) { return ir_add2(b, OP_add, ir_scalar(DT_i64), x, y); }

/* The axes but that of k, in order. */
static int others(int rank, int k_axis, int axis[])
{
    int n = 0;
    for (int i = 0; i < rank; i++)
        if (i != k_axis)
            axis[n++] = i;
    return n;
}

IrType stage_tiles_type(PassCx *cx, IrType t, int axis, int k_axis)
{
    DimCx *d = cx->module->dims;
    IrType p = { t.dtype, t.rank + 1, NEWN(cx->arena, Dim, t.rank + 1) };
    int of[IR_RANK_MOST], n = others(t.rank, k_axis, of);
    for (int i = 0; i < n; i++)
        p.dims[i] = of[i] == axis ? dim_mul(d, dim_const(d, 2), tile_ceil_div(d, t.dims[axis], 2 * LANES)) : t.dims[of[i]];
    p.dims[n] = tile_ceil_div(d, t.dims[k_axis], PLACES);
    p.dims[t.rank] = dim_const(d, LANES * PLACES);
    return p;
}

/* map [.., p, .., g, .., q: 512] { the lane and the place are inside ? w[..] : 0 } */
IrNode *stage_packing_tiles(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis, int k_axis)
{
    StageMap m = stage_open_map(cx, b, type, w->span);
    IrBuilder *in = &m.in;
    IrNode *subs[IR_RANK_MOST];
    int of[IR_RANK_MOST], n = others(w->type.rank, k_axis, of);
    for (int i = 0; i < n; i++)
        subs[of[i]] = m.r->params.p[i];
    subs[k_axis] = m.r->params.p[n];
    IrNode *q = m.r->params.p[type.rank - 1], *pair = stage_binary(in, OP_floordiv, q, PLACES), *rest = stage_binary(in, OP_mod, q, PLACES);
    subs[axis] = sum(in, stage_binary(in, OP_mul, subs[axis], LANES), stage_binary(in, OP_floordiv, rest, 2));
    subs[k_axis] = sum(in, stage_binary(in, OP_mul, subs[k_axis], PLACES), sum(in, stage_binary(in, OP_mul, pair, 2), stage_binary(in, OP_mod, q, 2)));
    IrNode *lane = stage_is_inside(&m, w, axis, subs[axis]), *place = stage_is_inside(&m, w, k_axis, subs[k_axis]);
    stage_open_inside(&m, ir_add2(in, OP_and, ir_scalar(DT_bool), lane, place));
    return stage_close_map(&m, ir_load(&m.yes, w, w->type.rank, subs));
}

IrNode *stage_tiles_element(IrBuilder *b, IrNode *tiles, int axis, int k_axis, IrNode *const *subs)
{
    IrNode *at[IR_RANK_MOST + 1], *n = subs[axis], *k = subs[k_axis];
    int rank = tiles->type.rank - 1, of[IR_RANK_MOST];
    others(rank, k_axis, of);
    for (int i = 0; i + 1 < rank; i++)
        at[i] = of[i] == axis ? stage_binary(b, OP_floordiv, n, LANES) : subs[of[i]];
    at[rank - 1] = stage_binary(b, OP_floordiv, k, PLACES);
    IrNode *row = stage_binary(b, OP_mul, stage_binary(b, OP_floordiv, stage_binary(b, OP_mod, k, PLACES), 2), 2 * LANES);
    IrNode *lane = stage_binary(b, OP_mul, stage_binary(b, OP_mod, n, LANES), 2);
    at[rank] = sum(b, row, sum(b, lane, stage_binary(b, OP_mod, k, 2)));
    return ir_load(b, tiles, rank + 1, at);
}
