/* be_float.c - roundings that LLVM would leave to library calls, and functions that the runtime computes. */
#include <stddef.h>

#include "backend/be_int.h"

/* f64 to f32 by rounding to odd: a later rounding to 16 bits is then as if from the f64 (Boldo and Melquiond 2008). */
LV be_round_odd(Em *em, LV x)
{
    Be *be = em->be;
    int n = be_lanes_of(x);
    LT f32 = be_vector(be->f32, n), i32 = be_vector(be->i32, n), f64 = be_vector(be->f64, n);
    LV y = em_cast(em, LLVMFPTrunc, x, f32), back = em_cast(em, LLVMFPExt, y, f64), bits = em_cast(em, LLVMBitCast, y, i32);
    LV inexact = em_fcmp(em, LLVMRealONE, back, x);
    LV even = em_icmp(em, LLVMIntEQ, em_bin(em, LLVMAnd, bits, be_const(i32, 1)), be_zero(i32));
    LV ax = em_intrinsic(em, MOVE_FREE, "llvm.fabs", f64, NULL, 1, &x), ab = em_intrinsic(em, MOVE_FREE, "llvm.fabs", f64, NULL, 1, &back);
    LV too_large = em_fcmp(em, LLVMRealOGT, ab, ax);
    LV moved = em_select(em, too_large, em_bin(em, LLVMSub, bits, be_const(i32, 1)), em_bin(em, LLVMAdd, bits, be_const(i32, 1)));
    LV odd = em_select(em, em_bin(em, LLVMAnd, inexact, even), moved, bits);
    return em_cast(em, LLVMBitCast, odd, f32);
}

static LV round_bf16(Em *em, LV x)
{
    int n = be_lanes_of(x);
    LT i32 = be_vector(em->be->i32, n);
    LV w = em_cast(em, LLVMBitCast, x, i32);
    LV lsb = em_bin(em, LLVMAnd, em_bin(em, LLVMLShr, w, be_const(i32, 16)), be_const(i32, 1));
    LV up = em_bin(em, LLVMAdd, em_bin(em, LLVMAdd, w, be_const(i32, 0x7fff)), lsb);
    LV nan = em_fcmp(em, LLVMRealUNO, x, x);
    LV y = em_select(em, nan, em_bin(em, LLVMOr, w, be_const(i32, 0x400000)), up);
    return em_cast(em, LLVMBitCast, em_bin(em, LLVMAnd, y, be_const(i32, -65536)), LLVMTypeOf(x));
}

/* Normal results: add half of the last place in the integers; subnormal ones: let an addition of 0.5 round to 2^-24. */
static LV round_f16_bits(Em *em, LV x)
{
    int n = be_lanes_of(x);
    LT i32 = be_vector(em->be->i32, n), t = LLVMTypeOf(x);
    LV w = em_cast(em, LLVMBitCast, x, i32), mag = em_bin(em, LLVMAnd, w, be_const(i32, 0x7fffffff));
    LV lsb = em_bin(em, LLVMAnd, em_bin(em, LLVMLShr, mag, be_const(i32, 13)), be_const(i32, 1));
    LV up = em_bin(em, LLVMAnd, em_bin(em, LLVMAdd, em_bin(em, LLVMAdd, mag, be_const(i32, 0xfff)), lsb), be_const(i32, -8192));
    LV inf = em_select(em, em_icmp(em, LLVMIntSGE, up, be_const(i32, 0x47800000)), be_const(i32, 0x7f800000), up);
    LV half = be_real(t, 0.5), sub = em_bin(em, LLVMFSub, em_bin(em, LLVMFAdd, em_cast(em, LLVMBitCast, mag, t), half), half);
    LV y = em_select(em, em_icmp(em, LLVMIntSLT, mag, be_const(i32, 0x38800000)), em_cast(em, LLVMBitCast, sub, i32), inf);
    LV nan = em_icmp(em, LLVMIntSGT, mag, be_const(i32, 0x7f800000));
    y = em_select(em, nan, be_const(i32, 0x7fc00000), y);
    return em_cast(em, LLVMBitCast, em_bin(em, LLVMOr, y, em_bin(em, LLVMAnd, w, be_const(i32, INT32_MIN))), t);
}

