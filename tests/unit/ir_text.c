/* ir_text.c - printed IR: constants, names, places, and what the parser says to texts that are none. */
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "ir_test.h"

static IrTest t;

static void setup(void) { ir_test_init(&t); }
static void teardown(void) { ir_test_drop(&t); }

static const double floats[] = { 0.0, -0.0, 1.0, 0.1, 1.0 / 3, 1e300, 5e-324, -2.5e-7, 16777217.0, 1e21, INFINITY, -INFINITY, 3.4028234663852886e38 };

START_TEST(floats_print_so_that_they_read_back)
{
    Buf b = buf_new(t.arena);
    ir_test_parse(&t, "fn @f() -> (f64) {\n  %0 = const 1.0 : f64\n  ret %0\n}\n");
    IrFn *fn = t.m->fns.p[0];
    fn->body->first->fimm = floats[_i];
    ir_print_fn(fn, &b);
    const char *text = buf_text(&b);
    t.m->fns.n = 0;
    IrFn *again = ir_test_parse(&t, text);
    ck_assert_msg(again != NULL, "%s", text);
    ck_assert_msg(memcmp(&again->body->first->fimm, &floats[_i], sizeof(double)) == 0, "%s", text);
}
END_TEST

START_TEST(a_decimal_comma_of_the_locale_does_not_show)
{
    static const char *const locales[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8" };
    bool set = false;
    for (int i = 0; i < 3 && !set; i++)
        set = setlocale(LC_NUMERIC, locales[i]) != NULL;
    IrFn *fn = ir_test_parse(&t, "fn @f() -> (f64) {\n  %0 = const 0.375 : f64\n  ret %0\n}\n");
    ck_assert_ptr_nonnull(fn);
    ck_assert(fn->body->first->fimm == 0.375);
    ck_assert_ptr_nonnull(strstr(ir_test_text(&t, fn), "const 0.375 :"));
    setlocale(LC_NUMERIC, "C");
}
END_TEST

START_TEST(names_that_clash_are_numbered)
{
    IrFn *fn = ir_test_parse(&t, "fn @f[row](%x: f32[row]) -> () {\n  ret\n}\n");
    IrBuilder b = { fn, fn->body, fn->body->first, fn->span };
    for (int i = 0; i < 3; i++)
        ir_int(&b, i)->name = name_of(t.m->names, i == 1 ? "x.1" : "x");
    const char *text = ir_test_text(&t, fn);
    ck_assert_ptr_nonnull(strstr(text, "%x: f32[_row]"));
    ck_assert_ptr_nonnull(strstr(text, "%x.1 = const 0"));
    ck_assert_ptr_nonnull(strstr(text, "%x.1.1 = const 1"));
    ck_assert_ptr_nonnull(strstr(text, "%x.2 = const 2"));
    t.m->fns.n = 0;
    ck_assert_str_eq(ir_test_text(&t, ir_test_parse(&t, text)), text);
}
END_TEST

START_TEST(places_are_kept_when_asked_for)
{
    static const char text[] = "fn @f(%x: f32 @1:5-6) -> (f32) @1:0-9 {\n  row 0: 9 \"a\" @2:3-4\n  %0 = neg %x : f32 @3:10-20\n  ret %0 @3:21-22\n}\n";
    IrFn *fn = ir_test_parse(&t, text);
    Buf b = buf_new(t.arena);
    ck_assert_ptr_nonnull(fn);
    ir_print_fn_spans(fn, &b);
    ck_assert_str_eq(buf_text(&b), text);
    ck_assert_int_eq(fn->checks.p[0].span.file, 2);
    ck_assert_ptr_null(strstr(ir_test_text(&t, fn), "@3:"));
}
END_TEST

static const struct { const char *text, *says; } wrong[] = {
    { "fn f() -> () { ret }", "name of the function" },
    { "fn @f() -> () { ret", "an operation is expected" },
    { "fn @f() -> () { ret }\nfn @f() -> () { ret }", "defined twice" },
    { "fn @f() -> () { ret %0 }", "%0 is not defined before" },
    { "fn @f() -> () { %0 = const 1 : i64 %0 = const 1 : i64 ret }", "%0 is defined twice" },
    { "fn @f() -> (f33) { ret }", "not an element type" },
    { "fn @f(%x: f32[N / 0]) -> () { ret }", "divided by 0" },
    { "fn @f[N](%x: f32[M]) -> () { ret }", "nothing defines the symbol 'M'" },
    { "fn @f[N, N]() -> () { ret }", "symbol 'N' is defined twice" },
    { "fn @f() -> () { %0 = frob : i64 ret }", "'frob' is not an operation" },
    { "fn @f() -> () { %0 = param : i64 ret }", "not an operation" },
    { "fn @f() -> () { %0 = const 1.5 : i64 ret }", "constant is not of type i64" },
    { "fn @f() -> () { %0 = const \"a\" : i64 ret }", "constant is not of type" },
    { "fn @f() -> () { %0 = reduce avg chain [i: 3] { } : f32 ret }", "reducing operator" },
    { "fn @f() -> () { call @g() ret }", "no function 'g'" },
    { "fn @g[N](%x: f32[N]) -> () { ret }\nfn @f(%x: f32[2]) -> () { call @g(%x) ret }", "1 dims, not 0" },
    { "fn @f(%x: f32[2, 2]) -> () { %0 = const 0 : i64 %1 = update %x[%0], %x : f32[2, 2] ret }", "rank 2 has 1 starts" },
    { "fn @f() -> () { row 1: 9 \"x\" ret }", "number 0 is expected" },
    { "fn @f(%x: f32[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]) -> () { ret }", "more than 16 axes" },
    { "fn @f() -> () { %0 = const 99999999999999999999 : i64 ret }", "number" },
    { "\"", "'fn' is expected" },
    { "fn @\"a", "name of the function" },
    { "fn @f() -> () { %0 = buffer nowhere : f32[2] }", "place of the buffer" },
    { "tile fn @f() -> () { tfor lanes 256 [i: 2] { } }", "factor lies in" },
};

START_TEST(wrong_text_is_an_error_with_a_place)
{
    ck_assert_msg(!ir_test_parse(&t, wrong[_i].text), "%s", wrong[_i].text);
    ck_assert_int_eq(t.diags->errors, 1);
    ck_assert_int_eq(t.m->fns.n, 0);
    ck_assert_int_eq(t.diags->list.p[0]->code, E0606);
    ck_assert_msg(strstr(t.diags->list.p[0]->text, wrong[_i].says) != NULL, "%s: %s", wrong[_i].text, t.diags->list.p[0]->text);
}
END_TEST

START_TEST(deep_nesting_has_a_limit)
{
    Buf b = buf_new(t.arena);
    buf_puts(&b, "tile fn @f() -> () {");
    for (int i = 0; i < 100000; i++)
        buf_puts(&b, " kernel [");
    ck_assert_ptr_null(ir_test_parse(&t, buf_text(&b)));
    b = buf_new(t.arena);
    buf_puts(&b, "fn @f(%x: f32[");
    for (int i = 0; i < 100000; i++)
        buf_puts(&b, i % 2 ? "(" : "-");
    ck_assert_ptr_null(ir_test_parse(&t, buf_text(&b)));
    b = buf_new(t.arena);
    buf_puts(&b, "tile fn @f() -> () {");
    for (int i = 0; i < 100000; i++)
        buf_printf(&b, " kernel [i%d: 2] {", i);
    ck_assert_ptr_null(ir_test_parse(&t, buf_text(&b)));
}
END_TEST

static const char whole[] = "fn @f[N](%x: f32[N], load %w: f32[2 * N], var %n: i64 sym k) -> (i64, f32) {\n  row 0: 9 \"a\\\"b\"\n  effect 0: \"p\" (f32)\n"
                            "  %0 = reduce sum contract [i: 1..N in 0..k] {\n    %1 = load %x[i] : f32\n    yield %1\n  } : f32\n  %2 = effect 0, %0 : f32\n"
                            "  %3 = if %0 { yield %2 } else { yield %0 } : f32\n  ret %n, %3\n}\n";

/* Every prefix, and every text with one byte changed, parses or gives an error: never a crash. */
START_TEST(damaged_text_is_survived)
{
    char text[sizeof whole];
    int parsed = 0;
    for (size_t i = 0; i + 1 < sizeof whole; i++) {
        for (int k = 0; k < 6; k++) {
            memcpy(text, whole, sizeof whole);
            text[i] = k == 0 ? 0 : "\"%[:9"[k - 1];
            parsed += ir_test_parse(&t, text) != NULL;
            for (int f = 0; f < t.m->fns.n; f++)
                (void)ir_test_broken(&t, t.m->fns.p[f]);
            t.m->fns.n = 0;
        }
    }
    ck_assert_int_gt(parsed, 0);
    ck_assert_int_lt(parsed, (int)sizeof whole * 3);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ir text");
    TCase *tc = tcase_create("text");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, floats_print_so_that_they_read_back, 0, (int)(sizeof floats / sizeof *floats));
    tcase_add_test(tc, a_decimal_comma_of_the_locale_does_not_show);
    tcase_add_test(tc, names_that_clash_are_numbered);
    tcase_add_test(tc, places_are_kept_when_asked_for);
    tcase_add_loop_test(tc, wrong_text_is_an_error_with_a_place, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tc, deep_nesting_has_a_limit);
    tcase_add_test(tc, damaged_text_is_survived);
    suite_add_tcase(s, tc);
    return test_main(s);
}
