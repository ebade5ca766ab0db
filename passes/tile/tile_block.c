/* tile_block.c - a large contraction in blocks that fit the caches, operands copied into pieces that lie together.
 *
 *     kernel [.., cr: chunks of rows, cn: chunks of lanes] {
 *       for turn: stretches of k, a few blocks of 256 each {
 *         b[n // 16, k, n % 16] = right factor               a chunk of lanes, in panels of 16
 *         for group: R rows {
 *           a[r, k] = left factor                            only where it does not lie in rows already
 *           rows r, lanes n {
 *             sum = 0 or sums[r, n]
 *             for block of the stretch:  sum += sum [k] a[r, k] * b[n // 16, k, n % 16]
 *             last turn ? what follows the sum; store : sums[r, n] = sum
 *           } } } }
 *
 * A factor that depends on rows and not on lanes, or the other way round, may be anything: what stands before the product is computed
 * once for each element that is copied. Sums of blocks are added ascending, from +0, as ir/IR.md says, so the plain loops give the same
 * bits; they run where few rows would not pay for the copies, or where everything fits the caches anyway. A weight that lies in panels
 * already is read where it lies: its panels are streams. If its elements must be unpacked first, that is done once for all rows of a chunk. What follows the sum is done a group at a time where it is long.
 *
 * A convolution's row of an image may be shorter than a vector: there the lanes of a chunk are several rows, b[k, y * X + x], and what follows
 * the sum is done a row at a time. Rows that several places of the sum read are copied once (tile_block_slide.c).
 *
 * Sizes: the copy of b takes half of the second-level cache. It is read again by each group, a group's rows by each pair of panels; so the rows
 * of a chunk are many. Panels are a line longer than they need be, lest all of them fall on the same sets of the nearest cache.
 */
#include "passes/tile/tile_block_int.h"

/* ---- the kernel -------------------------------------------------------------------------------------------------------- */

static Dim whole(DimCx *d, Dim n, int64_t of) { return dim_mul(d, dim_const(d, of), tile_ceil_div(d, n, of)); }

static Dim ceil_div(DimCx *d, Dim n, Dim by) { return dim_floordiv(d, dim_add(d, n, dim_sub(d, by, dim_const(d, 1))), by); }

static IrNode *chunk_index(Block *b, Dim extent, Dim chunk)
{
    return ir_index_new(b->s.kernel, name_of(CX(b)->module->names, "c"), NULL, ceil_div(DIM(b), extent, chunk), b->s.c.map->span);
}

/* As many as leave POINTS points of the grid, but enough to pay for the copy of right, which all of them read; chunks of like size, in groups. */
static Dim rows_of_chunk(Block *b, Dim m, Dim chunks_of_lanes)
{
    DimCx *d = DIM(b);
    Dim most = dim_floordiv(d, dim_mul(d, m, chunks_of_lanes), dim_const(d, POINTS)), least = dim_const(d, b->outer ? LEAST_ROWS / 4 : LEAST_ROWS);
    most = dim_min(d, dim_const(d, MOST_ROWS), dim_max(d, least, most));
    return whole(d, ceil_div(d, m, dim_max(d, dim_const(d, 1), ceil_div(d, m, most))), b->R); /* m may be 0 */
}

/* Of a chunk from lo on the places of the index, which may end before. */
static Dim part_of(Block *b, const IrNode *x, Dim chunk, Dim lo)
{
    DimCx *d = DIM(b);
    Dim end = tile_dim(b->s.t, x->to ? x->to : x->dim), part = dim_min(d, chunk, dim_sub(d, end, lo));
    return x->to ? dim_max(d, dim_const(d, 0), part) : part;
}

