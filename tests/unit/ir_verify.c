/* ir_verify.c - the verifier finds what is wrong; copies, replaced uses and dropped nodes stay sound. */
#include <stdio.h>

#include "ir_test.h"

static IrTest t;

static void setup(void) { ir_test_init(&t); }
static void teardown(void) { ir_test_drop(&t); }

/* Each parses, and is unsound for one reason. */
static const struct { const char *text, *says; } broken[] = {
    { "fn @f(%x: f32) -> () { %0 = add %x, %x : f64 ret }", "types of operands" },
    { "fn @f(%x: f32) -> () { %0 = add %x : f32 ret }", "1 operands instead of 2" },
    { "fn @f(%x: f32[2]) -> () { %0 = neg %x : f32 ret }", "operand 0 is a tensor" },
    { "fn @f(%x: f32) -> () { %0 = sin %x : f32 }", "does not end in ret" },
    { "fn @f(%x: f32) -> (f32) { ret }", "0 values for 1 results" },
    { "fn @f(%x: f32) -> (f64) { ret %x }", "value 0 has another type" },
    { "fn @f(%x: f32) -> (f32) { ret %x %0 = neg %x : f32 }", "does not end its region" },
    { "fn @f(%x: f32[2]) -> () { %0 = load %x[] : f32 ret }", "0 subscripts for rank 1" },
    { "fn @f(%x: f32[2], %y: f32) -> () { %0 = load %x[%y] : f32 ret }", "subscript 0 is not an i64" },
    { "fn @f(%x: f32) -> () { %0 = map [i: 2] { yield %x } : f64[2] ret }", "does not fit its indices" },
    { "fn @f(%x: f32) -> () { %0 = map [i: 2] { yield %x } : f32[2, 2] ret }", "does not fit its indices" },
    { "fn @f(%x: f32) -> () { %0 = map [i: 2] { yield %x, %x } : f32[2] ret }", "its guard is not a bool" },
    { "fn @f(%x: f32) -> () { %0 = map [i: 2] { %1 = neg %x : f32 yield %1 } : f32[2] ret %1 }", "not defined before" },
    { "fn @f(%x: f32) -> () { %0 = map [i: 2] { yield %x } : f32[i] ret }", "symbol 'i' in its type is not known" },
    { "fn @f(%x: f32) -> () { %0 = dim 2 : i32 ret }", "is a scalar" },
    { "fn @f(%x: f32, %c: bool) -> () { %0 = if %c { yield %x } else { } : f32 ret }", "does not end in yield" },
    { "fn @f(%x: f32, %c: bool) -> () { %0 = if %c { yield %x } else { yield } : f32 ret }", "branches differ" },
    { "fn @f(%x: f32, %c: bool) -> () { %0 = if %c { yield %x } else { yield %c } : f32 ret }", "changes its type" },
    { "fn @f(%x: f32, %c: bool) -> () { %0 = if %x { yield %x } else { yield %x } : f32 ret }", "condition is not a bool" },
    { "fn @f(%x: f32, %n: i64) -> () { %0 = for %n, %n, %x [i: 3] (%a: f64) { yield %a } : f32 ret }", "another type than the carried" },
    { "fn @f(%x: f32, %n: i64) -> () { %0 = for %n, %n, %x [i: 3] (%a: f32) { yield } ret }", "yields 0 values instead of 1" },
    { "fn @f(%x: f32, %n: i64) -> () { %0 = for %n, %n, %x [i: 3] (%a: f32) { yield %a } ret }", "does not fit the 1 values" },
    { "fn @f(%x: i64) -> () { %0 = while %x (%a: i64) { yield %a } do (%b: i64) { yield %b } : i64 ret }", "yield a bool" },
    { "fn @f(%x: i64) -> () { %0 = clampi %x, %x, %x row 0 : i64 ret }", "there is no row 0" },
    { "fn @f(%x: bool) -> () { check 0, %x ret }", "row of the checks" },
    { "fn @f() -> () { effect 0 ret }", "no effect 0" },
    { "fn @f(%x: f32) -> () { %0 = neg %x : f32 %1 = result 0, %0 : f32 ret }", "there is no result 0" },
    { "fn @f(%x: f32) -> () { %0 = buffer local : f32[4] ret }", "does not belong to this level" },
    { "tile fn @f(%x: f32) -> () { ret }", "does not belong to this level" },
    { "tile fn @f() -> () { %0 = buffer local : f32[4] %1 = buffer local : f64[4] copy %0, %1 }", "between two buffers of one type" },
    { "tile fn @f() -> () { tfor seq [i: 2, j: 2] { } }", "has one index" },
    { "tile fn @f() -> () { %0 = buffer prep 0 : f32[4] }", "no prepared tensor 0" },
    { "fn @g(%x: f32) -> (f32) { ret %x }\nfn @f(%x: f64) -> () { %0 = call @g(%x) : f32 ret }", "argument 0 has another type" },
    { "fn @f(%x: f32[2]) -> () { %0 = reduce max chain [i: 2] { %1 = load %x[i] : f32 yield %1 } : f64 ret }", "operator and body" },
    { "fn @f(%x: f32[2]) -> () { %0 = reduce argmax chain [i: 2] { %1 = load %x[i] : f32 yield %1 } : f32 ret }", "operator and body" },
    { "fn @f(%x: f32 sym n) -> () { ret }", "not an integer" },
};

