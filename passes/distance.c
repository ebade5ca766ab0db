/* distance.c - what an element computes of the distance of two indices, and costs much, is computed once for each distance.
 *
 *     %0 = map [h, i: T, j: S] { .. %r[h] * log1p(f32(i - j)) .. }
 *
 *     %1 = map [h, t: T + S] { %r[h] * log1p(f32(t - S)) }
 *     %0 = map [h, i: T, j: S] { .. %1[h, i - j + S] .. }
 *
 *     sum [d: D] { %q[i, d] * %k[j, d] * cos(f32(i - j) * %f[d]) }       the same with %1[i - j + S, d] in place of the cosine
 *
 * Costs much: it has an elementary function (the buckets of T5, KERPLE's logarithms, exponentials of a decay) or a loop (a filter,
 * `sum[n](c[n] * exp(a[n] * (i - j)))`). A distance shows as a sum of indices, sizes and constants in which one index counts once, another minus once, and no
 * third one is; the expression may need indices of the map besides, or of reductions (these are last in the table), as they are or in loads. There are T + S
 * distances for T * S places. What may fault is taken where each element computes it, and asked for the distances that there are.
 */
#include "passes/stream_int.h"

enum { OTHERS_MOST = 6 };

typedef enum Kind { FREE = 1, DISTANCE, NEITHER } Kind; /* of no index but others; of the distance, too; of something else */

typedef struct Distance {
    PassCx *cx;
    IrNode *root, *i, *j;               /* the distance is i - j */
    Map kinds, nodes;                   /* Kind; what stands for a node in the table */
    SymMap syms;
    IrBuilder b;                        /* in the table */
    IrNode *t, *diff;                   /* its index; t less j's extent */
    IrNode *other[OTHERS_MOST]; int n;  /* indices that the expression needs as well, */
    int before;                         /* so many of the root's, then those of reductions: where the distance stands among the table's */
    bool dear, faults;
} Distance;

static bool is_axis(const Distance *x, const IrNode *i)
{
    return i->op == OP_index && i->sym && pass_from_zero(i) && pass_is_whole(i) && !pass_dim_depends(x->cx, i->dim, x->root->regions[0]) && ir_inside(i, x->root->regions[0]);
}

/* 1: n is i - j and what no index is in; -1: j - i. Finds the pair where none is known. */
static int sign_of(Distance *x, IrNode *n)
{
    DimCx *d = x->cx->module->dims;
    if ((n->op != OP_sub && n->op != OP_add) || n->type.dtype != DT_i64 || !pass_is_affine(n))
        return 0;
    IrNode *found[2] = { NULL, NULL };
    Dim of = pass_dim_through(x->cx, n), rest = of;
    int many = 0;
    for (IrRegion *r = n->parent; r; r = r == x->root->regions[0] ? NULL : r->owner->parent)
        for (int k = 0; k < r->params.n; k++) {
            IrNode *p = r->params.p[k];
            if (!p->sym || !dim_mentions(of, p->sym))
                continue;
            Dim s = dim_sym(d, p->sym), less = dim_sub(d, rest, s), more = dim_add(d, rest, s);
            bool once = !dim_mentions(less, p->sym), away = !once && !dim_mentions(more, p->sym);
            if ((!once && !away) || found[away] || !is_axis(x, p))
                return 0;
            found[away] = p;
            rest = once ? less : more;
            many++;
        }
    if (many != 2 || pass_dim_depends(x->cx, rest, x->root->regions[0]))
        return 0;
    if (!x->i) {
        x->i = found[0];
        x->j = found[1];
    }
    return x->i == found[0] && x->j == found[1] ? 1 : x->i == found[1] && x->j == found[0] ? -1 : 0;
}

typedef struct Pair { Distance *x; IrNode *found[2]; int n; bool axes; } Pair;

static void see_axis(void *user, DimSym *s)
{
    Pair *p = user;
    IrNode *i = map_find(&p->x->cx->sym_nodes, s);
    if (!i || !ir_inside(i, p->x->root->regions[0]) || i == p->found[0] || i == p->found[1])
        return;
    p->axes = p->axes && i->op == OP_index && is_axis(p->x, i) && p->n < 2;
    if (p->axes)
        p->found[p->n++] = i;
}

typedef struct Next { DimCx *cx; const Pair *p; } Next;

static Dim next_of(void *user, DimSym *s)
{
    Next *n = user;
    bool moves = s == n->p->found[0]->sym || s == n->p->found[1]->sym;
    return moves ? dim_add(n->cx, dim_sym(n->cx, s), dim_const(n->cx, 1)) : NULL;
}

