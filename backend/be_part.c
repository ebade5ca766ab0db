/* be_part.c - loops of a kernel as functions of their own, and what functions take from outside.
 *
 *     kernel { for block { tfor rows A; tfor rows B } }
 *         void kernel(c, first, last) { ... for block { A(c, env, point); B(c, env, point); } }
 *
 * A kernel of several long loops would hold in registers, all through, what each of them needs: its code is worse and takes longer to
 * generate, in one piece. As functions they are generated side by side, and equal ones of different kernels once.
 *
 * Slot i of env, 16 bytes, is the scalar or the address of a buffer that the function met i-th. Quotients of sizes (D / H, a part of strides)
 * come this way, too: the body divides once a call, a kernel of a small model would spend more on them than on its elements.
 */
#include <stddef.h>

#include "backend/be_int.h"

/* ---- what comes from outside ---------------------------------------------------------------------------------------- */

static bool is_memory(const IrNode *n) { return n->op == OP_buffer || n->type.rank > 0; }

LV be_captured(Em *em, IrNode *n)
{
    int slot = 0;
    while (slot < em->captures.n && em->captures.p[slot] != n)
        slot++;
    if (slot == em->captures.n)
        vec_push(em->be->a, &em->captures, n);
    LV env = em->env ? em->env : be_call_field(em, offsetof(MlcrtCall, locals), em->be->ptr);
    LV p = em_gep(em, em->be->i128, env, be_int(em->be, slot));
    return em_load(em, is_memory(n) ? em->be->ptr : be_mem_type(em->be, n->type.dtype), p, 8, MEM_KNOWN);
}

LV be_captured_quotient(Em *em, Dim d)
{
    IrNode *n = map_find(&em->quotients, d);
    if (!n) {
        n = NEW(em->be->a, IrNode);
        n->op = OP_dim;
        n->type = ir_scalar(DT_i64);
        n->dim = d;
        map_put(&em->quotients, d, n);
    }
    return be_captured(em, n);
}

typedef struct Sizes { const IrFn *from; IrFn *to; } Sizes;

static Dim size_of(void *user, DimSym *s)
{
    const Sizes *z = user;
    for (int i = 0; i < z->from->dims.n; i++)
        if (z->from->dims.p[i] == s)
            return dim_sym(z->to->module->dims, z->to->dims.p[i]);
    return NULL;
}

/* Equal kernels of another function mean its sizes of the same numbers. */
static LV quotient(Em *em, const SameKernel *k, int slot)
{
    Sizes z = { k->ir, em->ir };
    Dim d = k->quotients[slot];
    return be_dim_scalar(em, k->ir == em->ir ? d : dim_subst(em->be->ir->dims, d, size_of, &z));
}

LV be_pass_captures(Em *em, const SameKernel *k, IrNode **outer)
{
    Be *be = em->be;
    if (!k->ncaptures && !k->nafter)
        return NULL;
    LV env = em_alloca(em, LLVMArrayType2(be->i128, (uint64_t)(k->ncaptures + k->nafter)), 16), *slots = NEWN(be->a, LV, k->ncaptures + 1);
    for (int i = 0; i < k->ncaptures; i++) {
        IrNode *x = k->captures[i] < 0 ? NULL : outer[k->captures[i]];
        slots[i] = !x ? quotient(em, k, i) : is_memory(x) ? be_base(em, x) : be_to_mem(em, x->type.dtype, be_val(em, x)->v[0]);
        if (!k->read || k->read[i])
            em_store_early(em, slots[i], be->i128, env, i);
    }
    be_pass_steps(em, k, slots, env);
    return env;
}

bool be_captures(Em *em, SameKernel *same, IrNode **outer)
{
    same->ncaptures = em->captures.n;
    same->captures = NEWN(em->be->a, int, em->captures.n + 1);
    same->quotients = NEWN(em->be->a, Dim, em->captures.n + 1);
    same->ir = em->ir;
    for (int i = 0; i < em->captures.n; i++) {
        int at = 0;
        const IrNode *n = em->captures.p[i];
        if (n->op == OP_dim && map_find(&em->quotients, n->dim) == n) {
            same->captures[i] = -1;
            same->quotients[i] = n->dim;
            continue;
        }
        while (at < same->nouter && outer[at] != em->captures.p[i])
            at++;
        if (at == same->nouter)
            be_fail(em->be, "internal: a kernel uses %%%u, which it does not mention", em->captures.p[i]->id);
        same->captures[i] = at;
    }
    return !em->be->whole->failed;
}

