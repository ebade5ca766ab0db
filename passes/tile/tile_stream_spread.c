/* tile_stream_spread.c - scores that are mixed over another index: what is mixed is computed for a block and all of that index at once.
 *
 *     s(h, j) = sum [g] { m[h, g] * x(g, j) }
 *
 *     for block {
 *       for g:   rows, lanes j:   x[g, i, j] = ..            in scratch, [g, rows of the tile, places of a block]
 *       for h:   the block, where s reads x                  states of rows are kept for each h }
 *
 * So x is computed once and not for each h. Of what is mixed again (a softmax of mixtures) the inner values come first. Fewer rows make a
 * tile, so that the blocks of all g stay in the nearer caches; rows of a tile do not show in the result.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

enum { SPREAD_ROWS = 64 };

static void find_in(Stream *s, IrRegion *home, IrNode *first);

/* A node before `first` that stands for the loop over the index: its region yields the value. */
static void add_spread(Stream *s, const Spread *of, IrNode *first)
{
    IrBuilder at = { first->parent->fn, first->parent, first, of->sum->span };
    Map nodes = map_new(s->t->cx->arena);
    IrNode *holder = ir_clone_node(&at, of->sum, &nodes, NULL, NULL);
    IrRegion *r = holder->regions[0];
    pass_note_symbols(s->t->cx, r);
    ir_set_in(ir_terminator(r), 0, map_find(&nodes, of->value));
    stream_sweep(s, r);
    find_in(s, r, holder);
    s->spread[s->nspreads++] = (SpreadAt){ .sum = of->sum, .old = of->value, .index = r->params.p[0], .value = ir_terminator(r)->in[0] };
}

static void find_in(Stream *s, IrRegion *home, IrNode *first)
{
    Spread here[SPREADS_MOST];
    bool bare = false;
    int n = cascade_spreads(&s->c, home, s->c.j, here, &bare);
    for (int i = 0; i < n && s->nspreads < SPREADS_MOST; i++)
        add_spread(s, &here[i], first ? first : here[i].sum);
}

void stream_find_spreads(Stream *s)
{
    Cascade *c = &s->c;
    s->home = c->host->regions[0];
    if (!c->spreads)
        return;
    IrBuilder host = { s->t->fn, c->host->regions[0], c->host->regions[0]->first, c->map->span };
    s->here_row = c->row ? ir_add2(&host, OP_add, ir_scalar(DT_i64), c->row, ir_int(&host, 0)) : ir_int(&host, 0);
    s->rows = SPREAD_ROWS;
    s->mix = c->mix;
    find_in(s, c->host->regions[0], NULL);
}

/* Their sums read what is in scratch from here on. */
void stream_place_spreads(Stream *s)
{
    for (int i = 0; i < s->nspreads; i++) {
        SpreadAt *x = &s->spread[i];
        x->buffer = stream_scratch_along(s, x->value->type.dtype, x->index, stream_rows(s), dim_const(DIMS(s), STREAM_BLOCK));
        IrBuilder b = { x->old->parent->fn, x->old->parent, x->old, x->old->span };
        IrNode *subs[] = { x->sum->regions[0]->params.p[0], s->here_row, s->here };
        map_put(&s->t->nodes, x->buffer, x->buffer);
        ir_replace(x->old, ir_load(&b, x->buffer, 3, subs));
        stream_sweep(s, x->sum->regions[0]);
    }
}

bool stream_is_mixture(const Stream *s, const IrNode *n)
{
    for (int i = 0; i < s->nspreads; i++)
        if (s->spread[i].sum == n)
            return true;
    return false;
}

static IrBuilder open_each(Stream *s, IrNode *index)
{
    DimCx *d = DIMS(s);
    Dim lo = index->lo ? tile_dim(s->t, index->lo) : dim_const(d, 0), n = tile_dim(s->t, index->dim);
    IrNode *f = ir_add2(&s->at, OP_for, ir_scalar(DT_none), ir_dim_value(&s->at, lo), ir_dim_value(&s->at, dim_add(d, lo, n)));
    IrBuilder outer = stream_open_branch(s, f);
    tile_map_index(s->t, index, ir_index_new(s->at.region, index->name, NULL, dim_add(d, lo, n), index->span));
    return outer;
}

void stream_fill_spreads(Stream *s)
{
    for (int i = 0; i < s->nspreads; i++) {
        SpreadAt *x = &s->spread[i];
        IrBuilder outer = open_each(s, x->index);
        s->home = x->value->parent;
        map_put(&s->stored, x->value, x->buffer);
        stream_fill_contracted(s, x->value);
        s->home = s->c.host->regions[0];
        stream_close_branch(s, outer);
    }
}

void stream_each_mix(Stream *s, void (*part)(Stream *))
{
    if (!s->mix) {
        part(s);
        return;
    }
    IrBuilder outer = open_each(s, s->mix);
    s->in_mix = true;
    part(s);
    s->in_mix = false;
    stream_close_branch(s, outer);
}
