/* tile_stream_held.c - what a row's products read at each place and is computed (`q[i, d] + u[d]`, a scaled or widened query): once for a tile.
 *
 *     s(i, j) = sum [d] { (q[i, d] + u[d]) * k[j, d] }
 *
 *     rows, lanes d:   h[i, d] = q[i, d] + u[d]                           scratch [rows, d], before the blocks
 *     for block {
 *       s(i, j) = sum [d] { h[i, d] * k[j, d] } }
 *
 * In the sum a row's factor is one number for all lanes: each operation on it would cost as much there as the multiplication itself. Only what can
 * be computed for every row is: a row may have no place.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

static bool is_held(Stream *s, IrNode *n, const IrNode *d)
{
    Cascade *c = &s->c;
    return dtype_is_float(n->type.dtype) && n->op != OP_load && n->op != OP_reduce && n->uses && !cascade_varies(c, n) && pass_depends_on(c->cx, n, d) &&
           cascade_stage(c, n) == 0 && stream_is_total_cone(s, n);
}

static IrNode *row_here(Stream *s)
{
    IrBuilder host = { s->t->fn, s->c.host->regions[0], s->c.host->regions[0]->first, s->c.map->span };
    IrNode *row = s->c.row, *head = s->c.head, *none = ir_int(&host, 0);
    if (!s->here_row)
        s->here_row = ir_add2(&host, OP_add, ir_scalar(DT_i64), row ? row : none, head ? head : none);
    return s->here_row;
}

/* A copy of the sum whose region is there to compute the value. */
static void hold(Stream *s, IrNode *sum, IrNode *n)
{
    IrBuilder at = { sum->parent->fn, sum->parent, sum, sum->span }, b = { n->parent->fn, n->parent, n, n->span };
    Map nodes = map_new(s->t->cx->arena);
    IrNode *holder = ir_clone_node(&at, sum, &nodes, NULL, NULL), *d = sum->regions[0]->params.p[0];
    IrRegion *r = holder->regions[0];
    pass_note_symbols(s->t->cx, r);
    ir_set_in(ir_terminator(r), 0, map_find(&nodes, n));
    stream_sweep(s, r);
    HeldAt *x = &s->held[s->nheld++];
    *x = (HeldAt){ ir_terminator(r)->in[0], r->params.p[0], stream_scratch(s, n->type.dtype, 2, stream_rows(s), tile_dim(s->t, d->dim)) };
    map_put(&s->t->nodes, x->buffer, x->buffer);
    IrNode *subs[] = { row_here(s), d };
    ir_replace(n, ir_load(&b, x->buffer, 2, subs));
}

static void seek(Stream *s, IrNode *sum, IrNode *n)
{
    if (n->parent != sum->regions[0] || n->op == OP_index || s->nheld == HELD_MOST)
        return;
    if (is_held(s, n, sum->regions[0]->params.p[0])) {
        hold(s, sum, n);
        return;
    }
    for (int i = 0; i < n->nin; i++)
        seek(s, sum, n->in[i]);
}

static bool is_plain(Stream *s, const IrNode *n)
{
    const IrNode *x = stream_is_over_features(n) && n->uses && n->regions[0]->params.n == 1 ? n->regions[0]->params.p[0] : NULL;
    if (!x || !pass_is_whole(x) || pass_guard(n->regions[0]) || !cascade_varies(&s->c, n)) /* a row's own sum keeps its product, and so its bits */
        return false;
    IrNode probe = { .op = OP_dim, .type = ir_scalar(DT_i64), .dim = x->dim };
    return !pass_depends(s->c.cx, &probe, s->body);
}

void stream_find_held(Stream *s)
{
    for (IrNode *n = s->mix ? NULL : s->c.host->regions[0]->first; n; n = n->next)
        if (is_plain(s, n)) {
            seek(s, n, ir_terminator(n->regions[0])->in[0]);
            stream_sweep(s, n->regions[0]);
        }
}

void stream_fill_held(Stream *s)
{
    for (int i = 0; i < s->nheld; i++) {
        HeldAt *x = &s->held[i];
        stream_open_rows(s, 1);
        stream_open(s, x->index, LOOP_lanes, 1, NULL, tile_dim(s->t, x->index->dim));
        stream_put(s, x->buffer, map_find(&s->t->nodes, x->index), stream_emit(s, x->value));
        stream_close(s);
    }
}
