/* be_math_f64.c - exp, log and their kin in double with errors below 2^-33, so that floats made of them are rounded almost correctly.
 * Arguments come from floats: doubles that are subnormal do not occur. */
#include "backend/be_math_int.h"

static const double log2e = 0x1.71547652b82fep+0, ln2_hi = 0x1.62e42ffp-1, ln2_lo = -0x1.718432a1b0e26p-35, magic = 0x1.8p+52;

/* e^r = 1 + r + r^2 q(r) on [-ln 2 / 2, ln 2 / 2], to 2^-43 of r */
static const double exp_q[] = { 0x1.fffffffff683bp-2, 0x1.555555554eeb5p-3, 0x1.55555575da94fp-5, 0x1.1111112ac3b57p-7,
                                0x1.6c16499c08420p-10, 0x1.a0197ae6886a1p-13, 0x1.a160651a8f976p-16, 0x1.72fd4e81f0198p-19 };

/* x = n ln 2 + r: e^r - 1, and 2^n. */
static LV reduced_exp(Em *em, LV x, LV *scale)
{
    x = m_clamp(em, x, -700, 700);
    LV t = m_fma(em, x, m_k(x, log2e), m_k(x, magic)), n = m_sub(em, t, m_k(x, magic));
    LV r = m_fma(em, n, m_k(x, -ln2_hi), x);
    r = m_fma(em, n, m_k(x, -ln2_lo), r);
    LV bits = m_bits(em, t);
    LT it = LLVMTypeOf(bits);
    *scale = m_real(em, em_bin(em, LLVMShl, em_bin(em, LLVMAdd, bits, be_const(it, 1023)), be_const(it, 52)), x);
    return m_fma(em, m_mul(em, r, r), m_poly(em, r, 8, exp_q), r);
}

LV be_exp_d(Em *em, LV x)
{
    LV scale, p = reduced_exp(em, x, &scale);
    return m_fma(em, p, scale, scale);
}

LV be_expm1_d(Em *em, LV x)
{
    LV scale, p = reduced_exp(em, x, &scale);
    return m_fma(em, p, scale, m_sub(em, scale, m_k(x, 1)));
}

/* log((1 + s) / (1 - s)) = 2 s + s^3 q(s^2) on [0, 0.172] */
static const double log_q[] = { 0x1.5555555553908p-1, 0x1.999999a2ac3aap-2, 0x1.24924166b9cb2p-2, 0x1.c7228220db86bp-3,
                                0x1.732acfc782273p-3, 0x1.588843e80a80fp-3 };

/* The number of an i64 vector below 2^52 as doubles: there is no instruction for it before AVX-512. */
static LV small_to_double(Em *em, LV k, LV like)
{
    LV bits = em_bin(em, LLVMOr, k, be_const(LLVMTypeOf(k), 0x4330000000000000));
    return m_sub(em, m_real(em, bits, like), m_k(like, 0x1p52));
}

LV be_log_d(Em *em, LV x)
{
    LV zero = m_k(x, 0), inf = m_k(x, __builtin_inf()), bits = m_bits(em, x);
    LT it = LLVMTypeOf(bits);
    LV c = be_const(it, 0x3fe6a09e667f3bcd); /* sqrt(1/2) */
    LV off = em_bin(em, LLVMSub, bits, c);
    LV m = em_bin(em, LLVMAdd, em_bin(em, LLVMAnd, off, be_const(it, 0xfffffffffffff)), c);
    LV biased = em_bin(em, LLVMLShr, em_bin(em, LLVMAdd, off, be_const(it, (int64_t)1024 << 52)), be_const(it, 52));
    LV k = m_sub(em, small_to_double(em, biased, x), m_k(x, 1024));
    LV f = m_sub(em, m_real(em, m, x), m_k(x, 1)), s = m_div(em, f, m_add(em, f, m_k(x, 2))), z = m_mul(em, s, s);
    LV y = m_fma(em, m_mul(em, z, s), m_poly(em, z, 6, log_q), m_add(em, s, s));
    y = m_fma(em, k, m_k(x, ln2_lo), y);
    y = m_fma(em, k, m_k(x, ln2_hi), y);
    y = em_select(em, m_eq(em, x, inf), inf, y);
    y = em_select(em, m_eq(em, x, zero), m_k(x, -__builtin_inf()), y);
    LV nan = em_bin(em, LLVMOr, em_fcmp(em, LLVMRealUNO, x, x), em_fcmp(em, LLVMRealOLT, x, zero));
    return em_select(em, nan, m_k(x, __builtin_nan("")), y);
}

