/* tile_unpack.c - rows of a weight that lies in panels, in a kernel that takes them one after the other: 16 at a time are unpacked into scratch first.
 *
 *     map [n: N, k: K] { f(w[n // 16, k, n % 16]) }      kernel [p: (N + 15) // 16] {
 *                                                          tfor lanes [d: K] { tfor seq [q: 16] { rows[q, d] = w[p, d, q] } }
 *                                                          tfor seq [n: 16 p .. 16 p + 16] { tfor lanes [k: K] { f(rows[n % 16, k]) } } }
 *
 * A row by itself would read of each line that a panel has an element. The copy is transposed in registers (backend/be_transpose.c), and what follows reads
 * it where it lies near. Lanes over n itself, and contractions, read panels as they are.
 */
#include "passes/tile/tile_int.h"
#include "passes/stage/stage_int.h"

enum { ROW_MOST = 1 << 16, COPIES_MOST = 8 }; /* elements of a row of which 16 are in scratch, for each task, if it is known; copies */

/* ---- which index ---------------------------------------------------------------------------------------------------- */

typedef struct Seek { PassCx *cx; const IrNode *map, *index, *lanes; bool found; } Seek;

static bool varies_inside(const Seek *q, const IrNode *n)
{
    if (q->lanes && pass_depends_on(q->cx, n, q->lanes))
        return true;
    for (const IrRegion *r = n->parent; r && r->owner != q->map; r = r->owner->parent)
        if (r->params.n && pass_depends(q->cx, n, r))
            return true;
    return false;
}

/* What is fixed for a point of the grid: a value from outside, or another index of the map. */
static bool is_fixed(const Seek *q, const IrNode *sub)
{
    return !ir_inside(sub, q->map->regions[0]) || (sub->op == OP_index && sub->parent == q->map->regions[0] && sub != q->lanes && sub != q->index);
}

/* For all that the index takes: it may run further than the weight, where a choice is around the load. */
static bool has_panels(const Seek *q, const IrNode *n, int axis)
{
    Dim panels = n->in[0]->type.dims[axis];
    return panels == tile_ceil_div(q->cx->module->dims, q->index->dim, PANEL) || pass_is_inside(q->cx, n, axis + 1);
}

static bool is_taken(const Seek *q, const IrNode *n)
{
    int axis = n->op == OP_load && stage_is_prepared(n->in[0]) ? stage_panel_axis(n, q->index) : -1;
    int64_t row = 1, extent;
    bool all = axis >= 0 && has_panels(q, n, axis) && varies_inside(q, n);
    for (int i = 1; all && i < n->nin - 1; i++) {
        bool fixed = i - 1 == axis || is_fixed(q, n->in[i]);
        all = fixed || (varies_inside(q, n->in[i]) && !pass_depends_on(q->cx, n->in[i], q->index));
        row *= !fixed && dim_is_const(n->in[0]->type.dims[i - 1], &extent) && extent > 0 ? extent : 1;
        all = all && row <= ROW_MOST;
    }
    return all;
}

static void see_load(void *user, IrNode *n)
{
    Seek *q = user;
    q->found = q->found || (n->op == OP_load && is_taken(q, n));
}

static bool is_bound_by(const IrNode *map, const IrNode *index)
{
    bool any = false;
    for (int i = 0; i < map->regions[0]->params.n; i++) {
        const IrNode *x = map->regions[0]->params.p[i];
        any = any || dim_mentions(x->dim, index->sym) || (x->from && dim_mentions(x->from, index->sym)) || (x->to && dim_mentions(x->to, index->sym));
    }
    return any;
}

IrNode *tile_unpack_index(PassCx *cx, IrNode *map, const Nest *nest)
{
    IrRegion *r = map->regions[0];
    for (int i = 0; i < r->params.n && !nest->rows && !nest->turned; i++) {
        IrNode *x = r->params.p[i];
        Seek q = { cx, map, x, nest->lanes, false };
        if (x == nest->lanes || !pass_is_whole(x) || is_bound_by(map, x))
            continue;
        ir_walk(r, see_load, &q);
        if (q.found)
            return x;
    }
    return NULL;
}

/* ---- the copies ------------------------------------------------------------------------------------------------------ */

/* The elements of a load, and the copy of its panel, of which others may read as well. */
typedef struct Copy { IrNode *load, *buffer; int axis; } Copy;

/* begin: node of the first lane of a point that takes `count` of them at most; NULL: it takes all. */
typedef struct Unpack {
    Tile *t;
    Seek q;
    IrBuilder at;
    const UnpackAt *where;
    IrNode *row, *begin;
    Copy copies[COPIES_MOST];
    int n;
    VEC(IrNode *) loads;
} Unpack;

static void note_load(void *user, IrNode *n)
{
    Unpack *u = user;
    if (n->op == OP_load && is_taken(&u->q, n))
        vec_push(u->t->cx->arena, &u->loads, n);
}

static bool is_free(const Unpack *u, const Copy *c, int i) { return i != c->axis && !is_fixed(&u->q, c->load->in[i + 1]); }

/* Only the lanes of a point are asked for. */
static bool is_part(const Unpack *u, const IrNode *load, int i)
{
    return u->begin && load->in[i + 1] == u->q.lanes && pass_is_inside(u->t->cx, load, i + 1);
}

