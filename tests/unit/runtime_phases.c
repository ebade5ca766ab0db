/* Regions of several loops: a loop sees all that those before it have written where it has to wait, for any number of threads, for the
 * embedder's threads, and where the pool is busy; a fault or a cancel ends the region after it. */
#include <string.h>
#include <time.h>

#include "runtime_fn.h"
#include "runtime_test.h"

enum { N = 3000, ROUNDS = 40 };

static _Atomic int64_t wrong; /* elements that were read before they were written */
static int64_t grain, work, fails_at;
static MlcrtSession *cancels;

/* y[i] = y[n - 1 - i] + 1 of the other half: reads what any thread may have written. env: { from, to, expected }, halves of y. */
typedef struct Step { int64_t from, to; int32_t expected; } Step;

static const Step *step_of(const MlcrtCall *c) { return (const Step *)(intptr_t)c->locals[0]; }

static void mirror(const MlcrtCall *c, int64_t first, int64_t last)
{
    const Step *s = step_of(c);
    int32_t *y = c->leaf[0];
    int64_t n = c->dims[0] / 2;
    for (int64_t i = first; i < last; i++) {
        int32_t x = y[s->from * n + n - 1 - i];
        wrong += x != s->expected;
        y[s->to * n + i] = x + 1;
    }
}

static void failing(const MlcrtCall *c, int64_t first, int64_t last)
{
    for (int64_t i = first; i < last; i++)
        if (i >= fails_at)
            c->rt->fault(c, 0, i, i, c->dims[0]);
}

static void cancelling(const MlcrtCall *c, int64_t first, int64_t last)
{
    (void)c, (void)last;
    if (first == 0)
        mlcrt_cancel(cancels);
}

/* A point that takes long looks whether the call has ended. */
static void waiting_for_the_end(const MlcrtCall *c, int64_t first, int64_t last)
{
    time_t begin = time(NULL);
    (void)first, (void)last;
    mlcrt_cancel(cancels);
    while (!stopped(c) && time(NULL) - begin < 3)
        ;
    wrong += !stopped(c);
}

static void count_first(const MlcrtCall *c, int64_t first, int64_t last)
{
    int32_t *y = c->leaf[0];
    (void)first, (void)last;
    __atomic_fetch_add(&y[0], 1, __ATOMIC_RELAXED);
}

static void chain_body(MlcrtCall *c)
{
    Step s[4];
    MlcrtPhase p[5];
    int64_t n = c->dims[0] / 2;
    for (int32_t r = 0; r < ROUNDS; r++) {
        for (int k = 0; k < 4; k++) {
            s[k] = (Step){ k % 2, !(k % 2), 4 * r + k };
            p[k] = (MlcrtPhase){ mirror, &s[k], n, k == 2 ? INT64_MAX : grain, k - 1 };
        }
        p[4] = (MlcrtPhase){ mirror, &s[3], 0, grain, -1 }; /* no point */
        c->rt->phases(c, p, 5, work);
    }
}

/* A phase that need not wait, then one that faults or cancels, then one that must not run. */
static MlcrtKernel *ends;

static void ended_body(MlcrtCall *c)
{
    MlcrtPhase p[] = { { count_first, NULL, 1, 1, -1 }, { ends, NULL, c->dims[0], grain, -1 }, { count_first, NULL, c->dims[0], 1, 1 } };
    c->rt->phases(c, p, 3, work);
}

static const MlcrtFn chain_fn = {
    .name = "chain", .symbol = "chain", .file = "test.ml", .nparams = 1, .nleaves = 1, .ndims = 1, .nplan = 1, .nvars = 1, .nchecks = 1,
    .params = (const MlcrtParam[]){ { "y", "i32[N]", MLCRT_PARAM_TENSOR, MLCRT_VAR, T_I32, 0, 1, -1, { 0 }, NULL } },
    .leaves = (const MlcrtLeaf[]){ { "", T_I32, 1, 0, 0, DIMS(DIM(0)) } },
    .plan = (const MlcrtPlanRow[]){ { MLCRT_P_BIND, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL } },
    .checks = (const MlcrtCheck[]){ { MLCRT_EINDEX, 1, 1, 0, "test.ml", "element %lld of %lld" } },
    .body = chain_body, .module = &test_module,
};

