/* dim_facts.c - scopes of facts: what was said, and the rules that equations give.
 *
 *     D == H * K    gives the rule    D := H * K
 *     2 * R == N    gives the rule    N := 2 * R
 *     H * K == G * M   gives no rule, but two inequalities
 *     T % 4 == 0    gives the rule    T % 4 := 0,   and for proofs    T := 4 * v    with a symbol v of its own
 *
 * A scope is worked out when a question is asked, and again after something was added to it or to an outer one. One
 * without equations of its own only adds to what its outer scope knows.
 *
 * The same is said again and again: by each pass over a function, each call of a function that is checked for the same
 * sizes. So what follows hangs on what was said, not on who said it (`Heard`): scopes that were told the same share it,
 * answers included.
 */
#include "ir/dim_facts_int.h"

/* All that was said up to some point, in this scope and its outer ones: a tree whose edges are single sayings. */
typedef struct Heard {
    struct Heard *up;       /* without what was said last */
    Said last;              /* nothing (ge0 is NULL) where a scope begins */
    Map le, eq;             /* Dim -> Heard: with that said, too */
    struct Heard *inner;    /* a scope in this one, where nothing was said yet */
    bool worked_out;
    int rank;               /* the greatest of what was said in this scope */
    Rules rules, proof_rules; /* what facts_normal applies; with symbols for quotients */
    Know *know;
    Map ge0;                /* Dim -> &yes or &no: answers */
    const Points *points;   /* NULL: not asked for yet */
} Heard;

struct Facts {
    DimCx *cx;
    Facts *outer;
    VEC(Said) said;
    int eqs;
    uint64_t built; /* what was said in all scopes when heard was found; 0: never */
    Heard *heard, *above; /* above: the outer scope's then */
    int nheard;           /* of said */
};

typedef VEC(Rule) RuleList;

enum { RULE_ROUNDS = 16, FEW_POINTS = 4 };

Facts *facts_new(DimCx *cx, Facts *outer)
{
    Facts *f = NEW(cx->arena, Facts);
    f->cx = cx;
    f->outer = outer;
    return f;
}

void facts_eq(Facts *f, Dim a, Dim b)
{
    Dim d = dim_sub(f->cx, a, b);
    if (d->poison)
        return;
    vec_push(f->cx->arena, &f->said, ((Said){ d, true }));
    f->eqs++;
}

void facts_le(Facts *f, Dim a, Dim b)
{
    Dim d = dim_sub(f->cx, b, a);
    if (!d->poison)
        vec_push(f->cx->arena, &f->said, ((Said){ d, false }));
}

void facts_range(Facts *f, DimSym *s, Dim lo, Dim hi)
{
    Dim i = dim_sym(f->cx, s), last = dim_sub(f->cx, hi, f->cx->unit);
    facts_le(f, lo, i);
    facts_le(f, i, last);
    facts_le(f, lo, last);
}

/* ---- rules ---- */

static Dim rule_for(void *user, const Atom *a)
{
    const Rules *r = user;
    for (int i = 0; i < r->n; i++)
        if (r->p[i].from == a)
            return r->p[i].to;
    return NULL;
}

/* Rules are triangular (no later one has the atom of an earlier one in it), so few rounds are enough. */
Dim rules_apply(DimCx *cx, Rules r, Dim d)
{
    for (int i = 0; r.n && i < RULE_ROUNDS; i++) {
        Dim next = dim_map(cx, d, rule_for, &r);
        if (next == d || next->poison)
            break;
        d = next;
    }
    return d;
}

bool dim_has_atom(Dim d, const Atom *a)
{
    for (int i = 0; i < d->n; i++)
        for (int k = 0; k < d->t[i].m->n; k++) {
            const Atom *x = factor_atom(d->t[i].m->f[k]);
            if (x == a || (x->pub.a && dim_has_atom(x->pub.a, a)) || (x->pub.b && dim_has_atom(x->pub.b, a)))
                return true;
        }
    return false;
}

