/* Calls: what is checked at entry and what it says, what a call may change, memory, cancel, deadline, floating point state. */
#include <pthread.h>
#include <time.h>

#include "runtime/core_int.h"
#include "runtime_fn.h"
#include "runtime_test.h"

static MlcrtContext *ctx;
static MlcrtSession *ses;
static TestAlloc counter;

/* A good call of scale; tests break one thing of it. */
static float x[8], w[3], y[8];
static int64_t x_shape[2], w_shape[1], y_shape[2], n;
static float by;
static MlcrtTensor tx, tw, ty;
static void *args[5];

static void fill(void)
{
    for (int i = 0; i < 8; i++)
        x[i] = (float)(i + 1);
    for (int i = 0; i < 3; i++)
        w[i] = (float)(1 << i);
    x_shape[0] = y_shape[0] = 2;
    x_shape[1] = y_shape[1] = w_shape[0] = 3;
    n = 5;
    by = 2;
    tx = f32_tensor(x, 2, x_shape);
    tw = f32_tensor(w, 1, w_shape);
    ty = f32_tensor(y, 2, y_shape);
    args[0] = &tx, args[1] = &tw, args[2] = &n, args[3] = &by, args[4] = &ty;
}

static void setup(void)
{
    counter = (TestAlloc){ 0 };
    MlcrtAlloc a = test_hook(&counter);
    MlcrtOptions o = { .size = sizeof o, .alloc = &a, .threads = 2 };
    ck_assert_int_eq(mlcrt_context_new(&o, &ctx), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(ctx, &ses), MLCRT_OK);
    fill();
}

static void teardown(void)
{
    ck_assert_int_eq(mlcrt_context_free(ctx), MLCRT_OK);
    ck_assert_uint_eq(counter.live, 0);
    ck_assert_uint_eq(counter.live_bytes, 0);
}

static void expect(MlcrtStatus status, MlcrtStatus wanted, const char *sentence)
{
    const MlcrtError *e = mlcrt_error(ses);
    ck_assert_msg(status == wanted, "status %s instead of %s: %s", rt_status_name(status), rt_status_name(wanted), e->sentence);
    ck_assert_int_eq(e->status, wanted);
    ck_assert_msg(strcmp(e->sentence, sentence) == 0, "'%s' instead of '%s'", e->sentence, sentence);
}

START_TEST(a_call_computes_and_writes_back)
{
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    for (int i = 0; i < 6; i++)
        ck_assert(y[i] == x[i] * w[i % 3] * 2);
    ck_assert_int_eq(n, 7);
}
END_TEST

/* ---- arguments ---- */

static int64_t strides[2];

static void null_x(void) { args[0] = NULL; }
static void null_scalar(void) { args[3] = NULL; }
static void null_result(void) { args[4] = NULL; }
static void f64_x(void) { tx.bits = 64; }
static void odd_type(void) { tx.code = 9; }
static void lanes(void) { tx.lanes = 4; }
static void rank_3(void) { tx.rank = 3; }
static void rank_minus(void) { tx.rank = -1; }
static void no_shape(void) { tx.shape = NULL; }
static void no_data(void) { tx.data = NULL; }
static void negative(void) { x_shape[0] = -2; }
static void huge(void) { x_shape[0] = x_shape[1] = INT64_MAX / 2; }
static void column_major(void) { strides[0] = 1; strides[1] = 2; tx.strides = strides; }
static void zero_stride(void) { strides[0] = 0; strides[1] = 1; tx.strides = strides; }
static void askew(void) { tx.offset = 2; }
static void at_end(void) { tx.data = (void *)(uintptr_t)-8; }
static void gpu(void) { tx.device = 2; }
static void wide_w(void) { w_shape[0] = 4; }
static void small_y(void) { y_shape[0] = 1; }
static void y_is_x(void) { ty.data = x; }
static void y_is_part_of_x(void) { ty.data = (char *)x + 20; }
static void y_ends_in_w(void) { x_shape[0] = y_shape[0] = 1; ty.data = (char *)w + 8; }
static void long_x(void) { x_shape[0] = 1001; y_shape[0] = 1001; }
static void y_rank(void) { ty.rank = 1; ty.data = NULL; }
static void y_no_shape(void) { ty.shape = NULL; ty.data = NULL; }

