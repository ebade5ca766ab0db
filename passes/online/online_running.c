/* online_running.c - running reductions along the places of a row, as an operation of the element while passes are looked for.
 *
 *     %run = for 0, S, %blank [k] (%y) {                     %run = map [h, i, j: S] {
 *       %r = map [h, i] { if k < 1 { %x[h, i, k] }             %0 = load %x[h, i, j]
 *            else { %y[h, i, k - 1] + %x[h, i, k] } }          %1 = running sum upto %0, j
 *       yield update %y[0: H, 0: T, k], %r }                   yield %1 }
 *
 * A reduction over j that reads %run at its own place may take it in then: the running value goes on from block to block of the pass, ascending or
 * descending (tile_stream_running.c). In a reduction it runs over the places that the guard leaves, so it is taken in only where others change nothing: its operand is
 * the operator's identity there, or they lie beyond the places that it needs. What no pass takes in becomes a loop again.
 */
#include "passes/online/online_int.h"

/* A loop that makes a running reduction: y[p] = y[p -+ 1] op x. */
typedef struct Run {
    PassCx *cx;
    IrNode *loop, *k, *y, *map, *x; /* map: of a turn */
    int axis;
    RedOp op;
    IrRunning kind;
    Dim place, source;              /* of what a turn fills, and of x */
} Run;

static bool is_int(const IrNode *n, int64_t v) { return n->op == OP_const && n->type.dtype == DT_i64 && n->imm == v; }

static bool find_axis(Run *q, const IrNode *update)
{
    q->axis = -1;
    for (int a = 0; a < update->type.rank; a++) {
        if (!update->box[a] && q->axis >= 0)
            return false;
        if (!update->box[a])
            q->axis = a;
        else if (update->box[a] != update->type.dims[a] || !is_int(update->in[2 + a], 0))
            return false;
    }
    return q->axis >= 0 && update->type.dims[q->axis] == q->k->dim;
}

static bool find_turn(Run *q, IrNode *loop)
{
    IrRegion *r = loop->regions[0];
    if (loop->op != OP_for || loop->nin != 3 || !is_int(loop->in[0], 0) || loop->type.rank < 2 || !dtype_is_float(loop->type.dtype))
        return false;
    *q = (Run){ .cx = q->cx, .loop = loop, .k = r->params.p[0], .y = r->params.p[1] };
    IrNode *update = ir_terminator(r)->in[0];
    if (!q->k->dim || !pass_is_whole(q->k) || update->op != OP_update || update->parent != r || update->in[0] != q->y || !find_axis(q, update))
        return false;
    q->map = update->in[1];
    q->place = pass_dim_through(q->cx, update->in[2 + q->axis]);
    return q->map->op == OP_map && q->map->parent == r && q->map->type.rank == loop->type.rank - 1 && !pass_guard(q->map->regions[0]);
}

static bool find_direction(Run *q)
{
    DimCx *d = q->cx->module->dims;
    Dim k = dim_sym(d, q->k->sym), one = dim_const(d, 1), back = dim_sub(d, dim_sub(d, q->k->dim, one), k);
    q->kind = q->place == k ? RUNNING_upto : RUNNING_from;
    q->source = q->place;
    return q->place == k || q->place == back;
}

static Dim before(const Run *q)
{
    DimCx *d = q->cx->module->dims;
    return running_is_down(q->kind) ? dim_add(d, q->place, dim_const(d, 1)) : dim_sub(d, q->place, dim_const(d, 1));
}

/* Is it the element that the turn before has filled, in the same row? */
static bool reads_before(Run *q, const IrNode *load)
{
    const IrRegion *r = q->map->regions[0];
    bool ok = load->op == OP_load && load->in[0] == q->y;
    for (int a = 0, i = 0; a < q->loop->type.rank && ok; a++)
        ok = a == q->axis ? pass_dim_through(q->cx, load->in[1 + a]) == before(q) : load->in[1 + a] == r->params.p[i++];
    return ok;
}

