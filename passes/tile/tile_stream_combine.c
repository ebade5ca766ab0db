/* tile_stream_combine.c - two states of a stream become one, row by row, each side corrected by what its extremes have changed; and what
 * the last state gives.
 *
 *     m = max(m, m')    l = l exp(m_old - m) + l' exp(m' - m)    o[d] = o[d] keep + o'[d] gain    a = m' beats m_old ? a' : a
 *
 * A correction is 1 where nothing changes, infinities too, and adding a zero keeps the other operand: a block without an allowed place
 * changes no bit.
 */
#include <math.h>

#include "passes/tile/tile_stream_int.h"

static IrNode *op1(IrBuilder *b, IrOp op, IrNode *x) { return ir_add1(b, op, x->type, x); }

/* x + y, where a y of zero leaves x as it is, -0 too. */
static IrNode *add_kept(IrBuilder *b, IrNode *x, IrNode *y)
{
    IrNode *zero = ir_const_float(b, y->type.dtype, 0);
    return stream_choose(b, stream_equal(b, y, zero), x, stream_op2(b, OP_add, x, y));
}

/* The part of an exponent that its members make: u + shift. */
static IrNode *shift(Stream *s, IrNode *n)
{
    Cascade *c = &s->c;
    IrBuilder *b = &stream_top(s)->b;
    if (cascade_stage(c, n) == 0)
        return NULL;
    if (!cascade_varies(c, n))
        return stream_emit(s, n);
    IrNode *x = shift(s, n->in[0]), *y = n->op == OP_add || n->op == OP_sub ? shift(s, n->in[1]) : NULL;
    switch (n->op) {
    case OP_neg: return op1(b, OP_neg, x);
    case OP_mul:
    case OP_div: return stream_op2(b, (IrOp)n->op, x, stream_emit(s, n->in[1]));
    default: break;
    }
    if (x && y)
        return stream_op2(b, (IrOp)n->op, x, y);
    return x ? x : n->op == OP_sub ? op1(b, OP_neg, y) : y;
}

/* The shift of an exponent or a linear factor, with these values of the members. */
static IrNode *shift_with(Stream *s, IrNode *e, IrNode *const *values)
{
    int mark = s->made.n;
    IrNode *outer[MEMBERS_MOST];
    for (int i = 0; i < s->c.n; i++) {
        outer[i] = map_find(&s->t->nodes, s->c.m[i].reduce);
        if (values[i])
            stream_bind_member(s, &s->c.m[i], values[i]);
    }
    IrNode *x = shift(s, e);
    x = stream_as(&stream_top(s)->b, x, stream_wide(x->type.dtype));
    stream_undo(s, mark);
    for (int i = 0; i < s->c.n; i++)
        map_put(&s->t->nodes, s->c.m[i].reduce, outer[i]);
    return x;
}

static IrNode *product(IrBuilder *b, IrNode *x, IrNode *y) { return !x ? y : !y ? x : stream_op2(b, OP_mul, x, y); }

typedef struct Sides {
    IrNode *old[MEMBERS_MOST], *part[MEMBERS_MOST], *now[MEMBERS_MOST];
    Map keep, gain; /* exp of the host -> what corrects the two sides */
    bool one;       /* a single extreme: each shift of now is that of one of the sides */
} Sides;

/* exp(n - a) and exp(n - p), 1 where they are equal, infinities too. */
static void find_correction(Stream *s, Sides *v, IrNode *e)
{
    IrNode *a = shift_with(s, e->in[0], v->old), *p = shift_with(s, e->in[0], v->part), *n = shift_with(s, e->in[0], v->now);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *one = ir_const_float(b, a->type.dtype, 1), *stays = stream_equal(b, a, n), *fits = stream_equal(b, p, n);
    IrNode *far = v->one ? stream_choose(b, stays, p, a) : a, *x = op1(b, OP_exp, stream_op2(b, OP_sub, n, far));
    IrNode *y = v->one ? x : op1(b, OP_exp, stream_op2(b, OP_sub, n, p));
    map_put(&v->keep, e, stream_choose(b, stays, one, x));
    map_put(&v->gain, e, stream_choose(b, fits, one, y));
}

static void correct(Stream *s, Sides *v, int i, IrNode **keep, IrNode **gain)
{
    const Member *m = &s->c.m[i];
    *keep = *gain = NULL;
    for (int k = 0; k < m->nexps; k++) {
        if (!map_find(&v->keep, m->exps[k]))
            find_correction(s, v, m->exps[k]);
        IrBuilder *b = &stream_top(s)->b;
        *keep = product(b, *keep, map_find(&v->keep, m->exps[k]));
        *gain = product(b, *gain, map_find(&v->gain, m->exps[k]));
    }
}

