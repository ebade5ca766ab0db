/* driver_meta.c - laws that need no second opinion: bits do not depend on the batch around a row, on padding behind a guard, on how many
 * tokens come at once, or on compiling ahead of time. Caches are full of NaNs beyond what was written.
 *
 * Sizes are drawn; MLC_SEED runs one draw.
 */
#include <check.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/unit.h"
#include "test_main.h"

static const char program[] =
    "## rows: a small network, statistics, a recurrence, attention among the positions of a row\n"
    "export fn rows(x: f32[B, T, D], w: f32[D, D], g: f32[D]) -> f32[B, T, D] {\n"
    "    let h[b, t, e] = silu(sum[d](x[b, t, d] * w[d, e]))\n"
    "    let m[b, t] = mean[e](h[b, t, e])\n"
    "    let v[b, t] = variance[e](h[b, t, e])\n"
    "    let n[b, t, e] = (h[b, t, e] - m[b, t]) / sqrt(v[b, t] + 0.00001) * g[e]\n"
    "    let s[b, i, j] = sum[e](n[b, i, e] * x[b, j, e])\n"
    "    let p[b, i, j] = softmax[j | j <= i](s[b, i, j])\n"
    "    let a[b, i, e] = sum[j](p[b, i, j] * n[b, j, e])\n"
    "    rec y[b, t, e] = 0.5 * (y[b, t - 1, e] ?? 0) + a[b, t, e]\n"
    "    y\n"
    "}\n"
    "## the first `len` positions only\n"
    "export fn padded(x: f32[T, D], w: f32[D, D], len: int) -> f32[D] where 1 <= len, len <= T {\n"
    "    let s[t] = sum[d, e | t < len](x[t, d] * w[d, e] * x[t, e])\n"
    "    let p[t] = softmax[t | t < len](s[t])\n"
    "    let big[d] = max[t | t < len](x[t, d])\n"
    "    out[d] = sum[t](p[t] * x[t, d]) + mean[t | t < len](x[t, d]) - big[d]\n"
    "}\n"
    "## one layer with a cache: T new positions behind `at` old ones\n"
    "export fn step(x: f32[T, D], w: f32[D, D], var k: f32[C, D], var v: f32[C, D], at: int) -> f32[T, D]\n"
    "    where 0 <= at, at + T <= C {\n"
    "    let q[t, e] = sum[d](x[t, d] * w[d, e])\n"
    "    k[at : at + T] = tanh(x)\n"
    "    v[at : at + T] = q\n"
    "    let s[t, c] = sum[d](q[t, d] * k[c, d]) / sqrt(f32(D))\n"
    "    let p[t, c] = softmax[c | c <= at + t](s[t, c])\n"
    "    out[t, d] = sum[c](p[t, c] * v[c, d]) + x[t, d]\n"
    "}\n";

typedef struct Fixture { Mem mem; Arena *arena; Unit *u; Codegen *codegen; MlcrtContext *context; MlcrtSession *session; uint64_t state; } Fixture;

