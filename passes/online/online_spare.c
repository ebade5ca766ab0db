/* online_spare.c - is one pass over a cascade worth it, and what is in the way of its products? */
#include "passes/online/online_int.h"

typedef struct PairFaults { PassCx *cx; const IrNode *map, *place; bool found; } PairFaults;

static bool is_chosen(const IrNode *sum)
{
    while (sum->op != OP_if && sum->op != OP_map)
        sum = sum->parent->owner;
    return sum->op == OP_if;
}

/* A difference of row and place that may not fit its type, of which a remainder is asked: a division for each pair. */
static bool is_divided(const PairFaults *q, const IrNode *n)
{
    return n->op == OP_narrow && n->uses && n->uses->user->op == OP_mod && pass_depends_on(q->cx, n, q->place) && pass_depends(q->cx, n, q->map->regions[0]);
}

static void see_pair_fault(void *user, IrNode *n)
{
    PairFaults *q = user;
    const IrNode *sum = n->parent->owner;
    q->found = q->found || is_divided(q, n) || (n->op == OP_reduce && n->order == ORDER_contract && sum->op == OP_if && pass_faults(sum));
    if (q->found || !pass_is_fault(n) || sum->op != OP_reduce || sum->order != ORDER_contract || !pass_depends_on(q->cx, n, q->place))
        return;
    q->found = is_chosen(sum);
    for (int i = 0; i < q->map->regions[0]->params.n; i++)
        q->found = q->found || pass_depends_on(q->cx, n, q->map->regions[0]->params.p[i]);
}

/* Does a subscript by row and place of a product fault (a vector for each distance, of a table that may have none), or one of a product under a choice
 * (keys by a table, masked; the label's score behind `v != y[t] and`)? Rows share such a product only where it is looked for before; the search has no
 * loop over what is multiplied. */
bool online_fails_in_pairs(Online *o, const Cascade *c)
{
    PairFaults q = { .cx = o->cx, .map = o->copy };
    for (int i = 0; i < c->n && !o->quiet; i++) {
        IrRegion *r = c->m[i].reduce->regions[0];
        q.place = r->params.p[0];
        ir_walk(r, see_pair_fault, &q);
    }
    return q.found;
}

/* Does something fault from place to place that no value and no guard needs (a subscript of what is the same for all)? A pass computes what it needs. */
bool online_fails_beside(Online *o, const Cascade *c)
{
    bool found = false;
    for (int i = 0; i < c->n && !o->quiet && !found; i++) {
        const IrRegion *r = c->m[i].reduce->regions[0];
        const IrNode *end = ir_terminator(r);
        Map needed = map_new(o->cx->arena);
        for (int k = 0; k < end->nin; k++)
            pass_note_cone(r, end->in[k], &needed);
        for (const IrNode *n = r->first; n != end && !found; n = n->next)
            found = !map_find(&needed, n) && pass_faults(n) && pass_depends(o->cx, n, r);
    }
    return found;
}

/* Does a guard fault that has loops (scores that are compared with the label's)? It is kept for a block, and its products share rows, only where it cannot. */
bool online_fails_in_guard(Online *o, const Cascade *c)
{
    bool found = false;
    for (int i = 0; i < c->n && !o->quiet && !found; i++) {
        const IrRegion *r = c->m[i].reduce->regions[0];
        Map cone = map_new(o->cx->arena);
        bool loops = false, fails = false;
        if (pass_guard(r))
            pass_note_cone(r, pass_guard(r), &cone);
        for (const IrNode *n = r->first; n; n = n->next) {
            loops = loops || (map_find(&cone, n) && n->op == OP_reduce);
            fails = fails || (map_find(&cone, n) && pass_faults(n));
        }
        found = loops && fails;
    }
    return found;
}

/* along: scores read the axis side by side, of what is the same for the whole map; pairs: they are sums themselves of what costs much for each row and place (weights of an attention);
 * own: scores read of the axis what differs along the map (keys of heads); each: so does what has columns (values of heads); rows: they read what a pass has left (a maximum) */
typedef struct Seen { const Cascade *c; const IrNode *axis; bool dear, prepared, apart, each, along, pairs, own, rows; } Seen;

static bool is_of_pairs(const Seen *s, const IrNode *load)
{
    PassCx *cx = s->c->cx;
    bool wide = online_is_plain_map(load->in[0]) && pass_is_dear(load->in[0]) && pass_depends_on(cx, load, s->axis);
    bool own = s->c->row ? pass_depends_on(cx, load, s->c->row) : pass_depends(cx, load, s->c->map->regions[0]); /* features of keys are the same for all rows */
    return wide && own && pass_depends(cx, load, load->parent);
}

