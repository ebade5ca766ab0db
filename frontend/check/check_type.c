/* check_type.c - types as written, and the element types, packs and type arguments that a call gives to a signature. */
#include "frontend/check/check_int.h"

#include <string.h>

IrDtype dtype_named(Fx *f, Name n, bool *weak)
{
    *weak = n == W(f, int_) || n == W(f, real);
    if (*weak)
        return n == W(f, int_) ? DT_i64 : DT_f64;
    if (n == W(f, Key))
        return DT_key;
    if (n == W(f, key))
        return DT_none;
    return dtype_find(n);
}

static bool is_generic(Fx *f, Name n)
{
    return n == W(f, float_) || n == W(f, num);
}

static IrDtype generic_dtype(Fx *f, Name n, bool *weak)
{
    bool fl = n == W(f, float_);
    *weak = fl ? f->env.fweak : f->env.nweak;
    return fl ? f->env.fdtype : f->env.ndtype;
}

/* ---- bases ---- */

static CoreSty *scalar_base(Fx *f, Name n)
{
    bool weak;
    IrDtype t = is_generic(f, n) ? generic_dtype(f, n, &weak) : dtype_named(f, n, &weak);
    return t == DT_none ? NULL : sty_value(f, ir_scalar(t), weak);
}

Decl *path_decl(Fx *f, const Tree *path)
{
    Decl *d = decl_find(f, f->scope, path->name);
    const Tree *more = path->kids[0];
    for (int i = 0; d && i < more->nkids; i++)
        d = d->kind == DECL_unit ? map_find(&d->target->decls, more->kids[i]->name) : NULL;
    return d;
}

static CoreSty *named_type(Fx *f, const Tree *t)
{
    const Tree *path = t->kids[0];
    Name n = path->name;
    Ent *e = path->kids[0]->nkids ? NULL : scope_find(f->scope, n);
    if (e && e->kind == ENT_val && e->val->kind == V_type && e->val->sty)
        return e->val->sty;
    CoreSty *s = path->kids[0]->nkids || e ? NULL : scalar_base(f, n);
    if (s)
        return s;
    if (!e && !path->kids[0]->nkids && is_adapt(f, path))
        return adapted_type(f, t->kids[1], t->span);
    if (path_is_trainable(f, path))
        return trainable_type(f, path);
    Decl *d = e ? NULL : path_decl(f, path);
    if (d && d->kind == DECL_struct)
        return struct_type(f, d, t->kids[1], t->span, false);
    if ((d && d->kind == DECL_error) || (e && e->kind == ENT_val && is_error(e->val)))
        f->fn->failed |= !f->trial;
    else if (e || d)
        report(f, E0207, path->span, "'%s' is not a type", n);
    else if (n == W(f, tree) || n == W(f, model) || is_generic(f, n))
        report(f, E0207, path->span, "'%s' stands for a type in a signature only", n);
    else
        unknown_type(f, path->span, n);
    return NULL;
}

/* ---- dims ---- */

static int dims_of(Fx *f, const Tree *list, Dim *dims)
{
    int n = 0;
    for (int i = 0; i < list->nkids; i++) {
        const Tree *t = list->kids[i];
        if (t->kind == T_rest) {
            if (f->env.pack < 0) {
                report(f, E0304, t->span, "'..' stands for axes in a signature only");
                return -1;
            }
            for (int k = 0; k < f->env.pack && n < RANK_MOST; k++)
                dims[n++] = f->pack[k];
            continue;
        }
        Dim d = n < RANK_MOST ? dim_expr(f, t) : NULL;
        if (d && !size_known(f, d, t->span))
            return -1;
        if (!d) {
            if (n >= RANK_MOST)
                report(f, E0203, t->span, "a tensor has at most %d axes", RANK_MOST);
            return -1;
        }
        /* A size is at least 0; those of parameters are sizes of what is given. */
        if (!f->in_params && !oblige(f, PLAN_le, dim_int(f, 0), d, t->span, arena_printf(f->a, "0 <= %s", dim_say(f, d))))
            return -1;
        dims[n++] = d;
    }
    return n;
}

