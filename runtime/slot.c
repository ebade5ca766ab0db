/* slot.c - slots in blocks of the context; a free one is reused only when no fresh one is left and many have been freed since.
 *
 *     block: 63 slots ... free list: oldest -> ... -> newest
 *
 * `use` alone says whether a slot is alive, so taking and leaving need no lock; the lock guards the blocks and the free list.
 */
#include "slot.h"

#include <sched.h>
#include <string.h>

#include "core_int.h"

enum { BLOCK = 63, REST = 256, ALONE = 1 << 30 };
enum { BRIEFLY = ALONE + 1, MOST_TURNS = 1 << 20 }; /* BRIEFLY: who wants to enter waits, but not for a thread that a fork left behind */
#define MAGIC UINT64_C(0x6d6c6372742d6831)

struct RtSlotBlock {
    RtSlot slots[BLOCK];
    struct RtSlotBlock *next;
    size_t used;
    char pad[48];
};

static RtSlot *fresh(RtSlots *t)
{
    struct RtSlotBlock *b = t->blocks;
    return b && b->used < BLOCK ? &b->slots[b->used++] : NULL;
}

static RtSlot *oldest_free(RtSlots *t, size_t at_least)
{
    RtSlot *s = t->oldest;
    if (!s || t->nfree < at_least)
        return NULL;
    t->oldest = s->next;
    if (!t->oldest)
        t->newest = NULL;
    t->nfree--;
    s->generation++;
    return s;
}

static bool add_block(MlcrtContext *c)
{
    struct RtSlotBlock *b = rt_alloc(&c->counted, 1, sizeof *b);
    if (!b)
        return false;
    memset(b, 0, sizeof *b);
    b->next = c->slots.blocks;
    c->slots.blocks = b;
    return true;
}

static RtSlot *find_slot(MlcrtContext *c)
{
    RtSlot *s = fresh(&c->slots);
    if (!s)
        s = oldest_free(&c->slots, REST);
    if (!s && add_block(c))
        s = fresh(&c->slots);
    return s ? s : oldest_free(&c->slots, 1);
}

RtSlot *rt_slot_new(MlcrtContext *c, RtKind kind, void *contents, RtDrop *drop)
{
    rt_context_lock(c);
    RtSlot *s = find_slot(c);
    rt_context_unlock(c);
    if (!s)
        return NULL;
    s->magic = MAGIC;
    s->context = c;
    s->contents = contents;
    s->drop = drop;
    s->next = NULL;
    s->type = 0;
    atomic_store_explicit(&s->kind, kind, memory_order_relaxed);
    atomic_store_explicit(&s->use, 0, memory_order_release);
    return s;
}

bool rt_slot_is(const RtSlot *s, RtKind kind)
{
    return s && ((uintptr_t)s & 63) == 0 && s->magic == MAGIC
           && atomic_load_explicit(&s->kind, memory_order_relaxed) == kind
           && atomic_load_explicit(&s->use, memory_order_relaxed) >= 0;
}

bool rt_slot_enter(RtSlot *s)
{
    int32_t n = atomic_load_explicit(&s->use, memory_order_relaxed);
    int left = MOST_TURNS;
    while ((n >= 0 && n < ALONE - 1) || (n == BRIEFLY && left > 0))
        if (n == BRIEFLY) {
            left--;
            sched_yield();
            n = atomic_load_explicit(&s->use, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(&s->use, &n, n + 1, memory_order_acquire, memory_order_relaxed)) {
            return true;
        }
    return false;
}

bool rt_slot_alone_begin(RtSlot *s)
{
    int32_t n = 1;
    return atomic_compare_exchange_strong(&s->use, &n, BRIEFLY);
}

void rt_slot_alone_end(RtSlot *s)
{
    atomic_store_explicit(&s->use, 1, memory_order_release);
}

MlcrtStatus rt_slot_enter_alone(RtSlot *s)
{
    int32_t n = 0;
    if (atomic_compare_exchange_strong(&s->use, &n, ALONE))
        return MLCRT_OK;
    return n < 0 ? MLCRT_EARG : MLCRT_EBUSY;
}

void rt_slot_leave(RtSlot *s)
{
    if (atomic_load_explicit(&s->use, memory_order_relaxed) == ALONE)
        atomic_store_explicit(&s->use, 0, memory_order_release);
    else
        atomic_fetch_sub_explicit(&s->use, 1, memory_order_release);
}

MlcrtStatus rt_slot_free(RtSlot *s, RtKind kind)
{
    int32_t n = 0;
    if (!rt_slot_is(s, kind))
        return MLCRT_EARG;
    if (!atomic_compare_exchange_strong(&s->use, &n, -1))
        return n < 0 ? MLCRT_EARG : MLCRT_EBUSY;
    MlcrtContext *c = s->context;
    s->drop(c, s->contents);
    s->contents = NULL;
    atomic_store_explicit(&s->kind, RT_NOTHING, memory_order_relaxed);
    s->next = NULL;
    rt_context_lock(c);
    if (c->slots.newest)
        c->slots.newest->next = s;
    else
        c->slots.oldest = s;
    c->slots.newest = s;
    c->slots.nfree++;
    rt_context_unlock(c);
    return MLCRT_OK;
}

/* ---- for the context -------------------------------------------------------------------------------------- */

bool rt_slots_idle(const RtSlots *t)
{
    for (struct RtSlotBlock *b = t->blocks; b; b = b->next)
        for (size_t i = 0; i < b->used; i++)
            if (atomic_load_explicit(&b->slots[i].use, memory_order_acquire) > 0)
                return false;
    return true;
}

/* Sessions first: they may hold others. */
static void drop_kind(MlcrtContext *c, bool sessions)
{
    for (struct RtSlotBlock *b = c->slots.blocks; b; b = b->next)
        for (size_t i = 0; i < b->used; i++) {
            RtSlot *s = &b->slots[i];
            if (atomic_load_explicit(&s->use, memory_order_acquire) < 0 || !s->drop || (s->kind == RT_SESSION) != sessions)
                continue;
            s->drop(c, s->contents);
            s->drop = NULL;
            s->magic = 0;
            atomic_store(&s->use, -1);
        }
}

void rt_slots_drop(MlcrtContext *c)
{
    drop_kind(c, true);
    drop_kind(c, false);
    while (c->slots.blocks) {
        struct RtSlotBlock *b = c->slots.blocks;
        c->slots.blocks = b->next;
        rt_free(&c->counted, b, 1, sizeof *b);
    }
}
