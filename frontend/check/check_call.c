/* check_call.c - calls: arguments to parameters, the callee's instance, its entry plan with this call's sizes.
 *
 * A plan is walked here as it is at run time, only with dims for numbers: names are bound from the arguments' sizes, equations
 * must hold, conditions are proved or become conditions of the caller.
 */
#include "frontend/check/call_int.h"

/* ---- arguments to parameters ---- */

int call_param_named(const Tree *params, Name n)
{
    for (int i = 0; i < params->nkids; i++)
        if (params->kids[i]->name == n)
            return i;
    return -1;
}

static bool is_key(const Call *c, int i)
{
    return c->key && c->params->kids[i]->name == W(c->f, key);
}

/* Those that are given by name. */
static void params_help(Call *c)
{
    Buf b = buf_new(c->f->a);
    for (int i = 0; i < c->params->nkids; i++)
        if (c->params->kids[i]->flags & TF_NAMED)
            buf_printf(&b, "%s%s", buf_text(&b)[0] ? ", " : "", c->params->kids[i]->name);
    if (buf_text(&b)[0])
        diag_help(c->f->cx->diags, "given by name are %s", buf_text(&b));
}

static bool place_tree(Call *c, const Tree *a, int *at)
{
    Fx *f = c->f;
    int k = a->name ? call_param_named(c->params, a->name) : (*at)++;
    if (k < 0) {
        report(f, E0205, a->span, "'%s' has no parameter '%s'", c->d->name, a->name);
        params_help(c);
        return false;
    }
    if (k >= c->n || (!a->name && ((c->params->kids[k]->flags & TF_NAMED) || is_key(c, k)))) {
        report(f, E0205, a->span, "too many arguments for '%s'", c->d->name);
        if (k < c->n)
            diag_help(f->cx->diags, "'%s' is given by name: %s: ..", c->params->kids[k]->name, c->params->kids[k]->name);
        return false;
    }
    if (c->trees[k]) {
        report(f, E0205, a->span, "'%s' is given twice", c->params->kids[k]->name);
        return false;
    }
    bool wants = c->params->kids[k]->flags & TF_VAR, has = a->flags & TF_VAR;
    if (wants != has) {
        report(f, E0205, a->span, wants ? "'%s' may change its argument: write 'var' before it" : "parameter '%s' is not 'var'",
               c->params->kids[k]->name);
        return false;
    }
    c->trees[k] = a->kids[0];
    c->var[k] = has;
    return true;
}

void call_note_declared(Call *c)
{
    if (c->d->tree->span.file && !c->d->unit->prelude)
        diag_note(c->f->cx->diags, (Span){ c->d->tree->span.file, c->d->tree->span.lo, c->d->tree->span.lo }, "'%s' is declared here",
                  c->d->name);
}

static bool place_args(Call *c, const Tree *args)
{
    int at = 0;
    for (int i = 0; i < args->nkids; i++)
        if (!place_tree(c, args->kids[i], &at))
            return false;
    for (int i = 0; i < c->n; i++)
        if (!c->trees[i] && !c->params->kids[i]->kids[1] && !is_key(c, i)) {
            report(c->f, E0205, c->span, "'%s' of '%s' is not given", c->params->kids[i]->name, c->d->name);
            call_note_declared(c);
            return false;
        }
    return true;
}

/* Numbers of a written list take the element type that the parameter's type says, as in a declaration. */
static Val *written_list(Call *c, Val *v, const Tree *type, Span s)
{
    Fx *f = c->f;
    Dim dims[RANK_MOST];
    const Val *at = v;
    int rank = 0;
    bool weak = false;
    IrDtype t = type && type->kind == T_tbase && type->kids[2] ? dtype_named(f, type->kids[0]->name, &weak) : DT_none;
    for (; at->kind == V_list && at->n && rank < RANK_MOST; at = at->parts[0])
        dims[rank++] = dim_int(f, at->n);
    if (t == DT_none || weak || !val_is_scalar(at) || !at->weak || !dtype_converts(at->type.dtype, true, t))
        return val_plain(f, v);
    return val_unify(f, v, sty_value(f, tensor_type(f, t, rank, dims), false), s, "the list");
}

static bool is_element(const Tree *t)
{
    while (t->kind == T_member)
        t = t->kids[0];
    return t->kind == T_index;
}

/* f(var x[i]) changes a copy of the element, which then becomes the element. */
static Val *copied_element(Call *c, int i)
{
    Fx *f = c->f;
    const Tree *t = c->trees[i];
    Val *v = place_is_steady(f, t) ? val_plain(f, expr(f, t)) : val_error();
    CoreSty *sty = is_error(v) ? NULL : val_sty(f, v);
    Core **leaves;
    if (!sty)
        return val_error();
    c->copied[i] = temp_vars(f, sty, "t", t->span);
    int n = val_leaves_of(f, v, &leaves);
    for (int k = 0; k < n; k++) {
        Core *set = core_kids(f, C_assign, ir_scalar(DT_none), 1, &leaves[k]);
        set->var = c->copied[i][k];
        emit(f, set);
        leaves[k] = core_of_var(f, c->copied[i][k]);
    }
    return val_leaves(f, sty, leaves);
}

