/* verify_types.c - operand counts, dtypes and ranks of every kind of node. Sizes of axes are not compared: that they agree may
 * follow from equations of the program, which IR does not carry. */
#include "ir/ir_int.h"

static IrDtype dt(const IrNode *n, int i)
{
    return n->in[i]->type.dtype;
}

static bool same_kind(IrType a, IrType b)
{
    return a.dtype == b.dtype && a.rank == b.rank;
}

static bool is_i64(const IrNode *x)
{
    return x->type.dtype == DT_i64 && x->type.rank == 0;
}

/* ---- scalar operations ---- */

static bool is_number(IrDtype t) { return dtype_is_int(t) || t == DT_f32 || t == DT_f64 || t == DT_bool; }

static bool extern_ok(const IrNode *n)
{
    bool ok = n->str && n->nin <= 8;
    for (int i = 0; i < n->nin; i++)
        ok &= is_number(dt(n, i));
    return ok;
}

static bool special_ok(const IrNode *n, IrDtype t)
{
    switch (n->op) {
    case OP_powi: return dt(n, 0) == t && dt(n, 1) == DT_i64;
    case OP_isnan:
    case OP_isfinite: return dtype_is_float(dt(n, 0)) && t == DT_bool;
    case OP_clampi: return dt(n, 0) == DT_i64 && dt(n, 1) == DT_i64 && dt(n, 2) == DT_i64 && t == DT_i64;
    case OP_divisor: return dt(n, 0) == t && dt(n, 1) == t && dtype_is_int(t) && dtype_is_signed(t);
    case OP_nonzero: return dt(n, 0) == t && dtype_is_int(t);
    case OP_iadd:
    case OP_isub:
    case OP_imul: return dt(n, 0) == DT_i64 && dt(n, 1) == DT_i64 && t == DT_i64;
    case OP_key_fold: return dt(n, 0) == DT_key && dt(n, 1) == DT_i64 && t == DT_key;
    case OP_random_bits: return dt(n, 0) == DT_key && dt(n, 1) == DT_i64 && dt(n, 2) == DT_i64 && t == DT_u64;
    case OP_extern: return is_number(t) && extern_ok(n);
    case OP_key_new: return dt(n, 0) == DT_i64 && t == DT_key;
    default: return true;
    }
}

static bool operands_equal(const IrNode *n, int from)
{
    for (int i = from; i < n->nin; i++)
        if (dt(n, i) != dt(n, from))
            return false;
    return true;
}

static bool rule_ok(const IrNode *n)
{
    IrDtype t = n->type.dtype;
    switch (ir_rule((IrOp)n->op)) {
    case RULE_same: return operands_equal(n, 0) && dt(n, 0) == t;
    case RULE_cmp: return operands_equal(n, 0) && t == DT_bool;
    case RULE_boolean: return operands_equal(n, 0) && dt(n, 0) == DT_bool && t == DT_bool;
    case RULE_cond: return dt(n, 0) == DT_bool && operands_equal(n, 1) && dt(n, 1) == t;
    case RULE_cast: return n->op != OP_narrow || (dtype_is_int(dt(n, 0)) && dtype_is_int(t));
    case RULE_float_: return operands_equal(n, 0) && dt(n, 0) == t && dtype_is_float(t);
    case RULE_integer: return operands_equal(n, 0) && dt(n, 0) == t && dtype_is_int(t);
    case RULE_special: return special_ok(n, t);
    }
    return false;
}

static void check_scalar(IrVerify *v, const IrNode *n)
{
    if ((n->nin != ir_info(n)->in && ir_info(n)->in >= 0) || n->nregions)
        ir_bad(v, n, "has %d operands instead of %d", n->nin, ir_info(n)->in);
    else {
        for (int i = 0; i < n->nin; i++)
            if (n->in[i]->type.rank)
                ir_bad(v, n, "operand %d is a tensor", i);
        if (n->type.rank || n->type.dtype == DT_none || !rule_ok(n))
            ir_bad(v, n, "the types of operands and result do not fit");
    }
    if ((ir_info(n)->effects & FAULTS) && (n->imm < 0 || n->imm >= v->fn->checks.n))
        ir_bad(v, n, "there is no row %lld", (long long)n->imm);
}

/* ---- regions ---- */