static const struct { void (*wrong)(void); MlcrtStatus status; int position; const char *sentence; } wrong[] = {
    { null_x, MLCRT_EARG, 0, "argument 'x': it is NULL" },
    { null_scalar, MLCRT_EARG, 3, "argument 'by': it is NULL" },
    { null_result, MLCRT_EARG, 4, "argument 'result': it is NULL" },
    { f64_x, MLCRT_EDTYPE, 0, "argument 'x': elements are f64, not f32" },
    { odd_type, MLCRT_EDTYPE, 0, "argument 'x': elements are of an unknown type (code 9, 32 bits, 1 lanes), not f32" },
    { lanes, MLCRT_EDTYPE, 0, "argument 'x': elements are of an unknown type (code 2, 32 bits, 4 lanes), not f32" },
    { rank_3, MLCRT_ERANK, 0, "argument 'x': its rank is 3, not 2" },
    { rank_minus, MLCRT_ERANK, 0, "argument 'x': its rank is -1, not 2" },
    { no_shape, MLCRT_EARG, 0, "argument 'x': its shape is NULL" },
    { no_data, MLCRT_EARG, 0, "argument 'x': its data is NULL" },
    { negative, MLCRT_ESHAPE, 0, "argument 'x': axis 0 is -2" },
    { huge, MLCRT_ELIMIT, 0, "argument 'x': its size passes 2^56 bytes" },
    { column_major, MLCRT_ESTRIDE, 0, "argument 'x': stride 1 is 2 elements, not 1: only compact row-major tensors are taken (mlcrt_copy makes one)" },
    { zero_stride, MLCRT_ESTRIDE, 0, "argument 'x': stride 0 is 0 elements, not 3: only compact row-major tensors are taken (mlcrt_copy makes one)" },
    { askew, MLCRT_EALIGN, 0, "argument 'x': its data is not aligned to 4 bytes" },
    { at_end, MLCRT_EARG, 0, "argument 'x': its data passes the end of memory" },
    { gpu, MLCRT_EDEVICE, 0, "argument 'x': it is on device 2, not in CPU memory" },
    { wide_w, MLCRT_ESHAPE, 1, "argument 'w': axis 0 is 4, but D is 3 (axis 1 of 'x')" },
    { small_y, MLCRT_ESHAPE, 4, "argument 'result': axis 0 is 1, but T is 2 (axis 0 of 'x')" },
    { y_is_x, MLCRT_EOVERLAP, 4, "argument 'result': it is written, and its memory overlaps 'x'" },
    { y_is_part_of_x, MLCRT_EOVERLAP, 4, "argument 'result': it is written, and its memory overlaps 'x'" },
    { y_ends_in_w, MLCRT_EOVERLAP, 4, "argument 'result': it is written, and its memory overlaps 'w'" },
    { long_x, MLCRT_ECHECK, -1, "T <= 1000 does not hold: T is 1001 (axis 0 of 'x')" },
    { y_rank, MLCRT_ERANK, 4, "argument 'result': its rank is 1, not 2" },
    { y_no_shape, MLCRT_EARG, 4, "argument 'result': its shape is NULL" },
};

START_TEST(a_wrong_argument_is_named_and_nothing_is_touched)
{
    static float big[3 * 1001], big_y[3 * 1001];
    tx.data = x, ty.data = y;
    if (wrong[_i].wrong == long_x)
        tx.data = big, ty.data = big_y;
    memset(y, 0x11, sizeof y);
    wrong[_i].wrong();
    MlcrtStatus status = mlcrt_invoke(ses, &scale_fn, args);
    expect(status, wrong[_i].status, wrong[_i].sentence);
    ck_assert_int_eq(mlcrt_error(ses)->position, wrong[_i].position);
    for (size_t i = 0; i < sizeof y; i++)
        ck_assert_int_eq(((unsigned char *)y)[i], 0x11);
    ck_assert_int_eq(n, 5);
    fill();
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
}
END_TEST

START_TEST(compact_forms_are_taken)
{
    strides[0] = 77, strides[1] = 1;
    x_shape[0] = y_shape[0] = 1;
    tx.strides = strides; /* of an axis of size 1: does not count */
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    fill();
    tx.offset = 4;
    tx.data = x;
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    ck_assert(y[0] == x[1] * 2);
}
END_TEST

START_TEST(empty_tensors_need_no_data)
{
    x_shape[0] = y_shape[0] = 0;
    tx.data = NULL;
    ty.data = NULL;
    strides[0] = 9, strides[1] = -4;
    tx.strides = strides;
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    ck_assert_ptr_null(ty.data);
    ck_assert_int_eq(y_shape[1], 3);
}
END_TEST