static MlcrtStatus run(MlcrtSession *s, const MlcrtFn *f, int32_t *y)
{
    int64_t shape[1] = { 2 * N };
    MlcrtTensor t = { y, MLCRT_CPU, 0, 1, MLCRT_INT, 32, 1, shape, NULL, 0 };
    memset(y, 0, 2 * N * sizeof *y);
    return mlcrt_invoke(s, f, (void *[]){ &t });
}

/* One after the other, the last one first. */
static void backwards(void *user, int64_t n, void (*task)(void *job, int64_t i), void *job)
{
    ++*(int *)user;
    for (int64_t i = n - 1; i >= 0; i--)
        task(job, i);
}

static const struct { int threads; bool callback; int64_t work; } rooms[] = {
    { 1, false, INT64_MAX }, { 2, false, 0 }, { 2, false, INT64_MAX }, { 3, false, INT64_MAX }, { 8, false, INT64_MAX }, { 4, true, INT64_MAX },
};

static MlcrtSession *start(int room, MlcrtContext **c, int *calls)
{
    MlcrtSession *s;
    MlcrtOptions o = { .size = sizeof o, .threads = rooms[room].threads, .parallel = rooms[room].callback ? backwards : NULL, .parallel_user = calls };
    work = rooms[room].work;
    ck_assert_int_eq(mlcrt_context_new(&o, c), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(*c, &s), MLCRT_OK);
    return s;
}

START_TEST(a_phase_sees_what_it_waits_for)
{
    static const int64_t grains[] = { 1, 64, 1000 };
    static int32_t y[2 * N];
    MlcrtContext *c;
    int calls = 0;
    MlcrtSession *s = start(_i, &c, &calls);
    wrong = 0;
    for (int g = 0; g < 3; g++) {
        grain = grains[g];
        ck_assert_int_eq(run(s, &chain_fn, y), MLCRT_OK);
        ck_assert_int_eq(wrong, 0);
        for (int i = 0; i < N; i++)
            ck_assert(y[i] == 4 * ROUNDS && y[N + i] == 4 * ROUNDS - 1);
    }
    ck_assert_int_eq(calls, rooms[_i].callback ? 3 * ROUNDS * 3 : 0); /* a loop each, but for the phase of one piece and the empty one */
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

START_TEST(a_fault_or_a_cancel_ends_the_region)
{
    static int32_t y[2 * N];
    MlcrtContext *c;
    int calls = 0;
    MlcrtSession *s = start(_i, &c, &calls);
    MlcrtFn f = chain_fn;
    f.body = ended_body;
    grain = 7;
    fails_at = 4321;
    ends = failing;
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(run(s, &f, y), MLCRT_EINDEX);
        ck_assert_str_eq(mlcrt_error(s)->sentence, "element 4321 of 6000");
        ck_assert_int_le(y[0], 1); /* what need not wait may have run */
    }
    ends = cancelling;
    cancels = s;
    ck_assert_int_eq(run(s, &f, y), MLCRT_ECANCEL);
    ck_assert_int_le(y[0], 1);
    ends = waiting_for_the_end;
    wrong = 0;
    ck_assert_int_eq(run(s, &f, y), MLCRT_ECANCEL);
    ck_assert_int_eq(wrong, 0);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("phases");
    TCase *t = tcase_create("phases");
    int n = (int)(sizeof rooms / sizeof *rooms);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_phase_sees_what_it_waits_for, 0, n);
    tcase_add_loop_test(t, a_fault_or_a_cancel_ends_the_region, 0, n);
    suite_add_tcase(s, t);
    return test_main(s);
}