static CoreSty *base_type(Fx *f, const Tree *t)
{
    Dim dims[RANK_MOST];
    CoreSty *s = named_type(f, t);
    if (!s || !t->kids[2])
        return s;
    if (s->kind != STY_value || s->type.rank) {
        report(f, E0207, t->span, "a tensor has numbers as elements, not %s", core_sty_text(f->a, s));
        return NULL;
    }
    if (s->type.dtype == DT_str || s->type.dtype == DT_key) {
        report(f, E0207, t->span, "a tensor of %s", core_sty_text(f->a, s));
        return NULL;
    }
    int n = dims_of(f, t->kids[2], dims);
    if (n < 0)
        return NULL;
    IrDtype dt = s->weak && s->type.dtype == DT_f64 && n ? DT_f32 : s->type.dtype;
    return sty_value(f, tensor_type(f, dt, n, dims), s->weak);
}

static CoreSty *tuple_type(Fx *f, const Tree *t)
{
    CoreSty *s = NEW(f->a, CoreSty);
    s->kind = STY_tuple;
    s->n = t->kids[0]->nkids;
    s->parts = NEWN(f->a, CoreSty *, s->n + 1);
    for (int i = 0; i < s->n; i++)
        if (!(s->parts[i] = type_of(f, t->kids[0]->kids[i])))
            return NULL;
    return s;
}

/* A list of scalars or tensors is a tensor with one axis more. */
static CoreSty *list_of(Fx *f, CoreSty *elem, Dim n)
{
    Dim dims[RANK_MOST];
    if (elem->kind != STY_value || elem->type.rank + 1 > RANK_MOST)
        return list_sty(f, elem, n);
    dims[0] = n;
    for (int i = 0; i < elem->type.rank; i++)
        dims[i + 1] = elem->type.dims[i];
    IrDtype t = elem->weak && elem->type.dtype == DT_f64 ? DT_f32 : elem->type.dtype;
    return sty_value(f, tensor_type(f, t, elem->type.rank + 1, dims), false);
}

CoreSty *type_of(Fx *f, const Tree *t)
{
    switch (t->kind) {
    case T_tbase: return base_type(f, t);
    case T_ttuple: return tuple_type(f, t);
    case T_tlist: {
        CoreSty *elem = type_of(f, t->kids[0]);
        if (!elem)
            return NULL;
        if (!t->kids[1] && f->in_params && f->sig) /* as long as the list that is given */
            return list_of(f, elem, dim_sym(f->dims, sig_new_dim(f->sig, name_of(f->cx->names, "length"), t->span)));
        if (!t->kids[1]) {
            report(f, E0205, t->span, "a list here needs its length: [T; N]");
            return NULL;
        }
        Dim n = dim_expr(f, t->kids[1]);
        return n ? list_of(f, elem, n) : NULL;
    }
    case T_tfn: {
        CoreSty *s = NEW(f->a, CoreSty);
        s->kind = STY_fn;
        return s;
    }
    default: return NULL;
    }
}

/* ---- what a call tells about a signature ---- */

static StaticArg *static_named(Env *env, Name n)
{
    for (int i = 0; i < env->statics.n; i++)
        if (env->statics.p[i].name == n)
            return &env->statics.p[i];
    return NULL;
}

static void infer_dtype(Fx *f, Env *env, Name n, const Val *v)
{
    bool fl = n == W(f, float_);
    IrDtype *t = fl ? &env->fdtype : &env->ndtype, join = v->type.dtype;
    if (!v->weak && !(fl ? dtype_is_float(join) : dtype_is_float(join) || dtype_is_int(join)))
        return; /* it does not fit: the argument's own error says so */
    bool *weak = fl ? &env->fweak : &env->nweak, both = v->weak;
    Val have = { .kind = V_core, .type = ir_scalar(*t), .weak = *weak };
    Val is = *v;
    if (fl && is.weak)
        is.type = ir_scalar(DT_f64);
    join = is.type.dtype;
    if (*t != DT_none && !dtype_join(&have, &is, &join, &both))
        return;
    *t = join;
    *weak = both;
}

static void infer_model(Fx *f, Env *env, Name n, CoreSty *sty)
{
    StaticArg *a = static_named(env, n);
    if (!a || a->val || !sty || sty->kind != STY_struct)
        return;
    a->val = val_new(f, V_type);
    a->val->sty = sty;
}

