/* driver_cancel.c - calls end soon after a cancel or a deadline, whatever they compute: kernels of which one point would take years. */
#include <check.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver/mlc.h"
#include "test_main.h"

/* f(x, n), of which n decides how long it takes. */
static const struct { const char *what, *text; } programs[] = {
    { "turns of a recurrence as one kernel",
      "export fn f(x: f32[N], n: int) -> f32[N] {\n"
      "    var y: f32[N] = x\n"
      "    for i in 0..n { for r in 0..N { y[r] = y[r] * 0.5 + x[r] } }\n"
      "    y\n}\n" },
    { "a loop in each element",
      "fn steps(x: f32, n: int) -> f32 {\n"
      "    var y = x\n"
      "    var c = 0\n"
      "    while c < n {\n        y = y * 0.5 + x\n        c = c + 1\n    }\n"
      "    y\n}\n"
      "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = steps(x[i], n) }\n" },
    { "a loop of the function", "export fn f(x: f32[N], n: int) -> f32[N] {\n    var y: f32[N] = x\n    for i in 0..n { y = sin(y + 1) }\n    y\n}\n" },
    { "a sum in each element", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = sum[j: n](sin(x[i] * f32(j))) }\n" },
    { "a sum with a guard", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = sum[j: n | j % 3 == 0](sin(x[i] * f32(j)) * x[i]) }\n" },
    { "a sum over two axes", "export fn f(x: f32[N], n: int) -> f32[N] {\n    let s = sum[i: N, j: n](sin(x[i] * f32(j)))\n    out[i] = s * x[i]\n}\n" },
    { "a maximum in a sum", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = sum[j: n](max[k: 5](sin(x[i] * f32(j + k)))) }\n" },
    { "a sum of what memory holds", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = sum[j: n](x[j % N]) * x[i] }\n" },
    { "a sum of whole numbers", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = f32(sum[j: n](j * i % 7)) }\n" },
    { "a maximum", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = max[j: n](sin(x[i] * f32(j))) }\n" },
    { "a maximum with a guard", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = max[j: n | j % 3 == 1](sin(x[i] * f32(j))) }\n" },
    { "a maximum over two axes", "export fn f(x: f32[N], n: int) -> f32[N] {\n    let m = max[i: N, j: n](sin(x[i] * f32(j)))\n    out[i] = m * x[i]\n}\n" },
    { "the place of a maximum", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = f32(argmax[j: n](f32(j % 97) * x[i])) }\n" },
    { "a condition of all places", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = if all[j: n](sin(x[i] * f32(j)) < 2) { 1.0 } else { 0.0 } }\n" },
    { "a count", "export fn f(x: f32[N], n: int) -> f32[N] { out[i] = f32(count[j: n](f32(j % 89) * x[i] > 3)) }\n" },
    { "places that are added where data say",
      "fn order(x: f32[N]) -> int[N] {\n    let (_v, i) = sort(x)\n    i\n}\n"
      "export fn f(x: f32[N], n: int) -> f32[N] where N >= 1 {\n"
      "    let at = order(x)\n"
      "    out[i] = sum[j: n | at[j % N] == i](sin(f32(j)))\n}\n" },
    { "the same of two axes, a short one first",
      "fn order(x: f32[N]) -> int[N] {\n    let (_v, i) = sort(x)\n    i\n}\n"
      "export fn f(x: f32[N], n: int) -> f32[N] where N >= 1 {\n"
      "    let at = order(x)\n"
      "    out[i] = sum[k: 2, j: n | at[(j + k) % N] == i](sin(f32(j)))\n}\n" },
    { "a stream",
      "export fn f(x: f32[N], n: int) -> f32[N] {\n"
      "    let e[i, j: n] = sin(x[i] * f32(j))\n"
      "    let m[i] = max[j: n](e[i, j])\n"
      "    out[i] = sum[j: n](exp(e[i, j] - m[i]) * f32(j)) / sum[j: n](exp(e[i, j] - m[i]))\n}\n" },
};

#if defined(__SANITIZE_ADDRESS__) /* takes several times as long */
enum { LONG = 300, ROW = 1000000 };
#else
enum { LONG = 1000, ROW = 3000000 };
#endif
enum { N = 40, PROGRAMS = sizeof programs / sizeof *programs, STREAM = PROGRAMS - 1 };

