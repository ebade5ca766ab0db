/* check_warn.c - warnings of the checker: comparisons with one answer (W0003), equality of rounded numbers (W0004).
 *
 * A function is checked once for each set of element types and static arguments. What is constant only because a caller chose a
 * number says nothing about the program, so a comparison counts as constant only if it compares an index and every other number
 * in it is still open. Warnings wait until the file is known to be right: those of a wrong program would mostly follow from that.
 */
#include "frontend/check_int.h"

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

static bool is_fixed_here(Fx *f, const Tree *t)
{
    int64_t k;
    if (t->kind == T_member)
        return true; /* a number of a model, say: fixed for some callers */
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

static void warn_constant(Fx *f, const Tree *t, int i, const Val *a, const Val *b)
{
    const Tree *l = t->kids[i - 1], *r = t->kids[i];
    if (!val_is_int(a) || !val_is_int(b) || !a->dim || !b->dim || !(dim_has_index(a->dim) || dim_has_index(b->dim)))
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
