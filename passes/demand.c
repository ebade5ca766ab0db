/* demand.c - compute only what is read (rule 3 of PASSES.md, from the reader's side).
 *
 *     %s = map [i: T, j: S] {...}                           %s = map [i: T, j: S | j <= i] {...}
 *     %p = map [i: T] { sum [j: S | j <= i] { %s[i, j] } }  %p = ...
 *
 * A comparison that guards every load of a tensor, said in the tensor's own indices, guards the tensor too: outside of it nobody reads.
 * Only comparisons of indices, dims and integers that are known before the tensor count. Streams get none: their rows are computed in tiles.
 */
#include "passes/stream_int.h"

typedef struct Limit { Dim slack; } Limit; /* slack >= 0, in the map's own index symbols */
typedef VEC(Limit) Limits;

typedef struct Demand { PassCx *cx; IrNode *map; SymMap to_map; } Demand;

static bool known_before(Demand *d, DimSym *s)
{
    IrNode *def = map_find(&d->cx->sym_nodes, s);
    IrRegion *r = d->map->regions[0];
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i]->sym == s)
            return true;
    if (!def)
        return true; /* a dim of the function */
    return def->op == OP_param || ((def->op == OP_index || def->op == OP_arg) && ir_inside(d->map, def->parent));
}

typedef struct Known { Demand *d; bool all; } Known;

static void see_sym(void *user, DimSym *s)
{
    Known *k = user;
    k->all = k->all && known_before(k->d, s);
}

static void add_limit(Demand *d, Limits *v, Dim slack, Arena *a)
{
    Dim own = dim_subst(d->cx->module->dims, slack, symmap_subst, &d->to_map);
    Known k = { d, true };
    dim_syms(own, see_sym, &k);
    Limit l = { own };
    if (k.all)
        vec_push(a, v, l);
}

static void limits_of_guard(Demand *d, IrNode *g, Limits *v)
{
    DimCx *cx = d->cx->module->dims;
    if (g->op == OP_and) {
        limits_of_guard(d, g->in[0], v);
        limits_of_guard(d, g->in[1], v);
        return;
    }
    if (pass_and_then(g)) {
        limits_of_guard(d, pass_and_then(g), v);
        return;
    }
    if ((g->op != OP_le && g->op != OP_lt) || g->in[0]->type.dtype != DT_i64)
        return;
    Dim slack = dim_sub(cx, pass_dim_of(d->cx, g->in[1]), pass_dim_of(d->cx, g->in[0]));
    add_limit(d, v, g->op == OP_lt ? dim_sub(cx, slack, dim_const(cx, 1)) : slack, d->cx->arena);
}

/* Guards around a load: of each reduction and map whose value (not whose guard) needs it. */
static bool is_under_guard(const IrNode *n, const IrRegion *r, const IrNode *guard)
{
    const IrNode *a = pass_ancestor_in((IrNode *)(uintptr_t)n, r);
    if (!a || a == guard)
        return false;
    for (const IrUse *u = a->uses; u; u = u->next) /* what the guard itself reads is read before it is known */
        if (u->user == guard)
            return false;
    return true;
}

static Limits limits_at(Demand *d, IrNode *load)
{
    Limits v = { 0 };
    IrRegion *mine = d->map->regions[0];
    d->to_map = symmap_new(d->cx);
    for (int i = 1; i < load->nin; i++)
        if (load->in[i]->op == OP_index && load->in[i]->sym)
            symmap_put(&d->to_map, load->in[i]->sym, dim_sym(d->cx->module->dims, mine->params.p[i - 1]->sym));
    for (IrRegion *r = load->parent; r && r->owner; r = r->owner->parent) {
        IrNode *g = r->owner->op == OP_reduce || r->owner->op == OP_map || r->owner->op == OP_scatter ? pass_guard(r) : NULL;
        if (g && is_under_guard(load, r, g))
            limits_of_guard(d, g, &v);
    }
    return v;
}

static bool has_limit(const Limits *v, Dim slack)
{
    for (int i = 0; i < v->n; i++)
        if (v->p[i].slack == slack)
            return true;
    return false;
}

static bool reads_plainly(const IrNode *load, const IrNode *map)
{
    for (int i = 1; i < load->nin; i++)
        for (int j = 1; j < i; j++)
            if (load->in[i] == load->in[j])
                return false;
    return load->op == OP_load && load->in[0] == map;
}

/* The limits that hold at every load; none if anything else reads the tensor. */
static Limits common_limits(Demand *d)
{
    Limits all = { 0 };
    bool first = true;
    for (IrUse *u = d->map->uses; u; u = u->next) {
        if (u->slot != 0 || !reads_plainly(u->user, d->map))
            return (Limits){ 0 };
        Limits here = limits_at(d, u->user), kept = { 0 };
        for (int i = 0; i < all.n && !first; i++)
            if (has_limit(&here, all.p[i].slack))
                vec_push(d->cx->arena, &kept, all.p[i]);
        all = first ? here : kept;
        first = false;
    }
    return all;
}

static void add_guard(Demand *d, const Limits *v)
{
    IrRegion *r = d->map->regions[0];
    IrNode *y = ir_terminator(r), *old = pass_guard(r), *value = y->in[0], *g = old;
    IrBuilder b = { r->fn, r, y, d->map->span };
    for (int i = 0; i < v->n; i++) {
        IrNode *c = ir_add2(&b, OP_le, ir_scalar(DT_bool), ir_int(&b, 0), ir_dim_value(&b, v->p[i].slack));
        g = g ? ir_add2(&b, OP_and, ir_scalar(DT_bool), g, c) : c;
    }
    ir_drop(y);
    b.before = NULL;
    ir_yield(&b, 2, (IrNode *[]){ value, g });
    d->cx->changed++;
}

static void visit(void *user, IrNode *n)
{
    Demand d = { .cx = user, .map = n };
    if (n->op != OP_map || !n->uses || pass_has_stream(n) || pass_faults(n)) /* an element that nobody reads may fault, too */
        return;
    Limits v = common_limits(&d);
    if (v.n && v.n <= 4)
        add_guard(&d, &v);
}

bool pass_demand(PassCx *cx, IrFn *fn)
{
    pass_cut_guards(cx, fn);
    ir_walk(fn->body, visit, cx);
    return true;
}
