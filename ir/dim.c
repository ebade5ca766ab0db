/* dim.c - the operations on Dims.
 *
 *     p // q   (a * q + r) // q = a + r // q, the common factors of r and q are cancelled, (x // 2) // 3 = x // 6
 *     p % q    (a * q + r) % q = r % q, common factors stand in front
 *     min max  nested ones are one set of arguments, in order, without those that a constant tells apart
 *
 * What overflows 64 bits, divides by zero or grows beyond the limits of dim_int.h is poison.
 */
#include "ir/dim_int.h"

Dim dim_const(DimCx *cx, int64_t v)
{
    size_t mark = cx->tmp_used;
    Dim d = node_make(cx, poly_const(cx, v));
    cx->tmp_used = mark;
    return d;
}

Dim dim_sym(DimCx *cx, DimSym *s)
{
    return cx->syms.p[s->id - 1]->dim;
}

static Dim finish(DimCx *cx, Poly p, size_t mark)
{
    Dim d = poly_dim(cx, p);
    cx->tmp_used = mark;
    return d;
}

Dim dim_add(DimCx *cx, Dim a, Dim b)
{
    size_t mark = cx->tmp_used;
    return finish(cx, poly_add(cx, poly_of(a), poly_of(b), 1), mark);
}

Dim dim_sub(DimCx *cx, Dim a, Dim b)
{
    size_t mark = cx->tmp_used;
    return finish(cx, poly_add(cx, poly_of(a), poly_of(b), -1), mark);
}

Dim dim_neg(DimCx *cx, Dim a)
{
    return dim_sub(cx, cx->zero, a);
}

Dim dim_mul(DimCx *cx, Dim a, Dim b)
{
    size_t mark = cx->tmp_used;
    return finish(cx, poly_mul(cx, poly_of(a), poly_of(b)), mark);
}

Dim dim_exactdiv(DimCx *cx, Dim a, Dim b)
{
    size_t mark = cx->tmp_used;
    return finish(cx, poly_mul(cx, poly_of(a), poly_inverse(cx, poly_of(b))), mark);
}

/* ---- floor division ---- */

/* p / q = *whole + *rest / *q: the terms that q divides go to *whole; the common factors of the rest and q to *factor. */
typedef struct Split { Poly whole, rest, q, factor; } Split;

static Poly whole_part(DimCx *cx, Poly ratio)
{
    Poly r = { tmp_alloc(cx, (size_t)ratio.n * sizeof *r.t), 0, 1, ratio.bad };
    for (int i = 0; i < ratio.n; i++) {
        Term t = ratio.t[i];
        int64_t k = t.c / ratio.den;
        if (t.m->n == 0 && k * ratio.den > t.c)
            k--; /* numbers round down, so what is left of them is below q; terms to zero, which reads better */
        if (!t.m->below && k)
            r.t[r.n++] = (Term){ k, t.m };
    }
    return r;
}

static bool is_whole(Poly p)
{
    bool whole = p.den == 1;
    for (int i = 0; i < p.n; i++)
        whole &= !p.t[i].m->below;
    return whole;
}

/* The greatest number and monomial that divide all terms of the rest and of q. Quotients are left as they are: the
 * rest of h // (H / G) is h, not G * h. */
static Poly common_factor(DimCx *cx, Poly rest, Poly q)
{
    if (rest.bad || q.bad || !rest.n || !is_whole(rest) || !is_whole(q))
        return poly_const(cx, 1);
    Poly both = { tmp_alloc(cx, (size_t)(rest.n + q.n) * sizeof *both.t), 0, 1, false };
    int64_t g = 0;
    for (int i = 0; i < rest.n + q.n && g >= 0; i++) {
        both.t[both.n++] = i < rest.n ? rest.t[i] : q.t[i - rest.n];
        g = gcd_int(g, both.t[i].c);
    }
    return g < 0 ? poly_const(cx, 1) : poly_term(cx, g, poly_common(cx, both));
}

static Split split(DimCx *cx, Poly p, Poly q)
{
    Split s = { .whole = whole_part(cx, poly_mul(cx, p, poly_inverse(cx, q))) };
    s.rest = poly_add(cx, p, poly_mul(cx, s.whole, q), -1);
    s.factor = common_factor(cx, s.rest, q);
    if (!q.bad && q.n && q.t[0].c < 0)
        s.factor = poly_scale(cx, s.factor, -1, 1, cx->one, 1);
    Poly inverse = poly_inverse(cx, s.factor);
    s.q = poly_mul(cx, q, inverse);
    s.rest = poly_mul(cx, s.rest, inverse);
    return s;
}

static bool is_number(Poly p)
{
    return p.n == 0 || (p.n == 1 && p.t[0].m->n == 0);
}

static Dim div_atom(DimCx *cx, DimAtomKind kind, Dim a, Dim b)
{
    if (a->poison || b->poison || a->depth >= DIM_DEPTH || b->depth >= DIM_DEPTH)
        return dim_poison(cx);
    return atom_make(cx, kind, a, b)->dim;
}

