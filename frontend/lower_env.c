/* lower_env.c - the environment of lowering: which node a variable, an index and a symbol of dims stand for.
 *
 * Dims of the front end mention symbols of CoreVars and CoreIndexes. In IR a symbol stands for one node, and the same expression may
 * be lowered more than once, so every dim is rewritten: symbol -> Dim of the node that holds the value here. Dims of the function
 * itself stay.
 */
#include "frontend/lower_int.h"

Arena *low_arena(const Low *l)
{
    return l->m->arena;
}

/* ---- dims ---- */

static Dim subst(void *user, DimSym *s)
{
    return map_find(&((Low *)user)->syms, s);
}

Dim low_dim(Low *l, Dim d)
{
    return dim_subst(l->m->dims, d, subst, l);
}

Dim *low_dims(Low *l, Dim const *dims, int n)
{
    Dim *out = NEWN(low_arena(l), Dim, n);
    for (int i = 0; i < n; i++)
        out[i] = dims[i] ? low_dim(l, dims[i]) : NULL;
    return out;
}

IrType low_type(Low *l, IrType t)
{
    return (IrType){ t.dtype, t.rank, t.rank ? low_dims(l, t.dims, t.rank) : NULL };
}

IrNode *low_dim_node(Low *l, Dim d)
{
    DimSym *s;
    Dim e = low_dim(l, d);
    IrNode *n = dim_is_sym(e, &s) ? map_find(&l->sym_nodes, s) : NULL;
    return n ? n : ir_dim_value(&l->b, e);
}

static Dim own_symbol(Low *l, IrNode *n, Name name)
{
    if (!n->sym) {
        n->sym = dim_sym_new(l->m->dims, n->name ? n->name : name, n->span);
        n->sym->user = n;
    }
    map_put(&l->sym_nodes, n->sym, n);
    return dim_sym(l->m->dims, n->sym);
}

static bool is_dim_like(const IrNode *n, int depth)
{
    if (n->op == OP_const || n->op == OP_dim || n->sym)
        return true;
    bool arithmetic = n->op == OP_add || n->op == OP_sub || n->op == OP_mul || n->op == OP_min || n->op == OP_max;
    return arithmetic && depth > 0 && is_dim_like(n->in[0], depth - 1) && is_dim_like(n->in[1], depth - 1);
}

Dim low_value_dim(Low *l, IrNode *n, Name name)
{
    DimCx *d = l->m->dims;
    if (n->op == OP_const)
        return dim_const(d, n->imm);
    if (n->op == OP_dim)
        return n->dim;
    if (n->sym || !is_dim_like(n, 8))
        return own_symbol(l, n, name);
    Dim a = low_value_dim(l, n->in[0], name), b = low_value_dim(l, n->in[1], name);
    switch (n->op) {
    case OP_add: return dim_add(d, a, b);
    case OP_sub: return dim_sub(d, a, b);
    case OP_mul: return dim_mul(d, a, b);
    case OP_min: return dim_min(d, a, b);
    default: return dim_max(d, a, b);
    }
}

void low_bind_sym(Low *l, DimSym *s, IrNode *n)
{
    if (s && n->type.rank == 0 && dtype_is_int(n->type.dtype))
        map_put(&l->syms, s, (void *)(uintptr_t)low_value_dim(l, n, s->name));
}

void low_bind_index(Low *l, CoreIndex *x, IrNode *n)
{
    l->index[x->id] = n;
    if (n->op == OP_index)
        map_put(&l->sym_nodes, n->sym, n);
    low_bind_sym(l, x->sym, n);
}

/* ---- variables ---- */

int low_slot(const Low *l, int slot)
{
    return l->nvars + slot;
}

void low_define(Low *l, CoreVar *v, LowVal x)
{
    int id = (int)v->id;
    if (!l->env[id].value)
        vec_push(low_arena(l), &l->declared, id);
    l->env[id] = x;
    IrNode *n = x.value;
    if (!n->name && n->op != OP_param && n->op != OP_const && n->op != OP_dim)
        n->name = v->name;
    low_bind_sym(l, v->mut ? NULL : v->sym, n);
}

int low_open(Low *l)
{
    return l->declared.n;
}

void low_close(Low *l, int mark)
{
    while (l->declared.n > mark)
        l->env[l->declared.p[--l->declared.n]] = (LowVal){ 0 };
}

/* ---- small nodes ---- */

IrBuilder low_enter(Low *l, IrRegion *r)
{
    IrBuilder outer = l->b;
    l->b.region = r;
    l->b.before = NULL;
    return outer;
}

IrNode *low_bool(Low *l, bool v)
{
    return ir_const_int(&l->b, DT_bool, v);
}

IrNode *low_and(Low *l, IrNode *a, IrNode *b)
{
    return !a || !b ? (a ? a : b) : ir_add2(&l->b, OP_and, ir_scalar(DT_bool), a, b);
}

static IrNode *zero_scalar(Low *l, IrDtype t)
{
    if (t == DT_str) {
        IrNode *n = ir_add0(&l->b, OP_const, ir_scalar(t));
        n->str = "";
        return n;
    }
    return dtype_is_float(t) ? ir_const_float(&l->b, t, 0) : ir_const_int(&l->b, t, 0);
}

IrNode *low_zero(Low *l, IrType t)
{
    if (t.rank == 0)
        return zero_scalar(l, t.dtype);
    IrNode *map = ir_add0(&l->b, OP_map, t);
    IrRegion *r = ir_region_new(l->ir, map);
    for (int i = 0; i < t.rank; i++)
        ir_index_new(r, NULL, NULL, t.dims[i], l->b.span);
    IrBuilder outer = low_enter(l, r);
    ir_yield(&l->b, 1, (IrNode *[]){ zero_scalar(l, t.dtype) });
    l->b = outer;
    return map;
}
