/* dim_search.c - is a sum >= 0 because it is one of known inequalities?
 *
 *     goal   H * K - 1 - h * K - d            known   H - 1 - h >= 0,  K - 1 - d >= 0,  K >= 0
 *     - K * (H - 1 - h)  =  K - 1 - d
 *     - (K - 1 - d)      =  0                 yes
 *
 * A term is fine if it cannot be negative. Each step picks another one and takes it away by an inequality times a number
 * and a product of atoms that are >= 0. A term that none can take away ends the branch. Steps are limited in depth
 * and in number, and by a budget that all searches of a question share.
 */
#include "ir/dim_facts_int.h"

#include <string.h>

enum { TERMS = 24, FACTS = 128, WAYS = 12, ATOMS = 48, SHALLOW = 3, SHALLOW_STEPS = 40, DEEP = 8, DEEP_STEPS = 240, MEETINGS = 20, KEPT = 64 };

typedef struct Sum { int n; Term t[TERMS]; } Sum;

/* A term of a fact. One that can take a term of the goal away has its sign and no atom that the goal's lacks: most are told by that alone. */
typedef struct Offer { uint64_t mask; const Ineq *fact; int term; bool negative; } Offer;

/* The offers that meet a term of the goal: many goals of a search have it. */
typedef struct Met { const Mono *m; bool negative; int n; int at[MEETINGS]; } Met; /* n > MEETINGS: not all are here */

typedef struct Search {
    const Know *know;
    DimCx *cx;
    int *budget;
    int nfacts, natoms, noffers;
    const Ineq *facts[FACTS];
    Offer *offers; /* fact by fact */
    Met met[KEPT];
    struct { const Atom *a; bool nonneg; } atoms[ATOMS]; /* answers of know_nonneg */
} Search;

typedef struct Way { const Ineq *fact; int term, bad; } Way; /* the fact's term that meets the goal's */

static bool atom_nonneg(Search *s, const Atom *a)
{
    for (int i = 0; i < s->natoms; i++)
        if (s->atoms[i].a == a)
            return s->atoms[i].nonneg;
    bool yes = know_nonneg(s->know, a);
    if (s->natoms < ATOMS) {
        s->atoms[s->natoms].a = a;
        s->atoms[s->natoms++].nonneg = yes;
    }
    return yes;
}

static bool mono_nonneg(Search *s, const Mono *m)
{
    for (int i = 0; i < m->n; i++)
        if (m->f[i].power % 2 && !atom_nonneg(s, factor_atom(m->f[i])))
            return false;
    return true;
}

static bool is_fine(Search *s, Term t)
{
    return t.c == 0 || (t.c > 0 && mono_nonneg(s, t.m));
}

static int count_bad(Search *s, const Sum *p)
{
    int n = 0;
    for (int i = 0; i < p->n; i++)
        n += !is_fine(s, p->t[i]);
    return n;
}

/* Fact q, whose i-th term has the sign of t, times something >= 0 has a term that is t, but for a positive number: its i-th times
 * t.m / q->t[i].m. */
static bool meets(Search *s, Term t, const Ineq *q, int i)
{
    Term u = q->t[i];
    if (!mono_divides(u.m, t.m))
        return false;
    for (int k = 0; k < t.m->n; k++) {
        const Atom *a = factor_atom(t.m->f[k]);
        if ((t.m->f[k].power - mono_power(u.m, a)) % 2 && !atom_nonneg(s, a))
            return false;
    }
    return true;
}

static bool has_positive(Search *s, const Sum *p, const Mono *a, const Mono *b)
{
    for (int i = 0; i < p->n; i++)
        if (p->t[i].c > 0 && p->t[i].m->degree == a->degree + b->degree && p->t[i].m == mono_mul(s->cx, a, b, 1))
            return true;
    return false;
}

/* The constant of a fact meets every term: only if what comes with it is there to be taken from. */
static bool is_useful(Search *s, const Sum *p, Term t, const Ineq *q, int i)
{
    for (int j = 0; q->t[i].m->n == 0 && t.m->n && j < q->n; j++)
        if (q->t[j].c > 0 && !has_positive(s, p, q->t[j].m, t.m))
            return false;
    return true;
}

static bool meets_offer(Search *s, Term t, const Offer *o)
{
    return !(o->mask & ~t.m->mask) && o->negative == (t.c < 0) && meets(s, t, o->fact, o->term);
}

static const Met *find_meetings(Search *s, Term t)
{
    Met *k = &s->met[(t.m->hash + (t.c < 0)) % KEPT];
    if (k->m == t.m && k->negative == (t.c < 0))
        return k;
    k->m = t.m, k->negative = t.c < 0, k->n = 0;
    for (int i = 0; i < s->noffers && k->n <= MEETINGS; i++)
        if (meets_offer(s, t, &s->offers[i])) {
            if (k->n < MEETINGS)
                k->at[k->n] = i;
            k->n++;
        }
    return k;
}

/* -1: nothing will ever take t away, since each way to do so is one of these. */
static int find_ways(Search *s, const Sum *p, Term t, Way *ways)
{
    int n = 0;
    const Met *k = find_meetings(s, t);
    for (int i = 0; i < k->n && i < MEETINGS && n < WAYS; i++) {
        const Offer *o = &s->offers[k->at[i]];
        if (is_useful(s, p, t, o->fact, o->term))
            ways[n++] = (Way){ o->fact, o->term, 0 };
    }
    for (int i = k->n > MEETINGS ? k->at[MEETINGS - 1] + 1 : s->noffers; i < s->noffers && n < WAYS; i++) {
        const Offer *o = &s->offers[i];
        if (meets_offer(s, t, o) && is_useful(s, p, t, o->fact, o->term))
            ways[n++] = (Way){ o->fact, o->term, 0 };
    }
    return k->n ? n : -1;
}

