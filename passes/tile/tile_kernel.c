/* tile_kernel.c - one map becomes one kernel.
 *
 *     map [t: T, n: N | guard] { body }    kernel [tc: .., nc: ..] {
 *                                            (what needs neither t nor n)
 *                                            tfor rows [t: ..] { (what does not need n)
 *                                              tfor lanes [n: ..] { guard; if guard { body; store } } } }
 *
 * Each node goes as far out as its operands allow. Under a guard only what may run at any time leaves it.
 */
#include "passes/tile/tile_int.h"

enum { OUTER, INNER, ROWS, LANES, GUARDED, LEVELS, ROW_CHUNK = 64, TURNED_CHUNK = 64 }; /* INNER: in loops over indices with bounds of their own */
enum { UNPACKED = 16, UNPACKED_LANES = 512 }; /* rows of a panel; lanes, so that their rows stay in the nearest cache */

typedef struct Kernel {
    Tile *t;
    IrNode *map, *guard;
    IrRegion *body;        /* of the map */
    Nest nest;
    IrBuilder at[LEVELS];
    Map level;             /* old node -> 1 + level */
    Map of_guard;          /* nodes that the guard needs */
    const Part *part;      /* what is computed already; NULL: nothing */
    IrNode *unpacked;      /* index of rows that are unpacked a panel at a time; NULL: none (tile_unpack.c) */
    Dim taken;             /* so many of them; or of parts, whose places are (tile_flat.c) */
    UnpackAt where;
    const Keyed *by;       /* rows are taken in the order of a key; NULL: as they stand */
    int nouter;            /* so many indices of the map are those of the grid; what comes behind them needs a reduction over them once */
} Kernel;

Dim tile_ceil_div(DimCx *d, Dim n, int64_t k)
{
    return dim_floordiv(d, dim_add(d, n, dim_const(d, k - 1)), dim_const(d, k));
}

Dim tile_dim(Tile *t, Dim d)
{
    return d ? dim_subst(t->cx->module->dims, d, symmap_subst, &t->syms) : NULL;
}

void tile_map_index(Tile *t, IrNode *old, IrNode *new_)
{
    map_put(&t->nodes, old, new_);
    if (old->sym)
        symmap_put(&t->syms, old->sym, dim_sym(t->cx->module->dims, new_->sym));
    new_->from = tile_dim(t, old->from);
    new_->to = tile_dim(t, old->to);
}

static void see_fault(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || (ir_info(n)->effects & (FAULTS | PINNED));
}

static Dim chunks_of(Kernel *k, IrNode *axis, Dim chunk)
{
    DimCx *d = k->t->cx->module->dims;
    return dim_floordiv(d, dim_add(d, tile_dim(k->t, axis->dim), dim_sub(d, chunk, dim_const(d, 1))), chunk);
}

/* The grid index that counts chunks of an axis; NULL if one point takes it all and it is not empty, or nobody would notice what is done for none.
 * chunk NULL: all of it. */
static IrNode *chunk_index(Kernel *k, IrRegion *grid, IrNode *axis, Dim chunk)
{
    DimCx *d = k->t->cx->module->dims;
    int64_t n, c;
    bool faults = false;
    Dim extent = tile_dim(k->t, axis->dim);
    ir_walk(k->body, see_fault, &faults);
    if ((dim_is_const(extent, &n) && n > 0 && (!chunk || (dim_is_const(chunk, &c) && n <= c))) || (!chunk && !faults))
        return NULL;
    Dim count = chunk ? chunks_of(k, axis, chunk) : dim_min(d, extent, dim_const(d, 1));
    return ir_index_new(grid, name_of(k->t->cx->module->names, "c"), NULL, count, axis->span);
}

