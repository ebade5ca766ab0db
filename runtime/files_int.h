/* files_int.h - what the files half needs of a context. */
#ifndef RT_FILES_INT_H
#define RT_FILES_INT_H

#include "alloc.h"
#include "status.h"

struct MlcrtContext;

/** The context's allocator, which counts and keeps to the budget; NULL if `context` is NULL or no living context. */
const MlcrtAlloc *rt_context_alloc(struct MlcrtContext *context);

/** Makes `err` the context's last failure, logs it, and returns its status. Any thread. */
MlcrtStatus rt_context_fail(struct MlcrtContext *context, const RtError *err);

#endif
