/* driver_packed.c - weights of a GGUF file that stay packed: every use of them has the bits that the unpacked ones give, for each form, in
 * compiled code and interpreter, for AVX2 and AVX-512; memory holds little more than the file; get, save and copies give elements. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/mlc.h"

/* Contractions in rows, two weights at once, over the first axis, of lists; look-ups, also of a weight that is contracted; single elements;
 * sums of squares; logits that are never stored. */
static const char program[] =
    "model Part(D, F) {\n    param w: f32[F, D] = 0\n}\n"
    "model Net(V, D, F, L) {\n"
    "    param embed: f32[V, D] = 0\n    param head: f32[V, D] = 0\n    param up: f32[F, D] = 0\n    param gate: f32[F, D] = 0\n"
    "    param bias: f32[F] = 0\n    parts = [Part(D, F) for l in 0..L]\n"
    "}\n"
    "export fn linear(net: Net(V, D, F, L), x: f32[T, D], token: i32[T]) -> f32[T, F] {\n    out[t, f] = sum[d](x[t, d] * net.up[f, d]) + net.bias[f]\n}\n"
    "export fn gated(net: Net(V, D, F, L), x: f32[T, D], token: i32[T]) -> f32[T, F] {\n"
    "    out[t, f] = silu(sum[d](x[t, d] * net.gate[f, d])) * sum[d](x[t, d] * net.up[f, d])\n}\n"
    "export fn back(net: Net(V, D, F, L), x: f32[T, F], token: i32[T]) -> f32[T, D] {\n    out[t, d] = sum[f](x[t, f] * net.up[f, d])\n}\n"
    "export fn listed(net: Net(V, D, F, L), x: f32[T, D], token: i32[T]) -> f32[T, F] {\n"
    "    out[t, f] = sum[l: L](sum[d](x[t, d] * net.parts[l].w[f, d]))\n}\n"
    "export fn look(net: Net(V, D, F, L), x: f32[T, D], token: i32[T]) -> f32[T, D] {\n    out[t, d] = net.embed[token[t] % V, d]\n}\n"
    "export fn tied(net: Net(V, D, F, L), x: f32[T, D], token: i32[T]) -> f32[T, V] {\n"
    "    let e[t, d] = net.head[token[t] % V, d] + x[t, d]\n    out[t, v] = sum[d](e[t, d] * net.head[v, d])\n}\n"
    "export fn single(net: Net(V, D, F, L), x: f32[T, D], token: i32[T]) -> f32[T] {\n    out[t] = net.up[token[t] % F, (token[t] * 7) % D]\n}\n"
    "export fn squares(net: Net(V, D, F, L), x: f32[T, D], token: i32[T]) -> f32[F] {\n    out[f] = sum[d](net.gate[f, d] ^ 2)\n}\n"
    "export fn likely(net: Net(V, D, F, L), x: f32[T, D], token: i32[T]) -> f32[T] {\n"
    "    let z[t, v] = sum[d](x[t, d] * net.embed[v, d])\n    let p[t, v] = log_softmax[v](z[t, v])\n    out[t] = p[t, token[t] % V]\n}\n";

static const char *const names[] = { "linear", "gated", "back", "listed", "look", "tied", "single", "squares", "likely" };
enum { V = 50, D = 352, F = 37, L = 2, T = 37, NAMES = sizeof names / sizeof *names, BLOCK = 32 };

/* ---- a file ---------------------------------------------------------------------------------------------------------------------- */

typedef struct Out { unsigned char *b; size_t n, room; } Out;

static void put(Out *o, uint64_t v, int bytes)
{
    if (o->n + 8 > o->room)
        ck_assert_ptr_nonnull(o->b = realloc(o->b, o->room = 2 * o->room + 4096));
    for (int i = 0; i < bytes; i++)
        o->b[o->n++] = (unsigned char)(v >> 8 * i);
}

static uint32_t draw(uint32_t *seed) { return (*seed = *seed * 1664525u + 1013904223u) >> 8; }

enum { F32 = 0, Q4_0 = 2, Q8_0 = 8 };
static int block_bytes(int type) { return type == Q8_0 ? 34 : type == Q4_0 ? 18 : 4 * BLOCK; }

