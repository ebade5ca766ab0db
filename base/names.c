/* names.c - interned names: equal text, equal pointer.
 *
 * A table with open addressing and linear probing, at most three quarters full. The hash is FNV-1a of 64 bits
 * (Fowler, Noll and Vo); names are short, so one multiplication a byte is cheap.
 */
#include "base/base_int.h"

#include <string.h>

typedef struct Entry { const char *text; size_t len; uint64_t hash; } Entry;

struct Names {
    Arena *arena;
    Entry *slots;
    size_t n, cap; /* cap is a power of two */
};

static uint64_t hash_text(const char *s, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

Names *names_new(Arena *a)
{
    Names *ns = NEW(a, Names);
    *ns = (Names){ .arena = a, .cap = 256 };
    ns->slots = NEWN(a, Entry, ns->cap);
    return ns;
}

static Entry *find_slot(Entry *slots, size_t cap, const char *text, size_t len, uint64_t hash)
{
    size_t i = hash & (cap - 1);
    while (slots[i].text &&
           (slots[i].hash != hash || slots[i].len != len || memcmp(slots[i].text, text, len) != 0))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static void names_grow(Names *ns)
{
    size_t cap = ns->cap * 2;
    Entry *slots = NEWN(ns->arena, Entry, cap);
    for (size_t i = 0; i < ns->cap; i++)
        if (ns->slots[i].text)
            *find_slot(slots, cap, ns->slots[i].text, ns->slots[i].len, ns->slots[i].hash) = ns->slots[i];
    ns->slots = slots;
    ns->cap = cap;
}

Name name_len(Names *ns, const char *text, size_t len)
{
    uint64_t hash = hash_text(text, len);
    Entry *e = find_slot(ns->slots, ns->cap, text, len, hash);
    if (e->text)
        return e->text;
    if (ns->n + 1 > ns->cap / 4 * 3) {
        names_grow(ns);
        e = find_slot(ns->slots, ns->cap, text, len, hash);
    }
    *e = (Entry){ arena_text(ns->arena, text, len), len, hash };
    ns->n++;
    return e->text;
}

Name name_of(Names *ns, const char *text)
{
    return name_len(ns, text, strlen(text));
}
