/* oracle.h - one random program, run in every way. */
#ifndef ORACLE_ORACLE_H
#define ORACLE_ORACLE_H

#include "driver/unit.h"
#include "gen.h"
#include "interp/interp.h"

/* LATER: what a program needs is not there yet (E0501), and said so; FAILED: not compiled for any other reason */
typedef enum Verdict { AGREES, DISAGREES, REJECTED, FAILED, UNDECIDED, LATER } Verdict;

/* A way to compile and run natively that may change no bit; `base`: of the program compiled without that pass. `loose`: it may change an
 * order, and is compared with the interpreter instead. `cpu` is NULL for this one. */
typedef struct Way { const char *name, *skip; int optimise, threads; const char *base, *cpu; bool loose; } Way;
extern const Way ways[];
extern const int nways;

typedef struct Oracle {
    Codegen *codegen;
    MlcrtContext *contexts[3];   /* of 1, 2 and 8 threads; fresh memory is full of NaNs */
    int every;                   /* ways beside the plain one that each program takes; nways: all of them */
    Verdict verdict;
    char text[500];              /* what is wrong */
    const Way *way;              /* in which it went wrong; NULL: compared with the interpreter */
    bool only;                   /* take `only_way` (NULL: none beside the plain one), no other */
    const Way *only_way;
} Oracle;

bool oracle_init(Oracle *o, Arena *a);
void oracle_drop(Oracle *o);
Verdict oracle_try(Oracle *o, const Program *p);

/* ---- judge.c ---- */

typedef struct Results { int n; InterpTensor t[3]; int64_t count[3]; } Results;

double oracle_value(const InterpTensor *t, int64_t i);
void oracle_set(InterpTensor *t, int64_t i, double v);
/* The tolerance rule (judge.c), result by result. */
void oracle_judge(Oracle *o, Arena *a, const Results *wide, const Results narrow[3], const Results *got);
void oracle_same_bits(Oracle *o, const Way *way, const Results *plain, const Results *got);

/* ---- shrink.c ---- */

/* After oracle_try(o, p) said `wanted`: makes p smaller, and o tells of what is left. False if that does not say `wanted` once more
 * (chance has a hand in it): o tells of the first time again. */
bool oracle_shrink(Oracle *o, Arena *a, Program *p, Verdict wanted);

#endif
