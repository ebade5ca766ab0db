/* dim_map.c - what is computed by walking a Dim: rewriting, solving, evaluating. */
#include "ir/dim_int.h"

/* ---- rewriting ---- */

/* done: atoms that hold others, whose parts several terms share; a walk over all paths would take powers of two. */
typedef struct Mapping { DimCx *cx; Dim (*f)(void *user, const Atom *a); void *user; Map done; bool any; } Mapping;

enum { SHARED_DEPTH = 4 }; /* less deep ones are walked again: that takes less than to remember */

static Dim map_dim(Mapping *m, Dim d);

static Dim map_parts(Mapping *m, const Atom *a)
{
    DimCx *cx = m->cx;
    Dim to = a->pub.kind == ATOM_SUM ? NULL : m->f(m->user, a);
    if (to || a->pub.kind == DA_SYM)
        return to ? to : a->dim;
    Dim p = map_dim(m, a->pub.a), q = a->pub.b ? map_dim(m, a->pub.b) : NULL;
    if (p == a->pub.a && q == a->pub.b)
        return a->dim; /* NULL for a sum: unchanged */
    switch ((int)a->pub.kind) {
    case DA_FLOORDIV: return dim_floordiv(cx, p, q);
    case DA_MOD: return dim_mod(cx, p, q);
    case DA_EXACTDIV: return dim_exactdiv(cx, p, q);
    case DA_MIN: return dim_min(cx, p, q);
    case DA_MAX: return dim_max(cx, p, q);
    default: return p; /* a sum */
    }
}

static Dim map_atom(Mapping *m, const Atom *a)
{
    if (a->depth < SHARED_DEPTH || a->pub.kind == ATOM_SUM)
        return map_parts(m, a);
    Dim to = m->any ? map_find(&m->done, a) : NULL;
    if (to)
        return to;
    to = map_parts(m, a);
    if (!m->any)
        m->done = map_new(m->cx->arena);
    m->any = true;
    map_put(&m->done, a, (void *)(uintptr_t)to);
    return to;
}

static Poly map_term(Mapping *m, Term t, int64_t den)
{
    DimCx *cx = m->cx;
    const Mono *same = cx->one;
    Poly r = poly_const(cx, 1);
    for (int k = 0; k < t.m->n; k++) {
        const Atom *a = factor_atom(t.m->f[k]);
        Dim to = map_atom(m, a);
        if (to == a->dim)
            same = mono_mul(cx, same, mono_atom(cx, a, t.m->f[k].power), 1);
        else
            r = poly_mul(cx, r, poly_pow(cx, poly_of(to), t.m->f[k].power));
        if (!same)
            break;
    }
    return poly_scale(cx, r, t.c, den, same, 1);
}

static Dim map_dim(Mapping *m, Dim d)
{
    if (d->poison)
        return d;
    size_t mark = m->cx->tmp_used;
    Poly r = { NULL, 0, 1, false };
    for (int i = 0; i < d->n; i++)
        r = poly_add(m->cx, r, map_term(m, d->t[i], d->den), 1);
    Dim out = poly_dim(m->cx, r);
    m->cx->tmp_used = mark;
    return out;
}

Dim dim_map(DimCx *cx, Dim d, Dim (*f)(void *user, const Atom *a), void *user)
{
    Mapping m = { .cx = cx, .f = f, .user = user };
    return d->nsyms ? map_dim(&m, d) : d;
}

typedef struct Subst { DimSubst f; void *user; } Subst;

static Dim subst_atom(void *user, const Atom *a)
{
    Subst *s = user;
    return a->pub.kind == DA_SYM ? s->f(s->user, a->pub.sym) : NULL;
}

Dim dim_subst(DimCx *cx, Dim d, DimSubst f, void *user)
{
    Subst s = { f, user };
    return dim_map(cx, d, subst_atom, &s);
}

/* ---- solving ---- */

static bool atom_mentions(const Atom *a, const DimSym *s)
{
    for (int i = 0; i < a->nsyms; i++)
        if (a->syms[i] == s)
            return true;
    return false;
}

/* s stands in no other atom of d; *least is its lowest power, *most its highest. */
static bool only_powers(Dim d, const Atom *s, int *least, int *most)
{
    *least = DIM_POWER, *most = -DIM_POWER;
    for (int i = 0; i < d->n; i++) {
        int p = mono_power(d->t[i].m, s);
        *least = p < *least ? p : *least;
        *most = p > *most ? p : *most;
        for (int k = 0; k < d->t[i].m->n; k++)
            if (factor_atom(d->t[i].m->f[k]) != s && atom_mentions(factor_atom(d->t[i].m->f[k]), s->pub.sym))
                return false;
    }
    return true;
}

