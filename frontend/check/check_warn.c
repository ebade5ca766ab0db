/* check_warn.c - warnings of the checker: comparisons with one answer (W0003), equality of rounded numbers (W0004), subscripts that
 * leave their axis at the end of a range (W0005), draws that are the same in each turn of a loop (W0006).
 *
 * A function is checked once for each set of element types and static arguments. What is constant only because a caller chose a
 * number says nothing about the program, so a comparison counts as constant only if it compares an index or a size and every other number
 * in it is still open; in a function that is written out where it is called sizes are the caller's choice, too. Warnings wait until the file is known to be right: those of a wrong program would mostly follow from that.
 */
#include "frontend/check/check_int.h"

#include <math.h>

void warning(Cx *cx, DiagCode c, Span s, const char *help, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    Warning w = { c, s, arena_vprintf(cx->a, fmt, ap), help };
    va_end(ap);
    vec_push(cx->a, &cx->warnings, w);
}

static bool wanted(Fx *f, Span s)
{
    return !f->trial && f->cx->main && s.file == f->cx->main->tree->span.file;
}

/* ---- W0003 ---- */

/* The size of a variable's axis: `len(x)`. */
static bool is_len(Fx *f, const Tree *t)
{
    return t->kind == T_call && t->kids[0]->kind == T_name && t->kids[0]->name == W(f, len) && t->kids[1]->nkids == 1;
}

static bool is_fixed_here(Fx *f, const Tree *t)
{
    int64_t k;
    if (t->kind == T_member)
        return true; /* a number of a model, say: fixed for some callers */
    if (is_len(f, t))
        return false; /* what it gives is not a number */
    if (t->kind == T_name) {
        f->trial++; /* reading twice reports nothing twice */
        Ent *e = scope_find(f->scope, t->name);
        const Val *v = e && e->kind != ENT_val ? NULL : e ? e->val : name_value(f, t);
        f->trial--;
        return v && (!v->dim || dim_is_const(v->dim, &k));
    }
    for (int i = 0; i < t->nkids; i++)
        if (t->kids[i] && is_fixed_here(f, t->kids[i]))
            return true;
    return false;
}

static Truth truth(Fx *f, Name op, Dim x, Dim y)
{
    static const Truth not_[] = { YES, NO, UNKNOWN };
    if (op == W(f, eq))
        return facts_prove_eq(f->facts, x, y);
    if (op == W(f, ne))
        return not_[facts_prove_eq(f->facts, x, y)];
    if (op == W(f, le))
        return facts_prove_le(f->facts, x, y);
    if (op == W(f, ge))
        return facts_prove_le(f->facts, y, x);
    return op == W(f, lt) ? facts_prove_lt(f->facts, f->dims, x, y) : facts_prove_lt(f->facts, f->dims, y, x);
}

static bool is_number(Dim d)
{
    int64_t v;
    return dim_is_const(d, &v);
}

static void warn_constant(Fx *f, const Tree *t, int i, const Val *a, const Val *b)
{
    const Tree *l = t->kids[i - 1], *r = t->kids[i];
    if (!val_is_int(a) || !val_is_int(b) || !a->dim || !b->dim)
        return;
    bool index = dim_has_index(a->dim) || dim_has_index(b->dim), number = is_number(a->dim) && is_number(b->dim);
    if (!index && (number || f->written_out))
        return;
    if (is_fixed_here(f, l) || is_fixed_here(f, r))
        return;
    Truth v = truth(f, t->ops[i - 1], a->dim, b->dim);
    if (v == UNKNOWN)
        return;
    warning(f->cx, W0003, span_join(l->span, r->span), NULL, "this is always %s: %s %s %s", v == YES ? "true" : "false",
            dim_say(f, a->dim), t->ops[i - 1], dim_say(f, b->dim));
}

/* ---- W0004 ---- */

static bool is_exact(const Val *v) /* a number that computations give exactly, as a mark or a start */
{
    double x;
    return v->kind == V_core && core_is_const(v->core, &x) && (x == 0 || isinf(x));
}

static void warn_equality(Fx *f, const Tree *t, int i, const Val *a, const Val *b)
{
    Name op = t->ops[i - 1];
    IrDtype x;
    bool weak;
    if ((op != W(f, eq) && op != W(f, ne)) || a->kind != V_core || b->kind != V_core || !dtype_join(a, b, &x, &weak) || !dtype_is_float(x))
        return;
    if (is_exact(a) || is_exact(b) || tree_equal(t->kids[i - 1], t->kids[i])) /* x != x asks for NaN */
        return;
    warning(f->cx, W0004, span_join(t->kids[i - 1]->span, t->kids[i]->span), NULL, "'%s' compares rounded numbers for equality", op);
}

