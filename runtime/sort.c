/* sort.c - rows in sorted order, and where their elements came from.
 *
 *     row  3 1 NaN 1     ascending 1 1 3 NaN (places 1 3 0 2)     descending, k = 2: NaN 3 (places 2 0)
 *
 * Stable, NaN is the largest, -0 equals +0. Elements become 64-bit keys that order as they do, so that one way serves every type. A few are
 * kept in a heap of k. Else those that may be among the first are put in order by 32 bits of their keys, eight at a time, the last ones first:
 * a few looks at each element, whatever they are.
 */
#include <string.h>

#include "core_int.h"
#include "weights.h"

enum { STRETCH = 65536 }; /* places */

typedef struct Row { const MlcrtCall *call; const char *x; int64_t dtype; bool descending; } Row;
typedef struct Item { uint64_t key; int64_t place; } Item; /* 16 bytes, as the caller was told */

static uint64_t key_of_double(double v)
{
    uint64_t bits;
    if (v != v)
        return UINT64_MAX;
    v += 0.0; /* -0 becomes +0 */
    memcpy(&bits, &v, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static uint64_t key_of_float(float v)
{
    uint32_t bits;
    if (v != v)
        return UINT32_MAX;
    v += 0.0f;
    memcpy(&bits, &v, sizeof bits);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}

static uint64_t key_of_int(int64_t v)
{
    return (uint64_t)v ^ UINT64_C(1) << 63;
}

static uint64_t key_at(const char *x, int64_t i, int64_t dtype)
{
    switch (dtype) {
    case RT_DT_bool: case RT_DT_u8: return ((const uint8_t *)x)[i];
    case RT_DT_u16: return ((const uint16_t *)x)[i];
    case RT_DT_u32: return ((const uint32_t *)x)[i];
    case RT_DT_u64: return ((const uint64_t *)x)[i];
    case RT_DT_i8: return key_of_int(((const int8_t *)x)[i]);
    case RT_DT_i16: return key_of_int(((const int16_t *)x)[i]);
    case RT_DT_i32: return key_of_int(((const int32_t *)x)[i]);
    case RT_DT_i64: return key_of_int(((const int64_t *)x)[i]);
    case RT_DT_f16: return key_of_double((double)rt_f16_value(((const uint16_t *)x)[i]));
    case RT_DT_bf16: return key_of_double((double)rt_bf16_value(((const uint16_t *)x)[i]));
    case RT_DT_f32: return key_of_float(((const float *)x)[i]);
    default: return key_of_double(((const double *)x)[i]);
    }
}

/* Keys of a descending order are turned round, so that smaller is always first and ties still go to the lower place. */
static uint64_t key_in(const Row *r, int64_t place)
{
    uint64_t key = key_at(r->x, place, r->dtype);
    return r->descending ? ~key : key;
}

/* Asked at every place, and looked up at few: rows may be long. */
static bool stopped(const Row *r) { return __atomic_load_n(r->call->stop, __ATOMIC_RELAXED) != 0; }
static bool stops_at(const Row *r, int64_t i) { return i % STRETCH == 0 && stopped(r); }

static bool before(Item a, Item b)
{
    return a.key < b.key || (a.key == b.key && a.place < b.place);
}

static void swap(Item *a, Item *b)
{
    Item other = *a;
    *a = *b;
    *b = other;
}

static void sift_down(Item *heap, int64_t n, int64_t at)
{
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && before(heap[child], heap[child + 1]))
            child++;
        if (!before(heap[at], heap[child]))
            return;
        swap(&heap[at], &heap[child]);
    }
}

/* The k first of n, in order, at the start of `heap`, which has room for k. Places make all items different, so heap sort is
 * stable here. */
static void by_heap(Row r, int64_t n, int64_t k, Item *heap)
{
    for (int64_t i = 0; i < k && !stops_at(&r, i); i++)
        heap[i] = (Item){ key_in(&r, i), i };
    for (int64_t i = k / 2; i-- > 0 && !stops_at(&r, i);)
        sift_down(heap, k, i);
    for (int64_t i = k; i < n && !stops_at(&r, i); i++) {
        Item item = { key_in(&r, i), i };
        if (before(item, heap[0])) {
            heap[0] = item;
            sift_down(heap, k, 0);
        }
    }
    for (int64_t end = k; end-- > 1 && !stops_at(&r, end);) {
        swap(&heap[0], &heap[end]);
        sift_down(heap, end, 0);
    }
}

/* ---- in bins: words of 32 bits of a key and, below them, the place --------------------------------------------- */

enum { DIGIT = 8, BINS = 1 << DIGIT, DIGITS = 4, FEW = 16, SMALL = 128, HEAP_MOST = 512 };

static int64_t place_of(uint64_t word) { return (int64_t)(word & UINT32_MAX); }
static uint64_t digit_of(uint64_t word, int at) { return word >> (32 + at) & (BINS - 1); }

/* Keeps, in their order, the words that may be among the k first by their lowest `bits` bits: most of the others share none of the highest
 * digits with the k-th. Returns how many. */