static bool reads_once(const IrNode *y)
{
    int n = 0;
    for (const IrUse *u = y->uses; u; u = u->next)
        n++;
    return n == 2; /* and the update */
}

static bool find_run(Run *q, IrNode *loop)
{
    static const IrOp ops[] = { [RED_sum] = OP_add, [RED_prod] = OP_mul, [RED_max] = OP_max, [RED_min] = OP_min };
    if (!find_turn(q, loop) || !find_direction(q) || !reads_once(q->y))
        return false;
    IrNode *v = ir_terminator(q->map->regions[0])->in[0];
    if (v->op != OP_if || v->in[0]->op != OP_lt || v->in[0]->in[0] != q->k || !is_int(v->in[0]->in[1], 1))
        return false;
    IrNode *first = ir_terminator(v->regions[0])->in[0], *next = ir_terminator(v->regions[1])->in[0];
    int op = 0;
    while (op <= RED_min && ops[op] != next->op)
        op++;
    if (op > RED_min || !reads_before(q, next->in[0]))
        return false;
    q->op = (RedOp)op;
    q->x = next->in[1];
    bool same = first == q->x || (first->op == OP_add && first->in[1] == q->x && first->in[0]->op == OP_const && first->in[0]->fimm == 0);
    if (same)
        return true;
    q->kind = (IrRunning)(q->kind + 1);
    q->source = before(q);
    return first->op == OP_const;
}

/* ---- a loop as a map -------------------------------------------------------------------------------------------------------- */

typedef struct Copy { Run *q; IrBuilder b; IrNode *at; Map nodes; SymMap syms; bool ok; } Copy;

static IrNode *copied(Copy *c, IrNode *n)
{
    const IrRegion *r = c->q->loop->regions[0];
    IrNode *known = map_find(&c->nodes, n);
    if (known || !ir_inside(n, r) || !c->ok)
        return known ? known : n;
    if (n->type.dtype == DT_i64 && !n->type.rank && pass_dim_through(c->q->cx, n) == c->q->source) {
        map_put(&c->nodes, n, c->at);
        return c->at;
    }
    if (n->nregions || n->op == OP_arg || n->op == OP_index || n->sym) {
        c->ok = false;
        return n;
    }
    for (int i = 0; i < n->nin; i++)
        copied(c, n->in[i]);
    IrNode *y = ir_clone_node(&c->b, n, &c->nodes, symmap_subst, &c->syms);
    map_put(&c->nodes, n, y);
    return y;
}

static IrNode *as_map(Run *q)
{
    DimCx *d = q->cx->module->dims;
    IrNode *loop = q->loop;
    IrBuilder b = { loop->parent->fn, loop->parent, loop, loop->span };
    IrNode *map = ir_add0(&b, OP_map, loop->type);
    IrRegion *r = ir_region_new(b.fn, map);
    Copy c = { q, { b.fn, r, NULL, loop->span }, NULL, map_new(q->cx->arena), symmap_new(q->cx), true };
    map->name = loop->name;
    for (int a = 0, i = 0; a < loop->type.rank; a++) {
        IrNode *old = a == q->axis ? q->k : q->map->regions[0]->params.p[i++], *x = ir_index_new(r, old->name, NULL, loop->type.dims[a], old->span);
        if (a == q->axis) {
            c.at = x;
            continue;
        }
        map_put(&c.nodes, old, x);
        symmap_put(&c.syms, old->sym, dim_sym(d, x->sym));
    }
    Dim k = dim_sym(d, q->k->sym), j = dim_sym(d, c.at->sym), off = dim_sub(d, q->source, running_is_down(q->kind) ? dim_sub(d, dim_const(d, 0), k) : k);
    symmap_put(&c.syms, q->k->sym, running_is_down(q->kind) ? dim_sub(d, off, j) : dim_sub(d, j, off));
    IrNode *in[] = { copied(&c, q->x), c.at };
    IrNode *run = ir_add(&c.b, OP_running, ir_scalar(loop->type.dtype), 2, in);
    run->redop = (uint8_t)q->op;
    run->imm = q->kind;
    ir_yield(&c.b, 1, &run);
    if (c.ok)
        return map;
    ir_drop(map);
    return NULL;
}

