/* frontend_parse.c - which tree each construct of the grammar gives, as it is printed. */
#include "frontend_parse_test.h"

static const Row expressions[] = {
    { "-a ^ -b",
      "(unary - (binary ^ (name a) (unary - (name b))))" },
    { "2 ^ 3 ^ 4",
      "(binary ^ (int_ 2) (binary ^ (int_ 3) (int_ 4)))" },
    { "-2 ^ 2",
      "(unary - (binary ^ (int_ 2) (int_ 2)))" },
    { "a - b - c",
      "(binary - (binary - (name a) (name b)) (name c))" },
    { "a * b / c // d % e @ f",
      "(binary @ (binary % (binary // (binary / (binary * (name a) (name b)) (name c)) (name d)) (name e)) (name f))" },
    { "a + b * c",
      "(binary + (name a) (binary * (name b) (name c)))" },
    { "-a * b",
      "(binary * (unary - (name a)) (name b))" },
    { "a < b <= c == d",
      "(chain < <= == (name a) (name b) (name c) (name d))" },
    { "(a < b) < c",
      "(chain < (chain < (name a) (name b)) (name c))" },
    { "a < (b < c)",
      "(chain < (name a) (chain < (name b) (name c)))" },
    { "not a and b or c",
      "(binary or (binary and (unary not (name a)) (name b)) (name c))" },
    { "not a < b",
      "(unary not (chain < (name a) (name b)))" },
    { "not not a",
      "(unary not (unary not (name a)))" },
    { "0..n - 1",
      "(binary .. (int_ 0) (binary - (name n) (int_ 1)))" },
    { "a or b .. c",
      "(binary .. (binary or (name a) (name b)) (name c))" },
    { "load(p) as Llama(32000, _).Inner",
      "1:27 E0101 expected a new line after ')', found '.'" },
    { "load(p) as A(1)[2, ..] as (B, fn(C) -> D)",
      "(as (as (call (name load) (list (arg (name p)))) (tbase (path A (list)) (list (arg (int_ 1))) (list (int_ 2) "
      "(rest)))) (ttuple (list (tbase (path B (list)) () ()) (tfn (list (tbase (path C (list)) () ())) (tbase (path D "
      "(list)) () ())))))" },
    { "x[i - 1] ?? 0",
      "(binary ?? (index (name x) (list (binary - (name i) (int_ 1)))) (int_ 0))" },
    { "x[i] ?? -1 ^ 2",
      "(binary ^ (binary ?? (index (name x) (list (name i))) (unary - (int_ 1))) (int_ 2))" },
    { "x[i] ?? y[j]",
      "(binary ?? (index (name x) (list (name i))) (index (name y) (list (name j))))" },
    { "a.b.c(d)[e].f",
      "(member f (index (call (member c (member b (name a))) (list (arg (name d)))) (list (name e))))" },
    { "f(a, n: b, var c)",
      "(call (name f) (list (arg (name a)) (arg n (name b)) (arg :var (name c))))" },
    { "x[a, .., b:c, :, ::2, 1:, :2, a:b:c]",
      "(index (name x) (list (name a) (rest) (slice (name b) (name c) ()) (slice () () ()) (slice () () (int_ 2)) "
      "(slice (int_ 1) () ()) (slice () (int_ 2) ()) (slice (name a) (name b) (name c))))" },
    { "sum[i: N, j: 0..3 | i < j](x[i, j])",
      "(bigop (name sum) (list (slice (name i) (name N) ()) (slice (name j) (binary .. (int_ 0) (int_ 3)) ())) (chain "
      "< (name i) (name j)) (list (arg (index (name x) (list (name i) (name j))))))" },
    { "sum[](x)",
      "(call (index (name sum) (list)) (list (arg (name x))))" },
    { "max[| c](x, y)",
      "(bigop (name max) (list) (name c) (list (arg (name x)) (arg (name y))))" },
    { "heads[H](x)",
      "(call (index (name heads) (list (name H))) (list (arg (name x))))" },
    { "x[]",
      "(index (name x) (list))" },
    { "()",
      "(tuple (list))" },
    { "(a)",
      "(name a)" },
    { "(a, b)",
      "(tuple (list (name a) (name b)))" },
    { "[]",
      "(listlit (list))" },
    { "[1, 2.5, \"s\\n\\u{e9}\"]",
      "(listlit (list (int_ 1) (float_ 2.5) (string \"s\\né\")))" },
    { "[f(x) for x in 0..n]",
      "(comp (call (name f) (list (arg (name x)))) (name x) (binary .. (int_ 0) (name n)))" },
    { "[a for (a, (b, c)) in zip(xs, ys)]",
      "(comp (name a) (ptuple (list (name a) (ptuple (list (name b) (name c))))) (call (name zip) (list (arg (name "
      "xs)) (arg (name ys)))))" },
    { "if a { b }",
      "(if_ (name a) (block (list (name b))) ())" },
    { "if a { b } else if c { d } else { e }",
      "(if_ (name a) (block (list (name b))) (if_ (name c) (block (list (name d))) (block (list (name e)))))" },
    { "(if a { b } else { c }) + if d { e } else { f }",
      "(binary + (if_ (name a) (block (list (name b))) (block (list (name c)))) (if_ (name d) (block (list (name e))) "
      "(block (list (name f)))))" },
    { "fn(x, y: f32 = 1) = x + y",
      "(fn (list) () (list (param x () ()) (param y (tbase (path f32 (list)) () ()) (int_ 1))) () () (binary + (name "
      "x) (name y)))" },
    { "fn() -> f32 { return 1 }",
      "(fn (list) () (list) (tbase (path f32 (list)) () ()) () (block (list (return_ (int_ 1)))))" },
    { "f(fn(x) = x, y)",
      "(call (name f) (list (arg (fn (list) () (list (param x () ())) () () (name x))) (arg (name y))))" },
    { "tree { 0 { 1 } 2 }",
      "(treelit (list (treeitem 0 (treelit (list (treeitem 1 ())))) (treeitem 2 ())))" },
    { "0xff",
      "(int_ 255)" },
    { "1_000_000",
      "(int_ 1000000)" },
    { "1e-3",
      "(float_ 0.001)" },
    { "1_0.2_5E+2",
      "(float_ 1025.0)" },
    { "9223372036854775807",
      "(int_ 9223372036854775807)" },
    { "0.1",
      "(float_ 0.1)" },
    { "123456789012345678901234567890.0",
      "(float_ 1.2345678901234568e+29)" },
    { "1e-400",
      "(float_ 0.0)" },
    { "a @ b.T",
      "(binary @ (name a) (member T (name b)))" },
    { "x.y ^ 2",
      "(binary ^ (member y (name x)) (int_ 2))" },
    { "{ }",
      "1:1 E0101 expected a statement, found '{'" },
};

