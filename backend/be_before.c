/* be_before.c - what a part of a kernel computes from what its caller knows is computed there, and comes with the captures.
 *
 *     part { %5 = mul c, rows; %6 = add %5, 4; %7 = min(T - %5, ..); for i in %5 .. }          part { %5 = load slot 3; for i in %5 .. }
 *
 * Bounds of rows, strides and places of (b, h) in a tensor are a fifth of a part's instructions; the kernel around it, which is generated
 * plainly, computes them once for all of its parts. Only whole numbers and addresses move, which nothing can stop, and loads of what is
 * constant and readable during the call. One operation on values that the part needs anyway stays there: it costs less than a slot.
 */
#include "backend/be_int.h"

/* A type without its context: caller and part may lie in different ones. */
static BeKind kind_of(LT t)
{
    LLVMTypeKind k = LLVMGetTypeKind(t);
    return (BeKind){ k, k == LLVMIntegerTypeKind ? (int)LLVMGetIntTypeWidth(t) : 0 };
}

static LT type_of(Be *be, BeKind k)
{
    switch (k.kind) {
    case LLVMIntegerTypeKind: return LLVMIntTypeInContext(be->cx, (unsigned)k.bits);
    case LLVMPointerTypeKind: return be->ptr;
    case LLVMHalfTypeKind: return be->f16;
    case LLVMFloatTypeKind: return be->f32;
    case LLVMDoubleTypeKind: return be->f64;
    default: return NULL;
    }
}

static bool is_plain_type(Be *be, LT t) { return type_of(be, kind_of(t)) == t; }

typedef struct Before { Em *em; Map refs; VEC(LV) steps; VEC(BeStep) made; uint8_t *needed, *stays; int *slot; } Before;

/* refs: of each instruction that may move, its number + 1 among the steps. */
static int step_of(const Before *b, LV v) { return (int)(intptr_t)map_find(&b->refs, v) - 1; }

/* Slot of the captures that v is loaded from; -1: none. */
static int slot_of(const Before *b, LV v)
{
    int64_t slot = 0;
    if (!LLVMIsALoadInst(v))
        return -1;
    LV p = LLVMGetOperand(v, 0);
    if (p == b->em->env)
        return 0;
    bool in_env = LLVMIsAGetElementPtrInst(p) && LLVMGetOperand(p, 0) == b->em->env && be_const_value(LLVMGetOperand(p, 1), &slot);
    return in_env ? (int)slot : -1;
}

static bool ref_of(const Before *b, LV v, BeRef *ref)
{
    int64_t c;
    int k;
    if (be_const_value(v, &c) && LLVMTypeOf(v) == b->em->be->i64)
        *ref = (BeRef){ REF_const, c };
    else if (v == b->em->call)
        *ref = (BeRef){ REF_call, 0 };
    else if ((k = step_of(b, v)) >= 0)
        *ref = (BeRef){ REF_step, k };
    else
        return false;
    return true;
}

/* Whole numbers and addresses only, and what may be loaded anywhere. */
static bool may_move(Em *em, LV v, LLVMOpcode op, LT t)
{
    Be *be = em->be;
    if (LLVMIsABinaryOperator(v))
        return t == be->i64;
    if (op == LLVMICmp)
        return LLVMTypeOf(LLVMGetOperand(v, 0)) == be->i64;
    if (op == LLVMSelect)
        return t == be->i64 || t == be->ptr;
    if (op == LLVMGetElementPtr)
        return t == be->ptr && is_plain_type(be, LLVMGetGEPSourceElementType(v));
    return map_find(&em->known, v) && is_plain_type(be, t);
}

