/* check_struct.c - structs and models: their numbers, fields and leaves; members of values.
 *
 *     model Llama(V, L, D) { param embed: f32[V, D];  layers = [Block(D) for _ in 0..L] }
 *         leaves:  embed  layers.*.norm.weight [L, D]  ..
 *
 * One Struct is a declaration with its type arguments and numbers that are no ints; int numbers stay symbols of the Struct.
 */
#include "frontend/check/check_int.h"

#include <string.h>

Field *field_find(Struct *s, Name n)
{
    for (int i = 0; i < s->fields.n; i++)
        if (s->fields.p[i].name == n)
            return &s->fields.p[i];
    return NULL;
}

/* ---- members of a declaration ---- */

void field_leaves_add(Fx *f, Struct *st, Field *fd)
{
    int n, m = 0;
    IrType *types = sty_leaf_types(f, fd->sty, &n);
    const char **paths = NEWN(f->a, const char *, n + 1);
    int *stacks = NEWN(f->a, int, n + 1);
    const char *own = !st->over ? fd->name : fd->name == W(f, base) ? "" : arena_printf(f->a, "%s.%s", st->tag, fd->name);
    struct_paths(f, fd->sty, own, 0, paths, stacks, &m);
    fd->first = st->pub.leaves.n;
    fd->nleaves = n;
    for (int i = 0; i < n; i++) {
        CoreLeaf l = { .path = paths[i], .type = types[i], .nstack = stacks[i], .span = fd->span };
        l.role = fd->kind == FIELD_param ? LEAF_param : fd->kind == FIELD_frozen ? LEAF_frozen : fd->kind == FIELD_input ? LEAF_input : LEAF_field;
        const CoreSty *s = fd->sty;
        while (s->kind == STY_list)
            s = s->elem;
        if (s->kind == STY_struct && fd->kind != FIELD_frozen) /* a part keeps what it says itself */
            l.role = s->strct->leaves.p[i].role;
        PUSH(f, &st->pub.leaves, l);
    }
}

static const char *joined(Fx *f, const char *prefix, const char *path) { return prefix[0] ? arena_printf(f->a, "%s.%s", prefix, path) : path; }

void struct_paths(Fx *f, const CoreSty *s, const char *prefix, int stack, const char **out, int *stacks, int *n)
{
    switch (s->kind) {
    case STY_list:
        struct_paths(f, s->elem, joined(f, prefix, "*"), stack + 1, out, stacks, n);
        break;
    case STY_struct:
        for (int i = 0; i < s->strct->leaves.n; i++) {
            stacks[*n] = stack + s->strct->leaves.p[i].nstack;
            out[(*n)++] = joined(f, prefix, s->strct->leaves.p[i].path);
        }
        break;
    case STY_tuple:
        for (int i = 0; i < s->n; i++)
            struct_paths(f, s->parts[i], joined(f, prefix, arena_printf(f->a, "%d", i)), stack, out, stacks, n);
        break;
    default:
        stacks[*n] = stack;
        out[(*n)++] = prefix;
        break;
    }
}

Field *field_add(Fx *f, Struct *st, FieldKind k, const Tree *t)
{
    Field *old = field_find(st, t->name);
    Field fd = { .kind = k, .name = t->name, .span = t->span, .tree = t };
    if (old) {
        report(f, E0202, t->span, "member '%s' is declared twice", t->name);
        diag_note(f->cx->diags, old->span, "'%s' was declared before", t->name);
    }
    PUSH(f, &st->fields, fd);
    return &vec_last(&st->fields);
}

static void method(Fx *f, Struct *st, const Tree *t)
{
    Field *fd = field_add(f, st, FIELD_method, t);
    Decl *d = NEW(f->a, Decl);
    *d = (Decl){ .kind = DECL_fn, .name = t->name, .tree = t, .unit = st->decl->unit, .owner = st };
    fd->method = d;
}

