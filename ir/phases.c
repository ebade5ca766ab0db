/* phases.c - kernels that stand together and can be one parallel region, and which of them must wait for which.
 *
 *     kernel [..] { ..; store %a[i], .. }       phase 0
 *     kernel [..] { ..; store %b[i], .. }       phase 1, after -1: nothing that 0 writes
 *     kernel [..] { load %a[i], load %b[i] }    phase 2, after 1: a barrier
 *
 * A kernel must wait for an earlier one if one of both writes memory that the other one uses too. Memory of the arena is told apart by
 * its place: buffers that share a slot count as one (before `plan` none do). Of kernels that can fault each waits for the one before, whose fault
 * is the one that is reported; what others have computed by then, nobody reads.
 */
#include "ir_int.h"

typedef struct Access { const void *place; int64_t number; int kind; bool writes; } Access;

typedef struct Uses { Arena *a; VEC(Access) list; bool faults; } Uses;

static void add_access(Uses *u, const IrNode *buffer, bool writes)
{
    while (buffer->place == PLACE_view)
        buffer = buffer->in[0];
    Access x = { NULL, buffer->imm, buffer->place, writes };
    switch (buffer->place) {
    case PLACE_local: return;
    case PLACE_prep: return; /* nobody writes it */
    case PLACE_arena: case PLACE_scratch: x = (Access){ buffer->offset ? (const void *)buffer->offset : buffer, 0, PLACE_arena, writes }; break;
    case PLACE_block: x.kind = PLACE_param; break;
    default: break;
    }
    for (int i = 0; i < u->list.n; i++) {
        Access *y = &u->list.p[i];
        if (y->place == x.place && y->number == x.number && y->kind == x.kind) {
            y->writes = y->writes || writes;
            return;
        }
    }
    vec_push(u->a, &u->list, x);
}

static void see_use(void *user, IrNode *n)
{
    Uses *u = user;
    u->faults = u->faults || (ir_info(n)->effects & FAULTS);
    if (n->op == OP_buffer && n->place != PLACE_view)
        add_access(u, n, true); /* memory of its own */
    if (n->op == OP_buffer || n->op == OP_prefetch)
        return;
    for (int i = 0; i < n->nin; i++)
        if (n->in[i]->op == OP_buffer)
            add_access(u, n->in[i], n->op != OP_load);
}

static bool conflict(const Uses *a, const Uses *b)
{
    for (int i = 0; i < a->list.n; i++)
        for (int k = 0; k < b->list.n; k++) {
            const Access *x = &a->list.p[i], *y = &b->list.p[k];
            if (x->kind == y->kind && x->place == y->place && x->number == y->number && (x->writes || y->writes))
                return true;
        }
    return false;
}

/* May it run before the kernels in front of it? */
static bool is_free(const IrNode *n)
{
    bool value = n->op == OP_const || n->op == OP_dim || n->op == OP_buffer || (ir_is_scalar_op(n) && !n->nregions);
    return value && !(ir_info(n)->effects & FAULTS) && n->op != OP_load;
}

/* A choice between kernels, with nothing else in it: how many there are; 0: it is more than that. */
static int choice_kernels(const IrNode *n)
{
    int kernels = 0;
    for (int k = 0; n->op == OP_if && n->type.dtype == DT_none && k < n->nregions; k++)
        for (const IrNode *x = n->regions[k]->first; x; x = x->next) {
            if (x->op == OP_kernel)
                kernels++;
            else if (!is_free(x) && !(x->op == OP_yield && !x->nin))
                return 0;
        }
    return kernels;
}

static bool excludes(const IrPhases *p, int k, int n)
{
    return p->choice[k] && p->choice[k] == p->choice[n] && p->side[k] != p->side[n];
}

static void add_phase(IrPhases *p, Uses *uses, Arena *a, IrNode *kernel, IrNode *choice, int side)
{
    int n = p->n++, after = -1, unit = p->nunits - 1;
    Uses *u = &uses[n];
    *u = (Uses){ .a = a };
    ir_walk(kernel->regions[0], see_use, u);
    p->kernel[n] = kernel;
    p->choice[n] = choice;
    p->side[n] = side;
    p->in_unit[n] = unit;
    for (int k = 0; k < n; k++)
        if (!excludes(p, k, n) && ((uses[k].faults && u->faults) || conflict(&uses[k], u))) {
            after = k;
            int before = p->in_unit[k], level = p->level[before] + 1;
            p->level[unit] = before != unit && level > p->level[unit] ? level : p->level[unit];
        }
    p->after[n] = after;
}

IrPhases ir_phases(IrNode *first, Arena *a)
{
    IrPhases p = { .last = first };
    Uses uses[IR_PHASES_MOST];
    int waited = -1;
    for (IrNode *n = first; n; n = n->next) {
        int kernels = n->op == OP_kernel ? 1 : choice_kernels(n);
        if ((!kernels && !is_free(n)) || p.n + kernels > IR_PHASES_MOST)
            break;
        if (!kernels)
            continue;
        p.unit[p.nunits++] = p.last = n;
        if (n->op == OP_kernel)
            add_phase(&p, uses, a, n, NULL, 0);
        for (int k = 0; n->op == OP_if && k < n->nregions; k++)
            for (IrNode *x = n->regions[k]->first; x; x = x->next)
                if (x->op == OP_kernel)
                    add_phase(&p, uses, a, x, n, k);
    }
    for (int k = 0; k < p.n; k++) {
        p.barriers += p.after[k] > waited;
        waited = p.after[k] > waited ? p.after[k] : waited;
    }
    return p;
}
