/* be_math_trig.c - circular functions of floats, with arguments reduced in double.
 *
 * x = n pi/2 + r with pi/2 in three parts (Cody and Waite) holds its precision below 2^20; the few larger arguments go to the
 * runtime, whose reduction has all the bits of pi that they need (Payne and Hanek 1983).
 */
#include "backend/be_math_int.h"

static const double two_over_pi = 0x1.45f306dc9c883p-1, magic = 0x1.8p+52, far = 0x1p20;
static const double half_pi[] = { 0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2e037073p-69 };
/* sin r = r + r^3 p(r^2), cos r = 1 - r^2 / 2 + r^4 q(r^2) on [-pi/4, pi/4] */
static const double sin_p[] = { -0x1.555546p-3, 0x1.110756p-7, -0x1.994b4p-13 };
static const double cos_q[] = { 0x1.55554ap-5, -0x1.6c0c82p-10, 0x1.99ff4p-16 };
static const double sin_p64[] = { -0x1.5555555555549p-3, 0x1.111111110f842p-7, -0x1.a01a019c0a283p-13, 0x1.71de3570fce9ap-19,
                                  -0x1.ae5e60c42a6ebp-26 };
static const double cos_q64[] = { 0x1.555555555554cp-5, -0x1.6c16c16c15140p-10, 0x1.a01a019cab73dp-16, -0x1.27e4f805337a8p-22,
                                  0x1.1ee9e8908ddf0p-29 };

static LV reduce(Em *em, LV x, LV *n)
{
    LV d = m_widen(em, x), t = m_fma(em, d, m_k(d, two_over_pi), m_k(d, magic)), k = m_sub(em, t, m_k(d, magic));
    LV r = m_fma(em, k, m_k(d, -half_pi[0]), d);
    r = m_fma(em, k, m_k(d, -half_pi[1]), r);
    r = m_fma(em, k, m_k(d, -half_pi[2]), r);
    *n = em_cast(em, LLVMTrunc, m_bits(em, t), be_vector(em->be->i32, be_lanes_of(x)));
    return r;
}

static LV sin_of(Em *em, LV r, int n, const double *p)
{
    LV z = m_mul(em, r, r);
    return m_fma(em, m_mul(em, z, r), m_poly(em, z, n, p), r);
}

static LV cos_of(Em *em, LV r, int n, const double *q)
{
    LV z = m_mul(em, r, r), y = m_fma(em, m_mul(em, z, z), m_poly(em, z, n, q), m_mul(em, z, m_k(r, -0.5)));
    return m_add(em, y, m_k(r, 1));
}

static LV has_bit(Em *em, LV n, int bit)
{
    LT t = LLVMTypeOf(n);
    return em_icmp(em, LLVMIntNE, em_bin(em, LLVMAnd, n, be_const(t, bit)), be_zero(t));
}

/* sin(r + (n + ahead) pi/2) */
static LV quadrant(Em *em, LV x, int ahead)
{
    LV n, r = m_float(em, reduce(em, x, &n));
    n = em_bin(em, LLVMAdd, n, be_const(LLVMTypeOf(n), ahead));
    LV y = em_select(em, has_bit(em, n, 1), cos_of(em, r, 3, cos_q), sin_of(em, r, 3, sin_p));
    return em_select(em, has_bit(em, n, 2), em_fneg(em, y), y);
}

/* The runtime is asked only if some lane needs it. */
LV be_unless_large(Em *em, IrOp op, LV x, LV y, double limit)
{
    LV large = em_fcmp(em, LLVMRealUGE, m_abs(em, x), m_k(x, limit)), any = large;
    if (be_lanes_of(x))
        any = em_intrinsic(em, MOVE_FREE, "llvm.vector.reduce.or", LLVMTypeOf(large), NULL, 1, &large);
    Cond c = em_if(em, any, 1, &y);
    y = em_select(em, large, be_math1(em, op, x), y);
    em_end_if(em, &c, &y);
    return y;
}

LV be_sin_f32(Em *em, LV x)
{
    LV y = quadrant(em, x, 0);
    y = em_select(em, m_eq(em, x, m_k(x, 0)), x, y); /* keeps the sign of 0 */
    return be_unless_large(em, OP_sin, x, y, far);
}

