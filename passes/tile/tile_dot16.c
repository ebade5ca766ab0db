/* tile_dot16.c - products of bf16 with a weight that lies in tiles, on targets that multiply tiles (AMX).
 *
 *     kernel [.., cr: chunks of rows, cn: chunks of lanes] {
 *       sums = 0                                     floats [rows of a chunk, lanes of a chunk]
 *       for kb: blocks of 512 of k {
 *         a[r // 16, k // 32, r % 16 * 32 + k % 32] = left factor       0 beyond the last k
 *         for n: pairs of panels, for r: pairs of row tiles:  dot16 sums, a, weight }
 *       rows, lanes:  what follows the sum; store }
 *
 * The instruction has an order of its own (ir/IR.md), so a sum of this form runs here for any number of rows; the form is decided before
 * sizes are known, by `tile_find_dot16`, in the same way for the pass that packs (stage) and the one that tiles. Blocks change no bit: sums
 * go on where they stopped.
 *
 * The weight may lie in the tiles of another product (`x @ w` and `dy @ w.T`): then two panels of a block are copied into tiles of this one before rows
 * take them. Where that one has places and lanes the other way round, squares of 16 x 16 are turned, as words of four:
 *
 *     b[n // 16, k // 2, n % 16 // 2] = turned(w[k // 16, n // 2, k % 16 // 2])         the words' second and third place change
 *
 * Sizes: two panels of b for a block, 32 KiB, stay in the nearest cache while rows pass; sums and a of a chunk take half of the next one.
 */
#include "passes/stage/stage_int.h"
#include "passes/tile/tile_stream_int.h"

enum { K_BLOCK = 512, MOST_ROWS = 256, LANE_CHUNK = 512, PAIR = 32, GROUP = 32, TILE_PLACES = 512, FOURS = 8, PAIRS_AHEAD = 2 };

typedef struct Work16 {
    Stream s;
    Dot16 dot;
    int64_t row_chunk;
    Dim row_lo, rows, lane_lo, lanes, block, ks;
    IrNode *sums, *a, *bits, *left_bits; /* bits: a as u16; left_bits: left's tensor as u16, NULL where left is no load */
    IrNode *b, *weight;                  /* the tiles of the product; as they are copied (NULL: they are the weight's own) from `weight`, in words */
} Work16;

#define DIM(w) ((w)->s.t->cx->module->dims)

/* ---- the form ---------------------------------------------------------------------------------------------------------- */

static IrNode *the_sum(PassCx *cx, IrNode *map, const Nest *nest)
{
    IrNode *found = NULL;
    for (IrNode *n = map->regions[0]->first; n; n = n->next) {
        if (n->op != OP_reduce || !pass_depends_on(cx, n, nest->lanes))
            continue;
        if (found || n->order != ORDER_contract || n->redop != RED_sum)
            return NULL;
        found = n;
    }
    return found && pass_depends_on(cx, found, nest->rows) ? found : NULL;
}


static bool is_of(PassCx *cx, const IrNode *x, const IrNode *index, const IrNode *other)
{
    return x->type.dtype == DT_bf16 && pass_depends_on(cx, x, index) && !pass_depends_on(cx, x, other);
}

static void see_effect(void *user, IrNode *n)
{
    bool *pure = user;
    if ((ir_info(n)->effects & (PINNED | FAULTS)) || n->op == OP_while)
        *pure = false;
}

static bool find_factors(PassCx *cx, Dot16 *d)
{
    const IrNode *product = ir_terminator(d->reduce->regions[0])->in[0], *rows = d->nest.rows, *lanes = d->nest.lanes;
    if (product->op != OP_mul || product->type.dtype != DT_bf16)
        return false;
    IrNode *x = product->in[0], *y = product->in[1];
    bool swapped = is_of(cx, x, lanes, rows);
    d->left = swapped ? y : x;
    d->right = swapped ? x : y;
    return is_of(cx, d->left, rows, lanes) && is_of(cx, d->right, lanes, rows) && d->right->op == OP_load;
}

