/* dim_poly.c - arithmetic of the sums behind Dims, in scratch memory.
 *
 *     poly_mul( D H^-1 + 1,  H )  =  D + H             powers add up
 *     poly_inverse( 2 H + 2 )     =  1/2 (H + 1)^-1     a divisor with several terms is an atom of its own,
 *     poly_fix( D H (H + 1)^-1 + D (H + 1)^-1 )  =  D   divided out as soon as it divides
 *
 * Every step is checked; what overflows, or grows beyond the limits of dim_int.h, is `bad` and stays so.
 */
#include "ir/dim_int.h"

static const Poly BAD = { NULL, 0, 1, true };

void *tmp_alloc(DimCx *cx, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (size > DIM_TMP - cx->tmp_used)
        return arena_alloc(cx->arena, size); /* rare: stays until the arena goes */
    void *p = cx->tmp + cx->tmp_used;
    cx->tmp_used += size;
    return p;
}

int64_t gcd_int(int64_t a, int64_t b)
{
    if (a == INT64_MIN || b == INT64_MIN)
        return -1;
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    while (b) {
        int64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

Poly poly_of(Dim d)
{
    return d->poison ? BAD : (Poly){ (Term *)d->t, d->n, d->den, false }; /* never written through */
}

Poly poly_term(DimCx *cx, int64_t c, const Mono *m)
{
    if (!m)
        return BAD;
    Poly p = { tmp_alloc(cx, sizeof *p.t), c != 0, 1, false };
    p.t[0] = (Term){ c, m };
    return p;
}

Poly poly_const(DimCx *cx, int64_t v)
{
    return poly_term(cx, v, cx->one);
}

/* ---- normal form ---- */

static void sort_terms(Term *t, int n) /* Shell's method with Ciura's gaps: no memory, quick for a few hundred */
{
    static const int gaps[] = { 301, 132, 57, 23, 10, 4, 1 };
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++)
        for (int i = gaps[g]; i < n; i++) {
            Term x = t[i];
            int j = i;
            for (; j >= gaps[g] && mono_cmp(t[j - gaps[g]].m, x.m) > 0; j -= gaps[g])
                t[j] = t[j - gaps[g]];
            t[j] = x;
        }
}

static bool join_terms(Poly *p) /* adds up neighbours with one monomial, drops zeros */
{
    int n = 0;
    for (int i = 0; i < p->n; i++) {
        if (n && p->t[n - 1].m == p->t[i].m) {
            if (__builtin_add_overflow(p->t[n - 1].c, p->t[i].c, &p->t[n - 1].c))
                return false;
        } else {
            p->t[n++] = p->t[i];
        }
        if (p->t[n - 1].c == 0)
            n--;
    }
    p->n = n;
    return n <= DIM_TERMS;
}

static Poly reduce_den(Poly p) /* in place */
{
    int64_t g = p.den;
    for (int i = 0; i < p.n && g > 1; i++)
        g = gcd_int(g, p.t[i].c);
    if (g < 0)
        return BAD;
    if (g > 1) {
        p.den /= g;
        for (int i = 0; i < p.n; i++)
            p.t[i].c /= g;
    }
    return p;
}

static Poly poly_norm(Poly p) /* in place */
{
    if (p.bad)
        return p;
    sort_terms(p.t, p.n);
    return join_terms(&p) ? reduce_den(p) : BAD;
}

/* ---- arithmetic ---- */

static bool add_scaled(Poly *to, Poly a, int64_t k)
{
    for (int i = 0; i < a.n; i++) {
        int64_t c;
        if (__builtin_mul_overflow(a.t[i].c, k, &c))
            return false;
        to->t[to->n++] = (Term){ c, a.t[i].m };
    }
    return true;
}

Poly poly_add(DimCx *cx, Poly a, Poly b, int sign)
{
    if (a.bad || b.bad)
        return BAD;
    int64_t g = gcd_int(a.den, b.den), den;
    Poly r = { tmp_alloc(cx, (size_t)(a.n + b.n) * sizeof *r.t), 0, 1, false };
    if (__builtin_mul_overflow(a.den / g, b.den, &den) || !add_scaled(&r, a, b.den / g)
        || !add_scaled(&r, b, sign * (a.den / g)))
        return BAD;
    r.den = den;
    return poly_norm(r);
}

static Poly mul_raw(DimCx *cx, Poly a, Poly b)
{
    Poly r = { NULL, 0, 1, a.bad || b.bad || (int64_t)a.n * b.n > 16 * DIM_TERMS };
    if (r.bad || __builtin_mul_overflow(a.den, b.den, &r.den))
        return BAD;
    r.t = tmp_alloc(cx, (size_t)(a.n * b.n) * sizeof *r.t);
    for (int i = 0; i < a.n; i++)
        for (int j = 0; j < b.n; j++) {
            Term *t = &r.t[r.n++];
            t->m = mono_mul(cx, a.t[i].m, b.t[j].m, 1);
            if (!t->m || __builtin_mul_overflow(a.t[i].c, b.t[j].c, &t->c))
                return BAD;
        }
    return poly_norm(r);
}

Poly poly_mul(DimCx *cx, Poly a, Poly b)
{
    return poly_fix(cx, mul_raw(cx, a, b));
}

Poly poly_scale(DimCx *cx, Poly a, int64_t num, int64_t den, const Mono *m, int sign)
{
    if (a.bad || !m || den == 0 || den == INT64_MIN || num == INT64_MIN)
        return BAD;
    Poly r = { tmp_alloc(cx, (size_t)a.n * sizeof *r.t), a.n, a.den, false };
    for (int i = 0; i < a.n; i++) {
        r.t[i].m = mono_mul(cx, a.t[i].m, m, sign);
        if (!r.t[i].m || __builtin_mul_overflow(a.t[i].c, den < 0 ? -num : num, &r.t[i].c))
            return BAD;
    }
    return __builtin_mul_overflow(a.den, den < 0 ? -den : den, &r.den) ? BAD : poly_norm(r);
}

Poly poly_pow(DimCx *cx, Poly a, int power)
{
    if (power < 0)
        a = poly_inverse(cx, a);
    Poly r = poly_const(cx, 1);
    for (int i = power < 0 ? -power : power; i > 0; i--)
        r = poly_mul(cx, r, a);
    return r;
}

const Mono *poly_common(DimCx *cx, Poly a)
{
    const Mono *m = a.t[0].m;
    for (int i = 1; i < a.n; i++) { /* min of powers, atom by atom: m and t[i] in step */
        const Mono *x = a.t[i].m;
        DimFactor *f = tmp_alloc(cx, (size_t)(m->n + x->n) * sizeof *f);
        int n = 0, p = 0, q = 0;
        while (p < m->n || q < x->n) {
            int c = p == m->n ? 1 : q == x->n ? -1 : atom_cmp(factor_atom(m->f[p]), factor_atom(x->f[q]));
            DimFactor u = c <= 0 ? m->f[p++] : (DimFactor){ x->f[q].atom, 0 };
            int other = c >= 0 ? x->f[q++].power : 0;
            u.power = other < u.power ? other : u.power;
            if (u.power)
                f[n++] = u;
        }
        m = mono_make(cx, f, n);
    }
    return m;
}

Poly poly_inverse(DimCx *cx, Poly a)
{
    if (a.bad || a.n == 0 || a.t[0].c == INT64_MIN)
        return BAD;
    if (a.n == 1)
        return poly_fix(cx, poly_scale(cx, poly_const(cx, a.den), 1, a.t[0].c, a.t[0].m, -1));
    int64_t g = 0;
    for (int i = 0; i < a.n && g >= 0; i++)
        g = gcd_int(g, a.t[i].c);
    if (g < 0)
        return BAD;
    g = a.t[0].c < 0 ? -g : g; /* so that the sum begins with a positive term */
    const Mono *m = poly_common(cx, a);
    Poly sum = poly_fix(cx, poly_scale(cx, a, a.den, g, m, -1));
    if (sum.n == 1)
        return poly_fix(cx, poly_scale(cx, poly_inverse(cx, sum), a.den, g, m, -1));
    Dim d = sum.bad ? NULL : poly_dim(cx, sum);
    if (!d || !d->whole || d->depth >= DIM_DEPTH)
        return BAD;
    Poly r = poly_term(cx, 1, mono_atom(cx, atom_make(cx, ATOM_SUM, d, NULL), -1));
    return poly_fix(cx, poly_scale(cx, r, a.den, g, m, -1));
}

/* ---- sums as divisors ---- */

static Poly expand_sums(DimCx *cx, Poly a)
{
    Poly r = { NULL, 0, 1, false };
    for (int i = 0; i < a.n; i++) {
        Poly t = { &a.t[i], 1, a.den, false };
        const Mono *m = a.t[i].m;
        for (int k = 0; m->sums && k < m->n; k++) {
            if (m->f[k].atom->kind != ATOM_SUM || m->f[k].power < 0)
                continue;
            t = poly_scale(cx, t, 1, 1, mono_atom(cx, factor_atom(m->f[k]), m->f[k].power), -1);
            for (int p = 0; p < m->f[k].power; p++)
                t = mul_raw(cx, t, poly_of(m->f[k].atom->a));
        }
        r = poly_add(cx, r, t, 1);
    }
    return r;
}

/* a = q * quotient + rest, where no term of the rest is divisible by the first term of q. */
static void divide(DimCx *cx, Poly a, Poly q, Poly *quotient, Poly *rest)
{
    *quotient = *rest = (Poly){ NULL, 0, 1, false };
    for (int steps = 0; a.n && !a.bad && !quotient->bad && !rest->bad; steps++) {
        Poly lead = { a.t, 1, a.den, false };
        if (steps > DIM_TERMS) {
            *quotient = BAD;
        } else if (mono_divides(q.t[0].m, a.t[0].m)) {
            Poly t = poly_scale(cx, lead, 1, q.t[0].c, q.t[0].m, -1);
            *quotient = poly_add(cx, *quotient, t, 1);
            a = poly_add(cx, a, mul_raw(cx, t, q), -1);
        } else {
            *rest = poly_add(cx, *rest, lead, 1);
            a = reduce_den((Poly){ a.t + 1, a.n - 1, a.den, false });
        }
    }
    if (a.bad || rest->bad)
        *quotient = BAD;
}

/* The terms of *a with s ^ power are taken out of it and given without that factor. */
static Poly take_power(DimCx *cx, Poly *a, const Atom *s, int power)
{
    Poly in = { tmp_alloc(cx, (size_t)a->n * sizeof *in.t), 0, a->den, false }, out = in;
    out.t = tmp_alloc(cx, (size_t)a->n * sizeof *out.t);
    for (int i = 0; i < a->n; i++)
        if (mono_power(a->t[i].m, s) == power)
            in.t[in.n++] = a->t[i];
        else
            out.t[out.n++] = a->t[i];
    *a = out; /* dens are reduced by the next sum */
    return poly_scale(cx, in, 1, 1, mono_atom(cx, s, power), -1);
}

static Poly reduce_sum(DimCx *cx, Poly a, const Atom *s)
{
    int least = 0;
    for (int i = 0; i < a.n; i++) {
        int p = mono_power(a.t[i].m, s);
        least = p < least ? p : least;
    }
    for (; least < 0 && !a.bad; least++) {
        Poly quotient, rest, part = take_power(cx, &a, s, least);
        divide(cx, part, poly_of(s->pub.a), &quotient, &rest);
        if (quotient.bad)
            return BAD;
        a = poly_add(cx, a, poly_scale(cx, rest, 1, 1, mono_atom(cx, s, least), 1), 1);
        a = poly_add(cx, a, poly_scale(cx, quotient, 1, 1, mono_atom(cx, s, least + 1), 1), 1);
    }
    return a;
}

Poly poly_fix(DimCx *cx, Poly a)
{
    bool sums = false, above = false;
    for (int i = 0; i < a.n; i++)
        for (int k = 0; a.t[i].m->sums && k < a.t[i].m->n; k++)
            if (a.t[i].m->f[k].atom->kind == ATOM_SUM)
                sums = true, above |= a.t[i].m->f[k].power > 0;
    if (!sums || a.bad)
        return a;
    if (above)
        a = expand_sums(cx, a);
    Poly was = a;
    for (int i = 0; i < was.n; i++)
        for (int k = 0; k < was.t[i].m->n; k++) /* one that stands twice has nothing left to do the second time */
            if (was.t[i].m->f[k].atom->kind == ATOM_SUM)
                a = reduce_sum(cx, a, factor_atom(was.t[i].m->f[k]));
    return a;
}

Dim poly_dim(DimCx *cx, Poly a)
{
    a = poly_fix(cx, a);
    bool fraction = a.n == 1 && a.t[0].m->n == 0 && a.den > 1; /* 3 / 2 is nothing */
    return a.bad || fraction ? dim_poison(cx) : node_make(cx, a);
}
