/* driver_numbers.c - a size that the program writes as a number gives the bits that the same size gives when it comes with the call: also where it
 * is 1 (one row, one place, one column), and where a product is too small for a number and leaves a zero with a sign. */
#include <check.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/mlc.h"
#include "test_main.h"

/* Stored where sizes are numbers, for strips of rows where they are not (passes/strip.c). */
#define SORTED "let s[b, d: D] = sum[n](z[b, n] * y[d, n])\n let (t, _) = sort(s)\n" \
    "rec c[b: B, d: D] = (c[b, d - 1] ?? 0.0) + exp(s[b, d] - t[b, D - 1])\n let w[b, d: D] = exp(s[b, d] - t[b, D - 1] - c[b, d])\n" \
    "out[b, n] = sum[d: D](w[b, d] * y[d, n]) + sum[d: D](t[b, d] * y[d, n])"

/* sizes: of each dim, by its letter; fixed: which of them the second program writes as numbers. x, y, z: [B, D], [D, N], [B, N]. */
static const struct { const char *name, *sizes, *fixed, *text; float scale; } cases[] = {
    { "mixture, one row", "B=1 D=17 N=33", "B",
      "let s[b, e: 4] = sum[d](x[b, d] * y[d, e])\n let p[b, e: 4] = softmax[e](s[b, e])\n"
      "out[b, n] = sum[e: 4](p[b, e] * sum[d](x[b, d] * y[d, (n + e) % N]))", 1 },
    { "loss beside its entropy, one row", "B=1 D=17 N=257", "B",
      "let s[b, v: D] = sum[n](z[b, n] * y[v, n])\n let l[b, v: D] = log_softmax[v](s[b, v])\n let e[b] = -sum[v: D](exp(l[b, v]) * l[b, v])\n"
      "let a[b] = l[b, 3]\n out[b, n] = e[b] + a[b] * z[b, n]", 1 },
    { "normaliser of a single place", "B=3 D=33 N=5", "N",
      "let s[b, d, n] = exp(x[b, d]) * z[b, n]\n let w[b, d] = sum[n](exp(x[b, d] * z[b, n]))\n"
      "out[b, n] = sum[d](softmax[d](x[b, d]) * s[b, d, n] / w[b, d])", 1 },
    { "one key", "B=3 D=1 N=5", "D",
      "let m[b] = max(max[d](x[b, d]), 0.25)\n let e[b, d] = exp(x[b, d] - m[b])\n let l[b] = sum[d](e[b, d]) + exp(0.25 - m[b])\n"
      "out[b, n] = sum[d](e[b, d] / l[b] * y[d, n])", 1 },
    { "sorted scores and their running sums, 1 rows", "B=1 D=71 N=9", "BDN",
      SORTED, 1 },
    { "sorted scores and their running sums, 64 rows", "B=64 D=71 N=9", "BDN",
      SORTED, 1 },
    { "sorted scores and their running sums, 65 rows", "B=65 D=71 N=9", "BDN",
      SORTED, 1 },
    { "sorted scores and their running sums, 130 rows", "B=130 D=71 N=9", "BDN",
      SORTED, 1 },
    { "sorted scores and their running sums, 200 rows", "B=200 D=71 N=9", "BDN",
      SORTED, 1 },
    { "zeros with a sign", "B=65 D=1 N=64", "D", "out[b, n] = sum[d](x[b, d] * y[d, n])", 1e-23f },
    { "zeros with a sign, all sizes", "B=5 D=3 N=17", "BDN", "out[b, n] = sum[d](x[b, d] * y[d, n])", 1e-23f },
};

typedef struct Room { MlcCompiler *c; MlcModule *m[2]; MlcrtContext *context; MlcrtSession *s; } Room;

static int64_t size_of(const char *sizes, char letter)
{
    const char *at = strchr(sizes, letter);
    ck_assert_ptr_nonnull(at);
    return strtol(at + 2, NULL, 10);
}

