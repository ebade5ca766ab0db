/* reduce.c - reductions, recurrences and running reductions, one element after the other.
 *
 * Sums and products of floats have the order that the language promises (ir/IR.md, Orders of reductions), decided by the form of the
 * reduction in the checked tree:
 *
 *     contract   for each 256 places: acc = +0; acc = fma(a, b, acc) for each; total = total + acc
 *     lanes16    for each 256 places: place p goes to lane p % 16; total = total op (lanes l + 8, l + 4, l + 2, l + 1)
 *     chain      one place after the other
 *
 * Places count along all indices, the last one fastest, whether the guard holds there or not. 16-bit floats are added in f32.
 */
#include <math.h>

#include "interp/interp_int.h"

enum { BLOCK = 256, LANES = 16 };

typedef struct Red {
    Env *e;
    const Core *n;
    const Core *op;           /* combines two values */
    IrDtype type;             /* of the accumulators */
    Val start;
    bool blocked, fused;      /* fused: the body is a product */
    Val acc, lane[LANES];     /* blocked: acc is the total, a contraction has one lane */
    int64_t place, at, count; /* place: the next one; at: where the best was */
    bool seen;
} Red;

static Val start_value(const Core *n)
{
    IrDtype t = n->kids[0]->type.dtype;
    bool real = dtype_is_float(t), sign = dtype_is_signed(t);
    int bits = dtype_bytes(t) * 8;
    int64_t top = bits >= 64 ? (sign ? INT64_MAX : -1) : ((int64_t)1 << (bits - (sign ? 1 : 0))) - 1;
    switch (n->redop) {
    case RED_prod: return real ? cell_float(1) : cell_int(1);
    case RED_max: return real ? cell_float(-INFINITY) : cell_int(sign ? -top - 1 : 0);
    case RED_min: return real ? cell_float(INFINITY) : cell_int(top);
    case RED_all: return cell_int(1);
    case RED_argmax:
    case RED_argmin: return cell_int(-1);
    default: return (Val){ 0 };
    }
}

typedef struct Combiner { Core op, operand, *kids[2]; } Combiner;

static const Core *combiner(const Core *n, IrDtype type, Combiner *room)
{
    static const IrOp ops[] = { [RED_sum] = OP_add, [RED_prod] = OP_mul, [RED_max] = OP_max, [RED_min] = OP_min,
                                [RED_all] = OP_and, [RED_any] = OP_or };
    IrOp op = n->redop < sizeof ops / sizeof *ops ? ops[n->redop] : OP_add; /* count, argmax: nothing is combined */
    room->operand = (Core){ .type = { .dtype = type } };
    room->kids[0] = room->kids[1] = &room->operand;
    room->op = (Core){ .kind = C_op, .op = (uint16_t)op, .type = { .dtype = type }, .span = n->span, .nkids = 2, .kids = room->kids };
    return &room->op;
}

static Val combine(Env *e, const Core *op, Val a, Val b)
{
    Val v[] = { a, b };
    return eval_op(e, op, v);
}

/* Does b beat the best so far? NaN beats everything, the first one stays. */
static bool beats(const Core *n, Val b, Val best)
{
    IrDtype t = n->kids[0]->type.dtype;
    if (!dtype_is_float(t))
        return n->redop == RED_argmax ? int_below(t, best.c.i, b.c.i) : int_below(t, b.c.i, best.c.i);
    if (isnan(best.c.f))
        return false;
    return isnan(b.c.f) || (n->redop == RED_argmax ? b.c.f > best.c.f : b.c.f < best.c.f);
}

static void take(Red *r, Val x)
{
    const Core *n = r->n;
    switch (n->redop) {
    case RED_argmax:
    case RED_argmin:
        if (x.absent)
            x = (Val){ 0 };
        if (!r->seen || beats(n, x, r->acc)) {
            r->acc = x;
            r->at = r->e->index[n->indices[0]->id];
        }
        break;
    case RED_count:
        r->count += !x.absent && x.c.i != 0;
        break;
    default:
        if (x.absent && n->redop == RED_sum)
            break;
        if (x.absent)
            x = (Val){ 0 };
        Val *into = !r->blocked ? &r->acc : &r->lane[n->order == ORDER_contract ? 0 : r->place % LANES];
        *into = combine(r->e, r->op, *into, x);
    }
    r->seen = true;
}

