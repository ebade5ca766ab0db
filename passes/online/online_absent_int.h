/* online_absent_int.h - shared by online_absent.c, which tells what a condition leaves out, and online_absent_rows.c, which asks for which rows that is not so. */
#ifndef MLC_ONLINE_ABSENT_INT_H
#define MLC_ONLINE_ABSENT_INT_H

#include "passes/online/online_int.h"

enum { OTHERS_MOST = 4, ROW_VALUES_MOST = 4 };

typedef enum Kind { SOMETHING, ZERO, LOWEST, HIGHEST } Kind; /* what a value is outside of the condition: LOWEST -inf, HIGHEST inf */

typedef enum Use { TAKEN, ADDED, SCALING } Use; /* of a number of the row with -inf: it has to be above -inf; below inf; both, and above 0 */

typedef struct Absent {
    PassCx *cx;
    Online *o;
    IrNode *reduce, *j;                  /* the member that is looked at */
    IrNode *condition; bool holds;       /* in it: outside of it is where that holds, or does not */
    IrNode *first, *of, *like;           /* the first member's condition, its index, and that member */
    IrNode *other[OTHERS_MOST]; int nothers; IrRegion *other_in[OTHERS_MOST]; /* loads that are factors of 0, and in which member's region */
    IrNode *row[ROW_VALUES_MOST]; int nrows; Use use[ROW_VALUES_MOST]; IrRegion *row_in[ROW_VALUES_MOST]; /* values of a row */
    bool place;                          /* a row needs one of its places */
} Absent;

bool absent_is_own(Absent *a, const IrNode *s, const IrNode *j); /* a subscript of a factor: is it asked for each of its values? Else for all of the axis */
bool absent_rows(Absent *a, IrNode **all); /* online_absent_rows.c: before the first member, a bool: such a row takes all places; NULL: there is none. false: that cannot be asked */

#endif