/* `max(0, i - j)`: the same for the next two. */
static bool is_of_distance(Distance *x, const IrNode *n)
{
    Pair p = { .x = x, .axes = true };
    Next next = { x->cx->module->dims, &p };
    dim_syms(n->dim, see_axis, &p);
    if (!p.axes || p.n != 2 || dim_subst(next.cx, n->dim, next_of, &next) != n->dim)
        return false;
    if (!x->i) {
        x->i = p.found[0];
        x->j = p.found[1];
    }
    return (x->i == p.found[0] && x->j == p.found[1]) || (x->i == p.found[1] && x->j == p.found[0]);
}

static bool is_scalar_value(const IrNode *n)
{
    return ir_is_scalar_op(n) && !n->nregions && !n->type.rank && !(ir_info(n)->effects & PINNED) && n->op != OP_extern && n->op != OP_random_bits;
}

static Kind kind_of(Distance *x, IrNode *n);

/* A loop over indices of its own: of what stands in it. */
static Kind kind_of_loop(Distance *x, const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    Kind all = FREE;
    for (int i = 0; i < r->params.n; i++)
        if (!is_axis(x, r->params.p[i]))
            return NEITHER;
    for (IrNode *k = r->first; k && all != NEITHER; k = k->next) {
        Kind of = FREE;
        for (int i = 0; k->op == OP_yield && i < k->nin; i++)
            of = kind_of(x, k->in[i]) > of ? kind_of(x, k->in[i]) : of;
        of = k->op == OP_yield ? of : kind_of(x, k);
        all = of > all ? of : all;
    }
    return all;
}

static Kind find_kind(Distance *x, IrNode *n)
{
    const IrRegion *r = x->root->regions[0];
    if (!ir_inside(n, r) || n->op == OP_const)
        return FREE;
    if (n->op == OP_index)
        return is_axis(x, n) ? FREE : NEITHER;
    if (n->op == OP_dim)
        return !pass_dim_depends(x->cx, n->dim, r) ? FREE : is_of_distance(x, n) ? DISTANCE : NEITHER;
    if (sign_of(x, n))
        return DISTANCE;
    if (n->op == OP_reduce && !n->nin && !n->stream && !n->type.rank)
        return kind_of_loop(x, n);
    if (n->op != OP_load && !is_scalar_value(n))
        return NEITHER;
    Kind all = FREE;
    for (int k = 0; k < n->nin && all != NEITHER; k++) {
        Kind of = kind_of(x, n->in[k]);
        all = of > all ? of : all;
    }
    return n->op == OP_load && (all == DISTANCE || !pass_is_total(x->cx, n)) ? NEITHER : all;
}

static Kind kind_of(Distance *x, IrNode *n)
{
    Kind known = (Kind)(uintptr_t)map_find(&x->kinds, n);
    if (!known) {
        known = find_kind(x, n);
        map_put(&x->kinds, n, (void *)(uintptr_t)known);
    }
    return known;
}

static bool look_through(Distance *x, IrNode *n, Map *seen);

static bool look_into_loop(Distance *x, const IrNode *n, Map *seen)
{
    const IrRegion *r = n->regions[0];
    for (int i = 0; i < r->params.n; i++)
        map_put(seen, r->params.p[i], seen);
    for (IrNode *k = r->first; k; k = k->next)
        for (int i = 0; i < (k->op == OP_yield ? k->nin : 1); i++)
            if (!look_through(x, k->op == OP_yield ? k->in[i] : k, seen))
                return false;
    return true;
}

/* Of the whole expression: does it cost much and what may fault in it; which indices it needs besides; false: too many, or one of the pair alone. */
static bool look_through(Distance *x, IrNode *n, Map *seen)
{
    if (!ir_inside(n, x->root->regions[0]) || map_find(seen, n))
        return true;
    map_put(seen, n, n);
    if (n->op == OP_index) {
        if (n == x->i || n == x->j || x->n == OTHERS_MOST)
            return false;
        bool of_root = n->parent == x->root->regions[0];
        int at = of_root ? x->before++ : x->n;
        for (int k = x->n++; k > at; k--)
            x->other[k] = x->other[k - 1];
        x->other[at] = n;
        return true;
    }
    if (n->op == OP_dim || n->op == OP_const || sign_of(x, n))
        return true;
    x->dear = x->dear || ((pass_is_elementary((IrOp)n->op) || n->op == OP_reduce) && kind_of(x, n) == DISTANCE);
    x->faults = x->faults || pass_is_fault(n) || (n->op != OP_load && !pass_is_total(x->cx, n));
    for (int k = 0; k < n->nin; k++)
        if (!look_through(x, n->in[k], seen))
            return false;
    return n->op != OP_reduce || look_into_loop(x, n, seen);
}

