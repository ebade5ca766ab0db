/* lower_rec.c - recurrences and running reductions: loops that carry the tensors and update one place at a time.
 *
 *     rec h[t, d] = a[t, d] * (h[t-1, d] ?? 0)      for 0, T, %zero [t: T] (%h) {
 *                                                     %row = map [d: D] { ... reads %h ... }
 *                                                     yield update %h[t, 0: D], %row
 *                                                   }
 */
#include "frontend/lower_int.h"

#include <math.h>
#include <string.h>

typedef struct Rec { Low *l; const CoreRec *r; IrNode *place[IR_RANK_MOST]; } Rec;

static IrNode *const *members(Rec *c)
{
    IrNode **v = NEWN(low_arena(c->l), IrNode *, c->r->n);
    for (int i = 0; i < c->r->n; i++)
        v[i] = c->l->env[c->r->eqs[i].var->id].value;
    return v;
}

static void set_member(Rec *c, int i, IrNode *v)
{
    c->l->env[c->r->eqs[i].var->id] = (LowVal){ v, NULL };
}

/* Which scan index is axis `axis` of equation eq; -1: none, the axis is computed as a whole. */
static int scan_of(const Rec *c, int eq, int axis)
{
    for (int s = 0; s < c->r->nscan; s++)
        if (c->r->scan_axis[eq][s] == axis)
            return s;
    return -1;
}

/* The value of the equation at this place: a scalar, or a map over the axes that are not scanned. */
static IrNode *value_at_place(Rec *c, int eq)
{
    Low *l = c->l;
    const CoreRecEq *q = &c->r->eqs[eq];
    CoreIndex *rest[IR_RANK_MOST];
    Dim dims[IR_RANK_MOST];
    int n = 0;
    for (int i = 0; i < q->nindices; i++) {
        int s = scan_of(c, eq, i);
        if (s >= 0) {
            low_bind_index(l, q->indices[i], c->place[s]);
            continue;
        }
        rest[n] = q->indices[i];
        dims[n++] = low_dim(l, q->indices[i]->extent);
    }
    if (n == 0)
        return low_read(l, q->body);
    IrType t = { q->var->type.dtype, n, arena_copy(low_arena(l), dims, sizeof *dims * (size_t)n) };
    IrNode *map = ir_add0(&l->b, OP_map, t);
    IrRegion *r = ir_region_new(l->ir, map);
    IrBuilder outer = low_enter(l, r);
    int mark = low_open(l);
    low_map_indices(l, r, rest, n);
    IrNode *v = low_read(l, q->body);
    ir_yield(&l->b, 1, &v);
    low_close(l, mark);
    l->b = outer;
    return map;
}

static void step_equation(Rec *c, int eq)
{
    Low *l = c->l;
    const CoreRecEq *q = &c->r->eqs[eq];
    IrNode *in[18] = { l->env[q->var->id].value, value_at_place(c, eq) };
    Dim *box = NEWN(low_arena(l), Dim, q->nindices);
    bool whole = true;
    for (int i = 0; i < q->nindices; i++) {
        int s = scan_of(c, eq, i);
        whole &= s < 0;
        in[i + 2] = s >= 0 ? c->place[s] : ir_int(&l->b, 0);
        box[i] = s >= 0 ? NULL : low_dim(l, q->indices[i]->extent);
    }
    if (whole) {
        set_member(c, eq, in[1]);
        return;
    }
    IrNode *n = ir_add(&l->b, OP_update, in[0]->type, q->nindices + 2, in);
    n->box = box;
    set_member(c, eq, n);
}

static IrNode *from_the_end(Low *l, Dim extent, IrNode *k)
{
    IrNode *last = ir_dim_value(&l->b, dim_sub(l->m->dims, extent, dim_const(l->m->dims, 1)));
    return ir_add2(&l->b, OP_sub, ir_scalar(DT_i64), last, k);
}

static void run_scan(Rec *c, int s)
{
    Low *l = c->l;
    if (s == c->r->nscan) {
        for (int i = 0; i < c->r->n; i++)
            step_equation(c, i);
        return;
    }
    Dim extent = low_dim(l, c->r->scan_extent[s]);
    IrNode **in = NEWN(low_arena(l), IrNode *, c->r->n + 2);
    in[0] = ir_int(&l->b, 0);
    in[1] = ir_dim_value(&l->b, extent);
    memcpy(in + 2, members(c), sizeof *in * (size_t)c->r->n);
    IrNode *n = ir_add(&l->b, OP_for, c->r->n == 1 ? in[2]->type : ir_scalar(DT_none), c->r->n + 2, in);
    IrRegion *r = ir_region_new(l->ir, n);
    IrNode *k = ir_index_new(r, NULL, NULL, extent, l->b.span);
    IrBuilder outer = low_enter(l, r);
    for (int i = 0; i < c->r->n; i++)
        set_member(c, i, ir_arg_new(r, c->r->eqs[i].var->name, in[i + 2]->type));
    c->place[s] = k;
    if (c->r->step[s] < 0) {
        c->place[s] = from_the_end(l, extent, k);
    }
    run_scan(c, s + 1);
    ir_yield(&l->b, c->r->n, members(c));
    l->b = outer;
    for (int i = 0; i < c->r->n; i++) {
        IrNode *v = n;
        if (c->r->n > 1) {
            v = ir_add1(&l->b, OP_result, in[i + 2]->type, n);
            v->imm = i;
        }
        set_member(c, i, v);
    }
}

