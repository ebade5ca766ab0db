/* distribute_build.c - what a turn computes, for all turns (distribute.c). */
#include "passes/distribute_int.h"

/* A tensor that is made: the turn's nodes in its element. */
typedef struct Element { Turns *t; IrNode *map, *x; IrBuilder b; Map nodes; SymMap syms; } Element;

static bool is_of_turn(const Turns *t, const IrNode *n) { return ir_inside(n, t->loop->regions[0]); }

static IrNode *index_like(Element *e, IrNode *x)
{
    DimCx *d = e->t->cx->module->dims;
    Dim lo = x->lo ? dim_subst(d, x->lo, symmap_subst, &e->syms) : NULL;
    IrNode *n = ir_index_new(e->b.region, x->name, lo, dim_subst(d, x->dim, symmap_subst, &e->syms), x->span);
    map_put(&e->nodes, x, n);
    symmap_put(&e->syms, x->sym, dim_sym(d, n->sym));
    return n;
}

static IrType all_turns(const Turns *t, IrType type)
{
    IrType w = { type.dtype, type.rank + 1, NEWN(t->cx->module->arena, Dim, type.rank + 1) };
    w.dims[0] = t->x->dim;
    for (int i = 0; i < type.rank; i++)
        w.dims[1 + i] = type.dims[i];
    return w;
}

/* ---- in an element ----------------------------------------------------------------------------------------------------------- */

static void bring_operands(Element *e, IrNode *n);

static void know(Element *e, IrNode *n, IrNode *by)
{
    map_put(&e->nodes, n, by);
    if (n->sym)
        symmap_put(&e->syms, n->sym, pass_dim_of(e->t->cx, by));
}

static void copy(Element *e, IrNode *n)
{
    bring_operands(e, n);
    know(e, n, ir_clone_node(&e->b, n, &e->nodes, symmap_subst, &e->syms));
}

/* A value that an element needs: from its tensor, or computed there. */
static void bring(Element *e, IrNode *n)
{
    Turns *t = e->t;
    IrNode *all = map_find(&t->all, n), *same = map_find(&t->same, n);
    bool stands = n->parent == t->loop->regions[0] || (n->parent->owner != e->map && is_of_turn(t, n) && distribute_goes_inside(n->parent->owner));
    if (!stands || map_find(&e->nodes, n) || pass_is_tensor(n))
        return;
    if (same)
        know(e, n, same);
    else if (all)
        know(e, n, ir_load(&e->b, all, 1, &e->x));
    else
        copy(e, n);
}

static void bring_inside(void *user, IrNode *n)
{
    for (int i = 0; i < n->nin; i++)
        bring(user, n->in[i]);
}

static void bring_operands(Element *e, IrNode *n)
{
    bring_inside(e, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], bring_inside, e);
}

/* Tensors of the turn are read at x. */
static void read_all(void *user, IrNode *n)
{
    Element *e = user;
    IrNode *all = n->op == OP_load ? map_find(&e->t->all, n->in[0]) : NULL, *subs[1 + IR_RANK_MOST] = { e->x };
    if (!all || n->nin == 1)
        return;
    for (int i = 1; i < n->nin; i++)
        subs[i] = n->in[i];
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    ir_replace(n, pass_keeps_symbol(e->t->cx, n, ir_load(&b, all, n->nin, subs)));
}

static void drop_replaced(Element *e, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregions; i++)
            drop_replaced(e, n->regions[i]);
        if (n->op == OP_load && !n->uses && map_find(&e->t->all, n->in[0]))
            ir_drop(n);
    }
}

static Element element(Turns *t, IrType type, Name name, Span span)
{
    Element e = { .t = t, .nodes = map_new(t->cx->arena), .syms = symmap_new(t->cx) };
    t->at.span = span;
    e.map = ir_add0(&t->at, OP_map, all_turns(t, type));
    e.map->name = name;
    e.b = (IrBuilder){ t->at.fn, ir_region_new(t->at.fn, e.map), NULL, span };
    e.x = index_like(&e, t->x);
    return e;
}

static IrNode *finish(Element *e, int n, IrNode *const *values)
{
    IrRegion *r = e->b.region;
    ir_yield(&e->b, n, values);
    ir_walk(r, read_all, e);
    drop_replaced(e, r);
    pass_note_symbols(e->t->cx, r);
    return e->map;
}

