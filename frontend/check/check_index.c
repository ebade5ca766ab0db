/* check_index.c - subscripts: elements, slices, bounds, `x[i] ?? y`.
 *
 * A subscript with a normal form is compared with the size under all that is known: inside needs no check, outside is an error, an
 * inequality of dims becomes a condition at entry. What depends on data is checked for each element (`clampi`).
 */
#include "frontend/check/check_int.h"

/* ---- bounds ---- */

bool always_runs(Fx *f)
{
    for (Frame *fr = f->frame; fr; fr = fr->outer)
        if (fr->kind == FRAME_cond || fr->kind == FRAME_guard || (fr->kind == FRAME_block && fr->outer))
            return false;
    return true;
}

static void seen_unknown(void *user, DimSym *s)
{
    if (s->index && s->user && ((Idx *)s->user)->unknown)
        *(bool *)user = true;
}

static bool is_unknown(Dim d)
{
    bool unknown = false;
    dim_syms(d, seen_unknown, &unknown);
    return unknown;
}

static Core *clamped(Fx *f, Core *c, Dim extent, Span s)
{
    Core *r = core_op3(f, OP_clampi, DT_i64, c, core_i64(f, 0), core_of_dim(f, extent));
    r->text = "subscript %lld is outside an axis of size %lld";
    r->span = s;
    return r;
}

/* Adds the ranges of the indices from the innermost block to here, and what is known outside of it, but no condition. */
static Facts *without_conditions(Fx *f, Frame *fr)
{
    if (fr->kind == FRAME_block)
        return facts_new(f->dims, fr->facts);
    Facts *facts = without_conditions(f, fr->outer);
    for (int i = 0; i < fr->idx.n; i++) {
        CoreIndex *x = fr->idx.p[i];
        if (x->extent)
            facts_range(facts, x->sym, x->lo, dim_add(f->dims, x->lo, x->extent));
    }
    return facts;
}

static bool under_condition(const Frame *fr)
{
    for (; fr->kind != FRAME_block; fr = fr->outer)
        if (fr->kind != FRAME_index)
            return true;
    return false;
}

/* Whether 0 <= d < extent for all that conditions leave out, too. */
static Truth inside_anyway(Fx *f, Dim d, Dim extent)
{
    Facts *facts = without_conditions(f, f->frame);
    Truth low = facts_prove_le(facts, dim_int(f, 0), d), high = facts_prove_lt(facts, f->dims, d, extent);
    return low == NO || high == NO ? NO : high == YES ? low : UNKNOWN;
}

/* c, known to be inside; marked if a condition says so. */
static Core *inside(Fx *f, Core *c, Dim d, Dim extent)
{
    if (!under_condition(f->frame) || c->bound || inside_anyway(f, d, extent) == YES)
        return c;
    Core *marked = NEW(f->a, Core);
    *marked = *c;
    marked->bound = true;
    return marked;
}

/* c, known to be outside. A condition that contradicts the ranges of its indices has no place at which anything is read: W0003 says so. */
static Core *outside(Fx *f, Core *c, Dim d, Dim extent, Span s)
{
    Truth anyway = under_condition(f->frame) ? inside_anyway(f, d, extent) : NO;
    if (anyway == YES)
        return c;
    report(f, E0303, s, "subscript %s is outside an axis of size %s", dim_say(f, d), dim_say(f, extent));
    if (anyway == UNKNOWN)
        diag_help(f->cx->diags, "wherever the conditions around it hold; without them it may be inside");
    return c;
}

