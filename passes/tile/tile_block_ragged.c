/* tile_block_ragged.c - a sum in blocks of which each row has places of its own.
 *
 *     sum [k | k <= i] { a[i, k] * b[k, j] }
 *
 *     m = max [k, j] { |b[k, j]| }
 *     m < inf ?   a[r, k] = if k <= i { a[i, k] } else { 0 }      places of the group: up to that of its last row
 *             :   the plain loops
 *
 * A product with 0 adds 0 where the other factor is finite: it changes no sum that began at +0, but for the sign of a 0 that the total, which begins at
 * +0 too, does not show. So the bits are those of the plain loops. Blocks that no row of a group has are left out, and so is what lies behind the last place.
 */
#include <math.h>

#include "passes/tile/tile_block_int.h"

/* ---- what can be read outside of the guard ------------------------------------------------------------------------------ */

static bool is_on(const IrNode *x, Dim size)
{
    int64_t n;
    return x->op == OP_index ? !x->lo && x->dim == size : x->op == OP_const && dim_is_const(size, &n) && x->imm >= 0 && x->imm < n;
}

typedef struct Reads { PassCx *cx; bool safe; } Reads;

/* Each subscript is an index of as many places as its axis has, or a number of them, or inside of it for all places (`h // (H // G)`). */
static void see_read(void *user, IrNode *n)
{
    Reads *r = user;
    for (int i = 1; n->op == OP_load && i < n->nin; i++)
        r->safe = r->safe && (is_on(n->in[i], n->in[0]->type.dims[i - 1]) || pass_is_inside(r->cx, n, i));
    r->safe = r->safe && !n->nregions;
}

typedef struct Loaded { Block *b; bool emit, any; } Loaded;

/* A number that is looked up (`k < n[i]`). */
static void see_loaded(void *user, DimSym *sym)
{
    Loaded *l = user;
    IrNode *def = map_find(&CX(l->b)->sym_nodes, sym);
    if (!def || def->op == OP_index || !ir_inside(def, l->b->s.body))
        return;
    l->any = true;
    if (l->emit)
        stream_emit(&l->b->s, def);
}

static bool has_loaded(Block *b, Dim d)
{
    Loaded l = { b, false, false };
    dim_syms(d, see_loaded, &l);
    return l.any;
}

/* Made of single values: it is computed once more, when its largest is looked for. */
static bool is_straight(Block *b, const IrNode *n)
{
    if (!ir_inside(n, b->s.body))
        return true;
    for (int i = 0; i < n->nin; i++)
        if (!is_straight(b, n->in[i]))
            return false;
    return !n->nregions && (n->op != OP_dim || !has_loaded(b, n->dim));
}

bool ragged_find(Block *b)
{
    IrRegion *r = b->reduce->regions[0];
    Reads reads = { CX(b), true };
    ir_walk(r, see_read, &reads);
    return reads.safe && r->params.n == 1 && !pass_guard(b->s.body) && is_straight(b, b->right);
}

/* ---- rows --------------------------------------------------------------------------------------------------------------- */

static IrNode *both(IrBuilder *at, IrNode *x, IrNode *y) { return x ? ir_add2(at, OP_and, ir_scalar(DT_bool), x, y) : y; }

/* A bound in the open loops. */
static IrNode *bound_value(Block *b, Dim bound)
{
    Loaded l = { b, true, false };
    dim_syms(bound, see_loaded, &l);
    return ir_dim_value(&stream_top(&b->s)->b, tile_dim(b->s.t, bound));
}

IrNode *ragged_element(Block *b, IrNode *x)
{
    IrNode *guard = pass_guard(b->reduce->regions[0]), *inside = guard ? stream_emit(&b->s, guard) : NULL, *k = stream_emit(&b->s, b->k);
    IrBuilder *at = &stream_top(&b->s)->b;
    if (b->k->from)
        inside = both(at, inside, ir_add2(at, OP_le, ir_scalar(DT_bool), bound_value(b, b->k->from), k));
    if (b->k->to)
        inside = both(at, inside, ir_add2(at, OP_lt, ir_scalar(DT_bool), k, bound_value(b, b->k->to)));
    return ir_add(at, OP_select, x->type, 3, (IrNode *[]){ inside, x, ir_const_float(at, x->type.dtype, 0) });
}