/* As many places of the outer index as lanes of all of them are still not too many; returns how many points that makes. */
static Dim chunk_outer(Block *b, Dim lanes)
{
    DimCx *d = DIM(b);
    Dim all = tile_dim(b->s.t, b->outer->dim), one = dim_const(d, 1);
    Dim fit = b->slide.index ? slide_places(b, lanes) : dim_floordiv(d, dim_const(d, b->most), dim_max(d, one, lanes));
    b->outer_all = dim_max(d, one, dim_min(d, all, fit));
    IrNode *c = chunk_index(b, all, b->outer_all);
    b->outer_lo = dim_mul(d, b->outer_all, dim_sym(d, c->sym));
    b->outers = part_of(b, b->outer, b->outer_all, b->outer_lo);
    return ceil_div(d, all, b->outer_all);
}

static IrNode *scratch3(Block *b, Dim d0, int64_t d1, int64_t d2)
{
    DimCx *d = DIM(b);
    Dim dims[] = { d0, dim_const(d, d1), dim_const(d, d2) };
    IrNode *x = stream_scratch(&b->s, b->dtype, 0, NULL, NULL);
    dims[0] = dim_mul(d, d0, b->many);
    x->type = (IrType){ b->dtype, d2 ? 3 : 2, arena_copy(CX(b)->module->arena, dims, sizeof dims) };
    return x;
}

IrNode *block_scratch(Block *b, IrDtype t, Dim d0, Dim d1)
{
    IrNode *x = stream_scratch(&b->s, t, 0, NULL, NULL);
    Dim dims[] = { dim_mul(DIM(b), b->many, d0), d1 };
    x->type = (IrType){ t, d1 ? 2 : 1, arena_copy(CX(b)->module->arena, dims, sizeof dims) };
    return x;
}

static void make_view(Block *b)
{
    IrNode *of = tile_buffer_of(b->s.t, b->left->in[0]);
    DimCx *d = DIM(b);
    IrType t = { of->type.dtype, b->nrow + 1, NEWN(CX(b)->module->arena, Dim, b->nrow + 1) };
    Dim row = dim_const(d, 1);
    for (int i = 0; i < of->type.rank; i++)
        if (i < b->nrow)
            t.dims[i] = of->type.dims[i];
        else
            row = dim_mul(d, row, of->type.dims[i]);
    t.dims[b->nrow] = row;
    b->view = ir_add1(&b->s.t->b, OP_buffer, t, of);
    b->view->place = PLACE_view;
}

static void make_grid(Block *b)
{
    Tile *t = b->s.t;
    DimCx *d = DIM(b);
    IrRegion *body = b->s.body;
    IrNode *lanes = b->nest.lanes;
    Dim m = rows_all(b), n = tile_dim(t, lanes->dim);
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    b->s.kernel = ir_region_new(t->fn, kernel);
    for (int i = 0; i < body->params.n; i++) {
        IrNode *x = body->params.p[i];
        if (!rows_has(b, x) && x != lanes && x != b->outer)
            tile_map_index(t, x, ir_index_new(b->s.kernel, x->name, tile_dim(t, x->lo), tile_dim(t, x->dim), x->span));
    }
    b->chunk_lanes = b->slide.index ? slide_width(b, n) : dim_const(d, b->most);
    Dim chunks = ceil_div(d, n, b->chunk_lanes);
    if (b->outer)
        chunks = dim_mul(d, chunks, chunk_outer(b, b->slide.index ? b->chunk_lanes : n));
    b->chunk_rows = rows_of_chunk(b, m, chunks);
    IrNode *cr = chunk_index(b, m, b->chunk_rows), *cn = chunk_index(b, n, b->chunk_lanes);
    b->row_lo = dim_mul(d, b->chunk_rows, dim_sym(d, cr->sym));
    b->lane_lo = dim_mul(d, b->chunk_lanes, dim_sym(d, cn->sym));
    b->rows = dim_min(d, b->chunk_rows, dim_sub(d, m, b->row_lo));
    b->lanes = part_of(b, lanes, b->chunk_lanes, b->lane_lo);
    b->pitch = b->slide.index ? b->chunk_lanes : b->lanes;
    b->s.at = (IrBuilder){ t->fn, b->s.kernel, NULL, b->s.c.map->span };
    b->again = b->slide.panels ? dim_const(d, 1) : dim_min(d, dim_const(d, 1), dim_floordiv(d, tile_dim(t, b->k->dim), dim_const(d, b->stretch + 1)));
    Dim all = dim_min(d, b->chunk_rows, whole(d, m, b->R));
    b->sums_rows = dim_max(d, dim_const(d, b->R), dim_mul(d, b->again, all));
    rows_scratch(b);
    if (b->inside)
        places_scratch(b);
    if (!b->direct)
        b->a = b->along_rows ? scratch3(b, dim_const(d, b->stretch), PANEL, 0) : scratch3(b, dim_const(d, b->R), b->stretch, 0);
    if (b->slide.index) {
        slide_scratch(b);
        return;
    }
    b->sums = block_scratch(b, b->dtype, b->sums_rows, dim_const(d, b->most));
    if (b->outer) { /* a row of lanes for each place, a line longer than needed */
        b->b = scratch3(b, dim_const(d, b->stretch), b->most + PANEL, 0);
        return;
    }
    b->b = scratch3(b, dim_min(d, dim_const(d, b->most / PANEL), dim_mul(d, dim_const(d, 2), tile_ceil_div(d, n, 2 * PANEL))), b->stretch + 1, PANEL);
}

