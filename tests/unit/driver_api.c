/* driver_api.c - libmlc through its public header: compiling, messages, calls, wrong use, threads, the end of memory. */
#include <check.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/mlc.h"
#include "test_main.h"

static const char program[] = "## Container with most water.\n"
                              "export fn max_area(height: i32[N]) -> i32 {\n"
                              "    var l = 0\n"
                              "    var r = N - 1\n"
                              "    var best = 0\n"
                              "    while l < r {\n"
                              "        best = max(best, min(height[l], height[r]) * (r - l))\n"
                              "        if height[l] < height[r] { l = l + 1 } else { r = r - 1 }\n"
                              "    }\n"
                              "    best\n"
                              "}\n"
                              "export fn twice(x: f32[A, B]) -> f32[A, B] { out[a, b] = 2 * x[a, b] }\n"
                              "export fn add_to(var x: f32[A], y: f32[A]) { x = x + y }\n"
                              "export fn at(x: f32[A], i: i32[B]) -> f32[B] { out[b] = x[i[b]] }\n";

typedef struct Hook { size_t calls, live, fail_at; } Hook;

static void *hook_alloc(void *user, size_t size)
{
    Hook *h = user;
    if (++h->calls == h->fail_at)
        return NULL;
    h->live++;
    return malloc(size);
}

static void hook_free(void *user, void *p, size_t size)
{
    (void)size;
    ((Hook *)user)->live--;
    free(p);
}

static MlcOptions options(Hook *h)
{
    MlcOptions o = { .size = sizeof o, .library_path = MLC_BUILD_DIR };
    if (h) {
        o.user = h;
        o.alloc = hook_alloc;
        o.free = hook_free;
    }
    return o;
}

typedef struct Fixture { MlcCompiler *c; MlcModule *m; MlcrtSession *s; } Fixture;

static Fixture set_up(bool in_process)
{
    Fixture f;
    MlcOptions o = options(NULL);
    o.in_process = in_process;
    ck_assert_int_eq(mlc_compiler_new(&o, &f.c), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(mlc_context(f.c), &f.s), MLCRT_OK);
    MlcrtStatus status = mlc_compile_text(f.c, "area.ml", program, sizeof program - 1, &f.m);
    ck_assert_msg(!status, "%d\n%s", status, mlc_diagnostics(f.c));
    return f;
}

static void tear_down(Fixture *f)
{
    mlc_compiler_free(f->c); /* with the module, the context and the session */
}

static MlcrtTensor ints(int32_t *p, int64_t *shape)
{
    return (MlcrtTensor){ .data = p, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_INT, .bits = 32, .lanes = 1, .shape = shape };
}

static MlcrtTensor floats(float *p, int rank, int64_t *shape)
{
    return (MlcrtTensor){ .data = p, .device = MLCRT_CPU, .rank = rank, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = shape };
}

/* ---- compiling and calling -------------------------------------------------------------------------------------------- */

typedef MlcrtStatus Call(MlcModule *m, MlcrtSession *s, const char *name, void *const *args);
static Call *const ways[] = { mlc_call, mlc_interpret };

START_TEST(max_area_is_49)
{
    Fixture f = set_up(_i == 2);
    int32_t h[] = { 1, 8, 6, 2, 5, 4, 8, 3, 7 }, area = 0;
    int64_t n = 9;
    MlcrtTensor t = ints(h, &n);
    MlcrtStatus status = ways[_i & 1](f.m, f.s, "max_area", (void *[]){ &t, &area });
    ck_assert_msg(!status, "%s", mlcrt_error(f.s)->sentence);
    ck_assert_int_eq(area, 49);
    tear_down(&f);
}
END_TEST

