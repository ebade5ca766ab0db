/* be_kernel.c - a kernel is a function of its own over a range of grid points.
 *
 *     void kernel(const MlcrtCall *c, i64 first, i64 last)      for p in first .. last: the body at point p
 *     in the body of the function:                              small: kernel(c, 0, n), else rt->parallel(c, kernel, n, grain)
 *
 * Scalars of the body that a kernel uses, and addresses of buffers, lie in an array on the body's stack, whose address is c->locals[0].
 */
#include <stddef.h>
#include <string.h>

#include "backend/be_int.h"

/* ---- grid ------------------------------------------------------------------------------------------------------- */

typedef struct Grid { int n; LV *extent; Val **lo; } Grid;

/* Without the extents of axes before `from`. */
static Grid grid_of(Em *em, IrRegion *r, int from)
{
    Grid g = { r->params.n, NEWN(em->be->a, LV, r->params.n + 1), NEWN(em->be->a, Val *, r->params.n + 1) };
    for (int i = 0; i < g.n; i++) {
        IrNode *x = r->params.p[i];
        g.extent[i] = i < from ? NULL : be_dim_scalar(em, x->dim);
        g.lo[i] = x->lo ? be_dim(em, x->lo) : val_int(em, 0);
    }
    return g;
}

static LV points(Em *em, const Grid *g)
{
    LV n = be_int(em->be, 1), zero = be_int(em->be, 0);
    for (int i = 0; i < g->n; i++) {
        LV e = em_select(em, em_icmp(em, LLVMIntSLT, g->extent[i], zero), zero, g->extent[i]);
        n = em_bin(em, LLVMMul, n, e);
    }
    return n;
}

/* Of numbers that are not negative; b at least 1 wherever there is a point. */
static LV quotient(Em *em, LV a, LV b)
{
    int64_t c;
    LV one = be_int(em->be, 1);
    if (!be_const_value(b, &c) || c < 1)
        b = em_select(em, em_icmp(em, LLVMIntSLT, b, one), one, b);
    return em_bin(em, LLVMUDiv, a, b);
}

/* Places of point p along each axis, by division: once for a range. */
static void places_of(Em *em, const Grid *g, LV p, LV *place)
{
    for (int i = g->n - 1; i > 0; i--) {
        LV q = quotient(em, p, g->extent[i]);
        place[i] = em_bin(em, LLVMSub, p, em_bin(em, LLVMMul, q, g->extent[i]));
        p = q;
    }
    place[0] = p;
}

static void next_place(Em *em, const Grid *g, LV *place)
{
    LV carry = be_int(em->be, 1), zero = be_int(em->be, 0);
    for (int i = g->n - 1; i > 0; i--) {
        LV next = em_bin(em, LLVMAdd, place[i], carry), wraps = em_icmp(em, LLVMIntEQ, next, g->extent[i]);
        place[i] = em_select(em, wraps, zero, next);
        carry = em_cast(em, LLVMZExt, wraps, em->be->i64);
    }
    place[0] = em_bin(em, LLVMAdd, place[0], carry);
}

static bool has_scratch(const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_buffer && n->place == PLACE_scratch)
            return true;
    return false;
}

/* Points of a task at least, so that there are IR_TASKS of them at most. */
static LV task_points(Em *em, LV points)
{
    LV n = be_floordiv(em, em_bin(em, LLVMAdd, points, be_int(em->be, IR_TASKS - 1)), be_int(em->be, IR_TASKS)), one = be_int(em->be, 1);
    return em_select(em, em_icmp(em, LLVMIntSLT, n, one), one, n);
}

