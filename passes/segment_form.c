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

/* Splits a conjunction; of a choice `if a { b } else { false }` the condition is one, too, and the choice itself says b. */
static void split(Segment *s, IrNode *g)
{
    IrNode *no = g->op == OP_if ? ir_terminator(g->regions[1])->in[0] : NULL;
    if (g->op == OP_and) {
        split(s, g->in[0]);
        split(s, g->in[1]);
        return;
    }
    if (no && no->op == OP_const && !no->imm)
        split(s, g->in[0]);
    vec_push(s->cx->arena, &s->conjuncts, g);
}

static bool reads_data(const IrNode *n, const IrRegion *r)
{
    if (n->parent != r)
        return false;
    bool any = n->op == OP_load;
    for (int i = 0; i < n->nin && !any; i++)
        any = reads_data(n->in[i], r);
    return any;
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
    if (!j || segment_is_key(s, j) || s->nkeys == KEYS_MOST || (t != DT_i64 && t != DT_u64) || !reads_data(v, r) || !pass_depends(s->cx, v, r))
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
