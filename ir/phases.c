/* phases.c - kernels that stand together and can be one parallel region, and which of them must wait for which.
 *
 *     kernel [..] { ..; store %a[i], .. }       phase 0
 *     kernel [..] { ..; store %b[i], .. }       phase 1, after -1: nothing that 0 writes
 *     kernel [..] { load %a[i], load %b[i] }    phase 2, after 1: a barrier
 *
 * A kernel must wait for an earlier one if one of both writes memory that the other one uses too. Memory of the arena is told apart by
 * its place: two buffers with slots are apart if these are others, two without if that is proved for all dims, and two whose places a
 * call chooses if they live at one time; before `plan` all are.
 * Of kernels that can fault each waits for the one before, whose fault is the one that is reported; what others have computed by then, nobody
 * reads.
 */
#include "ir_int.h"

/* at, end: bytes of the arena; NULL: elsewhere */
typedef struct Access { const void *place; int64_t number; int kind; bool writes; Dim at, end; int64_t slot; const IrLife *life; } Access;

typedef struct Uses { Arena *a; DimCx *dims; VEC(Access) list; bool faults; } Uses;

/* What is known of places: dims are not negative; the same distances meet again and again. */
typedef struct Memory { Arena *a; IrFn *fn; Facts *facts; Map apart; } Memory;

Dim ir_buffer_bytes(DimCx *cx, const IrNode *buffer)
{
    Dim n = dim_const(cx, dtype_bytes(buffer->type.dtype)), line = dim_const(cx, 64);
    for (int i = 0; i < buffer->type.rank; i++)
        n = dim_mul(cx, n, buffer->spare ? dim_max(cx, buffer->type.dims[i], dim_const(cx, 1)) : buffer->type.dims[i]);
    n = dim_mul(cx, dim_floordiv(cx, dim_add(cx, n, dim_const(cx, 63)), line), line);
    return buffer->place == PLACE_scratch ? dim_mul(cx, n, dim_const(cx, IR_TASKS)) : n;
}

static const IrLife *life_of(const IrNode *buffer)
{
    const IrFn *fn = buffer->parent->fn;
    for (int i = 0; i < fn->lives.n; i++)
        if (dim_sym(fn->module->dims, fn->lives.p[i].at) == buffer->offset)
            return &fn->lives.p[i];
    return NULL;
}

static void add_access(Uses *u, const IrNode *buffer, bool writes)
{
    while (buffer->place == PLACE_view)
        buffer = buffer->in[0];
    Access x = { NULL, buffer->imm, buffer->place, writes, NULL, NULL, 0, NULL };
    switch (buffer->place) {
    case PLACE_local: return;
    case PLACE_prep: return; /* nobody writes it */
    case PLACE_arena: case PLACE_scratch:
        x = (Access){ buffer, 0, PLACE_arena, writes, buffer->offset, NULL, buffer->imm, life_of(buffer) };
        x.end = x.at ? dim_add(u->dims, x.at, ir_buffer_bytes(u->dims, buffer)) : NULL;
        break;
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

/* Sizes of some kind or other, a function of the symbol. */
static bool some_size(void *user, DimSym *s, int64_t *v)
{
    const uint32_t *probe = user;
    *v = *probe ? 1 + (int64_t)(s->id * *probe * 40503 % 1021) : 256;
    return true;
}

/* Is a <= b for all dims? Proofs that fail take long, so a few sizes are tried first. */
static bool is_before(Memory *m, Dim a, Dim b)
{
    static const bool yes = true, no = false;
    for (uint32_t probe = 0; probe < 4; probe++) {
        int64_t x, y;
        if (dim_eval(a, some_size, &probe, &x) && dim_eval(b, some_size, &probe, &y) && x > y)
            return false;
    }
    Dim more = dim_sub(m->fn->module->dims, b, a);
    const bool *known = map_find(&m->apart, more);
    if (!known) {
        known = facts_prove_le(m->facts, a, b) == YES ? &yes : &no;
        map_put(&m->apart, more, (void *)(uintptr_t)known);
    }
    return *known;
}

static bool share_memory(Memory *m, const Access *x, const Access *y)
{
    if (x->kind != y->kind || x->number != y->number)
        return false;
    if (x->place == y->place || (x->at && x->at == y->at))
        return true;
    if (!x->at || !y->at)
        return false;
    if (x->slot && y->slot)
        return x->slot == y->slot;
    if (x->life && y->life)
        return x->life->last < y->life->first || y->life->last < x->life->first;
    if (!m->facts) {
        DimCx *d = m->fn->module->dims;
        m->facts = facts_new(d, NULL);
        m->apart = map_new(m->a);
        for (int i = 0; i < m->fn->dims.n; i++)
            facts_le(m->facts, dim_const(d, 0), dim_sym(d, m->fn->dims.p[i]));
    }
    return !is_before(m, x->end, y->at) && !is_before(m, y->end, x->at);
}

static bool conflict(Memory *m, const Uses *a, const Uses *b)
{
    for (int i = 0; i < a->list.n; i++)
        for (int k = 0; k < b->list.n; k++) {
            const Access *x = &a->list.p[i], *y = &b->list.p[k];
            if ((x->writes || y->writes) && share_memory(m, x, y))
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

static void add_phase(IrPhases *p, Uses *uses, Memory *m, IrNode *kernel, IrNode *choice, int side)
{
    int n = p->n++, after = -1, unit = p->nunits - 1;
    Uses *u = &uses[n];
    *u = (Uses){ .a = m->a, .dims = m->fn->module->dims };
    ir_walk(kernel->regions[0], see_use, u);
    p->kernel[n] = kernel;
    p->choice[n] = choice;
    p->side[n] = side;
    p->in_unit[n] = unit;
    for (int k = 0; k < n; k++)
        if (!excludes(p, k, n) && ((uses[k].faults && u->faults) || conflict(m, &uses[k], u))) {
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
    Memory m = { .a = a, .fn = first->parent->fn };
    int waited = -1;
    for (IrNode *n = first; n; n = n->next) {
        int kernels = n->op == OP_kernel ? 1 : choice_kernels(n);
        if ((!kernels && !is_free(n)) || p.n + kernels > IR_PHASES_MOST)
            break;
        if (!kernels)
            continue;
        p.unit[p.nunits++] = p.last = n;
        if (n->op == OP_kernel)
            add_phase(&p, uses, &m, n, NULL, 0);
        for (int k = 0; n->op == OP_if && k < n->nregions; k++)
            for (IrNode *x = n->regions[k]->first; x; x = x->next)
                if (x->op == OP_kernel)
                    add_phase(&p, uses, &m, x, n, k);
    }
    for (int k = 0; k < p.n; k++) {
        p.barriers += p.after[k] > waited;
        waited = p.after[k] > waited ? p.after[k] : waited;
    }
    return p;
}