/* A bound of the lanes that mentions the row: the widest over the rows of a chunk, if the bound grows or falls with the row; else none. */
Dim tile_over_rows(Tile *t, Dim bound, IrNode *row, bool upper)
{
    DimCx *d = t->cx->module->dims;
    SymMap m = symmap_new(t->cx);
    if (!bound || !row || !dim_mentions(bound, row->sym))
        return bound;
    Facts *f = facts_new(d, NULL);
    symmap_put(&m, row->sym, dim_add(d, dim_sym(d, row->sym), dim_const(d, 1)));
    Dim next = dim_subst(d, bound, symmap_subst, &m);
    bool grows = facts_prove_le(f, bound, next) == YES;
    if (!grows && facts_prove_le(f, next, bound) != YES)
        return NULL;
    Dim lo = row->lo ? row->lo : dim_const(d, 0), last = dim_add(d, lo, dim_sub(d, row->dim, dim_const(d, 1)));
    symmap_put(&m, row->sym, upper == grows ? last : lo);
    return dim_subst(d, bound, symmap_subst, &m);
}

static IrRegion *inner_loop(Kernel *k, IrBuilder *b, IrNode *axis, Dim skip, Dim chunk, IrLoop kind, int factor)
{
    DimCx *d = k->t->cx->module->dims;
    IrNode *f = ir_add0(b, OP_tfor, ir_scalar(DT_none));
    IrRegion *r = ir_region_new(k->t->fn, f);
    Dim lo = tile_dim(k->t, axis->lo), extent = tile_dim(k->t, axis->dim);
    f->loop = (uint8_t)kind;
    f->factor = (uint8_t)factor;
    if (skip) {
        lo = lo ? dim_add(d, lo, skip) : skip;
        extent = dim_min(d, chunk, dim_sub(d, extent, skip));
        extent = kind == LOOP_rows ? dim_max(d, dim_const(d, 0), extent) : extent; /* of the last chunk parts may be empty */
    }
    tile_map_index(k->t, axis, ir_index_new(r, axis->name, lo, extent, axis->span));
    return r;
}

static bool mentions(const IrNode *x, const IrNode *index)
{
    return index && ((x->from && dim_mentions(x->from, index->sym)) || (x->to && dim_mentions(x->to, index->sym)));
}

/* An index of the grid whose bounds (rule 3) depend on others of it: those run in the grid, it in a loop of each point; so does one that
 * only the elements need, not the reductions before them (the rows of a group that is normed). */
static bool runs_inside(const Kernel *k, const IrNode *x)
{
    bool any = false;
    if (x == k->nest.lanes || x == k->nest.rows || x == k->nest.turned || mentions(x, k->nest.lanes) || mentions(x, k->nest.rows))
        return false;
    for (int i = 0; i < k->body->params.n; i++)
        any = any || mentions(x, k->body->params.p[i]) || (i >= k->nouter && x == k->body->params.p[i]);
    return any || x == k->unpacked;
}

/* Behind the last index that a reduction needs (one that needs none is a kernel of its own). */
static int indices_of(PassCx *cx, const IrNode *reduce)
{
    const IrRegion *r = reduce->parent;
    int n = r->params.n;
    while (n && !pass_depends_on(cx, reduce, r->params.p[n - 1]))
        n--;
    return n ? n : r->params.n;
}

static int outer_indices(const Kernel *k)
{
    int n = k->body->params.n;
    if (!k->nest.lanes || k->nest.rows)
        return n;
    for (const IrNode *x = k->body->first; x; x = x->next) {
        int m = x->op == OP_reduce ? indices_of(k->t->cx, x) : n;
        n = m < n ? m : n;
    }
    return n;
}

/* The others: the grid itself begins and ends at the bounds, if they are known before. */
static void grid_index(Kernel *k, IrRegion *grid, IrNode *x)
{
    DimCx *d = k->t->cx->module->dims;
    Dim lo = tile_dim(k->t, x->lo), extent = tile_dim(k->t, x->dim), end = dim_add(d, lo ? lo : dim_const(d, 0), extent);
    bool bound = (x->from || x->to) && !mentions(x, k->nest.lanes) && !mentions(x, k->nest.rows);
    if (bound) {
        Dim to = x->to ? dim_min(d, end, tile_dim(k->t, x->to)) : end;
        lo = x->from ? dim_max(d, lo ? lo : dim_const(d, 0), tile_dim(k->t, x->from)) : lo;
        extent = dim_max(d, dim_const(d, 0), lo ? dim_sub(d, to, lo) : to);
    }
    IrNode *at = ir_index_new(grid, x->name, lo, extent, x->span);
    tile_map_index(k->t, x, at);
    if (bound)
        at->from = at->to = NULL;
}

