/* dim_know.c - inequalities, numeric bounds, and the laws of atoms.
 *
 *     h - h // (H / G) * (H / G) >= 0    is kept as    G * h - H * (h // (H / G)) >= 0      (G > 0: it divides)
 *     2 * K - 3 >= 0                     is kept as    K - 2 >= 0, and K in [2, ...]
 */
#include "ir/dim_facts_int.h"

static const Range ALL = { INT64_MIN, INT64_MAX };

enum { RANGE_DEPTH = 8, FEW = 12 }; /* how deep numeric bounds look into nested terms; bounds that are looked through one by one */

static Range range_dim(const Know *k, Dim d, int depth);

/* ---- ranges ---- */

static int64_t add_lo(int64_t a, int64_t b)
{
    int64_t r;
    return a == INT64_MIN || b == INT64_MIN || __builtin_add_overflow(a, b, &r) ? INT64_MIN : r;
}

static int64_t add_hi(int64_t a, int64_t b)
{
    int64_t r;
    return a == INT64_MAX || b == INT64_MAX || __builtin_add_overflow(a, b, &r) ? INT64_MAX : r;
}

static Range range_scale(Range r, int64_t c)
{
    int64_t lo = c < 0 ? r.hi : r.lo, hi = c < 0 ? r.lo : r.hi;
    Range s = ALL;
    if (c == 0)
        return (Range){ 0, 0 };
    if (lo == INT64_MIN || lo == INT64_MAX || __builtin_mul_overflow(lo, c, &s.lo))
        s.lo = INT64_MIN;
    if (hi == INT64_MIN || hi == INT64_MAX || __builtin_mul_overflow(hi, c, &s.hi))
        s.hi = INT64_MAX;
    return s;
}

/* Both are >= 0. */
static Range range_mul(Range a, Range b)
{
    Range r;
    if (__builtin_mul_overflow(a.lo, b.lo, &r.lo))
        r.lo = a.lo > b.lo ? a.lo : b.lo; /* neither is 0 */
    if (a.hi == INT64_MAX || b.hi == INT64_MAX || __builtin_mul_overflow(a.hi, b.hi, &r.hi))
        r.hi = INT64_MAX;
    return r;
}

static Range range_meet(Range a, Range b)
{
    return (Range){ a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi };
}

static int64_t floor_int(int64_t a, int64_t b) /* b > 0 */
{
    return a / b - (a % b < 0);
}

/* Divisors that occur are not 0, so one that is >= 0 is >= 1. */
static Range range_quotient(Range a, Range b, bool exact)
{
    Range r = ALL;
    if (b.lo < 0)
        return r;
    bool number = b.lo == b.hi && b.lo > 0;
    if (a.lo >= 0)
        r = (Range){ exact && a.lo > 0 ? 1 : 0, a.hi };
    if (number && a.lo != INT64_MIN)
        r.lo = floor_int(a.lo, b.lo);
    if (number && a.hi != INT64_MAX)
        r.hi = floor_int(a.hi, b.lo);
    return r;
}

static Range range_laws(const DimAtom *a, Range x, Range y)
{
    switch (a->kind) {
    case DA_FLOORDIV: return range_quotient(x, y, false);
    case DA_EXACTDIV: return range_quotient(x, y, true);
    case DA_MOD:
        if (y.lo < 0)
            return ALL;
        return (Range){ 0, x.lo >= 0 && x.hi < y.hi ? x.hi : add_hi(y.hi, -1) };
    case DA_MIN: return (Range){ x.lo < y.lo ? x.lo : y.lo, x.hi < y.hi ? x.hi : y.hi };
    case DA_MAX: return (Range){ x.lo > y.lo ? x.lo : y.lo, x.hi > y.hi ? x.hi : y.hi };
    default: return ALL;
    }
}

static bool is_indexed(const Know *k) { return !k->scratch && k->bounds.n > FEW; }

/* -1: it has none here. */
static int bound_of(const Know *k, const DimAtom *a)
{
    if (is_indexed(k))
        return (int)(uintptr_t)map_find(&k->bound_at, a) - 1;
    int i = k->bounds.n - 1;
    while (i >= 0 && &k->bounds.p[i].a->pub != a)
        i--;
    return i;
}

static Range range_atom(const Know *k, const DimAtom *a, int depth)
{
    Range r = ALL;
    for (const Know *u = k; u; u = u->up) {
        int i = bound_of(u, a);
        if (i >= 0)
            r = range_meet(r, u->bounds.p[i].r);
    }
    if (a->kind != DA_SYM && depth > 0)
        r = range_meet(r, range_laws(a, range_dim(k, a->a, depth - 1), range_dim(k, a->b, depth - 1)));
    return r;
}

