/* tile_scatter.c - a scatter is one kernel: its elements begin at the identity, then values are combined into them one after the other.
 *
 *     scatter sum [i: N, b: B, d: D] { yield v, g, b, k, d }
 *
 *     kernel [b: B, c: parts of D] {
 *       tfor seq [k: M] { tfor lanes [d] { store %s[b, k, d], 0 } }
 *       tfor seq [i: N] { if g { tfor lanes [d] { store %s[b, k, d], %s[b, k, d] + v } } } }
 *
 * An index that is itself a place of the result is free: two of its values never meet, so it is an axis of the grid, or runs in lanes
 * where its places lie side by side. The others run in order. Each point sees all of them, so no two threads write one element.
 * Several scatters of the same places are one kernel (tile_scatter_also.c): each has its memory, value and operator.
 * One that has an operand begins with what that holds, in its memory where nobody reads it afterwards.
 */
#include "passes/tile/tile_int.h"

enum { LANE_CHUNK = 256 };

typedef struct Scatter {
    Tile *t;
    IrNode *n, *lane;        /* lane: the free index that runs in lanes, or NULL */
    IrNode *chunk;           /* the grid's index over parts of it, or NULL */
    IrRegion *body, *grid;
    const ScatterPart *parts;
    int nparts;
    Map of_guard, in_lanes;  /* nodes that the guard needs; that differ from lane to lane */
} Scatter;

static IrNode *guard_of(const Scatter *s) { return ir_terminator(s->body)->in[1]; }
static IrNode *place_of(const Scatter *s, int axis) { return ir_terminator(s->body)->in[2 + axis]; }

/* The axis whose place is the index; -1: none, or it is two of them. */
static int axis_of(const Scatter *s, const IrNode *x)
{
    int axis = -1;
    for (int i = 0; i < s->n->type.rank; i++)
        if (place_of(s, i) == x)
            axis = axis < 0 ? i : -1;
    return axis;
}

static bool is_free(const Scatter *s, const IrNode *x) { return x->op == OP_index && axis_of(s, x) >= 0; }

/* ---- loops --------------------------------------------------------------------------------------------------------------- */

static IrNode *open_loop(Scatter *s, IrBuilder *b, IrLoop kind, Name name, Dim lo, Dim extent)
{
    IrNode *f = ir_add0(b, OP_tfor, ir_scalar(DT_none));
    IrRegion *r = ir_region_new(s->t->fn, f);
    f->loop = (uint8_t)kind;
    *b = (IrBuilder){ s->t->fn, r, NULL, s->n->span };
    return ir_index_new(r, name, lo, extent, s->n->span);
}

static IrNode *open_lanes(Scatter *s, IrBuilder *b)
{
    DimCx *d = s->t->cx->module->dims;
    Dim extent = tile_dim(s->t, s->lane->dim), lo = NULL;
    if (s->chunk) {
        lo = dim_mul(d, dim_const(d, LANE_CHUNK), dim_sym(d, s->chunk->sym));
        extent = dim_min(d, dim_const(d, LANE_CHUNK), dim_sub(d, extent, lo));
    }
    return open_loop(s, b, LOOP_lanes, s->lane->name, lo, extent);
}

static void make_grid(Scatter *s)
{
    Tile *t = s->t;
    DimCx *d = t->cx->module->dims;
    int64_t n;
    s->grid = ir_region_new(t->fn, ir_add0(&t->b, OP_kernel, ir_scalar(DT_none)));
    for (int i = 0; i < s->body->params.n; i++) {
        IrNode *x = s->body->params.p[i];
        if (x == s->lane || !is_free(s, x))
            continue;
        IrNode *at = ir_index_new(s->grid, x->name, NULL, tile_dim(t, x->dim), x->span);
        map_put(&t->nodes, x, at); /* without its bounds: elements outside of them begin at the identity, too */
        symmap_put(&t->syms, x->sym, dim_sym(d, at->sym));
    }
    if (s->lane && !(dim_is_const(tile_dim(t, s->lane->dim), &n) && n <= LANE_CHUNK)) {
        Dim parts = tile_ceil_div(d, tile_dim(t, s->lane->dim), LANE_CHUNK);
        s->chunk = ir_index_new(s->grid, name_of(t->cx->module->names, "c"), NULL, parts, s->n->span);
    }
}