static void stored_field(Fx *f, Struct *st, FieldKind k, const Tree *t)
{
    Field *fd = field_add(f, st, k, t);
    if (k == FIELD_input)
        input_numbers(f, st, fd, t);
    fd->sty = type_of(f, t->kids[0]);
    if (!fd->sty) {
        st->failed = true;
        fd->kind = FIELD_const;
        fd->val = val_error();
        return;
    }
    field_leaves_add(f, st, fd);
}

/* Parts and constants are made before there are values of parameters and fields. */
static bool reads_stored(Fx *f, Struct *st, const Tree *t)
{
    Field *fd = t && t->kind == T_name ? field_find(st, t->name) : NULL;
    if (fd && fd->sty && fd->kind != FIELD_part) {
        report(f, E0402, t->span, "'%s' is not known when the parts are made", t->name);
        diag_note(f->cx->diags, fd->span, "'%s' is stored in the model", t->name);
        return true;
    }
    for (int i = 0; t && i < t->nkids; i++)
        if (reads_stored(f, st, t->kids[i]))
            return true;
    return false;
}

static void part(Fx *f, Struct *st, const Tree *t)
{
    bool is_type, wrong = reads_stored(f, st, t->kids[0]);
    Field *fd = field_add(f, st, FIELD_part, t);
    if (wrong) {
        fd->kind = FIELD_const;
        fd->val = val_error();
        st->failed = true;
        return;
    }
    fd->sty = part_type(f, t->kids[0], &is_type);
    if (is_type && fd->sty) {
        CoreSty *adapted = part_adapted(f, st, fd->sty, t->name);
        fd->sty = adapted ? adapted : part_inputs(f, st, fd->sty, t->name);
        field_leaves_add(f, st, fd);
        return;
    }
    fd->kind = FIELD_const;
    fd->val = is_type ? val_error() : expr(f, t->kids[0]);
    st->failed |= is_error(fd->val);
    bool known = fd->val->kind != V_core || fd->val->core->kind == C_const || fd->val->core->kind == C_dim || fd->val->core->kind == C_str;
    if (!known) {
        report(f, E0402, t->kids[0]->span, "'%s' is neither a part nor known when the program is compiled", t->name);
        fd->val = val_error();
    }
    if (fd->val->kind == V_ratio) {
        Dim d = dim_of(f, fd->val, t->span);
        fd->val = d ? val_dim(f, d) : val_error();
    }
    if (!scope_find(f->scope, t->name) || !f->scope->ents)
        scope_add(f, ENT_val, t->name, t->span)->val = fd->val;
    else
        scope_add(f, ENT_val, t->name, t->span)->val = fd->val;
}

static void one_member(Fx *f, Struct *st, const Tree *t)
{
    switch (t->kind) {
    case T_fn: method(f, st, t); break;
    case T_mpart: part(f, st, t); break;
    case T_mfield: stored_field(f, st, FIELD_field, t); break;
    case T_mparam: stored_field(f, st, FIELD_param, t); break;
    case T_minput: stored_field(f, st, strcmp(t->text, "input") == 0 ? FIELD_input : FIELD_frozen, t); break;
    default: break;
    }
    if (st->decl->tree->kind == T_struct_ && (t->kind == T_mparam || t->kind == T_minput || t->kind == T_mpart))
        report(f, E0402, t->span, "a struct has fields and functions; 'param', 'input', 'frozen' and parts belong to models");
}

/* ---- header ---- */

static bool is_type_param(Fx *f, const Tree *p)
{
    return p->kids[0] && p->kids[0]->kind == T_tbase && p->kids[0]->kids[0]->name == W(f, model);
}

void struct_number(Fx *f, Struct *st, Name n, Span s, Scope *named)
{
    DimSym *sym = dim_sym_new(f->dims, n, s);
    PUSH(f, &st->pub.numbers, sym);
    facts_le(f->facts, dim_int(f, 0), dim_sym(f->dims, sym));
    if (named)
        scope_add(f, ENT_val, n, s)->val = val_dim(f, dim_sym(f->dims, sym));
}