/* How good term i of d is for being the left side of a rule; 0: it cannot be. Numbers of symbols break ties. */
static int rule_merit(Dim d, int i)
{
    const Mono *m = d->t[i].m;
    if (m->n != 1 || m->f->power != 1)
        return 0;
    const Atom *a = factor_atom(*m->f);
    for (int j = 0; j < d->n; j++)
        for (int k = 0; k < d->t[j].m->n; k++) {
            const Atom *x = factor_atom(d->t[j].m->f[k]);
            bool inside = (x->pub.a && dim_has_atom(x->pub.a, a)) || (x->pub.b && dim_has_atom(x->pub.b, a));
            if (inside || (x == a && j != i))
                return 0;
        }
    return 1 + (a->pub.kind == DA_SYM) + 2 * (d->t[i].c == 1 || d->t[i].c == -1);
}

/* The rule of d == 0, where d has no denominators. */
static bool rule_of(DimCx *cx, Dim d, Rule *out)
{
    int best = -1, merit = 0;
    for (int i = 0; i < d->n; i++) {
        int m = rule_merit(d, i);
        if (m >= merit && m > 0) /* the later one: sums are sorted by number */
            merit = m, best = i;
    }
    if (best < 0)
        return false;
    const Atom *a = factor_atom(*d->t[best].m->f);
    Dim c = dim_const(cx, d->t[best].c), rest = dim_sub(cx, dim_mul(cx, c, a->dim), d);
    *out = (Rule){ a, dim_exactdiv(cx, rest, c) };
    return !out->to->poison;
}

/* The symbol that stands for p // q where p % q is known, one for each p and q. */
static Dim quotient_sym(DimCx *cx, const Atom *mod)
{
    DimSym *s = map_find(&cx->quotients, mod);
    if (!s) {
        s = dim_sym_new(cx, NULL, (Span){ 0, 0, 0 });
        map_put(&cx->quotients, mod, s);
    }
    return dim_sym(cx, s);
}

/* p % q := c gives p == q * v + c, solved for a symbol s of p alone. Its factor in p divides q, so it is not 0. */
static bool quotient_rule(DimCx *cx, Rule mod, Rule *out)
{
    Dim p = mod.from->pub.a, q = mod.from->pub.b, divisor, to;
    if (mod.from->pub.kind != DA_MOD)
        return false;
    Dim sum = dim_add(cx, dim_mul(cx, q, quotient_sym(cx, mod.from)), mod.to);
    for (int i = p->nsyms - 1; i >= 0; i--) {
        DimSym *s = p->syms[i];
        if (dim_mentions(q, s) || dim_mentions(mod.to, s) || !dim_solve(cx, p, sum, s, &to, &divisor) || divisor)
            continue;
        *out = (Rule){ cx->syms.p[s->id - 1], to };
        return true;
    }
    return false;
}

/* Rules of this scope's equations after those of the outer ones; what gives no rule becomes inequalities. */
static Rules build_rules(Facts *f, Rules outer, bool proof)
{
    DimCx *cx = f->cx;
    RuleList rules = { 0 };
    if (!f->eqs)
        return outer;
    for (int i = 0; i < outer.n; i++)
        vec_push(cx->arena, &rules, outer.p[i]);
    for (int i = 0; i < f->said.n; i++) {
        Rule r, q;
        if (!f->said.p[i].eq)
            continue;
        Dim d = rules_apply(cx, (Rules){ rules.p, rules.n }, f->said.p[i].ge0);
        d = dim_mul(cx, d, dim_denominator(cx, d));
        if (d->poison || !rule_of(cx, d, &r))
            continue;
        vec_push(cx->arena, &rules, r);
        if (proof && quotient_rule(cx, r, &q))
            vec_push(cx->arena, &rules, q);
    }
    return (Rules){ rules.p, rules.n };
}

/* ---- knowledge ---- */

static uint64_t said_in_all(const Facts *f)
{
    uint64_t n = 1;
    for (; f; f = f->outer)
        n += (uint64_t)f->said.n;
    return n;
}

/* Symbols alone first, then what has no denominators: they tell the signs that the rest asks for. */
static int rank_of(Dim d) { return !d->whole ? 2 : d->depth > 0; }

