/* check_axes.c - builtin functions that take axes: permute, expand, sort, topk. */
#include "frontend/check/builtin_int.h"

bool builtin_axis_number(Fx *f, Val *v, int rank, int *axis, Span s)
{
    int64_t k;
    if (!v->dim || v->kind != V_core || !dim_is_const(v->dim, &k)) {
        report(f, E0213, s, "an axis is a number that is written in the program");
        return false;
    }
    if (k < -rank || k >= rank) {
        report(f, E0303, s, "axis %lld of a tensor with %d axes", (long long)k, rank);
        return false;
    }
    *axis = (int)(k < 0 ? k + rank : k);
    return true;
}

bool builtin_axis(Fx *f, const Tree *trees, int rank, int *axis)
{
    *axis = rank - 1;
    for (int i = 0; i < trees->nkids; i++)
        if (trees->kids[i]->name == W(f, axis)) {
            Val *v = expr(f, trees->kids[i]->kids[0]);
            if (is_error(v) || !builtin_axis_number(f, v, rank, axis, trees->kids[i]->span))
                return false;
        }
    return true;
}

/* Axis i of the result is axis axes[i] of x. */
static Val *permuted(Fx *f, Val *x, const int *axes, Span s)
{
    int rank = x->type.rank;
    CoreIndex *idx[RANK_MOST];
    Core *subs[RANK_MOST], *from = addressable(f, x->core);
    frame_push(f, FRAME_index);
    for (int i = 0; i < rank; i++) {
        index_enter(f, idx[i] = index_new(f, name_of(f->cx->names, "i"), s, NULL, x->type.dims[axes[i]]));
        subs[axes[i]] = core_of_index(f, idx[i]);
    }
    return tabulate(f, rank, idx, val_core(f, core_load(f, from, rank, subs), false), s);
}

Val *builtin_permute(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *x = n ? builtin_tensor(f, args[0], "permute", s) : val_error();
    int axes[RANK_MOST];
    bool seen[RANK_MOST] = { false };
    (void)trees;
    if (is_error(x))
        return x;
    int rank = x->type.rank;
    if (n - 1 != rank) {
        report(f, E0205, s, "'permute' of %s takes %d axes, not %d", val_text(f, x), rank, n - 1);
        return val_error();
    }
    for (int i = 0; i < rank; i++) {
        if (!builtin_axis_number(f, args[i + 1], rank, &axes[i], s))
            return val_error();
        if (seen[axes[i]]) {
            report(f, E0205, s, "axis %d is given twice", axes[i]);
            return val_error();
        }
        seen[axes[i]] = true;
    }
    return permuted(f, x, axes, s);
}

/* Every dim of x, aligned at the right, is the wanted one or the number 1. */
static bool expands(Fx *f, const Val *x, int n, const Dim *dims, Span s)
{
    int lead = n - x->type.rank;
    int64_t one;
    bool ok = lead >= 0;
    for (int k = 0; ok && k < x->type.rank; k++)
        ok = dims_equal(f, x->type.dims[k], dims[lead + k]) || (dim_is_const(x->type.dims[k], &one) && one == 1);
    if (!ok) {
        IrType t = tensor_type(f, x->type.dtype, n, dims);
        report(f, E0203, s, "%s does not expand to %s", val_text(f, x), core_sty_text(f->a, sty_value(f, t, false)));
        diag_help(f->cx->diags, "axes that it lacks in front are repeated, and axes of size 1");
    }
    return ok;
}

Val *builtin_expand(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Dim dims[RANK_MOST];
    CoreIndex *idx[RANK_MOST];
    Core *subs[RANK_MOST];
    Val *x = n ? val_plain(f, args[0]) : val_error();
    (void)trees;
    if (n == 0)
        report(f, E0205, s, "expand(x, d0, ..) takes a tensor and the sizes");
    if (is_error(x) || !builtin_sizes(f, n - 1, args + 1, dims, s))
        return val_error();
    if (val_is_scalar(x))
        return fill(f, core_is_cheap(x->core) ? x->core : let_out(f, x->core, "x"), n - 1, dims);
    x = builtin_tensor(f, x, "expand", s);
    if (is_error(x) || !expands(f, x, n - 1, dims, s))
        return val_error();
    Core *from = addressable(f, x->core);
    int rank = x->type.rank, lead = n - 1 - rank;
    frame_push(f, FRAME_index);
    for (int k = 0; k < n - 1; k++)
        index_enter(f, idx[k] = index_new(f, name_of(f->cx->names, "i"), s, NULL, dims[k]));
    for (int k = 0; k < rank; k++)
        subs[k] = dims_equal(f, x->type.dims[k], dims[lead + k]) ? core_of_index(f, idx[lead + k]) : core_i64(f, 0);
    return tabulate(f, n - 1, idx, val_core(f, core_load(f, from, rank, subs), false), s);
}