/* A load along the columns. */
static void see_columns(Seen *s, const IrNode *load)
{
    const IrNode *column = s->c->column;
    const IrRegion *map = s->c->map->regions[0];
    bool columns = false;
    for (int i = 1; i < load->nin && column; i++)
        if (pass_depends_on(s->c->cx, load->in[i], column)) {
            columns = true;
            s->apart = s->apart || i + 1 < load->nin;
        }
    for (int i = 0; i < map->params.n && columns; i++)
        s->each = s->each || (map->params.p[i] != column && pass_depends_on(s->c->cx, load, map->params.p[i]));
}

static void see_member(void *user, IrNode *n)
{
    Seen *s = user;
    s->dear = s->dear || n->op == OP_reduce || pass_is_elementary((IrOp)n->op);
    if (n->op != OP_load)
        return;
    s->prepared = s->prepared || n->in[0]->load_time;
    const IrNode *around = n->parent->owner;
    bool inner = around->op == OP_reduce && around->order == ORDER_contract && n->parent != s->axis->parent;
    s->pairs = s->pairs || (inner && is_of_pairs(s, n));
    bool varies = inner && pass_depends_on(s->c->cx, n, s->axis), own = varies && pass_depends(s->c->cx, n, s->c->map->regions[0]);
    s->along = s->along || (varies && !own && pass_depends_on(s->c->cx, n->in[n->nin - 1], s->axis));
    s->own = s->own || own;
    s->rows = s->rows || (n->in[0]->op == OP_map && pass_has_stream(n->in[0]));
    see_columns(s, n);
}

static Seen see_members(const Cascade *c)
{
    Seen s = { .c = c };
    for (int i = 0; i < c->n; i++) {
        s.axis = c->m[i].reduce->regions[0]->params.p[0];
        ir_walk(c->m[i].reduce->regions[0], see_member, &s);
    }
    return s;
}

/* Columns that lie a row apart are those of a linear layer (`f(x @ u) @ w.T`; w is the same for all hidden layers), which does better as a product; of an attention and its gradients they are copied for all rows of a tile. */
static bool is_apart(const Cascade *c, const Seen *s) { return s->apart && (!s->own || !s->each) && !s->rows && !c->guard; }

/* Weights that change with a maximum need it; factors that leave the sum only where its columns do not lie a row apart, and where what is summed is dear:
 * a norm before a linear layer is stored, for the product is faster with rows that lie in memory. */
static bool corrects(const Cascade *c, const Seen *s)
{
    bool outs = false;
    for (int i = 0; i < c->n; i++) {
        if (c->m[i].nexps || c->m[i].linear)
            return true;
        outs = outs || c->m[i].nouts;
    }
    return outs && !is_apart(c, s) && s->dear;
}

/* A product of products is two products. */
static bool is_product(const IrNode *n)
{
    if (n->op == OP_mul)
        return is_product(n->in[0]) && is_product(n->in[1]);
    if (n->op == OP_reduce && n->order == ORDER_contract) /* of what a softmax gives, mixed, it is none */
        return is_product(ir_terminator(n->regions[0])->in[0]);
    if (n->op == OP_cast)
        return is_product(n->in[0]);
    return n->op == OP_load || n->op == OP_dim || n->op == OP_const;
}

/* A value without the factors that are the same for all places: `z[n, v] * g[v]` in a sum over n is what z is. */
static const IrNode *without_scales(const Cascade *c, const IrNode *n, const IrNode *axis)
{
    while (n->op == OP_mul && pass_depends_on(c->cx, n->in[0], axis) != pass_depends_on(c->cx, n->in[1], axis))
        n = n->in[pass_depends_on(c->cx, n->in[1], axis)];
    return n;
}

/* Without corrections one pass spares the tensor too; but products with weights that are prepared, or whose columns lie a row apart,
 * do better as products (of the same bits), and so does one sum over all places of scores like x @ w, the hidden layer of a network: keys of a head,
 * k[h, d, j], are none, nor are scores that are mixed. What is reduced of weights (a gate on an attention, before a linear layer) is a pass of its own. */