/* Both read rows of one panel: equal subscripts, where those are fixed. */
static bool is_same(const Unpack *u, const Copy *c, const IrNode *load)
{
    bool same = load->in[0] == c->load->in[0] && stage_panel_axis(load, u->q.index) == c->axis;
    for (int i = 0; same && i < load->nin - 2; i++)
        same = i == c->axis || (is_free(u, c, i) == !is_fixed(&u->q, load->in[i + 1]) && is_part(u, load, i) == is_part(u, c->load, i));
    for (int i = 0; same && i < load->nin - 2; i++)
        same = i == c->axis || is_free(u, c, i) || load->in[i + 1] == c->load->in[i + 1];
    return same;
}

/* rows[q, free axes] */
static void make_buffer(Unpack *u, Copy *c)
{
    DimCx *d = u->t->cx->module->dims;
    IrType w = c->load->in[0]->type, type = { w.dtype, 1, NEWN(u->t->cx->module->arena, Dim, w.rank) };
    type.dims[0] = dim_const(d, PANEL);
    for (int i = 0; i < w.rank - 1; i++)
        if (is_free(u, c, i))
            type.dims[type.rank++] = is_part(u, c->load, i) ? dim_min(d, u->where->most, tile_dim(u->t, w.dims[i])) : tile_dim(u->t, w.dims[i]);
    type.dims[type.rank - 1] = dim_add(d, type.dims[type.rank - 1], dim_const(d, PANEL)); /* rows a power of two apart lie in one set of a cache */
    IrBuilder first = { u->t->fn, u->at.region, u->at.region->first, c->load->span };
    c->buffer = ir_add0(&first, OP_buffer, type);
    c->buffer->place = PLACE_scratch;
    map_put(&u->t->nodes, c->buffer, c->buffer);
}

static IrNode *loop(Unpack *u, IrBuilder *b, IrLoop kind, Dim lo, Dim extent)
{
    IrNode *f = ir_add0(b, OP_tfor, ir_scalar(DT_none));
    IrRegion *r = ir_region_new(u->t->fn, f);
    f->loop = (uint8_t)kind;
    f->factor = kind == LOOP_lanes;
    *b = (IrBuilder){ u->t->fn, r, NULL, b->span };
    return ir_index_new(r, name_of(u->t->cx->module->names, kind == LOOP_lanes ? "d" : "q"), lo, extent, b->span);
}

/* Lanes over the last free axis, the places of a panel inside. */
static void fill(Unpack *u, const Copy *c)
{
    IrType w = c->load->in[0]->type;
    IrNode *from[IR_RANK_MOST + 1] = { tile_buffer_of(u->t, c->load->in[0]) }, *to[IR_RANK_MOST + 2] = { c->buffer };
    IrBuilder b = u->at;
    int n = 3, last = 0;
    for (int i = 0; i < w.rank - 1; i++)
        last = is_free(u, c, i) ? i : last;
    for (int i = 0; i < w.rank - 1; i++) {
        bool free = is_free(u, c, i), part = free && is_part(u, c->load, i);
        if (i == c->axis)
            from[i + 1] = u->where->panel;
        else if (!free)
            from[i + 1] = tile_scalar(u->t, c->load->in[i + 1]);
        else
            from[i + 1] = loop(u, &b, i == last ? LOOP_lanes : LOOP_seq, part ? u->where->first : NULL, part ? u->where->count : tile_dim(u->t, w.dims[i]));
        if (free)
            to[n++] = part ? ir_add2(&b, OP_sub, ir_scalar(DT_i64), from[i + 1], u->begin) : from[i + 1];
    }
    from[w.rank] = to[2] = loop(u, &b, LOOP_seq, NULL, dim_const(u->t->cx->module->dims, PANEL));
    to[1] = ir_add(&b, OP_load, ir_scalar(w.dtype), w.rank + 1, from);
    ir_add(&b, OP_store, ir_scalar(DT_none), n, to);
}

static Copy *copy_of(Unpack *u, IrNode *load)
{
    for (int i = 0; i < u->n; i++)
        if (is_same(u, &u->copies[i], load))
            return &u->copies[i];
    if (u->n == COPIES_MOST)
        return NULL;
    Copy *c = &u->copies[u->n++];
    *c = (Copy){ .load = load, .axis = stage_panel_axis(load, u->q.index) };
    make_buffer(u, c);
    fill(u, c);
    return c;
}

/* The load reads the copy from here on. */
static void take(Unpack *u, const Copy *c, IrNode *load)
{
    IrNode *subs[IR_RANK_MOST] = { u->row };
    int n = 1;
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    for (int i = 0; i < load->nin - 2; i++)
        if (is_free(u, c, i))
            subs[n++] = is_part(u, load, i) ? ir_add2(&b, OP_sub, ir_scalar(DT_i64), load->in[i + 1], u->begin) : load->in[i + 1];
    ir_replace(load, ir_load(&b, c->buffer, n, subs));
}

void tile_unpack(Tile *t, IrNode *map, const Nest *nest, IrNode *index, const UnpackAt *where, IrBuilder at)
{
    Unpack u = { .t = t, .q = { t->cx, map, index, nest->lanes, false }, .at = at, .where = where };
    if (where->first) {
        u.begin = ir_dim_value(&at, where->first);
        map_put(&t->nodes, u.begin, u.begin);
    }
    ir_walk(map->regions[0], note_load, &u);
    IrBuilder first = { map->parent->fn, map->regions[0], map->regions[0]->first, map->span };
    u.row = stage_binary(&first, OP_mod, index, PANEL); /* once: loops over one row are told by its subscripts (keep.c) */
    for (int i = 0; i < u.loads.n; i++) {
        const Copy *c = copy_of(&u, u.loads.p[i]);
        if (c)
            take(&u, c, u.loads.p[i]);
    }
    for (int i = 0; i < u.loads.n; i++)
        if (!u.loads.p[i]->uses)
            ir_drop(u.loads.p[i]);
}
