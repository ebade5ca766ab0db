/* weights.c - opens a weight file of any known format and looks things up in it. */
#include "dequant.h"
#include "weights_int.h"

#include <string.h>

#include "mem.h"

uint32_t rt_get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t rt_get_u64(const uint8_t *p)
{
    return rt_get_u32(p) | (uint64_t)rt_get_u32(p + 4) << 32;
}

MlcrtStatus rt_weights_reserve(RtWeights *w, const RtWeightsRoom *room, RtError *err)
{
    const MlcrtAlloc *a = &w->file.alloc;
    w->entries_room = room->entries;
    w->numbers_room = room->numbers;
    w->meta_room = room->meta;
    w->dims_room = room->dims;
    w->text_room = room->text;
    w->entries = rt_alloc(a, room->entries, sizeof *w->entries);
    w->numbers = rt_alloc(a, room->numbers, sizeof *w->numbers);
    w->meta = rt_alloc(a, room->meta, sizeof *w->meta);
    w->dims = rt_alloc(a, room->dims, sizeof *w->dims);
    w->text = rt_alloc(a, room->text, 1);
    if (w->entries && w->numbers && w->meta && w->dims && w->text)
        return MLCRT_OK;
    return rt_fail(err, MLCRT_EMEMORY, "out of memory for the names and shapes of %zu tensors", room->entries);
}

void rt_weights_close(RtWeights *w)
{
    const MlcrtAlloc *a = &w->file.alloc;
    rt_free(a, w->entries, w->entries_room, sizeof *w->entries);
    rt_free(a, w->numbers, w->numbers_room, sizeof *w->numbers);
    rt_free(a, w->meta, w->meta_room, sizeof *w->meta);
    rt_free(a, w->dims, w->dims_room, sizeof *w->dims);
    rt_free(a, w->text, w->text_room, 1);
    rt_free(a, w->copies, w->copies_room, 1);
    rt_free(a, w->unpacked, w->unpacked_room, 1);
    for (size_t i = 0; i < w->nshards; i++)
        rt_weights_close(&w->shards[i]);
    rt_free(a, w->shards, w->shards_room, sizeof *w->shards);
    rt_file_close(&w->file);
    *w = (RtWeights){ 0 };
}

static int compare_names(const void *user, uint32_t a, uint32_t b)
{
    const RtEntry *e = user;
    return strcmp(e[a].name, e[b].name);
}

MlcrtStatus rt_weights_sort(RtWeights *w, RtError *err)
{
    const MlcrtAlloc *a = &w->file.alloc;
    uint32_t *order = rt_alloc(a, w->count, sizeof *order);
    RtEntry *sorted = rt_alloc(a, w->entries_room, sizeof *sorted);
    if (order && sorted) {
        for (size_t i = 0; i < w->count; i++)
            order[i] = (uint32_t)i;
        rt_sort(order, w->count, compare_names, w->entries);
        for (size_t i = 0; i < w->count; i++)
            sorted[i] = w->entries[order[i]];
        RtEntry *old = w->entries;
        w->entries = sorted;
        sorted = old;
    }
    MlcrtStatus status = order && sorted ? MLCRT_OK : rt_fail_memory(err, w->count * sizeof *sorted);
    rt_free(a, order, w->count, sizeof *order);
    rt_free(a, sorted, w->entries_room, sizeof *sorted);
    return status;
}

/* The magic of another format; as the length of a safetensors header these bytes would be over the limit. */
static bool begins(const RtFile *f, const char *magic)
{
    return f->size >= 8 && strncmp((const char *)f->data, magic, strlen(magic)) == 0 && rt_get_u64(f->data) > RT_MAX_HEADER;
}

/* Other formats get a sentence of their own, for the user who has not converted yet. */
static MlcrtStatus read_format(RtWeights *w, const char *path, RtError *err)
{
    const RtFile *f = &w->file;
    if (begins(f, "GGUF"))
        return rt_gguf_read(w, err);
    if (begins(f, "PK\x03\x04") || begins(f, "\x80\x02\x8A\x0A"))
        return rt_fail(err, MLCRT_EFORMAT, "this is a PyTorch pickle, which can run code when read; convert it to safetensors");
    if (begins(f, "24ka"))
        return rt_fail(err, MLCRT_EFORMAT, "this is a llama2.c file of version 1 or later; version 0 is read");
    if (begins(f, "{")) /* as JSON; a safetensors header is never so long */
        return rt_shards_read(w, path, err);
    return rt_llama2c_likely(f) ? rt_llama2c_read(w, err) : rt_safetensors_read(w, err);
}

/* Where entry e would lie in a block of copies that has `used` bytes so far; 8 fits the largest element. */
static uint64_t after_copy(const RtEntry *e, uint64_t used)
{
    enum { LARGEST = 8 };
    bool aligned = (uintptr_t)e->data % (e->bits / 8u) == 0;
    return aligned ? used : used + (e->bytes + LARGEST - 1) / LARGEST * LARGEST; /* bytes add up to the file's size: no overflow */
}

