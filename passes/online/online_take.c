/* online_take.c - what the copy of a map takes in: the tensors that it reads once for each row and place of the axis, and those of one element a row
 * that are reduced from them. */
#include "passes/online/online_int.h"

enum { FEW_ROWS = 64 }; /* such a tensor is small */

bool online_is_among(IrNode *const *v, int n, const IrNode *x)
{
    for (int i = 0; i < n; i++)
        if (v[i] == x)
            return true;
    return false;
}

bool online_subscripts_use(const Online *o, const IrNode *load, const IrNode *index)
{
    for (int i = 1; i < load->nin; i++)
        if (pass_depends_on(o->cx, load->in[i], index))
            return true;
    return false;
}

/* An index of one place is a row, too: a program that says one row streams as one of many rows does. */
static bool has_all_rows(Online *o, const IrNode *load)
{
    IrRegion *r = o->copy->regions[0];
    bool some = false;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i];
        if (x == o->column || x->op != OP_index)
            continue;
        bool uses = online_subscripts_use(o, load, x);
        if (!uses && cascade_is_index(x))
            return false;
        some = some || uses;
    }
    return some && !(o->column && online_subscripts_use(o, load, o->column));
}

/* The index of the only reduction around the load that its subscripts use; NULL: none, or several. */
static IrNode *axis_of(Online *o, const IrNode *load, bool *several)
{
    IrNode *found = NULL;
    *several = false;
    for (IrRegion *r = load->parent; r && r != o->copy->regions[0]; r = r->owner->parent)
        for (int i = 0; i < r->params.n; i++)
            if (online_subscripts_use(o, load, r->params.p[i])) {
                *several = *several || found || r->owner->op != OP_reduce;
                found = r->params.p[i];
            }
    return found;
}

typedef struct Reads { Online *o; bool wide; } Reads;

static void see_reads(void *user, IrNode *n)
{
    Reads *s = user;
    if (n->op == OP_load && online_is_among(s->o->wide, s->o->nwide, n->in[0]))
        s->wide = true;
}

bool online_is_plain_map(const IrNode *n)
{
    return n->op == OP_map && !pass_has_stream(n);
}

static bool has_turns_between(const IrRegion *r, const IrRegion *outer)
{
    bool found = false;
    for (; r && r != outer; r = r->owner ? r->owner->parent : NULL)
        found = found || (r->owner && (r->owner->op == OP_for || r->owner->op == OP_while));
    return found;
}

/* In a loop that is no nest of indices (a threshold that is looked for turn by turn) what costs much would be computed in each turn. */
static bool is_in_turns(const IrNode *load, const IrRegion *map)
{
    return has_turns_between(load->parent, map) && pass_is_dear(load->in[0]);
}

/* So would what loops and stands outside of the loop of the function that the map stands in. */
static bool is_before_turns(const IrNode *of, const IrNode *map) { return has_turns_between(map->parent, of->parent) && pass_loops(of); }

typedef struct Turns { const IrRegion *map; bool found; } Turns;

static void see_turns(void *user, IrNode *n)
{
    Turns *t = user;
    t->found = t->found || (n->op == OP_load && online_is_plain_map(n->in[0]) && is_in_turns(n, t->map));
}

static bool asks_in_turns(const IrNode *map)
{
    Turns t = { map->regions[0], false };
    ir_walk(map->regions[0], see_turns, &t);
    return t.found;
}

/* One element a row, reduced from a tensor that is taken in; or an element of such a tensor. */
static bool is_row_value(Online *o, const IrNode *load)
{
    bool several;
    if (axis_of(o, load, &several) || several)
        return false;
    if (online_is_among(o->wide, o->nwide, load->in[0]))
        return true;
    Reads s = { o, false };
    ir_walk(load->in[0]->regions[0], see_reads, &s);
    return s.wide;
}

/* Does the copy reduce along an axis like this one? */
static bool reduces_along(const Online *o, const IrNode *axis)
{
    bool found = false;
    for (const IrNode *n = o->copy->regions[0]->first; n && !found; n = n->next)
        found = n->op == OP_reduce && n->regions[0]->params.n == 1 && n->regions[0]->params.p[0]->dim == axis->dim && pass_from_zero(n->regions[0]->params.p[0]);
    return found;
}

