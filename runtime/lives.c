/* lives.c - the arena of a function whose tensors get their places at entry: what a call's sizes make of it.
 *
 *     life  [0 1 2 3 4 5]
 *     a      ###             at 0
 *     b        #######       behind a
 *     c            ###       at 0, if it is no larger than a; else behind b
 *
 * The tensors of most weight are placed first, each at the lowest address that is free while it lives. Weights are bytes times time, bytes, time,
 * and bytes by time, in turn, until the sum is near what lives at one time, which is the least that any plan takes; then the order is changed at
 * some place and kept where that is not worse, as long as the work is little. What fits into the memory that a session holds already is placed once
 * (sizes that change from call to call: a cache that grows). The same sizes have the same places: the last ones of a function are kept.
 */
#include <string.h>

#include "core_int.h"

enum { ORDERS = 4, NEAR = 64, NEAR_ENOUGH = 20, WORK_MOST = 600000 }; /* parts of the least; steps of some ns each, beyond the orders */

static bool meet(const RtLife *a, const RtLife *b) { return a->first <= b->last && b->first <= a->last; }

static bool is_near(int64_t bytes, int64_t least, int part) { return bytes - least <= least / part; }

int64_t rt_lives_least(const RtLife *l, int32_t n)
{
    int64_t most = 0;
    for (int32_t i = 0; i < n; i++) {
        int64_t now = 0;
        for (int32_t k = 0; k < n; k++)
            now += l[k].first <= l[i].first && l[i].first <= l[k].last ? l[k].size : 0;
        most = now > most ? now : most;
    }
    return most;
}

/* ---- one order ------------------------------------------------------------------------------------------------------- */

/* order: by which they are placed; low: those that are, by their address */
typedef struct Placing { RtLife *l; int32_t n, placed; int32_t *order, *low; int64_t work; } Placing;

static void place(Placing *p, RtLife *l)
{
    int64_t end = 0;
    int32_t i = 0;
    for (; i < p->placed; i++) {
        const RtLife *o = &p->l[p->low[i]];
        if (!meet(o, l))
            continue;
        if (o->at - end >= l->size)
            break;
        end = o->at + o->size > end ? o->at + o->size : end;
    }
    p->work += i;
    l->at = end;
    for (i = p->placed++; i > 0 && p->l[p->low[i - 1]].at > end; i--)
        p->low[i] = p->low[i - 1];
    p->low[i] = (int32_t)(l - p->l);
}

/* The arena's size. */
static int64_t place_all(Placing *p)
{
    int64_t most = 0;
    p->placed = 0;
    for (int32_t i = 0; i < p->n; i++) {
        RtLife *l = &p->l[p->order[i]];
        l->at = 0;
        if (l->size)
            place(p, l);
        most = l->at + l->size > most ? l->at + l->size : most;
    }
    return most;
}

/* ---- orders ---------------------------------------------------------------------------------------------------------- */

static double weight_of(const RtLife *l, int order)
{
    double size = (double)l->size, life = l->last - l->first + 1;
    return order == 0 ? size * life : order == 1 ? size : order == 2 ? life : size / life;
}

static bool is_before(const RtLife *a, const RtLife *b)
{
    return a->weight != b->weight ? a->weight > b->weight : a->size != b->size ? a->size > b->size : a->first < b->first;
}

static void sort(Placing *p, int order)
{
    for (int32_t i = 0; i < p->n; i++) {
        p->l[i].weight = weight_of(&p->l[i], order);
        int32_t k = i;
        for (; k > 0 && is_before(&p->l[i], &p->l[p->order[k - 1]]); k--)
            p->order[k] = p->order[k - 1];
        p->order[k] = i;
    }
}

static void keep(Placing *p, int32_t *order)
{
    for (int32_t i = 0; i < p->n; i++)
        p->l[i].best = p->l[i].at;
    memcpy(order, p->order, (size_t)p->n * sizeof *order);
}

static void move(int32_t *order, int32_t from, int32_t to)
{
    int32_t x = order[from];
    if (to < from)
        memmove(order + to + 1, order + to, (size_t)(from - to) * sizeof *order);
    else
        memmove(order + from, order + from + 1, (size_t)(to - from) * sizeof *order);
    order[to] = x;
}

static int32_t highest(const Placing *p)
{
    int32_t most = 0;
    for (int32_t i = 1; i < p->n; i++) {
        const RtLife *l = &p->l[p->order[i]], *m = &p->l[p->order[most]];
        most = l->best + l->size >= m->best + m->size ? i : most;
    }
    return most;
}

