/* safetensors.c - reads a safetensors file and believes nothing in it.
 *
 *     8 bytes   N, the length of the header, little-endian
 *     N bytes   {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ..., "__metadata__": {"k": "v"}}
 *     the rest  the data that the offsets point into, without holes or overlap, to the last byte of the file
 *
 * The header is read twice. The first reading checks it as JSON and counts, so that the second has its memory at once and
 * a small file can ask for no more than a small multiple of its own length.
 * Source of the format: github.com/huggingface/safetensors, README.md and safetensors/src/tensor.rs. White space before
 * the `{`, which the README forbids, is read, because the reference reader does.
 */
#include <string.h>

#include "json.h"
#include "mem.h"
#include "utf8.h"
#include "weights_int.h"

/* Element types of the format that this runtime does not have. */
static const char *const foreign[] = { "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F4",
                                       "F6_E2M3", "F6_E3M2", "C64" };

typedef struct Reader {
    RtWeights *w;
    RtJson json;
    const uint8_t *data; /* where the offsets count from */
    uint64_t data_size;
    size_t text_used, dims_used;
    RtError *err;
} Reader;

static bool is_metadata(const RtJson *j)
{
    return j->kind == RT_JSON_KEY && j->depth == 1 && rt_json_is(j, "__metadata__");
}

/* First reading: is it JSON, and how much is in it? */
static MlcrtStatus count(RtJson *j, RtWeightsRoom *room)
{
    bool metadata = false;
    for (RtJsonKind k; (k = rt_json_next(j)) != RT_JSON_END;) {
        if (k == RT_JSON_ERROR)
            return j->status;
        if (k == RT_JSON_KEY && j->depth == 1) {
            metadata = is_metadata(j);
            room->entries += !metadata;
        }
        room->meta += metadata && k == RT_JSON_KEY && j->depth == 2;
        room->dims += !metadata && k == RT_JSON_INT && j->depth == 3;
        if ((k == RT_JSON_KEY && j->depth == 1) || (metadata && (k == RT_JSON_KEY || k == RT_JSON_STRING)))
            room->text += j->raw_length + 1;
        if (room->entries > RT_MAX_TENSORS || room->meta > RT_MAX_TENSORS)
            return rt_json_fail(j, MLCRT_ELIMIT, "more than 1000000 tensors or metadata entries");
    }
    room->numbers = room->meta;
    if (room->dims > room->entries * MLCRT_MAX_RANK)
        room->dims = room->entries * MLCRT_MAX_RANK;
    return MLCRT_OK;
}

/* Takes the text of the last key or string into w->text. NULL if it contains NUL, which no C string can hold. */
static const char *take_text(Reader *r)
{
    char *text = r->w->text + r->text_used;
    size_t n = rt_json_unescape(&r->json, text);
    text[n] = 0;
    if (memchr(text, 0, n)) {
        rt_json_fail(&r->json, MLCRT_EFORMAT, "a text contains NUL");
        return NULL;
    }
    r->text_used += n + 1;
    return text;
}

/* The next token, which must be of this kind. */
static bool expect(Reader *r, RtJsonKind kind, const char *otherwise)
{
    RtJsonKind k = rt_json_next(&r->json);
    if (k != kind && k != RT_JSON_ERROR)
        rt_json_fail(&r->json, MLCRT_EFORMAT, otherwise);
    return k == kind;
}

/* "8" is the number 8; "08", "+8" and "1e3" are texts. */
static bool plain_number(const char *s, int64_t *value)
{
    int64_t v = 0;
    if (*s == 0 || (*s == '0' && s[1]))
        return false;
    for (; *s; s++)
        if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
            return false;
    *value = v;
    return true;
}

static bool read_metadata(Reader *r)
{
    RtWeights *w = r->w;
    if (!expect(r, RT_JSON_OBJECT, "__metadata__ must be an object"))
        return false;
    while (rt_json_next(&r->json) == RT_JSON_KEY) {
        RtMeta m;
        if (!(m.key = take_text(r)) || !expect(r, RT_JSON_STRING, "a value of __metadata__ must be a string") ||
            !(m.value = take_text(r)))
            return false;
        w->meta[w->nmeta++] = m;
        int64_t value;
        if (plain_number(m.value, &value))
            w->numbers[w->nnumbers++] = (RtNumber){ m.key, value };
    }
    return r->json.kind == RT_JSON_OBJECT_END;
}

