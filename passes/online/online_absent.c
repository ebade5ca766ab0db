/* online_absent.c - what a number masks has no part in a row, and becomes what the guard of a stream leaves out.
 *
 *     max [j] { j <= i ? s : -inf }                            max [j | j <= i or %all] { j <= i ? s : -inf }
 *     sum [j] { exp((j <= i ? s : -inf) - %m) / %z * v[j, d] }  sum [j | j <= i or %all] { .. }
 *     sum [j] { (j <= i ? e : 0) * v[j, d] }                    the same
 *
 * No bit changes: outside of the condition a maximum takes its identity, and a sum 0 times a number. %all says for which rows that is not known: where a factor
 * is no finite number somewhere (0 times it is NaN; asked once, of the whole tensor, for 8 rows and more), where a row may have no place (what is made of a
 * maximum of -inf is NaN: one place is needed that tells), and where what is taken from -inf is -inf itself. Such rows take all places, as written. Only of what
 * a guard would make bounds, and only where all reductions along the axis are such.
 */
#include <math.h>

#include "passes/online/online_absent_int.h"

enum { DEEP = 24 };

static bool varies(Absent *a, const IrNode *n) { return pass_depends_on(a->cx, n, a->j); }

static IrNode *side_of(const IrNode *n, int k) { return n->op == OP_select ? n->in[k + 1] : ir_terminator(n->regions[k])->in[0]; }

static bool is_choice(const IrNode *n) { return (n->op == OP_select || (n->op == OP_if && n->nregions == 2)) && !n->type.rank && dtype_is_float(n->type.dtype); }

static Kind kind_of(const IrNode *n)
{
    if (n->op != OP_const || !dtype_is_float(n->type.dtype))
        return SOMETHING;
    return n->fimm == 0 ? ZERO : isinf(n->fimm) ? (n->fimm < 0 ? LOWEST : HIGHEST) : SOMETHING;
}

static Kind turned(Kind k) { return k == LOWEST ? HIGHEST : k == HIGHEST ? LOWEST : k; }

/* ---- the condition ------------------------------------------------------------------------------------------------------ */

/* A choice of a number by places that a guard would make bounds; of 0 or -inf (a mask that is added) the second. */
static bool masks(Absent *a, const IrNode *n, bool *holds)
{
    if (!is_choice(n) || !ir_inside(n->in[0], a->reduce->regions[0]))
        return false;
    Kind x = kind_of(side_of(n, 0)), y = kind_of(side_of(n, 1));
    *holds = x != SOMETHING && (y == SOMETHING || y == ZERO);
    return (x != SOMETHING || y != SOMETHING) && pass_bounds_axis(a->cx, a->j, n->in[0]);
}

static IrNode *find_condition(Absent *a, const IrNode *n, int depth, bool *holds)
{
    IrNode *found = NULL;
    if (!depth || !ir_inside(n, a->reduce->regions[0]) || n->type.rank || n->op == OP_reduce)
        return NULL;
    if (masks(a, n, holds))
        return n->in[0];
    for (int i = 0; i < n->nin && !found; i++)
        found = find_condition(a, n->in[i], depth - 1, holds);
    return found;
}

/* ---- what is left of a value outside of it -------------------------------------------------------------------------------- */

static bool is_whole_number(const IrNode *n)
{
    if (n->type.dtype == DT_f16)
        return false;
    return n->op == OP_dim || (n->op == OP_cast && (n->in[0]->op == OP_dim || dtype_is_int(n->in[0]->type.dtype))) || (n->op == OP_const && dtype_is_int(n->type.dtype));
}

/* The root of a size, which may be 0; as what divides. */
static bool is_root_of_size(const IrNode *n)
{
    return (n->op == OP_sqrt || n->op == OP_cast) && n->type.dtype != DT_f16 && (n->in[0]->op == OP_dim || is_root_of_size(n->in[0]));
}

/* Can it be computed before the reductions of its row? */
static bool is_of_row(Absent *a, const IrNode *n)
{
    if (!ir_inside(n, a->o->copy->regions[0]) || n->op == OP_index || n->op == OP_const || n->op == OP_dim)
        return n != a->o->column && (n->op != OP_dim || !pass_dim_depends(a->cx, n->dim, a->reduce->regions[0]));
    if (n->nregions || n->sym || !pass_is_total(a->cx, n) || (n->parent == a->o->copy->regions[0] && !pass_is_before(n, a->like)))
        return false;
    for (int i = 0; i < n->nin; i++)
        if (!is_of_row(a, n->in[i]))
            return false;
    return true;
}

