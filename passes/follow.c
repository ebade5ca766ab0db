/* follow.c - what reads a recurrence place by place, and is smaller than a place, is computed in the turn that fills it.
 *
 *     %s = for 0, T, %z [t] (%a) { %r = map [d, e] { .. %a[t - 1, d, e] .. }; yield update %a[t, 0: D, 0: E], %r }
 *     %y = map [t, e] { sum [d] { %q[t, d] * %s[t, d, e] } }
 *
 * becomes
 *
 *     %l = for 0, T, %z, %blank [t] (%a, %b) { ..; %v = update %a[t, 0: D, 0: E], %r
 *       %m = map [e] { sum [d] { %q[t, d] * %v[t, d, e] } }; yield %v, update %b[t, 0: E], %m }
 *
 * so that `ring` keeps the last places only: a state of D x E for each of T turns (linear attention, delta rules, state spaces) is never
 * in memory, and is read while it is near. Readers may look at earlier places, too. Only where the tensor is larger than what it is made of, and
 * all its readers are such, or ask for its last places, and have fewer axes. No value changes: each sum has the order that it had.
 */
#include "passes/pass_int.h"

#include <string.h>

enum { LAST_MOST = 64 };

typedef struct Slot { IrNode *update; Dim place; int axis; bool fills; } Slot; /* each turn writes a place of its own, as a whole */

typedef struct Follow {
    PassCx *cx;
    IrNode *loop, *place;  /* where the new loop stands */
    Dim turns;
    bool backwards;
    int count;
    Slot *slots;
    VEC(IrNode *) maps, index; /* readers, and the index of each that runs over the turns */
} Follow;

/* ---- what the turns fill ------------------------------------------------------------------------------------------------------ */

/* Slot k is a tensor of which each turn writes its own place, as a whole. */
static bool fills(Follow *f, int k)
{
    IrRegion *r = f->loop->regions[0];
    DimCx *d = f->cx->module->dims;
    IrNode *u = ir_terminator(r)->in[k], *index = r->params.p[0];
    int axis = -1;
    if (u->op != OP_update || u->in[0] != r->params.p[1 + k] || u->parent != r)
        return false;
    for (int i = 0; i < u->type.rank; i++)
        if (!u->box[i] && axis >= 0)
            return false;
        else if (!u->box[i])
            axis = i;
        else if (u->box[i] != u->type.dims[i] || u->in[2 + i]->op != OP_const || u->in[2 + i]->imm)
            return false;
    if (axis < 0 || !pass_is_affine(u->in[2 + axis]) || u->type.dims[axis] != f->turns || index->lo || index->from || index->to)
        return false;
    Dim p = pass_dim_of(f->cx, u->in[2 + axis]), t = dim_sym(d, index->sym);
    bool forwards = p == t;
    if (!forwards && p != dim_sub(d, dim_sub(d, f->turns, dim_const(d, 1)), t))
        return false;
    f->slots[k] = (Slot){ u, p, axis, true };
    return true;
}

/* It runs over all places. */
static bool runs_whole(Follow *f)
{
    DimCx *d = f->cx->module->dims;
    IrNode *lo = f->loop->in[0], *hi = f->loop->in[1];
    return pass_is_affine(lo) && pass_is_affine(hi) && pass_dim_of(f->cx, lo) == dim_const(d, 0) && pass_dim_of(f->cx, hi) == f->turns;
}

typedef struct Read { const Follow *f; int rank; bool found; } Read;

/* A tensor from outside of the loop that has as many axes, of which a turn reads a place of its own. */
static void see_read(void *user, IrNode *n)
{
    Read *r = user;
    if (n->op != OP_load || ir_inside(n->in[0], r->f->loop->regions[0]) || n->in[0]->type.rank < r->rank)
        return;
    for (int i = 1; i < n->nin && !r->found; i++)
        r->found = pass_depends(r->f->cx, n->in[i], r->f->loop->regions[0]);
}

/* The slot is larger than what it is made of (a state of products): else it costs no more than that to store it, and turns that need nothing but
 * their own places are one kernel (sweep.c). */
