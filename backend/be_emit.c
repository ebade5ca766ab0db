/* be_emit.c - instructions, each in the outermost scope where its operands exist, equal ones once.
 *
 *     scope 0   entry            off = mul i, K          <- moved here from the loop over k
 *     scope 1   loop over k      p = gep x, off; q = gep p, k
 *
 * A scope is a loop body or a branch. While a deeper scope is open, code of an outer one is put before its `anchor`, the jump into
 * the deeper scope. A loop that may run zero times is a branch scope around a loop scope, so what moves to just before the loop runs
 * only if the loop does.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/be_int.h"

typedef enum Kind { I_BIN, I_ICMP, I_FCMP, I_SELECT, I_CAST, I_FNEG, I_GEP, I_EXTRACT, I_INSERT, I_SHUFFLE, I_CALL, I_LOAD } Kind;

typedef struct Inst { Kind kind; int op, n; LT type; LV x[7]; } Inst;

struct Cse { Inst i; LV v; int level; uint32_t stamp; };

void em_init(Em *em, Be *be, IrFn *fn, LV llvm_fn, Em *outer)
{
    memset(em, 0, sizeof *em);
    em->be = be;
    em->ir = fn;
    em->fn = llvm_fn;
    em->call = LLVMGetParam(llvm_fn, 0);
    em->levels = map_new(be->a);
    em->bases = map_new(be->a);
    em->turns = map_new(be->a);
    em->quotients = map_new(be->a);
    em->known = map_new(be->a);
    em->turn = -1;
    em->outer = outer;
    em->vals = outer ? outer->vals : NEWN(be->a, Val *, fn->next_id + 1); /* nodes of a kernel are its own: the ids differ */
    em->dep = outer ? outer->dep : NEWN(be->a, uint8_t, fn->next_id + 1);
    em->syms = outer ? outer->syms : NULL;
    em->R = em->V = 1;
    vec_push(be->a, &be->whole->builders, NULL);
    em->b = vec_last(&be->whole->builders) = LLVMCreateBuilderInContext(be->cx);
    em->block = LLVMAppendBasicBlockInContext(be->cx, llvm_fn, "entry");
    em_open(em, false, NULL);
    be->open++;
}

/* Sums whose constant went elsewhere, what a choice that was decided would have needed. */
static bool is_idle(LV v)
{
    LLVMOpcode op = LLVMGetInstructionOpcode(v);
    bool plain = LLVMIsABinaryOperator(v) || LLVMIsACastInst(v) || LLVMIsACmpInst(v) || LLVMIsAGetElementPtrInst(v);
    return !LLVMGetFirstUse(v) && (plain || op == LLVMSelect || op == LLVMExtractElement || op == LLVMInsertElement || op == LLVMShuffleVector);
}

/* Uses mostly come later, in a later block: from the end to the beginning. */
void em_drop_idle(Em *em)
{
    for (LLVMBasicBlockRef b = LLVMGetLastBasicBlock(em->fn); b; b = LLVMGetPreviousBasicBlock(b))
        for (LV v = LLVMGetLastInstruction(b), before; v; v = before) {
            before = LLVMGetPreviousInstruction(v);
            if (is_idle(v)) {
                LLVMInstructionEraseFromParent(v);
                em->be->written -= em->plain ? 1 : BE_HARD;
            }
        }
}

void em_drop(Em *em)
{
    if (!em->env)
        em_drop_idle(em); /* of a part be_before.c did */
    LLVMDisposeBuilder(em->b);
    em->be->whole->builders.n--;
    em->b = NULL;
    em->be->open--;
    be_send_complete(em->be);
}

/* ---- scopes ------------------------------------------------------------------------------------------------ */

static int depth(const Em *em) { return em->scopes.n - 1; }

void em_open(Em *em, bool branch, LV anchor)
{
    if (em->scopes.n)
        vec_last(&em->scopes).anchor = anchor;
    Scope s = { .branch = branch, .stamp = ++em->stamps };
    vec_push(em->be->a, &em->scopes, s);
}

