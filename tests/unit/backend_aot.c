/* backend_aot.c - ahead of time: the constants of a module are the tables they were made from, the typed functions pass their arguments
 * as C does, and the header says so to C99 and C++. */
#include <llvm-c/Error.h>

#include "backend_test.h"

#define F "step"

/* ---- tables, written by hand ------------------------------------------------------------------------------------------- */

static const int64_t dim_n[] = { MLCRT_D_DIM, 0, MLCRT_D_END }, twice[] = { MLCRT_D_CONST, 0, MLCRT_D_DIM, 0, MLCRT_D_MUL, MLCRT_D_END };
static const int64_t *const one_dim[] = { dim_n };
static const MlcrtLeaf leaves[] = { { "x", DT_f32, 1, 0, 0, one_dim }, { "k", DT_key, 0, 0, 0, NULL }, { "b", DT_bool, 0, 0, 0, NULL },
                                    { "", DT_f32, 1, 0, 0, one_dim } };
static const MlcrtParam params[] = {
    { "x", "f32[N]", MLCRT_PARAM_TENSOR, 0, DT_f32, 0, 1, -1, { 0, 0 }, NULL },
    { "a", "i32", MLCRT_PARAM_SCALAR, 0, DT_i32, 1, 1, -1, { 0, 0 }, NULL },
    { "k", "Key", MLCRT_PARAM_SCALAR, 0, DT_key, 1, 1, -1, { 0, 0 }, NULL },
    { "c", "i64", MLCRT_PARAM_SCALAR, MLCRT_VAR, DT_i64, 1, 1, -1, { 0, 0 }, NULL },
    { "k2", "Key", MLCRT_PARAM_SCALAR, 0, DT_key, 1, 1, -1, { 0, 0 }, NULL },
    { "d", "f64", MLCRT_PARAM_SCALAR, MLCRT_NAMED | MLCRT_DEFAULT, DT_f64, 1, 1, -1, { 0x3ff8000000000000, 0 }, NULL },
    { "b", "bool", MLCRT_PARAM_SCALAR, MLCRT_NAMED, DT_bool, 1, 1, -1, { 0, 0 }, NULL },
    { "h", "f16", MLCRT_PARAM_SCALAR, 0, DT_f16, 1, 1, -1, { 0, 0 }, NULL },
    { "net", "Net(N)", MLCRT_PARAM_HANDLE, 0, 0, 2, 1, 0, { 0, 0 }, NULL },
    { "new", "str", MLCRT_PARAM_SCALAR, 0, DT_str, 1, 1, -1, { 0, 0 }, NULL },
    { "f", "f32", MLCRT_PARAM_SCALAR, 0, DT_f32, 1, 1, -1, { 0, 0 }, NULL },
    { "result", "f32[N]", MLCRT_PARAM_TENSOR, MLCRT_RESULT, DT_f32, 3, 1, -1, { 0, 0 }, NULL },
};
enum { NPARAMS = sizeof params / sizeof params[0] };
static const MlcrtPlanRow plan[] = { { MLCRT_P_BIND, 0, 0, 0, 0, 3, 4, 0, NULL, NULL, NULL }, { MLCRT_P_LE, 0, 0, 0, 0, 5, 6, 0, dim_n, twice, "N <= 0 /* ha */" } };
static const MlcrtCheck checks[] = { { 9, 7, 8, 0, "f.ml", "index %lld is outside of 0..%lld" } };
static const char *const dim_names[] = { "N" }, *const effects[] = { "print" }, *const numbers[] = { "N", "len" };
static const MlcrtFn prep = { .name = "pack", .symbol = "pack", .file = "f.ml" };
static const MlcrtPrep preps[] = { { &prep, 8, 0, 77, 1, 16, 2, 0 } };
static const MlcrtFn step = { .name = F, .symbol = F, .doc = "One step.\nWith */ in it.", .signature = "fn step(x: f32[N])", .file = "f.ml", .nparams = NPARAMS,
                              .nleaves = 3, .ndims = 1, .nplan = 2, .nchecks = 1, .params = params, .leaves = leaves, .nresults = 1, .nscratch = 5,
                              .dim_names = dim_names, .plan = plan, .checks = checks, .arena = twice, .preps = preps, .npreps = 1, .line = 12,
                              .effects = effects, .neffects = 1, .forms = (const unsigned char[]){ 0, 7, 1 } };
