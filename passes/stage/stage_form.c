/* stage_form.c - weights that stay packed in blocks: an element is unpacked where it is used.
 *
 *     load %w[n, k]      %q[n // 16, k // 32, 2 + k % 32, n % 16] * %d[n // 16, k // 32, 0, n % 16]      q8_0 in panels
 *                        %q[n, k // 32, 2 + k % 32] * %d[n, k // 32, 0]                                  q8_0 as it was loaded
 *                        f32((%w[n // 16, k // 64, k // 8 % 8, n % 16] >> 4 (k % 8)) % 16 - 8) * %d[..]  q4_0 in panels: stage_nibbles.c
 *
 * %q and %d are the same memory, as bytes and as f16. Of q4_0 the number is the half (k // 16) % 2 of byte k % 16, less 8. Numbers of 8
 * bits and scales of 11 have exact products in f32 (as 16 q and d / 16 have), so the value is the one that the leaf has in the language, to
 * the bit.
 * Source of the formats: github.com/ggml-org/ggml, src/ggml-common.h.
 */
#include "passes/stage/stage_int.h"

enum { SCALE = 2, MOST_RANK = IR_RANK_MOST - 2 }; /* bytes of a block's scale, which come first; panels of blocks have two axes more */

static bool is_used_whole(const IrNode *leaf)
{
    for (const IrUse *u = leaf->uses; u; u = u->next)
        if (u->user->op != OP_load || u->slot != 0)
            return true;
    return leaf->uses && leaf->type.rank > MOST_RANK;
}

const unsigned char *stage_settle_forms(PassCx *cx, IrFn *fn)
{
    unsigned char *settled = NEWN(cx->arena, unsigned char, fn->params.n + 1);
    for (int i = 0; i < fn->params.n; i++) {
        IrNode *leaf = fn->params.p[i];
        if (stage_forms(leaf) == 1u << FORM_plain || !is_used_whole(leaf))
            continue;
        leaf->forms = leaf->packed = leaf->tiled = 0;
        settled[i] = 1;
    }
    return settled;
}

IrType stage_stored_type(PassCx *cx, IrType t, IrForm form)
{
    DimCx *d = cx->module->dims;
    if (form == FORM_plain)
        return t;
    IrType y = { form == FORM_q4_0 ? DT_u8 : DT_i8, t.rank + 1, NEWN(cx->arena, Dim, t.rank + 1) };
    for (int i = 0; i < t.rank - 1; i++)
        y.dims[i] = t.dims[i];
    y.dims[t.rank - 1] = dim_floordiv(d, t.dims[t.rank - 1], dim_const(d, ir_forms[form].elements));
    y.dims[t.rank] = dim_const(d, ir_forms[form].bytes);
    return y;
}

IrNode *stage_memory(IrFn *fn, IrPlace place, int number, IrType type, Span span)
{
    for (IrNode *n = fn->body->first; n; n = n->next)
        if (n->op == OP_param && n->place == place && n->imm == number && ir_type_equal(n->type, type))
            return n;
    IrBuilder top = { fn, fn->body, fn->body->first, span };
    IrNode *m = ir_add0(&top, OP_param, type);
    m->place = (uint8_t)place;
    m->imm = number;
    return m;
}

static IrNode *form_of(IrFn *fn, IrNode *leaf)
{
    for (IrNode *n = fn->body->first; n; n = n->next)
        if (n->op == OP_form && n->imm == leaf->imm)
            return n;
    IrBuilder top = { fn, fn->body, fn->body->first, leaf->span };
    IrNode *n = ir_add0(&top, OP_form, ir_scalar(DT_i64));
    n->imm = leaf->imm;
    return n;
}

IrNode *stage_has_form(IrFn *fn, IrNode *leaf, IrForm form)
{
    IrNode *has = form_of(fn, leaf);
    for (IrUse *u = has->uses; u; u = u->next)
        if (u->user->op == OP_eq && u->user->in[1]->imm == (int64_t)form)
            return u->user;
    IrBuilder b = { fn, fn->body, has->next, leaf->span };
    return ir_add2(&b, OP_eq, ir_scalar(DT_bool), has, ir_int(&b, (int64_t)form));
}

/* ---- packing ---------------------------------------------------------------------------------------------------- */

/* Place (r, q) of a panel holds a byte of a lane: in the first two rows, 32 bytes, byte q % 2 of the scale of lane 8 r + q // 2, below
 * byte r of lane q. */
typedef struct Origin { IrNode *lane, *byte; } Origin;

static Origin origin_of(IrBuilder *b, IrNode *r, IrNode *q)
{
    IrNode *scale = ir_add2(b, OP_lt, ir_scalar(DT_bool), r, ir_int(b, SCALE));
    IrNode *lane = ir_add2(b, OP_add, ir_scalar(DT_i64), stage_binary(b, OP_mul, r, PANEL / SCALE), stage_binary(b, OP_floordiv, q, SCALE));
    return (Origin){ stage_choose(b, scale, lane, q), stage_choose(b, scale, stage_binary(b, OP_mod, q, SCALE), r) };
}

