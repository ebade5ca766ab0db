/* cascade_factor.c - a sum's value as a product of factors that a stream can correct (stream_int.h).
 *
 *     f = f(j)                      no earlier member in it: nothing to do
 *     f = w                         the same along the axis: leaves the sum
 *     |exp(u - w) - exp(-w)|, ..    all of it scales as exp(u - w) does (cascade_scale.c)
 *     exp(u - w), w of extremes     corrected by exp(w - w'); what of w needs sums leaves: exp(u - w - log l) = exp(u - w) * exp(-log l);
 *                                   of a choice, too (a log-sum-exp): if a { w } else { w + log l } = w + if a { 0 } else { log l }
 *     if a { f } else { 0 }         as f, where a needs no member
 *     u - w, once                   sum f (u - w') = sum f (u - w) + (w - w') sum f, where another member is sum f;
 *                                   what of w needs sums waits for the end: sum f (u - w - log l) = sum f (u - w) - log l * sum f;
 *                                   without f the sum of ones is that member (cascade.c adds it)
 */
#include "passes/stream_int.h"

/* n = u(j) + w(members): the part with members is the same along the axis, and its members are maxima or minima. */
static bool needs_sum(Cascade *c, const IrNode *n)
{
    int stage = cascade_stage(c, n);
    for (int i = 0; i < stage; i++)
        if (!cascade_is_extreme(&c->m[i]) && (n == c->m[i].reduce || pass_depends_on(c->cx, n, c->m[i].reduce)))
            return true;
    return false;
}

bool cascade_shifts(Cascade *c, const IrNode *n)
{
    if (cascade_stage(c, n) == 0)
        return true;
    if (!cascade_varies(c, n))
        return !needs_sum(c, n);
    switch (n->op) {
    case OP_neg: return cascade_shifts(c, n->in[0]);
    case OP_add:
    case OP_sub: return cascade_shifts(c, n->in[0]) && cascade_shifts(c, n->in[1]);
    case OP_mul:
    case OP_div: return cascade_shifts(c, n->in[0]) && cascade_stage(c, n->in[1]) == 0 && !cascade_varies(c, n->in[1]);
    default: return false;
    }
}

/* The node of the host that computes this: one that is there, or a new one. */
static IrNode *node(Cascade *c, IrOp op, const IrNode *like, IrNode *x, IrNode *y)
{
    IrRegion *r = c->host->regions[0];
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == op && n->nin == (y ? 2 : 1) && n->in[0] == x && (!y || n->in[1] == y))
            return n;
    IrBuilder b = { r->fn, r, NULL, like->span };
    return y ? ir_add2(&b, op, like->type, x, y) : ir_add1(&b, op, like->type, x);
}

static IrNode *joined(Cascade *c, const IrNode *n, IrNode *x, IrNode *y)
{
    if (x && y)
        return node(c, (IrOp)n->op, n, x, y);
    return x || !y || n->op != OP_sub ? (x ? x : y) : node(c, OP_neg, y, y, NULL);
}

static IrNode *choice(Cascade *c, const IrNode *like, IrNode *x, IrNode *y)
{
    IrRegion *r = c->host->regions[0];
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_select && n->in[0] == like->in[0] && n->in[1] == x && n->in[2] == y)
            return n;
    IrBuilder b = { r->fn, r, NULL, like->span };
    return ir_add3(&b, OP_select, like->type, like->in[0], x, y);
}

static bool part(Cascade *c, IrNode *n, IrNode **rest, IrNode **w);

/* Of a choice what both sides have in common is what needs no sum. */
static bool part_choice(Cascade *c, IrNode *n, IrNode **rest, IrNode **w)
{
    IrNode *r[2], *v[2];
    for (int i = 0; i < 2; i++) {
        IrNode *side = cascade_side(n, i);
        if (!side || !part(c, side, &r[i], &v[i]))
            return false;
    }
    if (r[0] != r[1] || !r[0] || cascade_varies(c, n->in[0]))
        return false;
    IrBuilder b = { n->parent->fn, c->host->regions[0], NULL, n->span };
    for (int i = 0; i < 2; i++)
        v[i] = v[i] ? v[i] : ir_const_float(&b, n->type.dtype, 0);
    *rest = r[0];
    *w = choice(c, n, v[0], v[1]);
    return true;
}

