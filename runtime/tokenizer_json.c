/* tokenizer_json.c - reads the tokenizer.json of the Hugging Face tokenizers library, as far as it is byte-pair encoding or a unigram model.
 *
 *     {"added_tokens": [{"id": 1, "content": "<s>", "special": true, ...}],
 *      "normalizer": ..., "pre_tokenizer": ..., "post_processor": ..., "decoder": ...,          see tokenizer_parts.c
 *      "model": {"type": "BPE", "vocab": {"a": 5, ...}, "merges": ["a b", ...], "byte_fallback": true, ...}}
 *      or       {"type": "Unigram", "vocab": [["a", -3.5], ...], "unk_id": 0, "byte_fallback": true}
 *
 * The file is walked three times: to count, for the vocabulary, and for the merges, whose sides are looked up in it. What the
 * file asks for and is not done here is an error, so that no text is cut otherwise than its model expects.
 * In byte-level files the vocabulary is written in an alphabet of 256 printable characters; it is kept as the bytes they stand for.
 * Source: github.com/huggingface/tokenizers, tokenizers/src (BPE::merge_word, ByteLevel::bytes_char, TemplateProcessing).
 */
#include <math.h>
#include <string.h>

#include "mem.h"
#include "tokenizer_int.h"
#include "utf8.h"

/* ---- texts of the vocabulary ------------------------------------------------------------------------------------ */

bool rt_tok_expect(Tok *t, RtJsonKind kind, const char *otherwise)
{
    RtJsonKind k = rt_json_next(&t->json);
    if (k != kind && k != RT_JSON_ERROR)
        rt_json_fail(&t->json, MLCRT_EFORMAT, otherwise);
    return k == kind;
}

bool rt_tok_text(Tok *t, char *out, size_t room)
{
    if (t->json.raw_length >= room)
        return rt_json_fail(&t->json, MLCRT_EFORMAT, "a text is longer than is supported here"), false;
    size_t n = rt_json_unescape(&t->json, out);
    out[n] = 0;
    return strlen(out) == n || (rt_json_fail(&t->json, MLCRT_EFORMAT, "a text contains NUL"), false);
}

bool rt_tok_flag(Tok *t, bool *flag)
{
    RtJsonKind k = rt_json_next(&t->json);
    if (k != RT_JSON_TRUE && k != RT_JSON_FALSE && k != RT_JSON_NULL)
        return k != RT_JSON_ERROR && (rt_json_fail(&t->json, MLCRT_EFORMAT, "this must be true or false"), false);
    *flag = k == RT_JSON_TRUE;
    return true;
}

/* The byte that a character of the alphabet stands for; -1: it is none of it. */
static int alphabet_byte(uint32_t c)
{
    if ((c >= 33 && c <= 126) || (c >= 161 && c <= 172) || (c >= 174 && c <= 255))
        return (int)c;
    if (c < 256 || c >= 256 + 68)
        return -1;
    int k = (int)c - 256; /* the k-th of the bytes that have no printable character */
    return k < 33 ? k : k < 33 + 34 ? k - 33 + 127 : 173;
}

/* A text of the vocabulary, unescaped in `s`, as it is kept; returns its length. */
static size_t kept_text(const Tok *t, char *s, size_t n)
{
    char out[RT_BPE_TOKEN + 1];
    size_t k = 0;
    uint32_t c;
    if (!t->bpe->rules->byte_level)
        return n;
    for (size_t i = 0; i < n;) {
        i += rt_utf8_get(s + i, n - i, &c);
        int byte = alphabet_byte(c);
        if (byte < 0)
            return n; /* a special token may be written plainly */
        out[k++] = (char)byte;
    }
    memcpy(s, out, k);
    return k;
}

/* The last KEY or STRING as a text of the vocabulary. */
static bool take_token_text(Tok *t, char out[RT_BPE_TOKEN + 1], size_t *n)
{
    if (t->json.raw_length > 6 * RT_BPE_TOKEN)
        return rt_json_fail(&t->json, MLCRT_EFORMAT, "a token is longer than 1024 bytes"), false;
    *n = rt_json_unescape(&t->json, t->scratch);
    if (*n > RT_BPE_TOKEN)
        return rt_json_fail(&t->json, MLCRT_EFORMAT, "a token is longer than 1024 bytes"), false;
    memcpy(out, t->scratch, *n);
    return true;
}

