/* parse.c - text to syntax tree: limits and UTF-8 first, then scanner, line rule and grammar. */
#include "frontend/parse_int.h"
#include "frontend/grammar.h"

#include <string.h>

/* The place of the first byte that is no UTF-8 (Unicode table 3-7), src->len if there is none. */
static uint32_t first_malformed(const Source *src)
{
    const unsigned char *u = (const unsigned char *)src->text;
    uint32_t i = 0;
    while (i < src->len) {
        uint32_t n = u[i] < 0x80 ? 1 : u[i] < 0xc2 ? 0 : u[i] < 0xe0 ? 2 : u[i] < 0xf0 ? 3 : u[i] < 0xf5 ? 4 : 0;
        if (n == 0 || n > src->len - i)
            return i;
        for (uint32_t k = 1; k < n; k++)
            if ((u[i + k] & 0xc0) != 0x80)
                return i;
        unsigned second = n > 2 ? u[i + 1] : 0x80;
        if ((u[i] == 0xe0 && second < 0xa0) || (u[i] == 0xed && second > 0x9f) || (u[i] == 0xf0 && second < 0x90) ||
            (u[i] == 0xf4 && second > 0x8f))
            return i;
        i += n;
    }
    return i;
}

bool parse_readable(Parse *p, const Source *src)
{
    if (src->len > SOURCE_MOST) {
        diag_error(p->diags, E0003, (Span){ src->id, 0, 0 }, "the source has %u bytes; at most %d can be read",
                   (unsigned)src->len, SOURCE_MOST);
        return false;
    }
    const char *nul = memchr(src->text, '\0', src->len);
    if (nul) { /* binary; and flex takes quadratic time for a token with many of them */
        uint32_t lo = (uint32_t)(nul - src->text);
        diag_error(p->diags, E0001, (Span){ src->id, lo, lo + 1 }, "the text has a byte 0");
        return false;
    }
    uint32_t at = first_malformed(src);
    if (at < src->len)
        diag_error(p->diags, E0001, (Span){ src->id, at, at + 1 }, "the text is not UTF-8: byte 0x%02x",
                   (unsigned)(unsigned char)src->text[at]);
    return at == src->len;
}

Tree *parse_source(Parse *p, const Source *src)
{
    ParseCx *cx = NEW(p->arena, ParseCx);
    cx->p = p;
    cx->src = src;
    cx->errors_before = p->diags->errors;
    cx->prev = K_SEP;
    cx->close_to = -1;
    p->incomplete = false;
    if (parse_readable(p, src)) {
        scanner_open(cx);
        mlc_parse(cx);
    }
    Span all = { src->id, 0, src->len };
    if (!cx->file)
        cx->file = tree_new(cx, T_file, all, NULL, 1, (Tree *[]){ tree_list(cx, all) });
    cx->file->span = all;
    cx->file->doc = cx->file_doc;
    tree_limit_depth(cx, cx->file);
    return cx->file;
}
