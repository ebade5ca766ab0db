/* context.c - contexts: options, the budget, the last error, and what fork does to locks and threads.
 *
 *     alloc     the embedder's two functions
 *     counted   the same behind a counter: every byte that the context holds goes through it
 *     alive     a page that the kernel clears in the child of a fork, which so finds out without a system call
 */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core_int.h"

#define MAGIC UINT64_C(0x6d6c6372742d6378)
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

enum { PAGE = 4096 };
enum { CHILD, LIVE, REPAIR }; /* *alive */

const RtType rt_types[RT_DT_count] = {
#define DTYPE(name, file_name, code, bits) [RT_DT_##name] = { #name, MLCRT_##code, bits, bits / 8 },
#include "dtype.def"
#undef DTYPE
    [RT_DT_key] = { "key", 0, 0, sizeof(MlcrtKey) },
    [RT_DT_str] = { "str", 0, 0, sizeof(const char *) },
};

/* ---- memory ----------------------------------------------------------------------------------------------- */

static void *counted_alloc(void *user, size_t size, size_t align)
{
    MlcrtContext *c = user;
    uint64_t held = atomic_fetch_add(&c->held, size) + size;
    void *p = NULL;
    if (!c->options.budget || held <= c->options.budget)
        p = c->alloc.alloc(c->alloc.user, size, align);
    if (!p) {
        atomic_fetch_sub(&c->held, size);
        return NULL;
    }
    uint64_t most = atomic_load(&c->most);
    while (held > most && !atomic_compare_exchange_weak(&c->most, &most, held))
        ;
    return p;
}

static void counted_free(void *user, void *p, size_t size)
{
    MlcrtContext *c = user;
    c->alloc.free(c->alloc.user, p, size);
    atomic_fetch_sub(&c->held, size);
}

const MlcrtAlloc *rt_context_alloc(struct MlcrtContext *c)
{
    return &c->counted;
}

/* ---- fork ------------------------------------------------------------------------------------------------- */

/* In the child only the thread that forked is left: locks may be held by nobody, and there are no other threads. */
static void repair(MlcrtContext *c)
{
    pthread_mutex_init(&c->lock, NULL);
    rt_pool_free(c, true);
    rt_watch_free(c, true);
}

void rt_context_forked(MlcrtContext *c)
{
    if (c->pid) {
        if (c->pid == getpid())
            return;
        c->pid = getpid();
        repair(c);
        return;
    }
    uint32_t state = atomic_load_explicit(c->alive, memory_order_acquire);
    if (state == LIVE)
        return;
    state = CHILD;
    if (atomic_compare_exchange_strong(c->alive, &state, REPAIR)) {
        repair(c);
        atomic_store(c->alive, LIVE);
    }
    while (atomic_load(c->alive) != LIVE)
        sched_yield();
}

void rt_context_lock(MlcrtContext *c)
{
    rt_context_forked(c);
    pthread_mutex_lock(&c->lock);
}

void rt_context_unlock(MlcrtContext *c)
{
    pthread_mutex_unlock(&c->lock);
}

/* Old kernels cannot clear a page on fork: there the process id is compared. */
static bool watch_fork(MlcrtContext *c)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return false;
    c->alive = page;
    if (madvise(page, PAGE, MADV_WIPEONFORK) != 0)
        c->pid = getpid();
    atomic_store(c->alive, LIVE);
    return true;
}

/* ---- errors ----------------------------------------------------------------------------------------------- */

bool rt_context_is(const MlcrtContext *c)
{
    return c && c->magic == MAGIC;
}

MlcrtStatus rt_context_fail(struct MlcrtContext *c, const RtError *err)
{
    rt_context_lock(c);
    c->error = *err;
    rt_context_unlock(c);
    if (c->options.log)
        c->options.log(c->options.log_user, err->status, err->text);
    return err->status;
}

MlcrtStatus mlcrt_context_error(MlcrtContext *c, char *text, size_t room)
{
    if (!rt_context_is(c))
        return MLCRT_EARG;
    rt_context_lock(c);
    MlcrtStatus status = c->error.status;
    size_t n = strlen(c->error.text);
    if (room && text) {
        n = n < room ? n : room - 1;
        memcpy(text, c->error.text, n);
        text[n] = 0;
    }
    rt_context_unlock(c);
    return status;
}

MlcrtStatus mlcrt_context_memory(const MlcrtContext *c, uint64_t *now, uint64_t *most)
{
    if (!rt_context_is(c))
        return MLCRT_EARG;
    if (now)
        *now = atomic_load(&c->held);
    if (most)
        *most = atomic_load(&c->most);
    return MLCRT_OK;
}

/* ---- life ------------------------------------------------------------------------------------------------- */

static int32_t cpus(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? n : 1;
}

/* Options of a library that was older or newer when the program was compiled: what both know counts. */
static bool read_options(const MlcrtOptions *given, MlcrtOptions *o)
{
    memset(o, 0, sizeof *o);
    if (given) {
        if (given->size < offsetof(MlcrtOptions, log))
            return false;
        memcpy(o, given, given->size < sizeof *o ? given->size : sizeof *o);
    }
    if (o->threads < 0 || (o->alloc && (!o->alloc->alloc || !o->alloc->free)))
        return false;
    enum { MOST_THREADS = 1024 };
    if (o->threads == 0)
        o->threads = cpus();
    if (o->threads > MOST_THREADS)
        o->threads = MOST_THREADS;
    return true;
}

MlcrtStatus mlcrt_context_new(const MlcrtOptions *options, MlcrtContext **context)
{
    MlcrtOptions o;
    if (!context)
        return MLCRT_EARG;
    *context = NULL;
    if (!read_options(options, &o))
        return MLCRT_EARG;
    MlcrtAlloc alloc = o.alloc ? *o.alloc : rt_libc_alloc();
    MlcrtContext *c = rt_alloc(&alloc, 1, sizeof *c);
    if (!c)
        return MLCRT_EMEMORY;
    memset(c, 0, sizeof *c);
    c->alloc = alloc;
    c->counted = (MlcrtAlloc){ c, counted_alloc, counted_free };
    c->options = o;
    c->options.alloc = NULL;
    c->features = rt_cpu_features();
    if (!watch_fork(c)) {
        rt_free(&alloc, c, 1, sizeof *c);
        return MLCRT_EMEMORY;
    }
    pthread_mutex_init(&c->lock, NULL);
    c->magic = MAGIC;
    *context = c;
    return MLCRT_OK;
}

MlcrtStatus mlcrt_context_free(MlcrtContext *c)
{
    if (!c)
        return MLCRT_OK;
    if (!rt_context_is(c))
        return MLCRT_EARG;
    rt_context_forked(c);
    if (!rt_slots_idle(&c->slots))
        return MLCRT_EBUSY;
    rt_watch_free(c, false);
    rt_pool_free(c, false);
    rt_slots_drop(c);
    c->magic = 0;
    pthread_mutex_destroy(&c->lock);
    munmap(c->alive, PAGE);
    MlcrtAlloc alloc = c->alloc;
    rt_free(&alloc, c, 1, sizeof *c);
    return MLCRT_OK;
}
