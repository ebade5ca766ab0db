/* tile_stream_mask.c - what a guard that is more than bounds leaves of a block, row by row.
 *
 *     rows:   from[i], to[i] = first, last + 1 [places] with guard(i, j)          256 and 0: none
 *             whole[i] = to[i] - from[i] places hold the guard, or none does
 *     if any row has a place { if all rows are whole { the block, without a mask } else { the block, which asks the guard } }
 *
 * In both the loops of a row run over [from, to). Documents, padding, sums of windows are whole nearly everywhere; a block that no row
 * needs changes no bit. The guard is asked once for each row and place, where no place is left out from outside. Where it reads the
 * scores themselves (s >= least) there are no such bounds.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

static IrNode *op2(IrBuilder *b, IrOp op, IrDtype t, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(t), x, y); }

/* A guard that reads what is computed for the block, such as a score, is not known before that. */
void stream_mask_scratch(Stream *s)
{
    if (!s->c.guard || s->c.exact || s->merging || stream_guard_waits(s))
        return;
    s->row_from = stream_scratch(s, DT_i64, 1, stream_rows(s), NULL);
    s->row_to = stream_scratch(s, DT_i64, 1, stream_rows(s), NULL);
    s->whole = stream_scratch(s, DT_bool, 1, stream_rows(s), NULL);
}

/* min [place], max [place + 1] or count where the guard holds, or whether it holds everywhere, in the row that is open; 32 bits, of which a vector has more */
static IrNode *over_places(Stream *s, RedOp op)
{
    Reduction r;
    stream_open_reduction(s, &r, s->c.axis, op, ORDER_lanes16, op == RED_all ? DT_bool : op == RED_count ? DT_i64 : DT_i32);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *yields[] = { s->place, NULL };
    if (op == RED_max)
        yields[0] = op2(b, OP_add, DT_i64, s->place, ir_int(b, 1));
    if (op == RED_count) {
        yields[0] = ir_add0(b, OP_const, ir_scalar(DT_bool));
        yields[0]->imm = 1;
    }
    yields[op != RED_all] = stream_emit(s, s->c.guard);
    if (op == RED_min || op == RED_max)
        yields[0] = stream_as(&stream_top(s)->b, yields[0], DT_i32);
    ir_yield(&stream_top(s)->b, op == RED_all ? 1 : 2, yields);
    IrNode *x = stream_close_reduction(s, &r);
    return op == RED_all || op == RED_count ? x : stream_as(&stream_top(s)->b, x, DT_i64);
}

/* Of all rows of the tile: all [row] { whole }, or any [row] { from < to }. */
static IrNode *over_tile(Stream *s, bool whole)
{
    IrNode *r = ir_add0(&s->at, OP_reduce, ir_scalar(DT_bool));
    IrRegion *in = ir_region_new(s->t->fn, r);
    IrNode *p = ir_index_new(in, name_of(s->t->cx->module->names, "row"), NULL, stream_row_extent(s), s->c.map->span);
    IrBuilder b = { s->t->fn, in, NULL, s->c.map->span };
    r->redop = whole ? RED_all : RED_any;
    r->order = ORDER_lanes16;
    IrNode *v = whole ? ir_load(&b, s->whole, 1, &p) : op2(&b, OP_lt, DT_bool, ir_load(&b, s->row_from, 1, &p), ir_load(&b, s->row_to, 1, &p));
    ir_yield(&b, 1, &v);
    return r;
}

static void put_row(Stream *s, IrNode *from, IrNode *to, IrNode *whole)
{
    stream_put(s, s->row_from, NULL, from);
    stream_put(s, s->row_to, NULL, to);
    stream_put(s, s->whole, NULL, whole);
}

/* All places that the row's bounds leave. */
static void put_all(Stream *s)
{
    DimCx *d = DIMS(s);
    IrBuilder *b = &stream_top(s)->b;
    Dim from, to, zero = dim_const(d, 0), most = dim_const(d, STREAM_BLOCK);
    stream_bounds(s, s->c.axis, &from, &to);
    IrNode *yes = ir_add0(b, OP_const, ir_scalar(DT_bool));
    yes->imm = 1;
    put_row(s, ir_dim_value(b, from ? dim_max(d, from, zero) : zero), ir_dim_value(b, to ? dim_min(d, to, most) : most), yes);
}

static void put_some(Stream *s)
{
    IrNode *first = over_places(s, RED_min), *last = over_places(s, RED_max), *count = over_places(s, RED_count);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *from = op2(b, OP_min, DT_i64, first, ir_int(b, STREAM_BLOCK)), *to = op2(b, OP_max, DT_i64, last, ir_int(b, 0)), *none = ir_int(b, 0);
    IrNode *full = op2(b, OP_eq, DT_bool, op2(b, OP_sub, DT_i64, to, from), count), *empty = op2(b, OP_eq, DT_bool, count, none);
    put_row(s, from, to, op2(b, OP_or, DT_bool, full, empty));
}

IrNode *stream_mask_rows(Stream *s)
{
    if (!s->row_from)
        return NULL;
    stream_open_rows(s, 1);
    IrNode *all = over_places(s, RED_all), *choice = ir_add1(&stream_top(s)->b, OP_if, ir_scalar(DT_none), all);
    IrBuilder outer = stream_top(s)->b;
    for (int k = 0, mark = s->made.n; k < 2; k++) {
        stream_top(s)->b = (IrBuilder){ s->t->fn, ir_region_new(s->t->fn, choice), NULL, s->c.map->span };
        (k ? put_some : put_all)(s);
        ir_yield(&stream_top(s)->b, 0, NULL);
        stream_undo(s, mark);
    }
    stream_top(s)->b = outer;
    stream_close(s);
    return over_tile(s, false);
}

IrNode *stream_mask_whole(Stream *s) { return over_tile(s, true); }
