/* explain_mask.c - a stream whose scores are masked by a number, or a sum of products of which a factor is 0.0 under a condition, computes what that masks:
 * said for --explain-fusion, with the place of the choice.
 *
 *     softmax[j](if j <= i { s(i, j) } else { -inf })      computes all places: 0 times what stands there may be NaN, so none can be left out
 *     softmax[j](s(i, j) + f32(j > i) * -1e9)               the same, with the condition as a number
 *     sum[j]((if j <= i { x[i, j] } else { 0.0 }) * w[j])   the same: 0.0 times an infinite w[j] is no 0.0
 *     softmax[j | j <= i](s(i, j))                          computes those that the guard leaves
 *
 * Said only of what a guard would make bounds: a comparison of whole numbers in which the axis's index stands alone.
 */
#include "passes/stream_int.h"

enum { LARGE = 10000, /* e to the power of minus that is 0 in every type */
       DEPTH = 8 };   /* of what a mask is made of */

/* +-j + rest <= 0, rest without j */
bool pass_bounds_axis(PassCx *cx, const IrNode *j, IrNode *n)
{
    DimCx *d = cx->module->dims;
    if (n->op == OP_not)
        return pass_bounds_axis(cx, j, n->in[0]);
    if (n->op == OP_and || n->op == OP_or)
        return pass_bounds_axis(cx, j, n->in[0]) || pass_bounds_axis(cx, j, n->in[1]);
    if (pass_and_then(n))
        return pass_bounds_axis(cx, j, pass_and_then(n));
    if ((n->op != OP_lt && n->op != OP_le) || n->in[0]->type.dtype != DT_i64)
        return false;
    Dim x = dim_sym(d, j->sym), slack = dim_sub(d, pass_dim_of(cx, n->in[1]), pass_dim_of(cx, n->in[0]));
    return dim_mentions(slack, j->sym) && (!dim_mentions(dim_add(d, slack, x), j->sym) || !dim_mentions(dim_sub(d, slack, x), j->sym));
}

static const IrNode *branch(const IrNode *choice, int k)
{
    return choice->op == OP_select ? choice->in[k + 1] : ir_terminator(choice->regions[k])->in[0];
}

/* ---- the number that a condition makes ----------------------------------------------------------------------------------- */

/* The condition that n is made of, if it is one number where that holds and another one where it does not; NULL: there is none. */
static IrNode *condition_of(IrNode *n, int depth)
{
    if (n->type.rank || depth == 0)
        return NULL;
    if (n->type.dtype == DT_bool)
        return n;
    if (n->op == OP_select || n->op == OP_if)
        return n->in[0];
    bool counts = n->op == OP_cast || n->op == OP_neg || n->op == OP_add || n->op == OP_sub || n->op == OP_mul;
    IrNode *found = NULL;
    for (int i = 0; i < n->nin && counts && !found; i++)
        found = condition_of(n->in[i], depth - 1);
    return found;
}

static bool value_of(const IrNode *n, const IrNode *condition, bool holds, int depth, double *out)
{
    double x, y;
    if (n == condition || (n->op == OP_const && (n->type.dtype == DT_bool || n->type.dtype == DT_i64))) {
        *out = n == condition ? holds : (double)n->imm;
        return true;
    }
    if (n->op == OP_const && dtype_is_float(n->type.dtype)) {
        *out = n->fimm;
        return true;
    }
    if (depth == 0 || n->type.rank)
        return false;
    if (n->op == OP_select || n->op == OP_if)
        return value_of(n->in[0], condition, holds, depth - 1, &x) && value_of(branch(n, x == 0), condition, holds, depth - 1, out);
    bool pair = n->op == OP_add || n->op == OP_sub || n->op == OP_mul;
    if ((!pair && n->op != OP_cast && n->op != OP_neg && n->op != OP_not) || !value_of(n->in[0], condition, holds, depth - 1, &x))
        return false;
    if (pair && !value_of(n->in[1], condition, holds, depth - 1, &y))
        return false;
    *out = n->op == OP_cast ? x : n->op == OP_neg ? -x : n->op == OP_not ? x == 0 : n->op == OP_add ? x + y : n->op == OP_sub ? x - y : x * y;
    return true;
}

static bool is_large(const IrNode *n, const IrNode *condition, bool holds, double sign)
{
    double x;
    return value_of(n, condition, holds, DEPTH, &x) && sign * x >= (double)LARGE;
}

