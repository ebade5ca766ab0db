/* check_adapted.c - the types of adapted models.
 *
 *     adapt(Mlp(64, 256), Lora(8, 16), at: "up")
 *
 *     Mlp_Lora      D F | up.rank up.alpha                       Mlp with another type for its part `up`
 *       up: Linear_Lora   rank alpha | base.In base.Out          an adapter over the model of the old part
 *         base: Linear    In Out                                 the old part, as it was
 *
 * Nothing is rewritten: a part gets another type, and so does every model around it. Both kinds are Structs of their declarations, told
 * apart by what is replaced (`base`, or a part, in Env.statics); equal replacements give the same Struct. The numbers of what is
 * replaced become numbers of the whole behind those of its header, as those of inputs do.
 */
#include "frontend/check/adapt_int.h"

#include <string.h>

static const char *replaced_name(Fx *f, Name part)
{
    return name_of(f->cx->names, arena_printf(f->a, "part %s", part));
}

static const Val *static_named(const Struct *st, Name n)
{
    for (int i = 0; i < st->env.statics.n; i++)
        if (st->env.statics.p[i].name == n)
            return st->env.statics.p[i].val;
    return NULL;
}

CoreSty *adapt_innermost(CoreSty *s)
{
    while (s && s->kind == STY_list)
        s = s->elem;
    return s;
}

int adapt_depth(const Struct *st)
{
    int n = 0;
    for (; st->over; st = struct_of(st->over))
        n++;
    return n;
}

int adapt_number(const Struct *st, Dim d)
{
    DimSym *s;
    for (int i = 0; dim_is_sym(d, &s) && i < st->pub.numbers.n; i++)
        if (st->pub.numbers.p[i] == s)
            return i;
    return -1;
}

void adapt_static(Fx *f, Env *env, Name n, CoreSty *sty)
{
    Val *v = val_new(f, V_type);
    v->sty = sty;
    PUSH(f, &env->statics, ((StaticArg){ n, v }));
}

/* ---- a Struct that has replacements --------------------------------------------------------------------------------- */

/* The model that the adapter is declared for, at the bottom or one of the adapters above it; NULL: the part is of another one. */
const CoreSty *adapt_level(Fx *f, const Decl *target, const CoreSty *s)
{
    while (s && struct_of(s)->decl != target)
        s = struct_of(s)->over ? sty_subst(f, struct_of(s)->over, struct_subst, (void *)s) : NULL;
    return s;
}

Decl *adapter_target(Fx *f, const Decl *adapter, bool tell)
{
    const Tree *t = adapter->tree->kids[2];
    Scope *at = f->scope;
    f->scope = adapter->unit->scope;
    Decl *d = path_decl(f, t);
    f->scope = at;
    if (d && ((d->kind == DECL_struct && d->tree->kind == T_model) || d->kind == DECL_adapter))
        return d;
    if (tell && !d)
        report(f, E0201, t->span, "model '%s' is not declared", t->name);
    else if (tell && d->kind != DECL_error)
        report(f, E0207, t->span, "'%s' is no model", t->name);
    return NULL;
}

void adapter_base(Fx *f, Env *env, const Struct *model)
{
    CoreSty *sty = NEW(f->a, CoreSty);
    *sty = (CoreSty){ .kind = STY_struct, .strct = (CoreStruct *)&model->pub, .n = model->pub.numbers.n };
    sty->args = NEWN(f->a, Dim, sty->n + 1);
    for (int i = 0; i < sty->n; i++)
        sty->args[i] = dim_sym(f->dims, model->pub.numbers.p[i]);
    adapt_static(f, env, W(f, base), sty);
}

/* Names for the header numbers of the model after `for`. */
static void binders(Fx *f, Struct *st)
{
    const Tree *list = st->decl->tree->kids[3];
    const CoreSty *model = adapt_level(f, adapter_target(f, st->decl, false), st->over);
    const Tree *params = model ? struct_params(struct_of(model)->decl) : NULL;
    int n = params ? params->nkids : 0;
    for (int i = 0; list && i < list->nkids; i++) {
        const Tree *t = list->kids[i];
        if (i >= n) {
            report(f, E0402, t->span, "'%s' has %d header number%s", st->decl->tree->kids[2]->name, n, n == 1 ? "" : "s");
            st->failed = true;
            return;
        }
        Val *v = number_value(f, model, params->kids[i]->name);
        scope_add(f, ENT_val, t->name, t->span)->val = v ? v : val_error();
    }
}

