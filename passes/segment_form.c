/* segment_form.c - which reductions are segmented: `op [i | a[i] == j and ...]` with j an index of a loop around it.
 *
 * A key is a comparison of an outer index (plus a number) with data that depend on a reduced index and on no key. What the reduction needs
 * of the loops around it beside the keys are axes of the result that stay. Sizes have to be known before these loops, and a reduction that
 * does not run everywhere has to be total, since the scatter runs before them.
 */
#include "passes/segment_int.h"

static bool dim_depends(Segment *s, Dim d, const IrRegion *r) { return pass_dim_depends(s->cx, d, r); }

/* The loops around the reduction up to top: maps, reductions and choices. */
static bool find_outer(Segment *s)
{
    IrRegion *r = s->reduce->parent;
    VEC(IrNode *) back = { 0 };
    for (;; r = r->owner->parent) {
        IrOp op = (IrOp)r->owner->op;
        if (op != OP_map && op != OP_reduce && op != OP_if)
            return false;
        s->conditional = s->conditional || op == OP_if || pass_guard(r);
        for (int i = r->params.n - 1; i >= 0; i--)
            vec_push(s->cx->arena, &back, r->params.p[i]);
        if (r->owner == s->top)
            break;
    }
    while (back.n)
        vec_push(s->cx->arena, &s->outer, back.p[--back.n]);
    return true;
}

static bool order_is_free(const IrNode *reduce)
{
    bool real = dtype_is_float(ir_terminator(reduce->regions[0])->in[0]->type.dtype);
    return !real || (reduce->redop != RED_sum && reduce->redop != RED_prod);
}

/* Of a chain, a key that several of its indices make is no bound. */
static bool is_of_pairs(Segment *s, const IrNode *v)
{
    const IrRegion *r = s->reduce->regions[0];
    int n = 0;
    for (int i = 0; i < r->params.n; i++)
        n += pass_depends_on(s->cx, v, r->params.p[i]);
    return n > 1 && s->reduce->order == ORDER_chain;
}

static bool is_known_size(Segment *s, Dim size)
{
    for (const IrRegion *r = s->reduce->parent;; r = r->owner->parent) {
        if (dim_depends(s, size, r))
            return false;
        if (r->owner == s->top)
            return true;
    }
}

/* The outer index j of a side j + start of a comparison, start known before the loops; NULL: it is something else. */
static IrNode *outer_index(Segment *s, IrNode *x, Dim *start)
{
    DimCx *d = s->cx->module->dims;
    if (x->op == OP_cast && x->type.dtype == DT_u64) /* of an index, which is not negative */
        x = x->in[0];
    if (!pass_is_affine(x))
        return NULL;
    for (int i = 0; i < s->outer.n; i++) {
        *start = dim_sub(d, pass_dim_of(s->cx, x), dim_sym(d, s->outer.p[i]->sym));
        if (!dim_mentions(*start, s->outer.p[i]->sym) && is_known_size(s, *start) && !dim_depends(s, *start, s->reduce->regions[0]))
            return s->outer.p[i];
    }
    return NULL;
}

static bool runs_always(Segment *s, const IrRegion *r)
{
    bool all = true;
    for (IrNode *n = r->first; n && all; n = n->next)
        all = n->op == OP_yield || pass_is_total(s->cx, n);
    return all;
}

/* Of `if a { v == j } else { false }`: `if a { v } else { no place } == j`, in its place. NULL: it is something else. */
static IrNode *open_key(Segment *s, IrNode *g)
{
    IrNode *end = ir_terminator(g->regions[0]), *eq = end->in[0];
    Dim start;
    int side = eq->op == OP_eq && eq->parent == end->parent && outer_index(s, eq->in[1], &start);
    if (eq->op != OP_eq || eq->parent != end->parent || !outer_index(s, eq->in[side], &start) || eq->in[1 - side]->type.dtype != DT_i64 ||
        eq->in[side]->op != OP_index)
        return NULL;
    IrBuilder b = { g->parent->fn, g->parent, g, g->span }, no = { g->parent->fn, NULL, NULL, g->span };
    IrNode *key = ir_add1(&b, OP_if, ir_scalar(DT_i64), g->in[0]), *v = eq->in[1 - side], *j = eq->in[side];
    IrBuilder yes = { b.fn, ir_region_new(b.fn, key), NULL, g->span };
    IrNode *last = ir_yield(&yes, 1, &v);
    for (IrNode *n = g->regions[0]->first, *next; n != end; n = next) {
        next = n->next;
        if (n != eq)
            ir_move_before(n, last);
    }
    no.region = ir_region_new(b.fn, key);
    v = ir_int(&no, INT64_MIN);
    ir_yield(&no, 1, &v);
    IrNode *found = ir_add2(&b, OP_eq, ir_scalar(DT_bool), key, j);
    ir_replace(g, found);
    ir_drop(g);
    return found;
}

