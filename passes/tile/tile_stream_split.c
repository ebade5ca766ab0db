/* tile_stream_split.c - few rows and many places: the blocks of a stream are shared among threads.
 *
 *     kernel [.., c, part: blocks] { state = untouched; block `part`;         left[part, row] = state }
 *     kernel [.., c] { state = untouched; for block { combine(state, left[block, row]) }; rows: out }
 *
 * A block that is combined with the untouched state is that block, bit for bit, and the second kernel combines blocks ascending as the
 * loop of one kernel does: the same computation. Whether there are parts is decided by sizes when the function is called: `few` is 1
 * where rows are few and places many, else 0. Then the first kernel has one part with all blocks and writes the results
 * itself, and the second one has no point.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

enum { ROWS_MOST = 64, PLACES_LEAST = 2048 }; /* more rows than that make enough points, mostly; they bound the memory */

static Dim blocks_of(Stream *s) { return tile_ceil_div(DIMS(s), tile_dim(s->t, s->c.j->dim), STREAM_BLOCK); }

static bool is_of_grid(const Stream *s, const IrNode *x)
{
    bool loose = false;
    for (int i = 0; i < s->nloose; i++)
        loose = loose || s->loose[i] == x;
    return !loose && x != s->c.row && x != s->c.column && x != s->c.head;
}

/* All groups of heads have as many; else the last one has less, and all count as whole ones: less than twice as many rows. */
static bool has_whole_groups(Stream *s)
{
    return !s->c.head || dim_mul(DIMS(s), tile_dim(s->t, s->c.group->dim), tile_dim(s->t, s->c.per)) == tile_dim(s->t, s->c.head->dim);
}

/* [block, row of all points], then perhaps the columns. many: 0 where rows are surely too many for parts, so that nothing is kept for them. */
static IrNode *left_buffer(Stream *s, IrDtype t, Dim column, Dim many)
{
    Dim dims[] = { dim_mul(DIMS(s), many, blocks_of(s)), dim_const(DIMS(s), has_whole_groups(s) ? ROWS_MOST : 2 * ROWS_MOST), column };
    IrType type = { t, column ? 3 : 2, arena_copy(s->t->cx->module->arena, dims, sizeof dims) };
    return tile_buffer(s->t, PLACE_arena, type, 0, s->c.map->span, NULL);
}

/* The arena's size is known at entry. */
static bool has_known_size(Stream *s)
{
    return pass_known_by_shapes(s->t->fn, dim_mul(DIMS(s), blocks_of(s), s->c.column ? tile_dim(s->t, s->c.column->dim) : dim_const(DIMS(s), 1)));
}

/* x <= y, told now if it can be; a node of the function's body. */
static void also(IrBuilder *b, IrNode **all, bool *never, Dim x, Dim y)
{
    int64_t k, n;
    if (dim_is_const(x, &k) && dim_is_const(y, &n)) {
        *never = *never || k > n;
        return;
    }
    IrNode *c = ir_add2(b, OP_le, ir_scalar(DT_bool), ir_dim_value(b, x), ir_dim_value(b, y));
    *all = *all ? ir_add2(b, OP_and, ir_scalar(DT_bool), *all, c) : c;
}

void stream_find_split(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim rows = dim_const(d, 1);
    IrBuilder *b = &s->t->b;
    IrNode *few = NULL;
    bool never = false;
    if (!has_known_size(s))
        return;
    for (int i = 0; i < s->body->params.n; i++) {
        IrNode *x = s->body->params.p[i];
        if (is_of_grid(s, x) || x == s->c.row || x == s->c.head)
            rows = x == s->c.group && s->c.head ? rows : dim_mul(d, rows, tile_dim(s->t, x->dim));
    }
    also(b, &few, &never, dim_const(d, PLACES_LEAST), tile_dim(s->t, s->c.j->dim));
    also(b, &few, &never, rows, dim_const(d, ROWS_MOST));
    if (never)
        return;
    s->few = few ? pass_dim_of(s->t->cx, ir_add3(b, OP_select, ir_scalar(DT_i64), few, ir_int(b, 1), ir_int(b, 0))) : dim_const(d, 1);
    Dim one = dim_const(d, 1), many = pass_known_by_shapes(s->t->fn, rows) ? dim_min(d, one, dim_floordiv(d, dim_const(d, ROWS_MOST), dim_max(d, one, rows))) : one;
    for (int i = 0; i < s->c.n; i++)
        s->left[i] = left_buffer(s, stream_type(&s->c.m[i]), s->c.m[i].column ? tile_dim(s->t, s->c.column->dim) : NULL, many);
    if (s->c.guard && !s->c.exact)
        s->left_any = left_buffer(s, DT_bool, NULL, many);
}