/* ---- elements -------------------------------------------------------------------------------------------------------------- */

/* Subscripts in the destination of the element at these places (in new nodes, one for each axis of the scatter). */
static int subscripts(const Dest *d, IrBuilder *b, IrNode *const *place, IrNode **subs)
{
    for (int i = 0; i < d->rank; i++) {
        IrNode *x = d->axis[i] >= 0 ? place[d->axis[i]] : NULL;
        if (d->start[i])
            x = x ? ir_add2(b, OP_add, ir_scalar(DT_i64), d->start[i], x) : d->start[i];
        subs[i] = x ? x : ir_int(b, 0);
    }
    return d->rank;
}

static IrNode *combine(IrBuilder *b, RedOp op, IrNode *x, IrNode *y)
{
    static const IrOp ops[] = { [RED_sum] = OP_add, [RED_prod] = OP_mul, [RED_max] = OP_max, [RED_min] = OP_min,
                                [RED_all] = OP_and, [RED_any] = OP_or };
    return ir_add2(b, ops[op], x->type, x, y);
}

static void store(const ScatterPart *p, IrBuilder *b, IrNode *const *place, IrNode *value)
{
    IrNode *in[2 + 17] = { p->dest.buffer, value };
    int n = subscripts(&p->dest, b, place, in + 2);
    b->span = p->n->span;
    ir_add(b, OP_store, ir_scalar(DT_none), n + 2, in);
}

/* Every element of this point begins at the identity. The last axis runs in lanes wherever it can. */
static void begin(Scatter *s)
{
    IrBuilder b = { s->t->fn, s->grid, NULL, s->n->span };
    IrNode *place[17];
    int last = s->n->type.rank - 1;
    for (int i = 0; i <= last; i++) {
        IrNode *x = place_of(s, i);
        if (x == s->lane)
            place[i] = open_lanes(s, &b);
        else if (is_free(s, x))
            place[i] = map_find(&s->t->nodes, x);
        else
            place[i] = open_loop(s, &b, i == last ? LOOP_lanes : LOOP_seq, x->name, NULL, tile_dim(s->t, s->n->type.dims[i]));
    }
    for (int i = 0; i < s->nparts; i++)
        store(&s->parts[i], &b, place, pass_identity(&b, (RedOp)s->parts[i].n->redop, s->parts[i].n->type.dtype));
}

/* ---- one turn ---------------------------------------------------------------------------------------------------------------- */

static void note_guard(void *user, IrNode *n)
{
    Scatter *s = user;
    for (int i = 0; i < n->nin; i++) {
        IrNode *x = n->in[i];
        if (x->parent != s->body || map_find(&s->of_guard, x))
            continue;
        map_put(&s->of_guard, x, x);
        note_guard(s, x);
        for (int k = 0; k < x->nregions; k++)
            ir_walk(x->regions[k], note_guard, s);
    }
}

static void note_whole_guard(Scatter *s)
{
    IrNode probe = { .nin = 1, .in = (IrNode *[]){ guard_of(s) } };
    note_guard(s, &probe);
}

static void note_lanes(Scatter *s)
{
    for (IrNode *n = s->body->first; n && s->lane; n = n->next)
        if (pass_depends_on(s->t->cx, n, s->lane))
            map_put(&s->in_lanes, n, n);
}

static bool in_lanes(Scatter *s, const IrNode *n) { return n == s->lane || map_find(&s->in_lanes, n); }

typedef VEC(IrNode *) Nodes;

/* The conjuncts of g: those that are the same in all lanes, and the others. */
static void split(Scatter *s, IrNode *g, Nodes *same, Nodes *others)
{
    if (g->op == OP_and && g->parent == s->body) {
        split(s, g->in[0], same, others);
        split(s, g->in[1], same, others);
        return;
    }
    if (in_lanes(s, g))
        vec_push(s->t->cx->arena, others, g);
    else
        vec_push(s->t->cx->arena, same, g);
}