/* w[.., n, .., k, ..], no other subscript with either. In tiles (of any product) two are quotients: that of panels, and the last but one, of groups. */
static bool find_axes(PassCx *cx, Dot16 *d, const IrPrep *tiles)
{
    const IrNode *w = d->right;
    int rank = tiles ? w->nin - 2 : w->nin - 1, panels = tiles ? tiles->axis - (tiles->tiled - 1 < tiles->axis) : -1, groups = tiles ? rank - 1 : -1;
    d->axis = d->k_axis = -1;
    for (int i = 0; i < rank; i++) {
        const IrNode *sub = w->in[i + 1], *x = (i == panels || i == groups) && sub->op == OP_floordiv ? sub->in[0] : sub;
        if (x == d->nest.lanes && d->axis < 0)
            d->axis = i;
        else if (x == d->k && d->k_axis < 0)
            d->k_axis = i;
        else if (pass_depends_on(cx, sub, d->nest.lanes) || pass_depends_on(cx, sub, d->k))
            return false;
    }
    d->packed = tiles != NULL;
    d->copied = tiles && (d->axis != panels || d->k_axis != groups);
    d->turned = tiles && d->axis == groups && d->k_axis == panels;
    return d->axis >= 0 && d->k_axis >= 0;
}

bool tile_find_dot16(PassCx *cx, IrNode *map, Dot16 *d)
{
    bool pure = true;
    *d = (Dot16){ 0 };
    if (!cx->options->dots16 || pass_guard(map->regions[0]))
        return false;
    d->nest = tile_nest(cx, map);
    IrNode *rows = d->nest.rows, *lanes = d->nest.lanes;
    if (!rows || !lanes || !pass_from_zero(lanes) || !(d->reduce = the_sum(cx, map, &d->nest)))
        return false;
    IrRegion *r = d->reduce->regions[0];
    if (r->params.n != 1 || ir_terminator(r)->nin > 1)
        return false;
    d->k = r->params.p[0];
    if (!pass_is_whole(d->k) || pass_dim_depends_on(cx, d->k->dim, rows) || pass_dim_depends_on(cx, d->k->dim, lanes) || !find_factors(cx, d))
        return false;
    ir_walk(map->regions[0], see_effect, &pure);
    const IrNode *m = d->right->in[0];
    const IrPrep *tiles = stage_is_tiles(map->parent->fn, m) ? &map->parent->fn->preps.p[m->imm] : NULL;
    bool may = m->op == OP_param && m->load_time && !stage_is_prepared(m);
    return pure && (may || tiles) && find_axes(cx, d, tiles);
}

/* ---- the kernel ---------------------------------------------------------------------------------------------------------- */

static Dim whole(DimCx *d, Dim n, int64_t of) { return dim_mul(d, dim_const(d, of), tile_ceil_div(d, n, of)); }

static Dim chunk(Work16 *w, const IrNode *old, int64_t size, Dim *lo)
{
    DimCx *d = DIM(w);
    Dim n = tile_dim(w->s.t, old->dim);
    IrNode *c = ir_index_new(w->s.kernel, name_of(w->s.t->cx->module->names, "c"), NULL, tile_ceil_div(d, n, size), w->s.c.map->span);
    *lo = dim_mul(d, dim_const(d, size), dim_sym(d, c->sym));
    return dim_min(d, dim_const(d, size), dim_sub(d, n, *lo));
}

static int64_t row_chunk(const PassCx *cx)
{
    int64_t row = (LANE_CHUNK + 16) * 4 + K_BLOCK * 2, n = cx->options->target.l2 / 2 / row / PAIR * PAIR;
    return n < PAIR ? PAIR : n > MOST_ROWS ? MOST_ROWS : n;
}

