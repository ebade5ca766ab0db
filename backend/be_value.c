/* be_value.c - blocks: what one IR value is inside vector loops.
 *
 *     uniform        nr 1, nv 1, a scalar
 *     per row        nr R, nv 1, scalars
 *     per lane       nr 1, nv V, vectors of W lanes
 *     lane index     nr 1, nv 1, a scalar and coef 1: kept apart as long as possible, so that loads see that lanes lie side by side
 *     lane // 2      per lane, and beside it lane 0's value and that two lanes share one (`share`): half a vector holds what they load
 */
#include "backend/be_int.h"

Val *val_new(Em *em, IrDtype t, int nr, int nv, bool vec)
{
    Val *x = NEW(em->be->a, Val);
    *x = (Val){ .t = t, .nr = nr, .nv = vec ? em->V : nv, .vec = vec, .mult = 1 };
    x->v = NEWN(em->be->a, LV, x->nr * x->nv);
    return x;
}

Val *val_scalar(Em *em, IrDtype t, LV v)
{
    Val *x = val_new(em, t, 1, 1, false);
    int64_t c;
    x->v[0] = v;
    if (t == DT_i64 && be_const_value(v, &c)) {
        x->mult = be_pow2_of(c);
        x->natural = c >= 0;
        x->positive = c > 0;
    }
    return x;
}

Val *val_int(Em *em, int64_t v) { return val_scalar(em, DT_i64, be_int(em->be, v)); }

int be_pow2_of(int64_t v)
{
    int m = 1;
    while (m < MAX_MULT && (v & (2 * m - 1)) == 0)
        m *= 2;
    return m;
}

bool val_varies(const Val *x) { return x->vec || x->coef; }

bool val_is_const(const Val *x, int64_t *v)
{
    return x->nr == 1 && x->nv == 1 && !val_varies(x) && be_const_value(x->v[0], v);
}

int val_level(Em *em, const Val *x)
{
    int level = 0;
    for (int i = 0; i < x->nr * x->nv; i++) {
        int l = em_level(em, x->v[i]);
        level = l > level ? l : level;
    }
    return level;
}

LV val_at(Em *em, const Val *x, int r, int j)
{
    LV v = x->v[(x->nr == 1 ? 0 : r) * x->nv + (x->nv == 1 ? 0 : j)];
    if (x->nv == 1 && x->coef && j)
        v = em_bin(em, LLVMAdd, v, be_int(em->be, x->coef * j * em->W));
    return v;
}

static LV iota(Em *em, int64_t coef)
{
    LV v[64];
    for (int i = 0; i < em->W; i++)
        v[i] = be_int(em->be, coef * i);
    return LLVMConstVector(v, (unsigned)em->W);
}

LV val_vec(Em *em, const Val *x, int r, int j)
{
    LV v = val_at(em, x, r, j);
    if (x->vec)
        return v;
    v = em_splat(em, v, em->W);
    return x->coef ? em_bin(em, LLVMAdd, v, iota(em, x->coef)) : v;
}

LV val_get(Em *em, const Val *x, bool vec, int r, int j) { return vec ? val_vec(em, x, r, j) : val_at(em, x, r, j); }

Val *val_spread(Em *em, const Val *x, int nr, int nv, bool vec)
{
    Val *y = val_new(em, x->t, nr, nv, vec);
    for (int r = 0; r < nr; r++)
        for (int j = 0; j < y->nv; j++)
            y->v[r * y->nv + j] = val_get(em, x, vec, r, j);
    return y;
}

static Val *shaped(Em *em, IrDtype t, int n, Val *const *x)
{
    int nr = 1, nv = 1;
    bool vec = false;
    for (int i = 0; i < n; i++) {
        nr = x[i]->nr > nr ? x[i]->nr : nr;
        nv = x[i]->nv > nv ? x[i]->nv : nv;
        vec = vec || val_varies(x[i]);
    }
    return val_new(em, t, nr, nv, vec);
}

