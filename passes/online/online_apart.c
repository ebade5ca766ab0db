/* online_apart.c - maps of different shapes that read the same: each becomes a pass of its own, so that what they share is never stored.
 *
 *     %o = map [i, e] { sum [j] { p(i, j) * v[j, e] } }      two passes over j, each with the scores computed in it;
 *     %l = map [i] { logsumexp [j] { s(i, j) } }             tile_stream_also.c makes them one where they stand side by side
 *
 * Either all of them become passes or none does.
 */
#include <string.h>

#include "passes/online/online_int.h"

typedef struct Apart {
    PassCx *cx;
    IrNode *map[APART_MOST], *instead[APART_MOST]; int n; /* instead: the reduction of which the map is the rows; NULL: none */
    Online *of; int tried;             /* of the first maps */
    Rewritten rewritten[APART_MOST]; int nrewritten;
    IrNode *stays[LEFT_MOST]; int nstays; /* no passes, read by several: none takes them in */
    IrNode *few[APART_MOST], *from[APART_MOST]; int nfew; /* who asks for a few elements of a tensor only: these are computed there */
    bool fails, each;                  /* each: what reduces is a pass of its own, and is not taken in */
    Map seen;
} Apart;

static bool is_map(const IrNode *n) { return n && n->op == OP_map; }

/* Is each use a load in a map or a reduction beside it? */
static bool is_only_loaded(const IrNode *x)
{
    for (IrUse *u = x->uses; u; u = u->next) {
        const IrNode *top = pass_ancestor_in(u->user, x->parent);
        if (u->user->op != OP_load || u->slot || !top || (top->op != OP_map && top->op != OP_reduce))
            return false;
    }
    return x->uses;
}

static void add_readers(Apart *a, IrNode *x);

/* A tensor that is loaded only may be taken in by its readers; anything else must be a pass itself. */
static void add_map(Apart *a, IrNode *map, IrNode *instead)
{
    a->fails = a->fails || a->n == APART_MOST || pass_guard(map->regions[0]) || map_find(&a->seen, map) == a->of; /* left to its readers */
    if (a->fails)
        return;
    map_put(&a->seen, map, a);
    a->instead[a->n] = instead;
    a->map[a->n++] = map;
}

static void add_reduction(Apart *a, IrNode *top)
{
    Rewritten w;
    if (!top->uses) /* rewritten before */
        return;
    if (a->nrewritten == APART_MOST || !online_rewrite(a->cx, top, true, &w)) {
        a->fails = true;
        return;
    }
    a->rewritten[a->nrewritten++] = w;
    add_map(a, w.map, top);
}

/* Made for one of them: it reads what stays. */
static bool is_made(const Apart *a, const IrNode *top)
{
    for (int i = 0; i < a->tried; i++)
        if (a->of[i].copy == top || online_is_among(a->of[i].rows, a->of[i].nrows, top) || online_is_among(a->of[i].picks, a->of[i].npicks, top))
            return true;
    return false;
}

static int indices_of(Apart *a, const IrNode *load, const IrNode *top)
{
    int n = 0;
    for (const IrRegion *r = load->parent; r != top->parent; r = r->owner->parent)
        for (int i = 0; i < r->params.n; i++) {
            bool needs = false;
            for (int k = 1; k < load->nin && !needs; k++)
                needs = pass_depends_on(a->cx, load->in[k], r->params.p[i]);
            n += needs;
        }
    return n;
}

static void see_rows(void *user, IrNode *n)
{
    bool *rows = user;
    *rows = *rows || (n->op == OP_reduce && n->order != ORDER_contract);
    online_see_held(user, n);
}

/* Does it ask for a diagonal of scores only, or for one row of them? What is made of reduced rows is a pass; of what runs along a row an element is no number alone. */
static bool asks_for_few(Apart *a, const IrNode *x, const IrNode *top)
{
    bool few = top && (top->op == OP_reduce || is_map(top)) && !pass_guard(x->regions[0]) && !online_is_running(x), rows = false;
    ir_walk(x->regions[0], see_rows, &rows);
    few = few && !rows;
    for (IrUse *u = x->uses; u && few; u = u->next)
        if (pass_ancestor_in(u->user, x->parent) == top)
            few = u->user->op == OP_load && u->slot == 0 && indices_of(a, u->user, top) < x->type.rank && pass_is_total(a->cx, u->user);
    return few;
}

static bool takes_few(Apart *a, IrNode *x, IrNode *top)
{
    for (int i = 0; i < a->nfew; i++)
        if (a->few[i] == top && a->from[i] == x)
            return true;
    if (a->nfew == APART_MOST || !asks_for_few(a, x, top))
        return false;
    a->few[a->nfew] = top;
    a->from[a->nfew++] = x;
    return true;
}