static void tell_one(Know *k, Rules rules, Said said)
{
    Dim d = rules_apply(k->cx, rules, said.ge0);
    know_divisors(k, said.ge0);
    know_ge0(k, d);
    if (said.eq)
        know_ge0(k, dim_neg(k->cx, d));
}

/* From its i-th saying on. */
static void tell(Know *k, const Facts *f, Rules rules, int i)
{
    for (int rank = 0; rank < 3; rank++)
        for (int j = i; j < f->said.n; j++)
            if (rank_of(rules_apply(f->cx, rules, f->said.p[j].ge0)) == rank)
                tell_one(k, rules, f->said.p[j]);
}

static void tell_all(Know *k, const Facts *f, Rules rules)
{
    if (f->outer)
        tell_all(k, f->outer, rules);
    tell(k, f, rules, 0);
}

static Heard *heard_new(DimCx *cx, Heard *up, Said last)
{
    Heard *h = NEW(cx->arena, Heard);
    h->up = up;
    h->last = last;
    h->le = map_new(cx->arena);
    h->eq = map_new(cx->arena);
    h->ge0 = map_new(cx->arena);
    return h;
}

static Heard *hear(DimCx *cx, Heard *h, Said said)
{
    Map *more = said.eq ? &h->eq : &h->le;
    Heard *next = map_find(more, said.ge0);
    if (!next)
        map_put(more, said.ge0, next = heard_new(cx, h, said));
    return next;
}

static Heard *hear_all(Facts *f)
{
    Heard *above = f->outer ? f->outer->heard : NULL, **scope = above ? &above->inner : &f->cx->heard;
    if (!*scope)
        *scope = heard_new(f->cx, above, (Said){ 0 });
    if (!f->heard || f->above != above)
        f->heard = *scope, f->nheard = 0;
    f->above = above;
    for (; f->nheard < f->said.n; f->nheard++)
        f->heard = hear(f->cx, f->heard, f->said.p[f->nheard]);
    return f->heard;
}

/* What was known before the last *n sayings of the scope, if these would be told last anyhow, by the same rules; NULL: nothing was. */
static const Heard *known_before(const Heard *h, int *n)
{
    int least = 2;
    for (*n = 0; h->last.ge0 && !h->worked_out; h = h->up, (*n)++) {
        int rank = rank_of(h->last.ge0);
        if (h->last.eq)
            return NULL;
        least = rank < least ? rank : least;
    }
    return h->last.ge0 && !h->proof_rules.n && h->rank <= least ? h : NULL;
}

static void work_out_anew(Facts *f, Heard *h)
{
    Heard *outer = f->outer ? f->outer->heard : NULL;
    h->rules = build_rules(f, outer ? outer->rules : (Rules){ NULL, 0 }, false);
    h->proof_rules = build_rules(f, outer ? outer->proof_rules : (Rules){ NULL, 0 }, true);
    h->know = NEW(f->cx->arena, Know);
    h->know->cx = f->cx;
    h->know->rules = h->proof_rules;
    if (outer && !f->eqs)
        h->know->up = outer->know;
    else if (outer)
        tell_all(h->know, f->outer, h->proof_rules);
    tell(h->know, f, h->proof_rules, 0);
}

static void work_out(Facts *f, Heard *h)
{
    int n;
    const Heard *before = known_before(h, &n);
    if (before) {
        h->rules = before->rules;
        h->know = know_copy(before->know);
        tell(h->know, f, h->proof_rules, f->said.n - n);
    } else {
        work_out_anew(f, h);
    }
    for (int i = 0; i < f->said.n; i++) {
        int rank = rank_of(f->said.p[i].ge0);
        h->rank = rank > h->rank ? rank : h->rank;
    }
    know_again(h->know);
    h->worked_out = true;
}

static void build(Facts *f)
{
    uint64_t now = said_in_all(f);
    if (f->built == now)
        return;
    if (f->outer)
        build(f->outer);
    f->heard = hear_all(f);
    if (!f->heard->worked_out)
        work_out(f, f->heard);
    f->built = now;
}