/* ---- the table ----------------------------------------------------------------------------------------------------------- */

static IrNode *at_i64(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(DT_i64), x, y); }

static IrNode *in_table(Distance *x, IrNode *n);

/* What a loop needs from outside of it stands before it; in it the pair is that distance and 0. */
static void bring_outside(Distance *x, const IrNode *loop, const IrRegion *r)
{
    for (IrNode *k = r->first; k; k = k->next) {
        for (int i = 0; i < k->nin; i++)
            if (k->in[i] != x->i && k->in[i] != x->j && !ir_inside(k->in[i], loop->regions[0]))
                map_put(&x->nodes, k->in[i], in_table(x, k->in[i]));
        for (int i = 0; i < k->nregions; i++)
            bring_outside(x, loop, k->regions[i]);
    }
}

/* n, or a part of it, of index t of the table. */
static IrNode *in_table(Distance *x, IrNode *n)
{
    DimCx *d = x->cx->module->dims;
    IrNode *known = map_find(&x->nodes, n);
    if (known || !ir_inside(n, x->root->regions[0]))
        return known ? known : n;
    int sign = n->op == OP_sub || n->op == OP_add ? sign_of(x, n) : 0;
    if (sign) {
        Dim i = dim_sym(d, x->i->sym), j = dim_sym(d, x->j->sym), of = pass_dim_through(x->cx, n);
        Dim rest = sign > 0 ? dim_add(d, dim_sub(d, of, i), j) : dim_sub(d, dim_add(d, of, i), j);
        IrNode *c = ir_dim_value(&x->b, rest);
        known = at_i64(&x->b, sign > 0 ? OP_add : OP_sub, c, x->diff);
    } else {
        for (int k = 0; k < n->nin; k++)
            map_put(&x->nodes, n->in[k], in_table(x, n->in[k]));
        if (n->op == OP_reduce)
            bring_outside(x, n, n->regions[0]);
        known = ir_clone_node(&x->b, n, &x->nodes, symmap_subst, &x->syms);
    }
    map_put(&x->nodes, n, known);
    if (n->sym)
        symmap_put(&x->syms, n->sym, pass_dim_of(x->cx, known));
    return known;
}

/* Of distances that there are: none where an axis is empty, and not the first place. */
static IrNode *are_there(Distance *x)
{
    IrType bit = ir_scalar(DT_bool);
    IrNode *zero = ir_int(&x->b, 0), *all = ir_add2(&x->b, OP_lt, bit, zero, x->t);
    all = ir_add2(&x->b, OP_and, bit, all, ir_add2(&x->b, OP_lt, bit, zero, ir_dim_value(&x->b, x->i->dim)));
    return ir_add2(&x->b, OP_and, bit, all, ir_add2(&x->b, OP_lt, bit, zero, ir_dim_value(&x->b, x->j->dim)));
}

static int axis_of(const Distance *x, int k) { return k < x->before ? k : k + 1; }

static IrNode *table_of(Distance *x, IrNode *n)
{
    PassCx *cx = x->cx;
    DimCx *d = cx->module->dims;
    IrBuilder at = { x->root->parent->fn, x->root->parent, x->root, n->span };
    IrType type = { n->type.dtype, x->n + 1, NEWN(cx->module->arena, Dim, x->n + 1) };
    for (int k = 0; k < x->n; k++)
        type.dims[axis_of(x, k)] = x->other[k]->dim;
    type.dims[x->before] = dim_add(d, x->i->dim, x->j->dim);
    IrNode *map = ir_add0(&at, OP_map, type);
    IrRegion *r = ir_region_new(at.fn, map);
    x->b = (IrBuilder){ at.fn, r, NULL, n->span };
    x->nodes = map_new(cx->arena);
    x->syms = symmap_new(cx);
    for (int k = 0; k <= x->n; k++) {
        IrNode *o = k == x->before ? x->j : x->other[k < x->before ? k : k - 1], *y = ir_index_new(r, o->name, NULL, type.dims[k], o->span);
        if (k == x->before) {
            x->t = y;
            continue;
        }
        map_put(&x->nodes, o, y);
        symmap_put(&x->syms, o->sym, dim_sym(d, y->sym));
    }
    x->diff = at_i64(&x->b, OP_sub, x->t, ir_dim_value(&x->b, x->j->dim));
    map_put(&x->nodes, x->i, x->diff);
    map_put(&x->nodes, x->j, ir_int(&x->b, 0));
    symmap_put(&x->syms, x->i->sym, dim_sub(d, dim_sym(d, x->t->sym), x->j->dim));
    symmap_put(&x->syms, x->j->sym, dim_const(d, 0));
    IrNode *y[] = { in_table(x, n), x->faults ? are_there(x) : NULL };
    ir_yield(&x->b, x->faults ? 2 : 1, y);
    pass_note_symbols(cx, r);
    return map;
}