/* Token `id` gets its text, which must be the one it has if it has one. */
static bool set_token(Tok *t, int64_t id, char *s, size_t n, bool raw)
{
    if (id < 0 || id >= RT_BPE_TOKENS)
        return rt_json_fail(&t->json, MLCRT_EFORMAT, "a token's number is not from 0 to 2^20 - 1"), false;
    if (t->stage == TOK_COUNT) {
        t->count = (size_t)id + 1 > t->count ? (size_t)id + 1 : t->count;
        t->text += n + 1;
        return true;
    }
    RtBpe *p = t->bpe;
    RtToken *token = &p->tokens[id];
    n = raw ? n : kept_text(t, s, n);
    if (t->known[id])
        return (token->length == n && memcmp(p->text + token->start, s, n) == 0) ||
               (rt_json_fail(&t->json, MLCRT_EFORMAT, "two tokens have one number"), false);
    *token = (RtToken){ t->text_used, (uint32_t)n, 0 };
    memcpy(p->text + t->text_used, s, n);
    p->text[t->text_used + n] = 0;
    t->text_used += (uint32_t)n + 1;
    t->known[id] = TOK_KNOWN;
    return true;
}

/* ---- added_tokens ------------------------------------------------------------------------------------------------- */

static bool read_added_token(Tok *t)
{
    RtJson *j = &t->json;
    int64_t id = -1;
    size_t n = 0;
    bool special = false;
    RtSpecial found = { 0 };
    const struct { const char *name; bool *to; } flags[] = { { "special", &special }, { "normalized", &found.normalized },
        { "single_word", &found.alone }, { "lstrip", &found.left }, { "rstrip", &found.right } };
    char text[RT_BPE_TOKEN + 1];
    while (rt_json_next(j) == RT_JSON_KEY) {
        size_t f = 0;
        while (f < sizeof flags / sizeof flags[0] && !rt_json_is(j, flags[f].name))
            f++;
        if (rt_json_is(j, "id")) {
            if (!rt_tok_expect(t, RT_JSON_INT, "an id must be an integer"))
                return false;
            id = j->integer;
        } else if (rt_json_is(j, "content")) {
            if (!rt_tok_expect(t, RT_JSON_STRING, "content must be a string") || !take_token_text(t, text, &n))
                return false;
        } else if (!(f < sizeof flags / sizeof flags[0] ? rt_tok_flag(t, flags[f].to) : rt_json_skip(j))) {
            return false;
        }
    }
    if (j->kind != RT_JSON_OBJECT_END)
        return false;
    if (!n)
        return rt_json_fail(j, MLCRT_EFORMAT, "an added token without content"), false;
    RtBpeRules *r = t->bpe ? t->bpe->rules : NULL;
    if (t->stage == TOK_COUNT)
        t->nspecial++;
    else if (t->stage == TOK_VOCAB && id >= 0 && (size_t)id < t->count) {
        found.id = (uint32_t)id;
        r->special[r->nspecial++] = found;
    }
    if (t->stage == TOK_MERGES)
        return true;
    if (!set_token(t, id, text, n, true))
        return false;
    if (t->stage == TOK_VOCAB && special)
        t->known[id] |= TOK_HIDDEN;
    return true;
}

static bool read_added(Tok *t)
{
    RtJsonKind k = rt_json_next(&t->json);
    if (k == RT_JSON_NULL)
        return true;
    while (k == RT_JSON_ARRAY && rt_json_next(&t->json) == RT_JSON_OBJECT)
        if (!read_added_token(t))
            return false;
    if (k == RT_JSON_ARRAY && t->json.kind == RT_JSON_ARRAY_END)
        return true;
    if (t->json.kind != RT_JSON_ERROR)
        rt_json_fail(&t->json, MLCRT_EFORMAT, "added_tokens must be an array of objects");
    return false;
}

/* ---- model -------------------------------------------------------------------------------------------------------- */

