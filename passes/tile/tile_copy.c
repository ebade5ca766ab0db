/* tile_copy.c - copies of weights in panels: rows are transposed in registers and stored where they go.
 *
 *     map [n: N, k: K] { w[n // 16, k, n % 16] }      kernel [p: (N + 15) // 16, c: chunks of 512 places] {
 *                                                       tfor lanes [d: ..] { tfor seq [q: min(16, N - 16 p)] { to[16 p + q, d] = w[p, d, q] } } }
 *
 * Bytes that lie in words of four places of k are copied as such words, if K is a multiple of 4: a byte of a row is where it is in a word. So are tiles
 * of bf16, words of two, if K is even: 16 rows of a tile are the words of 32 places.
 */
#include "passes/tile/tile_int.h"
#include "passes/stage/stage_int.h"

enum { CHUNK = 512, WORD = 4, GROUP = 32 };

typedef struct Panels {
    Tile *t;
    IrNode *map;
    const IrNode *load;     /* of the panels */
    int rows, lanes, axis;  /* numbers of the map's indices: what is cut, what lies along memory; the axis that is cut */
    int word, group;        /* elements of a word that is copied; places that a subscript of the load counts: 1 each, or as words and tiles have */
} Panels;

/* Of a copy of stage_whole.c the load of panels, of words of which it takes bytes, or of tiles. */
static const IrNode *load_of(Panels *c)
{
    const IrNode *y = c->map->load_time ? ir_terminator(c->map->regions[0])->in[0] : NULL;
    bool bytes = y && y->op == OP_cast && dtype_bytes(y->type.dtype) == 1 && y->in[0]->op == OP_shift_right;
    const IrNode *x = bytes ? y->in[0]->in[0] : y;
    if (!x || x->op != OP_load || x->nin < 3 || !stage_is_prepared(x->in[0]) || (bytes && x->type.dtype != DT_i32))
        return NULL;
    bool tiles = stage_is_tiles(c->map->parent->fn, x->in[0]) && dtype_bytes(x->type.dtype) == 2;
    c->word = bytes ? WORD : tiles ? WORD / 2 : 1;
    c->group = bytes ? WORD : tiles ? GROUP : 1;
    return x;
}

static bool is_group(const IrNode *sub, const IrNode *index, int64_t size)
{
    return size == 1 ? sub == index : sub->op == OP_floordiv && sub->in[0] == index && sub->in[1]->op == OP_const && sub->in[1]->imm == size;
}

static int panel_axis(const Panels *c, const IrNode *x)
{
    if (c->group != GROUP)
        return stage_panel_axis(c->load, x);
    for (int i = 1; i < c->load->nin - 2; i++)
        if (is_group(c->load->in[i], x, PANEL))
            return i - 1;
    return -1;
}

static bool find(Panels *c)
{
    const IrRegion *r = c->map->regions[0];
    c->load = load_of(c);
    c->lanes = r->params.n - 1;
    c->rows = -1;
    for (int i = 0; c->load && i < r->params.n && c->rows < 0; i++) {
        c->axis = panel_axis(c, r->params.p[i]);
        c->rows = c->axis < 0 ? -1 : i;
    }
    return c->load && c->rows >= 0 && c->rows != c->lanes && is_group(c->load->in[c->load->nin - 2], r->params.p[c->lanes], c->group);
}

static bool is_whole(const Panels *c, const Dest *dest)
{
    bool whole = dest->rank == c->map->type.rank && !dest->step;
    for (int i = 0; whole && i < dest->rank; i++)
        whole = !dest->start[i] && dest->axis[i] == i;
    return whole;
}

