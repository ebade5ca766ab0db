/* check_select.c - selectors: paths of parts with `*` (one part), `**` (any number of them), `{a,b}` (either).
 *
 *     layers.*.{attention.{wq,wv},mlp.up}   =   layers.*.attention.wq, layers.*.attention.wv, layers.*.mlp.up
 */
#include "frontend/check/adapt_int.h"

#include <string.h>

enum { PATTERNS_MOST = 1000 };

static bool wrong(Fx *f, Span s, const char *text, const char *why)
{
    report(f, E0407, s, "selector '%s': %s", text, why);
    return false;
}

/* The end of the group that opens at s[0] == '{'; NULL: it has none. */
static const char *group_end(const char *s)
{
    int depth = 0;
    for (; *s; s++) {
        depth += (*s == '{') - (*s == '}');
        if (!depth)
            return s;
    }
    return NULL;
}

static bool is_name(const char *s)
{
    for (; *s; s++)
        if (!(*s == '_' || (*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')))
            return false;
    return true;
}

static bool is_number(const char *s)
{
    return s[strspn(s, "0123456789")] == 0;
}

/* A pattern without groups. */
static bool plain(Fx *f, Selector *sel, const char *text, Span s)
{
    Pattern p = { .text = text };
    if (sel->patterns.n >= PATTERNS_MOST)
        return wrong(f, s, text, "it stands for more than 1000 paths");
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ".");
        const char *part = arena_text(f->a, at, n);
        if (!*part)
            return wrong(f, s, text, "a name is missing");
        if (is_number(part))
            return wrong(f, s, text, "the elements of a list have one type and are adapted together: write * for them");
        if (!is_name(part) && strcmp(part, "*") && strcmp(part, "**"))
            return wrong(f, s, text, "between dots stand names, * (one part), ** (any) or {a,b}");
        PUSH(f, &p.parts, part);
        at += n;
        if (!*at)
            break;
    }
    PUSH(f, &sel->patterns, p);
    return true;
}

/* before{a,b}after: before a after, before b after, of which each may have groups. */
static bool expand(Fx *f, Selector *sel, const char *text, Span s)
{
    const char *open = strchr(text, '{'), *end = open ? group_end(open) : NULL, *from = open ? open + 1 : NULL;
    if (!open)
        return plain(f, sel, text, s);
    if (!end)
        return wrong(f, s, text, "'{' is not closed");
    int depth = 0;
    for (const char *at = from; at <= end; at++) {
        if (!depth && (*at == ',' || at == end)) {
            if (!expand(f, sel, arena_printf(f->a, "%.*s%.*s%s", (int)(open - text), text, (int)(at - from), from, end + 1), s))
                return false;
            from = at + 1;
        }
        depth += (*at == '{') - (*at == '}');
    }
    return true;
}

Selector *selector_read(Fx *f, const char *text, Span s)
{
    Selector *sel = NEW(f->a, Selector);
    VEC(char) plain_text = { 0 };
    for (const char *c = text; *c; c++) /* blanks mean nothing */
        if (*c != ' ')
            PUSH(f, &plain_text, *c);
    PUSH(f, &plain_text, '\0');
    return expand(f, sel, plain_text.p, s) ? sel : NULL;
}

static bool matches(int np, const char *const *part, int n, const char *const *path)
{
    if (!np)
        return n == 0;
    if (!strcmp(part[0], "**")) {
        for (int skip = 0; skip <= n; skip++)
            if (matches(np - 1, part + 1, n - skip, path + skip))
                return true;
        return false;
    }
    return n > 0 && (!strcmp(part[0], "*") || !strcmp(part[0], path[0])) && matches(np - 1, part + 1, n - 1, path + 1);
}

bool selector_takes(Selector *sel, int n, const char *const *path)
{
    bool taken = false;
    for (int i = 0; i < sel->patterns.n; i++) {
        Pattern *p = &sel->patterns.p[i];
        bool yes = n > 0 && matches(p->parts.n, p->parts.p, n, path);
        p->found += yes;
        taken |= yes;
    }
    return taken;
}
