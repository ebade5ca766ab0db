/* driver_targets.c - random checked trees, compiled for several targets and levels, give what the interpreter gives, faults included.
 *
 * MLC_SEED runs one program, MLC_PROGRAMS says how many, MLC_PRINT_AFTER shows them after a pass.
 */
#include <check.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "bare_rt.h"
#include "core_random.h"
#include "frontend/frontend.h"
#include "interp/interp.h"
#include "passes/passes.h"
#include "runtime/loader.h"

static const BeApi *api;

static const BeOptions ways[] = { { .cpu = "native", .opt = 2, .verify = true }, { .cpu = "x86-64", .opt = 2, .verify = true },
                                  { .cpu = "x86-64", .opt = 0, .verify = true }, { .cpu = "native", .opt = 2, .max_lanes = 1, .verify = true } };
#if defined(__SANITIZE_ADDRESS__) /* they take several times as long */
enum { PROGRAMS = 20 };
#else
enum { PROGRAMS = 40 };
#endif
enum { NWAYS = sizeof ways / sizeof ways[0], SIZE = 4 };

/* ---- a runtime of a few lines ------------------------------------------------------------------------------------------ */

static void parallel(const MlcrtCall *c, MlcrtKernel *k, int64_t n, int64_t grain)
{
    (void)grain;
    for (int64_t i = n - 1; i >= 0; i--)
        k(c, i, i + 1);
}

static void fault(const MlcrtCall *c, int64_t check, int64_t element, int64_t value, int64_t extent)
{
    (void)check, (void)element, (void)value, (void)extent;
    *c->stop = 1;
}

static double math1(int64_t op, double x)
{
    switch (op) {
    case MLCRT_M_exp: return exp(x);
    case MLCRT_M_log: return log(x);
    case MLCRT_M_sin: return sin(x);
    case MLCRT_M_cos: return cos(x);
    case MLCRT_M_tanh: return tanh(x);
    case MLCRT_M_floor: return floor(x);
    default: return NAN;
    }
}

static double math2(int64_t op, double x, double y) { return op == MLCRT_M_pow ? pow(x, y) : NAN; }

static const MlcrtRt table = { .parallel = parallel, .phases = bare_phases, .fault = fault, .math1 = math1, .math2 = math2 };

/* ---- one program ----------------------------------------------------------------------------------------------------------- */

static bool equal(double x, double y) { return x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= 1e-9 * fabs(x); }

static bool dim_of(void *user, DimSym *s, int64_t *v)
{
    (void)s;
    *v = *(int64_t *)user; /* programs have one */
    return true;
}

static void show(CoreTest *c, const char *why, uint64_t seed)
{
    fprintf(stderr, "MLC_SEED=%llu: %s\n", (unsigned long long)seed, why);
    for (int i = 0; i < c->t.m->fns.n; i++)
        if (c->t.m->fns.p[i]->level == TILE)
            fprintf(stderr, "%s\n", ir_test_text(&c->t, c->t.m->fns.p[i]));
}

static void printed(void *user, const char *pass, const char *text)
{
    (void)user;
    fprintf(stderr, "---- after %s\n%s\n", pass, text);
}

static RtObject *compile(CoreTest *c, IrFn *ir, const BeOptions *o, uint64_t seed)
{
    BeResult r = { 0 };
    Buf errors = buf_new(c->t.arena);
    RtObject *object = NULL;
    RtError err = { 0 };
    BeTarget target;
    be_target(o->cpu, &target, NULL);
    PassOptions p = { .verify = true, .target = { target.vector_bytes, target.registers, target.l1, target.l2 }, .print_after = getenv("MLC_PRINT_AFTER"), .printed = printed };
    if (!passes_run(c->t.m, ir, &p, &errors) || !api->compile(c->t.m, o, &r, &errors)) {
        show(c, buf_text(&errors), seed);
        ck_abort_msg("MLC_SEED=%llu does not compile", (unsigned long long)seed);
    }
    if (rt_object_load(NULL, r.object, r.size, NULL, &object, &err)) {
        show(c, "the loader refuses it", seed);
        ck_abort();
    }
    return object;
}

typedef struct Inputs { double x[SIZE], y[SIZE], s; } Inputs;