static IrNode *scratch(Work16 *w, IrDtype t, int rank, Dim d0, Dim d1, Dim d2)
{
    Dim dims[] = { d0, d1, d2 };
    IrNode *x = stream_scratch(&w->s, t, 0, NULL, NULL);
    x->type = (IrType){ t, rank, arena_copy(w->s.t->cx->module->arena, dims, sizeof dims) };
    return x;
}

static IrNode *as_bits(IrBuilder *b, IrNode *of)
{
    IrType t = of->type;
    t.dtype = DT_u16;
    IrNode *x = ir_add1(b, OP_buffer, t, of);
    x->place = PLACE_view;
    return x;
}

static void make_grid(Work16 *w)
{
    Tile *t = w->s.t;
    DimCx *d = DIM(w);
    const IrRegion *body = w->s.body;
    IrNode *rows = w->dot.nest.rows, *lanes = w->dot.nest.lanes, *kernel;
    if (w->dot.left->op == OP_load)
        w->left_bits = as_bits(&t->b, tile_buffer_of(t, w->dot.left->in[0]));
    w->b = tile_buffer_of(t, w->dot.right->in[0]);
    if (w->dot.copied)
        w->weight = w->dot.turned ? tile_rows_of_tiles(&t->b, w->b, DT_u64) : as_bits(&t->b, w->b);
    kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    w->s.kernel = ir_region_new(t->fn, kernel);
    for (int i = 0; i < body->params.n; i++) {
        IrNode *x = body->params.p[i];
        if (x != rows && x != lanes)
            tile_map_index(t, x, ir_index_new(w->s.kernel, x->name, tile_dim(t, x->lo), tile_dim(t, x->dim), x->span));
    }
    w->row_chunk = row_chunk(t->cx);
    w->rows = chunk(w, rows, w->row_chunk, &w->row_lo);
    w->lanes = chunk(w, lanes, LANE_CHUNK, &w->lane_lo);
    w->s.at = (IrBuilder){ t->fn, w->s.kernel, NULL, w->s.c.map->span };
    Dim m = whole(d, dim_min(d, dim_const(d, w->row_chunk), tile_dim(t, rows->dim)), PAIR);
    w->sums = scratch(w, DT_f32, 2, m, dim_const(d, LANE_CHUNK + 16), NULL); /* rows do not meet in one set of a cache */
    w->a = scratch(w, DT_bf16, 3, dim_floordiv(d, m, dim_const(d, 16)), dim_const(d, K_BLOCK / GROUP), dim_const(d, TILE_PLACES));
    w->bits = as_bits(&w->s.at, w->a);
    if (w->dot.copied)
        w->b = scratch(w, DT_bf16, 3, dim_const(d, 2), dim_const(d, K_BLOCK / GROUP), dim_const(d, TILE_PLACES));
}

static IrNode *at_dim(Work16 *w, Dim d) { return ir_dim_value(&stream_top(&w->s)->b, d); }

static void store_at(IrBuilder *b, IrNode *buffer, IrNode *value, int n, IrNode *const *subs)
{
    IrNode *in[5] = { buffer, value };
    for (int i = 0; i < n; i++)
        in[2 + i] = subs[i];
    ir_add(b, OP_store, ir_scalar(DT_none), 2 + n, in);
}

static void put(Work16 *w, IrNode *buffer, IrNode *value, int n, IrNode *const *subs)
{
    store_at(&stream_top(&w->s)->b, buffer, value, n, subs);
}

static void write_zero(Work16 *w)
{
    DimCx *d = DIM(w);
    Stream *s = &w->s;
    IrNode *r = stream_open_loop(s, w->dot.nest.rows, NULL, LOOP_seq, 0, NULL, whole(d, w->rows, PAIR));
    IrNode *n = stream_open_loop(s, w->dot.nest.lanes, NULL, LOOP_lanes, 2, NULL, whole(d, w->lanes, PAIR)), *subs[] = { r, n };
    put(w, w->sums, ir_const_float(&stream_top(s)->b, DT_f32, 0), 2, subs);
    stream_close(s);
}

