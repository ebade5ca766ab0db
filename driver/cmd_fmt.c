/* cmd_fmt.c - `mlc fmt FILE...`: files in the common layout. */
#include <stdio.h>
#include <string.h>

#include "driver/cmd.h"

/* The next comment behind *at, without the blanks at its end; false: there is none. Strings may hold a '#'. */
static bool next_comment(const char *s, size_t len, size_t *at, size_t *lo, size_t *hi)
{
    bool text = false;
    for (size_t i = *at; i < len; i++) {
        if (s[i] == '\n')
            text = false;
        else if (text && s[i] == '\\')
            i++;
        else if (s[i] == '"')
            text = !text;
        else if (s[i] == '#' && !text) {
            const char *end = memchr(s + i, '\n', len - i);
            *lo = i;
            *hi = *at = end ? (size_t)(end - s) : len;
            while (*hi > i && (s[*hi - 1] == ' ' || s[*hi - 1] == '\t' || s[*hi - 1] == '\r'))
                --*hi;
            return true;
        }
    }
    return false;
}

static bool same_comments(const char *a, size_t na, const char *b, size_t nb)
{
    size_t i = 0, j = 0, lo, hi, lo2, hi2;
    for (;;) {
        bool more = next_comment(a, na, &i, &lo, &hi);
        if (more != next_comment(b, nb, &j, &lo2, &hi2))
            return false;
        if (!more)
            return true;
        if (hi - lo != hi2 - lo2 || memcmp(a + lo, b + lo2, hi - lo))
            return false;
    }
}

/* Nothing but the layout may change: the same tree, the same comments, and a second time the same text. */
static bool is_sound(Unit *u, const Tree *tree, const char *text, size_t len, const char *made, size_t made_len)
{
    Parse p = { .arena = u->arena, .names = u->names, .diags = diags_new(u->arena, u->sources) };
    const Source *src = source_add(u->sources, "formatted", made, made_len);
    const Tree *again = parse_source(&p, src);
    if (p.diags->errors || !tree_equal(tree, again) || !same_comments(text, len, made, made_len))
        return false;
    Buf b = buf_new(u->arena);
    format_source(&p, src, &b);
    return b.n == made_len && !memcmp(buf_text(&b), made, made_len);
}

static bool fmt_file(const Options *o, Unit *u, const char *path)
{
    size_t len;
    char *text = unit_read(u, path, &len);
    if (!text)
        return false;
    int before = u->diags->errors;
    bool in = !strcmp(path, "-");
    const Source *src = source_add(u->sources, in ? "<stdin>" : path, text, len);
    Parse p = { .arena = u->arena, .names = u->names, .diags = u->diags };
    const Tree *tree = parse_source(&p, src);
    if (u->diags->errors > before)
        return false;
    Buf b = buf_new(u->arena);
    format_source(&p, src, &b);
    char *made = buf_text(&b);
    if (!is_sound(u, tree, text, len, made, b.n)) {
        diag_error(u->diags, E0603, (Span){ 0 }, "internal: the layout of '%s' would change more than its layout; nothing was written", path);
        return false;
    }
    bool same = b.n == len && !memcmp(made, text, len);
    if (o->check) {
        if (!same)
            puts(src->name);
        return same;
    }
    return in ? cmd_write(u, "-", made, b.n) : same || cmd_write(u, path, made, b.n);
}

int cmd_fmt(const Options *o, Unit *u)
{
    bool ok = true;
    for (int i = 0; i < o->nargs; i++)
        ok &= fmt_file(o, u, o->args[i]);
    return cmd_report(o, u) || !ok;
}