START_TEST(a_result_without_data_gets_memory)
{
    ty = (MlcrtTensor){ .rank = 2, .shape = y_shape };
    y_shape[0] = y_shape[1] = -1;
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    ck_assert_ptr_nonnull(ty.data);
    ck_assert_int_eq(y_shape[0], 2);
    ck_assert_int_eq(y_shape[1], 3);
    ck_assert_int_eq(ty.code, MLCRT_FLOAT);
    ck_assert_int_eq(ty.bits, 32);
    ck_assert_int_eq(ty.lanes, 1);
    ck_assert_int_eq(ty.device, MLCRT_CPU);
    ck_assert_uint_eq((uintptr_t)ty.data % 64, 0);
    ck_assert(((float *)ty.data)[5] == x[5] * w[2] * 2);
    MlcrtTensor twice = ty;
    ck_assert_int_eq(mlcrt_tensor_free(ctx, &ty), MLCRT_OK);
    ck_assert_ptr_null(ty.data);
    ck_assert_int_eq(mlcrt_tensor_free(ctx, &ty), MLCRT_OK);
    _Alignas(64) char own[256] = { 0 }; /* whatever lies in front of it is no header */
    twice.data = own + 128;
    ck_assert_int_eq(mlcrt_tensor_free(ctx, &twice), MLCRT_EARG);
}
END_TEST

START_TEST(sessions_and_functions_that_are_none_are_refused)
{
    MlcrtContext *other;
    MlcrtSession *s2;
    ck_assert_int_eq(mlcrt_invoke(NULL, &scale_fn, args), MLCRT_EARG);
    expect(mlcrt_invoke(ses, NULL, args), MLCRT_EARG, "the function or its list of arguments is NULL");
    expect(mlcrt_invoke(ses, &scale_fn, NULL), MLCRT_EARG, "the function or its list of arguments is NULL");
    ck_assert_int_eq(mlcrt_session_new(ctx, &s2), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_free(s2), MLCRT_OK);
    ck_assert_int_eq(mlcrt_invoke(s2, &scale_fn, args), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_session_free(s2), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_cancel(s2), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_deadline(s2, 5), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_error(s2)->status, MLCRT_EARG);
    ck_assert_int_eq(mlcrt_session_free(NULL), MLCRT_OK);
    ck_assert_int_eq(mlcrt_context_new(NULL, &other), MLCRT_OK);
    ck_assert_int_eq(mlcrt_tensor_free(other, &(MlcrtTensor){ .data = NULL }), MLCRT_OK);
    ck_assert_int_eq(mlcrt_context_free(other), MLCRT_OK);
    ck_assert_int_eq(mlcrt_context_free(NULL), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(NULL, &s2), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_context_new(NULL, NULL), MLCRT_EARG);
}
END_TEST

