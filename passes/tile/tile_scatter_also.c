/* tile_scatter_also.c - scatters over the same turns into the same places are one kernel: the places are found once for all.
 *
 *     %s = scatter sum [i: N] { x[i], g, k }       kernel { tfor [i: N] { if g { store %s[k], %s[k] + x[i]; store %m[k], max(%m[k], y[i]) } } }
 *     %m = scatter max [i: N] { y[i], g, k }
 *
 * The body of the second is copied into one of the first, where equal values become one. Where guard and places then are the same
 * values, the second goes along; each keeps its operator, and so the order of its values. The second may stand further down,
 * if what it needs can be had where the first stands and nothing between them has an effect; its memory is its own.
 */
#include "passes/stream_int.h"
#include "passes/tile/tile_int.h"

/* ---- which ones ---- */

static bool has_effect(const IrNode *n)
{
    bool any = (ir_info(n)->effects & PINNED) != 0;
    for (int i = 0; i < n->nregions && !any; i++)
        for (const IrNode *x = n->regions[i]->first; x && !any; x = x->next)
            any = x->op != OP_yield && has_effect(x);
    return any;
}

typedef struct Needs { Tile *t; const IrNode *scatter; bool ready; } Needs;

static void see_symbol(void *user, DimSym *s)
{
    Needs *e = user;
    const IrNode *def = map_find(&e->t->cx->sym_nodes, s);
    bool own = def && ir_inside(def, e->scatter->regions[0]);
    e->ready = e->ready && (own || tile_knows(e->t, s));
}

static void see_needs(void *user, IrNode *n)
{
    Needs *e = user;
    for (int i = 0; i < n->nin && e->ready; i++)
        if (!ir_inside(n->in[i], e->scatter->regions[0]))
            e->ready = tile_is_ready(e->t, n->in[i]);
    pass_each_dim(n, see_symbol, e);
}

/* All that it needs is there, or is a scalar that can be computed here. */
static bool is_ready(Tile *t, IrNode *scatter)
{
    Needs e = { t, scatter, true };
    ir_walk(scatter->regions[0], see_needs, &e);
    return e.ready;
}

static void take_scalars(void *user, IrNode *n)
{
    Needs *e = user;
    for (int i = 0; i < n->nin; i++)
        if (!pass_is_tensor(n->in[i]) && !ir_inside(n->in[i], e->scatter->regions[0]))
            tile_now(e->t, n->in[i]);
}

/* It is only read, or is a result: nothing that others read lives in its memory before. */
static bool has_own_memory(Tile *t, const IrNode *scatter)
{
    for (const IrUse *u = scatter->uses; u; u = u->next) {
        IrOp op = (IrOp)u->user->op;
        bool read = (op == OP_load && u->slot == 0) || op == OP_effect || op == OP_sort || op == OP_topk;
        if (!read && !(op == OP_ret && u->slot >= t->fn->vars.n))
            return false;
    }
    return true;
}

/* The same turns, and places in tensors of one shape. */
static bool has_turns_of(const IrNode *a, const IrNode *b)
{
    const IrRegion *p = a->regions[0], *q = b->regions[0];
    bool same = p->params.n == q->params.n && a->type.rank == b->type.rank;
    for (int i = 0; same && i < a->type.rank; i++)
        same = a->type.dims[i] == b->type.dims[i];
    for (int i = 0; same && i < p->params.n; i++) {
        const IrNode *x = p->params.p[i], *y = q->params.p[i];
        same = x->dim == y->dim && x->lo == y->lo && x->from == y->from && x->to == y->to;
    }
    return same;
}

/* ---- one body ---- */

static void use_symbol(void *user, DimSym *s) { map_put(user, s, s); }

static void see_dims(void *user, IrNode *n) { pass_each_dim(n, use_symbol, user); }

static void forget_symbol(void *user, IrNode *n)
{
    if (n->sym && !map_find(user, n->sym))
        n->sym = NULL;
}

/* Values that no size mentions need no symbol; two that have one would stay apart. */
static void forget_symbols(Tile *t, IrRegion *r)
{
    Map used = map_new(t->cx->arena);
    ir_walk(r, see_dims, &used);
    ir_walk(r, forget_symbol, &used);
}

/* A copy of the first one, with the bodies of the others in it, before it; parts get their values, and *same tells which of them have its guard
 * and places. */