/* Lanes of a grid point: of a packed weight that several steps of rows read, as many as half of the second-level cache holds. */
static Dim lane_chunk(Kernel *k)
{
    const Nest *n = &k->nest;
    const PassTarget *target = &k->t->cx->options->target;
    DimCx *d = k->t->cx->module->dims;
    Dim most = n->chunk ? dim_const(d, n->chunk) : NULL, one = dim_const(d, 1);
    if (!n->panels || !n->rows || !most)
        return most;
    int64_t bytes = n->panel_bytes, step = n->lane_factor * target->vector_bytes / 4;
    if (n->panels->op != OP_reduce || n->panels->regions[0]->params.n != 1)
        return most;
    const IrNode *x = n->panels->regions[0]->params.p[0];
    for (int i = 0; i < k->body->params.n; i++)
        if (dim_mentions(x->dim, k->body->params.p[i]->sym))
            return most;
    Dim fit = dim_floordiv(d, dim_const(d, target->l2 / 2 / bytes / step), dim_max(d, one, tile_dim(k->t, x->dim)));
    Dim once = dim_sub(d, dim_const(d, n->row_factor + 1), tile_dim(k->t, n->rows->dim)); /* positive: all rows are one step */
    Dim steps = dim_const(d, n->chunk / step);
    steps = dim_min(d, steps, dim_max(d, dim_max(d, one, fit), dim_mul(d, steps, once)));
    return dim_mul(d, dim_const(d, step), steps); /* a multiple of the step, whatever the rows are: lanes stay side by side in a panel */
}

/* Where a grid point's part of an axis begins; NULL: it has all of it. */
static Dim skipped(Kernel *k, IrNode *index, Dim chunk)
{
    DimCx *d = k->t->cx->module->dims;
    return index && chunk ? dim_mul(d, chunk, dim_sym(d, index->sym)) : NULL;
}

/* The last index of the grid counts parts of a chunk of rows (NULL: there is one): they follow one another with the same lanes, whose weights come from
 * far away once for all of them, and threads share the work evenly. Sets the rows of a point and where they begin. */
static void part_rows(Kernel *k, IrRegion *grid, IrNode *chunk, Dim *rows, Dim *skip)
{
    DimCx *d = k->t->cx->module->dims;
    int64_t n, step = k->nest.row_factor == 6 ? 4 * 6 : 2 * 8; /* whole steps of rows */
    Dim parts = tile_ceil_div(d, dim_min(d, *rows, tile_dim(k->t, k->nest.rows->dim)), step);
    *skip = skipped(k, chunk, *rows);
    if (dim_is_const(parts, &n) && n <= 1)
        return;
    Dim within = skipped(k, ir_index_new(grid, name_of(k->t->cx->module->names, "r"), NULL, parts, k->nest.rows->span), dim_const(d, step));
    *rows = dim_min(d, dim_const(d, step), dim_sub(d, *rows, within));
    *skip = *skip ? dim_add(d, *skip, within) : within;
}

