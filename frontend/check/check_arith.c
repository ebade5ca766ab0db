/* check_arith.c - arithmetic on scalars and, element by element, on tensors and parameter sets.
 *
 * Ints keep a normal form as long as they have one: (i + S - T) is a dim expression for the bounds and i64 operations at run time.
 */
#include "frontend/check/check_int.h"

#include <string.h>

/* ---- ints ---- */

static bool is_dimlike(const Val *v)
{
    return v->kind == V_ratio || (val_is_int(v) && v->dim);
}

static Val *int_result(Fx *f, IrOp op, const Val *a, const Val *b, Dim d, Span s)
{
    bool checked = b->core->kind == C_op && (b->core->op == OP_divisor || b->core->op == OP_nonzero); /* sizes know no such checks */
    if (d && dim_is_poison(d))
        d = NULL;
    if (d && dim_at_entry(f, d) && !checked)
        return int_of_sizes(f, d, s);
    return int_made(f, op, a->core, b->core, d, s);
}

/* A divisor: not zero for all sizes, or by a condition at entry, or checked where it is used. */
static Core *divisor(Fx *f, Val *v, Core *c, Span s)
{
    int64_t k;
    if (core_is_int_const(c, &k) && k != 0)
        return c;
    Dim zero = dim_int(f, 0);
    if (v->dim) {
        if (facts_prove_le(f->facts, dim_int(f, 1), v->dim) == YES)
            return c;
        bool sure = true;
        for (Frame *fr = f->frame; fr; fr = fr->outer)
            sure &= fr->kind != FRAME_cond && fr->kind != FRAME_guard && !(fr->kind == FRAME_block && fr->outer);
        if (sure && dim_at_entry(f, v->dim)) {
            oblige(f, PLAN_ne, v->dim, zero, s, arena_printf(f->a, "%s != 0", dim_say(f, v->dim)));
            return c;
        }
    }
    c = core_op1(f, OP_nonzero, c->type.dtype, c);
    c->text = "division by zero";
    c->code = STATUS_DIVIDE;
    c->span = s;
    return c;
}

/* Of signed integers one quotient does not fit: that of the smallest one by -1. */
static Core *fitting(Fx *f, const Val *v, Core *x, Core *y, Span s)
{
    int64_t k;
    if (!dtype_is_signed(y->type.dtype) || (core_is_int_const(y, &k) && k != -1) || (core_is_int_const(x, &k) && k > INT32_MIN)
        || (v->dim && facts_prove_le(f->facts, dim_int(f, 0), v->dim) == YES))
        return y;
    y = core_op2(f, OP_divisor, y->type.dtype, y, x);
    y->text = "the quotient does not fit its type: the smallest integer by -1";
    y->code = STATUS_RANGE;
    y->span = s;
    return y;
}

static Val *ratio(Fx *f, Dim num, Dim den, Span s)
{
    int64_t x, y;
    bool cx = dim_is_const(num, &x), cy = dim_is_const(den, &y);
    if (cy && y == 0) {
        report(f, E0305, s, "division by zero");
        return val_error();
    }
    if (cx && cy && x % y == 0)
        return val_dim(f, dim_int(f, x / y));
    if (cy && y == 1)
        return val_dim(f, num);
    Val *v = val_new(f, V_ratio);
    v->dim = num;
    v->den = den;
    v->type = ir_scalar(DT_f64);
    v->weak = true;
    return v;
}

static Dim den_of(Fx *f, const Val *v)
{
    return v->kind == V_ratio ? v->den : dim_int(f, 1);
}

static Val *ratio_arith(Fx *f, Name op, Val *a, Val *b, Span s)
{
    DimCx *d = f->dims;
    Dim an = a->dim, ad = den_of(f, a), bn = b->dim, bd = den_of(f, b);
    if (op == W(f, times))
        return ratio(f, dim_mul(d, an, bn), dim_mul(d, ad, bd), s);
    if (op == W(f, divide))
        return ratio(f, dim_mul(d, an, bd), dim_mul(d, ad, bn), s);
    Dim x = dim_mul(d, an, bd), y = dim_mul(d, bn, ad);
    return ratio(f, op == W(f, plus) ? dim_add(d, x, y) : dim_sub(d, x, y), dim_mul(d, ad, bd), s);
}

