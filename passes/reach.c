/* reach.c - whole numbers beyond any size are cut, where a comparison with a place may become a bound.
 *
 *     sum [j | j <= %w]             %c = %w, or +-2^61 where it is beyond       sum [j | j <= %c]
 *     i + %a <= j + %b              %d = %b - %a, or 2^61 where it is far beyond          i <= j + %d
 *
 * Bounds are sums (`w + 1`, `i - w`), and 2^63 - 1 as "no limit" would pass the end of what 64 bits hold. Sizes and places are far below 2^61, so
 * what is compared says the same. What is made of sizes, indices and smaller integers, or is itself a size, stays as it is.
 */
#include "passes/stream_int.h"

static const int64_t FAR = (int64_t)1 << 61;
enum { DEEP = 16 };

typedef struct Reach { PassCx *cx; IrFn *fn; const IrRegion *r; } Reach;
typedef struct Far { IrNode *n; bool minus; } Far; /* minus: it is taken away */

/* ---- what is far ------------------------------------------------------------------------------------------------------ */

typedef struct Sizes { const DimSym *sym; bool hit; } Sizes;

/* A minimum or maximum (the rows of a strip) may be a size whatever the number in it is. */
static bool grows_with(Dim d, const DimSym *sym)
{
    const DimTerm *t;
    int n = dim_terms(d, &t);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < t[i].nfactors; k++) {
            const DimAtom *a = t[i].factors[k].atom;
            if (a->kind != DA_MIN && a->kind != DA_MAX && dim_mentions(dim_of_atom(a), sym))
                return true;
        }
    return false;
}

static void see_size(void *user, IrNode *n)
{
    Sizes *s = user;
    for (int i = 0; i < n->type.rank; i++)
        s->hit = s->hit || grows_with(n->type.dims[i], s->sym);
}

static bool is_size(const Reach *q, const IrNode *n)
{
    Sizes s = { n->sym, false };
    if (n->op != OP_param || !n->sym)
        return false;
    for (int i = 0; i < q->fn->params.n; i++)
        see_size(&s, q->fn->params.p[i]);
    if (!s.hit)
        ir_walk(q->fn->body, see_size, &s);
    return s.hit;
}

static bool is_near(const Reach *q, const IrNode *n, int depth);

static bool is_far_const(const IrNode *n, int64_t v) { return n->op == OP_const && n->imm == v; }

/* What `cut` makes: choices, which are one symbol in a bound, where minima would be looked into. */
static bool is_cut(const IrNode *n) { return is_far_const(n->in[1], -FAR) && n->in[2]->op == OP_select && is_far_const(n->in[2]->in[1], FAR); }

static bool are_near(const Reach *q, const IrNode *n, int first, int depth)
{
    for (int i = first; i < n->nin; i++)
        if (!is_near(q, n->in[i], depth - 1))
            return false;
    return true;
}

static bool is_near(const Reach *q, const IrNode *n, int depth)
{
    if (!depth)
        return false;
    switch (n->op) {
    case OP_const: return n->imm >= -FAR && n->imm <= FAR;
    case OP_index: case OP_dim: return true;
    case OP_cast: return dtype_is_int(n->in[0]->type.dtype) ? n->in[0]->type.dtype != DT_i64 : n->in[0]->type.dtype == DT_bool;
    case OP_mod: case OP_clampi: return is_near(q, n->in[n->op == OP_mod ? 1 : 2], depth - 1);
    case OP_floordiv: return is_near(q, n->in[0], depth - 1);
    case OP_select: return is_cut(n) || are_near(q, n, 1, depth);
    case OP_min: case OP_max: case OP_add: case OP_sub: case OP_neg: case OP_abs: case OP_mul: return are_near(q, n, 0, depth);
    case OP_reduce: return n->redop == RED_argmax || n->redop == RED_argmin || n->redop == RED_count;
    default: return is_size(q, n);
    }
}

/* Is it made of elements of 64 bits, whose arithmetic goes round? Ints of the call are asked whether it fits. */
static bool goes_round(const IrNode *n, int depth)
{
    bool found = n->op == OP_load && n->type.dtype == DT_i64;
    bool sum = n->op == OP_add || n->op == OP_sub || n->op == OP_neg || n->op == OP_mul;
    for (int i = 0; i < n->nin && sum && depth && !found; i++)
        found = goes_round(n->in[i], depth - 1);
    return found;
}

/* The one part of a sum that is far. A sum of two such is one number, which is known to be whole; one before the loop that may go round is what it is. */
static void find_far(const Reach *q, IrNode *n, bool minus, Far *far)
{
    if (is_near(q, n, DEEP))
        return;
    if (!ir_inside(n, q->r) && goes_round(n, DEEP)) {
        *far = (Far){ n, minus };
        return;
    }
    bool sum = n->op == OP_add || n->op == OP_sub;
    if (n->op == OP_neg || (sum && is_near(q, n->in[1], DEEP))) {
        find_far(q, n->in[0], minus != (n->op == OP_neg), far);
        return;
    }
    if (sum && is_near(q, n->in[0], DEEP)) {
        find_far(q, n->in[1], minus != (n->op == OP_sub), far);
        return;
    }
    *far = (Far){ n, minus };
}