static Val *map_blocks(Em *em, IrDtype t, int n, Val *const *x, bool spread, ElemFn f, void *user)
{
    Val *y = shaped(em, t, n, x);
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++) {
            LV e[8] = { 0 };
            for (int i = 0; i < n; i++)
                e[i] = val_get(em, x[i], y->vec && (spread || val_varies(x[i])), r, j);
            y->v[r * y->nv + j] = f(em, user, e);
        }
    return y;
}

Val *val_map(Em *em, IrDtype t, int n, Val *const *x, ElemFn f, void *user) { return map_blocks(em, t, n, x, true, f, user); }

Val *val_map_mixed(Em *em, IrDtype t, int n, Val *const *x, ElemFn f, void *user) { return map_blocks(em, t, n, x, false, f, user); }

/* ---- i64 arithmetic ------------------------------------------------------------------------------------------ */

static LV op_bin(Em *em, void *user, LV *x) { return em_bin(em, *(LLVMOpcode *)user, x[0], x[1]); }

static Val *plain(Em *em, LLVMOpcode op, Val *a, Val *b)
{
    Val *x[] = { a, b };
    return val_map(em, a->t, 2, x, op_bin, &op);
}

static Val *affine(Em *em, LLVMOpcode op, Val *a, Val *b);

/* a op b, one of which is a vector. */
static Val *vectors(Em *em, LLVMOpcode op, Val *a, Val *b)
{
    Val *y = plain(em, op, a, b);
    if (a->share && !val_varies(b)) {
        y->share = a->share;
        y->first = affine(em, op, a->first, b);
    } else if (b->share && !val_varies(a) && op == LLVMAdd) {
        y->share = b->share;
        y->first = affine(em, op, a, b->first);
    }
    val_even_sum(em, y, op == LLVMSub, a, b);
    return y;
}

/* a op b where op acts on bases and coefs alike (add, sub). */
static Val *affine(Em *em, LLVMOpcode op, Val *a, Val *b)
{
    if (a->vec || b->vec)
        return vectors(em, op, a, b);
    Val *y = val_new(em, a->t, a->nr > b->nr ? a->nr : b->nr, a->nv > b->nv ? a->nv : b->nv, false);
    y->coef = op == LLVMAdd ? a->coef + b->coef : a->coef - b->coef;
    y->mult = a->mult < b->mult ? a->mult : b->mult;
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++)
            y->v[r * y->nv + j] = em_bin(em, op, val_at(em, a, r, j), val_at(em, b, r, j));
    if (y->nv > 1 && (a->coef || b->coef)) /* vector j adds multiples of W to the base */
        y->mult = y->mult < em->W ? y->mult : be_pow2_of(em->W);
    return y;
}

Val *val_add(Em *em, Val *a, Val *b)
{
    Val *y = affine(em, LLVMAdd, a, b);
    y->natural = a->natural && b->natural;
    y->positive = y->natural && (a->positive || b->positive);
    return y;
}

Val *val_sub(Em *em, Val *a, Val *b) { return affine(em, LLVMSub, a, b); }

static Val *product(Em *em, Val *a, Val *b)
{
    int64_t c;
    if (val_is_const(a, &c)) {
        Val *t = a;
        a = b;
        b = t;
    }
    bool by_const = val_is_const(b, &c);
    if (by_const && c == 0)
        return val_int(em, 0);
    bool small = a->coef > -(1 << 20) && a->coef < (1 << 20) && c > -(1 << 20) && c < (1 << 20);
    if (a->vec || b->vec || b->coef || (a->coef && !(by_const && small)))
        return plain(em, LLVMMul, a, b);
    Val *y = val_new(em, a->t, a->nr > b->nr ? a->nr : b->nr, a->nv > b->nv ? a->nv : b->nv, false);
    y->coef = by_const ? a->coef * c : 0;
    int64_t m = (int64_t)a->mult * b->mult;
    y->mult = m > MAX_MULT ? MAX_MULT : (int)m;
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++)
            y->v[r * y->nv + j] = em_bin(em, LLVMMul, val_at(em, a, r, y->nv == 1 ? 0 : j), val_at(em, b, r, y->nv == 1 ? 0 : j));
    return y;
}

