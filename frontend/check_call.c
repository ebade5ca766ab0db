/* check_call.c - calls: arguments to parameters, the callee's instance, its entry plan with this call's sizes.
 *
 * A plan is walked here as it is at run time, only with dims for numbers: names are bound from the arguments' sizes, equations
 * must hold, conditions are proved or become conditions of the caller.
 */
#include "frontend/check_int.h"

typedef struct Call {
    Fx *f;
    Val *fn;
    Decl *d;
    const Tree *params;
    Span span;
    int n;             /* parameters */
    Val **args;        /* by parameter; NULL: default */
    const Tree **trees;
    bool *var;
    Inst *in;
    Map syms;          /* DimSym of the callee -> Dim */
    Core **leaves;
} Call;

/* ---- arguments to parameters ---- */

static int param_named(const Tree *params, Name n)
{
    for (int i = 0; i < params->nkids; i++)
        if (params->kids[i]->name == n)
            return i;
    return -1;
}

static bool place_tree(Call *c, const Tree *a, int *at)
{
    Fx *f = c->f;
    int k = a->name ? param_named(c->params, a->name) : (*at)++;
    if (k < 0) {
        report(f, E0205, a->span, "'%s' has no parameter '%s'", c->d->name, a->name);
        return false;
    }
    if (k >= c->n || (!a->name && (c->params->kids[k]->flags & TF_NAMED))) {
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

static void note_declared(Call *c)
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
        if (!c->trees[i] && !c->params->kids[i]->kids[1]) {
            report(c->f, E0205, c->span, "'%s' of '%s' is not given", c->params->kids[i]->name, c->d->name);
            note_declared(c);
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
        Val *v = c->var[i] ? var_argument(f, c->trees[i]) : expr(f, c->trees[i] ? c->trees[i] : p->kids[1]);
        f->dimctx--;
        f->scope = at;
        ok &= !is_error(v);
        c->args[i] = v->kind == V_list ? written_list(c, v, p->kids[0], c->trees[i] ? c->trees[i]->span : c->span) : v;
        ok &= !is_error(c->args[i]);
    }
    return ok;
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

static bool specialise(Call *c)
{
    Fx *f = c->f;
    const Tree *t = c->d->tree;
    Env env = { .pack = -1 };
    if (!static_args(c, t->kids[1], &env))
        return false;
    sig_infer(f, c->params, t->kids[3], &env, c->args);
    if (!models_known(c, &env, t->kids[1]) || !fn_args(c, &env))
        return false;
    Struct *self = c->fn->self ? (Struct *)c->fn->self->sty->strct : NULL;
    c->in = inst_get(f, c->d, self, &env, c->span);
    return inst_usable(f, c->in, c->span, c->d->name);
}

/* ---- the plan with dims for numbers ---- */

static Val *surface_arg(Call *c, int i)
{
    int first = c->fn->self ? 1 : 0;
    if (i < first)
        return c->fn->self;
    Name n = c->in->fn->surface.p[i].name;
    int k = param_named(c->params, n);
    return c->args[k];
}

static const CoreSty *struct_part(const CoreSty *s)
{
    while (s && s->kind == STY_list)
        s = s->elem;
    return s;
}

static bool same_kind(Call *c, const CoreParam *p, Val *v)
{
    Fx *f = c->f;
    const CoreSty *s = p->sty;
    bool ok = true;
    switch (s->kind) {
    case STY_value: ok = (v->kind == V_core || v->kind == V_ratio) && v->type.rank == s->type.rank; break;
    case STY_struct: ok = v->kind == V_agg && v->sty->kind == STY_struct && v->sty->strct == s->strct; break;
    case STY_list: ok = v->kind == V_agg && v->sty->kind == STY_list && struct_part(v->sty)->strct == struct_part(s)->strct; break;
    case STY_tuple: ok = v->kind == V_tuple && v->n == s->n; break;
    default: break;
    }
    if (ok)
        return true;
    int k = param_named(c->params, p->name);
    Span at = k >= 0 && c->trees[k] ? c->trees[k]->span : c->span;
    report(f, E0206, at, "'%s' of '%s' is %s, but %s is given", p->name, c->d->name, core_sty_text(f->a, s), val_text(f, v));
    note_declared(c);
    return false;
}

/* Leaves of the arguments as they are, before conversion: their sizes bind the dims. */
static bool flatten(Call *c)
{
    Fx *f = c->f;
    CoreFn *fn = c->in->fn;
    c->leaves = NEWN(f->a, Core *, fn->params.n + 1);
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *p = &fn->surface.p[i];
        Val *v = surface_arg(c, i);
        Core **part;
        if (!same_kind(c, p, v))
            return false;
        int n = val_leaves_of(f, v, &part);
        for (int k = 0; k < n; k++) {
            if (p->var && part[k]->type.dtype != fn->params.p[p->first + k]->type.dtype) { /* it is changed in place */
                report(f, E0206, c->span, "'%s' of '%s' is %s, but %s is given", p->name, c->d->name, core_sty_text(f->a, p->sty), val_text(f, v));
                note_declared(c);
                return false;
            }
            c->leaves[p->first + k] = part[k];
        }
    }
    return true;
}

static void mark_sym(void *user, DimSym *s)
{
    map_put(user, s, user);
}

static void mark(Map *m, Dim d)
{
    if (d)
        dim_syms(d, mark_sym, m);
}

static void mark_sty(Map *m, const CoreSty *s)
{
    for (int i = 0; i < s->type.rank; i++)
        mark(m, s->type.dims[i]);
    mark(m, s->count);
    if (s->elem)
        mark_sty(m, s->elem);
    for (int i = 0; s->kind == STY_struct && i < s->n; i++)
        mark(m, s->args[i]);
    for (int i = 0; s->kind == STY_tuple && i < s->n; i++)
        mark_sty(m, s->parts[i]);
}

/* Int parameters that dims mention. */
static bool bind_ints(Call *c)
{
    Fx *f = c->f;
    CoreFn *fn = c->in->fn;
    Map used = map_new(f->a);
    for (int i = 0; i < fn->plan.n; i++) {
        mark(&used, fn->plan.p[i].a);
        mark(&used, fn->plan.p[i].b);
    }
    for (int i = 0; i < fn->surface.n; i++)
        mark_sty(&used, fn->surface.p[i].sty);
    mark_sty(&used, fn->result);
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *p = &fn->surface.p[i];
        for (int k = 0; k < p->nleaves; k++) {
            CoreVar *v = fn->params.p[p->first + k];
            Core *leaf = c->leaves[p->first + k];
            if (!v->sym || !map_find(&used, v->sym))
                continue;
            if (leaf->kind == C_var && leaf->var->mut && leaf->var->type.dtype == DT_i64)
                leaf = core_of_var(f, snapshot(f, leaf->var));
            Val *x = p->nleaves == 1 && surface_arg(c, i)->kind != V_agg && !p->var ? surface_arg(c, i)
                                                                     : val_leaves(f, sty_value(f, ir_scalar(DT_i64), true), &leaf);
            Dim d = dim_of(f, x, c->span);
            if (!d)
                return false;
            map_put(&c->syms, v->sym, (void *)d);
        }
    }
    return true;
}