/* ---- sorting ---- */

static Val *sorted(Fx *f, CoreKind kind, Val *x, Dim k, const char *name, Span s)
{
    int rank = x->type.rank;
    Dim dims[RANK_MOST];
    Core *from = addressable(f, x->core);
    for (int i = 0; i < rank; i++)
        dims[i] = i == rank - 1 ? k : x->type.dims[i];
    Core *c = core_kids(f, kind, ir_scalar(DT_none), 1, &from);
    c->span = s;
    Core probe = *c;
    probe.type = tensor_type(f, DT_i64, rank, dims);
    Frame *at = frame_home(f, &probe);
    Val *v = val_new(f, V_tuple);
    v->n = c->nouts = 2;
    v->parts = NEWN(f->a, Val *, 2);
    c->outs = NEWN(f->a, CoreVar *, 2);
    Free need = core_free(f, c);
    for (int i = 0; i < 2; i++) {
        CoreVar *out = var_new(f, name_of(f->cx->names, i ? "index" : name), s, tensor_type(f, i ? DT_i64 : x->type.dtype, rank, dims), false);
        ((Var *)out)->depth = at->depth;
        for (int j = 0; j < need.idx.n; j++)
            PUSH(f, &((Var *)out)->deps, need.idx.p[j]);
        c->outs[i] = out;
        v->parts[i] = val_core(f, core_of_var(f, out), false);
    }
    emit_home(f, at, c);
    return v;
}

/* A named argument that is true or false; false if it is not given. */
static bool named_flag(Fx *f, const Tree *trees, Name name, bool *value)
{
    for (int i = 0; i < trees->nkids; i++)
        if (trees->kids[i]->name == name) {
            Val *v = expr(f, trees->kids[i]->kids[0]);
            if (v->kind != V_core || v->core->kind != C_const || v->type.dtype != DT_bool) {
                if (!is_error(v))
                    report(f, E0213, trees->kids[i]->span, "'%s' is true or false", name);
                return false;
            }
            *value = v->core->ival != 0;
        }
    return true;
}

/* x with the axis that is meant at the end; where it was. */
static Val *axis_last(Fx *f, Val *v, const Tree *trees, const char *name, int *axis, int *swap, Span s)
{
    v = builtin_tensor(f, v, name, s);
    if (is_error(v) || !builtin_axis(f, trees, v->type.rank, axis))
        return val_error();
    int last = v->type.rank - 1;
    for (int i = 0; i <= last; i++)
        swap[i] = i == *axis ? last : i == last ? *axis : i;
    return *axis == last ? v : permuted(f, v, swap, s);
}

static Val *sorted_along(Fx *f, CoreKind kind, Val *x, Dim k, int axis, const int *swap, Span s)
{
    Val *v = sorted(f, kind, x, k, "value", s);
    for (int i = 0; axis != x->type.rank - 1 && i < 2; i++)
        v->parts[i] = permuted(f, v->parts[i], swap, s);
    return v;
}

Val *builtin_sorted(Fx *f, Val *x, Span s)
{
    return sorted(f, C_sort, x, x->type.dims[x->type.rank - 1], "value", s);
}

Val *builtin_topk(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    int axis, swap[RANK_MOST];
    Val *x = axis_last(f, args[0], trees, "topk", &axis, swap, s);
    Dim k = is_error(x) ? NULL : dim_of(f, args[1], s);
    (void)n;
    if (!k)
        return val_error();
    Dim size = x->type.dims[x->type.rank - 1];
    if (!oblige(f, PLAN_le, dim_int(f, 0), k, s, arena_printf(f->a, "0 <= %s", dim_say(f, k))) ||
        !oblige(f, PLAN_le, k, size, s, arena_printf(f->a, "%s <= %s", dim_say(f, k), dim_say(f, size))))
        return val_error();
    return sorted_along(f, C_topk, x, k, axis, swap, s);
}

Val *builtin_sort(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    int axis, swap[RANK_MOST];
    bool down = false;
    Val *x = axis_last(f, args[0], trees, "sort", &axis, swap, s);
    (void)n;
    if (is_error(x) || !named_flag(f, trees, W(f, descending), &down))
        return val_error();
    return sorted_along(f, down ? C_topk : C_sort, x, x->type.dims[x->type.rank - 1], axis, swap, s);
}