Core *checked(Fx *f, Val *v, Dim extent, Span s)
{
    Core *c = core_cast(f, v->core, DT_i64, OP_cast);
    Dim d = v->dim, zero = dim_int(f, 0);
    if (f->trial && (!d || is_unknown(d)))
        return c;
    if (!d)
        return clamped(f, c, extent, s);
    Truth low = facts_prove_le(f->facts, zero, d), high = facts_prove_lt(f->facts, f->dims, d, extent);
    if (low == YES && high == YES) {
        c = core_unasked(f, c);
        return core_is_asked(c) ? clamped(f, c, extent, s) : inside(f, c, d, extent);
    }
    if (low == NO || high == NO)
        return outside(f, c, d, extent, s);
    if (dim_has_index(d))
        warn_bounds(f, d, extent, s);
    if (!always_runs(f) || dim_has_index(d) || !dim_at_entry(f, d) || !dim_at_entry(f, extent))
        return clamped(f, c, extent, s);
    if (low != YES)
        oblige(f, PLAN_le, zero, d, s, arena_printf(f->a, "0 <= %s", dim_say(f, d)));
    if (high != YES)
        oblige(f, PLAN_lt, d, extent, s, arena_printf(f->a, "%s < %s", dim_say(f, d), dim_say(f, extent)));
    return c;
}

/* ---- subscripts ---- */

static bool negative_literal(const Tree *t, int64_t *v)
{
    if (!t || t->kind != T_unary || t->kids[0]->kind != T_int_ || tree_int_is_large(t->kids[0]) || t->name[0] != '-')
        return false;
    *v = -t->kids[0]->ival;
    return true;
}

/* A bound of a slice: a negative literal counts from the end. */
static Dim slice_end(Fx *f, const Tree *t, Dim extent, Dim fallback)
{
    int64_t v;
    if (!t)
        return fallback;
    if (negative_literal(t, &v))
        return dim_add(f->dims, extent, dim_int(f, v));
    return dim_expr(f, t);
}

static void say_step(Fx *f, Span s, int64_t k)
{
    report(f, E0213, s, "the step of a slice is a number of at least 1");
    if (k == -1)
        diag_help(f->cx->diags, "backwards: let y[i: N] = x[N - 1 - i]");
}

static bool slice_sub(Fx *f, const Tree *t, Dim extent, Sub *s)
{
    Dim zero = dim_int(f, 0);
    Dim lo = slice_end(f, t->kids[0], extent, zero), hi = slice_end(f, t->kids[1], extent, extent);
    if (!lo || !hi)
        return false;
    oblige(f, PLAN_le, zero, lo, t->span, arena_printf(f->a, "0 <= %s", dim_say(f, lo)));
    oblige(f, PLAN_le, lo, hi, t->span, arena_printf(f->a, "%s <= %s", dim_say(f, lo), dim_say(f, hi)));
    oblige(f, PLAN_le, hi, extent, t->span, arena_printf(f->a, "%s <= %s", dim_say(f, hi), dim_say(f, extent)));
    s->start = core_of_dim(f, lo);
    s->dim = lo;
    s->extent = facts_normal(f->facts, dim_sub(f->dims, hi, lo));
    s->whole = lo == zero && hi == extent;
    if (s->whole)
        s->extent = extent;
    if (t->kids[2]) {
        int64_t k = 0;
        Dim step = dim_expr(f, t->kids[2]);
        if (!step || !dim_is_const(step, &k) || k < 1) {
            if (step)
                say_step(f, t->kids[2]->span, k);
            return false;
        }
        s->stride = k == 1 ? NULL : step;
        s->extent = dim_floordiv(f->dims, dim_add(f->dims, s->extent, dim_int(f, k - 1)), step);
        s->whole &= k == 1;
    }
    return true;
}

static void not_a_subscript(Fx *f, Span s, const Val *x)
{
    report(f, E0206, s, "a subscript is a whole number, not %s", val_text(f, x));
    if (x->kind == V_core && !x->type.rank && x->weak && dtype_is_float(x->type.dtype))
        diag_help(f->cx->diags, "'/' is exact; the whole part of a quotient is a // b");
    if (x->kind != V_core || !x->type.rank)
        return;
    if (x->type.dtype == DT_bool)
        diag_help(f->cx->diags, "a condition chooses element by element: let y[i] = if m[i] { a } else { x[i] }; or it is a guard: sum[i | m[i]](x[i])");
    else if (dtype_is_int(x->type.dtype))
        diag_help(f->cx->diags, "take one element of it by a named index: let y[i] = x[at[i]]");
}