typedef struct Lying { PassCx *cx; const IrRegion *rows; const IrNode *axis; bool found; } Lying;

static void see_lying(void *user, IrNode *n)
{
    Lying *l = user;
    bool all = n->op == OP_load && dtype_is_float(n->type.dtype) && pass_depends_on(l->cx, n, l->axis);
    for (int i = 0; i < l->rows->params.n && all; i++)
        all = pass_depends_on(l->cx, n, l->rows->params.p[i]);
    l->found = l->found || all;
}

/* Is it reduced from a tensor that has an element for each row and place? Then it is found once for a row, before the pass, not for each of its blocks. */
static bool reads_pairs(PassCx *cx, const IrNode *map, const IrNode *sum)
{
    Lying l = { cx, map->regions[0], sum->regions[0]->params.p[0], false };
    ir_walk(sum->regions[0], see_lying, &l);
    return l.found;
}

/* A maximum or a sum of cheap scores, which are no tensor (`l[i] + r[j]`, a distance), for the pass that has their weights at hand: its own would compute them again. */
static bool is_of_cheap_scores(Online *o, const IrNode *load)
{
    const IrRegion *body = load->in[0]->regions[0];
    const IrNode *sum = ir_terminator(body)->in[0];
    bool several, may = o->nwide && !axis_of(o, load, &several) && !several && sum->op == OP_reduce && sum->order == ORDER_lanes16 && sum->regions[0]->params.n == 1;
    const IrNode *axis = may ? sum->regions[0]->params.p[0] : NULL;
    return may && pass_from_zero(axis) && !pass_faults(load->in[0]) && reduces_along(o, axis) && !reads_pairs(o->cx, load->in[0], sum) && pass_depends(o->cx, ir_terminator(sum->regions[0])->in[0], body);
}

typedef struct Waits { const Online *o; const IrNode *x; Map seen; bool reads, wide, found; } Waits;

/* Does it need x, however far away? Does it read, itself, a tensor that is taken in? */
static void see_wanted(void *user, IrNode *n)
{
    Waits *w = user;
    IrNode *of = n->op == OP_load ? n->in[0] : NULL;
    w->reads = w->reads || of == w->x;
    if (!of || w->reads || of->op != OP_map || map_find(&w->seen, of))
        return;
    map_put(&w->seen, of, w);
    ir_walk(of->regions[0], see_wanted, w);
}

static bool needs(const Waits *w, IrNode *map)
{
    Waits q = { .o = w->o, .x = w->x, .seen = map_new(w->o->cx->arena) };
    ir_walk(map->regions[0], see_wanted, &q);
    return q.reads;
}

static void see_wide(void *user, IrNode *n)
{
    Waits *w = user;
    w->wide = w->wide || (n->op == OP_load && online_is_among(w->o->wide, w->o->nwide, n->in[0]));
}

static void see_waited(void *user, IrNode *n)
{
    Waits *w = user;
    IrNode *of = n->op == OP_load ? n->in[0] : NULL;
    if (!of || of->op != OP_map || of == w->x || online_is_among(w->o->wide, w->o->nwide, of) || map_find(&w->seen, of))
        return;
    map_put(&w->seen, of, w);
    w->wide = false;
    ir_walk(of->regions[0], see_wide, w);
    if (w->wide && of->type.rank > w->x->type.rank && needs(w, of))
        w->found = true;
    else if (!w->wide)
        ir_walk(of->regions[0], see_waited, w);
}

/* Something else that the map reads (sum [d] { o[i, d] * g[i, d] }) needs a pass over the same pairs, which has made x: it is read where it lies. */
static bool is_made_before(const Online *o, const IrNode *x)
{
    Waits w = { .o = o, .x = x, .seen = map_new(o->cx->arena) };
    ir_walk(o->copy->regions[0], see_waited, &w);
    return w.found;
}

/* Of a reduction that stands in no other: what a contraction inside asks for again at each place of the axis stays stored. */
static bool is_outermost(Online *o, const IrNode *axis)
{
    for (IrRegion *r = axis->parent->owner->parent; r && r != o->copy->regions[0]; r = r->owner->parent)
        if (r->owner->op == OP_reduce)
            return false;
    return true;
}

static void see_dear(void *user, IrNode *n)
{
    bool *dear = user;
    *dear = *dear || online_is_dear(n);
}

