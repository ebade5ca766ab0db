/* check_range.c - the ranges of indices, from the places where they are used (LANGUAGE.md, section 6).
 *
 *     out[i, j] = sum[k](a[i, k] * b[k, j])       k: the dims at `a[., k]` and `b[k, .]`, which must be equal
 *
 * A search walks the syntax tree. The type of what is indexed is found by checking it in a trial, where indices have no range yet.
 */
#include "frontend/check/check_int.h"

#include <string.h>

typedef struct Search {
    Fx *f;
    int n;
    Binder *b;
    Origin *origin;   /* where each range came from; dim NULL: nowhere yet */
    Origin *fallback; /* left of `??` */
    bool failed;
    const Tree *bad;  /* a base that is wrong itself, or an unknown name */
    Map types;        /* Tree -> Val */
    const Tree *own;  /* an operator that has an index of the name of one of b */
} Search;

static Group *group_of(Fx *f, CoreIndex *x)
{
    Group *g = NEW(f->a, Group);
    g->n = 1;
    g->idx = NEWN(f->a, CoreIndex *, 1);
    g->idx[0] = x;
    return g;
}

/* ---- binders ---- */

static bool written_range(Fx *f, const Tree *t, Binder *b)
{
    const Tree *r = t->kids[1];
    if (t->kids[2] || !r)
        return false;
    b->written = true;
    if (r->kind == T_binary && r->name == W(f, range)) {
        b->lo = dim_expr(f, r->kids[0]);
        Dim hi = dim_expr(f, r->kids[1]);
        b->extent = b->lo && hi ? dim_sub(f->dims, hi, b->lo) : NULL;
        if (b->extent)
            oblige_range(f, b->extent, t->span);
        if (b->extent && facts_prove_le(f->facts, dim_int(f, 0), b->extent) != YES)
            b->extent = dim_max(f->dims, b->extent, dim_int(f, 0));
    } else {
        b->lo = dim_int(f, 0);
        b->extent = dim_expr(f, r);
    }
    return true;
}

bool binders_of(Fx *f, const Tree *subs, int *n, Binder *b)
{
    bool ok = true;
    *n = 0;
    for (int i = 0; i < subs->nkids; i++) {
        const Tree *t = subs->kids[i], *name = t->kind == T_slice ? t->kids[0] : t;
        if (*n == RANK_MOST) {
            report(f, E0304, t->span, "at most %d indices", RANK_MOST);
            return false;
        }
        Binder *x = &b[(*n)++];
        *x = (Binder){ .span = t->span, .tree = t };
        if (t->kind == T_rest) {
            x->pack = true;
            x->name = W(f, range);
            continue;
        }
        if (!name || name->kind != T_name) {
            report(f, E0307, t->span, "an index is a name here, or a name with its range: i: N");
            ok = false;
            continue;
        }
        x->name = name->name;
        x->span = name->span;
        if (t->kind == T_slice) {
            if (!written_range(f, t, x)) {
                report(f, E0307, t->span, "a range is written i: N or i: a..b");
                ok = false;
            } else
                ok &= x->extent != NULL;
        }
    }
    return ok;
}

/* Indices without ranges, in scope. */
void binders_enter(Fx *f, int n, Binder *b)
{
    for (int i = 0; i < n; i++) {
        Ent *e = b[i].name ? scope_add(f, ENT_index, b[i].name, b[i].span) : NULL;
        if (b[i].pack) {
            b[i].group = NEW(f->a, Group);
            b[i].group->pack = true;
        } else {
            b[i].group = group_of(f, index_new(f, b[i].name, b[i].span, b[i].lo, b[i].written ? b[i].extent : NULL));
        }
        if (e)
            e->group = b[i].group;
    }
}

/* ---- messages ---- */

static const char *ordinal(Fx *f, int i)
{
    static const char *const words[] = { "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth" };
    return i < 8 ? words[i] : arena_printf(f->a, "%dth", i + 1);
}

static const char *tree_name(const Tree *t)
{
    return t->kind == T_name || t->kind == T_member ? t->name : "the value";
}

static int line_of(Fx *f, Span s)
{
    return span_place(f->cx->sources, s).line;
}

static void note_declared(Fx *f, const Tree *base, const Val *v)
{
    Ent *e = base->kind == T_name ? scope_find(f->scope, base->name) : NULL;
    if (e && e->span.file)
        diag_note(f->cx->diags, (Span){ 0, 0, 0 }, "%s: %s is declared on line %d", base->name, val_text(f, v), line_of(f, e->span));
}

