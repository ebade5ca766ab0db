/* check_scope.c - names: scopes, what a name means, values made under an index that another binder has taken since. */
#include "frontend/check/check_int.h"

#include <ctype.h>

Scope *scope_push(Fx *f, ScopeKind k)
{
    Scope *s = NEW(f->a, Scope);
    s->outer = f->scope;
    s->kind = k;
    s->fx = f;
    f->scope = s;
    return s;
}

void scope_pop(Fx *f)
{
    f->scope = f->scope->outer;
}

enum { FEW_NAMES = 16 };

static void count_name(Fx *f, Scope *s, Ent *e)
{
    if (++s->n <= FEW_NAMES)
        return;
    if (!s->names.arena) {
        s->names = map_new(f->a);
        for (Ent *x = s->ents; x; x = x->next)
            if (x->name && !map_find(&s->names, x->name))
                map_put(&s->names, x->name, x);
    }
    if (e->name)
        map_put(&s->names, e->name, e);
}

Ent *scope_own(const Scope *s, Name n)
{
    if (s->n > FEW_NAMES) {
        Ent *e = map_find(&s->names, n);
        return e && e->name == n ? e : NULL; /* a parameter that is being declared gives its name up */
    }
    for (Ent *e = s->ents; e; e = e->next)
        if (e->name == n)
            return e;
    return NULL;
}

Ent *scope_find(Scope *s, Name n)
{
    for (; s; s = s->outer) {
        Ent *e = scope_own(s, n);
        if (e)
            return e;
    }
    return NULL;
}

Ent *scope_enter(Fx *f, Scope *at, EntKind k, Name n, Span s)
{
    Ent *e = NEW(f->a, Ent);
    e->kind = k;
    e->name = n;
    e->span = s;
    e->next = at->ents;
    at->ents = e;
    count_name(f, at, e);
    return e;
}

static bool is_variable(const Ent *e)
{
    return e->kind != ENT_index;
}

static void report_twice(Fx *f, const Ent *e, Span s)
{
    report(f, E0202, s, "'%s' is already declared here", e->name);
    if (e->span.file)
        diag_note(f->cx->diags, e->span, "'%s' was declared before", e->name);
}

Ent *scope_add(Fx *f, EntKind k, Name n, Span s)
{
    bool blank = n == W(f, underscore);
    Ent *e = scope_own(f->scope, n);
    if (e && !blank)
        report_twice(f, e, s);
    else if (k == ENT_index && !blank && s.file && (e = scope_find(f->scope, n)) && is_variable(e) && e->span.file) {
        report(f, E0202, s, "index '%s' hides a variable of that name", n);
        diag_note(f->cx->diags, e->span, "'%s' is declared here", n);
        f->hides = true;
        e = scope_enter(f, f->scope, k, n, s);
        e->hides = true;
        return e;
    }
    return scope_enter(f, f->scope, k, blank ? NULL : n, s);
}

/* ---- values that carry indices ---- */

static bool group_has(const Group *g, const CoreIndex *x)
{
    for (int i = 0; i < g->n; i++)
        if (g->idx[i] == x)
            return true;
    return false;
}

static bool touches(const Group *g, const Free *need)
{
    for (int i = 0; i < need->idx.n; i++)
        if (group_has(g, need->idx.p[i]))
            return true;
    return false;
}

static void carry_from(Fx *f, Ent *e, const Free *need)
{
    for (Scope *s = f->scope; s && s->fx == f; s = s->kind == SCOPE_fn ? NULL : s->outer)
        for (Ent *x = s->ents; x; x = x->next)
            if (x->kind == ENT_index && x->group && touches(x->group, need))
                PUSH(f, &e->carry, ((Carry){ x->name, x->group }));
}

Ent *scope_let(Fx *f, Name n, Span s, Val *v)
{
    Ent *e = scope_add(f, ENT_val, n, s);
    e->val = v;
    if (v->kind == V_core && v->core && f->frame && f->frame->kind != FRAME_block) {
        Free need = core_free(f, v->core);
        carry_from(f, e, &need);
    }
    return e;
}

/* The value with the indices that its binders name now. */
static Val *carried(Fx *f, Ent *e, Span s)
{
    Val *v = e->val;
    for (int i = 0; i < e->carry.n; i++) {
        Carry c = e->carry.p[i];
        Ent *now = scope_find(f->scope, c.binder);
        Group *g = now && now->kind == ENT_index ? now->group : c.group;
        if (g == c.group && g->phantom) {
            report(f, E0307, s, "'%s' has one value for each %s: it needs an operator over %s around it", e->name, c.binder, c.binder);
            return val_error();
        }
        if (g == c.group || g->n != c.group->n)
            continue;
        Val *w = NEW(f->a, Val);
        CoreIndex **to = g->idx;
        *w = *v;
        w->core = core_clone(f, v->core, g->n, c.group->idx, to);
        if (v->dim) {
            Dim dims[RANK_MOST];
            for (int k = 0; k < g->n; k++)
                dims[k] = dim_sym(f->dims, to[k]->sym);
            w->dim = dim_at(f, v->dim, g->n, c.group->idx, dims);
        }
        w->when = w->unless = NULL;
        v = w;
    }
    return v;
}

