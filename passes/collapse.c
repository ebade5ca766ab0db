/* collapse.c - two indices that all loads of a map have side by side are one.
 *
 *     map [b: B, t: T, e: E] { sum [d: D] { %x[b, t, d] * %w[e, d] } + %r[b, t, e] }
 *
 *     %1 = reshape %x : [B * T, D]    %2 = reshape %r : [B * T, E]
 *     map [b: B * T, e: E] { sum [d: D] { %1[b, d] * %2[e, d] } + %2[b, e] }    reshaped to [B, T, E]
 *
 * Rows of a product, or lanes, that are few along each of the two fill steps and vectors then (batches of few tokens, small pictures); so do the lanes
 * of a map without sums whose last axis is a short number (colours). Positions in sums stay as they are, and the order of elements, too.
 *
 * So are the columns of a pass that have two axes (points in space, complex numbers, heads that share weights): `online` looks for one column.
 */
#include "passes/stream_int.h"

enum { SHORT = 16 };

/* has, lacks: loads within a contraction that have the two indices, and that do not. */
typedef struct Pair { PassCx *cx; const IrRegion *body; const IrNode *a, *b; bool apart, contracts, reduces, has, lacks; } Pair;

static bool is_contraction(const IrNode *n) { return n->op == OP_reduce && n->order == ORDER_contract; }

static bool is_contracted(const Pair *p, const IrNode *n)
{
    for (const IrRegion *r = n->parent; r != p->body; r = r->owner->parent)
        if (is_contraction(r->owner))
            return true;
    return false;
}

static void see_load(Pair *p, const IrNode *n)
{
    bool has = false;
    for (int i = 1; i < n->nin; i++) {
        if (n->in[i] == p->a && (i + 1 == n->nin || n->in[i + 1] != p->b || n->in[0]->type.dims[i] != p->b->dim || ir_inside(n->in[0], p->body)))
            p->apart = true;
        if (n->in[i] == p->b && (i == 1 || n->in[i - 1] != p->a))
            p->apart = true;
        has = has || n->in[i] == p->a;
    }
    if (is_contracted(p, n)) {
        p->has = p->has || has;
        p->lacks = p->lacks || !has;
    }
}

static void see_symbol(void *user, DimSym *s)
{
    Pair *p = user;
    p->apart = p->apart || s == p->a->sym || s == p->b->sym;
}

static void see(void *user, IrNode *n)
{
    Pair *p = user;
    pass_each_dim(n, see_symbol, p);
    p->contracts = p->contracts || is_contraction(n);
    p->reduces = p->reduces || n->nregions;
    p->apart = p->apart || (n->op == OP_reduce && n->stream);
    if (n->op == OP_load) {
        see_load(p, n);
        return;
    }
    for (int i = 0; i < n->nin; i++)
        p->apart = p->apart || n->in[i] == p->a || n->in[i] == p->b;
}

static bool is_pair(PassCx *cx, IrNode *map, int at)
{
    IrRegion *r = map->regions[0];
    Pair p = { .cx = cx, .body = r, .a = r->params.p[at], .b = r->params.p[at + 1] };
    int64_t n;
    if (!pass_is_whole(p.a) || !pass_is_whole(p.b))
        return false;
    for (int i = 0; i < r->params.n; i++) {
        IrNode probe = { .op = OP_dim, .dim = r->params.p[i]->dim };
        pass_each_dim(&probe, see_symbol, &p);
    }
    ir_walk(r, see, &p);
    bool shorter = !p.reduces && at + 2 == r->params.n && dim_is_const(p.b->dim, &n) && n < SHORT;
    return !p.apart && (shorter || (p.contracts && p.has && p.lacks));
}

/* The type with axes `at` and the next one as one. */
static IrType joined(PassCx *cx, IrType t, int at)
{
    IrType y = { t.dtype, t.rank - 1, NEWN(cx->module->arena, Dim, t.rank) };
    for (int i = 0; i < y.rank; i++)
        y.dims[i] = i < at ? t.dims[i] : i > at ? t.dims[i + 1] : dim_mul(cx->module->dims, t.dims[i], t.dims[i + 1]);
    return y;
}

typedef struct Join { PassCx *cx; IrNode *map, *a, *index; VEC(IrNode *) loads; VEC(IrNode *) made; } Join;

static void see_pair(void *user, IrNode *n)
{
    Join *j = user;
    for (int i = 1; n->op == OP_load && i < n->nin; i++)
        if (n->in[i] == j->a)
            vec_push(j->cx->arena, &j->loads, n);
}

