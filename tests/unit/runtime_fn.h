/* runtime_fn.h - modules written by hand, as the compiler makes them, for the tests of calls and handles.
 *
 *     fn scale(x: f32[T, D], w: f32[D], var n: int; by = 2.0) -> f32[T, D]     x[t, d] * w[d] * by; n = n + T
 *     struct Cache(L, S) { key: f32[L, S] = 0; len: int = 0 }
 *     fn append(var c: Cache(L, S), x: f32[L]) where c.len < S                 fault EINDEX if c.len >= S
 *     model Lin(D, N) { w: f32[N, D]; layers: [b: f32[D]; L] } ...
 */
#ifndef RUNTIME_FN_H
#define RUNTIME_FN_H

#include "runtime/abi.h"
#include "runtime/mlcrt.h"

/* As in ir/dtypes.def. */
enum { T_BOOL = 1, T_I32 = 4, T_I64 = 5, T_F32 = 12, T_F64 = 13, T_KEY = 14, T_STR = 15 };

#define DIM(i) (const int64_t[]){ MLCRT_D_DIM, i, MLCRT_D_END }
#define CONSTANT(c) (const int64_t[]){ MLCRT_D_CONST, c, MLCRT_D_END }
#define DIMS(...) (const int64_t *const[]){ __VA_ARGS__ }

static inline MlcrtTensor f32_tensor(float *data, int32_t rank, int64_t *shape)
{
    return (MlcrtTensor){ data, MLCRT_CPU, 0, rank, MLCRT_FLOAT, 32, 1, shape, NULL, 0 };
}

/* As compiled code looks at it, in a way that a race detector knows. */
static inline int64_t stopped(const MlcrtCall *c)
{
    return __atomic_load_n(c->stop, __ATOMIC_RELAXED);
}

/* ---- scale ---------------------------------------------------------------------------------------------- */

static const MlcrtModule test_module;

static inline void scale_rows(const MlcrtCall *c, int64_t first, int64_t last)
{
    const float *x = c->leaf[0], *w = c->leaf[1];
    float *y = c->leaf[4], by = *(const float *)c->leaf[3];
    int64_t d = c->dims[1];
    for (int64_t i = first; i < last; i++)
        for (int64_t k = 0; k < d; k++)
            y[i * d + k] = x[i * d + k] * w[k] * by;
}

static inline void scale_body(MlcrtCall *c)
{
    c->rt->parallel(c, scale_rows, c->dims[0], 4);
    if (stopped(c))
        return;
    *(int64_t *)c->leaf[2] += c->dims[0];
    if (c->dims[0])
        c->arena[64 * c->dims[0] - 1] = 1; /* all of it is ours */
}

static const MlcrtParam scale_params[] = {
    { "x", "f32[T, D]", MLCRT_PARAM_TENSOR, 0, T_F32, 0, 1, -1, { 0 }, NULL },
    { "w", "f32[D]", MLCRT_PARAM_TENSOR, 0, T_F32, 1, 1, -1, { 0 }, NULL },
    { "n", "int", MLCRT_PARAM_SCALAR, MLCRT_VAR, T_I64, 2, 1, -1, { 0 }, NULL },
    { "by", "f32", MLCRT_PARAM_SCALAR, MLCRT_NAMED | MLCRT_DEFAULT, T_F32, 3, 1, -1, { 0x40000000 }, NULL },
    { "result", "f32[T, D]", MLCRT_PARAM_TENSOR, MLCRT_RESULT, T_F32, 4, 1, -1, { 0 }, NULL },
};
static const MlcrtLeaf scale_leaves[] = {
    { "", T_F32, 2, 0, 0, DIMS(DIM(0), DIM(1)) }, { "", T_F32, 1, 0, 0, DIMS(DIM(1)) }, { "", T_I64, 0, 0, 0, NULL },
    { "", T_F32, 0, 0, 0, NULL },                 { "", T_F32, 2, 0, 0, DIMS(DIM(0), DIM(1)) },
};
static const MlcrtPlanRow scale_plan[] = {
    { MLCRT_P_BIND, 0, 0, 0, 0, 1, 13, 0, NULL, NULL, NULL },
    { MLCRT_P_BIND, 1, 0, 0, 1, 1, 13, 0, NULL, NULL, NULL },
    { MLCRT_P_AXIS, -1, 1, 1, 0, 1, 27, 0, DIM(1), NULL, NULL },
    { MLCRT_P_LE, -1, -1, -1, -1, 1, 50, 0, DIM(0), CONSTANT(1000), "T <= 1000" },
};
static const MlcrtFn scale_fn = {
    .name = "scale", .symbol = "scale", .file = "test.ml", .line = 1, .nparams = 5, .nleaves = 4, .ndims = 2, .nplan = 4,
    .nvars = 1, .params = scale_params, .leaves = scale_leaves, .nresults = 1, .dim_names = (const char *const[]){ "T", "D" },
    .plan = scale_plan,
    .arena = (const int64_t[]){ MLCRT_D_CONST, 64, MLCRT_D_DIM, 0, MLCRT_D_MUL, MLCRT_D_END }, .body = scale_body,
    .module = &test_module,
};

