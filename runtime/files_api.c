/* files_api.c - weight files as handles of a context.
 *
 *     MlcrtFile *  -> slot -> OpenFile { weights, names }
 */
#include "mlcrt_files.h"

#include <string.h>

#include "files.h"
#include "files_int.h"
#include "slot.h"

typedef struct OpenFile {
    MlcrtAlloc alloc;
    RtWeights weights;
    RtNames names; /* without renamings: for paths of layers */
} OpenFile;

static void drop_file(struct MlcrtContext *context, void *contents)
{
    (void)context;
    OpenFile *f = contents;
    MlcrtAlloc a = f->alloc;
    rt_names_drop(&f->names);
    rt_weights_close(&f->weights);
    rt_free(&a, f, 1, sizeof *f);
}

static MlcrtStatus open_file(struct MlcrtContext *context, const char *path, MlcrtFile **file, RtError *err)
{
    const MlcrtAlloc *a = rt_context_alloc(context);
    OpenFile *f = rt_alloc(a, 1, sizeof *f);
    if (!f)
        return rt_fail_memory(err, sizeof *f);
    *f = (OpenFile){ .alloc = *a };
    MlcrtStatus status = rt_weights_open(a, path, &f->weights, err);
    if (!status)
        status = rt_names_init(a, &f->weights, NULL, 0, &f->names, err);
    RtSlot *slot = status ? NULL : rt_slot_new(context, RT_FILE_HANDLE, f, drop_file);
    if (!status && !slot)
        status = rt_fail_memory(err, sizeof *slot);
    if (status)
        drop_file(context, f);
    else
        *file = (MlcrtFile *)slot;
    return status;
}

MlcrtStatus mlcrt_file_open(struct MlcrtContext *context, const char *path, MlcrtFile **file)
{
    RtError err;
    if (file)
        *file = NULL;
    if (!rt_context_is(context))
        return MLCRT_EARG;
    if (!file || !path)
        rt_fail(&err, MLCRT_EARG, "an argument is NULL");
    else if (!open_file(context, path, file, &err))
        return MLCRT_OK;
    return rt_context_fail(context, &err);
}

MlcrtStatus mlcrt_file_count(const MlcrtFile *file, size_t *count)
{
    RtSlot *slot = rt_file_enter(file, RT_FILE_HANDLE);
    if (!slot)
        return MLCRT_EARG;
    if (!count)
        return rt_file_null(slot);
    *count = ((OpenFile *)slot->contents)->weights.count;
    return rt_file_leave(slot, MLCRT_OK, NULL);
}

/* The view's shape and data are constant; MlcrtTensor has no way to say so. */
static MlcrtTensor view_of(const RtEntry *e, const uint8_t *data, int32_t rank, const int64_t *shape)
{
    return (MlcrtTensor){ .data = (void *)(uintptr_t)data, .device = MLCRT_CPU, .rank = rank, .code = e->code, .bits = e->bits,
                          .lanes = 1, .shape = (int64_t *)(uintptr_t)shape };
}

MlcrtStatus mlcrt_file_get(const MlcrtFile *file, size_t i, const char **name, MlcrtTensor *view)
{
    RtError err;
    RtSlot *slot = rt_file_enter(file, RT_FILE_HANDLE);
    if (!slot)
        return MLCRT_EARG;
    if (!view)
        return rt_file_null(slot);
    const RtWeights *w = &((OpenFile *)slot->contents)->weights;
    if (i >= w->count)
        return rt_file_leave(slot, rt_fail(&err, MLCRT_EINDEX, "tensor %zu of a file that has %zu", i, w->count), &err);
    const RtEntry *e = &w->entries[i];
    *view = view_of(e, e->data, e->rank, e->shape);
    if (name)
        *name = e->name;
    return rt_file_leave(slot, MLCRT_OK, NULL);
}

MlcrtStatus mlcrt_file_find(const MlcrtFile *file, const char *name, MlcrtTensor *view)
{
    RtError err;
    RtSlice s;
    RtSlot *slot = rt_file_enter(file, RT_FILE_HANDLE);
    if (!slot)
        return MLCRT_EARG;
    if (!name || !view)
        return rt_file_null(slot);
    if (!rt_names_find(&((OpenFile *)slot->contents)->names, name, &s))
        return rt_file_leave(slot, rt_fail(&err, MLCRT_EINDEX, "the file has no tensor '%s'", rt_shown(name, strlen(name)).text), &err);
    *view = view_of(s.entry, s.data, s.rank, s.shape);
    return rt_file_leave(slot, MLCRT_OK, NULL);
}

MlcrtStatus mlcrt_file_number(const MlcrtFile *file, const char *name, int64_t *value)
{
    RtError err;
    RtSlot *slot = rt_file_enter(file, RT_FILE_HANDLE);
    if (!slot)
        return MLCRT_EARG;
    if (!name || !value)
        return rt_file_null(slot);
    if (!rt_weights_number(&((OpenFile *)slot->contents)->weights, name, value))
        return rt_file_leave(slot, rt_fail(&err, MLCRT_EINDEX, "the file has no number '%s'", rt_shown(name, strlen(name)).text), &err);
    return rt_file_leave(slot, MLCRT_OK, NULL);
}

MlcrtStatus mlcrt_file_close(MlcrtFile *file)
{
    return file ? rt_slot_free((RtSlot *)file, RT_FILE_HANDLE) : MLCRT_OK;
}
