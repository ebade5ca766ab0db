/* narrow.c - turn affine guards into bounds of loops (rule 3 of PASSES.md).
 *
 *     sum [j: S | j <= %n] {...}           sum [j: S in 0..min(S, n + 1) | j <= %n] {...}
 *
 * The guard stays: what the bounds make true is folded by the backend or costs a compare; positions still count from the declared
 * range, so no bit changes. A quotient by a number or a size (`j // 4 == i // 4`, `y * P // Y == p`) says a range, too. Conjunctions narrow one index after the other.
 * What the ranges of indices and sizes decide is no mask at all: what is always true is left out, and where a part is always false no turn is left.
 */
#include "passes/stream_int.h"

enum { QUOTIENT_MOST = 1 << 20 };

static const int64_t FAR = (int64_t)1 << 61, BEYOND = ((int64_t)3 << 61) - ((int64_t)1 << 57); /* sizes are below 2^56: both and a size fit 64 bits */

static void narrow_from(PassCx *cx, IrNode *x, Dim from)
{
    DimCx *d = cx->module->dims;
    x->from = dim_max(d, x->from ? x->from : x->lo ? x->lo : dim_const(d, 0), from);
    cx->changed++;
}

static void narrow_to(PassCx *cx, IrNode *x, Dim to)
{
    DimCx *d = cx->module->dims;
    Dim end = dim_add(d, x->lo ? x->lo : dim_const(d, 0), x->dim);
    x->to = dim_min(d, x->to ? x->to : end, to);
    cx->changed++;
}

static void narrow_slope(PassCx *cx, IrRegion *r, IrNode *x, Dim a, Dim b, bool strict)
{
    bool upper;
    Dim bound;
    if (pass_bound_of_slope(cx, r, x, a, b, strict, &upper, &bound))
        (upper ? narrow_to : narrow_from)(cx, x, bound);
}

/* Bounds may mention outer indices of the same nest only. */
static bool mentions_later(const IrRegion *r, const IrNode *x, Dim slack)
{
    for (int k = r->params.n - 1; k >= 0 && r->params.p[k] != x; k--)
        if (r->params.p[k]->sym && dim_mentions(slack, r->params.p[k]->sym))
            return true;
    return false;
}

/* a <= b (strict: a < b) where the difference is +-index + rest, rest known before the loop. */
static void narrow_by(PassCx *cx, IrRegion *r, IrNode *x, Dim a, Dim b, bool strict)
{
    DimCx *d = cx->module->dims;
    Dim i = dim_sym(d, x->sym), slack = dim_sub(d, b, a), up = dim_add(d, slack, i), down = dim_sub(d, slack, i);
    if (mentions_later(r, x, slack))
        return;
    if (!dim_mentions(up, x->sym)) /* rest - i >= 0: i <= up */
        narrow_to(cx, x, strict ? up : dim_add(d, up, dim_const(d, 1)));
    else if (!dim_mentions(down, x->sym)) /* rest + i >= 0: i >= -down */
        narrow_from(cx, x, strict ? dim_add(d, dim_neg(d, down), dim_const(d, 1)) : dim_neg(d, down));
    else
        narrow_slope(cx, r, x, a, b, strict);
}

typedef struct Inner { PassCx *cx; const IrRegion *r; bool hit; } Inner;

static void is_inner(void *user, DimSym *s)
{
    Inner *in = user;
    IrNode *def = map_find(&in->cx->sym_nodes, s);
    if (def && def->op != OP_index && ir_inside(def, in->r))
        in->hit = true;
}

static bool mentions_inner(PassCx *cx, Dim d, const IrRegion *r)
{
    Inner in = { cx, r, false };
    dim_syms(d, is_inner, &in);
    return in.hit;
}

static void narrow_sides(PassCx *cx, IrRegion *r, IrOp op, Dim a, Dim b)
{
    if (mentions_inner(cx, a, r) || mentions_inner(cx, b, r))
        return;
    for (int i = r->params.n - 1; i >= 0; i--) {
        IrNode *x = r->params.p[i];
        if (x->op != OP_index || !x->sym)
            continue;
        if (op == OP_lt || op == OP_le)
            narrow_by(cx, r, x, a, b, op == OP_lt);
        if (op == OP_eq) {
            narrow_by(cx, r, x, a, b, false);
            narrow_by(cx, r, x, b, a, false);
        }
    }
}

typedef struct Places { PassCx *cx; bool all; } Places;

static void see_place(void *user, DimSym *s)
{
    Places *p = user;
    const IrNode *def = map_find(&p->cx->sym_nodes, s);
    p->all = p->all && (!def || def->op == OP_index);
}

static bool is_of_places(PassCx *cx, Dim d)
{
    Places places = { cx, true };
    dim_syms(d, see_place, &places);
    return places.all;
}

/* k b and k (b + 1), of which some lie below (low) or above (high) what they are where that passes 2^61: bounds may leave more than the guard does. */
typedef struct Multiples { Dim low[2], high[2]; } Multiples;

