/* pool.c - the context's own threads, which share the pieces of one loop at a time with the thread that called.
 *
 *     caller   owner = 1; fill in the job; state = OPEN; epoch++; wake sleepers; take pieces; close; wait until nobody is inside
 *     worker   epoch changed? enter (state + 1) if it is OPEN; take pieces; leave (state - 1)
 *
 * `state` is one word, OPEN and the number of workers inside, so a worker that comes late either counts or sees it closed: the job
 * is never read after the caller has returned. A second caller (another session, or a loop within a loop) finds the pool owned and
 * runs its pieces itself: nobody waits for a piece that nobody has taken. Threads spin for some microseconds before they sleep,
 * so that the loops of one call are joined without a system call.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core_int.h"

enum { SPIN_TICKS = 100000, PIECES_PER_THREAD = 8, STACK = 256 * 1024 }; /* ticks of the clock of the CPU: 25 to 50 us */
#define OPEN (UINT32_C(1) << 31)
#define WAITED (UINT32_C(1) << 30)
#define INSIDE (WAITED - 1)

typedef struct Job {
    const MlcrtCall *call;
    MlcrtKernel *kernel;
    int64_t n, piece;
} Job;

typedef struct Worker {
    pthread_t thread;
    RtPool *pool;
    int cpu; /* -1: any */
} Worker;

struct RtPool {
    _Alignas(64) _Atomic uint32_t epoch; /* workers sleep on it */
    _Atomic uint32_t sleepers;
    _Atomic uint32_t quit;
    _Alignas(64) _Atomic uint32_t state; /* the caller sleeps on it */
    _Alignas(64) _Atomic int64_t next;   /* first point of the next piece */
    _Alignas(64) _Atomic uint32_t owner;
    Job job;
    int nworkers, room;
    Worker workers[];
};

static uint64_t ticks(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
    return __builtin_ia32_rdtsc();
#else
    return (uint64_t)rt_now() * 3;
#endif
}

static void futex_wait(_Atomic uint32_t *word, uint32_t value)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word, int n)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

/* ---- one loop --------------------------------------------------------------------------------------------- */

static bool abandoned(const MlcrtCall *c)
{
    return (__atomic_load_n(&c->stop, __ATOMIC_RELAXED) & (MLCRT_STOP_CANCEL | MLCRT_STOP_DEADLINE)) != 0;
}

/* A fault does not end a loop: the smallest one is wanted, whatever the number of threads. A cancel does. */
static void run_piece(const Job *j, int64_t first)
{
    if (!abandoned(j->call))
        j->kernel(j->call, first, j->n - first < j->piece ? j->n : first + j->piece);
}

/* The last piece first: where they grow (rows that see all rows before them), what is left for the end is small. */
static int64_t last_piece(const Job *j) { return (j->n - 1) / j->piece * j->piece; }

static void take_pieces(RtPool *p, const Job *j)
{
    for (;;) {
        int64_t first = atomic_fetch_add_explicit(&p->next, j->piece, memory_order_relaxed);
        if (first >= j->n)
            return;
        run_piece(j, last_piece(j) - first);
    }
}

static bool enter(RtPool *p)
{
    uint32_t s = atomic_load_explicit(&p->state, memory_order_relaxed);
    while (s & OPEN)
        if (atomic_compare_exchange_weak_explicit(&p->state, &s, s + 1, memory_order_acquire, memory_order_relaxed))
            return true;
    return false;
}

static void leave(RtPool *p)
{
    uint32_t s = atomic_fetch_sub_explicit(&p->state, 1, memory_order_release) - 1;
    if ((s & INSIDE) == 0 && (s & WAITED))
        futex_wake(&p->state, 1);
}

/* No new workers from here on; returns when the last has left. */
static void close_and_wait(RtPool *p)
{
    uint32_t s = atomic_fetch_and_explicit(&p->state, ~OPEN, memory_order_acq_rel) & ~OPEN;
    for (uint64_t begin = ticks(); (s & INSIDE) && ticks() - begin < SPIN_TICKS;)
        s = atomic_load_explicit(&p->state, memory_order_acquire);
    while (s & INSIDE) {
        s = atomic_fetch_or_explicit(&p->state, WAITED, memory_order_acq_rel) | WAITED;
        if (s & INSIDE)
            futex_wait(&p->state, s);
        s = atomic_load_explicit(&p->state, memory_order_acquire);
    }
    atomic_store_explicit(&p->state, 0, memory_order_relaxed);
}

static void share(RtPool *p, const Job *j)
{
    p->job = *j;
    atomic_store_explicit(&p->next, 0, memory_order_relaxed);
    atomic_store_explicit(&p->state, OPEN, memory_order_release);
    atomic_fetch_add(&p->epoch, 1);
    int64_t pieces = (j->n - 1) / j->piece + 1;
    if (atomic_load(&p->sleepers))
        futex_wake(&p->epoch, pieces - 1 < p->nworkers ? (int)(pieces - 1) : p->nworkers);
    take_pieces(p, j);
    close_and_wait(p);
}

/* ---- threads ---------------------------------------------------------------------------------------------- */

