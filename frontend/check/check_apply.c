/* check_apply.c - what stands before `(`: an operator, a function, a type, a model, a builtin, a function value. */
#include "frontend/check/check_int.h"

/* ---- functions that are written out where they are used ---- */

typedef struct Inline { Decl *d; } Inline;

static void inline_float(Fx *f, const Tree *p, Val *v, IrDtype *t, bool *weak)
{
    Name n = p->kids[0] && p->kids[0]->kind == T_tbase ? p->kids[0]->kids[0]->name : NULL;
    if (n != W(f, float_) && n != W(f, num))
        return;
    Val have = { .kind = V_core, .type = ir_scalar(*t), .weak = *weak }, is = *val_plain(f, v);
    if (n == W(f, float_) && is.type.dtype == DT_i64 && is.weak)
        is.type = ir_scalar(DT_f64);
    IrDtype j = is.type.dtype;
    bool w = is.weak;
    if (*t != DT_none && !dtype_join(&have, &is, &j, &w))
        return;
    *t = j;
    *weak = w;
}

static Val *inline_arg(Fx *f, const Tree *p, Val *v, Span s)
{
    Val *fallback;
    CoreSty *want = param_type(f, p, &fallback);
    if (!want)
        return val_error();
    v = val_unify(f, v, want, s, arena_printf(f->a, "'%s'", p->name));
    if (is_error(v) || core_is_cheap(v->core))
        return v;
    Val *w = NEW(f->a, Val);
    *w = *v;
    w->core = let_here(f, v->core, p->name);
    return w;
}

/* The body with the arguments for the parameters: scalars in, a scalar out. */
static Val *inline_body(Fx *f, const void *user, int n, Val **args, Span s)
{
    const Tree *t = ((const Inline *)user)->d->tree;
    Scope *at = f->scope;
    Env env = f->env;
    f->env.fdtype = f->env.ndtype = DT_none;
    f->env.fweak = f->env.nweak = false;
    for (int i = 0; i < n; i++)
        inline_float(f, t->kids[2]->kids[i], args[i], &f->env.fdtype, &f->env.fweak);
    f->env.ndtype = f->env.fdtype;
    f->env.nweak = f->env.fweak;
    f->scope = ((const Inline *)user)->d->unit->scope;
    scope_push(f, SCOPE_fn);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        Ent *e = scope_add(f, ENT_val, t->kids[2]->kids[i]->name, (Span){ 0, 0, 0 });
        e->val = inline_arg(f, t->kids[2]->kids[i], args[i], s);
        ok &= !is_error(e->val);
    }
    Val *v = ok ? expr_plain(f, t->kids[5]) : val_error();
    f->scope = at;
    f->env = env;
    return v;
}

Val *call_inline(Fx *f, Decl *d, int n, Val **args, Span s)
{
    Inline in = { d };
    if (f->op_depth >= OP_DEPTH_MOST) {
        report(f, E0212, s, "'%s' uses itself", d->name);
        return val_error();
    }
    f->op_depth++;
    Val *v = elementwise_set(f, n, args, inline_body, &in, s);
    f->op_depth--;
    return v;
}

/* ---- function values ---- */

/* Where the names of a function value are looked up. One that is written at the top of a script reads the script's variables. */
static Scope *closure_scope(Fx *f, const Val *fn)
{
    if (fn->fx)
        return fn->scope;
    return f->is_script ? f->script_uses->params : fn->scope;
}

static const Tree *closure_arg(Fx *f, const Tree *params, const Tree *args, int i)
{
    for (int k = 0, at = 0; k < args->nkids; k++)
        if (args->kids[k]->name ? args->kids[k]->name == params->kids[i]->name : at++ == i)
            return args->kids[k];
    (void)f;
    return NULL;
}

static bool closure_args(Fx *f, const Tree *params, const Tree *args, Val **vals, Span s)
{
    int given = 0;
    for (int i = 0; i < params->nkids; i++) {
        const Tree *p = params->kids[i], *a = closure_arg(f, params, args, i);
        if (p->flags & TF_VAR) {
            report(f, E0205, p->span, "a function value has no 'var' parameters");
            return false;
        }
        given += a != NULL;
        if (!a && !p->kids[1])
            break;
        vals[i] = expr(f, a ? a->kids[0] : p->kids[1]);
        if (is_error(vals[i]))
            return false;
        if (i + 1 == params->nkids && given == args->nkids)
            return true;
    }
    if (!params->nkids && !args->nkids)
        return true;
    report(f, E0205, s, "this function takes %d argument%s, not %d", params->nkids, params->nkids == 1 ? "" : "s", args->nkids);
    return false;
}