Val *val_mul(Em *em, Val *a, Val *b)
{
    Val *y = product(em, a, b);
    y->natural = a->natural && b->natural;
    y->positive = a->positive && b->positive;
    return y;
}

/* ---- floor division ------------------------------------------------------------------------------------------- */

static int log2_of(int64_t c)
{
    int s = 0;
    while (s < 62 && ((int64_t)1 << s) < c)
        s++;
    return ((int64_t)1 << s) == c ? s : -1;
}

/* A divisor that cannot trap: 1 instead of 0 and -1 (whose quotient is -a). */
static LV safe_divisor(Em *em, LV b, LV *minus_one)
{
    int64_t c;
    LT t = LLVMTypeOf(b);
    *minus_one = NULL;
    if (be_const_value(b, &c) && c != 0 && c != -1)
        return b;
    *minus_one = em_icmp(em, LLVMIntEQ, b, be_const(t, -1));
    LV bad = em_bin(em, LLVMOr, *minus_one, em_icmp(em, LLVMIntEQ, b, be_zero(t)));
    return em_select(em, bad, be_const(t, 1), b);
}

LV be_floordiv(Em *em, LV a, LV b)
{
    int64_t c;
    LT t = LLVMTypeOf(a);
    if (be_const_value(b, &c) && c > 0 && log2_of(c) >= 0)
        return em_bin(em, LLVMAShr, a, be_const(t, log2_of(c)));
    LV minus_one, d = safe_divisor(em, b, &minus_one), zero = be_zero(t);
    LV q = em_bin(em, LLVMSDiv, a, d), rest = em_bin(em, LLVMSub, a, em_bin(em, LLVMMul, q, d));
    LV differs = em_icmp(em, LLVMIntSLT, em_bin(em, LLVMXor, rest, d), zero);
    LV down = em_bin(em, LLVMAnd, em_icmp(em, LLVMIntNE, rest, zero), differs);
    q = em_select(em, down, em_bin(em, LLVMSub, q, be_const(t, 1)), q);
    return minus_one ? em_select(em, minus_one, em_bin(em, LLVMSub, zero, a), q) : q;
}

LV be_floormod(Em *em, LV a, LV b)
{
    int64_t c;
    if (be_const_value(b, &c) && c > 0 && log2_of(c) >= 0)
        return em_bin(em, LLVMAnd, a, be_const(LLVMTypeOf(a), c - 1));
    return em_bin(em, LLVMSub, a, em_bin(em, LLVMMul, be_floordiv(em, a, b), b));
}

static LV op_exactdiv(Em *em, void *user, LV *x)
{
    LV minus_one, q = em_bin(em, LLVMSDiv, x[0], safe_divisor(em, x[1], &minus_one));
    (void)user;
    return minus_one ? em_select(em, minus_one, em_bin(em, LLVMSub, be_zero(LLVMTypeOf(q)), x[0]), q) : q;
}

static LV op_quotient(Em *em, void *user, LV *x);

static Val *divided(Em *em, Val **x, LV (*natural)(Em *, void *, LV *), LV (*any)(Em *, void *, LV *))
{
    bool both = x[0]->natural && x[1]->natural;
    Val *y = val_map(em, x[0]->t, 2, x, both ? natural : any, NULL);
    y->natural = both;
    return y;
}

/* The quotient of a that b divides. */
Val *val_exactdiv(Em *em, Val *a, Val *b)
{
    Val *x[] = { a, b };
    return divided(em, x, op_quotient, op_exactdiv);
}

/* By a divisor that is greater than 0: a rest below 0 says that the quotient was rounded up. */
static LV op_down(Em *em, void *user, LV *x)
{
    LV q = em_bin(em, LLVMSDiv, x[0], x[1]), rest = em_bin(em, LLVMSub, x[0], em_bin(em, LLVMMul, q, x[1]));
    (void)user;
    return em_bin(em, LLVMAdd, q, em_cast(em, LLVMSExt, em_icmp(em, LLVMIntSLT, rest, be_zero(LLVMTypeOf(q))), LLVMTypeOf(q)));
}

