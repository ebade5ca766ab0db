/* online.c - rule 2 of fusion.md: a cascade of reductions over one axis becomes one pass over it.
 *
 *     %s = map [i, j] { sum [d] {...} }                %o = map [i, d] {
 *     %m = map [i] { max [j] { %s[i, j] } }              %1 = reduce max stream [j] { s(i, j) }
 *     %p = map [i, j] { exp(%s[i, j] - %m[i]) / .. }     %2 = reduce sum stream [j] { exp(s(i, j) - %1) }
 *     %o = map [i, d] { sum [j] { %p[i, j] * .. } }      %3 = reduce sum stream [j] { exp(s(i, j) - %1) / %2 * .. } }
 *
 * For each map that reduces, a copy takes in the tensors that it reads once for each row and place of the axis (scores, weights) and
 * those of one element a row that are reduced from them (maxima, sums). If the reductions that the copy then holds are a cascade
 * (cascade.c), they are marked and the copy takes the map's place; tile_stream.c makes one loop of them.
 */
#include <string.h>

#include "passes/online_int.h"

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

typedef struct Reads { Online *o; bool wide, reduces; } Reads;

static void see_reads(void *user, IrNode *n)
{
    Reads *s = user;
    if (n->op == OP_load && online_is_among(s->o->wide, s->o->nwide, n->in[0]))
        s->wide = true;
    s->reduces = s->reduces || n->op == OP_reduce;
}

static bool is_plain_map(const IrNode *n)
{
    return n->op == OP_map && !pass_has_stream(n);
}

/* One element a row, reduced from a tensor that is taken in; or an element of such a tensor. */
static bool is_row_value(Online *o, const IrNode *load)
{
    bool several;
    if (axis_of(o, load, &several) || several)
        return false;
    if (online_is_among(o->wide, o->nwide, load->in[0]))
        return true;
    Reads s = { o, false, false };
    ir_walk(load->in[0]->regions[0], see_reads, &s);
    return s.wide;
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
    *dear = *dear || (n->op == OP_load && is_plain_map(n->in[0]) && pass_is_dear(n->in[0]));
}

typedef struct Deep { int left; bool holds; } Deep;

static bool holds_rows(const IrNode *map, int deep);

static void see_deep(void *user, IrNode *n)
{
    Deep *d = user;
    d->holds = d->holds || (n->op == OP_load && is_plain_map(n->in[0]) && holds_rows(n->in[0], d->left - 1));
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

/* Places that share an element of what costs much, as distances beyond a limit do: it is computed once, before. */
static bool shares_elements(Online *o, const IrNode *load)
{
    IrNode *index[2 * IR_RANK_MOST];
    int n = 0;
    for (const IrRegion *r = load->parent; r; r = r == o->copy->regions[0] ? NULL : r->owner->parent)
        for (int i = 0; i < r->params.n && n < 2 * IR_RANK_MOST; i++)
            if (cascade_is_index(r->params.p[i]) && !is_single(r->params.p[i]) && online_subscripts_use(o, load, r->params.p[i]))
                index[n++] = r->params.p[i];
    return pass_is_dear(load->in[0]) && pass_asks_again(o->cx, load, index, n);
}

/* One of its loads reads a tensor that exists at these indices, each as it is: there are no more of its elements than of that tensor's. */
typedef struct Along { IrNode *const *index; int n, deep; bool loops, found; } Along;

static void see_along(void *user, IrNode *n)
{
    Along *a = user;
    IrNode *of = n->op == OP_load ? n->in[0] : NULL, *at[IR_RANK_MOST];
    if (!of || a->found || (a->loops && (!is_plain_map(of) || !pass_loops(of) || n->parent->owner->op != OP_reduce)))
        return;
    for (int k = 0; k < a->n; k++) {
        at[k] = NULL;
        for (int i = 1; i < n->nin; i++)
            at[k] = n->in[i] == a->index[k] ? (of->op == OP_map ? of->regions[0]->params.p[i - 1] : of) : at[k];
        if (!at[k])
            return;
    }
    Along next = { at, a->n, a->deep - 1, false, of->op == OP_param };
    if (is_plain_map(of) && a->deep)
        ir_walk(of->regions[0], see_along, &next);
    a->found = next.found;
}

/* Scores that sum what loops, as those of a layer (`sum[k](u[k] * tanh(h[n, k]))`), for the places of a tensor that exists: as few as these are stored. */
static bool is_small_layer(const IrNode *map)
{
    const IrRegion *r = map->regions[0];
    Along a = { r->params.p, r->params.n, MAPS_DEEP, true, false };
    if (r->params.n <= IR_RANK_MOST)
        ir_walk((IrRegion *)(uintptr_t)r, see_along, &a);
    return a.found;
}

static void see_load(void *user, IrNode *n)
{
    Online *o = user;
    bool several;
    if (n->op != OP_load || !is_plain_map(n->in[0]) || online_is_among(o->left, o->nleft, n->in[0]))
        return;
    bool mixed = online_is_mixed(o, n);
    if (!mixed && !has_all_rows(o, n))
        return;
    IrNode *axis = axis_of(o, n, &several);
    if (mixed || (axis && !several && is_outermost(o, axis))) {
        if (shares_elements(o, n) || is_small_layer(n->in[0]))
            return;
        if (!online_is_among(o->wide, o->nwide, n->in[0]) && o->nwide < TAKEN_MOST)
            o->wide[o->nwide++] = n->in[0];
        if (!o->load)
            o->load = n;
    } else if (!o->load && !axis && !several && (is_row_value(o, n) || ((!o->nwide || o->deep) && holds_rows(n->in[0], o->deep ? MAPS_DEEP : 0)))) {
        o->load = n;
    }
}

static void open_choices(PassCx *cx, IrRegion *r, bool all);

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
    pass_quiet_faults(o->cx, quiet->regions[0]);
    pass_inline_load(o->cx, quiet, o->load);
    ir_drop(quiet);
}

