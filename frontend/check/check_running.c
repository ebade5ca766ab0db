/* check_running.c - a sum, product, maximum or minimum up to an index, or from it on, whose terms do not need that index, is a running one.
 *
 *     out[i] = sum[j | j <= i](x[j])              out[i] = cumsum[i](x[i])
 *     out[i] = sum[j | j < i](x[j])               the same without the place itself
 *     out[i] = sum[j | j > i](x[j])               the sum from the last place on, without the place itself
 *     a[i, j] = sum[m | m >= j and m < i](x[m])   the sum from the last place on of if m < i { x[m] } else { 0 }, at j
 *
 * So many steps as there are places, where the sums of all places would take the square of that; a sum or product has the order of a running one then. By
 * the form alone: both indices run over the same places from 0 on, terms and what else the guard says are safe at all of them, and need not the index.
 */
#include "frontend/check/check_int.h"

#include <math.h>

typedef struct Running {
    CoreIndex *up, *to;
    bool last, down; /* up <= to, or up < to: without the last; down: up >= to, up > to */
    Core *rest;      /* what else the guard says; NULL: nothing */
} Running;

static bool needs(Fx *f, const Core *c, const CoreIndex *x)
{
    Free r = core_free(f, c);
    for (int i = 0; i < r.idx.n; i++)
        if (r.idx.p[i] == x)
            return true;
    return false;
}

static bool are_alike(Fx *f, const Running *r)
{
    Dim zero = dim_int(f, 0);
    return r->up->lo == zero && r->to->lo == zero && r->up->extent && r->to->extent && dims_equal(f, r->up->extent, r->to->extent);
}

/* A comparison of `up` with another index, which runs over the same places, around which terms do not need it. */
static bool compares(Fx *f, const Core *g, CoreIndex *up, const Core *body, Running *r)
{
    if (g->kind != C_op || g->nkids != 2 || (g->op != OP_le && g->op != OP_lt))
        return false;
    const Core *a = g->kids[0], *b = g->kids[1];
    if (a->kind != C_index || b->kind != C_index || (a->index == up) == (b->index == up))
        return false;
    bool down = b->index == up;
    *r = (Running){ up, down ? a->index : b->index, g->op == OP_le, down, NULL };
    return are_alike(f, r) && frame_has_index(f, r->to) && !needs(f, body, r->to);
}

/* The first such part of a conjunction; the others are what else it says. */
static bool reads(Fx *f, Core *g, CoreIndex *up, const Core *body, Running *r)
{
    if (!g || compares(f, g, up, body, r))
        return g != NULL;
    if (g->kind != C_op || g->op != OP_and)
        return false;
    for (int i = 0; i < 2; i++)
        if (reads(f, g->kids[i], up, body, r)) {
            Core *other = g->kids[!i];
            r->rest = r->rest ? core_op2(f, OP_and, DT_bool, i ? other : r->rest, i ? r->rest : other) : other;
            return !needs(f, other, r->to);
        }
    return false;
}

static bool is_running_op(RedOp op, IrDtype t)
{
    return (op == RED_sum || op == RED_prod || op == RED_max || op == RED_min) && (t == DT_f32 || t == DT_f64);
}

static Core *identity(Fx *f, RedOp op, IrDtype t)
{
    return core_number(f, t, op == RED_sum ? 0 : op == RED_prod ? 1 : op == RED_max ? -INFINITY : INFINITY);
}

Core *running_reduce(Fx *f, RedOp op, const Group *g, Core *body)
{
    Running r;
    IrDtype t = body->type.dtype;
    if (f->trial || g->n != 1 || !is_running_op(op, t) || !reads(f, g->guard, g->idx[0], body, &r) || !core_is_safe(body) || core_has(body, C_guard) ||
        (r.rest && (!core_is_safe(r.rest) || core_has(r.rest, C_guard))))
        return NULL;
    Core *x = r.rest ? core_if(f, r.rest, body, identity(f, op, t)) : body;
    x = core_clone(f, x, 1, &r.up, &r.to);
    x->span = body->span;
    return let_running(f, op, r.down, !r.last, x, r.to);
}
