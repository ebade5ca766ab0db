/* explain_mask.c - a stream whose scores are masked by a number computes what it masks: said for --explain-fusion, with the place of the choice.
 *
 *     softmax[j](if j <= i { s(i, j) } else { -inf })      computes all places: 0 times what stands there may be NaN, so none can be left out
 *     softmax[j | j <= i](s(i, j))                          computes those that the guard leaves
 *
 * Said only of what a guard would make bounds: a comparison of whole numbers in which the axis's index stands alone.
 */
#include "passes/stream_int.h"

enum { LARGE = 10000 }; /* e to the power of minus that is 0 in every type */

static bool is_large(const IrNode *x, double sign)
{
    return x->op == OP_const && dtype_is_float(x->type.dtype) && sign * x->fimm >= LARGE;
}

/* +-j + rest <= 0, rest without j */
static bool bounds_axis(Cascade *c, IrNode *n)
{
    DimCx *d = c->cx->module->dims;
    if (n->op == OP_not)
        return bounds_axis(c, n->in[0]);
    if (n->op == OP_and || n->op == OP_or)
        return bounds_axis(c, n->in[0]) || bounds_axis(c, n->in[1]);
    if (pass_and_then(n))
        return bounds_axis(c, pass_and_then(n));
    if ((n->op != OP_lt && n->op != OP_le) || n->in[0]->type.dtype != DT_i64)
        return false;
    Dim j = dim_sym(d, c->j->sym), slack = dim_sub(d, pass_dim_of(c->cx, n->in[1]), pass_dim_of(c->cx, n->in[0]));
    return dim_mentions(slack, c->j->sym) && (!dim_mentions(dim_add(d, slack, j), c->j->sym) || !dim_mentions(dim_sub(d, slack, j), c->j->sym));
}

static const IrNode *branch(const IrNode *choice, int k)
{
    return choice->op == OP_select ? choice->in[k + 1] : ir_terminator(choice->regions[k])->in[0];
}

/* The choice that makes a score, or what is added to it, a large number; NULL: there is none. */
static const IrNode *mask_in(Cascade *c, const IrNode *n, double sign)
{
    if (!n || !n->parent || n->parent != c->host->regions[0] || !cascade_varies(c, n))
        return NULL;
    if (n->op == OP_select || n->op == OP_if) {
        bool masks = !n->type.rank && is_large(branch(n, 0), sign) != is_large(branch(n, 1), sign);
        return masks && bounds_axis(c, n->in[0]) ? n : NULL;
    }
    const IrNode *x = n->op == OP_add || n->op == OP_sub || n->op == OP_cast ? mask_in(c, n->in[0], sign) : NULL;
    return x || n->op != OP_add ? x : mask_in(c, n->in[1], sign);
}

void pass_explain_mask(Cascade *c)
{
    for (int i = 0; i < c->n; i++) {
        RedOp op = (RedOp)c->m[i].reduce->redop;
        const IrNode *x = op == RED_max ? mask_in(c, c->m[i].value, -1) : NULL;
        PassRemark r = { .choice = CHOICE_masked, .span = x ? x->span : c->map->span, .name = c->j->name, .loops = "",
                         .why = "is masked by a number, so all places are computed; the condition as a guard, [.. | condition], would leave out those that it masks" };
        if (x && x->span.file) {
            c->cx->options->remark(c->cx->options->user, &r);
            return;
        }
    }
}
