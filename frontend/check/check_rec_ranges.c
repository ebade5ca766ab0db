/* check_rec_ranges.c - the ranges of the indices of a recurrence.
 *
 * Each equation is searched for them as any other is; an index that stands alone as a subscript of a member gives the member its
 * range there. '..' is one binder until some body tells how many axes it stands for.
 */
#include "frontend/check/rec_int.h"

#include <string.h>

Scope *rec_enter(RecCx *r, Eq *q)
{
    Scope *at = r->f->scope;
    scope_push(r->f, SCOPE_index);
    if (q->pack && !q->open)
        scope_add(r->f, ENT_index, W(r->f, range), q->t->span)->group = q->pack;
    for (int i = 0; i < q->n; i++) {
        if (q->pack && !q->open && q->pack_at <= i && i < q->pack_at + q->pack->n)
            continue;
        Ent *e = scope_add(r->f, ENT_index, q->b[i].name, q->b[i].span);
        e->group = q->b[i].group;
    }
    return at;
}

static bool known(const Eq *q)
{
    for (int i = 0; i < q->n; i++)
        if (!q->b[i].extent)
            return false;
    return true;
}

void rec_set_type(RecCx *r, int i, IrDtype t)
{
    Fx *f = r->f;
    Eq *q = &r->eq[i];
    Dim dims[RANK_MOST];
    for (int k = 0; k < q->n; k++)
        dims[k] = q->b[k].extent;
    IrType type = tensor_type(f, t, q->n, dims);
    if (!q->var) {
        q->var = var_new(f, q->t->name, q->t->span, type, false);
        ((Var *)q->var)->depth = f->frame->depth + 1; /* nothing that reads it leaves the equations */
    }
    q->var->type = type;
    r->ents[i]->val = val_core(f, core_of_var(f, q->var), false);
    q->typed = true;
}

static int member_named(const RecCx *r, Name n)
{
    for (int i = 0; i < r->n; i++)
        if (r->eq[i].t->name == n)
            return i;
    return -1;
}

/* The axis of a member that the ith of some subscripts stands for. */
static int axis_of_sub(const Eq *m, const Tree *subs, int i)
{
    for (int k = 0; k < i; k++)
        if (subs->kids[k]->kind == T_rest)
            return m->n - (subs->nkids - i);
    return i;
}

/* An index of q that stands alone as a subscript of a member without a range there. */
static bool give_ranges(RecCx *r, const Eq *q, const Tree *t)
{
    bool news = false;
    if (!t)
        return false;
    int m = t->kind == T_index && t->kids[0]->kind == T_name ? member_named(r, t->kids[0]->name) : -1;
    for (int i = 0; m >= 0 && i < t->kids[1]->nkids && i < r->eq[m].n; i++) {
        const Tree *s = t->kids[1]->kids[i];
        int axis = axis_of_sub(&r->eq[m], t->kids[1], i);
        for (int k = 0; s->kind == T_name && k < q->n && axis >= 0 && axis < r->eq[m].n; k++)
            if (q->b[k].name == s->name && q->b[k].extent && !r->eq[m].b[axis].extent) {
                r->eq[m].b[axis].extent = q->b[k].extent;
                news = true;
            }
    }
    for (int i = 0; i < t->nkids; i++)
        news |= give_ranges(r, q, t->kids[i]);
    return news;
}

/* The axes of '..' take the place of their one binder. */
static bool open_pack(RecCx *r, Eq *q)
{
    Group *g = q->pack;
    Span s = q->b[q->pack_at].span;
    if (q->n - 1 + g->n > RANK_MOST) {
        report(r->f, E0304, s, "at most %d indices", RANK_MOST);
        return false;
    }
    Binder old[RANK_MOST];
    memcpy(old, q->b, sizeof old);
    for (int i = 0; i < g->n; i++) {
        Group *one = NEW(r->f->a, Group);
        *one = (Group){ .n = 1, .idx = &g->idx[i] };
        q->b[q->pack_at + i] = (Binder){ .name = name_of(r->f->cx->names, arena_printf(r->f->a, "..%d", i)), .span = s, .group = one,
                                         .extent = g->idx[i]->extent };
    }
    for (int i = q->pack_at + 1; i < q->n; i++)
        q->b[i - 1 + g->n] = old[i];
    q->n += g->n - 1;
    q->open = false;
    return true;
}

/* Packs that no body tells are those of the other equations, or no axes at all. */
static bool open_rest(RecCx *r, bool *news)
{
    const Group *told = NULL;
    *news = false;
    for (int i = 0; i < r->n; i++)
        told = r->eq[i].pack && !r->eq[i].open && !told ? r->eq[i].pack : told;
    for (int i = 0; i < r->n; i++) {
        Eq *q = &r->eq[i];
        if (!q->pack || !q->open)
            continue;
        q->pack->n = told ? told->n : 0;
        q->pack->idx = NEWN(r->f->a, CoreIndex *, q->pack->n + 1);
        for (int k = 0; k < q->pack->n; k++)
            q->pack->idx[k] = index_new(r->f, name_of(r->f->cx->names, "p"), q->t->span, NULL, told->idx[k]->extent);
        if (!open_pack(r, q))
            return false;
        *news = true;
    }
    return true;
}

/* What the bodies tell, until they tell nothing new. */
static bool search_bodies(RecCx *r)
{
    Fx *f = r->f;
    for (bool news = true; news;) {
        news = false;
        for (int i = 0; i < r->n; i++) {
            Eq *q = &r->eq[i];
            Scope *at = rec_enter(r, q);
            news |= ranges_search(f, q->n, q->b, q->t->kids[1], &q->bad);
            f->scope = at;
            if (q->pack && q->open && q->pack->n > 0) {
                news = true;
                if (!open_pack(r, q))
                    return false;
            }
            news |= give_ranges(r, q, q->t->kids[1]);
            if (known(q) && !q->typed)
                rec_set_type(r, i, DT_f32);
        }
    }
    return true;
}

bool rec_find_ranges(RecCx *r)
{
    Fx *f = r->f;
    for (bool news = true; news;)
        if (!search_bodies(r) || !open_rest(r, &news))
            return false;
    for (int i = 0; i < r->n; i++)
        for (int k = 0; k < r->eq[i].n; k++) {
            Binder *b = &r->eq[i].b[k];
            if (!b->extent) {
                const Tree *bad = r->eq[i].bad;
                bool member = bad && bad->kind == T_name && member_named(r, bad->name) >= 0;
                Scope *at = rec_enter(r, &r->eq[i]);
                bool wrong = bad && !member && is_error(expr(f, bad)); /* its own mistake is the one to report */
                f->scope = at;
                if (!wrong && !f->fn->why)
                    report(f, E0301, b->span, "the range of %s is not determined; write %s: and its size", b->name, b->name);
                return false;
            }
            ranges_settle(f, b);
            if (b->lo != dim_int(f, 0)) { /* its places would be other numbers than its index has */
                report(f, E0307, b->tree->span, "an index of a recurrence runs from 0");
                diag_help(f->cx->diags, "%s: %s, and what is read at %s + %s", b->name, dim_say(f, b->extent), b->name, dim_say(f, b->lo));
                return false;
            }
        }
    return true;
}
