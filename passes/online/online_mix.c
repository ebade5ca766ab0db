/* online_mix.c - loads of what is mixed over another index before it is reduced along the axis.
 *
 *     %o = map [h, t, e] { sum [j] { f(sum [g] { %m[h, g] * %a[g, t, j] }) * .. } }
 *
 * %a has an element for each row but for h, along which it is the same: it is computed for all g at once in the loop over the axis
 * (cascade_spread.c). Where %m needs the rows, too, %a may be no tensor of scores but of keys that are projected: the order of its axes tells.
 */
#include "passes/online/online_int.h"

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
    const IrNode *v = ir_terminator(r)->in[0], *in = pass_ancestor_in((IrNode *)(uintptr_t)load, r); /* itself, or the choice that it stands in */
    if (v->op != OP_mul || v->parent != r)
        return NULL;
    bool first = pass_depends_on(o->cx, v->in[0], in), second = pass_depends_on(o->cx, v->in[1], in);
    return first == second ? NULL : first ? v->in[1] : v->in[0];
}

/* load->nin: none. */
static int first_subscript(PassCx *cx, const IrNode *load, const IrNode *index)
{
    for (int i = 1; i < load->nin; i++)
        if (pass_depends_on(cx, load->in[i], index))
            return i;
    return load->nin;
}

/* Where the other factor differs by row, too, sum [g] { m[h, t, g] * a[g, t, j] } has the form of sum [d] { q[h, t, d] * k[h, j, d] } with keys
 * that are projected: mixtures of scores have g before rows and places, keys have what is summed behind what they differ by. Where it
 * differs by place (sum [f] { y[n, e, f] * w[e, d, f] }), layers of several parts have that form. */
static bool is_of_scores(Online *o, const IrNode *load, const IrNode *mix, const IrNode *other)
{
    const IrRegion *r = o->copy->regions[0];
    const IrNode *axis = axis_around(o, load);
    int g = first_subscript(o->cx, load, online_mixing_index(load));
    bool differs = false, behind = false, places = pass_depends_on(o->cx, other, axis);
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        if (x == mix || !pass_depends_on(o->cx, other, x))
            continue;
        differs = true;
        behind = behind || (g < first_subscript(o->cx, load, x) && online_subscripts_use(o, load, x));
    }
    return (!differs || behind) && (!(differs || places) || g < first_subscript(o->cx, load, axis));
}

bool online_is_mixed(Online *o, const IrNode *load)
{
    const IrNode *sum = loop_around(load)->owner, *mix = NULL;
    if (!o->mixes || !sum || sum->op != OP_reduce || sum->redop != RED_sum || !axis_around(o, load) || !pass_is_dear(load->in[0]))
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
    const IrNode *other = other_factor(o, load);
    bool layer = !mix && other && o->column && pass_depends_on(o->cx, other, o->column); /* sum [f] { y[n, e, f] * w[e, d, f] }: columns have nothing in common but y */
    return some && !layer && (!mix || (other && is_of_scores(o, load, mix, other)));
}

typedef struct Scores { PassCx *cx; const IrRegion *of; const IrNode *g, *axis; bool found; } Scores;

static void see_scores(void *user, IrNode *n)
{
    Scores *q = user;
    if (n->op != OP_load || n->in[0]->op != OP_map || !pass_is_dear(n->in[0]) || first_subscript(q->cx, n, q->g) >= first_subscript(q->cx, n, q->axis))
        return;
    bool all = true;
    for (int i = 0; i < q->of->params.n; i++)
        all = all && first_subscript(q->cx, n, q->of->params.p[i]) < n->nin;
    q->found = q->found || all;
}

bool online_is_mixture(PassCx *cx, const IrNode *map, const IrNode *axis)
{
    const IrNode *sum = ir_terminator(map->regions[0])->in[0];
    if (sum->op != OP_reduce || sum->redop != RED_sum || sum->order != ORDER_contract || sum->regions[0]->params.n != 1)
        return false;
    Scores q = { cx, map->regions[0], sum->regions[0]->params.p[0], axis, false };
    ir_walk(sum->regions[0], see_scores, &q);
    return q.found;
}

typedef struct Reduced { int deep; bool some, elsewhere; } Reduced;

static bool is_reduced(const IrNode *map, int deep);

static void see_reduced(void *user, IrNode *n)
{
    Reduced *q = user;
    if (n->op != OP_load || !online_is_plain_map(n->in[0]) || !pass_is_dear(n->in[0]))
        return;
    const IrNode *loop = loop_around(n)->owner;
    bool product = loop && loop->op == OP_reduce && loop->order == ORDER_contract, reduces = loop && loop->op == OP_reduce && !product;
    q->some = q->some || reduces;
    q->elsewhere = q->elsewhere || !(reduces || product || is_reduced(n->in[0], q->deep - 1));
}

/* Has it an element for each row of scores (a maximum, a normaliser), and none for a place? */
static bool is_reduced(const IrNode *map, int deep)
{
    Reduced q = { .deep = deep };
    if (deep)
        ir_walk(map->regions[0], see_reduced, &q);
    return q.some && !q.elsewhere;
}

/* Does it differ by row but for the part that it asks for, or is it made of pairs? What does not has none to share: an element for each place and
 * head, as the tensor has that it reads (`r[j, h]`), stays a tensor. */