/* sum [k] left[r, k] * right[k, n] over a block, its places from `lo` of the stretch on, in the open loops. */
static IrNode *block_sum(Block *b, IrNode *r, IrNode *n, Dim lo)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    Level *top = stream_top(s);
    Dim first, end;
    block_span(b, &first, &end);
    Dim to = b->inside ? places_count(b, &top->b, lo) : dim_min(d, dim_const(d, K_BLOCK), dim_sub(d, end, lo));
    IrNode *sum = ir_add0(&top->b, OP_reduce, ir_scalar(b->dtype)), *subs[3], *x;
    IrRegion *in = ir_region_new(s->t->fn, sum);
    IrNode *k = ir_index_new(in, b->k->name, NULL, dim_const(d, K_BLOCK), b->k->span);
    int mark = s->made.n;
    sum->redop = RED_sum;
    sum->order = b->reduce->order;
    k->to = to;
    top->b.before = sum;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { b->k, NULL }, mark };
    IrBuilder *at = &stream_top(s)->b;
    IrNode *place = b->inside ? places_at(b, at, k, lo) : ir_add2(at, OP_add, ir_scalar(DT_i64), k, ir_dim_value(at, lo));
    if (b->direct || b->pairs) /* there, something else may need it */
        block_bind_at(b, b->k, b->inside ? block_k_lo(b) : dim_add(d, block_k_lo(b), lo), b->inside ? place : k);
    x = b->direct ? block_element(b, b->left) : block_left(b, at, r, place);
    IrNode *y;
    if (b->slide.index) {
        y = slide_load(b, at, n, k, lo);
    } else {
        block_subs(b, at, n, place, subs);
        y = ir_load(at, b->b, b->outer ? 2 : 3, subs);
    }
    IrNode *product = b->pairs ? block_pair(b, x, y) : ir_add2(at, OP_mul, ir_scalar(b->dtype), x, y);
    ir_yield(at, 1, &product);
    s->nlevels--;
    stream_undo(s, mark);
    stream_top(s)->b.before = NULL;
    return sum;
}

static IrNode *turn_is(Block *b, IrBuilder *at, Dim which)
{
    return ir_add2(at, OP_eq, ir_scalar(DT_bool), ir_dim_value(at, b->turn), ir_dim_value(at, which));
}

/* Of the stretches before this one: nothing lies in memory for the first. */
static IrNode *sums_before(Block *b, IrNode *const *subs)
{
    Level *top = stream_top(&b->s);
    IrNode *choice = ir_add1(&top->b, OP_if, ir_scalar(b->dtype), turn_is(b, &top->b, dim_const(DIM(b), 0)));
    for (int side = 0; side < 2; side++) {
        IrBuilder at = { b->s.t->fn, ir_region_new(b->s.t->fn, choice), NULL, b->s.c.map->span };
        IrNode *x = side ? ir_load(&at, b->sums, 2, subs) : ir_const_float(&at, b->dtype, 0);
        ir_yield(&at, 1, &x);
    }
    return choice;
}

