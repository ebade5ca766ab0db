/* case.c - reads the columns of a case: types of inputs as text, words for the peers. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static bool takes(const char **at, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(*at, word, n))
        return false;
    *at += n;
    return true;
}

bool spec_next(const char **text, Spec *s)
{
    const char *at = *text + strspn(*text, " ");
    char *end;
    if (!*at)
        return false;
    *s = (Spec){ .n = 1 };
    s->constant = takes(&at, "const ");
    s->updated = takes(&at, "var ");
    s->values = takes(&at, "f32+") ? POSITIVE : takes(&at, "f32//") ? HUNDREDS : takes(&at, "f32^") ? SLOPES : takes(&at, "i32<") ? WHOLE : takes(&at, "i8") ? SIGNED
              : takes(&at, "u8") ? UNSIGNED : EVEN;
    if (s->values == WHOLE)
        s->limit = strtoll(at, NULL, 10);
    at += strcspn(at, "[");
    while (*at && *at != ']' && s->rank < BENCH_RANK) {
        s->d[s->rank] = strtoll(at + 1, &end, 10);
        s->n *= s->d[s->rank++];
        at = end;
    }
    *text = at + (*at == ']');
    return true;
}

bool spec_is_bytes(const Spec *s) { return s->values == SIGNED || s->values == UNSIGNED; }

bool case_is_packed(const Case *c) { return c->model && (!strcmp(c->model, "q8_0") || !strcmp(c->model, "q4_0")); }

double case_bytes(const Case *c)
{
    double all = 0;
    Spec s;
    for (const char *at = c->inputs; spec_next(&at, &s);)
        all += (double)s.n * (s.updated ? 8 : s.constant && case_is_packed(c) ? (c->model[1] == '8' ? 34.0 : 18.0) / 32.0 : spec_is_bytes(&s) ? 1 : 4);
    for (const char *at = c->result; spec_next(&at, &s);)
        all += 4.0 * (double)s.n;
    return all;
}

int case_line(const Case *c, const char *peer, const char **words)
{
    size_t n = strlen(peer);
    for (const char *at = c->peers; *at; at += strcspn(at, "\n") + 1)
        if (!strncmp(at, peer, n) && at[n] == ' ') {
            *words = at + n + 1;
            return (int)strcspn(*words, "\n");
        }
    return 0;
}
