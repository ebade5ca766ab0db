/* invoke.c - one call: check, prepare, run, and write back what only success may change.
 *
 *     module    the same interface, a processor that can run it
 *     bind      args.c: arguments to leaves        plan.c: leaves to dims, obligations
 *     memory    prepared tensors, arena, results (all of it at entry; none after the first like call)
 *     body      with our floating point state; the smallest fault is the error
 *     commit    scalars and new results, on success only
 */
#include <string.h>

#include "core_int.h"

static void run_effect(const MlcrtCall *c, int64_t number, void **in, void **out)
{
    RtSession *s = ((RtFrame *)c->state)->session;
    if (s->effect_status)
        return;
    s->effect_status = s->effect ? s->effect(s->effect_user, c, number, in, out) : MLCRT_EINTERNAL;
    if (s->effect_status)
        __atomic_fetch_or(c->stop, MLCRT_STOP_FAULT, __ATOMIC_RELAXED);
}

static void mark(const MlcrtCall *c, const char *where, int64_t flops, int64_t bytes)
{
    RtSession *s = ((RtFrame *)c->state)->session;
    if (s->mark)
        s->mark(s->mark_user, where, flops, bytes);
}

const MlcrtRt rt_table = {
    .parallel = rt_parallel,
    .phases = rt_phases,
    .fault = rt_fault,
    .effect = run_effect,
    .math1 = rt_math1,
    .math2 = rt_math2,
    .sort = rt_sort_rows,
    .mark = mark,
};

MlcrtStatus rt_module_check(RtSession *s, const MlcrtModule *m)
{
    MlcrtContext *c = s->context;
    if (!m)
        return rt_session_fail(s, MLCRT_EVERSION, rt_nowhere, "the function belongs to no module");
    if (m->abi != MLCRT_ABI || m->size != sizeof *m)
        return rt_session_fail(s, MLCRT_EVERSION, rt_nowhere, "module '%s' has interface version %u, the runtime has %u: compile it again",
                               m->abi <= MLCRT_ABI && m->name ? m->name : "?", m->abi, (unsigned)MLCRT_ABI);
    if (m->features & ~c->features)
        return rt_session_fail(s, MLCRT_ECPU, rt_nowhere, "module '%s' was compiled for '%s', but this processor lacks %s", m->name,
                               m->target ? m->target : "?", rt_cpu_missing(m->features & ~c->features));
    uint64_t amx = m->features & (MLCRT_CPU_AMX_BF16 | MLCRT_CPU_AMX_INT8);
    if (amx && !atomic_load(&c->allowed)) {
        if (!rt_cpu_allow(amx))
            return rt_session_fail(s, MLCRT_ECPU, rt_nowhere, "module '%s' needs AMX, which the system does not allow", m->name);
        atomic_store(&c->allowed, amx);
    }
    return MLCRT_OK;
}

/* The flags are looked at after `stop` is cleared, and are set before `stop` is: a cancel is seen in one of them. */
static MlcrtStatus may_start(RtSession *s, RtFrame *f)
{
    __atomic_store_n(&f->stop, 0, __ATOMIC_SEQ_CST);
    if (atomic_load(&s->cancelled)) {
        atomic_store(&s->cancelled, 0);
        return rt_session_fail(s, MLCRT_ECANCEL, rt_nowhere, "the call was cancelled before it began");
    }
    int64_t deadline = atomic_load(&s->deadline);
    if (deadline && rt_now() >= deadline)
        return rt_session_fail(s, MLCRT_EDEADLINE, rt_nowhere, "the deadline had passed before the call began");
    if (deadline)
        rt_watch_again(s->context, s);
    return MLCRT_OK;
}

static MlcrtStatus why_stopped(RtSession *s, RtFrame *f, int64_t stop)
{
    if (s->effect_status)
        return s->error.status ? s->error.status
                               : rt_session_fail(s, s->effect_status, rt_nowhere, "%s", rt_status_text(s->effect_status));
    if (stop & MLCRT_STOP_FAULT)
        return rt_fault_report(s, f);
    if (stop & MLCRT_STOP_CANCEL) {
        atomic_store(&s->cancelled, 0);
        return rt_session_fail(s, MLCRT_ECANCEL, rt_nowhere, "the call was cancelled");
    }
    return rt_session_fail(s, MLCRT_EDEADLINE, rt_nowhere, "the deadline passed during the call");
}

MlcrtStatus rt_frame_body(RtSession *s, RtFrame *f)
{
    MlcrtStatus status = may_start(s, f);
    if (status)
        return status;
    uint32_t mode = rt_mxcsr_get();
    if (mode != RT_MXCSR)
        rt_mxcsr_set(RT_MXCSR);
    f->fn->body(&f->call);
    rt_mxcsr_set(mode);
    int64_t stop = __atomic_load_n(&f->stop, __ATOMIC_ACQUIRE);
    return stop ? why_stopped(s, f, stop) : MLCRT_OK;
}

/* All that may fail before the body, once the arguments are bound. */
static MlcrtStatus enter(RtSession *s, RtFrame *f, void *const *args)
{
    MlcrtStatus status = rt_plan_run(s, f);
    if (!status && f->fn->npreps)
        status = rt_prep_bind(s, f);
    if (!status)
        status = rt_frame_arena(s, f);
    if (!status)
        status = rt_args_results(s, f, args);
    return !status && f->beside ? rt_frame_blank(s, f) : status;
}

/* Some model has something prepared of which nobody has asked yet what it stands for. */
static bool has_fresh(const RtFrame *f)
{
    for (int32_t i = 0; i < f->fn->nparams && f->fn->npreps; i++) {
        const MlcrtParam *p = &f->fn->params[i];
        bool model = p->kind == MLCRT_PARAM_HANDLE && !(p->flags & (MLCRT_VAR | MLCRT_RESULT));
        if (model && atomic_load_explicit(&f->box[i]->fresh, memory_order_relaxed))
            return true;
    }
    return false;
}

static MlcrtStatus call(RtSession *s, const MlcrtFn *fn, void *const *args, bool *fresh)
{
    RtFrame *f = &s->frame;
    MlcrtStatus status = rt_module_check(s, fn->module);
    if (!status)
        status = rt_frame_reserve(s, f, fn);
    if (status)
        return status;
    s->effect_status = MLCRT_OK;
    if (!fn->body)
        return rt_session_fail(s, MLCRT_EINTERNAL, rt_nowhere, "'%s' has no code", fn->name);
    status = rt_args_bind(s, f, args);
    if (!status) {
        status = enter(s, f, args);
        if (!status)
            status = rt_frame_body(s, f);
        if (!status)
            status = rt_args_finish(s, f);
        if (status)
            rt_args_undo(s, f, args);
        else
            rt_args_commit(f, args);
        *fresh = !status && has_fresh(f);
    }
    rt_args_leave(f);
    return status;
}

MlcrtStatus mlcrt_invoke(MlcrtSession *session, const MlcrtFn *fn, void *const *args)
{
    MlcrtStatus status;
    bool fresh = false;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    if (!fn || (!args && fn->nparams))
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the function or its list of arguments is NULL");
    else
        status = call(s, fn, args, &fresh);
    rt_session_leave(s);
    if (fresh)
        rt_prep_settle(fn, args);
    return status;
}
