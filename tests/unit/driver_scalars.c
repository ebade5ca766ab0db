/* driver_scalars.c - every scalar operation and reduction of the language on every dtype and on every pair of odd values: compiled, optimised and not,
 * it gives the bits that the interpreter gives. Only operations whose result is fixed to the bit stand here; those of the mathematical
 * library have bounds of their own (backend_math.c).
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/unit.h"
#include "interp/interp.h"
#include "test_main.h"

/* x and y are elements, z is an element that may divide; for which dtypes: f floats, i signed, u unsigned integers; b: gives a bool, k an i64,
 * r: one value a row */
static const struct { const char *kinds, *text; } forms[] = {
    { "fiu", "x[i, j] + y[i, j]" },
    { "fiu", "x[i, j] - y[i, j]" },
    { "fiu", "x[i, j] * y[i, j]" },
    { "f", "x[i, j] / y[i, j]" },
    { "iu", "x[i, j] // z[i, j]" },
    { "fiu", "x[i, j] % z[i, j]" },
    { "fiu", "min(x[i, j], y[i, j])" },
    { "fiu", "max(x[i, j], y[i, j])" },
    { "fiu", "clip(x[i, j], 1, 100)" },
    { "fi", "-x[i, j]" },
    { "fiu", "abs(x[i, j])" },
    { "fiu", "sign(x[i, j])" },
    { "f", "floor(x[i, j])" },
    { "f", "ceil(x[i, j])" },
    { "f", "round(x[i, j])" },
    { "f", "trunc(x[i, j])" },
    { "f", "sqrt(x[i, j])" },
    { "f", "x[i, j] ^ 2" },
    { "f", "x[i, j] ^ 0" },
    { "iu", "x[i, j] ^ 5" },
    { "iu", "x[i, j] ^ 6" },
    { "iu", "bit_and(x[i, j], y[i, j])" },
    { "iu", "bit_or(x[i, j], y[i, j])" },
    { "iu", "bit_xor(x[i, j], y[i, j])" },
    { "iu", "bit_not(x[i, j])" },
    { "iu", "shift_left(x[i, j], y[i, j])" },
    { "iu", "shift_right(x[i, j], y[i, j])" },
    { "fiub", "x[i, j] < y[i, j]" },
    { "fiub", "x[i, j] <= y[i, j]" },
    { "fiub", "x[i, j] > y[i, j]" },
    { "fiub", "x[i, j] >= y[i, j]" },
    { "fiub", "x[i, j] == y[i, j]" },
    { "fiub", "x[i, j] != y[i, j]" },
    { "fb", "isnan(x[i, j])" },
    { "fb", "isfinite(x[i, j])" },
    { "fiu", "if x[i, j] < y[i, j] { x[i, j] } else { z[i, j] }" },
    { "fiub", "x[i, j] < y[i, j] and not y[i, j] <= z[i, j] or x[i, j] == z[i, j]" },
    { "fiur", "max[j | j != i](y[i, j])" },
    { "fiur", "min[j | j != i](y[i, j])" },
    { "fiukr", "argmax[j | j != i](y[i, j])" },
    { "fiukr", "argmin[j | j <= i](y[i, j])" },
    { "fiukr", "count[j | j < i](y[i, j] < z[i, j])" },
    { "fiubr", "any[j | j < i](y[i, j] < z[i, j])" },
    { "fiubr", "all[j | j > i](y[i, j] < 100)" },
    { "iur", "sum[j | j >= i](y[i, j])" },
    { "iur", "prod[j | j > i](z[i, j])" },
    { "fiu", "cummax[j](y[i, j])" },
    { "iu", "cumsum[j](y[i, j])" },
};
enum { NFORMS = sizeof forms / sizeof *forms };

static const struct { IrDtype dtype; char kind; } types[] = { { DT_f16, 'f' }, { DT_bf16, 'f' }, { DT_f32, 'f' }, { DT_f64, 'f' }, { DT_i8, 'i' }, { DT_i16, 'i' },
                                                              { DT_i32, 'i' }, { DT_i64, 'i' },  { DT_u8, 'u' },  { DT_u16, 'u' }, { DT_u32, 'u' }, { DT_u64, 'u' } };
enum { NTYPES = sizeof types / sizeof *types, ODD = 24, N = ODD * ODD, MOST = NFORMS + NTYPES };

/* ---- values ------------------------------------------------------------------------------------------------------------- */

