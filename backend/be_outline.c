/* be_outline.c - long sequences as functions of their own, one for each width: sin, pow, draws, ...
 *
 *     <16 x float> mlc_sin_16(const MlcrtCall *c, <16 x float> x)
 *
 * Short ones (exp, log, tanh, ...) stay where they are used: around a call no vector stays in a register.
 */
#include <stdio.h>

#include "backend/be_int.h"

/* The same type in the context of another module. */
static LT type_in(Be *be, LT t)
{
    switch (LLVMGetTypeKind(t)) {
    case LLVMIntegerTypeKind: return LLVMIntTypeInContext(be->cx, LLVMGetIntTypeWidth(t));
    case LLVMHalfTypeKind: return be->f16;
    case LLVMFloatTypeKind: return be->f32;
    case LLVMDoubleTypeKind: return be->f64;
    case LLVMVectorTypeKind: return LLVMVectorType(type_in(be, LLVMGetElementType(t)), LLVMGetVectorSize(t));
    default: return be->ptr;
    }
}

/* In a module that is not its caller's, where there are several: beside code that is plain it would be so, too, and beside a long kernel
 * it would make the longest module longer. */
static void write_function(Em *em, const char *name, LT type, int n, Outlined *write, const void *user)
{
    Em h;
    LT p[5];
    LV args[4];
    Be *be = be_module_other(em->be);
    if (be != em->be) {
        LLVMGetParamTypes(type, p);
        for (int i = 0; i <= n; i++)
            p[i] = type_in(be, p[i]);
        type = LLVMFunctionType(type_in(be, LLVMGetReturnType(type)), p, (unsigned)n + 1, 0);
    }
    LV f = be_function_new(be, name, type);
    em_init(&h, be, em->ir, f, em);
    for (int i = 0; i < n; i++)
        args[i] = LLVMGetParam(f, (unsigned)i + 1);
    LV y = write(&h, user, args);
    LLVMPositionBuilderAtEnd(h.b, h.block);
    LLVMBuildRet(h.b, y);
    em_drop(&h);
}

LV be_outlined(Em *em, const char *what, LT result, int n, LV *x, Outlined *write, const void *user)
{
    char name[64];
    LT p[5] = { em->be->ptr };
    LV args[5] = { em->call };
    for (int i = 0; i < n; i++) {
        p[i + 1] = LLVMTypeOf(x[i]);
        args[i + 1] = x[i];
    }
    LT type = LLVMFunctionType(result, p, (unsigned)n + 1, 0);
    snprintf(name, sizeof name, "mlc_%s_%d", what, be_lanes_of(LLVMConstNull(result)));
    if (!map_find(&em->be->whole->names, name_of(em->be->ir->names, name)))
        write_function(em, name, type, n, write, user);
    return em_callptr(em, MOVE_SAFE, type, be_function(em->be, name, type), n + 1, args);
}