/* ---- what becomes a tensor ------------------------------------------------------------------------------------------------------ */

static IrNode *map_for_all(Turns *t, IrNode *n)
{
    IrRegion *r = n->regions[0];
    Element e = element(t, n->type, n->name, n->span);
    bring_operands(&e, n);
    for (int i = 0; i < r->params.n; i++)
        index_like(&e, r->params.p[i]);
    IrNode **v = ir_clone_region(&e.b, r, &e.nodes, symmap_subst, &e.syms);
    return finish(&e, ir_terminator(r)->nin, v);
}

static IrNode *number_for_all(Turns *t, IrNode *n)
{
    Element e = element(t, ir_scalar(n->type.dtype), n->name, n->span);
    if (is_of_turn(t, n) && n != t->x)
        bring(&e, n);
    IrNode *v = map_find(&e.nodes, n);
    v = v ? v : n;
    return finish(&e, 1, &v);
}

static IrNode *for_all(Turns *t, IrNode *n)
{
    IrNode *all = map_find(&t->all, n);
    return all ? all : number_for_all(t, n);
}

/* A number that all turns have in common, where the loops stand. */
static IrNode *same_for_all(Turns *t, IrNode *n)
{
    if (!is_of_turn(t, n) || map_find(&t->same, n))
        return is_of_turn(t, n) ? map_find(&t->same, n) : n;
    Map nodes = map_new(t->cx->arena);
    for (int i = 0; i < n->nin; i++)
        map_put(&nodes, n->in[i], same_for_all(t, n->in[i]));
    IrNode *c = ir_clone_node(&t->at, n, &nodes, NULL, NULL);
    map_put(&t->same, n, c);
    return c;
}

/* Values and places: each has its axis. */
static IrNode *sorted_for_all(Turns *t, IrNode *n)
{
    IrNode *all = ir_add1(&t->at, n->op, all_turns(t, n->type), map_find(&t->all, n->in[0]));
    all->imm = n->imm;
    return all;
}

static IrNode *update_for_all(Turns *t, IrNode *n)
{
    IrNode *in[3 + IR_RANK_MOST] = { map_find(&t->all, n->in[0]), for_all(t, n->in[1]), ir_int(&t->at, 0) };
    for (int i = 2; i < n->nin; i++)
        in[1 + i] = same_for_all(t, n->in[i]);
    IrNode *u = ir_add(&t->at, OP_update, all_turns(t, n->type), n->nin + 1, in);
    u->box = NEWN(t->cx->module->arena, Dim, n->type.rank + 2);
    u->box[0] = t->x->dim;
    for (int i = 0; i < n->type.rank; i++)
        u->box[1 + i] = n->box[i];
    return u;
}

static void visit(Turns *t, IrRegion *r);

static IrNode *loop_for_all(Turns *t, IrNode *n)
{
    IrRegion *old = n->regions[0];
    IrNode **in = NEWN(t->cx->arena, IrNode *, n->nin), **next = NEWN(t->cx->arena, IrNode *, n->nin), *x = old->params.p[0];
    for (int i = 0; i < 2; i++)
        in[i] = same_for_all(t, n->in[i]);
    for (int i = 2; i < n->nin; i++)
        in[i] = for_all(t, n->in[i]);
    IrNode *f = ir_add(&t->at, OP_for, n->nin == 3 ? in[2]->type : ir_scalar(DT_none), n->nin, in);
    IrBuilder outside = t->at;
    t->at = (IrBuilder){ f->parent->fn, ir_region_new(f->parent->fn, f), NULL, n->span };
    map_put(&t->same, x, ir_index_new(t->at.region, x->name, x->lo, x->dim, x->span));
    for (int i = 2; i < n->nin; i++)
        map_put(&t->all, old->params.p[i - 1], ir_arg_new(t->at.region, old->params.p[i - 1]->name, in[i]->type));
    visit(t, old);
    for (int i = 2; i < n->nin; i++)
        next[i - 2] = for_all(t, ir_terminator(old)->in[i - 2]);
    ir_yield(&t->at, n->nin - 2, next);
    pass_note_symbols(t->cx, t->at.region);
    t->at = outside;
    return f;
}

