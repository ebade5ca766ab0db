/* online_compare.c - sums over pairs that compare the weights of several heads go over rows first, so that strips hold what they read.
 *
 *     %c = map [h, g] { sum [i, j] { %p[h, i, j] * %p[g, i, j] } }      %r = map [h, g, i] { sum [j] { %p[h, i, j] * %p[g, i, j] } }
 *                                                                       %c = map [h, g] { sum [i] { %r[h, g, i] } }
 *     sum [h, g, i, j] { (%p[h, i, j] - %p[g, i, j]) ^ 2 }              %r = map [i] { sum [h, g, j] { .. } };  sum [i] { %r[i] }
 *
 * Each weight is asked for by all heads that it is compared with: a pass would compute its scores for each of them, and a tensor of them would be one of
 * rows x places. With rows of their own the sums need 64 rows of it at a time (strip.c); what others read, too, has a copy here (online_tables.c).
 */
#include "passes/online/online_int.h"

enum { LOADS_MOST = 8 };

/* top: node of the function that holds the sum; load: those of its places; row: its index, or one around it. */
typedef struct Compare { PassCx *cx; IrNode *top, *sum; const IrNode *load[LOADS_MOST]; int n; const IrNode *row, *place; } Compare;

static void see_pairs(void *user, IrNode *n)
{
    Compare *c = user;
    const IrNode *last = n->op == OP_load && n->nin > 2 ? n->in[n->nin - 1] : NULL;
    if (last && c->n < LOADS_MOST && last->op == OP_index && last->parent == c->sum->regions[0] && online_is_dear(n))
        c->load[c->n++] = n;
}

static bool uses(const Compare *c, const IrNode *load, const IrNode *x)
{
    for (int i = 1; i < load->nin; i++)
        if (pass_depends_on(c->cx, load->in[i], x))
            return true;
    return false;
}

typedef struct Mixes { const IrRegion *of; bool found; } Mixes;

/* A load, at the place of the map that it stands in, in a reduction over what is no place. */
static void see_mixed(void *user, IrNode *n)
{
    Mixes *m = user;
    const IrRegion *in = n->parent;
    if (m->found || n->op != OP_load || n->nin < 3 || in->owner->op != OP_reduce || n->in[n->nin - 1] != vec_last(&m->of->params) || !online_is_dear(n))
        return;
    for (int i = 0; i < in->params.n; i++)
        for (int k = 1; k < n->nin - 1; k++)
            m->found = m->found || n->in[k] == in->params.p[i];
}

static bool mixes(const IrNode *map)
{
    Mixes m = { map->regions[0], false };
    ir_walk(map->regions[0], see_mixed, &m);
    return m.found;
}

/* Does a go along an index, of these or those around them, that b has not? What is mixed over heads goes along one of its own. */
static bool has_more(const Compare *c, const IrNode *a, const IrNode *b)
{
    bool more = mixes(a->in[0]);
    for (const IrRegion *r = c->sum->regions[0]; r && r->owner && !more; r = r->owner->parent)
        for (int i = 0; i < r->params.n && !more; i++)
            more = r->params.p[i]->op == OP_index && uses(c, a, r->params.p[i]) && !uses(c, b, r->params.p[i]);
    return more;
}

/* The last index but the places' by which both are read: rows of both. */
static const IrNode *common_row(const Compare *c, const IrNode *a, const IrNode *b)
{
    for (int i = a->nin - 2; i > 0; i--)
        for (int k = b->nin - 2; k > 0; k--)
            if (a->in[i] == b->in[k] && a->in[i]->op == OP_index && a->in[i] != c->place && pass_is_whole(a->in[i]) &&
                online_is_of_pairs(c->cx, a, a->in[i], c->place) && online_is_of_pairs(c->cx, b, b->in[k], c->place))
                return a->in[i];
    return NULL;
}

/* Two tensors of pairs, or one at two places of its first axes, each along an index of which the other knows nothing. */
static bool compares(Compare *c)
{
    ir_walk(c->sum->regions[0], see_pairs, c);
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < i; k++) {
            const IrNode *a = c->load[k], *b = c->load[i];
            if (a->in[a->nin - 1] != b->in[b->nin - 1] || online_has_few_places(a->in[a->nin - 1]) || !has_more(c, a, b) || !has_more(c, b, a))
                continue;
            c->place = a->in[a->nin - 1];
            c->row = common_row(c, a, b);
            if (c->row)
                return true;
        }
    return false;
}