static Val *whole(Fx *f, Val *v, Span s)
{
    if (v->kind != V_ratio)
        return v;
    Dim d = dim_of(f, v, s);
    return d ? val_dim(f, d) : val_error();
}

static Val *int_floor(Fx *f, Name op, Val *a, Val *b, Span s)
{
    bool div = op == W(f, floordiv);
    a = whole(f, a, s);
    b = whole(f, b, s);
    if (is_error(a) || is_error(b))
        return val_error();
    Dim d = a->dim && b->dim ? (div ? dim_floordiv : dim_mod)(f->dims, a->dim, b->dim) : NULL;
    int64_t k;
    if (b->dim && dim_is_const(b->dim, &k) && k == 0) {
        report(f, E0305, s, "division by zero");
        return val_error();
    }
    Val by = *b;
    by.core = divisor(f, b, b->core, s);
    if (div)
        by.core = fitting(f, b, a->core, by.core, s);
    return int_result(f, div ? OP_floordiv : OP_mod, a, &by, d, s);
}

static Val *to_real(Fx *f, Val *v)
{
    v = val_plain(f, v);
    return v->type.dtype == DT_f64 ? v : val_core(f, core_cast(f, v->core, DT_f64, OP_cast), true);
}

static Val *int_power(Fx *f, Val *a, Val *b, Span s)
{
    int64_t k;
    if (b->kind == V_ratio || !b->dim || !dim_is_const(b->dim, &k))
        return NULL;
    if (k < 0 || k > 16 || !a->dim)
        return NULL;
    Dim d = dim_int(f, 1);
    Val *v = val_dim(f, d);
    for (int i = 0; i < k; i++)
        v = i == 0 ? a : arith(f, W(f, times), v, a, s);
    return v;
}

static Val *int_arith(Fx *f, Name op, Val *a, Val *b, Span s)
{
    bool both = is_dimlike(a) && is_dimlike(b);
    if (op == W(f, floordiv) || op == W(f, mod))
        return int_floor(f, op, a, b, s);
    if (op == W(f, power))
        return int_power(f, a, b, s);
    if (op == W(f, divide)) {
        if (both && dim_at_entry(f, a->dim) && dim_at_entry(f, b->dim))
            return ratio_arith(f, op, a, b, s);
        return val_core(f, core_op2(f, OP_div, DT_f64, to_real(f, a)->core, to_real(f, b)->core), true);
    }
    if (a->kind == V_ratio || b->kind == V_ratio) {
        if (both && dim_at_entry(f, a->dim) && dim_at_entry(f, b->dim))
            return ratio_arith(f, op, a, b, s);
        a = f->whole ? whole(f, a, s) : a; /* x[h * (D / H) + k]: H divides D */
        b = f->whole ? whole(f, b, s) : b;
        if (!f->whole || is_error(a) || is_error(b))
            return f->whole ? val_error() : NULL;
    }
    bool dims = a->dim && b->dim;
    DimCx *d = f->dims;
    if (op == W(f, plus))
        return int_result(f, OP_add, a, b, dims ? dim_add(d, a->dim, b->dim) : NULL, s);
    if (op == W(f, minus))
        return int_result(f, OP_sub, a, b, dims ? dim_sub(d, a->dim, b->dim) : NULL, s);
    return int_result(f, OP_mul, a, b, dims ? dim_mul(d, a->dim, b->dim) : NULL, s);
}

/* ---- scalars ---- */

static bool is_number(const Val *v)
{
    return v->kind == V_core && (dtype_is_float(v->type.dtype) || dtype_is_int(v->type.dtype));
}

