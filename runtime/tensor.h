/* tensor.h - the tensor that crosses the binary interface. C99 and C++. */
#ifndef MLCRT_TENSOR_H
#define MLCRT_TENSOR_H

#include <stdint.h>

enum { MLCRT_CPU = 1 };       /* MlcrtTensor.device */
enum { MLCRT_MAX_RANK = 16 }; /* version 1 takes no more dimensions */

/** MlcrtTensor.code: the kinds of elements, numbered as DLPack does. */
enum { MLCRT_INT = 0, MLCRT_UINT = 1, MLCRT_FLOAT = 2, MLCRT_BFLOAT = 4, MLCRT_BOOL = 6 };

/** A view of memory that somebody else owns; field for field DLPack's DLTensor, 48 bytes. */
typedef struct MlcrtTensor {
    void *data;                 /* may be NULL if there are no elements */
    int32_t device, device_id;  /* MLCRT_CPU, 0 */
    int32_t rank;               /* 0 to MLCRT_MAX_RANK */
    uint8_t code, bits;         /* MLCRT_FLOAT, 32 */
    uint16_t lanes;             /* 1 */
    int64_t *shape, *strides;   /* strides count elements; NULL is row-major */
    uint64_t offset;            /* bytes, added to data */
} MlcrtTensor;

#endif
