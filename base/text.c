/* text.c - text in arenas: copies, formatting, growable buffers, UTF-8. */
#include "base/base_int.h"

#include <stdio.h>
#include <string.h>

char *arena_text(Arena *a, const char *s, size_t len)
{
    if (len == SIZE_MAX)
        mem_fail(arena_mem(a));
    char *p = arena_alloc(a, len + 1);
    if (len)
        memcpy(p, s, len);
    return p;
}

enum { SHORT = 200 }; /* bytes: of nearly all texts the first try is the last */

char *arena_vprintf(Arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    char most[SHORT];
    int n = vsnprintf(most, sizeof most, fmt, again);
    va_end(again);
    if (n < 0)
        mem_fail(arena_mem(a)); /* longer than INT_MAX */
    char *p = arena_alloc(a, (size_t)n + 1);
    if (n < SHORT)
        memcpy(p, most, (size_t)n + 1);
    else
        vsnprintf(p, (size_t)n + 1, fmt, ap);
    return p;
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return p;
}

/* ---- Buf: p[0, n) is the text; cap > n, so that the terminating NUL always has room ---- */

static void buf_room(Buf *b, size_t more)
{
    if (more < b->cap - b->n)
        return;
    if (more > SIZE_MAX / 8 || b->cap > SIZE_MAX / 8)
        mem_fail(arena_mem(b->arena));
    size_t cap = b->cap ? b->cap * 2 : 64;
    while (cap - b->n <= more)
        cap *= 2;
    b->p = arena_regrow(b->arena, b->p, b->cap, cap);
    b->cap = cap;
}

Buf buf_new(Arena *a)
{
    return (Buf){ .arena = a };
}

void buf_add(Buf *b, const char *s, size_t len)
{
    buf_room(b, len);
    if (len)
        memcpy(b->p + b->n, s, len);
    b->n += len;
}

void buf_puts(Buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_putc(Buf *b, char c)
{
    buf_room(b, 1);
    b->p[b->n++] = c;
}

void buf_printf(Buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    char most[SHORT];
    int n = vsnprintf(most, sizeof most, fmt, again);
    va_end(again);
    if (n < 0) {
        va_end(ap);
        mem_fail(arena_mem(b->arena));
    }
    buf_room(b, (size_t)n);
    if (n < SHORT)
        memcpy(b->p + b->n, most, (size_t)n);
    else
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

char *buf_text(Buf *b)
{
    buf_room(b, 0);
    b->p[b->n] = '\0';
    return b->p;
}

/* Well-formed byte sequences: The Unicode Standard, table 3-7 (no overlong forms, no surrogates, at most U+10FFFF). */
int utf8_decode(const char *s, size_t n, uint32_t *cp)
{
    const unsigned char *u = (const unsigned char *)s;
    if (u[0] < 0x80) {
        *cp = u[0];
        return 1;
    }
    int len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
    if (u[0] < 0xc2 || u[0] > 0xf4 || n < (size_t)len)
        return 0;
    uint32_t c = u[0] & (0x7fu >> len);
    for (int i = 1; i < len; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (u[i] & 0x3f);
    }
    if ((len == 3 && c < 0x800) || (len == 4 && (c < 0x10000 || c > 0x10ffff)) || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return len;
}