START_TEST(results_are_allocated_and_var_parameters_changed)
{
    Fixture f = set_up(false);
    float x[] = { 1, 2, 3, 4, 5, 6 }, y[] = { 10, 20, 30 };
    int64_t shape[] = { 2, 3 }, three = 3, room[2] = { 0 };
    MlcrtTensor a = floats(x, 2, shape), b = floats(x, 1, &three), c = floats(y, 1, &three);
    MlcrtTensor r = { .rank = 2, .shape = room };
    ck_assert_int_eq(ways[_i](f.m, f.s, "twice", (void *[]){ &a, &r }), MLCRT_OK);
    ck_assert_int_eq(room[0], 2);
    ck_assert_int_eq(room[1], 3);
    ck_assert_float_eq(((float *)r.data)[5], 12);
    ck_assert_int_eq(mlcrt_tensor_free(mlc_context(f.c), &r), MLCRT_OK);
    ck_assert_int_eq(ways[_i](f.m, f.s, "add_to", (void *[]){ &b, &c }), MLCRT_OK);
    ck_assert_float_eq(x[2], 33);
    tear_down(&f);
}
END_TEST

START_TEST(an_index_outside_is_a_status_with_its_place)
{
    Fixture f = set_up(false);
    float x[] = { 1, 2, 3 };
    int32_t i[] = { 2, 3, -1 };
    int64_t three = 3, room = 0;
    MlcrtTensor t = floats(x, 1, &three), at = ints(i, &three), r = { .rank = 1, .shape = &room };
    ck_assert_int_eq(ways[_i](f.m, f.s, "at", (void *[]){ &t, &at, &r }), MLCRT_EINDEX);
    ck_assert_int_eq(mlcrt_error(f.s)->line, 14);
    ck_assert_str_eq(mlcrt_error(f.s)->file, "area.ml");
    ck_assert_ptr_nonnull(strstr(mlcrt_error(f.s)->sentence, "3 is outside"));
    ck_assert_ptr_null(r.data);
    tear_down(&f);
}
END_TEST

/* Of a tensor without elements there is no memory to read, be it by places or by lanes beside them. */
START_TEST(an_index_of_nothing_is_a_status)
{
    static const char rows[] = "export fn one(x: f32[A, D], i: i32[B]) -> f32[B, D] { out[b, d] = x[i[b], d] }\n"
                               "export fn dots(x: f32[A, D], i: i32[B]) -> f32[B] { out[b] = sum[d](x[i[b], d] * x[i[b], d]) }\n"
                               "export fn own(x: f32[A, D], i: i32[B]) -> f32[B] {\n"
                               "    let y[a: A // 2, d] = softmax[d](x[a, d])\n"
                               "    out[b] = sum[d](y[i[b], d])\n"
                               "}\n"
                               "export fn put(x: f32[A, D], i: i32[B]) -> f32[A, D] where B >= 1, D >= 1 {\n"
                               "    var y = x\n"
                               "    y[i[0], 0] = 1\n"
                               "    y\n"
                               "}\n";
    Fixture f = set_up(false);
    MlcModule *m;
    enum { D = 5000 };
    float x[D];
    int32_t i[] = { 0, -1, 7 };
    int64_t three = 3, none[] = { 0, D }, one[] = { 1, D }, two[2];
    for (int k = 0; k < D; k++)
        x[k] = 1;
    ck_assert_int_eq(mlc_compile_text(f.c, "rows.ml", rows, sizeof rows - 1, &m), 0);
    for (int k = 0; k < 4; k++) {
        static const char *const names[] = { "one", "dots", "put", "own" };
        MlcrtTensor t = floats(k == 3 ? x : NULL, 2, k == 3 ? one : none), at = ints(i, &three), r = { .rank = k % 2 ? 1 : 2, .shape = two };
        ck_assert_msg(ways[_i](m, f.s, names[k], (void *[]){ &t, &at, &r }) == MLCRT_EINDEX, "%s", names[k]);
        ck_assert_str_eq(mlcrt_error(f.s)->sentence, "subscript 0 is outside an axis of size 0");
    }
    mlc_module_free(m);
    tear_down(&f);
}
END_TEST

