/* regroup_build.c - the two sums of regroup.c in the other order. Factors are copied to where they go; what they need of the tensor's
 * element is computed for the subscripts with which the reader loads it.
 */
#include "passes/regroup_int.h"

typedef struct Copy { const Reader *r; IrBuilder b; Map nodes; } Copy;

/* Is what r->reduce needs visible at the place of the copy, where nodes of `region` and of those around it are? */
static bool is_visible(const IrNode *n, const IrRegion *region)
{
    for (const IrRegion *at = region; at; at = at->owner ? at->owner->parent : NULL)
        if (n->parent == at)
            return true;
    return false;
}

/* The number of the axis of s whose index n is; -1: none. */
static int element_axis(const Reader *r, const IrNode *n)
{
    const IrRegion *element = r->s->regions[0];
    for (int i = 0; i < element->params.n; i++)
        if (element->params.p[i] == n)
            return i;
    return -1;
}

/* ---- may it be copied ------------------------------------------------------------------------------------------------ */

typedef struct Question { const Reader *r; const IrRegion *to; bool ok; } Question;

static bool can_copy(const Reader *r, const IrNode *n, const IrRegion *to);

static void ask_symbol(void *user, DimSym *s)
{
    Question *q = user;
    const IrNode *def = map_find(&q->r->cx->sym_nodes, s);
    q->ok = q->ok && (!def || can_copy(q->r, def, q->to));
}

static bool can_copy(const Reader *r, const IrNode *n, const IrRegion *to)
{
    if (n->op == OP_index && element_axis(r, n) >= 0)
        return can_copy(r, r->load->in[element_axis(r, n) + 1], to);
    if (n->op == OP_index || is_visible(n, to))
        return true;
    if (n->nregions || n->op == OP_arg || !pass_is_total(r->cx, n))
        return false;
    Question q = { r, to, true };
    if (n->op == OP_dim)
        dim_syms(n->dim, ask_symbol, &q);
    for (int i = 0; i < n->nin && q.ok; i++)
        q.ok = can_copy(r, n->in[i], to);
    return q.ok;
}

bool regroup_can_build(const Reader *r)
{
    for (int i = 0; i < r->nfactors; i++)
        if (!can_copy(r, r->factors[i].n, r->factors[i].early ? r->s->parent : r->reduce->parent))
            return false;
    return true;
}

/* ---- copying --------------------------------------------------------------------------------------------------------- */

static void bind(Copy *c, IrNode *old, IrNode *new)
{
    map_put(&c->nodes, old, new);
    if (old->sym)
        map_put(&c->nodes, old->sym, (void *)(uintptr_t)pass_dim_of(c->r->cx, new));
}

static IrNode *copy(Copy *c, IrNode *n);

static void copy_symbol(void *user, DimSym *s)
{
    Copy *c = user;
    IrNode *def = map_find(&c->r->cx->sym_nodes, s);
    if (def)
        copy(c, def);
}

static IrNode *copy(Copy *c, IrNode *n)
{
    IrNode *found = map_find(&c->nodes, n);
    if (found)
        return found;
    int axis = n->op == OP_index ? element_axis(c->r, n) : -1;
    if (axis >= 0)
        bind(c, n, copy(c, c->r->load->in[axis + 1]));
    if (axis >= 0 || n->op == OP_index || is_visible(n, c->b.region))
        return axis >= 0 ? map_find(&c->nodes, n) : n;
    if (n->op == OP_dim)
        dim_syms(n->dim, copy_symbol, c);
    for (int i = 0; i < n->nin; i++)
        copy(c, n->in[i]);
    IrNode *new = ir_clone_node(&c->b, n, &c->nodes, NULL, NULL);
    map_put(&c->nodes, n, new);
    return new;
}

/* New indices of a region for old ones. */
static void bind_indices(Copy *c, IrRegion *region, IrNode *const *old, int n)
{
    for (int i = 0; i < n; i++)
        bind(c, old[i], ir_index_new(region, old[i]->name, NULL, old[i]->dim, old[i]->span));
}

typedef enum Share { EARLY, LATE, REST } Share;

static Share share_of(const Factor *f) { return f->early ? EARLY : f->late ? LATE : REST; }

