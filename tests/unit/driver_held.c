/* driver_held.c - a model that was made before its functions were compiled holds each weight once as soon as calls have packed them, also while other threads use it; and its results have the same bits before and after.
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "driver/mlc.h"
#include "runtime/abi.h"

static const char program[] =
    "model Lin(N, K) {\n    param w: f32[N, K] = 0\n}\n"
    "export fn there(net: Lin(N, K), x: f32[T, K]) -> f32[T, N] {\n    out[t, n] = sum[k](x[t, k] * net.w[n, k])\n}\n"
    "export fn back(net: Lin(N, K), y: f32[T, N]) -> f32[T, K] {\n    out[t, k] = sum[n](y[t, n] * net.w[n, k])\n}\n"
    "export fn squares(net: Lin(N, K)) -> f32[N] {\n    out[n] = sum[k](net.w[n, k] ^ 2)\n}\n"
    "model Own(N, K) {\n    param w: f32[N, K] = 0\n}\n"
    "fn own_there(net: Own(N, K), x: f32[T, K]) -> f32[T, N] {\n    out[t, n] = sum[k](x[t, k] * net.w[n, k])\n}\n"
    "fn own_back(net: Own(N, K), y: f32[T, N]) -> f32[T, K] {\n    out[t, k] = sum[n](y[t, n] * net.w[n, k])\n}\n"
    "export fn own_squares(net: Own(N, K)) -> f32[N] {\n    out[n] = sum[k](net.w[n, k] ^ 2)\n}\n";

enum { N = 500, K = 300, T = 3, WEIGHT = N * K * 4, THREADS = 3, TURNS = 200 };

typedef struct Room { MlcrtContext *context; MlcCompiler *c; MlcModule *m; MlcrtSession *s; MlcrtHandle *net; uint64_t before; } Room;

static float w[N * K], x[T * K];
static int64_t ws[] = { N, K }, xs[] = { T, K }, ys[] = { T, N }, ns[] = { N };

static MlcrtTensor floats(float *data, int rank, int64_t *shape)
{
    return (MlcrtTensor){ data, MLCRT_CPU, 0, rank, MLCRT_FLOAT, 32, 1, shape, NULL, 0 };
}

static void make_as(Room *r, const char *model)
{
    const struct MlcrtStruct *type;
    MlcrtTensor tw = floats(w, 2, ws);
    ck_assert_int_eq(mlc_struct(r->m, model, &type), MLCRT_OK);
    mlcrt_context_memory(r->context, &r->before, NULL);
    ck_assert_int_eq(mlcrt_handle_from_tensors(r->s, mlc_tables(r->m), type, ws, &tw, &r->net), MLCRT_OK);
}

static void make(Room *r) { make_as(r, "Lin"); }

static void start(Room *r)
{
    MlcrtOptions co = { .size = sizeof co, .threads = 1 };
    ck_assert_int_eq(mlcrt_context_new(&co, &r->context), MLCRT_OK);
    MlcOptions o = { .size = sizeof o, .context = r->context, .in_process = 1, .library_path = MLC_BUILD_DIR };
    ck_assert_int_eq(mlc_compiler_new(&o, &r->c), MLCRT_OK);
    ck_assert_msg(mlc_compile_text(r->c, "held.ml", program, sizeof program - 1, &r->m) == MLCRT_OK, "%s", mlc_diagnostics(r->c));
    ck_assert_int_eq(mlcrt_session_new(r->context, &r->s), MLCRT_OK);
    for (int i = 0; i < N * K; i++)
        w[i] = (float)(i * 37 % 1001 - 500) / 4096;
    for (int i = 0; i < T * K; i++)
        x[i] = (float)(i * 53 % 101 - 50) / 64;
    make(r);
}

static void stop(Room *r)
{
    mlc_compiler_free(r->c);
    ck_assert_int_eq(mlcrt_context_free(r->context), MLCRT_OK);
}

static void call(Room *r, const char *name, float *from, int64_t *fs, float *to, int rank, int64_t *ts)
{
    MlcrtTensor in = floats(from, 2, fs), out = floats(to, rank, ts);
    void *args[] = { r->net, from ? (void *)&in : (void *)&out, &out };
    ck_assert_msg(mlc_call(r->m, r->s, name, args) == MLCRT_OK, "%s", mlcrt_error(r->s)->sentence);
}

static double held(const Room *r)
{
    uint64_t now;
    mlcrt_context_memory(r->context, &now, NULL);
    return (double)(now - r->before) / WEIGHT;
}

#define HELD_ONCE(r) ck_assert_msg(held(r) > 0.9 && held(r) < 1.4, "%.2f times the weight", held(r))

START_TEST(what_was_made_before_its_functions_is_held_once)
{
    static float y[T * N], first[T * K], again[T * K], plain[N], packed[N];
    Room r;
    start(&r);
    call(&r, "there", x, xs, y, 2, ys);
    HELD_ONCE(&r);
    call(&r, "back", y, ys, first, 2, xs);
    HELD_ONCE(&r);
    call(&r, "squares", NULL, NULL, plain, 1, ns);
    HELD_ONCE(&r);
    ck_assert_int_eq(mlcrt_handle_free(r.net), MLCRT_OK);
    make(&r);
    call(&r, "back", y, ys, again, 2, xs);
    call(&r, "squares", NULL, NULL, packed, 1, ns);
    ck_assert(!memcmp(first, again, sizeof first) && !memcmp(plain, packed, sizeof plain));
    stop(&r);
}
END_TEST

/* A function that reads a weight as it is finds out before its code is made that another one packs it, whether that is an export or not. */
static const char *const orders[][3] = {
    { "squares", "there", "back" }, { "squares", "back", "there" }, { "back", "squares", "there" },
    { "own_squares", "own_there", "own_back" }, { "own_squares", "own_back", "own_there" }, { "own_back", "own_squares", "own_there" },
};

