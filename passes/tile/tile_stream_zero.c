/* tile_stream_zero.c - blocks in which rows lack places between their first and their last one: weights outside of the guard become 0.
 *
 *     rows, lanes j:   e[i, j] = guard(i, j) ? e[i, j] : 0
 *     finite = all [j, d] { |v[j, d]| < inf }                 of the block, once for all rows of the tile
 *     if finite { rows, lanes d: o += sum [j] e[i, j] * v[j, d], without a mask } else { .., which asks the guard for each place }
 *
 * A product with 0 that is added changes no bit of a sum that begins at +0, unless the other factor is infinite or NaN: that is looked at first.
 */
#include <math.h>

#include "passes/tile/tile_stream_int.h"

static bool differs_by_row(const Cascade *c, const IrNode *n)
{
    return (c->row && pass_depends_on(c->cx, n, c->row)) || (c->head && pass_depends_on(c->cx, n, c->head));
}

/* Values that can be computed anywhere in the block, the same for all rows. */
static bool is_shared(Stream *s, IrNode *n)
{
    Cascade *c = &s->c;
    if (differs_by_row(c, n))
        return false; /* outside of the loop over the axis, too: a row's own vector */
    if (n->parent != c->host->regions[0] || n == c->j)
        return true;
    if (n->nregions || map_find(&s->stored, n) || cascade_stage(c, n) || !pass_is_total(c->cx, n))
        return false;
    for (int i = 0; i < n->nin; i++)
        if (!is_shared(s, n->in[i]))
            return false;
    return true;
}

/* Of a sum of products with columns the factor that lies in scratch; NULL: it has another form. */
static IrNode *weight_of(Stream *s, const Member *m, IrNode **other)
{
    IrNode *v = m->value;
    for (int k = 0; v && v->op == OP_mul && stream_is_sum(m) && k < 2; k++) {
        *other = v->in[1 - k];
        if (map_find(&s->stored, v->in[k]) && dtype_is_float((*other)->type.dtype) && is_shared(s, *other))
            return v->in[k];
    }
    return NULL;
}

static bool is_clear(Stream *s)
{
    IrNode *other;
    bool some = false;
    for (int i = 0; i < s->c.n; i++) {
        if (s->c.m[i].column && !weight_of(s, &s->c.m[i], &other))
            return false;
        some = some || s->c.m[i].column;
    }
    return some && s->c.guard && !s->c.exact;
}

static void clear_weights(Stream *s)
{
    IrNode *other;
    stream_open_rows(s, 1);
    stream_bind_block(s);
    stream_open_places(s, 1);
    IrNode *holds = stream_emit(s, s->c.guard);
    for (int i = 0; i < s->c.n; i++) {
        IrNode *w = s->c.m[i].column ? weight_of(s, &s->c.m[i], &other) : NULL, *buffer = w ? map_find(&s->stored, w) : NULL;
        IrBuilder *b = &stream_top(s)->b;
        if (w)
            stream_put(s, buffer, s->place, stream_choose(b, holds, stream_at(s, buffer, s->place), ir_const_float(b, w->type.dtype, 0)));
    }
    stream_close(s);
}

static IrNode *all_finite(Stream *s)
{
    IrNode *other, *good = NULL, *all = stream_open_area(s, RED_all);
    for (int i = 0; i < s->c.n; i++) {
        if (!s->c.m[i].column || !weight_of(s, &s->c.m[i], &other))
            continue;
        IrNode *x = stream_emit(s, other);
        IrBuilder *b = &stream_top(s)->b;
        IrNode *one = ir_add2(b, OP_lt, ir_scalar(DT_bool), ir_add1(b, OP_abs, x->type, x), ir_const_float(b, x->type.dtype, INFINITY));
        good = good ? ir_add2(b, OP_and, ir_scalar(DT_bool), good, one) : one;
    }
    ir_yield(&stream_top(s)->b, 1, &good);
    stream_pop(s);
    stream_close(s);
    return all;
}

IrNode *stream_clear(Stream *s, IrNode *whole)
{
    if (s->merging || !is_clear(s))
        return whole;
    stream_close_row(s);
    IrBuilder outer = s->at;
    IrNode *choice = whole ? ir_add1(&s->at, OP_if, ir_scalar(DT_bool), whole) : NULL;
    if (choice) {
        s->at = (IrBuilder){ s->t->fn, ir_region_new(s->t->fn, choice), NULL, s->c.map->span };
        IrNode *yes = ir_add0(&s->at, OP_const, ir_scalar(DT_bool));
        yes->imm = 1;
        ir_yield(&s->at, 1, &yes);
        s->at.region = ir_region_new(s->t->fn, choice);
    }
    clear_weights(s);
    IrNode *finite = all_finite(s);
    if (!choice)
        return finite;
    ir_yield(&s->at, 1, &finite);
    s->at = outer;
    return choice;
}
