/* bpe_text.c - a text on its way to tokens, as the rules of a tokenizer.json say.
 *
 *     "<s>Once upon"   ->   special <s>   "Once upon"            special tokens, as they are written
 *                      ->   "_Once_upon"                         normalization ("_" is U+2581 in truth)
 *                      ->   special ones whose own text is normalized
 *                      ->   one word, or the words of a cut      what is never joined across
 *
 * Source of the order, and of what a special token takes with it: github.com/huggingface/tokenizers (AddedVocabulary).
 */
#include "bpe_text.h"

#include <string.h>

#include "mem.h"
#include "unicode.h"

typedef struct Buffer {
    char *p;
    size_t n, room;
} Buffer;

typedef struct Walk {
    const RtBpe *bpe;
    Buffer now, part, next; /* the text between special tokens, normalized; what is cut; a spare one */
    RtPieceFn *fn;
    void *user;
    RtError *err;
    bool stopped;
} Walk;

static bool add(Walk *w, Buffer *b, const char *s, size_t n)
{
    char *p = rt_grow(&w->bpe->alloc, b->p, &b->room, b->n + n + 1, 1);
    if (!p) {
        rt_fail_memory(w->err, b->n + n + 1);
        return false;
    }
    b->p = p;
    if (n)
        memcpy(p + b->n, s, n);
    b->n += n;
    return true;
}

/* The buffer's text with the rule applied. */
static bool apply(Walk *w, Buffer *b, const RtRule *r)
{
    size_t from = strlen(r->from), to = strlen(r->to);
    Buffer old = *b;
    bool ok = true;
    w->next.n = 0;
    if (!from)
        ok = add(w, &w->next, r->to, to) && add(w, &w->next, old.p, old.n);
    for (size_t i = 0; from && ok && i < old.n;) {
        bool here = old.n - i >= from && memcmp(old.p + i, r->from, from) == 0;
        ok = here ? add(w, &w->next, r->to, to) : add(w, &w->next, old.p + i, 1);
        i += here ? from : 1;
    }
    *b = w->next;
    w->next = old;
    return ok;
}

static bool normalize(Walk *w, const char *text, size_t n)
{
    const RtBpeRules *r = w->bpe->rules;
    w->now.n = 0;
    bool ok = add(w, &w->now, text, n);
    for (int i = 0; ok && i < r->nnormal; i++)
        ok = apply(w, &w->now, &r->normal[i]);
    return ok;
}

/* A part of the normalized text without special tokens; begin: the text begins with it. */
static bool plain(Walk *w, const char *text, size_t n, bool begin)
{
    static const RtRule mark = { " ", "\xE2\x96\x81" };
    const RtBpeRules *r = w->bpe->rules;
    bool has_space = text[0] == ' ' || (!r->byte_level && n >= 3 && memcmp(text, mark.to, 3) == 0);
    w->part.n = 0;
    if (r->space_first && (begin || !r->space_once) && !has_space && !add(w, &w->part, " ", 1))
        return false;
    if (!add(w, &w->part, text, n) || (r->space_marks && !apply(w, &w->part, &mark)))
        return false;
    for (size_t at = 0, k; at < w->part.n; at += k) {
        k = rt_cut_next(r->cut, w->part.p + at, w->part.n - at);
        if (!w->fn(w->user, w->part.p + at, k, -1)) {
            w->stopped = true;
            return false;
        }
    }
    return true;
}

/* ---- special tokens ---------------------------------------------------------------------------------------------- */

static bool is_word(const char *text, size_t n)
{
    uint32_t c;
    rt_utf8_get(text, n, &c);
    return rt_is_letter(c) || rt_is_number(c) || c == '_';
}

/* Where the character that ends before `at` begins. */
static size_t character_before(const char *text, size_t at)
{
    size_t from = at - 1;
    while (from > 0 && at - from < 4 && ((unsigned char)text[from] & 0xC0) == 0x80)
        from--;
    return from;
}

static bool stands_alone(const char *text, size_t n, size_t from, size_t to)
{
    size_t before = from ? character_before(text, from) : 0;
    return (from == 0 || !is_word(text + before, from - before)) && (to == n || !is_word(text + to, n - to));
}

