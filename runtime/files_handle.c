/* files_handle.c - using a file or a tokenizer for the time of one call. */
#include "files_int.h"

/* The second look is for a handle that was freed and used again between the first look and the entering. */
RtSlot *rt_file_enter(const void *handle, RtKind kind)
{
    RtSlot *slot = (RtSlot *)(uintptr_t)handle;
    if (!slot || !rt_slot_is(slot, kind) || !rt_slot_enter(slot))
        return NULL;
    if (rt_slot_is(slot, kind))
        return slot;
    rt_slot_leave(slot);
    return NULL;
}

MlcrtStatus rt_file_leave(RtSlot *slot, MlcrtStatus status, const RtError *err)
{
    struct MlcrtContext *context = slot->context;
    rt_slot_leave(slot);
    return status ? rt_context_fail(context, err) : MLCRT_OK;
}

MlcrtStatus rt_file_null(RtSlot *slot)
{
    RtError err;
    return rt_file_leave(slot, rt_fail(&err, MLCRT_EARG, "an argument is NULL"), &err);
}
