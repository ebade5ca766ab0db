/* utf8.c - strict UTF-8.
 *
 *     first byte   allowed second bytes          length      (RFC 3629, section 4)
 *     00..7F                                     1
 *     C2..DF       80..BF                        2
 *     E0..EF       80..BF, E0: A0.., ED: ..9F    3
 *     F0..F4       80..BF, F0: 90.., F4: ..8F    4
 */
#include "utf8.h"

static bool second_fits(unsigned char first, unsigned char second)
{
    unsigned char low = 0x80, high = 0xBF;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    return second >= low && second <= high;
}

size_t rt_utf8_length(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    if (length == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xC2 && s[0] <= 0xDF ? 2 : s[0] >= 0xE0 && s[0] <= 0xEF ? 3 : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4 : 0;
    if (n == 0 || n > length || !second_fits(s[0], s[1]))
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

size_t rt_utf8_put(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    out[0] = (char)(lead[n] | code);
    return n;
}

bool rt_utf8_valid(const char *text, size_t length)
{
    for (size_t at = 0, n; at < length; at += n)
        if ((n = rt_utf8_length(text + at, length - at)) == 0)
            return false;
    return true;
}