static bool take_one(Online *o)
{
    o->load = NULL;
    online_mix_parts(o);
    ir_walk(o->copy->regions[0], see_load, o);
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
    online_flatten(o->cx, o->copy->regions[0]);
    pass_note_symbols(o->cx, o->copy->regions[0]);
    open_choices(o->cx, o->copy->regions[0], false);
    pass_hoist_region(o->cx, o->copy->regions[0]);
    return true;
}

/* Out of the branch r: the reductions, or all that computes. */
static void open_branch(PassCx *cx, IrRegion *r, bool all)
{
    open_choices(cx, r, all);
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        bool moves = n->op == OP_reduce || (all && n->op != OP_yield && !n->nregions);
        if (moves && pass_is_total(cx, n) && online_needs_outside_only(cx, n))
            ir_move_before(n, r->owner);
    }
}

/* Reductions under a choice run always, where that cannot be noticed; in reductions those for each row only. */
static void open_choices(PassCx *cx, IrRegion *r, bool all)
{
    for (IrNode *n = r->first; n; n = n->next) {
        for (int k = 0; n->op == OP_if && k < n->nregions; k++)
            open_branch(cx, n->regions[k], all);
        if (n->op == OP_reduce)
            open_choices(cx, n->regions[0], false);
    }
}

static bool is_within(const IrNode *n, const IrNode *owner) { return owner && ir_inside(n, owner->regions[0]); }

bool online_reads_inside(const Online *o, const IrNode *user)
{
    bool own = is_within(user, o->map);
    for (int i = 0; i < o->ninstead && !own; i++)
        own = is_within(user, o->instead[i]);
    for (int i = 0; i < o->ntaken && !own; i++)
        own = is_within(user, o->taken[i]);
    return own;
}

static void note_reader(Online *o, IrNode *user)
{
    IrNode *top = pass_ancestor_in(user, o->map->parent);
    if (!top || (!is_plain_map(top) && top->op != OP_reduce) || (o->nother == TWINS_MOST - 1 && !online_is_among(o->other, o->nother, top)))
        o->stays = true;
    else if (top != o->copy && !online_is_among(o->other, o->nother, top))
        o->other[o->nother++] = top;
    o->stays = o->stays || top == o->copy;
}

/* Would all tensors that are dear and were taken in be read by nobody else? Notes who reads them. */
static bool all_die(Online *o)
{
    for (int i = 0; i < o->ntaken; i++) {
        IrNode *x = o->taken[i];
        for (IrUse *u = pass_is_dear(x) ? x->uses : NULL; u; u = u->next)
            if (!online_reads_inside(o, u->user))
                note_reader(o, u->user);
    }
    return !o->stays && !o->nother;
}

