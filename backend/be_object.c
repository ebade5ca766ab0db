/* be_object.c - one compile: an LLVM context, a module, the functions, object bytes. Nothing outlives it but the result. */
#include <llvm-c/Analysis.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <string.h>

#include "backend/be_int.h"

void be_fail(Be *be, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!be->failed)
        buf_puts(be->errors, arena_vprintf(be->a, fmt, ap));
    va_end(ap);
    be->failed = true;
}

const char *be_body_symbol(Be *be, const char *fn) { return arena_printf(be->a, "mlc_body_%s", fn); }

static void attribute(Be *be, LV f, const char *name, const char *value)
{
    LLVMAttributeRef a = value ? LLVMCreateStringAttribute(be->cx, name, (unsigned)strlen(name), value, (unsigned)strlen(value))
                               : LLVMCreateEnumAttribute(be->cx, LLVMGetEnumAttributeKindForName(name, strlen(name)), 0);
    LLVMAddAttributeAtIndex(f, LLVMAttributeFunctionIndex, a);
}

void be_attributes(Be *be, LV f)
{
    char bits[16];
    snprintf(bits, sizeof bits, "%d", be->target.vector_bytes * 8);
    attribute(be, f, "nounwind", NULL);
    attribute(be, f, "prefer-vector-width", bits);
    attribute(be, f, "target-cpu", be->target.cpu);
    attribute(be, f, "target-features", be->target.features);
}

/* LLVM's own table of targets is filled once, before anybody can call: the loader runs this alone, no flag of ours is needed. */
__attribute__((constructor)) static void llvm_start(void)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    /* Two passes that took a third of the time and changed nothing that was measured: addresses are already strength-reduced here, and
     * masks stay masks. LLVM has these switches as options of the process only. */
    static const char *const off[] = { "mlc", "-disable-lsr", "-disable-x86-domain-reassignment" };
    LLVMParseCommandLineOptions(3, off, NULL);
}

static void on_diagnostic(LLVMDiagnosticInfoRef d, void *user)
{
    if (LLVMGetDiagInfoSeverity(d) != LLVMDSError)
        return;
    char *text = LLVMGetDiagInfoDescription(d);
    be_fail(user, "the code generator: %s", text);
    LLVMDisposeMessage(text);
}

static void fail_with(Be *be, char *text)
{
    be_fail(be, "the code generator: %s", text ? text : "unknown error");
    if (text)
        LLVMDisposeMessage(text);
}

static bool open_target(Be *be)
{
    static const char triple[] = "x86_64-unknown-linux-gnu";
    LLVMTargetRef t;
    char *error = NULL;
    if (LLVMGetTargetFromTriple(triple, &t, &error)) {
        fail_with(be, error);
        return false;
    }
    LLVMCodeGenOptLevel level = be->opt->opt == 0 ? LLVMCodeGenLevelNone : be->opt->opt == 1 ? LLVMCodeGenLevelLess : LLVMCodeGenLevelDefault;
    be->tm = LLVMCreateTargetMachine(t, triple, be->target.cpu, be->target.features, level, LLVMRelocPIC, LLVMCodeModelSmall);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(be->tm);
    LLVMSetModuleDataLayout(be->mod, layout);
    LLVMDisposeTargetData(layout);
    LLVMSetTarget(be->mod, triple);
    return true;
}

static void add_zeros(Be *be)
{
    LT t = LLVMArrayType2(be->i64, 2);
    be->zeros = LLVMAddGlobal(be->mod, t, "mlc_zeros");
    LLVMSetInitializer(be->zeros, be_zero(t));
    LLVMSetLinkage(be->zeros, LLVMInternalLinkage);
    LLVMSetGlobalConstant(be->zeros, 1);
    LLVMSetAlignment(be->zeros, 16);
}

static const char *text_of(Be *be, char *s)
{
    const char *copy = arena_text(be->a, s, strlen(s));
    LLVMDisposeMessage(s);
    return copy;
}

static bool emit_file(Be *be, LLVMModuleRef m, LLVMCodeGenFileType kind, const char **p, size_t *n)
{
    LLVMMemoryBufferRef b = NULL;
    char *error = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(be->tm, m, kind, &error, &b)) {
        fail_with(be, error);
        return false;
    }
    *n = LLVMGetBufferSize(b);
    *p = arena_text(be->a, LLVMGetBufferStart(b), *n);
    LLVMDisposeMemoryBuffer(b);
    return true;
}

static void emit_results(Be *be, BeResult *out)
{
    const char *p;
    size_t n;
    char *broken = NULL;
    if (be->opt->emit_llvm)
        out->llvm = text_of(be, LLVMPrintModuleToString(be->mod));
    if (be->opt->verify && LLVMVerifyModule(be->mod, LLVMReturnStatusAction, &broken)) {
        fail_with(be, broken);
        return;
    }
    if (broken)
        LLVMDisposeMessage(broken);
    if (be->opt->emit_asm) {
        LLVMModuleRef copy = LLVMCloneModule(be->mod);
        if (emit_file(be, copy, LLVMAssemblyFile, &p, &n))
            out->assembly = p;
        LLVMDisposeModule(copy);
    }
    if (emit_file(be, be->mod, LLVMObjectFile, &p, &n)) {
        out->object = (const unsigned char *)p;
        out->size = n;
    }
}

typedef struct Job { Be *be; BeResult *out; } Job;

static void compile(void *arg)
{
    Job *j = arg;
    Be *be = j->be;
    be->cx = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(be->cx, on_diagnostic, be);
    be->mod = LLVMModuleCreateWithNameInContext("mlc", be->cx);
    be_types(be);
    be->kernels = map_new(be->a);
    if (!open_target(be))
        return;
    add_zeros(be);
    for (int i = 0; i < be->ir->fns.n && !be->failed; i++)
        if (be->ir->fns.p[i]->level == TILE)
            be_body(be, be->ir->fns.p[i]);
    if (be->tables && !be->failed)
        be_aot(be);
    if (!be->failed)
        emit_results(be, j->out);
}

static void close_all(Be *be)
{
    for (int i = 0; i < be->builders.n; i++)
        if (be->builders.p[i])
            LLVMDisposeBuilder(be->builders.p[i]);
    if (be->mod)
        LLVMDisposeModule(be->mod);
    if (be->tm)
        LLVMDisposeTargetMachine(be->tm);
    if (be->cx)
        LLVMContextDispose(be->cx);
}

/* What LLVM holds is released on every way out, also when our own memory ends. */
static bool run(Be *be, BeResult *out)
{
    Mem *mem = arena_mem(be->a);
    Job j = { be, out };
    *out = (BeResult){ 0 };
    if (!be_target(be->opt->cpu, &be->target, be->errors))
        return false;
    out->target = be->target;
    bool whole = mem_try(mem, compile, &j);
    close_all(be);
    if (!whole)
        mem_fail(mem);
    return !be->failed;
}

bool be_compile(IrModule *m, const BeOptions *o, BeResult *out, Buf *errors)
{
    Be be = { .a = m->arena, .opt = o, .ir = m, .errors = errors };
    return run(&be, out);
}

bool be_compile_aot(IrModule *m, const MlcrtModule *tables, const char *prefix, const BeOptions *o, BeResult *out, Buf *errors)
{
    Be be = { .a = m->arena, .opt = o, .ir = m, .errors = errors, .tables = tables, .prefix = prefix };
    return run(&be, out);
}