typedef struct Fixture { MlcCompiler *c; MlcModule *m; MlcrtSession *s; MlcrtContext *own; float x[N], y[N]; int64_t shape; } Fixture;

static void set_up(Fixture *f, int threads, const char *text)
{
    MlcrtOptions r = { .size = sizeof r, .threads = threads };
    MlcOptions o = { .size = sizeof o, .library_path = MLC_BUILD_DIR, .in_process = true };
    ck_assert_int_eq(mlcrt_context_new(&r, &f->own), MLCRT_OK);
    o.context = f->own;
    ck_assert_int_eq(mlc_compiler_new(&o, &f->c), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(f->own, &f->s), MLCRT_OK);
    MlcrtStatus status = mlc_compile_text(f->c, "long.ml", text, strlen(text), &f->m);
    ck_assert_msg(!status, "%d\n%s", status, mlc_diagnostics(f->c));
    f->shape = N;
    for (int i = 0; i < N; i++)
        f->x[i] = 0.25f * (float)(i % 7) - 0.5f;
}

static void tear_down(Fixture *f)
{
    mlc_compiler_free(f->c);
    ck_assert_int_eq(mlcrt_session_free(f->s), MLCRT_OK);
    ck_assert_int_eq(mlcrt_context_free(f->own), MLCRT_OK);
}

