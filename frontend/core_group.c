/* core_group.c - how a sum of a product of several factors is multiplied, by the form of the product alone.
 *
 *     sum[k](a[i, k] * b[j, k] * c[k])                  sum[k]((a[i, k] * c[k]) * b[j, k])          one multiplication for each i, j, k
 *     sum[d, e](x[m, d] * w[d, e] * y[n, e])            sum[e](sum[d](x[m, d] * w[d, e]) * y[n, e])
 *
 * A product whose multiplications need all indices more often than once becomes one of two groups, each of which lacks an index of the map that the
 * other has. Of a sum over several indices those whose factors lack an index that others have are added up first: of two such sums the one whose
 * factors stand first. Divisors go with factors. The interpreter and all passes see the result, so it has one order (ir/IR.md).
 */
#include "frontend/check/check_int.h"

enum { GROUP_MOST = 16, BITS = 64 };

typedef struct Factor { Core *c; uint64_t has; bool under; } Factor; /* under: it divides */

typedef struct Product {
    Fx *f;
    IrDtype type;
    Factor at[GROUP_MOST];
    int n;
    CoreIndex *idx[BITS]; /* of which bits stand; the first nred are those of the sum */
    int nidx, nred;
    bool odd;             /* more than there is room for */
} Product;

static int bits(uint64_t x) { return __builtin_popcountll(x); }

static uint64_t bit_of(Product *p, CoreIndex *x)
{
    for (int i = 0; i < p->nidx; i++)
        if (p->idx[i] == x)
            return 1ull << i;
    p->odd |= p->nidx == BITS;
    if (p->odd)
        return 0;
    p->idx[p->nidx] = x;
    return 1ull << p->nidx++;
}

static uint64_t bits_of(Product *p, const Core *c)
{
    uint64_t has = 0;
    Free r = core_free(p->f, c);
    for (int i = 0; i < r.idx.n; i++)
        has |= bit_of(p, r.idx.p[i]);
    return has;
}

static bool is_step(const Product *p, const Core *c) { return c->kind == C_op && (c->op == OP_mul || c->op == OP_div) && c->type.dtype == p->type && !c->type.rank; }

static void collect(Product *p, Core *c, bool under)
{
    if (is_step(p, c) && !under) {
        collect(p, c->kids[0], false);
        collect(p, c->kids[1], c->op == OP_div);
    } else if (p->n < GROUP_MOST) {
        p->at[p->n++] = (Factor){ c, bits_of(p, c), under };
    } else {
        p->odd = true;
    }
}

static uint64_t all_of(const Product *p)
{
    uint64_t all = 0;
    for (int i = 0; i < p->n; i++)
        all |= p->at[i].has;
    return all;
}

/* How many steps of a product, as it is written, need all indices. */
static int steps_of_all(Product *p, const Core *c, uint64_t all, uint64_t *has)
{
    uint64_t a = 0, b = 0;
    if (!is_step(p, c)) {
        *has = bits_of(p, c);
        return 0;
    }
    int n = steps_of_all(p, c->kids[0], all, &a) + (c->op == OP_div ? 0 : steps_of_all(p, c->kids[1], all, &b));
    b = c->op == OP_div ? bits_of(p, c->kids[1]) : b;
    *has = a | b;
    return n + (*has == all);
}

/* ---- two groups ---- */

typedef struct Groups { uint64_t in[2]; uint32_t of[2]; } Groups; /* their indices; their factors, as bits */

static int least_growth(const Product *p, const Groups *g, int *side)
{
    int best = -1, least = BITS + 1;
    for (int i = 0; i < p->n; i++) {
        if ((g->of[0] | g->of[1]) >> i & 1)
            continue;
        int more[2] = { bits(p->at[i].has & ~g->in[0]), bits(p->at[i].has & ~g->in[1]) };
        bool second = more[1] < more[0] || (more[1] == more[0] && bits(g->in[1]) < bits(g->in[0]));
        if (more[second] < least) {
            least = more[second];
            best = i;
            *side = second;
        }
    }
    return best;
}

/* Groups of which the first has index a and the second b: factors that have neither go where they bring least. */
static bool group(const Product *p, uint64_t a, uint64_t b, Groups *g)
{
    *g = (Groups){ 0 };
    for (int i = 0; i < p->n; i++) {
        uint64_t has = p->at[i].has;
        if ((has & a) && (has & b))
            return false;
        int side = has & b ? 1 : 0;
        if (has & (a | b)) {
            g->in[side] |= has;
            g->of[side] |= 1u << i;
        }
    }
    for (int side = 0, i; (i = least_growth(p, g, &side)) >= 0;) {
        g->in[side] |= p->at[i].has;
        g->of[side] |= 1u << i;
    }
    uint64_t reduced = (1ull << p->nred) - 1;
    return (g->in[0] & reduced) && (g->in[1] & reduced);
}

static bool has_factor(const Product *p, uint32_t of)
{
    for (int i = 0; i < p->n; i++)
        if ((of >> i & 1) && !p->at[i].under)
            return true;
    return false;
}

static int first_of(const Product *p, uint32_t of)
{
    for (int i = 0; i < p->n; i++)
        if ((of >> i & 1) && !p->at[i].under)
            return i;
    return -1;
}

static Core *times(const Product *p, Core *x, Core *y, bool under)
{
    Core *c = core_op2(p->f, under ? OP_div : OP_mul, p->type, x, y);
    c->span = x->span;
    return c;
}

static Core *product_of(const Product *p, uint32_t of)
{
    int first = first_of(p, of);
    Core *c = p->at[first].c;
    for (int i = 0; i < p->n; i++)
        if ((of >> i & 1) && i != first)
            c = times(p, c, p->at[i].c, p->at[i].under);
    return c;
}