static const char *free_tag(Fx *f, const Struct *st)
{
    const CoreStruct *base = st->over->strct;
    for (int n = 1;; n++) {
        const char *tag = n == 1 ? st->decl->name : arena_printf(f->a, "%s%d", st->decl->name, n);
        size_t len = strlen(tag);
        bool taken = false;
        for (int i = 0; i < base->leaves.n; i++)
            taken |= !strncmp(base->leaves.p[i].path, tag, len) && (base->leaves.p[i].path[len] == '.' || !base->leaves.p[i].path[len]);
        if (!taken)
            return tag;
    }
}

void adapter_header(Fx *f, Struct *st)
{
    static const Tree base_tree = { .kind = T_mpart };
    const Val *over = static_named(st, W(f, base));
    const Struct *of = struct_of(over->sty);
    CoreSty *sty = NEW(f->a, CoreSty);
    *sty = (CoreSty){ .kind = STY_struct, .strct = over->sty->strct, .n = of->pub.numbers.n };
    sty->args = NEWN(f->a, Dim, sty->n + 1);
    st->nown = st->pub.numbers.n;
    for (int i = 0; i < sty->n; i++) {
        int k = i - struct_nheader(of);
        const char *name = arena_printf(f->a, "base.%s", of->pub.numbers.p[i]->name);
        if (k < 0)
            struct_number(f, st, name_of(f->cx->names, name), st->pub.span, NULL);
        else
            hidden_number(f, st, name, st->pub.span, NULL, of->hidden.p[k]);
        sty->args[i] = dim_sym(f->dims, vec_last(&st->pub.numbers));
    }
    st->over = sty;
    st->tag = free_tag(f, st);
    struct_owed(f, of, sty, st->pub.span);
    Tree *t = arena_copy(f->a, &base_tree, sizeof base_tree);
    t->name = W(f, base);
    t->span = st->pub.span;
    Field *fd = field_add(f, st, FIELD_part, t);
    fd->sty = sty;
    field_leaves_add(f, st, fd);
    binders(f, st);
}

/* "Linear_Lora", "Mlp_Lora": the declaration's name and those of the adapters inside; numbered if there is another one of that name. */
const char *struct_name(Fx *f, const Struct *st)
{
    const Decl *d = st->decl;
    const Val *over = d->kind == DECL_adapter ? static_named(st, W(f, base)) : NULL;
    const char *name = over ? arena_printf(f->a, "%s_%s", over->sty->strct->name, d->name) : d->name;
    bool adapted = over != NULL;
    for (int i = 0; i < st->env.statics.n; i++) {
        const StaticArg *a = &st->env.statics.p[i];
        if (strncmp(a->name, "part ", 5))
            continue;
        const char *inner = strchr(a->val->sty->strct->name, '_');
        adapted = true;
        if (inner && !strstr(name, inner))
            name = arena_printf(f->a, "%s%s", name, inner);
    }
    const char *unique = name;
    for (int n = 2, i = 0; adapted && i < f->cx->module->structs.n; i++)
        if (!strcmp(f->cx->module->structs.p[i]->name, unique)) {
            unique = arena_printf(f->a, "%s_%d", name, n++);
            i = -1;
        }
    return name_of(f->cx->names, unique);
}

/* The type of a replaced part in the numbers of the model around it: those of the declared part stay, all others become numbers of
 * the whole. */
static CoreSty *retarget(Fx *f, Struct *st, CoreSty *plain, const Struct *x, Name part)
{
    const Struct *p = struct_of(plain);
    if (p == x)
        return part_inputs(f, st, plain, part);
    CoreSty *r = NEW(f->a, CoreSty);
    *r = (CoreSty){ .kind = STY_struct, .strct = (CoreStruct *)&x->pub, .n = x->pub.numbers.n };
    r->args = NEWN(f->a, Dim, r->n + 1);
    bool same = adapt_depth(p) == adapt_depth(x);
    for (int i = 0; same && i < (x->over ? x->nown : struct_nheader(x)); i++)
        r->args[i] = plain->args[i];
    if (x->over) {
        CoreSty *b = retarget(f, st, same ? sty_subst(f, p->over, struct_subst, plain) : plain, struct_of(x->over), part);
        for (int i = 0; i < b->n; i++)
            r->args[adapt_number(x, x->over->args[i])] = b->args[i];
    }
    for (int i = 0; i < r->n; i++)
        if (!r->args[i]) {
            int k = i - struct_nheader(x);
            int n = hidden_number(f, st, arena_printf(f->a, "%s.%s", part, x->pub.numbers.p[i]->name), x->pub.span, NULL, k < 0 ? NULL : x->hidden.p[k]);
            r->args[i] = dim_sym(f->dims, st->pub.numbers.p[n]);
        }
    struct_owed(f, x, r, x->pub.span);
    return r;
}

