/* driver_oracle.c - the oracle: random programs, compiled and interpreted, must agree.
 *
 *     driver_oracle [-n PROGRAMS] [-s SEED] [-v]        default: 500 programs from seed 1
 *
 * With r the result of the interpreter in f64 and n its result in the declared precision, a compiled result y agrees if
 * max|y - r| <= 2 max|n - r| + 2u max|r|, the same for means, and NaN and Inf stand at the same places (architecture page). n is taken
 * as the worst of three runs that round to nearest, up and down, so that a lucky n does not make the bound too tight. A program that
 * disagrees is shrunk (statements dropped, dims lowered) and printed with its seed.
 */
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/unit.h"
#include "interp/interp.h"
#include "../support/driver_oracle/gen.h"

typedef enum Verdict { AGREES, DISAGREES, REJECTED, FAILED, UNDECIDED } Verdict;

typedef struct Run {
    const Program *p;
    const char *skip; /* passes to leave out */
    Verdict verdict;
    char text[400];
    Mem mem;
    Codegen *codegen;
    MlcrtContext *context;
} Run;

static int64_t count_of(const Program *p, int rank, const int *dims)
{
    int64_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= p->dims[dims[i]];
    return n;
}

/* ---- inputs -------------------------------------------------------------------------------------------------------- */

static float some_float(Rng *r, bool exceptional)
{
    static const float odd[] = { NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 1e-40f, 3e38f, -3e38f };
    if (exceptional && rng_below(r, 20) == 0)
        return odd[rng_below(r, 8)];
    return (float)(rng_unit(r) * 4 - 2);
}

static InterpTensor input_of(Arena *a, const Program *p, const GenParam *q, Rng *r)
{
    InterpTensor t = { .dtype = q->kind == 'b' ? DT_bool : DT_f32, .rank = q->rank };
    int64_t n = count_of(p, q->rank, q->dims);
    t.data = arena_alloc(a, (size_t)(n * 4 + 64));
    for (int i = 0; i < q->rank; i++)
        t.shape[i] = p->dims[q->dims[i]];
    for (int64_t i = 0; i < n; i++) {
        if (q->kind == 'b')
            ((uint8_t *)t.data)[i] = (uint8_t)rng_below(r, 2);
        else
            ((float *)t.data)[i] = some_float(r, p->seed % 10 < 2);
    }
    return t;
}

/* ---- the two ways to run ------------------------------------------------------------------------------------------- */

static int interpret(Arena *a, CoreFn *fn, const InterpTensor *in, bool wide, int rounding, InterpTensor *out, InterpError *err)
{
    InterpOptions o = { .wide = wide };
    fesetround(rounding);
    int status = interp_call(a, fn, in, NULL, out, &o, err);
    fesetround(FE_TONEAREST);
    return status;
}

static MlcrtStatus run_native(Run *run, Arena *a, const MlcrtFn *f, const InterpTensor *in, float *y, char *text)
{
    const Program *p = run->p;
    MlcrtTensor t[GEN_PARAMS + 1];
    int64_t shapes[GEN_PARAMS + 1][3];
    void *args[GEN_PARAMS + 1];
    MlcrtSession *s;
    (void)a;
    if (mlcrt_session_new(run->context, &s))
        return MLCRT_EMEMORY;
    for (int i = 0; i <= p->nparams; i++) {
        bool last = i == p->nparams;
        int rank = last ? p->rank : in[i].rank;
        for (int k = 0; k < rank; k++)
            shapes[i][k] = last ? p->dims[p->result_dims[k]] : in[i].shape[k];
        bool is_bool = !last && in[i].dtype == DT_bool;
        t[i] = (MlcrtTensor){ .data = last ? y : in[i].data, .device = 1, .rank = rank, .code = is_bool ? 6 : 2, .bits = is_bool ? 8 : 32,
                              .lanes = 1, .shape = shapes[i] };
        args[i] = rank || last ? (void *)&t[i] : in[i].data;
    }
    MlcrtStatus status = mlcrt_invoke(s, f, args);
    snprintf(text, 200, "%s", mlcrt_error(s)->sentence);
    mlcrt_session_free(s);
    return status;
}

/* ---- the rule ------------------------------------------------------------------------------------------------------ */

typedef struct Stat { double most, mean, size; int64_t kinds, first; } Stat;

