/* files_int.h - what the files half needs of a context. */
#ifndef RT_FILES_INT_H
#define RT_FILES_INT_H

#include <stdbool.h>

#include "alloc.h"
#include "slot.h"
#include "status.h"

struct MlcrtContext;

/** True for a living context; false for NULL. */
bool rt_context_is(const struct MlcrtContext *context);

/** The allocator of a living context, which counts and keeps to the budget. */
const MlcrtAlloc *rt_context_alloc(struct MlcrtContext *context);

/** Makes `err` the context's last failure, logs it, and returns its status. Any thread. */
MlcrtStatus rt_context_fail(struct MlcrtContext *context, const RtError *err);

/** Begins to use a handle: its slot, or NULL if it is not a living one of that kind. */
RtSlot *rt_file_enter(const void *handle, RtKind kind);

/** Ends the use, and reports a failure to the context. */
MlcrtStatus rt_file_leave(RtSlot *slot, MlcrtStatus status, const RtError *err);

/** Ends the use with EARG: an argument is NULL. */
MlcrtStatus rt_file_null(RtSlot *slot);

#endif
