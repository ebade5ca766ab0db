/* check_decl.c - files: their declarations, imports, and the order in which everything is checked.
 *
 * Every function of the file that needs no static arguments is checked on its own, with rigid dims and `float` as f32, so that
 * one run reports all errors. What other files declare is checked where it is used.
 */
#include "frontend/check/check_int.h"

#include <string.h>

static Name decl_name(const Tree *t)
{
    return t->name;
}

static bool decl_kind(const Tree *t, DeclKind *k)
{
    switch (t->kind) {
    case T_fn: *k = DECL_fn; return t->name != NULL;
    case T_extern_fn: *k = DECL_extern; return true;
    case T_op: *k = DECL_op; return true;
    case T_model: case T_struct_: *k = DECL_struct; return true;
    case T_adapter: *k = DECL_adapter; return true;
    case T_tree: *k = DECL_tree; return true;
    default: return false;
    }
}

static void add_decl(Fx *f, Unit *u, Decl *d, Span s, bool replace)
{
    Decl *old = map_find(&u->decls, d->name);
    if (old && old->unit == u && !replace) {
        report(f, E0202, s, "'%s' is already declared", d->name);
        if (old->tree)
            diag_note(f->cx->diags, (Span){ old->tree->span.file, old->tree->span.lo, old->tree->span.lo }, "'%s' was declared before", d->name);
    }
    f->cx->constants += old && replace; /* functions that were checked with the old one are checked again when they are called */
    map_put(&u->decls, d->name, d);
    vec_push(f->a, &u->order, d);
}

/* ---- annotations ---- */

static void annotation(Fx *f, Decl *d, const Tree *t)
{
    bool fn = d->kind == DECL_fn;
    const Tree *args = t->kids[0];
    bool weak, known = t->name == W(f, precision) || t->name == W(f, vjp);
    if (!known && args && args->nkids)
        report(f, E0404, t->span, "'@%s' takes no arguments", t->name);
    for (int i = 0; t->name == W(f, precision) && i < args->nkids; i++) {
        const Tree *x = args->kids[i]->kids[0];
        if (x->kind != T_name || !dtype_is_float(dtype_named(f, x->name, &weak)))
            report(f, E0404, x->span, "'@precision' takes types of floats, compute: bf16, accumulate: f32");
    }
    if (t->name == W(f, elementwise) && fn)
        d->elementwise = true;
    else if (t->name == W(f, inplace) && fn)
        d->inplace = true;
    else if (t->name != W(f, fast) && t->name != W(f, exact) && t->name != W(f, precision) && t->name != W(f, vjp)) {
        report(f, E0404, t->span, "there is no annotation '@%s' here", t->name);
        foreign_help(f, t->name);
    }
}

void decl_annotations(Fx *f, Decl *d)
{
    const Tree *list = d->kind == DECL_extern || !d->tree ? NULL : d->tree->kids[0];
    for (int i = 0; list && i < list->nkids; i++)
        annotation(f, d, list->kids[i]);
}

/* ---- imports ---- */

static const char *module_path(Fx *f, const Tree *path)
{
    Buf b = buf_new(f->a);
    buf_puts(&b, path->name);
    for (int i = 0; i < path->kids[0]->nkids; i++) {
        buf_putc(&b, '.');
        buf_puts(&b, path->kids[0]->kids[i]->name);
    }
    return buf_text(&b);
}

/* Of a `let` of another file's script. */
void let_help(Fx *f, const Unit *u, Name n)
{
    if (map_find(&u->lets, n))
        diag_help(f->cx->diags, "of what a file says with 'let' its constants can be imported: importing runs no script");
}

/* A constant at the top of another file. */
static Decl *constant_decl(Fx *f, Unit *from, Name n)
{
    const Tree *t = unit_constant(from, n);
    Decl *d = t ? NEW(f->a, Decl) : NULL;
    if (d)
        *d = (Decl){ .kind = DECL_const, .name = n, .tree = t, .unit = from, .target = from };
    return d;
}