/* ---- Cache and append ------------------------------------------------------------------------------------- */

static inline void cache_init(MlcrtCall *c)
{
    (void)c; /* memory of a new struct is cleared */
}

static const MlcrtLeaf cache_leaves[] = { { "key", T_F32, 2, 0, 0, DIMS(DIM(0), DIM(1)) }, { "len", T_I64, 0, 0, 0, NULL } };
static const MlcrtFn cache_init_fn = {
    .name = "Cache", .symbol = "Cache", .file = "test.ml", .nresults = 2, .ndims = 2, .leaves = cache_leaves, .nplan = 1,
    .dim_names = (const char *const[]){ "L", "S" },
    .plan = (const MlcrtPlanRow[]){ { MLCRT_P_LE, -1, -1, -1, -1, 3, 1, 0, CONSTANT(1), DIM(1), "1 <= S" } },
    .body = cache_init, .module = &test_module,
};
static const MlcrtStruct cache_type = { "Cache", NULL, 0, 2, 2, 0, (const char *const[]){ "L", "S" }, cache_leaves, &cache_init_fn, 77 };

static inline void append_body(MlcrtCall *c)
{
    float *key = c->leaf[0];
    int64_t *len = c->leaf[1], l = c->dims[0], s = c->dims[1];
    const float *x = c->leaf[2];
    int64_t at = *len;
    if (at < 0 || at >= s) {
        c->rt->fault(c, 0, 0, at, s);
        at = 0;
    }
    for (int64_t i = 0; i < l; i++)
        key[i * s + at] = x[i];
    ++*len;
}

static const MlcrtFn append_fn = {
    .name = "append", .symbol = "append", .file = "test.ml", .line = 9, .nparams = 2, .nleaves = 3, .ndims = 2, .nplan = 3, .nchecks = 1,
    .params = (const MlcrtParam[]){ { "c", "Cache(L, S)", MLCRT_PARAM_HANDLE, MLCRT_VAR, 0, 0, 2, 0, { 0 }, NULL },
                                    { "x", "f32[L]", MLCRT_PARAM_TENSOR, 0, T_F32, 2, 1, -1, { 0 }, NULL } },
    .leaves = (const MlcrtLeaf[]){ { "key", T_F32, 2, 0, 0, DIMS(DIM(0), DIM(1)) }, { "len", T_I64, 0, 0, 0, NULL },
                                   { "", T_F32, 1, 0, 0, DIMS(DIM(0)) } },
    .dim_names = (const char *const[]){ "L", "S" },
    .plan = (const MlcrtPlanRow[]){ { MLCRT_P_NUMBER, 0, 0, -1, 0, 9, 1, 0, NULL, NULL, NULL },
                                    { MLCRT_P_NUMBER, 1, 0, -1, 1, 9, 1, 0, NULL, NULL, NULL },
                                    { MLCRT_P_AXIS, -1, 1, 2, 0, 9, 30, 0, DIM(0), NULL, NULL } },
    .checks = (const MlcrtCheck[]){ { MLCRT_EINDEX, 10, 5, 0, "test.ml", "index %lld is outside the %lld places of axis 1 of 'key'" } },
    .body = append_body, .module = &test_module,
};

/* ---- a model with prepared tensors ------------------------------------------------------------------------ */

static __attribute__((unused)) int transposes; /* how often a weight was prepared */

static inline void lin_init(MlcrtCall *c)
{
    float *w = c->leaf[1], *b = c->leaf[2];
    const MlcrtKey *key = c->leaf[0];
    for (int64_t i = 0; i < c->dims[1] * c->dims[0]; i++)
        w[i] = (float)i + (float)key->w[0];
    for (int64_t i = 0; i < c->dims[2] * c->dims[0]; i++)
        b[i] = (float)i;
}

static const MlcrtLeaf lin_leaves[] = { { "w", T_F32, 2, 0, 1, DIMS(DIM(1), DIM(0)) },
                                        { "layers.*.b", T_F32, 2, 1, 1, DIMS(DIM(2), DIM(0)) } };
