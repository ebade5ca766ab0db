/* lower_loop.c - loops: what a body assigns becomes carried values.
 *
 *     while c { x = f(x) }          %x1 = while %x0 (%x) { yield c(%x) } do (%x) { yield f(%x) }
 *     for i in 0..n { ... }         for; with `break` or `return` inside it becomes a while that carries i and `again`
 *
 * `again` is false after break or return; the condition is evaluated only while it is true.
 */
#include "frontend/lower_int.h"

#include <string.h>

/* ---- what a loop assigns ---- */

typedef struct Assigned { Low *l; bool *slots; } Assigned;

static void mark(Assigned *a, const CoreVar *v)
{
    if (v && a->l->env[v->id].value)
        a->slots[v->id] = true;
}

static void find_assigned(Assigned *a, const Core *s)
{
    if (!s)
        return;
    if (s->kind == C_assign || s->kind == C_let)
        mark(a, s->var);
    if (s->kind == C_update)
        mark(a, s->target);
    for (int i = 0; i < s->nouts; i++)
        mark(a, s->outs[i]);
    for (int i = 0; i < s->nkids; i++)
        find_assigned(a, s->kids[i]);
    for (int i = 0; s->kind == C_rec && i < s->rec->n; i++)
        find_assigned(a, s->rec->eqs[i].body);
}

typedef struct Loop {
    int n;
    int *slots;       /* carried */
    IrNode **init;    /* n, after `first` others */
    bool again;       /* break or return inside */
    bool want_alive, want_again, want_returned; /* of what is around the loop */
    LowVal *before;
} Loop;

static IrType result_type(Low *l, int slot)
{
    return low_type(l, l->result_types[slot - low_slot(l, SLOT_result0)]);
}

static void carry(Low *l, Loop *p, int slot)
{
    IrType like = slot >= low_slot(l, SLOT_result0) ? result_type(l, slot) : ir_scalar(DT_bool);
    p->init[p->n] = low_slot_value(l, slot, l->env[slot], like);
    p->slots[p->n++] = slot;
}

static Loop loop_start(Low *l, const Core *body, int escapes)
{
    Loop p = { .slots = NEWN(low_arena(l), int, l->nslots), .init = NEWN(low_arena(l), IrNode *, l->nslots) };
    Assigned a = { l, NEWN(low_arena(l), bool, l->nslots) };
    p.before = low_env_copy(l);
    p.again = (escapes & (ESC_break | ESC_return)) != 0;
    p.want_alive = l->want_alive;
    p.want_again = l->want_again;
    p.want_returned = l->want_returned;
    l->want_alive = false;
    l->want_again = p.again;
    l->want_returned = (escapes & ESC_return) != 0;
    find_assigned(&a, body);
    l->env[low_slot(l, SLOT_again)] = l->env[low_slot(l, SLOT_alive)] = (LowVal){ 0 };
    for (int i = 0; i < l->nvars; i++)
        if (a.slots[i])
            carry(l, &p, i);
    if (p.again)
        carry(l, &p, low_slot(l, SLOT_again));
    if (escapes & ESC_return) {
        carry(l, &p, low_slot(l, SLOT_returned));
        for (int i = 0; i < l->nresults; i++)
            carry(l, &p, low_slot(l, SLOT_result0) + i);
    }
    return p;
}

/* Enters region r with fresh arguments for the carried slots. */
static IrBuilder loop_region(Low *l, const Loop *p, IrRegion *r)
{
    IrBuilder outer = low_enter(l, r);
    for (int i = 0; i < p->n; i++) {
        int slot = p->slots[i];
        Name name = slot < l->nvars ? l->fn->vars.p[slot]->name : NULL;
        l->env[slot] = (LowVal){ ir_arg_new(r, name, p->init[i]->type), NULL };
    }
    l->env[low_slot(l, SLOT_alive)] = (LowVal){ 0 };
    return outer;
}

/* Ends the body's region: the next values, with `first` before them (NULL: nothing). */
static void loop_yield(Low *l, const Loop *p, IrNode *first)
{
    int k = first != NULL;
    IrNode **y = NEWN(low_arena(l), IrNode *, p->n + 1);
    y[0] = first;
    for (int i = 0; i < p->n; i++)
        y[i + k] = low_slot_value(l, p->slots[i], l->env[p->slots[i]], p->init[i]->type);
    ir_yield(&l->b, p->n + k, y);
}

/* After the loop: results replace the carried slots; a return inside ends the enclosing lists and loops, too. */
static void loop_end(Low *l, const Loop *p, IrNode *n, int first, int escapes)
{
    int total = p->n + first, alive = low_slot(l, SLOT_alive), again = low_slot(l, SLOT_again);
    for (int i = 0; i < l->nslots; i++)
        l->env[i] = p->before[i];
    l->want_alive = p->want_alive;
    l->want_again = p->want_again;
    l->want_returned = p->want_returned;
    if (total == 1)
        n->type = p->n ? p->init[0]->type : ir_scalar(DT_i64);
    for (int i = 0; i < p->n; i++) {
        IrNode *r = n;
        if (total > 1) {
            r = ir_add1(&l->b, OP_result, p->init[i]->type, n);
            r->imm = i + first;
        }
        if (p->slots[i] != again)
            l->env[p->slots[i]] = (LowVal){ r, NULL };
    }
    if (!(escapes & ESC_return))
        return;
    IrNode *returned = l->env[low_slot(l, SLOT_returned)].value;
    IrNode *on = ir_add1(&l->b, OP_not, ir_scalar(DT_bool), returned);
    l->env[alive] = l->env[again] = (LowVal){ on, NULL };
}

