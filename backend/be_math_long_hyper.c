/* be_math_long_hyper.c - sinh, cosh and the inverses of the hyperbolic functions of f64 to the last place, for vectors of every width; targets
 * with a fused multiply-add only.
 */
#include "backend/be_math_int.h"

/* sinh x = x + x z p(z), z = x^2, on [0, 1], to 2^-63 */
static const double sinh_p[] = { 0x1.5555555555556p-3, 0x1.11111111110a1p-7, 0x1.a01a01a0291fdp-13, 0x1.71de3a45f70b4p-19, 0x1.ae6467669e987p-26,
                                 0x1.611a3a182f531p-33, 0x1.b4cf7b2c1247ep-41 };

/* e^a / 4, a >= 0, in two doubles; so that no number below infinity overflows on the way. Beyond the largest a its double is infinite. */
static Two quarter_exp(Em *em, LV a)
{
    LV t, p = be_expm1_part(em, m_clamp(em, a, 0, 710.5), &t), bits = m_bits(em, t);
    LT it = LLVMTypeOf(bits);
    LV s = m_real(em, em_bin(em, LLVMShl, em_bin(em, LLVMSub, bits, be_const(it, 1025)), be_const(it, 52)), a), hi = m_fma(em, p, s, s);
    return (Two){ hi, m_fma(em, p, s, m_sub(em, s, hi)) };
}

LV be_sinh_f64(Em *em, LV x)
{
    LV a = m_abs(em, x), z = m_mul(em, a, a), small = m_fma(em, m_mul(em, z, a), m_poly(em, z, 7, sinh_p), a);
    Two e = quarter_exp(em, a);
    LV y = m_add(em, e.hi, m_sub(em, e.lo, m_div(em, m_k(x, 0.0625), e.hi)));
    return m_copysign(em, em_select(em, em_fcmp(em, LLVMRealOLT, a, m_k(x, 1)), small, m_add(em, y, y)), x);
}

LV be_cosh_f64(Em *em, LV x)
{
    Two e = quarter_exp(em, m_abs(em, x));
    LV y = m_add(em, e.hi, m_add(em, e.lo, m_div(em, m_k(x, 0.0625), e.hi)));
    return m_add(em, y, y);
}

/* log(1 + u + low), and of a > 2^28 log 2 a, which is what asinh and acosh are there. */
static LV log_or_far(Em *em, LV a, LV u, LV low)
{
    LV zero = m_k(a, 0), one = m_k(a, 1), far = m_gt(em, a, m_k(a, 0x1p28));
    return be_log1p_sum(em, em_select(em, far, m_sub(em, a, one), u), em_select(em, far, zero, low), em_select(em, far, one, zero));
}

/* log1p(a + a^2 / (1 + sqrt(1 + a^2))) */
LV be_asinh_f64(Em *em, LV x)
{
    LV a = m_abs(em, x), one = m_k(x, 1), z = m_mul(em, a, a);
    Two u = m_two_sum(em, a, m_div(em, z, m_add(em, one, m_sqrt(em, m_add(em, z, one)))));
    return m_copysign(em, log_or_far(em, a, u.hi, u.lo), x);
}

/* log1p(t + sqrt(t^2 + 2 t)), t = x - 1 */
LV be_acosh_f64(Em *em, LV x)
{
    LV t = m_sub(em, x, m_k(x, 1)), zero = m_k(x, 0), w = m_fma(em, t, t, m_add(em, t, t)), s = m_sqrt(em, w);
    LV lost = m_div(em, m_fma(em, em_fneg(em, s), s, w), m_add(em, s, s));
    Two u = m_two_sum(em, s, t);
    LV y = log_or_far(em, x, u.hi, m_add(em, u.lo, em_select(em, m_gt(em, s, zero), lost, zero)));
    return em_select(em, em_fcmp(em, LLVMRealOLT, t, zero), m_k(x, __builtin_nan("")), y);
}

/* log1p(2 a / (1 - a)) / 2 */
LV be_atanh_f64(Em *em, LV x)
{
    LV a = m_abs(em, x), top = m_add(em, a, a);
    Two d = m_two_sum(em, m_k(x, 1), em_fneg(em, a));
    LV q = m_div(em, top, d.hi), minus = em_fneg(em, q), rest = m_fma(em, minus, d.lo, m_fma(em, minus, d.hi, top));
    LV y = be_log1p_sum(em, q, m_div(em, rest, d.hi), m_k(x, 0));
    return m_copysign(em, m_mul(em, y, m_k(x, 0.5)), x);
}
