/* be_reduce16.c - reductions whose lanes are 16 places of the last index.
 *
 *     for each block of 256: l[16] = identity; for q in it, in steps of 16: l = l op x[q .. q + 16)
 *                            total = total op tree(l)
 *
 * The same vectors for every target: a machine with narrower ones takes several registers for 16 lanes, in the same order. Where the
 * order does not show (max, integers, ...) there are no blocks, and outer indices run around.
 */
#include "backend/be_reduce_int.h"

typedef struct Outer { int W, V; Val *mask; } Outer; /* the vector context that is put aside */

static bool is_multiple(IrNode *x)
{
    int64_t n;
    return dim_is_const(x->dim, &n) && n % LANES16 == 0;
}

/* Float sums have their lanes by position, so a row of the last index must begin at lane 0 and end a block never or at its end. */
static bool positions_fit(const Red *red)
{
    IrRegion *r = red->r;
    int64_t n;
    if (!red->blocked || r->params.n == 1)
        return true;
    IrNode *x = vec_last(&r->params);
    return is_multiple(x) && dim_is_const(x->dim, &n) && n % BLOCK == 0;
}

bool be_can_vectorise(Em *em, Red *red)
{
    IrRegion *r = red->r;
    bool order = red->n->order == ORDER_lanes16 || !red->blocked;
    if (red->n->order == ORDER_chain && dtype_is_float(red->in) && (red->op == RED_sum || red->op == RED_prod))
        order = false;
    if (red->vec || !order || !r->params.n || em->be->opt->opt == 0 || em->be->opt->max_lanes == 1 || !positions_fit(red))
        return false;
    IrNode *x = vec_last(&r->params);
    be_depend(em, r, x, DEP_LANES);
    bool can = !be_needs_serial(em, r, DEP_LANES);
    be_depend_end(em, r, DEP_LANES);
    return can;
}

/* ---- greatest and least of floats ------------------------------------------------------------------------------- */

/* Floats as integers in the same order: -NaN < -inf < .. < -0 < +0 < .. < inf < NaN. Both ends are tracked: the other one tells whether a NaN
 * was met. An instruction for floats either loses NaNs and the sign of 0, or is a chain of five that each turn waits for. */
static LV to_key(Em *em, LV bits)
{
    LT t = LLVMTypeOf(bits);
    return em_bin(em, LLVMXor, bits, em_bin(em, LLVMAnd, em_bin(em, LLVMAShr, bits, be_const(t, 31)), be_const(t, 0x7fffffff)));
}

static LV bits_of(Em *em, LV x) { return em_cast(em, LLVMBitCast, x, be_vector(em->be->i32, be_lanes_of(x))); }

enum { KEY_INF = 0x7f800000, KEY_MINUS_INF = (int)~0x7f800000u };

static bool has_keys(const Em *em, const Red *red)
{
    bool wide = em->be->target.vector_bytes >= 64;
    return (red->op == RED_max || red->op == RED_min) && dtype_is_float(red->in) && red->in != DT_f64 && red->k <= (wide ? 8 : 1);
}

static void update_keys(Em *em, Red *red, Val *on, LV *state, void *user)
{
    (void)user;
    Val *x = red_value(em, red), *m = on ? val_spread(em, on, red->nr, 1, true) : NULL;
    for (int i = 0; i < 2 * red->k; i++) {
        LV key = to_key(em, bits_of(em, x->v[i % red->k])), next = be_max(em, DT_i32, state[i], key, i < red->k);
        state[i] = m ? em_select(em, be_carried_mask(em, m->v[i % red->k]), next, state[i]) : next;
    }
}

static LV tree(Em *em, Red *red, LV v);

