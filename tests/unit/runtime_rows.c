/* What compiled code asks of the runtime beside loops: sorted rows and functions of f64. */
#include <math.h>

#include "runtime/core_int.h"
#include "runtime_test.h"

/* ---- rows against a plain selection ------------------------------------------------------------------------- */

enum { ROWS = 3, FEW = 40, MOST = 600 };

static double value_of(int dtype, const void *x, int64_t i)
{
    switch (dtype) {
    case RT_DT_bool: case RT_DT_u8: return ((const uint8_t *)x)[i];
    case RT_DT_i8: return ((const int8_t *)x)[i];
    case RT_DT_i16: return ((const int16_t *)x)[i];
    case RT_DT_u16: return ((const uint16_t *)x)[i];
    case RT_DT_i32: return ((const int32_t *)x)[i];
    case RT_DT_u32: return ((const uint32_t *)x)[i];
    case RT_DT_f16: return (double)rt_f16_value(((const uint16_t *)x)[i]);
    case RT_DT_bf16: return (double)rt_bf16_value(((const uint16_t *)x)[i]);
    case RT_DT_f32: return (double)((const float *)x)[i];
    case RT_DT_f64: return ((const double *)x)[i];
    case RT_DT_u64: return (double)(((const uint64_t *)x)[i] >> 11); /* drawn so that this tells them apart */
    default: return (double)(((const int64_t *)x)[i] >> 11);
    }
}

/* Does element i come before element k? NaN is largest, equal ones by place. */
static bool first_is(int dtype, const void *x, int64_t i, int64_t k, bool descending)
{
    double a = value_of(dtype, x, i), b = value_of(dtype, x, k);
    bool na = a != a, nb = b != b;
    if (na != nb)
        return descending ? na : nb;
    if (!na && a != b)
        return descending ? a > b : a < b;
    return i < k;
}

static void fill(int dtype, void *x, size_t n, uint64_t *seed)
{
    static const double special[] = { 0.0, -0.0, 1.5, -1.5, NAN, -NAN, INFINITY, -INFINITY, 2, 2 };
    uint8_t *bytes = x;
    for (size_t i = 0; i < n; i++) {
        double v = special[test_random(seed) % 10];
        uint64_t r = test_random(seed) % 3 ? test_random(seed) : test_random(seed) << 60; /* some equal */
        float f = (float)v;
        if (dtype == RT_DT_f32)
            memcpy(bytes + 4 * i, &f, 4);
        else if (dtype == RT_DT_f64)
            memcpy(bytes + 8 * i, &v, 8);
        else
            memcpy(bytes + i * rt_types[dtype].bytes, dtype == RT_DT_i64 || dtype == RT_DT_u64 ? (r &= ~UINT64_C(2047), &r) : &r, rt_types[dtype].bytes);
    }
}

static void check_row(int dtype, const char *x, int64_t n, int64_t k, bool descending, const char *values, const int64_t *indices)
{
    size_t e = rt_types[dtype].bytes;
    bool taken[MOST] = { 0 };
    for (int64_t i = 0; i < k; i++) {
        int64_t best = -1;
        for (int64_t j = 0; j < n; j++)
            if (!taken[j] && (best < 0 || first_is(dtype, x, j, best, descending)))
                best = j;
        ck_assert_msg(indices[i] == best, "%s, n %d, k %d: place %d is %d, not %d", rt_types[dtype].name, (int)n, (int)k, (int)i,
                      (int)indices[i], (int)best);
        ck_assert_mem_eq(values + (size_t)i * e, x + (size_t)best * e, e);
        taken[best] = true;
    }
}

START_TEST(rows_come_sorted_stable_and_with_places)
{
    int dtype = _i;
    uint64_t seed = 7;
    int64_t stop = 0;
    MlcrtCall call = { .stop = &stop };
    char x[ROWS * MOST * 8], values[ROWS * MOST * 8], scratch[MOST * 16];
    int64_t indices[ROWS * MOST];
    for (int round = 0; round < 200; round++) {
        int64_t n = (int64_t)(test_random(&seed) % (round % 8 ? FEW : MOST)), k = n ? (int64_t)(test_random(&seed) % (uint64_t)n) + 1 : 0;
        bool descending = test_random(&seed) & 1;
        fill(dtype, x, sizeof x / rt_types[dtype].bytes, &seed);
        rt_table.sort(&call, dtype, x, ROWS, n, k, descending, values, indices, scratch);
        for (int64_t r = 0; r < ROWS; r++)
            check_row(dtype, x + (size_t)(r * n) * rt_types[dtype].bytes, n, k, descending, values + (size_t)(r * k) * rt_types[dtype].bytes, indices + r * k);
        memset(values, 1, sizeof values);
        rt_table.sort(&call, dtype, x, ROWS, n, k, descending, NULL, indices, scratch);
        rt_table.sort(&call, dtype, x, ROWS, n, k, descending, values, NULL, scratch);
    }
}
END_TEST

