/* The pool: every point once, for any number of threads and callers; loops within loops, the embedder's threads, fork, shutdown. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

#include "runtime_fn.h"
#include "runtime_test.h"

enum { N = 5000 };

/* fn count(y: i32[N]): adds 1 to each; in tasks of `grain`, `rounds` times */
static int64_t grain, rounds;

static void count_points(const MlcrtCall *c, int64_t first, int64_t last)
{
    int32_t *y = c->leaf[0];
    for (int64_t i = first; i < last; i++)
        y[i]++;
}

static void count_body(MlcrtCall *c)
{
    for (int64_t r = 0; r < rounds; r++)
        c->rt->parallel(c, count_points, c->dims[0], grain);
}

static const MlcrtFn count_fn = {
    .name = "count", .symbol = "count", .nparams = 1, .nleaves = 1, .ndims = 1, .nplan = 1, .nvars = 1,
    .params = (const MlcrtParam[]){ { "y", "i32[N]", MLCRT_PARAM_TENSOR, MLCRT_VAR, T_I32, 0, 1, -1, { 0 }, NULL } },
    .leaves = (const MlcrtLeaf[]){ { "", T_I32, 1, 0, 0, DIMS(DIM(0)) } },
    .plan = (const MlcrtPlanRow[]){ { MLCRT_P_BIND, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL } },
    .body = count_body, .module = &test_module,
};

/* The first point that was not run as often as it should; -1: none; -2: the call failed. Without assertions, which take a lock
 * that a child of a fork may find taken. */
static int32_t wrong_point(MlcrtSession *s, const MlcrtFn *f, int32_t n)
{
    int32_t y[N] = { 0 };
    int64_t shape[1] = { n };
    MlcrtTensor t = { y, MLCRT_CPU, 0, 1, MLCRT_INT, 32, 1, shape, NULL, 0 };
    if (mlcrt_invoke(s, f, (void *[]){ &t }))
        return -2;
    for (int32_t i = 0; i < n; i++)
        if (y[i] != rounds)
            return i;
    return -1;
}

static void count_once(MlcrtSession *s, const MlcrtFn *f, int32_t n)
{
    ck_assert_int_eq(wrong_point(s, f, n), -1);
}

static MlcrtContext *context_of(int threads)
{
    MlcrtContext *c;
    MlcrtOptions o = { .size = sizeof o, .threads = threads, .pin = threads == 3 };
    ck_assert_int_eq(mlcrt_context_new(&o, &c), MLCRT_OK);
    return c;
}

static MlcrtSession *session_of(MlcrtContext *c)
{
    MlcrtSession *s;
    ck_assert_int_eq(mlcrt_session_new(c, &s), MLCRT_OK);
    return s;
}

START_TEST(each_point_is_run_once)
{
    static const int threads[] = { 1, 2, 3, 8 };
    MlcrtContext *c = context_of(threads[_i]);
    MlcrtSession *s = session_of(c);
    rounds = 3;
    static const int32_t sizes[] = { 0, 1, 2, 3, 63, 64, 65, 1000, N };
    static const int64_t grains[] = { 0, 1, 2, 7, 64, 10000, INT64_MAX };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t k = 0; k < sizeof grains / sizeof *grains; k++) {
            grain = grains[k];
            count_once(s, &count_fn, sizes[i]);
        }
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

