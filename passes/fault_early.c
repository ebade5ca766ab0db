/* fault_early.c - a product, sum or difference of whole numbers that may pass 2^63, under a condition, and is made of sizes, ints of the call and places:
 * whether any element's may is asked once.
 *
 *     %0 = map [i, j] {                                  if |f64(%w) * f64(%r)| >= 9.2e18 { look for all that may fault in %0, as before }
 *       if j <= i { i - j < imul(%w, %r) } }             %0 = map [i, j] { if j <= i { i - j < %w * %r } }
 *     sum [y: Y] { if .. { y < imul(p + 1, %s) } }       the same with (f64(P) + 1) * |f64(%s)|, p one of P places
 *
 * Where it passes for sure it is a condition at entry; here some element must ask for it first. The question in f64 errs to one side only: where 2^63 is near.
 * What the ranges of indices and sizes keep below is not asked. Without the fault the condition is bounds and masks, as others are.
 */
#include "passes/stream_int.h"

static const double NEAR = 9.2e18; /* below 2^63 by more than twenty roundings */

enum { DEEP = 8 };

typedef struct Early { PassCx *cx; const IrNode *root; VEC(IrNode *) all; } Early;

static bool is_arithmetic(const IrNode *n) { return n->op == OP_iadd || n->op == OP_isub || n->op == OP_imul; }

/* The same for all elements, and made of what may be computed before them. */
static bool is_early(const Early *e, const IrNode *n, int depth)
{
    const IrRegion *r = e->root->regions[0];
    if (!ir_inside(n, r) || n->op == OP_const)
        return true;
    if (n->op == OP_dim)
        return !pass_dim_depends(e->cx, n->dim, r) && pass_known_at_entry(r->fn, n->dim);
    bool whole = is_arithmetic(n) || n->op == OP_add || n->op == OP_sub || n->op == OP_mul || n->op == OP_neg || n->op == OP_min || n->op == OP_max;
    if (!whole || n->type.dtype != DT_i64 || !depth)
        return false;
    for (int i = 0; i < n->nin; i++)
        if (!is_early(e, n->in[i], depth - 1))
            return false;
    return true;
}

static bool is_conditional(const Early *e, const IrNode *n)
{
    for (const IrRegion *r = n->parent; r != e->root->parent; r = r->owner->parent)
        if (r->owner->op == OP_if)
            return true;
    return false;
}

static bool is_small(const IrNode *n) { return n->op == OP_cast && n->in[0]->type.dtype != DT_i64 && dtype_is_int(n->in[0]->type.dtype); }

/* Has it a largest size that can be told before the elements? */
static bool has_most(const Early *e, const IrNode *n, int depth)
{
    const IrFn *fn = e->root->parent->fn;
    if (is_early(e, n, depth) || is_small(n))
        return true;
    if (n->op == OP_index)
        return pass_known_at_entry(fn, n->dim) && (!n->lo || pass_known_at_entry(fn, n->lo));
    if (n->type.dtype != DT_i64 || !depth)
        return false;
    switch (n->op) {
    case OP_floordiv: return has_most(e, n->in[0], depth - 1);
    case OP_mod: return has_most(e, n->in[1], depth - 1);
    case OP_neg: case OP_abs: return has_most(e, n->in[0], depth - 1);
    case OP_add: case OP_sub: case OP_mul: case OP_iadd: case OP_isub: case OP_imul: case OP_min: case OP_max:
        return has_most(e, n->in[0], depth - 1) && has_most(e, n->in[1], depth - 1);
    default: return false;
    }
}

static void see_early(void *user, IrNode *n)
{
    Early *e = user;
    if (is_arithmetic(n) && is_conditional(e, n) && has_most(e, n, DEEP))
        vec_push(e->cx->arena, &e->all, n);
}

/* A copy of n before the map, without faults. */
static IrNode *before(const Early *e, IrBuilder *b, IrNode *n)
{
    IrNode *in[2] = { NULL, NULL };
    if (!ir_inside(n, e->root->regions[0]))
        return n;
    if (n->op == OP_const)
        return ir_int(b, n->imm);
    if (n->op == OP_dim)
        return ir_dim_value(b, n->dim);
    for (int i = 0; i < n->nin; i++)
        in[i] = before(e, b, n->in[i]);
    IrOp op = n->op == OP_iadd ? OP_add : n->op == OP_isub ? OP_sub : n->op == OP_imul ? OP_mul : (IrOp)n->op;
    return n->nin == 1 ? ir_add1(b, op, n->type, in[0]) : ir_add2(b, op, n->type, in[0], in[1]);
}

