/* frontend_parse_lines.c - where a new line ends a statement, in files and in the REPL. */
#include "frontend_parse_test.h"

static const Row lines[] = {
    { "f(a,\n"
      "  b\n"
      ")",
      "(call (name f) (list (arg (name a)) (arg (name b))))" },
    { "x = a +\n"
      "    b",
      "(assign (name x) (binary + (name a) (name b)))" },
    { "x = a\n"
      "  + b",
      "(assign (name x) (binary + (name a) (name b)))" },
    { "x = a\n"
      "  - b",
      "(assign (name x) (binary - (name a) (name b)))" },
    { "x = a\n"
      "-b",
      "(assign (name x) (name a))\n"
      "(unary - (name b))" },
    { "x\n"
      "@ y",
      "(binary @ (name x) (name y))" },
    { "fn g() = x\n"
      "@fast\n"
      "fn f() = 1",
      "(fn g (list) () (list) () () (name x))\n"
      "(fn f (list (annot fast (list))) () (list) () () (int_ 1))" },
    { "x\n"
      "[1]",
      "(name x)\n"
      "(listlit (list (int_ 1)))" },
    { "x\n"
      "(1)",
      "(name x)\n"
      "(int_ 1)" },
    { "x\n"
      ".y",
      "(member y (name x))" },
    { "fn f(x)\n"
      "    -> int\n"
      "    where x > 0\n"
      "    = 1",
      "4:5 E0101 a line cannot begin with '='" },
    { "fn f(x)\n"
      "    -> int\n"
      "    where x > 0 { x }",
      "(fn f (list) () (list (param x () ())) (tbase (path int (list)) () ()) (list (chain > (name x) (int_ 0))) "
      "(block (list (name x))))" },
    { "if a { b }\n"
      "else { c }",
      "(if_ (name a) (block (list (name b))) (block (list (name c))))" },
    { "load(p)\n"
      "as T",
      "(as (call (name load) (list (arg (name p)))) (tbase (path T (list)) () ()))" },
    { "a\n"
      "and b\n"
      "or not\n"
      "c",
      "(binary or (binary and (name a) (name b)) (unary not (name c)))" },
    { "a\n"
      "?? b",
      "(binary ?? (name a) (name b))" },
    { "x[i]\n"
      "  ?? 0",
      "(binary ?? (index (name x) (list (name i))) (int_ 0))" },
    { "a\n"
      "..\n"
      "b",
      "(binary .. (name a) (name b))" },
    { "[1\n"
      ", 2\n"
      "]",
      "(listlit (list (int_ 1) (int_ 2)))" },
    { "f(fn(x) {\n"
      "    a\n"
      "    b\n"
      "}, c)",
      "(call (name f) (list (arg (fn (list) () (list (param x () ())) () () (block (list (name a) (name b))))) (arg "
      "(name c))))" },
    { "f([{",
      "1:4 E0101 expected an expression or ']' after '[', found '{'" },
    { ";;a;;b;\n"
      ";\n"
      "c",
      "(name a)\n"
      "(name b)\n"
      "(name c)" },
    { "return\n"
      "a",
      "(return_ ())\n"
      "(name a)" },
    { "fn f(x: model\n"
      ") = 1",
      "(fn f (list) () (list (param x (tbase (path model (list)) () ()) ())) () () (int_ 1))" },
    { "struct S {\n"
      "    a: model\n"
      "    b: fn\n"
      "    c: tree\n"
      "\n"
      "    d: int\n"
      "}",
      "(struct_ S (list) () () (list (mfield a (tbase (path model (list)) () ()) ()) (mfield b (tfn () ()) ()) "
      "(mfield c (tbase (path tree (list)) () ()) ()) (mfield d (tbase (path int (list)) () ()) ())))" },
    { "let x = 1 # comment\n"
      "# comment\n"
      "let y = 2",
      "(let (name x) () (int_ 1))\n"
      "(let (name y) () (int_ 2))" },
    { "a\t",
      "(name a)" },
    { "f(x; y)",
      "1:4 E0101 expected ',' or ')' after 'x', found ';'" },
    { "not\n"
      "a",
      "(unary not (name a))" },
    { "a <\n"
      "b",
      "(chain < (name a) (name b))" },
    { "let\n"
      "x\n"
      "=\n"
      "1",
      "3:1 E0101 a line cannot begin with '='" },
    { "a = b\n"
      "^ c\n"
      "* d",
      "(assign (name a) (binary * (binary ^ (name b) (name c)) (name d)))" },
    { "if a { b }\n"
      "\n"
      "else { c }",
      "(if_ (name a) (block (list (name b))) (block (list (name c))))" },
    { "import a:\n"
      "    b,\n"
      "    c",
      "(import (path a (list)) () (list (name b) (name c)))" },
    { "x = [\n"
      "    1,\n"
      "\n"
      "    2\n"
      "]\n"
      "y",
      "(assign (name x) (listlit (list (int_ 1) (int_ 2))))\n"
      "(name y)" },
};

