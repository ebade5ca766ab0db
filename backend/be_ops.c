/* be_ops.c - scalar operations: emit_<code> for each row of ir/ops.def.
 *
 * An emit function writes one element, a scalar or a vector alike; be_op applies it to the blocks of the operands, rounds 16-bit
 * results, and sees to what only blocks can tell: i64 arithmetic on lane indices, and faults.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "backend/be_int.h"

static LT type_of(Em *em, IrDtype t, const OpCx *o) { return be_vector(be_val_type(em->be, t), o->lanes); }

static LV call1(Em *em, const char *name, LV x) { return em_intrinsic(em, MOVE_FREE, name, LLVMTypeOf(x), NULL, 1, &x); }

#define ARITH(name, f, i) \
    static LV emit_##name(Em *em, const OpCx *o, LV *x) { return em_bin(em, dtype_is_float(o->in) ? f : i, x[0], x[1]); }
ARITH(add, LLVMFAdd, LLVMAdd)
ARITH(sub, LLVMFSub, LLVMSub)
ARITH(mul, LLVMFMul, LLVMMul)
ARITH(div, LLVMFDiv, LLVMSDiv)
ARITH(bit_and, LLVMAnd, LLVMAnd)
ARITH(bit_or, LLVMOr, LLVMOr)
ARITH(bit_xor, LLVMXor, LLVMXor)
ARITH(and, LLVMAnd, LLVMAnd)
ARITH(or, LLVMOr, LLVMOr)

static LV one_for_zero(Em *em, LV y)
{
    return em_select(em, em_icmp(em, LLVMIntEQ, y, be_zero(LLVMTypeOf(y))), be_const(LLVMTypeOf(y), 1), y);
}

static LV emit_floordiv(Em *em, const OpCx *o, LV *x)
{
    if (dtype_is_float(o->in)) {
        LV q = em_bin(em, LLVMFDiv, x[0], x[1]);
        return be_rounding(em, OP_floor, q);
    }
    return dtype_is_signed(o->in) ? be_floordiv(em, x[0], x[1]) : em_bin(em, LLVMUDiv, x[0], one_for_zero(em, x[1]));
}

static LV emit_mod(Em *em, const OpCx *o, LV *x)
{
    if (dtype_is_float(o->in))
        return be_math2(em, OP_mod, x[0], x[1]);
    return dtype_is_signed(o->in) ? be_floormod(em, x[0], x[1]) : em_bin(em, LLVMURem, x[0], one_for_zero(em, x[1]));
}

static LV emit_neg(Em *em, const OpCx *o, LV *x)
{
    return dtype_is_float(o->in) ? em_fneg(em, x[0]) : em_bin(em, LLVMSub, be_zero(LLVMTypeOf(x[0])), x[0]);
}

static LV emit_abs(Em *em, const OpCx *o, LV *x)
{
    if (dtype_is_float(o->in))
        return call1(em, "llvm.fabs", x[0]);
    if (!dtype_is_signed(o->in))
        return x[0];
    LV below = em_icmp(em, LLVMIntSLT, x[0], be_zero(LLVMTypeOf(x[0])));
    return em_select(em, below, emit_neg(em, o, x), x[0]);
}

static LV emit_sign(Em *em, const OpCx *o, LV *x)
{
    LT t = LLVMTypeOf(x[0]);
    LV zero = be_zero(t);
    if (dtype_is_float(o->in)) {
        LV up = em_select(em, em_fcmp(em, LLVMRealOGT, x[0], zero), be_real(t, 1), x[0]);
        return em_select(em, em_fcmp(em, LLVMRealOLT, x[0], zero), be_real(t, -1), up);
    }
    LV any = em_select(em, em_icmp(em, LLVMIntNE, x[0], zero), be_const(t, 1), zero);
    return dtype_is_signed(o->in) ? em_select(em, em_icmp(em, LLVMIntSLT, x[0], zero), be_const(t, -1), any) : any;
}

LV be_max(Em *em, IrDtype t, LV a, LV b, bool max)
{
    if (dtype_is_float(t)) {
        LV x[] = { a, b };
        return em_intrinsic(em, MOVE_FREE, max ? "llvm.maximum" : "llvm.minimum", LLVMTypeOf(a), NULL, 2, x);
    }
    LLVMIntPredicate p = dtype_is_signed(t) ? (max ? LLVMIntSGT : LLVMIntSLT) : (max ? LLVMIntUGT : LLVMIntULT);
    return em_select(em, em_icmp(em, p, a, b), a, b);
}

static LV emit_min(Em *em, const OpCx *o, LV *x) { return be_max(em, o->in, x[0], x[1], false); }
static LV emit_max(Em *em, const OpCx *o, LV *x) { return be_max(em, o->in, x[0], x[1], true); }
static LV emit_fma(Em *em, const OpCx *o, LV *x) { (void)o; return be_fma(em, x[0], x[1], x[2]); }

static LV emit_sqrt(Em *em, const OpCx *o, LV *x) { (void)o; return call1(em, "llvm.sqrt", x[0]); }

static LV emit_rsqrt(Em *em, const OpCx *o, LV *x)
{
    return em_bin(em, LLVMFDiv, be_real(LLVMTypeOf(x[0]), 1), emit_sqrt(em, o, x));
}

/* One function of the op's number: emitted code where there is some, else the runtime's f64. */
static LV elementary(Em *em, const OpCx *o, LV *x)
{
    LV y = (o->in == DT_f64 ? be_f64_math : be_f32_math)(em, (IrOp)o->n->op, x[0], x[1]);
    if (y)
        return y;
    return ir_info(o->n)->in == 2 ? be_math2(em, (IrOp)o->n->op, x[0], x[1]) : be_math1(em, (IrOp)o->n->op, x[0]);
}
#define ELEMENTARY(name) \
    static LV emit_##name(Em *em, const OpCx *o, LV *x) { return elementary(em, o, x); }
