/* codegen_main.c - mlc-codegen, the helper process: reads printed tile IR, or a whole program, from the socket that is its standard input, answers with an
 * object. Limits of memory and time are set before LLVM is opened; when the socket closes it ends. */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

#include "driver/codegen_int.h"

typedef struct Job { Mem mem; Codegen *codegen; HelperRequest request; const unsigned char *object; size_t size; int status; } Job;

static void set_limits(const HelperRequest *r)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    struct rlimit memory = { r->memory, RLIM_INFINITY };
    struct rlimit seconds = { (rlim_t)used.ru_utime.tv_sec + r->seconds, RLIM_INFINITY };
    struct rlimit core = { 0, 0 };
#if !defined(__SANITIZE_ADDRESS__) /* whose shadow alone is larger than any limit */
    setrlimit(RLIMIT_AS, &memory);
#else
    (void)memory;
#endif
    setrlimit(RLIMIT_CPU, &seconds);
    setrlimit(RLIMIT_CORE, &core);
}

/* Printed tile IR to an object. */
static bool compile_tile(Job *j, Arena *a, char *text, BeResult *r, Buf *errors)
{
    Sources *ss = sources_new(a);
    Diags *d = diags_new(a, ss);
    IrModule *m = ir_module_new(a, names_new(a), dims_new(a), ss);
    BeOptions o = { .cpu = j->request.cpu, .opt = (int)j->request.opt };
    if (ir_parse(m, source_add(ss, "tile", text, j->request.size), d))
        return codegen_compile(j->codegen, m, &o, r, &j->status, errors);
    diags_render(d, errors, false);
    return false;
}

/* A program to the object of its exports. */
static bool compile_whole(Job *j, char *text, BeResult *r, Buf *errors)
{
    const char *end = text + j->request.size, *prefix = text, *name = prefix + strlen(prefix) + 1;
    UnitOptions o = { .cpu = j->request.cpu, .optimise = (int)j->request.opt, .packed = j->request.packed };
    Unit *u = unit_new(&j->mem, &o, j->codegen, NULL);
    const char *program = name < end ? name + strlen(name) + 1 : end;
    size_t size;
    if (program <= end && unit_check_text(u, name, program, (size_t)(end - program)) && unit_object(u, prefix, &size, NULL, r))
        return true;
    diags_render(u->diags, errors, false);
    return false;
}

static void compile(void *arg)
{
    Job *j = arg;
    Arena *a = arena_new(&j->mem);
    Buf errors = buf_new(a);
    BeResult r = { 0 };
    char *text = arena_alloc(a, j->request.size + 1);
    if (!helper_read(0, text, j->request.size))
        _exit(0);
    bool ok = j->request.whole ? compile_whole(j, text, &r, &errors) : compile_tile(j, a, text, &r, &errors);
    j->status = ok ? 0 : MLCRT_EINTERNAL;
    j->object = ok ? r.object : (const unsigned char *)buf_text(&errors);
    j->size = ok ? r.size : errors.n;
}

static bool serve(Codegen *codegen)
{
    Job j = { .codegen = codegen };
    static const char no_memory[] = "out of memory";
    if (!helper_read(0, &j.request, sizeof j.request) || j.request.magic != HELPER_MAGIC)
        return false;
    j.request.cpu[sizeof j.request.cpu - 1] = 0;
    set_limits(&j.request);
    mem_init(&j.mem, mem_malloc_hooks(), 0);
    if (!mem_try(&j.mem, compile, &j)) {
        j.status = MLCRT_EMEMORY;
        j.object = (const unsigned char *)no_memory;
        j.size = sizeof no_memory - 1;
    }
    HelperReply r = { HELPER_MAGIC, j.status, j.size };
    bool ok = helper_write(0, &r, sizeof r) && helper_write(0, j.object, j.size);
    mem_drop(&j.mem);
    return ok && j.status != MLCRT_EMEMORY;
}

static void serve_all(void *mem)
{
    Arena *a = arena_new(mem);
    UnitOptions o = { .isolated = false };
    Codegen *c = codegen_new(a, &o);
    while (serve(c)) {
    }
}

int main(void)
{
    Mem mem;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    mem_init(&mem, mem_malloc_hooks(), 0);
    mem_try(&mem, serve_all, &mem);
    _exit(0); /* LLVM's destructors have nothing to add */
}
