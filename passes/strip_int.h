/* strip_int.h - what finds a group of tensors that are computed strip by strip (strip.c), and what builds its loop (strip_build.c). */
#ifndef MLC_STRIP_INT_H
#define MLC_STRIP_INT_H

#include "passes/pass_int.h"

enum { STRIP_ROWS = 64, STRIP_LEAST = 8 }; /* at most; where others are beside each, at least */
/* The axis of a loop that carries several tensors: each result has its own; of a scatter or a sum that has values of all rows in its places; of what a loop over
 * the rows leaves behind its last one. */
enum { STRIP_SEVERAL = IR_RANK_MOST, STRIP_SUM, STRIP_GOES };

typedef struct Halo { Dim before, behind; } Halo; /* rows beside those of the strip */

typedef struct Strip {
    PassCx *cx;
    IrRegion *region;         /* in which the members stand */
    Dim rows;                 /* extent of the row axis */
    int most;                 /* rows of a strip, where that is no less than `beside` */
    Dim others;               /* rows along other axes, in each strip; NULL: none */
    bool near, met;           /* members may read rows beside their own; one does */
    Map axis;                 /* a tensor of the group, also within its loops: 1 + which of its axes goes over the rows */
    Map derived;              /* what is made of the tensor that it began with */
    VEC(IrNode *) values;     /* those in `axis` */
    VEC(IrNode *) members;    /* those of them that stand in the region, in its order */
    VEC(IrNode *) outputs;    /* values that others read */
    VEC(IrNode *) behind; int nbehind; /* what these make of them; so many stand before the last member, and will behind it */
    Map halos;                /* members to the Halo that each has */
    Map scans, made;          /* loops over the rows; to the Halo of what each makes in a strip */
    Dim beside;               /* the largest of these, of both sides */
    VEC(IrNode *) parted;     /* sums of columns that were parts of elements (strip_columns.c) */
    VEC(IrNode *) begun;      /* loops that began with a tensor, and begin with nothing */
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
/* The row (NULL: any index of `in` over the rows) of which x is beside, as far as sizes say: that index; NULL: x may be elsewhere. */
const IrNode *strip_beside(const Strip *s, const IrNode *x, const IrRegion *in, const IrNode *row, Halo *halo);
bool strip_find_halos(Strip *s); /* of all members; false: they are as many as the rows */
Halo strip_halo(const Strip *s, IrNode *n);
Halo strip_made(const Strip *s, IrNode *n); /* of what it reads others for: less, where it goes on with rows of the strip before */
bool strip_give_scan(Strip *s, IrNode *n); /* a loop over the rows, which makes one in each turn; false: it is none, and nothing is said of it */
bool strip_is_scan(const Strip *s, const IrNode *n);
bool strip_is_turn(const Strip *s, const IrNode *index); /* the row of such a loop, from the first or from a later one to the last */
bool strip_has_result(const IrNode *loop, int k, IrNode **result); /* does something read what it leaves of the k-th value that it carries? */
Dim strip_depth(Strip *s, IrNode *loop); /* how many rows back its turns read; NULL: they read others than their rows, and rows beside these */
const IrRegion *strip_rows_around(const Strip *s, IrNode *load); /* the region that has the row of what stands there; NULL: there is none */
IrNode *strip_root(const Strip *s, IrNode *n); /* the member that it is, or stands in, or is a result of */
void strip_part_columns(Strip *s, const IrNode *first); /* sums of columns that are parts of elements become maps, and loops behind `first` begin with nothing */
void strip_join_columns(Strip *s); /* they go back */
IrNode *strip_build(Strip *s); /* the loop */

#endif