/* ---- parts ------------------------------------------------------------------------------------------------------------ */

enum { LONG = 8, HARD = 8 }; /* nodes; operations besides those of indices */

typedef struct Size { int nodes; double weight; bool loops, own; } Size; /* own: has memory that belongs to the task */

static void measure(void *user, IrNode *n)
{
    Size *s = user;
    s->nodes++;
    s->weight += n->type.dtype == DT_i64 ? 0 : be_weight(n);
    s->loops |= n->op == OP_reduce || n->op == OP_tfor || n->op == OP_for || n->op == OP_while;
    s->own |= n->op == OP_buffer && n->place != PLACE_local;
}

static Size size_of_region(IrRegion *r)
{
    Size s = { 0 };
    ir_walk(r, measure, &s);
    return s;
}

static bool is_long(const IrNode *n)
{
    if (n->op != OP_tfor)
        return false;
    Size s = size_of_region(n->regions[0]);
    return s.loops && s.nodes >= LONG && !s.own;
}

/* In a kernel of parts: loops that compute, too, so that what is left of the kernel need not be fast. */
static bool is_part(const IrNode *n)
{
    if (n->op != OP_tfor)
        return false;
    Size s = size_of_region(n->regions[0]);
    return !s.own && (s.loops || s.weight >= (double)HARD);
}

static int count_parts(const IrRegion *r)
{
    int count = 0;
    for (const IrNode *n = r->first; n; n = n->next) {
        count += is_long(n);
        for (int k = 0; k < n->nregions && n->op != OP_tfor; k++)
            count += count_parts(n->regions[k]);
    }
    return count;
}

bool be_wants_parts(const IrRegion *kernel) { return count_parts(kernel) > 1; }

/* Whether what is not in parts takes little of the time: no reductions, loops that fill or copy only. */
bool be_parts_are_all(const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_reduce || n->op == OP_while)
            return false;
        if (n->op == OP_tfor && !is_part(n)) {
            Size s = size_of_region(n->regions[0]);
            if (s.weight >= (double)HARD || s.own)
                return false;
        }
        for (int k = 0; k < n->nregions && n->op != OP_tfor; k++)
            if (!be_parts_are_all(n->regions[k]))
                return false;
    }
    return true;
}

static void write_part(Em *em, IrNode *n, SameKernel *same, IrNode **outer)
{
    Em p;
    Be *be = be_module_next(em->be);
    same->fn = be_new_name(em);
    em_init(&p, be, em->ir, be_function_new(be, same->fn, be->part_t), em);
    p.kernel = n->regions[0];
    p.env = LLVMGetParam(p.fn, 1);
    p.point = LLVMGetParam(p.fn, 2);
    be_tfor(&p, n);
    be_leave_here(&p);
    same->leaves = p.leave != NULL;
    LLVMPositionBuilderAtEnd(p.b, p.block);
    LLVMBuildRetVoid(p.b);
    be_before(&p, same);
    em_drop(&p);
    be_captures(&p, same, outer);
}

bool be_part(Em *em, IrNode *n)
{
    if (!em->split || em->W || em->R > 1 || em->mask || !is_part(n))
        return false;
    IrNode **outer;
    const char *head = arena_printf(em->be->a, "part %d %d", (int)n->loop, n->factor);
    SameKernel *same = be_same_kernel(em, n->regions[0], head, &outer);
    if (!same->fn)
        write_part(em, n, same, outer);
    if (em->be->whole->failed)
        return true;
    LV env = be_pass_captures(em, same, outer), f = be_function(em->be, same->fn, em->be->part_t);
    LV args[] = { em->call, env ? env : be_zero(em->be->ptr), em->point };
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildCall2(em->b, em->be->part_t, f, args, 3, "");
    if (same->leaves)
        be_leave_if_cancelled(em);
    return true;
}
