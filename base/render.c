/* render.c - diagnostics as text for people and as JSON for tools.
 *
 *     mlp.ml:2:13: error[E0203]: cannot multiply ...      the head
 *         2 |     let h = x @ w                           the excerpt: the first line of the span
 *           |             ^^^^^                           one caret for each code point
 *     mlp.ml:1:24: note: 'w' gets its shape here          a note with a place has its own excerpt
 *           | index d ranges over D here                  a note without one
 *     help: did you mean v[b, d, j]?
 *
 * What comes from a source file may hold anything: bytes that are not UTF-8 and control characters (a terminal would
 * obey them) are shown as '?', a tab as one blank, and of a very long line only the part around the carets.
 */
#include "base/base_int.h"

#include <string.h>

enum { COLUMNS_BEFORE = 100, COLUMNS_MOST = 160 }; /* shown of a long line: before the caret, in all */

static const char *const severity_names[] = { "error", "warning", "note", "help" };
static const char *const severity_colours[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m", "\033[1;32m" };

typedef struct Painter { const Diags *d; Buf *out; bool colour; } Painter;

static void paint(Painter *p, const char *escape)
{
    if (p->colour)
        buf_puts(p->out, escape);
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The code point at s[i] as it is shown; returns its length in bytes. Malformed bytes count one column each. */
static uint32_t show_char(Buf *out, const char *s, uint32_t i, uint32_t end)
{
    uint32_t c;
    int n = utf8_decode(s + i, end - i, &c);
    if (n > 0 && !is_control(c))
        buf_add(out, s + i, (size_t)n);
    else
        buf_putc(out, n > 0 && c == '\t' ? ' ' : '?');
    return n > 0 ? (uint32_t)n : 1;
}

static void show_text(Buf *out, const char *s)
{
    uint32_t len = (uint32_t)strlen(s);
    for (uint32_t i = 0; i < len;)
        i += show_char(out, s, i, len);
}

static uint32_t char_length(const char *s, uint32_t i, uint32_t end)
{
    uint32_t c;
    int n = utf8_decode(s + i, end - i, &c);
    return n > 0 ? (uint32_t)n : 1;
}

/* Up to `most` code points back from `at`, not before `lo`. */
static uint32_t step_back(const char *s, uint32_t lo, uint32_t at, int most)
{
    while (at > lo && most-- > 0) {
        at--;
        while (at > lo && ((unsigned char)s[at] & 0xc0) == 0x80)
            at--;
    }
    return at;
}

/* The line with byte `at` in it: [*begin, *end) without its line break. */
static void line_around(const Source *s, int line, uint32_t *begin, uint32_t *end)
{
    *begin = s->lines[line - 1];
    *end = line < s->nlines ? s->lines[line] - 1 : s->len;
    if (*end > *begin && s->text[*end - 1] == '\r')
        --*end;
}

static void carets(Painter *p, const Source *s, uint32_t from, Span sp, uint32_t end)
{
    paint(p, "\033[34m");
    buf_puts(p->out, "      | ");
    paint(p, "\033[0m");
    for (uint32_t i = from; i < sp.lo && i < end; i += char_length(s->text, i, end))
        buf_putc(p->out, ' ');
    paint(p, "\033[1;32m");
    uint32_t i = sp.lo, n = 0;
    for (; i < sp.hi && i < end && n < COLUMNS_MOST; i += char_length(s->text, i, end), n++)
        buf_putc(p->out, '^');
    if (n == 0)
        buf_putc(p->out, '^');
    paint(p, "\033[0m");
    buf_putc(p->out, '\n');
}

static void excerpt(Painter *p, Span sp)
{
    const Source *s = p->d->sources->files.p[sp.file - 1];
    int line = span_place(p->d->sources, sp).line;
    uint32_t begin, end;
    line_around(s, line, &begin, &end);
    if (sp.lo > end)
        sp.lo = end;
    uint32_t from = step_back(s->text, begin, sp.lo, COLUMNS_BEFORE);
    if (from - begin < COLUMNS_BEFORE) /* only a long way in is it worth cutting the start */
        from = begin;
    paint(p, "\033[34m");
    buf_printf(p->out, "%5d | ", line);
    paint(p, "\033[0m");
    uint32_t i = from;
    for (int n = 0; i < end && n < COLUMNS_MOST + COLUMNS_BEFORE; n++)
        i += show_char(p->out, s->text, i, end);
    buf_putc(p->out, '\n');
    carets(p, s, from, sp, i);
}

static void show_place(Painter *p, Span sp)
{
    Place at = span_place(p->d->sources, sp);
    if (at.line == 0)
        return;
    paint(p, "\033[1m");
    show_text(p->out, at.file);
    buf_printf(p->out, ":%d:%d: ", at.line, at.column);
    paint(p, "\033[0m");
}

static void head(Painter *p, Severity severity, DiagCode code, Span sp, const char *text)
{
    show_place(p, sp);
    paint(p, severity_colours[severity]);
    buf_puts(p->out, severity_names[severity]);
    if (code != DIAG_none)
        buf_printf(p->out, "[%s]", diag_code_name(code));
    buf_puts(p->out, ":");
    paint(p, "\033[0m");
    buf_putc(p->out, ' ');
    show_text(p->out, text);
    buf_putc(p->out, '\n');
    if (span_place(p->d->sources, sp).line)
        excerpt(p, sp);
}

static void note_without_place(Painter *p, const char *text)
{
    while (text) { /* one bar for each line */
        const char *eol = strchr(text, '\n');
        paint(p, "\033[34m");
        buf_puts(p->out, "      | ");
        paint(p, "\033[0m");
        show_text(p->out, eol ? arena_text(p->out->arena, text, (size_t)(eol - text)) : text);
        buf_putc(p->out, '\n');
        text = eol ? eol + 1 : NULL;
    }
}

static void show_diag(Painter *p, const Diag *x)
{
    head(p, x->severity, x->code, x->span, x->text);
    for (int i = 0; i < x->parts.n; i++) {
        const DiagPart *q = &x->parts.p[i];
        if (q->severity == SEV_note && span_place(p->d->sources, q->span).line == 0)
            note_without_place(p, q->text);
        else
            head(p, q->severity, DIAG_none, q->span, q->text);
    }
}

void diags_render(const Diags *d, Buf *out, bool colour)
{
    Painter p = { d, out, colour };
    int shown[2] = { 0, 0 };
    for (int i = 0; i < d->list.n; i++) {
        show_diag(&p, d->list.p[i]);
        shown[d->list.p[i]->severity == SEV_error ? 0 : 1]++;
    }
    if (d->errors > shown[0])
        buf_printf(out, "%d more errors are not shown\n", d->errors - shown[0]);
    if (d->warnings > shown[1])
        buf_printf(out, "%d more warnings are not shown\n", d->warnings - shown[1]);
}

/* ---- JSON (RFC 8259): one object a line ----
 *
 *     {"code": "E0302", "severity": "error", "file": "a.ml", "line": 12, "column": 46, "end": {"line": 12, "column": 52},
 *      "message": "dims D and S differ", "notes": [{"file": ..., "message": "..."}], "help": ["..."]}
 *
 * Lines and columns count from 1, columns in code points; `end` is the first place behind the span. What has no place has
 * "file": null and no line. Each is one line: a reader may take them as they come.
 */

static void json_text(Buf *out, const char *s)
{
    size_t len = strlen(s);
    buf_putc(out, '"');
    for (size_t i = 0; i < len;) {
        uint32_t c;
        int n = utf8_decode(s + i, len - i, &c);
        if (n == 0)
            buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD for each byte that is no UTF-8 */
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", (char)c);
        else if (c == '\n')
            buf_puts(out, "\\n");
        else if (c < 0x20 || c == 0x7f)
            buf_printf(out, "\\u%04x", (unsigned)c);
        else
            buf_add(out, s + i, (size_t)n);
        i += n ? (size_t)n : 1;
    }
    buf_putc(out, '"');
}

static void json_place(const Diags *d, Buf *out, Span sp)
{
    Place lo = span_place(d->sources, sp);
    Place hi = span_place(d->sources, (Span){ sp.file, sp.hi > sp.lo ? sp.hi : sp.lo, sp.hi });
    if (lo.line == 0) {
        buf_puts(out, "\"file\": null, ");
        return;
    }
    buf_puts(out, "\"file\": ");
    json_text(out, lo.file);
    buf_printf(out, ", \"line\": %d, \"column\": %d, \"end\": {\"line\": %d, \"column\": %d}, ", lo.line, lo.column, hi.line, hi.column);
}

static void json_notes(const Diags *d, Buf *out, const Diag *x)
{
    const char *between = "";
    for (int i = 0; i < x->parts.n; i++)
        if (x->parts.p[i].severity == SEV_note) {
            buf_printf(out, "%s{", between);
            json_place(d, out, x->parts.p[i].span);
            buf_puts(out, "\"message\": ");
            json_text(out, x->parts.p[i].text);
            buf_puts(out, "}");
            between = ", ";
        }
}

static void json_helps(Buf *out, const Diag *x)
{
    const char *between = "";
    for (int i = 0; i < x->parts.n; i++)
        if (x->parts.p[i].severity == SEV_help) {
            buf_puts(out, between);
            json_text(out, x->parts.p[i].text);
            between = ", ";
        }
}

static void json_diag(const Diags *d, Buf *out, const Diag *x)
{
    if (x->code)
        buf_printf(out, "{\"code\": \"%s\", ", diag_code_name(x->code));
    else
        buf_puts(out, "{\"code\": null, ");
    buf_printf(out, "\"severity\": \"%s\", ", severity_names[x->severity]);
    json_place(d, out, x->span);
    buf_puts(out, "\"message\": ");
    json_text(out, x->text);
    buf_puts(out, ", \"notes\": [");
    json_notes(d, out, x);
    buf_puts(out, "], \"help\": [");
    json_helps(out, x);
    buf_puts(out, "]}\n");
}

static void json_rest(const Diags *d, Buf *out, Severity severity, int n)
{
    if (n > 0) {
        Diag more = { .severity = severity, .text = arena_printf(out->arena, "%d more are not shown", n) };
        json_diag(d, out, &more);
    }
}

void diags_render_json(const Diags *d, Buf *out)
{
    int shown[2] = { 0, 0 };
    for (int i = 0; i < d->list.n; i++) {
        json_diag(d, out, d->list.p[i]);
        shown[d->list.p[i]->severity == SEV_error ? 0 : 1]++;
    }
    json_rest(d, out, SEV_error, d->errors - shown[0]);
    json_rest(d, out, SEV_warning, d->warnings - shown[1]);
}