static void grid_loop(Em *em, IrRegion *r)
{
    Grid g = grid_of(em, r, 1); /* places are counted along the first axis, which may be of any length (be_same.c) */
    LV *place = NEWN(em->be->a, LV, g.n + 1), first = LLVMGetParam(em->fn, 1), last = LLVMGetParam(em->fn, 2);
    if (has_scratch(r))
        em->task = be_scratch_take(em);
    int carried = g.n > 1 ? g.n : 0;
    if (carried)
        places_of(em, &g, first, place);
    Loop l = em_loop(em, first, last, 1, carried, place);
    em->mem_level = em->scopes.n - 1;
    em->point = l.iv;
    if (g.n == 1)
        place[0] = l.iv;
    for (int i = 0; i < g.n; i++)
        be_set(em, r->params.p[i], val_add(em, g.lo[i], val_scalar(em, DT_i64, place[i])));
    be_region(em, r);
    if (em->task && !em->leave)
        be_leave_if_cancelled(em); /* a point with scratch is long, and there are few tasks */
    if (carried)
        next_place(em, &g, place);
    em_loop_end(em, &l, place);
    be_leave_here(em);
    if (em->task)
        be_scratch_give(em, em->task);
}

const char *be_new_name(Em *em)
{
    return arena_printf(em->be->a, "mlc_%.200s_k%d", em->ir->name ? em->ir->name : "fn", em->be->whole->nkernels++);
}

/* ---- how much work a point is ------------------------------------------------------------------------------------ */

typedef struct Cost { Em *em; IrRegion *kernel; bool first; } Cost; /* first: indices stand for where they begin, else for where they end */

static Dim bound(void *user, DimSym *s)
{
    Cost *c = user;
    DimCx *cx = c->em->be->ir->dims;
    intptr_t tagged = (intptr_t)map_find(c->em->syms, s);
    IrNode *n = (IrNode *)tagged;
    if (!tagged || (tagged & 1) || !ir_inside(n, c->kernel))
        return NULL;
    if (n->op != OP_index)
        return dim_const(cx, 64);
    if (c->first)
        return n->lo ? n->lo : dim_const(cx, 0);
    return n->lo ? dim_add(cx, n->lo, n->dim) : n->dim;
}

static Dim without_indices(Cost *c, Dim d, bool first)
{
    Dim before = NULL;
    c->first = first;
    for (int i = 0; i < 4 && d != before; i++) {
        before = d;
        d = dim_subst(c->em->be->ir->dims, d, bound, c);
    }
    return d;
}

/* Numbers that are known are added and multiplied here, so that the body only does what sizes decide. */
typedef struct Amount { double known; LV rest; } Amount; /* known + rest; rest NULL: 0 */

static LV amount(Em *em, Amount a)
{
    LV known = be_real(em->be->f64, a.known);
    return !a.rest ? known : a.known == 0 ? a.rest : em_bin(em, LLVMFAdd, a.rest, known);
}

static Amount plus(Em *em, Amount a, Amount b)
{
    return (Amount){ a.known + b.known, a.rest && b.rest ? em_bin(em, LLVMFAdd, a.rest, b.rest) : a.rest ? a.rest : b.rest };
}

static Amount times(Em *em, Amount a, Amount b)
{
    if (!a.rest && !b.rest)
        return (Amount){ a.known * b.known, NULL };
    if (!a.rest || !b.rest) {
        Amount of = a.rest ? a : b;
        double by = a.rest ? b.known : a.known;
        return by == 1 ? of : (Amount){ of.known * by, em_bin(em, LLVMFMul, of.rest, be_real(em->be->f64, by)) };
    }
    return (Amount){ 0, em_bin(em, LLVMFMul, amount(em, a), amount(em, b)) };
}

/* What is left of an axis for the last chunk may be nothing, a row of a triangle grows with its number: the larger of both ends. */
static Amount real_extent(Cost *c, IrNode *x)
{
    DimCx *cx = c->em->be->ir->dims;
    LV n = be_dim_scalar(c->em, dim_max(cx, without_indices(c, x->dim, true), without_indices(c, x->dim, false)));
    int64_t k;
    return be_const_value(n, &k) ? (Amount){ (double)k, NULL } : (Amount){ 0, em_cast(c->em, LLVMSIToFP, n, c->em->be->f64) };
}

