/* json.c - manifests as values. The reader of the runtime is strict; manifests hold NaN and Infinity, which JSON does not have. */
#include "runner.h"

#include <stdlib.h>
#include <string.h>

typedef struct Reader { Arena *a; const char *p, *end, *error; int depth; } Reader;

static const Value *fail(Reader *r, const char *why)
{
    if (!r->error)
        r->error = why;
    return value_null();
}

static void blanks(Reader *r)
{
    while (r->p < r->end && strchr(" \t\r\n", *r->p))
        r->p++;
}

static bool take(Reader *r, const char *word)
{
    size_t n = strlen(word);
    blanks(r);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n))
        return false;
    r->p += n;
    return true;
}

static void put_code(Buf *b, unsigned c)
{
    if (c < 0x80)
        buf_putc(b, (char)c);
    else {
        if (c < 0x800)
            buf_putc(b, (char)(0xc0 | c >> 6));
        else {
            buf_putc(b, (char)(0xe0 | c >> 12));
            buf_putc(b, (char)(0x80 | (c >> 6 & 63)));
        }
        buf_putc(b, (char)(0x80 | (c & 63)));
    }
}

static const char *string(Reader *r)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    Buf b = buf_new(r->a);
    while (r->p < r->end && *r->p != '"') {
        char c = *r->p++;
        if (c != '\\' || r->p == r->end) {
            buf_putc(&b, c);
            continue;
        }
        c = *r->p++;
        const char *at = strchr(from, c);
        if (c == 'u' && r->end - r->p >= 4) {
            char digits[5] = { r->p[0], r->p[1], r->p[2], r->p[3], 0 };
            put_code(&b, (unsigned)strtoul(digits, NULL, 16));
            r->p += 4;
        } else
            buf_putc(&b, at && c ? to[at - from] : c);
    }
    if (r->p == r->end)
        fail(r, "a string does not end");
    r->p++;
    return buf_text(&b);
}

static const Value *number(Reader *r)
{
    const char *start = r->p;
    bool whole = true;
    while (r->p < r->end && strchr("+-0123456789.eE", *r->p)) {
        whole &= !strchr(".eE", *r->p);
        r->p++;
    }
    const char *text = arena_text(r->a, start, (size_t)(r->p - start));
    char *stop = NULL;
    const Value *v = whole ? value_int(r->a, strtoll(text, &stop, 10)) : value_real(r->a, strtod(text, &stop));
    return *text && !*stop ? v : fail(r, "what is this?");
}

static const Value *value(Reader *r);

static const Value *collection(Reader *r, bool dict)
{
    Value *v = dict ? value_dict(r->a) : value_list(r->a);
    const char *close = dict ? "}" : "]";
    if (++r->depth > 100)
        return fail(r, "too deep");
    if (!take(r, close))
        do {
            const char *key = NULL;
            if (dict) {
                if (!take(r, "\""))
                    return fail(r, "a key is missing");
                key = string(r);
                if (!take(r, ":"))
                    return fail(r, "':' is missing");
                if (value_get(v, key))
                    return fail(r, "a key stands twice");
            }
            const Value *item = value(r);
            if (dict)
                value_put(r->a, v, key, item);
            else
                vec_push(r->a, &v->items, item);
        } while (!r->error && take(r, ","));
    else
        r->p--; /* seen again below */
    r->depth--;
    return take(r, close) ? v : fail(r, "an object or array does not end");
}

static const Value *value(Reader *r)
{
    if (r->error)
        return value_null();
    return take(r, "{")           ? collection(r, true)
           : take(r, "[")         ? collection(r, false)
           : take(r, "\"")        ? value_text(r->a, string(r))
           : take(r, "true")      ? value_bool(r->a, true)
           : take(r, "false")     ? value_bool(r->a, false)
           : take(r, "null")      ? value_null()
           : take(r, "NaN")       ? value_real(r->a, strtod("nan", NULL))
           : take(r, "Infinity")  ? value_real(r->a, strtod("inf", NULL))
           : take(r, "-Infinity") ? value_real(r->a, strtod("-inf", NULL))
                                  : number(r);
}

const Value *json_read(Arena *a, const char *text, size_t length, const char **error)
{
    Reader r = { .a = a, .p = text, .end = text + length };
    const Value *v = value(&r);
    blanks(&r);
    if (!r.error && r.p != r.end)
        fail(&r, "something stands behind the value");
    if (r.error)
        *error = arena_printf(a, "byte %td: %s", r.p - text, r.error);
    return r.error ? NULL : v;
}
