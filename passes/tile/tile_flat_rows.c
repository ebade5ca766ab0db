/* tile_flat_rows.c - parts of a sum that walk a weight in panels, where its rows are whole blocks: lanes are the rows of a panel, and nothing is unpacked.
 *
 *     if K % 256 == 0 { map [c: K // 256, n: N] { sum [q: 256] { f(w[n // 16, 256 * c + q, n % 16]) } } into parts[n, c] } else { tile_flat.c }
 *
 * Sizes are known when the function is called; the blocks, and so the bits, are the same.
 */
#include "passes/tile/tile_flat_int.h"

typedef struct Rows {
    Tile *t;
    IrNode *map;                         /* of the parts */
    const IrNode *sum;
    Walk w;                              /* of the first load; the others walk as it does */
    bool ok;
    Map nodes;                           /* of the sum -> of the sum of rows */
    IrBuilder in;
    IrNode *subs[IR_RANK_MOST + 1];      /* of panels, without those that stand before the walk */
} Rows;

static void see_node(void *user, IrNode *n)
{
    Rows *r = user;
    Walk w;
    bool flat = n->op == OP_load && tile_flat_walks(r->t->cx, n, &w);
    r->ok = r->ok && !n->nregions && (flat || n->op != OP_load || !pass_depends(r->t->cx, n, r->map->regions[0]));
    if (flat && r->ok)
        r->ok = w.axis - w.first == r->w.axis - r->w.first && w.copy->type.rank - w.axis == 2 && w.step == r->w.step;
    for (int i = 0; flat && r->ok && w.first + i < w.copy->type.rank; i++)
        r->ok = w.copy->type.dims[w.first + i] == r->w.copy->type.dims[r->w.first + i];
}

/* Is each part a piece of one row, where rows are multiples of it? */
static bool has_rows(Rows *r)
{
    FlatLoads s = tile_flat_loads(r->t->cx, r->map);
    r->sum = ir_terminator(r->map->regions[0])->in[0];
    if (!s.loads.n || r->sum->op != OP_reduce || pass_guard(r->sum->regions[0]))
        return false;
    tile_flat_walks(r->t->cx, s.loads.p[0], &r->w);
    r->ok = r->w.step == dim_const(r->t->cx->module->dims, FLAT_BLOCK) && r->w.copy->type.rank - r->w.axis == 2;
    ir_walk(r->sum->regions[0], see_node, r);
    return r->ok;
}

bool tile_flat_in_rows(Tile *t, IrNode *map) { return has_rows(&(Rows){ .t = t, .map = map }); }

/* The node in the sum of rows; places are not asked for there. */
static IrNode *copied(Rows *r, IrNode *n)
{
    Walk w;
    IrNode *x = map_find(&r->nodes, n), *at[IR_RANK_MOST + 1];
    if (x || !ir_inside(n, r->map->regions[0]))
        return x ? x : n;
    if (n->op == OP_load && tile_flat_walks(r->t->cx, n, &w)) {
        int k = 0;
        for (; k < w.first; k++)
            at[k] = n->in[k + 1];
        for (int i = 0; k <= w.copy->type.rank; i++)
            at[k++] = r->subs[i];
        x = ir_load(&r->in, w.packed->in[0], k, at);
    } else {
        for (int i = 0; i < n->nin; i++)
            copied(r, n->in[i]);
        x = ir_clone_node(&r->in, n, &r->nodes, NULL, NULL);
    }
    map_put(&r->nodes, n, x);
    return x;
}

/* [walked axes before rows.., c, n]; *view: what the parts are then, [.., n, c], and *dest where the map's go in it. */
static IrNode *map_of_rows(Rows *r, IrType *view, Dest *dest)
{
    PassCx *cx = r->t->cx;
    DimCx *d = cx->module->dims;
    const Dim *dims = r->w.copy->type.dims + r->w.first;
    int outer = r->w.axis - r->w.first, rank = outer + 2;
    IrType type = { r->map->type.dtype, rank, NEWN(cx->module->arena, Dim, rank) };
    *view = (IrType){ type.dtype, rank, NEWN(cx->module->arena, Dim, rank) };
    *dest = (Dest){ .rank = rank, .start = NEWN(cx->arena, IrNode *, rank), .axis = NEWN(cx->arena, int, rank) };
    for (int i = 0; i < rank; i++) {
        type.dims[i] = i < outer ? dims[i] : i == outer ? dim_floordiv(d, dims[outer + 1], r->w.step) : dims[outer];
        dest->axis[i] = i < outer ? i : i == outer ? outer + 1 : outer;
    }
    for (int i = 0; i < rank; i++)
        view->dims[i] = tile_dim(r->t, type.dims[dest->axis[i]]);
    IrBuilder b = { r->t->fn, r->map->parent, r->map, r->map->span };
    IrNode *map = ir_add0(&b, OP_map, type);
    map->name = r->map->name;
    IrRegion *body = ir_region_new(r->t->fn, map);
    for (int i = 0; i < rank; i++)
        ir_index_new(body, NULL, NULL, type.dims[i], map->span);
    return map;
}

