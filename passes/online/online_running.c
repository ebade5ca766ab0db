/* online_running.c - running reductions along the places of a row, as an operation of the element while passes are looked for.
 *
 *     %run = for 0, S, %blank [k] (%y) {                     %run = map [h, i, j: S] {
 *       %r = map [h, i] { if k < 1 { %x[h, i, k] }             %0 = load %x[h, i, j]
 *            else { %y[h, i, k - 1] + %x[h, i, k] } }          %1 = running sum upto %0, j
 *       yield update %y[0: H, 0: T, k], %r }                   yield %1 }
 *
 * A reduction over j that reads %run at its own place may take it in then: the running value goes on from block to block of the pass, ascending or
 * descending (tile_stream_running.c). In a reduction it runs over the places that the guard leaves, so it is taken in only where others change nothing: its operand is
 * the operator's identity there, or they lie beyond the places that it needs. What no pass takes in becomes a loop again. Which loops are such: online_running_find.c.
 */
#include "passes/online/online_int.h"

bool online_is_running(const IrNode *map)
{
    const IrNode *v = map->op == OP_map ? ir_terminator(map->regions[0])->in[0] : NULL;
    return v && v->op == OP_running && v->parent == map->regions[0];
}

/* What the loop began with, and what was computed where it is read. */
static void drop_unread(IrRegion *r)
{
    for (IrNode *n = r->last, *before; n; n = before) {
        before = n->prev;
        if (n->op == OP_map && !n->uses && !pass_faults(n))
            ir_drop(n);
    }
}

void online_open_running(PassCx *cx, IrRegion *r)
{
    bool some = false;
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        IrNode *map = n->op == OP_for && n->uses ? online_running_of(cx, n) : NULL;
        if (!map)
            continue;
        some = true;
        pass_note_symbols(cx, map->regions[0]);
        ir_replace(n, map);
        ir_drop(n);
    }
    if (some)
        drop_unread(r);
}

/* ---- a map as a loop ---------------------------------------------------------------------------------------------------------- */

/* The operand at this place, in the element of a turn that b writes. */
static IrNode *operand(PassCx *cx, IrBuilder *b, const IrNode *map, const IrRegion *turn, IrNode *place)
{
    const IrNode *run = ir_terminator(map->regions[0])->in[0], *j = run->in[1];
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    for (int a = 0, i = 0; a < map->type.rank; a++) {
        IrNode *old = map->regions[0]->params.p[a], *x = old == j ? place : turn->params.p[i++];
        map_put(&nodes, old, x);
        symmap_put(&syms, old->sym, pass_dim_of(cx, x));
    }
    IrNode *v = ir_clone_region(b, map->regions[0], &nodes, symmap_subst, &syms)[0], *x = v->in[0];
    ir_drop(v);
    return x;
}

static IrNode *blank_like(IrBuilder *b, const IrNode *map)
{
    IrNode *n = ir_add0(b, OP_map, map->type);
    IrRegion *r = ir_region_new(b->fn, n);
    IrBuilder in = { b->fn, r, NULL, map->span };
    n->name = map->name;
    for (int a = 0; a < map->type.rank; a++)
        ir_index_new(r, NULL, NULL, map->type.dims[a], map->span);
    IrNode *v[] = { ir_const_float(&in, map->type.dtype, 0), ir_const_int(&in, DT_bool, 0) };
    ir_yield(&in, 2, v);
    return n;
}