double be_weight(const IrNode *n)
{
    if (n->op == OP_const || n->op == OP_dim || n->op == OP_yield || n->op == OP_buffer)
        return 0;
    bool math = n->op >= OP_exp && n->op <= OP_sigmoid && n->op != OP_sqrt;
    if (n->op == OP_extern || n->op == OP_random_bits || n->op == OP_key_fold)
        return 60;
    if (n->op == OP_dot16)
        return 1000;
    return !math ? (n->op == OP_div || n->op == OP_mod ? 4 : 1) : n->type.dtype != DT_f64 ? 12 : be_has_f64_math((IrOp)n->op) ? 24 : 60;
}

/* Arithmetic of indices mostly leaves the loops, or is a part of an address. */
static double cost_weight(const IrNode *n) { return n->type.dtype == DT_i64 && ir_is_scalar_op(n) ? 0.125 : be_weight(n); }

/* How often the regions of a node run for one run of the node, in turns of vectors. */
static Amount turns_of(Cost *c, const IrNode *n, IrRegion *r)
{
    Em *em = c->em;
    IrNode *x = r->params.n ? r->params.p[0] : NULL;
    Amount turns = { 1, NULL };
    if (n->op == OP_while || (n->op == OP_for && !(x && x->op == OP_index && x->dim)))
        return (Amount){ 64, NULL };
    if (n->op != OP_reduce && n->op != OP_tfor && n->op != OP_for)
        return turns;
    for (int i = 0; i < (n->op == OP_for ? 1 : r->params.n); i++)
        turns = times(em, turns, real_extent(c, r->params.p[i]));
    if (n->op == OP_tfor && n->loop == LOOP_lanes) /* a vector of floats */
        turns = times(em, turns, (Amount){ 4.0 / em->be->target.vector_bytes, NULL });
    return turns;
}

static Amount cost_of_region(Cost *c, IrRegion *r)
{
    Em *em = c->em;
    Amount sum = { 1, NULL };
    for (IrNode *n = r->first; n; n = n->next) {
        sum.known += cost_weight(n);
        for (int k = 0; k < n->nregions; k++)
            sum = plus(em, sum, times(em, cost_of_region(c, n->regions[k]), turns_of(c, n, n->regions[k])));
    }
    return sum;
}

/* About cycles, two or three times too many where contractions run: their loads and multiply-adds go side by side. */
static LV cost_of(Cost *c, IrRegion *r) { return amount(c->em, cost_of_region(c, r)); }

/* ---- the call ------------------------------------------------------------------------------------------------------ */

enum { WORTH_THREADS = 40000, GRAIN = 20000 }; /* in units of cost_of: a fork and join takes 0.3 us, a thread that must wake more */

/* Points of a task: that take `worth` units, and no less than scratch has room for. */
static LV grain_of(Em *em, LV cost, double worth, LV n, bool scratch)
{
    Be *be = em->be;
    LV grain = em_cast(em, LLVMFPToSI, em_bin(em, LLVMFDiv, be_real(be->f64, worth), cost), be->i64), one = be_int(be, 1);
    grain = em_select(em, em_icmp(em, LLVMIntSLT, grain, one), one, grain);
    if (!scratch)
        return grain;
    LV least = task_points(em, n);
    return em_select(em, em_icmp(em, LLVMIntSLT, grain, least), least, grain);
}

static void call_kernel(Em *em, LV f, LV n)
{
    LV args[] = { em->call, be_int(em->be, 0), n };
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildCall2(em->b, em->be->kernel_t, f, args, 3, "");
}

static void call_parallel(Em *em, LV f, LV n, LV cost, bool scratch)
{
    Be *be = em->be;
    LT p[] = { be->ptr, be->ptr, be->i64, be->i64 };
    LV args[] = { em->call, f, n, grain_of(em, cost, GRAIN, n, scratch) }, parallel = be_rt(em, offsetof(MlcrtRt, parallel));
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildCall2(em->b, LLVMFunctionType(be->none, p, 4, 0), parallel, args, 4, "");
}