/* before + block + block .. of the stretch */
static IrNode *stretch_sum(Block *b, IrNode *r, IrNode *n, IrNode *before)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrBuilder *at = &stream_top(s)->b;
    Dim first, end;
    block_span(b, &first, &end);
    IrNode *in[] = { ir_dim_value(at, dim_floordiv(d, first, dim_const(d, K_BLOCK))), ir_dim_value(at, tile_ceil_div(d, end, K_BLOCK)), before };
    IrNode *loop = ir_add(at, OP_for, ir_scalar(b->dtype), 3, in);
    IrRegion *body = ir_region_new(s->t->fn, loop);
    IrNode *block = ir_index_new(body, name_of(CX(b)->module->names, "block"), NULL, dim_const(d, b->stretch / K_BLOCK), s->c.map->span);
    IrNode *sum = ir_arg_new(body, NULL, ir_scalar(b->dtype));
    at->before = loop;
    s->level[s->nlevels++] = (Level){ { s->t->fn, body, NULL, s->c.map->span }, { NULL, NULL }, s->made.n };
    Dim lo = dim_mul(d, dim_const(d, K_BLOCK), dim_sym(d, block->sym));
    int mark = s->made.n;
    if (b->direct)
        block_bind_row(b, r, false);
    IrNode *one = block_sum(b, r, n, lo);
    at = &stream_top(s)->b;
    IrNode *next = ir_add2(at, OP_add, ir_scalar(b->dtype), sum, one);
    ir_yield(at, 1, &next);
    stream_undo(s, mark);
    s->nlevels--;
    stream_top(s)->b.before = NULL;
    return loop;
}

static Dim sums_row(Block *b)
{
    return dim_mul(DIM(b), b->again, dim_mul(DIM(b), dim_const(DIM(b), b->R), b->group));
}

/* A branch in the open loops: what is written until the branch is closed depends on the lanes, or stands outside of it. */
static void open_side(Block *b, IrNode *choice)
{
    Stream *s = &b->s;
    stream_top(s)->b.before = choice;
    IrRegion *r = ir_region_new(s->t->fn, choice);
    s->level[s->nlevels++] = (Level){ { s->t->fn, r, NULL, s->c.map->span }, { b->nest.lanes, NULL }, s->made.n };
}

static void close_side(Block *b)
{
    Stream *s = &b->s;
    ir_yield(&stream_top(s)->b, 0, NULL);
    stream_undo(s, stream_top(s)->mark);
    s->nlevels--;
    stream_top(s)->b.before = NULL;
}

static void store_tile(Block *b, IrNode *r, IrNode *n, IrNode *sum)
{
    Stream *s = &b->s;
    IrNode *y = ir_terminator(s->body)->in[0];
    block_bind_row(b, r, false);
    block_bind_at(b, b->nest.lanes, b->lane_lo, n);
    IrDtype want = b->reduce->type.dtype;
    stream_bind(s, b->reduce, want == b->dtype ? sum : ir_add1(&stream_top(s)->b, OP_cast, ir_scalar(want), sum));
    IrNode *value = stream_emit(s, y);
    tile_store_element(s->t, s->c.map, s->dest, &stream_top(s)->b, value);
}

