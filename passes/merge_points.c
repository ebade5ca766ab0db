/* merge_points.c - kernels over the same grid, of which the second needs of each point only what the first has written there, become one.
 *
 *     kernel [t] { tfor lanes [n] { store %s[t, n], %x[t, n] + %r[t, n] } }        kernel [t] {
 *     kernel [t] { %1 = reduce sum [n] { %s[t, n] ^ 2 }                               tfor lanes [n] { store %s[t, n], .. }
 *                  tfor lanes [n] { store %y[t, n], %s[t, n] * rsqrt(%1) } }          %1 = reduce sum [n] { %s[t, n] ^ 2 } .. }
 *
 * One point after the other, in the order in which they stood: a row that was just written is read from the nearest cache, and there is no
 * barrier between. Both sides name the point in the same subscripts of whatever one of them writes, so points do not meet. Loops of
 * products (rows, panels) are left alone: they are tiled for their operands. The first may not fault.
 */
#include "passes/merge_int.h"

typedef struct Access { IrNode *node; bool writes; } Access;

typedef struct Points {
    PassCx *cx;
    IrNode *a, *b;            /* kernels */
    VEC(Access) of_a, of_b;
    bool plain;               /* so far both hold nothing but values, loads, stores and loops over rows */
    bool reduces, faults;
    SymMap syms;              /* from b's grid to a's */
    bool in_b;
} Points;

static bool is_loop_over_row(const IrNode *n)
{
    return (n->op == OP_tfor && n->loop != LOOP_rows) || (n->op == OP_reduce && n->order != ORDER_contract && !n->stream) || n->op == OP_if;
}

static void see(void *user, IrNode *n)
{
    Points *p = user;
    bool access = n->op == OP_store || (n->op == OP_load && n->in[0]->op == OP_buffer);
    bool other = n->op == OP_buffer || n->op == OP_copy || n->op == OP_setscalar || n->op == OP_sortrow || n->op == OP_dot16 || n->op == OP_effect ||
                 n->op == OP_extern || n->op == OP_prefetch;
    if (access && p->in_b)
        vec_push(p->cx->arena, &p->of_b, ((Access){ n, n->op == OP_store }));
    else if (access)
        vec_push(p->cx->arena, &p->of_a, ((Access){ n, n->op == OP_store }));
    p->plain = p->plain && !other && (!n->nregions || is_loop_over_row(n));
    p->reduces = p->reduces || n->op == OP_reduce;
    p->faults = p->faults || (!p->in_b && (ir_info(n)->effects & FAULTS));
}

/* ---- the same grid --------------------------------------------------------------------------------------------------- */

static Dim in_grid_of_a(Points *p, Dim d) { return d ? dim_subst(p->cx->module->dims, d, symmap_subst, &p->syms) : NULL; }

static bool same_grid(Points *p)
{
    const IrRegion *a = p->a->regions[0], *b = p->b->regions[0];
    if (a->params.n != b->params.n)
        return false;
    for (int i = 0; i < a->params.n; i++) {
        const IrNode *x = a->params.p[i], *y = b->params.p[i];
        if (x->dim != in_grid_of_a(p, y->dim) || x->lo != in_grid_of_a(p, y->lo) || x->from || x->to || y->from || y->to)
            return false;
        if (x->sym && y->sym)
            symmap_put(&p->syms, y->sym, dim_sym(p->cx->module->dims, x->sym));
    }
    return true;
}

/* ---- points do not meet ------------------------------------------------------------------------------------------------ */

static int subscripts(const Access *x) { return x->writes ? 2 : 1; }

static bool is_one_place(PassCx *cx, const IrNode *x)
{
    return facts_prove_le(facts_new(cx->module->dims, NULL), x->dim, dim_const(cx->module->dims, 1)) == YES;
}

/* Some subscript is this index of the grid in both. */
static bool both_say(const Points *p, const Access *x, const Access *y, int index)
{
    const IrNode *i = p->a->regions[0]->params.p[index], *j = p->b->regions[0]->params.p[index];
    for (int k = 0; k < x->node->nin - subscripts(x); k++)
        if (x->node->in[subscripts(x) + k] == i && y->node->in[subscripts(y) + k] == j)
            return true;
    return false;
}

