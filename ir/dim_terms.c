/* dim_terms.c - what others see of a Dim: whole terms, at most one exact quotient, and the constant.
 *
 *     (2 N^2 P^-2 + K - 2) / 2   gives   (2 * N ^ 2 + K * P ^ 2) / (2 * P ^ 2),  -1
 *     N^2 P^-2                   gives   the atom N / P with power 2
 *
 * One quotient, not one for each term: only the sum is known to be whole ((D + E) / 2 says nothing about D / 2).
 */
#include "ir/dim_int.h"

static bool is_whole_term(Term t, int64_t den)
{
    return !t.m->below && t.c % den == 0;
}

/* What every term of a must be multiplied by to have no power below zero. */
static const Mono *denominator(DimCx *cx, Poly a)
{
    const Mono *q = cx->one;
    for (int i = 0; i < a.n; i++)
        for (int k = 0; k < a.t[i].m->n; k++) {
            const Atom *x = factor_atom(a.t[i].m->f[k]);
            int missing = -a.t[i].m->f[k].power - mono_power(q, x);
            if (missing > 0)
                q = mono_mul(cx, q, mono_atom(cx, x, missing), 1);
        }
    return q;
}

/* The largest g such that p and q are g-th powers, if they are single products without a number in front. */
static int common_power(Dim p, Dim q)
{
    int64_t g = 0;
    if (p->n != 1 || q->n != 1 || p->t->c != 1 || q->t->c != 1)
        return 1;
    for (int i = 0; i < p->t->m->n; i++)
        g = gcd_int(g, p->t->m->f[i].power);
    for (int i = 0; i < q->t->m->n; i++)
        g = gcd_int(g, q->t->m->f[i].power);
    return g > 1 ? (int)g : 1;
}

static Dim root(DimCx *cx, Dim d, int g)
{
    const Mono *m = d->t->m;
    DimFactor *f = tmp_alloc(cx, (size_t)m->n * sizeof *f);
    for (int i = 0; i < m->n; i++)
        f[i] = (DimFactor){ m->f[i].atom, m->f[i].power / g };
    return poly_dim(cx, poly_term(cx, 1, mono_make(cx, f, m->n)));
}

static bool quotient_term(DimCx *cx, Poly rest, DimTerm *out)
{
    int64_t sign = rest.t[0].c < 0 ? -1 : 1;
    const Mono *m = denominator(cx, rest);
    Poly den = poly_term(cx, rest.den, m);
    Dim q = poly_dim(cx, den), p = poly_dim(cx, poly_scale(cx, rest, sign * rest.den, 1, m, 1));
    if (p->poison || q->poison)
        return false;
    DimFactor *f = NEW(cx->arena, DimFactor);
    int g = common_power(p, q);
    *f = (DimFactor){ &atom_make(cx, DA_EXACTDIV, g > 1 ? root(cx, p, g) : p, g > 1 ? root(cx, q, g) : q)->pub, g };
    *out = (DimTerm){ sign, 1, f };
    return true;
}

const DimTerm *node_terms(DimCx *cx, Dim d, int *n)
{
    DimTerm *out = NEWN(cx->arena, DimTerm, d->n + 1), last = { 0, 0, NULL };
    Poly rest = { tmp_alloc(cx, (size_t)d->n * sizeof *rest.t), 0, d->den, false };
    *n = 0;
    for (int i = 0; i < d->n; i++) {
        const Mono *m = d->t[i].m;
        DimTerm t = { d->t[i].c / d->den, m->n, m->f };
        if (!is_whole_term(d->t[i], d->den))
            rest.t[rest.n++] = d->t[i];
        else if (m->n == 0)
            last = t;
        else
            out[(*n)++] = t;
    }
    if (rest.n && !quotient_term(cx, poly_add(cx, rest, (Poly){ NULL, 0, 1, false }, 1), &out[(*n)++]))
        return NULL;
    if (last.coef)
        out[(*n)++] = last;
    return out;
}

int dim_terms(Dim d, const DimTerm **terms)
{
    *terms = d->pub;
    return d->npub;
}

bool dim_is_const(Dim d, int64_t *v)
{
    if (d->poison || d->n > 1 || d->den != 1 || (d->n == 1 && d->t->m->n))
        return false;
    *v = d->n ? d->t->c : 0;
    return true;
}

bool dim_is_sym(Dim d, DimSym **s)
{
    const Atom *a = dim_atom(d);
    if (!a || a->pub.kind != DA_SYM)
        return false;
    *s = a->pub.sym;
    return true;
}

bool dim_is_poison(Dim d)
{
    return d->poison;
}

bool dim_mentions(Dim d, const DimSym *s)
{
    for (int i = 0; i < d->nsyms; i++)
        if (d->syms[i] == s)
            return true;
    return false;
}

void dim_syms(Dim d, void (*f)(void *user, DimSym *s), void *user)
{
    for (int i = 0; i < d->nsyms; i++)
        f(user, d->syms[i]);
}
