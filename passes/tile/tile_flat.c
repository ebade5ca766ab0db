/* tile_flat.c - parts of a reduction that walk a weight in one piece, where it lies in panels: what some of them need is unpacked into scratch first.
 *
 *     %c = map [n: N, k: K] { w[n // 16, k, n % 16] }             (no memory)
 *     %r = reshape %c : f32[N * K]
 *     map [part] { sum [q: 256] { f(%r[256 * part + q]) } }       kernel [c] {
 *                                                                   tfor seq [p: panels that have places of the parts] {
 *                                                                     tfor lanes [d: K] { tfor seq [q: 16] { flat[.. + q * K + d] = w[p, d, q] } } }
 *                                                                   tfor seq [part: F c .. F c + F] { sum [q: 256] { f(flat[256 * part + q - ..]) } } }
 *
 * Blocks of 256 places go across rows, so 16 rows at least are taken at once: those of one panel, where rows are multiples of 16. Rows beyond the end of
 * an axis are written over by those of the next panel.
 */
#include "passes/tile/tile_flat_int.h"

enum { PARTS_LEAST = 16 }; /* of a point, so that it is worth one */

/* ---- which ------------------------------------------------------------------------------------------------------------- */

/* The load of the panels that the map copies as they are, along *axis; NULL: it does not. */
static const IrNode *packed_of(const IrNode *map, int *axis)
{
    const IrNode *y = map->op == OP_map && map->load_time ? ir_terminator(map->regions[0])->in[0] : NULL;
    *axis = -1;
    if (!y || y->op != OP_load || !stage_is_prepared(y->in[0]))
        return NULL;
    for (int i = 0; i < map->type.rank; i++)
        if (stage_panel_axis(y, map->regions[0]->params.p[i]) == i)
            *axis = i;
        else if (i + 1 >= y->nin || y->in[i + 1] != map->regions[0]->params.p[i])
            return NULL;
    return *axis < 0 ? NULL : y;
}

static Dim with(PassCx *cx, Dim d, const IrNode *index, int64_t at)
{
    SymMap m = symmap_new(cx);
    symmap_put(&m, index->sym, dim_const(cx->module->dims, at));
    return dim_subst(cx->module->dims, d, symmap_subst, &m);
}

/* x[.., q + step * part], q the index of the sum; NULL: it is none. */
static Dim step_of(PassCx *cx, const IrNode *map, const IrNode *load)
{
    DimCx *d = cx->module->dims;
    const IrNode *part = map->regions[0]->params.p[0], *q = load->parent->params.n == 1 ? load->parent->params.p[0] : NULL;
    IrNode *place = load->in[load->nin - 1];
    int64_t n;
    if (!q || place->op != OP_add || place->in[0] != q || place->in[1]->op != OP_dim)
        return NULL;
    Dim step = with(cx, place->in[1]->dim, part, 1);
    return dim_is_const(step, &n) && n > 0 && place->in[1]->dim == dim_mul(d, step, dim_sym(d, part->sym)) ? step : NULL;
}

bool tile_flat_walks(PassCx *cx, const IrNode *load, Walk *w)
{
    const IrNode *reduce = load->op == OP_load ? load->parent->owner : NULL, *map = reduce && reduce->op == OP_reduce ? reduce->parent->owner : NULL;
    if (!map || map->op != OP_map || load->in[0]->op != OP_reshape || !pass_is_part(map))
        return false;
    w->copy = load->in[0]->in[0];
    w->packed = packed_of(w->copy, &w->axis);
    w->first = load->nin - 2;
    for (int i = 1; i < load->nin - 1; i++)
        if (ir_inside(load->in[i], map->regions[0]) || !pass_is_inside(cx, load, i))
            return false;
    return w->packed && w->first <= w->axis && (w->step = step_of(cx, map, load));
}

bool tile_flat_takes(PassCx *cx, const IrNode *copy)
{
    int axis;
    bool all = copy->uses && packed_of(copy, &axis);
    Walk w;
    for (const IrUse *u = copy->uses; u && all; u = u->next) {
        all = u->user->op == OP_reshape && u->user->uses;
        for (const IrUse *v = u->user->uses; v && all; v = v->next)
            all = v->slot == 0 && tile_flat_walks(cx, v->user, &w);
    }
    return all;
}

/* ---- what a point takes -------------------------------------------------------------------------------------------------- */

typedef struct Flat {
    Tile *t;
    IrBuilder at;
    const IrNode *load;     /* the first of those that read it */
    IrNode *buffer, *base;  /* base: the place that stands first there */
    Walk w;
    Dim inner, outer, panels, end; /* places of a row, of all rows; panels of these; of the walk */
} Flat;

