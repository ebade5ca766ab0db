/* be_math_int.h - arithmetic on floats or doubles, scalars or vectors alike, for the elementary functions. */
#ifndef MLC_BE_MATH_INT_H
#define MLC_BE_MATH_INT_H

#include "backend/be_int.h"

static inline LV m_k(LV like, double c) { return be_real(LLVMTypeOf(like), c); }
static inline LV m_add(Em *em, LV a, LV b) { return em_bin(em, LLVMFAdd, a, b); }
static inline LV m_sub(Em *em, LV a, LV b) { return em_bin(em, LLVMFSub, a, b); }
static inline LV m_mul(Em *em, LV a, LV b) { return em_bin(em, LLVMFMul, a, b); }
static inline LV m_div(Em *em, LV a, LV b) { return em_bin(em, LLVMFDiv, a, b); }
static inline LV m_fma(Em *em, LV a, LV b, LV c) { return be_fma_fast(em, a, b, c); }
static inline LV m_abs(Em *em, LV a) { return em_intrinsic(em, MOVE_FREE, "llvm.fabs", LLVMTypeOf(a), NULL, 1, &a); }
static inline LV m_sqrt(Em *em, LV a) { return em_intrinsic(em, MOVE_FREE, "llvm.sqrt", LLVMTypeOf(a), NULL, 1, &a); }
static inline LV m_gt(Em *em, LV a, LV b) { return em_fcmp(em, LLVMRealOGT, a, b); }
static inline LV m_eq(Em *em, LV a, LV b) { return em_fcmp(em, LLVMRealOEQ, a, b); }

typedef struct Two { LV hi, lo; } Two; /* a sum of two doubles, the second far below the first's last place */

/* x + y, |x| >= |y| or x = 0 */
static inline Two m_two_sum(Em *em, LV x, LV y)
{
    LV s = m_add(em, x, y);
    return (Two){ s, m_add(em, m_sub(em, x, s), y) };
}

static inline LV m_copysign(Em *em, LV a, LV sign)
{
    LV x[] = { a, sign };
    return em_intrinsic(em, MOVE_FREE, "llvm.copysign", LLVMTypeOf(a), NULL, 2, x);
}

/* [lo, hi]; NaN stays */
static inline LV m_clamp(Em *em, LV x, double lo, double hi)
{
    x = em_select(em, m_gt(em, x, m_k(x, hi)), m_k(x, hi), x);
    return em_select(em, em_fcmp(em, LLVMRealOLT, x, m_k(x, lo)), m_k(x, lo), x);
}

/* c[0] + c[1] x + ... by Horner */
LV m_poly(Em *em, LV x, int n, const double *c);

static inline bool m_is_double(LV x) { return LLVMGetTypeKind(be_elem(LLVMTypeOf(x))) == LLVMDoubleTypeKind; }

/* Integers of the width of the elements. */
static inline LT m_int_type(Em *em, LV x)
{
    return be_vector(m_is_double(x) ? em->be->i64 : em->be->i32, be_lanes_of(x));
}
static inline LV m_bits(Em *em, LV x) { return em_cast(em, LLVMBitCast, x, m_int_type(em, x)); }
static inline LV m_real(Em *em, LV bits, LV like) { return em_cast(em, LLVMBitCast, bits, LLVMTypeOf(like)); }

LV m_widen(Em *em, LV x);  /* float to double */
LV m_float(Em *em, LV x);  /* double to float */

/* be_math_scale.c: t is n + magic, where the last bits of magic are twice the bias of an exponent */
LV be_scale_by(Em *em, LV y, LV n, LV t);      /* y 2^n, rounded once */
double be_scale_far(const Em *em, LV x);        /* of which e^x is 0, and quickly */
LV be_scale_one_and(Em *em, LV p, LV n, LV t); /* (1 + p) 2^n, the same */

/* be_math_f32.c */
LV be_exp_f32(Em *em, LV x);
LV be_log_f32(Em *em, LV x);
LV be_tanh_f32(Em *em, LV x);
LV be_sigmoid(Em *em, LV x, LV (*exp)(Em *em, LV x)); /* floats or doubles, as exp */
LV be_sigmoid_f32(Em *em, LV x);
LV be_erf_f32(Em *em, LV x);
LV be_erfc_f32(Em *em, LV x);
LV be_erfc_variable(Em *em, LV a, double scale, LV *lack); /* s = 1 / (1 + scale a); what it lacks, relatively: what the sum and the quotient round away */
/* be_math_trig.c; f32, through double */
LV be_sin_f32(Em *em, LV x);
LV be_cos_f32(Em *em, LV x);
LV be_tan_f32(Em *em, LV x);
LV be_atan_f32(Em *em, LV x);
LV be_asin_f32(Em *em, LV x);
LV be_acos_f32(Em *em, LV x);
LV be_atan2_f32(Em *em, LV y, LV x);
/* be_math_f64.c: double with about 40 bits, which is what a float needs */
LV be_exp_d(Em *em, LV x);
LV be_expm1_d(Em *em, LV x);
LV be_log_d(Em *em, LV x);
LV be_log1p_d(Em *em, LV x);
LV be_erfc_d(Em *em, LV x);
LV be_pow_f32(Em *em, LV x, LV y);
/* be_math_long*.c: f64 to the last place; targets with a fused multiply-add only */
typedef struct Reduced { LV r, n, t; } Reduced; /* x = n ln 2 + r, t = n + magic */
Reduced be_reduce_exp(Em *em, LV x);
LV be_exp_poly(Em *em, LV r);                  /* (e^r - 1 - r) / r^2 on [-ln 2 / 2, ln 2 / 2] */
LV be_exp_f64(Em *em, LV x);
LV be_expm1_f64(Em *em, LV x);
LV be_expm1_part(Em *em, LV x, LV *t);         /* p, x = n ln 2 + log(1 + p), t = n + magic */
LV be_log_f64(Em *em, LV x);
LV be_log1p_sum(Em *em, LV x, LV low, LV more); /* log(1 + x + low) + more ln 2 */
LV be_log1p_f64(Em *em, LV x);
LV be_tanh_f64(Em *em, LV x);
LV be_sigmoid_f64(Em *em, LV x);
LV be_pow_f64(Em *em, LV x, LV y);
LV be_pow_corners(Em *em, LV x, LV y, LV r, LV whole, LV odd);
LV be_sin_f64(Em *em, LV x);
LV be_cos_f64(Em *em, LV x);
LV be_tan_f64(Em *em, LV x);
LV be_asin_f64(Em *em, LV x);
LV be_acos_f64(Em *em, LV x);
LV be_atan_f64(Em *em, LV x);
LV be_atan2_f64(Em *em, LV y, LV x);
LV be_sinh_f64(Em *em, LV x);
LV be_cosh_f64(Em *em, LV x);
LV be_asinh_f64(Em *em, LV x);
LV be_acosh_f64(Em *em, LV x);
LV be_atanh_f64(Em *em, LV x);
LV be_erf_f64(Em *em, LV x);
LV be_erfc_f64(Em *em, LV x);
LV be_unless_large(Em *em, IrOp op, LV x, LV y, double limit); /* y where |x| < limit, else what the runtime says */

#endif
