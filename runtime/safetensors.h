/* safetensors.h - writes safetensors files. (weights.h reads them.) */
#ifndef RT_SAFETENSORS_H
#define RT_SAFETENSORS_H

#include <stddef.h>

#include "alloc.h"
#include "mlcrt_files.h"
#include "status.h"
#include "weights.h"

/** Saves tensors as a safetensors file: all or nothing (see save.h).
 *
 *  The bytes depend on names, shapes, values and metadata alone: tensors of larger elements come first, equal ones by name;
 *  metadata is sorted by key; the header is padded with spaces to a multiple of 8, so all data is aligned.
 *
 *  meta     pairs for __metadata__ (a number as its decimal text); may be NULL if nmeta is 0
 *  Errors   EARG for a name or text that is NULL or bad UTF-8, for equal names and for the name "__metadata__"; EDTYPE, ERANK,
 *           ESHAPE, ESTRIDE, EALIGN, EDEVICE of a tensor, which is named; ELIMIT for a header over the format's
 *           100,000,000 bytes; EIO, EMEMORY. The file at `path` is as it was then.
 */
MlcrtStatus rt_safetensors_save(const MlcrtAlloc *alloc, const char *path, const MlcrtNamedTensor *tensors, size_t n,
                                const RtMeta *meta, size_t nmeta, RtError *err);

#endif