/* ---- reading ---- */

/* What changes a variable is a statement where it stands, and so is what it is a part of: nothing is delayed. */
static bool is_delayed(const Fx *f, const Frame *at)
{
    for (const Frame *fr = f->frame; fr != at; fr = fr->outer)
        if (fr->impure)
            return false;
    return true;
}

/* `copied`: where a copy is made, or NULL. */
static Core *read_leaf(Fx *f, CoreVar *v, Frame *copied)
{
    bool counts = v->mut && v->type.rank == 0 && v->type.dtype == DT_i64;
    if (copied && copied != block_frame(f)) {
        if (v->mut && ((Var *)v)->depth <= copied->depth && is_delayed(f, copied))
            return let_at(f, copied, core_of_var(f, v), v->name);
        copied = NULL;
    }
    if ((counts && (f->dimctx || frame_in_index(f))) || (copied && v->mut))
        v = snapshot(f, v);
    return core_of_var(f, v);
}

static Val *leaves_value(Fx *f, CoreSty *sty, CoreVar **leaves, Frame *copied)
{
    int n = sty_nleaves(sty);
    Core **cores = NEWN(f->a, Core *, n);
    for (int i = 0; i < n; i++)
        cores[i] = read_leaf(f, leaves[i], copied);
    return val_leaves(f, sty, cores);
}

Val *place_value(Fx *f, CoreSty *sty, CoreVar **leaves)
{
    return leaves_value(f, sty, leaves, NULL);
}

Val *ent_value(Fx *f, Ent *e, Span s)
{
    switch (e->kind) {
    case ENT_val:
        return e->carry.n ? carried(f, e, s) : e->val;
    case ENT_script:
        return script_read(f, e, s); /* of a function value; a statement has a parameter before it in scope */
    case ENT_var:
        return e->grows ? grow_value(f, e, s) : leaves_value(f, e->sty, e->leaves, later_changes(f, e->name, s));
    default:
        if (e->group->n != 1 || e->group->pack || e->group->phantom) {
            report(f, E0307, s, "'%s' stands for the places of an operator and is no number", e->name);
            return val_error();
        }
        return val_int(f, core_of_index(f, e->group->idx[0]), dim_sym(f->dims, e->group->idx[0]->sym));
    }
}

static Decl *unit_decl(const Unit *u, Name n)
{
    return map_find(&u->decls, n);
}

Decl *decl_find(Fx *f, Scope *s, Name n)
{
    for (; s; s = s->outer)
        if (s->kind == SCOPE_unit) {
            Decl *d = unit_decl(s->unit, n);
            if (d)
                return d;
        }
    return f->cx->prelude ? unit_decl(f->cx->prelude, n) : NULL;
}

Val *decl_value(Fx *f, Decl *d)
{
    if (d->kind == DECL_error)
        return val_error();
    if (d->kind == DECL_const)
        return unit_constant_value(f, d->target, d->name, d->tree->span);
    Val *v = val_new(f, d->kind == DECL_struct ? V_type : d->kind == DECL_unit ? V_module : d->kind == DECL_tree ? V_tree : V_fn);
    v->decl = d;
    v->unit = d->target;
    v->tree = d->tree;
    v->name = d->name;
    return v;
}

/* ---- unknown names ---- */

typedef struct Names_ { VEC(const char *) v; } NameList;

static void add_decls(Fx *f, NameList *l, const Unit *u)
{
    for (int i = 0; u && i < u->order.n; i++)
        PUSH(f, &l->v, u->order.p[i]->name);
}

enum { NEAR_MOST = 200 }; /* more errors than are shown: the names of a long file are not searched for each */

static const char *near_name(Fx *f, Name n)
{
    NameList l = { 0 };
    if (f->cx->diags->errors > NEAR_MOST || !n[1]) /* every letter is near every other */
        return NULL;
    for (Scope *sc = f->scope; sc; sc = sc->outer) {
        for (Ent *e = sc->ents; e; e = e->next)
            if (e->name && e->span.file)
                PUSH(f, &l.v, e->name);
        if (sc->kind == SCOPE_unit)
            add_decls(f, &l, sc->unit);
    }
    add_decls(f, &l, f->cx->prelude);
    return nearest_name(n, l.v.p, l.v.n);
}

