/* check_lift.c - values of adapted models: the leaves of the old value as they are, and what the adapters store with its initial value.
 *
 *     Mlp        up.weight                        down.weight
 *     Mlp_Lora   up.weight  up.Lora.a  up.Lora.b  down.weight
 *
 * Parts in lists are adapted element by element: a leaf that an adapter stores has the list's axis in front, like any other.
 */
#include "frontend/check/adapt_int.h"

#include <string.h>

typedef struct Lift {
    Fx *f;
    Span span;
    VEC(Dim) counts;       /* of the lists around the part */
    VEC(const char *) path; /* the names that its key is made of; NULL: an element of a list */
} Lift;

/* The key of what is made at these places of the lists around it. */
static Core *key_at(Lift *l, CoreIndex *const *idx)
{
    Fx *f = l->f;
    Core *key = f->key ? f->key : core_op1(f, OP_key_new, DT_key, core_i64(f, f->cx->seed));
    for (int i = 0, k = 0; i < l->path.n; i++)
        key = l->path.p[i] ? fold_name(f, key, l->path.p[i]) : core_op2(f, OP_key_fold, DT_key, key, core_of_index(f, idx[k++]));
    return key;
}

static CoreSty *listed(Lift *l, CoreSty *sty)
{
    for (int i = l->counts.n; i-- > 0;)
        sty = list_sty(l->f, sty, l->counts.p[i]);
    return sty;
}

/* A field's initial value at one place of the lists. */
static Val *initial_at(Lift *l, CoreSty *sty, const Field *fd, Core **base, CoreIndex *const *idx)
{
    Fx *f = l->f;
    Struct *st = (Struct *)sty->strct;
    Val *old = val_leaves(f, listed(l, sty_subst(f, st->over, struct_subst, sty)), base);
    for (int i = 0; i < l->counts.n; i++)
        old = list_at(f, old, core_of_index(f, idx[i]), dim_sym(f->dims, idx[i]->sym));
    Core *key = f->key;
    f->key = key_at(l, idx);
    Val *v = field_initial(f, st, fd, sty, old, l->span);
    f->key = key;
    return v;
}

/* Leaf k of the field for all places of the lists. */
static Core *initial_leaf(Lift *l, CoreSty *sty, const Field *fd, int k, Core **base)
{
    Fx *f = l->f;
    CoreIndex *idx[RANK_MOST];
    Core **part;
    frame_push(f, FRAME_index);
    scope_push(f, SCOPE_index);
    for (int i = 0; i < l->counts.n; i++)
        index_enter(f, idx[i] = index_new(f, name_of(f->cx->names, "i"), l->span, dim_int(f, 0), l->counts.p[i]));
    Val *v = initial_at(l, sty, fd, base, idx);
    scope_pop(f);
    if (is_error(v)) {
        frame_merge(f);
        return NULL;
    }
    val_leaves_of(f, v, &part);
    v = tabulate(f, l->counts.n, idx, val_core(f, part[k], false), l->span);
    return is_error(v) ? NULL : addressable(f, v->core);
}

static bool initial_field(Lift *l, CoreSty *sty, const Field *fd, Core **to)
{
    Fx *f = l->f;
    Core **part;
    if (l->counts.n) {
        for (int k = 0; k < fd->nleaves; k++)
            if (!(to[fd->first + k] = initial_leaf(l, sty, fd, k, to)))
                return false;
        return true;
    }
    Val *v = initial_at(l, sty, fd, to, NULL);
    if (is_error(v))
        return false;
    int n = val_leaves_of(f, v, &part);
    for (int k = 0; k < n; k++)
        to[fd->first + k] = part[k]->type.rank ? addressable(f, part[k]) : core_is_cheap(part[k]) ? part[k] : let_here(f, part[k], fd->name);
    return true;
}

static bool lift(Lift *l, CoreSty *old, Core **from, CoreSty *new_, Core **to);

/* The old part is `base`; what the adapter itself stores is new. */
static bool lift_over(Lift *l, CoreSty *old, Core **from, CoreSty *new_, Core **to)
{
    Fx *f = l->f;
    const Struct *st = (const Struct *)new_->strct;
    bool ok = lift(l, old, from, sty_subst(f, st->over, struct_subst, new_), to);
    PUSH(f, &l->path, st->tag);
    for (int i = 1; i < st->fields.n && ok; i++)
        if (st->fields.p[i].sty && st->fields.p[i].kind != FIELD_const)
            ok = initial_field(l, new_, &st->fields.p[i], to);
    l->path.n--;
    return ok;
}

/* The same declaration with other types of parts. */
static bool lift_parts(Lift *l, CoreSty *old, Core **from, CoreSty *new_, Core **to)
{
    Fx *f = l->f;
    const Struct *was = (const Struct *)old->strct, *st = (const Struct *)new_->strct;
    for (int i = 0; i < st->fields.n; i++) {
        const Field *fd = &st->fields.p[i], *w = &was->fields.p[i];
        int depth = l->path.n;
        if (fd->kind != FIELD_part) {
            for (int k = 0; fd->sty && k < fd->nleaves; k++)
                to[fd->first + k] = from[w->first + k];
            continue;
        }
        bool base = st->over && i == 0;
        if (st->over && !base)
            PUSH(f, &l->path, st->tag);
        if (!base)
            PUSH(f, &l->path, fd->name);
        bool ok = lift(l, sty_subst(f, w->sty, struct_subst, old), from + w->first, sty_subst(f, fd->sty, struct_subst, new_), to + fd->first);
        l->path.n = depth;
        if (!ok)
            return false;
    }
    return true;
}

static bool lift(Lift *l, CoreSty *old, Core **from, CoreSty *new_, Core **to)
{
    if (old->kind == STY_list && new_->kind == STY_list) {
        PUSH(l->f, &l->counts, new_->count);
        PUSH(l->f, &l->path, NULL);
        bool ok = lift(l, old->elem, from, new_->elem, to);
        l->counts.n--;
        l->path.n--;
        return ok;
    }
    if (old->kind != STY_struct || old->strct == new_->strct) {
        memcpy(to, from, sizeof(Core *) * (size_t)sty_nleaves(old));
        return true;
    }
    if (adapt_depth((const Struct *)old->strct) < adapt_depth((const Struct *)new_->strct))
        return lift_over(l, old, from, new_, to);
    return lift_parts(l, old, from, new_, to);
}

static const CoreStruct *inner(const CoreSty *s)
{
    while (s->kind == STY_list)
        s = s->elem;
    return s->kind == STY_struct ? s->strct : NULL;
}

Val *adapt_lift(Fx *f, Val *v, CoreSty *want, Span s)
{
    Lift l = { .f = f, .span = s };
    if (v->kind != V_agg || !inner(v->sty) || inner(v->sty) == inner(want) || v->sty->kind != want->kind)
        return v;
    Core **to = NEWN(f->a, Core *, sty_nleaves(want) + 1);
    return lift(&l, v->sty, v->leaves, want, to) ? val_leaves(f, want, to) : val_error();
}
