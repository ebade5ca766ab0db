/* unicode.c - classes of characters, from ranges in tables. */
#include "unicode.h"

#include "utf8.h"

typedef struct Range {
    uint16_t first, last; /* within a plane of 65536 characters; the planes follow one another */
} Range;

#define RANGE(first, last) { (first) & 0xFFFF, (last) & 0xFFFF },
static const Range letters[] = {
#include "unicode_letter.def"
};
static const Range numbers[] = {
#include "unicode_number.def"
};
#undef RANGE

/* How many ranges lie before each plane. No letter or number lies beyond the last one. */
enum { PLANES = 4 };
#define BEFORE(plane, first) +((first) >> 16 < (plane))
#define RANGE(first, last) BEFORE(1, first)
enum {
    LETTERS1 = 0
#include "unicode_letter.def"
    , NUMBERS1 = 0
#include "unicode_number.def"
};
#undef RANGE
#define RANGE(first, last) BEFORE(2, first)
enum {
    LETTERS2 = 0
#include "unicode_letter.def"
    , NUMBERS2 = 0
#include "unicode_number.def"
};
#undef RANGE
#define RANGE(first, last) BEFORE(3, first)
enum {
    LETTERS3 = 0
#include "unicode_letter.def"
    , NUMBERS3 = 0
#include "unicode_number.def"
};
#undef RANGE
#undef BEFORE
static const uint16_t letters_before[PLANES + 1] = { 0, LETTERS1, LETTERS2, LETTERS3, sizeof letters / sizeof letters[0] };
static const uint16_t numbers_before[PLANES + 1] = { 0, NUMBERS1, NUMBERS2, NUMBERS3, sizeof numbers / sizeof numbers[0] };

static bool is_in(const Range *r, const uint16_t *before, uint32_t c)
{
    if (c >> 16 >= PLANES)
        return false;
    size_t low = before[c >> 16], high = before[(c >> 16) + 1], end = high;
    c &= 0xFFFF;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r[middle].last < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && r[low].first <= c;
}

bool rt_is_letter(uint32_t c)
{
    if (c < 128)
        return (c | 32) >= 'a' && (c | 32) <= 'z';
    return is_in(letters, letters_before, c);
}

bool rt_is_number(uint32_t c)
{
    if (c < 128)
        return c >= '0' && c <= '9';
    return is_in(numbers, numbers_before, c);
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