LV be_round16(Em *em, IrDtype t, LV x)
{
    Be *be = em->be;
    if (t != DT_f16 && t != DT_bf16)
        return x;
    if (LLVMGetTypeKind(be_elem(LLVMTypeOf(x))) == LLVMDoubleTypeKind)
        x = be_round_odd(em, x);
    if (t == DT_bf16)
        return round_bf16(em, x);
    if (!be->target.f16c)
        return round_f16_bits(em, x);
    int n = be_lanes_of(x);
    return em_cast(em, LLVMFPExt, em_cast(em, LLVMFPTrunc, x, be_vector(be->f16, n)), LLVMTypeOf(x));
}

/* ---- fused multiply-add ------------------------------------------------------------------------------------------- */

static LV fma_of(Em *em, LV a, LV b, LV c)
{
    LV x[] = { a, b, c };
    return em_intrinsic(em, MOVE_FREE, "llvm.fma", LLVMTypeOf(a), NULL, 3, x);
}

/* a + b to odd in f64: the rounding error of a sum is exact (Knuth's two-sum) and says which way to go. */
static LV add_odd(Em *em, LV a, LV b)
{
    LT t = LLVMTypeOf(a), i64 = be_vector(em->be->i64, be_lanes_of(a));
    LV s = em_bin(em, LLVMFAdd, a, b), bb = em_bin(em, LLVMFSub, s, a);
    LV e = em_bin(em, LLVMFAdd, em_bin(em, LLVMFSub, a, em_bin(em, LLVMFSub, s, bb)), em_bin(em, LLVMFSub, b, bb));
    LV bits = em_cast(em, LLVMBitCast, s, i64), one = be_const(i64, 1);
    LV even = em_icmp(em, LLVMIntEQ, em_bin(em, LLVMAnd, bits, one), be_zero(i64));
    LV inexact = em_fcmp(em, LLVMRealONE, e, be_zero(t));
    LV away = em_icmp(em, LLVMIntSGE, em_bin(em, LLVMXor, em_cast(em, LLVMBitCast, e, i64), bits), be_zero(i64));
    LV moved = em_select(em, away, em_bin(em, LLVMAdd, bits, one), em_bin(em, LLVMSub, bits, one));
    return em_cast(em, LLVMBitCast, em_select(em, em_bin(em, LLVMAnd, even, inexact), moved, bits), t);
}

/* Two factors of 26 bits each, so that products of parts are exact (Dekker, Veltkamp). */
static void split(Em *em, LV x, LV *hi, LV *lo)
{
    LV c = em_bin(em, LLVMFMul, x, be_real(LLVMTypeOf(x), 134217729.0));
    *hi = em_bin(em, LLVMFSub, c, em_bin(em, LLVMFSub, c, x));
    *lo = em_bin(em, LLVMFSub, x, *hi);
}

/* Without the instruction, in f64: product and sum as two numbers each. Right where neither overflows nor underflows on the way. */
static LV fma_f64(Em *em, LV a, LV b, LV c)
{
    LV ah, al, bh, bl, p = em_bin(em, LLVMFMul, a, b), e;
    split(em, a, &ah, &al);
    split(em, b, &bh, &bl);
    e = em_bin(em, LLVMFSub, em_bin(em, LLVMFMul, ah, bh), p);
    e = em_bin(em, LLVMFAdd, e, em_bin(em, LLVMFMul, ah, bl));
    e = em_bin(em, LLVMFAdd, e, em_bin(em, LLVMFMul, al, bh));
    e = em_bin(em, LLVMFAdd, e, em_bin(em, LLVMFMul, al, bl));
    LV s = em_bin(em, LLVMFAdd, p, c), bb = em_bin(em, LLVMFSub, s, p);
    LV t = em_bin(em, LLVMFAdd, em_bin(em, LLVMFSub, p, em_bin(em, LLVMFSub, s, bb)), em_bin(em, LLVMFSub, c, bb));
    LV y = em_bin(em, LLVMFAdd, s, add_odd(em, t, e)), plain = em_bin(em, LLVMFAdd, p, c);
    return em_select(em, em_fcmp(em, LLVMRealUNO, y, y), plain, y);
}

