/* tile_block_slide.c - the copy of an image for a convolution: each of its rows once, not once for each place of the kernel that reads it.
 *
 *     sum [c, i, j]  w[o, c, i, j] * (x[c, y + i - 1, z + j - 1] ?? 0)
 *
 *     line[z]                  = x[c, y0 + u - 1, z - 1] ?? 0      a row with its edges
 *     copy[((c, j), u), z]     = line[z + j]                       u: the rows of the chunk and two more
 *     from[(c, i, j)]          = place of copy[((c, j), i), 0]     lane y * Z + z of place k of the sum lies from there on
 *     panel[(c, i, j), lane]   = copy[from[(c, i, j)] + lane]      16 lanes, which all rows of w take before the next ones
 *
 * Right may be anything that needs the outer index and one index of the sum through one combination of both: then its value for a row
 * of the one and a place of the other is its value for a later row and the first place. Where rows come some apart (y * 2 + i), the
 * remainders of i are copied apart. Places of the sum keep their order, so the bits are those of other copies.
 *
 * Panels are for few registers, where a step of rows reads a vector for each multiply-add or two: lines of the copy lie at distances that
 * no prefetcher follows (Zen 4, AVX2: the products of 64 x 56 x 56 by 64 took 2.5 ms from the copy, 2.0 from panels).
 */
#include "passes/tile/tile_block_int.h"

enum { MOST_PLACES = 64, /* of the index and those behind it: more of them would be copied for a part of a stretch */
       WIDE = 64,        /* lanes of a row of the image: narrow chunks have more rows, which share more */
       LANES = 384 };    /* of all rows of a chunk */

/* ---- which index it is --------------------------------------------------------------------------------------------------- */

/* Its places, and those of the indices behind it, are a few. */
static bool has_few_places(Block *b, const IrRegion *r, Slide *s)
{
    int64_t n;
    if (!dim_is_const(tile_dim(b->s.t, s->index->dim), &s->extent) || s->extent < 2 || s->extent > MOST_PLACES)
        return false;
    s->inner = 1;
    for (int i = s->axis + 1; i < r->params.n; i++) {
        if (!dim_is_const(tile_dim(b->s.t, r->params.p[i]->dim), &n) || n < 1 || n > MOST_PLACES)
            return false;
        s->inner *= n;
    }
    return s->extent * s->inner <= MOST_PLACES;
}

void slide_find(Block *b, IrNode *right)
{
    PassCx *cx = CX(b);
    const IrRegion *r = b->reduce->regions[0];
    IrNode *const *p = r->params.p;
    int n = r->params.n;
    int64_t by, step;
    if (!b->outer)
        return;
    for (int axis = 0; axis < n && axis < 2; axis++) {
        Slide s = { .index = p[axis], .right = right, .axis = axis };
        bool both = n - axis <= 3 && shift_find(cx, right, b->outer, s.index, &s.by, &s.step);
        if (!both || (s.by > 1 && s.step > 1) || s.by > MOST_PLACES || s.step > MOST_PLACES || !has_few_places(b, r, &s))
            continue;
        s.phases = s.by < s.extent ? s.by : s.extent;
        s.more = s.step * (s.extent - 1) / s.by;
        if (n == axis + 2 && shift_find(cx, right, b->nest.lanes, p[axis + 1], &by, &step) && by == 1 && step <= WIDE)
            s.across = step;
        s.panels = b->direct && cx->options->target.registers < 32;
        b->slide = s;
        return;
    }
}

/* ---- sizes --------------------------------------------------------------------------------------------------------------- */

static int64_t all_places(const Block *b) { return b->slide.extent * b->slide.inner; }

/* For each place of the indices before. */
static int64_t planes(const Block *b) { return b->slide.phases * b->slide.inner; }

/* A stretch begins and ends anywhere. */
static int64_t most_of_outside(const Block *b) { return (b->stretch - 1) / all_places(b) + 2; }

