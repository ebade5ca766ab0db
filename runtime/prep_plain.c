/* prep_plain.c - a parameter is kept once: in panels, if all functions of the module that made the handle want it so.
 *
 *     leaf [.., i, .., k]              =  panels [.., i / panel, .., k, i % panel]
 *     leaf [.., k, i]                  =  panels [i / panel, .., k, i % panel]
 *     leaf [.., i, .., k, ..]          =  tiles [.., i / 16, .., k / 32, k % 32 / 2 * 32 + i % 16 * 2 + k % 2]
 *     byte r of block [.., i, .., k]   =  panels [.., i / panel, .., k, r, i % panel], but the two bytes of a scale stand together
 *
 *     place k of block 2 g + h of q4_0 =  panels [.., i / panel, .., g, word (32 h + k) / 8 of lane i % panel, bits 4 (k % 8) and up], 8 words a lane,
 *                                         behind them the scales of both blocks
 *
 * A leaf that was let go has no data; one in blocks has no floats. It is unpacked for a moment (save, get) or, when a function of
 * another module reads it, for good: then it stands among the prepared tensors under a key of its own.
 */
#include <string.h>

#include "dequant.h"
#include "prep_int.h"

#define FORM_KEY UINT64_C(0x666f726d)
#define PLAIN_KEY UINT64_C(0x706c61696e) /* of no packing function: theirs are hashes that are mixed with the leaf */

bool rt_leaf_is_gone(const RtBoxLeaf *l)
{
    return !l->data && l->bytes;
}

/* ---- back from panels ------------------------------------------------------------------------------------- */

/* The leaf as outer blocks of n rows of `inner` elements, n the axis that was cut; or of `inner` rows of n, where it is the last one. */
static void unpack(char *to, const RtReady *r, const RtBoxLeaf *l)
{
    size_t size = (size_t)rt_types[l->dtype].bytes, outer = 1, inner = 1, n = (size_t)l->shape[r->axis], panel = (size_t)r->panel;
    bool last = r->axis == l->rank - 1 && r->axis > 0;
    int32_t from = last ? 0 : r->axis;
    for (int32_t i = 0; i < from; i++)
        outer *= (size_t)l->shape[i];
    for (int32_t i = from; i < l->rank; i++)
        inner *= i == r->axis ? 1 : (size_t)l->shape[i];
    size_t panels = (n + panel - 1) / panel, row = last ? 1 : inner, place = last ? n : 1; /* strides of the leaf */
    for (size_t o = 0; o < outer; o++, to += n * inner * size)
        for (size_t i = 0; i < n; i++) {
            const char *at = r->data + ((o * panels + i / panel) * inner * panel + i % panel) * size;
            for (size_t k = 0; k < inner; k++)
                memcpy(to + (i * row + k * place) * size, at + k * panel * size, size);
        }
}

/* Where element `at` of the leaf stands in tiles. */
static size_t place_in_tiles(const RtReady *r, const RtBoxLeaf *l, const int64_t *at)
{
    bool bytes = rt_types[l->dtype].bytes == 1;
    size_t group = bytes ? 4 : 32, each = bytes ? 4 : 2, place = 0, i = (size_t)at[r->axis], k = (size_t)at[r->tiled - 1];
    size_t panel = (size_t)r->panel, together = bytes ? panel : 2 * panel;
    for (int32_t x = 0; x < l->rank; x++) {
        size_t n = (size_t)l->shape[x], p = (size_t)at[x];
        if (x == r->axis)
            n = (n + together - 1) / together * (together / panel), p = i / panel;
        if (x != r->tiled - 1)
            place = place * n + p;
    }
    place = place * (((size_t)l->shape[r->tiled - 1] + group - 1) / group) + k / group;
    return place * group * panel + k % group / each * (each * panel) + i % panel * each + k % each;
}

static void unpack_tiles(char *to, const RtReady *r, const RtBoxLeaf *l)
{
    size_t size = (size_t)rt_types[l->dtype].bytes;
    int64_t at[MLCRT_MAX_RANK] = { 0 };
    for (const char *end = to + l->bytes; to < end; to += size) {
        memcpy(to, r->data + place_in_tiles(r, l, at) * size, size);
        for (int32_t x = l->rank - 1; x >= 0 && ++at[x] == l->shape[x]; x--)
            at[x] = 0;
    }
}

/* The bytes of one block: those of the scale are neighbours, the others are `panel` apart. */
static void gather_block(char *to, const char *from, size_t place, size_t panel, size_t bytes)
{
    enum { SCALE = 2 };
    memcpy(to, from + place * SCALE, SCALE);
    for (size_t r = SCALE; r < bytes; r++)
        to[r] = from[r * panel + place];
}

enum { Q4_0_WORDS = 8, WORD = 4, WORD_PLACES = 8, HALF = 16 }; /* of a lane of a group of two blocks; bytes and places of a word; bytes of a block */

