/* turns.c - how often a nest of loops turns, with the bounds that its guards gave it (narrow.c).
 *
 * The turns of an index are clamp(to) - clamp(from), where clamp(e) = lo + max(0, e - lo) - max(0, e - end): its range cuts a bound. Where
 * that mentions an index further out, it is summed over that one: of max(0, +-x + k) the sum is a difference of triangular numbers. What
 * has no such form (a bound that takes a quotient of an outer index, or is read from a tensor) turns whole. Of parts of a whole the sum is the whole.
 */
#include "passes/pass_int.h"

typedef struct Range { Dim from, to; } Range;

static bool is_atom(Dim e, DimAtomKind kind, const DimAtom **a)
{
    const DimTerm *t;
    if (dim_terms(e, &t) != 1 || t->coef != 1 || t->nfactors != 1 || t->factors->power != 1 || t->factors->atom->kind != kind)
        return false;
    *a = t->factors->atom;
    return true;
}

/* Of a bound min(end, e) or max(lo, e): e. Of several one is taken: the count is then at most too large. */
static Dim bare(Dim e, DimAtomKind kind, Dim limit)
{
    const DimAtom *a;
    while (e != limit && is_atom(e, kind, &a))
        e = a->a == limit || (a->b != limit && is_atom(a->b, kind, &a)) ? a->b : a->a;
    return e;
}

static Dim above(DimCx *d, Dim e, Dim limit) { return dim_max(d, dim_const(d, 0), dim_sub(d, e, limit)); }

static Dim clamp(DimCx *d, Dim e, Dim lo, Dim end) { return dim_sub(d, dim_add(d, lo, above(d, e, lo)), above(d, e, end)); }

static Range whole(DimCx *d, const IrNode *x)
{
    Dim lo = x->lo ? x->lo : dim_const(d, 0);
    return (Range){ lo, dim_add(d, lo, x->dim) };
}

/* 1 + 2 + .. + v; 0 where v is negative. */
static Dim triangle(DimCx *d, Dim v)
{
    Dim m = dim_max(d, dim_const(d, 0), v);
    return dim_floordiv(d, dim_mul(d, m, dim_add(d, m, dim_const(d, 1))), dim_const(d, 2));
}

/* The sum of max(0, v) for x in r; NULL: v is not +-x + k. */
static Dim sum_above(DimCx *d, Dim v, const DimSym *x, Dim x_dim, Range r)
{
    Dim one = dim_const(d, 1), up = dim_sub(d, v, x_dim), down = dim_add(d, v, x_dim);
    if (!dim_mentions(up, x))
        return dim_sub(d, triangle(d, dim_sub(d, dim_add(d, r.to, up), one)), triangle(d, dim_sub(d, dim_add(d, r.from, up), one)));
    if (!dim_mentions(down, x))
        return dim_sub(d, triangle(d, dim_sub(d, down, r.from)), triangle(d, dim_sub(d, down, r.to)));
    return NULL;
}

static Dim sum_over(DimCx *d, Dim e, DimSym *x, Range r);

/* Parts of c places, the last of which may have fewer: min(c, n - c x) for all (n + c - 1) // c of them is n. NULL: it is not that. */
static Dim sum_parts(DimCx *d, Dim part, Dim left, DimSym *x, Range r)
{
    Dim n = dim_add(d, left, dim_mul(d, part, dim_sym(d, x)));
    if (dim_mentions(part, x) || dim_mentions(n, x) || r.from != dim_const(d, 0))
        return NULL;
    return r.to == dim_floordiv(d, dim_sub(d, dim_add(d, n, part), dim_const(d, 1)), part) ? n : NULL;
}

/* max(a, b) = b + max(0, a - b); min(a, b) = b - max(0, b - a). */
static Dim sum_atom(DimCx *d, const DimAtom *a, DimSym *x, Range r)
{
    if (a->kind == DA_SYM)
        return dim_floordiv(d, dim_mul(d, dim_sub(d, r.to, r.from), dim_sub(d, dim_add(d, r.from, r.to), dim_const(d, 1))), dim_const(d, 2));
    if (a->kind != DA_MIN && a->kind != DA_MAX)
        return NULL;
    bool most = a->kind == DA_MAX;
    Dim parts = most ? NULL : dim_mentions(a->b, x) ? sum_parts(d, a->a, a->b, x, r) : sum_parts(d, a->b, a->a, x, r);
    if (parts)
        return parts;
    Dim rest = sum_over(d, a->b, x, r), part = sum_above(d, most ? dim_sub(d, a->a, a->b) : dim_sub(d, a->b, a->a), x, dim_sym(d, x), r);
    if (!rest || !part)
        return NULL;
    return most ? dim_add(d, rest, part) : dim_sub(d, rest, part);
}