START_TEST(many_short_loops_are_joined)
{
    MlcrtContext *c = context_of(2);
    MlcrtSession *s = session_of(c);
    rounds = 2000;
    grain = 1;
    count_once(s, &count_fn, 64);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

/* ---- after a rest ---- */

static int cpus_of_thread(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

static void see_cpus(const MlcrtCall *c, int64_t first, int64_t last)
{
    int32_t *y = c->leaf[0];
    for (int64_t i = first; i < last; i++) {
        struct timespec begin, t;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        do
            clock_gettime(CLOCK_MONOTONIC, &t);
        while ((t.tv_sec - begin.tv_sec) * 1000000000 + t.tv_nsec - begin.tv_nsec < 50000);
        y[i] = cpus_of_thread();
    }
}

static void cpus_body(MlcrtCall *c) { c->rt->parallel(c, see_cpus, c->dims[0], 1); }

/* The pool keeps workers from the caller's CPU while they wake, and no longer. */
START_TEST(workers_may_run_where_they_could)
{
    MlcrtContext *c = context_of(2);
    MlcrtSession *s = session_of(c);
    MlcrtFn f = count_fn;
    f.body = cpus_body;
    for (int round = 0; round < 20; round++) {
        enum { POINTS = 64 };
        int32_t y[POINTS] = { 0 };
        int64_t shape[1] = { POINTS };
        MlcrtTensor t = { y, MLCRT_CPU, 0, 1, MLCRT_INT, 32, 1, shape, NULL, 0 };
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        ck_assert_int_eq(mlcrt_invoke(s, &f, (void *[]){ &t }), MLCRT_OK);
        for (int i = 0; i < POINTS; i++)
            ck_assert_int_eq(y[i], cpus_of_thread());
    }
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

/* ---- several callers ---- */

static _Atomic int failures;

static void *call_often(void *context)
{
    MlcrtSession *s;
    if (mlcrt_session_new(context, &s)) {
        failures++;
        return NULL;
    }
    for (int i = 0; i < 200; i++) {
        failures += wrong_point(s, &count_fn, 100 + i) != -1;
        if (i % 16 == 0)
            sched_yield();
    }
    mlcrt_session_free(s);
    return NULL;
}

START_TEST(callers_share_one_pool)
{
    enum { CALLERS = 4 };
    pthread_t t[CALLERS];
    MlcrtContext *c = context_of(3);
    failures = 0;
    rounds = 2;
    grain = 4;
    for (int i = 0; i < CALLERS; i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, call_often, c), 0);
    for (int i = 0; i < CALLERS; i++)
        pthread_join(t[i], NULL);
    ck_assert_int_eq(failures, 0);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

/* ---- a loop within a loop ---- */

static void outer_points(const MlcrtCall *c, int64_t first, int64_t last)
{
    (void)first, (void)last;
    c->rt->parallel(c, count_points, 0, 1);
}

static int32_t square[8][64];
static void inner_points(const MlcrtCall *c, int64_t first, int64_t last)
{
    (void)c;
    for (int64_t i = first; i < last; i++)
        __atomic_fetch_add(&square[0][i], 1, __ATOMIC_RELAXED);
}

static void nest_points(const MlcrtCall *c, int64_t first, int64_t last)
{
    for (int64_t i = first; i < last; i++)
        c->rt->parallel(c, inner_points, 64, 1);
}

static void nest_body(MlcrtCall *c)
{
    c->rt->parallel(c, outer_points, 100, 1);
    c->rt->parallel(c, nest_points, 8, 1);
}

START_TEST(loops_nest)
{
    MlcrtContext *c = context_of(3);
    MlcrtSession *s = session_of(c);
    MlcrtFn f = count_fn;
    f.body = nest_body;
    rounds = 0;
    memset(square, 0, sizeof square);
    count_once(s, &f, 5);
    for (int i = 0; i < 64; i++)
        ck_assert_int_eq(square[0][i], 8);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

/* ---- the embedder's threads ---- */

static uint32_t task_mode;
static int backwards_calls;

static void backwards(void *user, int64_t n, MlcrtTask *task, void *job)
{
    ck_assert_ptr_eq(user, &backwards_calls);
    backwards_calls++;
    for (int64_t i = n; i-- > 0;)
        task(job, i);
}

static void mode_points(const MlcrtCall *c, int64_t first, int64_t last)
{
#if defined(__x86_64__)
    task_mode = __builtin_ia32_stmxcsr();
#endif
    count_points(c, first, last);
}

static void mode_body(MlcrtCall *c)
{
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr(0x9FC0); /* what a thread of an embedder may have */
    c->rt->parallel(c, mode_points, c->dims[0], 3);
    ck_assert_uint_eq(__builtin_ia32_stmxcsr(), 0x9FC0);
    ck_assert_uint_eq(task_mode, 0x1F80);
#else
    c->rt->parallel(c, mode_points, c->dims[0], 3);
#endif
}

START_TEST(the_embedders_threads_may_run_it)
{
    MlcrtContext *c;
    MlcrtOptions o = { .size = sizeof o, .threads = 4, .parallel = backwards, .parallel_user = &backwards_calls };
    ck_assert_int_eq(mlcrt_context_new(&o, &c), MLCRT_OK);
    MlcrtSession *s = session_of(c);
    MlcrtFn f = count_fn;
    f.body = mode_body;
    rounds = 1;
    backwards_calls = 0;
    count_once(s, &f, 1000);
    ck_assert_int_eq(backwards_calls, 1);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

/* ---- fork and shutdown ---- */

#if !defined(__SANITIZE_THREAD__) /* its own threads do not survive a fork */
static _Atomic int forking;

static void *keep_calling(void *context)
{
    MlcrtSession *s;
    if (mlcrt_session_new(context, &s))
        return NULL;
    while (forking)
        failures += wrong_point(s, &count_fn, 500) != -1;
    mlcrt_session_free(s);
    return NULL;
}

/* What a child does: old and new sessions, the clock. */
static int child_of(MlcrtContext *c, MlcrtSession *s)
{
    MlcrtSession *own;
    if (mlcrt_session_new(c, &own))
        return 1;
    if (wrong_point(s, &count_fn, 1000) != -1 || wrong_point(own, &count_fn, 700) != -1)
        return 2;
    return mlcrt_deadline(s, -1) == MLCRT_OK ? 0 : 3;
}

START_TEST(a_child_has_threads_of_its_own)
{
    MlcrtContext *c = context_of(3);
    MlcrtSession *s = session_of(c);
    pthread_t other;
    rounds = 2;
    grain = 1;
    ck_assert_int_eq(mlcrt_deadline(s, 60000), MLCRT_OK);
    count_once(s, &count_fn, 1000);
    forking = 1;
    failures = 0;
    ck_assert_int_eq(pthread_create(&other, NULL, keep_calling, c), 0);
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            alarm(10);
            _exit(child_of(c, s));
        }
        int status;
        while (waitpid(child, &status, 0) < 0)
            ck_assert_int_eq(errno, EINTR);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "fork %d: status %x", i, status);
    }
    forking = 0;
    pthread_join(other, NULL);
    ck_assert_int_eq(failures, 0);
    count_once(s, &count_fn, 1000);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST
#endif

/* One that a point raises by an instruction reaches the host's handler, in any thread; without that it ends the process. */
static _Atomic int raised;

static void on_unknown(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2; /* ud2 */
    raised++;
}

static void raise_points(const MlcrtCall *c, int64_t first, int64_t last)
{
    int32_t *y = c->leaf[0];
    for (int64_t i = first; i < last; i++) {
        __asm__ volatile("ud2");
        y[i]++;
    }
}

static void raise_body(MlcrtCall *c) { c->rt->parallel(c, raise_points, c->dims[0], grain); }

START_TEST(a_handler_of_the_host_sees_what_a_point_raises)
{
    MlcrtContext *c = context_of(4);
    MlcrtFn f = count_fn;
    MlcrtSession *s;
    struct sigaction a = { .sa_sigaction = on_unknown, .sa_flags = SA_SIGINFO }, old;
    f.body = raise_body;
    ck_assert_int_eq(mlcrt_session_new(c, &s), MLCRT_OK);
    sigaction(SIGILL, &a, &old);
    grain = 1;
    rounds = 1;
    raised = 0;
    for (int i = 0; i < 20; i++)
        count_once(s, &f, 500);
    sigaction(SIGILL, &old, NULL);
    ck_assert_int_eq(raised, 20 * 500);
    ck_assert_int_eq(mlcrt_session_free(s), MLCRT_OK);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

START_TEST(contexts_come_and_go)
{
    rounds = 1;
    grain = 1;
    for (int i = 0; i < 200; i++) {
        MlcrtContext *c = context_of(1 + i % 4);
        if (i % 3)
            count_once(session_of(c), &count_fn, 50);
        if (i % 5 == 0)
            ck_assert_int_eq(mlcrt_deadline(session_of(c), 10000), MLCRT_OK);
        ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pool");
    TCase *t = tcase_create("pool");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, each_point_is_run_once, 0, 4);
    tcase_add_test(t, many_short_loops_are_joined);
    tcase_add_test(t, workers_may_run_where_they_could);
    tcase_add_test(t, callers_share_one_pool);
    tcase_add_test(t, loops_nest);
    tcase_add_test(t, the_embedders_threads_may_run_it);
#if !defined(__SANITIZE_THREAD__)
    tcase_add_test(t, a_child_has_threads_of_its_own);
#endif
    tcase_add_test(t, a_handler_of_the_host_sees_what_a_point_raises);
    tcase_add_test(t, contexts_come_and_go);
    suite_add_tcase(s, t);
    return test_main(s);
}
