/* check_running.c - a sum, product or maximum up to an index, whose terms do not need that index, is a running one.
 *
 *     out[i] = sum[j | j <= i](x[j])     out[i] = cumsum[i](x[i])
 *     out[i] = sum[j | j < i](x[j])      out[i] = if 0 < i { cumsum at i - 1 } else { 0 }
 *
 * So many steps as there are places, where the sums of all places would take the square of that; a sum or product has the order of a running one then. By
 * the form alone: both indices run over the same places from 0 on, and terms are safe at all of them.
 */
#include "frontend/check/check_int.h"

#include <math.h>

typedef struct Running { CoreIndex *up, *to; bool last; } Running; /* up <= to, or up < to: without the last */

static bool is_up_to(const Core *less, const Core *more, bool last, CoreIndex *up, Running *r)
{
    if (less->kind != C_index || more->kind != C_index || less->index != up || more->index == up)
        return false;
    *r = (Running){ up, more->index, last };
    return true;
}

static bool reads(const Core *g, CoreIndex *up, Running *r)
{
    if (!g || g->kind != C_op || g->nkids != 2)
        return false;
    const Core *a = g->kids[0], *b = g->kids[1];
    return (g->op == OP_le || g->op == OP_lt) && is_up_to(a, b, g->op == OP_le, up, r);
}

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

static bool is_running_op(RedOp op, IrDtype t) { return (op == RED_sum || op == RED_prod || op == RED_max) && (t == DT_f32 || t == DT_f64); }

static Core *identity(Fx *f, RedOp op, IrDtype t) { return core_number(f, t, op == RED_sum ? 0 : op == RED_prod ? 1 : -INFINITY); }

/* At the place before: a copy of what is read, one lower. */
static Core *before(Fx *f, Core *run, CoreIndex *x)
{
    Core *one = core_op2(f, OP_sub, DT_i64, core_of_index(f, x), core_i64(f, 1));
    Dim d = dim_sub(f->dims, dim_sym(f->dims, x->sym), dim_int(f, 1));
    return core_clone_to(f, run, 1, &x, &one, &d);
}

Core *running_reduce(Fx *f, RedOp op, const Group *g, Core *body)
{
    Running r;
    if (f->trial || g->n != 1 || !is_running_op(op, body->type.dtype) || !reads(g->guard, g->idx[0], &r) || !are_alike(f, &r) || !frame_has_index(f, r.to) ||
        needs(f, body, r.to) || !core_is_safe(body) || core_has(body, C_guard))
        return NULL;
    Core *run = let_running(f, op, core_clone(f, body, 1, &r.up, &r.to), r.to);
    if (r.last || run->kind != C_load)
        return run;
    Core *some = core_op2(f, OP_lt, DT_bool, core_i64(f, 0), core_of_index(f, r.to));
    return core_if(f, some, before(f, run, r.to), identity(f, op, body->type.dtype));
}