/* What stands alone, is in another module, or has nearly that name. */
void unit_help(Fx *f, const Unit *from, Name n)
{
    if (builtin_find(f, n) >= 0 || (f->cx->prelude && map_find(&f->cx->prelude->decls, n))) {
        diag_help(f->cx->diags, "'%s' needs no import: it stands alone", n);
        return;
    }
    const char **names = NEWN(f->a, const char *, from->order.n + 1);
    for (int k = 0; k < from->order.n; k++)
        names[k] = from->order.p[k]->name;
    const char *near = nearest_name(n, names, from->order.n);
    if (near)
        diag_help(f->cx->diags, "did you mean '%s'?", near);
    else
        library_help(f, n);
}

static void import_names(Fx *f, Unit *u, Unit *from, const Tree *list)
{
    for (int i = 0; i < list->nkids; i++) {
        const Tree *n = list->kids[i];
        Decl *d = map_find(&from->decls, n->name);
        if (!d)
            d = constant_decl(f, from, n->name);
        if (!d || n->name[0] == '_' || d->unit != from) {
            bool hidden = d && d->unit == from;
            if (hidden)
                report(f, E0210, n->span, "'%s' is private to module '%s'", n->name, from->name);
            else
                report(f, E0210, n->span, "module '%s' has no '%s'", from->name, n->name);
            let_help(f, from, n->name);
            if (!hidden)
                unit_help(f, from, n->name);
            Decl *bad = NEW(f->a, Decl);
            *bad = (Decl){ .kind = DECL_error, .name = n->name, .unit = u };
            if (!map_find(&u->decls, n->name))
                map_put(&u->decls, n->name, bad);
            continue;
        }
        Decl *old = map_find(&u->decls, n->name);
        if (old && old != d && old->unit == u) {
            report(f, E0202, n->span, "'%s' is already declared", n->name);
            if (old->tree)
                diag_note(f->cx->diags, (Span){ old->tree->span.file, old->tree->span.lo, old->tree->span.lo }, "'%s' is declared here", n->name);
        }
        map_put(&u->decls, n->name, d);
    }
}

Name import_name(const Tree *t)
{
    const Tree *more = t->kids[0]->kids[0];
    return t->kids[1] ? t->kids[1]->name : more->nkids ? more->kids[more->nkids - 1]->name : t->kids[0]->name;
}

/* Names of a module that is not there: silent from here on. */
static void import_nothing(Fx *f, Unit *u, const Tree *t)
{
    int n = t->kids[2] ? t->kids[2]->nkids : 1;
    for (int i = 0; i < n; i++) {
        Decl *d = NEW(f->a, Decl);
        d->kind = DECL_error;
        d->unit = u;
        d->name = t->kids[2] ? t->kids[2]->kids[i]->name : import_name(t);
        if (!map_find(&u->decls, d->name))
            map_put(&u->decls, d->name, d);
    }
}

static void import(Fx *f, Unit *u, const Tree *t)
{
    const char *path = module_path(f, t->kids[0]);
    Unit *from = unit_load(f, path, u->file, t->kids[0]->span);
    if (!from) {
        import_nothing(f, u, t);
        return;
    }
    if (t->kids[2]) {
        import_names(f, u, from, t->kids[2]);
        return;
    }
    Decl *d = NEW(f->a, Decl);
    d->kind = DECL_unit;
    d->name = import_name(t);
    d->target = from;
    d->unit = u;
    Decl *old = map_find(&u->decls, d->name);
    bool replaces = f->cx->repl || (old && old->kind == DECL_unit && old->target == from);
    add_decl(f, u, d, t->span, replaces);
    if (old && !replaces)
        map_put(&u->decls, d->name, old);
}

/* ---- units ---- */

static Unit *unit_new(Fx *f, Name name, Name file)
{
    Unit *u = NEW(f->a, Unit);
    u->name = name;
    u->file = file;
    u->decls = map_new(f->a);
    u->lets = map_new(f->a);
    u->scope = NEW(f->a, Scope);
    u->scope->kind = SCOPE_unit;
    u->scope->unit = u;
    return u;
}

static void each_name(const Tree *pattern, const Tree *t, LetName *g, void *user)
{
    if (pattern->kind == T_name)
        g(user, pattern->name, t);
    for (int i = 0; pattern->kind == T_ptuple && i < pattern->kids[0]->nkids; i++)
        each_name(pattern->kids[0]->kids[i], t, g, user);
}

