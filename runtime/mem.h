/* mem.h - memory, growing arrays, growing text and sorting, all through the embedder's allocator. */
#ifndef RT_MEM_H
#define RT_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"

/** Alignment of everything that rt_alloc returns: a cache line. */
enum { RT_ALIGN = 64 };

/** The allocator of the C library. */
MlcrtAlloc rt_libc_alloc(void);

/** `count * size` bytes, not cleared; NULL when they are not to be had or the product overflows.
 *  A product of 0 returns a pointer that may not be read and must be freed like any other.
 */
void *rt_alloc(const MlcrtAlloc *a, size_t count, size_t size);

/** Frees what rt_alloc(a, count, size) returned; NULL is ignored. */
void rt_free(const MlcrtAlloc *a, void *p, size_t count, size_t size);

/** Makes room for `need` elements of `size` bytes in an array that has `*room`; the old elements move along.
 *  Returns the array, at its old or a new place; NULL when there is no memory (the old one is as it was).
 */
void *rt_grow(const MlcrtAlloc *a, void *array, size_t *room, size_t need, size_t size);

/** a * b and a + b; false when the result passes 2^62, more than any file or memory holds. */
bool rt_mul(uint64_t a, uint64_t b, uint64_t *result);
#define RT_SIZE_MOST (UINT64_C(1) << 56) /* bytes of a tensor, elements of an axis, a number of a model */
bool rt_add(uint64_t a, uint64_t b, uint64_t *result);

/** Text that grows up to `limit` bytes. What does not fit is dropped as a whole piece, and `cut` counts those pieces;
 *  a failed allocation sets `failed`. Begin with { .alloc = a, .limit = n }.
 */
typedef struct RtText {
    const MlcrtAlloc *alloc;
    char *text; /* NUL-terminated, or NULL while empty */
    size_t length, room, limit;
    size_t cut;
    bool failed;
} RtText;

/** Appends one formatted piece. */
void rt_text_add(RtText *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rt_text_drop(RtText *t);

/** Sorts the numbers in `index` by `compare(user, a, b)` (< 0, 0, > 0). In place, no recursion, n log n always. */
void rt_sort(uint32_t *index, size_t n, int (*compare)(const void *user, uint32_t a, uint32_t b), const void *user);

#endif
