/* bpe_text.c - a text on its way to tokens, as the rules of a tokenizer.json say.
 *
 *     "<s>Once upon"   ->   special <s>   "Once upon"            special tokens, as they are written
 *                      ->   "_Once_upon"                         normalization ("_" is U+2581 in truth)
 *                      ->   one word, or the words of a cut      what is never joined across
 */
#include "bpe_text.h"

#include <string.h>

#include "mem.h"

typedef struct Buffer {
    char *p;
    size_t n, room;
} Buffer;

typedef struct Walk {
    const RtBpe *bpe;
    Buffer now, next;
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

/* w->now with the rule applied. */
static bool apply(Walk *w, const RtRule *r)
{
    size_t from = strlen(r->from), to = strlen(r->to);
    Buffer old = w->now;
    bool ok = true;
    w->next.n = 0;
    if (!from)
        ok = add(w, &w->next, r->to, to) && add(w, &w->next, old.p, old.n);
    for (size_t i = 0; from && ok && i < old.n;) {
        bool here = old.n - i >= from && memcmp(old.p + i, r->from, from) == 0;
        ok = here ? add(w, &w->next, r->to, to) : add(w, &w->next, old.p + i, 1);
        i += here ? from : 1;
    }
    w->now = w->next;
    w->next = old;
    return ok;
}

/* A part of the text without special tokens. */
static bool plain(Walk *w, const char *text, size_t n, bool begin)
{
    const RtBpeRules *r = w->bpe->rules;
    if (n == 0)
        return true;
    w->now.n = 0;
    bool has_space = text[0] == ' ' || (!r->byte_level && n >= 3 && memcmp(text, "\xE2\x96\x81", 3) == 0);
    if (r->space_first && (begin || !r->space_once) && !has_space && !add(w, &w->now, " ", 1))
        return false;
    if (!add(w, &w->now, text, n))
        return false;
    for (int i = 0; i < r->nnormal; i++)
        if (!apply(w, &r->normal[i]))
            return false;
    for (size_t at = 0, k; at < w->now.n; at += k) {
        k = rt_cut_next(r->cut, w->now.p + at, w->now.n - at);
        if (!w->fn(w->user, w->now.p + at, k, -1)) {
            w->stopped = true;
            return false;
        }
    }
    return true;
}

/* The special token at this place; -1 if there is none. */
static int32_t special_at(const RtBpe *p, const char *text, size_t n)
{
    const RtBpeRules *r = p->rules;
    for (size_t i = 0; r->special_first[(unsigned char)text[0]] && i < r->nspecial; i++) {
        const RtToken *t = &p->tokens[r->special[i]];
        if (t->length <= n && memcmp(text, p->text + t->start, t->length) == 0)
            return (int32_t)r->special[i];
    }
    return -1;
}

static bool walk(Walk *w, const char *text, size_t length)
{
    size_t from = 0;
    for (size_t at = 0; at < length;) {
        int32_t id = special_at(w->bpe, text + at, length - at);
        if (id < 0) {
            at++;
            continue;
        }
        if (!plain(w, text + from, at - from, from == 0))
            return false;
        if (!w->fn(w->user, text + at, 0, id)) {
            w->stopped = true;
            return false;
        }
        at += w->bpe->tokens[id].length;
        from = at;
    }
    return plain(w, text + from, length - from, from == 0);
}

MlcrtStatus rt_bpe_pieces(const RtBpe *p, const char *text, size_t length, RtPieceFn *fn, void *user, RtError *err)
{
    RtError why = { 0 };
    Walk w = { .bpe = p, .fn = fn, .user = user, .err = &why };
    bool ok = walk(&w, text, length);
    rt_free(&p->alloc, w.now.p, w.now.room, 1);
    rt_free(&p->alloc, w.next.p, w.next.room, 1);
    return ok || w.stopped ? MLCRT_OK : rt_fail(err, why.status, "%s", why.text);
}