/* state: 16 greatest, 16 least, of each; what comes out is a float. */
static void finish_keys(Em *em, Red *red, LV *state)
{
    bool max = red->op == RED_max;
    Red top = *red, low = *red;
    top.in = low.in = DT_i32;
    top.op = RED_max;
    low.op = RED_min;
    for (int i = 0; i < red->k; i++) {
        LV most = tree(em, &top, state[i]), least = tree(em, &low, state[red->k + i]), limit = be_const(em->be->i32, max ? KEY_MINUS_INF : KEY_INF);
        LV nan = max ? em_icmp(em, LLVMIntSLT, least, limit) : em_icmp(em, LLVMIntSGT, most, limit);
        LV x = em_cast(em, LLVMBitCast, to_key(em, max ? most : least), em->be->f32);
        state[i] = em_select(em, nan, be_real(em->be->f32, __builtin_nan("")), x);
    }
}

/* ---- 16 places -------------------------------------------------------------------------------------------------- */

static Val *places(Em *em, LV q)
{
    Val *p = val_scalar(em, DT_i64, q);
    p->coef = 1;
    p->mult = LANES16;
    return p;
}

typedef struct Group { Red *red; const Range *g; Val *on; LV *acc; int n; RedStep *step; } Group; /* n values of acc */

static void group(Em *em, Group *s, LV q, Val *inside)
{
    Val *p = places(em, q);
    be_set(em, vec_last(&s->red->r->params), val_add(em, s->g->lo, p));
    Val *on = val_and(em, s->on, val_and(em, inside, red_in_range(em, s->g, p)));
    red_element(em, s->red, on, s->n, s->acc, s->step, NULL);
}

static void masked_group(Em *em, Group *s, LV q, LV from, LV to)
{
    Val *p = places(em, q), *inside = val_compare(em, LLVMIntSLT, p, val_scalar(em, DT_i64, to));
    int64_t c;
    if (!be_const_value(from, &c) || c != 0)
        inside = val_and(em, inside, val_compare(em, LLVMIntSGE, p, val_scalar(em, DT_i64, from)));
    group(em, s, q, inside);
}

static LV down(Em *em, LV x) { return em_bin(em, LLVMAnd, x, be_int(em->be, -LANES16)); }

/* Places [from, to): whole groups without a mask where they begin at a multiple of 16, the rest with one. */
static void groups(Em *em, Group *s, LV from, LV to, bool aligned)
{
    if (!aligned) {
        Loop l = em_loop(em, down(em, from), to, LANES16, s->n, s->acc);
        masked_group(em, s, l.iv, from, to);
        em_loop_end(em, &l, s->acc);
        return;
    }
    LV whole = down(em, to);
    int64_t a, b;
    Loop l = em_loop(em, from, whole, LANES16, s->n, s->acc);
    group(em, s, l.iv, NULL);
    em_loop_end(em, &l, s->acc);
    if (be_const_value(whole, &a) && be_const_value(to, &b) && a == b)
        return;
    LV rest = em_bin(em, LLVMAnd, em_icmp(em, LLVMIntSLT, whole, to), em_icmp(em, LLVMIntSGE, whole, from));
    Cond c = em_if(em, rest, s->n, s->acc);
    masked_group(em, s, whole, be_int(em->be, 0), to);
    em_end_if(em, &c, s->acc);
}

/* l += l+8, l += l+4, l += l+2, l += l+1 */
static LV tree(Em *em, Red *red, LV v)
{
    LV poison = LLVMGetPoison(LLVMTypeOf(v));
    for (int half = LANES16 / 2; half; half /= 2) {
        LV lo[LANES16], hi[LANES16];
        for (int i = 0; i < half; i++) {
            lo[i] = LLVMConstInt(em->be->i32, (unsigned)i, 0);
            hi[i] = LLVMConstInt(em->be->i32, (unsigned)(i + half), 0);
        }
        LV a = em_shuffle(em, v, poison, LLVMConstVector(lo, (unsigned)half));
        LV b = em_shuffle(em, v, poison, LLVMConstVector(hi, (unsigned)half));
        v = red_combine(em, red, a, b);
        poison = LLVMGetPoison(LLVMTypeOf(v));
    }
    return em_extract(em, v, be_int(em->be, 0));
}