static IrNode *size_of(IrBuilder *b, IrNode *n)
{
    IrType real = ir_scalar(DT_f64);
    return ir_add1(b, OP_abs, real, ir_add1(b, OP_cast, real, n));
}

/* No element has a larger |n|; f64. */
static IrNode *most(const Early *e, IrBuilder *b, IrNode *n)
{
    IrType real = ir_scalar(DT_f64);
    if (is_early(e, n, DEEP))
        return size_of(b, before(e, b, n));
    if (is_small(n))
        return ir_const_float(b, DT_f64, 0x1p32);
    if (n->op == OP_index) {
        IrNode *count = size_of(b, ir_dim_value(b, n->dim));
        return n->lo ? ir_add2(b, OP_add, real, count, size_of(b, ir_dim_value(b, n->lo))) : count;
    }
    if (n->op == OP_mod)
        return most(e, b, n->in[1]);
    if (n->nin == 1 || n->op == OP_floordiv)
        return most(e, b, n->in[0]);
    IrNode *x = most(e, b, n->in[0]), *y = most(e, b, n->in[1]);
    return ir_add2(b, n->op == OP_mul || n->op == OP_imul ? OP_mul : OP_add, real, x, y);
}

static IrNode *is_near(const Early *e, IrBuilder *b, IrNode *n)
{
    IrType real = ir_scalar(DT_f64);
    IrNode *v;
    if (is_early(e, n, DEEP)) {
        IrNode *x = ir_add1(b, OP_cast, real, before(e, b, n->in[0])), *y = ir_add1(b, OP_cast, real, before(e, b, n->in[1]));
        v = ir_add1(b, OP_abs, real, ir_add2(b, n->op == OP_iadd ? OP_add : n->op == OP_isub ? OP_sub : OP_mul, real, x, y));
    } else {
        v = most(e, b, n);
    }
    return ir_add2(b, OP_le, ir_scalar(DT_bool), ir_const_float(b, DT_f64, NEAR), v);
}

/* Has an equal search been written before, for another map under the same condition? */
static bool is_searched(const Early *e, const IrNode *choice)
{
    for (const IrNode *x = choice->prev; x; x = x->prev) {
        const IrNode *a = x->op == OP_if && x->type.dtype == DT_none ? x->regions[0]->first : NULL, *b = choice->regions[0]->first;
        Map pairs = map_new(e->cx->arena);
        while (a && b && a->op == OP_reduce && pass_same_under(&pairs, a, b)) {
            a = a->next;
            b = b->next;
        }
        if (a && b && a->op == OP_yield && b->op == OP_yield)
            return true;
    }
    return false;
}

static void search_if(const Early *e, IrBuilder b, IrNode *near)
{
    IrNode *choice = ir_add1(&b, OP_if, ir_scalar(DT_none), near);
    for (int k = 0; k < 2; k++) {
        b = (IrBuilder){ b.fn, ir_region_new(b.fn, choice), NULL, b.span };
        if (k == 0)
            pass_search_faults(e->cx, b, e->root, NULL);
        ir_yield(&b, 0, NULL);
    }
    if (is_searched(e, choice))
        ir_drop(choice);
}

void pass_ask_early(PassCx *cx, IrNode *map)
{
    Early e = { .cx = cx, .root = map };
    IrBuilder b = { map->parent->fn, map->parent, map, map->span };
    IrNode *near = NULL;
    ir_walk(map->regions[0], see_early, &e);
    if (!e.all.n)
        return;
    for (int i = 0; i < e.all.n; i++) {
        IrNode *x = pass_never_faults(cx, e.all.p[i]) ? NULL : is_near(&e, &b, e.all.p[i]);
        near = near && x ? ir_add2(&b, OP_or, x->type, near, x) : x ? x : near;
    }
    if (near)
        search_if(&e, b, near);
    for (int i = 0; i < e.all.n; i++)
        pass_quiet_fault(cx, e.all.p[i]);
    cx->changed++;
}