START_TEST(options_are_checked)
{
    MlcrtContext *c;
    MlcrtOptions o = { .size = 4 };
    ck_assert_int_eq(mlcrt_context_new(&o, &c), MLCRT_EARG);
    o = (MlcrtOptions){ .size = sizeof o, .threads = -1 };
    ck_assert_int_eq(mlcrt_context_new(&o, &c), MLCRT_EARG);
    o = (MlcrtOptions){ .size = offsetof(MlcrtOptions, threads), .threads = -1 }; /* of an older header: not looked at */
    ck_assert_int_eq(mlcrt_context_new(&o, &c), MLCRT_OK);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

START_TEST(other_versions_and_processors_are_refused)
{
    MlcrtModule m = test_module;
    MlcrtFn f = scale_fn;
    f.module = &m;
    m.abi = MLCRT_ABI + 1;
    ck_assert_int_eq(mlcrt_invoke(ses, &f, args), MLCRT_EVERSION);
    m = test_module;
    m.size -= 8;
    ck_assert_int_eq(mlcrt_invoke(ses, &f, args), MLCRT_EVERSION);
    m = test_module;
    m.features = UINT64_C(1) << 60;
    expect(mlcrt_invoke(ses, &f, args), MLCRT_ECPU, "module 'test' was compiled for 'x86-64', but this processor lacks an unknown feature");
    f.module = NULL;
    ck_assert_int_eq(mlcrt_invoke(ses, &f, args), MLCRT_EVERSION);
    f = scale_fn;
    f.body = NULL;
    ck_assert_int_eq(mlcrt_invoke(ses, &f, args), MLCRT_EINTERNAL);
}
END_TEST

/* Tiles are handed out on request: where a processor has them and the system refuses, that is a status. */
START_TEST(a_system_that_allows_no_tiles_is_heard)
{
    MlcrtModule m = test_module;
    MlcrtFn f = scale_fn;
    f.module = &m;
    m.features = MLCRT_CPU_AMX_BF16;
    ctx->features |= MLCRT_CPU_AMX_BF16;
    for (int i = 0; i < 2; i++)
        if (rt_cpu_allow(MLCRT_CPU_AMX_BF16))
            expect(mlcrt_invoke(ses, &f, args), MLCRT_OK, "");
        else
            expect(mlcrt_invoke(ses, &f, args), MLCRT_ECPU, "module 'test' needs AMX, which the system does not allow");
}
END_TEST

/* ---- memory ---- */

START_TEST(a_call_like_an_earlier_one_allocates_nothing)
{
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    size_t before = counter.calls;
    for (int i = 0; i < 100; i++)
        expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    wide_w();
    ck_assert_int_eq(mlcrt_invoke(ses, &scale_fn, args), MLCRT_ESHAPE);
    ck_assert_uint_eq(counter.calls, before);
}
END_TEST

static const int64_t by_t[] = { MLCRT_D_CONST, INT64_C(1) << 61, MLCRT_D_DIM, 0, MLCRT_D_MUL, MLCRT_D_END };

START_TEST(the_arena_is_bounded)
{
    MlcrtFn f = scale_fn;
    f.arena = by_t;
    expect(mlcrt_invoke(ses, &f, args), MLCRT_ELIMIT, "'scale' would need 2^62 bytes of memory or more for these sizes");
    x_shape[0] = y_shape[0] = 7; /* 7 * 2^61 overflows */
    static float bx[21], byy[21];
    tx.data = bx, ty.data = byy;
    expect(mlcrt_invoke(ses, &f, args), MLCRT_ELIMIT, "'scale' would need 2^62 bytes of memory or more for these sizes");
    f.arena = (const int64_t[]){ MLCRT_D_CONST, -1, MLCRT_D_END };
    ck_assert_int_eq(mlcrt_invoke(ses, &f, args), MLCRT_EINTERNAL);
}
END_TEST

START_TEST(the_budget_is_kept_to_the_byte)
{
    MlcrtContext *c;
    MlcrtSession *s;
    uint64_t most;
    MlcrtOptions o = { .size = sizeof o, .threads = 1 };
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(mlcrt_context_new(&o, &c), MLCRT_OK);
        ck_assert_int_eq(mlcrt_session_new(c, &s), MLCRT_OK);
        MlcrtStatus status = mlcrt_invoke(s, &scale_fn, args);
        ck_assert_int_eq(status, round == 2 ? MLCRT_ELIMIT : MLCRT_OK);
        if (round == 2)
            ck_assert_ptr_nonnull(strstr(mlcrt_error(s)->sentence, "the budget is"));
        ck_assert_int_eq(mlcrt_context_memory(c, NULL, &most), MLCRT_OK);
        ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
        o.budget = round == 0 ? most : most - 1;
    }
}
END_TEST

static MlcrtStatus whole_life(const MlcrtAlloc *a, void *data)
{
    (void)data;
    MlcrtContext *c;
    MlcrtSession *s;
    MlcrtTensor t = { .rank = 2, .shape = y_shape }, copy;
    MlcrtOptions o = { .size = sizeof o, .alloc = a, .threads = 2 };
    MlcrtStatus status = mlcrt_context_new(&o, &c);
    if (status)
        return status;
    status = mlcrt_session_new(c, &s);
    args[4] = &t;
    if (!status)
        status = mlcrt_invoke(s, &scale_fn, args);
    if (!status)
        status = mlcrt_copy(c, &t, &copy);
    if (!status)
        ck_assert(((float *)copy.data)[5] == x[5] * w[2] * 2);
    if (!status)
        mlcrt_tensor_free(c, &copy);
    mlcrt_tensor_free(c, &t);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
    return status;
}

START_TEST(every_failed_allocation_is_a_status)
{
    test_each_failure(whole_life, NULL);
}
END_TEST

/* ---- faults ---- */

static void faulty_rows(const MlcrtCall *c, int64_t first, int64_t last)
{
    for (int64_t i = first; i < last; i++)
        if (i % 97 == 96) {
            c->rt->fault(c, 1, i, i, 1000);
            c->rt->fault(c, 2, 0, -1, -1);
        }
}

static void faulty_body(MlcrtCall *c)
{
    c->rt->parallel(c, faulty_rows, 100000, 16);
    if (stopped(c))
        return;
    *(int64_t *)c->leaf[2] = -99;
}

static const MlcrtCheck fault_rows[] = { { MLCRT_EDIVIDE, 1, 1, 0, "a.ml", "never" },
                                         { MLCRT_EINDEX, 12, 3, 0, "a.ml", "%s index %lld of %lld %lld" },
                                         { MLCRT_ECHECK, 1, 1, 0, "a.ml", "never" } };

