/* check_write.c - operators that the program declares, written out where they are used.
 *
 *     softmax[j | j <= i](s[i, j])      with   op softmax[j](x) { let e = exp(x - max[j](x));  e / sum[j](e) }
 *
 * `x` is s[i, j] at the place that is wanted, and s[i, k] inside `max[k | k <= i]`. The declaration's one binder stands for all
 * binders of the use, with their guard.
 */
#include "frontend/check/op_int.h"

/* ---- parameters of a declared operator ---- */

static bool param_dtype(Fx *f, const Tree *p, Val *v, const char *op, Span s)
{
    const Tree *type = p->kids[0];
    bool weak;
    Name n = type && type->kind == T_tbase ? type->kids[0]->name : W(f, float_);
    bool number = dtype_is_float(v->type.dtype) || (v->weak && v->type.dtype == DT_i64);
    bool ok = n == W(f, float_) ? number : n == W(f, num) ? number || dtype_is_int(v->type.dtype)
            : dtype_converts(v->type.dtype, v->weak, dtype_named(f, n, &weak));
    if (!ok)
        report(f, E0206, s, "'%s' of %s takes %s, not %s", p->name, op, n, val_text(f, v));
    if (!ok && n == W(f, float_) && dtype_is_int(v->type.dtype))
        diag_help(f->cx->diags, "a cast makes it a float: %s(f32(x))", op);
    return ok;
}

static Val *param_value(Fx *f, const Tree *p, Val *v, IrDtype join)
{
    const Tree *type = p->kids[0];
    bool weak;
    Name n = type && type->kind == T_tbase ? type->kids[0]->name : W(f, float_);
    IrDtype t = n == W(f, float_) || n == W(f, num) ? join : dtype_named(f, n, &weak);
    if (t == DT_none || v->type.dtype == t)
        return v;
    return val_core(f, core_cast(f, v->core, t, OP_cast), false);
}

static bool join_floats(Fx *f, const Tree *params, int n, Val **args, IrDtype *t, bool *weak, const char *op, Span s)
{
    Val sum = { .kind = V_error };
    for (int i = 0; i < n; i++) {
        const Tree *p = params->kids[i];
        const Tree *type = p->kids[0];
        Name name = type && type->kind == T_tbase ? type->kids[0]->name : W(f, float_);
        if (!param_dtype(f, p, args[i], op, s))
            return false;
        if (name != W(f, float_) && name != W(f, num))
            continue;
        Val v = *args[i];
        if (name == W(f, float_) && v.type.dtype == DT_i64)
            v.type = ir_scalar(DT_f64);
        IrDtype j = v.type.dtype;
        bool w = v.weak;
        if (sum.kind == V_core && !dtype_join(&sum, &v, &j, &w))
            return false;
        sum = (Val){ .kind = V_core, .type = ir_scalar(j), .weak = w };
    }
    *t = sum.kind == V_core ? sum.type.dtype : DT_none;
    *weak = sum.weak;
    return true;
}

/* ---- writing out ---- */

static void bind_params(Fx *f, const Use *u, IrDtype join, bool weak)
{
    const Tree *d = u->op.decl->tree, *params = d->kids[2];
    for (int i = 0; i < u->n; i++) {
        Val *v = param_value(f, params->kids[i], u->args[i], join);
        if (v != u->args[i])
            v->weak = weak;
        if (!u->g->phantom && !core_is_cheap(v->core)) {
            Val *w = NEW(f->a, Val);
            *w = *v;
            w->core = let_here(f, v->core, params->kids[i]->name);
            v = w;
        }
        Ent *e = scope_add(f, ENT_val, params->kids[i]->name, params->kids[i]->span);
        e->val = v;
        Free need = core_free(f, v->core);
        for (int k = 0; k < need.idx.n; k++)
            for (int j = 0; j < u->g->n; j++)
                if (u->g->idx[j] == need.idx.p[k] && !e->carry.n)
                    PUSH(f, &e->carry, ((Carry){ d->kids[1]->name, u->g }));
    }
}

/* The parameters that were given by name, or their defaults. */
static bool bind_named(Fx *f, const Use *u, Scope *outer)
{
    const Tree *params = u->op.decl->tree->kids[2];
    for (int i = u->n; i < params->nkids; i++) {
        const Tree *p = params->kids[i], *arg = NULL;
        for (int k = 0; u->given && k < u->given->nkids; k++)
            if (u->given->kids[k]->name == p->name)
                arg = u->given->kids[k]->kids[0];
        Scope *inner = f->scope;
        Val *v;
        if (!arg && !p->kids[1]) {
            report(f, E0205, u->span, "'%s' of '%s' is not given", p->name, op_name(&u->op));
            return false;
        }
        f->scope = arg ? outer : inner;
        v = expr_plain(f, arg ? arg : p->kids[1]);
        f->scope = inner;
        if (is_error(v))
            return false;
        scope_let(f, p->name, (Span){ 0, 0, 0 }, v);
    }
    return true;
}

