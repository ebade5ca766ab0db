/* lift.c - a tensor that is computed inside each element of another gets the outer indices as leading axes (the batching rule).
 *
 *     %y = map [b: B] { %t = map [j: N] {...}; %s = reduce sum [i: N] { %t[i] } ... }
 *
 *     %t = map [b: B, j: N] {...}
 *     %y = map [b: B] { %s = reduce sum [i: N] { %t[b, i] } ... }
 *
 * What the inner map needs of the outer body is copied along; the outer guard guards it too.
 */
#include "passes/pass_int.h"

typedef struct Lift { PassCx *cx; IrNode *outer, *inner; Map nodes; SymMap syms; IrBuilder b; bool failed; } Lift;

static bool is_only_loaded(const IrNode *map)
{
    for (IrUse *u = map->uses; u; u = u->next)
        if (u->user->op != OP_load || u->slot != 0)
            return false;
    return true;
}

static bool dims_are_outside(PassCx *cx, const IrNode *inner, const IrNode *outer)
{
    for (int i = 0; i < inner->type.rank; i++)
        if (pass_dim_depends(cx, inner->type.dims[i], outer->regions[0]))
            return false;
    return true;
}

static void bring_operands(Lift *l, IrNode *n);

/* Copies a node of the outer body, with all it needs, into the new map. */
static void bring(Lift *l, IrNode *n)
{
    if (n->parent != l->outer->regions[0] || map_find(&l->nodes, n) || l->failed)
        return;
    if (n->op == OP_index || n->op == OP_arg || pass_is_tensor(n) || (ir_info(n)->effects & PINNED)) {
        l->failed = true;
        return;
    }
    bring_operands(l, n);
    if (l->failed)
        return;
    IrNode *c = ir_clone_node(&l->b, n, &l->nodes, symmap_subst, &l->syms);
    map_put(&l->nodes, n, c);
    if (n->sym)
        symmap_put(&l->syms, n->sym, pass_dim_of(l->cx, c));
}

static void bring_inside(void *user, IrNode *n)
{
    Lift *l = user;
    for (int i = 0; i < n->nin; i++)
        bring(l, n->in[i]);
}

static void bring_operands(Lift *l, IrNode *n)
{
    bring_inside(l, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], bring_inside, l);
}

static IrNode *new_index(Lift *l, IrRegion *r, IrNode *x)
{
    Dim lo = x->lo ? dim_subst(l->cx->module->dims, x->lo, symmap_subst, &l->syms) : NULL;
    IrNode *n = ir_index_new(r, x->name, lo, dim_subst(l->cx->module->dims, x->dim, symmap_subst, &l->syms), x->span);
    map_put(&l->nodes, x, n);
    symmap_put(&l->syms, x->sym, dim_sym(l->cx->module->dims, n->sym));
    return n;
}

static IrType wider(Lift *l)
{
    IrRegion *r = l->outer->regions[0];
    IrType t = l->inner->type;
    IrType w = { t.dtype, t.rank + r->params.n, NEWN(l->cx->arena, Dim, t.rank + r->params.n) };
    for (int i = 0; i < r->params.n; i++)
        w.dims[i] = r->params.p[i]->dim;
    for (int i = 0; i < t.rank; i++)
        w.dims[r->params.n + i] = t.dims[i];
    return w;
}

static IrNode *conjunction(IrBuilder *b, IrNode *x, IrNode *y)
{
    return !x ? y : !y ? x : ir_add2(b, OP_and, ir_scalar(DT_bool), x, y);
}

static IrNode *build(Lift *l)
{
    IrRegion *outer = l->outer->regions[0], *inner = l->inner->regions[0];
    IrBuilder at = { l->outer->parent->fn, l->outer->parent, l->outer, l->inner->span };
    IrNode *map = ir_add0(&at, OP_map, wider(l)), *yield[2], *guard = pass_guard(outer);
    IrRegion *r = ir_region_new(at.fn, map);
    l->b = (IrBuilder){ at.fn, r, NULL, l->inner->span };
    for (int i = 0; i < outer->params.n; i++)
        new_index(l, r, outer->params.p[i]);
    bring_operands(l, l->inner);
    if (guard)
        bring(l, guard);
    for (int i = 0; i < inner->params.n && !l->failed; i++)
        new_index(l, r, inner->params.p[i]);
    if (l->failed) {
        ir_drop(map);
        return NULL;
    }
    IrNode **v = ir_clone_region(&l->b, inner, &l->nodes, symmap_subst, &l->syms);
    IrNode *own = ir_terminator(inner)->nin > 1 ? v[1] : NULL, *of_outer = guard ? map_find(&l->nodes, guard) : NULL;
    yield[0] = v[0];
    yield[1] = conjunction(&l->b, of_outer ? of_outer : guard, own);
    ir_yield(&l->b, yield[1] ? 2 : 1, yield);
    return map;
}

static void redirect(Lift *l, IrNode *lifted)
{
    IrRegion *outer = l->outer->regions[0];
    while (l->inner->uses) {
        IrNode *load = l->inner->uses->user, *subs[32];
        int n = 0;
        for (int i = 0; i < outer->params.n; i++) {
            IrBuilder b = { outer->fn, load->parent, load, load->span };
            IrNode *x = outer->params.p[i];
            subs[n++] = x->lo ? ir_add2(&b, OP_sub, ir_scalar(DT_i64), x, ir_dim_value(&b, x->lo)) : x;
        }
        for (int i = 1; i < load->nin; i++)
            subs[n++] = load->in[i];
        IrBuilder b = { outer->fn, load->parent, load, load->span };
        ir_replace(load, pass_keeps_symbol(l->cx, load, ir_load(&b, lifted, n, subs)));
        ir_drop(load);
    }
    ir_drop(l->inner);
}

static bool lift_one(PassCx *cx, IrNode *outer, IrNode *inner)
{
    Lift l = { .cx = cx, .outer = outer, .inner = inner, .nodes = map_new(cx->arena), .syms = symmap_new(cx) };
    if (!is_only_loaded(inner) || !dims_are_outside(cx, inner, outer) || inner->type.rank + outer->type.rank > 16)
        return false;
    IrNode *lifted = build(&l);
    if (!lifted)
        return false;
    redirect(&l, lifted);
    cx->changed++;
    return true;
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregions; i++)
            visit(cx, n->regions[i]);
        if (n->op != OP_map)
            continue;
        for (IrNode *x = n->regions[0]->first, *after; x; x = after) {
            after = x->next;
            if (x->op == OP_map)
                lift_one(cx, n, x);
        }
    }
}

bool pass_lift(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
