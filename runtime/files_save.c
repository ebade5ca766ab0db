/* files_save.c - tensors of a C program to a safetensors file. */
#include "mlcrt_files.h"

#include "files_int.h"
#include "safetensors.h"

MlcrtStatus mlcrt_file_save(struct MlcrtContext *context, const char *path, const MlcrtNamedTensor *tensors, size_t n)
{
    RtError err;
    if (!rt_context_is(context))
        return MLCRT_EARG;
    return rt_safetensors_save(rt_context_alloc(context), path, tensors, n, NULL, 0, &err) ? rt_context_fail(context, &err) : MLCRT_OK;
}
