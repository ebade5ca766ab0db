/* check_home.c - how far out a value may be computed, and what may go wrong there only if it was asked for.
 *
 *     out[i] = if m[i] > 0 { f(x)[i] } else { 0 }      let t = scope { if any[i](m[i] > 0) { return f(x) } else { return zeros } }
 *                                                      out[i] = if m[i] > 0 { t[i] } else { 0 }
 *
 * A branch or a guard is left by what cannot fail. A whole tensor that no index touches leaves it in any case, since it would be made
 * again for each element; if it can fail it is made under the condition that some element asks for it.
 */
#include "frontend/check/check_int.h"

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
    if ((bound && c->bound) || (c->kind == C_dim && c->checked) || (c->kind == C_op && ((ir_ops[c->op].effects & FAULTS) || c->op == OP_extern)))
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

/* ---- conditions that the value brings itself ---- */

enum { LOCALS_MOST = 16 };

/* Of a value with a guard of its own, and indices that it binds: which indices of frames they are compared with; and which names a guard with
 * statements gives. */
typedef struct Same { const Core *value; const CoreIndex *as[RANK_MOST]; const CoreVar *own[LOCALS_MOST], *theirs[LOCALS_MOST]; int n; } Same;

static bool is_same_index(Same *s, const CoreIndex *own, const CoreIndex *x)
{
    for (int i = 0; s->value->kind == C_reduce && i < s->value->nindices && i < RANK_MOST; i++)
        if (s->value->indices[i] == own) {
            bool fits = own->extent && own->extent == x->extent && own->lo == x->lo && (!s->as[i] || s->as[i] == x);
            s->as[i] = fits ? x : s->as[i];
            return fits;
        }
    return own == x;
}

static bool pair(Same *s, const CoreVar *own, const CoreVar *theirs)
{
    if (s->n == LOCALS_MOST)
        return false;
    s->own[s->n] = own;
    s->theirs[s->n++] = theirs;
    return true;
}

static bool is_same_var(const Same *s, const CoreVar *own, const CoreVar *v)
{
    for (int i = s->n; i-- > 0;)
        if (s->own[i] == own)
            return s->theirs[i] == v;
    return own == v && !own->mut;
}

static bool is_same_call(Same *s, const Core *own, const Core *c)
{
    bool same = own->callee == c->callee && own->nouts == c->nouts;
    for (int i = 0; same && i < c->callee->dims.n; i++)
        same = own->dims[i] == c->dims[i];
    for (int i = 0; same && i < c->nouts; i++)
        same = pair(s, own->outs[i], c->outs[i]);
    return same;
}

static bool is_same(Same *s, const Core *own, const Core *c)
{
    if (own->kind != c->kind || own->nkids != c->nkids || own->type.dtype != c->type.dtype || own->type.rank != c->type.rank)
        return false;
    switch ((CoreKind)own->kind) {
    case C_const: return own->ival == c->ival && own->type.dtype != DT_key;
    case C_dim: return own->dim == c->dim;
    case C_var: return is_same_var(s, own->var, c->var);
    case C_index: return is_same_index(s, own->index, c->index);
    case C_op:
    case C_load:
    case C_if:
    case C_block:
    case C_let:
    case C_call: break;
    default: return false;
    }
    if ((own->kind == C_op && own->op != c->op) || (c->kind == C_let && !pair(s, own->var, c->var)))
        return false;
    if (c->kind == C_call && !is_same_call(s, own, c))
        return false;
    for (int i = 0; i < own->nkids; i++)
        if (!is_same(s, own->kids[i], c->kids[i]))
            return false;
    return true;
}

static bool is_and(const Core *c)
{
    bool chosen = c->kind == C_if && c->kids[2]->kind == C_const && c->kids[2]->type.dtype == DT_bool && !c->kids[2]->ival;
    return chosen || (c->kind == C_op && c->op == OP_and && c->type.dtype == DT_bool);
}

static bool says_one(Same *s, const Core *guard, const Core *c)
{
    return is_same(s, guard, c) || (is_and(guard) && (says_one(s, guard->kids[0], c) || says_one(s, guard->kids[1], c)));
}

/* guard says all that c says. */
static bool says(Same *s, const Core *guard, const Core *c)
{
    return says_one(s, guard, c) || (is_and(c) && says(s, guard, c->kids[0]) && says(s, guard, c->kids[1]));
}

/* softmax[j | g(i, j)] of what can fail: its maximum and its sum are over the places where g holds, so whatever fails in them, some element
 * asks for it. A value can be made outside of conditions that its own guard repeats for some place. */
bool home_is_block(Fx *f, const Core *value)
{
    Core *guard = value->kind == C_reduce ? value->kids[1] : value->kind == C_guard ? value->kids[0] : NULL;
    Same s = { .value = value };
    for (Frame *fr = f->frame; fr->kind != FRAME_block; fr = fr->outer) {
        bool always = fr->kind == FRAME_index || (fr->kind == FRAME_guard && !fr->where);
        if (!always && !(guard && fr->where && says(&s, guard, fr->where)))
            return false;
    }
    return true;
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