/* Panels are as long as half of the nearest cache allows. */
void slide_sizes(Block *b, int64_t bytes)
{
    int64_t size = dtype_bytes(b->dtype), room = 0;
    b->stretch = (b->slide.panels ? 2 : 2 * MOST_BLOCKS) * K_BLOCK;
    while (b->stretch > K_BLOCK && room < LANES) {
        b->stretch /= 2;
        room = bytes / size / (most_of_outside(b) * planes(b));
    }
    b->most = room < WIDE ? WIDE : room < LANES ? room / PANEL * PANEL : LANES;
}

static Dim divided(DimCx *d, Dim n, Dim by) { return dim_floordiv(d, dim_add(d, n, dim_sub(d, by, dim_const(d, 1))), by); }

Dim slide_width(Block *b, Dim lanes)
{
    DimCx *d = DIM(b);
    Dim one = dim_const(d, 1);
    return dim_max(d, one, divided(d, lanes, dim_max(d, one, tile_ceil_div(d, lanes, WIDE))));
}

/* As many rows as leave room for those beside them; chunks of like size. */
Dim slide_places(Block *b, Dim width)
{
    DimCx *d = DIM(b);
    Dim one = dim_const(d, 1), all = dim_max(d, one, tile_dim(b->s.t, b->outer->dim));
    Dim fit = dim_max(d, one, dim_sub(d, dim_floordiv(d, dim_const(d, b->most), width), dim_const(d, b->slide.more)));
    return divided(d, all, divided(d, all, fit));
}

/* Lanes of all rows; a line more than they need, lest planes fall on the same sets of the nearest cache, and for vectors that reach beyond. */
static Dim plane_size(Block *b)
{
    DimCx *d = DIM(b);
    return dim_add(d, dim_mul(d, b->pitch, dim_add(d, b->outer_all, dim_const(d, b->slide.more))), dim_const(d, PANEL));
}

void slide_scratch(Block *b)
{
    DimCx *d = DIM(b);
    Slide *s = &b->slide;
    Dim outside = dim_min(d, dim_const(d, most_of_outside(b)), dim_floordiv(d, tile_dim(b->s.t, b->k->dim), dim_const(d, all_places(b))));
    Dim one = dim_const(d, 1), lanes = dim_mul(d, dim_const(d, PANEL), tile_ceil_div(d, dim_mul(d, b->outer_all, b->pitch), PANEL));
    b->sums = block_scratch(b, b->dtype, b->sums_rows, lanes);
    b->b = block_scratch(b, b->dtype, dim_mul(d, dim_mul(d, outside, dim_const(d, planes(b))), plane_size(b)), one);
    s->from = block_scratch(b, DT_i64, dim_const(d, b->stretch + 2 * all_places(b)), NULL);
    if (s->across)
        s->line = block_scratch(b, b->dtype, dim_const(d, WIDE + s->across * (s->inner - 1)), NULL);
    if (s->panels)
        s->panel = block_scratch(b, b->dtype, dim_const(d, b->stretch), dim_const(d, PANEL));
}

/* ---- the copy -------------------------------------------------------------------------------------------------------------- */

static IrNode *open_seq(Block *b, IrNode *old, Dim extent) { return stream_open_loop(&b->s, old, NULL, LOOP_seq, 0, NULL, extent); }

static IrNode *sum(IrBuilder *at, IrNode *x, Dim y) { return ir_add2(at, OP_add, ir_scalar(DT_i64), x, ir_dim_value(at, y)); }

static Dim of_index(Block *b, const IrNode *x, int64_t times) { return dim_mul(DIM(b), dim_const(DIM(b), times), dim_sym(DIM(b), x->sym)); }

/* Lane 0 of a row in the plane of place q of the indices before, a remainder, and place t of those behind. */
static Dim place_of(Block *b, const IrNode *q, Dim phase, Dim t, Dim row)
{
    DimCx *d = DIM(b);
    Dim plane = dim_add(d, of_index(b, q, planes(b)), dim_mul(d, phase, dim_const(d, b->slide.inner)));
    return dim_add(d, dim_mul(d, dim_add(d, plane, t), plane_size(b)), dim_mul(d, row, b->pitch));
}

