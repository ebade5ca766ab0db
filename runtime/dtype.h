/* dtype.h - element types by name and by code. */
#ifndef RT_DTYPE_H
#define RT_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"
#include "tensor.h"

/** A row of dtype.def. */
typedef struct RtDtype {
    const char *name;      /* "f32" */
    const char *file_name; /* "F32", in safetensors */
    uint8_t code, bits;
} RtDtype;

/** The row of a code and a number of bits; NULL if there is none. */
const RtDtype *rt_dtype_find(uint8_t code, uint8_t bits);

/** The row of a name in a safetensors file; NULL if there is none. */
const RtDtype *rt_dtype_find_file(const char *name, size_t length);

/** "f32", or "an unknown type". */
const char *rt_dtype_name(uint8_t code, uint8_t bits);

/** Number of elements and of bytes of a shape.
 *
 *  Errors   EDTYPE, ERANK (below 0 or over 16), ESHAPE (a negative dim), ELIMIT (2^62 bytes or more)
 */
MlcrtStatus rt_shape_bytes(uint8_t code, uint8_t bits, int32_t rank, const int64_t *shape, size_t *bytes, RtError *err);

/** Bytes of a tensor that must be a compact row-major CPU tensor aligned to its elements.
 *
 *  Errors   EARG (NULL), EDEVICE, ESTRIDE, EALIGN and those of rt_shape_bytes
 */
MlcrtStatus rt_tensor_bytes(const MlcrtTensor *t, size_t *bytes, RtError *err);

/** Room for the text of any shape of rank 16: a name, and 16 numbers of at most 20 characters. */
enum { RT_SHAPE_TEXT = 384 };

/** "f32[8, 784]" into `text`, which has RT_SHAPE_TEXT bytes; a dim below 0 prints as "_". The rank is at most 16. */
char *rt_shape_text(char *text, uint8_t code, uint8_t bits, int32_t rank, const int64_t *shape);

#endif
