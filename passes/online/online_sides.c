/* online_sides.c - in a stream, of a choice by place (`concat(pos, neg)`) sums of products run for all places, with 0 where the other side is taken.
 *
 *     if j < P { %a } else { sum [d] { q[i, d] * k[j - P, d] } }
 *
 *     %b = sum [d] { q[i, d] * (if j < P { 0 } else { k[j - P, d] }) }          rows share what is multiplied
 *     select(j < P, %a, %b)
 *
 * Two sums that differ in what they read are one, of what is joined: `if j < P { a[j, d] } else { b[j - P, d] }`. In a branch a product would be computed
 * pair by pair; a block all of whose places take the other side has none (tile_stream_choice.c). No bit changes.
 */
#include "passes/online/online_int.h"

/* loads: those that may read outside of their tensors where the side is not taken; sum: the only one of products, if nsums is 1. */
typedef struct Side { PassCx *cx; IrNode *sum; VEC(IrNode *) loads, nodes; int nsums; bool good; } Side;

static void see(void *user, IrNode *n)
{
    Side *s = user;
    bool total = n->op != OP_load || pass_is_total(s->cx, n);
    bool plain = !(ir_info(n)->effects & (FAULTS | PINNED)) && n->op != OP_while && n->op != OP_for && n->op != OP_extern && n->op != OP_running;
    if (n->op == OP_reduce && n->order == ORDER_contract) {
        s->sum = n;
        s->nsums++;
    }
    if (!total)
        vec_push(s->cx->arena, &s->loads, n);
    s->good = s->good && plain && (total || dtype_is_float(n->type.dtype));
}

static Side side_of(PassCx *cx, IrRegion *r)
{
    Side s = { .cx = cx, .good = true };
    for (IrNode *n = r->first; n->op != OP_yield; n = n->next)
        vec_push(cx->arena, &s.nodes, n);
    ir_walk(r, see, &s);
    return s;
}

/* Takes the place of the load: a choice whose branch k reads it, and whose other one is for `other` to say. */
static IrNode *chosen(IrNode *load, IrNode *condition, int k, IrBuilder *other)
{
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    IrNode *choice = ir_add1(&b, OP_if, load->type, condition);
    ir_replace(load, choice);
    for (int i = 0; i < 2; i++) {
        IrBuilder in = { b.fn, ir_region_new(b.fn, choice), NULL, load->span };
        if (i == k)
            ir_move_before(load, ir_yield(&in, 1, &load));
        else
            *other = in;
    }
    return choice;
}

static void pad(Side *s, IrNode *condition, int k)
{
    for (int i = 0; i < s->loads.n; i++) {
        IrBuilder b;
        if (s->loads.p[i]->dropped)
            continue;
        chosen(s->loads.p[i], condition, k, &b);
        IrNode *zero = ir_const_float(&b, s->loads.p[i]->type.dtype, 0);
        ir_yield(&b, 1, &zero);
    }
}

/* ---- two sums as one ---------------------------------------------------------------------------------------------------- */

typedef struct Pair { IrNode *sum[2]; Map other; VEC(IrNode *) loads; Arena *arena; } Pair; /* other: of what the first sum reads the second one reads otherwise */

/* Read, or chosen between what is read (joined itself). */
static bool is_read(const IrNode *n) { return (n->op == OP_load || n->op == OP_if) && !n->sym && !n->type.rank && dtype_is_float(n->type.dtype); }

static bool is_alike(Pair *p, IrNode *x, IrNode *y)
{
    const IrRegion *r = p->sum[0]->regions[0], *q = p->sum[1]->regions[0];
    IrNode *known = map_find(&p->other, x);
    if (x->parent != r || y->parent != q || known)
        return x == y || known == y;
    if (is_read(x) && is_read(y) && !(x->op == OP_load && y->op == OP_load)) {
        map_put(&p->other, x, y);
        vec_push(p->arena, &p->loads, x);
        return x->type.dtype == y->type.dtype;
    }
    bool same = x->op == y->op && x->nin == y->nin && !x->nregions && x->type.dtype == y->type.dtype && ((x->op != OP_const && x->op != OP_dim) || x->imm == y->imm);
    if (x->op == OP_index || !same)
        return same;
    bool all = x->op != OP_load || x->in[0] == y->in[0];
    for (int i = x->op == OP_load; i < x->nin && all; i++)
        all = is_alike(p, x->in[i], y->in[i]);
    if (all || x->op != OP_load || !is_read(x) || !is_read(y))
        return all;
    map_put(&p->other, x, y);
    vec_push(p->arena, &p->loads, x);
    return true;
}

static bool is_plain_sum(const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    return n->redop == RED_sum && r->params.n == 1 && r->params.p[0]->op == OP_index && pass_is_whole(r->params.p[0]) && !pass_guard(r);
}