static void take(Distance *x, IrNode *n)
{
    IrNode *table = table_of(x, n), *sub[OTHERS_MOST + 1];
    IrBuilder here = { n->parent->fn, n->parent, n, n->span };
    for (int k = 0; k < x->n; k++)
        sub[axis_of(x, k)] = x->other[k];
    sub[x->before] = at_i64(&here, OP_add, at_i64(&here, OP_sub, x->i, x->j), ir_dim_value(&here, x->j->dim));
    ir_replace(n, pass_keeps_symbol(x->cx, n, ir_load(&here, table, x->n + 1, sub)));
    pass_drop_cone(n, x->root->regions[0]); /* what the table computes now, and asks for its faults */
    x->cx->changed++;
}

typedef struct Along { const Distance *x; bool i, j; } Along; /* loads that move with either index of the pair, and with all others that the table has */

static void see_along(void *user, IrNode *n)
{
    Along *a = user;
    const Distance *x = a->x;
    bool all = n->op == OP_load;
    for (int k = 0; k < x->n && all; k++)
        all = pass_depends_on(x->cx, n, x->other[k]);
    a->i = a->i || (all && pass_depends_on(x->cx, n, x->i));
    a->j = a->j || (all && pass_depends_on(x->cx, n, x->j));
}

/* A table along a reduction's index is as large as what rows and places have along it (queries, keys): memory does not grow with the places of a sum. */
static bool is_small(const Distance *x)
{
    Along a = { x, false, false };
    if (x->n > x->before)
        ir_walk(x->other[x->before]->parent, see_along, &a);
    return x->n == x->before || (a.i && a.j);
}

/* The places of a scatter ask what its guard needs. */
static bool runs_everywhere(const IrNode *root, const IrNode *n)
{
    Map cone = { 0 };
    IrNode *guard = pass_guard(root->regions[0]);
    if (!guard || root->op != OP_scatter)
        return !guard;
    cone = map_new(root->parent->fn->module->arena);
    pass_note_cone(root->regions[0], guard, &cone);
    return map_find(&cone, n);
}

static bool may_be_taken(Distance *x, IrNode *n)
{
    Map seen = map_new(x->cx->arena);
    IrRegion *r = x->root->regions[0];
    if (!n->uses || n->type.rank || (!ir_is_scalar_op(n) && n->op != OP_reduce) || dtype_bytes(n->type.dtype) < 2 || !(dtype_is_float(n->type.dtype) || n->type.dtype == DT_i64))
        return false;
    if (kind_of(x, n) != DISTANCE || !look_through(x, n, &seen) || !x->dear || !is_small(x))
        return false;
    return !x->faults || (n->parent == r && runs_everywhere(x->root, n));
}

/* Readers before what they read: the largest expression is taken. */
static void visit(PassCx *cx, IrNode *root, IrRegion *r)
{
    for (IrNode *n = r->last; n;) {
        Distance x = { .cx = cx, .root = root, .kinds = map_new(cx->arena) };
        if (may_be_taken(&x, n)) {
            take(&x, n);
            n = r->last; /* what it was made of has gone */
            continue;
        }
        if (n->op == OP_reduce)
            visit(cx, root, n->regions[0]);
        n = n->prev;
    }
}

typedef struct Look { bool elementary; } Look;

static void see_elementary(void *user, IrNode *n)
{
    Look *l = user;
    l->elementary = l->elementary || pass_is_elementary((IrOp)n->op);
}

void pass_tables_of_distances(PassCx *cx, IrNode *map)
{
    Look l = { false };
    ir_walk(map->regions[0], see_elementary, &l);
    if (l.elementary && map->uses && map->type.rank + 1 <= IR_RANK_MOST)
        visit(cx, map, map->regions[0]);
}