static Range range_factors(const Know *k, const DimFactor *f, int n, int depth)
{
    Range r = { 1, 1 };
    for (int i = 0; i < n; i++) {
        Range x = range_atom(k, f[i].atom, depth);
        if (x.lo < 0 && n == 1 && f->power == 1)
            return x;
        if (x.lo < 0 && f[i].power % 2)
            return ALL;
        if (x.lo < 0)
            x = (Range){ 0, INT64_MAX };
        for (int p = 0; p < f[i].power; p++)
            r = range_mul(r, x);
    }
    return r;
}

static Range range_dim(const Know *k, Dim d, int depth)
{
    Range r = { 0, 0 };
    if (d->poison)
        return ALL;
    for (int i = 0; i < d->npub; i++) {
        Range t = range_scale(range_factors(k, d->pub[i].factors, d->pub[i].nfactors, depth), d->pub[i].coef);
        r = (Range){ add_lo(r.lo, t.lo), add_hi(r.hi, t.hi) };
    }
    return r;
}

Range know_range(const Know *k, Dim d)
{
    return range_dim(k, d, RANGE_DEPTH);
}

bool know_nonneg(const Know *k, const Atom *a)
{
    return range_atom(k, &a->pub, RANGE_DEPTH).lo >= 0;
}

/* ---- bounds ---- */

static void index_bounds(Know *k, int from)
{
    k->bound_at = from ? k->bound_at : map_new(k->cx->arena);
    for (int i = from; i < k->bounds.n; i++)
        map_put(&k->bound_at, k->bounds.p[i].a, (void *)(uintptr_t)(i + 1));
}

static void bound_put(Know *k, const Atom *a, Range r)
{
    if (r.lo == INT64_MIN && r.hi == INT64_MAX)
        return;
    int i = bound_of(k, &a->pub);
    if (i >= 0) {
        k->bounds.p[i].r = range_meet(k->bounds.p[i].r, r);
        return;
    }
    vec_push(k->cx->arena, &k->bounds, ((Bound){ a, r }));
    if (is_indexed(k))
        index_bounds(k, k->bounds.n == FEW + 1 ? 0 : k->bounds.n - 1);
}

Know *know_copy(const Know *k)
{
    Know *c = NEW(k->cx->arena, Know);
    *c = (Know){ .up = k->up, .cx = k->cx, .rules = k->rules };
    for (int i = 0; i < k->ineqs.n; i++)
        vec_push(k->cx->arena, &c->ineqs, k->ineqs.p[i]);
    for (int i = 0; i < k->bounds.n; i++)
        vec_push(k->cx->arena, &c->bounds, k->bounds.p[i]);
    for (int i = 0; i < k->seen.n; i++)
        vec_push(k->cx->arena, &c->seen, k->seen.p[i]);
    if (is_indexed(c))
        index_bounds(c, 0);
    return c;
}

static Range range_term(const Know *k, Term t)
{
    return range_scale(range_factors(k, t.m->f, t.m->n, RANGE_DEPTH), t.c);
}

/* The greatest value of all terms of q but the i-th. */
static int64_t most_of_rest(const Know *k, const Ineq *q, int i)
{
    int64_t most = 0;
    for (int j = 0; j < q->n && most != INT64_MAX; j++)
        if (j != i)
            most = add_hi(most, range_term(k, q->t[j]).hi);
    return most;
}

/* A product that is not 0 has no factor that is: those that are >= 0 are >= 1. */
static void bound_factors(Know *k, const Mono *m)
{
    for (int i = 0; i < m->n; i++) {
        const Atom *x = factor_atom(m->f[i]);
        if (range_atom(k, &x->pub, RANGE_DEPTH).lo == 0)
            bound_put(k, x, (Range){ 1, INT64_MAX });
    }
}

/* a * p >= least >= 0 with p > 0, where a is the one atom that p lacks: a >= 0, or 1 if least > 0. */
static void bound_factor(Know *k, const Mono *m, int64_t least)
{
    const Atom *a = NULL;
    if (least > 0)
        bound_factors(k, m);
    for (int i = 0; i < m->n; i++) {
        const Atom *x = factor_atom(m->f[i]);
        if (range_atom(k, &x->pub, RANGE_DEPTH).lo >= 1)
            continue;
        if (a || m->f[i].power % 2 == 0)
            return;
        a = x;
    }
    if (a)
        bound_put(k, a, (Range){ least > 0, INT64_MAX });
}