static void type_param(Fx *f, Struct *st, const Tree *p, const Val *arg)
{
    CoreSty *sty = arena_copy(f->a, arg->sty, sizeof *arg->sty);
    Ent *e = scope_add(f, ENT_val, p->name, p->span);
    sty->args = NEWN(f->a, Dim, sty->n + 1);
    for (int i = 0; i < sty->n; i++) {
        Name n = arg->sty->strct->numbers.p[i]->name;
        struct_number(f, st, name_of(f->cx->names, arena_printf(f->a, "%s.%s", p->name, n)), p->span, NULL);
        sty->args[i] = dim_sym(f->dims, vec_last(&st->pub.numbers));
    }
    e->val = val_new(f, V_type);
    e->val->sty = sty;
}

static void header(Fx *f, Struct *st, const Tree *params)
{
    for (int i = 0, k = 0; params && i < params->nkids; i++) {
        const Tree *p = params->kids[i];
        StaticArg *a = k < st->env.statics.n && st->env.statics.p[k].name == p->name ? &st->env.statics.p[k++] : NULL;
        if (a && a->val->kind == V_type)
            type_param(f, st, p, a->val);
        else if (a)
            scope_add(f, ENT_val, p->name, p->span)->val = a->val;
        else
            struct_number(f, st, p->name, p->span, f->scope);
    }
}

const Tree *struct_params(const Decl *d) { return d->tree->kids[1]; }
const Tree *struct_members(const Decl *d) { return d->tree->kids[d->kind == DECL_adapter ? 5 : 3]; }

enum { STRUCT_DEPTH_MOST = 200, STRUCT_LEAVES_MOST = 1 << 14 }; /* paths of leaves, and what is made of them, grow with it */

/* `st` as a part of the one that is being read, if any; NULL: they are nested too deeply or hold too much, reported once. */
static Struct *as_part(Fx *g, Struct *st, Span s)
{
    Struct *outer = g->cx->reading;
    bool large = outer && outer->pub.leaves.n + st->pub.leaves.n > STRUCT_LEAVES_MOST;
    if (st->depth < STRUCT_DEPTH_MOST && !large) {
        if (outer && outer->depth <= st->depth)
            outer->depth = st->depth + 1;
        return st;
    }
    if (!g->cx->structs_too_deep && large)
        report(g, E0003, s, "a model or struct has more than %d tensors and numbers", STRUCT_LEAVES_MOST);
    else if (!g->cx->structs_too_deep)
        report(g, E0003, s, "models and structs are nested more than %d deep", STRUCT_DEPTH_MOST);
    g->cx->structs_too_deep |= !g->trial;
    return NULL;
}

Struct *struct_get(Fx *g, Decl *d, const Env *env, Span s)
{
    for (int i = 0; i < d->structs.n; i++)
        if (env_equal(&d->structs.p[i]->env, env)) {
            if (d->structs.p[i]->ready)
                return as_part(g, d->structs.p[i], s);
            report(g, E0402, s, "'%s' contains itself", d->name);
            return NULL;
        }
    Cx *cx = g->cx;
    Diags *quiet = cx->diags;
    Struct *st = NEW(cx->a, Struct), *outer = cx->reading;
    Fx *f = fx_new(cx, g, d->name, d->tree->span);
    cx->diags = cx->loud;
    cx->reading = st;
    st->decl = d;
    st->env = *env;
    st->fx = f;
    st->pub.name = struct_name(f, st);
    st->pub.doc = d->tree->doc;
    st->pub.is_model = d->tree->kind != T_struct_;
    st->pub.span = d->tree->span;
    st->pub.decl = d->tree;
    st->pub.id = cx->module->structs.n;
    vec_push(cx->a, &d->structs, st);
    vec_push(cx->a, &cx->module->structs, &st->pub);
    f->scope = d->unit->scope;
    st->scope = scope_push(f, SCOPE_fn);
    header(f, st, struct_params(d));
    if (d->kind == DECL_adapter)
        adapter_header(f, st);
    const Tree *where = d->tree->kids[d->kind == DECL_adapter ? 4 : 2], *members = struct_members(d);
    for (int i = 0; where && i < where->nkids; i++)
        struct_where(f, where->kids[i]);
    for (int i = 0; i < members->nkids; i++)
        one_member(f, st, members->kids[i]);
    if (d->kind == DECL_adapter)
        adapter_compare(f, st);
    cx->diags = quiet;
    cx->reading = outer;
    st->ready = true;
    return as_part(g, st, s);
}