/* Texts that are written in the program join when it is compiled. */
static Val *join_texts(Fx *f, Val *a, Val *b, Span s)
{
    if (a->core->kind != C_str || b->core->kind != C_str)
        return effect_of_values(f, "_join", 2, (Val *[]){ a, b }, "+ of texts", s);
    Core *c = core_new(f, C_str, ir_scalar(DT_str), 0);
    c->str = c->text = arena_printf(f->a, "%s%s", a->core->str, b->core->str);
    return val_core(f, c, false);
}

static Val *bad_operands(Fx *f, Name op, Val *a, Val *b, Span s)
{
    if (op == W(f, plus) && val_is_str(a) && val_is_str(b))
        return join_texts(f, a, b, s);
    report(f, E0204, s, "'%s' of %s and %s", op, val_text(f, a), val_text(f, b));
    if (is_number(a) && is_number(b))
        diag_help(f->cx->diags, "a cast chooses the type: f32(..), i64(..)");
    else if (val_is_str(a) || val_is_str(b))
        diag_help(f->cx->diags, "texts hold no values: print(\"x =\", x)");
    else if (op == W(f, times) && is_number(a) != is_number(b))
        diag_help(f->cx->diags, "a condition is a guard, sum[i | m[i]](x[i]), or a number: f32(m)");
    return val_error();
}

static Val *power(Fx *f, Val *a, Val *b, Span s)
{
    if (dtype_is_int(b->type.dtype) && (dtype_is_float(a->type.dtype) || b->weak)) {
        double k;
        bool negative = core_is_const(b->core, &k) && k < 0;
        if (dtype_is_int(a->type.dtype) && negative)
            a = to_real(f, a);
        Core *to = core_cast(f, b->core, DT_i64, OP_cast);
        return val_core(f, val_is_int(a) ? int_power_asked(f, a->core, to, s) : core_op2(f, OP_powi, a->type.dtype, a->core, to), a->weak);
    }
    IrDtype t;
    bool weak;
    if (!dtype_join(a, b, &t, &weak))
        return bad_operands(f, W(f, power), a, b, s);
    if (!dtype_is_float(t))
        return val_core(f, core_op2(f, OP_powi, t, core_as(f, a, t, s), core_cast(f, b->core, DT_i64, OP_cast)), weak);
    return val_core(f, core_op2(f, OP_pow, t, core_cast(f, a->core, t, OP_cast), core_cast(f, b->core, t, OP_cast)), weak);
}

static IrOp arith_op(Fx *f, Name op)
{
    return op == W(f, plus) ? OP_add : op == W(f, minus) ? OP_sub : op == W(f, times) ? OP_mul : op == W(f, divide) ? OP_div
         : op == W(f, floordiv) ? OP_floordiv : OP_mod;
}

/* Beside a float an integer becomes one; all else by the implicit rules. */
static Core *operand(Fx *f, Val *v, IrDtype t, Span s)
{
    bool exact = dtype_is_float(t) && dtype_is_int(v->type.dtype);
    return exact ? core_cast(f, v->core, t, OP_cast) : core_as(f, v, t, s);
}

/* An element of a tensor of whole numbers: of these, too, a quotient of sizes is one where `//` and `%` need it. */
static bool is_sized_int(const Val *v) { return v->kind == V_core && !v->type.rank && dtype_is_int(v->type.dtype); }

