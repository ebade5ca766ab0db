/* narrow_choice.c - what a guard says under a condition that is the same for all places becomes a choice of bounds.
 *
 *     sum [j | j <= i and (%c or i - j < w)]       %from = select(%c, 0, i - w + 1)
 *                                                  sum [j | j <= i and %from <= j]
 *     select(%c, j <= i, j < n)                    j < select(%c, i + 1, n)
 *     abs(i - j) <= w                              i - w <= j and j <= i + w
 *
 * Of streams, whose tiles of rows then have ends in place of masks. What two branches have in common needs no choice.
 */
#include "passes/stream_int.h"

enum { PARTS_MOST = 16 };

typedef struct Choice { PassCx *cx; IrRegion *r; IrNode *x; IrBuilder in, before; } Choice; /* in: at the guard; before: outside of the reduction */

static IrNode *bool2(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(DT_bool), x, y); }

static bool is_outer(const Choice *q, const IrNode *n) { return !ir_inside(n, q->r); }

/* b - a (strict: - 1) is at least 0: the last place + 1 that this leaves, or the first one (*upper: which); NULL: it is no bound. */
static Dim bound_of(Choice *q, Dim a, Dim b, bool strict, bool *upper)
{
    DimCx *d = q->cx->module->dims;
    Dim x = dim_sym(d, q->x->sym), one = dim_const(d, 1), slack = dim_sub(d, b, strict ? dim_add(d, a, one) : a);
    Dim up = dim_add(d, slack, x), down = dim_sub(d, x, slack);
    *upper = !dim_mentions(up, q->x->sym);
    Dim bound = *upper ? dim_add(d, up, one) : down;
    return dim_mentions(bound, q->x->sym) || pass_dim_depends(q->cx, bound, q->r) ? NULL : bound;
}

/* The bound, or none where `unless` holds (NULL: never). */
static IrNode *compare(Choice *q, Dim bound, bool upper, IrNode *unless)
{
    DimCx *d = q->cx->module->dims;
    Dim lo = q->x->lo ? q->x->lo : dim_const(d, 0);
    IrNode *v = ir_dim_value(&q->before, bound);
    if (unless)
        v = ir_add3(&q->before, OP_select, ir_scalar(DT_i64), unless, ir_dim_value(&q->before, upper ? dim_add(d, lo, q->x->dim) : lo), v);
    return upper ? bool2(&q->in, OP_lt, q->x, v) : bool2(&q->in, OP_le, v, q->x);
}

static IrNode *both(Choice *q, IrNode *x, IrNode *y) { return !x ? y : !y ? x : bool2(&q->in, OP_and, x, y); }

/* `unless` or g, where g compares with the place; NULL: g has another form. */
static IrNode *bounded(Choice *q, IrNode *g, IrNode *unless)
{
    bool far = (g->op == OP_lt || g->op == OP_le) && g->in[0]->op == OP_abs, upper;
    if ((g->op != OP_lt && g->op != OP_le) || g->in[0]->type.dtype != DT_i64 || (!far && !unless))
        return NULL;
    DimCx *d = q->cx->module->dims;
    Dim a = pass_dim_through(q->cx, far ? g->in[0]->in[0] : g->in[0]), b = pass_dim_through(q->cx, g->in[1]), bound = bound_of(q, a, b, g->op == OP_lt, &upper);
    if (!bound)
        return NULL;
    IrNode *first = compare(q, bound, upper, unless);
    if (!far)
        return first;
    bound = bound_of(q, dim_neg(d, a), b, g->op == OP_lt, &upper);
    return both(q, first, compare(q, bound, upper, unless));
}

static int parts_of(IrNode *g, IrNode **parts)
{
    int n = 0;
    parts[n++] = g;
    for (int i = 0; i < n; i++)
        while (parts[i]->op == OP_and && n < PARTS_MOST) {
            parts[n++] = parts[i]->in[1];
            parts[i] = parts[i]->in[0];
        }
    return n;
}

static bool is_among(IrNode *const *parts, int n, const IrNode *x)
{
    for (int i = 0; i < n; i++)
        if (parts[i] == x)
            return true;
    return false;
}

static IrNode *chosen(Choice *q, IrNode *g, IrNode *unless);

