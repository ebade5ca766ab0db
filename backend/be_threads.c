/* be_threads.c - code generation of the modules of a compile, on as many threads as there are processors.
 *
 * A module into which nothing more is written goes to a thread while others are still written; of those that wait the longest goes first.
 * Threads take nothing from our arena and give no signal handler of the host a place to run; what went wrong in one is text of malloc,
 * which the calling thread reports after all have ended. A thread that cannot be started is done without.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "backend/be_int.h"

enum { MOST_THREADS = 64 };

/* Of others than the caller; `waiting` and what follows is theirs, too, under the lock. */
typedef struct Threads {
    int most, started;
    pthread_t of[MOST_THREADS];
    pthread_mutex_t lock;
    pthread_cond_t change;
    Be *waiting; /* longest first */
    int idle;
    bool ends;   /* nothing more comes */
} Threads;

static void keep_error(Be *be, const char *text)
{
    if (!be->error)
        be->error = strdup(text ? text : "unknown error");
}

static void on_diagnostic(LLVMDiagnosticInfoRef d, void *user)
{
    if (LLVMGetDiagInfoSeverity(d) != LLVMDSError)
        return;
    char *text = LLVMGetDiagInfoDescription(d);
    keep_error(user, text);
    LLVMDisposeMessage(text);
}

/* One of each kind for a thread, made when it is needed. */
typedef struct Machines { LLVMTargetMachineRef of[2]; } Machines;

static void generate(Be *be, Machines *m)
{
    char *error = NULL;
    LLVMTargetMachineRef *tm = &m->of[be->plain];
    if (!*tm && !(*tm = be_machine(be, be->plain))) {
        keep_error(be, "no memory");
        return;
    }
    LLVMContextSetDiagnosticHandler(be->cx, on_diagnostic, be);
    if (LLVMTargetMachineEmitToMemoryBuffer(*tm, be->mod, LLVMObjectFile, &error, &be->object)) {
        be->object = NULL;
        keep_error(be, error);
        LLVMDisposeMessage(error);
    }
}

static Be *take(Threads *t)
{
    pthread_mutex_lock(&t->lock);
    t->idle++;
    while (!t->waiting && !t->ends)
        pthread_cond_wait(&t->change, &t->lock);
    t->idle--;
    Be *be = t->waiting;
    if (be)
        t->waiting = be->next;
    pthread_mutex_unlock(&t->lock);
    return be;
}

/* own: the machine that the calling thread has already, or NULL. */
static void work(Threads *t, LLVMTargetMachineRef own)
{
    Machines m = { { own, NULL } };
    for (Be *be; (be = take(t)) != NULL;)
        generate(be, &m);
    for (int k = 0; k < 2; k++)
        if (m.of[k] && m.of[k] != own)
            LLVMDisposeTargetMachine(m.of[k]);
}

static void *thread(void *user)
{
    work(user, NULL);
    return NULL;
}

static int threads_for(const Be *be)
{
    cpu_set_t cpus;
    int n = be->opt->threads;
    if (n <= 0)
        n = sched_getaffinity(0, sizeof cpus, &cpus) ? 1 : CPU_COUNT(&cpus);
    return n < MOST_THREADS ? n : MOST_THREADS;
}

static Threads *threads_of(Be *be)
{
    Whole *w = be->whole;
    if (w->threads)
        return w->threads;
    w->threads = NEW(be->a, Threads);
    w->threads->most = threads_for(be) - 1;
    pthread_mutex_init(&w->threads->lock, NULL);
    pthread_cond_init(&w->threads->change, NULL);
    return w->threads;
}

static void start(Threads *t)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    if (pthread_create(&t->of[t->started], NULL, thread, t))
        t->most = t->started;
    else
        t->started++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Of equal ones the earlier goes first. by_thread: the caller has other things to do. */
static void send(Threads *t, Be *be, bool by_thread)
{
    be->sent = true;
    pthread_mutex_lock(&t->lock);
    Be **at = &t->waiting;
    while (*at && (*at)->written >= be->written)
        at = &(*at)->next;
    be->next = *at;
    *at = be;
    bool idle = t->idle > 0;
    pthread_cond_signal(&t->change);
    pthread_mutex_unlock(&t->lock);
    if (by_thread && !idle && t->started < t->most)
        start(t);
}

void be_send_complete(Be *be)
{
    Whole *w = be->whole;
    if (be->opt->verify || be->opt->emit_llvm || be->opt->emit_asm || w->failed || threads_of(be)->most < 1)
        return;
    for (int i = 1; i < w->modules.n - 1; i++) /* the first one takes bodies and tables until the end, the last one what comes next */
        if (!w->modules.p[i]->open && !w->modules.p[i]->sent)
            send(w->threads, w->modules.p[i], true);
}

static void end(Threads *t)
{
    pthread_mutex_lock(&t->lock);
    t->ends = true;
    pthread_cond_broadcast(&t->change);
    pthread_mutex_unlock(&t->lock);
}

void be_threads_end(Whole *w)
{
    Threads *t = w->threads;
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->waiting = NULL;
    pthread_mutex_unlock(&t->lock);
    end(t);
    for (int i = 0; i < t->started; i++)
        pthread_join(t->of[i], NULL);
    pthread_cond_destroy(&t->change);
    pthread_mutex_destroy(&t->lock);
    w->threads = NULL;
}

bool be_generate(Be *be, BeResult *out)
{
    Whole *w = be->whole;
    Threads *t = threads_of(be);
    for (int i = 0; i < w->modules.n; i++)
        if (!w->modules.p[i]->sent)
            send(t, w->modules.p[i], i > 0);
    end(t);
    work(t, w->tm);
    be_threads_end(w);
    for (int i = 0; i < w->modules.n; i++) {
        const Be *m = w->modules.p[i];
        if (m->error || !m->object) {
            be_fail(be, "the code generator: %s", m->error ? m->error : "no memory");
            return false;
        }
    }
    return be_merge(be, out);
}