/* The body in its own scope, with the arguments for the parameters. */
static Val *call_closure(Fx *f, Val *fn, const Tree *args, Span s)
{
    const Tree *t = fn->tree, *params = t->kids[2];
    Scope *at = f->scope;
    Name drawn_in = f->drawn_in;
    int draws = f->draws;
    Val **vals = NEWN(f->a, Val *, params->nkids + 1);
    if (f->op_depth >= OP_DEPTH_MOST) {
        report(f, E0212, s, "this function uses itself");
        return val_error();
    }
    if (!closure_args(f, params, args, vals, s))
        return val_error();
    f->scope = closure_scope(f, fn);
    scope_push(f, SCOPE_block);
    f->op_depth++;
    f->drawn_in = name_of(f->cx->names, arena_printf(f->a, "fn at %u", t->span.lo)); /* one place, wherever it is called */
    f->draws = 0;
    bool ok = true;
    for (int i = 0; i < params->nkids; i++) {
        const Tree *a = closure_arg(f, params, args, i);
        CoreSty *want = params->kids[i]->kids[0] && params->kids[i]->kids[0]->kind != T_tfn ? type_of(f, params->kids[i]->kids[0]) : NULL;
        Val *v = want ? val_unify(f, vals[i], want, a ? a->span : s, "the argument") : vals[i];
        ok &= !is_error(v);
        scope_let(f, params->kids[i]->name, (Span){ 0, 0, 0 }, bound_value(f, params->kids[i]->name, v));
    }
    CoreSty *result = ok && t->kids[3] ? type_of(f, t->kids[3]) : NULL;
    Later outside;
    later_inside(f, &outside, s);
    Val *v = ok && (result || !t->kids[3]) ? inline_block(f, t->kids[5], result, s, "the result") : val_error();
    f->later = outside;
    f->op_depth--;
    f->scope = at;
    f->drawn_in = drawn_in;
    f->draws = draws;
    return v;
}

static Val *call_cast(Fx *f, Name n, const Tree *args, Span s);
static Val *op_without_binders(Fx *f, OpRef op, const Tree *args, Span s);

Val *call_fn(Fx *f, Val *fn, const Tree *args, Span s)
{
    if (fn->decl) {
        if (fn->decl->kind == DECL_fn)
            return call_decl(f, fn, args, NULL, s);
        if (fn->decl->kind == DECL_extern)
            return call_extern(f, fn->decl, args, s);
        if (fn->decl->kind == DECL_adapter)
            return adapter_value(f, fn->decl, args, s);
        if (fn->decl->kind == DECL_op && !fn->nstatics)
            return op_without_binders(f, (OpRef){ .decl = fn->decl, .row = -1 }, args, s);
        report(f, E0207, s, "'%s' cannot be called", fn->decl->name);
        return val_error();
    }
    if (fn->nstatics) {
        report(f, E0205, s, "%s has no static parameters, and as a value no binders", fn->tree ? "this function" : arena_printf(f->a, "'%s'", fn->name));
        return val_error();
    }
    if (fn->tree)
        return call_closure(f, fn, args, s);
    bool weak;
    if (dtype_named(f, fn->name, &weak) != DT_none && fn->name != W(f, key))
        return call_cast(f, fn->name, args, s);
    int row = builtin_find(f, fn->name);
    if (row >= 0 && builtin_is_op(row))
        return op_without_binders(f, (OpRef){ .row = row }, args, s);
    return row >= 0 ? builtin_call(f, row, args, s) : effect_call(f, fn->name, args, s);
}

/* ---- casts ---- */

static Val *scalar_cast(Fx *f, const void *user, int n, Val **args, Span s)
{
    Name name = user;
    bool weak;
    IrDtype t = dtype_named(f, name, &weak), from;
    Val *v = val_plain(f, args[0]);
    (void)n;
    from = v->type.dtype;
    if (from == DT_str || from == DT_key || t == DT_str || t == DT_key) {
        report(f, E0204, s, "%s cannot become %s", val_text(f, v), name);
        return val_error();
    }
    if (val_is_int(v) && t == DT_i64) {
        Val *r = NEW(f->a, Val);
        *r = *v;
        r->weak = weak;
        return r;
    }
    Core *c = core_cast(f, v->core, t, OP_cast);
    return val_core(f, c, weak);
}

static Val *call_cast(Fx *f, Name n, const Tree *args, Span s)
{
    if (args->nkids != 1 || args->kids[0]->name) {
        report(f, E0205, s, "the cast %s(x) takes one argument", n);
        return val_error();
    }
    Val *v = expr(f, args->kids[0]->kids[0]);
    return is_error(v) ? v : elementwise(f, 1, &v, scalar_cast, n, s);
}

/* ---- by what is called ---- */

static bool derivative_word(Fx *f, Name n)
{
    return n == W(f, grad) || n == W(f, value_and_grad) || n == W(f, vjp) || n == W(f, jvp) || n == W(f, jacobian);
}

static bool is_derivative(Fx *f, const Tree *base)
{
    return base->kind == T_name && derivative_word(f, base->name) && !scope_find(f->scope, base->name) &&
           !decl_find(f, f->scope, base->name);
}