static void write_from(Block *b, Dim outside)
{
    DimCx *d = DIM(b);
    Slide *s = &b->slide;
    IrNode *q = open_seq(b, s->index, outside), *i = open_seq(b, s->index, dim_const(d, s->extent)), *t = open_seq(b, s->index, dim_const(d, s->inner));
    IrBuilder *at = &stream_top(&b->s)->b;
    Dim rows = of_index(b, i, s->step), by = dim_const(d, s->by);
    Dim from = place_of(b, q, dim_mod(d, rows, by), dim_sym(d, t->sym), dim_floordiv(d, rows, by));
    Dim place = dim_add(d, dim_add(d, of_index(b, q, all_places(b)), of_index(b, i, s->inner)), dim_sym(d, t->sym));
    block_put(b, s->from, ir_dim_value(at, from), 1, (IrNode *[]){ ir_dim_value(at, place) });
    stream_close(&b->s);
}

static IrNode *open_lanes(Block *b, Dim extent) { return stream_open_loop(&b->s, b->nest.lanes, NULL, LOOP_lanes, 1, NULL, extent); }

/* A row of the copy: place q of the indices before, a remainder, row u. */
typedef struct Row { IrNode *q, *u; Dim q_lo, phase; } Row;

/* Right is for lane z (NULL: for what needs no lane) of a row, and place t of the indices behind. */
static void bind_row(Block *b, const Row *r, Dim t, IrNode *z)
{
    DimCx *d = DIM(b);
    int axis = b->slide.axis;
    IrNode *const *k = b->reduce->regions[0]->params.p;
    block_bind_places(b, k, axis, dim_add(d, r->q_lo, dim_sym(d, r->q->sym)));
    block_bind_dim(b, b->slide.index, r->phase);
    block_bind_places(b, k + axis + 1, b->reduce->regions[0]->params.n - axis - 1, t);
    block_bind_at(b, b->outer, b->outer_lo, r->u);
    if (z)
        block_bind_at(b, b->nest.lanes, b->lane_lo, z);
}

/* `guard ? load : constant`, the guard a conjunction: lanes from `from` to `to` (NULL: no bound) of those rows where the others hold. */
enum { OTHERS_MOST = 8 };
typedef struct Edges { IrNode *load, *constant, *others[OTHERS_MOST]; int nothers; Dim from, to; } Edges;

static int64_t coefficient(Dim d, const DimSym *s)
{
    const DimTerm *t;
    for (int i = 0, n = dim_terms(d, &t); i < n; i++)
        if (t[i].nfactors == 1 && t[i].factors[0].power == 1 && t[i].factors[0].atom->kind == DA_SYM && t[i].factors[0].atom->sym == s)
            return t[i].coef;
    return 0;
}

/* In the row that is bound. */
static bool split_guard(Block *b, IrNode *g, Edges *e)
{
    DimCx *d = DIM(b);
    IrNode *z = b->nest.lanes;
    if (g->op == OP_and && g->type.dtype == DT_bool)
        return split_guard(b, g->in[0], e) && split_guard(b, g->in[1], e);
    if (!pass_depends_on(CX(b), g, z)) {
        bool room = e->nothers < OTHERS_MOST;
        if (room)
            e->others[e->nothers++] = g;
        return room;
    }
    if ((g->op != OP_le && g->op != OP_lt) || !pass_is_affine(g->in[0]) || !pass_is_affine(g->in[1]))
        return false;
    Dim apart = dim_sub(d, pass_dim_of(CX(b), g->in[1]), pass_dim_of(CX(b), g->in[0])), zero = dim_const(d, 0), one = dim_const(d, 1);
    int64_t k = coefficient(apart, z->sym);
    Dim rest = dim_sub(d, apart, dim_mul(d, dim_const(d, k), dim_sym(d, z->sym)));
    if ((k != 1 && k != -1) || dim_mentions(rest, z->sym))
        return false;
    Dim lo = z->lo ? dim_add(d, b->lane_lo, tile_dim(b->s.t, z->lo)) : b->lane_lo;
    rest = dim_add(d, tile_dim(b->s.t, rest), dim_mul(d, dim_const(d, k), lo));
    rest = g->op == OP_lt ? dim_sub(d, rest, one) : rest; /* k * lane + rest is at least 0 */
    if (k == 1)
        e->from = dim_max(d, e->from ? e->from : zero, dim_neg(d, rest));
    else
        e->to = e->to ? dim_min(d, e->to, dim_add(d, rest, one)) : dim_add(d, rest, one);
    return true;
}