static void report_ranges(Search *s, const Binder *b, const Origin *have, const Origin *other, const Tree *index, const Val *v)
{
    Fx *f = s->f;
    s->failed = true;
    report(f, E0302, index->span, "dims %s and %s differ", dim_say(f, have->dim), dim_say(f, other->dim));
    diag_note(f->cx->diags, (Span){ 0, 0, 0 }, "index %s ranges over %s here (from %s, line %d) but over %s as the %s", b->name,
              dim_say(f, have->dim), have->text, line_of(f, have->span), dim_say(f, other->dim), other->text);
    note_declared(f, index->kids[0], v);
    if (!have->tree && (facts_prove_le(f->facts, have->dim, other->dim) == YES || facts_prove_le(f->facts, other->dim, have->dim) == YES))
        diag_help(f->cx->diags, "where only a part of an axis is meant the range is written, %s: %s: its subscripts are then checked for bounds", b->name,
                  dim_say(f, have->dim));
    Dim *known = NEWN(f->a, Dim, s->n + 1);
    for (int i = 0; i < s->n; i++)
        known[i] = s->origin[i].dim;
    range_help(f, index, v, s->n, s->b, known);
}

/* ---- places ---- */

static Val *base_value(Search *s, const Tree *t)
{
    Fx *f = s->f;
    bool shared = f->op_depth == f->peek_depth; /* not in a body that stands for several uses */
    Map *known = shared ? f->peeked : &s->types;
    Val *v = map_find(known, t);
    if (v)
        return v;
    Trial trial = trial_begin(f);
    v = expr(f, t);
    if (v->kind == V_list)
        v = val_plain(f, v);
    trial_end(f, &trial);
    map_put(known, t, v);
    return v;
}

static int axes_of(const Val *v)
{
    if (v->kind == V_core)
        return v->type.rank;
    return v->kind == V_agg && v->sty->kind == STY_list ? 1 : 0;
}

static Dim axis_dim(const Val *v, int i)
{
    return v->kind == V_core ? v->type.dims[i] : v->sty->count;
}

static void found(Search *s, int k, Dim d, const Tree *index, int sub, const Val *v, bool weak)
{
    Fx *f = s->f;
    Origin o = { d, index->span, arena_printf(f->a, "%s subscript of %s", ordinal(f, sub), tree_name(index->kids[0])), index };
    Origin *have = &s->origin[k];
    if (weak) {
        if (!s->fallback[k].dim)
            s->fallback[k] = o;
    } else if (!have->dim) {
        *have = o;
    } else if (!s->failed && !dims_equal(f, have->dim, d)) {
        /* One that is known to be the smallest is what is meant: tokens[t] + position[t] where T <= P. */
        if (facts_prove_le(f->facts, have->dim, d) == YES && have->tree)
            return;
        if (facts_prove_le(f->facts, d, have->dim) == YES && have->tree)
            *have = o;
        else
            report_ranges(s, &s->b[k], have, &o, index, v);
    }
}

/* `..` covers n axes of v, the first of which is axis `from`. */
static void found_pack(Search *s, int k, const Val *v, int from, int n)
{
    Fx *f = s->f;
    Group *g = s->b[k].group;
    s->b[k].told = true;
    if (g->n || n <= 0)
        return;
    g->n = n;
    g->idx = NEWN(f->a, CoreIndex *, n);
    for (int i = 0; i < n; i++)
        g->idx[i] = index_new(f, name_of(f->cx->names, "p"), s->b[k].span, NULL, axis_dim(v, from + i));
    s->origin[k].dim = axis_dim(v, from);
}

static void place(Search *s, const Tree *index, bool weak)
{
    const Tree *subs = index->kids[1];
    int after_rest = -1;
    for (int i = 0; i < subs->nkids; i++) {
        const Tree *t = subs->kids[i];
        if (t->kind == T_rest)
            after_rest = i;
        if (t->kind != T_name && t->kind != T_rest)
            continue;
        Ent *e = scope_find(s->f->scope, t->kind == T_rest ? W(s->f, range) : t->name);
        for (int k = 0; k < s->n; k++) {
            if (!e || e->kind != ENT_index || e->group != s->b[k].group || (s->b[k].written))
                continue;
            const Val *v = base_value(s, index->kids[0]);
            if (is_error(v) && !s->bad)
                s->bad = index->kids[0];
            int rank = axes_of(v), axis = after_rest >= 0 ? rank - (subs->nkids - i) : i;
            if (t->kind == T_rest)
                found_pack(s, k, v, i, rank - (subs->nkids - 1));
            else if (axis >= 0 && axis < rank)
                found(s, k, axis_dim(v, axis), index, i, v, weak);
        }
    }
}

