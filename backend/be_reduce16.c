/* be_reduce16.c - reductions whose lanes are 16 places of the last index.
 *
 *     for each block of 256: l[16] = identity; for q in it, in steps of 16: l = l op x[q .. q + 16)
 *                            total = total op tree(l)
 *
 * The same vectors for every target: a machine with narrower ones takes several registers for 16 lanes, in the same order. Where the
 * order does not show (max, integers, ...) there are no blocks, and outer indices run around.
 * Several indices: those that every load walks as one piece of memory are one index. Rows of what is left begin and end within groups of 16 and within blocks.
 */
#include "backend/be_reduce_int.h"

typedef struct Outer { int W, V; Val *mask; } Outer; /* the vector context that is put aside */

/* Float sums have their lanes by position: do rows of the last index begin at lane 0 and end a block never or at its end? */
static bool positions_fit(const Red *red)
{
    IrRegion *r = red->r;
    int64_t n;
    return !red->blocked || r->params.n == 1 || (dim_is_const(vec_last(&r->params)->dim, &n) && n % BLOCK == 0);
}

/* ---- several indices as one --------------------------------------------------------------------------------------- */

static bool is_whole(const IrNode *x)
{
    int64_t lo;
    return x->op == OP_index && !x->from && !x->to && (!x->lo || (dim_is_const(x->lo, &lo) && lo == 0));
}

static int subscript_of(const IrNode *load, const IrNode *x)
{
    for (int i = 1; i < load->nin; i++)
        if (load->in[i] == x)
            return i;
    return 0;
}

/* x[.., h, w, ..] with h and w over whole axes, or neither: w may run over both. */
static bool walks_as_one(const IrNode *load, const IrNode *h, const IrNode *w)
{
    int i = subscript_of(load, h), j = subscript_of(load, w);
    return i || j ? i && j == i + 1 && load->in[0]->type.dims[j - 1] == w->dim : true;
}

/* Is x used in other ways than as a plain subscript of loads? */
static bool is_only_subscript(const IrRegion *r, const IrNode *x)
{
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->nregions || (n->op == OP_dim && x->sym && dim_mentions(n->dim, x->sym)))
            return false;
        for (int i = 0, seen = 0; i < n->nin; i++)
            if (n->in[i] == x && (n->op != OP_load || seen++))
                return false;
    }
    return true;
}

/* How many of the last indices are one walk over memory. */
static int count_joined(const Red *red)
{
    const IrRegion *r = red->r;
    int n = 1, all = r->params.n;
    if (!red->blocked || !is_whole(r->params.p[all - 1]) || !is_only_subscript(r, r->params.p[all - 1]))
        return 1;
    for (; n < all; n++) {
        const IrNode *h = r->params.p[all - 1 - n], *w = r->params.p[all - n];
        bool one = is_whole(h) && is_only_subscript(r, h);
        for (const IrNode *x = r->first; x && one; x = x->next)
            one = x->op != OP_load || walks_as_one(x, h, w);
        if (!one)
            break;
    }
    return n;
}

