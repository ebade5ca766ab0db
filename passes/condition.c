/* condition.c - choices of conditions, as the conjunctions and alternatives that bounds are read from, and of whole numbers, as values.
 *
 *     select c, false, y                     and(not c, y)
 *     select c, true, y                      or(c, y)
 *     if c { false } else { y }              if not c { y } else { false }       y is asked where it was
 *     if c { true } else { y }               or(c, y)                            where y may be asked always
 *     if c { i } else { i + 1 }              select c, i, add i, 1
 *     not (lt i, j)                          le j, i                             of ints: a float may be no number
 */
#include "passes/stream_int.h"

enum { LITTLE = 8 };

static bool is_pair(const IrNode *n, IrOp op) { return n->op == op && n->nin == 2; }

static bool is_bool(const IrNode *n, bool v) { return n->op == OP_const && n->type.dtype == DT_bool && (n->imm != 0) == v; }

static IrNode *denied(IrBuilder *b, IrNode *x)
{
    IrNode *y = pass_opposite(b, x);
    return y ? y : ir_add1(b, OP_not, x->type, x);
}

IrNode *pass_opposite(IrBuilder *b, IrNode *x)
{
    if (x->op == OP_const)
        return ir_const_int(b, DT_bool, !x->imm);
    if (x->op == OP_not)
        return x->in[0];
    if (is_pair(x, OP_and) || is_pair(x, OP_or)) {
        IrNode *y = denied(b, x->in[0]);
        return ir_add2(b, x->op == OP_and ? OP_or : OP_and, x->type, y, denied(b, x->in[1]));
    }
    bool whole = x->nin == 2 && dtype_is_int(x->in[0]->type.dtype) && !x->in[0]->type.rank;
    if (!whole || (x->op != OP_lt && x->op != OP_le && x->op != OP_eq && x->op != OP_ne))
        return NULL;
    if (x->op == OP_lt || x->op == OP_le)
        return ir_add2(b, x->op == OP_lt ? OP_le : OP_lt, x->type, x->in[1], x->in[0]);
    return ir_add2(b, x->op == OP_eq ? OP_ne : OP_eq, x->type, x->in[0], x->in[1]);
}

IrNode *pass_joined_condition(IrBuilder *b, IrNode *c, IrNode *yes, IrNode *no)
{
    IrType t = c->type;
    if (is_bool(no, false))
        return ir_add2(b, OP_and, t, c, yes);
    if (is_bool(yes, true))
        return ir_add2(b, OP_or, t, c, no);
    if (is_bool(yes, false))
        return ir_add2(b, OP_and, t, denied(b, c), no);
    return is_bool(no, true) ? ir_add2(b, OP_or, t, denied(b, c), yes) : NULL;
}

/* Nothing but values, of which none can fail. */
static bool may_be_asked(PassCx *cx, const IrRegion *r, bool loads)
{
    for (const IrNode *x = r->first; x->op != OP_yield; x = x->next) {
        bool value = ir_is_scalar_op(x) || x->op == OP_const || x->op == OP_dim || (loads && x->op == OP_load);
        if (!value || (!loads && dtype_is_float(x->type.dtype)) || !pass_is_total(cx, x))
            return false;
    }
    return true;
}

/* The branches change sides, so that what is not asked for is false. */
static void turn(IrNode *choice)
{
    IrBuilder b = { choice->parent->fn, choice->parent, choice, choice->span };
    IrRegion *yes = choice->regions[0];
    ir_set_in(choice, 0, denied(&b, choice->in[0]));
    choice->regions[0] = choice->regions[1];
    choice->regions[1] = yes;
}

static void open_regions(IrNode *choice)
{
    for (int k = 0; k < 2; k++)
        while (choice->regions[k]->first->op != OP_yield)
            ir_move_before(choice->regions[k]->first, choice);
}

static bool open_condition(PassCx *cx, IrNode *n, bool loads)
{
    IrNode *yes = ir_terminator(n->regions[0])->in[0], *no = ir_terminator(n->regions[1])->in[0];
    if (yes->op != OP_const && no->op != OP_const)
        return false;
    if (!may_be_asked(cx, n->regions[0], loads) || !may_be_asked(cx, n->regions[1], loads)) {
        if (!is_bool(yes, false) || no->op == OP_const)
            return false;
        turn(n);
        return true;
    }
    open_regions(n);
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    ir_replace(n, pass_joined_condition(&b, n->in[0], yes, no));
    ir_drop(n);
    return true;
}

static bool is_of_sizes(const IrNode *n) { return n->op == OP_dim || n->op == OP_const; }

/* Little arithmetic of ints, none of it a division of what is not known before the loops. */
static bool is_little(PassCx *cx, const IrRegion *r)
{
    int n = 0;
    for (const IrNode *x = r->first; x->op != OP_yield; x = x->next, n++)
        if (n > LITTLE || ((x->op == OP_floordiv || x->op == OP_mod) && !(is_of_sizes(x->in[0]) && is_of_sizes(x->in[1]))))
            return false;
    return may_be_asked(cx, r, false);
}

static bool open_number(PassCx *cx, IrNode *n)
{
    if (!is_little(cx, n->regions[0]) || !is_little(cx, n->regions[1]))
        return false;
    IrNode *yes = ir_terminator(n->regions[0])->in[0], *no = ir_terminator(n->regions[1])->in[0];
    open_regions(n);
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    ir_replace(n, pass_keeps_symbol(cx, n, ir_add3(&b, OP_select, n->type, n->in[0], yes, no)));
    ir_drop(n);
    return true;
}

bool pass_open_choice(PassCx *cx, IrNode *n, bool loads)
{
    if (n->op != OP_if || n->nregions != 2 || n->type.rank || ir_terminator(n->regions[0])->nin != 1)
        return false;
    if (n->type.dtype == DT_bool)
        return !n->sym && open_condition(cx, n, loads);
    return dtype_is_int(n->type.dtype) && open_number(cx, n);
}
