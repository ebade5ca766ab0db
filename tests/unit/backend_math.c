/* backend_math.c - elementary functions: every 4,099th float against the C library in double, equal bits for every width, corners.
 *
 *     MLC_MATH_STEP     every so manieth float instead, 1: all of them (minutes each; `make soak`)
 *     MLC_MATH_NAMES    only these functions: exp,log
 */
#include "backend_test.h"

typedef double Real1(double);
static double sigmoid_of(double x) { return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)); }
static double rsqrt_of(double x) { return 1 / sqrt(x); }

static const struct { const char *name; Real1 *f; } functions[] = {
    { "exp", exp }, { "expm1", expm1 }, { "log", log }, { "log1p", log1p }, { "sin", sin }, { "cos", cos }, { "tan", tan },
    { "asin", asin }, { "acos", acos }, { "atan", atan }, { "sinh", sinh }, { "cosh", cosh }, { "tanh", tanh }, { "asinh", asinh },
    { "acosh", acosh }, { "atanh", atanh }, { "erf", erf }, { "erfc", erfc }, { "sigmoid", sigmoid_of }, { "lgamma", lgamma },
    { "sqrt", sqrt }, { "rsqrt", rsqrt_of },
};
enum { NFUNCTIONS = sizeof functions / sizeof functions[0] };

static const BeOptions ways[] = { { .opt = 2, .cpu = "x86-64-v3" }, { .opt = 2, .cpu = "x86-64-v4" }, { .opt = 2, .cpu = "x86-64-v3", .max_lanes = 1 },
                                  { .opt = 2, .cpu = "x86-64" } };
enum { NWAYS = sizeof ways / sizeof ways[0] };

static const char unary[] =
    "tile fn @f[N](%%x: f32[N]) -> (f32[N]) {\n"
    "  %%bx = buffer param 0 : f32[N]\n"
    "  %%by = buffer result 0 : f32[N]\n"
    "  kernel {\n    tfor lanes 2 [n: N] {\n"
    "      %%0 = load %%bx[n] : f32\n      %%1 = %s %%0 : f32\n      store %%by[n], %%1\n"
    "    }\n  }\n}\n";

#if defined(__SANITIZE_ADDRESS__) /* ten times slower: fewer patterns */
enum { STEP = 65537, COUNT = 4096 };
#else
enum { STEP = 4099, COUNT = 4096 };
#endif

static uint64_t step(void)
{
    const char *text = getenv("MLC_MATH_STEP");
    return text && atoi(text) > 0 ? (uint64_t)atoi(text) : STEP;
}

static bool is_wanted(const char *name)
{
    const char *list = getenv("MLC_MATH_NAMES");
    size_t n = strlen(name);
    for (const char *p = list; p && (p = strstr(p, name)); p += n)
        if ((p == list || p[-1] == ',') && (!p[n] || p[n] == ','))
            return true;
    return !list;
}

/* In units of the last place of the exact result; 0 if both are the same special value. */
static double error_of(float got, double want)
{
    float w = (float)want;
    if (isnan(w) || isnan(got))
        return isnan(w) && isnan(got) ? 0 : INFINITY;
    if (isinf(w) || isinf(got) || want == 0)
        return got == w || (isinf(w) && fabs(want) < 0x1.ffffffp127 && fabsf(got) == 0x1.fffffep127f) ? (want != 0 || signbit(got) == signbit(w) ? 0 : INFINITY) : INFINITY;
    int e;
    frexp(want, &e);
    double ulp = ldexp(1, (e < -125 ? -125 : e) - 24);
    return fabs((double)got - want) / ulp;
}

static void run(MlcrtBody *body, int64_t n, void **leaves)
{
    int64_t dims[] = { n };
    BeRun r = { .call = { .leaf = leaves, .dims = dims, .rt = &be_test_rt } };
    r.call.state = &r;
    r.call.stop = &r.stop;
    body(&r.call);
}

