/* backend_test.h - a fixture for tests of room backend: tile IR as text, compiled, linked in this process, called.
 *
 * Objects are linked by LLVM's own linker here, so these tests do not depend on the runtime's.
 */
#ifndef MLC_TESTS_BACKEND_TEST_H
#define MLC_TESTS_BACKEND_TEST_H

#include <check.h>
#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Target.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "test_main.h"

typedef struct BeTest {
    Mem mem;
    Arena *arena;
    IrModule *m;
    Diags *diags;
    LLVMOrcLLJITRef jit;
    BeResult result;
    char *errors;
} BeTest;

typedef struct BeFault { int64_t check, element, value, extent; int count; } BeFault;
typedef struct BeRun { MlcrtCall call; BeFault fault; int64_t stop; int parallel; } BeRun; /* parallel: calls of rt->parallel */

static double be_test_math1(int64_t op, double x)
{
    switch (op) {
#define MATH(name, number, in, value) case number: { double y = x; (void)y; return (in) == 1 ? (value) : NAN; }
#define sigmoid(x) (1 / (1 + exp(-(x))))
#define floor_mod(x, y) fmod(x, y)
#include "runtime/math.def"
#undef MATH
    default: return NAN;
    }
}

static double be_test_math2(int64_t op, double x, double y)
{
    return op == 1100 ? pow(x, y) : op == 1101 ? atan2(x, y) : op == 1102 ? x - y * floor(x / y) : NAN;
}

/* Tasks in an odd order: the last first. */
static void be_test_parallel(const MlcrtCall *c, MlcrtKernel *k, int64_t n, int64_t grain)
{
    int64_t tasks = (n + grain - 1) / grain;
    ((BeRun *)c->state)->parallel++;
    for (int64_t t = tasks - 1; t >= 0; t--)
        k(c, t * grain, (t + 1) * grain < n ? (t + 1) * grain : n);
}

/* What must wait runs later; a kernel that need not wait runs before the one in front of it. */
static void be_test_phases(const MlcrtCall *c, const MlcrtPhase *p, int64_t count, int64_t work)
{
    (void)work;
    for (int64_t k = 0, end; k < count; k = end) {
        for (end = k + 1; end < count && p[end].after < k; end++)
            ;
        for (int64_t i = end - 1; i >= k && !*c->stop; i--) {
            int64_t grain = p[i].grain > 0 ? p[i].grain : 1;
            ((MlcrtCall *)(uintptr_t)c)->locals[0] = (int64_t)(intptr_t)p[i].env;
            ((MlcrtCall *)(uintptr_t)c)->locals[1] = 0;
            be_test_parallel(c, p[i].kernel, p[i].n, grain);
        }
    }
}

static void be_test_fault(const MlcrtCall *c, int64_t check, int64_t element, int64_t value, int64_t extent)
{
    BeFault *f = &((BeRun *)c->state)->fault;
    if (!f->count++ || check < f->check || (check == f->check && element < f->element)) {
        int n = f->count;
        *f = (BeFault){ check, element, value, extent, n };
    }
    *c->stop = 1;
}

static const MlcrtRt be_test_rt = { .parallel = be_test_parallel, .phases = be_test_phases, .fault = be_test_fault, .math1 = be_test_math1, .math2 = be_test_math2 };

static inline void be_test_init(BeTest *t)
{
    memset(t, 0, sizeof *t);
    mem_init(&t->mem, mem_malloc_hooks(), 0);
    t->arena = arena_new(&t->mem);
    Names *ns = names_new(t->arena);
    Sources *ss = sources_new(t->arena);
    t->diags = diags_new(t->arena, ss);
    t->m = ir_module_new(t->arena, ns, dims_new(t->arena), ss);
}

static inline void be_test_drop(BeTest *t)
{
    if (t->jit)
        LLVMOrcDisposeLLJIT(t->jit);
    mem_drop(&t->mem);
}

static inline bool be_test_parse(BeTest *t, const char *text)
{
    Source *src = source_add(t->m->sources, "test.ir", text, strlen(text));
    if (ir_parse(t->m, src, t->diags))
        return true;
    Buf b = buf_new(t->arena);
    diags_render(t->diags, &b, false);
    t->errors = buf_text(&b);
    return false;
}

static inline void be_test_link(BeTest *t)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    ck_assert_ptr_null(LLVMOrcCreateLLJIT(&t->jit, NULL));
    LLVMMemoryBufferRef b = LLVMCreateMemoryBufferWithMemoryRangeCopy((const char *)t->result.object, t->result.size, "object");
    ck_assert_ptr_null(LLVMOrcLLJITAddObjectFile(t->jit, LLVMOrcLLJITGetMainJITDylib(t->jit), b));
    LLVMOrcDefinitionGeneratorRef g;
    LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(&g, LLVMOrcLLJITGetGlobalPrefix(t->jit), NULL, NULL);
    LLVMOrcJITDylibAddGenerator(LLVMOrcLLJITGetMainJITDylib(t->jit), g);
}

/* Parses and compiles; false leaves the reason in t->errors. */
static inline bool be_test_compile(BeTest *t, const char *text, BeOptions o)
{
    Buf errors = buf_new(t->arena);
    if (!be_test_parse(t, text))
        return false;
    o.verify = true;
    bool ok = be_compile(t->m, &o, &t->result, &errors);
    t->errors = buf_text(&errors);
    if (ok)
        be_test_link(t);
    return ok;
}

static inline MlcrtBody *be_test_body(BeTest *t, const char *fn)
{
    LLVMOrcExecutorAddress a = 0;
    char name[128];
    snprintf(name, sizeof name, "mlc_body_%s", fn);
    LLVMErrorRef e = LLVMOrcLLJITLookup(t->jit, &a, name);
    if (e)
        ck_abort_msg("%s", LLVMGetErrorMessage(e));
    return (MlcrtBody *)(uintptr_t)a;
}

/* The whole way: text to a call. Aborts the test if it does not compile. */
static inline BeRun be_test_run(const char *text, BeOptions o, const char *fn, void **leaves, int64_t *dims, void **preps)
{
    BeTest t;
    static _Alignas(64) char arena[1 << 22];
    be_test_init(&t);
    if (!be_test_compile(&t, text, o))
        ck_abort_msg("%s", t.errors);
    BeRun run = { .call = { .leaf = leaves, .dims = dims, .arena = arena, .prep = preps, .rt = &be_test_rt } };
    run.call.state = &run;
    run.call.stop = &run.stop;
    be_test_body(&t, fn)(&run.call);
    be_test_drop(&t);
    return run;
}

/* Targets whose code this machine runs, narrower ones first; those without FMA have bits of their own. */
static inline bool be_test_can_run(const char *cpu)
{
    BeTarget native, t;
    return be_target("native", &native, NULL) && be_target(cpu, &t, NULL) && (t.needs & ~native.needs) == 0;
}

#endif
