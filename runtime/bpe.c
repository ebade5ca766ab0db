/* bpe.c - the byte-pair tokenizer of llama2.c.
 *
 *     file   int32 longest token; then of each token: float32 score, int32 length, bytes (all little-endian)
 *
 * Encoding keeps the symbols as a doubly linked list over their first positions, and the possible joins in a heap, best
 * first. A join that came out of date (one of its sides was joined elsewhere) is recognised when it is taken out, because
 * the symbols no longer have the ids that it was made from.
 */
#include "bpe.h"

#include <math.h>
#include <string.h>

#include "file.h"
#include "mem.h"

enum { MAX_TOKEN = 1024, MAX_TOKENS = 1 << 20, BYTES = 256 };

typedef struct Token {
    uint32_t start, length; /* in text */
    float score;
} Token;

struct RtBpe {
    MlcrtAlloc alloc;
    Token *tokens;
    uint32_t *order; /* by text; of equal ones the lowest id first */
    char *text;
    size_t count, text_size;
    char bytes[BYTES]; /* what decoding of byte tokens points to */
};

static int compare_text(const char *a, size_t an, const char *b, size_t bn)
{
    int order = memcmp(a, b, an < bn ? an : bn);
    return order ? order : (an > bn) - (an < bn);
}

static int compare_tokens(const void *user, uint32_t a, uint32_t b)
{
    const RtBpe *p = user;
    const Token *x = &p->tokens[a], *y = &p->tokens[b];
    int order = compare_text(p->text + x->start, x->length, p->text + y->start, y->length);
    return order ? order : (a > b) - (a < b);
}

