/* passes_growth.c - what the passes take for a chain of layers that are written out, or of functions, grows with the chain, not with its square. */
#include <time.h>

#include "ir_test.h"
#include "passes/passes.h"

/* y = x + softmax_j(sum_d x[i, d] x[j, d]) x, from %x~ to %x!: ~ is the layer's number, ! the next. */
static const char layer[] =
    "  %s~ = map [i1_~: T, j1_~: T] {\n"
    "    %a~ = reduce sum contract [d1_~: D] {\n"
    "      %b~ = load %x~[i1_~, d1_~] : f32\n      %c~ = load %x~[j1_~, d1_~] : f32\n      %d~ = mul %b~, %c~ : f32\n      yield %d~\n"
    "    } : f32\n    yield %a~\n  } : f32[T, T]\n"
    "  %m~ = map [i2_~: T] {\n"
    "    %e~ = reduce max lanes16 [j2_~: T] {\n      %f~ = load %s~[i2_~, j2_~] : f32\n      yield %f~\n    } : f32\n    yield %e~\n  } : f32[T]\n"
    "  %p~ = map [i3_~: T, j3_~: T] {\n"
    "    %g~ = load %s~[i3_~, j3_~] : f32\n    %h~ = load %m~[i3_~] : f32\n    %k~ = sub %g~, %h~ : f32\n    %l~ = exp %k~ : f32\n"
    "    yield %l~\n  } : f32[T, T]\n"
    "  %n~ = map [i4_~: T] {\n"
    "    %o~ = reduce sum lanes16 [j4_~: T] {\n      %q~ = load %p~[i4_~, j4_~] : f32\n      yield %q~\n    } : f32\n    yield %o~\n  } : f32[T]\n"
    "  %x! = map [i5_~: T, d5_~: D] {\n"
    "    %r~ = reduce sum contract [j5_~: T] {\n"
    "      %t~ = load %p~[i5_~, j5_~] : f32\n      %u~ = load %n~[i5_~] : f32\n      %v~ = div %t~, %u~ : f32\n"
    "      %w~ = load %x~[j5_~, d5_~] : f32\n      %y~ = mul %v~, %w~ : f32\n      yield %y~\n    } : f32\n"
    "    %z~ = load %x~[i5_~, d5_~] : f32\n    %A~ = add %r~, %z~ : f32\n    yield %A~\n  } : f32[T, D]\n";

/* y = (x + x) x, cheap: each is computed in its one reader, the last one holds them all. */
static const char map[] =
    "  %x! = map [i~: T, d~: D] {\n"
    "    %a~ = load %x~[i~, d~] : f32\n    %b~ = add %a~, %a~ : f32\n    %c~ = mul %b~, %a~ : f32\n    yield %c~\n  } : f32[T, D]\n";

/* Each element of the next one is made of two of this one: in place of its loads the last one would be 2^n of the first. */
static const char pair[] =
    "  %x! = map [i~: T, d~: D] {\n"
    "    %r~ = dim T - 1 - i~ : i64\n    %a~ = load %x~[i~, d~] : f32\n    %b~ = load %x~[%r~, d~] : f32\n    %c~ = add %a~, %b~ : f32\n    yield %c~\n"
    "  } : f32[T, D]\n";

/* y = 2 x, called by the next one. */
static const char caller[] =
    "fn @f![T](%x: f32[T]) -> (f32[T]) {\n"
    "  %c = call @f~[T](%x) : f32[T]\n"
    "  %y = map [i: T] {\n    %a = load %c[i] : f32\n    %b = add %a, %a : f32\n    yield %b\n  } : f32[T]\n  ret %y\n}\n";

static void add_layer(Buf *b, const char *what, int k)
{
    for (const char *p = what; *p; p++) {
        if (*p == '~' || *p == '!')
            buf_printf(b, "%d", k + (*p == '!'));
        else
            buf_putc(b, *p);
    }
}

