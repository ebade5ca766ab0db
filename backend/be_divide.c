/* be_divide.c - a block of quotients by a number that all of them share (scores by the root of the features).
 *
 * A division takes as long as ten products and more. By a power of two with a reciprocal that is a normal number, the product with that is the
 * quotient, to the bit: it is rounded where the quotient is, from the same value. Whether it is one is asked when the code runs.
 */
#include <string.h>

#include "backend/be_int.h"

enum { MANY = 8, MOST = 64 };         /* vectors */
enum { POINT = 23, ONE = 127, LEAST = 2, WIDTH = 251 }; /* a float's places behind the point; exponents as they are stored */

static LV int32(Em *em, uint32_t x) { return be_const(em->be->i32, x); }

static LV is_power(Em *em, LV bits)
{
    LV rest = em_bin(em, LLVMAnd, bits, int32(em, (1u << POINT) - 1)), above = em_bin(em, LLVMSub, bits, int32(em, LEAST << POINT));
    return em_bin(em, LLVMAnd, em_icmp(em, LLVMIntEQ, rest, int32(em, 0)), em_icmp(em, LLVMIntULT, above, int32(em, (uint32_t)WIDTH << POINT)));
}

Val *be_divide_shared(Em *em, const IrNode *n, Val *const *x)
{
    const Val *by = n->nin == 2 ? x[1] : NULL;
    bool can = n->op == OP_div && n->type.dtype == DT_f32 && n->in[0]->type.dtype == DT_f32 && x[0]->vec && !by->vec && by->nr == 1 && by->nv == 1;
    int k = can ? x[0]->nr * x[0]->nv : 0;
    if (k < MANY || k > MOST || LLVMIsConstant(by->v[0]))
        return NULL;
    int nr = x[0]->nr, nv = x[0]->nv;
    LV bits = em_cast(em, LLVMBitCast, by->v[0], em->be->i32), state[MOST];
    LV turned = em_cast(em, LLVMBitCast, em_bin(em, LLVMSub, int32(em, 2u * ONE << POINT), bits), em->be->f32);
    Val *factor = val_spread(em, val_scalar(em, DT_f32, turned), nr, nv, true), *divisor = val_spread(em, by, nr, nv, true), *y = val_new(em, DT_f32, nr, nv, true);
    memcpy(state, x[0]->v, (size_t)k * sizeof *state);
    Cond c = em_if(em, is_power(em, bits), k, state);
    for (int i = 0; i < k; i++)
        state[i] = em_bin(em, LLVMFMul, x[0]->v[i], factor->v[i]);
    em_else(em, &c, state);
    for (int i = 0; i < k; i++)
        state[i] = em_bin(em, LLVMFDiv, x[0]->v[i], divisor->v[i]);
    em_end_if(em, &c, state);
    memcpy(y->v, state, (size_t)k * sizeof *state);
    return y;
}
