/* apart.c - the elements of a maximum, a minimum or a sum that are loops themselves become a tensor, which `online` takes block by block.
 *
 *     map [i: N] { argmin [j: M] { sum [d: D] { .. } } }
 *
 *     %t = map [i: N, j: M] { sum [d: D] { .. } }; map [i: N] { argmin [j: M] { %t[i, j] } }
 *
 * as if the program had given the distances a name, also where what they give is reduced in turn (`sum [i] { max [j] { .. } }`). Nested, the inner
 * loop would have no lanes but its own. Within a sum, or further in, what is as large as something that it reads stays: rows of that share nothing.
 * So do elements that may fault. Linear.
 */
#include "passes/stream_int.h"

static bool order_is_free(RedOp op) { return op == RED_max || op == RED_min || op == RED_argmax || op == RED_argmin; }

static void see_other(void *user, IrNode *n)
{
    bool *plain = user;
    *plain = *plain && !pass_is_tensor(n) && n->op != OP_map && n->op != OP_for && n->op != OP_while && !(ir_info(n)->effects & PINNED);
}

static bool is_looping(PassCx *cx, const IrNode *reduce)
{
    const IrRegion *r = reduce->regions[0];
    for (const IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_reduce && pass_depends(cx, n, r))
            return true;
    return false;
}

static bool has_form(PassCx *cx, const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    bool op = order_is_free((RedOp)n->redop) || (n->redop == RED_sum && n->order == ORDER_lanes16);
    return op && !n->stream && dtype_is_float(ir_terminator(r)->in[0]->type.dtype) && is_looping(cx, n);
}

static bool give_name(PassCx *cx, IrNode *top, IrNode *n)
{
    bool pairs = n->parent != top->regions[0] || !order_is_free((RedOp)n->redop);
    return pass_name_whole(cx, top, ir_terminator(n->regions[0])->in[0], pairs);
}

/* The innermost: what it gives is a number of a row for those around it. */
static bool visit_nest(PassCx *cx, IrNode *top, IrNode *n)
{
    bool found = false;
    for (IrNode *x = n->regions[0]->first; x; x = x->next)
        found = (x->op == OP_reduce && visit_nest(cx, top, x)) || found;
    return found || (n->op == OP_reduce && has_form(cx, n) && give_name(cx, top, n));
}

bool pass_apart(PassCx *cx, IrFn *fn)
{
    for (IrNode *n = fn->body->first; n; n = n->next) {
        bool plain = (n->op == OP_map && !pass_guard(n->regions[0])) || n->op == OP_reduce;
        if (plain)
            ir_walk(n->regions[0], see_other, &plain);
        if (plain)
            visit_nest(cx, n, n);
    }
    return true;
}
