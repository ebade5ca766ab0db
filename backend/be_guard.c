/* be_guard.c - which nodes of a reduction its guard needs: they run first, and the others only where it holds. What the guard says of outer indices alone,
 * and of all rows and lanes alike, is asked before the loops over the others. */
#include "backend/be_reduce_int.h"

typedef struct Mark { Em *em; Red *red; uint8_t *in; } Mark; /* in: by node id */

static void mark(Mark *m, IrNode *x)
{
    while (x && x->parent != m->red->r)
        x = x->parent ? x->parent->owner : NULL;
    if (x)
        m->in[x->id] = 1;
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

static uint8_t *needs(Em *em, Red *red, IrNode *of)
{
    Mark m = { em, red, NEWN(em->be->a, uint8_t, em->ir->next_id + 1) };
    mark(&m, of);
    for (IrNode *x = red->r->last; x; x = x->prev)
        if (m.in[x->id] && x->op != OP_yield) {
            mark_needs(&m, x);
            for (int k = 0; k < x->nregions; k++)
                ir_walk(x->regions[k], mark_needs, &m);
        }
    return m.in;
}

void red_find_guard(Em *em, Red *red) { red->in_guard = needs(em, red, red->guard); }

/* Does it ask what no place of the sum may ask for? */
static bool may_fault(const Red *red, const IrNode *x)
{
    bool found = x->nregions || (ir_info(x)->effects & FAULTS);
    for (int i = 0; i < x->nin && !found; i++)
        found = x->in[i]->parent == red->r && may_fault(red, x->in[i]);
    return found;
}

/* The innermost index that the condition needs; the last one where it is not one for all rows and lanes, or may fault. */
static int level_of(Em *em, const Red *red, const IrNode *c)
{
    int last = red->r->params.n - 1;
    if (c->parent != red->r || may_fault(red, c) || be_varies(em, c, DEP_LANES) || be_varies(em, c, DEP_ROWS))
        return last;
    while (last > 0 && !be_depends_on(c, red->r->params.p[last]))
        last--;
    return last;
}

static LV ask(Em *em, Red *red, IrNode *g, int axis, bool *all)
{
    if (g->op == OP_and && g->parent == red->r) {
        LV x = ask(em, red, g->in[0], axis, all), y = ask(em, red, g->in[1], axis, all);
        return x && y ? em_bin(em, LLVMAnd, x, y) : x ? x : y;
    }
    int level = level_of(em, red, g);
    *all = *all && level <= axis;
    if (level != axis)
        return NULL;
    be_nodes(em, red->r, needs(em, red, g), true);
    return val_at(em, be_val(em, g), 0, 0);
}

LV red_ask_before(Em *em, Red *red, int axis, bool *all)
{
    *all = red->guard != NULL;
    return red->guard ? ask(em, red, red->guard, axis, all) : NULL;
}

/* Those of the conditions that must all hold which the axis decides: marked. NULL: none. */
static LV settle(Em *em, Red *red, IrNode *c, int axis, uint8_t *settled)
{
    if (c->op == OP_and && c->parent == red->r) {
        LV x = settle(em, red, c->in[0], axis, settled), y = settle(em, red, c->in[1], axis, settled);
        return x && y ? em_bin(em, LLVMAnd, x, y) : x ? x : y;
    }
    if (c->parent != red->r || level_of(em, red, c) != axis)
        return NULL;
    settled[c->id] = 1;
    be_nodes(em, red->r, needs(em, red, c), true);
    return val_at(em, be_val(em, c), 0, 0);
}

LV red_choice_before(Em *em, Red *red, int axis, Choice *choice)
{
    LV c = NULL;
    choice->settled = NEWN(em->be->a, uint8_t, em->ir->next_id + 1);
    for (choice->n = red->r->first; choice->n; choice->n = choice->n->next)
        if (choice->n->op == OP_if && (c = settle(em, red, choice->n->in[0], axis, choice->settled)))
            break;
    return c;
}

static void see_load(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || n->op == OP_load;
}

bool red_side_loads(const Choice *choice, int side)
{
    bool found = false;
    ir_walk(choice->n->regions[side], see_load, &found);
    return found;
}
