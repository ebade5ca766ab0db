/* sweep.c - a loop of which each turn is one kernel becomes one kernel, if its points never need one another.
 *
 *     for 0, N [i] { kernel [c: ..] { tfor lanes [t] {         kernel [c: ..] { tfor rows 8 [t] { for 0, N, 0.0 [i] (%y1) {
 *         %0 = load %y[t, i - 1] ... store %y[t, i], %1 } } }      ... store %y[t, i], %1; yield %1 } } }
 *
 * Recurrences come so, along any axis: rows of which each has its own chain. What a kernel writes is read, by all turns, at the same places of the
 * indices that the grid counts; so it does not matter that one point runs through all its turns before another begins, and the order of each
 * chain stays. Where lanes lie side by side in memory the loop stands around them; where they lie a row apart, and nothing but simple
 * operations is done, eight rows go side by side instead, each along its memory. What the turn before stored is handed on in a register.
 */
#include "passes/merge_int.h"
#include "passes/stream_int.h"

enum { ROWS = 8, PIECE = 128, NODES_MOST = 160 };

typedef struct Sweep {
    PassCx *cx;
    IrNode *loop, *index, *kernel, *lanes; /* lanes: the one loop of the kernel, or NULL */
    VEC(IrNode *) access;                  /* loads and stores, but for those of parameters that nobody writes */
    int nodes;
    bool plain, beside, dear, chosen;      /* beside: lanes lie side by side in memory somewhere */
} Sweep;

static void see(void *user, IrNode *n)
{
    Sweep *s = user;
    bool loop = n->op == OP_tfor || n->op == OP_for, fine = ir_is_scalar_op(n) || loop || n->op == OP_load || n->op == OP_store || n->op == OP_if ||
        n->op == OP_const || n->op == OP_dim || n->op == OP_yield || n->op == OP_index || n->op == OP_arg || n->op == OP_kernel || n->op == OP_result;
    s->nodes++;
    s->plain = s->plain && fine && !(ir_info(n)->effects & FAULTS) && n->op != OP_extern && n->op != OP_random_bits;
    s->dear = s->dear || pass_is_elementary((IrOp)n->op);
    if (n->op == OP_load || n->op == OP_store) {
        vec_push(s->cx->arena, &s->access, n);
        s->beside = s->beside || (s->lanes && n->in[n->nin - 1] == vec_last(&s->lanes->regions[0]->params));
    }
}

/* ---- may points run apart? ------------------------------------------------------------------------------------------------ */

static int first_subscript(const IrNode *access) { return access->op == OP_store ? 2 : 1; }

/* Where x is a subscript of all accesses to what is written: the same place in each. */
static bool keeps_apart(const Sweep *s, const IrNode *x)
{
    for (int i = 0; i < s->access.n; i++) {
        const IrNode *a = s->access.p[i];
        if (a->op != OP_store)
            continue;
        int place = -1;
        for (int k = 2; k < a->nin && place < 0; k++)
            place = a->in[k] == x ? k - 2 : -1;
        for (int j = 0; j < s->access.n; j++) {
            const IrNode *b = s->access.p[j];
            if (pass_root(b->in[0]) != pass_root(a->in[0]))
                continue;
            if (place < 0 || b->in[0] != a->in[0] || b->in[first_subscript(b) + place] != x)
                return false;
        }
    }
    return true;
}

/* The lanes that c counts pieces of. */
static IrNode *pieces_of(const Sweep *s, const IrNode *c)
{
    IrNode *x = s->lanes ? vec_last(&s->lanes->regions[0]->params) : NULL;
    return x && x->lo && c->sym && dim_mentions(x->lo, c->sym) ? x : NULL;
}

static bool points_are_apart(const Sweep *s)
{
    const IrRegion *g = s->kernel->regions[0];
    for (int i = 0; i < g->params.n; i++) {
        const IrNode *c = g->params.p[i], *x = pieces_of(s, c);
        int64_t n;
        if (!(dim_is_const(c->dim, &n) && n == 1) && !keeps_apart(s, x ? x : c))
            return false;
    }
    return true;
}

/* ---- the form ---------------------------------------------------------------------------------------------------------------- */

static IrNode *only_loop(const IrRegion *r)
{
    IrNode *found = NULL;
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_tfor || n->op == OP_for)
            found = found || n->next ? NULL : n;
    return found;
}

static int count_loops(const IrRegion *r)
{
    int k = 0;
    for (const IrNode *n = r->first; n; n = n->next)
        k += n->op == OP_tfor || n->op == OP_for;
    return k;
}

