/* driver_native.c - random checked trees as native code: lowered, through all passes, compiled, called; equal to the interpreter.
 *
 * MLC_SEED runs one program, MLC_PROGRAMS how many. Skipped where there is no code generator.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bare_rt.h"
#include "core_random.h"
#include "driver/unit.h"
#include "interp/interp.h"
#include "runtime/loader.h"

typedef struct Native { CoreTest c; Codegen *codegen; BeTarget target; bool faulted; } Native;

/* ---- what compiled code calls ---- */

static void serial(const MlcrtCall *c, MlcrtKernel *k, int64_t n, int64_t grain)
{
    for (int64_t i = 0; i < n; i += grain)
        k(c, i, i + grain < n ? i + grain : n);
}

static void fault(const MlcrtCall *c, int64_t check, int64_t element, int64_t value, int64_t extent)
{
    (void)check, (void)element, (void)value, (void)extent;
    *(bool *)c->state = true;
    *c->stop = 1;
}

static const MlcrtRt calls = { .parallel = serial, .phases = bare_phases, .fault = fault };

/* ---- one program ---- */

static int64_t size_of_n;

static bool only_dim(void *user, DimSym *s, int64_t *v)
{
    (void)user, (void)s;
    *v = size_of_n;
    return true;
}

/* dims: gets the size, then the places that a call gives, side by side */
static void *arena_for(Arena *a, const IrFn *ir, int64_t **dims)
{
    int64_t bytes = 0, size;
    *dims = NEWN(a, int64_t, ir->dims.n + 1);
    (*dims)[0] = size_of_n;
    if (ir->arena_bytes)
        ck_assert(dim_eval(ir->arena_bytes, only_dim, NULL, &bytes));
    for (int i = 0; i < ir->lives.n; i++, bytes += size) {
        (*dims)[ir->dims.n - ir->lives.n + i] = bytes;
        ck_assert(dim_eval(ir->lives.p[i].bytes, only_dim, NULL, &size));
    }
    void *p = aligned_alloc(64, (size_t)bytes / 64 * 64 + 128);
    ck_assert_ptr_nonnull(p);
    return p;
}

static IrModule tiled(Native *n, const IrFn *fn, uint64_t seed)
{
    Buf errors = buf_new(n->c.t.arena);
    IrFn *ir = ir_fn_clone((IrFn *)(uintptr_t)fn, fn->name);
    PassOptions o = { .verify = true, .target = { n->target.vector_bytes, n->target.registers, n->target.l1, n->target.l2 } };
    ck_assert_msg(passes_run(n->c.t.m, ir, &o, &errors), "MLC_SEED=%llu: %.400s", (unsigned long long)seed, buf_text(&errors));
    IrModule m = *n->c.t.m;
    m.fns.p = NULL;
    m.fns.n = m.fns.cap = 0;
    vec_push(n->c.t.arena, &m.fns, ir);
    return m;
}

static void call_native(Native *n, const IrFn *fn, void **leaves, uint64_t seed)
{
    IrModule m = tiled(n, fn, seed);
    BeResult out;
    RtObject *object = NULL;
    RtError err = { 0 };
    int status;
    Buf errors = buf_new(n->c.t.arena);
    BeOptions o = { .opt = (int)(seed % 4), .verify = true };
    ck_assert_msg(codegen_compile(n->codegen, &m, &o, &out, &status, &errors), "MLC_SEED=%llu: %.400s", (unsigned long long)seed, buf_text(&errors));
    ck_assert_msg(rt_object_load(NULL, out.object, out.size, NULL, &object, &err) == 0, "MLC_SEED=%llu: %s", (unsigned long long)seed, err.text);
    MlcrtBody *body;
    void *code = rt_object_symbol(object, arena_printf(n->c.t.arena, "mlc_body_%s", fn->name));
    ck_assert_ptr_nonnull(code);
    memcpy(&body, &code, sizeof body);
    int64_t stop = 0;
    int64_t *dims;
    char *arena = arena_for(n->c.t.arena, m.fns.p[0], &dims);
    MlcrtCall call = { .leaf = leaves, .dims = dims, .stop = &stop, .arena = arena, .rt = &calls, .state = &n->faulted };
    n->faulted = false;
    body(&call);
    free(call.arena);
    rt_object_unload(object);
}