IrNode *stage_packing_blocks(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis, IrForm form)
{
    if (form == FORM_q4_0)
        return stage_packing_nibbles(cx, b, w, type, axis);
    StageMap m = stage_open_map(cx, b, type, w->span);
    IrNode *subs[IR_RANK_MOST];
    int rank = w->type.rank;
    for (int i = 0; i < rank; i++)
        subs[i] = m.r->params.p[i];
    Origin o = origin_of(&m.in, m.r->params.p[rank - 1], m.r->params.p[rank]);
    subs[axis] = ir_add2(&m.in, OP_add, ir_scalar(DT_i64), stage_binary(&m.in, OP_mul, subs[axis], PANEL), o.lane);
    subs[rank - 1] = o.byte;
    stage_open_inside(&m, stage_is_inside(&m, w, axis, subs[axis]));
    return stage_close_map(&m, ir_load(&m.yes, w, rank, subs));
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

/* The same memory as f16: half as many in a block. */
IrType stage_scale_type(PassCx *cx, IrType bytes, int block_axis)
{
    IrType t = { DT_f16, bytes.rank, NEWN(cx->arena, Dim, bytes.rank) };
    int64_t n;
    for (int i = 0; i < t.rank; i++)
        t.dims[i] = bytes.dims[i];
    if (dim_is_const(t.dims[block_axis], &n))
        t.dims[block_axis] = dim_const(cx->module->dims, n / 2);
    return t;
}

/* The half of byte k % 16 that element k is, less 8: as it stands, so the upper one counts in sixteens and takes a sixteenth of the scale. */
static IrNode *nibble(IrBuilder *b, IrNode *byte, IrNode *k, IrNode **scale)
{
    IrType i32 = ir_scalar(DT_i32), f32 = ir_scalar(DT_f32);
    IrNode *half = stage_binary(b, OP_mod, stage_binary(b, OP_floordiv, k, 16), 2);
    IrNode *upper = ir_add2(b, OP_lt, ir_scalar(DT_bool), ir_int(b, 0), half);
    IrNode *mask = ir_add3(b, OP_select, i32, upper, ir_const_int(b, DT_i32, 0xf0), ir_const_int(b, DT_i32, 0xf));
    IrNode *less = ir_add3(b, OP_select, i32, upper, ir_const_int(b, DT_i32, 8 * 16), ir_const_int(b, DT_i32, 8));
    IrNode *unit = ir_add3(b, OP_select, f32, upper, ir_const_float(b, DT_f32, 1.0 / 16), ir_const_float(b, DT_f32, 1));
    *scale = ir_add2(b, OP_mul, f32, *scale, unit);
    return ir_add2(b, OP_sub, i32, ir_add2(b, OP_bit_and, i32, ir_add1(b, OP_cast, i32, byte), mask), less);
}

IrNode *stage_block_element(PassCx *cx, IrBuilder *b, IrForm form, IrNode *leaf, IrNode *wp, int axis, IrNode *const *subs)
{
    if (wp && form == FORM_q4_0)
        return stage_nibble(cx, b, leaf, wp, axis, subs);
    int rank = leaf->type.rank, last = rank - 1, n = rank + 1;
    IrNode *at[IR_RANK_MOST + 1], *k = subs[last];
    IrType type = wp ? wp->type : stage_stored_type(cx, leaf->type, form);
    IrPlace place = wp ? PLACE_prep : PLACE_block;
    int number = (int)(wp ? wp->imm : leaf->imm);
    IrNode *bytes = wp ? wp : stage_memory(b->fn, place, number, type, leaf->span);
    IrNode *scales = stage_memory(b->fn, place, number, stage_scale_type(cx, type, rank), leaf->span);
    for (int i = 0; i < last; i++)
        at[i] = subs[i];
    if (wp) {
        at[axis] = stage_binary(b, OP_floordiv, subs[axis], PANEL);
        at[n++] = stage_binary(b, OP_mod, subs[axis], PANEL);
    }
    at[last] = stage_binary(b, OP_floordiv, k, ir_forms[form].elements);
    at[rank] = stage_binary(b, OP_add, stage_binary(b, OP_mod, k, form == FORM_q4_0 ? 16 : ir_forms[form].elements), SCALE);
    IrNode *q = ir_load(b, bytes, n, at);
    at[rank] = ir_int(b, 0);
    IrNode *d = ir_load(b, scales, n, at);
    d = ir_add1(b, OP_cast, ir_scalar(DT_f32), d);
    q = form == FORM_q4_0 ? nibble(b, q, k, &d) : q;
    return ir_add2(b, OP_mul, ir_scalar(DT_f32), ir_add1(b, OP_cast, ir_scalar(DT_f32), q), d);
}
