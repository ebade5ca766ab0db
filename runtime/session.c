/* session.c - sessions: one thread's scratch memory, error, cancel flag and deadline. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core_int.h"

const RtPlace rt_nowhere = { NULL, NULL, 0, 0, -1 };

static const MlcrtError no_session = { .status = MLCRT_EARG, .position = -1, .sentence = "the session is NULL or freed" };

static void drop_details(RtSession *s)
{
    rt_free(&s->context->counted, s->details, s->details_size, 1);
    s->details = NULL;
    s->details_size = 0;
}

static void drop_session(MlcrtContext *c, void *contents)
{
    RtSession *s = contents;
    rt_watch_set(c, s, 0);
    rt_frame_drop(c, &s->frame);
    drop_details(s);
    rt_free(&c->counted, s, 1, sizeof *s);
}

MlcrtStatus mlcrt_session_new(MlcrtContext *c, MlcrtSession **session)
{
    if (session)
        *session = NULL;
    if (!session || !rt_context_is(c))
        return MLCRT_EARG;
    RtSession *s = rt_alloc(&c->counted, 1, sizeof *s);
    if (!s)
        return MLCRT_EMEMORY;
    memset(s, 0, sizeof *s);
    s->context = c;
    s->frame.session = s;
    s->error = (MlcrtError){ .position = -1, .sentence = "" };
    s->slot = rt_slot_new(c, RT_SESSION, s, drop_session);
    if (!s->slot) {
        rt_free(&c->counted, s, 1, sizeof *s);
        return MLCRT_EMEMORY;
    }
    *session = (MlcrtSession *)s->slot;
    return MLCRT_OK;
}

MlcrtStatus mlcrt_session_free(MlcrtSession *session)
{
    return session ? rt_slot_free(&session->slot, RT_SESSION) : MLCRT_OK;
}

RtSession *rt_session_enter(MlcrtSession *session, MlcrtStatus *status)
{
    if (!session || !rt_slot_is(&session->slot, RT_SESSION)) {
        *status = MLCRT_EARG;
        return NULL;
    }
    *status = rt_slot_enter_alone(&session->slot);
    if (*status)
        return NULL;
    RtSession *s = session->slot.contents;
    if (s->error.status) {
        s->error = (MlcrtError){ .position = -1, .sentence = "" };
        drop_details(s);
    }
    return s;
}

void rt_session_leave(RtSession *s)
{
    rt_slot_leave(s->slot);
}

/* ---- errors ----------------------------------------------------------------------------------------------- */

const MlcrtError *mlcrt_error(const MlcrtSession *session)
{
    if (!session || !rt_slot_is(&session->slot, RT_SESSION))
        return &no_session;
    return &((const RtSession *)session->slot.contents)->error;
}

static MlcrtStatus publish(RtSession *s, MlcrtStatus status, RtPlace place)
{
    s->error = (MlcrtError){ status, place.line, place.column, place.position, s->text.text, place.argument, place.file, s->details };
    const MlcrtOptions *o = &s->context->options;
    if (o->log)
        o->log(o->log_user, status, s->text.text);
    return status;
}

MlcrtStatus rt_session_fail(RtSession *s, MlcrtStatus status, RtPlace place, const char *format, ...)
{
    char text[RT_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = 0;
    va_end(args);
    if (place.argument)
        rt_fail(&s->text, status, "argument '%s': %s", place.argument, text);
    else
        rt_fail(&s->text, status, "%s", text);
    return publish(s, status, place);
}

MlcrtStatus rt_session_fail_error(RtSession *s, const RtError *err)
{
    s->text = *err;
    return publish(s, err->status, rt_nowhere);
}

MlcrtStatus rt_session_fail_details(RtSession *s, const RtError *err, char *details, size_t size)
{
    drop_details(s);
    s->details = details;
    s->details_size = size;
    return rt_session_fail_error(s, err);
}

MlcrtStatus rt_session_fail_memory(RtSession *s, uint64_t bytes)
{
    MlcrtContext *c = s->context;
    uint64_t held = atomic_load(&c->held), budget = c->options.budget;
    if (budget && bytes > budget - (held < budget ? held : budget))
        return rt_session_fail(s, MLCRT_ELIMIT, rt_nowhere, "%llu bytes are needed beside the %llu in use; the budget is %llu",
                               (unsigned long long)bytes, (unsigned long long)held, (unsigned long long)budget);
    return rt_session_fail(s, MLCRT_EMEMORY, rt_nowhere, "out of memory: %llu bytes were asked for", (unsigned long long)bytes);
}

/* ---- cancel and deadline ---------------------------------------------------------------------------------- */

/* Only lock-free stores: a signal handler may call this. The flag comes first: see `may_start` in invoke.c. */
MlcrtStatus mlcrt_cancel(MlcrtSession *session)
{
    if (!session || !rt_slot_is(&session->slot, RT_SESSION))
        return MLCRT_EARG;
    RtSession *s = session->slot.contents;
    atomic_store(&s->cancelled, 1);
    __atomic_fetch_or(&s->frame.stop, MLCRT_STOP_CANCEL, __ATOMIC_SEQ_CST);
    return MLCRT_OK;
}

MlcrtStatus mlcrt_cancel_clear(MlcrtSession *session)
{
    if (!session || !rt_slot_is(&session->slot, RT_SESSION))
        return MLCRT_EARG;
    RtSession *s = session->slot.contents;
    atomic_store(&s->cancelled, 0);
    return MLCRT_OK;
}

MlcrtStatus mlcrt_deadline(MlcrtSession *session, int64_t milliseconds)
{
    MlcrtStatus status;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    int64_t deadline = 0, ns;
    if (milliseconds >= 0 && (__builtin_mul_overflow(milliseconds, INT64_C(1000000), &ns)
                              || __builtin_add_overflow(ns, rt_now(), &deadline)))
        deadline = 0; /* in centuries */
    status = rt_watch_set(s->context, s, deadline);
    if (status)
        rt_session_fail(s, status, rt_nowhere, "the thread that watches the clock could not be started");
    rt_session_leave(s);
    return status;
}