START_TEST(expressions_bind_as_the_table_of_operators_says)
{
    check_row(&expressions[_i]);
}
END_TEST

static const Row items[] = {
    { "fn f() = 1",
      "(fn f (list) () (list) () () (int_ 1))" },
    { "export fn f[M: model, n = 3](x: f32[.., N], var c: Cache(N); k: int = 1, t = 0.5) -> (f32[N], int) where N > 0, k < 3 { x }",
      "(fn f :export (list) (list (param M (tbase (path model (list)) () ()) ()) (param n () (int_ 3))) (list (param "
      "x (tbase (path f32 (list)) () (list (rest) (name N))) ()) (param c :var (tbase (path Cache (list)) (list (arg "
      "(name N))) ()) ()) (param k :named (tbase (path int (list)) () ()) (int_ 1)) (param t :named () (float_ 0.5))) "
      "(ttuple (list (tbase (path f32 (list)) () (list (name N))) (tbase (path int (list)) () ()))) (list (chain > "
      "(name N) (int_ 0)) (chain < (name k) (int_ 3))) (block (list (name x))))" },
    { "@fast\n"
      "@precision(compute: bf16, 3) export fn f(x) = x",
      "(fn f :export (list (annot fast (list)) (annot precision (list (arg compute (name bf16)) (arg (int_ 3))))) () "
      "(list (param x () ())) () () (name x))" },
    { "extern \"m\" fn hypot(x: f64, y: f64) -> f64",
      "(extern_fn hypot \"m\" (list (param x (tbase (path f64 (list)) () ()) ()) (param y (tbase (path f64 (list)) () "
      "()) ())) (tbase (path f64 (list)) () ()))" },
    { "extern \"m\" fn quit(code: i32)",
      "(extern_fn quit \"m\" (list (param code (tbase (path i32 (list)) () ()) ())) ())" },
    { "op softmax[j](x: float) -> float[j] { x }",
      "(op softmax (list) (name j) (list (param x (tbase (path float (list)) () ()) ())) (tbase (path float (list)) "
      "() (list (name j))) () (block (list (name x))))" },
    { "op first[j](x: float; k = 1) -> float else -inf = x",
      "(op first (list) (name j) (list (param x (tbase (path float (list)) () ()) ()) (param k :named () (int_ 1))) "
      "(tbase (path float (list)) () ()) (unary - (name inf)) (name x))" },
    { "model Linear(In, Out; scale = 1) where In > 0 {\n"
      "    param weight: f32[Out, In] ~ normal(0, scale)\n"
      "    param bias: f32[Out] = 0\n"
      "    frozen table: Nf4(Out, In)\n"
      "    input mask: f32[T] = 1\n"
      "    part = Linear(In, Out)\n"
      "    field: int\n"
      "    other: [f32; 3] = 2\n"
      "    fn call(x) = x\n"
      "    @fast fn g() = 1\n"
      "}",
      "(model Linear (list) (list (param In () ()) (param Out () ()) (param scale :named () (int_ 1))) (list (chain > "
      "(name In) (int_ 0))) (list (mparam weight :draw (tbase (path f32 (list)) () (list (name Out) (name In))) (call "
      "(name normal) (list (arg (int_ 0)) (arg (name scale))))) (mparam bias (tbase (path f32 (list)) () (list (name "
      "Out))) (int_ 0)) (minput table \"frozen\" (tbase (path Nf4 (list)) (list (arg (name Out)) (arg (name In))) ()) "
      "()) (minput mask \"input\" (tbase (path f32 (list)) () (list (name T))) (int_ 1)) (mpart part (call (name "
      "Linear) (list (arg (name In)) (arg (name Out))))) (mfield field (tbase (path int (list)) () ()) ()) (mfield "
      "other (tlist (tbase (path f32 (list)) () ()) (int_ 3)) (int_ 2)) (fn call (list) () (list (param x () ())) () "
      "() (name x)) (fn g (list (annot fast (list))) () (list) () () (int_ 1))))" },
    { "struct S { }",
      "(struct_ S (list) () () (list))" },
    { "struct S { a: int; b: int = 2 }",
      "(struct_ S (list) () () (list (mfield a (tbase (path int (list)) () ()) ()) (mfield b (tbase (path int (list)) "
      "() ()) (int_ 2))))" },
    { "model M\n"
      "{\n"
      "}",
      "2:1 E0101 a line cannot begin with '{'" },
    { "adapter Lora(rank) for std.nn.Linear(In, Out) where rank > 0 { param a: f32 = 0 }",
      "(adapter Lora (list) (list (param rank () ())) (path std (list (name nn) (name Linear))) (list (name In) (name "
      "Out)) (list (chain > (name rank) (int_ 0))) (list (mparam a (tbase (path f32 (list)) () ()) (int_ 0))))" },
    { "adapter Scale for Linear { }",
      "(adapter Scale (list) () (path Linear (list)) () () (list))" },
    { "tree t = { 0 { 0 1 }\n"
      "  1 {\n"
      "    0\n"
      "    2 { }\n"
      "  }\n"
      "}",
      "(tree t (list) (treelit (list (treeitem 0 (treelit (list (treeitem 0 ()) (treeitem 1 ())))) (treeitem 1 "
      "(treelit (list (treeitem 0 ()) (treeitem 2 (treelit (list)))))))))" },
    { "import std.nn",
      "(import (path std (list (name nn))) () ())" },
    { "import std.nn as n",
      "(import (path std (list (name nn))) (name n) ())" },
    { "import std.nn: Linear,\n"
      "    Dense",
      "(import (path std (list (name nn))) () (list (name Linear) (name Dense)))" },
    { "fn f(x: f32[], y: tree, z: model, g: fn, h: fn(int, [f32; N]) -> fn() -> int, t: (int), u: (), v: a.b(c: 1)[2]) = x",
      "(fn f (list) () (list (param x (tbase (path f32 (list)) () (list)) ()) (param y (tbase (path tree (list)) () "
      "()) ()) (param z (tbase (path model (list)) () ()) ()) (param g (tfn () ()) ()) (param h (tfn (list (tbase "
      "(path int (list)) () ()) (tlist (tbase (path f32 (list)) () ()) (name N))) (tfn (list) (tbase (path int "
      "(list)) () ()))) ()) (param t (tbase (path int (list)) () ()) ()) (param u (ttuple (list)) ()) (param v (tbase "
      "(path a (list (name b))) (list (arg c (int_ 1))) (list (int_ 2))) ())) () () (name x))" },
    { "let x = 1",
      "(let (name x) () (int_ 1))" },
    { "var (a, (b, c)) = t",
      "(let :var (ptuple (list (name a) (ptuple (list (name b) (name c))))) () (name t))" },
    { "let x: f32[3] = y",
      "(let (name x) (tbase (path f32 (list)) () (list (int_ 3))) (name y))" },
    { "let x ~ normal(0, 1, key: k)",
      "(draw x (call (name normal) (list (arg (int_ 0)) (arg (int_ 1)) (arg key (name k)))))" },
    { "let y[b: B, t] = x[b, t]",
      "(let_index y (list (slice (name b) (name B) ()) (name t)) () (index (name x) (list (name b) (name t))))" },
    { "var y[i]: f32 = 0",
      "(let_index y :var (list (name i)) (tbase (path f32 (list)) () ()) (int_ 0))" },
    { "let eps[b, 0..3] ~ normal(0, 1)",
      "(let_index eps :draw (list (name b) (binary .. (int_ 0) (int_ 3))) () (call (name normal) (list (arg (int_ 0)) "
      "(arg (int_ 1)))))" },
    { "rec h[t] = a[t] * (h[t - 1] ?? 0)",
      "(rec (list (equation h (list (name t)) (binary * (index (name a) (list (name t))) (binary ?? (index (name h) "
      "(list (binary - (name t) (int_ 1)))) (int_ 0))))))" },
    { "rec {\n"
      "    a[t] = b[t - 1] ?? 0\n"
      "\n"
      "    b[t, ..] = a[t]\n"
      "}",
      "(rec (list (equation a (list (name t)) (binary ?? (index (name b) (list (binary - (name t) (int_ 1)))) (int_ "
      "0))) (equation b (list (name t) (rest)) (index (name a) (list (name t))))))" },
    { "while a < b { continue }",
      "(while_ (chain < (name a) (name b)) (block (list (continue_))))" },
    { "for (i, x) in zip(a, b) { break }",
      "(for_ (ptuple (list (name i) (name x))) (call (name zip) (list (arg (name a)) (arg (name b)))) (block (list "
      "(break_))))" },
    { "fn f() { return }",
      "(fn f (list) () (list) () () (block (list (return_ ()))))" },
    { "fn f() { return 1; }",
      "(fn f (list) () (list) () () (block (list (return_ (int_ 1)))))" },
    { "a = 1",
      "(assign (name a) (int_ 1))" },
    { "a.b[c].d += 1",
      "(assign += (member d (index (member b (name a)) (list (name c)))) (int_ 1))" },
    { "(a, b.c) = f(x)",
      "(assign (tuple (list (name a) (member c (name b)))) (call (name f) (list (arg (name x)))))" },
    { "a -= 1; b *= 2; c /= 3",
      "(assign -= (name a) (int_ 1))\n"
      "(assign *= (name b) (int_ 2))\n"
      "(assign /= (name c) (int_ 3))" },
    { "fn f() {\n"
      "    fn g() = 1\n"
      "    g()\n"
      "}",
      "(fn f (list) () (list) () () (block (list (fn g (list) () (list) () () (int_ 1)) (call (name g) (list)))))" },
};