typedef struct Deep { int left; bool holds; } Deep;

static bool holds_rows(const IrNode *map, int deep);

static void see_deep(void *user, IrNode *n)
{
    Deep *d = user;
    d->holds = d->holds || (n->op == OP_load && online_is_plain_map(n->in[0]) && holds_rows(n->in[0], d->left - 1));
}

/* Is an element of the map reduced from a tensor that is worth not being stored, or made of such elements, as many maps away? */
static bool holds_rows(const IrNode *map, int deep)
{
    bool dear = false;
    for (const IrNode *n = map->regions[0]->first; n && !dear; n = n->next)
        if (n->op == OP_reduce)
            ir_walk(n->regions[0], see_dear, &dear);
    Deep d = { deep, dear };
    if (!dear && deep)
        ir_walk(map->regions[0], see_deep, &d);
    return d.holds;
}

static bool is_single(const IrNode *index)
{
    int64_t n;
    return dim_is_const(index->dim, &n) && n == 1;
}

/* Are its rows normed? It has elementary functions of pairs, or a maximum is taken along a row. */
static bool is_normed(const IrNode *map)
{
    bool found = false;
    for (const IrNode *n = map->regions[0]->first; n && !found; n = n->next)
        found = pass_is_elementary((IrOp)n->op);
    for (const IrUse *u = map->uses; u && !found; u = u->next) {
        const IrNode *x = u->user->op == OP_load && !u->slot ? u->user->in[u->user->nin - 1] : NULL;
        found = x && x->op == OP_index && x->parent->owner->op == OP_reduce && (x->parent->owner->redop == RED_max || x->parent->owner->redop == RED_min);
    }
    return found;
}

/* Is it read at rows that something tells (a table), of which there are more than few, and at each place as it is? Where the axis goes over rows, those of
 * something else (vectors of few types) look the same, unless they are normed. */
static bool reads_rows(const Online *o, const IrNode *load, const IrNode *axis)
{
    const IrNode *row = NULL;
    bool along = false;
    int64_t k;
    for (int i = 1; i < load->nin; i++) {
        if (load->in[i]->op == OP_index) {
            along = along || (load->in[i] == axis && pass_is_whole(axis));
            continue;
        }
        if (row || (dim_is_const(load->in[0]->type.dims[i - 1], &k) && k <= FEW_ROWS))
            return false;
        row = load->in[i];
    }
    bool over = row && pass_depends_on(o->cx, row, axis);
    return row && along != over && (along || (load->in[load->nin - 1]->op == OP_index && !pass_depends_on(o->cx, row, load->in[load->nin - 1]) && is_normed(load->in[0])));
}

/* Places that share an element of what costs much, as distances beyond a limit do: it is computed once, before. */
static bool shares_elements(Online *o, const IrNode *load, const IrNode *axis)
{
    IrNode *index[2 * IR_RANK_MOST];
    int n = 0;
    if (axis && reads_rows(o, load, axis))
        return false;
    for (const IrRegion *r = load->parent; r; r = r == o->copy->regions[0] ? NULL : r->owner->parent)
        for (int i = 0; i < r->params.n && n < 2 * IR_RANK_MOST; i++)
            if (cascade_is_index(r->params.p[i]) && !is_single(r->params.p[i]) && online_subscripts_use(o, load, r->params.p[i]))
                index[n++] = r->params.p[i];
    return pass_is_dear(load->in[0]) && pass_asks_again(o->cx, load, index, n);
}

/* One of its loads reads a tensor that exists at these indices, each as it is: there are no more of its elements than of that tensor's. in: the map that is looked at. */
typedef struct Along { PassCx *cx; const IrRegion *in; IrNode *const *index; int n, deep; bool loops, layers, found; } Along;

/* What loops and is the same for some indices of the map (hidden layers that all words read) stays stored: it exists. */
static bool is_asked_again(const Along *a, const IrNode *load)
{
    bool again = false;
    for (int k = 0; k < a->in->params.n && !again && load->parent != a->in; k++)
        again = cascade_is_index(a->in->params.p[k]) && !pass_depends_on(a->cx, load, a->in->params.p[k]);
    return again && online_is_plain_map(load->in[0]) && pass_loops(load->in[0]);
}

