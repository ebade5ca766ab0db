/* stage_tiles.c - a weight of bf16 in tiles, for targets that multiply them (tile_dot16.c); bytes in words of four (tile_words.c, too).
 *
 *     load %w[.., n, .., k, ..]      %t[.., n // 16, .., k // 32, (k % 32) // 2 * 32 + n % 16 * 2 + k % 2]      bf16
 *                                    %t[.., n // 16, .., k // 4, n % 16 * 4 + k % 4]                            i8, u8
 *
 * Words are panels of i32, too, of which whoever multiplies none of them shifts a byte out: t[.., n // 16, .., k / 4, n % 16] >> 8 (k % 4).
 *
 * A row of a tile has two places of k of 16 lanes, or four bytes of each; a tile has 16 rows, 1 KiB, or one, 64 bytes. Wherever the axis of k
 * was, its tiles lie one after the other.
 */
#include "passes/stage/stage_int.h"

enum { LANES = 16 };

/* Places of k in a tile, and those of a lane that lie side by side. */
static int places(IrDtype t) { return dtype_bytes(t) == 1 ? 4 : 32; }
static int each(IrDtype t) { return dtype_bytes(t) == 1 ? 4 : 2; }

/* Tiles are read two at a time, words by vectors. */
static Dim panels(DimCx *d, IrDtype t, Dim lanes)
{
    int64_t together = dtype_bytes(t) == 1 ? 1 : 2;
    return dim_mul(d, dim_const(d, together), tile_ceil_div(d, lanes, together * LANES));
}

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
        p.dims[i] = of[i] == axis ? panels(d, t.dtype, t.dims[axis]) : t.dims[of[i]];
    p.dims[n] = tile_ceil_div(d, t.dims[k_axis], places(t.dtype));
    p.dims[t.rank] = dim_const(d, LANES * places(t.dtype));
    return p;
}

/* map [.., p, .., g, .., q] { the lane and the place are inside ? w[..] : 0 } */
IrNode *stage_packing_tiles(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis, int k_axis)
{
    StageMap m = stage_open_map(cx, b, type, w->span);
    IrBuilder *in = &m.in;
    IrNode *subs[IR_RANK_MOST];
    int of[IR_RANK_MOST], n = others(w->type.rank, k_axis, of), s = each(type.dtype), group = places(type.dtype);
    for (int i = 0; i < n; i++)
        subs[of[i]] = m.r->params.p[i];
    subs[k_axis] = m.r->params.p[n];
    IrNode *q = m.r->params.p[type.rank - 1], *row = stage_binary(in, OP_floordiv, q, s * LANES), *rest = stage_binary(in, OP_mod, q, s * LANES);
    subs[axis] = sum(in, stage_binary(in, OP_mul, subs[axis], LANES), stage_binary(in, OP_floordiv, rest, s));
    subs[k_axis] = sum(in, stage_binary(in, OP_mul, subs[k_axis], group), sum(in, stage_binary(in, OP_mul, row, s), stage_binary(in, OP_mod, q, s)));
    IrNode *lane = stage_is_inside(&m, w, axis, subs[axis]), *place = stage_is_inside(&m, w, k_axis, subs[k_axis]);
    stage_open_inside(&m, ir_add2(in, OP_and, ir_scalar(DT_bool), lane, place));
    return stage_close_map(&m, ir_load(&m.yes, w, w->type.rank, subs));
}

IrNode *stage_tiles_element(IrBuilder *b, IrNode *tiles, int axis, int k_axis, IrNode *const *subs)
{
    IrNode *at[IR_RANK_MOST + 1], *n = subs[axis], *k = subs[k_axis];
    int rank = tiles->type.rank - 1, of[IR_RANK_MOST], s = each(tiles->type.dtype), group = places(tiles->type.dtype);
    others(rank, k_axis, of);
    for (int i = 0; i + 1 < rank; i++)
        at[i] = of[i] == axis ? stage_binary(b, OP_floordiv, n, LANES) : subs[of[i]];
    at[rank - 1] = stage_binary(b, OP_floordiv, k, group);
    IrNode *lane = stage_binary(b, OP_mul, stage_binary(b, OP_mod, n, LANES), s);
    at[rank] = sum(b, lane, stage_binary(b, OP_mod, k, s));
    if (group > s) {
        IrNode *row = stage_binary(b, OP_floordiv, stage_binary(b, OP_mod, k, group), s);
        at[rank] = sum(b, stage_binary(b, OP_mul, row, s * LANES), at[rank]);
    }
    return ir_load(b, tiles, rank + 1, at);
}

