/* be_math.c - which elementary functions of floats have code of their own; the rest goes to the runtime. */
#include <stdio.h>

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

static LV erfc_f32(Em *em, LV x)
{
    return em->be->target.fma ? be_erfc_f32(em, x) : m_float(em, be_erfc_d(em, m_widen(em, x)));
}

/* Long ones are functions of their own (be_outline.c). */
typedef struct Row { IrOp op; LV (*one)(Em *em, LV x); LV (*two)(Em *em, LV x, LV y); bool brief; } Row;

static const Row rows[] = {
    { OP_exp, be_exp_f32, NULL, true },       { OP_log, be_log_f32, NULL, true },     { OP_tanh, be_tanh_f32, NULL, true },
    { OP_sigmoid, be_sigmoid_f32, NULL, true }, { OP_erf, be_erf_f32, NULL, true },   { OP_expm1, expm1_f32, NULL, false },
    { OP_log1p, log1p_f32, NULL, false },     { OP_sin, be_sin_f32, NULL, false },    { OP_cos, be_cos_f32, NULL, false },
    { OP_tan, be_tan_f32, NULL, false },      { OP_asin, be_asin_f32, NULL, false },  { OP_acos, be_acos_f32, NULL, false },
    { OP_atan, be_atan_f32, NULL, false },    { OP_sinh, sinh_f32, NULL, false },     { OP_cosh, cosh_f32, NULL, false },
    { OP_asinh, asinh_f32, NULL, false },     { OP_acosh, acosh_f32, NULL, false },   { OP_atanh, atanh_f32, NULL, false },
    { OP_erfc, erfc_f32, NULL, false },       { OP_atan2, NULL, be_atan2_f32, false }, { OP_pow, NULL, be_pow_f32, false },
};
enum { NROWS = sizeof rows / sizeof rows[0] };

/* of f64 */
static const Row long_rows[] = {
    { OP_exp, be_exp_f64, NULL, true },       { OP_sigmoid, be_sigmoid_f64, NULL, true }, { OP_log, be_log_f64, NULL, true },
    { OP_expm1, be_expm1_f64, NULL, false },  { OP_log1p, be_log1p_f64, NULL, false },    { OP_tanh, be_tanh_f64, NULL, false },
    { OP_erf, be_erf_f64, NULL, false },      { OP_erfc, be_erfc_f64, NULL, false },      { OP_sin, be_sin_f64, NULL, false },
    { OP_cos, be_cos_f64, NULL, false },      { OP_tan, be_tan_f64, NULL, false },        { OP_pow, NULL, be_pow_f64, false },
    { OP_asin, be_asin_f64, NULL, false },    { OP_acos, be_acos_f64, NULL, false },      { OP_atan, be_atan_f64, NULL, false },
    { OP_sinh, be_sinh_f64, NULL, false },    { OP_cosh, be_cosh_f64, NULL, false },      { OP_asinh, be_asinh_f64, NULL, false },
    { OP_acosh, be_acosh_f64, NULL, false },  { OP_atanh, be_atanh_f64, NULL, false },    { OP_atan2, NULL, be_atan2_f64, false },
};
enum { NLONG = sizeof long_rows / sizeof long_rows[0] };

static const Row *row_of(const Row *p, int n, IrOp op)
{
    for (int i = 0; i < n; i++)
        if (p[i].op == op)
            return &p[i];
    return NULL;
}

static LV write_row(Em *em, const void *row, LV *x)
{
    const Row *r = row;
    return r->one ? r->one(em, x[0]) : r->two(em, x[0], x[1]);
}

static LV write_one(Em *em, const Row *r, const char *what, LV x, LV y)
{
    LV e[] = { x, y };
    if (!r)
        return NULL;
    return r->brief ? write_row(em, r, e) : be_outlined(em, what, LLVMTypeOf(x), r->one ? 1 : 2, e, write_row, r);
}

LV be_f32_math(Em *em, IrOp op, LV x, LV y) { return write_one(em, row_of(rows, NROWS, op), ir_ops[op].name, x, y); }

/* Scalars take the function that vectors take, with the same bits, so there is one of it. */
LV be_f64_math(Em *em, IrOp op, LV x, LV y)
{
    char name[32];
    const Row *r = row_of(long_rows, NLONG, op);
    if (!r || !em->be->target.fma)
        return NULL;
    snprintf(name, sizeof name, "%s_f64", ir_ops[op].name);
    if (r->brief || be_lanes_of(x) || em->be->opt->max_lanes == 1)
        return write_one(em, r, name, x, y);
    int lanes = em->be->target.vector_bytes / 8;
    LV all = write_one(em, r, name, em_splat(em, x, lanes), y ? em_splat(em, y, lanes) : NULL);
    return em_extract(em, all, be_const(em->be->i32, 0));
}

bool be_has_f64_math(IrOp op) { return row_of(long_rows, NLONG, op) != NULL; }
