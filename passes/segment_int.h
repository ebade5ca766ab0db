/* segment_int.h - a reduction under `a[i] == j`, as segment.c and segment_form.c see it. */
#ifndef MLC_SEGMENT_INT_H
#define MLC_SEGMENT_INT_H

#include "passes/pass_int.h"

enum { KEYS_MOST = 8, AXES_MOST = 16 };

typedef struct Key { IrNode *index, *eq, *value; Dim start; } Key; /* index of an outer loop; the comparison index + start == value */

typedef struct Segment {
    PassCx *cx;
    IrNode *top, *reduce;       /* node at the level of the function; the reduction somewhere in it */
    VEC(IrNode *) outer;        /* indices of the loops around the reduction, outermost first */
    VEC(IrNode *) axes;         /* those of them that the result has */
    VEC(IrNode *) conjuncts;    /* of the guard, and then of what is counted */
    int nguards;                /* those of the guard, which are asked at all places; what is counted is asked within it */
    int nkeys;
    Key key[KEYS_MOST];
    bool conditional;           /* the reduction does not run for all places of the loops around it */
    bool failed;
} Segment;

bool segment_has_form(Segment *s);                       /* fills in what is not top and reduce; false: it stays as it is */
bool segment_is_key(const Segment *s, const IrNode *x);  /* an outer index that the data name */

#endif