START_TEST(declarations_and_statements_become_nodes)
{
    check_row(&items[_i]);
}
END_TEST

START_TEST(documentation_goes_to_the_declaration_behind_it)
{
    Tree *file = parse_text("## The file.\n"
                            "##   Two lines.\n"
                            "\n"
                            "## Doubles.\n"
                            "# not this\n"
                            "##\n"
                            "## Really.\n"
                            "@fast\n"
                            "export fn f(x) = 2 * x   ## nor this\n"
                            "fn g() = 1\n"
                            "## lost: a blank line follows\n"
                            "\n"
                            "model M {\n"
                            "    ## A part.\n"
                            "    a = 1\n"
                            "    ## A field.\n"
                            "    b: int\n"
                            "    ## A call.\n"
                            "    @fast fn call(x) = x\n"
                            "    ## dangling\n"
                            "}\n"
                            "@fast\n"
                            "## Behind the annotation.\n"
                            "fn h() = 1\n"
                            "## at the end");
    ck_assert_int_eq(diags->errors, 0);
    Tree **items = file->kids[0]->kids, **members = items[2]->kids[3]->kids;
    ck_assert_str_eq(file->doc, "The file.\n  Two lines.");
    ck_assert_str_eq(items[0]->doc, "Doubles.\n\nReally.");
    ck_assert_ptr_null(items[1]->doc);
    ck_assert_ptr_null(items[2]->doc);
    ck_assert_str_eq(members[0]->doc, "A part.");
    ck_assert_str_eq(members[1]->doc, "A field.");
    ck_assert_str_eq(members[2]->doc, "A call.");
    ck_assert_str_eq(items[3]->doc, "Behind the annotation.");
}
END_TEST

