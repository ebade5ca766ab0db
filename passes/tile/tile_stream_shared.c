/* tile_stream_shared.c - what all rows of a tile read of a block, where it is computed (joined, shifted, padded, unpacked keys and values) or gathered: once a block.
 *
 *     s[i, j] = sum [d] { q[i, d] * (j < P ? a[j, d] : b[j - P, d]) }         o[i, d] += e[i, j] * (j < P ? u[j, d] : w[j - P, d])
 *
 *     for block {
 *       places j, lanes d:   k[j, d] = j < P ? a[j, d] : b[j - P, d]          scratch [256, d]; v[j, d] the same way
 *       the block, which reads k and v }
 *
 * So it costs places x features and not rows x places x features, and the loops of the rows read what lies in one piece. What is only loaded, or loaded and
 * widened, place by place, is read where it lies; of columns only where these lie side by side (not v[d, j], v[j, d, h]). Only what can be computed at all places of the axis is, or whose faults can be looked for (tile_stream_tables.c):
 * rows may have none of them.
 */
#include "passes/tile/tile_stream_int.h"
#include "passes/stage/stage_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

/* ---- which values ---------------------------------------------------------------------------------------------------- */

/* Values of `home` (the host, or a contraction in it) that differ along x and the axis, and along nothing else that the loops of a block have. */
typedef struct Seek { Stream *s; IrRegion *home; IrNode *x, *sum; IrNode *found[SHARED_MOST]; int n; } Seek;

typedef struct Reads { const Stream *s; bool scratch; } Reads;

static void see_scratch(Reads *r, const IrNode *n)
{
    if (!n->parent || !ir_inside(n, r->s->c.host->regions[0]))
        return;
    r->scratch = r->scratch || (n->op == OP_load && n->in[0]->op == OP_buffer);
    for (int i = 0; i < n->nin && !r->scratch; i++)
        see_scratch(r, n->in[i]);
}

/* A subscript that moves with the place, by one or by minus one, or does not move. */
static bool is_straight(Stream *s, IrNode *sub)
{
    DimCx *d = DIMS(s);
    if (!cascade_varies(&s->c, sub))
        return true;
    if (!pass_is_affine(sub))
        return false;
    Dim at = pass_dim_of(s->c.cx, sub), j = dim_sym(d, s->c.j->sym);
    return !dim_mentions(dim_sub(d, at, j), s->c.j->sym) || !dim_mentions(dim_add(d, at, j), s->c.j->sym);
}

/* w[j // 16, .., d, j % 16]: 16 places of a block lie side by side, which serves lanes over places. */
bool stream_lies_in_panels(Stream *s, const IrNode *load)
{
    int64_t lo = 0;
    bool whole = !s->c.j->lo || (dim_is_const(s->c.j->lo, &lo) && lo % PANEL == 0);
    return whole && !s->skew && !(s->c.column && pass_depends_on(s->c.cx, load, s->c.column)) && stage_panel_axis(load, s->c.j) >= 0;
}

/* The load that n is, or widens; NULL: more is computed. */
static const IrNode *load_of(const IrNode *n)
{
    while (n->op == OP_cast && n->in[0]->parent == n->parent)
        n = n->in[0];
    return n->op == OP_load ? n : NULL;
}

/* What lies a row apart along the columns is no vector. */
static bool is_read_as_it_lies(Stream *s, const IrNode *n, const IrNode *x)
{
    const IrNode *load = load_of(n);
    if (load && x == s->c.column && !pass_depends_on(s->c.cx, load->in[load->nin - 1], x))
        return false;
    bool panels = load && stream_lies_in_panels(s, load);
    for (int i = 1; load && i < load->nin; i++)
        if (!is_straight(s, load->in[i]) && !panels)
            return false; /* gathered, by a table of pages or by quotients */
    return load;
}

static bool is_for_all_rows(Stream *s, const IrNode *n)
{
    Cascade *c = &s->c;
    const IrNode *rows[] = { c->row, c->head, s->mix };
    for (int i = 0; i < 3; i++)
        if (rows[i] && pass_depends_on(c->cx, n, rows[i]))
            return false;
    return true;
}

/* Does all that it needs of the host itself (conditions, positions) stand for any row and place, too? */
bool stream_is_total_cone(Stream *s, const IrNode *n)
{
    const IrRegion *host = s->c.host->regions[0];
    if (!n->parent || !ir_inside(n, host) || n->op == OP_index)
        return true;
    if (!pass_is_total(s->c.cx, n) || map_find(&s->stored, n))
        return false;
    for (int i = 0; i < n->nin; i++)
        if (!stream_is_total_cone(s, n->in[i]))
            return false;
    return true;
}

