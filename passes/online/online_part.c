/* online_part.c - reductions of a map that differ along some of its indices only become a map of their own, from which it loads them.
 *
 *     map [i, j] { exp(s[i, j] - m[i]) / sum [k] { .. } }      %w = map [i] { sum [k] { .. } }
 *                                                              map [i, j] { exp(s[i, j] - m[i]) / %w[i] }
 *     several at once                                          %w = map [which: 2, i] { which == 0 ? .. : .. }
 *
 * So do reductions over axes of their own (an attention over blocks beside one over places, two vocabularies): a pass has one.
 */
#include "passes/online/online_int.h"

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

/* Each index that is left out is known to have a place. */
static bool asks_all(PassCx *cx, const IrNode *of, const Part *w)
{
    DimCx *d = cx->module->dims;
    Facts *f = pass_ranges_around(cx, of->parent);
    bool all = !pass_guard(of->regions[0]);
    for (int i = 0, k = 0; i < of->regions[0]->params.n && all; i++) {
        const IrNode *x = of->regions[0]->params.p[i];
        bool own = k < w->rank && w->index[k] == x;
        all = own || (pass_is_whole(x) && facts_prove_le(f, dim_const(d, 1), x->dim) == YES);
        k += own;
    }
    return all;
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
    if (w->rank == from->params.n || !may_fault(r) || asks_all(cx, of, w))
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

enum { SCORES_MOST = 16 };

/* What is reduced of scores in a map, in its choices too, and elements of what reduces them (a log-probability); axes: the reduction, of each. */
typedef struct Scores { PassCx *cx; IrNode *of[SCORES_MOST]; const IrNode *axes[SCORES_MOST]; int n; bool many, within; } Scores; /* within: of a map that is picked from */

static void find_scores(Scores *s, const IrRegion *r);

/* Of a load of one place of many, for which a map reduces its row: that; else NULL. */
static const IrNode *picked(PassCx *cx, const IrNode *n)
{
    Scores s = { .cx = cx, .within = true };
    if (n->op != OP_load || !online_is_plain_map(n->in[0]) || !pass_loops(n->in[0]))
        return NULL;
    const IrRegion *r = n->in[0]->regions[0];
    find_scores(&s, r);
    for (int i = 0; i < s.n; i++)
        for (int k = 0; k < r->params.n; k++)
            if (cascade_is_index(r->params.p[k]) && !pass_depends_on(cx, s.of[i], r->params.p[k]))
                return s.axes[i];
    return NULL;
}

static void find_scores(Scores *s, const IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        const IrNode *axes = n->op == OP_reduce && n->uses && is_of_scores(s->cx, n) ? n : s->within ? NULL : picked(s->cx, n);
        for (int k = 0; k < n->nregions && n->op == OP_if; k++)
            find_scores(s, n->regions[k]);
        s->many = s->many || (axes && s->n == SCORES_MOST);
        if (!axes || s->many)
            continue;
        s->axes[s->n] = axes;
        s->of[s->n++] = n;
    }
}

static bool needs(PassCx *cx, const IrNode *n, const IrNode *reduce)
{
    bool inside = n == reduce;
    for (int k = 0; k < n->nregions && !inside; k++)
        inside = ir_inside(reduce, n->regions[k]);
    return inside || pass_depends_on(cx, n, reduce);
}

/* Does it need all that is reduced along these axes, nothing along others, and of the map no index more than that? */
static bool holds(const Scores *s, const IrNode *n, const IrNode *axes)
{
    const IrRegion *r = n->parent;
    bool all = !n->sym && dtype_is_float(n->type.dtype) && !n->type.rank;
    for (int i = 0; i < s->n && all; i++)
        all = needs(s->cx, n, s->of[i]) == has_axes_of(s->axes[i], axes);
    for (int k = 0; k < r->params.n && all; k++) {
        bool known = !pass_depends_on(s->cx, n, r->params.p[k]);
        for (int i = 0; i < s->n && !known; i++)
            known = has_axes_of(s->axes[i], axes) && pass_depends_on(s->cx, s->of[i], r->params.p[k]);
        all = known;
    }
    return all;
}

