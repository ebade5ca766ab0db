/* tile_stream_ranges.c - rule 3 for guards with alternatives: the places of a block that a tile's rows can have by any of them.
 *
 *     guard i - j < 64 or j < 4         in each block:      by the first [least i - 63, 256 * block + 256), by the second [.., 4), of which either may be empty;
 *                                                           from, to = the least and greatest of those that are not
 *
 * A window beside sinks, beside columns that all rows see, two windows: one range over the whole axis would hold what lies between. Comparisons of sums of
 * indices, joined by and, or and not; what else a guard says leaves all places. The guard still decides: these are bounds, so no bit changes.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

typedef struct Range { IrNode *from, *to; } Range; /* places of the block; NULL: no limit */

static IrNode *int_op(Stream *s, IrOp op, IrNode *x, IrNode *y) { return ir_add2(&s->at, op, ir_scalar(DT_i64), x, y); }
static IrNode *least(Stream *s, IrNode *x, IrNode *y) { return !x ? y : !y ? x : int_op(s, OP_min, x, y); }
static IrNode *most(Stream *s, IrNode *x, IrNode *y) { return !x ? y : !y ? x : int_op(s, OP_max, x, y); }

static IrNode *pick(Stream *s, IrNode *c, IrNode *x, int64_t otherwise) { return ir_add3(&s->at, OP_select, ir_scalar(DT_i64), c, x, ir_int(&s->at, otherwise)); }

/* Of the block, cut to it; [256, 0) if it is empty. */
static Range settled(Stream *s, Range r)
{
    IrNode *from = most(s, r.from, ir_int(&s->at, 0)), *to = least(s, r.to, ir_int(&s->at, STREAM_BLOCK));
    IrNode *some = ir_add2(&s->at, OP_lt, ir_scalar(DT_bool), from, to);
    return (Range){ pick(s, some, from, STREAM_BLOCK), pick(s, some, to, 0) };
}

static Range both(Stream *s, Range a, Range b) { return (Range){ most(s, a.from, b.from), least(s, a.to, b.to) }; }

static Range either(Stream *s, Range a, Range b)
{
    if ((!a.from && !a.to) || (!b.from && !b.to))
        return (Range){ NULL, NULL };
    a = settled(s, a);
    b = settled(s, b);
    return (Range){ least(s, a.from, b.from), most(s, a.to, b.to) };
}

/* The place on the axis, as one of the block. */
static IrNode *place(Stream *s, Dim at)
{
    DimCx *d = DIMS(s);
    return at ? ir_dim_value(&s->at, dim_sub(d, at, dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym)))) : NULL;
}

/* Where slack is not negative for some row of the tile. */
static Range cut(Stream *s, Dim slack)
{
    DimCx *d = DIMS(s);
    DimSym *sym = s->c.j->sym;
    Dim j = dim_sym(d, sym), down = dim_sub(d, slack, j), up = dim_add(d, slack, j);
    if (!dim_mentions(down, sym))
        return (Range){ place(s, stream_over_tile(s, dim_neg(d, down), false)), NULL };
    if (!dim_mentions(up, sym))
        return (Range){ NULL, place(s, stream_over_tile(s, dim_add(d, up, dim_const(d, 1)), true)) };
    Dim greatest = dim_mentions(slack, sym) ? NULL : stream_over_tile(s, slack, true);
    if (!greatest)
        return (Range){ NULL, NULL };
    IrNode *some = ir_add2(&s->at, OP_le, ir_scalar(DT_bool), ir_int(&s->at, 0), ir_dim_value(&s->at, greatest));
    return (Range){ pick(s, some, ir_int(&s->at, 0), STREAM_BLOCK), pick(s, some, ir_int(&s->at, STREAM_BLOCK), 0) };
}

/* Sums of what has a name already: the function that is made has no other ones. */
static bool is_named(const IrNode *n)
{
    bool named = n->sym || n->op == OP_const || n->op == OP_dim || n->op == OP_index;
    bool sums = n->op == OP_add || n->op == OP_sub || n->op == OP_neg || (n->op == OP_mul && (n->in[0]->op == OP_const || n->in[1]->op == OP_const));
    for (int i = 0; i < n->nin && sums && !named; i++)
        sums = is_named(n->in[i]);
    return named || sums;
}

static bool is_comparison(const IrNode *g)
{
    if ((g->op != OP_lt && g->op != OP_le && g->op != OP_eq) || g->in[0]->type.dtype != DT_i64)
        return false;
    const IrNode *a = g->in[0]->op == OP_abs ? g->in[0]->in[0] : g->in[0];
    return is_named(a) && is_named(g->in[1]) && (a == g->in[0] || g->op != OP_eq);
}

/* a <= b (strict: a < b), or not */
static Range compared(Stream *s, IrNode *g, bool holds)
{
    DimCx *d = DIMS(s);
    PassCx *cx = s->t->cx;
    bool far = g->in[0]->op == OP_abs, strict = (g->op == OP_lt) == holds;
    Dim one = dim_const(d, g->op != OP_eq && strict), a = pass_dim_through(cx, far ? g->in[0]->in[0] : g->in[0]), b = pass_dim_through(cx, g->in[1]);
    if (g->op == OP_eq)
        return holds ? both(s, cut(s, dim_sub(d, b, a)), cut(s, dim_sub(d, a, b))) : (Range){ NULL, NULL };
    Range r = cut(s, dim_sub(d, holds ? dim_sub(d, b, a) : dim_sub(d, a, b), one));
    if (!far)
        return r;
    Range other = cut(s, dim_sub(d, holds ? dim_add(d, b, a) : dim_neg(d, dim_add(d, a, b)), one));
    return holds ? both(s, r, other) : either(s, r, other);
}

/* Of what g says, or (holds: false) of what it denies. */
static Range range_of(Stream *s, IrNode *g, bool holds)
{
    if (g->op == OP_not)
        return range_of(s, g->in[0], !holds);
    if (g->op == OP_and || g->op == OP_or)
        return ((g->op == OP_and) == holds ? both : either)(s, range_of(s, g->in[0], holds), range_of(s, g->in[1], holds));
    if (pass_and_then(g))
        return holds ? range_of(s, pass_and_then(g), true) : (Range){ NULL, NULL };
    return is_comparison(g) ? compared(s, g, holds) : (Range){ NULL, NULL };
}

/* Without one, the bounds of the axis say it all. */
static bool has_alternatives(const IrNode *g, bool holds)
{
    if (g->op == OP_not)
        return has_alternatives(g->in[0], !holds);
    if (g->op == OP_and || g->op == OP_or)
        return (g->op == OP_or) == holds || has_alternatives(g->in[0], holds) || has_alternatives(g->in[1], holds);
    return is_comparison(g) && g->op != OP_eq && g->in[0]->op == OP_abs && !holds;
}

bool stream_ranges(Stream *s, IrNode **from, IrNode **to)
{
    if (!s->c.guard || s->c.exact || !has_alternatives(s->c.guard, true))
        return false;
    Range r = range_of(s, s->c.guard, true);
    if (!r.from && !r.to)
        return false;
    r = settled(s, r);
    *from = r.from;
    *to = r.to;
    return true;
}
