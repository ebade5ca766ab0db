/* be_math_long_erf.c - erf and erfc of f64 to the last place, for vectors of every width; targets with a fused multiply-add only. */
#include "backend/be_math_int.h"

/* erf x = x + x q(x^2) on [0, 1], to 2^-56; log(1 - erf x) = p(x - 1) on [1, 5.95], to 2^-56 of erf */
static const double erf_q[] = { 0x1.06eba8214db69p-3, -0x1.812746b0379e6p-2, 0x1.ce2f21a042b34p-4, -0x1.b82ce31284f36p-6, 0x1.565bcd0dbd8e4p-8,
                                -0x1.c02db3db48d69p-11, 0x1.f9a321e4a7e77p-14, -0x1.f4d1e433a29edp-17, 0x1.b9df305032fafp-20, -0x1.5f1f409e08376p-23,
                                0x1.f7b99a151518fp-27, -0x1.38ac1974adee8p-30, 0x1.062744993168ap-34 };
static const double erf_p[] = { -0x1.d97fbf27aa2a1p+0, -0x1.51c9b0006c21ap+1, -0x1.afabc11a2afdap-1, -0x1.5477f099b6c43p-5, 0x1.48c9d37fc173ep-7,
                                -0x1.033f5a12eef05p-9, 0x1.f1b04a8bef058p-13, 0x1.b92dd9c180ceep-16, -0x1.c852aa9f2694ep-16, 0x1.448465fb2dd0fp-17,
                                -0x1.1e247ae6ae70dp-19, 0x1.b7cf82d3f8318p-23, 0x1.f25bd8330b9b6p-25, -0x1.1ed86ef10835dp-25, 0x1.24b88a7867c04p-27,
                                -0x1.6a9e3872a990dp-30, 0x1.066c13e6d423ep-33, -0x1.5660da5b770ecp-38 };

LV be_erf_f64(Em *em, LV x)
{
    LV a = m_abs(em, x), one = m_k(x, 1), z = m_mul(em, x, x);
    LV small = m_fma(em, x, m_poly(em, z, 13, erf_q), x);
    LV e = be_exp_f64(em, m_poly(em, m_sub(em, m_clamp(em, a, 1, 5.95), one), 18, erf_p));
    LV large = m_copysign(em, m_sub(em, one, e), x);
    return em_select(em, m_gt(em, a, one), large, em_select(em, em_fcmp(em, LLVMRealUNO, x, x), x, small));
}

/* erfc a = s q(s - 3/8) e^(-a^2), s = 1 / (1 + 9/32 a), on [0, 27.3], to 2^-56; the first coefficient in two parts */
static const double erfc_low = 0x1.5b31e85ca96cdp-56;
static const double erfc_q[] = { 0x1.006cbd9daf2cep-2, 0x1.7d22bc19af6d6p-2, 0x1.fe7903cf9dcccp-2, 0x1.3077eaf7197e5p-1, 0x1.3dc1f8f6ff17bp-1,
                                 0x1.19a9608342ff1p-1, 0x1.90a0c198bf9aep-2, 0x1.8b2a81a1b70bap-3, 0x1.aa2457697fc39p-6, -0x1.cd9c69b5f5906p-5,
                                 -0x1.a76f0e7ad0d47p-5, -0x1.b5c30f4cc7b28p-8, 0x1.73b9d5dc22455p-6, 0x1.0015e163eff42p-6, -0x1.84e076805b9ecp-8,
                                 -0x1.9064c0510c9f7p-7, -0x1.7342a0b8ed57cp-11, 0x1.2699fc5bbfd62p-7, 0x1.28a81d1465918p-9, -0x1.1e36b7970de1ep-7,
                                 0x1.b6889d344ae5ap-9, 0x1.0b550d882253bp-10, -0x1.65d2f2cc9388fp-11 };
static const double erfc_slope[] = { 0.367, 0.82, 1.91, 5.41 }; /* about q' */
static const double ln2_lo = -0x1.718432a1b0e26p-35; /* the rest of what be_reduce_exp takes away */

/* As in single precision (be_math_f32.c): the last product and sum of the polynomial, the square and the factors in two parts;
 * what s lacks goes to the polynomial, too. */
LV be_erfc_f64(Em *em, LV x)
{
    LV far = m_k(x, 27.3), near = m_abs(em, x), a = em_select(em, m_gt(em, near, far), far, near), lack, s = be_erfc_variable(em, a, 0.28125, &lack);
    LV v = m_sub(em, s, m_k(x, 0.375)), c0 = m_k(x, erfc_q[0]);
    LV q = m_poly(em, v, 22, erfc_q + 1), high = m_fma(em, q, v, c0);
    LV low = m_fma(em, q, v, m_sub(em, c0, high));
    low = m_fma(em, m_mul(em, s, lack), m_poly(em, v, 4, erfc_slope), m_add(em, low, m_k(x, erfc_low)));
    LV y = m_mul(em, s, high), rest = m_fma(em, s, low, m_fma(em, s, high, em_fneg(em, y)));

    LV minus = em_fneg(em, a), square = m_mul(em, minus, a), below = m_fma(em, minus, a, em_fneg(em, square));
    Reduced d = be_reduce_exp(em, square);
    LV r = m_add(em, d.r, m_fma(em, d.n, m_k(x, -ln2_lo), m_add(em, lack, below)));
    LV p = m_fma(em, m_mul(em, r, r), be_exp_poly(em, r), r);
    LV e = be_scale_by(em, m_add(em, y, m_fma(em, y, p, m_fma(em, rest, p, rest))), d.n, d.t);
    return em_select(em, em_fcmp(em, LLVMRealOLT, x, m_k(x, 0)), m_sub(em, m_k(x, 2), e), e);
}