START_TEST(functions_are_data)
{
    Fixture f = set_up(false);
    const struct MlcrtFn *fn = (const void *)&f;
    bool found = false;
    for (int32_t i = 0; i < mlc_function_count(f.m); i++)
        found |= !strcmp(mlc_function_name(f.m, i), "twice");
    ck_assert(found);
    ck_assert_ptr_null(mlc_function_name(f.m, mlc_function_count(f.m)));
    ck_assert_ptr_null(mlc_function_name(f.m, -1));
    ck_assert_int_eq(mlc_function(f.m, "nothing", &fn), MLCRT_EINDEX);
    ck_assert_ptr_null(fn);
    ck_assert_int_eq(mlc_function(f.m, "twice", &fn), MLCRT_OK);
    ck_assert_ptr_nonnull(fn);
    tear_down(&f);
}
END_TEST

START_TEST(objects_and_headers_are_written)
{
    Fixture f = set_up(_i);
    char folder[] = "/tmp/mlc-api-XXXXXX", object[64], header[64];
    struct stat st;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(object, sizeof object, "%s/area.o", folder);
    snprintf(header, sizeof header, "%s/area.h", folder);
    MlcrtStatus status = mlc_write_object(f.m, "area", object, header);
    ck_assert_msg(!status, "%d %s", status, mlc_diagnostics(f.c));
    ck_assert(!stat(object, &st));
    ck_assert_int_gt(st.st_size, 500);
    ck_assert(!stat(header, &st));
    ck_assert_int_gt(st.st_size, 500);
    ck_assert_int_eq(mlc_write_object(f.m, "area", "/nowhere/area.o", NULL), MLCRT_EIO);
    unlink(object);
    unlink(header);
    rmdir(folder);
    tear_down(&f);
}
END_TEST

/* ---- handles ---------------------------------------------------------------------------------------------------------------- */

static const char counters[] = "struct Counter(N) {\n"
                               "    w: f32[N] = 1\n"
                               "    steps: int = 40\n"
                               "}\n"
                               "model Net(N) {\n"
                               "    param w: f32[N] ~ normal(0, 1)\n"
                               "    fn call(x: f32[N]) -> f32 = sum[i](w[i] * x[i])\n"
                               "}\n"
                               "export fn step(var c: Counter(N), x: f32[N]) -> f32 {\n"
                               "    c.w = c.w + x\n"
                               "    c.steps += 1\n"
                               "    sum(c.w)\n"
                               "}\n"
                               "export fn apply(net: Net(N), x: f32[N]) -> f32 = net(x)\n";

typedef struct Handles { Fixture f; const struct MlcrtStruct *counter, *net; MlcrtHandle *c, *n; } Handles;

static Handles make_handles(void)
{
    Handles h = { .f = set_up(false) };
    int64_t three = 3;
    uint64_t key[2] = { 7, 0 };
    ck_assert_int_eq(mlc_compile_text(h.f.c, "counters.ml", counters, sizeof counters - 1, &h.f.m), MLCRT_OK);
    ck_assert_int_eq(mlc_struct(h.f.m, "Counter", &h.counter), MLCRT_OK);
    ck_assert_int_eq(mlc_struct(h.f.m, "Net", &h.net), MLCRT_OK);
    const struct MlcrtModule *t = mlc_tables(h.f.m);
    ck_assert_int_eq(mlcrt_handle_new(h.f.s, t, h.counter, &three, NULL, &h.c), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_new(h.f.s, t, h.net, &three, (void *)key, &h.n), MLCRT_OK);
    return h;
}

START_TEST(handles_are_passed_and_changed)
{
    Handles h = make_handles();
    float x[] = { 1, 2, 3 }, sum = 0, one = 0, two = 0;
    int64_t three = 3, steps = 0;
    MlcrtTensor t = floats(x, 1, &three), view;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(ways[i](h.f.m, h.f.s, "step", (void *[]){ h.c, &t, &sum }), MLCRT_OK);
    ck_assert_float_eq(sum, 15);
    ck_assert_int_eq(mlcrt_handle_view(h.c, 0, &view), MLCRT_OK);
    ck_assert_float_eq(((float *)view.data)[2], 7);
    ck_assert_int_eq(mlcrt_handle_field(h.c, 1, &steps), MLCRT_OK);
    ck_assert_int_eq(steps, 42);
    ck_assert_int_eq(mlc_call(h.f.m, h.f.s, "apply", (void *[]){ h.n, &t, &one }), MLCRT_OK);
    ck_assert_int_eq(mlc_interpret(h.f.m, h.f.s, "apply", (void *[]){ h.n, &t, &two }), MLCRT_OK);
    ck_assert_float_eq_tol(one, two, 1e-5);
    ck_assert_float_ne(one, 0);
    tear_down(&h.f);
}
END_TEST

