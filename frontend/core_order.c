/* core_order.c - the order of a reduction, by its form alone (ir/IR.md, Orders of reductions). */
#include "frontend/check/check_int.h"

enum { FACTORS_MOST = 64 };

static void factors(const Core *c, const Core **out, int *n)
{
    if (c->kind == C_op && c->op == OP_mul && *n < FACTORS_MOST - 1) {
        factors(c->kids[0], out, n);
        factors(c->kids[1], out, n);
    } else if (*n < FACTORS_MOST) {
        out[(*n)++] = c;
    }
}

static bool among(const CoreIndex *x, int n, CoreIndex *const *idx)
{
    for (int i = 0; i < n; i++)
        if (idx[i] == x)
            return true;
    return false;
}

static bool has_reduced(const Free *r, int n, CoreIndex *const *idx)
{
    for (int i = 0; i < r->idx.n; i++)
        if (among(r->idx.p[i], n, idx))
            return true;
    return false;
}

/* Some free index of a (not a reduced one) is missing in b. */
static bool lacks(const Free *a, const Free *b, int n, CoreIndex *const *idx)
{
    for (int i = 0; i < a->idx.n; i++)
        if (!among(a->idx.p[i], n, idx) && !among(a->idx.p[i], b->idx.n, b->idx.p))
            return true;
    return false;
}

static bool is_contraction(Fx *f, int n, CoreIndex *const *idx, const Core *body)
{
    const Core *fs[FACTORS_MOST];
    Free deps[FACTORS_MOST];
    int nf = 0;
    factors(body->kind == C_block ? body->kids[body->nkids - 1] : body, fs, &nf);
    for (int i = 0; i < nf; i++) {
        deps[i] = core_free(f, fs[i]);
    }
    for (int i = 0; i < nf; i++)
        for (int k = 0; k < nf; k++)
            if (i != k && has_reduced(&deps[i], n, idx) && has_reduced(&deps[k], n, idx) && lacks(&deps[i], &deps[k], n, idx))
                return true;
    return false;
}

/* a[i] == j in a conjunction, i reduced and j free; a conjunct that may be asked under the ones before it only makes it a choice. */
static bool is_scatter(const Core *g, int n, CoreIndex *const *idx)
{
    if (g && g->kind == C_if && g->kids[2]->kind == C_const && !g->kids[2]->ival)
        return is_scatter(g->kids[0], n, idx);
    if (!g || g->kind != C_op)
        return false;
    if (g->op == OP_and)
        return is_scatter(g->kids[0], n, idx) || is_scatter(g->kids[1], n, idx);
    if (g->op != OP_eq)
        return false;
    for (int side = 0; side < 2; side++) {
        const Core *x = g->kids[side], *y = g->kids[1 - side];
        while (x->kind == C_op && (x->op == OP_cast || x->op == OP_narrow))
            x = x->kids[0];
        while (y->kind == C_op && (y->op == OP_cast || y->op == OP_narrow))
            y = y->kids[0];
        if (y->kind != C_index || among(y->index, n, idx) || x->kind != C_load)
            continue;
        for (int i = 1; i < x->nkids; i++)
            if (x->kids[i]->kind == C_index && among(x->kids[i]->index, n, idx))
                return true;
    }
    return false;
}

IrOrder core_order(Fx *f, RedOp op, int n, CoreIndex *const *idx, const Core *body, const Core *guard)
{
    if (is_scatter(guard, n, idx))
        return ORDER_chain;
    if (op == RED_sum && is_contraction(f, n, idx, body))
        return ORDER_contract;
    return ORDER_lanes16;
}
