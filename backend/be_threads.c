/* be_threads.c - code generation of the modules of a compile, on as many threads as there are processors.
 *
 * The longest module goes first. Threads take nothing from our arena and give no signal handler of the host a place to run; what went
 * wrong in one is text of malloc, which the calling thread reports after all have ended. A thread that cannot be started is done without.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "backend/be_int.h"

enum { MOST_THREADS = 64 };

typedef struct Queue { Be *be; Piece *pieces; const int *order; int n; atomic_int next; } Queue;

static void keep_error(Piece *p, const char *text)
{
    if (!p->error)
        p->error = strdup(text ? text : "unknown error");
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

static void generate_piece(Piece *p, Machines *m)
{
    char *error = NULL;
    LLVMTargetMachineRef *tm = &m->of[p->be->plain];
    if (!*tm && !(*tm = be_machine(p->be, p->be->plain))) {
        keep_error(p, "no memory");
        return;
    }
    LLVMContextSetDiagnosticHandler(p->be->cx, on_diagnostic, p);
    if (LLVMTargetMachineEmitToMemoryBuffer(*tm, p->be->mod, LLVMObjectFile, &error, &p->object)) {
        p->object = NULL;
        keep_error(p, error);
        LLVMDisposeMessage(error);
    }
}

/* own: the machine that the calling thread has already, or NULL. */
static void work(Queue *q, LLVMTargetMachineRef own)
{
    int i;
    Machines m = { { own, NULL } };
    while ((i = atomic_fetch_add(&q->next, 1)) < q->n)
        generate_piece(&q->pieces[q->order[i]], &m);
    for (int k = 0; k < 2; k++)
        if (m.of[k] && m.of[k] != own)
            LLVMDisposeTargetMachine(m.of[k]);
}

static void *thread(void *user)
{
    work(user, NULL);
    return NULL;
}

static int threads_for(const Be *be, int pieces)
{
    cpu_set_t cpus;
    int n = be->opt->threads;
    if (n <= 0)
        n = sched_getaffinity(0, sizeof cpus, &cpus) ? 1 : CPU_COUNT(&cpus);
    n = n < pieces ? n : pieces;
    return n < MOST_THREADS ? n : MOST_THREADS;
}

static void run_all(Queue *q)
{
    pthread_t threads[MOST_THREADS];
    int n = threads_for(q->be, q->n), started = 0;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (started < n - 1 && !pthread_create(&threads[started], NULL, thread, q))
        started++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    work(q, q->be->whole->tm);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

/* Longest first; of equal ones the earlier. */
static int *order_of(Be *be, int n)
{
    Be **m = be->whole->modules.p;
    int *order = NEWN(be->a, int, n);
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && m[order[at - 1]]->written < m[i]->written; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return order;
}

bool be_generate(Be *be, BeResult *out)
{
    Whole *w = be->whole;
    int n = w->modules.n;
    Piece *pieces = NEWN(be->a, Piece, n);
    for (int i = 0; i < n; i++)
        pieces[i].be = w->modules.p[i];
    Queue q = { .be = be, .pieces = pieces, .order = order_of(be, n), .n = n };
    w->pieces = pieces;
    run_all(&q);
    for (int i = 0; i < n; i++)
        if (pieces[i].error || !pieces[i].object) {
            be_fail(be, "the code generator: %s", pieces[i].error ? pieces[i].error : "no memory");
            return false;
        }
    return be_merge(be, pieces, n, out);
}