/* What may fault in the copy may be in the way of a pass: the next try looks for that before. */
static bool wants_quiet(Online *o)
{
    o->fails = pass_faults(o->copy);
    return o->fails;
}

/* ---- what is in the way of products ------------------------------------------------------------------------------------- */

typedef struct PairFaults { PassCx *cx; const IrNode *map, *place; bool found; } PairFaults;

static void see_pair_fault(void *user, IrNode *n)
{
    PairFaults *q = user;
    const IrNode *sum = n->parent->owner;
    if (q->found || !pass_is_fault(n) || sum->op != OP_reduce || sum->order != ORDER_contract || !pass_depends_on(q->cx, n, q->place))
        return;
    for (int i = 0; i < q->map->regions[0]->params.n; i++)
        q->found = q->found || pass_depends_on(q->cx, n, q->map->regions[0]->params.p[i]);
}

/* Does a subscript by row and place of a product fault (a vector for each distance, of a table that may have none)? Rows share such a product only where it
 * is looked for before; the search has no loop over what is multiplied. */
static bool fails_in_pairs(Online *o, const Cascade *c)
{
    PairFaults q = { .cx = o->cx, .map = o->copy };
    for (int i = 0; i < c->n && !o->quiet; i++) {
        IrRegion *r = c->m[i].reduce->regions[0];
        q.place = r->params.p[0];
        ir_walk(r, see_pair_fault, &q);
    }
    return q.found;
}

static bool still_reads(const Online *o, const IrNode *x)
{
    bool reads = false;
    for (const IrUse *u = pass_is_dear(x) ? x->uses : NULL; u && !reads; u = u->next)
        reads = ir_inside(u->user, o->copy->regions[0]);
    return reads;
}

/* What the copy still reads elsewhere (rows of queries that are keys, too) stays a tensor: the next try leaves it. */
static bool leaves_some(Online *o)
{
    IrNode *reads[LEFT_MOST];
    int n = 0, before = o->nleft;
    for (int i = 0; i < o->ntaken; i++)
        if (n < LEFT_MOST && still_reads(o, o->taken[i]))
            reads[n++] = o->taken[i];
    if (!n || wants_quiet(o))
        return n;
    for (int i = 0; i < n && o->nleft < LEFT_MOST; i++)
        o->left[o->nleft++] = reads[i];
    return o->nleft > before;
}

typedef struct Seen { const Cascade *c; const IrNode *axis; bool dear, prepared, apart, along; } Seen; /* along: scores read the axis side by side, of what is the same for the whole map */

static void see_member(void *user, IrNode *n)
{
    Seen *s = user;
    s->dear = s->dear || n->op == OP_reduce || pass_is_elementary((IrOp)n->op);
    if (n->op != OP_load)
        return;
    s->prepared = s->prepared || n->in[0]->load_time;
    const IrNode *around = n->parent->owner;
    if (around->op == OP_reduce && around->order == ORDER_contract && n->parent != s->axis->parent)
        s->along = s->along || (pass_depends_on(s->c->cx, n->in[n->nin - 1], s->axis) && !pass_depends(s->c->cx, n, s->c->map->regions[0]));
    for (int i = 1; i + 1 < n->nin && s->c->column; i++)
        s->apart = s->apart || pass_depends_on(s->c->cx, n->in[i], s->c->column);
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
    return outs && !s->apart && s->dear;
}

/* A product of products is two products. */
static bool is_product(const IrNode *n)
{
    if (n->op == OP_mul)
        return is_product(n->in[0]) && is_product(n->in[1]);
    if (n->op == OP_reduce && n->order == ORDER_contract) /* of what a softmax gives, mixed, it is none */
        return is_product(ir_terminator(n->regions[0])->in[0]);
    return n->op == OP_load || n->op == OP_dim || n->op == OP_const || n->op == OP_cast;
}

/* Without corrections one pass spares the tensor too; but products with weights that are prepared, or whose columns lie a row apart,
 * do better as products (of the same bits), and so does one sum over all places of scores like x @ w, the hidden layer of a network: keys of a head,
 * k[h, d, j], are none, nor are scores that are mixed. */
static bool spares(const Cascade *c, const Seen *s)
{
    const Member *m = &c->m[0];
    bool one = c->n == 1 && m->reduce->redop == RED_sum && !pass_guard(m->reduce->regions[0]);
    bool products = one && ((s->along && !c->spreads) || is_product(ir_terminator(m->reduce->regions[0])->in[0]));
    return s->dear && !s->prepared && !s->apart && !products;
}