bool online_is_running(const IrNode *map)
{
    const IrNode *v = map->op == OP_map ? ir_terminator(map->regions[0])->in[0] : NULL;
    return v && v->op == OP_running && v->parent == map->regions[0];
}

void online_open_running(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        Run q = { .cx = cx };
        next = n->next;
        IrNode *map = n->op == OP_for && n->uses && find_run(&q, n) ? as_map(&q) : NULL;
        if (!map)
            continue;
        IrNode *blank = n->in[2];
        pass_note_symbols(cx, map->regions[0]);
        ir_replace(n, map);
        ir_drop(n);
        if (!blank->uses && blank->op == OP_map)
            ir_drop(blank);
    }
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
    IrNode *first = !own ? pass_identity(&in, (RedOp)run->redop, t.dtype) : down && run->redop == RED_sum ? ir_add2(&in, OP_add, t, ir_const_float(&in, t.dtype, 0), x) : x;
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

static void as_loop(PassCx *cx, IrNode *map)
{
    DimCx *d = cx->module->dims;
    const IrNode *run = ir_terminator(map->regions[0])->in[0], *j = run->in[1];
    IrBuilder b = { map->parent->fn, map->parent, map, map->span };
    IrNode *in[3] = { ir_int(&b, 0), ir_dim_value(&b, j->dim), blank_like(&b, map) };
    IrNode *loop = ir_add(&b, OP_for, map->type, 3, in);
    IrRegion *r = ir_region_new(b.fn, loop);
    IrNode *k = ir_index_new(r, j->name, NULL, j->dim, map->span), *y = ir_arg_new(r, NULL, map->type), *place = k;
    IrBuilder body = { b.fn, r, NULL, map->span };
    loop->name = map->name;
    if (running_is_down(run->imm))
        place = ir_add2(&body, OP_sub, ir_scalar(DT_i64), ir_dim_value(&body, dim_sub(d, j->dim, dim_const(d, 1))), k);
    IrType t = { map->type.dtype, 0, NEWN(cx->module->arena, Dim, map->type.rank) };
    IrNode *turn = ir_add0(&body, OP_map, t), *fill[2 + IR_RANK_MOST];
    IrRegion *tr = ir_region_new(b.fn, turn);
    Dim *box = NEWN(cx->module->arena, Dim, map->type.rank);
    for (int a = 0; a < map->type.rank; a++) {
        const IrNode *x = map->regions[0]->params.p[a];
        box[a] = x == j ? NULL : x->dim;
        if (x != j)
            ir_index_new(tr, x->name, NULL, x->dim, x->span);
        if (x != j)
            turn->type.dims[turn->type.rank++] = x->dim;
    }
    IrBuilder element = { b.fn, tr, NULL, map->span };
    IrNode *v = turn_value(cx, &element, map, turn, y, place);
    ir_yield(&element, 1, &v);
    fill[0] = y;
    fill[1] = turn;
    for (int a = 0; a < map->type.rank; a++)
        fill[2 + a] = box[a] ? ir_int(&body, 0) : place;
    IrNode *next = ir_add(&body, OP_update, map->type, 2 + map->type.rank, fill);
    next->box = box;
    ir_yield(&body, 1, &next);
    pass_note_symbols(cx, r);
    ir_replace(map, loop);
    ir_drop(map);
}

void online_close_running(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (online_is_running(n) && n->uses)
            as_loop(cx, n);
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

bool online_leave_running(Online *o)
{
    int before = o->nleft;
    for (int i = 0; i < o->ntaken && o->nleft < LEFT_MOST; i++)
        if (online_is_running(o->taken[i]))
            o->left[o->nleft++] = o->taken[i];
    return o->nleft > before;
}