/* sum f (u - w') of a side: what it has of sum f (u - w), and (w - w') for each of its weights f. */
static IrNode *moved(Stream *s, const Member *m, IrNode *x, IrNode *weight, IrNode *const *from, IrNode *const *to)
{
    if (cascade_stage(&s->c, m->linear) == 0)
        return x;
    IrNode *w = shift_with(s, m->linear, from), *now = shift_with(s, m->linear, to);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *none = stream_equal(b, weight, ir_const_float(b, weight->type.dtype, 0)), *stays = ir_add2(b, OP_or, ir_scalar(DT_bool), none, stream_equal(b, w, now));
    return stream_choose(b, stays, x, stream_op2(b, OP_add, x, stream_op2(b, OP_mul, stream_op2(b, OP_sub, now, w), weight)));
}

/* Where the best value of both sides is: of equal ones the first, a NaN before all others. */
static IrNode *better(IrBuilder *b, const Member *m, const Sides *v, int i)
{
    IrNode *x = v->old[m->best], *y = v->part[m->best];
    IrType bit = ir_scalar(DT_bool);
    IrNode *most = m->reduce->redop == RED_argmax ? ir_add2(b, OP_le, bit, y, x) : ir_add2(b, OP_le, bit, x, y);
    IrNode *wins = ir_add2(b, OP_and, bit, ir_add1(b, OP_not, bit, most), stream_equal(b, x, x));
    IrNode *some = ir_add2(b, OP_le, bit, ir_int(b, 0), v->part[i]), *none = ir_add2(b, OP_lt, bit, v->old[i], ir_int(b, 0));
    return stream_choose(b, ir_add2(b, OP_and, bit, some, ir_add2(b, OP_or, bit, none, wins)), v->part[i], v->old[i]);
}

static IrOp tally_op(const Member *m) { return m->reduce->redop == RED_any ? OP_or : m->reduce->redop == RED_all ? OP_and : OP_add; }

void stream_combine(Stream *s)
{
    Cascade *c = &s->c;
    Sides v = { .keep = map_new(c->cx->arena), .gain = map_new(c->cx->arena) };
    int extremes = 0;
    for (int i = 0; i < c->n; i++)
        extremes += cascade_is_extreme(&c->m[i]);
    v.one = extremes == 1;
    stream_open_lanes_rows(s);
    IrBuilder *b = &stream_top(s)->b;
    for (int i = 0; i < c->n; i++) {
        const Member *m = &c->m[i];
        if (m->column)
            continue;
        v.old[i] = stream_at(s, s->state[i], NULL);
        v.part[i] = s->merging ? stream_left(s, s->left[i], false) : stream_at(s, s->part[i], NULL);
        if (!cascade_is_extreme(m))
            continue;
        v.now[i] = stream_op2(b, m->reduce->redop == RED_max ? OP_max : OP_min, v.old[i], v.part[i]);
    }
    for (int i = 0; i < c->n; i++) {
        IrNode *keep, *gain;
        if (cascade_is_tally(&c->m[i]))
            stream_put(s, s->state[i], NULL, stream_op2(b, tally_op(&c->m[i]), v.old[i], v.part[i]));
        if (cascade_is_place(&c->m[i]))
            stream_put(s, s->state[i], NULL, better(b, &c->m[i], &v, i));
        if (!stream_is_sum(&c->m[i]))
            continue;
        correct(s, &v, i, &keep, &gain);
        if (c->m[i].column && keep) {
            stream_put(s, s->keep[i], NULL, keep);
            stream_put(s, s->gain[i], NULL, gain);
        } else if (!c->m[i].column) {
            IrNode *x = v.old[i], *y = v.part[i];
            int k = c->m[i].weights;
            if (k >= 0) {
                x = moved(s, &c->m[i], x, v.old[k], v.old, v.now);
                y = moved(s, &c->m[i], y, v.part[k], v.part, v.now);
            }
            x = product(b, keep, x);
            y = product(b, gain, y);
            stream_put(s, s->state[i], NULL, add_kept(b, x, y));
        }
    }
    for (int i = 0; i < c->n; i++)
        if (v.now[i])
            stream_put(s, s->state[i], NULL, v.now[i]);
    stream_close(s);
}

