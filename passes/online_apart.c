/* online_apart.c - maps of different shapes that read the same: each becomes a pass of its own, so that what they share is never stored.
 *
 *     %o = map [i, e] { sum [j] { p(i, j) * v[j, e] } }      two passes over j, each with the scores computed in it;
 *     %l = map [i] { logsumexp [j] { s(i, j) } }             tile_stream_also.c makes them one where they stand side by side
 *
 * Either all of them become passes or none does.
 */
#include "passes/online_int.h"

typedef struct Apart { PassCx *cx; IrNode *map[APART_MOST]; int n; bool fails; Map seen; } Apart;

static bool is_map(const IrNode *n) { return n && n->op == OP_map; }

/* Is each use a load in a map beside it? */
static bool is_only_loaded(const IrNode *x)
{
    for (IrUse *u = x->uses; u; u = u->next)
        if (u->user->op != OP_load || u->slot || !is_map(pass_ancestor_in(u->user, x->parent)))
            return false;
    return x->uses;
}

static void add_readers(Apart *a, const IrNode *x);

/* A tensor that is loaded only may be taken in by its readers; anything else must be a pass itself. */
static void add_reader(Apart *a, IrNode *top)
{
    if (!is_map(top) || pass_guard(top->regions[0])) {
        a->fails = true;
    } else if (!map_find(&a->seen, top)) {
        map_put(&a->seen, top, top);
        if (is_only_loaded(top) && pass_is_dear(top)) {
            add_readers(a, top);
        } else if (a->n == APART_MOST) {
            a->fails = true;
        } else {
            a->map[a->n++] = top;
        }
    }
}

static void add_readers(Apart *a, const IrNode *x)
{
    for (IrUse *u = x->uses; u && !a->fails; u = u->next)
        add_reader(a, pass_ancestor_in(u->user, x->parent));
}

static bool try_one(Apart *a, Online *o, IrNode *map)
{
    for (int k = map->regions[0]->params.n - 1; k >= -1; k--) {
        *o = (Online){ .cx = a->cx, .map = map, .shares = true };
        if (!online_begin(o, k))
            continue;
        if (online_try_column(o))
            return true;
        ir_drop(o->copy);
    }
    return false;
}

/* Is what one of them has taken in, if it is dear, read by them and by what they have taken in only? */
static bool all_die(const Online *all, int n, const Online *of)
{
    for (int i = 0; i < of->ntaken; i++)
        for (IrUse *u = pass_is_dear(of->taken[i]) ? of->taken[i]->uses : NULL; u; u = u->next) {
            bool inside = false;
            for (int k = 0; k < n && !inside; k++)
                inside = online_reads_inside(&all[k], u->user);
            if (!inside)
                return false;
        }
    return true;
}

bool online_try_apart(PassCx *cx, IrNode *map)
{
    Apart a = { .cx = cx, .map = { map }, .n = 1, .seen = map_new(cx->arena) };
    Online *o = NEWN(cx->arena, Online, APART_MOST);
    int n = 0;
    bool good = true;
    map_put(&a.seen, map, map);
    for (; n < a.n && good && !a.fails; n++) {
        good = try_one(&a, &o[n], a.map[n]);
        for (int i = 0; i < o[n].ntaken && good; i++)
            if (pass_is_dear(o[n].taken[i]))
                add_readers(&a, o[n].taken[i]);
        if (!good)
            break;
    }
    good = good && !a.fails;
    for (int i = 0; i < n && good; i++)
        good = all_die(o, n, &o[i]);
    for (int i = 0; i < n; i++) {
        if (good)
            online_commit(&o[i]);
        else
            ir_drop(o[i].copy);
    }
    return good;
}
