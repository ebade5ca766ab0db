/* fault_slice.c - of the elements of a map only what may fault, over the indices that it needs.
 *
 *     %s = map [t: T, j: S] {                              reduce any [t: min(T, 1), j: S] {
 *       sum [d: D] { %c = clampi %at[j], 0, N;               reduce any [d: min(D, 1)] {
 *         %q[t, d] * %k[%c, d] } }                             %c = clampi %at[j], 0, N; yield false }; yield false }
 *
 * An index that a fault does not need runs once, if it runs at all. Faults that need different indices are looked for one after the other:
 * N + M turns, not N M. What the ranges of indices and sizes, minima, maxima, quotients and remainders keep inside is no fault and goes.
 */
#include "passes/stream_int.h"

enum { GROUPS_MOST = 8 }; /* more faults than these are looked for together */

typedef struct Slice { PassCx *cx; const IrNode *map; Map armed, syms; } Slice; /* armed: the copies of faults that are looked for; syms: those that dims mention */

/* ---- what is proved ------------------------------------------------------------------------------------------ */

static bool is_below(Facts *f, DimCx *d, Dim a, Dim b) { return facts_prove_lt(f, d, a, b) == YES; }

/* A count, or an element of a tensor of counts. */
static bool is_count(const IrNode *n)
{
    const IrNode *of = n && n->op == OP_load && n->in[0]->op == OP_map ? ir_terminator(n->in[0]->regions[0])->in[0] : n;
    return of && of->op == OP_reduce && of->redop == RED_count;
}

typedef struct Known { PassCx *cx; Facts *f; } Known;

static void know_count(void *user, DimSym *s)
{
    Known *k = user;
    DimCx *d = k->cx->module->dims;
    if (is_count(map_find(&k->cx->sym_nodes, s)))
        facts_le(k->f, dim_const(d, 0), dim_sym(d, s));
}

/* A sum, difference or product that ranges keep within 64 bits. */
static bool fits(PassCx *cx, IrNode *n)
{
    DimCx *d = cx->module->dims;
    Dim (*op)(DimCx *, Dim, Dim) = n->op == OP_iadd ? dim_add : n->op == OP_isub ? dim_sub : dim_mul;
    Dim v = op(d, pass_dim_through(cx, n->in[0]), pass_dim_through(cx, n->in[1]));
    Facts *f = pass_ranges_around(cx, n->parent);
    return !dim_is_poison(v) && facts_prove_le(f, v, dim_const(d, INT64_MAX)) == YES && facts_prove_le(f, dim_const(d, -INT64_MAX), v) == YES;
}

bool pass_never_faults(PassCx *cx, IrNode *n)
{
    DimCx *d = cx->module->dims;
    if (n->op == OP_iadd || n->op == OP_isub || n->op == OP_imul)
        return n->type.dtype == DT_i64 && fits(cx, n);
    bool asked = n->op == OP_clampi || ((n->op == OP_nonzero || n->op == OP_divisor) && n->type.dtype == DT_i64);
    if (!asked)
        return false;
    Facts *f = pass_ranges_around(cx, n->parent);
    Dim x = pass_dim_through(cx, n->in[0]), zero = dim_const(d, 0);
    Known k = { cx, f };
    dim_syms(x, know_count, &k);
    if (n->op == OP_nonzero)
        return is_below(f, d, zero, x) || is_below(f, d, x, zero);
    if (n->op == OP_divisor)
        return facts_prove_le(f, zero, x) == YES;
    return facts_prove_le(f, pass_dim_of(cx, n->in[1]), x) == YES && is_below(f, d, x, pass_dim_of(cx, n->in[2]));
}

/* ---- taking away --------------------------------------------------------------------------------------------- */

static bool holds_armed(const Slice *s, const IrNode *n)
{
    bool found = map_find(&s->armed, n);
    for (int k = 0; k < n->nregions && !found; k++)
        for (const IrNode *x = n->regions[k]->first; x && !found; x = x->next)
            found = holds_armed(s, x);
    return found;
}

/* Nothing in the region that is left, nor its guard or another index, needs x. */
static bool is_needed(PassCx *cx, const IrRegion *r, const IrNode *x)
{
    const IrNode *guard = pass_guard(r);
    bool needed = guard && pass_depends_on(cx, guard, x);
    for (int i = 0; i < r->params.n && !needed; i++)
        needed = r->params.p[i] != x && r->params.p[i]->op == OP_index && dim_mentions(r->params.p[i]->dim, x->sym);
    for (const IrNode *n = r->first; n && !needed; n = n->next)
        needed = n->op != OP_yield && pass_depends_on(cx, n, x);
    return needed;
}

static void shorten(Slice *s, IrRegion *r)
{
    DimCx *d = s->cx->module->dims;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i];
        if (x->op == OP_index && !x->from && !x->to && !is_needed(s->cx, r, x))
            x->dim = dim_min(d, x->dim, dim_const(d, 1));
    }
}