static IrNode *result_for_all(Turns *t, IrNode *n)
{
    IrNode *of = map_find(&t->all, n->in[0]);
    if (!of)
        return number_for_all(t, n);
    IrNode *r = ir_add1(&t->at, OP_result, all_turns(t, n->type), of);
    r->imm = n->imm;
    return r;
}

/* NULL: it is computed where it is needed. */
static IrNode *tensor_of(Turns *t, IrNode *n)
{
    switch (n->op) {
    case OP_map: return map_for_all(t, n);
    case OP_topk:
    case OP_sort: return sorted_for_all(t, n);
    case OP_update: return update_for_all(t, n);
    case OP_for:
        if (distribute_goes_inside(n))
            return loop_for_all(t, n);
        break;
    case OP_result:
        if (map_find(&t->all, n->in[0]) || distribute_costs(n->in[0]))
            return result_for_all(t, n);
        break;
    default: break;
    }
    return n->type.dtype != DT_none && distribute_costs(n) ? number_for_all(t, n) : NULL;
}

static void visit(Turns *t, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        bool ends = n->op == OP_update && r == t->loop->regions[0];
        IrNode *all = n->op == OP_yield || ends || (!n->uses && !pass_faults(n)) ? NULL : tensor_of(t, n);
        if (all)
            map_put(&t->all, n, all);
    }
}

/* ---- results --------------------------------------------------------------------------------------------------------------------- */

/* x as axis `at` of what has it first. */
static IrNode *turned(Turns *t, IrNode *all, int at)
{
    IrNode *subs[IR_RANK_MOST];
    IrType type = all->type;
    if (at == 0)
        return all;
    type.dims = NEWN(t->cx->module->arena, Dim, type.rank);
    for (int i = 0; i < type.rank; i++)
        type.dims[i] = all->type.dims[i < at ? i + 1 : i == at ? 0 : i];
    IrNode *map = ir_add0(&t->at, OP_map, type);
    IrBuilder b = { t->at.fn, ir_region_new(t->at.fn, map), NULL, t->at.span };
    for (int i = 0; i < type.rank; i++)
        subs[i < at ? i + 1 : i == at ? 0 : i] = ir_index_new(b.region, name_of(b.fn->module->names, "i"), NULL, type.dims[i], b.span);
    IrNode *v = ir_load(&b, all, type.rank, subs);
    ir_yield(&b, 1, &v);
    pass_note_symbols(t->cx, b.region);
    return map;
}

static IrNode *filled(Turns *t, int k)
{
    const IrNode *u = ir_terminator(t->loop->regions[0])->in[k];
    int axis = distribute_axis(u, t->x), rank = u->type.rank, at = 0;
    IrNode *in[2 + IR_RANK_MOST] = { t->loop->in[2 + k] };
    Dim *box = NEWN(t->cx->module->arena, Dim, rank + 1);
    bool whole = true;
    for (int i = 0; i < rank; i++) {
        at += i < axis && u->box[i];
        box[i] = i == axis ? t->x->dim : u->box[i];
        in[2 + i] = i == axis ? ir_int(&t->at, 0) : same_for_all(t, u->in[2 + i]);
        whole = whole && box[i] == u->type.dims[i];
    }
    in[1] = turned(t, for_all(t, u->in[1]), at);
    if (whole)
        return in[1];
    IrNode *n = ir_add(&t->at, OP_update, u->type, rank + 2, in);
    n->box = box;
    return n;
}

void distribute_build(Turns *t)
{
    IrNode *loop = t->loop;
    int n = loop->nin - 2;
    IrNode **by = NEWN(t->cx->arena, IrNode *, n);
    visit(t, loop->regions[0]);
    for (int k = 0; k < n; k++)
        by[k] = filled(t, k);
    for (int k = 0; k < n; k++)
        by[k]->name = by[k]->name ? by[k]->name : loop->regions[0]->params.p[1 + k]->name;
    if (loop->type.dtype != DT_none) {
        ir_replace(loop, by[0]);
    } else {
        for (IrUse *u = loop->uses, *next; u; u = next) {
            next = u->next;
            ir_replace(u->user, by[u->user->imm]);
            ir_drop(u->user);
        }
    }
    ir_drop(loop);
}
