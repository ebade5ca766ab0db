/* strip.c - what must be stored for each pair of row and place is stored for a strip of rows.
 *
 *     %s = map [h, i: T, j: S] { .. }                 for 0, strips, %blank [t] (%o) {
 *     %k = topk %s                                      %a = dim min(t * R, T - R)
 *     %p = map [h, i, j] { .. %s, %k .. }               %s = map [h, i: R, j: S] { .. a + i .. }; %k = topk %s; %p = ..
 *     %y = map [h, i, d] { sum [j] { %p .. } }          %y = map [h, i: R, d] { sum [j] { %p .. } }
 *                                                       yield update %o[0: H, %a: R, 0: D], %y }
 *
 * Scores in which a threshold is looked for, along which a sum runs, or which several passes read are tensors of rows x places that no stream
 * (online.c) can do without. Where each row of the results needs that row alone, the tensors hold R rows at a time: STRIP_ROWS at most, as many in each strip;
 * where it needs rows beside it, they hold these, too (strip_halo.c).
 * The last strip begins early enough to be whole: its rows that the strip before had are computed again, to the same bits. No position of a sum changes.
 *
 * A group begins with a tensor that may be large, and takes in all that reads it, all between, and the large tensors that only the group reads.
 */
#include "passes/stream_int.h"
#include "passes/strip_int.h"

enum { FACTOR = 16, CACHES = 4, VOCABULARY = 16384 };

/* ---- which tensors --------------------------------------------------------------------------------------------------------- */

static Dim size_of(PassCx *cx, const IrNode *n)
{
    Dim all = dim_const(cx->module->dims, 1);
    for (int i = 0; i < n->type.rank; i++)
        all = dim_mul(cx->module->dims, all, n->type.dims[i]);
    return all;
}

/* Elements of a strip: what a few of the second caches hold. */
static int64_t strip_elements(const PassCx *cx) { return CACHES * cx->options->target.l2; }

/* Is it as large as n, whatever the sizes are, but for a small factor? */
static bool is_like(const IrNode *of, const IrNode *n)
{
    int64_t have = 1, need = 1, k;
    bool used[IR_RANK_MOST] = { false };
    for (int i = 0; i < n->type.rank; i++) {
        int at = 0;
        if (dim_is_const(n->type.dims[i], &k)) {
            need *= k;
            continue;
        }
        while (at < of->type.rank && (used[at] || of->type.dims[at] != n->type.dims[i]))
            at++;
        if (at == of->type.rank)
            return false;
        used[at] = true;
    }
    for (int i = 0; i < of->type.rank; i++)
        have *= dim_is_const(of->type.dims[i], &k) ? k : 1;
    return need < FACTOR * have;
}

typedef struct Like { const Strip *s; const IrNode *n; bool found; } Like;

enum { CHAIN_MOST = 6 };

/* Is all that reads x in the group, or n, or read by these alone? */
static bool leads_to(const Strip *s, const IrNode *x, const IrNode *n, int deep)
{
    for (const IrUse *u = x->uses; u; u = u->next) {
        const IrNode *top = pass_ancestor_in(u->user, s->region);
        if (top != n && !strip_is_in(s, top) && !(top && deep && top->op == OP_map && top->uses && leads_to(s, top, n, deep - 1)))
            return false;
    }
    return true;
}

/* As large as n along all of its axes, and only n and the group need it: it can be one of the group as n can (logarithms of weights beside the weights, a mean of them
 * over heads). */
static bool goes_with(const Strip *s, const IrNode *of, const IrNode *n)
{
    int k = 0;
    bool may = s->values.n && of->op == OP_map && of->parent == s->region;
    for (int i = 0; may && i < of->type.rank && k < n->type.rank; i++)
        k += of->type.dims[i] == n->type.dims[k];
    return may && k == n->type.rank && leads_to(s, of, n, CHAIN_MOST);
}

