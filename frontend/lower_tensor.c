/* lower_tensor.c - tensor expressions: maps, slices, other shapes.
 *
 *     map [i: N] guard(c, x)     %v = map [i: N] { ... yield %x, %c }      elements outside of the guard are never read
 *                                %p = map [i: N] { ... yield %c }          where it is present
 *
 * The two maps are lowered on their own, since each needs its own part of the body; fuse recomputes %p where it is read.
 */
#include "frontend/lower_int.h"

IrNode **low_map_indices(Low *l, IrRegion *r, CoreIndex *const *indices, int n)
{
    IrNode **out = NEWN(low_arena(l), IrNode *, n);
    DimCx *d = l->m->dims;
    for (int i = 0; i < n; i++) { /* all of them first: a region's indices stand before its nodes */
        CoreIndex *x = indices[i];
        out[i] = ir_index_new(r, x->name, NULL, low_dim(l, x->extent), x->span);
        low_bind_index(l, x, out[i]);
    }
    for (int i = 0; i < n; i++) {
        Dim lo = low_dim(l, indices[i]->lo);
        if (lo != dim_const(d, 0))
            low_bind_index(l, indices[i], ir_add2(&l->b, OP_add, ir_scalar(DT_i64), out[i], ir_dim_value(&l->b, lo)));
    }
    return out;
}

typedef IrNode *(*Element)(Low *l, const Core *e);

static IrNode *map_of(Low *l, const Core *e, IrDtype t, Element f, bool guarded)
{
    IrType type = low_type(l, e->type);
    type.dtype = t;
    IrNode *n = ir_add0(&l->b, OP_map, type);
    IrRegion *r = ir_region_new(l->ir, n);
    IrBuilder outer = low_enter(l, r);
    int mark = low_open(l);
    low_map_indices(l, r, e->indices, e->nindices);
    IrNode *y[2] = { NULL, guarded ? low_present(l, e->kids[0]) : NULL };
    y[0] = f(l, e->kids[0]);
    l->b.span = e->span;
    ir_yield(&l->b, y[1] ? 2 : 1, y);
    low_close(l, mark);
    l->b = outer;
    return n;
}

static LowVal tensor_map(Low *l, const Core *e)
{
    bool absent = low_may_absent(l, e->kids[0]);
    LowVal x = { map_of(l, e, e->type.dtype, low_value, absent), NULL };
    if (absent)
        x.present = map_of(l, e, DT_bool, low_present, false);
    return x;
}

/* ---- parts and other shapes ---- */

static IrNode *slice(Low *l, const Core *e, IrNode *from, IrNode *const *start)
{
    IrType t = { from->type.dtype, 0, NEWN(low_arena(l), Dim, from->type.rank) };
    for (int i = 0; i < from->type.rank; i++)
        if (e->box[i])
            t.dims[t.rank++] = low_dim(l, e->box[i]);
    IrNode *n = ir_add0(&l->b, OP_map, t);
    IrRegion *r = ir_region_new(l->ir, n);
    IrBuilder outer = low_enter(l, r);
    IrNode **subs = NEWN(low_arena(l), IrNode *, from->type.rank);
    for (int i = 0, k = 0; i < from->type.rank; i++)
        subs[i] = e->box[i] ? ir_index_new(r, NULL, NULL, t.dims[k++], e->span) : start[i];
    for (int i = 0; i < from->type.rank; i++) {
        bool zero = start[i]->op == OP_const && start[i]->imm == 0;
        if (e->box[i] && !zero)
            subs[i] = ir_add2(&l->b, OP_add, ir_scalar(DT_i64), start[i], subs[i]);
    }
    IrNode *x = ir_load(&l->b, from, from->type.rank, subs);
    ir_yield(&l->b, 1, &x);
    l->b = outer;
    return n;
}

