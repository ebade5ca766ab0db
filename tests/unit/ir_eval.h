/* ir_eval.h - evaluates tensor IR, one element at a time, on demand: what its meaning is (ir/IR.md), for tests of lowering and passes.
 *
 * Pure nodes run when somebody asks for their value, so what only a guarded value needs runs only where the guard holds. Reading an
 * element that is undefined, or outside of its tensor, fails the test. Floats are f64, integers i64.
 */
#ifndef MLC_TESTS_IR_EVAL_H
#define MLC_TESTS_IR_EVAL_H

#include <math.h>

#include "ir_test.h"

typedef struct EvTensor { int rank; int64_t shape[16], count; struct Ev *at; } EvTensor;
typedef struct Ev { double f; int64_t i; EvTensor *t; bool undefined; } Ev;

typedef struct EvCx {
    Arena *arena;
    const IrFn *fn;
    Map syms;            /* DimSym -> IrNode */
    int64_t *dims;       /* by fn->dims */
    Ev *value;           /* by node id */
    bool *known;
    int fault;           /* lowest row that failed, -1: none */
    int loads;           /* how many were executed */
    Ev **results;        /* of nodes with several: by node id */
} EvCx;

static inline EvTensor *ev_tensor(Arena *a, int rank, const int64_t *shape)
{
    EvTensor *t = NEW(a, EvTensor);
    t->rank = rank;
    t->count = 1;
    for (int i = 0; i < rank; i++)
        t->count *= t->shape[i] = shape[i];
    t->at = NEWN(a, Ev, t->count);
    return t;
}

static inline Ev ev_get(EvCx *c, IrNode *n);

static inline bool ev_sym(void *user, DimSym *s, int64_t *v)
{
    EvCx *c = user;
    for (int i = 0; i < c->fn->dims.n; i++)
        if (c->fn->dims.p[i] == s) {
            *v = c->dims[i];
            return true;
        }
    IrNode *n = map_find(&c->syms, s);
    ck_assert_msg(n != NULL, "symbol %s", s->name);
    *v = ev_get(c, n).i;
    return true;
}

static inline int64_t ev_dim(EvCx *c, Dim d)
{
    int64_t v = 0;
    ck_assert_msg(dim_eval(d, ev_sym, c, &v), "a dim has no value");
    return v;
}

static inline int64_t ev_place(EvCx *c, const IrNode *n, const EvTensor *t, int first)
{
    int64_t at = 0;
    for (int k = 0; k < t->rank; k++) {
        int64_t i = ev_get(c, n->in[first + k]).i;
        ck_assert_msg(i >= 0 && i < t->shape[k], "%s: subscript %d is %d of %d", ir_info(n)->name, k, (int)i, (int)t->shape[k]);
        at = at * t->shape[k] + i;
    }
    return at;
}

static inline void ev_set(EvCx *c, const IrNode *n, Ev v)
{
    c->value[n->id] = v;
    c->known[n->id] = true;
}

static inline void ev_enter(EvCx *c, const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next)
        c->known[n->id] = false;
    for (int i = 0; i < r->params.n; i++)
        c->known[r->params.p[i]->id] = false;
}

static inline void ev_fault(EvCx *c, const IrNode *n)
{
    if (c->fault < 0 || n->imm < c->fault)
        c->fault = (int)n->imm;
}

/* Pinned nodes in order, then the values that the region ends with are asked for by the caller. */
static inline IrNode *ev_pinned(EvCx *c, const IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_check) {
            if (!ev_get(c, n->in[0]).i)
                ev_fault(c, n);
        } else if (n->op == OP_for || n->op == OP_while || n->op == OP_if || n->op == OP_call) {
            ev_get(c, n);
        }
    return ir_terminator(r);
}

/* ---- maps and reductions ---- */