/* A value of literals alone has the element type that the result declares: that of the arguments. */
static Val *as_declared(Fx *f, Val *v, const Tree *result, IrDtype join, bool weak)
{
    Name t = result->kids[0]->name;
    if (is_error(v) || !v->weak || weak || join == DT_none || (t != W(f, float_) && t != W(f, num)))
        return v;
    Core *c = core_as(f, v, join, result->span);
    return c ? val_core(f, c, false) : val_error();
}

Val *op_write_out(Fx *f, const Use *u)
{
    const Tree *d = u->op.decl->tree;
    Scope *outer = f->scope;
    Env env = f->env;
    IrDtype join;
    bool weak = false;
    if (!join_floats(f, d->kids[2], u->n, (Val **)u->args, &join, &weak, op_name(&u->op), u->span))
        return val_error();
    if (f->op_depth >= OP_DEPTH_MOST) {
        report(f, E0212, u->span, "operator '%s' uses itself", op_name(&u->op));
        return val_error();
    }
    f->op_depth++;
    f->scope = u->op.decl->unit->scope;
    scope_push(f, SCOPE_fn);
    f->env.fdtype = f->env.ndtype = join;
    f->env.fweak = f->env.nweak = weak;
    Ent *e = scope_add(f, ENT_index, d->kids[1]->name, (Span){ 0, 0, 0 });
    e->group = u->g;
    e->op_binder = true;
    bind_params(f, u, join, weak);
    Val *v = bind_named(f, u, outer) ? (d->kids[5]->kind == T_block ? block_value(f, d->kids[5]) : expr_plain(f, d->kids[5])) : val_error();
    v = val_plain(f, v);
    if (!is_error(v) && (v->kind != V_core || v->type.rank)) {
        report(f, E0403, d->kids[5]->span, "the value of an operator is a number, not %s", val_text(f, v));
        v = val_error();
    } else if (!is_error(v) && v->type.dtype == DT_bool && d->kids[3]->kids[0]->name == W(f, float_)) {
        report(f, E0403, d->kids[5]->span, "the value of operator '%s' is bool, but float is declared", op_name(&u->op));
        v = val_error();
    }
    f->scope = outer;
    f->env = env;
    f->op_depth--;
    return as_declared(f, v, d->kids[3], join, weak);
}

/* ---- a declaration on its own: its parameters are tensors over N places ---- */

static Val *param_tensor(Fx *f, const Tree *p, Dim n)
{
    bool weak;
    const Tree *type = p->kids[0];
    Name t = type && type->kind == T_tbase ? type->kids[0]->name : W(f, float_);
    IrDtype d = t == W(f, float_) || t == W(f, num) ? DT_f32 : dtype_named(f, t, &weak);
    if (d == DT_none) {
        report(f, E0403, type->span, "a parameter of an operator is a number, not '%s'", t);
        return val_error();
    }
    return val_core(f, core_of_var(f, var_new(f, p->name, p->span, tensor_type(f, d, 1, &n), false)), false);
}

void check_op_decl(Fx *f0, Decl *d)
{
    Fx *f = fx_new(f0->cx, f0, d->name, d->tree->span);
    const Tree *t = d->tree, *params = t->kids[2];
    DimSym *sym = dim_sym_new(f->dims, name_of(f->cx->names, "N"), t->span);
    Dim n = dim_sym(f->dims, sym);
    Use u = { .op = { .decl = d, .row = -1 }, .g = NEW(f->a, Group), .n = op_nplain(params), .span = t->span };
    if (t->kids[3]->kind != T_tbase) {
        report(f, E0403, t->kids[3]->span, "an operator gives a number, or one for each place: float, float[%s]", t->kids[1]->name);
        return;
    }
    const Tree *dims = t->kids[3]->kids[2];
    if (dims && (dims->nkids != 1 || dims->kids[0]->kind != T_name || dims->kids[0]->name != t->kids[1]->name)) {
        report(f, E0403, dims->span, "an operator gives a number, or one for each place: float, float[%s]", t->kids[1]->name);
        return;
    }
    if (t->kids[4] && !dims) {
        report(f, E0403, t->kids[4]->span, "only an operator with a value for each place, float[%s], has an 'else'", t->kids[1]->name);
        return;
    }
    f->scope = d->unit->scope;
    facts_le(f->facts, dim_int(f, 0), n);
    u.g->n = 1;
    u.g->idx = NEWN(f->a, CoreIndex *, 1);
    frame_push(f, FRAME_index);
    index_enter(f, u.g->idx[0] = index_new(f, t->kids[1]->name, t->kids[1]->span, NULL, n));
    for (int i = 0; i < u.n && i < RANK_MOST; i++) {
        Val *x = param_tensor(f, params->kids[i], n);
        if (is_error(x))
            return;
        u.args[i] = val_at(f, x, 1, u.g->idx);
    }
    if (!op_is_pointwise(&u.op)) {
        frame_merge(f);
        u.g->phantom = true;
    }
    for (int i = u.n; i < params->nkids; i++)
        if (!params->kids[i]->kids[1])
            return; /* a named parameter without a default: only a use tells */
    op_write_out(f, &u);
}
