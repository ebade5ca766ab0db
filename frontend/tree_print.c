/* tree_print.c - the syntax tree as text, one s-expression.
 *
 *     (fn f :export :doc "Doubles." (list) () (list (param x (tbase (path f32 (list)) () ()) ())) () ()
 *       (binary * (int_ 2) (name x)))
 *
 *     ( kind  name, operators or number  :flags  "text"  :doc "text"  kids )       () is a kid that is not there
 *
 * A node goes on one line if it fits, else each kid gets a line of its own. tree_read.c reads it back.
 */
#include "frontend/parse_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 110 };

static const struct { int flag; const char *word; } flags[] = {
    { TF_VAR, ":var" }, { TF_EXPORT, ":export" }, { TF_NAMED, ":named" }, { TF_DRAW, ":draw" },
};

int tree_flag(const char *word)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(flags[i].word, word) == 0)
            return flags[i].flag;
    return 0;
}

static void print_string(Buf *out, const char *s, size_t len)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c == '\n')
            buf_puts(out, "\\n");
        else if (c == '\t')
            buf_puts(out, "\\t");
        else if (c < 0x20 || c == 0x7f)
            buf_printf(out, "\\u{%x}", c);
        else
            buf_putc(out, (char)c);
    }
    buf_putc(out, '"');
}

/* The shortest digits that give the number back, in the form of a literal. %g writes the point of the locale, which may
 * be several bytes; whatever is not a digit, sign or 'e' is that point. */
static void print_float(Buf *out, double v)
{
    char g[64], text[64];
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(g, sizeof g, "%.*g", precision, v);
        if (strtod(g, NULL) == v)
            break;
    }
    size_t n = 0;
    for (const char *s = g; *s; s++) {
        if (strchr("0123456789e+-", *s))
            text[n++] = *s;
        else if (n && text[n - 1] != '.')
            text[n++] = '.';
    }
    buf_add(out, text, n);
    if (!memchr(text, '.', n) && !memchr(text, 'e', n))
        buf_puts(out, ".0");
}

static void print_value(Buf *out, const Tree *t)
{
    switch (t->kind) {
    case T_int_: case T_treeitem:
        buf_printf(out, " %" PRIu64, (uint64_t)t->ival);
        break;
    case T_float_:
        buf_putc(out, ' ');
        print_float(out, t->fval);
        break;
    case T_chain:
        for (int i = 0; i + 1 < t->nkids; i++)
            buf_printf(out, " %s", t->ops[i]);
        break;
    case T_string: case T_extern_fn: case T_minput:
        buf_putc(out, ' ');
        print_string(out, t->text ? t->text : "", t->text_len);
        break;
    default:
        break;
    }
}

static void print_head(Buf *out, const Tree *t)
{
    buf_printf(out, "(%s", tree_kind_name(t->kind));
    if (t->name)
        buf_printf(out, " %s", t->name);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (t->flags & flags[i].flag)
            buf_printf(out, " %s", flags[i].word);
    print_value(out, t);
    if (t->doc) {
        buf_puts(out, " :doc ");
        print_string(out, t->doc, strlen(t->doc));
    }
}

/* Prints t on the line if no more than `most` bytes come of it; else takes back what it wrote. */
static bool print_flat(Buf *out, const Tree *t, size_t most)
{
    size_t start = out->n;
    if (!t)
        buf_puts(out, "()");
    else
        print_head(out, t);
    bool fits = out->n - start <= most;
    for (int i = 0; t && i < t->nkids && fits; i++) {
        buf_putc(out, ' ');
        fits = out->n - start < most && print_flat(out, t->kids[i], most - (out->n - start));
    }
    if (t)
        buf_putc(out, ')');
    fits = fits && out->n - start <= most;
    if (!fits)
        out->n = start;
    return fits;
}

static void print_at(Buf *out, const Tree *t, size_t indent)
{
    if (print_flat(out, t, indent < WIDTH / 2 ? WIDTH - indent : WIDTH / 2))
        return;
    print_head(out, t);
    for (int i = 0; i < t->nkids; i++) {
        buf_putc(out, '\n');
        for (size_t k = 0; k < indent + 2; k++)
            buf_putc(out, ' ');
        print_at(out, t->kids[i], indent + 2);
    }
    buf_putc(out, ')');
}

void tree_print(const Tree *t, Buf *out)
{
    print_at(out, t, 0);
    buf_putc(out, '\n');
}
