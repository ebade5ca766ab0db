/* calls.c - libFuzzer target: any sequence of calls of libmlc's C interface, with wrong names, tensors of wrong kinds, and things that were
 * freed in any order that the headers allow. Functions run in the interpreter. A status comes back, never a crash or a leak.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/mlc.h"

static const char program[] = "export fn scale(x: f32[N, M], a: f32) -> f32[N, M] = x * a\n"
                              "export fn pick(x: i32[N], i: int) -> i32 where 0 <= i, i < N = x[i]\n"
                              "export fn push(var x: f32[N], v: f64) where N >= 1 { x[0] = f32(v) }\n"
                              "export fn both(m: bool[N], h: f16[N], b: bf16[N]) -> f32[N] { out[i] = if m[i] { f32(h[i]) } else { f32(b[i]) } }\n"
                              "fn whole(x: f32[..]) -> f32[..] = x + 1\n";
static const char *const names[] = { "scale", "pick", "push", "both", "whole", "nothing", "" };

enum { ELEMENTS = 64 };

typedef struct Call { const uint8_t *data; size_t size, at; MlcCompiler *c; MlcModule *m; MlcrtSession *s; } Call;

static unsigned byte(Call *k) { return k->at < k->size ? k->data[k->at++] : 0; }

/* A view of at most ELEMENTS elements of 8 bytes; kind, rank, shape and strides as the input says. */
static void tensor(Call *k, MlcrtTensor *t, int64_t *shape, void *data)
{
    static const uint8_t codes[] = { 2, 2, 0, 1, 4, 6, 9 }, bits[] = { 32, 16, 32, 64, 8, 0 };
    int64_t left = ELEMENTS;
    *t = (MlcrtTensor){ .data = byte(k) % 16 ? data : NULL, .device = byte(k) % 16 ? 1 : 2, .rank = (int32_t)(byte(k) % 4), .code = codes[byte(k) % 7],
                        .bits = bits[byte(k) % 6], .lanes = byte(k) % 16 ? 1 : 2, .shape = shape };
    if (byte(k) % 32 == 0)
        t->rank = (int32_t)byte(k) - 100;
    for (int i = 0; i < 4; i++) {
        shape[i] = byte(k) % 64 ? (int64_t)(byte(k) % (unsigned)(left + 1)) : -1;
        left = shape[i] > 0 ? left / shape[i] : left;
    }
    if (byte(k) % 16 == 0)
        t->shape = t->rank > 0 && byte(k) % 2 ? NULL : shape;
    if (byte(k) % 16 == 0)
        t->offset = byte(k) % 2 ? 4 : 3;
}

static void use(Call *k)
{
    MlcrtTensor t[5];
    int64_t shapes[5][4], scalars[5];
    void *args[5];
    static const int scalar_at[][5] = { { 0, 1 }, { 0, 1, 1 }, { 0, 1 }, { 0 }, { 0 }, { 0 }, { 0 } };
    unsigned which = byte(k) % 7;
    char *data[5];
    for (int i = 0; i < 5; i++) {
        data[i] = calloc(ELEMENTS + 1, 8);
        if (!data[i])
            abort();
        tensor(k, &t[i], shapes[i], data[i]);
        scalars[i] = (int64_t)byte(k) - 3;
        args[i] = scalar_at[which][i] ? (void *)&scalars[i] : (void *)&t[i];
        if (byte(k) % 64 == 0)
            args[i] = NULL;
    }
    mlc_interpret(k->m, k->s, names[which], args);
    mlcrt_error(k->s);
    for (int i = 0; i < 5; i++) {
        if (t[i].data && t[i].data != data[i]) /* a result that was asked for: the caller's now */
            mlcrt_tensor_free(mlc_context(k->c), &t[i]);
        free(data[i]);
    }
}

static void ask(Call *k)
{
    const struct MlcrtStruct *type;
    MlcDiagnostic d;
    mlc_diagnostic(k->c, (int32_t)byte(k) - 2, &d);
    mlc_diagnostics(k->c);
    if (k->m) {
        mlc_function_name(k->m, (int32_t)byte(k) - 2);
        mlc_function_count(k->m);
        mlc_struct(k->m, names[byte(k) % 7], &type);
    }
}

static void compile(Call *k)
{
    mlc_module_free(k->m);
    size_t n = sizeof program - 1;
    if (byte(k) % 4) {
        mlc_compile_text(k->c, "calls.ml", program, n, &k->m);
        return;
    }
    size_t from = byte(k), length = byte(k);
    from = from < n ? from : n;
    mlc_compile_text(k->c, byte(k) % 8 ? "calls.ml" : NULL, program + from, length < n - from ? length : n - from, &k->m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Call k = { .data = data, .size = size < 2048 ? size : 2048 };
    MlcOptions o = { .size = sizeof o, .memory_limit = byte(&k) % 8 ? 0 : (uint64_t)byte(&k) << 14 };
    if (mlc_compiler_new(&o, &k.c) || mlcrt_session_new(mlc_context(k.c), &k.s)) {
        mlc_compiler_free(k.c);
        return 0;
    }
    mlc_compile_text(k.c, "calls.ml", program, sizeof program - 1, &k.m);
    for (int i = 0; i < 24 && k.at < k.size; i++)
        switch (byte(&k) % 8) {
        case 0: compile(&k); break;
        case 1: ask(&k); break;
        default:
            if (k.m)
                use(&k);
        }
    mlcrt_session_free(k.s);
    mlc_compiler_free(k.c);
    return 0;
}