ELEMENTARY(exp) ELEMENTARY(expm1) ELEMENTARY(log) ELEMENTARY(log1p) ELEMENTARY(sin) ELEMENTARY(cos) ELEMENTARY(tan)
ELEMENTARY(asin) ELEMENTARY(acos) ELEMENTARY(atan) ELEMENTARY(atan2) ELEMENTARY(sinh) ELEMENTARY(cosh) ELEMENTARY(tanh)
ELEMENTARY(asinh) ELEMENTARY(acosh) ELEMENTARY(atanh) ELEMENTARY(erf) ELEMENTARY(erfc) ELEMENTARY(lgamma) ELEMENTARY(sigmoid)
ELEMENTARY(pow)

/* Without SSE4.1 these would be calls into libm, which an object may not make. */
LV be_rounding(Em *em, IrOp op, LV x)
{
    static const char *const names[] = { "llvm.floor", "llvm.ceil", "llvm.roundeven", "llvm.trunc" };
    if (!(em->be->target.needs & MLCRT_CPU_SSE42))
        return be_math1(em, op, x);
    return call1(em, names[op == OP_floor ? 0 : op == OP_ceil ? 1 : op == OP_round ? 2 : 3], x);
}
#define ROUNDING(name) \
    static LV emit_##name(Em *em, const OpCx *o, LV *x) { (void)o; return be_rounding(em, OP_##name, x[0]); }
ROUNDING(floor) ROUNDING(ceil) ROUNDING(round) ROUNDING(trunc)

static LV emit_isnan(Em *em, const OpCx *o, LV *x) { (void)o; return em_fcmp(em, LLVMRealUNO, x[0], x[0]); }

static LV emit_isfinite(Em *em, const OpCx *o, LV *x)
{
    (void)o;
    return em_fcmp(em, LLVMRealOLT, call1(em, "llvm.fabs", x[0]), be_real(LLVMTypeOf(x[0]), __builtin_inf()));
}

