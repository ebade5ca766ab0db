/* tile_stream_skew.c - contractions with what rows and places of a stream know by their distance only (relative positions).
 *
 *     s(i, j) = sum [d] { q[i, d] * r[f(j - i), d] }                      a vector of its own for each pair, as it stands
 *
 *     for block {
 *       distances w of the tile's rows and the block's places:            places + rows - 1 of them
 *         b[w, d] = r[f(w), d]                                            scratch, once for all rows
 *         g[i, w] = sum [d] { q[i, d] * b[w, d] }                         a product whose operand rows share; of each row its own places only
 *       the block, which reads g[i, j - i] }
 *
 * j becomes w + i in a copy of the contraction: where i falls out of a subscript, what is read is known by the distance. Sums have the order that they had.
 * Subscripts that rely on the guard of the rows are clamped: outside of it nobody reads the sum.
 *
 *     s(i, j) = sum [d] { q[i, d] * (k[j, d] + r[j - i, d]) }             something that is no product of row and distance
 *
 *     for block {
 *       b[w, d] = r[w, d],   t[d, w] = b[w, d]                            scratch, once for all rows; t where these are many
 *       the block:   sum [d] { q[i, d] * (k[j, d] + t[d, j - i]) } }      lanes over j read what lies in one piece
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

typedef struct Copy { Stream *s; IrBuilder b; IrNode *w; Map nodes; SymMap syms; bool ok, rest; Dim some; } Copy; /* rest: it reads what is of pairs, too */

/* ---- does anything ask for a place and a row at once? ------------------------------------------------------------------- */

typedef struct Pairs { Stream *s; bool some; } Pairs;

static void see_pair(void *user, IrNode *n)
{
    Pairs *p = user;
    for (int i = 1; i < n->nin && n->op == OP_load && !p->some; i++)
        p->some = cascade_varies(&p->s->c, n->in[i]) && pass_depends_on(p->s->c.cx, n->in[i], p->s->c.row);
}

static bool is_of_pairs(Stream *s, IrNode *sum)
{
    Pairs p = { s, false };
    if (!stream_is_over_features(sum) || !sum->uses || sum->regions[0]->params.n != 1 || cascade_stage(&s->c, sum))
        return false;
    if (!pass_is_whole(sum->regions[0]->params.p[0]) || pass_guard(sum->regions[0]) || (s->mix && pass_depends_on(s->c.cx, sum, s->mix)))
        return false;
    ir_walk(sum->regions[0], see_pair, &p);
    return p.some;
}

/* ---- the copy over distances ------------------------------------------------------------------------------------------- */

static void copy(Copy *q, IrNode *n);

static void see_dim(void *user, DimSym *sym)
{
    Copy *q = user;
    IrNode *def = map_find(&q->s->t->cx->sym_nodes, sym);
    if (def && def != q->s->c.j && def->parent == q->s->c.host->regions[0] && cascade_varies(&q->s->c, def))
        q->ok = false; /* a value that sizes speak of: rare */
}

static void copy_operands(Copy *q, IrNode *n)
{
    pass_each_bound(n, see_dim, q);
    for (int i = 0; i < n->nin; i++)
        copy(q, n->in[i]);
    for (int k = 0; k < n->nregions; k++)
        for (IrNode *x = n->regions[k]->first; x; x = x->next)
            copy_operands(q, x);
}

/* With w + row in place of j; what needs no j is what it was. */
static void copy(Copy *q, IrNode *n)
{
    Cascade *c = &q->s->c;
    if (n->parent != c->host->regions[0] || !cascade_varies(c, n) || map_find(&q->nodes, n))
        return;
    copy_operands(q, n);
    map_put(&q->nodes, n, ir_clone_node(&q->b, n, &q->nodes, symmap_subst, &q->syms));
}

