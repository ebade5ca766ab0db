/* check_adapt.c - adapt(net, A(args), at: "sel"): which parts are meant, and what stands over them (check_adapted.c). */
#include "frontend/check/adapt_int.h"
#include "frontend/check/builtin_int.h"

Val *adapter_value(Fx *f, Decl *d, const Tree *args, Span s)
{
    const Tree *params = struct_params(d);
    Val *v = val_new(f, V_adapter);
    v->decl = d;
    v->nstatics = params ? params->nkids : 0;
    v->statics = NEWN(f->a, Val *, v->nstatics + 1);
    for (int i = 0; i < args->nkids; i++) {
        bool known = !args->kids[i]->name;
        for (int k = 0; k < v->nstatics && !known; k++)
            known = params->kids[k]->name == args->kids[i]->name;
        if (!known) {
            report(f, E0205, args->kids[i]->span, "'%s' has no header number '%s'", d->name, args->kids[i]->name);
            return val_error();
        }
    }
    return struct_header(f, d, args, s, v->statics) ? v : val_error();
}

typedef struct Adapt {
    Fx *f;
    const Val *with;
    const Decl *target;
    Selector *sel; /* NULL: the model itself */
    Span span, at;
    VEC(const char *) path;
    VEC(const char *) fitting; /* paths of parts of the right model, for the help */
    bool failed;
} Adapt;

static const char *path_text(Fx *f, const Adapt *a)
{
    Buf b = buf_new(f->a);
    for (int i = 0; i < a->path.n; i++)
        buf_printf(&b, "%s%s", i ? "." : "", a->path.p[i]);
    return buf_text(&b);
}

/* The adapter over the model of this part. */
static CoreSty *adapted(Adapt *a, CoreSty *part)
{
    Fx *f = a->f;
    Env env = { .pack = -1 };
    VEC(Dim) dims = { 0 };
    const Tree *params = struct_params(a->with->decl);
    for (int i = 0; i < a->with->nstatics; i++) {
        Val *v = a->with->statics[i];
        if (!is_static_value(v)) {
            PUSH(f, &dims, v->dim);
            continue;
        }
        PUSH(f, &env.statics, ((StaticArg){ params->kids[i]->name, v }));
        for (int k = 0; v->kind == V_type && k < v->sty->n; k++)
            PUSH(f, &dims, v->sty->args[k]);
    }
    adapt_static(f, &env, W(f, base), part);
    Struct *st = struct_get(f, a->with->decl, &env, a->span);
    if (!st || st->failed)
        return NULL;
    CoreSty *r = NEW(f->a, CoreSty);
    *r = (CoreSty){ .kind = STY_struct, .strct = &st->pub, .n = st->pub.numbers.n };
    r->args = NEWN(f->a, Dim, r->n + 1);
    for (int i = 0; i < dims.n; i++)
        r->args[i] = dims.p[i];
    for (int i = 0; i < part->n; i++)
        r->args[adapt_number(st, st->over->args[i])] = part->args[i];
    for (int i = 0; i < st->hidden.n; i++)
        if (!r->args[struct_nheader(st) + i])
            r->args[struct_nheader(st) + i] = struct_hidden_arg(f, st, i, a->span);
    struct_owed(f, st, r, a->span);
    return r;
}

static CoreSty *selected(Adapt *a, CoreSty *part)
{
    Fx *f = a->f;
    const char *model = a->with->decl->tree->kids[2]->name;
    if (adapt_level(f, a->target, part)) {
        CoreSty *r = adapted(a, part);
        a->failed |= !r;
        return r ? r : part;
    }
    a->failed = true;
    if (a->sel)
        report(f, E0408, a->at, "'%s' is for %s, but the part '%s' is %s", a->with->decl->name, model, path_text(f, a), core_sty_text(f->a, part));
    else
        report(f, E0408, a->span, "'%s' is for %s, but the model is %s", a->with->decl->name, model, core_sty_text(f->a, part));
    if (!a->sel)
        diag_help(f->cx->diags, "at: \"..\" names the parts to adapt");
    return part;
}

static CoreSty *walk(Adapt *a, CoreSty *s);

static CoreSty *walk_parts(Adapt *a, CoreSty *s)
{
    Fx *f = a->f;
    const Struct *st = struct_of(s);
    CoreSty **parts = NEWN(f->a, CoreSty *, st->fields.n + 1);
    bool changed = false;
    for (int i = 0; i < st->fields.n && !a->failed; i++) {
        const Field *fd = &st->fields.p[i];
        int depth = a->path.n;
        if (fd->kind != FIELD_part)
            continue;
        bool base = st->over && i == 0; /* its parts keep their paths */
        if (st->over && !base)
            PUSH(f, &a->path, st->tag);
        if (!base)
            PUSH(f, &a->path, fd->name);
        CoreSty *now = sty_subst(f, fd->sty, struct_subst, s);
        parts[i] = base ? walk_parts(a, now) : walk(a, now);
        changed |= parts[i] != now;
        a->path.n = depth;
    }
    return changed && !a->failed ? adapt_parts(f, s, parts, a->span) : s;
}