#define COMPARE(name, f, s, u) \
    static LV emit_##name(Em *em, const OpCx *o, LV *x) \
    { \
        if (dtype_is_float(o->in)) \
            return em_fcmp(em, f, x[0], x[1]); \
        return em_icmp(em, dtype_is_signed(o->in) ? s : u, x[0], x[1]); \
    }
COMPARE(eq, LLVMRealOEQ, LLVMIntEQ, LLVMIntEQ)
COMPARE(ne, LLVMRealUNE, LLVMIntNE, LLVMIntNE)
COMPARE(lt, LLVMRealOLT, LLVMIntSLT, LLVMIntULT)
COMPARE(le, LLVMRealOLE, LLVMIntSLE, LLVMIntULE)

static LV emit_not(Em *em, const OpCx *o, LV *x)
{
    (void)o;
    return em_bin(em, LLVMXor, x[0], LLVMConstAllOnes(LLVMTypeOf(x[0])));
}
static LV emit_bit_not(Em *em, const OpCx *o, LV *x) { return emit_not(em, o, x); }
static LV emit_select(Em *em, const OpCx *o, LV *x) { (void)o; return em_select(em, x[0], x[1], x[2]); }
static LV emit_stop(Em *em, const OpCx *o, LV *x) { (void)em; (void)o; return x[0]; }

static LV shift_count(Em *em, const OpCx *o, LV y)
{
    return em_bin(em, LLVMAnd, y, be_const(LLVMTypeOf(y), dtype_bytes(o->in) * 8 - 1));
}
static LV emit_shl(Em *em, const OpCx *o, LV *x) { return em_bin(em, LLVMShl, x[0], shift_count(em, o, x[1])); }
static LV emit_shr(Em *em, const OpCx *o, LV *x)
{
    return em_bin(em, dtype_is_signed(o->in) ? LLVMAShr : LLVMLShr, x[0], shift_count(em, o, x[1]));
}

/* The loop below with a constant exponent, without the turns. */
static LV constant_power(Em *em, const OpCx *o, LV x, int64_t k)
{
    bool real = dtype_is_float(o->in);
    LV one = real ? be_real(LLVMTypeOf(x), 1) : be_const(LLVMTypeOf(x), 1), y = NULL;
    uint64_t left = k < 0 ? (real ? 0 - (uint64_t)k : 0) : (uint64_t)k;
    LLVMOpcode mul = real ? LLVMFMul : LLVMMul;
    for (; left; left >>= 1) {
        if (left & 1)
            y = y ? em_bin(em, mul, y, x) : x;
        if (left > 1)
            x = em_bin(em, mul, x, x);
    }
    y = y ? y : one;
    return k < 0 && real ? em_bin(em, LLVMFDiv, one, y) : y;
}

static LV power_turns(Em *em, LV e)
{
    LV all = e, x[2];
    LT t = em->be->i64;
    if (be_lanes_of(e))
        all = em_intrinsic(em, MOVE_FREE, "llvm.vector.reduce.umax", LLVMTypeOf(e), NULL, 1, &e);
    x[0] = all;
    x[1] = LLVMConstInt(em->be->i1, 0, 0);
    return em_bin(em, LLVMSub, be_int(em->be, 64), em_intrinsic(em, MOVE_FREE, "llvm.ctlz", t, NULL, 2, x));
}

