/* tile_stream_near.c - rule 3 for guards over data: the places of a block that no row of a tile can have are left out.
 *
 *     guard doc[i] == doc[j] and ..        before the blocks:  lo, hi = min, max [rows of the tile] doc[i]
 *                                          in each block:      from, to = first, last + 1 [places] with lo <= doc[j] <= hi
 *
 * Comparisons of whole numbers, one side of which varies along the axis only and the other along the rows only; one of them is data, or no sum of indices in
 * 64 bits (`j > i32(i) - window[h]`, `j < length[b]`), for else bounds say it already. A block without such a place is skipped; in others the loops run over
 * [from, to). The guard still decides: these are bounds, so no bit changes.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

static IrNode *int_op(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(DT_i64), x, y); }
static IrNode *compare(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(DT_bool), x, y); }

typedef struct Safe { Stream *s; bool total, bent; } Safe; /* bent: more than sums of indices, which bounds say already */

static void see_cone(Safe *q, IrNode *n)
{
    if (!n->parent || !ir_inside(n, q->s->body) || n->op == OP_index)
        return;
    q->total = q->total && pass_is_total(q->s->c.cx, n) && !n->nregions;
    bool straight = n->op == OP_add || n->op == OP_sub || n->op == OP_neg || n->op == OP_dim || n->op == OP_const || n->op == OP_cast;
    bool wraps = n->op != OP_const && n->type.dtype != DT_i64;
    q->bent = q->bent || !straight || wraps;
    for (int i = 0; i < n->nin && q->total; i++)
        see_cone(q, n->in[i]);
}

static bool needs(Stream *s, const IrNode *n, const IrNode *index) { return index && pass_depends_on(s->c.cx, n, index); }

static bool is_of_places(Stream *s, IrNode *n, bool *bent)
{
    Safe q = { s, true, false };
    see_cone(&q, n);
    *bent = q.bent;
    return q.total && cascade_varies(&s->c, n) && !needs(s, n, s->c.row) && !needs(s, n, s->c.head) && !needs(s, n, s->mix) && !needs(s, n, s->c.column);
}

static bool is_of_rows(Stream *s, IrNode *n, bool *bent)
{
    Safe q = { s, true, false };
    see_cone(&q, n);
    *bent = *bent || q.bent;
    return q.total && !cascade_varies(&s->c, n) && !needs(s, n, s->c.column);
}

static void add_limit(Stream *s, IrOp op, IrNode *place, IrNode *row, bool up, bool down)
{
    bool bent = false;
    if (s->nlimits < LIMITS_MOST && is_of_places(s, place, &bent) && is_of_rows(s, row, &bent) && bent)
        s->limit[s->nlimits++] = (Limit){ .op = op == OP_eq ? OP_le : op, .place = place, .row = row, .up = up, .down = down };
}

static void find_limits(Stream *s, IrNode *g)
{
    if (g->op == OP_and) {
        find_limits(s, g->in[0]);
        find_limits(s, g->in[1]);
    } else if (pass_and_then(g)) {
        find_limits(s, pass_and_then(g));
    }
    bool same = g->op == OP_eq;
    if ((!same && g->op != OP_le && g->op != OP_lt) || !dtype_is_int(g->in[0]->type.dtype))
        return;
    add_limit(s, (IrOp)g->op, g->in[0], g->in[1], true, same);
    add_limit(s, (IrOp)g->op, g->in[1], g->in[0], same, true);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

/* An index of the reduction that stands for one of the map's. */
void stream_stand_for(Stream *s, IrRegion *in, IrNode *old, Dim lo, Dim extent)
{
    IrNode *x = ir_index_new(in, old->name, lo, extent, old->span);
    stream_bind(s, old, x);
    symmap_put(&s->t->syms, old->sym, dim_sym(DIMS(s), x->sym));
}

/* Of what is mixed over another index, all of that: blocks are computed for it. */
static IrNode *over_rows(Stream *s, IrNode *row, RedOp op)
{
    Dim lo, n;
    IrNode *i = needs(s, row, s->c.row) ? s->c.row : NULL, *mix = needs(s, row, s->mix) ? s->mix : NULL, *head = needs(s, row, s->c.head) ? s->c.head : NULL;
    stream_start(s);
    if (!i && !mix && !head) {
        IrNode *v = stream_emit(s, row);
        stream_close(s);
        return v;
    }
    Level *l = stream_top(s);
    IrNode *r = ir_add0(&l->b, OP_reduce, row->type);
    IrRegion *in = ir_region_new(s->t->fn, r);
    r->redop = (uint8_t)op;
    r->order = ORDER_lanes16;
    l->b.before = r;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { i, mix, head }, s->made.n };
    if (mix)
        stream_stand_for(s, in, mix, tile_dim(s->t, mix->lo), tile_dim(s->t, mix->dim));
    if (head) {
        stream_head_span(s, &lo, &n);
        stream_stand_for(s, in, head, lo, n);
    }
    if (i) {
        stream_tile_span(s, &lo, &n);
        stream_stand_for(s, in, i, lo, n);
    }
    IrNode *v = stream_emit(s, row);
    ir_yield(&stream_top(s)->b, 1, &v);
    stream_close(s);
    return r;
}