static void fill_rows(Rows *r, IrNode *map)
{
    int outer = r->w.axis - r->w.first;
    const IrNode *q = r->sum->regions[0]->params.p[0];
    IrNode *const *index = map->regions[0]->params.p;
    IrBuilder b = { r->t->fn, map->regions[0], NULL, map->span };
    IrNode *block = stage_binary(&b, OP_mul, index[outer], FLAT_BLOCK), *panel = stage_binary(&b, OP_floordiv, index[outer + 1], PANEL);
    IrNode *lane = stage_binary(&b, OP_mod, index[outer + 1], PANEL), *sum = ir_add0(&b, OP_reduce, r->sum->type);
    sum->redop = r->sum->redop;
    sum->order = r->sum->order;
    sum->name = r->sum->name;
    r->in = (IrBuilder){ r->t->fn, ir_region_new(r->t->fn, sum), NULL, map->span };
    IrNode *k = ir_index_new(r->in.region, q->name, NULL, r->w.step, q->span);
    for (int i = 0; i < outer; i++)
        r->subs[i] = index[i];
    r->subs[outer] = panel;
    r->subs[outer + 1] = ir_add2(&r->in, OP_add, ir_scalar(DT_i64), block, k);
    r->subs[outer + 2] = lane;
    IrNode *v = copied(r, ir_terminator(r->sum->regions[0])->in[0]);
    ir_yield(&r->in, 1, &v);
    ir_yield(&b, 1, &sum);
    pass_note_symbols(r->t->cx, map->regions[0]);
}

/* For sizes that are known the one that they take. */
static IrNode *choice_of(Rows *r, bool *known)
{
    DimCx *d = r->t->cx->module->dims;
    Dim rest = dim_mod(d, tile_dim(r->t, r->w.copy->type.dims[r->w.axis + 1]), dim_const(d, FLAT_BLOCK));
    int64_t n;
    *known = dim_is_const(rest, &n);
    if (*known)
        return NULL;
    IrNode *whole = ir_add2(&r->t->b, OP_eq, ir_scalar(DT_bool), ir_dim_value(&r->t->b, rest), ir_int(&r->t->b, 0));
    return ir_add1(&r->t->b, OP_if, ir_scalar(DT_none), whole);
}

/* Blocks of the same rows follow one another, as they lie: chunks of rows are counted before them. */
static void along_rows(const Rows *r, const IrNode *map)
{
    IrNode *kernel = r->t->b.region->last, **grid = kernel->regions[0]->params.p;
    int n = map->type.rank;
    if (kernel->op == OP_kernel && kernel->regions[0]->params.n == n) {
        IrNode *block = grid[n - 2];
        grid[n - 2] = grid[n - 1];
        grid[n - 1] = block;
    }
}

static void kernel_of_rows(Rows *r, const Dest *dest)
{
    IrType view;
    Dest to;
    IrNode *map = map_of_rows(r, &view, &to);
    fill_rows(r, map);
    to.buffer = ir_add1(&r->t->b, OP_buffer, view, dest->buffer);
    to.buffer->place = PLACE_view;
    tile_kernel(r->t, map, to);
    along_rows(r, map);
    ir_drop(map);
}

bool tile_flat_rows(Tile *t, IrNode *map, Dest dest)
{
    Rows r = { .t = t, .map = map, .nodes = map_new(t->cx->arena) };
    bool known;
    if (!has_rows(&r) || dest.rank != 1 || dest.start[0])
        return false;
    IrBuilder outer = t->b;
    IrNode *choice = choice_of(&r, &known);
    int64_t n;
    if (known && !(dim_is_const(r.w.copy->type.dims[r.w.axis + 1], &n) && n % FLAT_BLOCK == 0))
        return false;
    for (int side = 0; side < (known ? 1 : 2); side++) {
        if (choice)
            t->b = (IrBuilder){ t->fn, ir_region_new(t->fn, choice), NULL, map->span };
        if (side == 0)
            kernel_of_rows(&r, &dest);
        else
            tile_kernel(t, map, dest);
        if (choice)
            ir_yield(&t->b, 0, NULL);
    }
    t->b = outer;
    return true;
}
