/* be_math_long.c - exp, expm1, log, log1p, tanh, sigmoid, pow of f64 to the last place, as code for vectors of every width.
 *
 * Reductions of Cody and Waite (1980), polynomials by the exchange of Remez, as those of floats (be_math_f32.c); what a rounding loses
 * is found by fused multiply-adds (Dekker 1971) where it would show, so targets without them leave f64 to the runtime.
 * At most 2 units in the last place; tests/unit/backend_math64.c measures it.
 */
#include "backend/be_math_int.h"

static const double log2e = 0x1.71547652b82fep+0, ln2_hi = 0x1.62e42ffp-1, ln2_lo = -0x1.718432a1b0e26p-35;
static const double magic = 0x1.8p+52 + 2046; /* twice the bias (be_math_scale.c) */

/* e^r = 1 + r + r^2 q(r) on [-ln 2 / 2, ln 2 / 2], to 2^-57; with one more of e^r - 1, to 2^-60 */
static const double exp_q[] = { 0x1.000000000000ap-1, 0x1.55555555554fbp-3, 0x1.555555555079bp-5, 0x1.11111111271eep-7, 0x1.6c16c1845e33dp-10,
                                0x1.a01a012edd6ebp-13, 0x1.a0199978be150p-16, 0x1.71df18c4021f0p-19, 0x1.28ae00493400fp-22, 0x1.ad970d3471324p-26 };
static const double expm1_q[] = { 0x1p-1, 0x1.5555555555559p-3, 0x1.5555555555540p-5, 0x1.111111110f69cp-7, 0x1.6c16c16c1e67dp-10, 0x1.a01a01afefaadp-13,
                                  0x1.a01a017f66032p-16, 0x1.71ddf8313952bp-19, 0x1.27e52d4e31eeap-22, 0x1.af5f081f1795cp-26, 0x1.1ef7ecf10c124p-29 };

LV be_exp_poly(Em *em, LV r) { return m_poly(em, r, 10, exp_q); }

/* The first step is exact. */
Reduced be_reduce_exp(Em *em, LV x)
{
    Reduced d;
    d.t = m_fma(em, x, m_k(x, log2e), m_k(x, magic));
    d.n = m_sub(em, d.t, m_k(x, magic));
    d.r = m_fma(em, d.n, m_k(x, -ln2_hi), x);
    return d;
}

/* e^(x + low) */
static LV exp_of_sum(Em *em, LV x, LV low)
{
    Reduced d = be_reduce_exp(em, x);
    LV r = m_fma(em, d.n, m_k(x, -ln2_lo), d.r);
    r = low ? m_add(em, r, low) : r;
    return be_scale_one_and(em, m_fma(em, m_mul(em, r, r), be_exp_poly(em, r), r), d.n, d.t);
}

LV be_exp_f64(Em *em, LV x) { return exp_of_sum(em, m_clamp(em, x, be_scale_far(em, x), 710), NULL); }

LV be_expm1_part(Em *em, LV x, LV *t)
{
    Reduced d = be_reduce_exp(em, x);
    LV lo = m_k(x, -ln2_lo), r = m_fma(em, d.n, lo, d.r), lost = m_fma(em, d.n, lo, m_sub(em, d.r, r));
    *t = d.t;
    return m_add(em, r, m_fma(em, m_mul(em, r, r), m_poly(em, r, 11, expm1_q), lost));
}

/* 2 (p s + (s - 1/2)) with p = e^r - 1, s = 2^(n - 1), which does not overflow; p keeps what the second step of the reduction loses. */
LV be_expm1_f64(Em *em, LV whole)
{
    LV x = m_clamp(em, whole, -40, 710), t, p = be_expm1_part(em, x, &t), bits = m_bits(em, t);
    LT it = LLVMTypeOf(bits);
    LV s = m_real(em, em_bin(em, LLVMShl, em_bin(em, LLVMSub, bits, be_const(it, 1024)), be_const(it, 52)), x);
    LV y = m_fma(em, p, s, m_sub(em, s, m_k(x, 0.5)));
    y = m_add(em, y, y);
    return em_select(em, em_fcmp(em, LLVMRealOLT, m_abs(em, whole), m_k(x, 0x1p-60)), whole, y);
}

/* ---- logarithms --------------------------------------------------------------------------------------------------------- */

/* x = 2^k (1 + f) with f in [sqrt(1/2) - 1, sqrt(2) - 1], x normal and positive */
static LV split(Em *em, LV x, LV *k)
{
    LV bits = m_bits(em, x);
    LT it = LLVMTypeOf(bits);
    LV c = be_const(it, 0x3fe6a09e667f3bcd), off = em_bin(em, LLVMSub, bits, c); /* sqrt(1/2) */
    LV m = em_bin(em, LLVMAdd, em_bin(em, LLVMAnd, off, be_const(it, 0xfffffffffffff)), c);
    LV biased = em_bin(em, LLVMLShr, em_bin(em, LLVMAdd, off, be_const(it, (int64_t)1024 << 52)), be_const(it, 52));
    LV sum = m_real(em, em_bin(em, LLVMOr, biased, be_const(it, 0x4330000000000000)), x); /* 2^52 + k + 1024 */
    *k = m_sub(em, sum, m_k(x, 0x1p52 + 1024));
    return m_sub(em, m_real(em, m, x), m_k(x, 1));
}

