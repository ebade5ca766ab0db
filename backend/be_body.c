/* be_body.c - the body of a function, and what stands there beside kernels: copies, results, effects, faults. */
#include <stddef.h>
#include <stdio.h>

#include "backend/be_int.h"

/* ---- faults ------------------------------------------------------------------------------------------------------ */

/* Why the call must end, so far; i8: the byte that has all bits. */
static LV load_stop(Em *em, LT type)
{
    LV p = be_call_field(em, offsetof(MlcrtCall, stop), em->be->ptr);
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LV stop = LLVMBuildLoad2(em->b, type, p, "");
    LLVMSetVolatile(stop, 1);
    return stop;
}

void be_return_if_stopped(Em *em)
{
    Be *be = em->be;
    LV stop = load_stop(em, be->i64);
    LLVMBasicBlockRef out = em_new_block(em, "stopped"), on = em_new_block(em, "on");
    LLVMBuildCondBr(em->b, LLVMBuildICmp(em->b, LLVMIntNE, stop, be_int(be, 0), ""), out, on);
    LLVMPositionBuilderAtEnd(em->b, out);
    LLVMBuildRetVoid(em->b);
    em_go(em, on);
}

/* A fault ends no kernel: the smallest one is wanted. Testing a byte in memory is the shortest code. */
void be_leave_if_cancelled(Em *em)
{
    Be *be = em->be;
    LV why = LLVMBuildAnd(em->b, load_stop(em, be->i8), be_const(be->i8, MLCRT_STOP_CANCEL | MLCRT_STOP_DEADLINE), "");
    LLVMBasicBlockRef on = em_new_block(em, "on");
    if (!em->leave)
        em->leave = em_new_block(em, "leave");
    LLVMBuildCondBr(em->b, LLVMBuildICmp(em->b, LLVMIntNE, why, be_const(be->i8, 0), ""), em->leave, on);
    em_go(em, on);
}

void be_leave_here(Em *em)
{
    if (!em->leave)
        return;
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildBr(em->b, em->leave);
    em_go(em, em->leave);
}

static LV lane_of(Em *em, LV v, LV lane) { return be_lanes_of(v) ? em_extract(em, v, lane) : v; }

static void call_fault(Em *em, int64_t check, LV value, LV extent)
{
    Be *be = em->be;
    LT p[] = { be->ptr, be->i64, be->i64, be->i64, be->i64 };
    LV point = em->point ? em->point : be_int(be, 0), f = be_rt(em, offsetof(MlcrtRt, fault));
    LV args[] = { em->call, be_int(be, check), point, value, extent };
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LV call = LLVMBuildCall2(em->b, LLVMFunctionType(be->none, p, 5, 0), f, args, 5, "");
    be_call_is_cold(be, call); /* registers are saved around it, not in the loop that it stands in */
}

/* The first lane of `bad` reports. */
static void fault_of(Em *em, int64_t check, LV bad, LV value, LV extent)
{
    Be *be = em->be;
    int n = be_lanes_of(bad);
    LV lane = be_int(be, 0);
    if (n) {
        LV x[] = { em_cast(em, LLVMZExt, em_cast(em, LLVMBitCast, bad, LLVMIntTypeInContext(be->cx, (unsigned)n)), be->i64),
                   LLVMConstInt(be->i1, 0, 0) };
        lane = em_intrinsic(em, MOVE_FREE, "llvm.cttz", be->i64, NULL, 2, x);
    }
    call_fault(em, check, lane_of(em, value, lane), lane_of(em, extent, lane));
}

void be_fault(Em *em, int64_t check, Val *bad, Val *value, Val *extent)
{
    bool shared = bad->nr == 1 && bad->nv == 1 && !val_varies(bad) && !val_varies(value) && !val_varies(extent); /* by all that is on, and something is */
    bad = shared ? bad : val_and(em, em->mask, bad);
    LV any = val_any(em, bad);
    if (LLVMIsConstant(any) && LLVMIsNull(any))
        return;
    bool vec = val_varies(bad);
    Cond all = em_if(em, any, 0, NULL);
    for (int r = 0; r < bad->nr; r++)
        for (int j = 0; j < bad->nv; j++) {
            LV b = val_get(em, bad, vec, r, j), v = val_get(em, value, vec, r, j), e = val_get(em, extent, vec, r, j);
            LV one = b;
            if (vec)
                one = em_intrinsic(em, MOVE_FREE, "llvm.vector.reduce.or", LLVMTypeOf(b), NULL, 1, &b);
            Cond c = em_if(em, one, 0, NULL);
            fault_of(em, check, b, v, e);
            em_end_if(em, &c, NULL);
        }
    em_end_if(em, &all, NULL);
}

