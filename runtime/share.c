/* share.c - constant memory that handles have in common: leaves of models and prepared tensors with the same bytes are held once a context.
 *
 *     one handle     leaf, panels ... --> RtShared { data, uses 1 }
 *     a second one with equal weights      the same RtShared, uses 2; its own memory is let go
 *
 * Bytes decide, not where they came from: a caller's tensor may change after it was copied, a file may be loaded twice. A print of some words finds
 * what may be equal, a comparison outside of the lock makes sure. Nobody writes such memory; who wants to write takes it for himself.
 */
#include <string.h>

#include "core_int.h"

enum { LEAST = 4096, WORDS = 64 }; /* bytes; of the print */

struct RtShared {
    RtShared *next;
    uint64_t print, bytes, uses; /* the latter under the context's lock */
    char *data;
    bool given;
};

static uint64_t print_of(const char *data, uint64_t bytes)
{
    uint64_t h = bytes * UINT64_C(0x9E3779B97F4A7C15), step = (bytes - sizeof h) / (WORDS - 1);
    for (uint64_t i = 0; i < WORDS; i++) {
        uint64_t word;
        memcpy(&word, data + i * step, sizeof word);
        h = (h ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 29;
    }
    return h;
}

static RtShared **bucket(MlcrtContext *c, uint64_t print)
{
    return &c->shared[print % RT_SHARED_BUCKETS];
}

static RtShared *find(MlcrtContext *c, const RtShared *like)
{
    RtShared *x = *bucket(c, like->print);
    while (x && (x->print != like->print || x->bytes != like->bytes))
        x = x->next;
    return x;
}

static void release(MlcrtContext *c, char *data, uint64_t bytes, bool given)
{
    if (given)
        rt_tensor_release(c, data);
    else
        rt_free(&c->counted, data, bytes, 1);
}

static void unlink_shared(MlcrtContext *c, RtShared *x)
{
    RtShared **at = bucket(c, x->print);
    while (*at != x)
        at = &(*at)->next;
    *at = x->next;
}

/* The same bytes as x has, entered for x's user; NULL: x itself is entered. */
static RtShared *equal_or_enter(MlcrtContext *c, RtShared *x)
{
    rt_context_lock(c);
    RtShared *other = find(c, x);
    if (other)
        other->uses++;
    rt_context_unlock(c);
    if (other && memcmp(other->data, x->data, x->bytes) == 0)
        return other;
    if (other)
        rt_memory_drop(c, &(RtMemory){ .shared = other });
    rt_context_lock(c);
    x->next = *bucket(c, x->print);
    *bucket(c, x->print) = x;
    rt_context_unlock(c);
    return NULL;
}

void rt_memory_share(MlcrtContext *c, RtMemory *m)
{
    if (m->shared || !m->data || m->bytes < LEAST)
        return;
    RtShared *x = rt_alloc(&c->counted, 1, sizeof *x), *other;
    if (!x)
        return;
    *x = (RtShared){ .print = print_of(m->data, m->bytes), .bytes = m->bytes, .uses = 1, .data = m->data, .given = m->given };
    other = equal_or_enter(c, x);
    if (other) {
        release(c, m->data, m->bytes, m->given);
        rt_free(&c->counted, x, 1, sizeof *x);
    }
    *m = (RtMemory){ .shared = other ? other : x, .data = other ? other->data : x->data, .bytes = m->bytes };
}

bool rt_memory_again(MlcrtContext *c, const RtMemory *m, RtMemory *again)
{
    if (!m->shared)
        return false;
    rt_context_lock(c);
    m->shared->uses++;
    rt_context_unlock(c);
    *again = *m;
    return true;
}

void rt_memory_drop(MlcrtContext *c, RtMemory *m)
{
    RtShared *x = m->shared;
    if (!x) {
        release(c, m->data, m->bytes, m->given);
    } else {
        rt_context_lock(c);
        bool last = --x->uses == 0;
        if (last)
            unlink_shared(c, x);
        rt_context_unlock(c);
        if (last) {
            release(c, x->data, x->bytes, x->given);
            rt_free(&c->counted, x, 1, sizeof *x);
        }
    }
    *m = (RtMemory){ 0 };
}

bool rt_memory_own(MlcrtContext *c, RtMemory *m)
{
    RtShared *x = m->shared;
    if (!x)
        return true;
    rt_context_lock(c);
    bool only = x->uses == 1;
    if (only)
        unlink_shared(c, x);
    rt_context_unlock(c);
    if (only) {
        *m = (RtMemory){ .data = x->data, .bytes = x->bytes, .given = x->given };
        rt_free(&c->counted, x, 1, sizeof *x);
        return true;
    }
    RtMemory own = { .data = rt_alloc(&c->counted, x->bytes, 1), .bytes = x->bytes };
    if (!own.data)
        return false;
    memcpy(own.data, x->data, x->bytes);
    rt_memory_drop(c, m);
    *m = own;
    return true;
}
