/* node.c - modules, functions, regions, nodes and their uses.
 *
 *     region   params: index and arg nodes      a function's own params stand in fn->params
 *              first <-> ... <-> last           nodes in order
 *     node     in[slot] ----> operand           operand->uses lists (user, slot), newest first
 */
#include <string.h>

#include "ir/ir_int.h"

IrModule *ir_module_new(Arena *a, Names *ns, DimCx *dims, Sources *ss)
{
    IrModule *m = NEW(a, IrModule);
    *m = (IrModule){ .arena = a, .names = ns, .dims = dims, .sources = ss };
    return m;
}

IrFn *ir_fn_new(IrModule *m, Name name, IrLevel level, Span span)
{
    IrFn *fn = NEW(m->arena, IrFn);
    *fn = (IrFn){ .module = m, .name = name, .span = span, .level = level };
    fn->body = ir_region_new(fn, NULL);
    vec_push(m->arena, &m->fns, fn);
    return fn;
}

IrRegion *ir_region_new(IrFn *fn, IrNode *owner)
{
    IrRegion *r = NEW(fn->module->arena, IrRegion);
    r->fn = fn;
    if (owner)
        ir_attach(owner, r);
    return r;
}

void ir_attach(IrNode *owner, IrRegion *r)
{
    Arena *a = r->fn->module->arena;
    IrRegion **all = NEWN(a, IrRegion *, owner->nregions + 1);
    for (int i = 0; i < owner->nregions; i++)
        all[i] = owner->regions[i];
    all[owner->nregions++] = r;
    owner->regions = all;
    r->owner = owner;
}

static IrNode *node_new(IrRegion *r, IrOp op, IrType t, Span span)
{
    IrNode *n = NEW(r->fn->module->arena, IrNode);
    n->op = (uint16_t)op;
    n->type = t;
    n->span = span;
    n->id = r->fn->next_id++;
    n->parent = r;
    return n;
}

IrNode *ir_param_new(IrFn *fn, Name name, IrType t, Span span)
{
    IrNode *n = node_new(fn->body, OP_param, t, span);
    n->imm = fn->params.n;
    n->name = name;
    vec_push(fn->module->arena, &fn->params, n);
    return n;
}

IrNode *ir_index_new(IrRegion *r, Name name, Dim lo, Dim extent, Span span)
{
    IrModule *m = r->fn->module;
    IrNode *n = node_new(r, OP_index, ir_scalar(DT_i64), span);
    int64_t c;
    n->name = name;
    n->lo = lo && dim_is_const(lo, &c) && c == 0 ? NULL : lo;
    n->dim = extent;
    n->sym = dim_sym_new(m->dims, name ? name : name_of(m->names, "i"), span);
    n->sym->index = true;
    n->sym->user = n;
    vec_push(m->arena, &r->params, n);
    return n;
}

IrNode *ir_arg_new(IrRegion *r, Name name, IrType t)
{
    IrNode *n = node_new(r, OP_arg, t, r->owner ? r->owner->span : r->fn->span);
    n->name = name;
    vec_push(r->fn->module->arena, &r->params, n);
    return n;
}

/* ---- uses ---- */

static void use_link(IrUse *u, IrNode *x)
{
    u->prev = NULL;
    u->next = x->uses;
    if (u->next)
        u->next->prev = u;
    x->uses = u;
}

/* The list of a node that was dropped with what holds it is forgotten, not taken apart: u is in none then. */
static void use_unlink(IrNode *x, IrUse *u)
{
    bool linked = u->prev ? u->prev->next == u : x->uses == u;
    if (!linked)
        return;
    if (u->prev)
        u->prev->next = u->next;
    else
        x->uses = u->next;
    if (u->next)
        u->next->prev = u->prev;
}

void ir_set_in(IrNode *n, int slot, IrNode *x)
{
    use_unlink(n->in[slot], &n->use[slot]);
    n->in[slot] = x;
    use_link(&n->use[slot], x);
}

void ir_replace(IrNode *old, IrNode *by)
{
    if (old == by)
        return;
    for (IrUse *u = old->uses, *next; u; u = next) {
        next = u->next;
        u->user->in[u->slot] = by;
        use_link(u, by);
    }
    old->uses = NULL;
}

int ir_nuses(const IrNode *n)
{
    int k = 0;
    for (const IrUse *u = n->uses; u; u = u->next)
        k++;
    return k;
}

/* ---- order ---- */

static void link_before(IrRegion *r, IrNode *n, IrNode *place)
{
    n->parent = r;
    n->next = place;
    n->prev = place ? place->prev : r->last;
    *(n->prev ? &n->prev->next : &r->first) = n;
    *(place ? &place->prev : &r->last) = n;
}

static void unlink_node(IrNode *n)
{
    *(n->prev ? &n->prev->next : &n->parent->first) = n->next;
    *(n->next ? &n->next->prev : &n->parent->last) = n->prev;
    n->prev = n->next = NULL;
}

static void unlink_param(IrNode *n)
{
    IrRegion *r = n->parent;
    int k = 0;
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i] != n)
            r->params.p[k++] = r->params.p[i];
    r->params.n = k;
}

static void mark_inside(IrNode *n)
{
    n->dropped = true;
    for (int k = 0; k < n->nregions; k++) {
        IrRegion *r = n->regions[k];
        for (int i = 0; i < r->params.n; i++) {
            mark_inside(r->params.p[i]);
            r->params.p[i]->uses = NULL; /* all of them are inside */
        }
        for (IrNode *x = r->last; x; x = x->prev) {
            mark_inside(x);
            x->uses = NULL;
        }
    }
}

