/* oracle.c - functions whose bodies are the reference interpreter, under the interface of compiled ones.
 *
 *     mlcrt_invoke -- checks, handles, results, as always --> interpret(call) -- leaves --> interp_call
 *
 * So errors at entry, locks, allocation and what an error leaves behind are those of compiled code, word for word. Nothing of the IR is
 * used: rows come from the checked function itself.
 */
#include <string.h>

#include "driver/foreign.h"
#include "driver/script_int.h"
#include "driver/unit.h"
#include "interp/interp.h"
#include "runtime/core_int.h"

/* What tables_* wants to know of a function, without any code. */
static IrFn *skeleton(Unit *u, const CoreFn *fn)
{
    Arena *a = u->arena;
    IrFn *ir = NEW(a, IrFn);
    ir->module = u->ir;
    ir->name = fn->symbol ? fn->symbol : fn->name;
    ir->span = fn->span;
    for (int i = 0; i < fn->dims.n; i++)
        vec_push(a, &ir->dims, fn->dims.p[i]);
    for (int i = 0; i < fn->params.n; i++) {
        IrNode *n = NEW(a, IrNode);
        n->type = fn->params.p[i]->type;
        n->sym = fn->params.p[i]->sym;
        vec_push(a, &ir->params, n);
    }
    for (int i = 0; i < fn->surface.n; i++)
        for (int k = 0; fn->surface.p[i].var && k < fn->surface.p[i].nleaves; k++)
            vec_push(a, &ir->vars, fn->surface.p[i].first + k);
    for (int i = 0; i < fn->results.n; i++)
        vec_push(a, &ir->results, fn->results.p[i]);
    return ir;
}

/* ---- one call ---------------------------------------------------------------------------------------------------------- */

typedef struct Job {
    Mem mem;
    const MlcrtCall *call;
    RtSession *session;
    const TableFn *fn;
    InterpTensor *results;
    InterpError error;
    int status;
} Job;

static bool was_stopped(void *user)
{
    return __atomic_load_n(((const Job *)user)->call->stop, __ATOMIC_RELAXED) != 0;
}

static void shape_of(InterpTensor *t, const IrType *type, void *data, const int64_t *shape)
{
    *t = (InterpTensor){ .dtype = type->dtype, .rank = type->rank, .data = data };
    if (type->rank && shape)
        memcpy(t->shape, shape, (size_t)type->rank * sizeof *shape);
}

/* Header numbers, in the order of the plan's rows; the runtime has bound them. */
static int64_t *numbers_of(Arena *a, const RtFrame *f, const CoreFn *fn)
{
    int64_t *v = NEWN(a, int64_t, fn->plan.n + 1);
    int n = 0;
    for (int i = 0; i < fn->plan.n; i++)
        for (int k = 0; fn->plan.p[i].kind == PLAN_number && k < fn->dims.n; k++)
            if (fn->dims.p[k] == fn->plan.p[i].sym)
                v[n++] = f->call.dims[k];
    return v;
}

static int effect_of(void *user, Arena *a, const CoreEffect *e, InterpTensor *args, int nargs, InterpTensor *results, int nresults)
{
    Job *j = user;
    if (!j->session->effect_user)
        return MLCRT_EINTERNAL;
    (void)a;
    return script_effect(j->session->effect_user, e, args, nargs, results, nresults);
}

static const void *fetch(void *user, void *name)
{
    InterpTensor leaf = { .data = name, .away = true };
    return value_fetch(((const Job *)user)->session->effect_user, &leaf) ? leaf.data : NULL;
}

static const char *foreign_of(void *user, Arena *a, const char *symbol, const InterpTensor *args, int nargs, InterpTensor *result)
{
    return foreign_call(((const Job *)user)->fn->tables->user, a, symbol, args, nargs, result);
}

static bool same_shape(const InterpTensor *t, const int64_t *shape)
{
    for (int i = 0; shape && i < t->rank; i++)
        if (t->shape[i] != shape[i])
            return false;
    return true;
}

static uint64_t bytes_of(const InterpTensor *t)
{
    uint64_t n = (uint64_t)dtype_bytes(t->dtype);
    for (int i = 0; i < t->rank; i++)
        n *= (uint64_t)t->shape[i];
    return n;
}

