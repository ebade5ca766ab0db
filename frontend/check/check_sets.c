/* check_sets.c - functions of whole tensors and of parameter sets: dot, norm, all_finite. A set is its leaves, one after the other. */
#include "frontend/check/builtin_int.h"

/* The reduction of e over all places of tensors of one shape; scalars are themselves. */
typedef Val *Element(Fx *f, Val *const *x, Span s);

static Val *over_all(Fx *f, RedOp op, Element *e, int n, Val *const *args, Span s)
{
    const IrType t = args[0]->type;
    Val *at[2], *whole[2];
    Group *g = NEW(f->a, Group);
    g->n = t.rank;
    g->idx = NEWN(f->a, CoreIndex *, t.rank + 1);
    for (int i = 0; i < n; i++)
        whole[i] = t.rank ? val_core(f, addressable(f, args[i]->core), false) : args[i];
    if (t.rank == 0)
        return e(f, whole, s);
    frame_push(f, FRAME_index);
    for (int k = 0; k < t.rank; k++)
        index_enter(f, g->idx[k] = index_new(f, name_of(f->cx->names, "i"), s, NULL, t.dims[k]));
    for (int i = 0; i < n; i++)
        at[i] = val_at(f, whole[i], t.rank, g->idx);
    Val *v = e(f, at, s);
    Core *c = frame_pop(f, is_error(v) ? NULL : v->core);
    return is_error(v) ? v : reduce_value(f, op, g, val_core(f, c, false), s);
}

static Val *product(Fx *f, Val *const *x, Span s)
{
    return arith(f, W(f, times), x[0], x[1], s);
}

static Val *finite_at(Fx *f, Val *const *x, Span s)
{
    if (!dtype_is_float(x[0]->type.dtype)) {
        report(f, E0206, s, "'all_finite' of %s", val_text(f, x[0]));
        return val_error();
    }
    return val_core(f, core_op1(f, OP_isfinite, DT_bool, x[0]->core), false);
}

static bool same_shape(Fx *f, const Val *a, const Val *b)
{
    if (a->type.rank != b->type.rank)
        return false;
    for (int i = 0; i < a->type.rank; i++)
        if (!dims_equal(f, a->type.dims[i], b->type.dims[i]))
            return false;
    return true;
}

static Val *leaf(Fx *f, Val *v, int i)
{
    return v->kind == V_agg ? val_core(f, v->leaves[i], false) : v;
}

Val *builtin_dot(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *a = val_plain(f, args[0]), *b = val_plain(f, args[1]), *sum = NULL;
    (void)n;
    (void)trees;
    bool sets = a->kind == V_agg && b->kind == V_agg && sty_equal(f, a->sty, b->sty);
    if (!sets && (a->kind != V_core || b->kind != V_core || !same_shape(f, a, b))) {
        if (!is_error(a) && !is_error(b))
            report(f, E0203, s, "'dot' of %s and %s: two of one shape are needed", val_text(f, a), val_text(f, b));
        return val_error();
    }
    for (int i = 0; i < (sets ? a->n : 1); i++) {
        if (sets && !dtype_is_float(a->leaves[i]->type.dtype))
            continue; /* no part of the vector */
        Val *x = over_all(f, RED_sum, product, 2, (Val *[]){ leaf(f, a, i), leaf(f, b, i) }, s);
        sum = sum ? arith(f, W(f, plus), sum, x, s) : x;
    }
    return sum ? sum : val_real(f, 0);
}

/* The root of the sum of the squares of all elements. */
Val *set_norm(Fx *f, Val *set, Span s)
{
    Val *d = builtin_dot(f, 2, (Val *[]){ set, set }, NULL, s);
    return is_error(d) ? d : val_core(f, core_op1(f, OP_sqrt, d->type.dtype, d->core), d->weak);
}

Val *builtin_all_finite(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *a = val_plain(f, args[0]);
    Core *all = NULL;
    (void)n;
    (void)trees;
    if (a->kind != V_agg && a->kind != V_core) {
        if (!is_error(a))
            report(f, E0206, s, "'all_finite' of %s", val_text(f, a));
        return val_error();
    }
    for (int i = 0; i < (a->kind == V_agg ? a->n : 1); i++) {
        if (a->kind == V_agg && !dtype_is_float(a->leaves[i]->type.dtype))
            continue;
        Val *x = over_all(f, RED_all, finite_at, 1, (Val *[]){ leaf(f, a, i) }, s);
        if (is_error(x))
            return x;
        all = all ? core_op2(f, OP_and, DT_bool, all, x->core) : x->core;
    }
    return val_core(f, all ? all : core_bool(f, true), false);
}

Val *builtin_paths(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    (void)n;
    (void)args;
    (void)trees;
    not_yet(f, E0502, s, "the paths of a parameter set");
    return val_error();
}
