/* be_reduce_op.c - the operators of reductions: what changes nothing, and how two values become one. */
#include "backend/be_reduce_int.h"

static LV highest(Em *em, IrDtype t, bool top)
{
    LT lt = be_val_type(em->be, t);
    if (dtype_is_float(t))
        return be_real(lt, top ? __builtin_inf() : -__builtin_inf());
    int bits = dtype_bytes(t) * 8;
    bool sign = dtype_is_signed(t);
    uint64_t all = UINT64_MAX >> (64 - bits), m = sign ? all >> 1 : all;
    return LLVMConstInt(lt, top ? m : sign ? ~m & all : 0, 0);
}

LV red_identity(Em *em, RedOp op, IrDtype t, int lanes)
{
    LT lt = be_val_type(em->be, t);
    LV x = be_zero(lt);
    if (op == RED_prod)
        x = dtype_is_float(t) ? be_real(lt, 1) : LLVMConstInt(lt, 1, 0);
    else if (op == RED_all)
        x = LLVMConstInt(lt, 1, 0);
    else if (op == RED_max || op == RED_min)
        x = highest(em, t, op == RED_min);
    return lanes ? em_splat(em, x, lanes) : x;
}

LV red_combine(Em *em, const Red *red, LV a, LV b)
{
    bool real = dtype_is_float(red->in);
    switch (red->op) {
    case RED_sum: return em_bin(em, real ? LLVMFAdd : LLVMAdd, a, b);
    case RED_count: return em_bin(em, LLVMAdd, a, b);
    case RED_prod: return em_bin(em, real ? LLVMFMul : LLVMMul, a, b);
    case RED_max: return be_max(em, red->in, a, b, true);
    case RED_min: return be_max(em, red->in, a, b, false);
    case RED_all: return em_bin(em, LLVMAnd, a, b);
    default: return em_bin(em, LLVMOr, a, b);
    }
}
