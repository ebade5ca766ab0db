/* be_math_scale.c - products with powers of two that are rounded once, down to the smallest subnormal and up to infinity; floats and
 * doubles alike. AVX-512 has an instruction for it; elsewhere two steps, of which the first is exact.
 */
#include "backend/be_math_int.h"

static bool has_scalef(const Em *em, LV x)
{
    unsigned bytes = be_lanes_of(x) * (m_is_double(x) ? 8 : 4);
    return em->be->target.avx512 && (bytes == 64 || bytes == 32);
}

/* x 2^n, rounded once, for whole n. */
static LV scalef(Em *em, LV x, LV n)
{
    static const char *const names[2][2] = { { "llvm.x86.avx512.mask.scalef.ps.256", "llvm.x86.avx512.mask.scalef.ps.512" },
                                             { "llvm.x86.avx512.mask.scalef.pd.256", "llvm.x86.avx512.mask.scalef.pd.512" } };
    bool real64 = m_is_double(x), wide = be_lanes_of(x) == (real64 ? 8 : 16);
    LV mask = LLVMConstAllOnes(be_lanes_of(x) == 16 ? em->be->i16 : em->be->i8);
    LV a[] = { x, n, m_k(x, 0), mask, be_const(em->be->i32, 4) }; /* 4: the rounding that is set */
    return em_intrinsic(em, MOVE_FREE, names[real64][wide], NULL, NULL, wide ? 5 : 4, a);
}

/* 2^n as *first * *second, which are normal for n from -150 to 128 (doubles: -1080 to 1024). t: n + magic, whose last bits are n and twice
 * the bias, so what halves it leaves two biased exponents; all above them leaves the register. */
static void two_powers(Em *em, LV t, LV *first, LV *second)
{
    LV bits = m_bits(em, t), place = be_const(LLVMTypeOf(bits), m_is_double(t) ? 52 : 23), half = em_bin(em, LLVMLShr, bits, be_const(LLVMTypeOf(bits), 1));
    *first = m_real(em, em_bin(em, LLVMShl, half, place), t);
    *second = m_real(em, em_bin(em, LLVMShl, em_bin(em, LLVMSub, bits, half), place), t);
}

LV be_scale_by(Em *em, LV y, LV n, LV t)
{
    LV first, second;
    if (has_scalef(em, y))
        return scalef(em, y, n);
    two_powers(em, t, &first, &second);
    return m_mul(em, m_mul(em, y, first), second);
}

/* Where what underflows altogether is sent: there both halves are 0, and scalef knows at once. Just below the least subnormal, and at subnormals,
 * Intel's processors call for help (100 ns a vector). */
double be_scale_far(const Em *em, LV x)
{
    if (has_scalef(em, x))
        return m_is_double(x) ? -0x1p14 : -0x1p10;
    return m_is_double(x) ? -1418.3 : -176.1;
}

/* The sum is rounded where the first step is. */
LV be_scale_one_and(Em *em, LV p, LV n, LV t)
{
    LV first, second;
    if (has_scalef(em, p))
        return scalef(em, m_add(em, p, m_k(p, 1)), n);
    two_powers(em, t, &first, &second);
    return m_mul(em, m_fma(em, p, first, first), second);
}
