/* tile_words.c - sums of products of bytes of two tensors, where many rows share one: that is packed in words of four places first.
 *
 *     if rows >= 16 and K % 4 == 0 {
 *       kernel [.., c: chunks of 64 lanes]:  words[.., n // 16, .., k // 4, n % 16] = w[.., n, .., k .. k + 3]
 *       kernel of the map, which reads w in words }
 *     else kernel of the map as it is
 *
 * The form is that of a weight of bytes in a model (stage_tiles.c), so the products are the same code. Where k lies along memory words are
 * read as they are and vectors of them transposed; where lanes do, four rows are put together. Integers may be added in any order, so the
 * number of rows may decide.
 */
#include "passes/stage/stage_int.h"

enum { LEAST_ROWS = 16, CHUNK = 64, WORD = 4, TILE_ROWS = 16, ROW_BYTES = 64 };

typedef struct Words {
    Tile *t;
    IrNode *map, *load;      /* of the old function: the factor that rows share */
    Nest nest;
    int axis, k_axis;
    IrNode *from, *to;       /* buffers; of words if k lies along memory, and always */
    IrType type;             /* of the packed bytes */
} Words;

static bool is_index_of(const IrRegion *r, const IrNode *x)
{
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i] == x)
            return true;
    return false;
}

/* The factor that varies by lane and not by row; what else picks its elements are indices of the map, so that all of it is needed. */
static void see_load(void *user, IrNode *n)
{
    Words *w = user;
    int axis, k_axis;
    if (n->op != OP_load || w->load || stage_is_prepared(n->in[0]) || pass_depends_on(w->t->cx, n, w->nest.rows) ||
        !stage_word_axes(w->t->cx, n, w->nest.lanes, &axis, &k_axis))
        return;
    for (int i = 0; i + 1 < n->nin; i++)
        if (i != axis && i != k_axis && !is_index_of(w->map->regions[0], n->in[i + 1]))
            return;
    int last = n->nin - 2;
    if (axis != last && k_axis != last)
        return;
    w->load = n;
    w->axis = axis;
    w->k_axis = k_axis;
}

static bool find(Words *w)
{
    PassCx *cx = w->t->cx;
    int sums = 0;
    if (pass_guard(w->map->regions[0]) || !w->nest.lanes || !w->nest.rows || !pass_from_zero(w->nest.lanes))
        return false;
    for (const IrNode *n = w->map->regions[0]->first; n; n = n->next)
        sums += n->op == OP_reduce && pass_depends_on(cx, n, w->nest.lanes);
    ir_walk(w->map->regions[0], see_load, w);
    return sums == 1 && w->load && w->load->parent->owner->parent == w->map->regions[0];
}

/* 1 where packing pays, else 0. */
static Dim pays(const Words *w)
{
    DimCx *d = w->t->cx->module->dims;
    Dim one = dim_const(d, 1), k = tile_dim(w->t, w->load->in[0]->type.dims[w->k_axis]), rows = tile_dim(w->t, w->nest.rows->dim);
    Dim many = dim_min(d, one, dim_floordiv(d, rows, dim_const(d, LEAST_ROWS)));
    return dim_mul(d, many, dim_sub(d, one, dim_min(d, one, dim_mod(d, k, dim_const(d, WORD)))));
}

IrNode *tile_as_words(Tile *t, IrNode *of)
{
    DimCx *d = t->cx->module->dims;
    IrType type = { DT_i32, of->type.rank, arena_copy(t->cx->arena, of->type.dims, (size_t)of->type.rank * sizeof *of->type.dims) };
    type.dims[type.rank - 1] = dim_floordiv(d, type.dims[type.rank - 1], dim_const(d, WORD / dtype_bytes(of->type.dtype)));
    IrNode *x = ir_add1(&t->b, OP_buffer, type, of);
    x->place = PLACE_view;
    return x;
}

IrNode *tile_rows_of_tiles(IrBuilder *b, IrNode *tiles, IrDtype word)
{
    DimCx *d = b->fn->module->dims;
    IrType t = { word, tiles->type.rank, arena_copy(b->fn->module->arena, tiles->type.dims, (size_t)tiles->type.rank * sizeof *tiles->type.dims) };
    t.dims[t.rank - 2] = dim_mul(d, dim_const(d, TILE_ROWS), t.dims[t.rank - 2]);
    t.dims[t.rank - 1] = dim_const(d, ROW_BYTES / dtype_bytes(word));
    IrNode *x = ir_add1(b, OP_buffer, t, tiles);
    x->place = PLACE_view;
    return x;
}

IrNode *tile_open_loop(Tile *t, IrBuilder *b, IrLoop kind, int factor, const char *name, Dim lo, Dim extent)
{
    IrNode *f = ir_add0(b, OP_tfor, ir_scalar(DT_none));
    f->loop = (uint8_t)kind;
    f->factor = (uint8_t)factor;
    *b = (IrBuilder){ t->fn, ir_region_new(t->fn, f), NULL, b->span };
    return ir_index_new(b->region, name_of(t->cx->module->names, name), lo, extent, b->span);
}

