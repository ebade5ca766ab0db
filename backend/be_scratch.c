/* be_scratch.c - which part of the scratch memory a task of a kernel works in.
 *
 *     take:  slot = lowest bit that is off in c->locals[1]; atomically on, or once more
 *     give:  atomically off
 *
 * There are at most IR_TASKS tasks, so a part is always free; a thread that runs several one after the other gets the same part again, which is
 * in its caches.
 */
#include <stddef.h>

#include "backend/be_int.h"

static LV slots(Em *em, LV call)
{
    LV at = be_int(em->be, (int64_t)(offsetof(MlcrtCall, locals) + sizeof(int64_t)));
    return LLVMBuildGEP2(em->b, em->be->i8, call, &at, 1, "");
}

static LV write_take(Em *em)
{
    Be *be = em->be;
    LV p = slots(em, LLVMGetParam(em->fn, 0)), one = LLVMConstInt(be->i32, 1, 0);
    LLVMBasicBlockRef head = em_new_block(em, "head"), got = em_new_block(em, "got");
    LLVMBuildBr(em->b, head);
    LLVMPositionBuilderAtEnd(em->b, head);
    LV busy = LLVMBuildLoad2(em->b, be->i32, p, "");
    LLVMSetOrdering(busy, LLVMAtomicOrderingMonotonic);
    LLVMSetAlignment(busy, 4);
    LV cttz = LLVMGetIntrinsicDeclaration(be->mod, LLVMLookupIntrinsicID("llvm.cttz", 9), &be->i32, 1);
    LT types[] = { be->i32, be->i1 };
    LV args[] = { LLVMBuildNot(em->b, busy, ""), LLVMConstInt(be->i1, 1, 0) };
    LV slot = LLVMBuildCall2(em->b, LLVMFunctionType(be->i32, types, 2, 0), cttz, args, 2, "");
    LV bit = LLVMBuildShl(em->b, one, slot, "");
    LV before = LLVMBuildAtomicRMW(em->b, LLVMAtomicRMWBinOpOr, p, bit, LLVMAtomicOrderingAcquire, 0);
    LV taken = LLVMBuildAnd(em->b, before, bit, "");
    LLVMBuildCondBr(em->b, LLVMBuildICmp(em->b, LLVMIntEQ, taken, LLVMConstNull(be->i32), ""), got, head);
    LLVMPositionBuilderAtEnd(em->b, got);
    return LLVMBuildZExt(em->b, slot, be->i64, "");
}

static LV write_give(Em *em)
{
    Be *be = em->be;
    LV slot = LLVMBuildTrunc(em->b, LLVMGetParam(em->fn, 1), be->i32, "");
    LV others = LLVMBuildNot(em->b, LLVMBuildShl(em->b, LLVMConstInt(be->i32, 1, 0), slot, ""), "");
    LLVMBuildAtomicRMW(em->b, LLVMAtomicRMWBinOpAnd, slots(em, LLVMGetParam(em->fn, 0)), others, LLVMAtomicOrderingRelease, 0);
    return LLVMGetParam(em->fn, 1);
}

static LV call_helper(Em *em, const char *name, LV (*write)(Em *), int n, LV *args)
{
    Be *be = em->be;
    LT p[] = { be->ptr, be->i64 }, type;
    type = LLVMFunctionType(be->i64, p, (unsigned)n, 0);
    if (!map_find(&be->whole->names, name_of(be->ir->names, name))) {
        Em h;
        em_init(&h, be, em->ir, be_function_new(be, name, type), em);
        LLVMPositionBuilderAtEnd(h.b, h.block);
        LLVMBuildRet(h.b, write(&h));
        em_drop(&h);
    }
    LLVMPositionBuilderAtEnd(em->b, em->block);
    return LLVMBuildCall2(em->b, type, be_function(be, name, type), args, (unsigned)n, "");
}

LV be_scratch_take(Em *em) { return em_raw(em, call_helper(em, "mlc_scratch_take", write_take, 1, &em->call)); }

void be_scratch_give(Em *em, LV slot)
{
    LV args[] = { em->call, slot };
    call_helper(em, "mlc_scratch_give", write_give, 2, args);
}

void be_scratch_clear(Em *em)
{
    Be *be = em->be;
    em_store(em, be_int(be, 0), em_gep(em, be->i8, em->call, be_int(be, (int64_t)(offsetof(MlcrtCall, locals) + sizeof(int64_t)))), 8);
}