void stream_split_grid(Stream *s)
{
    DimCx *d = DIMS(s);
    if (!s->few)
        return;
    Dim one = dim_const(d, 1), more = dim_mul(d, s->few, dim_sub(d, blocks_of(s), one));
    s->split = ir_index_new(s->kernel, name_of(s->t->cx->module->names, "part"), NULL, dim_add(d, one, more), s->c.map->span);
}

/* Blocks of one part; all of them where there is one. */
void stream_split_range(Stream *s, Dim *lo, Dim *hi)
{
    DimCx *d = DIMS(s);
    if (!s->split)
        return;
    Dim at = dim_sym(d, s->split->sym), one = dim_const(d, 1);
    Dim rest = dim_mul(d, dim_sub(d, one, s->few), blocks_of(s));
    *lo = dim_max(d, *lo, at);
    *hi = dim_min(d, *hi, dim_add(d, dim_add(d, at, one), rest));
}

/* Subscripts of the open row of this point, and column d. */
static int left_at(Stream *s, IrNode *block, IrNode *column, IrNode **out)
{
    DimCx *d = DIMS(s);
    Dim point = dim_const(d, 0);
    for (int i = 0; i < s->body->params.n; i++) {
        IrNode *old = s->body->params.p[i];
        if (!is_of_grid(s, old))
            continue;
        Dim x = tile_dim(s->t, dim_sym(d, old->sym));
        x = old->lo ? dim_sub(d, x, tile_dim(s->t, old->lo)) : x;
        point = dim_add(d, dim_mul(d, point, tile_dim(s->t, old->dim)), x);
    }
    if (s->chunk)
        point = dim_add(d, dim_mul(d, point, stream_tiles(s)), dim_sym(d, s->chunk->sym));
    if (stream_has_rows(s))
        point = dim_mul(d, point, stream_rows(s));
    IrBuilder *b = &stream_top(s)->b;
    out[0] = block;
    out[1] = ir_add2(b, OP_add, ir_scalar(DT_i64), s->li, ir_dim_value(b, point));
    out[2] = column;
    return column ? 3 : 2;
}

static IrNode *column_of(Stream *s, bool column) { return column ? map_find(&s->t->nodes, s->c.column) : NULL; }

IrNode *stream_left(Stream *s, IrNode *buffer, bool column)
{
    IrNode *subs[3];
    int n = left_at(s, s->block, column_of(s, column), subs);
    return ir_load(&stream_top(s)->b, buffer, n, subs);
}

static void leave(Stream *s, IrNode *left, IrNode *state, bool column)
{
    IrNode *in[5] = { left, stream_at(s, state, column_of(s, column)) };
    int n = left_at(s, s->split, column_of(s, column), in + 2);
    ir_add(&stream_top(s)->b, OP_store, ir_scalar(DT_none), n + 2, in);
}

void stream_leave(Stream *s)
{
    Cascade *c = &s->c;
    for (int pass = 0; pass < (c->column ? 2 : 1); pass++) {
        if (pass) {
            stream_open_rows(s, 1);
            stream_open_columns(s, 1);
        } else {
            stream_open_rows(s, 1);
        }
        for (int i = 0; i < c->n; i++)
            if (c->m[i].column == (pass == 1))
                leave(s, s->left[i], s->state[i], pass == 1);
        if (!pass && s->left_any)
            leave(s, s->left_any, s->any, false);
        stream_close(s);
    }
}