typedef struct Entry { const char *name; int rows, columns, type; uint64_t at; } Entry;

static void put_info(Out *o, Entry *e, uint64_t *data)
{
    size_t n = strlen(e->name);
    put(o, n, 8);
    for (size_t i = 0; i < n; i++)
        put(o, (unsigned char)e->name[i], 1);
    put(o, e->rows ? 2 : 1, 4);
    put(o, (uint64_t)e->columns, 8);
    if (e->rows)
        put(o, (uint64_t)e->rows, 8);
    put(o, (uint64_t)e->type, 4);
    put(o, *data, 8);
    e->at = *data;
    uint64_t bytes = e->type ? (uint64_t)e->rows * (uint64_t)(e->columns / BLOCK) * (uint64_t)block_bytes(e->type)
                             : 4 * (uint64_t)(e->rows ? e->rows : 1) * (uint64_t)e->columns;
    *data += (bytes + 31) / 32 * 32;
}

/* Scales of both signs, some of them subnormal; numbers are any. */
static void put_data(Out *o, const Entry *e, uint32_t *seed)
{
    int64_t n = (int64_t)(e->rows ? e->rows : 1) * e->columns;
    for (int64_t i = 0; i < n && !e->type; i++) {
        float x = (float)draw(seed) / 8388608.0f - 1.0f;
        uint32_t bits;
        memcpy(&bits, &x, 4);
        put(o, bits, 4);
    }
    for (int64_t b = 0; b < n / BLOCK && e->type; b++) {
        uint32_t r = draw(seed);
        put(o, r % 16 == 0 ? r & 0x83ff : (r & 0x83ff) | (uint32_t)(8 + (r >> 16) % 6) << 10, 2);
        for (int i = 2; i < block_bytes(e->type); i++)
            put(o, draw(seed), 1);
    }
    while (o->n % 32)
        put(o, 0, 1);
}

static size_t write_file(const char *path, int first, int second)
{
    Entry list[] = { { "embed", V, D, first, 0 }, { "head", V, D, second, 0 }, { "up", F, D, first, 0 }, { "gate", F, D, second, 0 },
                     { "bias", 0, F, F32, 0 }, { "parts.0.w", F, D, first, 0 }, { "parts.1.w", F, D, first, 0 } };
    enum { N = sizeof list / sizeof *list };
    Out o = { 0 };
    uint64_t data = 0;
    uint32_t seed = 7;
    for (int i = 0; i < 4; i++)
        put(&o, (unsigned char)"GGUF"[i], 1);
    put(&o, 3, 4);
    put(&o, N, 8);
    put(&o, 0, 8);
    for (int i = 0; i < N; i++)
        put_info(&o, &list[i], &data);
    while (o.n % 32)
        put(&o, 0, 1);
    for (int i = 0; i < N; i++)
        put_data(&o, &list[i], &seed);
    FILE *f = fopen(path, "wb");
    ck_assert(f && fwrite(o.b, 1, o.n, f) == o.n && fclose(f) == 0);
    free(o.b);
    return o.n;
}

/* ---- compilers ------------------------------------------------------------------------------------------------------------------- */

typedef struct Room { MlcCompiler *c; MlcModule *m; MlcrtContext *context; MlcrtSession *s; MlcrtHandle *net; uint64_t bytes; } Room;