/* ---- types as written: Name(args) ---- */

typedef struct Given { const Tree *params; Val **vals; int n; } Given;

static bool place_args(Fx *f, Decl *d, const Tree *params, const Tree *args, const Tree **given, Span s)
{
    int n = params ? params->nkids : 0, at = 0;
    for (int i = 0; args && i < args->nkids; i++) {
        const Tree *a = args->kids[i];
        int k = at;
        if (a->name) {
            for (k = 0; k < n && params->kids[k]->name != a->name; k++)
                ;
            if (k == n)
                continue; /* a field, for struct_new */
        } else
            at++;
        if (k >= n || (!a->name && (params->kids[k]->flags & TF_NAMED))) {
            report(f, E0205, a->span, "'%s' has %d header number%s", d->name, n, n == 1 ? "" : "s");
            if (!a->name)
                diag_help(f->cx->diags, "fields are given by name: %s(%sx: 1)", d->name, n ? ".., " : "");
            return false;
        }
        if (given[k]) {
            report(f, E0205, a->span, "'%s' is given twice", params->kids[k]->name);
            return false;
        }
        given[k] = a->kids[0];
    }
    (void)s;
    return true;
}

static Val *header_value(Fx *f, Decl *d, const Tree *p, const Tree *given)
{
    if (is_type_param(f, p)) {
        bool is_type;
        CoreSty *sty = given ? part_type(f, given, &is_type) : NULL;
        if (!sty || sty->kind != STY_struct || !sty->strct->is_model) {
            if (given && (sty || !is_type))
                report(f, E0206, given->span, "'%s' of '%s' is a model type", p->name, d->name);
            return val_error();
        }
        Val *v = val_new(f, V_type);
        v->sty = sty;
        return v;
    }
    Scope *at = f->scope;
    if (!given)
        f->scope = d->unit->scope;
    f->dimctx++;
    Val *v = expr(f, given ? given : p->kids[1]);
    f->dimctx--;
    f->scope = at;
    return v;
}

/* A number that is no int is part of the type; the rest are dims. */
bool is_static_value(const Val *v)
{
    return (v->kind == V_type && v->sty) || v->kind == V_tree || (v->kind == V_core && v->core->kind == C_str) ||
           (v->kind == V_core && v->type.rank == 0 && v->core->kind == C_const && v->type.dtype != DT_i64);
}

static DimSym *open_number(Fx *f, Name n, Span s)
{
    if (f->in_params && f->sig) /* the handle brings it */
        return sig_new_dim(f->sig, n, s);
    DimSym *sym = dim_sym_new(f->dims, n, s);
    sym->late = true;
    facts_le(f->facts, dim_int(f, 0), dim_sym(f->dims, sym));
    return sym;
}

static bool header_dim(Fx *f, Decl *d, const Tree *p, Val *v, Span s, Dim *out)
{
    if (v->kind == V_open && (f->open_numbers || f->in_params))
        *out = dim_sym(f->dims, open_number(f, p->name, s));
    else if (v->kind == V_open)
        report(f, E0213, s, "'_' leaves a number to a file: load(..) as %s(..)", d->name);
    else if (v->kind == V_core && v->type.dtype == DT_f64)
        report(f, E0213, s, "'%s' of '%s' must be known when the program is compiled", p->name, d->name);
    else
        *out = dim_of(f, v, s);
    return *out != NULL;
}