/* Results go where the caller wants them: `var` leaves in place, then the value's. The shapes of the latter were fixed at entry. */
static void give(Job *j, const CoreFn *fn, const RtFrame *f)
{
    int nvars = j->fn->ir->vars.n;
    for (int i = 0; i < fn->results.n; i++) {
        int leaf = i < nvars ? j->fn->ir->vars.p[i] : fn->params.n + i - nvars;
        const InterpTensor *t = &j->results[i];
        if (i < nvars && !same_shape(t, f->shape[leaf])) {
            j->status = rt_session_fail(j->session, MLCRT_EINTERNAL, rt_nowhere, "the shape of a `var` parameter changed");
            return;
        }
        if (bytes_of(t))
            memcpy(j->call->leaf[leaf], t->data, (size_t)bytes_of(t));
    }
}

static void run(void *arg)
{
    Job *j = arg;
    const RtFrame *f = j->call->state;
    const CoreFn *fn = j->fn->core;
    Arena *a = arena_new(&j->mem);
    InterpTensor *args = NEWN(a, InterpTensor, fn->params.n + 1);
    InterpOptions o = { .dims = f->call.dims, .hooks = { j, effect_of, foreign_of, was_stopped, NULL, NULL, fetch } };
    for (int i = 0; i < fn->params.n; i++)
        shape_of(&args[i], &fn->params.p[i]->type, j->call->leaf[i], f->shape[i]);
    j->results = NEWN(a, InterpTensor, fn->results.n + 1);
    j->status = interp_call(a, fn, args, numbers_of(a, f, fn), j->results, &o, &j->error);
    if (!j->status) {
        give(j, fn, f);
        return;
    }
    if (j->status == MLCRT_ECANCEL && was_stopped(j))
        j->status = MLCRT_OK; /* the flag says whether it was a cancel or a deadline */
    if (!j->status || j->session->error.status)
        return; /* an effect has said why */
    Place p = span_place(j->fn->tables->sources, j->error.span);
    rt_session_fail(j->session, j->status, (RtPlace){ p.file, NULL, p.line, p.column, -1 }, "%s", j->error.text);
}

static void interpret(MlcrtCall *call)
{
    RtFrame *f = call->state;
    Job j = { .call = call, .session = f->session, .fn = (const TableFn *)f->fn };
    const Unit *u = j.fn->tables->user;
    mem_init(&j.mem, u->mem->hooks, 0);
    if (!mem_try(&j.mem, run, &j))
        j.status = rt_session_fail(j.session, MLCRT_EMEMORY, rt_nowhere, "out of memory in the interpreter");
    mem_drop(&j.mem);
    if (!j.status)
        return;
    j.session->effect_status = j.status;
    __atomic_fetch_or(call->stop, MLCRT_STOP_FAULT, __ATOMIC_RELAXED);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------------- */

static Tables *tables_of(Unit *u)
{
    if (u->oracle)
        return u->oracle;
    Tables *t = tables_new(u->arena, u->sources, u->dims);
    t->body = interpret;
    t->user = u;
    tables_module(t, "program", "interpreter", 0);
    return u->oracle = t;
}

static bool add(Unit *u, CoreFn *fn)
{
    Tables *t = tables_of(u);
    if (!unit_usable(u, fn) || !foreign_found(u, fn))
        return false;
    if (!map_find(&t->tiles, fn))
        map_put(&t->tiles, fn, skeleton(u, fn));
    return true;
}

static void add_inits(Unit *u, const CoreFn *fn)
{
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreSty *s = fn->surface.p[i].sty;
        if (s->kind == STY_struct && s->strct->init && !s->strct->init->failed)
            add(u, s->strct->init);
    }
}

MlcrtFn *oracle_function(Unit *u, CoreFn *fn)
{
    if (!add(u, fn))
        return NULL;
    add_inits(u, fn);
    return tables_fn(u->oracle, fn, true);
}

MlcrtFn *oracle_statement(Unit *u, CoreFn *fn)
{
    return add(u, fn) ? tables_statement(u->oracle, fn) : NULL;
}

MlcrtStruct *oracle_struct(Unit *u, CoreStruct *s)
{
    tables_of(u);
    if (s->init && !s->init->failed)
        add(u, s->init);
    return tables_struct(u->oracle, s);
}
