/* be_terms.c - a sum that stands behind the loop which writes its terms is taken while they are written.
 *
 *     tfor lanes j { store x[i, j], exp(..) }          for groups of 16 places: terms, store, l += terms
 *     sum lanes16 j { load x[i, j] }
 *
 * Each place of the sum waits for the one 16 before it: four cycles, which go by while the next terms are computed. The terms and the order
 * of the sum are the same, so the bits are.
 */
#include "backend/be_reduce_int.h"

static bool same_range(const IrNode *x, const IrNode *y) { return x->lo == y->lo && x->dim == y->dim && x->from == y->from && x->to == y->to; }

static bool is_wide(const IrNode *n)
{
    IrDtype t = n->op == OP_store ? n->in[0]->type.dtype : n->type.dtype;
    return t != DT_none && t != DT_bool && t != DT_i64 && dtype_bytes(t) > 4;
}

/* The only store of a loop of plain operations, over the place of the sum; NULL: it is none. */
static IrNode *only_store(const IrRegion *r)
{
    IrNode *store = NULL;
    for (IrNode *n = r->first; n; n = n->next) {
        if (n->nregions || n->op == OP_check || n->op == OP_prefetch || n->op == OP_extern || is_wide(n) || (n->op == OP_store && store))
            return NULL;
        store = n->op == OP_store ? n : store;
    }
    return store;
}

/* load x[i, j] in the sum, store x[i, j] in the loop; i from outside of both. */
static bool meet(const IrNode *load, const IrNode *j, const IrNode *store, const IrNode *index)
{
    if (load->in[0] != store->in[0] || load->nin != store->nin - 1 || load->in[load->nin - 1] != j || store->in[store->nin - 1] != index)
        return false;
    for (int i = 1; i < load->nin - 1; i++)
        if (load->in[i] != store->in[i + 1] || load->in[i]->parent == load->parent)
            return false;
    return true;
}

IrNode *be_terms(Em *em, IrNode *sum)
{
    IrNode *loop = sum->prev, *y = ir_terminator(sum->regions[0]), *load = y->in[0], *store;
    const IrRegion *r = sum->regions[0];
    int64_t size;
    bool plain = sum->redop == RED_sum && sum->order == ORDER_lanes16 && y->nin == 1 && r->params.n == 1 && r->first == load && load->next == y;
    if (!plain || !loop || loop->op != OP_tfor || loop->loop != LOOP_lanes || load->op != OP_load || load->type.dtype != DT_f32 || em->W)
        return NULL;
    if (!dim_is_const(r->params.p[0]->dim, &size) || size > BLOCK || !same_range(r->params.p[0], loop->regions[0]->params.p[0]))
        return NULL;
    store = only_store(loop->regions[0]);
    if (!store || !meet(load, r->params.p[0], store, loop->regions[0]->params.p[0]))
        return NULL;
    Red red;
    red_init(em, &red, sum);
    return be_can_vectorise(em, &red) ? loop : NULL;
}

void be_terms_begin(Em *em, Red *red)
{
    if (red->terms)
        be_depend(em, red->terms->regions[0], red->terms->regions[0]->params.p[0], DEP_LANES);
}

void be_terms_end(Em *em, Red *red)
{
    if (red->terms)
        be_depend_end(em, red->terms->regions[0], DEP_LANES);
}

/* At the place of the sum that is set. */
void be_terms_write(Em *em, Red *red)
{
    IrRegion *r = red->terms->regions[0];
    int old = em->mem_level;
    em->mem_level = em->scopes.n - 1;
    be_set(em, r->params.p[0], be_val(em, red->r->params.p[0]));
    be_region(em, r);
    be_set(em, red->value, be_val(em, only_store(r)->in[1]));
    em->mem_level = old;
}
