/* tokenizer_api.c - tokenizers as handles of a context.
 *
 *     MlcrtTokenizer *  -> slot -> RtBpe
 */
#include "mlcrt_files.h"

#include "files.h"
#include "files_int.h"
#include "slot.h"

static void drop_tokenizer(struct MlcrtContext *context, void *contents)
{
    (void)context;
    rt_bpe_free(contents);
}

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
    RtSlot *slot = rt_file_enter(tokenizer, RT_TOKENIZER);
    if (!slot)
        return MLCRT_EARG;
    if (!size)
        return rt_file_null(slot);
    *size = rt_bpe_size(slot->contents);
    return rt_file_leave(slot, MLCRT_OK, NULL);
}

MlcrtStatus mlcrt_tokenizer_encode(const MlcrtTokenizer *tokenizer, const char *text, size_t length, int bos, int32_t *ids,
                                   size_t room, size_t *count)
{
    RtError err;
    RtSlot *slot = rt_file_enter(tokenizer, RT_TOKENIZER);
    if (!slot)
        return MLCRT_EARG;
    if (!count || (!ids && room))
        return rt_file_null(slot);
    return rt_file_leave(slot, rt_bpe_encode(slot->contents, text, length, bos != 0, ids, room, count, &err), &err);
}

MlcrtStatus mlcrt_tokenizer_decode(const MlcrtTokenizer *tokenizer, int32_t previous, int32_t id, const char **text,
                                   size_t *length)
{
    RtError err;
    RtSlot *slot = rt_file_enter(tokenizer, RT_TOKENIZER);
    if (!slot)
        return MLCRT_EARG;
    if (!text || !length)
        return rt_file_null(slot);
    return rt_file_leave(slot, rt_bpe_decode(slot->contents, previous, id, text, length, &err), &err);
}

MlcrtStatus mlcrt_tokenizer_free(MlcrtTokenizer *tokenizer)
{
    return tokenizer ? rt_slot_free((RtSlot *)tokenizer, RT_TOKENIZER) : MLCRT_OK;
}