static bool has_rows(const Strip *s, const IrNode *n)
{
    for (int i = 0; i < n->type.rank; i++)
        if (n->type.dims[i] == s->rows)
            return true;
    return false;
}

/* Layers of weights that are loaded have rows of moderate length. */
static bool is_vocabulary(const IrNode *n)
{
    int64_t k;
    return dim_is_const(n->type.dims[n->type.rank - 1], &k) && k >= VOCABULARY;
}

static void see_like(void *user, IrNode *n)
{
    Like *l = user;
    IrNode *of = n->op == OP_load ? n->in[0] : NULL;
    if (of && strip_axis(l->s, of) < 0 && of != l->n && pass_ancestor_in(of, l->n->parent) != l->n && has_rows(l->s, of) && !map_find(&l->s->derived, of))
        l->found = l->found || (is_like(of, l->n) && !goes_with(l->s, of, l->n));
    if (of && of->op == OP_param && of->load_time && pass_ancestor_in(n, l->n->parent) == l->n)
        l->found = l->found || !is_vocabulary(l->n);
}

/* May it be larger than what a strip holds, and than all that the group reads of these rows? Hidden layers are not. */
static bool is_large(const Strip *s, IrNode *n)
{
    Like l = { s, n, false };
    int64_t k;
    if (n->type.rank < 2 || (dim_is_const(size_of(s->cx, n), &k) && k <= strip_elements(s->cx)))
        return false;
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], see_like, &l);
    for (int i = 0; i < s->values.n && !l.found; i++)
        for (int j = 0; j < s->values.p[i]->nregions; j++)
            ir_walk(s->values.p[i]->regions[j], see_like, &l);
    return !l.found;
}

typedef struct Derives { const Strip *s; bool found; } Derives;

static void see_derived(void *user, IrNode *n)
{
    Derives *d = user;
    for (int i = 0; i < n->nin; i++)
        d->found = d->found || map_find(&d->s->derived, n->in[i]);
}

/* What is made of n: it may belong to the group, too. */
static void find_derived(Strip *s, IrNode *n)
{
    map_put(&s->derived, n, n);
    for (IrNode *x = n->next; x; x = x->next) {
        Derives d = { s, false };
        see_derived(&d, x);
        for (int i = 0; i < x->nregions && !d.found; i++)
            ir_walk(x->regions[i], see_derived, &d);
        if (d.found)
            map_put(&s->derived, x, x);
    }
}

/* ---- what else belongs to the group ------------------------------------------------------------------------------------------ */

/* Does a member read it, or what is made of it? */
static bool is_needed(const Strip *s, IrNode *n, Map *seen)
{
    bool found = false;
    for (const IrUse *u = n->uses; u && !found; u = u->next) {
        IrNode *top = pass_ancestor_in(u->user, s->region);
        if (!top || map_find(seen, top))
            continue;
        map_put(seen, top, top);
        found = strip_is_in(s, top) || is_needed(s, top, seen);
    }
    return found;
}

/* n goes over the rows; if it cannot, nothing is said of it. */
static bool add(Strip *s, IrNode *n, int axis)
{
    int before = s->values.n;
    if (strip_give(s, n, axis))
        return true;
    strip_take_back(s, before);
    return false;
}

/* All that reads a large member is one, if it can be: else the member is a result. */
static bool take_readers(Strip *s, IrNode *n)
{
    bool all = true;
    for (IrUse *u = n->uses; u && all; u = u->next) {
        IrNode *reader = pass_ancestor_in(u->user, s->region);
        all = reader && reader->op != OP_ret && reader->op != OP_yield;
    }
    for (IrUse *u = n->uses; u && all; u = u->next)
        all = add(s, pass_ancestor_in(u->user, s->region), -1);
    return all;
}

