/* cascade_scale.c - values that scale as one exponential does when an earlier member changes (stream_int.h).
 *
 *     exp(u - w), exp(-w)            become k exp(u - w), k exp(-w) with k = exp(w - w') of both
 *     x + y, x - y, -x, |x|          of such values: k times what they were
 *     max(x, 0), x <= 0 ? 0 : x      too, since k > 0
 *     f x, x / f                     f without earlier members
 */
#include "passes/stream_int.h"

enum { TERMS_MOST = 16 };

/* The terms of an exponent that need members, each with its sign. */
typedef struct Terms { const IrNode *of[TERMS_MOST]; int sign[TERMS_MOST], n; bool many; } Terms;

static void find_terms(Cascade *c, const IrNode *n, int sign, Terms *t)
{
    if (cascade_stage(c, n) == 0)
        return;
    if (n->op == OP_neg || n->op == OP_add || n->op == OP_sub) {
        find_terms(c, n->in[0], n->op == OP_neg ? -sign : sign, t);
        if (n->op != OP_neg)
            find_terms(c, n->in[1], n->op == OP_sub ? -sign : sign, t);
        return;
    }
    t->many = t->many || t->n == TERMS_MOST;
    if (t->many)
        return;
    t->of[t->n] = n;
    t->sign[t->n++] = sign;
}

static int times_in(const Terms *t, const IrNode *n)
{
    int times = 0;
    for (int i = 0; i < t->n; i++)
        times += t->of[i] == n ? t->sign[i] : 0;
    return times;
}

/* Do both exponents change alike when members do? */
static bool shift_alike(Cascade *c, const IrNode *a, const IrNode *b)
{
    Terms x = { .n = 0 }, y = { .n = 0 };
    find_terms(c, a, 1, &x);
    find_terms(c, b, 1, &y);
    bool same = !x.many && !y.many;
    for (int i = 0; i < x.n && same; i++)
        same = times_in(&x, x.of[i]) == times_in(&y, x.of[i]);
    for (int i = 0; i < y.n && same; i++)
        same = times_in(&x, y.of[i]) == times_in(&y, y.of[i]);
    return same;
}

static bool is_zero(const IrNode *n) { return n->op == OP_const && dtype_is_float(n->type.dtype) && n->fimm == 0; }

typedef struct Scale { Cascade *c; IrNode *exp; } Scale; /* exp: the one that stands for all; one that varies, if any does */

static bool scales(Scale *s, IrNode *n);

/* Both scale alike; a zero scales as anything does. */
static bool both_scale(Scale *s, IrNode *x, IrNode *y) { return (is_zero(x) || scales(s, x)) && (is_zero(y) || scales(s, y)); }

static bool exp_scales(Scale *s, IrNode *n)
{
    bool varies = cascade_varies(s->c, n);
    if (cascade_stage(s->c, n) == 0 || !cascade_shifts(s->c, n->in[0]))
        return false;
    if (!s->exp || (varies && !cascade_varies(s->c, s->exp))) {
        bool fits = !s->exp || shift_alike(s->c, s->exp->in[0], n->in[0]);
        s->exp = n;
        return fits;
    }
    return shift_alike(s->c, s->exp->in[0], n->in[0]);
}

/* Compared with zero, k times a value gives what the value gives. */
static bool asks_sign(Scale *s, const IrNode *n)
{
    bool compares = n->op == OP_lt || n->op == OP_le || n->op == OP_eq || n->op == OP_ne;
    return compares && both_scale(s, n->in[0], n->in[1]);
}

IrNode *cascade_side(const IrNode *n, int k)
{
    if (n->op != OP_if)
        return n->op == OP_select ? n->in[k + 1] : NULL;
    const IrNode *end = ir_terminator(n->regions[k]);
    return n->regions[k]->first == end && end->nin == 1 ? end->in[0] : NULL;
}

static bool choice_scales(Scale *s, IrNode *n)
{
    IrNode *arm[2] = { cascade_side(n, 0), cascade_side(n, 1) };
    if (!arm[0] || !arm[1])
        return false;
    bool same = cascade_stage(s->c, n->in[0]) == 0 || asks_sign(s, n->in[0]);
    return same && both_scale(s, arm[0], arm[1]);
}

static bool scales(Scale *s, IrNode *n)
{
    switch (n->op) {
    case OP_exp: return exp_scales(s, n);
    case OP_neg:
    case OP_abs: return scales(s, n->in[0]);
    case OP_add:
    case OP_sub:
    case OP_max:
    case OP_min: return both_scale(s, n->in[0], n->in[1]);
    case OP_select:
    case OP_if: return choice_scales(s, n);
    case OP_mul:
        if (cascade_stage(s->c, n->in[0]) == 0)
            return scales(s, n->in[1]);
        return cascade_stage(s->c, n->in[1]) == 0 && scales(s, n->in[0]);
    case OP_div: return cascade_stage(s->c, n->in[1]) == 0 && scales(s, n->in[0]);
    default: return false;
    }
}

IrNode *cascade_scale(Cascade *c, IrNode *n)
{
    Scale s = { c, NULL };
    return scales(&s, n) && s.exp && cascade_varies(c, s.exp) ? s.exp : NULL;
}