/* Rows beyond the last one are the last one again. */
static void bind_row(Work16 *w, IrNode *r)
{
    DimCx *d = DIM(w);
    IrNode *old = w->dot.nest.rows;
    Dim last = dim_sub(d, tile_dim(w->s.t, old->dim), dim_const(d, 1)), row = dim_min(d, dim_add(d, w->row_lo, dim_sym(d, r->sym)), last);
    if (old->lo)
        row = dim_add(d, row, tile_dim(w->s.t, old->lo));
    stream_bind(&w->s, old, at_dim(w, row));
    symmap_put(&w->s.t->syms, old->sym, row);
}

static void bind_k(Work16 *w, IrNode *k)
{
    DimCx *d = DIM(w);
    Dim lo = dim_mul(d, dim_const(d, K_BLOCK), w->block);
    stream_bind(&w->s, w->dot.k, ir_add2(&stream_top(&w->s)->b, OP_add, ir_scalar(DT_i64), k, at_dim(w, lo)));
    symmap_put(&w->s.t->syms, w->dot.k->sym, dim_add(d, lo, dim_sym(d, k->sym)));
}

static IrNode *left_value(Work16 *w)
{
    const IrNode *left = w->dot.left;
    IrNode *subs[IR_RANK_MOST];
    if (!w->left_bits)
        return stream_emit(&w->s, w->dot.left);
    for (int i = 1; i < left->nin; i++)
        subs[i - 1] = stream_emit(&w->s, left->in[i]);
    return ir_load(&stream_top(&w->s)->b, w->left_bits, left->nin - 1, subs);
}

static void put_left(Work16 *w, IrNode *value, IrNode *r, IrNode *k)
{
    IrBuilder *b = &stream_top(&w->s)->b;
    IrType i64 = ir_scalar(DT_i64);
    IrNode *group = ir_int(b, GROUP), *row = ir_add2(b, OP_mul, i64, ir_add2(b, OP_mod, i64, r, ir_int(b, 16)), group);
    IrNode *subs[] = { ir_add2(b, OP_floordiv, i64, r, ir_int(b, 16)), ir_add2(b, OP_floordiv, i64, k, group),
                       ir_add2(b, OP_add, i64, row, ir_add2(b, OP_mod, i64, k, group)) };
    put(w, value->type.dtype == DT_u16 ? w->bits : w->a, value, 3, subs);
}

/* Rows of the chunk, places of the block; then zeros up to a whole group. */
static void write_left(Work16 *w)
{
    DimCx *d = DIM(w);
    Stream *s = &w->s;
    IrNode *r = stream_open_loop(s, w->dot.nest.rows, NULL, LOOP_seq, 0, NULL, whole(d, w->rows, PAIR));
    bind_row(w, r);
    IrNode *k = stream_open_loop(s, w->dot.k, NULL, LOOP_lanes, 2, NULL, w->ks);
    bind_k(w, k);
    put_left(w, left_value(w), r, k);
    stream_close(s);
    r = stream_open_loop(s, w->dot.nest.rows, NULL, LOOP_seq, 0, NULL, whole(d, w->rows, PAIR));
    k = stream_open_loop(s, w->dot.k, NULL, LOOP_seq, 0, w->ks, dim_sub(d, whole(d, w->ks, GROUP), w->ks));
    put_left(w, ir_const_int(&stream_top(s)->b, DT_u16, 0), r, k);
    stream_close(s);
}

/* ---- copies of another product's tiles ---------------------------------------------------------------------------------------- */