static inline int64_t ev_wrap(int64_t x, char op, int64_t y)
{
    uint64_t a = (uint64_t)x, b = (uint64_t)y;
    return (int64_t)(op == '+' ? a + b : op == '-' ? a - b : a * b);
}

typedef struct EvNest { const IrNode *n; EvTensor *map; Ev acc, best; int64_t at, count; } EvNest;

static inline void ev_reduce_take(EvNest *e, Ev x, int64_t index)
{
    bool real = dtype_is_float(e->n->regions[0]->last->in[0]->type.dtype);
    switch (e->n->redop) {
    case RED_sum: e->acc.f += x.f; e->acc.i = ev_wrap(e->acc.i, '+', x.i); break;
    case RED_prod: e->acc.f *= x.f; e->acc.i = ev_wrap(e->acc.i, '*', x.i); break;
    case RED_max: e->acc.f = isnan(e->acc.f) ? e->acc.f : isnan(x.f) || x.f > e->acc.f ? x.f : e->acc.f; e->acc.i = x.i > e->acc.i ? x.i : e->acc.i; break;
    case RED_min: e->acc.f = isnan(e->acc.f) ? e->acc.f : isnan(x.f) || x.f < e->acc.f ? x.f : e->acc.f; e->acc.i = x.i < e->acc.i ? x.i : e->acc.i; break;
    case RED_all: e->acc.i &= x.i; break;
    case RED_any: e->acc.i |= x.i; break;
    case RED_count: e->acc.i += x.i != 0; break;
    default: {
        bool more = real ? x.f > e->best.f : x.i > e->best.i, less = real ? x.f < e->best.f : x.i < e->best.i;
        if (e->count == 0 || (e->n->redop == RED_argmax ? more : less)) {
            e->best = x;
            e->acc.i = index;
        }
    }
    }
    e->count++;
}

static inline bool ev_in_parts(EvCx *c, const IrRegion *r)
{
    for (int k = 0; k < r->params.n; k++) {
        const IrNode *x = r->params.p[k];
        int64_t i = c->value[x->id].i;
        if ((x->from && i < ev_dim(c, x->from)) || (x->to && i >= ev_dim(c, x->to)))
            return false;
    }
    return true;
}

static inline void ev_point(EvCx *c, EvNest *e, const IrRegion *r)
{
    IrNode *y = ir_terminator(r);
    bool in = y->nin < 2 || ev_get(c, y->in[1]).i;
    ck_assert_msg(!in || ev_in_parts(c, r), "the guard holds outside of the part of the range that it is said to allow");
    if (in)
        ev_pinned(c, r);
    Ev x = in ? ev_get(c, y->in[0]) : (Ev){ .undefined = true };
    if (e->map)
        e->map->at[e->at++] = x;
    else if (in)
        ev_reduce_take(e, x, c->value[r->params.p[0]->id].i);
}

static inline void ev_nest(EvCx *c, EvNest *e, int axis)
{
    const IrRegion *r = e->n->regions[0];
    if (axis == r->params.n) {
        for (const IrNode *n = r->first; n; n = n->next)
            c->known[n->id] = false;
        ev_point(c, e, r);
        return;
    }
    IrNode *x = r->params.p[axis];
    int64_t lo = x->lo ? ev_dim(c, x->lo) : 0, n = ev_dim(c, x->dim);
    for (int64_t i = lo; i < lo + n; i++) {
        ev_set(c, x, (Ev){ .i = i });
        ev_nest(c, e, axis + 1);
    }
}

static inline Ev ev_map(EvCx *c, const IrNode *n)
{
    int64_t shape[16];
    for (int i = 0; i < n->type.rank; i++)
        shape[i] = ev_dim(c, n->regions[0]->params.p[i]->dim);
    EvNest e = { .n = n, .map = ev_tensor(c->arena, n->type.rank, shape) };
    ev_nest(c, &e, 0);
    return (Ev){ .t = e.map };
}