START_TEST(the_smallest_fault_is_reported_for_any_order)
{
    MlcrtFn f = scale_fn;
    f.body = faulty_body;
    f.checks = fault_rows;
    f.nchecks = 3;
    for (int i = 0; i < 50; i++) {
        expect(mlcrt_invoke(ses, &f, args), MLCRT_EINDEX, "%s index 96 of 1000 %lld");
        const MlcrtError *e = mlcrt_error(ses);
        ck_assert_str_eq(e->file, "a.ml");
        ck_assert_int_eq(e->line, 12);
        ck_assert_int_eq(e->column, 3);
        ck_assert_int_eq(n, 5);
    }
    ty.data = NULL;
    ck_assert_int_eq(mlcrt_invoke(ses, &f, args), MLCRT_EINDEX);
    ck_assert_ptr_null(ty.data);
    f.nchecks = 1;
    ck_assert_int_eq(mlcrt_invoke(ses, &f, args), MLCRT_EINTERNAL);
}
END_TEST

/* ---- floating point state ---- */

#if defined(__x86_64__)
static uint32_t seen_mode;
static void mode_body(MlcrtCall *c) { (void)c; seen_mode = __builtin_ia32_stmxcsr(); }

START_TEST(a_call_has_its_own_rounding_and_gives_the_hosts_back)
{
    static const uint32_t modes[] = { 0x1F80, 0x9FC0, 0x7F80, 0x1FBF };
    MlcrtFn f = scale_fn;
    f.body = mode_body;
    uint32_t host = __builtin_ia32_stmxcsr();
    for (size_t i = 0; i < 4; i++) {
        __builtin_ia32_ldmxcsr(modes[i]);
        MlcrtStatus status = mlcrt_invoke(ses, &f, args);
        uint32_t after = __builtin_ia32_stmxcsr();
        __builtin_ia32_ldmxcsr(host);
        ck_assert_int_eq(status, MLCRT_OK);
        ck_assert_uint_eq(after, modes[i]);
        ck_assert_uint_eq(seen_mode, 0x1F80);
    }
}
END_TEST
#endif

/* ---- cancel, deadline, busy ---- */

static _Atomic int running;

static void endless_rows(const MlcrtCall *c, int64_t first, int64_t last) { (void)c, (void)first, (void)last; }

static void endless_body(MlcrtCall *c)
{
    running = 1;
    while (!stopped(c))
        c->rt->parallel(c, endless_rows, 64, 1);
}

static void *call_endless(void *status)
{
    MlcrtFn f = scale_fn;
    f.body = endless_body;
    *(MlcrtStatus *)status = mlcrt_invoke(ses, &f, args);
    return NULL;
}

START_TEST(a_cancel_ends_a_running_call_and_a_second_call_is_busy)
{
    pthread_t t;
    MlcrtStatus status = -1;
    running = 0;
    ck_assert_int_eq(pthread_create(&t, NULL, call_endless, &status), 0);
    while (!running)
        ;
    ck_assert_int_eq(mlcrt_invoke(ses, &scale_fn, args), MLCRT_EBUSY);
    ck_assert_int_eq(mlcrt_session_free(ses), MLCRT_EBUSY);
    ck_assert_int_eq(mlcrt_context_free(ctx), MLCRT_EBUSY);
    ck_assert_int_eq(mlcrt_cancel(ses), MLCRT_OK);
    pthread_join(t, NULL);
    expect(status, MLCRT_ECANCEL, "the call was cancelled");
    ck_assert_int_eq(n, 5);
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
}
END_TEST

START_TEST(a_cancel_before_a_call_ends_the_next_one_only)
{
    ck_assert_int_eq(mlcrt_cancel(ses), MLCRT_OK);
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_ECANCEL, "the call was cancelled before it began");
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    ck_assert_int_eq(mlcrt_cancel(ses), MLCRT_OK);
    ck_assert_int_eq(mlcrt_cancel_clear(ses), MLCRT_OK);
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
}
END_TEST

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

START_TEST(a_deadline_ends_a_running_call)
{
    MlcrtFn f = scale_fn;
    f.body = endless_body;
    double start = seconds();
    ck_assert_int_eq(mlcrt_deadline(ses, 50), MLCRT_OK);
    expect(mlcrt_invoke(ses, &f, args), MLCRT_EDEADLINE, "the deadline passed during the call");
    double took = seconds() - start;
    ck_assert_msg(took > 0.045 && took < 2, "%g s", took);
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_EDEADLINE, "the deadline had passed before the call began");
    ck_assert_int_eq(mlcrt_deadline(ses, 1000000), MLCRT_OK);
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    ck_assert_int_eq(mlcrt_deadline(ses, INT64_MAX), MLCRT_OK);
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
    ck_assert_int_eq(mlcrt_deadline(ses, 0), MLCRT_OK);
    ck_assert_int_eq(mlcrt_invoke(ses, &scale_fn, args), MLCRT_EDEADLINE);
    ck_assert_int_eq(mlcrt_deadline(ses, -1), MLCRT_OK);
    expect(mlcrt_invoke(ses, &scale_fn, args), MLCRT_OK, "");
}
END_TEST