static void call(Em *em, IrNode *n, LV f)
{
    Grid g = grid_of(em, n->regions[0], 0);
    LV many = points(em, &g), threads = NULL;
    int64_t c;
    bool one = be_const_value(many, &c) && c <= 1;
    if (has_scratch(n->regions[0]))
        be_scratch_clear(em);
    Cost cost = { .em = em, .kernel = n->regions[0] };
    if (one || em->be->opt->no_parallel) {
        call_kernel(em, f, many);
        return;
    }
    LV each = cost_of(&cost, n->regions[0]);
    LV all = em_bin(em, LLVMFMul, each, em_cast(em, LLVMSIToFP, many, em->be->f64));
    threads = em_fcmp(em, LLVMRealOGE, all, be_real(em->be->f64, WORTH_THREADS));
    threads = em_bin(em, LLVMAnd, threads, em_icmp(em, LLVMIntSGT, many, be_int(em->be, 1)));
    Cond k = em_if(em, threads, 0, NULL);
    call_parallel(em, f, many, each, has_scratch(n->regions[0]));
    em_else(em, &k, NULL);
    call_kernel(em, f, many);
    em_end_if(em, &k, NULL);
}

static void write_kernel(Em *em, IrNode *n, SameKernel *same, IrNode **outer)
{
    Em k;
    bool tiles = be_has_dot16(n->regions[0]), split = !tiles && be_wants_parts(n->regions[0]), plain = split && be_parts_are_all(n->regions[0]);
    Be *be = plain && em->be->plain ? em->be : be_module_next(em->be);
    same->fn = be_new_name(em);
    em_init(&k, be, em->ir, be_function_new(be, same->fn, be->kernel_t), em);
    k.kernel = n->regions[0];
    k.split = split;
    k.plain = plain;
    if (tiles)
        be_dot16_begin(&k);
    if (plain)
        be_attributes_plain(be, k.fn);
    grid_loop(&k, n->regions[0]);
    if (tiles)
        be_dot16_end(&k);
    LLVMPositionBuilderAtEnd(k.b, k.block);
    LLVMBuildRetVoid(k.b);
    em_drop(&k);
    be_captures(&k, same, outer);
}

/* ---- profiles ------------------------------------------------------------------------------------------------------ */

static LV text_constant(Be *be, const char *s)
{
    LV value = LLVMConstStringInContext2(be->cx, s, strlen(s), 0), g = LLVMAddGlobal(be->mod, LLVMTypeOf(value), "");
    LLVMSetInitializer(g, value);
    LLVMSetGlobalConstant(g, 1);
    LLVMSetLinkage(g, LLVMPrivateLinkage);
    return g;
}

static const char *place_text(Em *em, const IrNode *n)
{
    Arena *a = em->be->a;
    const char *name = n->op == OP_sortrow ? "sort" : n->op == OP_copy ? "copy" : n->name ? n->name : "", *fn = em->ir->name ? em->ir->name : "?";
    if (!n->span.file)
        return arena_printf(a, "%s %s", fn, name);
    const Sources *ss = em->be->ir->sources;
    Place p = span_place(ss, n->span), from = span_place(ss, ss->files.p[n->span.file - 1]->from);
    const char *at = arena_printf(a, "%s:%d:%d %s", p.file, p.line, p.column, name);
    return from.line ? arena_printf(a, "%s%sfrom %s:%d:%d", at, *name ? " " : "", from.file, from.line, from.column) : at;
}

void be_mark(Em *em, const IrNode *n, LV bytes)
{
    Be *be = em->be;
    if (!be->opt->profile)
        return;
    LT p[] = { be->ptr, be->ptr, be->i64, be->i64 };
    LV args[] = { em->call, n ? text_constant(be, place_text(em, n)) : LLVMConstNull(be->ptr), be_int(be, 0), bytes ? bytes : be_int(be, 0) };
    bool kernel = n && n->op == OP_kernel;
    if (kernel && n->flops)
        args[2] = be_dim_scalar(em, n->flops);
    if (kernel && n->bytes)
        args[3] = be_dim_scalar(em, n->bytes);
    LV f = be_rt(em, offsetof(MlcrtRt, mark));
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildCall2(em->b, LLVMFunctionType(be->none, p, 4, 0), f, args, 4, "");
}