/* After the last stretch what follows the sums, which never leave the registers; lanes beyond the end have no place. */
static void finish_tile(Block *b, IrNode *r, IrNode *n, IrNode *sum, IrNode *const *subs)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrBuilder *at = &stream_top(s)->b;
    Dim end = dim_sub(d, tile_ceil_div(d, tile_dim(s->t, b->k->dim), b->stretch), dim_const(d, 1));
    IrNode *last = ir_add1(at, OP_if, ir_scalar(DT_none), turn_is(b, at, end));
    open_side(b, last);
    at = &stream_top(s)->b;
    IrNode *step = ir_int(at, 2 * PANEL);
    IrNode *inside = ir_add2(at, OP_lt, ir_scalar(DT_bool), ir_add2(at, OP_floordiv, ir_scalar(DT_i64), n, step), ir_dim_value(at, dim_floordiv(d, b->lanes, dim_const(d, 2 * PANEL))));
    IrNode *whole = ir_add1(at, OP_if, ir_scalar(DT_none), inside);
    open_side(b, whole);
    store_tile(b, r, n, sum);
    close_side(b);
    open_side(b, whole);
    at = &stream_top(s)->b;
    IrNode *some = ir_add1(at, OP_if, ir_scalar(DT_none), ir_add2(at, OP_lt, ir_scalar(DT_bool), n, ir_dim_value(at, b->lanes)));
    open_side(b, some);
    store_tile(b, r, n, sum);
    close_side(b);
    open_side(b, some);
    close_side(b);
    close_side(b);
    close_side(b);
    open_side(b, last);
    block_put(b, b->sums, sum, 2, subs);
    close_side(b);
}

static void add_stretch(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrNode *r = stream_open_loop(s, b->nest.rows, NULL, LOOP_rows, b->R, NULL, dim_const(d, b->R));
    IrNode *n = stream_open_loop(s, b->nest.lanes, NULL, LOOP_lanes, b->pairs ? 1 : 2, NULL, b->slide.panels ? slide_panel_lanes(b) : whole(d, block_lanes(b), PANEL));
    IrBuilder *at = &stream_top(s)->b;
    IrNode *row = ir_add2(at, OP_add, ir_scalar(DT_i64), r, ir_dim_value(at, sums_row(b)));
    IrNode *subs[] = { row, b->slide.panels ? ir_add2(at, OP_add, ir_scalar(DT_i64), n, ir_dim_value(at, b->slide.panel_lo)) : n };
    IrNode *sum = stretch_sum(b, r, n, sums_before(b, subs));
    if (b->simple)
        finish_tile(b, r, n, sum, subs);
    else
        block_put(b, b->sums, sum, 2, subs);
    stream_close(s);
}

/* A serial loop around the nests that follow; returns its index as a Dim. */
static Dim open_around(Block *b, const char *name, Dim extent, IrBuilder *outer)
{
    Stream *s = &b->s;
    IrNode *f = ir_add0(&s->at, OP_tfor, ir_scalar(DT_none));
    IrRegion *r = ir_region_new(s->t->fn, f);
    IrNode *x = ir_index_new(r, name_of(CX(b)->module->names, name), NULL, extent, s->c.map->span);
    *outer = s->at;
    s->at = (IrBuilder){ s->t->fn, r, NULL, s->c.map->span };
    return dim_sym(DIM(b), x->sym);
}

/* Panel after panel of the lanes, for all rows: it stays in the nearest cache. */
static void add_panels(Block *b)
{
    DimCx *d = DIM(b);
    IrBuilder outer, inner;
    b->slide.panel_lo = dim_mul(d, dim_const(d, PANEL), open_around(b, "panel", tile_ceil_div(d, block_lanes(b), PANEL), &outer));
    slide_copy_panel(b);
    b->group = open_around(b, "group", tile_ceil_div(d, b->rows, b->R), &inner);
    add_stretch(b);
    b->s.at = outer;
}

