/* gguf.c - reads a GGUF file, version 2 or 3, and believes nothing in it.
 *
 *     "GGUF"  u32 version  u64 tensors  u64 pairs
 *     pairs      text key, u32 type, value                 "llama.attention.head_count" u32 8
 *     tensors    text name, u32 rank, u64 dims, u32 type, u64 offset      dims: the innermost first
 *     padding to `general.alignment` (32)
 *     data       each tensor begins where the one before it ended, padded
 *
 * Numbers are little-endian, a text is u64 length and UTF-8. All of it is walked twice: the first walk checks and counts, so the
 * second has its memory at once. Packed tensors stay packed for who wants them so; else they are unpacked to f32 when all is known to be
 * right; as tensors cannot share bytes, that is at most 13 times the size of the file.
 * Source of the format: github.com/ggml-org/ggml, docs/gguf.md.
 */
#include <string.h>

#include "dequant.h"
#include "mem.h"
#include "utf8.h"
#include "weights_int.h"

enum { VERSION_OLD = 2, VERSION = 3, ALIGNMENT = 32, MAX_RANK = 4, HEAD = 24, LEAST_PAIR = 13, LEAST_TENSOR = 24 };

/* Types of values. */
enum { T_U8, T_I8, T_U16, T_I16, T_U32, T_I32, T_F32, T_BOOL, T_TEXT, T_ARRAY, T_U64, T_I64, T_F64, TYPES };

static const uint8_t type_bytes[TYPES] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };

typedef struct Text {
    const char *p;
    size_t n;
} Text;

typedef struct Reader {
    RtWeights *w;
    const uint8_t *at, *end;
    uint64_t tensors, pairs, alignment;
    RtWeightsRoom room;
    Text *names; /* of pairs and then tensors: equal ones are refused */
    size_t nnames;
    size_t text_used, dims_used;
    RtError *err;
} Reader;

static size_t left(const Reader *r)
{
    return (size_t)(r->end - r->at);
}

static bool bad(Reader *r, const char *what)
{
    rt_fail(r->err, MLCRT_EFORMAT, "byte %zu: %s", (size_t)(r->at - r->w->file.data), what);
    return false;
}

static bool take_u32(Reader *r, uint32_t *v)
{
    if (left(r) < 4)
        return bad(r, "the file ends inside a number");
    *v = rt_get_u32(r->at);
    r->at += 4;
    return true;
}

static bool take_u64(Reader *r, uint64_t *v)
{
    if (left(r) < 8)
        return bad(r, "the file ends inside a number");
    *v = rt_get_u64(r->at);
    r->at += 8;
    return true;
}

static bool take_text(Reader *r, Text *t)
{
    uint64_t n;
    if (!take_u64(r, &n))
        return false;
    if (n > left(r))
        return bad(r, "a text is longer than the rest of the file");
    *t = (Text){ (const char *)r->at, (size_t)n };
    r->at += n;
    return true;
}

/* Keys, names and texts that are kept: no NUL, which no C string can hold. */
static bool is_plain(Reader *r, const Text *t, const char *what)
{
    if (rt_utf8_valid(t->p, t->n) && !memchr(t->p, 0, t->n))
        return true;
    return bad(r, what);
}

static bool take_name(Reader *r, Text *t)
{
    if (!take_text(r, t))
        return false;
    if (t->n > RT_MAX_NAME)
        return bad(r, "a name is longer than 4096 bytes");
    return is_plain(r, t, "a name is not UTF-8, or contains NUL");
}

/* ---- pairs --------------------------------------------------------------------------------------------------- */

/* A value that is passed over. */
static bool skip_array(Reader *r)
{
    uint32_t type;
    uint64_t n;
    if (!take_u32(r, &type) || !take_u64(r, &n))
        return false;
    if (type >= TYPES || type == T_ARRAY)
        return bad(r, "an array of a type that does not exist, or of arrays");
    if (n > left(r) / (type == T_TEXT ? 8 : type_bytes[type]))
        return bad(r, "an array is longer than the rest of the file");
    Text t;
    if (type != T_TEXT)
        r->at += n * type_bytes[type];
    for (uint64_t i = 0; type == T_TEXT && i < n; i++)
        if (!take_text(r, &t))
            return false;
    return true;
}