/* ---- functions ------------------------------------------------------------------------------------------------ */

static const struct { int op; double x, y; double wanted; } values[] = {
    { MLCRT_M_exp, 1, 0, 2.718281828459045 }, { MLCRT_M_expm1, 1e-20, 0, 1e-20 }, { MLCRT_M_log1p, 1e-20, 0, 1e-20 },
    { MLCRT_M_rsqrt, 4, 0, 0.5 }, { MLCRT_M_rsqrt, 0, 0, INFINITY }, { MLCRT_M_lgamma, 0.5, 0, 0.5723649429247001 },
    { MLCRT_M_lgamma, -0.5, 0, 1.2655121234846454 }, { MLCRT_M_sigmoid, 0, 0, 0.5 }, { MLCRT_M_sigmoid, 800, 0, 1 },
    { MLCRT_M_sigmoid, -700, 0, 9.85967654375977e-305 }, { MLCRT_M_sigmoid, -INFINITY, 0, 0 }, { MLCRT_M_sigmoid, INFINITY, 0, 1 },
    { MLCRT_M_round, 2.5, 0, 2 }, { MLCRT_M_round, -3.5, 0, -4 }, { MLCRT_M_erfc, 10, 0, 2.088487583762545e-45 },
    { MLCRT_M_tanh, INFINITY, 0, 1 }, { MLCRT_M_mod, 5, 3, 2 }, { MLCRT_M_mod, -5, 3, 1 }, { MLCRT_M_mod, 5, -3, -1 },
    { MLCRT_M_mod, -1, INFINITY, INFINITY }, { MLCRT_M_mod, 1, INFINITY, 1 }, { MLCRT_M_pow, 2, -1074, 4.9406564584124654e-324 },
    { MLCRT_M_pow, NAN, 0, 1 }, { MLCRT_M_atan2, 0, -1, 3.141592653589793 },
    /* a number that is none, or of the other arity */
    { 3, 1, 1, NAN }, { -1, 1, 1, NAN }, { MLCRT_M_sigmoid, NAN, 0, NAN }, { MLCRT_M_mod, 1, 0, NAN },
};

START_TEST(functions_have_their_values)
{
    int op = values[_i].op;
    bool two = op >= MLCRT_M_pow;
    double x = values[_i].x, y = values[_i].y, wanted = values[_i].wanted;
    double got = two ? rt_table.math2(op, x, y) : rt_table.math1(op, x);
    bool same = wanted != wanted ? got != got : got == wanted || fabs(got - wanted) <= 4e-16 * fabs(wanted);
    ck_assert_msg(same, "op %d of %g, %g: %.17g, not %.17g", op, x, y, got, wanted);
    ck_assert(isnan(two ? rt_table.math1(op, x) : rt_table.math2(op, x, y)));
}
END_TEST

START_TEST(element_types_are_numbered_as_the_compiler_does)
{
    static const char *const names[] = {
#define DTYPE(name, code, bits, ctype) #name,
#include "../../ir/dtypes.def"
#undef DTYPE
    };
    ck_assert_uint_eq(sizeof names / sizeof *names, RT_DT_count - 1);
    for (int i = 1; i < RT_DT_count; i++)
        ck_assert_str_eq(rt_types[i].name, names[i - 1]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rows and functions");
    TCase *t = tcase_create("rows");
    tcase_add_loop_test(t, rows_come_sorted_stable_and_with_places, RT_DT_bool, RT_DT_key);
    tcase_add_loop_test(t, functions_have_their_values, 0, sizeof values / sizeof *values);
    tcase_add_test(t, element_types_are_numbered_as_the_compiler_does);
    suite_add_tcase(s, t);
    return test_main(s);
}
