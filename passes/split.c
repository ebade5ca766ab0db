/* split.c - an index of a map whose quotient or residue by a step decides what a contraction reads, or lanes do, becomes two: how many steps, and the rest.
 *
 *     %y = map [o: O, z: 2 * W] { sum [c: C, j: 4 | (z + 1 - j) % 2 == 0] { .. %x[c, (z + 1 - j) // 2] .. } }
 *
 *     %m = map [o: O, r: 2, q: W] { sum [c: C, j: 4 | (r + 1 - j) % 2 == 0] { .. %x[c, q + (r + 1 - j) // 2] .. } }
 *     %p = map [o: O, q: W, r: 2] { %m[o, r, q] }
 *     %y = reshape %p
 *
 * A residue is then the same for all lanes, which lie side by side in %x; `tile` writes %m where %p would stand. Of a quotient alone, as in a
 * grouped convolution (`x[(o // O) * C + c]`), the rest is an index along which the same is read again. An index of a sum whose residue a guard
 * decides is two as well, the second with a bound: places that do not count cost nothing. Positions of sums, and so bits, stay.
 * Lanes of any map are two where each would be divided by a size (`x[n // L, n % L]`).
 * Steps are numbers, or sizes where the index itself is divided, which must divide the axis. Where a number does not, as many steps as there are with each
 * rest are a guard of %m, and %p reads %m[o, z % 2, z // 2].
 */
#include "passes/merge_int.h"
#include "passes/stream_int.h"
#include "passes/tile/tile_int.h"

enum { STEP_MOST = 8, AXES = 8 }; /* a larger number is a block, not a stride: two in lanes alone */

/* both: step * q + r; ragged: the last step is not whole; lanes: the last axis by a size, whose rests lie side by side */
typedef struct Axis { IrNode *old, *q, *r, *both; Dim step, count; bool residue, ragged, lanes; } Axis;
typedef struct Split { PassCx *cx; IrNode *map; Axis axis[AXES]; int n; bool contracts, stored; SymMap parts; } Split; /* stored: it reads weights that are packed as they are; parts: of quotients' symbols */

/* ---- which ------------------------------------------------------------------------------------------------------------- */

/* extent / step, where each term shows that it is whole; else NULL. */
static Dim part_of(DimCx *d, Dim extent, Dim step)
{
    const DimTerm *t;
    int n = dim_terms(extent, &t);
    int64_t k;
    DimSym *s;
    bool number = dim_is_const(step, &k), size = !number && dim_is_sym(step, &s);
    for (int i = 0; i < n; i++) {
        bool whole = number && t[i].coef % k == 0;
        for (int f = 0; f < t[i].nfactors && size && !whole; f++)
            whole = t[i].factors[f].atom->kind == DA_SYM && t[i].factors[f].atom->sym == s;
        if (!whole)
            return NULL;
    }
    return n ? dim_exactdiv(d, extent, step) : NULL;
}

static bool divides(Facts *f, DimCx *d, Dim by, Dim extent)
{
    return facts_prove_le(f, dim_const(d, 1), by) == YES && facts_prove_eq(f, dim_mod(d, extent, by), dim_const(d, 0)) == YES;
}

/* by where d is extent // by; else NULL. */
static Dim divisor_of(Dim d, Dim extent)
{
    const DimTerm *t;
    bool alone = dim_terms(d, &t) == 1 && t->coef == 1 && t->nfactors == 1 && t->factors->power == 1;
    return alone && t->factors->atom->kind == DA_FLOORDIV && t->factors->atom->a == extent ? t->factors->atom->b : NULL;
}

/* The same, also where what is asked of sizes and `int` arguments at entry says so: `where C % 64 == 0`, `where C == H * 64`; `where K >= 1, C % K == 0`, a
 * step of K, or of C // K. */