/* By repeated squaring; the loop runs until no lane has a bit of the exponent left. */
static LV emit_powi(Em *em, const OpCx *o, LV *x)
{
    LT t = LLVMTypeOf(x[0]), it = LLVMTypeOf(x[1]);
    bool real = dtype_is_float(o->in);
    if (o->n->in[1]->op == OP_const)
        return constant_power(em, o, x[0], o->n->in[1]->imm);
    LV one = real ? be_real(t, 1) : be_const(t, 1), below = em_icmp(em, LLVMIntSLT, x[1], be_zero(it));
    LV left = em_select(em, below, em_bin(em, LLVMSub, be_zero(it), x[1]), x[1]);
    if (!real)
        left = em_select(em, below, be_zero(it), x[1]);
    LV state[] = { one, x[0], left };
    Loop l = em_loop(em, be_int(em->be, 0), power_turns(em, left), 1, 3, state);
    LV odd = em_icmp(em, LLVMIntNE, em_bin(em, LLVMAnd, state[2], be_const(it, 1)), be_zero(it));
    LLVMOpcode mul = real ? LLVMFMul : LLVMMul;
    state[0] = em_select(em, odd, em_bin(em, mul, state[0], state[1]), state[0]);
    state[1] = em_bin(em, mul, state[1], state[1]);
    state[2] = em_bin(em, LLVMLShr, state[2], be_const(it, 1));
    em_loop_end(em, &l, state);
    return real ? em_select(em, below, em_bin(em, LLVMFDiv, one, state[0]), state[0]) : state[0];
}

/* ---- casts ------------------------------------------------------------------------------------------------------ */

static LV float_to_float(Em *em, const OpCx *o, LV x)
{
    LT to = type_of(em, o->out, o);
    if (o->in == DT_f64)
        return o->out == DT_f32 ? em_cast(em, LLVMFPTrunc, x, to) : o->out == DT_f64 ? x : be_round_odd(em, x);
    return em_cast(em, o->out == DT_f64 ? LLVMFPExt : LLVMBitCast, x, to);
}

static LV int_to_float(Em *em, const OpCx *o, LV x)
{
    LLVMOpcode op = o->in != DT_bool && dtype_is_signed(o->in) ? LLVMSIToFP : LLVMUIToFP;
    if (o->out == DT_f32 || o->out == DT_f64)
        return em_cast(em, op, x, type_of(em, o->out, o));
    return be_round_odd(em, em_cast(em, op, x, be_vector(em->be->f64, o->lanes)));
}

/* Vectors of f32 to integers in a few instructions; LLVM would take the saturating conversion apart into scalars. Few bits go by way of i32. */
static LV vector_to_int(Em *em, const OpCx *o, LV x)
{
    LT t = LLVMTypeOf(x), to = type_of(em, o->out, o), by = dtype_bytes(o->out) < 4 ? be_vector(em->be->i32, be_lanes_of(x)) : to;
    bool is_signed = dtype_is_signed(o->out);
    int bits = dtype_bytes(o->out) * 8 - is_signed;
    double end = ldexp(1, bits);
    LV least = be_real(t, is_signed ? -end : 0), below = em_fcmp(em, LLVMRealOLT, x, be_real(t, end));
    LV fits = em_select(em, below, x, be_zero(t)); /* NaN becomes 0 */
    fits = em_select(em, em_fcmp(em, LLVMRealOGT, fits, least), fits, least);
    LV n = em_cast(em, LLVMFPToSI, fits, by), most = em_splat(em, LLVMConstInt(LLVMGetElementType(by), (UINT64_C(1) << bits) - 1, 0), be_lanes_of(x));
    n = em_select(em, em_fcmp(em, LLVMRealOGE, x, be_real(t, end)), most, n);
    return by == to ? n : em_cast(em, LLVMTrunc, n, to);
}

static LV float_to_int(Em *em, const OpCx *o, LV x)
{
    bool wide = o->out == DT_u32 || o->out == DT_u64 || (o->out == DT_i64 && !em->be->target.avx512);
    if (o->in != DT_f64 && be_lanes_of(x) && !wide)
        return vector_to_int(em, o, x);
    const char *name = dtype_is_signed(o->out) ? "llvm.fptosi.sat" : "llvm.fptoui.sat";
    return em_intrinsic(em, MOVE_FREE, name, type_of(em, o->out, o), LLVMTypeOf(x), 1, &x);
}

