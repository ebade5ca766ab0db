/* tile_stream_nest.c - loops of a stream, and the values of old nodes in them.
 *
 * A nest is rows, then lanes, then perhaps a reduction over the places of a block. A node goes to the outermost open loop that it can
 * stand in; what a nest has made is forgotten when it closes.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

Level *stream_top(Stream *s) { return &s->level[s->nlevels - 1]; }

void stream_bind(Stream *s, IrNode *old, IrNode *new_)
{
    vec_push(s->t->cx->arena, &s->made, old);
    map_put(&s->t->nodes, old, new_);
}

/* An index of a sum in the element stands for no place any more: a copy of that sum has its own. */
void stream_undo(Stream *s, int mark)
{
    while (s->made.n > mark) {
        IrNode *n = s->made.p[--s->made.n];
        map_put(&s->t->nodes, n, NULL);
        if (n->op == OP_index && n->sym && n->parent != s->body && n != s->c.j)
            symmap_put(&s->t->syms, n->sym, NULL);
    }
}

IrNode *stream_scratch(Stream *s, IrDtype t, int n, Dim d0, Dim d1)
{
    IrBuilder b = { s->t->fn, s->kernel, s->kernel->first, s->c.map->span };
    Dim d[] = { d0, d1 };
    IrType type = { t, n, arena_copy(s->t->cx->module->arena, d, sizeof d) };
    IrNode *x = ir_add0(&b, OP_buffer, type);
    x->place = PLACE_scratch;
    return x;
}

IrNode *stream_scratch_along(Stream *s, IrDtype t, IrNode *index, Dim rows, Dim places)
{
    if (!index)
        return stream_scratch(s, t, places ? 2 : 1, rows, places);
    DimCx *d = DIMS(s);
    Dim n = tile_dim(s->t, index->dim), dims[] = { index->lo ? dim_add(d, n, tile_dim(s->t, index->lo)) : n, rows, places };
    IrNode *x = stream_scratch(s, t, 0, NULL, NULL);
    x->type = (IrType){ t, places ? 3 : 2, arena_copy(s->t->cx->module->arena, dims, sizeof dims) };
    map_put(&s->along, x, index);
    return x;
}

IrNode *stream_panels(Stream *s, IrDtype t, Dim extent)
{
    DimCx *d = DIMS(s);
    Dim many = dim_min(d, dim_const(d, 1), dim_floordiv(d, stream_rows(s), dim_const(d, PACKED_ROWS))); /* 0: nobody packs */
    Dim dims[] = { dim_mul(d, dim_const(d, STRIP / STREAM_PANEL), many), extent, dim_const(d, STREAM_PANEL) };
    IrNode *x = stream_scratch(s, t, 0, NULL, NULL);
    x->type = (IrType){ t, 3, arena_copy(s->t->cx->module->arena, dims, sizeof dims) };
    return x;
}

/* ---- loops ---------------------------------------------------------------------------------------------------------- */

void stream_start(Stream *s)
{
    if (s->nlevels == 0) {
        s->level[0] = (Level){ s->at, { NULL, NULL }, 0 };
        s->nlevels = 1;
        s->li = NULL;
    }
}

IrNode *stream_open_loop(Stream *s, IrNode *old, IrNode *other, IrLoop kind, int factor, Dim lo, Dim extent)
{
    stream_start(s);
    IrNode *f = ir_add0(&stream_top(s)->b, OP_tfor, ir_scalar(DT_none));
    IrRegion *r = ir_region_new(s->t->fn, f);
    f->loop = (uint8_t)kind;
    f->factor = (uint8_t)factor;
    IrNode *x = ir_index_new(r, old->name, lo, extent, old->span);
    stream_top(s)->b.before = f;
    s->level[s->nlevels++] = (Level){ { s->t->fn, r, NULL, s->c.map->span }, { old, other }, s->made.n };
    return x;
}

void stream_open(Stream *s, IrNode *old, IrLoop kind, int factor, Dim lo, Dim extent)
{
    IrNode *x = stream_open_loop(s, old, NULL, kind, factor, lo, extent);
    stream_bind(s, old, x);
    symmap_put(&s->t->syms, old->sym, dim_sym(DIMS(s), x->sym));
}

void stream_bind_place(Stream *s, IrNode *place)
{
    DimCx *d = DIMS(s);
    IrBuilder *b = &stream_top(s)->b;
    Dim base = dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym));
    if (s->skew)
        base = dim_sub(d, base, stream_skew_first(s));
    s->place = place;
    stream_bind(s, s->here, place);
    stream_bind(s, s->c.j, ir_add2(b, OP_add, ir_scalar(DT_i64), place, ir_dim_value(b, base)));
    symmap_put(&s->t->syms, s->c.j->sym, dim_add(d, base, dim_sym(d, place->sym)));
}