/* What one parameter writes the other would overwrite. */
static bool changed_once(Call *c, int i)
{
    for (int k = 0; k < i; k++)
        if ((c->params->kids[k]->flags & TF_VAR) && c->trees[k] && places_meet(c->trees[k], c->trees[i])) {
            report(c->f, E0205, c->trees[i]->span, "'%s' and '%s' of '%s' would change the same variable", c->params->kids[k]->name, c->params->kids[i]->name, c->d->name);
            diag_note(c->f->cx->diags, c->trees[k]->span, "it is given here before");
            return false;
        }
    return true;
}

static Val *changed_argument(Call *c, int i)
{
    if (!changed_once(c, i))
        return val_error();
    return is_element(c->trees[i]) ? copied_element(c, i) : var_argument(c->f, c->trees[i]);
}

static void give_back(Call *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->copied[i])
            assign_value(c->f, c->trees[i], place_value(c->f, val_sty(c->f, c->args[i]), c->copied[i]), c->trees[i]->span);
}

/* Of the places that parameters change, those with subscripts may be one when it runs. */
static bool elements_apart(Call *c)
{
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < i && c->var[i] && c->trees[i]; k++)
            if (c->var[k] && c->trees[k] && !call_elements_apart(c, i, k))
                return false;
    return true;
}

static bool evaluate(Call *c)
{
    Fx *f = c->f;
    bool ok = true;
    for (int i = 0; i < c->n; i++) {
        const Tree *p = c->params->kids[i];
        Scope *at = f->scope;
        if (!c->trees[i])
            f->scope = c->d->unit->scope;
        f->dimctx++;
        Val *v = is_key(c, i) ? c->key : c->var[i] ? changed_argument(c, i) : expr(f, c->trees[i] ? c->trees[i] : p->kids[1]);
        f->dimctx--;
        f->scope = at;
        ok &= !is_error(v);
        c->args[i] = v->kind == V_list ? written_list(c, v, p->kids[0], c->trees[i] ? c->trees[i]->span : c->span) : v;
        ok &= !is_error(c->args[i]);
    }
    return ok && elements_apart(c);
}

/* ---- specialising ---- */

static bool static_args(Call *c, const Tree *statics, Env *env)
{
    Fx *f = c->f;
    int n = statics ? statics->nkids : 0, given = 0;
    for (int i = 0; i < n; i++) {
        const Tree *p = statics->kids[i];
        StaticArg a = { p->name, NULL };
        bool type = p->kids[0] && p->kids[0]->kind == T_tbase && p->kids[0]->kids[0]->name == W(f, model);
        bool number = !p->kids[0] || (p->kids[0]->kind == T_tbase && p->kids[0]->kids[0]->name == W(f, int_));
        if (!type) {
            if (given >= c->fn->nstatics) {
                report(f, E0205, c->span, "static argument '%s' of '%s' is not given: %s[..](..)", p->name, c->d->name, c->d->name);
                return false;
            }
            Val *v = c->fn->statics[given++];
            a.val = number ? NULL : v;
        }
        PUSH(f, &env->statics, a);
    }
    if (given < c->fn->nstatics) {
        report(f, E0205, c->span, "'%s' has %d static parameter%s", c->d->name, given, given == 1 ? "" : "s");
        return false;
    }
    return true;
}

static bool fn_args(Call *c, Env *env)
{
    for (int i = 0; i < c->n; i++) {
        const Tree *p = c->params->kids[i];
        if (!p->kids[0] || p->kids[0]->kind != T_tfn)
            continue;
        if (c->args[i]->kind != V_fn) {
            report(c->f, E0206, c->span, "'%s' of '%s' is a function, not %s", p->name, c->d->name, val_text(c->f, c->args[i]));
            return false;
        }
        StaticArg a = { p->name, c->args[i] };
        PUSH(c->f, &env->statics, a);
    }
    return true;
}

static bool models_known(Call *c, const Env *env, const Tree *statics)
{
    for (int i = 0; statics && i < statics->nkids; i++) {
        const Tree *p = statics->kids[i];
        bool type = p->kids[0] && p->kids[0]->kind == T_tbase && p->kids[0]->kids[0]->name == W(c->f, model);
        if (type && !env->statics.p[i].val) {
            report(c->f, E0205, c->span, "model type '%s' of '%s' does not follow from the arguments", p->name, c->d->name);
            return false;
        }
    }
    return true;
}