/* c * a + rest >= 0 bounds a by the greatest value of the rest. */
static void bound_from(Know *k, const Ineq *q)
{
    for (int i = 0; i < q->n; i++) {
        Term t = q->t[i];
        bool alone = t.m->n == 1 && t.m->f->power == 1;
        if (t.m->n == 0 || t.c == INT64_MIN || (!alone && t.c < 0))
            continue;
        int64_t most = most_of_rest(k, q, i);
        if (most == INT64_MAX || most <= -INT64_MAX)
            continue;
        if (!alone) {
            if (most <= 0)
                bound_factor(k, t.m, -most);
        } else if (t.c > 0) {
            bound_put(k, factor_atom(*t.m->f), (Range){ -floor_int(most, t.c), INT64_MAX });
        } else {
            bound_put(k, factor_atom(*t.m->f), (Range){ INT64_MIN, floor_int(most, -t.c) });
        }
    }
}

/* ---- inequalities ---- */

Dim know_clear(const Know *k, Dim d, Dim *q)
{
    *q = dim_denominator(k->cx, d);
    if (know_range(k, *q).lo < 0)
        *q = dim_mul(k->cx, *q, *q);
    return dim_mul(k->cx, d, *q);
}

static bool ineq_known(const Know *k, const Ineq *q)
{
    for (; k; k = k->up)
        for (int i = 0; i < k->ineqs.n; i++) {
            const Ineq *o = k->ineqs.p[i];
            int same = 0;
            while (o->hash == q->hash && o->n == q->n && same < q->n && o->t[same].m == q->t[same].m && o->t[same].c == q->t[same].c)
                same++;
            if (o->hash == q->hash && same == q->n)
                return true;
        }
    return false;
}

/* Divides by the common factor of all but the constant, which is rounded down: 2 * K - 3 >= 0 is K - 2 >= 0. */
static void ineq_tighten(Ineq *q)
{
    int64_t g = 0;
    for (int i = 0; i < q->n && g >= 0; i++)
        if (q->t[i].m->n)
            g = gcd_int(g, q->t[i].c);
    for (int i = 0; i < q->n && g > 1; i++)
        q->t[i].c = floor_int(q->t[i].c, g);
    if (q->n && q->t[q->n - 1].c == 0)
        q->n--; /* the constant, the last one, may have become zero */
    q->hash = (uint32_t)q->n;
    for (int i = 0; i < q->n; i++)
        q->hash = (q->hash * 31 + q->t[i].m->hash) * 31 + (uint32_t)q->t[i].c;
}

static void divisor(Know *k, Dim q) /* q is not 0 */
{
    int64_t v;
    q = rules_apply(k->cx, k->rules, q);
    if (!dim_is_const(q, &v) && know_range(k, q).lo == 0)
        know_ge0(k, dim_sub(k->cx, q, k->cx->unit));
}

void know_divisors(Know *k, Dim d)
{
    for (int i = 0; i < d->n; i++)
        for (int j = 0; j < d->t[i].m->n; j++) {
            const Atom *a = factor_atom(d->t[i].m->f[j]);
            if (d->t[i].m->f[j].power < 0)
                divisor(k, a->pub.kind == ATOM_SUM ? a->pub.a : a->dim);
            if (a->pub.kind == DA_FLOORDIV || a->pub.kind == DA_MOD)
                divisor(k, a->pub.b);
        }
}

void know_ge0(Know *k, Dim d)
{
    Dim q;
    if (d->poison || d->nsyms == 0)
        return;
    know_atoms(k, d);
    d = know_clear(k, d, &q);
    if (d->poison || d->nsyms == 0)
        return;
    size_t size = sizeof(Ineq) + (size_t)d->n * sizeof(Term);
    Ineq *new = k->scratch ? tmp_alloc(k->cx, size) : arena_alloc(k->cx->arena, size);
    new->n = d->n;
    for (int i = 0; i < d->n; i++)
        new->t[i] = d->t[i];
    ineq_tighten(new);
    if (ineq_known(k, new))
        return;
    vec_push(k->cx->arena, &k->ineqs, new);
    bound_from(k, new);
}

/* ---- laws ---- */

static const Seen *seen_find(const Know *k, const Atom *a)
{
    for (; k; k = k->up)
        for (int i = 0; i < k->seen.n; i++)
            if (k->seen.p[i].a == a && k->seen.p[i].told)
                return &k->seen.p[i];
    return NULL;
}

static void know_eq0(Know *k, Dim d)
{
    know_ge0(k, d);
    know_ge0(k, dim_neg(k->cx, d));
}

/* p == q * (p // q) + p % q, if both occur or a rule knows p % q. */
static void law_pair(Know *k, const Atom *a)
{
    DimCx *cx = k->cx;
    Dim p = a->pub.a, q = a->pub.b;
    bool floor = a->pub.kind == DA_FLOORDIV;
    const Atom *other = atom_make(cx, floor ? DA_MOD : DA_FLOORDIV, p, q);
    Dim to = rules_apply(cx, k->rules, other->dim);
    if (to == other->dim && !seen_find(k, other))
        return;
    Dim div = floor ? a->dim : to, mod = floor ? to : a->dim;
    know_eq0(k, dim_sub(cx, dim_sub(cx, p, dim_mul(cx, q, div)), mod));
}