static bool grows(const Follow *f, int k)
{
    Read r = { f, f->slots[k].update->type.rank, false };
    ir_walk(f->loop->regions[0], see_read, &r);
    return !r.found;
}

/* ---- who reads it -------------------------------------------------------------------------------------------------------------- */

/* Which value of the loop n is, or, from `count` on, which map that goes into its turns; -1: neither. */
static int source_of(const Follow *f, const IrNode *n)
{
    if (n == f->loop && n->type.dtype != DT_none)
        return 0;
    if (n->op == OP_result && n->in[0] == f->loop)
        return (int)n->imm;
    for (int i = 0; i < f->maps.n; i++)
        if (f->maps.p[i] == n)
            return f->count + i;
    return -1;
}

/* The axis of a source along which the turns go. */
static int axis_of(const Follow *f, int k)
{
    if (k < f->count)
        return f->slots[k].axis;
    const IrRegion *r = f->maps.p[k - f->count]->regions[0];
    int i = 0;
    while (r->params.p[i] != f->index.p[k - f->count])
        i++;
    return i;
}

/* How many turns before that of `at` the place was filled; false: that is not known. */
static bool distance(Follow *f, IrNode *x, Dim at, int64_t *n)
{
    DimCx *d = f->cx->module->dims;
    if (!pass_is_affine(x))
        return false;
    Dim p = pass_dim_of(f->cx, x);
    return dim_is_const(f->backwards ? dim_sub(d, p, at) : dim_sub(d, at, p), n) && *n >= 0 && *n < LAST_MOST;
}

static bool is_last(Follow *f, const IrNode *load, int k)
{
    DimCx *d = f->cx->module->dims;
    int64_t n;
    Dim last = f->backwards ? dim_const(d, 0) : dim_sub(d, f->turns, dim_const(d, 1));
    return distance(f, load->in[1 + axis_of(f, k)], last, &n);
}

/* The map's index over the turns, of whose place or earlier ones x is. */
static IrNode *index_of(Follow *f, const IrNode *map, IrNode *x)
{
    int64_t n;
    for (int i = 0; i < map->regions[0]->params.n; i++) {
        IrNode *t = map->regions[0]->params.p[i];
        if (pass_is_whole(t) && t->dim == f->turns && distance(f, x, dim_sym(f->cx->module->dims, t->sym), &n))
            return t;
    }
    return NULL;
}

static bool may_follow(const Follow *f, const IrNode *map)
{
    if (map->op != OP_map || map->parent != f->loop->parent || map->type.rank < 2 || map->sym || pass_faults(map) || pass_guard(map->regions[0]) ||
        pass_holds_tensors(map))
        return false;
    for (int i = 0; i < map->type.rank; i++)
        if (!pass_known_at_entry(map->parent->fn, map->type.dims[i]))
            return false;
    return true;
}

static bool add_map(Follow *f, IrNode *map, IrNode *x)
{
    for (int i = 0; i < f->maps.n && x; i++)
        if (f->maps.p[i] == map)
            return f->index.p[i] == x;
    if (!x)
        return false;
    vec_push(f->cx->arena, &f->maps, map);
    vec_push(f->cx->arena, &f->index, x);
    return true;
}

/* A load of slot k, which stands in a smaller map that may follow, or is of a last place. */
static bool note_reader(Follow *f, const IrUse *u, int k)
{
    IrNode *load = u->user, *map = load->op == OP_load && u->slot == 0 ? pass_ancestor_in(load, f->loop->parent) : NULL;
    if (!map || is_last(f, load, k))
        return map;
    bool smaller = may_follow(f, map) && map->type.rank < f->slots[k].update->type.rank;
    return smaller && add_map(f, map, index_of(f, map, load->in[1 + axis_of(f, k)]));
}