/* The factors of one share times x (NULL: their product alone). The last multiplication is the last operation, so that a sum can fuse it. */
static IrNode *multiply(Copy *c, Share share, IrNode *x, IrType type)
{
    IrNode *num[REGROUP_FACTORS + 1], *den = NULL;
    int n = 0;
    for (int i = 0; i < c->r->nfactors; i++) {
        const Factor *f = &c->r->factors[i];
        if (share_of(f) != share || f->guard)
            continue;
        IrNode *v = copy(c, f->n);
        if (!f->over)
            num[n++] = v;
        else
            den = den ? ir_add2(&c->b, OP_mul, type, den, v) : v;
    }
    if (x)
        num[n++] = x;
    IrNode *value = n ? num[0] : ir_const_float(&c->b, type.dtype, 1);
    if (den)
        value = ir_add2(&c->b, OP_div, type, value, den);
    for (int i = 1; i < n; i++)
        value = ir_add2(&c->b, OP_mul, type, value, num[i]);
    return value;
}

/* A sum over new indices for those of `old`, at b; the caller yields its value. */
static IrNode *new_sum(IrBuilder *b, const IrNode *old, Copy *c)
{
    IrNode *sum = ir_add0(b, OP_reduce, old->type);
    IrRegion *region = ir_region_new(b->fn, sum);
    sum->redop = RED_sum;
    c->b = (IrBuilder){ .fn = b->fn, .region = region, .span = b->span };
    bind_indices(c, region, old->regions[0]->params.p, old->regions[0]->params.n);
    return sum;
}

static IrNode *guard_of(Copy *c, Share share)
{
    IrNode *all = NULL;
    for (int i = 0; i < c->r->nfactors; i++) {
        const Factor *f = &c->r->factors[i];
        IrNode *g = f->guard && share_of(f) == share ? copy(c, f->n) : NULL;
        all = all && g ? ir_add2(&c->b, OP_and, g->type, all, g) : g ? g : all;
    }
    return all;
}

static void yield_sum(Copy *c, Share share, IrNode *sum, IrNode *value)
{
    IrNode *y[2] = { value, guard_of(c, share) };
    ir_yield(&c->b, y[1] ? 2 : 1, y);
    sum->order = value->op == OP_mul ? ORDER_contract : ORDER_lanes16;
    pass_note_symbols(c->r->cx, sum->regions[0]);
}

/* map [kept] { sum [j] early factors } */
static IrNode *first_sum(const Reader *r)
{
    IrFn *fn = r->s->parent->fn;
    IrBuilder b = { fn, r->s->parent, r->top, r->reduce->span };
    IrType scalar = ir_scalar(r->s->type.dtype), type = { scalar.dtype, r->nkept, NEWN(r->cx->arena, Dim, r->nkept) };
    for (int i = 0; i < r->nkept; i++)
        type.dims[i] = r->kept[i]->dim;
    IrNode *map = ir_add0(&b, OP_map, type);
    Copy c = { .r = r, .nodes = map_new(r->cx->arena) };
    IrBuilder in = { .fn = fn, .region = ir_region_new(fn, map), .span = b.span };
    bind_indices(&c, in.region, r->kept, r->nkept);
    IrNode *sum = new_sum(&in, r->reduce, &c);
    yield_sum(&c, EARLY, sum, multiply(&c, EARLY, NULL, scalar));
    ir_yield(&in, 1, &sum);
    pass_note_symbols(r->cx, in.region);
    return map;
}

void regroup_build(Reader *r)
{
    IrNode *u = first_sum(r), *subs[REGROUP_INDICES];
    IrType scalar = r->reduce->type;
    IrBuilder b = { u->parent->fn, r->reduce->parent, r->reduce, r->reduce->span };
    Copy c = { .r = r, .nodes = map_new(r->cx->arena) };
    IrNode *sum = new_sum(&b, r->inner, &c);
    for (int i = 0; i < r->nkept; i++)
        subs[i] = copy(&c, r->kept[i]);
    yield_sum(&c, LATE, sum, multiply(&c, LATE, ir_load(&c.b, u, r->nkept, subs), scalar));
    Copy rest = { .r = r, .b = b, .nodes = map_new(r->cx->arena) };
    IrNode *whole = multiply(&rest, REST, sum, scalar);
    ir_replace(r->reduce, whole);
    ir_drop(r->reduce);
}