/* The same memory as words, which are panels as any: t[.., lanes / 16, .., k / 4, lane % 16]. */
static IrType words_of(PassCx *cx, IrType tiles)
{
    IrType t = { DT_i32, tiles.rank, arena_copy(cx->arena, tiles.dims, (size_t)tiles.rank * sizeof *tiles.dims) };
    t.dims[t.rank - 1] = dim_const(cx->module->dims, LANES);
    return t;
}

IrNode *stage_byte_of_word(PassCx *cx, IrBuilder *b, IrNode *tiles, int axis, int k_axis, IrNode *const *subs)
{
    IrNode *at[IR_RANK_MOST + 1], *n = subs[axis], *k = subs[k_axis];
    int rank = tiles->type.rank - 1, of[IR_RANK_MOST], bytes = each(tiles->type.dtype);
    others(rank, k_axis, of);
    for (int i = 0; i + 1 < rank; i++)
        at[i] = of[i] == axis ? stage_binary(b, OP_floordiv, n, LANES) : subs[of[i]];
    at[rank - 1] = stage_binary(b, OP_floordiv, k, bytes);
    at[rank] = stage_binary(b, OP_mod, n, LANES);
    IrNode *word = ir_load(b, stage_memory(b->fn, PLACE_prep, (int)tiles->imm, words_of(cx, tiles->type), b->span), rank + 1, at);
    IrNode *shift = ir_add1(b, OP_cast, ir_scalar(DT_i32), stage_binary(b, OP_mul, stage_binary(b, OP_mod, k, bytes), 8));
    return ir_add1(b, OP_cast, ir_scalar(tiles->type.dtype), ir_add2(b, OP_shift_right, ir_scalar(DT_i32), word, shift));
}

bool stage_is_words(const IrNode *load)
{
    int64_t width;
    IrType t = load->in[0]->type;
    const IrNode *last = load->in[load->nin - 1], *lane = last->op == OP_add ? last->in[0] : last;
    return dtype_bytes(t.dtype) == 1 && t.rank > 2 && dim_is_const(t.dims[t.rank - 1], &width) && width == LANES * places(t.dtype) &&
           lane->op == OP_mul && lane->in[0]->op == OP_mod && last->in[1]->op == OP_mod;
}

bool stage_word_axes(PassCx *cx, const IrNode *load, const IrNode *lane, int *axis, int *k_axis)
{
    const IrNode *reduce = load->parent->owner, *k, *product;
    if (load->nin < 3 || dtype_bytes(load->type.dtype) != 1 || load->type.dtype == DT_bool || !reduce || reduce->op != OP_reduce ||
        reduce->redop != RED_sum || reduce->order != ORDER_contract)
        return false;
    k = vec_last(&reduce->regions[0]->params);
    product = ir_terminator(reduce->regions[0])->in[0];
    *axis = *k_axis = -1;
    for (int i = 0; i < 2; i++)
        if (product->op != OP_mul || product->type.dtype != DT_i32 || product->in[i]->op != OP_cast || dtype_bytes(product->in[i]->in[0]->type.dtype) != 1)
            return false;
    for (int i = 1; i < load->nin; i++) {
        if (load->in[i] == lane && *axis < 0)
            *axis = i - 1;
        else if (load->in[i] == k && *k_axis < 0)
            *k_axis = i - 1;
        else if (pass_depends_on(cx, load->in[i], lane) || pass_depends_on(cx, load->in[i], k))
            return false;
    }
    return *axis >= 0 && *k_axis >= 0 && pass_from_zero(k);
}
