/* handle_copy.c - models and structs from what is there already.
 *
 *     from_tensors   numbers -> the caller's tensors are copied
 *     copy           numbers and leaves of another
 */
#include <string.h>

#include "core_int.h"

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

static MlcrtStatus copy_leaf(RtSession *s, const RtBoxLeaf *l, const MlcrtTensor *t)
{
    uint64_t bytes;
    if (!l->rank && !rt_types[l->dtype].bits)
        return copy_opaque(s, l, t);
    MlcrtStatus status = rt_tensor_check(s, t, l->dtype, l->rank, l->path, -1, &bytes);
    if (status)
        return status;
    for (int32_t i = 0; i < l->rank; i++)
        if (t->shape[i] != l->shape[i])
            return rt_session_fail(s, MLCRT_ESHAPE, (RtPlace){ .argument = l->path, .position = -1 }, "axis %d is %lld, not %lld", i,
                                   (long long)t->shape[i], (long long)l->shape[i]);
    if (bytes)
        memcpy(l->data, (const void *)((uintptr_t)t->data + t->offset), bytes);
    return MLCRT_OK;
}

static MlcrtStatus has_leaves(RtSession *s, const MlcrtStruct *t, const void *leaves)
{
    return leaves || !t->nleaves ? MLCRT_OK : rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the leaves are NULL");
}

static MlcrtStatus copy_leaves(RtSession *s, const MlcrtStruct *t, RtBox *b, const void *leaves)
{
    MlcrtStatus status = MLCRT_OK;
    (void)t;
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        status = copy_leaf(s, &b->leaves[i], (const MlcrtTensor *)leaves + i);
    return status;
}

MlcrtStatus mlcrt_handle_from_tensors(MlcrtSession *session, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers,
                                      const MlcrtTensor *leaves, MlcrtHandle **handle)
{
    return rt_handle_make(session, &(RtMaking){ m, t, numbers, has_leaves, copy_leaves }, leaves, handle);
}

/* ---- copy ------------------------------------------------------------------------------------------------- */

static MlcrtStatus copy_leaf_of(RtSession *s, const RtBox *from, int32_t leaf, char *to)
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
        if (!from->leaves[i].data) { /* it is unpacked for the copy */
            b->leaves[i].form = MLCRT_FORM_PLAIN;
            b->leaves[i].stored = b->leaves[i].bytes;
        }
    }
#undef MOVE
    atomic_init(&b->prepared, NULL);
    b->data = NULL;
    rt_box_layout(b);
    MlcrtStatus status = rt_box_memory(s, b);
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        status = copy_leaf_of(s, from, i, b->leaves[i].data);
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
