/* check_trainable.c - tuned.trainable: the parameters that the adapters of a model store, as a parameter set of its own.
 *
 *     Mlp_Lora            up.weight  up.Lora.a  up.Lora.b  down.weight
 *     Mlp_Lora.trainable             up.Lora.a  up.Lora.b                a Struct with the same numbers
 */
#include "frontend/check/adapt_int.h"

static void mark(const Struct *st, int first, bool own, bool *out)
{
    for (int i = 0; i < st->fields.n; i++) {
        const Field *fd = &st->fields.p[i];
        const CoreSty *s = fd->sty;
        bool adapters = own || (st->over && i > 0);
        while (s && s->kind == STY_list)
            s = s->elem;
        if (fd->kind == FIELD_part && s && s->kind == STY_struct)
            mark((const Struct *)s->strct, first + fd->first, adapters, out);
        for (int k = 0; fd->kind == FIELD_param && k < fd->nleaves; k++)
            out[first + fd->first + k] = adapters;
    }
}

static Struct *trainable_struct(Fx *f, Struct *of)
{
    if (of->trainable)
        return of->trainable;
    int n = of->pub.leaves.n;
    bool *out = NEWN(f->a, bool, n + 1);
    Struct *st = NEW(f->cx->a, Struct);
    mark(of, 0, false, out);
    st->decl = NEW(f->cx->a, Decl);
    *st->decl = (Decl){ .kind = DECL_struct, .name = of->pub.name, .tree = of->decl->tree, .unit = of->decl->unit };
    st->env.pack = -1;
    st->fx = fx_new(f->cx, NULL, of->pub.name, of->pub.span);
    st->pub = of->pub;
    st->pub.name = name_of(f->cx->names, arena_printf(f->a, "%s_trainable", of->pub.name));
    st->pub.is_model = false;
    st->pub.init = NULL;
    st->pub.leaves.p = NULL;
    st->pub.leaves.n = st->pub.leaves.cap = 0;
    st->hidden = of->hidden;
    st->whole = of;
    for (int i = 0; i < n; i++) {
        CoreLeaf l = of->pub.leaves.p[i];
        if (!out[i])
            continue;
        Field fd = { .kind = FIELD_param, .name = name_of(f->cx->names, l.path), .span = l.span, .first = st->pub.leaves.n, .nleaves = 1 };
        fd.sty = sty_value(f, l.type, false);
        PUSH(f, &st->fields, fd);
        PUSH(f, &st->pub.leaves, l);
        PUSH(f, &st->places, i);
    }
    if (!st->fields.n)
        return NULL;
    st->pub.id = f->cx->module->structs.n;
    vec_push(f->cx->a, &f->cx->module->structs, &st->pub);
    return of->trainable = st;
}

/* The type of the set, of a model of that type; NULL: nothing in it is adapted. */
static CoreSty *set_of(Fx *f, const CoreSty *model)
{
    Struct *st = model->kind == STY_struct && model->strct->is_model ? trainable_struct(f, (Struct *)model->strct) : NULL;
    if (!st)
        return NULL;
    CoreSty *sty = NEW(f->a, CoreSty);
    *sty = (CoreSty){ .kind = STY_struct, .strct = &st->pub, .n = model->n, .args = model->args };
    return sty;
}

Val *trainable_value(Fx *f, const Val *v)
{
    CoreSty *sty = set_of(f, v->sty);
    if (!sty)
        return NULL;
    const Struct *st = (const Struct *)sty->strct;
    Core **leaves = NEWN(f->a, Core *, st->places.n + 1);
    for (int i = 0; i < st->places.n; i++)
        leaves[i] = v->leaves[st->places.p[i]];
    return val_leaves(f, sty, leaves);
}

CoreSty *trainable_place(Fx *f, const CoreSty *model, CoreVar ***leaves, int *n)
{
    CoreSty *sty = set_of(f, model);
    if (!sty)
        return NULL;
    const Struct *st = (const Struct *)sty->strct;
    CoreVar **some = NEWN(f->a, CoreVar *, st->places.n + 1);
    for (int i = 0; i < st->places.n; i++)
        some[i] = (*leaves)[st->places.p[i]];
    *leaves = some;
    *n = st->places.n;
    return sty;
}

bool path_is_trainable(Fx *f, const Tree *path)
{
    const Tree *more = path->kids[0];
    Ent *e = scope_find(f->scope, path->name);
    return more->nkids && more->kids[more->nkids - 1]->name == W(f, trainable) && (e || !decl_find(f, f->scope, path->name));
}

CoreSty *trainable_type(Fx *f, const Tree *path)
{
    Tree first = { .kind = T_name, .name = path->name, .span = path->span };
    Val *v = name_value(f, &first);
    for (int i = 0; i < path->kids[0]->nkids && !is_error(v); i++)
        v = member(f, v, path->kids[0]->kids[i]->name, path->span, path->span);
    if (!is_error(v) && v->kind == V_agg)
        return v->sty;
    f->fn->failed |= !f->trial;
    return NULL;
}

/* A model and a set of its adapters' parameters: an update with it leaves the others alone. */
Val *trainable_update(Fx *f, Name op, const Val *net, const Val *set, Span s)
{
    const Struct *st = set->sty->kind == STY_struct ? (const Struct *)set->sty->strct : NULL;
    if (!st || !st->whole || net->sty->kind != STY_struct || &st->whole->pub != net->sty->strct || (op != W(f, plus) && op != W(f, minus)))
        return NULL;
    for (int i = 0; i < net->sty->n; i++)
        if (!dims_equal(f, net->sty->args[i], set->sty->args[i]))
            return NULL;
    Core **leaves = arena_copy(f->a, net->leaves, sizeof(Core *) * (size_t)net->n);
    for (int i = 0; i < st->places.n; i++) {
        int k = st->places.p[i];
        Val *v = arith(f, op, val_core(f, net->leaves[k], false), val_core(f, set->leaves[i], false), s);
        if (is_error(v))
            return v;
        leaves[k] = core_as(f, v, net->leaves[k]->type.dtype, s);
        if (!leaves[k])
            return val_error();
    }
    return val_leaves(f, net->sty, leaves);
}
