/* core_build.c - makes nodes of the checked tree.
 *
 * Reads are simplified where they are made: an element of a slice is an element of what was sliced, an element of an elementwise
 * map is its body there. So whole-tensor arithmetic does not leave a chain of temporaries behind.
 */
#include "frontend/check/check_int.h"

#include <math.h>

Core *core_new(Fx *f, CoreKind k, IrType t, int nkids)
{
    Core *c = NEW(f->a, Core);
    c->kind = (uint8_t)k;
    c->type = t;
    c->nkids = nkids;
    c->kids = nkids ? NEWN(f->a, Core *, nkids) : NULL;
    return c;
}

Core *core_kids(Fx *f, CoreKind k, IrType t, int n, Core *const *kids)
{
    Core *c = core_new(f, k, t, n);
    for (int i = 0; i < n; i++)
        c->kids[i] = kids[i];
    return c;
}

IrType tensor_type(Fx *f, IrDtype t, int rank, Dim const *dims)
{
    IrType r = { t, rank, rank ? NEWN(f->a, Dim, rank) : NULL };
    for (int i = 0; i < rank; i++)
        r.dims[i] = dims[i];
    return r;
}

Core *core_i64(Fx *f, int64_t v)
{
    Core *c = core_new(f, C_const, ir_scalar(DT_i64), 0);
    c->ival = v;
    return c;
}

Core *core_bool(Fx *f, bool v)
{
    Core *c = core_new(f, C_const, ir_scalar(DT_bool), 0);
    c->ival = v;
    return c;
}

Core *core_number(Fx *f, IrDtype t, double v)
{
    Core *c = core_new(f, C_const, ir_scalar(t), 0);
    if (dtype_is_float(t))
        c->fval = t == DT_f32 ? (double)(float)v : v;
    else
        c->ival = (int64_t)v;
    return c;
}

Core *core_of_dim(Fx *f, Dim d)
{
    int64_t v;
    if (dim_is_const(d, &v))
        return core_i64(f, v);
    Core *c = core_new(f, C_dim, ir_scalar(DT_i64), 0);
    c->dim = d;
    return c;
}

Core *core_of_var(Fx *f, CoreVar *v)
{
    Core *c = core_new(f, C_var, v->type, 0);
    c->var = v;
    return c;
}

Core *core_of_index(Fx *f, CoreIndex *x)
{
    Core *c = core_new(f, C_index, ir_scalar(DT_i64), 0);
    c->index = x;
    return c;
}

bool core_is_const(const Core *c, double *v)
{
    if (c->kind != C_const || c->type.dtype == DT_key)
        return false;
    *v = dtype_is_float(c->type.dtype) ? c->fval : c->type.dtype == DT_u64 ? (double)(uint64_t)c->ival : (double)c->ival;
    return true;
}

bool core_is_int_const(const Core *c, int64_t *v)
{
    if (c->kind != C_const || c->type.dtype == DT_key || dtype_is_float(c->type.dtype))
        return false;
    *v = c->ival;
    return true;
}

bool core_is_true(const Core *c)
{
    return c->kind == C_const && c->type.dtype == DT_bool && c->ival;
}

/* ---- operations ---- */

/* Constants of f64 (weak reals) fold, so that numbers of a header are known: 2 * pi, -1.5, 1 / 3. */
static bool fold_real(IrOp op, double x, double y, double *v)
{
    switch (op) {
    case OP_neg: *v = -x; return true;
    case OP_add: *v = x + y; return true;
    case OP_sub: *v = x - y; return true;
    case OP_mul: *v = x * y; return true;
    case OP_div: *v = x / y; return true;
    case OP_sqrt: *v = sqrt(x); return true;
    default: return false;
    }
}

static Core *fold(Fx *f, IrOp op, IrDtype t, const Core *x, const Core *y)
{
    double a, b = 0, v;
    if (t == DT_f64 && core_is_const(x, &a) && x->type.dtype == DT_f64 && (!y || core_is_const(y, &b)) && fold_real(op, a, b, &v))
        return core_number(f, DT_f64, v);
    if (op == OP_neg && dtype_is_float(t) && core_is_const(x, &a))
        return core_number(f, t, -a);
    if (op == OP_not && x->kind == C_const)
        return core_bool(f, !x->ival);
    return NULL;
}