typedef struct Inner { bool loops; } Inner;

static void see_loop(void *user, IrNode *n) { Inner *i = user; i->loops = i->loops || n->op == OP_reduce; }

/* Would another reduction compute what was taken in (scores of a second axis) anew for each column? That one alone costs columns times as much as its tensor. */
static bool repeats_others(PassCx *cx, const Cascade *c)
{
    for (IrNode *n = c->map->regions[0]->first; n && c->column; n = n->next) {
        Inner inner = { false };
        bool member = n == c->host;
        for (int i = 0; i < c->n; i++)
            member = member || c->m[i].reduce == n;
        if (n->op != OP_reduce || member || n->stream || !pass_depends_on(cx, n, c->column))
            continue;
        ir_walk(n->regions[0], see_loop, &inner);
        if (inner.loops)
            return true;
    }
    return false;
}

/* Parts of what is mixed are for the index that they lack, and for scores: sums of them without a maximum are products, perhaps over what is mixed itself. */
static bool misses_part(const Online *o, const Cascade *c)
{
    int exps = 0;
    for (int i = 0; i < c->n; i++)
        exps += c->m[i].nexps;
    return o->lacks && (c->mix != o->lacks || !exps);
}

static bool try_column(Online *o)
{
    PassCx *cx = o->cx;
    Cascade c;
    int takes = 0;
    while (takes < TAKES_MOST && take_one(o))
        if (++takes % TAKES_STEP == 0) /* a row value that others need, too, is taken in with each of them */
            online_merge(cx, o->copy->regions[0]);
    o->again = takes < TAKES_MOST && leaves_some(o);
    if (o->again || takes == TAKES_MOST || !o->dear || (!o->shares && !all_die(o)))
        return false;
    open_choices(cx, o->copy->regions[0], true);
    online_open_guards(cx, o->copy->regions[0]);
    online_merge(cx, o->copy->regions[0]);
    pass_know_region(cx, o->copy->regions[0]);
    online_merge(cx, o->copy->regions[0]);
    if (online_split(cx, o->copy->regions[0]))
        online_merge(cx, o->copy->regions[0]);
    for (IrNode *n = ir_terminator(o->copy->regions[0]); n; n = n->prev) {
        if (n->op != OP_reduce || !cascade_find(cx, o->copy, n, &c))
            continue;
        bool again = o->column && c.column && c.column != o->column; /* what was taken in would be computed for each place of that */
        Seen seen = see_members(&c);
        bool good = !again && !(o->nmixed && c.bare) && !misses_part(o, &c) && !repeats_others(cx, &c) && (corrects(&c, &seen) || spares(&c, &seen));
        cascade_drop(&c);
        if (good && fails_in_pairs(o, &c) && wants_quiet(o)) {
            o->again = true;
            return false;
        }
        for (int i = 0; i < c.n && good; i++)
            c.m[i].reduce->stream = true;
        if (good)
            return true;
    }
    o->again = (o->nmixed && wants_quiet(o)) || online_leave_mixed(o);
    if (o->again || online_try_stages(o))
        return !o->again;
    o->again = wants_quiet(o);
    return false;
}

bool online_is_prepared(const Cascade *c) { return see_members(c).prepared; }

static const char *why_streamed(const Online *o, int i)
{
    const char *how = o->nrows ? "computed block by block, anew in each pass over the axis that its reader reduces" : "computed block by block in one pass over the axis that its reader reduces";
    return o->faults[i] ? arena_printf(o->cx->arena, "%s; what may fault in it is looked for before, over %s", how, o->faults[i]) : how;
}

/* What was taken in and has no other reader: its checks run in the copy now. */
static void drop_taken(Online *o)
{
    for (int i = 0; i < o->ntaken; i++)
        pass_remark(o->cx, CHOICE_streamed, o->taken[i], why_streamed(o, i));
    for (int left = o->ntaken; left-- > 0;)
        for (int i = 0; i < o->ntaken; i++)
            if (!o->taken[i]->dropped && !o->taken[i]->uses)
                ir_drop(o->taken[i]);
}

void online_see_held(void *user, IrNode *n)
{
    bool *held = user;
    *held = *held || (n->op == OP_load && is_plain_map(n->in[0]) && holds_rows(n->in[0], 0));
}

