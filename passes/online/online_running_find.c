/* online_running_find.c - which loops make a running reduction, and the map that one makes.
 *
 *     for 0, S, %blank [k] (%y) { update %y[k], map { if k < 1 { %x[k] } else { %y[k - 1] + %x[k] } } }          upto       (cumsum)
 *                                 map { (if 1 <= k { %y[k - 1] } else { 0 }) + %x[k] }                           upto       (rec, `??`)
 *                                 map { (if 1 <= k { %y[k - 1] } else { 0 }) + (if 1 <= k { %x[k - 1] } else { 0 }) }   below
 *                                 map { if i < k { %y[k - 1] + %x[k] } else { 0 } }                              upto, of if i < k { %x[k] } else { 0 }
 *
 *     for 1, S, %x [k] (%y) { update %y[k], map { %y[k] + %y[k - 1] } }                                          upto, of %x
 *
 * and the same from the last place down; where all that read it count from the other end (%run[S - 1 - j]), it is turned around. Of a choice by which is the first turn what the others compute is taken, where that can be read at all places. A condition
 * outside of which nothing has run yet holds from one turn on for all that follow: what runs is the identity before.
 */
#include <math.h>

#include "passes/online/online_int.h"

/* A loop that makes a running reduction: y[p] = y[p -+ 1] op x. */
typedef struct Run {
    PassCx *cx;
    IrNode *loop, *k, *y, *map, *x; /* map: of a turn */
    IrNode *within;                 /* x is what runs where that holds; NULL: everywhere */
    bool whole;                     /* the loop begins with nothing; else with %x, of which the first place stays */
    bool turned;                    /* places are counted from the other end */
    bool adds;                      /* the first one is added to 0 */
    bool opens;                     /* x is computed where the loop does not */
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
    return q->axis >= 0;
}

static bool find_turn(Run *q, IrNode *loop)
{
    IrRegion *r = loop->regions[0];
    if (loop->op != OP_for || loop->nin != 3 || loop->type.rank < 2 || !dtype_is_float(loop->type.dtype))
        return false;
    *q = (Run){ .cx = q->cx, .loop = loop, .k = r->params.p[0], .y = r->params.p[1] };
    IrNode *update = ir_terminator(r)->in[0];
    if (!q->k->dim || q->k->from || q->k->to || update->op != OP_update || update->parent != r || update->in[0] != q->y || !find_axis(q, update))
        return false;
    q->map = update->in[1];
    q->place = pass_dim_through(q->cx, update->in[2 + q->axis]);
    return q->map->op == OP_map && q->map->parent == r && q->map->type.rank == loop->type.rank - 1 && !pass_guard(q->map->regions[0]);
}

/* Each turn fills the next place, from the first one or the last; the second, where the first is filled already. */
static bool find_direction(Run *q)
{
    DimCx *d = q->cx->module->dims;
    Dim k = dim_sym(d, q->k->sym), lo = q->k->lo ? q->k->lo : dim_const(d, 0), turn = dim_sub(d, k, lo), one = dim_const(d, 1);
    Dim n = q->loop->type.dims[q->axis], last = dim_sub(d, n, one);
    q->whole = q->k->dim == n;
    if (!q->whole && ((q->k->dim != last && q->k->dim != dim_max(d, dim_const(d, 0), last)) || q->loop->in[2]->op != OP_map))
        return false;
    Dim up = q->whole ? turn : dim_add(d, turn, one), down = dim_sub(d, last, up);
    q->kind = q->place == up ? RUNNING_upto : RUNNING_from;
    q->source = q->place;
    return (q->place == up || q->place == down) && (!q->whole || is_int(q->loop->in[0], 0));
}

static Dim before(const Run *q)
{
    DimCx *d = q->cx->module->dims;
    return running_is_down(q->kind) ? dim_add(d, q->place, dim_const(d, 1)) : dim_sub(d, q->place, dim_const(d, 1));
}

/* Is it the element of that place, in the same row? */
static bool reads_at(const Run *q, const IrNode *load, Dim place)
{
    const IrRegion *r = q->map->regions[0];
    bool ok = load->op == OP_load && load->in[0] == q->y;
    for (int a = 0, i = 0; a < q->loop->type.rank && ok; a++)
        ok = a == q->axis ? pass_dim_through(q->cx, load->in[1 + a]) == place : load->in[1 + a] == r->params.p[i++];
    return ok;
}

/* What the turn before has filled. */
static bool reads_before(const Run *q, const IrNode *load) { return reads_at(q, load, before(q)); }

