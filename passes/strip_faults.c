/* strip_faults.c - what may fault in the group is looked for before its loop, over all rows: so of several faults the first one is still the first.
 * That can be done where neither the faults nor what decides about them need the group's tensors.
 */
#include "passes/strip_int.h"

typedef struct Needs { const Strip *s; Map seen; bool ok; } Needs;

static void need(Needs *q, IrNode *n);

static void need_operands(void *user, IrNode *n)
{
    for (int i = 0; i < n->nin; i++)
        need(user, n->in[i]);
}

static void need(Needs *q, IrNode *n)
{
    q->ok = q->ok && strip_axis(q->s, n) < 0;
    if (!q->ok || map_find(&q->seen, n) || n->parent == q->s->region)
        return;
    map_put(&q->seen, n, n);
    need_operands(q, n);
    for (int k = 0; k < n->nregions; k++)
        ir_walk(n->regions[k], need_operands, q);
}

/* The value that faults, and the choices and guards around it. */
static void see_fault(void *user, IrNode *n)
{
    Needs *q = user;
    if (!pass_is_fault(n))
        return;
    need(q, n);
    for (IrRegion *r = n->parent; r && r != q->s->region; r = r->owner->parent) {
        if (pass_guard(r))
            need(q, pass_guard(r));
        if (r->owner->op == OP_if)
            need(q, r->owner->in[0]);
    }
}

bool strip_faults_before(const Strip *s, IrNode *n)
{
    Needs q = { s, map_new(s->cx->arena), true };
    if (!pass_faults(n))
        return true;
    if (n->op == OP_map)
        ir_walk(n->regions[0], see_fault, &q);
    return n->op == OP_map && q.ok;
}
