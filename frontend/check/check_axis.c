/* check_axis.c - operators without binders: sum(x), softmax(x, axis: -1), mean(x, axis: (0, 2), keep: true). */
#include "frontend/check/op_int.h"

/* ---- axis form ---- */

typedef struct Axes { bool reduced[RANK_MOST]; bool given, keep; } Axes;

static bool one_axis(Fx *f, const Tree *t, int rank, Axes *a)
{
    if (t->kind == T_listlit) {
        report(f, E0206, t->span, "a list where the number of an axis is needed");
        diag_help(f->cx->diags, "several axes stand in round brackets: axis: (0, 2)");
        return false;
    }
    int64_t k;
    Dim d = dim_expr(f, t);
    if (!d)
        return false;
    if (!dim_is_const(d, &k) || k < -rank || k >= rank) {
        report(f, dim_is_const(d, &k) ? E0303 : E0213, t->span, "an axis is a number from %d to %d here", -rank, rank - 1);
        return false;
    }
    int64_t at = k < 0 ? k + rank : k;
    if (a->reduced[at]) {
        report(f, E0205, t->span, "axis %lld is given twice", (long long)at);
        return false;
    }
    a->reduced[at] = a->given = true;
    return true;
}

static bool axes_of(Fx *f, const Tree *args, int rank, Axes *a)
{
    *a = (Axes){ 0 };
    for (int i = 0; i < args->nkids; i++) {
        const Tree *t = args->kids[i]->kids[0];
        if (args->kids[i]->name == W(f, axis)) {
            int n = t->kind == T_tuple ? t->kids[0]->nkids : 1;
            for (int k = 0; k < n; k++)
                if (!one_axis(f, t->kind == T_tuple ? t->kids[0]->kids[k] : t, rank, a))
                    return false;
        } else if (args->kids[i]->name == W(f, keep)) {
            Val *v = expr(f, t);
            if (v->kind != V_core || v->core->kind != C_const || v->type.dtype != DT_bool) {
                if (!is_error(v))
                    report(f, E0213, t->span, "'keep' is true or false");
                return false;
            }
            a->keep = v->core->ival != 0;
        }
    }
    return true;
}

static Tree *other_named(Fx *f, const Tree *args)
{
    Tree *l = arena_copy(f->a, args, sizeof *args);
    l->kids = NEWN(f->a, Tree *, args->nkids + 1);
    l->nkids = 0;
    for (int i = 0; i < args->nkids; i++)
        if (args->kids[i]->name && args->kids[i]->name != W(f, axis) && args->kids[i]->name != W(f, keep))
            l->kids[l->nkids++] = args->kids[i];
    return l;
}

/* The one operator that parameter sets have, too. */
static bool is_norm(Fx *f, const OpRef *op)
{
    return op->decl && op->decl->unit->prelude && op->decl->name == W(f, norm);
}

static bool axis_args(Fx *f, const OpRef *op, const Tree *args, int *n, Val **vals, Span s)
{
    int want = op->decl ? op_nplain(op->decl->tree->kids[2]) : 1;
    *n = op_npositional(args);
    if (*n != want) {
        report(f, E0205, s, "operator '%s' takes %d argument%s, not %d", op_name(op), want, want == 1 ? "" : "s", *n);
        if (*n > want)
            diag_help(f->cx->diags, "the axis is given by name: %s(x, axis: -1)", op_name(op));
        return false;
    }
    for (int i = 0; i < *n; i++) {
        vals[i] = expr_plain(f, args->kids[i]->kids[0]);
        if (is_error(vals[i]))
            return false;
        if (is_norm(f, op) && vals[i]->kind == V_agg && !args->kids[i]->name && args->nkids == 1)
            return true;
        if (!val_is_tensor(vals[i]) || vals[i]->type.rank != vals[0]->type.rank) {
            report(f, E0206, args->kids[i]->span, "'%s' without binders takes a tensor, not %s", op_name(op), val_text(f, vals[i]));
            return false;
        }
        for (int k = 0; k < vals[0]->type.rank; k++)
            if (!dims_equal(f, vals[0]->type.dims[k], vals[i]->type.dims[k])) {
                report(f, E0203, s, "shapes %s and %s differ", val_text(f, vals[0]), val_text(f, vals[i]));
                return false;
            }
    }
    return true;
}

static Val *axis_value(Fx *f, Use *u)
{
    if (u->op.decl)
        return op_write_out(f, u);
    if (builtin_is_cum(u->op.row))
        return op_running(f, u, NULL);
    return reduce_value(f, builtin_redop(u->op.row), u->g, u->args[0], u->span);
}

Val *op_axis(Fx *f, OpRef op, const Tree *args, Span s)
{
    if (!op.decl && !op.is_map && builtin_is_compact(op.row)) {
        report(f, E0205, s, "'compact' has a binder: compact[i | p](..)");
        return val_error();
    }
    Val *vals[RANK_MOST];
    Axes axes;
    CoreIndex *outer[RANK_MOST], *all[RANK_MOST];
    Use u = { .op = op, .span = s, .g = NEW(f->a, Group), .given = other_named(f, args) };
    bool point = op_is_pointwise(&op);
    int no = 0;
    if (!axis_args(f, &op, args, &u.n, vals, s))
        return val_error();
    if (vals[0]->kind == V_agg)
        return set_norm(f, vals[0], s);
    if (!axes_of(f, args, vals[0]->type.rank, &axes) || !op_named_known(f, &op, u.given, 0))
        return val_error();
    int rank = vals[0]->type.rank;
    if (point && !axes.given) {
        report(f, E0205, s, "'%s' without binders needs an axis: %s(x, axis: -1)", op_name(&op), op_name(&op));
        return val_error();
    }
    for (int i = 0; i < u.n; i++)
        vals[i] = val_core(f, addressable(f, vals[i]->core), false);
    frame_push(f, FRAME_index);
    u.g->idx = NEWN(f->a, CoreIndex *, rank);
    for (int k = 0; k < rank; k++) {
        bool red = axes.reduced[k] || !axes.given;
        all[k] = index_new(f, name_of(f->cx->names, "i"), s, NULL, vals[0]->type.dims[k]);
        if (red)
            u.g->idx[u.g->n++] = all[k];
        if (!red || point)
            index_enter(f, outer[no++] = all[k]);
        else if (axes.keep)
            index_enter(f, outer[no++] = index_new(f, name_of(f->cx->names, "i"), s, NULL, dim_int(f, 1)));
    }
    frame_push(f, FRAME_index);
    for (int k = 0; k < rank && !point; k++)
        if (axes.reduced[k] || !axes.given)
            index_enter(f, all[k]);
    for (int i = 0; i < u.n; i++)
        u.args[i] = val_at(f, vals[i], rank, all);
    frame_merge(f);
    u.g->phantom = !point;
    Val *v = axis_value(f, &u);
    if (no == 0 && !is_error(v)) {
        frame_merge(f);
        return v;
    }
    return tabulate(f, no, outer, v, s);
}
