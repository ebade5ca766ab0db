/* inline.c - put the bodies of called functions in place of the calls.
 *
 *     %3 = call @norm[D: D](%x, %w)        %3 = map [...] {...}     (the nodes of @norm, with its dims replaced)
 *
 * There is no recursion in the language, so this ends. Bodies are copied as they were lowered, and the calls in a copy follow in turn: a chain of
 * functions costs what it is made of, once. Rows of checks and effects are added to the caller's.
 */
#include "passes/pass_int.h"

#include <string.h>

static bool has_check_row(const IrNode *n)
{
    return pass_is_fault(n);
}

typedef struct Inlining { PassCx *cx; const IrFn *from; IrFn *to; Map *nodes; Span call; } Inlining;

static void inline_call(PassCx *cx, IrFn *fn, IrNode *call);

static void move_row(const Inlining *r, const IrNode *old, IrNode *n)
{
    if (has_check_row(old)) {
        IrCheck c = r->from->checks.p[old->imm];
        n->imm = old->op == OP_check ? ir_check_row(r->to, c.code, c.span, c.text) : ir_check_row_equal(r->to, c.code, c.span, c.text);
    } else if (old->op == OP_effect) {
        vec_push(r->to->module->arena, &r->to->effects, r->from->effects.p[old->imm]);
        n->imm = r->to->effects.n - 1;
    }
}

static void replace_results(PassCx *cx, IrNode *call, IrNode **values)
{
    if (call->type.dtype != DT_none)
        ir_replace(call, pass_keeps_symbol(cx, call, values[0]));
    for (IrUse *u = call->uses, *next; u; u = next) {
        next = u->next;
        if (u->user->op == OP_result) {
            ir_replace(u->user, pass_keeps_symbol(cx, u->user, values[u->user->imm]));
            ir_drop(u->user);
        }
    }
}

/* ---- where it was called from, for --profile ------------------------------------------------------------------------ */

static bool is_of_library(const Sources *ss, Span s)
{
    return s.file && !strncmp(ss->files.p[s.file - 1]->name, "<library>", 9);
}

/* The nearest call outside of it. */
static Span caller_of(const Sources *ss, const IrNode *call)
{
    return is_of_library(ss, call->span) ? ss->files.p[call->span.file - 1]->from : call->span;
}

static void note_caller(const Inlining *r, IrNode *n)
{
    Sources *ss = r->cx->module->sources;
    if (r->cx->options->count && r->call.file && is_of_library(ss, n->span))
        n->span.file = source_from(ss, n->span.file, r->call);
}

/* In the order in which they stand: so do the rows. */
static void see_copied(void *user, IrNode *old)
{
    const Inlining *r = user;
    IrNode *n = map_find(r->nodes, old);
    if (!n)
        return;
    move_row(r, old, n);
    note_caller(r, n);
    if (n->op == OP_call)
        inline_call(r->cx, r->to, n);
}

static void inline_call(PassCx *cx, IrFn *fn, IrNode *call)
{
    IrFn *callee = call->callee;
    SymMap dims = symmap_new(cx);
    Map nodes = map_new(cx->arena);
    IrBuilder b = { fn, call->parent, call, call->span };
    for (int i = 0; i < callee->dims.n; i++)
        symmap_put(&dims, callee->dims.p[i], call->dims[i]);
    for (int i = 0; i < callee->params.n; i++) {
        IrNode *p = callee->params.p[i];
        map_put(&nodes, p, call->in[i]);
        if (p->sym)
            symmap_put(&dims, p->sym, pass_dim_of(cx, call->in[i]));
    }
    IrNode **values = ir_clone_region(&b, callee->body, &nodes, symmap_subst, &dims);
    replace_results(cx, call, values);
    Inlining r = { cx, callee, fn, &nodes, caller_of(cx->module->sources, call) };
    ir_drop(call);
    cx->changed++;
    ir_walk(callee->body, see_copied, &r);
}

typedef struct Calls { PassCx *cx; VEC(IrNode *) list; } Calls;

static void find_call(void *user, IrNode *n)
{
    Calls *c = user;
    if (n->op == OP_call)
        vec_push(c->cx->arena, &c->list, n);
}

bool pass_inline(PassCx *cx, IrFn *fn)
{
    Calls calls = { .cx = cx };
    ir_walk(fn->body, find_call, &calls);
    for (int i = 0; i < calls.list.n; i++)
        inline_call(cx, fn, calls.list.p[i]);
    pass_sizes_fit(cx, fn);
    pass_inline_checks(cx, fn);
    return true;
}