/* The element of a turn: y[p -+ 1] op x, and of the first one what there is. */
static IrNode *turn_value(PassCx *cx, IrBuilder *b, const IrNode *map, IrNode *turn, IrNode *y, IrNode *place)
{
    static const IrOp ops[] = { [RED_sum] = OP_add, [RED_prod] = OP_mul, [RED_max] = OP_max, [RED_min] = OP_min };
    const IrNode *run = ir_terminator(map->regions[0])->in[0];
    IrRegion *r = turn->regions[0];
    IrNode *k = turn->parent->params.p[0], *one = ir_int(b, 1), *at[IR_RANK_MOST];
    IrType t = ir_scalar(map->type.dtype);
    bool own = running_has_place(run->imm), down = running_is_down(run->imm);
    IrNode *x = own ? operand(cx, b, map, r, place) : NULL;
    IrNode *v = ir_add1(b, OP_if, t, ir_add2(b, OP_lt, ir_scalar(DT_bool), k, one));
    IrBuilder in = { b->fn, ir_region_new(b->fn, v), NULL, map->span };
    IrNode *first = !own ? pass_identity(&in, (RedOp)run->redop, t.dtype) : down && run->redop == RED_sum && !map_find(&cx->bare, map) ? ir_add2(&in, OP_add, t, ir_const_float(&in, t.dtype, 0), x) : x;
    ir_yield(&in, 1, &first);
    in = (IrBuilder){ b->fn, ir_region_new(b->fn, v), NULL, map->span };
    IrNode *prev = ir_add2(&in, down ? OP_add : OP_sub, ir_scalar(DT_i64), place, one);
    for (int a = 0, i = 0; a < map->type.rank; a++)
        at[a] = map->regions[0]->params.p[a] == run->in[1] ? prev : r->params.p[i++];
    IrNode *so_far = ir_load(&in, y, map->type.rank, at);
    IrNode *next = ir_add2(&in, ops[run->redop], t, so_far, own ? x : operand(cx, &in, map, r, prev));
    ir_yield(&in, 1, &next);
    return v;
}

/* Of a turn of a loop that began with a tensor: y[p] op y[p -+ 1]. */
static IrNode *next_value(IrBuilder *b, const IrNode *map, const IrRegion *r, IrNode *y, IrNode *place)
{
    static const IrOp ops[] = { [RED_sum] = OP_add, [RED_prod] = OP_mul, [RED_max] = OP_max, [RED_min] = OP_min };
    const IrNode *run = ir_terminator(map->regions[0])->in[0];
    IrNode *at[2][IR_RANK_MOST], *prev = ir_add2(b, running_is_down(run->imm) ? OP_add : OP_sub, ir_scalar(DT_i64), place, ir_int(b, 1));
    for (int a = 0, i = 0; a < map->type.rank; a++) {
        bool own = map->regions[0]->params.p[a] == run->in[1];
        at[0][a] = own ? place : r->params.p[i++];
        at[1][a] = own ? prev : at[0][a];
    }
    return ir_add2(b, ops[run->redop], ir_scalar(map->type.dtype), ir_load(b, y, map->type.rank, at[0]), ir_load(b, y, map->type.rank, at[1]));
}

/* The tensor of which the map is the running reduction, and that nobody else reads; NULL: there is none. */
static IrNode *whole_operand(const IrNode *map)
{
    const IrRegion *r = map->regions[0];
    const IrNode *run = ir_terminator(r)->in[0], *x = run->in[0];
    bool own = running_has_place(run->imm) && x->op == OP_load && x->in[0]->op == OP_map && x->in[0]->type.rank == map->type.rank && ir_nuses(x->in[0]) == 1;
    for (int a = 0; a < map->type.rank && own; a++)
        own = x->in[1 + a] == r->params.p[a] && x->in[0]->type.dims[a] == map->type.dims[a];
    return own ? x->in[0] : NULL;
}

/* The map of a turn, an index for each axis but that one. */
static IrNode *turn_of(IrBuilder *b, const IrNode *map, const IrNode *j, Dim *box)
{
    IrType t = { map->type.dtype, 0, NEWN(b->fn->module->arena, Dim, map->type.rank) };
    IrNode *turn = ir_add0(b, OP_map, t);
    IrRegion *tr = ir_region_new(b->fn, turn);
    for (int a = 0; a < map->type.rank; a++) {
        const IrNode *x = map->regions[0]->params.p[a];
        box[a] = x == j ? NULL : x->dim;
        if (x != j)
            ir_index_new(tr, x->name, NULL, x->dim, x->span);
        if (x != j)
            turn->type.dims[turn->type.rank++] = x->dim;
    }
    return turn;
}

