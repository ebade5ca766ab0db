/* be_reduce_idle.c - products that may be computed where a guard says no.
 *
 *     sum [k | k < n[i]] { x[i, k] * w[n, k] }       acc = k < n[i] ? fma(x, w, acc) : acc
 *
 * A row or a lane that has no such place keeps its accumulator, whatever the product is there. Loads under masks of eight rows cost more than all the rest; so
 * where each of them lies inside of its tensor at any place of the sum, and nothing is dear or may fault, the guard is asked for the accumulators alone.
 */
#include "backend/be_reduce_int.h"

static bool needs(const IrNode *x, const IrRegion *r, const IrNode *index)
{
    bool found = x == index || (x->op == OP_dim && x->parent == r && x->dim && dim_mentions(x->dim, index->sym));
    for (int i = 0; i < x->nin && x->parent == r && x->op != OP_index && !found; i++)
        found = needs(x->in[i], r, index);
    return found;
}

/* Where no subscript but the index itself needs it, on an axis of as many places. */
static bool is_inside(const IrNode *load, const IrRegion *r, const IrNode *index)
{
    for (int i = 1; i < load->nin; i++) {
        bool whole = load->in[i] == index && !index->lo && index->dim == load->in[0]->type.dims[i - 1];
        if (!whole && needs(load->in[i], r, index))
            return false;
    }
    return true;
}

static bool is_free(const IrNode *x, const IrRegion *r, const IrNode *index)
{
    bool dear = (x->op >= OP_exp && x->op <= OP_sigmoid && x->op != OP_sqrt) || x->op == OP_pow;
    return !x->nregions && !dear && !(ir_info(x)->effects & (FAULTS | PINNED)) && (x->op != OP_load || is_inside(x, r, index));
}

bool red_may_idle(const Red *red)
{
    const IrRegion *r = red->r;
    if (!red->fused || red->n->stream || r->params.n != 1)
        return false;
    for (const IrNode *x = r->first; x; x = x->next)
        if (x->op != OP_yield && !is_free(x, r, r->params.p[0]))
            return false;
    return true;
}
