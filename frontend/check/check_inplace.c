/* check_inplace.c - a call with a function written in the program among its arguments.
 *
 *     fn best(s: float[T, S], allowed: fn) -> float[T] { out[i] = max[j | allowed(i, j)](s[i, j]) }
 *     best(s, fn(i, j) = mask[i, j])
 *
 * The function reads variables of the place where it is written, so no instance of the callee can hold it: the callee's body is
 * checked where the call stands, with its parameters and dims for the arguments and their sizes. Its signature is read as that of
 * an instance is, and its entry plan walked as for any call.
 */
#include "frontend/check/call_int.h"

static bool is_closure(const Val *v)
{
    return v->kind == V_fn && !v->decl && v->tree;
}

bool call_has_closure(const Call *c)
{
    for (int i = 0; i < c->n; i++)
        if (is_closure(c->args[i]))
            return true;
    for (int i = 0; i < c->fn->nstatics; i++)
        if (is_closure(c->fn->statics[i]))
            return true;
    return false;
}

static Struct *self_of(const Call *c)
{
    return (Struct *)c->fn->self->sty->strct;
}

/* The callee's signature alone; its dims are symbols of its own. */
static Fx *signature(Call *c, const Env *env)
{
    const Tree *t = c->d->tree;
    Fx *g = fx_new(c->f->cx, c->f, c->d->name, t->span);
    g->trial = c->f->trial;
    g->inst->decl = c->d;
    g->env = g->inst->env = *env;
    g->scope = c->d->unit->scope;
    if (c->fn->self) {
        self_scope(g, c->d, self_param(g, self_of(c)));
    }
    g->params = scope_push(g, SCOPE_fn);
    sig_bind(g, c->fn->self ? self_of(c) : NULL, t->kids[1], t->kids[2], t->kids[3], t->kids[4]);
    g->fn->result = g->result ? g->result : NEW(g->a, CoreSty);
    c->in = g->inst;
    return g;
}

static Dim known_dim(void *user, DimSym *s)
{
    return map_find(user, s);
}

/* The argument for surface parameter i, as the parameter's type wants it. */
static Val *argument(Call *c, int i)
{
    Fx *f = c->f;
    const CoreParam *p = &c->in->fn->surface.p[i];
    CoreSty *want = sty_subst(f, p->sty, known_dim, &c->syms);
    int k = call_param_named(c->params, p->name);
    Span at = k >= 0 && c->trees[k] ? c->trees[k]->span : c->span;
    Val *v = val_unify(f, call_surface_arg(c, i), want, at, arena_printf(f->a, "'%s' of '%s'", p->name, c->d->name));
    return is_error(v) ? v : bound_value(f, p->name, v);
}

static int surface_named(const CoreFn *fn, Name n)
{
    for (int i = 0; i < fn->surface.n; i++)
        if (fn->surface.p[i].name == n)
            return i;
    return -1;
}

/* What a name of the signature means at the call. */
static Val *meaning(Call *c, const Ent *e)
{
    Fx *f = c->f;
    int i = surface_named(c->in->fn, e->name);
    if (i >= 0)
        return argument(c, i);
    if (!e->val || e->val->kind != V_core || !e->val->dim)
        return e->val;
    return val_dim(f, dim_subst(f->dims, e->val->dim, known_dim, &c->syms));
}

/* A `var` parameter is the variable that is given for it. */
static void bind_var(Call *c, int i)
{
    Fx *f = c->f;
    const CoreParam *p = &c->in->fn->surface.p[i];
    Val *v = call_surface_arg(c, i);
    Core **leaves;
    Ent *e = scope_add(f, ENT_var, p->name, (Span){ 0, 0, 0 });
    e->sty = val_sty(f, v);
    e->nleaves = val_leaves_of(f, v, &leaves);
    e->leaves = NEWN(f->a, CoreVar *, e->nleaves + 1);
    for (int k = 0; k < e->nleaves; k++)
        e->leaves[k] = leaves[k]->var;
}

static bool bind_names(Call *c, const Fx *g)
{
    for (const Ent *e = g->params->ents; e; e = e->next) {
        if (!e->name)
            continue;
        int i = surface_named(c->in->fn, e->name);
        if (i >= 0 && c->in->fn->surface.p[i].var) {
            bind_var(c, i);
            continue;
        }
        Val *v = meaning(c, e);
        if (!v || is_error(v))
            return false;
        scope_let(c->f, e->name, (Span){ 0, 0, 0 }, v);
    }
    return true;
}

/* What a call with `var` arguments, or one in itself, cannot do; the plan of conditions is walked before. */
static bool refused(Call *c, const CoreFn *fn)
{
    bool var = false;
    for (int i = 0; i < fn->surface.n; i++)
        var |= fn->surface.p[i].var;
    if (c->f->op_depth >= OP_DEPTH_MOST)
        report(c->f, E0212, c->span, "'%s' uses itself", c->d->name);
    else if (var && c->f->frame->kind != FRAME_block)
        report(c->f, E0307, c->span, "a call that changes a variable stands inside an index scope or a condition");
    else
        return false;
    return true;
}

static Val *body(Call *c, const Fx *g)
{
    Fx *f = c->f;
    const Tree *t = c->d->tree, *where = t->kids[4];
    f->scope = c->d->unit->scope;
    if (c->fn->self)
        self_scope(f, c->d, bound_value(f, W(f, self), c->fn->self));
    scope_push(f, SCOPE_fn);
    if (!bind_names(c, g))
        return val_error();
    f->env = g->env;
    for (int i = 0; i < g->env.pack; i++)
        f->pack[i] = dim_subst(f->dims, g->pack[i], known_dim, &c->syms);
    for (int i = 0; where && g->frame->stmts.n && i < where->nkids; i++) /* some say more than the plan can */
        struct_where(f, where->kids[i]);
    CoreSty *result = g->result ? sty_subst(f, g->result, known_dim, &c->syms) : NULL;
    return inline_block(f, t->kids[5], result, c->span, arena_printf(f->a, "the result of '%s'", c->d->name));
}

Val *call_in_place(Call *c, const Env *env)
{
    Fx *f = c->f;
    Fx *g = signature(c, env);
    if (g->fn->failed) {
        f->fn->failed |= !f->trial;
        return val_error();
    }
    if (!call_flatten(c) || !call_walk_plan(c) || refused(c, g->fn))
        return val_error();
    Scope *at = f->scope;
    Env own = f->env;
    Dim pack[RANK_MOST];
    int dimctx = f->dimctx, draws = f->draws;
    Name drawn_in = f->drawn_in;
    for (int i = 0; i < RANK_MOST; i++)
        pack[i] = f->pack[i];
    f->op_depth++;
    f->dimctx = f->draws = 0;
    f->drawn_in = c->fn->self ? name_of(f->cx->names, arena_printf(f->a, "%s.%s", self_of(c)->pub.name, c->d->name)) : c->d->name;
    int errors = f->cx->diags->errors;
    Val *v = body(c, g);
    note_call(f->cx, errors, c->d->name, c->span);
    f->drawn_in = drawn_in;
    f->draws = draws;
    f->op_depth--;
    f->dimctx = dimctx;
    for (int i = 0; i < RANK_MOST; i++)
        f->pack[i] = pack[i];
    f->env = own;
    f->scope = at;
    return v;
}
