/* check_member.c - members of values: fields, parts, numbers, methods, and names of a model inside its own functions. */
#include "frontend/check_int.h"

#include <string.h>

static Val *const_value(Fx *f, const Val *v, CoreSty *sty)
{
    if (v->kind == V_core && v->dim) {
        Dim d = dim_subst(f->dims, v->dim, struct_subst, sty);
        return val_dim(f, d);
    }
    return (Val *)v;
}

static Val *method_value(Fx *f, Val *self, const Field *fd)
{
    Val *v = val_new(f, V_fn);
    v->decl = fd->method;
    v->name = fd->name;
    v->self = self;
    return v;
}

Val *field_value(Fx *f, Val *v, const Field *fd)
{
    if (fd->kind == FIELD_method)
        return method_value(f, v, fd);
    if (fd->kind == FIELD_const)
        return const_value(f, fd->val, v->sty);
    return val_leaves(f, sty_subst(f, fd->sty, struct_subst, v->sty), v->leaves + fd->first);
}

static Val *number_value(Fx *f, const CoreSty *sty, Name n)
{
    const Struct *st = (const Struct *)sty->strct;
    for (int i = 0; i < st->pub.numbers.n; i++)
        if (st->pub.numbers.p[i]->name == n)
            return val_dim(f, sty->args[i]);
    for (int i = 0; i < st->env.statics.n; i++)
        if (st->env.statics.p[i].name == n)
            return st->env.statics.p[i].val;
    return NULL;
}

static Val *struct_member(Fx *f, Val *v, Name n, Span s)
{
    Field *fd = field_find((Struct *)v->sty->strct, n);
    if (fd && fd->kind == FIELD_input && !input_is_set(f, v->sty, fd, s))
        return val_error();
    return fd ? field_value(f, v, fd) : number_value(f, v->sty, n);
}

static Val *no_member(Fx *f, Val *v, Name n, Span s)
{
    report(f, E0210, s, "%s has no member '%s'", val_text(f, v), n);
    if (v->kind == V_core)
        method_help(f, n);
    if (v->kind == V_agg && v->sty->kind == STY_struct) {
        const Struct *st = (const Struct *)v->sty->strct;
        const char **names = NEWN(f->a, const char *, st->fields.n + 1);
        for (int i = 0; i < st->fields.n; i++)
            names[i] = st->fields.p[i].name;
        const char *near = nearest_name(n, names, st->fields.n);
        if (near)
            diag_help(f->cx->diags, "did you mean '%s'?", near);
    }
    return val_error();
}

Val *member(Fx *f, Val *v, Name n, Span s, Span at)
{
    (void)at;
    switch (v->kind) {
    case V_error: return v;
    case V_agg: {
        Val *m = v->sty->kind == STY_struct ? struct_member(f, v, n, s) : NULL;
        return m ? m : no_member(f, v, n, s);
    }
    case V_list: case V_core:
        if (n == W(f, T)) {
            v = val_plain(f, v);
            return is_error(v) ? v : transpose(f, v, s);
        }
        return no_member(f, v, n, s);
    case V_tree:
        not_yet(f, E0504, s, "decode trees");
        return val_error();
    case V_type:
        if (v->sty) {
            Val *m = number_value(f, v->sty, n);
            if (m)
                return m;
        }
        return no_member(f, v, n, s);
    default: return no_member(f, v, n, s);
    }
}

static Val *module_member(Fx *f, const Unit *u, const Tree *t)
{
    Decl *d = map_find(&u->decls, t->name);
    if (!d || t->name[0] == '_') {
        report(f, E0210, t->span, "module '%s' has no '%s'", u->name, t->name);
        return val_error();
    }
    Val *v = val_new(f, d->kind == DECL_struct ? V_type : d->kind == DECL_unit ? V_module : d->kind == DECL_tree ? V_tree : V_fn);
    v->decl = d;
    v->tree = d->tree;
    v->name = d->name;
    v->unit = d->target;
    return v;
}

Val *member_expr(Fx *f, const Tree *t)
{
    Val *v = expr(f, t->kids[0]);
    if (v->kind == V_module)
        return module_member(f, v->unit, t);
    return member(f, v, t->name, t->span, t->span);
}

Val *self_member(Fx *f, Scope *s, Name n, Span at, bool *found)
{
    *found = false;
    if (n == W(f, self)) {
        *found = true;
        return s->self;
    }
    Field *fd = field_find((Struct *)s->self->sty->strct, n);
    if (fd && fd->kind == FIELD_const && is_error(fd->val)) {
        *found = true;
        return fd->val;
    }
    if (!fd || fd->kind == FIELD_const)
        return NULL;
    *found = true;
    if (fd->kind == FIELD_input && at.file && !input_is_set(f, s->self->sty, fd, at)) /* without a place somebody only asks whether there is such a name */
        return val_error();
    return field_value(f, s->self, fd);
}
