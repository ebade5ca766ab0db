/* tile_stream.c - one loop for a cascade of reductions (rule 2 of fusion.md).
 *
 *     kernel [.., c: tiles of rows] {
 *       state = untouched
 *       for block in [lo, hi) {
 *         rows, lanes j:   s[i, j] = score                    values that several members read lie in scratch, one block long
 *         rows:            m'[i] = max [j] s[i, j]            partial results of the block, each in the order of its reduction
 *           lanes j:       e[i, j] = exp(s[i, j] - m'[i])
 *                          l'[i] = sum [j] e[i, j]
 *         lanes i:         m, l = combine(m, l, m', l')       row by row
 *         rows, lanes d:   o[i, d] = o[i, d] * keep[i] + (sum [j] e[i, j] * v[j, d]) * gain[i]
 *       }
 *       rows, lanes d:     out = o / l }
 *
 * A guard that says no more than bounds of j is no part of the loops but of their ends, row by row: blocks inside it have no mask.
 * Each block is computed from the untouched state and combined ascending, so neither tiles of rows nor the range of blocks show in
 * the result: combining with a block without an allowed place changes no bit (adding a zero keeps the other operand).
 */
#include <math.h>
#include <string.h>

#include "passes/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

static IrNode *op1(IrBuilder *b, IrOp op, IrNode *x) { return ir_add1(b, op, x->type, x); }
static IrNode *op2(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, x->type, x, y); }
static IrNode *equal(IrBuilder *b, IrNode *x, IrNode *y) { return ir_add2(b, OP_eq, ir_scalar(DT_bool), x, y); }
static IrNode *choose(IrBuilder *b, IrNode *c, IrNode *x, IrNode *y) { return ir_add3(b, OP_select, x->type, c, x, y); }

/* f16 and bf16 are accumulated in f32, and rounded once at the end. */
static IrDtype wide(IrDtype t) { return t == DT_f16 || t == DT_bf16 ? DT_f32 : t; }
IrDtype stream_type(const Member *m) { return wide(m->reduce->type.dtype); }

IrNode *stream_as(IrBuilder *b, IrNode *x, IrDtype t) { return x->type.dtype == t ? x : ir_add1(b, OP_cast, ir_scalar(t), x); }

/* A member's value as the program has it. */
static void bind_member(Stream *s, const Member *m, IrNode *x)
{
    stream_bind(s, m->reduce, stream_as(&stream_top(s)->b, x, m->reduce->type.dtype));
}
static bool is_sum(const Member *m) { return m->reduce->redop == RED_sum; }

static IrNode *identity(IrBuilder *b, const Member *m)
{
    if (cascade_is_place(m))
        return ir_int(b, -1);
    return ir_const_float(b, stream_type(m), is_sum(m) ? 0 : m->reduce->redop == RED_max ? -INFINITY : INFINITY);
}

/* x + y, where a y of zero leaves x as it is, -0 too. */
static IrNode *add_kept(IrBuilder *b, IrNode *x, IrNode *y)
{
    IrNode *zero = ir_const_float(b, y->type.dtype, 0);
    return choose(b, equal(b, y, zero), x, op2(b, OP_add, x, y));
}

/* The guard that a reduction over a block has to ask; NULL: its bounds say it all. */
static IrNode *guard_of(Stream *s) { return s->c.exact || s->masks ? NULL : s->c.guard; }

/* ---- partial results ------------------------------------------------------------------------------------------------- */

static IrNode *wide_value(Stream *s, IrNode *value, IrDtype t)
{
    if (value->type.dtype == t || value->op != OP_mul)
        return stream_as(&stream_top(s)->b, stream_emit(s, value), t);
    IrNode *x = stream_emit(s, value->in[0]), *y = stream_emit(s, value->in[1]); /* a product is not rounded before it is added */
    IrBuilder *b = &stream_top(s)->b;
    return op2(b, OP_mul, stream_as(b, x, t), stream_as(b, y, t));
}

