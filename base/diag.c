/* diag.c - diagnostics as data: collecting, sorting, their codes, and "did you mean". render.c shows them. */
#include "base/base_int.h"

#include <string.h>

Diags *diags_new(Arena *a, Sources *ss)
{
    Diags *d = NEW(a, Diags);
    d->arena = a;
    d->sources = ss;
    d->limit = 100;
    return d;
}

static bool is_repeated(const Diags *d, DiagCode c, Span s)
{
    for (int i = 0; i < d->list.n; i++) {
        const Diag *x = d->list.p[i];
        if (x->code == c && x->span.file == s.file && x->span.lo == s.lo && x->span.hi == s.hi)
            return true;
    }
    return false;
}

static void add(Diags *d, Severity severity, DiagCode c, Span s, const char *fmt, va_list ap)
{
    d->last = NULL;
    if (is_repeated(d, c, s))
        return;
    int *count = severity == SEV_error ? &d->errors : &d->warnings;
    if ((*count)++ >= d->limit)
        return;
    Diag *x = NEW(d->arena, Diag);
    x->severity = severity;
    x->code = c;
    x->span = s;
    x->text = arena_vprintf(d->arena, fmt, ap);
    vec_push(d->arena, &d->list, x);
    d->last = x;
}

void diag_error(Diags *d, DiagCode c, Span s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add(d, SEV_error, c, s, fmt, ap);
    va_end(ap);
}

void diag_warning(Diags *d, DiagCode c, Span s, const char *fmt, ...)
{
    if (d->silent[c]) {
        d->last = NULL; /* its notes go nowhere */
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    add(d, d->werror ? SEV_error : SEV_warning, c, s, fmt, ap);
    va_end(ap);
}

static void add_part(Diags *d, Severity severity, Span s, const char *fmt, va_list ap)
{
    if (!d->last)
        return;
    DiagPart part = { severity, s, arena_vprintf(d->arena, fmt, ap) };
    vec_push(d->arena, &d->last->parts, part);
}

void diag_note(Diags *d, Span s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add_part(d, SEV_note, s, fmt, ap);
    va_end(ap);
}

void diag_help(Diags *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add_part(d, SEV_help, (Span){ 0, 0, 0 }, fmt, ap);
    va_end(ap);
}

static bool comes_after(Span a, Span b)
{
    return a.file != b.file ? a.file > b.file : a.lo > b.lo;
}

/* By insertion: the list is short (limit), nearly sorted already, and equal places keep their order. */
void diags_sort(Diags *d)
{
    for (int i = 1; i < d->list.n; i++) {
        Diag *x = d->list.p[i];
        int j = i;
        for (; j > 0 && comes_after(d->list.p[j - 1]->span, x->span); j--)
            d->list.p[j] = d->list.p[j - 1];
        d->list.p[j] = x;
    }
}

/* ---- codes ---- */

static const struct { const char *name, *title; } codes[DIAG_count] = {
    { "none", "" },
#define DIAG(code, title) { #code, title },
#include "base/diag.def"
#undef DIAG
};

const char *diag_code_name(DiagCode c)
{
    return (unsigned)c < DIAG_count ? codes[c].name : codes[0].name;
}

const char *diag_code_title(DiagCode c)
{
    return (unsigned)c < DIAG_count ? codes[c].title : codes[0].title;
}

DiagCode diag_code_find(const char *name)
{
    for (int i = 1; i < DIAG_count; i++)
        if (strcmp(codes[i].name, name) == 0)
            return (DiagCode)i;
    return DIAG_none;
}

/* ---- did you mean ---- */

enum { WORD_MOST = 64 }; /* longer names get no suggestion */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* How many insertions, deletions, replacements and swaps of neighbours lead from a to b, no place edited twice
 * (Damerau 1964; the restricted form, which needs three rows). */
static int edit_distance(const char *a, int na, const char *b, int nb)
{
    int rows[3][WORD_MOST + 1];
    for (int j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (int i = 1; i <= na; i++) {
        int *now = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= nb; j++) {
            now[j] = least(least(up[j], now[j - 1]) + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], up2[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

const char *nearest_name(const char *word, const char *const *names, int n)
{
    size_t len = strlen(word);
    if (len > WORD_MOST)
        return NULL;
    int most = len / 3 > 1 ? (int)(len / 3) : 1, best = most + 1;
    const char *found = NULL;
    for (int i = 0; i < n; i++) {
        size_t ni = strlen(names[i]);
        if (ni > WORD_MOST || ni > len + (size_t)most || len > ni + (size_t)most)
            continue;
        int k = edit_distance(word, (int)len, names[i], (int)ni);
        if (k == 0 || k > most || k > best)
            continue; /* the word itself is no suggestion */
        if (k < best)
            found = names[i];
        else if (found && strcmp(found, names[i]) != 0)
            found = NULL; /* two are equally near, unless a third is nearer */
        best = k;
    }
    return found;
}