static bool stay_apart(const Points *p, const Access *x, const Access *y)
{
    if (x->node->in[0] != y->node->in[0] || x->node->nin - subscripts(x) != y->node->nin - subscripts(y))
        return false;
    for (int i = 0; i < p->a->regions[0]->params.n; i++)
        if (!both_say(p, x, y, i) && !is_one_place(p->cx, p->a->regions[0]->params.p[i]))
            return false;
    return true;
}

/* hands: b reads what a writes. */
static bool points_agree(const Points *p, bool *hands)
{
    *hands = false;
    for (int i = 0; i < p->of_a.n; i++)
        for (int j = 0; j < p->of_b.n; j++) {
            const Access *x = &p->of_a.p[i], *y = &p->of_b.p[j];
            if (!(x->writes || y->writes) || pass_root(x->node->in[0]) != pass_root(y->node->in[0]))
                continue;
            if (!stay_apart(p, x, y))
                return false;
            *hands = *hands || (x->writes && !y->writes);
        }
    return true;
}

/* ---- merging ------------------------------------------------------------------------------------------------------------ */

/* The value of a point that a alone has written, once, in front of all that b does. */
static const IrNode *value_at(const Points *p, const IrNode *load)
{
    const IrNode *found = NULL;
    for (int i = 0; i < p->of_a.n; i++) {
        const IrNode *s = p->of_a.p[i].node;
        if (!p->of_a.p[i].writes || pass_root(s->in[0]) != pass_root(load->in[0]))
            continue;
        bool same = !found && s->parent == p->a->regions[0] && s->in[0] == load->in[0];
        for (int k = 1; k < load->nin && same; k++)
            same = s->in[k + 1] == load->in[k] || (s->in[k + 1]->op == OP_const && load->in[k]->op == OP_const && s->in[k + 1]->imm == load->in[k]->imm);
        if (!same)
            return NULL;
        found = s;
    }
    for (int i = 0; i < p->of_b.n && found; i++)
        if (p->of_b.p[i].writes && pass_root(p->of_b.p[i].node->in[0]) == pass_root(load->in[0]))
            return NULL;
    return found;
}

static void pass_on(Points *p)
{
    for (int i = 0; i < p->of_b.n; i++) {
        IrNode *load = p->of_b.p[i].node;
        const IrNode *store = p->of_b.p[i].writes ? NULL : value_at(p, load);
        if (!store)
            continue;
        ir_replace(load, store->in[1]);
        ir_drop(load);
    }
}

static void join(Points *p)
{
    DimCx *d = p->cx->module->dims;
    IrRegion *a = p->a->regions[0], *b = p->b->regions[0];
    ir_move_before(p->a, p->b);
    merge_rename(p->cx, b, &p->syms);
    for (int i = 0; i < a->params.n; i++)
        ir_replace(b->params.p[i], a->params.p[i]);
    IrBuilder at = { a->fn, a, NULL, p->b->span };
    IrNode *end = ir_int(&at, 0);
    for (IrNode *n = b->first, *next; n; n = next) {
        next = n->next;
        ir_move_before(n, end);
    }
    ir_drop(end);
    pass_on(p);
    p->a->flops = p->a->flops && p->b->flops ? dim_add(d, p->a->flops, p->b->flops) : NULL;
    p->a->bytes = p->a->bytes && p->b->bytes ? dim_add(d, p->a->bytes, p->b->bytes) : NULL;
    ir_drop(p->b);
    p->cx->changed++;
}

bool pass_merge_points(PassCx *cx, IrNode *a, IrNode *b)
{
    Points p = { .cx = cx, .a = a, .b = b, .plain = true, .syms = symmap_new(cx) };
    bool hands;
    ir_walk(a->regions[0], see, &p);
    p.in_b = true;
    ir_walk(b->regions[0], see, &p);
    if (!p.plain || !p.reduces || p.faults || !same_grid(&p) || !points_agree(&p, &hands) || !hands)
        return false;
    join(&p);
    return true;
}