static void inline_few(Apart *a)
{
    for (int i = 0; i < a->nfew; i++)
        for (IrUse *u = a->from[i]->uses, *next; u; u = next) {
            next = u->next;
            if (pass_ancestor_in(u->user, a->from[i]->parent) == a->few[i])
                pass_inline_load(a->cx, a->from[i], u->user);
        }
}

static bool is_taken(const Apart *a, const IrNode *x)
{
    for (int i = 0; i < a->tried; i++)
        if (online_is_among(a->of[i].taken, a->of[i].ntaken, x))
            return true;
    return false;
}

static void add_reader(Apart *a, IrNode *x, IrNode *top)
{
    if (is_made(a, top) || takes_few(a, x, top))
        return;
    if (top && top->op == OP_reduce) {
        add_reduction(a, top);
    } else if (!is_map(top)) { /* a result (the log-sum-exp beside the mean of values): a pass beside one, not beside several, which strips do better */
        a->fails = a->fails || a->of[a->tried - 1].nrows;
        if (map_find(&a->seen, x) != a)
            add_map(a, x, NULL);
    } else if (!map_find(&a->seen, top)) {
        if (!(a->each && pass_loops(top)) && is_only_loaded(top) && (pass_is_dear(top) || is_taken(a, top))) { /* what it reduced for each row is a map now: it may be cheap */
            map_put(&a->seen, top, top);
            add_readers(a, top);
        } else {
            add_map(a, top, NULL);
        }
    }
}

static void add_readers(Apart *a, IrNode *x)
{
    for (IrUse *u = x->uses; u && !a->fails; u = u->next)
        add_reader(a, x, pass_ancestor_in(u->user, x->parent));
}

static bool try_column(Apart *a, int i, int k, IrNode *const *left, int n)
{
    Online *o = &a->of[i];
    *o = (Online){ .cx = a->cx, .map = a->map[i], .instead = &a->instead[i], .ninstead = a->instead[i] ? 1 : 0, .deep = a->instead[i] != NULL, .shares = true, .mixes = true, .nleft = n };
    memcpy(o->left, left, sizeof *left * (size_t)n);
    return online_try(o, k);
}

/* Results that it would take in, for passes before its own, are left where it needs no such passes then. */
static bool try_one(Apart *a, int i)
{
    IrNode *left[LEFT_MOST];
    memcpy(left, a->stays, sizeof *left * (size_t)a->nstays);
    for (int k = a->map[i]->regions[0]->params.n - 1; k >= -1; k--) {
        int n = a->nstays;
        if (!try_column(a, i, k, left, n))
            continue;
        if (!a->of[i].nrows || !online_leave_results(&a->of[i], left, &n))
            return true;
        online_abandon(&a->of[i]);
        bool found = try_column(a, i, k, left, n);
        if (found && !a->of[i].nrows)
            return true;
        if (found)
            online_abandon(&a->of[i]);
        return try_column(a, i, k, left, a->nstays);
    }
    return false;
}

/* What is no pass, and is read by others than those that have taken it in (hidden layers that a pass would compute for each of its places), is a tensor. */
static void stay(Apart *a, IrNode *x)
{
    a->fails = a->nstays == LEFT_MOST || online_is_among(a->stays, a->nstays, x);
    if (a->fails)
        return;
    a->stays[a->nstays++] = x;
    for (int i = 0; i < a->tried && !a->fails; i++) {
        if (!online_is_among(a->of[i].taken, a->of[i].ntaken, x))
            continue;
        online_abandon(&a->of[i]);
        pass_note_symbols(a->cx, x->parent); /* those of the copy are gone */
        a->fails = !try_one(a, i);
        if (a->fails)
            a->of[i].copy = NULL;
    }
}

/* One that is no pass is cheap, or would be one: its readers may take it in, and are passes then. */
static bool leave_to_readers(Apart *a)
{
    IrNode *map = a->map[a->tried];
    if (!a->tried || a->instead[a->tried] || !is_only_loaded(map))
        return false;
    for (int i = a->tried; i + 1 < a->n; i++) {
        a->map[i] = a->map[i + 1];
        a->instead[i] = a->instead[i + 1];
    }
    a->n--;
    map_put(&a->seen, map, a->of);
    add_readers(a, map);
    return true;
}

