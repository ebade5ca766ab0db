/* pool.c - the context's own threads, which share the pieces of one job at a time with the thread that called.
 *
 *     caller   owner = 1; fill in the job; state = OPEN; epoch++; wake sleepers; take phases; close; wait until nobody is inside
 *     worker   epoch changed? enter (state + 1) if it is OPEN; take phases; leave (state - 1)
 *     phases   for each: wait until those that it needs are done; take pieces until none is left
 *
 * A job is one loop, or several that follow one another (phases): threads go from one to the next on their own, and wait only where a
 * loop needs what another has written. Each thread begins with a share of the points that is its own in every phase, and then helps with those of
 * others: what it has written in one phase it reads in the next, from its own cache. They wait for pieces that others run, never for pieces that nobody has taken.
 * `state` is one word, OPEN and the number of workers inside, so a worker that comes late either counts or sees it closed: the job
 * is never read after the caller has returned. A second caller (another session, or a loop within a loop) finds the pool owned and
 * runs its pieces itself: nobody waits for a piece that nobody has taken. Threads spin for some microseconds before they sleep,
 * so that the loops of one call are joined without a system call.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core_int.h"

enum { WORTH_THREADS = 40000 }; /* about cycles, as the code generator estimates them */
enum { SPIN_TICKS = 100000, PIECES_PER_THREAD = 32, STACK = 256 * 1024 }; /* ticks of the clock of the CPU: 25 to 50 us */
#define OPEN (UINT32_C(1) << 31)
#define WAITED (UINT32_C(1) << 30)
#define INSIDE (WAITED - 1)

typedef struct Job {
    const MlcrtCall *call;
    const MlcrtPhase *phase;
    int64_t count;
    MlcrtCall *own; /* in the pool a call for each phase; NULL: a loop whose call has been given all it needs */
} Job;

/* More threads have one together. Each is a line of memory that whoever has finished its own looks at, in every one of the phases: as many as fit
 * the cores that usually share a cache. With 2 threads there are 2; no machine with more than 8 has been measured. */
enum { SHARES = 8 };

typedef struct Share { _Alignas(64) _Atomic int64_t taken; } Share; /* pieces of it, from the last one on */

typedef struct Progress {
    Share share[SHARES];
    _Alignas(64) _Atomic int64_t done; /* points that are done */
} Progress;

typedef struct Worker {
    pthread_t thread;
    RtPool *pool;
    int cpu;    /* -1: any */
    int number; /* from 1; the caller is 0 */
    pid_t id;
    _Atomic uint32_t sleeps;   /* and is not bound to a CPU */
    _Atomic uint32_t away;     /* the caller has taken its own CPU from those that it may run on, which were these: */
    cpu_set_t cpus;
} Worker;