/* Somebody who lives when the one at the top does, from a place of the order on. */
static int32_t beside(const Placing *p, int32_t top, int32_t from)
{
    for (int32_t i = 0; i < p->n; i++) {
        int32_t k = (from + i) % p->n;
        if (k != top && meet(&p->l[p->order[k]], &p->l[p->order[top]]))
            return k;
    }
    return top;
}

static uint32_t draw(uint32_t *state, int32_t below)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % (uint32_t)below;
}

/* A third of the moves takes what ends highest further to the front, a third what lives beside it. */
static int64_t search(Placing *p, int32_t *best, int64_t bytes, int64_t least)
{
    uint32_t state = 1;
    for (int k = 1; p->work < WORK_MOST && !is_near(bytes, least, NEAR_ENOUGH); k++) {
        int32_t top = highest(p), from = k % 3 == 1 ? top : k % 3 == 2 ? beside(p, top, (int32_t)draw(&state, p->n)) : 0;
        int32_t to = (int32_t)draw(&state, from ? from : p->n);
        from = from ? from : (int32_t)draw(&state, p->n);
        move(p->order, from, to);
        int64_t all = place_all(p);
        if (all <= bytes)
            keep(p, best);
        else
            move(p->order, to, from);
        bytes = all < bytes ? all : bytes;
        p->work += p->n;
    }
    return bytes;
}

int64_t rt_lives_place(RtLife *l, int32_t n, int64_t held, int32_t *room)
{
    Placing p = { .l = l, .n = n, .order = room, .low = room + n };
    int32_t *best = room + 2 * n;
    int64_t least = rt_lives_least(l, n), bytes = INT64_MAX;
    for (int k = 0; k < ORDERS && (!k || (bytes > held && !is_near(bytes, least, NEAR))); k++) {
        sort(&p, k);
        int64_t all = place_all(&p);
        if (all < bytes)
            keep(&p, best);
        bytes = all < bytes ? all : bytes;
    }
    if (bytes <= held)
        return bytes;
    p.work = 0;
    memcpy(p.order, best, (size_t)n * sizeof *best);
    return search(&p, best, bytes, least);
}

/* ---- of a call -------------------------------------------------------------------------------------------------------- */

static RtPlaces *places_of(RtFrame *f)
{
    for (int i = 0; i < RT_PLACES; i++)
        if (f->places[i].fn == f->fn)
            return &f->places[i];
    f->next_places = (f->next_places + 1) % RT_PLACES;
    return &f->places[f->next_places];
}

MlcrtStatus rt_lives_reserve(RtSession *s, RtFrame *f, RtPlaces **places)
{
    RtPlaces *p = *places = places_of(f);
    size_t need = (size_t)f->fn->nlives * (sizeof *p->lives + RT_LIFE_ROOM * sizeof(int32_t));
    p->fn = f->fn;
    if (need <= p->size)
        return MLCRT_OK;
    rt_free(&s->context->counted, p->lives, p->size, 1);
    p->placed = 0;
    p->size = need;
    p->lives = rt_alloc(&s->context->counted, need, 1);
    if (p->lives)
        return MLCRT_OK;
    p->size = 0;
    return rt_session_fail_memory(s, need);
}

static void set(RtLife *l, const MlcrtLife *of, int64_t size, bool *same)
{
    *same = *same && l->size == size && l->first == of->first && l->last == of->last;
    l->size = size;
    l->first = of->first;
    l->last = of->last;
}

MlcrtStatus rt_lives_bytes(RtFrame *f, RtPlaces *p, int64_t *need)
{
    const MlcrtFn *fn = f->fn;
    int32_t n = fn->nlives;
    bool same = p->placed == n;
    int64_t sum = 0;
    p->placed = 0;
    for (int32_t i = 0; i < n; i++) {
        const MlcrtLife *l = &fn->lives[i];
        int64_t size = l->like < i ? p->lives[l->like].size : 0;
        MlcrtStatus status = l->like < i ? MLCRT_OK : rt_dim_eval(fn->sizes + l->bytes, f->call.dims, fn->ndims, &size);
        if (status)
            return status;
        if (size < 0)
            return MLCRT_EINTERNAL;
        if (__builtin_add_overflow(sum, size, &sum))
            return MLCRT_ELIMIT;
        set(&p->lives[i], l, size, &same);
    }
    if (!same)
        p->bytes = rt_lives_place(p->lives, n, (int64_t)f->arena_size, (int32_t *)(void *)(p->lives + n));
    p->placed = n;
    for (int32_t i = 0; i < n; i++)
        f->call.dims[fn->lives[i].dim] = p->lives[i].best;
    *need = p->bytes;
    return MLCRT_OK;
}