static bool starts_at_zero(const Range *g)
{
    int64_t c;
    return be_const_value(g->p0, &c) && c == 0;
}

static void clear(Em *em, Red *red, LV *acc)
{
    for (int i = 0; i < red->k; i++)
        acc[i] = red_identity(em, red->op, red->in, LANES16);
    (void)em;
}

/* Blocks of 256 along the last index; totals in state. */
static void blocks(Em *em, Red *red, const Range *g, Val *on, LV *total)
{
    Be *be = em->be;
    LV *acc = NEWN(be->a, LV, red->k), shift = be_int(be, 8);
    LV last = em_bin(em, LLVMAShr, em_bin(em, LLVMAdd, g->p1, be_int(be, BLOCK - 1)), shift);
    Group s = { red, g, on, acc, red->k, red_update };
    Loop l = em_loop(em, em_bin(em, LLVMAShr, g->p0, shift), last, 1, red->k, total);
    LV start = em_bin(em, LLVMShl, l.iv, shift), stop = em_bin(em, LLVMAdd, start, be_int(be, BLOCK));
    Val *v = val_scalar(em, DT_i64, start), *e = val_scalar(em, DT_i64, stop);
    LV from = val_minmax(em, val_scalar(em, DT_i64, g->p0), v, true)->v[0], to = val_minmax(em, val_scalar(em, DT_i64, g->p1), e, false)->v[0];
    clear(em, red, acc);
    groups(em, &s, starts_at_zero(g) ? start : from, to, starts_at_zero(g));
    for (int i = 0; i < red->k; i++)
        total[i] = red_combine(em, red, total[i], tree(em, red, acc[i]));
    em_loop_end(em, &l, total);
}

static bool one_block(const Red *red)
{
    int64_t n;
    return red->r->params.n == 1 && dim_is_const(red->r->params.p[0]->dim, &n) && n <= BLOCK;
}

/* state: 16-lane accumulators, or totals where the order has blocks. */
static void nest(Em *em, Red *red, int axis, Val *on, LV *state)
{
    IrRegion *r = red->r;
    IrNode *x = r->params.p[axis];
    Range g = red_range(em, red, x);
    if (axis == r->params.n - 1) {
        Group s = { red, &g, on, state, red->keys ? 2 * red->k : red->k, red->keys ? update_keys : red_update };
        if (red->blocked && !one_block(red))
            blocks(em, red, &g, on, state);
        else
            groups(em, &s, g.p0, g.p1, starts_at_zero(&g));
        return;
    }
    Loop l = em_loop(em, g.p0, g.p1, 1, red->keys ? 2 * red->k : red->k, state);
    Val *pos = val_scalar(em, DT_i64, l.iv);
    be_set(em, x, val_add(em, g.lo, pos));
    nest(em, red, axis + 1, val_and(em, on, red_in_range(em, &g, pos)), state);
    em_loop_end(em, &l, state);
}

/* The reduction does not depend on the lanes outside, so their mask leaves only what it says of rows. */
static Outer put_aside(Em *em, const Red *red)
{
    Outer o = { em->W, em->V, em->mask };
    const Val *m = em->mask;
    if (m && red->nr > 1 && m->nr > 1 && (m->vec || m->nv > 1)) {
        Val *rows = val_new(em, DT_bool, m->nr, 1, false);
        for (int r = 0; r < m->nr; r++) {
            Val row = { .t = DT_bool, .nr = 1, .nv = m->nv, .vec = m->vec, .mult = 1, .v = m->v + r * m->nv };
            rows->v[r] = val_any(em, &row);
        }
        em->mask = rows;
    } else if (m && !(red->nr > 1 && m->nr > 1)) {
        em->mask = NULL;
    }
    em->W = LANES16;
    em->V = 1;
    return o;
}

