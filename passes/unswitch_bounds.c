/* unswitch_bounds.c - what a guard asks that the bounds of its indices make true is not asked in each turn.
 *
 *     sum [y: H in (p * H) // P..min((p + 1) * H // P, H) | (p * H) // P <= y and y < (p + 1) * H // P and %m[y]]      sum [y: H in .. | %m[y]]
 *
 * Of reductions whose bounds are the same for all lanes and rows. Of sums of products also where they are not, if nothing is left of the guard: places that
 * all of them have take no mask, and the bounds are the mask of the others (../backend/be_reduce.c).
 */
#include "passes/stream_int.h"

typedef struct Bounds { PassCx *cx; IrRegion *r; Facts *f; } Bounds;

static bool is_one_for_all(PassCx *cx, const IrRegion *r, Dim d)
{
    for (const IrNode *n = r->owner; n; n = n->parent->owner)
        if (n->op == OP_tfor && n->loop != LOOP_seq && pass_dim_depends(cx, d, n->regions[0]))
            return false;
    return true;
}

/* Lanes of a product are the map's own. */
static bool is_product(const IrNode *reduce)
{
    return reduce->order == ORDER_contract && reduce->redop == RED_sum && reduce->regions[0]->params.n == 1;
}

/* ask: lanes or rows have other ones each. */
static bool are_bounds(PassCx *cx, const IrRegion *r, bool *ask)
{
    bool some = false;
    *ask = false;
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        if (x->op != OP_index)
            return false;
        *ask = *ask || (x->from && !is_one_for_all(cx, r, x->from)) || (x->to && !is_one_for_all(cx, r, x->to));
        some = some || x->from || x->to;
    }
    return some && (!*ask || is_product(r->owner));
}

static void know_bounds(const Bounds *q)
{
    DimCx *d = q->cx->module->dims;
    for (int i = 0; i < q->r->params.n; i++) {
        const IrNode *x = q->r->params.p[i];
        if (x->sym && x->from)
            facts_le(q->f, x->from, dim_sym(d, x->sym));
        if (x->sym && x->to)
            facts_le(q->f, dim_add(d, dim_sym(d, x->sym), dim_const(d, 1)), x->to);
    }
}

/* a <= b (strict: a < b) is what made a bound of an index that is multiplied. */
static bool is_bound(const Bounds *q, Dim a, Dim b, bool strict)
{
    bool upper, found = false;
    Dim bound;
    for (int i = 0; i < q->r->params.n && !found; i++) {
        const IrNode *x = q->r->params.p[i];
        if (x->sym && pass_bound_of_slope(q->cx, q->r, x, a, b, strict, &upper, &bound))
            found = upper ? x->to && facts_prove_le(q->f, x->to, bound) == YES : x->from && facts_prove_le(q->f, bound, x->from) == YES;
    }
    return found;
}

static bool is_proved(const Bounds *q, Dim a, Dim b, bool strict)
{
    DimCx *d = q->cx->module->dims;
    return facts_prove_le(q->f, strict ? dim_add(d, a, dim_const(d, 1)) : a, b) == YES || is_bound(q, a, b, strict);
}

/* x // c == b: c b <= x < c b + c. */
static bool is_quotient(const Bounds *q, IrNode *x, IrNode *b)
{
    DimCx *d = q->cx->module->dims;
    if (x->op != OP_floordiv || x->in[1]->op != OP_const || x->in[1]->imm < 1)
        return false;
    Dim c = dim_const(d, x->in[1]->imm), low = dim_mul(d, c, pass_dim_through(q->cx, b)), place = pass_dim_through(q->cx, x->in[0]);
    return is_proved(q, low, place, false) && is_proved(q, place, dim_add(d, low, c), true);
}

static bool is_true(const Bounds *q, IrNode *c)
{
    IrNode *x = c->in[0];
    if ((c->op != OP_lt && c->op != OP_le && c->op != OP_eq) || x->type.dtype != DT_i64)
        return false;
    if (c->op == OP_eq)
        return is_quotient(q, x, c->in[1]) || is_quotient(q, c->in[1], x);
    bool both = x->op == OP_abs, strict = c->op == OP_lt;
    Dim a = pass_dim_through(q->cx, both ? x->in[0] : x), b = pass_dim_through(q->cx, c->in[1]);
    return is_proved(q, a, b, strict) && (!both || is_proved(q, dim_neg(q->cx->module->dims, a), b, strict));
}

/* What is left of the guard; NULL: nothing. */
static IrNode *left_of(const Bounds *q, IrNode *g)
{
    if (g->op == OP_and) {
        IrNode *x = left_of(q, g->in[0]), *y = left_of(q, g->in[1]);
        IrBuilder b = { q->r->fn, g->parent, g, g->span };
        return x == g->in[0] && y == g->in[1] ? g : x && y ? ir_add2(&b, OP_and, g->type, x, y) : x ? x : y;
    }
    return is_true(q, g) ? NULL : g;
}

void pass_drop_bounds(PassCx *cx, IrNode *reduce)
{
    IrRegion *r = reduce->regions[0];
    IrNode *g = pass_guard(r), *y = ir_terminator(r);
    bool ask;
    if (!g || reduce->stream || y->nin != 2 || !ir_inside(g, r) || !are_bounds(cx, r, &ask))
        return;
    Bounds q = { cx, r, pass_ranges_around(cx, r) };
    know_bounds(&q);
    IrNode *left = left_of(&q, g), *value = y->in[0];
    if (left == g || (left && ask)) /* a guard that stays is the whole mask */
        return;
    IrBuilder b = { r->fn, r, NULL, y->span };
    ir_drop(y);
    ir_yield(&b, left ? 2 : 1, (IrNode *[]){ value, left });
    pass_drop_unused(r);
    cx->changed++;
}
