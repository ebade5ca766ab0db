/* strip_products.c - what products along both of its axes read (the gradient of scores) is computed once, for 256 places at a time.
 *
 *     %m = map [t] { max [v] { %s[t, v] } }              %m = ..                                          %s: streams as before
 *     %g = map [t, v] { exp(%s[t, v] - %m[t]) .. }       for 0, strips, %blank [k] (%x, %y) {
 *     %dx = map [t, d] { sum [v] { %g .. %w[v, d] } }      %s' = map [t, v: 256] { .. }; %g = map [t, v: 256] { .. }
 *     %dw = map [v, d] { sum [t] { %g .. %x[t, d] } }      yield %x + sum [v: 256] { .. }, update %y[256 rows] }
 *
 * As passes (online.c) each of the two sums would compute the scores again: a product more, where one along the places is a block of 256 of its order
 * anyway, added to those before. Scores that others read (the statistics of a row, which stay a pass) are computed for the strips alone.
 * Only where all rows share the other factor of the sum over places (words, not keys of a head), without guards.
 */
#include "passes/stream_int.h"
#include "passes/strip_int.h"

enum { READERS_MOST = 8, CHAIN_MOST = 16 };

typedef struct Pairs {
    PassCx *cx;
    IrNode *pairs;                       /* the tensor that both read */
    int axis;                            /* its places */
    IrNode *reader[READERS_MOST]; int n; /* all that read it */
    IrNode *of[CHAIN_MOST]; int nof;     /* what it is made of, pair by pair: copies before it */
    IrNode *old[CHAIN_MOST];             /* of which they are copies */
    int at[CHAIN_MOST];                  /* their axis of the places */
} Pairs;

/* ---- readers -------------------------------------------------------------------------------------------------------------- */

typedef struct Shared { PassCx *cx; const IrNode *load; int axis; bool ok; } Shared;

static void see_factor(void *user, IrNode *n)
{
    Shared *s = user;
    for (int a = 1; a < s->load->nin && n->op == OP_load && n != s->load; a++)
        s->ok = s->ok && (a == s->axis + 1 || !pass_depends_on(s->cx, n, s->load->in[a]));
}

/* The sum of a product without a guard in which the load stands; NULL: it stands elsewhere. */
static IrNode *product_of(const IrNode *load)
{
    IrNode *sum = load->op == OP_load ? load->parent->owner : NULL;
    bool is = sum && sum->op == OP_reduce && sum->order == ORDER_contract && !sum->stream && !pass_guard(load->parent);
    for (int i = 1; i < load->nin && is; i++)
        is = load->in[i]->op == OP_index;
    return is ? sum : NULL;
}

/* Readers that sum over the places, whose other factor all rows share, and readers that sum over rows; no others. */
static bool find_readers(Pairs *p)
{
    bool along = false, across = false;
    for (IrUse *u = p->pairs->uses; u; u = u->next) {
        IrNode *load = u->user, *sum = product_of(load), *top = pass_ancestor_in(load, p->pairs->parent);
        if (!sum || u->slot || !online_is_plain_map(top) || p->n == READERS_MOST || online_is_among(p->reader, p->n, top) || pass_faults(top))
            return false;
        Shared s = { p->cx, load, p->axis, true };
        bool places = load->in[1 + p->axis]->parent == sum->regions[0];
        ir_walk(sum->regions[0], see_factor, &s);
        if (places && (sum->parent != top->regions[0] || sum->regions[0]->params.n != 1 || !s.ok))
            return false;
        along = along || places;
        across = across || !places;
        p->reader[p->n++] = top;
    }
    return along && across;
}

typedef struct Behind { const IrNode *place; bool some; } Behind;

static void see_behind(void *user, IrNode *n)
{
    Behind *b = user;
    for (int i = 0; i < n->nin; i++)
        b->some = b->some || (n->in[i] != b->place && n->in[i]->op != OP_param && n->in[i]->parent == b->place->parent && !pass_is_before(n->in[i], b->place));
}

/* All that they need but the pairs stands before these: so can they, right behind them. */
static bool move_readers(Pairs *p)
{
    Behind b = { p->pairs, false };
    for (int i = 0; i < p->n; i++)
        ir_walk(p->reader[i]->regions[0], see_behind, &b);
    for (int i = 0; i < p->n && !b.some; i++)
        if (p->reader[i] != p->pairs->next)
            ir_move_before(p->reader[i], p->pairs->next);
    return !b.some;
}

/* ---- what the pairs are made of ------------------------------------------------------------------------------------------------ */

typedef struct Chain { Pairs *p; IrNode *at; const IrNode *place; bool ok; } Chain;

static void see_source(void *user, IrNode *n);

static IrNode *copy_of(const Pairs *p, const IrNode *old)
{
    for (int i = 0; i < p->nof; i++)
        if (p->old[i] == old)
            return p->of[i];
    return NULL;
}

/* Is it read by products itself (weights, beside their gradient)? These would be a pass that computes it again. */
static bool has_products(const IrNode *y)
{
    bool some = false;
    for (const IrUse *u = y->uses; u && !some; u = u->next)
        some = product_of(u->user) != NULL;
    return some;
}

/* A copy of a map of pairs before the one that reads it. */
static IrNode *copy(Chain *c, IrNode *old, int axis)
{
    Pairs *p = c->p;
    IrBuilder b = { old->parent->fn, old->parent, c->at, old->span };
    Map nodes = map_new(p->cx->arena);
    c->ok = p->nof < CHAIN_MOST && !pass_faults(old) && !pass_guard(old->regions[0]) && !has_products(old);
    if (!c->ok)
        return old;
    IrNode *n = ir_clone_node(&b, old, &nodes, NULL, NULL);
    pass_note_symbols(p->cx, n->regions[0]);
    p->old[p->nof] = old;
    p->at[p->nof] = axis;
    p->of[p->nof++] = n;
    Chain next = { p, n, n->regions[0]->params.p[axis], true };
    ir_walk(n->regions[0], see_source, &next);
    c->ok = next.ok;
    return n;
}

