/* backend_math64.c - elementary functions of f64: random and odd arguments against the C library's long doubles (64 bits), equal bits
 * for every width. Of what has no code of its own the runtime is right (runtime_rows.c).
 *
 *     MLC_MATH_COUNT    so many thousand arguments of each function (100)
 *     MLC_SEED          another sequence
 */
#include "backend_test.h"

typedef long double Real1(long double);
typedef long double Real2(long double, long double);
static long double sigmoid_of(long double x) { return x >= 0 ? 1 / (1 + expl(-x)) : expl(x) / (1 + expl(x)); }

/* Arguments between lo and hi, where values change most; others are of any size, and any bits. */
static const struct { const char *name; Real1 *f; double lo, hi; } functions[] = {
    { "exp", expl, -746, 710 },     { "expm1", expm1l, -3, 3 },  { "log", logl, 0.5, 2 },   { "log1p", log1pl, -0.99, 1 }, { "tanh", tanhl, -3, 3 },
    { "sigmoid", sigmoid_of, -40, 40 }, { "erf", erfl, -6, 6 },  { "erfc", erfcl, -6, 28 }, { "sin", sinl, -1e6, 1e6 },    { "cos", cosl, -1e6, 1e6 },
    { "tan", tanl, -1e6, 1e6 },     { "asin", asinl, -1, 1 },    { "acos", acosl, -1, 1 },  { "atan", atanl, -4, 4 },      { "sinh", sinhl, -3, 3 },
    { "cosh", coshl, -711, 711 },   { "asinh", asinhl, -4, 4 },  { "acosh", acoshl, 1, 4 }, { "atanh", atanhl, -1, 1 },
};
enum { NFUNCTIONS = sizeof functions / sizeof functions[0] };

static const BeOptions ways[] = { { .opt = 2, .cpu = "x86-64-v3" }, { .opt = 2, .cpu = "x86-64-v4" }, { .opt = 2, .cpu = "x86-64-v3", .max_lanes = 1 },
                                  { .opt = 2, .cpu = "x86-64" } };
enum { NWAYS = sizeof ways / sizeof ways[0], N = 1000 + 3 }; /* lanes that are left over, too */

static const char unary[] =
    "tile fn @f[N](%%x: f64[N]) -> (f64[N]) {\n"
    "  %%bx = buffer param 0 : f64[N]\n"
    "  %%by = buffer result 0 : f64[N]\n"
    "  kernel {\n    tfor lanes 2 [n: N] {\n"
    "      %%0 = load %%bx[n] : f64\n      %%1 = %s %%0 : f64\n      store %%by[n], %%1\n"
    "    }\n  }\n}\n";

static const double corners[] = { 0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1e10, -1e10, 0x1.0000000000001p0, 0x1.fffffffffffffp-1, -0x1.fffffffffffffp-1, 1e300, 1e-300,
                                  0x1p-1022, -0x1p-1022, 0x1p-1074, -0x1p-1074, 0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023, 0x1p-1023, 0x1p53, 0x1p53 - 1,
                                  -0x1p53 - 2, 0x1p52 + 0.5, INFINITY, -INFINITY, NAN, 0.1, 100.5, 0x1.62e42fefa39efp+9, 0x1.62e42fefa39f0p+9, 709.8, -745.14, -745.13321910194122,
                                  -708.4, -36.8, 0.34657359027997264, 0.69314718055994529, 0x1.6a09e667f3bcdp-1, 0x1.6a09e667f3bccp-1, 0x1.6a09e667f3bcdp0, 0.625, 5.9215871957945083, 26.543258454000999,
                                  27.3, 1e-8, -1e-16, 0x1p-53, -0x1p-54, 0x1.921fb54442d18p+0, 0x1.921fb54442d18p+1, 5419351 * 0x1p-0, 6381956970095103.0 * 0x1p-30, 0x1.fffffffffffffp29,
                                  0x1p30, -0x1p30, 1e22 };
enum { NCORNERS = sizeof corners / sizeof corners[0] };

#if defined(__SANITIZE_ADDRESS__)
enum { COUNT = 20 };
#else
enum { COUNT = 100 };
#endif

static int64_t number_of(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    return text && atoll(text) > 0 ? atoll(text) : otherwise;
}