START_TEST(functions_of_floats_are_within_two_units_of_the_last_place)
{
    static float x[COUNT], y[NWAYS][COUNT];
    MlcrtBody *body[NWAYS] = { NULL };
    BeTest t[NWAYS];
    char text[1024];
    double worst = 0;
    float at = 0;
    uint64_t stride = step();
    if (!is_wanted(functions[_i].name))
        return;
    snprintf(text, sizeof text, unary, functions[_i].name);
    for (int w = 0; w < NWAYS; w++) {
        be_test_init(&t[w]);
        if (!be_test_can_run(ways[w].cpu))
            continue;
        ck_assert_msg(be_test_compile(&t[w], text, ways[w]), "%s", t[w].errors);
        body[w] = be_test_body(&t[w], "f");
    }
    for (uint64_t u = 0, block = 0; u <= UINT32_MAX; block++) {
        int n = 0, ways_now = block % 4 ? 1 : NWAYS; /* the others every fourth time */
        if (block == 0) { /* strides miss them */
            x[n++] = -0.0f;
            x[n++] = INFINITY;
            x[n++] = -INFINITY;
        }
        for (; n < COUNT && u <= UINT32_MAX; n++, u += stride) {
            uint32_t bits = (uint32_t)u;
            memcpy(&x[n], &bits, 4);
        }
        for (int w = 0; w < ways_now; w++)
            if (body[w])
                run(body[w], n, (void *[]){ x, y[w] });
        for (int i = 0; i < n; i++) {
            double want = functions[_i].f((double)x[i]), e = error_of(y[0][i], want), plain = ways_now > 3 ? error_of(y[3][i], want) : 0;
            if (e > worst) {
                worst = e;
                at = x[i];
            }
            ck_assert_msg(e <= 2, "%s(%a) is %a, off by %g", functions[_i].name, x[i], y[0][i], e);
            ck_assert_msg(plain <= 2.5, "without fma %s(%a) is %a, off by %g", functions[_i].name, x[i], y[3][i], plain);
            for (int w = 1; w < 3 && w < ways_now; w++)
                ck_assert_msg(!body[w] || memcmp(&y[0][i], &y[w][i], 4) == 0 || (isnan(y[0][i]) && isnan(y[w][i])),
                              "%s(%a): other widths give other bits", functions[_i].name, x[i]);
        }
    }
    if (getenv("MLC_TEST_VERBOSE"))
        printf("%-8s %.3f ulp at %a\n", functions[_i].name, worst, at);
    for (int w = 0; w < NWAYS; w++)
        be_test_drop(&t[w]);
}
END_TEST

/* ---- two operands ---------------------------------------------------------------------------------------------------- */

static const char binary[] =
    "tile fn @f[N](%%x: f32[N], %%y: f32[N]) -> (f32[N]) {\n"
    "  %%bx = buffer param 0 : f32[N]\n"
    "  %%by = buffer param 1 : f32[N]\n"
    "  %%bz = buffer result 0 : f32[N]\n"
    "  kernel {\n    tfor lanes 1 [n: N] {\n"
    "      %%0 = load %%bx[n] : f32\n      %%1 = load %%by[n] : f32\n      %%2 = %s %%0, %%1 : f32\n      store %%bz[n], %%2\n"
    "    }\n  }\n}\n";

static const float corners[] = { 0.0f, -0.0f, 1, -1, 0.5f, -0.5f, 2, -2, 3, -3, 1e10f, -1e10f, 0x1.000002p0f, 0x1.fffffep-1f, 1e38f, 1e-38f,
                                 1e-42f, -1e-42f, 0x1.fffffep127f, 16777215, -16777217, 33554434, INFINITY, -INFINITY, NAN, 0.1f, 100.5f };
enum { NCORNERS = sizeof corners / sizeof corners[0] };

static double mod_of(double x, double y) { return x - y * floor(x / y); }

START_TEST(functions_of_two_floats_agree_with_c_at_corners_and_between)
{
    static const struct { const char *name; double (*f)(double, double); } two[] = { { "pow", pow }, { "atan2", atan2 }, { "mod", mod_of } };
    enum { EXTRA = 20000, N = NCORNERS * NCORNERS + EXTRA };
    static float x[N], y[N], z[N];
    int which = _i / NWAYS, way = _i % NWAYS, n = 0;
    if (!be_test_can_run(ways[way].cpu))
        return;
    for (int i = 0; i < NCORNERS; i++)
        for (int k = 0; k < NCORNERS; k++, n++) {
            x[n] = corners[i];
            y[n] = corners[k];
        }
    uint32_t seed = 7;
    for (; n < N; n++) {
        seed = seed * 1664525u + 1013904223u;
        x[n] = exp2f((float)(int32_t)seed / 0x1p27f) * (which && (seed & 64) ? -1 : 1);
        seed = seed * 1664525u + 1013904223u;
        y[n] = (float)(int32_t)seed / 0x1p27f;
    }
    char text[1024];
    BeTest t;
    be_test_init(&t);
    snprintf(text, sizeof text, binary, two[which].name);
    ck_assert_msg(be_test_compile(&t, text, ways[way]), "%s", t.errors);
    run(be_test_body(&t, "f"), N, (void *[]){ x, y, z });
    for (int i = 0; i < N; i++) {
        if (which == 2 && i < NCORNERS * NCORNERS)
            continue; /* the runtime's; tested there */
        double e = error_of(z[i], two[which].f((double)x[i], (double)y[i]));
        ck_assert_msg(e <= 2, "%s(%a, %a) is %a, off by %g", two[which].name, x[i], y[i], z[i], e);
    }
    be_test_drop(&t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("backend math");
    TCase *c = tcase_create("math");
    tcase_set_timeout(c, getenv("MLC_MATH_STEP") ? 36000 : 120);
    tcase_add_loop_test(c, functions_of_floats_are_within_two_units_of_the_last_place, 0, NFUNCTIONS);
    tcase_add_loop_test(c, functions_of_two_floats_agree_with_c_at_corners_and_between, 0, 3 * NWAYS);
    suite_add_tcase(s, c);
    return test_main(s);
}