static bool read_dtype(Reader *r, RtEntry *e)
{
    RtJson *j = &r->json;
    if (!expect(r, RT_JSON_STRING, "dtype must be a string"))
        return false;
    char name[16];
    size_t n = j->raw_length < sizeof name ? rt_json_unescape(j, name) : 0;
    const RtDtype *row = rt_dtype_find_file(name, n);
    if (row) {
        e->code = row->code;
        e->bits = row->bits;
        return true;
    }
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (rt_json_is(j, foreign[i])) {
            rt_json_fail(j, MLCRT_EDTYPE, "");
            rt_fail(r->err, MLCRT_EDTYPE, "tensor '%s' has dtype %s, which is not supported",
                    rt_shown(e->name, strlen(e->name)).text, foreign[i]);
            return false;
        }
    rt_json_fail(j, MLCRT_EFORMAT, "unknown dtype");
    return false;
}

/* Reads up to `most` integers from 0 on; their number, or -1. */
static int read_sizes(Reader *r, int64_t *to, int most, const char *what)
{
    int n = 0;
    if (!expect(r, RT_JSON_ARRAY, what))
        return -1;
    while (rt_json_next(&r->json) == RT_JSON_INT && r->json.integer >= 0 && n < most)
        to[n++] = r->json.integer;
    if (r->json.kind == RT_JSON_ARRAY_END)
        return n;
    if (r->json.kind != RT_JSON_ERROR)
        rt_json_fail(&r->json, MLCRT_EFORMAT, what);
    return -1;
}

static bool read_shape(Reader *r, RtEntry *e)
{
    int64_t shape[MLCRT_MAX_RANK];
    int n = read_sizes(r, shape, MLCRT_MAX_RANK, "shape must be an array of at most 16 integers from 0 to 2^63 - 1");
    if (n < 0)
        return false;
    int64_t *dims = r->w->dims + r->dims_used;
    memcpy(dims, shape, (size_t)n * sizeof *dims);
    r->dims_used += (size_t)n;
    e->rank = n;
    e->shape = dims;
    return true;
}

static bool read_offsets(Reader *r, RtEntry *e)
{
    int64_t at[2];
    int n = read_sizes(r, at, 2, "data_offsets must be two integers from 0 to 2^63 - 1");
    if (n < 0)
        return false;
    if (n != 2 || at[0] > at[1] || (uint64_t)at[1] > r->data_size) {
        rt_json_fail(&r->json, MLCRT_EFORMAT, "data_offsets do not lie, begin before end, in the data of the file");
        return false;
    }
    e->data = r->data + at[0];
    e->bytes = (size_t)(at[1] - at[0]);
    return true;
}

static bool check_size(Reader *r, const RtEntry *e)
{
    size_t bytes;
    RtError why;
    MlcrtStatus status = rt_shape_bytes(e->code, e->bits, e->rank, e->shape, &bytes, &why);
    char shape[RT_SHAPE_TEXT];
    RtShown name = rt_shown(e->name, strlen(e->name));
    if (!status && bytes == e->bytes)
        return true;
    rt_json_fail(&r->json, MLCRT_EFORMAT, "");
    if (status)
        rt_fail(r->err, MLCRT_EFORMAT, "tensor '%s': %s", name.text, why.text);
    else
        rt_fail(r->err, MLCRT_EFORMAT, "tensor '%s' has %zu bytes of data, but %s needs %zu", name.text, e->bytes,
                rt_shape_text(shape, e->code, e->bits, e->rank, e->shape), bytes);
    return false;
}

/* {"dtype": ..., "shape": ..., "data_offsets": ...}: each once (equal keys were refused by the first reading). */
static bool read_tensor(Reader *r, RtEntry *e)
{
    RtJson *j = &r->json;
    int fields = 0;
    if (!expect(r, RT_JSON_OBJECT, "a tensor must be an object"))
        return false;
    while (rt_json_next(j) == RT_JSON_KEY) {
        bool ok = rt_json_is(j, "dtype")          ? read_dtype(r, e)
                  : rt_json_is(j, "shape")        ? read_shape(r, e)
                  : rt_json_is(j, "data_offsets") ? read_offsets(r, e)
                                                  : (rt_json_fail(j, MLCRT_EFORMAT, "unknown field of a tensor"), false);
        if (!ok)
            return false;
        fields++;
    }
    if (j->kind == RT_JSON_OBJECT_END && fields == 3)
        return check_size(r, e);
    if (j->kind != RT_JSON_ERROR)
        rt_json_fail(j, MLCRT_EFORMAT, "a tensor needs dtype, shape and data_offsets");
    return false;
}

