/* base_diag.c - places, diagnostics as data, as text and as JSON, suggestions. */
#include "base_test.h"

#include "base/base_int.h"

static Sources *sources;
static Diags *diags;

static void setup(void)
{
    test_setup();
    sources = sources_new(arena);
    diags = diags_new(arena, sources);
}

static Span find(uint32_t file, const char *word)
{
    const char *text = sources->files.p[file - 1]->text, *at = strstr(text, word);
    ck_assert_ptr_nonnull(at);
    uint32_t lo = (uint32_t)(at - text);
    return (Span){ file, lo, lo + (uint32_t)strlen(word) };
}

static const char *rendered(bool colour)
{
    Buf b = buf_new(arena);
    diags_render(diags, &b, colour);
    return buf_text(&b);
}

static void add(const char *name, const char *text)
{
    source_add(sources, name, text, strlen(text));
}

/* ---- places ---- */

static const struct { const char *text; uint32_t byte; int line, column; } places[] = {
    { "", 0, 1, 1 },
    { "a", 1, 1, 2 },
    { "a\nb", 1, 1, 2 },
    { "a\nb", 2, 2, 1 },
    { "a\n", 2, 2, 1 },
    { "a\r\nbc", 4, 2, 2 },
    { "\n\n\n", 2, 3, 1 },
    { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80x", 9, 1, 4 }, /* columns count code points */
    { "\tx", 1, 1, 2 },
    { "abc", 99, 1, 4 }, /* behind the end: the end */
};

START_TEST(places_count_lines_and_code_points)
{
    add("f.ml", places[_i].text);
    Place p = span_place(sources, (Span){ 1, places[_i].byte, places[_i].byte });
    ck_assert_str_eq(p.file, "f.ml");
    ck_assert_int_eq(p.line, places[_i].line);
    ck_assert_int_eq(p.column, places[_i].column);
}
END_TEST

START_TEST(spans_join_within_a_file)
{
    Span a = { 1, 4, 6 }, b = { 1, 9, 12 }, none = { 0, 0, 0 }, other = { 2, 0, 50 };
    Span ab = span_join(b, a);
    ck_assert(ab.file == 1 && ab.lo == 4 && ab.hi == 12);
    ck_assert_uint_eq(span_join(none, a).lo, 4);
    ck_assert_uint_eq(span_join(a, none).hi, 6);
    ck_assert_uint_eq(span_join(a, other).hi, 6);
    ck_assert_int_eq(span_place(sources, none).line, 0);
}
END_TEST

/* ---- collecting ---- */

START_TEST(the_same_error_is_kept_once_with_its_notes)
{
    add("f.ml", "abc");
    for (int i = 0; i < 2; i++) {
        diag_error(diags, E0201, find(1, "b"), "first %d", i);
        diag_note(diags, find(1, "c"), "note %d", i);
    }
    diag_error(diags, E0202, find(1, "b"), "another code");
    ck_assert_int_eq(diags->list.n, 2);
    ck_assert_int_eq(diags->errors, 2);
    ck_assert_int_eq(diags->list.p[0]->parts.n, 1);
    ck_assert_str_eq(diags->list.p[0]->text, "first 0");
}
END_TEST

START_TEST(errors_over_the_limit_are_counted)
{
    add("f.ml", "abcdefgh");
    diags->limit = 3;
    for (uint32_t i = 0; i < 8; i++) {
        diag_error(diags, E0101, (Span){ 1, i, i + 1 }, "e");
        diag_help(diags, "of %u", i);
    }
    ck_assert_int_eq(diags->list.n, 3);
    ck_assert_int_eq(diags->errors, 8);
    ck_assert_int_eq(diags->list.p[2]->parts.n, 1);
    ck_assert_ptr_nonnull(strstr(rendered(false), "5 more errors are not shown\n"));
}
END_TEST

START_TEST(warnings_can_be_errors)
{
    add("f.ml", "ab");
    diag_warning(diags, W0001, find(1, "a"), "w");
    diags->werror = true;
    diag_warning(diags, W0001, find(1, "b"), "w");
    ck_assert_int_eq(diags->warnings, 1);
    ck_assert_int_eq(diags->errors, 1);
    ck_assert_int_eq(diags->list.p[1]->severity, SEV_error);
}
END_TEST

START_TEST(sorting_goes_by_file_and_place_and_keeps_order)
{
    add("f.ml", "abcd");
    add("g.ml", "abcd");
    diag_error(diags, E0101, find(2, "a"), "5");
    diag_error(diags, E0101, find(1, "c"), "3");
    diag_error(diags, E0102, find(1, "cd"), "4");
    diag_error(diags, E0101, find(1, "a"), "2");
    diag_error(diags, E0601, (Span){ 0, 0, 0 }, "1");
    diags_sort(diags);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(diags->list.p[i]->text[0], '1' + i);
}
END_TEST

START_TEST(codes_have_names_and_titles)
{
    for (int c = 1; c < DIAG_count; c++) {
        ck_assert_int_eq(diag_code_find(diag_code_name((DiagCode)c)), c);
        ck_assert_uint_gt(strlen(diag_code_title((DiagCode)c)), 0);
    }
    ck_assert_str_eq(diag_code_name(E0302), "E0302");
    ck_assert_int_eq(diag_code_find("E9999"), DIAG_none);
}
END_TEST

/* ---- showing ---- */

START_TEST(text_shows_excerpts_notes_and_helps)
{
    add("mlp.ml", "fn mlp(x: f32[8, 784], w: f32[512, 10]) {\n    let h = x @ w\n}\n");
    diag_error(diags, E0203, find(1, "x @ w"), "cannot multiply %s", "them");
    diag_note(diags, find(1, "w: f32[512, 10]"), "'w' gets its shape here");
    diag_note(diags, (Span){ 0, 0, 0 }, "one\ntwo");
    diag_help(diags, "did you mean w.T?");
    diag_error(diags, E0601, (Span){ 0, 0, 0 }, "cannot read 'x'");
    ck_assert_str_eq(rendered(false), "mlp.ml:2:13: error[E0203]: cannot multiply them\n"
                                      "    2 |     let h = x @ w\n"
                                      "      |             ^^^^^\n"
                                      "mlp.ml:1:24: note: 'w' gets its shape here\n"
                                      "    1 | fn mlp(x: f32[8, 784], w: f32[512, 10]) {\n"
                                      "      |                        ^^^^^^^^^^^^^^^\n"
                                      "      | one\n"
                                      "      | two\n"
                                      "help: did you mean w.T?\n"
                                      "error[E0601]: cannot read 'x'\n");
}
END_TEST

static const struct { const char *text; uint32_t lo, hi; const char *excerpt; } excerpts[] = {
    { "a\xc3\xa4\xc3\xa4 b", 6, 7, "    1 | a\xc3\xa4\xc3\xa4 b\n      |     ^\n" },
    { "\tx\ty", 1, 4, "    1 |  x y\n      |  ^^^\n" },
    { "ab\ncd", 1, 5, "    1 | ab\n      |  ^\n" },           /* the first line of the span only */
    { "ab\r\ncd", 2, 2, "    1 | ab\n      |   ^\n" },         /* nothing: the place where something is missing */
    { "ab\n", 3, 3, "    2 | \n      | ^\n" },
    { "a\xff\x1b[1mb", 6, 7, "    1 | a??[1mb\n      |       ^\n" }, /* neither bytes nor escapes reach a terminal */
    { "\xe2\x80\xae" "ab", 3, 4, "    1 | ?ab\n      |  ^\n" },
};

START_TEST(excerpts_are_one_clean_line)
{
    add("f.ml", excerpts[_i].text);
    diag_error(diags, E0101, (Span){ 1, excerpts[_i].lo, excerpts[_i].hi }, "e");
    const char *text = rendered(false);
    ck_assert_str_eq(strchr(text, '\n') + 1, excerpts[_i].excerpt);
}
END_TEST

START_TEST(a_long_line_is_shown_around_the_place)
{
    char *line = arena_array(arena, 1, 1000001);
    memset(line, 'a', 1000000);
    line[700000] = 'b';
    add("f.ml", line);
    diag_error(diags, E0101, (Span){ 1, 700000, 1000000 }, "e");
    const char *text = rendered(false);
    ck_assert_uint_lt(strlen(text), 600);
    const char *shown = strchr(text, '\n') + 1, *carets = strchr(shown, '\n') + 1;
    ck_assert_int_eq(strchr(carets, '^') - carets, strchr(shown, 'b') - shown);
}
END_TEST

START_TEST(colour_only_when_asked)
{
    add("f.ml", "ab");
    diag_error(diags, E0101, find(1, "a"), "e");
    ck_assert_ptr_null(strchr(rendered(false), '\033'));
    ck_assert_ptr_nonnull(strstr(rendered(true), "\033[1;31merror[E0101]:\033[0m e"));
}
END_TEST

START_TEST(json_is_escaped_and_complete)
{
    Buf b = buf_new(arena);
    diags_render_json(diags, &b);
    ck_assert_str_eq(buf_text(&b), "");
    add("f\".ml", "ab\ncd");
    diag_warning(diags, W0002, (Span){ 1, 1, 4 }, "say \"\\\" \x01 \n \xff");
    diag_help(diags, "h");
    diag_note(diags, (Span){ 1, 0, 1 }, "n");
    diag_note(diags, (Span){ 0 }, "no place");
    b.n = 0;
    diags_render_json(diags, &b);
    ck_assert_str_eq(buf_text(&b),
                     "{\"code\": \"W0002\", \"severity\": \"warning\", \"file\": \"f\\\".ml\", \"line\": 1, \"column\": 2, "
                     "\"end\": {\"line\": 2, \"column\": 2}, \"message\": \"say \\\"\\\\\\\" \\u0001 \\n \xef\xbf\xbd\", "
                     "\"notes\": [{\"file\": \"f\\\".ml\", \"line\": 1, \"column\": 1, \"end\": {\"line\": 1, \"column\": 2}, "
                     "\"message\": \"n\"}, {\"file\": null, \"message\": \"no place\"}], \"help\": [\"h\"]}\n");
}
END_TEST

/* ---- suggestions ---- */

static const struct { const char *word, *names[4], *nearest; } nearest[] = {
    { "heigth", { "height", "width" }, "height" },          /* neighbours swapped */
    { "hight", { "height", "width" }, "height" },           /* one missing */
    { "softmaxx", { "softmax", "softmin" }, "softmax" },
    { "softmox", { "softmax", "softmix" }, NULL },          /* two are equally near */
    { "softmox", { "softmax", "softmix", "softmox2" }, NULL },
    { "sotfmox", { "softmax", "softmox" }, "softmox" },     /* a nearer one settles it */
    { "x", { "y" }, "y" },
    { "x", { "yz" }, NULL },
    { "abc", { "abd", "abd" }, "abd" },                     /* the same name twice is one */
    { "abc", { "abc" }, NULL },                             /* the word itself is no help */
    { "layers", { "players2", "lyrs" }, NULL },             /* both two away */
    { "attention", { "attnetoin", "x" }, "attnetoin" },
    { "q", { "query" }, NULL },
    { "abc", { "" }, NULL },
};

START_TEST(suggestions_are_near_and_unique)
{
    int n = 0;
    while (n < 4 && nearest[_i].names[n])
        n++;
    const char *got = nearest_name(nearest[_i].word, nearest[_i].names, n);
    ck_assert_msg((got && nearest[_i].nearest && strcmp(got, nearest[_i].nearest) == 0) || got == nearest[_i].nearest,
                  "%s: %s", nearest[_i].word, got ? got : "none");
}
END_TEST

static const struct { const char *bytes; size_t n; int length; uint32_t code; } utf8[] = {
    { "a", 1, 1, 'a' }, { "\xc3\xa4", 2, 2, 0xe4 }, { "\xe2\x82\xac", 3, 3, 0x20ac }, { "\xf0\x9f\x98\x80", 4, 4, 0x1f600 },
    { "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff }, { "\xc0\x80", 2, 0, 0 }, { "\xe0\x9f\xbf", 3, 0, 0 }, { "\xed\xa0\x80", 3, 0, 0 },
    { "\xf0\x8f\xbf\xbf", 4, 0, 0 }, { "\xf4\x90\x80\x80", 4, 0, 0 }, { "\xf5\x80\x80\x80", 4, 0, 0 }, { "\x80", 1, 0, 0 },
    { "\xe2\x82\xac", 2, 0, 0 }, { "\xe2\x28\xac", 3, 0, 0 },
};

START_TEST(utf8_is_strict)
{
    uint32_t c = 0;
    ck_assert_int_eq(utf8_decode(utf8[_i].bytes, utf8[_i].n, &c), utf8[_i].length);
    if (utf8[_i].length)
        ck_assert_uint_eq(c, utf8[_i].code);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base: diagnostics");
    TCase *tc = tcase_create("diagnostics");
    tcase_add_checked_fixture(tc, setup, test_teardown);
    tcase_add_loop_test(tc, places_count_lines_and_code_points, 0, sizeof places / sizeof *places);
    tcase_add_test(tc, spans_join_within_a_file);
    tcase_add_test(tc, the_same_error_is_kept_once_with_its_notes);
    tcase_add_test(tc, errors_over_the_limit_are_counted);
    tcase_add_test(tc, warnings_can_be_errors);
    tcase_add_test(tc, sorting_goes_by_file_and_place_and_keeps_order);
    tcase_add_test(tc, codes_have_names_and_titles);
    tcase_add_test(tc, text_shows_excerpts_notes_and_helps);
    tcase_add_loop_test(tc, excerpts_are_one_clean_line, 0, sizeof excerpts / sizeof *excerpts);
    tcase_add_test(tc, a_long_line_is_shown_around_the_place);
    tcase_add_test(tc, colour_only_when_asked);
    tcase_add_test(tc, json_is_escaped_and_complete);
    tcase_add_loop_test(tc, suggestions_are_near_and_unique, 0, sizeof nearest / sizeof *nearest);
    tcase_add_loop_test(tc, utf8_is_strict, 0, sizeof utf8 / sizeof *utf8);
    suite_add_tcase(s, tc);
    return test_main(s);
}
