/* be_math_f32.c - exp, log, tanh, sigmoid, erf, erfc in single precision.
 *
 * Cody and Waite's reductions (Software Manual for the Elementary Functions, 1980); the polynomials are minimax, found by the exchange
 * of Remez (Muller, Elementary Functions, chapter 3). One sequence of operations for scalars and for vectors of every width.
 * At most 2 units in the last place; tests/unit/backend_math.c measures it.
 */
#include "backend/be_math_int.h"

LV m_poly(Em *em, LV x, int n, const double *c)
{
    LV y = m_k(x, c[n - 1]);
    for (int i = n - 2; i >= 0; i--)
        y = m_fma(em, y, x, m_k(x, c[i]));
    return y;
}

LV m_widen(Em *em, LV x) { return em_cast(em, LLVMFPExt, x, be_vector(em->be->f64, be_lanes_of(x))); }
LV m_float(Em *em, LV x) { return em_cast(em, LLVMFPTrunc, x, be_vector(em->be->f32, be_lanes_of(x))); }

static const double log2e = 0x1.715476p+0, ln2_hi = 0x1.62e4p-1, ln2_lo = 0x1.7f7d1cp-20, magic = 0x1.8p+23 + 254;

/* e^r = 1 + r + r^2 q(r) on [-ln 2 / 2, ln 2 / 2] */
static const double exp_q[] = { 0x1.fffffcp-2, 0x1.55548ap-3, 0x1.555916p-5, 0x1.123fc6p-7, 0x1.6a1a72p-10 };

/* x = n ln 2 + r */
LV be_exp_f32(Em *em, LV x)
{
    x = m_clamp(em, x, be_scale_far(em, x), 89);
    LV t = m_fma(em, x, m_k(x, log2e), m_k(x, magic)), n = m_sub(em, t, m_k(x, magic));
    LV r = m_fma(em, n, m_k(x, -ln2_hi), x);
    r = m_fma(em, n, m_k(x, -ln2_lo), r);
    LV q = m_poly(em, r, 5, exp_q), p = m_fma(em, m_mul(em, r, r), q, r);
    return be_scale_one_and(em, p, n, t);
}

/* log(1 + f) = f - f^2 / 2 + f^3 q(f) on [sqrt(1/2) - 1, sqrt(2) - 1] */
static const double log_q[] = { 0x1.555548p-2, -0x1.000006p-2, 0x1.99a4b8p-3, -0x1.555c4ep-3, 0x1.23373cp-3,
                                -0x1.fc218ep-4, 0x1.e6f2acp-4, -0x1.de4046p-4, 0x1.14579ep-4 };

/* x = 2^k (1 + f); subnormals are scaled first. */
LV be_log_f32(Em *em, LV x)
{
    LV zero = m_k(x, 0), inf = m_k(x, __builtin_inf());
    LV tiny = em_fcmp(em, LLVMRealOLT, x, m_k(x, 0x1p-126));
    LV bits = m_bits(em, em_select(em, tiny, m_mul(em, x, m_k(x, 0x1p23)), x));
    LT it = LLVMTypeOf(bits);
    LV c = be_const(it, 0x3f3504f3), off = em_bin(em, LLVMSub, bits, c);
    LV m = em_bin(em, LLVMAdd, em_bin(em, LLVMAnd, off, be_const(it, 0x7fffff)), c);
    LV k = em_cast(em, LLVMSIToFP, em_bin(em, LLVMAShr, off, be_const(it, 23)), LLVMTypeOf(x));
    k = em_select(em, tiny, m_sub(em, k, m_k(x, 23)), k);
    LV f = m_sub(em, m_real(em, m, x), m_k(x, 1)), f2 = m_mul(em, f, f);
    LV y = m_mul(em, m_mul(em, f2, f), m_poly(em, f, 9, log_q));
    y = m_fma(em, k, m_k(x, ln2_lo), y);
    y = m_fma(em, f2, m_k(x, -0.5), y);
    y = m_fma(em, k, m_k(x, ln2_hi), m_add(em, y, f));
    y = em_select(em, m_eq(em, x, inf), inf, y);
    y = em_select(em, m_eq(em, x, zero), m_k(x, -__builtin_inf()), y);
    LV nan = em_bin(em, LLVMOr, em_fcmp(em, LLVMRealUNO, x, x), em_fcmp(em, LLVMRealOLT, x, zero));
    return em_select(em, nan, m_k(x, __builtin_nan("")), y);
}

/* tanh x = x + x^3 p(x^2) on [0, 0.65] */
static const double tanh_p[] = { -0x1.555526p-2, 0x1.11044ep-3, -0x1.b7da5p-5, 0x1.4f9942p-6, -0x1.6a5318p-8 };

LV be_tanh_f32(Em *em, LV x)
{
    LV a = m_abs(em, x), one = m_k(x, 1), z = m_mul(em, x, x);
    LV small = m_fma(em, m_mul(em, z, x), m_poly(em, z, 5, tanh_p), x);
    LV e = be_exp_f32(em, m_add(em, a, a));
    LV large = m_sub(em, one, m_div(em, m_k(x, 2), m_add(em, e, one)));
    return m_copysign(em, em_select(em, em_fcmp(em, LLVMRealOLT, a, m_k(x, 0.625)), small, large), x); /* -0, too */
}