static void make_loops(Kernel *k)
{
    Tile *t = k->t;
    Nest *n = &k->nest;
    Dim rows = dim_const(t->cx->module->dims, ROW_CHUNK), lanes = lane_chunk(k), skip = NULL, turns = dim_const(t->cx->module->dims, TURNED_CHUNK);
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none)), *rc = NULL, *lc = NULL, *tc = NULL;
    kernel->name = k->map->name;
    kernel->span = k->map->span;
    IrRegion *grid = ir_region_new(t->fn, kernel), *in = grid;
    for (int i = 0; i < k->body->params.n; i++) {
        IrNode *x = k->body->params.p[i];
        if (x != n->lanes && x != n->rows && x != n->turned && !runs_inside(k, x))
            grid_index(k, grid, x);
        if (x == k->unpacked)
            k->where.panel = ir_index_new(grid, name_of(t->cx->module->names, "p"), NULL, chunks_of(k, x, k->taken), x->span);
    }
    if (n->turned)
        tc = chunk_index(k, grid, n->turned, turns);
    if (n->rows)
        rc = chunk_index(k, grid, n->rows, rows);
    if (n->lanes)
        lc = chunk_index(k, grid, n->lanes, lanes);
    if (n->rows)
        part_rows(k, grid, rc, &rows, &skip);
    k->at[OUTER] = k->at[INNER] = (IrBuilder){ t->fn, grid, NULL, k->map->span };
    for (int i = 0; i < k->body->params.n; i++)
        if (runs_inside(k, k->body->params.p[i])) {
            IrNode *x = k->body->params.p[i];
            Dim of = x == k->unpacked ? k->taken : NULL;
            in = inner_loop(k, &k->at[INNER], x, skipped(k, of ? k->where.panel : NULL, of), of, LOOP_seq, 0);
            k->at[INNER] = (IrBuilder){ t->fn, in, NULL, k->map->span };
        }
    k->at[ROWS] = k->at[LANES] = k->at[INNER];
    if (n->rows) {
        in = inner_loop(k, &k->at[INNER], n->rows, skip, rows, LOOP_rows, n->row_factor);
        k->at[ROWS] = k->at[LANES] = (IrBuilder){ t->fn, in, NULL, k->map->span };
    }
    if (n->lanes) {
        Dim first = skipped(k, lc, lanes);
        in = inner_loop(k, &k->at[ROWS], n->lanes, first, lanes, LOOP_lanes, n->lane_factor);
        IrNode *x = vec_last(&in->params), *row = n->rows ? map_find(&t->nodes, n->rows) : NULL;
        x->from = tile_over_rows(t, x->from, row, false);
        x->to = tile_over_rows(t, x->to, row, true);
        k->where = (UnpackAt){ k->where.panel, first ? x->lo : NULL, x->dim, lanes };
        k->at[LANES] = (IrBuilder){ t->fn, in, NULL, k->map->span };
    }
    if (n->turned) {
        in = inner_loop(k, &k->at[LANES], n->turned, skipped(k, tc, turns), turns, LOOP_seq, 0);
        k->at[LANES] = (IrBuilder){ t->fn, in, NULL, k->map->span };
    }
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

static int level_of(Kernel *k, IrNode *n)
{
    void *v = map_find(&k->level, n);
    return v ? (int)(uintptr_t)v - 1 : OUTER;
}

typedef struct Highest { Kernel *k; int level; } Highest;

static void see_operands(void *user, IrNode *n)
{
    Highest *h = user;
    for (int i = 0; i < n->nin; i++) {
        int l = level_of(h->k, n->in[i]);
        h->level = l > h->level ? l : h->level;
    }
}

static int own_level(Kernel *k, IrNode *n)
{
    PassCx *cx = k->t->cx;
    Highest h = { k, OUTER };
    see_operands(&h, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], see_operands, &h);
    for (int i = 0; k->by && i < k->body->params.n && h.level < ROWS; i++)
        if (k->body->params.p[i] != k->nest.lanes && pass_depends_on(cx, n, k->body->params.p[i]))
            h.level = ROWS;
    for (int i = 0; !k->by && i < k->body->params.n && h.level < INNER; i++)
        if (runs_inside(k, k->body->params.p[i]) && pass_depends_on(cx, n, k->body->params.p[i]))
            h.level = INNER;
    if (h.level < ROWS && k->nest.rows && pass_depends_on(cx, n, k->nest.rows))
        h.level = ROWS;
    if (h.level < LANES && k->nest.lanes && (pass_depends_on(cx, n, k->nest.lanes) || (k->nest.turned && pass_depends_on(cx, n, k->nest.turned))))
        h.level = LANES;
    if (k->guard && !map_find(&k->of_guard, n) && !pass_is_total(cx, n))
        h.level = GUARDED;
    return h.level;
}

static void note_guard(void *user, IrNode *n);

static void note_operands(Kernel *k, IrNode *n)
{
    for (int i = 0; i < n->nin; i++)
        note_guard(k, n->in[i]);
}