static IrNode *reshaped(Join *j, IrNode *x, int axis)
{
    IrType t = joined(j->cx, x->type, axis);
    IrBuilder b = { j->map->parent->fn, j->map->parent, j->map, j->map->span };
    for (int i = 0; i < j->made.n; i++)
        if (j->made.p[i]->in[0] == x && ir_type_equal(j->made.p[i]->type, t))
            return j->made.p[i];
    vec_push(j->cx->arena, &j->made, ir_add1(&b, OP_reshape, t, x));
    return vec_last(&j->made);
}

/* A load may have the pair more than once: x[b, t, b, t]. */
static void join_load(Join *j, IrNode *load)
{
    IrNode *subs[IR_RANK_MOST], *x = load->in[0];
    int n = 0;
    for (int i = 1; i < load->nin; i++) {
        bool pair = load->in[i] == j->a;
        if (pair)
            x = reshaped(j, x, n);
        subs[n++] = pair ? j->index : load->in[i];
        i += pair;
    }
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    ir_replace(load, ir_load(&b, x, n, subs));
    ir_drop(load);
}

/* Gives what reads as the map did. */
static IrNode *join(PassCx *cx, IrNode *map, int at)
{
    IrRegion *r = map->regions[0];
    IrNode *a = r->params.p[at], *b = r->params.p[at + 1];
    IrType old = map->type;
    Join j = { .cx = cx, .map = map, .a = a };
    j.index = ir_index_new(r, a->name, NULL, dim_mul(cx->module->dims, a->dim, b->dim), a->span);
    r->params.n--; /* it takes the place of the two */
    r->params.p[at] = j.index;
    for (int i = at + 1; i + 1 < r->params.n; i++)
        r->params.p[i] = r->params.p[i + 1];
    r->params.n--;
    pass_note_symbols(cx, r);
    ir_walk(r, see_pair, &j);
    for (int i = 0; i < j.loads.n; i++)
        if (!j.loads.p[i]->dropped)
            join_load(&j, j.loads.p[i]);
    map->type = joined(cx, old, at);
    IrBuilder after = { map->parent->fn, map->parent, map->next, map->span };
    IrNode *y = ir_add1(&after, OP_reshape, old, map);
    ir_replace(map, y);
    ir_set_in(y, 0, map);
    cx->changed++;
    return y;
}

typedef struct Weights { PassCx *cx; const IrNode *a, *b; bool found; } Weights;

static void see_weights(void *user, IrNode *n)
{
    Weights *w = user;
    bool dear = n->op == OP_load && n->in[0]->op == OP_map && pass_is_dear(n->in[0]);
    w->found = w->found || (dear && !pass_depends_on(w->cx, n, w->a) && !pass_depends_on(w->cx, n, w->b));
}

/* Are the last two indices those of values alone: does it reduce something that costs much and has neither? */
static bool are_columns(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    int at = r->params.n - 2;
    if (at < 1 || pass_guard(r) || map->load_time || r->params.p[at]->op != OP_index || r->params.p[at + 1]->op != OP_index || !is_pair(cx, map, at))
        return false;
    Weights w = { cx, r->params.p[at], r->params.p[at + 1], false };
    ir_walk(r, see_weights, &w);
    return w.found;
}

IrNode *pass_join_columns(PassCx *cx, IrNode *map, IrNode **whole)
{
    IrNode *last = map;
    *whole = NULL;
    while (are_columns(cx, last)) {
        IrBuilder b = { map->parent->fn, map->parent, map, map->span };
        Map nodes = map_new(cx->arena);
        IrNode *copy = last == map ? ir_clone_node(&b, map, &nodes, NULL, NULL) : last;
        if (last == map)
            pass_note_symbols(cx, copy->regions[0]);
        IrNode *y = join(cx, copy, copy->regions[0]->params.n - 2);
        *whole = *whole ? *whole : y;
        last = copy;
    }
    return *whole ? last : NULL;
}

static void collapse(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    if (pass_guard(r) || map->load_time)
        return;
    for (int at = r->params.n - 2; at >= 0; at--)
        if (at + 1 < r->params.n && is_pair(cx, map, at))
            join(cx, map, at);
}

bool pass_collapse(PassCx *cx, IrFn *fn)
{
    pass_each_map(cx, fn->body, collapse);
    return true;
}