static Val *scalar_arith(Fx *f, const void *user, int n, Val **args, Span s)
{
    Name op = *(const Name *)user;
    Val *a = args[0], *b = args[1], *v;
    IrDtype t;
    bool weak;
    (void)n;
    bool ints = (val_is_int(a) || a->kind == V_ratio) && (val_is_int(b) || b->kind == V_ratio);
    if (ints && (v = int_arith(f, op, a, b, s)))
        return v;
    if ((op == W(f, floordiv) || op == W(f, mod)) && (is_sized_int(a) || is_sized_int(b))) {
        a = whole(f, a, s);
        b = whole(f, b, s);
    }
    a = val_plain(f, a);
    b = val_plain(f, b);
    if (is_error(a) || is_error(b))
        return val_error();
    if (!is_number(a) || !is_number(b))
        return bad_operands(f, op, a, b, s);
    if (op == W(f, power))
        return power(f, a, b, s);
    if (!dtype_join(a, b, &t, &weak))
        return bad_operands(f, op, a, b, s);
    if (op == W(f, divide) && dtype_is_int(t)) {
        t = DT_f64;
        weak = true;
    }
    Core *x = operand(f, a, t, s), *y = operand(f, b, t, s);
    if (!x || !y)
        return val_error();
    if (op == W(f, floordiv) && dtype_is_float(t))
        return val_core(f, core_op1(f, OP_floor, t, core_op2(f, OP_div, t, x, y)), weak);
    if ((op == W(f, floordiv) || op == W(f, mod)) && !dtype_is_float(t))
        y = divisor(f, b, y, s);
    if (op == W(f, floordiv) && !dtype_is_float(t))
        y = fitting(f, b, x, y, s);
    return val_core(f, core_op2(f, arith_op(f, op), t, x, y), weak);
}

/* ---- broadcasting ---- */

static bool is_one(Dim d)
{
    int64_t v;
    return dim_is_const(d, &v) && v == 1;
}

/* Equal rank: a literal 1 stretches. Smaller rank: the last dims must be equal. */
static bool fit_axis(Fx *f, Dim *d, Dim x, bool same_rank)
{
    if (!*d) {
        *d = x;
        return true;
    }
    if (dims_equal(f, *d, x))
        return true;
    if (same_rank && is_one(*d)) {
        *d = x;
        return true;
    }
    return same_rank && is_one(x);
}

static void rank_help(Fx *f, const Val *small, const Val *large)
{
    static const char *const text = "an operand of smaller rank must equal the last dims of the other";
    bool leads = true;
    diag_note(f->cx->diags, (Span){ 0, 0, 0 }, "%s", text);
    for (int i = 0; i < small->type.rank; i++)
        leads &= dims_equal(f, small->type.dims[i], large->type.dims[i]);
    int64_t one = 0;
    if (!leads || large->type.rank != small->type.rank + 1)
        return;
    if (dim_is_const(large->type.dims[large->type.rank - 1], &one) && one == 1)
        diag_help(f->cx->diags, "an axis of size 1 goes with a subscript: x[.., 0]");
    else
        diag_help(f->cx->diags, "name the axes, as in let y[i, j] = x[i, j] - m[i], or keep the axis in the reduction: keep: true");
}

static int broadcast(Fx *f, int n, Val **args, Dim *dims, Span s)
{
    int rank = 0;
    for (int i = 0; i < n; i++)
        rank = args[i]->type.rank > rank ? args[i]->type.rank : rank;
    memset(dims, 0, RANK_MOST * sizeof *dims);
    for (int full = 1; full >= 0; full--)
        for (int i = 0; i < n; i++)
            for (int k = 0; k < args[i]->type.rank && full == (args[i]->type.rank == rank); k++) {
                Dim *d = &dims[rank - args[i]->type.rank + k];
                if (fit_axis(f, d, args[i]->type.dims[k], full))
                    continue;
                const Val *other = args[0];
                for (int j = 0; j < n; j++)
                    if (j != i && args[j]->type.rank == rank)
                        other = args[j];
                report(f, E0203, s, "shapes of %s and %s do not fit: sizes %s and %s differ", val_text(f, i < 1 ? args[i] : other),
                       val_text(f, i < 1 ? other : args[i]), dim_say(f, *d), dim_say(f, args[i]->type.dims[k]));
                if (!full)
                    rank_help(f, args[i], other);
                return -1;
            }
    return rank;
}

