/* ring.c - a recurrence keeps what is read later: a tensor that a loop fills place by place, and of which only the last few are read.
 *
 *     %z = map [t: T, d: D] { 0 }                       %z = map [t: 2, d: D] { 0 }
 *     %h = for 0, T, %z [t] (%a) {                      %h = for 0, T, %z [t] (%a) {
 *       %r = map [d: D] { .. %a[t - 1, d] .. }            %r = map [d: D] { .. %a[(t - 1) % 2, d] .. }
 *       yield update %a[t, 0: D], %r }                    yield update %a[t % 2, 0: D], %r }
 *     .. %h[T - 1, d] ..                                .. %h[(T - 1) % 2, d] ..
 *
 * Place p lies at p % R, R a power of two larger than every distance at which a place is read: by the turns after it, and after the loop
 * from its last place. Every turn writes its whole place, and the loop runs over all of them: nothing older shows through, and each
 * place was written before it is read, so what the tensor begins with is never seen: it begins undefined (a guard that never holds), also
 * where all of it is kept. Backwards loops go the same way. No value changes.
 */
#include "passes/pass_int.h"

enum { RING_MOST = 64 };

typedef struct Web {
    PassCx *cx;
    IrNode *loop;            /* the outermost one; it scans axis `axis` */
    int slot, axis;
    IrNode *init;
    VEC(IrNode *) values;    /* all that hold the tensor, one after the other: carried, updated, left by loops */
    VEC(IrNode *) loads, updates, loops;
    Dim place;               /* that one turn writes */
    bool backwards, failed;
    bool whole;              /* all of it is read after the loop */
    int64_t most;            /* the largest distance of a read */
} Web;

/* ---- the values ------------------------------------------------------------------------------------------------------------ */

static bool has(const Web *w, const IrNode *v)
{
    for (int i = 0; i < w->values.n; i++)
        if (w->values.p[i] == v)
            return true;
    return false;
}

static void add(Web *w, IrNode *v)
{
    if (!has(w, v))
        vec_push(w->cx->arena, &w->values, v);
}

/* Carried value `slot` of a loop: what it is inside, and after. */
static void add_carried(Web *w, IrNode *loop, int slot)
{
    add(w, loop->regions[0]->params.p[1 + slot]);
    if (loop->type.dtype != DT_none)
        add(w, loop);
    for (IrUse *u = loop->uses; u; u = u->next)
        if (u->user->op == OP_result && u->user->imm == slot)
            add(w, u->user);
}

static bool is_left(const Web *w, const IrNode *v) { return v == w->loop || (v->op == OP_result && v->in[0] == w->loop); }

static void follow(Web *w, const IrNode *v, const IrUse *u)
{
    IrNode *n = u->user, *owner = n->parent->owner;
    if (n->op == OP_load && u->slot == 0) {
        vec_push(w->cx->arena, &w->loads, n);
    } else if (n->op == OP_result && has(w, n)) {
        return;
    } else if (is_left(w, v)) {
        w->whole = true;
    } else if (n->op == OP_update && u->slot == 0) {
        vec_push(w->cx->arena, &w->updates, n);
        add(w, n);
    } else if (n->op == OP_for && u->slot >= 2 && ir_inside(n, w->loop->regions[0])) {
        vec_push(w->cx->arena, &w->loops, n);
        add_carried(w, n, u->slot - 2);
    } else if (n->op == OP_yield && owner && owner->op == OP_for) {
        w->failed = w->failed || !has(w, owner->regions[0]->params.p[1 + u->slot]);
    } else {
        w->failed = true;
    }
}

static void find_values(Web *w)
{
    vec_push(w->cx->arena, &w->loops, w->loop);
    add_carried(w, w->loop, w->slot);
    for (int i = 0; i < w->values.n && !w->failed; i++)
        for (IrUse *u = w->values.p[i]->uses; u; u = u->next)
            if (w->values.p[i]->op != OP_for || w->values.p[i]->type.dtype != DT_none)
                follow(w, w->values.p[i], u);
    for (int i = 0; i < w->loops.n && !w->failed; i++) { /* what a loop gives back is the tensor, too */
        IrRegion *r = w->loops.p[i]->regions[0];
        for (int k = 1; k < r->params.n; k++)
            if (has(w, r->params.p[k]) && !has(w, ir_terminator(r)->in[k - 1]))
                w->failed = true;
    }
}

