/* core_terms.c - a sum of several terms, one of which is a contraction, is a sum of each, by the form of the terms alone.
 *
 *     sum[k](a[i, k] * b[k, j] - c[i, k] * d[k, j])     sum[k](a[i, k] * b[k, j]) - sum[k](c[i, k] * d[k, j])
 *     sum[d](x[i, d] ^ 2 - 2 * x[i, d] * y[j, d])       sum[d](x[i, d] ^ 2) - sum[d](2 * x[i, d] * y[j, d])
 *
 * Each term must be a contraction, or lack an index that the others have: its sum is then computed for the indices that it needs. As one sum all terms would
 * be added up for each element, in the order of what is no product. An infinity of one term and its opposite of another are NaN either way.
 */
#include "frontend/check/check_int.h"

enum { TERMS_MOST = 6 };

typedef struct Term { Core *c; bool minus; } Term;
typedef struct Terms { Fx *f; IrDtype type; Term at[TERMS_MOST]; int n; } Terms;

static bool collect(Terms *t, Core *c, bool minus)
{
    bool adds = c->kind == C_op && (c->op == OP_add || c->op == OP_sub) && c->type.dtype == t->type && !c->type.rank;
    if (adds)
        return collect(t, c->kids[0], minus) && collect(t, c->kids[1], minus != (c->op == OP_sub));
    if (t->n == TERMS_MOST)
        return false;
    t->at[t->n++] = (Term){ c, minus };
    return true;
}

/* Some index of all, but those of the sum, is missing. */
static bool lacks_some(Fx *f, const Core *all, const Core *c, int n, CoreIndex *const *idx)
{
    Free whole = core_free(f, all), part = core_free(f, c);
    for (int i = 0; i < whole.idx.n; i++) {
        bool met = false;
        for (int k = 0; k < part.idx.n; k++)
            met = met || part.idx.p[k] == whole.idx.p[i];
        for (int k = 0; k < n; k++)
            met = met || idx[k] == whole.idx.p[i];
        if (!met)
            return true;
    }
    return false;
}

static bool are_sums(const Terms *t, const Core *body, int n, CoreIndex *const *idx)
{
    bool some = false;
    for (int i = 0; i < t->n; i++) {
        bool contracts = core_contracts(t->f, n, idx, t->at[i].c);
        if (!contracts && !lacks_some(t->f, body, t->at[i].c, n, idx))
            return false;
        some = some || contracts;
    }
    return some && t->n > 1;
}

static Core *sum_of(const Terms *t, const Term *term, int n, CoreIndex *const *idx, const Core *guard)
{
    Fx *f = t->f;
    CoreIndex *own[RANK_MOST];
    for (int i = 0; i < n; i++)
        own[i] = index_copy(f, idx[i]);
    Core *sum = core_reduce(f, RED_sum, n, own, core_clone(f, term->c, n, idx, own), guard ? core_clone(f, guard, n, idx, own) : NULL);
    sum->span = term->c->span;
    return let_stat(f, sum, redop_name(RED_sum));
}

Core *core_terms(Fx *f, int n, CoreIndex *const *idx, Core *body, Core *guard)
{
    Terms t = { .f = f, .type = body->type.dtype };
    if ((t.type != DT_f32 && t.type != DT_f64) || n > RANK_MOST || !collect(&t, body, false) || !are_sums(&t, body, n, idx) ||
        core_order(f, RED_sum, n, idx, body, guard) == ORDER_chain)
        return NULL;
    Core *all = NULL;
    for (int i = 0; i < t.n; i++) {
        Core *sum = sum_of(&t, &t.at[i], n, idx, guard);
        all = all ? core_op2(f, t.at[i].minus ? OP_sub : OP_add, t.type, all, sum) : t.at[i].minus ? core_op1(f, OP_neg, t.type, sum) : sum;
    }
    return all;
}