static bool specialised(Call *c, Env *env)
{
    const Tree *t = c->d->tree;
    *env = (Env){ .pack = -1 };
    if (!static_args(c, t->kids[1], env))
        return false;
    sig_infer(c->f, c->params, t->kids[3], env, c->args);
    return models_known(c, env, t->kids[1]) && fn_args(c, env);
}

static bool instance(Call *c, const Env *env)
{
    Struct *self = c->fn->self ? (Struct *)c->fn->self->sty->strct : NULL;
    c->in = inst_get(c->f, c->d, self, env, c->span);
    return inst_usable(c->f, c->in, c->span, c->d->name);
}

/* ---- the call ---- */

static Dim map_subst(void *user, DimSym *s)
{
    return map_find(user, s);
}

static bool convert(Call *c)
{
    Fx *f = c->f;
    CoreFn *fn = c->in->fn;
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *p = &fn->surface.p[i];
        Val *v = call_surface_arg(c, i);
        if (p->var)
            continue;
        CoreSty *want = sty_subst(f, p->sty, map_subst, &c->syms);
        int k = call_param_named(c->params, p->name);
        Span at = k >= 0 && c->trees[k] ? c->trees[k]->span : c->span;
        Core **part;
        v = val_unify(f, v, want, at, arena_printf(f->a, "'%s' of '%s'", p->name, c->d->name));
        if (is_error(v))
            return false;
        int n = val_leaves_of(f, v, &part);
        for (int j = 0; j < n; j++)
            c->leaves[p->first + j] = part[j];
    }
    return true;
}

static void changed(Fx *f, CoreVar *v)
{
    assigned(f, v);
    for (Frame *fr = f->frame; fr; fr = fr->outer)
        fr->impure = true;
}

/* Leaves of `var` arguments are changed where they are. */
static bool bind_vars(Call *c, Core *call, bool vars)
{
    Fx *f = c->f;
    const CoreFn *fn = c->in->fn;
    VEC(CoreVar *) outs = { 0 };
    if (vars && f->frame->kind != FRAME_block) {
        report(f, E0307, c->span, "a call that changes a variable stands inside an index scope or a condition");
        return false;
    }
    for (int i = 0; i < fn->params.n; i++)
        if (fn->params.p[i]->mut) {
            PUSH(f, &outs, c->leaves[i]->var);
            if (c->in->modified.p[i])
                changed(f, c->leaves[i]->var);
        }
    call->outs = outs.p;
    call->nouts = outs.n;
    return true;
}

/* Variables for the leaves of the value, in the frame where the call will stand. */
static Core **bind_results(Call *c, Core *call, Frame *at, int n, const IrType *types)
{
    Fx *f = c->f;
    Free need = core_free(f, call);
    Core **leaves = NEWN(f->a, Core *, n + 1);
    VEC(CoreVar *) outs = { 0 };
    for (int i = 0; i < call->nouts; i++)
        PUSH(f, &outs, call->outs[i]);
    for (int i = 0; i < n; i++) {
        CoreVar *v = var_new(f, name_of(f->cx->names, c->in->fn->name), c->span, types[i], false);
        Var *x = (Var *)v;
        x->depth = at->depth;
        for (int k = 0; k < need.idx.n; k++)
            PUSH(f, &x->deps, need.idx.p[k]);
        PUSH(f, &outs, v);
        leaves[i] = core_of_var(f, v);
        if (n == 1 && at->kind != FRAME_block)
            x->def = core_kids(f, C_block, types[i], 2, (Core *[]){ call, leaves[i] });
    }
    call->outs = outs.p;
    call->nouts = outs.n;
    return leaves;
}

/* Sizes that effects of the callee give are new ones here. */
static void late_size(void *user, DimSym *s)
{
    Call *c = user;
    if (!s->late || map_find(&c->syms, s))
        return;
    DimSym *own = dim_sym_new(c->f->dims, s->name, c->span);
    own->late = true;
    facts_le(c->f->facts, dim_int(c->f, 0), dim_sym(c->f->dims, own));
    map_put(&c->syms, s, (void *)dim_sym(c->f->dims, own));
}

static void late_sizes(Call *c, const CoreSty *s)
{
    for (int i = 0; i < s->type.rank; i++)
        dim_syms(s->type.dims[i], late_size, c);
    if (s->count)
        dim_syms(s->count, late_size, c);
    for (int i = 0; s->args && i < s->n; i++)
        dim_syms(s->args[i], late_size, c);
    for (int i = 0; s->kind == STY_tuple && i < s->n; i++)
        late_sizes(c, s->parts[i]);
    if (s->elem)
        late_sizes(c, s->elem);
}

