/* online.c - rule 2 of PASSES.md: a cascade of reductions over one axis becomes one pass over it.
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

#include "passes/online/online_int.h"

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
    if (!top || (!online_is_plain_map(top) && top->op != OP_reduce) || (o->nother == TWINS_MOST - 1 && !online_is_among(o->other, o->nother, top)))
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

/* What may fault in the copy may be in the way of a pass: the next try looks for that before, if this one has not. */
static bool wants_quiet(Online *o)
{
    o->fails = !o->quiet && pass_faults(o->copy);
    return o->fails;
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

static bool try_column(Online *o)
{
    PassCx *cx = o->cx;
    Cascade c;
    int takes = 0;
    while (takes < TAKES_MOST && online_take_one(o))
        if (++takes % TAKES_STEP == 0) /* a row value that others need, too, is taken in with each of them */
            online_merge(cx, o->copy->regions[0]);
    if (takes < TAKES_MOST)
        online_name_picks(o);
    o->again = takes < TAKES_MOST && (leaves_some(o) || (!o->dear && o->ranges && wants_quiet(o)));
    if (o->again || takes == TAKES_MOST || !o->dear || (!o->shares && !all_die(o)))
        return false;
    online_know_quotients(cx, o->copy->regions[0]);
    online_open_choices(cx, o->copy->regions[0], true);
    online_open_guards(cx, o->copy->regions[0]);
    online_merge(cx, o->copy->regions[0]);
    if (!online_runs_within(o)) {
        o->again = online_leave_running(o);
        return false;
    }
    if (online_fails_by_running(o))
        return false;
    pass_know_region(cx, o->copy->regions[0]);
    online_merge(cx, o->copy->regions[0]);
    if (online_absent(o))
        online_merge(cx, o->copy->regions[0]);
    if (online_split(cx, o->copy->regions[0]))
        online_merge(cx, o->copy->regions[0]);
    for (IrNode *n = ir_terminator(o->copy->regions[0]); n; n = n->prev) {
        if (n->op != OP_reduce || !cascade_find(cx, o->copy, n, &c))
            continue;
        bool again = o->column && c.column && c.column != o->column; /* what was taken in would be computed for each place of that */
        bool good = !again && !(o->nmixed && c.bare) && !online_rows_differ(&c) && online_spares(o, &c);
        cascade_drop(&c);
        if (good && (online_fails_in_pairs(o, &c) || online_fails_beside(o, &c) || online_fails_in_guard(o, &c)) && pass_faults(o->copy)) {
            o->again = wants_quiet(o);
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
    online_widen_ranges(o, o->copy->regions[0], o->quiet);
    if (o->quiet) {
        online_part_residues(o->copy->regions[0], true);
        pass_quiet_faults(o->cx, o->copy->regions[0]);
    }
    o->seams = online_part_at_seams(o, o->copy->regions[0]) || o->seams;
    online_guard_sums(o->cx, o->copy->regions[0]);
    online_go_over_groups(o->cx, o->copy->regions[0]);
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
        o->faults[i] = o->taken[i]->dropped ? NULL : search_before(o, o->taken[i], i);
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
    online_choose_late(o->cx, o->copy);
    online_open_sides(o->cx, o->copy);
    online_part_residues_of_streams(o->copy);
    online_load_flat(o->cx, o->copy);
    online_split_terms(o->cx, o->copy);
    online_let_factors_leave(o->cx, o->copy);
    for (int i = 0; i < o->nrows; i++) {
        online_open_sides(o->cx, o->rows[i]);
        online_part_residues_of_streams(o->rows[i]);
        online_load_flat(o->cx, o->rows[i]);
        online_split_terms(o->cx, o->rows[i]);
        online_let_factors_leave(o->cx, o->rows[i]);
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
    while (o->npicks)
        ir_drop(o->picks[--o->npicks]);
}

/* Before a tensor is left for what looked like parts of what is mixed: is that what a row has in common with its places (`s[h, 0, j]`)? */
static bool has_in_common(Online *o, const Online *first, int k)
{
    Online whole = *first;
    whole.whole = true;
    if (!online_try(&whole, k))
        return false;
    if (whole.nleft == first->nleft) {
        *o = whole;
        return true;
    }
    online_abandon(&whole);
    return false;
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
        if (!o->again && !o->lacks && o->seams && !o->parts) { /* what one pass cannot do may be one over the many */
            *o = first;
            o->parts = true;
            continue;
        }
        if (!o->again && !o->lacks)
            return false;
        if (!o->again) { /* what lacks an index may be what a row has in common with its places, and no part */
            bool parts = o->parts;
            *o = first;
            o->whole = true;
            o->parts = parts;
            continue;
        }
        if (o->nleft > first.nleft && o->lacks && !o->whole && has_in_common(o, &first, k))
            return true;
        Online fresh = { .cx = o->cx, .map = o->map, .instead = o->instead, .ninstead = o->ninstead, .deep = o->deep, .shares = o->shares, .mixes = o->mixes, .quiet = o->quiet || o->fails, .whole = o->whole, .parts = o->parts, .nleft = o->nleft };
        memcpy(fresh.left, o->left, sizeof fresh.left);
        *o = fresh;
    }
}

bool online_leave_results(const Online *o, IrNode **left, int *n)
{
    int before = *n;
    for (int i = 0; i < o->ntaken; i++) {
        IrNode *x = o->taken[i];
        bool result = false;
        for (const IrUse *u = online_is_among(o->wide, o->nwide, x) ? NULL : x->uses; u; u = u->next)
            result = result || u->user->op == OP_ret;
        if (result && *n < LEFT_MOST)
            left[(*n)++] = x;
    }
    return *n > before;
}

int online_try_map(PassCx *cx, IrNode *map, IrNode *const *instead, int ninstead, bool *mixes, IrNode **others)
{
    int rank = map->regions[0]->params.n, found = 0, nleft = 0;
    IrNode *left[LEFT_MOST];
    bool may = *mixes;
    *mixes = false;
    for (int k = rank - 1; k >= -1; k--) {
        Online o = { .cx = cx, .map = map, .instead = instead, .ninstead = ninstead, .deep = ninstead > 0, .mixes = may, .nleft = nleft };
        memcpy(o.left, left, sizeof *left * (size_t)nleft);
        bool good = online_try(&o, k);
        if (good && !(nleft && o.nrows)) {
            online_commit(&o);
            return -1;
        }
        if (good)
            online_abandon(&o);
        if (!good && o.stays && online_leave_results(&o, left, &nleft)) {
            k++;
            continue;
        }
        *mixes = *mixes || o.nmixed;
        for (int i = 0; i < o.nother && others && !found && !o.stays; i++)
            others[i] = o.other[i];
        found = others && !found && !o.stays ? o.nother : found;
    }
    return found;
}

bool online_try_rows(PassCx *cx, IrNode *map, bool *shared)
{
    Online o = { .cx = cx, .map = map, .deep = true };
    bool found = online_try(&o, -1);
    *shared = o.nother && !o.stays;
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
        streams = count < 0 || (count > 0 && !reduce && online_try_together(cx, map, others, count)) || (count > 0 && online_try_apart(cx, map, reduce, false));
    }
    return streams;
}

static void take_back(PassCx *cx, IrNode *part)
{
    while (part->uses)
        pass_inline_load(cx, part, part->uses->user);
    ir_drop(part);
}

/* Where its reductions go along axes of their own, each is a pass of its own. */
static bool try_parts(PassCx *cx, IrNode *map, IrNode *reduce)
{
    IrNode *parts[PARTS_MOST];
    int n = online_other_rows(cx, map, parts);
    for (int i = 0; i < n; i++)
        if (!parts[i]->dropped && !pass_has_stream(parts[i]) && parts[i]->parent == map->parent)
            try_all(cx, parts[i], NULL);
    if (map->dropped)
        return true;
    n = online_part_axes(cx, map, parts);
    for (int i = 0; i < n; i++) /* before the map takes in what it reads for each row */
        if (!parts[i]->dropped && !pass_has_stream(parts[i]) && !try_all(cx, parts[i], NULL))
            take_back(cx, parts[i]);
    return map->dropped || try_all(cx, map, reduce); /* it may have become a pass with one of them */
}

/* With one column where its values have several axes; else as it is. */
static void try_columns(PassCx *cx, IrNode *map)
{
    IrNode *whole, *joined = pass_join_columns(cx, map, &whole);
    if (joined) {
        ir_replace(map, whole);
        if (try_parts(cx, joined, map))
            return;
        ir_replace(whole, map);
        ir_drop(whole);
        ir_drop(joined);
    }
    try_parts(cx, map, NULL);
}

static bool may_be_pass(const IrNode *n) { return n->op == OP_map && n->uses && !pass_guard(n->regions[0]) && !online_is_running(n) && may_stream(n); }

/* Does the load ask for each element of a product, in order? */
static bool reads_product(const IrNode *load, const IrNode *reduce)
{
    const IrRegion *r = reduce->regions[0];
    const IrNode *map = load->op == OP_load ? load->in[0] : NULL, *value = map && online_is_plain_map(map) ? ir_terminator(map->regions[0])->in[0] : NULL;
    bool all = value && map->parent == reduce->parent && load->nin == r->params.n + 1 && r->params.n > 1;
    for (int i = 0; i < r->params.n && all; i++)
        all = load->in[1 + i] == r->params.p[i];
    for (const IrNode *x = all ? map->regions[0]->first : NULL; x; x = x->next)
        if (x->op == OP_reduce && x->order == ORDER_contract)
            return true;
    return false;
}

/* Of what is a pass itself, or may become one (the squares of a gradient): then its elements are no scores of other rows. */
static bool reads_products(const IrNode *n)
{
    for (const IrNode *x = n->regions[0]->first; x; x = x->next)
        if (reads_product(x, n) && (pass_has_stream(x->in[0]) || may_be_pass(x->in[0])))
            return true;
    return false;
}

/* Behind all others: with what has become of these it may be one now. */
static bool reads_pass(PassCx *cx, const IrNode *n)
{
    for (const IrNode *x = n->regions[0]->first; x; x = x->next)
        if (reads_product(x, n) && (pass_has_stream(x->in[0]) || (may_be_pass(x->in[0]) && try_parts(cx, x->in[0], NULL))))
            return true;
    return false;
}

typedef struct Pairs { PassCx *cx; const IrRegion *of; const IrNode *weights; bool again, some; } Pairs; /* again: elements are asked for by further indices, too */

/* Does its element reduce something of pairs? Rows of weights are normed by that. */
static bool is_normed(const IrNode *x)
{
    bool dear = false;
    for (const IrNode *n = x->regions[0]->first; n && !dear; n = n->next)
        if (n->op == OP_reduce && n->order != ORDER_contract)
            ir_walk(n->regions[0], online_see_dear, &dear);
    return dear;
}

/* A load of what belongs to pairs, whose rows are the first index: weights beside other ones, or what is asked for again. */
static void see_pairs(void *user, IrNode *n)
{
    Pairs *p = user;
    const IrNode *place = n->op == OP_load && n->nin > 2 ? n->in[n->nin - 1] : NULL;
    bool pairs = false;
    for (int i = 1; place && i < n->nin - 1 && !pairs; i++)
        pairs = n->in[i] == p->of->params.p[0] && place->parent == p->of && online_is_dear(n) && online_is_of_pairs(p->cx, n, n->in[i], place);
    p->some = p->some || (pairs && (p->again || (p->weights && p->weights != n->in[0])));
    p->weights = pairs && is_normed(n->in[0]) ? n->in[0] : p->weights;
}

/* No pass: what it needs of each row is a tensor all the same, so that strips may hold the pairs. */
static bool keep_rows(PassCx *cx, IrNode *n, Rewritten *w)
{
    bool rows = is_normed(n);
    Pairs p = { cx, n->regions[0], NULL, rows || n->regions[0]->params.n > 2, false };
    if (n->regions[0]->params.n > 1)
        ir_walk(n->regions[0], see_pairs, &p);
    return p.some ? online_rewrite(cx, n, false, w) : rows && online_has_rows(cx, n) && online_rewrite(cx, n, true, w);
}

/* Products of what is made of normed rows look like rows of rows: then the first index alone may do. */
static void try_reduction(PassCx *cx, IrNode *n)
{
    Rewritten w = { .rows = 0 };
    for (bool whole = true, more = true; more && online_rewrite(cx, n, whole, &w); whole = false) {
        bool streams = try_parts(cx, w.map, n);
        if (n->dropped)
            return;
        bool good = streams || picks(cx, &w);
        more = !good && whole && w.rows > 1;
        if (good)
            ir_drop(n);
        else
            online_undo(cx, &w);
    }
    if (n->uses && keep_rows(cx, n, &w))
        ir_drop(n);
}

typedef struct RowMaps { VEC(RowMap) of; } RowMaps;

static void add_rows(PassCx *cx, RowMaps *rows, IrNode *top)
{
    RowMap maps[MEMBERS_MOST];
    int n = online_part_rows(cx, top, maps);
    for (int i = 0; i < n; i++)
        vec_push(cx->arena, &rows->of, maps[i]);
}

static void leave_rows(PassCx *cx, const RowMap *m)
{
    take_back(cx, m->map);
    if (m->top->dropped)
        return;
    if (m->outer)
        online_join_pairs(cx, m->outer);
    pass_note_symbols(cx, m->top->regions[0]);
    pass_know_region(cx, m->top->regions[0]);
    pass_merge_equal(cx, m->top->regions[0]);
}

/* Alone, or with others that read the same; one that is no pass is taken back. */
static void try_rows(PassCx *cx, RowMaps *rows)
{
    for (int i = 0; i < rows->of.n; i++) {
        IrNode *map = rows->of.p[i].map;
        bool shared = false, streams = map->dropped || pass_has_stream(map) || online_try_rows(cx, map, &shared);
        if (!streams && !(shared && (try_all(cx, map, NULL) || online_try_apart(cx, map, NULL, true))))
            leave_rows(cx, &rows->of.p[i]);
    }
}

static void visit(PassCx *cx, IrRegion *r)
{
    VEC(IrNode *) all = { 0 }, last = { 0 };
    RowMaps rows = { { 0 } };
    OwnMaps own = { { 0 } }, made = { { 0 } };
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_if)
            online_open_branches(cx, n);
    strip_products(cx, r);
    online_open_running(cx, r);
    online_own_tables(cx, r, &own);
    online_compare(cx, r, &own);
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_for || n->op == OP_while)
            online_make_in_turns(cx, n, &made);
    for (IrNode *n = r->first; n; n = n->next)
        vec_push(cx->arena, &all, n);
    for (int k = all.n - 1; k >= 0; k--) /* before a reader of theirs takes them in */
        if (!all.p[k]->dropped && all.p[k]->uses && !online_is_own(&own, all.p[k]))
            add_rows(cx, &rows, all.p[k]);
    try_rows(cx, &rows);
    for (int k = all.n - 1; k >= 0; k--) /* all, before one of them is tried with the others */
        if (!all.p[k]->dropped && !online_is_own(&own, all.p[k]) && may_be_pass(all.p[k]))
            all.p[k] = pass_split_rows(cx, all.p[k]);
    for (int k = all.n - 1; k >= 0; k--) { /* readers first */
        IrNode *n = all.p[k];
        if (n->dropped || online_is_own(&own, n))
            continue;
        if (may_be_pass(n)) {
            try_columns(cx, n);
        } else if (n->op == OP_reduce && n->uses && reads_products(n)) {
            vec_push(cx->arena, &last, n);
        } else if (n->op == OP_reduce && n->uses) {
            try_reduction(cx, n);
        } else if (n->op != OP_map && !map_find(&cx->strips, n)) {
            for (int i = 0; i < n->nregions; i++)
                visit(cx, n->regions[i]);
        }
    }
    for (int k = 0; k < last.n; k++)
        if (!last.p[k]->dropped && last.p[k]->uses && !reads_pass(cx, last.p[k]))
            try_reduction(cx, last.p[k]);
    online_read_from_outside(&made);
    online_share_tables(&own);
    online_close_running(cx, r);
    pass_merge_turned(cx, r);
}

bool pass_online(PassCx *cx, IrFn *fn)
{
    cx->stored = map_new(cx->arena);
    cx->bare = map_new(cx->arena);
    cx->begun = map_new(cx->arena);
    visit(cx, fn->body);
    return true;
}
