/* unigram.c - the likeliest way to cut a text into tokens that have probabilities, as SentencePiece's unigram models do.
 *
 *     "_hello"  ->  "_he" "llo"      the cut with the largest sum of scores (log-probabilities)
 *
 * The best cut of the first k bytes is known for every k when the next token is tried (Viterbi's algorithm). Of equal sums the one that
 * was found first stays: shorter beginnings first, then shorter tokens. A character that is no token by itself may always stand alone, as
 * an unknown one, at ten below the lowest score; unknown neighbours are one piece.
 * Tokens that the text goes on with are found by narrowing a range of the sorted vocabulary byte by byte.
 * Source: Kudo 2018, "Subword regularization"; github.com/huggingface/tokenizers (Unigram::encode_optimized), whose result it gives.
 */
#include "unigram.h"

#include <math.h>

#include "mem.h"

enum { UNREACHED = -2, UNKNOWN = -1 };

typedef struct Cut {
    double score;
    uint32_t from, to; /* the piece that ends here begins at `from`; the piece that begins here ends at `to` */
    int32_t id;        /* of the piece that ends here */
} Cut;

typedef struct Range { size_t low, high; } Range;

/* Byte k of the i-th token in the order of texts; -1 behind its end. */
static int byte_at(const RtBpe *p, size_t i, size_t k)
{
    const RtToken *t = &p->tokens[p->order[i]];
    return k < t->length ? (unsigned char)p->text[t->start + k] : -1;
}

/* The first of the range whose byte k is at least c. */
static size_t first_with(const RtBpe *p, Range r, size_t k, int c)
{
    while (r.low < r.high) {
        size_t middle = r.low + (r.high - r.low) / 2;
        if (byte_at(p, middle, k) < c)
            r.low = middle + 1;
        else
            r.high = middle;
    }
    return r.low;
}

/* The token of a range of equal beginnings that is no longer than that; -1: there is none with a score. */
static int32_t whole(const RtBpe *p, Range r, size_t length)
{
    for (size_t i = r.low; i < r.high && p->tokens[p->order[i]].length == length; i++)
        if (!isnan(p->rules->score[p->order[i]]))
            return (int32_t)p->order[i];
    return -1;
}

static void offer(Cut *to, double score, size_t from, int32_t id)
{
    if (to->id == UNREACHED || score > to->score)
        *to = (Cut){ .score = score, .from = (uint32_t)from, .id = id };
}

/* All pieces that begin at `at`. */
static void extend(const RtBpe *p, Cut *cut, const char *text, size_t at, size_t n)
{
    size_t one = rt_bpe_character(text + at, n - at);
    bool alone = false;
    Range r = { 0, p->count };
    for (size_t k = 0; at + k < n; k++) {
        int c = (unsigned char)text[at + k];
        r = (Range){ first_with(p, r, k, c), first_with(p, r, k, c + 1) };
        if (r.low == r.high)
            break;
        int32_t id = whole(p, r, k + 1);
        if (id < 0)
            continue;
        alone |= k + 1 == one;
        offer(&cut[at + k + 1], cut[at].score + p->rules->score[id], at, id == p->rules->unknown ? UNKNOWN : id); /* "<unk>" in the text */
    }
    if (!alone)
        offer(&cut[at + one], cut[at].score + p->rules->unknown_score, at, UNKNOWN);
}

bool rt_unigram_cut(const RtBpe *p, const char *text, size_t n, RtUnigramFn *fn, void *user)
{
    Cut *cut = rt_alloc(&p->alloc, n + 1, sizeof *cut);
    bool ok = cut != NULL;
    for (size_t i = 0; ok && i <= n; i++)
        cut[i].id = UNREACHED;
    if (ok)
        cut[0] = (Cut){ .id = UNKNOWN };
    for (size_t at = 0; ok && at < n; at++)
        if (cut[at].id != UNREACHED)
            extend(p, cut, text, at, n);
    for (size_t at = n; ok && at > 0; at = cut[at].from)
        cut[cut[at].from].to = (uint32_t)at;
    for (size_t at = 0, end; ok && at < n; at = end) {
        end = cut[at].to;
        int32_t id = cut[end].id;
        while (id == UNKNOWN && end < n && cut[cut[end].to].id == UNKNOWN)
            end = cut[end].to;
        ok = fn(user, text + at, end - at, id);
    }
    rt_free(&p->alloc, cut, n + 1, sizeof *cut);
    return ok;
}