static bool is_shared(Seek *q, IrNode *n)
{
    Stream *s = q->s;
    Cascade *c = &s->c;
    Reads r = { s, false };
    bool direct = !s->skew && (is_read_as_it_lies(s, n, q->x) || (load_of(n) && !stream_has_rows(s)));
    if (!dtype_is_float(n->type.dtype) || direct || n->op == OP_reduce || !n->uses || !cascade_varies(c, n) || !pass_depends_on(c->cx, n, q->x))
        return false;
    if (c->column && q->x != c->column && pass_depends_on(c->cx, n, c->column))
        return false;
    if (!is_for_all_rows(s, n) || cascade_stage(c, n) || (!s->skew && !stream_is_total_cone(s, n) && !stream_may_look_before(s, n, q->x)))
        return false;
    see_scratch(&r, n);
    return !r.scratch;
}

static void seek(Seek *q, IrNode *n)
{
    if (n->parent != q->home || n->op == OP_index)
        return;
    for (int i = 0; i < q->n; i++)
        if (q->found[i] == n)
            return;
    if (is_shared(q, n)) {
        if (q->n < SHARED_MOST)
            q->found[q->n++] = n;
        return;
    }
    for (int i = 0; i < n->nin; i++)
        seek(q, n->in[i]);
}

/* ---- where they lie -------------------------------------------------------------------------------------------------- */

static void mention(void *user, DimSym *s) { map_put(user, s, s); }
static void see_mentioned(void *user, IrNode *n) { pass_each_dim(n, mention, user); }

void stream_sweep(Stream *s, IrRegion *r)
{
    Map syms = map_new(s->c.cx->arena);
    ir_walk(r, see_mentioned, &syms);
    for (IrNode *n = r->last, *before; n; n = before) {
        before = n->prev;
        if (n->op != OP_yield && !n->uses && !(n->sym && map_find(&syms, n->sym)))
            ir_drop(n);
    }
}

/* The value is read from scratch [place, x] from here on; `value` and `x` are what computes it. */
static void share(Stream *s, IrNode *n, IrNode *sub, IrNode *value, IrNode *x, const IrRegion *home)
{
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    IrNode *buffer = stream_scratch(s, n->type.dtype, 2, dim_const(DIMS(s), stream_span(s)), tile_dim(s->t, x->dim)), *subs[] = { s->here, sub };
    map_put(&s->t->nodes, buffer, buffer);
    IrNode *read = ir_load(&b, buffer, 2, subs);
    SharedAt *at = &s->shared[s->nshared++];
    *at = (SharedAt){ .value = value, .index = x, .buffer = buffer, .read = read, .skew = s->skew, .of = n, .home = home };
    at->gathered = !s->skew && !s->mix && load_of(value) && (home || value == load_of(value));
    if (!s->skew)
        stream_find_faults(s, at, value);
    ir_replace(n, read);
}

/* A copy of the sum whose region is there to compute the value. */
static void share_factor(Stream *s, IrNode *sum, IrNode *n)
{
    IrBuilder at = { sum->parent->fn, sum->parent, sum, sum->span };
    Map nodes = map_new(s->t->cx->arena);
    IrNode *holder = ir_clone_node(&at, sum, &nodes, NULL, NULL);
    IrRegion *r = holder->regions[0];
    pass_note_symbols(s->t->cx, r);
    ir_set_in(ir_terminator(r), 0, map_find(&nodes, n));
    stream_sweep(s, r);
    share(s, n, sum->regions[0]->params.p[0], ir_terminator(r)->in[0], r->params.p[0], r);
}

void stream_share_factors(Stream *s, IrNode *sum)
{
    IrRegion *r = sum->regions[0];
    IrNode *x = r->params.n == 1 ? r->params.p[0] : NULL, *y = ir_terminator(r);
    if (!x || !pass_is_whole(x) || y->nin > 1)
        return;
    IrNode probe = { .op = OP_dim, .type = ir_scalar(DT_i64), .dim = x->dim };
    if (cascade_varies(&s->c, &probe) || !is_for_all_rows(s, &probe))
        return;
    Seek q = { .s = s, .home = r, .x = x };
    seek(&q, y->in[0]);
    for (int i = 0; i < q.n && s->nshared < SHARED_MOST; i++)
        share_factor(s, sum, q.found[i]);
    if (q.n)
        stream_sweep(s, r);
}