/* Subnormals are scaled first. */
static LV split_any(Em *em, LV x, LV *k)
{
    LV tiny = em_fcmp(em, LLVMRealOLT, x, m_k(x, 0x1p-1022));
    LV f = split(em, em_select(em, tiny, m_mul(em, x, m_k(x, 0x1p54)), x), k);
    *k = em_select(em, tiny, m_sub(em, *k, m_k(x, 54)), *k);
    return f;
}

/* log((1 + s) / (1 - s)) = 2 s + s z q(z), z = s^2, on [0, 0.172], to 2^-58 */
static const double log_q[] = { 0x1.5555555555592p-1, 0x1.999999997fd38p-2, 0x1.24924941f8ca4p-2, 0x1.c71c5202b7bacp-3,
                                0x1.7466405af9a67p-3, 0x1.39a1934d2febcp-3, 0x1.2f0704aa1a530p-3 };

/* k ln 2 + log(1 + f) + low; s = f / (2 + f), so log(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + z q)), whose first term is exact. */
static LV log_sum(Em *em, LV k, LV f, LV low)
{
    LV s = m_div(em, f, m_add(em, f, m_k(f, 2))), z = m_mul(em, s, s), half = m_mul(em, m_mul(em, f, f), m_k(f, 0.5));
    LV rest = m_fma(em, k, m_k(f, ln2_lo), low);
    rest = m_fma(em, s, m_fma(em, z, m_poly(em, z, 7, log_q), half), rest);
    return m_fma(em, k, m_k(f, ln2_hi), m_sub(em, f, m_sub(em, half, rest)));
}

/* y = log x, but for 0, infinity and what is not a number or below 0 */
static LV log_ends(Em *em, LV x, LV y)
{
    LV zero = m_k(x, 0), inf = m_k(x, __builtin_inf());
    y = em_select(em, m_eq(em, x, inf), inf, y);
    y = em_select(em, m_eq(em, x, zero), m_k(x, -__builtin_inf()), y);
    LV nan = em_bin(em, LLVMOr, em_fcmp(em, LLVMRealUNO, x, x), em_fcmp(em, LLVMRealOLT, x, zero));
    return em_select(em, nan, m_k(x, __builtin_nan("")), y);
}

LV be_log_f64(Em *em, LV x)
{
    LV k, f = split_any(em, x, &k);
    return log_ends(em, x, log_sum(em, k, f, m_k(x, 0)));
}

/* f is x itself where 1 + x needs no power of two; elsewhere what 1 + x rounds away is put back. */
LV be_log1p_f64(Em *em, LV x)
{
    LV one = m_k(x, 1), zero = m_k(x, 0), u = m_add(em, x, one), k, f = split(em, u, &k), near = m_eq(em, k, zero);
    LV lost = m_div(em, m_sub(em, x, m_sub(em, u, one)), u);
    LV y = log_sum(em, k, em_select(em, near, x, f), em_select(em, near, zero, lost));
    return em_select(em, m_eq(em, x, zero), x, log_ends(em, u, y));
}

/* low is far below the last place of 1 + x */
LV be_log1p_sum(Em *em, LV x, LV low, LV more)
{
    LV one = m_k(x, 1), zero = m_k(x, 0), u = m_add(em, x, one), k, f = split(em, u, &k), near = m_eq(em, k, zero);
    LV lost = em_select(em, near, zero, m_sub(em, x, m_sub(em, u, one)));
    LV y = log_sum(em, m_add(em, k, more), em_select(em, near, x, f), m_div(em, m_add(em, lost, low), u));
    return em_select(em, m_eq(em, x, zero), x, log_ends(em, u, y));
}

/* ---- made of exp -------------------------------------------------------------------------------------------------------- */

/* tanh x = x + x^3 p(x^2) on [0, 0.625], to 2^-58 */
static const double tanh_p[] = { -0x1.5555555555551p-2, 0x1.1111111110b61p-3, -0x1.ba1ba1b9c57e8p-5, 0x1.664f486e48397p-6, -0x1.226e328321deep-7,
                                 0x1.d6d34e94f3389p-9, -0x1.7d9b9e3b4e030p-10, 0x1.35069539b2fe3p-11, -0x1.f0dbd8d574505p-13, 0x1.7f56df615fe25p-14,
                                 -0x1.f7a614306507ap-16, 0x1.907a752bfc302p-18 };

LV be_tanh_f64(Em *em, LV x)
{
    LV a = m_abs(em, x), one = m_k(x, 1), z = m_mul(em, x, x);
    LV small = m_fma(em, m_mul(em, z, x), m_poly(em, z, 12, tanh_p), x);
    LV e = be_exp_f64(em, m_add(em, a, a));
    LV large = m_sub(em, one, m_div(em, m_k(x, 2), m_add(em, e, one)));
    return m_copysign(em, em_select(em, em_fcmp(em, LLVMRealOLT, a, m_k(x, 0.625)), small, large), x);
}

