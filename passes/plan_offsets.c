/* plan_offsets.c - memory between buffers: each at the lowest place that is free for all dims while it lives.
 *
 *     slots:    [ qkv: 3 D ][ x: D ][ y: D ][ hidden: F ]         5 D + F, though qkv and hidden never live at one time
 *     offsets:  [ x: D ][ y: D ][ qkv: 3 D | norm: D, hidden: F ]    2 D + max(3 D, D + F)
 *
 * Places are 0 and the ends of what lives at the same time; that nothing overlaps is proved for all dims. Where no place can be proved free,
 * a buffer stands behind all that lives beside it: max of their ends. It is tried only where slots take more than a tenth beyond what
 * lives at one time, for some choice of the dims, in several orders. An end of ends of ends may be written with more symbols than could ever be
 * proved or computed: an order in which one has more than SIZE_MOST is given up.
 */
#include <stdlib.h>

#include "passes/plan_int.h"

enum { LIVES_MOST = 400, BESIDE_MOST = 64, SIZE_MOST = 256 };

static bool meet(const Life *a, const Life *b) { return a->first <= b->last && b->first <= a->last; }

/* ---- one buffer ------------------------------------------------------------------------------------------------------- */

typedef struct Beside { Life *of[BESIDE_MOST]; Dim end[BESIDE_MOST]; int n; } Beside;

static bool find_beside(Plan *p, Life *const *order, int placed, const Life *l, Beside *b)
{
    b->n = 0;
    for (int i = 0; i < placed; i++) {
        if (!meet(order[i], l))
            continue;
        if (b->n == BESIDE_MOST)
            return false;
        b->end[b->n] = dim_add(p->cx->module->dims, order[i]->offset, order[i]->bytes);
        b->of[b->n++] = order[i];
    }
    return true;
}

/* By the probes: is it free at `at`? */
static bool seems_free(const Plan *p, const Life *l, const Beside *b, const int64_t *at)
{
    for (int i = 0; i < b->n; i++) {
        const Life *o = b->of[i];
        for (int k = 0; k < PROBES; k++)
            if (p->most[k] >= 0 && o->sizes[k] && l->sizes[k] && at[k] < o->at[k] + o->sizes[k] && o->at[k] < at[k] + l->sizes[k])
                return false;
    }
    return true;
}

static bool is_free(Plan *p, const Life *l, const Beside *b, Dim at)
{
    Dim end = dim_add(p->cx->module->dims, at, l->bytes);
    for (int i = 0; i < b->n; i++)
        if (!plan_le(p, b->end[i], at) && !plan_le(p, end, b->of[i]->offset))
            return false;
    return true;
}

static bool set_place(const Plan *p, Life *l, Dim at)
{
    l->offset = at;
    if (dim_size(at) > SIZE_MOST)
        return false;
    for (int k = 0; k < PROBES; k++)
        if (!pass_trial(p->fn, at, k, &l->at[k])) {
            if (!k)
                return false;
            l->at[k] = 0; /* nor are its sizes known */
        }
    return !dim_is_poison(at);
}

/* ---- the largest of many ---------------------------------------------------------------------------------------------- */

/* Of several sizes those that no other is proved to reach. */
typedef struct Largest { VEC(Dim) of; } Largest;

static void add_size(Plan *p, Largest *l, Dim d)
{
    int kept = 0;
    for (int i = 0; i < l->of.n; i++)
        if (plan_le(p, d, l->of.p[i]))
            return;
    for (int i = 0; i < l->of.n; i++)
        if (!plan_le(p, l->of.p[i], d))
            l->of.p[kept++] = l->of.p[i];
    l->of.n = kept;
    vec_push(p->cx->arena, &l->of, d);
}

static Dim largest(Plan *p, const Largest *l)
{
    Dim d = dim_const(p->cx->module->dims, 0);
    for (int i = 0; i < l->of.n; i++)
        d = i ? dim_max(p->cx->module->dims, d, l->of.p[i]) : l->of.p[i];
    return d;
}

