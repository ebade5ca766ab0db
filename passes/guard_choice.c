/* guard_choice.c - what has no part in a reduction under a condition is guarded by it: a condition of places is a bound then (narrow.c).
 *
 *     sum [j: S] { if j <= i { %x[i, j] } else { 0.0 } }         sum [j: S | j <= i] { %x[i, j] }
 *     max [j: S] { if j <= i { %x[i, j] } else { -inf } }        max [j: S | j <= i] { %x[i, j] }
 *
 * The other value is the operator's identity, so no bit changes. Not where the value is a product of a sum of products: that has other roundings alone
 * than chosen. A factor that is 0.0 under a condition is none of these: 0.0 times what is infinite is no 0.0 (explain_mask.c says so).
 */
#include <math.h>

#include "passes/pass_int.h"

enum { SHORT = 32 };

/* The choice that r gives, which nobody else reads; NULL: it gives something else. */
static IrNode *choice_of(const IrRegion *r)
{
    IrNode *n = ir_terminator(r)->in[0];
    bool chooses = (n->op == OP_if || n->op == OP_select) && n->parent == r && !n->sym && !n->type.rank;
    return chooses && n->uses && !n->uses->next ? n : NULL;
}

static IrNode *branch(const IrNode *choice, int k) { return choice->op == OP_if ? ir_terminator(choice->regions[k])->in[0] : choice->in[k + 1]; }

static bool is_identity(const IrNode *n, RedOp op)
{
    if (n->op != OP_const)
        return false;
    bool real = dtype_is_float(n->type.dtype), whole = n->type.dtype == DT_bool;
    switch (op) {
    case RED_sum: return real ? n->fimm == 0 : !n->imm;
    case RED_prod: return real ? n->fimm == 1 : n->imm == 1;
    case RED_max: return real && isinf(n->fimm) && n->fimm < 0;
    case RED_min: return real && isinf(n->fimm) && n->fimm > 0;
    case RED_any: return whole && !n->imm;
    case RED_all: return whole && n->imm;
    default: return false;
    }
}

/* An axis of few places is written out, and its lanes are those of what is around it (pools, convolutions): a choice of values suits them better. */
static bool is_long(const IrNode *x)
{
    int64_t n;
    return x->op == OP_index && x->sym && (!dim_is_const(x->dim, &n) || n > SHORT);
}

/* Does it compare one of the region's indices with something, in a part that is asked at every place? */
static bool says_places(PassCx *cx, IrNode *c, const IrRegion *r)
{
    DimCx *d = cx->module->dims;
    if (c->op == OP_and)
        return says_places(cx, c->in[0], r) || says_places(cx, c->in[1], r);
    if (pass_and_then(c))
        return says_places(cx, pass_and_then(c), r);
    if ((c->op != OP_lt && c->op != OP_le && c->op != OP_eq) || c->in[0]->type.dtype != DT_i64)
        return false;
    Dim slack = dim_sub(d, pass_dim_of(cx, c->in[1]), pass_dim_of(cx, c->in[0]));
    for (int i = 0; i < r->params.n; i++)
        if (is_long(r->params.p[i]) && dim_mentions(slack, r->params.p[i]->sym))
            return true;
    return false;
}

/* Outside of its guard a place is not asked at all: nor may what the condition is made of be. */
static bool may_ask(PassCx *cx, const IrNode *condition, const IrRegion *r)
{
    Map cone = map_new(cx->arena);
    if (!pass_guard(r))
        return true;
    pass_note_cone(r, condition, &cone);
    for (const IrNode *n = r->first; n; n = n->next)
        if (map_find(&cone, n) && !pass_is_total(cx, n))
            return false;
    return true;
}

static void guard(IrNode *reduce, IrNode *choice)
{
    IrNode *y = ir_terminator(reduce->regions[0]), *v[2] = { branch(choice, 0), choice->in[0] };
    IrBuilder b = { reduce->parent->fn, reduce->regions[0], y, reduce->span };
    while (choice->op == OP_if && choice->regions[0]->first->op != OP_yield)
        ir_move_before(choice->regions[0]->first, choice);
    v[1] = y->nin > 1 ? ir_add2(&b, OP_and, v[1]->type, y->in[1], v[1]) : v[1];
    ir_yield(&b, 2, v);
    ir_drop(y);
    ir_drop(choice);
}

void pass_guard_choice(PassCx *cx, IrNode *reduce, bool any)
{
    IrRegion *r = reduce->regions[0];
    for (IrNode *c = choice_of(r); c && is_identity(branch(c, 1), (RedOp)reduce->redop); c = choice_of(r)) {
        bool product = reduce->order == ORDER_contract && branch(c, 0)->op == OP_mul;
        if (product || !may_ask(cx, c->in[0], r) || (!any && !says_places(cx, c->in[0], r)))
            return;
        guard(reduce, c);
        cx->changed++;
    }
}
