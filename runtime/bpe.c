/* bpe.c - byte-pair tokenizers: the one of llama2.c, looking tokens up, and decoding.
 *
 *     file of llama2.c   int32 longest token; then of each token: float32 score, int32 length, bytes (all little-endian)
 */
#include "bpe_int.h"

#include <math.h>
#include <string.h>

#include "file.h"
#include "mem.h"

static int compare_text(const char *a, size_t an, const char *b, size_t bn)
{
    int order = memcmp(a, b, an < bn ? an : bn);
    return order ? order : (an > bn) - (an < bn);
}

static int compare_tokens(const void *user, uint32_t a, uint32_t b)
{
    const RtBpe *p = user;
    const RtToken *x = &p->tokens[a], *y = &p->tokens[b];
    int order = compare_text(p->text + x->start, x->length, p->text + y->start, y->length);
    return order ? order : (a > b) - (a < b);
}

int32_t rt_bpe_lookup(const RtBpe *p, const char *s, size_t n)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const RtToken *t = &p->tokens[p->order[middle]];
        if (compare_text(p->text + t->start, t->length, s, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == p->count)
        return -1;
    const RtToken *t = &p->tokens[p->order[low]];
    return compare_text(p->text + t->start, t->length, s, n) == 0 ? (int32_t)p->order[low] : -1;
}

/* ---- loading ---- */

