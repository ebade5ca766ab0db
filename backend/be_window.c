/* be_window.c - sums over a few neighbours (`w[i, j] * x[y + i, z + j]`), written out place by place.
 *
 *     for i in 0..3 { for j in 0..3 {            acc = fma(w[0, 0], x[y, z], acc)
 *       acc = fma(w[i, j], x[y + i, z + j]) } }   acc = fma(w[0, 1], x[y, z + 1], acc) ..
 *
 * Places are numbers then: a vector that several rows and places read (y + 1 and 0, y and 1) is loaded once, and what is asked of a place at an
 * edge, which depends on j only, is asked before the loop over i. The order is the same. Of many places those of the last index are written out.
 */
#include <string.h>

#include "backend/be_int.h"

enum { ALL_MOST = 16, LAST_MOST = 8, NODES_MOST = 48 };

typedef struct Look { const IrNode *reduce; int nodes; bool moves, other; } Look;

/* Places that go round, too, or are held at an edge: (z + j) % W, max(z + j - 1, 0). */
static bool is_sum_with(const IrNode *s, const IrNode *index)
{
    while ((s->op == OP_mod || s->op == OP_min || s->op == OP_max) && s->parent == index->parent)
        s = s->in[s->op != OP_mod && !be_depends_on(s->in[0], index)];
    return s != index && (s->op == OP_add || s->op == OP_sub) && s->parent == index->parent && be_depends_on(s, index);
}

static void look(void *user, IrNode *n)
{
    Look *l = user;
    const IrRegion *r = l->reduce->regions[0];
    l->nodes++;
    l->other = l->other || n->op == OP_reduce || n->op == OP_while || n->op == OP_for || n->op == OP_extern || n->op == OP_floordiv;
    l->other = l->other || (n->op == OP_mod && ir_inside(n->in[1], r));
    for (int i = 1; i < n->nin && n->op == OP_load; i++)
        for (int k = 0; k < r->params.n; k++)
            l->moves = l->moves || is_sum_with(n->in[i], r->params.p[k]);
}

BeWindow be_window(const IrNode *reduce)
{
    int64_t n, all = 1, last = 0;
    const IrRegion *r = reduce->op == OP_reduce ? reduce->regions[0] : NULL;
    bool contracts = reduce->order == ORDER_contract;
    if (!r || !r->params.n || reduce->stream || ir_terminator(reduce->regions[0])->nin > 1 || (contracts && !dtype_is_float(reduce->type.dtype)))
        return WINDOW_none;
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        if (!dim_is_const(x->dim, &n) || n < 1 || n > BLOCK || x->from || x->to)
            return WINDOW_none;
        all *= n;
        last = n;
    }
    Look l = { .reduce = reduce };
    ir_walk(reduce->regions[0], look, &l);
    if ((contracts && !l.moves) || l.other || l.nodes > NODES_MOST || all > BLOCK || last < 2)
        return WINDOW_none;
    return all <= ALL_MOST ? WINDOW_all : contracts && last <= LAST_MOST ? WINDOW_last : WINDOW_none;
}

/* Whether a side of a choice may run where its mask, which varies over the lanes or the rows (bit), is off everywhere, without a jump around it: loads that the
 * mask turns off, and what is cheap and cannot fail. */
bool be_is_quiet(Em *em, const IrRegion *r, int bit)
{
    int nodes = 0;
    for (const IrNode *n = r->first; n; n = n->next) {
        bool load = n->op == OP_load && n->nin > 1 && be_varies(em, n, DEP_LANES) && be_varies(em, n, bit);
        bool cheap = !n->nregions && !(ir_info(n)->effects & (FAULTS | PINNED)) && (n->op == OP_const || n->op == OP_dim || n->op == OP_add || n->op == OP_sub || n->op == OP_mul || n->op == OP_yield);
        if ((!load && !cheap) || ++nodes > LAST_MOST)
            return false;
    }
    return true;
}

/* A masked load gives zeros where it is off. */
bool be_is_zero_outside(LV x)
{
    size_t len;
    LV f = LLVMIsACallInst(x) ? LLVMGetCalledValue(x) : NULL;
    const char *name = f ? LLVMGetValueName2(f, &len) : "";
    return f && !strncmp(name, "llvm.masked.load", 16);
}
