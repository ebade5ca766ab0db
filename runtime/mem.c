/* mem.c - memory, growing arrays, growing text and sorting. */
#define _GNU_SOURCE
#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, HUGE_LEAST = 2 * HUGE_PAGE };

/* Large blocks in large pages: a weight that is read once a call spends a tenth of the time on translating addresses else. */
static void *libc_alloc(void *user, size_t size, size_t align)
{
    (void)user;
    void *p = NULL;
    if (align < sizeof(void *))
        align = sizeof(void *);
    if (size < HUGE_LEAST)
        return posix_memalign(&p, align, size) == 0 ? p : NULL;
    if (posix_memalign(&p, align > HUGE_PAGE ? align : HUGE_PAGE, size) != 0)
        return NULL;
    madvise(p, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* a hint: where it is refused, pages are small */
    return p;
}

static void libc_free(void *user, void *p, size_t size)
{
    (void)user;
    (void)size;
    free(p);
}

MlcrtAlloc rt_libc_alloc(void)
{
    return (MlcrtAlloc){ NULL, libc_alloc, libc_free };
}

bool rt_mul(uint64_t a, uint64_t b, uint64_t *result)
{
    return !__builtin_mul_overflow(a, b, result) && *result < (uint64_t)1 << 62;
}

bool rt_add(uint64_t a, uint64_t b, uint64_t *result)
{
    return !__builtin_add_overflow(a, b, result) && *result < (uint64_t)1 << 62;
}

/* Every block has at least one byte, so that NULL always means failure. */
static size_t block_size(size_t count, size_t size)
{
    return count && size ? count * size : 1;
}

void *rt_alloc(const MlcrtAlloc *a, size_t count, size_t size)
{
    uint64_t product;
    if (!rt_mul(count, size, &product))
        return NULL;
    return a->alloc(a->user, block_size(count, size), RT_ALIGN);
}

void rt_free(const MlcrtAlloc *a, void *p, size_t count, size_t size)
{
    if (p)
        a->free(a->user, p, block_size(count, size));
}

void *rt_grow(const MlcrtAlloc *a, void *array, size_t *room, size_t need, size_t size)
{
    enum { FIRST = 16 };
    if (array && need <= *room)
        return array;
    size_t more = *room < FIRST ? FIRST : *room * 2;
    if (more < need)
        more = need;
    void *bigger = rt_alloc(a, more, size);
    if (!bigger)
        return NULL;
    if (array && *room)
        memcpy(bigger, array, *room * size);
    rt_free(a, array, *room, size);
    *room = more;
    return bigger;
}

void rt_text_add(RtText *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t need = t->length + (size_t)(n < 0 ? 0 : n) + 1;
    if (n < 0 || need > t->limit) {
        t->cut++;
    } else {
        char *text = rt_grow(t->alloc, t->text, &t->room, need, 1);
        if (text) {
            t->text = text;
            vsnprintf(text + t->length, (size_t)n + 1, format, again);
            t->length += (size_t)n;
        } else {
            t->failed = true;
        }
    }
    va_end(again);
}

void rt_text_drop(RtText *t)
{
    rt_free(t->alloc, t->text, t->room, 1);
    t->text = NULL;
    t->length = t->room = t->cut = 0;
}

/* Heap sort. A quicksort would be faster on average, but a hostile file must not choose the worst case. */
static void sift(uint32_t *index, size_t root, size_t n, int (*compare)(const void *, uint32_t, uint32_t),
                 const void *user)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && compare(user, index[child], index[child + 1]) < 0)
            child++;
        if (compare(user, index[root], index[child]) >= 0)
            return;
        uint32_t other = index[root];
        index[root] = index[child];
        index[child] = other;
    }
}

void rt_sort(uint32_t *index, size_t n, int (*compare)(const void *, uint32_t, uint32_t), const void *user)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(index, i, n, compare, user);
    for (size_t end = n; end-- > 1;) {
        uint32_t largest = index[0];
        index[0] = index[end];
        index[end] = largest;
        sift(index, 0, end, compare, user);
    }
}