/* Does it read that, and where it begins with a tensor its own place? */
static bool reads_as_often(const Run *q)
{
    int n = 0;
    for (const IrUse *u = q->y->uses; u; u = u->next)
        n++;
    return n == (q->whole ? 2 : 3); /* and the update */
}

/* ---- choices ------------------------------------------------------------------------------------------------------------------ */

static bool is_choice(const IrNode *v, IrNode **yes, IrNode **no)
{
    if (v->op == OP_select) {
        *yes = v->in[1];
        *no = v->in[2];
    } else if (v->op == OP_if && v->nregions == 2) {
        *yes = ir_terminator(v->regions[0])->in[0];
        *no = ir_terminator(v->regions[1])->in[0];
    } else {
        return false;
    }
    return true;
}

/* The condition holds where that is not negative; NULL: it is none of places. */
static Dim slack(const Run *q, const IrNode *c)
{
    DimCx *d = q->cx->module->dims;
    if ((c->op != OP_lt && c->op != OP_le) || c->in[0]->type.dtype != DT_i64)
        return NULL;
    return dim_sub(d, dim_sub(d, pass_dim_through(q->cx, c->in[1]), pass_dim_through(q->cx, c->in[0])), dim_const(d, c->op == OP_lt));
}

/* Does it tell the first turn from the others? What it gives in either. */
static bool tells_first(const Run *q, const IrNode *v, IrNode **first, IrNode **later)
{
    DimCx *d = q->cx->module->dims;
    IrNode *yes, *no;
    if (!is_choice(v, &yes, &no))
        return false;
    Dim k = dim_sym(d, q->k->sym), x = slack(q, v->in[0]);
    bool begins = x == dim_neg(d, k), goes_on = x == dim_sub(d, k, dim_const(d, 1));
    *first = begins ? yes : no;
    *later = begins ? no : yes;
    return begins || goes_on;
}

static bool is_place(const Run *q, const IrNode *n)
{
    if (n->op == OP_add || n->op == OP_sub)
        return is_place(q, n->in[0]) && is_place(q, n->in[1]);
    return n->op == OP_index || n->op == OP_const || n->op == OP_dim || !pass_depends_on(q->cx, n, q->k);
}

/* Once it holds it does so for all turns that follow. */
static bool goes_on(const Run *q, const IrNode *c)
{
    DimCx *d = q->cx->module->dims;
    SymMap next = symmap_new(q->cx);
    int64_t step;
    if (c->op == OP_and)
        return goes_on(q, c->in[0]) && goes_on(q, c->in[1]);
    Dim x = slack(q, c);
    symmap_put(&next, q->k->sym, dim_add(d, dim_sym(d, q->k->sym), dim_const(d, 1)));
    return x && is_place(q, c->in[0]) && is_place(q, c->in[1]) && dim_is_const(dim_sub(d, dim_subst(d, x, symmap_subst, &next), x), &step) && step >= 0;
}

static double identity(RedOp op) { return op == RED_prod ? 1 : op == RED_max ? -INFINITY : op == RED_min ? INFINITY : 0; }

static bool is_identity(RedOp op, double v) { return v == identity(op) && !(op == RED_sum && signbit(v)); }

/* Its value in the first turn, if that is a number. */
static bool begins_with(const Run *q, const IrNode *n, double *v)
{
    IrNode *first, *later;
    double a = 0, b = 0;
    if (n->op == OP_const && dtype_is_float(n->type.dtype)) {
        *v = n->fimm;
        return true;
    }
    if (tells_first(q, n, &first, &later))
        return begins_with(q, first, v);
    bool two = n->op == OP_add || n->op == OP_sub || n->op == OP_mul;
    if ((!two && n->op != OP_neg) || !begins_with(q, n->in[0], &a) || (two && !begins_with(q, n->in[1], &b)))
        return false;
    *v = n->op == OP_neg ? -a : n->op == OP_add ? a + b : n->op == OP_sub ? a - b : a * b;
    return true;
}

/* ---- the value of a turn ------------------------------------------------------------------------------------------------------- */

typedef struct Back { Run *q; bool found; } Back;

static void see_back(void *user, IrNode *n)
{
    Back *b = user;
    IrNode *first, *later;
    for (int i = 1; i < n->nin && n->op == OP_load && n->in[0] != b->q->y; i++)
        b->found = b->found || (n->in[i]->type.dtype == DT_i64 && pass_dim_through(b->q->cx, n->in[i]) == before(b->q));
    b->found = b->found || (tells_first(b->q, n, &first, &later) && !reads_before(b->q, later));
}