static bool place_sub(Fx *f, const Tree *t, Dim extent, Sub *s)
{
    int64_t v;
    Val *x;
    if (negative_literal(t, &v)) {
        int64_t n;
        if (dim_is_const(extent, &n) && n + v < 0) {
            report(f, E0303, t->span, "subscript %lld is outside an axis of size %lld", (long long)v, (long long)n);
            return false;
        }
        x = val_dim(f, dim_add(f->dims, extent, dim_int(f, v)));
    }
    else if (t->kind == T_int_ && !tree_int_is_large(t))
        x = val_dim(f, dim_int(f, t->ival));
    else
        x = whole_expr(f, t);
    if (is_error(x))
        return false;
    if (x->kind == V_ratio) {
        Dim d = dim_of(f, x, t->span);
        x = d ? val_dim(f, d) : val_error();
    }
    if (x->kind != V_core || x->type.rank || !dtype_is_int(x->type.dtype)) {
        if (!is_error(x))
            not_a_subscript(f, t->span, x);
        return false;
    }
    s->dim = x->dim;
    s->start = checked(f, x, extent, t->span);
    return true;
}

static void whole_sub(Fx *f, Dim extent, Sub *s)
{
    *s = (Sub){ .start = core_i64(f, 0), .dim = dim_int(f, 0), .extent = extent, .whole = true };
}

/* `..` beside the indices of an equation's `..` means those; at the end of the subscripts further axes are left out. */
static int rest_subs(Fx *f, const IrType *t, int axis, int n, bool last, Sub *subs)
{
    Ent *e = scope_find(f->scope, W(f, range));
    bool pack = e && e->kind == ENT_index && e->group->pack;
    int m = pack && (e->group->n == n || (last && e->group->n < n)) ? e->group->n : 0;
    for (int i = 0; i < n; i++) {
        whole_sub(f, t->dims[axis + i], &subs[axis + i]);
        if (i >= m)
            continue;
        CoreIndex *x = e->group->idx[i];
        Val *v = val_int(f, core_of_index(f, x), dim_sym(f->dims, x->sym));
        subs[axis + i] = (Sub){ .dim = v->dim, .start = checked(f, v, t->dims[axis + i], (Span){ 0, 0, 0 }) };
    }
    return axis + n;
}

/* x[:, None] */
static void too_many_subs(Fx *f, const Tree *list, int given, int rank, Span s)
{
    report(f, E0304, s, "%d subscripts of a tensor with %d ax%s", given, rank, rank == 1 ? "is" : "es");
    for (int i = 0; i < list->nkids; i++)
        if (list->kids[i]->kind == T_name && !scope_find(f->scope, list->kids[i]->name) && foreign_help(f, list->kids[i]->name))
            return;
}

int subs_of(Fx *f, const Tree *list, const IrType *t, Span s, Sub *subs)
{
    int rests = 0, axis = 0;
    bool ok = true;
    for (int i = 0; i < list->nkids; i++)
        rests += list->kids[i]->kind == T_rest;
    int given = list->nkids - rests;
    if (rests > 1 || given > t->rank) {
        if (rests > 1)
            report(f, E0304, s, "'..' stands once in a list of subscripts");
        else
            too_many_subs(f, list, given, t->rank, s);
        return -1;
    }
    for (int i = 0; i < list->nkids; i++) {
        const Tree *x = list->kids[i];
        if (x->kind == T_rest) {
            axis = rest_subs(f, t, axis, t->rank - given, i + 1 == list->nkids, subs);
            continue;
        }
        subs[axis] = (Sub){ .tree = x };
        ok &= x->kind == T_slice ? slice_sub(f, x, t->dims[axis], &subs[axis]) : place_sub(f, x, t->dims[axis], &subs[axis]);
        axis++;
    }
    for (; axis < t->rank; axis++)
        whole_sub(f, t->dims[axis], &subs[axis]);
    return ok ? t->rank : -1;
}

