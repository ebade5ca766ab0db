/* frontend_parse_tree.c - printed trees read back, malformed ones are refused; limits of size and depth; a parse survives
 * every failing allocation. */
#include "frontend_parse_test.h"

static const char *repeated(const char *unit, int n, const char *tail)
{
    Buf b = buf_new(arena);
    for (int i = 0; i < n; i++)
        buf_puts(&b, unit);
    buf_puts(&b, tail);
    return buf_text(&b);
}

static Tree *read_text(const char *text)
{
    return tree_read(&parse, source_add(sources, "t.ast", text, strlen(text)));
}

/* ---- printing and reading ---- */

static const char everything[] =
    "## Doc \"quoted\" \\\n##\ttab\n@a(1, n: 2)\nexport fn f[M: model](x: f32[.., N]; k = 1) -> (A, [B; 2]) where N > 0 { x }\n"
    "extern \"m\" fn g(a: f64)\nop o[i](x: float) -> float[i] else 0 = x\nimport a.b: c, d\nimport e as g\ntree t = { 0 { 1 } }\n"
    "model M(D) { param w: f32 ~ u(1)\n input m: fn(A) -> B = 1\n p = 1\n f: int }\nadapter L for a.M(D) { }\n"
    "let (a, b) = \"\\u{0}\\u{7f}\\u{1b}\\n\\t\\\"\\\\\u00e9\"\nvar z[i, ..]: T ~ q\nlet n ~ u(-1)\nrec { h[t] = h[t - 1] ?? 0 }\n"
    "while not a < b <= c { break; continue; return }\nfor (i, j) in 0..3 { o.p[1:, :2].q += 1 }\n"
    "[x for x in y]; [1, 2.5, 1e300, 1e-310, 0.1]; tree { 3 }; if a { b } else if c { d }; sum[i | a](b, var c) as T[2]\n";

START_TEST(what_is_printed_reads_back_equal)
{
    Tree *t = parse_text(everything);
    ck_assert_int_eq(diags->errors, 0);
    Buf b = buf_new(arena), again = buf_new(arena);
    tree_print(t, &b);
    Tree *u = read_text(buf_text(&b));
    ck_assert_int_eq(diags->errors, 0);
    ck_assert(u && tree_equal(t, u) && tree_equal(u, t));
    tree_print(u, &again);
    ck_assert_str_eq(buf_text(&b), buf_text(&again));
}
END_TEST

static const struct { const char *a, *b; } unequal[] = {
    { "a", "b" }, { "a", "a; a" }, { "1", "2" }, { "1", "1.0" }, { "0.0", "1e-320" }, { "\"a\"", "\"b\"" },
    { "\"a\"", "\"a\\u{0}\"" }, { "a < b", "a <= b" }, { "a + b", "a - b" }, { "f(x)", "f(var x)" }, { "f(x)", "f[x]" },
    { "let a = 1", "var a = 1" }, { "## x\nfn f() = 1", "fn f() = 1" }, { "x[:]", "x[1:]" }, { "x[:1]", "x[1:]" },
    { "extern \"a\" fn f()", "extern \"b\" fn f()" }, { "tree { 0 }", "tree { 1 }" }, { "return", "return 1" },
    { "fn f(a, b) = 1", "fn f(a; b) = 1" }, { "model M { input a: T }", "model M { frozen a: T }" },
};

START_TEST(trees_that_differ_are_not_equal)
{
    Tree *a = parse_text(unequal[_i].a), *b = parse_text(unequal[_i].b);
    ck_assert_int_eq(diags->errors, 0);
    ck_assert_msg(!tree_equal(a, b), "%s and %s", unequal[_i].a, unequal[_i].b);
    ck_assert(tree_equal(a, parse_text(unequal[_i].a)));
}
END_TEST

static const Row malformed[] = {
    { "", "1:1 E0101 expected '('" },
    { "name", "1:1 E0101 expected '('" },
    { "(name x", "1:8 E0101 expected a kid or ')'" },
    { "(nonsense)", "1:2 E0101 there is no such kind of node" },
    { "(break_ (name x))", "1:1 E0101 'break_' has 0 kids, not 1" },
    { "(call (name f))", "1:1 E0101 'call' has 2 kids, not 1" },
    { "(chain < (name a))", "1:1 E0101 'chain' has one operator between two kids" },
    { "(chain (name a) (name b))", "1:1 E0101 'chain' has one operator between two kids" },
    { "(name a b)", "1:9 E0101 expected a kid or ')'" },
    { "(name a :loud)", "1:9 E0101 there is no such flag" },
    { "(name a :doc)", "1:13 E0101 expected a string after ':doc'" },
    { "(name a \"b\")", "1:9 E0101 a node of this kind has no text" },
    { "(string \"b)", "1:9 E0101 the string is not closed" },
    { "(int_ x)", "1:7 E0101 expected a number" },
    { "(int_ 1.5)", "1:7 E0101 expected a whole number" },
    { "(float_ inf)", "1:9 E0101 expected a number" },
    { "(name a) (name b)", "1:10 E0101 expected the end of the text" },
    { "(name a\xff)", "1:8 E0001 the text is not UTF-8: byte 0xff" },
};

START_TEST(malformed_trees_are_refused_with_a_place)
{
    Tree *t = read_text(malformed[_i].text);
    ck_assert_ptr_null(t);
    ck_assert_int_eq(diags->errors, 1);
    const Diag *d = diags->list.p[0];
    Place at = span_place(sources, d->span);
    ck_assert_str_eq(arena_printf(arena, "%d:%d %s %s", at.line, at.column, diag_code_name(d->code), d->text),
                     malformed[_i].outcome);
}
END_TEST

/* ---- limits ---- */