/* k a number, or a size that is positive where the quotient is asked for; b not negative then. */
static bool multiples_of(PassCx *cx, IrRegion *r, const IrNode *q, Dim b, Multiples *m)
{
    DimCx *d = cx->module->dims;
    Dim k = pass_dim_through(cx, q->in[1]), one = dim_const(d, 1), near = b, past = dim_const(d, 0);
    DimSym *size;
    int64_t number;
    if (dim_is_const(k, &number) ? number < 1 || number > QUOTIENT_MOST : !dim_is_sym(k, &size) || map_find(&cx->sym_nodes, size))
        return false;
    if (!dim_is_const(k, &number)) {
        if (!pass_is_total(cx, q) || facts_prove_le(pass_ranges_around(cx, r), dim_const(d, 0), b) != YES)
            return false;
        near = dim_min(d, b, dim_floordiv(d, dim_const(d, FAR), dim_max(d, one, k)));
        past = dim_mul(d, dim_min(d, one, dim_sub(d, b, near)), dim_const(d, BEYOND));
    }
    for (int i = 0; i < 2; i++) {
        m->low[i] = dim_mul(d, k, i ? dim_add(d, near, one) : near);
        m->high[i] = dim_add(d, m->low[i], past);
    }
    return true;
}

/* x // k <= b says x < k (b + 1), and b <= x // k that k b <= x; b made of places and sizes, so that no bound passes 2^63. */
static bool narrow_quotient(PassCx *cx, IrRegion *r, const IrNode *c, int side)
{
    const IrNode *q = c->in[side];
    Multiples m;
    if (q->op != OP_floordiv)
        return false;
    Dim x = pass_dim_through(cx, q->in[0]), b = pass_dim_through(cx, c->in[1 - side]);
    if (!is_of_places(cx, b) || !multiples_of(cx, r, q, b, &m))
        return false;
    if (side == 0)
        narrow_sides(cx, r, OP_lt, x, m.high[c->op != OP_lt]);
    if (side == 1 || c->op == OP_eq)
        narrow_sides(cx, r, OP_le, m.low[c->op == OP_lt], x);
    if (side == 1 && c->op == OP_eq)
        narrow_sides(cx, r, OP_lt, x, m.high[1]);
    return true;
}

/* a <= b (strict: a < b) where a quotient of an index is one term of the difference. */
static void narrow_difference(PassCx *cx, IrRegion *r, Dim a, Dim b, bool strict)
{
    bool upper;
    Dim bound;
    for (int i = r->params.n - 1; i >= 0 && !mentions_inner(cx, a, r) && !mentions_inner(cx, b, r); i--) {
        IrNode *x = r->params.p[i];
        if (x->op == OP_index && x->sym && !mentions_later(r, x, dim_sub(cx->module->dims, b, a)) && pass_bound_of_difference(cx, r, x, a, b, strict, &upper, &bound))
            (upper ? narrow_to : narrow_from)(cx, x, bound);
    }
}

/* |x| <= b says x <= b and -x <= b. */
static void narrow_compare(PassCx *cx, IrRegion *r, IrNode *c)
{
    IrNode *x = c->in[0];
    if (x->type.dtype != DT_i64)
        return;
    bool both = x->op == OP_abs && c->op != OP_eq;
    Dim a = pass_dim_through(cx, both ? x->in[0] : x), b = pass_dim_through(cx, c->in[1]);
    narrow_sides(cx, r, (IrOp)c->op, a, b);
    if (both)
        narrow_sides(cx, r, (IrOp)c->op, dim_neg(cx->module->dims, a), b);
    bool first = narrow_quotient(cx, r, c, 0), second = narrow_quotient(cx, r, c, 1);
    if (first || second)
        return;
    narrow_difference(cx, r, a, b, c->op == OP_lt);
    if (both || c->op == OP_eq)
        narrow_difference(cx, r, both ? dim_neg(cx->module->dims, a) : b, both ? b : a, c->op == OP_lt);
}

/* What is compared in alternatives has a name where it stands outside of the loop: a stream cuts blocks by it (tile_stream_ranges.c). */
static void name_alternatives(PassCx *cx, const IrRegion *r, IrNode *g)
{
    bool joins = g->op == OP_and || g->op == OP_or || g->op == OP_not || g->op == OP_lt || g->op == OP_le || g->op == OP_eq;
    bool sums = g->op == OP_add || g->op == OP_sub || g->op == OP_neg || g->op == OP_abs || g->op == OP_mul;
    if (!ir_inside(g, r) && g->type.dtype == DT_i64 && !g->type.rank)
        pass_dim_of(cx, g);
    for (int i = 0; i < g->nin && ir_inside(g, r) && (joins || (sums && g->type.dtype == DT_i64)); i++)
        name_alternatives(cx, r, g->in[i]);
}