static void see_along(void *user, IrNode *n)
{
    Along *a = user;
    IrNode *of = n->op == OP_load ? n->in[0] : NULL, *at[IR_RANK_MOST];
    if (!of || a->found || (a->loops && (!online_is_plain_map(of) || !pass_loops(of) || n->parent->owner->op != OP_reduce)))
        return;
    for (int k = 0; k < a->n; k++) {
        at[k] = NULL;
        for (int i = 1; i < n->nin; i++)
            at[k] = n->in[i] == a->index[k] ? (of->op == OP_map ? of->regions[0]->params.p[i - 1] : of) : at[k];
        if (!at[k])
            return;
    }
    Along next = { a->cx, of->op == OP_map ? of->regions[0] : NULL, at, a->n, a->deep - 1, false, a->layers, of->op == OP_param || (a->layers && is_asked_again(a, n)) };
    if (online_is_plain_map(of) && a->deep)
        ir_walk(of->regions[0], see_along, &next);
    a->found = next.found;
}

bool online_is_along(PassCx *cx, const IrNode *map, bool loops)
{
    const IrRegion *r = map->regions[0];
    Along a = { cx, r, r->params.p, r->params.n, MAPS_DEEP, loops, loops, false };
    if (r->params.n <= IR_RANK_MOST)
        ir_walk((IrRegion *)(uintptr_t)r, see_along, &a);
    return a.found;
}

/* Scores that sum what loops, as those of a layer (`sum[k](u[k] * tanh(h[n, k]))`), for the places of a tensor that exists: as few as these are stored. */
static bool is_small_layer(PassCx *cx, const IrNode *map) { return online_is_along(cx, map, true); }

typedef struct Costs { Online *o; const IrNode *load, *axis; bool much; } Costs;

static void see_costs(void *user, IrNode *n)
{
    Costs *c = user;
    const IrRegion *r = c->load->in[0]->regions[0];
    for (int k = 1; k < c->load->nin && pass_is_elementary((IrOp)n->op); k++)
        c->much = c->much || (pass_depends_on(c->o->cx, c->load->in[k], c->axis) && pass_depends_on(c->o->cx, n, r->params.p[k - 1]));
}

/* Does each place of the axis cost a loop or an elementary function? */
static bool costs_much(Online *o, const IrNode *load, const IrNode *axis)
{
    Costs c = { o, load, axis, pass_loops(load->in[0]) };
    ir_walk(load->in[0]->regions[0], see_costs, &c);
    return c.much;
}

/* Of pairs of some of the rows (`f32(i - j) / c[i]`, the same for all heads), cheap, and read by nothing else: it is computed for each of the others. */
static bool is_cheap_of_pairs(Online *o, const IrNode *load)
{
    const IrRegion *r = o->copy->regions[0];
    bool several, some = false;
    const IrNode *axis = axis_of(o, load, &several);
    bool own = axis && !several && !costs_much(o, load, axis);
    for (int i = 0; i < r->params.n && own; i++)
        some = some || (r->params.p[i] != o->column && online_subscripts_use(o, load, r->params.p[i]));
    for (const IrUse *u = load->in[0]->uses; u && own; u = u->next)
        own = ir_inside(u->user, r) || online_reads_inside(o, u->user);
    return own && some && !(o->column && online_subscripts_use(o, load, o->column));
}

/* Does what a reduction finds (the nearest place) tell where it is? It is read when that is known, from where it is stored. */
static bool is_found(const IrNode *x)
{
    bool found = x->op == OP_reduce;
    for (int i = 0; i < x->nin && !found; i++)
        found = !x->in[i]->type.rank && is_found(x->in[i]);
    return found;
}

static bool reads_found(const IrNode *load)
{
    bool found = false;
    for (int i = 1; i < load->nin; i++)
        found = found || is_found(load->in[i]);
    return found;
}

typedef struct Weighs { const IrNode *row; PassCx *cx; bool found; } Weighs;