/* What is read under the guard is one load at places that need nothing else. */
static bool find_edges(Block *b, Edges *e)
{
    IrNode *x = b->slide.right;
    if (x->op != OP_if || ir_terminator(x->regions[1])->in[0]->op != OP_const)
        return false;
    *e = (Edges){ .load = ir_terminator(x->regions[0])->in[0], .constant = ir_terminator(x->regions[1])->in[0] };
    for (const IrNode *n = x->regions[0]->first; n; n = n->next)
        if (n != e->load && n != ir_terminator(x->regions[0]) && !pass_is_affine(n))
            return false;
    for (int i = 1; i < e->load->nin; i++)
        if (!pass_is_affine(e->load->in[i]))
            return false;
    return e->load->op == OP_load && split_guard(b, x->in[0], e);
}

/* The constant everywhere, then what lies inside: no lane of either needs a mask. */
static void write_inside(Block *b, const Row *r, const Edges *e, Dim lanes)
{
    Stream *st = &b->s;
    IrNode *z = open_lanes(b, lanes), *g = NULL;
    block_put(b, b->slide.line, block_element(b, e->constant), 1, &z);
    stream_pop(st);
    IrBuilder *at = &stream_top(st)->b;
    for (int i = 0; i < e->nothers; i++) {
        IrNode *x = stream_emit(st, e->others[i]);
        g = g ? ir_add2(at, OP_and, ir_scalar(DT_bool), g, x) : x;
    }
    IrNode *choice = g ? ir_add1(at, OP_if, ir_scalar(DT_none), g) : NULL;
    if (g) {
        at->before = choice;
        st->level[st->nlevels++] = (Level){ { st->t->fn, ir_region_new(st->t->fn, choice), NULL, st->c.map->span }, { b->outer, b->nest.lanes }, st->made.n };
    }
    z = open_lanes(b, lanes);
    IrNode *x = vec_last(&stream_top(st)->b.region->params);
    x->from = e->from;
    x->to = e->to;
    bind_row(b, r, dim_const(DIM(b), 0), z);
    block_put(b, b->slide.line, block_element(b, e->load), 1, &z);
    stream_pop(st);
    if (g) {
        ir_yield(&stream_top(st)->b, 0, NULL);
        stream_pop(st);
        IrBuilder none = { st->t->fn, ir_region_new(st->t->fn, choice), NULL, st->c.map->span };
        ir_yield(&none, 0, NULL);
    }
}

/* The open row of right with its edges: what it is for the first place of the index behind, and further lanes. */
static void write_line(Block *b, const Row *r)
{
    DimCx *d = DIM(b);
    Slide *s = &b->slide;
    Dim lanes = dim_add(d, b->lanes, dim_const(d, s->across * (s->inner - 1))), first = dim_const(d, 0);
    Edges e;
    int mark = b->s.made.n;
    bind_row(b, r, first, NULL);
    if (find_edges(b, &e)) {
        write_inside(b, r, &e, lanes);
    } else {
        IrNode *z = open_lanes(b, lanes);
        bind_row(b, r, first, z);
        block_put(b, s->line, block_element(b, s->right), 1, &z);
        stream_pop(&b->s);
    }
    stream_undo(&b->s, mark);
}