/* if all of v { *b } */
static void open_if(Scatter *s, IrBuilder *b, const Nodes *v)
{
    IrNode *c = NULL;
    for (int i = 0; i < v->n; i++) {
        IrNode *x = tile_scalar(s->t, v->p[i]);
        c = c ? ir_add2(b, OP_and, ir_scalar(DT_bool), c, x) : x;
    }
    if (!c)
        return;
    IrNode *choice = ir_add1(b, OP_if, ir_scalar(DT_none), c);
    IrBuilder yes = { s->t->fn, ir_region_new(s->t->fn, choice), NULL, b->span }, no = { s->t->fn, ir_region_new(s->t->fn, choice), NULL, b->span };
    IrNode *end = ir_yield(&yes, 0, NULL);
    ir_yield(&no, 0, NULL);
    yes.before = end;
    *b = yes;
}

typedef struct Ready { Scatter *s; bool all; } Ready;

static void see_ready(void *user, IrNode *n)
{
    Ready *r = user;
    for (int i = 0; i < n->nin; i++)
        if (n->in[i]->parent == r->s->body && !map_find(&r->s->t->nodes, n->in[i]))
            r->all = false;
}

/* May it run whatever the guard says, with operands that are there? */
static bool may_run_early(Scatter *s, IrNode *n)
{
    Ready r = { s, true };
    see_ready(&r, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], see_ready, &r);
    return r.all && pass_is_total(s->t->cx, n);
}

/* Nodes for which the guard is asked, or the others, that stand (or do not stand) in lanes; of these those that may run early, or the rest. */
static void copy_nodes(Scatter *s, IrBuilder *b, bool guard, bool lanes, bool early)
{
    for (IrNode *n = s->body->first; n && n->op != OP_yield && !s->t->failed; n = n->next)
        if ((map_find(&s->of_guard, n) != NULL) == guard && in_lanes(s, n) == lanes && !map_find(&s->t->nodes, n) &&
            (!early || may_run_early(s, n)))
            map_put(&s->t->nodes, n, tile_clone(s->t, b, n));
}

static void open_turns(Scatter *s, IrBuilder *b)
{
    for (int i = 0; i < s->body->params.n; i++) {
        IrNode *x = s->body->params.p[i];
        if (x != s->lane && !is_free(s, x))
            tile_map_index(s->t, x, open_loop(s, b, LOOP_seq, x->name, tile_dim(s->t, x->lo), tile_dim(s->t, x->dim)));
    }
}

static void turn(Scatter *s)
{
    IrBuilder b = { s->t->fn, s->grid, NULL, s->n->span };
    Nodes same = { 0 }, others = { 0 };
    IrNode *place[17];
    open_turns(s, &b);
    copy_nodes(s, &b, true, false, false);
    split(s, guard_of(s), &same, &others);
    open_if(s, &b, &same);
    copy_nodes(s, &b, false, false, others.n > 0);
    if (s->lane)
        tile_map_index(s->t, s->lane, open_lanes(s, &b));
    copy_nodes(s, &b, true, true, false);
    open_if(s, &b, &others);
    copy_nodes(s, &b, false, false, false);
    copy_nodes(s, &b, false, true, false);
    if (s->t->failed)
        return;
    for (int i = 0; i < s->n->type.rank; i++)
        place[i] = tile_scalar(s->t, place_of(s, i));
    for (int i = 0; i < s->nparts; i++) {
        const ScatterPart *p = &s->parts[i];
        IrNode *in[17] = { p->dest.buffer };
        int n = subscripts(&p->dest, &b, place, in + 1);
        IrNode *old = ir_add(&b, OP_load, ir_scalar(p->n->type.dtype), n + 1, in);
        store(p, &b, place, combine(&b, (RedOp)p->n->redop, old, tile_scalar(s->t, p->value)));
    }
}

/* Lanes run over the last axis where its place is the last index. */
static IrNode *lane_axis(Scatter *s)
{
    IrNode *x = tile_lane_axis(s->t->cx, s->n);
    return x && axis_of(s, x) == s->n->type.rank - 1 ? x : NULL;
}

void tile_scatter(Tile *t, IrNode *n, const ScatterPart *parts, int nparts)
{
    Scatter s = { .t = t, .n = n, .body = n->regions[0], .parts = parts, .nparts = nparts, .of_guard = map_new(t->cx->arena), .in_lanes = map_new(t->cx->arena) };
    s.lane = lane_axis(&s);
    note_whole_guard(&s);
    note_lanes(&s);
    make_grid(&s);
    if (!n->nin)
        begin(&s);
    turn(&s);
}
