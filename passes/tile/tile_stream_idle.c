/* tile_stream_idle.c - of weights that are mixed behind a softmax with a guard, blocks of which no row of the tile has a place.
 *
 *     o = sum [j] { w(h, i, j) * v[h, j, e] }       w = guard(i, j) ? sum [g] { .. } : 0, or sum [g] { guard(g, i, j) ? .. : 0 }
 *
 *     in each block:   if any [h, rows, places, g] { guard } or not all [h, places, e] { |v| < inf } { the block }
 *
 * The sum itself has no guard: 0 times what stands there may be NaN. Else a product with 0 that is added changes no bit of a sum that begins at +0, and neither
 * does a block of such products. What is mixed is not computed for such a block.
 */
#include <math.h>

#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

/* Where the guards (NULL: there is none) fail for all places of their indices (NULL: there is none), a factor of a member is 0; the other factor is `other`. */
typedef struct Idle { IrNode *guard[2], *index[2], *other; } Idle;

/* Can it be computed for any row and place of the block, before what lies in scratch? */
static bool is_plain(Stream *s, IrNode *n)
{
    if (!n->parent || n->op == OP_index || !ir_inside(n, s->body))
        return true;
    bool scratch = n->op == OP_load && n->in[0]->op == OP_buffer && n->in[0]->place == PLACE_scratch;
    if (n->nregions || scratch || map_find(&s->stored, n) || !pass_is_total(s->c.cx, n))
        return false;
    for (int i = 0; i < n->nin; i++)
        if (!is_plain(s, n->in[i]))
            return false;
    return true;
}

static bool is_zero(const IrNode *n) { return n->op == OP_const && dtype_is_float(n->type.dtype) && n->fimm == 0; }

static IrNode *guard_of(const IrNode *n) { return n->op == OP_select && is_zero(n->in[2]) ? n->in[0] : NULL; }

/* What lies in the scratch that a load reads; NULL: it is no such load. */
static const SpreadAt *spread_of(const Stream *s, const IrNode *load)
{
    for (int i = 0; i < s->nspreads; i++)
        if (load->op == OP_load && load->in[0] == s->spread[i].buffer)
            return &s->spread[i];
    return NULL;
}

static void note(Idle *x, int k, IrNode *guard, IrNode *index)
{
    x->guard[k] = guard;
    x->index[k] = index;
}

/* A sum over another index of which both factors, or 0 times what is left may be NaN, are 0 outside of a guard; of the second that is in scratch already. */
static bool find_of_sum(Stream *s, const IrNode *n, Idle *out)
{
    if (n->op != OP_reduce || n->redop != RED_sum || n->regions[0]->params.n != 1 || pass_guard(n->regions[0]))
        return false;
    const IrNode *v = ir_terminator(n->regions[0])->in[0];
    for (int k = 0; k < 2 && v->op == OP_mul; k++) {
        const SpreadAt *x = spread_of(s, v->in[1 - k]);
        if (!x || !guard_of(v->in[k]) || !guard_of(x->value))
            continue;
        note(out, 0, guard_of(v->in[k]), n->regions[0]->params.p[0]);
        note(out, 1, guard_of(x->value), x->index);
        return true;
    }
    return false;
}

static bool find_idle(Stream *s, const Member *m, Idle *out)
{
    IrNode *v = m->value;
    if (!m->column || !v || v->op != OP_mul || m->nexps || m->nouts || m->linear || m->guard || !stream_is_sum(m))
        return false;
    for (int k = 0; k < 2; k++) {
        *out = (Idle){ .other = v->in[1 - k] };
        if (guard_of(v->in[k]))
            note(out, 0, guard_of(v->in[k]), NULL);
        else if (!find_of_sum(s, v->in[k], out))
            continue;
        bool plain = is_plain(s, out->other) && is_plain(s, out->guard[0]) && (!out->guard[1] || is_plain(s, out->guard[1]));
        bool row = s->c.row && pass_depends_on(s->c.cx, out->other, s->c.row);
        if (plain && !row && dtype_is_float(out->other->type.dtype))
            return true;
    }
    return false;
}

/* ---- loops that ask ------------------------------------------------------------------------------------------------- */

typedef struct Ask { IrNode *reduce[4]; IrNode *before[4]; int n; } Ask;