static inline Ev ev_reduce(EvCx *c, const IrNode *n)
{
    EvNest e = { .n = n };
    bool one = n->redop == RED_prod || n->redop == RED_all, max = n->redop == RED_max;
    if (one)
        e.acc = (Ev){ .f = 1, .i = 1 };
    if (max || n->redop == RED_min)
        e.acc = (Ev){ .f = max ? -(double)INFINITY : (double)INFINITY, .i = max ? INT64_MIN : INT64_MAX };
    if (n->redop == RED_argmax || n->redop == RED_argmin)
        e.acc.i = -1;
    ev_nest(c, &e, 0);
    return e.acc;
}

/* ---- control ---- */

static inline Ev *ev_yields(EvCx *c, const IrRegion *r)
{
    IrNode *y = ev_pinned(c, r);
    Ev *out = NEWN(c->arena, Ev, y->nin + 1);
    for (int i = 0; i < y->nin; i++)
        out[i] = ev_get(c, y->in[i]);
    return out;
}

static inline void ev_args(EvCx *c, const IrRegion *r, int first, const Ev *v)
{
    for (int i = first; i < r->params.n; i++)
        ev_set(c, r->params.p[i], v[i - first]);
}

static inline Ev *ev_loop(EvCx *c, const IrNode *n)
{
    bool counts = n->op == OP_for;
    int first = counts ? 2 : 0;
    Ev *v = NEWN(c->arena, Ev, n->nin + 1);
    for (int i = first; i < n->nin; i++)
        v[i - first] = ev_get(c, n->in[i]);
    int64_t i = counts ? ev_get(c, n->in[0]).i : 0, hi = counts ? ev_get(c, n->in[1]).i : 10000;
    for (; i < hi; i++) {
        const IrRegion *r = n->regions[0];
        ev_enter(c, r);
        ev_args(c, r, counts, v);
        if (!counts) {
            if (!ev_yields(c, r)[0].i)
                return v;
            r = n->regions[1];
            ev_enter(c, r);
            ev_args(c, r, 0, v);
        } else {
            ev_set(c, r->params.p[0], (Ev){ .i = i });
        }
        v = ev_yields(c, r);
    }
    ck_assert_msg(counts, "a loop does not end");
    return v;
}

static inline Ev *ev_if(EvCx *c, const IrNode *n)
{
    const IrRegion *r = n->regions[ev_get(c, n->in[0]).i ? 0 : 1];
    ev_enter(c, r);
    return ev_yields(c, r);
}

static inline Ev *ev_call(EvCx *c, const IrFn *fn, const int64_t *dims, const Ev *args);

static inline Ev *ev_call_node(EvCx *c, const IrNode *n)
{
    int64_t *dims = NEWN(c->arena, int64_t, n->callee->dims.n + 1);
    Ev *args = NEWN(c->arena, Ev, n->nin + 1);
    for (int i = 0; i < n->callee->dims.n; i++)
        dims[i] = ev_dim(c, n->dims[i]);
    for (int i = 0; i < n->nin; i++)
        args[i] = ev_get(c, n->in[i]);
    return ev_call(c, n->callee, dims, args);
}

/* ---- tensors ---- */

static inline Ev ev_update(EvCx *c, const IrNode *n)
{
    EvTensor *old = ev_get(c, n->in[0]).t, *t = ev_tensor(c->arena, old->rank, old->shape);
    Ev v = ev_get(c, n->in[1]);
    int64_t start[16], len[16], total = 1;
    memcpy(t->at, old->at, sizeof(Ev) * (size_t)t->count);
    for (int i = 0; i < t->rank; i++) {
        start[i] = ev_get(c, n->in[i + 2]).i;
        len[i] = n->box[i] ? ev_dim(c, n->box[i]) : 1;
        total *= len[i];
        ck_assert_msg(start[i] >= 0 && start[i] + len[i] <= t->shape[i], "update outside");
    }
    for (int64_t k = 0; k < total; k++) {
        int64_t rest = k, at = 0, sub[16];
        for (int i = t->rank - 1; i >= 0; i--, rest /= len[i + 1])
            sub[i] = start[i] + rest % len[i];
        for (int i = 0; i < t->rank; i++)
            at = at * t->shape[i] + sub[i];
        t->at[at] = v.t ? v.t->at[k] : v;
    }
    return (Ev){ .t = t };
}