/* What runs is that of the place before: it tells the first turn from the others, or reads something there. */
static bool runs_behind(Run *q)
{
    Back b = { q, false };
    ir_walk(q->map->regions[0], see_back, &b);
    return b.found;
}

/* What the turn before has filled, or the identity in the first one. */
static bool is_so_far(Run *q, const IrNode *n, bool *safe)
{
    IrNode *first, *later;
    double v;
    *safe = tells_first(q, n, &first, &later);
    return *safe ? reads_before(q, later) && begins_with(q, first, &v) && is_identity(q->op, v) : reads_before(q, n);
}

static bool find_kind(Run *q, IrNode *first, bool safe)
{
    double v = identity(q->op);
    bool sum = first && first->op == OP_add && first->in[1] == q->x && first->in[0]->op == OP_const && first->in[0]->fimm == 0;
    if (first && (first == q->x || sum)) {
        q->adds = sum;
        return true;
    }
    if (!first && !runs_behind(q)) {
        q->adds = q->op == RED_sum;
        return true;
    }
    q->opens = !first;
    q->kind = (IrRunning)(q->kind + 1);
    q->source = before(q);
    if (first)
        return begins_with(q, first, &v) && is_identity(q->op, v);
    return !safe || (begins_with(q, q->x, &v) && (v == identity(q->op)));
}

static bool find_op(Run *q, const IrNode *v)
{
    static const IrOp ops[] = { [RED_sum] = OP_add, [RED_prod] = OP_mul, [RED_max] = OP_max, [RED_min] = OP_min };
    int op = 0;
    while (op <= RED_min && ops[op] != v->op)
        op++;
    q->op = (RedOp)op;
    return op <= RED_min;
}

static bool find_value(Run *q)
{
    IrNode *v = ir_terminator(q->map->regions[0])->in[0], *first = NULL, *later, *yes, *no, *none = NULL;
    bool safe = false;
    double x;
    if (!tells_first(q, v, &first, &later) && is_choice(v, &yes, &no)) {
        q->within = v->in[0];
        none = no;
        v = yes;
    }
    first = NULL;
    if (tells_first(q, v, &first, &later))
        v = later;
    if (!find_op(q, v))
        return false;
    int side = is_so_far(q, v->in[0], &safe) ? 0 : is_so_far(q, v->in[1], &safe) ? 1 : -1;
    if (side < 0 || (!safe && !first && !none) || (none && (!goes_on(q, q->within) || !begins_with(q, none, &x) || !is_identity(q->op, x))))
        return false;
    q->x = v->in[!side];
    return find_kind(q, first, safe);
}

/* y[p] op y[p -+ 1], where y[p] is what the loop began with. */
static bool find_next(Run *q)
{
    IrNode *v = ir_terminator(q->map->regions[0])->in[0];
    int side = v->nin == 2 && reads_before(q, v->in[0]) ? 0 : 1;
    if (!find_op(q, v) || !reads_before(q, v->in[side]))
        return false;
    q->x = v->in[!side];
    return reads_at(q, q->x, q->place);
}

static bool find_run(Run *q, IrNode *loop)
{
    return find_turn(q, loop) && find_direction(q) && reads_as_often(q) && (q->whole ? find_value(q) : find_next(q));
}

/* ---- a loop as a map -------------------------------------------------------------------------------------------------------- */

typedef struct Copy { Run *q; IrBuilder b; IrNode *at; Map nodes; SymMap syms; bool ok; } Copy;

static IrNode *copied(Copy *c, IrNode *n);

typedef struct Inner { Copy *c; const IrNode *owner; } Inner;

static void copy_outer(void *user, IrNode *n)
{
    Inner *in = user;
    for (int i = 0; i < n->nin; i++) {
        bool own = false;
        for (const IrRegion *r = n->in[i]->parent; r && r->owner && !own; r = r->owner->parent)
            own = r->owner == in->owner;
        if (!own)
            copied(in->c, n->in[i]);
    }
}

static Dim from_the_end(const Run *q, Dim place)
{
    DimCx *d = q->cx->module->dims;
    return dim_sub(d, dim_sub(d, q->loop->type.dims[q->axis], dim_const(d, 1)), place);
}