/* A reduction inside of those that are open. */
static IrNode *ask(Stream *s, Ask *a, IrNode *old, Dim lo, Dim extent, RedOp op)
{
    Level *l = stream_top(s);
    IrNode *r = ir_add0(&l->b, OP_reduce, ir_scalar(DT_bool));
    IrRegion *in = ir_region_new(s->t->fn, r);
    IrNode *x = ir_index_new(in, old->name, lo, extent, old->span);
    r->redop = (uint8_t)op;
    r->order = ORDER_lanes16;
    a->before[a->n] = l->b.before;
    a->reduce[a->n++] = r;
    l->b.before = r;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { old, NULL }, s->made.n };
    return x;
}

static void ask_all(Stream *s, Ask *a, IrNode *old, RedOp op)
{
    IrNode *x = ask(s, a, old, tile_dim(s->t, old->lo), tile_dim(s->t, old->dim), op);
    stream_bind(s, old, x);
    symmap_put(&s->t->syms, old->sym, dim_sym(DIMS(s), x->sym));
}

static void ask_rows(Stream *s, Ask *a, RedOp op)
{
    IrNode *tile = stream_tile_of_rows(s);
    if (!tile)
        return;
    IrNode *x = ask(s, a, s->c.row, tile->lo, tile->dim, op);
    stream_bind(s, s->c.row, x);
    symmap_put(&s->t->syms, s->c.row->sym, dim_sym(DIMS(s), x->sym));
}

static void ask_places(Stream *s, Ask *a, RedOp op)
{
    DimCx *d = DIMS(s);
    Dim base = dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym));
    IrNode *x = ask(s, a, s->c.j, NULL, dim_const(d, STREAM_BLOCK), op);
    x->to = stream_places_end(s);
    stream_bind(s, s->c.j, ir_add2(&stream_top(s)->b, OP_add, ir_scalar(DT_i64), x, ir_dim_value(&stream_top(s)->b, base)));
    symmap_put(&s->t->syms, s->c.j->sym, dim_add(d, base, dim_sym(d, x->sym)));
    s->place = x;
}

static IrNode *answer(Stream *s, Ask *a, IrNode *v)
{
    while (a->n) {
        ir_yield(&stream_top(s)->b, 1, &v);
        stream_pop(s);
        v = a->reduce[--a->n];
        stream_top(s)->b.before = a->before[a->n];
    }
    stream_close(s);
    s->place = NULL;
    return v;
}

static IrNode *any_place(Stream *s, IrNode *guard, IrNode *index)
{
    Ask a = { .n = 0 };
    stream_start(s);
    if (s->mix && pass_depends_on(s->c.cx, guard, s->mix))
        ask_all(s, &a, s->mix, RED_any);
    ask_rows(s, &a, RED_any);
    if (index)
        ask_all(s, &a, index, RED_any);
    ask_places(s, &a, RED_any);
    return answer(s, &a, stream_emit(s, guard));
}

static IrNode *all_finite(Stream *s, const Idle *x)
{
    Ask a = { .n = 0 };
    stream_start(s);
    if (s->mix && pass_depends_on(s->c.cx, x->other, s->mix))
        ask_all(s, &a, s->mix, RED_all);
    ask_places(s, &a, RED_all);
    ask_all(s, &a, s->c.column, RED_all);
    IrNode *v = stream_emit(s, x->other);
    IrBuilder *b = &stream_top(s)->b;
    return answer(s, &a, ir_add2(b, OP_lt, ir_scalar(DT_bool), ir_add1(b, OP_abs, v->type, v), ir_const_float(b, v->type.dtype, INFINITY)));
}

static IrNode *either(Stream *s, IrNode *x, IrNode *y) { return x ? ir_add2(&s->at, OP_or, ir_scalar(DT_bool), x, y) : y; }

IrNode *stream_busy(Stream *s)
{
    Cascade *c = &s->c;
    Idle all[MEMBERS_MOST];
    if (s->merging || c->guard || c->head || !s->nspreads)
        return NULL;
    for (int i = 0; i < c->n; i++)
        if (!find_idle(s, &c->m[i], &all[i]))
            return NULL;
    IrNode *busy = NULL;
    for (int i = 0; i < c->n; i++) {
        for (int k = 0; k < 2; k++)
            busy = all[i].guard[k] ? either(s, busy, any_place(s, all[i].guard[k], all[i].index[k])) : busy;
        busy = either(s, busy, ir_add1(&s->at, OP_not, ir_scalar(DT_bool), all_finite(s, &all[i])));
    }
    return busy;
}