static void take_product(Red *r, const Core *body)
{
    Val x[2];
    if (!eval_factors(r->e, body, x))
        return;
    double a = x[0].c.f, b = x[1].c.f, *s = &r->lane[0].c.f;
    *s = r->type == DT_f32 && !r->e->in->o->wide ? (double)fmaf((float)a, (float)b, (float)*s) : fma(a, b, *s);
}

static void clear_lanes(Red *r)
{
    for (int i = 0; i < (r->fused ? 1 : LANES); i++)
        r->lane[i] = r->start;
}

static void end_block(Red *r)
{
    if (r->n->order != ORDER_contract)
        for (int half = LANES / 2; half; half /= 2)
            for (int i = 0; i < half; i++)
                r->lane[i] = combine(r->e, r->op, r->lane[i], r->lane[i + half]);
    r->acc = combine(r->e, r->op, r->acc, r->lane[0]);
    clear_lanes(r);
}

static void visit(Red *r)
{
    const Core *n = r->n;
    Env *e = r->e;
    interp_tick(e->in, n->span);
    Val g = n->nkids > 1 && n->kids[1] ? eval(e, n->kids[1]) : cell_int(1);
    if (!g.absent && g.c.i) {
        if (r->fused)
            take_product(r, n->kids[0]);
        else
            take(r, eval(e, n->kids[0]));
    }
    r->place++;
    if (r->blocked && r->place % BLOCK == 0)
        end_block(r);
}

static void loop(Red *r, int axis)
{
    const Core *n = r->n;
    Env *e = r->e;
    if (axis == n->nindices) {
        visit(r);
        return;
    }
    CoreIndex *x = n->indices[axis];
    int64_t lo = dim_value(e, x->lo, x->span), end = lo + dim_value(e, x->extent, x->span);
    for (int64_t i = lo; i < end; i++) {
        e->index[x->id] = i;
        loop(r, axis + 1);
    }
}

static bool is_product(const Core *n)
{
    if (n->kind == C_block)
        n = n->kids[n->nkids - 1];
    return n->kind == C_op && n->op == OP_mul;
}

Val eval_reduce(Env *e, const Core *n)
{
    IrDtype t = n->kids[0]->type.dtype;
    bool adds = dtype_is_float(t) && (n->redop == RED_sum || n->redop == RED_prod);
    Combiner room;
    Red r;
    r.e = e, r.n = n, r.place = r.count = 0, r.at = -1, r.seen = false;
    r.start = r.acc = start_value(n);
    r.type = adds && dtype_bytes(t) == 2 ? DT_f32 : n->type.dtype;
    r.op = combiner(n, r.type, &room);
    r.blocked = adds && n->order != ORDER_chain;
    r.fused = r.blocked && n->redop == RED_sum && n->order == ORDER_contract && is_product(n->kids[0]);
    if (r.blocked)
        clear_lanes(&r);
    loop(&r, 0);
    if (r.blocked && r.place % BLOCK)
        end_block(&r);
    switch (n->redop) {
    case RED_argmax:
    case RED_argmin: return cell_int(r.at);
    case RED_count: return cell_int(r.count);
    default: break;
    }
    if (adds)
        r.acc.c.f = round_to(e, n->type.dtype, r.acc.c.f);
    return r.acc;
}

/* ---- cumsum, cumprod, cummax; from the last place on ----------------------------------------------------------- */

static Val identity_of(const Core *n)
{
    double x = n->redop == RED_prod ? 1 : n->redop == RED_max ? -INFINITY : n->redop == RED_min ? INFINITY : 0;
    return (Val){ .c.f = x };
}

static Val present(Interp *in, const Tensor *x, int64_t i)
{
    Val v = tensor_get(in, x, i);
    return v.absent ? (Val){ 0 } : v;
}