bool be_can_vectorise(Em *em, Red *red)
{
    IrRegion *r = red->r;
    bool order = red->n->order == ORDER_lanes16 || !red->blocked;
    if (red->n->order == ORDER_chain && dtype_is_float(red->in) && (red->op == RED_sum || red->op == RED_prod))
        order = false;
    if (red->vec || !order || !r->params.n || em->be->opt->opt == 0 || em->be->opt->max_lanes == 1)
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

/* state: 16 greatest, 16 least, of each; what comes out is a float. Of the other end it is enough whether any place is beyond infinity. */
static void finish_keys(Em *em, Red *red, LV *state)
{
    bool max = red->op == RED_max;
    Red end = *red;
    LV limit = be_const(be_vector(em->be->i32, LANES16), max ? KEY_MINUS_INF : KEY_INF);
    end.in = DT_i32;
    for (int i = 0; i < red->k; i++) {
        LV most = state[i], least = state[red->k + i], nan = max ? em_icmp(em, LLVMIntSLT, least, limit) : em_icmp(em, LLVMIntSGT, most, limit);
        nan = em_intrinsic(em, MOVE_FREE, "llvm.vector.reduce.or", LLVMTypeOf(nan), NULL, 1, &nan);
        LV x = em_cast(em, LLVMBitCast, to_key(em, tree(em, &end, max ? most : least)), em->be->f32);
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

typedef struct Group { Red *red; const Range *g; Val *on; LV *acc; int n; RedStep *step; LV base; } Group; /* n values of acc; base: position of place 0, NULL: 0 */

static void group(Em *em, Group *s, LV q, Val *inside)
{
    Val *p = places(em, s->base ? em_bin(em, LLVMSub, q, s->base) : q);
    p->mult = s->base ? 1 : p->mult;
    be_set(em, vec_last(&s->red->r->params), val_add(em, s->g->lo, p));
    Val *on = val_and(em, s->on, val_and(em, inside, red_in_range(em, s->g, p)));
    red_element(em, s->red, on, s->n, s->acc, s->step, NULL);
}

/* The same as bits: a mask register takes them at once. */
static Val *inside_bits(Em *em, LV q, LV from, LV to)
{
    Be *be = em->be;
    LV end = val_minmax(em, val_scalar(em, DT_i64, em_bin(em, LLVMSub, to, q)), val_int(em, LANES16), false)->v[0], one = be_const(be->i32, 1);
    LV bits = em_bin(em, LLVMSub, em_bin(em, LLVMShl, one, em_cast(em, LLVMTrunc, end, be->i32)), one);
    int64_t c;
    if (!be_const_value(from, &c) || c != 0) {
        LV first = val_minmax(em, val_scalar(em, DT_i64, em_bin(em, LLVMSub, from, q)), val_int(em, 0), true)->v[0];
        bits = em_bin(em, LLVMAnd, bits, em_bin(em, LLVMShl, be_const(be->i32, -1), em_cast(em, LLVMTrunc, first, be->i32)));
    }
    Val *y = val_new(em, DT_bool, 1, 1, true);
    y->v[0] = em_cast(em, LLVMBitCast, em_cast(em, LLVMTrunc, bits, LLVMIntTypeInContext(LLVMGetTypeContext(be->i32), 16)), be_vector(be->i1, LANES16));
    return y;
}

static void masked_group(Em *em, Group *s, LV q, LV from, LV to)
{
    if (em->be->target.avx512) {
        group(em, s, q, inside_bits(em, q, from, to));
        return;
    }
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

/* All places of the range. */
static void stretches(Em *em, Group *s, bool aligned)
{
    Stretch part = be_stretch(em, s->red->n, s->g->p0, s->g->p1, s->n, s->acc);
    groups(em, s, part.p0, part.p1, aligned);
    be_stretch_end(em, &part, s->acc);
}

/* l += l+8, l += l+4, l += l+2, l += l+1; no vector is shorter than a register, whose other lanes count for nothing. */
static LV tree(Em *em, Red *red, LV v)
{
    LT elem = be_elem(LLVMTypeOf(v));
    int bits = elem == em->be->i1 ? 8 : elem == em->be->f32 || elem == em->be->i32 ? 32 : 64, least = 128 / bits;
    for (int half = LANES16 / 2; half; half /= 2) {
        LV lo[LANES16], hi[LANES16], poison = LLVMGetPoison(LLVMTypeOf(v));
        int n = half < least && be_lanes_of(v) >= least ? least : half;
        for (int i = 0; i < n; i++) {
            lo[i] = LLVMConstInt(em->be->i32, (unsigned)i, 0);
            hi[i] = i < half ? LLVMConstInt(em->be->i32, (unsigned)(i + half), 0) : LLVMGetUndef(em->be->i32);
        }
        LV a = n == be_lanes_of(v) ? v : em_shuffle(em, v, poison, LLVMConstVector(lo, (unsigned)n));
        LV b = em_shuffle(em, v, poison, LLVMConstVector(hi, (unsigned)n));
        v = red_combine(em, red, a, b);
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
    Group s = { red, g, on, acc, red->k, red_update, NULL };
    Loop l = em_loop(em, em_bin(em, LLVMAShr, g->p0, shift), last, 1, red->k, total);
    LV start = em_bin(em, LLVMShl, l.iv, shift), stop = em_bin(em, LLVMAdd, start, be_int(be, BLOCK));
    Val *v = val_scalar(em, DT_i64, start), *e = val_scalar(em, DT_i64, stop);
    LV from = val_minmax(em, val_scalar(em, DT_i64, g->p0), v, true)->v[0], to = val_minmax(em, val_scalar(em, DT_i64, g->p1), e, false)->v[0];
    clear(em, red, acc);
    groups(em, &s, starts_at_zero(g) ? start : from, to, starts_at_zero(g));
    for (int i = 0; i < red->k; i++)
        total[i] = red_combine(em, red, total[i], tree(em, red, acc[i]));
    be_end_of_block(em, red->n);
    em_loop_end(em, &l, total);
}

/* A number, or the least of one and something else. */
static bool is_within_block(Dim d)
{
    const DimTerm *t;
    int64_t n;
    if (dim_is_const(d, &n))
        return n <= BLOCK;
    if (dim_terms(d, &t) != 1 || t->coef != 1 || t->nfactors != 1 || t->factors->power != 1 || t->factors->atom->kind != DA_MIN)
        return false;
    const DimAtom *a = t->factors->atom;
    return (dim_is_const(a->a, &n) && n <= BLOCK) || (dim_is_const(a->b, &n) && n <= BLOCK);
}

static bool one_block(const Red *red) { return red->r->params.n == 1 && is_within_block(red->r->params.p[0]->dim); }

/* ---- rows that begin anywhere ------------------------------------------------------------------------------------------ */

/* The sums of the block that was running go to the totals. State: accumulators, totals, number of the block. */
static void flush(Em *em, Red *red, LV *state)
{
    for (int i = 0; i < red->k; i++)
        state[red->k + i] = red_combine(em, red, state[red->k + i], tree(em, red, state[i]));
    clear(em, red, state);
}

/* Positions [from, to) of one block. */
static void part_of_block(Em *em, Group *s, LV from, LV to)
{
    LV up = down(em, em_bin(em, LLVMAdd, from, be_int(em->be, LANES16 - 1)));
    LV end = val_minmax(em, val_scalar(em, DT_i64, up), val_scalar(em, DT_i64, to), false)->v[0];
    Cond c = em_if(em, em_icmp(em, LLVMIntSLT, from, end), s->n, s->acc);
    masked_group(em, s, down(em, from), from, end);
    em_end_if(em, &c, s->acc);
    groups(em, s, up, to, true);
}

/* A row whose place 0 has the position base. */
static void row(Em *em, Red *red, const Range *g, LV base, Val *on, LV *state)
{
    Be *be = em->be;
    int n = 2 * red->k + 1;
    LV first = em_bin(em, LLVMAdd, base, g->p0), end = em_bin(em, LLVMAdd, base, g->p1), shift = be_int(be, 8);
    LV last = em_bin(em, LLVMAShr, em_bin(em, LLVMAdd, end, be_int(be, BLOCK - 1)), shift);
    Group s = { red, g, on, state, red->k, red_update, base };
    Loop l = em_loop(em, em_bin(em, LLVMAShr, first, shift), last, 1, n, state);
    Cond c = em_if(em, em_icmp(em, LLVMIntNE, state[n - 1], l.iv), n, state);
    flush(em, red, state);
    state[n - 1] = l.iv;
    em_end_if(em, &c, state);
    Val *start = val_scalar(em, DT_i64, em_bin(em, LLVMShl, l.iv, shift)), *stop = val_add(em, start, val_int(em, BLOCK));
    LV from = val_minmax(em, val_scalar(em, DT_i64, first), start, true)->v[0], to = val_minmax(em, val_scalar(em, DT_i64, end), stop, false)->v[0];
    part_of_block(em, &s, from, to);
    be_end_of_block(em, red->n);
    em_loop_end(em, &l, state);
}

/* The last indices as one; the others stand at 0. */
static Range joined_range(Em *em, const Red *red)
{
    const IrRegion *r = red->r;
    Range g = { .lo = val_int(em, 0), .p0 = be_int(em->be, 0), .p1 = be_int(em->be, 1) };
    for (int i = r->params.n - red->joined; i < r->params.n; i++) {
        g.p1 = em_bin(em, LLVMMul, g.p1, be_dim_scalar(em, r->params.p[i]->dim));
        be_set(em, r->params.p[i], val_int(em, 0));
    }
    return g;
}

static void rows(Em *em, Red *red, int axis, LV base, Val *on, LV *state)
{
    const IrRegion *r = red->r;
    bool last = axis == r->params.n - red->joined;
    Range g = last && red->joined > 1 ? joined_range(em, red) : red_range(em, red, r->params.p[axis]);
    if (base) {
        LV extent = last && red->joined > 1 ? g.p1 : be_dim_scalar(em, r->params.p[axis]->dim);
        base = em_bin(em, LLVMMul, base, extent);
    }
    if (last) {
        row(em, red, &g, base, on, state);
        return;
    }
    Loop l = em_loop(em, g.p0, g.p1, 1, 2 * red->k + 1, state);
    Val *pos = val_scalar(em, DT_i64, l.iv);
    be_set(em, r->params.p[axis], val_add(em, g.lo, pos));
    rows(em, red, axis + 1, base ? em_bin(em, LLVMAdd, base, l.iv) : l.iv, val_and(em, on, red_in_range(em, &g, pos)), state);
    em_loop_end(em, &l, state);
}

static void reduce_rows(Em *em, Red *red, LV scalar, LV *total)
{
    LV *state = NEWN(em->be->a, LV, 2 * red->k + 1);
    for (int i = 0; i < red->k; i++)
        state[red->k + i] = scalar;
    clear(em, red, state);
    state[2 * red->k] = be_int(em->be, 0);
    rows(em, red, 0, NULL, NULL, state);
    flush(em, red, state);
    for (int i = 0; i < red->k; i++)
        total[i] = state[red->k + i];
}

/* ---- rows in whole groups -------------------------------------------------------------------------------------------- */

/* state: 16-lane accumulators, or totals where the order has blocks. */
static void nest(Em *em, Red *red, int axis, Val *on, LV *state)
{
    IrRegion *r = red->r;
    IrNode *x = r->params.p[axis];
    bool joined = red->joined > 1; /* all of them */
    Range g = joined ? joined_range(em, red) : red_range(em, red, x);
    if (joined)
        axis = r->params.n - 1;
    if (axis == r->params.n - 1) {
        Group s = { red, &g, on, state, red->keys ? 2 * red->k : red->k, red->keys ? update_keys : red_update, NULL };
        if (red->blocked && !one_block(red))
            blocks(em, red, &g, on, state);
        else
            stretches(em, &s, starts_at_zero(&g));
        return;
    }
    Loop l = em_loop(em, g.p0, g.p1, 1, red->keys ? 2 * red->k : red->k, state);
    Val *pos = val_scalar(em, DT_i64, l.iv);
    be_set(em, x, val_add(em, g.lo, pos));
    nest(em, red, axis + 1, val_and(em, on, red_in_range(em, &g, pos)), state);
    if (!axis)
        be_end_of_block(em, red->n);
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
    red->terms = be_terms(em, red->n);
    Outer o = put_aside(em, red);
    LV *state = NEWN(em->be->a, LV, 2 * red->k);
    bool totals = red->blocked && !one_block(red);
    red->keys = has_keys(em, red);
    be_depend(em, red->r, vec_last(&red->r->params), DEP_LANES);
    be_terms_begin(em, red);
    LV scalar = red->identity;
    red->vec = true;
    red->identity = red_identity(em, red->op, red->in, LANES16);
    for (int i = 0; i < red->k; i++)
        state[i] = totals ? scalar : red->identity;
    for (int i = 0; i < 2 * red->k && red->keys; i++)
        state[i] = be_const(be_vector(em->be->i32, LANES16), red->op == RED_max ? KEY_MINUS_INF : KEY_INF);
    red->joined = count_joined(red);
    bool rest = red->joined < red->r->params.n;
    if (rest && !positions_fit(red)) {
        reduce_rows(em, red, scalar, state);
    } else {
        red->joined = rest ? 1 : red->joined;
        nest(em, red, 0, NULL, state);
    }
    for (int i = 0; i < red->k && !totals && !red->keys; i++)
        state[i] = tree(em, red, state[i]);
    if (red->keys)
        finish_keys(em, red, state);
    be_terms_end(em, red);
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
    Group s = { red, &g, NULL, state, 2 * red->k, red_update_arg, NULL };
    stretches(em, &s, false); /* masks cost less than a second loop */
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
