/* check_overrides.c - an adapter's functions against those of its model that they stand for: whoever calls the one must be able to call
 * the other.
 *
 *     model Linear(In, Out) { fn call(x: f32[.., In]) -> f32[.., Out] }
 *     adapter A for Linear(In, Out) { fn call(x: f32[B, T, In]) -> f32[B, T, Out] }     the same, for three axes
 *
 * Parameters have the same names, kinds and element types, `..` may be written out, and a size that both say by numbers of the model is
 * the same. Everything else the calls themselves show.
 */
#include "frontend/check/adapt_int.h"

#include <string.h>

typedef struct Both {
    Fx *f;
    Struct *st;            /* the adapter */
    Struct *of;            /* the model, or adapter, that has the function */
    CoreSty *of_sty;       /* in the adapter's numbers */
    const Tree *own, *its; /* the functions */
} Both;

static bool differ(Both *b, Span s, Span there, const char *what)
{
    Fx *f = b->f;
    report(f, E0409, s, "'%s' of adapter '%s' cannot stand for that of '%s': %s", b->own->name, b->st->decl->name, b->of->decl->name, what);
    diag_note(f->cx->diags, (Span){ there.file, there.lo, there.lo }, "'%s' of '%s'", b->its->name, b->of->decl->name);
    return false;
}

/* Whether all names of the expression are numbers or constants of the model. */
static bool is_known(const Tree *t, Scope *names)
{
    if (t->kind == T_name && !scope_find(names, t->name))
        return false;
    for (int i = 0; i < t->nkids; i++)
        if (t->kids[i] && !is_known(t->kids[i], names))
            return false;
    return t->kind != T_rest;
}

static Dim size_in(Both *b, const Tree *t, Struct *st, CoreSty *sty)
{
    Fx *f = b->f;
    Scope *at = f->scope;
    if (st == b->st)
        f->scope = st->scope;
    else
        struct_scope(f, st, sty);
    Dim d = is_known(t, f->scope) ? dim_expr(f, t) : NULL;
    f->scope = at;
    return d;
}

static int rests(const Tree *dims)
{
    int n = 0;
    for (int i = 0; dims && i < dims->nkids; i++)
        n += dims->kids[i]->kind == T_rest;
    return n;
}

static bool same_sizes(Both *b, const Tree *own, const Tree *its)
{
    Fx *f = b->f;
    int n = own ? own->nkids : 0, m = its ? its->nkids : 0;
    bool fits = rests(its) ? n - rests(own) >= m - 1 || rests(own) : rests(own) ? n - 1 <= m : n == m;
    if (!fits)
        return differ(b, own ? own->span : b->own->span, its ? its->span : b->its->span, arena_printf(f->a, "%d axes, not %d", n, m));
    for (int i = 1; i <= n && i <= m; i++) { /* from behind, as far as both are written out */
        const Tree *x = own->kids[n - i], *y = its->kids[m - i];
        if (x->kind == T_rest || y->kind == T_rest)
            break;
        Dim dx = size_in(b, x, b->st, NULL), dy = size_in(b, y, b->of, b->of_sty);
        if (dx && dy && !dims_equal(f, dx, dy)) {
            const char *sx = dim_say(f, dx), *sy = dim_say(f, dy);
            return differ(b, x->span, y->span, arena_printf(f->a, "the size %s, not %s", sx, sy));
        }
    }
    return true;
}

static bool same_type(Both *b, const Tree *own, const Tree *its, Span s, Span there)
{
    Fx *f = b->f;
    if (!own || !its) /* the value of a body says it */
        return true;
    if (own->kind != its->kind)
        return differ(b, s, there, "another type");
    if (own->kind == T_ttuple) {
        if (own->kids[0]->nkids != its->kids[0]->nkids)
            return differ(b, s, there, "another type");
        for (int i = 0; i < own->kids[0]->nkids; i++)
            if (!same_type(b, own->kids[0]->kids[i], its->kids[0]->kids[i], s, there))
                return false;
    }
    if (own->kind == T_tlist)
        return same_type(b, own->kids[0], its->kids[0], s, there);
    if (own->kind != T_tbase)
        return true;
    Name x = own->kids[0]->name, y = its->kids[0]->name;
    bool weak, generic = x == W(f, float_) || x == W(f, num) || y == W(f, float_) || y == W(f, num);
    bool number = dtype_named(f, x, &weak) != DT_none || dtype_named(f, y, &weak) != DT_none;
    if (number && !generic && x != y)
        return differ(b, own->span, its->span, arena_printf(f->a, "the type %s, not %s", x, y));
    return !number || same_sizes(b, own->kids[2], its->kids[2]);
}

static bool same_signature(Both *b)
{
    const Tree *own = b->own->kids[2], *its = b->its->kids[2];
    Span head = { b->own->span.file, b->own->span.lo, b->own->span.lo };
    if (own->nkids != its->nkids)
        return differ(b, head, b->its->span, arena_printf(b->f->a, "%d parameter%s, not %d", own->nkids, own->nkids == 1 ? "" : "s", its->nkids));
    if ((b->own->kids[1] ? b->own->kids[1]->nkids : 0) != (b->its->kids[1] ? b->its->kids[1]->nkids : 0))
        return differ(b, head, b->its->span, "other static parameters");
    for (int i = 0; i < own->nkids; i++) {
        const Tree *x = own->kids[i], *y = its->kids[i];
        if (x->name != y->name)
            return differ(b, x->span, y->span, arena_printf(b->f->a, "the parameter '%s', not '%s'", x->name, y->name));
        if ((x->flags & (TF_VAR | TF_NAMED)) != (y->flags & (TF_VAR | TF_NAMED)))
            return differ(b, x->span, y->span, arena_printf(b->f->a, "'%s' is given in another way", x->name));
        if (!same_type(b, x->kids[0], y->kids[0], x->span, y->span))
            return false;
    }
    return same_type(b, b->own->kids[3], b->its->kids[3], head, b->its->span);
}

/* What the adapter declares has no name that the model has for something else. */
static bool clashes(Fx *f, Struct *st, const Field *fd, const Field *its)
{
    if (fd->kind == FIELD_method && its->kind == FIELD_method)
        return false;
    report(f, E0402, fd->span, "'%s' is a member of the adapted model, too", fd->name);
    diag_note(f->cx->diags, its->span, "'%s' is declared here", fd->name);
    st->failed = true;
    return true;
}

/* Once for each adapter: with the model that it is declared for and what stands below. */
void adapter_compare(Fx *f, Struct *st)
{
    const Decl *target = adapter_target(f, st->decl, false);
    CoreSty *sty = (CoreSty *)st->over;
    if (st->decl->compared || !target)
        return;
    while (((Struct *)sty->strct)->decl != target && ((Struct *)sty->strct)->over)
        sty = sty_subst(f, ((Struct *)sty->strct)->over, struct_subst, sty);
    st->decl->compared = true;
    for (Struct *of = (Struct *)sty->strct;; of = (Struct *)sty->strct) {
        for (int i = 1; i < st->fields.n; i++) {
            const Field *fd = &st->fields.p[i], *its = field_find(of, fd->name);
            if (!its || clashes(f, st, fd, its))
                continue;
            Both b = { f, st, of, sty, fd->tree, its->tree };
            st->failed |= !same_signature(&b);
        }
        if (!of->over)
            break;
        sty = sty_subst(f, of->over, struct_subst, sty);
    }
}
