/* cascade_spread.c - sums over an index of what contracts itself: scores that are mixed over heads (stream_int.h).
 *
 *     s(h, j) = sum [g] { m[h, g] * x(g, j) }          x(g, j) = sum [d] { q[g, t, d] * k[g, j, d] }
 *
 * The factor x is the same for all h. A stream computes it once, for a tile of rows, a block of the axis and all g, and goes over h with
 * that block at hand: h is the index that is `mix`. Factors may hold such sums themselves (a mixture of what a softmax makes of a mixture).
 */
#include "passes/stream_int.h"

typedef struct Cone { const IrRegion *r; Map seen; bool found; } Cone;

static void see_cone(Cone *q, const IrNode *n);

static void see_inner(void *user, IrNode *n)
{
    Cone *q = user;
    q->found = q->found || n->op == OP_reduce;
    for (int i = 0; i < n->nin; i++)
        see_cone(q, n->in[i]);
}

/* Does n, as far as it is computed in r, hold a reduction? */
static void see_cone(Cone *q, const IrNode *n)
{
    if (q->found || n->parent != q->r || map_find(&q->seen, n))
        return;
    map_put(&q->seen, n, q);
    q->found = n->op == OP_reduce;
    for (int i = 0; i < n->nin; i++)
        see_cone(q, n->in[i]);
    for (int k = 0; k < n->nregions && !q->found; k++)
        ir_walk(n->regions[k], see_inner, q);
}

static bool holds_sum(Cascade *c, const IrNode *n, const IrRegion *r)
{
    Cone q = { r, map_new(c->cx->arena), false };
    see_cone(&q, n);
    return q.found;
}

/* Over all places of one index, of real numbers. */
static bool is_sum(const IrNode *n)
{
    if (n->op != OP_reduce || n->redop != RED_sum || n->regions[0]->params.n != 1 || !dtype_is_float(n->type.dtype))
        return false;
    const IrNode *x = n->regions[0]->params.p[0];
    return x->op == OP_index && pass_is_whole(x) && !pass_guard(n->regions[0]);
}

/* Of what is mixed one part alone (online_mix.c): it is dear. */
static bool is_part(const IrNode *index)
{
    int64_t n;
    return dim_is_const(index->dim, &n) && n == 1;
}

int cascade_spreads(Cascade *c, IrRegion *home, const IrNode *axis, Spread *out, bool *bare)
{
    int count = 0;
    for (IrNode *n = home->first; n; n = n->next) {
        if (!is_sum(n))
            continue;
        IrRegion *r = n->regions[0];
        IrNode *value = ir_terminator(r)->in[0], *x = r->params.p[0];
        bool product = value->op == OP_mul && value->parent == r && value->in[0] != value->in[1]; /* a square is one factor */
        for (int k = 0; k < 1 + product; k++) {
            Spread s = { n, x, product ? value->in[k] : value };
            if ((!is_part(x) && !holds_sum(c, s.value, r)) || !pass_depends_on(c->cx, s.value, axis))
                continue;
            if (!pass_depends_on(c->cx, s.value, x) || cascade_stage(c, s.value) || count == SPREADS_MOST)
                *bare = true;
            else
                out[count++] = s;
        }
    }
    return count;
}

/* What is computed in the loops of `home`, and n there, can run anywhere. */
static bool is_total(Cascade *c, const IrNode *n, const IrRegion *home, Map *seen)
{
    if (!n->parent || !ir_inside(n, home) || map_find(seen, n) || n->op == OP_index)
        return true;
    map_put(seen, n, c);
    bool total = pass_is_total(c->cx, n);
    for (int i = 0; i < n->nin && total; i++)
        total = is_total(c, n->in[i], home, seen);
    for (int k = 0; k < n->nregions && total; k++)
        for (const IrNode *x = n->regions[k]->first; x && total; x = x->next)
            for (int i = 0; i < x->nin && total; i++)
                total = is_total(c, x->in[i], home, seen);
    return total;
}

/* The index of the map along which the sum differs and the value does not, if that is the one that is known already or the first one. */
static bool lacks_one(Cascade *c, const Spread *s)
{
    IrRegion *r = c->map->regions[0];
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i];
        if (!cascade_is_index(x) || !pass_depends_on(c->cx, s->sum, x) || pass_depends_on(c->cx, s->value, x))
            continue;
        if (c->mix && c->mix != x)
            return false;
        c->mix = x;
    }
    return true;
}

/* Of one part of what is mixed (sum [z: 1]): the index along which all members differ and it does not, if there is one. */
static void find_mix_of_part(Cascade *c, const Spread *s)
{
    IrRegion *r = c->map->regions[0];
    IrNode *found = NULL;
    if (c->mix || !is_part(s->index))
        return;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i];
        bool all = cascade_is_index(x) && !pass_depends_on(c->cx, s->value, x);
        for (int k = 0; k < c->n && all; k++)
            all = pass_depends_on(c->cx, c->m[k].reduce, x);
        if (all && found)
            return;
        found = all ? x : found;
    }
    c->mix = found;
}

typedef struct Search { Cascade *c; IrRegion *member; const IrNode *axis; Spread all[SPREADS_MOST]; int n; } Search;

static void search(Search *q, IrRegion *home, const IrNode *outer)
{
    Cascade *c = q->c;
    Spread here[SPREADS_MOST];
    Map seen = map_new(c->cx->arena);
    int n = cascade_spreads(c, home, q->axis, here, &c->bare);
    for (int i = 0; i < n; i++) {
        bool fits = q->n < SPREADS_MOST && lacks_one(c, &here[i]) && is_total(c, here[i].sum, q->member, &seen);
        if (!fits || (outer && pass_depends_on(c->cx, here[i].value, outer))) {
            c->bare = true;
            return;
        }
        find_mix_of_part(c, &here[i]);
        q->all[q->n++] = here[i];
        search(q, here[i].sum->regions[0], here[i].index);
    }
}

/* A reduction in a reduction of the member that is none of these is computed for each place anew. */
static void see_nested(void *user, IrNode *n)
{
    Search *q = user;
    const IrNode *around = n->parent->owner;
    if (n->op != OP_reduce || n->parent == q->member || !pass_depends_on(q->c->cx, n, q->axis))
        return;
    bool known = false;
    for (int i = 0; i < q->n && !known; i++)
        known = q->all[i].sum == around;
    q->c->bare = q->c->bare || !known;
}

void cascade_find_mix(Cascade *c)
{
    c->mix = NULL;
    c->bare = c->spreads = false;
    for (int i = 0; i < c->n; i++) {
        IrRegion *r = c->m[i].reduce->regions[0];
        Search q = { .c = c, .member = r, .axis = r->params.p[0] };
        search(&q, r, NULL);
        ir_walk(r, see_nested, &q);
        c->spreads = c->spreads || q.n;
        for (int k = 0; k < q.n && c->mix; k++)
            c->bare = c->bare || pass_depends_on(c->cx, q.all[k].value, c->mix);
    }
    if (c->bare)
        c->spreads = false;
    if (!c->spreads)
        c->mix = NULL;
}
