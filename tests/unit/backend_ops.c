/* backend_ops.c - scalar operations on every dtype, casts, draws; vectors and scalars agree, and agree with C. */
#include "backend_test.h"
#include "runtime/random.h"

static const BeOptions ways[] = { { .opt = 2, .cpu = "x86-64-v3" }, { .opt = 2, .cpu = "x86-64-v4" }, { .opt = 0, .cpu = "x86-64-v3" }, { .opt = 2, .cpu = "x86-64" } };
enum { NWAYS = sizeof ways / sizeof ways[0] };

static void run(const char *text, int way, int64_t n, void **leaves)
{
    int64_t dims[] = { n };
    BeRun r = be_test_run(text, ways[way], "f", leaves, dims, NULL);
    ck_assert_int_eq(r.fault.count, 0);
}

/* ---- casts between all types --------------------------------------------------------------------------------------- */

static const char *const types[] = { "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "bf16", "f32", "f64" };
enum { NTYPES = sizeof types / sizeof types[0], N = 40 };

static float half_to_float(uint16_t h)
{
    int e = h >> 10 & 31, m = h & 1023;
    float f = e == 31 ? (m ? NAN : INFINITY) : e ? ldexpf((float)(1024 + m), e - 25) : ldexpf((float)m, -24);
    return h & 0x8000 ? -f : f;
}

static float bfloat_to_float(uint16_t h)
{
    uint32_t w = (uint32_t)h << 16;
    float f;
    memcpy(&f, &w, 4);
    return f;
}

/* Nearest, ties to even, of a double, by trying the neighbours: slow and plain. */
static uint16_t nearest16(double x, float (*value)(uint16_t), uint16_t inf)
{
    if (isnan(x))
        return (uint16_t)(inf | (inf == 0x7c00 ? 0x200 : 0x40));
    double a = fabs(x);
    uint16_t lo = 0, hi = inf;
    while (hi - lo > 1) {
        uint16_t mid = (uint16_t)((lo + hi) / 2);
        *((double)value(mid) <= a ? &lo : &hi) = mid;
    }
    double top = hi == inf ? 2 * (double)value((uint16_t)(inf - 1)) - (double)value((uint16_t)(inf - 2)) : (double)value(hi);
    double below = a - (double)value(lo), above = top - a;
    uint16_t r = isinf(a) || above < below || (above == below && (lo & 1)) ? hi : lo;
    return (uint16_t)(r | (signbit(x) ? 0x8000 : 0));
}

static double read_as(const char *t, const void *p, int i, bool *is_int, int64_t *v)
{
    *is_int = true;
    if (!strcmp(t, "bool")) return (double)(*v = ((const uint8_t *)p)[i] != 0);
    if (!strcmp(t, "i8")) return (double)(*v = ((const int8_t *)p)[i]);
    if (!strcmp(t, "i16")) return (double)(*v = ((const int16_t *)p)[i]);
    if (!strcmp(t, "i32")) return (double)(*v = ((const int32_t *)p)[i]);
    if (!strcmp(t, "i64")) return (double)(*v = ((const int64_t *)p)[i]);
    if (!strcmp(t, "u8")) return (double)(*v = ((const uint8_t *)p)[i]);
    if (!strcmp(t, "u16")) return (double)(*v = ((const uint16_t *)p)[i]);
    if (!strcmp(t, "u32")) return (double)(*v = ((const uint32_t *)p)[i]);
    if (!strcmp(t, "u64")) { *v = ((const int64_t *)p)[i]; return (double)((const uint64_t *)p)[i]; }
    *is_int = false;
    if (!strcmp(t, "f16")) return (double)half_to_float(((const uint16_t *)p)[i]);
    if (!strcmp(t, "bf16")) return (double)bfloat_to_float(((const uint16_t *)p)[i]);
    return !strcmp(t, "f32") ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static int bytes_of(const char *t)
{
    return !strcmp(t, "bool") ? 1 : !strcmp(t, "bf16") ? 2 : atoi(t + 1) / 8;
}

static uint64_t saturated(double x, bool sign, int bits)
{
    double lo = sign ? -ldexp(1, bits - 1) : 0, hi = ldexp(1, sign ? bits - 1 : bits);
    uint64_t top = sign ? ((uint64_t)1 << (bits - 1)) - 1 : bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
    return isnan(x) ? 0 : x <= lo ? (uint64_t)(sign ? (int64_t)((uint64_t)-1 << (bits - 1)) : 0) : x >= hi ? top : x < 0 ? (uint64_t)(int64_t)x : (uint64_t)x;
}

static void expect_cast(const char *from, const char *to, const void *p, const void *q, int i)
{
    bool is_int, to_int;
    int64_t v = 0, got_v = 0;
    double x = read_as(from, p, i, &is_int, &v), got = read_as(to, q, i, &to_int, &got_v), want;
    int bits = bytes_of(to) * 8;
    if (!strcmp(to, "bool")) {
        ck_assert_msg(got_v == (is_int ? v != 0 : x != 0), "%s to bool: %g", from, x);
        return;
    }
    if (to_int) {
        uint64_t w = is_int ? (uint64_t)v : saturated(x, *to == 'i', bits), all = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
        ck_assert_msg((w & all) == ((uint64_t)got_v & all), "%s to %s: %g gave %lld", from, to, x, (long long)got_v);
        return;
    }
    if (!strcmp(to, "f64") || !strcmp(to, "f32")) {
        float single = !is_int ? (float)x : !strcmp(from, "u64") ? (float)(uint64_t)v : (float)v;
        want = !strcmp(to, "f64") ? x : (double)single;
        ck_assert_msg(want == got || (isnan(want) && isnan(got)), "%s to %s: %a gave %a", from, to, x, got);
        return;
    }
    uint16_t h = !strcmp(to, "f16") ? nearest16(x, half_to_float, 0x7c00) : nearest16(x, bfloat_to_float, 0x7f80), g = ((const uint16_t *)q)[i];
    if (isnan(x))
        ck_assert_msg(isnan(got), "%s to %s: NaN gave %a", from, to, got);
    else
        ck_assert_msg(h == g, "%s to %s: %a gave %04x, not %04x", from, to, x, g, h);
}

static void fill(const char *t, unsigned char *p)
{
    static const double specials[] = { 0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 127, 128, -128, -129, 255, 256, 65504, 65519.99, 65520, 1e-8, 5.97e-8, 2.99e-8, 1e10,
                                       -1e10, 9.3e18, -9.3e18, 1.9e19, 3.4e38, 1e300, INFINITY, -INFINITY, NAN, 2147483647, 2147483648.0, 4294967296.0, 1.00048828125, 1.0004882812500002,
                                       1.00390625, 1.0039062500000002, 6.1e-5, 1e-40, 0.1 };
    int n = bytes_of(t);
    uint32_t seed = 99;
    for (int i = 0; i < N; i++) {
        double d = specials[i];
        float f = (float)d;
        uint16_t h = !strcmp(t, "f16") ? nearest16(d, half_to_float, 0x7c00) : nearest16(d, bfloat_to_float, 0x7f80);
        uint64_t w = 0;
        seed = seed * 1664525u + 1013904223u;
        if (!strcmp(t, "f64")) memcpy(&w, &d, 8);
        else if (!strcmp(t, "f32")) memcpy(&w, &f, 4);
        else if (!strcmp(t, "f16") || !strcmp(t, "bf16")) w = h;
        else if (!strcmp(t, "bool")) w = seed >> 31;
        else w = i < 8 ? (uint64_t)((int64_t)i - 4) : i < 16 ? UINT64_MAX >> (i - 8) * 8 : i < 24 ? (uint64_t)1 << ((i - 16) * 8 + 7) : (uint64_t)seed * seed << (i % 31);
        memcpy(p + i * n, &w, (size_t)n);
    }
}

START_TEST(casts_saturate_wrap_and_round_once)
{
    unsigned char x[N * 8], y[NTYPES][N * 8];
    const char *from = types[_i / NWAYS];
    Arena *a;
    Mem mem;
    mem_init(&mem, mem_malloc_hooks(), 0);
    a = arena_new(&mem);
    Buf b = buf_new(a);
    buf_printf(&b, "tile fn @f[N](%%x: %s[N]) -> (", from);
    for (int i = 0; i < NTYPES; i++)
        buf_printf(&b, "%s%s[N]", i ? ", " : "", types[i]);
    buf_printf(&b, ") {\n  %%bx = buffer param 0 : %s[N]\n", from);
    for (int i = 0; i < NTYPES; i++)
        buf_printf(&b, "  %%b%d = buffer result %d : %s[N]\n", i, i, types[i]);
    for (int i = 0; i < NTYPES; i++)
        buf_printf(&b, "  kernel {\n    tfor lanes 1 [n%d: N] {\n      %%v%d = load %%bx[n%d] : %s\n      %%c%d = cast %%v%d : %s\n      store %%b%d[n%d], %%c%d\n    }\n  }\n",
                   i, i, i, from, i, i, types[i], i, i, i);
    buf_puts(&b, "}\n");
    void *leaves[NTYPES + 1] = { x };
    for (int i = 0; i < NTYPES; i++)
        leaves[i + 1] = y[i];
    fill(from, x);
    run(buf_text(&b), _i % NWAYS, N, leaves);
    for (int t = 0; t < NTYPES; t++)
        for (int i = 0; i < N; i++)
            expect_cast(from, types[t], x, y[t], i);
    mem_drop(&mem);
}
END_TEST

/* ---- 16-bit arithmetic is rounded after every operation -------------------------------------------------------------- */

START_TEST(sixteen_bit_results_are_rounded_after_every_operation)
{
    static const char text[] =
        "tile fn @f[N](%x: f16[N], %y: bf16[N]) -> (f16[N], bf16[N]) {\n"
        "  %bx = buffer param 0 : f16[N]\n  %by = buffer param 1 : bf16[N]\n"
        "  %r0 = buffer result 0 : f16[N]\n  %r1 = buffer result 1 : bf16[N]\n"
        "  kernel {\n    tfor lanes 1 [n: N] {\n"
        "      %a = load %bx[n] : f16\n      %b = mul %a, %a : f16\n      %c = add %b, %a : f16\n      store %r0[n], %c\n"
        "      %d = load %by[n] : bf16\n      %e = mul %d, %d : bf16\n      %g = add %e, %d : bf16\n      store %r1[n], %g\n"
        "    }\n  }\n}\n";
    uint16_t x[N], y[N], p[N], q[N];
    fill("f16", (unsigned char *)x);
    fill("bf16", (unsigned char *)y);
    run(text, _i, N, (void *[]){ x, y, p, q });
    for (int i = 0; i < N; i++) {
        float a = half_to_float(x[i]), s = half_to_float(nearest16((double)a * (double)a, half_to_float, 0x7c00));
        float b = bfloat_to_float(y[i]), t = bfloat_to_float(nearest16((double)(b * b), bfloat_to_float, 0x7f80));
        uint16_t want = nearest16((double)s + (double)a, half_to_float, 0x7c00), wbf = nearest16((double)(t + b), bfloat_to_float, 0x7f80);
        ck_assert_msg(p[i] == want || isnan((double)s + (double)a), "f16 %a: %04x, not %04x", (double)a, p[i], want);
        ck_assert_msg(q[i] == wbf || isnan(t + b), "bf16 %a: %04x, not %04x", (double)b, q[i], wbf);
    }
}
END_TEST

/* ---- integers ------------------------------------------------------------------------------------------------------------ */

static int64_t floordiv(int64_t a, int64_t b) { return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b - (a % b != 0 && (a < 0) != (b < 0)); }

START_TEST(integer_division_floors_and_never_traps)
{
    static const char text[] =
        "tile fn @f[N](%x: i64[N], %y: i64[N]) -> (i64[N], i64[N], i64[N], i64[N]) {\n"
        "  %bx = buffer param 0 : i64[N]\n  %by = buffer param 1 : i64[N]\n"
        "  %r0 = buffer result 0 : i64[N]\n  %r1 = buffer result 1 : i64[N]\n  %r2 = buffer result 2 : i64[N]\n  %r3 = buffer result 3 : i64[N]\n"
        "  %k = const 12 : i64\n  %k2 = const -7 : i64\n"
        "  kernel {\n    tfor lanes 1 [n: N] {\n"
        "      %a = load %bx[n] : i64\n      %b = load %by[n] : i64\n"
        "      %c = floordiv %a, %b : i64\n      %d = mod %a, %b : i64\n      %e = floordiv %a, %k : i64\n      %g = mod %a, %k2 : i64\n"
        "      store %r0[n], %c\n      store %r1[n], %d\n      store %r2[n], %e\n      store %r3[n], %g\n"
        "    }\n  }\n}\n";
    static const int64_t v[] = { 0, 1, -1, 2, -2, 7, -7, 12, -12, 13, INT64_MAX, INT64_MIN, INT64_MIN + 1, 100, -100, 3 };
    enum { K = sizeof v / sizeof v[0] };
    static int64_t x[K * K], y[K * K], q[K * K], r[K * K], c[K * K], d[K * K];
    for (int i = 0; i < K * K; i++) {
        x[i] = v[i / K];
        y[i] = v[i % K] ? v[i % K] : 1;
    }
    run(text, _i, K * K, (void *[]){ x, y, q, r, c, d });
    for (int i = 0; i < K * K; i++) {
        int64_t w = floordiv(x[i], y[i]);
        ck_assert_int_eq(q[i], w);
        ck_assert_int_eq(r[i], (int64_t)((uint64_t)x[i] - (uint64_t)w * (uint64_t)y[i]));
        ck_assert_int_eq(c[i], floordiv(x[i], 12));
        ck_assert_int_eq(d[i], (int64_t)((uint64_t)x[i] - (uint64_t)floordiv(x[i], -7) * (uint64_t)-7));
    }
}
END_TEST

/* ---- draws ---------------------------------------------------------------------------------------------------------------- */

START_TEST(draws_are_those_of_the_runtime)
{
    static const char text[] =
        "tile fn @f[N](%k: key, %s: i64) -> (u64[N], u64[N]) {\n"
        "  %r0 = buffer result 0 : u64[N]\n  %r1 = buffer result 1 : u64[N]\n"
        "  %p = const 5 : i64\n"
        "  %k2 = key_new %s : key\n"
        "  kernel {\n    tfor lanes 2 [n: N] {\n"
        "      %a = random_bits %k, %p, n : u64\n      store %r0[n], %a\n"
        "      %b = key_fold %k2, n : key\n      %c = random_bits %b, n, %p : u64\n      store %r1[n], %c\n"
        "    }\n  }\n}\n";
    _Alignas(16) MlcrtKey k = { { 0x123456789abcdef0, 0xfedcba9876543210 } };
    _Alignas(16) int64_t s[2] = { -3 };
    uint64_t a[37], b[37];
    run(text, _i, 37, (void *[]){ &k, s, a, b });
    for (int i = 0; i < 37; i++) {
        ck_assert_uint_eq(a[i], rt_random_bits(k, 5, i));
        ck_assert_uint_eq(b[i], rt_random_bits(rt_key_fold(rt_key_new(-3), i), i, 5));
    }
}
END_TEST

/* ---- choices under masks ------------------------------------------------------------------------------------------------ */

START_TEST(only_the_taken_side_of_an_if_is_read)
{
    static const char text[] =
        "tile fn @f[N](%x: f32[N], %t: f32[4]) -> (f32[N]) {\n"
        "  %bx = buffer param 0 : f32[N]\n  %bt = buffer param 1 : f32[4]\n  %r = buffer result 0 : f32[N]\n"
        "  %four = const 4 : i64\n  %zero = const 0 : i64\n"
        "  kernel {\n    tfor lanes 2 [n: N] {\n"
        "      %in = lt n, %four : bool\n"
        "      %y = if %in {\n        %v = load %bt[n] : f32\n        yield %v\n      } else {\n"
        "        %m = dim n - 1 : i64\n        %w = load %bx[%m] : f32\n        yield %w\n      } : f32\n"
        "      store %r[n], %y\n    }\n  }\n}\n";
    float *x = malloc(100 * 4), t[4] = { 1, 2, 3, 4 }, y[100];
    for (int i = 0; i < 100; i++)
        x[i] = (float)(i * i);
    run(text, _i, 100, (void *[]){ x, t, y });
    for (int i = 0; i < 100; i++)
        ck_assert_float_eq(y[i], i < 4 ? t[i] : x[i - 1]);
    free(x);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("backend ops");
    TCase *c = tcase_create("ops");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, casts_saturate_wrap_and_round_once, 0, NTYPES * NWAYS);
    tcase_add_loop_test(c, sixteen_bit_results_are_rounded_after_every_operation, 0, NWAYS);
    tcase_add_loop_test(c, integer_division_floors_and_never_traps, 0, NWAYS);
    tcase_add_loop_test(c, draws_are_those_of_the_runtime, 0, NWAYS);
    tcase_add_loop_test(c, only_the_taken_side_of_an_if_is_read, 0, NWAYS);
    suite_add_tcase(s, c);
    return test_main(s);
}
