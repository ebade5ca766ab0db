/* sort.c - rows in sorted order, and where their elements came from.
 *
 *     row  3 1 NaN 1     ascending 1 1 3 NaN (places 1 3 0 2)     descending, k = 2: NaN 3 (places 2 0)
 *
 * Stable, NaN is the largest, -0 equals +0. The first k are kept in a heap of k, then sorted in place: n log k. Elements become 64-bit keys that order as they do, so that one comparison serves every type.
 */
#include <string.h>

#include "core_int.h"
#include "weights.h"

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
    case RT_DT_f32: return key_of_double((double)((const float *)x)[i]);
    default: return key_of_double(((const double *)x)[i]);
    }
}

/* Keys of a descending order are turned round, so that smaller is always first and ties still go to the lower place. */
static Item item_at(const char *x, int64_t i, int64_t dtype, bool descending)
{
    uint64_t key = key_at(x, i, dtype);
    return (Item){ descending ? ~key : key, i };
}

static bool before(Item a, Item b)
{
    return a.key < b.key || (a.key == b.key && a.place < b.place);
}

static void sift_down(Item *heap, int64_t n, int64_t at)
{
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && before(heap[child], heap[child + 1]))
            child++;
        if (!before(heap[at], heap[child]))
            return;
        Item other = heap[at];
        heap[at] = heap[child];
        heap[child] = other;
    }
}

/* The k first of n, in order, at the start of `heap`, which has room for k. Places make all items different, so heap sort is
 * stable here. */
static void first_of(const char *x, int64_t n, int64_t k, int64_t dtype, bool descending, Item *heap)
{
    for (int64_t i = 0; i < k; i++)
        heap[i] = item_at(x, i, dtype, descending);
    for (int64_t i = k / 2; i-- > 0;)
        sift_down(heap, k, i);
    for (int64_t i = k; i < n; i++) {
        Item item = item_at(x, i, dtype, descending);
        if (before(item, heap[0])) {
            heap[0] = item;
            sift_down(heap, k, 0);
        }
    }
    for (int64_t end = k; end-- > 1;) {
        Item last = heap[0];
        heap[0] = heap[end];
        heap[end] = last;
        sift_down(heap, end, 0);
    }
}

void rt_sort_rows(const MlcrtCall *c, int64_t dtype, const void *x, int64_t rows, int64_t n, int64_t k, int32_t descending,
                  void *values, int64_t *indices, void *scratch)
{
    (void)c;
    size_t element = rt_types[dtype].bytes;
    const char *row = x;
    char *value = values;
    Item *items = scratch;
    if (k > n)
        k = n;
    for (int64_t r = 0; r < rows && k > 0; r++, row += (size_t)n * element) {
        first_of(row, n, k, dtype, descending != 0, items);
        for (int64_t i = 0; i < k; i++) {
            if (value)
                memcpy(value + (size_t)i * element, row + (size_t)items[i].place * element, element);
            if (indices)
                indices[i] = items[i].place;
        }
        value = value ? value + (size_t)k * element : NULL;
        indices = indices ? indices + k : NULL;
    }
}