static void note_nested(void *user, IrNode *n)
{
    note_operands(user, n);
}

static void note_guard(void *user, IrNode *n)
{
    Kernel *k = user;
    if (n->parent != k->body || map_find(&k->of_guard, n))
        return;
    map_put(&k->of_guard, n, n);
    note_operands(k, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], note_nested, k);
}

void tile_store_element(Tile *t, IrNode *map, const Dest *d, IrBuilder *b, IrNode *value)
{
    IrNode *in[19] = { d->buffer, value };
    for (int i = 0; i < d->rank; i++) {
        IrNode *x = NULL, *old = d->axis[i] >= 0 ? map->regions[0]->params.p[d->axis[i]] : NULL;
        if (old) {
            x = map_find(&t->nodes, old);
            if (old->lo)
                x = ir_add2(b, OP_sub, ir_scalar(DT_i64), x, ir_dim_value(b, tile_dim(t, old->lo)));
            if (d->step && d->step[i])
                x = ir_add2(b, OP_add, ir_scalar(DT_i64), ir_add2(b, OP_mul, ir_scalar(DT_i64), ir_dim_value(b, d->step[i]), x),
                            map_find(&t->nodes, map->regions[0]->params.p[d->rest[i]]));
        }
        if (d->start[i])
            x = x ? ir_add2(b, OP_add, ir_scalar(DT_i64), d->start[i], x) : d->start[i];
        in[2 + i] = x ? x : ir_int(b, 0);
    }
    b->span = map->span;
    ir_add(b, OP_store, ir_scalar(DT_none), d->rank + 2, in);
}

static void open_guard(Kernel *k)
{
    IrBuilder *b = &k->at[LANES];
    IrNode *choice = ir_add1(b, OP_if, ir_scalar(DT_none), tile_scalar(k->t, k->guard));
    k->at[GUARDED] = (IrBuilder){ k->t->fn, ir_region_new(k->t->fn, choice), NULL, k->map->span };
    IrBuilder no = { k->t->fn, ir_region_new(k->t->fn, choice), NULL, k->map->span };
    ir_yield(&no, 0, NULL);
}

/* Nodes move before the loops that they do not need: builders of outer levels insert in front of the inner loop. */
static void settle_builders(Kernel *k)
{
    for (int l = OUTER; l < LANES; l++)
        for (IrNode *f = k->at[l].region->first; f; f = f->next)
            if (f->op == OP_tfor)
                k->at[l].before = f;
}

/* Outside of its guard an element may hold anything: if nothing has to stay under the guard, the store need not either. */
static bool needs_guard(Kernel *k, IrNode *end)
{
    for (IrNode *n = k->body->first; k->guard && n && n != end; n = n->next)
        if (level_of(k, n) == GUARDED)
            return true;
    return false;
}

static IrNode *computed(Kernel *k)
{
    const Part *p = k->part;
    IrBuilder *b = &k->at[LANES];
    IrType t = ir_scalar(DT_i64);
    IrNode *row = map_find(&k->t->nodes, k->nest.rows), *lane = map_find(&k->t->nodes, k->nest.lanes);
    IrNode *at[] = { ir_add2(b, OP_sub, t, row, ir_dim_value(b, p->row_lo)), ir_add2(b, OP_sub, t, lane, ir_dim_value(b, p->lane_lo)) };
    if (p->skip)
        at[1] = ir_add2(b, OP_add, t, at[1], ir_dim_value(b, p->skip));
    IrNode *x = ir_load(b, p->sums, 2, at);
    IrDtype want = p->reduce->type.dtype;
    return x->type.dtype == want ? x : ir_add1(b, OP_cast, ir_scalar(want), x);
}