Dim dim_of_atom(const DimAtom *a) { return ((const Atom *)a)->dim; }

Dim dim_denominator(DimCx *cx, Dim d)
{
    int n;
    const DimTerm *t;
    n = dim_terms(d, &t);
    for (int i = 0; i < n; i++)
        if (t[i].nfactors == 1 && t[i].factors->atom->kind == DA_EXACTDIV) {
            Dim q = t[i].factors->atom->b, r = q;
            for (int p = 1; p < t[i].factors->power; p++)
                r = dim_mul(cx, r, q);
            return r;
        }
    return cx->unit;
}

bool dim_solve(DimCx *cx, Dim lhs, Dim rhs, DimSym *s, Dim *out, Dim *divisor)
{
    const Atom *a = cx->syms.p[s->id - 1];
    int least, most;
    Dim e = dim_sub(cx, lhs, rhs);
    if (e->poison || !dim_mentions(e, s))
        return false;
    e = dim_mul(cx, e, dim_denominator(cx, e)); /* D / H == K is D == H * K */
    if (e->poison || !only_powers(e, a, &least, &most) || least < 0 || most != 1)
        return false;
    size_t mark = cx->tmp_used;
    Poly with = { tmp_alloc(cx, (size_t)e->n * sizeof(Term)), 0, e->den, false }, rest = with;
    rest.t = tmp_alloc(cx, (size_t)e->n * sizeof(Term));
    for (int i = 0; i < e->n; i++)
        if (mono_power(e->t[i].m, a))
            with.t[with.n++] = e->t[i];
        else
            rest.t[rest.n++] = e->t[i];
    Poly factor = poly_scale(cx, with, 1, 1, mono_atom(cx, a, 1), -1);
    *out = poly_dim(cx, poly_mul(cx, poly_scale(cx, rest, -1, 1, cx->one, 1), poly_inverse(cx, factor)));
    bool any = rest.n == 0 && factor.t[0].m->n; /* s * x == 0 says nothing where x is 0 */
    *divisor = any ? poly_dim(cx, factor) : (*out)->whole ? NULL : dim_denominator(cx, *out);
    cx->tmp_used = mark;
    return !(*out)->poison;
}

/* ---- evaluating ---- */

typedef struct Values { bool (*value)(void *user, DimSym *s, int64_t *v); void *user; } Values;

static bool eval_dim(const Values *vs, Dim d, int64_t *out);

bool dim_pair(DimAtomKind kind, int64_t a, int64_t b, int64_t *out)
{
    if (kind == DA_MIN || kind == DA_MAX) {
        *out = (a < b) == (kind == DA_MIN) ? a : b;
        return true;
    }
    if (b == 0 || (a == INT64_MIN && b == -1))
        return false;
    int64_t r = a % b, q = a / b;
    bool down = r != 0 && (r < 0) != (b < 0);
    if (kind == DA_EXACTDIV && r)
        return false;
    *out = kind == DA_MOD ? r + (down ? b : 0) : q - down;
    return true;
}

static bool eval_atom(const Values *vs, const DimAtom *a, int64_t *out)
{
    int64_t x, y;
    if (a->kind == DA_SYM)
        return vs->value(vs->user, a->sym, out);
    return eval_dim(vs, a->a, &x) && eval_dim(vs, a->b, &y) && dim_pair(a->kind, x, y, out);
}

static bool eval_term(const Values *vs, const DimTerm *t, int64_t *out)
{
    *out = t->coef;
    for (int k = 0; k < t->nfactors; k++) {
        int64_t v;
        if (!eval_atom(vs, t->factors[k].atom, &v))
            return false;
        for (int p = 0; p < t->factors[k].power; p++)
            if (__builtin_mul_overflow(*out, v, out))
                return false;
    }
    return true;
}

static bool eval_dim(const Values *vs, Dim d, int64_t *out)
{
    *out = 0;
    for (int i = 0; i < d->npub; i++) {
        int64_t v;
        if (!eval_term(vs, &d->pub[i], &v) || __builtin_add_overflow(*out, v, out))
            return false;
    }
    return true;
}

bool dim_eval(Dim d, bool (*value)(void *user, DimSym *s, int64_t *v), void *user, int64_t *out)
{
    Values vs = { value, user };
    return eval_dim(&vs, d, out);
}