static bool are_alike(Pair *p)
{
    bool plain = is_plain_sum(p->sum[0]) && is_plain_sum(p->sum[1]) && p->sum[0]->regions[0]->params.p[0]->dim == p->sum[1]->regions[0]->params.p[0]->dim &&
        p->sum[0]->parent == p->sum[1]->parent;
    return plain && is_alike(p, ir_terminator(p->sum[0]->regions[0])->in[0], ir_terminator(p->sum[1]->regions[0])->in[0]) && p->loads.n;
}

/* The first one, before `place`, reads what the second one does where the condition does not hold. */
static void join(PassCx *cx, Pair *p, IrNode *condition, IrNode *place)
{
    IrNode *sum = p->sum[0], *old = p->sum[1];
    ir_move_before(sum, place);
    for (int i = 0; i < p->loads.n; i++) {
        IrBuilder b;
        Map nodes = map_new(cx->arena);
        SymMap syms = symmap_new(cx);
        map_put(&nodes, old->regions[0]->params.p[0], sum->regions[0]->params.p[0]);
        symmap_put(&syms, old->regions[0]->params.p[0]->sym, dim_sym(cx->module->dims, sum->regions[0]->params.p[0]->sym));
        chosen(p->loads.p[i], condition, 0, &b);
        IrNode *y = pass_copied(cx, &b, map_find(&p->other, p->loads.p[i]), old->regions[0], &nodes, &syms);
        ir_yield(&b, 1, &y);
    }
    ir_replace(old, sum);
    ir_drop(old);
}

/* ---- a choice ------------------------------------------------------------------------------------------------------------- */

static bool needs(const IrNode *n, const Map *sums)
{
    bool found = map_find(sums, n);
    for (int i = 0; i < n->nin && !found; i++)
        found = map_find(sums, n->in[i]);
    return found;
}

/* What is made of them goes behind them. */
static void behind(PassCx *cx, const Side *s, IrNode *place)
{
    Map of = map_new(cx->arena);
    map_put(&of, s->sum, s->sum);
    for (int i = 0; i < s->nodes.n; i++)
        if (!s->nodes.p[i]->dropped && s->nodes.p[i] != s->sum && needs(s->nodes.p[i], &of)) {
            map_put(&of, s->nodes.p[i], s->sum);
            ir_move_before(s->nodes.p[i], place);
        }
}

static bool tries_join(PassCx *cx, Side *s, IrNode *condition, IrNode *place)
{
    Pair p = { .sum = { s[0].sum, s[1].sum }, .other = map_new(cx->arena), .arena = cx->arena };
    if (s[0].nsums != 1 || s[1].nsums != 1 || !are_alike(&p))
        return false;
    IrNode *old = s[1].sum;
    join(cx, &p, condition, place);
    behind(cx, &s[0], place);
    s[1].sum = s[0].sum;
    for (int i = 0; i < s[1].nodes.n; i++)
        if (s[1].nodes.p[i] == old)
            s[1].nodes.p[i] = s[0].sum;
    behind(cx, &s[1], place);
    return true;
}

static void open_sides(PassCx *cx, IrNode *n)
{
    IrNode *condition = n->in[0], *v[2];
    Side s[2];
    for (int k = 0; k < 2; k++)
        s[k] = side_of(cx, n->regions[k]);
    if (!s[0].good || !s[1].good || !(s[0].nsums || s[1].nsums))
        return;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < s[k].nodes.n; i++)
            ir_move_before(s[k].nodes.p[i], n);
    tries_join(cx, s, condition, n);
    for (int k = 0; k < 2; k++) {
        pad(&s[k], condition, k);
        v[k] = ir_terminator(n->regions[k])->in[0];
    }
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    bool first = s[0].nsums && !s[1].nsums;
    IrNode *c = first ? ir_add1(&b, OP_not, condition->type, condition) : condition;
    ir_replace(n, ir_add3(&b, OP_select, n->type, c, v[first], v[!first]));
    ir_drop(n);
    cx->changed++;
}

/* Of places, not of rows: what rows read in common is theirs on either side. */
static bool is_by_place(PassCx *cx, const IrNode *condition, const IrRegion *host)
{
    const IrRegion *rows = host->owner->parent;
    return pass_depends(cx, condition, host) && !pass_depends(cx, condition, rows);
}

/* Inner ones first: what they join is joined again. */
static void visit(PassCx *cx, IrRegion *r, const IrRegion *host)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        bool number = n->op == OP_if && n->nregions == 2 && !n->sym && !n->type.rank && dtype_is_float(n->type.dtype) && ir_terminator(n->regions[0])->nin == 1;
        for (int k = 0; k < n->nregions && number; k++)
            visit(cx, n->regions[k], host);
        if (number && is_by_place(cx, n->in[0], host))
            open_sides(cx, n);
    }
}

void online_open_sides(PassCx *cx, IrNode *map)
{
    for (IrNode *m = map->regions[0]->first; m; m = m->next)
        if (m->op == OP_reduce && m->stream)
            visit(cx, m->regions[0], m->regions[0]);
}
