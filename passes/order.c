/* order.c - kernels that do not need one another stand together: a thread that is done with one goes on with the next.
 *
 *     q = product(x)     q1 = turn(q)     k = product(x)     k1 = turn(k)         waits for q, then for k
 *     q = product(x)     k = product(x)     q1 = turn(q)     k1 = turn(k)         is busy with k until q is there
 *
 * Among kernels (and choices between kernels) with nothing but plain values between them each moves behind those of lower levels
 * (ir_phases). The order in which they were decides otherwise.
 */
#include "passes/pass_int.h"

static void order(PassCx *cx, const IrPhases *p)
{
    IrNode *end = p->last->next;
    int most = 0;
    bool sorted = true;
    for (int k = 0; k < p->nunits; k++) {
        most = p->level[k] > most ? p->level[k] : most;
        sorted = sorted && (!k || p->level[k - 1] <= p->level[k]);
    }
    for (int l = 0; l <= most && !sorted; l++)
        for (int k = 0; k < p->nunits; k++)
            if (p->level[k] == l) {
                ir_move_before(p->unit[k], end);
                cx->changed++;
            }
}

static void order_region(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        IrPhases p = { .n = 0 };
        if (n->op == OP_kernel || n->op == OP_if)
            p = ir_phases(n, cx->arena);
        if (p.n) {
            IrNode *end = p.last->next;
            if (end)
                order(cx, &p);
            n = end ? end->prev : p.last;
            continue;
        }
        for (int i = 0; i < n->nregions; i++)
            order_region(cx, n->regions[i]);
    }
}

bool pass_order(PassCx *cx, IrFn *fn)
{
    order_region(cx, fn->body);
    return true;
}