/* ---- reading ---- */

static Val *strided(Fx *f, Core *x, int rank, const Sub *subs, Span s)
{
    CoreIndex *idx[RANK_MOST];
    Core *at[RANK_MOST];
    int n = 0;
    x = addressable(f, x);
    frame_push(f, FRAME_index);
    for (int i = 0; i < rank; i++) {
        at[i] = subs[i].start;
        if (!subs[i].extent)
            continue;
        index_enter(f, idx[n] = index_new(f, name_of(f->cx->names, "i"), s, NULL, subs[i].extent));
        Core *k = core_of_index(f, idx[n++]);
        if (subs[i].stride)
            k = core_op2(f, OP_mul, DT_i64, core_of_dim(f, subs[i].stride), k);
        at[i] = core_op2(f, OP_add, DT_i64, at[i], k);
    }
    return tabulate(f, n, idx, val_core(f, core_load(f, x, rank, at), false), s);
}

static Val *read_subs(Fx *f, Val *v, int rank, const Sub *subs, Span s)
{
    Core *starts[RANK_MOST];
    Dim box[RANK_MOST];
    bool whole = true, places = true, strides = false;
    for (int i = 0; i < rank; i++) {
        starts[i] = subs[i].start;
        box[i] = subs[i].extent;
        whole &= subs[i].whole;
        places &= !subs[i].extent;
        strides |= subs[i].stride != NULL;
    }
    if (whole)
        return v;
    for (int i = 0; i < rank; i++)
        if (box[i] && !size_known(f, box[i], subs[i].tree ? subs[i].tree->span : s))
            return val_error();
    Core *x = addressable(f, v->core);
    if (strides)
        return strided(f, x, rank, subs, s);
    Core *c = places ? core_load(f, x, rank, starts) : core_slicebox(f, x, starts, box);
    c->span = s;
    return val_core(f, c, f->weak_reads && v->weak);
}

static Val *index_tensor(Fx *f, Val *v, const Tree *t)
{
    Sub *subs = NEWN(f->a, Sub, RANK_MOST);
    int rank = subs_of(f, t->kids[1], &v->type, t->span, subs);
    return rank < 0 ? val_error() : read_subs(f, v, rank, subs, t->span);
}

Val *list_at(Fx *f, Val *list, Core *at, Dim dim)
{
    CoreSty *sty = list->sty->elem;
    Core **leaves = NEWN(f->a, Core *, list->n + 1);
    (void)dim;
    for (int i = 0; i < list->n; i++) {
        Core *starts[RANK_MOST], *x = addressable(f, list->leaves[i]);
        Dim box[RANK_MOST];
        for (int k = 0; k < x->type.rank; k++) {
            starts[k] = k ? core_i64(f, 0) : at;
            box[k] = k ? x->type.dims[k] : NULL;
        }
        leaves[i] = core_slicebox(f, x, starts, box);
    }
    return val_leaves(f, sty, leaves);
}

Val *index_list(Fx *f, Val *list, const Tree *t)
{
    const Tree *subs = t->kids[1];
    Sub s[RANK_MOST];
    Dim dims[1] = { list->sty->count };
    IrType axis = { DT_i64, 1, dims };
    if (subs->nkids != 1 || subs->kids[0]->kind == T_slice || subs->kids[0]->kind == T_rest) {
        report(f, E0304, t->span, "a list takes one subscript");
        return val_error();
    }
    if (subs_of(f, subs, &axis, t->span, s) < 0)
        return val_error();
    return list_at(f, list, s[0].start, s[0].dim);
}