START_TEST(a_returned_struct_is_a_handle)
{
    Handles h = make_handles();
    static const char text[] = "struct Pair(N) {\n    a: f32[N]\n    n: int\n}\nfn pair(x: f32[N], k: int) -> (Pair(N), int) {\n"
                               "    check(k != 3, \"not three\")\n    (Pair(N, a: 2 * x, n: k), k + 1)\n}\n";
    float x[] = { 1, 2, 3 };
    int64_t three = 3, k = 7, next = 0, n = 0;
    MlcrtTensor t = floats(x, 1, &three), view;
    MlcModule *m;
    ck_assert_int_eq(mlc_compile_text(h.f.c, "pair.ml", text, sizeof text - 1, &m), MLCRT_OK);
    for (int i = 0; i < 2; i++) {
        MlcrtHandle *pair = NULL;
        MlcrtStatus status = ways[i](m, h.f.s, "pair", (void *[]){ &t, &k, &pair, &next });
        ck_assert_msg(!status, "%s", mlcrt_error(h.f.s)->sentence);
        ck_assert_int_eq(next, 8);
        ck_assert_int_eq(mlcrt_handle_field(pair, 1, &n), MLCRT_OK);
        ck_assert_int_eq(n, 7);
        ck_assert_int_eq(mlcrt_handle_number(pair, 0), 3);
        ck_assert_int_eq(mlcrt_handle_view(pair, 0, &view), MLCRT_OK);
        ck_assert_float_eq(((float *)view.data)[2], 6);
        ck_assert_int_eq(mlcrt_handle_free(pair), MLCRT_OK);
        int64_t bad = 3;
        pair = NULL;
        ck_assert_int_eq(ways[i](m, h.f.s, "pair", (void *[]){ &t, &bad, &pair, &next }), MLCRT_ECHECK);
        ck_assert_ptr_null(pair);
    }
    tear_down(&h.f);
}
END_TEST

START_TEST(wrong_handles_are_statuses)
{
    Handles h = make_handles();
    Fixture other = set_up(false);
    float x[] = { 1, 2, 3 }, sum = 5;
    int64_t three = 3, two = 2;
    MlcrtTensor t = floats(x, 1, &three), narrow = floats(x, 1, &two);
    void *wrong[][3] = { { h.n, &t, &sum }, { NULL, &t, &sum }, { h.c, &narrow, &sum } };
    static const MlcrtStatus statuses[] = { MLCRT_EARG, MLCRT_EARG, MLCRT_ESHAPE };
    Call *call = ways[_i];
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(call(h.f.m, h.f.s, "step", wrong[i]), statuses[i]);
    ck_assert_int_eq(call(h.f.m, other.s, "step", (void *[]){ h.c, &t, &sum }), MLCRT_EARG);
    MlcrtHandle *freed = h.c;
    ck_assert_int_eq(mlcrt_handle_free(h.c), MLCRT_OK);
    ck_assert_int_eq(call(h.f.m, h.f.s, "step", (void *[]){ freed, &t, &sum }), MLCRT_EARG);
    ck_assert_float_eq(sum, 5);
    tear_down(&other);
    tear_down(&h.f);
}
END_TEST

START_TEST(a_handle_outlives_its_module)
{
    Handles h = make_handles();
    MlcModule *again;
    float x[] = { 1, 2, 3 }, sum = 0;
    int64_t three = 3;
    MlcrtTensor t = floats(x, 1, &three);
    mlc_module_free(h.f.m);
    ck_assert_int_eq(mlc_compile_text(h.f.c, "again.ml", counters, sizeof counters - 1, &again), MLCRT_OK);
    ck_assert_int_eq(mlc_call(again, h.f.s, "step", (void *[]){ h.c, &t, &sum }), MLCRT_OK);
    ck_assert_float_eq(sum, 9);
    tear_down(&h.f);
}
END_TEST