static void check_spans(const Tree *t, Span in)
{
    ck_assert_uint_eq(t->span.file, 1);
    ck_assert_msg(t->span.lo <= t->span.hi && t->span.lo >= in.lo && t->span.hi <= in.hi, "%s [%u, %u) in [%u, %u)",
                  tree_kind_name((TreeKind)t->kind), t->span.lo, t->span.hi, in.lo, in.hi);
    for (int i = 0; i < t->nkids; i++)
        if (t->kids[i])
            check_spans(t->kids[i], t->span);
}

START_TEST(spans_lie_inside_one_another)
{
    const char *text = "@fast\nexport fn f[a](x: f32[1, ..], var c: C(n: 1); k = 1) -> (A, fn(B) -> C) where a, b { (x + 1) * 2; }\n"
                       "model M(V) { param w: f32 ~ u(1); n = if a { b } else if c { d }; @a fn g() = y[1:, ..](2)[i | j](k) }\n"
                       "let y[i] = [x for (a, b) in z] ; rec { h[t] = h[t - 1] ?? -2 }\n(a, b[1]) = a < b < c as T; tree t = { 0 { } }\n";
    Tree *file = parse_text(text);
    ck_assert_int_eq(diags->errors, 0);
    check_spans(file, (Span){ 1, 0, (uint32_t)strlen(text) });
    const Tree *f = file->kids[0]->kids[0];
    ck_assert_uint_eq(f->span.lo, 0);
    ck_assert_int_eq(text[f->span.hi - 1], '}');
}
END_TEST