/* What stands between two members, and reads the first one for the second, is one. */
static bool take_between(Strip *s, bool *more)
{
    for (IrNode *n = s->region->last; n; n = n->prev) {
        Map seen = map_new(s->cx->arena);
        if (strip_is_in(s, n) || !strip_reads(s, n, NULL) || !is_needed(s, n, &seen))
            continue;
        if (!add(s, n, -1))
            return false;
        *more = true;
    }
    return true;
}

static bool all_readers_in(const Strip *s, const IrNode *n)
{
    for (const IrUse *u = n->uses; u; u = u->next)
        if (!strip_is_in(s, pass_ancestor_in(u->user, s->region)))
            return false;
    return true;
}

/* The outermost map that the load stands in, in the body of a loop too. */
static const IrNode *map_around(const IrNode *load)
{
    const IrNode *map = NULL;
    for (const IrRegion *r = load->parent; r && r->owner; r = r->owner->parent)
        map = r->owner->op == OP_map ? r->owner : map;
    return map;
}

static bool is_row(const Strip *s, const IrNode *x, const IrRegion *in, const IrNode *row)
{
    return x == row || (s->near && strip_beside(s, x, in, row, NULL));
}

/* The row of what stands there: an index of the loop over the rows, or of the outermost map; NULL: there is none. */
static const IrNode *row_around(const Strip *s, IrNode *n)
{
    const IrNode *top = pass_ancestor_in(n, s->region), *map = map_around(n);
    if (top && strip_is_scan(s, top))
        return top->regions[0]->params.p[0];
    int a = map ? strip_axis(s, map) : -1;
    return a >= 0 && a < map->type.rank && map->op == OP_map ? map->regions[0]->params.p[a] : NULL;
}

/* The axis by which members read n: that of the subscript that is their row; -1: none. */
static int axis_read(const Strip *s, const IrNode *n)
{
    int found = -1;
    for (const IrUse *u = n->uses; u; u = u->next) {
        const IrNode *row = u->user->op == OP_load ? row_around(s, u->user) : NULL;
        int at = -1;
        for (int i = 1; i < u->user->nin && row; i++)
            at = is_row(s, u->user->in[i], row->parent, row) ? i - 1 : at;
        if (at < 0 || (found >= 0 && found != at))
            return -1;
        found = at;
    }
    return found;
}

/* A large tensor that only the group reads, row by row. */
static void take_sources(Strip *s, bool *more)
{
    for (IrNode *n = s->region->first; n; n = n->next) {
        if (n->op != OP_map || !n->uses || !is_large(s, n) || strip_is_in(s, n) || !all_readers_in(s, n))
            continue;
        int a = axis_read(s, n);
        if (a >= 0 && a < n->type.rank - 1)
            *more |= add(s, n, a);
    }
}

static bool grow(Strip *s, IrNode *first, int axis)
{
    if (!add(s, first, axis))
        return false;
    for (bool more = true; more;) {
        more = false;
        int n = s->values.n;
        for (int i = 0; i < s->values.n; i++)
            if (s->values.p[i]->parent == s->region && strip_axis(s, s->values.p[i]) < STRIP_SEVERAL && is_large(s, s->values.p[i]) && !take_readers(s, s->values.p[i]) && s->values.p[i] == first)
                return false;
        more = s->values.n > n;
        if (!take_between(s, &more))
            return false;
        take_sources(s, &more);
    }
    return true;
}

/* ---- order ------------------------------------------------------------------------------------------------------------------- */

static void see_effect(void *user, IrNode *n)
{
    bool *some = user;
    *some = *some || (ir_info(n)->effects & PINNED);
}

static bool has_effects(IrNode *n)
{
    bool some = false;
    see_effect(&some, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], see_effect, &some);
    return some;
}

typedef struct Along { const Strip *s; bool found; } Along;

