/* bpe_encode.c - a text to tokens: joins neighbours until no two join.
 *
 * Encoding keeps the symbols as a doubly linked list over their first positions, and the possible joins in a heap, best
 * first. A join that came out of date (one of its sides was joined elsewhere) is recognised when it is taken out, because
 * the symbols no longer have the ids that it was made from.
 */
#include <string.h>

#include "bpe_text.h"
#include "mem.h"
#include "unigram.h"

typedef struct Symbol {
    int32_t id; /* -1: joined to the one on its left */
    int32_t left, right; /* neighbours; -1 at the ends */
    bool begins; /* a word: it is never joined to the one on its left */
} Symbol;

typedef struct Join {
    float score; /* of a rank: its negative; exact, as there are less than 2^24 */
    int32_t at; /* left symbol */
    int32_t left_id, right_id, id;
} Join;

typedef struct Encoder {
    const RtBpe *bpe;
    Symbol *symbols;
    Join *heap;
    size_t n, njoins, room, heap_room;
    bool failed; /* no memory */
    char joined[2 * RT_BPE_TOKEN];
} Encoder;

/* ---- symbols --------------------------------------------------------------------------------------------------- */

static void add_symbol(Encoder *e, int32_t id, bool begins)
{
    Symbol *s = e->failed ? NULL : rt_grow(&e->bpe->alloc, e->symbols, &e->room, e->n + 1, sizeof *s);
    if (!s) {
        e->failed = true;
        return;
    }
    int32_t i = (int32_t)e->n++;
    e->symbols = s;
    s[i] = (Symbol){ id, i - 1, -1, begins };
    if (i > 0)
        s[i - 1].right = i;
}