START_TEST(what_is_wrong_is_said)
{
    IrFn *fn = ir_test_parse(&t, broken[_i].text);
    ck_assert_msg(fn != NULL, "%s: %s", broken[_i].text, t.diags->list.n ? t.diags->list.p[0]->text : "");
    const char *says = ir_test_broken(&t, fn);
    ck_assert_msg(says && strstr(says, broken[_i].says), "%s: %s", broken[_i].text, says ? says : "sound");
}
END_TEST

static const char nest[] = "fn @f[N](%x: f32[N], %n: i64 sym n) -> (f32) {\n"
                           "  %0 = reduce sum chain [i: N] {\n"
                           "    %1 = reduce sum chain [j: i + n] {\n"
                           "      %2 = dim j + n : i64 sym m\n"
                           "      %3 = reduce max chain [k: m] {\n        %4 = load %x[k] : f32\n        yield %4\n      } : f32\n"
                           "      yield %3\n    } : f32\n"
                           "    yield %1\n  } : f32\n"
                           "  ret %0\n}\n";

START_TEST(copies_have_symbols_of_their_own)
{
    IrFn *fn = ir_test_parse(&t, nest);
    ck_assert_ptr_nonnull(fn);
    IrFn *copy = ir_fn_clone(fn, name_of(t.m->names, "f2"));
    const char *says = ir_test_broken(&t, copy);
    ck_assert_msg(!says, "%s", says);
    ck_assert_str_eq(strchr(ir_test_text(&t, copy), '['), strchr(ir_test_text(&t, fn), '['));
    IrBuilder b = { fn, fn->body, fn->body->last, fn->span };
    Map nodes = map_new(t.arena);
    IrNode *again = ir_clone_node(&b, fn->body->first, &nodes, NULL, NULL);
    ck_assert(again->regions[0]->params.p[0]->sym != fn->body->first->regions[0]->params.p[0]->sym);
    says = ir_test_broken(&t, fn);
    ck_assert_msg(!says, "%s\n%s", says, ir_test_text(&t, fn));
}
END_TEST

/* The body of a region at another place: its index becomes the value it is mapped to, in dims, too. */
START_TEST(a_region_is_substituted)
{
    IrFn *fn = ir_test_parse(&t, nest);
    IrNode *outer = fn->body->first;
    IrBuilder b = { fn, fn->body, fn->body->last, fn->span };
    Map nodes = map_new(t.arena);
    map_put(&nodes, outer->regions[0]->params.p[0], ir_int(&b, 3));
    IrNode **y = ir_clone_region(&b, outer->regions[0], &nodes, NULL, NULL);
    ir_set_in(fn->body->last, 0, y[0]);
    ck_assert_int_eq(ir_nuses(outer), 0);
    ir_drop(outer);
    const char *says = ir_test_broken(&t, fn), *text = ir_test_text(&t, fn);
    ck_assert_msg(!says, "%s\n%s", says, text);
    ck_assert_msg(strstr(text, "[j: n + 3]") != NULL, "%s", text);
    ck_assert_int_eq(ir_nuses(fn->params.p[0]), 1);
}
END_TEST

START_TEST(uses_follow_every_change)
{
    IrFn *fn = ir_test_parse(&t, "fn @f(%x: f32, %y: f32) -> (f32) {\n  %0 = add %x, %x : f32\n  %1 = mul %0, %x : f32\n  ret %1\n}\n");
    IrNode *x = fn->params.p[0], *y = fn->params.p[1], *add = fn->body->first, *mul = add->next;
    ck_assert_int_eq(ir_nuses(x), 3);
    ir_replace(x, y);
    ck_assert_int_eq(ir_nuses(x), 0);
    ck_assert_int_eq(ir_nuses(y), 3);
    ir_set_in(mul, 0, y);
    ck_assert_int_eq(ir_nuses(add), 0);
    ir_move_before(add, fn->body->last);
    ck_assert(mul->next == add);
    ck_assert_ptr_null(ir_test_broken(&t, fn));
    ir_drop(add);
    ck_assert_int_eq(ir_nuses(y), 2);
    ck_assert_ptr_null(ir_test_broken(&t, fn));
    mul->in[0] = x; /* behind the back of the uses */
    ck_assert_ptr_nonnull(ir_test_broken(&t, fn));
}
END_TEST

START_TEST(graphs_name_every_node)
{
    IrFn *fn = ir_test_parse(&t, nest);
    Buf b = buf_new(t.arena);
    ir_dot(fn, &b);
    const char *text = buf_text(&b);
    ck_assert_ptr_nonnull(strstr(text, "subgraph cluster_2"));
    ck_assert_ptr_nonnull(strstr(text, "reduce max"));
    ck_assert_str_eq(text + strlen(text) - 2, "}\n");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ir verify");
    TCase *tc = tcase_create("verify");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, what_is_wrong_is_said, 0, (int)(sizeof broken / sizeof *broken));
    tcase_add_test(tc, copies_have_symbols_of_their_own);
    tcase_add_test(tc, a_region_is_substituted);
    tcase_add_test(tc, uses_follow_every_change);
    tcase_add_test(tc, graphs_name_every_node);
    suite_add_tcase(s, tc);
    return test_main(s);
}