void struct_owed(Fx *f, const Struct *st, CoreSty *sty, Span s)
{
    for (int i = 0; i < st->fx->fn->plan.n; i++) {
        PlanRow r = st->fx->fn->plan.p[i];
        Dim a = dim_subst(f->dims, r.a, struct_subst, sty), b = dim_subst(f->dims, r.b, struct_subst, sty);
        if (f->open_numbers && (dim_of_effect(a) || dim_of_effect(b))) /* what makes it sees to that */
            take_for_granted(f, r.kind, a, b);
        else if (!oblige(f, r.kind, a, b, s, row_text(f, r.kind, a, b)) && !f->trial)
            diag_note(f->cx->diags, r.span, "'%s' asks for it here", st->decl->name);
    }
}

/* A parameter takes the model with whatever is bound. */
Dim struct_hidden_arg(Fx *f, const Struct *st, int i, Span s)
{
    if (!f->in_params || !f->sig)
        return st->hidden.p[i];
    DimSym *sym = open_number(f, st->pub.numbers.p[struct_nheader(st) + i]->name, s);
    sym->bound = true;
    return dim_sym(f->dims, sym);
}

bool struct_header(Fx *f, Decl *d, const Tree *args, Span s, Val **vals)
{
    const Tree *params = struct_params(d);
    int n = params ? params->nkids : 0;
    const Tree **given = NEWN(f->a, const Tree *, n + 1);
    if (!place_args(f, d, params, args, given, s))
        return false;
    for (int i = 0; i < n; i++) {
        const Tree *p = params->kids[i];
        if (!given[i] && !p->kids[1] && !f->open_numbers && !(f->in_params && !args)) {
            report(f, E0205, s, "'%s' of '%s' is not given", p->name, d->name);
            return false;
        }
        Dim x = NULL;
        vals[i] = !given[i] && !p->kids[1] ? val_new(f, V_open) : header_value(f, d, p, given[i]);
        if (is_error(vals[i]))
            return false;
        if (is_static_value(vals[i]))
            continue;
        if (!header_dim(f, d, p, vals[i], given[i] ? given[i]->span : s, &x))
            return false;
        vals[i] = val_dim(f, x);
    }
    return true;
}

CoreSty *struct_type(Fx *f, Decl *d, const Tree *args, Span s, bool quiet)
{
    const Tree *params = struct_params(d);
    int n = params ? params->nkids : 0;
    Val **vals = NEWN(f->a, Val *, n + 1);
    Env env = { .pack = -1 };
    VEC(Dim) dims = { 0 };
    (void)quiet;
    if (!struct_header(f, d, args, s, vals))
        return NULL;
    for (int i = 0; i < n; i++) {
        const Val *v = vals[i];
        if (!is_static_value(v)) {
            PUSH(f, &dims, v->dim);
            continue;
        }
        PUSH(f, &env.statics, ((StaticArg){ params->kids[i]->name, vals[i] }));
        for (int k = 0; v->kind == V_type && k < v->sty->n; k++)
            PUSH(f, &dims, v->sty->args[k]);
    }
    Struct *st = struct_get(f, d, &env, s);
    if (!st)
        return NULL;
    for (int i = 0; i < st->hidden.n; i++)
        PUSH(f, &dims, struct_hidden_arg(f, st, i, s));
    CoreSty *sty = NEW(f->a, CoreSty);
    *sty = (CoreSty){ .kind = STY_struct, .strct = &st->pub, .n = dims.n, .args = dims.p };
    struct_owed(f, st, sty, s);
    return sty;
}

Dim struct_subst(void *user, DimSym *s)
{
    const CoreSty *sty = user;
    for (int i = 0; i < sty->strct->numbers.n; i++)
        if (sty->strct->numbers.p[i] == s)
            return sty->args[i];
    return NULL;
}