/* ---- copies, results, effects ---------------------------------------------------------------------------------------- */

static LV elements(Em *em, IrType t, int to)
{
    DimCx *cx = em->be->ir->dims;
    Dim d = dim_const(cx, 1);
    for (int i = 0; i < to; i++)
        d = dim_mul(cx, d, t.dims[i]);
    return be_dim_scalar(em, d);
}

static LV bytes_of(Em *em, IrType t) { return em_bin(em, LLVMMul, elements(em, t, t.rank), be_int(em->be, dtype_bytes(t.dtype))); }

void be_copy(Em *em, IrNode *n)
{
    LV to = be_base(em, n->in[0]), from = be_base(em, n->in[1]);
    LV bytes = bytes_of(em, n->in[0]->type);
    be_mark(em, NULL, NULL);
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildMemMove(em->b, to, 1, from, 1, bytes);
    be_mark(em, n, em_bin(em, LLVMAdd, bytes, bytes));
}

/* A parameter is read where it is used: those that later nodes store are read first, for (a, b) = (b, a). */
void be_setscalar(Em *em, IrNode *n)
{
    for (IrNode *m = n->next; m; m = m->next)
        if (m->op == OP_setscalar && m->in[0]->op == OP_param && !em->vals[m->id])
            be_set(em, m, be_val(em, m->in[0]));
    Val *v = em->vals[n->id] ? em->vals[n->id] : be_val(em, n->in[0]);
    IrFn *fn = em->ir;
    int64_t leaf = n->imm < fn->vars.n ? fn->vars.p[n->imm] : fn->params.n + n->imm - fn->vars.n;
    IrDtype t = n->in[0]->type.dtype;
    em_store(em, be_to_mem(em, t, v->v[0]), be_leaf_pointer(em, leaf), 8);
}

static LV slots(Em *em, int n) { return em_alloca(em, LLVMArrayType2(em->be->i128, (uint64_t)n + 1), 16); }

static void take_result(Em *em, IrNode *value, LV given, int64_t i)
{
    IrDtype t = value->type.dtype;
    LV at = em_gep(em, em->be->i128, given, be_int(em->be, i));
    be_set(em, value, val_scalar(em, t, be_from_mem(em, t, em_load(em, be_mem_type(em->be, t), at, 8, MEM_WRITTEN))));
}

void be_effect(Em *em, IrNode *n)
{
    Be *be = em->be;
    const IrEffect *e = &em->ir->effects.p[n->imm];
    be_return_if_stopped(em); /* what failed before is not shown */
    LV values = slots(em, n->nin), in = slots(em, n->nin), out = slots(em, e->nresults), given = slots(em, e->nresults);
    for (int i = 0; i < n->nin; i++) {
        LV p = em_gep(em, be->i128, values, be_int(be, i));
        if (n->in[i]->op == OP_buffer)
            p = be_base(em, n->in[i]);
        else
            em_store(em, be_to_mem(em, n->in[i]->type.dtype, be_val(em, n->in[i])->v[0]), p, 8);
        em_store(em, p, em_gep(em, be->ptr, in, be_int(be, i)), 8);
    }
    for (int i = 0; i < e->nresults; i++) {
        if (e->results[i].rank)
            be_fail(be, "the effect '%s' gives a tensor: not implemented yet", e->name);
        em_store(em, em_gep(em, be->i128, given, be_int(be, i)), em_gep(em, be->ptr, out, be_int(be, i)), 8);
    }
    LT p[] = { be->ptr, be->i64, be->ptr, be->ptr };
    LV args[] = { em->call, be_int(be, n->imm), in, out }, f = be_rt(em, offsetof(MlcrtRt, effect));
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildCall2(em->b, LLVMFunctionType(be->none, p, 4, 0), f, args, 4, "");
    if (e->nresults == 1)
        take_result(em, n, given, 0);
    for (IrUse *u = n->uses; u; u = u->next)
        if (u->user->op == OP_result)
            take_result(em, u->user, given, u->user->imm);
    be_return_if_stopped(em);
}