/* Block `half` of a group of two of q4_0. */
static void gather_nibbles(char *to, const char *group, size_t half, size_t lane, size_t panel)
{
    enum { SCALE = 2 };
    memcpy(to, group + Q4_0_WORDS * WORD * panel + (half * panel + lane) * SCALE, SCALE);
    for (size_t r = 0; r < HALF; r++) {
        unsigned number[2];
        for (size_t upper = 0; upper < 2; upper++) {
            size_t k = 32 * half + HALF * upper + r;
            number[upper] = (unsigned char)group[k / WORD_PLACES * WORD * panel + lane * WORD + k % WORD_PLACES / 2] >> 4 * (k % 2) & 15u;
        }
        to[SCALE + r] = (char)(unsigned char)(number[0] | number[1] << 4);
    }
}

static void unpack_nibbles(char *to, const RtReady *r, const RtBoxLeaf *l)
{
    const RtPacking *p = rt_packing_of_form(r->form);
    size_t outer = 1, between = 1, n = (size_t)l->shape[r->axis], panel = (size_t)r->panel, blocks = (size_t)l->shape[l->rank - 1] / p->elements;
    for (int32_t i = 0; i < r->axis; i++)
        outer *= (size_t)l->shape[i];
    for (int32_t i = r->axis + 1; i < l->rank - 1; i++)
        between *= (size_t)l->shape[i];
    size_t groups = (blocks + 1) / 2, bytes = 2 * panel * p->bytes, panels = (n + panel - 1) / panel;
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < n; i++)
            for (size_t m = 0; m < between; m++)
                for (size_t k = 0; k < blocks; k++, to += p->bytes)
                    gather_nibbles(to, r->data + (((o * panels + i / panel) * between + m) * groups + k / 2) * bytes, k % 2, i % panel, panel);
}

/* The same as `unpack` for blocks: `inner` counts them, and they stay blocks. */
static void unpack_blocks(char *to, const RtReady *r, const RtBoxLeaf *l)
{
    const RtPacking *p = rt_packing_of_form(r->form);
    size_t outer = 1, inner = 1, n = (size_t)l->shape[r->axis], panel = (size_t)r->panel;
    for (int32_t i = 0; i < r->axis; i++)
        outer *= (size_t)l->shape[i];
    for (int32_t i = r->axis + 1; i < l->rank; i++)
        inner *= (size_t)l->shape[i];
    inner /= p->elements;
    size_t panels = (n + panel - 1) / panel;
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < n; i++) {
            const char *from = r->data + (o * panels + i / panel) * inner * panel * p->bytes;
            for (size_t k = 0; k < inner; k++, to += p->bytes)
                gather_block(to, from + k * panel * p->bytes, i % panel, panel, p->bytes);
        }
}

static void blocks_to_floats(char *to, const char *from, const RtBoxLeaf *l)
{
    const RtPacking *p = rt_packing_of_form(l->form);
    p->unpack((float *)(void *)to, (const uint8_t *)from, l->bytes / sizeof(float) / p->elements);
}

const RtReady *rt_ready_packed(const RtBox *b, int32_t leaf)
{
    const struct RtPrepared *p = atomic_load_explicit(&b->prepared, memory_order_acquire);
    for (size_t i = 0; p && i < p->n; i++)
        if (p->ready[i].leaf == leaf && p->ready[i].panel > 0 && p->ready[i].axis >= 0 && p->ready[i].axis < b->leaves[leaf].rank
            && p->ready[i].tiled >= 0 && p->ready[i].tiled <= b->leaves[leaf].rank && p->ready[i].form == b->leaves[leaf].form)
            return &p->ready[i];
    return NULL;
}

/* The leaf, which was let go, in the form that it had: l->stored bytes. */
static void restore(char *to, const RtReady *r, const RtBoxLeaf *l)
{
    if (l->form == MLCRT_FORM_Q4_0)
        unpack_nibbles(to, r, l);
    else if (l->form)
        unpack_blocks(to, r, l);
    else if (r->tiled)
        unpack_tiles(to, r, l);
    else
        unpack(to, r, l);
}

static const RtReady *kept_form(const RtBox *b, uint64_t key, int32_t leaf)
{
    size_t hint = 0;
    return rt_ready_find(atomic_load_explicit(&b->prepared, memory_order_acquire), key, leaf, &hint);
}

/* Memory for what is taken of a leaf. */
static MlcrtStatus own(RtSession *s, const RtBox *b, RtPlain *p, uint64_t bytes)
{
    *p = (RtPlain){ .owned = rt_alloc(&b->context->counted, bytes, 1), .bytes = bytes };
    p->data = p->owned;
    return p->owned ? MLCRT_OK : rt_session_fail_memory(s, bytes);
}