static bool shape_of_region(IrVerify *v, const IrNode *n, int k, bool indices, int nargs)
{
    const IrRegion *r = n->regions[k];
    int have = 0, index = 0;
    for (int i = 0; i < r->params.n; i++)
        *(r->params.p[i]->op == OP_arg ? &have : &index) += 1;
    if (have != nargs || (index > 0 && !indices)) {
        ir_bad(v, n, "region %d has %d carried values and %d indices", k, have, index);
        return false;
    }
    return true;
}

static const IrNode *yield_of(const IrRegion *r)
{
    return r->last && r->last->op == OP_yield ? r->last : NULL;
}

static bool need(IrVerify *v, const IrNode *n, int nin, int nregions)
{
    bool ok = (nin < 0 || n->nin == nin) && n->nregions == nregions;
    for (int k = 0; k < n->nregions && ok; k++) {
        bool open = n->op == OP_kernel || n->op == OP_tfor;
        ok = open || yield_of(n->regions[k]);
    }
    if (!ok)
        ir_bad(v, n, "%d operands and %d regions", n->nin, n->nregions);
    return ok;
}

static void check_guard(IrVerify *v, const IrNode *n, const IrNode *y)
{
    if (y->nin < 1 || y->nin > 2 || y->in[0]->type.rank)
        ir_bad(v, n, "its region does not yield value[, guard]");
    else if (y->nin == 2 && (y->in[1]->type.dtype != DT_bool || y->in[1]->type.rank))
        ir_bad(v, n, "its guard is not a bool");
}

static void check_map(IrVerify *v, const IrNode *n)
{
    if (!need(v, n, 0, 1) || !shape_of_region(v, n, 0, true, 0))
        return;
    const IrNode *y = yield_of(n->regions[0]);
    check_guard(v, n, y);
    if (n->type.rank != n->regions[0]->params.n || n->type.rank == 0 || y->in[0]->type.dtype != n->type.dtype)
        ir_bad(v, n, "its type does not fit its indices and element");
}

static bool reduce_type_ok(const IrNode *n, IrDtype body)
{
    IrDtype t = n->type.dtype;
    switch (n->redop) {
    case RED_all:
    case RED_any: return body == DT_bool && t == DT_bool;
    case RED_argmax:
    case RED_argmin: return t == DT_i64 && n->regions[0]->params.n == 1;
    case RED_count: return t == DT_i64;
    default: return body == t && body != DT_bool;
    }
}

static void check_reduce(IrVerify *v, const IrNode *n)
{
    if (!need(v, n, 0, 1) || !shape_of_region(v, n, 0, true, 0))
        return;
    const IrNode *y = yield_of(n->regions[0]);
    check_guard(v, n, y);
    if (n->redop > RED_count || n->order > ORDER_lanes16 || n->type.rank || !reduce_type_ok(n, y->in[0]->type.dtype))
        ir_bad(v, n, "its type does not fit its operator and body");
    if (n->regions[0]->params.n == 0)
        ir_bad(v, n, "reduces over nothing");
}

static bool is_combining(int redop)
{
    return redop == RED_sum || redop == RED_prod || redop == RED_max || redop == RED_min || redop == RED_all || redop == RED_any;
}

static void check_scatter(IrVerify *v, const IrNode *n)
{
    if (!need(v, n, n->nin == 1 ? 1 : 0, 1) || !shape_of_region(v, n, 0, true, 0))
        return;
    const IrNode *y = yield_of(n->regions[0]);
    bool ok = y->nin == 2 + n->type.rank && n->type.rank > 0 && n->regions[0]->params.n > 0 && (!n->nin || same_kind(n->in[0]->type, n->type));
    for (int i = 0; ok && i < y->nin; i++)
        ok = i >= 2 ? is_i64(y->in[i]) : !y->in[i]->type.rank && y->in[i]->type.dtype == (i ? DT_bool : n->type.dtype);
    bool logic = n->redop == RED_all || n->redop == RED_any;
    if (!ok || !is_combining(n->redop) || logic != (n->type.dtype == DT_bool))
        ir_bad(v, n, "its type does not fit its operator, value, guard and places");
}

/* `n` yields the values that `count` results have; one result is the node's own value. */
static void check_results(IrVerify *v, const IrNode *n, const IrNode *y, IrNode *const *like)
{
    if (y->nin == 1 ? !same_kind(n->type, y->in[0]->type) : n->type.dtype != DT_none)
        ir_bad(v, n, "its type does not fit the %d values it yields", y->nin);
    for (int i = 0; like && i < y->nin; i++)
        if (!same_kind(like[i]->type, y->in[i]->type))
            ir_bad(v, n, "value %d changes its type", i);
}

