/* online_factors.c - in a stream, factors and divisors of a sum that do not need its index leave it.
 *
 *     sum [d] { q[i, d] / n[i] * k[j, d] / m[j] }
 *
 *     %fast = sum [d] { q[i, d] / n[i] * k[j, d] }        a contraction: the divisor made it none
 *     select(abs(m[j]) > 0, %fast / m[j], sum [d] { q[i, d] / n[i] * k[j, d] / m[j] })
 *
 * Where a divisor is 0, or a factor is no finite number, terms of both signs are not what their sum is: there the sum is what was written, pair by pair
 * (tile_stream_choice.c asks for a block). Decided by the form alone, so rows have the same bits whatever the sizes.
 */
#include <math.h>

#include "passes/online/online_int.h"

enum { OUTER_MOST = 4 };

typedef struct Factors { PassCx *cx; IrNode *map, *sum, *index, *inner, *outer[OUTER_MOST]; IrOp op[OUTER_MOST]; int n; } Factors; /* inner op[n - 1] outer[n - 1] .. op[0] outer[0] */

/* n = x op c, where c does not need the index. */
static bool peel(Factors *q, IrNode *n)
{
    bool here = n->parent == q->index->parent && (n->op == OP_mul || n->op == OP_div) && n->type.dtype == q->sum->type.dtype;
    for (int k = 1; here && k >= (n->op == OP_div); k--)
        if (!pass_depends_on(q->cx, n->in[k], q->index) && q->n < OUTER_MOST) {
            q->op[q->n] = (IrOp)n->op;
            q->outer[q->n++] = n->in[k];
            q->inner = n->in[1 - k];
            return true;
        }
    return false;
}

static IrNode *outside(Factors *q, IrBuilder *b, Map *nodes, IrNode *n)
{
    if (!ir_inside(n, q->sum->regions[0]))
        return n;
    IrNode *old = map_find(nodes, n);
    if (old)
        return old;
    for (int i = 0; i < n->nin; i++)
        map_put(nodes, n->in[i], outside(q, b, nodes, n->in[i]));
    IrNode *x = ir_clone_node(b, n, nodes, NULL, NULL);
    map_put(nodes, n, x);
    return x;
}

/* A choice of its regions, or a size of the sum, stays in there. */
static bool may_leave(Factors *q, const IrNode *n)
{
    if (!ir_inside(n, q->sum->regions[0]))
        return true;
    bool free = !n->nregions && n->op != OP_index && !n->sym && pass_is_total(q->cx, n);
    for (int i = 0; i < n->nin && free; i++)
        free = may_leave(q, n->in[i]);
    return free;
}

/* Operands that are read by the distance of row and place have sums of their own (tile_stream_skew.c), and so has what is mixed over another index. */
static bool is_plain(Factors *q, const IrRegion *r, const IrNode *place)
{
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_reduce)
            return false;
        for (int i = 1; i < n->nin && n->op == OP_load; i++)
            for (int k = 0; k < q->map->regions[0]->params.n; k++)
                if (pass_depends_on(q->cx, n->in[i], place) && pass_depends_on(q->cx, n->in[i], q->map->regions[0]->params.p[k]))
                    return false;
    }
    return true;
}

static bool find_factors(Factors *q)
{
    const IrNode *sum = q->sum, *y = sum->op == OP_reduce ? ir_terminator(sum->regions[0]) : NULL;
    if (!y || sum->redop != RED_sum || sum->stream || y->nin > 1 || sum->regions[0]->params.n != 1)
        return false;
    if ((sum->type.dtype != DT_f32 && sum->type.dtype != DT_f64) || sum->type.rank || y->in[0]->type.dtype != sum->type.dtype)
        return false;
    q->index = sum->regions[0]->params.p[0];
    q->inner = y->in[0];
    while (peel(q, q->inner))
        ;
    bool good = q->n && q->inner->parent == q->index->parent && q->inner->op != OP_load && pass_is_total(q->cx, sum);
    for (int i = 0; i < q->n && good; i++)
        good = may_leave(q, q->outer[i]);
    return good && is_plain(q, sum->regions[0], sum->parent->params.p[0]);
}

/* Is the sum of x op c what the sum op c is? NULL: for sure. */
static IrNode *is_fine(IrBuilder *b, IrOp op, IrNode *c)
{
    if (c->op == OP_const && isfinite(c->fimm) && (op == OP_mul || c->fimm != 0))
        return NULL;
    IrNode *size = ir_add1(b, OP_abs, c->type, c), *end = ir_const_float(b, c->type.dtype, op == OP_div ? 0 : INFINITY);
    return op == OP_div ? ir_add2(b, OP_lt, ir_scalar(DT_bool), end, size) : ir_add2(b, OP_lt, ir_scalar(DT_bool), size, end);
}

static void let_leave(Factors *q)
{
    IrBuilder b = { q->sum->parent->fn, q->sum->parent, q->sum, q->sum->span };
    Map nodes = map_new(q->cx->arena), moved = map_new(q->cx->arena);
    IrNode *fast = ir_clone_node(&b, q->sum, &nodes, NULL, NULL), *fine = NULL, *x = fast;
    pass_note_symbols(q->cx, fast->regions[0]);
    ir_set_in(ir_terminator(fast->regions[0]), 0, map_find(&nodes, q->inner));
    online_sweep(q->cx, fast->regions[0], false);
    fast->order = online_contracts(q->cx, q->map, fast) ? ORDER_contract : ORDER_lanes16;
    for (int i = q->n; i-- > 0;) {
        IrNode *c = outside(q, &b, &moved, q->outer[i]), *ok = is_fine(&b, q->op[i], c);
        x = ir_add2(&b, q->op[i], x->type, x, c);
        fine = ok && fine ? ir_add2(&b, OP_and, ir_scalar(DT_bool), fine, ok) : ok ? ok : fine;
    }
    if (!fine) {
        ir_replace(q->sum, x);
        ir_drop(q->sum);
        return;
    }
    b.before = q->sum->next;
    IrNode *choice = ir_add3(&b, OP_select, x->type, fine, x, x);
    ir_replace(q->sum, choice);
    ir_set_in(choice, 2, q->sum);
}

void online_let_factors_leave(PassCx *cx, IrNode *map)
{
    for (IrNode *m = map->regions[0]->first; m; m = m->next)
        for (IrNode *n = m->op == OP_reduce && m->stream ? m->regions[0]->first : NULL, *next; n; n = next) {
            Factors q = { .cx = cx, .map = map, .sum = n };
            next = n->next;
            if (n->uses && find_factors(&q))
                let_leave(&q);
        }
}