static bool has_bounds(const Stream *s, const Member *m)
{
    const IrNode *x = m->reduce->regions[0]->params.p[0], *row = s->c.row;
    return s->bounded || (row && ((x->from && dim_mentions(x->from, row->sym)) || (x->to && dim_mentions(x->to, row->sym))));
}

void stream_combine_column(Stream *s, int i)
{
    const Member *m = &s->c.m[i];
    if (s->merging || stream_asks(s))
        stream_open_rows(s, s->merging ? 1 : SMALL_ROWS);
    else
        stream_open_step_rows(s, has_bounds(s, m));
    stream_bind_block(s);
    IrNode *keep = m->nexps ? stream_at(s, s->keep[i], NULL) : NULL, *gain = m->nexps ? stream_at(s, s->gain[i], NULL) : NULL;
    stream_open_columns(s, s->merging ? 1 : stream_few_registers(s) ? VECTORS : MORE_VECTORS);
    IrNode *d = map_find(&s->t->nodes, s->c.column), *new_ = s->merging ? stream_left(s, s->left[i], true) : stream_partial(s, m);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *x = product(b, keep, stream_at(s, s->state[i], d)), *y = product(b, gain, new_);
    stream_put(s, s->state[i], d, add_kept(b, x, y));
    stream_close(s);
}

/* What the parts have left of a block, instead of the block. */
void stream_combine_left(Stream *s)
{
    Cascade *c = &s->c;
    if (s->any) {
        stream_open_lanes_rows(s);
        IrNode *met = stream_left(s, s->left_any, false);
        stream_put(s, s->any, NULL, ir_add2(&stream_top(s)->b, OP_or, ir_scalar(DT_bool), stream_at(s, s->any, NULL), met));
        stream_close(s);
    }
    stream_combine(s);
    for (int i = 0; i < c->n; i++)
        if (c->m[i].column)
            stream_combine_column(s, i);
}

/* What a term exp(u - w) gives where all u and w are the same infinity: NaN, which the blocks have left out. */
static IrNode *with_nan(Stream *s, const Member *m, IrNode *const *values, IrNode *x)
{
    for (int k = 0; k < m->nexps; k++) {
        IrNode *w = shift_with(s, m->exps[k]->in[0], values);
        IrBuilder *b = &stream_top(s)->b;
        IrNode *inf = stream_equal(b, op1(b, OP_abs, w), ir_const_float(b, w->type.dtype, INFINITY)), *none = NULL;
        for (int i = 0; i < s->c.n; i++) {
            if (!cascade_is_extreme(&s->c.m[i]) || !values[i])
                continue;
            IrNode *e = stream_equal(b, values[i], stream_identity(b, &s->c.m[i]));
            none = none ? ir_add2(b, OP_or, ir_scalar(DT_bool), none, e) : e;
        }
        if (none)
            x = stream_choose(b, ir_add2(b, OP_and, ir_scalar(DT_bool), inf, none), ir_const_float(b, x->type.dtype, NAN), x);
    }
    return x;
}

IrNode *stream_final_value(Stream *s, int i, IrNode *const *values, IrNode *met)
{
    const Member *m = &s->c.m[i];
    IrNode *d = m->column ? map_find(&s->t->nodes, s->c.column) : NULL, *x = stream_at(s, s->state[i], d), *state = x;
    if (!stream_is_sum(m))
        return x;
    x = with_nan(s, m, values, x);
    if (m->offset) {
        IrNode *w = stream_emit(s, m->offset);
        IrBuilder *b = &stream_top(s)->b;
        w = stream_as(b, w, x->type.dtype);
        x = stream_op2(b, OP_add, x, stream_op2(b, OP_mul, w, stream_at(s, s->state[m->weights], NULL)));
    }
    IrNode *before = x;
    for (int k = 0; k < m->nouts; k++) {
        IrNode *f = stream_emit(s, m->outs[k]);
        IrBuilder *b = &stream_top(s)->b;
        x = stream_op2(b, m->over[k] ? OP_div : OP_mul, x, stream_as(b, f, x->type.dtype));
    }
    if (m->guard && m->nouts) { /* which may have had no place: a factor that is no number then has no say */
        IrBuilder *b = &stream_top(s)->b;
        x = stream_choose(b, stream_equal(b, before, ir_const_float(b, before->type.dtype, 0)), before, x);
    }
    return m->nexps || m->nouts || m->offset ? stream_choose(&stream_top(s)->b, met, x, state) : x;
}
