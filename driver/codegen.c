/* codegen.c - how tile IR gets to LLVM: in this process, through the one shared object that links it, opened when it is needed. */
#include <dlfcn.h>
#include <string.h>

#include "driver/cache.h"
#include "driver/codegen_int.h"

Codegen *codegen_new(Arena *a, const UnitOptions *o)
{
    Codegen *c = NEW(a, Codegen);
    const char *dir = o->library_path ? o->library_path : library_directory(a);
    *c = (Codegen){ .isolated = o->isolated, .packed = o->packed, .seconds = o->helper_seconds > 0 ? o->helper_seconds : 120,
                    .memory = o->helper_memory ? o->helper_memory : (uint64_t)4 << 30, .directory = dir ? dir : ".", .cache = o->cache,
                    .helper = { .pid = 0, .fd = -1 } };
    return c;
}

void codegen_free(Codegen *c)
{
    if (!c)
        return;
    helper_stop(&c->helper);
    if (c->library)
        dlclose(c->library);
}

const char *codegen_file(const Codegen *c, Arena *a)
{
    return arena_printf(a, "%s/libmlc-llvm.so", c->directory);
}

const BeApi *codegen_library(Codegen *c, Buf *errors)
{
    if (c->api)
        return c->api;
    const char *path = codegen_file(c, errors->arena);
    c->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!c->library) {
        buf_printf(errors, "the code generator cannot be opened: %s", dlerror());
        return NULL;
    }
    const BeApi *(*get)(void);
    void *symbol = dlsym(c->library, "mlcbe_api");
    memcpy(&get, &symbol, sizeof get);
    const BeApi *api = get ? get() : NULL;
    if (!api || api->version != BE_API_VERSION) {
        buf_printf(errors, "'%s' is of another version", path);
        return NULL;
    }
    return c->api = api;
}

static bool generate(Codegen *c, IrModule *m, const BeOptions *o, BeResult *out, int *status, Buf *errors)
{
    if (c->isolated)
        return helper_compile(c, m, o, out, status, errors);
    *status = MLCRT_EINTERNAL;
    const BeApi *api = codegen_library(c, errors);
    if (!api || !api->compile(m, o, out, errors))
        return false;
    *status = MLCRT_OK;
    return true;
}

bool codegen_compile(Codegen *c, IrModule *m, const BeOptions *o, BeResult *out, int *status, Buf *errors)
{
    CacheKey key;
    bool cached = c->cache && cache_key(m, o, codegen_file(c, m->arena), &key);
    c->kept = false;
    if (cached && (out->object = cache_find(m->arena, c->cache, "o", key, &out->size))) {
        c->kept = true;
        c->key = key;
        *status = MLCRT_OK;
        return be_target(o->cpu, &out->target, errors);
    }
    bool ok = generate(c, m, o, out, status, errors);
    if (ok && cached) {
        cache_add(m->arena, c->cache, "o", key, out->object, out->size);
        c->kept = true;
        c->key = key;
    }
    return ok;
}

bool codegen_kept(const Codegen *c, CacheKey *key)
{
    *key = c->key;
    return c->kept;
}

bool codegen_whole(Codegen *c, Arena *a, const char *prefix, const Source *program, const BeOptions *o, BeResult *out, int *status, Buf *errors)
{
    Buf text = buf_new(a);
    buf_add(&text, prefix, strlen(prefix) + 1);
    buf_add(&text, program->name, strlen(program->name) + 1);
    buf_add(&text, program->text, program->len);
    return helper_ask(c, a, o, true, &text, out, status, errors);
}