Val *be_reduce_lanes(Em *em, Red *red)
{
    Outer o = put_aside(em, red);
    LV *state = NEWN(em->be->a, LV, 2 * red->k);
    bool totals = red->blocked && !one_block(red);
    red->keys = has_keys(em, red);
    be_depend(em, red->r, vec_last(&red->r->params), DEP_LANES);
    LV scalar = red->identity;
    red->vec = true;
    red->identity = red_identity(em, red->op, red->in, LANES16);
    for (int i = 0; i < red->k; i++)
        state[i] = totals ? scalar : red->identity;
    for (int i = 0; i < 2 * red->k && red->keys; i++)
        state[i] = be_const(be_vector(em->be->i32, LANES16), red->op == RED_max ? KEY_MINUS_INF : KEY_INF);
    nest(em, red, 0, NULL, state);
    for (int i = 0; i < red->k && !totals && !red->keys; i++)
        state[i] = tree(em, red, state[i]);
    if (red->keys)
        finish_keys(em, red, state);
    be_depend_end(em, red->r, DEP_LANES);
    em->W = o.W;
    em->V = o.V;
    em->mask = o.mask;
    red->vec = false;
    return red_finish(em, red, state);
}

/* ---- argmax, argmin ------------------------------------------------------------------------------------------------ */

/* Of the lanes' best the best, the lowest index among equals; a NaN wins; -1 in lanes that have met nothing. */
static LV best_of_lanes(Em *em, Red *red, LV best, LV index)
{
    Be *be = em->be;
    LT it = LLVMTypeOf(index);
    LV some = em_icmp(em, LLVMIntSGE, index, be_zero(it)), far = em_splat(em, LLVMConstInt(be->i64, INT64_MAX, 0), LANES16);
    Red top = *red;
    top.op = red->op == RED_argmax ? RED_max : RED_min;
    LV worst = red_identity(em, top.op, red->in, LANES16), met = em_select(em, some, best, worst);
    LV m = em_splat(em, tree(em, &top, met), LANES16), same;
    if (dtype_is_float(red->in)) {
        same = em_bin(em, LLVMOr, em_fcmp(em, LLVMRealOEQ, best, m), em_bin(em, LLVMAnd, em_fcmp(em, LLVMRealUNO, best, best), em_fcmp(em, LLVMRealUNO, m, m)));
    } else {
        same = em_icmp(em, LLVMIntEQ, best, m);
    }
    LV at = em_select(em, em_bin(em, LLVMAnd, same, some), index, far);
    LV low = em_intrinsic(em, MOVE_FREE, "llvm.vector.reduce.smin", it, NULL, 1, &at);
    return em_select(em, em_icmp(em, LLVMIntEQ, low, LLVMConstInt(be->i64, INT64_MAX, 0)), be_int(be, -1), low);
}

Val *be_arg_lanes(Em *em, Red *red)
{
    Outer o = put_aside(em, red);
    IrNode *x = red->r->params.p[0];
    LV *state = NEWN(em->be->a, LV, 2 * red->k);
    be_depend(em, red->r, x, DEP_LANES);
    red->vec = true;
    for (int i = 0; i < red->k; i++) {
        state[i] = be_zero(be_vector(be_val_type(em->be, red->in), LANES16));
        state[red->k + i] = em_splat(em, be_int(em->be, -1), LANES16);
    }
    Range g = red_range(em, red, x);
    Group s = { red, &g, NULL, state, 2 * red->k, red_update_arg };
    groups(em, &s, g.p0, g.p1, false); /* masks cost less than a second loop */
    Val *y = val_new(em, DT_i64, red->nr, 1, false);
    for (int i = 0; i < red->k; i++)
        y->v[i] = best_of_lanes(em, red, state[i], state[red->k + i]);
    be_depend_end(em, red->r, DEP_LANES);
    em->W = o.W;
    em->V = o.V;
    em->mask = o.mask;
    red->vec = false;
    return y;
}