/* The i-th odd value of a dtype: ends of its range, halves, NaN and infinities; of integers the bits as they come. */
static void put_odd(IrDtype t, unsigned char *p, int i)
{
    static const double reals[ODD] = { 0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -7.25, 100, 255, 65504, -65504, 1e-7, -6e-8, 1e30, -1e30, INFINITY, -INFINITY, NAN, 0.1, 2147483648.0 };
    static const uint16_t halves[ODD] = { 0, 0x8000, 0x3c00, 0xbc00, 0x3800, 0xb800, 0x3e00, 0x4100, 0xc100, 0x4200, 0xc740, 0x5640, 0x5bf8, 0x7bff, 0xfbff, 2, 0x8001, 0x7800, 0xf800,
                                          0x7c00, 0xfc00, 0x7e00, 0x2e66, 0x7a12 };
    int size = dtype_bytes(t), bits = 8 * size;
    float f = (float)reals[i];
    uint64_t w = i < 8 ? (uint64_t)(int64_t)(i - 4) : i < 12 ? (uint64_t)1 << (bits - 1 - (i - 8)) : i < 16 ? ((uint64_t)1 << (bits - 1 - (i - 12))) - 1 : (uint64_t)i * 0x9e3779b97f4a7c15u >> i;
    if (t == DT_f64)
        memcpy(&w, &reals[i], 8);
    else if (t == DT_f32)
        memcpy(&w, &f, 4);
    else if (t == DT_f16)
        w = halves[i];
    else if (t == DT_bf16) {
        memcpy(&w, &f, 4);
        w = w >> 16 & 0xffff;
    }
    memcpy(p, &w, (size_t)size);
}

/* -1 divides the smallest value to what does not fit, and 0 nothing: faults, which other tests look at. */
static bool divides(IrDtype t, const unsigned char *p)
{
    uint64_t w = 0, all = dtype_bytes(t) == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * dtype_bytes(t)) - 1;
    memcpy(&w, p, (size_t)dtype_bytes(t));
    return dtype_is_float(t) || (w != 0 && w != all);
}

/* All pairs of odd values, and divisors. */
static void *values_of(Arena *a, IrDtype t, int which)
{
    size_t size = (size_t)dtype_bytes(t);
    unsigned char *p = arena_alloc(a, N * size + 64);
    for (int i = 0; i < N; i++) {
        int k = which == 0 ? i / ODD : i % ODD;
        put_odd(t, p + (size_t)i * size, k);
        if (which == 2 && !divides(t, p + (size_t)i * size))
            put_odd(t, p + (size_t)i * size, 6);
    }
    return p;
}

/* ---- one dtype ------------------------------------------------------------------------------------------------------------ */

#if defined(__SANITIZE_ADDRESS__)
enum { NLEVELS = 1 }; /* takes several times as long */
#else
enum { NLEVELS = 2 };
#endif

typedef struct Tried { IrDtype type; int n; const char *text[MOST]; IrDtype dtype[MOST]; int rank[MOST]; } Tried;

static Tried forms_of(Arena *a, int k)
{
    Tried t = { .type = types[k].dtype };
    for (int i = 0; i < NFORMS; i++)
        if (strchr(forms[i].kinds, types[k].kind)) {
            const char *kinds = forms[i].kinds;
            t.dtype[t.n] = strchr(kinds, 'b') ? DT_bool : strchr(kinds, 'k') ? DT_i64 : t.type;
            t.rank[t.n] = strchr(kinds, 'r') ? 1 : 2;
            t.text[t.n++] = forms[i].text;
        }
    for (int i = 0; i < NTYPES; i++) {
        t.dtype[t.n] = types[i].dtype;
        t.rank[t.n] = 2;
        t.text[t.n++] = arena_printf(a, "%s(x[i, j])", dtype_name(types[i].dtype));
    }
    return t;
}

static char *text_of(Arena *a, const Tried *t)
{
    Buf b = buf_new(a);
    const char *name = dtype_name(t->type);
    char *params = arena_printf(a, "x: %s[M, N], y: %s[M, N], z: %s[M, N]", name, name, name);
    for (int i = 0; i < t->n; i++)
        buf_printf(&b, "fn g%d(%s) -> %s[%s] {\n    out[i%s] = %s\n}\n", i, params, dtype_name(t->dtype[i]), t->rank[i] > 1 ? "M, N" : "M", t->rank[i] > 1 ? ", j" : "", t->text[i]);
    buf_printf(&b, "fn all_of(%s) -> (", params);
    for (int i = 0; i < t->n; i++)
        buf_printf(&b, "%s%s[%s]", i ? ", " : "", dtype_name(t->dtype[i]), t->rank[i] > 1 ? "M, N" : "M");
    buf_puts(&b, ") = (");
    for (int i = 0; i < t->n; i++)
        buf_printf(&b, "%sg%d(x, y, z)", i ? ", " : "", i);
    buf_puts(&b, ")\n");
    return buf_text(&b);
}

static MlcrtTensor tensor(void *data, IrDtype t, int rank, const int64_t *shape)
{
    return (MlcrtTensor){ .data = data, .device = MLCRT_CPU, .rank = rank, .code = (uint8_t)dtype_dlpack_code(t), .bits = (uint8_t)(t == DT_bool ? 8 : 8 * dtype_bytes(t)), .lanes = 1,
                          .shape = (int64_t *)(uintptr_t)shape };
}

