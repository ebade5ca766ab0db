/* safetensors_save.c - writes safetensors files.
 *
 *     check all tensors -> order them -> header text -> temporary file: length, header, data of each -> rename
 */
#include "safetensors.h"

#include <string.h>

#include "dtype.h"
#include "mem.h"
#include "save.h"
#include "utf8.h"

typedef struct Saver {
    const MlcrtNamedTensor *tensors;
    size_t n;
    const RtMeta *meta;
    size_t nmeta;
    uint32_t *order, *meta_order;
    RtText header;
    RtError *err;
} Saver;

static int compare_tensors(const void *user, uint32_t a, uint32_t b)
{
    const MlcrtNamedTensor *x = (const MlcrtNamedTensor *)user + a, *y = (const MlcrtNamedTensor *)user + b;
    if (x->tensor.bits != y->tensor.bits)
        return x->tensor.bits > y->tensor.bits ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int compare_names(const void *user, uint32_t a, uint32_t b)
{
    const MlcrtNamedTensor *t = user;
    return strcmp(t[a].name, t[b].name);
}

static int compare_meta(const void *user, uint32_t a, uint32_t b)
{
    const RtMeta *m = user;
    return strcmp(m[a].key, m[b].key);
}

static bool is_text(const char *s)
{
    return s && rt_utf8_valid(s, strlen(s));
}

static MlcrtStatus check_tensors(const Saver *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *name = s->tensors[i].name;
        size_t bytes;
        RtError why;
        if (!is_text(name) || strlen(name) > RT_MAX_NAME)
            return rt_fail(s->err, MLCRT_EARG, "the name of tensor %zu is NULL, not UTF-8 or longer than %d bytes", i, RT_MAX_NAME);
        RtShown shown = rt_shown(name, strlen(name));
        if (strcmp(name, "__metadata__") == 0)
            return rt_fail(s->err, MLCRT_EARG, "no tensor of a safetensors file can be called '%s'", name);
        MlcrtStatus status = rt_tensor_bytes(&s->tensors[i].tensor, &bytes, &why);
        if (status)
            return rt_fail(s->err, status, "tensor '%s': %s", shown.text, why.text);
    }
    for (size_t i = 0; i < s->nmeta; i++)
        if (!is_text(s->meta[i].key) || !is_text(s->meta[i].value))
            return rt_fail(s->err, MLCRT_EARG, "metadata %zu is NULL or not UTF-8", i);
    return MLCRT_OK;
}

/* Sorts 0..n-1 by `compare` and refuses equal neighbours. */
static MlcrtStatus sort_unique(uint32_t *order, size_t n, int (*compare)(const void *, uint32_t, uint32_t), const void *user,
                               RtError *err)
{
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    rt_sort(order, n, compare, user);
    for (size_t i = 1; i < n; i++)
        if (compare(user, order[i - 1], order[i]) == 0)
            return rt_fail(err, MLCRT_EARG, "two tensors or two metadata entries (%u and %u) have one name", order[i - 1],
                           order[i]);
    return MLCRT_OK;
}

static MlcrtStatus sort_all(Saver *s)
{
    MlcrtStatus status = sort_unique(s->order, s->n, compare_names, s->tensors, s->err);
    if (!status)
        status = sort_unique(s->meta_order, s->nmeta, compare_meta, s->meta, s->err);
    if (!status)
        rt_sort(s->order, s->n, compare_tensors, s->tensors);
    return status;
}

/* A JSON string: quotes, backslashes and control characters escaped, all else as it is. */
static void put_string(RtText *t, const char *s)
{
    rt_text_add(t, "\"");
    while (*s) {
        size_t n = 0;
        while ((unsigned char)s[n] >= 0x20 && s[n] != '"' && s[n] != '\\')
            n++;
        if (n)
            rt_text_add(t, "%.*s", (int)n, s);
        s += n;
        if (*s)
            rt_text_add(t, "\\u%04x", (unsigned)(unsigned char)*s++);
    }
    rt_text_add(t, "\"");
}

