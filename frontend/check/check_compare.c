/* check_compare.c - comparisons, `and`, `or`, `not`, and what is known when they hold. */
#include "frontend/check/check_int.h"

#include <string.h>

static bool is_equality(Fx *f, Name op)
{
    return op == W(f, eq) || op == W(f, ne);
}

static Val *with_cond(Val *v, const Cond *when, const Cond *unless)
{
    v->when = when;
    v->unless = unless;
    return v;
}

/* Both ints have normal forms: the comparison says something about dims. */
static Val *dim_compare(Fx *f, Name op, Val *a, Val *b, Val *r)
{
    Dim x = a->dim, y = b->dim, one = dim_int(f, 1);
    DimCx *d = f->dims;
    if (op == W(f, gt) || op == W(f, ge)) {
        Dim t = x;
        x = y;
        y = t;
    }
    if (op == W(f, eq))
        return with_cond(r, cond_new(f, REL_eq, x, y, NULL), cond_new(f, REL_ne, x, y, NULL));
    if (op == W(f, ne))
        return with_cond(r, cond_new(f, REL_ne, x, y, NULL), cond_new(f, REL_eq, x, y, NULL));
    if (op == W(f, lt) || op == W(f, gt))
        return with_cond(r, cond_new(f, REL_le, dim_add(d, x, one), y, NULL), cond_new(f, REL_le, y, x, NULL));
    return with_cond(r, cond_new(f, REL_le, x, y, NULL), cond_new(f, REL_le, dim_add(d, y, one), x, NULL));
}

static Core *compare_core(Fx *f, Name op, Core *x, Core *y)
{
    bool swap = op == W(f, gt) || op == W(f, ge);
    IrOp o = op == W(f, eq) ? OP_eq : op == W(f, ne) ? OP_ne : op == W(f, lt) || op == W(f, gt) ? OP_lt : OP_le;
    return core_op2(f, o, DT_bool, swap ? y : x, swap ? x : y);
}

/* Texts are equal or not; both are known when the program is compiled, or it is a script that asks. */
static Val *compare_texts(Fx *f, Name op, Val *a, Val *b, Span s)
{
    bool known = a->core->kind == C_str && b->core->kind == C_str;
    Val *v = known ? val_bool(f, strcmp(a->core->str, b->core->str) == 0) : effect_of_values(f, "_same", 2, (Val *[]){ a, b }, "a comparison of texts", s);
    return is_error(v) || op == W(f, eq) ? v : not_value(f, v, s);
}

/* A u64 beside an int: one below 0 is the smaller of the two, else both are compared as u64. */
static Core *compare_unsigned(Fx *f, Name op, const Val *a, const Val *b)
{
    int64_t k;
    bool left = a->weak;
    Core *n = left ? a->core : b->core;
    bool known = core_is_int_const(n, &k);
    if (!known && !core_is_cheap(n))
        n = let_here(f, n, "n");
    Core *u = core_cast(f, n, DT_u64, OP_cast), *c = compare_core(f, op, left ? u : a->core, left ? b->core : u);
    if (known && k >= 0)
        return c;
    bool below = op == W(f, ne) || (left ? op == W(f, lt) || op == W(f, le) : op == W(f, gt) || op == W(f, ge));
    return core_if(f, known ? core_bool(f, true) : core_op2(f, OP_lt, DT_bool, n, core_i64(f, 0)), core_bool(f, below), c);
}

static Val *scalar_compare(Fx *f, const void *user, int n, Val **args, Span s)
{
    Name op = *(const Name *)user;
    Val *a = val_plain(f, args[0]), *b = val_plain(f, args[1]);
    IrDtype x = a->type.dtype, y = b->type.dtype, t;
    bool weak;
    (void)n;
    if (val_is_str(a) && val_is_str(b) && is_equality(f, op))
        return compare_texts(f, op, a, b, s);
    bool ok = dtype_join(a, b, &t, &weak) && t != DT_key && t != DT_str && (t != DT_bool || is_equality(f, op));
    if (!ok) {
        report(f, E0204, s, "'%s' of %s and %s", op, val_text(f, a), val_text(f, b));
        return val_error();
    }
    if (t == DT_u64 && a->weak != b->weak)
        return val_core(f, compare_unsigned(f, op, a, b), false);
    /* An int beside a sized integer: the wider one, so that nothing can fail to fit. */
    if (dtype_is_int(x) && dtype_is_int(y) && (a->weak || b->weak))
        t = DT_i64;
    else if (dtype_is_float(t) && (a->weak != b->weak) && (dtype_is_int(x) || dtype_is_int(y)) && (x == DT_f64 || y == DT_f64) && t == DT_f32)
        t = DT_f64;
    Val *r = val_core(f, compare_core(f, op, core_cast(f, a->core, t, OP_cast), core_cast(f, b->core, t, OP_cast)), false);
    return val_is_int(a) && val_is_int(b) && a->dim && b->dim && !core_is_asked(a->core) && !core_is_asked(b->core) ? dim_compare(f, op, a, b, r) : r;
}