static void check_if(IrVerify *v, const IrNode *n)
{
    if (!need(v, n, 1, 2) || !shape_of_region(v, n, 0, false, 0) || !shape_of_region(v, n, 1, false, 0))
        return;
    const IrNode *a = yield_of(n->regions[0]), *b = yield_of(n->regions[1]);
    if (n->in[0]->type.dtype != DT_bool || n->in[0]->type.rank || a->nin != b->nin)
        ir_bad(v, n, "its condition is not a bool, or its branches differ");
    else
        check_results(v, n, a, b->in);
}

static void check_args(IrVerify *v, const IrNode *n, const IrRegion *r, int first_in)
{
    int k = first_in;
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i]->op == OP_arg) {
            if (!same_kind(r->params.p[i]->type, n->in[k]->type))
                ir_bad(v, n, "initial value %d has another type than the carried one", k - first_in);
            k++;
        }
}

static void check_while(IrVerify *v, const IrNode *n)
{
    if (!need(v, n, -1, 2) || !shape_of_region(v, n, 0, false, n->nin) || !shape_of_region(v, n, 1, false, n->nin))
        return;
    const IrNode *go = yield_of(n->regions[0]), *y = yield_of(n->regions[1]);
    check_args(v, n, n->regions[0], 0);
    check_args(v, n, n->regions[1], 0);
    if (go->nin != 1 || go->in[0]->type.dtype != DT_bool || go->in[0]->type.rank || y->nin != n->nin)
        ir_bad(v, n, "its regions yield a bool and the next values");
    else
        check_results(v, n, y, n->in);
}

static void check_for(IrVerify *v, const IrNode *n)
{
    if (!need(v, n, -1, 1) || n->nin < 2 || !shape_of_region(v, n, 0, true, n->nin - 2))
        return;
    const IrRegion *r = n->regions[0];
    if (r->params.n != n->nin - 1 || r->params.p[0]->op != OP_index || !is_i64(n->in[0]) || !is_i64(n->in[1])) {
        ir_bad(v, n, "takes lo, hi and initial values, and its region an index and carried values");
        return;
    }
    check_args(v, n, r, 2);
    if (yield_of(r)->nin != n->nin - 2)
        ir_bad(v, n, "yields %d values instead of %d", yield_of(r)->nin, n->nin - 2);
    else
        check_results(v, n, yield_of(r), n->in + 2);
}

/* ---- tensors ---- */

static void check_subscripts(IrVerify *v, const IrNode *n, int from)
{
    if (n->nin - from != n->in[0]->type.rank)
        ir_bad(v, n, "%d subscripts for rank %d", n->nin - from, n->in[0]->type.rank);
    for (int i = from; i < n->nin; i++)
        if (!is_i64(n->in[i]))
            ir_bad(v, n, "subscript %d is not an i64", i - from);
}

static void check_load(IrVerify *v, const IrNode *n)
{
    if (n->nin < 1 || n->type.rank || n->type.dtype != dt(n, 0))
        ir_bad(v, n, "its type is not the element of its tensor");
    else
        check_subscripts(v, n, 1);
}

static void check_prefetch(IrVerify *v, const IrNode *n)
{
    if (n->nin < 1 || (n->in[0]->op != OP_buffer && n->in[0]->op != OP_param))
        ir_bad(v, n, "names a place in a buffer");
    else
        check_subscripts(v, n, 1);
}

/* sums, a, b, two subscripts of sums, the first of a, all of b, groups */
static void check_dot16(IrVerify *v, const IrNode *n)
{
    if (n->nin < 8 || dt(n, 0) != DT_f32 || n->in[0]->type.rank != 2 || dt(n, 1) != DT_bf16 || n->in[1]->type.rank != 3 ||
        dt(n, 2) != DT_bf16 || n->nin != 7 + n->in[2]->type.rank || n->imm < 0 || n->imm >= n->in[2]->type.rank)
        ir_bad(v, n, "names sums of rank 2, tiles of bf16, and their subscripts");
    for (int i = 3; i < n->nin; i++)
        if (dt(n, i) != DT_i64 || n->in[i]->type.rank)
            ir_bad(v, n, "subscript %d is not an i64", i - 3);
}

static void check_store(IrVerify *v, const IrNode *n)
{
    if (n->nin < 2 || n->in[0]->op != OP_buffer || n->in[1]->type.rank || dt(n, 0) != dt(n, 1))
        ir_bad(v, n, "stores a value of the element type in a buffer");
    else
        check_subscripts(v, n, 2);
}