/* (n + u // v) // k = (n * v + u) // (v * k) for a number k > 0: the one atom u // v of the rest, or NULL. */
static const Atom *inner_floor(Poly rest, Poly q)
{
    const Atom *found = NULL;
    if (!is_number(q) || q.den != 1 || q.n == 0 || q.t[0].c <= 0 || !is_whole(rest))
        return NULL;
    for (int i = 0; i < rest.n; i++) {
        const Mono *m = rest.t[i].m;
        if (m->n != 1 || m->f->power != 1 || m->f->atom->kind != DA_FLOORDIV)
            continue;
        if (found || rest.t[i].c != 1)
            return NULL;
        found = factor_atom(*m->f);
    }
    return found;
}

static Dim floor_rest(DimCx *cx, Poly rest, Poly q)
{
    const Atom *in = inner_floor(rest, q);
    Dim p = poly_dim(cx, rest), d = poly_dim(cx, q);
    if (!in)
        return div_atom(cx, DA_FLOORDIV, p, d);
    Dim n = dim_sub(cx, p, in->dim);
    return dim_floordiv(cx, dim_add(cx, dim_mul(cx, n, in->pub.b), in->pub.a), dim_mul(cx, in->pub.b, d));
}

Dim dim_floordiv(DimCx *cx, Dim a, Dim b)
{
    int64_t v;
    if (dim_is_const(b, &v) && (v == 1 || v == -1))
        return v == 1 ? a : dim_neg(cx, a);
    size_t mark = cx->tmp_used;
    Split s = split(cx, poly_of(a), poly_of(b));
    Dim d;
    if (s.whole.bad || s.rest.bad || s.q.bad)
        d = dim_poison(cx);
    else if (is_number(s.rest) && is_number(s.q)) /* 0 <= rest / q < 1 */
        d = poly_dim(cx, s.whole);
    else if (s.rest.n == 0)
        d = poly_dim(cx, s.whole);
    else
        d = dim_add(cx, poly_dim(cx, s.whole), floor_rest(cx, s.rest, s.q));
    cx->tmp_used = mark;
    return d;
}

Dim dim_mod(DimCx *cx, Dim a, Dim b)
{
    int64_t v;
    if (dim_is_const(b, &v) && (v == 1 || v == -1))
        return a->poison ? a : cx->zero;
    size_t mark = cx->tmp_used;
    Split s = split(cx, poly_of(a), poly_of(b));
    Dim d;
    if (s.whole.bad || s.rest.bad || s.q.bad)
        d = dim_poison(cx);
    else if (s.rest.n == 0)
        d = cx->zero;
    else if (is_number(s.rest) && is_number(s.q))
        d = poly_dim(cx, poly_mul(cx, s.rest, s.factor));
    else
        d = dim_mul(cx, poly_dim(cx, s.factor),
                    div_atom(cx, DA_MOD, poly_dim(cx, s.rest), poly_dim(cx, s.q)));
    cx->tmp_used = mark;
    return d;
}

/* ---- min, max ---- */

typedef struct Args { Dim *p; int n, cap; } Args;

/* a - b is the number *v. */
static bool differ_by(Dim a, Dim b, int64_t *v)
{
    int i = 0, j = 0;
    int64_t c = 0, d = 0;
    while (i < a->n || j < b->n) {
        if (i < a->n && a->t[i].m->n == 0)
            c = a->t[i++].c;
        else if (j < b->n && b->t[j].m->n == 0)
            d = b->t[j++].c;
        else if (i == a->n || j == b->n || a->t[i].m != b->t[j].m || a->t[i++].c != b->t[j++].c)
            return false;
    }
    if (a->den != b->den || __builtin_sub_overflow(c, d, v) || *v % a->den)
        return false;
    *v /= a->den;
    return true;
}

/* What d is the least or greatest of: no two of these differ by a number; of those that were there before, the first `n`, one may. */
static void collect(DimCx *cx, Args *args, int n, DimAtomKind kind, Dim d)
{
    const Atom *a;
    while ((a = dim_atom(d)) && a->pub.kind == kind) {
        collect(cx, args, n, kind, a->pub.a);
        d = a->pub.b;
    }
    int64_t v;
    for (int i = 0; i < n; i++)
        if (differ_by(d, args->p[i], &v)) {
            if (kind == DA_MIN ? v < 0 : v > 0)
                args->p[i] = d;
            return;
        }
    vec_push(cx->arena, args, d);
}

static Dim extreme(DimCx *cx, DimAtomKind kind, Dim a, Dim b)
{
    Args args = { 0 };
    if (a->poison || b->poison)
        return dim_poison(cx);
    if (a == b)
        return a;
    collect(cx, &args, 0, kind, a);
    collect(cx, &args, args.n, kind, b);
    for (int i = 1; i < args.n; i++)
        for (int j = i; j > 0 && dim_cmp(args.p[j - 1], args.p[j]) > 0; j--) {
            Dim t = args.p[j];
            args.p[j] = args.p[j - 1];
            args.p[j - 1] = t;
        }
    Dim d = args.p[args.n - 1];
    for (int i = args.n - 2; i >= 0; i--)
        d = div_atom(cx, kind, args.p[i], d);
    return d;
}

Dim dim_min(DimCx *cx, Dim a, Dim b)
{
    return extreme(cx, DA_MIN, a, b);
}

Dim dim_max(DimCx *cx, Dim a, Dim b)
{
    return extreme(cx, DA_MAX, a, b);
}