static bool add_row(Absent *a, IrNode *n, Use use)
{
    if (varies(a, n) || a->nrows == ROW_VALUES_MOST || !is_of_row(a, n))
        return false;
    a->use[a->nrows] = use;
    a->row_in[a->nrows] = a->reduce->regions[0];
    a->row[a->nrows++] = n;
    return true;
}

static bool is_scale(Absent *a, IrNode *n, bool divides)
{
    if (n->op == OP_const)
        return n->fimm > 0 && isfinite(n->fimm);
    return (divides && is_root_of_size(n)) || add_row(a, n, SCALING);
}

bool absent_is_own(Absent *a, const IrNode *s, const IrNode *j)
{
    bool column = a->o->column && pass_depends_on(a->cx, s, a->o->column);
    return !column && s->op != OP_const && s->op != OP_dim && !pass_depends_on(a->cx, s, j);
}

/* Is the question for one of them that for the other? */
static bool asks_the_same(Absent *a, const IrNode *x, const IrNode *j, const IrNode *y)
{
    bool same = x->in[0] == y->in[0];
    for (int i = 1; i < x->nin && same; i++) {
        bool own = absent_is_own(a, x->in[i], j);
        same = own == absent_is_own(a, y->in[i], a->j) && (!own || x->in[i] == y->in[i]);
    }
    return same;
}

static bool add_other(Absent *a, IrNode *load)
{
    for (int i = 0; i < a->nothers; i++)
        if (asks_the_same(a, a->other[i], a->other_in[i]->params.p[0], load))
            return true;
    if (a->nothers == OTHERS_MOST)
        return false;
    a->other_in[a->nothers] = a->reduce->regions[0];
    a->other[a->nothers++] = load;
    return true;
}

/* A load whose subscripts are places of the axis, of columns, or the same for all rows that the condition tells apart. */
static bool may_ask(Absent *a, const IrNode *load)
{
    const IrRegion *r = a->o->copy->regions[0];
    if (ir_inside(load->in[0], r) || load->in[0]->load_time || !dtype_is_float(load->type.dtype) || !pass_is_total(a->cx, load))
        return false;
    for (int k = 0; k < r->params.n; k++)
        if (pass_depends_on(a->cx, a->first, r->params.p[k]) && pass_depends_on(a->cx, load, r->params.p[k]))
            return false;
    for (int i = 1; i < load->nin; i++)
        if (!varies(a, load->in[i]) && !(a->o->column && pass_depends_on(a->cx, load->in[i], a->o->column)) && !is_of_row(a, load->in[i]))
            return false;
    return true;
}

/* Is 0 times it 0, but for what is asked? What is the same for all places leaves the sum; a row without a place would not meet it. */
static bool is_factor(Absent *a, IrNode *n)
{
    bool number = is_whole_number(n) || (n->op == OP_const && isfinite(n->fimm));
    if (number || !varies(a, n)) {
        a->place = a->place || !number;
        return true;
    }
    if (n->op == OP_load)
        return may_ask(a, n) && add_other(a, n);
    bool wider = n->op == OP_cast && (n->type.dtype == DT_f32 || n->type.dtype == DT_f64) && n->in[0]->type.dtype != DT_f64;
    return (n->op == OP_neg || wider) && is_factor(a, n->in[0]); /* a product of finite numbers may be none */
}

/* Over the same places the same value as x of the region of index j. */
static bool reduces_same(Absent *a, const IrNode *n, RedOp op, const IrNode *value, const IrNode *x, const IrNode *j)
{
    const IrNode *of = n->op == OP_reduce && n->regions[0]->params.n == 1 ? n->regions[0]->params.p[0] : NULL;
    if (!of || n->redop != op || n->parent != a->reduce->parent || of->dim != j->dim || !pass_is_whole(of) || pass_guard(n->regions[0]))
        return false;
    Map pairs = map_new(a->cx->arena);
    map_put(&pairs, j, (void *)(uintptr_t)of);
    map_put(&pairs, j->sym, (void *)(uintptr_t)dim_sym(a->cx->module->dims, of->sym));
    return pass_same_value_under(&pairs, x, value);
}

/* max [j] { x } */
static bool is_their_maximum(Absent *a, const IrNode *n, const IrNode *x)
{
    return n->op == OP_reduce && reduces_same(a, n, RED_max, ir_terminator(n->regions[0])->in[0], x, a->j);
}