static void fill(Kernel *k, const Dest *d)
{
    IrNode *y = ir_terminator(k->body);
    for (int pass = 0; pass < 2; pass++) { /* first what runs always, then what stands under the guard */
        if (pass && !needs_guard(k, y))
            k->guard = NULL;
        if (pass && k->guard)
            open_guard(k);
        for (IrNode *n = k->body->first; n && n != y; n = n->next) {
            int l = pass ? level_of(k, n) : own_level(k, n);
            if (!pass)
                map_put(&k->level, n, (void *)(uintptr_t)(l + 1));
            if ((l == GUARDED) == (pass == 1) && !k->t->failed && !(k->by && n == k->by->key))
                map_put(&k->t->nodes, n, k->part && n == k->part->reduce ? computed(k) : tile_clone(k->t, &k->at[l], n));
        }
    }
    IrBuilder *b = k->guard ? &k->at[GUARDED] : &k->at[LANES];
    if (k->t->failed)
        return;
    tile_store_element(k->t, k->map, d, b, tile_scalar(k->t, y->in[0]));
    if (k->guard)
        ir_yield(b, 0, NULL);
}

static Kernel new_kernel(Tile *t, IrNode *map)
{
    Kernel k = { .t = t, .map = map, .body = map->regions[0], .guard = pass_guard(map->regions[0]), .nest = tile_nest(t->cx, map) };
    k.level = map_new(t->cx->arena);
    k.of_guard = map_new(t->cx->arena);
    k.nouter = outer_indices(&k);
    if (k.guard)
        note_guard(&k, k.guard);
    return k;
}

void tile_kernel(Tile *t, IrNode *map, Dest dest)
{
    Kernel k = new_kernel(t, map);
    Dim parts = tile_flat_parts(t, map);
    k.unpacked = parts ? k.body->params.p[0] : tile_unpack_index(t->cx, map, &k.nest);
    k.taken = parts ? parts : dim_const(t->cx->module->dims, UNPACKED);
    if (k.unpacked && k.nest.chunk > UNPACKED_LANES)
        k.nest.chunk = UNPACKED_LANES;
    make_loops(&k);
    settle_builders(&k);
    if (parts)
        tile_flat(t, map, k.where.panel, parts, k.at[OUTER]);
    else if (k.unpacked)
        tile_unpack(t, map, &k.nest, k.unpacked, &k.where, k.at[OUTER]);
    fill(&k, &dest);
}

/* ---- rows in the order of a key ----------------------------------------------------------------------------------- */

/* The map's index of row number p: p // (places behind it) % (its own). */
static IrNode *index_of_row(Kernel *k, IrNode *p, int at)
{
    DimCx *d = k->t->cx->module->dims;
    IrBuilder *b = &k->at[ROWS];
    Dim behind = dim_const(d, 1), one = behind;
    bool first = true;
    for (int i = 0; i < k->body->params.n; i++) {
        IrNode *x = k->body->params.p[i];
        first = first && (i >= at || x == k->nest.lanes);
        behind = i > at && x != k->nest.lanes ? dim_mul(d, behind, tile_dim(k->t, x->dim)) : behind;
    }
    Dim own = tile_dim(k->t, k->body->params.p[at]->dim);
    p = behind == one ? p : ir_add2(b, OP_floordiv, ir_scalar(DT_i64), p, ir_dim_value(b, dim_max(d, one, behind)));
    return first ? p : ir_add2(b, OP_mod, ir_scalar(DT_i64), p, ir_dim_value(b, dim_max(d, one, own)));
}