/* A maximum and a sum along one axis go together (a log-sum-exp): the last value that holds both. Where nothing does, each is a map. */
static IrNode *value_of(const Scores *s, const IrNode *map, int k)
{
    for (IrNode *n = ir_terminator(map->regions[0])->prev; n; n = n->prev)
        if (holds(s, n, s->axes[k]))
            return n;
    return s->of[k]->parent == map->regions[0] ? s->of[k] : NULL;
}

/* The maps that it reads, with a reduction of scores of each. */
typedef struct Rows { PassCx *cx; IrNode *map[SCORES_MOST]; const IrNode *axes[SCORES_MOST]; int n; } Rows;

static void see_rows(void *user, IrNode *n)
{
    Rows *r = user;
    Scores s = { .cx = r->cx };
    if (n->op != OP_load || !online_is_plain_map(n->in[0]) || !pass_loops(n->in[0]) || r->n == SCORES_MOST || online_is_among(r->map, r->n, n->in[0]))
        return;
    find_scores(&s, n->in[0]->regions[0]);
    if (!s.n)
        return;
    r->map[r->n] = n->in[0];
    r->axes[r->n++] = s.axes[0];
}

static bool are_among(const IrNode *axes, const IrNode *const *all, int n)
{
    for (int i = 0; i < n; i++)
        if (has_axes_of(axes, all[i]))
            return true;
    return false;
}

typedef struct Places { PassCx *cx; const IrNode *of; const IrNode *axes; bool found; } Places;

static void see_places(void *user, IrNode *n)
{
    Places *p = user;
    for (int i = 1; i < n->nin && n->op == OP_load && n->in[0] == p->of; i++)
        p->found = p->found || pass_depends(p->cx, n->in[i], p->axes->regions[0]);
}

/* Does one of the reductions go over the tensor (logits whose log-sum-exp is asked beside one of them)? Then it is what a pass takes in. */
static bool goes_over(PassCx *cx, const Scores *own, const IrNode *of)
{
    bool found = false;
    for (int i = 0; i < own->n && !found; i++) {
        Places p = { cx, of, own->of[i], false };
        if (own->of[i]->op == OP_reduce)
            ir_walk(own->of[i]->regions[0], see_places, &p);
        found = p.found;
    }
    return found;
}

int online_other_rows(PassCx *cx, IrNode *map, IrNode **others)
{
    Rows r = { .cx = cx };
    Scores own = { .cx = cx };
    int count = 0;
    for (IrNode *n = map->regions[0]->first; n; n = n->next) {
        for (int k = 0; k < n->nregions && n->op == OP_if; k++)
            ir_walk(n->regions[k], see_rows, &r);
        see_rows(&r, n);
    }
    find_scores(&own, map->regions[0]);
    for (int i = 0; i < r.n && count < PARTS_MOST; i++)
        if (own.n ? !are_among(r.axes[i], own.axes, own.n) && !goes_over(cx, &own, r.map[i]) : !has_axes_of(r.axes[i], r.axes[r.n - 1]))
            others[count++] = r.map[i];
    return count;
}

/* Those along several axes stand in branches: what both branches need (the log-sum-exp of a head over clusters) is computed before. */
static void open_branches(PassCx *cx, IrRegion *r)
{
    Scores s = { .cx = cx };
    bool apart = false, inside = false;
    find_scores(&s, r);
    for (int i = 0; i < s.n; i++) {
        apart = apart || !has_axes_of(s.axes[i], s.axes[0]);
        inside = inside || s.of[i]->parent != r;
    }
    if (!apart || !inside || s.many)
        return;
    online_open_choices(cx, r, true);
    online_merge(cx, r);
}

int online_part_axes(PassCx *cx, IrNode *map, IrNode **parts)
{
    int count = 0;
    open_branches(cx, map->regions[0]);
    for (bool more = true; more && count < PARTS_MOST;) {
        Scores s = { .cx = cx };
        more = false;
        find_scores(&s, map->regions[0]);
        for (int i = s.n - 1; i-- > 0 && !more && !s.many;) {
            IrNode *n = has_axes_of(s.axes[i], s.axes[s.n - 1]) ? NULL : value_of(&s, map, i);
            Part w = { .of = { n }, .n = 1 };
            IrNode *part = n && online_part_indices(cx, map, &w) ? online_part_map(cx, map, &w, NULL, 0, NULL) : NULL;
            if (!part)
                continue;
            online_part_load(&w, part);
            online_sweep(cx, map->regions[0], false);
            parts[count++] = part;
            more = true;
        }
    }
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