static size_t space_before(const char *text, size_t least, size_t at)
{
    uint32_t c;
    while (at > least) {
        size_t from = character_before(text, at);
        rt_utf8_get(text + from, at - from, &c);
        if (from < least || !rt_is_space(c))
            break;
        at = from;
    }
    return at;
}

static size_t space_after(const char *text, size_t n, size_t at)
{
    uint32_t c;
    while (at < n) {
        size_t k = rt_utf8_get(text + at, n - at, &c);
        if (!rt_is_space(c))
            break;
        at += k;
    }
    return at;
}

/* The special token at this place; NULL if there is none. */
static const RtSpecial *special_at(const RtBpe *p, bool normalized, const char *text, size_t n)
{
    const RtBpeRules *r = p->rules;
    for (size_t i = 0; r->special_first[normalized][(unsigned char)text[0]] && i < r->nspecial; i++) {
        const RtSpecial *s = &r->special[i];
        if (s->normalized == normalized && s->length && s->length <= n && memcmp(text, r->special_text + s->start, s->length) == 0)
            return s;
    }
    return NULL;
}

static bool between(Walk *w, bool normalized, const char *text, size_t n, bool begin);

/* Special tokens of a kind, and what stands between them. */
static bool walk(Walk *w, bool normalized, const char *text, size_t n, bool begin)
{
    size_t from = 0;
    for (size_t at = 0; at < n;) {
        const RtSpecial *s = special_at(w->bpe, normalized, text + at, n - at);
        size_t end = at + (s ? s->length : 1);
        if (!s || (s->alone && !stands_alone(text, n, at, end))) {
            at = end;
            continue;
        }
        size_t first = s->left ? space_before(text, from, at) : at;
        if (!between(w, normalized, text + from, first - from, begin && from == 0))
            return false;
        if (!w->fn(w->user, text + at, 0, (int32_t)s->id)) {
            w->stopped = true;
            return false;
        }
        at = from = s->right ? space_after(text, n, end) : end;
    }
    return between(w, normalized, text + from, n - from, begin && from == 0);
}

static bool between(Walk *w, bool normalized, const char *text, size_t n, bool begin)
{
    if (n == 0)
        return true;
    if (normalized)
        return plain(w, text, n, begin);
    return normalize(w, text, n) && walk(w, true, w->now.p, w->now.n, begin);
}

static void drop(Walk *w)
{
    rt_free(&w->bpe->alloc, w->now.p, w->now.room, 1);
    rt_free(&w->bpe->alloc, w->part.p, w->part.room, 1);
    rt_free(&w->bpe->alloc, w->next.p, w->next.room, 1);
}

MlcrtStatus rt_bpe_special_text(RtBpe *p, RtSpecial *s, size_t *used, RtError *err)
{
    RtBpeRules *r = p->rules;
    const RtToken *t = &p->tokens[s->id];
    Walk w = { .bpe = p, .err = err };
    bool ok = s->normalized ? normalize(&w, p->text + t->start, t->length) : add(&w, &w.now, p->text + t->start, t->length);
    char *to = ok ? rt_grow(&p->alloc, r->special_text, &r->special_text_room, *used + w.now.n + 1, 1) : NULL;
    if (to) {
        r->special_text = to;
        memcpy(to + *used, w.now.p, w.now.n);
        s->start = (uint32_t)*used;
        s->length = (uint32_t)w.now.n;
        *used += w.now.n;
    }
    drop(&w);
    return to ? MLCRT_OK : rt_fail_memory(err, *used + t->length);
}

MlcrtStatus rt_bpe_pieces(const RtBpe *p, const char *text, size_t length, RtPieceFn *fn, void *user, RtError *err)
{
    RtError why = { 0 };
    Walk w = { .bpe = p, .fn = fn, .user = user, .err = &why };
    bool ok = walk(&w, false, text, length, true);
    drop(&w);
    return ok || w.stopped ? MLCRT_OK : rt_fail(err, why.status, "%s", why.text);
}
