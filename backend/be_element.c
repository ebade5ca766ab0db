/* be_element.c - elements as they lie in memory and as they are computed with: bools are bytes, 16-bit floats f32. */
#include "backend/be_int.h"

static LV half_bits_to_float(Em *em, LV x)
{
    /* without F16C: the exponent is moved by a multiplication, which is exact and makes subnormals right */
    Be *be = em->be;
    int n = be_lanes_of(x);
    LT i32 = be_vector(be->i32, n), f32 = be_vector(be->f32, n);
    LV w = em_cast(em, LLVMZExt, x, i32);
    LV sign = em_bin(em, LLVMShl, em_bin(em, LLVMAnd, w, be_const(i32, 0x8000)), be_const(i32, 16));
    LV bits = em_bin(em, LLVMShl, em_bin(em, LLVMAnd, w, be_const(i32, 0x7fff)), be_const(i32, 13));
    LV f = em_bin(em, LLVMFMul, em_cast(em, LLVMBitCast, bits, f32), be_real(f32, 0x1p112));
    LV inf = em_icmp(em, LLVMIntSGE, bits, be_const(i32, 0x7c00 << 13));
    LV y = em_select(em, inf, em_bin(em, LLVMOr, bits, be_const(i32, 0x7f800000)), em_cast(em, LLVMBitCast, f, i32));
    return em_cast(em, LLVMBitCast, em_bin(em, LLVMOr, y, sign), f32);
}

LV be_from_mem(Em *em, IrDtype t, LV x)
{
    Be *be = em->be;
    int n = be_lanes_of(x);
    switch (t) {
    case DT_bool: return em_icmp(em, LLVMIntNE, x, be_zero(LLVMTypeOf(x)));
    case DT_f16:
        if (!be->target.f16c)
            return half_bits_to_float(em, x);
        return em_cast(em, LLVMFPExt, em_cast(em, LLVMBitCast, x, be_vector(be->f16, n)), be_vector(be->f32, n));
    case DT_bf16: {
        LT i32 = be_vector(be->i32, n);
        LV w = em_bin(em, LLVMShl, em_cast(em, LLVMZExt, x, i32), be_const(i32, 16));
        return em_cast(em, LLVMBitCast, w, be_vector(be->f32, n));
    }
    default: return x;
    }
}

/* The value holds a 16-bit number already, so this only drops bits that are zero (or, of a NaN, do not matter). */
LV be_to_mem(Em *em, IrDtype t, LV x)
{
    Be *be = em->be;
    int n = be_lanes_of(x);
    LT i16 = be_vector(be->i16, n), i32 = be_vector(be->i32, n);
    if (t == DT_bool)
        return em_cast(em, LLVMZExt, x, be_vector(be->i8, n));
    if (t == DT_bf16)
        return em_cast(em, LLVMTrunc, em_bin(em, LLVMLShr, em_cast(em, LLVMBitCast, x, i32), be_const(i32, 16)), i16);
    if (t != DT_f16)
        return x;
    if (be->target.f16c)
        return em_cast(em, LLVMBitCast, em_cast(em, LLVMFPTrunc, x, be_vector(be->f16, n)), i16);
    LT f32 = be_vector(be->f32, n);
    LV w = em_cast(em, LLVMBitCast, x, i32), mag = em_bin(em, LLVMAnd, w, be_const(i32, 0x7fffffff));
    LV sign = em_bin(em, LLVMAnd, em_bin(em, LLVMLShr, w, be_const(i32, 16)), be_const(i32, 0x8000));
    LV small = em_bin(em, LLVMFMul, em_cast(em, LLVMBitCast, mag, f32), be_real(f32, 0x1p-112));
    LV bits = em_bin(em, LLVMLShr, em_cast(em, LLVMBitCast, small, i32), be_const(i32, 13));
    LV nan = em_bin(em, LLVMOr, em_bin(em, LLVMAnd, em_bin(em, LLVMLShr, mag, be_const(i32, 13)), be_const(i32, 0x3ff)), be_const(i32, 0x7c00));
    bits = em_select(em, em_icmp(em, LLVMIntSGE, mag, be_const(i32, 0x7f800000)), nan, bits);
    return em_cast(em, LLVMTrunc, em_bin(em, LLVMOr, bits, sign), i16);
}
