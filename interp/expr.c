/* expr.c - expressions of the checked tree. */
#include "interp/interp_int.h"

static int64_t flat(Env *e, const Core *n, const Tensor *t, const int64_t *sub)
{
    int64_t at = 0;
    for (int i = 0; i < t->rank; i++) {
        if (sub[i] < 0 || sub[i] >= t->shape[i])
            interp_fail(e->in, MLCRT_EINTERNAL, n->span, "internal: subscript %d is %lld, outside of %lld", i, (long long)sub[i], (long long)t->shape[i]);
        at = at * t->shape[i] + sub[i];
    }
    return at;
}

static Val eval_load(Env *e, const Core *n)
{
    Tensor *t = eval_tensor(e, n->kids[0]);
    int64_t sub[IR_RANK_MOST];
    for (int i = 1; i < n->nkids; i++)
        sub[i - 1] = eval(e, n->kids[i]).c.i;
    return tensor_get(e->in, t, flat(e, n, t, sub));
}

static bool truth(Env *e, const Core *n)
{
    Val v = eval(e, n);
    return !v.absent && v.c.i != 0;
}

static void run_block(Env *e, const Core *n)
{
    for (int i = 0; i + 1 < n->nkids; i++)
        if (run_stmt(e, n->kids[i]) != FLOW_next)
            interp_fail(e->in, MLCRT_EINTERNAL, n->span, "internal: control leaves an expression");
}

static Val eval_const(Env *e, const Core *n)
{
    if (n->type.dtype == DT_key)
        return val_of_key(e->in, (MlcrtKey){ { n->key[0], n->key[1] } });
    return dtype_is_float(n->type.dtype) ? cell_float(n->fval) : cell_int(n->ival);
}

/* ---- presence: what decides whether a value is there is evaluated before the value is ----------------------------------- */

static bool present(Env *e, const Core *n);

static bool element_present(Env *e, const Core *n)
{
    const Core *of = n->kids[0];
    if (of->kind != C_var || !e->vars[of->var->id].t || !e->vars[of->var->id].t->absent)
        return true;
    return !eval_load(e, n).absent;
}

/* Whether absence can come out of a block at all: some guard or absent variable stands in it. Else it need not run to find out. */
static bool may_lack(Env *e, const Core *n)
{
    if (!n || n->kind == C_guard)
        return n != NULL;
    if (n->kind == C_var) {
        const Slot *s = &e->vars[n->var->id];
        return s->v.absent || (s->t && s->t->absent);
    }
    for (int i = 0; i < n->nkids; i++)
        if (may_lack(e, n->kids[i]))
            return true;
    return n->kind == C_call;
}

static bool block_present(Env *e, const Core *n)
{
    if (!may_lack(e, n))
        return true;
    run_block(e, n);
    return present(e, n->kids[n->nkids - 1]);
}

static bool op_present(Env *e, const Core *n)
{
    bool a, b;
    switch (n->op) {
    case OP_mul:
    case OP_imul:
        a = present(e, n->kids[0]);
        b = present(e, n->kids[1]);
        return a && b;
    case OP_add:
    case OP_sub:
    case OP_iadd:
    case OP_isub:
        a = present(e, n->kids[0]);
        b = present(e, n->kids[1]);
        return a || b;
    case OP_div:
    case OP_neg:
    case OP_cast:
    case OP_stop: return present(e, n->kids[0]);
    default: return true;
    }
}

static bool present(Env *e, const Core *n)
{
    switch (n->kind) {
    case C_guard: return truth(e, n->kids[0]) && present(e, n->kids[1]);
    case C_var: return !e->vars[n->var->id].v.absent;
    case C_op: return op_present(e, n);
    case C_load: return element_present(e, n);
    case C_if: return !n->moves || present(e, truth(e, n->kids[0]) ? n->kids[1] : n->kids[2]);
    case C_block: return block_present(e, n);
    default: return true;
    }
}

/* `absent * x` and `absent / x` never look at x, which may fault. */
static bool decides_by_absence(Env *e, const Core *n)
{
    return (n->op == OP_mul && dtype_is_float(n->type.dtype)) || n->op == OP_div ? !op_present(e, n) : false;
}

static Val eval_operation(Env *e, const Core *n)
{
    Val x[8];
    if (decides_by_absence(e, n))
        return (Val){ .absent = true };
    if (n->op == OP_and || n->op == OP_or) { /* short-circuit */
        bool first = truth(e, n->kids[0]);
        return cell_int((n->op == OP_and) == first ? truth(e, n->kids[1]) : first);
    }
    for (int i = 0; i < n->nkids && i < 8; i++)
        x[i] = eval(e, n->kids[i]);
    return eval_op(e, n, x);
}

/* Control flow that merges reads an absent value as 0. */
static Val merged(Val v)
{
    return v.absent ? (Val){ 0 } : v;
}

Val eval(Env *e, const Core *n)
{
    switch (n->kind) {
    case C_const: {
        Val v = eval_const(e, n);
        if (dtype_is_float(n->type.dtype))
            v.c.f = round_to(e, n->type.dtype, v.c.f);
        return v;
    }
    case C_dim: return cell_int(n->checked ? dim_fitting(e, n->dim, n->span) : dim_value(e, n->dim, n->span));
    case C_var: return e->vars[n->var->id].v;
    case C_index: return cell_int(e->index[n->index->id]);
    case C_op: return eval_operation(e, n);
    case C_load: return eval_load(e, n);
    case C_reduce: return eval_reduce(e, n);
    case C_guard: return truth(e, n->kids[0]) ? eval(e, n->kids[1]) : (Val){ .absent = true };
    case C_if: {
        Val v = eval(e, truth(e, n->kids[0]) ? n->kids[1] : n->kids[2]);
        return n->moves ? v : merged(v);
    }
    case C_present: return cell_int(!eval(e, n->kids[0]).absent);
    case C_block: run_block(e, n); return eval(e, n->kids[n->nkids - 1]);
    case C_str: return cell_int((int64_t)(intptr_t)n->str);
    default: break;
    }
    interp_fail(e->in, MLCRT_EINTERNAL, n->span, "internal: node kind %d is not a scalar", n->kind);
}

