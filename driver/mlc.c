/* mlc.c - compilers, modules and messages of libmlc.
 *
 *     MlcCompiler   its own memory, the code generator, the last messages
 *       MlcModule   one compilation: memory of its own, so that it can be released alone
 *
 * Every function that may allocate runs inside mlc_mem_try: the end of memory, at whatever place, becomes a status here.
 */
#include "driver/mlc_int.h"

#include <string.h>

/* ---- memory -------------------------------------------------------------------------------------------------------- */

static void *take(void *user, size_t size)
{
    MlcMem *m = user;
    void *p = m->hooks.alloc(m->hooks.user, size);
    m->refused |= !p;
    return p;
}

static void give(void *user, void *p, size_t size)
{
    const MlcMem *m = user;
    m->hooks.free(m->hooks.user, p, size);
}

void mlc_mem_init(MlcMem *m, MemHooks hooks, size_t limit)
{
    m->hooks = hooks;
    m->refused = false;
    mem_init(&m->mem, (MemHooks){ m, take, give }, limit);
}

MlcrtStatus mlc_mem_try(MlcMem *m, void (*f)(void *arg), void *arg)
{
    m->refused = false;
    if (mem_try(&m->mem, f, arg))
        return MLCRT_OK;
    return m->refused || !m->mem.limit ? MLCRT_EMEMORY : MLCRT_ELIMIT;
}

/* ---- compilers ------------------------------------------------------------------------------------------------------ */

static bool read_options(const MlcOptions *given, MlcOptions *o)
{
    *o = (MlcOptions){ .size = sizeof *o };
    if (!given)
        return true;
    if (given->size < offsetof(MlcOptions, memory_limit))
        return false;
    memcpy(o, given, given->size < sizeof *o ? given->size : sizeof *o);
    return unit_forms_read(o->packed, &(unsigned){ 0 }) && !o->alloc == !o->free && o->optimise >= -1 && o->optimise <= 3 && o->helper_seconds >= 0;
}

static char *copy_text(Arena *a, const char *s)
{
    return s ? arena_text(a, s, strlen(s)) : NULL;
}

typedef struct Start { MlcCompiler *c; } Start;

static void start(void *arg)
{
    MlcCompiler *c = ((Start *)arg)->c;
    Arena *a = arena_new(&c->own.mem);
    MlcOptions *o = &c->options;
    o->target_cpu = copy_text(a, o->target_cpu);
    o->library_path = copy_text(a, o->library_path);
    o->cache_path = copy_text(a, o->cache_path);
    c->unit = (UnitOptions){ .cpu = o->target_cpu, .optimise = o->optimise == 0 ? 2 : o->optimise < 0 ? 0 : o->optimise,
                             .isolated = !o->in_process, .library_path = o->library_path, .helper_seconds = o->helper_seconds,
                             .helper_memory = o->helper_memory, .cache = o->cache_path, .no_extern = o->no_extern != 0 };
    unit_forms_read(o->packed, &c->unit.packed);
    c->codegen = codegen_new(a, &c->unit);
}

MlcrtStatus mlc_compiler_new(const MlcOptions *options, MlcCompiler **compiler)
{
    MlcOptions o;
    if (compiler)
        *compiler = NULL;
    if (!compiler || !read_options(options, &o))
        return MLCRT_EARG;
    MemHooks hooks = o.alloc ? (MemHooks){ o.user, o.alloc, o.free } : mem_malloc_hooks();
    MlcCompiler *c = hooks.alloc(hooks.user, sizeof *c);
    if (!c)
        return MLCRT_EMEMORY;
    *c = (MlcCompiler){ .options = o, .context = o.context, .text = "" };
    mlc_mem_init(&c->own, hooks, 0);
    mlc_mem_init(&c->messages, hooks, 0);
    MlcrtStatus status = mlc_mem_try(&c->own, start, &(Start){ c });
    if (!status && !c->context) {
        status = mlcrt_context_new(NULL, &c->context);
        c->owns_context = !status;
    }
    if (status)
        mlc_compiler_free(c);
    else
        *compiler = c;
    return status;
}

void mlc_compiler_free(MlcCompiler *c)
{
    if (!c)
        return;
    while (c->modules)
        mlc_module_free(c->modules);
    codegen_free(c->codegen);
    if (c->owns_context)
        mlcrt_context_free(c->context);
    mem_drop(&c->messages.mem);
    mem_drop(&c->own.mem);
    c->own.hooks.free(c->own.hooks.user, c, sizeof *c);
}

MlcrtContext *mlc_context(MlcCompiler *c)
{
    return c ? c->context : NULL;
}

/* ---- messages -------------------------------------------------------------------------------------------------------- */

typedef struct Keep { MlcCompiler *c; const Diags *d; } Keep;