/* The format does not promise aligned data: what is not aligned gets a copy that is. */
static MlcrtStatus align_entries(RtWeights *w, RtError *err)
{
    uint64_t size = 0, used = 0;
    for (size_t i = 0; i < w->count; i++)
        size = after_copy(&w->entries[i], size);
    if (size == 0)
        return MLCRT_OK;
    w->copies = rt_alloc(&w->file.alloc, size, 1);
    if (!w->copies)
        return rt_fail_memory(err, size);
    w->copies_room = size;
    for (size_t i = 0; i < w->count; i++) {
        RtEntry *e = &w->entries[i];
        uint64_t next = after_copy(e, used);
        if (next != used)
            e->data = memcpy(w->copies + used, e->data, e->bytes);
        used = next;
    }
    return MLCRT_OK;
}

static MlcrtStatus open_as(const MlcrtAlloc *alloc, const char *path, bool packed, RtWeights *w, RtError *err)
{
    *w = (RtWeights){ .keep_packed = packed };
    MlcrtStatus status = rt_file_open(alloc, path, RT_FILE_READ, &w->file, err);
    if (!status) {
        RtError why = { 0 };
        status = read_format(w, path, &why);
        if (status)
            rt_fail(err, status, "'%s': %s", rt_shown(path, strlen(path)).text, why.text);
    }
    for (size_t i = 0; i < w->count && !status; i++)
        w->any_stacked |= w->entries[i].stacked;
    if (!status)
        status = align_entries(w, err);
    if (!status)
        status = rt_weights_sort(w, err);
    if (status)
        rt_weights_close(w);
    return status;
}

MlcrtStatus rt_weights_open(const MlcrtAlloc *alloc, const char *path, RtWeights *w, RtError *err)
{
    return open_as(alloc, path, false, w, err);
}

MlcrtStatus rt_weights_open_packed(const MlcrtAlloc *alloc, const char *path, RtWeights *w, RtError *err)
{
    return open_as(alloc, path, true, w, err);
}

/* "layers.norm1.weight" against "layers.*.norm1.weight". */
static bool is_without_star(const char *name, const char *stacked)
{
    const char *star = strstr(stacked, "*.");
    size_t n = star ? (size_t)(star - stacked) : 0;
    return star && strncmp(name, stacked, n) == 0 && strcmp(name + n, star + 2) == 0;
}

const RtEntry *rt_weights_find(const RtWeights *w, const char *name)
{
    size_t low = 0, high = w->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(w->entries[middle].name, name);
        if (order == 0)
            return &w->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = 0; w->any_stacked && i < w->count; i++)
        if (w->entries[i].stacked && is_without_star(name, w->entries[i].name))
            return &w->entries[i];
    return NULL;
}

bool rt_weights_number(const RtWeights *w, const char *name, int64_t *value)
{
    for (size_t i = 0; i < w->nnumbers; i++)
        if (strcmp(w->numbers[i].name, name) == 0) {
            *value = w->numbers[i].value;
            return true;
        }
    return false;
}

float rt_f16_value(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 0x1F, fraction = h & 0x3FF, bits;
    float f;
    if (exponent == 0) { /* zero or subnormal: fraction * 2^-24, exact in f32 */
        f = (float)fraction * 0x1p-24f;
        return sign ? -f : f;
    }
    bits = sign | (exponent == 31 ? 0xFFu : exponent + 112) << 23 | fraction << 13;
    memcpy(&f, &bits, sizeof f);
    return f;
}

float rt_bf16_value(uint16_t h)
{
    uint32_t bits = (uint32_t)h << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

MlcrtStatus rt_slice_copy(void *to, uint8_t code, uint8_t bits, const RtSlice *s, RtError *err)
{
    const RtEntry *e = s->entry;
    if (e->packing && e->code == code && e->bits == bits) {
        e->packing->unpack(to, s->data, s->bytes / e->packing->bytes);
        return MLCRT_OK;
    }
    if (!e->packing && e->code == code && e->bits == bits) {
        if (s->bytes)
            memcpy(to, s->data, s->bytes);
        return MLCRT_OK;
    }
    bool half = !e->packing && e->bits == 16 && (e->code == MLCRT_FLOAT || e->code == MLCRT_BFLOAT);
    if (!half || code != MLCRT_FLOAT || bits != 32)
        return rt_fail(err, MLCRT_EDTYPE, "tensor '%s' is %s and cannot become %s", rt_shown(e->name, strlen(e->name)).text,
                       rt_dtype_name(e->code, e->bits), rt_dtype_name(code, bits));
    float *out = to;
    for (size_t i = 0; i < s->bytes / 2; i++) {
        uint16_t h = (uint16_t)(s->data[2 * i] | s->data[2 * i + 1] << 8);
        out[i] = e->code == MLCRT_FLOAT ? rt_f16_value(h) : rt_bf16_value(h);
    }
    return MLCRT_OK;
}
