/* comb.c - what lanes of a window read at a step (`x[c, 2 * y + i, 2 * z + j]`, by channel) is sorted by the rests first, so that they lie side by side.
 *
 *     map [c, y, z] { sum [i: 5, j: 5] { %w[c, i, j] * (%x[c, 2 * y + i - 2, 2 * z + j - 2] ?? 0) } }
 *
 *     %1 = map [c, e, p: 2, q] { %x[c, e - 2, 2 * q + p - 2] ?? 0 }
 *     map [c, y, z] { sum [i: 5, j: 5] { %w[c, i, j] * %1[c, 2 * y + i, j % 2, z + j // 2] } }
 *
 * The factor needs z and j as 2 * z + j alone, y and i as 2 * y + i: so it may be computed with q for z and the rest for j, with 0 for y and e for i. Each
 * element is one that the sum asks for, edges included, and asked for several times; a mask of lanes, and two reads and a shuffle for each vector, are done once.
 * Where another factor has rows that this one lacks, copies of blocks do that (tile_block_slide.c). Elements are the same, so no bit changes.
 */
#include "passes/stage/stage_int.h"
#include "passes/stream_int.h"

enum { STEP_MOST = 4, PLACES_MOST = 16, PAIRS_MOST = 4, ASKS_LEAST = 4 };

/* step * map + sum */
typedef struct Pair { IrNode *map, *sum; int64_t step, places; } Pair;

typedef struct Comb {
    PassCx *cx;
    IrNode *map, *reduce, *value, *other; /* factors: that with lanes, and the other one */
    Pair at[PAIRS_MOST];                  /* the first one has the lanes */
    int n;
    bool fails;
    IrBuilder b;                          /* in the new map */
    Map nodes, seen;
    SymMap syms;
} Comb;

static bool needs(const Comb *c, const IrNode *n, const IrNode *index) { return pass_depends_on(c->cx, n, index); }

/* How much more d is at the next place of the index; false: not always as much. */
static bool slope(const Comb *c, Dim d, const IrNode *index, int64_t *by)
{
    DimCx *cx = c->cx->module->dims;
    SymMap m = symmap_new(c->cx);
    symmap_put(&m, index->sym, dim_add(cx, dim_sym(cx, index->sym), dim_const(cx, 1)));
    return dim_is_const(dim_sub(cx, dim_subst(cx, d, symmap_subst, &m), d), by);
}

/* ---- the form ---- */

static const Pair *pair_of(const Comb *c, const IrNode *index)
{
    for (int i = 0; i < c->n; i++)
        if (c->at[i].map == index || c->at[i].sum == index)
            return &c->at[i];
    return NULL;
}

static void add_pair(Comb *c, IrNode *map, IrNode *sum, int64_t step)
{
    int64_t places = 0;
    bool fits = c->n < PAIRS_MOST && step >= 1 && step <= STEP_MOST && !pair_of(c, map) && !pair_of(c, sum) && pass_is_whole(map) && pass_is_whole(sum) &&
                dim_is_const(sum->dim, &places) && places >= step && places <= PLACES_MOST;
    c->fails = c->fails || !fits;
    if (fits)
        c->at[c->n++] = (Pair){ map, sum, step, places };
}

/* A whole number that something other than arithmetic takes: of each pair it has step * map + sum, or neither. */
static void see_number(Comb *c, IrNode *x)
{
    IrRegion *m = c->map->regions[0], *s = c->reduce->regions[0];
    IrNode *of_map = NULL, *of_sum = NULL;
    int64_t step = 0, one = 0;
    for (int i = 0; i < m->params.n; i++)
        if (needs(c, x, m->params.p[i])) {
            c->fails = c->fails || of_map;
            of_map = m->params.p[i];
        }
    for (int i = 0; i < s->params.n; i++)
        if (needs(c, x, s->params.p[i])) {
            c->fails = c->fails || of_sum;
            of_sum = s->params.p[i];
        }
    if (c->fails || (!of_map && !of_sum))
        return;
    if (!of_map || !of_sum) { /* one alone: it may be in no pair, and is looked at again when all are known */
        c->fails = pair_of(c, of_map ? of_map : of_sum);
        return;
    }
    Dim d = pass_dim_through(c->cx, x);
    if (!slope(c, d, of_map, &step) || !slope(c, d, of_sum, &one) || one != 1)
        c->fails = true;
    else if (!pair_of(c, of_map))
        add_pair(c, of_map, of_sum, step);
    else
        c->fails = pair_of(c, of_map)->sum != of_sum || pair_of(c, of_map)->step != step;
}

