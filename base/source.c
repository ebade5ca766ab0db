/* source.c - source texts and places in them. Spans are bytes; lines and columns are worked out when one is shown. */
#include "base/base_int.h"

#include <string.h>

Sources *sources_new(Arena *a)
{
    Sources *ss = NEW(a, Sources);
    ss->arena = a;
    return ss;
}

static void find_lines(Arena *a, Source *s)
{
    int n = 1;
    for (uint32_t i = 0; i < s->len; i++)
        n += s->text[i] == '\n';
    s->lines = NEWN(a, uint32_t, n);
    s->nlines = 1;
    for (uint32_t i = 0; i < s->len; i++)
        if (s->text[i] == '\n')
            s->lines[s->nlines++] = i + 1;
}

Source *source_add(Sources *ss, const char *name, const char *text, size_t len)
{
    if (len >= INT32_MAX) /* a line number fits an int, a place a uint32_t */
        mem_fail(arena_mem(ss->arena));
    Source *s = NEW(ss->arena, Source);
    s->name = arena_text(ss->arena, name, strlen(name));
    s->text = arena_text(ss->arena, text, len);
    s->len = (uint32_t)len;
    s->id = (uint32_t)ss->files.n + 1;
    find_lines(ss->arena, s);
    vec_push(ss->arena, &ss->files, s);
    return s;
}

uint32_t source_from(Sources *ss, uint32_t file, Span from)
{
    const Source *of = ss->files.p[file - 1];
    for (int i = 0; i < ss->files.n; i++) {
        const Source *s = ss->files.p[i];
        if (s->text == of->text && s->from.file == from.file && s->from.lo == from.lo && s->from.hi == from.hi)
            return s->id;
    }
    Source *s = NEW(ss->arena, Source);
    *s = *of;
    s->id = (uint32_t)ss->files.n + 1;
    s->from = from;
    vec_push(ss->arena, &ss->files, s);
    return s->id;
}

/* The last line that begins at or before the byte. */
static int line_at(const Source *s, uint32_t byte)
{
    int lo = 0, hi = s->nlines;
    while (hi - lo > 1) {
        int mid = lo + (hi - lo) / 2;
        if (s->lines[mid] <= byte)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

Place span_place(const Sources *ss, Span sp)
{
    if (sp.file == 0 || sp.file > (uint32_t)ss->files.n)
        return (Place){ "", 0, 0 };
    const Source *s = ss->files.p[sp.file - 1];
    uint32_t lo = sp.lo < s->len ? sp.lo : s->len;
    int line = line_at(s, lo), column = 1;
    for (uint32_t i = s->lines[line]; i < lo; i++)
        column += ((unsigned char)s->text[i] & 0xc0) != 0x80; /* every byte that begins a code point */
    return (Place){ s->name, line + 1, column };
}

Span span_join(Span a, Span b)
{
    if (a.file == 0)
        return b;
    if (b.file != a.file)
        return a;
    return (Span){ a.file, a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi };
}