static Dim at_call(Call *c, Dim d)
{
    return dim_subst_syms(c->f, d, &c->syms);
}

static Dim place_of(Call *c, const PlanRow *r)
{
    if (r->kind == PLAN_number || r->kind == PLAN_numeq) {
        const CoreSty *s = val_sty(c->f, surface_arg(c, r->param));
        return struct_part(s)->args[r->axis];
    }
    return c->leaves[r->leaf]->type.dims[r->axis];
}

const char *row_text(Fx *f, PlanKind k, Dim a, Dim b)
{
    static const char *const ops[] = { [PLAN_eq] = "==", [PLAN_ne] = "!=", [PLAN_le] = "<=", [PLAN_lt] = "<", [PLAN_divides] = "divides" };
    return arena_printf(f->a, "%s %s %s", dim_say(f, a), ops[k], dim_say(f, b));
}

static void report_size(Call *c, const PlanRow *r, Dim want, Dim have)
{
    Fx *f = c->f;
    const CoreParam *p = &c->in->fn->surface.p[r->param];
    int k = param_named(c->params, p->name);
    Span at = k >= 0 && c->trees[k] ? c->trees[k]->span : c->span;
    report(f, E0203, at, "'%s' of '%s' is %s, but %s is given: sizes %s and %s differ", p->name, c->d->name, core_sty_text(f->a, p->sty),
           val_text(f, surface_arg(c, r->param)), dim_say(f, want), dim_say(f, have));
    if (dim_say(f, r->a) != dim_say(f, want))
        diag_note(f->cx->diags, (Span){ 0, 0, 0 }, "%s of '%s' is %s in this call", dim_say(f, r->a), c->d->name, dim_say(f, want));
    note_declared(c);
}

static bool walk_row(Call *c, const PlanRow *r)
{
    Fx *f = c->f;
    Dim a, b, have;
    switch (r->kind) {
    case PLAN_bind: case PLAN_number:
        map_put(&c->syms, r->sym, (void *)place_of(c, r));
        return true;
    case PLAN_solve:
        a = at_call(c, r->a);
        b = r->b ? at_call(c, r->b) : NULL;
        if (b && !oblige(f, PLAN_divides, b, a, c->span, row_text(f, PLAN_divides, b, a)))
            return false;
        map_put(&c->syms, r->sym, (void *)(b ? dim_exactdiv(f->dims, a, b) : a));
        return true;
    case PLAN_axis: case PLAN_numeq:
        a = at_call(c, r->a);
        have = place_of(c, r);
        if (dims_equal(f, a, have))
            return true;
        report_size(c, r, a, have);
        return false;
    default:
        a = at_call(c, r->a);
        b = at_call(c, r->b);
        if (oblige(f, r->kind, a, b, c->span, row_text(f, r->kind, a, b)))
            return true;
        diag_note(f->cx->diags, r->span, "'%s' asks for it here", c->d->name);
        return false;
    }
}