/* v as a step; false: it stays where it is. */
static bool make_step(Before *b, LV v, BeStep *s)
{
    Em *em = b->em;
    Be *be = em->be;
    LLVMOpcode op = LLVMGetInstructionOpcode(v);
    LT t = LLVMTypeOf(v);
    int slot = slot_of(b, v);
    *s = (BeStep){ .opcode = op, .type = kind_of(t) };
    if (slot >= 0) {
        s->n = 1;
        s->x[0] = (BeRef){ REF_slot, slot };
        return t == be->i64 || t == be->ptr;
    }
    if (!may_move(em, v, op, t))
        return false;
    if (LLVMIsAGetElementPtrInst(v))
        s->type = kind_of(LLVMGetGEPSourceElementType(v));
    if (op == LLVMICmp || op == LLVMLoad)
        s->what = op == LLVMICmp ? (int)LLVMGetICmpPredicate(v) : (int)LLVMGetAlignment(v);
    s->n = LLVMGetNumOperands(v);
    for (int i = 0; i < s->n; i++)
        if (!ref_of(b, LLVMGetOperand(v, (unsigned)i), &s->x[i]))
            return false;
    return true;
}

static void find_steps(Before *b)
{
    BeStep s;
    for (LV v = LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(b->em->fn)); v; v = LLVMGetNextInstruction(v))
        if (!LLVMGetFirstUse(v) || !make_step(b, v, &s))
            continue;
        else {
            vec_push(b->em->be->a, &b->steps, v);
            vec_push(b->em->be->a, &b->made, s);
            map_put(&b->refs, v, (void *)(intptr_t)b->steps.n);
        }
}

static bool used_by_others(const Before *b, LV v)
{
    for (LLVMUseRef u = LLVMGetFirstUse(v); u; u = LLVMGetNextUse(u))
        if (step_of(b, LLVMGetUser(u)) < 0)
            return true;
    return false;
}

/* Worth no slot: a slot itself, a comparison, one operation on what is needed anyway. */
static bool is_near(const Before *b, int k)
{
    const BeStep *s = &b->made.p[k];
    if (s->x[0].kind == REF_slot || s->opcode == LLVMICmp)
        return true;
    if (s->opcode == LLVMLoad)
        return false;
    for (int i = 0; i < s->n; i++)
        if (s->x[i].kind == REF_step && !b->needed[s->x[i].value])
            return false;
    return true;
}

/* What stays, and a slot for what the part needs and does not stay. */
static void choose(Before *b, SameKernel *same)
{
    int n = b->steps.n;
    for (int k = 0; k < n; k++)
        b->needed[k] = used_by_others(b, b->steps.p[k]);
    for (int k = n - 1; k >= 0; k--) {
        const BeStep *s = &b->made.p[k];
        b->stays[k] = b->needed[k] && is_near(b, k);
        b->slot[k] = -1;
        for (int i = 0; i < s->n && b->stays[k]; i++)
            if (s->x[i].kind == REF_step)
                b->needed[s->x[i].value] = true;
        if (b->needed[k] && !b->stays[k])
            b->slot[k] = b->em->captures.n + same->nafter++;
    }
}

/* Steps that slots are computed from, in order, for the caller. */
static void keep_steps(Before *b, SameKernel *same)
{
    Arena *a = b->em->be->a;
    int n = b->steps.n, *number = NEWN(a, int, n + 1);
    bool *wanted = NEWN(a, bool, n + 1);
    for (int k = n - 1; k >= 0; k--) {
        wanted[k] = wanted[k] || b->slot[k] >= 0;
        for (int i = 0; i < b->made.p[k].n && wanted[k]; i++)
            if (b->made.p[k].x[i].kind == REF_step)
                wanted[b->made.p[k].x[i].value] = true;
    }
    same->steps = NEWN(a, BeStep, n + 1);
    for (int k = 0; k < n; k++) {
        if (!wanted[k])
            continue;
        BeStep *s = &same->steps[number[k] = same->nsteps++];
        *s = b->made.p[k];
        s->slot = b->slot[k];
        for (int i = 0; i < s->n; i++)
            if (s->x[i].kind == REF_step)
                s->x[i].value = number[s->x[i].value];
    }
}