/* ---- dims ---- */

static const struct { int64_t program[16]; MlcrtStatus status; const char *sentence; } dims[] = {
    { { MLCRT_D_DIM, 0, MLCRT_D_DIM, 1, MLCRT_D_EXACTDIV }, MLCRT_ESHAPE,
      "T / D is not whole: T is 2 (axis 0 of 'x'), D is 3 (axis 1 of 'x')" },
    { { MLCRT_D_DIM, 0, MLCRT_D_DIM, 0, MLCRT_D_SUB, MLCRT_D_DIM, 0, MLCRT_D_CONST, 2, MLCRT_D_SUB, MLCRT_D_FLOORDIV }, MLCRT_EDIVIDE,
      "(T - T) // (T - 2) divides by zero: T is 2 (axis 0 of 'x')" },
    { { MLCRT_D_CONST, INT64_MAX, MLCRT_D_DIM, 0, MLCRT_D_ADD }, MLCRT_ERANGE,
      "9223372036854775807 + T passes 2^63: T is 2 (axis 0 of 'x')" },
    { { MLCRT_D_CONST, 4, MLCRT_D_DIM, 1, MLCRT_D_MUL, MLCRT_D_DIM, 0, MLCRT_D_MIN }, MLCRT_ECHECK,
      "min(4 * D, T) <= 1 does not hold: D is 3 (axis 1 of 'x'), T is 2 (axis 0 of 'x')" },
    { { MLCRT_D_DIM, 7 }, MLCRT_EINTERNAL, "? is damaged" },
    { { MLCRT_D_ADD }, MLCRT_EINTERNAL, "... is damaged" },
    { { MLCRT_D_CONST, -7, MLCRT_D_CONST, 2, MLCRT_D_FLOORDIV, MLCRT_D_CONST, 5, MLCRT_D_ADD }, MLCRT_OK, "" }, /* floor: -4 */
    { { MLCRT_D_CONST, -7, MLCRT_D_CONST, 3, MLCRT_D_MOD, MLCRT_D_CONST, 1, MLCRT_D_SUB }, MLCRT_OK, "" },      /* 2 - 1 */
};

START_TEST(sizes_are_computed_with_every_check)
{
    MlcrtPlanRow rows[5];
    MlcrtFn f = scale_fn;
    memcpy(rows, scale_plan, sizeof scale_plan);
    rows[4] = (MlcrtPlanRow){ MLCRT_P_LE, -1, -1, -1, -1, 7, 8, 0, dims[_i].program, CONSTANT(1), NULL };
    f.plan = rows;
    f.nplan = 5;
    expect(mlcrt_invoke(ses, &f, args), dims[_i].status, dims[_i].sentence);
    if (dims[_i].status)
        ck_assert_int_eq(mlcrt_error(ses)->line, 7);
}
END_TEST

