/* driver_blocks.c - large contractions, which run in blocks with copied operands, give the bits of a row alone, which does not: in every
 * form, for one thread and several, for AVX2 and the machine's own vectors. Sampled elements are compared with float64.
 *
 * Sizes are drawn; MLC_SEED runs one draw.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/unit.h"
#include "test_main.h"

static const char program[] =
    "export fn plain(a: f32[M, K], b: f32[K, N]) -> f32[M, N] = a @ b\n"
    "export fn right(a: f32[M, K], b: f32[N, K]) -> f32[M, N] = a @ b.T\n"
    "export fn left(a: f32[K, M], b: f32[K, N]) -> f32[M, N] = a.T @ b\n"
    "export fn wide(a: f64[M, K], b: f64[K, N]) -> f64[M, N] = a @ b\n"
    "export fn half(a: f32[M, K], b: f32[K, N]) -> f32[M, N] = f32(bf16(a) @ bf16(b))\n"
    "export fn around(a: f32[M, K], b: f32[K, N]) -> f32[M, N] {\n"
    "    let r[m] = rsqrt(mean[k](a[m, k] ^ 2))\n"
    "    out[m, n] = silu(sum[k](a[m, k] * r[m] * b[k, n]) + b[0, n]) + a[m, 0]\n"
    "}\n";

enum { PLAIN, RIGHT, LEFT, WIDE, HALF, AROUND, FORMS };
static const char *const forms[] = { "plain", "right", "left", "wide", "half", "around" };

typedef struct Side { Unit *u; Codegen *codegen; MlcrtContext *context; MlcrtSession *session; } Side;
typedef struct Fixture { Mem mem; Arena *arena; Side own, avx2; uint64_t state; } Fixture;

static uint64_t next(Fixture *f)
{
    uint64_t z = (f->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int64_t between(Fixture *f, int lo, int hi) { return lo + (int64_t)(next(f) % (uint64_t)(hi - lo + 1)); }

static void side_up(Fixture *f, Side *s, const char *cpu, int threads)
{
    UnitOptions o = { .cpu = cpu, .optimise = 2, .verify = true, .library_path = MLC_BUILD_DIR };
    MlcrtOptions co = { .size = sizeof co, .threads = threads };
    s->codegen = codegen_new(f->arena, &o);
    ck_assert_int_eq(mlcrt_context_new(&co, &s->context), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(s->context, &s->session), MLCRT_OK);
    s->u = unit_new(&f->mem, &o, s->codegen, s->context);
    ck_assert_msg(unit_check_text(s->u, "blocks.ml", program, sizeof program - 1), "the program has errors");
}

static void side_down(Side *s)
{
    mlcrt_session_free(s->session);
    unit_drop(s->u);
    mlcrt_context_free(s->context);
    codegen_free(s->codegen);
}

static MlcrtTensor *tensor(Fixture *f, void *data, bool wide, int64_t a, int64_t b)
{
    MlcrtTensor *t = NEW(f->arena, MlcrtTensor);
    int64_t *shape = NEWN(f->arena, int64_t, 2);
    shape[0] = a, shape[1] = b;
    *t = (MlcrtTensor){ .data = data, .device = 1, .rank = 2, .code = 2, .bits = wide ? 64 : 32, .lanes = 1, .shape = shape };
    return t;
}

static double at(const void *x, bool wide, int64_t i) { return wide ? ((const double *)x)[i] : (double)((const float *)x)[i]; }

static void *numbers(Fixture *f, bool wide, int64_t n)
{
    double *x = NEWN(f->arena, double, n);
    for (int64_t i = 0; i < n; i++) {
        double v = (double)(next(f) >> 11) * 0x1p-52 - 1;
        if (wide)
            x[i] = v;
        else
            ((float *)x)[i] = (float)v;
    }
    return x;
}

static void call(Side *s, const char *name, MlcrtTensor *a, MlcrtTensor *b, MlcrtTensor *y)
{
    CoreFn *fn = unit_find(s->u, name);
    const MlcrtFn *row = fn ? unit_function(s->u, fn, true) : NULL;
    ck_assert_msg(row != NULL, "'%s' does not compile", name);
    MlcrtStatus status = mlcrt_invoke(s->session, row, (void *[]){ a, b, y });
    ck_assert_msg(status == MLCRT_OK, "'%s': %s", name, mlcrt_error(s->session)->sentence);
}

typedef struct Sizes { int64_t m, k, n; } Sizes;

/* Where element (i, k) of the left operand lies, and (k, j) of the right one. */
static int64_t left_at(int form, Sizes z, int64_t i, int64_t k) { return form == LEFT ? k * z.m + i : i * z.k + k; }
static int64_t right_at(int form, Sizes z, int64_t k, int64_t j) { return form == RIGHT ? j * z.k + k : k * z.n + j; }

static double bf16(double x)
{
    float v = (float)x;
    uint32_t w;
    memcpy(&w, &v, sizeof w);
    w = (w + 0x7fff + ((w >> 16) & 1)) & 0xffff0000u;
    memcpy(&v, &w, sizeof w);
    return (double)v;
}

