/* be_even.c - lanes that lie side by side in most vectors, though not in all.
 *
 *     x[(n + 3) % N]                              but where a vector passes N
 *     x[clip(n - 1, 0, N - 1)], x[abs(n - 1)]     but at the edges
 *
 * Beside its places a vector has the lane index that they are in most vectors (`even`: a base for each, one step for all) and whether they are in
 * this one (`evenly`). A load asks that once for all its vectors and reads them as they lie; else it gathers.
 */
#include "backend/be_int.h"

/* Lanes beyond the end of a loop come last; what they would read does not matter. */
LV val_count_on(Em *em, int j)
{
    LV w = be_int(em->be, em->W), one = be_int(em->be, 1);
    if (!em->tail_mask)
        return w;
    LV n = em_bin(em, LLVMSub, em->tail_count, be_int(em->be, (int64_t)j * em->W));
    n = em_select(em, em_icmp(em, LLVMIntSLT, n, w), n, w);
    return em_select(em, em_icmp(em, LLVMIntSGT, n, one), n, one);
}

/* The lane index that x is, perhaps not in all vectors; NULL: none. */
static const Val *even_of(const Val *x)
{
    const Val *e = x->vec ? x->even : x;
    return e && !e->vec && e->coef ? e : NULL;
}

static LV last_lane(Em *em, const Val *e, int r, int j)
{
    LV far = em_bin(em, LLVMSub, val_count_on(em, j), be_int(em->be, 1));
    return em_bin(em, LLVMAdd, val_at(em, e, r, j), em_bin(em, LLVMMul, far, be_int(em->be, e->coef)));
}

/* y is x where both ends of a vector are at least (max), or at most, the bound: so are the lanes between. */
static void even_within(Em *em, Val *y, const Val *x, const Val *bound, bool max)
{
    const Val *e = even_of(x);
    if (!e || !y->vec)
        return;
    y->even = val_new(em, DT_i64, y->nr, em->V, false);
    y->evenly = val_new(em, DT_bool, y->nr, em->V, false);
    y->even->coef = e->coef;
    LLVMIntPredicate p = max ? LLVMIntSGE : LLVMIntSLE;
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < em->V; j++) {
            LV first = val_at(em, e, r, j), b = val_at(em, bound, r, j);
            LV is = em_bin(em, LLVMAnd, em_icmp(em, p, first, b), em_icmp(em, p, last_lane(em, e, r, j), b));
            y->even->v[r * em->V + j] = first;
            y->evenly->v[r * em->V + j] = x->vec ? em_bin(em, LLVMAnd, is, val_at(em, x->evenly, r, j)) : is;
        }
}

void val_even_bound(Em *em, Val *y, Val *a, Val *b, bool max)
{
    if (!val_varies(b))
        even_within(em, y, a, b, max);
    else if (!val_varies(a))
        even_within(em, y, b, a, max);
}

Val *val_abs(Em *em, Val *x)
{
    Val *zero = val_int(em, 0), *y = val_minmax(em, x, val_sub(em, zero, x), true);
    even_within(em, y, x, zero, true);
    y->natural = x->natural;
    return y;
}

void val_even_rest(Em *em, Val *y, const Val *a, LV d)
{
    y->even = val_new(em, DT_i64, y->nr, em->V, false);
    y->evenly = val_new(em, DT_bool, y->nr, em->V, false);
    y->even->coef = a->coef;
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < em->V; j++) {
            LV rest = be_floormod(em, val_at(em, a, r, j), d);
            y->even->v[r * em->V + j] = rest;
            y->evenly->v[r * em->V + j] = em_icmp(em, LLVMIntSLE, em_bin(em, LLVMAdd, rest, val_count_on(em, j)), d);
        }
}

void val_even_sum(Em *em, Val *y, bool minus, Val *a, Val *b)
{
    Val *of = val_varies(a) ? a : b;
    if ((val_varies(a) && val_varies(b)) || !of->even)
        return;
    Val *x = of == a ? a->even : a, *z = of == b ? b->even : b;
    y->even = minus ? val_sub(em, x, z) : val_add(em, x, z);
    y->evenly = of->evenly;
}
