/* frame.c - the memory of one call: arrays of pointers and dims, and the arena. Both grow at entry only and are kept, so that a
 * call that is like an earlier one allocates nothing.
 *
 *     block: leaf[] shape[] slots[] dims[] prep[] box[] entered[] made[] ranges[] form[]
 */
#include <string.h>
#include <sys/mman.h>

#include "core_int.h"

static size_t pointers(const MlcrtFn *fn)
{
    return 2 * (size_t)rt_leaves(fn) + (size_t)fn->npreps + 3 * (size_t)fn->nparams;
}

static size_t block_bytes(const MlcrtFn *fn)
{
    return pointers(fn) * sizeof(void *) + (size_t)rt_leaves(fn) * 16 + (size_t)fn->ndims * 8
           + (size_t)fn->nparams * sizeof(RtRange) + (size_t)rt_leaves(fn);
}

static void *take(char **at, size_t bytes)
{
    void *p = *at;
    *at += bytes;
    return p;
}

static void lay_out(RtFrame *f, const MlcrtFn *fn)
{
    size_t leaves = (size_t)rt_leaves(fn), params = (size_t)fn->nparams;
    char *at = f->block;
    f->slots = take(&at, leaves * 16);
    f->ranges = take(&at, params * sizeof(RtRange));
    f->call.leaf = take(&at, leaves * sizeof(void *));
    f->shape = take(&at, leaves * sizeof(void *));
    f->call.dims = take(&at, (size_t)fn->ndims * 8);
    f->call.prep = take(&at, (size_t)fn->npreps * sizeof(void *));
    f->box = take(&at, params * sizeof(void *));
    f->entered = take(&at, params * sizeof(void *));
    f->made = take(&at, params * sizeof(void *));
    f->call.form = take(&at, leaves);
    memset(f->call.form, MLCRT_FORM_PLAIN, leaves);
    memset(f->box, 0, params * sizeof(void *));
    memset(f->made, 0, params * sizeof(void *));
}

MlcrtStatus rt_frame_reserve(RtSession *s, RtFrame *f, const MlcrtFn *fn)
{
    const MlcrtAlloc *a = &s->context->counted;
    size_t need = block_bytes(fn);
    if (need > f->block_size || !f->block) {
        rt_free(a, f->block, f->block_size, 1);
        f->block_size = (need + 1023) & ~(size_t)511;
        f->block = rt_alloc(a, f->block_size, 1);
        if (!f->block) {
            need = f->block_size;
            f->block_size = 0;
            return rt_session_fail_memory(s, need);
        }
    }
    f->session = s;
    f->fn = fn;
    f->nentered = f->nranges = f->nwritten = 0;
    f->beside = 0;
    f->call.rt = &rt_table;
    f->call.state = f;
    f->call.stop = &f->stop;
    f->fault.check = INT64_MAX;
    lay_out(f, fn);
    return MLCRT_OK;
}

MlcrtStatus rt_frame_arena(RtSession *s, RtFrame *f)
{
    enum { STEP = 4096 };
    const MlcrtAlloc *a = &s->context->counted;
    int64_t need = 0;
    RtPlaces *places;
    MlcrtStatus status = f->fn->nlives ? rt_lives_reserve(s, f, &places) : MLCRT_OK;
    if (status)
        return status;
    if (f->fn->nlives)
        status = rt_lives_bytes(f, places, &need);
    else if (f->fn->arena)
        status = rt_dim_eval(f->fn->arena, f->call.dims, f->fn->ndims, &need);
    if (status == MLCRT_ELIMIT || need >= INT64_C(1) << 62)
        return rt_session_fail(s, MLCRT_ELIMIT, rt_nowhere, "'%s' would need 2^62 bytes of memory or more for these sizes", f->fn->name);
    if (status || need < 0)
        return rt_session_fail(s, MLCRT_EINTERNAL, rt_nowhere, "the size of the arena of '%s' is wrong", f->fn->name);
    if ((uint64_t)need > f->arena_size) {
        rt_free(a, f->arena, f->arena_size, 1);
        f->arena_size = ((size_t)need + STEP - 1) & ~(size_t)(STEP - 1);
        f->arena = rt_alloc(a, f->arena_size, 1);
        if (!f->arena) {
            uint64_t asked = f->arena_size;
            f->arena_size = 0;
            return rt_session_fail_memory(s, asked);
        }
    }
    f->call.arena = f->arena;
    return MLCRT_OK;
}

/* A subscript that fails is recorded, and the element at the nearest place is read: of a tensor that is empty that is none of its memory. Pages that nobody
 * has written to take none. */
MlcrtStatus rt_frame_blank(RtSession *s, RtFrame *f)
{
    enum { PAGE = 4096 };
    if (f->beside > f->blank_size) {
        size_t size = (f->beside + PAGE - 1) & ~(size_t)(PAGE - 1);
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED)
            return rt_session_fail_memory(s, size);
        if (f->blank)
            munmap(f->blank, f->blank_size);
        f->blank = p;
        f->blank_size = size;
    }
    for (int32_t i = 0; i < rt_leaves(f->fn); i++)
        f->call.leaf[i] = f->call.leaf[i] ? f->call.leaf[i] : f->blank;
    for (int32_t i = 0; i < f->fn->npreps; i++)
        f->call.prep[i] = f->call.prep[i] ? f->call.prep[i] : f->blank;
    return MLCRT_OK;
}

void rt_frame_drop(MlcrtContext *c, RtFrame *f)
{
    rt_free(&c->counted, f->block, f->block_size, 1);
    rt_free(&c->counted, f->arena, f->arena_size, 1);
    for (int i = 0; i < RT_PLACES; i++)
        rt_free(&c->counted, f->places[i].lives, f->places[i].size, 1);
    if (f->blank)
        munmap(f->blank, f->blank_size);
    f->block = f->arena = f->blank = NULL;
    memset(f->places, 0, sizeof f->places);
    f->block_size = f->arena_size = f->blank_size = 0;
}