/* Of numbers that are never negative. */
static LV natural_divisor(Em *em, LV b)
{
    int64_t c;
    if (be_const_value(b, &c) && c != 0)
        return b;
    return em_select(em, em_icmp(em, LLVMIntEQ, b, be_zero(LLVMTypeOf(b))), be_const(LLVMTypeOf(b), 1), b);
}

static LV op_quotient(Em *em, void *user, LV *x) { (void)user; return em_bin(em, LLVMUDiv, x[0], natural_divisor(em, x[1])); }
static LV op_over(Em *em, void *user, LV *x) { (void)user; return em_bin(em, LLVMUDiv, x[0], x[1]); } /* by what is greater than 0 */
static LV op_rest(Em *em, void *user, LV *x) { (void)user; return em_bin(em, LLVMURem, x[0], natural_divisor(em, x[1])); }
static LV op_floordiv(Em *em, void *user, LV *x) { (void)user; return be_floordiv(em, x[0], x[1]); }
static LV op_floormod(Em *em, void *user, LV *x) { (void)user; return be_floormod(em, x[0], x[1]); }

/* A lane index over a constant of whole vectors: no vector crosses a multiple of it, so the quotient is one scalar for each. */
static bool whole_vectors(Em *em, const Val *a, const Val *b, int64_t *c)
{
    return em->W && !a->vec && a->coef == 1 && val_is_const(b, c) && *c > 0 && *c % em->W == 0 && a->mult % em->W == 0;
}

/* All vectors together lie between two multiples of c: the quotient is one scalar, the rest one lane index. */
static Val *step_quotient(Em *em, const Val *a, int64_t c, bool rest)
{
    Val *y = val_new(em, a->t, a->nr, 1, false);
    LV d = be_int(em->be, c);
    y->coef = rest;
    y->mult = rest ? be_pow2_of((int64_t)em->V * em->W) : 1;
    for (int r = 0; r < y->nr; r++)
        y->v[r] = (rest ? be_floormod : be_floordiv)(em, a->v[r], d);
    return y;
}

static Val *lane_quotient(Em *em, Val *a, int64_t c, bool rest)
{
    int64_t all = (int64_t)em->V * em->W;
    if (em->V > 1 && a->nv == 1 && c % all == 0 && a->mult % all == 0)
        return step_quotient(em, a, c, rest);
    Val *y = val_new(em, a->t, a->nr, em->V, false);
    LV d = be_int(em->be, c);
    y->coef = rest;
    y->mult = rest ? be_pow2_of(em->W) : 1;
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++) {
            LV x = val_at(em, a, r, j), q;
            if (a->nv == 1 && a->mult % c == 0) { /* all bases are multiples of c, so vector j is at j * W of one */
                int64_t off = (int64_t)j * em->W;
                q = rest ? be_int(em->be, off % c) : em_bin(em, LLVMAdd, be_floordiv(em, val_at(em, a, r, 0), d), be_int(em->be, off / c));
            } else {
                q = rest ? be_floormod(em, x, d) : be_floordiv(em, x, d);
            }
            y->v[r * y->nv + j] = q;
        }
    return y;
}

/* A lane index over a part of a vector: no vector begins within such a part. */
static bool part_vectors(Em *em, const Val *a, const Val *b, int64_t *c)
{
    return em->W && !a->vec && a->coef == 1 && val_is_const(b, c) && (*c == 2 || *c == 4 || *c == 8) && *c < em->W && a->mult % *c == 0;
}

