/* backend_body.c - bodies without kernels: loops over scalars, faults, results. */
#include "backend_test.h"

static const char max_area[] =
    "tile fn @max_area[N](%height: i32[N]) -> (i32) {\n"
    "  row 0: 9 \"index %lld is outside of 0..%lld\"\n"
    "  %b = buffer param 0 : i32[N]\n"
    "  %0 = const 0 : i64\n"
    "  %1 = dim N - 1 : i64\n"
    "  %z = const 0 : i32\n"
    "  %n = dim N : i64\n"
    "  %w = while %0, %1, %z (%l: i64, %r: i64, %best: i32) {\n"
    "    %3 = lt %l, %r : bool\n"
    "    yield %3\n"
    "  } do (%l.1: i64, %r.1: i64, %best.1: i32) {\n"
    "    %4 = clampi %l.1, %0, %n row 0 : i64\n"
    "    %5 = clampi %r.1, %0, %n row 0 : i64\n"
    "    %6 = load %b[%4] : i32\n"
    "    %7 = load %b[%5] : i32\n"
    "    %8 = min %6, %7 : i32\n"
    "    %9 = sub %r.1, %l.1 : i64\n"
    "    %10 = cast %9 : i32\n"
    "    %11 = mul %8, %10 : i32\n"
    "    %12 = max %best.1, %11 : i32\n"
    "    %13 = lt %6, %7 : bool\n"
    "    %one = const 1 : i64\n"
    "    %14 = if %13 {\n"
    "      %15 = add %l.1, %one : i64\n"
    "      yield %15, %r.1\n"
    "    } else {\n"
    "      %16 = sub %r.1, %one : i64\n"
    "      yield %l.1, %16\n"
    "    }\n"
    "    %17 = result 0, %14 : i64\n"
    "    %18 = result 1, %14 : i64\n"
    "    yield %17, %18, %12\n"
    "  }\n"
    "  %19 = result 2, %w : i32\n"
    "  setscalar 0, %19\n"
    "}\n";

static const BeOptions levels[] = { { .opt = 0 }, { .opt = 1 }, { .opt = 2 }, { .opt = 2, .cpu = "x86-64" }, { .opt = 2, .max_lanes = 1 } };
enum { NLEVELS = sizeof levels / sizeof levels[0] };

START_TEST(two_pointers_find_the_largest_container)
{
    int32_t h[] = { 1, 8, 6, 2, 5, 4, 8, 3, 7 };
    _Alignas(16) int32_t out[4] = { 0 };
    int64_t dims[] = { 9 };
    void *leaves[] = { h, out };
    BeRun r = be_test_run(max_area, levels[_i], "max_area", leaves, dims, NULL);
    ck_assert_int_eq(out[0], 49);
    ck_assert_int_eq(r.fault.count, 0);
}
END_TEST

static const char faulty[] =
    "tile fn @f[N](%x: f32[N], %i: i64, %d: i64) -> (f32, i64) {\n"
    "  row 0: 9 \"index %lld is outside of 0..%lld\"\n"
    "  row 1: 10 \"division by zero\"\n"
    "  %b = buffer param 0 : f32[N]\n"
    "  %0 = const 0 : i64\n"
    "  %n = dim N : i64\n"
    "  %1 = clampi %i, %0, %n row 0 : i64\n"
    "  %2 = load %b[%1] : f32\n"
    "  %3 = nonzero %d row 1 : i64\n"
    "  %4 = floordiv %i, %3 : i64\n"
    "  setscalar 0, %2\n"
    "  setscalar 1, %4\n"
    "}\n";

static const struct { int64_t i, d; int check; int64_t value, extent; float x; int64_t q; } faults[] = {
    { 2, 2, -1, 0, 0, 30, 1 },    { -7, 2, 0, -7, 3, 10, -4 }, { 3, 1, 0, 3, 3, 30, 3 },
    { 1, 0, 1, 0, 0, 20, 1 },     { INT64_MIN, -1, 0, INT64_MIN, 3, 10, INT64_MIN },
};