static void check_update(IrVerify *v, const IrNode *n)
{
    if (n->nin < 2 || n->nin != n->in[0]->type.rank + 2 || !same_kind(n->type, n->in[0]->type)) {
        ir_bad(v, n, "takes a tensor, a value and a start for each axis, and gives that tensor");
        return;
    }
    int axes = 0;
    for (int i = 0; i + 2 < n->nin; i++) {
        axes += n->box[i] != NULL;
        if (!is_i64(n->in[i + 2]))
            ir_bad(v, n, "start %d is not an i64", i);
    }
    if (dt(n, 1) != n->type.dtype || n->in[1]->type.rank != axes)
        ir_bad(v, n, "its value has rank %d, its box %d axes", n->in[1]->type.rank, axes);
}

static int nresults_of(const IrVerify *v, const IrNode *n)
{
    switch (n->op) {
    case OP_call: return n->callee->results.n;
    case OP_topk:
    case OP_sort:
    case OP_sortrow: return 2;
    case OP_effect: return n->imm >= 0 && n->imm < v->fn->effects.n ? v->fn->effects.p[n->imm].nresults : 0;
    case OP_if:
    case OP_for:
    case OP_while: return n->nregions ? yield_of(n->regions[n->nregions - 1])->nin : 0;
    default: return 0;
    }
}

static IrType result_type(const IrVerify *v, const IrNode *n, int k)
{
    switch (n->op) {
    case OP_call: return n->callee->results.p[k];
    case OP_effect: return v->fn->effects.p[n->imm].results[k];
    case OP_topk:
    case OP_sort: return (IrType){ k ? DT_i64 : n->type.dtype, n->type.rank, NULL };
    default: return yield_of(n->regions[n->nregions - 1])->in[k]->type;
    }
}

static void check_result(IrVerify *v, const IrNode *n)
{
    if (n->nin != 1 || n->imm < 0 || n->imm >= nresults_of(v, n->in[0]))
        ir_bad(v, n, "there is no result %lld", (long long)n->imm);
    else if (!same_kind(n->type, result_type(v, n->in[0], (int)n->imm)))
        ir_bad(v, n, "its type is not that of the result");
}

static void check_call(IrVerify *v, const IrNode *n)
{
    const IrFn *f = n->callee;
    if (!f || n->nin != f->params.n) {
        ir_bad(v, n, "%d arguments instead of %d", n->nin, f ? f->params.n : 0);
        return;
    }
    for (int i = 0; i < n->nin; i++)
        if (!same_kind(n->in[i]->type, f->params.p[i]->type))
            ir_bad(v, n, "argument %d has another type than the parameter", i);
    if (f->results.n == 1 ? !same_kind(n->type, f->results.p[0]) : n->type.dtype != DT_none)
        ir_bad(v, n, "its type is not that of its results");
}

static void check_topk(IrVerify *v, const IrNode *n)
{
    if (n->nin != 1 || n->type.rank == 0 || !same_kind(n->type, n->in[0]->type))
        ir_bad(v, n, "its type is that of its values");
    for (const IrUse *u = n->uses; u; u = u->next)
        if (u->user->op != OP_result)
            ir_bad(v, n, "is read otherwise than by result");
}

static void check_effect(IrVerify *v, const IrNode *n)
{
    if (n->imm < 0 || n->imm >= v->fn->effects.n) {
        ir_bad(v, n, "there is no effect %lld", (long long)n->imm);
        return;
    }
    const IrEffect *e = &v->fn->effects.p[n->imm];
    if (e->nresults == 1 ? !same_kind(n->type, e->results[0]) : n->type.dtype != DT_none)
        ir_bad(v, n, "its type is not that of its results");
}

static void check_check(IrVerify *v, const IrNode *n)
{
    if (n->nin != 1 || dt(n, 0) != DT_bool || n->in[0]->type.rank || n->imm < 0 || n->imm >= v->fn->checks.n)
        ir_bad(v, n, "takes a bool and a row of the checks");
}

static void check_ret(IrVerify *v, const IrNode *n)
{
    if (n->parent->owner)
        ir_bad(v, n, "returns from inside a region");
    if (n->nin != v->fn->results.n) {
        ir_bad(v, n, "%d values for %d results", n->nin, v->fn->results.n);
        return;
    }
    for (int i = 0; i < n->nin; i++)
        if (!same_kind(n->in[i]->type, v->fn->results.p[i]))
            ir_bad(v, n, "value %d has another type than the result", i);
}