static Core *op_node(Fx *f, IrOp op, IrDtype t, int n, Core *const *kids)
{
    Core *c = core_kids(f, C_op, ir_scalar(t), n, kids);
    c->op = (uint16_t)op;
    return c;
}

Core *core_op1(Fx *f, IrOp op, IrDtype t, Core *x)
{
    Core *c = fold(f, op, t, x, NULL);
    return c ? c : op_node(f, op, t, 1, (Core *[]){ x });
}

Core *core_op2(Fx *f, IrOp op, IrDtype t, Core *x, Core *y)
{
    Core *c = fold(f, op, t, x, y);
    return c ? c : op_node(f, op, t, 2, (Core *[]){ x, y });
}

Core *core_op3(Fx *f, IrOp op, IrDtype t, Core *x, Core *y, Core *z)
{
    return op_node(f, op, t, 3, (Core *[]){ x, y, z });
}

Core *core_if(Fx *f, Core *cond, Core *yes, Core *no)
{
    if (cond->kind == C_const)
        return cond->ival ? yes : no;
    return core_kids(f, C_if, yes->type, 3, (Core *[]){ cond, yes, no });
}

/* ---- reads ---- */

static Core *add_i64(Fx *f, Core *x, Core *y)
{
    int64_t a, b;
    bool ca = core_is_int_const(x, &a), cb = core_is_int_const(y, &b);
    if (ca && a == 0)
        return y;
    if (cb && b == 0)
        return x;
    if ((ca || x->kind == C_dim) && (cb || y->kind == C_dim))
        return core_of_dim(f, dim_add(f->dims, ca ? dim_const(f->dims, a) : x->dim, cb ? dim_const(f->dims, b) : y->dim));
    return core_op2(f, OP_add, DT_i64, x, y);
}

static Core *load_of_slice(Fx *f, Core *s, int n, Core *const *subs)
{
    Core *all[RANK_MOST];
    int k = 0;
    for (int i = 0; i < s->nkids - 1; i++)
        all[i] = s->box[i] ? add_i64(f, s->kids[i + 1], subs[k++]) : s->kids[i + 1];
    (void)n;
    return core_load(f, s->kids[0], s->nkids - 1, all);
}

Dim dim_of_core(Fx *f, const Core *c)
{
    int64_t v;
    if (core_is_int_const(c, &v))
        return dim_const(f->dims, v);
    if (c->kind == C_dim)
        return c->dim;
    if (c->kind == C_index)
        return dim_sym(f->dims, c->index->sym);
    if (c->kind == C_var && c->var->sym && !c->var->mut)
        return dim_sym(f->dims, c->var->sym);
    bool known = c->kind == C_op && (c->op == OP_add || c->op == OP_sub || c->op == OP_mul);
    Dim a = known ? dim_of_core(f, c->kids[0]) : NULL, b = a ? dim_of_core(f, c->kids[1]) : NULL;
    if (!b)
        return NULL;
    return (c->op == OP_add ? dim_add : c->op == OP_sub ? dim_sub : dim_mul)(f->dims, a, b);
}

static Core *load_of_map(Fx *f, Core *m, int n, Core *const *subs)
{
    Dim dims[RANK_MOST];
    for (int i = 0; i < n; i++) {
        dims[i] = dim_of_core(f, subs[i]);
        if (!dims[i])
            return NULL;
    }
    return core_clone_to(f, m->kids[0], n, m->indices, subs, dims);
}

Core *core_load(Fx *f, Core *tensor, int n, Core *const *subs)
{
    if (tensor->kind == C_slicebox)
        return load_of_slice(f, tensor, n, subs);
    if (tensor->kind == C_map && core_is_cheap(tensor->kids[0])) {
        Core *c = load_of_map(f, tensor, n, subs);
        if (c)
            return c;
    }
    if (n == 0)
        return tensor;
    Core *c = core_new(f, C_load, ir_scalar(tensor->type.dtype), n + 1);
    c->kids[0] = tensor;
    for (int i = 0; i < n; i++)
        c->kids[i + 1] = subs[i];
    return c;
}