static void yield_nothing(IrRegion *r, IrNode *guard, bool value)
{
    IrNode *y = ir_terminator(r), *v[2] = { NULL, guard };
    IrBuilder b = { r->fn, r, y, y->span };
    if (value)
        v[0] = ir_const_int(&b, DT_bool, 0);
    ir_drop(y);
    b.before = NULL;
    ir_yield(&b, !value ? 0 : guard ? 2 : 1, v);
}

static void keep_faults(Slice *s, IrRegion *r);

/* All that is looked for in r is asked by its guard itself, at each place: what that says does not matter. */
static bool is_of_guard(const Slice *s, const IrRegion *r, const IrNode *guard)
{
    for (const IrNode *n = r->first; n; n = n->next)
        if (n->op != OP_yield && holds_armed(s, n) && !pass_depends_on(s->cx, guard, n))
            return false;
    return true;
}

/* A loop whose value nobody needs. */
static void keep_of_loop(Slice *s, IrNode *n)
{
    IrRegion *r = n->regions[0];
    IrNode *guard = n->op == OP_scatter ? ir_terminator(r)->in[1] : pass_guard(r);
    guard = guard && is_of_guard(s, r, guard) ? NULL : guard;
    yield_nothing(r, guard, true);
    n->op = OP_reduce;
    n->redop = RED_any;
    n->order = ORDER_lanes16;
    n->type = ir_scalar(DT_bool);
    n->sym = NULL; /* no dim says it */
    keep_faults(s, r);
    shorten(s, r);
}

static void keep_of_choice(Slice *s, IrNode *n)
{
    n->type = ir_scalar(DT_none);
    n->sym = NULL;
    for (int k = 0; k < n->nregions; k++) {
        yield_nothing(n->regions[k], NULL, false);
        keep_faults(s, n->regions[k]);
    }
}

static void keep_faults(Slice *s, IrRegion *r)
{
    for (IrNode *n = r->last, *before; n; n = before) {
        before = n->prev;
        if (n->op == OP_yield || n->uses || (n->sym && map_find(&s->syms, n->sym)))
            continue;
        if (!holds_armed(s, n))
            ir_drop(n);
        else if ((n->op == OP_reduce || n->op == OP_map || n->op == OP_scatter) && !n->nin)
            keep_of_loop(s, n);
        else if (n->op == OP_if)
            keep_of_choice(s, n);
    }
}

/* ---- one group ------------------------------------------------------------------------------------------------ */

typedef struct Faults { PassCx *cx; VEC(IrNode *) all; } Faults;

static void see_fault(void *user, IrNode *n)
{
    Faults *f = user;
    if (pass_is_fault(n))
        vec_push(f->cx->arena, &f->all, n);
}

static void mention(void *user, DimSym *s) { map_put(user, s, s); }
static void see_mentioned(void *user, IrNode *n) { pass_each_dim(n, mention, user); }

/* A copy of the body in a search of its own, at b. */
static IrNode *copy_of(Slice *s, IrBuilder b, Map *nodes)
{
    const IrRegion *body = s->map->regions[0];
    IrNode *n = ir_add0(&b, OP_reduce, ir_scalar(DT_bool)), *y[2];
    SymMap syms = symmap_new(s->cx);
    n->redop = RED_any;
    n->order = ORDER_lanes16;
    b = (IrBuilder){ b.fn, ir_region_new(b.fn, n), NULL, s->map->span };
    for (int i = 0; i < body->params.n; i++) {
        IrNode *x = body->params.p[i], *own = ir_index_new(b.region, x->name, x->lo, x->dim, x->span);
        map_put(nodes, x, own);
        if (x->sym)
            symmap_put(&syms, x->sym, dim_sym(s->cx->module->dims, own->sym));
    }
    IrNode **values = ir_clone_region(&b, body, nodes, symmap_subst, &syms);
    y[1] = pass_guard(body) ? values[1] : NULL;
    y[0] = ir_const_int(&b, DT_bool, 0);
    ir_yield(&b, y[1] ? 2 : 1, y);
    pass_note_symbols(s->cx, b.region);
    return n;
}