/* ---- wrong programs, wrong arguments ------------------------------------------------------------------------------------ */

START_TEST(messages_are_data)
{
    MlcCompiler *c;
    MlcModule *m = (void *)&c;
    MlcDiagnostic d;
    MlcOptions o = options(NULL);
    const char text[] = "fn f(x: f32[N]) -> f32 = y\nfn g() -> f32 = z\n";
    ck_assert_int_eq(mlc_compiler_new(&o, &c), MLCRT_OK);
    ck_assert_str_eq(mlc_diagnostics(c), "");
    ck_assert_int_eq(mlc_compile_text(c, "wrong.ml", text, sizeof text - 1, &m), MLCRT_EFORMAT);
    ck_assert_ptr_null(m);
    ck_assert_int_eq(mlc_diagnostic_count(c), 2);
    ck_assert_int_eq(mlc_diagnostic(c, 1, &d), MLCRT_OK);
    ck_assert_str_eq(d.code, "E0201");
    ck_assert_str_eq(d.file, "wrong.ml");
    ck_assert_int_eq(d.line, 2);
    ck_assert_int_eq(d.column, 17);
    ck_assert_int_eq(d.is_error, 1);
    ck_assert_int_eq(mlc_diagnostic(c, 2, &d), MLCRT_EINDEX);
    ck_assert_ptr_nonnull(strstr(mlc_diagnostics(c), "wrong.ml:2:17: error[E0201]"));
    ck_assert_int_eq(mlc_compile_file(c, "/nowhere/x.ml", &m), MLCRT_EIO);
    ck_assert_int_eq(mlc_compile_text(c, NULL, program, sizeof program - 1, &m), MLCRT_OK);
    ck_assert_int_eq(mlc_diagnostic_count(c), 0);
    mlc_compiler_free(c);
}
END_TEST

START_TEST(null_is_a_status)
{
    Fixture f = set_up(false);
    MlcModule *m;
    MlcDiagnostic d;
    const struct MlcrtFn *fn;
    const struct MlcrtStruct *st;
    int32_t n = 0;
    ck_assert_int_eq(mlc_compiler_new(NULL, NULL), MLCRT_EARG);
    ck_assert_int_eq(mlc_compile_text(NULL, "", "", 0, &m), MLCRT_EARG);
    ck_assert_int_eq(mlc_compile_text(f.c, "", NULL, 0, &m), MLCRT_EARG);
    ck_assert_int_eq(mlc_compile_text(f.c, "", "", 0, NULL), MLCRT_EARG);
    ck_assert_int_eq(mlc_compile_file(f.c, NULL, &m), MLCRT_EARG);
    ck_assert_int_eq(mlc_diagnostic(f.c, 0, NULL), MLCRT_EARG);
    ck_assert_int_eq(mlc_diagnostic(NULL, 0, &d), MLCRT_EARG);
    ck_assert_int_eq(mlc_function(f.m, NULL, &fn), MLCRT_EARG);
    ck_assert_int_eq(mlc_function(NULL, "at", &fn), MLCRT_EARG);
    ck_assert_int_eq(mlc_struct(f.m, "Nothing", &st), MLCRT_EINDEX);
    ck_assert_int_eq(mlc_struct(f.m, "Nothing", NULL), MLCRT_EARG);
    ck_assert_int_eq(mlc_write_object(f.m, NULL, "x", NULL), MLCRT_EARG);
    ck_assert_int_eq(mlc_write_object(f.m, "x", NULL, NULL), MLCRT_EARG);
    ck_assert_int_eq(mlc_function_count(NULL), 0);
    ck_assert_ptr_null(mlc_tables(NULL));
    ck_assert_ptr_null(mlc_context(NULL));
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(ways[i](NULL, f.s, "at", NULL), MLCRT_EARG);
        ck_assert_int_eq(ways[i](f.m, NULL, "at", NULL), MLCRT_EARG);
        ck_assert_int_eq(ways[i](f.m, f.s, NULL, NULL), MLCRT_EARG);
        ck_assert_int_eq(ways[i](f.m, f.s, "max_area", NULL), MLCRT_EARG);
        ck_assert_int_eq(ways[i](f.m, f.s, "max_area", (void *[]){ NULL, &n }), MLCRT_EARG);
        ck_assert_int_eq(ways[i](f.m, f.s, "nothing", (void *[]){ NULL }), MLCRT_EINDEX);
        ck_assert_str_eq(mlcrt_error(f.s)->sentence, "there is no function 'nothing'");
    }
    mlc_compiler_free(NULL);
    mlc_module_free(NULL);
    tear_down(&f);
}
END_TEST

