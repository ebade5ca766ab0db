/* lower_expr.c - scalar expressions to nodes. */
#include "frontend/lower_int.h"

#include <string.h>

static IrType scalar_of(const Core *e)
{
    return ir_scalar(e->type.dtype);
}

/* ---- if, where laziness is needed ---- */

/* `if c { f(e) } else { other }`; other NULL: 0. */
static IrNode *lazy(Low *l, IrNode *c, const Core *e, IrNode *(*f)(Low *, const Core *), IrType t, IrNode *other)
{
    IrNode *n = ir_add1(&l->b, OP_if, t, c);
    IrRegion *then = ir_region_new(l->ir, n), *not = ir_region_new(l->ir, n);
    IrBuilder outer = low_enter(l, then);
    int mark = low_open(l);
    IrNode *v = f(l, e);
    ir_yield(&l->b, 1, &v);
    low_close(l, mark);
    low_enter(l, not);
    v = other ? other : low_zero(l, t);
    ir_yield(&l->b, 1, &v);
    l->b = outer;
    return n;
}

IrNode *low_and_then(Low *l, IrNode *c, const Core *e, IrNode *(*f)(Low *, const Core *))
{
    if (f != low_present && low_is_total(l, e))
        return low_and(l, c, f(l, e));
    return lazy(l, c, e, f, ir_scalar(DT_bool), NULL);
}

IrNode *low_read(Low *l, const Core *e)
{
    if (e->type.rank)
        return low_tensor_read(l, e);
    if (e->kind == C_var) /* the environment holds 0 where a scalar is absent */
        return low_value(l, e);
    IrNode *p = low_present(l, e);
    if (!p)
        return low_value(l, e);
    l->b.span = e->span;
    if (low_is_total(l, e))
        return ir_add3(&l->b, OP_select, scalar_of(e), p, low_value(l, e), low_zero(l, scalar_of(e)));
    return lazy(l, p, e, low_value, scalar_of(e), NULL);
}

IrNode *low_truth(Low *l, const Core *e)
{
    return low_read(l, e);
}

/* ---- constants ---- */

static IrNode *value_const(Low *l, const Core *e)
{
    IrDtype t = e->type.dtype;
    if (dtype_is_float(t))
        return ir_const_float(&l->b, t, e->fval);
    IrNode *n = ir_const_int(&l->b, t, e->ival);
    if (t == DT_key) {
        n->key[0] = e->key[0];
        n->key[1] = e->key[1];
    }
    return n;
}

static IrNode *value_str(Low *l, const Core *e)
{
    IrNode *n = ir_add0(&l->b, OP_const, ir_scalar(DT_str));
    n->str = e->str;
    return n;
}

/* ---- operations ---- */

/* The sentence of a fault; the run time replaces each %lld by a number (value, extent). */
static int fault_row(Low *l, const Core *e)
{
    int code = e->op == OP_clampi ? FAULT_index : e->op == OP_nonzero ? FAULT_divide : FAULT_range;
    const char *text = e->text;
    if (e->op == OP_clampi && text && !strstr(text, "%lld"))
        text = arena_printf(low_arena(l), "%s: %%lld, size %%lld", text);
    else if (!text)
        text = e->op == OP_clampi ? "index %lld is outside of [0, %lld)" : e->op == OP_nonzero ? "division by zero"
             : e->op == OP_narrow ? "an int does not fit its type" : "an int passes 2^63";
    return ir_check_row_equal(l->ir, code, e->span, text);
}

static IrNode *two(Low *l, const Core *e, IrNode *x, IrNode *y)
{
    IrNode *n = ir_add2(&l->b, (IrOp)e->op, scalar_of(e), x, y);
    if (ir_ops[e->op].effects & FAULTS)
        n->imm = fault_row(l, e);
    return n;
}

/* x + y where each may be absent on its own: three cases, each evaluating what is present. */
static IrNode *value_sum_lazy(Low *l, const Core *e);

static IrNode *negated_if_sub(Low *l, const Core *e, IrNode *y)
{
    return e->op == OP_sub || e->op == OP_isub ? ir_add1(&l->b, OP_neg, scalar_of(e), y) : y;
}

static IrNode *sum_with_left(Low *l, const Core *e) /* x is present, y may not be */
{
    IrNode *x = low_value(l, e->kids[0]), *p = low_present(l, e->kids[1]);
    IrNode *n = ir_add1(&l->b, OP_if, scalar_of(e), p);
    IrRegion *then = ir_region_new(l->ir, n), *other = ir_region_new(l->ir, n);
    IrBuilder outer = low_enter(l, then);
    int mark = low_open(l);
    IrNode *v = two(l, e, x, low_value(l, e->kids[1]));
    ir_yield(&l->b, 1, &v);
    low_close(l, mark);
    low_enter(l, other);
    ir_yield(&l->b, 1, &x);
    l->b = outer;
    return n;
}

static IrNode *sum_plain(Low *l, const Core *e)
{
    IrNode *x = low_value(l, e->kids[0]), *y = low_value(l, e->kids[1]);
    l->b.span = e->span;
    return two(l, e, x, y);
}

static IrNode *value_sum_lazy(Low *l, const Core *e)
{
    IrNode *p = low_present(l, e->kids[0]);
    bool right = low_may_absent(l, e->kids[1]);
    IrNode *n = ir_add1(&l->b, OP_if, scalar_of(e), p);
    IrRegion *then = ir_region_new(l->ir, n), *other = ir_region_new(l->ir, n);
    IrBuilder outer = low_enter(l, then);
    int mark = low_open(l);
    IrNode *v = right ? sum_with_left(l, e) : sum_plain(l, e);
    ir_yield(&l->b, 1, &v);
    low_close(l, mark);
    low_enter(l, other);
    mark = low_open(l);
    v = negated_if_sub(l, e, low_value(l, e->kids[1])); /* all or nothing is present, so y is */
    ir_yield(&l->b, 1, &v);
    low_close(l, mark);
    l->b = outer;
    return n;
}