/* ["text", -3.5] whose [ was read. */
static bool read_scored(Tok *t, int64_t id)
{
    RtJson *j = &t->json;
    char text[RT_BPE_TOKEN + 1];
    size_t n;
    if (!rt_tok_expect(t, RT_JSON_STRING, "a token must be a text and a score") || !take_token_text(t, text, &n))
        return false;
    RtJsonKind k = rt_json_next(j);
    if (k != RT_JSON_INT && k != RT_JSON_NUMBER)
        return k != RT_JSON_ERROR && (rt_json_fail(j, MLCRT_EFORMAT, "a score must be a number"), false);
    double score = rt_json_real(j);
    if (!isfinite(score))
        return rt_json_fail(j, MLCRT_EFORMAT, "a score is not finite"), false;
    t->least = t->nscores == 0 || score < t->least ? score : t->least;
    if (t->stage == TOK_VOCAB)
        t->bpe->rules->score[id] = score;
    return rt_tok_expect(t, RT_JSON_ARRAY_END, "a token must be a text and a score") &&
           (t->stage == TOK_MERGES || set_token(t, id, text, n, false));
}

/* A list with scores; the place is the number. */
static bool read_scores(Tok *t)
{
    RtJson *j = &t->json;
    t->unigram = true;
    for (t->nscores = 0; rt_json_next(j) == RT_JSON_ARRAY; t->nscores++)
        if (t->nscores == RT_BPE_TOKENS || !read_scored(t, (int64_t)t->nscores))
            return t->nscores < RT_BPE_TOKENS ? false : (rt_json_fail(j, MLCRT_ELIMIT, "more than 2^20 tokens"), false);
    if (j->kind != RT_JSON_ARRAY_END && j->kind != RT_JSON_ERROR)
        rt_json_fail(j, MLCRT_EFORMAT, "a token must be a text and a score");
    return j->kind == RT_JSON_ARRAY_END;
}

static bool read_vocab(Tok *t)
{
    RtJson *j = &t->json;
    char text[RT_BPE_TOKEN + 1];
    size_t n;
    RtJsonKind k = rt_json_next(j);
    if (k == RT_JSON_ARRAY)
        return read_scores(t);
    if (k != RT_JSON_OBJECT)
        return k != RT_JSON_ERROR && (rt_json_fail(j, MLCRT_EFORMAT, "vocab must be an object, or an array of tokens with scores"), false);
    while (rt_json_next(j) == RT_JSON_KEY)
        if (!take_token_text(t, text, &n) || !rt_tok_expect(t, RT_JSON_INT, "a token's number must be an integer") ||
            (t->stage != TOK_MERGES && !set_token(t, j->integer, text, n, false)))
            return false;
    return j->kind == RT_JSON_OBJECT_END;
}

/* "a b" or ["a", "b"]; of the first the only space is between the two. */
static bool take_sides(Tok *t, char left[], size_t *nleft, char right[], size_t *nright)
{
    RtJson *j = &t->json;
    if (j->kind == RT_JSON_ARRAY)
        return rt_tok_expect(t, RT_JSON_STRING, "a merge must be two texts") && take_token_text(t, left, nleft) &&
               rt_tok_expect(t, RT_JSON_STRING, "a merge must be two texts") && take_token_text(t, right, nright) &&
               rt_tok_expect(t, RT_JSON_ARRAY_END, "a merge must be two texts");
    if (j->kind != RT_JSON_STRING || j->raw_length > 6 * 2 * RT_BPE_TOKEN)
        return j->kind != RT_JSON_ERROR && (rt_json_fail(j, MLCRT_EFORMAT, "a merge must be two texts"), false);
    size_t n = rt_json_unescape(j, t->scratch);
    const char *space = memchr(t->scratch, ' ', n);
    *nleft = space ? (size_t)(space - t->scratch) : 0;
    *nright = space ? n - *nleft - 1 : 0;
    if (!space || memchr(space + 1, ' ', *nright) || *nleft > RT_BPE_TOKEN || *nright > RT_BPE_TOKEN)
        return rt_json_fail(j, MLCRT_EFORMAT, "a merge must be two texts with a space between them"), false;
    memcpy(left, t->scratch, *nleft);
    memcpy(right, space + 1, *nright);
    return true;
}