static CoreSty *walk(Adapt *a, CoreSty *s)
{
    Fx *f = a->f;
    if (s->kind == STY_list) {
        PUSH(f, &a->path, "*");
        CoreSty *elem = walk(a, s->elem), *r = s;
        a->path.n--;
        if (elem != s->elem) {
            r = arena_copy(f->a, s, sizeof *s);
            r->elem = elem;
        }
        return r;
    }
    if (s->kind != STY_struct || !s->strct->is_model)
        return s;
    if (a->sel && adapt_level(f, a->target, s) && a->path.n)
        PUSH(f, &a->fitting, path_text(f, a));
    if (a->sel ? selector_takes(a->sel, a->path.n, a->path.p) : a->path.n == 0)
        return selected(a, s);
    return a->sel ? walk_parts(a, s) : s;
}

static void report_nothing(Adapt *a, const Pattern *p, const CoreSty *net)
{
    enum { SHOWN = 6 };
    Fx *f = a->f;
    report(f, E0407, a->at, "'%s' is no part of %s", p->text, core_sty_text(f->a, net));
    Buf b = buf_new(f->a);
    for (int i = 0; i < a->fitting.n && i < SHOWN; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", a->fitting.p[i]);
    const char *model = a->with->decl->tree->kids[2]->name;
    if (a->fitting.n)
        diag_help(f->cx->diags, "its parts of model %s: %s%s", model, buf_text(&b), a->fitting.n > SHOWN ? ", .." : "");
    else if (adapt_level(f, a->target, net))
        diag_help(f->cx->diags, "without 'at:' the model itself is adapted");
    else
        diag_help(f->cx->diags, "it has no part of model %s", model);
}

static CoreSty *adapt_sty(Fx *f, CoreSty *net, const Val *with, const char *sel, Span at, Span s)
{
    Adapt a = { .f = f, .with = with, .span = s, .at = at };
    a.target = adapter_target(f, with->decl, true);
    if (!a.target)
        return NULL;
    if (sel && !(a.sel = selector_read(f, sel, at)))
        return NULL;
    CoreSty *r = walk(&a, net);
    bool ok = r && !a.failed;
    for (int i = 0; ok && a.sel && i < a.sel->patterns.n; i++)
        if (!a.sel->patterns.p[i].found) {
            report_nothing(&a, &a.sel->patterns.p[i], net);
            ok = false;
        }
    if (ok && !net->strct->is_model)
        ok = false;
    if (ok && r != net)
        struct_owed(f, struct_of(r), r, s);
    return ok ? r : NULL;
}

bool is_adapt(Fx *f, const Tree *name)
{
    return name->name == W(f, adapt) && !scope_find(f->scope, name->name) && !decl_find(f, f->scope, name->name);
}

static bool is_model(const CoreSty *s) { return s && s->kind == STY_struct && s->strct->is_model; }

/* adapt(net, A(..), at: ".."): the parts of the call but the model. */
static bool call_parts(Fx *f, const Tree *args, const Val *with, const char **sel, Span *at, Span s)
{
    int given = 0;
    *sel = NULL;
    for (int i = 0; i < args->nkids; i++) {
        const Tree *a = args->kids[i];
        given += !a->name;
        if (!a->name)
            continue;
        Val *v = a->name == W(f, at) ? expr(f, a->kids[0]) : NULL;
        if (!v || *sel || v->kind != V_core || v->core->kind != C_str) {
            if (!v || !is_error(v))
                report(f, E0205, a->span, "adapt(net, A(..), at: \"..\") takes one selector, a text that is written in the program");
            return false;
        }
        *sel = v->core->str;
        *at = a->kids[0]->span;
    }
    if (given == 2 && with && with->kind == V_adapter)
        return true;
    if (!with || !is_error(with))
        report(f, E0205, s, "adapt(net, A(..), at: \"..\") takes a model and an adapter with its header numbers");
    return false;
}

static const Tree *positional(const Tree *args, int k)
{
    for (int i = 0; args && i < args->nkids; i++)
        if (!args->kids[i]->name && k-- == 0)
            return args->kids[i]->kids[0];
    return NULL;
}

CoreSty *adapted_type(Fx *f, const Tree *args, Span s)
{
    static const Tree none = { .kind = T_list };
    const Tree *net = positional(args, 0), *with = positional(args, 1);
    const char *sel;
    Span at = s;
    bool is_type = false;
    CoreSty *sty = net ? part_type(f, net, &is_type) : NULL;
    if (net && !sty && is_type)
        return NULL;
    f->dimctx++;
    Val *v = with && sty ? expr(f, with) : NULL;
    f->dimctx--;
    if (net && with && !is_model(sty)) {
        report(f, E0206, net->span, "a model type stands here: adapt(Type(..), A(..), at: \"..\")");
        return NULL;
    }
    return call_parts(f, args ? args : &none, v, &sel, &at, s) ? adapt_sty(f, sty, v, sel, at, s) : NULL;
}

Val *builtin_adapt(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    const char *sel;
    Span at = s;
    Val *net = n ? val_plain(f, args[0]) : NULL;
    if (net && is_error(net))
        return net;
    if (!net || net->kind != V_agg || !is_model(net->sty)) {
        report(f, E0205, s, "adapt(net, A(..), at: \"..\") takes a model and an adapter with its header numbers");
        return val_error();
    }
    if (!call_parts(f, trees, n > 1 ? args[1] : NULL, &sel, &at, s))
        return val_error();
    CoreSty *sty = adapt_sty(f, net->sty, args[1], sel, at, s);
    return sty ? adapt_lift(f, net, sty, s) : val_error();
}