static uint32_t get_u32(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static float get_f32(const uint8_t *b)
{
    uint32_t u = get_u32(b);
    float f;
    memcpy(&f, &u, sizeof f);
    return f;
}

/* Checks all lengths and counts, before anything is allocated. */
static MlcrtStatus measure(const uint8_t *b, size_t size, size_t *count, size_t *text, RtError *err)
{
    enum { LONGEST = 4, HEAD = 8 };
    if (size < LONGEST)
        return rt_fail(err, MLCRT_EFORMAT, "no tokenizer file: it has %zu bytes", size);
    uint32_t longest = get_u32(b);
    if (longest < 1 || longest > RT_BPE_TOKEN)
        return rt_fail(err, MLCRT_EFORMAT, "no tokenizer file: its longest token would have %lld bytes, not 1 to %d",
                       (long long)(int32_t)longest, RT_BPE_TOKEN);
    *count = *text = 0;
    for (size_t at = LONGEST; at < size; ++*count) {
        if (*count == RT_BPE_TOKENS)
            return rt_fail(err, MLCRT_ELIMIT, "more than %d tokens", RT_BPE_TOKENS);
        if (size - at < HEAD)
            return rt_fail(err, MLCRT_EFORMAT, "the file ends inside token %zu", *count);
        uint32_t n = get_u32(b + at + 4);
        if (!isfinite(get_f32(b + at)))
            return rt_fail(err, MLCRT_EFORMAT, "the score of token %zu is not finite", *count);
        if (n > longest || n > size - at - HEAD)
            return rt_fail(err, MLCRT_EFORMAT, "token %zu has %lld bytes: more than the longest (%u) or than the file has left",
                           *count, (long long)(int32_t)n, longest);
        *text += n + 1;
        at += HEAD + n;
    }
    if (*count < RT_BPE_BYTE + RT_BPE_BYTES)
        return rt_fail(err, MLCRT_EFORMAT, "%zu tokens are too few: 3 special ones and 256 for bytes are needed", *count);
    return MLCRT_OK;
}

static void fill(RtBpe *p, const uint8_t *b)
{
    uint32_t used = 0;
    b += 4;
    for (size_t i = 0; i < p->count; i++) {
        RtToken *t = &p->tokens[i];
        *t = (RtToken){ used, get_u32(b + 4), get_f32(b) };
        memcpy(p->text + used, b + 8, t->length);
        p->text[used + t->length] = 0;
        used += t->length + 1;
        b += 8 + t->length;
    }
    rt_bpe_sort(p);
}

void rt_bpe_sort(RtBpe *p)
{
    for (size_t i = 0; i < p->count; i++)
        p->order[i] = (uint32_t)i;
    rt_sort(p->order, p->count, compare_tokens, p);
}

static void free_rules(const MlcrtAlloc *a, RtBpeRules *r)
{
    rt_free(a, r->merges, r->nmerges, sizeof *r->merges);
    rt_free(a, r->score, r->nscore, sizeof *r->score);
    rt_free(a, r->shown, r->nshown, sizeof *r->shown);
    rt_free(a, r->shown_text, r->shown_room, 1);
    rt_free(a, r->special, r->special_room, sizeof *r->special);
    rt_free(a, r->special_text, r->special_text_room, 1);
    rt_free(a, r, 1, sizeof *r);
}

void rt_bpe_free(RtBpe *p)
{
    if (!p)
        return;
    MlcrtAlloc a = p->alloc;
    if (p->rules)
        free_rules(&a, p->rules);
    rt_free(&a, p->tokens, p->count, sizeof *p->tokens);
    rt_free(&a, p->order, p->count, sizeof *p->order);
    rt_free(&a, p->text, p->text_size, 1);
    rt_free(&a, p, 1, sizeof *p);
}

MlcrtStatus rt_bpe_new(const MlcrtAlloc *alloc, size_t count, size_t text, RtBpe **bpe, RtError *err)
{
    RtBpe *p = rt_alloc(alloc, 1, sizeof *p);
    *bpe = NULL;
    if (!p)
        return rt_fail_memory(err, sizeof *p);
    *p = (RtBpe){ .alloc = *alloc, .count = count, .text_size = text };
    for (int i = 0; i < RT_BPE_BYTES; i++)
        p->bytes[i] = (char)i;
    p->tokens = rt_alloc(alloc, count, sizeof *p->tokens);
    p->order = rt_alloc(alloc, count, sizeof *p->order);
    p->text = rt_alloc(alloc, text, 1);
    if (!p->tokens || !p->order || !p->text) {
        rt_bpe_free(p);
        return rt_fail_memory(err, count * sizeof *p->tokens + text);
    }
    *bpe = p;
    return MLCRT_OK;
}

MlcrtStatus rt_bpe_read(const MlcrtAlloc *alloc, const uint8_t *bytes, size_t size, RtBpe **bpe, RtError *err)
{
    size_t count = 0, text = 0;
    *bpe = NULL;
    if (size > 0 && (bytes[0] == '{' || bytes[0] == '[') && (size < 4 || get_u32(bytes) > RT_BPE_TOKEN))
        return rt_tokenizer_json_read(alloc, bytes, size, bpe, err);
    MlcrtStatus status = measure(bytes, size, &count, &text, err);
    if (!status)
        status = rt_bpe_new(alloc, count, text, bpe, err);
    if (!status)
        fill(*bpe, bytes);
    return status;
}

MlcrtStatus rt_bpe_load(const MlcrtAlloc *alloc, const char *path, RtBpe **bpe, RtError *err)
{
    RtFile file;
    RtError why = { 0 };
    *bpe = NULL;
    MlcrtStatus status = rt_file_open(alloc, path, RT_FILE_READ, &file, err);
    if (status)
        return status;
    status = rt_bpe_read(alloc, file.data, file.size, bpe, &why);
    if (status)
        rt_fail(err, status, "'%s': %s", rt_shown(path, strlen(path)).text, why.text);
    rt_file_close(&file);
    return status;
}

int32_t rt_bpe_size(const RtBpe *p)
{
    return (int32_t)p->count;
}

const char *rt_bpe_piece(const RtBpe *p, int32_t id, size_t *length)
{
    if (id < 0 || (size_t)id >= p->count)
        return NULL;
    *length = p->tokens[id].length;
    return p->text + p->tokens[id].start;
}

/* ---- decoding ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int rt_bpe_raw_byte(const char *s, size_t n)
{
    if (n != 6 || memcmp(s, "<0x", 3) != 0 || s[5] != '>' || hex_digit(s[3]) < 0 || hex_digit(s[4]) < 0)
        return -1;
    return hex_digit(s[3]) * 16 + hex_digit(s[4]);
}

/* Nothing was shown before: the token before is the one that every text begins with, or none. */
static bool begins_text(const RtBpeRules *r, int32_t previous)
{
    return previous < 0 || (r->nbefore && r->before[r->nbefore - 1] == previous);
}

MlcrtStatus rt_bpe_decode(const RtBpe *p, int32_t previous, int32_t id, const char **text, size_t *length, RtError *err)
{
    const char *piece = rt_bpe_piece(p, id, length);
    if (!piece)
        return rt_fail(err, MLCRT_EINDEX, "token %d is outside 0 to %d", (int)id, (int)rt_bpe_size(p) - 1);
    if (p->rules) {
        const RtToken *t = &p->rules->shown[id];
        bool strip = p->rules->strip && t->length > 0 && p->rules->shown_text[t->start] == ' ' && begins_text(p->rules, previous);
        *text = p->rules->shown_text + t->start + strip;
        *length = t->length - strip;
        return MLCRT_OK;
    }
    int byte = rt_bpe_raw_byte(piece, *length);
    if (byte >= 0) {
        *text = &p->bytes[byte];
        *length = 1;
        return MLCRT_OK;
    }
    bool drop = previous == RT_BPE_BOS && *length > 0 && piece[0] == ' ';
    *text = piece + drop;
    *length -= drop;
    return MLCRT_OK;
}
