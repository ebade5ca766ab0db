/* be_object.c - one compile: the functions of tile IR into LLVM modules, object bytes. Nothing outlives it but the result. */
#include <llvm-c/Analysis.h>
#include <llvm-c/Target.h>
#include <string.h>

#include "backend/be_int.h"

void be_fail(Be *be, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!be->whole->failed)
        buf_puts(be->errors, arena_vprintf(be->a, fmt, ap));
    va_end(ap);
    be->whole->failed = true;
}

const char *be_body_symbol(Be *be, const char *fn) { return arena_printf(be->a, "mlc_body_%s", fn); }

/* LLVM's own table of targets is filled once, before anybody can call: the loader runs this alone, no flag of ours is needed. */
__attribute__((constructor)) static void llvm_start(void)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
}

static const char *text_of(Be *be, char *s)
{
    const char *copy = arena_text(be->a, s, strlen(s));
    LLVMDisposeMessage(s);
    return copy;
}

static bool is_sound(Be *be)
{
    char *broken = NULL;
    bool bad = be->opt->verify && LLVMVerifyModule(be->mod, LLVMReturnStatusAction, &broken);
    if (bad)
        be_fail(be, "the code generator: %s", broken);
    if (broken)
        LLVMDisposeMessage(broken);
    return !bad;
}

/* As text, module after module. */
static void show(Be *be, BeResult *out)
{
    Be **m = be->whole->modules.p;
    Buf llvm = buf_new(be->a), assembly = buf_new(be->a);
    for (int i = 0; i < be->whole->modules.n && be->opt->emit_llvm; i++)
        buf_puts(&llvm, text_of(be, LLVMPrintModuleToString(m[i]->mod)));
    for (int i = 0; i < be->whole->modules.n && be->opt->emit_asm; i++) {
        LLVMModuleRef copy = LLVMCloneModule(m[i]->mod);
        LLVMMemoryBufferRef b = NULL;
        char *error = NULL;
        if (LLVMTargetMachineEmitToMemoryBuffer(be->whole->tm, copy, LLVMAssemblyFile, &error, &b))
            be_fail(be, "the code generator: %s", text_of(be, error));
        else
            buf_add(&assembly, LLVMGetBufferStart(b), LLVMGetBufferSize(b));
        if (b)
            LLVMDisposeMemoryBuffer(b);
        LLVMDisposeModule(copy);
    }
    out->llvm = be->opt->emit_llvm ? buf_text(&llvm) : NULL;
    out->assembly = be->opt->emit_asm ? buf_text(&assembly) : NULL;
}

/* Of tile IR. From there on plain code has a module and a target machine of its own, which cost less than they spare, and threads share
 * what is left evenly. */
enum { MANY_NODES = 60 };

static void see_node(void *user, IrNode *n)
{
    (void)n;
    ++*(int *)user;
}

static int count_nodes(const IrModule *m)
{
    int count = 0;
    for (int i = 0; i < m->fns.n; i++)
        if (m->fns.p[i]->level == TILE)
            ir_walk(m->fns.p[i]->body, see_node, &count);
    return count;
}

typedef struct Job { Be *be; BeResult *out; } Job;

static void compile(void *arg)
{
    Job *j = arg;
    Be *be = j->be;
    Whole *w = be->whole;
    w->kernels = map_new(be->a);
    w->names = map_new(be->a);
    be->plain = count_nodes(be->ir) >= MANY_NODES;
    if (!be_module_open(be))
        return;
    for (int i = 0; i < be->ir->fns.n && !w->failed; i++)
        if (be->ir->fns.p[i]->level == TILE)
            be_body(be, be->ir->fns.p[i]);
    if (be->tables && !w->failed)
        be_aot(be);
    for (int i = 0; i < w->modules.n && !w->failed; i++)
        is_sound(w->modules.p[i]);
    if (!w->failed)
        show(be, j->out);
    if (!w->failed)
        be_generate(be, j->out);
}

/* What LLVM holds is released on every way out, also when our own memory ends. */
static bool run(Be *be, BeResult *out)
{
    Mem *mem = arena_mem(be->a);
    Whole whole = { 0 };
    Job j = { be, out };
    *out = (BeResult){ 0 };
    be->whole = &whole;
    if (!be_target(be->opt->cpu, &be->target, be->errors))
        return false;
    out->target = be->target;
    bool all = mem_try(mem, compile, &j);
    be_close(&whole);
    if (!all)
        mem_fail(mem);
    return !whole.failed;
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