static int positional(const Tree *args)
{
    int n = 0;
    for (int i = 0; i < args->nkids; i++)
        n += !args->kids[i]->name;
    return n;
}

/* max(a, b, ..): elementwise. */
static Val *extremum(Fx *f, RedOp op, const Tree *args, Span s)
{
    Val *v = NULL;
    for (int i = 0; i < args->nkids; i++) {
        Val *x = expr(f, args->kids[i]->kids[0]);
        if (is_error(x))
            return x;
        v = v ? min_max(f, op == RED_max, v, x, s) : x;
    }
    return v;
}

static Val *op_without_binders(Fx *f, OpRef op, const Tree *args, Span s)
{
    if (op.is_map) {
        report(f, E0205, s, "'map' has binders: map[i](..)");
        return val_error();
    }
    RedOp red = op.decl ? RED_sum : builtin_redop(op.row);
    if (!op.decl && (red == RED_max || red == RED_min) && !builtin_is_cum(op.row) && positional(args) > 1 && positional(args) == args->nkids)
        return extremum(f, red, args, s);
    return op_axis(f, op, args, s);
}

Val *call_expr(Fx *f, const Tree *t)
{
    const Tree *callee = t->kids[0], *args = t->kids[1];
    OpRef op;
    if (callee->kind == T_index) {
        if (is_derivative(f, callee->kids[0])) {
            not_yet(f, E0502, t->span, "derivatives");
            return val_error();
        }
        Val *v = op_use(f, callee->kids[0], callee->kids[1], NULL, args, t->span);
        if (v)
            return v;
    } else if (op_named(f, callee, &op)) {
        return op_without_binders(f, op, args, t->span);
    }
    Val *fn = expr(f, callee);
    switch (fn->kind) {
    case V_error:
        for (int i = 0; callee->kind != T_index && i < args->nkids; i++)
            expr(f, args->kids[i]->kids[0]); /* their own mistakes */
        return fn;
    case V_fn: return call_fn(f, fn, args, t->span);
    case V_type:
        if (fn->decl)
            return struct_new(f, fn->decl, args, t->span);
        break;
    case V_agg:
        fn = member(f, fn, W(f, call), callee->span, callee->span);
        return is_error(fn) ? fn : call_fn(f, fn, args, t->span);
    default: break;
    }
    report(f, E0207, callee->span, "%s cannot be called", val_text(f, fn));
    if (callee->kind == T_member && fn->kind == V_core)
        diag_help(f->cx->diags, "it is a value: write it without the brackets behind it");
    return val_error();
}

Val *bigop_expr(Fx *f, const Tree *t)
{
    Val *v = op_use(f, t->kids[0], t->kids[1], t->kids[2], t->kids[3], t->span);
    if (v)
        return v;
    if (is_derivative(f, t->kids[0]))
        not_yet(f, E0502, t->span, "derivatives");
    else
        report(f, E0307, t->kids[2]->span, "a guard belongs to an operator, sum[i | ..](..), or a draw");
    return val_error();
}

/* ---- arguments that are changed ---- */

static Val *changed_place(Fx *f, const Tree *t)
{
    if (t->kind == T_name) {
        Ent *e = scope_find(f->scope, t->name);
        if (e && e->kind == ENT_val && is_error(e->val))
            return val_error();
        if (!e || e->kind != ENT_var) {
            if (e || decl_find(f, f->scope, t->name))
                report(f, E0209, t->span, "'%s' is not a 'var'", t->name);
            else
                unknown_name(f, t->span, t->name);
            return val_error();
        }
        Core **leaves = NEWN(f->a, Core *, e->nleaves + 1);
        for (int i = 0; i < e->nleaves; i++)
            leaves[i] = core_of_var(f, e->leaves[i]);
        if (e->nleaves && !e->leaves[0]->mut) {
            report(f, E0209, t->span, "'%s' is not a 'var'", t->name);
            return val_error();
        }
        return val_leaves(f, e->sty, leaves);
    }
    if (t->kind == T_member) {
        Val *v = changed_place(f, t->kids[0]);
        if (is_error(v))
            return v;
        return member(f, v, t->name, t->span, t->span);
    }
    report(f, E0103, t->span, "this cannot be changed");
    return val_error();
}

Val *var_argument(Fx *f, const Tree *t)
{
    return changed_place(f, t);
}

Val *as_expr(Fx *f, const Tree *t)
{
    const Tree *c = t->kids[0];
    if (c->kind == T_call && c->kids[0]->kind == T_name && effect_find(c->kids[0]->name))
        return effect_as(f, c, t->kids[1]);
    CoreSty *sty = type_of(f, t->kids[1]);
    Val *v = expr(f, c);
    return sty ? val_unify(f, v, sty, t->span, "the value") : val_error();
}