static IrNode *copied(Copy *c, IrNode *n)
{
    Run *q = c->q;
    IrNode *known = map_find(&c->nodes, n), *first, *later, *y;
    if (known || !ir_inside(n, q->loop->regions[0]) || !c->ok)
        return known ? known : n;
    Dim place = n->type.dtype == DT_i64 && !n->type.rank ? pass_dim_through(q->cx, n) : NULL;
    if (place && place == (q->turned ? from_the_end(q, q->source) : q->source)) {
        y = c->at;
    } else if (place && place == q->source) {
        y = ir_dim_value(&c->b, from_the_end(q, dim_sym(q->cx->module->dims, c->at->sym)));
    } else if (n == q->k) {
        y = ir_dim_value(&c->b, dim_subst(q->cx->module->dims, dim_sym(q->cx->module->dims, n->sym), symmap_subst, &c->syms));
    } else if (q->opens && tells_first(q, n, &first, &later)) {
        y = copied(c, later);
    } else if (n->op == OP_arg || n->op == OP_index || n->sym) {
        c->ok = false;
        return n;
    } else {
        Inner in = { c, n };
        for (int i = 0; i < n->nin; i++)
            copied(c, n->in[i]);
        for (int i = 0; i < n->nregions; i++)
            ir_walk(n->regions[i], copy_outer, &in);
        y = ir_clone_node(&c->b, n, &c->nodes, symmap_subst, &c->syms);
    }
    map_put(&c->nodes, n, y);
    return y;
}

static IrNode *value_of(Copy *c, Dim x)
{
    const IrRegion *r = c->b.region;
    for (int a = 0; a < r->params.n; a++)
        if (x == dim_sym(c->q->cx->module->dims, r->params.p[a]->sym))
            return r->params.p[a];
    return ir_dim_value(&c->b, x);
}

/* Of j - 1 < i: j <= i, as a guard says it. */
static IrNode *plainly(Copy *c, IrNode *g)
{
    Run *q = c->q;
    DimCx *d = q->cx->module->dims;
    SymMap next = symmap_new(q->cx);
    int64_t step;
    if (g->op == OP_and)
        return ir_add2(&c->b, OP_and, g->type, plainly(c, g->in[0]), plainly(c, g->in[1]));
    Dim x = pass_is_affine(g->in[0]) && g->nin == 2 && pass_is_affine(g->in[1]) ? slack(q, g) : NULL, j = dim_sym(d, c->at->sym);
    symmap_put(&next, c->at->sym, dim_add(d, j, dim_const(d, 1)));
    if (!x || !dim_is_const(dim_sub(d, dim_subst(d, x, symmap_subst, &next), x), &step) || (step != 1 && step != -1))
        return g;
    return step < 0 ? ir_add2(&c->b, OP_le, g->type, c->at, value_of(c, dim_add(d, x, j))) : ir_add2(&c->b, OP_le, g->type, value_of(c, dim_sub(d, j, x)), c->at);
}

static IrNode *what_runs(Copy *c)
{
    Run *q = c->q;
    IrBuilder *b = &c->b;
    IrNode *x = copied(c, q->x), *within = q->within ? copied(c, q->within) : NULL;
    if (q->adds && q->op == RED_sum && !running_is_down(q->kind))
        x = ir_add2(b, OP_add, x->type, x, ir_const_float(b, x->type.dtype, 0));
    if (within && !running_has_place(q->kind))
        within = plainly(c, within);
    return within ? ir_add3(b, OP_select, x->type, within, x, pass_identity(b, q->op, x->type.dtype)) : x;
}

typedef struct Loads { Run *q; const IrNode *at; bool ok; } Loads;

static void see_load(void *user, IrNode *n)
{
    Loads *l = user;
    PassCx *cx = l->q->cx;
    for (int i = 1; i < n->nin && n->op == OP_load; i++) {
        bool exact = n->in[i] == l->at && n->in[0]->type.dims[i - 1] == l->at->dim;
        l->ok = l->ok && (exact || (pass_is_inside(cx, n, i) && (!l->q->opens || !pass_depends_on(cx, n->in[i], l->at))));
    }
    l->ok = l->ok && !pass_is_fault(n);
}

/* Where the loop does not, it may be computed, too. */
static bool may_open(Run *q, IrRegion *r, const IrNode *at)
{
    Loads l = { q, at, true };
    if (q->opens || q->within)
        ir_walk(r, see_load, &l);
    return l.ok;
}

/* Do all that read it count its places from the other end? */
static bool is_read_turned(const Run *q)
{
    bool all = q->loop->uses != NULL;
    for (const IrUse *u = q->loop->uses; u && all; u = u->next) {
        const IrNode *at = u->user->op == OP_load && u->slot == 0 ? u->user->in[1 + q->axis] : NULL;
        all = at && at->op == OP_sub && at->in[1]->op == OP_index && pass_dim_through(q->cx, at->in[0]) == from_the_end(q, dim_const(q->cx->module->dims, 0));
    }
    return all;
}

