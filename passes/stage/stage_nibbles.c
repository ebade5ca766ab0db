/* stage_nibbles.c - weights in blocks of 4 bits, in panels: a word of a lane holds eight places of k, in order.
 *
 *     %w[n // 16, k // 64, k // 8 % 8, n % 16]       i32: place k in bits 4 (k % 8) and up
 *     %d[n // 16, k // 64, 16 + k // 32 % 2, n % 16] the same memory as f16: the scales of two blocks stand behind their words
 *
 * So eight places cost one read, and for each there is a shift: 16 bytes that are widened for each place cost twice that. The number of a
 * place, less 8, is a function of four bits, which some targets look up (be_ops.c). Two blocks make nine lines of memory.
 */
#include "passes/stage/stage_int.h"

enum { WORDS = 8, PLACES = 8, GROUP = 64, BYTES = 36, SCALES = 32 }; /* of a group; places of a word; rows of 16 bytes in all, and in front of the scales */

IrType stage_nibbles_type(PassCx *cx, IrType t)
{
    DimCx *d = cx->module->dims;
    int bytes = t.rank - 2;
    t.dims = arena_copy(cx->arena, t.dims, (size_t)t.rank * sizeof *t.dims);
    t.dims[bytes - 1] = dim_floordiv(d, dim_add(d, t.dims[bytes - 1], dim_const(d, 1)), dim_const(d, 2));
    t.dims[bytes] = dim_const(d, BYTES);
    return t;
}

static IrType word_type(PassCx *cx, IrType bytes)
{
    IrType t = { DT_i32, bytes.rank, arena_copy(cx->arena, bytes.dims, (size_t)bytes.rank * sizeof *bytes.dims) };
    t.dims[t.rank - 2] = dim_const(cx->module->dims, BYTES / 4);
    return t;
}

/* ---- packing -------------------------------------------------------------------------------------------------------- */

/* Where byte (r, q) of a group comes from: bytes `first` and `second` of a block of a lane, of which it takes lower or upper halves, or one
 * byte of the scale. */
typedef struct Origin { IrNode *lane, *block, *first, *second, *upper, *scale; } Origin;

static Origin origin_of(IrBuilder *b, IrNode *r, IrNode *q)
{
    IrType i64 = ir_scalar(DT_i64), yes = ir_scalar(DT_bool);
    IrNode *scale = ir_add2(b, OP_le, yes, ir_int(b, SCALES), r);
    IrNode *in_scales = ir_add2(b, OP_add, i64, stage_binary(b, OP_mul, stage_binary(b, OP_sub, r, SCALES), PANEL), q);
    IrNode *in_row = ir_add2(b, OP_add, i64, stage_binary(b, OP_mul, stage_binary(b, OP_mod, r, 4), PANEL), q);
    IrNode *word = stage_binary(b, OP_mul, stage_binary(b, OP_floordiv, r, 4), PLACES);
    IrNode *k = ir_add2(b, OP_add, i64, word, stage_binary(b, OP_mul, stage_binary(b, OP_mod, in_row, 4), 2));
    IrNode *byte = stage_binary(b, OP_add, stage_binary(b, OP_mod, k, 16), 2), *own = stage_binary(b, OP_mod, in_scales, 2);
    return (Origin){
        .lane = stage_choose(b, scale, stage_binary(b, OP_floordiv, stage_binary(b, OP_mod, in_scales, 32), 2), stage_binary(b, OP_floordiv, in_row, 4)),
        .block = stage_choose(b, scale, stage_binary(b, OP_floordiv, in_scales, 32), stage_binary(b, OP_floordiv, k, 32)),
        .first = stage_choose(b, scale, own, byte),
        .second = stage_choose(b, scale, own, stage_binary(b, OP_add, byte, 1)),
        .upper = ir_add2(b, OP_lt, yes, ir_int(b, 0), stage_binary(b, OP_mod, stage_binary(b, OP_floordiv, k, 16), 2)),
        .scale = scale,
    };
}

static IrNode *bits(IrBuilder *b, IrOp op, IrNode *x, int64_t c)
{
    return ir_add2(b, op, ir_scalar(DT_i32), x, ir_const_int(b, DT_i32, c));
}

