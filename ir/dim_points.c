/* dim_points.c - numbers that satisfy what was said: what is negative at one of them has no proof.
 *
 *     said    0 <= N,  0 <= i,  i <= N - 1              N = 8, 8, 16, 7 ...     i = 0, 7, 3, 6 ...
 *     asked   i + 1 <= N - 1 ?                          8 <= 7 at the second point: no proof is looked for
 *
 * A search that finds nothing costs a hundred times what one does that finds a proof, and half of what passes ask has none. Proofs are
 * sound, so a point never changes an answer; it only spares the search. What has no value at a point (a division by zero, one that is not
 * exact, an overflow) is not refuted there.
 *
 * A point grows with what is said: symbols that are new get a value, and where a saying does not hold yet one of the new values is moved
 * to where it does, as if the saying were linear in it. A point that cannot be mended is given up. All are worked out side by side.
 */
#include "ir/dim_facts_int.h"

enum { ROUNDS = 4, MOST_STEPS = 600, FAR = 1 << 20, FEW = 8, LEVELS = 32 };
#define LARGE (INT64_C(1) << 50)

typedef struct Lanes { int64_t v[POINTS]; unsigned ok; } Lanes; /* a number at each point; ok: where there is one */

typedef struct Spot { const DimSym *s; int64_t v[POINTS]; int moved; } Spot; /* moved: when, last */

struct Points {
    const struct Points *up;
    unsigned alive;
    int level, old;  /* old: so many of the spots are those of points above, where these were many */
    VEC(Spot) spots; /* of the symbols that were new */
    Map at;          /* symbol -> 1 + its spot, where there are more than a FEW */
};

/* ---- where they begin ---- */

/* Sizes of one point are equal, divide each other, have no factor in common, or are anything; indices are first, last or somewhere. */
static int64_t first_value(const DimSym *s, unsigned lane, bool size)
{
    static const int16_t sizes[POINTS][8] = {
        { 8, 8, 8, 8, 8, 8, 8, 8 },         { 64, 32, 16, 8, 4, 2, 16, 8 },       { 5, 7, 11, 13, 17, 19, 23, 29 },
        { 1, 0, 2, 0, 1, 0, 3, 0 },         { 4096, 8, 64, 16, 2048, 2, 8, 1024 }, { 16001, 5, 9001, 7, 499, 11, 251, 13 },
        { 12, 96, 2, 1536, 4, 24, 3, 384 }, { 1, 2, 4, 8, 16, 512, 1024, 16384 },  { 8, 8, 8, 8, 8, 8, 8, 8 },
        { 0, 4096, 0, 8, 0, 512, 0, 64 },   { 6, 2, 6, 2, 30, 2, 30, 6 },         { 16384, 16384, 16384, 16384, 16384, 16384, 16384, 16384 },
    };
    static const int32_t indices[4] = { 0, FAR, 3, FAR };
    if (s->index)
        return lane % 4 == 2 ? (int64_t)(s->id * 7 % 61) : indices[lane % 4];
    int64_t v = sizes[lane][s->id % 8];
    return !size && lane % 4 == 1 ? -v : v; /* a number that is no size may be below 0 */
}

/* ---- values of Dims at several points ---- */

/* For each bit l of m. */
#define EACH_LANE(l, m) for (unsigned l##_of = (m), l; l##_of && (l = (unsigned)__builtin_ctz(l##_of), true); l##_of &= l##_of - 1)

typedef struct Eval { const Points *points; int steps; } Eval;

static void eval_dim(Eval *e, Dim d, unsigned lanes, Lanes *out);

/* -1: it has none here. */
static int spot_at(const Points *p, const DimSym *s)
{
    if (p->spots.n > FEW)
        return (int)(uintptr_t)map_find(&p->at, s) - 1;
    int i = p->spots.n - 1;
    while (i >= 0 && p->spots.p[i].s != s)
        i--;
    return i;
}

static Spot *find_spot(const Points *p, const DimSym *s)
{
    for (; p; p = p->up) {
        int i = spot_at(p, s);
        if (i >= 0)
            return &p->spots.p[i];
    }
    return NULL;
}

static void add_spot(DimCx *cx, Points *p, Spot at)
{
    vec_push(cx->arena, &p->spots, at);
    for (int i = p->spots.n == FEW + 1 ? 0 : p->spots.n - 1; i < p->spots.n && p->spots.n > FEW; i++)
        map_put(&p->at, p->spots.p[i].s, (void *)(uintptr_t)(i + 1));
}

/* Of a symbol of which nothing was said any value will do. */
static void eval_sym(const Eval *e, const DimSym *s, unsigned lanes, Lanes *out)
{
    const Spot *at = find_spot(e->points, s);
    out->ok = lanes;
    EACH_LANE(l, lanes)
        out->v[l] = at ? at->v[l] : first_value(s, l, false);
}