void stream_open_reduction(Stream *s, Reduction *open, IrNode *like, RedOp op, IrOrder order, IrDtype t)
{
    DimCx *d = DIMS(s);
    Dim from, to;
    stream_bounds(s, like->regions[0]->params.p[0], &from, &to);
    Level *l = stream_top(s);
    IrNode *r = ir_add0(&l->b, OP_reduce, ir_scalar(t));
    IrRegion *in = ir_region_new(s->t->fn, r);
    IrNode *x = ir_index_new(in, s->c.j->name, NULL, dim_const(d, STREAM_BLOCK), s->c.j->span);
    *open = (Reduction){ r, s->place, s->made.n };
    r->redop = (uint8_t)op;
    r->order = (uint8_t)order;
    x->from = from;
    x->to = to;
    l->b.before = r;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { s->c.j, NULL }, open->mark };
    Dim base = dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym));
    IrBuilder *b = &stream_top(s)->b;
    s->place = x;
    stream_bind(s, s->here, x);
    stream_bind(s, s->c.j, ir_add2(b, OP_add, ir_scalar(DT_i64), x, ir_dim_value(b, base)));
    symmap_put(&s->t->syms, s->c.j->sym, dim_add(d, base, dim_sym(d, x->sym)));
}

IrNode *stream_close_reduction(Stream *s, Reduction *open)
{
    s->nlevels--;
    stream_undo(s, open->mark);
    s->place = open->outer;
    stream_top(s)->b.before = NULL;
    return open->reduce;
}

/* The reduction of member m over one block, in the loops that are open. */
static IrNode *partial(Stream *s, const Member *m)
{
    Reduction r;
    IrNode *yields[2] = { NULL, NULL };
    IrDtype t = stream_type(m);
    stream_open_reduction(s, &r, m->reduce, (RedOp)m->reduce->redop, (IrOrder)m->reduce->order, t);
    if (guard_of(s))
        yields[1] = stream_emit(s, guard_of(s));
    yields[0] = wide_value(s, m->value, cascade_is_place(m) ? wide(m->value->type.dtype) : t);
    ir_yield(&stream_top(s)->b, yields[1] ? 2 : 1, yields);
    return stream_close_reduction(s, &r);
}

/* A place of the block on the whole axis; -1: none. */
static IrNode *on_axis(Stream *s, IrNode *place)
{
    DimCx *d = DIMS(s);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *base = ir_dim_value(b, dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym)));
    return choose(b, ir_add2(b, OP_lt, ir_scalar(DT_bool), place, ir_int(b, 0)), place, op2(b, OP_add, place, base));
}

/* Later members of the block take nothing from an infinity that stands for nothing at all. */
static void write_part(Stream *s, int i)
{
    const Member *m = &s->c.m[i];
    stream_open_row(s);
    IrNode *x = partial(s, m);
    stream_put(s, s->part[i], NULL, cascade_is_place(m) ? on_axis(s, x) : x);
    s->filled[i] = true;
    if (!cascade_is_extreme(m))
        return;
    IrBuilder *b = &stream_top(s)->b;
    IrNode *safe = choose(b, equal(b, x, identity(b, m)), ir_const_float(b, stream_type(m), 0), x);
    stream_put(s, s->safe[i], NULL, safe);
    bind_member(s, m, safe);
}

/* Does the guard hold anywhere in the block, for the row that is open? */
static IrNode *meets(Stream *s)
{
    Reduction r;
    if (s->row_from)
        return ir_add2(&stream_top(s)->b, OP_lt, ir_scalar(DT_bool), stream_at(s, s->row_from, NULL), stream_at(s, s->row_to, NULL));
    stream_open_reduction(s, &r, s->c.m[0].reduce, RED_any, ORDER_lanes16, DT_bool);
    IrNode *v = stream_emit(s, s->c.guard);
    ir_yield(&stream_top(s)->b, 1, &v);
    return stream_close_reduction(s, &r);
}

static void write_any(Stream *s)
{
    stream_open_row(s);
    IrNode *met = meets(s);
    IrBuilder *b = &stream_top(s)->b;
    stream_put(s, s->any, NULL, ir_add2(b, OP_or, ir_scalar(DT_bool), stream_at(s, s->any, NULL), met));
}

/* ---- combining -------------------------------------------------------------------------------------------------------- */

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
    case OP_div: return op2(b, (IrOp)n->op, x, stream_emit(s, n->in[1]));
    default: break;
    }
    if (x && y)
        return op2(b, (IrOp)n->op, x, y);
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
            bind_member(s, &s->c.m[i], values[i]);
    }
    IrNode *x = shift(s, e);
    x = stream_as(&stream_top(s)->b, x, wide(x->type.dtype));
    stream_undo(s, mark);
    for (int i = 0; i < s->c.n; i++)
        map_put(&s->t->nodes, s->c.m[i].reduce, outer[i]);
    return x;
}

