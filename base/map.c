/* map.c - a map from pointers to pointers: open addressing, linear probing, at most three quarters full. Nothing is
 * ever taken out, so there are no tombstones; a key put again gets the new value. */
#include "base/base_int.h"

#include <limits.h>

struct MapSlot { const void *key; void *value; };

Map map_new(Arena *a)
{
    return (Map){ .arena = a };
}

/* Pointers are multiples of 16 and near one another: the multiplication (by 2^64 / golden ratio) spreads them. */
static size_t hash_pointer(const void *p)
{
    uint64_t h = (uint64_t)(uintptr_t)p * 0x9e3779b97f4a7c15u;
    return (size_t)(h >> 29);
}

static struct MapSlot *map_slot(const Map *m, const void *key)
{
    size_t mask = (size_t)m->cap - 1, i = hash_pointer(key) & mask;
    while (m->slots[i].key && m->slots[i].key != key)
        i = (i + 1) & mask;
    return &m->slots[i];
}

void *map_find(const Map *m, const void *key)
{
    return m->cap && key ? map_slot(m, key)->value : NULL;
}

static void map_grow(Map *m)
{
    if (m->cap > INT_MAX / 2)
        mem_fail(arena_mem(m->arena));
    Map old = *m;
    m->cap = old.cap ? old.cap * 2 : 16;
    m->slots = NEWN(m->arena, struct MapSlot, m->cap);
    for (int i = 0; i < old.cap; i++)
        if (old.slots[i].key)
            *map_slot(m, old.slots[i].key) = old.slots[i];
}

void map_put(Map *m, const void *key, void *value)
{
    if (m->n + 1 > m->cap / 4 * 3)
        map_grow(m);
    struct MapSlot *s = map_slot(m, key);
    if (!s->key)
        m->n++;
    *s = (struct MapSlot){ key, value };
}
