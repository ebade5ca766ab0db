/* passes_segment.c - how many turns the loops of a function take: sums over segments cost rows plus segments, not rows times segments. */
#include <stdio.h>

#include "ir_test.h"
#include "passes/passes.h"

static const struct { const char *name, *text; } programs[] = {
    { "sums of rows",
      "fn @f[N, D, M](%a: i32[N], %x: f32[N, D]) -> (f32[M, D]) {\n"
      "  %0 = map [j: M, d: D] {\n    %1 = reduce sum chain [i: N] {\n      %2 = load %a[i] : i32\n      %3 = cast %2 : i64\n      %4 = eq %3, j : bool\n"
      "      %5 = load %x[i, d] : f32\n      yield %5, %4\n    } : f32\n    yield %1\n  } : f32[M, D]\n  ret %0\n}\n" },
    { "two statistics and what is made of them",
      "fn @f[N, D, M](%a: i32[N], %x: f32[N]) -> (f32[M]) {\n"
      "  %0 = map [j: M] {\n    %1 = reduce sum chain [i: N] {\n      %2 = load %a[i] : i32\n      %3 = cast %2 : i64\n      %4 = eq %3, j : bool\n"
      "      %5 = load %x[i] : f32\n      yield %5, %4\n    } : f32\n"
      "    %6 = reduce argmax chain [n: N] {\n      %7 = load %a[n] : i32\n      %8 = cast %7 : i64\n      %9 = eq j, %8 : bool\n"
      "      %10 = load %x[n] : f32\n      yield %10, %9\n    } : i64\n"
      "    %11 = cast %6 : f32\n    %12 = mul %1, %11 : f32\n    yield %12\n  } : f32[M]\n  ret %0\n}\n" },
    { "cells of two keys",
      "fn @f[N, D, M](%a: i64[N], %b: i64[N], %x: f32[N]) -> (f32[M, 5]) {\n"
      "  %0 = map [j: M, k: 5] {\n    %1 = reduce max chain [i: N] {\n      %2 = load %a[i] : i64\n      %3 = load %b[i] : i64\n      %4 = eq %2, j : bool\n"
      "      %5 = eq %3, k : bool\n      %6 = and %4, %5 : bool\n      %7 = load %x[i] : f32\n      yield %7, %6\n    } : f32\n    yield %1\n  } : f32[M, 5]\n  ret %0\n}\n" },
};

typedef struct Sizes { const IrFn *fn; int64_t size; } Sizes;

/* Every size of the function is s->size; the places of indices are 0, of chunks too: the first chunk is the longest. */
static bool value_of(void *user, DimSym *sym, int64_t *v)
{
    const Sizes *s = user;
    *v = 0;
    for (int i = 0; i < s->fn->dims.n; i++)
        if (s->fn->dims.p[i] == sym)
            *v = s->size;
    return true;
}

/* Turns of all loops in r: of each nest the product of its extents. */
static double turns(Sizes *s, const IrRegion *r)
{
    double sum = 1;
    for (const IrNode *n = r->first; n; n = n->next)
        for (int k = 0; k < n->nregions; k++) {
            double in = turns(s, n->regions[k]);
            for (int i = 0; i < n->regions[k]->params.n; i++) {
                int64_t extent = 0;
                ck_assert(dim_eval(n->regions[k]->params.p[i]->dim, value_of, s, &extent));
                in *= (double)extent;
            }
            sum += in;
        }
    return sum;
}

static double work(const char *text, const char *skip, int64_t size)
{
    IrTest t;
    ir_test_init(&t);
    IrFn *fn = ir_test_parse(&t, text);
    ck_assert_ptr_nonnull(fn);
    Buf errors = buf_new(t.arena);
    PassOptions o = { .skip = skip, .verify = true, .target = { 32, 16, 32768, 1 << 20 } };
    ck_assert_msg(passes_run(t.m, fn, &o, &errors), "%s", buf_text(&errors));
    Sizes s = { fn, size };
    double n = turns(&s, fn->body);
    ir_test_drop(&t);
    return n;
}

/* D is 64 lanes of one chunk there and 128 here: with it fixed by halves the growth is that of N and M. */
START_TEST(twice_the_rows_and_segments_are_twice_the_work)
{
    bool rows = _i == 0; /* has D, too: twice of each is four times */
    double most = rows ? 4.2 : 2.1, n = work(programs[_i].text, NULL, 64), twice = work(programs[_i].text, NULL, 128);
    ck_assert_msg(twice <= most * n, "%s: %g turns at 64, %g at 128", programs[_i].name, n, twice);
    n = work(programs[_i].text, "segment", 64);
    twice = work(programs[_i].text, "segment", 128);
    ck_assert_msg(twice >= 1.9 * most / 1.05 * n / 1.1, "%s without the pass: %g turns at 64, %g at 128", programs[_i].name, n, twice);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("segment");
    TCase *tc = tcase_create("work");
    tcase_add_loop_test(tc, twice_the_rows_and_segments_are_twice_the_work, 0, (int)(sizeof programs / sizeof programs[0]));
    suite_add_tcase(s, tc);
    return test_main(s);
}