/* ---- regions ------------------------------------------------------------------------------------------------------- */

enum { PHASE_WORTH = 16000, PHASE_GRAIN = 8000 }; /* as WORTH_THREADS and GRAIN: to go on to the next kernel costs less than to begin */

typedef struct Phase { LV fn, env, n, grain, work; } Phase;

static Phase phase_of(Em *em, IrNode *kernel)
{
    IrNode **outer;
    Be *be = em->be;
    SameKernel *same = be_same_kernel(em, kernel->regions[0], "kernel", &outer);
    if (!same->fn)
        write_kernel(em, kernel, same, outer);
    if (be->whole->failed)
        return (Phase){ 0 };
    Grid g = grid_of(em, kernel->regions[0], 0);
    Cost cost = { .em = em, .kernel = kernel->regions[0] };
    LV n = points(em, &g), each = cost_of(&cost, kernel->regions[0]);
    LV all = em_bin(em, LLVMFMul, each, em_cast(em, LLVMSIToFP, n, be->f64));
    LV worth = em_fcmp(em, LLVMRealOGE, all, be_real(be->f64, PHASE_WORTH));
    LV grain = grain_of(em, each, PHASE_GRAIN, n, has_scratch(kernel->regions[0]));
    Phase p = { be_function(be, same->fn, be->kernel_t), be_pass_captures(em, same, outer), n, em_select(em, worth, grain, n), em_select(em, worth, all, be_real(be->f64, 0)) };
    return p;
}

static void store_phase(Em *em, LV list, int i, const Phase *p, int after)
{
    Be *be = em->be;
    LV words[] = { p->fn, p->env ? p->env : be_zero(be->ptr), p->n, p->grain, be_int(be, after) };
    for (int k = 0; k < 5; k++)
        em_store(em, words[k], em_gep(em, be->i64, list, be_int(be, 5 * i + k)), 8);
}

void be_phases(Em *em, const IrPhases *p)
{
    Be *be = em->be;
    LV list = em_alloca(em, LLVMArrayType2(be->i64, (uint64_t)(5 * p->n)), 16), work = be_real(be->f64, 0);
    for (int i = 0; i < p->n; i++) {
        Phase x = phase_of(em, p->kernel[i]);
        if (be->whole->failed)
            return;
        if (p->choice[i]) {
            LV first = be_val(em, p->choice[i]->in[0])->v[0], no = be_int(be, 0), idle = be_real(be->f64, 0);
            x.n = em_select(em, first, p->side[i] ? no : x.n, p->side[i] ? x.n : no);
            x.work = em_select(em, first, p->side[i] ? idle : x.work, p->side[i] ? x.work : idle);
        }
        store_phase(em, list, i, &x, p->after[i]);
        work = em_bin(em, LLVMFAdd, work, x.work);
    }
    work = em_select(em, em_fcmp(em, LLVMRealOGE, work, be_real(be->f64, 1e15)), be_real(be->f64, 1e15), work);
    LT t[] = { be->ptr, be->ptr, be->i64, be->i64 };
    LV args[] = { em->call, list, be_int(be, p->n), em_cast(em, LLVMFPToSI, work, be->i64) }, f = be_rt(em, offsetof(MlcrtRt, phases));
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildCall2(em->b, LLVMFunctionType(be->none, t, 4, 0), f, args, 4, "");
    be_return_if_stopped(em);
}

void be_kernel(Em *em, IrNode *n)
{
    IrNode **outer;
    SameKernel *same = be_same_kernel(em, n->regions[0], "kernel", &outer);
    if (!same->fn)
        write_kernel(em, n, same, outer);
    if (em->be->whole->failed)
        return;
    LV env = be_pass_captures(em, same, outer);
    if (env)
        em_store(em, env, em_gep(em, em->be->i8, em->call, be_int(em->be, (int64_t)offsetof(MlcrtCall, locals))), 8);
    be_mark(em, NULL, NULL);
    call(em, n, be_function(em->be, same->fn, em->be->kernel_t));
    be_mark(em, n, NULL);
    be_return_if_stopped(em);
}
