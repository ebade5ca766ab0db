/* passes.h - the one door of room passes: tensor IR in, tile IR out. */
#ifndef MLC_PASSES_H
#define MLC_PASSES_H

#include "ir/ir.h"

typedef struct PassTarget { /* what tiling needs to know of a machine; from the backend, sizes in bytes */
    int vector_bytes, registers;
    int64_t l1, l2;
} PassTarget;

/* What was decided about one tensor. Dims are of the function's sizes. */
typedef enum PassChoice { CHOICE_recomputed, CHOICE_streamed, CHOICE_regrouped, CHOICE_prepared, CHOICE_stored, CHOICE_copied, CHOICE_joined, CHOICE_masked, CHOICE_plain, CHOICE_arena, CHOICE_regions } PassChoice;
enum { PASS_TRIALS = 64 }; /* ways to choose all dims, for what is said of the arena; 0: 256 for each */
typedef struct PassRepeat { Span span; const char *text; } PassRepeat; /* an elementary function that is computed several times with the same operands */

typedef struct PassRemark {
    PassChoice choice;
    Span span;
    Name name;           /* of the tensor in the program, or NULL */
    IrType type;         /* arena: DT_none */
    const char *why;     /* a phrase */
    const char *loops;   /* stored: its reductions in order, "stream[j: S] (max, sum, sum)", or "" */
    Dim elementary;      /* stored: of the operations, elementary functions */
    const PassRepeat *repeats;
    int nrepeats;
    Dim flops, reads;    /* stored: operations on floats, an elementary function is one; bytes of the tensors read, each once */
    Dim turns;           /* stored: of the loops that it stands in, whose one turn the counts are of; NULL: known when it runs */
    Dim bytes;           /* of the tensor, or of the arena */
    int64_t tensors, scratch; /* arena: bytes that live where most do, with 256 for every dim: of tensors, and of kernels while they run */
    const IrFn *fn;      /* arena: whose; bytes is NULL if each call places its tensors (IrFn.lives) */
    bool bounded;        /* stored: guards end some of its loops early; `flops` and `reads` count these whole */
    bool open, wide;     /* stored: loops of elements whose turns data tell count once; something is computed in f64 */
} PassRemark;

typedef struct PassOptions {
    const char *pipeline;    /* "fuse,dce"; NULL: the default one */
    const char *skip;        /* passes to leave out, "fuse,hoist"; NULL: none. inline, lift, serial, tile and plan cannot be */
    const char *print_after; /* a pass, "all", or NULL */
    bool regroup;            /* take sums of products in the order that sizes known to the compiler make cheaper (pass regroup) */
    bool verify;             /* run the verifier after every pass */
    PassTarget target;
    void *user;
    void (*printed)(void *user, const char *pass, const char *text);
    void (*timed)(void *user, const char *pass, double seconds);
    void (*remark)(void *user, const PassRemark *r); /* NULL: nobody asks */
    bool dots16;             /* the target multiplies tiles of bf16 (AMX): such sums have an order of their own, ir/IR.md */
    bool count;              /* kernels say how many operations and bytes they are */
} PassOptions;

/* Runs the pipeline on fn in place. false: a text in `errors` (unknown pass, broken invariant, something not implemented). */
bool passes_run(IrModule *m, IrFn *fn, const PassOptions *o, Buf *errors);

bool pass_trial(const IrFn *fn, Dim d, int trial, int64_t *v); /* of d. false: too large, or such sizes do not divide as they must */

extern const char passes_default[]; /* the default pipeline */
int passes_count(void);
const char *pass_name(int i);
const char *pass_meaning(int i);

#endif
