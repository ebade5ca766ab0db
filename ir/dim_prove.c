/* dim_prove.c - goals d >= 0: what changes a goal into easier ones.
 *
 *     numbers       the range of d that follows from numeric bounds
 *     search        sums of known inequalities (dim_search.c)
 *     a * e         e, if the atom a is >= 0
 *     p // q <= r   is  p < q * (r + 1),   r <= p // q  is  q * r <= p        for q > 0: nothing is lost
 *     p % q         is  p - q * (p // q)
 *     min, max      two cases, each with what it tells
 *     quotients     d = n / q with q > 0 is whole, so it is >= 0 if n > -q
 */
#include "ir/dim_facts_int.h"

enum { BUDGET = 600, LEVELS = 4, PRESIZE = 32 };

typedef struct Proof {
    DimCx *cx;
    bool deep; /* with long searches: only after the whole tree of goals was tried with short ones */
    int budget, nsplit;
    const Atom *split[LEVELS + 1]; /* extremes whose cases this goal is in */
} Proof;

static bool prove(Proof *pr, const Know *k, Dim d, int level);

static Know know_child(const Know *up)
{
    Know k = { .up = up, .cx = up->cx, .rules = up->rules, .scratch = true };
    k.ineqs.p = tmp_alloc(k.cx, PRESIZE * sizeof *k.ineqs.p);
    k.bounds.p = tmp_alloc(k.cx, PRESIZE * sizeof *k.bounds.p);
    k.seen.p = tmp_alloc(k.cx, PRESIZE * sizeof *k.seen.p);
    k.ineqs.cap = k.bounds.cap = k.seen.cap = PRESIZE;
    return k;
}

/* ---- quotients ---- */

static bool search(Proof *pr, const Know *k, Dim d)
{
    Dim q;
    if (d->whole)
        return search_ge0(k, d, pr->deep, &pr->budget);
    Dim n = know_clear(k, d, &q);
    return search_ge0(k, dim_sub(pr->cx, dim_add(pr->cx, n, q), pr->cx->unit), pr->deep, &pr->budget);
}

/* ---- products ---- */

/* a * e >= 0 if a >= 0 and e >= 0; e is whole like d, since d has no denominators. */
static bool prove_factor(Proof *pr, const Know *k, Dim d, int level)
{
    DimCx *cx = pr->cx;
    const Mono *all = d->whole ? poly_common(cx, poly_of(d)) : cx->one;
    for (int i = 0; i < all->n && pr->budget > 0; i++) {
        const Mono *m = mono_atom(cx, factor_atom(all->f[i]), all->f[i].power);
        if (know_nonneg(k, factor_atom(all->f[i]))
            && prove(pr, k, poly_dim(cx, poly_scale(cx, poly_of(d), 1, 1, m, -1)), level - 1))
            return true;
    }
    return false;
}

/* ---- floors ---- */

int64_t dim_common_factor(Dim d, int64_t *c)
{
    int64_t g = 0;
    *c = 0;
    for (int i = 0; i < d->n && g >= 0; i++)
        if (d->t[i].m->n)
            g = gcd_int(g, d->t[i].c);
        else
            *c = d->t[i].c;
    return g;
}

/* g * e + c >= 0 is e + c // g >= 0. */
static Dim tighten(DimCx *cx, Dim d)
{
    int64_t c, g = dim_common_factor(d, &c);
    if (g <= 1 || !d->whole)
        return d;
    Dim n = dim_const(cx, g), less = dim_sub(cx, d, dim_const(cx, c));
    return dim_add(cx, dim_exactdiv(cx, less, n), dim_floordiv(cx, dim_const(cx, c), n));
}

/* If term i of d is p // q or -(p // q), the goal without that term; else NULL. */
static Dim without_floor(DimCx *cx, Dim d, int i, Dim *positive)
{
    Term t = d->t[i];
    if (t.m->n != 1 || t.m->f->power != 1 || t.m->f->atom->kind != DA_FLOORDIV || (t.c != d->den && t.c != -d->den))
        return NULL;
    const Atom *v = factor_atom(*t.m->f);
    Dim p = v->pub.a, q = v->pub.b, r = t.c > 0 ? dim_sub(cx, d, v->dim) : dim_add(cx, d, v->dim);
    *positive = q;
    if (t.c > 0) /* p // q >= -r */
        return dim_add(cx, p, dim_mul(cx, q, r));
    r = dim_add(cx, r, cx->unit); /* p // q < r */
    return dim_sub(cx, dim_sub(cx, dim_mul(cx, q, r), p), cx->unit);
}

static bool prove_floors(Proof *pr, const Know *k, Dim d, int level)
{
    Dim q;
    d = tighten(pr->cx, d);
    for (int i = 0; i < d->n && pr->budget > 0; i++) {
        Dim goal = without_floor(pr->cx, d, i, &q);
        if (goal && !goal->poison && (know_range(k, q).lo >= 0 || search(pr, k, q)) && prove(pr, k, goal, level - 1))
            return true;
    }
    return false;
}