static void see_along(void *user, IrNode *n)
{
    Along *a = user;
    bool found = n->op == OP_reduce && n->order != ORDER_contract;
    for (const IrNode *x = found ? n->regions[0]->first : NULL; x && !a->found; x = x->next)
        a->found = x->op == OP_load && strip_axis(a->s, x->in[0]) >= 0;
}

/* Sums of columns have blocks as large as strips. Where nothing needs whole rows (hidden layers), their products are better of all rows at once. */
static bool may_sum(Strip *s)
{
    Along a = { s, false };
    bool sums = false;
    for (int i = 0; i < s->members.n; i++) {
        IrNode *n = s->members.p[i];
        sums = sums || (n->op == OP_map && strip_axis(s, n) == STRIP_SUM);
        a.found = a.found || n->op != OP_map;
        for (int k = 0; k < n->nregions && !a.found; k++)
            ir_walk(n->regions[k], see_along, &a);
    }
    if (sums && s->most > 1)
        s->most = STREAM_BLOCK;
    return !sums || (a.found && s->most > 1);
}

/* What is there behind the last strip only no member has. */
static bool reads_end(const Strip *s, IrNode *n)
{
    bool some = false;
    for (int i = 0; i < s->values.n && !some; i++)
        some = strip_axis(s, s->values.p[i]) == STRIP_GOES && strip_reads(s, n, s->values.p[i]);
    return some;
}

static bool may_move(const void *user, IrNode *n)
{
    const Strip *s = user;
    return !pass_faults(n) && !has_effects(n) && (strip_is_in(s, n) || !strip_reads(s, n, NULL));
}

/* Members that stand behind a reader of the group that is none (a sum over rows that one of them has given) can stand before it. */
static void bring_together(Strip *s)
{
    IrNode *place = NULL;
    for (IrNode *n = s->region->first, *next; n; n = next) {
        next = n->next;
        if (!strip_is_in(s, n))
            place = !place && n->op != OP_yield && n->op != OP_ret && strip_reads(s, n, NULL) ? n : place;
        else if (place)
            pass_move_up(s->cx, n, place, may_move, s); /* else, not without changing what fails first */
    }
}

/* Is it made of what others than members read of them? */
static bool is_behind(const Strip *s, IrNode *n)
{
    bool found = false;
    for (int i = 0; i < s->behind.n && !found; i++)
        found = strip_reads(s, n, s->behind.p[i]);
    return found;
}

/* Members as they stand; what of theirs others read, these do behind the last of them. No result is as large as what it began with: that would spare little.
 * What faults in the loop does so behind all that stands between, of which nothing may be seen. */
static bool put_in_order(Strip *s, const IrNode *first)
{
    bool left = false, fails = false, late = false, goes = false; /* left: read by one that is no member and cannot wait */
    int faults = 0;
    bring_together(s);
    for (IrNode *n = s->region->first; n; n = n->next) {
        if (!strip_is_in(s, n)) {
            bool waits = strip_reads(s, n, NULL) || is_behind(s, n);
            left = left || (waits && (pass_faults(n) || has_effects(n)));
            late = late || (fails && has_effects(n));
            if (waits)
                vec_push(s->cx->arena, &s->behind, n);
            continue;
        }
        if (left || late || is_behind(s, n) || (n->op != OP_result && reads_end(s, n)))
            return false;
        s->nbehind = s->behind.n;
        fails = fails || !strip_faults_before(s, n);
        faults += pass_faults(n);
        vec_push(s->cx->arena, &s->members, n);
        if (!n->uses || all_readers_in(s, n)) {
            if (strip_axis(s, n) == STRIP_SUM) /* a sum that nobody reads has no result to go on with */
                return false;
            continue;
        }
        if (strip_axis(s, n) == STRIP_GOES) {
            goes = true;
            continue;
        }
        if (is_like(n, first))
            return false;
        vec_push(s->cx->arena, &s->outputs, n);
    }
    return (s->outputs.n || goes) && (faults < 2 || !strip_fails_in_turns(s)) && may_sum(s);
}

