/* plan.c - place all buffers in one arena by their lifetimes.
 *
 *     %a = buffer arena : f32[T, D]        offset 0
 *     %b = buffer arena : f32[T, D]        offset 0 too, if %a was used for the last time before %b
 *
 * Sizes are Dims, so the arena's size is one as well and is known at entry. The largest buffers are placed first, each in the slot of
 * the next larger ones that is free while it lives; which is larger is told by the sizes with 256 for every dim, and a slot is as
 * large as the largest of its buffers for all dims. A buffer that is used inside a loop but stands outside of it lives for the whole
 * loop. Kernels of one region that need not wait for one another count as one moment: what they use is never in one place. Where slots
 * take much more than what lives at one time, plan_offsets.c looks for something better; where there is nothing for all dims, each call
 * places its tensors when it knows their sizes (plan_entry.c).
 */
#include <limits.h>
#include <stdlib.h>

#include "passes/plan_int.h"

static int position(Map *m, IrNode *n) { return (int)(uintptr_t)map_find(m, n); }

static void number_region(Plan *p, IrRegion *r);

static void set(Map *m, IrNode *n, int at) { map_put(m, n, (void *)(uintptr_t)at); }

/* A node and what is in it, from `begin` on; the number after it. */
static int number_node(Plan *p, IrNode *n, int begin)
{
    p->next = begin;
    set(&p->number, n, ++p->next);
    for (int i = 0; i < n->nregions; i++)
        number_region(p, n->regions[i]);
    set(&p->end, n, p->next);
    return p->next;
}

/* Kernels that stand together, in the order of their levels (order.c): those of one level have equal numbers. Returns the last one. */
static IrNode *number_phases(Plan *p, const IrPhases *f)
{
    IrNode *first = f->unit[0];
    for (int k = 1; k < f->nunits; k++)
        if (f->level[k] < f->level[k - 1]) {
            number_node(p, first, p->next);
            return first;
        }
    for (int k = 0, from = 0; k < f->nunits; from = k) {
        int begin = p->next, most = begin;
        for (; k < f->nunits && f->level[k] == f->level[from]; k++) {
            int end = number_node(p, f->unit[k], begin);
            most = end > most ? end : most;
        }
        for (int i = from; i < k; i++)
            set(&p->end, f->unit[i], most);
        p->next = most;
    }
    for (IrNode *n = first; n != f->last; n = n->next)
        if (!map_find(&p->number, n)) {
            set(&p->number, n, position(&p->number, first));
            set(&p->end, n, position(&p->number, first));
        }
    return f->last;
}

static void number_region(Plan *p, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        IrPhases f = { .n = 0 };
        if (n->op == OP_kernel || n->op == OP_if)
            f = ir_phases(n, p->cx->arena);
        if (f.n)
            n = number_phases(p, &f);
        else
            number_node(p, n, p->next);
    }
}

static int first_use(Plan *p, IrNode *b, IrRegion *home)
{
    int first = INT_MAX;
    for (IrUse *u = b->uses; u; u = u->next) {
        IrNode *a = pass_ancestor_in(u->user, home);
        int at = u->user->op == OP_buffer ? first_use(p, u->user, home) : a ? position(&p->number, a) : position(&p->number, b);
        first = at < first ? at : first;
    }
    return first == INT_MAX ? position(&p->number, b) : first;
}

static int last_use(Plan *p, IrNode *b, IrRegion *home)
{
    int last = position(&p->number, b);
    for (IrUse *u = b->uses; u; u = u->next) {
        IrNode *a = pass_ancestor_in(u->user, home);
        int at = a ? position(&p->end, a) : p->next;
        if (u->user->op == OP_buffer) { /* a view */
            int v = last_use(p, u->user, home);
            at = v > at ? v : at;
        }
        last = at > last ? at : last;
    }
    return last;
}

/* A subscript that fails is recorded, and element 0 is read or written: also where there is none. */
static void find_spare(void *user, IrNode *n)
{
    Plan *p = user;
    IrNode *buffer = n->op == OP_load || n->op == OP_store ? n->in[0] : NULL;
    int first = n->op == OP_load ? 1 : 2;
    for (int i = first; buffer && !buffer->spare && i < n->nin; i++) {
        bool clamped = n->in[i]->op == OP_clampi || n->in[i]->op == OP_max;
        if (clamped && facts_prove_lt(p->facts, p->cx->module->dims, dim_const(p->cx->module->dims, 0), buffer->type.dims[i - first]) != YES)
            buffer->spare = true;
    }
    while (buffer && buffer->spare && buffer->place == PLACE_view) {
        buffer = buffer->in[0];
        buffer->spare = true;
    }
}

static void find_life(void *user, IrNode *n)
{
    Plan *p = user;
    if (n->op != OP_buffer || (n->place != PLACE_arena && n->place != PLACE_scratch))
        return;
    Dim bytes = plan_bytes(p, n);
    Life l = { .buffer = n, .bytes = bytes, .first = first_use(p, n, n->parent), .last = last_use(p, n, n->parent), .slot = -1 };
    for (int k = 0; k < TRIALS; k++)
        if (!pass_trial(p->fn, bytes, k, &l.sizes[k]))
            l.sizes[k] = INT64_MAX;
    vec_push(p->cx->arena, &p->lives, l);
}