/* One kernel, and before it what the turn knows; memory that the turn names stands before the loop from here on. */
static bool has_form(Sweep *s)
{
    IrRegion *r = s->loop->regions[0];
    s->index = r->params.p[0];
    for (IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_kernel && s->kernel)
            return false;
        s->kernel = n->op == OP_kernel ? n : s->kernel;
        if (n->op == OP_buffer && (n->place != PLACE_view || ir_inside(n->in[0], r)))
            return false;
        if (n->op == OP_for || n->op == OP_while || n->op == OP_reduce || n->op == OP_copy || (s->kernel && n != s->kernel && n->op != OP_yield))
            return false;
    }
    if (!s->kernel || r->params.n != 1 || count_loops(s->kernel->regions[0]) > 1)
        return false;
    s->lanes = only_loop(s->kernel->regions[0]);
    if (count_loops(s->kernel->regions[0]) && !s->lanes)
        return false;
    s->plain = true;
    ir_walk(r, see, s);
    return s->plain && s->nodes <= NODES_MOST;
}

/* ---- what one turn hands to the next --------------------------------------------------------------------------------------------- */

/* What x is in the turn before. */
static Dim before(Sweep *s, const IrNode *index, IrNode *x)
{
    DimCx *d = s->cx->module->dims;
    SymMap m = symmap_new(s->cx);
    symmap_put(&m, index->sym, dim_sub(d, dim_sym(d, index->sym), dim_const(d, 1)));
    return dim_subst(d, pass_dim_through(s->cx, x), symmap_subst, &m);
}

static bool reads_last(Sweep *s, const IrNode *index, const IrNode *load, const IrNode *store)
{
    bool moved = false;
    if (load->op != OP_load || load->in[0] != store->in[0])
        return false;
    for (int k = 1; k < load->nin; k++) {
        IrNode *x = load->in[k], *y = store->in[k + 1];
        bool turns = y->type.dtype == DT_i64 && pass_depends_on(s->cx, y, index);
        if (turns ? !ir_is_scalar_op(y) && y != index : x != y)
            return false;
        if (turns && pass_dim_through(s->cx, x) != before(s, index, y))
            return false;
        moved = moved || turns;
    }
    return moved;
}

/* The one store of the region itself to that memory; NULL: there are others, or it is done by a choice. */
static IrNode *only_store(const Sweep *s, const IrRegion *r)
{
    IrNode *found = NULL;
    int n = 0;
    for (int i = 0; i < s->access.n; i++)
        if (s->access.p[i]->op == OP_store) {
            found = s->access.p[i]->parent == r ? s->access.p[i] : found;
            n++;
        }
    return n == 1 ? found : NULL;
}

/* In place of a load of what the last turn stored: the value itself, but for the first turn. */
static void hand_on(Sweep *s, IrNode *load, IrNode *index, IrNode *first, IrNode *arg)
{
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    IrNode *begins = ir_add2(&b, OP_eq, ir_scalar(DT_bool), index, first), *choice = ir_add1(&b, OP_if, load->type, begins);
    IrBuilder yes = { b.fn, ir_region_new(b.fn, choice), NULL, b.span };
    IrBuilder no = { b.fn, ir_region_new(b.fn, choice), NULL, b.span };
    ir_replace(load, choice);
    IrNode *y = ir_yield(&yes, 1, &load);
    ir_yield(&no, 1, &arg);
    ir_move_before(load, y);
    s->cx->changed++;
}

/* ---- one kernel --------------------------------------------------------------------------------------------------------------------- */

static void move_all(IrRegion *from, IrRegion *to, const IrNode *but)
{
    IrBuilder b = { to->fn, to, NULL, to->owner->span };
    IrNode *end = ir_int(&b, 0);
    for (IrNode *n = from->first, *next; n; n = next) {
        next = n->next;
        if (n != but && n->op != OP_yield)
            ir_move_before(n, end);
    }
    ir_drop(end);
}

static void follow(Sweep *s, IrNode *old, IrNode *by, IrRegion *in)
{
    SymMap m = symmap_new(s->cx);
    ir_replace(old, by);
    if (!old->sym)
        return;
    symmap_put(&m, old->sym, dim_sym(s->cx->module->dims, by->sym));
    merge_rename(s->cx, in, &m);
}

/* The turns as a loop of the innermost region, with what is handed on. */
static void turns_inside(Sweep *s, IrRegion *in, IrBuilder b)
{
    IrNode *store = only_store(s, in), *load = NULL, *ops[3] = { s->loop->in[0], s->loop->in[1] };
    for (int i = 0; store && i < s->access.n; i++)
        load = reads_last(s, s->index, s->access.p[i], store) ? s->access.p[i] : load;
    IrDtype t = load ? load->type.dtype : DT_none;
    if (load)
        ops[2] = dtype_is_float(t) ? ir_const_float(&b, t, 0) : ir_const_int(&b, t, 0);
    IrNode *f = ir_add(&b, OP_for, load ? ir_scalar(t) : ir_scalar(DT_none), load ? 3 : 2, ops);
    IrRegion *r = ir_region_new(b.fn, f);
    IrNode *i = ir_index_new(r, s->index->name, s->index->lo, s->index->dim, s->index->span), *arg = load ? ir_arg_new(r, NULL, ir_scalar(t)) : NULL;
    move_all(s->loop->regions[0], r, s->kernel);
    if (in != s->kernel->regions[0])
        move_all(s->kernel->regions[0], r, s->lanes);
    move_all(in, r, f);
    if (load)
        ir_move_before(ops[2], f);
    follow(s, s->index, i, r);
    for (int k = 0; load && k < s->access.n; k++)
        if (reads_last(s, i, s->access.p[k], store))
            hand_on(s, s->access.p[k], i, ops[0], arg);
    IrBuilder end = { b.fn, r, NULL, b.span };
    ir_yield(&end, load ? 1 : 0, load ? &store->in[1] : NULL);
}