/* Those of a slot, if all of them may follow; else none. */
static void note_readers(Follow *f, int k)
{
    int before = f->maps.n;
    bool fine = true, one = f->loop->type.dtype != DT_none;
    for (IrUse *u = f->loop->uses; u && fine; u = u->next) {
        if (one)
            fine = note_reader(f, u, k);
        for (IrUse *of = !one && source_of(f, u->user) == k ? u->user->uses : NULL; of && fine; of = of->next)
            fine = note_reader(f, of, k);
    }
    if (!fine)
        f->maps.n = f->index.n = before;
}

/* ---- may they move? ------------------------------------------------------------------------------------------------------------ */

typedef struct Reader { Follow *f; const IrNode *map, *index; bool fine, reads; } Reader;

/* Computed in the map, or in front of the new loop. */
static bool is_known(const Reader *r, const IrNode *n)
{
    bool param = n->op == OP_param || n->op == OP_arg || n->op == OP_index;
    return param || ir_inside(n, r->map->regions[0]) || pass_is_before(n, r->f->place);
}

static void see_symbol(void *user, DimSym *sym)
{
    Reader *r = user;
    const IrNode *n = map_find(&r->f->cx->sym_nodes, sym);
    r->fine = r->fine && (!n || is_known(r, n));
}

static void see_source(void *user, IrNode *n)
{
    Reader *r = user;
    for (int i = 0; i < n->nin; i++)
        r->reads = r->reads || source_of(r->f, n->in[i]) >= 0;
}

/* What else is made of a place, and read at it, goes into the turn, too. */
static bool may_join(Reader *r, IrNode *map, const IrNode *load)
{
    Reader of = { .f = r->f, .map = map };
    if (load->op != OP_load || !may_follow(r->f, map))
        return false;
    ir_walk(map->regions[0], see_source, &of);
    for (int i = 0; i < map->type.rank && of.reads; i++)
        if (map->type.dims[i] == r->f->turns && index_of(r->f, r->map, load->in[1 + i]) == r->index)
            return add_map(r->f, map, map->regions[0]->params.p[i]);
    return false;
}

/* What n takes is known, or is a place of this turn or an earlier one. */
static void see_node(void *user, IrNode *n)
{
    Reader *r = user;
    for (int i = 0; i < n->nin && r->fine; i++) {
        IrNode *x = n->in[i];
        int k = source_of(r->f, x);
        if (k < 0 && (is_known(r, x) || may_join(r, x, n)))
            continue;
        r->fine = k >= 0 && n->op == OP_load && i == 0 && (k >= r->f->count || r->f->slots[k].fills) &&
                  index_of(r->f, r->map, n->in[1 + axis_of(r->f, k)]) == r->index;
    }
    pass_each_dim(n, see_symbol, r);
}

static void see_pinned(void *user, IrNode *n) { *(bool *)user |= (ir_info(n)->effects & PINNED) != 0; }

/* The loop may stand at its first reader: nothing between has an effect. */
static bool find_place(Follow *f)
{
    bool pinned = false;
    f->place = NULL;
    for (IrNode *n = f->loop->next; n && !f->place; n = n->next) {
        bool reads = false;
        for (IrUse *u = f->loop->uses; u; u = u->next) {
            bool one = f->loop->type.dtype != DT_none;
            reads = reads || (one && pass_ancestor_in(u->user, n->parent) == n);
            for (IrUse *of = one ? NULL : u->user->uses; of && !reads; of = of->next)
                reads = pass_ancestor_in(of->user, n->parent) == n;
        }
        see_pinned(&pinned, n);
        for (int i = 0; i < n->nregions && !reads; i++)
            ir_walk(n->regions[i], see_pinned, &pinned);
        f->place = reads ? n : NULL;
    }
    return f->place && !pinned;
}

/* In the order in which they stand. */
static void sort(Follow *f)
{
    int k = 0;
    for (IrNode *n = f->place; n && k < f->maps.n; n = n->next)
        for (int i = k; i < f->maps.n; i++)
            if (f->maps.p[i] == n) {
                IrNode *index = f->index.p[i];
                f->maps.p[i] = f->maps.p[k];
                f->index.p[i] = f->index.p[k];
                f->maps.p[k] = n;
                f->index.p[k++] = index;
                break;
            }
}