static IrNode *packed_byte(IrBuilder *b, const Origin *o, IrNode *w, IrNode **subs)
{
    IrNode *x[2];
    for (int i = 0; i < 2; i++) {
        subs[w->type.rank - 1] = i ? o->second : o->first;
        x[i] = ir_add1(b, OP_cast, ir_scalar(DT_i32), ir_load(b, w, w->type.rank, subs));
    }
    IrNode *low = ir_add2(b, OP_bit_or, ir_scalar(DT_i32), bits(b, OP_bit_and, x[0], 15), bits(b, OP_shift_left, bits(b, OP_bit_and, x[1], 15), 4));
    IrNode *high = ir_add2(b, OP_bit_or, ir_scalar(DT_i32), bits(b, OP_shift_right, x[0], 4), bits(b, OP_bit_and, x[1], 0xf0));
    IrNode *y = stage_choose(b, o->scale, x[0], stage_choose(b, o->upper, high, low));
    return ir_add1(b, OP_cast, ir_scalar(w->type.dtype), y);
}

IrNode *stage_packing_nibbles(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis)
{
    StageMap m = stage_open_map(cx, b, type, w->span);
    IrNode *subs[IR_RANK_MOST + 1];
    int rank = w->type.rank, blocks = rank - 2;
    for (int i = 0; i < rank; i++)
        subs[i] = m.r->params.p[i];
    Origin o = origin_of(&m.in, m.r->params.p[rank - 1], m.r->params.p[rank]);
    subs[axis] = ir_add2(&m.in, OP_add, ir_scalar(DT_i64), stage_binary(&m.in, OP_mul, subs[axis], PANEL), o.lane);
    subs[blocks] = ir_add2(&m.in, OP_add, ir_scalar(DT_i64), stage_binary(&m.in, OP_mul, subs[blocks], 2), o.block);
    IrNode *lane = stage_is_inside(&m, w, axis, subs[axis]), *block = stage_is_inside(&m, w, blocks, subs[blocks]);
    stage_open_inside(&m, ir_add2(&m.in, OP_and, ir_scalar(DT_bool), lane, block));
    return stage_close_map(&m, packed_byte(&m.yes, &o, w, subs));
}

/* ---- elements --------------------------------------------------------------------------------------------------------- */

IrNode *stage_nibble(PassCx *cx, IrBuilder *b, IrNode *leaf, IrNode *wp, int axis, IrNode *const *subs)
{
    int rank = leaf->type.rank, last = rank - 1, n = rank + 1;
    IrNode *at[IR_RANK_MOST + 1], *k = subs[last];
    IrNode *words = stage_memory(b->fn, PLACE_prep, (int)wp->imm, word_type(cx, wp->type), leaf->span);
    IrNode *scales = stage_memory(b->fn, PLACE_prep, (int)wp->imm, stage_scale_type(cx, wp->type, rank), leaf->span);
    for (int i = 0; i < last; i++)
        at[i] = subs[i];
    at[axis] = stage_binary(b, OP_floordiv, subs[axis], PANEL);
    at[n++] = stage_binary(b, OP_mod, subs[axis], PANEL);
    at[last] = stage_binary(b, OP_floordiv, k, GROUP);
    at[rank] = stage_binary(b, OP_mod, stage_binary(b, OP_floordiv, k, PLACES), WORDS);
    IrNode *word = ir_load(b, words, n, at);
    at[rank] = stage_binary(b, OP_add, stage_binary(b, OP_mod, stage_binary(b, OP_floordiv, k, 32), 2), SCALES / 2);
    IrNode *d = ir_add1(b, OP_cast, ir_scalar(DT_f32), ir_load(b, scales, n, at));
    IrNode *shift = ir_add1(b, OP_cast, ir_scalar(DT_i32), stage_binary(b, OP_mul, stage_binary(b, OP_mod, k, PLACES), 4));
    IrNode *q = bits(b, OP_bit_and, ir_add2(b, OP_shift_right, ir_scalar(DT_i32), word, shift), 15);
    return ir_add2(b, OP_mul, ir_scalar(DT_f32), ir_add1(b, OP_cast, ir_scalar(DT_f32), bits(b, OP_sub, q, 8)), d);
}