static void call_compiled(Unit *u, const Tried *t, const InterpTensor *in, void **got)
{
    static const int64_t shape[] = { ODD, ODD };
    MlcrtTensor args[3 + MOST];
    void *p[3 + MOST];
    MlcrtSession *s;
    MlcrtFn *f = unit_function(u, unit_find(u, "all_of"), true);
    Buf b = buf_new(u->arena);
    diags_render(u->diags, &b, false);
    ck_assert_msg(f != NULL, "%s", buf_text(&b));
    ck_assert_int_eq(mlcrt_session_new(u->context, &s), 0);
    for (int i = 0; i < 3; i++)
        args[i] = tensor(in[i].data, t->type, 2, shape);
    for (int i = 0; i < t->n; i++) {
        got[i] = arena_alloc(u->arena, N * 8);
        args[3 + i] = tensor(got[i], t->dtype[i], t->rank[i], shape);
    }
    for (int i = 0; i < 3 + t->n; i++)
        p[i] = &args[i];
    ck_assert_msg(mlcrt_invoke(s, f, p) == MLCRT_OK, "%s", mlcrt_error(s)->sentence);
    mlcrt_session_free(s);
}

static bool is_nan(IrDtype t, const unsigned char *p)
{
    uint16_t h;
    float f;
    double d;
    memcpy(&h, p, 2);
    switch (t) {
    case DT_f16: return (h & 0x7fff) > 0x7c00;
    case DT_bf16: return (h & 0x7fff) > 0x7f80;
    case DT_f32: return memcpy(&f, p, 4), isnan(f);
    case DT_f64: return memcpy(&d, p, 8), isnan(d);
    default: return false;
    }
}

static void compare(const Tried *t, int k, const InterpTensor *in, const InterpTensor *want, const unsigned char *got)
{
    size_t size = (size_t)dtype_bytes(t->dtype[k]);
    for (int i = 0; i < (t->rank[k] > 1 ? N : ODD); i++) {
        const unsigned char *w = (const unsigned char *)want->data + (size_t)i * size, *g = got + (size_t)i * size;
        uint64_t bits[5] = { 0 };
        for (int j = 0; j < 3; j++)
            memcpy(&bits[j], (const unsigned char *)in[j].data + (size_t)i * (size_t)dtype_bytes(t->type), (size_t)dtype_bytes(t->type));
        memcpy(&bits[3], w, size);
        memcpy(&bits[4], g, size);
        ck_assert_msg(!memcmp(w, g, size) || (is_nan(t->dtype[k], w) && is_nan(t->dtype[k], g)), "%s of %s, x %#llx, y %#llx, z %#llx: interpreted %#llx, compiled %#llx", t->text[k],
                      dtype_name(t->type), (unsigned long long)bits[0], (unsigned long long)bits[1], (unsigned long long)bits[2], (unsigned long long)bits[3],
                      (unsigned long long)bits[4]);
    }
}

START_TEST(operations_give_the_bits_of_the_interpreter)
{
    Mem mem;
    mem_init(&mem, mem_malloc_hooks(), 0);
    Arena *a = arena_new(&mem);
    UnitOptions o = { .library_path = MLC_BUILD_DIR, .cpu = "native", .optimise = _i % NLEVELS ? 0 : 2, .verify = true };
    Codegen *codegen = codegen_new(a, &o);
    MlcrtContext *context;
    ck_assert_ptr_nonnull(codegen);
    ck_assert_int_eq(mlcrt_context_new(NULL, &context), 0);
    Unit *u = unit_new(&mem, &o, codegen, context);
    Tried t = forms_of(a, _i / NLEVELS);
    char *text = text_of(a, &t);
    bool checked = unit_check_text(u, "operations.ml", text, strlen(text));
    Buf b = buf_new(a);
    diags_render(u->diags, &b, false);
    ck_assert_msg(checked, "%s", buf_text(&b));
    InterpTensor in[3], want[MOST];
    InterpOptions io = { .wide = false };
    InterpError err;
    void *got[MOST];
    for (int i = 0; i < 3; i++)
        in[i] = (InterpTensor){ t.type, 2, { ODD, ODD }, values_of(a, t.type, i), false };
    ck_assert_msg(interp_call(a, unit_find(u, "all_of"), in, NULL, want, &io, &err) == 0, "%s", err.text);
    call_compiled(u, &t, in, got);
    for (int k = 0; k < t.n; k++)
        compare(&t, k, in, &want[k], got[k]);
    unit_drop(u);
    mlcrt_context_free(context);
    codegen_free(codegen);
    mem_drop(&mem);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scalar operations");
    TCase *c = tcase_create("operations");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, operations_give_the_bits_of_the_interpreter, 0, NLEVELS * NTYPES);
    suite_add_tcase(s, c);
    return test_main(s);
}
