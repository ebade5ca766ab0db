/* json.c - a strict pull reader for JSON.
 *
 * `expect` says what may come next; `open` is the stack of brackets, so depth is bounded and nothing recurses:
 *
 *     {  KEY_OR_CLOSE  ->  key :  VALUE  ->  AFTER  ->  , KEY  or  }
 *     [  VALUE_OR_CLOSE                  ->  AFTER  ->  , VALUE  or  ]
 */
#include "json.h"

#include <math.h>
#include <string.h>

#include "mem.h"
#include "utf8.h"

enum { VALUE, VALUE_OR_CLOSE, KEY, KEY_OR_CLOSE, AFTER };

void rt_json_init(RtJson *j, const MlcrtAlloc *alloc, const char *text, size_t length, RtError *err)
{
    *j = (RtJson){ .alloc = alloc, .err = err, .text = text, .length = length, .expect = VALUE };
    if (length > UINT32_MAX)
        rt_json_fail(j, MLCRT_ELIMIT, "the text has 2^32 bytes or more");
}

void rt_json_drop(RtJson *j)
{
    rt_free(j->alloc, j->keys, j->keys_room, sizeof *j->keys);
    j->keys = NULL;
    j->nkeys = j->keys_room = 0;
}

MlcrtStatus rt_json_fail(RtJson *j, MlcrtStatus status, const char *text)
{
    j->kind = RT_JSON_ERROR;
    j->status = status;
    return rt_fail(j->err, status, "byte %zu: %s", j->offset, text);
}

static RtJsonKind bad(RtJson *j, const char *text)
{
    j->offset = j->at;
    rt_json_fail(j, MLCRT_EFORMAT, text);
    return RT_JSON_ERROR;
}

static RtJsonKind found(RtJson *j, RtJsonKind kind)
{
    j->kind = kind;
    return kind;
}

/* The byte at hand; 0 at the end, which is no valid byte anywhere. */
static char peek(const RtJson *j)
{
    return j->at < j->length ? j->text[j->at] : 0;
}

