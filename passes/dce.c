/* dce.c - drop effect-free nodes that nobody uses.
 *
 *     %1 = neg %0                          gone: nobody uses it
 *     %2 = add %0, %0                      %2 = add %0, %0
 *     ret %2                               ret %2
 *
 * Walks each region from its last node to its first, so a chain of dead nodes falls in one run. Linear in nodes.
 */
#include "passes/pass_int.h"

static bool sym_is_live(const IrNode *n)
{
    return n->sym && n->sym->scratch; /* marked by mark_dims: some dim mentions it */
}

/* What stands behind it is never reached. */
static bool never_ends(const IrNode *n)
{
    const IrNode *go_on = n->op == OP_while ? n->regions[0]->last->in[0] : NULL;
    return go_on && go_on->op == OP_const && go_on->imm;
}

/* Loops and choices have the effects of what stands in them. */
static bool has_effects(const IrNode *n)
{
    const IrOpInfo *op = ir_info(n);
    if (!(op->effects & PURE) || (op->effects & (PINNED | FAULTS)) || never_ends(n))
        return true;
    for (int i = 0; i < n->nregions; i++)
        for (const IrNode *x = n->regions[i]->first; x; x = x->next)
            if (x->op != OP_yield && has_effects(x))
                return true;
    return false;
}

static bool is_dead(const IrNode *n)
{
    return !n->uses && n->op != OP_param && n->op != OP_yield && !sym_is_live(n) && !has_effects(n);
}

static void sweep(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->last, *prev; n; n = prev) {
        prev = n->prev;
        if (is_dead(n)) {
            ir_drop(n); /* its inputs lose a use and may fall next */
            cx->changed++;
            continue;
        }
        for (int i = 0; i < n->nregions; i++)
            sweep(cx, n->regions[i]);
    }
}

static void mark_sym(void *user, DimSym *s)
{
    (void)user;
    s->scratch = true;
}

static void clear_sym(void *user, DimSym *s)
{
    (void)user;
    s->scratch = false;
}

static void mark_node(void *user, IrNode *n)
{
    (void)user;
    pass_each_dim(n, mark_sym, NULL);
}

static void clear_node(void *user, IrNode *n)
{
    (void)user;
    pass_each_dim(n, clear_sym, NULL);
    if (n->sym)
        n->sym->scratch = false;
}

bool pass_dce(PassCx *cx, IrFn *fn)
{
    ir_walk(fn->body, clear_node, NULL);
    ir_walk(fn->body, mark_node, NULL);
    sweep(cx, fn->body);
    return true;
}