/* ---- places ------------------------------------------------------------------------------------------------------------------- */

static Dim minus(Web *w, Dim a, Dim b) { return dim_sub(w->cx->module->dims, a, b); }

/* The loop counts 0..n and x is its index k, or n - 1 - k. */
static bool runs_over(Web *w, const IrNode *loop, IrNode *x, Dim n, bool *backwards)
{
    IrNode *k = loop->regions[0]->params.p[0];
    DimCx *d = w->cx->module->dims;
    if (!pass_is_affine(x) || !pass_is_affine(loop->in[0]) || !pass_is_affine(loop->in[1]) || pass_dim_of(w->cx, loop->in[0]) != dim_const(d, 0) ||
        pass_dim_of(w->cx, loop->in[1]) != n)
        return false;
    Dim p = pass_dim_of(w->cx, x);
    *backwards = p != dim_sym(d, k->sym);
    return !*backwards || p == minus(w, minus(w, n, dim_const(d, 1)), dim_sym(d, k->sym));
}

/* Every turn of the loop writes all of its place: along each other axis a box takes it whole, or a loop inside runs over it. */
static bool writes_whole(Web *w, const IrNode *u)
{
    IrType t = u->type;
    int nscans = 0;
    for (int i = 0; i < t.rank; i++) {
        bool whole = false, back;
        if (u->box[i])
            whole = u->box[i] == t.dims[i] && u->in[2 + i]->op == OP_const && u->in[2 + i]->imm == 0;
        for (int k = 0; k < w->loops.n && !u->box[i] && !whole; k++)
            whole = (i == w->axis) == (k == 0) && runs_over(w, w->loops.p[k], u->in[2 + i], t.dims[i], &back);
        nscans += !u->box[i];
        if (!whole)
            return false;
        for (int j = 0; j < i; j++) /* not a diagonal */
            if (!u->box[i] && u->in[2 + i] == u->in[2 + j])
                return false;
    }
    return nscans == w->loops.n;
}

/* The load is of this turn's own place: an update has been there, or an inner loop in a turn before. */
static bool is_written(Web *w, const IrNode *load)
{
    IrNode *u = w->updates.p[0];
    bool back;
    if (load->in[0]->op == OP_update || !ir_inside(load, w->loop->regions[0]))
        return true;
    for (int k = 1; k < w->loops.n && w->loops.n == 2 && load->in[0]->parent == w->loops.p[k]->regions[0]; k++)
        for (int i = 0; i < u->type.rank; i++) {
            if (load->in[0]->op != OP_arg || u->box[i] || i == w->axis || !pass_is_affine(load->in[1 + i]) || !runs_over(w, w->loops.p[k], u->in[2 + i], u->type.dims[i], &back))
                continue;
            int64_t c;
            Dim far = minus(w, pass_dim_of(w->cx, u->in[2 + i]), pass_dim_of(w->cx, load->in[1 + i]));
            if (dim_is_const(far, &c) && (back ? c < 0 : c > 0))
                return true;
        }
    return load->in[0]->op == OP_for || load->in[0]->op == OP_result; /* after the loops inside */
}

/* How far behind the place of its turn, or of the last turn, a load reads. */
static bool see_load(Web *w, IrNode *load)
{
    DimCx *d = w->cx->module->dims;
    IrNode *x = load->in[1 + w->axis];
    int64_t c;
    bool inside = ir_inside(load, w->loop->regions[0]), near_ = false;
    if (pass_is_affine(x)) {
        Dim at = pass_dim_of(w->cx, x), from = w->place;
        if (!inside) /* the last place */
            from = w->backwards ? dim_const(d, 0) : minus(w, w->init->type.dims[w->axis], dim_const(d, 1));
        near_ = dim_is_const(w->backwards ? minus(w, at, from) : minus(w, from, at), &c) && c >= 0 && (c > 0 || is_written(w, load));
    }
    if (!near_ && inside)
        return false;
    w->whole = w->whole || !near_ || c >= RING_MOST;
    w->most = near_ && c > w->most ? c : w->most;
    return true;
}