static void make_keyed_loops(Kernel *k)
{
    Tile *t = k->t;
    DimCx *d = t->cx->module->dims;
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    IrRegion *grid = ir_region_new(t->fn, kernel);
    Dim lanes = lane_chunk(k);
    kernel->name = k->map->name;
    kernel->span = k->map->span;
    IrNode *e = ir_index_new(grid, name_of(t->cx->module->names, "e"), NULL, k->by->keys, k->map->span), *lc = chunk_index(k, grid, k->nest.lanes, lanes);
    k->at[OUTER] = k->at[INNER] = (IrBuilder){ t->fn, grid, NULL, k->map->span };
    IrBuilder *b = &k->at[OUTER];
    IrNode *after = ir_add2(b, OP_add, ir_scalar(DT_i64), e, ir_int(b, 1)), *from = ir_load(b, k->by->first, 1, &e), *to = ir_load(b, k->by->first, 1, &after);
    Dim lo = pass_dim_of(t->cx, from), end = pass_dim_of(t->cx, to);
    IrNode *loop = ir_add0(b, OP_tfor, ir_scalar(DT_none));
    IrRegion *rows = ir_region_new(t->fn, loop);
    loop->loop = LOOP_rows;
    loop->factor = (uint8_t)k->nest.row_factor;
    IrNode *i = ir_index_new(rows, name_of(t->cx->module->names, "i"), lo, dim_sub(d, end, lo), k->map->span);
    k->at[ROWS] = (IrBuilder){ t->fn, rows, NULL, k->map->span };
    IrNode *p = ir_load(&k->at[ROWS], k->by->order, 1, &i);
    for (int n = 0; n < k->body->params.n; n++) {
        IrNode *old = k->body->params.p[n], *x = old == k->nest.lanes ? NULL : index_of_row(k, p, n);
        if (!x)
            continue;
        map_put(&t->nodes, old, x);
        if (old->sym)
            symmap_put(&t->syms, old->sym, pass_dim_of(t->cx, x));
    }
    map_put(&t->nodes, k->by->key, e);
    if (k->by->key->sym)
        symmap_put(&t->syms, k->by->key->sym, dim_sym(d, e->sym));
    k->at[LANES] = (IrBuilder){ t->fn, inner_loop(k, &k->at[ROWS], k->nest.lanes, skipped(k, lc, lanes), lanes, LOOP_lanes, k->nest.lane_factor), NULL, k->map->span };
}

void tile_kernel_by_key(Tile *t, IrNode *map, Dest dest, const Keyed *by)
{
    Kernel k = new_kernel(t, map);
    k.by = by;
    k.nest.rows = k.nest.turned = NULL;
    k.nest.row_factor = tile_rows_at_once(t->cx, map, k.nest.lanes);
    make_keyed_loops(&k);
    settle_builders(&k);
    fill(&k, &dest);
}

static IrRegion *part_loop(Kernel *k, IrBuilder *b, IrNode *axis, IrLoop kind, Dim lo, Dim extent)
{
    IrNode *f = ir_add0(b, OP_tfor, ir_scalar(DT_none));
    IrRegion *r = ir_region_new(k->t->fn, f);
    f->loop = (uint8_t)kind;
    f->factor = 1; /* passes over memory gain nothing by more, and code costs time */
    tile_map_index(k->t, axis, ir_index_new(r, axis->name, lo, extent, axis->span));
    return r;
}

void tile_rest(Tile *t, IrNode *map, const Dest *dest, IrRegion *in, const Part *part)
{
    Kernel k = new_kernel(t, map);
    k.part = part;
    k.nest = part->nest ? *part->nest : k.nest;
    k.guard = NULL; /* it holds for all of the part */
    k.at[OUTER] = k.at[INNER] = (IrBuilder){ t->fn, in, NULL, map->span };
    IrRegion *rows = part_loop(&k, &k.at[OUTER], k.nest.rows, LOOP_seq, dim_add(t->cx->module->dims, part->row_lo, part->first), part->rows);
    k.at[OUTER].before = k.at[INNER].before = in->last;
    k.at[ROWS] = (IrBuilder){ t->fn, rows, NULL, map->span };
    IrRegion *lanes = part_loop(&k, &k.at[ROWS], k.nest.lanes, LOOP_lanes, part->lane_lo, part->lanes);
    k.at[ROWS].before = rows->last;
    k.at[LANES] = (IrBuilder){ t->fn, lanes, NULL, map->span };
    fill(&k, dest);
}

void tile_scalar_kernel(Tile *t, IrNode *n)
{
    IrNode *buffer = tile_buffer(t, PLACE_arena, n->type, 0, n->span, n->name);
    IrNode *k = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    k->span = n->span;
    IrBuilder in = { t->fn, ir_region_new(t->fn, k), NULL, n->span };
    IrNode *value = tile_clone(t, &in, n);
    ir_add2(&in, OP_store, ir_scalar(DT_none), buffer, value);
    IrNode *v = ir_load(&t->b, buffer, 0, NULL);
    map_put(&t->nodes, n, v);
    if (n->sym)
        symmap_put(&t->syms, n->sym, pass_dim_of(t->cx, v));
}