static void add_other(Apart *a, IrNode *x, IrNode *user)
{
    IrNode *top = pass_ancestor_in(user, x->parent);
    bool inside = (top && top->op == OP_reduce && !top->uses) || map_find(&a->seen, x) == a; /* rewritten; one of them */
    for (int k = 0; k < a->n && !inside; k++)
        inside = online_reads_inside(&a->of[k], user);
    if (inside || takes_few(a, x, top))
        return;
    if (is_made(a, top) && map_find(&a->seen, x) == a->of) {
        stay(a, x);
    } else if (is_made(a, top)) {
        add_map(a, x, NULL);
    } else if (is_map(top)) {
        add_map(a, top, NULL);
    } else {
        a->fails = true;
    }
}

/* What one of them has taken in, if it is dear, must be read by them and by what they have taken in only. Who else reads it joins them; what
 * another still reads (the sums of columns, where rows are summed) is one of them itself. */
static void add_others(Apart *a, const Online *of)
{
    int before = a->nstays;
    for (int i = 0; i < of->ntaken && a->nstays == before; i++)
        for (IrUse *u = pass_is_dear(of->taken[i]) ? of->taken[i]->uses : NULL; u && !a->fails && a->nstays == before; u = u->next)
            add_other(a, of->taken[i], u->user);
}

/* ---- side by side --------------------------------------------------------------------------------------------------------- */

typedef struct Early { PassCx *cx; const IrNode *map, *first; bool ok; } Early;

static void see_symbol(void *user, DimSym *s)
{
    Early *e = user;
    const IrNode *def = map_find(&e->cx->sym_nodes, s);
    e->ok = e->ok && (!def || def->op == OP_param || ir_inside(def, e->map->regions[0]) || pass_is_before(def, e->first));
}

static void see_early(void *user, IrNode *n)
{
    Early *e = user;
    for (int i = 0; i < n->nin && e->ok; i++)
        e->ok = n->in[i]->op == OP_param || n->in[i]->parent == NULL || ir_inside(n->in[i], e->map->regions[0]) || pass_is_before(n->in[i], e->first);
    pass_each_dim(n, see_symbol, e);
}

/* Does all that it needs stand before the first of them? */
static bool may_stand(PassCx *cx, const IrNode *map, const IrNode *first)
{
    Early e = { cx, map, first, map->parent == first->parent };
    if (e.ok)
        ir_walk(map->regions[0], see_early, &e);
    return e.ok;
}

/* What tile_stream_also.c makes one kernel of stands side by side: behind the first of them, where nothing that it needs is between. */
static void settle(Apart *a)
{
    VEC(IrNode *) all = { 0 };
    for (int i = 0; i < a->tried; i++) {
        for (int k = 0; k < a->of[i].nrows; k++)
            vec_push(a->cx->arena, &all, a->of[i].rows[k]);
        vec_push(a->cx->arena, &all, a->of[i].copy);
    }
    IrNode *first = all.p[0];
    for (int i = 1; i < all.n; i++)
        first = pass_is_before(all.p[i], first) ? all.p[i] : first;
    IrNode *place = first->next;
    for (IrNode *n = first->next, *next; n; n = next) {
        next = n->next;
        if (!online_is_among(all.p, all.n, n) || !may_stand(a->cx, n, first))
            continue;
        if (n == place)
            place = next;
        else
            ir_move_before(n, place);
    }
}

bool online_try_apart(PassCx *cx, IrNode *map, IrNode *instead, bool each)
{
    Apart a = { .cx = cx, .each = each, .of = NEWN(cx->arena, Online, APART_MOST), .seen = map_new(cx->arena) };
    bool good = true;
    add_map(&a, map, instead);
    while (a.tried < a.n && good && !a.fails) {
        Online *o = &a.of[a.tried];
        bool is_pass = try_one(&a, a.tried);
        good = is_pass || leave_to_readers(&a);
        a.tried += is_pass;
        for (int i = 0; i < o->ntaken && is_pass; i++)
            if (pass_is_dear(o->taken[i]))
                add_readers(&a, o->taken[i]);
        for (int i = 0; i < a.tried && good && !a.fails && a.tried == a.n; i++) {
            int stays = a.nstays;
            add_others(&a, &a.of[i]);
            i = a.nstays > stays ? -1 : i;
        }
    }
    good = good && !a.fails;
    if (good)
        inline_few(&a);
    for (int i = 0; i < a.tried; i++) {
        if (good)
            online_commit(&a.of[i]);
        else if (a.of[i].copy)
            online_abandon(&a.of[i]);
    }
    if (good)
        settle(&a);
    while (!good && a.nrewritten)
        online_undo(cx, &a.rewritten[--a.nrewritten]);
    return good;
}
