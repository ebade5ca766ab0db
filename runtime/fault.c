/* fault.c - checks that fail inside compiled code: the smallest (check, element) is kept, whatever the order of the threads.
 *
 * A fault can come from every element of a tensor, so those that are not smaller leave without taking the lock.
 */
#include <stdio.h>
#include <string.h>

#include "core_int.h"

static bool smaller(const RtFault *f, int64_t check, int64_t element)
{
    int64_t least = atomic_load_explicit(&f->check, memory_order_relaxed);
    return check < least || (check == least && element < atomic_load_explicit(&f->element, memory_order_relaxed));
}

static void lock(RtFault *f)
{
    int32_t free = 0;
    while (!atomic_compare_exchange_weak_explicit(&f->lock, &free, 1, memory_order_acquire, memory_order_relaxed))
        free = 0;
}

/* c may be a copy of the call for one phase: the session's own one is told. */
void rt_fault(const MlcrtCall *c, int64_t check, int64_t element, int64_t value, int64_t extent)
{
    RtFrame *frame = c->state;
    RtFault *f = &frame->fault;
    if (!smaller(f, check, element))
        return;
    lock(f);
    if (smaller(f, check, element)) {
        atomic_store_explicit(&f->check, check, memory_order_relaxed);
        atomic_store_explicit(&f->element, element, memory_order_relaxed);
        f->value = value;
        f->extent = extent;
    }
    atomic_store_explicit(&f->lock, 0, memory_order_release);
    __atomic_fetch_or(&frame->stop, MLCRT_STOP_FAULT, __ATOMIC_RELAXED);
}

/* The row's text with each "%lld" replaced by the next number. No other directive is looked at: the text comes from a program. */
static void fill_in(const char *text, int64_t value, int64_t extent, char *out, size_t room)
{
    int64_t numbers[2] = { value, extent };
    size_t n = 0, k = 0;
    while (*text && n + 24 < room) {
        if (k < 2 && strncmp(text, "%lld", 4) == 0) {
            n += (size_t)snprintf(out + n, room - n, "%lld", (long long)numbers[k++]);
            text += 4;
        } else {
            out[n++] = *text++;
        }
    }
    out[n] = 0;
}

MlcrtStatus rt_fault_report(RtSession *s, RtFrame *f)
{
    int64_t check = atomic_load_explicit(&f->fault.check, memory_order_relaxed);
    if (check < 0 || check >= f->fn->nchecks)
        return rt_session_fail(s, MLCRT_EINTERNAL, rt_nowhere, "'%s' reported check %lld, which it does not have", f->fn->name,
                               (long long)check);
    const MlcrtCheck *row = &f->fn->checks[check];
    char text[RT_ERROR_TEXT];
    fill_in(row->text ? row->text : rt_status_text(row->code), f->fault.value, f->fault.extent, text, sizeof text);
    RtPlace place = { row->file ? row->file : f->fn->file, NULL, row->line, row->column, -1 };
    return rt_session_fail(s, row->code, place, "%s", text);
}