static LV int_to_int(Em *em, const OpCx *o, LV x)
{
    int from = o->in == DT_bool ? 1 : dtype_bytes(o->in) * 8, to = dtype_bytes(o->out) * 8;
    if (from == to)
        return x;
    LLVMOpcode op = to < from ? LLVMTrunc : o->in != DT_bool && dtype_is_signed(o->in) ? LLVMSExt : LLVMZExt;
    return em_cast(em, op, x, type_of(em, o->out, o));
}

static LV emit_cast(Em *em, const OpCx *o, LV *x)
{
    if (o->in == o->out)
        return x[0];
    if (dtype_is_float(o->in)) {
        if (o->out == DT_bool)
            return em_fcmp(em, LLVMRealUNE, x[0], be_zero(LLVMTypeOf(x[0])));
        return dtype_is_float(o->out) ? float_to_float(em, o, x[0]) : float_to_int(em, o, x[0]);
    }
    if (o->out == DT_bool)
        return em_icmp(em, LLVMIntNE, x[0], be_zero(LLVMTypeOf(x[0])));
    return dtype_is_float(o->out) ? int_to_float(em, o, x[0]) : int_to_int(em, o, x[0]);
}

/* ---- operations that fault: the value here, the fault in be_op ------------------------------------------------------ */

static LV emit_narrow(Em *em, const OpCx *o, LV *x) { return emit_cast(em, o, x); }

static LV emit_clampi(Em *em, const OpCx *o, LV *x)
{
    LV last = em_bin(em, LLVMSub, x[2], be_const(LLVMTypeOf(x[2]), 1));
    LV below = be_max(em, o->in, x[0], last, false);
    return be_max(em, o->in, below, x[1], true);
}

static LV emit_nonzero(Em *em, const OpCx *o, LV *x) { (void)o; return one_for_zero(em, x[0]); }

static LV quotient_overflows(Em *em, const OpCx *o, LV *x)
{
    LT t = LLVMTypeOf(x[0]);
    LV smallest = be_const(t, (int64_t)(UINT64_MAX << (8 * dtype_bytes(o->in) - 1)));
    return em_bin(em, LLVMAnd, em_icmp(em, LLVMIntEQ, x[0], be_const(t, -1)), em_icmp(em, LLVMIntEQ, x[1], smallest));
}

static LV emit_divisor(Em *em, const OpCx *o, LV *x)
{
    return em_select(em, quotient_overflows(em, o, x), be_const(LLVMTypeOf(x[0]), 1), x[0]);
}

static LV int_arithmetic(Em *em, const OpCx *o, LV *x, unsigned part)
{
    const char *name = o->n->op == OP_iadd ? "llvm.sadd.with.overflow" : o->n->op == OP_isub ? "llvm.ssub.with.overflow" : "llvm.smul.with.overflow";
    LV both = em_intrinsic(em, MOVE_FREE, name, LLVMTypeOf(x[0]), NULL, 2, x);
    LLVMPositionBuilderAtEnd(em->b, em->block);
    return em_raw(em, LLVMBuildExtractValue(em->b, both, part, ""));
}

static LV int_result(Em *em, const OpCx *o, LV *x)
{
    return em_select(em, int_arithmetic(em, o, x, 1), be_const(LLVMTypeOf(x[0]), 1), int_arithmetic(em, o, x, 0));
}

static LV emit_iadd(Em *em, const OpCx *o, LV *x) { return int_result(em, o, x); }
static LV emit_isub(Em *em, const OpCx *o, LV *x) { return int_result(em, o, x); }
static LV emit_imul(Em *em, const OpCx *o, LV *x) { return int_result(em, o, x); }