/* Sums of indices in which the row falls out are known by w alone. */
static void straighten(Copy *q, IrRegion *r)
{
    PassCx *cx = q->s->t->cx;
    const IrNode *row = q->s->c.row;
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int k = 0; k < n->nregions; k++)
            straighten(q, n->regions[k]);
        if (n->type.dtype != DT_i64 || n->type.rank || n->nregions || n->nin == 0 || n->op == OP_load || n->sym || !pass_depends_on(cx, n, row) || !pass_depends_on(cx, n, q->w))
            continue;
        IrBuilder b = { r->fn, r, n, n->span };
        IrNode *d = ir_dim_value(&b, pass_dim_of(cx, n));
        if (pass_depends_on(cx, d, row))
            ir_drop(d);
        else
            ir_replace(n, d);
    }
}

static void clamp(Copy *q, IrNode *load, int i)
{
    DimCx *d = DIMS(q->s);
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    IrType t = ir_scalar(DT_i64);
    Dim size = load->in[0]->type.dims[i - 1], some = dim_min(d, dim_const(d, 1), size);
    IrNode *last = ir_dim_value(&b, dim_sub(d, size, dim_const(d, 1)));
    ir_set_in(load, i, ir_add2(&b, OP_max, t, ir_int(&b, 0), ir_add2(&b, OP_min, t, load->in[i], last)));
    q->some = q->some ? dim_mul(d, q->some, some) : some;
}

/* What runs for pairs that no row has must do no harm there. */
static void see_safe(void *user, IrNode *n)
{
    Copy *q = user;
    PassCx *cx = q->s->t->cx;
    if ((ir_info(n)->effects & (PINNED | FAULTS)) || n->op == OP_while || n->op == OP_extern)
        q->ok = false;
    for (int i = 1; i < n->nin && n->op == OP_load && n->in[0]->op != OP_buffer && q->ok; i++) {
        if (pass_is_inside(cx, n, i))
            continue;
        q->ok = pass_depends_on(cx, n->in[i], q->w);
        if (q->ok)
            clamp(q, n, i);
    }
    for (int i = 0; i < n->nin && q->ok; i++)
        q->ok = ir_inside(n->in[i], q->b.region) || stream_is_total_cone(q->s, n->in[i]);
}

/* Members may be the sum itself. */
static void replace(Stream *s, IrNode *n, IrNode *by)
{
    for (int i = 0; i < s->c.n; i++) {
        Member *m = &s->c.m[i];
        IrNode **all[] = { &m->value, &m->linear, &m->offset, &m->bare, &m->guard };
        for (int k = 0; k < 5; k++)
            *all[k] = *all[k] == n ? by : *all[k];
    }
    ir_replace(n, by);
}

static void enter(Stream *s, const SkewAt *k, SkewAt *outer)
{
    *outer = (SkewAt){ .index = s->c.j, .here = s->here, .home = s->home };
    s->skew = k;
    s->c.j = k->index;
    s->here = k->here;
    s->home = k->home;
}

static void leave(Stream *s, const SkewAt *outer)
{
    s->skew = NULL;
    s->c.j = outer->index;
    s->here = outer->here;
    s->home = outer->home;
}

/* place + most rows - row: where what a pair has lies, of the rows of a tile and the places of a block. */
static IrNode *pair_at(Stream *s, IrBuilder *b)
{
    IrBuilder host = { b->fn, s->c.host->regions[0], s->c.host->regions[0]->first, b->span };
    IrType t = ir_scalar(DT_i64);
    if (!s->skew_first) {
        s->skew_first = ir_int(&host, ROW_TILE - 1);
        map_put(&s->t->nodes, s->skew_first, ir_dim_value(&s->at, stream_skew_first(s)));
    }
    return ir_add2(b, OP_add, t, s->here, ir_add2(b, OP_sub, t, s->skew_first, s->c.row));
}

/* g [row of the tile, place of the pair], read in the sum's stead. */
static void read_instead(Stream *s, SkewAt *k, IrNode *sum)
{
    IrBuilder b = { sum->parent->fn, sum->parent, sum, sum->span }, host = { sum->parent->fn, s->c.host->regions[0], s->c.host->regions[0]->first, sum->span };
    if (!s->here_row)
        s->here_row = ir_add2(&host, OP_add, ir_scalar(DT_i64), s->c.row, ir_int(&host, 0));
    k->buffer = stream_scratch(s, sum->type.dtype, 2, stream_rows(s), dim_const(DIMS(s), STREAM_BLOCK + ROW_TILE));
    map_put(&s->t->nodes, k->buffer, k->buffer);
    IrNode *subs[] = { s->here_row, pair_at(s, &b) };
    replace(s, sum, ir_load(&b, k->buffer, 2, subs));
}