static uint64_t draw(uint64_t *s) /* splitmix64 (Steele, Lea and Flood 2014) */
{
    uint64_t z = *s += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static double between(uint64_t *s, double lo, double hi) { return lo + (hi - lo) * ((double)(draw(s) >> 11) * 0x1p-53); }

/* One in four of any bits, one of any size around 1, the rest in the range where the function changes. */
static double argument(uint64_t *s, double lo, double hi)
{
    uint64_t kind = draw(s) % 4, bits = draw(s);
    double x;
    memcpy(&x, &bits, sizeof x);
    if (kind == 1)
        x = copysign(exp2(between(s, -60, 32)), x);
    return kind < 2 ? x : between(s, lo, hi);
}

/* In units of the last place of the exact result; 0 if both are the same special value. */
static double error_of(double got, long double want)
{
    double w = (double)want;
    if (isnan(w) || isnan(got))
        return isnan(w) && isnan(got) ? 0 : INFINITY;
    if (isinf(w) || isinf(got)) /* the last numbers below infinity may round up */
        return got == w || (!isinf(want) && fabsl(want) > 0x1.ffffffffffffep1023L && signbit(got) == signbit(w) && fabs(got) > 0x1.ffffffffffffdp1023) ? 0 : INFINITY;
    if (want == 0)
        return got == 0 && signbit(got) == signbit(w) ? 0 : INFINITY;
    int e;
    frexpl(want, &e);
    return (double)(fabsl((long double)got - want) / ldexpl(1, (e < -1021 ? -1021 : e) - 53));
}

static bool same(double x, double y) { return memcmp(&x, &y, sizeof x) == 0 || (isnan(x) && isnan(y)); }

static void run(MlcrtBody *body, int64_t n, void **leaves)
{
    int64_t dims[] = { n };
    BeRun r = { .call = { .leaf = leaves, .dims = dims, .rt = &be_test_rt } };
    r.call.state = &r;
    r.call.stop = &r.stop;
    body(&r.call);
}

static void open_all(BeTest *t, MlcrtBody **body, const char *text)
{
    for (int w = 0; w < NWAYS; w++) {
        be_test_init(&t[w]);
        body[w] = NULL;
        if (!be_test_can_run(ways[w].cpu))
            continue;
        ck_assert_msg(be_test_compile(&t[w], text, ways[w]), "%s", t[w].errors);
        body[w] = be_test_body(&t[w], "f");
    }
}

static void drop_all(BeTest *t)
{
    for (int w = 0; w < NWAYS; w++)
        be_test_drop(&t[w]);
}

static void check_widths(MlcrtBody **body, double y[NWAYS][N], int i, const char *name, double x)
{
    for (int w = 1; w < NWAYS - 1; w++)
        ck_assert_msg(!body[w] || !body[0] || same(y[0][i], y[w][i]), "%s(%a): other widths give other bits, %a and %a", name, x, y[0][i], y[w][i]);
}

START_TEST(functions_of_doubles_are_within_two_units_of_the_last_place)
{
    static double x[N], y[NWAYS][N];
    MlcrtBody *body[NWAYS];
    BeTest t[NWAYS];
    char text[1024];
    uint64_t seed = (uint64_t)number_of("MLC_SEED", 1) + (uint64_t)_i * 1000;
    double worst = 0, at = 0;
    int64_t blocks = number_of("MLC_MATH_COUNT", COUNT);
    snprintf(text, sizeof text, unary, functions[_i].name);
    open_all(t, body, text);
    for (int64_t b = 0; b < blocks; b++) {
        int ways_now = b % 8 ? 1 : NWAYS; /* the others every eighth time */
        for (int i = 0; i < N; i++)
            x[i] = b == 0 && i < NCORNERS ? corners[i] : argument(&seed, functions[_i].lo, functions[_i].hi);
        for (int w = 0; w < ways_now; w++)
            if (body[w])
                run(body[w], N, (void *[]){ x, y[w] });
        for (int w = body[0] ? 0 : NWAYS - 1, i = 0; i < N; i++) {
            long double want = functions[_i].f(x[i]);
            double e = error_of(y[w][i], want);
            if (e > worst) {
                worst = e;
                at = x[i];
            }
            ck_assert_msg(e <= 2, "%s(%a) is %a, not %a: off by %g", functions[_i].name, x[i], y[w][i], (double)want, e);
            if (ways_now > 1)
                check_widths(body, y, i, functions[_i].name, x[i]);
        }
    }
    if (getenv("MLC_TEST_VERBOSE"))
        printf("%-8s %.3f ulp at %a\n", functions[_i].name, worst, at);
    drop_all(t);
}
END_TEST

/* ---- of two numbers ----------------------------------------------------------------------------------------------------------- */

static const char binary[] =
    "tile fn @f[N](%%x: f64[N], %%y: f64[N]) -> (f64[N]) {\n"
    "  %%bx = buffer param 0 : f64[N]\n"
    "  %%by = buffer param 1 : f64[N]\n"
    "  %%bz = buffer result 0 : f64[N]\n"
    "  kernel {\n    tfor lanes 1 [n: N] {\n"
    "      %%0 = load %%bx[n] : f64\n      %%1 = load %%by[n] : f64\n      %%2 = %s %%0, %%1 : f64\n      store %%bz[n], %%2\n"
    "    }\n  }\n}\n";

/* Bases of every size or near 1, exponents so that results are of every size; few of any bits. */
static void base_and_exponent(uint64_t *s, double *x, double *y)
{
    uint64_t kind = draw(s) % 8;
    *x = kind < 4 ? exp2(between(s, -1070, 1020)) : kind < 7 ? between(s, 0.5, 2) : argument(s, -4, 4);
    *y = between(s, -750, 750) / fabs(log(fabs(*x)));
    *y = kind == 0 || kind == 4 ? between(s, -8, 8) : kind == 7 ? nearbyint(between(s, -20, 20)) : *y;
    if (draw(s) % 8 == 0) {
        *x = -*x;
        *y = nearbyint(*y);
    }
}

/* Of like size, as far apart as their quotient may be a number, of any bits. */
static void two_legs(uint64_t *s, double *y, double *x)
{
    uint64_t kind = draw(s) % 4;
    *x = kind < 2 ? between(s, -4, 4) : argument(s, -4, 4);
    *y = kind == 0 ? between(s, -4, 4) : kind == 1 ? *x * exp2(between(s, -60, 60)) : argument(s, -4, 4);
}

static const struct { const char *name; Real2 *f; void (*arguments)(uint64_t *s, double *x, double *y); } pairs[] = {
    { "pow", powl, base_and_exponent }, { "atan2", atan2l, two_legs }
};
enum { NPAIRS = sizeof pairs / sizeof pairs[0] };

START_TEST(functions_of_two_doubles_are_within_two_units_of_the_last_place)
{
    static double x[N], y[N], z[NWAYS][N];
    MlcrtBody *body[NWAYS];
    BeTest t[NWAYS];
    uint64_t seed = (uint64_t)number_of("MLC_SEED", 1);
    double worst = 0, at[2] = { 0 };
    int64_t blocks = number_of("MLC_MATH_COUNT", COUNT), pair = 0;
    char text[1024];
    const char *name = pairs[_i].name;
    snprintf(text, sizeof text, binary, name);
    open_all(t, body, text);
    for (int64_t b = 0; b < blocks; b++) {
        for (int i = 0; i < N; i++, pair++) {
            pairs[_i].arguments(&seed, &x[i], &y[i]);
            if (pair < NCORNERS * NCORNERS) {
                x[i] = corners[pair / NCORNERS];
                y[i] = corners[pair % NCORNERS];
            }
        }
        int ways_now = b % 8 && b > 4 ? 1 : NWAYS;
        for (int w = 0; w < ways_now; w++)
            if (body[w])
                run(body[w], N, (void *[]){ x, y, z[w] });
        for (int w = body[0] ? 0 : NWAYS - 1, i = 0; i < N; i++) {
            long double want = pairs[_i].f(x[i], y[i]);
            double e = error_of(z[w][i], want);
            if (e > worst) {
                worst = e;
                at[0] = x[i];
                at[1] = y[i];
            }
            ck_assert_msg(e <= 2, "%s(%a, %a) is %a, not %a: off by %g", name, x[i], y[i], z[w][i], (double)want, e);
            if (ways_now > 1)
                check_widths(body, z, i, name, x[i]);
        }
    }
    if (getenv("MLC_TEST_VERBOSE"))
        printf("%-8s %.3f ulp at %a, %a\n", name, worst, at[0], at[1]);
    drop_all(t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("backend math of f64");
    TCase *c = tcase_create("math");
    tcase_set_timeout(c, getenv("MLC_MATH_COUNT") ? 36000 : 120);
    tcase_add_loop_test(c, functions_of_doubles_are_within_two_units_of_the_last_place, 0, NFUNCTIONS);
    tcase_add_loop_test(c, functions_of_two_doubles_are_within_two_units_of_the_last_place, 0, NPAIRS);
    suite_add_tcase(s, c);
    return test_main(s);
}
