/* frontend_parse_errors.c - each mistake gives one error at its place, in words, and what stands around it is still read. */
#include "frontend_parse_test.h"

static const Row mistakes[] = {
    { "let x = 1 +",
      "1:12 E0101 expected an expression after '+', found the end of the file" },
    { "let x = 1 +\n"
      "let y = )\n"
      "let z = 3",
      "1:12 E0101 expected an expression after '+', found the end of the line\n"
      "2:9 E0102 ')' closes nothing" },
    { "let x = (1 + 2\n"
      "let y = 3",
      "1:9 E0102 '(' is not closed" },
    { "f(a b)",
      "1:5 E0101 expected ',' or ')' after 'a', found 'b'" },
    { "x = [1, 2\n"
      "fn f() = 1",
      "1:5 E0102 '[' is not closed" },
    { "f((a, b)\n"
      "var y = 1",
      "1:2 E0102 '(' is not closed" },
    { "f(a\n"
      "  b)",
      "2:3 E0101 expected ',' or ')' after 'a', found 'b'" },
    { "f([a)]",
      "1:3 E0102 '[' is not closed" },
    { "f(a]",
      "1:4 E0102 '(' is closed by ']'" },
    { "f(a])",
      "1:4 E0102 ']' closes nothing" },
    { "a)\n"
      "b]\n"
      "}",
      "1:2 E0102 ')' closes nothing\n"
      "2:2 E0102 ']' closes nothing" },
    { "fn f() {\n"
      "    g(a\n"
      "}\n"
      "fn h() {\n"
      "    let = 1\n"
      "}",
      "2:6 E0102 '(' is not closed\n"
      "5:9 E0101 expected a name after 'let', found '='" },
    { "fn f() {\n"
      "    if a { b\n"
      "    c\n"
      "}",
      "1:8 E0102 '{' is not closed" },
    { "fn f() {\n"
      "    let x = 1\n"
      "    let y 2\n"
      "    let z = = 3\n"
      "    w\n"
      "}\n"
      "let q = * 2",
      "3:11 E0101 expected '=' after 'y', found '2'\n"
      "4:13 E0101 expected an expression after '=', found '='\n"
      "7:9 E0101 expected an expression after '=', found '*'" },
    { "model M\n"
      "{\n"
      "    a: int\n"
      "}",
      "2:1 E0101 a line cannot begin with '{'" },
    { "let x\n"
      "= 1",
      "2:1 E0101 a line cannot begin with '='" },
    { "model M {\n"
      "    let x = 1\n"
      "    param y = 2\n"
      "    z: int w: int\n"
      "    foo bar: int\n"
      "    fn call(x) { 1 + }\n"
      "    input mask f32\n"
      "    ok: int\n"
      "}",
      "2:5 E0101 expected a member or '}' after '{', found 'let'\n"
      "3:13 E0101 expected ':' after 'y', found '='\n"
      "4:12 E0101 expected a new line or '}' after 'int', found 'w'\n"
      "5:5 E0104 a member cannot begin with 'foo'\n"
      "6:22 E0101 expected an expression after '+', found '}'\n"
      "7:16 E0101 expected ':' after 'mask', found 'f32'" },
    { "struct S { a: }\n"
      "struct T { : int }",
      "1:15 E0101 expected a type after ':', found '}'\n"
      "2:12 E0101 expected a member or '}' after '{', found ':'" },
    { "fn f(x: ) { let y = }\n"
      "let z = 1 1",
      "1:9 E0101 expected a type after ':', found ')'\n"
      "2:11 E0101 expected a new line after '1', found '1'" },
    { "fn f(x y) = 1",
      "1:8 E0101 expected ',', ')' or ';' after 'x', found 'y'" },
    { "fn (x) = 1",
      "(fn (list) () (list (param x () ())) () () (int_ 1))" },
    { "fn f(x) + 1",
      "1:9 E0101 expected '{' or '=' after ')', found '+'" },
    { "op f(x) -> float = x",
      "1:5 E0101 expected '[' after 'f', found '('" },
    { "op f[i](x) = x",
      "1:12 E0101 expected '->' after ')', found '='" },
    { "extern fn f()",
      "1:8 E0101 expected a string after 'extern', found 'fn'" },
    { "extern \"m\" fn f() = 1",
      "1:19 E0101 expected a new line after ')', found '='" },
    { "import a.",
      "1:10 E0101 expected a name after '.', found the end of the file" },
    { "@fast let x = 1",
      "1:7 E0101 expected a declaration after 'fast', found 'let'" },
    { "@fast",
      "1:6 E0101 expected a declaration after 'fast', found the end of the file" },
    { "@fast import a",
      "1:1 E0404 an annotation cannot stand before 'import'" },
    { "@fast extern \"m\" fn f()",
      "1:1 E0404 an annotation cannot stand before 'extern'" },
    { "1 = 2",
      "1:1 E0103 cannot assign to a number" },
    { "f(x) = 1",
      "1:1 E0103 cannot assign to a call" },
    { "(a, 1) = b",
      "1:5 E0103 cannot assign to a number" },
    { "(a, b) += c",
      "1:1 E0103 cannot assign to a tuple here" },
    { "a + b = c",
      "1:1 E0103 cannot assign to the value of an expression" },
    { "-a = 1",
      "1:1 E0103 cannot assign to the value of an expression" },
    { "f(x).y = 1",
      "1:1 E0103 cannot assign to a call" },
    { "a == b = 1",
      "1:1 E0103 cannot assign to a comparison" },
    { "if x = 1 { y }",
      "1:6 E0101 expected '{' after 'x', found '='" },
    { "f(x = 1)",
      "1:5 E0101 expected ',' or ')' after 'x', found '='" },
    { "if x { y } else z",
      "1:17 E0101 expected 'if' or '{' after 'else', found 'z'" },
    { "if { y }",
      "1:4 E0101 expected an expression after 'if', found '{'" },
    { "while { y }",
      "1:7 E0101 expected an expression after 'while', found '{'" },
    { "for in x { y }",
      "1:5 E0101 expected a name after 'for', found 'in'" },
    { "for a.b in x { y }",
      "1:6 E0101 expected 'in' after 'a', found '.'" },
    { "for x { y }",
      "1:7 E0101 expected 'in' after 'x', found '{'" },
    { "let model = 1",
      "1:5 E0101 expected a name after 'let', found 'model'" },
    { "let 1 = x",
      "1:5 E0101 expected a name after 'let', found '1'" },
    { "let x: = 1",
      "1:8 E0101 expected a type after ':', found '='" },
    { "a && b || c",
      "1:3 E0001 '&&' is not an operator\n"
      "1:8 E0001 '||' is not an operator" },
    { "!a",
      "1:1 E0001 '!' is not an operator" },
    { "x ** 2",
      "1:3 E0001 '**' is not an operator" },
    { "'abc'",
      "1:1 E0001 a string stands between double quotes" },
    { "a $ b",
      "1:3 E0001 no token begins with the character '$'" },
    { "a ≤ b",
      "1:3 E0001 no token begins with the character '≤' (U+2264)" },
    { "\"abc",
      "1:1 E0002 the string is not closed on its line" },
    { "\"a\\qb\"",
      "1:3 E0002 there is no such escape in a string" },
    { "\"\\u{110000} \\u{} \\u{d800} \\u41\"",
      "1:2 E0002 an escape for a character is written \\u{hex}, at most 10ffff\n"
      "1:13 E0002 an escape for a character is written \\u{hex}, at most 10ffff\n"
      "1:18 E0002 an escape for a character is written \\u{hex}, at most 10ffff\n"
      "1:27 E0002 an escape for a character is written \\u{hex}, at most 10ffff" },
    { "12abc",
      "1:1 E0002 the number '12abc' is malformed" },
    { "0x",
      "1:1 E0002 the number '0x' is malformed" },
    { "1__0",
      "1:1 E0002 the number '1__0' is malformed" },
    { "1e",
      "1:1 E0002 the number '1e' is malformed" },
    { "1.5.2",
      "1:1 E0002 the number '1.5.2' is malformed" },
    { "1.",
      "1:3 E0101 expected a name after '.', found the end of the file" },
    { ".5",
      "1:1 E0002 the number '.5' is malformed" },
    { "1e999",
      "1:1 E0002 the number is too large: at most 1.7976931348623157e308" },
    { "18446744073709551616",
      "1:1 E0002 the number does not fit 64 bits: at most 18446744073709551615" },
    { "0x1_0000_0000_0000_0000",
      "1:1 E0002 the number does not fit 64 bits: at most 18446744073709551615" },
    { "x[1, 2",
      "1:2 E0102 '[' is not closed" },
    { "x[a | b]",
      "1:9 E0101 expected '(' after ']', found the end of the file" },
    { "x[a | b](c",
      "1:9 E0102 '(' is not closed" },
    { "x[a:b:c:d]",
      "1:8 E0101 expected ',', ']' or '|' after 'c', found ':'" },
    { "let y[i = x",
      "1:9 E0101 expected ',' or ']' after 'i', found '='" },
    { "rec h = 1",
      "1:7 E0101 expected '[' after 'h', found '='" },
    { "rec {\n"
      "    a[t] = )\n"
      "    b[t] = 1 +\n"
      "    c t = 1\n"
      "}\n"
      "let x = ]",
      "2:12 E0102 ')' closes nothing\n"
      "4:7 E0101 expected a new line or '}' after 'c', found 't'\n"
      "6:9 E0102 ']' closes nothing" },
    { "tree t = { a }",
      "1:12 E0101 expected a whole number, a new line or '}' after '{', found 'a'" },
    { "tree t = { 0 { 1.5 } }\n"
      "let x = = 1",
      "1:16 E0101 expected a whole number, a new line or '}' after '{', found '1.5'\n"
      "2:9 E0101 expected an expression after '=', found '='" },
    { "tree t = 0",
      "1:10 E0101 expected '{' after '=', found '0'" },
    { "a as",
      "1:5 E0101 expected a type after 'as', found the end of the file" },
    { "a as 3",
      "1:6 E0101 expected a type after 'as', found '3'" },
    { "a .. b .. c",
      "1:8 E0101 expected a new line after 'b', found '..'" },
    { "a ?? b ?? c",
      "1:8 E0101 expected a new line after 'b', found '?\?'" },
    { "x: int",
      "1:2 E0101 expected a new line after 'x', found ':'" },
    { "break 1",
      "1:7 E0101 expected a new line after 'break', found '1'" },
    { "fn f() { }}",
      "1:11 E0102 '}' closes nothing" },
    { "fn f() { ( }",
      "1:10 E0102 '(' is not closed" },
    { "{ a }",
      "1:1 E0101 expected a statement, found '{'" },
    { "a b c d\n"
      "e f\n"
      "g; h i; j",
      "1:3 E0101 expected a new line after 'a', found 'b'\n"
      "2:3 E0101 expected a new line after 'e', found 'f'\n"
      "3:6 E0101 expected a new line after 'h', found 'i'" },
    { "adapter A { }",
      "1:11 E0101 expected 'for' after 'A', found '{'" },
    { "adapter A for { }",
      "1:15 E0101 expected a name after 'for', found '{'" },
    { "let x = if a { b } c",
      "1:20 E0101 expected a new line after '}', found 'c'" },
    { "x = fn",
      "1:7 E0101 expected '(' after 'fn', found the end of the file" },
    { "let x = 1, 2",
      "1:10 E0101 expected a new line after '1', found ','" },
    { "return return",
      "1:8 E0101 expected a new line after 'return', found 'return'" },
    { "else { a }",
      "1:1 E0101 expected a statement, found 'else'" },
    { "a : b",
      "1:3 E0101 expected a new line after 'a', found ':'" },
    { "f(var)",
      "1:6 E0101 expected an expression after 'var', found ')'" },
    { "f(a:)",
      "1:5 E0101 expected an expression after ':', found ')'" },
    { "[x for]",
      "1:7 E0101 expected a name after 'for', found ']'" },
    { "[x for y in]",
      "1:12 E0101 expected an expression after 'in', found ']'" },
    { "fn f[M](x) where = x",
      "1:18 E0101 expected an expression after 'where', found '='" },
    { "a\n"
      ", b",
      "2:1 E0101 a line cannot begin with ','" },
};

START_TEST(a_mistake_is_reported_once)
{
    check_row(&mistakes[_i]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("frontend: syntax errors");
    TCase *tc = tcase_create("syntax errors");
    tcase_add_checked_fixture(tc, parse_setup, test_teardown);
    tcase_add_loop_test(tc, a_mistake_is_reported_once, 0, COUNT(mistakes));
    suite_add_tcase(s, tc);
    return test_main(s);
}
