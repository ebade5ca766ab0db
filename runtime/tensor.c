/* tensor.c - tensors whose memory is the library's: a header before the data says how much there is and whose.
 *
 *     [ magic, context, bytes | shape of mlcrt_tensor_new | data, 64-byte aligned ... ]
 */
#include <string.h>

#include "core_int.h"
#include "dtype.h"

#define MAGIC UINT64_C(0x6d6c6372742d7431)

typedef struct Header {
    uint64_t magic;
    MlcrtContext *context;
    uint64_t bytes; /* with the header */
    uint64_t reserved[5];
    int64_t shape[MLCRT_MAX_RANK];
} Header;
_Static_assert(sizeof(Header) % RT_ALIGN == 0, "data behind the header must stay aligned");

void *rt_tensor_memory(MlcrtContext *c, uint64_t bytes)
{
    uint64_t all;
    if (!rt_add(bytes, sizeof(Header), &all))
        return NULL;
    Header *h = rt_alloc(&c->counted, all, 1);
    if (!h)
        return NULL;
    *h = (Header){ .magic = MAGIC, .context = c, .bytes = all };
    return h + 1;
}

bool rt_tensor_release(MlcrtContext *c, void *data)
{
    if (!data)
        return true;
    if ((uintptr_t)data & (RT_ALIGN - 1))
        return false;
    Header *h = (Header *)data - 1;
    if (h->magic != MAGIC || h->context != c)
        return false;
    h->magic = 0;
    rt_free(&c->counted, h, h->bytes, 1);
    return true;
}

static MlcrtStatus new_tensor(MlcrtContext *c, uint8_t code, uint8_t bits, int32_t rank, const int64_t *shape, MlcrtTensor *t,
                              RtError *err)
{
    size_t bytes;
    if (!t || (rank && !shape))
        return rt_fail(err, MLCRT_EARG, "a tensor or its shape is NULL");
    MlcrtStatus status = rt_shape_bytes(code, bits, rank, shape, &bytes, err);
    if (status)
        return status;
    void *data = rt_tensor_memory(c, bytes);
    if (!data)
        return rt_fail_memory(err, bytes);
    int64_t *kept = ((Header *)data - 1)->shape;
    if (rank)
        memcpy(kept, shape, (size_t)rank * sizeof *kept);
    *t = (MlcrtTensor){ data, MLCRT_CPU, 0, rank, code, bits, 1, kept, NULL, 0 };
    return MLCRT_OK;
}

MlcrtStatus mlcrt_tensor_new(MlcrtContext *c, uint8_t code, uint8_t bits, int32_t rank, const int64_t *shape, MlcrtTensor *t)
{
    RtError err;
    if (!rt_context_is(c))
        return MLCRT_EARG;
    return new_tensor(c, code, bits, rank, shape, t, &err) ? rt_context_fail(c, &err) : MLCRT_OK;
}

MlcrtStatus mlcrt_tensor_free(MlcrtContext *c, MlcrtTensor *t)
{
    if (!t)
        return MLCRT_OK;
    if (!rt_context_is(c) || t->offset || !rt_tensor_release(c, t->data))
        return MLCRT_EARG;
    t->data = NULL;
    return MLCRT_OK;
}

/* ---- compact copies --------------------------------------------------------------------------------------- */

static void copy_row(char *to, const char *from, int64_t n, int64_t stride, size_t element)
{
    if (stride == (int64_t)element) {
        memcpy(to, from, (size_t)n * element);
        return;
    }
    for (int64_t i = 0; i < n; i++, to += element, from += stride)
        switch (element) {
        case 1: *to = *from; break;
        case 2: memcpy(to, from, 2); break;
        case 4: memcpy(to, from, 4); break;
        default: memcpy(to, from, 8); break;
        }
}

/* Row by row; `at` counts through the axes before the last. */
static void copy_rows(char *to, const MlcrtTensor *t, size_t element)
{
    int64_t at[MLCRT_MAX_RANK] = { 0 };
    const char *from = (const char *)((uintptr_t)t->data + t->offset);
    int32_t last = t->rank - 1;
    int64_t n = t->rank ? t->shape[last] : 1, step = t->rank ? t->strides[last] * (int64_t)element : (int64_t)element;
    for (;;) {
        copy_row(to, from, n, step, element);
        to += (size_t)n * element;
        int32_t axis = last - 1;
        for (; axis >= 0; axis--) {
            from += t->strides[axis] * (int64_t)element;
            if (++at[axis] < t->shape[axis])
                break;
            from -= t->strides[axis] * (int64_t)element * t->shape[axis];
            at[axis] = 0;
        }
        if (axis < 0)
            return;
    }
}

static MlcrtStatus check_strided(const MlcrtTensor *t, RtError *err)
{
    size_t bytes;
    if (!t || (t->rank > 0 && !t->shape))
        return rt_fail(err, MLCRT_EARG, "the tensor or its shape is NULL");
    if (t->device != MLCRT_CPU)
        return rt_fail(err, MLCRT_EDEVICE, "the tensor is on device %d, not in CPU memory", t->device);
    if (t->lanes != 1)
        return rt_fail(err, MLCRT_EDTYPE, "the tensor has vectors of %u lanes as elements", t->lanes);
    MlcrtStatus status = rt_shape_bytes(t->code, t->bits, t->rank, t->shape, &bytes, err);
    if (status || bytes == 0)
        return status;
    if (!t->data)
        return rt_fail(err, MLCRT_EARG, "the tensor's data is NULL");
    if (((uintptr_t)t->data + t->offset) & (uintptr_t)(t->bits / 8 - 1))
        return rt_fail(err, MLCRT_EALIGN, "the tensor's data is not aligned to %d bytes", t->bits / 8);
    return MLCRT_OK;
}

MlcrtStatus mlcrt_copy(MlcrtContext *c, const MlcrtTensor *from, MlcrtTensor *to)
{
    RtError err;
    if (!rt_context_is(c) || !to)
        return MLCRT_EARG;
    if (check_strided(from, &err))
        return rt_context_fail(c, &err);
    MlcrtTensor t = *from, copy;
    if (new_tensor(c, t.code, t.bits, t.rank, t.shape, &copy, &err))
        return rt_context_fail(c, &err);
    int64_t elements = 1, strides[MLCRT_MAX_RANK];
    for (int32_t i = t.rank - 1; i >= 0; i--) {
        strides[i] = elements;
        elements *= t.shape[i];
    }
    if (!t.strides)
        t.strides = strides;
    if (elements)
        copy_rows(copy.data, &t, t.bits / 8);
    *to = copy;
    return MLCRT_OK;
}