static void start(Room *r, const char *cpu, const char *packed, const char *path)
{
    const struct MlcrtStruct *type;
    const struct MlcrtFn *fn;
    uint64_t before;
    MlcrtOptions co = { .size = sizeof co, .threads = 2 };
    ck_assert_int_eq(mlcrt_context_new(&co, &r->context), 0);
    MlcOptions o = { .size = sizeof o, .context = r->context, .in_process = 1, .target_cpu = cpu, .packed = packed, .library_path = MLC_BUILD_DIR };
    ck_assert_int_eq(mlc_compiler_new(&o, &r->c), 0);
    ck_assert_msg(mlc_compile_text(r->c, "packed.ml", program, sizeof program - 1, &r->m) == 0, "%s", mlc_diagnostics(r->c));
    ck_assert_int_eq(mlcrt_session_new(r->context, &r->s), 0);
    for (int i = 0; i < NAMES; i++)
        ck_assert_msg(mlc_function(r->m, names[i], &fn) == 0, "%s", mlc_diagnostics(r->c));
    ck_assert_int_eq(mlc_struct(r->m, "Net", &type), 0);
    mlcrt_context_memory(r->context, &before, NULL);
    ck_assert_msg(mlcrt_handle_load(r->s, mlc_tables(r->m), type, path, NULL, (const int64_t[]){ -1, -1, -1, -1 }, &r->net) == 0, "%s",
                  mlcrt_error(r->s)->sentence);
    mlcrt_context_memory(r->context, &r->bytes, NULL);
    r->bytes -= before;
}

static void stop(Room *r)
{
    mlc_compiler_free(r->c);
    mlcrt_context_free(r->context);
}

typedef MlcrtStatus Way(MlcModule *m, MlcrtSession *s, const char *name, void *const *args);

/* The result of one function for `rows` rows. */
static MlcrtTensor result(Room *r, Way *way, const char *name, MlcrtHandle *net, int rows, int64_t shape[2])
{
    static float x[T * D];
    static int32_t token[T];
    uint32_t seed = 3;
    for (int i = 0; i < T * D; i++)
        x[i] = (float)draw(&seed) / 8388608.0f - 1.0f;
    for (int i = 0; i < T; i++)
        token[i] = (int32_t)(draw(&seed) % 1000);
    int64_t xs[] = { rows, !strcmp(name, "back") ? F : D }, ts[] = { rows };
    MlcrtTensor a = { .data = x, .device = MLCRT_CPU, .rank = 2, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = xs };
    MlcrtTensor b = { .data = token, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_INT, .bits = 32, .lanes = 1, .shape = ts };
    MlcrtTensor y = { .rank = !strcmp(name, "single") || !strcmp(name, "squares") || !strcmp(name, "likely") ? 1 : 2, .shape = shape };
    ck_assert_msg(way(r->m, r->s, name, (void *[]){ net, &a, &b, &y }) == 0, "%s: %s", name, mlcrt_error(r->s)->sentence);
    return y;
}

static void same_results(Room *a, Room *b, Way *way, int rows, const char *what)
{
    for (int i = 0; i < NAMES; i++) {
        int64_t s[2] = { 1, 1 }, z[2] = { 1, 1 };
        MlcrtTensor want = result(a, mlc_call, names[i], a->net, rows, s), got = result(b, way, names[i], b->net, rows, z);
        ck_assert(s[0] == z[0] && s[1] == z[1] && s[0] > 0);
        ck_assert_msg(!memcmp(want.data, got.data, (size_t)(s[0] * s[1]) * 4), "%s of %d rows, %s", names[i], rows, what);
        mlcrt_tensor_free(a->context, &want);
        mlcrt_tensor_free(b->context, &got);
    }
}

static const struct { int first, second; const char *what; } kinds[] = { { Q8_0, Q4_0, "q8_0 and q4_0" }, { Q4_0, F32, "q4_0 and f32" } };

/* ---- what is tried of each kind of file ---------------------------------------------------------------------------------------- */

static void takes_little_more(const Room *packed, const Room *plain, size_t size, const char *what)
{
    /* those in panels have their last panel padded; `up` and `embed` are wanted in panels and in rows, by `back` and `look` */
    ck_assert_msg(packed->bytes < size * 5 / 2, "%s: %zu bytes of a file of %zu", what, (size_t)packed->bytes, size);
    ck_assert_uint_lt(packed->bytes * 3 / 2, plain->bytes);
}