static size_t bytes_of_text(const char *text, const char *passes, IrTest *t)
{
    Buf errors = buf_new(t->arena);
    IrFn *fn = ir_test_parse(t, text);
    ck_assert_msg(fn != NULL, "%s", t->diags->list.n ? t->diags->list.p[0]->text : "does not parse");
    size_t before = arena_bytes(t->arena);
    PassOptions o = { .pipeline = passes, .target = { 32, 16, 32768, 1 << 20 } };
    ck_assert_msg(passes_run(t->m, fn, &o, &errors), "%s", buf_text(&errors));
    return arena_bytes(t->arena) - before;
}

static size_t bytes_of_passes(const char *what, int layers, const char *passes)
{
    IrTest t;
    ir_test_init(&t);
    Buf text = buf_new(t.arena);
    buf_puts(&text, "fn @f[T, D](%x0: f32[T, D]) -> (f32[T, D]) {\n");
    for (int k = 0; k < layers; k++)
        add_layer(&text, what, k);
    buf_printf(&text, "  ret %%x%d\n}\n", layers);
    size_t bytes = bytes_of_text(buf_text(&text), passes, &t);
    ir_test_drop(&t);
    return bytes;
}

static size_t bytes_of_calls(int functions)
{
    IrTest t;
    ir_test_init(&t);
    Buf text = buf_new(t.arena);
    buf_puts(&text, "fn @f0[T](%x: f32[T]) -> (f32[T]) {\n  ret %x\n}\n");
    for (int k = 0; k < functions; k++)
        add_layer(&text, caller, k);
    size_t bytes = bytes_of_text(buf_text(&text), "inline", &t);
    ir_test_drop(&t);
    return bytes;
}

START_TEST(four_times_the_layers_take_four_times_the_memory)
{
    size_t some = bytes_of_passes(layer, 8, NULL), many = bytes_of_passes(layer, 32, NULL);
    ck_assert_msg(many < 8 * some, "8 layers take %zu bytes, 32 take %zu", some, many);
}
END_TEST

START_TEST(maps_that_join_move_and_are_not_copied)
{
    size_t some = bytes_of_passes(map, 100, "fuse"), many = bytes_of_passes(map, 400, "fuse");
    ck_assert_msg(many <= 4 * some + (4 << 20), "100 maps take %zu bytes, 400 take %zu", some, many);
}
END_TEST

START_TEST(copies_of_copies_are_stored)
{
    size_t some = bytes_of_passes(pair, 16, "fuse"), many = bytes_of_passes(pair, 64, "fuse");
    ck_assert_msg(many <= 4 * some + (4 << 20), "16 maps take %zu bytes, 64 take %zu", some, many);
}
END_TEST

/* The shortest of three. */
static double seconds_of_passes(const char *what, int layers, const char *passes)
{
    double best = 1e9;
    for (int k = 0; k < 3; k++) {
        clock_t start = clock();
        bytes_of_passes(what, layers, passes);
        double s = (double)(clock() - start) / CLOCKS_PER_SEC;
        best = s < best ? s : best;
    }
    return best;
}

START_TEST(maps_that_join_are_looked_at_once)
{
    double some = seconds_of_passes(map, 2000, "fuse"), many = seconds_of_passes(map, 8000, "fuse");
    ck_assert_msg(many <= 9 * some, "2000 maps take %g s, 8000 take %g", some, many);
}
END_TEST

START_TEST(functions_that_call_one_another_are_copied_once)
{
    size_t some = bytes_of_calls(100), many = bytes_of_calls(400);
    ck_assert_msg(many <= 4 * some + (4 << 20), "100 functions take %zu bytes, 400 take %zu", some, many);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("growth");
    TCase *tc = tcase_create("chains");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, four_times_the_layers_take_four_times_the_memory);
    tcase_add_test(tc, maps_that_join_move_and_are_not_copied);
    tcase_add_test(tc, copies_of_copies_are_stored);
    tcase_add_test(tc, maps_that_join_are_looked_at_once);
    tcase_add_test(tc, functions_that_call_one_another_are_copied_once);
    suite_add_tcase(s, tc);
    return test_main(s);
}