static int kind_of(double x) { return isnan(x) ? 1 : isinf(x) ? x > 0 ? 2 : 3 : 0; }

static Stat distance(int64_t n, const double *r, const double *x)
{
    Stat s = { .first = -1 };
    int64_t finite = 0;
    for (int64_t i = 0; i < n; i++) {
        if (kind_of(x[i]) != kind_of((double)(float)r[i])) {
            s.kinds++;
            s.first = s.first < 0 ? i : s.first;
            continue;
        }
        if (!isfinite(r[i]) || !isfinite(x[i]))
            continue;
        double d = fabs(x[i] - r[i]);
        if (d > s.most)
            s.most = d, s.first = i;
        s.mean += d;
        s.size = fmax(s.size, fabs(r[i]));
        finite++;
    }
    s.mean /= finite ? (double)finite : 1;
    return s;
}

static double *widen(Arena *a, int64_t n, const void *p, IrDtype t)
{
    double *x = NEWN(a, double, n + 1);
    for (int64_t i = 0; i < n; i++)
        x[i] = t == DT_f64 ? ((const double *)p)[i] : (double)((const float *)p)[i];
    return x;
}

static void judge(Run *run, Arena *a, int64_t n, const InterpTensor *wide, const InterpTensor narrow[3], const float *y)
{
    double *r = widen(a, n, wide->data, wide->dtype), *v = widen(a, n, y, DT_f32), u = 0x1p-24;
    Stat worst = { 0 }, got = distance(n, r, v);
    for (int i = 0; i < 3; i++) {
        Stat s = distance(n, r, widen(a, n, narrow[i].data, narrow[i].dtype));
        worst.most = fmax(worst.most, s.most);
        worst.mean = fmax(worst.mean, s.mean);
        worst.kinds += s.kinds;
    }
    if (worst.kinds || worst.most > 1e-2 * fmax(got.size, 1)) { /* a comparison or an overflow is decided by rounding: no verdict */
        run->verdict = UNDECIDED;
        return;
    }
    double most = 2 * worst.most + 2 * u * got.size, mean = 2 * worst.mean + 2 * u * got.size;
    run->verdict = got.kinds || got.most > most || got.mean > mean ? DISAGREES : AGREES;
    int64_t at = got.first;
    if (run->verdict == DISAGREES)
        snprintf(run->text, sizeof run->text, "element %lld: compiled %.9g, reference %.17g (largest error %.3g, bound %.3g; %lld NaN or Inf)",
                 (long long)at, at >= 0 ? v[at] : 0, at >= 0 ? r[at] : 0, got.most, most, (long long)got.kinds);
}

/* ---- one program ---------------------------------------------------------------------------------------------------- */

static void say_rejected(Run *run, Unit *u, Verdict v)
{
    Buf b = buf_new(u->arena);
    diags_render(u->diags, &b, false);
    run->verdict = v;
    snprintf(run->text, sizeof run->text, "%.390s", buf_text(&b));
}

static void both(Run *run, Unit *u, CoreFn *fn, const MlcrtFn *f)
{
    Arena *a = u->arena;
    const Program *p = run->p;
    Rng rng = { p->seed ^ 0xabcdef };
    InterpTensor in[GEN_PARAMS], wide, narrow[3];
    InterpError err;
    static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD };
    for (int i = 0; i < p->nparams; i++)
        in[i] = input_of(a, p, &p->params[i], &rng);
    int64_t n = count_of(p, p->rank, p->result_dims);
    float *y = arena_alloc(a, (size_t)n * 4 + 64);
    char text[200];
    int status = interpret(a, fn, in, true, FE_TONEAREST, &wide, &err);
    for (int i = 0; i < 3 && !status; i++)
        status = interpret(a, fn, in, false, modes[i], &narrow[i], &err);
    MlcrtStatus native = run_native(run, a, f, in, y, text);
    if (status != native) {
        run->verdict = DISAGREES;
        snprintf(run->text, sizeof run->text, "interpreter: status %d (%.100s), compiled: status %d (%.100s)", status, err.text ? err.text : "",
                 native, text);
    } else if (status)
        run->verdict = AGREES;
    else
        judge(run, a, n, &wide, narrow, y);
}