void warn_comparison(Fx *f, const Tree *t, int i, const Val *a, const Val *b)
{
    if (!wanted(f, t->span))
        return;
    warn_constant(f, t, i, a, b);
    warn_equality(f, t, i, a, b);
}

/* ---- W0005: where every value of an index is taken, its first and last are, too ---- */

typedef struct Ends { Fx *f; const CoreIndex *x[RANK_MOST]; int n; bool last; } Ends;

static Dim end_of(Fx *f, const CoreIndex *x, bool last)
{
    Dim lo = x->lo ? x->lo : dim_int(f, 0);
    return last ? dim_sub(f->dims, dim_add(f->dims, lo, x->extent), dim_int(f, 1)) : lo;
}

static Dim at_end(void *user, DimSym *s)
{
    const Ends *e = user;
    for (int i = 0; i < e->n; i++)
        if (s == e->x[i]->sym)
            return end_of(e->f, e->x[i], e->last);
    return NULL;
}

static bool leaves_at(Ends e, bool last, Dim d, Dim extent, Span s)
{
    Fx *f = e.f;
    Buf b = buf_new(f->a);
    e.last = last;
    Dim v = dim_subst(f->dims, d, at_end, &e);
    if (facts_prove_le(f->facts, extent, v) != YES && facts_prove_lt(f->facts, f->dims, v, dim_int(f, 0)) != YES)
        return false;
    for (int i = 0; i < e.n; i++)
        buf_printf(&b, "%s%s is %s", i ? " and " : "", e.x[i]->name, dim_say(f, end_of(f, e.x[i], last)));
    warning(f->cx, W0005, s, NULL, "where %s, this is %s: outside an axis of size %s", buf_text(&b), dim_say(f, v), dim_say(f, extent));
    return true;
}

static bool is_guarded(const Fx *f) /* not every value of every index counts */
{
    for (const Scope *sc = f->scope; sc && sc->fx == f; sc = sc->kind == SCOPE_fn ? NULL : sc->outer)
        for (const Ent *e = sc->ents; e; e = e->next)
            if (e->kind == ENT_index && e->group && (e->group->guard || e->group->phantom))
                return true;
    for (const Frame *fr = f->frame; fr && fr->kind != FRAME_block; fr = fr->outer)
        if (fr->kind == FRAME_guard && fr->where)
            return true;
    return false;
}

void warn_bounds(Fx *f, Dim d, Dim extent, Span s)
{
    if (!wanted(f, s) || is_guarded(f))
        return;
    Ends all = { .f = f };
    for (const Frame *fr = f->frame; fr && (fr->kind == FRAME_index || fr->kind == FRAME_guard); fr = fr->outer)
        for (int i = 0; i < fr->idx.n; i++) {
            const CoreIndex *x = fr->idx.p[i];
            if (x->extent && x->sym && dim_mentions(d, x->sym) && all.n < RANK_MOST)
                all.x[all.n++] = x;
        }
    if (!all.n || leaves_at(all, true, d, extent, s) || leaves_at(all, false, d, extent, s))
        return;
    for (int i = 0; i < all.n && all.n > 1; i++) { /* one that counts down */
        Ends one = { .f = f, .x = { all.x[i] }, .n = 1 };
        if (leaves_at(one, true, d, extent, s) || leaves_at(one, false, d, extent, s))
            return;
    }
}

void warn_guard(Fx *f, const Tree *t)
{
    if (t->kind == T_name && (t->name == W(f, true_) || t->name == W(f, false_)) && wanted(f, t->span))
        warning(f->cx, W0003, t->span, NULL, "this guard is always %s", t->name);
}

void warnings_tell(Cx *cx, bool right)
{
    for (int i = 0; right && i < cx->warnings.n; i++) {
        const Warning *w = &cx->warnings.p[i];
        diag_warning(cx->diags, w->code, w->span, "%s", w->text);
        if (w->help)
            diag_help(cx->diags, "%s", w->help);
    }
    cx->warnings.n = 0;
}

/* ---- W0006 ---- */

void warn_draw(Fx *f, Span s)
{
    if (f->loops && wanted(f, s))
        warning(f->cx, W0006, s, "a key of the turn, as in normal(0, 1, key: fold(key(0), i)), gives others", "without a key, this draw gives the same numbers in each turn of the loop");
}