/* In an order that may be another one, and without what rows alone could not say. */
static bool may_go_over_rows(const Compare *c)
{
    const IrNode *n = c->sum;
    bool may = n->uses && !n->sym && !n->stream && dtype_is_float(n->type.dtype) && n->regions[0]->params.n > 1 &&
               (n->redop == RED_sum || n->redop == RED_max || n->redop == RED_min) && online_has_plain_indices(n) && pass_is_total(c->cx, n);
    for (const IrNode *x = n; may && x != c->top; x = x->parent->owner)
        may = (x->parent->owner->op == OP_map || x->parent->owner->op == OP_reduce) && !pass_guard(x->parent);
    for (int i = 0; may && i < n->regions[0]->params.n; i++)
        may = !pass_dim_depends(c->cx, n->regions[0]->params.p[i]->dim, n->parent);
    return may;
}

static int place_of(const IrRegion *r, const IrNode *index)
{
    int k = 0;
    while (k < r->params.n && r->params.p[k] != index)
        k++;
    return k;
}

/* r[.., i], the sum of it, and its row; the map itself where its elements are that. false: it is no tensor before what it stands in, and nothing has changed. */
static bool name_rows(Compare *c, IrNode **rows, const IrNode **row)
{
    int k = place_of(c->sum->regions[0], c->row);
    bool within = k < c->sum->regions[0]->params.n, alone = c->sum == c->top;
    if (!within && c->sum->parent == c->top->regions[0] && c->top->op == OP_map && ir_terminator(c->sum->parent)->in[0] == c->sum) {
        *rows = c->top;
        *row = c->row;
        return true;
    }
    IrNode *outer = within ? online_split_sum(c->cx, c->sum, k, k + 1) : NULL, *inner = within ? ir_terminator(outer->regions[0])->in[0] : c->sum;
    c->top = alone ? outer : c->top;
    c->row = within ? outer->regions[0]->params.p[0] : c->row;
    *rows = pass_give_name(c->cx, c->top, inner, false);
    if (!*rows && within)
        online_join_pairs(c->cx, outer);
    if (!*rows)
        return false;
    ir_drop(inner);
    const IrNode *load = (*rows)->uses->user;
    for (int i = 1; i < load->nin; i++)
        *row = load->in[i] == c->row ? (*rows)->regions[0]->params.p[i - 1] : *row;
    return true;
}

typedef struct Others { const IrNode *rows; bool some; } Others;

static void see_other(void *user, IrNode *n)
{
    Others *o = user;
    o->some = o->some || (n->op == OP_load && n->in[0] != o->rows);
}

static void visit(PassCx *cx, OwnMaps *own, IrNode *top, IrNode *n)
{
    Compare c = { .cx = cx, .top = top, .sum = n };
    if (!may_go_over_rows(&c) || !compares(&c))
        return;
    int axis = place_of(n->regions[0], c.place), before = place_of(n->regions[0], c.row) < axis;
    IrNode *rows = NULL;
    const IrNode *row = NULL;
    if (!name_rows(&c, &rows, &row) || !row)
        return;
    IrNode *sum = ir_terminator(rows->regions[0])->in[0];
    if (sum->order == ORDER_contract)
        sum->order = ORDER_lanes16; /* no two rows share a factor: vectors lie along the places */
    online_own_pairs(cx, own, rows, row, sum->regions[0]->params.p[axis - before]);
    map_put(&cx->stored, rows, rows);
    Others o = { rows, rows == c.top || c.top->op != OP_reduce };
    ir_walk(c.top->regions[0], see_other, &o);
    if (!o.some)
        online_own(cx, own, c.top);
}

typedef struct Sums { PassCx *cx; VEC(IrNode *) of; } Sums;

static void see_sum(void *user, IrNode *n)
{
    Sums *s = user;
    if (n->op == OP_reduce)
        vec_push(s->cx->arena, &s->of, n);
}

void online_compare(PassCx *cx, IrRegion *r, OwnMaps *own)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        Sums s = { cx, { 0 } };
        next = n->next;
        if (n->op != OP_map && n->op != OP_reduce)
            continue;
        see_sum(&s, n);
        ir_walk(n->regions[0], see_sum, &s);
        for (int i = 0; i < s.of.n; i++)
            if (!n->dropped && !s.of.p[i]->dropped)
                visit(cx, own, n, s.of.p[i]);
    }
}