static Val *part_quotient(Em *em, Val *a, int64_t c, bool rest)
{
    LV of[64], lanes;
    Val *y = val_new(em, a->t, rest ? 1 : a->nr, em->V, true);
    for (int i = 0; i < em->W; i++)
        of[i] = be_int(em->be, rest ? i % c : i / c);
    lanes = LLVMConstVector(of, (unsigned)em->W);
    if (!rest) {
        y->share = (int)c;
        y->first = val_new(em, a->t, a->nr, em->V, false);
    }
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++) {
            LV q = rest ? NULL : be_floordiv(em, val_at(em, a, r, j), be_int(em->be, c));
            y->v[r * y->nv + j] = rest ? lanes : em_bin(em, LLVMAdd, em_splat(em, q, em->W), lanes);
            if (!rest)
                y->first->v[r * y->nv + j] = q;
        }
    return y;
}

/* A lane index over what all lanes share and is not below 0: one division for each vector. */
static bool by_first_lane(Em *em, const Val *a, const Val *b)
{
    int64_t c;
    return em->W && !a->vec && a->coef == 1 && !val_varies(b) && b->nr == 1 && b->nv == 1 && (b->natural || (val_is_const(b, &c) && c > 0));
}

/* x: the rest of the first lane, and how far each lane is; below d + W. Quotient and rest by d, which is below W: numbers that floats hold. */
static LV small_quotient(Em *em, LV x, LV d, bool rest)
{
    LT i32 = be_vector(em->be->i32, em->W), f32 = be_vector(em->be->f32, em->W);
    LV n = em_cast(em, LLVMTrunc, x, i32), by = em_splat(em, em_cast(em, LLVMTrunc, d, em->be->i32), em->W);
    LV q = em_cast(em, LLVMFPToSI, em_bin(em, LLVMFDiv, em_cast(em, LLVMSIToFP, n, f32), em_cast(em, LLVMSIToFP, by, f32)), i32);
    return em_cast(em, LLVMSExt, rest ? em_bin(em, LLVMSub, n, em_bin(em, LLVMMul, q, by)) : q, LLVMTypeOf(x));
}

/* The first lane's quotient and rest; from there on a vector passes at most one multiple of what is W or more. */
static LV lanes_over(Em *em, LV first, LV d, bool rest)
{
    int64_t c;
    LV q = be_floordiv(em, first, d), from = em_bin(em, LLVMSub, first, em_bin(em, LLVMMul, q, d)), w = be_int(em->be, em->W);
    LV x = val_vec(em, &(Val){ .t = DT_i64, .nr = 1, .nv = 1, .coef = 1, .mult = 1, .v = &from }, 0, 0), by = em_splat(em, d, em->W), zero = be_zero(LLVMTypeOf(x));
    LV over = em_icmp(em, LLVMIntSGE, x, by);
    LV y = em_select(em, over, rest ? em_bin(em, LLVMSub, x, by) : be_const(LLVMTypeOf(x), 1), rest ? x : zero);
    if (!be_const_value(d, &c) || c < em->W) {
        LV less = em_select(em, em_icmp(em, LLVMIntSLT, d, w), d, w);
        y = em_select(em, em_splat(em, em_icmp(em, LLVMIntSLT, d, w), em->W), small_quotient(em, x, less, rest), y);
    }
    return rest ? y : em_bin(em, LLVMAdd, y, em_splat(em, q, em->W));
}

static Val *first_lane_quotient(Em *em, Val *a, Val *b, bool rest)
{
    Val *y = val_new(em, a->t, a->nr, em->V, true);
    LV d = natural_divisor(em, val_at(em, b, 0, 0));
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++)
            y->v[r * y->nv + j] = lanes_over(em, val_at(em, a, r, j), d, rest);
    if (rest)
        val_even_rest(em, y, a, d);
    y->natural = rest || a->natural;
    return y;
}

/* A constant whose division is a shift. */
static bool is_power(const Val *b)
{
    int64_t c;
    return val_is_const(b, &c) && c > 0 && log2_of(c) >= 0;
}