static void turn(Run *q)
{
    for (IrUse *u = q->loop->uses; u; u = u->next)
        ir_set_in(u->user, 1 + q->axis, u->user->in[1 + q->axis]->in[1]);
}

typedef struct Turned { const IrNode *at; Dim place, turned; PassCx *cx; IrNode *load; VEC(IrNode *) straight; } Turned;

static void see_turned(void *user, IrNode *n)
{
    Turned *t = user;
    bool whole = n->type.dtype == DT_i64 && !n->type.rank && n != t->at;
    if (whole && pass_dim_through(t->cx, n) == t->place)
        vec_push(t->cx->arena, &t->straight, n);
    bool may = n->op == OP_load && n->in[0]->op == OP_map && !pass_loops(n->in[0]) && !pass_faults(n->in[0]) && !online_is_running(n->in[0]) && !pass_is_blank(n->in[0]);
    for (int i = 1; i < n->nin && may; i++)
        if (pass_dim_through(t->cx, n->in[i]) == t->turned)
            t->load = n;
}

/* What it reads from the other end, and costs little, is computed there: what that reads in turn is at the place again. */
static void read_straight(Run *q, IrNode *map, IrNode *at)
{
    DimCx *d = q->cx->module->dims;
    Turned t = { at, dim_sym(d, at->sym), from_the_end(q, dim_sym(d, at->sym)), q->cx, NULL, { 0 } };
    for (int most = 0; most < 8; most++) {
        t.load = NULL;
        t.straight.n = 0;
        ir_walk(map->regions[0], see_turned, &t);
        for (int i = 0; i < t.straight.n; i++)
            ir_replace(t.straight.p[i], at);
        if (!t.load)
            return;
        pass_inline_load(q->cx, t.load->in[0], t.load);
    }
}

/* The turn in which a place is the source. */
static Dim turn_of(const Run *q, Dim place)
{
    DimCx *d = q->cx->module->dims;
    Dim k = dim_sym(d, q->k->sym);
    return running_is_down(q->kind) ? dim_sub(d, dim_add(d, q->source, k), place) : dim_add(d, dim_sub(d, place, q->source), k);
}

IrNode *online_running_of(PassCx *cx, IrNode *loop)
{
    Run run = { .cx = cx }, *q = &run;
    DimCx *d = cx->module->dims;
    if (!find_run(q, loop))
        return NULL;
    IrBuilder b = { loop->parent->fn, loop->parent, loop, loop->span };
    IrNode *map = ir_add0(&b, OP_map, loop->type);
    IrRegion *r = ir_region_new(b.fn, map);
    Copy c = { q, { b.fn, r, NULL, loop->span }, NULL, map_new(cx->arena), symmap_new(cx), true };
    map->name = pass_is_blank(loop->in[2]) ? loop->in[2]->name : loop->name;
    for (int a = 0, i = 0; a < loop->type.rank; a++) {
        IrNode *old = a == q->axis ? q->k : q->map->regions[0]->params.p[i++], *x = ir_index_new(r, old->name, NULL, loop->type.dims[a], old->span);
        if (a == q->axis) {
            c.at = x;
            continue;
        }
        map_put(&c.nodes, old, x);
        symmap_put(&c.syms, old->sym, dim_sym(d, x->sym));
    }
    bool turned = is_read_turned(q);
    Dim j = dim_sym(d, c.at->sym);
    q->turned = turned;
    symmap_put(&c.syms, q->k->sym, turn_of(q, turned ? from_the_end(q, j) : j));
    if (!q->whole) {
        map_put(&c.nodes, q->y, loop->in[2]);
        map_put(&cx->begun, map, map);
    }
    IrNode *in[] = { what_runs(&c), c.at }, *y = ir_add(&c.b, OP_running, ir_scalar(loop->type.dtype), 2, in);
    y->redop = (uint8_t)q->op;
    y->imm = turned ? (q->kind + 2) % RUNNING_count : q->kind;
    if (!q->adds && q->op == RED_sum && running_is_down(y->imm)) /* where a loop would add it to 0 */
        map_put(&cx->bare, map, map);
    ir_yield(&c.b, 1, &y);
    pass_note_symbols(cx, r);
    if (c.ok && may_open(q, r, c.at)) {
        if (turned) {
            turn(q);
            read_straight(q, map, c.at);
        }
        return map;
    }
    ir_drop(map);
    return NULL;
}