/* be_op takes these two apart before */
static LV emit_key_fold(Em *em, const OpCx *o, LV *x) { (void)em; (void)o; return x[0]; }
/* As C passes it: small integers as int. */
static LV to_c(Em *em, IrDtype t, LV x)
{
    LV y = be_to_mem(em, t, x);
    bool small = t == DT_bool || (dtype_is_int(t) && dtype_bytes(t) < 4);
    return small ? em_cast(em, dtype_is_signed(t) ? LLVMSExt : LLVMZExt, y, em->be->i32) : y;
}

/* A call of the symbol itself, where it stands: loops with such calls run serially, so what a guard turns off is jumped over. */
static LV emit_extern(Em *em, const OpCx *o, LV *x)
{
    const char *symbol = strchr(o->n->str, ':');
    LT types[8];
    LV args[8];
    for (int i = 0; i < o->n->nin; i++) {
        args[i] = to_c(em, o->n->in[i]->type.dtype, x[i]);
        types[i] = LLVMTypeOf(args[i]);
    }
    LT type = LLVMFunctionType(be_mem_type(em->be, o->out), types, (unsigned)o->n->nin, 0);
    symbol = symbol ? symbol + 1 : o->n->str;
    LV f = LLVMGetNamedFunction(em->be->mod, symbol);
    f = f ? f : LLVMAddFunction(em->be->mod, symbol, type);
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LV y = em_raw(em, LLVMBuildCall2(em->b, type, f, args, (unsigned)o->n->nin, ""));
    return be_from_mem(em, o->out, y);
}

static LV emit_random_bits(Em *em, const OpCx *o, LV *x) { (void)em; (void)o; return x[0]; }
static LV emit_key_new(Em *em, const OpCx *o, LV *x) { (void)o; return be_key_new(em, x[0]); }

typedef LV Emit(Em *em, const OpCx *o, LV *x);
static Emit *const emits[] = {
#define OP(name, in, rule, effects, code, meaning) [OP_##name] = emit_##code,
#include "ir/ops.def"
#undef OP
};

/* ---- blocks --------------------------------------------------------------------------------------------------------- */

static LV element(Em *em, void *user, LV *x)
{
    OpCx *o = user;
    o->lanes = o->n->nin ? be_lanes_of(x[0]) : 0;
    LV y = emits[o->n->op](em, o, x);
    return be_round16(em, o->out, y);
}

static LV out_of_range(Em *em, void *user, LV *x)
{
    OpCx *o = user;
    o->lanes = be_lanes_of(x[0]);
    if (o->n->op == OP_nonzero)
        return em_icmp(em, LLVMIntEQ, x[0], be_zero(LLVMTypeOf(x[0])));
    if (o->n->op == OP_divisor)
        return quotient_overflows(em, o, x);
    if (o->n->op == OP_iadd || o->n->op == OP_isub || o->n->op == OP_imul)
        return int_arithmetic(em, o, x, 1);
    if (o->n->op == OP_clampi)
        return em_bin(em, LLVMOr, em_icmp(em, LLVMIntSLT, x[0], x[1]), em_icmp(em, LLVMIntSGE, x[0], x[2]));
    OpCx back = { o->n, o->out, o->in, o->lanes };
    LV small = emit_cast(em, o, x), again = emit_cast(em, &back, &small);
    LV differs = em_icmp(em, LLVMIntNE, again, x[0]);
    bool signs = dtype_is_signed(o->in) != dtype_is_signed(o->out); /* of equal width: the sign must agree, too */
    return signs ? em_bin(em, LLVMOr, differs, em_icmp(em, LLVMIntSLT, dtype_is_signed(o->in) ? x[0] : small,
                                                       be_zero(LLVMTypeOf(dtype_is_signed(o->in) ? x[0] : small))))
                 : differs;
}