static const struct { MlcrtPlanRow row; MlcrtStatus status; const char *sentence; } plans[] = {
    { { MLCRT_P_SOLVE, 1, -1, -1, -1, 2, 3, 0, DIM(1), CONSTANT(3), NULL }, MLCRT_OK, "" },
    { { MLCRT_P_SOLVE, 1, -1, -1, -1, 2, 3, 0, DIM(1), DIM(0), NULL }, MLCRT_ESHAPE, "D is 3, which T, 2, does not divide: D is 3 (axis 1 of 'x')" },
    { { MLCRT_P_SOLVE, 1, -1, -1, -1, 2, 3, 0, DIM(1), CONSTANT(0), NULL }, MLCRT_EDIVIDE, "D is 3, which 0, 0, does not divide: D is 3 (axis 1 of 'x')" },
    { { MLCRT_P_SOLVE, 1, -1, -1, -1, 2, 3, 0, CONSTANT(-3), NULL, NULL }, MLCRT_ESHAPE, "a size would be -3" },
    { { MLCRT_P_EQ, -1, -1, -1, -1, 2, 3, 0, DIM(0), DIM(1), NULL }, MLCRT_ECHECK, "T == D does not hold: T is 2 (axis 0 of 'x'), D is 3 (axis 1 of 'x')" },
    { { MLCRT_P_NE, -1, -1, -1, -1, 2, 3, 0, DIM(0), CONSTANT(2), NULL }, MLCRT_ECHECK, "T != 2 does not hold: T is 2 (axis 0 of 'x')" },
    { { MLCRT_P_LT, -1, -1, -1, -1, 2, 3, 0, DIM(0), CONSTANT(2), NULL }, MLCRT_ECHECK, "T < 2 does not hold: T is 2 (axis 0 of 'x')" },
    { { MLCRT_P_LT, -1, -1, -1, -1, 2, 3, 0, DIM(0), DIM(1), NULL }, MLCRT_OK, "" },
    { { MLCRT_P_DIVIDES, -1, -1, -1, -1, 2, 3, 0, DIM(0), DIM(1), NULL }, MLCRT_ECHECK, "T divides D does not hold: T is 2 (axis 0 of 'x'), D is 3 (axis 1 of 'x')" },
    { { MLCRT_P_DIVIDES, -1, -1, -1, -1, 2, 3, 0, CONSTANT(0), CONSTANT(0), NULL }, MLCRT_OK, "" },
    { { MLCRT_P_AXIS, -1, 0, 0, 1, 2, 3, 0, CONSTANT(4), NULL, NULL }, MLCRT_ESHAPE, "argument 'x': axis 1 is 3, not 4" },
    { { MLCRT_P_AXIS, -1, 0, 0, 1, 2, 3, 0, (const int64_t[]){ MLCRT_D_CONST, 2, MLCRT_D_DIM, 0, MLCRT_D_MUL, MLCRT_D_END }, NULL, NULL },
      MLCRT_ESHAPE, "argument 'x': axis 1 is 3, but 2 * T is 4: T is 2 (axis 0 of 'x')" },
    { { MLCRT_P_SCALAR, 0, 2, 2, -1, 2, 3, 0, NULL, NULL, NULL }, MLCRT_ESHAPE, "argument 'result': axis 0 is 2, but T is 5 (argument 'n')" },
    { { MLCRT_P_SCALAR, 0, 3, 3, -1, 2, 3, 0, NULL, NULL, NULL }, MLCRT_EINTERNAL, "the entry plan of 'scale' is damaged" },
    { { MLCRT_P_BIND, 9, 0, 0, 0, 2, 3, 0, NULL, NULL, NULL }, MLCRT_EINTERNAL, "the entry plan of 'scale' is damaged" },
    { { MLCRT_P_BIND, 0, 0, 0, 2, 2, 3, 0, NULL, NULL, NULL }, MLCRT_EINTERNAL, "the entry plan of 'scale' is damaged" },
    { { MLCRT_P_NUMBER, 0, 0, 0, 0, 2, 3, 0, NULL, NULL, NULL }, MLCRT_EINTERNAL, "the entry plan of 'scale' is damaged" },
    { { 99, 0, 0, 0, 0, 2, 3, 0, NULL, NULL, NULL }, MLCRT_EINTERNAL, "the entry plan of 'scale' is damaged" },
};

START_TEST(rows_of_an_entry_plan_bind_and_oblige)
{
    MlcrtPlanRow rows[5];
    MlcrtFn f = scale_fn;
    memcpy(rows, scale_plan, sizeof scale_plan);
    rows[4] = plans[_i].row;
    if (rows[4].op == MLCRT_P_SCALAR) { /* so that its origin is the first */
        rows[4] = rows[1], rows[1] = rows[2], rows[2] = rows[4];
        rows[0] = plans[_i].row;
    }
    f.plan = rows;
    f.nplan = rows[0].op == MLCRT_P_SCALAR ? 4 : 5;
    if (rows[0].op == MLCRT_P_SCALAR)
        rows[1] = scale_plan[1], rows[2] = scale_plan[2];
    MlcrtStatus status = mlcrt_invoke(ses, &f, args);
    if (plans[_i].row.op == MLCRT_P_SOLVE && !plans[_i].status)
        ck_assert_int_eq(status, MLCRT_ESHAPE); /* D became 1: the result's shape differs */
    else
        expect(status, plans[_i].status, plans[_i].sentence);
}
END_TEST

/* ---- log ---- */

static char logged[600];
static void keep_log(void *user, MlcrtStatus status, const char *sentence) { *(MlcrtStatus *)user = status; snprintf(logged, sizeof logged, "%s", sentence); }