static void keep(void *arg)
{
    const Keep *k = arg;
    Arena *a = arena_new(&k->c->messages.mem);
    Buf text = buf_new(a);
    MlcDiagnostic *list = NEWN(a, MlcDiagnostic, k->d->list.n + 1);
    for (int i = 0; i < k->d->list.n; i++) {
        const Diag *d = k->d->list.p[i];
        Place p = span_place(k->d->sources, d->span);
        list[i] = (MlcDiagnostic){ diag_code_name(d->code), copy_text(a, d->text), copy_text(a, p.file), d->severity == SEV_error,
                                   p.line, p.column };
    }
    diags_render(k->d, &text, false);
    k->c->text = buf_text(&text);
    k->c->list = list;
    k->c->count = k->d->list.n;
}

static void drop_messages(MlcCompiler *c)
{
    mem_drop(&c->messages.mem);
    c->text = "";
    c->list = NULL;
    c->count = 0;
}

MlcrtStatus mlc_keep_messages(MlcCompiler *c, const Diags *d)
{
    drop_messages(c);
    MlcrtStatus status = d->list.n ? mlc_mem_try(&c->messages, keep, &(Keep){ c, d }) : MLCRT_OK;
    if (status) {
        drop_messages(c);
        c->text = "out of memory\n";
    }
    if (*c->text && c->options.log)
        c->options.log(c->options.user, c->text);
    return status;
}

const char *mlc_diagnostics(MlcCompiler *c)
{
    return c ? c->text : "";
}

int32_t mlc_diagnostic_count(MlcCompiler *c)
{
    return c ? c->count : 0;
}

MlcrtStatus mlc_diagnostic(MlcCompiler *c, int32_t i, MlcDiagnostic *d)
{
    if (!c || !d)
        return MLCRT_EARG;
    if (i < 0 || i >= c->count)
        return MLCRT_EINDEX;
    *d = c->list[i];
    return MLCRT_OK;
}

/* ---- modules --------------------------------------------------------------------------------------------------------- */

typedef struct Compile { MlcModule *m; const char *name, *text; size_t length; bool ok; } Compile;

static void compile(void *arg)
{
    Compile *j = arg;
    MlcModule *m = j->m;
    m->unit = unit_new(&m->memory.mem, &m->compiler->unit, m->compiler->codegen, m->compiler->context);
    if (m->unit->diags->errors)
        return;
    j->ok = j->text ? unit_check_text(m->unit, j->name, j->text, j->length) : unit_check_file(m->unit, j->name);
}

static bool cannot_read(const Diags *d)
{
    return d->list.n == 1 && d->list.p[0]->code == E0601;
}

static MlcrtStatus compile_status(const Compile *j)
{
    if (j->ok)
        return MLCRT_OK;
    return !j->text && cannot_read(j->m->unit->diags) ? MLCRT_EIO : MLCRT_EFORMAT;
}

static MlcrtStatus run_compile(MlcCompiler *c, Compile *j, MlcModule **module)
{
    MlcModule *m = c->own.hooks.alloc(c->own.hooks.user, sizeof *m);
    drop_messages(c);
    if (!m)
        return MLCRT_EMEMORY;
    *m = (MlcModule){ .compiler = c, .next = c->modules, .link = &c->modules };
    if (m->next)
        m->next->link = &m->next;
    c->modules = m;
    mlc_mem_init(&m->memory, c->own.hooks, (size_t)c->options.memory_limit);
    j->m = m;
    MlcrtStatus status = mlc_mem_try(&m->memory, compile, j);
    if (!status) {
        status = mlc_keep_messages(c, m->unit->diags);
        status = status ? status : compile_status(j);
    }
    if (status)
        mlc_module_free(m);
    else
        *module = m;
    return status;
}

MlcrtStatus mlc_compile_text(MlcCompiler *c, const char *name, const char *text, size_t length, MlcModule **module)
{
    if (module)
        *module = NULL;
    if (!c || !text || !module || length > UINT32_MAX / 2)
        return MLCRT_EARG;
    return run_compile(c, &(Compile){ .name = name ? name : "<text>", .text = text, .length = length }, module);
}

MlcrtStatus mlc_compile_file(MlcCompiler *c, const char *path, MlcModule **module)
{
    if (module)
        *module = NULL;
    if (!c || !path || !module)
        return MLCRT_EARG;
    return run_compile(c, &(Compile){ .name = path }, module);
}

void mlc_module_free(MlcModule *m)
{
    if (!m)
        return;
    MemHooks hooks = m->compiler->own.hooks;
    *m->link = m->next;
    if (m->next)
        m->next->link = m->link;
    unit_drop(m->unit);
    mem_drop(&m->memory.mem);
    hooks.free(hooks.user, m, sizeof *m);
}