static MlcrtStatus call(Fixture *f, bool interpreted, int64_t n, float *y)
{
    MlcrtTensor x = { .data = f->x, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = &f->shape }, r = x;
    r.data = y;
    return (interpreted ? mlc_interpret : mlc_call)(f->m, f->s, "f", (void *[]){ &x, &n, &r });
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The call after one that was cut short is like any other. */
static void next_call_is_right(Fixture *f, const char *what)
{
    float y[N];
    ck_assert_int_eq(call(f, false, LONG, f->y), MLCRT_OK);
    ck_assert_int_eq(call(f, false, LONG, y), MLCRT_OK);
    ck_assert_msg(!memcmp(f->y, y, sizeof y), "%s", what);
    ck_assert_int_eq(call(f, true, LONG, y), MLCRT_OK);
    for (int i = 0; i < N; i++)
        ck_assert_msg(y[i] - f->y[i] < 1e-3f && f->y[i] - y[i] < 1e-3f, "%s: element %d: %g, interpreted %g", what, i, (double)f->y[i], (double)y[i]);
}

START_TEST(a_deadline_ends_what_would_take_years)
{
    Fixture f;
    int at = _i / 2;
    const char *what = programs[at].what;
    set_up(&f, 1 + _i % 2, programs[at].text);
    for (int way = 0; way < (at == STREAM ? 1 : 2); way++) { /* the interpreter would want memory for the stream's tensor */
        double begin = seconds();
        ck_assert_int_eq(mlcrt_deadline(f.s, 40), MLCRT_OK);
        MlcrtStatus status = call(&f, way, INT64_C(1) << 40, f.y);
        ck_assert_msg(status == MLCRT_EDEADLINE, "%s: %d, %s", what, status, mlcrt_error(f.s)->sentence);
        ck_assert_msg(seconds() - begin < 2.5, "%s: %g seconds", what, seconds() - begin);
        ck_assert_int_eq(mlcrt_deadline(f.s, -1), MLCRT_OK);
    }
    next_call_is_right(&f, what);
    tear_down(&f);
}
END_TEST

/* Nobody reads what it computes, and yet nothing behind it is reached. */
static const char *const endless[] = {
    "export fn f(x: f32[N], n: int) -> f32[N] {\n    while true { }\n    x\n}\n",
    "export fn f(x: f32[N], n: int) -> f32[N] {\n    var y = n\n    if n > 3 { while true { y += 1 } }\n    x\n}\n",
    "fn g(x: f32, n: int) -> f32 {\n    if n > 3 { while true { } }\n    x\n}\nexport fn f(x: f32[N], n: int) -> f32[N] { out[i] = g(x[i], n) }\n",
};

START_TEST(a_loop_without_end_stays)
{
    Fixture f;
    set_up(&f, 2, endless[_i]);
    ck_assert_int_eq(mlcrt_deadline(f.s, 40), MLCRT_OK);
    ck_assert_int_eq(call(&f, false, LONG, f.y), MLCRT_EDEADLINE);
    tear_down(&f);
}
END_TEST

/* Long rows that are put in order: all of a row, and the first half of it. */
static const char *const sorts[] = {
    "export fn f(x: f32[N], n: int) -> f32[N] {\n    let e[j: n] = sin(f32(j * 7919))\n    let (v, _i) = sort(e)\n    out[i: N] = v[i]\n}\n",
    "export fn f(x: f32[N], n: int) -> f32[N] {\n    let e[j: n] = sin(f32(j * 7919))\n    let (v, _i) = topk(e, n // 2)\n    out[i: N] = v[i]\n}\n",
};

START_TEST(a_sort_ends_early)
{
    Fixture f;
    set_up(&f, 1, sorts[_i]);
    ck_assert_int_eq(call(&f, false, ROW, f.y), MLCRT_OK);
    double begin, whole = 1e9;
    for (int k = 0; k < 3; k++) { /* one of them is not kept waiting by others */
        begin = seconds();
        ck_assert_int_eq(call(&f, false, ROW, f.y), MLCRT_OK);
        double t = seconds() - begin;
        whole = t < whole ? t : whole;
    }
    double least = whole;
    for (int k = 0; k < 5; k++) {
        begin = seconds();
        ck_assert_int_eq(mlcrt_deadline(f.s, (int64_t)(whole * 400)), MLCRT_OK); /* well behind what is computed before */
        ck_assert_int_eq(call(&f, false, ROW, f.y), MLCRT_EDEADLINE);
        double t = seconds() - begin - 0.4 * whole;
        least = t < least ? t : least;
        ck_assert_int_eq(mlcrt_deadline(f.s, -1), MLCRT_OK);
    }
    ck_assert_msg(least < 0.1 * whole, "%g of %g seconds after the deadline", least, whole);
    next_call_is_right(&f, sorts[_i]);
    tear_down(&f);
}
END_TEST

static void *cancel_soon(void *session)
{
    for (int i = 0; i < 40; i++) {
        struct timespec wait = { 0, 100000 + 70000 * (i * 7 % 11) };
        nanosleep(&wait, NULL);
        mlcrt_cancel(session);
    }
    return NULL;
}

/* Cancels at moments of their own: before a call, in it, behind it. A call that was not cut short has the bits of one that nobody disturbed. */
START_TEST(calls_are_whole_or_cancelled)
{
    Fixture f;
    float y[N];
    pthread_t other;
    int cut = 0;
    set_up(&f, 1 + _i % 2, programs[_i / 2].text);
    ck_assert_int_eq(call(&f, false, LONG, f.y), MLCRT_OK);
    ck_assert_int_eq(pthread_create(&other, NULL, cancel_soon, f.s), 0);
    double begin = seconds();
    for (int k = 0; (k < 100 || cut < 5) && seconds() - begin < 3; k++) {
        MlcrtStatus status = call(&f, false, k % 3 ? LONG : 2000 * LONG, y);
        ck_assert_msg(status == MLCRT_OK || status == MLCRT_ECANCEL, "%d", status);
        ck_assert(status || k % 3 == 0 || !memcmp(f.y, y, sizeof y));
        cut += status == MLCRT_ECANCEL;
    }
    pthread_join(other, NULL);
    ck_assert_int_gt(cut, 0);
    ck_assert_int_eq(mlcrt_cancel_clear(f.s), MLCRT_OK);
    next_call_is_right(&f, programs[_i / 2].what);
    tear_down(&f);
}
END_TEST

int main(void)
{
    if (access(MLC_BUILD_DIR "/mlc-codegen", X_OK) || access(MLC_BUILD_DIR "/libmlc-llvm.so", R_OK))
        return 77;
    Suite *s = suite_create("driver: cancel");
    TCase *t = tcase_create("cancel");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_deadline_ends_what_would_take_years, 0, 2 * PROGRAMS);
    tcase_add_loop_test(t, a_loop_without_end_stays, 0, sizeof endless / sizeof *endless);
    tcase_add_loop_test(t, a_sort_ends_early, 0, sizeof sorts / sizeof *sorts);
    tcase_add_loop_test(t, calls_are_whole_or_cancelled, 0, 4);
    suite_add_tcase(s, t);
    return test_main(s);
}