static void skip_white(RtJson *j)
{
    for (char c; (c = peek(j)) == ' ' || c == '\t' || c == '\n' || c == '\r';)
        j->at++;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits of \uXXXX; -1 if there are not four. */
static int32_t hex4(const char *s, size_t length)
{
    int32_t code = 0;
    if (length < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(s[i]);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* Decodes one character of a string body into out (up to 4 bytes, *n of them); returns the bytes it took, 0 if bad. */
static size_t decode(const char *s, size_t length, char out[4], size_t *n)
{
    static const char plain[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    *n = 0;
    if (s[0] != '\\') {
        *n = (unsigned char)s[0] < 0x20 ? 0 : rt_utf8_length(s, length);
        memcpy(out, s, *n);
        return *n;
    }
    const char *p = length > 1 && s[1] ? strchr(plain, s[1]) : NULL;
    if (p) {
        out[0] = meaning[p - plain];
        *n = 1;
        return 2;
    }
    int32_t code = length > 1 && s[1] == 'u' ? hex4(s + 2, length - 2) : -1;
    size_t took = 6;
    if (code >= 0xD800 && code < 0xDC00) { /* the first half of a pair */
        int32_t low = length >= 12 && s[6] == '\\' && s[7] == 'u' ? hex4(s + 8, length - 8) : -1;
        code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : -1;
        took = 12;
    } else if (code >= 0xDC00 && code < 0xE000) {
        code = -1;
    }
    if (code < 0)
        return 0;
    *n = rt_utf8_put(out, (uint32_t)code);
    return took;
}

/* Stands on the opening quote; leaves the body in raw and stands after the closing quote. */
static bool scan_string(RtJson *j)
{
    char out[4];
    size_t n;
    j->raw = j->text + ++j->at;
    while (peek(j) != '"') {
        size_t took = j->at < j->length ? decode(j->text + j->at, j->length - j->at, out, &n) : 0;
        if (took == 0) {
            bad(j, j->at < j->length ? "a bad escape, control character or UTF-8 sequence in a string"
                                     : "the text ends inside a string");
            return false;
        }
        j->at += took;
    }
    j->raw_length = (size_t)(j->text + j->at - j->raw);
    j->at++;
    return true;
}

size_t rt_json_unescape(const RtJson *j, char *out)
{
    size_t length = 0;
    char c[4];
    for (size_t at = 0, n; at < j->raw_length; length += n) {
        at += decode(j->raw + at, j->raw_length - at, c, &n);
        memcpy(out + length, c, n);
    }
    return length;
}

bool rt_json_is(const RtJson *j, const char *text)
{
    char c[4];
    for (size_t at = 0, n; at < j->raw_length; text += n) {
        at += decode(j->raw + at, j->raw_length - at, c, &n);
        if (strncmp(text, c, n) != 0 || memchr(c, 0, n))
            return false;
    }
    return *text == 0;
}

/* Compares two keys after unescaping. Both were scanned before, so they decode and end in a quote. */
static int compare_keys(const void *user, uint32_t a, uint32_t b)
{
    const RtJson *j = user;
    char x[4], y[4];
    for (size_t at = a, bt = b, n, m;;) {
        bool a_ends = j->text[at] == '"', b_ends = j->text[bt] == '"';
        if (a_ends || b_ends)
            return (int)b_ends - (int)a_ends;
        at += decode(j->text + at, j->length - at, x, &n);
        bt += decode(j->text + bt, j->length - bt, y, &m);
        int order = memcmp(x, y, n < m ? n : m); /* UTF-8 is prefix-free: unequal lengths differ before the shorter ends */
        if (order)
            return order;
    }
}

static bool remember_key(RtJson *j)
{
    uint32_t *keys = rt_grow(j->alloc, j->keys, &j->keys_room, j->nkeys + 1, sizeof *keys);
    if (!keys) {
        rt_json_fail(j, MLCRT_EMEMORY, "out of memory for keys");
        return false;
    }
    j->keys = keys;
    keys[j->nkeys++] = (uint32_t)(j->raw - j->text);
    return true;
}

static bool keys_differ(RtJson *j, size_t first)
{
    size_t n = j->nkeys - first;
    if (n < 2)
        return true; /* there may be no keys yet */
    uint32_t *keys = j->keys + first;
    rt_sort(keys, n, compare_keys, j);
    for (size_t i = 1; i < n; i++)
        if (compare_keys(j, keys[i - 1], keys[i]) == 0) {
            j->offset = keys[i - 1] > keys[i] ? keys[i - 1] : keys[i];
            rt_json_fail(j, MLCRT_EFORMAT, "the object already has this key");
            return false;
        }
    return true;
}

static RtJsonKind open_bracket(RtJson *j, bool object)
{
    if (j->depth == RT_JSON_DEPTH) {
        rt_json_fail(j, MLCRT_ELIMIT, "more than 16 nested brackets");
        return RT_JSON_ERROR;
    }
    j->open[j->depth].object = object;
    j->open[j->depth++].first_key = j->nkeys;
    j->expect = object ? KEY_OR_CLOSE : VALUE_OR_CLOSE;
    j->at++;
    return found(j, object ? RT_JSON_OBJECT : RT_JSON_ARRAY);
}

static RtJsonKind close_bracket(RtJson *j)
{
    bool object = j->open[--j->depth].object;
    if (object) {
        size_t first = j->open[j->depth].first_key;
        if (!keys_differ(j, first))
            return RT_JSON_ERROR;
        j->nkeys = first;
    }
    j->expect = AFTER;
    j->at++;
    return found(j, object ? RT_JSON_OBJECT_END : RT_JSON_ARRAY_END);
}

static size_t skip_digits(RtJson *j)
{
    size_t start = j->at;
    while (is_digit(peek(j)))
        j->at++;
    return j->at - start;
}

/* Exact value of plain digits with an optional minus; false if it does not fit. */
static bool plain_integer(const char *s, size_t length, int64_t *value)
{
    bool negative = s[0] == '-';
    int64_t v = 0;
    for (size_t i = negative; i < length; i++) {
        int digit = s[i] - '0';
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, negative ? -digit : digit, &v))
            return false;
    }
    *value = v;
    return !(negative && v == 0);
}

static RtJsonKind scan_number(RtJson *j)
{
    bool plain = true;
    size_t start = j->at;
    j->at += peek(j) == '-';
    char first = peek(j);
    size_t digits = skip_digits(j);
    if (digits == 0 || (first == '0' && digits > 1))
        return bad(j, "a bad number");
    if (peek(j) == '.') {
        plain = false;
        j->at++;
        if (skip_digits(j) == 0)
            return bad(j, "a bad number");
    }
    if (peek(j) == 'e' || peek(j) == 'E') {
        plain = false;
        j->at++;
        j->at += peek(j) == '+' || peek(j) == '-';
        if (skip_digits(j) == 0)
            return bad(j, "a bad number");
    }
    j->raw = j->text + start;
    j->raw_length = j->at - start;
    return found(j, plain && plain_integer(j->raw, j->raw_length, &j->integer) ? RT_JSON_INT : RT_JSON_NUMBER);
}

static RtJsonKind scan_word(RtJson *j, const char *word, RtJsonKind kind)
{
    size_t n = strlen(word);
    if (j->length - j->at < n || memcmp(j->text + j->at, word, n) != 0)
        return bad(j, "a value is expected");
    j->at += n;
    return found(j, kind);
}

static RtJsonKind scan_value(RtJson *j)
{
    char c = peek(j);
    if (c == '{' || c == '[')
        return open_bracket(j, c == '{');
    if (c == ']' && j->expect == VALUE_OR_CLOSE)
        return close_bracket(j);
    j->expect = AFTER;
    switch (c) {
    case '"': return scan_string(j) ? found(j, RT_JSON_STRING) : RT_JSON_ERROR;
    case 't': return scan_word(j, "true", RT_JSON_TRUE);
    case 'f': return scan_word(j, "false", RT_JSON_FALSE);
    case 'n': return scan_word(j, "null", RT_JSON_NULL);
    default: return c == '-' || is_digit(c) ? scan_number(j) : bad(j, "a value is expected");
    }
}

static RtJsonKind scan_key(RtJson *j)
{
    if (peek(j) == '}' && j->expect == KEY_OR_CLOSE)
        return close_bracket(j);
    if (peek(j) != '"')
        return bad(j, "a key in quotes is expected");
    if (!scan_string(j) || !remember_key(j))
        return RT_JSON_ERROR;
    skip_white(j);
    if (peek(j) != ':')
        return bad(j, "':' is expected after a key");
    j->at++;
    j->expect = VALUE;
    return found(j, RT_JSON_KEY);
}

RtJsonKind rt_json_next(RtJson *j)
{
    if (j->kind == RT_JSON_ERROR)
        return j->kind;
    skip_white(j);
    if (j->expect == AFTER) {
        if (j->depth == 0)
            return j->at == j->length ? found(j, RT_JSON_END) : bad(j, "something follows the value");
        bool object = j->open[j->depth - 1].object;
        j->offset = j->at;
        if (peek(j) == (object ? '}' : ']'))
            return close_bracket(j);
        if (peek(j) != ',')
            return bad(j, object ? "',' or '}' is expected" : "',' or ']' is expected");
        j->at++;
        j->expect = object ? KEY : VALUE;
        skip_white(j);
    }
    j->offset = j->at;
    return j->expect == KEY || j->expect == KEY_OR_CLOSE ? scan_key(j) : scan_value(j);
}

bool rt_json_skip(RtJson *j)
{
    int floor = j->depth - (j->kind == RT_JSON_OBJECT || j->kind == RT_JSON_ARRAY);
    do {
        if (rt_json_next(j) == RT_JSON_ERROR)
            return false;
    } while (j->depth > floor);
    return true;
}

/* ---- numbers ---- */

static double decimal(const char *s, size_t n)
{
    double v = 0;
    int scale = 0, exponent = 0, digits = 0;
    size_t i = s[0] == '-';
    bool fraction = false, down = false;
    for (; i < n && s[i] != 'e' && s[i] != 'E'; i++) {
        if (s[i] == '.') {
            fraction = true;
            continue;
        }
        bool counts = digits < 18;
        digits += digits || s[i] != '0';
        v = counts ? v * 10 + (s[i] - '0') : v;
        scale += counts ? -fraction : !fraction;
    }
    for (i++; i < n && exponent < 10000; i++)
        if (s[i] == '-' || s[i] == '+')
            down = s[i] == '-';
        else
            exponent = exponent * 10 + (s[i] - '0');
    scale += down ? -exponent : exponent;
    v = scale < 0 ? v / pow(10, -scale) : v * pow(10, scale);
    return s[0] == '-' ? -v : v;
}

double rt_json_real(const RtJson *j)
{
    return j->kind == RT_JSON_INT ? (double)j->integer : decimal(j->raw, j->raw_length);
}