/* The open row in the planes of all places of the indices behind. */
static void write_row(Block *b, const Row *r)
{
    DimCx *d = DIM(b);
    Slide *s = &b->slide;
    IrNode *const *old = b->reduce->regions[0]->params.p;
    int n = b->reduce->regions[0]->params.n, behind = s->axis + 1;
    if (s->across)
        write_line(b, r);
    IrNode *t = stream_open_loop(&b->s, old[n - 1], behind < n ? old[behind] : NULL, LOOP_seq, 0, NULL, dim_const(d, s->inner));
    IrNode *z = open_lanes(b, b->lanes), *x;
    IrBuilder *at = &stream_top(&b->s)->b;
    if (s->across) {
        IrNode *place = sum(at, z, of_index(b, t, s->across));
        x = ir_load(at, s->line, 1, &place);
    } else {
        bind_row(b, r, dim_sym(d, t->sym), z);
        x = block_element(b, s->right);
    }
    block_put(b, b->b, x, 2, (IrNode *[]){ ir_dim_value(at, place_of(b, r->q, r->phase, dim_sym(d, t->sym), dim_sym(d, r->u->sym))), z });
}

/* Rows of a plane: none beyond the last place of the index, where nothing need be. */
static void write_planes(Block *b, Dim q_lo, Dim outside)
{
    DimCx *d = DIM(b);
    Slide *s = &b->slide;
    Row r = { .q = open_seq(b, s->axis ? b->reduce->regions[0]->params.p[0] : s->index, outside), .q_lo = q_lo, .phase = dim_const(d, 0) };
    if (s->phases > 1)
        r.phase = dim_sym(d, open_seq(b, s->index, dim_const(d, s->phases))->sym);
    Dim more = dim_floordiv(d, dim_sub(d, dim_const(d, s->step * (s->extent - 1)), r.phase), dim_const(d, s->by));
    r.u = open_seq(b, b->outer, dim_add(d, b->outers, more));
    write_row(b, &r);
    stream_close(&b->s);
}

void slide_copy(Block *b)
{
    DimCx *d = DIM(b);
    Dim lo = block_k_lo(b), q_lo = dim_floordiv(d, lo, dim_const(d, all_places(b)));
    Dim outside = dim_sub(d, tile_ceil_div(d, dim_add(d, lo, b->ks), all_places(b)), q_lo);
    b->slide.first = dim_mod(d, lo, dim_const(d, all_places(b)));
    write_from(b, outside);
    write_planes(b, q_lo, outside);
}

/* ---- what the product reads ------------------------------------------------------------------------------------------------ */

/* The copy has one lane in a row, so that what changes with the place and what with the lane are added apart. */
static IrNode *load_copy(Block *b, IrBuilder *at, IrNode *x, IrNode *k, Dim k_lo)
{
    IrNode *place = sum(at, k, dim_add(DIM(b), k_lo, b->slide.first));
    return ir_load(at, b->b, 2, (IrNode *[]){ ir_load(at, b->slide.from, 1, &place), x });
}

/* All 16, or half of them. */
Dim slide_panel_lanes(Block *b)
{
    DimCx *d = DIM(b);
    Dim half = dim_const(d, PANEL / 2), left = dim_sub(d, block_lanes(b), b->slide.panel_lo);
    return dim_mul(d, half, dim_min(d, dim_const(d, 2), tile_ceil_div(d, left, PANEL / 2)));
}

void slide_copy_panel(Block *b)
{
    IrNode *k = open_seq(b, b->k, b->ks), *n = stream_open_loop(&b->s, b->nest.lanes, NULL, LOOP_lanes, 2, NULL, slide_panel_lanes(b));
    IrBuilder *at = &stream_top(&b->s)->b;
    block_put(b, b->slide.panel, load_copy(b, at, sum(at, n, b->slide.panel_lo), k, dim_const(DIM(b), 0)), 2, (IrNode *[]){ k, n });
    stream_close(&b->s);
}

IrNode *slide_load(Block *b, IrBuilder *at, IrNode *x, IrNode *k, Dim k_lo)
{
    return b->slide.panels ? ir_load(at, b->slide.panel, 2, (IrNode *[]){ sum(at, k, k_lo), x }) : load_copy(b, at, x, k, k_lo);
}