/* The group is computed when its first member is asked for; the others, asked for in the same region, read what that left. */
LowVal low_rec(Low *l, const Core *e)
{
    const CoreRec *r = e->rec;
    CoreVar *v = r->eqs[e->redop].var;
    if (l->rec == r && l->rec_region == l->b.region && l->env[v->id].value)
        return l->env[v->id];
    if (r->nscan > IR_RANK_MOST) {
        low_fail(l, e->span, arena_printf(low_arena(l), "a recurrence over more than %d axes", IR_RANK_MOST));
        return (LowVal){ low_zero(l, low_type(l, e->type)), NULL };
    }
    for (int i = 0; i < r->n; i++)
        low_define(l, r->eqs[i].var, (LowVal){ low_zero(l, low_type(l, r->eqs[i].var->type)), NULL });
    Rec c = { .l = l, .r = r };
    run_scan(&c, 0);
    l->rec = r;
    l->rec_region = l->b.region;
    return l->env[v->id];
}

/* ---- cumsum, cumprod, cummax:  y[k] = k == 0 ? x[0] : y[k-1] op x[k]; down: from the last place on, y[k+1] op x[k] ---- */

static IrOp step_of(RedOp op) { return op == RED_sum ? OP_add : op == RED_prod ? OP_mul : op == RED_max ? OP_max : OP_min; }

static IrNode *identity_of(Low *l, RedOp op, IrDtype t)
{
    return ir_const_float(&l->b, t, op == RED_prod ? 1 : op == RED_max ? -INFINITY : op == RED_min ? INFINITY : 0);
}

/* Of the first turn; from the end, -0 is what it is behind places that a guard leaves out. */
static IrNode *first_of(Low *l, const Core *e, IrNode *now)
{
    IrDtype t = now->type.dtype;
    return e->down && e->redop == RED_sum ? ir_add2(&l->b, OP_add, ir_scalar(t), ir_const_float(&l->b, t, 0), now) : now;
}

static IrNode *running(Low *l, const Core *e, IrNode *x, IrNode *y, IrNode *const *at, IrNode *turn)
{
    IrType s = ir_scalar(x->type.dtype), i64 = ir_scalar(DT_i64);
    IrNode *now = e->before ? NULL : ir_load(&l->b, x, x->type.rank, at), *one = ir_int(&l->b, 1);
    IrNode *first = ir_add2(&l->b, OP_lt, ir_scalar(DT_bool), turn, one);
    IrNode *n = ir_add1(&l->b, OP_if, s, first);
    IrBuilder outer = low_enter(l, ir_region_new(l->ir, n));
    IrNode *last = e->before ? identity_of(l, (RedOp)e->redop, s.dtype) : first_of(l, e, now);
    ir_yield(&l->b, 1, &last);
    low_enter(l, ir_region_new(l->ir, n));
    IrNode **prev = arena_copy(low_arena(l), at, sizeof *at * (size_t)x->type.rank);
    prev[e->ival] = ir_add2(&l->b, e->down ? OP_add : OP_sub, i64, at[e->ival], one);
    IrNode *so_far = ir_load(&l->b, y, y->type.rank, prev), *more = e->before ? ir_load(&l->b, x, x->type.rank, prev) : now;
    IrNode *v = ir_add2(&l->b, step_of((RedOp)e->redop), s, so_far, more);
    ir_yield(&l->b, 1, &v);
    l->b = outer;
    return n;
}

/* One place of the axis: a scalar for rank 1, else a map over the other axes. */
static IrNode *place_of_axis(Low *l, const Core *e, IrNode *x, IrNode *y, IrNode *place, IrNode *turn)
{
    int axis = (int)e->ival, rank = x->type.rank;
    IrNode *at[IR_RANK_MOST];
    at[axis] = place;
    if (rank == 1)
        return running(l, e, x, y, at, turn);
    IrType t = { x->type.dtype, 0, NEWN(low_arena(l), Dim, rank) };
    for (int i = 0; i < rank; i++)
        if (i != axis)
            t.dims[t.rank++] = x->type.dims[i];
    IrNode *map = ir_add0(&l->b, OP_map, t);
    IrRegion *r = ir_region_new(l->ir, map);
    for (int i = 0; i < rank; i++)
        if (i != axis)
            at[i] = ir_index_new(r, NULL, NULL, x->type.dims[i], l->b.span);
    IrBuilder outer = low_enter(l, r);
    IrNode *v = running(l, e, x, y, at, turn);
    ir_yield(&l->b, 1, &v);
    l->b = outer;
    return map;
}

LowVal low_cum(Low *l, const Core *e)
{
    IrNode *x = low_tensor_read(l, e->kids[0]);
    l->b.span = e->span;
    int axis = (int)e->ival, rank = x->type.rank;
    Dim extent = x->type.dims[axis];
    IrNode *loop[] = { ir_int(&l->b, 0), ir_dim_value(&l->b, extent), low_zero(l, x->type) };
    IrNode *n = ir_add(&l->b, OP_for, x->type, 3, loop);
    IrRegion *r = ir_region_new(l->ir, n);
    IrNode *k = ir_index_new(r, NULL, NULL, extent, e->span), *y = ir_arg_new(r, NULL, x->type);
    IrBuilder outer = low_enter(l, r);
    IrNode *place = k;
    if (e->down)
        place = from_the_end(l, extent, k);
    IrNode *in[18] = { y, place_of_axis(l, e, x, y, place, k) };
    Dim *box = NEWN(low_arena(l), Dim, rank);
    for (int i = 0; i < rank; i++) {
        box[i] = i == axis ? NULL : x->type.dims[i];
        in[i + 2] = i == axis ? place : ir_int(&l->b, 0);
    }
    IrNode *next = ir_add(&l->b, OP_update, x->type, rank + 2, in);
    next->box = box;
    ir_yield(&l->b, 1, &next);
    l->b = outer;
    return (LowVal){ n, NULL };
}