static Val *element(Fx *f, Val *v, int rank, CoreIndex *const *idx)
{
    if (v->kind != V_core || v->type.rank == 0)
        return v;
    Core *subs[RANK_MOST];
    for (int k = 0; k < v->type.rank; k++) {
        CoreIndex *x = idx[rank - v->type.rank + k];
        subs[k] = is_one(v->type.dims[k]) && !is_one(x->extent) ? core_i64(f, 0) : core_of_index(f, x);
    }
    return val_core(f, core_load(f, v->core, v->type.rank, subs), false);
}

/* Where it is said in the program what is linear (check_linear.c), an operation has its place. */
static Val *placed(Fx *f, Val *v, Span s)
{
    if (f->write_out && v->kind == V_core && v->core->kind == C_op && !v->core->span.file)
        v->core->span = s;
    return v;
}

Val *elementwise(Fx *f, int n, Val **given, ScalarN g, const void *user, Span s)
{
    Val *args[RANK_MOST], *elems[RANK_MOST];
    Dim dims[RANK_MOST];
    bool scalars = true;
    if (n > RANK_MOST) {
        report(f, E0205, s, "too many arguments");
        return val_error();
    }
    for (int i = 0; i < n; i++) {
        args[i] = given[i]->kind == V_ratio ? given[i] : val_plain(f, given[i]);
        if (is_error(args[i]))
            return val_error();
        scalars &= val_is_scalar(args[i]);
    }
    if (scalars)
        return placed(f, g(f, user, n, args, s), s);
    for (int i = 0; i < n; i++) {
        args[i] = val_plain(f, args[i]);
        if (args[i]->kind != V_core) {
            report(f, E0204, s, "%s is no number or tensor", val_text(f, args[i]));
            return val_error();
        }
        if (args[i]->type.rank == 0 && core_is_cheap(args[i]->core))
            continue;
        Val *v = NEW(f->a, Val);
        *v = *args[i];
        v->core = v->type.rank ? addressable(f, v->core) : let_out(f, v->core, "x");
        args[i] = v;
    }
    int rank = broadcast(f, n, args, dims, s);
    if (rank < 0)
        return val_error();
    CoreIndex *idx[RANK_MOST];
    frame_push(f, FRAME_index);
    for (int i = 0; i < rank; i++)
        index_enter(f, idx[i] = index_new(f, name_of(f->cx->names, "i"), s, NULL, dims[i]));
    for (int i = 0; i < n; i++)
        elems[i] = element(f, args[i], rank, idx);
    return tabulate(f, rank, idx, placed(f, g(f, user, n, elems, s), s), s);
}

/* ---- parameter sets: leaf by leaf ---- */

static Val *leaf_val(Fx *f, const Val *v, int i)
{
    return v->kind == V_agg ? val_core(f, v->leaves[i], false) : (Val *)v;
}

static Val *set_arith(Fx *f, Name op, Val *a, Val *b, Span s)
{
    const Val *set = a->kind == V_agg ? a : b;
    Val *updated = a->kind == V_agg && b->kind == V_agg ? trainable_update(f, op, a, b, s) : NULL;
    if (updated)
        return updated;
    if (a->kind == V_agg && b->kind == V_agg && !sty_equal(f, a->sty, b->sty))
        return bad_operands(f, op, a, b, s);
    if ((a->kind != V_agg && !val_is_scalar(a)) || (b->kind != V_agg && !val_is_scalar(b)))
        return bad_operands(f, op, a, b, s);
    Core **leaves = NEWN(f->a, Core *, set->n + 1);
    for (int i = 0; i < set->n; i++) {
        leaves[i] = set->leaves[i];
        if (!dtype_is_float(set->leaves[i]->type.dtype))
            continue; /* integers and conditions stay as they are */
        Val *v = arith(f, op, leaf_val(f, a, i), leaf_val(f, b, i), s);
        if (is_error(v))
            return v;
        leaves[i] = core_as(f, v, set->leaves[i]->type.dtype, s);
        if (!leaves[i])
            return val_error();
    }
    return val_leaves(f, set->sty, leaves);
}