/* ---- cut -------------------------------------------------------------------------------------------------------------- */

static IrNode *cut_before(const IrNode *n)
{
    for (const IrUse *u = n->uses; u; u = u->next)
        for (const IrUse *v = u->user->uses; u->user->op == OP_select && u->user->in[2] == n && v; v = v->next)
            if (v->user->op == OP_select && v->user->in[2] == u->user && is_cut(v->user))
                return v->user;
    return NULL;
}

static IrNode *cut(IrNode *n)
{
    IrNode *old = cut_before(n);
    bool listed = n->op != OP_param && n->op != OP_arg;
    if (old)
        return old;
    IrBuilder b = { n->parent->fn, n->parent, listed ? n->next : n->parent->first, n->span };
    IrType t = ir_scalar(DT_i64), bit = ir_scalar(DT_bool);
    IrNode *most = ir_int(&b, FAR), *least = ir_int(&b, -FAR);
    IrNode *x = ir_add3(&b, OP_select, t, ir_add2(&b, OP_lt, bit, most, n), most, n);
    return ir_add3(&b, OP_select, t, ir_add2(&b, OP_lt, bit, x, least), least, x);
}

/* b - a (each taken away where it says so), cut; told by floats, whose error is far less than what lies between 2^61 and 2^63. */
static IrNode *difference(IrBuilder *b, const Far *x, const Far *y)
{
    IrType t = ir_scalar(DT_i64), f = ir_scalar(DT_f64), bit = ir_scalar(DT_bool);
    IrNode *v[2], *w[2];
    const Far *of[2] = { y, x };
    for (int k = 0; k < 2; k++) {
        v[k] = of[k]->minus ? ir_add1(b, OP_neg, t, of[k]->n) : of[k]->n;
        w[k] = ir_add1(b, OP_cast, f, of[k]->n);
        w[k] = of[k]->minus ? ir_add1(b, OP_neg, f, w[k]) : w[k];
    }
    IrNode *about = ir_add2(b, OP_sub, f, w[0], w[1]), *exact = ir_add2(b, OP_sub, t, v[0], v[1]);
    IrNode *above = ir_add2(b, OP_le, bit, ir_const_float(b, DT_f64, (double)FAR), about), *below = ir_add2(b, OP_le, bit, about, ir_const_float(b, DT_f64, -(double)FAR));
    return ir_add3(b, OP_select, t, above, ir_int(b, FAR), ir_add3(b, OP_select, t, below, ir_int(b, -FAR), exact));
}

/* n with `by` where `far` stands. */
static IrNode *rebuilt(IrBuilder *b, IrNode *n, const IrNode *far, IrNode *by)
{
    IrNode *in[2] = { NULL, NULL };
    if (n == far)
        return by;
    if (n->op != OP_add && n->op != OP_sub && n->op != OP_neg)
        return n;
    for (int i = 0; i < n->nin; i++)
        in[i] = rebuilt(b, n->in[i], far, by);
    return in[0] == n->in[0] && (n->nin < 2 || in[1] == n->in[1]) ? n : ir_add(b, (IrOp)n->op, n->type, n->nin, in);
}

/* The same number, of which bounds know nothing. */
static IrNode *veiled(IrBuilder *b, IrNode *n) { return ir_add2(b, OP_bit_and, n->type, n, ir_int(b, -1)); }

/* n where that is near, else what is so far that the side where it stands says nothing. */
static IrNode *near_or(IrNode *n, bool most)
{
    bool listed = n->op != OP_param && n->op != OP_arg;
    IrBuilder b = { n->parent->fn, n->parent, listed ? n->next : n->parent->first, n->span };
    IrType t = ir_scalar(DT_i64), bit = ir_scalar(DT_bool);
    IrNode *far = ir_int(&b, most ? FAR : -FAR), *up = ir_add2(&b, OP_lt, bit, ir_int(&b, FAR / 2), n), *down = ir_add2(&b, OP_lt, bit, n, ir_int(&b, -FAR / 2));
    return ir_add3(&b, OP_select, t, ir_add2(&b, OP_or, bit, up, down), far, n);
}

/* false: something is far that the loop computes, and there is no bound. */
static bool find_sides(const Reach *q, const IrNode *c, Far far[2])
{
    for (int k = 0; k < 2; k++) {
        far[k] = (Far){ 0 };
        find_far(q, c->in[k], false, &far[k]);
        if (far[k].n && ir_inside(far[k].n, q->r))
            return false;
    }
    return true;
}