static void load_slots(Before *b)
{
    Em *em = b->em;
    Be *be = em->be;
    LLVMPositionBuilderBefore(em->b, LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(em->fn)));
    for (int k = 0; k < b->steps.n; k++) {
        if (b->slot[k] < 0)
            continue;
        LV at = be_int(be, b->slot[k]), p = LLVMBuildGEP2(em->b, be->i128, em->env, &at, 1, "");
        LV v = LLVMBuildLoad2(em->b, LLVMTypeOf(b->steps.p[k]), p, "");
        LLVMSetAlignment(v, 8);
        LLVMReplaceAllUsesWith(b->steps.p[k], v);
        be->written += 2 * BE_HARD;
    }
}

static void erase(Be *be, LV v)
{
    if (!LLVMGetFirstUse(v)) {
        LLVMInstructionEraseFromParent(v);
        be->written -= BE_HARD;
    }
}

static void drop_moved(Before *b)
{
    for (int k = b->steps.n - 1; k >= 0; k--) {
        LV v = b->steps.p[k], p = b->made.p[k].x[0].kind == REF_slot ? LLVMGetOperand(v, 0) : NULL;
        erase(b->em->be, v);
        if (p && LLVMIsAInstruction(p))
            erase(b->em->be, p);
    }
}

/* Slots that the part still reads itself. */
static void see_slots(Before *b, SameKernel *same)
{
    int64_t slot;
    same->read = NEWN(b->em->be->a, bool, b->em->captures.n + 1);
    for (LLVMUseRef u = LLVMGetFirstUse(b->em->env); u; u = LLVMGetNextUse(u)) {
        LV v = LLVMGetUser(u);
        if (!LLVMIsAGetElementPtrInst(v))
            same->read[0] = true;
        else if (be_const_value(LLVMGetOperand(v, 1), &slot) && slot < b->em->captures.n)
            same->read[slot] = true;
    }
}

void be_before(Em *em, SameKernel *same)
{
    Arena *a = em->be->a;
    Before b = { .em = em, .refs = map_new(a) };
    em_drop_idle(em);
    find_steps(&b);
    b.needed = NEWN(a, uint8_t, b.steps.n + 1);
    b.stays = NEWN(a, uint8_t, b.steps.n + 1);
    b.slot = NEWN(a, int, b.steps.n + 1);
    choose(&b, same);
    keep_steps(&b, same);
    load_slots(&b);
    drop_moved(&b);
    see_slots(&b, same);
}

static LV value_of(Em *em, BeRef r, LV *slots, LV *steps)
{
    switch (r.kind) {
    case REF_const: return be_int(em->be, r.value);
    case REF_call: return em->call;
    case REF_slot: return slots[r.value];
    default: return steps[r.value];
    }
}

static LV value_of_step(Em *em, const BeStep *s, LV *slots, LV *steps)
{
    LV x[3];
    for (int i = 0; i < s->n; i++)
        x[i] = value_of(em, s->x[i], slots, steps);
    if (s->x[0].kind == REF_slot)
        return x[0];
    switch (s->opcode) {
    case LLVMICmp: return em_icmp(em, (LLVMIntPredicate)s->what, x[0], x[1]);
    case LLVMSelect: return em_select(em, x[0], x[1], x[2]);
    case LLVMGetElementPtr: return em_gep(em, type_of(em->be, s->type), x[0], x[1]);
    case LLVMLoad: return em_load(em, type_of(em->be, s->type), x[0], (unsigned)s->what, MEM_KNOWN);
    default: return em_bin(em, s->opcode, x[0], x[1]);
    }
}

void be_pass_steps(Em *em, const SameKernel *same, LV *slots, LV env)
{
    LV *steps = NEWN(em->be->a, LV, same->nsteps + 1);
    for (int k = 0; k < same->nsteps; k++) {
        const BeStep *s = &same->steps[k];
        steps[k] = value_of_step(em, s, slots, steps);
        if (s->slot >= 0)
            em_store_early(em, steps[k], em->be->i128, env, s->slot);
    }
}