/* A search for those of the map's faults that `which` has, at b; NULL: they cannot happen. */
static IrNode *search_for(Slice *s, IrBuilder b, const Faults *f, const bool *which)
{
    Map nodes = map_new(s->cx->arena);
    IrNode *n = copy_of(s, b, &nodes);
    bool some = false;
    s->armed = map_new(s->cx->arena);
    s->syms = map_new(s->cx->arena);
    ir_walk(n->regions[0], see_mentioned, &s->syms);
    for (int i = 0; i < f->all.n; i++) {
        IrNode *fault = map_find(&nodes, f->all.p[i]);
        if (!which[i])
            continue;
        bool goes = fault->op != OP_check && !(fault->sym && map_find(&s->syms, fault->sym)) && pass_never_faults(s->cx, fault);
        if (goes) {
            ir_replace(fault, fault->in[0]);
            ir_drop(fault);
        } else {
            map_put(&s->armed, fault, fault);
            some = true;
        }
    }
    if (!some) {
        ir_drop(n);
        return NULL;
    }
    IrNode *guard = pass_guard(n->regions[0]);
    if (guard && is_of_guard(s, n->regions[0], guard))
        yield_nothing(n->regions[0], NULL, true);
    keep_faults(s, n->regions[0]);
    shorten(s, n->regions[0]);
    return n;
}

static bool same_extents(const IrNode *a, const IrNode *b)
{
    const IrRegion *x = a->regions[0], *y = b->regions[0];
    bool same = true;
    for (int i = 0; i < x->params.n && same; i++)
        same = x->params.p[i]->dim == y->params.p[i]->dim;
    return same;
}

/* Faults over the same indices are one search. */
static int join_equal(IrNode **found, bool (*which)[GROUPS_MOST], int n)
{
    int groups = 0;
    for (int i = 0; i < n; i++) {
        int k = 0;
        if (!found[i])
            continue;
        while (k < groups && !same_extents(found[k], found[i]))
            k++;
        if (k == groups) {
            found[groups] = found[i];
            for (int j = 0; j < n; j++)
                which[groups][j] = j == i;
            groups++;
        } else {
            ir_drop(found[i]);
            which[k][i] = true;
        }
    }
    return groups;
}

/* "[h: H, j: S]" behind others. */
static void name_indices(const Slice *s, const IrNode *n, Buf *out)
{
    DimCx *d = s->cx->module->dims;
    const IrRegion *r = n->regions[0];
    bool some = false;
    if (!out)
        return;
    buf_puts(out, out->n ? ", [" : "[");
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        if (x->dim == dim_min(d, x->dim, dim_const(d, 1)))
            continue;
        buf_printf(out, "%s%s: %s", some ? ", " : "", x->name ? x->name : "_", dim_text(d, x->dim));
        some = true;
    }
    buf_puts(out, "]");
}

static bool search_apart(Slice *s, IrBuilder b, const Faults *f, Buf *out)
{
    IrNode *found[GROUPS_MOST];
    bool which[GROUPS_MOST][GROUPS_MOST] = { { false } };
    int n = f->all.n, groups;
    for (int i = 0; i < n; i++) {
        which[i][i] = true;
        found[i] = search_for(s, b, f, which[i]);
    }
    groups = join_equal(found, which, n);
    for (int i = 0; i < groups; i++) {
        int faults = 0;
        for (int k = 0; k < n; k++)
            faults += which[i][k];
        if (faults > 1) {
            ir_drop(found[i]);
            found[i] = search_for(s, b, f, which[i]);
        }
        name_indices(s, found[i], out);
    }
    return groups;
}

/* Of equal ones, of which one is asked for wherever the other is (a guard's, in the value, too), that one is enough. */
static void drop_repeated(PassCx *cx, const IrNode *map, Faults *f)
{
    for (int i = f->all.n - 1; i >= 0; i--) {
        bool repeated = false;
        for (int k = 0; k < f->all.n && !repeated; k++)
            repeated = k != i && pass_repeats_fault(cx, map, f->all.p[i], f->all.p[k]);
        if (!repeated)
            continue;
        for (int k = i + 1; k < f->all.n; k++)
            f->all.p[k - 1] = f->all.p[k];
        f->all.n--;
    }
}

static bool search(PassCx *cx, IrBuilder b, const IrNode *map, Faults *f, Buf *out)
{
    Slice s = { .cx = cx, .map = map };
    drop_repeated(cx, map, f);
    if (f->all.n <= GROUPS_MOST)
        return search_apart(&s, b, f, out);
    bool *all = NEWN(cx->arena, bool, f->all.n);
    for (int i = 0; i < f->all.n; i++)
        all[i] = true;
    IrNode *n = search_for(&s, b, f, all);
    if (n)
        name_indices(&s, n, out);
    return n;
}

bool pass_search_faults(PassCx *cx, IrBuilder b, const IrNode *map, Buf *out)
{
    Faults f = { .cx = cx };
    ir_walk(map->regions[0], see_fault, &f);
    return search(cx, b, map, &f, out);
}

bool pass_search_some(PassCx *cx, IrBuilder b, const IrNode *map, IrNode *const *faults, int n)
{
    Faults f = { .cx = cx };
    for (int i = 0; i < n; i++)
        vec_push(cx->arena, &f.all, faults[i]);
    return search(cx, b, map, &f, NULL);
}