static LowVal tensor_slice(Low *l, const Core *e)
{
    LowVal x = low_tensor(l, e->kids[0]);
    IrNode **start = NEWN(low_arena(l), IrNode *, e->nkids);
    for (int i = 1; i < e->nkids; i++)
        start[i - 1] = low_read(l, e->kids[i]);
    l->b.span = e->span;
    return (LowVal){ slice(l, e, x.value, start), x.present ? slice(l, e, x.present, start) : NULL };
}

static LowVal tensor_reshape(Low *l, const Core *e)
{
    LowVal x = low_tensor(l, e->kids[0]);
    IrType t = low_type(l, e->type), p = t;
    p.dtype = DT_bool;
    l->b.span = e->span;
    x.value = ir_add1(&l->b, OP_reshape, t, x.value);
    x.present = x.present ? ir_add1(&l->b, OP_reshape, p, x.present) : NULL;
    return x;
}

static LowVal tensor_block(Low *l, const Core *e)
{
    int mark = low_open(l);
    for (int i = 0; i + 1 < e->nkids; i++)
        low_stmt(l, e->kids[i]);
    LowVal x = low_tensor(l, e->kids[e->nkids - 1]);
    low_close(l, mark);
    return x;
}

LowVal low_tensor(Low *l, const Core *e)
{
    l->b.span = e->span;
    switch (e->kind) {
    case C_var:
        if (l->env[e->var->id].value)
            return l->env[e->var->id];
        break;
    case C_map: return tensor_map(l, e);
    case C_slicebox: return tensor_slice(l, e);
    case C_reshape: return tensor_reshape(l, e);
    case C_block: return tensor_block(l, e);
    case C_if: return (LowVal){ low_if_value(l, e), NULL };
    case C_present: return (LowVal){ low_presence(l, e), NULL };
    case C_rec: return low_rec(l, e);
    case C_cum: return low_cum(l, e);
    default: break;
    }
    low_fail(l, e->span, e->kind == C_var ? "a variable that has no value here" : "a tensor of this kind");
    return (LowVal){ low_zero(l, low_type(l, e->type)), NULL };
}

/* ---- reading absent elements as 0 ---- */

IrNode *low_whole(Low *l, IrNode *tensor, IrRegion *r, IrNode **subs)
{
    for (int i = 0; i < tensor->type.rank; i++)
        subs[i] = ir_index_new(r, NULL, NULL, tensor->type.dims[i], l->b.span);
    return ir_load(&l->b, tensor, tensor->type.rank, subs);
}

IrNode *low_clear(Low *l, LowVal x)
{
    if (!x.present)
        return x.value;
    IrType t = x.value->type, s = ir_scalar(t.dtype);
    if (t.rank == 0)
        return ir_add3(&l->b, OP_select, s, x.present, x.value, low_zero(l, s));
    IrNode *n = ir_add0(&l->b, OP_map, t);
    IrRegion *r = ir_region_new(l->ir, n);
    IrBuilder outer = low_enter(l, r);
    IrNode **subs = NEWN(low_arena(l), IrNode *, t.rank);
    IrNode *p = low_whole(l, x.present, r, subs);
    IrNode *c = ir_add1(&l->b, OP_if, s, p);
    IrRegion *then = ir_region_new(l->ir, c), *other = ir_region_new(l->ir, c);
    IrBuilder map = low_enter(l, then);
    IrNode *v = ir_load(&l->b, x.value, t.rank, subs);
    ir_yield(&l->b, 1, &v);
    low_enter(l, other);
    v = low_zero(l, s);
    ir_yield(&l->b, 1, &v);
    l->b = map;
    ir_yield(&l->b, 1, &c);
    l->b = outer;
    return n;
}

/* A map that is read as a whole needs no second map: its element is read as 0 where it is absent. */
IrNode *low_tensor_read(Low *l, const Core *e)
{
    if (e->kind == C_map) {
        l->b.span = e->span;
        return map_of(l, e, e->type.dtype, low_read, false);
    }
    return low_clear(l, low_tensor(l, e));
}