/* begun: the loop begins with that tensor, of which the first place stays; NULL: with nothing. */
static IrNode *as_loop(PassCx *cx, IrNode *map, IrNode *begun)
{
    DimCx *d = cx->module->dims;
    const IrNode *run = ir_terminator(map->regions[0])->in[0], *j = run->in[1];
    IrBuilder b = { map->parent->fn, map->parent, map, map->span };
    Dim one = dim_const(d, 1), last = dim_sub(d, j->dim, one);
    IrNode *in[3] = { ir_int(&b, begun != NULL), ir_dim_value(&b, j->dim), begun ? begun : blank_like(&b, map) };
    IrNode *loop = ir_add(&b, OP_for, map->type, 3, in);
    IrRegion *r = ir_region_new(b.fn, loop);
    IrNode *k = ir_index_new(r, j->name, begun ? one : NULL, begun ? dim_max(d, dim_const(d, 0), last) : j->dim, map->span), *y = ir_arg_new(r, map->name, map->type), *place = k;
    IrBuilder body = { b.fn, r, NULL, map->span };
    loop->name = map->name;
    if (running_is_down(run->imm))
        place = ir_add2(&body, OP_sub, ir_scalar(DT_i64), ir_dim_value(&body, last), k);
    Dim *box = NEWN(cx->module->arena, Dim, map->type.rank);
    IrNode *turn = turn_of(&body, map, j, box), *fill[2 + IR_RANK_MOST] = { y, turn };
    IrBuilder element = { b.fn, turn->regions[0], NULL, map->span };
    IrNode *v = begun ? next_value(&element, map, turn->regions[0], y, place) : turn_value(cx, &element, map, turn, y, place);
    ir_yield(&element, 1, &v);
    for (int a = 0; a < map->type.rank; a++)
        fill[2 + a] = box[a] ? ir_int(&body, 0) : place;
    IrNode *next = ir_add(&body, OP_update, map->type, 2 + map->type.rank, fill);
    next->box = box;
    ir_yield(&body, 1, &next);
    pass_note_symbols(cx, r);
    ir_replace(map, loop);
    ir_drop(map);
    return loop;
}

IrNode *pass_begin_loop(PassCx *cx, IrNode *loop, bool blank)
{
    IrNode *map = loop->op == OP_for && (blank ? loop->nin == 3 && loop->in[2]->op == OP_map && !pass_is_blank(loop->in[2]) : true) ? online_running_of(cx, loop) : NULL;
    if (!map)
        return NULL;
    ir_replace(loop, map);
    ir_drop(loop);
    return as_loop(cx, map, blank ? NULL : whole_operand(map));
}

void online_close_running(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (online_is_running(n) && n->uses)
            as_loop(cx, n, map_find(&cx->begun, n) ? whole_operand(n) : NULL);
        else if (online_is_running(n))
            ir_drop(n);
    }
}

/* ---- may it be taken in? ------------------------------------------------------------------------------------------------------ */

bool online_may_take_running(const Online *o, const IrNode *load)
{
    const IrNode *map = load->in[0], *run = ir_terminator(map->regions[0])->in[0], *owner = load->parent->owner, *x = NULL;
    if (owner->op != OP_reduce || owner->parent != o->copy->regions[0] || load->parent->params.n != 1)
        return false;
    const IrNode *place = load->parent->params.p[0];
    for (int a = 0; a < map->type.rank; a++) {
        bool own = map->regions[0]->params.p[a] == run->in[1];
        x = own ? load->in[1 + a] : x;
        if (!own && pass_depends_on(o->cx, load->in[1 + a], place))
            return false;
    }
    return x == place && pass_is_whole(place) && place->dim == run->in[1]->dim;
}