static Dim base_of(Stream *s) { return dim_mul(DIMS(s), dim_const(DIMS(s), STREAM_BLOCK), dim_sym(DIMS(s), s->block->sym)); }

Dim stream_places_begin(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim zero = dim_const(d, 0);
    return s->near_from ? s->near_from : s->tile_from ? dim_max(d, zero, dim_sub(d, s->tile_from, base_of(s))) : zero;
}

Dim stream_places_end(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim end = tile_dim(s->t, s->c.axis->dim), wide = s->tile_to;
    end = dim_sub(d, wide ? dim_min(d, wide, end) : end, base_of(s));
    end = s->near_to ? dim_min(d, end, s->near_to) : end;
    if (s->skew)
        stream_skew_range(s, end, &wide, &end);
    return end;
}

/* In rows: what the rows' bounds leave, begun at a multiple of the widest step of lanes. Else all places that any row of the tile has. */
void stream_open_places(Stream *s, int factor)
{
    DimCx *d = DIMS(s);
    Dim from = NULL, to = NULL, step = dim_const(d, PLACES_STEP), lo = NULL;
    if (s->nlevels)
        stream_bounds(s, s->c.axis, &from, &to);
    else
        to = stream_places_end(s);
    if (s->nlevels && s->skew)
        stream_skew_bounds(s, &from, &to);
    if (s->strip)
        lo = dim_mul(d, dim_const(d, STRIP), dim_sym(d, s->strip->sym));
    stream_open(s, s->c.j, LOOP_lanes, factor, lo, dim_const(d, s->strip ? STRIP : stream_span(s)));
    IrNode *x = vec_last(&stream_top(s)->b.region->params);
    x->from = from ? dim_mul(d, step, dim_floordiv(d, from, step)) : NULL;
    x->to = to;
    stream_bind_place(s, x);
}

void stream_open_places_in_turn(Stream *s)
{
    Dim to = stream_places_end(s), from = stream_places_begin(s), end;
    if (s->skew)
        stream_skew_range(s, to, &from, &end);
    stream_open(s, s->c.j, LOOP_seq, 0, NULL, dim_const(DIMS(s), stream_span(s)));
    IrNode *x = vec_last(&stream_top(s)->b.region->params);
    x->from = from;
    x->to = to;
    stream_bind_place(s, x);
}

void stream_open_columns(Stream *s, int factor)
{
    DimCx *d = DIMS(s);
    IrNode *x = s->c.column;
    Dim lo = tile_dim(s->t, x->lo), extent = tile_dim(s->t, x->dim);
    if (s->band) {
        Dim at = dim_mul(d, dim_const(d, BAND), dim_sym(d, s->band->sym));
        extent = dim_min(d, dim_const(d, BAND), dim_sub(d, extent, at));
        lo = lo ? dim_add(d, lo, at) : at;
    }
    stream_open(s, x, LOOP_lanes, factor, lo, extent);
}

IrNode *stream_open_area(Stream *s, RedOp op)
{
    stream_start(s);
    Level *l = stream_top(s);
    IrNode *r = ir_add0(&l->b, OP_reduce, ir_scalar(DT_bool)), *c = s->c.column;
    IrRegion *in = ir_region_new(s->t->fn, r);
    IrNode *x = ir_index_new(in, s->c.j->name, NULL, dim_const(DIMS(s), STREAM_BLOCK), s->c.j->span);
    IrNode *y = ir_index_new(in, c->name, tile_dim(s->t, c->lo), tile_dim(s->t, c->dim), c->span);
    x->to = stream_places_end(s);
    r->redop = (uint8_t)op;
    r->order = ORDER_lanes16;
    l->b.before = r;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { s->c.j, c }, s->made.n };
    stream_bind_place(s, x);
    stream_bind(s, c, y);
    symmap_put(&s->t->syms, c->sym, dim_sym(DIMS(s), y->sym));
    return r;
}

IrBuilder stream_open_bands(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim n = tile_ceil_div(d, tile_dim(s->t, s->c.column->dim), BAND);
    IrNode *f = ir_add2(&s->at, OP_for, ir_scalar(DT_none), ir_int(&s->at, 0), ir_dim_value(&s->at, n));
    IrBuilder outer = stream_open_branch(s, f);
    s->band = ir_index_new(s->at.region, name_of(s->t->cx->module->names, "band"), NULL, n, s->c.map->span);
    return outer;
}

void stream_pop(Stream *s)
{
    stream_undo(s, stream_top(s)->mark);
    s->nlevels--;
    stream_top(s)->b.before = NULL;
    s->place = NULL;
}

