/* tile_stream.c - one loop for a cascade of reductions (rule 2 of PASSES.md).
 *
 *     kernel [.., c: tiles of rows] {
 *       state = untouched
 *       for block in [lo, hi) {
 *         rows, lanes j:   s[i, j] = score                    values that several members read lie in scratch, one block long
 *         rows:            m'[i] = max [j] s[i, j]            partial results of the block, each in the order of its reduction
 *           lanes j:       e[i, j] = exp(s[i, j] - m'[i])
 *                          l'[i] = sum [j] e[i, j]
 *         lanes i:         m, l = combine(m, l, m', l')       row by row
 *         rows, lanes d:   o[i, d] = o[i, d] * keep[i] + (sum [j] e[i, j] * v[j, d]) * gain[i]
 *       }
 *       rows, lanes d:     out = o / l }
 *
 * A guard that says no more than bounds of j is no part of the loops but of their ends, row by row: blocks inside it have no mask.
 * Each block is computed from the untouched state and combined ascending, so neither tiles of rows nor the range of blocks show in
 * the result: combining with a block without an allowed place changes no bit (adding a zero keeps the other operand).
 */
#include <string.h>

#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

/* What each row has of the block, with all that waits for earlier members. */
static void block_parts(Stream *s)
{
    Cascade *c = &s->c;
    for (int i = 0; i < c->n; i++)
        s->filled[i] = false;
    if (s->any)
        stream_write_any(s);
    for (int i = 0; i < c->n; i++) {
        if (!c->m[i].column)
            stream_write_part(s, i);
        stream_fill_stage(s, i + 1);
    }
    stream_close_row(s);
}

static void block_columns(Stream *s)
{
    Cascade *c = &s->c;
    if (!c->column)
        return;
    IrBuilder outer = stream_open_bands(s);
    for (int i = 0; i < c->n; i++)
        if (c->m[i].column)
            stream_combine_column(s, i);
    s->band = NULL;
    stream_close_branch(s, outer);
}

/* Once for rows that have all places from their first to their last one, once for those that ask the guard. */
static void both_ways(Stream *s, IrNode *whole, void (*part)(Stream *))
{
    if (!whole) {
        part(s);
        return;
    }
    stream_close_row(s);
    IrNode *choice = ir_add1(&s->at, OP_if, ir_scalar(DT_none), whole);
    for (int k = 0; k < 2; k++) {
        IrBuilder outer = stream_open_branch(s, choice);
        s->masks = k == 0;
        part(s);
        stream_close_branch(s, outer);
    }
    s->masks = false;
}

static void block(Stream *s)
{
    Cascade *c = &s->c;
    if (stream_keeps_guard(s))
        stream_fill_stage(s, GUARD_STAGE);
    stream_close_row(s);
    IrNode *some = stream_mask_rows(s), *whole = some ? stream_mask_whole(s) : NULL, *choice = some ? ir_add1(&s->at, OP_if, ir_scalar(DT_none), some) : NULL;
    IrBuilder outer = some ? stream_open_branch(s, choice) : s->at;
    s->bounded = some;
    stream_fill_stage(s, 0);
    both_ways(s, whole, block_parts);
    stream_combine(s);
    both_ways(s, c->column ? stream_clear(s, whole) : whole, block_columns);
    s->bounded = false;
    if (some) {
        stream_close_branch(s, outer);
        stream_close_branch(s, stream_open_branch(s, choice)); /* a block that no row needs changes no bit */
    }
}

/* ---- the end ------------------------------------------------------------------------------------------------------------ */

static void finish(Stream *s)
{
    Cascade *c = &s->c;
    IrNode *values[MEMBERS_MOST] = { 0 };
    stream_open_rows(s, 1);
    IrNode *met = s->any ? stream_at(s, s->any, NULL) : stream_row_allows(s);
    for (int pass = 0; pass < 2; pass++) {
        if (pass)
            stream_store_also(s, false);
        if (pass && c->column)
            stream_open_columns(s, s->merging ? 1 : 2);
        for (int i = 0; i < c->n; i++) {
            if (c->m[i].column != (pass == 1))
                continue;
            values[i] = stream_final_value(s, i, values, met);
            stream_bind_member(s, &c->m[i], values[i]);
        }
        stream_ask(s, met, pass == 1);
    }
    stream_store_also(s, true);
    for (int i = 0; i < s->nloose; i++) {
        IrNode *x = s->loose[i];
        bool lanes = !c->column && x == vec_last(&s->body->params);
        stream_open(s, x, lanes ? LOOP_lanes : LOOP_seq, lanes, tile_dim(s->t, x->lo), tile_dim(s->t, x->dim));
    }
    IrNode *v = stream_emit(s, ir_terminator(s->body)->in[0]);
    if (!s->t->failed)
        tile_store_element(s->t, c->map, s->dest, &stream_top(s)->b, v);
    stream_close(s);
}