static Val *emit_call(Call *c)
{
    Fx *f = c->f;
    CoreFn *fn = c->in->fn;
    bool vars = false, tensor = c->held.checks.n > 0;
    int n;
    Core *call = core_kids(f, C_call, ir_scalar(DT_none), fn->params.n, c->leaves);
    call->callee = fn;
    call->dims = NEWN(f->a, Dim, fn->dims.n + 1);
    call->span = c->span;
    for (int i = 0; i < fn->dims.n; i++)
        call->dims[i] = map_find(&c->syms, fn->dims.p[i]);
    late_sizes(c, fn->result);
    CoreSty *sty = sty_subst(f, fn->result, map_subst, &c->syms);
    IrType *types = sty_leaf_types(f, sty, &n);
    for (int i = 0; i < fn->params.n; i++)
        vars |= fn->params.p[i]->mut;
    for (int i = 0; i < n; i++)
        tensor |= types[i].rank > 0;
    if (c->held.checks.n)
        call = call_behind(f, c->held.checks.n, c->held.checks.p, call, n, types);
    Core probe = *call;
    probe.type.rank = tensor;
    Frame *at = vars || c->in->effects ? f->frame : frame_home(f, &probe);
    if (!bind_vars(c, call, vars))
        return val_error();
    Core **leaves = bind_results(c, call, at, n, types);
    emit_home(f, at, call);
    if (c->in->effects && !f->inst->effects)
        effect_seen(f->inst, c->in->effect, c->in->effect_place);
    return sty->kind == STY_none ? val_none(f) : val_leaves(f, sty, leaves);
}

static Call call_new(Fx *f, Val *fn, Span s)
{
    Call c = { .f = f, .fn = fn, .d = fn->decl, .params = fn->decl->tree->kids[2], .span = s };
    c.n = c.params->nkids;
    c.args = NEWN(f->a, Val *, c.n + 1);
    c.trees = NEWN(f->a, const Tree *, c.n + 1);
    c.var = NEWN(f->a, bool, c.n + 1);
    c.copied = NEWN(f->a, CoreVar **, c.n + 1);
    c.syms = map_new(f->a);
    return c;
}

typedef struct Sized { Call *c; bool ok; } Sized;

static void size_at_call(void *user, DimSym *s)
{
    Sized *z = user;
    Dim d = z->ok ? map_find(&z->c->syms, s) : NULL;
    z->ok = z->ok && size_known(z->c->f, d, z->c->span);
}

/* The memory of a callee is part of the caller's: what its sizes are made of is known at entry here, too. */
static bool memory_known(Call *c)
{
    const CoreFn *fn = c->in->fn;
    Sized z = { c, true };
    for (int i = 0; i < fn->vars.n && z.ok; i++)
        for (int k = 0; k < fn->vars.p[i]->type.rank && z.ok; k++)
            dim_syms(fn->vars.p[i]->type.dims[k], size_at_call, &z);
    return z.ok;
}

/* What the callee reads of the script, the caller reads for it. */
static bool captures(Call *c)
{
    const ScriptUses *u = c->in->uses;
    if (!u)
        return true;
    c->captured = NEWN(c->f->a, Val *, c->in->fn->surface.n + 1);
    for (int i = 0; i < u->uses.n; i++) {
        Val *v = script_read(c->f, u->uses.p[i].ent, c->span);
        if (is_error(v))
            return false;
        c->captured[u->uses.p[i].param] = v;
    }
    return true;
}

/* In an index scope what must hold for a call stands where the call will, which is not here. */
static bool conditions(Call *c)
{
    Fx *f = c->f;
    Held *outer = f->held;
    f->held = f->frame->kind == FRAME_block ? NULL : &c->held;
    bool ok = call_walk_plan(c);
    f->held = outer;
    return ok;
}

static Val *finish_call(Call *c)
{
    Env env;
    if (!specialised(c, &env))
        return val_error();
    if (c->f->write_out || call_has_closure(c))
        return call_in_place(c, &env);
    if (!instance(c, &env) || !captures(c) || !call_flatten(c) || !conditions(c) || !convert(c) || !memory_known(c))
        return val_error();
    return emit_call(c);
}

bool takes_key(Fx *f, const Val *fn)
{
    return fn->kind == V_fn && fn->decl && fn->decl->kind == DECL_fn && call_param_named(fn->decl->tree->kids[2], W(f, key)) >= 0;
}

Val *call_decl(Fx *f, Val *fn, const Tree *args, Val *key, Span s)
{
    Call c = call_new(f, fn, s);
    c.key = key;
    if (!place_args(&c, args) || !evaluate(&c))
        return val_error();
    if (fn->decl->elementwise)
        return call_inline(f, fn->decl, c.n, c.args, s);
    Val *v = finish_call(&c);
    if (!is_error(v))
        give_back(&c);
    return v;
}