void em_close(Em *em)
{
    em->scopes.n--;
    vec_last(&em->scopes).anchor = NULL;
}

int em_level(Em *em, LV v)
{
    return LLVMIsConstant(v) ? 0 : (int)(intptr_t)map_find(&em->levels, v);
}

static void set_level(Em *em, LV v, int level)
{
    if (level > 0)
        map_put(&em->levels, v, (void *)(intptr_t)level);
}

LV em_raw(Em *em, LV v)
{
    set_level(em, v, depth(em));
    return v;
}

static int branch_level(const Em *em)
{
    int l = depth(em);
    while (l > 0 && !em->scopes.p[l].branch)
        l--;
    return l;
}

static int seldom_level(const Em *em)
{
    int l = depth(em);
    while (l > 0 && !em->scopes.p[l].seldom)
        l--;
    return l;
}

static void place_at(Em *em, int level)
{
    if (level == depth(em))
        LLVMPositionBuilderAtEnd(em->b, em->block);
    else
        LLVMPositionBuilderBefore(em->b, em->scopes.p[level].anchor);
}

LLVMBasicBlockRef em_new_block(Em *em, const char *name)
{
    return LLVMAppendBasicBlockInContext(em->be->cx, em->fn, name);
}

void em_go(Em *em, LLVMBasicBlockRef b)
{
    em->block = b;
    LLVMPositionBuilderAtEnd(em->b, b);
}

/* ---- equal instructions --------------------------------------------------------------------------------------- */

static uint64_t hash_inst(const Inst *i)
{
    uint64_t h = (uint64_t)i->kind * 31 + (uint64_t)i->op;
    h = h * 0x9E3779B97F4A7C15u + (uintptr_t)i->type;
    for (int k = 0; k < i->n; k++)
        h = (h ^ (h >> 29)) * 0x9E3779B97F4A7C15u + (uintptr_t)i->x[k];
    return h ^ (h >> 32);
}

static bool same_inst(const Inst *a, const Inst *b)
{
    return a->kind == b->kind && a->op == b->op && a->n == b->n && a->type == b->type &&
           memcmp(a->x, b->x, sizeof(LV) * (size_t)a->n) == 0;
}

static struct Cse *cse_slot(Em *em, const Inst *i)
{
    uint64_t mask = (uint64_t)em->cse_cap - 1;
    for (uint64_t h = hash_inst(i) & mask;; h = (h + 1) & mask)
        if (!em->cse[h].v || same_inst(&em->cse[h].i, i))
            return &em->cse[h];
}

static void cse_grow(Em *em)
{
    struct Cse *old = em->cse;
    int cap = em->cse_cap;
    em->cse_cap = cap ? cap * 2 : 256;
    em->cse = NEWN(em->be->a, struct Cse, em->cse_cap);
    for (int k = 0; k < cap; k++)
        if (old[k].v)
            *cse_slot(em, &old[k].i) = old[k];
}

static bool in_sight(const Em *em, const struct Cse *c)
{
    return c->v && c->level < em->scopes.n && em->scopes.p[c->level].stamp == c->stamp;
}

static LV build(Em *em, const Inst *i)
{
    LLVMBuilderRef b = em->b;
    const LV *x = i->x;
    switch (i->kind) {
    case I_BIN: return LLVMBuildBinOp(b, (LLVMOpcode)i->op, x[0], x[1], "");
    case I_ICMP: return LLVMBuildICmp(b, (LLVMIntPredicate)i->op, x[0], x[1], "");
    case I_FCMP: return LLVMBuildFCmp(b, (LLVMRealPredicate)i->op, x[0], x[1], "");
    case I_SELECT: return LLVMBuildSelect(b, x[0], x[1], x[2], "");
    case I_CAST: return LLVMBuildCast(b, (LLVMOpcode)i->op, x[0], i->type, "");
    case I_FNEG: return LLVMBuildFNeg(b, x[0], "");
    case I_GEP: return LLVMBuildGEP2(b, i->type, x[0], (LV *)&x[1], 1, "");
    case I_EXTRACT: return LLVMBuildExtractElement(b, x[0], x[1], "");
    case I_INSERT: return LLVMBuildInsertElement(b, x[0], x[1], x[2], "");
    case I_SHUFFLE: return LLVMBuildShuffleVector(b, x[0], x[1], x[2], "");
    case I_CALL: return LLVMBuildCall2(b, i->type, x[0], (LV *)&x[1], (unsigned)i->n - 1, "");
    case I_LOAD: break;
    }
    LV v = LLVMBuildLoad2(b, i->type, x[0], "");
    LLVMSetAlignment(v, (unsigned)i->op);
    return v;
}