static void one(void *arg)
{
    Run *run = arg;
    UnitOptions o = { .cpu = "native", .optimise = 2, .verify = true, .skip = run->skip };
    Unit *u = unit_new(&run->mem, &o, run->codegen, run->context);
    char *text = gen_text(u->arena, run->p);
    if (!unit_check_text(u, "generated.ml", text, strlen(text))) {
        say_rejected(run, u, REJECTED);
        return;
    }
    CoreFn *fn = unit_find(u, "f");
    const MlcrtFn *f = fn ? unit_function(u, fn, true) : NULL;
    if (f)
        both(run, u, fn, f);
    else
        say_rejected(run, u, FAILED);
    unit_drop(u);
}

static Verdict try_program(Run *run, const Program *p)
{
    run->p = p;
    run->verdict = FAILED;
    run->text[0] = 0;
    mem_init(&run->mem, mem_malloc_hooks(), 0);
    if (!mem_try(&run->mem, one, run))
        snprintf(run->text, sizeof run->text, "out of memory");
    mem_drop(&run->mem);
    return run->verdict;
}

/* ---- the shrinker ---------------------------------------------------------------------------------------------------- */

static void shrink(Run *run, Program *p, Verdict wanted)
{
    for (bool again = true; again;) {
        again = false;
        for (int i = 0; i < p->nstmts; i++) {
            Program q = *p;
            if (q.dropped[i])
                continue;
            q.dropped[i] = true;
            if (try_program(run, &q) == wanted)
                *p = q, again = true;
        }
        for (int i = 0; i < GEN_DIMS; i++) {
            Program q = *p;
            q.dims[i] /= 2;
            if (q.dims[i] != p->dims[i] && try_program(run, &q) == wanted)
                *p = q, again = true;
        }
    }
    try_program(run, p);
}

static void report(Run *run, Program *p, Arena *a, Verdict v)
{
    static const char *const words[] = { "agrees", "DISAGREES", "REJECTED", "FAILED", "undecided" };
    if (v == REJECTED) /* a smaller one would be rejected for another reason */
        try_program(run, p);
    else
        shrink(run, p, v);
    printf("seed %llu %s%s%s: %s\ndims M %lld N %lld K %lld\n%s\n", (unsigned long long)p->seed, words[v], run->skip ? " without " : "",
           run->skip ? run->skip : "", run->text, (long long)p->dims[0], (long long)p->dims[1], (long long)p->dims[2], gen_text(a, p));
}

static uint64_t option(int argc, char **argv, const char *name, uint64_t otherwise)
{
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], name))
            return strtoull(argv[i + 1], NULL, 10);
    return otherwise;
}

int main(int argc, char **argv)
{
    uint64_t n = option(argc, argv, "-n", 500), seed = option(argc, argv, "-s", 1);
    static const char *const skips[] = { NULL, NULL, "fuse,lift", "narrow,stage", "hoist,cse" };
    int counts[5] = { 0 }, shown = 0;
    Mem mem;
    mem_init(&mem, mem_malloc_hooks(), 0);
    Arena *a = arena_new(&mem);
    UnitOptions o = { .library_path = MLC_BUILD_DIR };
    Run run = { .codegen = codegen_new(a, &o) };
    MlcrtOptions co = { .size = sizeof co, .threads = 2 };
    if (!run.codegen || mlcrt_context_new(&co, &run.context))
        return 1;
    for (uint64_t i = 0; i < n; i++) {
        Program *p = NEW(a, Program);
        gen_program(a, seed + i, p);
        run.skip = skips[i % 5];
        Verdict v = try_program(&run, p);
        counts[v]++;
        if ((v == DISAGREES || v == FAILED || v == REJECTED) && shown++ < 5)
            report(&run, p, a, v);
    }
    int bad = counts[DISAGREES] + counts[FAILED] + counts[REJECTED];
    printf("programs %llu from seed %llu: %d agree, %d undecided, %d disagree, %d not compiled, %d rejected\n", (unsigned long long)n,
           (unsigned long long)seed, counts[AGREES], counts[UNDECIDED], counts[DISAGREES], counts[FAILED], counts[REJECTED]);
    mlcrt_context_free(run.context);
    codegen_free(run.codegen);
    mem_drop(&mem);
    return bad || counts[UNDECIDED] > (int)n / 5;
}
