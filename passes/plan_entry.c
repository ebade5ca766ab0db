/* plan_entry.c - how good a plan is, and plans that are made when a call knows its sizes.
 *
 *     %a = buffer arena at place.1 : f32[T, D]        life place.1 0 to 4: 4 * T * D
 *     %b = buffer arena at place.2 : f32[T, E]        life place.2 2 to 6: 4 * T * E
 *
 * No plan that holds for all dims is near what lives at one time for each of them, if several are independent: whether %b fits where %a
 * was is one question of many. The places are dims of the function then, which runtime/lives.c sets at entry.
 */
#include "passes/plan_int.h"

enum { LIVES_MOST = 256 };

/* ---- trials ----------------------------------------------------------------------------------------------------------- */

typedef struct Trial { const IrFn *fn; uint32_t number; } Trial;

/* By where the symbol stands in the function: what is chosen does not depend on the functions before it. */
static uint32_t place_of(const IrFn *fn, const DimSym *s)
{
    for (int i = 0; i < fn->dims.n; i++)
        if (fn->dims.p[i] == s)
            return 1 + (uint32_t)i;
    return s->id;
}

/* Numbers from 1 to 3584, four to an octave, in another order for each symbol, so that each has all of them. */
static int64_t size_of_many(uint32_t place, uint32_t number)
{
    static const uint8_t coprime[] = { 1, 5, 7, 11, 13, 17, 19, 23, 25, 29, 31, 35, 37, 41, 43, 47 };
    uint32_t step = (number * coprime[place % 16] + place * 17) % (PASS_TRIALS - TRIALS);
    return ((int64_t)(4 + step % 4) << step / 4) / 4;
}

/* 256 for each; powers of two, since of these many divide others; and now and then others. Then all of them. */
static bool size_in_trial(void *user, DimSym *s, int64_t *v)
{
    const Trial *t = user;
    uint32_t place = place_of(t->fn, s), x = (place * 2654435761u) ^ (t->number * 0x9e3779b9u);
    x = (x ^ x >> 15) * 0x85ebca6bu;
    x = (x ^ x >> 13) * 0xc2b2ae35u;
    x ^= x >> 16;
    int64_t power = (int64_t)1 << (t->number < PROBES ? 4 + x % 6 : x % 12);
    *v = !t->number ? 256 : t->number % 4 ? power : power + x / 64 % power;
    if (t->number >= TRIALS)
        *v = size_of_many(place, t->number);
    return true;
}

bool pass_trial(const IrFn *fn, Dim d, int trial, int64_t *v)
{
    Trial t = { fn, (uint32_t)trial };
    return dim_eval(d, size_in_trial, &t, v);
}

static int64_t size_in(const Plan *p, const Life *l, int trial)
{
    int64_t v;
    if (trial < TRIALS)
        return l->sizes[trial];
    return pass_trial(p->fn, l->bytes, trial, &v) ? v : INT64_MAX;
}

/* -1: too large to say. */
static double most_at_one_time(const Plan *p, int trial)
{
    double *change = NEWN(p->cx->arena, double, p->next + 2), now = 0, most = 0;
    for (int i = 0; i < p->lives.n; i++) {
        const Life *l = &p->lives.p[i];
        int64_t size = size_in(p, l, trial);
        if (size == INT64_MAX)
            return -1;
        change[l->first] += (double)size;
        change[l->last + 1] -= (double)size;
    }
    for (int i = 0; i <= p->next; i++) {
        now += change[i];
        most = now > most ? now : most;
    }
    return most;
}

void plan_bounds(Plan *p)
{
    for (int k = 0; k < TRIALS; k++)
        p->most[k] = most_at_one_time(p, k);
}

static double excess_in(const Plan *p, Dim bytes, int trial, double least)
{
    int64_t v = 0;
    if (least <= 0)
        return 1;
    return pass_trial(p->fn, bytes, trial, &v) ? (double)v / least : 1e300;
}

double plan_excess(const Plan *p, Dim bytes)
{
    double most = 1;
    for (int k = 0; k < TRIALS; k++) {
        double here = excess_in(p, bytes, k, p->most[k]);
        most = here > most ? here : most;
    }
    return most;
}

bool plan_holds(const Plan *p, Dim bytes)
{
    if (plan_excess(p, bytes) > PLAN_MOST_EXCESS)
        return false;
    for (int k = TRIALS; k < PASS_TRIALS; k++)
        if (excess_in(p, bytes, k, most_at_one_time(p, k)) > PLAN_MOST_EXCESS)
            return false;
    return true;
}

/* ---- places of a call ------------------------------------------------------------------------------------------------- */

bool plan_at_entry(Plan *p)
{
    DimCx *d = p->cx->module->dims;
    bool known = true;
    int64_t v;
    for (int i = 0; i < p->lives.n && known; i++)
        known = dim_is_const(p->lives.p[i].bytes, &v);
    if (known || p->lives.n > LIVES_MOST)
        return false;
    for (int i = 0; i < p->lives.n; i++) {
        const Life *l = &p->lives.p[i];
        DimSym *at = dim_sym_new(d, name_of(p->cx->module->names, "place"), p->fn->span);
        vec_push(p->cx->module->arena, &p->fn->dims, at);
        vec_push(p->cx->module->arena, &p->fn->lives, ((IrLife){ .at = at, .bytes = l->bytes, .first = l->first, .last = l->last }));
        l->buffer->offset = dim_sym(d, at);
        l->buffer->imm = 0;
    }
    return true;
}

/* ---- for the user ------------------------------------------------------------------------------------------------------ */

/* Per cent of the arena beyond the largest sum of what lives at one time; -1: too large to say. */
static int waste_of(const Plan *p, Dim bytes, int trial)
{
    int64_t all;
    double least = most_at_one_time(p, trial);
    if (least < 0 || !pass_trial(p->fn, bytes, trial, &all))
        return -1;
    return least > 0 ? (int)(100 * ((double)all - least) / least + 0.5) : 0;
}

/* Bytes of tensors and of scratch at the moment when most lives, in the first trial. */
static void most_alive(const Plan *p, int64_t *live)
{
    live[0] = live[1] = 0;
    for (int i = 0; i < p->lives.n && p->most[0] >= 0; i++) {
        int64_t now[2] = { 0 };
        for (int k = 0; k < p->lives.n; k++) {
            const Life *o = &p->lives.p[k];
            if (o->first <= p->lives.p[i].first && p->lives.p[i].first <= o->last)
                now[o->buffer->place == PLACE_scratch] += o->sizes[0];
        }
        if (now[0] + now[1] > live[0] + live[1]) {
            live[0] = now[0];
            live[1] = now[1];
        }
    }
}

void plan_explain(const Plan *p)
{
    IrFn *fn = p->fn;
    int64_t live[2];
    int equal = fn->arena_bytes ? waste_of(p, fn->arena_bytes, 0) : -1, most = equal;
    for (int k = 1; k < PASS_TRIALS && fn->arena_bytes; k++) {
        int here = waste_of(p, fn->arena_bytes, k);
        most = here > most ? here : most;
    }
    most_alive(p, live);
    pass_explain_arena(p->cx, fn, equal, most, live);
}
