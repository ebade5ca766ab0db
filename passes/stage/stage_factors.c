/* stage_factors.c - what all lanes of a product with a weight share, and costs more than to be read, is a tensor of its own.
 *
 *     map [t, n] { sum [k] { (%e[%i[t], k] + %x[t, k]) * %w[n, k] } }
 *
 *     %0 = map [t, k] { %e[%i[t], k] + %x[t, k] }      map [t, n] { sum [k] { %0[t, k] * %w[n, k] } }
 *
 * The loops over lanes would compute it again for every two vectors of them. It is as large as something that it reads. What may fault in it faults where
 * the product would: where there is any lane, and nothing else of the map may fault. No bit changes.
 */
#include "passes/stage/stage_int.h"
#include "passes/stream_int.h"

enum { EXTRA = 2, LANES_LEAST = 64 }; /* nodes beside one load; lanes for which a factor is computed again */

static void see_fault(void *user, IrNode *n) { *(int *)user += (ir_info(n)->effects & (FAULTS | PINNED)) != 0; }

typedef struct Factor { PassCx *cx; const IrRegion *r; Map seen; int nodes, faults; } Factor;

static bool needs_place(const Factor *f, const IrNode *x)
{
    bool found = false;
    for (int i = 0; i < f->r->params.n; i++)
        found = found || pass_depends_on(f->cx, x, f->r->params.p[i]);
    return found;
}

static bool is_looked_up(const IrNode *x)
{
    bool found = x->op == OP_load;
    for (int i = 0; i < x->nin && x->op != OP_load && !found; i++)
        found = is_looked_up(x->in[i]);
    return found;
}

/* Places in memory are known for a whole row, but those that are looked up. */
static bool is_address(const IrNode *x) { return !dtype_is_float(x->type.dtype) && x->op != OP_load && !x->nregions && !is_looked_up(x); }

/* Nodes of the factor that each place of the sum computes; faults: of all. */
static void see(Factor *f, IrNode *x)
{
    if (x->op == OP_index || x->op == OP_const || map_find(&f->seen, x))
        return;
    map_put(&f->seen, x, x);
    bool inside = ir_inside(x, f->r);
    f->nodes += inside && !is_address(x) && (needs_place(f, x) || (ir_info(x)->effects & FAULTS)) ? 1 + 2 * x->nregions : 0;
    f->faults += (ir_info(x)->effects & FAULTS) != 0;
    for (int i = 0; i < x->nregions; i++)
        ir_walk(x->regions[i], see_fault, &f->faults);
    for (int i = 0; i < x->nin; i++)
        see(f, x->in[i]);
}

static bool is_dear(PassCx *cx, IrNode *map, IrNode *reduce, IrNode *x)
{
    Factor f = { cx, reduce->regions[0], map_new(cx->arena), 0, 0 };
    int faults = 0;
    see(&f, x);
    ir_walk(map->regions[0], see_fault, &faults);
    return f.nodes > EXTRA && (!f.faults || f.faults == faults);
}

static bool reads_weight(const IrNode *x)
{
    while (x->op == OP_cast)
        x = x->in[0];
    return x->op == OP_load && x->in[0]->op == OP_param && x->in[0]->load_time;
}

/* The factor of the weight; NULL: the sum is no such product. */
static IrNode *shared_factor(PassCx *cx, const IrNode *lanes, IrNode *n)
{
    IrNode *y = n->op == OP_reduce && n->order == ORDER_contract && n->redop == RED_sum && !n->stream ? ir_terminator(n->regions[0]) : NULL;
    if (!y || y->nin > 1 || y->in[0]->op != OP_mul || !dtype_is_float(y->in[0]->type.dtype))
        return NULL;
    for (int i = 0; i < 2; i++)
        if (reads_weight(y->in[0]->in[i]) && pass_depends_on(cx, y->in[0]->in[i], lanes) && !pass_depends_on(cx, y->in[0]->in[1 - i], lanes))
            return y->in[0]->in[1 - i];
    return NULL;
}

/* ---- which of several weights a row has: `w[%e[t], n, k]` ------------------------------------------------------------------ */

typedef struct Keys { PassCx *cx; const IrNode *lanes; VEC(IrNode *) list, loads; } Keys; /* loads: of weights, with these subscripts */

/* Of a weight that lanes run along: a subscript that rows look up. */
static void see_key(void *user, IrNode *n)
{
    Keys *k = user;
    const IrNode *sum = n->parent->owner;
    if (!reads_weight(n) || n->op != OP_load || sum->op != OP_reduce || sum->order != ORDER_contract || !pass_depends_on(k->cx, n, k->lanes))
        return;
    for (int i = 1; i < n->nin; i++)
        if (is_looked_up(n->in[i]) && !pass_depends_on(k->cx, n->in[i], k->lanes) && !pass_depends(k->cx, n->in[i], sum->regions[0])) {
            vec_push(k->cx->arena, &k->list, n->in[i]);
            vec_push(k->cx->arena, &k->loads, n);
        }
}

