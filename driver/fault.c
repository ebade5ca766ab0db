/* fault.c - errors of the runtime as diagnostics with the place in the program. */
#include <string.h>

#include "driver/unit.h"
#include "runtime/status.h"

static const Source *source_named(const Unit *u, const char *name)
{
    for (int i = u->sources->files.n - 1; name && i >= 0; i--)
        if (!strcmp(u->sources->files.p[i]->name, name))
            return u->sources->files.p[i];
    return NULL;
}

/* The place as bytes of the text; columns count code points. */
static Span span_at(const Source *s, int line, int column)
{
    uint32_t at = 0;
    for (; line > 1 && at < s->len; at++)
        line -= s->text[at] == '\n';
    for (; column > 1 && at < s->len; column--)
        do
            at++;
        while (at < s->len && (s->text[at] & 0xC0) == 0x80);
    return (Span){ s->id, at, at < s->len ? at + 1 : at };
}

static DiagCode code_of(int status, bool loading)
{
    bool misfit = status == MLCRT_EFORMAT || status == MLCRT_ESHAPE || status == MLCRT_EDTYPE;
    return status == MLCRT_EIO ? E0601 : loading && misfit ? E0602 : E0701;
}

void unit_fault(Unit *u, const MlcrtSession *session, Span where, bool loading)
{
    const MlcrtError *e = mlcrt_error(session);
    const Source *s = source_named(u, e->file);
    Span at = s && e->line > 0 ? span_at(s, e->line, e->column) : where;
    diag_error(u->diags, code_of(e->status, loading), at, "%s", *e->sentence ? e->sentence : rt_status_text(e->status));
}