/* A name that nothing declares: where it stands for an index, that index may be what gives another no range. */
static void unknown(Search *s, const Tree *t)
{
    if (!s->bad && !scope_find(s->f->scope, t->name) && is_error(base_value(s, t)))
        s->bad = t;
}

/* ---- the walk ---- */

static void walk(Search *s, const Tree *t);

static void walk_kids(Search *s, const Tree *t)
{
    for (int i = 0; i < t->nkids; i++)
        walk(s, t->kids[i]);
}

/* An operator's own binders hide what they name; those of a pointwise one are indices in scope already. */
static void walk_op(Search *s, const Tree *t, const Tree *subs, const Tree *guard, const Tree *args, bool binds)
{
    Fx *f = s->f;
    Binder *own = NEWN(f->a, Binder, RANK_MOST);
    int n = 0;
    Scope *at = f->scope;
    if (binds) {
        Trial trial = trial_begin(f);
        for (int i = 0; i < subs->nkids && i < RANK_MOST; i++) {
            const Tree *x = subs->kids[i], *name = x->kind == T_slice ? x->kids[0] : x;
            if (x->kind == T_slice)
                walk(s, x->kids[1]);
            if (name && name->kind == T_name)
                own[n++] = (Binder){ .name = name->name, .tree = x };
            for (int k = 0; n && k < s->n; k++)
                if (s->b[k].name == own[n - 1].name)
                    s->own = t;
        }
        trial_end(f, &trial);
        scope_push(f, SCOPE_index);
        binders_enter(f, n, own);
    }
    for (int i = 0; !binds && i < subs->nkids; i++) /* says so itself */
        if (!s->bad && subs->kids[i]->kind == T_name && !scope_find(f->scope, subs->kids[i]->name))
            s->bad = t;
    if (guard)
        walk(s, guard);
    walk(s, args);
    f->scope = at;
}

static void walk_call(Search *s, const Tree *t, const Tree *base, const Tree *subs, const Tree *guard, const Tree *args)
{
    bool binds;
    if (op_scope(s->f, base, &binds)) {
        walk_op(s, t, subs, guard, args, binds);
        return;
    }
    if (subs && draw_binds(base) && !scope_find(s->f->scope, base->name)) {
        walk_op(s, t, subs, guard, args, true);
        return;
    }
    if (base->kind != T_name) {
        walk_kids(s, t);
        return;
    }
    walk(s, subs); /* what is called may be a word of the language, as a distribution is */
    walk(s, guard);
    walk(s, args);
}

static void walk(Search *s, const Tree *t)
{
    if (!t)
        return;
    switch (t->kind) {
    case T_bigop:
        walk_call(s, t, t->kids[0], t->kids[1], t->kids[2], t->kids[3]);
        break;
    case T_call:
        if (t->kids[0]->kind == T_index)
            walk_call(s, t, t->kids[0]->kids[0], t->kids[0]->kids[1], NULL, t->kids[1]);
        else if (t->kids[0]->kind == T_name)
            walk(s, t->kids[1]);
        else
            walk_kids(s, t);
        break;
    case T_index:
        place(s, t, false);
        walk_kids(s, t);
        break;
    case T_binary:
        if (t->name == W(s->f, coalesce) && t->kids[0]->kind == T_index) {
            place(s, t->kids[0], true);
            walk_kids(s, t->kids[0]);
            walk(s, t->kids[1]);
        } else
            walk_kids(s, t);
        break;
    case T_name: unknown(s, t); break;
    case T_fn: break;
    default: walk_kids(s, t); break;
    }
}

/* ---- the search ---- */

