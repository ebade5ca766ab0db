/* check_later.c - what an expression changes further on.
 *
 *     n * 10 + next(var n)            n is read before the call changes it: what stands here is a copy of its value
 *     n + if c { n = 5; 1 } else { 2 }
 *
 * Values of the checker name variables, and a call that changes one is a statement before the one that is made of its expression, so an
 * operand to its left would see what comes later. Such operands are few: the changes of an expression are listed once, before it is
 * checked, and a name that is read to the left of one of its changes is copied. Arguments of the call itself are read by the call, and the
 * condition of an `if` before its branches: both need no copy. Linear in the expression's nodes. */
#include "frontend/check/check_int.h"

static const Tree *changed_name(const Tree *t)
{
    while (t && (t->kind == T_member || t->kind == T_index))
        t = t->kids[0];
    return t && t->kind == T_name ? t : NULL;
}

static void change(Fx *f, Later *l, const Tree *place, uint32_t from)
{
    const Tree *name = changed_name(place);
    if (!name)
        return;
    Change c = { name->name, from };
    PUSH(f, &l->changes, c);
}

/* A tuple on the left names several places. */
static void assigned_places(Fx *f, Later *l, const Tree *left, uint32_t from)
{
    if (left->kind != T_tuple) {
        change(f, l, left, from);
        return;
    }
    for (int i = 0; i < left->kids[0]->nkids; i++)
        assigned_places(f, l, left->kids[0]->kids[i], from);
}

/* `from`: where the `if` begins of whose branch t is a part, or 0. */
static void collect(Fx *f, Later *l, const Tree *t, uint32_t from)
{
    if (!t || t->kind == T_fn)
        return;
    if (t->kind == T_assign && t->span.lo > l->whole.lo)
        assigned_places(f, l, t->kids[0], from ? from : t->span.lo);
    if (t->kind == T_call)
        for (int i = 0; i < t->kids[1]->nkids; i++)
            if (t->kids[1]->kids[i]->kind == T_arg && t->kids[1]->kids[i]->flags & TF_VAR)
                change(f, l, t->kids[1]->kids[i]->kids[0], from ? from : t->span.lo);
    for (int i = 0; i < t->nkids; i++)
        collect(f, l, t->kids[i], t->kind == T_if_ && i > 0 && !from ? t->span.lo + 1 : from);
}

bool later_begin(Fx *f, const Tree *t)
{
    if (f->later.on)
        return false;
    f->later = (Later){ .on = true, .whole = t->span, .frame = block_frame(f), .at = f->later.at, .outer = f->later.outer };
    collect(f, &f->later, t, 0);
    return true;
}

void later_end(Fx *f)
{
    f->later = (Later){ .at = f->later.at, .outer = f->later.outer };
}

void later_inside(Fx *f, Later *outside, Span s)
{
    *outside = f->later;
    f->later = (Later){ .at = s, .outer = outside };
}

static bool changes_behind(const Later *l, Name n, Span s)
{
    if (!l->changes.n || s.file != l->whole.file || s.lo < l->whole.lo || s.hi > l->whole.hi)
        return false;
    for (int i = 0; i < l->changes.n; i++)
        if (l->changes.p[i].name == n && s.lo < l->changes.p[i].from)
            return true;
    return false;
}

Frame *later_changes(Fx *f, Name n, Span s)
{
    for (const Later *l = &f->later; l; l = l->outer) {
        if (changes_behind(l, n, s))
            return l == &f->later ? block_frame(f) : l->frame;
        if (l->at.file)
            s = l->at;
    }
    return NULL;
}

static const Tree *changing_call(const Tree *t)
{
    const Tree *found = NULL;
    if (!t || t->kind == T_fn)
        return NULL;
    for (int i = 0; t->kind == T_call && i < t->kids[1]->nkids; i++)
        if (t->kids[1]->kids[i]->flags & TF_VAR)
            return t;
    for (int i = 0; !found && i < t->nkids; i++)
        found = changing_call(t->kids[i]);
    return found;
}

bool place_is_steady(Fx *f, const Tree *place)
{
    const Tree *call = changing_call(place);
    if (!call)
        return true;
    report(f, E0307, call->span, "a call that changes a variable stands in a place that is read and then changed");
    diag_help(f->cx->diags, "call it before: let i = ..");
    return false;
}

/* ---- one variable, changed twice by one call ---- */

static int path_length(const Tree *t)
{
    int n = 1;
    for (; t->kind == T_member || t->kind == T_index; t = t->kids[0])
        n++;
    return n;
}

static const Tree *shortened(const Tree *t, int by)
{
    for (; by > 0; by--)
        t = t->kids[0];
    return t;
}

/* Of equally many steps, the same at each; other subscripts may be other elements. */
static bool same_place(const Tree *a, const Tree *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == T_index)
        return tree_equal(a->kids[1], b->kids[1]) && same_place(a->kids[0], b->kids[0]);
    if (a->kind == T_member)
        return a->name == b->name && same_place(a->kids[0], b->kids[0]);
    return a->kind == T_name && a->name == b->name;
}

void path_cut(const Tree **a, const Tree **b)
{
    int na = path_length(*a), nb = path_length(*b), n = na < nb ? na : nb;
    *a = shortened(*a, na - n);
    *b = shortened(*b, nb - n);
}

bool places_meet(const Tree *a, const Tree *b)
{
    path_cut(&a, &b);
    return same_place(a, b);
}