/* From the end, -0 is what it is behind places that a guard leaves out. */
static Val first_of(Env *e, const Core *n, const Core *op, Val v) { return n->down && n->redop == RED_sum ? combine(e, op, (Val){ 0 }, v) : v; }

Tensor *eval_cum(Env *e, const Core *n)
{
    Tensor *x = eval_tensor(e, n->kids[0]), *y = tensor_new(e->in, x->dtype, x->rank, x->shape, n->span);
    int64_t inner = 1, len = x->shape[n->ival];
    for (int i = (int)n->ival + 1; i < x->rank; i++)
        inner *= x->shape[i];
    Combiner room;
    const Core *op = combiner(n, n->type.dtype, &room);
    for (int64_t k = 0; k < x->count; k++) {
        int64_t i = n->down ? x->count - 1 - k : k, at = i / inner % len, prev = n->down ? i + inner : i - inner;
        bool first = at == (n->down ? len - 1 : 0);
        if (first && n->before)
            tensor_set(e->in, y, i, identity_of(n));
        else if (first)
            tensor_set(e->in, y, i, first_of(e, n, op, present(e->in, x, i)));
        else
            tensor_set(e->in, y, i, combine(e, op, tensor_get(e->in, y, prev), present(e->in, x, n->before ? prev : i)));
    }
    return y;
}

/* ---- rec ------------------------------------------------------------------------------------------------------ */

typedef struct Rec { Env *e; const CoreRec *r; int64_t at[IR_RANK_MOST]; } Rec;

static int64_t place_in(const Tensor *t, const int64_t *sub)
{
    int64_t at = 0;
    for (int i = 0; i < t->rank; i++)
        at = at * t->shape[i] + sub[i];
    return at;
}

static void rest_of(Rec *r, int eq, int axis, int64_t *sub)
{
    const CoreRecEq *q = &r->r->eqs[eq];
    Env *e = r->e;
    if (axis == q->nindices) {
        interp_tick(e->in, q->body->span);
        Tensor *t = e->vars[q->var->id].t;
        tensor_set(e->in, t, place_in(t, sub), eval(e, q->body));
        return;
    }
    CoreIndex *x = q->indices[axis];
    for (int s = 0; s < r->r->nscan; s++)
        if (r->r->scan_axis[eq][s] == axis) {
            e->index[x->id] = sub[axis] = r->at[s];
            rest_of(r, eq, axis + 1, sub);
            return;
        }
    int64_t lo = dim_value(e, x->lo, x->span), len = dim_value(e, x->extent, x->span);
    for (int64_t i = 0; i < len; i++) {
        e->index[x->id] = lo + i;
        sub[axis] = i;
        rest_of(r, eq, axis + 1, sub);
    }
}

static void scan(Rec *r, int s)
{
    if (s == r->r->nscan) {
        int64_t sub[IR_RANK_MOST];
        for (int i = 0; i < r->r->n; i++)
            rest_of(r, i, 0, sub);
        return;
    }
    int64_t n = dim_value(r->e, r->r->scan_extent[s], r->r->eqs[0].body->span);
    for (int64_t i = 0; i < n; i++) {
        r->at[s] = r->r->step[s] > 0 ? i : n - 1 - i;
        scan(r, s + 1);
    }
}

/* The group is evaluated once, when its first member is asked for; the others read what that left. */
Tensor *eval_rec(Env *e, const Core *n)
{
    const CoreRec *g = n->rec;
    Rec r = { .e = e, .r = g };
    for (int i = 0; i < g->n; i++) {
        int64_t shape[IR_RANK_MOST];
        CoreVar *v = g->eqs[i].var;
        for (int k = 0; k < v->type.rank; k++)
            shape[k] = dim_value(e, v->type.dims[k], v->span);
        e->vars[v->id].t = tensor_new(e->in, v->type.dtype, v->type.rank, shape, v->span);
    }
    scan(&r, 0);
    return e->vars[g->eqs[n->redop].var->id].t;
}