static int64_t cut(const Row *r, uint64_t *a, int64_t n, int64_t k, int bits)
{
    uint64_t bin = 0, last = 0; /* the digits so far of the k-th */
    int64_t left = k, most = n;
    int at = bits;
    while (at > 0 && most / 2 > k) {
        int64_t count[BINS] = { 0 };
        int step = at < DIGIT ? at : DIGIT;
        at -= step;
        for (int64_t i = 0; i < n && !stops_at(r, i); i++)
            if (a[i] >> (32 + at) >> step == last)
                count[a[i] >> (32 + at) & ((1u << step) - 1)]++;
        if (stopped(r))
            return n;
        for (bin = 0; count[bin] < left; bin++)
            left -= count[bin];
        last = last << step | bin;
        most = k - left + count[bin];
    }
    int64_t kept = 0;
    for (int64_t i = 0; i < n && most < n && !stops_at(r, i); i++)
        if (a[i] >> (32 + at) <= last)
            a[kept++] = a[i];
    return most < n ? kept : n;
}

/* Puts n words in order of their lowest `bits` bits; equal ones stay as they are. b is room for as many. */
static void by_digits(const Row *r, uint64_t *a, uint64_t *b, int64_t n, int bits)
{
    uint32_t count[DIGITS][BINS] = { 0 };
    uint64_t *from = a, *to = b;
    for (int64_t i = 0; i < n && !stops_at(r, i); i++)
        for (int d = 0; d < DIGITS; d++)
            count[d][digit_of(a[i], d * DIGIT)]++;
    for (int d = 0; d * DIGIT < bits && !stopped(r); d++) {
        uint32_t at = 0;
        for (int bin = 0; bin < BINS; bin++) {
            uint32_t here = count[d][bin];
            count[d][bin] = at;
            at += here;
        }
        for (int64_t i = 0; i < n && !stops_at(r, i); i++)
            to[count[d][digit_of(from[i], d * DIGIT)]++] = from[i];
        uint64_t *other = from;
        from = to;
        to = other;
    }
    if (from != a && !stopped(r))
        memcpy(a, from, (size_t)n * sizeof *a);
}

static void by_insertion(const Row *r, uint64_t *a, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        uint64_t word = a[i], key = key_in(r, place_of(word));
        int64_t at = i;
        for (; at > 0 && key < key_in(r, place_of(a[at - 1])); at--)
            a[at] = a[at - 1];
        a[at] = word;
    }
}

/* Puts the k first of the elements whose places a has, lower ones first, in order; b is room for as many. Keys that differ in more than 32 bits
 * are put in order by the highest of these, and where they are equal again. */
static void by_bins(const Row *r, uint64_t *a, uint64_t *b, int64_t n, int64_t k)
{
    uint64_t first = key_in(r, place_of(a[0])), differ = 0;
    if (n <= FEW) {
        by_insertion(r, a, n);
        return;
    }
    for (int64_t i = 1; i < n && !stops_at(r, i); i++)
        differ |= key_in(r, place_of(a[i])) ^ first;
    if (!differ || stopped(r))
        return;
    int bits = 64 - __builtin_clzll(differ), shift = bits > 32 ? bits - 32 : 0;
    for (int64_t i = 0; i < n && !stops_at(r, i); i++)
        a[i] = (key_in(r, place_of(a[i])) & (UINT64_MAX >> (64 - bits))) >> shift << 32 | (uint64_t)place_of(a[i]);
    n = cut(r, a, n, k, bits - shift);
    by_digits(r, a, b, n, bits - shift);
    for (int64_t from = 0, to; shift && from < k && !stopped(r); from = to) {
        for (to = from + 1; to < n && a[to] >> 32 == a[from] >> 32;)
            to++;
        by_bins(r, a + from, b + from, to - from, to < k ? to - from : k - from);
    }
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* The places of the k first of n, in order, at the start of `scratch`. A heap looks once at most elements, where k is small enough. */
static uint64_t *first_of(const Row *r, int64_t n, int64_t k, void *scratch)
{
    Item *heap = scratch;
    uint64_t *a = scratch;
    if (k < n / 64 || (k < n / 8 && k < HEAP_MOST) || n <= SMALL || n > UINT32_MAX) {
        by_heap(*r, n, k, heap);
        for (int64_t i = 0; i < k; i++) /* the first half of an item that was read before */
            a[i] = (uint64_t)heap[i].place;
        return a;
    }
    for (int64_t i = 0; i < n && !stops_at(r, i); i++)
        a[i] = (uint64_t)i;
    by_bins(r, a, a + n, n, k);
    for (int64_t i = 0; i < k && !stops_at(r, i); i++)
        a[i] &= UINT32_MAX;
    return a;
}

void rt_sort_rows(const MlcrtCall *c, int64_t dtype, const void *x, int64_t rows, int64_t n, int64_t k, int32_t descending,
                  void *values, int64_t *indices, void *scratch)
{
    size_t element = rt_types[dtype].bytes;
    Row row = { c, x, dtype, descending != 0 };
    char *value = values;
    if (k > n)
        k = n;
    for (int64_t r = 0; r < rows && k > 0 && !stopped(&row); r++, row.x += (size_t)n * element) {
        const uint64_t *place = first_of(&row, n, k, scratch);
        for (int64_t i = 0; i < k && !stops_at(&row, i); i++) {
            if (value)
                memcpy(value + (size_t)i * element, row.x + (size_t)place[i] * element, element);
            if (indices)
                indices[i] = (int64_t)place[i];
        }
        value = value ? value + (size_t)k * element : NULL;
        indices = indices ? indices + k : NULL;
    }
}