static void report(Em *em, IrNode *n, Val **x, OpCx *o)
{
    Val *bad = val_map(em, DT_bool, n->nin, x, out_of_range, o), *zero = val_int(em, 0);
    bool has_value = (n->op == OP_clampi || n->op == OP_narrow) && dtype_bytes(o->in) == 8;
    bool ends = (n->op == OP_iadd || n->op == OP_isub || n->op == OP_imul) && !em->outer;
    if (!ends) {
        be_fault(em, n->imm, bad, has_value ? x[0] : zero, n->op == OP_clampi ? x[2] : zero);
        return;
    }
    Cond c = em_if(em, val_any(em, val_and(em, em->mask, bad)), 0, NULL);
    be_fault(em, n->imm, bad, zero, zero);
    be_return_if_stopped(em); /* what follows relies on it: facts of sizes were found out for the exact value */
    em_end_if(em, &c, NULL);
}

static Val *index_arithmetic(Em *em, IrOp op, Val *a, Val *b)
{
    switch (op) {
    case OP_add: return val_add(em, a, b);
    case OP_sub: return val_sub(em, a, b);
    case OP_mul: return val_mul(em, a, b);
    case OP_floordiv: return val_floordiv(em, a, b);
    case OP_mod: return val_mod(em, a, b);
    case OP_min: return val_minmax(em, a, b, false);
    case OP_max: return val_minmax(em, a, b, true);
    case OP_lt: return val_compare(em, LLVMIntSLT, a, b);
    case OP_le: return val_compare(em, LLVMIntSLE, a, b);
    case OP_eq: return val_compare(em, LLVMIntEQ, a, b);
    case OP_ne: return val_compare(em, LLVMIntNE, a, b);
    default: return NULL;
    }
}

/* ---- functions of four bits ---------------------------------------------------------------------------------------------- */

/* x & 15 under sums with and differences from constants: its x, and for each of its values what comes of it; NULL: it is none. */
static IrNode *four_bits(const IrNode *n, int32_t value[16])
{
    bool wide = n->nin == 2 && n->type.dtype == DT_i32 && n->in[1]->op == OP_const;
    if (wide && n->op == OP_bit_and && n->in[1]->imm == 15) {
        for (int i = 0; i < 16; i++)
            value[i] = i;
        return n->in[0];
    }
    IrNode *x = wide && (n->op == OP_add || n->op == OP_sub) ? four_bits(n->in[0], value) : NULL;
    for (int i = 0; i < 16 && x; i++)
        value[i] = (int32_t)((uint32_t)value[i] + (n->op == OP_add ? 1u : -1u) * (uint32_t)n->in[1]->imm);
    return x;
}

/* f32((x & 15) - 8): sixteen floats in a register, of which an instruction takes the one that the lowest four bits of each lane say. */
static Val *looked_up(Em *em, const IrNode *n)
{
    int32_t value[16];
    bool can = n->op == OP_cast && n->type.dtype == DT_f32 && n->in[0]->type.dtype == DT_i32 && em->W == 16 && em->be->target.avx512;
    IrNode *of = can ? four_bits(n->in[0], value) : NULL;
    Val *x = of ? be_val(em, of) : NULL;
    if (!x || !x->vec)
        return NULL;
    LV table[16];
    Val *y = val_new(em, DT_f32, x->nr, x->nv, true);
    for (int i = 0; i < 16; i++)
        table[i] = be_real(em->be->f32, value[i]);
    for (int i = 0; i < x->nr * x->nv; i++) {
        LV a[] = { LLVMConstVector(table, 16), x->v[i] };
        y->v[i] = em_intrinsic(em, MOVE_FREE, "llvm.x86.avx512.permvar.sf.512", NULL, NULL, 2, a);
    }
    return y;
}

/* Byte `from` of each lane becomes its highest one, the others 0. */
static LV highest_byte(Em *em, LV x, int from)
{
    LT bytes = be_vector(em->be->i8, 4 * em->W);
    LV at[64];
    for (int i = 0; i < 4 * em->W; i++)
        at[i] = LLVMConstInt(em->be->i32, (unsigned)(i % 4 == 3 ? i - 3 + from : 4 * em->W), 0);
    LV y = em_shuffle(em, em_cast(em, LLVMBitCast, x, bytes), be_zero(bytes), LLVMConstVector(at, (unsigned)(4 * em->W)));
    return em_cast(em, LLVMBitCast, y, LLVMTypeOf(x));
}