/* Four rows of memory, byte by byte of a word. */
static IrNode *joined(Words *w, IrBuilder *b, IrNode **subs, IrNode *group)
{
    IrType i32 = ir_scalar(DT_i32);
    IrNode *word = NULL;
    int rank = w->from->type.rank;
    for (int u = 0; u < WORD; u++) {
        subs[w->k_axis] = ir_add2(b, OP_add, ir_scalar(DT_i64), stage_binary(b, OP_mul, group, WORD), ir_int(b, u));
        IrNode *x = ir_add1(b, OP_cast, i32, ir_load(b, w->from, rank, subs));
        x = ir_add2(b, OP_bit_and, i32, x, ir_const_int(b, DT_i32, 0xff));
        x = u ? ir_add2(b, OP_shift_left, i32, x, ir_const_int(b, DT_i32, 8 * u)) : x;
        word = word ? ir_add2(b, OP_bit_or, i32, word, x) : x;
    }
    return word;
}

static void write_packing(Words *w)
{
    Tile *t = w->t;
    DimCx *d = t->cx->module->dims;
    IrType type = tile_type(t, w->load->in[0]->type);
    int rank = type.rank, n = 0;
    bool along = w->k_axis == rank - 1;
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none)), *subs[IR_RANK_MOST], *in[IR_RANK_MOST + 3];
    kernel->span = w->map->span;
    IrBuilder b = { t->fn, ir_region_new(t->fn, kernel), NULL, w->map->span };
    for (int i = 0; i < rank; i++)
        if (i != w->axis && i != w->k_axis)
            subs[i] = ir_index_new(b.region, name_of(t->cx->module->names, "p"), NULL, type.dims[i], b.span);
    IrNode *c = ir_index_new(b.region, name_of(t->cx->module->names, "c"), NULL, tile_ceil_div(d, type.dims[w->axis], CHUNK), b.span), *lane, *group;
    Dim lo = dim_mul(d, dim_const(d, CHUNK), dim_sym(d, c->sym)), lanes = dim_min(d, dim_const(d, CHUNK), dim_sub(d, type.dims[w->axis], lo));
    Dim groups = dim_floordiv(d, type.dims[w->k_axis], dim_const(d, WORD));
    if (along) {
        lane = tile_open_loop(w->t, &b, LOOP_lanes, 1, "n", lo, lanes);
        group = tile_open_loop(w->t, &b, LOOP_seq, 0, "g", NULL, groups);
    } else {
        group = tile_open_loop(w->t, &b, LOOP_seq, 0, "g", NULL, groups);
        lane = tile_open_loop(w->t, &b, LOOP_lanes, 2, "n", lo, lanes);
    }
    subs[w->axis] = lane;
    subs[w->k_axis] = group;
    in[n++] = w->to;
    in[n++] = along ? ir_load(&b, w->from, rank, subs) : joined(w, &b, subs, group);
    for (int i = 0; i < rank; i++)
        if (i != w->k_axis)
            in[n++] = i == w->axis ? stage_binary(&b, OP_floordiv, lane, PANEL) : subs[i];
    in[n++] = group;
    in[n++] = stage_binary(&b, OP_mod, lane, PANEL);
    ir_add(&b, OP_store, ir_scalar(DT_none), n, in);
}

/* The map, and a tensor beside it that stands for the packed one. */
static IrNode *reading_words(Words *w, IrNode **packed)
{
    Map nodes = map_new(w->t->cx->arena);
    IrBuilder b = { w->t->fn, w->map->parent, w->map, w->map->span };
    *packed = ir_add0(&b, OP_map, w->type);
    IrNode *copy = ir_clone_node(&b, w->map, &nodes, NULL, NULL), *load = map_find(&nodes, w->load);
    IrBuilder at = { w->t->fn, load->parent, load, load->span };
    IrNode *by = stage_tiles_element(&at, *packed, w->axis, w->k_axis, load->in + 1);
    ir_replace(load, by);
    ir_drop(load);
    pass_note_symbols(w->t->cx, copy->regions[0]);
    return copy;
}

bool tile_words(Tile *t, IrNode *map, Dest dest)
{
    Words w = { .t = t, .map = map, .nest = tile_nest(t->cx, map) };
    int64_t known;
    if (!find(&w))
        return false;
    Dim many = pays(&w);
    if (dim_is_const(many, &known) && known == 0)
        return false;
    IrBuilder outer = t->b;
    IrType leaf = w.load->in[0]->type;
    w.type = stage_tiles_type(t->cx, leaf, w.axis, w.k_axis);
    IrNode *buffer = tile_buffer(t, PLACE_arena, tile_type(t, w.type), 0, map->span, 0), *packed, *copy = reading_words(&w, &packed);
    w.to = tile_as_words(w.t, buffer);
    w.from = tile_buffer_of(t, w.load->in[0]);
    w.from = w.k_axis == leaf.rank - 1 ? tile_as_words(w.t, w.from) : w.from;
    tile_bind(t, packed, buffer);
    IrNode *choice = ir_add1(&t->b, OP_if, ir_scalar(DT_none), ir_add2(&t->b, OP_lt, ir_scalar(DT_bool), ir_int(&t->b, 0), ir_dim_value(&t->b, many)));
    for (int side = 0; side < 2; side++) {
        t->b = (IrBuilder){ t->fn, ir_region_new(t->fn, choice), NULL, map->span };
        if (side == 0)
            write_packing(&w);
        tile_kernel(t, side ? map : copy, dest);
        ir_yield(&t->b, 0, NULL);
    }
    ir_drop(copy);
    ir_drop(packed);
    t->b = outer;
    return true;
}
