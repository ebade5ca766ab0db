/* check_member.c - members of values: fields, parts, numbers, methods, and names of a model inside its own functions. */
#include "frontend/check/check_int.h"

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

Val *number_value(Fx *f, const CoreSty *sty, Name n)
{
    const Struct *st = (const Struct *)sty->strct;
    for (int i = 0; i < st->pub.numbers.n; i++)
        if (st->pub.numbers.p[i]->name == n)
            return val_dim(f, sty->args[i]);
    for (int i = 0; i < st->env.statics.n; i++)
        if (st->env.statics.p[i].name == n && n != W(f, base))
            return st->env.statics.p[i].val;
    return st->over ? number_value(f, sty_subst(f, st->over, struct_subst, (void *)sty), n) : NULL;
}

/* ---- adapters: a value with `base` inside ----
 *
 * A function that an adapter does not have is one of its base, and runs with the adapter as `self`: what it calls by name is the
 * adapter's again. Fields, parameters and parts of such a function are those of the model that it stands in, the *level* of its self. */

Val *base_of(Fx *f, Val *v)
{
    Struct *st = (Struct *)v->sty->strct;
    return st->over ? field_value(f, v, &st->fields.p[0]) : NULL;
}

Val *level_of(Fx *f, Val *whole, const Struct *owner)
{
    while (whole && whole->sty->strct != &owner->pub)
        whole = base_of(f, whole);
    return whole;
}

Field *method_find(Struct *st, Name n)
{
    for (; st; st = st->over ? (Struct *)st->over->strct : NULL) {
        Field *fd = field_find(st, n);
        if (fd && fd->kind == FIELD_method)
            return fd;
    }
    return NULL;
}

void self_scope(Fx *f, const Decl *method, Val *whole)
{
    Struct *owner = method->owner;
    Val *level = level_of(f, whole, owner), *self = whole;
    struct_scope(f, owner, level->sty);
    if (level != whole) {
        self = arena_copy(f->a, whole, sizeof *whole);
        self->self = level;
    }
    scope_push(f, SCOPE_self)->self = self;
}

/* A field of the value, or of its base; a function with the whole as self. */
static Val *seen_from(Fx *f, Val *whole, Val *at, Name n, Span s)
{
    for (; at; at = base_of(f, at)) {
        Field *fd = field_find((Struct *)at->sty->strct, n);
        if (fd && fd->kind == FIELD_method)
            return method_value(f, whole, method_find((Struct *)whole->sty->strct, n));
        if (fd && fd->kind == FIELD_input && !input_is_set(f, at->sty, fd, s))
            return val_error();
        if (fd)
            return field_value(f, at, fd);
    }
    return NULL;
}

static Val *struct_member(Fx *f, Val *v, Name n, Span s)
{
    Val *m = v->self ? seen_from(f, v, v->self, n, s) : NULL;
    m = m ? m : seen_from(f, v, v, n, s);
    m = m ? m : number_value(f, v->sty, n);
    return m || n != W(f, trainable) ? m : trainable_value(f, v);
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
        const char *near = foreign_help(f, n) ? NULL : nearest_name(n, names, st->fields.n);
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

static Val *module_member(Fx *f, Unit *u, const Tree *t)
{
    Decl *d = map_find(&u->decls, t->name);
    if (!d && unit_constant(u, t->name))
        return unit_constant_value(f, u, t->name, t->span);
    if (!d || t->name[0] == '_') {
        report(f, E0210, t->span, "module '%s' has no '%s'", u->name, t->name);
        let_help(f, u, t->name);
        unit_help(f, u, t->name);
        return val_error();
    }
    return decl_value(f, d);
}

Val *member_expr(Fx *f, const Tree *t)
{
    Val *v = expr(f, t->kids[0]);
    if (v->kind == V_module)
        return module_member(f, v->unit, t);
    return member(f, v, t->name, t->span, t->span);
}

Val *self_member(Fx *f, Scope *s, Name n, Span at_place, bool *found)
{
    *found = false;
    if (n == W(f, self)) {
        *found = true;
        return s->self;
    }
    Val *at = s->self->self ? s->self->self : s->self;
    Field *fd = field_find((Struct *)at->sty->strct, n);
    if (fd && fd->kind == FIELD_const && is_error(fd->val)) {
        *found = true;
        return fd->val;
    }
    if (!fd || fd->kind == FIELD_const)
        return NULL;
    *found = true;
    if (fd->kind == FIELD_input && at_place.file && !input_is_set(f, at->sty, fd, at_place)) /* without a place somebody only asks whether there is such a name */
        return val_error();
    return fd->kind == FIELD_method ? method_value(f, s->self, method_find((Struct *)s->self->sty->strct, n)) : field_value(f, at, fd);
}
