/* online_groups.c - a sum over what falls to one group goes over that group.
 *
 *     sum [h: H, i: T | h // R == n and j <= i] { f(h, i) }          sum [r: R, i: T | j <= i] { f(n * R + r, i) }
 *
 * Where n * R + r stays below H for each n: heads that share keys, whose gradients are summed under a guard. In another order than all places of H, as a
 * pass may have (PASSES.md, Laws 1); what n is divided by then is known (online_form.c).
 */
#include "passes/online/online_int.h"

typedef struct Group { PassCx *cx; IrNode *sum, *index, *which, *says; Dim size; } Group;

/* x == y: is x the quotient of an index of the sum, y an index around it? */
static bool names_group(Group *q, IrNode *says, IrNode *x, IrNode *y)
{
    IrRegion *r = q->sum->regions[0];
    DimCx *d = q->cx->module->dims;
    bool quotient = x->op == OP_floordiv && x->type.dtype == DT_i64 && x->in[0]->op == OP_index && x->in[0]->parent == r;
    if (!quotient || y->op != OP_index || ir_inside(y, r) || pass_depends(q->cx, x->in[1], r))
        return false;
    Dim size = pass_dim_of(q->cx, x->in[1]);
    if (dim_is_poison(size) || facts_prove_le(pass_ranges_around(q->cx, q->sum->parent), dim_mul(d, y->dim, size), x->in[0]->dim) != YES)
        return false;
    q->index = x->in[0];
    q->which = y;
    q->says = says;
    q->size = size;
    return true;
}

static bool find_group(Group *q, IrNode *g)
{
    if (g->op == OP_and)
        return find_group(q, g->in[0]) || find_group(q, g->in[1]);
    if (pass_and_then(g))
        return find_group(q, pass_and_then(g));
    return g->op == OP_eq && (names_group(q, g, g->in[0], g->in[1]) || names_group(q, g, g->in[1], g->in[0]));
}

static bool is_true(const IrNode *n) { return n->op == OP_const && n->imm; }

/* What is left of a guard in which something is true now. */
static IrNode *folded(IrNode *g)
{
    if (g->op == OP_and) {
        IrNode *x = folded(g->in[0]), *y = folded(g->in[1]);
        ir_set_in(g, 0, x);
        ir_set_in(g, 1, y);
        return is_true(x) ? y : is_true(y) ? x : g;
    }
    if (!pass_and_then(g) || !is_true(folded(g->in[0])))
        return g;
    while (g->regions[0]->first->op != OP_yield)
        ir_move_before(g->regions[0]->first, g);
    return ir_terminator(g->regions[0])->in[0];
}

static void leave_guard(IrRegion *r)
{
    IrNode *y = ir_terminator(r), *v[] = { y->in[0], folded(y->in[1]) };
    IrBuilder b = { r->fn, r, y, y->span };
    ir_yield(&b, is_true(v[1]) ? 1 : 2, v);
    ir_drop(y);
}

static void go_over_group(Group *q)
{
    DimCx *d = q->cx->module->dims;
    IrNode *n = q->sum;
    IrRegion *from = n->regions[0];
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    IrNode *r = ir_add0(&at, OP_reduce, n->type);
    IrBuilder b = { at.fn, ir_region_new(at.fn, r), NULL, n->span };
    Map nodes = map_new(q->cx->arena);
    SymMap syms = symmap_new(q->cx);
    r->redop = n->redop;
    r->order = n->order;
    for (int i = 0; i < from->params.n; i++) {
        IrNode *x = from->params.p[i];
        ir_index_new(b.region, x->name, NULL, x == q->index ? q->size : x->dim, x->span);
    }
    for (int i = 0; i < from->params.n; i++) {
        IrNode *x = from->params.p[i], *mine = b.region->params.p[i];
        Dim place = dim_sym(d, mine->sym);
        if (x == q->index)
            place = dim_add(d, dim_mul(d, dim_sym(d, q->which->sym), q->size), place);
        map_put(&nodes, x, x == q->index ? ir_dim_value(&b, place) : mine);
        symmap_put(&syms, x->sym, place);
    }
    IrNode **v = ir_clone_region(&b, from, &nodes, symmap_subst, &syms), *says = map_find(&nodes, q->says);
    ir_yield(&b, 2, v);
    IrBuilder there = { b.fn, says->parent, says, says->span };
    ir_replace(says, ir_const_int(&there, DT_bool, 1));
    ir_drop(says);
    leave_guard(b.region);
    ir_replace(n, r);
    ir_drop(n);
    online_sweep(q->cx, b.region, false);
    pass_note_symbols(q->cx, b.region);
}

static bool is_plain(const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    bool plain = n->redop != RED_argmax && n->redop != RED_argmin && !n->sym && r->params.n > 1; /* of one index, the axis would be a part of that of the others */
    for (int i = 0; i < r->params.n && plain; i++)
        plain = r->params.p[i]->op == OP_index && pass_is_whole(r->params.p[i]);
    return plain;
}

void online_go_over_groups(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        IrNode *g = n->op == OP_reduce ? pass_guard(n->regions[0]) : NULL;
        Group q = { .cx = cx, .sum = n };
        if (g && is_plain(n) && find_group(&q, g))
            go_over_group(&q);
    }
}