START_TEST(faults_are_recorded_and_leave_defined_values)
{
    float x[] = { 10, 20, 30 };
    _Alignas(16) float y[4];
    _Alignas(16) int64_t i[2] = { faults[_i].i }, d[2] = { faults[_i].d }, q[2];
    int64_t dims[] = { 3 };
    void *leaves[] = { x, i, d, y, q };
    BeRun r = be_test_run(faulty, levels[2], "f", leaves, dims, NULL);
    ck_assert_int_eq(r.fault.count > 0, faults[_i].check >= 0);
    if (r.fault.count) {
        ck_assert_int_eq(r.fault.check, faults[_i].check);
        ck_assert_int_eq(r.fault.value, faults[_i].value);
        ck_assert_int_eq(r.fault.extent, faults[_i].extent);
    }
    ck_assert_float_eq(y[0], faults[_i].x);
    ck_assert_int_eq(q[0], faults[_i].q);
}
END_TEST

START_TEST(what_does_not_belong_in_tile_ir_is_an_error)
{
    BeTest t;
    be_test_init(&t);
    ck_assert(!be_test_compile(&t, "tile fn @f[N](%x: f32[N]) -> (f32[N]) {\n  %0 = map [i: N] {\n    %1 = load %x[i] : f32\n    yield %1\n  } : f32[N]\n}\n",
                               levels[2]));
    ck_assert_msg(t.errors && *t.errors, "an error has a text");
    be_test_drop(&t);
}
END_TEST

START_TEST(an_unknown_target_is_an_error_that_names_those_there_are)
{
    BeTest t;
    be_test_init(&t);
    ck_assert(!be_test_compile(&t, max_area, (BeOptions){ .cpu = "pdp-11" }));
    ck_assert_msg(strstr(t.errors, "x86-64-v3") != NULL, "%s", t.errors);
    be_test_drop(&t);
}
END_TEST

/* ---- memory that ends ------------------------------------------------------------------------------------------------ */

typedef struct Failing { int left; } Failing;

static void *failing_alloc(void *user, size_t size)
{
    Failing *f = user;
    return f->left-- > 0 ? malloc(size) : NULL;
}

static void failing_free(void *user, void *p, size_t size)
{
    (void)user, (void)size;
    free(p);
}

typedef struct Attempt { BeTest t; bool ok; } Attempt;

static void attempt(void *arg)
{
    Attempt *a = arg;
    BeOptions o = { .opt = 2, .cpu = "x86-64-v3" };
    a->t.arena = arena_new(&a->t.mem);
    Names *ns = names_new(a->t.arena);
    Sources *ss = sources_new(a->t.arena);
    a->t.diags = diags_new(a->t.arena, ss);
    a->t.m = ir_module_new(a->t.arena, ns, dims_new(a->t.arena), ss);
    Buf errors = buf_new(a->t.arena);
    a->ok = be_test_parse(&a->t, max_area) && be_compile(a->t.m, &o, &a->t.result, &errors);
}

START_TEST(memory_that_ends_is_an_unwinding_and_leaves_nothing)
{
    int failures = 0;
    for (int k = 0;; k++) {
        Failing f = { k };
        Attempt a = { .ok = false };
        mem_init(&a.t.mem, (MemHooks){ &f, failing_alloc, failing_free }, 0);
        bool whole = mem_try(&a.t.mem, attempt, &a);
        mem_drop(&a.t.mem);
        if (whole) {
            ck_assert(a.ok);
            break;
        }
        failures++;
        ck_assert_int_lt(failures, 1000);
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("backend body");
    TCase *c = tcase_create("body");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, two_pointers_find_the_largest_container, 0, NLEVELS);
    tcase_add_loop_test(c, faults_are_recorded_and_leave_defined_values, 0, (int)(sizeof faults / sizeof faults[0]));
    tcase_add_test(c, what_does_not_belong_in_tile_ir_is_an_error);
    tcase_add_test(c, memory_that_ends_is_an_unwinding_and_leaves_nothing);
    tcase_add_test(c, an_unknown_target_is_an_error_that_names_those_there_are);
    suite_add_tcase(s, c);
    return test_main(s);
}