static void eval_atom(Eval *e, const DimAtom *a, unsigned lanes, Lanes *out)
{
    Lanes y;
    out->ok = 0;
    if (++e->steps > MOST_STEPS)
        return;
    if (a->kind == DA_SYM) {
        eval_sym(e, a->sym, lanes, out);
        return;
    }
    eval_dim(e, a->a, lanes, out);
    eval_dim(e, a->b, out->ok, &y);
    out->ok = y.ok;
    EACH_LANE(l, y.ok)
        if (!dim_pair(a->kind, out->v[l], y.v[l], &out->v[l]))
            out->ok &= ~(1u << l);
}

static void eval_term(Eval *e, const DimTerm *t, unsigned lanes, Lanes *out)
{
    out->ok = lanes;
    EACH_LANE(l, lanes)
        out->v[l] = t->coef;
    for (int k = 0; k < t->nfactors && out->ok; k++) {
        Lanes x;
        eval_atom(e, t->factors[k].atom, out->ok, &x);
        out->ok = x.ok;
        for (int p = 0; p < t->factors[k].power; p++)
            EACH_LANE(l, out->ok)
                if (__builtin_mul_overflow(out->v[l], x.v[l], &out->v[l]))
                    out->ok &= ~(1u << l);
    }
}

static void eval_dim(Eval *e, Dim d, unsigned lanes, Lanes *out)
{
    out->ok = d->poison ? 0 : lanes;
    EACH_LANE(l, lanes)
        out->v[l] = 0;
    for (int i = 0; i < d->npub && out->ok; i++) {
        Lanes x;
        eval_term(e, &d->pub[i], out->ok, &x);
        out->ok = x.ok;
        EACH_LANE(l, x.ok)
            if (__builtin_add_overflow(out->v[l], x.v[l], &out->v[l]))
                out->ok &= ~(1u << l);
    }
}

static void values_at(const Points *p, Dim d, unsigned lanes, Lanes *out)
{
    Eval e = { p, 0 };
    eval_dim(&e, d, lanes, out);
}

/* ---- points for one more saying ---- */

/* Where it has a value and holds. */
static unsigned holds(const Lanes *x, bool eq)
{
    unsigned yes = 0;
    EACH_LANE(l, x->ok)
        yes |= (unsigned)(eq ? x->v[l] == 0 : x->v[l] >= 0) << l;
    return yes;
}

static unsigned where(const Points *p, Dim d, bool eq, unsigned lanes)
{
    Lanes x;
    values_at(p, d, lanes, &x);
    return holds(&x, eq);
}

/* How far to move what has `slope` so that value becomes >= 0, or 0; false: it does not get there. */
static bool distance(int64_t value, int64_t slope, bool eq, int64_t *by)
{
    if (slope == 0 || value > LARGE || value < -LARGE || slope > FAR || slope < -FAR)
        return false;
    if (eq && value % slope)
        return false;
    int64_t size = slope < 0 ? -slope : slope, steps = eq ? value / size : -((-value + size - 1) / size);
    *by = slope < 0 ? steps : -steps;
    return true;
}

/* Where d does not hold with the new values of one symbol they become what they were. The lanes where it holds. */
static unsigned keep_good(const Points *p, Spot *at, const Spot *old, Dim d, bool eq, unsigned lanes)
{
    unsigned good = where(p, d, eq, lanes);
    EACH_LANE(l, lanes & ~good)
        at->v[l] = old->v[l];
    return good;
}

/* p % q == 0: p becomes the next multiple; else by the slope between here and one step further. */
static unsigned move(const Points *p, Spot *at, Dim d, bool eq, unsigned lanes, const Lanes *was)
{
    const Atom *mod = eq ? dim_atom(d) : NULL;
    Spot old = *at;
    Lanes next, q = { .ok = 0 };
    EACH_LANE(l, lanes)
        at->v[l]++;
    values_at(p, d, lanes & was->ok, &next);
    *at = old;
    if (mod && mod->pub.kind == DA_MOD)
        values_at(p, mod->pub.b, lanes, &q);
    EACH_LANE(l, next.ok) {
        int64_t by, slope, to;
        if (!__builtin_sub_overflow(next.v[l], was->v[l], &slope) && distance(was->v[l], slope, eq, &by) &&
            !__builtin_add_overflow(by, q.ok >> l & 1 ? q.v[l] : 0, &by) && !__builtin_add_overflow(at->v[l], by, &to) && to < INT64_MAX)
            at->v[l] = to;
    }
    return keep_good(p, at, &old, d, eq, lanes);
}