static bool read_header(Reader *r)
{
    RtJson *j = &r->json;
    if (!expect(r, RT_JSON_OBJECT, "the header must be an object"))
        return false;
    while (rt_json_next(j) == RT_JSON_KEY) {
        if (is_metadata(j)) {
            if (!read_metadata(r))
                return false;
            continue;
        }
        RtEntry e = { 0 };
        if (!(e.name = take_text(r)))
            return false;
        if (strlen(e.name) > RT_MAX_NAME) {
            rt_json_fail(j, MLCRT_ELIMIT, "a tensor's name is longer than 4096 bytes");
            return false;
        }
        if (!read_tensor(r, &e))
            return false;
        r->w->entries[r->w->count++] = e;
    }
    return j->kind == RT_JSON_OBJECT_END;
}

static int compare_places(const void *user, uint32_t a, uint32_t b)
{
    const RtEntry *x = (const RtEntry *)user + a, *y = (const RtEntry *)user + b;
    if (x->data != y->data)
        return x->data < y->data ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* Sorted by place, the tensors must touch one another and both ends: no hole can hide data, no byte is used twice. */
static MlcrtStatus check_places(Reader *r)
{
    const RtWeights *w = r->w;
    const MlcrtAlloc *a = &w->file.alloc;
    uint32_t *order = rt_alloc(a, w->count, sizeof *order);
    if (!order)
        return rt_fail_memory(r->err, w->count * sizeof *order);
    for (size_t i = 0; i < w->count; i++)
        order[i] = (uint32_t)i;
    rt_sort(order, w->count, compare_places, w->entries);
    MlcrtStatus status = MLCRT_OK;
    const uint8_t *end = r->data;
    for (size_t i = 0; i < w->count && !status; i++) {
        const RtEntry *e = &w->entries[order[i]];
        if (e->data != end)
            status = rt_fail(r->err, MLCRT_EFORMAT, "the data of tensor '%s' begins at byte %zu, %s",
                             rt_shown(e->name, strlen(e->name)).text, (size_t)(e->data - r->data),
                             e->data < end ? "inside another tensor" : "after a hole");
        end = e->data + e->bytes;
    }
    rt_free(a, order, w->count, sizeof *order);
    if (!status && end != r->data + r->data_size)
        status = rt_fail(r->err, MLCRT_EFORMAT, "%zu bytes follow the last tensor", (size_t)(r->data + r->data_size - end));
    return status;
}

/* Compiled code takes a bool for 0 or 1. */
static MlcrtStatus check_bools(const RtWeights *w, RtError *err)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->entries[i].code == MLCRT_BOOL)
            for (size_t k = 0; k < w->entries[i].bytes; k++)
                if (w->entries[i].data[k] > 1)
                    return rt_fail(err, MLCRT_EFORMAT, "bool tensor '%s' has the value %d",
                                   rt_shown(w->entries[i].name, strlen(w->entries[i].name)).text, w->entries[i].data[k]);
    return MLCRT_OK;
}

static MlcrtStatus read_twice(Reader *r, const char *header, size_t length)
{
    RtWeightsRoom room = { 0 };
    RtJson *j = &r->json;
    rt_json_init(j, &r->w->file.alloc, header, length, r->err);
    MlcrtStatus status = count(j, &room);
    rt_json_drop(j);
    if (!status)
        status = rt_weights_reserve(r->w, &room, r->err);
    if (status)
        return status;
    rt_json_init(j, &r->w->file.alloc, header, length, r->err);
    if (!read_header(r))
        status = j->status;
    rt_json_drop(j);
    if (!status)
        status = check_places(r);
    return status ? status : check_bools(r->w, r->err);
}

MlcrtStatus rt_safetensors_read(RtWeights *w, RtError *err)
{
    enum { LENGTH = 8 };
    const RtFile *f = &w->file;
    if (f->size < LENGTH)
        return rt_fail(err, MLCRT_EFORMAT, "neither a safetensors nor a llama2.c file: it has %zu bytes", f->size);
    uint64_t n = rt_get_u64(f->data);
    if (n > f->size - LENGTH || n > RT_MAX_HEADER)
        return rt_fail(err, MLCRT_EFORMAT,
                       "neither a llama2.c nor a safetensors file: as such its header would have %llu bytes (the file has %zu, "
                       "the limit is %d)",
                       (unsigned long long)n, f->size, RT_MAX_HEADER);
    const char *header = (const char *)f->data + LENGTH;
    size_t blank = 0;
    while (blank < n && header[blank] && strchr(" \t\r\n", header[blank]))
        blank++;
    if (blank == n || header[blank] != '{')
        return rt_fail(err, MLCRT_EFORMAT, "neither a llama2.c nor a safetensors file: there is no '{' where its header begins");
    Reader r = { .w = w, .err = err, .data = f->data + LENGTH + n, .data_size = f->size - LENGTH - n };
    return read_twice(&r, header, (size_t)n);
}