static bool set_merge(Tok *t, char *left, size_t nleft, char *right, size_t nright)
{
    RtBpe *p = t->bpe;
    char both[2 * RT_BPE_TOKEN + 2];
    nleft = kept_text(t, left, nleft);
    nright = kept_text(t, right, nright);
    memcpy(both, left, nleft);
    memcpy(both + nleft, right, nright);
    RtMerge m = { rt_bpe_lookup(p, left, nleft), rt_bpe_lookup(p, right, nright), rt_bpe_lookup(p, both, nleft + nright),
                  (uint32_t)t->nmerges };
    if (m.left < 0 || m.right < 0 || m.id < 0)
        return rt_json_fail(&t->json, MLCRT_EFORMAT, "a merge of what is no token, or to what is none"), false;
    p->rules->merges[t->nmerges] = m;
    return true;
}

static bool read_merges(Tok *t)
{
    RtJson *j = &t->json;
    char left[RT_BPE_TOKEN + 1], right[RT_BPE_TOKEN + 1];
    size_t nleft, nright;
    if (!rt_tok_expect(t, RT_JSON_ARRAY, "merges must be an array"))
        return false;
    t->nmerges = 0;
    for (; rt_json_next(j) == RT_JSON_STRING || j->kind == RT_JSON_ARRAY; t->nmerges++) {
        if (t->nmerges >= RT_BPE_TOKENS)
            return rt_json_fail(j, MLCRT_ELIMIT, "2^20 merges or more"), false;
        if (!take_sides(t, left, &nleft, right, &nright) ||
            (t->stage == TOK_MERGES && !set_merge(t, left, nleft, right, nright)))
            return false;
    }
    if (j->kind != RT_JSON_ARRAY_END && j->kind != RT_JSON_ERROR)
        rt_json_fail(j, MLCRT_EFORMAT, "a merge must be two texts");
    return j->kind == RT_JSON_ARRAY_END;
}

/* What must be null or "" */
static bool take_nothing(Tok *t)
{
    RtJsonKind k = rt_json_next(&t->json);
    bool nothing = k == RT_JSON_NULL || (k == RT_JSON_STRING && !t->json.raw_length);
    return nothing || (k != RT_JSON_ERROR && (rt_json_fail(&t->json, MLCRT_EFORMAT, "this is supported only when it is null"), false));
}

static bool take_unknown(Tok *t)
{
    RtJsonKind k = rt_json_next(&t->json);
    if (k == RT_JSON_NULL)
        return true;
    if (k != RT_JSON_STRING)
        return k != RT_JSON_ERROR && (rt_json_fail(&t->json, MLCRT_EFORMAT, "unk_token must be a text"), false);
    return rt_tok_text(t, t->unknown, sizeof t->unknown);
}

/* Which entry of the vocabulary stands for what has none. */
static bool take_unknown_id(Tok *t)
{
    RtJsonKind k = rt_json_next(&t->json);
    if (k == RT_JSON_NULL)
        return true;
    if (k != RT_JSON_INT || t->json.integer < 0 || t->json.integer >= RT_BPE_TOKENS)
        return k != RT_JSON_ERROR && (rt_json_fail(&t->json, MLCRT_EFORMAT, "unk_id must be the number of a token"), false);
    t->rules.unknown = (int32_t)t->json.integer;
    return true;
}

