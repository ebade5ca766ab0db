/* check_moves.c - builtin functions that make and join tensors, and a few small ones. */
#include "frontend/check/builtin_int.h"

Val *builtin_tensor(Fx *f, Val *v, const char *what, Span s)
{
    v = val_plain(f, v);
    if (is_error(v) || val_is_tensor(v))
        return v;
    report(f, E0206, s, "'%s' of %s: a tensor is needed", what, val_text(f, v));
    return val_error();
}

/* ---- making ---- */

bool builtin_sizes(Fx *f, int n, Val **args, Dim *dims, Span s)
{
    if (n > RANK_MOST) {
        report(f, E0203, s, "a tensor has at most %d axes", RANK_MOST);
        return false;
    }
    for (int i = 0; i < n; i++) {
        dims[i] = dim_of(f, args[i], s);
        if (!dims[i] || !size_known(f, dims[i], s) || !oblige(f, PLAN_le, dim_int(f, 0), dims[i], s, arena_printf(f->a, "0 <= %s", dim_say(f, dims[i]))))
            return false;
    }
    return true;
}

static Val *filled(Fx *f, Core *x, int n, Val **args, Span s)
{
    Dim dims[RANK_MOST];
    return builtin_sizes(f, n, args, dims, s) ? fill(f, x, n, dims) : val_error();
}

Val *builtin_zeros(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    (void)trees;
    return filled(f, core_number(f, DT_f32, 0), n, args, s);
}

Val *builtin_ones(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    (void)trees;
    return filled(f, core_number(f, DT_f32, 1), n, args, s);
}

Val *builtin_full(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *x = n ? val_plain(f, args[0]) : val_error();
    (void)trees;
    if (n == 0 || !val_is_scalar(x)) {
        if (n == 0 || !is_error(x))
            report(f, E0205, s, "full(x, d0, ..) takes a number and the sizes");
        return val_error();
    }
    Core *c = x->weak && x->type.dtype == DT_f64 ? core_cast(f, x->core, DT_f32, OP_cast) : x->core;
    return filled(f, core_is_cheap(c) ? c : let_out(f, c, "x"), n - 1, args + 1, s);
}

Val *builtin_zeros_like(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *v = val_plain(f, args[0]);
    (void)n;
    (void)trees;
    (void)s;
    if (v->kind == V_agg) {
        Core **leaves = NEWN(f->a, Core *, v->n + 1);
        for (int i = 0; i < v->n; i++) {
            IrType t = v->leaves[i]->type;
            leaves[i] = addressable(f, fill(f, core_number(f, t.dtype, 0), t.rank, t.dims)->core);
        }
        return val_leaves(f, v->sty, leaves);
    }
    if (is_error(v) || v->kind != V_core)
        return val_error();
    return fill(f, core_number(f, v->type.dtype, 0), v->type.rank, v->type.dims);
}

/* ---- moving ---- */

static Dim product(Fx *f, int n, Dim const *dims)
{
    Dim p = dim_int(f, 1);
    for (int i = 0; i < n; i++)
        p = dim_mul(f->dims, p, dims[i]);
    return p;
}

Val *builtin_reshape(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Dim dims[RANK_MOST];
    Val *x = n ? val_plain(f, args[0]) : val_error();
    (void)trees;
    if (is_error(x) || !builtin_sizes(f, n - 1, args + 1, dims, s))
        return val_error();
    if (x->kind != V_core) {
        report(f, E0206, s, "'reshape' of %s: a tensor is needed", val_text(f, x));
        return val_error();
    }
    Dim have = product(f, x->type.rank, x->type.dims), want = product(f, n - 1, dims);
    if (!dims_equal(f, have, want)) {
        IrType t = tensor_type(f, x->type.dtype, n - 1, dims);
        report(f, E0203, s, "%s has %s elements, but %s has %s", val_text(f, x), dim_say(f, have),
               core_sty_text(f->a, sty_value(f, t, false)), dim_say(f, want));
        return val_error();
    }
    if (x->type.rank == 0)
        return fill(f, core_is_cheap(x->core) ? x->core : let_out(f, x->core, "x"), n - 1, dims);
    Core *from = addressable(f, x->core);
    if (n == 1) {
        Core *subs[RANK_MOST];
        for (int i = 0; i < x->type.rank; i++)
            subs[i] = core_i64(f, 0);
        return val_core(f, core_load(f, from, x->type.rank, subs), false);
    }
    Core *c = core_kids(f, C_reshape, tensor_type(f, x->type.dtype, n - 1, dims), 1, &from);
    c->span = s;
    return val_core(f, c, false);
}

/* ---- concat: operands one behind the other along an axis; leading axes that one lacks are repeated ---- */

typedef struct Joined { int n, rank, axis; Val **args; Dim dims[RANK_MOST]; Dim *start; IrDtype t; } Joined;

static bool join_shapes(Fx *f, Joined *j, Span s)
{
    const Val *big = j->args[0];
    bool weak;
    j->t = big->type.dtype;
    for (int i = 0; i < j->n; i++) {
        Val so_far = { .kind = V_core, .type = ir_scalar(j->t) };
        if (j->args[i]->type.rank > big->type.rank)
            big = j->args[i];
        if (!dtype_join(&so_far, j->args[i], &j->t, &weak)) {
            report(f, E0204, s, "'concat' of %s and %s", val_text(f, j->args[0]), val_text(f, j->args[i]));
            return false;
        }
    }
    j->rank = big->type.rank;
    for (int k = 0; k < j->rank; k++)
        j->dims[k] = big->type.dims[k];
    return true;
}

