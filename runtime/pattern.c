/* pattern.c - dotted names and patterns.
 *
 *     model.layers.*.**      model.layers.3.mlp.up.weight       captures: 3 | mlp.up.weight
 *     blocks.*.ff.**         blocks.3.ff.mlp.up.weight
 *
 * With one `**` at most there is nothing to try: what stands before it fits from the left, the rest from the right.
 */
#include "pattern.h"

#include <string.h>

bool rt_parts_cut(const char *name, RtParts *p)
{
    p->count = 0;
    for (;;) {
        if (p->count == RT_MAX_PARTS)
            return false;
        size_t n = strcspn(name, ".");
        p->part[p->count].text = name;
        p->part[p->count++].length = n;
        if (name[n] == 0)
            return true;
        name += n + 1;
    }
}

bool rt_part_is(const RtParts *p, int i, const char *text)
{
    return strlen(text) == p->part[i].length && memcmp(text, p->part[i].text, p->part[i].length) == 0;
}

int64_t rt_part_number(const RtParts *p, int i)
{
    const char *s = p->part[i].text;
    size_t n = p->part[i].length;
    int64_t v = 0;
    if (n == 0 || n > 18 || (s[0] == '0' && n > 1)) /* 18 digits stay below 2^62 */
        return -1;
    for (size_t k = 0; k < n; k++) {
        if (s[k] < '0' || s[k] > '9')
            return -1;
        v = v * 10 + (s[k] - '0');
    }
    return v;
}

bool rt_part_is_wild(const RtParts *p, int i)
{
    return rt_part_is(p, i, "*") || rt_part_is(p, i, "**");
}

static bool same_part(const RtParts *a, int i, const RtParts *b, int k)
{
    return a->part[i].length == b->part[k].length && memcmp(a->part[i].text, b->part[k].text, a->part[i].length) == 0;
}

bool rt_pattern_match(const RtParts *pattern, const RtParts *name, RtCaptures *c)
{
    int k = 0;
    c->count = 0;
    for (int i = 0; i < pattern->count; i++) {
        int took = 1;
        if (rt_part_is(pattern, i, "**"))
            took = name->count - k - (pattern->count - i - 1);
        else if (k >= name->count || (!rt_part_is(pattern, i, "*") && !same_part(pattern, i, name, k)))
            return false;
        if (took < 0)
            return false;
        if (rt_part_is_wild(pattern, i)) {
            c->from[c->count] = k;
            c->to[c->count++] = k + took;
        }
        k += took;
    }
    return k == name->count;
}

typedef struct Out {
    char *text;
    size_t length, room;
} Out;

static void put(Out *o, const char *text, size_t n)
{
    if (o->length + n < o->room)
        memcpy(o->text + o->length, text, n);
    o->length += n;
}

static void put_part(Out *o, const RtParts *p, int i)
{
    if (o->length)
        put(o, ".", 1);
    put(o, p->part[i].text, p->part[i].length);
}

size_t rt_pattern_fill(const RtParts *pattern, const RtParts *name, const RtCaptures *c, char *out, size_t room)
{
    Out o = { .text = out, .room = room };
    int wild = 0;
    for (int i = 0; i < pattern->count; i++) {
        if (!rt_part_is_wild(pattern, i)) {
            put_part(&o, pattern, i);
            continue;
        }
        for (int k = c->from[wild]; k < c->to[wild]; k++)
            put_part(&o, name, k);
        wild++;
    }
    if (o.length < room)
        out[o.length] = 0;
    return o.length;
}
