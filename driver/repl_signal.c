/* repl_signal.c - Ctrl-C in the REPL.
 *
 * SIGINT is blocked in every thread and taken by one that waits for it, so that no handler runs at an arbitrary place and none needs a
 * global. While a call runs it is cancelled (mlcrt_cancel); at the prompt a byte in a pipe wakes the reader.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "driver/repl_int.h"

struct ReplSignal {
    pthread_t thread;
    pthread_mutex_t lock;
    MlcrtSession *session; /* under lock */
    _Atomic bool ends;
    int pipe[2];
};

static void interrupted(struct ReplSignal *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->session)
        mlcrt_cancel(s->session);
    else if (write(s->pipe[1], "c", 1) < 0) {
        /* the pipe is full of them already */
    }
    pthread_mutex_unlock(&s->lock);
}

static void *wait_for_signals(void *arg)
{
    struct ReplSignal *s = arg;
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    while (!sigwait(&set, &number) && !atomic_load(&s->ends))
        interrupted(s);
    return NULL;
}

struct ReplSignal *repl_signal_new(void)
{
    sigset_t set, old;
    struct ReplSignal *s = calloc(1, sizeof *s);
    if (!s || pipe2(s->pipe, O_CLOEXEC | O_NONBLOCK)) {
        free(s);
        return NULL;
    }
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    pthread_mutex_init(&s->lock, NULL);
    if (pthread_create(&s->thread, NULL, wait_for_signals, s)) {
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        close(s->pipe[0]);
        close(s->pipe[1]);
        free(s);
        return NULL;
    }
    return s;
}

void repl_signal_running(struct ReplSignal *s, MlcrtSession *session)
{
    if (!s)
        return;
    if (session)
        mlcrt_cancel_clear(session);
    pthread_mutex_lock(&s->lock);
    s->session = session;
    pthread_mutex_unlock(&s->lock);
}

int repl_signal_pipe(const struct ReplSignal *s)
{
    return s ? s->pipe[0] : -1;
}

void repl_signal_free(struct ReplSignal *s)
{
    if (!s)
        return;
    atomic_store(&s->ends, true);
    pthread_kill(s->thread, SIGINT);
    pthread_join(s->thread, NULL);
    close(s->pipe[0]);
    close(s->pipe[1]);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