/* m * p for a product m > 0 and p's first term is in the sum with the other sign: by what the sum must be divided to be some e - p. NULL: it is not. */
static Dim taken_from(const Know *k, const Ineq *e, Dim p)
{
    DimCx *cx = k->cx;
    for (int i = 0; i < e->n && p->n; i++) {
        Term t = e->t[i], u = p->t[0];
        if (!mono_divides(u.m, t.m) || t.c % u.c || (t.c < 0) == (u.c < 0))
            continue;
        Dim by = poly_dim(cx, poly_term(cx, -(t.c / u.c), mono_mul(cx, t.m, u.m, -1)));
        return know_range(k, by).lo >= 1 ? by : NULL;
    }
    return NULL;
}

/* p < q * g says that p // q < g, where g is whole: a multiple of q is. */
static void law_most(Know *k, const Atom *a)
{
    DimCx *cx = k->cx;
    Dim p = a->pub.a, q = a->pub.b, by;
    for (const Know *u = k; u && p->whole; u = u->up)
        for (int i = 0, n = u->ineqs.n; i < n; i++) {
            Poly e = { (Term *)(uintptr_t)u->ineqs.p[i]->t, u->ineqs.p[i]->n, 1, false };
            if (!(by = taken_from(k, u->ineqs.p[i], p)))
                continue;
            Dim most = dim_add(cx, dim_exactdiv(cx, poly_dim(cx, poly_add(cx, e, poly_const(cx, 0), 1)), by), dim_add(cx, p, cx->unit));
            Dim g = dim_exactdiv(cx, most, q);
            if (g->whole || dim_exactdiv(cx, g, q)->whole)
                know_ge0(k, dim_sub(cx, dim_sub(cx, g, a->dim), cx->unit));
        }
}

static bool law_division(Know *k, const Atom *a)
{
    DimCx *cx = k->cx;
    Dim p = a->pub.a, q = a->pub.b, below = dim_sub(cx, q, cx->unit);
    divisor(k, q);
    if (know_range(k, q).lo < 0)
        return false;
    if (a->pub.kind == DA_FLOORDIV) {
        Dim rest = dim_sub(cx, p, dim_mul(cx, q, a->dim));
        know_ge0(k, rest);
        know_ge0(k, dim_sub(cx, below, rest));
        law_most(k, a);
    } else {
        know_ge0(k, dim_sub(cx, below, a->dim));
        if (know_range(k, p).lo >= 0)
            know_ge0(k, dim_sub(cx, p, a->dim));
    }
    law_pair(k, a);
    return true;
}

static void law_extreme(Know *k, const Atom *a)
{
    Dim args[] = { a->pub.a, a->pub.b };
    for (int i = 0; i < 2; i++)
        know_ge0(k, a->pub.kind == DA_MIN ? dim_sub(k->cx, args[i], a->dim) : dim_sub(k->cx, a->dim, args[i]));
}

static bool law(Know *k, const Atom *a)
{
    if (a->pub.kind == DA_FLOORDIV || a->pub.kind == DA_MOD)
        return law_division(k, a);
    if (a->pub.kind == DA_MIN || a->pub.kind == DA_MAX)
        law_extreme(k, a);
    return true;
}

static void know_atom(Know *k, const Atom *a)
{
    if (a->pub.kind == DA_SYM || seen_find(k, a))
        return;
    int at = 0;
    while (at < k->seen.n && k->seen.p[at].a != a)
        at++;
    bool again = at < k->seen.n; /* its law could not be told before, those of what it is made of were tried */
    if (!again)
        vec_push(k->cx->arena, &k->seen, ((Seen){ a, true }));
    k->seen.p[at].told = true;
    if (!again)
        know_atoms(k, a->pub.a);
    if (!again && a->pub.b)
        know_atoms(k, a->pub.b);
    if (!law(k, a))
        k->seen.p[at].told = false;
}

void know_atoms(Know *k, Dim d)
{
    for (int i = 0; i < d->n; i++)
        for (int j = 0; j < d->t[i].m->n; j++)
            know_atom(k, factor_atom(d->t[i].m->f[j]));
    know_divisors(k, d);
}

void know_again(Know *k)
{
    for (int i = 0; i < k->ineqs.n; i++)
        bound_from(k, k->ineqs.p[i]);
    for (int i = 0; i < k->seen.n; i++)
        if (!k->seen.p[i].told) {
            k->seen.p[i].told = true;
            k->seen.p[i].told = law(k, k->seen.p[i].a);
        }
}
