/* plan_int.h - shared by the files of the pass `plan`. */
#ifndef MLC_PLAN_INT_H
#define MLC_PLAN_INT_H

#include "passes/pass_int.h"

enum { PROBES = 4 }; /* ways to choose all dims for estimates; the first: 256 for each */

typedef struct Life {
    IrNode *buffer;
    Dim bytes, offset;
    int first, last, slot;
    double weight;
    int64_t sizes[PROBES], at[PROBES]; /* of bytes and offset, estimated; INT64_MAX: too large */
} Life;
typedef struct Slot { Dim bytes, offset; int64_t size; } Slot;

typedef struct Plan {
    PassCx *cx;
    Map number, end;       /* node -> 1 + position; node -> 1 + position of the last node inside it */
    int next;
    VEC(Life) lives;
    VEC(Slot) slots;
    double most[PROBES];   /* bytes that live at one time, estimated; -1: too large to say */
    Facts *facts;          /* dims are not negative */
    Map answers;           /* b - a -> &yes or &no: is a <= b? The same sizes meet again and again */
} Plan;

bool plan_probe(Dim d, int probe, int64_t *v);   /* false: too large */
bool plan_le(Plan *p, Dim a, Dim b);             /* proved for all dims */
Dim plan_bytes(Plan *p, const IrNode *buffer);   /* plan_bound.c: of the arena, for all turns of the loops around it */

/* plan_offsets.c: sets the offset of each life and gives the arena's size, if that is clearly less than `bytes`; else NULL, and nothing has changed. */
Dim plan_offsets(Plan *p, Dim bytes);

#endif
