/* prep_plain.c - a parameter is kept once: packed, if all functions of the module that made the handle want it packed.
 *
 *     leaf [.., i, .., k]  =  packed [.., i / panel, .., k, i % panel]
 *
 * A leaf that was let go has no data. It is unpacked again for a moment (save, get, copy) or, when a function of another module reads
 * it, for good: then it stands among the prepared tensors under a key of its own.
 */
#include <string.h>

#include "prep_int.h"

#define PLAIN_KEY UINT64_C(0x706c61696e) /* of no packing function: theirs are hashes that are mixed with the leaf */

static bool is_gone(const RtBoxLeaf *l)
{
    return !l->data && l->bytes;
}

/* ---- back from panels ------------------------------------------------------------------------------------- */

/* The leaf as outer blocks of n rows of `inner` elements: n is the axis that was cut. */
static void unpack(char *to, const RtReady *r, const RtBoxLeaf *l)
{
    size_t size = (size_t)rt_types[l->dtype].bytes, outer = 1, inner = 1, n = (size_t)l->shape[r->axis], panel = (size_t)r->panel;
    for (int32_t i = 0; i < r->axis; i++)
        outer *= (size_t)l->shape[i];
    for (int32_t i = r->axis + 1; i < l->rank; i++)
        inner *= (size_t)l->shape[i];
    size_t panels = (n + panel - 1) / panel;
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < n; i++) {
            const char *from = r->data + ((o * panels + i / panel) * inner * panel + i % panel) * size;
            for (size_t k = 0; k < inner; k++, to += size)
                memcpy(to, from + k * panel * size, size);
        }
}

static const RtReady *packed_form(const RtBox *b, int32_t leaf)
{
    const struct RtPrepared *p = atomic_load_explicit(&b->prepared, memory_order_acquire);
    for (size_t i = 0; p && i < p->n; i++)
        if (p->ready[i].leaf == leaf && p->ready[i].panel > 0 && p->ready[i].axis >= 0 && p->ready[i].axis < b->leaves[leaf].rank)
            return &p->ready[i];
    return NULL;
}

static const RtReady *plain_form(const RtBox *b, int32_t leaf)
{
    size_t hint = 0;
    return rt_ready_find(atomic_load_explicit(&b->prepared, memory_order_acquire), PLAIN_KEY, leaf, &hint);
}

MlcrtStatus rt_plain_take(RtSession *s, const RtBox *b, int32_t leaf, RtPlain *p)
{
    const RtBoxLeaf *l = &b->leaves[leaf];
    const RtReady *r = is_gone(l) ? plain_form(b, leaf) : NULL;
    *p = (RtPlain){ r ? r->data : l->data, NULL, 0 };
    if (!is_gone(l) || r)
        return MLCRT_OK;
    r = packed_form(b, leaf);
    if (!r)
        return rt_session_fail(s, MLCRT_EINTERNAL, rt_nowhere, "'%s' of '%s' is lost", l->path, b->name);
    p->owned = rt_alloc(&b->context->counted, l->bytes, 1);
    if (!p->owned)
        return rt_session_fail_memory(s, l->bytes);
    p->bytes = l->bytes;
    p->data = p->owned;
    unpack(p->owned, r, l);
    return MLCRT_OK;
}

void rt_plain_give(const RtBox *b, RtPlain *p)
{
    rt_free(&b->context->counted, p->owned, p->bytes, 1);
    *p = (RtPlain){ 0 };
}

MlcrtStatus rt_plain_keep(RtSession *s, RtBox *b, int32_t leaf, void **data)
{
    RtPlain p;
    MlcrtStatus status = rt_plain_take(s, b, leaf, &p);
    if (!status && p.owned) {
        RtReady r = { .key = PLAIN_KEY, .leaf = leaf, .data = p.owned, .bytes = p.bytes };
        if (!rt_ready_add(b, &r)) {
            rt_plain_give(b, &p);
            return rt_session_fail_memory(s, r.bytes);
        }
        p.data = plain_form(b, leaf)->data;
    }
    *data = (void *)(uintptr_t)p.data;
    return status;
}

/* ---- letting go, and all of it again ------------------------------------------------------------------------ */

/* Is there a function that takes such handles, and does none read the leaf as it is? */
static bool is_unread(const RtBox *b, const MlcrtModule *m, int32_t leaf)
{
    bool taken = false;
    for (int32_t i = 0; i < m->nfns; i++) {
        const MlcrtFn *fn = m->fns[i];
        for (int32_t k = 0; k < fn->nparams; k++) {
            if (!rt_param_is_of(m, fn, k, b))
                continue;
            if ((fn->params[k].flags & (MLCRT_VAR | MLCRT_RESULT)) || !fn->unread || !fn->unread[fn->params[k].first + leaf])
                return false;
            taken = true;
        }
    }
    return taken;
}

static uint64_t room_of(const RtBoxLeaf *l)
{
    return (l->bytes + RT_ALIGN - 1) & ~(uint64_t)(RT_ALIGN - 1);
}

/* New memory for the leaves of the box; those for which stays(leaf) is false have none in it. False: no memory, nothing changed. */
static bool move_leaves(RtBox *b, const unsigned char *stays)
{
    uint64_t size = 0, at = 0;
    for (int32_t i = 0; i < b->nleaves; i++)
        size += !stays || stays[i] ? room_of(&b->leaves[i]) : 0;
    size = size ? size : RT_ALIGN;
    char *data = rt_alloc(&b->context->counted, size, 1);
    if (!data)
        return false;
    memset(data, 0, size);
    for (int32_t i = 0; i < b->nleaves; i++) {
        RtBoxLeaf *l = &b->leaves[i];
        char *to = !stays || stays[i] ? data + at : NULL;
        if (to && is_gone(l))
            unpack(to, packed_form(b, i), l);
        else if (to && l->bytes)
            memcpy(to, l->data, l->bytes);
        at += to ? room_of(l) : 0;
        l->data = to;
    }
    rt_free(&b->context->counted, b->data, b->data_size, 1);
    b->data = data;
    b->data_size = size;
    return true;
}

static bool can_go(const RtBox *b, const MlcrtModule *m, int32_t leaf)
{
    return b->leaves[leaf].bytes && packed_form(b, leaf) && is_unread(b, m, leaf);
}

MlcrtStatus rt_plain_release(RtSession *s, RtBox *b, const MlcrtModule *m)
{
    int32_t n = 0;
    for (int32_t i = 0; i < b->nleaves; i++)
        n += can_go(b, m, i);
    unsigned char *stays = n ? rt_alloc(&b->context->counted, (size_t)b->nleaves, 1) : NULL;
    for (int32_t i = 0; stays && i < b->nleaves; i++)
        stays[i] = !can_go(b, m, i);
    bool ok = !n || (stays && move_leaves(b, stays));
    rt_free(&b->context->counted, stays, (size_t)b->nleaves, 1);
    return ok ? MLCRT_OK : rt_session_fail_memory(s, b->data_size);
}

MlcrtStatus rt_plain_all(RtSession *s, RtBox *b)
{
    bool any = false;
    for (int32_t i = 0; i < b->nleaves; i++)
        any |= is_gone(&b->leaves[i]);
    return !any || move_leaves(b, NULL) ? MLCRT_OK : rt_session_fail_memory(s, b->data_size);
}