static const MlcrtFn lin_init_fn = {
    .name = "Lin", .symbol = "Lin", .file = "test.ml", .nleaves = 1, .nresults = 2, .ndims = 3,
    .leaves = (const MlcrtLeaf[]){ { "key", T_KEY, 0, 0, 0, NULL }, { "w", T_F32, 2, 0, 1, DIMS(DIM(1), DIM(0)) },
                                   { "layers.*.b", T_F32, 2, 1, 1, DIMS(DIM(2), DIM(0)) } },
    .dim_names = (const char *const[]){ "D", "N", "L" }, .body = lin_init, .module = &test_module,
};
static const MlcrtStruct lin_type = { "Lin", NULL, 1, 3, 2, 1, (const char *const[]){ "D", "N", "L" }, lin_leaves, &lin_init_fn, 78 };

static inline void transpose_body(MlcrtCall *c)
{
    const float *x = c->leaf[0];
    float *y = c->leaf[1];
    for (int64_t i = 0; i < c->dims[0]; i++)
        for (int64_t k = 0; k < c->dims[1]; k++)
            y[k * c->dims[0] + i] = x[i * c->dims[1] + k];
    __atomic_fetch_add(&transposes, 1, __ATOMIC_RELAXED);
}

static const MlcrtFn transpose_fn = {
    .name = "transpose", .symbol = "transpose", .nleaves = 1, .nresults = 1, .ndims = 2, .nplan = 2,
    .leaves = (const MlcrtLeaf[]){ { "", T_F32, 2, 0, 0, DIMS(DIM(0), DIM(1)) }, { "", T_F32, 2, 0, 0, DIMS(DIM(1), DIM(0)) } },
    .dim_names = (const char *const[]){ "N", "D" },
    .plan = (const MlcrtPlanRow[]){ { MLCRT_P_BIND, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL },
                                    { MLCRT_P_BIND, 1, 0, 0, 1, 0, 0, 0, NULL, NULL, NULL } },
    .body = transpose_body, .module = &test_module,
};

/* y[n] = sum_d wT[d, n] * x[d] */
static inline void apply_body(MlcrtCall *c)
{
    const float *wt = c->prep[0], *x = c->leaf[2];
    float *y = c->leaf[3];
    for (int64_t n = 0; n < c->dims[1]; n++) {
        y[n] = 0;
        for (int64_t d = 0; d < c->dims[0]; d++)
            y[n] += wt[d * c->dims[1] + n] * x[d];
    }
}

static const MlcrtFn apply_fn = {
    .name = "apply", .symbol = "apply", .file = "test.ml", .nparams = 3, .nleaves = 3, .nresults = 1, .ndims = 3, .nplan = 4, .npreps = 1,
    .params = (const MlcrtParam[]){ { "net", "Lin(D, N, L)", MLCRT_PARAM_HANDLE, 0, 0, 0, 2, 1, { 0 }, NULL },
                                    { "x", "f32[D]", MLCRT_PARAM_TENSOR, 0, T_F32, 2, 1, -1, { 0 }, NULL },
                                    { "result", "f32[N]", MLCRT_PARAM_TENSOR, MLCRT_RESULT, T_F32, 3, 1, -1, { 0 }, NULL } },
    .leaves = (const MlcrtLeaf[]){ { "w", T_F32, 2, 0, 0, DIMS(DIM(1), DIM(0)) }, { "b", T_F32, 2, 0, 0, DIMS(DIM(2), DIM(0)) },
                                   { "", T_F32, 1, 0, 0, DIMS(DIM(0)) }, { "", T_F32, 1, 0, 0, DIMS(DIM(1)) } },
    .dim_names = (const char *const[]){ "D", "N", "L" },
    .plan = (const MlcrtPlanRow[]){ { MLCRT_P_NUMBER, 0, 0, -1, 0, 0, 0, 0, NULL, NULL, NULL },
                                    { MLCRT_P_NUMBER, 1, 0, -1, 1, 0, 0, 0, NULL, NULL, NULL },
                                    { MLCRT_P_NUMBER, 2, 0, -1, 2, 0, 0, 0, NULL, NULL, NULL },
                                    { MLCRT_P_AXIS, -1, 1, 2, 0, 5, 9, 0, DIM(0), NULL, NULL } },
    .preps = (const MlcrtPrep[]){ { &transpose_fn, 0, 0, 4711, 0, 0, 0, 0 } }, .body = apply_body, .module = &test_module,
};

static const MlcrtModule test_module = {
    .abi = MLCRT_ABI, .size = sizeof(MlcrtModule), .name = "test", .target = "x86-64", .nfns = 3, .nstructs = 2,
    .fns = (const MlcrtFn *const[]){ &scale_fn, &append_fn, &apply_fn },
    .structs = (const MlcrtStruct *const[]){ &cache_type, &lin_type },
};

#endif