/* What 1 + x rounds away is put back. */
LV be_log1p_d(Em *em, LV x)
{
    LV one = m_k(x, 1), u = m_add(em, one, x), y = be_log_d(em, u);
    LV lost = m_div(em, m_sub(em, x, m_sub(em, u, one)), u);
    return em_select(em, em_fcmp(em, LLVMRealOLT, m_abs(em, x), m_k(x, 0.5)), m_add(em, y, lost), y);
}

/* erf x = x p(x^2) on [0, 0.5]; erfc x = t exp(-x^2 + p(t)), t = 1 / (1 + x / 2), on [0.45, 10.2] */
static const double erf_p[] = { 0x1.20dd750429b6dp+0, -0x1.812746b0379e7p-2, 0x1.ce2f21a042be0p-4, -0x1.b82ce312889f4p-6,
                                0x1.565bcd0e5f662p-8, -0x1.c02db3f9dc6a9p-11, 0x1.f9a324a4c1ad2p-14, -0x1.f4d1d03adf2a7p-17,
                                0x1.b9d1a70ea3e2ap-20 };
static const double erfc_p[] = { -0x1.43f888c1c5ac2p+0, 0x1.fffb3a19d4369p-1, 0x1.8092b82103159p-2, 0x1.411042d67c502p-4,
                                 -0x1.df79ef8280a7ep-5, -0x1.e8aa30cddfd24p-3, 0x1.51dcf911134ffp-4, 0x1.26d3ec876f880p-4,
                                 -0x1.0fec9b8da9342p+0, 0x1.c5cd298088911p+1, -0x1.4a5ca45aba61ep+2, 0x1.fa946d5de752dp+1,
                                 -0x1.97e2ac4c5a47ap+0, 0x1.1328b8c34fba7p-2 };

LV be_erfc_d(Em *em, LV x)
{
    LV one = m_k(x, 1), two = m_k(x, 2), a = m_clamp(em, m_abs(em, x), 0, 11);
    LV small = m_sub(em, one, m_mul(em, x, m_poly(em, m_mul(em, x, x), 9, erf_p)));
    LV t = m_div(em, one, m_fma(em, a, m_k(x, 0.5), one));
    LV e = m_mul(em, t, be_exp_d(em, m_sub(em, m_poly(em, t, 14, erfc_p), m_mul(em, a, a))));
    LV large = em_select(em, em_fcmp(em, LLVMRealOLT, x, m_k(x, 0)), m_sub(em, two, e), e);
    return em_select(em, em_fcmp(em, LLVMRealOLT, a, m_k(x, 0.47)), small, large);
}

/* x^y = e^(y log |x|) */
LV be_pow_f32(Em *em, LV xf, LV yf)
{
    LV x = m_widen(em, xf), y = m_widen(em, yf), r = be_exp_d(em, m_mul(em, y, be_log_d(em, m_abs(em, x))));
    LT it = be_vector(em->be->i32, be_lanes_of(x));
    LV near = m_clamp(em, y, -0x1p25, 0x1p25); /* floats beyond 2^24 are even */
    LV n = em_intrinsic(em, MOVE_FREE, "llvm.fptosi.sat", it, LLVMTypeOf(x), 1, &near);
    LV whole = m_eq(em, em_cast(em, LLVMSIToFP, n, LLVMTypeOf(x)), near);
    LV odd = em_bin(em, LLVMAnd, whole, em_icmp(em, LLVMIntNE, em_bin(em, LLVMAnd, n, be_const(it, 1)), be_zero(it)));
    return m_float(em, be_pow_corners(em, x, y, r, whole, odd));
}