Core *core_slicebox(Fx *f, Core *x, Core *const *starts, Dim const *box)
{
    int rank = x->type.rank, n = 0;
    Dim dims[RANK_MOST], *b = NEWN(f->a, Dim, rank);
    bool scalar = true;
    for (int i = 0; i < rank; i++) {
        b[i] = box[i];
        if (box[i])
            dims[n++] = box[i];
        scalar &= !box[i];
    }
    if (scalar)
        return core_load(f, x, rank, starts);
    Core *all[RANK_MOST + 1];
    if (x->kind == C_slicebox) { /* a part of a part */
        int k = 0, r = x->nkids - 1;
        Dim *inner = NEWN(f->a, Dim, r);
        for (int i = 0; i < r; i++) {
            all[i + 1] = x->box[i] ? add_i64(f, x->kids[i + 1], starts[k]) : x->kids[i + 1];
            inner[i] = x->box[i] ? box[k++] : NULL;
        }
        b = inner;
        rank = r;
        x = x->kids[0];
    } else {
        for (int i = 0; i < rank; i++)
            all[i + 1] = starts[i];
    }
    all[0] = x;
    Core *c = core_kids(f, C_slicebox, tensor_type(f, x->type.dtype, n, dims), rank + 1, all);
    c->box = b;
    return c;
}

/* ---- scopes of indices ---- */

/* Axes begin at 0: an index that begins elsewhere is replaced by one that does, plus its start. */
static Core *from_zero(Fx *f, int n, CoreIndex **idx, Core *body)
{
    Core *to[RANK_MOST];
    Dim dims[RANK_MOST];
    CoreIndex *from[RANK_MOST];
    bool shifted = false;
    for (int i = 0; i < n; i++) {
        from[i] = idx[i];
        Dim lo = from[i]->lo;
        bool zero = lo == dim_int(f, 0);
        shifted |= !zero;
        if (!zero) {
            idx[i] = index_copy(f, from[i]);
            idx[i]->lo = dim_int(f, 0);
        }
        Core *at = core_of_index(f, idx[i]);
        to[i] = zero ? at : core_op2(f, OP_add, DT_i64, at, core_of_dim(f, lo));
        dims[i] = dim_add(f->dims, dim_sym(f->dims, idx[i]->sym), lo);
    }
    return shifted ? core_clone_to(f, body, n, from, to, dims) : body;
}

Core *core_map(Fx *f, int n, CoreIndex *const *given, Core *body)
{
    Dim dims[RANK_MOST];
    CoreIndex *idx[RANK_MOST];
    if (n == 0)
        return body;
    for (int i = 0; i < n; i++) {
        idx[i] = given[i];
        dims[i] = idx[i]->extent;
    }
    body = from_zero(f, n, idx, body);
    Core *c = core_new(f, C_map, tensor_type(f, body->type.dtype, n, dims), 1);
    c->kids[0] = body;
    c->nindices = n;
    c->indices = arena_copy(f->a, idx, (size_t)n * sizeof *idx);
    c->span = body->span;
    return c;
}

Core *core_reduce(Fx *f, RedOp op, int n, CoreIndex *const *idx, Core *body, Core *guard)
{
    bool counts = op == RED_count || op == RED_argmax || op == RED_argmin;
    Core *sums = op == RED_sum ? core_terms(f, n, idx, body, guard) : NULL;
    sums = op == RED_sum && !sums ? core_nested(f, n, idx, body, guard) : sums;
    if (sums)
        return sums;
    body = op == RED_sum ? core_grouped(f, n, idx, body) : body;
    Core *c = core_new(f, C_reduce, ir_scalar(counts ? DT_i64 : body->type.dtype), 2);
    c->redop = (uint8_t)op;
    c->kids[0] = body;
    c->kids[1] = guard && !core_is_true(guard) ? guard : NULL;
    c->nindices = n;
    c->indices = arena_copy(f->a, idx, (size_t)n * sizeof *idx);
    c->order = (uint8_t)core_order(f, op, n, idx, body, guard);
    return c;
}
