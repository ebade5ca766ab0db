/* frontend_golden_parse.c - the golden files of the syntax, without the command.
 *
 *     golden/parse/   valid programs, as are those of examples/programs. Behind a line `# ---- expect` stands, as comments, the printed tree of what is above
 *                     it. With or without that: what is printed reads back to an equal tree and prints the same again.
 *     golden/error/syntax/   wrong programs. `# error[E0101]: text` on a line (`error@7[...]` for line 7) is an error there,
 *                     `text` a part of what it says; there are no others. (golden.sh runs them through `mlc check`, too.)
 *
 *     frontend_golden_parse [--write]     --write puts the trees in place of the expected ones
 */
#include <dirent.h>

#include "frontend_parse_test.h"

typedef struct File { char path[4096]; char *text; size_t len; } File;

static bool read_file(File *f)
{
    FILE *in = fopen(f->path, "rb");
    if (!in)
        return false;
    f->text = arena_array(arena, 1, 1 << 20);
    f->len = fread(f->text, 1, (1 << 20) - 1, in);
    fclose(in);
    return true;
}

static int complain(const File *f, const char *what, const char *want, const char *got)
{
    fprintf(stderr, "%s: %s\n", f->path, what);
    if (want)
        fprintf(stderr, "---- expected\n%s---- is\n%s", want, got);
    return 1;
}

/* ---- trees ---- */

static const char mark[] = "# ---- expect\n";

static char *without_hashes(const char *s)
{
    Buf b = buf_new(arena);
    for (const char *eol; *s; s = *eol ? eol + 1 : eol) {
        eol = strchr(s, '\n') ? strchr(s, '\n') : s + strlen(s);
        const char *from = s[0] == '#' ? s + 1 + (s[1] == ' ') : s;
        buf_add(&b, from, (size_t)(eol - from));
        buf_putc(&b, '\n');
    }
    return buf_text(&b);
}

static int write_expected(const File *f, size_t head, const char *tree)
{
    FILE *out = fopen(f->path, "wb");
    if (!out)
        return complain(f, "cannot be written", NULL, NULL);
    fwrite(f->text, 1, head, out);
    fputs(mark, out);
    for (const char *s = tree; *s;) {
        size_t n = strcspn(s, "\n");
        fprintf(out, "# %.*s\n", (int)n, s);
        s += n + (s[n] == '\n');
    }
    return fclose(out) != 0;
}

static char *printed(const Tree *t)
{
    Buf b = buf_new(arena);
    tree_print(t, &b);
    return buf_text(&b);
}

static int check_tree(File *f, bool write)
{
    const char *expect = strstr(f->text, mark);
    size_t head = expect ? (size_t)(expect - f->text) : f->len;
    Tree *t = parse_source(&parse, source_add(sources, f->path, f->text, head));
    char *text = printed(t);
    Tree *again = tree_read(&parse, source_add(sources, "printed", text, strlen(text)));
    if (diags->errors > 0) {
        Buf b = buf_new(arena);
        diags_render(diags, &b, false);
        return complain(f, buf_text(&b), NULL, NULL);
    }
    if (!again || !tree_equal(t, again) || strcmp(text, printed(again)) != 0)
        return complain(f, "the tree does not read back to itself", text, again ? printed(again) : "nothing\n");
    if (!expect)
        return 0;
    char *want = without_hashes(expect + strlen(mark));
    if (write && strcmp(want, text) != 0)
        return write_expected(f, head, text);
    return strcmp(want, text) != 0 ? complain(f, "another tree", want, text) : 0;
}

/* ---- errors ---- */

static bool take_match(bool *used, int line, const char *code, const char *text, size_t n)
{
    for (int i = 0; i < diags->list.n; i++) {
        const Diag *d = diags->list.p[i];
        char *part = arena_text(arena, text, n);
        if (!used[i] && span_place(sources, d->span).line == line && strcmp(diag_code_name(d->code), code) == 0 &&
            strstr(d->text, part))
            return used[i] = true;
    }
    return false;
}

static int check_errors(File *f, bool write)
{
    (void)write;
    parse_source(&parse, source_add(sources, f->path, f->text, f->len));
    bool used[200] = { 0 };
    int line = 1, bad = 0, at_line, found = 0;
    char code[6];
    for (const char *at = f->text, *p; (p = strstr(at, "# error")); found++) {
        for (; at < p; at++)
            line += *at == '\n';
        at += 7;
        at_line = line;
        int skip = 0;
        if (sscanf(at, "@%d%n", &at_line, &skip) == 1)
            at += skip;
        ck_assert_msg(sscanf(at, "[%5[E0-9]]", code) == 1, "%s: malformed expectation", f->path);
        const char *text = at + 9, *end = strstr(text, " # error"), *eol = strchr(text, '\n');
        size_t n = (size_t)((end && end < eol ? end : eol ? eol : text + strlen(text)) - text);
        if (!take_match(used, at_line, code, text, n))
            bad |= complain(f, arena_printf(arena, "not reported in line %d: %s %.*s", at_line, code, (int)n, text), NULL, NULL);
    }
    for (int i = 0; i < diags->list.n; i++)
        if (!used[i])
            bad |= complain(f, arena_printf(arena, "not expected in line %d: %s %s",
                                            span_place(sources, diags->list.p[i]->span).line,
                                            diag_code_name(diags->list.p[i]->code), diags->list.p[i]->text), NULL, NULL);
    return bad || found == 0 ? complain(f, found ? "other errors" : "says no error", NULL, NULL) : 0;
}

/* ---- folders ---- */

static int check_folder(const char *folder, int (*check)(File *, bool), bool write, int *n)
{
    DIR *d = opendir(folder);
    int bad = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        File f;
        size_t len = strlen(e->d_name);
        snprintf(f.path, sizeof f.path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] == '.')
            continue;
        if (len < 3 || strcmp(e->d_name + len - 3, ".ml") != 0) {
            bad |= check_folder(f.path, check, write, n);
            continue;
        }
        parse_setup();
        bad |= read_file(&f) ? check(&f, write) : complain(&f, "cannot be read", NULL, NULL);
        test_teardown();
        ++*n;
    }
    if (d)
        closedir(d);
    return bad;
}

static bool rewrite;

START_TEST(programs_give_the_trees_they_say)
{
    int n = 0;
    ck_assert_int_eq(check_folder(MLC_SOURCE_DIR "/tests/golden/parse", check_tree, rewrite, &n), 0);
    ck_assert_int_eq(check_folder(MLC_SOURCE_DIR "/examples/programs", check_tree, false, &n), 0);
    ck_assert_int_ge(n, 25);
}
END_TEST

START_TEST(wrong_programs_give_the_errors_they_say)
{
    int n = 0;
    ck_assert_int_eq(check_folder(MLC_SOURCE_DIR "/tests/golden/error/syntax", check_errors, false, &n), 0);
    ck_assert_int_ge(n, 20);
}
END_TEST

int main(int argc, char **argv)
{
    rewrite = argc > 1 && strcmp(argv[1], "--write") == 0;
    Suite *s = suite_create("frontend: golden files");
    TCase *tc = tcase_create("golden");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, programs_give_the_trees_they_say);
    tcase_add_test(tc, wrong_programs_give_the_errors_they_say);
    suite_add_tcase(s, tc);
    return test_main(s);
}
