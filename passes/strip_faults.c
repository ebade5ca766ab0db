/* strip_faults.c - what may fault in the group is looked for before its loop, over all rows: so of several faults the first one is still the first.
 * That can be done where neither the faults nor what decides about them need the group's tensors. Where they do (a subscript that a sort gives), a member
 * faults in the loop: of several faults that of the first strip is named. What counts the turns of a loop is the same for all strips, and fails in the
 * first one; there is one, then, also of no rows.
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

/* The value that faults, and the choices, guards and loops around it. */
static void see_fault(void *user, IrNode *n)
{
    Needs *q = user;
    if (!pass_is_fault(n) || pass_never_faults(q->s->cx, n))
        return;
    need(q, n);
    for (IrRegion *r = n->parent; r && r != q->s->region; r = r->owner->parent) {
        bool turns = r->owner->op == OP_for || r->owner->op == OP_while || r->owner->op == OP_if; /* whose second operand is a value */
        if (!turns && pass_guard(r))
            need(q, pass_guard(r));
        if (r->owner->op == OP_for || r->owner->op == OP_while) /* what it begins with and carries goes along */
            need(q, r->owner);
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

bool strip_fails_in_turns(const Strip *s)
{
    bool found = false;
    for (int i = 0; i < s->members.n; i++)
        found = found || (s->members.p[i]->op != OP_map && pass_faults(s->members.p[i]));
    return found;
}