static const MlcrtFn init = { .name = "Net", .symbol = "pack", .leaves = &leaves[1], .nleaves = 1 };
static const MlcrtLeaf fields[] = { { "len", DT_i64, 0, 0, 0, NULL }, { "layers.*.w", DT_f32, 1, 1, 1, one_dim }, { "half", DT_f16, 0, 0, 0, NULL }, { "key", DT_key, 0, 0, 0, NULL } };
static const MlcrtStruct net = { "Net", "A net.", 1, 2, 2, 0, numbers, fields, &init, 0x1234567890abcdef };
static const MlcrtStruct cache = { "Cache", NULL, 0, 2, 4, 1, numbers, fields, &init, 42 };
static const MlcrtFn *const fns[] = { &step };
static const MlcrtStruct *const structs[] = { &net, &cache };
static const MlcrtModule module = { MLCRT_ABI, sizeof(MlcrtModule), "m", "x86-64-v3", MLCRT_CPU_AVX2, 1, 2, fns, structs };

static const char tile[] = "tile fn @pack() -> () {\n}\ntile fn @step() -> () {\n}\n";

/* ---- constants -------------------------------------------------------------------------------------------------------------- */

static void same_text(const char *a, const char *b)
{
    ck_assert_int_eq(!a, !b);
    if (a)
        ck_assert_str_eq(a, b);
}

static void same_leaf(const MlcrtLeaf *a, const MlcrtLeaf *b)
{
    same_text(a->path, b->path);
    ck_assert(a->dtype == b->dtype && a->rank == b->rank && a->nstack == b->nstack && a->role == b->role);
    for (int i = 0; i < a->rank; i++)
        ck_assert_int_eq(memcmp(a->dims[i], b->dims[i], sizeof dim_n), 0);
}

static void same_params(const MlcrtFn *a, const MlcrtFn *b)
{
    for (int i = 0; i < a->nparams; i++) {
        const MlcrtParam *p = &a->params[i], *q = &b->params[i];
        same_text(p->name, q->name);
        same_text(p->type, q->type);
        ck_assert_int_eq(memcmp(&p->kind, &q->kind, sizeof *p - offsetof(MlcrtParam, kind)), 0);
    }
}

static void same_fn(const MlcrtFn *a, const MlcrtFn *b)
{
    const char *const *s = &a->name, *const *t = &b->name;
    for (int i = 0; i < 5; i++) /* name symbol doc signature file */
        same_text(s[i], t[i]);
    ck_assert_int_eq(memcmp(&a->nparams, &b->nparams, 6 * sizeof(int32_t)), 0);
    same_params(a, b);
    for (int i = 0; i < a->nleaves + a->nresults; i++)
        same_leaf(&a->leaves[i], &b->leaves[i]);
    ck_assert(a->nresults == b->nresults && a->nscratch == b->nscratch && a->line == b->line && a->npreps == b->npreps && a->neffects == b->neffects);
    for (int i = 0; i < a->ndims; i++)
        same_text(a->dim_names[i], b->dim_names[i]);
    for (int i = 0; i < a->nplan; i++) {
        ck_assert_int_eq(memcmp(&a->plan[i], &b->plan[i], offsetof(MlcrtPlanRow, a)), 0);
        same_text(a->plan[i].text, b->plan[i].text);
        ck_assert_int_eq(!a->plan[i].b, !b->plan[i].b);
        if (a->plan[i].b)
            ck_assert_int_eq(memcmp(a->plan[i].b, b->plan[i].b, sizeof twice), 0);
    }
    for (int i = 0; i < a->nchecks; i++) {
        ck_assert_int_eq(memcmp(&a->checks[i], &b->checks[i], offsetof(MlcrtCheck, file)), 0);
        same_text(a->checks[i].text, b->checks[i].text);
    }
    for (int i = 0; i < a->neffects; i++)
        same_text(a->effects[i], b->effects[i]);
    for (int i = 0; i < a->npreps; i++) {
        ck_assert(a->preps[i].param == b->preps[i].param && a->preps[i].leaf == b->preps[i].leaf && a->preps[i].key == b->preps[i].key);
        ck_assert(a->preps[i].axis == b->preps[i].axis && a->preps[i].panel == b->preps[i].panel && a->preps[i].form == b->preps[i].form && a->preps[i].tiled == b->preps[i].tiled);
        same_fn(a->preps[i].fn, b->preps[i].fn);
    }
    ck_assert_int_eq(!a->forms, !b->forms);
    if (a->forms)
        ck_assert_int_eq(memcmp(a->forms, b->forms, (size_t)a->nleaves), 0);
    ck_assert_ptr_nonnull(a->body);
}

