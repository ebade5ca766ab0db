/* frontend_parse_test.h - texts to trees and messages, for the tests of the syntax half of the front end. */
#ifndef FRONTEND_PARSE_TEST_H
#define FRONTEND_PARSE_TEST_H

#include "base_test.h"

#include "frontend/tree.h"

static Sources *sources;
static Diags *diags;
static Parse parse;

static inline void parse_setup(void)
{
    test_setup();
    sources = sources_new(arena);
    diags = diags_new(arena, sources);
    parse = (Parse){ .arena = arena, .names = names_new(arena), .diags = diags };
}

static inline Tree *parse_bytes(const char *text, size_t len)
{
    Tree *t = parse_source(&parse, source_add(sources, "t.ml", text, len));
    ck_assert_ptr_nonnull(t);
    ck_assert_int_eq(t->kind, T_file);
    ck_assert_int_eq(t->nkids, 1);
    return t;
}

static inline Tree *parse_text(const char *text)
{
    return parse_bytes(text, strlen(text));
}

/* The printed tree on one line. */
static inline char *flat(const Tree *t)
{
    Buf b = buf_new(arena);
    tree_print(t, &b);
    char *text = buf_text(&b), *to = text;
    for (char *s = text; *s; s++)
        if (*s != '\n' && !(*s == ' ' && (s[1] == ' ' || s[1] == '(') && to > text && to[-1] == ' '))
            *to++ = *s;
        else if (*s == '\n' && s[1])
            *to++ = ' ';
    *to = '\0';
    return text;
}

/* The items of the file, each on one line, or the errors in the order of the text: "line:column code text". */
static inline const char *outcome(const char *text)
{
    Tree *file = parse_text(text);
    Buf b = buf_new(arena);
    diags_sort(diags);
    for (int i = 0; i < diags->list.n; i++) {
        const Diag *d = diags->list.p[i];
        Place at = span_place(sources, d->span);
        buf_printf(&b, "%s%d:%d %s %s", i ? "\n" : "", at.line, at.column, diag_code_name(d->code), d->text);
    }
    const Tree *items = file->kids[0];
    for (int i = 0; i < items->nkids && diags->errors == 0; i++)
        buf_printf(&b, "%s%s", i ? "\n" : "", flat(items->kids[i]));
    return buf_text(&b);
}

typedef struct Row { const char *text, *outcome; } Row;

static inline void check_row(const Row *r)
{
    const char *got = outcome(r->text);
    ck_assert_msg(strcmp(got, r->outcome) == 0, "%s\ngives\n%s\nnot\n%s", r->text, got, r->outcome);
}

#define COUNT(rows) ((int)(sizeof(rows) / sizeof *(rows)))

#endif