static void same_elements(Room *plain, Room *packed, MlcrtHandle *net, const char *path, int rank)
{
    int64_t s[2] = { 1, 1 }, z[2] = { 1, 1 };
    MlcrtTensor want = { .rank = rank, .shape = s }, got = { .rank = rank, .shape = z };
    ck_assert_int_eq(mlcrt_handle_get(plain->s, plain->net, path, &want), 0);
    ck_assert_int_eq(mlcrt_handle_get(packed->s, net, path, &got), 0);
    ck_assert_msg(!memcmp(s, z, sizeof s) && !memcmp(want.data, got.data, (size_t)(s[0] * s[1]) * 4), "%s", path);
    mlcrt_tensor_free(plain->context, &want);
    mlcrt_tensor_free(packed->context, &got);
}

/* As elements: the model itself, a copy, and the copy after it was saved and loaded. */
static void can_be_read(Room *plain, Room *packed, const char *saved)
{
    static const char *const paths[] = { "embed", "head", "up", "gate", "parts.1.w" };
    const struct MlcrtStruct *type;
    MlcrtHandle *copy, *again, *first = packed->net;
    ck_assert_int_eq(mlc_struct(packed->m, "Net", &type), 0);
    ck_assert_int_eq(mlcrt_handle_copy(packed->s, packed->net, &copy), 0);
    ck_assert_int_eq(mlcrt_handle_save(packed->s, copy, saved), 0);
    ck_assert_msg(!mlcrt_handle_load(packed->s, mlc_tables(packed->m), type, saved, NULL, (const int64_t[]){ -1, -1, -1, -1 }, &again), "%s",
                  mlcrt_error(packed->s)->sentence);
    MlcrtHandle *nets[] = { packed->net, copy, again };
    for (int n = 0; n < 3; n++) {
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
            same_elements(plain, packed, nets[n], paths[i], 2);
        same_elements(plain, packed, nets[n], "bias", 1);
    }
    packed->net = copy;
    same_results(plain, packed, mlc_call, 3, "a copy");
    packed->net = again;
    same_results(plain, packed, mlc_call, 3, "saved and loaded");
    packed->net = first;
    unlink(saved);
}

static void interpreter_agrees(Room *r)
{
    for (int i = 0; i < NAMES; i++) {
        int64_t s[2] = { 1, 1 }, z[2] = { 1, 1 };
        MlcrtTensor want = result(r, mlc_interpret, names[i], r->net, 2, s), got = result(r, mlc_call, names[i], r->net, 2, z);
        for (int64_t k = 0; k < s[0] * s[1]; k++) {
            float x = ((float *)want.data)[k], y = ((float *)got.data)[k], e = x > y ? x - y : y - x, most = (x < 0 ? -x : x) + 1;
            ck_assert_msg(e <= 1e-5f * most, "%s: %lld is %g, not %g", names[i], (long long)k, (double)y, (double)x);
        }
        mlcrt_tensor_free(r->context, &want);
        mlcrt_tensor_free(r->context, &got);
    }
}

START_TEST(packed_weights_have_the_bits_of_unpacked_ones)
{
    char path[64], saved[80];
    Room plain = { 0 }, packed = { 0 }, narrow = { 0 };
    bool both = _i == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    snprintf(path, sizeof path, "/tmp/mlc-packed-%ld.gguf", (long)getpid());
    snprintf(saved, sizeof saved, "%s.safetensors", path);
    size_t size = write_file(path, kinds[_i].first, kinds[_i].second);
    start(&plain, "native", NULL, path);
    start(&packed, "native", "q8_0,q4_0", path);
    if (both)
        start(&narrow, "x86-64-v3", "q8_0,q4_0", path);
    unlink(path);
    takes_little_more(&packed, &plain, size, kinds[_i].what);
    for (int rows = 1; rows <= T; rows += rows == 1 ? 7 : 29) {
        same_results(&plain, &packed, mlc_call, rows, kinds[_i].what);
        if (both)
            same_results(&plain, &narrow, mlc_call, rows, "AVX2");
    }
    can_be_read(&plain, &packed, saved);
    interpreter_agrees(&packed);
    stop(&plain);
    stop(&packed);
    if (both)
        stop(&narrow);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: packed weights");
    TCase *t = tcase_create("packed");
    tcase_set_timeout(t, 240);
    tcase_add_loop_test(t, packed_weights_have_the_bits_of_unpacked_ones, 0, (int)(sizeof kinds / sizeof *kinds));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