static bool is_arithmetic(const IrNode *n) { return n->type.dtype == DT_i64 && (n->op == OP_add || n->op == OP_sub || n->op == OP_mul || n->op == OP_dim || n->op == OP_const || n->op == OP_index); }

static void see_cone(Comb *c, IrNode *n)
{
    if (!ir_inside(n, c->map->regions[0]) || map_find(&c->seen, n) || c->fails)
        return;
    map_put(&c->seen, n, n);
    bool choice = n->op == OP_if && n->nregions == 2;
    c->fails = n->op == OP_reduce || (n->nregions && !choice) || (ir_info(n)->effects & (FAULTS | PINNED)) || pass_is_elementary((IrOp)n->op) || (n->op == OP_dim && pass_dim_depends(c->cx, n->dim, c->map->regions[0]));
    for (int i = 0; i < n->nin; i++) {
        if (n->in[i]->type.dtype == DT_i64 && !n->in[i]->type.rank && !is_arithmetic(n))
            see_number(c, n->in[i]);
        see_cone(c, n->in[i]);
    }
    for (int i = 0; choice && i < 2; i++)
        for (IrNode *k = n->regions[i]->first; k; k = k->next)
            see_cone(c, k);
}

static bool lacks_none(const Comb *c)
{
    const IrRegion *r = c->map->regions[0];
    for (int i = 0; i < r->params.n; i++)
        if (needs(c, c->other, r->params.p[i]) && !needs(c, c->value, r->params.p[i]))
            return false;
    return true;
}

static bool find(Comb *c)
{
    IrNode *product = ir_terminator(c->reduce->regions[0])->in[0], *lanes = tile_lane_axis(c->cx, c->map);
    if (!lanes || lanes != vec_last(&c->map->regions[0]->params) || product->op != OP_mul || !dtype_is_float(product->type.dtype))
        return false;
    int side = needs(c, product->in[0], lanes) ? 0 : 1;
    c->value = product->in[side];
    c->other = product->in[!side];
    if (!needs(c, c->value, lanes) || needs(c, c->other, lanes) || !lacks_none(c) || !ir_inside(c->value, c->reduce->regions[0]) || c->value->sym)
        return false;
    for (int again = 0; again < 2; again++) { /* the second time all pairs are known */
        c->seen = map_new(c->cx->arena);
        see_cone(c, c->value);
    }
    int64_t asks = 1, elements = 1;
    for (int i = 0; i < c->n && !c->fails; i++) {
        if (c->at[i].map == lanes) {
            Pair first = c->at[0];
            c->at[0] = c->at[i];
            c->at[i] = first;
        }
        asks *= c->at[i].places;
        elements *= c->at[i].step;
    }
    return !c->fails && c->n && c->at[0].map == lanes && c->at[0].step > 1 && asks >= ASKS_LEAST * elements;
}

/* ---- the tensor ---- */

static void stands_for(Comb *c, IrNode *old, IrNode *by)
{
    map_put(&c->nodes, old, by);
    symmap_put(&c->syms, old->sym, pass_dim_of(c->cx, by));
}

/* Places of step * map + sum, of which there are none too few: a sum has at least as many places as a step. */
static Dim reach(const Comb *c, const Pair *p)
{
    DimCx *d = c->cx->module->dims;
    Dim last = dim_sub(d, p->map->dim, dim_const(d, 1));
    return dim_add(d, dim_mul(d, dim_const(d, p->step), last), dim_const(d, p->places));
}

