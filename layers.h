/* layers.h - functions compiled from layers.ml. C99 and C++. Generated: do not edit.
 *
 * Link with libmlcrt. Every function returns a status, 0 for success; mlcrt_error(session) tells what went wrong.
 */
#ifndef MLC_GENERATED_layers_H
#define MLC_GENERATED_layers_H

#include <stdbool.h>
#include <stdint.h>

#include "mlcrt.h"

MLCRT_BEGIN

typedef struct layers_Net layers_Net;

MLCRT_API extern const struct MlcrtModule layers_module;

/** mlp
 *
 *      fn mlp(net: Net(D, F), x: f32[B, D]) -> (f32[B, D], f32[B, D])
 *
 *  net       Net(D, F)
 *  x         f32[B, D]
 *  result0   f32[B, D]; data NULL: memory is allocated (mlcrt_tensor_free), else the shape is checked; shape has room for its rank
 *  result1   f32[B, D]; data NULL: memory is allocated (mlcrt_tensor_free), else the shape is checked; shape has room for its rank
 *
 *  Errors    at entry, everything untouched: EARG, EDTYPE, ERANK, ESTRIDE, EALIGN, EOVERLAP, EMEMORY, ESHAPE
 */
MLCRT_API MlcrtStatus layers_mlp(MlcrtSession *session, const layers_Net *net, const MlcrtTensor *x, MlcrtTensor *result0, MlcrtTensor *result1);

/* ---- Net ---- */

MLCRT_API extern const struct MlcrtStruct layers_Net_type;

/** Loads one from a safetensors or llama2.c file; see mlcrt_handle_load. numbers: D, F; -1 is solved from the file. */
static inline MlcrtStatus layers_Net_load(MlcrtSession *session, const char *path, const MlcrtRename *renames,
    const int64_t *numbers, layers_Net **out)
{
    MlcrtHandle *handle = 0;
    MlcrtStatus status = mlcrt_handle_load(session, &layers_module, &layers_Net_type, path, renames, numbers, &handle);
    *out = (layers_Net *)handle;
    return status;
}

/** From one tensor for each leaf, in order; they are copied. */
static inline MlcrtStatus layers_Net_from_tensors(MlcrtSession *session, const int64_t *numbers, const MlcrtTensor *leaves,
    layers_Net **out)
{
    MlcrtHandle *handle = 0;
    MlcrtStatus status = mlcrt_handle_from_tensors(session, &layers_module, &layers_Net_type, numbers, leaves, &handle);
    *out = (layers_Net *)handle;
    return status;
}

/** Saves it as a safetensors file, whole or not at all. */
static inline MlcrtStatus layers_Net_save(MlcrtSession *session, const layers_Net *handle, const char *path)
{
    return mlcrt_handle_save(session, (MlcrtHandle *)(uintptr_t)handle, path);
}

/** A second, independent one. */
static inline MlcrtStatus layers_Net_copy(MlcrtSession *session, const layers_Net *from, layers_Net **out)
{
    MlcrtHandle *handle = 0;
    MlcrtStatus status = mlcrt_handle_copy(session, (MlcrtHandle *)(uintptr_t)from, &handle);
    *out = (layers_Net *)handle;
    return status;
}

/** Releases it; NULL is ignored. */
static inline MlcrtStatus layers_Net_free(layers_Net *handle)
{
    return mlcrt_handle_free((MlcrtHandle *)handle);
}

/** Copies a leaf out, or one element of a list: "layers.3.norm.weight". */
static inline MlcrtStatus layers_Net_get(MlcrtSession *session, const layers_Net *handle, const char *path, MlcrtTensor *tensor)
{
    return mlcrt_handle_get(session, (MlcrtHandle *)(uintptr_t)handle, path, tensor);
}

static inline int64_t layers_Net_D(const layers_Net *handle)
{
    return mlcrt_handle_number((MlcrtHandle *)(uintptr_t)handle, 0);
}
static inline int64_t layers_Net_F(const layers_Net *handle)
{
    return mlcrt_handle_number((MlcrtHandle *)(uintptr_t)handle, 1);
}

MLCRT_END

#endif