/* n = rest + w, where w is the same along the axis and needs sums, and rest needs none; NULL: no such term. */
static bool part(Cascade *c, IrNode *n, IrNode **rest, IrNode **w)
{
    IrNode *r[2] = { NULL, NULL }, *v[2] = { NULL, NULL };
    *rest = n;
    *w = NULL;
    if (!needs_sum(c, n))
        return true;
    if (part_choice(c, n, rest, w))
        return true;
    *rest = n;
    *w = NULL;
    if (n->op != OP_neg && n->op != OP_add && n->op != OP_sub) {
        *rest = NULL;
        *w = n;
        return !cascade_varies(c, n);
    }
    for (int i = 0; i < n->nin; i++)
        if (!part(c, n->in[i], &r[i], &v[i]))
            return false;
    if (n->op == OP_neg) {
        *rest = r[0] ? node(c, OP_neg, n, r[0], NULL) : NULL;
        *w = v[0] ? node(c, OP_neg, n, v[0], NULL) : NULL;
    } else {
        *rest = joined(c, n, r[0], r[1]);
        *w = joined(c, n, v[0], v[1]);
    }
    return true;
}

static bool leaves(Member *m, IrNode *n, bool over)
{
    if (m->nouts == FACTORS_MOST)
        return false;
    m->over[m->nouts] = over;
    m->outs[m->nouts++] = n;
    return true;
}

/* What is left of a factor, and of that what is left without the linear one (NULL: 1). */
typedef struct Left { IrNode *all, *bare; } Left;

static bool strip_exp(Cascade *c, Member *m, IrNode *n, Left *out)
{
    IrNode *rest, *w;
    if (m->nexps == FACTORS_MOST || !part(c, n->in[0], &rest, &w) || !rest || !cascade_shifts(c, rest) || cascade_stage(c, rest) == 0)
        return false;
    IrNode *e = rest == n->in[0] ? n : node(c, OP_exp, n, rest, NULL);
    m->exps[m->nexps++] = e;
    *out = (Left){ e, e };
    return !w || leaves(m, node(c, OP_exp, n, w, NULL), false);
}

static bool strip_linear(Cascade *c, Member *m, IrNode *n, Left *out)
{
    IrNode *rest, *w;
    if (m->linear || !part(c, n, &rest, &w) || !rest || !cascade_varies(c, rest) || !cascade_shifts(c, rest))
        return false;
    m->linear = rest;
    m->offset = w;
    *out = (Left){ rest, NULL };
    return true;
}

static bool strip(Cascade *c, Member *m, IrNode *n, Left *out);
static bool strip_choice(Cascade *c, Member *m, IrNode *n, Left *out);

static IrNode *product(Cascade *c, const IrNode *n, IrNode *x, IrNode *y) { return x && y ? node(c, OP_mul, n, x, y) : x ? x : y; }

static bool strip_div(Cascade *c, Member *m, IrNode *n, Left *out)
{
    Left x;
    IrNode *d = n->in[1];
    if (!strip(c, m, n->in[0], &x))
        return false;
    *out = x;
    if (cascade_stage(c, d) > 0 || (!x.all && !cascade_varies(c, d)))
        return !cascade_varies(c, d) && leaves(m, d, true);
    if (!x.bare)
        return false;
    *out = (Left){ node(c, OP_div, n, x.all, d), node(c, OP_div, n, x.bare, d) };
    return true;
}

static bool strip(Cascade *c, Member *m, IrNode *n, Left *out)
{
    Left x, y;
    *out = (Left){ n, n };
    if (cascade_stage(c, n) == 0)
        return true;
    if (!cascade_varies(c, n)) {
        *out = (Left){ NULL, NULL };
        return leaves(m, n, false);
    }
    IrNode *alike = n->op == OP_exp || m->nexps == FACTORS_MOST ? NULL : cascade_scale(c, n);
    if (alike) {
        m->exps[m->nexps++] = alike;
        return true;
    }
    switch (n->op) {
    case OP_exp: return strip_exp(c, m, n, out);
    case OP_mul:
        if (!strip(c, m, n->in[0], &x) || !strip(c, m, n->in[1], &y))
            return false;
        *out = (Left){ product(c, n, x.all, y.all), product(c, n, x.bare, y.bare) };
        return true;
    case OP_div: return strip_div(c, m, n, out);
    case OP_neg:
    case OP_add:
    case OP_sub: return strip_linear(c, m, n, out);
    case OP_select: return strip_choice(c, m, n, out);
    default: return false;
    }
}

