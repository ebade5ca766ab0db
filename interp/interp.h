/* interp.h - the one door of room interp: the reference interpreter of checked trees, the oracle of every test.
 *
 * It walks the checked tree one element at a time: no IR, no fusion, no generated code. Each operation is computed in double and
 * rounded to the node's type (declared precision), or not rounded at all (`wide`), which gives the reference result r of the tolerance
 * rule (tests/support/driver_oracle/judge.c). Sums have the order that the language promises (reduce.c), 16-bit ones are added in f32.
 * Absence is a bit beside each value.
 */
#ifndef MLC_INTERP_H
#define MLC_INTERP_H

#include "frontend/core.h"

typedef struct InterpTensor { /* a leaf at the boundary: compact row-major memory of dtype, rank 0 for scalars */
    IrDtype dtype;
    int rank;
    int64_t shape[16];
    void *data;
    bool away; /* a tensor that is not there as elements: data names it to `fetch` */
} InterpTensor;

typedef struct InterpError { int status; Span span; const char *text; } InterpError; /* status: MlcrtStatus value */

typedef struct InterpHooks {
    void *user;
    /* An effect of a script; results are filled by the hook (data from arena). Returns a status. NULL: effects are an error. */
    int (*effect)(void *user, Arena *a, const CoreEffect *e, InterpTensor *args, int nargs, InterpTensor *results, int nresults);
    /* A C function of numbers, "library:name"; args and result have rank 0. Returns NULL, or what is wrong (in a). NULL: an error. */
    const char *(*foreign)(void *user, Arena *a, const char *symbol, const InterpTensor *args, int nargs, InterpTensor *result);
    bool (*cancelled)(void *user); /* asked now and then; NULL: never */
    /* Calls of functions that somebody else can do: leaves of the arguments in (compact, row-major), fn->results out. `dims` has the values
     * of fn->dims. NULL: all is interpreted. `takes` is asked first, so that no argument is made for nothing. */
    bool (*takes)(void *user, const CoreFn *fn);
    int (*call)(void *user, Arena *a, const CoreFn *fn, const int64_t *dims, const InterpTensor *args, InterpTensor *results);
    /* Elements of a tensor that is away (an argument or what an effect gave), the first time that one is read; they stay until the outermost
     * call ends. NULL: no memory. */
    const void *(*fetch)(void *user, void *name);
} InterpHooks;

typedef struct InterpOptions {
    bool wide;
    InterpHooks hooks;
    const int64_t *dims; /* of fn->dims, for those that the plan does not bind (functions that make structs); NULL: all are bound */
} InterpOptions;

/* Calls fn: binds its dims from `args` (one per fn->params; header numbers of handles in `numbers`, in the order of the plan's
 * PLAN_number rows), checks the entry plan, runs the body. Results (one per fn->results) are in arena `a`; floats have their declared
 * dtype, or f64 when `wide`. Returns 0 or a status with *err filled. */
int interp_call(Arena *a, const CoreFn *fn, const InterpTensor *args, const int64_t *numbers, InterpTensor *results,
                const InterpOptions *o, InterpError *err);

#endif