/* The program, with the letters of `fixed` as numbers. */
static void write_program(char *to, size_t room, int i, const char *fixed)
{
    char text[2048];
    snprintf(text, sizeof text, "export fn f(x: f32[B, D], y: f32[D, N], z: f32[B, N]) -> f32[B, N] {\n %s\n}\n", cases[i].text);
    size_t n = 0;
    for (const char *p = text; *p; p++) {
        bool alone = isupper((unsigned char)*p) && (p == text || !isalnum((unsigned char)p[-1])) && !isalnum((unsigned char)p[1]);
        int add = alone && strchr(fixed, *p) ? snprintf(to + n, room - n, "%ld", (long)size_of(cases[i].sizes, *p)) : snprintf(to + n, room - n, "%c", *p);
        n += (size_t)add;
        ck_assert_uint_lt(n, room);
    }
}

static void start(Room *r, int i, const char *cpu)
{
    char text[4096];
    MlcrtOptions co = { .size = sizeof co, .threads = 2 };
    ck_assert_int_eq(mlcrt_context_new(&co, &r->context), 0);
    MlcOptions o = { .size = sizeof o, .context = r->context, .in_process = 1, .optimise = 2, .target_cpu = cpu, .library_path = MLC_BUILD_DIR };
    ck_assert_int_eq(mlc_compiler_new(&o, &r->c), 0);
    for (int k = 0; k < 2; k++) {
        write_program(text, sizeof text, i, k ? cases[i].fixed : "");
        ck_assert_msg(mlc_compile_text(r->c, "numbers.ml", text, strlen(text), &r->m[k]) == 0, "%s: %s", cases[i].name, mlc_diagnostics(r->c));
    }
    ck_assert_int_eq(mlcrt_session_new(r->context, &r->s), 0);
}

static float *random_floats(int64_t n, uint32_t seed, float scale)
{
    float *x = malloc(sizeof *x * (size_t)n);
    ck_assert_ptr_nonnull(x);
    for (int64_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = scale * ((float)(seed >> 8) / 8388608.0f - 1.0f);
    }
    return x;
}

START_TEST(numbers_change_no_bit)
{
    static const char *const cpus[] = { "native", "x86-64-v3" };
    const char *sizes = cases[_i].sizes;
    int64_t b = size_of(sizes, 'B'), d = size_of(sizes, 'D'), n = size_of(sizes, 'N');
    int64_t shape[4][2] = { { b, d }, { d, n }, { b, n }, { b, n } };
    float *in[3] = { random_floats(b * d, 1, cases[_i].scale), random_floats(d * n, 2, cases[_i].scale), random_floats(b * n, 3, 1) };
    for (size_t c = 0; c < sizeof cpus / sizeof *cpus; c++) {
        Room r = { 0 };
        float *out[2] = { random_floats(b * n, 4, 1), random_floats(b * n, 5, 1) };
        if (c && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")))
            break;
        start(&r, _i, cpus[c]);
        for (int k = 0; k < 2; k++) {
            MlcrtTensor t[4];
            void *args[4];
            for (int j = 0; j < 4; j++) {
                t[j] = (MlcrtTensor){ .data = j < 3 ? in[j] : out[k], .device = 1, .rank = 2, .code = 2, .bits = 32, .lanes = 1, .shape = shape[j] };
                args[j] = &t[j];
            }
            ck_assert_msg(mlc_call(r.m[k], r.s, "f", args) == 0, "%s: %s", cases[_i].name, mlcrt_error(r.s)->sentence);
        }
        ck_assert_msg(!memcmp(out[0], out[1], sizeof(float) * (size_t)(b * n)), "%s on %s", cases[_i].name, cpus[c]);
        mlc_compiler_free(r.c);
        mlcrt_context_free(r.context);
        free(out[0]);
        free(out[1]);
    }
    for (int j = 0; j < 3; j++)
        free(in[j]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: sizes as numbers");
    TCase *t = tcase_create("numbers");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, numbers_change_no_bit, 0, (int)(sizeof cases / sizeof *cases));
    suite_add_tcase(s, t);
    return test_main(s);
}