static void share_columns(Stream *s, const Member *m)
{
    IrNode *d = s->c.column, *v = m->value;
    Seek q = { .s = s, .home = s->c.host->regions[0], .x = d };
    if (!pass_is_whole(d) || !v || v->parent != q.home)
        return;
    for (int i = 0; i < v->nin; i++)
        seek(&q, v->in[i]);
    for (int i = 0; i < q.n && s->nshared < SHARED_MOST; i++)
        share(s, q.found[i], d, q.found[i], d, NULL);
}

void stream_find_shared(Stream *s)
{
    IrRegion *host = s->c.host->regions[0];
    for (IrNode *n = host->first; n; n = n->next)
        if (stream_is_over_features(n) && n->uses)
            stream_share_factors(s, n);
    for (int i = 0; i < s->c.n; i++)
        if (s->c.m[i].column)
            share_columns(s, &s->c.m[i]);
}

/* ---- filling them ---------------------------------------------------------------------------------------------------- */

typedef struct Cone { const Stream *s; const IrNode *buffer; Map seen; bool reads; } Cone;

static void see_cone(Cone *q, const IrNode *n)
{
    if (q->reads || !n->parent || !ir_inside(n, q->s->body) || map_find(&q->seen, n))
        return;
    map_put(&q->seen, n, q);
    q->reads = n->op == OP_load && n->in[0] == q->buffer;
    for (int i = 0; i < n->nin; i++)
        see_cone(q, n->in[i]);
    for (int k = 0; k < n->nregions; k++)
        for (const IrNode *x = n->regions[k]->first; x; x = x->next)
            see_cone(q, x);
}

static bool reads(const Stream *s, const SharedAt *x, const SharedAt *y)
{
    Cone q = { .s = s, .buffer = y->buffer, .seen = map_new(s->c.cx->arena) };
    see_cone(&q, x->value);
    return q.reads;
}

/* Features that lie a row apart (v[d, j]) are read along the places. */
static bool lies_along_places(Stream *s, const SharedAt *x)
{
    const IrNode *load = load_of(x->value);
    return load && !x->faults.n && !s->skew && load->in[load->nin - 1] == s->c.j;
}

static void write(Stream *s, const SharedAt *x)
{
    IrNode *v = stream_emit(s, x->value), *in[] = { x->buffer, v, s->place, map_find(&s->t->nodes, x->index) };
    ir_add(&stream_top(s)->b, OP_store, ir_scalar(DT_none), 4, in);
    stream_close(s);
    s->place = NULL;
}

static void fill_along_places(Stream *s, const SharedAt *x)
{
    stream_open_places(s, 1);
    stream_open(s, x->index, LOOP_seq, 0, NULL, tile_dim(s->t, x->index->dim));
    write(s, x);
}

static bool lies_in_panels(Stream *s, const SharedAt *x)
{
    const IrNode *load = load_of(x->value);
    return load && !x->faults.n && !s->skew && stage_panel_axis(load, s->c.j) >= 0;
}

/* Places turn inside: 16 of them are transposed in registers (backend/be_transpose.c). */
static void fill_from_panels(Stream *s, const SharedAt *x)
{
    stream_open(s, x->index, LOOP_lanes, 1, NULL, tile_dim(s->t, x->index->dim));
    stream_open_places_in_turn(s);
    write(s, x);
}

static void fill(Stream *s, const SharedAt *x)
{
    stream_look_for_faults(s, x);
    stream_open_places_in_turn(s);
    IrRegion *all = stream_top(s)->b.region;
    s->outermost = x->faults.n ? 1 : 0;
    stream_open(s, x->index, LOOP_lanes, VECTORS, NULL, tile_dim(s->t, x->index->dim));
    write(s, x);
    s->outermost = 0;
    if (x->faults.n)
        pass_quiet_faults(s->t->cx, all);
}

/* Behind those that it reads: a part of it may have been found before it, or by itself after it. */
static void fill_in_order(Stream *s, int i, bool *done)
{
    const SharedAt *x = &s->shared[i];
    if (done[i] || x->skew != s->skew || x->direct)
        return;
    done[i] = true;
    for (int k = 0; k < s->nshared; k++)
        if (!done[k] && reads(s, x, &s->shared[k]))
            fill_in_order(s, k, done);
    if (lies_along_places(s, x))
        fill_along_places(s, x);
    else if (lies_in_panels(s, x))
        fill_from_panels(s, x);
    else
        fill(s, x);
}

void stream_fill_shared(Stream *s)
{
    bool done[SHARED_MOST] = { false };
    for (int i = 0; i < s->nshared; i++)
        fill_in_order(s, i, done);
}