void each_let(const Tree *t, LetName *g, void *user)
{
    if (t->kind == T_let)
        each_name(t->kids[0], t, g, user);
    else if (t->kind == T_let_index || t->kind == T_draw)
        g(user, t->name, t);
    for (int i = 0; t->kind == T_rec && i < t->kids[0]->nkids; i++)
        g(user, t->kids[0]->kids[i]->name, t);
}

static void add_let(void *user, Name n, const Tree *t)
{
    map_put(&((Unit *)user)->lets, n, (void *)(uintptr_t)t);
}

void unit_collect(Fx *f, Unit *u, const Tree *file, bool replace)
{
    const Tree *list = file->kids[0];
    int first = u->order.n;
    for (int i = 0; i < list->nkids; i++) {
        const Tree *t = list->kids[i];
        DeclKind k;
        each_let(t, add_let, u);
        if (!decl_kind(t, &k))
            continue;
        Decl *d = NEW(f->a, Decl);
        *d = (Decl){ .kind = k, .name = decl_name(t), .tree = t, .unit = u };
        add_decl(f, u, d, t->span, replace);
    }
    for (int i = 0; i < list->nkids; i++)
        if (list->kids[i]->kind == T_import)
            import(f, u, list->kids[i]);
    for (int i = first; i < u->order.n; i++)
        decl_annotations(f, u->order.p[i]);
}

static void module_missing(Fx *f, const char *path, Span s)
{
    report(f, E0405, s, "module '%s' is not found", path);
    module_help(f, path);
}

static Tree *parse_unit(Cx *cx, const char *name, const char *text, size_t len)
{
    Source *src = source_add(cx->sources, name, text, len);
    Parse p = { .arena = cx->a, .names = cx->names, .diags = cx->loud };
    return parse_source(&p, src);
}

Unit *unit_load(Fx *f, const char *path, const char *importer, Span s)
{
    Cx *cx = f->cx;
    size_t len = 0;
    const char *name = path;
    const char *text = cx->files.read_module ? cx->files.read_module(cx->files.user, cx->a, path, importer, &name, &len) : NULL;
    if (!text) {
        if (s.file)
            module_missing(f, path, s);
        return NULL;
    }
    Name key = name_of(cx->names, name); /* one path may be another file from elsewhere */
    Unit *u = map_find(&cx->units, key);
    if (u && u->loading) {
        report(f, E0405, s, "modules import one another in a circle: '%s'", path);
        return NULL;
    }
    if (u)
        return u;
    Tree *t = parse_unit(cx, name, text, len);
    if (!t)
        return NULL;
    u = unit_new(f, name_of(cx->names, path), key);
    u->tree = t;
    u->loading = true;
    map_put(&cx->units, key, u);
    unit_collect(f, u, t, false);
    u->loading = false;
    return u;
}

/* ---- checking what stands alone ---- */

static bool is_static_int(Fx *f, const Tree *p)
{
    return !p->kids[0] || (p->kids[0]->kind == T_tbase && p->kids[0]->kids[0]->name == W(f, int_));
}

/* Static arguments that are no ints, or functions as arguments: only a call tells what they are. */
static bool needs_call(Fx *f, const Tree *fn)
{
    for (int i = 0; fn->kids[1] && i < fn->kids[1]->nkids; i++)
        if (!is_static_int(f, fn->kids[1]->kids[i]))
            return true;
    for (int i = 0; i < fn->kids[2]->nkids; i++)
        if (fn->kids[2]->kids[i]->kids[0] && fn->kids[2]->kids[i]->kids[0]->kind == T_tfn)
            return true;
    return false;
}

static Inst *check_alone(Fx *f, Decl *d, Struct *self)
{
    const Tree *t = d->tree;
    Env env = { .pack = -1 };
    for (int i = 0; t->kids[1] && i < t->kids[1]->nkids; i++) {
        StaticArg a = { t->kids[1]->kids[i]->name, NULL };
        PUSH(f, &env.statics, a);
    }
    sig_infer(f, t->kids[2], t->kids[3], &env, NULL);
    return inst_get(f, d, self, &env, t->span);
}

static Span head_span(const Tree *t)
{
    return (Span){ t->span.file, t->span.lo, t->span.lo };
}