static IrNode *axis(Comb *c, IrType *t, const char *name, Dim dim)
{
    t->dims[t->rank++] = dim;
    return ir_index_new(c->b.region, name ? name_of(c->cx->module->names, name) : NULL, NULL, dim, c->map->span);
}

static IrNode *plus(IrBuilder *b, IrNode *x, IrNode *y) { return ir_add2(b, OP_add, ir_scalar(DT_i64), x, y); }

/* Indices of which the factor needs no sum, in order; those that pairs stand for; lanes. Subscripts for the reader. */
static IrNode *axes(Comb *c, IrType *t, IrBuilder *here, IrNode **sub)
{
    DimCx *d = c->cx->module->dims;
    IrRegion *from[] = { c->map->regions[0], c->reduce->regions[0] };
    const Pair *lane = &c->at[0];
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < from[i]->params.n; k++) {
            IrNode *x = from[i]->params.p[k];
            const Pair *p = pair_of(c, x);
            if (p == lane || (p && x == p->sum) || !needs(c, c->value, x))
                continue;
            sub[t->rank] = x;
            if (p)
                sub[t->rank] = plus(here, p->step > 1 ? ir_add2(here, OP_mul, ir_scalar(DT_i64), ir_int(here, p->step), p->map) : p->map, p->sum);
            IrNode *y = axis(c, t, x->name, p ? reach(c, p) : x->dim);
            stands_for(c, p ? p->sum : x, y);
            if (p)
                stands_for(c, p->map, ir_int(&c->b, 0));
        }
    Dim step = dim_const(d, lane->step), j = dim_sym(d, lane->sum->sym);
    sub[t->rank] = ir_dim_value(here, dim_mod(d, j, step));
    IrNode *rest = axis(c, t, "rest", step);
    stands_for(c, lane->sum, rest);
    sub[t->rank] = plus(here, lane->map, ir_dim_value(here, dim_floordiv(d, j, step)));
    IrNode *q = axis(c, t, lane->map->name, dim_floordiv(d, dim_add(d, reach(c, lane), dim_const(d, lane->step - 1)), step));
    stands_for(c, lane->map, q);
    Dim at = dim_add(d, dim_mul(d, step, dim_sym(d, q->sym)), dim_sym(d, rest->sym));
    return ir_add2(&c->b, OP_lt, ir_scalar(DT_bool), ir_dim_value(&c->b, at), ir_dim_value(&c->b, reach(c, lane)));
}

static void sort(Comb *c)
{
    IrBuilder before = { c->map->parent->fn, c->map->parent, c->map, c->map->span }, here = { before.fn, c->value->parent, c->value, c->value->span };
    IrNode *sub[IR_RANK_MOST + 2];
    IrType type = { c->value->type.dtype, 0, NEWN(c->cx->module->arena, Dim, IR_RANK_MOST) };
    IrNode *map = ir_add0(&before, OP_map, type);
    c->b = (IrBuilder){ before.fn, ir_region_new(before.fn, map), NULL, c->map->span };
    c->nodes = map_new(c->cx->arena);
    c->syms = symmap_new(c->cx);
    IrNode *inside = axes(c, &type, &here, sub);
    map->type = type;
    IrNode *y[] = { pass_copied(c->cx, &c->b, c->value, c->map->regions[0], &c->nodes, &c->syms), inside };
    ir_yield(&c->b, 2, y);
    pass_note_symbols(c->cx, c->b.region);
    ir_replace(c->value, ir_load(&here, map, type.rank, sub));
    c->cx->changed++;
}

static void visit(PassCx *cx, IrNode *map)
{
    const IrRegion *r = map->regions[0];
    if (map->load_time || pass_guard(r) || pass_faults(map) || !r->params.n || r->params.n + 2 > IR_RANK_MOST)
        return;
    for (IrNode *n = r->first; n; n = n->next) {
        Comb c = { .cx = cx, .map = map, .reduce = n };
        if (n->op == OP_reduce && n->order == ORDER_contract && !n->stream && !pass_guard(n->regions[0]) && find(&c))
            sort(&c);
    }
}

bool pass_comb(PassCx *cx, IrFn *fn)
{
    pass_each_map(cx, fn->body, visit);
    return true;
}