/* The epoch after `seen`. */
static uint32_t wait_for_work(RtPool *p, uint32_t seen)
{
    for (;;) {
        for (uint64_t begin = ticks(); ticks() - begin < SPIN_TICKS;) {
            uint32_t now = atomic_load_explicit(&p->epoch, memory_order_acquire);
            if (now != seen)
                return now;
        }
        atomic_fetch_add(&p->sleepers, 1);
        if (atomic_load(&p->epoch) == seen)
            futex_wait(&p->epoch, seen);
        atomic_fetch_sub(&p->sleepers, 1);
    }
}

static void bind_to(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

static void *work(void *argument)
{
    Worker *w = argument;
    RtPool *p = w->pool;
    if (w->cpu >= 0)
        bind_to(w->cpu);
    rt_mxcsr_set(RT_MXCSR);
    uint32_t seen = 0;
    while (!atomic_load_explicit(&p->quit, memory_order_acquire)) {
        if (enter(p)) {
            take_pieces(p, &p->job);
            leave(p);
        }
        seen = wait_for_work(p, seen);
    }
    return NULL;
}

/* The i-th CPU that this thread may run on, in turn. */
static int nth_cpu(int i)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) == 0)
        return -1;
    for (i %= CPU_COUNT(&set);; i--)
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET((size_t)cpu, &set) && i-- == 0)
                return cpu;
}

/* Our threads take no signals of the host. Fewer threads than asked for is no error: the caller does the work. */
static void start(RtPool *p, bool pin)
{
    sigset_t all, old;
    pthread_attr_t attr;
    sigfillset(&all);
    if (pthread_attr_init(&attr) != 0)
        return;
    pthread_attr_setstacksize(&attr, STACK > PTHREAD_STACK_MIN ? STACK : (size_t)PTHREAD_STACK_MIN);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (; p->nworkers < p->room; p->nworkers++) {
        Worker *w = &p->workers[p->nworkers];
        w->pool = p;
        w->cpu = pin ? nth_cpu(p->nworkers + 1) : -1;
        if (pthread_create(&w->thread, &attr, work, w) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
}

static size_t pool_bytes(int workers)
{
    return sizeof(RtPool) + (size_t)workers * sizeof(Worker);
}

static RtPool *pool_new(MlcrtContext *c)
{
    int workers = c->options.threads - 1;
    RtPool *p = rt_alloc(&c->counted, 1, pool_bytes(workers));
    if (!p)
        return NULL;
    memset(p, 0, pool_bytes(workers));
    p->room = workers;
    start(p, c->options.pin != 0);
    return p;
}

/* The context's pool, made by the first loop that has work for it. NULL: none to be had. */
static RtPool *pool_of(MlcrtContext *c)
{
    rt_context_forked(c);
    RtPool *p = atomic_load_explicit(&c->pool, memory_order_acquire);
    if (p)
        return p;
    rt_context_lock(c);
    p = atomic_load_explicit(&c->pool, memory_order_relaxed);
    if (!p) {
        p = pool_new(c);
        atomic_store_explicit(&c->pool, p, memory_order_release);
    }
    rt_context_unlock(c);
    return p;
}

void rt_pool_free(MlcrtContext *c, bool forked)
{
    RtPool *p = atomic_exchange(&c->pool, NULL);
    if (!p)
        return;
    if (!forked) {
        atomic_store(&p->quit, 1);
        atomic_fetch_add(&p->epoch, 1);
        futex_wake(&p->epoch, INT_MAX);
        for (int i = 0; i < p->nworkers; i++)
            pthread_join(p->workers[i].thread, NULL);
    }
    rt_free(&c->counted, p, 1, pool_bytes(p->room));
}

/* ---- the entry of compiled code --------------------------------------------------------------------------- */

static void run_alone(const Job *j)
{
    for (int64_t first = 0; first < j->n; first += j->piece) {
        run_piece(j, first);
        if (j->n - first <= j->piece)
            return;
    }
}

/* A piece on a thread of the embedder, whose floating point state is his. */
static void run_task(void *job, int64_t i)
{
    const Job *j = job;
    uint32_t mode = rt_mxcsr_get();
    rt_mxcsr_set(RT_MXCSR);
    run_piece(j, last_piece(j) - i * j->piece);
    rt_mxcsr_set(mode);
}

void rt_parallel(const MlcrtCall *c, MlcrtKernel *k, int64_t n, int64_t grain)
{
    MlcrtContext *cx = ((RtFrame *)c->state)->session->context;
    const MlcrtOptions *o = &cx->options;
    if (n <= 0)
        return;
    int64_t least = n / ((int64_t)o->threads * PIECES_PER_THREAD), grains = grain > 0 ? grain : 1;
    Job j = { c, k, n, least > grains ? least - least % grains : grains }; /* whole grains, for the kernel's blocks */
    uint32_t free = 0;
    if (o->threads == 1 || n <= j.piece) {
        run_alone(&j);
        return;
    }
    if (o->parallel) {
        o->parallel(o->parallel_user, (n - 1) / j.piece + 1, run_task, &j);
        return;
    }
    RtPool *p = pool_of(cx);
    if (p && p->nworkers && atomic_compare_exchange_strong(&p->owner, &free, 1)) {
        share(p, &j);
        atomic_store_explicit(&p->owner, 0, memory_order_release);
    } else {
        run_alone(&j);
    }
}