/* ---- p % q, min, max ---- */

static const Atom *find_atom(Dim d, DimAtomKind least, DimAtomKind most)
{
    for (int i = 0; i < d->n; i++)
        for (int j = 0; j < d->t[i].m->n; j++) {
            const Atom *a = factor_atom(d->t[i].m->f[j]);
            if (a->pub.kind >= least && a->pub.kind <= most)
                return a;
            const Atom *in = a->pub.a ? find_atom(a->pub.a, least, most) : NULL;
            in = !in && a->pub.b ? find_atom(a->pub.b, least, most) : in;
            if (in)
                return in;
        }
    return NULL;
}

typedef struct Swap { const Atom *from; Dim to; } Swap;

static Dim swap_atom(void *user, const Atom *a)
{
    const Swap *s = user;
    return a == s->from ? s->to : NULL;
}

static Dim replace(DimCx *cx, Dim d, const Atom *from, Dim to)
{
    Swap s = { from, to };
    return dim_map(cx, d, swap_atom, &s);
}

static bool prove_mod(Proof *pr, const Know *k, Dim d, int level)
{
    const Atom *m = find_atom(d, DA_MOD, DA_MOD);
    if (!m || pr->budget <= 0)
        return false;
    DimCx *cx = pr->cx;
    Dim p = m->pub.a, q = m->pub.b, div = dim_floordiv(cx, p, q);
    return prove(pr, k, replace(cx, d, m, dim_sub(cx, p, dim_mul(cx, q, div))), level - 1);
}

static bool is_split(const Proof *pr, const Atom *m)
{
    for (int i = 0; i < pr->nsplit; i++)
        if (pr->split[i] == m)
            return true;
    return false;
}

/* A min or max in the goal, or else one that the facts mention. */
static const Atom *find_extreme(const Proof *pr, const Know *k, Dim d)
{
    const Atom *m = find_atom(d, DA_MIN, DA_MAX);
    for (; k && !m; k = k->up)
        for (int i = 0; i < k->seen.n && !m; i++) {
            const Atom *a = k->seen.p[i].a;
            if ((a->pub.kind == DA_MIN || a->pub.kind == DA_MAX) && !is_split(pr, a))
                m = a;
        }
    return m;
}

/* d >= 0 where the extreme m of x and y is x. */
static bool prove_case(Proof *pr, const Know *k, Dim d, const Atom *m, Dim x, Dim y, int level)
{
    DimCx *cx = pr->cx;
    Know with = know_child(k);
    know_ge0(&with, m->pub.kind == DA_MIN ? dim_sub(cx, y, x) : dim_sub(cx, x, y));
    know_ge0(&with, dim_sub(cx, x, m->dim));
    know_ge0(&with, dim_sub(cx, m->dim, x));
    pr->split[pr->nsplit++] = m;
    bool yes = prove(pr, &with, replace(cx, d, m, x), level - 1);
    pr->nsplit--;
    return yes;
}

static bool prove_cases(Proof *pr, const Know *k, Dim d, int level)
{
    const Atom *m = pr->budget > 0 ? find_extreme(pr, k, d) : NULL;
    if (!m)
        return false;
    Dim x = m->pub.a, y = m->pub.b;
    return prove_case(pr, k, d, m, x, y, level) && prove_case(pr, k, d, m, y, x, level);
}

/* ---- goals ---- */

static bool prove_open(Proof *pr, const Know *k, Dim d, int level)
{
    Know with = know_child(k);
    know_atoms(&with, d);
    if (know_range(&with, d).lo >= 0 || search(pr, &with, d))
        return true;
    if (level == 0)
        return false;
    return prove_factor(pr, &with, d, level) || prove_floors(pr, &with, d, level) || prove_mod(pr, &with, d, level)
           || prove_cases(pr, &with, d, level);
}

static bool prove(Proof *pr, const Know *k, Dim d, int level)
{
    int64_t v;
    size_t mark = pr->cx->tmp_used;
    d = rules_apply(pr->cx, k->rules, d);
    if (d->poison || d->depth >= DIM_DEPTH / 2)
        return false;
    if (dim_is_const(d, &v))
        return v >= 0;
    bool yes = prove_open(pr, k, d, level);
    pr->cx->tmp_used = mark; /* what was known for this goal alone */
    return yes;
}

bool prove_ge0(const Know *k, Dim d)
{
    Proof pr = { .cx = k->cx, .budget = BUDGET };
    if (prove(&pr, k, d, LEVELS))
        return true;
    pr.deep = true, pr.budget = BUDGET;
    return prove(&pr, k, d, LEVELS);
}
