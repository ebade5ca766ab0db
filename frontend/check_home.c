/* check_home.c - how far out a value may be computed, and what may go wrong there only if it was asked for.
 *
 *     out[i] = if m[i] > 0 { f(x)[i] } else { 0 }      let t = scope { if any[i](m[i] > 0) { return f(x) } else { return zeros } }
 *                                                      out[i] = if m[i] > 0 { t[i] } else { 0 }
 *
 * A branch or a guard is left by what cannot fail. A whole tensor that no index touches leaves it in any case, since it would be made
 * again for each element; if it can fail it is made under the condition that some element asks for it.
 */
#include "frontend/check_int.h"

/* ---- what can fail, or not end ---- */

enum { FAILS_unknown, FAILS_no, FAILS_yes };

static bool can_fail(const Core *c, bool bound);

static bool callee_can_fail(CoreFn *fn)
{
    if (fn->fails == FAILS_unknown)
        fn->fails = !fn->body || can_fail(fn->body, false) ? FAILS_yes : FAILS_no;
    return fn->fails == FAILS_yes;
}

/* bound: a subscript that conditions keep inside may be one that conditions outside of c keep. */
static bool can_fail(const Core *c, bool bound)
{
    if (!c)
        return false;
    if ((bound && c->bound) || (c->kind == C_op && ((ir_ops[c->op].effects & FAULTS) || c->op == OP_extern)))
        return true;
    if (c->kind == C_while || c->kind == C_check || c->kind == C_effect || (c->kind == C_call && callee_can_fail(c->callee)))
        return true;
    for (int i = 0; c->kind == C_rec && i < c->rec->n; i++)
        if (can_fail(c->rec->eqs[i].body, bound))
            return true;
    for (int i = 0; i < c->nkids; i++)
        if (can_fail(c->kids[i], bound))
            return true;
    return false;
}

/* ---- whether a branch is taken ---- */

static Core *both(Fx *f, Core *a, Core *b)
{
    return a && b ? core_if(f, a, b, core_bool(f, false)) : a ? a : b;
}

static Core *for_any(Fx *f, CoreIndex *x, Core *c)
{
    Free need = core_free(f, c);
    for (int i = 0; i < need.idx.n; i++)
        if (need.idx.p[i] == x)
            return x->extent ? core_reduce(f, RED_any, 1, &x, c, NULL) : c;
    return c;
}

/* Whether any element asks for a value of this place, said in what the innermost block knows. NULL: it cannot be said there. */
static Core *taken(Fx *f)
{
    Core *c = NULL;
    Frame *at = f->frame;
    for (; at->kind != FRAME_block; at = at->outer) {
        if (at->where)
            c = both(f, at->where, c);
        for (int i = at->idx.n; c && i-- > 0;)
            c = for_any(f, at->idx.p[i], c);
    }
    if (!c)
        return core_bool(f, true);
    c = core_clone_out(f, c, 0, NULL, NULL, at->depth);
    return core_free(f, c).depth <= at->depth ? c : NULL;
}

/* ---- the frame ---- */

static Frame *block_of(Frame *at)
{
    while (at->kind != FRAME_block)
        at = at->outer;
    return at;
}

static bool is_whole(Fx *f, const Core *value, int need)
{
    return (value->type.rank > 0 || value->kind == C_call || value->kind == C_scope) && need <= block_of(f->frame)->depth &&
           frame_in_index(f);
}

Frame *frame_home(Fx *f, const Core *value)
{
    int need = core_free(f, value).depth;
    bool leaves = core_is_safe(value);
    if (!leaves && is_whole(f, value, need))
        leaves = f->trial || !can_fail(value, true) || taken(f);
    Frame *at = f->frame, *inner = NULL;
    while (at->kind != FRAME_block && at->depth > need) {
        if (at->kind != FRAME_index && !leaves)
            break;
        inner = at;
        at = at->outer;
    }
    /* An index scope whose body or guard is a frame of its own keeps no statements itself. */
    return at->kind == FRAME_index && inner && inner->kind != FRAME_index ? inner : at;
}

/* ---- a statement at home ---- */

static Core *zeros_of(Fx *f, IrType t)
{
    return fill(f, core_number(f, t.dtype, 0), t.rank, t.dims)->core;
}

static Core *returns(Fx *f, Span s, Core *stmt, int n, Core *const *leaves)
{
    Core *r = stmt_new(f, C_return, s, n, leaves);
    return core_kids(f, C_block, ir_scalar(DT_none), stmt ? 2 : 1, stmt ? (Core *[]){ stmt, r } : &r);
}

/* A call behind what must hold for it, which goes where it goes; its leaf results, of these types, are those of the scope. */
Core *call_behind(Fx *f, int nchecks, Core *const *checks, Core *call, int n, const IrType *types)
{
    Core **stmts = NEWN(f->a, Core *, nchecks + 2), **leaves = NEWN(f->a, Core *, n);
    call->nouts = n;
    call->outs = NEWN(f->a, CoreVar *, n);
    for (int i = 0; i < n; i++) {
        call->outs[i] = var_new(f, call->callee->name, call->span, types[i], false);
        leaves[i] = core_of_var(f, call->outs[i]);
    }
    for (int i = 0; i < nchecks; i++)
        stmts[i] = checks[i];
    stmts[nchecks] = call;
    stmts[nchecks + 1] = stmt_new(f, C_return, call->span, n, leaves);
    Core *block = core_kids(f, C_block, ir_scalar(DT_none), nchecks + 2, stmts);
    return stmt_new(f, C_scope, call->span, 1, &block);
}

/* `stmt` where `go` holds, and zeros elsewhere, which nobody reads; its variables stay those of the whole. */
static Core *under(Fx *f, Core *go, Core *stmt)
{
    bool let = stmt->kind == C_let;
    int n = let ? 1 : stmt->nouts;
    CoreVar **outs = let ? &stmt->var : stmt->outs, **inner = NEWN(f->a, CoreVar *, n);
    Core **yes = NEWN(f->a, Core *, n), **no = NEWN(f->a, Core *, n);
    for (int i = 0; i < n; i++) {
        inner[i] = var_new(f, outs[i]->name, outs[i]->span, outs[i]->type, false);
        yes[i] = let ? stmt->kids[0] : core_of_var(f, inner[i]);
        no[i] = zeros_of(f, outs[i]->type);
    }
    Core *run = let ? NULL : arena_copy(f->a, stmt, sizeof *stmt);
    if (run)
        run->outs = inner;
    Core *parts[] = { go, returns(f, stmt->span, run, n, yes), returns(f, stmt->span, NULL, n, no) };
    Core *choice = stmt_new(f, C_ifs, stmt->span, 3, parts);
    Core *block = core_kids(f, C_block, ir_scalar(DT_none), 1, &choice);
    Core *c = stmt_new(f, C_scope, stmt->span, 1, &block);
    c->outs = NEWN(f->a, CoreVar *, n);
    for (int i = 0; i < n; i++)
        c->outs[i] = outs[i];
    c->nouts = n;
    return c;
}

static bool leaves_branch(const Fx *f, const Frame *at)
{
    for (const Frame *fr = f->frame; fr != at; fr = fr->outer)
        if (fr->where)
            return true;
    return false;
}

void emit_home(Fx *f, Frame *at, Core *stmt)
{
    bool alone = f->trial || at->kind != FRAME_block || !leaves_branch(f, at) || !can_fail(stmt, true);
    Core *go = alone ? NULL : taken(f);
    emit_at(f, at, go ? under(f, go, stmt) : stmt);
}