static double expected(int form, Sizes z, const void *a, const void *b, int64_t i, int64_t j)
{
    bool wide = form == WIDE;
    double sum = 0, squares = 0;
    for (int64_t k = 0; k < z.k; k++) {
        double x = at(a, wide, left_at(form, z, i, k)), y = at(b, wide, right_at(form, z, k, j));
        sum += form == HALF ? bf16(x) * bf16(y) : x * y;
        squares += x * x;
    }
    if (form != AROUND)
        return sum;
    double t = sum / sqrt(squares / (double)z.k) + at(b, wide, right_at(form, z, 0, j));
    return t / (1 + exp(-t)) + at(a, wide, left_at(form, z, i, 0));
}

static void check_values(int form, Sizes z, const void *a, const void *b, const void *y)
{
    double near = form == WIDE ? 1e-12 : form == HALF ? 0.3 : 2e-4;
    for (int64_t i = 0; i < z.m; i += 7)
        for (int64_t j = i % 5; j < z.n; j += 31) {
            double want = expected(form, z, a, b, i, j), got = at(y, form == WIDE, i * z.n + j);
            ck_assert_msg(fabs(got - want) <= near, "%s %lldx%lldx%lld: [%lld, %lld] is %.9g, not %.9g", forms[form], (long long)z.m, (long long)z.k,
                          (long long)z.n, (long long)i, (long long)j, got, want);
        }
}

/* One row in a call of its own, which is too small for blocks. */
static void check_alone(Fixture *f, int form, Sizes z, const void *a, MlcrtTensor *tb, const void *y)
{
    bool wide = form == WIDE;
    size_t size = wide ? 8 : 4;
    for (int64_t i = 0; i < z.m; i += i == 0 ? z.m - 1 : z.m) {
        char *row = NEWN(f->arena, char, (size_t)z.k * size), *one = NEWN(f->arena, char, (size_t)z.n * size);
        for (int64_t k = 0; k < z.k; k++)
            memcpy(row + (size_t)k * size, (const char *)a + (size_t)left_at(form, z, i, k) * size, size);
        call(&f->own, forms[form], form == LEFT ? tensor(f, row, wide, z.k, 1) : tensor(f, row, wide, 1, z.k), tb, tensor(f, one, wide, 1, z.n));
        ck_assert_msg(!memcmp(one, (const char *)y + (size_t)(i * z.n) * size, (size_t)z.n * size), "%s: row %lld alone differs", forms[form], (long long)i);
        if (z.m == 1)
            break;
    }
}

static void one_form(Fixture *f, int form, Sizes z)
{
    bool wide = form == WIDE;
    size_t bytes = (size_t)(z.m * z.n) * (wide ? 8 : 4);
    void *a = numbers(f, wide, z.m * z.k), *b = numbers(f, wide, z.k * z.n), *y = NEWN(f->arena, char, bytes), *other = NEWN(f->arena, char, bytes);
    MlcrtTensor *ta = form == LEFT ? tensor(f, a, wide, z.k, z.m) : tensor(f, a, wide, z.m, z.k);
    MlcrtTensor *tb = form == RIGHT ? tensor(f, b, wide, z.n, z.k) : tensor(f, b, wide, z.k, z.n);
    call(&f->own, forms[form], ta, tb, tensor(f, y, wide, z.m, z.n));
    check_values(form, z, a, b, y);
    check_alone(f, form, z, a, tb, y);
    call(&f->avx2, forms[form], ta, tb, tensor(f, other, wide, z.m, z.n));
    ck_assert_msg(!memcmp(y, other, bytes), "%s %lldx%lldx%lld: bits depend on the vectors or threads", forms[form], (long long)z.m, (long long)z.k, (long long)z.n);
}

START_TEST(blocks_give_the_bits_of_a_row_alone)
{
    Fixture f = { 0 };
    const char *seed = getenv("MLC_SEED");
    f.state = seed ? strtoull(seed, NULL, 10) : 7 + (uint64_t)_i;
    mem_init(&f.mem, mem_malloc_hooks(), 0);
    f.arena = arena_new(&f.mem);
    side_up(&f, &f.own, "native", 1 + _i % 2);
    side_up(&f, &f.avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? "x86-64-v3" : "native", 2 - _i % 2);
    for (int form = 0; form < FORMS; form++)
        one_form(&f, form, (Sizes){ between(&f, 32, 60), between(&f, 700, 800), between(&f, 730, 800) });
    side_down(&f.own);
    side_down(&f.avx2);
    mem_drop(&f.mem);
}
END_TEST

int main(void)
{
    if (access(MLC_BUILD_DIR "/libmlc-llvm.so", R_OK))
        return 77;
    Suite *s = suite_create("blocks");
    TCase *c = tcase_create("bits");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, blocks_give_the_bits_of_a_row_alone, 0, 2);
    suite_add_tcase(s, c);
    return test_main(s);
}