/* u64 { a, b, c, e }, a the lowest half -> { a, c, b, e } */
static IrNode *turned(IrBuilder *b, IrNode *x)
{
    IrType t = ir_scalar(DT_u64);
    IrNode *by = ir_const_int(b, DT_u64, 16), *second = ir_const_int(b, DT_u64, 0xffff0000), *ends = ir_const_int(b, DT_u64, (int64_t)0xffff00000000ffff);
    IrNode *up = ir_add2(b, OP_shift_left, t, ir_add2(b, OP_bit_and, t, x, second), by);
    IrNode *down = ir_add2(b, OP_bit_and, t, ir_add2(b, OP_shift_right, t, x, by), second);
    return ir_add2(b, OP_bit_or, t, ir_add2(b, OP_bit_and, t, x, ends), ir_add2(b, OP_bit_or, t, up, down));
}

/* A row of the weight's tiles, as words of four: of panel p of the block's places, of pair n of lanes or some that come later. */
static IrNode *line_at(Work16 *w, IrBuilder *b, IrOp op, IrNode **subs, const IrNode *p, IrNode *row, Dim from)
{
    DimCx *d = DIM(w);
    Dim panel = dim_add(d, dim_mul(d, dim_const(d, K_BLOCK / 16), w->block), dim_sym(d, p->sym));
    subs[0] = w->weight;
    subs[w->dot.k_axis + 1] = ir_dim_value(b, panel);
    subs[w->dot.axis + 1] = ir_add2(b, OP_add, ir_scalar(DT_i64), row, ir_dim_value(b, from));
    return ir_add(b, op, ir_scalar(op == OP_load ? DT_u64 : DT_none), w->dot.right->nin, subs);
}

/* Panels of k are as many as tiles have, groups of lanes, too: zeros stand beyond the ends. Each panel is a stream of its own, more than a processor sees
 * ahead. */
static void copy_turned(Work16 *w, const IrNode *n)
{
    Tile *t = w->s.t;
    DimCx *d = DIM(w);
    const IrNode *right = w->dot.right;
    IrNode *subs[IR_RANK_MOST + 2];
    for (int i = 0; i + 2 < right->nin; i++)
        subs[i + 1] = i == w->dot.axis || i == w->dot.k_axis ? NULL : stream_emit(&w->s, right->in[i + 1]);
    IrBuilder b = stream_top(&w->s)->b;
    Dim rows = dim_const(d, 2 * FOURS), row = dim_add(d, dim_floordiv(d, w->lane_lo, dim_const(d, 2)), dim_mul(d, rows, dim_sym(d, n->sym)));
    IrNode *p = tile_open_loop(t, &b, LOOP_seq, 0, "p", NULL, dim_floordiv(d, whole(d, w->ks, GROUP), dim_const(d, 16)));
    IrBuilder in = b;
    IrNode *line = tile_open_loop(t, &in, LOOP_seq, 0, "r", NULL, rows);
    subs[right->nin - 1] = ir_int(&in, 0);
    line_at(w, &in, OP_prefetch, subs, p, line, dim_add(d, row, dim_mul(d, dim_const(d, PAIRS_AHEAD), rows)));
    IrNode *lane = tile_open_loop(t, &b, LOOP_lanes, 1, "n", NULL, rows), *q = tile_open_loop(t, &b, LOOP_seq, 0, "q", NULL, dim_const(d, FOURS));
    subs[right->nin - 1] = q;
    IrNode *x = turned(&b, line_at(w, &b, OP_load, subs, p, lane, row));
    IrNode *at = ir_dim_value(&b, dim_add(d, dim_mul(d, dim_const(d, FOURS), dim_sym(d, p->sym)), dim_sym(d, q->sym)));
    IrNode *to[] = { stage_binary(&b, OP_floordiv, lane, FOURS), at, stage_binary(&b, OP_mod, lane, FOURS) };
    store_at(&b, tile_rows_of_tiles(&w->s.at, w->b, DT_u64), x, 3, to);
}

