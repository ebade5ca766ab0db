/* tile_stream_running.c - running values of a stream: each goes through the places of a block, row by row, from what the blocks before have left.
 *
 *     rows:  lanes j:  r[i, j] = x(i, j)                            what runs, in scratch
 *            for j, acc = state[i]:  r[i, j] = acc = acc + r[i, j]  ascending, or from the last place of the row in the block down
 *            state[i] = acc
 *
 * Blocks go in the order of the places. The order is that of a chain, whatever the blocks are; places outside of the row's bounds are not gone through, and a guard that is more
 * than bounds leaves the operator's identity.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

void stream_find_runs(Stream *s)
{
    for (IrNode *n = s->c.host->regions[0]->first; n; n = n->next)
        if (n->op == OP_running && s->nruns < RUNS_MOST)
            s->run[s->nruns++] = n;
        else if (n->op == OP_running)
            s->t->failed = !pass_fail(s->t->cx, n, "internal: too many values run in a stream");
}

bool stream_needs_run(Stream *s, const IrNode *n)
{
    for (int i = 0; i < s->nruns; i++) {
        Map cone = map_new(s->t->cx->arena);
        pass_note_cone(s->c.host->regions[0], s->run[i], &cone);
        if (map_find(&cone, n))
            return true;
    }
    return false;
}

void stream_place_runs(Stream *s)
{
    for (int i = 0; i < s->nruns; i++)
        s->run_state[i] = stream_scratch(s, s->run[i]->type.dtype, 1, stream_rows(s), NULL);
}

void stream_begin_runs(Stream *s)
{
    for (int i = 0; i < s->nruns; i++)
        stream_put(s, s->run_state[i], NULL, pass_identity(&stream_top(s)->b, (RedOp)s->run[i]->redop, s->run[i]->type.dtype));
}

/* What runs, at each place of the row; the identity where a guard says no. */
static void fill_operand(Stream *s, const IrNode *n, IrNode *buffer)
{
    bool asks = s->c.guard && !s->c.exact;
    stream_open_places(s, 1);
    IrNode *g = asks ? stream_emit(s, s->c.guard) : NULL, *v = stream_emit(s, n->in[0]);
    IrBuilder *b = &stream_top(s)->b;
    if (asks)
        v = stream_choose(b, g, v, pass_identity(b, (RedOp)n->redop, n->type.dtype));
    stream_put(s, buffer, s->place, v);
    stream_pop(s);
}

/* In rows: places of the block that the row's bounds leave. */
static void places_of_row(Stream *s, Dim *from, Dim *to)
{
    DimCx *d = DIMS(s);
    Dim zero = dim_const(d, 0);
    stream_bounds(s, s->c.axis, from, to);
    *from = *from ? dim_max(d, zero, *from) : zero;
    *to = dim_max(d, *from, dim_min(d, *to, dim_const(d, STREAM_BLOCK)));
}

void stream_fill_run(Stream *s, IrNode *n)
{
    static const IrOp ops[] = { [RED_sum] = OP_add, [RED_prod] = OP_mul, [RED_max] = OP_max, [RED_min] = OP_min };
    DimCx *d = DIMS(s);
    IrNode *buffer = map_find(&s->stored, n), *state = NULL;
    Dim from, to;
    for (int i = 0; i < s->nruns; i++)
        state = s->run[i] == n ? s->run_state[i] : state;
    fill_operand(s, n, buffer);
    places_of_row(s, &from, &to);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *in[] = { ir_int(b, 0), ir_dim_value(b, dim_sub(d, to, from)), stream_at(s, state, NULL) };
    IrNode *end = ir_dim_value(b, running_is_down(n->imm) ? dim_sub(d, to, dim_const(d, 1)) : from);
    IrNode *f = ir_add(b, OP_for, n->type, 3, in);
    IrRegion *r = ir_region_new(s->t->fn, f);
    IrNode *k = ir_index_new(r, s->c.j->name, NULL, dim_const(d, STREAM_BLOCK), n->span), *acc = ir_arg_new(r, NULL, n->type);
    IrBuilder at = { s->t->fn, r, NULL, n->span };
    IrNode *place = ir_add2(&at, running_is_down(n->imm) ? OP_sub : OP_add, ir_scalar(DT_i64), end, k), *subs[] = { s->li, place };
    IrNode *next = ir_add2(&at, ops[n->redop], n->type, acc, ir_load(&at, buffer, 2, subs));
    IrNode *store[] = { buffer, running_has_place(n->imm) ? next : acc, s->li, place };
    ir_add(&at, OP_store, ir_scalar(DT_none), 4, store);
    ir_yield(&at, 1, &next);
    stream_put(s, state, NULL, f);
}