START_TEST(a_line_ends_a_statement_unless_it_goes_on)
{
    check_row(&lines[_i]);
}
END_TEST

static const struct { const char *text; bool incomplete; const char *outcome; } inputs[] = {
    { "x\n"
      "+ y",
      false, "2:1 E0101 expected a statement, found '+'" },
    { "x +",
      true, "1:4 E0101 expected an expression after '+', found the end of the input" },
    { "f(",
      true, "1:2 E0102 '(' is not closed" },
    { "fn f() {\n"
      "    a\n"
      "    + b",
      true, "1:8 E0102 '{' is not closed" },
    { "fn f() {\n"
      "    a\n"
      "}",
      false, "(fn f (list) () (list) () () (block (list (name a))))" },
    { "if a { b }\n"
      "else { c }",
      false, "2:1 E0101 expected a statement, found 'else'" },
    { "let x = 1",
      false, "(let (name x) () (int_ 1))" },
    { "[1,",
      true, "1:1 E0102 '[' is not closed" },
    { "let x =",
      true, "1:8 E0101 expected an expression after '=', found the end of the input" },
    { "f(fn(x) = {",
      false, "1:11 E0101 expected an expression after '=', found '{'" },
    { "x)",
      false, "1:2 E0102 ')' closes nothing" },
    { "\"abc",
      false, "1:1 E0002 the string is not closed on its line" },
    { "a b",
      false, "1:3 E0101 expected a new line after 'a', found 'b'" },
    { "",
      false, "" },
    { "# only a comment",
      false, "" },
    { "fn f(x)\n"
      "-> int = x",
      false, "1:8 E0101 expected '{' or '=' after ')', found the end of the line\n"
      "2:1 E0101 expected a statement, found '->'" },
};

START_TEST(the_repl_runs_a_complete_line_and_asks_for_the_rest)
{
    parse.repl = true;
    Row row = { inputs[_i].text, inputs[_i].outcome };
    check_row(&row);
    ck_assert_int_eq(parse.incomplete, inputs[_i].incomplete);
}
END_TEST

START_TEST(line_breaks_of_other_systems_and_a_byte_order_mark_do_not_matter)
{
    Tree *a = parse_text("\xef\xbb\xbflet x = 1\r\n\r\n## Doc \r\nfn f() = \"a\"\r\n"), *b = parse_text("let x = 1\n\n## Doc\nfn f() = \"a\"");
    ck_assert_int_eq(diags->errors, 0);
    ck_assert(tree_equal(a, b));
    ck_assert_str_eq(a->kids[0]->kids[1]->doc, "Doc");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("frontend: line rule");
    TCase *tc = tcase_create("line rule");
    tcase_add_checked_fixture(tc, parse_setup, test_teardown);
    tcase_add_loop_test(tc, a_line_ends_a_statement_unless_it_goes_on, 0, COUNT(lines));
    tcase_add_loop_test(tc, the_repl_runs_a_complete_line_and_asks_for_the_rest, 0, COUNT(inputs));
    tcase_add_test(tc, line_breaks_of_other_systems_and_a_byte_order_mark_do_not_matter);
    suite_add_tcase(s, tc);
    return test_main(s);
}
