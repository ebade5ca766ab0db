/* handle_get.c - single leaves of a handle, or elements of lists ("layers.3.wq"), copied out. */
#include <string.h>

#include "core_int.h"

/* The element that `path` names among those of a leaf; -1: none; -2: the path is the leaf's own, with its stars. */
static int64_t element_of(const RtBoxLeaf *l, const char *path)
{
    int64_t element = 0;
    int32_t star = 0;
    if (strcmp(path, l->path) == 0)
        return -2;
    for (const char *p = l->path; *p; p++) {
        if (*p != '*') {
            if (*path++ != *p)
                return -1;
            continue;
        }
        int64_t n = 0;
        const char *begin = path;
        while (*path >= '0' && *path <= '9' && path - begin < 18)
            n = n * 10 + (*path++ - '0');
        if (path == begin || star >= l->nstack || n >= l->shape[star])
            return -1;
        element = element * l->shape[star++] + n;
    }
    return *path ? -1 : element;
}

static MlcrtStatus give(RtSession *s, const MlcrtTensor *from, int32_t dtype, MlcrtTensor *to)
{
    uint64_t bytes = rt_types[dtype].bytes;
    for (int32_t i = 0; i < from->rank; i++)
        bytes *= (uint64_t)from->shape[i];
    if (to->rank != from->rank || (to->rank && !to->shape))
        return rt_session_fail(s, MLCRT_ERANK, rt_nowhere, "the tensor's rank is %d, not %d", to->rank, from->rank);
    void *data = (void *)((uintptr_t)to->data + to->offset);
    if (to->data) {
        MlcrtStatus status = rt_tensor_check(s, to, dtype, from->rank, "tensor", -1, &(uint64_t){ 0 });
        if (status)
            return status;
        for (int32_t i = 0; i < from->rank; i++)
            if (to->shape[i] != from->shape[i])
                return rt_session_fail(s, MLCRT_ESHAPE, rt_nowhere, "axis %d of the tensor is %lld, not %lld", i,
                                       (long long)to->shape[i], (long long)from->shape[i]);
    } else if (bytes) {
        data = rt_tensor_memory(s->context, bytes);
        if (!data)
            return rt_session_fail_memory(s, bytes);
    }
    if (bytes)
        memcpy(data, from->data, bytes);
    if (to->data)
        return MLCRT_OK;
    int64_t *shape = to->shape;
    *to = *from;
    to->data = data;
    to->shape = shape;
    for (int32_t i = 0; i < from->rank; i++)
        shape[i] = from->shape[i];
    return MLCRT_OK;
}

static MlcrtStatus get(RtSession *s, const RtBox *b, const char *path, MlcrtTensor *t)
{
    for (int32_t i = 0; i < b->nleaves; i++) {
        int64_t e = element_of(&b->leaves[i], path);
        if (e == -1 || !rt_types[b->leaves[i].dtype].bits)
            continue;
        RtBoxLeaf whole = b->leaves[i];
        whole.nstack = e == -2 ? 0 : whole.nstack;
        RtPlain plain;
        MlcrtStatus status = rt_plain_take(s, b, i, &plain);
        if (status)
            return status;
        MlcrtTensor view = rt_box_element(&whole, plain.data, e == -2 ? 0 : e);
        status = give(s, &view, whole.dtype, t);
        rt_plain_give(b, &plain);
        return status;
    }
    return rt_session_fail(s, MLCRT_EARG, rt_nowhere, "'%s' has no tensor '%s'", b->name, rt_shown(path, strlen(path)).text);
}

MlcrtStatus mlcrt_handle_get(MlcrtSession *session, MlcrtHandle *h, const char *path, MlcrtTensor *t)
{
    MlcrtStatus status;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    RtBox *b = NULL;
    if (!path || !t)
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the path or the tensor is NULL");
    else
        b = rt_handle_enter(s, h, h && !rt_slot_is(&h->slot, RT_MODEL), &status);
    if (b) {
        status = get(s, b, path, t);
        rt_slot_leave(&h->slot);
    }
    rt_session_leave(s);
    return status;
}