LV be_fma(Em *em, LV a, LV b, LV c)
{
    if (em->be->target.fma)
        return fma_of(em, a, b, c);
    if (LLVMGetTypeKind(be_elem(LLVMTypeOf(a))) == LLVMDoubleTypeKind)
        return fma_f64(em, a, b, c);
    LT f64 = be_vector(em->be->f64, be_lanes_of(a));
    LV p = em_bin(em, LLVMFMul, em_cast(em, LLVMFPExt, a, f64), em_cast(em, LLVMFPExt, b, f64));
    return em_cast(em, LLVMFPTrunc, add_odd(em, p, em_cast(em, LLVMFPExt, c, f64)), LLVMTypeOf(a));
}

LV be_fma_fast(Em *em, LV a, LV b, LV c)
{
    return em->be->target.fma ? fma_of(em, a, b, c) : em_bin(em, LLVMFAdd, em_bin(em, LLVMFMul, a, b), c);
}

/* ---- the runtime's functions ---------------------------------------------------------------------------------------- */

static const int math_numbers[OP_scalar_end] = {
#define MATH(name, number, in, value) [OP_##name] = number,
#include "runtime/math.def"
#undef MATH
};

static LV math_scalar(Em *em, IrOp op, int n, LV *x)
{
    Be *be = em->be;
    LT from = LLVMTypeOf(x[0]), p[] = { be->i64, be->f64, be->f64 };
    LT type = LLVMFunctionType(be->f64, p, (unsigned)n + 1, 0);
    LV f = be_rt(em, n == 1 ? offsetof(MlcrtRt, math1) : offsetof(MlcrtRt, math2));
    LV args[3] = { be_int(be, math_numbers[op]) };
    for (int i = 0; i < n; i++)
        args[i + 1] = em_cast(em, LLVMFPExt, x[i], be->f64);
    LV y = em_callptr(em, MOVE_SAFE, type, f, n + 1, args);
    return from == be->f64 ? y : em_cast(em, LLVMFPTrunc, y, from);
}

/* Lane by lane in a loop, through the stack: the functions are long, the code should be short. */
static LV math_loop(Em *em, IrOp op, int n, LV *x, int lanes)
{
    Be *be = em->be;
    LT elem = be_elem(LLVMTypeOf(x[0]));
    LV place[2], none = be_int(be, 0);
    for (int k = 0; k < n; k++) {
        place[k] = em_alloca(em, LLVMTypeOf(x[k]), 64);
        em_store(em, x[k], place[k], 64);
    }
    Loop l = em_loop(em, none, be_int(be, lanes), 1, 0, NULL);
    LV e[2], to = em_gep(em, elem, place[0], l.iv);
    for (int k = 0; k < n; k++)
        e[k] = em_load_now(em, elem, em_gep(em, elem, place[k], l.iv));
    em_store(em, math_scalar(em, op, n, e), to, 4);
    em_loop_end(em, &l, NULL);
    return em_load_now(em, LLVMTypeOf(x[0]), place[0]);
}

static LV math_lanes(Em *em, IrOp op, int n, LV *x)
{
    int lanes = be_lanes_of(x[0]);
    if (!math_numbers[op])
        be_fail(em->be, "internal: the runtime has no function '%s'", ir_ops[op].name);
    return lanes ? math_loop(em, op, n, x, lanes) : math_scalar(em, op, n, x);
}

LV be_math1(Em *em, IrOp op, LV x) { return math_lanes(em, op, 1, &x); }

LV be_math2(Em *em, IrOp op, LV x, LV y)
{
    LV e[] = { x, y };
    return math_lanes(em, op, 2, e);
}