static Dim part_by_given(PassCx *cx, const IrRegion *body, Dim extent, Dim step)
{
    DimCx *d = cx->module->dims;
    Dim part = part_of(d, extent, step);
    if (part || !body->fn->given.n)
        return part;
    Facts *f = pass_ranges_around(cx, body);
    Dim by = divisor_of(step, extent);
    part = part_of(d, facts_normal(f, extent), step);
    if (part || (by && divides(f, d, by, extent)))
        return part ? part : by;
    return divides(f, d, step, extent) ? dim_floordiv(d, extent, step) : NULL;
}

static Axis *axis_of(Split *s, const IrNode *x)
{
    for (int i = 0; i < s->n; i++)
        if (s->axis[i].old == x)
            return &s->axis[i];
    return NULL;
}

static void add_axis(Split *s, IrNode *x, Dim step, bool residue)
{
    DimCx *d = s->cx->module->dims;
    if (axis_of(s, x) || s->n == AXES || !pass_is_whole(x))
        return;
    Axis a = { .old = x, .step = step, .count = part_by_given(s->cx, x->parent->fn->body, x->dim, step), .residue = residue, .lanes = !residue && x == vec_last(&s->map->regions[0]->params) };
    if (!a.count && residue && !pass_guard(s->map->regions[0])) {
        a.count = dim_floordiv(d, dim_add(d, x->dim, dim_sub(d, step, dim_const(d, 1))), step);
        a.ragged = true;
    }
    if (a.count)
        s->axis[s->n++] = a;
}

/* d is x or -x, and what does not mention it. */
static bool is_plus_or_minus(DimCx *d, Dim of, const IrNode *x)
{
    Dim i = dim_sym(d, x->sym);
    return !dim_mentions(dim_sub(d, of, i), x->sym) || !dim_mentions(dim_add(d, of, i), x->sym);
}

static void see_quotient(void *user, IrNode *n)
{
    Split *s = user;
    DimCx *d = s->cx->module->dims;
    IrRegion *r = s->map->regions[0];
    int64_t k;
    s->contracts = s->contracts || (n->op == OP_reduce && n->order == ORDER_contract);
    if ((n->op != OP_floordiv && n->op != OP_mod) || n->type.dtype != DT_i64)
        return;
    Dim step = pass_dim_of(s->cx, n->in[1]), of = pass_is_affine(n->in[0]) ? pass_dim_of(s->cx, n->in[0]) : NULL;
    bool number = dim_is_const(step, &k), block = number && k > STEP_MOST && (k & (k - 1)); /* of powers of two vectors know their parts */
    if (!of || (number && !block && (k < 2 || k > STEP_MOST)))
        return;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i];
        if (!x->sym || !dim_mentions(of, x->sym) || !is_plus_or_minus(d, of, x))
            continue;
        if (number && !block)
            add_axis(s, x, step, true);
        else if (n->in[0] == x && (!block || x == vec_last(&r->params)))
            add_axis(s, x, step, false);
    }
}

static void see_weight(void *user, IrNode *n)
{
    Split *s = user;
    s->stored = s->stored || (n->op == OP_load && n->in[0]->op == OP_param && n->in[0]->load_time && n->in[0]->forms);
}

/* A quotient alone gains where nothing is read again along another index; in lanes, where each would divide, it always does. */
static void keep_what_gains(Split *s)
{
    bool rows = !s->contracts || tile_nest(s->cx, s->map).rows;
    int n = 0;
    for (int i = 0; i < s->n; i++)
        if (s->axis[i].lanes || (s->contracts && s->axis[i].residue) || !rows)
            s->axis[n++] = s->axis[i];
    s->n = n;
}

/* ---- the new map --------------------------------------------------------------------------------------------------------- */

static IrNode *at_i64(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(DT_i64), x, y); }

/* e with the rest in place of the whole index. */
static IrNode *rest_of(IrBuilder *b, const Axis *a, IrNode *e)
{
    if (e == a->both)
        return a->r;
    if (e->op != OP_add && e->op != OP_sub)
        return e;
    IrNode *x = rest_of(b, a, e->in[0]), *y = rest_of(b, a, e->in[1]);
    return x == e->in[0] && y == e->in[1] ? e : at_i64(b, (IrOp)e->op, x, y);
}