static uint64_t next(Fixture *f)
{
    uint64_t z = (f->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void set_up(Fixture *f, uint64_t seed)
{
    memset(f, 0, sizeof *f);
    f->state = seed;
    mem_init(&f->mem, mem_malloc_hooks(), 0);
    f->arena = arena_new(&f->mem);
    UnitOptions o = { .cpu = "native", .optimise = 2, .verify = true, .library_path = MLC_BUILD_DIR };
    MlcrtOptions co = { .size = sizeof co, .threads = 1 + (int)(next(f) % 3) };
    f->codegen = codegen_new(f->arena, &o);
    ck_assert_int_eq(mlcrt_context_new(&co, &f->context), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(f->context, &f->session), MLCRT_OK);
    f->u = unit_new(&f->mem, &o, f->codegen, f->context);
    ck_assert_msg(unit_check_text(f->u, "meta.ml", program, sizeof program - 1), "the program has errors");
}

static void tear_down(Fixture *f)
{
    mlcrt_session_free(f->session);
    unit_drop(f->u);
    mlcrt_context_free(f->context);
    codegen_free(f->codegen);
    mem_drop(&f->mem);
}

static MlcrtTensor *tensor(Fixture *f, float *data, int rank, int64_t a, int64_t b, int64_t c)
{
    MlcrtTensor *t = NEW(f->arena, MlcrtTensor);
    int64_t *shape = NEWN(f->arena, int64_t, 3);
    shape[0] = a, shape[1] = b, shape[2] = c;
    *t = (MlcrtTensor){ .data = data, .device = 1, .rank = rank, .code = 2, .bits = 32, .lanes = 1, .shape = shape };
    return t;
}

static float *numbers(Fixture *f, int64_t n)
{
    float *x = NEWN(f->arena, float, n + 16);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)((double)(next(f) >> 11) * 0x1p-51 - 2);
    return x;
}

static float *nans(Fixture *f, int64_t n)
{
    float *x = NEWN(f->arena, float, n + 16);
    memset(x, 0xff, (size_t)n * sizeof *x);
    return x;
}

static void call(Fixture *f, const char *name, void **args)
{
    CoreFn *fn = unit_find(f->u, name);
    const MlcrtFn *row = fn ? unit_function(f->u, fn, true) : NULL;
    ck_assert_msg(row != NULL, "'%s' does not compile", name);
    MlcrtStatus status = mlcrt_invoke(f->session, row, args);
    ck_assert_msg(status == MLCRT_OK, "'%s': %s", name, mlcrt_error(f->session)->sentence);
}

static int64_t between(Fixture *f, int lo, int hi) { return lo + (int64_t)(next(f) % (uint64_t)(hi - lo + 1)); }

static void same(const float *x, const float *y, int64_t n, const char *what)
{
    for (int64_t i = 0; i < n; i++) {
        ck_assert_msg(!memcmp(&x[i], &y[i], sizeof *x), "%s: element %lld is %.9g and %.9g", what, (long long)i, (double)x[i], (double)y[i]);
        ck_assert_msg(!isnan(x[i]), "%s: element %lld is NaN", what, (long long)i);
    }
}

enum { DRAWS = 6 };

static uint64_t seed_of(int draw)
{
    const char *one = getenv("MLC_SEED");
    return one ? strtoull(one, NULL, 10) : 1000 + (uint64_t)draw;
}

START_TEST(a_row_does_not_know_the_batch_around_it)
{
    Fixture f;
    set_up(&f, seed_of(_i));
    int64_t b = between(&f, 2, 5), t = between(&f, 1, 19), d = between(&f, 1, 40), n = t * d;
    float *x = numbers(&f, b * n), *w = numbers(&f, d * d), *g = numbers(&f, d), *all = nans(&f, b * n), *one = nans(&f, n);
    call(&f, "rows", (void *[]){ tensor(&f, x, 3, b, t, d), tensor(&f, w, 2, d, d, 0), tensor(&f, g, 1, d, 0, 0), tensor(&f, all, 3, b, t, d) });
    for (int64_t i = 0; i < b; i++) {
        call(&f, "rows", (void *[]){ tensor(&f, x + i * n, 3, 1, t, d), tensor(&f, w, 2, d, d, 0), tensor(&f, g, 1, d, 0, 0), tensor(&f, one, 3, 1, t, d) });
        same(all + i * n, one, n, "a row alone");
    }
    int64_t cut = between(&f, 1, (int)b - 1);
    float *part = nans(&f, b * n);
    call(&f, "rows", (void *[]){ tensor(&f, x, 3, cut, t, d), tensor(&f, w, 2, d, d, 0), tensor(&f, g, 1, d, 0, 0), tensor(&f, part, 3, cut, t, d) });
    same(all, part, cut * n, "the first part of a batch");
    int64_t less = between(&f, 1, (int)t); /* what comes later is not seen */
    call(&f, "rows", (void *[]){ tensor(&f, x, 3, 1, less, d), tensor(&f, w, 2, d, d, 0), tensor(&f, g, 1, d, 0, 0), tensor(&f, part, 3, 1, less, d) });
    same(all, part, less * d, "a row that ends earlier");
    tear_down(&f);
}
END_TEST

START_TEST(padding_behind_a_guard_changes_nothing)
{
    Fixture f;
    set_up(&f, seed_of(_i) + 50);
    int64_t len = between(&f, 1, 33), more = between(&f, 1, 300), d = between(&f, 1, 33);
    float *x = nans(&f, (len + more) * d), *w = numbers(&f, d * d), *y = nans(&f, d), *z = nans(&f, d);
    memcpy(x, numbers(&f, len * d), (size_t)(len * d) * sizeof *x);
    call(&f, "padded", (void *[]){ tensor(&f, x, 2, len, d, 0), tensor(&f, w, 2, d, d, 0), &len, tensor(&f, y, 1, d, 0, 0) });
    call(&f, "padded", (void *[]){ tensor(&f, x, 2, len + more, d, 0), tensor(&f, w, 2, d, d, 0), &len, tensor(&f, z, 1, d, 0, 0) });
    same(y, z, d, "padding with NaN");
    tear_down(&f);
}
END_TEST

/* Positions in pieces of the given lengths, into one cache. */
static float *in_pieces(Fixture *f, float *x, float *w, int64_t n, int64_t d, int64_t cache, int64_t most)
{
    float *k = nans(f, cache * d), *v = nans(f, cache * d), *y = nans(f, n * d);
    for (int64_t at = 0, t; at < n; at += t) {
        t = most > 1 ? between(f, 1, (int)most) : 1;
        t = t < n - at ? t : n - at;
        call(f, "step", (void *[]){ tensor(f, x + at * d, 2, t, d, 0), tensor(f, w, 2, d, d, 0), tensor(f, k, 2, cache, d, 0), tensor(f, v, 2, cache, d, 0),
                                    &at, tensor(f, y + at * d, 2, t, d, 0) });
    }
    return y;
}

START_TEST(all_at_once_is_token_by_token)
{
    Fixture f;
    set_up(&f, seed_of(_i) + 100);
    int64_t n = between(&f, 1, 40), d = between(&f, 1, 40), cache = n + between(&f, 0, 300);
    float *x = numbers(&f, n * d), *w = numbers(&f, d * d);
    float *one = in_pieces(&f, x, w, n, d, cache, 1), *some = in_pieces(&f, x, w, n, d, cache, 7), *all = nans(&f, n * d);
    same(one, some, n * d, "in pieces");
    { /* the whole in one call, in a cache without room to spare */
        int64_t at = 0;
        float *k = nans(&f, n * d), *v = nans(&f, n * d);
        call(&f, "step", (void *[]){ tensor(&f, x, 2, n, d, 0), tensor(&f, w, 2, d, d, 0), tensor(&f, k, 2, n, d, 0), tensor(&f, v, 2, n, d, 0), &at,
                                     tensor(&f, all, 2, n, d, 0) });
    }
    same(one, all, n * d, "at once");
    tear_down(&f);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__) /* what is linked by hand does not carry the sanitizer */
/* ---- ahead of time ---------------------------------------------------------------------------------------------------- */

typedef MlcrtStatus ContextNew(const MlcrtOptions *, MlcrtContext **);
typedef MlcrtStatus SessionNew(MlcrtContext *, MlcrtSession **);
typedef MlcrtStatus RowsFn(MlcrtSession *, const MlcrtTensor *, const MlcrtTensor *, const MlcrtTensor *, MlcrtTensor *);

static void *symbol(void *library, const char *name)
{
    void *s = dlsym(library, name);
    ck_assert_msg(s != NULL, "%s: no %s", dlerror(), name);
    return s;
}

START_TEST(ahead_of_time_is_in_memory)
{
    Fixture f;
    set_up(&f, seed_of(_i) + 150);
    char directory[] = "/tmp/mlc-meta-XXXXXX", path[64], command[400];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/meta.ml", directory);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(program, file);
    fclose(file);
    snprintf(command, sizeof command, "cd %s && %s/mlc meta.ml >log 2>&1", directory, MLC_BUILD_DIR);
    ck_assert_int_eq(system(command), 0);
    snprintf(path, sizeof path, "%s/meta.so", directory);
    void *runtime = dlopen(MLC_BUILD_DIR "/libmlcrt.so", RTLD_NOW | RTLD_GLOBAL), *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(runtime && library, "%s", dlerror());
    void *s = symbol(library, "meta_rows"), *s2 = symbol(runtime, "mlcrt_context_new"), *s3 = symbol(runtime, "mlcrt_session_new");
    RowsFn *rows;
    ContextNew *context_new;
    SessionNew *session_new;
    memcpy(&rows, &s, sizeof rows);
    memcpy(&context_new, &s2, sizeof s2);
    memcpy(&session_new, &s3, sizeof s3);
    MlcrtContext *context;
    MlcrtSession *session;
    ck_assert_int_eq(context_new(&(MlcrtOptions){ .size = sizeof(MlcrtOptions), .threads = 1 }, &context), MLCRT_OK);
    ck_assert_int_eq(session_new(context, &session), MLCRT_OK);
    int64_t b = between(&f, 1, 4), t = between(&f, 1, 19), d = between(&f, 1, 40), n = b * t * d;
    float *x = numbers(&f, n), *w = numbers(&f, d * d), *g = numbers(&f, d), *y = nans(&f, n), *z = nans(&f, n);
    MlcrtTensor *tx = tensor(&f, x, 3, b, t, d), *tw = tensor(&f, w, 2, d, d, 0), *tg = tensor(&f, g, 1, d, 0, 0);
    call(&f, "rows", (void *[]){ tx, tw, tg, tensor(&f, y, 3, b, t, d) });
    ck_assert_int_eq(rows(session, tx, tw, tg, tensor(&f, z, 3, b, t, d)), MLCRT_OK);
    same(y, z, n, "ahead of time");
    dlclose(library);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
    tear_down(&f);
}
END_TEST
#endif

int main(void)
{
    if (access(MLC_BUILD_DIR "/libmlc-llvm.so", R_OK))
        return 77;
    Suite *s = suite_create("laws of bits");
    TCase *c = tcase_create("laws");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, a_row_does_not_know_the_batch_around_it, 0, DRAWS);
    tcase_add_loop_test(c, padding_behind_a_guard_changes_nothing, 0, DRAWS);
    tcase_add_loop_test(c, all_at_once_is_token_by_token, 0, DRAWS);
#if !defined(__SANITIZE_ADDRESS__)
    tcase_add_loop_test(c, ahead_of_time_is_in_memory, 0, 2);
#endif
    suite_add_tcase(s, c);
    return test_main(s);
}