/* lowest: the outermost scope it may go to, besides what its operands say. */
static LV put(Em *em, const Inst *i, int lowest, bool share)
{
    if (share) {
        if (em->ncse * 2 >= em->cse_cap)
            cse_grow(em);
        struct Cse *c = cse_slot(em, i);
        if (in_sight(em, c))
            return c->v;
    }
    int level = lowest > seldom_level(em) ? lowest : seldom_level(em);
    for (int k = 0; k < i->n; k++) {
        int l = em_level(em, i->x[k]);
        level = l > level ? l : level;
    }
    place_at(em, level);
    LV v = build(em, i);
    if (LLVMIsConstant(v))
        return v;
    em->be->written += em->plain ? 1 : BE_HARD;
    set_level(em, v, level);
    if (share) {
        struct Cse *c = cse_slot(em, i);
        em->ncse += !c->v;
        *c = (struct Cse){ *i, v, level, em->scopes.p[level].stamp };
    }
    return v;
}

static int lowest_of(const Em *em, Move m)
{
    int safe = branch_level(em);
    return m == MOVE_FREE ? 0 : m == MOVE_SAFE ? safe : m == MOVE_NONE ? depth(em) : em->mem_level > safe ? em->mem_level : safe;
}

/* ---- instructions ------------------------------------------------------------------------------------------------ */

static bool is_int_const(LV v, int64_t want)
{
    int64_t c;
    return be_const_value(v, &c) && c == want;
}

/* x = rest + *c with a constant that is not 0; else x itself, *c 0. */
static LV apart(LV x, int64_t *c)
{
    *c = 0;
    if (!LLVMIsAInstruction(x) || LLVMGetInstructionOpcode(x) != LLVMAdd || !be_const_value(LLVMGetOperand(x, 1), c))
        return x;
    return LLVMGetOperand(x, 0);
}

/* p = base + *d elements, a constant; else p itself, *d 0. */
static LV base_of(LT elem, LV p, int64_t *d)
{
    *d = 0;
    if (!LLVMIsAGetElementPtrInst(p) || LLVMGetGEPSourceElementType(p) != elem || !be_const_value(LLVMGetOperand(p, 1), d))
        return p;
    return LLVMGetOperand(p, 0);
}

/* Constants go to the end of sums and products: rows of a block, whose places lie constants apart, share all else, and of an address the
 * constant is a part of the instruction that loads. Not where that would move a sum into a deeper loop. NULL: nothing to move. */