static void put(const Reach *q, IrNode *c, int k, const Far *far, IrNode *by)
{
    IrBuilder b = { c->parent->fn, c->parent, c, c->span };
    ir_set_in(c, k, rebuilt(&b, c->in[k], far->n, by));
    q->cx->changed++;
}

/* Always true where something that may go round is beyond 2^60. */
static void cut_loosely(const Reach *q, IrNode *c)
{
    Far far[2];
    if (!find_sides(q, c, far))
        return;
    for (int k = 0; k < 2; k++)
        if (far[k].n)
            put(q, c, k, &far[k], cut(near_or(far[k].n, (k == 1) != far[k].minus)));
}

/* What a <= b (|a| <= b, a == b) says of a place, as comparisons that may be true too often. */
static int looser(IrBuilder *b, const IrNode *c, IrNode *out[2])
{
    IrNode *x = c->in[0], *y = c->in[1];
    bool far = x->op == OP_abs, same = c->op == OP_eq;
    if (far && same)
        return 0;
    x = far ? x->in[0] : x;
    out[0] = ir_add2(b, same ? OP_le : (IrOp)c->op, c->type, x, y);
    if (same)
        out[1] = ir_add2(b, OP_le, c->type, y, x);
    else if (far)
        out[1] = ir_add2(b, (IrOp)c->op, c->type, ir_add1(b, OP_neg, x->type, x), y);
    return 1 + (same || far);
}

/* A sum with places that may go round (`j - at[n] < 8`) is asked as it is; bounds come from what is true wherever that is, and more often. */
static void cut_round(const Reach *q, IrNode *c)
{
    IrBuilder b = { c->parent->fn, c->parent, c, c->span };
    IrNode *x = veiled(&b, c->in[0]), *all = ir_add2(&b, (IrOp)c->op, c->type, x, veiled(&b, c->in[1])), *part[2];
    int n = looser(&b, c, part);
    for (int k = n; k-- > 0;)
        all = ir_add2(&b, OP_and, c->type, part[k], all);
    ir_replace(c, all);
    ir_drop(c);
    for (int k = 0; k < n; k++)
        cut_loosely(q, part[k]);
    q->cx->changed++;
}

/* May a sum of this side go round that knows the place? */
static bool is_round(const Reach *q, IrNode *side)
{
    Far far = { 0 };
    side = side->op == OP_abs ? side->in[0] : side;
    find_far(q, side, false, &far);
    return far.n && far.n != side && !ir_inside(far.n, q->r) && goes_round(far.n, DEEP);
}

static void cut_sides(const Reach *q, IrNode *c)
{
    Far far[2];
    IrBuilder before = { c->parent->fn, q->r->owner->parent, q->r->owner, c->span };
    if (is_round(q, c->in[0]) || is_round(q, c->in[1])) {
        cut_round(q, c);
        return;
    }
    if (!find_sides(q, c, far))
        return;
    bool both = far[0].n && far[1].n;
    IrNode *d = both ? difference(&before, &far[0], &far[1]) : NULL, *zero = both ? ir_int(&(IrBuilder){ c->parent->fn, c->parent, c, c->span }, 0) : NULL;
    for (int k = 0; k < 2; k++)
        if (far[k].n)
            put(q, c, k, &far[k], !both ? cut(far[k].n) : !k ? zero : far[k].minus ? ir_add1(&before, OP_neg, d->type, d) : d);
}

static void cut_guard(const Reach *q, IrNode *g)
{
    if (!ir_inside(g, q->r))
        return;
    if ((g->op == OP_lt || g->op == OP_le || g->op == OP_eq) && g->in[0]->type.dtype == DT_i64) {
        cut_sides(q, g);
    } else if (pass_and_then(g)) {
        cut_guard(q, pass_and_then(g));
    } else if (g->op == OP_and || g->op == OP_or || g->op == OP_select) {
        for (int i = 0; i < g->nin; i++)
            cut_guard(q, g->in[i]);
    }
}

void pass_cut_guard(PassCx *cx, IrRegion *r)
{
    Reach q = { cx, r->fn, r };
    IrNode *g = pass_guard(r);
    if (g && r->owner)
        cut_guard(&q, g);
}

static void visit(void *user, IrNode *n)
{
    if (n->op == OP_reduce || n->op == OP_map || n->op == OP_scatter)
        pass_cut_guard(user, n->regions[0]);
}

/* Members of a pass over an axis have the same bounds, if differences of the same two are one number. */
void pass_cut_guards(PassCx *cx, IrFn *fn)
{
    int before = cx->changed;
    ir_walk(fn->body, visit, cx);
    if (cx->changed == before)
        return;
    pass_cse(cx, fn);
    pass_note_symbols(cx, fn->body);
}
