/* files_api.c - weight files and tokenizers as handles of a context.
 *
 *     MlcrtFile *      -> slot -> OpenFile { weights, names }
 *     MlcrtTokenizer * -> slot -> RtBpe
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

static void drop_tokenizer(struct MlcrtContext *context, void *contents)
{
    (void)context;
    rt_bpe_free(contents);
}

/* Begins to use a handle: its slot, or NULL if it is not a living one of that kind. The second look is for a handle that was
 * freed and used again between the first look and the entering. */
static RtSlot *enter(const void *handle, RtKind kind)
{
    RtSlot *slot = (RtSlot *)(uintptr_t)handle;
    if (!slot || !rt_slot_is(slot, kind) || !rt_slot_enter(slot))
        return NULL;
    if (rt_slot_is(slot, kind))
        return slot;
    rt_slot_leave(slot);
    return NULL;
}

/* Ends the use, and reports a failure to the context. */
static MlcrtStatus leave(RtSlot *slot, MlcrtStatus status, const RtError *err)
{
    struct MlcrtContext *context = slot->context;
    rt_slot_leave(slot);
    return status ? rt_context_fail(context, err) : MLCRT_OK;
}

static MlcrtStatus null_argument(RtSlot *slot)
{
    RtError err;
    return leave(slot, rt_fail(&err, MLCRT_EARG, "an argument is NULL"), &err);
}

/* ---- files ---- */

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
    RtSlot *slot = enter(file, RT_FILE_HANDLE);
    if (!slot)
        return MLCRT_EARG;
    if (!count)
        return null_argument(slot);
    *count = ((OpenFile *)slot->contents)->weights.count;
    return leave(slot, MLCRT_OK, NULL);
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
    RtSlot *slot = enter(file, RT_FILE_HANDLE);
    if (!slot)
        return MLCRT_EARG;
    if (!view)
        return null_argument(slot);
    const RtWeights *w = &((OpenFile *)slot->contents)->weights;
    if (i >= w->count)
        return leave(slot, rt_fail(&err, MLCRT_EINDEX, "tensor %zu of a file that has %zu", i, w->count), &err);
    const RtEntry *e = &w->entries[i];
    *view = view_of(e, e->data, e->rank, e->shape);
    if (name)
        *name = e->name;
    return leave(slot, MLCRT_OK, NULL);
}

MlcrtStatus mlcrt_file_find(const MlcrtFile *file, const char *name, MlcrtTensor *view)
{
    RtError err;
    RtSlice s;
    RtSlot *slot = enter(file, RT_FILE_HANDLE);
    if (!slot)
        return MLCRT_EARG;
    if (!name || !view)
        return null_argument(slot);
    if (!rt_names_find(&((OpenFile *)slot->contents)->names, name, &s))
        return leave(slot, rt_fail(&err, MLCRT_EINDEX, "the file has no tensor '%s'", rt_shown(name, strlen(name)).text), &err);
    *view = view_of(s.entry, s.data, s.rank, s.shape);
    return leave(slot, MLCRT_OK, NULL);
}

MlcrtStatus mlcrt_file_number(const MlcrtFile *file, const char *name, int64_t *value)
{
    RtError err;
    RtSlot *slot = enter(file, RT_FILE_HANDLE);
    if (!slot)
        return MLCRT_EARG;
    if (!name || !value)
        return null_argument(slot);
    if (!rt_weights_number(&((OpenFile *)slot->contents)->weights, name, value))
        return leave(slot, rt_fail(&err, MLCRT_EINDEX, "the file has no number '%s'", rt_shown(name, strlen(name)).text), &err);
    return leave(slot, MLCRT_OK, NULL);
}

MlcrtStatus mlcrt_file_close(MlcrtFile *file)
{
    return file ? rt_slot_free((RtSlot *)file, RT_FILE_HANDLE) : MLCRT_OK;
}

MlcrtStatus mlcrt_file_save(struct MlcrtContext *context, const char *path, const MlcrtNamedTensor *tensors, size_t n)
{
    RtError err;
    if (!rt_context_is(context))
        return MLCRT_EARG;
    return rt_safetensors_save(rt_context_alloc(context), path, tensors, n, NULL, 0, &err) ? rt_context_fail(context, &err) : MLCRT_OK;
}

/* ---- tokenizers ---- */

static MlcrtStatus load_tokenizer(struct MlcrtContext *context, const char *path, MlcrtTokenizer **tokenizer, RtError *err)
{
    RtBpe *p;
    MlcrtStatus status = rt_bpe_load(rt_context_alloc(context), path, &p, err);
    if (status)
        return status;
    RtSlot *slot = rt_slot_new(context, RT_TOKENIZER, p, drop_tokenizer);
    if (!slot) {
        rt_bpe_free(p);
        return rt_fail_memory(err, sizeof *slot);
    }
    *tokenizer = (MlcrtTokenizer *)slot;
    return MLCRT_OK;
}

MlcrtStatus mlcrt_tokenizer_load(struct MlcrtContext *context, const char *path, MlcrtTokenizer **tokenizer)
{
    RtError err;
    if (tokenizer)
        *tokenizer = NULL;
    if (!rt_context_is(context))
        return MLCRT_EARG;
    if (!tokenizer || !path)
        rt_fail(&err, MLCRT_EARG, "an argument is NULL");
    else if (!load_tokenizer(context, path, tokenizer, &err))
        return MLCRT_OK;
    return rt_context_fail(context, &err);
}

MlcrtStatus mlcrt_tokenizer_size(const MlcrtTokenizer *tokenizer, int32_t *size)
{
    RtSlot *slot = enter(tokenizer, RT_TOKENIZER);
    if (!slot)
        return MLCRT_EARG;
    if (!size)
        return null_argument(slot);
    *size = rt_bpe_size(slot->contents);
    return leave(slot, MLCRT_OK, NULL);
}

MlcrtStatus mlcrt_tokenizer_encode(const MlcrtTokenizer *tokenizer, const char *text, size_t length, int bos, int32_t *ids,
                                   size_t room, size_t *count)
{
    RtError err;
    RtSlot *slot = enter(tokenizer, RT_TOKENIZER);
    if (!slot)
        return MLCRT_EARG;
    if (!count || (!ids && room))
        return null_argument(slot);
    return leave(slot, rt_bpe_encode(slot->contents, text, length, bos != 0, ids, room, count, &err), &err);
}

MlcrtStatus mlcrt_tokenizer_decode(const MlcrtTokenizer *tokenizer, int32_t previous, int32_t id, const char **text,
                                   size_t *length)
{
    RtError err;
    RtSlot *slot = enter(tokenizer, RT_TOKENIZER);
    if (!slot)
        return MLCRT_EARG;
    if (!text || !length)
        return null_argument(slot);
    return leave(slot, rt_bpe_decode(slot->contents, previous, id, text, length, &err), &err);
}

MlcrtStatus mlcrt_tokenizer_free(MlcrtTokenizer *tokenizer)
{
    return tokenizer ? rt_slot_free((RtSlot *)tokenizer, RT_TOKENIZER) : MLCRT_OK;
}