static const struct { int rank, code, bits; int64_t stride, n; MlcrtStatus status; } wrongs[] = {
    { 1, MLCRT_FLOAT, 32, 1, 3, MLCRT_EDTYPE }, { 1, MLCRT_INT, 64, 1, 3, MLCRT_EDTYPE }, { 2, MLCRT_INT, 32, 1, 3, MLCRT_ERANK },
    { 1, MLCRT_INT, 32, 2, 3, MLCRT_ESTRIDE },  { 1, MLCRT_INT, 32, 1, -3, MLCRT_ESHAPE },
};

START_TEST(wrong_tensors_are_statuses)
{
    Fixture f = set_up(false);
    int64_t memory[64] = { 0 }, shape[] = { wrongs[_i].n, 1 }, strides[] = { wrongs[_i].stride, 1 };
    int32_t area = 5;
    MlcrtTensor t = { .data = memory, .device = MLCRT_CPU, .rank = wrongs[_i].rank, .code = (uint8_t)wrongs[_i].code,
                      .bits = (uint8_t)wrongs[_i].bits, .lanes = 1, .shape = shape, .strides = strides };
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(ways[i](f.m, f.s, "max_area", (void *[]){ &t, &area }), wrongs[_i].status);
        ck_assert_str_eq(mlcrt_error(f.s)->argument, "height");
        ck_assert_int_eq(area, 5);
    }
    tear_down(&f);
}
END_TEST

START_TEST(what_is_written_may_not_overlap)
{
    Fixture f = set_up(false);
    float x[] = { 1, 2, 3, 4 };
    int64_t three = 3;
    MlcrtTensor a = floats(x, 1, &three), b = floats(x + 1, 1, &three);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(ways[i](f.m, f.s, "add_to", (void *[]){ &a, &b }), MLCRT_EOVERLAP);
    ck_assert_float_eq(x[0], 1);
    tear_down(&f);
}
END_TEST

/* ---- threads --------------------------------------------------------------------------------------------------------------- */

static void *compile_and_call(void *arg)
{
    (void)arg;
    for (int round = 0; round < 3; round++) {
        Fixture f = set_up(false);
        int32_t h[] = { 1, 8, 6, 2, 5, 4, 8, 3, 7 }, area = 0;
        int64_t n = 9;
        MlcrtTensor t = ints(h, &n);
        ck_assert_int_eq(mlc_call(f.m, f.s, "max_area", (void *[]){ &t, &area }), MLCRT_OK);
        ck_assert_int_eq(area, 49);
        tear_down(&f);
    }
    return NULL;
}