static bool read_model(Tok *t)
{
    RtJson *j = &t->json;
    bool vocab = false, merges = false, unigram = false, flag = false, ok = true;
    if (!rt_tok_expect(t, RT_JSON_OBJECT, "model must be an object"))
        return false;
    while (ok && rt_json_next(j) == RT_JSON_KEY) {
        bool is_vocab = rt_json_is(j, "vocab"), is_merges = rt_json_is(j, "merges");
        vocab |= is_vocab;
        merges |= is_merges;
        if (rt_json_is(j, "type")) {
            ok = rt_tok_expect(t, RT_JSON_STRING, "type must be a string");
            unigram = ok && rt_json_is(j, "Unigram");
            if (ok && !unigram && !rt_json_is(j, "BPE"))
                ok = (rt_json_fail(j, MLCRT_EFORMAT, "a model that is neither BPE nor Unigram is not supported"), false);
        } else if (is_vocab) {
            ok = read_vocab(t);
        } else if (is_merges) {
            ok = read_merges(t);
        } else if (rt_json_is(j, "byte_fallback")) {
            ok = rt_tok_flag(t, &t->rules.byte_fallback);
        } else if (rt_json_is(j, "fuse_unk")) {
            ok = rt_tok_flag(t, &t->rules.fuse_unknown);
        } else if (rt_json_is(j, "ignore_merges")) {
            ok = rt_tok_flag(t, &t->rules.ignore_merges);
        } else if (rt_json_is(j, "unk_token")) {
            ok = take_unknown(t);
        } else if (rt_json_is(j, "unk_id")) {
            ok = take_unknown_id(t);
        } else if (rt_json_is(j, "continuing_subword_prefix") || rt_json_is(j, "end_of_word_suffix")) {
            ok = take_nothing(t);
        } else if (rt_json_is(j, "dropout")) {
            ok = rt_json_skip(j); /* for training only */
        } else {
            ok = rt_tok_flag(t, &flag) && (!flag || (rt_json_fail(j, MLCRT_EFORMAT, "an unknown option of the model"), false));
        }
    }
    if (ok && j->kind == RT_JSON_OBJECT_END && (!vocab || merges == unigram || t->unigram != unigram))
        return rt_json_fail(j, MLCRT_EFORMAT, "a model needs vocab and merges, a Unigram model a list of tokens with scores"), false;
    if (ok && j->kind == RT_JSON_OBJECT_END && unigram && t->rules.unknown >= (int64_t)t->nscores)
        return rt_json_fail(j, MLCRT_EFORMAT, "unk_id must be the number of a token"), false;
    return ok && j->kind == RT_JSON_OBJECT_END;
}

/* ---- the walks ------------------------------------------------------------------------------------------------------ */

static bool read_top(Tok *t, bool *model)
{
    RtJson *j = &t->json;
    bool first = t->stage == TOK_COUNT;
    if (rt_json_is(j, "model"))
        return *model = true, read_model(t);
    if (rt_json_is(j, "added_tokens"))
        return read_added(t);
    if (first && rt_json_is(j, "normalizer"))
        return rt_tok_part(t, TOK_NORMALIZER);
    if (first && rt_json_is(j, "pre_tokenizer"))
        return rt_tok_part(t, TOK_PRE_TOKENIZER);
    if (first && rt_json_is(j, "post_processor"))
        return rt_tok_part(t, TOK_POST_PROCESSOR);
    if (first && rt_json_is(j, "decoder"))
        return rt_tok_part(t, TOK_DECODER);
    return rt_json_skip(j); /* version, truncation, padding */
}

static MlcrtStatus walk(Tok *t, TokStage stage, const uint8_t *bytes, size_t size)
{
    bool model = false, ok;
    t->stage = stage;
    rt_json_init(&t->json, t->alloc, (const char *)bytes, size, t->err);
    ok = rt_tok_expect(t, RT_JSON_OBJECT, "a tokenizer must be an object");
    while (ok && rt_json_next(&t->json) == RT_JSON_KEY)
        ok = read_top(t, &model);
    ok = ok && t->json.kind == RT_JSON_OBJECT_END && rt_json_next(&t->json) == RT_JSON_END;
    rt_json_drop(&t->json);
    if (ok && !model)
        return rt_fail(t->err, MLCRT_EFORMAT, "this is JSON, but no tokenizer: it has no model");
    return ok ? MLCRT_OK : t->err->status;
}

