/* handle_copy.c - models and structs from what is there already.
 *
 *     from_tensors   numbers -> the caller's tensors are copied
 *     copy           numbers and leaves of another; what handles share is shared by one more
 */
#include <string.h>

#include "prep_int.h"

/* ---- from tensors ----------------------------------------------------------------------------------------- */

/* A key or a text: no tensor has such elements, so `data` alone is looked at. */
static MlcrtStatus copy_opaque(RtSession *s, const RtBoxLeaf *l, const MlcrtTensor *t)
{
    const void *from = (const void *)((uintptr_t)t->data + t->offset);
    RtPlace at = { .argument = l->path, .position = -1 };
    if (!t->data || t->rank)
        return rt_session_fail(s, MLCRT_EARG, at, t->data ? "it has axes" : "its data is NULL");
    if (l->dtype == RT_DT_str && !*(const char *const *)from)
        return rt_session_fail(s, MLCRT_EARG, at, "it is NULL");
    memcpy(l->data, from, rt_types[l->dtype].bytes);
    return MLCRT_OK;
}

static MlcrtStatus check_leaf(RtSession *s, const RtBoxLeaf *l, const MlcrtTensor *t)
{
    uint64_t bytes;
    MlcrtStatus status = rt_tensor_check(s, t, l->dtype, l->rank, l->path, -1, &bytes);
    for (int32_t i = 0; i < l->rank && !status; i++)
        if (t->shape[i] != l->shape[i])
            status = rt_session_fail(s, MLCRT_ESHAPE, (RtPlace){ .argument = l->path, .position = -1 }, "axis %d is %lld, not %lld", i,
                                     (long long)t->shape[i], (long long)l->shape[i]);
    return status;
}

static MlcrtStatus take_leaf(RtSession *s, RtBoxLeaf *l, MlcrtTensor *t)
{
    MlcrtStatus status = check_leaf(s, l, t);
    if (status)
        return status;
    l->data = t->data;
    l->given = true;
    t->data = NULL;
    return MLCRT_OK;
}

static MlcrtStatus copy_leaf(RtSession *s, RtBox *b, int32_t i, const MlcrtTensor *t)
{
    RtBoxLeaf *l = &b->leaves[i];
    bool opaque = !l->rank && !rt_types[l->dtype].bits;
    MlcrtStatus status = opaque ? MLCRT_OK : check_leaf(s, l, t);
    if (!status && b->is_model)
        status = rt_box_leaf_memory(s, b, i);
    if (!status && opaque)
        return copy_opaque(s, l, t);
    if (!status && l->bytes)
        memcpy(l->data, (const void *)((uintptr_t)t->data + t->offset), l->rank ? l->bytes : rt_types[l->dtype].bytes);
    return status;
}

typedef struct Given { MlcrtTensor *leaves; bool taken; } Given;

static MlcrtStatus has_leaves(RtSession *s, const MlcrtStruct *t, const void *from)
{
    const Given *g = from;
    return g->leaves || !t->nleaves ? MLCRT_OK : rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the leaves are NULL");
}

static MlcrtStatus copy_leaves(RtSession *s, const MlcrtStruct *t, RtBox *b, const void *from)
{
    const Given *g = from;
    MlcrtStatus status = b->is_model ? MLCRT_OK : rt_box_memory(s, b);
    (void)t;
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        status = g->taken && b->is_model && b->leaves[i].rank && g->leaves[i].data ? take_leaf(s, &b->leaves[i], &g->leaves[i])
                                                                                   : copy_leaf(s, b, i, &g->leaves[i]);
    return status;
}

MlcrtStatus mlcrt_handle_from_tensors(MlcrtSession *session, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers,
                                      const MlcrtTensor *leaves, MlcrtHandle **handle)
{
    Given g = { (MlcrtTensor *)(uintptr_t)leaves, false };
    return rt_handle_make(session, &(RtMaking){ m, t, numbers, has_leaves, copy_leaves }, &g, handle);
}

MlcrtStatus rt_handle_take_tensors(MlcrtSession *session, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers,
                                   MlcrtTensor *leaves, MlcrtHandle **handle)
{
    Given g = { leaves, true };
    return rt_handle_make(session, &(RtMaking){ m, t, numbers, has_leaves, copy_leaves }, &g, handle);
}