/* Splits a conjunction; of a choice `if a { b } else { false }` the condition is one, too, and b, or where that may need a the choice itself. */
static void split(Segment *s, IrNode *g)
{
    IrNode *no = g->op == OP_if ? ir_terminator(g->regions[1])->in[0] : NULL;
    if (g->op == OP_and) {
        split(s, g->in[0]);
        split(s, g->in[1]);
        return;
    }
    if (no && no->op == OP_const && !no->imm) {
        split(s, g->in[0]);
        if (runs_always(s, g->regions[0])) {
            split(s, ir_terminator(g->regions[0])->in[0]);
            return;
        }
        IrNode *key = open_key(s, g);
        g = key ? key : g;
    }
    vec_push(s->cx->arena, &s->conjuncts, g);
}

typedef struct Next { DimCx *cx; DimSym *sym; } Next;

static Dim next_of(void *user, DimSym *s)
{
    Next *n = user;
    return s == n->sym ? dim_add(n->cx, dim_sym(n->cx, s), dim_const(n->cx, 1)) : NULL;
}

static bool is_linear(Segment *s, Dim d, const IrRegion *r)
{
    bool all = true;
    for (int i = 0; i < r->params.n && all; i++) {
        Next n = { s->cx->module->dims, r->params.p[i]->sym };
        all = !dim_mentions(dim_sub(n.cx, dim_subst(n.cx, d, next_of, &n), d), n.sym);
    }
    return all;
}

/* A sum or product of indices and sizes, or such a quotient or remainder: as frontend/core_order.c has it. */
static bool follows(Segment *s, const IrNode *v, bool top)
{
    bool sums = v->op == OP_add || v->op == OP_sub || v->op == OP_mul || v->op == OP_iadd || v->op == OP_isub || v->op == OP_imul, all = true;
    bool divides = v->op == OP_floordiv || v->op == OP_mod;
    if (v->op == OP_dim)
        return is_linear(s, v->dim, s->reduce->regions[0]);
    if (v->op == OP_index || !pass_depends(s->cx, v, s->reduce->regions[0]))
        return true;
    for (int i = 0; i < v->nin && all; i++)
        all = follows(s, v->in[i], top && !sums && !divides);
    return all && (sums || (divides && top) || v->op == OP_cast || v->op == OP_nonzero || v->op == OP_divisor);
}

bool segment_is_key(const Segment *s, const IrNode *x)
{
    for (int i = 0; i < s->nkeys; i++)
        if (s->key[i].index == x)
            return true;
    return false;
}

static void take_key(Segment *s, IrNode *c, int side)
{
    Dim start;
    IrNode *j = outer_index(s, c->in[side], &start), *v = c->in[1 - side];
    const IrRegion *r = s->reduce->regions[0];
    IrDtype t = v->type.dtype;
    if (!j || segment_is_key(s, j) || s->nkeys == KEYS_MOST || (t != DT_i64 && t != DT_u64) || (follows(s, v, true) && !is_of_pairs(s, v)) || !pass_depends(s->cx, v, r))
        return;
    for (int i = 0; i < s->outer.n; i++) /* it may depend on places that stay, not on those that it names */
        if ((s->outer.p[i] == j || segment_is_key(s, s->outer.p[i])) && pass_depends_on(s->cx, v, s->outer.p[i]))
            return;
    for (int i = 0; i < s->nkeys; i++)
        if (pass_depends_on(s->cx, s->key[i].value, j))
            return;
    s->key[s->nkeys++] = (Key){ j, c, v, start };
}

static void find_keys(Segment *s)
{
    IrNode *g = pass_guard(s->reduce->regions[0]);
    if (g)
        split(s, g);
    s->nguards = s->conjuncts.n;
    if (s->reduce->redop == RED_count || s->reduce->redop == RED_any) /* places that do not count are as if left out */
        split(s, ir_terminator(s->reduce->regions[0])->in[0]);
    for (int i = 0; i < s->conjuncts.n; i++)
        for (int side = 0; side < 2 && s->conjuncts.p[i]->op == OP_eq; side++)
            take_key(s, s->conjuncts.p[i], side);
}

static bool has_known_range(Segment *s, const IrNode *x) { return is_known_size(s, x->dim) && is_known_size(s, x->lo); }

static bool find_axes(Segment *s)
{
    IrRegion *r = s->reduce->regions[0];
    for (int i = 0; i < s->outer.n; i++) {
        IrNode *x = s->outer.p[i];
        if (!segment_is_key(s, x) && !pass_depends_on(s->cx, s->reduce, x))
            continue;
        if (!has_known_range(s, x) || s->axes.n == AXES_MOST)
            return false;
        vec_push(s->cx->arena, &s->axes, x);
    }
    for (int i = 0; i < r->params.n; i++)
        if (!has_known_range(s, r->params.p[i]))
            return false;
    return true;
}

static void see_plain(void *user, IrNode *n)
{
    bool *plain = user;
    if (pass_is_tensor(n) || n->op == OP_map || (ir_info(n)->effects & PINNED))
        *plain = false;
}

bool segment_has_form(Segment *s)
{
    bool plain = true;
    ir_walk(s->reduce->regions[0], see_plain, &plain);
    if (!plain || s->reduce->stream || (s->reduce->order != ORDER_chain && !order_is_free(s->reduce)) || !find_outer(s))
        return false;
    find_keys(s);
    return s->nkeys && find_axes(s) && (!s->conditional || pass_is_total(s->cx, s->reduce));
}