static MlcrtStatus reserve(Tok *t)
{
    const MlcrtAlloc *a = t->alloc;
    if (t->text >= UINT32_MAX)
        return rt_fail(t->err, MLCRT_ELIMIT, "the tokens have 2^32 bytes or more");
    MlcrtStatus status = rt_bpe_new(a, t->count, t->text + 1, &t->bpe, t->err); /* + 1: numbers without a token share the empty text at the end */
    if (status)
        return status;
    RtBpeRules *r = rt_alloc(a, 1, sizeof *r);
    if (!r)
        return rt_fail_memory(t->err, sizeof *r);
    *r = t->rules;
    t->bpe->rules = r;
    r->nmerges = t->nmerges;
    r->special_room = t->nspecial;
    r->merges = rt_alloc(a, r->nmerges, sizeof *r->merges);
    r->special = rt_alloc(a, r->special_room, sizeof *r->special);
    t->known = rt_alloc(a, t->count, sizeof *t->known);
    if (t->unigram) {
        r->nscore = t->count;
        r->score = rt_alloc(a, r->nscore, sizeof *r->score);
        r->unknown_score = t->least - 10;
    }
    if (!r->merges || !r->special || !t->known || (t->unigram && !r->score))
        return rt_fail_memory(t->err, r->nmerges * sizeof *r->merges);
    for (size_t i = 0; i < r->nscore; i++)
        r->score[i] = (double)NAN;
    memset(t->known, 0, t->count * sizeof *t->known);
    t->bpe->text[t->text] = 0;
    for (size_t i = 0; i < t->count; i++)
        t->bpe->tokens[i] = (RtToken){ (uint32_t)t->text, 0, 0 };
    return MLCRT_OK;
}

/* Both sides of a pair as one number. */
static int compare_merges(const void *user, uint32_t a, uint32_t b)
{
    const RtMerge *x = (const RtMerge *)user + a, *y = (const RtMerge *)user + b;
    if (x->left != y->left)
        return x->left < y->left ? -1 : 1;
    if (x->right != y->right)
        return x->right < y->right ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static MlcrtStatus sort_merges(Tok *t)
{
    RtBpeRules *r = t->bpe->rules;
    uint32_t *order = rt_alloc(t->alloc, r->nmerges, sizeof *order);
    RtMerge *sorted = rt_alloc(t->alloc, r->nmerges, sizeof *sorted);
    MlcrtStatus status = order && sorted ? MLCRT_OK : rt_fail_memory(t->err, r->nmerges * sizeof *sorted);
    for (size_t i = 0; i < r->nmerges && !status; i++)
        order[i] = (uint32_t)i;
    if (!status) {
        rt_sort(order, r->nmerges, compare_merges, r->merges);
        for (size_t i = 0; i < r->nmerges; i++)
            sorted[i] = r->merges[order[i]];
        RtMerge *old = r->merges;
        r->merges = sorted;
        sorted = old;
    }
    rt_free(t->alloc, order, r->nmerges, sizeof *order);
    rt_free(t->alloc, sorted, r->nmerges, sizeof *sorted);
    return status;
}

const RtMerge *rt_bpe_merge(const RtBpeRules *r, int32_t left, int32_t right)
{
    size_t low = 0, high = r->nmerges;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const RtMerge *m = &r->merges[middle];
        if (m->left < left || (m->left == left && m->right < right))
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->nmerges && r->merges[low].left == left && r->merges[low].right == right ? &r->merges[low] : NULL;
}

static MlcrtStatus read(Tok *t, const uint8_t *bytes, size_t size)
{
    MlcrtStatus status = walk(t, TOK_COUNT, bytes, size);
    if (!status && !t->has_decoder)
        status = rt_fail(t->err, MLCRT_EFORMAT, "a tokenizer without a decoder is not supported");
    if (!status)
        status = reserve(t);
    if (!status)
        status = walk(t, TOK_VOCAB, bytes, size);
    if (status)
        return status;
    rt_bpe_sort(t->bpe);
    status = walk(t, TOK_MERGES, bytes, size);
    if (!status)
        status = sort_merges(t);
    return status ? status : rt_tok_finish(t);
}

MlcrtStatus rt_tokenizer_json_read(const MlcrtAlloc *alloc, const uint8_t *bytes, size_t size, RtBpe **bpe, RtError *err)
{
    RtError why = { 0 };
    Tok *t = rt_alloc(alloc, 1, sizeof *t);
    *bpe = NULL;
    if (!t)
        return rt_fail_memory(err, sizeof *t);
    *t = (Tok){ .alloc = alloc, .err = &why, .rules = { .unknown = -1 } };
    MlcrtStatus status = read(t, bytes, size);
    if (status) {
        rt_bpe_free(t->bpe);
        rt_fail(err, status, "%s", why.text);
    } else {
        *bpe = t->bpe;
    }
    rt_free(alloc, t->known, t->count, sizeof *t->known);
    rt_free(alloc, t, 1, sizeof *t);
    return status;
}
