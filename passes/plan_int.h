/* plan_int.h - shared by the files of the pass `plan`. */
#ifndef MLC_PLAN_INT_H
#define MLC_PLAN_INT_H

#include "passes/pass_int.h"

enum { PROBES = 4, TRIALS = 16 }; /* ways to choose all dims: for estimates, and for the choice of a plan */
#define PLAN_MOST_EXCESS 1.1 /* times what lives at one time */

typedef struct Life {
    IrNode *buffer;
    Dim bytes, offset;
    int first, last, slot;
    double weight;
    int64_t sizes[TRIALS], at[PROBES]; /* of bytes and offset, estimated; INT64_MAX: too large */
    struct Life *beside;               /* another one of its slot */
} Life;
typedef struct Slot { Dim bytes, offset; int64_t size; Life *lives; } Slot;

typedef struct Plan {
    PassCx *cx;
    IrFn *fn;
    Map number, end;       /* node -> 1 + position; node -> 1 + position of the last node inside it */
    int next;
    VEC(Life) lives;
    VEC(Slot) slots;
    double most[TRIALS];   /* bytes that live at one time, estimated; -1: too large to say */
    Facts *facts;          /* dims are not negative */
    Map answers;           /* b - a -> &yes or &no: is a <= b? The same sizes meet again and again */
} Plan;

bool plan_le(Plan *p, Dim a, Dim b);             /* proved for all dims */
Dim plan_bytes(Plan *p, const IrNode *buffer);   /* plan_bound.c: of the arena, for all turns of the loops around it */

void plan_bounds(Plan *p);                       /* plan_entry.c: sets `most` */
bool plan_at_entry(Plan *p);                     /* places are dims that a call sets; false: sizes are known, or there are too many */
void plan_explain(const Plan *p);
double plan_excess(const Plan *p, Dim bytes); /* how many times what lives at one time it is, at worst of the trials */
bool plan_holds(const Plan *p, Dim bytes);    /* at most PLAN_MOST_EXCESS times, for all choices of which something is said */

/* plan_offsets.c: sets the offset of each life and gives the arena's size, if that is less than `bytes`; else NULL, and nothing has changed. */
Dim plan_offsets(Plan *p, Dim bytes);

#endif
