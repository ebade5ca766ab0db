/* absorb.c - what a reader needs of each row is computed in the reader: the row is read from far away once.
 *
 *     %m = map [t] { max [n] { %x[t, n] } }                           %y = map [t, n] {
 *     %y = map [t, n] { sum [k] { f(%x[t, k] - %m[t]) } ... %m[t] }       %m = max [k] { %x[t, k] };  sum [k] { f(%x[t, k] - %m) } ... %m }
 *
 * `fuse` does that where there is one load; here are several in one reader that goes over its rows already. Equal reductions, of which each
 * load begets one, are merged by `cse`. Runs behind `online`, which takes reductions for its streams from maps of their own.
 */
#include "passes/stream_int.h"

/* The axis that runs in vectors is the last one; a reduction that does not depend on it is done once for a row. */
static bool reduces_rows(PassCx *cx, const IrNode *map, const IrNode *last)
{
    bool some = false;
    for (const IrNode *n = map->regions[0]->first; n; n = n->next) {
        if (n->op == OP_reduce && (n->order == ORDER_contract || n->stream || (last && pass_depends_on(cx, n, last))))
            return false;
        some = some || n->op == OP_reduce;
    }
    return some;
}

static void see_loop(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || n->op == OP_while || n->op == OP_for || n->op == OP_map || (n->op == OP_reduce && n->order == ORDER_contract);
}

static bool has_other_loops(const IrNode *map)
{
    bool found = false;
    ir_walk(map->regions[0], see_loop, &found);
    return found;
}

/* %m[a, b] where the reader is a map [a, b, n] or [a, b] */
static bool asks_for_row(const IrNode *load, const IrRegion *reader)
{
    if (load->op != OP_load || (load->nin != reader->params.n && load->nin - 1 != reader->params.n))
        return false;
    for (int i = 1; i < load->nin; i++)
        if (load->in[i] != reader->params.p[i - 1])
            return false;
    return true;
}

/* The one map that reads it, all along its rows; NULL: there is none. */
static IrNode *reader_of(PassCx *cx, IrNode *map)
{
    IrNode *reader = NULL;
    for (IrUse *u = map->uses; u; u = u->next) {
        IrNode *top = pass_ancestor_in(u->user, map->parent);
        if (!top || top->op != OP_map || top == u->user || (reader && top != reader) || u->slot != 0 || !asks_for_row(u->user, top->regions[0]))
            return NULL;
        reader = top;
    }
    if (!reader || pass_guard(reader->regions[0]) || has_other_loops(reader))
        return NULL;
    const IrRegion *body = reader->regions[0];
    return reduces_rows(cx, reader, body->params.n > map->type.rank ? vec_last(&body->params) : NULL) ? reader : NULL;
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->last, *prev; n; n = prev) { /* readers first: what they take in may read more of the same */
        prev = n->prev;
        bool loop = n->op == OP_for || n->op == OP_while || n->op == OP_if;
        for (int i = 0; loop && i < n->nregions; i++)
            visit(cx, n->regions[i]);
        if (n->op != OP_map || !n->uses || pass_guard(n->regions[0]) || has_other_loops(n) || !reduces_rows(cx, n, NULL) || !reader_of(cx, n) || pass_loses_faults(cx, n))
            continue;
        pass_remark(cx, CHOICE_recomputed, n, "its one reader goes over the same rows");
        pass_leave_faults(cx, n);
        while (n->uses)
            pass_inline_load(cx, n, n->uses->user);
        ir_drop(n);
    }
}

bool pass_absorb(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