/* Of a map of pairs: the load's subscript that is the place is its axis. */
static void see_source(void *user, IrNode *n)
{
    Chain *c = user;
    IrNode *y = n->op == OP_load ? n->in[0] : NULL;
    int axis = -1;
    for (int i = 1; i < n->nin && y; i++)
        axis = n->in[i] == c->place ? i - 1 : axis;
    c->ok = c->ok && (n->op != OP_reduce || n->order == ORDER_contract); /* what is reduced of a row belongs before the strips */
    if (!c->ok || axis < 0 || !online_is_plain_map(y) || y->type.rank < 2 || y->parent != c->at->parent)
        return;
    IrNode *by = copy_of(c->p, y);
    ir_set_in(n, 0, by ? by : copy(c, y, axis));
}

typedef struct Made { const Pairs *p; Map seen; bool some; } Made;

/* Is it reduced from what the pairs are made of? */
static void see_made(void *user, IrNode *n)
{
    Made *m = user;
    IrNode *y = n->op == OP_load ? n->in[0] : NULL;
    if (m->some || !y || y->op != OP_map || online_is_among(m->p->of, m->p->nof, y) || map_find(&m->seen, y))
        return;
    map_put(&m->seen, y, y);
    m->some = copy_of(m->p, y) && pass_is_dear(y);
    if (!m->some)
        ir_walk(y->regions[0], see_made, m);
}

typedef struct Statistics { const Pairs *p; const IrNode *place; bool some; } Statistics;

static void see_statistic(void *user, IrNode *n)
{
    Statistics *s = user;
    Made m = { s->p, map_new(s->p->cx->arena), s->some };
    if (n->op == OP_load && !pass_depends_on(s->p->cx, n, s->place))
        see_made(&m, n);
    s->some = m.some;
}

/* Of the rows: what has none is a hidden layer, and its products are best of all rows. */
static bool reads_statistics(const Pairs *p)
{
    Statistics s = { p, p->pairs->regions[0]->params.p[p->axis], false };
    ir_walk(p->pairs->regions[0], see_statistic, &s);
    for (int i = 0; i < p->nof; i++) {
        s.place = p->of[i]->regions[0]->params.p[p->at[i]];
        ir_walk(p->of[i]->regions[0], see_statistic, &s);
    }
    return s.some;
}

static void see_loaded(void *user, IrNode *n)
{
    bool *some = user;
    *some = *some || (n->op == OP_load && n->in[0]->op == OP_param && n->in[0]->load_time);
}

/* Weights that are packed at load are read as products do. */
static bool reads_prepared(const Pairs *p)
{
    bool some = false;
    for (int i = 0; i < p->n; i++)
        ir_walk(p->reader[i]->regions[0], see_loaded, &some);
    for (int i = 0; i < p->nof; i++)
        ir_walk(p->of[i]->regions[0], see_loaded, &some);
    return some;
}

/* The readers of a copy read the tensor again. */
static void take_back(Pairs *p)
{
    while (p->nof) {
        p->nof--;
        ir_replace(p->of[p->nof], p->old[p->nof]);
        ir_drop(p->of[p->nof]);
    }
}

/* ---- the loop ------------------------------------------------------------------------------------------------------------------ */

static IrNode *build(Pairs *p)
{
    Strip s = { .cx = p->cx, .region = p->pairs->parent, .rows = p->pairs->type.dims[p->axis], .most = STREAM_BLOCK };
    s.axis = map_new(p->cx->arena);
    s.derived = map_new(p->cx->arena);
    s.scans = map_new(p->cx->arena);
    bool all = strip_give(&s, p->pairs, p->axis);
    for (int i = 0; i < p->nof && all; i++)
        all = strip_give(&s, p->of[i], p->at[i]);
    for (int i = 0; i < p->n && all; i++)
        all = strip_give(&s, p->reader[i], -1);
    if (!all || !strip_holds(&s))
        return NULL;
    for (IrNode *n = s.region->first; n; n = n->next)
        if (strip_is_in(&s, n))
            vec_push(p->cx->arena, &s.members, n);
    for (int i = 0; i < p->n; i++)
        vec_push(p->cx->arena, &s.outputs, p->reader[i]);
    return strip_find_halos(&s) ? strip_build(&s) : NULL;
}

static IrNode *try_axis(PassCx *cx, IrNode *n, int axis)
{
    Pairs p = { .cx = cx, .pairs = n, .axis = axis };
    Chain c = { &p, n, n->regions[0]->params.p[axis], true };
    if (!find_readers(&p))
        return NULL;
    ir_walk(n->regions[0], see_source, &c);
    IrNode *loop = c.ok && reads_statistics(&p) && !reads_prepared(&p) && move_readers(&p) ? build(&p) : NULL;
    if (!loop)
        take_back(&p);
    return loop;
}

void strip_products(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        bool pairs = online_is_plain_map(n) && n->uses && n->type.rank > 1 && !pass_guard(n->regions[0]) && !pass_faults(n);
        for (int a = 0; pairs && a < n->type.rank; a++) {
            IrNode *loop = pass_known_by_shapes(r->fn, n->type.dims[a]) ? try_axis(cx, n, a) : NULL;
            if (!loop)
                continue;
            map_put(&cx->strips, loop, loop);
            next = loop->next;
            break;
        }
    }
}