static bool may_move(Follow *f)
{
    if (!f->maps.n || !find_place(f))
        return false;
    for (int i = 0; i < f->maps.n; i++) {
        Reader r = { f, f->maps.p[i], f->index.p[i], true, false };
        ir_walk(f->maps.p[i]->regions[0], see_node, &r);
        if (!r.fine)
            return false;
    }
    sort(f);
    return true;
}

/* ---- the new loop ---------------------------------------------------------------------------------------------------------------- */

/* Memory for what a map gives, in which nothing stands yet. */
static IrNode *blank(Follow *f, IrBuilder *at, const IrNode *map)
{
    IrNode *init = ir_add0(at, OP_map, map->type), *v[2];
    IrBuilder b = { at->fn, ir_region_new(at->fn, init), NULL, map->span };
    init->name = map->name;
    for (int i = 0; i < map->type.rank; i++)
        ir_index_new(b.region, map->regions[0]->params.p[i]->name, NULL, map->type.dims[i], map->span);
    v[0] = dtype_is_float(map->type.dtype) ? ir_const_float(&b, map->type.dtype, 0) : ir_const_int(&b, map->type.dtype, 0);
    v[1] = ir_const_int(&b, DT_bool, 0);
    ir_yield(&b, 2, v);
    pass_note_symbols(f->cx, b.region);
    return init;
}

/* The map's elements of one turn, put into arg. */
static IrNode *in_turn(Follow *f, IrBuilder *b, int which, IrNode *arg, IrNode *place, Map *nodes)
{
    IrNode *old = f->maps.p[which], *in[2 + IR_RANK_MOST] = { arg };
    IrRegion *from = old->regions[0];
    SymMap syms = symmap_new(f->cx);
    IrType t = { old->type.dtype, 0, NEWN(f->cx->module->arena, Dim, old->type.rank) };
    Dim *box = NEWN(f->cx->module->arena, Dim, old->type.rank);
    IrNode *map = ir_add0(b, OP_map, t);
    IrBuilder of = { b->fn, ir_region_new(b->fn, map), NULL, old->span };
    for (int i = 0; i < old->type.rank; i++) {
        IrNode *x = from->params.p[i];
        bool turns = x == f->index.p[which];
        box[i] = turns ? NULL : old->type.dims[i];
        if (!turns)
            t.dims[t.rank++] = old->type.dims[i];
        map_put(nodes, x, turns ? place : ir_index_new(of.region, x->name, NULL, x->dim, x->span));
    }
    map->type = t;
    map->name = old->name;
    symmap_put(&syms, f->index.p[which]->sym, pass_dim_of(f->cx, place));
    DimSym *had = place->sym;
    ir_yield(&of, 1, ir_clone_region(&of, from, nodes, symmap_subst, &syms));
    place->sym = had; /* a copy gives a symbol to what stands for an index; dims say what it is, instead */
    in[1] = map;
    for (int i = 0; i < old->type.rank; i++)
        in[2 + i] = box[i] ? ir_int(b, 0) : place;
    IrNode *u = ir_add(b, OP_update, old->type, old->type.rank + 2, in);
    u->box = box;
    map_put(nodes, old, u); /* for others that read it */
    return u;
}

static void put_results(Follow *f, Map *nodes, IrNode *const *values)
{
    if (f->loop->type.dtype != DT_none)
        map_put(nodes, f->loop, values[0]);
    for (IrUse *u = f->loop->uses; u; u = u->next)
        if (u->user->op == OP_result)
            map_put(nodes, u->user, values[u->user->imm]);
}

