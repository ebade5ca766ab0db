/* be_math_long_arc.c - asin, acos, atan, atan2 of f64 to the last place, for vectors of every width; targets with a fused multiply-add only.
 *
 * Large arguments come to small ones by asin x = pi/2 - 2 asin sqrt((1 - x) / 2) and atan x = atan c + atan((x - c) / (1 + c x)); numbers
 * that are subtracted from pi/2 and pi have a second double (the scheme of fdlibm, Sun 1993). Polynomials by the exchange of Remez.
 */
#include "backend/be_math_int.h"

static const double half_pi = 0x1.921fb54442d18p+0, half_pi_low = 0x1.1a62633145c07p-54;
/* asin t = t + t z p(z), z = t^2, on [0, 1/2], to 2^-55 */
static const double asin_p[] = { 0x1.5555555555387p-3, 0x1.333333336f8c6p-4, 0x1.6db6db41d1d00p-5, 0x1.f1c72c6dde285p-6, 0x1.6e89ef6e47dc1p-6,
                                 0x1.1c6c2855a0a49p-6, 0x1.c6f87395d6893p-7, 0x1.8ee4e0aa6daacp-7, 0x1.aab1f4f1de60fp-8, 0x1.40b2e881a8b56p-6,
                                 -0x1.0af63f213b526p-6, 0x1.05cec6cd2ffa2p-5 };
/* atan t = t + t z p(z) on [0, 7/16], to 2^-57 */
static const double atan_p[] = { -0x1.555555555550dp-2, 0x1.999999998eb4ep-3, -0x1.249249200634ep-3, 0x1.c71c6fe199a65p-4, -0x1.745cdc47a33d7p-4,
                                 0x1.3b0f2a3f229d0p-4, -0x1.10d6637ad8091p-4, 0x1.dde287411c0f8p-5, -0x1.97b390fe49c3ap-5, 0x1.2b41dfddad991p-5,
                                 -0x1.0acf4e056bf4dp-6 };
/* of arguments from here on atan c is taken out, in two doubles; the last c is infinity */
static const struct { double from, c, hi, lo; } parts[] = {
    { 0x1.cp-2, 0.5, 0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56 }, { 0x1.6p-1, 1, 0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55 },
    { 0x1.3p+0, 1.5, 0x1.f730bd281f69bp-1, 0x1.007887af0cbbdp-56 }, { 0x1.38p+1, 0, half_pi, half_pi_low },
};
enum { PARTS = sizeof parts / sizeof parts[0] };

/* asin |x| = t + t rest where |x| <= 1/2, and of sqrt((1 - |x|) / 2) = t + low elsewhere */
typedef struct Arc { LV big, t, tail; } Arc; /* tail: t rest + low */

static Arc arc(Em *em, LV a)
{
    LV half = m_k(a, 0.5), big = m_gt(em, a, half), other = m_mul(em, m_sub(em, m_k(a, 1), a), half);
    LV z = em_select(em, big, other, m_mul(em, a, a)), root = m_sqrt(em, other), t = em_select(em, big, root, a);
    LV lost = m_div(em, m_fma(em, em_fneg(em, root), root, other), m_add(em, root, root));
    lost = em_select(em, em_bin(em, LLVMAnd, big, m_gt(em, root, m_k(a, 0))), lost, m_k(a, 0));
    return (Arc){ big, t, m_fma(em, m_mul(em, t, z), m_poly(em, z, 12, asin_p), lost) };
}

/* by (hi + lo) - t - tail */
static LV short_of(Em *em, double hi, double lo, LV t, LV tail)
{
    Two s = m_two_sum(em, m_k(t, hi), em_fneg(em, t));
    return m_add(em, s.hi, m_add(em, s.lo, m_sub(em, m_k(t, lo), tail)));
}

static LV twice(Em *em, LV x) { return m_add(em, x, x); }

LV be_asin_f64(Em *em, LV x)
{
    Arc p = arc(em, m_abs(em, x));
    LV large = short_of(em, half_pi, half_pi_low, twice(em, p.t), twice(em, p.tail));
    return m_copysign(em, em_select(em, p.big, large, m_add(em, p.t, p.tail)), x);
}

LV be_acos_f64(Em *em, LV x)
{
    Arc p = arc(em, m_abs(em, x));
    LV near = twice(em, m_add(em, p.t, p.tail)), far = short_of(em, 2 * half_pi, 2 * half_pi_low, twice(em, p.t), twice(em, p.tail));
    LV small = short_of(em, half_pi, half_pi_low, x, m_copysign(em, p.tail, x));
    return em_select(em, p.big, em_select(em, m_gt(em, x, m_k(x, 0)), near, far), small);
}

/* atan a, a >= 0 or infinity */
static LV atan_positive(Em *em, LV a)
{
    LV one = m_k(a, 1), zero = m_k(a, 0), above = a, below = one, hi = zero, lo = zero;
    for (int i = 0; i < PARTS; i++) {
        LV here = em_fcmp(em, LLVMRealOGE, a, m_k(a, parts[i].from)), c = m_k(a, parts[i].c);
        bool last = i == PARTS - 1;
        above = em_select(em, here, last ? m_k(a, -1) : m_sub(em, a, c), above);
        below = em_select(em, here, last ? a : m_fma(em, c, a, one), below);
        hi = em_select(em, here, m_k(a, parts[i].hi), hi);
        lo = em_select(em, here, m_k(a, parts[i].lo), lo);
    }
    LV t = m_div(em, above, below), z = m_mul(em, t, t);
    return m_add(em, hi, m_add(em, t, m_fma(em, m_mul(em, t, z), m_poly(em, z, 11, atan_p), lo)));
}

LV be_atan_f64(Em *em, LV x) { return m_copysign(em, atan_positive(em, m_abs(em, x)), x); }

LV be_atan2_f64(Em *em, LV y, LV x)
{
    LV ay = m_abs(em, y), ax = m_abs(em, x), zero = m_k(x, 0), inf = m_k(x, __builtin_inf()), q = m_div(em, ay, ax);
    q = em_select(em, em_bin(em, LLVMAnd, m_eq(em, ay, zero), m_eq(em, ax, zero)), zero, q);
    q = em_select(em, em_bin(em, LLVMAnd, m_eq(em, ay, inf), m_eq(em, ax, inf)), m_k(x, 1), q);
    LV p = atan_positive(em, q), bits = m_bits(em, x), left = em_icmp(em, LLVMIntSLT, bits, be_zero(LLVMTypeOf(bits)));
    LV other = m_sub(em, m_k(x, 2 * half_pi), m_sub(em, p, m_k(x, 2 * half_pi_low)));
    return m_copysign(em, em_select(em, left, other, p), y);
}
