/* be_module.c - the LLVM modules of a compile, each in a context of its own, so that code is generated from them side by side.
 *
 *     modules[0]   bodies without loops of their own, kernels that only call their parts: what is generated for them is plain
 *     modules[1]   kernels, what they call, other bodies, until it is long enough (of a small program: in modules[0], too)
 *     modules[2]   more of them ...
 *
 * Where a module ends depends on what was written only, so the objects are the same for any number of threads. Functions are called
 * across modules by hidden names, which be_merge.c makes local.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/be_int.h"

/* Instructions of plain functions: half a millisecond of what a module costs by itself against what waiting for the longest one costs. */
enum { ENOUGH = 400 * BE_HARD };

static void add_zeros(Be *be)
{
    LT t = LLVMArrayType2(be->i64, 2);
    be->zeros = LLVMAddGlobal(be->mod, t, "mlc_zeros");
    LLVMSetInitializer(be->zeros, be_zero(t));
    LLVMSetLinkage(be->zeros, LLVMInternalLinkage);
    LLVMSetGlobalConstant(be->zeros, 1);
    LLVMSetAlignment(be->zeros, 16);
}

bool be_module_open(Be *be)
{
    Whole *w = be->whole;
    vec_push(be->a, &w->modules, be); /* from here on be_close knows it */
    be->cx = LLVMContextCreate();
    be->mod = LLVMModuleCreateWithNameInContext("mlc", be->cx);
    be_types(be);
    if (!w->tm && !(w->tm = be_machine(be, false))) {
        be_fail(be, "the code generator does not know this machine");
        return false;
    }
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(w->tm);
    LLVMSetModuleDataLayout(be->mod, layout);
    LLVMDisposeTargetData(layout);
    LLVMSetTarget(be->mod, be_triple);
    add_zeros(be);
    return true;
}

static Be *fresh(Be *be)
{
    Be *next = NEW(be->a, Be);
    *next = *be;
    next->cx = NULL;
    next->mod = NULL;
    next->written = next->open = 0;
    next->plain = false;
    be_module_open(next);
    be_send_complete(be);
    return next;
}

Be *be_module_next(Be *be)
{
    Be *last = vec_last(&be->whole->modules);
    return last->written < ENOUGH && !last->plain ? last : fresh(be);
}

Be *be_module_other(Be *be)
{
    if (!be->whole->modules.p[0]->plain)
        return be;
    Be *next = be_module_next(be);
    return next == be ? fresh(be) : next;
}

static LV declare(Be *be, const char *name, LT type)
{
    LV f = LLVMAddFunction(be->mod, name, type);
    LLVMSetVisibility(f, LLVMHiddenVisibility);
    return f;
}

LV be_function_new(Be *be, const char *name, LT type)
{
    Name key = name_of(be->ir->names, name);
    LV f = declare(be, name, type);
    map_put(&be->whole->names, key, (void *)(uintptr_t)key);
    be_attributes(be, f);
    return f;
}

LV be_function(Be *be, const char *name, LT type)
{
    LV f = LLVMGetNamedFunction(be->mod, name);
    return f ? f : declare(be, name, type);
}

void be_close(Whole *w)
{
    be_threads_end(w);
    for (int i = 0; i < w->builders.n; i++)
        if (w->builders.p[i])
            LLVMDisposeBuilder(w->builders.p[i]);
    for (int i = 0; i < w->modules.n; i++) {
        if (w->modules.p[i]->object)
            LLVMDisposeMemoryBuffer(w->modules.p[i]->object);
        free(w->modules.p[i]->error);
        if (w->modules.p[i]->mod)
            LLVMDisposeModule(w->modules.p[i]->mod);
        if (w->modules.p[i]->cx)
            LLVMContextDispose(w->modules.p[i]->cx);
    }
    if (w->tm)
        LLVMDisposeTargetMachine(w->tm);
}