static void see_load(void *user, IrNode *n)
{
    FlatLoads *s = user;
    Walk w;
    if (n->op == OP_load && tile_flat_walks(s->cx, n, &w) && tile_flat_takes(s->cx, w.copy))
        vec_push(s->cx->arena, &s->loads, n);
}

FlatLoads tile_flat_loads(PassCx *cx, const IrNode *map)
{
    FlatLoads s = { .cx = cx };
    if (pass_is_part(map))
        ir_walk(map->regions[0], see_load, &s);
    return s;
}

static Dim one_at_least(DimCx *d, Dim x) { return dim_max(d, dim_const(d, 1), x); }

static Dim product(Tile *t, const IrNode *copy, int from, int to)
{
    Dim all = dim_const(t->cx->module->dims, 1);
    for (int i = from; i < to; i++)
        all = dim_mul(t->cx->module->dims, all, tile_dim(t, copy->type.dims[i]));
    return all;
}

static void measure(Flat *f)
{
    DimCx *d = f->t->cx->module->dims;
    Dim rows = tile_dim(f->t, f->w.copy->type.dims[f->w.axis]);
    f->inner = one_at_least(d, product(f->t, f->w.copy, f->w.axis + 1, f->w.copy->type.rank));
    f->outer = one_at_least(d, dim_mul(d, rows, f->inner));
    f->panels = one_at_least(d, tile_ceil_div(d, rows, PANEL));
    f->end = product(f->t, f->w.copy, f->w.first, f->w.copy->type.rank);
}

/* So many parts as a panel has places for, several times those where they are few. */
Dim tile_flat_parts(Tile *t, const IrNode *map)
{
    DimCx *d = t->cx->module->dims;
    FlatLoads s = tile_flat_loads(t->cx, map);
    Flat f = { .t = t };
    if (!s.loads.n)
        return NULL;
    tile_flat_walks(t->cx, s.loads.p[0], &f.w);
    measure(&f);
    Dim some = dim_floordiv(d, dim_add(d, dim_mul(d, dim_const(d, PANEL), f.inner), dim_sub(d, f.w.step, dim_const(d, 1))), f.w.step);
    return dim_mul(d, some, one_at_least(d, dim_floordiv(d, dim_const(d, PARTS_LEAST), some)));
}

/* ---- copies ------------------------------------------------------------------------------------------------------------ */

/* Panels are counted through all rows: that of a place, and the place where one begins. */
static Dim panel_of(const Flat *f, Dim place)
{
    DimCx *d = f->t->cx->module->dims;
    Dim of_panel = dim_mul(d, dim_const(d, PANEL), f->inner), o = dim_floordiv(d, place, f->outer);
    if (f->w.axis == f->w.first)
        return dim_floordiv(d, place, of_panel);
    return dim_add(d, dim_mul(d, o, f->panels), dim_floordiv(d, dim_sub(d, place, dim_mul(d, o, f->outer)), of_panel));
}

static Dim begin_of(const Flat *f, Dim panel)
{
    DimCx *d = f->t->cx->module->dims;
    Dim of_panel = dim_mul(d, dim_const(d, PANEL), f->inner);
    if (f->w.axis == f->w.first)
        return dim_mul(d, of_panel, panel);
    return dim_add(d, dim_mul(d, dim_floordiv(d, panel, f->panels), f->outer), dim_mul(d, of_panel, dim_mod(d, panel, f->panels)));
}

/* Panel g, counted through all rows, in its axes; the loops over what lies within its rows, and `to`, how far in a row that is. */
static IrNode *element(Flat *f, IrBuilder *b, IrNode *g, IrNode **lane, Dim *to)
{
    DimCx *d = f->t->cx->module->dims;
    IrType c = f->w.copy->type;
    Dim panel = dim_sym(d, g->sym), o = f->w.axis == f->w.first ? NULL : dim_floordiv(d, panel, f->panels);
    IrNode *in[IR_RANK_MOST + 2] = { tile_buffer_of(f->t, f->w.packed->in[0]) };
    for (int i = f->w.axis; i >= 0; i--) {
        Dim extent = one_at_least(d, tile_dim(f->t, c.dims[i]));
        if (i < f->w.first)
            in[i + 1] = tile_scalar(f->t, f->load->in[i + 1]);
        else if (i == f->w.axis)
            in[i + 1] = ir_dim_value(b, o ? dim_mod(d, panel, f->panels) : panel);
        else
            in[i + 1] = ir_dim_value(b, i == f->w.first ? o : dim_mod(d, o, extent));
        o = i < f->w.axis && i > f->w.first ? dim_floordiv(d, o, extent) : o;
    }
    for (int i = f->w.axis + 1; i < c.rank; i++) {
        bool last = i == c.rank - 1;
        in[i + 1] = tile_open_loop(f->t, b, last ? LOOP_lanes : LOOP_seq, last, "d", NULL, tile_dim(f->t, c.dims[i]));
        *to = last ? *to : dim_add(d, *to, dim_mul(d, dim_sym(d, in[i + 1]->sym), product(f->t, f->w.copy, i + 1, c.rank)));
    }
    *lane = in[c.rank];
    in[c.rank + 1] = tile_open_loop(f->t, b, LOOP_seq, 0, "q", NULL, dim_const(d, PANEL));
    *to = dim_add(d, *to, dim_mul(d, f->inner, dim_sym(d, in[c.rank + 1]->sym)));
    return ir_add(b, OP_load, ir_scalar(c.dtype), c.rank + 2, in);
}