/* Under a choice, too: a mean asks first whether there is anything. */
static bool reduces(const IrRegion *r)
{
    bool found = false;
    for (const IrNode *n = r->first; n && !found; n = n->next) {
        found = n->op == OP_reduce;
        for (int k = 0; n->op == OP_if && k < n->nregions && !found; k++)
            found = reduces(n->regions[k]);
    }
    return found;
}

/* Does it reduce, or read what a map has reduced for each row? */
static bool may_stream(const IrNode *map)
{
    bool found = reduces(map->regions[0]);
    if (!found)
        ir_walk(map->regions[0], online_see_held, &found);
    return found;
}

static bool begin(Online *o, int k)
{
    IrNode *map = o->map;
    IrBuilder b = { map->parent->fn, map->parent, map, map->span };
    Map nodes = map_new(o->cx->arena);
    if (k >= 0 && !cascade_is_index(map->regions[0]->params.p[k]))
        return false;
    o->copy = ir_clone_node(&b, map, &nodes, NULL, NULL);
    o->column = k >= 0 ? o->copy->regions[0]->params.p[k] : NULL;
    pass_note_symbols(o->cx, o->copy->regions[0]);
    if (o->quiet)
        pass_quiet_faults(o->cx, o->copy->regions[0]);
    online_flatten(o->cx, o->copy->regions[0]);
    return true;
}

/* Nobody else reads it, nor what goes with it. */
static bool goes(const Online *o, const IrNode *x, IrNode *const *going, int n)
{
    bool own = true;
    for (const IrUse *u = x->uses; u && own; u = u->next) {
        const IrNode *top = pass_ancestor_in(u->user, x->parent);
        own = is_within(u->user, o->map);
        for (int i = 0; i < o->ninstead && !own; i++)
            own = is_within(u->user, o->instead[i]);
        own = own || (top && online_is_among(going, n, top));
    }
    return own;
}

/* Of what a quiet copy is made of, which searches nothing itself. Not where the search for another's faults, among the first n, finds them. */
static const char *search_before(Online *o, IrNode *x, int n)
{
    IrBuilder b = { x->parent->fn, x->parent, x, x->span };
    Buf over = buf_new(o->cx->arena);
    Dim empty;
    bool found = !pass_faults(x);
    for (int i = 0; i < n && !found; i++)
        found = o->taken[i] != x && pass_faults(o->taken[i]) && pass_covers_faults(o->cx, o->taken[i], x, &empty) && !empty;
    return !found && pass_search_faults(o->cx, b, x, &over) ? buf_text(&over) : NULL;
}

/* What may fault in the tensors that go is done where they stand, unless the map asks for all of their elements. Readers stand behind what they read. */
static void leave_faults(Online *o)
{
    IrNode *going[TAKEN_MOST];
    int n = 0;
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < o->ntaken; i++)
            if (!o->taken[i]->dropped && !online_is_among(going, n, o->taken[i]) && goes(o, o->taken[i], going, n)) { /* with another pass it may have gone */
                going[n++] = o->taken[i];
                more = true;
            }
    }
    for (int i = 0; i < o->ntaken && o->quiet; i++)
        o->faults[i] = search_before(o, o->taken[i], i);
    if (o->quiet) {
        search_before(o, o->map, o->ntaken);
        return;
    }
    for (int i = 0; i < o->ntaken; i++) {
        IrNode *x = o->taken[i];
        Buf over = buf_new(o->cx->arena);
        if (online_is_among(going, n, x) && goes(o, x, going, n) && pass_leave_faults_of(o->cx, x, o->map, going, n, &over)) /* what looks for the faults of another may read it */
            o->faults[i] = buf_text(&over);
    }
}

void online_commit(Online *o)
{
    leave_faults(o);
    online_load_flat(o->cx, o->copy);
    online_split_terms(o->cx, o->copy);
    for (int i = 0; i < o->nrows; i++) {
        online_load_flat(o->cx, o->rows[i]);
        online_split_terms(o->cx, o->rows[i]);
    }
    ir_replace(o->map, o->copy);
    ir_drop(o->map);
    for (int i = o->ninstead; i-- > 0;)
        ir_drop(o->instead[i]);
    drop_taken(o);
    o->cx->changed++;
}

void online_abandon(Online *o)
{
    ir_drop(o->copy);
    while (o->nrows)
        ir_drop(o->rows[--o->nrows]);
}