/* ---- factors only ------------------------------------------------------------------------------------------------------- */

static void see_rest(void *user, IrNode *n)
{
    Copy *q = user;
    for (int i = 1; i < n->nin && n->op == OP_load && n->in[0]->op != OP_buffer; i++)
        q->rest = q->rest || pass_depends_on(q->s->t->cx, n->in[i], q->w);
}

/* Each factor that is known by the distance is read where it lies, by place of the pair. */
static void read_factors(Stream *s, Copy *q, IrNode *sum, int before)
{
    DimCx *d = DIMS(s);
    Dim many = dim_min(d, dim_const(d, 1), dim_floordiv(d, stream_rows(s), dim_const(d, PACKED_ROWS)));
    for (IrNode *n = sum->regions[0]->first, *next; n; n = next) {
        const IrNode *of = map_find(&q->nodes, n);
        next = n->next;
        for (int i = before; i < s->nshared && of; i++) {
            SharedAt *x = &s->shared[i];
            if (x->of != of)
                continue;
            IrBuilder b = { s->t->fn, n->parent, n, n->span };
            IrNode *subs[] = { pair_at(s, &b), sum->regions[0]->params.p[0] };
            x->turned = stream_scratch(s, n->type.dtype, 2, dim_mul(d, many, tile_dim(s->t, x->index->dim)), dim_const(d, TURNED_ROW));
            map_put(&s->t->nodes, x->turned, x->turned);
            ir_replace(n, ir_load(&b, x->buffer, 2, subs));
        }
    }
    stream_sweep(s, sum->regions[0]);
}

static const SharedAt *turned_of(const Stream *s, const IrNode *load)
{
    for (int i = 0; i < s->nshared && load->op == OP_load; i++)
        if (s->shared[i].buffer == load->in[0] && s->shared[i].turned)
            return &s->shared[i];
    return NULL;
}

bool stream_is_turned(const Stream *s, const IrNode *load) { return turned_of(s, load) != NULL; }

IrNode *stream_turned(Stream *s, IrNode *load)
{
    IrBuilder b = { s->t->fn, load->parent, load, load->span };
    IrNode *subs[] = { load->in[2], load->in[1] };
    return ir_load(&b, turned_of(s, load)->turned, 2, subs);
}

/* t[d, w] = b[w, d], where rows are many. */
static void turn(Stream *s, SharedAt *x)
{
    IrBuilder *b = &s->at;
    IrNode *many = ir_add2(b, OP_le, ir_scalar(DT_bool), ir_int(b, PACKED_ROWS), ir_dim_value(b, stream_row_extent(s)));
    IrNode *choice = ir_add1(b, OP_if, ir_scalar(DT_none), many);
    IrBuilder outer = stream_open_branch(s, choice);
    stream_open_places(s, 1);
    stream_open(s, x->index, LOOP_seq, 0, NULL, tile_dim(s->t, x->index->dim));
    b = &stream_top(s)->b;
    IrNode *d = map_find(&s->t->nodes, x->index), *from[] = { s->place, d }, *in[] = { x->turned, ir_load(b, x->buffer, 2, from), d, s->place };
    ir_add(b, OP_store, ir_scalar(DT_none), 4, in);
    stream_close(s);
    s->place = NULL;
    stream_close_branch(s, outer);
    stream_close_branch(s, stream_open_branch(s, choice));
}

/* ---- which ------------------------------------------------------------------------------------------------------------ */