START_TEST(flags_and_values_are_kept)
{
    Tree *file = parse_text("let x = \"a\\u{0}b\"\nfn f(a; b = 1, var c: T) = 0x10\nlet y = 1e22");
    const Tree *string = file->kids[0]->kids[0]->kids[2], *f = file->kids[0]->kids[1];
    ck_assert_uint_eq(string->text_len, 3);
    ck_assert_mem_eq(string->text, "a\0b", 4);
    const Tree *params = f->kids[2];
    ck_assert_int_eq(params->kids[0]->flags, 0);
    ck_assert_int_eq(params->kids[1]->flags, TF_NAMED);
    ck_assert_int_eq(params->kids[2]->flags, TF_NAMED | TF_VAR);
    ck_assert_int_eq(f->kids[5]->ival, 16);
    ck_assert(file->kids[0]->kids[2]->kids[2]->fval == 1e22);
    ck_assert_ptr_eq(params->kids[0]->name, name_of(parse.names, "a"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("frontend: grammar");
    TCase *tc = tcase_create("grammar");
    tcase_add_checked_fixture(tc, parse_setup, test_teardown);
    tcase_add_loop_test(tc, expressions_bind_as_the_table_of_operators_says, 0, COUNT(expressions));
    tcase_add_loop_test(tc, declarations_and_statements_become_nodes, 0, COUNT(items));
    tcase_add_test(tc, documentation_goes_to_the_declaration_behind_it);
    tcase_add_test(tc, spans_lie_inside_one_another);
    tcase_add_test(tc, flags_and_values_are_kept);
    suite_add_tcase(s, tc);
    return test_main(s);
}