/* The lowest id with this text; -1 if there is none. */
static int32_t lookup(const RtBpe *p, const char *s, size_t n)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const Token *t = &p->tokens[p->order[middle]];
        if (compare_text(p->text + t->start, t->length, s, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == p->count)
        return -1;
    const Token *t = &p->tokens[p->order[low]];
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
    if (longest < 1 || longest > MAX_TOKEN)
        return rt_fail(err, MLCRT_EFORMAT, "no tokenizer file: its longest token would have %lld bytes, not 1 to %d",
                       (long long)(int32_t)longest, MAX_TOKEN);
    *count = *text = 0;
    for (size_t at = LONGEST; at < size; ++*count) {
        if (*count == MAX_TOKENS)
            return rt_fail(err, MLCRT_ELIMIT, "more than %d tokens", MAX_TOKENS);
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
    if (*count < RT_BPE_BYTE + BYTES)
        return rt_fail(err, MLCRT_EFORMAT, "%zu tokens are too few: 3 special ones and 256 for bytes are needed", *count);
    return MLCRT_OK;
}

static void fill(RtBpe *p, const uint8_t *b)
{
    uint32_t used = 0;
    b += 4;
    for (size_t i = 0; i < p->count; i++) {
        Token *t = &p->tokens[i];
        *t = (Token){ used, get_u32(b + 4), get_f32(b) };
        memcpy(p->text + used, b + 8, t->length);
        p->text[used + t->length] = 0;
        used += t->length + 1;
        b += 8 + t->length;
        p->order[i] = (uint32_t)i;
    }
    for (int i = 0; i < BYTES; i++)
        p->bytes[i] = (char)i;
    rt_sort(p->order, p->count, compare_tokens, p);
}

void rt_bpe_free(RtBpe *p)
{
    if (!p)
        return;
    MlcrtAlloc a = p->alloc;
    rt_free(&a, p->tokens, p->count, sizeof *p->tokens);
    rt_free(&a, p->order, p->count, sizeof *p->order);
    rt_free(&a, p->text, p->text_size, 1);
    rt_free(&a, p, 1, sizeof *p);
}

MlcrtStatus rt_bpe_read(const MlcrtAlloc *alloc, const uint8_t *bytes, size_t size, RtBpe **bpe, RtError *err)
{
    size_t count = 0, text = 0;
    *bpe = NULL;
    MlcrtStatus status = measure(bytes, size, &count, &text, err);
    if (status)
        return status;
    RtBpe *p = rt_alloc(alloc, 1, sizeof *p);
    if (!p)
        return rt_fail_memory(err, sizeof *p);
    *p = (RtBpe){ .alloc = *alloc, .count = count, .text_size = text };
    p->tokens = rt_alloc(alloc, count, sizeof *p->tokens);
    p->order = rt_alloc(alloc, count, sizeof *p->order);
    p->text = rt_alloc(alloc, text, 1);
    if (!p->tokens || !p->order || !p->text) {
        rt_bpe_free(p);
        return rt_fail_memory(err, count * sizeof *p->tokens + text);
    }
    fill(p, bytes);
    *bpe = p;
    return MLCRT_OK;
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

/* ---- encoding ---- */

typedef struct Symbol {
    int32_t id; /* -1: joined to the one on its left */
    int32_t left, right; /* neighbours; -1 at the ends */
} Symbol;

typedef struct Join {
    float score;
    int32_t at; /* left symbol */
    int32_t left_id, right_id, id;
} Join;

typedef struct Encoder {
    const RtBpe *bpe;
    Symbol *symbols;
    Join *heap;
    size_t n, njoins, room, heap_room;
    char joined[2 * MAX_TOKEN];
} Encoder;

static void add_symbol(Encoder *e, int32_t id)
{
    int32_t i = (int32_t)e->n++;
    e->symbols[i] = (Symbol){ id, i - 1, -1 };
    if (i > 0)
        e->symbols[i - 1].right = i;
}

/* A character is a byte with up to three continuation bytes behind it, whether or not that is valid UTF-8. */
static void add_character(Encoder *e, const char *s, size_t n)
{
    int32_t id = lookup(e->bpe, s, n);
    if (id >= 0) {
        add_symbol(e, id);
        return;
    }
    for (size_t i = 0; i < n; i++)
        add_symbol(e, RT_BPE_BYTE + (unsigned char)s[i]);
}

static void add_text(Encoder *e, const char *text, size_t length)
{
    if (length > 0)
        add_character(e, " ", 1);
    for (size_t at = 0, n; at < length; at += n) {
        n = 1;
        while (n < 4 && at + n < length && ((unsigned char)text[at + n] & 0xC0) == 0x80)
            n++;
        add_character(e, text + at, n);
    }
}

static bool better(const Join *a, const Join *b)
{
    return a->score > b->score || (!(a->score < b->score) && a->at < b->at);
}

static void push(Encoder *e, Join join)
{
    size_t i = e->njoins++;
    for (; i > 0 && better(&join, &e->heap[(i - 1) / 2]); i = (i - 1) / 2)
        e->heap[i] = e->heap[(i - 1) / 2];
    e->heap[i] = join;
}

static Join pop(Encoder *e)
{
    Join best = e->heap[0], last = e->heap[--e->njoins];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < e->njoins; i = child) {
        if (child + 1 < e->njoins && better(&e->heap[child + 1], &e->heap[child]))
            child++;
        if (!better(&e->heap[child], &last))
            break;
        e->heap[i] = e->heap[child];
    }
    e->heap[i] = last;
    return best;
}

/* Notes the join of symbol `at` with its right neighbour, if their texts together are a token. */
static void consider(Encoder *e, int32_t at)
{
    if (at < 0 || e->symbols[at].right < 0)
        return;
    int32_t left_id = e->symbols[at].id, right_id = e->symbols[e->symbols[at].right].id;
    const Token *l = &e->bpe->tokens[left_id], *r = &e->bpe->tokens[right_id];
    memcpy(e->joined, e->bpe->text + l->start, l->length);
    memcpy(e->joined + l->length, e->bpe->text + r->start, r->length);
    int32_t id = lookup(e->bpe, e->joined, (size_t)l->length + r->length);
    if (id >= 0)
        push(e, (Join){ e->bpe->tokens[id].score, at, left_id, right_id, id });
}

static void join_all(Encoder *e)
{
    for (size_t i = 0; i + 1 < e->n; i++)
        consider(e, (int32_t)i);
    while (e->njoins > 0) {
        Join j = pop(e);
        Symbol *s = &e->symbols[j.at];
        if (s->id != j.left_id || s->right < 0 || e->symbols[s->right].id != j.right_id)
            continue;
        Symbol *gone = &e->symbols[s->right];
        s->id = j.id;
        s->right = gone->right;
        gone->id = -1;
        if (s->right >= 0)
            e->symbols[s->right].left = j.at;
        consider(e, s->left);
        consider(e, j.at);
    }
}

static MlcrtStatus hand_out(const Encoder *e, bool bos, int32_t *ids, size_t room, size_t *count, RtError *err)
{
    size_t n = bos;
    for (size_t i = 0; i < e->n; i++)
        n += e->symbols[i].id >= 0;
    *count = n;
    if (!ids && room == 0)
        return MLCRT_OK;
    if (n > room)
        return rt_fail(err, MLCRT_ELIMIT, "the text has %zu tokens, there is room for %zu", n, room);
    n = 0;
    if (bos)
        ids[n++] = RT_BPE_BOS;
    for (size_t i = 0; i < e->n; i++)
        if (e->symbols[i].id >= 0)
            ids[n++] = e->symbols[i].id;
    return MLCRT_OK;
}

MlcrtStatus rt_bpe_encode(const RtBpe *p, const char *text, size_t length, bool bos, int32_t *ids, size_t room,
                          size_t *count, RtError *err)
{
    *count = 0;
    if ((!text && length) || (!ids && room))
        return rt_fail(err, MLCRT_EARG, "the text or the place for the tokens is NULL");
    if (length >= (size_t)1 << 30)
        return rt_fail(err, MLCRT_ELIMIT, "the text has 2^30 bytes or more");
    /* each join takes one symbol away and brings at most two new possible joins: 3 n in all */
    Encoder e = { .bpe = p, .room = length + 1, .heap_room = 3 * (length + 1) };
    e.symbols = rt_alloc(&p->alloc, e.room, sizeof *e.symbols);
    e.heap = rt_alloc(&p->alloc, e.heap_room, sizeof *e.heap);
    MlcrtStatus status = MLCRT_EMEMORY;
    if (e.symbols && e.heap) {
        add_text(&e, text, length);
        join_all(&e);
        status = hand_out(&e, bos, ids, room, count, err);
    } else {
        rt_fail_memory(err, e.room * sizeof *e.symbols + e.heap_room * sizeof *e.heap);
    }
    rt_free(&p->alloc, e.symbols, e.room, sizeof *e.symbols);
    rt_free(&p->alloc, e.heap, e.heap_room, sizeof *e.heap);
    return status;
}

/* ---- decoding ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of "<0x0A>"; -1 for any other text. */
static int raw_byte(const char *s, size_t n)
{
    if (n != 6 || memcmp(s, "<0x", 3) != 0 || s[5] != '>' || hex_digit(s[3]) < 0 || hex_digit(s[4]) < 0)
        return -1;
    return hex_digit(s[3]) * 16 + hex_digit(s[4]);
}

MlcrtStatus rt_bpe_decode(const RtBpe *p, int32_t previous, int32_t id, const char **text, size_t *length, RtError *err)
{
    const char *piece = rt_bpe_piece(p, id, length);
    if (!piece)
        return rt_fail(err, MLCRT_EINDEX, "token %d is outside 0 to %d", (int)id, (int)rt_bpe_size(p) - 1);
    int byte = raw_byte(piece, *length);
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