static void begin(Stream *s)
{
    Cascade *c = &s->c;
    stream_open_lanes_rows(s);
    IrBuilder *b = &stream_top(s)->b;
    for (int i = 0; i < c->n; i++)
        if (!c->m[i].column)
            stream_put(s, s->state[i], NULL, stream_identity(b, &c->m[i]));
    stream_begin_runs(s);
    if (s->any) {
        IrNode *no = ir_add0(b, OP_const, ir_scalar(DT_bool));
        stream_put(s, s->any, NULL, no);
    }
    stream_close(s);
    if (!c->column)
        return;
    stream_open_rows(s, 1);
    stream_open_columns(s, 1);
    IrNode *d = map_find(&s->t->nodes, c->column);
    for (int i = 0; i < c->n; i++)
        if (c->m[i].column)
            stream_put(s, s->state[i], d, stream_identity(&stream_top(s)->b, &c->m[i]));
    stream_close(s);
}

static void make_scratch(Stream *s)
{
    Cascade *c = &s->c;
    Dim rows = stream_rows(s), columns = c->column ? tile_dim(s->t, c->column->dim) : NULL;
    for (int i = 0; i < c->n; i++) {
        const Member *m = &c->m[i];
        IrDtype t = stream_type(m);
        s->state[i] = stream_scratch_along(s, t, s->mix, rows, m->column ? columns : NULL);
        s->part[i] = m->column || s->merging ? NULL : stream_scratch(s, t, 1, rows, NULL);
        s->safe[i] = !cascade_is_extreme(m) || s->merging ? NULL : stream_scratch(s, t, 1, rows, NULL);
        if (m->column && m->nexps) {
            s->keep[i] = stream_scratch(s, t, 1, rows, NULL);
            s->gain[i] = stream_scratch(s, t, 1, rows, NULL);
        }
    }
    s->any = c->guard && !c->exact ? stream_scratch_along(s, DT_bool, s->mix, rows, NULL) : NULL;
    if (!s->merging) {
        stream_place_spreads(s);
        stream_find_held(s);
        stream_find_skewed(s);
        stream_find_shared(s);
        stream_find_stored(s);
        stream_place_runs(s);
    }
    stream_mask_scratch(s);
}

static bool is_certain(Dim few)
{
    int64_t n;
    return dim_is_const(few, &n) && n == 1;
}

static void find_loose(Stream *s)
{
    for (int i = 0; i < s->body->params.n && s->nloose < LOOSE_MOST; i++)
        if (cascade_is_loose(&s->c, s->body->params.p[i]))
            s->loose[s->nloose++] = s->body->params.p[i];
}

static void make_grid(Stream *s)
{
    Tile *t = s->t;
    Cascade *c = &s->c;
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    s->kernel = ir_region_new(t->fn, kernel);
    kernel->name = c->map->name;
    kernel->span = c->map->span;
    for (int i = 0; i < s->body->params.n; i++) {
        IrNode *x = s->body->params.p[i];
        bool loose = false;
        for (int k = 0; k < s->nloose; k++)
            loose = loose || s->loose[k] == x;
        if (!loose && x != s->mix && x != c->row && x != c->column && x != c->head)
            tile_map_index(t, x, ir_index_new(s->kernel, x->name, tile_dim(t, x->lo), tile_dim(t, x->dim), x->span));
    }
    if (stream_has_rows(s))
        s->chunk = ir_index_new(s->kernel, name_of(t->cx->module->names, "c"), NULL, stream_tiles(s), c->map->span);
    stream_need_results(s);
    if (s->merging && !is_certain(s->few))
        ir_index_new(s->kernel, name_of(t->cx->module->names, "few"), NULL, s->few, c->map->span);
    else if (!s->merging)
        stream_split_grid(s);
    s->at = (IrBuilder){ t->fn, s->kernel, NULL, c->map->span };
}

static void fill_and_do(Stream *s)
{
    stream_fill_shared(s);
    stream_fill_skewed(s);
    stream_fill_spreads(s);
    stream_each_mix(s, block);
}

/* The block that a turn takes, where blocks descend. */
static IrNode *from_the_last(Stream *s, Dim lo, Dim hi)
{
    DimCx *d = DIMS(s);
    Dim last = dim_sub(d, dim_add(d, lo, hi), dim_const(d, 1));
    IrNode *n = ir_add2(&s->at, OP_sub, ir_scalar(DT_i64), ir_dim_value(&s->at, last), s->block);
    n->sym = dim_sym_new(d, name_of(s->t->cx->module->names, "down"), s->c.map->span);
    map_put(&s->t->cx->sym_nodes, n->sym, n);
    return n;
}

