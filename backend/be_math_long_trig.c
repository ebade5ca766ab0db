/* be_math_long_trig.c - sine, cosine and tangent of f64 to the last place, for vectors of every width; targets with a fused multiply-add only.
 *
 * x = n pi/2 + r + low. pi/2 is three doubles: x - n times the first is exact, for it is a multiple of 2^-52 and small; what the second
 * rounds away, and the third, make low. Near the multiples of pi/2 below 2^30 r is above 2^-66, and the error far below its last place.
 * Larger arguments go to the runtime.
 */
#include "backend/be_math_int.h"

static const double two_over_pi = 0x1.45f306dc9c883p-1, magic = 0x1.8p+52, far = 0x1p30;
static const double half_pi[] = { 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110 };
/* sin r = r + r^3 p(r^2), cos r = 1 - r^2 / 2 + r^4 q(r^2) on [-pi/4, pi/4], to 2^-57 and 2^-60 */
static const double sin_p[] = { -0x1.5555555555549p-3, 0x1.111111110f871p-7, -0x1.a01a019c105c9p-13, 0x1.71de357697fd1p-19,
                                -0x1.ae5e6551a4510p-26, 0x1.5d92bb29fd6b7p-33 };
static const double cos_q[] = { 0x1.555555555554cp-5, -0x1.6c16c16c15173p-10, 0x1.a01a019cb0b29p-16, -0x1.27e4f8092728bp-22,
                                0x1.1ee9eb5aca76bp-29, -0x1.8fae501238ba8p-37 };

static LV reduce(Em *em, LV x, LV *n, LV *low)
{
    LV t = m_fma(em, x, m_k(x, two_over_pi), m_k(x, magic)), k = m_sub(em, t, m_k(x, magic));
    LV r = m_fma(em, k, m_k(x, -half_pi[0]), x), minus = m_k(x, -half_pi[1]);
    LV w = m_mul(em, k, minus), rest = m_fma(em, k, minus, em_fneg(em, w)), s = m_add(em, r, w), part = m_sub(em, s, r);
    LV lost = m_add(em, m_sub(em, r, m_sub(em, s, part)), m_sub(em, w, part)); /* Knuth's sum: either may be the larger */
    *low = m_add(em, lost, m_fma(em, k, m_k(x, -half_pi[2]), rest));
    *n = m_bits(em, t);
    return s;
}

static Two sin_of(Em *em, LV r, LV low)
{
    LV z = m_mul(em, r, r), part = m_fma(em, m_mul(em, z, m_k(r, -0.5)), low, low); /* low cos r */
    return m_two_sum(em, r, m_fma(em, m_mul(em, z, r), m_poly(em, z, 6, sin_p), part));
}

static Two cos_of(Em *em, LV r, LV low)
{
    LV one = m_k(r, 1), z = m_mul(em, r, r), half = m_mul(em, z, m_k(r, 0.5)), w = m_sub(em, one, half);
    LV lost = m_sub(em, m_sub(em, one, w), half), part = m_fma(em, em_fneg(em, r), low, lost);
    return m_two_sum(em, w, m_fma(em, m_mul(em, z, z), m_poly(em, z, 6, cos_q), part));
}

static LV has_bit(Em *em, LV n, int bit)
{
    LT t = LLVMTypeOf(n);
    return em_icmp(em, LLVMIntNE, em_bin(em, LLVMAnd, n, be_const(t, bit)), be_zero(t));
}

/* sin(x + ahead pi/2) */
static LV quadrant(Em *em, LV x, int ahead)
{
    LV n, low, r = reduce(em, x, &n, &low);
    n = em_bin(em, LLVMAdd, n, be_const(LLVMTypeOf(n), ahead));
    LV y = em_select(em, has_bit(em, n, 1), cos_of(em, r, low).hi, sin_of(em, r, low).hi);
    return em_select(em, has_bit(em, n, 2), em_fneg(em, y), y);
}

LV be_sin_f64(Em *em, LV x)
{
    LV y = quadrant(em, x, 0);
    y = em_select(em, em_fcmp(em, LLVMRealOLT, m_abs(em, x), m_k(x, 0x1p-30)), x, y); /* subnormals, and the sign of 0 */
    return be_unless_large(em, OP_sin, x, y, far);
}

LV be_cos_f64(Em *em, LV x) { return be_unless_large(em, OP_cos, x, quadrant(em, x, 1), far); }

/* What both sides and the quotient round away is put back. */
LV be_tan_f64(Em *em, LV x)
{
    LV n, low, r = reduce(em, x, &n, &low), odd = has_bit(em, n, 1);
    Two s = sin_of(em, r, low), c = cos_of(em, r, low);
    Two top = { em_select(em, odd, em_fneg(em, c.hi), s.hi), em_select(em, odd, em_fneg(em, c.lo), s.lo) };
    Two bottom = { em_select(em, odd, s.hi, c.hi), em_select(em, odd, s.lo, c.lo) };
    LV q = m_div(em, top.hi, bottom.hi), minus = em_fneg(em, q), rest = m_add(em, m_fma(em, minus, bottom.hi, top.hi), m_fma(em, minus, bottom.lo, top.lo));
    LV y = m_add(em, q, m_div(em, rest, bottom.hi));
    y = em_select(em, em_fcmp(em, LLVMRealOLT, m_abs(em, x), m_k(x, 0x1p-30)), x, y);
    return be_unless_large(em, OP_tan, x, y, far);
}