/* A product with weights of rows: they have an elementary function of scores, and what is reduced of these for the row. */
static void see_weights(void *user, IrNode *n)
{
    Weighs *w = user;
    const IrNode *sum = n->parent->owner;
    if (w->found || n->op != OP_load || !online_is_plain_map(n->in[0]) || sum->op != OP_reduce || sum->order != ORDER_contract || n->in[n->nin - 1] != n->parent->params.p[0])
        return;
    bool weights = false;
    for (const IrNode *x = n->in[0]->regions[0]->first; x && !weights; x = x->next)
        weights = pass_is_elementary((IrOp)x->op);
    w->found = weights && pass_depends_on(w->cx, n, w->row) && holds_rows(n->in[0], MAPS_DEEP);
}

/* Are the places rows of an attention that are pooled (`max[i](o[i, d])`)? Its result is a pass of its own, and smaller than its weights, which would be stored. */
static bool is_pooled(const Online *o, const IrNode *load, const IrNode *axis)
{
    const IrRegion *r = load->in[0]->regions[0];
    Weighs w = { NULL, o->cx, false };
    for (int i = 1; i < load->nin; i++)
        w.row = load->in[i] == axis ? r->params.p[i - 1] : w.row;
    if (w.row)
        ir_walk((IrRegion *)(uintptr_t)r, see_weights, &w);
    return w.found;
}

static void see_load(void *user, IrNode *n)
{
    Online *o = user;
    bool several;
    if (n->op != OP_load || !online_is_plain_map(n->in[0]) || map_find(&o->cx->stored, n->in[0]) || online_is_among(o->left, o->nleft, n->in[0]) || is_in_turns(n, o->copy->regions[0]) ||
        is_before_turns(n->in[0], o->copy) || (online_is_running(n->in[0]) && !online_may_take_running(o, n)))
        return;
    bool all = has_all_rows(o, n), cheap = !all && is_cheap_of_pairs(o, n), mixed = !cheap && online_is_mixed(o, n);
    if (!mixed && !all && !cheap)
        return;
    IrNode *axis = axis_of(o, n, &several);
    if (mixed || (axis && !several && is_outermost(o, axis))) {
        if ((!cheap && shares_elements(o, n, mixed ? NULL : axis)) || is_small_layer(o->cx, n->in[0]) || (axis && is_pooled(o, n, axis)))
            return;
        if (!online_is_among(o->wide, o->nwide, n->in[0]) && o->nwide < TAKEN_MOST)
            o->wide[o->nwide++] = n->in[0];
        if (!o->load)
            o->load = n;
    } else if (!o->load && !axis && !several && !asks_in_turns(n->in[0]) && !reads_found(n) &&
               (is_row_value(o, n) || is_of_cheap_scores(o, n) || ((!o->nwide || o->deep) && holds_rows(n->in[0], o->deep ? MAPS_DEEP : 0))) && !is_made_before(o, n->in[0])) {
        o->load = n;
    }
}

static void part_along(Online *o, IrNode *of, const IrNode *index)
{
    for (int i = 1; i < o->load->nin; i++)
        if (pass_depends_on(o->cx, o->load->in[i], index))
            online_part(o->cx, of, of->regions[0]->params.p[i - 1]);
}

/* What a tensor reduces for each place of the axis (sums of rows, where columns are summed) would run in the reduction. */
static void part_rows(Online *o, IrNode *of)
{
    bool several;
    if (online_is_mixed(o, o->load)) {
        online_open_mixture(o, o->load);
        part_along(o, of, online_mixing_index(o->load));
        if (!online_is_among(o->mixed, o->nmixed, of) && o->nmixed < LEFT_MOST)
            o->mixed[o->nmixed++] = of;
        return;
    }
    IrNode *axis = axis_of(o, o->load, &several);
    for (int i = 1; i < o->load->nin && axis && !several; i++)
        if (pass_depends_on(o->cx, o->load->in[i], axis))
            online_part(o->cx, of, of->regions[0]->params.p[i - 1]);
}

static void inline_load(Online *o, IrNode *of)
{
    if (!o->quiet || !pass_faults(of)) {
        pass_inline_load(o->cx, of, o->load);
        return;
    }
    IrBuilder b = { of->parent->fn, of->parent, of, of->span };
    Map nodes = map_new(o->cx->arena);
    IrNode *quiet = ir_clone_node(&b, of, &nodes, NULL, NULL);
    pass_note_symbols(o->cx, quiet->regions[0]);
    online_widen_ranges(o, quiet->regions[0], true);
    online_part_residues(quiet->regions[0], true);
    pass_quiet_faults(o->cx, quiet->regions[0]);
    pass_inline_load(o->cx, quiet, o->load);
    ir_drop(quiet);
}