/* Searches inside a search share what is known of the trees below, so that nesting does not multiply the work. */
static void walk_all(Search *s, int n, const Tree *const *bodies)
{
    Fx *f = s->f;
    Map types = map_new(f->a), *outer = f->peeked;
    int depth = f->peek_depth;
    if (!outer) {
        f->peeked = &types;
        f->peek_depth = f->op_depth;
    }
    for (int i = 0; i < n; i++)
        walk(s, bodies[i]);
    f->peeked = outer;
    f->peek_depth = depth;
}

/* A `..` that stands nowhere else is that of the signature; elsewhere it may be no axes at all. */
static void settle_pack(Fx *f, Binder *b)
{
    Group *g = b->group;
    if (g->n || b->told || f->env.pack <= 0)
        return;
    g->n = f->env.pack;
    g->idx = NEWN(f->a, CoreIndex *, g->n);
    for (int i = 0; i < g->n; i++)
        g->idx[i] = index_new(f, name_of(f->cx->names, "p"), b->span, NULL, f->pack[i]);
}

static void not_determined(Search *s, const Binder *b)
{
    report(s->f, E0301, b->span, "the range of %s is not determined; write %s: and its size", b->name, b->name);
    const Tree *subs = s->own && s->own->kind == T_bigop ? s->own->kids[1] : s->own ? s->own->kids[0]->kids[1] : NULL;
    for (int i = 0; subs && i < subs->nkids; i++) {
        const Tree *x = subs->kids[i]->kind == T_slice ? subs->kids[i]->kids[0] : subs->kids[i];
        if (x && x->name == b->name)
            diag_help(s->f->cx->diags, "the %s of the operator inside is an index of its own and gives this one no range", b->name);
    }
}

static bool settle(Search *s, int k)
{
    Fx *f = s->f;
    Binder *b = &s->b[k];
    if (b->pack) {
        settle_pack(f, b);
        return true;
    }
    if (b->written)
        return true;
    Dim d = s->origin[k].dim ? s->origin[k].dim : s->fallback[k].dim;
    if (!d) {
        if (!f->trial && !s->failed && s->bad) {
            s->failed = is_error(expr(f, s->bad)); /* its own mistake is the one to report */
            f->fn->failed |= s->failed;
        }
        if (!f->trial && !s->failed && f->cx->trial_nodes > TRIAL_NODES_MOST) {
            report(f, E0604, b->span, "too much to search for the range of %s; write %s: N, or give parts names with 'let'", b->name, b->name);
            return false;
        }
        s->failed |= f->hides;
        if (!f->trial && !s->failed)
            not_determined(s, b);
        s->failed = true; /* one for an expression, the first */
        return false;
    }
    b->extent = d;
    b->lo = dim_int(f, 0);
    Idx *x = (Idx *)b->group->idx[0];
    x->pub.extent = d;
    x->unknown = false;
    return true;
}

bool ranges_find(Fx *f, int n, Binder *b, Dim const *given, const char *from, Span from_span, int nbodies, const Tree *const *bodies)
{
    Search s = { f, n, b, NEWN(f->a, Origin, n), NEWN(f->a, Origin, n), false, NULL, map_new(f->a), NULL };
    for (int i = 0; i < n; i++)
        if (given && given[i] && !b[i].written)
            s.origin[i] = (Origin){ given[i], from_span, from, NULL };
    walk_all(&s, nbodies, bodies);
    bool ok = true;
    for (int i = 0; i < n; i++)
        ok &= settle(&s, i);
    return ok && !s.failed;
}

/* What the bodies tell so far, without a word about the rest: for recurrences, whose members give one another their ranges. */
bool ranges_search(Fx *f, int n, Binder *b, const Tree *body, const Tree **bad)
{
    Search s = { f, n, b, NEWN(f->a, Origin, n), NEWN(f->a, Origin, n), false, NULL, map_new(f->a), NULL };
    bool news = false;
    walk_all(&s, 1, &body);
    *bad = s.bad;
    for (int i = 0; i < n; i++) {
        Dim d = s.origin[i].dim ? s.origin[i].dim : s.fallback[i].dim;
        if (b[i].extent || !d || b[i].pack)
            continue;
        b[i].extent = d;
        news = true;
    }
    return news;
}

/* `..`, once its number of axes is known, and what else has a range. */
void ranges_settle(Fx *f, Binder *b)
{
    Idx *x = (Idx *)b->group->idx[0];
    b->lo = b->lo ? b->lo : dim_int(f, 0);
    x->pub.lo = b->lo;
    x->pub.extent = b->extent;
    x->unknown = false;
}