LV be_sigmoid_f64(Em *em, LV x) { return be_sigmoid(em, x, be_exp_f64); }

/* ---- powers ------------------------------------------------------------------------------------------------------------- */

/* log((1 + s) / (1 - s)) = 2 s + s z (2/3 + z q(z)), to 2^-65 */
static const double pow_q[] = { 0x1.9999999999996p-2, 0x1.2492492493038p-2, 0x1.c71c71c580094p-3, 0x1.745d1832805b5p-3,
                                0x1.3b1362a9e5e5ap-3, 0x1.1120b7741de04p-3, 0x1.de3326c7b41ffp-4, 0x1.eb138825d35a9p-4 };
static const double third_hi = 0x1.5555555555555p-1, third_lo = 0x1.5555555555555p-55; /* 2/3 */

static Two two_product(Em *em, Two x, Two y)
{
    LV p = m_mul(em, x.hi, y.hi), rest = m_fma(em, x.hi, y.hi, em_fneg(em, p));
    return (Two){ p, m_fma(em, x.hi, y.lo, m_fma(em, x.lo, y.hi, rest)) };
}

/* s = f / (2 + f) with what the sum and the quotient lose */
static Two two_ratio(Em *em, LV f)
{
    LV two = m_k(f, 2), d = m_add(em, f, two), lost = m_sub(em, f, m_sub(em, d, two)), inverse = m_div(em, m_k(f, 1), d), s = m_mul(em, f, inverse);
    LV minus = em_fneg(em, s), rest = m_fma(em, minus, lost, m_fma(em, minus, d, f));
    return (Two){ s, m_mul(em, rest, inverse) };
}

/* log a of a > 0, finite, with 2^-65 of it lost at most */
static Two log_in_two(Em *em, LV a)
{
    LV k, f = split_any(em, a, &k);
    Two s = two_ratio(em, f), z = two_product(em, s, s);
    Two w = m_two_sum(em, m_k(a, third_hi), m_mul(em, z.hi, m_poly(em, z.hi, 8, pow_q)));
    w.lo = m_add(em, w.lo, m_k(a, third_lo));
    w = two_product(em, z, w);
    Two t = m_two_sum(em, m_k(a, 2), w.hi);
    t.lo = m_add(em, t.lo, w.lo);
    t = two_product(em, s, t);
    Two y = m_two_sum(em, m_mul(em, k, m_k(a, ln2_hi)), t.hi);
    return m_two_sum(em, y.hi, m_add(em, y.lo, m_fma(em, k, m_k(a, ln2_lo), t.lo)));
}

/* x^y where r = |x|^y; whole: y is a whole number, odd: an odd one. C's corners. */
LV be_pow_corners(Em *em, LV x, LV y, LV r, LV whole, LV odd)
{
    LV a = m_abs(em, x), one = m_k(x, 1), zero = m_k(x, 0), inf = m_k(x, __builtin_inf());
    r = em_select(em, odd, m_copysign(em, r, x), r);
    LV below = em_bin(em, LLVMAnd, em_fcmp(em, LLVMRealOLT, x, zero), em_fcmp(em, LLVMRealOLT, a, inf));
    r = em_select(em, em_bin(em, LLVMAnd, below, em_bin(em, LLVMXor, whole, LLVMConstAllOnes(LLVMTypeOf(whole)))), m_k(x, __builtin_nan("")), r);
    LV unit = em_bin(em, LLVMAnd, m_eq(em, a, one), m_eq(em, m_abs(em, y), inf));
    LV always = em_bin(em, LLVMOr, em_bin(em, LLVMOr, m_eq(em, x, one), m_eq(em, y, zero)), unit);
    return em_select(em, always, one, r);
}

static LV truncated(Em *em, LV x) { return be_rounding(em, OP_trunc, x); }

/* e^(y log |x|): the product in two parts; beyond the range of exp the second is nothing, and may not be a number. */
LV be_pow_f64(Em *em, LV x, LV y)
{
    LV a = m_abs(em, x), zero = m_k(x, 0), half = m_mul(em, y, m_k(x, 0.5));
    Two l = log_in_two(em, a);
    l.hi = em_select(em, em_fcmp(em, LLVMRealOLT, a, m_k(x, __builtin_inf())), l.hi, a); /* infinity, NaN */
    l.hi = em_select(em, m_eq(em, a, zero), m_k(x, -__builtin_inf()), l.hi);
    LV e = m_mul(em, y, l.hi), low = m_fma(em, y, l.lo, m_fma(em, y, l.hi, em_fneg(em, e)));
    LV within = m_clamp(em, e, -746, 710), r = exp_of_sum(em, within, em_select(em, m_eq(em, within, e), low, zero));
    LV whole = m_eq(em, truncated(em, y), y), odd = em_bin(em, LLVMAnd, whole, em_fcmp(em, LLVMRealONE, truncated(em, half), half));
    return be_pow_corners(em, x, y, r, whole, odd);
}