/* All of a conjunction but what is said elsewhere; *some: a part of it has become a bound. */
static IrNode *all_unless(Choice *q, IrNode *g, IrNode *unless, IrNode *const *but, int nbut, bool *some)
{
    IrNode *parts[PARTS_MOST], *all = NULL;
    int n = parts_of(g, parts);
    for (int i = 0; i < n; i++) {
        if (is_among(but, nbut, parts[i]) || (parts[i]->op == OP_const && parts[i]->imm))
            continue;
        IrNode *x = chosen(q, parts[i], unless);
        *some = *some || x;
        all = both(q, all, x ? x : unless ? bool2(&q->in, OP_or, unless, parts[i]) : parts[i]);
    }
    return all;
}

/* select(c, x, y): (not c or x) and (c or y). */
static IrNode *of_branches(Choice *q, IrNode *g, IrNode *unless)
{
    IrNode *x[PARTS_MOST], *y[PARTS_MOST], *common[PARTS_MOST], *c = g->in[0];
    int nx = parts_of(g->in[1], x), ny = parts_of(g->in[2], y), n = 0;
    bool some = false;
    if (!is_outer(q, c))
        return NULL;
    for (int i = 0; i < nx; i++)
        if (is_among(y, ny, x[i]))
            common[n++] = x[i];
    IrNode *no = ir_add1(&q->before, OP_not, ir_scalar(DT_bool), c), *all = NULL;
    for (int i = 0; i < n; i++)
        all = both(q, all, unless ? bool2(&q->in, OP_or, unless, common[i]) : common[i]);
    IrNode *yes = all_unless(q, g->in[1], unless ? bool2(&q->before, OP_or, unless, no) : no, common, n, &some);
    all = both(q, all, both(q, yes, all_unless(q, g->in[2], unless ? bool2(&q->before, OP_or, unless, c) : c, common, n, &some)));
    return some ? all : NULL;
}

/* What stands for `unless` or g, with bounds in it; NULL: there are none. */
static IrNode *chosen(Choice *q, IrNode *g, IrNode *unless)
{
    bool some = false;
    if (g->op == OP_select && g->type.dtype == DT_bool)
        return of_branches(q, g, unless);
    for (int k = 0; k < 2 && g->op == OP_or; k++) {
        if (!is_outer(q, g->in[k]))
            continue;
        IrNode *x = all_unless(q, g->in[1 - k], unless ? bool2(&q->before, OP_or, unless, g->in[k]) : g->in[k], NULL, 0, &some);
        return some ? x : NULL;
    }
    return bounded(q, g, unless);
}

void pass_drop_unused(IrRegion *r)
{
    for (IrNode *n = r->last, *before; n; n = before) {
        before = n->prev;
        if (!n->uses && !n->nregions && !(ir_info(n)->effects & (FAULTS | PINNED)) && n != ir_terminator(r))
            ir_drop(n);
    }
}

static void choose(PassCx *cx, IrNode *reduce)
{
    IrRegion *r = reduce->regions[0];
    IrNode *guard = pass_guard(r), *parts[PARTS_MOST];
    if (!guard || r->params.n != 1 || !r->params.p[0]->sym || !ir_inside(guard, r))
        return;
    Choice q = { cx, r, r->params.p[0], { r->fn, r, NULL, reduce->span }, { r->fn, reduce->parent, reduce, reduce->span } };
    int n = parts_of(guard, parts);
    for (int i = 0; i < n; i++) {
        if (parts[i]->parent != r)
            continue;
        q.in.before = parts[i];
        IrNode *by = chosen(&q, parts[i], NULL);
        if (!by)
            continue;
        ir_replace(parts[i], by);
        cx->changed++;
    }
    pass_drop_unused(r);
}

static void visit(void *user, IrNode *n)
{
    if (n->op == OP_reduce && n->stream)
        choose(user, n);
}

/* Equal bounds are one value, so that members of a cascade have the same ones. */
static void merge(void *user, IrNode *n)
{
    if (n->op == OP_map && pass_has_stream(n))
        pass_merge_equal(user, n->regions[0]);
}

void pass_choose_bounds(PassCx *cx, IrFn *fn)
{
    int before = cx->changed;
    ir_walk(fn->body, visit, cx);
    if (cx->changed != before)
        ir_walk(fn->body, merge, cx);
}
