/* tile_reorder.c - a map whose only reader puts its elements elsewhere writes them there itself.
 *
 *     %m = map [o: O, r: 2, q: 8 in ..(17 - r) // 2 | ..] { .. }       %m's kernel stores its element [o, r, q] at [o, 2 * q + r]
 *     %p = map [o: O, z: 15] { %m[o, z % 2, z // 2] }                  of %p
 *
 * Each place of %p is one of %m, and each place of %m within its bounds is one of %p: so nothing else is written.
 */
#include "passes/tile/tile_int.h"

enum { NEAR = 16 }; /* places apart: elements of a vector share a line with others */

static void see_product(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || (n->op == OP_reduce && n->order == ORDER_contract);
}

/* Lanes of products would lie far apart: blocks are turned around from memory faster than they are written across. What is computed element by element
 * waits for its arithmetic. */
static bool is_across(const IrNode *n, const IrNode *load)
{
    bool products = false;
    ir_walk(n->regions[0], see_product, &products);
    if (!products)
        return false;
    const IrRegion *r = load->parent;
    const IrNode *last = vec_last(&r->params);
    int64_t places;
    return load->in[load->nin - 1] != last && load->in[load->nin - 1]->op == OP_index && pass_is_subscript(load, last) && !(dim_is_const(last->dim, &places) && places < NEAR);
}

/* A tensor of its own, or a result: no memory that the map before may read. */
static bool lies_apart(const IrNode *p)
{
    for (const IrUse *u = p->uses; u; u = u->next)
        if (u->user->op != OP_load && u->user->op != OP_reshape && (u->user->op != OP_ret || u->slot < p->parent->fn->vars.n))
            return false;
    return p->uses;
}

static bool is_part(PassCx *cx, const IrNode *sub, IrOp op, const IrNode *x, Dim step)
{
    return sub->op == op && sub->in[0] == x && pass_dim_of(cx, sub->in[1]) == step;
}

/* The axis of m that x alone, or x's quotient or residue (step: the number), stands for; -1: none. */
static int axis_of(PassCx *cx, const IrNode *load, IrOp op, const IrNode *x, Dim step)
{
    for (int i = 1; i < load->nin; i++)
        if (op == OP_index ? load->in[i] == x : is_part(cx, load->in[i], op, x, step))
            return i - 1;
    return -1;
}

static Dim step_of(PassCx *cx, const IrNode *load, const IrNode *x)
{
    int64_t k;
    for (int i = 1; i < load->nin; i++)
        if (load->in[i]->op == OP_floordiv && load->in[i]->in[0] == x) {
            Dim step = pass_dim_of(cx, load->in[i]->in[1]);
            return dim_is_const(step, &k) && k > 1 ? step : NULL;
        }
    return NULL;
}

/* Places step * q + r are those of x, no more and no fewer. */
static bool are_all(PassCx *cx, const IrNode *x, const IrNode *q, const IrNode *r, Dim step)
{
    DimCx *d = cx->module->dims;
    if (!pass_is_whole(r) || r->dim != step || q->from || !pass_from_zero(q))
        return false;
    if (!q->to)
        return dim_mul(d, step, q->dim) == x->dim;
    Dim left = dim_sub(d, x->dim, dim_sym(d, r->sym)), end = dim_floordiv(d, dim_add(d, left, dim_sub(d, step, dim_const(d, 1))), step);
    return q->to == dim_min(d, q->dim, end);
}

IrNode *tile_reorders(PassCx *cx, const IrNode *n)
{
    IrNode *load = n->uses && !n->uses->next && n->uses->slot == 0 ? n->uses->user : NULL, *p = load && load->op == OP_load ? load->parent->owner : NULL;
    if (!p || p->op != OP_map || p != n->next || pass_guard(p->regions[0]) || ir_terminator(p->regions[0])->in[0] != load || !lies_apart(p))
        return NULL;
    const IrRegion *of = n->regions[0], *r = p->regions[0];
    int seen = 0;
    if (is_across(n, load))
        return NULL;
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        Dim step = step_of(cx, load, x);
        int q = axis_of(cx, load, step ? OP_floordiv : OP_index, x, step), rest = step ? axis_of(cx, load, OP_mod, x, step) : q;
        if (!pass_is_whole(x) || q < 0 || rest < 0 || !(step ? are_all(cx, x, of->params.p[q], of->params.p[rest], step) : pass_is_whole(of->params.p[q])))
            return NULL;
        seen += step ? 2 : 1;
    }
    return seen == n->type.rank ? p : NULL;
}

Dest tile_reordered(Tile *t, IrNode *n, IrNode *p, TileDestination *destination)
{
    PassCx *cx = t->cx;
    Dest d = destination(t, p), e = d;
    const IrNode *load = n->uses->user;
    e.axis = NEWN(cx->arena, int, d.rank);
    e.rest = NEWN(cx->arena, int, d.rank);
    e.step = NEWN(cx->arena, Dim, d.rank);
    for (int i = 0; i < d.rank; i++) {
        const IrNode *x = d.axis[i] >= 0 ? p->regions[0]->params.p[d.axis[i]] : NULL;
        Dim step = x ? step_of(cx, load, x) : NULL;
        e.axis[i] = x ? axis_of(cx, load, step ? OP_floordiv : OP_index, x, step) : -1;
        e.rest[i] = step ? axis_of(cx, load, OP_mod, x, step) : -1;
        e.step[i] = step;
    }
    map_put(&t->joined, p, n);
    return e;
}
