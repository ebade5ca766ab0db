/* check_fits_reduce.c - sums, products and powers of ints that pass 2^63.
 *
 *     sum[i: N](i)                             N * (N - 1) fits: a condition at entry
 *     sum[i](if a[i] > 0 { n } else { m })     in four sums of 16 bits each, none of which passes; what they make together is asked
 *     prod[i: n](i + 1), a ^ n                 beside it in f64: that says whether it is beyond, and near 2^63 the sign that came out does
 */
#include "frontend/check/op_int.h"

enum { PIECE_BITS = 16, PIECES = 4 };

/* x if ok, else a fault: the largest int and 1 more. */
static Core *asked_if(Fx *f, Core *ok, Core *x, Span s)
{
    Core *value = core_op3(f, OP_select, DT_i64, ok, x, core_i64(f, INT64_MAX));
    Core *more = core_op3(f, OP_select, DT_i64, ok, core_i64(f, 0), core_i64(f, 1));
    return core_asked(f, OP_iadd, value, more, s);
}

/* Is the exact value, of which `real` is within a part in 2^30 and `x` the lower 64 bits, an int? No power or product comes nearer to 2^63. */
static Core *is_int_value(Fx *f, Core *x, Core *real)
{
    Core *size = core_op1(f, OP_abs, DT_f64, real), *zero = core_number(f, DT_f64, 0);
    Core *small = core_op2(f, OP_lt, DT_bool, size, core_number(f, DT_f64, 0x1p62));
    Core *near = core_op2(f, OP_lt, DT_bool, size, core_number(f, DT_f64, 0x1p63 * (1 + 0x1p-30)));
    Core *sign = core_op2(f, OP_eq, DT_bool, core_op2(f, OP_lt, DT_bool, real, zero), core_op2(f, OP_lt, DT_bool, x, core_i64(f, 0)));
    Core *zeros = core_op1(f, OP_isnan, DT_bool, real); /* infinite, but for a factor of 0 */
    return core_op2(f, OP_or, DT_bool, core_op2(f, OP_or, DT_bool, small, zeros), core_op2(f, OP_and, DT_bool, near, sign));
}

Core *int_power_asked(Fx *f, Core *a, Core *k, Span s)
{
    Core *x = core_op2(f, OP_powi, DT_i64, a, k);
    if (f->trial || int_power_fits(f, a, k))
        return x;
    a = core_is_cheap(a) ? a : let_here(f, a, "x");
    k = core_is_cheap(k) ? k : let_here(f, k, "k");
    x = let_here(f, core_op2(f, OP_powi, DT_i64, a, k), "x");
    Core *up = core_cast(f, core_op2(f, OP_max, DT_i64, k, core_i64(f, 0)), DT_f64, OP_cast);
    Core *real = let_here(f, core_op2(f, OP_pow, DT_f64, core_cast(f, a, DT_f64, OP_cast), up), "r");
    return asked_if(f, is_int_value(f, x, real), x, s);
}

static Core *reduced(Fx *f, RedOp op, const Group *g, Core *body)
{
    CoreIndex **idx = NEWN(f->a, CoreIndex *, g->n);
    for (int i = 0; i < g->n; i++)
        idx[i] = index_copy(f, g->idx[i]);
    Core *guard = g->guard ? core_clone(f, g->guard, g->n, g->idx, idx) : NULL;
    return let_here(f, core_reduce(f, op, g->n, idx, core_clone(f, body, g->n, g->idx, idx), guard), redop_name(op));
}

static Core *sum_in_pieces(Fx *f, const Group *g, Core *body, Span s)
{
    Core *mask = core_i64(f, (1 << PIECE_BITS) - 1), *bits = core_i64(f, PIECE_BITS), *low = core_i64(f, 0), *carry = low;
    for (int k = 0; k < PIECES; k++) {
        Core *piece = k ? core_op2(f, OP_shift_right, DT_i64, body, core_i64(f, k * PIECE_BITS)) : body;
        piece = k + 1 < PIECES ? core_op2(f, OP_bit_and, DT_i64, piece, mask) : piece;
        Core *sum = let_here(f, core_op2(f, OP_add, DT_i64, reduced(f, RED_sum, g, piece), carry), "sum");
        if (k + 1 == PIECES) {
            Core *high = core_asked(f, OP_imul, sum, core_i64(f, INT64_C(1) << k * PIECE_BITS), s);
            return core_asked(f, OP_iadd, high, low, s);
        }
        Core *part = core_op2(f, OP_shift_left, DT_i64, core_op2(f, OP_bit_and, DT_i64, sum, mask), core_i64(f, k * PIECE_BITS));
        low = core_op2(f, OP_add, DT_i64, low, part);
        carry = core_op2(f, OP_shift_right, DT_i64, sum, bits);
    }
    return body; /* not reached: PIECES is not 0 */
}

static bool needs_only(Fx *f, const Core *c, const CoreIndex *x)
{
    Free need = core_free(f, c);
    for (int i = 0; i < need.idx.n; i++)
        if (need.idx.p[i] != x)
            return false;
    return true;
}

/* What is a loop itself is computed once for each place of one index, not for each piece; in an element the pieces are one loop anyway. */
static Core *once(Fx *f, const Group *g, Core *body)
{
    Dim many = g->n == 1 ? g->idx[0]->extent : NULL;
    bool may = many && !dim_has_index(many) && dim_known_at_entry(f, many) && core_has(body, C_reduce) && needs_only(f, body, g->idx[0]);
    may = may && (!g->guard || needs_only(f, g->guard, g->idx[0]));
    CoreIndex *x = may ? index_copy(f, g->idx[0]) : NULL;
    if (!x)
        return body;
    Core *value = core_clone(f, body, 1, g->idx, &x), *guard = g->guard ? core_clone(f, g->guard, 1, g->idx, &x) : NULL;
    Core *all = let_here(f, core_map(f, 1, &x, guard ? core_if(f, guard, value, core_i64(f, 0)) : value), "n");
    Core *at = core_op2(f, OP_sub, DT_i64, core_of_index(f, g->idx[0]), core_of_dim(f, g->idx[0]->lo));
    return core_load(f, all, 1, &at);
}

Core *int_reduce(Fx *f, RedOp op, const Group *g, const Val *v, Span s)
{
    if (f->trial || (op != RED_sum && op != RED_prod) || !val_is_int(v) || (op == RED_sum && int_sum_fits(f, g, v, s)))
        return NULL;
    if (op == RED_sum)
        return sum_in_pieces(f, g, once(f, g, v->core), s);
    Core *x = reduced(f, op, g, v->core);
    return asked_if(f, is_int_value(f, x, reduced(f, op, g, core_cast(f, v->core, DT_f64, OP_cast))), x, s);
}