static bool find_groups(const Product *p, Groups *best)
{
    int least = 2 * BITS;
    for (int i = p->nred; i < p->nidx; i++)
        for (int k = p->nidx; --k >= p->nred;) {
            Groups g;
            bool before = p->idx[i]->id < p->idx[k]->id;
            if (!before || !group(p, 1ull << i, 1ull << k, &g) || !has_factor(p, g.of[0]) || !has_factor(p, g.of[1]))
                continue;
            if (bits(g.in[0]) + bits(g.in[1]) < least) {
                least = bits(g.in[0]) + bits(g.in[1]);
                *best = g;
            }
        }
    return least < 2 * BITS;
}

/* No two indices tell groups apart: one index does, if the factors that lack it are several. */
static bool find_rest(const Product *p, Groups *g)
{
    for (int i = p->nred; i < p->nidx; i++) {
        *g = (Groups){ 0 };
        for (int k = 0; k < p->n; k++)
            g->of[!(p->at[k].has >> i & 1)] |= 1u << k;
        if (bits(g->of[1]) > 1 && has_factor(p, g->of[0]) && has_factor(p, g->of[1]))
            return true;
    }
    return false;
}

static Core *regrouped(Product *p, Core *body)
{
    Groups g;
    uint64_t all = all_of(p), has;
    int now = steps_of_all(p, body, all, &has);
    if (p->odd || p->n < 3 || now < 2 || (!find_groups(p, &g) && !find_rest(p, &g)))
        return body;
    bool swap = first_of(p, g.of[1]) < first_of(p, g.of[0]);
    Core *c = times(p, product_of(p, g.of[swap]), product_of(p, g.of[!swap]), false);
    return steps_of_all(p, c, all, &has) < now ? c : body;
}

/* ---- sums within sums ---- */

static uint32_t factors_with(const Product *p, uint64_t has)
{
    uint32_t of = 0;
    for (int i = 0; i < p->n; i++)
        of |= p->at[i].has & has ? 1u << i : 0;
    return of;
}

static uint64_t reaches(const Product *p, uint32_t of)
{
    uint64_t in = 0;
    for (int i = 0; i < p->n; i++)
        in |= of >> i & 1 ? p->at[i].has : 0;
    return in;
}

/* The factors to be added up first, as bits; 0: none. */
static uint32_t inner_factors(const Product *p, uint64_t guard)
{
    uint64_t all = all_of(p), reduced = (1ull << p->nred) - 1;
    uint32_t best = 0;
    for (int r = 0; r < p->nred; r++) {
        uint32_t of = factors_with(p, 1ull << r);
        uint64_t in = reaches(p, of);
        bool good = of && !(guard >> r & 1) && in != all && (all & reduced & ~(1ull << r)) && has_factor(p, of);
        if (good && (!best || of < best)) /* the highest bit decides: whose last factor stands first */
            best = of;
    }
    return best;
}

/* The indices of the sum that these factors alone have. */
static uint64_t own_of(const Product *p, uint32_t of, uint64_t guard)
{
    uint64_t own = 0;
    for (int r = 0; r < p->nred; r++) {
        uint32_t with = factors_with(p, 1ull << r);
        own |= with && !(with & ~of) && !(guard >> r & 1) ? 1ull << r : 0;
    }
    return own;
}

/* As if it were written there: a tensor, if it does not need all indices. */
static Core *inner_sum(const Product *p, int nin, CoreIndex **in, int nout, CoreIndex **out, Core *body)
{
    frame_push(p->f, FRAME_index);
    for (int i = 0; i < nout; i++)
        index_enter(p->f, out[i]);
    Core *sum = core_reduce(p->f, RED_sum, nin, in, body, NULL);
    sum->span = body->span;
    sum = let_stat(p->f, sum, redop_name(RED_sum));
    frame_merge(p->f);
    return sum;
}

static Core *nested(Product *p, Core *guard)
{
    uint64_t held = guard ? bits_of(p, guard) : 0;
    uint32_t of = p->odd || p->nred < 2 || p->n < 2 ? 0 : inner_factors(p, held);
    uint64_t own = of ? own_of(p, of, held) : 0;
    CoreIndex *in[BITS], *out[BITS];
    int nin = 0, nout = 0;
    for (int i = 0; i < p->nred; i++)
        *(own >> i & 1 ? &in[nin++] : &out[nout++]) = p->idx[i];
    if (!nin || !nout)
        return NULL;
    uint32_t rest = ((1u << p->n) - 1) & ~of;
    Core *sum = inner_sum(p, nin, in, nout, out, product_of(p, of));
    for (int i = 0; i < p->n; i++)
        if (rest >> i & 1)
            sum = times(p, sum, p->at[i].c, p->at[i].under);
    return core_reduce(p->f, RED_sum, nout, out, sum, guard);
}

static bool read_product(Product *p, Fx *f, int n, CoreIndex *const *idx, Core *body)
{
    *p = (Product){ .f = f, .type = body->type.dtype, .nidx = n, .nred = n };
    for (int i = 0; i < n && i < BITS; i++)
        p->idx[i] = idx[i];
    if ((p->type != DT_f32 && p->type != DT_f64) || n >= BITS || !is_step(p, body))
        return false;
    collect(p, body, false);
    return !p->odd && first_of(p, ~0u) >= 0;
}

Core *core_grouped(Fx *f, int n, CoreIndex *const *idx, Core *body)
{
    Product p;
    return read_product(&p, f, n, idx, body) ? regrouped(&p, body) : body;
}

Core *core_nested(Fx *f, int n, CoreIndex *const *idx, Core *body, Core *guard)
{
    Product p;
    return read_product(&p, f, n, idx, body) ? nested(&p, guard) : NULL;
}