static void same_struct(const MlcrtStruct *a, const MlcrtStruct *b)
{
    same_text(a->name, b->name);
    same_text(a->doc, b->doc);
    ck_assert(a->is_model == b->is_model && a->nnumbers == b->nnumbers && a->nleaves == b->nleaves && a->id == b->id && a->type_hash == b->type_hash);
    for (int i = 0; i < a->nnumbers; i++)
        same_text(a->numbers[i], b->numbers[i]);
    for (int i = 0; i < a->nleaves; i++)
        same_leaf(&a->leaves[i], &b->leaves[i]);
    same_fn(a->init, b->init);
}

/* ---- linking with a runtime of our own ------------------------------------------------------------------------------------------ */

static const MlcrtFn *called;
static unsigned char seen[NPARAMS][16];
static void *pointers[NPARAMS];

static int32_t invoke(void *session, const MlcrtFn *fn, void *const *args)
{
    called = fn;
    ck_assert_ptr_eq(session, (void *)0x77);
    for (int i = 0; i < NPARAMS; i++) {
        bool value = params[i].kind == MLCRT_PARAM_SCALAR && !(params[i].flags & MLCRT_VAR);
        int n = params[i].dtype == DT_str ? 8 : dtype_bytes((IrDtype)params[i].dtype);
        pointers[i] = args[i];
        if (value)
            memcpy(seen[i], args[i], (size_t)n);
    }
    return 41;
}

static void *symbol(BeTest *t, const char *name)
{
    LLVMOrcExecutorAddress a = 0;
    LLVMErrorRef e = LLVMOrcLLJITLookup(t->jit, &a, name);
    if (e)
        ck_abort_msg("%s", LLVMGetErrorMessage(e));
    return (void *)(uintptr_t)a;
}

static void start(BeTest *t)
{
    Buf errors = buf_new((be_test_init(t), t->arena));
    if (!be_test_parse(t, tile))
        ck_abort_msg("%s", t->errors);
    BeOptions o = { .opt = 2, .cpu = "x86-64", .verify = true };
    if (!be_compile_aot(t->m, &module, "my_lib", &o, &t->result, &errors))
        ck_abort_msg("%s", buf_text(&errors));
    be_test_link(t);
    LLVMOrcCSymbolMapPair s = { LLVMOrcLLJITMangleAndIntern(t->jit, "mlcrt_invoke"), { (uintptr_t)invoke, { LLVMJITSymbolGenericFlagsExported, 0 } } };
    ck_assert_ptr_null(LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(t->jit), LLVMOrcAbsoluteSymbols(&s, 1)));
}