/* The k-th type argument of a struct type, with its numbers. */
CoreSty *struct_type_arg(Fx *f, const CoreSty *sty, int k)
{
    const Struct *st = (const Struct *)sty->strct;
    const Tree *params = st->decl->tree->kids[1];
    int at = 0;
    for (int i = 0, j = 0; params && i < params->nkids; i++) {
        StaticArg *a = j < st->env.statics.n && st->env.statics.p[j].name == params->kids[i]->name ? &st->env.statics.p[j] : NULL;
        if (a && j == k) {
            CoreSty *r = arena_copy(f->a, a->val->sty, sizeof *r);
            r->args = sty->args + at;
            return r;
        }
        at += !a ? 1 : a->val->kind == V_type ? a->val->sty->n : 0;
        j += a != NULL;
    }
    return NULL;
}

/* ---- types of parts: an expression read as a type ---- */

static CoreSty *call_type(Fx *f, const Tree *t, bool *is_type)
{
    const Tree *c = t->kids[0];
    Decl *d = NULL;
    if (c->kind == T_name && is_adapt(f, c)) {
        *is_type = true;
        return adapted_type(f, t->kids[1], t->span);
    }
    if (c->kind == T_name && !scope_find(f->scope, c->name))
        d = decl_find(f, f->scope, c->name);
    else if (c->kind == T_member && c->kids[0]->kind == T_name && !scope_find(f->scope, c->kids[0]->name)) {
        Decl *m = decl_find(f, f->scope, c->kids[0]->name);
        d = m && m->kind == DECL_unit ? map_find(&m->target->decls, c->name) : NULL;
    }
    if (!d || d->kind != DECL_struct)
        return NULL;
    *is_type = true;
    return struct_type(f, d, t->kids[1], t->span, false);
}

static CoreSty *comp_type(Fx *f, const Tree *t, bool *is_type)
{
    Dim lo, extent;
    scope_push(f, SCOPE_block);
    if (t->kids[1]->kind == T_name) {
        Ent *e = scope_add(f, ENT_val, t->kids[1]->name, t->kids[1]->span);
        e->val = val_new(f, V_open); /* no part may depend on it */
    }
    CoreSty *elem = part_type(f, t->kids[0], is_type);
    scope_pop(f);
    if (!elem)
        return NULL;
    if (!source_range(f, t->kids[2], &lo, &extent)) {
        report(f, E0402, t->kids[2]->span, "the parts of a model are counted by a range, 0..N");
        return NULL;
    }
    return extent ? list_sty(f, elem, extent) : NULL;
}

CoreSty *part_type(Fx *f, const Tree *t, bool *is_type)
{
    *is_type = false;
    if (t->kind == T_name) {
        Ent *e = scope_find(f->scope, t->name);
        Decl *d = e ? NULL : decl_find(f, f->scope, t->name);
        if (e && e->kind == ENT_val && e->val->kind == V_type && e->val->sty) {
            *is_type = true;
            return e->val->sty;
        }
        if (d && d->kind == DECL_struct) {
            *is_type = true;
            return struct_type(f, d, NULL, t->span, false);
        }
        return NULL;
    }
    if (t->kind == T_call)
        return call_type(f, t, is_type);
    if (t->kind == T_comp)
        return comp_type(f, t, is_type);
    if (t->kind == T_listlit && t->kids[0]->nkids) {
        const Tree *l = t->kids[0];
        CoreSty *first = part_type(f, l->kids[0], is_type);
        for (int i = 1; first && i < l->nkids; i++) {
            CoreSty *s = part_type(f, l->kids[i], is_type);
            if (s && !sty_equal(f, first, s)) {
                report(f, E0402, l->kids[i]->span, "the parts of a list have one type");
                return NULL;
            }
        }
        return first ? list_sty(f, first, dim_int(f, l->nkids)) : NULL;
    }
    return NULL;
}
