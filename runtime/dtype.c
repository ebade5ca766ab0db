/* dtype.c - element types, sizes of shapes, and whether a tensor is one that version 1 takes. */
#include "dtype.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

static const RtDtype rows[] = {
#define DTYPE(name, file_name, code, bits) { #name, #file_name, MLCRT_##code, bits },
#include "dtype.def"
#undef DTYPE
};

enum { ROWS = sizeof rows / sizeof rows[0] };

const RtDtype *rt_dtype_find(uint8_t code, uint8_t bits)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].code == code && rows[i].bits == bits)
            return &rows[i];
    return NULL;
}

const RtDtype *rt_dtype_find_file(const char *name, size_t length)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(rows[i].file_name) == length && memcmp(rows[i].file_name, name, length) == 0)
            return &rows[i];
    return NULL;
}

const char *rt_dtype_name(uint8_t code, uint8_t bits)
{
    const RtDtype *row = rt_dtype_find(code, bits);
    return row ? row->name : "an unknown type";
}

MlcrtStatus rt_shape_bytes(uint8_t code, uint8_t bits, int32_t rank, const int64_t *shape, size_t *bytes, RtError *err)
{
    if (!rt_dtype_find(code, bits))
        return rt_fail(err, MLCRT_EDTYPE, "no element type has code %d and %d bits", code, bits);
    if (rank < 0 || rank > MLCRT_MAX_RANK)
        return rt_fail(err, MLCRT_ERANK, "rank %d is outside 0 to %d", (int)rank, MLCRT_MAX_RANK);
    if (rank > 0 && !shape)
        return rt_fail(err, MLCRT_EARG, "the shape is NULL");
    uint64_t product = bits / 8;
    bool empty = false, fits = true;
    for (int32_t i = 0; i < rank; i++) {
        if (shape[i] < 0)
            return rt_fail(err, MLCRT_ESHAPE, "dimension %d is %lld", (int)i, (long long)shape[i]);
        empty |= shape[i] == 0;
        /* even in an empty tensor the other dims must multiply, or strides computed from them would wrap */
        fits = fits && rt_mul(product, shape[i] ? (uint64_t)shape[i] : 1, &product);
    }
    if (!fits)
        return rt_fail(err, MLCRT_ELIMIT, "the shape has 2^62 bytes or more");
    *bytes = empty ? 0 : (size_t)product;
    return MLCRT_OK;
}

static bool is_compact(const MlcrtTensor *t)
{
    int64_t expected = 1;
    if (t->strides)
        for (int32_t i = t->rank; i-- > 0;) {
            if (t->shape[i] != 1 && t->strides[i] != expected)
                return false;
            expected *= t->shape[i] ? t->shape[i] : 1; /* cannot overflow: rt_shape_bytes came first */
        }
    return true;
}

MlcrtStatus rt_tensor_bytes(const MlcrtTensor *t, size_t *bytes, RtError *err)
{
    if (!t)
        return rt_fail(err, MLCRT_EARG, "the tensor is NULL");
    if (t->device != MLCRT_CPU)
        return rt_fail(err, MLCRT_EDEVICE, "the tensor is on device %d, not on the CPU (%d)", (int)t->device, MLCRT_CPU);
    if (t->lanes != 1)
        return rt_fail(err, MLCRT_EDTYPE, "the tensor has %d lanes, not 1", t->lanes);
    MlcrtStatus status = rt_shape_bytes(t->code, t->bits, t->rank, t->shape, bytes, err);
    if (status || *bytes == 0)
        return status;
    if (!t->data)
        return rt_fail(err, MLCRT_EARG, "the tensor's data is NULL");
    if (!is_compact(t))
        return rt_fail(err, MLCRT_ESTRIDE, "the tensor is not compact and row-major");
    if (((uintptr_t)t->data + (uintptr_t)t->offset) % (t->bits / 8u) != 0)
        return rt_fail(err, MLCRT_EALIGN, "the tensor is not aligned to its elements of %d bytes", t->bits / 8);
    return MLCRT_OK;
}

char *rt_shape_text(char *text, uint8_t code, uint8_t bits, int32_t rank, const int64_t *shape)
{
    char *at = text + sprintf(text, "%s", rt_dtype_name(code, bits));
    for (int32_t i = 0; i < rank; i++) {
        at += sprintf(at, i ? ", " : "[");
        at += shape[i] < 0 ? sprintf(at, "_") : sprintf(at, "%lld", (long long)shape[i]);
    }
    if (rank > 0)
        sprintf(at, "]");
    return text;
}