static IrNode *product(IrBuilder *b, IrNode *x, IrNode *y) { return !x ? y : !y ? x : op2(b, OP_mul, x, y); }

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
    IrNode *one = ir_const_float(b, a->type.dtype, 1), *stays = equal(b, a, n), *fits = equal(b, p, n);
    IrNode *far = v->one ? choose(b, stays, p, a) : a, *x = op1(b, OP_exp, op2(b, OP_sub, n, far));
    IrNode *y = v->one ? x : op1(b, OP_exp, op2(b, OP_sub, n, p));
    map_put(&v->keep, e, choose(b, stays, one, x));
    map_put(&v->gain, e, choose(b, fits, one, y));
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
    IrNode *none = equal(b, weight, ir_const_float(b, weight->type.dtype, 0)), *stays = ir_add2(b, OP_or, ir_scalar(DT_bool), none, equal(b, w, now));
    return choose(b, stays, x, op2(b, OP_add, x, op2(b, OP_mul, op2(b, OP_sub, now, w), weight)));
}

/* Where the best value of both sides is: of equal ones the first, a NaN before all others. */
static IrNode *better(IrBuilder *b, const Member *m, const Sides *v, int i)
{
    IrNode *x = v->old[m->best], *y = v->part[m->best];
    IrType bit = ir_scalar(DT_bool);
    IrNode *most = m->reduce->redop == RED_argmax ? ir_add2(b, OP_le, bit, y, x) : ir_add2(b, OP_le, bit, x, y);
    IrNode *wins = ir_add2(b, OP_and, bit, ir_add1(b, OP_not, bit, most), equal(b, x, x));
    IrNode *some = ir_add2(b, OP_le, bit, ir_int(b, 0), v->part[i]), *none = ir_add2(b, OP_lt, bit, v->old[i], ir_int(b, 0));
    return choose(b, ir_add2(b, OP_and, bit, some, ir_add2(b, OP_or, bit, none, wins)), v->part[i], v->old[i]);
}