START_TEST(the_constants_are_the_tables)
{
    BeTest t;
    start(&t);
    const MlcrtModule *m = symbol(&t, "my_lib_module");
    ck_assert(m->abi == MLCRT_ABI && m->size == sizeof *m && m->features == MLCRT_CPU_AVX2 && m->nfns == 1 && m->nstructs == 2);
    same_text(m->name, "m");
    same_text(m->target, "x86-64-v3");
    same_fn(m->fns[0], &step);
    same_struct(m->structs[0], &net);
    same_struct(m->structs[1], &cache);
    ck_assert_ptr_eq(m->structs[1], symbol(&t, "my_lib_Cache_type"));
    LLVMOrcExecutorAddress a;
    LLVMErrorRef none = LLVMOrcLLJITLookup(t.jit, &a, "mlc_body_step");
    ck_assert_msg(none != NULL, "bodies are local: a program may hold several modules");
    LLVMConsumeError(none);
    be_test_drop(&t);
}
END_TEST

typedef int32_t Step(void *, const void *x, int32_t a, MlcrtKey k, int64_t *c, MlcrtKey k2, double d, bool b, uint16_t h, const void *net,
                     const char *s, float f, void *result);

START_TEST(typed_functions_pass_arguments_as_c_does)
{
    BeTest t;
    start(&t);
    Step *f = (Step *)(uintptr_t)symbol(&t, "my_lib_step");
    int64_t c;
    MlcrtKey k = { { 1, 2 } }, k2 = { { 3, 4 } };
    ck_assert_int_eq(f((void *)0x77, (void *)0x11, -5, k, &c, k2, 2.5, true, 0x3c00, (void *)0x22, "text", 1.5f, (void *)0x33), 41);
    ck_assert_ptr_eq(called, ((const MlcrtModule *)symbol(&t, "my_lib_module"))->fns[0]);
    ck_assert_ptr_eq(pointers[0], (void *)0x11);
    ck_assert_int_eq(*(int32_t *)seen[1], -5);
    ck_assert_int_eq(memcmp(seen[2], &k, 16), 0);
    ck_assert_ptr_eq(pointers[3], &c);
    ck_assert_int_eq(memcmp(seen[4], &k2, 16), 0);
    ck_assert_double_eq(*(double *)seen[5], 2.5);
    ck_assert_int_eq(seen[6][0], 1);
    ck_assert_int_eq(*(uint16_t *)seen[7], 0x3c00);
    ck_assert_ptr_eq(pointers[8], (void *)0x22);
    ck_assert_str_eq(*(char **)seen[9], "text");
    ck_assert_float_eq(*(float *)seen[10], 1.5f);
    ck_assert_ptr_eq(pointers[11], (void *)0x33);
    be_test_drop(&t);
}
END_TEST

/* ---- the header ------------------------------------------------------------------------------------------------------------------- */

START_TEST(the_header_is_c99_and_cpp)
{
    BeTest t;
    be_test_init(&t);
    Buf b = buf_new(t.arena);
    be_header(&module, "my_lib", &b);
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "MLCRT_API MlcrtStatus my_lib_step(MlcrtSession *session, const MlcrtTensor *x, int32_t a, MlcrtKey k, "
                                               "int64_t *c, MlcrtKey k2, double d, bool b, uint16_t h, const my_lib_Net *net, const char *new_, float f, "
                                               "MlcrtTensor *result);"));
    char path[] = "/tmp/mlc-header-XXXXXX.h", command[512];
    int fd = mkstemps(path, 2);
    ck_assert_int_ge(fd, 0);
    FILE *f = fdopen(fd, "w");
    fwrite(b.p, 1, b.n, f);
    fclose(f);
    static const char *const compilers[] = { "cc -std=c99 -pedantic -Wall -Wextra -Wconversion -Wstrict-prototypes -Werror -x c",
                                             "c++ -std=c++11 -pedantic -Wall -Wextra -Werror -x c++" };
    for (int i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "%s -fsyntax-only -I %s/runtime -include %s /dev/null", compilers[i], MLC_SOURCE_DIR, path);
        ck_assert_msg(system(command) == 0, "%s", command);
    }
    remove(path);
    be_test_drop(&t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("backend aot");
    TCase *c = tcase_create("aot");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, the_constants_are_the_tables);
    tcase_add_test(c, typed_functions_pass_arguments_as_c_does);
    tcase_add_test(c, the_header_is_c99_and_cpp);
    suite_add_tcase(s, c);
    return test_main(s);
}