/* After the last block of k: what follows the sums of a group, which were just written. */
static void write_rest(Block *b, Dim last)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrNode *rows = b->nest.rows, *lanes = b->nest.lanes, *choice;
    Dim zero = dim_const(d, 0), first = dim_mul(d, dim_const(d, b->R), b->group), skip = dim_sub(d, first, sums_row(b));
    Dim row = dim_add(d, rows->lo ? tile_dim(s->t, rows->lo) : zero, b->row_lo), lane = dim_add(d, lanes->lo ? tile_dim(s->t, lanes->lo) : zero, b->lane_lo);
    Part part = { b->reduce, b->sums, dim_add(d, row, skip), sums_row(b), dim_min(d, dim_const(d, b->R), dim_sub(d, b->rows, first)), lane, b->lanes, NULL, b->pairs ? &b->nest : NULL };
    IrBuilder outer = block_open_if(b, OP_eq, b->turn, last, &choice), image;
    if (b->outer) {
        IrNode *f = ir_add0(&s->at, OP_tfor, ir_scalar(DT_none));
        IrRegion *r = ir_region_new(s->t->fn, f);
        IrNode *y = ir_index_new(r, b->outer->name, b->outer_lo, b->outers, s->c.map->span);
        tile_map_index(s->t, b->outer, y);
        part.skip = dim_mul(d, b->pitch, dim_sub(d, dim_sym(d, y->sym), b->outer_lo));
        image = s->at;
        s->at = (IrBuilder){ s->t->fn, r, NULL, s->c.map->span };
        tile_rest(s->t, s->c.map, s->dest, r, &part);
        s->at = image;
    } else {
        tile_rest(s->t, s->c.map, s->dest, s->at.region, &part);
    }
    stream_close_branch(s, outer);
    stream_close_branch(s, stream_open_branch(s, choice)); /* nothing before */
}

static void write_block_kernel(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrBuilder outer, turns;
    if (b->flat != b->reduce && b->nrow >= 0)
        make_view(b);
    make_grid(b);
    rows_write_places(b);
    Dim k = tile_dim(s->t, b->k->dim);
    b->turn = open_around(b, "turn", tile_ceil_div(d, k, b->stretch), &outer);
    b->ks = dim_min(d, dim_const(d, b->stretch), dim_sub(d, k, block_k_lo(b)));
    if (b->inside)
        places_write(b);
    block_copy_right(b);
    if (b->slide.panels) {
        add_panels(b);
        b->group = open_around(b, "group", tile_ceil_div(d, b->rows, b->R), &turns);
    } else {
        b->group = open_around(b, "group", tile_ceil_div(d, b->rows, b->R), &turns);
        if (!b->direct)
            block_copy_left(b);
        add_stretch(b);
    }
    if (b->flat != b->reduce)
        ir_drop(b->flat); /* the rest copies the body, in which it was for the sums alone */
    if (!b->simple)
        write_rest(b, dim_sub(d, tile_ceil_div(d, k, b->stretch), dim_const(d, 1)));
    s->at = outer;
}

/* What the rest of a group has copied stands where only it may read that. */
static void forget(void *user, IrNode *n)
{
    Tile *t = user;
    map_put(&t->nodes, n, NULL);
}

static bool write_choice(Tile *t, IrNode *map, Dest dest, bool long_runs)
{
    Block b = { .s = { .t = t, .dest = &dest, .body = map->regions[0], .stored = map_new(t->cx->arena) }, .nest = tile_nest(t->cx, map), .long_runs = long_runs };
    b.s.c = (Cascade){ .cx = t->cx, .map = map };
    if (!block_find(&b, t, map))
        return false;
    IrBuilder outer = t->b;
    int64_t known;
    b.many = block_pays(&b);
    if (dim_is_const(b.many, &known) && known == 0) {
        if (b.flat != b.reduce)
            ir_drop(b.flat);
        return false;
    }
    IrNode *many = ir_add2(&t->b, OP_lt, ir_scalar(DT_bool), ir_int(&t->b, 0), ir_dim_value(&t->b, b.many));
    IrNode *choice = ir_add1(&t->b, OP_if, ir_scalar(DT_none), b.ragged ? ragged_asks(&b, many) : many);
    for (int side = 0; side < 2; side++) {
        t->b = (IrBuilder){ t->fn, ir_region_new(t->fn, choice), NULL, map->span };
        if (side == 0) {
            write_block_kernel(&b);
            ir_walk(map->regions[0], forget, t);
        } else if (!b.runs || b.ready || !rows_may_be_short(&b) || !write_choice(t, map, dest, false)) {
            tile_kernel(t, map, dest);
        }
        ir_yield(&t->b, 0, NULL);
    }
    t->b = outer;
    return true;
}

bool tile_block(Tile *t, IrNode *map, Dest dest) { return write_choice(t, map, dest, true); }