static LV constant_last(Em *em, LLVMOpcode op, LV a, LV b)
{
    int64_t ca, cb, k;
    LT t = LLVMTypeOf(a);
    if (op == LLVMSub && t == em->be->i64 && LLVMIsAInstruction(a) && LLVMGetInstructionOpcode(a) == LLVMAdd) /* (b + n) - b */
        for (unsigned i = 0; i < 2; i++)
            if (LLVMGetOperand(a, i) == b)
                return LLVMGetOperand(a, 1 - i);
    if (t != em->be->i64 || (op != LLVMAdd && op != LLVMSub && op != LLVMMul))
        return NULL;
    LV x = apart(a, &ca), y = apart(b, &cb);
    if (be_const_value(b, &k)) {
        uint64_t c = (uint64_t)ca, d = (uint64_t)k;
        if (op == LLVMMul)
            return ca ? em_bin(em, LLVMAdd, em_bin(em, LLVMMul, x, b), be_int(em->be, (int64_t)(c * d))) : NULL;
        return ca || op == LLVMSub ? em_bin(em, LLVMAdd, x, be_int(em->be, (int64_t)(op == LLVMAdd ? c + d : c - d))) : NULL;
    }
    if (op == LLVMMul || LLVMIsConstant(a))
        return NULL;
    ca = ca && em_level(em, x) >= em_level(em, b) ? ca : 0;
    cb = cb && em_level(em, y) >= em_level(em, ca ? x : a) ? cb : 0;
    if (!ca && !cb)
        return NULL;
    uint64_t c = op == LLVMAdd ? (uint64_t)ca + (uint64_t)cb : (uint64_t)ca - (uint64_t)cb;
    return em_bin(em, LLVMAdd, em_bin(em, op, ca ? x : a, cb ? y : b), be_int(em->be, (int64_t)c));
}

LV em_bin(Em *em, LLVMOpcode op, LV a, LV b)
{
    bool commutes = op == LLVMAdd || op == LLVMMul || op == LLVMAnd || op == LLVMOr || op == LLVMXor;
    if (commutes && LLVMIsConstant(a) && !LLVMIsConstant(b)) {
        LV t = a;
        a = b;
        b = t;
    }
    if ((op == LLVMAdd || op == LLVMSub || op == LLVMOr || op == LLVMShl || op == LLVMLShr || op == LLVMAShr || op == LLVMXor) &&
        LLVMIsConstant(b) && LLVMIsNull(b))
        return a;
    if (op == LLVMMul && is_int_const(b, 1))
        return a;
    if ((op == LLVMMul || op == LLVMAnd) && LLVMIsConstant(b) && LLVMIsNull(b))
        return b;
    if (op == LLVMSub && a == b)
        return be_zero(LLVMTypeOf(a));
    LV moved = constant_last(em, op, a, b);
    if (moved)
        return moved;
    Inst i = { I_BIN, (int)op, 2, NULL, { a, b } }; /* divisors are never 0 or -1 here, see be_floordiv: nothing traps */
    return put(em, &i, 0, true);
}

LV em_icmp(Em *em, LLVMIntPredicate p, LV a, LV b)
{
    Inst i = { I_ICMP, (int)p, 2, NULL, { a, b } };
    return put(em, &i, 0, true);
}

LV em_fcmp(Em *em, LLVMRealPredicate p, LV a, LV b)
{
    Inst i = { I_FCMP, (int)p, 2, NULL, { a, b } };
    return put(em, &i, 0, true);
}

LV em_select(Em *em, LV c, LV a, LV b)
{
    if (a == b)
        return a;
    if (LLVMIsAConstantInt(c))
        return LLVMConstIntGetZExtValue(c) ? a : b;
    Inst i = { I_SELECT, 0, 3, NULL, { c, a, b } };
    return put(em, &i, 0, true);
}

LV em_cast(Em *em, LLVMOpcode op, LV x, LT to)
{
    if (LLVMTypeOf(x) == to)
        return x;
    Inst i = { I_CAST, (int)op, 1, to, { x } };
    return put(em, &i, 0, true);
}

LV em_fneg(Em *em, LV x)
{
    Inst i = { I_FNEG, 0, 1, NULL, { x } };
    return put(em, &i, 0, true);
}

LV em_gep(Em *em, LT elem, LV p, LV x)
{
    if (is_int_const(x, 0))
        return p;
    int64_t c, d;
    LV rest = apart(x, &c), base = base_of(elem, p, &d);
    bool known = be_const_value(x, &c) && LLVMTypeOf(x) == em->be->i64;
    if (known && d)
        return em_gep(em, elem, base, be_int(em->be, (int64_t)((uint64_t)c + (uint64_t)d)));
    if (!known && LLVMTypeOf(x) == em->be->i64 && (rest != x || d))
        return em_gep(em, elem, em_gep(em, elem, base, rest), be_int(em->be, (int64_t)((rest != x ? (uint64_t)c : 0) + (uint64_t)d)));
    Inst i = { I_GEP, 0, 2, elem, { p, x } };
    return put(em, &i, 0, true);
}

