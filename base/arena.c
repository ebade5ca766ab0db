/* arena.c - memory of a compilation.
 *
 *     Mem ── arena ── chunk ── chunk ── ...       a chunk is one block of the hooks, filled from its start
 *         └─ arena ── chunk
 *
 * Allocation moves a pointer; nothing is freed before its arena is dropped. Chunks double up to CHUNK_MOST, so a small
 * compilation takes a few kilobytes and a large one few calls. A failure unwinds with longjmp to the innermost mem_try:
 * arenas stay linked to the Mem, so their owner still drops them.
 */
#include "base/base_int.h"

#include <limits.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, CHUNK_LEAST = 4096, CHUNK_MOST = 1 << 20 };

typedef struct Chunk {
    struct Chunk *next;
    size_t size; /* of the whole block, this header included */
} Chunk;

struct Arena {
    Mem *mem;
    Arena *next, **link; /* link: the pointer that points here */
    Chunk *chunks;       /* the newest first; the oldest holds the Arena itself */
    char *at, *end;      /* free part of the newest chunk that is not a piece's own */
    size_t bytes, chunk; /* taken from the hooks; size of the next chunk */
};

static size_t round_up(size_t n)
{
    return (n + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
}

/* ---- Mem ---- */

static void *malloc_alloc(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void malloc_free(void *user, void *p, size_t size)
{
    (void)user;
    (void)size;
    free(p);
}

MemHooks mem_malloc_hooks(void)
{
    return (MemHooks){ NULL, malloc_alloc, malloc_free };
}

void mem_init(Mem *m, MemHooks hooks, size_t limit)
{
    *m = (Mem){ .hooks = hooks, .limit = limit };
}

void mem_drop(Mem *m)
{
    while (m->arenas)
        arena_drop(m->arenas);
}

bool mem_try(Mem *m, void (*f)(void *arg), void *arg)
{
    jmp_buf here;
    jmp_buf *outer = m->on_fail;
    m->on_fail = &here;
    bool failed = setjmp(here) != 0;
    if (!failed)
        f(arg);
    m->on_fail = outer;
    return !failed;
}

void mem_fail(Mem *m)
{
    if (m->on_fail)
        longjmp(*m->on_fail, 1);
    __builtin_trap(); /* allocation outside of mem_try: a mistake of the program, which has nowhere to go back to */
}

static void *mem_take(Mem *m, size_t size)
{
    if (m->limit && (size > m->limit || m->used > m->limit - size))
        mem_fail(m);
    void *p = m->hooks.alloc(m->hooks.user, size);
    if (!p)
        mem_fail(m);
    m->used += size;
    return p;
}

static void mem_give(Mem *m, void *p, size_t size)
{
    m->used -= size;
    m->hooks.free(m->hooks.user, p, size);
}

/* ---- Arena ---- */

Arena *arena_new(Mem *m)
{
    size_t head = round_up(sizeof(Chunk)), self = round_up(sizeof(Arena));
    Chunk *c = mem_take(m, CHUNK_LEAST);
    *c = (Chunk){ NULL, CHUNK_LEAST };
    Arena *a = (Arena *)((char *)c + head);
    *a = (Arena){ .mem = m, .next = m->arenas, .link = &m->arenas, .chunks = c, .at = (char *)a + self,
                  .end = (char *)c + CHUNK_LEAST, .bytes = CHUNK_LEAST, .chunk = (size_t)CHUNK_LEAST * 2 };
    if (a->next)
        a->next->link = &a->next;
    m->arenas = a;
    return a;
}

void arena_drop(Arena *a)
{
    if (!a)
        return;
    *a->link = a->next;
    if (a->next)
        a->next->link = a->link;
    Mem *m = a->mem;
    for (Chunk *c = a->chunks, *next; c; c = next) { /* the last one holds *a */
        next = c->next;
        mem_give(m, c, c->size);
    }
}

Mem *arena_mem(Arena *a)
{
    return a->mem;
}

size_t arena_bytes(const Arena *a)
{
    return a->bytes;
}

/* A piece that the newest chunk has no room for. A large one gets a chunk of its own, so that the rest of the newest
 * stays in use. */
static char *alloc_slow(Arena *a, size_t size)
{
    size_t head = round_up(sizeof(Chunk));
    bool own = size > a->chunk / 4;
    size_t block = own ? head + size : a->chunk;
    Chunk *c = mem_take(a->mem, block);
    *c = (Chunk){ a->chunks, block };
    a->chunks = c;
    a->bytes += block;
    char *p = (char *)c + head;
    if (!own || a->at == a->end) {
        a->at = p + size;
        a->end = (char *)c + block;
    }
    if (a->chunk < CHUNK_MOST)
        a->chunk *= 2;
    return p;
}

static char *alloc_raw(Arena *a, size_t size)
{
    if (size > SIZE_MAX / 4)
        mem_fail(a->mem);
    size = size ? round_up(size) : ALIGN;
    if (size > (size_t)(a->end - a->at))
        return alloc_slow(a, size);
    char *p = a->at;
    a->at += size;
    return p;
}

void *arena_alloc(Arena *a, size_t size)
{
    return memset(alloc_raw(a, size), 0, size ? size : 1);
}

void *arena_array(Arena *a, size_t elem, size_t n)
{
    size_t size;
    if (__builtin_mul_overflow(elem, n, &size))
        mem_fail(a->mem);
    return arena_alloc(a, size);
}

void *arena_copy(Arena *a, const void *p, size_t size)
{
    char *q = alloc_raw(a, size);
    if (size)
        memcpy(q, p, size);
    return q;
}

void *arena_regrow(Arena *a, void *p, size_t size, size_t wanted)
{
    size_t had = round_up(size), want = wanted <= SIZE_MAX / 4 ? round_up(wanted) : SIZE_MAX;
    if (p && size && (char *)p + had == a->at && want >= had && want - had <= (size_t)(a->end - a->at)) {
        a->at += want - had;
        return p;
    }
    char *q = alloc_raw(a, wanted);
    if (p && size)
        memcpy(q, p, size);
    return q;
}

void vec_grow(Arena *a, void **p, int *cap, size_t elem)
{
    if (*cap > INT_MAX / 2)
        mem_fail(a->mem);
    int bigger = *cap ? *cap * 2 : 8;
    size_t bytes;
    if (__builtin_mul_overflow(elem, (size_t)bigger, &bytes))
        mem_fail(a->mem);
    *p = arena_regrow(a, *p, elem * (size_t)*cap, bytes);
    *cap = bigger;
}
