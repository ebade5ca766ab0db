/* online_mix.c - loads of what is mixed over another index before it is reduced along the axis.
 *
 *     %o = map [h, t, e] { sum [j] { f(sum [g] { %m[h, g] * %a[g, t, j] }) * .. } }
 *
 * %a has an element for each row but for h, along which it is the same: it is computed for all g at once in the loop over the axis
 * (cascade_spread.c). Where %m needs the rows, %a is no tensor of scores but, perhaps, of keys that are projected: it stays.
 */
#include "passes/online_int.h"

/* The loop that it stands in, perhaps under choices. */
static IrRegion *loop_around(const IrNode *load)
{
    IrRegion *r = load->parent;
    while (r->owner && r->owner->op == OP_if)
        r = r->owner->parent;
    return r;
}

/* The index of the outermost reduction around, of several of which one stands in the other. The load needs that one and the innermost one only; NULL: it does not. */
static const IrNode *axis_around(Online *o, const IrNode *load)
{
    const IrRegion *body = o->copy->regions[0], *inner = loop_around(load);
    for (const IrRegion *r = inner; r && r != body; r = r->owner->parent) {
        const IrNode *around = r->owner;
        if (around && around->op == OP_if)
            continue;
        if (!around || around->op != OP_reduce || r->params.n != 1)
            return NULL;
        bool outermost = around->parent == body, uses = online_subscripts_use(o, load, r->params.p[0]);
        if (uses != (r == inner || outermost) || (outermost && r == inner))
            return NULL;
        if (outermost)
            return r->params.p[0];
    }
    return NULL;
}

/* The factor of the sum that does not need the load; NULL: it is no product. */
static const IrNode *other_factor(Online *o, const IrNode *load)
{
    const IrRegion *r = loop_around(load);
    const IrNode *v = ir_terminator(r)->in[0];
    if (v->op != OP_mul || v->parent != r)
        return NULL;
    bool first = pass_depends_on(o->cx, v->in[0], load), second = pass_depends_on(o->cx, v->in[1], load);
    return first == second ? NULL : first ? v->in[1] : v->in[0];
}

bool online_is_mixed(Online *o, const IrNode *load)
{
    const IrNode *sum = loop_around(load)->owner, *mix = NULL;
    const IrNode *guard = sum && sum->op == OP_reduce ? pass_guard(sum->regions[0]) : NULL;
    if (!o->mixes || !sum || (guard && pass_depends_on(o->cx, guard, sum->regions[0]->params.p[0])) || sum->op != OP_reduce || sum->redop != RED_sum || !axis_around(o, load) || !pass_is_dear(load->in[0]))
        return false;
    const IrRegion *r = o->copy->regions[0];
    bool some = false;
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        if (x->op != OP_index)
            continue;
        bool uses = online_subscripts_use(o, load, x), real = cascade_is_index(x); /* one place is a row that it may need, but none that it must */
        if (x == o->column ? uses : !uses && mix && real)
            return false;
        if (x != o->column && !uses && real)
            mix = x;
        some = some || uses;
    }
    const IrNode *other = mix ? other_factor(o, load) : NULL;
    for (int i = 0; i < r->params.n && mix && other; i++)
        if (r->params.p[i] != mix && pass_depends_on(o->cx, other, r->params.p[i]))
            return false;
    return some && (!mix || other);
}

const IrNode *online_mixing_index(const IrNode *load) { return loop_around(load)->params.p[0]; }

void online_open_mixture(Online *o, const IrNode *load)
{
    IrNode *sum = loop_around(load)->owner, *guard, *y = ir_terminator(sum->regions[0]), *value = y->in[0];
    pass_hoist_region(o->cx, o->copy->regions[0]);
    guard = pass_guard(sum->regions[0]);
    if (!guard || ir_inside(guard, sum->regions[0]))
        return;
    IrBuilder after = { sum->parent->fn, sum->parent, sum->next, sum->span }, in = { sum->parent->fn, sum->regions[0], NULL, sum->span };
    ir_drop(y);
    ir_yield(&in, 1, &value);
    IrNode *zero = ir_add0(&after, OP_const, sum->type), *choice = ir_add3(&after, OP_select, sum->type, guard, zero, zero);
    ir_replace(sum, choice);
    ir_set_in(choice, 1, sum);
}

bool online_leave_mixed(Online *o)
{
    bool any = false;
    for (int i = 0; i < o->nmixed && o->nleft < LEFT_MOST; i++)
        if (!online_is_among(o->left, o->nleft, o->mixed[i])) {
            o->left[o->nleft++] = o->mixed[i];
            any = true;
        }
    return any;
}