static void infer_struct(Fx *f, Env *env, const Tree *t, CoreSty *sty)
{
    if (!sty || sty->kind != STY_struct || !t->kids[1])
        return;
    const Struct *st = (const Struct *)sty->strct;
    for (int i = 0; i < t->kids[1]->nkids; i++) {
        const Tree *x = t->kids[1]->kids[i]->kids[0];
        for (int k = 0; x->kind == T_name && k < st->env.statics.n; k++)
            if (st->env.statics.p[k].val && st->env.statics.p[k].val->kind == V_type && static_named(env, x->name))
                infer_model(f, env, x->name, struct_type_arg(f, sty, k));
    }
}

static void infer(Fx *f, Env *env, const Tree *t, Val *v)
{
    if (!t || is_error(v))
        return;
    if (t->kind == T_tlist && v->kind == V_agg && v->sty->kind == STY_list && v->sty->elem->kind == STY_struct)
        infer_struct(f, env, t->kids[0], v->sty->elem);
    if (t->kind == T_ttuple && v->kind == V_tuple)
        for (int i = 0; i < t->kids[0]->nkids && i < v->n; i++)
            infer(f, env, t->kids[0]->kids[i], v->parts[i]);
    if (t->kind != T_tbase)
        return;
    Name n = t->kids[0]->name;
    if (v->kind == V_agg) {
        infer_model(f, env, n, v->sty);
        infer_struct(f, env, t, v->sty);
        return;
    }
    if (v->kind != V_core && v->kind != V_ratio)
        return;
    if (is_generic(f, n))
        infer_dtype(f, env, n, v);
    int dims = t->kids[2] ? t->kids[2]->nkids : 0;
    for (int i = 0; i < dims; i++)
        if (t->kids[2]->kids[i]->kind == T_rest && env->pack < 0 && v->type.rank >= dims - 1)
            env->pack = v->type.rank - (dims - 1);
}

static void uses(Fx *f, const Tree *t, Env *env)
{
    if (!t)
        return;
    if (t->kind == T_rest && env->pack == -1)
        env->pack = -2;
    if (t->kind == T_path && t->name == W(f, float_) && env->fdtype == DT_none)
        env->fdtype = DT_count;
    if (t->kind == T_path && t->name == W(f, num) && env->ndtype == DT_none)
        env->ndtype = DT_count;
    for (int i = 0; i < t->nkids; i++)
        uses(f, t->kids[i], env);
}

/* What no argument told: f32, and one axis. */
static void defaults(Fx *f, const Tree *params, const Tree *result, Env *env)
{
    for (int i = 0; i < params->nkids; i++)
        uses(f, params->kids[i]->kids[0], env);
    uses(f, result, env);
    if (env->fdtype == DT_count)
        env->fdtype = DT_f32;
    if (env->ndtype == DT_count)
        env->ndtype = DT_f32;
    if (env->pack == -2)
        env->pack = 1;
}

bool sig_infer(Fx *f, const Tree *params, const Tree *result, Env *env, Val **args)
{
    for (int i = 0; args && i < params->nkids; i++)
        if (args[i])
            infer(f, env, params->kids[i]->kids[0], args[i]);
    defaults(f, params, result, env);
    return true;
}

static bool statics_equal(const Val *a, const Val *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind)
        return false;
    if (a->kind == V_type)
        return a->decl == b->decl && (a->sty ? a->sty->strct : NULL) == (b->sty ? b->sty->strct : NULL);
    if (a->kind == V_core && a->core->kind == C_str && b->core->kind == C_str)
        return strcmp(a->core->str, b->core->str) == 0;
    if (a->kind == V_core)
        return a->core->kind == C_const && b->core->kind == C_const && a->type.dtype == b->type.dtype && a->core->ival == b->core->ival;
    return a->decl == b->decl && a->tree == b->tree && a->name == b->name && a->self == b->self && a->fx == b->fx;
}

bool env_equal(const Env *a, const Env *b)
{
    if (a->fdtype != b->fdtype || a->ndtype != b->ndtype || a->fweak != b->fweak || a->nweak != b->nweak || a->pack != b->pack ||
        a->statics.n != b->statics.n)
        return false;
    for (int i = 0; i < a->statics.n; i++)
        if (a->statics.p[i].name != b->statics.p[i].name || !statics_equal(a->statics.p[i].val, b->statics.p[i].val))
            return false;
    return true;
}