static bool sum_add(Sum *p, int64_t c, const Mono *m)
{
    for (int i = 0; i < p->n; i++)
        if (p->t[i].m == m) {
            if (__builtin_add_overflow(p->t[i].c, c, &p->t[i].c))
                return false;
            if (p->t[i].c == 0)
                p->t[i] = p->t[--p->n];
            return true;
        }
    if (p->n == TERMS)
        return false;
    p->t[p->n++] = (Term){ c, m };
    return true;
}

/* to = a * p - b * m * fact with a, b > 0 such that p's term `at` goes; if that is >= 0, so is p. */
static bool take_away(Search *s, const Sum *p, Term at, Way w, Sum *to)
{
    int64_t u = w.fact->t[w.term].c, g = gcd_int(at.c, u);
    const Mono *m = mono_mul(s->cx, at.m, w.fact->t[w.term].m, -1);
    if (g <= 0 || !m)
        return false;
    int64_t a = u / g < 0 ? -(u / g) : u / g, b = at.c / g < 0 ? at.c / g : -(at.c / g);
    to->n = 0;
    for (int i = 0; i < p->n; i++) {
        to->t[to->n].m = p->t[i].m;
        if (__builtin_mul_overflow(p->t[i].c, a, &to->t[to->n++].c))
            return false;
    }
    for (int i = 0; i < w.fact->n; i++) {
        int64_t c;
        const Mono *x = mono_mul(s->cx, w.fact->t[i].m, m, 1);
        if (!x || __builtin_mul_overflow(w.fact->t[i].c, b, &c) || !sum_add(to, c, x))
            return false;
    }
    return true;
}

/* Of the terms that are not fine, one of the highest degree (taking it away gives positive ones of lower degree), and of
 * these the one with fewest ways. False: one can never be taken away. *at < 0: all are fine, or none has a way now. */
static bool pick(Search *s, const Sum *p, Way *ways, int *nways, int *at)
{
    *at = -1, *nways = 0;
    for (int i = 0; i < p->n; i++) {
        Way w[WAYS];
        if (is_fine(s, p->t[i]))
            continue;
        int n = find_ways(s, p, p->t[i], w), higher = *at < 0 ? 1 : p->t[i].m->degree - p->t[*at].m->degree;
        if (n < 0)
            return false;
        if (n == 0 || higher < 0 || (higher == 0 && n >= *nways))
            continue;
        *at = i, *nways = n;
        memcpy(ways, w, (size_t)n * sizeof *w);
    }
    return true;
}

static bool step(Search *s, const Sum *p, int depth)
{
    Way ways[WAYS];
    int n, at;
    if (!pick(s, p, ways, &n, &at) || (at < 0 && count_bad(s, p)))
        return false;
    if (at < 0)
        return true;
    Sum next;
    for (int i = 0; i < n; i++) { /* those that leave least to do come first */
        if (--*s->budget < 0)
            return false;
        ways[i].bad = take_away(s, p, p->t[at], ways[i], &next) ? count_bad(s, &next) : TERMS + 1;
        if (ways[i].bad == 0)
            return true;
        for (int j = i; j > 0 && ways[j].bad < ways[j - 1].bad; j--) {
            Way w = ways[j];
            ways[j] = ways[j - 1];
            ways[j - 1] = w;
        }
    }
    for (int i = 0; i < n && depth > 1 && *s->budget > 0; i++)
        if (ways[i].bad <= TERMS && take_away(s, p, p->t[at], ways[i], &next) && step(s, &next, depth - 1))
            return true;
    return false;
}

/* Inequalities that say no more than the sign of one atom are in know_nonneg already. */
static bool is_sign(const Ineq *q)
{
    return q->n == 1 && q->t[0].c > 0 && q->t[0].m->n == 1;
}

static void gather(Search *s)
{
    for (const Know *k = s->know; k; k = k->up)
        for (int i = 0; i < k->ineqs.n && s->nfacts < FACTS; i++)
            if (!is_sign(k->ineqs.p[i]))
                s->facts[s->nfacts++] = k->ineqs.p[i];
    int all = 0;
    for (int i = 0; i < s->nfacts; i++)
        all += s->facts[i]->n;
    s->offers = tmp_alloc(s->cx, (size_t)all * sizeof *s->offers);
    for (int i = 0; i < s->nfacts; i++)
        for (int k = 0; k < s->facts[i]->n; k++) {
            Term t = s->facts[i]->t[k];
            s->offers[s->noffers++] = (Offer){ t.m->mask, s->facts[i], k, t.c < 0 };
        }
}

bool search_ge0(const Know *k, Dim whole, bool deep, int *budget)
{
    Search s;
    Sum p;
    if (whole->poison || !whole->whole || whole->n > TERMS)
        return false;
    size_t mark = k->cx->tmp_used;
    s.know = k, s.cx = k->cx, s.nfacts = s.natoms = s.noffers = 0;
    memset(s.met, 0, sizeof s.met);
    gather(&s);
    p.n = whole->n;
    for (int i = 0; i < p.n; i++)
        p.t[i] = whole->t[i];
    int most = deep ? DEEP_STEPS : SHALLOW_STEPS, share = *budget < most ? *budget : most, left = share;
    s.budget = &left;
    bool yes = count_bad(&s, &p) == 0 || step(&s, &p, deep ? DEEP : SHALLOW);
    *budget -= share - (left < 0 ? 0 : left);
    k->cx->tmp_used = mark;
    return yes;
}