START_TEST(whichever_function_is_called_first)
{
    static float y[T * N], z[T * K], norms[N];
    Room r;
    start(&r);
    if (strstr(orders[_i][0], "own")) {
        ck_assert_int_eq(mlcrt_handle_free(r.net), MLCRT_OK);
        make_as(&r, "Own");
    }
    for (int i = 0; i < 3; i++) {
        const char *name = orders[_i][i];
        if (strstr(name, "there"))
            call(&r, name, x, xs, y, 2, ys);
        else if (strstr(name, "back"))
            call(&r, name, y, ys, z, 2, xs);
        else
            call(&r, name, NULL, NULL, norms, 1, ns);
        HELD_ONCE(&r);
    }
    stop(&r);
}
END_TEST

/* Of functions that were looked up before, too. */
START_TEST(calls_without_names_let_go_as_well)
{
    static float y[T * N], first[T * K], again[T * K];
    const struct MlcrtFn *there, *back;
    Room r;
    start(&r);
    ck_assert_int_eq(mlc_function(r.m, "there", &there), MLCRT_OK);
    ck_assert_int_eq(mlc_function(r.m, "back", &back), MLCRT_OK);
    MlcrtTensor tx = floats(x, 2, xs), ty = floats(y, 2, ys), tf = floats(first, 2, xs), ta = floats(again, 2, xs);
    ck_assert(held(&r) < 1.4);
    ck_assert_int_eq(mlcrt_invoke(r.s, there, (void *[]){ r.net, &tx, &ty }), MLCRT_OK);
    HELD_ONCE(&r);
    ck_assert_int_eq(mlcrt_invoke(r.s, back, (void *[]){ r.net, &ty, &tf }), MLCRT_OK);
    ck_assert_int_eq(mlcrt_invoke(r.s, back, (void *[]){ r.net, &ty, &ta }), MLCRT_OK);
    HELD_ONCE(&r);
    ck_assert(!memcmp(first, again, sizeof first));
    stop(&r);
}
END_TEST

/* Functions are compiled, and others called, by one thread while another one's calls let go. */
typedef struct Growth { Room *r; struct MlcrtModule none; const struct MlcrtStruct *type; const struct MlcrtFn *there; } Growth;