static void put_meta(Saver *s)
{
    RtText *t = &s->header;
    if (s->nmeta == 0)
        return;
    rt_text_add(t, "\"__metadata__\":{");
    for (size_t i = 0; i < s->nmeta; i++) {
        const RtMeta *m = &s->meta[s->meta_order[i]];
        rt_text_add(t, "%s", i ? "," : "");
        put_string(t, m->key);
        rt_text_add(t, ":");
        put_string(t, m->value);
    }
    rt_text_add(t, "}%s", s->n ? "," : "");
}

static size_t tensor_bytes(const MlcrtTensor *t)
{
    size_t bytes = 0;
    rt_tensor_bytes(t, &bytes, NULL); /* was checked */
    return bytes;
}

static bool put_tensors(Saver *s)
{
    RtText *t = &s->header;
    uint64_t at = 0;
    for (size_t i = 0; i < s->n; i++) {
        const MlcrtNamedTensor *x = &s->tensors[s->order[i]];
        rt_text_add(t, "%s", i ? "," : "");
        put_string(t, x->name);
        rt_text_add(t, ":{\"dtype\":\"%s\",\"shape\":[", rt_dtype_find(x->tensor.code, x->tensor.bits)->file_name);
        for (int32_t k = 0; k < x->tensor.rank; k++)
            rt_text_add(t, "%s%lld", k ? "," : "", (long long)x->tensor.shape[k]);
        uint64_t begin = at;
        if (!rt_add(at, tensor_bytes(&x->tensor), &at))
            return false;
        rt_text_add(t, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)begin, (unsigned long long)at);
    }
    return true;
}

static MlcrtStatus make_header(Saver *s)
{
    RtText *t = &s->header;
    rt_text_add(t, "{");
    put_meta(s);
    bool fits = put_tensors(s);
    rt_text_add(t, "}");
    while (t->length % 8 != 0 && !t->cut && !t->failed)
        rt_text_add(t, " ");
    if (t->failed)
        return rt_fail_memory(s->err, t->room * 2);
    if (t->cut || !fits)
        return rt_fail(s->err, MLCRT_ELIMIT, "too much for one safetensors file: its header may have %d bytes", RT_MAX_HEADER);
    return MLCRT_OK;
}

static MlcrtStatus write_file(const Saver *s, const char *path)
{
    RtSave save;
    uint8_t length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)s->header.length >> (8 * i));
    MlcrtStatus status = rt_save_begin(path, &save, s->err);
    if (!status)
        status = rt_save_write(&save, length, sizeof length, s->err);
    if (!status)
        status = rt_save_write(&save, s->header.text, s->header.length, s->err);
    for (size_t i = 0; i < s->n && !status; i++) {
        const MlcrtTensor *t = &s->tensors[s->order[i]].tensor;
        size_t bytes = tensor_bytes(t);
        if (bytes)
            status = rt_save_write(&save, (const uint8_t *)t->data + t->offset, bytes, s->err);
    }
    return status ? status : rt_save_end(&save, s->err);
}

MlcrtStatus rt_safetensors_save(const MlcrtAlloc *alloc, const char *path, const MlcrtNamedTensor *tensors, size_t n,
                                const RtMeta *meta, size_t nmeta, RtError *err)
{
    Saver s = { .tensors = tensors, .n = n, .meta = meta, .nmeta = nmeta, .err = err,
                .header = { .alloc = alloc, .limit = RT_MAX_HEADER } };
    if ((n && !tensors) || (nmeta && !meta))
        return rt_fail(err, MLCRT_EARG, "the tensors or the metadata are NULL");
    if (n > RT_MAX_TENSORS || nmeta > RT_MAX_TENSORS)
        return rt_fail(err, MLCRT_ELIMIT, "more than %d tensors or metadata entries", RT_MAX_TENSORS);
    MlcrtStatus status = check_tensors(&s);
    if (status)
        return status;
    s.order = rt_alloc(alloc, n, sizeof *s.order);
    s.meta_order = rt_alloc(alloc, nmeta, sizeof *s.meta_order);
    status = s.order && s.meta_order ? sort_all(&s) : rt_fail_memory(err, n * sizeof *s.order);
    if (!status)
        status = make_header(&s);
    if (!status)
        status = write_file(&s, path);
    rt_text_drop(&s.header);
    rt_free(alloc, s.order, n, sizeof *s.order);
    rt_free(alloc, s.meta_order, nmeta, sizeof *s.meta_order);
    return status;
}