/* How often e holds the whole index, minus where it is taken away; *other: it depends on it in another way, too. */
static int times(Split *s, const Axis *a, const IrNode *e, bool *other)
{
    if (e == a->both)
        return 1;
    if (e->op == OP_add || e->op == OP_sub) {
        int x = times(s, a, e->in[0], other), y = times(s, a, e->in[1], other);
        return e->op == OP_add ? x + y : x - y;
    }
    *other = *other || pass_depends_on(s->cx, e, a->q);
    return 0;
}

/* (step * q + rest) // step = q + rest // step, and the residue is that of the rest. */
static void divide(void *user, IrNode *n)
{
    Split *s = user;
    if ((n->op != OP_floordiv && n->op != OP_mod) || n->type.dtype != DT_i64 || !(n->in[0]->op == OP_add || n->in[0]->op == OP_sub))
        return;
    for (int i = 0; i < s->n; i++) {
        const Axis *a = &s->axis[i];
        bool other = false;
        int k = times(s, a, n->in[0], &other);
        if (other || (k != 1 && k != -1) || pass_dim_of(s->cx, n->in[1]) != a->step)
            continue;
        IrBuilder b = { n->parent->fn, n->parent, n, n->span };
        IrNode *rest = rest_of(&b, a, n->in[0]), *y = rest == a->r ? NULL : at_i64(&b, (IrOp)n->op, rest, n->in[1]);
        if (n->op == OP_mod)
            y = y ? y : a->r;
        else
            y = !y ? a->q : k > 0 ? at_i64(&b, OP_add, a->q, y) : at_i64(&b, OP_sub, y, a->q);
        if (n->sym && y != a->q && y != a->r)
            return;
        if (n->sym)
            symmap_put(&s->parts, n->sym, dim_sym(s->cx->module->dims, y->sym));
        ir_replace(n, y);
        ir_drop(n);
        return;
    }
}

/* ---- reductions: [i: 4 | (r + 1 - i) % 2 == 0] is [q: 2, j: 2 | j == (r + 1) % 2], which bounds j ---------------------------- */

/* (e - j) % step == c where 0 <= j < step: j == (e - c) % step. */
static void solve(Split *s, const Axis *a, IrNode *eq)
{
    IrNode *mod = eq->op == OP_eq ? eq->in[0] : eq, *c = eq->op == OP_eq ? eq->in[1] : NULL;
    bool other = false;
    if (!c || mod->op != OP_mod || c->op != OP_const || pass_dim_of(s->cx, mod->in[1]) != a->step)
        return;
    IrBuilder b = { eq->parent->fn, eq->parent, eq, eq->span };
    Axis rest = { .both = a->r, .q = a->r, .r = ir_int(&b, 0) };
    int k = times(s, &rest, mod->in[0], &other);
    if (other || (k != 1 && k != -1))
        return;
    IrNode *e = rest_of(&b, &rest, mod->in[0]);
    IrNode *residue = at_i64(&b, OP_mod, k < 0 ? at_i64(&b, OP_sub, e, c) : at_i64(&b, OP_sub, c, e), mod->in[1]);
    IrNode *by = ir_add2(&b, OP_eq, ir_scalar(DT_bool), a->r, residue);
    ir_replace(eq, by);
}

static void solve_all(Split *s, const Axis *a, IrNode *g)
{
    if (g->op == OP_and) {
        solve_all(s, a, g->in[0]);
        solve_all(s, a, g->in[1]);
    } else {
        solve(s, a, g);
    }
}

static void add_parts(IrRegion *r, Axis *a, bool rest_first);