/* The factors of a product whose sum is fused; false: it is absent, and what may fault in it is not looked at. */
bool eval_factors(Env *e, const Core *n, Val x[2])
{
    if (n->kind == C_block) {
        run_block(e, n);
        n = n->kids[n->nkids - 1];
    }
    if (!op_present(e, n))
        return false;
    x[0] = eval(e, n->kids[0]);
    x[1] = eval(e, n->kids[1]);
    return !x[0].absent && !x[1].absent;
}

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

static void fill_map(Env *e, const Core *n, Tensor *t, int axis, int64_t at)
{
    if (axis == n->nindices) {
        interp_tick(e->in, n->span);
        tensor_set(e->in, t, at, eval(e, n->kids[0]));
        return;
    }
    int64_t lo = dim_value(e, n->indices[axis]->lo, n->span);
    for (int64_t i = 0; i < t->shape[axis]; i++) {
        e->index[n->indices[axis]->id] = lo + i;
        fill_map(e, n, t, axis + 1, at * t->shape[axis] + i);
    }
}

static Tensor *eval_map(Env *e, const Core *n)
{
    int64_t shape[IR_RANK_MOST];
    for (int i = 0; i < n->nindices; i++)
        shape[i] = dim_value(e, n->indices[i]->extent, n->span);
    Tensor *t = tensor_new(e->in, n->type.dtype, n->nindices, shape, n->span);
    fill_map(e, n, t, 0, 0);
    return t;
}

static Tensor *eval_reshape(Env *e, const Core *n)
{
    Tensor *x = eval_tensor(e, n->kids[0]), *t = NEW(e->in->arena, Tensor);
    *t = *x;
    t->image = NULL;
    t->away = false;
    t->rank = n->type.rank;
    t->shared = x->shared = true; /* two shapes of the same cells */
    int64_t count = 1;
    for (int i = 0; i < t->rank; i++)
        count *= t->shape[i] = dim_value(e, n->type.dims[i], n->span);
    if (count != x->count)
        interp_fail(e->in, MLCRT_ESHAPE, n->span, "reshape of %lld elements to %lld", (long long)x->count, (long long)count);
    return t;
}

static Tensor *eval_slicebox(Env *e, const Core *n)
{
    Tensor *x = eval_tensor(e, n->kids[0]);
    int64_t start[IR_RANK_MOST], len[IR_RANK_MOST], shape[IR_RANK_MOST], sub[IR_RANK_MOST] = { 0 };
    int rank = 0;
    for (int i = 0; i < x->rank; i++) {
        start[i] = eval(e, n->kids[i + 1]).c.i;
        len[i] = n->box[i] ? dim_value(e, n->box[i], n->span) : 1;
        if (n->box[i])
            shape[rank++] = len[i];
    }
    Tensor *t = tensor_new(e->in, x->dtype, rank, shape, n->span);
    for (int64_t i = 0; i < t->count; i++) {
        int64_t rest = i, at[IR_RANK_MOST];
        for (int k = x->rank - 1; k >= 0; k--) {
            sub[k] = len[k] ? rest % len[k] : 0;
            rest = len[k] ? rest / len[k] : 0;
            at[k] = start[k] + sub[k];
        }
        tensor_set(e->in, t, i, tensor_get(e->in, x, flat(e, n, x, at)));
    }
    return t;
}

static Tensor *eval_present(Env *e, const Core *n)
{
    const Tensor *x = eval_tensor(e, n->kids[0]);
    Tensor *t = tensor_new(e->in, DT_bool, x->rank, x->shape, n->span);
    for (int64_t i = 0; i < t->count; i++)
        tensor_set(e->in, t, i, cell_int(!tensor_get(e->in, x, i).absent));
    return t;
}

/* Perhaps away. */
static Tensor *held(Env *e, const Core *n)
{
    Tensor *t = e->vars[n->var->id].t;
    if (!t)
        interp_fail(e->in, MLCRT_EINTERNAL, n->span, "internal: '%s' has no value", n->var->name);
    return t;
}

Tensor *eval_tensor(Env *e, const Core *n)
{
    switch (n->kind) {
    case C_var: return tensor_here(e->in, held(e, n));
    case C_map: return eval_map(e, n);
    case C_reshape: return eval_reshape(e, n);
    case C_slicebox: return eval_slicebox(e, n);
    case C_present: return eval_present(e, n);
    case C_rec: return eval_rec(e, n);
    case C_cum: return eval_cum(e, n);
    case C_if: return tensor_clear(e->in, eval_tensor(e, truth(e, n->kids[0]) ? n->kids[1] : n->kids[2]));
    case C_block: run_block(e, n); return eval_tensor(e, n->kids[n->nkids - 1]);
    default: break;
    }
    interp_fail(e->in, MLCRT_EINTERNAL, n->span, "internal: node kind %d is not a tensor", n->kind);
}

/* Stores in a `var` read an absent value as 0; the caller says so by clearing what it may not keep. */
void eval_into(Env *e, const Core *n, Slot *s)
{
    if (n->type.rank == 0) {
        s->v = eval(e, n);
        return;
    }
    Tensor *t = n->kind == C_var ? held(e, n) : eval_tensor(e, n);
    if (n->kind == C_var || n->kind == C_if || n->kind == C_block)
        t->shared = true;
    s->t = t;
}