/* `a and b`, `a or b`: b is evaluated only if a leaves it open. */
static IrNode *value_short(Low *l, const Core *e)
{
    IrNode *a = low_truth(l, e->kids[0]);
    IrType t = ir_scalar(DT_bool);
    l->b.span = e->span;
    if (low_is_total(l, e->kids[1]))
        return ir_add2(&l->b, (IrOp)e->op, t, a, low_truth(l, e->kids[1]));
    if (e->op == OP_and)
        return lazy(l, a, e->kids[1], low_truth, t, NULL);
    return lazy(l, ir_add1(&l->b, OP_not, t, a), e->kids[1], low_truth, t, low_bool(l, true));
}

static bool keeps_absence(IrOp op)
{
    return op == OP_mul || op == OP_imul || op == OP_neg || op == OP_cast || op == OP_stop;
}

static IrNode *value_op(Low *l, const Core *e)
{
    IrNode *in[8];
    if (e->op == OP_and || e->op == OP_or)
        return value_short(l, e);
    if (e->op == OP_add || e->op == OP_sub || e->op == OP_iadd || e->op == OP_isub) {
        if (low_may_absent(l, e->kids[0]))
            return value_sum_lazy(l, e);
        return low_may_absent(l, e->kids[1]) ? sum_with_left(l, e) : sum_plain(l, e);
    }
    if (e->nkids > 8) {
        low_fail(l, e->span, "an operation of more than 8 operands");
        return low_zero(l, scalar_of(e));
    }
    for (int i = 0; i < e->nkids; i++) {
        bool value = keeps_absence((IrOp)e->op) || (e->op == OP_div && i == 0);
        in[i] = value ? low_value(l, e->kids[i]) : low_read(l, e->kids[i]);
    }
    l->b.span = e->span;
    IrNode *n = ir_add(&l->b, (IrOp)e->op, scalar_of(e), e->nkids, in);
    if (ir_ops[e->op].effects & FAULTS)
        n->imm = fault_row(l, e);
    if (e->op == OP_extern)
        n->str = e->str;
    return n;
}

static IrNode *value_load(Low *l, const Core *e)
{
    IrNode *t = low_tensor(l, e->kids[0]).value;
    IrNode **subs = NEWN(low_arena(l), IrNode *, e->nkids);
    for (int i = 1; i < e->nkids; i++)
        subs[i - 1] = low_read(l, e->kids[i]);
    l->b.span = e->span;
    return ir_load(&l->b, t, e->nkids - 1, subs);
}

/* ---- reductions ---- */

static void reduce_indices(Low *l, IrRegion *r, const Core *e)
{
    for (int i = 0; i < e->nindices; i++) {
        CoreIndex *x = e->indices[i];
        low_bind_index(l, x, ir_index_new(r, x->name, low_dim(l, x->lo), low_dim(l, x->extent), x->span));
    }
}

/* The guard, and for a sum, which skips absent terms, the predicate of its body. */
static IrNode *reduce_guard(Low *l, const Core *e)
{
    const Core *body = e->kids[0], *guard = e->nkids > 1 ? e->kids[1] : NULL;
    bool skips = e->redop == RED_sum && low_may_absent(l, body);
    IrNode *g = guard ? low_truth(l, guard) : NULL;
    if (!skips)
        return g;
    return g ? low_and_then(l, g, body, low_present) : low_present(l, body);
}

static IrNode *value_reduce(Low *l, const Core *e)
{
    IrNode *n = ir_add0(&l->b, OP_reduce, scalar_of(e));
    IrRegion *r = ir_region_new(l->ir, n);
    IrBuilder outer = low_enter(l, r);
    int mark = low_open(l);
    n->redop = e->redop;
    n->order = e->order;
    reduce_indices(l, r, e);
    IrNode *y[2] = { NULL, reduce_guard(l, e) };
    y[0] = e->redop == RED_sum ? low_value(l, e->kids[0]) : low_read(l, e->kids[0]);
    l->b.span = e->span;
    ir_yield(&l->b, y[1] ? 2 : 1, y);
    low_close(l, mark);
    l->b = outer;
    return n;
}

/* ---- the rest ---- */

static IrNode *value_block(Low *l, const Core *e)
{
    int mark = low_open(l);
    for (int i = 0; i + 1 < e->nkids; i++)
        low_stmt(l, e->kids[i]);
    IrNode *v = low_value(l, e->kids[e->nkids - 1]);
    low_close(l, mark);
    return v;
}

IrNode *low_value(Low *l, const Core *e)
{
    l->b.span = e->span;
    switch (e->kind) {
    case C_const: return value_const(l, e);
    case C_str: return value_str(l, e);
    case C_dim: return e->checked ? low_asked_dim(l, e) : low_dim_node(l, e->dim);
    case C_var:
        if (l->env[e->var->id].value)
            return l->env[e->var->id].value;
        break;
    case C_index:
        if (l->index[e->index->id])
            return l->index[e->index->id];
        break;
    case C_op: return value_op(l, e);
    case C_load: return value_load(l, e);
    case C_reduce: return value_reduce(l, e);
    case C_guard: return low_value(l, e->kids[1]);
    case C_if: return low_if_value(l, e);
    case C_present: return low_presence(l, e);
    case C_block: return value_block(l, e);
    default: break;
    }
    low_fail(l, e->span, e->kind == C_var ? "a variable that has no value here" : e->kind == C_index ? "an index outside of its scope" : "an expression of this kind");
    return low_zero(l, scalar_of(e));
}