static Dim sum_term(DimCx *d, const DimTerm *t, DimSym *x, Range r)
{
    Dim rest = dim_const(d, t->coef), sum = NULL;
    for (int i = 0; i < t->nfactors; i++) {
        const DimFactor *f = &t->factors[i];
        Dim atom = dim_of_atom(f->atom);
        bool of_x = dim_mentions(atom, x);
        if (of_x && (sum || f->power != 1 || !(sum = sum_atom(d, f->atom, x, r))))
            return NULL;
        for (int k = 0; k < f->power && !of_x; k++)
            rest = dim_mul(d, rest, atom);
    }
    return dim_mul(d, rest, sum ? sum : dim_sub(d, r.to, r.from));
}

/* The sum of e for x in r; NULL: it has no form here. */
static Dim sum_over(DimCx *d, Dim e, DimSym *x, Range r)
{
    const DimTerm *t;
    int n = dim_terms(e, &t);
    Dim sum = dim_const(d, 0);
    for (int i = 0; i < n; i++) {
        Dim s = sum_term(d, &t[i], x, r);
        if (!s)
            return NULL;
        sum = dim_add(d, sum, s);
    }
    return sum;
}

typedef struct Outer { const IrFn *fn; const PassTurns *t; int from; bool known; } Outer;

static void is_outer(void *user, DimSym *s)
{
    Outer *o = user;
    bool hit = false;
    for (int i = 0; i < o->fn->dims.n; i++)
        hit = hit || o->fn->dims.p[i] == s;
    for (int i = o->from; i < o->t->n; i++)
        hit = hit || o->t->p[i].index->sym == s;
    o->known = o->known && hit;
}

/* What narrows it is known: sizes, and indices that stand further out in the nest. */
static Range range_of(PassCx *cx, const IrFn *fn, const PassTurns *t, int i)
{
    DimCx *d = cx->module->dims;
    const IrNode *x = t->p[i].index, *bounds = t->p[i].bounds;
    Range all = whole(d, x), r = all;
    Outer o = { fn, t, i + 1, true };
    if (bounds->from)
        r.from = bare(bounds->from, DA_MAX, all.from);
    if (bounds->to)
        r.to = bare(bounds->to, DA_MIN, all.to);
    dim_syms(r.from, is_outer, &o);
    dim_syms(r.to, is_outer, &o);
    if (!o.known || (!bounds->from && !bounds->to))
        return all;
    return (Range){ r.from == all.from ? all.from : clamp(d, r.from, all.from, all.to), r.to == all.to ? all.to : clamp(d, r.to, all.from, all.to) };
}

/* An extent may depend on an index further out. */
Dim pass_turns_whole(PassCx *cx, const PassTurns *t)
{
    DimCx *d = cx->module->dims;
    Dim all = dim_const(d, 1);
    for (int i = 0; i < t->n; i++) {
        DimSym *x = t->p[i].index->sym;
        Dim sum = x && dim_mentions(all, x) ? sum_over(d, all, x, whole(d, t->p[i].index)) : NULL;
        all = sum ? sum : dim_mul(d, all, t->p[i].index->dim);
    }
    return all;
}

Dim pass_turns(PassCx *cx, const IrFn *fn, const PassTurns *t, bool *narrowed)
{
    DimCx *d = cx->module->dims;
    Dim all = pass_turns_whole(cx, t), e = dim_const(d, 1);
    for (int i = 0; i < t->n; i++) {
        DimSym *x = t->p[i].index->sym;
        Range r = range_of(cx, fn, t, i);
        e = e && x && dim_mentions(e, x) ? sum_over(d, e, x, r) : e ? dim_mul(d, e, dim_sub(d, r.to, r.from)) : NULL;
    }
    bool known = e && !dim_is_poison(e);
    *narrowed = known && e != all;
    return *narrowed ? dim_max(d, dim_const(d, 0), e) : all;
}

Dim pass_turns_inside(PassCx *cx, const IrNode *n)
{
    PassTurns t = { 0 };
    bool narrowed;
    for (int i = n->regions[0]->params.n - 1; i >= 0; i--)
        vec_push(cx->arena, &t, ((PassTurn){ n->regions[0]->params.p[i], n->regions[0]->params.p[i] }));
    return pass_turns(cx, n->parent->fn, &t, &narrowed);
}