static void combine(Stream *s)
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
        v.now[i] = op2(b, m->reduce->redop == RED_max ? OP_max : OP_min, v.old[i], v.part[i]);
    }
    for (int i = 0; i < c->n; i++) {
        IrNode *keep, *gain;
        if (cascade_is_place(&c->m[i]))
            stream_put(s, s->state[i], NULL, better(b, &c->m[i], &v, i));
        if (!is_sum(&c->m[i]))
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

static void combine_column(Stream *s, int i, bool rest)
{
    const Member *m = &s->c.m[i];
    if (s->merging || stream_asks(s))
        stream_open_rows(s, s->merging ? 1 : SMALL_ROWS);
    else if (rest)
        stream_open_rest_rows(s, ROWS_AT_ONCE, ROWS_AT_ONCE, ROWS_AT_ONCE / 2);
    else
        stream_open_whole_rows(s, ROWS_AT_ONCE, ROWS_AT_ONCE);
    stream_bind_block(s);
    IrNode *keep = m->nexps ? stream_at(s, s->keep[i], NULL) : NULL, *gain = m->nexps ? stream_at(s, s->gain[i], NULL) : NULL;
    stream_open_columns(s, s->merging ? 1 : VECTORS);
    IrNode *d = map_find(&s->t->nodes, s->c.column), *new_ = s->merging ? stream_left(s, s->left[i], true) : partial(s, m);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *x = product(b, keep, stream_at(s, s->state[i], d)), *y = product(b, gain, new_);
    stream_put(s, s->state[i], d, add_kept(b, x, y));
    stream_close(s);
}

/* What the parts have left of a block, instead of the block. */
static void combine_left(Stream *s)
{
    Cascade *c = &s->c;
    if (s->any) {
        stream_open_lanes_rows(s);
        IrNode *met = stream_left(s, s->left_any, false);
        stream_put(s, s->any, NULL, ir_add2(&stream_top(s)->b, OP_or, ir_scalar(DT_bool), stream_at(s, s->any, NULL), met));
        stream_close(s);
    }
    combine(s);
    for (int i = 0; i < c->n; i++)
        if (c->m[i].column)
            combine_column(s, i, false);
}

/* What each row has of the block, with all that waits for earlier members. */
static void block_parts(Stream *s)
{
    Cascade *c = &s->c;
    for (int i = 0; i < c->n; i++)
        s->filled[i] = false;
    if (s->any)
        write_any(s);
    for (int i = 0; i < c->n; i++) {
        if (!c->m[i].column)
            write_part(s, i);
        stream_fill_stage(s, i + 1);
    }
    stream_close_row(s);
}

static void block_columns(Stream *s)
{
    Cascade *c = &s->c;
    if (!c->column)
        return;
    IrBuilder outer = stream_open_bands(s);
    for (int i = 0; i < c->n; i++)
        for (int rest = stream_asks(s); rest < 2 && c->m[i].column; rest++)
            if (rest || stream_has_rows(s))
                combine_column(s, i, rest);
    s->band = NULL;
    stream_close_branch(s, outer);
}

/* Once for rows that have all places from their first to their last one, once for those that ask the guard. */
static void both_ways(Stream *s, IrNode *whole, void (*part)(Stream *))
{
    if (!whole) {
        part(s);
        return;
    }
    stream_close_row(s);
    IrNode *choice = ir_add1(&s->at, OP_if, ir_scalar(DT_none), whole);
    for (int k = 0; k < 2; k++) {
        IrBuilder outer = stream_open_branch(s, choice);
        s->masks = k == 0;
        part(s);
        stream_close_branch(s, outer);
    }
    s->masks = false;
}

static void block(Stream *s)
{
    IrNode *some = stream_mask_rows(s), *whole = some ? stream_mask_whole(s) : NULL, *choice = some ? ir_add1(&s->at, OP_if, ir_scalar(DT_none), some) : NULL;
    IrBuilder outer = some ? stream_open_branch(s, choice) : s->at;
    s->bounded = some;
    stream_fill_stage(s, 0);
    both_ways(s, whole, block_parts);
    combine(s);
    both_ways(s, whole, block_columns);
    s->bounded = false;
    if (some) {
        stream_close_branch(s, outer);
        stream_close_branch(s, stream_open_branch(s, choice)); /* a block that no row needs changes no bit */
    }
}

/* ---- the end ------------------------------------------------------------------------------------------------------------ */

/* What a term exp(u - w) gives where all u and w are the same infinity: NaN, which the blocks have left out. */
static IrNode *with_nan(Stream *s, const Member *m, IrNode *const *values, IrNode *x)
{
    for (int k = 0; k < m->nexps; k++) {
        IrNode *w = shift_with(s, m->exps[k]->in[0], values);
        IrBuilder *b = &stream_top(s)->b;
        IrNode *inf = equal(b, op1(b, OP_abs, w), ir_const_float(b, w->type.dtype, INFINITY)), *none = NULL;
        for (int i = 0; i < s->c.n; i++) {
            if (!cascade_is_extreme(&s->c.m[i]) || !values[i])
                continue;
            IrNode *e = equal(b, values[i], identity(b, &s->c.m[i]));
            none = none ? ir_add2(b, OP_or, ir_scalar(DT_bool), none, e) : e;
        }
        if (none)
            x = choose(b, ir_add2(b, OP_and, ir_scalar(DT_bool), inf, none), ir_const_float(b, x->type.dtype, NAN), x);
    }
    return x;
}

static IrNode *final_value(Stream *s, int i, IrNode *const *values, IrNode *met)
{
    const Member *m = &s->c.m[i];
    IrNode *d = m->column ? map_find(&s->t->nodes, s->c.column) : NULL, *x = stream_at(s, s->state[i], d), *state = x;
    if (!is_sum(m))
        return x;
    x = with_nan(s, m, values, x);
    if (m->offset) {
        IrNode *w = stream_emit(s, m->offset);
        IrBuilder *b = &stream_top(s)->b;
        w = stream_as(b, w, x->type.dtype);
        x = op2(b, OP_add, x, op2(b, OP_mul, w, stream_at(s, s->state[m->weights], NULL)));
    }
    for (int k = 0; k < m->nouts; k++) {
        IrNode *f = stream_emit(s, m->outs[k]);
        IrBuilder *b = &stream_top(s)->b;
        x = op2(b, m->over[k] ? OP_div : OP_mul, x, stream_as(b, f, x->type.dtype));
    }
    return m->nexps || m->nouts || m->offset ? choose(&stream_top(s)->b, met, x, state) : x;
}

static void finish(Stream *s)
{
    Cascade *c = &s->c;
    IrNode *values[MEMBERS_MOST] = { 0 };
    stream_open_rows(s, 1);
    IrNode *met = s->any ? stream_at(s, s->any, NULL) : stream_row_allows(s);
    for (int pass = 0; pass < 2; pass++) {
        if (pass)
            stream_store_also(s);
        if (pass && c->column)
            stream_open_columns(s, s->merging ? 1 : 2);
        for (int i = 0; i < c->n; i++) {
            if (c->m[i].column != (pass == 1))
                continue;
            values[i] = final_value(s, i, values, met);
            bind_member(s, &c->m[i], values[i]);
        }
    }
    for (int i = 0; i < s->nloose; i++) {
        IrNode *x = s->loose[i];
        bool lanes = !c->column && x == vec_last(&s->body->params);
        stream_open(s, x, lanes ? LOOP_lanes : LOOP_seq, lanes, tile_dim(s->t, x->lo), tile_dim(s->t, x->dim));
    }
    IrNode *v = stream_emit(s, ir_terminator(s->body)->in[0]);
    if (!s->t->failed)
        tile_store_element(s->t, c->map, s->dest, &stream_top(s)->b, v);
    stream_close(s);
}

static void begin(Stream *s)
{
    Cascade *c = &s->c;
    stream_open_lanes_rows(s);
    IrBuilder *b = &stream_top(s)->b;
    for (int i = 0; i < c->n; i++)
        if (!c->m[i].column)
            stream_put(s, s->state[i], NULL, identity(b, &c->m[i]));
    if (s->any) {
        IrNode *no = ir_add0(b, OP_const, ir_scalar(DT_bool));
        stream_put(s, s->any, NULL, no);
    }
    stream_close(s);
    if (!c->column)
        return;
    stream_open_rows(s, 1);
    stream_open_columns(s, 1);
    IrNode *d = map_find(&s->t->nodes, c->column);
    for (int i = 0; i < c->n; i++)
        if (c->m[i].column)
            stream_put(s, s->state[i], d, identity(&stream_top(s)->b, &c->m[i]));
    stream_close(s);
}

static void make_scratch(Stream *s)
{
    Cascade *c = &s->c;
    Dim rows = stream_rows(s), columns = c->column ? tile_dim(s->t, c->column->dim) : NULL;
    for (int i = 0; i < c->n; i++) {
        const Member *m = &c->m[i];
        IrDtype t = stream_type(m);
        s->state[i] = stream_scratch(s, t, m->column ? 2 : 1, rows, columns);
        s->part[i] = m->column || s->merging ? NULL : stream_scratch(s, t, 1, rows, NULL);
        s->safe[i] = !cascade_is_extreme(m) || s->merging ? NULL : stream_scratch(s, t, 1, rows, NULL);
        if (m->column && m->nexps) {
            s->keep[i] = stream_scratch(s, t, 1, rows, NULL);
            s->gain[i] = stream_scratch(s, t, 1, rows, NULL);
        }
    }
    s->any = c->guard && !c->exact ? stream_scratch(s, DT_bool, 1, rows, NULL) : NULL;
    if (!s->merging)
        stream_find_stored(s);
    stream_mask_scratch(s);
}

static bool is_certain(Dim few)
{
    int64_t n;
    return dim_is_const(few, &n) && n == 1;
}

static void find_loose(Stream *s)
{
    for (int i = 0; i < s->body->params.n && s->nloose < LOOSE_MOST; i++)
        if (cascade_is_loose(&s->c, s->body->params.p[i]))
            s->loose[s->nloose++] = s->body->params.p[i];
}

static void make_grid(Stream *s)
{
    Tile *t = s->t;
    Cascade *c = &s->c;
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    s->kernel = ir_region_new(t->fn, kernel);
    kernel->name = c->map->name;
    kernel->span = c->map->span;
    for (int i = 0; i < s->body->params.n; i++) {
        IrNode *x = s->body->params.p[i];
        bool loose = false;
        for (int k = 0; k < s->nloose; k++)
            loose = loose || s->loose[k] == x;
        if (!loose && x != c->row && x != c->column && x != c->head)
            tile_map_index(t, x, ir_index_new(s->kernel, x->name, tile_dim(t, x->lo), tile_dim(t, x->dim), x->span));
    }
    if (stream_has_rows(s))
        s->chunk = ir_index_new(s->kernel, name_of(t->cx->module->names, "c"), NULL, stream_tiles(s), c->map->span);
    if (s->merging && !is_certain(s->few))
        ir_index_new(s->kernel, name_of(t->cx->module->names, "few"), NULL, s->few, c->map->span);
    else if (!s->merging)
        stream_split_grid(s);
    s->at = (IrBuilder){ t->fn, s->kernel, NULL, c->map->span };
}

static void loop(Stream *s)
{
    Tile *t = s->t;
    Dim lo, hi;
    IrBuilder outer = s->at;
    stream_block_range(s, &lo, &hi);
    stream_split_range(s, &lo, &hi);
    IrNode *f = ir_add2(&s->at, OP_for, ir_scalar(DT_none), ir_dim_value(&s->at, lo), ir_dim_value(&s->at, hi));
    IrRegion *r = ir_region_new(t->fn, f);
    s->block = ir_index_new(r, name_of(t->cx->module->names, "block"), NULL, tile_ceil_div(DIMS(s), tile_dim(t, s->c.j->dim), STREAM_BLOCK), s->c.map->span);
    s->at = (IrBuilder){ t->fn, r, NULL, s->c.map->span };
    if (!s->merging)
        stream_fill_places(s);
    IrNode *any = stream_near_places(s), *choice = any ? ir_add1(&s->at, OP_if, ir_scalar(DT_none), any) : NULL;
    IrBuilder around = choice ? stream_open_branch(s, choice) : s->at;
    if (s->merging)
        combine_left(s);
    else
        block(s);
    if (choice) {
        stream_close_branch(s, around);
        stream_close_branch(s, stream_open_branch(s, choice)); /* a block that no row needs changes no bit */
    }
    ir_yield(&s->at, 0, NULL);
    s->at = outer;
}

/* The second kernel: its costs are those of the first one. */
static void merge_parts(Stream *s)
{
    DimCx *d = DIMS(s);
    Stream m = { .t = s->t, .c = s->c, .dest = s->dest, .body = s->body, .stored = s->stored, .placed = s->placed, .here = s->here, .few = s->few, .merging = true, .also = s->also, .nalso = s->nalso };
    memcpy(m.loose, s->loose, sizeof m.loose);
    memcpy(m.left, s->left, sizeof m.left);
    m.nloose = s->nloose;
    m.left_any = s->left_any;
    make_grid(&m);
    m.kernel->owner->flops = m.kernel->owner->bytes = dim_const(d, 0);
    make_scratch(&m);
    begin(&m);
    loop(&m);
    finish(&m);
}

/* The kernel of parts writes the results itself where there is one part. */
static void end_part(Stream *s)
{
    IrBuilder *b = &s->at;
    if (is_certain(s->few)) {
        stream_leave(s);
        return;
    }
    IrNode *parts = ir_add2(b, OP_lt, ir_scalar(DT_bool), ir_int(b, 0), ir_dim_value(b, s->few)), *choice = ir_add1(b, OP_if, ir_scalar(DT_none), parts);
    IrBuilder outer = stream_open_branch(s, choice);
    stream_leave(s);
    stream_close_branch(s, outer);
    outer = stream_open_branch(s, choice);
    finish(s);
    stream_close_branch(s, outer);
}

bool stream_find(Tile *t, IrNode *map, Stream *s)
{
    *s = (Stream){ .t = t, .body = map->regions[0], .stored = map_new(t->cx->arena), .placed = map_new(t->cx->arena) };
    bool any = false;
    for (IrNode *n = s->body->first; n; n = n->next)
        any = any || (n->op == OP_reduce && n->stream);
    return any && cascade_find(t->cx, map, NULL, &s->c);
}

void stream_write(Stream *s)
{
    IrBuilder host = { s->t->fn, s->c.host->regions[0], s->c.host->regions[0]->first, s->c.map->span };
    s->here = ir_add2(&host, OP_add, ir_scalar(DT_i64), s->c.j, ir_int(&host, 0));
    find_loose(s);
    stream_find_split(s);
    make_grid(s);
    make_scratch(s);
    begin(s);
    stream_find_limits(s);
    loop(s);
    if (s->few) {
        end_part(s);
        merge_parts(s);
    } else {
        finish(s);
    }
}

bool tile_stream(Tile *t, IrNode *map, Dest dest)
{
    Stream s;
    if (!stream_find(t, map, &s))
        return false;
    s.dest = &dest;
    stream_write(&s);
    return true;
}
