/* tile_stream_rows.c - the rows of a tile: an index of the map, the heads of a group, or both.
 *
 *     place p of a tile, P heads in group g:    i = p // P,    h = g * P' + p % P       (P' heads in a whole group)
 *
 * Heads of one row lie side by side, so a tile of rows has as few different bounds as there are. Where the guard differs by head and rows are many, each tile
 * has rows of one head instead (P is 1): its bounds are that one's.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

bool stream_has_rows(Stream *s) { return s->c.row || s->c.head; }

void stream_find_apart(Stream *s)
{
    bool differs = s->c.row && s->c.head && s->c.guard && pass_depends_on(s->c.cx, s->c.guard, s->c.head);
    for (int i = 0; i < s->c.n && s->c.row && s->c.head; i++)
        differs = differs || (s->c.m[i].guard && pass_depends_on(s->c.cx, s->c.m[i].guard, s->c.head));
    s->apart = differs;
}

/* 1 where tiles have one head each, else 0. */
static Dim apart(Stream *s)
{
    DimCx *d = DIMS(s);
    return s->apart ? dim_min(d, dim_const(d, 1), dim_floordiv(d, tile_dim(s->t, s->c.row->dim), dim_const(d, s->rows))) : dim_const(d, 0);
}

/* Of the heads of a group those that a tile may have: x or 1. */
static Dim of_tile(Stream *s, Dim x)
{
    DimCx *d = DIMS(s);
    return dim_sub(d, x, dim_mul(d, apart(s), dim_sub(d, x, dim_const(d, 1))));
}

static Dim per_tile(Stream *s) { return s->c.head ? of_tile(s, tile_dim(s->t, s->c.per)) : NULL; }

static Dim rows_of(Stream *s, Dim per)
{
    DimCx *d = DIMS(s);
    Dim n = s->c.row ? tile_dim(s->t, s->c.row->dim) : dim_const(d, 1);
    return s->c.head ? dim_mul(d, n, per) : n;
}

/* Tiles of all heads of a group, or of one. */
static Dim tiles(Stream *s) { return tile_ceil_div(DIMS(s), rows_of(s, per_tile(s)), s->rows); }

/* In its group. */
static Dim first_head(Stream *s)
{
    DimCx *d = DIMS(s);
    return s->apart ? dim_floordiv(d, dim_sym(d, s->chunk->sym), dim_max(d, dim_const(d, 1), tiles(s))) : dim_const(d, 0);
}

/* Heads of the tile: all groups have as many, or the last one has less; of tiles for one head each some have none there. */
static Dim some_heads(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim per = tile_dim(s->t, s->c.per), all = tile_dim(s->t, s->c.head->dim), g = tile_dim(s->t, dim_sym(d, s->c.group->sym));
    if (dim_mul(d, tile_dim(s->t, s->c.group->dim), per) == all)
        return per_tile(s);
    Dim rest = dim_sub(d, all, dim_mul(d, g, per));
    return dim_min(d, per_tile(s), dim_sub(d, rest, first_head(s)));
}

/* What a place is divided by. */
static Dim heads(Stream *s) { return s->apart ? dim_max(DIMS(s), dim_const(DIMS(s), 1), some_heads(s)) : some_heads(s); }

Dim stream_tiles(Stream *s)
{
    DimCx *d = DIMS(s);
    if (!s->apart)
        return tiles(s);
    Dim more = dim_sub(d, tile_dim(s->t, s->c.per), dim_const(d, 1)); /* heads, where each has tiles of its own */
    return dim_mul(d, tiles(s), dim_add(d, dim_const(d, 1), dim_mul(d, apart(s), more)));
}

/* Of a tile that is full, a multiple of ROWS_AT_ONCE: as many tiles as there must be have like many, lest threads wait for one of them. */
static Dim tile_rows(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim most = rows_of(s, per_tile(s)), one = dim_const(d, 1), n = dim_max(d, one, tiles(s));
    Dim each = dim_floordiv(d, dim_sub(d, dim_add(d, most, n), one), n);
    return dim_mul(d, dim_const(d, ROWS_AT_ONCE), tile_ceil_div(d, each, ROWS_AT_ONCE));
}

Dim stream_rows(Stream *s) { return dim_min(DIMS(s), dim_const(DIMS(s), s->rows), rows_of(s, per_tile(s))); }

static Dim row_lo(Stream *s)
{
    DimCx *d = DIMS(s);
    if (!s->chunk)
        return dim_const(d, 0);
    Dim c = dim_sym(d, s->chunk->sym), n = dim_max(d, dim_const(d, 1), tiles(s));
    return dim_mul(d, tile_rows(s), s->apart ? dim_mod(d, c, n) : c);
}

Dim stream_row_extent(Stream *s)
{
    DimCx *d = DIMS(s);
    return dim_min(d, tile_rows(s), dim_sub(d, rows_of(s, s->c.head ? some_heads(s) : NULL), row_lo(s)));
}

static Dim head_lo(Stream *s)
{
    DimCx *d = DIMS(s);
    return dim_add(d, dim_mul(d, tile_dim(s->t, dim_sym(d, s->c.group->sym)), tile_dim(s->t, s->c.per)), first_head(s));
}

void stream_head_span(Stream *s, Dim *lo, Dim *n)
{
    *lo = s->c.row ? head_lo(s) : dim_add(DIMS(s), head_lo(s), row_lo(s));
    *n = s->c.row ? some_heads(s) : stream_row_extent(s);
}

/* ---- loops ---------------------------------------------------------------------------------------------------------- */