/* An integer or bool of this type at p; false for one that int64_t does not hold. */
static bool integer_at(const uint8_t *p, uint32_t type, int64_t *v)
{
    switch (type) {
    case T_U8: *v = p[0]; return true;
    case T_BOOL: *v = p[0]; return true;
    case T_I8: *v = (int8_t)p[0]; return true;
    case T_U16: *v = p[0] | p[1] << 8; return true;
    case T_I16: *v = (int16_t)(p[0] | p[1] << 8); return true;
    case T_U32: *v = rt_get_u32(p); return true;
    case T_I32: *v = (int32_t)rt_get_u32(p); return true;
    default: *v = (int64_t)rt_get_u64(p); return type == T_I64 || *v >= 0;
    }
}

/* One pair: where its value begins, and its type. */
typedef struct Pair {
    Text key, text;
    const uint8_t *value;
    uint32_t type;
} Pair;

static bool take_pair(Reader *r, Pair *p)
{
    if (!take_name(r, &p->key) || !take_u32(r, &p->type))
        return false;
    p->value = r->at;
    if (p->type >= TYPES)
        return bad(r, "a value of a type that does not exist");
    if (p->type == T_ARRAY)
        return skip_array(r);
    if (p->type == T_TEXT)
        return take_text(r, &p->text) && is_plain(r, &p->text, "a text is not UTF-8, or contains NUL");
    if (left(r) < type_bytes[p->type])
        return bad(r, "the file ends inside a number");
    if (p->type == T_BOOL && *p->value > 1)
        return bad(r, "a bool is neither 0 nor 1");
    r->at += type_bytes[p->type];
    return true;
}

static bool is_key(const Pair *p, const char *key)
{
    return p->key.n == strlen(key) && memcmp(p->key.p, key, p->key.n) == 0;
}

static bool count_pair(Reader *r, const Pair *p)
{
    if (is_key(p, "general.alignment")) {
        if (p->type != T_U32)
            return bad(r, "general.alignment is no u32");
        r->alignment = rt_get_u32(p->value);
        if (r->alignment == 0 || (r->alignment & (r->alignment - 1)))
            return bad(r, "general.alignment is no power of two");
    }
    if (p->type == T_ARRAY)
        return true;
    r->room.text += p->key.n + 1;
    if (p->type == T_TEXT) {
        r->room.meta++;
        r->room.text += p->text.n + 1;
    } else if (p->type != T_F32 && p->type != T_F64) {
        r->room.numbers++;
    }
    return true;
}

static const char *keep(Reader *r, const Text *t)
{
    char *to = r->w->text + r->text_used;
    memcpy(to, t->p, t->n);
    to[t->n] = 0;
    r->text_used += t->n + 1;
    return to;
}

/* Fractions and arrays stay in the file: nothing asks for them. */
static void keep_pair(Reader *r, const Pair *p)
{
    RtWeights *w = r->w;
    int64_t v;
    if (p->type == T_ARRAY || p->type == T_F32 || p->type == T_F64)
        return;
    const char *key = keep(r, &p->key);
    if (p->type == T_TEXT)
        w->meta[w->nmeta++] = (RtMeta){ key, keep(r, &p->text) };
    else if (integer_at(p->value, p->type, &v))
        w->numbers[w->nnumbers++] = (RtNumber){ key, v };
}

/* ---- tensors ------------------------------------------------------------------------------------------------- */

typedef struct Info {
    Text name;
    uint32_t rank;
    int64_t shape[MAX_RANK]; /* the outermost first */
    const RtPacking *packing;
    uint64_t offset, blocks;
} Info;

static bool take_dims(Reader *r, Info *t)
{
    if (!take_u32(r, &t->rank))
        return false;
    if (t->rank > MAX_RANK)
        return bad(r, "a tensor of more than 4 axes");
    for (uint32_t i = t->rank; i-- > 0;) {
        uint64_t d;
        if (!take_u64(r, &d))
            return false;
        if (d > INT64_MAX)
            return bad(r, "a dimension over 2^63 - 1");
        t->shape[i] = (int64_t)d;
    }
    return true;
}

static bool take_type(Reader *r, Info *t)
{
    uint32_t type;
    if (!take_u32(r, &type))
        return false;
    t->packing = rt_packing_find(type);
    const char *other = rt_packing_foreign(type);
    if (t->packing)
        return true;
    if (!other)
        return bad(r, "a tensor of a type that does not exist");
    rt_fail(r->err, MLCRT_EDTYPE, "tensor '%s' has type %s, which is not supported", rt_shown(t->name.p, t->name.n).text, other);
    return false;
}