/* ---- where it begins ----------------------------------------------------------------------------------------------------------- */

typedef struct Shared { PassCx *cx; const IrNode *row, *place; bool condition, found; } Shared;

static void see_shared(void *user, IrNode *n)
{
    Shared *x = user;
    bool may = n->op == OP_load || (x->condition && n->op != OP_yield);
    x->found = x->found || (may && pass_depends_on(x->cx, n, x->place) && !pass_depends_on(x->cx, n, x->row));
}

/* Do rows along that axis read the same for one place, as queries share keys? A condition may compute it. */
static bool shares_places(PassCx *cx, const IrNode *n, int axis)
{
    Shared x = { cx, n->regions[0]->params.p[axis], vec_last(&n->regions[0]->params), n->type.dtype == DT_bool, false };
    ir_walk(n->regions[0], see_shared, &x);
    return x.found;
}

typedef struct Product { PassCx *cx; const IrNode *load; bool shared; } Product;

static void see_factor(void *user, IrNode *n)
{
    Product *p = user;
    for (int i = 1; i < p->load->nin - 1 && n->op == OP_load && n != p->load; i++)
        p->shared = p->shared && !(p->load->in[i]->op == OP_index && pass_depends_on(p->cx, n, p->load->in[i]));
}

/* A load of a product over the last axis, whose other factor all rows share. */
static bool is_of_product(PassCx *cx, const IrNode *n)
{
    const IrNode *sum = n->op == OP_load ? n->parent->owner : NULL;
    if (!sum || sum->op != OP_reduce || sum->order != ORDER_contract || sum->stream || pass_guard(n->parent) || n->in[n->nin - 1]->parent != n->parent)
        return false;
    Product p = { cx, n, true };
    ir_walk(n->parent, see_factor, &p);
    return p.shared;
}

/* Is it read by products over its places alone? A hidden layer is: two products of blocks are the best there is. */
static bool is_hidden_layer(PassCx *cx, const IrNode *n)
{
    bool all = true;
    for (const IrUse *u = n->uses; u && all; u = u->next)
        all = is_of_product(cx, u->user);
    return all;
}

typedef struct Whole { Strip *s; bool found; } Whole;

/* A reduction along a row that is no product, or a product of which each head has its own factor. */
static void see_whole(void *user, IrNode *n)
{
    Whole *w = user;
    if (n->op == OP_reduce && (n->order != ORDER_contract || n->stream) && strip_reads(w->s, n, NULL))
        w->found = true;
    if (n->op == OP_load && strip_axis(w->s, n->in[0]) >= 0 && n->in[n->nin - 1]->parent == n->parent && n->parent->owner->op == OP_reduce)
        w->found = w->found || !is_of_product(w->s->cx, n);
}

/* Places of a row one after the other, in a loop within its turn (a dynamic program over pairs). */
static void see_program(void *user, IrNode *n)
{
    Whole *w = user;
    const IrNode *last = n->op == OP_load && strip_axis(w->s, n->in[0]) >= 0 ? n->in[n->nin - 1] : NULL;
    const IrNode *loop = last && last->op == OP_index ? last->parent->owner : NULL;
    w->found = w->found || (loop && loop->op == OP_for && !strip_is_in(w->s, loop));
}

/* Where rows need others beside them: if nothing needs whole rows (states of recurrent layers, layers that are convolved) products are better of all rows at once. */
static bool is_worth(Strip *s)
{
    Whole w = { s, s->beside == dim_const(s->cx->module->dims, 0) };
    for (int i = 0; i < s->members.n; i++)
        w.found = w.found && !strip_is_scan(s, s->members.p[i]);
    for (int i = 0; i < s->members.n && !w.found; i++) {
        IrNode *n = s->members.p[i];
        w.found = n->op != OP_map && n->op != OP_result && !strip_is_scan(s, n);
        for (int k = 0; k < n->nregions && !w.found; k++)
            ir_walk(n->regions[k], strip_is_scan(s, n) ? see_program : see_whole, &w);
    }
    return w.found;
}

