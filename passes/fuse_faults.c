/* fuse_faults.c - a map that is computed where it is read leaves its faults where it stood.
 *
 *     %0 = map [i: N] { %c = clampi %at[i], 0, M; yield %x[%c] }      reduce any [i: N] { %c = clampi %at[i], 0, M; yield false }
 *     %1 = map [j: K] { yield %0[j // 2] }                            %1 = map [j: K] { %c = clampi %at[j // 2], 0, M; yield %x[%c] }
 *
 * An element that nobody reads may fault, too (LANGUAGE.md, 6), and its readers do not say so. Nothing is left where one load asks for every
 * element whenever the map is reached: under no guard, choice or loop of its own. Where the loops around that load have an axis of the
 * reader's alone, over which there may be nothing, the faults are done if there is:
 *
 *     %1 = map [i: N, o: O] { sum [..] { %0[i] .. } }                 if O < 1 { reduce any [i: N] {...} }
 */
#include "passes/stream_int.h"

bool pass_faults(const IrNode *n)
{
    bool f = pass_is_fault(n);
    for (int i = 0; i < n->nregions && !f; i++)
        for (const IrNode *x = n->regions[i]->first; x && !f; x = x->next)
            f = pass_faults(x);
    return f;
}

/* Nothing in n can fault where the size d is 0: it all stands in loops over as much. */
static bool needs_size(const IrNode *n, Dim d)
{
    if (pass_is_fault(n))
        return false;
    for (int i = 0; i < n->nregions; i++) {
        bool over = false;
        for (int k = 0; k < n->regions[i]->params.n; k++)
            over |= n->regions[i]->params.p[k]->op == OP_index && n->regions[i]->params.p[k]->dim == d;
        for (const IrNode *x = n->regions[i]->first; x && !over; x = x->next)
            if (!needs_size(x, d))
                return false;
    }
    return true;
}

/* Does the condition at a load say what the map's own guard says of the element? Where that fails there is no element. */
static bool is_own_guard(PassCx *cx, const IrNode *condition, const IrNode *map, const IrNode *load)
{
    const IrRegion *body = map->regions[0];
    const IrNode *guard = pass_guard(body);
    Map pairs = map_new(cx->arena);
    for (int i = 0; i < body->params.n && guard; i++)
        map_put(&pairs, load->in[i + 1], body->params.p[i]);
    return guard && pass_same_value_under(&pairs, condition, guard);
}

/* Every turn of the region's indices evaluates its nodes, where the map has an element; *empty becomes the least of the sizes that must not be 0 for there to be a turn. */
static bool runs_always(PassCx *cx, const IrRegion *r, const IrNode *map, const IrNode *load, Dim *empty)
{
    IrOp op = (IrOp)r->owner->op;
    if (op == OP_if)
        return r == r->owner->regions[0] && is_own_guard(cx, r->owner->in[0], map, load);
    if ((op != OP_map && op != OP_reduce) || (pass_guard(r) && !is_own_guard(cx, pass_guard(r), map, load)))
        return false;
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        int64_t n;
        if (x->op != OP_index || x->from || x->to)
            return false;
        if (pass_is_subscript(load, x) || (dim_is_const(x->dim, &n) && n > 0) || needs_size(map, x->dim))
            continue;
        if (!pass_known_at_entry(r->fn, x->dim))
            return false;
        *empty = *empty ? dim_min(cx->module->dims, *empty, x->dim) : x->dim;
    }
    return true;
}

/* Each subscript is an index of its own over that whole axis, or the axis has one place. */
static bool is_whole(const IrNode *load)
{
    for (int i = 1; i < load->nin; i++) {
        const IrNode *x = load->in[i];
        Dim d = load->in[0]->type.dims[i - 1];
        int64_t n;
        if (dim_is_const(d, &n) && n == 1)
            continue;
        if (x->op != OP_index || x->dim != d || !pass_from_zero(x))
            return false;
        for (int j = 1; j < i; j++)
            if (load->in[j] == x)
                return false;
    }
    return true;
}