static void fill(Follow *f, IrNode *loop)
{
    const IrRegion *old = f->loop->regions[0];
    IrRegion *r = ir_region_new(loop->parent->fn, loop);
    const IrNode *x = old->params.p[0];
    int n = f->count + f->maps.n;
    IrNode **ends = NEWN(f->cx->module->arena, IrNode *, n), *place = NULL;
    Map nodes = map_new(f->cx->arena);
    map_put(&nodes, x, ir_index_new(r, x->name, x->lo, x->dim, x->span));
    for (int k = 0; k < f->count; k++)
        map_put(&nodes, old->params.p[1 + k], ir_arg_new(r, old->params.p[1 + k]->name, old->params.p[1 + k]->type));
    for (int i = 0; i < f->maps.n; i++)
        ends[f->count + i] = ir_arg_new(r, f->maps.p[i]->name, f->maps.p[i]->type);
    IrBuilder in = { r->fn, r, NULL, f->loop->span };
    IrNode **values = ir_clone_region(&in, old, &nodes, NULL, NULL);
    memcpy(ends, values, sizeof *ends * (size_t)f->count);
    for (int k = 0; k < f->count && !place; k++)
        place = f->slots[k].fills ? map_find(&nodes, f->slots[k].update->in[2 + f->slots[k].axis]) : NULL;
    put_results(f, &nodes, ends);
    pass_note_symbols(f->cx, r);
    for (int i = 0; i < f->maps.n; i++)
        ends[f->count + i] = in_turn(f, &in, i, ends[f->count + i], place, &nodes);
    ir_yield(&in, n, ends);
    pass_note_symbols(f->cx, r);
}

static void stand_for(IrBuilder *b, IrNode *loop, int k, IrNode *old, Name name)
{
    IrNode *n = ir_add1(b, OP_result, loop->in[2 + k]->type, loop);
    n->imm = k;
    n->name = name;
    if (old->sym) { /* dims name it */
        n->sym = old->sym;
        n->sym->user = n;
    }
    ir_replace(old, n);
}

static void rewrite(Follow *f)
{
    IrBuilder at = { f->loop->parent->fn, f->loop->parent, f->place, f->loop->span };
    IrNode **in = NEWN(f->cx->module->arena, IrNode *, 2 + f->count + f->maps.n);
    memcpy(in, f->loop->in, sizeof *in * (size_t)(2 + f->count));
    for (int i = 0; i < f->maps.n; i++)
        in[2 + f->count + i] = blank(f, &at, f->maps.p[i]);
    IrNode *loop = ir_add(&at, OP_for, ir_scalar(DT_none), 2 + f->count + f->maps.n, in);
    fill(f, loop);
    for (int i = 0; i < f->maps.n; i++)
        stand_for(&at, loop, f->count + i, f->maps.p[i], f->maps.p[i]->name);
    for (IrUse *u = f->loop->uses; u && u->user->op == OP_result; u = u->next)
        stand_for(&at, loop, (int)u->user->imm, u->user, u->user->name);
    if (f->loop->type.dtype != DT_none)
        stand_for(&at, loop, 0, f->loop, f->loop->name);
    for (int i = 0; i < f->maps.n; i++) /* one of them is f->place */
        ir_drop(f->maps.p[i]);
    while (f->loop->uses)
        ir_drop(f->loop->uses->user);
    ir_drop(f->loop);
    f->cx->changed++;
}

static bool follow(PassCx *cx, IrNode *loop)
{
    Follow f = { .cx = cx, .loop = loop, .turns = loop->regions[0]->params.p[0]->dim, .count = loop->nin - 2 };
    Dim place = NULL;
    f.slots = NEWN(cx->arena, Slot, f.count + 1);
    for (int k = 0; k < f.count; k++) {
        if (!fills(&f, k))
            continue;
        place = place ? place : f.slots[k].place;
        f.slots[k].fills = f.slots[k].place == place;
    }
    if (!place || !runs_whole(&f))
        return false;
    f.backwards = place != dim_sym(cx->module->dims, loop->regions[0]->params.p[0]->sym);
    for (int k = 0; k < f.count; k++)
        if (f.slots[k].fills && grows(&f, k))
            note_readers(&f, k);
    if (!may_move(&f))
        return false;
    rewrite(&f);
    return true;
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        bool inner = n->op == OP_for || n->op == OP_while || n->op == OP_if;
        for (int i = 0; i < n->nregions && inner; i++)
            visit(cx, n->regions[i]);
        next = n->op == OP_for && follow(cx, n) ? r->first : n->next; /* maps that stood behind it are gone */
    }
}

bool pass_follow(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