static inline Ev ev_load(EvCx *c, const IrNode *n)
{
    EvTensor *t = ev_get(c, n->in[0]).t;
    Ev v = t->at[ev_place(c, n, t, 1)];
    ck_assert_msg(!v.undefined, "an element outside of its map's guard is read");
    c->loads++;
    return v;
}

/* ---- scalar operations: those that the tests use ---- */

static inline Ev ev_op(EvCx *c, const IrNode *n)
{
    Ev x = ev_get(c, n->in[0]), y = n->nin > 1 ? ev_get(c, n->in[1]) : (Ev){ 0 }, z = n->nin > 2 ? ev_get(c, n->in[2]) : (Ev){ 0 };
    bool real = dtype_is_float(n->in[0]->type.dtype);
    switch (n->op) {
    case OP_add: return (Ev){ .f = x.f + y.f, .i = ev_wrap(x.i, '+', y.i) };
    case OP_sub: return (Ev){ .f = x.f - y.f, .i = ev_wrap(x.i, '-', y.i) };
    case OP_mul: return (Ev){ .f = x.f * y.f, .i = ev_wrap(x.i, '*', y.i) };
    case OP_div: return (Ev){ .f = x.f / y.f };
    case OP_neg: return (Ev){ .f = -x.f, .i = ev_wrap(0, '-', x.i) };
    case OP_floordiv: return (Ev){ .i = x.i / y.i - (x.i % y.i != 0 && (x.i < 0) != (y.i < 0)) };
    case OP_mod: return (Ev){ .i = ((x.i % y.i) + y.i) % y.i };
    case OP_abs: return (Ev){ .f = fabs(x.f), .i = x.i < 0 ? ev_wrap(0, '-', x.i) : x.i };
    case OP_min: return (Ev){ .f = isnan(x.f) || x.f < y.f ? x.f : y.f, .i = x.i < y.i ? x.i : y.i };
    case OP_max: return (Ev){ .f = isnan(x.f) || x.f > y.f ? x.f : y.f, .i = x.i > y.i ? x.i : y.i };
    case OP_exp: return (Ev){ .f = exp(x.f) };
    case OP_log: return (Ev){ .f = log(x.f) };
    case OP_sqrt: return (Ev){ .f = sqrt(x.f) };
    case OP_eq: return (Ev){ .i = real ? x.f == y.f : x.i == y.i };
    case OP_ne: return (Ev){ .i = real ? x.f != y.f : x.i != y.i };
    case OP_lt: return (Ev){ .i = real ? x.f < y.f : x.i < y.i };
    case OP_le: return (Ev){ .i = real ? x.f <= y.f : x.i <= y.i };
    case OP_and: return (Ev){ .i = x.i && y.i };
    case OP_or: return (Ev){ .i = x.i || y.i };
    case OP_not: return (Ev){ .i = !x.i };
    case OP_select: return x.i ? y : z;
    case OP_cast: return (Ev){ .f = real ? x.f : (double)x.i, .i = real ? (isnan(x.f) ? 0 : (int64_t)x.f) : x.i };
    case OP_narrow:
    case OP_stop: return x;
    case OP_clampi:
        if (x.i >= y.i && x.i < z.i)
            return x;
        ev_fault(c, n);
        return (Ev){ .i = x.i < y.i ? y.i : z.i > 0 ? z.i - 1 : 0 };
    case OP_nonzero:
        if (!x.i)
            ev_fault(c, n);
        return (Ev){ .i = x.i ? x.i : 1 };
    case OP_divisor: { /* values here are 64 bits wide, whatever their type */
        bool bad = x.i == -1 && y.i == (int64_t)(UINT64_MAX << (8 * dtype_bytes(n->type.dtype) - 1));
        if (bad)
            ev_fault(c, n);
        return (Ev){ .i = bad ? 1 : x.i };
    }
    default: ck_abort_msg("the evaluator lacks %s", ir_info(n)->name);
    }
    return x;
}