static bool asks_for_all(PassCx *cx, const IrNode *map, const IrNode *load, Dim *empty)
{
    const IrRegion *r = load->parent;
    *empty = NULL;
    if (!is_whole(load))
        return false;
    for (; r != map->parent; r = r->owner->parent)
        if (!r->owner || !runs_always(cx, r, map, load, empty))
            return false;
    return true;
}

/* Maps that go together: what one of them reads is asked for as far as its own elements are. */
typedef struct Going { PassCx *cx; IrNode *const *maps; int n; } Going;

static bool is_asked(const Going *g, const IrNode *map, Dim *empty);

/* Are all elements of the node that reads computed? What nobody uses is not. */
static bool reads_all(const Going *g, const IrNode *reader, Dim *empty)
{
    *empty = NULL;
    for (int i = 0; i < g->n; i++)
        if (g->maps[i] == reader)
            return is_asked(g, reader, empty);
    return reader && reader->uses;
}

static Dim least(DimCx *d, Dim a, Dim b) { return a && b ? dim_min(d, a, b) : a ? a : b; }

/* Does some load ask for every element; *empty: unless this size is 0; NULL: always. */
static bool is_asked(const Going *g, const IrNode *map, Dim *empty)
{
    bool asked = false;
    *empty = NULL;
    for (const IrUse *u = map->uses; u; u = u->next) {
        Dim own, of;
        if (u->user->op != OP_load || u->slot != 0)
            return true; /* it is used as a whole */
        if (!asks_for_all(g->cx, map, u->user, &own) || !reads_all(g, pass_ancestor_in(u->user, map->parent), &of))
            continue;
        own = least(g->cx->module->dims, own, of);
        *empty = asked && (!*empty || !own) ? NULL : asked ? *empty : own;
        asked = true;
    }
    return asked;
}

bool pass_loses_faults(PassCx *cx, const IrNode *map)
{
    Going g = { cx, NULL, 0 };
    Dim empty;
    return pass_faults(map) && !is_asked(&g, map, &empty);
}

/* Does the reader that takes the maps in, or one of these that it asks for whole, look for the map's faults itself? */
static bool is_covered(const Going *g, const IrNode *map, const IrNode *reader, Dim *empty)
{
    Dim of;
    if (reader && pass_covers_faults(g->cx, reader, map, empty))
        return true;
    for (int i = 0; i < g->n && reader; i++) {
        if (g->maps[i] == map || !is_asked(g, g->maps[i], &of) || !pass_covers_faults(g->cx, g->maps[i], map, empty))
            continue;
        *empty = least(g->cx->module->dims, *empty, of);
        return true;
    }
    return false;
}

/* reader: it takes the maps that go in; NULL: it is not known. */
static bool leave(const Going *g, const IrNode *map, const IrNode *reader, Buf *out)
{
    IrBuilder b = { map->parent->fn, map->parent, (IrNode *)(uintptr_t)map, map->span };
    Dim empty;
    bool asked = is_asked(g, map, &empty) || is_covered(g, map, reader, &empty);
    if (!pass_faults(map) || (asked && !empty))
        return false;
    if (!asked)
        return pass_search_faults(g->cx, b, map, out);
    IrNode *c = ir_add2(&b, OP_lt, ir_scalar(DT_bool), ir_dim_value(&b, empty), ir_int(&b, 1));
    IrNode *n = ir_add1(&b, OP_if, ir_scalar(DT_none), c);
    for (int i = 0; i < 2; i++) {
        b = (IrBuilder){ b.fn, ir_region_new(b.fn, n), NULL, map->span };
        if (i == 0)
            pass_search_faults(g->cx, b, map, NULL);
        ir_yield(&b, 0, NULL);
    }
    return false;
}

void pass_leave_faults(PassCx *cx, IrNode *map)
{
    Going g = { cx, NULL, 0 };
    leave(&g, map, NULL, NULL);
}

bool pass_leave_faults_of(PassCx *cx, IrNode *map, const IrNode *reader, IrNode *const *going, int n, Buf *out)
{
    Going g = { cx, going, n };
    return leave(&g, map, reader, out);
}