/* ---- tile IR ---- */

static void check_buffer(IrVerify *v, const IrNode *n)
{
    if (n->place > PLACE_block || n->nin != (n->place == PLACE_view) || n->type.dtype == DT_none)
        ir_bad(v, n, "a buffer has a type and a place, and views have an operand");
    if (n->place == PLACE_view && n->nin == 1 && (n->in[0]->op != OP_buffer || dtype_bytes(n->type.dtype) % dtype_bytes(dt(n, 0))))
        ir_bad(v, n, "views something that is not a buffer of elements of its size, or of smaller ones as words");
    if (n->place == PLACE_prep && (n->imm < 0 || n->imm >= v->fn->preps.n))
        ir_bad(v, n, "there is no prepared tensor %lld", (long long)n->imm);
    if ((n->place == PLACE_param || n->place == PLACE_block) && (n->imm < 0 || n->imm >= v->fn->params.n))
        ir_bad(v, n, "there is no parameter %lld", (long long)n->imm);
}

static void check_loop(IrVerify *v, const IrNode *n)
{
    if (!need(v, n, 0, 1) || !shape_of_region(v, n, 0, true, 0))
        return;
    if (n->op == OP_tfor && n->regions[0]->params.n != 1)
        ir_bad(v, n, "has one index");
}

static void check_copy(IrVerify *v, const IrNode *n)
{
    if (n->nin != 2 || n->in[0]->op != OP_buffer || n->in[1]->op != OP_buffer || !same_kind(n->in[0]->type, n->in[1]->type))
        ir_bad(v, n, "copies between two buffers of one type");
}

static void check_setscalar(IrVerify *v, const IrNode *n)
{
    if (n->nin != 1 || n->in[0]->type.rank || n->imm < 0 || n->imm >= v->fn->results.n)
        ir_bad(v, n, "sets a scalar result");
}

static void check_reshape(IrVerify *v, const IrNode *n)
{
    if (n->nin != 1 || dt(n, 0) != n->type.dtype)
        ir_bad(v, n, "keeps the element type of its one operand");
}

static void check_running(IrVerify *v, const IrNode *n)
{
    bool op = n->redop == RED_sum || n->redop == RED_prod || n->redop == RED_max || n->redop == RED_min;
    if (!op || n->nin != 2 || n->imm < 0 || n->imm >= RUNNING_count || n->type.rank || dt(n, 0) != n->type.dtype || n->in[1]->op != OP_index || n->in[1]->parent != n->parent)
        ir_bad(v, n, "runs along an index of the region that it stands in");
}

void ir_verify_types(IrVerify *v, const IrNode *n)
{
    if (ir_is_scalar_op(n)) {
        check_scalar(v, n);
        return;
    }
    switch (n->op) {
    case OP_const:
    case OP_dim:
        if (n->nin || n->type.rank || n->type.dtype == DT_none || (n->op == OP_dim && n->type.dtype != DT_i64))
            ir_bad(v, n, "is a scalar");
        break;
    case OP_form:
        if (n->nin || n->type.rank || n->type.dtype != DT_i64 || n->imm < 0 || n->imm >= v->fn->params.n)
            ir_bad(v, n, "is an i64 of a parameter");
        break;
    case OP_result: check_result(v, n); break;
    case OP_load: check_load(v, n); break;
    case OP_reduce: check_reduce(v, n); break;
    case OP_running: check_running(v, n); break;
    case OP_scatter: check_scatter(v, n); break;
    case OP_if: check_if(v, n); break;
    case OP_while: check_while(v, n); break;
    case OP_for: check_for(v, n); break;
    case OP_check: check_check(v, n); break;
    case OP_effect: check_effect(v, n); break;
    case OP_reshape: check_reshape(v, n); break;
    case OP_map: check_map(v, n); break;
    case OP_update: check_update(v, n); break;
    case OP_call: check_call(v, n); break;
    case OP_topk:
    case OP_sort: check_topk(v, n); break;
    case OP_ret: check_ret(v, n); break;
    case OP_buffer: check_buffer(v, n); break;
    case OP_kernel:
    case OP_tfor: check_loop(v, n); break;
    case OP_store: check_store(v, n); break;
    case OP_prefetch: check_prefetch(v, n); break;
    case OP_dot16: check_dot16(v, n); break;
    case OP_copy: check_copy(v, n); break;
    case OP_setscalar: check_setscalar(v, n); break;
    default: break;
    }
}