/* leaves: x, y (var), s; results: a scalar, a tensor */
static bool run_native(CoreTest *c, IrFn *ir, RtObject *object, int64_t size, const Inputs *in, double *y, double *scalar, double *tensor)
{
    char name[256];
    int64_t bytes = 0, stop = 0, *dims = NEWN(c->t.arena, int64_t, ir->dims.n + 1);
    _Alignas(16) double x[SIZE], s[2] = { in->s }, one[2] = { 0 };
    memcpy(x, in->x, sizeof x);
    memcpy(y, in->y, sizeof in->y);
    if (ir->arena_bytes)
        dim_eval(ir->arena_bytes, dim_of, &size, &bytes);
    dims[0] = size;
    for (int i = 0; i < ir->lives.n; i++) { /* places of a call, side by side */
        int64_t room = 0;
        dim_eval(ir->lives.p[i].bytes, dim_of, &size, &room);
        dims[ir->dims.n - ir->lives.n + i] = bytes;
        bytes += room;
    }
    char *arena = aligned_alloc(64, (size_t)bytes + 64);
    memset(arena, 0xff, (size_t)bytes + 64); /* what is read before it is written is a NaN */
    void *leaves[] = { x, y, s, one, tensor };
    MlcrtCall call = { .stop = &stop, .leaf = leaves, .dims = dims, .arena = arena, .rt = &table };
    snprintf(name, sizeof name, "mlc_body_%s", ir->name);
    void *symbol = rt_object_symbol(object, name);
    MlcrtBody *body;
    memcpy(&body, &symbol, sizeof body);
    ck_assert_ptr_nonnull(symbol);
    body(&call);
    *scalar = one[0];
    free(arena);
    return stop == 0;
}

static void compare(CoreTest *c, const InterpTensor *want, const double *y, double scalar, const double *tensor, int size, uint64_t seed)
{
    bool same = equal(*(double *)want[1].data, scalar);
    for (int i = 0; i < size; i++)
        same = same && equal(((double *)want[0].data)[i], y[i]) && equal(((double *)want[2].data)[i], tensor[i]);
    if (same)
        return;
    show(c, "native code differs from the interpreter", seed);
    fprintf(stderr, "result 1: %g, native %g\n", *(double *)want[1].data, scalar);
    for (int i = 0; i < size; i++)
        fprintf(stderr, "[%d]: %g, native %g; %g, native %g\n", i, ((double *)want[0].data)[i], y[i], ((double *)want[2].data)[i], tensor[i]);
    ck_abort_msg("MLC_SEED=%llu", (unsigned long long)seed);
}

static bool run_one(uint64_t seed, const BeOptions *o)
{
    CoreTest c;
    int size = 1 + (int)(seed % SIZE);
    Inputs in = { { 1, -2, (double)NAN, 3 }, { 0.5, 1, -1, 2 }, 2 };
    double y[SIZE], tensor[SIZE] = { 0 }, scalar;
    ir_test_init(&c.t);
    CoreFn *fn = random_program(&c, seed);
    IrFn *ir = frontend_lower(c.t.m, fn, c.t.diags);
    ck_assert_ptr_nonnull(ir);
    InterpTensor args[] = { { DT_f64, 1, { size }, in.x, false }, { DT_f64, 1, { size }, in.y, false }, { DT_f64, 0, { 0 }, &in.s, false } }, out[3];
    int64_t dims[] = { size };
    InterpError err;
    Inputs kept = in;
    int status = interp_call(c.t.arena, fn, args, NULL, out, &(InterpOptions){ .dims = dims }, &err);
    RtObject *object = compile(&c, ir, o, seed);
    bool ok = run_native(&c, ir, object, size, &kept, y, &scalar, tensor);
    if (ok != (status == 0)) {
        show(&c, ok ? "native code misses a fault" : "native code has a fault that the interpreter does not have", seed);
        ck_abort_msg("MLC_SEED=%llu: %s", (unsigned long long)seed, status ? err.text : "no fault");
    }
    if (ok)
        compare(&c, out, y, scalar, tensor, size, seed);
    rt_object_unload(object);
    ir_test_drop(&c.t);
    return ok;
}

START_TEST(native_code_gives_what_the_interpreter_gives)
{
    const char *one = getenv("MLC_SEED"), *many = getenv("MLC_PROGRAMS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1, count = one ? 1 : many ? strtoull(many, NULL, 10) : PROGRAMS, good = 0;
    for (uint64_t seed = first + (one ? 0 : (uint64_t)_i * count); count; seed++, count--)
        good += run_one(seed, &ways[_i]);
    ck_assert_msg(one || good > 0, "no program runs");
}
END_TEST

int main(void)
{
    void *library = dlopen(MLC_BUILD_DIR "/libmlc-llvm.so", RTLD_NOW | RTLD_LOCAL), *symbol = library ? dlsym(library, "mlcbe_api") : NULL;
    const BeApi *(*get)(void);
    if (!symbol) {
        fprintf(stderr, "no code generation in this build\n");
        return 77;
    }
    memcpy(&get, &symbol, sizeof get);
    api = get();
    Suite *s = suite_create("targets against the interpreter");
    TCase *c = tcase_create("random programs");
    tcase_set_timeout(c, 250);
    tcase_add_loop_test(c, native_code_gives_what_the_interpreter_gives, 0, NWAYS);
    suite_add_tcase(s, c);
    return test_main(s);
}
