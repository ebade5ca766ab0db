/* gen.h - random well-typed programs, and their inputs, as pure functions of a seed.
 *
 * A program is a tree of pieces of text, so that the shrinker can replace any piece by a smaller one and the rest stays as it is.
 */
#ifndef ORACLE_GEN_H
#define ORACLE_GEN_H

#include "base/base.h"
#include "ir/ir.h"

enum { GEN_DIMS = 3, GEN_STMTS = 64, GEN_PARAMS = 12, GEN_KIDS = 8 };

typedef enum Policy {
    POLICY_mixed, POLICY_attention, POLICY_cascade, POLICY_product, POLICY_gather, POLICY_loop, POLICY_recurrence, POLICY_low,
    POLICY_tiny, POLICY_exceptional, POLICY_whole, POLICY_form, POLICY_block, POLICY_stream,
    POLICY_count, /* of those that chance picks */
    POLICY_fault = POLICY_count, POLICY_all
} Policy;
extern const char *const policy_names[POLICY_all];

/* A piece: `text` with $0..$7 for its kids. Sort: f a number, b a condition, g a guard with its bar, i a subscript, s a statement,
 * - anything else. */
typedef struct Node Node;
struct Node { char sort; const char *text; int nkids; Node *kid[GEN_KIDS]; };

/* kind: f (a float), n (i32), b (bool), k (an int); all of `dtype`; `inout` for a `var` parameter */
typedef struct GenParam { const char *name; char kind; IrDtype dtype; bool inout, dropped; int rank, dims[3]; } GenParam;

typedef struct Program {
    uint64_t seed;
    Policy policy;
    IrDtype dtype;                     /* of its arithmetic and its result */
    int64_t dims[GEN_DIMS];            /* of M, N, K */
    int nparams, nstmts, ndecls;
    GenParam params[GEN_PARAMS];
    Node *decls[GEN_STMTS], *stmts[GEN_STMTS];
    int rank, result_dims[3];          /* of the result */
    Node *result;                      /* its last line */
} Program;

typedef struct Rng { uint64_t s; } Rng;
uint64_t rng_next(Rng *r);
int rng_below(Rng *r, int n);
double rng_unit(Rng *r);

void gen_program(Arena *a, uint64_t seed, Program *p);
void gen_params(Buf *b, const Program *p); /* the list between the parentheses, with dims by name */
char *gen_text(Arena *a, const Program *p);

#endif
