/* be_settings.c - what LLVM is told besides code: switches of the process, attributes of functions, target machines.
 *
 * The switches exist once LLVM's own constructors have run. Where libmlc-llvm.so has LLVM inside, constructors run in the order in which
 * files are linked, so this one is the last (cmake/Products.cmake); tests/scripts/tree_exports.sh looks. It needs nothing of LLVM that other files do not.
 */
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <string.h>

#include "backend/be_int.h"

/* Two passes that took a third of the time and changed nothing that was measured: addresses are already strength-reduced here, and
 * masks stay masks. A third would join again what em_cut parts. The last two found one copy in all of attention for 2 % of the time.
 * LLVM has these switches as options of the process only. */
__attribute__((constructor)) static void llvm_switches(void)
{
    static const char *const off[] = { "mlc", "-disable-lsr", "-disable-x86-domain-reassignment", "-disable-cgp-branch-opts",
                                       "-disable-copyprop", "-disable-postra-machine-licm" };
    LLVMParseCommandLineOptions((int)(sizeof off / sizeof *off), off, NULL);
}

static void attribute(Be *be, LV f, const char *name, const char *value)
{
    LLVMAttributeRef a = value ? LLVMCreateStringAttribute(be->cx, name, (unsigned)strlen(name), value, (unsigned)strlen(value))
                               : LLVMCreateEnumAttribute(be->cx, LLVMGetEnumAttributeKindForName(name, strlen(name)), 0);
    LLVMAddAttributeAtIndex(f, LLVMAttributeFunctionIndex, a);
}

void be_attributes_plain(Be *be, LV f)
{
    attribute(be, f, "noinline", NULL);
    attribute(be, f, "optnone", NULL);
}

void be_call_is_cold(Be *be, LV call)
{
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(be->cx, LLVMGetEnumAttributeKindForName("cold", 4), 0));
}

void be_attributes(Be *be, LV f)
{
    char bits[16];
    snprintf(bits, sizeof bits, "%d", be->target.vector_bytes * 8);
    attribute(be, f, "nounwind", NULL);
    attribute(be, f, "prefer-vector-width", bits);
    attribute(be, f, "target-cpu", be->target.cpu);
    attribute(be, f, "target-features", be->target.features);
    if (be->target.vector_bytes == LINE) /* vectors that are kept on the stack do not lie across two lines */
        attribute(be, f, "stackrealign", "");
}

const char be_triple[] = "x86_64-unknown-linux-gnu";

#ifdef MLC_PLAIN_CODE
enum { PLAIN = 1 };
#else
enum { PLAIN = 0 };
#endif

LLVMTargetMachineRef be_machine(Be *be, bool plain)
{
    LLVMTargetRef t;
    char *error = NULL;
    if (LLVMGetTargetFromTriple(be_triple, &t, &error)) {
        LLVMDisposeMessage(error);
        return NULL;
    }
    LLVMCodeGenOptLevel level = be->opt->opt == 0 || plain || PLAIN ? LLVMCodeGenLevelNone : be->opt->opt == 1 ? LLVMCodeGenLevelLess : LLVMCodeGenLevelDefault;
    return LLVMCreateTargetMachine(t, be_triple, be->target.cpu, be->target.features, level, LLVMRelocPIC, LLVMCodeModelSmall);
}
