/* be_guard.c - which nodes of a reduction its guard needs: they run first, and the others only where it holds. */
#include "backend/be_reduce_int.h"

typedef struct Mark { Em *em; Red *red; } Mark;

static void mark(Mark *m, IrNode *x)
{
    while (x && x->parent != m->red->r)
        x = x->parent ? x->parent->owner : NULL;
    if (x)
        m->red->in_guard[x->id] = 1;
}

static void mark_sym(void *user, DimSym *s)
{
    Mark *m = user;
    intptr_t tagged = (intptr_t)map_find(m->em->syms, s);
    if (tagged && !(tagged & 1))
        mark(m, (IrNode *)tagged);
}

static void mark_dim(Mark *m, Dim d)
{
    if (d)
        dim_syms(d, mark_sym, m);
}

static void mark_needs(void *user, IrNode *x)
{
    Mark *m = user;
    for (int i = 0; i < x->nin; i++)
        mark(m, x->in[i]);
    if (x->op == OP_dim)
        mark_dim(m, x->dim);
    for (int k = 0; k < x->nregions; k++)
        for (int i = 0; i < x->regions[k]->params.n; i++) {
            IrNode *p = x->regions[k]->params.p[i];
            if (p->op != OP_index)
                continue;
            mark_dim(m, p->dim);
            mark_dim(m, p->lo);
            mark_dim(m, p->from);
            mark_dim(m, p->to);
        }
}

void red_find_guard(Em *em, Red *red)
{
    Mark m = { em, red };
    red->in_guard = NEWN(em->be->a, uint8_t, em->ir->next_id + 1);
    mark(&m, red->guard);
    for (IrNode *x = red->r->last; x; x = x->prev)
        if (red->in_guard[x->id] && x->op != OP_yield) {
            mark_needs(&m, x);
            for (int k = 0; k < x->nregions; k++)
                ir_walk(x->regions[k], mark_needs, &m);
        }
}