static bool join_axes(Fx *f, Joined *j, Span s)
{
    Dim total = dim_int(f, 0);
    for (int i = 0; i < j->n; i++) {
        const Val *v = j->args[i];
        int lead = j->rank - v->type.rank;
        for (int k = 0; k < v->type.rank; k++)
            if (lead + k != j->axis && !dims_equal(f, v->type.dims[k], j->dims[lead + k])) {
                report(f, E0203, s, "'concat' of %s and %s: sizes %s and %s differ", val_text(f, j->args[0]), val_text(f, v),
                       dim_say(f, j->dims[lead + k]), dim_say(f, v->type.dims[k]));
                return false;
            }
        if (j->axis < lead) {
            report(f, E0203, s, "%s lacks the axis along which it is to stand", val_text(f, v));
            return false;
        }
        j->start[i] = total;
        total = dim_add(f->dims, total, v->type.dims[j->axis - lead]);
    }
    j->dims[j->axis] = total;
    return true;
}

static Core *piece(Fx *f, const Joined *j, int i, CoreIndex *const *idx)
{
    const Val *v = j->args[i];
    int lead = j->rank - v->type.rank;
    Core *subs[RANK_MOST];
    for (int k = 0; k < v->type.rank; k++) {
        subs[k] = core_of_index(f, idx[lead + k]);
        if (lead + k == j->axis && i > 0)
            subs[k] = core_op2(f, OP_sub, DT_i64, subs[k], core_of_dim(f, j->start[i]));
    }
    return core_cast(f, core_load(f, v->core, v->type.rank, subs), j->t, OP_cast);
}

Val *builtin_concat(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Joined j = { .n = n, .args = NEWN(f->a, Val *, n + 1), .start = NEWN(f->a, Dim, n + 1) };
    CoreIndex *idx[RANK_MOST];
    for (int i = 0; i < n; i++) {
        j.args[i] = builtin_tensor(f, args[i], "concat", s);
        if (is_error(j.args[i]))
            return j.args[i];
    }
    if (n == 0) {
        report(f, E0205, s, "'concat' of nothing");
        return val_error();
    }
    if (n == 1 && trees->kids[0]->kids[0]->kind == T_listlit) {
        report(f, E0205, s, "'concat' of one value: a list of tensors is stacked, with an axis of its own");
        diag_help(f->cx->diags, "give the tensors one by one: concat(x, y, axis: -1)");
        return val_error();
    }
    if (!join_shapes(f, &j, s) || !builtin_axis(f, trees, j.rank, &j.axis) || !join_axes(f, &j, s))
        return val_error();
    for (int i = 0; i < n; i++)
        j.args[i] = val_core(f, addressable(f, j.args[i]->core), false);
    frame_push(f, FRAME_index);
    for (int k = 0; k < j.rank; k++)
        index_enter(f, idx[k] = index_new(f, name_of(f->cx->names, "i"), s, NULL, j.dims[k]));
    Core *c = piece(f, &j, n - 1, idx);
    for (int i = n - 1; i-- > 0;) {
        Core *before = core_op2(f, OP_lt, DT_bool, core_of_index(f, idx[j.axis]), core_of_dim(f, j.start[i + 1]));
        Core *one = piece(f, &j, i, idx), *rest = c;
        c = core_if(f, before, one, rest);
        c->moves |= c != one && c != rest;
    }
    return tabulate(f, j.rank, idx, val_core(f, c, false), s);
}

/* ---- small ones ---- */

Val *builtin_len(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *v = args[0];
    (void)n;
    (void)trees;
    if (v->kind == V_list)
        return val_dim(f, dim_int(f, v->n));
    if (val_is_tensor(v))
        return val_dim(f, v->type.dims[0]);
    if (v->kind == V_agg && v->sty->kind == STY_list)
        return val_dim(f, v->sty->count);
    report(f, E0206, s, "'len' of %s", val_text(f, v));
    return val_error();
}

Val *builtin_fold(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *k = val_plain(f, args[0]), *i = val_plain(f, args[1]);
    (void)n;
    (void)trees;
    if (k->kind != V_core || k->type.dtype != DT_key || i->kind != V_core || i->type.rank || !dtype_is_int(i->type.dtype)) {
        report(f, E0206, s, "fold(key, n) takes a Key and a whole number, not %s and %s", val_text(f, k), val_text(f, i));
        return val_error();
    }
    return val_core(f, core_op2(f, OP_key_fold, DT_key, k->core, core_cast(f, i->core, DT_i64, OP_cast)), false);
}

Val *builtin_key(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *v = val_plain(f, args[0]);
    (void)n;
    (void)trees;
    if (v->kind != V_core || v->type.rank || !dtype_is_int(v->type.dtype)) {
        report(f, E0206, s, "key(n) takes a whole number, not %s", val_text(f, v));
        return val_error();
    }
    return val_core(f, core_op1(f, OP_key_new, DT_key, core_cast(f, v->core, DT_i64, OP_cast)), false);
}

Val *builtin_check(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *c = val_plain(f, args[0]), *m = args[1];
    (void)n;
    (void)trees;
    if (c->kind != V_core || c->type.rank || c->type.dtype != DT_bool || m->kind != V_core || m->core->kind != C_str) {
        report(f, E0206, s, "check(condition, \"message\") takes a condition and a text");
        return val_error();
    }
    if (f->frame->kind != FRAME_block) {
        report(f, E0307, s, "'check' stands inside an index scope");
        return val_error();
    }
    check_statement(f, c->core, STATUS_CHECK, m->core->str, s);
    assume(f, c->when);
    return val_none(f);
}