/* A panel begins before the first place, one ends behind the last; 0 where other kernels do it. */
static Dim room_for(const Flat *f, Dim places, bool in_rows)
{
    DimCx *d = f->t->cx->module->dims;
    Dim all = dim_add(d, places, dim_mul(d, dim_const(d, 2 * PANEL), f->inner));
    return in_rows ? dim_mul(d, all, dim_min(d, dim_const(d, 1), dim_mod(d, f->inner, dim_const(d, FLAT_BLOCK)))) : all;
}

static void fill(Flat *f, Dim lo, Dim places, bool in_rows)
{
    DimCx *d = f->t->cx->module->dims;
    Dim first = panel_of(f, lo), last = panel_of(f, dim_sub(d, dim_min(d, dim_add(d, lo, places), f->end), dim_const(d, 1))), base = begin_of(f, first);
    IrType type = { f->w.copy->type.dtype, 1, NEWN(f->t->cx->module->arena, Dim, 1) };
    type.dims[0] = room_for(f, places, in_rows);
    IrBuilder top = { f->t->fn, f->at.region, f->at.region->first, f->load->span };
    f->buffer = ir_add0(&top, OP_buffer, type);
    f->buffer->place = PLACE_scratch;
    f->base = ir_dim_value(&f->at, base);
    map_put(&f->t->nodes, f->buffer, f->buffer);
    map_put(&f->t->nodes, f->base, f->base);
    IrBuilder b = f->at;
    IrNode *lane, *g = tile_open_loop(f->t, &b, LOOP_seq, 0, "p", first, dim_add(d, dim_sub(d, last, first), dim_const(d, 1)));
    Dim to = dim_sub(d, begin_of(f, dim_sym(d, g->sym)), base);
    IrNode *x = element(f, &b, g, &lane, &to);
    IrNode *in[] = { f->buffer, x, ir_add2(&b, OP_add, ir_scalar(DT_i64), lane, ir_dim_value(&b, to)) };
    ir_add(&b, OP_store, ir_scalar(DT_none), 3, in);
}

static bool is_same(const Flat *f, const Walk *w, const IrNode *load)
{
    bool same = f->w.copy == w->copy && f->w.first == w->first && f->w.step == w->step;
    for (int i = 1; i <= w->first && same; i++)
        same = f->load->in[i] == load->in[i];
    return same;
}

/* The load reads the copy from here on. */
static void take(const Flat *f, IrNode *load)
{
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    IrNode *at = ir_add2(&b, OP_sub, ir_scalar(DT_i64), load->in[load->nin - 1], f->base);
    ir_replace(load, ir_load(&b, f->buffer, 1, &at));
}

void tile_flat(Tile *t, IrNode *map, const IrNode *chunk, Dim parts, IrBuilder at)
{
    DimCx *d = t->cx->module->dims;
    FlatLoads s = tile_flat_loads(t->cx, map);
    Flat *flats = NEWN(t->cx->arena, Flat, s.loads.n);
    bool in_rows = tile_flat_in_rows(t, map);
    int n = 0;
    for (int i = 0; i < s.loads.n; i++) {
        Walk w;
        int k = 0;
        tile_flat_walks(t->cx, s.loads.p[i], &w);
        while (k < n && !is_same(&flats[k], &w, s.loads.p[i]))
            k++;
        if (k == n) {
            flats[n++] = (Flat){ .t = t, .at = at, .load = s.loads.p[i], .w = w };
            measure(&flats[k]);
            Dim places = dim_mul(d, parts, w.step);
            fill(&flats[k], dim_mul(d, places, dim_sym(d, chunk->sym)), places, in_rows);
        }
        take(&flats[k], s.loads.p[i]);
    }
    for (int i = 0; i < s.loads.n; i++)
        ir_drop(s.loads.p[i]);
}