/* ---- ends ------------------------------------------------------------------------------------------------------------ */

typedef struct Ends { Stream *s; bool ok; } Ends;

static void see_ends(void *user, DimSym *sym)
{
    Ends *e = user;
    Stream *s = e->s;
    IrNode *def = map_find(&s->t->cx->sym_nodes, sym);
    bool bent = false;
    if (def && ir_inside(def, s->body))
        e->ok = e->ok && is_of_rows(s, def, &bent) && !cascade_is_loose(&s->c, def);
}

/* The widest bound over the rows of the tile: by its formula, or looked for (of a window of its own for each head, of one that falls with the row). */
static Dim over_tile(Stream *s, Dim bound, bool upper)
{
    Ends e = { s, bound != NULL };
    Dim told = stream_over_tile(s, bound, upper);
    if (bound)
        dim_syms(bound, see_ends, &e);
    if (told || !e.ok)
        return told;
    IrBuilder host = { s->t->fn, s->c.host->regions[0], s->here, s->c.map->span };
    return pass_dim_of(s->t->cx, over_rows(s, ir_dim_value(&host, bound), upper ? RED_max : RED_min));
}

void stream_find_ends(Stream *s)
{
    s->tile_from = over_tile(s, s->c.axis->from, false);
    s->tile_to = over_tile(s, s->c.axis->to, true);
}

/* ---- limits ---------------------------------------------------------------------------------------------------------- */

void stream_find_limits(Stream *s)
{
    bool known = s->c.exact && !s->c.axis->from == !s->tile_from && !s->c.axis->to == !s->tile_to;
    if (!s->c.guard || known)
        return;
    find_limits(s, s->c.guard);
    for (int i = 0; i < s->nlimits; i++) {
        Limit *l = &s->limit[i];
        l->least = l->down ? over_rows(s, l->row, RED_min) : NULL;
        l->most = l->up ? over_rows(s, l->row, RED_max) : NULL;
    }
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

static IrNode *both(IrBuilder *b, IrNode *x, IrNode *y) { return x ? ir_add2(b, OP_and, ir_scalar(DT_bool), x, y) : y; }

/* min [place] where it may be allowed, else 256; or max [place + 1], else 0 */
static IrNode *nearest(Stream *s, bool first)
{
    DimCx *d = DIMS(s);
    stream_start(s);
    Dim to = stream_places_end(s), base = dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym));
    Level *l = stream_top(s);
    IrNode *r = ir_add0(&l->b, OP_reduce, ir_scalar(DT_i64)), *ok = NULL;
    IrRegion *in = ir_region_new(s->t->fn, r);
    IrNode *x = ir_index_new(in, s->c.j->name, NULL, dim_const(d, STREAM_BLOCK), s->c.j->span);
    r->redop = first ? RED_min : RED_max;
    r->order = ORDER_lanes16;
    x->to = to;
    l->b.before = r;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { s->c.j, NULL }, s->made.n };
    IrBuilder *b = &stream_top(s)->b;
    stream_bind(s, s->c.j, int_op(b, OP_add, x, ir_dim_value(b, base)));
    symmap_put(&s->t->syms, s->c.j->sym, dim_add(d, base, dim_sym(d, x->sym)));
    s->place = x;
    for (int i = 0; i < s->nlimits; i++) {
        Limit *k = &s->limit[i];
        IrNode *v = stream_emit(s, k->place);
        if (k->least)
            ok = both(b, ok, compare(b, k->op, k->least, v));
        if (k->most)
            ok = both(b, ok, compare(b, k->op, v, k->most));
    }
    IrNode *none = ir_int(b, first ? STREAM_BLOCK : 0), *at = first ? x : int_op(b, OP_add, x, ir_int(b, 1));
    IrNode *inside = compare(b, OP_lt, x, ir_dim_value(b, to)), *v = ir_add3(b, OP_select, ir_scalar(DT_i64), ok, at, none);
    IrNode *yields[] = { v, inside };
    ir_yield(b, 2, yields);
    stream_close(s);
    s->place = NULL;
    IrNode *bound = first ? ir_add2(&s->at, OP_min, ir_scalar(DT_i64), r, ir_int(&s->at, STREAM_BLOCK))
                          : ir_add2(&s->at, OP_max, ir_scalar(DT_i64), r, ir_int(&s->at, 0)); /* over no place at all, too */
    return bound;
}

IrNode *stream_near_places(Stream *s)
{
    IrNode *from = NULL, *to = NULL;
    bool ranges = stream_ranges(s, &from, &to);
    if (!s->nlimits && !ranges)
        return NULL;
    if (s->nlimits) {
        IrNode *first = nearest(s, true), *last = nearest(s, false);
        from = ranges ? int_op(&s->at, OP_max, from, first) : first;
        to = ranges ? int_op(&s->at, OP_min, to, last) : last;
    }
    s->near_from = pass_dim_of(s->t->cx, from);
    s->near_to = pass_dim_of(s->t->cx, to);
    return compare(&s->at, OP_lt, from, to);
}
