/* check_inline.c - the body of a function, written out where it is called.
 *
 *     first(x, fn(v) = v > limit)      %r = scope { for i { if x[i] > limit { return i } }; return -1 }
 *
 * A body that is one value stands as that value. One that returns early, or has statements where none may stand (in an index scope),
 * is a scope: a list of statements of its own, whose `return`s give the scope's value.
 */
#include "frontend/check/check_int.h"

/* ---- what a body has; functions that are written in it have their own ---- */

static bool is_out(Fx *f, const Tree *t)
{
    const Tree *l = t->kind == T_assign && !t->name ? t->kids[0] : NULL;
    return l && l->kind == T_index && l->kids[0]->kind == T_name && l->kids[0]->name == W(f, out);
}

static bool has_return(const Tree *t)
{
    if (!t || t->kind == T_return_ || t->kind == T_fn)
        return t && t->kind == T_return_;
    for (int i = 0; i < t->nkids; i++)
        if (has_return(t->kids[i]))
            return true;
    return false;
}

/* Statements that stand in blocks only. */
static bool has_statements(Fx *f, const Tree *t)
{
    if (!t || t->kind == T_fn)
        return false;
    if ((t->kind == T_let || t->kind == T_let_index) && t->flags & TF_VAR)
        return true;
    if (t->kind == T_while_ || t->kind == T_for_ || (t->kind == T_assign && !is_out(f, t)) || (t->kind == T_arg && t->flags & TF_VAR))
        return true;
    for (int i = 0; i < t->nkids; i++)
        if (has_statements(f, t->kids[i]))
            return true;
    return is_out(f, t); /* the last statement of a block of its own */
}

/* `return e` as the last statement is the value. */
static const Tree *last_return(const Tree *body)
{
    const Tree *items = body->kind == T_block ? body->kids[0] : NULL;
    const Tree *last = items && items->nkids ? items->kids[items->nkids - 1] : NULL;
    if (!last || last->kind != T_return_)
        return NULL;
    for (int i = 0; i + 1 < items->nkids; i++)
        if (has_return(items->kids[i]))
            return NULL;
    return has_return(last->kids[0]) ? NULL : last;
}

/* ---- as a value ---- */

static Val *body_value(Fx *f, const Tree *t)
{
    const Tree *last = last_return(t);
    if (!last)
        return t->kind == T_block ? body_items(f, t) : expr(f, t);
    scope_push(f, SCOPE_block);
    const Tree *items = t->kids[0];
    for (int i = 0; i + 1 < items->nkids; i++)
        statement(f, items->kids[i]);
    Val *v = last->kids[0] ? expr(f, last->kids[0]) : val_none(f);
    scope_pop(f);
    return v;
}

static Val *as_value(Fx *f, const Tree *t, Span s, const char *what)
{
    Val *v = body_value(f, t);
    if (is_error(v) || !f->result || f->result->kind == STY_none)
        return v;
    return val_unify(f, v, f->result, s, what);
}

/* ---- as a scope ---- */

/* Variables for what it gives, in the frame where it will stand. */
static Val *scope_results(Fx *f, Core *c, Frame *at, CoreSty *sty, Span s)
{
    int n;
    IrType *types = sty_leaf_types(f, sty, &n);
    Free need = core_free(f, c);
    Core **leaves = NEWN(f->a, Core *, n + 1);
    CoreVar **outs = NEWN(f->a, CoreVar *, n + 1);
    for (int i = 0; i < n; i++) {
        outs[i] = var_new(f, name_of(f->cx->names, "value"), s, types[i], false);
        Var *x = (Var *)outs[i];
        x->depth = at->depth;
        for (int k = 0; k < need.idx.n; k++)
            PUSH(f, &x->deps, need.idx.p[k]);
        leaves[i] = core_of_var(f, outs[i]);
        if (n == 1 && at->kind != FRAME_block)
            x->def = core_kids(f, C_block, types[i], 2, (Core *[]){ c, leaves[i] });
    }
    c->outs = outs;
    c->nouts = n;
    return val_leaves(f, sty, leaves);
}

static bool is_tensor_among(Fx *f, const CoreSty *sty)
{
    int n;
    IrType *types = sty_leaf_types(f, sty, &n);
    for (int i = 0; i < n; i++)
        if (types[i].rank)
            return true;
    return false;
}

static Val *as_scope(Fx *f, const Tree *t, Span s)
{
    int errors = f->cx->diags->errors;
    Frame *fr = frame_push(f, FRAME_block);
    Val *v = t->kind == T_block ? body_items(f, t) : expr(f, t);
    if (!fr->ended)
        return_statement(f, v, t->span);
    bool impure = fr->impure, gives = f->result && f->result->kind != STY_none;
    Core *block = frame_pop_block(f);
    if (is_error(v) || f->cx->diags->errors > errors)
        return val_error();
    Core *c = core_kids(f, C_scope, ir_scalar(DT_none), 1, &block);
    c->span = s;
    Core probe = *c;
    probe.type.rank = gives && is_tensor_among(f, f->result);
    Frame *at = frame_home(f, &probe);
    Val *r = gives ? scope_results(f, c, at, f->result, s) : val_none(f);
    emit_home(f, at, c);
    if (f->frame->kind == FRAME_block)
        f->frame->impure |= impure;
    return r;
}

Val *inline_block(Fx *f, const Tree *t, CoreSty *result, Span s, const char *what)
{
    CoreSty *own = f->result, *declared = f->fn->result;
    Core *key = f->key;
    bool inferred = f->inferred;
    int loops = f->loops;
    bool early = has_return(t) && !last_return(t);
    f->result = result;
    f->inferred = !result;
    f->loops = 0;
    f->key = NULL;
    f->written_out++;
    Val *v = early || (f->frame->kind != FRAME_block && has_statements(f, t)) ? as_scope(f, t, s) : as_value(f, t, s, what);
    f->written_out--;
    f->result = own;
    f->fn->result = declared;
    f->inferred = inferred;
    f->loops = loops;
    f->key = key;
    return v;
}