static bool is_equal(const IrNode *a, const IrNode *b)
{
    bool same = a == b || (a->op == b->op && a->nin == b->nin && a->imm == b->imm && !a->nregions && a->op != OP_index && a->op != OP_param && a->op != OP_map);
    if (a == b || !same || a->dim != b->dim || !ir_type_equal(a->type, b->type))
        return a == b;
    for (int i = 0; i < a->nin && same; i++)
        same = is_equal(a->in[i], b->in[i]);
    return same;
}

/* Those that are equal read one tensor. False: the key cannot be one. */
static bool give_key(PassCx *cx, IrNode *map, Keys *k, int first)
{
    IrNode *key = k->list.p[first], *made, *load;
    bool ready = key->op == OP_load;
    unsigned char *equal = NEWN(cx->arena, unsigned char, k->list.n);
    for (int i = first + 1; i < k->list.n; i++)
        equal[i] = k->list.p[i] && is_equal(key, k->list.p[i]);
    made = ready ? NULL : pass_give_name_as_asked(cx, map, key);
    if (!made && !ready)
        return false;
    load = made ? made->uses->user : NULL;
    for (int i = first + 1; i < k->list.n; i++) {
        IrNode *x = equal[i] ? k->list.p[i] : NULL;
        if (!x)
            continue;
        k->list.p[i] = NULL;
        if (ready)
            continue;
        IrBuilder here = { map->parent->fn, x->parent, x, x->span };
        ir_replace(x, ir_load(&here, made, load->nin - 1, load->in + 1));
        pass_drop_cone(x, NULL);
    }
    return true;
}

/* Of products with different keys (two experts of a token) all but the last are tensors: each goes in an order of its own. */
static void set_keys_apart(PassCx *cx, IrNode *map, const Keys *k, IrNode *const *sums)
{
    const IrNode *last = NULL;
    for (int i = 0; i < k->list.n; i++)
        last = k->list.p[i] ? sums[i] : last;
    for (int i = 0; i < k->list.n; i++)
        if (k->list.p[i] && sums[i] != last && sums[i]->parent == map->regions[0] && pass_give_name(cx, map, sums[i], false))
            ir_drop(sums[i]);
}

/* They are tensors, so that rows can be put in their order before the product (tile/tile_keyed.c). */
static void give_keys(PassCx *cx, IrNode *map, const IrNode *lanes)
{
    Keys k = { .cx = cx, .lanes = lanes };
    int faults = 0, keys = 0;
    ir_walk(map->regions[0], see_key, &k);
    ir_walk(map->regions[0], see_fault, &faults);
    IrNode **sums = NEWN(cx->arena, IrNode *, k.list.n + 1);
    for (int i = 0; i < k.list.n; i++)
        sums[i] = k.loads.p[i]->parent->owner;
    for (int i = 0; i < k.list.n && faults <= k.list.n; i++) {
        if (k.list.p[i] && !give_key(cx, map, &k, i))
            return;
        keys += k.list.p[i] != NULL;
    }
    if (keys > 1)
        set_keys_apart(cx, map, &k, sums);
}

/* ---- the same as a guard: sum [e, k | e == %pick[t]] ------------------------------------------------------------------------- */

/* What the outermost index of the sum must be, if that is all that is asked; else NULL. */
static IrNode *asked_for(PassCx *cx, const IrNode *n, const IrNode *lanes)
{
    const IrRegion *r = n->regions[0];
    const IrNode *y = ir_terminator(r), *g = pass_guard((IrRegion *)r);
    if (n->order != ORDER_contract || n->redop != RED_sum || n->stream || r->params.n < 2 || y->nin != 2 || g->op != OP_eq || r->params.p[0]->op != OP_index)
        return NULL;
    for (int i = 0; i < 2; i++) {
        IrNode *x = g->in[1 - i];
        if (g->in[i] == r->params.p[0] && !r->params.p[0]->lo && x->type.dtype == DT_i64 && !ir_inside(x, r) && is_looked_up(x) && !pass_depends_on(cx, x, lanes))
            return x;
    }
    return NULL;
}

static void see_choice_of_weight(void *user, IrNode *n)
{
    Keys *k = user;
    if (n->op == OP_load && reads_weight(n) && pass_depends_on(k->cx, n, k->lanes))
        vec_push(k->cx->arena, &k->list, n);
}

/* Of the axis that the index runs along: its number where that is a place, else the number of places, so that the bounds leave none. */
static IrNode *place_or_end(PassCx *cx, IrNode *map, IrNode *sum, IrNode *x)
{
    IrBuilder b = { map->parent->fn, sum->parent, sum, sum->span };
    IrType t = ir_scalar(DT_i64), yes = ir_scalar(DT_bool);
    IrNode *end = ir_dim_value(&b, sum->regions[0]->params.p[0]->dim);
    IrNode *inside = ir_add2(&b, OP_and, yes, ir_add2(&b, OP_le, yes, ir_int(&b, 0), x), ir_add2(&b, OP_lt, yes, x, end));
    IrNode *key = ir_add3(&b, OP_select, t, inside, x, end), *made = pass_give_name(cx, map, key, false);
    IrNode *load = made ? made->uses->user : NULL;
    pass_drop_cone(key, NULL);
    return load;
}

