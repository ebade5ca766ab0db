/* keep.c - rule 1 within a row: elements that a reduction has computed, and that a later loop over the same row needs, are kept.
 *
 *     %s = reduce sum [n] { exp(%x[t, n] - %m) }                      %s = reduce sum [n] { %e = exp(%x[t, n] - %m); store %y[t, n], %e }
 *     tfor lanes [n] { store %y[t, n], exp(%x[t, n] - %m) / %s }      tfor lanes [n] { store %y[t, n], %y[t, n] / %s }
 *
 * They lie where the loop writes its results, so rows may have any length and there is no memory beside: a row that was just written is
 * in the nearest cache that holds it. Kept is what has an elementary function or a draw in it; cheaper arithmetic is computed again. One loop is
 * looked at for each reduction: two reductions of one row that take the same exponential still take it twice.
 */
#include "passes/stream_int.h"

typedef struct Keep {
    PassCx *cx;
    IrNode *reduce, *loop, *store; /* store: the only one of the loop, under no condition */
    Map pairs;                     /* node of the reduction -> equal node of the loop */
    IrNode *from, *value;          /* what is kept, in the reduction; the equal node of the loop */
    IrNode *subs[IR_RANK_MOST];    /* of the store, in the reduction */
} Keep;

typedef struct Stores { int count; IrNode *last; } Stores;

static void see_store(void *user, IrNode *n)
{
    Stores *s = user;
    s->count += n->op == OP_store || n->op == OP_copy || n->op == OP_setscalar || n->op == OP_sortrow || n->op == OP_dot16;
    s->last = n->op == OP_store ? n : s->last;
}

static IrNode *only_store(IrNode *loop)
{
    Stores s = { 0, NULL };
    ir_walk(loop->regions[0], see_store, &s);
    return s.count == 1 && s.last && s.last->parent == loop->regions[0] ? s.last : NULL;
}

static bool is_whole(const IrNode *x) { return x->op == OP_index && !x->from && !x->to; }

/* A reduction of a plain row over the range of the loop, but for those that take one place after the other. */
static bool over_same_row(const IrNode *reduce, const IrNode *loop)
{
    if (reduce->op != OP_reduce || reduce->order == ORDER_chain || reduce->regions[0]->params.n != 1 || pass_guard(reduce->regions[0]))
        return false;
    const IrNode *x = reduce->regions[0]->params.p[0], *y = loop->regions[0]->params.p[0];
    return is_whole(x) && is_whole(y) && x->dim == y->dim && x->lo == y->lo;
}

/* ---- equal nodes -------------------------------------------------------------------------------------------------- */

static bool is_dear(const IrNode *n, Map *dear)
{
    bool found = pass_is_elementary((IrOp)n->op);
    for (int i = 0; i < n->nin && !found; i++)
        found = map_find(dear, n->in[i]) != NULL;
    if (found)
        map_put(dear, n, (void *)(uintptr_t)n);
    return found;
}

static IrNode *equal_in(Keep *k, IrRegion *loop, const IrNode *a)
{
    for (IrNode *b = loop->first; b; b = b->next)
        if (pass_same_under(&k->pairs, a, b))
            return b;
    return NULL;
}

/* The last value of both that is dear. */
static bool find_value(Keep *k)
{
    Map dear = map_new(k->cx->arena);
    IrRegion *r = k->reduce->regions[0], *l = k->loop->regions[0];
    IrNode *x = r->params.p[0], *y = l->params.p[0];
    k->pairs = map_new(k->cx->arena);
    map_put(&k->pairs, x, y);
    if (x->sym && y->sym)
        map_put(&k->pairs, x->sym, (void *)(uintptr_t)dim_sym(k->cx->module->dims, y->sym));
    for (IrNode *a = r->first; a; a = a->next) {
        bool value = (ir_is_scalar_op(a) || a->op == OP_load) && !a->nregions && !(ir_info(a)->effects & (FAULTS | PINNED));
        IrNode *b = value ? equal_in(k, l, a) : NULL;
        if (!b)
            continue;
        map_put(&k->pairs, a, b);
        if (is_dear(a, &dear) && ir_type_equal(a->type, k->store->in[1]->type) && a->type.dtype == k->store->in[0]->type.dtype) {
            k->from = a;
            k->value = b;
        }
    }
    return k->from != NULL;
}

/* ---- the place ---------------------------------------------------------------------------------------------------- */

/* Does it stand in front of the reduction, or around both? */
static bool is_before(const Keep *k, const IrNode *n)
{
    if (ir_inside(n, k->loop->regions[0]) || ir_inside(n, k->reduce->regions[0]))
        return false;
    if (n->parent != k->reduce->parent || n->op == OP_index || n->op == OP_arg)
        return true;
    for (const IrNode *x = k->reduce->prev; x; x = x->prev)
        if (x == n)
            return true;
    return n->op == OP_buffer;
}