static bool is_zero(const IrNode *n) { return n->op == OP_const && n->fimm == 0; }

/* if a { x } else { 0 }: what leaves x leaves the choice, for nothing scales or moves a zero but a linear factor, which is chosen, too. */
static bool strip_choice(Cascade *c, Member *m, IrNode *n, Left *out)
{
    Left x;
    bool first = is_zero(n->in[2]);
    IrNode *zero = n->in[first ? 2 : 1], *some = n->in[first ? 1 : 2];
    if (!is_zero(zero) || cascade_stage(c, n->in[0]) > 0 || !strip(c, m, some, &x) || !x.all || m->linear)
        return false;
    IrNode *v = x.all == some ? n : choice(c, n, first ? x.all : zero, first ? zero : x.all);
    *out = (Left){ v, v };
    return true;
}

/* A reduction or a loop of its own that needs a member: what waits for the end is arithmetic there. */
static bool loops_over_member(Cascade *c, const IrNode *n, Map *seen)
{
    if (map_find(seen, n) || cascade_stage(c, n) == 0)
        return false;
    map_put(seen, n, c);
    for (int i = 0; i < c->n; i++)
        if (c->m[i].reduce == n)
            return false;
    if (n->op == OP_reduce || n->op == OP_for || n->op == OP_while)
        return true;
    for (int i = 0; i < n->nin; i++)
        if (loops_over_member(c, n->in[i], seen))
            return true;
    return false;
}

bool cascade_factors(Cascade *c, int i, IrNode *value)
{
    Member *m = &c->m[i];
    Left left;
    Map seen = map_new(c->cx->arena);
    m->value = value;
    if (loops_over_member(c, value, &seen))
        return false;
    if (m->reduce->redop != RED_sum || cascade_is_tally(m))
        return cascade_stage(c, value) == 0;
    if (!strip(c, m, value, &left) || !left.all || (!cascade_varies(c, left.all) && left.all->op != OP_const))
        return false;
    m->value = left.all;
    m->bare = left.bare;
    return true;
}

static bool weighs(const Member *a, const Member *b)
{
    bool same = b->bare ? a->value == b->bare : a->value->op == OP_const && a->value->fimm == 1;
    if (a->reduce->redop != RED_sum || cascade_is_tally(a) || a->guard != b->guard || a->linear || a->column || !same || a->nexps != b->nexps)
        return false;
    for (int i = 0; i < a->nexps; i++)
        if (a->exps[i] != b->exps[i])
            return false;
    return true;
}

bool cascade_find_weights(Cascade *c, const IrNode **lacking)
{
    *lacking = NULL;
    for (int i = 0; i < c->n; i++) {
        Member *m = &c->m[i];
        m->weights = -1;
        for (int k = 0; k < c->n && m->linear; k++)
            if (weighs(&c->m[k], m))
                m->weights = k;
        if (m->linear && !m->bare && m->weights < 0)
            *lacking = m->reduce;
        if (m->linear && (m->column || m->weights < 0))
            return false;
    }
    return true;
}

/* The extreme under whose block results a place is that of the whole; nothing else may need the place. */
bool cascade_find_best(Cascade *c, const IrNode **lacking)
{
    for (int i = 0; i < c->n; i++) {
        Member *m = &c->m[i];
        RedOp op = m->reduce->redop == RED_argmax ? RED_max : RED_min;
        m->best = -1;
        if (!cascade_is_place(m))
            continue;
        for (int k = 0; k < c->n; k++) {
            if (c->m[k].reduce->redop == op && c->m[k].value == m->value && c->m[k].guard == m->guard)
                m->best = k;
            if (k > i && pass_depends_on(c->cx, c->m[k].reduce, m->reduce))
                return false;
        }
        if (m->column)
            return false;
        if (m->best < 0) {
            *lacking = m->reduce;
            return false;
        }
    }
    return true;
}

/* ---- guards ------------------------------------------------------------------------------------------------------------- */

bool cascade_implies(const IrNode *a, const IrNode *b)
{
    if (!b || a == b)
        return true;
    if (b->op == OP_and && cascade_implies(a, b->in[0]) && cascade_implies(a, b->in[1]))
        return true;
    return a && a->op == OP_and && (cascade_implies(a->in[0], b) || cascade_implies(a->in[1], b));
}