/* sum [e, k | e == x] { .. }      sum [e in key..key + 1, k] { .. } */
static void give_bounds(PassCx *cx, IrNode *map, IrNode *lanes)
{
    DimCx *d = cx->module->dims;
    for (IrNode *n = map->regions[0]->first; n; n = n->next) {
        IrNode *x = n->op == OP_reduce ? asked_for(cx, n, lanes) : NULL;
        Keys k = { .cx = cx, .lanes = lanes };
        if (x)
            ir_walk(n->regions[0], see_choice_of_weight, &k);
        IrNode *key = k.list.n ? place_or_end(cx, map, n, x) : NULL;
        if (!key)
            continue;
        IrNode *y = ir_terminator(n->regions[0]), *index = n->regions[0]->params.p[0], *value = y->in[0];
        IrBuilder b = { map->parent->fn, n->regions[0], NULL, y->span };
        index->from = pass_dim_of(cx, key);
        index->to = dim_min(d, index->dim, dim_add(d, index->from, dim_const(d, 1)));
        ir_drop(y);
        ir_yield(&b, 1, &value);
        pass_drop_unused(n->regions[0]);
    }
}

/* ---- where lanes of a part begin anywhere: `w[n + %o, k]` -------------------------------------------------------------------- */

static void see_offset(void *user, IrNode *n)
{
    Keys *k = user;
    const IrNode *sum = n->parent->owner;
    if (n->op != OP_load || !reads_weight(n) || sum->op != OP_reduce || sum->order != ORDER_contract)
        return;
    for (int i = 1; i < n->nin; i++)
        if (n->in[i]->op == OP_clampi && pass_depends_on(k->cx, n->in[i], k->lanes) && !pass_depends(k->cx, n->in[i], sum->regions[0]) && !is_looked_up(n->in[i]))
            vec_push(k->cx->arena, &k->list, n);
}

/* Where any element asks. */
static void search(PassCx *cx, const IrNode *map, IrNode *made)
{
    IrBuilder b = { map->parent->fn, map->parent, made, made->span };
    IrNode *first = made->regions[0]->params.p[0], *choice = NULL;
    Dim any = first->to;
    first->to = NULL;
    if (any)
        choice = ir_add1(&b, OP_if, ir_scalar(DT_none), ir_add2(&b, OP_lt, ir_scalar(DT_bool), ir_int(&b, 0), ir_dim_value(&b, any)));
    for (int side = 0; side < (any ? 2 : 1); side++) {
        b = any ? (IrBuilder){ b.fn, ir_region_new(b.fn, choice), NULL, made->span } : b;
        if (!side)
            pass_search_faults(cx, b, made, NULL);
        if (any)
            ir_yield(&b, 0, NULL);
    }
}

/* Whether a place is outside is asked before the product; the subscript is then what it is, so that lanes can begin where a panel does (stage_part.c). */
static bool ask_before(PassCx *cx, IrNode *map, IrNode *load, int i)
{
    IrNode *old = load->in[i];
    IrBuilder here = { map->parent->fn, load->parent, load, old->span };
    IrNode *c = ir_add3(&here, OP_clampi, old->type, old->in[0], old->in[1], old->in[2]);
    c->imm = old->imm;
    IrNode *made = pass_give_name_as_asked(cx, map, c);
    if (!made) {
        ir_drop(c);
        return false;
    }
    search(cx, map, made);
    while (made->uses)
        ir_drop(made->uses->user);
    ir_drop(made);
    ir_set_in(load, i, old->in[0]);
    pass_drop_cone(old, NULL);
    return true;
}

static void give_offsets(PassCx *cx, IrNode *map, const IrNode *lanes)
{
    Keys k = { .cx = cx, .lanes = lanes };
    int faults = 0;
    ir_walk(map->regions[0], see_offset, &k);
    ir_walk(map->regions[0], see_fault, &faults);
    for (int n = 0; n < k.list.n && faults == k.list.n; n++)
        for (int i = 1; i < k.list.p[n]->nin; i++)
            if (k.list.p[n]->in[i]->op == OP_clampi && pass_depends_on(cx, k.list.p[n]->in[i], lanes) && !ask_before(cx, map, k.list.p[n], i))
                return;
}

static void give_names(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    IrNode *lanes = r->params.n ? tile_lane_axis(cx, map) : NULL;
    int64_t few;
    if (!lanes || pass_guard(r) || map->load_time || pass_has_stream(map) || (dim_is_const(lanes->dim, &few) && few < LANES_LEAST))
        return;
    give_offsets(cx, map, lanes);
    give_keys(cx, map, lanes);
    give_bounds(cx, map, lanes);
    for (IrNode *n = r->first; n; n = n->next) {
        IrNode *x = shared_factor(cx, lanes, n);
        if (x && is_dear(cx, map, n, x))
            pass_give_name_as_asked(cx, map, x);
    }
}

void stage_factors(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_map && n->uses)
            give_names(cx, n);
        for (int i = 0; i < n->nregions && (n->op == OP_for || n->op == OP_while || n->op == OP_if); i++)
            stage_factors(cx, n->regions[i]);
    }
}