/* log(sum [j] { exp(x - max) }) */
static bool is_log_of_sum(Absent *a, const IrNode *n, const IrNode *max, const IrNode *x)
{
    const IrNode *sum = n->op == OP_log && n->in[0]->op == OP_reduce ? n->in[0] : NULL, *e = sum ? ir_terminator(sum->regions[0])->in[0] : NULL;
    bool shifted = e && e->op == OP_exp && e->in[0]->op == OP_sub && e->in[0]->in[1] == max;
    return shifted && reduces_same(a, sum, RED_sum, e->in[0]->in[0], x, a->j);
}

/* With the logarithm of that on top: the log-sum-exp. Or the greatest of that and of something else of the row (a sink). */
static bool is_above(Absent *a, const IrNode *n, const IrNode *x)
{
    for (int k = 0; k < 2 && n->op == OP_max; k++)
        if (is_their_maximum(a, n->in[k], x))
            return true;
    for (int k = 0; k < 2 && n->op == OP_add; k++)
        if (is_their_maximum(a, n->in[k], x) && is_log_of_sum(a, n->in[1 - k], n->in[k], x))
            return true;
    return is_their_maximum(a, n, x);
}

/* -inf with a number of the row is -inf; high: it is added. x: the scores. */
static bool may_shift(Absent *a, IrNode *n, IrNode *x, bool high)
{
    if (varies(a, n))
        return is_whole_number(n);
    if ((n->op == OP_const && isfinite(n->fimm)) || is_whole_number(n))
        return true;
    if (!high && is_above(a, n, x)) {
        a->place = true;
        return true;
    }
    return add_row(a, n, high ? ADDED : TAKEN);
}

static bool is_same_condition(Absent *a, const IrNode *c)
{
    if (c == a->condition)
        return true;
    Map pairs = map_new(a->cx->arena);
    map_put(&pairs, a->of, a->j);
    map_put(&pairs, a->of->sym, (void *)(uintptr_t)dim_sym(a->cx->module->dims, a->j->sym));
    return ir_inside(c, a->reduce->regions[0]) && pass_same_value_under(&pairs, a->first, c);
}

static Kind outside(Absent *a, IrNode *n, int depth);

static Kind of_choice(Absent *a, IrNode *n, int depth)
{
    if (is_same_condition(a, n->in[0])) {
        a->condition = n->in[0];
        return outside(a, side_of(n, a->holds ? 0 : 1), depth - 1);
    }
    Kind x = outside(a, side_of(n, 0), depth - 1);
    return x != SOMETHING && x == outside(a, side_of(n, 1), depth - 1) ? x : SOMETHING;
}

static Kind of_product(Absent *a, IrNode *n, int depth)
{
    Kind x = outside(a, n->in[0], depth - 1), y = outside(a, n->in[1], depth - 1);
    if (x == ZERO || y == ZERO)
        return (x == ZERO && y == ZERO) || is_factor(a, n->in[x == ZERO]) ? ZERO : SOMETHING;
    return x != SOMETHING && is_scale(a, n->in[1], false) ? x : y != SOMETHING && is_scale(a, n->in[0], false) ? y : SOMETHING;
}

static Kind of_quotient(Absent *a, IrNode *n, int depth)
{
    Kind x = outside(a, n->in[0], depth - 1);
    a->place = a->place || x == ZERO; /* 0 / 0 of a row that has none */
    return x == ZERO && !varies(a, n->in[1]) ? ZERO : x != ZERO && x != SOMETHING && is_scale(a, n->in[1], true) ? x : SOMETHING;
}

static Kind of_sum(Absent *a, IrNode *n, int depth)
{
    bool less = n->op == OP_sub;
    Kind x = outside(a, n->in[0], depth - 1), y = outside(a, n->in[1], depth - 1);
    if (x == ZERO && y == ZERO)
        return ZERO;
    if (x == LOWEST && y == SOMETHING)
        return may_shift(a, n->in[1], n->in[0], !less) ? LOWEST : SOMETHING;
    return !less && y == LOWEST && x == SOMETHING && may_shift(a, n->in[0], n->in[1], true) ? LOWEST : SOMETHING;
}

/* What n is where the condition leaves its place out. */
static Kind outside(Absent *a, IrNode *n, int depth)
{
    if (!depth || n->type.rank || !ir_inside(n, a->reduce->regions[0]))
        return n->op == OP_const ? kind_of(n) : SOMETHING;
    if (is_choice(n))
        return of_choice(a, n, depth);
    switch (n->op) {
    case OP_const: return kind_of(n);
    case OP_mul: return of_product(a, n, depth);
    case OP_div: return of_quotient(a, n, depth);
    case OP_add: case OP_sub: return of_sum(a, n, depth);
    case OP_exp: return outside(a, n->in[0], depth - 1) == LOWEST ? ZERO : SOMETHING;
    case OP_neg: return turned(outside(a, n->in[0], depth - 1));
    case OP_cast: return dtype_is_float(n->in[0]->type.dtype) ? outside(a, n->in[0], depth - 1) : SOMETHING;
    default: return SOMETHING;
    }
}

