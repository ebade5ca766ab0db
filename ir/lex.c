/* lex.c - tokens of printed IR: names, %values, @functions, "strings", numbers, @file:lo-hi places, punctuation.
 *
 * `%` before a letter or digit begins a value, else it is the remainder of dims; `//` at the start of a line, and `#`, begin a
 * comment, else `//` is the division of dims.
 */
#include "ir/ir_int.h"

#include <ctype.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

void ir_lex_init(IrLex *lx, IrModule *m, const Source *src)
{
    *lx = (IrLex){ .arena = m->arena, .names = m->names, .text = src->text, .len = src->len, .file = src->id };
    ir_lex_next(lx);
}

static int peek(const IrLex *lx, uint32_t k)
{
    return lx->at + k < lx->len ? (unsigned char)lx->text[lx->at + k] : 0;
}

static bool is_word(int c)
{
    return isalnum(c) || c == '_';
}

static void skip_line(IrLex *lx)
{
    while (lx->at < lx->len && lx->text[lx->at] != '\n')
        lx->at++;
}

static void skip_blank(IrLex *lx)
{
    bool fresh = lx->at == 0;
    for (; lx->at < lx->len; lx->at++) {
        int c = peek(lx, 0);
        if (c == '#' || (fresh && c == '/' && peek(lx, 1) == '/')) {
            skip_line(lx);
            c = peek(lx, 0);
        }
        if (c == '\n')
            fresh = true;
        else if (c != ' ' && c != '\t' && c != '\r')
            return;
    }
}

/* A word with single dots inside it, as unique names have: "x.1", "Llama.call". */
static Name take_word(IrLex *lx)
{
    uint32_t from = lx->at;
    while (is_word(peek(lx, 0)) || peek(lx, 0) == '$' || (peek(lx, 0) == '.' && is_word(peek(lx, 1))))
        lx->at++;
    return name_len(lx->names, lx->text + from, lx->at - from);
}

static int hex_digit(int c)
{
    return isdigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void take_string(IrLex *lx)
{
    Buf b = buf_new(lx->arena);
    lx->at++;
    lx->kind = TK_string;
    while (peek(lx, 0) != '"') {
        int c = peek(lx, 0);
        if (c == 0 || c == '\n') {
            lx->kind = TK_bad;
            return;
        }
        lx->at++;
        if (c == '\\' && peek(lx, 0) == 'x' && hex_digit(peek(lx, 1)) >= 0 && hex_digit(peek(lx, 2)) >= 0) {
            c = hex_digit(peek(lx, 1)) * 16 + hex_digit(peek(lx, 2));
            lx->at += 3;
        } else if (c == '\\') {
            c = peek(lx, 0);
            lx->at++;
        }
        buf_putc(&b, (char)c);
    }
    lx->at++;
    lx->string = buf_text(&b);
}

static bool take_digits(IrLex *lx, uint64_t *v)
{
    uint32_t from = lx->at;
    bool fits = true;
    for (*v = 0; isdigit(peek(lx, 0)); lx->at++)
        fits = fits && !__builtin_mul_overflow(*v, (uint64_t)10, v) && !__builtin_add_overflow(*v, (uint64_t)(peek(lx, 0) - '0'), v);
    return fits && lx->at > from;
}

/* strtod reads the decimal point of the locale: give it that one. */
static double read_float(IrLex *lx, uint32_t from)
{
    char *t = arena_text(lx->arena, lx->text + from, lx->at - from);
    double v = strtod(t, NULL);
    char *dot = strchr(t, '.');
    const char *point = localeconv()->decimal_point;
    if (dot && strcmp(point, ".") != 0)
        v = strtod(arena_printf(lx->arena, "%.*s%s%s", (int)(dot - t), t, point, dot + 1), NULL);
    return v;
}

static void take_number(IrLex *lx)
{
    uint32_t from = lx->at;
    lx->kind = take_digits(lx, &lx->integer) ? TK_int : TK_bad;
    bool fraction = peek(lx, 0) == '.' && isdigit(peek(lx, 1));
    int e = peek(lx, 0) == 'e' || fraction;
    if (!e)
        return;
    if (fraction)
        for (lx->at++; isdigit(peek(lx, 0)); lx->at++)
            ;
    int sign = peek(lx, 1) == '-' || peek(lx, 1) == '+';
    if (peek(lx, 0) == 'e' && isdigit(peek(lx, 1 + (uint32_t)sign)))
        for (lx->at += 1 + (uint32_t)sign; isdigit(peek(lx, 0)); lx->at++)
            ;
    lx->kind = TK_float;
    lx->number = read_float(lx, from);
}

static bool take_part(IrLex *lx, uint32_t *out)
{
    uint64_t v;
    bool ok = take_digits(lx, &v) && v <= UINT32_MAX;
    *out = (uint32_t)v;
    return ok;
}

static void take_place(IrLex *lx)
{
    bool ok = take_part(lx, &lx->place.file) && peek(lx, 0) == ':';
    lx->at++;
    ok = ok && take_part(lx, &lx->place.lo) && peek(lx, 0) == '-';
    lx->at++;
    ok = ok && take_part(lx, &lx->place.hi);
    lx->kind = ok ? TK_span : TK_bad;
}

static void take_at(IrLex *lx)
{
    lx->at++;
    if (isdigit(peek(lx, 0))) {
        take_place(lx);
    } else if (peek(lx, 0) == '"') {
        take_string(lx);
        if (lx->kind == TK_string) {
            lx->kind = TK_fn;
            lx->name = name_of(lx->names, lx->string);
        }
    } else {
        lx->kind = is_word(peek(lx, 0)) ? TK_fn : TK_bad;
        lx->name = take_word(lx);
    }
}

static void take_punct(IrLex *lx)
{
    int c = peek(lx, 0), d = peek(lx, 1);
    lx->kind = TK_punct;
    lx->punct = c;
    lx->at++;
    if ((c == '/' && d == '/') || (c == '.' && d == '.') || (c == '-' && d == '>')) {
        lx->punct = d + 256;
        lx->at++;
    } else if (!strchr("[](){},:=+-*/%", c)) {
        lx->kind = TK_bad;
    }
}

void ir_lex_next(IrLex *lx)
{
    skip_blank(lx);
    uint32_t from = lx->at;
    int c = peek(lx, 0);
    lx->punct = 0;
    if (lx->at >= lx->len) {
        lx->kind = TK_end;
    } else if (isalpha(c) || c == '_') {
        lx->kind = TK_name;
        lx->name = take_word(lx);
    } else if (c == '%' && is_word(peek(lx, 1))) {
        lx->at++;
        lx->kind = TK_value;
        lx->name = take_word(lx);
    } else if (isdigit(c)) {
        take_number(lx);
    } else if (c == '"') {
        take_string(lx);
    } else if (c == '@') {
        take_at(lx);
    } else {
        take_punct(lx);
    }
    lx->span = (Span){ lx->file, from, lx->at > lx->len ? lx->len : lx->at };
}