/* ---- while ---- */

static bool assigns_outer(Low *l, const Core *e)
{
    Assigned a = { l, NEWN(low_arena(l), bool, l->nslots) };
    find_assigned(&a, e);
    for (int i = 0; i < l->nvars; i++)
        if (a.slots[i])
            return true;
    return false;
}

static Core *core_new(Low *l, CoreKind kind, Span span, int nkids)
{
    Core *c = NEW(low_arena(l), Core);
    c->kind = (uint8_t)kind;
    c->span = span;
    c->nkids = nkids;
    c->kids = NEWN(low_arena(l), Core *, nkids);
    return c;
}

/* A condition that changes variables is evaluated in the body:  while true { if c { body } else { break } } */
static const Core *turn_inside_out(Low *l, const Core *s)
{
    Core *loop = core_new(l, C_while, s->span, 2), *test = core_new(l, C_ifs, s->span, 3);
    Core *yes = core_new(l, C_const, s->span, 0);
    yes->type = ir_scalar(DT_bool);
    yes->ival = 1;
    test->kids[0] = s->kids[0];
    test->kids[1] = s->kids[1];
    test->kids[2] = core_new(l, C_break, s->span, 0);
    loop->kids[0] = yes;
    loop->kids[1] = test;
    return loop;
}

static void while_condition(Low *l, const Loop *p, IrRegion *r, const Core *cond)
{
    IrBuilder outer = loop_region(l, p, r);
    int scope = low_open(l);
    IrNode *again = l->env[low_slot(l, SLOT_again)].value;
    IrNode *c = p->again ? low_and_then(l, again, cond, low_truth) : low_truth(l, cond);
    ir_yield(&l->b, 1, &c);
    low_close(l, scope);
    l->b = outer;
}

static void loop_body(Low *l, const Core *body)
{
    int scope = low_open(l);
    Cont k = { (Core *const *)&body, 1, NULL };
    low_list(l, &k);
    low_close(l, scope);
}

void low_while(Low *l, const Core *s)
{
    if (assigns_outer(l, s->kids[0]))
        s = turn_inside_out(l, s);
    int escapes = low_escapes(s->kids[1]);
    Loop p = loop_start(l, s->kids[1], escapes);
    l->b.span = s->span;
    IrNode *n = ir_add(&l->b, OP_while, ir_scalar(DT_none), p.n, p.init);
    IrRegion *test = ir_region_new(l->ir, n), *turn = ir_region_new(l->ir, n);
    while_condition(l, &p, test, s->kids[0]);
    IrBuilder outer = loop_region(l, &p, turn);
    loop_body(l, s->kids[1]);
    loop_yield(l, &p, NULL);
    l->b = outer;
    loop_end(l, &p, n, 0, escapes);
}

/* ---- for ---- */

static void for_plain(Low *l, const Core *s, Loop *p, IrNode *lo, IrNode *hi, int escapes)
{
    CoreIndex *x = s->index;
    IrNode **in = NEWN(low_arena(l), IrNode *, p->n + 2);
    in[0] = lo;
    in[1] = hi;
    memcpy(in + 2, p->init, sizeof *in * (size_t)p->n);
    Dim first = low_dim(l, x->lo), extent = low_dim(l, x->extent);
    IrNode *n = ir_add(&l->b, OP_for, ir_scalar(DT_none), p->n + 2, in);
    IrRegion *r = ir_region_new(l->ir, n);
    IrNode *i = ir_index_new(r, x->name, first, extent, x->span);
    IrBuilder outer = loop_region(l, p, r);
    low_bind_index(l, x, i);
    loop_body(l, s->kids[0]);
    loop_yield(l, p, NULL);
    l->b = outer;
    loop_end(l, p, n, 0, escapes);
}

/* One that can be left early: a while that carries the index before the other values. */
static void for_early(Low *l, const Core *s, Loop *p, IrNode *lo, IrNode *hi, int escapes)
{
    IrType t = ir_scalar(DT_i64), b = ir_scalar(DT_bool);
    IrNode **in = NEWN(low_arena(l), IrNode *, p->n + 1);
    in[0] = lo;
    memcpy(in + 1, p->init, sizeof *in * (size_t)p->n);
    IrNode *n = ir_add(&l->b, OP_while, ir_scalar(DT_none), p->n + 1, in);
    IrRegion *test = ir_region_new(l->ir, n), *turn = ir_region_new(l->ir, n);
    IrNode *i = ir_arg_new(test, s->index->name, t);
    IrBuilder outer = loop_region(l, p, test);
    IrNode *c = low_and(l, ir_add2(&l->b, OP_lt, b, i, hi), l->env[low_slot(l, SLOT_again)].value);
    ir_yield(&l->b, 1, &c);
    i = ir_arg_new(turn, s->index->name, t);
    loop_region(l, p, turn);
    low_bind_index(l, s->index, i);
    loop_body(l, s->kids[0]);
    loop_yield(l, p, ir_add2(&l->b, OP_add, t, i, ir_int(&l->b, 1)));
    l->b = outer;
    loop_end(l, p, n, 1, escapes);
}

void low_for(Low *l, const Core *s)
{
    int escapes = low_escapes(s->kids[0]);
    Loop p = loop_start(l, s->kids[0], escapes);
    l->b.span = s->span;
    IrNode *lo = low_dim_node(l, s->index->lo);
    IrNode *hi = low_dim_node(l, dim_add(l->m->dims, s->index->lo, s->index->extent));
    (p.again ? for_early : for_plain)(l, s, &p, lo, hi, escapes);
}