/* f32((w >> c & 15) - 8) * f32(half), c a number: the four bits as the highest of an integer are 2 ^ 28 times as much, and the half is divided by
 * that, both exactly. Of a word's eight places that takes four operations each with the sum, where shift, mask, difference, conversion and
 * product are six. Not for single precision in place of the half, which may be too small to be divided. */
static Val *scaled_bits(Em *em, const IrNode *n, Val **x)
{
    int32_t value[16];
    int64_t c;
    if (n->op != OP_mul || n->type.dtype != DT_f32 || em->W != 8 || em->be->target.avx512)
        return NULL;
    const IrNode *f = n->in[0], *half = n->in[1];
    if (f->op != OP_cast || f->in[0]->type.dtype != DT_i32 || half->op != OP_cast || half->in[0]->type.dtype != DT_f16)
        return NULL;
    IrNode *of = four_bits(f->in[0], value);
    if (!of || value[0] != -8 || of->op != OP_shift_right || !val_is_const(be_val(em, of->in[1]), &c) || c < 0 || c > 28 || c % 4)
        return NULL;
    Val *w = be_val(em, of->in[0]);
    if (!w->vec || !x[1]->vec || w->coef || w->nr != x[1]->nr || w->nv != x[1]->nv)
        return NULL;
    Val *y = val_new(em, DT_f32, w->nr, w->nv, true);
    LT i32 = be_vector(em->be->i32, em->W), f32 = be_vector(em->be->f32, em->W);
    for (int i = 0; i < w->nr * w->nv; i++) {
        LV bits = em_bin(em, LLVMXor, w->v[i], be_const(i32, 0x88888888)); /* less 8, as a signed number */
        bits = c % 8 ? bits : em_bin(em, LLVMShl, bits, be_const(i32, 4));
        bits = highest_byte(em, em_bin(em, LLVMAnd, bits, be_const(i32, 0xf0f0f0f0)), (int)c / 8);
        y->v[i] = em_bin(em, LLVMFMul, em_cast(em, LLVMSIToFP, bits, f32), em_bin(em, LLVMFMul, x[1]->v[i], be_real(f32, 0x1p-28)));
    }
    return y;
}

Val *be_op(Em *em, IrNode *n)
{
    Val *x[8], *y;
    OpCx o = { n, n->nin ? n->in[0]->type.dtype : n->type.dtype, n->type.dtype, 0 };
    if (n->op == OP_select)
        o.in = n->type.dtype;
    for (int i = 0; i < n->nin; i++)
        x[i] = be_val(em, n->in[i]);
    if ((y = looked_up(em, n)) || (y = scaled_bits(em, n, x)) || (y = be_divide_shared(em, n, x)))
        return y;
    if (n->op == OP_random_bits || n->op == OP_key_fold)
        return be_draw(em, n, x);
    if (o.in == DT_i64 && n->nin == 2 && (y = index_arithmetic(em, (IrOp)n->op, x[0], x[1])))
        return y;
    if ((n->op == OP_cast || n->op == OP_stop) && o.in == o.out)
        return x[0];
    if (o.in == DT_i64 && n->op == OP_abs)
        return val_abs(em, x[0]);
    if (ir_info(n)->effects & FAULTS)
        report(em, n, x, &o);
    if (o.in == DT_i64 && (n->op == OP_iadd || n->op == OP_isub) && em->outer && !x[0]->vec && !x[1]->vec && x[0]->coef != x[1]->coef) /* of lanes side by side: where it does not fit, a fault says so, and subscripts are held inside */
        return n->op == OP_iadd ? val_add(em, x[0], x[1]) : val_sub(em, x[0], x[1]);
    return val_map(em, o.out, n->nin, x, element, &o);
}