START_TEST(failures_are_logged)
{
    MlcrtContext *c;
    MlcrtSession *s;
    MlcrtStatus last = 0;
    char text[40];
    MlcrtOptions o = { .size = sizeof o, .log = keep_log, .log_user = &last };
    ck_assert_int_eq(mlcrt_context_new(&o, &c), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(c, &s), MLCRT_OK);
    gpu();
    ck_assert_int_eq(mlcrt_invoke(s, &scale_fn, args), MLCRT_EDEVICE);
    ck_assert_int_eq(last, MLCRT_EDEVICE);
    ck_assert_str_eq(logged, mlcrt_error(s)->sentence);
    ck_assert_int_eq(mlcrt_context_error(c, text, sizeof text), MLCRT_OK);
    MlcrtTensor t;
    ck_assert_int_eq(mlcrt_tensor_new(c, MLCRT_FLOAT, 32, 17, x_shape, &t), MLCRT_ERANK);
    ck_assert_int_eq(last, MLCRT_ERANK);
    ck_assert_int_eq(mlcrt_context_error(c, text, sizeof text), MLCRT_ERANK);
    ck_assert_int_eq(strncmp(text, logged, strlen(text)), 0);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

START_TEST(copies_compact_any_strides)
{
    static const struct { int64_t shape[3], strides[3]; int offset; float wanted[6]; } rows[] = {
        { { 2, 3, 1 }, { 1, 2, 5 }, 0, { 1, 3, 5, 2, 4, 6 } },
        { { 1, 2, 3 }, { 0, 0, -1 }, 2, { 3, 2, 1, 3, 2, 1 } },
        { { 3, 1, 2 }, { 2, 9, 1 }, 0, { 1, 2, 3, 4, 5, 6 } },
        { { 2, 3, 1 }, { -3, 1, 0 }, 3, { 4, 5, 6, 1, 2, 3 } },
        { { 0, 3, 1 }, { 1, 1, 1 }, 0, { 0 } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t shape[3], steps[3];
        memcpy(shape, rows[i].shape, sizeof shape);
        memcpy(steps, rows[i].strides, sizeof steps);
        MlcrtTensor from = f32_tensor(x, 3, shape), to;
        from.strides = steps;
        from.offset = (uint64_t)rows[i].offset * 4;
        ck_assert_int_eq(mlcrt_copy(ctx, &from, &to), MLCRT_OK);
        int64_t count = shape[0] * shape[1] * shape[2];
        for (int64_t k = 0; k < count; k++)
            ck_assert_msg(((float *)to.data)[k] == rows[i].wanted[k], "row %zu element %d", i, (int)k);
        ck_assert_int_eq(to.shape[1], shape[1]);
        ck_assert_int_eq(mlcrt_tensor_free(ctx, &to), MLCRT_OK);
    }
    MlcrtTensor t;
    gpu();
    ck_assert_int_eq(mlcrt_copy(ctx, &tx, &t), MLCRT_EDEVICE);
    ck_assert_int_eq(mlcrt_copy(ctx, NULL, &t), MLCRT_EARG);
    fill();
    askew();
    ck_assert_int_eq(mlcrt_copy(ctx, &tx, &t), MLCRT_EALIGN);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("calls");
    TCase *t = tcase_create("invoke");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_call_computes_and_writes_back);
    tcase_add_loop_test(t, a_wrong_argument_is_named_and_nothing_is_touched, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(t, compact_forms_are_taken);
    tcase_add_test(t, empty_tensors_need_no_data);
    tcase_add_test(t, a_result_without_data_gets_memory);
    tcase_add_test(t, sessions_and_functions_that_are_none_are_refused);
    tcase_add_test(t, options_are_checked);
    tcase_add_test(t, other_versions_and_processors_are_refused);
    tcase_add_test(t, a_system_that_allows_no_tiles_is_heard);
    tcase_add_test(t, a_call_like_an_earlier_one_allocates_nothing);
    tcase_add_test(t, the_arena_is_bounded);
    tcase_add_test(t, the_budget_is_kept_to_the_byte);
    tcase_add_test(t, every_failed_allocation_is_a_status);
    tcase_add_test(t, the_smallest_fault_is_reported_for_any_order);
#if defined(__x86_64__)
    tcase_add_test(t, a_call_has_its_own_rounding_and_gives_the_hosts_back);
#endif
    tcase_add_test(t, a_cancel_ends_a_running_call_and_a_second_call_is_busy);
    tcase_add_test(t, a_cancel_before_a_call_ends_the_next_one_only);
    tcase_add_test(t, a_deadline_ends_a_running_call);
    tcase_add_loop_test(t, sizes_are_computed_with_every_check, 0, sizeof dims / sizeof *dims);
    tcase_add_loop_test(t, rows_of_an_entry_plan_bind_and_oblige, 0, sizeof plans / sizeof *plans);
    tcase_add_test(t, failures_are_logged);
    tcase_add_test(t, copies_compact_any_strides);
    suite_add_tcase(s, t);
    return test_main(s);
}