/* A function of numbers on parameter sets of one type, and numbers: leaf by leaf. */
Val *elementwise_set(Fx *f, int n, Val **given, ScalarN g, const void *user, Span s)
{
    const Val *set = NULL;
    Val *at[3];
    for (int i = 0; i < n && !set; i++)
        set = given[i]->kind == V_agg ? given[i] : NULL;
    if (!set || n > 3)
        return elementwise(f, n, given, g, user, s);
    Core **leaves = NEWN(f->a, Core *, set->n + 1);
    for (int i = 0; i < n; i++)
        if (given[i]->kind == V_agg ? !sty_equal(f, given[i]->sty, set->sty) : !val_is_scalar(given[i])) {
            report(f, E0204, s, "%s beside %s: parameter sets of one type and numbers go together", val_text(f, set), val_text(f, given[i]));
            return val_error();
        }
    for (int i = 0; i < set->n; i++) {
        leaves[i] = set->leaves[i];
        if (!dtype_is_float(leaves[i]->type.dtype))
            continue; /* integers and conditions stay as they are */
        for (int k = 0; k < n; k++)
            at[k] = leaf_val(f, given[k], i);
        Val *v = elementwise(f, n, at, g, user, s);
        leaves[i] = is_error(v) ? NULL : core_as(f, v, leaves[i]->type.dtype, s);
        if (!leaves[i])
            return val_error();
    }
    return val_leaves(f, set->sty, leaves);
}

Val *arith(Fx *f, Name op, Val *a, Val *b, Span s)
{
    if (is_error(a) || is_error(b))
        return val_error();
    if (op == W(f, matmul))
        return matmul(f, val_plain(f, a), val_plain(f, b), s);
    if (a->kind == V_agg || b->kind == V_agg)
        return set_arith(f, op, a, b, s);
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        Val *v = i ? b : a;
        ok &= v->kind == V_core || v->kind == V_ratio || v->kind == V_list;
    }
    if (!ok)
        return bad_operands(f, op, a, b, s);
    return elementwise(f, 2, (Val *[]){ a, b }, scalar_arith, &op, s);
}

/* ---- negation ---- */

static Val *scalar_negate(Fx *f, const void *user, int n, Val **args, Span s)
{
    Val *v = args[0];
    (void)user;
    (void)n;
    if (v->kind == V_ratio)
        return ratio(f, dim_neg(f->dims, v->dim), v->den, s);
    if (!is_number(v)) {
        report(f, E0204, s, "'-' of %s", val_text(f, v));
        return val_error();
    }
    if (val_is_int(v)) {
        Dim d = v->dim ? dim_neg(f->dims, v->dim) : NULL;
        if (d && int_fits(f, d))
            return dim_at_entry(f, d) ? val_dim(f, d) : val_int(f, core_op1(f, OP_neg, DT_i64, v->core), d);
        return d && dim_at_entry(f, d) ? int_of_sizes(f, d, s) : int_made(f, OP_sub, core_i64(f, 0), v->core, d, s);
    }
    return val_core(f, core_op1(f, OP_neg, v->type.dtype, v->core), v->weak);
}

Val *negate(Fx *f, Val *v, Span s)
{
    if (is_error(v))
        return v;
    if (v->kind == V_agg) {
        Core **leaves = NEWN(f->a, Core *, v->n + 1);
        for (int i = 0; i < v->n; i++)
            leaves[i] = dtype_is_float(v->leaves[i]->type.dtype) ? negate(f, leaf_val(f, v, i), s)->core : v->leaves[i];
        return val_leaves(f, v->sty, leaves);
    }
    if (v->kind != V_core && v->kind != V_ratio && v->kind != V_list) {
        report(f, E0204, s, "'-' of %s", val_text(f, v));
        return val_error();
    }
    return elementwise(f, 1, &v, scalar_negate, NULL, s);
}
