/* clone.c - copies of nodes, regions and functions.
 *
 * Every index and every integer with a symbol gets a fresh symbol in the copy, so dims inside the copy are rewritten: an
 * old symbol becomes what the caller's subst says, else the value that its node was mapped to. The caller's map holds both:
 * old node -> new node, and old symbol -> its Dim in the copy, so that several calls with one map continue one another.
 */
#include "ir/ir_int.h"

typedef struct Clone {
    IrBuilder b;
    Map *nodes;
    DimSubst subst;
    void *user;
} Clone;

static void clone_nodes(Clone *c, const IrRegion *r);

static Dim subst_sym(void *user, DimSym *s)
{
    Clone *c = user;
    Dim d = c->subst ? c->subst(c->user, s) : NULL;
    return d ? d : map_find(c->nodes, s);
}

static Dim clone_dim(Clone *c, Dim d)
{
    return d ? dim_subst(c->b.fn->module->dims, d, subst_sym, c) : d;
}

static Dim *clone_dims(Clone *c, Dim const *dims, int n)
{
    Dim *out = NEWN(c->b.fn->module->arena, Dim, n);
    for (int i = 0; i < n; i++)
        out[i] = clone_dim(c, dims[i]);
    return out;
}

static IrType clone_type(Clone *c, IrType t)
{
    return (IrType){ t.dtype, t.rank, t.rank ? clone_dims(c, t.dims, t.rank) : NULL };
}

/* The value of the integer n as a Dim: a node that is neither a constant nor a dim gets a symbol if it has none. */
static Dim value_dim(IrModule *m, IrNode *n)
{
    if (n->op == OP_const)
        return dim_const(m->dims, n->imm);
    if (n->op == OP_dim)
        return n->dim;
    if (!n->sym) {
        n->sym = dim_sym_new(m->dims, n->name ? n->name : name_of(m->names, "v"), n->span);
        n->sym->user = n;
    }
    return dim_sym(m->dims, n->sym);
}

static void map_node(Clone *c, const IrNode *old, IrNode *new)
{
    map_put(c->nodes, old, new);
    if (old->sym && old != new)
        map_put(c->nodes, old->sym, (void *)(uintptr_t)value_dim(c->b.fn->module, new));
}

/* A copy of a node with a symbol has one, too. */
static void map_copy(Clone *c, const IrNode *old, IrNode *new)
{
    if (old->sym && !new->sym) {
        new->sym = dim_sym_new(c->b.fn->module->dims, old->sym->name, old->span);
        new->sym->user = new;
    }
    map_put(c->nodes, old, new);
    if (old->sym)
        map_put(c->nodes, old->sym, (void *)(uintptr_t)dim_sym(c->b.fn->module->dims, new->sym));
}

static IrNode *mapped(const Clone *c, IrNode *old)
{
    IrNode *n = map_find(c->nodes, old);
    return n ? n : old;
}

static void clone_param(Clone *c, const IrNode *x, IrRegion *r)
{
    IrNode *n = x->op == OP_index ? ir_index_new(r, x->name, clone_dim(c, x->lo), clone_dim(c, x->dim), x->span)
                                  : ir_arg_new(r, x->name, clone_type(c, x->type));
    n->from = clone_dim(c, x->from);
    n->to = clone_dim(c, x->to);
    n->span = x->span;
    map_copy(c, x, n);
}

static void clone_regions(Clone *c, const IrNode *old, IrNode *new)
{
    IrBuilder outer = c->b;
    for (int k = 0; k < old->nregions; k++) {
        const IrRegion *from = old->regions[k];
        IrRegion *r = ir_region_new(outer.fn, new);
        for (int i = 0; i < from->params.n; i++)
            clone_param(c, from->params.p[i], r);
        c->b.region = r;
        c->b.before = NULL;
        clone_nodes(c, from);
    }
    c->b = outer;
}

static void clone_fields(Clone *c, const IrNode *old, IrNode *new)
{
    new->redop = old->redop;
    new->order = old->order;
    new->stream = old->stream;
    new->place = old->place;
    new->loop = old->loop;
    new->factor = old->factor;
    new->load_time = old->load_time;
    new->forms = old->forms;
    new->packed = old->packed;
    new->tiled = old->tiled;
    new->inplace = old->inplace;
    new->name = old->name;
    new->span = old->span;
    new->offset = clone_dim(c, old->offset);
    if (old->op == OP_dim)
        new->dim = clone_dim(c, old->dim);
    else if (old->op == OP_update)
        new->box = clone_dims(c, old->box, old->in[0]->type.rank);
    else if (old->op == OP_call) {
        new->callee = old->callee;
        new->dims = clone_dims(c, old->dims, old->callee->dims.n);
    } else {
        new->key[0] = old->key[0];
        new->key[1] = old->key[1];
    }
}

static IrNode *clone_node(Clone *c, const IrNode *old)
{
    IrNode **in = NEWN(c->b.fn->module->arena, IrNode *, old->nin);
    for (int i = 0; i < old->nin; i++)
        in[i] = mapped(c, old->in[i]);
    IrNode *n = ir_add(&c->b, (IrOp)old->op, clone_type(c, old->type), old->nin, in);
    clone_fields(c, old, n);
    map_copy(c, old, n);
    clone_regions(c, old, n);
    return n;
}

static void clone_nodes(Clone *c, const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next)
        clone_node(c, n);
}