/* Both parts stand where the index stood: places keep their positions. */
static void split_index(Split *s, IrRegion *r, int at, Dim step)
{
    DimCx *d = s->cx->module->dims;
    IrNode *x = r->params.p[at];
    Split one = { .cx = s->cx, .map = s->map, .n = 1, .axis = { { .old = x, .step = step, .count = part_of(d, x->dim, step), .residue = true } } };
    Axis *a = &one.axis[0];
    int n = r->params.n;
    add_parts(r, a, false);
    for (int i = n + 1; i > at + 1; i--)
        r->params.p[i] = r->params.p[i - 1];
    r->params.p[at] = a->q;
    r->params.p[at + 1] = a->r;
    r->params.n = n + 1;
    IrBuilder b = { r->fn, r, r->first, x->span };
    a->both = at_i64(&b, OP_add, at_i64(&b, OP_mul, ir_dim_value(&b, step), a->q), a->r);
    SymMap syms = symmap_new(s->cx);
    symmap_put(&syms, x->sym, dim_add(d, dim_mul(d, step, dim_sym(d, a->q->sym)), dim_sym(d, a->r->sym)));
    ir_replace(x, a->both);
    pass_note_symbols(s->cx, r);
    merge_rename(s->cx, r, &syms);
    one.parts = symmap_new(s->cx);
    ir_walk(r, divide, &one);
    merge_rename(s->cx, r, &one.parts);
    solve_all(&one, a, pass_guard(r));
}

/* The index of r whose residue by a number the condition decides, and the number. */
static int decided(Split *s, const IrRegion *r, const IrNode *g, Dim *step)
{
    DimCx *d = s->cx->module->dims;
    int64_t k;
    if (g->op == OP_and) {
        int i = decided(s, r, g->in[0], step);
        return i >= 0 ? i : decided(s, r, g->in[1], step);
    }
    if (g->op != OP_eq || g->in[0]->op != OP_mod || g->in[1]->op != OP_const || !pass_is_affine(g->in[0]->in[0]))
        return -1;
    *step = pass_dim_of(s->cx, g->in[0]->in[1]);
    Dim of = pass_dim_of(s->cx, g->in[0]->in[0]);
    for (int i = 0; i < r->params.n && dim_is_const(*step, &k) && k >= 2 && k <= STEP_MOST; i++) {
        const IrNode *x = r->params.p[i];
        int64_t all;
        bool many = !dim_is_const(x->dim, &all) || all > k;
        if (many && x->sym && dim_mentions(of, x->sym) && is_plus_or_minus(d, of, x) && pass_is_whole(x) && part_of(d, x->dim, *step))
            return i;
    }
    return -1;
}

static void split_reduction(void *user, IrNode *n)
{
    Split *s = user;
    Dim step;
    if (n->op != OP_reduce || n->stream || !pass_guard(n->regions[0]))
        return;
    for (int i; n->regions[0]->params.n < AXES && (i = decided(s, n->regions[0], pass_guard(n->regions[0]), &step)) >= 0;)
        split_index(s, n->regions[0], i, step);
}

/* The two parts of an axis. */
static void add_parts(IrRegion *r, Axis *a, bool rest_first)
{
    for (int i = 0; i < 2; i++) {
        bool rest = (i == 0) == rest_first;
        IrNode *x = ir_index_new(r, a->old->name, NULL, rest ? a->step : a->count, a->old->span);
        *(rest ? &a->r : &a->q) = x;
    }
}

static IrType type_of(Split *s, IrDtype t, const IrRegion *r)
{
    IrType type = { t, r->params.n, NEWN(s->cx->module->arena, Dim, r->params.n) };
    for (int i = 0; i < type.rank; i++)
        type.dims[i] = r->params.p[i]->dim;
    return type;
}

/* Of ragged axes the steps that there are with this rest: a bound once `narrow` has been here. NULL: of each rest alike. */
static IrNode *inside(Split *s, IrBuilder *b)
{
    DimCx *d = s->cx->module->dims;
    IrNode *all = NULL;
    for (int i = 0; i < s->n; i++) {
        const Axis *a = &s->axis[i];
        if (!a->ragged)
            continue;
        Dim left = dim_sub(d, a->old->dim, dim_sym(d, a->r->sym)), end = dim_floordiv(d, dim_add(d, left, dim_sub(d, a->step, dim_const(d, 1))), a->step);
        IrNode *one = ir_add2(b, OP_lt, ir_scalar(DT_bool), a->q, ir_dim_value(b, end));
        all = all ? ir_add2(b, OP_and, ir_scalar(DT_bool), all, one) : one;
    }
    return all;
}