static Val *index_written(Fx *f, Val *v, const Tree *t)
{
    int64_t k;
    const Tree *subs = t->kids[1];
    Val *i = subs->nkids == 1 && subs->kids[0]->kind != T_slice && subs->kids[0]->kind != T_rest ? expr(f, subs->kids[0]) : NULL;
    if (i && i->dim && i->kind == V_core && dim_is_const(i->dim, &k) && k >= -v->n && k < v->n)
        return v->parts[k < 0 ? k + v->n : k];
    if (v->kind == V_list) {
        Val *whole = val_plain(f, v);
        return is_error(whole) ? whole : whole->kind == V_agg ? index_list(f, whole, t) : index_tensor(f, whole, t);
    }
    if (!i || !is_error(i))
        report(f, E0206, t->span, "a tuple is taken apart by 'let (a, b) = ..'");
    return val_error();
}

static Val *with_statics(Fx *f, Val *fn, const Tree *t)
{
    Val *v = val_new(f, V_fn);
    *v = *fn;
    v->kind = V_fn;
    if (fn->kind == V_agg) {
        Val *m = member(f, fn, W(f, call), t->span, t->span);
        if (is_error(m))
            return m;
        *v = *m;
    }
    v->nstatics = t->kids[1]->nkids;
    v->statics = NEWN(f->a, Val *, v->nstatics);
    for (int i = 0; i < v->nstatics; i++) {
        const Tree *x = t->kids[1]->kids[i];
        if (x->kind == T_slice || x->kind == T_rest) {
            report(f, E0205, x->span, "a static argument is a value");
            return val_error();
        }
        f->dimctx++;
        v->statics[i] = expr(f, x);
        f->dimctx--;
        if (is_error(v->statics[i]))
            return val_error();
    }
    return v;
}

/* x[..] of a number, where '..' stands for no axes. */
static bool is_empty_pack(Fx *f, const Tree *subs)
{
    Ent *e = scope_find(f->scope, W(f, range));
    return subs->nkids == 1 && subs->kids[0]->kind == T_rest && e && e->kind == ENT_index && e->group->pack && e->group->n == 0;
}

/* x[i] under an index x: the tensor is meant. */
static bool is_hidden(Fx *f, const Tree *t)
{
    Ent *e = t->kind == T_name ? scope_find(f->scope, t->name) : NULL;
    return e && e->hides;
}

Val *index_expr(Fx *f, const Tree *t)
{
    Val *v = expr(f, t->kids[0]);
    switch (v->kind) {
    case V_error: return v;
    case V_tuple: case V_list: return index_written(f, v, t);
    case V_fn: return with_statics(f, v, t);
    case V_agg: return v->sty->kind == STY_list ? index_list(f, v, t) : with_statics(f, v, t);
    case V_core:
        if (v->type.rank)
            return index_tensor(f, v, t);
        if (is_empty_pack(f, t->kids[1]))
            return v;
        /* fallthrough */
    default:
        if (is_hidden(f, t->kids[0]))
            return val_error();
        if (v->kind == V_type)
            report(f, E0207, t->kids[0]->span, "a type cannot be indexed, and is no operator");
        else
            report(f, E0206, t->span, "%s has no axes to index", val_text(f, v));
        return val_error();
    }
}

/* ---- x[i] ?? y ---- */

typedef struct Inside { Core *cond; Core *subs[RANK_MOST]; bool never; } Inside;

static Core *both(Fx *f, Core *a, Core *b)
{
    return a ? core_op2(f, OP_and, DT_bool, a, b) : b;
}

