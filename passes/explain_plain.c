/* explain_plain.c - kernels that take one element at a time, or that one thread runs, though a loop in them may be long: said for --explain-fusion, with
 * the reason.
 *
 *     out[i] = steps(x[i])                 one element at a time: a loop in it ends where data say
 *     rec y[t] = x[t] + y[t - 1]           on one thread, one element at a time: each turn of a loop in it needs the one before
 *     rec h[t, d] = x[t, d] + h[t - 1, d]  on one thread: the same; lanes go over d
 *     out[k] = sum[n | at[n] == k](v[n])   on one thread, one element at a time: data say which places it changes
 *
 * Asked of kernels as the backend gets them, so of no decision that a later one takes back. Nothing is said of few turns, nor where no reason is known
 * (the sum of the parts of a reduction, a row that is sorted).
 */
#include "passes/pass_int.h"

enum { BRIEF = 64 }; /* turns that cost little, whoever takes them */

typedef struct Plain { bool lanes, calls, ends, turns, scattered; } Plain;

/* With 256 for every dim: blocks of a stream, or parts of a reduction, are few. */
static bool is_brief(const IrNode *loop)
{
    int64_t n;
    const IrNode *x = loop->op == OP_while ? NULL : loop->regions[0]->params.p[0];
    return x && x->dim && pass_trial(x->parent->fn, x->dim, 0, &n) && n <= BRIEF;
}

static void see_serial(void *user, IrNode *n)
{
    bool *serial = user;
    *serial = *serial || n->op == OP_while || n->op == OP_extern;
}

/* Whether the backend has lanes for it (be_tfor.c, be_reduce16.c); where it may or may not, it counts as if it had. */
static bool takes_lanes(IrNode *n)
{
    bool serial = false, chain = n->order == ORDER_chain && dtype_is_float(n->type.dtype) && (n->redop == RED_sum || n->redop == RED_prod);
    if ((n->op != OP_tfor || n->loop != LOOP_lanes) && (n->op != OP_reduce || chain))
        return false;
    ir_walk(n->regions[0], see_serial, &serial);
    return !serial;
}

/* Does a turn change what it has read? Then the places are not those of its index. */
typedef struct Change { const IrNode *buffer; bool found; } Change;

static void see_change(void *user, IrNode *n)
{
    Change *c = user;
    c->found = c->found || (n->op == OP_store && n->in[0] == c->buffer);
}

static void see_read(void *user, IrNode *n)
{
    Change *c = user;
    if (n->op != OP_load || c->found)
        return;
    c->buffer = n->in[0];
    const IrNode *loop = n->parent->owner;
    while (loop->op != OP_tfor && loop->op != OP_kernel)
        loop = loop->parent->owner;
    if (loop->op == OP_tfor && loop->loop == LOOP_seq)
        ir_walk(loop->regions[0], see_change, c);
}

static void see(void *user, IrNode *n)
{
    Plain *p = user;
    bool loop = n->op == OP_for || n->op == OP_while || (n->op == OP_tfor && n->loop == LOOP_seq);
    p->lanes = p->lanes || takes_lanes(n);
    p->calls = p->calls || n->op == OP_extern;
    if (!loop || is_brief(n))
        return;
    Change c = { 0 };
    p->ends = p->ends || n->op == OP_while;
    p->turns = p->turns || n->op == OP_for;
    if (n->op == OP_tfor)
        ir_walk(n->regions[0], see_read, &c);
    p->scattered = p->scattered || c.found;
}

static bool is_one_point(const IrNode *kernel)
{
    int64_t n;
    for (int i = 0; i < kernel->regions[0]->params.n; i++)
        if (!dim_is_const(kernel->regions[0]->params.p[i]->dim, &n) || n > 1)
            return false;
    return true;
}

static void explain(void *user, IrNode *n)
{
    PassCx *cx = user;
    Plain p = { 0 };
    if (n->op != OP_kernel || !n->span.file)
        return;
    ir_walk(n->regions[0], see, &p);
    const char *why = p.ends ? "a loop in it ends where data say" : p.turns ? "each turn of a loop in it needs the one before"
                    : p.scattered ? "data say which places it changes" : p.calls ? "it calls a C function" : NULL;
    bool one = is_one_point(n) && (p.ends || p.turns || p.scattered);
    if (!why || (p.lanes && !one))
        return;
    const char *how = !one ? "one element at a time" : p.lanes ? "on one thread" : "on one thread, one element at a time";
    PassRemark r = { .choice = CHOICE_plain, .span = n->span, .name = n->name, .why = arena_printf(cx->arena, "%s: %s", how, why), .loops = "" };
    cx->options->remark(cx->options->user, &r);
}

void pass_explain_plain(PassCx *cx, IrFn *fn) { ir_walk(fn->body, explain, cx); }