static IrNode *build(Split *s)
{
    DimCx *d = s->cx->module->dims;
    IrRegion *old = s->map->regions[0];
    IrBuilder at = { old->fn, s->map->parent, s->map, s->map->span };
    IrNode *m = ir_add0(&at, OP_map, s->map->type);
    IrBuilder b = { at.fn, ir_region_new(at.fn, m), NULL, at.span };
    Map nodes = map_new(s->cx->arena);
    SymMap syms = symmap_new(s->cx);
    m->name = s->map->name;
    for (int i = 0; i < old->params.n; i++) {
        IrNode *x = old->params.p[i];
        Axis *a = axis_of(s, x);
        if (a) {
            add_parts(b.region, a, a->ragged || (i == old->params.n - 1 && a->residue));
            continue;
        }
        IrNode *y = ir_index_new(b.region, x->name, x->lo, x->dim, x->span);
        y->from = x->from;
        y->to = x->to;
        map_put(&nodes, x, y);
        symmap_put(&syms, x->sym, dim_sym(d, y->sym));
    }
    for (int i = 0; i < s->n; i++) {
        Axis *a = &s->axis[i];
        a->both = at_i64(&b, OP_add, at_i64(&b, OP_mul, ir_dim_value(&b, a->step), a->q), a->r);
        map_put(&nodes, a->old, a->both);
        symmap_put(&syms, a->old->sym, dim_add(d, dim_mul(d, a->step, dim_sym(d, a->q->sym)), dim_sym(d, a->r->sym)));
    }
    IrNode **v = ir_clone_region(&b, old, &nodes, symmap_subst, &syms);
    IrNode *end = inside(s, &b), *both[] = { v[0], end };
    ir_yield(&b, end ? 2 : ir_terminator(old)->nin, end ? both : v);
    m->type = type_of(s, s->map->type.dtype, b.region);
    pass_note_symbols(s->cx, b.region);
    s->parts = symmap_new(s->cx);
    ir_walk(b.region, divide, s);
    merge_rename(s->cx, b.region, &s->parts);
    ir_walk(b.region, split_reduction, s);
    return m;
}

/* The elements at their old places: %m[x % step, x // step] of each axis that is two. */
static IrNode *by_places(Split *s, IrNode *m)
{
    const IrRegion *r = m->regions[0], *old = s->map->regions[0];
    IrBuilder at = { s->map->parent->fn, s->map->parent, s->map, m->span };
    IrNode *p = ir_add0(&at, OP_map, s->map->type), *sub[AXES + 16];
    IrBuilder b = { at.fn, ir_region_new(at.fn, p), NULL, at.span };
    int n = 0;
    for (int i = 0; i < old->params.n; i++) {
        const Axis *a = axis_of(s, old->params.p[i]);
        IrNode *x = ir_index_new(b.region, old->params.p[i]->name, NULL, old->params.p[i]->dim, at.span);
        if (!a) {
            sub[n++] = x;
            continue;
        }
        for (int k = 0; k < 2; k++, n++)
            sub[n] = at_i64(&b, r->params.p[n] == a->r ? OP_mod : OP_floordiv, x, ir_dim_value(&b, a->step));
    }
    IrNode *v = ir_load(&b, m, n, sub);
    ir_yield(&b, 1, &v);
    pass_note_symbols(s->cx, b.region);
    return p;
}

/* The elements in the order of the old axes. */
static IrNode *in_order(Split *s, IrNode *m)
{
    IrRegion *r = m->regions[0];
    IrBuilder at = { r->fn, s->map->parent, s->map, m->span };
    IrNode *p = ir_add0(&at, OP_map, m->type), *sub[2 * AXES + 16];
    IrBuilder b = { at.fn, ir_region_new(at.fn, p), NULL, at.span };
    int n = r->params.n;
    for (int i = 0; i < n; i++) {
        int k = i < n - 2 ? i : 2 * n - 3 - i;
        sub[k] = ir_index_new(b.region, r->params.p[k]->name, NULL, r->params.p[k]->dim, at.span);
    }
    IrNode *v = ir_load(&b, m, n, sub);
    ir_yield(&b, 1, &v);
    p->type = type_of(s, m->type.dtype, b.region);
    pass_note_symbols(s->cx, b.region);
    return p;
}