/* The widest bound over the rows of the group; NULL: the formula does not tell. */
static Dim widest(Block *b, Dim bound, bool upper)
{
    DimCx *d = DIM(b);
    IrNode *old = b->nest.rows;
    if (!bound || has_loaded(b, bound))
        return NULL;
    Dim lo = dim_add(d, b->row_lo, dim_mul(d, dim_const(d, b->R), b->group)), n = dim_min(d, dim_const(d, b->R), dim_sub(d, rows_all(b), lo));
    IrNode *row = ir_index_new(ir_region_new(b->s.t->fn, NULL), old->name, old->lo ? dim_add(d, lo, tile_dim(b->s.t, old->lo)) : lo, n, old->span);
    Dim was = dim_subst(d, dim_sym(d, old->sym), symmap_subst, &b->s.t->syms);
    symmap_put(&b->s.t->syms, old->sym, dim_sym(d, row->sym));
    Dim end = tile_over_rows(b->s.t, tile_dim(b->s.t, bound), row, upper);
    symmap_put(&b->s.t->syms, old->sym, was);
    return end;
}

void block_span(Block *b, Dim *lo, Dim *hi)
{
    DimCx *d = DIM(b);
    Dim zero = dim_const(d, 0), of = dim_const(d, K_BLOCK), before = block_k_lo(b);
    Dim from = b->ragged ? widest(b, b->k->from, false) : NULL, to = b->ragged ? widest(b, b->k->to, true) : NULL;
    *lo = from ? dim_mul(d, of, dim_floordiv(d, dim_max(d, zero, dim_min(d, b->ks, dim_sub(d, from, before))), of)) : zero;
    *hi = to ? dim_max(d, *lo, dim_min(d, b->ks, dim_sub(d, to, before))) : b->ks;
}

/* ---- is right finite? ----------------------------------------------------------------------------------------------------- */

/* The largest |right|, NaN if one is: a reduction of the old function, before the map. */
static IrNode *largest(Block *b)
{
    IrNode *map = b->s.c.map;
    IrBuilder at = { map->parent->fn, map->parent, map, b->reduce->span };
    IrNode *max = ir_add0(&at, OP_reduce, ir_scalar(b->dtype));
    IrRegion *in = ir_region_new(at.fn, max), *all = b->s.body;
    IrNode *lanes = b->nest.lanes;
    Map nodes = map_new(CX(b)->arena);
    SymMap syms = symmap_new(CX(b));
    max->redop = RED_max;
    max->order = ORDER_lanes16;
    for (int i = 0; i < all->params.n; i++)
        if (all->params.p[i] != lanes && pass_depends_on(CX(b), b->right, all->params.p[i]))
            pass_copy_index(CX(b), in, all->params.p[i], &nodes, &syms);
    bool across = block_lies_along(CX(b), b->right, b->k);
    pass_copy_index(CX(b), in, across ? lanes : b->k, &nodes, &syms);
    pass_copy_index(CX(b), in, across ? b->k : lanes, &nodes, &syms);
    IrBuilder inner = { at.fn, in, NULL, b->reduce->span };
    IrNode *x = pass_copied(CX(b), &inner, b->right, all, &nodes, &syms);
    x = x->type.dtype == b->dtype ? x : ir_add1(&inner, OP_cast, ir_scalar(b->dtype), x);
    x = ir_add1(&inner, OP_abs, x->type, x);
    ir_yield(&inner, 1, &x);
    pass_note_symbols(CX(b), in);
    return max;
}

IrNode *ragged_asks(Block *b, IrNode *many)
{
    Tile *t = b->s.t;
    IrBuilder outer = t->b;
    IrNode *max = largest(b), *choice = ir_add1(&t->b, OP_if, ir_scalar(DT_bool), many);
    for (int side = 0; side < 2; side++) {
        t->b = (IrBuilder){ t->fn, ir_region_new(t->fn, choice), NULL, b->s.c.map->span };
        IrNode *y = NULL;
        if (side == 0) {
            tile_scalar_kernel(t, max);
            y = ir_add2(&t->b, OP_lt, ir_scalar(DT_bool), tile_scalar(t, max), ir_const_float(&t->b, b->dtype, (double)INFINITY));
        } else {
            y = ir_const_int(&t->b, DT_bool, 0);
        }
        ir_yield(&t->b, 1, &y);
    }
    t->b = outer;
    ir_drop(max);
    return choice;
}