static void write(Panels *c, IrNode *to)
{
    Tile *t = c->t;
    DimCx *d = t->cx->module->dims;
    const IrRegion *r = c->map->regions[0];
    IrNode *from = tile_buffer_of(t, c->load->in[0]);
    from = c->group == GROUP ? tile_rows_of_tiles(&t->b, from, DT_i32) : from;
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    IrNode *at[IR_RANK_MOST], *in[IR_RANK_MOST + 2];
    kernel->name = c->map->name;
    kernel->span = c->map->span;
    IrBuilder b = { t->fn, ir_region_new(t->fn, kernel), NULL, c->map->span };
    Dim rows = tile_dim(t, r->params.p[c->rows]->dim), length = tile_dim(t, r->params.p[c->lanes]->dim);
    length = c->word > 1 ? dim_floordiv(d, length, dim_const(d, c->word)) : length;
    for (int i = 0; i < c->lanes; i++) {
        const IrNode *x = r->params.p[i];
        Dim extent = i == c->rows ? tile_ceil_div(d, rows, PANEL) : tile_dim(t, x->dim);
        at[i] = ir_index_new(b.region, i == c->rows ? name_of(t->cx->module->names, "p") : x->name, NULL, extent, x->span);
    }
    IrNode *chunk = ir_index_new(b.region, name_of(t->cx->module->names, "c"), NULL, tile_ceil_div(d, length, CHUNK), b.span);
    Dim first = dim_mul(d, dim_const(d, CHUNK), dim_sym(d, chunk->sym)), row = dim_mul(d, dim_const(d, PANEL), dim_sym(d, at[c->rows]->sym));
    int line = 64 / c->t->cx->options->target.vector_bytes; /* of a row at once */
    IrNode *lane = tile_open_loop(c->t, &b, LOOP_lanes, line, "d", first, dim_min(d, dim_const(d, CHUNK), dim_sub(d, length, first)));
    IrNode *q = tile_open_loop(c->t, &b, LOOP_seq, 0, "q", NULL, dim_min(d, dim_const(d, PANEL), dim_sub(d, rows, row)));
    at[c->lanes] = lane;
    in[0] = from;
    for (int i = 1; i < c->load->nin - 2; i++) {
        int k = 0;
        while (k < r->params.n && r->params.p[k] != c->load->in[i])
            k++;
        in[i] = i - 1 == c->axis ? at[c->rows] : k < r->params.n ? at[k] : tile_scalar(t, c->load->in[i]);
    }
    in[c->load->nin - 2] = lane;
    in[c->load->nin - 1] = q;
    IrNode *x = ir_add(&b, OP_load, ir_scalar(from->type.dtype), c->load->nin, in);
    in[0] = to;
    in[1] = x;
    for (int i = 0; i < r->params.n; i++)
        in[i + 2] = i == c->rows ? ir_add2(&b, OP_add, ir_scalar(DT_i64), q, ir_dim_value(&b, row)) : at[i];
    ir_add(&b, OP_store, ir_scalar(DT_none), r->params.n + 2, in);
}

bool tile_copy_panels(Tile *t, IrNode *map, Dest dest)
{
    Panels c = { .t = t, .map = map };
    DimCx *d = t->cx->module->dims;
    int64_t known;
    if (!find(&c) || !is_whole(&c, &dest))
        return false;
    if (c.word == 1) {
        write(&c, dest.buffer);
        return true;
    }
    Dim length = dest.buffer->type.dims[c.lanes], rest = dim_mod(d, length, dim_const(d, c.word));
    if ((dim_is_const(rest, &known) && known) || length != tile_dim(t, map->regions[0]->params.p[c.lanes]->dim))
        return false;
    IrBuilder outer = t->b;
    IrNode *choice = ir_add1(&t->b, OP_if, ir_scalar(DT_none), ir_add2(&t->b, OP_eq, ir_scalar(DT_bool), ir_dim_value(&t->b, rest), ir_int(&t->b, 0)));
    for (int side = 0; side < 2; side++) {
        t->b = (IrBuilder){ t->fn, ir_region_new(t->fn, choice), NULL, map->span };
        if (side == 0)
            write(&c, tile_as_words(c.t, dest.buffer));
        else
            tile_kernel(t, map, dest);
        ir_yield(&t->b, 0, NULL);
    }
    t->b = outer;
    return true;
}
