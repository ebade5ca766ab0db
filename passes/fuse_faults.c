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

/* Every turn of the region's indices evaluates its nodes; *empty becomes the least of the sizes that must not be 0 for there to be a turn. */
static bool runs_always(PassCx *cx, const IrRegion *r, const IrNode *map, const IrNode *load, Dim *empty)
{
    IrOp op = (IrOp)r->owner->op;
    if ((op != OP_map && op != OP_reduce) || pass_guard(r))
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

/* Does some load ask for every element; *empty: unless this size is 0; NULL: always. */
static bool is_asked(PassCx *cx, const IrNode *map, Dim *empty)
{
    bool asked = false;
    *empty = NULL;
    for (const IrUse *u = map->uses; u; u = u->next) {
        Dim d;
        if (u->user->op != OP_load || u->slot != 0)
            return true; /* it is used as a whole */
        if (!asks_for_all(cx, map, u->user, &d))
            continue;
        *empty = asked && (!*empty || !d) ? NULL : asked ? *empty : d;
        asked = true;
    }
    return asked;
}

bool pass_loses_faults(PassCx *cx, const IrNode *map)
{
    Dim empty;
    return pass_faults(map) && !is_asked(cx, map, &empty);
}

/* An axis that nothing which may fault needs is gone over once, if at all. */
static Dim extent_of(PassCx *cx, const IrRegion *body, const IrNode *index)
{
    DimCx *d = cx->module->dims;
    const IrNode *guard = pass_guard(body);
    bool needed = guard && pass_depends_on(cx, guard, index);
    for (const IrNode *n = body->first; n && !needed; n = n->next)
        needed = pass_faults(n) && pass_depends_on(cx, n, index);
    return needed ? index->dim : dim_min(d, index->dim, dim_const(d, 1));
}

static void faults_of(PassCx *cx, IrBuilder b, const IrNode *map)
{
    const IrRegion *body = map->regions[0];
    IrNode *n = ir_add0(&b, OP_reduce, ir_scalar(DT_bool)), *y[2];
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    n->redop = RED_any;
    n->order = ORDER_lanes16;
    b = (IrBuilder){ b.fn, ir_region_new(b.fn, n), NULL, map->span };
    for (int i = 0; i < body->params.n; i++) {
        IrNode *x = body->params.p[i], *own = ir_index_new(b.region, x->name, x->lo, extent_of(cx, body, x), x->span);
        map_put(&nodes, x, own);
        if (x->sym)
            symmap_put(&syms, x->sym, dim_sym(cx->module->dims, own->sym));
    }
    IrNode **values = ir_clone_region(&b, body, &nodes, symmap_subst, &syms);
    y[0] = ir_const_int(&b, DT_bool, 0);
    y[1] = pass_guard(body) ? values[1] : NULL;
    ir_yield(&b, y[1] ? 2 : 1, y);
}

void pass_leave_faults(PassCx *cx, IrNode *map)
{
    IrBuilder b = { map->parent->fn, map->parent, map, map->span };
    Dim empty;
    bool asked = is_asked(cx, map, &empty);
    if (!pass_faults(map) || (asked && !empty))
        return;
    if (!asked) {
        faults_of(cx, b, map);
        return;
    }
    IrNode *c = ir_add2(&b, OP_lt, ir_scalar(DT_bool), ir_dim_value(&b, empty), ir_int(&b, 1));
    IrNode *n = ir_add1(&b, OP_if, ir_scalar(DT_none), c);
    for (int i = 0; i < 2; i++) {
        b = (IrBuilder){ b.fn, ir_region_new(b.fn, n), NULL, map->span };
        if (i == 0)
            faults_of(cx, b, map);
        ir_yield(&b, 0, NULL);
    }
}