/* Half u of word `pair` of a block's places, as u32. */
static IrNode *half(Work16 *w, IrNode *pair, int u)
{
    Stream *s = &w->s;
    const IrNode *right = w->dot.right;
    IrNode *subs[IR_RANK_MOST];
    int mark = s->made.n;
    IrBuilder *b = &stream_top(s)->b;
    DimCx *d = DIM(w);
    Dim k = dim_add(d, dim_mul(d, dim_const(d, K_BLOCK), w->block), dim_add(d, dim_mul(d, dim_const(d, 2), dim_sym(d, pair->sym)), dim_const(d, u)));
    stream_bind(s, w->dot.k, ir_dim_value(b, k));
    symmap_put(&s->t->syms, w->dot.k->sym, k);
    for (int i = 1; i < right->nin; i++)
        subs[i - 1] = stream_emit(s, right->in[i]);
    IrNode *x = ir_add1(b, OP_cast, ir_scalar(DT_u32), ir_load(b, w->weight, right->nin - 1, subs));
    stream_undo(s, mark);
    return u ? ir_add2(b, OP_shift_left, ir_scalar(DT_u32), x, ir_const_int(b, DT_u32, 16)) : x;
}

/* Words [lo, lo + extent) of the block's places, of `halves` places each, the others 0. */
static void copy_words(Work16 *w, const IrNode *n, IrNode *words, Dim lo, Dim extent, int halves)
{
    Stream *s = &w->s;
    DimCx *d = DIM(w);
    IrNode *lanes = w->dot.nest.lanes;
    Dim first = dim_mul(d, dim_const(d, PAIR), dim_sym(d, n->sym));
    IrNode *pair = stream_open_loop(s, w->dot.k, NULL, LOOP_seq, 0, lo, extent);
    IrNode *lane = stream_open_loop(s, lanes, NULL, LOOP_lanes, 1, NULL, dim_min(d, dim_const(d, PAIR), dim_sub(d, w->lanes, first)));
    IrBuilder *b = &stream_top(s)->b;
    Dim at = dim_add(d, dim_add(d, w->lane_lo, first), dim_sym(d, lane->sym));
    stream_bind(s, lanes, ir_dim_value(b, at));
    symmap_put(&s->t->syms, lanes->sym, at);
    IrNode *x = halves ? half(w, pair, 0) : ir_const_int(b, DT_u32, 0);
    if (halves > 1)
        x = ir_add2(b, OP_bit_or, ir_scalar(DT_u32), x, half(w, pair, 1));
    IrNode *subs[] = { stage_binary(b, OP_floordiv, lane, 16), pair, stage_binary(b, OP_mod, lane, 16) };
    put(w, words, x, 3, subs);
    stream_pop(s);
    stream_pop(s);
}

static void copy_tiles(Work16 *w, const IrNode *n)
{
    DimCx *d = DIM(w);
    if (w->dot.turned) {
        copy_turned(w, n);
        return;
    }
    IrNode *words = tile_rows_of_tiles(&w->s.at, w->b, DT_u32);
    Dim two = dim_const(d, 2), pairs = dim_floordiv(d, w->ks, two), rest = dim_mod(d, w->ks, two), all = dim_floordiv(d, whole(d, w->ks, GROUP), two);
    copy_words(w, n, words, NULL, pairs, 2);
    copy_words(w, n, words, pairs, rest, 1);
    copy_words(w, n, words, dim_add(d, pairs, rest), dim_sub(d, all, dim_add(d, pairs, rest)), 0);
}

/* ---- products ------------------------------------------------------------------------------------------------------------------ */

