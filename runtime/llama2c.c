/* llama2c.c - the weight file of llama2.c, version 0.
 *
 *     28 bytes   dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len: little-endian int32
 *     f32...     the tensors of the table below, in this order, those of all layers side by side
 *
 * There are no names: they are ours, the parameter paths of the usual model. A negative vocab_size says that the
 * classifier is stored after two tables for RoPE, which nobody reads any more; else it is the embedding.
 * Source: github.com/karpathy/llama2.c, export.py (legacy_export) and run.c (memory_map_weights).
 */
#include <string.h>

#include "mem.h"
#include "weights_int.h"

enum { FIELDS = 7, HEADER = 4 * FIELDS };

static const char *const field_names[FIELDS] = { "dim",        "hidden_dim", "n_layers", "n_heads",
                                                 "n_kv_heads", "vocab_size", "seq_len" };
enum { DIM, HIDDEN, LAYERS, HEADS, KV_HEADS, VOCAB, SEQ };

/* Dims by letter: L layers, V vocabulary, D dim, K keys of all heads, F hidden, S positions, R half a head. */
static const struct {
    const char *name; /* NULL: not for us */
    const char *dims;
} table[] = {
    { "embed", "VD" },
    { "layers.*.norm1.weight", "LD" },
    { "layers.*.attention.wq.weight", "LDD" },
    { "layers.*.attention.wk.weight", "LKD" },
    { "layers.*.attention.wv.weight", "LKD" },
    { "layers.*.attention.wo.weight", "LDD" },
    { "layers.*.norm2.weight", "LD" },
    { "layers.*.gate.weight", "LFD" }, /* w1 */
    { "layers.*.down.weight", "LDF" }, /* w2 */
    { "layers.*.up.weight", "LFD" },   /* w3 */
    { "norm.weight", "D" },
    { NULL, "SR" }, /* cosines of RoPE */
    { NULL, "SR" }, /* sines */
    { "head.weight", "VD" },
};

enum { TENSORS = sizeof table / sizeof table[0], SHARED = TENSORS - 1 /* without head.weight */ };

typedef struct Header {
    int64_t field[FIELDS];
    bool separate;
} Header;

static Header get_header(const uint8_t *p)
{
    Header h;
    for (int i = 0; i < FIELDS; i++)
        h.field[i] = (int32_t)rt_get_u32(p + 4 * i);
    h.separate = h.field[VOCAB] < 0;
    if (h.separate)
        h.field[VOCAB] = -h.field[VOCAB];
    return h;
}

bool rt_llama2c_likely(const RtFile *file)
{
    enum { LARGEST = 1 << 24 };
    if (file->size < HEADER)
        return false;
    Header h = get_header(file->data);
    for (int i = 0; i < FIELDS; i++)
        if (h.field[i] < 1 || h.field[i] > LARGEST)
            return false;
    return true;
}

static int64_t size_of(const Header *h, char letter)
{
    const int64_t *f = h->field;
    switch (letter) {
    case 'L': return f[LAYERS];
    case 'V': return f[VOCAB];
    case 'D': return f[DIM];
    case 'K': return f[DIM] / f[HEADS] * f[KV_HEADS];
    case 'F': return f[HIDDEN];
    case 'S': return f[SEQ];
    default: return f[DIM] / f[HEADS] / 2;
    }
}

static MlcrtStatus check_header(const Header *h, RtError *err)
{
    const int64_t *f = h->field;
    for (int i = 0; i < FIELDS; i++)
        if (f[i] < 1)
            return rt_fail(err, MLCRT_EFORMAT, "llama2.c header: %s is %lld", field_names[i], (long long)f[i]);
    if (f[DIM] % f[HEADS] != 0 || f[HEADS] % f[KV_HEADS] != 0 || f[DIM] / f[HEADS] % 2 != 0)
        return rt_fail(err, MLCRT_EFORMAT,
                       "llama2.c header: dim %lld, n_heads %lld and n_kv_heads %lld must make equal groups of heads of even size",
                       (long long)f[DIM], (long long)f[HEADS], (long long)f[KV_HEADS]);
    return MLCRT_OK;
}

/* Gives every tensor its shape and place; `*end` is where the file must end. False on overflow. */
static bool lay_out(RtWeights *w, const Header *h, uint64_t *end)
{
    int64_t *dims = w->dims;
    *end = HEADER;
    for (size_t i = 0; i < (h->separate ? (size_t)TENSORS : (size_t)SHARED); i++) {
        size_t rank = strlen(table[i].dims);
        uint64_t bytes = sizeof(float), start = *end;
        for (size_t k = 0; k < rank; k++) {
            dims[k] = size_of(h, table[i].dims[k]);
            if (!rt_mul(bytes, (uint64_t)dims[k], &bytes))
                return false;
        }
        if (!rt_add(*end, bytes, end))
            return false;
        if (!table[i].name)
            continue;
        bool inside = *end <= w->file.size; /* else the caller refuses the file; no pointer past its end before that */
        w->entries[w->count++] = (RtEntry){ .name = table[i].name, .shape = dims, .data = inside ? w->file.data + start : NULL,
                                            .bytes = (size_t)bytes, .rank = (int32_t)rank, .code = MLCRT_FLOAT, .bits = 32,
                                            .stacked = table[i].dims[0] == 'L' };
        dims += rank;
    }
    return true;
}

MlcrtStatus rt_llama2c_read(RtWeights *w, RtError *err)
{
    enum { MOST_DIMS = 3 };
    Header h = get_header(w->file.data);
    MlcrtStatus status = check_header(&h, err);
    if (!status)
        status = rt_weights_reserve(w, &(RtWeightsRoom){ .entries = TENSORS, .numbers = FIELDS, .dims = TENSORS * MOST_DIMS }, err);
    if (status)
        return status;
    for (int i = 0; i < FIELDS; i++)
        w->numbers[w->nnumbers++] = (RtNumber){ field_names[i], h.field[i] };
    uint64_t end;
    if (!lay_out(w, &h, &end))
        return rt_fail(err, MLCRT_ELIMIT, "llama2.c header: the tensors would have 2^62 bytes or more");
    if (end != w->file.size)
        return rt_fail(err, MLCRT_EFORMAT, "llama2.c header: the tensors end at byte %llu, but the file has %zu bytes",
                       (unsigned long long)end, w->file.size);
    return MLCRT_OK;
}