size_t rt_bpe_character(const char *text, size_t length)
{
    size_t n = 1;
    while (n < 4 && n < length && ((unsigned char)text[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static void add_llama2c(Encoder *e, const char *s, size_t n)
{
    int32_t id = rt_bpe_lookup(e->bpe, s, n);
    if (id >= 0) {
        add_symbol(e, id, false);
        return;
    }
    for (size_t i = 0; i < n; i++)
        add_symbol(e, RT_BPE_BYTE + (unsigned char)s[i], false);
}

static void add_text(Encoder *e, const char *text, size_t length)
{
    if (length > 0)
        add_llama2c(e, " ", 1);
    for (size_t at = 0, n; at < length; at += n) {
        n = rt_bpe_character(text + at, length - at);
        add_llama2c(e, text + at, n);
    }
}

/* What has no token of its own becomes bytes if all of these have one, else the unknown token, or nothing. */
static void add_without_token(Encoder *e, const char *s, size_t n, bool begins)
{
    const RtBpeRules *r = e->bpe->rules;
    bool bytes = r->byte_fallback;
    for (size_t i = 0; i < n; i++)
        bytes = bytes && r->byte_token[(unsigned char)s[i]] >= 0;
    for (size_t i = 0; bytes && i < n; i++)
        add_symbol(e, r->byte_token[(unsigned char)s[i]], begins && i == 0);
    bool fused = r->fuse_unknown && !begins && e->n && e->symbols[e->n - 1].id == r->unknown;
    if (!bytes && r->unknown >= 0 && !fused)
        add_symbol(e, r->unknown, begins);
}

static bool add_likely(void *user, const char *text, size_t n, int32_t id)
{
    Encoder *e = user;
    if (id < 0)
        id = rt_bpe_lookup(e->bpe, text, n); /* unknown neighbours may be a token together */
    if (id >= 0)
        add_symbol(e, id, true);
    else
        add_without_token(e, text, n, true);
    return !e->failed;
}

static bool add_piece(void *user, const char *text, size_t n, int32_t special)
{
    Encoder *e = user;
    const RtBpeRules *r = e->bpe->rules;
    int32_t id = special >= 0 ? special : r->ignore_merges ? rt_bpe_lookup(e->bpe, text, n) : -1;
    if (id >= 0) {
        add_symbol(e, id, true);
        return !e->failed;
    }
    if (r->score) {
        e->failed |= !rt_unigram_cut(e->bpe, text, n, add_likely, e);
        return !e->failed;
    }
    size_t first = e->n;
    for (size_t at = 0, k; at < n && !e->failed; at += k) {
        k = r->byte_level ? 1 : rt_bpe_character(text + at, n - at);
        id = rt_bpe_lookup(e->bpe, text + at, k);
        if (id >= 0)
            add_symbol(e, id, e->n == first);
        else
            add_without_token(e, text + at, k, e->n == first);
    }
    return !e->failed;
}

/* ---- joins ----------------------------------------------------------------------------------------------------- */

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

/* Notes the join of symbol `at` with its right neighbour, if there is one. */
static void consider(Encoder *e, int32_t at)
{
    const RtBpe *p = e->bpe;
    if (at < 0 || e->symbols[at].right < 0 || e->symbols[e->symbols[at].right].begins)
        return;
    int32_t left_id = e->symbols[at].id, right_id = e->symbols[e->symbols[at].right].id;
    if (p->rules) {
        const RtMerge *m = rt_bpe_merge(p->rules, left_id, right_id);
        if (m)
            push(e, (Join){ -(float)m->rank, at, left_id, right_id, m->id });
        return;
    }
    const RtToken *l = &p->tokens[left_id], *r = &p->tokens[right_id];
    memcpy(e->joined, p->text + l->start, l->length);
    memcpy(e->joined + l->length, p->text + r->start, r->length);
    int32_t id = rt_bpe_lookup(p, e->joined, (size_t)l->length + r->length);
    if (id >= 0)
        push(e, (Join){ p->tokens[id].score, at, left_id, right_id, id });
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

/* ---- the way out ------------------------------------------------------------------------------------------------- */

static MlcrtStatus hand_out(const Encoder *e, bool bos, int32_t *ids, size_t room, size_t *count, RtError *err)
{
    static const int32_t llama2c[] = { RT_BPE_BOS };
    const RtBpeRules *r = e->bpe->rules;
    const int32_t *before = r ? r->before : llama2c, *after = r ? r->after : NULL;
    size_t nbefore = !bos ? 0 : r ? (size_t)r->nbefore : 1, nafter = bos && r ? (size_t)r->nafter : 0;
    size_t n = nbefore + nafter;
    for (size_t i = 0; i < e->n; i++)
        n += e->symbols[i].id >= 0;
    *count = n;
    if (!ids && room == 0)
        return MLCRT_OK;
    if (n > room)
        return rt_fail(err, MLCRT_ELIMIT, "the text has %zu tokens, there is room for %zu", n, room);
    n = 0;
    for (size_t i = 0; i < nbefore; i++)
        ids[n++] = before[i];
    for (size_t i = 0; i < e->n; i++)
        if (e->symbols[i].id >= 0)
            ids[n++] = e->symbols[i].id;
    for (size_t i = 0; i < nafter; i++)
        ids[n++] = after[i];
    return MLCRT_OK;
}

static MlcrtStatus encode(Encoder *e, const char *text, size_t length, RtError *err)
{
    MlcrtStatus status = MLCRT_OK;
    if (e->bpe->rules)
        status = rt_bpe_pieces(e->bpe, text, length, add_piece, e, err);
    else
        add_text(e, text, length);
    if (status || e->failed)
        return status ? status : rt_fail_memory(err, (e->n + 1) * sizeof *e->symbols);
    if (e->n >= (size_t)INT32_MAX)
        return rt_fail(err, MLCRT_ELIMIT, "the text has 2^31 symbols or more");
    e->heap_room = 3 * e->n; /* each join takes one symbol away and brings at most two new possible joins */
    e->heap = rt_alloc(&e->bpe->alloc, e->heap_room, sizeof *e->heap);
    if (!e->heap)
        return rt_fail_memory(err, e->heap_room * sizeof *e->heap);
    join_all(e);
    return MLCRT_OK;
}

MlcrtStatus rt_bpe_encode(const RtBpe *p, const char *text, size_t length, bool bos, int32_t *ids, size_t room,
                          size_t *count, RtError *err)
{
    *count = 0;
    if ((!text && length) || (!ids && room))
        return rt_fail(err, MLCRT_EARG, "the text or the place for the tokens is NULL");
    if (length >= (size_t)1 << 28)
        return rt_fail(err, MLCRT_ELIMIT, "the text has 2^28 bytes or more");
    Encoder e = { .bpe = p };
    MlcrtStatus status = encode(&e, text, length, err);
    if (!status)
        status = hand_out(&e, bos, ids, room, count, err);
    rt_free(&p->alloc, e.symbols, e.room, sizeof *e.symbols);
    rt_free(&p->alloc, e.heap, e.heap_room, sizeof *e.heap);
    return status;
}