/* A list of structs is one handle, a list of tensors one tensor. */
static bool exportable(const CoreSty *s, bool result)
{
    bool list = s->kind == STY_list;
    while (s->kind == STY_list)
        s = s->elem;
    if (s->kind == STY_tuple && result && !list) {
        for (int i = 0; i < s->n; i++)
            if (!exportable(s->parts[i], false))
                return false;
        return true;
    }
    return s->kind == STY_value || s->kind == STY_struct || (s->kind == STY_none && result);
}

static void check_export(Fx *f, Decl *d, Inst *in)
{
    const Tree *t = d->tree;
    if (t->kids[1])
        report(f, E0401, head_span(t), "an exported function has no static parameters");
    for (int i = 0; in && i < in->fn->surface.n; i++)
        if (!exportable(in->fn->surface.p[i].sty, false))
            report(f, E0401, in->fn->surface.p[i].span, "C cannot pass '%s', %s", in->fn->surface.p[i].name,
                   core_sty_text(f->a, in->fn->surface.p[i].sty));
    if (in && in->fn->result && !exportable(in->fn->result, true))
        report(f, E0401, t->kids[3] ? t->kids[3]->span : head_span(t), "C cannot take the result, %s", core_sty_text(f->a, in->fn->result));
    if (in && in->effects) {
        report(f, E0211, head_span(t), "an exported function has effects; they stand in scripts only");
        effect_note(f, in);
    }
    bool generic = in && (in->env.fdtype != DT_none || in->env.ndtype != DT_none);
    if (generic)
        report(f, E0401, head_span(t), "an exported function has concrete element types, not 'float' or 'num'");
}

static void check_fn(Fx *f, Decl *d)
{
    bool exported = d->tree->flags & TF_EXPORT;
    if (needs_call(f, d->tree)) {
        if (exported)
            report(f, E0401, head_span(d->tree), "an exported function has no static or function parameters");
        return;
    }
    Inst *in = check_alone(f, d, NULL);
    if (exported)
        check_export(f, d, in);
    if (in && !d->tree->kids[1] && !in->effects && !in->uses && !d->elementwise)
        vec_push(f->a, &f->cx->module->named, in->fn);
}

static bool default_env(Fx *f, const Tree *params, Env *env)
{
    *env = (Env){ .pack = -1 };
    for (int i = 0; params && i < params->nkids; i++) {
        const Tree *p = params->kids[i];
        if (p->kids[0] && p->kids[0]->kind == T_tbase && p->kids[0]->kids[0]->name == W(f, model))
            return false;
        if (!p->kids[1] || (p->kids[1]->kind == T_int_ && !tree_int_is_large(p->kids[1])))
            continue;
        Val *v = expr(f, p->kids[1]);
        if (v->kind == V_core && v->core->kind == C_const && v->type.dtype != DT_i64) {
            StaticArg a = { p->name, v };
            PUSH(f, &env->statics, a);
        }
    }
    return true;
}

enum { ADAPTERS_MOST = 100 }; /* over one another */

/* A model in its own numbers; an adapter over the model that it is declared for. NULL: only a use tells, or it is reported. */
static Struct *as_declared(Fx *f, Decl *d, int depth)
{
    Env env;
    Scope *at = f->scope;
    f->scope = d->unit->scope;
    bool ok = default_env(f, struct_params(d), &env);
    f->scope = at;
    if (ok && d->kind == DECL_adapter) {
        Decl *model = adapter_target(f, d, true);
        if (model && depth == ADAPTERS_MOST)
            report(f, E0402, d->tree->kids[2]->span, "'%s' is for itself, directly or through other adapters", d->name);
        Struct *of = model && depth < ADAPTERS_MOST ? as_declared(f, model, depth + 1) : NULL;
        ok = of && !of->failed;
        if (ok)
            adapter_base(f, &env, of);
    }
    return ok ? struct_get(f, d, &env, d->tree->span) : NULL;
}

static void check_struct(Fx *f, Decl *d)
{
    Struct *st = as_declared(f, d, 0);
    for (int i = 0; st && !st->failed && i < st->fields.n; i++) {
        Field *fd = &st->fields.p[i];
        if (fd->kind == FIELD_method && !needs_call(f, fd->tree))
            check_alone(f, fd->method, st);
    }
}

