/* alloc.h - where the runtime gets its memory: two functions of the embedder. C99 and C++. */
#ifndef MLCRT_ALLOC_H
#define MLCRT_ALLOC_H

#include <stddef.h>

/** The embedder's allocator.
 *
 *  alloc    `size` bytes, `size > 0`, aligned to `align`, a power of two; NULL when there are none, which
 *           becomes the status MLCRT_EMEMORY
 *  free     takes a pointer of `alloc` and the same size; never NULL
 *  Threads  both may be called from several threads at once
 */
typedef struct MlcrtAlloc {
    void *user;
    void *(*alloc)(void *user, size_t size, size_t align);
    void (*free)(void *user, void *p, size_t size);
} MlcrtAlloc;

#endif
