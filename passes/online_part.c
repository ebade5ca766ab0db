/* online_part.c - reductions of a map that differ along some of its indices only become a map of their own, from which it loads them.
 *
 *     map [i, j] { exp(s[i, j] - m[i]) / sum [k] { .. } }      %w = map [i] { sum [k] { .. } }
 *                                                              map [i, j] { exp(s[i, j] - m[i]) / %w[i] }
 *     several at once                                          %w = map [which: 2, i] { which == 0 ? .. : .. }
 *
 * So do reductions over axes of their own (an attention over blocks beside one over places): a pass has one.
 */
#include "passes/online_int.h"

bool online_part_indices(PassCx *cx, const IrNode *map, Part *w)
{
    IrRegion *r = map->regions[0];
    for (int i = 0; i < r->params.n; i++) {
        bool needs = false;
        for (int k = 0; k < w->n; k++)
            needs = needs || pass_depends_on(cx, w->of[k], r->params.p[i]);
        if (needs && (w->rank == IR_RANK_MOST - 1 || r->params.p[i]->lo))
            return false;
        if (needs)
            w->index[w->rank++] = r->params.p[i];
    }
    return w->rank;
}

static IrNode *empty_map(PassCx *cx, const IrNode *map, const Part *w, bool many)
{
    IrNode *place = (IrNode *)(uintptr_t)map;
    IrBuilder at = { map->parent->fn, map->parent, place, w->of[0]->span };
    IrType type = { w->of[0]->type.dtype, w->rank + many, NEWN(cx->module->arena, Dim, w->rank + many) };
    if (many)
        type.dims[0] = dim_const(cx->module->dims, w->n);
    for (int i = 0; i < w->rank; i++)
        type.dims[i + many] = w->index[i]->dim;
    return ir_add0(&at, OP_map, type);
}

/* which == 0 ? first : which == 1 ? second : .. */
static IrNode *one_of(IrBuilder *b, IrNode *which, IrNode *const *v, int n)
{
    IrNode *value = v[n - 1];
    for (int i = n - 1; i-- > 0;) {
        IrNode *is = ir_add2(b, OP_eq, ir_scalar(DT_bool), which, ir_int(b, i));
        value = ir_add3(b, OP_select, value->type, is, v[i], value);
    }
    return value;
}

static void see_fault(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || pass_is_fault(n);
}

/* Where an index that is left out has no place, nothing faults in the map: nor must it in the part. */
static bool may_fault(IrRegion *r)
{
    bool found = false;
    ir_walk(r, see_fault, &found);
    return found;
}

IrNode *online_part_map(PassCx *cx, const IrNode *of, const Part *w, IrNode *const *all, int n, IrNode **copies)
{
    IrRegion *from = of->regions[0];
    DimCx *d = cx->module->dims;
    IrNode *map = empty_map(cx, of, w, w->n > 1), *which = NULL, *v[MEMBERS_MOST];
    IrRegion *r = ir_region_new(from->fn, map);
    IrBuilder b = { from->fn, r, NULL, map->span };
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    if (w->n > 1)
        which = ir_index_new(r, name_of(cx->module->names, "which"), NULL, map->type.dims[0], map->span);
    for (int i = 0, k = 0; i < from->params.n; i++) {
        IrNode *x = from->params.p[i];
        bool own = k < w->rank && w->index[k] == x;
        IrNode *mine = own ? ir_index_new(r, x->name, NULL, x->dim, x->span) : ir_int(&b, 0); /* what needs the others goes */
        k += own;
        map_put(&nodes, x, mine);
        symmap_put(&syms, x->sym, own ? dim_sym(d, mine->sym) : dim_const(d, 0));
    }
    ir_clone_region(&b, from, &nodes, symmap_subst, &syms);
    for (int i = 0; i < n; i++)
        copies[i] = map_find(&nodes, all[i]);
    for (int i = 0; i < w->n; i++)
        v[i] = map_find(&nodes, w->of[i]);
    v[0] = one_of(&b, which, v, w->n);
    ir_yield(&b, 1, v);
    online_sweep(cx, r, true);
    pass_note_symbols(cx, r);
    if (w->rank == from->params.n || !may_fault(r))
        return map;
    ir_drop(map);
    return NULL;
}

void online_part_load(const Part *w, IrNode *map)
{
    for (int i = 0; i < w->n; i++) {
        IrNode *n = w->of[i], *subs[IR_RANK_MOST];
        IrBuilder b = { n->parent->fn, n->parent, n, n->span };
        bool many = w->n > 1;
        if (many)
            subs[0] = ir_int(&b, i);
        for (int k = 0; k < w->rank; k++)
            subs[k + many] = w->index[k];
        ir_replace(n, ir_load(&b, map, w->rank + many, subs));
        ir_drop(n);
    }
}