void stream_close(Stream *s)
{
    stream_undo(s, 0);
    s->nlevels = 0;
}

/* ---- values ----------------------------------------------------------------------------------------------------------- */

static bool is_inside(Stream *s, const IrNode *n) { return n->parent && ir_inside(n, s->body); }

typedef struct Syms { Stream *s; IrNode *of; } Syms;

static void see_sym(void *user, DimSym *sym)
{
    Syms *y = user;
    IrNode *def = map_find(&y->s->t->cx->sym_nodes, sym);
    if (!def || !is_inside(y->s, def) || def->op == OP_index || def->op == OP_arg)
        return;
    for (int i = 0; i < y->of->nregions; i++)
        if (ir_inside(def, y->of->regions[i]))
            return;
    stream_emit(y->s, def);
}

static void need_dims(Stream *s, IrNode *of, IrNode *n)
{
    Syms y = { s, of };
    pass_each_bound(n, see_sym, &y);
}

static void need_operands(Stream *s, IrNode *of, IrNode *n)
{
    need_dims(s, of, n);
    for (int i = 0; i < n->nin; i++) {
        bool own = false;
        for (int k = 0; k < of->nregions; k++)
            own = own || ir_inside(n->in[i], of->regions[k]);
        if (!own && is_inside(s, n->in[i]))
            stream_emit(s, n->in[i]);
    }
    for (int k = 0; k < n->nregions; k++)
        for (IrNode *x = n->regions[k]->first; x; x = x->next)
            need_operands(s, of, x);
}

static bool needs_level(Stream *s, IrNode *n, const Level *l)
{
    for (int i = 0; i < INDICES; i++)
        if (l->index[i] && pass_depends_on(s->t->cx, n, l->index[i]))
            return true;
    return false;
}

/* Does anything that n (or what it holds) reads stand in that loop? What a member gives depends on the rows though its formula does not. */
static bool reads_from(Stream *s, const IrNode *n, const IrRegion *loop)
{
    for (int i = 0; i < n->nin; i++) {
        const IrNode *x = map_find(&s->t->nodes, n->in[i]);
        if (x && x->parent == loop)
            return true;
    }
    for (int k = 0; k < n->nregions; k++)
        for (const IrNode *x = n->regions[k]->first; x; x = x->next)
            if (reads_from(s, x, loop))
                return true;
    return false;
}

static Level *level_of(Stream *s, IrNode *n)
{
    int k = s->nlevels - 1;
    while (k > s->outermost && !needs_level(s, n, &s->level[k]) && !reads_from(s, n, s->level[k].b.region))
        k--;
    return &s->level[k];
}

IrNode *stream_at(Stream *s, IrNode *buffer, IrNode *sub)
{
    IrNode *along = map_find(&s->along, buffer), *subs[3];
    int n = 0;
    if (along)
        subs[n++] = map_find(&s->t->nodes, along);
    subs[n++] = s->li;
    if (sub)
        subs[n++] = sub;
    return ir_load(&stream_top(s)->b, buffer, n, subs);
}

void stream_put(Stream *s, IrNode *buffer, IrNode *sub, IrNode *value)
{
    IrNode *along = map_find(&s->along, buffer), *in[5] = { buffer, value };
    int n = 2;
    if (along)
        in[n++] = map_find(&s->t->nodes, along);
    in[n++] = s->li;
    if (sub)
        in[n++] = sub;
    ir_add(&stream_top(s)->b, OP_store, ir_scalar(DT_none), n, in);
}

/* e^(x - m) with the greatest score m of the row: of all weights the greatest is 1. */
static bool is_weight(const Stream *s, const IrNode *n)
{
    bool real = n->type.dtype == DT_f32 || n->type.dtype == DT_f64;
    if (n->op != OP_exp || !real || n->in[0]->op != OP_sub)
        return false;
    for (int i = 0; i < s->c.n; i++)
        if (s->c.m[i].reduce == n->in[0]->in[1])
            return s->c.m[i].reduce->redop == RED_max;
    return false;
}

/* Weights below the least normal number count as 0: beside 1 they are nothing, and products with subnormals take 100 times as long on
 * Intel's processors (a row with distances among its scores has hundreds). */
static IrNode *emit_weight(Stream *s, IrNode *n)
{
    IrNode *x = stream_emit(s, n->in[0]);
    IrBuilder *b = &level_of(s, n)->b;
    IrDtype t = n->type.dtype;
    IrNode *least = ir_const_float(b, t, t == DT_f64 ? -708.39 : -87.3365), *tiny = ir_add2(b, OP_lt, ir_scalar(DT_bool), x, least);
    return ir_add1(b, OP_exp, n->type, stream_choose(b, tiny, ir_const_float(b, t, -__builtin_inf()), x));
}