/* The conditions of an axis stand together, (0 <= i and i < n) and ..: each is then computed in the loop of its own index. */
static bool inside_axis(Fx *f, const Tree *t, Dim extent, int axis, Inside *in)
{
    Val *x = whole_expr(f, t);
    if (is_error(x))
        return false;
    if (x->kind == V_ratio) {
        Dim d = dim_of(f, x, t->span);
        if (!d)
            return false;
        x = val_dim(f, d);
    }
    if (x->kind != V_core || x->type.rank || !dtype_is_int(x->type.dtype)) {
        not_a_subscript(f, t->span, x);
        return false;
    }
    Core *c = core_cast(f, x->core, DT_i64, OP_cast);
    if (!core_is_cheap(c))
        c = let_here(f, c, "at");
    in->subs[axis] = c;
    Dim zero = dim_int(f, 0), d = x->dim;
    Core *cond = NULL;
    Facts *known = under_condition(f->frame) ? without_conditions(f, f->frame) : f->facts; /* the read may leave the conditions */
    if (!d || facts_prove_le(known, zero, d) != YES)
        cond = core_op2(f, OP_le, DT_bool, core_i64(f, 0), c);
    if (!d || facts_prove_lt(known, f->dims, d, extent) != YES)
        cond = both(f, cond, core_op2(f, OP_lt, DT_bool, c, core_of_dim(f, extent)));
    if (cond)
        in->cond = both(f, in->cond, cond);
    return true;
}

static bool inside_subs(Fx *f, const Tree *index, const Val *v, Inside *in)
{
    const Tree *list = index->kids[1];
    Ent *e = scope_find(f->scope, W(f, range));
    int axis = 0, packs = e && e->kind == ENT_index && e->group->pack ? e->group->n : 0;
    for (int i = 0; i < list->nkids; i++) {
        const Tree *x = list->kids[i];
        if (x->kind == T_slice || (x->kind == T_rest && list->nkids - 1 + packs != v->type.rank)) {
            report(f, E0304, x->span, "left of '\?\?' stands one element: each axis has a number");
            return false;
        }
        if (x->kind == T_rest) {
            for (int k = 0; k < packs; k++)
                in->subs[axis++] = core_of_index(f, e->group->idx[k]);
            continue;
        }
        if (axis >= v->type.rank || !inside_axis(f, x, v->type.dims[axis], axis, in)) {
            if (axis >= v->type.rank)
                report(f, E0304, index->span, "%d subscripts of a tensor with %d axes", list->nkids, v->type.rank);
            return false;
        }
        axis++;
    }
    if (axis == v->type.rank)
        return true;
    report(f, E0304, index->span, "left of '\?\?' stands one element: %d subscripts of a tensor with %d axes", axis, v->type.rank);
    return false;
}

Val *coalesce(Fx *f, const Tree *t)
{
    const Tree *index = t->kids[0];
    if (index->kind != T_index) {
        report(f, E0207, index->span, "left of '\?\?' stands a read of an element, x[i]");
        return val_error();
    }
    Val *v = val_plain(f, expr(f, index->kids[0]));
    Inside in = { 0 };
    if (is_error(v) || is_hidden(f, index->kids[0]))
        return val_error();
    if (!val_is_tensor(v)) {
        report(f, E0206, index->span, "%s has no axes to index", val_text(f, v));
        return val_error();
    }
    Core *x = addressable(f, v->core);
    if (!inside_subs(f, index, v, &in))
        return val_error();
    Core *load = core_load(f, x, v->type.rank, in.subs);
    load->span = index->span;
    frame_push(f, FRAME_cond)->where = in.cond ? core_op1(f, OP_not, DT_bool, in.cond) : core_bool(f, false);
    Val *y = expr_plain(f, t->kids[1]);
    bool weak = f->weak_reads && v->weak;
    if (weak && !is_error(y) && !y->weak && y->type.dtype != DT_bool && val_is_scalar(y)) { /* what is not known yet has the type of its start */
        load = core_cast(f, load, y->type.dtype, OP_cast);
        weak = false;
    }
    Core *no = is_error(y) ? NULL : core_as(f, y, load->type.dtype, t->kids[1]->span);
    no = frame_pop(f, no);
    if (!no)
        return val_error();
    return val_core(f, in.cond ? core_if(f, in.cond, load, no) : load, weak);
}