static unsigned twice(const Points *p, Spot *at, Dim d, bool eq, unsigned lanes)
{
    Spot old = *at;
    EACH_LANE(l, lanes)
        at->v[l] *= at->v[l] < FAR && at->v[l] > -FAR ? 2 : 1;
    return keep_good(p, at, &old, d, eq, lanes);
}

/* A saying that the points are made for. */
typedef struct Wish { Dim d; bool eq; unsigned good; int at; } Wish; /* at: when it was mended last (0: never); good is where it held then */

/* What mentions a symbol that was moved since is looked at again. */
static bool is_done(const Points *p, const Wish *w)
{
    bool done = w->at > 0;
    for (int i = 0; i < w->d->nsyms && done; i++) {
        int k = spot_at(p, w->d->syms[i]);
        done = k < p->old || p->spots.p[k].moved <= w->at;
    }
    return done;
}

/* The last new spot before `end` of a symbol of d; -1: there is none. */
static int spot_before(const Points *p, Dim d, int end)
{
    int last = -1;
    for (int i = 0; i < d->nsyms; i++) {
        int k = spot_at(p, d->syms[i]);
        last = k >= p->old && k < end && k > last ? k : last;
    }
    return last;
}

static void mend(Points *p, Wish *w, int *now)
{
    Lanes was;
    values_at(p, w->d, p->alive, &was);
    unsigned bad = p->alive & ~(w->good = holds(&was, w->eq));
    for (int i = bad ? spot_before(p, w->d, p->spots.n) : -1; i >= 0 && bad; i = spot_before(p, w->d, i)) {
        Spot *at = &p->spots.p[i];
        unsigned before = bad;
        bad &= ~move(p, at, w->d, w->eq, bad, &was);
        bad &= ~twice(p, at, w->d, w->eq, bad);
        if (bad != before)
            at->moved = ++*now;
    }
    w->good = p->alive & ~bad;
    w->at = *now;
}

/* Symbols that are >= 0 by a saying alone. */
static Map sizes_of(DimCx *cx, const Said *const *said, int n)
{
    Map sizes = map_new(cx->arena);
    DimSym *s;
    for (int i = 0; i < n; i++)
        if (!said[i]->eq && dim_is_sym(said[i]->ge0, &s))
            map_put(&sizes, s, s);
    return sizes;
}

static void add_symbols(DimCx *cx, Points *p, Dim d, const Map *sizes)
{
    for (int i = 0; i < d->nsyms; i++) {
        Spot at = { .s = d->syms[i] };
        if (find_spot(p, at.s))
            continue;
        for (int l = 0; l < POINTS; l++)
            at.v[l] = first_value(at.s, (unsigned)l, map_find(sizes, at.s) != NULL);
        add_spot(cx, p, at);
    }
}

/* Those of many levels at one. */
static void take_all(DimCx *cx, Points *p)
{
    for (const Points *u = p->up; u; u = u->up)
        for (int i = 0; i < u->spots.n; i++)
            add_spot(cx, p, u->spots.p[i]);
    p->old = p->spots.n;
    p->up = NULL;
    p->level = 0;
}

Points *points_with(DimCx *cx, const Points *up, const Said *const *said, int n)
{
    Points *p = NEW(cx->arena, Points);
    Wish *w = NEWN(cx->arena, Wish, n);
    Map sizes = sizes_of(cx, said, n);
    int now = 1;
    *p = (Points){ .up = up, .alive = up ? up->alive : (1u << POINTS) - 1, .level = up ? up->level + 1 : 0, .at = map_new(cx->arena) };
    if (p->level > LEVELS)
        take_all(cx, p);
    for (int i = 0; i < n; i++) {
        Dim d = said[i]->ge0;
        w[i] = (Wish){ .d = said[i]->eq ? dim_mul(cx, d, dim_denominator(cx, d)) : d, .eq = said[i]->eq };
        add_symbols(cx, p, d, &sizes);
    }
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < n; i++)
            if (!is_done(p, &w[i]))
                mend(p, &w[i], &now);
    for (int i = 0; i < n; i++)
        p->alive &= is_done(p, &w[i]) && w[i].d == said[i]->ge0 ? w[i].good : where(p, said[i]->ge0, said[i]->eq, p->alive);
    return p;
}

/* ---- what they tell ---- */

int points_count(const Points *p)
{
    return __builtin_popcount(p->alive);
}

PointSigns points_signs(const Points *p, Dim d)
{
    PointSigns s = { 0 };
    Lanes x;
    values_at(p, d, p->alive, &x);
    EACH_LANE(l, x.ok) {
        s.below |= x.v[l] < 0;
        s.zero |= x.v[l] == 0;
        s.above |= x.v[l] > 0;
    }
    return s;
}