/* The value that it has where c holds, and the identity elsewhere: c; NULL: it is none. */
static const IrNode *condition_of(const IrNode *x, RedOp op)
{
    double none = op == RED_prod ? 1 : op == RED_max ? -__builtin_inf() : op == RED_min ? __builtin_inf() : 0;
    const IrNode *no = x->op == OP_select ? x->in[2] : x->op == OP_if && x->nregions == 2 ? ir_terminator(x->regions[1])->in[0] : NULL;
    return no && no->op == OP_const && no->fimm == none ? x->in[0] : NULL;
}

/* Does the guard leave out only places behind those that the running value has taken? */
static bool ends_behind(Online *o, const IrNode *g, const IrNode *j, bool down)
{
    if (g->op == OP_and)
        return ends_behind(o, g->in[0], j, down) && ends_behind(o, g->in[1], j, down);
    bool order = (g->op == OP_le || g->op == OP_lt) && g->in[0]->type.dtype == DT_i64;
    return order && g->in[down] == j && !pass_depends_on(o->cx, g->in[!down], j);
}

bool online_runs_within(Online *o)
{
    for (const IrNode *n = o->copy->regions[0]->first; n; n = n->next)
        for (const IrNode *x = n->op == OP_reduce ? n->regions[0]->first : NULL; x; x = x->next) {
            const IrNode *g = x->op == OP_running ? pass_guard(n->regions[0]) : NULL;
            if (g && !ends_behind(o, g, x->in[1], running_is_down(x->imm)) && !(condition_of(x->in[0], (RedOp)x->redop) && cascade_implies(condition_of(x->in[0], (RedOp)x->redop), g)))
                return false;
        }
    return true;
}

typedef struct Search { Online *o; Map runs, seen; bool found; } Search; /* runs: maps that run, or are made of such */

static void see_runs(void *user, IrNode *n)
{
    Search *s = user;
    s->found = s->found || (n->op == OP_load && map_find(&s->runs, n->in[0]));
}

static void need(Search *s, IrNode *n, const IrRegion *in)
{
    if (!ir_inside(n, in) || map_find(&s->seen, n))
        return;
    map_put(&s->seen, n, n);
    see_runs(s, n);
    for (int i = 0; i < n->nin; i++)
        need(s, n->in[i], in);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], see_runs, s);
}

typedef struct Fails { Search *s; const IrRegion *in; } Fails;

static void see_fails(void *user, IrNode *n)
{
    Fails *f = user;
    if (pass_is_fault(n))
        need(f->s, n, f->in);
}

static bool reads_runs(Search *s, IrNode *map)
{
    Search one = { s->o, s->runs, map_new(s->o->cx->arena), false };
    ir_walk(map->regions[0], see_runs, &one);
    return one.found;
}

bool online_fails_by_running(Online *o)
{
    Search s = { o, map_new(o->cx->arena), map_new(o->cx->arena), false };
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < o->ntaken; i++) {
            IrNode *x = o->taken[i];
            if (x->op != OP_map || map_find(&s.runs, x) || !(online_is_running(x) || reads_runs(&s, x)))
                continue;
            map_put(&s.runs, x, x);
            more = true;
        }
    }
    for (int i = 0; i <= o->ntaken && !s.found; i++) {
        IrNode *x = i < o->ntaken ? o->taken[i] : o->map;
        Fails f = { &s, x->op == OP_map ? x->regions[0] : NULL };
        if (f.in)
            ir_walk(x->regions[0], see_fails, &f);
    }
    return s.found;
}

bool online_leave_running(Online *o)
{
    int before = o->nleft;
    for (int i = 0; i < o->ntaken && o->nleft < LEFT_MOST; i++)
        if (online_is_running(o->taken[i]))
            o->left[o->nleft++] = o->taken[i];
    return o->nleft > before;
}