Dim facts_normal(Facts *f, Dim d)
{
    build(f);
    return rules_apply(f->cx, f->heard->rules, d);
}

/* ---- points ---- */

/* With what was said since `from`. */
static const Points *points_since(DimCx *cx, const Heard *h, const Heard *from)
{
    VEC(const Said *) said = { 0 };
    for (; h != from; h = h->up)
        if (h->last.ge0)
            vec_push(cx->arena, &said, &h->last);
    for (int i = 0; i < said.n / 2; i++) {
        const Said *first = said.p[said.n - 1 - i];
        said.p[said.n - 1 - i] = said.p[i];
        said.p[i] = first;
    }
    return points_with(cx, from ? from->points : NULL, said.p, said.n);
}

/* Where few of the points of what was known before will do, they are worked out from the beginning. */
static const Points *points_of(DimCx *cx, Heard *h)
{
    const Heard *from = h;
    while (from && !from->points)
        from = from->up;
    if (from == h)
        return h->points;
    h->points = points_since(cx, h, from);
    if (from && points_count(h->points) < FEW_POINTS && points_count(from->points) >= FEW_POINTS) {
        const Points *anew = points_since(cx, h, NULL);
        h->points = points_count(anew) > points_count(h->points) ? anew : h->points;
    }
    return h->points;
}

/* ---- questions ---- */

static bool is_ge0(Heard *h, Dim d)
{
    static const bool yes = true, no = false;
    const bool *known = map_find(&h->ge0, d);
    if (!known) {
        known = prove_ge0(h->know, d) ? &yes : &no;
        map_put(&h->ge0, d, (void *)(uintptr_t)known);
    }
    return *known;
}

static Truth prove_le(Facts *f, Dim a, Dim b)
{
    DimCx *cx = f->cx;
    build(f);
    Dim raw = dim_sub(cx, b, a), d = rules_apply(cx, f->heard->proof_rules, raw);
    int64_t v;
    if (d->poison)
        return UNKNOWN;
    if (dim_is_const(d, &v))
        return v >= 0 ? YES : NO;
    PointSigns s = points_signs(points_of(cx, f->heard), raw);
    if (!s.below && is_ge0(f->heard, d))
        return YES;
    return !s.zero && !s.above && is_ge0(f->heard, dim_sub(cx, dim_neg(cx, d), cx->unit)) ? NO : UNKNOWN;
}

Truth facts_prove_le(Facts *f, Dim a, Dim b)
{
    size_t mark = f->cx->tmp_used;
    Truth t = prove_le(f, a, b);
    f->cx->tmp_used = mark;
    return t;
}

/* 2 * x == 2 * y + 1 has no solution. */
static bool parity_forbids(Dim d)
{
    int64_t c, g = dim_common_factor(d, &c);
    return d->whole && g > 1 && c % g != 0;
}

static Truth prove_eq(Facts *f, Dim a, Dim b)
{
    DimCx *cx = f->cx;
    build(f);
    Dim raw = dim_sub(cx, a, b), d = rules_apply(cx, f->heard->proof_rules, raw), minus = dim_neg(cx, d);
    int64_t v;
    if (d->poison || minus->poison)
        return UNKNOWN;
    if (dim_is_const(d, &v))
        return v == 0 ? YES : NO;
    if (parity_forbids(d))
        return NO;
    PointSigns s = points_signs(points_of(cx, f->heard), raw);
    if (!s.below && !s.above && is_ge0(f->heard, d) && is_ge0(f->heard, minus))
        return YES;
    if (!s.below && !s.zero && is_ge0(f->heard, dim_sub(cx, d, cx->unit)))
        return NO;
    return !s.zero && !s.above && is_ge0(f->heard, dim_sub(cx, minus, cx->unit)) ? NO : UNKNOWN;
}

Truth facts_prove_eq(Facts *f, Dim a, Dim b)
{
    size_t mark = f->cx->tmp_used;
    Truth t = prove_eq(f, a, b);
    f->cx->tmp_used = mark;
    return t;
}
