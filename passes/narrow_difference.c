/* narrow_difference.c - bounds of an index whose quotient is compared with something by a difference.
 *
 *     i // C - j // C <= w                 j in min(max(i // C - w, 0), M) * C..
 *     j // C - i // C <= w                 j in ..min(max(i // C + w + 1, 0), M) * C          M = (E - 1) // C + 1, j in 0..E
 *
 * Places of a flattened picture: rows of it that are near. C is positive for sure. What a quotient is compared with is cut to as many quotients as there are: no bound
 * passes the places and C.
 */
#include "passes/stream_int.h"

enum { DIVISOR_MOST = 1 << 20 };

/* The only term of `of` with the index: +-(index // by); rest: what else there is. */
typedef struct Quotient { bool minus; Dim by, rest; } Quotient;

static bool find_quotient(DimCx *d, Dim of, const IrNode *x, Quotient *q)
{
    const DimTerm *t;
    int n = dim_terms(of, &t), found = 0;
    DimSym *s;
    q->rest = of;
    for (int i = 0; i < n; i++) {
        const DimAtom *a = t[i].nfactors == 1 && t[i].factors->power == 1 ? t[i].factors->atom : NULL;
        bool one = a && a->kind == DA_FLOORDIV && (t[i].coef == 1 || t[i].coef == -1) && dim_is_sym(a->a, &s) && s == x->sym && !dim_mentions(a->b, x->sym);
        if (!one)
            continue;
        q->minus = t[i].coef < 0;
        q->by = a->b;
        q->rest = (q->minus ? dim_add : dim_sub)(d, of, dim_of_atom(a));
        found++;
    }
    return found == 1 && !dim_mentions(q->rest, x->sym);
}

/* A number, or a size or an int of the call that is 1 at least. */
static bool is_divisor(PassCx *cx, const IrRegion *r, Dim by)
{
    DimSym *s;
    int64_t v;
    if (dim_is_const(by, &v))
        return v >= 1 && v <= DIVISOR_MOST;
    return dim_is_sym(by, &s) && r->owner && facts_prove_le(pass_ranges_around(cx, r->owner->parent), dim_const(cx->module->dims, 1), by) == YES; /* where no turn is left, too */
}

bool pass_bound_of_difference(PassCx *cx, const IrRegion *r, const IrNode *x, Dim a, Dim b, bool strict, bool *upper, Dim *bound)
{
    DimCx *d = cx->module->dims;
    Dim zero = dim_const(d, 0), one = dim_const(d, 1), slack = dim_sub(d, b, strict ? dim_add(d, a, one) : a);
    Quotient q = { 0 };
    if (!pass_from_zero(x) || !find_quotient(d, slack, x, &q) || !is_divisor(cx, r, q.by))
        return false;
    Dim all = dim_add(d, dim_floordiv(d, dim_sub(d, x->dim, one), q.by), one), end = q.minus ? dim_add(d, q.rest, one) : dim_neg(d, q.rest);
    *upper = q.minus;
    *bound = dim_mul(d, dim_min(d, dim_max(d, end, zero), all), q.by);
    return !dim_is_poison(*bound);
}