static bool walk_plan(Call *c)
{
    Fx *f = c->f;
    Inst *in = c->in;
    for (int i = 0, given = 0; i < in->statics.n; i++) { /* static ints: dims by name */
        while (given < in->env.statics.n && (in->env.statics.p[given].val || in->env.statics.p[given].name != in->statics.p[i]->name))
            given++;
        Dim d = dim_of(f, c->fn->statics[static_place(in, given)], c->span);
        if (!d)
            return false;
        map_put(&c->syms, in->statics.p[i], (void *)d);
    }
    if (!bind_ints(c))
        return false;
    for (int i = 0; i < in->fn->plan.n; i++)
        if (!walk_row(c, &in->fn->plan.p[i]))
            return false;
    return true;
}

/* Number of the written static argument that env's `k`th is: model types are not written. */
int static_place(const Inst *in, int k)
{
    int n = 0;
    for (int i = 0; i < k; i++)
        n += !(in->env.statics.p[i].val && in->env.statics.p[i].val->kind == V_type);
    return n;
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
        Val *v = surface_arg(c, i);
        if (p->var)
            continue;
        CoreSty *want = sty_subst(f, p->sty, map_subst, &c->syms);
        int k = param_named(c->params, p->name);
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

static Val *emit_call(Call *c)
{
    Fx *f = c->f;
    CoreFn *fn = c->in->fn;
    bool vars = false;
    Core *call = core_kids(f, C_call, ir_scalar(DT_none), fn->params.n, c->leaves);
    call->callee = fn;
    call->dims = NEWN(f->a, Dim, fn->dims.n + 1);
    call->span = c->span;
    for (int i = 0; i < fn->dims.n; i++)
        call->dims[i] = map_find(&c->syms, fn->dims.p[i]);
    CoreSty *sty = sty_subst(f, fn->result, map_subst, &c->syms);
    int n;
    IrType *types = sty_leaf_types(f, sty, &n);
    for (int i = 0; i < fn->params.n; i++)
        vars |= fn->params.p[i]->mut;
    bool tensor = false;
    for (int i = 0; i < n; i++)
        tensor |= types[i].rank > 0;
    Core probe = *call;
    probe.type.rank = tensor;
    Frame *at = vars || c->in->effects ? f->frame : frame_home(f, &probe);
    if (vars && f->frame->kind != FRAME_block) {
        report(f, E0307, c->span, "a call that changes a variable stands inside an index scope or a condition");
        return val_error();
    }
    Free need = core_free(f, call);
    VEC(CoreVar *) outs = { 0 };
    for (int i = 0; i < fn->params.n; i++)
        if (fn->params.p[i]->mut) {
            PUSH(f, &outs, c->leaves[i]->var);
            if (c->in->modified.p[i])
                changed(f, c->leaves[i]->var);
        }
    Core **leaves = NEWN(f->a, Core *, n + 1);
    for (int i = 0; i < n; i++) {
        CoreVar *v = var_new(f, name_of(f->cx->names, fn->name), c->span, types[i], false);
        Var *x = (Var *)v;
        x->depth = at->depth;
        for (int k = 0; k < need.idx.n; k++)
            PUSH(f, &x->deps, need.idx.p[k]);
        PUSH(f, &outs, v);
        leaves[i] = core_of_var(f, v);
        if (n == 1 && at->kind != FRAME_block)
            x->def = core_kids(f, C_block, types[i], 2, (Core *[]){ call, leaves[i] });
    }
    call->nouts = outs.n;
    call->outs = outs.p;
    emit_at(f, at, call);
    if (c->in->effects)
        f->inst->effects = true;
    return sty->kind == STY_none ? val_none(f) : val_leaves(f, sty, leaves);
}

static Call call_new(Fx *f, Val *fn, Span s)
{
    Call c = { .f = f, .fn = fn, .d = fn->decl, .params = fn->decl->tree->kids[2], .span = s };
    c.n = c.params->nkids;
    c.args = NEWN(f->a, Val *, c.n + 1);
    c.trees = NEWN(f->a, const Tree *, c.n + 1);
    c.var = NEWN(f->a, bool, c.n + 1);
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

static Val *finish_call(Call *c)
{
    if (!specialise(c) || !flatten(c) || !walk_plan(c) || !convert(c) || !memory_known(c))
        return val_error();
    return emit_call(c);
}

Val *call_decl(Fx *f, Val *fn, const Tree *args, Span s)
{
    Call c = call_new(f, fn, s);
    if (!place_args(&c, args) || !evaluate(&c))
        return val_error();
    if (fn->decl->elementwise)
        return call_inline(f, fn->decl, c.n, c.args, s);
    return finish_call(&c);
}
