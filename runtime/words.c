/* words.c - cuts a text into words as the regular expressions of tokenizer files do.
 *
 *     " How's it 2024?"   ->   " How" "'s" " it" " 2024" "?"
 *
 * Each alternative of an expression is a function, tried in its order; no expression is interpreted.
 * Source: the expressions themselves, in the tokenizer.json of GPT-2, Llama 3 and Qwen 2.
 */
#include "words.h"

#include <string.h>

#include "unicode.h"

static const struct { RtCut cut; const char *pattern; } patterns[] = {
    { RT_CUT_GPT2, "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+" },
    { RT_CUT_LLAMA3, "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
                     "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" },
    { RT_CUT_QWEN2, "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
                    "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" },
};

RtCut rt_cut_find(const char *pattern, size_t length)
{
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        if (strlen(patterns[i].pattern) == length && memcmp(patterns[i].pattern, pattern, length) == 0)
            return patterns[i].cut;
    return RT_CUT_NONE;
}

typedef struct Text {
    const char *p;
    size_t n;
} Text;

typedef bool IsClass(uint32_t c);

static bool is_other(uint32_t c)
{
    return !rt_is_space(c) && !rt_is_letter(c) && !rt_is_number(c);
}

static bool is_line_end(uint32_t c)
{
    return c == '\r' || c == '\n';
}

/* Where the run of at most `most` characters of a class that begins at `from` ends. */
static size_t run(Text t, size_t from, IsClass *is, size_t most)
{
    uint32_t c;
    size_t at = from;
    while (at < t.n && most--) {
        size_t n = rt_utf8_get(t.p + at, t.n - at, &c);
        if (!is(c))
            break;
        at += n;
    }
    return at;
}

/* "'s" and its like; 0 if there is none. */
static size_t contraction(Text t, bool any_case)
{
    static const char *const tails[] = { "s", "t", "re", "ve", "m", "ll", "d" };
    if (t.p[0] != '\'')
        return 0;
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        size_t k = 0, n = strlen(tails[i]);
        while (k < n && k + 1 < t.n && (any_case ? t.p[k + 1] | 32 : t.p[k + 1]) == tails[i][k])
            k++;
        if (k == n)
            return n + 1;
    }
    /* without regard to case, the long s counts as an s */
    return any_case && t.n >= 3 && memcmp(t.p + 1, "\xC5\xBF", 2) == 0 ? 3 : 0;
}

/* One or more of a class, maybe behind one space; 0 if there is none. */
static size_t behind_space(Text t, IsClass *is)
{
    size_t from = t.p[0] == ' ', end = run(t, from, is, SIZE_MAX);
    return end > from ? end : 0;
}

/* Letters, maybe behind one character that is no letter, number or line end; 0 if there are none. */
static size_t letters_behind_any(Text t)
{
    uint32_t c;
    size_t n = rt_utf8_get(t.p, t.n, &c), from = rt_is_letter(c) || rt_is_number(c) || is_line_end(c) ? 0 : n;
    size_t end = run(t, from, rt_is_letter, SIZE_MAX);
    return end > from ? end : 0;
}

/* White space up to its last line end; 0 if it has none. */
static size_t up_to_line_end(Text t)
{
    size_t end = run(t, 0, rt_is_space, SIZE_MAX);
    while (end > 0 && !is_line_end((unsigned char)t.p[end - 1]))
        end--;
    return end;
}

/* White space, but for its last character if something follows and that leaves any. */
static size_t space(Text t)
{
    uint32_t c;
    size_t end = run(t, 0, rt_is_space, SIZE_MAX), last = 0, at = 0;
    if (end == t.n || end == 0)
        return end;
    while (at < end) {
        last = at;
        at += rt_utf8_get(t.p + at, end - at, &c);
    }
    return last ? last : end;
}

static size_t next_gpt2(Text t)
{
    size_t n = contraction(t, false);
    n = n ? n : behind_space(t, rt_is_letter);
    n = n ? n : behind_space(t, rt_is_number);
    n = n ? n : behind_space(t, is_other);
    return n ? n : space(t);
}

static size_t next_llama3(Text t, size_t digits)
{
    size_t n = contraction(t, true);
    n = n ? n : letters_behind_any(t);
    n = n ? n : run(t, 0, rt_is_number, digits);
    if (!n && (n = behind_space(t, is_other)))
        n = run(t, n, is_line_end, SIZE_MAX);
    n = n ? n : up_to_line_end(t);
    return n ? n : space(t);
}

static size_t next_mark(Text t)
{
    for (size_t i = 1; i + 3 <= t.n; i++)
        if (memcmp(t.p + i, "\xE2\x96\x81", 3) == 0)
            return i;
    return t.n;
}

size_t rt_cut_next(RtCut cut, const char *text, size_t length)
{
    Text t = { text, length };
    size_t n = cut == RT_CUT_GPT2     ? next_gpt2(t)
               : cut == RT_CUT_LLAMA3 ? next_llama3(t, 3)
               : cut == RT_CUT_QWEN2  ? next_llama3(t, 1)
               : cut == RT_CUT_MARK   ? next_mark(t)
                                      : length;
    return n ? n : 1;
}