static bool spares(const Cascade *c, const Seen *s)
{
    const Member *m = &c->m[0];
    bool one = c->n == 1 && m->reduce->redop == RED_sum && !pass_guard(m->reduce->regions[0]);
    const IrNode *value = without_scales(c, ir_terminator(m->reduce->regions[0])->in[0], m->reduce->regions[0]->params.p[0]);
    bool alone = !c->column && value->op == OP_reduce; /* scores that are summed as they are */
    bool products = one && ((s->along && !c->spreads) || (!alone && is_product(value)));
    return s->dear && !s->prepared && !is_apart(c, s) && !products && !s->pairs;
}

/* of: a reduction of the map that is no member; j: its index */
typedef struct Inner { const Cascade *c; const IrNode *of, *j; bool loops, again, pairs; } Inner;

static void see_factor(void *user, IrNode *n)
{
    Inner *i = user;
    bool shared = i->c->row && n->op == OP_load && pass_depends_on(i->c->cx, n, i->j) && !pass_depends_on(i->c->cx, n, i->c->row);
    i->pairs = i->pairs || shared;
}

static void see_loop(void *user, IrNode *n)
{
    Inner *i = user;
    PassCx *cx = i->c->cx;
    const IrRegion *r = i->c->map->regions[0];
    if (n->op != OP_reduce)
        return;
    i->loops = true;
    for (int k = 0; k < r->params.n; k++)
        i->again = i->again || (cascade_is_index(r->params.p[k]) && pass_depends_on(cx, i->of, r->params.p[k]) && !pass_depends_on(cx, n, r->params.p[k]));
    if (n->order == ORDER_contract && i->c->row && pass_depends_on(cx, n, i->c->row))
        ir_walk(n->regions[0], see_factor, i);
}

static bool is_of(const Cascade *c, const IrNode *reduce)
{
    bool member = reduce == c->host || reduce->stream;
    for (int i = 0; i < c->n; i++)
        member = member || c->m[i].reduce == reduce;
    return member;
}

/* Would another reduction, perhaps under a choice, compute what was taken in (scores of a second axis, a hidden layer) anew: for each column, or another
 * index of the map that it does not need? That one alone costs so many times as much as its tensor. Or pair by pair, where rows share what is multiplied
 * (scores behind which one more place stands)? */
static bool repeats_others(const Cascade *c, IrRegion *r)
{
    bool found = false;
    for (IrNode *n = r->first; n && !found; n = n->next) {
        for (int k = 0; n->op == OP_if && k < n->nregions; k++)
            found = found || repeats_others(c, n->regions[k]);
        if (n->op != OP_reduce || is_of(c, n))
            continue;
        Inner inner = { .c = c, .of = n, .j = vec_last(&n->regions[0]->params) };
        ir_walk(n->regions[0], see_loop, &inner);
        found = found || inner.again || inner.pairs || (inner.loops && c->column && pass_depends_on(c->cx, n, c->column));
    }
    return found;
}

/* Parts of what is mixed are for the index that they lack, and for scores: sums of them without a maximum are products, perhaps over what is mixed itself. */
static bool misses_part(const Online *o, const Cascade *c)
{
    int exps = 0;
    for (int i = 0; i < c->n; i++)
        exps += c->m[i].nexps;
    return o->lacks && (c->mix != o->lacks || !exps);
}

typedef struct Again { const Cascade *c; bool found; } Again;

static void see_again(void *user, IrNode *n)
{
    Again *a = user;
    a->found = a->found || (n->op == OP_reduce && n->order == ORDER_contract && n->regions[0]->params.n == 1 && n->regions[0]->params.p[0]->dim == a->c->j->dim);
}

/* Would it sum, for each row, over all pairs again, in another sum (`sum[d](o[i, d] * g[i, d])` of a result that nobody else reads)? That result is a pass of its own. */
static bool sums_again(const Cascade *c)
{
    Again a = { c, false };
    for (IrNode *n = c->map->regions[0]->first; n; n = n->next)
        if (n->op == OP_reduce && n != c->host && !n->stream && n->order != ORDER_contract && !cascade_may_be_member(n, c->m[0].reduce))
            ir_walk(n->regions[0], see_again, &a);
    return a.found;
}

bool online_spares(const Online *o, const Cascade *c)
{
    Seen seen = see_members(c);
    return !misses_part(o, c) && !repeats_others(c, c->map->regions[0]) && !sums_again(c) && (corrects(c, &seen) || spares(c, &seen));
}

bool online_is_prepared(const Cascade *c) { return see_members(c).prepared; }