/* Rows are made of whole blocks. */
static bool count_blocks(Reader *r, Info *t)
{
    uint64_t n = 1;
    const RtPacking *k = t->packing;
    if ((t->rank ? (uint64_t)t->shape[t->rank - 1] : 1) % k->elements)
        return bad(r, "the rows of a packed tensor are not made of whole blocks");
    for (uint32_t i = 0; i < t->rank; i++)
        if (t->shape[i] == 0)
            n = 0;
    for (uint32_t i = 0; i < t->rank && n; i++)
        if (!rt_mul(n, (uint64_t)t->shape[i], &n))
            return bad(r, "a tensor of 2^62 elements or more");
    t->blocks = n / k->elements;
    if (t->blocks > r->w->file.size / k->bytes)
        return bad(r, "a tensor is larger than the file");
    return true;
}

static bool take_info(Reader *r, Info *t)
{
    return take_name(r, &t->name) && take_dims(r, t) && take_type(r, t) && take_u64(r, &t->offset) && count_blocks(r, t);
}

/* ---- walks --------------------------------------------------------------------------------------------------- */

static bool take_head(Reader *r)
{
    uint32_t version = 0;
    r->at += 4; /* the magic */
    if (!take_u32(r, &version) || !take_u64(r, &r->tensors) || !take_u64(r, &r->pairs))
        return false;
    if (version != VERSION && version != VERSION_OLD) {
        rt_fail(r->err, MLCRT_EFORMAT, "version %u of GGUF; versions 2 and 3 are read", (unsigned)version);
        return false;
    }
    if (r->pairs > left(r) / LEAST_PAIR || r->tensors > left(r) / LEAST_TENSOR)
        return bad(r, "more pairs or tensors than the file has room for");
    if (r->pairs > RT_MAX_TENSORS || r->tensors > RT_MAX_TENSORS) {
        rt_fail(r->err, MLCRT_ELIMIT, "more than %d tensors or metadata entries", RT_MAX_TENSORS);
        return false;
    }
    r->alignment = ALIGNMENT;
    return true;
}

/* First walk: is all of it inside of the file, and how much is it? */
static bool count(Reader *r)
{
    for (uint64_t i = 0; i < r->pairs; i++) {
        Pair p = { 0 };
        if (!take_pair(r, &p) || !count_pair(r, &p))
            return false;
        r->names[r->nnames++] = p.key;
    }
    for (uint64_t i = 0; i < r->tensors; i++) {
        Info t = { 0 };
        if (!take_info(r, &t))
            return false;
        r->names[r->nnames++] = t.name;
        r->room.text += t.name.n + 1;
        r->room.dims += t.rank;
    }
    r->room.entries = r->tensors;
    return true;
}

static uint64_t padded(const Reader *r, uint64_t n)
{
    return n + (r->alignment - n % r->alignment) % r->alignment; /* both are below 2^62 */
}

/* Gives a tensor its bytes, the next that nobody has; *used counts from the start of the data. */
static bool place(Reader *r, const Info *t, RtEntry *e, uint64_t *used)
{
    uint64_t bytes = t->blocks * t->packing->bytes, room = left(r);
    uint64_t start = padded(r, *used);
    if (t->offset != start)
        return bad(r, "a tensor does not begin where the one before it ends");
    if (start > room || bytes > room - start)
        return bad(r, "a tensor ends after the file");
    e->data = r->at + start;
    e->bytes = (size_t)bytes;
    *used = start + bytes;
    return true;
}

/* Second walk, from the first pair on. `data` is where the data begin. */
static bool fill(Reader *r, const uint8_t *data)
{
    RtWeights *w = r->w;
    uint64_t used = 0;
    for (uint64_t i = 0; i < r->pairs; i++) {
        Pair p = { 0 };
        if (!take_pair(r, &p))
            return false;
        keep_pair(r, &p);
    }
    for (uint64_t i = 0; i < r->tensors; i++) {
        Info t = { 0 };
        if (!take_info(r, &t))
            return false;
        RtEntry e = { .name = keep(r, &t.name), .rank = (int32_t)t.rank, .code = t.packing->code, .bits = t.packing->bits };
        int64_t *dims = w->dims + r->dims_used;
        memcpy(dims, t.shape, t.rank * sizeof *dims);
        r->dims_used += t.rank;
        e.shape = dims;
        Reader at = *r;
        at.at = data;
        if (!place(&at, &t, &e, &used))
            return false;
        e.packing = t.packing->unpack ? t.packing : NULL;
        w->entries[w->count++] = e;
    }
    uint64_t room = (uint64_t)(r->end - data);
    if (room - used >= r->alignment)
        return bad(r, "bytes after the last tensor");
    return true;
}