static void *use_new(void *user)
{
    Growth *g = user;
    MlcrtSession *s;
    float to[T * N], in[T * K] = { 1 };
    MlcrtTensor tw = floats(w, 2, ws), tx = floats(in, 2, xs), out = floats(to, 2, ys);
    if (mlcrt_session_new(g->r->context, &s))
        abort();
    for (int i = 0; i < TURNS; i++) {
        MlcrtHandle *h;
        if (mlcrt_handle_from_tensors(s, &g->none, g->type, ws, &tw, &h) || mlcrt_invoke(s, g->there, (void *[]){ h, &tx, &out }) || mlcrt_handle_free(h))
            abort();
    }
    mlcrt_session_free(s);
    return NULL;
}

START_TEST(a_module_grows_while_calls_let_go)
{
    static float y[T * N], to[T * K], plain[N];
    Room r;
    pthread_t thread;
    start(&r);
    Growth g = { .r = &r };
    ck_assert(!mlc_struct(r.m, "Lin", &g.type) && !mlc_function(r.m, "there", &g.there));
    g.none = *mlc_tables(r.m);
    g.none.nfns = 0;
    call(&r, "there", x, xs, y, 2, ys);
    pthread_create(&thread, NULL, use_new, &g);
    call(&r, "squares", NULL, NULL, plain, 1, ns);
    call(&r, "back", y, ys, to, 2, xs);
    pthread_join(thread, NULL);
    HELD_ONCE(&r);
    stop(&r);
}
END_TEST

typedef struct Work { Room *r; const struct MlcrtFn *fn; float *y, *want; _Atomic int wrong; } Work;

static void *use(void *user)
{
    Work *k = user;
    float to[T * K];
    MlcrtSession *s;
    MlcrtTensor in = floats(k->y, 2, ys), out = floats(to, 2, xs);
    if (mlcrt_session_new(k->r->context, &s))
        abort();
    for (int i = 0; i < TURNS; i++)
        k->wrong += mlcrt_invoke(s, k->fn, (void *[]){ k->r->net, &in, &out }) || memcmp(to, k->want, sizeof to);
    mlcrt_session_free(s);
    return NULL;
}

START_TEST(threads_that_use_it_meanwhile_see_no_difference)
{
    static float y[T * N], other[T * N], want[T * K];
    Room r;
    start(&r);
    Work k = { .r = &r, .y = y, .want = want };
    call(&r, "there", x, xs, y, 2, ys);
    call(&r, "back", y, ys, want, 2, xs);
    ck_assert_int_eq(mlc_function(r.m, "back", &k.fn), MLCRT_OK);
    for (int round = 0; round < 10; round++) {
        pthread_t thread[THREADS];
        const struct MlcrtStruct *type;
        struct MlcrtModule none = *mlc_tables(r.m);
        MlcrtTensor tw = floats(w, 2, ws);
        none.nfns = 0;
        ck_assert_int_eq(mlcrt_handle_free(r.net), MLCRT_OK);
        ck_assert_int_eq(mlc_struct(r.m, "Lin", &type), MLCRT_OK);
        ck_assert_int_eq(mlcrt_handle_from_tensors(r.s, &none, type, ws, &tw, &r.net), MLCRT_OK); /* as before they were compiled */
        for (int i = 0; i < THREADS; i++)
            pthread_create(&thread[i], NULL, use, &k);
        for (int i = 0; i < TURNS; i++)
            call(&r, "there", x, xs, other, 2, ys);
        for (int i = 0; i < THREADS; i++)
            pthread_join(thread[i], NULL);
        ck_assert(!memcmp(y, other, sizeof y));
    }
    ck_assert_int_eq(k.wrong, 0);
    call(&r, "there", x, xs, other, 2, ys);
    HELD_ONCE(&r);
    stop(&r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("weights of models in C");
    TCase *t = tcase_create("held");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, what_was_made_before_its_functions_is_held_once);
    tcase_add_loop_test(t, whichever_function_is_called_first, 0, sizeof orders / sizeof *orders);
    tcase_add_test(t, calls_without_names_let_go_as_well);
    tcase_add_test(t, a_module_grows_while_calls_let_go);
    tcase_add_test(t, threads_that_use_it_meanwhile_see_no_difference);
    suite_add_tcase(s, t);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
