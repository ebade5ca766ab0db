/* tile_stream_part.c - what each row has of one block of the axis: members, each in the order of its reduction, from the untouched state
 * and with the block's own results of earlier members.
 *
 *     m'[i] = max [j] s[i, j]        l'[i] = sum [j] e[i, j]        a'[i] = 256 block + argmax [j] s[i, j]
 */
#include <math.h>

#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)


/* f16 and bf16 are accumulated in f32, and rounded once at the end. */
IrDtype stream_wide(IrDtype t) { return t == DT_f16 || t == DT_bf16 ? DT_f32 : t; }
IrDtype stream_type(const Member *m) { return stream_wide(m->reduce->type.dtype); }

IrNode *stream_as(IrBuilder *b, IrNode *x, IrDtype t) { return x->type.dtype == t ? x : ir_add1(b, OP_cast, ir_scalar(t), x); }

/* A member's value as the program has it. */
void stream_bind_member(Stream *s, const Member *m, IrNode *x)
{
    stream_bind(s, m->reduce, stream_as(&stream_top(s)->b, x, m->reduce->type.dtype));
}

IrNode *stream_identity(IrBuilder *b, const Member *m)
{
    if (cascade_is_place(m))
        return ir_int(b, -1);
    if (cascade_is_tally(m)) {
        IrNode *x = ir_add0(b, OP_const, ir_scalar(stream_type(m)));
        x->imm = m->reduce->redop == RED_all;
        return x;
    }
    return ir_const_float(b, stream_type(m), stream_is_sum(m) ? 0 : m->reduce->redop == RED_max ? -INFINITY : INFINITY);
}

/* The guard that a member's reduction over a block has to ask; NULL: its bounds say it all. */
static IrNode *guard_of(Stream *s, const Member *m) { return m->guard ? m->guard : s->c.exact || s->masks ? NULL : s->c.guard; }

static IrDtype added_as(const Member *m) { return cascade_is_place(m) || cascade_is_tally(m) ? stream_wide(m->value->type.dtype) : stream_type(m); }

/* A product is not rounded before it is added, of 16 bits or in a contraction: its factors are what is read. */
static bool is_apart(const Member *m)
{
    bool fused = m->reduce->order == ORDER_contract && stream_is_sum(m);
    return m->value->op == OP_mul && (fused || m->value->type.dtype != added_as(m));
}

bool stream_takes(const Member *m, const IrNode *x)
{
    const IrNode *v = m->value;
    return is_apart(m) ? v->in[0] == x || v->in[1] == x : v == x;
}

static IrNode *added_value(Stream *s, const Member *m)
{
    IrNode *value = m->value;
    IrDtype t = added_as(m);
    if (!is_apart(m))
        return stream_as(&stream_top(s)->b, stream_emit(s, value), t);
    IrNode *x = stream_emit(s, value->in[0]), *y = stream_emit(s, value->in[1]);
    IrBuilder *b = &stream_top(s)->b;
    return stream_op2(b, OP_mul, stream_as(b, x, t), stream_as(b, y, t));
}

void stream_open_reduction(Stream *s, Reduction *open, const IrNode *axis, RedOp op, IrOrder order, IrDtype t)
{
    DimCx *d = DIMS(s);
    Dim from, to;
    stream_bounds(s, axis, &from, &to);
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
IrNode *stream_partial(Stream *s, const Member *m)
{
    Reduction r;
    IrNode *yields[2] = { NULL, NULL };
    IrDtype t = stream_type(m);
    stream_open_reduction(s, &r, m->reduce->regions[0]->params.p[0], (RedOp)m->reduce->redop, (IrOrder)m->reduce->order, t);
    if (guard_of(s, m))
        yields[1] = stream_emit(s, guard_of(s, m));
    yields[0] = added_value(s, m);
    ir_yield(&stream_top(s)->b, yields[1] ? 2 : 1, yields);
    return stream_close_reduction(s, &r);
}

/* A place of the block on the whole axis; -1: none. */
static IrNode *on_axis(Stream *s, IrNode *place)
{
    DimCx *d = DIMS(s);
    IrBuilder *b = &stream_top(s)->b;
    IrNode *base = ir_dim_value(b, dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym)));
    return stream_choose(b, ir_add2(b, OP_lt, ir_scalar(DT_bool), place, ir_int(b, 0)), place, stream_op2(b, OP_add, place, base));
}

/* Later members of the block take nothing from an infinity that stands for nothing at all. */
void stream_write_part(Stream *s, int i)
{
    const Member *m = &s->c.m[i];
    stream_open_row(s);
    IrNode *x = stream_partial(s, m);
    stream_put(s, s->part[i], NULL, cascade_is_place(m) ? on_axis(s, x) : x);
    s->filled[i] = true;
    if (!cascade_is_extreme(m))
        return;
    IrBuilder *b = &stream_top(s)->b;
    IrNode *safe = stream_choose(b, stream_equal(b, x, stream_identity(b, m)), ir_const_float(b, stream_type(m), 0), x);
    stream_put(s, s->safe[i], NULL, safe);
    stream_bind_member(s, m, safe);
}

/* Does the guard hold anywhere in the block, for the row that is open? */
static IrNode *meets(Stream *s)
{
    Reduction r;
    if (s->row_from)
        return ir_add2(&stream_top(s)->b, OP_lt, ir_scalar(DT_bool), stream_at(s, s->row_from, NULL), stream_at(s, s->row_to, NULL));
    stream_open_reduction(s, &r, s->c.axis, RED_any, ORDER_lanes16, DT_bool);
    IrNode *v = stream_emit(s, s->c.guard);
    ir_yield(&stream_top(s)->b, 1, &v);
    return stream_close_reduction(s, &r);
}

void stream_write_any(Stream *s)
{
    stream_open_row(s);
    IrNode *met = meets(s);
    IrBuilder *b = &stream_top(s)->b;
    stream_put(s, s->any, NULL, ir_add2(b, OP_or, ir_scalar(DT_bool), stream_at(s, s->any, NULL), met));
}