/* ---- copy ------------------------------------------------------------------------------------------------- */

static MlcrtStatus copy_bytes(RtSession *s, const RtBox *from, int32_t leaf, char *to)
{
    RtPlain p;
    const RtBoxLeaf *l = &from->leaves[leaf];
    if (l->data || !l->bytes) { /* packed or not, as it is */
        if (l->stored)
            memcpy(to, l->data, l->stored);
        return MLCRT_OK;
    }
    MlcrtStatus status = rt_plain_take(s, from, leaf, &p);
    if (!status)
        memcpy(to, p.data, l->bytes);
    if (!status)
        rt_plain_give(from, &p);
    return status;
}

/* What handles have in common already they have once more, packed or not: a model's leaf takes no memory then. */
static bool has_again(const RtBox *from, RtBox *b, int32_t leaf)
{
    const RtBoxLeaf *l = &from->leaves[leaf];
    const RtReady *r = rt_leaf_is_gone(l) ? rt_ready_packed(from, leaf) : NULL;
    RtMemory m;
    RtReady ready;
    if (!b->is_model)
        return false;
    if (l->data && rt_memory_again(b->context, &(RtMemory){ l->shared, l->data, l->stored, l->given }, &m)) {
        b->leaves[leaf].data = m.data;
        b->leaves[leaf].shared = m.shared;
        return true;
    }
    if (!r || !rt_ready_again(b, r, &ready))
        return false;
    if (rt_ready_add(b, &ready))
        return true;
    rt_ready_drop(b, &ready);
    return false;
}

static MlcrtStatus copy_leaf_of(RtSession *s, const RtBox *from, RtBox *b, int32_t leaf)
{
    RtBoxLeaf *l = &b->leaves[leaf];
    if (has_again(from, b, leaf))
        return MLCRT_OK;
    if (rt_leaf_is_gone(&from->leaves[leaf])) { /* it is unpacked for the copy */
        l->form = MLCRT_FORM_PLAIN;
        l->stored = l->bytes;
    }
    MlcrtStatus status = b->is_model ? rt_box_leaf_memory(s, b, leaf) : MLCRT_OK;
    return status ? status : copy_bytes(s, from, leaf, l->data);
}

static MlcrtStatus copy_box(RtSession *s, const RtBox *from, MlcrtHandle **copy)
{
    MlcrtContext *c = s->context;
    RtBox *b = rt_alloc(&c->counted, from->size, 1);
    if (!b)
        return rt_session_fail_memory(s, from->size);
    memcpy(b, from, from->size);
    ptrdiff_t moved = (char *)b - (const char *)from;
#define MOVE(field) (field) = (void *)((char *)(uintptr_t)(field) + moved)
    MOVE(b->name);
    MOVE(b->numbers);
    MOVE(b->number_names);
    MOVE(b->leaves);
    for (int32_t i = 0; i < b->nnumbers; i++)
        MOVE(b->number_names[i]);
    for (int32_t i = 0; i < b->nleaves; i++) {
        MOVE(b->leaves[i].path);
        MOVE(b->leaves[i].shape);
        b->leaves[i].data = NULL;
        b->leaves[i].given = false;
        b->leaves[i].shared = NULL;
    }
#undef MOVE
    atomic_init(&b->prepared, NULL);
    b->data = NULL;
    MlcrtStatus status = b->is_model ? MLCRT_OK : rt_box_memory(s, b);
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        status = copy_leaf_of(s, from, b, i);
    if (!status)
        return rt_box_publish(s, b, copy);
    rt_box_drop(c, b);
    return status;
}

MlcrtStatus mlcrt_handle_copy(MlcrtSession *session, MlcrtHandle *h, MlcrtHandle **copy)
{
    MlcrtStatus status;
    if (copy)
        *copy = NULL;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    RtBox *b = NULL;
    if (!copy)
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the copy's place is NULL");
    else
        b = rt_handle_enter(s, h, h && !rt_slot_is(&h->slot, RT_MODEL), &status);
    if (b) {
        status = copy_box(s, b, copy);
        rt_slot_leave(&h->slot);
    }
    rt_session_leave(s);
    return status;
}