bool online_try(Online *o, int k)
{
    Online first = *o;
    for (;;) {
        if (!begin(o, k))
            return false;
        if (try_column(o))
            return true;
        online_abandon(o);
        if (!o->again && !o->lacks)
            return false;
        if (!o->again) { /* what lacks an index may be what a row has in common with its places, and no part */
            *o = first;
            o->whole = true;
            continue;
        }
        Online fresh = { .cx = o->cx, .map = o->map, .instead = o->instead, .ninstead = o->ninstead, .deep = o->deep, .shares = o->shares, .mixes = o->mixes, .quiet = o->fails, .whole = o->whole, .nleft = o->nleft };
        memcpy(fresh.left, o->left, sizeof fresh.left);
        *o = fresh;
    }
}

int online_try_map(PassCx *cx, IrNode *map, IrNode *const *instead, int ninstead, bool *mixes, IrNode **others)
{
    int rank = map->regions[0]->params.n, found = 0;
    bool may = *mixes;
    *mixes = false;
    for (int k = rank - 1; k >= -1; k--) {
        Online o = { .cx = cx, .map = map, .instead = instead, .ninstead = ninstead, .deep = ninstead > 0, .mixes = may };
        if (online_try(&o, k)) {
            online_commit(&o);
            return -1;
        }
        *mixes = *mixes || o.nmixed;
        for (int i = 0; i < o.nother && others && !found && !o.stays; i++)
            others[i] = o.other[i];
        found = others && !found && !o.stays ? o.nother : found;
    }
    return found;
}

bool online_try_rows(PassCx *cx, IrNode *map)
{
    Online o = { .cx = cx, .map = map, .deep = true };
    bool found = online_try(&o, -1);
    if (found)
        online_commit(&o);
    return found;
}

typedef struct Picking { PassCx *cx; const IrNode *dead; bool found; } Picking;

static void see_picked(void *user, IrNode *n)
{
    Picking *p = user;
    p->found = p->found || (n->op == OP_load && pass_picks(p->cx, n, p->dead));
}

/* No pass, but all that it needs of a row is one element, or few: `fuse` computes these alone. */
static bool picks(PassCx *cx, const Rewritten *w)
{
    Picking p = { cx, w->reduce, false };
    ir_walk(w->map->regions[0], see_picked, &p);
    return p.found;
}

/* The map, perhaps with others; where they cannot with what is mixed over another index, without that. reduce: of which it is the rows; NULL: none. */
static bool try_all(PassCx *cx, IrNode *map, IrNode *reduce)
{
    IrNode *others[TWINS_MOST];
    bool streams = false;
    for (bool mixes = true, more = true; more && !streams; more = mixes, mixes = false) {
        int count = online_try_map(cx, map, reduce ? &reduce : NULL, reduce ? 1 : 0, &mixes, others);
        streams = count < 0 || (count > 0 && !reduce && online_try_together(cx, map, others, count)) || (count > 0 && online_try_apart(cx, map, reduce));
    }
    return streams;
}

static void try_reduction(PassCx *cx, IrNode *n)
{
    Rewritten w;
    if (!online_rewrite(cx, n, &w))
        return;
    bool streams = try_all(cx, w.map, n);
    if (!streams && picks(cx, &w))
        ir_drop(n);
    else if (!streams)
        online_undo(&w);
}

static void visit(PassCx *cx, IrRegion *r)
{
    VEC(IrNode *) all = { 0 };
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_if)
            online_open_branches(cx, n);
    for (IrNode *n = r->first; n; n = n->next)
        vec_push(cx->arena, &all, n);
    for (int k = all.n - 1; k >= 0; k--) /* before a reader of theirs takes them in */
        if (!all.p[k]->dropped && all.p[k]->uses)
            online_part_rows(cx, all.p[k]);
    for (int k = all.n - 1; k >= 0; k--) { /* readers first */
        IrNode *n = all.p[k];
        if (n->dropped)
            continue;
        if (n->op == OP_map && n->uses && !pass_guard(n->regions[0]) && may_stream(n)) {
            try_all(cx, pass_split_rows(cx, n), NULL);
        } else if (n->op == OP_reduce && n->uses) {
            try_reduction(cx, n);
        } else if (n->op != OP_map) {
            for (int i = 0; i < n->nregions; i++)
                visit(cx, n->regions[i]);
        }
    }
}

bool pass_online(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