START_TEST(two_compilers_in_two_threads)
{
    pthread_t other;
    ck_assert_int_eq(pthread_create(&other, NULL, compile_and_call, NULL), 0);
    compile_and_call(NULL);
    pthread_join(other, NULL);
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------------------ */

/* Everything up to a result, with allocation `fail_at` refused; the first status that is not OK. */
static MlcrtStatus whole(Hook *h, bool *enough)
{
    MlcCompiler *c = NULL;
    MlcModule *m = NULL;
    MlcrtSession *s = NULL;
    MlcOptions o = options(h);
    int32_t p[] = { 1, 8, 6, 2, 5, 4, 8, 3, 7 }, area = 0;
    int64_t n = 9;
    MlcrtTensor t = ints(p, &n);
    MlcrtStatus status = mlc_compiler_new(&o, &c);
    if (!status)
        status = mlcrt_session_new(mlc_context(c), &s);
    if (!status)
        status = mlc_compile_text(c, "area.ml", program, sizeof program - 1, &m);
    if (!status)
        status = mlc_interpret(m, s, "max_area", (void *[]){ &t, &area });
    if (!status)
        status = mlc_call(m, s, "max_area", (void *[]){ &t, &area });
    ck_assert_msg(status || area == 49, "%d", area);
    *enough = h->calls < h->fail_at;
    mlc_compiler_free(c);
    return status;
}

/* Three sizes that have nothing to do with one another: the places of what lies between its kernels are those of a call. */
static const char chain[] = "export fn short(x: f32[T, D], w: f32[D, E], v: f32[E, D], u: f32[E, E]) -> f32 {\n"
                            "    let a = x @ w\n"
                            "    let b = softmax(a @ u, axis: -1) @ v\n"
                            "    sum(b) + sum(a) + sum(softmax(b @ w, axis: -1) @ v)\n"
                            "}\n"
                            "export fn chain(x: f32[T, D], w: f32[D, E], v: f32[E, D], u: f32[E, E]) -> f32 {\n"
                            "    let a = x @ w\n"
                            "    let b = softmax(a @ u, axis: -1)\n"
                            "    let c = exp(-abs(x)) * (b @ v)\n"
                            "    let d = c @ w\n"
                            "    let e = d @ v\n"
                            "    sum(d) + sum(a) + sum(softmax(e @ w, axis: -1) @ v) + sum(c)\n"
                            "}\n";

static float of_sizes(MlcModule *m, MlcrtSession *s, Call *call, const char *name, int64_t t, int64_t d, int64_t e)
{
    enum { MOST = 64 * 64 };
    static float p[4][MOST];
    int64_t shapes[4][2] = { { t, d }, { d, e }, { e, d }, { e, e } };
    MlcrtTensor x[4];
    float sum = 0;
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < MOST; k++)
            p[i][k] = (float)((k * 37 + i * 11) % 17 - 8) / 16;
        x[i] = floats(p[i], 2, shapes[i]);
    }
    MlcrtStatus status = call(m, s, name, (void *[]){ &x[0], &x[1], &x[2], &x[3], &sum });
    ck_assert_msg(!status, "%s", mlcrt_error(s)->sentence);
    return sum;
}

START_TEST(places_of_a_call_are_of_its_sizes_and_cost_no_memory)
{
    static const int64_t sizes[][3] = { { 64, 3, 50 }, { 3, 64, 5 }, { 17, 33, 64 }, { 64, 64, 1 }, { 1, 1, 64 }, { 0, 5, 7 } };
    enum { SIZES = sizeof sizes / sizeof *sizes };
    Hook h = { 0 };
    MlcOptions o = options(&h);
    MlcCompiler *c;
    MlcModule *m;
    MlcrtSession *s, *fresh;
    float first[SIZES];
    size_t calls = 0;
    ck_assert_int_eq(mlc_compiler_new(&o, &c), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(mlc_context(c), &s), MLCRT_OK);
    ck_assert_int_eq(mlc_compile_text(c, "chain.ml", chain, sizeof chain - 1, &m), MLCRT_OK);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < SIZES; i++) {
            float sum = of_sizes(m, s, mlc_call, "chain", sizes[i][0], sizes[i][1], sizes[i][2]);
            ck_assert_msg(!round || !memcmp(&sum, &first[i], sizeof sum), "sizes %d: %g, then %g", i, (double)first[i], (double)sum);
            first[i] = sum;
            of_sizes(m, s, mlc_call, "short", sizes[i][0], sizes[i][1], sizes[i][2]); /* another one in turn, with places of its own */
        }
        ck_assert(round < 2 || h.calls == calls);
        calls = h.calls;
    }
    for (int i = 0; i < SIZES; i++) {
        ck_assert_int_eq(mlcrt_session_new(mlc_context(c), &fresh), MLCRT_OK);
        float sum = of_sizes(m, fresh, mlc_call, "chain", sizes[i][0], sizes[i][1], sizes[i][2]);
        ck_assert_msg(!memcmp(&sum, &first[i], sizeof sum), "sizes %d: %g, alone %g", i, (double)first[i], (double)sum);
        ck_assert_float_eq_tol(of_sizes(m, fresh, mlc_interpret, "chain", sizes[i][0], sizes[i][1], sizes[i][2]), sum, 1e-3f * (1 + (sum < 0 ? -sum : sum)));
        mlcrt_session_free(fresh);
    }
    mlc_compiler_free(c);
}
END_TEST