static bool is_of_pairs(Online *o, const IrNode *load, int part)
{
    const IrRegion *body = o->copy->regions[0];
    bool rows = false;
    for (int k = 1; k < load->nin; k++)
        for (int i = 0; i < body->params.n && k != part; i++)
            rows = rows || (body->params.p[i] != o->column && pass_depends_on(o->cx, load->in[k], body->params.p[i]));
    return rows || !online_is_along(o->cx, load->in[0], false);
}

/* The index that the load lacks of all but the column, where it asks for one part of a tensor in the loop over an axis; NULL: it does not. *at: the subscript that says which. */
static const IrNode *lacking(Online *o, const IrNode *load, int *at)
{
    const IrRegion *body = o->copy->regions[0], *r = loop_around(load);
    const IrNode *lacks = NULL;
    if (load->op != OP_load || load->in[0]->op != OP_map || !pass_is_dear(load->in[0]) || !dtype_is_float(load->type.dtype) || !r->owner || r->owner->op != OP_reduce)
        return NULL;
    if (r->owner->parent != body || r->params.n != 1 || !online_subscripts_use(o, load, r->params.p[0]) || online_is_among(o->left, o->nleft, load->in[0]) || is_reduced(load->in[0], MAPS_DEEP))
        return NULL;
    for (int i = 0; i < body->params.n; i++) {
        const IrNode *x = body->params.p[i];
        bool uses = online_subscripts_use(o, load, x);
        if (x == o->column ? uses : !uses && lacks && cascade_is_index(x))
            return NULL;
        lacks = x != o->column && !uses && cascade_is_index(x) ? x : lacks;
    }
    *at = 0;
    for (int i = 1; i < load->nin; i++) {
        bool row = load->in[i]->op == OP_index && load->in[i]->parent == body;
        *at = load->in[i]->op == OP_const || (row && !*at) ? i : *at;
    }
    return *at && is_of_pairs(o, load, *at) ? lacks : NULL;
}

/* a[c, t, j] is sum [z: 1] { 1 a[c + z, t, j] }: a mixture of one. */
static void make_mixture(IrNode *load, int at)
{
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    DimCx *d = b.fn->module->dims;
    IrNode *sum = ir_add0(&b, OP_reduce, load->type), *subs[IR_RANK_MOST];
    sum->redop = RED_sum;
    sum->order = ORDER_contract;
    IrBuilder in = { b.fn, ir_region_new(b.fn, sum), NULL, load->span };
    IrNode *z = ir_index_new(in.region, NULL, NULL, dim_const(d, 1), load->span);
    for (int i = 1; i < load->nin; i++)
        subs[i - 1] = load->in[i];
    subs[at - 1] = ir_add2(&in, OP_add, ir_scalar(DT_i64), load->in[at], z);
    IrNode *x = ir_load(&in, load->in[0], load->nin - 1, subs), *one = ir_const_float(&in, load->type.dtype, 1), *product = ir_add2(&in, OP_mul, load->type, one, x);
    ir_yield(&in, 1, &product);
    ir_replace(load, sum);
    ir_drop(load);
}

typedef struct Parts { Online *o; VEC(IrNode *) all; } Parts;

static void see_part(void *user, IrNode *n)
{
    Parts *p = user;
    int at;
    const IrNode *lacks = lacking(p->o, n, &at);
    if (!lacks || (p->o->lacks && p->o->lacks != lacks))
        return;
    p->o->lacks = lacks;
    vec_push(p->o->cx->arena, &p->all, n);
}

void online_mix_parts(Online *o)
{
    Parts p = { .o = o };
    int at;
    if (!o->mixes || o->whole)
        return;
    ir_walk(o->copy->regions[0], see_part, &p);
    for (int i = 0; i < p.all.n; i++)
        if (lacking(o, p.all.p[i], &at))
            make_mixture(p.all.p[i], at);
    if (p.all.n)
        pass_note_symbols(o->cx, o->copy->regions[0]);
}

const IrNode *online_mixing_index(const IrNode *load) { return loop_around(load)->params.p[0]; }

/* sum [g] { m x, where a }: a product of what both are where a holds, and of zeros elsewhere, which change no bit. */
static void open_factors(IrNode *sum, IrNode *guard)
{
    IrNode *y = ir_terminator(sum->regions[0]), *value = y->in[0];
    IrBuilder b = { sum->parent->fn, sum->regions[0], NULL, sum->span };
    if (value->op != OP_mul || value->parent != sum->regions[0])
        return;
    ir_drop(y);
    IrNode *zero = ir_add0(&b, OP_const, value->type), *x = ir_add3(&b, OP_select, value->type, guard, value->in[0], zero);
    IrNode *product = ir_add2(&b, OP_mul, value->type, x, ir_add3(&b, OP_select, value->type, guard, value->in[1], zero));
    ir_yield(&b, 1, &product);
    if (!value->uses)
        ir_drop(value);
}

void online_open_mixture(Online *o, const IrNode *load)
{
    IrNode *sum = loop_around(load)->owner, *guard, *y = ir_terminator(sum->regions[0]), *value = y->in[0];
    pass_hoist_region(o->cx, o->copy->regions[0]);
    guard = pass_guard(sum->regions[0]);
    if (guard && ir_inside(guard, sum->regions[0]))
        open_factors(sum, guard);
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