static CoreSty *part_with(Fx *f, Struct *st, CoreSty *plain, const Struct *x, Name part)
{
    if (plain->kind != STY_list)
        return retarget(f, st, plain, x, part);
    CoreSty *r = arena_copy(f->a, plain, sizeof *plain);
    r->elem = part_with(f, st, plain->elem, x, part);
    return r;
}

CoreSty *part_adapted(Fx *f, Struct *st, CoreSty *sty, Name part)
{
    const Val *v = static_named(st, replaced_name(f, part));
    return v ? part_with(f, st, sty, struct_of(v->sty), part) : NULL;
}

/* What the Struct is told apart by, when its parts have these types. */
static Env env_with(Fx *f, const Struct *st, CoreSty *const *parts)
{
    Env env = { .pack = -1 };
    for (int i = 0; i < st->env.statics.n; i++) {
        const StaticArg *a = &st->env.statics.p[i];
        if (a->name != W(f, base) && strncmp(a->name, "part ", 5))
            PUSH(f, &env.statics, *a);
    }
    for (int i = 0; i < st->fields.n; i++) {
        const Field *fd = &st->fields.p[i];
        if (fd->kind != FIELD_part)
            continue;
        bool base = st->over && i == 0;
        Name n = base ? W(f, base) : replaced_name(f, fd->name);
        if (base || static_named(st, n) || adapt_innermost(parts[i])->strct != adapt_innermost(fd->sty)->strct)
            adapt_static(f, &env, n, adapt_innermost(parts[i]));
    }
    return env;
}

/* A number of its own inputs, which no part has. */
static Dim own_number(const Struct *st, const CoreSty *sty, const char *name)
{
    for (int i = 0; i < st->pub.numbers.n && !strchr(name, '.'); i++)
        if (st->pub.numbers.p[i]->name == name)
            return sty->args[i];
    return NULL;
}

CoreSty *adapt_args(Fx *f, const CoreSty *old, Struct *x, CoreSty *const *parts)
{
    const Struct *st = struct_of(old);
    CoreSty *r = NEW(f->a, CoreSty);
    *r = (CoreSty){ .kind = STY_struct, .strct = &x->pub, .n = x->pub.numbers.n };
    r->args = NEWN(f->a, Dim, r->n + 1);
    for (int i = 0; i < (x->over ? x->nown : struct_nheader(x)); i++)
        r->args[i] = old->args[i];
    for (int i = 0; i < x->fields.n; i++) {
        const CoreSty *slot = x->fields.p[i].kind == FIELD_part ? adapt_innermost(x->fields.p[i].sty) : NULL;
        const CoreSty *have = slot ? adapt_innermost(parts[i]) : NULL;
        for (int k = 0; slot && slot->kind == STY_struct && k < slot->n; k++) {
            int n = adapt_number(x, slot->args[k]);
            if (n >= 0)
                r->args[n] = have->args[k];
        }
    }
    for (int i = 0; i < r->n; i++)
        if (!r->args[i])
            r->args[i] = own_number(st, old, x->pub.numbers.p[i]->name);
    return r;
}

CoreSty *adapt_parts(Fx *f, const CoreSty *old, CoreSty *const *parts, Span s)
{
    Env env = env_with(f, struct_of(old), parts);
    Struct *x = struct_get(f, struct_of(old)->decl, &env, s);
    return x ? adapt_args(f, old, x, parts) : NULL;
}

Struct *adapt_plain(Fx *f, const Struct *st, Span s)
{
    Env env = { .pack = -1 };
    while (st->over)
        st = struct_of(st->over);
    for (int i = 0; i < st->env.statics.n; i++)
        if (strncmp(st->env.statics.p[i].name, "part ", 5))
            PUSH(f, &env.statics, st->env.statics.p[i]);
    return struct_get(f, st->decl, &env, s);
}