struct RtPool {
    _Alignas(64) _Atomic uint32_t epoch; /* workers sleep on it */
    _Atomic uint32_t sleepers;
    _Atomic uint32_t quit;
    _Alignas(64) _Atomic uint32_t state; /* the caller sleeps on it */
    _Alignas(64) _Atomic uint32_t owner;
    _Alignas(64) _Atomic uint32_t turn;  /* counts phases that are done: who waits for one sleeps on it */
    _Atomic uint32_t waiting;
    Progress progress[MLCRT_PHASES_MOST];
    MlcrtCall calls[MLCRT_PHASES_MOST];
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

static int64_t stopped(const MlcrtCall *c) { return __atomic_load_n(c->stop, __ATOMIC_RELAXED); }

static bool abandoned(const MlcrtCall *c) { return (stopped(c) & (MLCRT_STOP_CANCEL | MLCRT_STOP_DEADLINE)) != 0; }

/* A fault does not end a loop: the smallest one is wanted, whatever the number of threads. A cancel does, after a grain. */
static void run_piece(const MlcrtPhase *f, const MlcrtCall *c, const MlcrtCall *own, int64_t first, int64_t piece)
{
    int64_t last = f->n - first < piece ? f->n : first + piece, grain = f->grain > 0 ? f->grain : 1;
    for (; !abandoned(c); first += grain) {
        f->kernel(own, first, last - first < grain ? last : first + grain);
        if (last - first <= grain)
            return;
    }
}

/* What kernels of phase k get, all threads the same: its scalars, and no part of its scratch is taken. */
static const MlcrtCall *call_of(const Job *j, int64_t k) { return j->own ? &j->own[k] : j->call; }

static void set_locals(MlcrtCall *c, const MlcrtPhase *f)
{
    c->locals[0] = (int64_t)(intptr_t)f->env;
    c->locals[1] = 0;
}

static void copy_call(MlcrtCall *own, const MlcrtCall *c, const MlcrtPhase *f)
{
    memcpy(own, c, offsetof(MlcrtCall, locals));
    set_locals(own, f);
}

/* Whole grains, for the kernel's blocks. */
static int64_t piece_of(const MlcrtCall *c, const MlcrtPhase *f)
{
    if (f->grain >= f->n)
        return f->n > 0 ? f->n : 1;
    int64_t threads = ((RtFrame *)c->state)->session->context->options.threads;
    int64_t least = f->n / (threads * PIECES_PER_THREAD), grains = f->grain > 0 ? f->grain : 1;
    int64_t piece = least > grains ? least - least % grains : grains;
    return piece < f->n ? piece : f->n > 0 ? f->n : 1;
}

/* The last piece first: where they grow (rows that see all rows before them), what is left for the end is small. */
static int64_t last_piece(const MlcrtPhase *f, int64_t piece) { return (f->n - 1) / piece * piece; }

static int shares_of(const RtPool *p) { return p->nworkers + 1 < SHARES ? p->nworkers + 1 : SHARES; }

/* Pieces of a share until none is left; returns their points. */
static int64_t take_share(const Job *j, int64_t k, Share *s, int64_t begin, int64_t end)
{
    const MlcrtPhase *f = &j->phase[k];
    int64_t piece = piece_of(j->call, f), mine = 0;
    while (atomic_load_explicit(&s->taken, memory_order_relaxed) < end - begin) {
        int64_t taken = atomic_fetch_add_explicit(&s->taken, 1, memory_order_relaxed), first = (end - 1 - taken) * piece;
        if (taken >= end - begin)
            break;
        run_piece(f, j->call, call_of(j, k), first, piece);
        mine += f->n - first < piece ? f->n - first : piece;
    }
    return mine;
}

/* Until no piece is left that nobody has taken, the thread's own share first; whose phase is done with these points tells those who wait for it. */
static void take_pieces(RtPool *p, const Job *j, int64_t k, int thread)
{
    const MlcrtPhase *f = &j->phase[k];
    Progress *g = &p->progress[k];
    int64_t pieces = f->n > 0 ? (f->n - 1) / piece_of(j->call, f) + 1 : 0, mine = 0;
    int shares = shares_of(p);
    for (int i = 0; i < shares && pieces; i++) {
        int at = (thread + i) % shares;
        mine += take_share(j, k, &g->share[at], pieces * at / shares, pieces * (at + 1) / shares);
    }
    if (!mine || k + 1 == j->count || atomic_fetch_add(&g->done, mine) + mine < f->n)
        return;
    atomic_fetch_add(&p->turn, 1);
    if (atomic_load(&p->waiting))
        futex_wake(&p->turn, INT_MAX);
}

/* All pieces are taken, by threads that run: none of them waits. */
static void wait_for(RtPool *p, int64_t k, int64_t n)
{
    _Atomic int64_t *done = &p->progress[k].done;
    for (uint64_t begin = ticks(); ticks() - begin < SPIN_TICKS;)
        if (atomic_load_explicit(done, memory_order_acquire) >= n)
            return;
    atomic_fetch_add(&p->waiting, 1);
    for (;;) {
        uint32_t turn = atomic_load(&p->turn);
        if (atomic_load(done) >= n)
            break;
        futex_wait(&p->turn, turn);
    }
    atomic_fetch_sub(&p->waiting, 1);
}

/* One thread's part of the job: phase after phase, waiting only for what the next one needs. */
static void take_phases(RtPool *p, const Job *j, int thread)
{
    int64_t done = 0; /* phases before it are known to be done */
    for (int64_t k = 0; k < j->count; k++) {
        for (; done <= j->phase[k].after; done++)
            if (j->phase[done].n > 0 && atomic_load_explicit(&p->progress[done].done, memory_order_acquire) < j->phase[done].n)
                wait_for(p, done, j->phase[done].n);
        if (k && stopped(j->call))
            return;
        take_pieces(p, j, k, thread);
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

/* Linux likes to wake a thread on the CPU of the one that wakes it, while all others are idle; until it looks again (milliseconds) both would share
 * that one, and the call would take as long as with one thread. So workers that sleep may not run here when they wake. Of many, one matters little, and
 * each of them costs two calls of the system. */
enum { MOVED = 7 };

static void leave_room(RtPool *p)
{
    int cpu = p->nworkers <= MOVED ? sched_getcpu() : -1;
    for (int i = 0; i < p->nworkers && cpu >= 0 && cpu < CPU_SETSIZE; i++) {
        Worker *w = &p->workers[i];
        if (!atomic_load_explicit(&w->sleeps, memory_order_acquire))
            continue;
        if (!atomic_load(&w->away) && sched_getaffinity(w->id, sizeof w->cpus, &w->cpus) != 0)
            continue;
        cpu_set_t others = w->cpus;
        CPU_CLR((size_t)cpu, &others);
        if (CPU_COUNT(&others) && sched_setaffinity(w->id, sizeof others, &others) == 0)
            atomic_store(&w->away, 1);
    }
}

/* In the worker: as before the caller's change. */
static void come_back(Worker *w)
{
    atomic_store_explicit(&w->sleeps, 0, memory_order_relaxed);
    if (atomic_load(&w->away)) {
        sched_setaffinity(0, sizeof w->cpus, &w->cpus);
        atomic_store(&w->away, 0);
    }
}

/* workers: of use; the job's phases lie on the caller's stack until it returns. */
static void share(RtPool *p, const Job *j, int64_t workers)
{
    p->job = *j;
    p->job.own = j->own ? p->calls : NULL;
    for (int64_t k = 0; k < j->count; k++) {
        for (int i = 0; i < shares_of(p); i++)
            atomic_store_explicit(&p->progress[k].share[i].taken, 0, memory_order_relaxed);
        atomic_store_explicit(&p->progress[k].done, 0, memory_order_relaxed);
        if (j->own)
            copy_call(&p->calls[k], j->call, &j->phase[k]);
    }
    atomic_store_explicit(&p->state, OPEN, memory_order_release);
    atomic_fetch_add(&p->epoch, 1);
    if (atomic_load(&p->sleepers)) {
        leave_room(p);
        futex_wake(&p->epoch, workers < p->nworkers ? (int)workers : p->nworkers);
    }
    take_phases(p, &p->job, 0);
    close_and_wait(p);
}

/* ---- threads ---------------------------------------------------------------------------------------------- */

/* The epoch after `seen`. */
static uint32_t wait_for_work(Worker *w, uint32_t seen)
{
    RtPool *p = w->pool;
    for (;;) {
        for (uint64_t begin = ticks(); ticks() - begin < SPIN_TICKS;) {
            uint32_t now = atomic_load_explicit(&p->epoch, memory_order_acquire);
            if (now != seen)
                return now;
        }
        atomic_store(&w->sleeps, w->cpu < 0);
        atomic_fetch_add(&p->sleepers, 1);
        if (atomic_load(&p->epoch) == seen)
            futex_wait(&p->epoch, seen);
        atomic_fetch_sub(&p->sleepers, 1);
        come_back(w);
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
    w->id = (pid_t)syscall(SYS_gettid);
    rt_mxcsr_set(RT_MXCSR);
    uint32_t seen = 0;
    while (!atomic_load_explicit(&p->quit, memory_order_acquire)) {
        if (enter(p)) {
            take_phases(p, &p->job, w->number);
            leave(p);
        }
        seen = wait_for_work(w, seen);
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

/* Fewer threads than asked for is no error: the caller does the work. */
static void start(RtPool *p, bool pin)
{
    sigset_t all = rt_host_signals(), old;
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return;
    pthread_attr_setstacksize(&attr, STACK > PTHREAD_STACK_MIN ? STACK : (size_t)PTHREAD_STACK_MIN);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (; p->nworkers < p->room; p->nworkers++) {
        Worker *w = &p->workers[p->nworkers];
        w->pool = p;
        w->cpu = pin ? nth_cpu(p->nworkers + 1) : -1;
        w->number = p->nworkers + 1;
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

/* In the thread whose call it is, with no other one in it. */
static void run_alone(const Job *j, int64_t k)
{
    const MlcrtPhase *f = &j->phase[k];
    int64_t piece = piece_of(j->call, f);
    if (j->own)
        set_locals((MlcrtCall *)(uintptr_t)j->call, f);
    for (int64_t first = 0; first < f->n; first += piece) {
        run_piece(f, j->call, j->call, first, piece);
        if (f->n - first <= piece)
            return;
    }
}

/* A piece on a thread of the embedder, whose floating point state is his. */
static void run_task(void *job, int64_t i)
{
    const Job *j = job;
    uint32_t mode = rt_mxcsr_get();
    int64_t piece = piece_of(j->call, j->phase);
    rt_mxcsr_set(RT_MXCSR);
    run_piece(j->phase, j->call, j->call, last_piece(j->phase, piece) - i * piece, piece);
    rt_mxcsr_set(mode);
}

/* His tasks may run one after the other, so none may wait: a loop for each phase. */
static void run_by_callback(const MlcrtOptions *o, const Job *all, int64_t k)
{
    Job j = { all->call, &all->phase[k], 1, NULL };
    int64_t piece = piece_of(j.call, j.phase);
    if (all->own)
        set_locals((MlcrtCall *)(uintptr_t)j.call, j.phase);
    if (j.phase->n <= piece)
        run_alone(&j, 0);
    else
        o->parallel(o->parallel_user, (j.phase->n - 1) / piece + 1, run_task, &j);
}

/* Pieces that others than the caller may take at one time. */
static int64_t others(const Job *j)
{
    int64_t most = 1;
    for (int64_t k = 0; k < j->count; k++) {
        int64_t pieces = j->phase[k].n > 0 ? (j->phase[k].n - 1) / piece_of(j->call, &j->phase[k]) + 1 : 1;
        most = pieces > most ? pieces : most;
    }
    return most - 1;
}

static void run(const Job *j, bool threads)
{
    MlcrtContext *cx = ((RtFrame *)j->call->state)->session->context;
    const MlcrtOptions *o = &cx->options;
    uint32_t free = 0;
    int64_t workers = threads && o->threads > 1 ? others(j) : 0;
    RtPool *p = workers && !o->parallel ? pool_of(cx) : NULL;
    if (p && p->nworkers && atomic_compare_exchange_strong(&p->owner, &free, 1)) {
        share(p, j, workers);
        atomic_store_explicit(&p->owner, 0, memory_order_release);
        return;
    }
    for (int64_t k = 0; k < j->count && !(k && stopped(j->call)); k++) {
        if (workers && o->parallel)
            run_by_callback(o, j, k);
        else
            run_alone(j, k);
    }
}

void rt_parallel(const MlcrtCall *c, MlcrtKernel *k, int64_t n, int64_t grain)
{
    MlcrtPhase f = { .kernel = k, .n = n, .grain = grain, .after = -1 };
    Job j = { c, &f, 1, NULL };
    if (n > 0)
        run(&j, true);
}

void rt_phases(const MlcrtCall *c, const MlcrtPhase *p, int64_t count, int64_t work)
{
    Job j = { c, p, count, (MlcrtCall *)(uintptr_t)c };
    run(&j, work >= WORTH_THREADS);
}