/* Members of an adapted model are read through `base`. */
static bool base_help(Fx *f, Name n)
{
    for (Scope *s = f->scope; s; s = s->outer) {
        const Val *v = s->kind == SCOPE_self ? s->self->self ? s->self->self : s->self : NULL;
        const Struct *st = v ? (const Struct *)v->sty->strct : NULL;
        while (st && st->over) {
            st = (const Struct *)st->over->strct;
            if (!field_find((Struct *)st, n))
                continue;
            diag_help(f->cx->diags, "did you mean 'base.%s'?", n);
            return true;
        }
    }
    return false;
}

/* Once for a name in a function. */
static bool is_first(Fx *f, Name n)
{
    const void *where = f->is_script ? (void *)f->cx : (void *)f->fn;
    if (!f->trial && map_find(&f->cx->unknown, n) == where) {
        f->fn->failed = true;
        return false;
    }
    if (!f->trial)
        map_put(&f->cx->unknown, n, (void *)where);
    return true;
}

void unknown_type(Fx *f, Span s, Name n)
{
    if (!is_first(f, n))
        return;
    report(f, E0201, s, "type '%s' is not declared", n);
    const char *near = foreign_help(f, n) || library_help(f, n) ? NULL : near_name(f, n);
    if (near)
        diag_help(f->cx->diags, "did you mean '%s'?", near);
    else if (isupper((unsigned char)n[0]) && !n[1])
        diag_help(f->cx->diags, "any element type is 'num', any of floats 'float'");
}

/* What the place of the name tells of what was meant. */
static bool place_help(Fx *f, Name n)
{
    if (f->sig && islower((unsigned char)n[0])) {
        diag_help(f->cx->diags, "a size that the arguments bring begins with an upper-case letter: f32[N]");
        return true;
    }
    if (n == f->defines) {
        diag_help(f->cx->diags, "what reads its own earlier elements is a recurrence: rec %s[..] = ..", n);
        return true;
    }
    return false;
}

bool unknown_name(Fx *f, Span s, Name n)
{
    if (!is_first(f, n))
        return false;
    report(f, E0201, s, "'%s' is not declared", n);
    const char *near = foreign_help(f, n) || base_help(f, n) || place_help(f, n) || library_help(f, n) ? NULL : near_name(f, n);
    if (near)
        diag_help(f->cx->diags, "did you mean '%s'?", near);
    if (f->in_result)
        diag_help(f->cx->diags, "sizes of a result are those of the parameters, or computed from them");
    return true;
}

static Val *constant_name(Fx *f, Name n)
{
    if (n == W(f, true_) || n == W(f, false_))
        return val_bool(f, n == W(f, true_));
    if (n == W(f, inf) || n == W(f, nan))
        return val_real(f, n == W(f, inf) ? __builtin_inf() : __builtin_nan(""));
    if (n == W(f, pi))
        return val_real(f, 3.14159265358979323846);
    bool weak;
    if (dtype_named(f, n, &weak) != DT_none || builtin_find(f, n) >= 0 || effect_find(n)) {
        Val *v = val_new(f, V_fn);
        v->name = n;
        return v;
    }
    return NULL;
}

/* Known only while the function that it stands in runs. */
static bool is_of_function(Fx *f, const Ent *e)
{
    if (e->kind != ENT_val || !e->val)
        return true;
    const Val *v = e->val;
    if (v->kind == V_core)
        return v->core->kind != C_const && v->core->kind != C_dim && v->core->kind != C_str;
    (void)f;
    return v->kind == V_agg || v->kind == V_tuple || v->kind == V_list;
}

Val *name_value(Fx *f, const Tree *t)
{
    Name n = t->name;
    for (Scope *s = f->scope; s; s = s->outer) {
        Ent *e = scope_own(s, n);
        if (e && s->fx && s->fx != f && is_of_function(f, e)) {
            report(f, E0211, t->span, "'%s' is a variable of another function, which cannot be read here", n);
            return val_error();
        }
        if (e)
            return ent_value(f, e, t->span);
        bool found = false;
        Val *v = s->kind == SCOPE_self ? self_member(f, s, n, t->span, &found) : NULL;
        if (found)
            return v;
        Decl *d = s->kind == SCOPE_unit ? unit_decl(s->unit, n) : NULL;
        if (d)
            return decl_value(f, d);
    }
    Decl *d = decl_find(f, NULL, n);
    if (d)
        return decl_value(f, d);
    Val *v = constant_name(f, n);
    if (v)
        return v;
    if (n == W(f, underscore))
        return val_new(f, V_open);
    v = script_let(f, n, t->span);
    if (v)
        return v;
    unknown_name(f, t->span, n);
    return val_error();
}