static bool equal(double x, double y)
{
    return x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= 1e-9 * fabs(x);
}

static void compare(Native *n, const IrFn *ir, const InterpTensor *want, double *const *got, uint64_t seed)
{
    bool same = !n->faulted;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < (k == 1 ? 1 : size_of_n); i++)
            same = same && equal(((double *)want[k].data)[i], got[k][i]);
    if (same)
        return;
    fprintf(stderr, "%s\n", ir_test_text(&n->c.t, ir));
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < (k == 1 ? 1 : size_of_n); i++)
            fprintf(stderr, "result %d[%d]: %g, native %g\n", k, i, ((double *)want[k].data)[i], got[k][i]);
    ck_abort_msg("MLC_SEED=%llu: '%s' differs from the interpreter%s", (unsigned long long)seed, ir->name, n->faulted ? " by a fault" : "");
}

static void run_one(Codegen *codegen, const BeTarget *target, uint64_t seed)
{
    Native n = { .codegen = codegen, .target = *target };
    ir_test_init(&n.c.t);
    CoreFn *fn = random_program(&n.c, seed);
    IrFn *ir = frontend_lower(n.c.t.m, fn, n.c.t.diags);
    ck_assert_ptr_nonnull(ir);
    size_of_n = 1 + (int64_t)(seed % 4);

    double x[4] = { 1, -2, (double)NAN, 3 }, cells[4] = { 0.5, 1, -1, 2 };
    _Alignas(16) double s[2] = { 2 }, value[2], row[4];
    InterpTensor args[] = { { DT_f64, 1, { size_of_n }, x, false }, { DT_f64, 1, { size_of_n }, cells, false }, { DT_f64, 0, { 0 }, s, false } }, want[3];
    InterpError err;
    int status = interp_call(n.c.t.arena, fn, args, NULL, want, &(InterpOptions){ .dims = &size_of_n }, &err);
    call_native(&n, ir, (void *[]){ x, cells, s, value, row }, seed);
    if (status == 0)
        compare(&n, ir, want, (double *[]){ cells, value, row }, seed);
    ir_test_drop(&n.c.t);
}

#if defined(__SANITIZE_ADDRESS__) /* they take several times as long */
enum { PROGRAMS = 50 };
#else
enum { PROGRAMS = 120 };
#endif

START_TEST(native_code_agrees_with_the_interpreter)
{
    const char *one = getenv("MLC_SEED"), *many = getenv("MLC_PROGRAMS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1, count = one ? 1 : many ? strtoull(many, NULL, 10) : PROGRAMS;
    Mem mem;
    mem_init(&mem, mem_malloc_hooks(), 0);
    Arena *a = arena_new(&mem);
    Buf errors = buf_new(a);
    BeTarget target;
    Codegen *codegen = codegen_new(a, &(UnitOptions){ .library_path = MLC_BUILD_DIR });
    ck_assert_msg(be_target("native", &target, &errors) && codegen_library(codegen, &errors), "%s", buf_text(&errors));
    for (uint64_t seed = first; seed < first + count; seed++)
        run_one(codegen, &target, seed);
    codegen_free(codegen);
    mem_drop(&mem);
}
END_TEST

int main(void)
{
    FILE *library = fopen(MLC_BUILD_DIR "/libmlc-llvm.so", "rb");
    if (!library)
        return 77;
    fclose(library);
    Suite *s = suite_create("native code against the interpreter");
    TCase *tc = tcase_create("random programs");
    tcase_set_timeout(tc, 250);
    tcase_add_test(tc, native_code_agrees_with_the_interpreter);
    suite_add_tcase(s, tc);
    return test_main(s);
}
