/* literal.c - values of numbers and strings as they are written. The scanner has checked their form. */
#include "frontend/parse_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int digit_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Above 2^63 - 1 it is a u64, whose ival is below 0 (tree_int_is_large). */
Tree *literal_int(ParseCx *cx, Span s, const char *text, size_t len)
{
    bool hex = len > 2 && text[1] == 'x';
    uint64_t v = 0;
    bool fits = true;
    for (size_t i = hex ? 2 : 0; i < len && fits; i++)
        if (text[i] != '_')
            fits = !__builtin_mul_overflow(v, (uint64_t)(hex ? 16 : 10), &v) && !__builtin_add_overflow(v, (uint64_t)digit_value(text[i]), &v);
    if (!fits)
        diag_error(cx->p->diags, E0002, s, "the number does not fit 64 bits: at most 18446744073709551615");
    Tree *t = tree_new(cx, T_int_, s, NULL, 0, NULL);
    t->ival = fits ? (int64_t)v : 0;
    return t;
}

/* strtod wants the decimal point of the locale, so it gets none: 1.25e3 becomes 125e1, which is the same number. */
bool float_value(Arena *a, const char *text, size_t len, double *value)
{
    char *digits = arena_array(a, 1, len + 32);
    size_t n = 0, i = 0;
    long point = 0, exponent = 0;
    for (bool behind = false; i < len && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] == '.') {
            behind = true;
        } else if (text[i] != '_') {
            digits[n++] = text[i];
            point += behind;
        }
    }
    bool negative = i + 1 < len && text[i + 1] == '-';
    for (i++; i < len; i++)
        if (text[i] >= '0' && text[i] <= '9' && exponent < 100000000)
            exponent = exponent * 10 + (text[i] - '0');
    snprintf(digits + n, 32, "e%ld", (negative ? -exponent : exponent) - point);
    *value = strtod(digits, NULL);
    return isfinite(*value);
}

Tree *literal_float(ParseCx *cx, Span s, const char *text, size_t len)
{
    double v;
    if (!float_value(cx->p->arena, text, len, &v)) {
        diag_error(cx->p->diags, E0002, s, "the number is too large: at most 1.7976931348623157e308");
        v = 0;
    }
    Tree *t = tree_new(cx, T_float_, s, NULL, 0, NULL);
    t->fval = v;
    return t;
}

/* ---- strings ---- */

static void add_utf8(Buf *b, uint32_t c)
{
    if (c < 0x80) {
        buf_putc(b, (char)c);
        return;
    }
    if (c < 0x800) {
        buf_putc(b, (char)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buf_putc(b, (char)(0xe0 | c >> 12));
        } else {
            buf_putc(b, (char)(0xf0 | c >> 18));
            buf_putc(b, (char)(0x80 | (c >> 12 & 0x3f)));
        }
        buf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    buf_putc(b, (char)(0x80 | (c & 0x3f)));
}

/* \u{...} at text[0, len), behind the backslash; gives the length it takes, 0 if it is malformed. */
static size_t unicode_escape(Buf *b, const char *text, size_t len)
{
    uint32_t c = 0;
    size_t i = 2;
    if (len < 4 || text[1] != '{')
        return 0;
    for (; i < len && i < 8 && digit_value(text[i]) >= 0; i++)
        c = c * 16 + (uint32_t)digit_value(text[i]);
    if (i == 2 || i >= len || text[i] != '}' || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    add_utf8(b, c);
    return i + 1;
}

static size_t escape(ParseCx *cx, Buf *b, Span at, const char *text, size_t len)
{
    static const char from[] = "nt\"\\", to[] = "\n\t\"\\";
    const char *simple = text[0] ? strchr(from, text[0]) : NULL;
    if (simple) {
        buf_putc(b, to[simple - from]);
        return 1;
    }
    size_t n = text[0] == 'u' ? unicode_escape(b, text, len) : 0;
    if (n)
        return n;
    if (text[0] == 'u')
        diag_error(cx->p->diags, E0002, at, "an escape for a character is written \\u{hex}, at most 10ffff");
    else
        diag_error(cx->p->diags, E0002, at, "there is no such escape in a string");
    diag_help(cx->p->diags, "escapes are \\n \\t \\\" \\\\ \\u{..}");
    return 1;
}

Tree *literal_string(ParseCx *cx, Span s, const char *text, size_t len)
{
    Buf b = buf_new(cx->p->arena);
    for (size_t i = 0; i < len;) {
        const char *stop = memchr(text + i, '\\', len - i);
        size_t plain = stop ? (size_t)(stop - text) - i : len - i;
        buf_add(&b, text + i, plain);
        i += plain;
        if (stop) {
            uint32_t lo = s.lo + 1 + (uint32_t)i;
            i += 1 + escape(cx, &b, (Span){ s.file, lo, lo + 2 }, text + i + 1, len - i - 1);
        }
    }
    Tree *t = tree_new(cx, T_string, s, NULL, 0, NULL);
    t->text = buf_text(&b);
    t->text_len = (uint32_t)b.n;
    return t;
}