/* Subscripts: indices and what is known before the reduction, each element of the row another. */
static bool find_place(Keep *k)
{
    IrNode *x = k->reduce->regions[0]->params.p[0], *y = k->loop->regions[0]->params.p[0];
    bool own = false;
    if (k->store->nin - 2 > 16 || !is_before(k, k->store->in[0]))
        return false;
    for (int i = 2; i < k->store->nin; i++) {
        IrNode *s = k->store->in[i];
        own = own || s == y;
        k->subs[i - 2] = s == y ? x : s;
        if (s != y && s->op != OP_const && !is_before(k, s))
            return false;
    }
    return own;
}

/* ---- other uses of the memory ----------------------------------------------------------------------------------------- */

static bool is_kept_element(const Keep *k, const IrNode *load, bool in_loop)
{
    if (load->in[0] != k->store->in[0] || load->nin - 1 != k->store->nin - 2)
        return false;
    for (int i = 1; i < load->nin; i++)
        if (load->in[i] != (in_loop ? k->store->in[i + 1] : k->subs[i - 1]))
            return false;
    return true;
}

typedef struct Touch { const Keep *k; bool bad; } Touch;

static void see_touch(void *user, IrNode *n)
{
    Touch *t = user;
    const Keep *k = t->k;
    bool in_loop = ir_inside(n, k->loop->regions[0]), in_reduce = ir_inside(n, k->reduce->regions[0]);
    for (int i = 0; i < n->nin; i++) {
        if (n->in[i]->op != OP_buffer || pass_root(n->in[i]) != pass_root(k->store->in[0]) || n == k->store)
            continue;
        t->bad = t->bad || n->op != OP_load || !(in_loop || in_reduce) || !is_kept_element(k, n, in_loop);
    }
    t->bad = t->bad || (in_reduce && n->op == OP_store);
}

static bool needs_old(Keep *k, IrNode *n, Map *seen)
{
    if (n == k->value || !ir_inside(n, k->loop->regions[0]) || map_find(seen, n))
        return false;
    map_put(seen, n, n);
    bool found = n->op == OP_load && pass_root(n->in[0]) == pass_root(k->store->in[0]);
    for (int i = 0; i < n->nin && !found; i++)
        found = needs_old(k, n->in[i], seen);
    for (int i = 0; i < n->nregions && !found; i++)
        found = true; /* a region of its own: not looked into */
    return found;
}

/* From the reduction to the end of the loop nobody else writes there, and nobody reads what was there before. */
static bool place_is_free(Keep *k)
{
    Touch t = { k, false };
    Map seen = map_new(k->cx->arena);
    for (IrNode *n = k->reduce; !t.bad; n = n->next) {
        see_touch(&t, n);
        for (int i = 0; i < n->nregions; i++)
            ir_walk(n->regions[i], see_touch, &t);
        if (n == k->loop)
            break;
    }
    return !t.bad && !needs_old(k, k->store->in[1], &seen);
}

/* ---- keeping ---------------------------------------------------------------------------------------------------------- */

static void drop_unused(IrRegion *r)
{
    for (IrNode *n = r->last, *prev; n; n = prev) {
        prev = n->prev;
        if (!n->uses && (ir_info(n)->effects & PURE) && n->op != OP_yield && n->op != OP_buffer)
            ir_drop(n);
    }
}

static void keep(Keep *k)
{
    IrRegion *r = k->reduce->regions[0];
    IrBuilder in = { r->fn, r, ir_terminator(r), k->reduce->span }, out = { r->fn, k->loop->regions[0], k->value, k->loop->span };
    IrNode *s[2 + IR_RANK_MOST] = { k->store->in[0], k->from };
    int n = k->store->nin - 2;
    for (int i = 0; i < n; i++)
        s[2 + i] = k->subs[i]->op == OP_const ? ir_int(&in, k->subs[i]->imm) : k->subs[i];
    ir_add(&in, OP_store, ir_scalar(DT_none), 2 + n, s);
    IrNode *subs[IR_RANK_MOST];
    for (int i = 0; i < n; i++)
        subs[i] = k->store->in[2 + i]->op == OP_const ? ir_int(&out, k->store->in[2 + i]->imm) : k->store->in[2 + i];
    ir_replace(k->value, ir_load(&out, k->store->in[0], n, subs));
    drop_unused(k->loop->regions[0]);
    k->cx->changed++;
}

static bool try_pair(PassCx *cx, IrNode *reduce, IrNode *loop)
{
    Keep k = { .cx = cx, .reduce = reduce, .loop = loop };
    if (!over_same_row(reduce, loop))
        return false;
    k.store = only_store(loop);
    if (!k.store || !find_value(&k) || !find_place(&k) || !place_is_free(&k))
        return false;
    keep(&k);
    return true;
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        bool lanes = n->op == OP_tfor && n->loop == LOOP_lanes;
        for (IrNode *reduce = lanes ? n->prev : NULL; reduce; reduce = reduce->prev)
            if (try_pair(cx, reduce, n))
                break;
        for (int i = 0; i < n->nregions && !lanes; i++)
            visit(cx, n->regions[i]);
    }
}

bool pass_keep(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