static void skew(Stream *s, IrNode *sum)
{
    PassCx *cx = s->t->cx;
    DimCx *d = DIMS(s);
    IrBuilder at = { sum->parent->fn, sum->parent, sum, sum->span };
    IrNode *holder = ir_add0(&at, OP_reduce, sum->type);
    IrRegion *r = ir_region_new(s->t->fn, holder);
    holder->order = ORDER_lanes16;
    Dim rows = s->c.row->dim, first = s->c.row->lo ? s->c.row->lo : dim_const(d, 0), one = dim_const(d, 1);
    Dim least = dim_sub(d, one, dim_add(d, first, rows)); /* of place - row */
    IrNode *w = ir_index_new(r, s->c.j->name, least, dim_sub(d, dim_add(d, s->c.j->dim, rows), one), sum->span);
    Copy q = { .s = s, .b = { at.fn, r, NULL, sum->span }, .w = w, .nodes = map_new(cx->arena), .syms = symmap_new(cx), .ok = true };
    Dim place = dim_add(d, dim_sym(d, w->sym), dim_sym(d, s->c.row->sym));
    map_put(&q.nodes, s->c.j, ir_dim_value(&q.b, place));
    symmap_put(&q.syms, s->c.j->sym, place);
    SkewAt k = { .index = w, .here = ir_add2(&q.b, OP_add, ir_scalar(DT_i64), w, ir_int(&q.b, 0)), .home = r }, outer;
    copy(&q, sum);
    k.sum = map_find(&q.nodes, sum);
    ir_yield(&q.b, 1, &k.sum);
    pass_note_symbols(cx, r);
    straighten(&q, r);
    stream_sweep(s, k.sum->regions[0]);
    ir_walk(r, see_safe, &q);
    k.some = q.some;
    int before = s->nshared;
    if (q.ok) {
        s->skewed[s->nskewed] = k;
        enter(s, &s->skewed[s->nskewed], &outer);
        stream_share_factors(s, k.sum);
        leave(s, &outer);
    }
    ir_walk(r, see_rest, &q);
    if (s->nshared == before) {
        ir_drop(holder); /* each pair has something of its own */
    } else if (q.rest) {
        s->skewed[s->nskewed++].sum = NULL;
        read_factors(s, &q, sum, before);
    } else {
        read_instead(s, &s->skewed[s->nskewed++], sum);
    }
}

void stream_find_skewed(Stream *s)
{
    for (IrNode *n = s->c.row ? s->c.host->regions[0]->first : NULL, *next; n; n = next) {
        next = n->next;
        if (s->nskewed < SKEWED_MOST && is_of_pairs(s, n))
            skew(s, n);
    }
}

/* ---- loops ----------------------------------------------------------------------------------------------------------- */

/* Place + this - row is where a pair lies: the first row of the tile, and room for the others before it. */
Dim stream_skew_first(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim lo, n;
    stream_tile_span(s, &lo, &n);
    return dim_add(d, lo, dim_const(d, ROW_TILE - 1));
}

void stream_skew_range(Stream *s, Dim end, Dim *from, Dim *to)
{
    DimCx *d = DIMS(s);
    Dim lo, n;
    stream_tile_span(s, &lo, &n);
    *from = dim_sub(d, dim_const(d, ROW_TILE), n);
    *to = dim_add(d, dim_min(d, end, dim_const(d, STREAM_BLOCK)), dim_const(d, ROW_TILE - 1));
    if (s->skew->some)
        *to = dim_mul(d, *to, s->skew->some);
}

void stream_skew_bounds(Stream *s, Dim *from, Dim *to)
{
    DimCx *d = DIMS(s);
    Dim by = dim_sub(d, stream_skew_first(s), tile_dim(s->t, dim_sym(d, s->c.row->sym))), zero = dim_const(d, 0), most = dim_const(d, STREAM_BLOCK);
    *from = dim_add(d, by, *from ? dim_max(d, zero, *from) : zero);
    *to = dim_add(d, by, *to ? dim_min(d, *to, most) : most);
}

void stream_fill_skewed(Stream *s)
{
    for (int n = 0; n < s->nskewed; n++) {
        SkewAt *k = &s->skewed[n], outer;
        enter(s, k, &outer);
        stream_fill_shared(s);
        for (int i = 0; i < s->nshared; i++)
            if (s->shared[i].skew == k && s->shared[i].turned)
                turn(s, &s->shared[i]);
        if (k->sum) {
            map_put(&s->stored, k->sum, k->buffer);
            stream_fill_contracted(s, k->sum);
        }
        leave(s, &outer);
    }
}