static IrNode *join(Tile *t, IrNode *const *list, int n, ScatterPart *parts, bool *same)
{
    PassCx *cx = t->cx;
    IrBuilder at = { list[0]->parent->fn, list[0]->parent, list[0], list[0]->span };
    Map nodes = map_new(cx->arena);
    IrNode *all = ir_clone_node(&at, list[0], &nodes, NULL, NULL);
    IrRegion *r = all->regions[0];
    int width = 2 + all->type.rank, total = 0;
    IrBuilder b = { at.fn, r, ir_terminator(r), list[0]->span };
    IrNode **values = NEWN(cx->arena, IrNode *, n * width);
    for (int i = 1; i < n; i++) {
        IrRegion *from = list[i]->regions[0];
        Map inner = map_new(cx->arena);
        SymMap syms = symmap_new(cx);
        for (int k = 0; k < from->params.n; k++) {
            map_put(&inner, from->params.p[k], r->params.p[k]);
            symmap_put(&syms, from->params.p[k]->sym, dim_sym(cx->module->dims, r->params.p[k]->sym));
        }
        IrNode *const *y = ir_clone_region(&b, from, &inner, symmap_subst, &syms);
        for (int k = 0; k < width; k++)
            values[total++] = y[k];
    }
    forget_symbols(t, r);
    pass_note_symbols(cx, r);
    IrNode *keep = ir_add(&b, OP_yield, ir_scalar(DT_none), total, values), *end = ir_terminator(r); /* equal values become one */
    pass_merge_equal(cx, r);
    parts[0] = (ScatterPart){ .n = list[0], .value = end->in[0] };
    for (int i = 1; i < n; i++) {
        IrNode *const *y = keep->in + (i - 1) * width;
        parts[i] = (ScatterPart){ .n = list[i], .value = y[0] };
        same[i] = true;
        for (int k = 1; k < width; k++)
            same[i] = same[i] && y[k] == end->in[k];
    }
    ir_drop(keep);
    return all;
}

static bool goes_with(Tile *t, IrNode *first, IrNode *n)
{
    IrNode *pair[2] = { first, n };
    ScatterPart parts[2];
    bool same[2];
    if (n->op != OP_scatter || n->nin || first->nin || map_find(&t->joined, n) || !has_own_memory(t, n) || !has_turns_of(first, n) || !is_ready(t, n))
        return false;
    ir_drop(join(t, pair, 2, parts, same));
    return same[1];
}

/* Places and guard are found once; each combines, and writes what is its own. */
static PassCost cost_of(Tile *t, IrNode *all, const ScatterPart *parts, int n)
{
    DimCx *d = t->cx->module->dims;
    PassCost c = pass_cost(t->cx, all);
    Dim turns = pass_turns_inside(t->cx, all);
    for (int i = 1; i < n; i++) {
        if (c.flops && dtype_is_float(parts[i].n->type.dtype))
            c.flops = dim_add(d, c.flops, turns);
        if (c.bytes)
            c.bytes = dim_add(d, c.bytes, pass_bytes(t->cx, parts[i].n->type));
    }
    return c;
}

bool tile_scatter_several(Tile *t, IrNode *first, TileDestination *destination)
{
    IrNode *list[SCATTERS_MOST] = { first };
    ScatterPart parts[SCATTERS_MOST];
    bool same[SCATTERS_MOST];
    int n = 1;
    for (IrNode *m = first->next; m && n < SCATTERS_MOST && !has_effect(m); m = m->next)
        if (goes_with(t, first, m))
            list[n++] = m;
    if (n == 1)
        return false;
    IrNode *all = join(t, list, n, parts, same);
    PassCost cost = cost_of(t, all, parts, n);
    for (int i = 0; i < n; i++) {
        parts[i].dest = destination(t, list[i]);
        map_put(&t->joined, list[i], first);
        Needs e = { t, list[i], true };
        ir_walk(list[i]->regions[0], take_scalars, &e);
        if (i)
            pass_remark(t->cx, CHOICE_joined, list[i], "its places are those of a tensor beside it: one pass by key for both");
    }
    tile_scatter(t, all, parts, n);
    tile_note_cost(t, t->b.region, cost);
    ir_drop(all);
    return true;
}