LV em_extract(Em *em, LV v, LV x)
{
    Inst i = { I_EXTRACT, 0, 2, NULL, { v, x } };
    return put(em, &i, 0, true);
}

LV em_insert(Em *em, LV v, LV x, LV at)
{
    Inst i = { I_INSERT, 0, 3, NULL, { v, x, at } };
    return put(em, &i, 0, true);
}

LV em_shuffle(Em *em, LV a, LV b, LV mask)
{
    Inst i = { I_SHUFFLE, 0, 3, NULL, { a, b, mask } };
    return put(em, &i, 0, true);
}

LV em_splat(Em *em, LV x, int lanes)
{
    LT t = be_vector(LLVMTypeOf(x), lanes);
    if (LLVMIsConstant(x)) {
        LV v[64];
        for (int k = 0; k < lanes; k++)
            v[k] = x;
        return LLVMConstVector(v, (unsigned)lanes);
    }
    LV poison = LLVMGetPoison(t), first = em_insert(em, poison, x, be_int(em->be, 0));
    return em_shuffle(em, first, poison, be_zero(be_vector(em->be->i32, lanes)));
}

LV em_callptr(Em *em, Move m, LT type, LV f, int n, LV *x)
{
    Inst i = { I_CALL, 0, n + 1, type, { f } };
    if (n)
        memcpy(&i.x[1], x, sizeof(LV) * (size_t)n);
    return put(em, &i, lowest_of(em, m), m <= MOVE_SAFE);
}

LV em_intrinsic(Em *em, Move m, const char *name, LT overload, LT overload2, int n, LV *x)
{
    LT o[] = { overload, overload2 };
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name)), no = overload2 ? 2 : overload ? 1 : 0;
    LV f = LLVMGetIntrinsicDeclaration(em->be->mod, id, o, no);
    return em_callptr(em, m, LLVMIntrinsicGetType(em->be->cx, id, o, no), f, n, x);
}

LV em_load(Em *em, LT t, LV p, unsigned align, MemKind kind)
{
    Inst i = { I_LOAD, (int)align, 1, t, { p } };
    Move m = kind == MEM_KNOWN ? MOVE_FREE : kind == MEM_CONSTANT ? MOVE_SAFE : MOVE_READ;
    LV v = put(em, &i, lowest_of(em, m), kind != MEM_WRITTEN);
    if (kind == MEM_KNOWN && em->env)
        map_put(&em->known, v, v);
    return v;
}

LV em_load_now(Em *em, LT t, LV p)
{
    place_at(em, depth(em));
    LV v = LLVMBuildLoad2(em->b, t, p, "");
    LLVMSetAlignment(v, 4);
    return em_raw(em, v);
}

void em_store(Em *em, LV v, LV p, unsigned align)
{
    place_at(em, depth(em));
    LLVMSetAlignment(LLVMBuildStore(em->b, v, p), align);
}

void em_store_early(Em *em, LV v, LT slot, LV p, int64_t i)
{
    int level = em_level(em, v);
    place_at(em, level);
    LV x = be_int(em->be, i);
    LLVMSetAlignment(LLVMBuildStore(em->b, v, i ? LLVMBuildGEP2(em->b, slot, p, &x, 1, "") : p), 8);
    em->be->written += em->plain ? 2 : 2 * BE_HARD;
}

/* Allocas stand in the entry block, once per call of the function. */
LV em_alloca(Em *em, LT t, unsigned align)
{
    LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(em->fn);
    LV first = LLVMGetFirstInstruction(entry);
    if (first)
        LLVMPositionBuilderBefore(em->b, first);
    else
        LLVMPositionBuilderAtEnd(em->b, entry);
    LV v = LLVMBuildAlloca(em->b, t, "");
    LLVMSetAlignment(v, align);
    LLVMPositionBuilderAtEnd(em->b, em->block);
    return v;
}