/* What makes a score, or what is added to it, a large number under a condition; NULL: there is none. */
static const IrNode *mask_in(Cascade *c, IrNode *n, double sign)
{
    if (!n || !n->parent || n->parent != c->host->regions[0] || !cascade_varies(c, n))
        return NULL;
    IrNode *condition = condition_of(n, DEPTH);
    if (condition && is_large(n, condition, true, sign) != is_large(n, condition, false, sign))
        return pass_bounds_axis(c->cx, c->j, condition) ? n : NULL;
    if (n->op == OP_neg)
        return mask_in(c, n->in[0], -sign);
    if (n->op == OP_mul || n->op == OP_div) { /* a scale, which is above 0 */
        const IrNode *x = cascade_varies(c, n->in[1]) ? NULL : mask_in(c, n->in[0], sign);
        return x || n->op == OP_div || cascade_varies(c, n->in[0]) ? x : mask_in(c, n->in[1], sign);
    }
    const IrNode *x = n->op == OP_add || n->op == OP_sub || n->op == OP_cast ? mask_in(c, n->in[0], sign) : NULL;
    return x || (n->op != OP_add && n->op != OP_sub) ? x : mask_in(c, n->in[1], n->op == OP_add ? sign : -sign);
}

/* ---- a factor that is 0.0 under a condition ------------------------------------------------------------------------------- */

static bool is_zero(const IrNode *n) { return n->op == OP_const && dtype_is_float(n->type.dtype) && n->fimm == 0; }

/* The condition under which n is 0.0, or not under which it is; NULL: there is none. */
static IrNode *zero_by(IrNode *n)
{
    bool chooses = n->op == OP_select || (n->op == OP_if && !n->type.rank);
    IrNode *c = n->op == OP_cast && n->in[0]->type.dtype == DT_bool ? n->in[0] : NULL;
    return c ? c : chooses && (is_zero(branch(n, 0)) || is_zero(branch(n, 1))) ? n->in[0] : NULL;
}

/* Of a product, the factor that is 0.0 under a condition that a guard would make a bound of j; NULL: there is none. */
static const IrNode *zero_in(PassCx *cx, const IrNode *j, IrNode *n, int depth)
{
    const IrNode *found = NULL;
    if (zero_by(n))
        return pass_bounds_axis(cx, j, zero_by(n)) ? n : NULL;
    for (int i = 0; i < n->nin && (n->op == OP_mul || n->op == OP_cast) && depth && !found; i++)
        found = zero_in(cx, j, n->in[i], depth - 1);
    return found;
}

static void say(PassCx *cx, const IrNode *x, const IrNode *j, const char *why)
{
    PassRemark r = { .choice = CHOICE_masked, .span = x->span, .name = j->name ? j->name : "_", .loops = "", .why = why };
    cx->options->remark(cx->options->user, &r);
}

static const char by_zero[] = "is masked by a factor of 0.0, so all places are computed, as 0.0 times what is infinite is NaN; the condition as a guard, [.. | condition], would leave out those that it masks";

/* value: what the sum adds; of a stream's member, as it is in the host. */
static bool explain_zero(PassCx *cx, const IrNode *sum, IrNode *value, const IrNode *j)
{
    const IrNode *x = sum->redop == RED_sum && value->op == OP_mul && j->op == OP_index && j->sym ? zero_in(cx, j, value, DEPTH) : NULL;
    if (x && x->span.file)
        say(cx, x, j, by_zero);
    return x && x->span.file;
}

void pass_explain_zeros(PassCx *cx, const IrNode *map)
{
    for (const IrNode *n = map->regions[0]->first; n; n = n->next) {
        const IrRegion *r = n->op == OP_reduce ? n->regions[0] : NULL;
        for (int i = 0; r && i < r->params.n; i++)
            if (explain_zero(cx, n, ir_terminator(r)->in[0], r->params.p[i]))
                return;
    }
}

void pass_explain_mask(Cascade *c)
{
    for (int i = 0; i < c->n && !c->guard; i++) { /* else what is masked has become that */
        RedOp op = (RedOp)c->m[i].reduce->redop;
        const IrNode *x = op == RED_max ? mask_in(c, c->m[i].value, -1) : NULL;
        if (explain_zero(c->cx, c->m[i].reduce, c->m[i].value, c->j))
            return;
        if (x && x->span.file) {
            say(c->cx, x, c->j, "is masked by a number, so all places are computed; the condition as a guard, [.. | condition], would leave out those that it masks");
            return;
        }
    }
}