static bool has_form(Web *w)
{
    find_values(w);
    if (w->failed || w->updates.n != 1)
        return false;
    IrNode *u = w->updates.p[0];
    for (w->axis = 0; w->axis < u->type.rank; w->axis++)
        if (!u->box[w->axis] && runs_over(w, w->loop, u->in[2 + w->axis], u->type.dims[w->axis], &w->backwards))
            break;
    if (w->axis == u->type.rank || !writes_whole(w, u))
        return false;
    w->place = pass_dim_of(w->cx, u->in[2 + w->axis]);
    for (int i = 0; i < w->loads.n; i++)
        if (!see_load(w, w->loads.p[i]))
            return false;
    return true;
}

/* ---- rewriting ----------------------------------------------------------------------------------------------------------------- */

/* Nobody reads what the tensor begins with. */
static IrNode *blank(Web *w, IrType t)
{
    IrBuilder b = { w->loop->parent->fn, w->loop->parent, w->loop, w->init->span };
    IrNode *init = ir_add0(&b, OP_map, t), *yield[2];
    IrRegion *r = ir_region_new(b.fn, init), *old = w->init->regions[0];
    init->name = w->init->name;
    for (int i = 0; i < t.rank; i++)
        ir_index_new(r, old->params.p[i]->name, NULL, t.dims[i], w->init->span);
    IrBuilder in = { b.fn, r, NULL, w->init->span };
    Map nodes = map_new(w->cx->arena);
    yield[0] = ir_clone_region(&in, old, &nodes, NULL, NULL)[0];
    yield[1] = ir_const_int(&in, DT_bool, 0);
    ir_yield(&in, 2, yield);
    ir_set_in(w->loop, 2 + w->slot, init);
    w->cx->changed++;
    return init;
}

static IrType shorter(Web *w, IrType t, int64_t size)
{
    IrType s = { t.dtype, t.rank, arena_copy(w->cx->module->arena, t.dims, sizeof *t.dims * (size_t)t.rank) };
    s.dims[w->axis] = dim_const(w->cx->module->dims, size);
    return s;
}

static void wrap(IrNode *n, int slot, int64_t size)
{
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    ir_set_in(n, slot, ir_add2(&b, OP_mod, ir_scalar(DT_i64), n->in[slot], ir_int(&b, size)));
}

static void rewrite(Web *w, int64_t size)
{
    blank(w, shorter(w, w->init->type, size));
    for (int i = 0; i < w->values.n; i++)
        w->values.p[i]->type = shorter(w, w->values.p[i]->type, size);
    for (int i = 0; i < w->updates.n; i++)
        wrap(w->updates.p[i], 2 + w->axis, size);
    for (int i = 0; i < w->loads.n; i++)
        wrap(w->loads.p[i], 1 + w->axis, size);
}

/* One number everywhere. */
static bool is_constant(const IrNode *map)
{
    if (map->op != OP_map || pass_guard(map->regions[0]))
        return false;
    for (const IrNode *n = map->regions[0]->first; n; n = n->next)
        if (n->op != OP_const && n->op != OP_yield)
            return false;
    return true;
}

static void try(PassCx *cx, IrNode *loop, int slot)
{
    Web w = { .cx = cx, .loop = loop, .slot = slot, .init = loop->in[2 + slot] };
    int64_t size = 1, n;
    if (!is_constant(w.init) || !has_form(&w))
        return;
    while (size <= w.most)
        size *= 2;
    if (w.whole || (dim_is_const(w.init->type.dims[w.axis], &n) && n <= size))
        blank(&w, w.init->type);
    else
        rewrite(&w, size);
}

static void visit(void *user, IrNode *n)
{
    for (int i = 2; n->op == OP_for && i < n->nin; i++)
        try(user, n, i - 2);
}

bool pass_ring(PassCx *cx, IrFn *fn)
{
    ir_walk(fn->body, visit, cx);
    return true;
}