static MlcrtStatus unpack(RtWeights *w, RtError *err)
{
    uint64_t size = 0;
    for (size_t i = 0; i < w->count; i++)
        if (w->entries[i].packing)
            size += w->entries[i].bytes / w->entries[i].packing->bytes * w->entries[i].packing->elements * sizeof(float);
    w->unpacked = rt_alloc(&w->file.alloc, size, 1);
    if (!w->unpacked)
        return rt_fail_memory(err, size);
    w->unpacked_room = size;
    uint64_t used = 0;
    for (size_t i = 0; i < w->count; i++) {
        RtEntry *e = &w->entries[i];
        const RtPacking *k = e->packing;
        if (!k)
            continue;
        size_t blocks = e->bytes / k->bytes;
        float *to = (float *)(void *)(w->unpacked + used);
        k->unpack(to, e->data, blocks);
        e->data = w->unpacked + used;
        e->bytes = blocks * k->elements * sizeof(float);
        e->packing = NULL;
        used += e->bytes;
    }
    return MLCRT_OK;
}

static int compare_texts(const void *user, uint32_t a, uint32_t b)
{
    const Text *x = (const Text *)user + a, *y = (const Text *)user + b;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* No key twice, no tensor twice. */
static MlcrtStatus check_names(Reader *r)
{
    const MlcrtAlloc *a = &r->w->file.alloc;
    uint32_t *order = rt_alloc(a, r->nnames, sizeof *order);
    if (!order)
        return rt_fail_memory(r->err, r->nnames * sizeof *order);
    MlcrtStatus status = MLCRT_OK;
    for (int tensors = 0; tensors < 2; tensors++) {
        const Text *names = r->names + (tensors ? r->pairs : 0);
        size_t n = (size_t)(tensors ? r->tensors : r->pairs);
        for (size_t i = 0; i < n; i++)
            order[i] = (uint32_t)i;
        rt_sort(order, n, compare_texts, names);
        for (size_t i = 1; i < n && !status; i++)
            if (compare_texts(names, order[i - 1], order[i]) == 0)
                status = rt_fail(r->err, MLCRT_EFORMAT, "'%s' is there twice", rt_shown(names[order[i]].p, names[order[i]].n).text);
    }
    rt_free(a, order, r->nnames, sizeof *order);
    return status;
}

static MlcrtStatus read_rest(Reader *r)
{
    RtWeights *w = r->w;
    const uint8_t *first = r->at;
    if (!count(r))
        return r->err->status;
    uint64_t begin = padded(r, (uint64_t)(r->at - w->file.data));
    if (begin > w->file.size) {
        if (r->tensors)
            return bad(r, "the file ends before its data"), r->err->status;
        begin = w->file.size;
    }
    MlcrtStatus status = check_names(r);
    if (!status)
        status = rt_weights_reserve(w, &r->room, r->err);
    if (status)
        return status;
    r->at = first;
    if (!fill(r, w->file.data + begin))
        return r->err->status;
    return w->keep_packed ? MLCRT_OK : unpack(w, r->err);
}

MlcrtStatus rt_gguf_read(RtWeights *w, RtError *err)
{
    const MlcrtAlloc *a = &w->file.alloc;
    Reader r = { .w = w, .at = w->file.data, .end = w->file.data + w->file.size, .err = err };
    if (w->file.size < HEAD)
        return rt_fail(err, MLCRT_EFORMAT, "the file ends inside the header of GGUF");
    if (!take_head(&r))
        return err->status;
    size_t room = (size_t)(r.pairs + r.tensors);
    r.names = rt_alloc(a, room, sizeof *r.names);
    MlcrtStatus status = r.names ? read_rest(&r) : rt_fail_memory(err, room * sizeof *r.names);
    rt_free(a, r.names, room, sizeof *r.names);
    return status;
}