static int depth_of(const Tree *t)
{
    int most = 0;
    for (int i = 0; i < t->nkids; i++) {
        int d = t->kids[i] ? depth_of(t->kids[i]) : 0;
        most = d > most ? d : most;
    }
    return most + 1;
}

static const struct { const char *head, *unit; int n; const char *tail; DiagCode code; } deep[] = {
    { "x = ", "(", 250, "1", E0102 },
    { "x = ", "(", 257, "1", E0003 },
    { "x = ", "f([", 100000, "1", E0003 },
    { "", "fn f() {", 300, "", E0003 },
    { "x = ", "- ", 900, "1", DIAG_none },
    { "x = ", "- ", 100000, "1", E0003 },
    { "x = ", "not ", 100000, "1", E0003 },
    { "x = ", "2 ^ ", 100000, "1", E0003 },
    { "x = ", "1 + ", 900, "1", DIAG_none },
    { "x = ", "1 + ", 100000, "1", E0003 },
    { "x = a", ".b", 100000, "", E0003 },
    { "x = a", "[0]", 100000, "", E0003 },
    { "x = a", "()", 100000, "", E0003 },
    { "x = a", " as T", 100000, "", E0003 },
    { "x = a", " < a", 100000, "", DIAG_none },
    { "x = ", "fn(y) = ", 100000, "1", E0003 },
    { "", "if a { b } else ", 100000, "{ c }", E0003 },
    { "tree t = ", "{ 0 ", 300, "", E0003 },
    { "x = [", "1, ", 100000, "2]", DIAG_none },
    { "", "f(x)\n", 100000, "", DIAG_none },
    { "import a", ".b", 100000, "", DIAG_none },
    { "", "}", 100000, "", E0102 },
    { "", "let = 1\n", 1000, "", E0101 },
};

START_TEST(depth_has_a_limit_and_length_has_none)
{
    const char *body = repeated(deep[_i].unit, deep[_i].n, deep[_i].tail);
    Tree *t = parse_text(arena_printf(arena, "%s%s", deep[_i].head, body));
    ck_assert_int_le(depth_of(t), TREE_DEPTH_MOST);
    if (deep[_i].code == DIAG_none)
        ck_assert_int_eq(diags->errors, 0);
    else
        ck_assert_int_eq(diags->list.p[0]->code, deep[_i].code);
    if (deep[_i].code == E0003)
        ck_assert_int_eq(diags->errors, 1);
}
END_TEST

START_TEST(a_source_has_at_most_16_mib)
{
    size_t most = 16 << 20;
    char *text = arena_array(arena, 1, most + 1);
    memset(text, ' ', most + 1);
    parse_bytes(text, most);
    ck_assert_int_eq(diags->errors, 0);
    parse_bytes(text, most + 1);
    ck_assert_int_eq(diags->errors, 1);
    ck_assert_int_eq(diags->list.p[0]->code, E0003);
}
END_TEST

static const struct { const char *text; size_t len; uint32_t at; } binary[] = {
    { "let x = \"\xc3\"", 10, 9 }, { "a\xed\xa0\x80", 4, 1 }, { "a\xc0\x80", 3, 1 }, { "a\xf4\x90\x80\x80", 5, 1 },
    { "\xe2\x82", 2, 0 }, { "# \x80", 3, 2 }, { "a\0b", 3, 1 }, { "\xe0\x80\x80", 3, 0 }, { "\xf0\x80\x80\x80", 4, 0 },
};

START_TEST(what_is_not_text_is_said_once_with_its_place)
{
    Tree *t = parse_bytes(binary[_i].text, binary[_i].len);
    ck_assert_int_eq(t->kids[0]->nkids, 0);
    ck_assert_int_eq(diags->errors, 1);
    ck_assert_int_eq(diags->list.p[0]->code, E0001);
    ck_assert_uint_eq(diags->list.p[0]->span.lo, binary[_i].at);
}
END_TEST

/* ---- memory ---- */

static void parse_print_read(void *pair)
{
    Arena *a = arena_new(((void **)pair)[0]);
    const char *text = ((void **)pair)[1];
    Sources *ss = sources_new(a);
    Diags *d = diags_new(a, ss);
    Parse p = { .arena = a, .names = names_new(a), .diags = d };
    Tree *t = parse_source(&p, source_add(ss, "t.ml", text, strlen(text)));
    Buf b = buf_new(a);
    tree_print(t, &b);
    t = tree_read(&p, source_add(ss, "t.ast", buf_text(&b), b.n));
    diags_render(d, &b, false);
}

START_TEST(a_parse_survives_every_failing_allocation)
{
    Buf b = buf_new(arena);
    buf_puts(&b, everything);
    buf_puts(&b, repeated("x = f((1 + 2, [3 4), \"a\\q\"\n", 20, repeated("(", 200, "")));
    test_each_failure(parse_print_read, buf_text(&b));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("frontend: trees and limits");
    TCase *tc = tcase_create("trees");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, parse_setup, test_teardown);
    tcase_add_test(tc, what_is_printed_reads_back_equal);
    tcase_add_loop_test(tc, trees_that_differ_are_not_equal, 0, COUNT(unequal));
    tcase_add_loop_test(tc, malformed_trees_are_refused_with_a_place, 0, COUNT(malformed));
    tcase_add_loop_test(tc, depth_has_a_limit_and_length_has_none, 0, COUNT(deep));
    tcase_add_test(tc, a_source_has_at_most_16_mib);
    tcase_add_loop_test(tc, what_is_not_text_is_said_once_with_its_place, 0, COUNT(binary));
    tcase_add_test(tc, a_parse_survives_every_failing_allocation);
    suite_add_tcase(s, tc);
    return test_main(s);
}