static void loop(Stream *s)
{
    Tile *t = s->t;
    Dim lo, hi;
    IrBuilder outer = s->at;
    stream_block_range(s, &lo, &hi);
    stream_split_range(s, &lo, &hi);
    IrNode *f = ir_add2(&s->at, OP_for, ir_scalar(DT_none), ir_dim_value(&s->at, lo), ir_dim_value(&s->at, hi));
    IrRegion *r = ir_region_new(t->fn, f);
    s->block = ir_index_new(r, name_of(t->cx->module->names, "block"), NULL, tile_ceil_div(DIMS(s), tile_dim(t, s->c.j->dim), STREAM_BLOCK), s->c.map->span);
    s->at = (IrBuilder){ t->fn, r, NULL, s->c.map->span };
    if (stream_runs_down(s))
        s->block = from_the_last(s, lo, hi);
    if (!s->merging)
        stream_fill_places(s);
    IrNode *near = stream_near_places(s), *any = near ? near : stream_busy(s), *choice = any ? ir_add1(&s->at, OP_if, ir_scalar(DT_none), any) : NULL;
    IrBuilder around = choice ? stream_open_branch(s, choice) : s->at;
    if (s->merging)
        stream_combine_left(s);
    else
        stream_each_side(s, fill_and_do);
    if (choice) {
        stream_close_branch(s, around);
        stream_close_branch(s, stream_open_branch(s, choice)); /* a block that no row needs changes no bit */
    }
    ir_yield(&s->at, 0, NULL);
    s->at = outer;
}

/* The second kernel: its costs are those of the first one. */
static void merge_parts(Stream *s)
{
    DimCx *d = DIMS(s);
    Stream m = { .t = s->t, .c = s->c, .dest = s->dest, .body = s->body, .stored = s->stored, .placed = s->placed, .along = map_new(s->t->cx->arena), .here = s->here, .here_row = s->here_row, .home = s->home, .few = s->few, .rows = s->rows, .asked = s->asked, .sure = s->sure, .merging = true, .apart = s->apart, .also = s->also, .nalso = s->nalso };
    memcpy(m.loose, s->loose, sizeof m.loose);
    memcpy(m.left, s->left, sizeof m.left);
    m.nloose = s->nloose;
    m.left_any = s->left_any;
    make_grid(&m);
    m.kernel->owner->flops = m.kernel->owner->bytes = dim_const(d, 0);
    make_scratch(&m);
    begin(&m);
    stream_find_ends(&m);
    loop(&m);
    finish(&m);
}

/* The kernel of parts writes the results itself where there is one part. */
static void end_part(Stream *s)
{
    IrBuilder *b = &s->at;
    if (is_certain(s->few)) {
        stream_each_mix(s, stream_leave);
        return;
    }
    IrNode *parts = ir_add2(b, OP_lt, ir_scalar(DT_bool), ir_int(b, 0), ir_dim_value(b, s->few)), *choice = ir_add1(b, OP_if, ir_scalar(DT_none), parts);
    IrBuilder outer = stream_open_branch(s, choice);
    stream_each_mix(s, stream_leave);
    stream_close_branch(s, outer);
    outer = stream_open_branch(s, choice);
    stream_each_mix(s, finish);
    stream_close_branch(s, outer);
}

bool stream_find(Tile *t, IrNode *map, Stream *s)
{
    *s = (Stream){ .t = t, .body = map->regions[0], .stored = map_new(t->cx->arena), .placed = map_new(t->cx->arena), .along = map_new(t->cx->arena), .rows = ROW_TILE };
    bool any = false;
    for (IrNode *n = s->body->first; n; n = n->next)
        any = any || (n->op == OP_reduce && n->stream);
    return any && cascade_find(t->cx, map, NULL, &s->c);
}

void stream_write(Stream *s)
{
    IrBuilder host = { s->t->fn, s->c.host->regions[0], s->c.host->regions[0]->first, s->c.map->span };
    s->here = ir_add2(&host, OP_add, ir_scalar(DT_i64), s->c.j, ir_int(&host, 0));
    stream_find_asked(s);
    stream_find_spreads(s);
    find_loose(s);
    stream_find_apart(s);
    stream_find_runs(s);
    if (!s->nruns)
        stream_find_split(s);
    make_grid(s);
    make_scratch(s);
    stream_each_mix(s, begin);
    stream_find_ends(s);
    stream_find_limits(s);
    stream_fill_held(s);
    loop(s);
    if (s->few) {
        end_part(s);
        merge_parts(s);
    } else {
        stream_each_mix(s, finish);
    }
}

bool tile_stream(Tile *t, IrNode *map, Dest dest)
{
    Stream s;
    if (!stream_find(t, map, &s))
        return false;
    s.dest = &dest;
    stream_write(&s);
    return true;
}
