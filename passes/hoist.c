/* hoist.c - move what does not depend on a reduction's indices out of it.
 *
 *     sum [j: S] { %m = max [k: S] {...}; %e = exp(%s[i, j] - %m) }
 *
 * takes the maximum once for each i. Only what can run at any time moves: no fault, no read that needs the reduction's guard or a
 * range that is not empty. A reduction over the same places under the same guard moves in any case: it looks at a place only if there
 * is one, and then the other one would have asked for it. Before, what a guard asks of places alone stands beside the rest of it.
 */
#include "passes/stream_int.h"

static bool may_move(PassCx *cx, const IrNode *n, const IrRegion *r)
{
    const IrOpInfo *op = ir_info(n);
    if (n->op == OP_yield || (op->effects & (PINNED | FAULTS)) || pass_depends(cx, n, r))
        return false;
    return pass_is_total(cx, n) || (n->op == OP_reduce && r->owner->op == OP_reduce && pass_same_places(cx, n, r->owner));
}

/* Of n and of all it holds: nothing that they read stays behind in r. */
static bool operands_are_outside(const IrNode *n, const IrRegion *r)
{
    for (int i = 0; i < n->nin; i++)
        if (n->in[i]->parent == r)
            return false;
    for (int k = 0; k < n->nregions; k++)
        for (const IrNode *x = n->regions[k]->first; x; x = x->next)
            if (!operands_are_outside(x, r))
                return false;
    return true;
}

static void hoist_region(PassCx *cx, IrRegion *r);

static void hoist_inside(PassCx *cx, IrNode *n)
{
    for (int i = 0; i < n->nregions; i++)
        hoist_region(cx, n->regions[i]);
}

static void hoist_region(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        IrNode *owner = r->owner, *before = n->prev;
        hoist_inside(cx, n);
        if (before != n->prev) { /* what came out of it first: n may follow */
            next = before ? before->next : r->first;
            continue;
        }
        next = n->next;
        if (!owner || (owner->op != OP_reduce && owner->op != OP_for && owner->op != OP_scatter))
            continue;
        if (operands_are_outside(n, r) && may_move(cx, n, r)) {
            ir_move_before(n, owner);
            cx->changed++;
        }
    }
}

void pass_hoist_region(PassCx *cx, IrRegion *r) { hoist_region(cx, r); }

static void open_guard(void *user, IrNode *n)
{
    if (n->op == OP_reduce)
        pass_open_guards(user, n->regions[0], false);
}

bool pass_hoist(PassCx *cx, IrFn *fn)
{
    ir_walk(fn->body, open_guard, cx);
    hoist_region(cx, fn->body);
    return true;
}