static void split(PassCx *cx, IrNode *map)
{
    Split s = { .cx = cx, .map = map };
    IrRegion *r = map->regions[0];
    ir_walk(r, see_quotient, &s);
    if (!s.n || pass_has_stream(map))
        return;
    ir_walk(r, see_weight, &s);
    keep_what_gains(&s);
    if (!s.n || s.stored || r->params.n + s.n > 16)
        return;
    for (int i = 0; i < r->params.n; i++) /* what lies elsewhere than its place counts from 0 stays as it is */
        if (!pass_from_zero(r->params.p[i]))
            return;
    bool ragged = false;
    for (int i = 0; i < s.n; i++)
        ragged = ragged || s.axis[i].ragged;
    IrNode *y = build(&s);
    const Axis *last = axis_of(&s, vec_last(&r->params));
    IrBuilder at = { r->fn, map->parent, map, map->span };
    y = ragged ? by_places(&s, y) : last && last->residue ? in_order(&s, y) : y;
    ir_replace(map, ragged ? y : ir_add1(&at, OP_reshape, map->type, y));
    ir_drop(map);
    cx->changed++;
}

typedef struct Own { Split *s; IrNode *x; const IrRegion *sum; bool found; } Own;

/* A load by place of the sum that needs more of x than the quotient. */
static void see_own(void *user, IrNode *n)
{
    Own *o = user;
    bool along = false, own = false;
    for (int i = 1; n->op == OP_load && i < n->nin; i++) {
        for (int k = 0; k < o->sum->params.n; k++)
            along = along || n->in[i] == o->sum->params.p[k];
        own = own || n->in[i] == o->x || (n->in[i]->op != OP_floordiv && pass_depends_on(o->s->cx, n->in[i], o->x));
    }
    o->found = o->found || (along && own);
}

/* Does the sum read something else for each of its places, a head's features? Where all parts of x read the same they are rows as others are. */
static bool has_features(Split *s, IrNode *x, IrRegion *sum)
{
    Own o = { s, x, sum, false };
    ir_walk(sum, see_own, &o);
    return o.found;
}

/* What a sum reads place by place of another map's rows: %p[c // K, i, j]. */
static void see_rows_of(void *user, IrNode *n)
{
    Split *s = user;
    IrRegion *r = s->map->regions[0], *sum = n->parent;
    if (n->op != OP_load || n->in[0]->op != OP_map || !sum->owner || sum->owner->op != OP_reduce)
        return;
    bool along = false; /* the sum's index is a subscript */
    for (int i = 1; i < n->nin; i++)
        for (int k = 0; k < sum->params.n; k++)
            along = along || n->in[i] == sum->params.p[k];
    for (int i = 1; i < n->nin && along; i++) {
        IrNode *q = n->in[i], *x = q->op == OP_floordiv ? q->in[0] : NULL;
        if (x && x->parent == r && x->sym && x->op == r->params.p[0]->op && has_features(s, x, sum))
            add_axis(s, x, pass_dim_of(s->cx, q->in[1]), false);
    }
}

IrNode *pass_split_rows(PassCx *cx, IrNode *map)
{
    Split s = { .cx = cx, .map = map };
    IrRegion *r = map->regions[0];
    if (!r->params.n || pass_guard(r))
        return map;
    ir_walk(r, see_rows_of, &s);
    if (!s.n || r->params.n + s.n > 16)
        return map;
    for (int i = 0; i < r->params.n; i++)
        if (!pass_from_zero(r->params.p[i]))
            return map;
    IrNode *y = build(&s);
    IrBuilder at = { r->fn, map->parent, map, map->span };
    ir_replace(map, ir_add1(&at, OP_reshape, map->type, y));
    ir_drop(map);
    cx->changed++;
    return y;
}

bool pass_split(PassCx *cx, IrFn *fn)
{
    pass_each_map(cx, fn->body, split);
    return true;
}