/* The turns around the loop of the kernel. */
static void turns_outside(Sweep *s)
{
    IrRegion *grid = s->kernel->regions[0];
    IrBuilder b = { grid->fn, grid, NULL, s->loop->span };
    IrNode *f = ir_add(&b, OP_for, ir_scalar(DT_none), 2, s->loop->in);
    IrRegion *r = ir_region_new(b.fn, f);
    IrNode *i = ir_index_new(r, s->index->name, s->index->lo, s->index->dim, s->index->span);
    move_all(s->loop->regions[0], r, s->kernel);
    move_all(grid, r, f);
    follow(s, s->index, i, r);
    IrBuilder end = { b.fn, r, NULL, b.span };
    ir_yield(&end, 0, NULL);
}

/* What a piece of lanes touches in one turn stays near for the next: min(4096, n - 4096 c) lanes become min(PIECE, n - PIECE c). */
static void cut_pieces(Sweep *s)
{
    DimCx *d = s->cx->module->dims;
    IrRegion *g = s->kernel->regions[0];
    for (int i = 0; i < g->params.n; i++) {
        IrNode *c = g->params.p[i], *x = pieces_of(s, c);
        const DimTerm *t;
        if (!x || x->from || x->to || c->uses || dim_terms(x->dim, &t) != 1 || t->coef != 1 || t->nfactors != 1 || t->factors->power != 1 ||
            t->factors->atom->kind != DA_MIN)
            continue;
        const DimAtom *min = t->factors->atom;
        Dim rest = dim_mentions(min->a, c->sym) ? min->a : min->b, most = rest == min->a ? min->b : min->a, at = dim_sym(d, c->sym);
        Dim all = dim_add(d, rest, dim_mul(d, most, at)), lo = dim_sub(d, x->lo, dim_mul(d, most, at)), piece = dim_const(d, PIECE);
        int64_t n;
        if (dim_mentions(all, c->sym) || dim_mentions(lo, c->sym) || !dim_is_const(most, &n) || n <= PIECE)
            continue;
        c->dim = dim_floordiv(d, dim_add(d, all, dim_const(d, PIECE - 1)), piece);
        x->lo = dim_add(d, dim_mul(d, piece, at), lo);
        x->dim = dim_min(d, piece, dim_sub(d, all, dim_mul(d, piece, at)));
    }
}

static bool rows_are_better(const Sweep *s)
{
    return s->lanes && s->lanes->op == OP_tfor && s->lanes->loop == LOOP_lanes && !s->beside && !s->dear && !count_loops(s->lanes->regions[0]) &&
           keeps_apart(s, vec_last(&s->lanes->regions[0]->params));
}

static bool sweep(PassCx *cx, IrNode *loop)
{
    Sweep s = { .cx = cx, .loop = loop };
    if (!has_form(&s) || !points_are_apart(&s))
        return false;
    for (IrNode *n = loop->regions[0]->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_buffer)
            ir_move_before(n, loop);
    }
    IrRegion *grid = s.kernel->regions[0];
    ir_move_before(s.kernel, loop);
    cut_pieces(&s);
    if (!s.lanes) {
        IrBuilder b = { grid->fn, grid, NULL, loop->span };
        turns_inside(&s, grid, b);
    } else if (rows_are_better(&s)) {
        IrRegion *in = s.lanes->regions[0];
        s.lanes->loop = LOOP_rows;
        s.lanes->factor = ROWS;
        IrBuilder b = { grid->fn, in, NULL, loop->span };
        turns_inside(&s, in, b);
    } else {
        turns_outside(&s);
    }
    s.kernel->flops = s.kernel->bytes = NULL; /* a turn's */
    ir_drop(loop);
    cx->changed++;
    return true;
}

/* Inner loops first: a loop of loops is one kernel, too. */
static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op != OP_for && n->op != OP_while && n->op != OP_if)
            continue;
        for (int i = 0; i < n->nregions; i++)
            visit(cx, n->regions[i]);
        if (n->op == OP_for)
            sweep(cx, n);
    }
}

bool pass_sweep(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
