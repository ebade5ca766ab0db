/* ir_phases.c - which kernels of a region wait for which: whoever writes memory waits for those that use any of it, wherever it begins. */
#include "ir_test.h"

static IrTest t;

static void setup(void) { ir_test_init(&t); }
static void teardown(void) { ir_test_drop(&t); }

/* %a[N, 2] is written and read; %b, of N elements at `at`, is written by a kernel that needs nothing of that. */
static IrPhases phases_of(const char *at)
{
    IrFn *fn = ir_test_parse(&t, arena_printf(t.arena, "tile fn @f[N, M](%%x: f32[N]) -> (f32[N]) {\n"
                                                       "  arena 4096\n"
                                                       "  %%x.1 = buffer param 0 : f32[N]\n"
                                                       "  %%0 = buffer result 0 : f32[N]\n"
                                                       "  %%a = buffer arena at 64 * ((4 * M + 63) // 64) : f32[N, 2]\n"
                                                       "  kernel [i: N] {\n"
                                                       "    %%1 = load %%x.1[i] : f32\n"
                                                       "    %%2 = const 1 : i64\n"
                                                       "    store %%a[i, %%2], %%1\n"
                                                       "  }\n"
                                                       "  kernel [i.1: N] {\n"
                                                       "    %%3 = const 1 : i64\n"
                                                       "    %%4 = load %%a[i.1, %%3] : f32\n"
                                                       "    store %%0[i.1], %%4\n"
                                                       "  }\n"
                                                       "  %%b = buffer arena%s%s : f32[N]\n"
                                                       "  kernel [i.2: N] {\n"
                                                       "    %%5 = load %%x.1[i.2] : f32\n"
                                                       "    store %%b[i.2], %%5\n"
                                                       "  }\n"
                                                       "}\n", *at ? " at " : "", at));
    ck_assert_msg(fn != NULL, "%s", at);
    IrNode *first = fn->body->first;
    while (first->op != OP_kernel)
        first = first->next;
    return ir_phases(first, t.arena);
}

static const struct { const char *at; int after; } places[] = {
    { "64 * ((4 * M + 63) // 64)", 1 },                               /* where it begins */
    { "64 * ((4 * M + 63) // 64) + 64 * ((4 * N + 63) // 64)", 1 },   /* the second half of it, about */
    { "64 * ((4 * M + 63) // 64) + 64 * ((8 * N + 63) // 64)", -1 },  /* behind it */
    { "0", 1 },                                                       /* before it, if N is not more than M */
    { "64 * ((4 * M + 63) // 64) + 64 * ((4 * M + 63) // 64)", 1 },
    { "64 * ((4 * M + 63) // 64) + max(64 * ((8 * N + 63) // 64), 64 * ((4 * M + 63) // 64))", -1 },
    { "", -1 },                                                       /* before places are chosen */
};

START_TEST(who_overwrites_a_part_waits)
{
    IrPhases p = phases_of(places[_i].at);
    ck_assert_int_eq(p.n, 3);
    ck_assert_int_eq(p.after[0], -1);
    ck_assert_int_eq(p.after[1], 0);
    ck_assert_msg(p.after[2] == places[_i].after, "at %s: after %d, not %d", places[_i].at, p.after[2], places[_i].after);
    ck_assert_int_eq(p.barriers, 1 + (places[_i].after > 0));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kernels of a region");
    TCase *tc = tcase_create("memory");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, who_overwrites_a_part_waits, 0, (int)(sizeof places / sizeof *places));
    suite_add_tcase(s, tc);
    return test_main(s);
}