IrNode *stream_emit(Stream *s, IrNode *n)
{
    if (!is_inside(s, n))
        return tile_scalar(s->t, n);
    IrNode *x = map_find(&s->t->nodes, n);
    if (x || s->t->failed)
        return x ? x : n;
    for (int i = 0; i < s->c.n; i++)
        if (s->c.m[i].reduce == n) {
            s->t->failed = true;
            pass_fail(s->t->cx, n, "internal: a member of a stream is read where it has no value");
            return n;
        }
    IrNode *buffer = map_find(&s->stored, n), *placed = map_find(&s->placed, n);
    if (placed && n != s->defining) {
        x = ir_load(&stream_top(s)->b, placed, 1, &s->place);
        if (n->sym)
            symmap_put(&s->t->syms, n->sym, pass_dim_of(s->t->cx, x));
    } else if (buffer && n != s->defining && s->li) { /* what all rows share is computed outside of them */
        x = stream_at(s, buffer, s->place);
    } else if (s->decided && stream_is_choice(s, n)) {
        x = stream_emit(s, n->in[1]);
    } else {
        need_operands(s, n, n);
        x = is_weight(s, n) ? emit_weight(s, n) : tile_clone(s->t, &level_of(s, n)->b, n);
    }
    stream_bind(s, n, x);
    return x;
}

/* ---- bounds ----------------------------------------------------------------------------------------------------------- */

static Dim minus(Stream *s, Dim x, Dim base) { return x ? dim_sub(DIMS(s), tile_dim(s->t, x), base) : NULL; }

typedef struct OfMix { Stream *s; bool hit; } OfMix;

static void see_mix(void *user, DimSym *sym)
{
    OfMix *q = user;
    const IrNode *def = map_find(&q->s->t->cx->sym_nodes, sym);
    q->hit = q->hit || (def && pass_depends_on(q->s->t->cx, def, q->s->mix));
}

/* Is the bound known where it is asked for? What is mixed is computed before the loop over `mix`, for all of it. */
static bool is_open(Stream *s, Dim bound)
{
    OfMix q = { s, false };
    if (bound && s->mix && !s->in_mix)
        dim_syms(bound, see_mix, &q);
    return bound && !q.hit;
}

void stream_bounds(Stream *s, const IrNode *x, Dim *from, Dim *to)
{
    DimCx *d = DIMS(s);
    Dim base = dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym)), end = dim_sub(d, tile_dim(s->t, x->dim), base);
    Syms y = { s, s->c.host };
    if (s->bounded) {
        *from = pass_dim_of(s->t->cx, stream_at(s, s->row_from, NULL));
        *to = pass_dim_of(s->t->cx, stream_at(s, s->row_to, NULL));
        return;
    }
    bool below = is_open(s, x->from), above = is_open(s, x->to);
    *from = *to = NULL;
    if (below)
        dim_syms(x->from, see_sym, &y);
    if (above)
        dim_syms(x->to, see_sym, &y);
    *from = below ? minus(s, x->from, base) : NULL;
    *to = above ? dim_min(d, minus(s, x->to, base), end) : end;
    if (s->near_to) {
        *from = *from ? dim_max(d, *from, s->near_from) : s->near_from;
        *to = dim_min(d, *to, s->near_to);
    }
}

void stream_block_range(Stream *s, Dim *lo, Dim *hi)
{
    DimCx *d = DIMS(s);
    const IrNode *x = s->c.axis;
    Dim zero = dim_const(d, 0), end = tile_dim(s->t, x->dim);
    Dim from = s->tile_from, to = s->tile_to;
    to = to ? dim_max(d, zero, dim_min(d, to, end)) : end;
    *lo = from ? dim_floordiv(d, dim_max(d, zero, from), dim_const(d, STREAM_BLOCK)) : zero;
    *hi = tile_ceil_div(d, to, STREAM_BLOCK);
}

IrNode *stream_row_allows(Stream *s)
{
    DimCx *d = DIMS(s);
    const IrNode *x = s->c.axis;
    Syms y = { s, s->c.host };
    Dim lo = dim_const(d, 0), hi = tile_dim(s->t, x->dim);
    if (s->c.exact && x->from) {
        dim_syms(x->from, see_sym, &y);
        lo = dim_max(d, lo, tile_dim(s->t, x->from));
    }
    if (s->c.exact && x->to) {
        dim_syms(x->to, see_sym, &y);
        hi = dim_min(d, hi, tile_dim(s->t, x->to));
    }
    IrBuilder *b = &stream_top(s)->b;
    return ir_add2(b, OP_lt, ir_scalar(DT_bool), ir_dim_value(b, lo), ir_dim_value(b, hi));
}