/* The panel of the weight that pair n of lanes begins with, the block's first group. */
static IrNode *weight_sub(Work16 *w, int i, const IrNode *n)
{
    DimCx *d = DIM(w);
    const Dot16 *dot = &w->dot;
    if (w->weight)
        return at_dim(w, dim_const(d, 0));
    if (i == dot->axis)
        return at_dim(w, dim_add(d, dim_floordiv(d, w->lane_lo, dim_const(d, 16)), dim_mul(d, dim_const(d, 2), dim_sym(d, n->sym))));
    if (i == dot->k_axis)
        return at_dim(w, dim_mul(d, dim_const(d, K_BLOCK / GROUP), w->block));
    if (i + 2 == dot->right->nin)
        return at_dim(w, dim_const(d, 0));
    return stream_emit(&w->s, dot->right->in[i + 1]);
}

static void multiply(Work16 *w)
{
    DimCx *d = DIM(w);
    Stream *s = &w->s;
    IrNode *n = stream_open_loop(s, w->dot.nest.lanes, NULL, LOOP_seq, 0, NULL, tile_ceil_div(d, w->lanes, PAIR));
    if (w->weight)
        copy_tiles(w, n);
    IrNode *r = stream_open_loop(s, w->dot.nest.rows, NULL, LOOP_seq, 0, NULL, tile_ceil_div(d, w->rows, PAIR));
    Dim pair = dim_const(d, PAIR), two = dim_const(d, 2);
    IrNode *in[24] = { w->sums, w->a, w->b, at_dim(w, dim_mul(d, pair, dim_sym(d, r->sym))),
                       at_dim(w, dim_mul(d, pair, dim_sym(d, n->sym))), at_dim(w, dim_mul(d, two, dim_sym(d, r->sym))) };
    int nin = 6;
    for (int i = 0; i < w->b->type.rank; i++)
        in[nin++] = weight_sub(w, i, n);
    in[nin++] = at_dim(w, tile_ceil_div(d, w->ks, GROUP));
    IrNode *dot = ir_add(&stream_top(s)->b, OP_dot16, ir_scalar(DT_none), nin, in);
    dot->imm = w->weight ? 0 : w->dot.axis;
    stream_close(s);
}

static void open_blocks(Work16 *w, Dim k)
{
    DimCx *d = DIM(w);
    Stream *s = &w->s;
    IrNode *f = ir_add0(&s->at, OP_tfor, ir_scalar(DT_none));
    IrRegion *r = ir_region_new(s->t->fn, f);
    IrNode *x = ir_index_new(r, name_of(s->t->cx->module->names, "block"), NULL, tile_ceil_div(d, k, K_BLOCK), s->c.map->span);
    s->at = (IrBuilder){ s->t->fn, r, NULL, s->c.map->span };
    w->block = dim_sym(d, x->sym);
    w->ks = dim_min(d, dim_const(d, K_BLOCK), dim_sub(d, k, dim_mul(d, dim_const(d, K_BLOCK), w->block)));
}

static Dim from_lo(Work16 *w, const IrNode *x, Dim at)
{
    return x->lo ? dim_add(DIM(w), tile_dim(w->s.t, x->lo), at) : at;
}

bool tile_dot16(Tile *t, IrNode *map, Dest dest)
{
    Work16 w = { .s = { .t = t, .dest = &dest, .body = map->regions[0], .stored = map_new(t->cx->arena) } };
    Stream *s = &w.s;
    s->c = (Cascade){ .cx = t->cx, .map = map };
    if (!tile_find_dot16(t->cx, map, &w.dot) || !w.dot.packed)
        return false;
    make_grid(&w);
    write_zero(&w);
    IrBuilder outer = s->at;
    open_blocks(&w, tile_dim(t, w.dot.k->dim));
    write_left(&w);
    multiply(&w);
    s->at = outer;
    Part part = { .reduce = w.dot.reduce, .sums = w.sums, .row_lo = from_lo(&w, w.dot.nest.rows, w.row_lo), .first = dim_const(DIM(&w), 0),
                  .rows = w.rows, .lane_lo = from_lo(&w, w.dot.nest.lanes, w.lane_lo), .lanes = w.lanes };
    tile_rest(t, map, s->dest, s->kernel, &part);
    return true;
}
