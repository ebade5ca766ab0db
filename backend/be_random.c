/* be_random.c - Keys and draws: Philox 4x32-10 as in runtime/random.h, the same words in vectors (Salmon, Moraes, Dror, Shaw 2011).
 *
 * Words are kept in 64 bits, so that a product of two is one 32 x 32 -> 64 multiplication. What all lanes share, the key and the place as a
 * rule, are scalars.
 */
#include <stdio.h>

#include "backend/be_int.h"

static const uint32_t mul0 = 0xD2511F53, mul1 = 0xCD9E8D57, weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
static const uint64_t place_step = 0x9E3779B97F4A7C15;

/* An operation of a vector and a scalar, too. */
static LV mixed(Em *em, LLVMOpcode op, LV a, LV b)
{
    int na = be_lanes_of(a), nb = be_lanes_of(b);
    return em_bin(em, op, na < nb ? em_splat(em, a, nb) : a, nb < na ? em_splat(em, b, na) : b);
}

static LV xor3(Em *em, LV a, LV b, LV c)
{
    bool both_scalar = !be_lanes_of(b) && !be_lanes_of(c); /* these first */
    return both_scalar ? mixed(em, LLVMXor, a, em_bin(em, LLVMXor, b, c)) : mixed(em, LLVMXor, mixed(em, LLVMXor, a, b), c);
}

static LV low(Em *em, LV x) { return em_bin(em, LLVMAnd, x, be_const(LLVMTypeOf(x), 0xffffffff)); }
static LV high(Em *em, LV x) { return em_bin(em, LLVMLShr, x, be_const(LLVMTypeOf(x), 32)); }
static LV both(Em *em, LV lo, LV hi) { return em_bin(em, LLVMOr, lo, em_bin(em, LLVMShl, hi, be_const(LLVMTypeOf(hi), 32))); }

static LV times(Em *em, LV x, uint32_t by) { return em_bin(em, LLVMMul, x, be_const(LLVMTypeOf(x), by)); }

/* The upper halves of words are anything here: a multiplication takes the lower ones, which costs it nothing. */
static void philox_round(Em *em, LV x[4], LV k[2])
{
    LV p0 = times(em, low(em, x[0]), mul0), p1 = times(em, low(em, x[2]), mul1);
    LV y0 = xor3(em, high(em, p1), x[1], k[0]), y2 = xor3(em, high(em, p0), x[3], k[1]);
    x[0] = y0;
    x[1] = p1;
    x[2] = y2;
    x[3] = p0;
    k[0] = em_bin(em, LLVMAdd, k[0], be_const(LLVMTypeOf(k[0]), weyl0));
    k[1] = em_bin(em, LLVMAdd, k[1], be_const(LLVMTypeOf(k[1]), weyl1));
}

enum { ROUNDS = 10, TURN = 3 }; /* rounds of a turn, so that calls that follow one another still overlap */

/* As a loop, a half of the code for LLVM. The first round stands before it: half of what it multiplies is the same for all lanes. */
static void philox(Em *em, LV x[4], LV k0, LV k1)
{
    LV state[] = { x[0], x[1], x[2], x[3], k0, k1 };
    philox_round(em, state, state + 4);
    int n0 = be_lanes_of(state[0]), n2 = be_lanes_of(state[2]), lanes = n0 > n2 ? n0 : n2, turn = lanes ? TURN : 1;
    for (int i = 0; i < 4; i++)
        state[i] = be_lanes_of(state[i]) < lanes ? em_splat(em, state[i], lanes) : state[i];
    Loop l = em_loop(em, be_int(em->be, 1), be_int(em->be, ROUNDS), turn, 6, state);
    for (int i = 0; i < turn; i++)
        philox_round(em, state, state + 4);
    em_loop_end(em, &l, state);
    for (int i = 0; i < 4; i++)
        x[i] = low(em, state[i]);
}

/* The four words of block(key, place, element); key in two halves. */
static void block(Em *em, LV w0, LV w1, LV place, LV element, LV x[4])
{
    LV t = mixed(em, LLVMXor, w1, em_bin(em, LLVMMul, place, be_const(LLVMTypeOf(place), (int64_t)place_step)));
    x[0] = element;
    x[1] = high(em, element);
    x[2] = t;
    x[3] = high(em, t);
    philox(em, x, w0, high(em, w0));
}

static LV key_of(Em *em, LV lo, LV hi)
{
    LT t = be_vector(em->be->i128, be_lanes_of(lo));
    return em_bin(em, LLVMOr, em_cast(em, LLVMZExt, lo, t), em_bin(em, LLVMShl, em_cast(em, LLVMZExt, hi, t), be_const(t, 64)));
}

static LV write_bits(Em *em, const void *user, LV *a)
{
    LV x[4];
    (void)user;
    block(em, a[0], a[1], a[2], a[3], x);
    return both(em, x[0], x[1]);
}

static LV write_fold(Em *em, const void *user, LV *a)
{
    LV x[4];
    (void)user;
    block(em, a[0], a[1], be_int(em->be, -1), a[2], x);
    return key_of(em, both(em, x[0], x[1]), both(em, x[2], x[3]));
}

/* One function for each number of lanes and choice of operands that are vectors. */
static LV outlined(Em *em, const char *what, LT element, int n, LV *a, Outlined *write)
{
    char name[32];
    int lanes = 0, at = snprintf(name, sizeof name, "%s_", what);
    for (int i = 0; i < n; i++) {
        int own = be_lanes_of(a[i]);
        lanes = own > lanes ? own : lanes;
        name[at++] = own ? 'v' : 's';
    }
    name[at] = 0;
    return be_outlined(em, name, be_vector(element, lanes), n, a, write, NULL);
}

static LV random_bits(Em *em, void *user, LV *a)
{
    (void)user;
    return outlined(em, "random_bits", em->be->i64, 4, a, write_bits);
}

static LV key_fold(Em *em, void *user, LV *a)
{
    (void)user;
    return outlined(em, "key_fold", em->be->i128, 3, a, write_fold);
}

static LV half_of(Em *em, void *user, LV *x)
{
    int n = be_lanes_of(x[0]);
    LV v = *(int *)user ? em_bin(em, LLVMLShr, x[0], be_const(LLVMTypeOf(x[0]), 64)) : x[0];
    return em_cast(em, LLVMTrunc, v, be_vector(em->be->i64, n));
}

LV be_key_new(Em *em, LV seed) { return em_cast(em, LLVMZExt, seed, be_vector(em->be->i128, be_lanes_of(seed))); }

/* Keys come in two halves of 64 bits: one that does not vary stays out of the vectors. */
Val *be_draw(Em *em, IrNode *n, Val **x)
{
    int first = 0, second = 1;
    Val *e[4] = { val_map(em, DT_u64, 1, x, half_of, &first), val_map(em, DT_u64, 1, x, half_of, &second), x[1], x[2] };
    if (n->op == OP_key_fold)
        return val_map_mixed(em, DT_key, 3, e, key_fold, NULL);
    return val_map_mixed(em, DT_u64, 4, e, random_bits, NULL);
}