static void bind(Stream *s, IrNode *old, Dim value)
{
    symmap_put(&s->t->syms, old->sym, value);
    stream_bind(s, old, ir_dim_value(&stream_top(s)->b, value));
}

static void open_rows(Stream *s, IrLoop kind, int factor, Dim lo, Dim extent)
{
    DimCx *d = DIMS(s);
    IrNode *row = s->c.row, *head = s->c.head;
    stream_start(s);
    if (!row && !head) {
        s->li = ir_int(&stream_top(s)->b, 0);
        if (s->here_row)
            stream_bind(s, s->here_row, s->li);
        return;
    }
    IrNode *x = stream_open_loop(s, row ? row : head, row ? head : NULL, kind, factor, lo, extent);
    Dim p = dim_sym(d, x->sym), per = head ? heads(s) : NULL;
    IrBuilder *b = &stream_top(s)->b;
    s->li = ir_add2(b, OP_sub, ir_scalar(DT_i64), x, ir_dim_value(b, row_lo(s)));
    if (s->here_row)
        stream_bind(s, s->here_row, s->li);
    if (row && head) {
        bind(s, row, dim_floordiv(d, p, per));
    } else if (row) {
        stream_bind(s, row, x);
        symmap_put(&s->t->syms, row->sym, p);
    }
    if (head) {
        bind(s, head, dim_add(d, head_lo(s), row ? dim_mod(d, p, per) : p));
    }
}

static Dim extent(Stream *s) { return stream_has_rows(s) ? stream_row_extent(s) : dim_const(DIMS(s), 1); }

void stream_open_rows(Stream *s, int factor) { open_rows(s, LOOP_rows, factor, row_lo(s), extent(s)); }

/* Few rows, as where parts are combined, are no lanes: code for both a vector and its rest gains nothing there. */
void stream_open_lanes_rows(Stream *s) { open_rows(s, s->merging ? LOOP_rows : LOOP_lanes, 1, row_lo(s), extent(s)); }

static Dim whole_rows(Stream *s, int factor, int least)
{
    DimCx *d = DIMS(s);
    Dim f = dim_const(d, factor), whole = dim_mul(d, f, dim_floordiv(d, extent(s), f));
    return dim_mul(d, whole, dim_min(d, dim_const(d, 1), dim_floordiv(d, extent(s), dim_const(d, least))));
}

/* Of 16 registers six rows fill twelve with sums, where two of four rows leave some idle; but where rows of a step have bounds of their
 * own, all go as far as one of them. */
bool stream_few_registers(const Stream *s) { return s->t->cx->options->target.registers < 32; }

void stream_open_step_rows(Stream *s, bool bounds) { open_rows(s, LOOP_rows, stream_few_registers(s) && !bounds ? SIX_ROWS : ROWS_AT_ONCE, row_lo(s), extent(s)); }

/* Of 32 eight rows: their sums are as many as two multiply-adds a cycle take turns with. */
int stream_packed_rows(const Stream *s) { return stream_few_registers(s) ? ROWS_AT_ONCE : PACKED_ROWS; }

void stream_open_whole_rows(Stream *s, int least, int by)
{
    open_rows(s, LOOP_rows, by ? by : stream_few_registers(s) ? SIX_ROWS : PACKED_ROWS, row_lo(s), whole_rows(s, stream_packed_rows(s), least));
}

void stream_open_rest_rows(Stream *s, int factor, int least, int by)
{
    DimCx *d = DIMS(s);
    Dim whole = whole_rows(s, factor, least);
    open_rows(s, LOOP_rows, by, dim_add(d, row_lo(s), whole), dim_sub(d, extent(s), whole));
}

/* ---- bounds over a tile ------------------------------------------------------------------------------------------------ */

typedef struct Fit { Stream *s; bool ok; } Fit;

static void see_fit(void *user, DimSym *sym)
{
    Fit *f = user;
    IrNode *def = map_find(&f->s->t->cx->sym_nodes, sym);
    if (def && ir_inside(def, f->s->body) && !(def->op == OP_index && def->parent == f->s->body && def != f->s->c.head && def != f->s->mix))
        f->ok = false;
}

void stream_tile_span(Stream *s, Dim *lo, Dim *n)
{
    DimCx *d = DIMS(s);
    Dim one = dim_const(d, 1);
    *lo = row_lo(s);
    *n = stream_row_extent(s);
    if (s->c.head) {
        Dim last = dim_floordiv(d, dim_sub(d, dim_add(d, *lo, *n), one), heads(s));
        *lo = dim_floordiv(d, *lo, heads(s));
        *n = dim_add(d, dim_sub(d, last, *lo), one);
    }
}

IrNode *stream_tile_of_rows(Stream *s)
{
    Dim lo, n;
    if (!s->c.row)
        return NULL;
    stream_tile_span(s, &lo, &n);
    IrNode *row = ir_index_new(ir_region_new(s->t->fn, NULL), s->c.row->name, lo, n, s->c.row->span);
    symmap_put(&s->t->syms, s->c.row->sym, dim_sym(DIMS(s), row->sym));
    return row;
}

/* The widest bound over the rows of a tile, by its formula; NULL: the formula does not tell. */
Dim stream_over_tile(Stream *s, Dim bound, bool upper)
{
    Fit f = { s, true };
    IrNode *row = stream_tile_of_rows(s);
    if (bound)
        dim_syms(bound, see_fit, &f);
    return bound && f.ok ? tile_over_rows(s->t, tile_dim(s->t, bound), row, upper) : NULL;
}