static void check_one(Fx *f, Decl *d)
{
    if (d->checked)
        return;
    d->checked = true;
    switch (d->kind) {
    case DECL_fn: check_fn(f, d); break;
    case DECL_struct: case DECL_adapter: check_struct(f, d); break;
    case DECL_op: check_op_decl(f, d); break;
    case DECL_extern: check_extern(f, d); break;
    default: break;
    }
}

/* ---- the doors ---- */

static void words_init(Cx *cx)
{
    cx->w = NEW(cx->a, Words);
#define WORD(id, text) cx->w->id = name_of(cx->names, text);
#include "frontend/words.def"
#undef WORD
}

DimCx *frontend_dims(Frontend *fe)
{
    return fe->dims;
}

Frontend *frontend_new(Arena *a, Names *ns, Sources *ss, Diags *d, FrontendFiles files)
{
    Cx *cx = NEW(a, Frontend);
    cx->a = a;
    cx->names = ns;
    cx->sources = ss;
    cx->diags = cx->loud = d;
    cx->files = files;
    cx->dims = dims_new(a);
    cx->facts = facts_new(cx->dims, NULL);
    cx->units = map_new(a);
    cx->unknown = map_new(a);
    cx->serial = 1;
    words_init(cx);
    builtins_init(cx);
    CoreModule *m = cx->module = NEW(a, CoreModule);
    m->arena = a;
    m->names = ns;
    m->dims = cx->dims;
    m->sources = ss;
    Fx *f = fx_new(cx, NULL, name_of(ns, "file"), (Span){ 0, 0, 0 });
    cx->prelude = unit_load(f, "core", "", (Span){ 0, 0, 0 });
    if (cx->prelude)
        cx->prelude->prelude = true;
    return cx;
}

static CoreModule *check_file(Cx *cx, const Tree *file, const Source *src, bool more)
{
    Fx *f = fx_new(cx, NULL, name_of(cx->names, "file"), file->span);
    int before = cx->diags->errors;
    cx->clone_nodes = cx->trial_nodes = 0;
    if (!cx->main || !more)
        cx->main = unit_new(f, name_of(cx->names, src->name), name_of(cx->names, src->name));
    cx->main->tree = file;
    const Before *mark = cx->before = more ? undo_mark(f, file) : NULL;
    unit_collect(f, cx->main, file, more);
    f->scope = cx->main->scope;
    script_check(cx, cx->main, file, more); /* before functions that read its variables */
    for (int i = 0; i < cx->main->order.n; i++)
        check_one(f, cx->main->order.p[i]);
    structs_init(cx);
    lint(cx, file, more);
    warnings_tell(cx, cx->diags->errors == before);
    if (mark && cx->diags->errors > before)
        undo(f, mark);
    return cx->module;
}

CoreModule *frontend_check(Frontend *fe, const Tree *file, const Source *src)
{
    return check_file(fe, file, src, false);
}

CoreModule *frontend_check_more(Frontend *fe, const Tree *file, const Source *src)
{
    return check_file(fe, file, src, true);
}

CoreFn *frontend_function(Frontend *fe, const char *name)
{
    Fx *f = fx_new(fe, NULL, name_of(fe->names, "call"), (Span){ 0, 0, 0 });
    Decl *d = fe->main ? map_find(&fe->main->decls, name_of(fe->names, name)) : NULL;
    if (!d || d->kind != DECL_fn) {
        report(f, E0201, (Span){ 0, 0, 0 }, "there is no function '%s'", name);
        return NULL;
    }
    if (d->tree->kids[1] || needs_call(f, d->tree)) {
        report(f, E0205, head_span(d->tree), "'%s' has static or function parameters and cannot be called by name", name);
        return NULL;
    }
    Inst *in = check_alone(f, d, NULL);
    if (in && in->fn->why) {
        report(f, in->fn->why_code, in->fn->why_span, "%s", in->fn->why);
        return NULL;
    }
    if (in && (in->effects || in->uses)) {
        report(f, E0211, head_span(d->tree), in->effects ? "'%s' has effects; they stand in scripts only"
                                                         : "'%s' reads variables of the script and is called from there only", name);
        if (in->effects)
            effect_note(f, in);
        return NULL;
    }
    return in && !in->fn->failed ? in->fn : NULL;
}
