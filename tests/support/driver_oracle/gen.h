/* gen.h - random well-typed programs, and their inputs, as pure functions of a seed. */
#ifndef ORACLE_GEN_H
#define ORACLE_GEN_H

#include "base/base.h"

enum { GEN_DIMS = 3, GEN_STMTS = 24, GEN_PARAMS = 8 };

typedef enum Policy { POLICY_mixed, POLICY_attention, POLICY_cascade, POLICY_product, POLICY_gather, POLICY_loop, POLICY_count } Policy;

typedef struct GenParam { const char *name; char kind; int rank, dims[3]; } GenParam; /* kind: f (f32), i (i32, a place in dim `of`), b (bool), s (scalar f32) */

typedef struct Program {
    uint64_t seed;
    Policy policy;
    int64_t dims[GEN_DIMS];            /* of M, N, K */
    int nparams, nstmts;
    GenParam params[GEN_PARAMS];
    const char *stmts[GEN_STMTS];
    bool dropped[GEN_STMTS];           /* by the shrinker */
    int rank, result_dims[3];          /* of the result */
    const char *result;                /* its last line */
} Program;

typedef struct Rng { uint64_t s; } Rng;
uint64_t rng_next(Rng *r);
int rng_below(Rng *r, int n);
double rng_unit(Rng *r);

void gen_program(Arena *a, uint64_t seed, Program *p);
char *gen_text(Arena *a, const Program *p);

#endif