void be_sortrow(Em *em, IrNode *n)
{
    Be *be = em->be;
    IrNode *values = n->in[0], *indices = n->in[1], *source = n->in[2];
    int rank = source->type.rank;
    LT p[] = { be->ptr, be->i64, be->ptr, be->i64, be->i64, be->i64, be->i32, be->ptr, be->ptr, be->ptr };
    LV args[] = { em->call, be_int(be, source->type.dtype), be_base(em, source), elements(em, source->type, rank - 1),
                  be_dim_scalar(em, source->type.dims[rank - 1]), be_dim_scalar(em, values->type.dims[rank - 1]),
                  LLVMConstInt(be->i32, n->imm != 0, 0), be_base(em, values), be_base(em, indices), n->nin > 3 ? be_base(em, n->in[3]) : be_zero(be->ptr) };
    LV f = be_rt(em, offsetof(MlcrtRt, sort));
    be_mark(em, NULL, NULL);
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildCall2(em->b, LLVMFunctionType(be->none, p, 10, 0), f, args, 10, "");
    LV first = em_bin(em, LLVMAdd, bytes_of(em, values->type), bytes_of(em, indices->type));
    be_mark(em, n, em_bin(em, LLVMAdd, first, bytes_of(em, source->type)));
    be_return_if_stopped(em);
}

/* ---- a function -------------------------------------------------------------------------------------------------------- */

typedef struct Syms { Be *be; Map *map; } Syms;

static void note_sym(void *user, IrNode *n)
{
    Syms *s = user;
    if (n->sym)
        map_put(s->map, n->sym, n);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < n->regions[k]->params.n; i++) {
            IrNode *p = n->regions[k]->params.p[i];
            if (p->sym)
                map_put(s->map, p->sym, p);
        }
}

static Map *symbols(Be *be, IrFn *fn)
{
    Map *m = NEW(be->a, Map);
    *m = map_new(be->a);
    Syms s = { be, m };
    for (int i = 0; i < fn->dims.n; i++)
        map_put(m, fn->dims.p[i], (void *)(intptr_t)(2 * i + 1));
    for (int i = 0; i < fn->params.n; i++)
        note_sym(&s, fn->params.p[i]);
    ir_walk(fn->body, note_sym, &s);
    return m;
}

/* A loop without a kernel in it, whose own code may be what takes the time. */
static bool has_hot_loop(const IrRegion *r, bool *kernels)
{
    bool hot = false;
    for (const IrNode *n = r->first; n; n = n->next) {
        bool inside = n->op == OP_kernel;
        for (int k = 0; k < n->nregions && n->op != OP_kernel; k++)
            hot |= has_hot_loop(n->regions[k], &inside);
        hot |= (n->op == OP_for || n->op == OP_while) && !inside;
        *kernels |= inside;
    }
    return hot;
}

/* What packs a weight, and the like: all that its code depends on is in the text of be_same.c. */
static bool may_be_shared(const Be *be, const IrFn *fn)
{
    return fn->params.n <= 1 && !fn->vars.n && !fn->effects.n && !fn->checks.n && !be->opt->profile;
}

/* A call of a body that is there already and does the same; false: there is none. */
static bool body_of_another(Em *em, IrFn *fn)
{
    Be *be = em->be;
    IrNode **outer;
    SameKernel *same = may_be_shared(be, fn) ? be_same_kernel(em, fn->body, "body", &outer) : NULL;
    if (!same)
        return false;
    if (!same->fn) {
        same->fn = be_body_symbol(be, fn->name);
        return false;
    }
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildCall2(em->b, be->body_t, be_function(be, same->fn, be->body_t), &em->call, 1, "");
    return true;
}

void be_body(Be *be, IrFn *fn)
{
    Em em;
    bool kernels = false, plain = !has_hot_loop(fn->body, &kernels);
    be = plain || !be->plain ? be : be_module_next(be);
    LV f = be_function_new(be, be_body_symbol(be, fn->name), be->body_t);
    if (!be->tables) /* else reached through the tables; a program may hold several modules */
        LLVMSetVisibility(f, LLVMDefaultVisibility);
    if (plain)
        be_attributes_plain(be, f);
    em_init(&em, be, fn, f, NULL);
    em.plain = plain;
    em.syms = symbols(be, fn);
    if (!body_of_another(&em, fn))
        be_region(&em, fn->body);
    LLVMPositionBuilderAtEnd(em.b, em.block);
    LLVMBuildRetVoid(em.b);
    em_drop(&em);
}
