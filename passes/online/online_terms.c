/* online_terms.c - in a stream, a sum of products that are contractions each is so many contractions.
 *
 *     sum [d] { (q[i, d] + u[d]) * k[j, d] + (q[i, d] + w[d]) * r[i - j, d] }
 *
 *     sum [d] { (q[i, d] + u[d]) * k[j, d] } + sum [d] { (q[i, d] + w[d]) * r[i - j, d] }
 *
 * As one sum it has the order of what is no product (lanes16), pair by pair. A contraction is what the reference calls one: of its factors with the
 * reduced index, one lacks a free index that another has. Decided by the form alone, so rows have the same bits whatever the sizes.
 */
#include "passes/online/online_int.h"

enum { TERMS_MOST = 4, FACTORS_IN_TERM = 8 };

typedef struct Term { IrNode *value; bool minus; } Term;
typedef struct Terms { PassCx *cx; IrNode *map, *sum, *index; Term t[TERMS_MOST]; int n; } Terms;

/* ---- the form ------------------------------------------------------------------------------------------------------------ */

static bool take_factors(const Terms *q, IrNode *n, IrNode **out, int *count)
{
    if (n->op == OP_mul && n->parent == q->index->parent)
        return take_factors(q, n->in[0], out, count) && take_factors(q, n->in[1], out, count);
    if (*count == FACTORS_IN_TERM)
        return false;
    if (pass_depends_on(q->cx, n, q->index))
        out[(*count)++] = n;
    return true;
}

/* Does a lack an index around the sum that b has? */
static bool lacks(const Terms *q, const IrNode *a, const IrNode *b)
{
    for (const IrRegion *r = q->sum->parent; r; r = r == q->map->regions[0] ? NULL : r->owner->parent)
        for (int i = 0; i < r->params.n; i++)
            if (pass_depends_on(q->cx, b, r->params.p[i]) && !pass_depends_on(q->cx, a, r->params.p[i]))
                return true;
    return false;
}

static bool contracts(const Terms *q, IrNode *n)
{
    IrNode *f[FACTORS_IN_TERM];
    int count = 0;
    if (n->op != OP_mul || !take_factors(q, n, f, &count))
        return false;
    for (int i = 0; i < count; i++)
        for (int k = 0; k < count; k++)
            if (i != k && lacks(q, f[i], f[k]))
                return true;
    return false;
}

bool online_contracts(PassCx *cx, IrNode *map, IrNode *sum)
{
    Terms q = { .cx = cx, .map = map, .sum = sum, .index = sum->regions[0]->params.p[0] };
    return contracts(&q, ir_terminator(sum->regions[0])->in[0]);
}

static bool take_terms(Terms *q, IrNode *n, bool minus)
{
    bool here = n->parent == q->index->parent;
    if (here && (n->op == OP_add || n->op == OP_sub))
        return take_terms(q, n->in[0], minus) && take_terms(q, n->in[1], n->op == OP_sub ? !minus : minus);
    if (!here || q->n == TERMS_MOST || !contracts(q, n))
        return false;
    q->t[q->n++] = (Term){ n, minus };
    return true;
}

static bool find_terms(Terms *q)
{
    const IrNode *sum = q->sum, *y = sum->op == OP_reduce ? ir_terminator(sum->regions[0]) : NULL;
    if (!y || sum->redop != RED_sum || sum->order != ORDER_lanes16 || sum->stream || y->nin > 1 || sum->regions[0]->params.n != 1)
        return false;
    if ((sum->type.dtype != DT_f32 && sum->type.dtype != DT_f64) || sum->type.rank || y->in[0]->type.dtype != sum->type.dtype)
        return false;
    q->index = sum->regions[0]->params.p[0];
    return take_terms(q, y->in[0], false) && q->n > 1;
}

/* ---- the sums ------------------------------------------------------------------------------------------------------------ */

static IrNode *sum_of(Terms *q, const Term *t)
{
    IrBuilder b = { q->sum->parent->fn, q->sum->parent, q->sum, q->sum->span };
    Map nodes = map_new(q->cx->arena);
    IrNode *sum = ir_clone_node(&b, q->sum, &nodes, NULL, NULL);
    sum->order = ORDER_contract;
    pass_note_symbols(q->cx, sum->regions[0]);
    ir_set_in(ir_terminator(sum->regions[0]), 0, map_find(&nodes, t->value));
    online_sweep(q->cx, sum->regions[0], false);
    return sum;
}

static void split(Terms *q)
{
    IrBuilder b = { q->sum->parent->fn, q->sum->parent, q->sum, q->sum->span };
    IrNode *all = NULL;
    for (int i = 0; i < q->n; i++) {
        IrNode *x = sum_of(q, &q->t[i]);
        if (!all)
            all = q->t[i].minus ? ir_add1(&b, OP_neg, x->type, x) : x;
        else
            all = ir_add2(&b, q->t[i].minus ? OP_sub : OP_add, x->type, all, x);
    }
    ir_replace(q->sum, all);
    ir_drop(q->sum);
}

void online_split_terms(PassCx *cx, IrNode *map)
{
    for (IrNode *m = map->regions[0]->first; m; m = m->next)
        for (IrNode *n = m->op == OP_reduce && m->stream ? m->regions[0]->first : NULL, *next; n; n = next) {
            Terms q = { .cx = cx, .map = map, .sum = n };
            next = n->next;
            if (n->uses && find_terms(&q))
                split(&q);
        }
}