Val *val_floordiv(Em *em, Val *a, Val *b)
{
    int64_t c;
    if (val_is_const(b, &c) && c == 1)
        return a;
    if (whole_vectors(em, a, b, &c))
        return lane_quotient(em, a, c, false);
    if (part_vectors(em, a, b, &c))
        return part_quotient(em, a, c, false);
    bool power = is_power(b);
    if (!power && by_first_lane(em, a, b))
        return first_lane_quotient(em, a, b, false);
    Val *x[] = { a, b };
    return divided(em, x, power ? op_floordiv : b->positive ? op_over : op_quotient, b->positive && !power ? op_down : op_floordiv);
}

Val *val_mod(Em *em, Val *a, Val *b)
{
    int64_t c;
    if (val_is_const(b, &c) && c == 1)
        return val_int(em, 0);
    if (whole_vectors(em, a, b, &c))
        return lane_quotient(em, a, c, true);
    if (part_vectors(em, a, b, &c))
        return part_quotient(em, a, c, true);
    if (!is_power(b) && by_first_lane(em, a, b))
        return first_lane_quotient(em, a, b, true);
    Val *x[] = { a, b };
    Val *y = divided(em, x, is_power(b) ? op_floormod : op_rest, op_floormod);
    if (!y->vec && b->mult > 1)
        y->mult = a->mult < b->mult ? a->mult : b->mult;
    return y;
}

static LV op_minmax(Em *em, void *user, LV *x)
{
    bool max = *(bool *)user;
    return em_select(em, em_icmp(em, max ? LLVMIntSGT : LLVMIntSLT, x[0], x[1]), x[0], x[1]);
}

Val *val_minmax(Em *em, Val *a, Val *b, bool max)
{
    Val *x[] = { a, b };
    Val *y = val_map(em, a->t, 2, x, op_minmax, &max);
    val_even_bound(em, y, a, b, max);
    y->positive = max ? a->positive || b->positive : a->positive && b->positive;
    y->natural = y->positive || (max ? a->natural || b->natural : a->natural && b->natural);
    if (!y->vec)
        y->mult = a->mult < b->mult ? a->mult : b->mult;
    return y;
}

/* ---- comparisons of lane indices ----------------------------------------------------------------------------------- */

static LV lane_numbers(Em *em, int first)
{
    LV v[64];
    for (int i = 0; i < em->W; i++)
        v[i] = LLVMConstInt(em->be->i32, (unsigned)(first + i), 0);
    return LLVMConstVector(v, (unsigned)em->W);
}

/* base + lane p x, as lane p x - base in 32 bits: a quarter of the vectors that 64 would take. */
static LV compare_lanes(Em *em, LLVMIntPredicate p, LV base, LV x)
{
    Be *be = em->be;
    LV e[] = { x, base }, low = be_int(be, -1), high = be_int(be, em->W);
    LV d = em_intrinsic(em, MOVE_FREE, "llvm.ssub.sat", be->i64, NULL, 2, e);
    d = em_select(em, em_icmp(em, LLVMIntSLT, d, low), low, d);
    d = em_select(em, em_icmp(em, LLVMIntSGT, d, high), high, d);
    return em_icmp(em, p, lane_numbers(em, 0), em_splat(em, em_cast(em, LLVMTrunc, d, be->i32), em->W));
}

/* As above; the number of lanes that are left is known not to be negative, and is counted once for all vectors. */
Val *val_lanes_below(Em *em, LV base, LV end)
{
    LV n = em_bin(em, LLVMSub, end, base), most = be_int(em->be, (int64_t)em->V * em->W);
    n = em_select(em, em_icmp(em, LLVMIntSGT, n, most), most, n);
    n = em_splat(em, em_cast(em, LLVMTrunc, n, em->be->i32), em->W);
    Val *y = val_new(em, DT_bool, 1, em->V, true);
    for (int j = 0; j < em->V; j++)
        y->v[j] = em_icmp(em, LLVMIntSLT, lane_numbers(em, j * em->W), n);
    return y;
}

static LLVMIntPredicate turned(LLVMIntPredicate p)
{
    return p == LLVMIntSLT ? LLVMIntSGT : p == LLVMIntSLE ? LLVMIntSGE : p == LLVMIntSGT ? LLVMIntSLT : p == LLVMIntSGE ? LLVMIntSLE : p;
}

