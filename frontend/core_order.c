/* core_order.c - the order of a reduction, by its form alone (ir/IR.md, Orders of reductions). */
#include "frontend/check/check_int.h"

enum { FACTORS_MOST = 64 };

typedef struct Sum { Fx *f; int n; CoreIndex *const *idx; const Core *body; } Sum;

static const Core *value_of(const Core *x) { return x->kind == C_block ? x->kids[x->nkids - 1] : x; }

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

bool core_contracts(Fx *f, int n, CoreIndex *const *idx, const Core *body)
{
    const Core *fs[FACTORS_MOST];
    Free deps[FACTORS_MOST];
    int nf = 0;
    factors(value_of(body), fs, &nf);
    for (int i = 0; i < nf; i++) {
        deps[i] = core_free(f, fs[i]);
    }
    for (int i = 0; i < nf; i++)
        for (int k = 0; k < nf; k++)
            if (i != k && has_reduced(&deps[i], n, idx) && has_reduced(&deps[k], n, idx) && lacks(&deps[i], &deps[k], n, idx))
                return true;
    return false;
}

typedef struct Next { DimCx *cx; DimSym *sym; } Next;

static Dim next_of(void *user, DimSym *s)
{
    Next *n = user;
    return s == n->sym ? dim_add(n->cx, dim_sym(n->cx, s), dim_const(n->cx, 1)) : NULL;
}

static bool is_linear(Fx *f, Dim d, const CoreIndex *x)
{
    Next n = { f->dims, x->sym };
    return !dim_mentions(dim_sub(n.cx, dim_subst(n.cx, d, next_of, &n), d), x->sym);
}

/* A sum or product of indices and sizes, or such a quotient or remainder: a guard that compares it with an index is a bound, or a step. */
static bool follows(Fx *f, const Core *x, int n, CoreIndex *const *idx, bool top)
{
    Free r = core_free(f, x);
    bool all = !has_reduced(&r, n, idx) || x->kind == C_index || x->kind == C_dim;
    for (int i = 0; i < n && x->kind == C_dim; i++)
        all = all && is_linear(f, x->dim, idx[i]);
    if (all || x->kind != C_op)
        return all;
    bool divides = x->op == OP_floordiv || x->op == OP_mod;
    all = x->op == OP_add || x->op == OP_sub || x->op == OP_mul || x->op == OP_cast || x->op == OP_narrow || (divides && top);
    for (int i = 0; i < x->nkids && all; i++)
        all = follows(f, x->kids[i], n, idx, top && x->op != OP_add && x->op != OP_sub && x->op != OP_mul && !divides);
    return all;
}

/* What a block of statements gives a variable. */
static const Core *given(const Core *block, const Core *x)
{
    for (int i = 0; block && x->kind == C_var && i + 1 < block->nkids; i++) {
        const Core *s = block->kids[i];
        for (int k = 0; k < s->nouts; k++)
            if (s->outs[k] == x->var)
                return s;
        if (s->kind == C_let && s->var == x->var)
            return s->kids[0];
    }
    return x;
}

static const Core *uncast(const Core *x)
{
    while (x->kind == C_op && (x->op == OP_cast || x->op == OP_narrow))
        x = x->kids[0];
    return x;
}

static int shared(const Free *a, const Free *b, int n, CoreIndex *const *idx)
{
    int count = 0;
    for (int i = 0; i < a->idx.n; i++)
        count += among(a->idx.p[i], n, idx) && among(a->idx.p[i], b->idx.n, b->idx.p);
    return count;
}

/* Does a factor belong to pairs of which the key is made (`j - i == r`)? What is a product of rows and places goes from bound to bound. */
static bool is_of_pairs(Fx *f, const Core *body, const Free *key, int n, CoreIndex *const *idx)
{
    const Core *fs[FACTORS_MOST];
    bool found = false;
    int nf = 0;
    factors(value_of(body), fs, &nf);
    for (int i = 0; i < nf && !found; i++) {
        Free r = core_free(f, fs[i]);
        found = shared(&r, key, n, idx) > 1;
    }
    return found;
}

/* What a guard compares with an index: is it a place that is looked up or computed for the reduced indices? */
static bool names_place(const Sum *s, const Core *x, const Core *block)
{
    const Core *v = uncast(given(block, x));
    Free r = core_free(s->f, v);
    return has_reduced(&r, s->n, s->idx) && (!follows(s->f, v, s->n, s->idx, true) || is_of_pairs(s->f, s->body, &r, s->n, s->idx));
}

/* a[i] == j in a conjunction, i reduced and j free; a conjunct that may be asked under the ones before it only makes it a choice. */
static bool is_scatter(const Sum *s, const Core *g, const Core *block)
{
    if (g && g->kind == C_block)
        return is_scatter(s, g->kids[g->nkids - 1], g);
    if (g && g->kind == C_if && g->kids[2]->kind == C_const && !g->kids[2]->ival)
        return is_scatter(s, g->kids[0], block) || is_scatter(s, g->kids[1], block);
    if (!g || g->kind != C_op)
        return false;
    if (g->op == OP_and)
        return is_scatter(s, g->kids[0], block) || is_scatter(s, g->kids[1], block);
    for (int side = 0; side < 2 && g->op == OP_eq; side++) {
        const Core *y = uncast(g->kids[1 - side]);
        if (y->kind == C_index && !among(y->index, s->n, s->idx) && names_place(s, g->kids[side], block))
            return true;
    }
    return false;
}

/* if c { .. } else { 0 }: what a sum is guarded by. */
static const Core *condition(const Core *body)
{
    const Core *c = value_of(body), *no = c->kind == C_if ? value_of(c->kids[2]) : NULL;
    return no && no->kind == C_const && dtype_is_float(no->type.dtype) && no->fval == 0 ? c->kids[0] : NULL;
}

IrOrder core_order(Fx *f, RedOp op, int n, CoreIndex *const *idx, const Core *body, const Core *guard)
{
    Sum s = { f, n, idx, body };
    if (is_scatter(&s, guard, NULL) || (op == RED_sum && is_scatter(&s, condition(body), body->kind == C_block ? body : NULL)))
        return ORDER_chain;
    if (op == RED_sum && core_contracts(f, n, idx, body))
        return ORDER_contract;
    return ORDER_lanes16;
}
