/* be_math.c - which elementary functions of floats have code of their own; the rest goes to the runtime. */
#include "backend/be_math_int.h"

static LV expm1_f32(Em *em, LV x)
{
    LV y = m_float(em, be_expm1_d(em, m_widen(em, x)));
    return em_select(em, m_eq(em, x, m_k(x, 0)), x, y);
}

static LV log1p_f32(Em *em, LV x)
{
    LV y = m_float(em, be_log1p_d(em, m_widen(em, x)));
    return em_select(em, m_eq(em, x, m_k(x, 0)), x, y);
}

/* (t + t / (t + 1)) / 2 with t = e^|x| - 1 */
static LV sinh_f32(Em *em, LV xf)
{
    LV x = m_widen(em, xf), t = be_expm1_d(em, m_abs(em, x));
    LV y = m_mul(em, m_k(x, 0.5), m_add(em, t, m_div(em, t, m_add(em, t, m_k(x, 1)))));
    return m_float(em, m_copysign(em, y, x));
}

static LV cosh_f32(Em *em, LV xf)
{
    LV x = m_widen(em, xf), e = be_exp_d(em, m_abs(em, x));
    return m_float(em, m_mul(em, m_k(x, 0.5), m_add(em, e, m_div(em, m_k(x, 1), e))));
}

static LV asinh_f32(Em *em, LV xf)
{
    LV x = m_widen(em, xf), a = m_abs(em, x), one = m_k(x, 1), inf = m_k(x, __builtin_inf()), z = m_mul(em, a, a);
    LV y = be_log1p_d(em, m_add(em, a, m_div(em, z, m_add(em, one, m_sqrt(em, m_add(em, z, one))))));
    return m_float(em, m_copysign(em, em_select(em, m_eq(em, a, inf), inf, y), x));
}

static LV acosh_f32(Em *em, LV xf)
{
    LV x = m_widen(em, xf), t = m_sub(em, x, m_k(x, 1));
    LV y = be_log1p_d(em, m_add(em, t, m_sqrt(em, m_fma(em, t, t, m_add(em, t, t)))));
    return m_float(em, em_select(em, em_fcmp(em, LLVMRealOLT, t, m_k(x, 0)), m_k(x, __builtin_nan("")), y));
}

static LV atanh_f32(Em *em, LV xf)
{
    LV x = m_widen(em, xf), a = m_abs(em, x), one = m_k(x, 1);
    LV y = be_log1p_d(em, m_div(em, m_add(em, a, a), m_sub(em, one, a)));
    return m_float(em, m_copysign(em, m_mul(em, y, m_k(x, 0.5)), x));
}

static LV erfc_f32(Em *em, LV x) { return m_float(em, be_erfc_d(em, m_widen(em, x))); }

LV be_f32_math(Em *em, IrOp op, LV x, LV y)
{
    switch (op) {
    case OP_exp: return be_exp_f32(em, x);
    case OP_expm1: return expm1_f32(em, x);
    case OP_log: return be_log_f32(em, x);
    case OP_log1p: return log1p_f32(em, x);
    case OP_sin: return be_sin_f32(em, x);
    case OP_cos: return be_cos_f32(em, x);
    case OP_tan: return be_tan_f32(em, x);
    case OP_asin: return be_asin_f32(em, x);
    case OP_acos: return be_acos_f32(em, x);
    case OP_atan: return be_atan_f32(em, x);
    case OP_atan2: return be_atan2_f32(em, x, y);
    case OP_sinh: return sinh_f32(em, x);
    case OP_cosh: return cosh_f32(em, x);
    case OP_tanh: return be_tanh_f32(em, x);
    case OP_asinh: return asinh_f32(em, x);
    case OP_acosh: return acosh_f32(em, x);
    case OP_atanh: return atanh_f32(em, x);
    case OP_erf: return be_erf_f32(em, x);
    case OP_erfc: return erfc_f32(em, x);
    case OP_sigmoid: return be_sigmoid_f32(em, x);
    case OP_pow: return be_pow_f32(em, x, y);
    default: return NULL;
    }
}