/* Does it differ along index x of its map, and not along all of them? */
static bool is_of_rows(PassCx *cx, const IrNode *n, const IrNode *x)
{
    const IrRegion *r = n->parent;
    bool all = true;
    for (int i = 0; i < r->params.n; i++)
        all = all && (!cascade_is_index(r->params.p[i]) || pass_depends_on(cx, n, r->params.p[i]));
    return !all && pass_depends_on(cx, n, x);
}

static void see_loops(void *user, IrNode *n)
{
    bool *loops = user;
    *loops = *loops || n->op == OP_reduce || (n->op == OP_load && online_is_plain_map(n->in[0]) && pass_loops(n->in[0]));
}

typedef struct Wide { PassCx *cx; const IrNode *reduce; bool found; } Wide;

static void see_wide(void *user, IrNode *n)
{
    Wide *w = user;
    const IrRegion *r = w->reduce->regions[0];
    bool loops = false;
    if (w->found || n->op != OP_load || !online_is_plain_map(n->in[0]) || !pass_is_dear(n->in[0]))
        return;
    ir_walk(n->in[0]->regions[0], see_loops, &loops);
    for (int i = 1; i < n->nin && loops; i++)
        for (int k = 0; k < r->params.n; k++)
            w->found = w->found || pass_depends_on(w->cx, n->in[i], r->params.p[k]);
}

static bool has_axes_of(const IrNode *a, const IrNode *b)
{
    const IrRegion *x = a->regions[0], *y = b->regions[0];
    bool same = x->params.n == y->params.n;
    for (int i = 0; i < x->params.n && same; i++)
        same = x->params.p[i]->dim == y->params.p[i]->dim;
    return same;
}

/* Does it reduce what costs much at each of its places, as weights of scores do? */
static bool is_wide(PassCx *cx, const IrNode *n)
{
    Wide w = { cx, n, false };
    if (n->op == OP_reduce)
        ir_walk(n->regions[0], see_wide, &w);
    return w.found;
}

typedef struct Others { PassCx *cx; const IrNode *reduce; int deep; bool found; } Others;

static void see_others(void *user, IrNode *n)
{
    Others *q = user;
    const IrNode *around = n->parent->owner;
    if (q->found || (around && around != q->reduce && around->op == OP_reduce && around->order == ORDER_contract))
        return;
    q->found = n->op == OP_reduce && n->order != ORDER_contract && !has_axes_of(n, q->reduce) && is_wide(q->cx, n);
    if (!q->found && q->deep && n->op == OP_load && online_is_plain_map(n->in[0]) && pass_is_dear(n->in[0])) {
        Others next = { q->cx, q->reduce, q->deep - 1, false };
        ir_walk(n->in[0]->regions[0], see_others, &next);
        q->found = next.found;
    }
}

/* Does it need what is reduced for the row along another axis, too (one maximum of two memories)? */
static bool needs_others(PassCx *cx, const IrNode *n)
{
    Others q = { cx, n, MAPS_DEEP, false };
    ir_walk(n->regions[0], see_others, &q);
    return q.found;
}

static bool is_of_scores(PassCx *cx, const IrNode *n) { return !n->sym && is_wide(cx, n) && !needs_others(cx, n); }

int online_part_axes(PassCx *cx, IrNode *map, IrNode **parts)
{
    IrNode *last = NULL;
    int count = 0;
    for (IrNode *n = ir_terminator(map->regions[0]), *before; n && count < PARTS_MOST; n = before) {
        Part w = { .of = { n }, .n = 1 };
        before = n->prev;
        if (!n->uses || !is_of_scores(cx, n))
            continue;
        last = last ? last : n;
        IrNode *part = !has_axes_of(n, last) && online_part_indices(cx, map, &w) ? online_part_map(cx, map, &w, NULL, 0, NULL) : NULL;
        if (!part)
            continue;
        online_part_load(&w, part);
        parts[count++] = part;
    }
    if (count)
        online_sweep(cx, map->regions[0], false);
    return count;
}

void online_part(PassCx *cx, IrNode *map, const IrNode *x)
{
    online_open_choices(cx, map->regions[0], false); /* the sum of a log-sum-exp stands under one */
    for (IrNode *n = map->regions[0]->first, *next; n; n = next) {
        Part w = { .of = { n }, .n = 1 };
        next = n->next;
        if (n->op != OP_reduce || n->sym || !is_of_rows(cx, n, x) || !online_part_indices(cx, map, &w))
            continue;
        IrNode *part = online_part_map(cx, map, &w, NULL, 0, NULL);
        if (!part)
            continue;
        online_part_load(&w, part);
        cx->changed++;
    }
}