/* The blocks of a packed leaf, or the floats of another: in its own memory, or restored. */
static MlcrtStatus take_stored(RtSession *s, const RtBox *b, int32_t leaf, RtPlain *p)
{
    const RtBoxLeaf *l = &b->leaves[leaf];
    const RtReady *r = rt_leaf_is_gone(l) ? kept_form(b, FORM_KEY, leaf) : NULL;
    *p = (RtPlain){ r ? r->data : l->data, NULL, 0 };
    if (!rt_leaf_is_gone(l) || r)
        return MLCRT_OK;
    r = rt_ready_packed(b, leaf);
    if (!r)
        return rt_session_fail(s, MLCRT_EINTERNAL, rt_nowhere, "'%s' of '%s' is lost", l->path, b->name);
    MlcrtStatus status = own(s, b, p, l->stored);
    if (!status)
        restore(p->owned, r, l);
    return status;
}

MlcrtStatus rt_plain_take(RtSession *s, const RtBox *b, int32_t leaf, RtPlain *p)
{
    const RtBoxLeaf *l = &b->leaves[leaf];
    const RtReady *r = rt_leaf_is_gone(l) || l->form ? kept_form(b, PLAIN_KEY, leaf) : NULL;
    RtPlain stored;
    if (r) {
        *p = (RtPlain){ r->data, NULL, 0 };
        return MLCRT_OK;
    }
    MlcrtStatus status = take_stored(s, b, leaf, &stored);
    if (status || !l->form || !l->bytes) {
        *p = stored;
        return status;
    }
    status = own(s, b, p, l->bytes);
    if (!status)
        blocks_to_floats(p->owned, stored.data, l);
    rt_plain_give(b, &stored);
    return status;
}

void rt_plain_give(const RtBox *b, RtPlain *p)
{
    rt_free(&b->context->counted, p->owned, p->bytes, 1);
    *p = (RtPlain){ 0 };
}

static MlcrtStatus keep(RtSession *s, RtBox *b, int32_t leaf, uint64_t key, RtPlain *p, void **data)
{
    if (p->owned) {
        RtReady r = { .key = key, .leaf = leaf, .data = p->owned, .bytes = p->bytes };
        rt_ready_share(b, &r);
        if (!rt_ready_add(b, &r)) {
            rt_ready_drop(b, &r);
            return rt_session_fail_memory(s, r.bytes);
        }
        p->data = kept_form(b, key, leaf)->data;
    }
    *data = (void *)(uintptr_t)p->data;
    return MLCRT_OK;
}

MlcrtStatus rt_plain_keep(RtSession *s, RtBox *b, int32_t leaf, void **data)
{
    RtPlain p;
    MlcrtStatus status = rt_plain_take(s, b, leaf, &p);
    return status ? status : keep(s, b, leaf, PLAIN_KEY, &p, data);
}

MlcrtStatus rt_form_keep(RtSession *s, RtBox *b, int32_t leaf, void **data)
{
    RtPlain p;
    MlcrtStatus status = take_stored(s, b, leaf, &p);
    return status ? status : keep(s, b, leaf, FORM_KEY, &p, data);
}

/* ---- back again --------------------------------------------------------------------------------------------- */

MlcrtStatus rt_leaf_restore(RtSession *s, RtBox *b, int32_t leaf)
{
    RtBoxLeaf *l = &b->leaves[leaf];
    RtPlain p;
    if (!rt_leaf_is_gone(l))
        return MLCRT_OK;
    MlcrtStatus status = take_stored(s, b, leaf, &p);
    if (!status && !p.owned) { /* somebody had it unpacked before */
        RtPlain copy;
        status = own(s, b, &copy, l->stored);
        if (!status)
            memcpy(copy.owned, p.data, l->stored);
        p = copy;
    }
    l->data = status ? NULL : p.owned;
    return status;
}

static bool is_of_other(const void *leaf, const RtReady *r)
{
    return r->leaf != *(const int32_t *)leaf;
}

/* Blocks become floats. */
static MlcrtStatus widen(RtSession *s, RtBox *b, int32_t leaf)
{
    RtBoxLeaf *l = &b->leaves[leaf];
    RtPlain p;
    MlcrtStatus status = own(s, b, &p, l->bytes);
    if (status)
        return status;
    blocks_to_floats(p.owned, l->data, l);
    rt_leaf_let_go(b, leaf);
    l->data = p.owned;
    l->form = MLCRT_FORM_PLAIN;
    l->stored = l->bytes;
    return MLCRT_OK;
}

MlcrtStatus rt_plain_all(RtSession *s, RtBox *b)
{
    MlcrtStatus status = MLCRT_OK;
    for (int32_t i = 0; i < b->nleaves && !status; i++) {
        status = rt_leaf_restore(s, b, i);
        if (!status)
            rt_ready_keep(b, is_of_other, &i);
        if (!status && b->leaves[i].form)
            status = widen(s, b, i);
        if (!status)
            status = rt_leaf_own(s, b, i);
    }
    return status;
}
