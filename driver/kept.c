/* kept.c - what a script was compiled to, on disk: its key, finding and adding it. kept_rows.c has the bytes. */
#include "driver/kept.h"

#include <string.h>

#include "driver/cache.h"
#include "driver/foreign.h"

/* Whether this start is one whose rows can stand for its tile IR. Addresses of C functions are asked for in the tile IR; who wants passes
 * printed, explained, verified or counted wants them run. */
static bool is_kept(Unit *u, const KeptWork *w)
{
    const char *const *any;
    return u->o.cache && w->n && !u->o.print_after && !u->o.remark && !u->o.verify && !u->o.profile && !u->unknown_cpu && !frontend_externs(u->fe, &any);
}

/* All that passes and code generation see: this compiler, the code generator, options, the processor, each source that was read, and of the
 * statements which are compiled, for which forms of weights. */
static bool key_of(Unit *u, const KeptWork *w, CacheKey *key)
{
    Buf b = buf_new(u->arena);
    const char *file = file_of_code(u->arena);
    buf_puts(&b, "rows\n");
    if (!file || !cache_identity(file, &b) || !cache_generator(codegen_file(u->codegen, u->arena), &b))
        return false;
    cache_target(&u->target, &b);
    buf_printf(&b, "opt %d isolated %d seed %lld pipeline %s skip %s\n", u->o.optimise, u->o.isolated, (long long)u->o.seed,
               u->o.pipeline ? u->o.pipeline : "-", u->o.skip ? u->o.skip : "-");
    for (int i = 0; i < u->sources->files.n; i++) {
        const Source *s = u->sources->files.p[i];
        buf_printf(&b, "source %zu %u %s\n", strlen(s->name), s->len, s->name);
        buf_add(&b, s->text, s->len);
    }
    for (int i = 0; i < w->n; i++) {
        buf_printf(&b, "\n%s %u ", w->fns[i]->name, w->fns[i]->span.lo);
        for (int k = 0; k < w->fns[i]->params.n; k++)
            buf_printf(&b, " %d", w->forms[i] ? w->forms[i][k] : 0);
    }
    *key = cache_text_key(&b);
    return true;
}

bool kept_find(Unit *u, const KeptWork *w, bool *ok)
{
    CacheKey key, object;
    size_t n, size;
    if (!is_kept(u, w) || u->tables->bodies.n || u->tables->types.n)
        return false;
    double start = unit_now();
    const unsigned char *p = key_of(u, w, &key) ? cache_find(u->arena, u->o.cache, "rows", key, &n) : NULL;
    if (!p || n < sizeof object)
        return false;
    memcpy(&object, p, sizeof object);
    const unsigned char *code = cache_find(u->arena, u->o.cache, "o", object, &size);
    if (!code || !kept_read(u, w, p + sizeof object, n - sizeof object))
        return false;
    for (int i = 0; i < w->n; i++)
        if (w->forms[i])
            map_put(&u->forms, w->fns[i], arena_copy(u->arena, w->forms[i], (size_t)w->fns[i]->params.n + 1));
    *ok = unit_load_code(u, u->tables->bodies.p, u->tables->bodies.n, code, size);
    u->nloaded = u->tables->bodies.n;
    unit_time(u, "find code", start);
    return true;
}

void kept_add(Unit *u, const KeptWork *w)
{
    CacheKey key, object;
    Buf b = buf_new(u->arena);
    if (!is_kept(u, w) || !codegen_kept(u->codegen, &object) || !key_of(u, w, &key))
        return;
    buf_add(&b, (const char *)&object, sizeof object);
    if (kept_write(u, w, &b))
        cache_add(u->arena, u->o.cache, "rows", key, (const unsigned char *)b.p, b.n);
}
