/* unicode.c - classes of characters, from ranges in tables. */
#include "unicode.h"

#include "utf8.h"

typedef struct Range {
    uint32_t first, last;
} Range;

#define RANGE(first, last) { first, last },
static const Range letters[] = {
#include "unicode_letter.def"
};
static const Range numbers[] = {
#include "unicode_number.def"
};
#undef RANGE

static bool is_in(const Range *r, size_t n, uint32_t c)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r[middle].last < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && r[low].first <= c;
}

bool rt_is_letter(uint32_t c)
{
    if (c < 128)
        return (c | 32) >= 'a' && (c | 32) <= 'z';
    return is_in(letters, sizeof letters / sizeof letters[0], c);
}

bool rt_is_number(uint32_t c)
{
    if (c < 128)
        return c >= '0' && c <= '9';
    return is_in(numbers, sizeof numbers / sizeof numbers[0], c);
}

bool rt_is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == 32 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

size_t rt_utf8_get(const char *text, size_t length, uint32_t *c)
{
    static const uint8_t lead[5] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    size_t n = rt_utf8_length(text, length);
    if (n == 0) {
        *c = UINT32_MAX;
        return 1;
    }
    *c = (uint8_t)text[0] & lead[n];
    for (size_t i = 1; i < n; i++)
        *c = *c << 6 | ((uint8_t)text[i] & 0x3F);
    return n;
}
