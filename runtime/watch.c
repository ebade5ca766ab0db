/* watch.c - the thread that watches the clock for sessions with a deadline; it starts with the first one.
 *
 *     list: s1 (in 40 ms) -> s2 (in 3 s)      sleeps until the nearest, then sets MLCRT_STOP_DEADLINE in that session's call
 *
 * Under the context's lock, all of it; a call itself never comes here.
 */
#include <limits.h>
#include <string.h>
#include <time.h>

#include "core_int.h"

enum { SECOND = 1000000000 };

struct RtWatch {
    MlcrtContext *context;
    pthread_t thread;
    pthread_cond_t changed;
    RtSession *first;
    bool quit;
};

int64_t rt_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void remove_session(RtWatch *w, const RtSession *s)
{
    for (RtSession **p = &w->first; *p; p = &(*p)->next_watched)
        if (*p == s) {
            *p = s->next_watched;
            return;
        }
}

/* Stops the sessions whose time has come; the nearest deadline of the others, 0 if there is none. */
static int64_t fire(RtWatch *w)
{
    int64_t now = rt_now(), nearest = 0;
    for (RtSession **p = &w->first; *p;) {
        RtSession *s = *p;
        int64_t deadline = atomic_load(&s->deadline);
        if (deadline <= now) {
            __atomic_fetch_or(&s->frame.stop, MLCRT_STOP_DEADLINE, __ATOMIC_SEQ_CST);
            *p = s->next_watched;
            continue;
        }
        nearest = !nearest || deadline < nearest ? deadline : nearest;
        p = &s->next_watched;
    }
    return nearest;
}

static void *watch(void *argument)
{
    RtWatch *w = argument;
    MlcrtContext *c = w->context;
    pthread_mutex_lock(&c->lock);
    while (!w->quit) {
        int64_t until = fire(w);
        struct timespec t = { until / SECOND, until % SECOND };
        if (until)
            pthread_cond_timedwait(&w->changed, &c->lock, &t);
        else
            pthread_cond_wait(&w->changed, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

sigset_t rt_host_signals(void)
{
    static const int own[] = { SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP };
    sigset_t s;
    sigfillset(&s);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&s, own[i]);
    return s;
}

static bool start_thread(RtWatch *w)
{
    sigset_t all = rt_host_signals(), old;
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&w->thread, NULL, watch, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return !failed;
}

static bool start_watch(MlcrtContext *c)
{
    pthread_condattr_t attr;
    RtWatch *w = rt_alloc(&c->counted, 1, sizeof *w);
    if (!w)
        return false;
    memset(w, 0, sizeof *w);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    w->context = c;
    c->watch = w;
    if (start_thread(w))
        return true;
    c->watch = NULL;
    pthread_cond_destroy(&w->changed);
    rt_free(&c->counted, w, 1, sizeof *w);
    return false;
}

MlcrtStatus rt_watch_set(MlcrtContext *c, RtSession *s, int64_t deadline)
{
    MlcrtStatus status = MLCRT_OK;
    if (!deadline && !atomic_load(&s->deadline))
        return MLCRT_OK;
    rt_context_lock(c);
    if (c->watch)
        remove_session(c->watch, s);
    if (deadline && !c->watch && !start_watch(c)) {
        status = MLCRT_EMEMORY;
        deadline = 0;
    }
    atomic_store(&s->deadline, deadline);
    if (deadline) {
        s->next_watched = c->watch->first;
        c->watch->first = s;
        pthread_cond_signal(&c->watch->changed);
    }
    rt_context_unlock(c);
    return status;
}

void rt_watch_again(MlcrtContext *c, RtSession *s)
{
    rt_context_lock(c);
    bool lost = !c->watch;
    rt_context_unlock(c);
    if (lost)
        rt_watch_set(c, s, atomic_load(&s->deadline));
}

void rt_watch_free(MlcrtContext *c, bool forked)
{
    RtWatch *w = c->watch;
    if (!w)
        return;
    c->watch = NULL;
    if (!forked) {
        pthread_mutex_lock(&c->lock);
        w->quit = true;
        pthread_cond_signal(&w->changed);
        pthread_mutex_unlock(&c->lock);
        pthread_join(w->thread, NULL);
        pthread_cond_destroy(&w->changed);
    }
    rt_free(&c->counted, w, 1, sizeof *w);
}
