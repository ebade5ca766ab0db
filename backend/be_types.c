/* be_types.c - LLVM types and constants of element types.
 *
 * As stored: bool is a byte, f16 and bf16 are 16-bit integers, a Key is 16 bytes. As computed with: bool is i1, 16-bit floats are
 * floats that hold a 16-bit value (every operation rounds back), a Key is i128.
 */
#include "backend/be_int.h"

void be_types(Be *be)
{
    LLVMContextRef c = be->cx;
    be->i1 = LLVMInt1TypeInContext(c);
    be->i8 = LLVMInt8TypeInContext(c);
    be->i16 = LLVMInt16TypeInContext(c);
    be->i32 = LLVMInt32TypeInContext(c);
    be->i64 = LLVMInt64TypeInContext(c);
    be->i128 = LLVMInt128TypeInContext(c);
    be->f16 = LLVMHalfTypeInContext(c);
    be->f32 = LLVMFloatTypeInContext(c);
    be->f64 = LLVMDoubleTypeInContext(c);
    be->ptr = LLVMPointerTypeInContext(c, 0);
    be->none = LLVMVoidTypeInContext(c);
    be->body_t = LLVMFunctionType(be->none, &be->ptr, 1, 0);
    LT k[] = { be->ptr, be->i64, be->i64 };
    be->kernel_t = LLVMFunctionType(be->none, k, 3, 0);
    LT p[] = { be->ptr, be->ptr, be->i64 };
    be->part_t = LLVMFunctionType(be->none, p, 3, 0);
}

LT be_mem_type(Be *be, IrDtype t)
{
    switch (t) {
    case DT_bool: case DT_i8: case DT_u8: return be->i8;
    case DT_i16: case DT_u16: case DT_f16: case DT_bf16: return be->i16;
    case DT_i32: case DT_u32: return be->i32;
    case DT_i64: case DT_u64: return be->i64;
    case DT_f32: return be->f32;
    case DT_f64: return be->f64;
    case DT_key: return be->i128;
    default: return be->ptr;
    }
}

LT be_val_type(Be *be, IrDtype t)
{
    return t == DT_bool ? be->i1 : t == DT_f16 || t == DT_bf16 ? be->f32 : be_mem_type(be, t);
}

LT be_vector(LT t, int lanes) { return lanes ? LLVMVectorType(t, (unsigned)lanes) : t; }

int be_lanes_of(LV v)
{
    LT t = LLVMTypeOf(v);
    return LLVMGetTypeKind(t) == LLVMVectorTypeKind ? (int)LLVMGetVectorSize(t) : 0;
}

LT be_elem(LT t) { return LLVMGetTypeKind(t) == LLVMVectorTypeKind ? LLVMGetElementType(t) : t; }

static LV splat_const(LT t, LV x)
{
    if (LLVMGetTypeKind(t) != LLVMVectorTypeKind)
        return x;
    LV v[64];
    unsigned n = LLVMGetVectorSize(t);
    for (unsigned i = 0; i < n; i++)
        v[i] = x;
    return LLVMConstVector(v, n);
}

LV be_int(Be *be, int64_t v) { return LLVMConstInt(be->i64, (unsigned long long)v, 1); }
LV be_const(LT t, int64_t v) { return splat_const(t, LLVMConstInt(be_elem(t), (unsigned long long)v, 1)); }
LV be_real(LT t, double v) { return splat_const(t, LLVMConstReal(be_elem(t), v)); }
LV be_zero(LT t) { return LLVMConstNull(t); }

bool be_const_value(LV v, int64_t *out)
{
    if (!LLVMIsAConstantInt(v) || LLVMGetIntTypeWidth(LLVMTypeOf(v)) > 64)
        return false;
    *out = LLVMConstIntGetSExtValue(v);
    return true;
}