START_TEST(every_failing_allocation_is_a_status)
{
    bool enough = false;
    size_t k = 1;
    for (; !enough; k++) {
        Hook h = { .fail_at = k };
        MlcrtStatus status = whole(&h, &enough);
        ck_assert_msg(status == (enough ? MLCRT_OK : MLCRT_EMEMORY), "allocation %zu: status %d", k, status);
        ck_assert_msg(h.live == 0, "allocation %zu: %zu blocks are left", k, h.live);
    }
    ck_assert_int_gt(k, 10);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(a_limit_is_a_status)
{
    MlcCompiler *c;
    MlcModule *m;
    MlcOptions o = options(NULL);
    o.memory_limit = 20000;
    ck_assert_int_eq(mlc_compiler_new(&o, &c), MLCRT_OK);
    ck_assert_int_eq(mlc_compile_text(c, NULL, program, sizeof program - 1, &m), MLCRT_ELIMIT);
    ck_assert_int_eq(mlc_compile_text(c, NULL, program, sizeof program - 1, &m), MLCRT_ELIMIT);
    mlc_compiler_free(c);
}
END_TEST

START_TEST(options_are_checked)
{
    MlcCompiler *c = (void *)1;
    MlcOptions o = { .size = 3 };
    ck_assert_int_eq(mlc_compiler_new(&o, &c), MLCRT_EARG);
    ck_assert_ptr_null(c);
    o = (MlcOptions){ .size = sizeof o, .optimise = 7 };
    ck_assert_int_eq(mlc_compiler_new(&o, &c), MLCRT_EARG);
    o = (MlcOptions){ .size = sizeof o, .alloc = hook_alloc };
    ck_assert_int_eq(mlc_compiler_new(&o, &c), MLCRT_EARG);
}
END_TEST

int main(void)
{
    if (access(MLC_BUILD_DIR "/mlc-codegen", X_OK) || access(MLC_BUILD_DIR "/libmlc-llvm.so", R_OK))
        return 77;
    Suite *s = suite_create("driver: libmlc");
    TCase *t = tcase_create("api");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, max_area_is_49, 0, 3);
    tcase_add_loop_test(t, results_are_allocated_and_var_parameters_changed, 0, 2);
    tcase_add_loop_test(t, an_index_outside_is_a_status_with_its_place, 0, 2);
    tcase_add_loop_test(t, an_index_of_nothing_is_a_status, 0, 2);
    tcase_add_test(t, functions_are_data);
    tcase_add_loop_test(t, objects_and_headers_are_written, 0, 2);
    tcase_add_test(t, handles_are_passed_and_changed);
    tcase_add_test(t, a_returned_struct_is_a_handle);
    tcase_add_loop_test(t, wrong_handles_are_statuses, 0, 2);
    tcase_add_test(t, a_handle_outlives_its_module);
    tcase_add_test(t, messages_are_data);
    tcase_add_test(t, null_is_a_status);
    tcase_add_loop_test(t, wrong_tensors_are_statuses, 0, sizeof wrongs / sizeof *wrongs);
    tcase_add_test(t, what_is_written_may_not_overlap);
    tcase_add_test(t, two_compilers_in_two_threads);
    tcase_add_test(t, places_of_a_call_are_of_its_sizes_and_cost_no_memory);
    tcase_add_test(t, every_failing_allocation_is_a_status);
    tcase_add_test(t, a_limit_is_a_status);
    tcase_add_test(t, options_are_checked);
    suite_add_tcase(s, t);
    return test_main(s);
}