static inline Ev ev_several(EvCx *c, IrNode *n, Ev *v)
{
    c->results[n->id] = v;
    return v[0];
}

static inline Ev ev_compute(EvCx *c, IrNode *n)
{
    if (ir_is_scalar_op(n))
        return ev_op(c, n);
    switch (n->op) {
    case OP_const: return dtype_is_float(n->type.dtype) ? (Ev){ .f = n->fimm } : (Ev){ .i = n->imm };
    case OP_dim: return (Ev){ .i = ev_dim(c, n->dim) };
    case OP_load: return ev_load(c, n);
    case OP_map: return ev_map(c, n);
    case OP_reduce: return ev_reduce(c, n);
    case OP_update: return ev_update(c, n);
    case OP_if: return ev_several(c, n, ev_if(c, n));
    case OP_for:
    case OP_while: return ev_several(c, n, ev_loop(c, n));
    case OP_call: return ev_several(c, n, ev_call_node(c, n));
    case OP_result: ev_get(c, n->in[0]); return c->results[n->in[0]->id][n->imm];
    case OP_reshape: {
        EvTensor *x = ev_get(c, n->in[0]).t, *t = NEW(c->arena, EvTensor);
        *t = *x;
        t->rank = n->type.rank;
        for (int i = 0; i < t->rank; i++)
            t->shape[i] = ev_dim(c, n->type.dims[i]);
        return (Ev){ .t = t };
    }
    default: ck_abort_msg("the evaluator lacks %s", ir_info(n)->name);
    }
    return (Ev){ 0 };
}

static inline Ev ev_get(EvCx *c, IrNode *n)
{
    if (!c->known[n->id])
        ev_set(c, n, ev_compute(c, n));
    return c->value[n->id];
}

static inline void ev_find_syms(void *user, IrNode *n)
{
    EvCx *c = user;
    if (n->sym)
        map_put(&c->syms, n->sym, n);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < n->regions[k]->params.n; i++)
            if (n->regions[k]->params.p[i]->sym)
                map_put(&c->syms, n->regions[k]->params.p[i]->sym, n->regions[k]->params.p[i]);
}

/* The results; a fault of a callee shows as row 0 of the caller. outer: NULL, or for its arena and count of loads. */
static inline Ev *ev_run(Arena *a, const IrFn *fn, const int64_t *dims, const Ev *args, int *fault, int *loads)
{
    EvCx c = { .arena = a, .fn = fn, .syms = map_new(a), .dims = (int64_t *)(uintptr_t)dims, .fault = -1 };
    c.value = NEWN(a, Ev, fn->next_id);
    c.known = NEWN(a, bool, fn->next_id);
    c.results = NEWN(a, Ev *, fn->next_id);
    for (int i = 0; i < fn->params.n; i++) {
        ev_set(&c, fn->params.p[i], args[i]);
        if (fn->params.p[i]->sym)
            map_put(&c.syms, fn->params.p[i]->sym, fn->params.p[i]);
    }
    ir_walk(fn->body, ev_find_syms, &c);
    Ev *out = ev_yields(&c, fn->body);
    *fault = c.fault;
    *loads += c.loads;
    return out;
}

static inline Ev *ev_call(EvCx *c, const IrFn *fn, const int64_t *dims, const Ev *args)
{
    int fault = -1;
    Ev *out = ev_run(c->arena, fn, dims, args, &fault, &c->loads);
    if (fault >= 0)
        c->fault = 0;
    return out;
}

#endif