LV be_cos_f32(Em *em, LV x) { return be_unless_large(em, OP_cos, x, quadrant(em, x, 1), far); }

LV be_tan_f32(Em *em, LV x)
{
    LV n, r = reduce(em, x, &n), s = sin_of(em, r, 5, sin_p64), c = cos_of(em, r, 5, cos_q64), odd = has_bit(em, n, 1);
    LV top = em_select(em, odd, em_fneg(em, c), s), y = m_float(em, m_div(em, top, em_select(em, odd, s, c)));
    y = em_select(em, m_eq(em, x, m_k(x, 0)), x, y);
    return be_unless_large(em, OP_tan, x, y, far);
}

/* ---- inverses, in double ---------------------------------------------------------------------------------------------- */

static const double pi = 0x1.921fb54442d18p+1;
/* atan t = t + t^3 q(t^2) on [0, 1], to 2^-36 */
static const double atan_q[] = { -0x1.5555552f27d0fp-2, 0x1.9999846c4d669p-3, -0x1.2490392213f99p-3, 0x1.c6e85acf98467p-4,
                                 -0x1.72d6301f71261p-4, 0x1.33a16bffd64c7p-4, -0x1.f02f9789fcd26p-5, 0x1.69ea4f581e401p-5,
                                 -0x1.b2f57b3d74933p-6, 0x1.81f671a598984p-7, -0x1.b4026cfb880b2p-9, 0x1.ce19b644e0022p-12 };

static LV atan_01(Em *em, LV t)
{
    LV z = m_mul(em, t, t);
    return m_fma(em, m_mul(em, z, t), m_poly(em, z, 12, atan_q), t);
}

/* Angle of the point (x, y) of the first quadrant, not the origin. */
static LV angle(Em *em, LV y, LV x)
{
    LV steep = m_gt(em, y, x), p = atan_01(em, m_div(em, em_select(em, steep, x, y), em_select(em, steep, y, x)));
    return em_select(em, steep, m_sub(em, m_k(x, pi / 2), p), p);
}

LV be_atan_f32(Em *em, LV xf)
{
    LV x = m_widen(em, xf), a = m_abs(em, x);
    return m_float(em, m_copysign(em, angle(em, a, m_k(x, 1)), x));
}

static LV other_leg(Em *em, LV a) { return m_sqrt(em, m_mul(em, m_sub(em, m_k(a, 1), a), m_add(em, m_k(a, 1), a))); }

LV be_asin_f32(Em *em, LV xf)
{
    LV x = m_widen(em, xf), a = m_abs(em, x);
    return m_float(em, m_copysign(em, angle(em, a, other_leg(em, a)), x));
}

LV be_acos_f32(Em *em, LV xf)
{
    LV x = m_widen(em, xf), a = m_abs(em, x), p = angle(em, other_leg(em, a), a);
    return m_float(em, em_select(em, em_fcmp(em, LLVMRealOLT, x, m_k(x, 0)), m_sub(em, m_k(x, pi), p), p));
}

LV be_atan2_f32(Em *em, LV yf, LV xf)
{
    LV y = m_widen(em, yf), x = m_widen(em, xf), ay = m_abs(em, y), ax = m_abs(em, x), zero = m_k(x, 0), inf = m_k(x, __builtin_inf());
    LV p = angle(em, ay, ax);
    p = em_select(em, em_bin(em, LLVMAnd, m_eq(em, ay, zero), m_eq(em, ax, zero)), zero, p);
    p = em_select(em, em_bin(em, LLVMAnd, m_eq(em, ay, inf), m_eq(em, ax, inf)), m_k(x, pi / 4), p);
    LV bits = m_bits(em, x), left = em_icmp(em, LLVMIntSLT, bits, be_zero(LLVMTypeOf(bits)));
    p = m_copysign(em, em_select(em, left, m_sub(em, m_k(x, pi), p), p), y);
    return m_float(em, em_select(em, em_fcmp(em, LLVMRealUNO, x, y), m_k(x, __builtin_nan("")), p));
}