/* What is put into places by key has an axis that is an index, before one that is none. */
static bool is_put(const IrNode *n, int axis)
{
    const IrNode *end = ir_terminator(n->regions[0]), *x = end->in[2 + axis];
    return x->op == OP_index && x->parent == n->regions[0] && !(end->in[1 + n->type.rank]->op == OP_index && end->in[1 + n->type.rank]->parent == n->regions[0]);
}

/* The axis of the rows: the last of those; -1: there is none. */
static int row_axis(PassCx *cx, const IrNode *n)
{
    int64_t k;
    int a = n->type.rank - 2;
    while (a >= 0 && ((dim_is_const(n->type.dims[a], &k) && k <= STRIP_ROWS) || !(n->op == OP_scatter ? is_put(n, a) : shares_places(cx, n, a))))
        a--;
    return a;
}

static bool is_one(Dim d)
{
    int64_t n;
    return dim_is_const(d, &n) && n == 1;
}

static bool known(const IrNode *n)
{
    for (int i = 0; i < n->type.rank; i++)
        if (!pass_known_by_shapes(n->parent->fn, n->type.dims[i]))
            return false;
    return true;
}

static bool sums_rows(const Strip *s)
{
    bool some = false;
    for (int i = 0; i < s->outputs.n; i++)
        some = some || strip_axis(s, s->outputs.p[i]) == STRIP_SUM;
    return some && !strip_fails_in_turns(s);
}

typedef struct Own { PassCx *cx; const IrNode *other, *row, *place; bool found; } Own;

static void see_own(void *user, IrNode *n)
{
    Own *o = user;
    o->found = o->found || (n->op == OP_load && pass_depends_on(o->cx, n, o->place) && pass_depends_on(o->cx, n, o->other) && !pass_depends_on(o->cx, n, o->row));
}

/* Does it sum products with something that each along that axis has for itself at a place (keys of a head)? */
static bool has_own(const Strip *s, const IrNode *n, int axis)
{
    const IrRegion *r = n->regions[0];
    if (!pass_loops(n))
        return false;
    Own o = { s->cx, r->params.p[axis], r->params.p[strip_axis(s, n)], vec_last(&r->params), false };
    ir_walk((IrRegion *)(uintptr_t)r, see_own, &o);
    return o.found;
}

static bool some_have_own(const Strip *s, Dim size)
{
    bool some = false;
    for (int i = 0; i < s->values.n; i++) {
        const IrNode *n = s->values.p[i];
        int row = strip_axis(s, n);
        for (int a = 0; n->op == OP_map && row < n->type.rank && a < n->type.rank - 1 && !some; a++)
            some = a != row && n->type.dims[a] == size && has_own(s, n, a);
    }
    return some;
}

/* Rows along other axes that read the same for one place, too (a batch of sequences before one vocabulary): a strip has all of them. */
static void find_others(Strip *s, const IrNode *first)
{
    DimCx *d = s->cx->module->dims;
    for (int a = 0; first->op == OP_map && a < first->type.rank - 1; a++)
        if (a != strip_axis(s, first) && shares_places(s->cx, first, a) && !some_have_own(s, first->type.dims[a]))
            s->others = s->others ? dim_mul(d, s->others, first->type.dims[a]) : first->type.dims[a];
    s->others = s->others ? dim_max(d, dim_const(d, 1), s->others) : NULL;
}