static void narrow_guard(PassCx *cx, IrRegion *r, IrNode *g)
{
    if ((g->op == OP_or || g->op == OP_not) && r->owner->op == OP_reduce && r->owner->stream)
        name_alternatives(cx, r, g);
    if (g->op == OP_and) {
        narrow_guard(cx, r, g->in[0]);
        narrow_guard(cx, r, g->in[1]);
    } else if (pass_and_then(g)) {
        narrow_guard(cx, r, pass_and_then(g));
    } else if (g->op == OP_lt || g->op == OP_le || g->op == OP_eq) {
        narrow_compare(cx, r, g);
    }
}

/* What n is computed from in the region, once more, before its end. */
static IrNode *copied(IrBuilder *b, IrNode *n, Map *nodes)
{
    if (n->parent != b->region || n->op == OP_index || n->op == OP_arg || map_find(nodes, n))
        return map_find(nodes, n) ? map_find(nodes, n) : n;
    for (int i = 0; i < n->nin; i++)
        copied(b, n->in[i], nodes);
    IrNode *c = ir_clone_node(b, n, nodes, NULL, NULL);
    map_put(nodes, n, c);
    return c;
}

/* Of the outermost index only. The guard itself stays: choices in what it guards, and in what will be taken in, are known by it. */
void pass_narrow_first(PassCx *cx, IrRegion *r)
{
    IrNode *end = ir_terminator(r), *g = pass_guard(r), *last = end->prev;
    IrBuilder b = { r->fn, r, end, end->span };
    Map nodes = map_new(cx->arena);
    if (g) {
        ir_set_in(end, 1, copied(&b, g, &nodes));
        pass_cut_guard(cx, r);
        narrow_guard(cx, r, end->in[1]);
        ir_set_in(end, 1, g);
    }
    for (IrNode *n = end->prev, *before; n && n != last; n = before) {
        before = n->prev;
        if (!n->uses && !n->sym)
            ir_drop(n);
    }
    for (int i = 1; i < r->params.n; i++)
        r->params.p[i]->from = r->params.p[i]->to = NULL;
}

static bool is_bool(const IrNode *n, bool v) { return n->op == OP_const && !n->imm == !v; }

static Truth decided(PassCx *cx, Facts *f, const IrNode *c)
{
    if ((c->op != OP_lt && c->op != OP_le && c->op != OP_eq) || c->in[0]->type.dtype != DT_i64)
        return UNKNOWN;
    Dim a = pass_dim_through(cx, c->in[0]), b = pass_dim_through(cx, c->in[1]);
    return c->op == OP_lt ? facts_prove_lt(f, cx->module->dims, a, b) : c->op == OP_le ? facts_prove_le(f, a, b) : facts_prove_eq(f, a, b);
}

/* What is left of a guard. */
static IrNode *settled(PassCx *cx, Facts *f, IrNode *g)
{
    IrBuilder b = { g->parent ? g->parent->fn : NULL, g->parent, g, g->span };
    if (g->op == OP_and) {
        IrNode *x = settled(cx, f, g->in[0]), *y = settled(cx, f, g->in[1]);
        if (is_bool(x, true) || is_bool(y, false))
            return y;
        if (is_bool(y, true) || is_bool(x, false))
            return x;
        return x == g->in[0] && y == g->in[1] ? g : ir_add2(&b, OP_and, g->type, x, y);
    }
    Truth t = decided(cx, f, g);
    return t == UNKNOWN ? g : ir_const_int(&b, DT_bool, t == YES);
}

static void settle(PassCx *cx, IrRegion *r)
{
    IrNode *y = ir_terminator(r), *old = pass_guard(r), *g = settled(cx, pass_ranges_around(cx, r), old), *value = y->in[0];
    if (g == old && !is_bool(g, true))
        return;
    IrBuilder b = { r->fn, r, NULL, y->span };
    ir_drop(y);
    ir_yield(&b, is_bool(g, true) ? 1 : 2, (IrNode *[]){ value, g });
    pass_drop_unused(r);
    cx->changed++;
}

static void narrow_to_nothing(PassCx *cx, IrRegion *r)
{
    IrNode *x = r->params.n ? r->params.p[0] : NULL;
    if (!x || x->op != OP_index)
        return;
    x->to = x->lo ? x->lo : dim_const(cx->module->dims, 0);
    cx->changed++;
}

static void narrow_node(void *user, IrNode *n)
{
    if (n->op != OP_reduce && n->op != OP_map && n->op != OP_scatter)
        return;
    IrRegion *r = n->regions[0];
    if (n->op == OP_reduce && !n->stream)
        pass_guard_choice(user, n, false);
    if (pass_guard(r) && n->op != OP_scatter && ir_terminator(r)->nin == 2)
        settle(user, r);
    IrNode *g = pass_guard(r);
    if (g && is_bool(g, false))
        narrow_to_nothing(user, r);
    else if (g)
        narrow_guard(user, r, g);
}

bool pass_narrow(PassCx *cx, IrFn *fn)
{
    pass_cut_guards(cx, fn);
    pass_choose_bounds(cx, fn);
    ir_walk(fn->body, narrow_node, cx);
    return true;
}