static LV op_icmp(Em *em, void *user, LV *x) { return em_icmp(em, *(LLVMIntPredicate *)user, x[0], x[1]); }

Val *val_compare(Em *em, int predicate, Val *a, Val *b)
{
    LLVMIntPredicate p = (LLVMIntPredicate)predicate;
    Val *x[] = { a, b };
    if (a->vec || b->vec || a->coef + b->coef != 1 || a->coef * b->coef != 0)
        return val_map(em, DT_bool, 2, x, op_icmp, &p);
    if (b->coef) {
        x[0] = b;
        x[1] = a;
        p = turned(p);
    }
    Val *y = val_new(em, DT_bool, a->nr > b->nr ? a->nr : b->nr, em->V, true);
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++)
            y->v[r * y->nv + j] = compare_lanes(em, p, val_at(em, x[0], r, j), val_at(em, x[1], r, j));
    return y;
}

/* A vector of bools made in another block, for use in this one: without mask registers it is carried as integers as wide as the
 * elements, whose signs the instructions take. */
LV be_carried_mask(Em *em, LV m)
{
    int n = be_lanes_of(m), bytes = n ? em->be->target.vector_bytes / n : 0;
    if (!n || em->be->target.avx512 || LLVMIsConstant(m) || em_level(em, m) == em->scopes.n - 1)
        return m;
    LT t = be_vector(bytes > 4 ? em->be->i64 : em->be->i32, n);
    LV wide = em_cast(em, LLVMSExt, m, t);
    LLVMPositionBuilderAtEnd(em->b, em->block);
    return em_raw(em, LLVMBuildICmp(em->b, LLVMIntSLT, wide, be_zero(t), ""));
}

/* ---- bools, choices, bounds -------------------------------------------------------------------------------------- */

Val *val_and(Em *em, Val *a, Val *b)
{
    if (!a || !b)
        return a ? a : b;
    return plain(em, LLVMAnd, a, b);
}

static LV op_not(Em *em, void *user, LV *x)
{
    (void)user;
    return em_bin(em, LLVMXor, x[0], LLVMConstAllOnes(LLVMTypeOf(x[0])));
}

Val *be_not(Em *em, Val *a) { return val_map(em, DT_bool, 1, &a, op_not, NULL); }

static LV op_select(Em *em, void *user, LV *x)
{
    (void)user;
    return em_select(em, x[0], x[1], x[2]);
}

Val *val_select(Em *em, Val *c, Val *a, Val *b)
{
    Val *x[] = { c, a, b };
    return val_map(em, a->t, 3, x, op_select, NULL);
}

LV val_any(Em *em, const Val *m)
{
    LV any = m->v[0];
    for (int i = 1; i < m->nr * m->nv; i++)
        any = em_bin(em, LLVMOr, any, m->v[i]);
    return m->vec ? em_intrinsic(em, MOVE_FREE, "llvm.vector.reduce.or", LLVMTypeOf(any), NULL, 1, &any) : any;
}

LV val_bound(Em *em, const Val *x, bool max)
{
    LV best = NULL;
    LT vt = be_vector(em->be->i64, em->W);
    for (int r = 0; r < x->nr; r++)
        for (int j = 0; j < x->nv; j++) {
            LV v = val_at(em, x, r, j);
            int64_t last = x->nv == 1 ? (int64_t)em->V * em->W - 1 : em->W - 1; /* of the lanes that v stands for */
            if (x->vec)
                v = em_intrinsic(em, MOVE_FREE, max ? "llvm.vector.reduce.smax" : "llvm.vector.reduce.smin", vt, NULL, 1, &v);
            else if (x->coef && (x->coef > 0) == max)
                v = em_bin(em, LLVMAdd, v, be_int(em->be, x->coef * last));
            LV e[] = { best, v };
            best = best ? op_minmax(em, &max, e) : v;
        }
    return best;
}