/* The loop that it began, over strips of so many rows; NULL: it is stored whole. One row at a time serves scatters of which that axis is the first turn. */
static IrNode *strip_of_parts(const Strip *begin, IrNode *n, int axis)
{
    PassCx *cx = begin->cx;
    for (bool near = begin->near;; near = false) {
        Strip s = *begin;
        s.near = near;
        s.axis = map_new(cx->arena);
        s.derived = map_new(cx->arena);
        s.scans = map_new(cx->arena);
        find_derived(&s, n);
        if (grow(&s, n, axis) && strip_holds(&s) && put_in_order(&s, n) && strip_find_halos(&s) && is_worth(&s) && (s.most > 1 || sums_rows(&s))) {
            find_others(&s, n);
            return strip_build(&s);
        }
        if (!near || !s.met) /* else without the members that read rows beside their own */
            return NULL;
    }
}

static IrNode *strip_from(PassCx *cx, IrNode *n, int axis, int most)
{
    Strip s = { .cx = cx, .region = n->parent, .rows = n->type.dims[axis], .most = most, .near = most > 1, .axis = map_new(cx->arena), .derived = map_new(cx->arena) };
    if (!is_large(&s, n))
        return NULL;
    find_derived(&s, n);
    strip_part_columns(&s, n);
    IrNode *loop = strip_of_parts(&s, n, axis);
    if (!loop)
        strip_join_columns(&s);
    return loop;
}

/* The pass that reads an element at its own place. */
static const IrNode *pass_around(const IrNode *load)
{
    for (const IrRegion *r = load->parent; r && r->owner; r = r->owner->parent)
        if (r->owner->op == OP_reduce && r->owner->stream && load->in[load->nin - 1] == r->params.p[0])
            return r->owner;
    return NULL;
}

static bool is_of_row(PassCx *cx, IrNode *x, const IrRegion *rows)
{
    Dim at = x->type.dtype == DT_i64 ? pass_dim_through(cx, x) : NULL;
    bool found = false;
    for (int i = 0; i < rows->params.n && at && !found; i++)
        found = rows->params.p[i]->sym && dim_mentions(at, rows->params.p[i]->sym);
    return found;
}

/* The last axis by which a pass reads the tensor at its row, or beside it; -1: no pass does. */
static int axis_of_stream(PassCx *cx, const IrNode *n)
{
    int axis = -1;
    for (const IrUse *u = n->uses; u && axis < 0; u = u->next) {
        const IrNode *pass = u->user->op == OP_load && u->slot == 0 ? pass_around(u->user) : NULL;
        for (int a = n->type.rank - 2; a >= 0 && axis < 0 && pass; a--)
            axis = is_of_row(cx, u->user->in[1 + a], pass->parent) ? a : -1;
    }
    return axis;
}

/* What the group may begin with, and its rows; -1: it may not. */
static int first_axis(PassCx *cx, const IrNode *n)
{
    if (!n->uses || !known(n))
        return -1;
    if (n->op == OP_for && n->type.rank > 1 && !map_find(&cx->strips, n))
        return axis_of_stream(cx, n);
    return n->op == OP_scatter || (n->op == OP_map && !pass_is_blank(n) && !is_hidden_layer(cx, n)) ? row_axis(cx, n) : -1;
}

/* In loops over strips of several rows nothing is looked for. */
static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        int axis = first_axis(cx, n);
        IrNode *loop = axis >= 0 ? strip_from(cx, n, axis, STRIP_ROWS) : NULL;
        if (loop)
            map_put(&cx->strips, loop, loop);
        for (int a = 0; a < axis && !loop && n->op != OP_for; a++)
            loop = is_one(n->type.dims[a]) ? NULL : strip_from(cx, n, a, 1);
        next = loop ? r->first : n->next;
        if (!loop && ((n->op == OP_for && !map_find(&cx->strips, n)) || n->op == OP_while || n->op == OP_if))
            for (int i = 0; i < n->nregions; i++)
                visit(cx, n->regions[i]);
    }
}

bool pass_strip(PassCx *cx, IrFn *fn)
{
    cx->bare = map_new(cx->arena);
    cx->begun = map_new(cx->arena);
    visit(cx, fn->body);
    return true;
}