static Clone clone_start(const IrBuilder *b, Map *nodes, DimSubst subst, void *user)
{
    return (Clone){ *b, nodes, subst, user };
}

/* Symbols of nodes that the caller has mapped already stand for the nodes they were mapped to. */
static void take_mapped(Clone *c, IrNode *const *in, int n)
{
    for (int i = 0; i < n; i++) {
        IrNode *to = map_find(c->nodes, in[i]);
        if (to)
            map_node(c, in[i], to);
    }
}

IrNode **ir_clone_region(IrBuilder *b, const IrRegion *r, Map *nodes, DimSubst subst, void *user)
{
    Clone c = clone_start(b, nodes, subst, user);
    take_mapped(&c, r->params.p, r->params.n);
    if (!r->owner)
        take_mapped(&c, r->fn->params.p, r->fn->params.n);
    const IrNode *end = ir_terminator(r);
    for (const IrNode *n = r->first; n && n != end; n = n->next)
        clone_node(&c, n);
    IrNode **out = NEWN(b->fn->module->arena, IrNode *, end ? end->nin : 0);
    for (int i = 0; end && i < end->nin; i++)
        out[i] = mapped(&c, end->in[i]);
    return out;
}

static void move_dims(void *user, IrNode *n)
{
    Clone *c = user;
    n->type = n->type.rank ? clone_type(c, n->type) : n->type;
    n->offset = clone_dim(c, n->offset);
    if (n->op == OP_dim)
        n->dim = clone_dim(c, n->dim);
    else if (n->op == OP_update)
        n->box = clone_dims(c, n->box, n->in[0]->type.rank);
    else if (n->op == OP_call)
        n->dims = clone_dims(c, n->dims, n->callee->dims.n);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < n->regions[k]->params.n; i++) {
            IrNode *x = n->regions[k]->params.p[i];
            x->type = x->type.rank ? clone_type(c, x->type) : x->type;
            x->lo = clone_dim(c, x->lo);
            x->dim = clone_dim(c, x->dim);
            x->from = clone_dim(c, x->from);
            x->to = clone_dim(c, x->to);
        }
}

IrNode **ir_move_region(IrBuilder *b, IrRegion *r, Map *nodes, DimSubst subst, void *user)
{
    Clone c = clone_start(b, nodes, subst, user);
    take_mapped(&c, r->params.p, r->params.n);
    ir_walk(r, move_dims, &c);
    for (int i = 0; i < r->params.n; i++)
        ir_replace(r->params.p[i], mapped(&c, r->params.p[i]));
    IrNode *end = ir_terminator(r), **out = NEWN(b->fn->module->arena, IrNode *, end->nin);
    for (IrNode *n = r->first, *next; n != end; n = next) {
        next = n->next;
        ir_move_before(n, b->before);
    }
    for (int i = 0; i < end->nin; i++)
        out[i] = end->in[i];
    return out;
}

IrNode *ir_clone_node(IrBuilder *b, const IrNode *n, Map *nodes, DimSubst subst, void *user)
{
    Clone c = clone_start(b, nodes, subst, user);
    for (const IrRegion *r = n->parent; r; r = r->owner ? r->owner->parent : NULL)
        take_mapped(&c, r->params.p, r->params.n);
    return clone_node(&c, n);
}

static void clone_tables(IrFn *to, const IrFn *from)
{
    Arena *a = to->module->arena;
    for (int i = 0; i < from->dims.n; i++)
        vec_push(a, &to->dims, from->dims.p[i]);
    for (int i = 0; i < from->results.n; i++)
        vec_push(a, &to->results, from->results.p[i]);
    for (int i = 0; i < from->vars.n; i++)
        vec_push(a, &to->vars, from->vars.p[i]);
    for (int i = 0; i < from->given.n; i++)
        vec_push(a, &to->given, from->given.p[i]);
    for (int i = 0; i < from->checks.n; i++)
        vec_push(a, &to->checks, from->checks.p[i]);
    for (int i = 0; i < from->effects.n; i++)
        vec_push(a, &to->effects, from->effects.p[i]);
    for (int i = 0; i < from->preps.n; i++)
        vec_push(a, &to->preps, from->preps.p[i]);
    for (int i = 0; i < from->lives.n; i++)
        vec_push(a, &to->lives, from->lives.p[i]);
    to->arena_bytes = from->arena_bytes;
    to->sig = from->sig;
    to->user = from->user;
}

/* Dims and symbols of parameters stay the same objects: the signature (fn->sig) speaks of them. */
IrFn *ir_fn_clone(IrFn *fn, Name name)
{
    IrModule *m = fn->module;
    IrFn *to = ir_fn_new(m, name, fn->level, fn->span);
    Map nodes = map_new(m->arena);
    clone_tables(to, fn);
    for (int i = 0; i < fn->params.n; i++) {
        const IrNode *x = fn->params.p[i];
        IrNode *n = ir_param_new(to, x->name, x->type, x->span);
        n->load_time = x->load_time;
        n->forms = x->forms;
        n->packed = x->packed;
        n->tiled = x->tiled;
        n->sym = x->sym;
        map_put(&nodes, x, n);
    }
    IrBuilder b = { to, to->body, NULL, fn->span };
    Clone c = clone_start(&b, &nodes, NULL, NULL);
    clone_nodes(&c, fn->body);
    return to;
}