/* Of e^-|x|, so that neither tail is lost. What 1 + e and the quotient round away is put back where that costs little. */
LV be_sigmoid(Em *em, LV x, LV (*exp)(Em *em, LV x))
{
    LV one = m_k(x, 1), e = exp(em, em_fneg(em, m_abs(em, x))), d = m_add(em, e, one);
    LV top = em_select(em, em_fcmp(em, LLVMRealOLT, x, m_k(x, 0)), e, one);
    if (!em->be->target.fma)
        return m_div(em, top, d);
    LV lost = m_sub(em, e, m_sub(em, d, one)), inverse = m_div(em, one, d), q = m_mul(em, top, inverse), minus = em_fneg(em, q);
    LV rest = m_fma(em, minus, lost, m_fma(em, minus, d, top));
    return m_fma(em, rest, inverse, q);
}

LV be_sigmoid_f32(Em *em, LV x) { return be_sigmoid(em, x, be_exp_f32); }

/* erf x = x + x q(x^2) on [0, 1]; log(1 - erf x) = p(x) on [0.95, 4] */
static const double erf_q[] = { 0x1.06eba8p-3, -0x1.81273ep-2, 0x1.ce2cf8p-4, -0x1.b7f90ep-6, 0x1.5405b2p-8, -0x1.a3f7p-11, 0x1.496a32p-14 };
static const double erf_p[] = { -0x1.009cbap-12, -0x1.20a232p+0, -0x1.4668a4p-1, -0x1.a882aep-4, 0x1.69e22p-6, -0x1.8a556cp-9, 0x1.938b62p-13 };

LV be_erf_f32(Em *em, LV x)
{
    LV a = m_abs(em, x), z = m_mul(em, x, x);
    LV small = m_fma(em, x, m_poly(em, z, 7, erf_q), x);
    LV e = be_exp_f32(em, m_poly(em, m_clamp(em, a, 0, 4), 7, erf_p));
    LV large = m_copysign(em, m_sub(em, m_k(x, 1), e), x);
    return em_select(em, m_gt(em, a, m_k(x, 1)), large, em_select(em, em_fcmp(em, LLVMRealUNO, x, x), x, small));
}

/* erfc a = s q(s - 29/64) e^(-a^2), s = 1 / (1 + 17/32 a), on [0, 10.1] */
static const double erfc_q[] = { 0x1.02f316p-1, 0x1.4adcfp-1, 0x1.f2c34p-2, 0x1.4167ap-4, -0x1.8ae3f4p-3,
                                 -0x1.2b8454p-4, 0x1.02e86p-3, 0x1.9fe4b6p-6, -0x1.8eb7ep-4, 0x1.593ab8p-5 };

LV be_erfc_variable(Em *em, LV a, double scale, LV *lack)
{
    LV one = m_k(a, 1), k = m_k(a, scale), d = m_fma(em, a, k, one), s = m_div(em, one, d);
    LV lost = m_fma(em, a, k, m_sub(em, one, d));
    *lack = m_fma(em, em_fneg(em, lost), s, m_fma(em, em_fneg(em, d), s, one));
    return s;
}

/* The last product and sum of the polynomial, the square and the factors are kept in two parts: the relative error stays below that of
 * two roundings down to the smallest subnormal. Needs a fused multiply-add. */
LV be_erfc_f32(Em *em, LV x)
{
    LV far = m_k(x, 10.1), near = m_abs(em, x), a = em_select(em, m_gt(em, near, far), far, near), lack, s = be_erfc_variable(em, a, 0.53125, &lack);
    LV v = m_sub(em, s, m_k(x, 0.453125)), c0 = m_k(x, erfc_q[0]);
    LV q = m_poly(em, v, 9, erfc_q + 1), high = m_fma(em, q, v, c0);
    LV low = m_fma(em, m_mul(em, s, lack), q, m_fma(em, q, v, m_sub(em, c0, high)));
    LV y = m_mul(em, s, high), rest = m_fma(em, s, low, m_fma(em, s, high, em_fneg(em, y)));

    LV minus = em_fneg(em, a), square = m_mul(em, minus, a), below = m_fma(em, minus, a, em_fneg(em, square));
    LV t = m_fma(em, square, m_k(x, log2e), m_k(x, magic)), n = m_sub(em, t, m_k(x, magic));
    LV r = m_fma(em, n, m_k(x, -ln2_hi), square);
    r = m_add(em, r, m_fma(em, n, m_k(x, -ln2_lo), m_add(em, lack, below)));
    LV p = m_fma(em, m_mul(em, r, r), m_poly(em, r, 5, exp_q), r);
    LV e = be_scale_by(em, m_add(em, y, m_fma(em, y, p, m_fma(em, rest, p, rest))), n, t);
    return em_select(em, em_fcmp(em, LLVMRealOLT, x, m_k(x, 0)), m_sub(em, m_k(x, 2), e), e);
}