/* ---- one buffer, placed ------------------------------------------------------------------------------------------------ */

static bool is_lower(const int64_t *a, const int64_t *b)
{
    double x = 0, y = 0;
    for (int k = 0; k < PROBES; k++) {
        x += (double)a[k];
        y += (double)b[k];
    }
    return x < y;
}

static bool place(Plan *p, Life *const *order, int placed, Life *l)
{
    Beside b;
    bool found = false;
    Dim zero = dim_const(p->cx->module->dims, 0);
    Largest top = { 0 };
    Life best = *l;
    if (!find_beside(p, order, placed, l, &b))
        return false;
    for (int i = -1; i < b.n; i++) {
        Life here = *l;
        if (!set_place(p, &here, i < 0 ? zero : b.end[i]))
            return false;
        if ((found && !is_lower(here.at, best.at)) || !seems_free(p, &here, &b, here.at) || !is_free(p, &here, &b, here.offset))
            continue;
        best = here;
        found = true;
    }
    for (int i = 0; i < b.n && !found; i++)
        add_size(p, &top, b.end[i]);
    if (!found && !set_place(p, &best, largest(p, &top)))
        return false;
    *l = best;
    return true;
}

/* ---- all of them -------------------------------------------------------------------------------------------------------- */

/* The longest-lived first; the largest, by each probe; those that take the most room for the longest time, and
 * for the shortest, by each probe. The first two are tried
 * always, the others while the arena is more than a tenth too large. */
enum { ORDERS = 1 + 3 * PROBES, ALWAYS = 2 };

static double weight_of(const Life *l, int k)
{
    double life = l->last - l->first + 1;
    if (!k)
        return life;
    double size = (double)l->sizes[(k - 1) % PROBES];
    return k <= PROBES ? size : k <= 2 * PROBES ? size * life : size / life;
}

static int by_weight(const void *x, const void *y)
{
    const Life *a = *(Life *const *)x, *b = *(Life *const *)y;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    if (a->sizes[0] != b->sizes[0])
        return a->sizes[0] > b->sizes[0] ? -1 : 1;
    return a->first != b->first ? (a->first > b->first) - (a->first < b->first) : (a > b) - (a < b);
}

/* The arena's size; NULL: it cannot be said. */
static Dim try_order(Plan *p, Life **order)
{
    Largest ends = { 0 };
    qsort(order, (size_t)p->lives.n, sizeof *order, by_weight);
    for (int i = 0; i < p->lives.n; i++) {
        if (!place(p, order, i, order[i]))
            return NULL;
        add_size(p, &ends, dim_add(p->cx->module->dims, order[i]->offset, order[i]->bytes));
    }
    Dim all = largest(p, &ends);
    return dim_is_poison(all) || dim_size(all) > SIZE_MOST ? NULL : all;
}

Dim plan_offsets(Plan *p, Dim bytes)
{
    int n = p->lives.n;
    double least = plan_excess(p, bytes); /* of dims that must divide others no probe may say anything */
    if (n > LIVES_MOST)
        return NULL;
    if (least <= PLAN_MOST_EXCESS)
        return NULL;
    Life *own = NEWN(p->cx->arena, Life, n + 1), **order = NEWN(p->cx->arena, Life *, n + 1);
    Dim found = NULL;
    for (int k = 0; k < ORDERS && (k < ALWAYS || least > PLAN_MOST_EXCESS); k++) {
        for (int i = 0; i < n; i++) {
            own[i] = p->lives.p[i];
            own[i].weight = weight_of(&own[i], k);
            order[i] = &own[i];
        }
        Dim all = try_order(p, order);
        if (!all || plan_excess(p, all) >= least)
            continue;
        least = plan_excess(p, all);
        found = all;
        for (int i = 0; i < n; i++)
            p->lives.p[i].offset = own[i].offset;
    }
    return found;
}