Val *compare(Fx *f, Name op, Val *a, Val *b, Span s)
{
    if (is_error(a) || is_error(b))
        return val_error();
    return elementwise(f, 2, (Val *[]){ a, b }, scalar_compare, &op, s);
}

/* ---- chains and logic ---- */

static Val *once(Fx *f, Val *v)
{
    v = v->kind == V_ratio ? v : val_plain(f, v);
    if (v->kind != V_core || core_is_cheap(v->core))
        return v;
    Val *w = NEW(f->a, Val);
    *w = *v;
    w->core = v->type.rank ? let_out(f, v->core, "x") : let_here(f, v->core, "x");
    return w;
}

static Val *scalar_logic(Fx *f, const void *user, int n, Val **args, Span s)
{
    bool both = *(const bool *)user;
    Val *a = args[0], *b = args[1];
    (void)n;
    if (a->kind != V_core || b->kind != V_core || a->type.dtype != DT_bool || b->type.dtype != DT_bool) {
        report(f, E0204, s, "'%s' of %s and %s", both ? "and" : "or", val_text(f, a), val_text(f, b));
        return val_error();
    }
    Core *c;
    if (a->core->kind == C_const)
        c = (a->core->ival != 0) == both ? b->core : a->core;
    else if (core_is_safe(b->core) && core_is_cheap(b->core))
        c = core_op2(f, both ? OP_and : OP_or, DT_bool, a->core, b->core);
    else
        c = both ? core_if(f, a->core, b->core, core_bool(f, false)) : core_if(f, a->core, core_bool(f, true), b->core);
    Val *v = val_core(f, c, false);
    if (both)
        return with_cond(v, cond_join(f, a->when, b->when), NULL);
    return with_cond(v, NULL, cond_join(f, a->unless, b->unless));
}

static Val *logic(Fx *f, bool both, Val *a, Val *b, Span s)
{
    if (is_error(a) || is_error(b))
        return val_error();
    return elementwise(f, 2, (Val *[]){ a, b }, scalar_logic, &both, s);
}

/* The right side runs only if the left one says so, and may rely on that. */
static Val *right_side(Fx *f, const Tree *t, Core *where, const Cond *known)
{
    frame_push(f, FRAME_cond)->where = where;
    assume(f, known);
    Val *b = expr_plain(f, t);
    if (b->kind == V_core && b->type.rank == 0) {
        Val *w = NEW(f->a, Val);
        *w = *b;
        w->core = frame_pop(f, b->core);
        return w;
    }
    frame_merge(f);
    return b;
}

Val *logic_expr(Fx *f, const Tree *t)
{
    bool both = t->name == W(f, and_);
    Val *a = expr_plain(f, t->kids[0]);
    bool decides = a->kind == V_core && a->type.rank == 0 && a->type.dtype == DT_bool;
    Core *where = decides ? both ? a->core : core_op1(f, OP_not, DT_bool, a->core) : NULL;
    Val *b = is_error(a) || a->type.rank ? expr_plain(f, t->kids[1]) : right_side(f, t->kids[1], where, both ? a->when : a->unless);
    return logic(f, both, a, b, t->span);
}

Val *chain_expr(Fx *f, const Tree *t)
{
    Val *left = expr(f, t->kids[0]), *all = NULL;
    for (int i = 1; i < t->nkids; i++) {
        Val *right = expr(f, t->kids[i]);
        if (i + 1 < t->nkids)
            right = once(f, right);
        Val *c = compare(f, t->ops[i - 1], left, right, t->span);
        warn_comparison(f, t, i, left, right);
        all = all ? logic(f, true, all, c, t->span) : c;
        left = right;
    }
    return all;
}

static Val *scalar_not(Fx *f, const void *user, int n, Val **args, Span s)
{
    (void)user;
    (void)n;
    if (args[0]->kind != V_core || args[0]->type.dtype != DT_bool) {
        report(f, E0204, s, "'not' of %s", val_text(f, args[0]));
        return val_error();
    }
    Val *v = val_core(f, core_op1(f, OP_not, DT_bool, args[0]->core), false);
    return with_cond(v, args[0]->unless, args[0]->when);
}

Val *not_value(Fx *f, Val *v, Span s)
{
    return is_error(v) ? v : elementwise(f, 1, &v, scalar_not, NULL, s);
}