bool online_take_one(Online *o)
{
    o->load = NULL;
    online_mix_parts(o);
    bool none = !o->nwide;
    ir_walk(o->copy->regions[0], see_load, o);
    if (none && o->nwide && o->load && !online_is_among(o->wide, o->nwide, o->load->in[0])) { /* what a guard reads of a row stands before the tensors of pairs */
        o->load = NULL;
        ir_walk(o->copy->regions[0], see_load, o);
    }
    if (!o->load)
        return false;
    IrNode *of = o->load->in[0];
    part_rows(o, of);
    if (!online_is_among(o->taken, o->ntaken, of)) {
        if (o->ntaken == TAKEN_MOST)
            return false;
        o->taken[o->ntaken++] = of;
    }
    o->dear = o->dear || (online_is_among(o->wide, o->nwide, of) && pass_is_dear(of));
    inline_load(o, of);
    o->seams = online_part_at_seams(o, o->copy->regions[0]) || o->seams;
    online_widen_ranges(o, o->copy->regions[0], false);
    online_flatten(o->cx, o->copy->regions[0]);
    pass_note_symbols(o->cx, o->copy->regions[0]);
    online_open_choices(o->cx, o->copy->regions[0], false);
    pass_hoist_region(o->cx, o->copy->regions[0]);
    online_flatten(o->cx, o->copy->regions[0]); /* what has left a reduction */
    pass_note_symbols(o->cx, o->copy->regions[0]);
    return true;
}

/* What a node needs of the region that it stands in. */
typedef struct Needs { PassCx *cx; const IrRegion *r; Map of; } Needs;

static void need(Needs *q, IrNode *x)
{
    if (x && x->parent == q->r)
        map_put(&q->of, x, x);
}

static void see_symbol(void *user, DimSym *s)
{
    Needs *q = user;
    need(q, map_find(&q->cx->sym_nodes, s));
}

static void see_needs(void *user, IrNode *n)
{
    Needs *q = user;
    for (int i = 0; i < n->nin; i++)
        need(q, n->in[i]);
    pass_each_dim(n, see_symbol, q);
}

/* The subscripts that a reduction in the branch r computes there (a place that is kept inside) go before the choice, so that it may, too. */
static void bring_needs(PassCx *cx, IrRegion *r, IrNode *reduce)
{
    Needs q = { cx, r, map_new(cx->arena) };
    bool total = true;
    map_put(&q.of, reduce, reduce);
    for (IrNode *x = reduce; x; x = x->prev) {
        if (!map_find(&q.of, x))
            continue;
        see_needs(&q, x);
        for (int i = 0; i < x->nregions; i++)
            ir_walk(x->regions[i], see_needs, &q);
        total = total && (x == reduce || !x->nregions) && pass_is_total(cx, x);
    }
    for (IrNode *x = r->first, *next; x != reduce && total; x = next) {
        next = x->next;
        if (map_find(&q.of, x))
            ir_move_before(x, r->owner);
    }
}

/* Out of the branch r: the reductions, or all that computes. */
static void open_branch(PassCx *cx, IrRegion *r, bool all)
{
    online_open_choices(cx, r, all);
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_reduce && !all)
            bring_needs(cx, r, n);
        bool moves = n->op == OP_reduce || (all && n->op != OP_yield && (!n->nregions || (cascade_side(n, 0) && cascade_side(n, 1))));
        if (moves && pass_is_total(cx, n) && online_needs_outside_only(cx, n))
            ir_move_before(n, r->owner);
    }
}

/* Reductions under a choice run always, where that cannot be noticed; in reductions those for each row only. */
void online_open_choices(PassCx *cx, IrRegion *r, bool all)
{
    for (IrNode *n = r->first; n; n = n->next) {
        for (int k = 0; n->op == OP_if && k < n->nregions; k++)
            open_branch(cx, n->regions[k], all);
        if (n->op == OP_reduce)
            online_open_choices(cx, n->regions[0], false);
    }
}

void online_see_held(void *user, IrNode *n)
{
    bool *held = user;
    *held = *held || (n->op == OP_load && online_is_plain_map(n->in[0]) && holds_rows(n->in[0], 0));
}
