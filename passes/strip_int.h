/* strip_int.h - what finds a group of tensors that are computed strip by strip (strip.c), and what builds its loop (strip_build.c). */
#ifndef MLC_STRIP_INT_H
#define MLC_STRIP_INT_H

#include "passes/pass_int.h"

enum { STRIP_ROWS = 64 }; /* at most */
enum { STRIP_SEVERAL = IR_RANK_MOST, STRIP_SUM }; /* the axis of a loop that carries several tensors: each result has its own; of a scatter or a sum that has values of all rows in its places */

typedef struct Strip {
    PassCx *cx;
    IrRegion *region;         /* in which the members stand */
    Dim rows;                 /* extent of the row axis */
    int most;                 /* rows of a strip */
    Map axis;                 /* a tensor of the group, also within its loops: 1 + which of its axes goes over the rows */
    Map derived;              /* what is made of the tensor that it began with */
    VEC(IrNode *) values;     /* those in `axis` */
    VEC(IrNode *) members;    /* those of them that stand in the region, in its order */
    VEC(IrNode *) outputs;    /* values that others read */
} Strip;

static inline int strip_axis(const Strip *s, const IrNode *n) { return (int)(uintptr_t)map_find(&s->axis, n) - 1; }

static inline bool strip_is_in(const Strip *s, const IrNode *n) { return n && n->parent == s->region && strip_axis(s, n) >= 0; }
bool strip_reads(const Strip *s, IrNode *n, const IrNode *of); /* does it, or what stands in it, read that value (NULL: any tensor of the group)? */
bool strip_give(Strip *s, IrNode *n, int axis); /* the value goes over the rows by that axis (-1: whatever its operands say), and so does all that it needs */
void strip_take_back(Strip *s, int n); /* all values but the first n */
IrNode *strip_turn(Strip *s, IrNode *scatter); /* of such a scatter, the index that is the row: no other turns around it */
IrNode *strip_sum(Strip *s, IrNode *map); /* of a map of such sums, the one of its element: a contraction over the rows alone; NULL: it is none */
bool strip_holds(Strip *s); /* does each element of the group's maps read its own row, of all values that are in the group by now? */
bool strip_faults_before(const Strip *s, IrNode *n); /* can what faults in a member be looked for before the loop? */
bool strip_fails_in_turns(const Strip *s); /* may a count of turns fault? */
IrNode *strip_build(Strip *s); /* the loop */

#endif
