/* narrow_slope.c - bounds of an index that a size or a number multiplies.
 *
 *     y * P < (p + 1) * Y                  y in ..((p + 1) * Y - 1) // P + 1
 *     p * Y <= (y + 1) * P                 y in -((P - p * Y) // P)..
 *
 * The factor is positive for sure. What stands beside it on the two sides is subtracted: only where neither side can be negative, or where there is
 * something on one side only, so that the difference is a whole number of 64 bits if the comparison is one of such. Quotients are cut before 1 is added;
 * what a number divides, before (dims may add numbers to it), where it is not made of places and sizes.
 */
#include "passes/stream_int.h"

enum { FACTOR_MOST = 1 << 20 };

static const int64_t FAR = (int64_t)1 << 61; /* beyond FACTOR_MOST times any place */

typedef struct Line { Dim slope, rest; } Line;

static bool line_of(DimCx *d, Dim of, const DimSym *s, Line *out)
{
    const DimTerm *t;
    int n = dim_terms(of, &t);
    *out = (Line){ dim_const(d, 0), dim_const(d, 0) };
    for (int i = 0; i < n; i++) {
        Dim product = dim_const(d, t[i].coef);
        bool once = false;
        for (int k = 0; k < t[i].nfactors; k++) {
            const DimFactor *f = &t[i].factors[k];
            if (f->atom->kind == DA_SYM && f->atom->sym == s && f->power == 1) {
                once = true;
                continue;
            }
            for (int p = 0; p < f->power; p++)
                product = dim_mul(d, product, dim_of_atom(f->atom));
        }
        Dim *to = once ? &out->slope : &out->rest;
        *to = dim_add(d, *to, product);
    }
    return !dim_mentions(out->slope, s) && !dim_mentions(out->rest, s) && !dim_is_poison(out->slope) && !dim_is_poison(out->rest);
}

/* No sum: a number, or a size as it is. */
static bool is_factor(Dim k)
{
    int64_t v;
    DimSym *s;
    return dim_is_const(k, &v) ? v <= FACTOR_MOST : dim_is_sym(k, &s);
}

static bool is_zero(Dim d)
{
    int64_t v;
    return dim_is_const(d, &v) && !v;
}

typedef struct Places { PassCx *cx; bool all; } Places;

static void see_place(void *user, DimSym *s)
{
    Places *p = user;
    const IrNode *def = map_find(&p->cx->sym_nodes, s);
    p->all = p->all && (!def || def->op == OP_index);
}

static bool is_of_places(PassCx *cx, Dim d)
{
    Places p = { cx, true };
    dim_syms(d, see_place, &p);
    return p.all;
}

/* May their rests be subtracted? One that stands alone may be any whole number: the least one is made one more, which says the same. */
static bool may_subtract(PassCx *cx, Facts *f, Line *a, Line *b)
{
    DimCx *d = cx->module->dims;
    Dim zero = dim_const(d, 0);
    Line *alone = is_zero(a->slope) && is_zero(b->rest) ? a : is_zero(b->slope) && is_zero(a->rest) ? b : NULL;
    if (alone && !is_of_places(cx, alone->rest) && facts_prove_le(f, zero, alone->rest) != YES)
        alone->rest = dim_max(d, alone->rest, dim_const(d, -INT64_MAX));
    return alone || (facts_prove_le(f, zero, a->slope) == YES && facts_prove_le(f, zero, a->rest) == YES && facts_prove_le(f, zero, b->slope) == YES &&
                     facts_prove_le(f, zero, b->rest) == YES);
}

static Dim divided(PassCx *cx, Dim rest, Dim by, bool strict)
{
    DimCx *d = cx->module->dims;
    int64_t k;
    if (dim_is_const(by, &k) && !is_of_places(cx, rest))
        rest = dim_min(d, dim_max(d, rest, dim_const(d, -FAR)), dim_const(d, FAR));
    return dim_floordiv(d, strict ? dim_sub(d, rest, dim_const(d, 1)) : rest, by);
}

bool pass_bound_of_slope(PassCx *cx, const IrRegion *r, const IrNode *x, Dim a, Dim b, bool strict, bool *upper, Dim *bound)
{
    DimCx *d = cx->module->dims;
    Line s[2];
    int64_t k;
    Dim one = dim_const(d, 1), lo = x->lo ? x->lo : dim_const(d, 0), end = dim_add(d, lo, x->dim);
    if (!line_of(d, a, x->sym, &s[0]) || !line_of(d, b, x->sym, &s[1]))
        return false;
    Dim up = dim_sub(d, s[0].slope, s[1].slope);
    if (dim_is_const(up, &k) && k >= -1 && k <= 1)
        return false;
    Facts *around = r->owner ? pass_ranges_around(cx, r->owner->parent) : NULL; /* the factor is positive where no turn is left, too */
    *upper = around && is_factor(up) && facts_prove_le(around, one, up) == YES;
    Dim down = dim_neg(d, up), by = *upper ? up : down;
    if (!*upper && (!around || !is_factor(down) || facts_prove_le(around, one, down) != YES))
        return false;
    Facts *f = pass_ranges_around(cx, r);
    if (facts_prove_le(f, dim_const(d, 0), lo) != YES || !may_subtract(cx, f, &s[0], &s[1]))
        return false;
    Dim q = divided(cx, dim_sub(d, s[1].rest, s[0].rest), by, strict);
    *bound = *upper ? dim_add(d, dim_min(d, q, dim_sub(d, end, one)), one) : dim_neg(d, dim_max(d, q, dim_neg(d, end)));
    return !dim_is_poison(*bound);
}