/* What is dropped as well keeps no uses: an index has as many as its region has nodes, and to find each would be their square. */
static void drop_inside(IrNode *n)
{
    for (int i = 0; i < n->nin; i++)
        if (!n->in[i]->dropped)
            use_unlink(n->in[i], &n->use[i]);
    n->nin = 0;
    for (int k = 0; k < n->nregions; k++)
        for (IrNode *x = n->regions[k]->last; x; x = x->prev)
            drop_inside(x);
}

void ir_drop(IrNode *n)
{
    if (n->dropped)
        return;
    n->parent->fn->ndropped++;
    if (n->op == OP_index || n->op == OP_arg)
        unlink_param(n);
    else
        unlink_node(n);
    mark_inside(n);
    drop_inside(n);
}

void ir_move_before(IrNode *n, IrNode *place)
{
    if (n == place)
        return;
    unlink_node(n);
    link_before(place->parent, n, place);
}

/* ---- building ---- */

static void take_in(Arena *a, IrNode *n, int nin, IrNode *const *in)
{
    n->nin = nin;
    n->in = NEWN(a, IrNode *, nin);
    n->use = NEWN(a, IrUse, nin);
    for (int i = 0; i < nin; i++) {
        n->in[i] = in[i];
        n->use[i] = (IrUse){ .user = n, .slot = i };
        use_link(&n->use[i], in[i]);
    }
}

IrNode *ir_add(IrBuilder *b, IrOp op, IrType t, int nin, IrNode *const *in)
{
    Arena *a = b->fn->module->arena;
    IrNode *n = node_new(b->region, op, t, b->span);
    take_in(a, n, nin, in);
    link_before(b->region, n, b->before);
    return n;
}

void ir_take_in(IrFn *fn, IrNode *n, IrNode *x) { take_in(fn->module->arena, n, 1, &x); }

IrNode *ir_add0(IrBuilder *b, IrOp op, IrType t)
{
    return ir_add(b, op, t, 0, NULL);
}

IrNode *ir_add1(IrBuilder *b, IrOp op, IrType t, IrNode *x)
{
    return ir_add(b, op, t, 1, &x);
}

IrNode *ir_add2(IrBuilder *b, IrOp op, IrType t, IrNode *x, IrNode *y)
{
    return ir_add(b, op, t, 2, (IrNode *[]){ x, y });
}

IrNode *ir_add3(IrBuilder *b, IrOp op, IrType t, IrNode *x, IrNode *y, IrNode *z)
{
    return ir_add(b, op, t, 3, (IrNode *[]){ x, y, z });
}

IrNode *ir_const_int(IrBuilder *b, IrDtype t, int64_t v)
{
    IrNode *n = ir_add0(b, OP_const, ir_scalar(t));
    n->imm = v;
    return n;
}

IrNode *ir_const_float(IrBuilder *b, IrDtype t, double v)
{
    IrNode *n = ir_add0(b, OP_const, ir_scalar(t));
    n->fimm = v;
    return n;
}

IrNode *ir_int(IrBuilder *b, int64_t v)
{
    return ir_const_int(b, DT_i64, v);
}

IrNode *ir_dim_value(IrBuilder *b, Dim d)
{
    int64_t c;
    if (dim_is_const(d, &c))
        return ir_int(b, c);
    IrNode *n = ir_add0(b, OP_dim, ir_scalar(DT_i64));
    n->dim = d;
    return n;
}

IrNode *ir_load(IrBuilder *b, IrNode *tensor, int n, IrNode *const *subs)
{
    IrNode **in = NEWN(b->fn->module->arena, IrNode *, n + 1);
    in[0] = tensor;
    for (int i = 0; i < n; i++)
        in[i + 1] = subs[i];
    return ir_add(b, OP_load, ir_scalar(tensor->type.dtype), n + 1, in);
}

IrNode *ir_yield(IrBuilder *b, int n, IrNode *const *values)
{
    return ir_add(b, OP_yield, ir_scalar(DT_none), n, values);
}

int ir_check_row(IrFn *fn, int code, Span span, const char *text)
{
    IrCheck row = { code, span, text };
    vec_push(fn->module->arena, &fn->checks, row);
    return fn->checks.n - 1;
}

int ir_check_row_equal(IrFn *fn, int code, Span span, const char *text)
{
    for (int i = fn->checks.n; i-- > 0;) {
        const IrCheck *c = &fn->checks.p[i];
        if (span.file && c->code == code && !memcmp(&c->span, &span, sizeof span) && !strcmp(c->text, text))
            return i;
    }
    return ir_check_row(fn, code, span, text);
}

/* ---- questions ---- */

const IrOpInfo *ir_info(const IrNode *n)
{
    return &ir_ops[n->op];
}

bool ir_is_scalar_op(const IrNode *n)
{
    return ir_ops[n->op].scalar;
}

IrNode *ir_terminator(const IrRegion *r)
{
    IrNode *n = r->last;
    return n && (n->op == OP_yield || n->op == OP_ret) ? n : NULL;
}

bool ir_inside(const IrNode *n, const IrRegion *r)
{
    for (const IrRegion *at = n->parent; at; at = at->owner ? at->owner->parent : NULL)
        if (at == r)
            return true;
    return false;
}

void ir_walk(IrRegion *r, IrVisit f, void *user)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        f(user, n);
        for (int k = 0; k < n->nregions && !n->dropped; k++)
            ir_walk(n->regions[k], f, user);
    }
}
