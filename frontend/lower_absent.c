/* lower_absent.c - absent values (LANGUAGE.md section 6): where they may occur, and the predicate that says where they do not.
 *
 *     guard(c, x)          present where c holds and x is
 *     x * y                where both are              x / y, -x, casts, stop: where x is
 *     x + y, x - y         where either is
 *     variables, elements of tensors, slices, reshapes, concat: as what they are made of; everything else is always present
 *
 * The scan finds the variables that may be absent before anything is built, so that "may this be absent" needs no state.
 */
#include "frontend/absent_int.h"
#include "frontend/lower_int.h"

/* ---- where absence may occur ---- */

bool low_may_absent(const Low *l, const Core *e)
{
    return absence_of(l->absent, e);
}

/* Lowers the version of the callee that these arguments want. */
static const bool *results_of(void *user, const Core *call, const bool *args)
{
    Low *l = user;
    LowFn *f = l->failed ? NULL : low_callee(l, call);
    (void)args;
    return f ? f->absent_result : NULL;
}

void low_scan(Low *l, const Core *body)
{
    Absence a = { .arena = low_arena(l), .var = l->absent, .results = results_of, .user = l };
    absence_scan(&a, body);
    l->nreturns = a.nreturns;
    l->absent_return = a.given;
}

LowFn *low_callee(Low *l, const Core *call)
{
    bool *absent = NEWN(low_arena(l), bool, call->nkids + 1);
    for (int i = 0; i < call->nkids; i++)
        absent[i] = low_may_absent(l, call->kids[i]);
    if (call->callee->failed) {
        diag_error(l->diags, E0501, call->span, "'%s' cannot be called: %s", call->callee->name,
                   call->callee->why ? call->callee->why : "it has errors");
        l->failed = true;
        return NULL;
    }
    LowFn *f = low_version(l->m, call->callee, absent, false, l->diags);
    l->failed |= !f;
    return f;
}

/* ---- the predicate ---- */

static IrNode *present_op(Low *l, const Core *e)
{
    if (!absence_op(l->absent, e))
        return NULL;
    switch (e->op) {
    case OP_mul:
    case OP_imul: return low_and(l, low_present(l, e->kids[0]), low_present(l, e->kids[1]));
    case OP_add:
    case OP_sub:
    case OP_iadd:
    case OP_isub:
        return ir_add2(&l->b, OP_or, ir_scalar(DT_bool), low_present(l, e->kids[0]), low_present(l, e->kids[1]));
    default: return low_present(l, e->kids[0]);
    }
}

static IrNode *present_load(Low *l, const Core *e)
{
    IrNode *p = low_tensor(l, e->kids[0]).present;
    IrNode **subs = NEWN(low_arena(l), IrNode *, e->nkids);
    for (int i = 1; i < e->nkids; i++)
        subs[i - 1] = low_read(l, e->kids[i]);
    return ir_load(&l->b, p, e->nkids - 1, subs);
}

static IrNode *present_guard(Low *l, const Core *e)
{
    IrNode *c = low_truth(l, e->kids[0]);
    return low_may_absent(l, e->kids[1]) ? low_and_then(l, c, e->kids[1], low_present) : c;
}

/* Of what stands in one side of a choice. */
static void present_side(Low *l, IrNode *n, const Core *e)
{
    IrBuilder outer = low_enter(l, ir_region_new(l->ir, n));
    int mark = low_open(l);
    IrNode *p = low_may_absent(l, e) ? low_present(l, e) : low_bool(l, true);
    ir_yield(&l->b, 1, &p);
    low_close(l, mark);
    l->b = outer;
}

static IrNode *present_if(Low *l, const Core *e)
{
    IrNode *n = ir_add1(&l->b, OP_if, ir_scalar(DT_bool), low_truth(l, e->kids[0]));
    present_side(l, n, e->kids[1]);
    present_side(l, n, e->kids[2]);
    return n;
}

static IrNode *present_block(Low *l, const Core *e)
{
    int mark = low_open(l);
    for (int i = 0; i + 1 < e->nkids; i++)
        low_stmt(l, e->kids[i]);
    IrNode *p = low_present(l, e->kids[e->nkids - 1]);
    low_close(l, mark);
    return p;
}

IrNode *low_present(Low *l, const Core *e)
{
    if (!low_may_absent(l, e))
        return NULL;
    l->b.span = e->span;
    switch (e->kind) {
    case C_guard: return present_guard(l, e);
    case C_var: return l->env[e->var->id].present;
    case C_op: return present_op(l, e);
    case C_load: return present_load(l, e);
    case C_if: return present_if(l, e);
    case C_block: return present_block(l, e);
    default: return NULL;
    }
}

IrNode *low_presence(Low *l, const Core *e)
{
    const Core *of = e->kids[0];
    IrNode *p = e->type.rank ? low_tensor(l, of).present : low_present(l, of);
    l->b.span = e->span;
    if (p)
        return p;
    if (e->type.rank == 0)
        return low_bool(l, true);
    IrNode *n = ir_add0(&l->b, OP_map, low_type(l, e->type)), *t;
    IrRegion *r = ir_region_new(l->ir, n);
    IrBuilder outer = low_enter(l, r);
    for (int i = 0; i < n->type.rank; i++)
        ir_index_new(r, NULL, NULL, n->type.dims[i], e->span);
    t = low_bool(l, true);
    ir_yield(&l->b, 1, &t);
    l->b = outer;
    return n;
}

/* ---- what may run anywhere ---- */

static bool is_zero(Dim d)
{
    int64_t v;
    return dim_is_const(d, &v) && v == 0;
}

/* A subscript that is inside for all sizes: an index that runs over that axis, or a number in a known size. */
static bool is_inside(const Core *sub, Dim size)
{
    int64_t n;
    if (sub->kind == C_index)
        return is_zero(sub->index->lo) && sub->index->extent == size;
    return sub->kind == C_const && dim_is_const(size, &n) && sub->ival >= 0 && sub->ival < n;
}

static bool total(const Low *l, const Core *e, int *budget);

static bool op_is_total(const Low *l, const Core *e, int *budget)
{
    bool divides = (e->op == OP_floordiv || e->op == OP_mod) && !dtype_is_float(e->type.dtype);
    if ((ir_ops[e->op].effects & FAULTS) || e->op == OP_extern || (divides && (e->kids[1]->kind != C_const || e->kids[1]->ival == 0)))
        return false;
    for (int i = 0; i < e->nkids; i++)
        if (!total(l, e->kids[i], budget))
            return false;
    return true;
}

static bool load_is_total(const Low *l, const Core *e)
{
    for (int i = 1; i < e->nkids; i++)
        if (!is_inside(e->kids[i], e->kids[0]->type.dims[i - 1]))
            return false;
    return e->kids[0]->kind == C_var && !low_may_absent(l, e->kids[0]);
}

static bool total(const Low *l, const Core *e, int *budget)
{
    if (--*budget < 0)
        return false;
    switch (e->kind) {
    case C_const:
    case C_index: return true;
    case C_dim: return !e->checked;
    case C_var: return e->type.rank == 0;
    case C_op: return op_is_total(l, e, budget);
    case C_load: return load_is_total(l, e);
    default: return false;
    }
}

bool low_is_total(const Low *l, const Core *e)
{
    int budget = 24;
    return total(l, e, &budget);
}