static int larger_first(const void *x, const void *y)
{
    const Life *a = *(Life *const *)x, *b = *(Life *const *)y;
    if (a->sizes[0] != b->sizes[0])
        return a->sizes[0] > b->sizes[0] ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static bool is_free(const Slot *s, const Life *l)
{
    for (const Life *o = s->lives; o; o = o->beside)
        if (o->first <= l->last && l->first <= o->last)
            return false;
    return true;
}

/* Sizes of some kind or other, a function of the symbol. */
static bool some_size(void *user, DimSym *s, int64_t *v)
{
    const uint32_t *probe = user;
    *v = 1 + (int64_t)(s->id * *probe % 1021);
    return true;
}

/* Is there a counterexample? Proofs that fail take long, so a few sizes are tried first. */
static bool is_refuted(Dim less, Dim more)
{
    for (uint32_t probe = 0; probe < 4; probe++) {
        uint32_t factor = probe * 7919;
        int64_t a, b;
        if (dim_eval(less, some_size, &factor, &a) && dim_eval(more, some_size, &factor, &b) && a > b)
            return true;
    }
    return false;
}

bool plan_le(Plan *p, Dim a, Dim b)
{
    static const bool yes = true, no = false;
    if (a == b)
        return true;
    Dim more = dim_sub(p->cx->module->dims, b, a);
    const bool *known = map_find(&p->answers, more);
    if (!known) {
        known = !is_refuted(a, b) && facts_prove_le(p->facts, a, b) == YES ? &yes : &no;
        map_put(&p->answers, more, (void *)(uintptr_t)known);
    }
    return *known;
}

static bool fits(Plan *p, const Slot *s, const Life *l)
{
    return s->bytes == l->bytes || (l->sizes[0] <= s->size && plan_le(p, l->bytes, s->bytes));
}

/* The smallest slot that is free; one that is large enough for all dims before others. -1: none. */
static int slot_for(Plan *p, const Life *l)
{
    int best = -1;
    bool best_fits = false;
    for (int i = 0; i < p->slots.n; i++) {
        const Slot *s = &p->slots.p[i];
        if (!is_free(s, l) || (best_fits && s->size >= p->slots.p[best].size))
            continue;
        bool fit = fits(p, s, l), better = best < 0 || (fit && !best_fits) || (fit == best_fits && s->size < p->slots.p[best].size);
        if (better && !dim_is_poison(dim_max(p->cx->module->dims, s->bytes, l->bytes)))
            best = i, best_fits = fit;
    }
    return best;
}

static void place(Plan *p, Life *l)
{
    l->slot = slot_for(p, l);
    if (l->slot < 0) {
        l->slot = p->slots.n;
        vec_push(p->cx->arena, &p->slots, ((Slot){ .bytes = l->bytes, .size = l->sizes[0] }));
    }
    Slot *s = &p->slots.p[l->slot];
    l->beside = s->lives;
    s->lives = l;
    if (!fits(p, s, l))
        s->bytes = dim_max(p->cx->module->dims, s->bytes, l->bytes);
}

typedef struct Sizes { DimSym *first; bool several; } Sizes;

static void see_size(void *user, DimSym *s)
{
    Sizes *x = user;
    x->several = x->several || (x->first && x->first != s);
    x->first = s;
}

/* Does it depend on more than one of them? Little can be proved then, and no plan is good for all. */
static bool several_sizes(const Plan *p)
{
    Sizes x = { NULL, false };
    for (int i = 0; i < p->lives.n && !x.several; i++)
        dim_syms(p->lives.p[i].bytes, see_size, &x);
    return x.several;
}

static Dim place_all(Plan *p)
{
    DimCx *d = p->cx->module->dims;
    Dim at = dim_const(d, 0);
    Life **order = NEWN(p->cx->arena, Life *, p->lives.n + 1);
    for (int i = 0; i < p->lives.n; i++)
        order[i] = &p->lives.p[i];
    qsort(order, (size_t)p->lives.n, sizeof *order, larger_first);
    for (int i = 0; i < p->lives.n; i++)
        place(p, order[i]);
    for (int i = 0; i < p->slots.n; i++) {
        p->slots.p[i].offset = at;
        at = dim_add(d, at, p->slots.p[i].bytes);
    }
    for (int i = 0; i < p->lives.n; i++)
        p->lives.p[i].offset = p->slots.p[p->lives.p[i].slot].offset;
    plan_bounds(p);
    if (plan_excess(p, at) > PLAN_MOST_EXCESS && several_sizes(p) && plan_at_entry(p))
        return NULL;
    Dim less = plan_offsets(p, at), best = less ? less : at;
    if (!plan_holds(p, best) && plan_at_entry(p))
        return NULL;
    for (int i = 0; i < p->lives.n; i++) {
        p->lives.p[i].buffer->offset = p->lives.p[i].offset;
        p->lives.p[i].buffer->imm = less ? 0 : 1 + p->lives.p[i].slot;
    }
    return best;
}

bool pass_plan(PassCx *cx, IrFn *fn)
{
    DimCx *d = cx->module->dims;
    Plan p = { .cx = cx, .fn = fn, .number = map_new(cx->arena), .end = map_new(cx->arena), .answers = map_new(cx->arena), .facts = facts_new(d, NULL) };
    for (int i = 0; i < fn->dims.n; i++)
        facts_le(p.facts, dim_const(d, 0), dim_sym(d, fn->dims.p[i]));
    number_region(&p, fn->body);
    ir_walk(fn->body, find_spare, &p);
    ir_walk(fn->body, find_life, &p);
    fn->arena_bytes = place_all(&p);
    if (cx->options->remark) {
        pass_explain_plain(cx, fn);
        plan_explain(&p);
        pass_explain_regions(cx, fn);
    }
    return true;
}
