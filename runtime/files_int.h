/* files_int.h - what the files half needs of a context. */
#ifndef RT_FILES_INT_H
#define RT_FILES_INT_H

#include <stdbool.h>

#include "alloc.h"
#include "status.h"

struct MlcrtContext;

/** True for a living context; false for NULL. */
bool rt_context_is(const struct MlcrtContext *context);

/** The allocator of a living context, which counts and keeps to the budget. */
const MlcrtAlloc *rt_context_alloc(struct MlcrtContext *context);

/** Makes `err` the context's last failure, logs it, and returns its status. Any thread. */
MlcrtStatus rt_context_fail(struct MlcrtContext *context, const RtError *err);

#endif