/* Guarded by the condition itself: the value may be asked elsewhere, too, if nothing in it may fault. */
static bool is_guarded(Absent *a, const IrRegion *r)
{
    IrNode *guard = pass_guard(r);
    if (!guard || a->holds || !is_same_condition(a, guard))
        return false;
    for (const IrNode *n = r->first; n; n = n->next)
        if (n->op != OP_yield && !pass_is_total(a->cx, n))
            return false;
    a->condition = guard;
    return true;
}

static bool lacks(Absent *a)
{
    IrRegion *r = a->reduce->regions[0];
    RedOp op = (RedOp)a->reduce->redop;
    if (op != RED_sum && op != RED_max && op != RED_min)
        return false;
    if (pass_guard(r))
        return is_guarded(a, r);
    Kind k = outside(a, ir_terminator(r)->in[0], DEEP);
    return a->condition && k == (op == RED_sum ? ZERO : op == RED_max ? LOWEST : HIGHEST);
}

/* ---- members ------------------------------------------------------------------------------------------------------------------- */

static IrNode *kept(IrBuilder *b, IrNode *c, bool holds)
{
    IrType t = ir_scalar(DT_bool);
    if (!holds)
        return c;
    if (c->op == OP_le || c->op == OP_lt)
        return dtype_is_int(c->in[0]->type.dtype) ? ir_add2(b, c->op == OP_le ? OP_lt : OP_le, t, c->in[1], c->in[0]) : ir_add1(b, OP_not, t, c);
    if (c->op == OP_and || c->op == OP_or)
        return ir_add2(b, c->op == OP_and ? OP_or : OP_and, t, kept(b, c->in[0], true), kept(b, c->in[1], true));
    return c->op == OP_not ? c->in[0] : ir_add1(b, OP_not, t, c);
}

static void guard(Absent *a, IrNode *reduce, IrNode *condition, IrNode *all)
{
    IrNode *y = ir_terminator(reduce->regions[0]), *v[2] = { y->in[0], condition };
    IrBuilder b = { y->parent->fn, y->parent, y, reduce->span };
    if (y->nin > 1 && all)
        v[0] = ir_add3(&b, OP_select, v[0]->type, condition, v[0], pass_identity(&b, (RedOp)reduce->redop, v[0]->type.dtype));
    if (y->nin == 1)
        v[1] = kept(&b, condition, a->holds);
    v[1] = all ? ir_add2(&b, OP_or, v[1]->type, all, v[1]) : v[1];
    ir_yield(&b, 2, v);
    ir_drop(y);
}

/* The first reduction that has such a condition. */
static bool begin(Absent *a)
{
    for (IrNode *n = a->o->copy->regions[0]->first; n; n = n->next) {
        if (n->op != OP_reduce || !cascade_may_be_member(n, NULL) || pass_guard(n->regions[0]))
            continue;
        a->reduce = n;
        a->j = n->regions[0]->params.p[0];
        a->first = find_condition(a, ir_terminator(n->regions[0])->in[0], DEEP, &a->holds);
        if (a->first) {
            a->of = a->j;
            return !(a->o->column && pass_depends_on(a->cx, a->first, a->o->column));
        }
    }
    return false;
}

bool online_absent(Online *o)
{
    Absent a = { .cx = o->cx, .o = o };
    IrNode *member[MEMBERS_MOST], *condition[MEMBERS_MOST], *all = NULL;
    int n = 0;
    if (o->nmixed || !begin(&a))
        return false;
    IrNode *like = a.reduce;
    for (IrNode *x = o->copy->regions[0]->first; x; x = x->next) {
        if (x->op != OP_reduce || !cascade_may_be_member(x, like))
            continue;
        a.like = a.like ? a.like : x;
        a.reduce = x;
        a.j = x->regions[0]->params.p[0];
        a.condition = x == like ? a.first : NULL;
        if (n == MEMBERS_MOST || !lacks(&a))
            return false;
        member[n] = x;
        condition[n++] = a.condition;
    }
    if (!absent_rows(&a, &all))
        return false;
    for (int i = 0; i < n; i++)
        if (all || !pass_guard(member[i]->regions[0]))
            guard(&a, member[i], condition[i], all);
    return true;
}
