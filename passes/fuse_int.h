/* fuse_int.h - what decides whether a tensor is recomputed (fuse.c), and what puts its elements in place of loads at the end (fuse_later.c). */
#ifndef MLC_FUSE_INT_H
#define MLC_FUSE_INT_H

#include "passes/stream_int.h"

typedef enum Weight { MOVES, CHEAP, DEAR, LOOPS } Weight;

/* What an element of a map is made of, with what will be in place of its loads. */
typedef struct FuseBody { Weight weight; int flops, size; bool faults, turns, tensors; } FuseBody; /* turns: `for` or `while`; tensors: some are computed in it */

typedef struct FuseLater { FuseBody body; IrNode *at; } FuseLater; /* at: the reduction before which it goes; NULL: where it is loaded */

/* maps: those that are recomputed and still there, in order; later: their FuseLater; streams: the function has some, in which loops are looked for. */
typedef struct Fuse { PassCx *cx; Map later; VEC(IrNode *) maps; bool streams; } Fuse;

Weight fuse_weight(const IrNode *n);      /* fuse.c: of a node without what stands in it */
IrNode *fuse_place(PassCx *cx, IrNode *load, bool loops); /* fuse.c: where its element goes: as far out as the subscripts allow if it has loops */
void fuse_put(PassCx *cx, IrNode *map, IrNode *load, IrNode *at, bool last); /* fuse.c: the element in place of the load, computed at `at` */

bool fuse_reads_apart(PassCx *cx, const IrNode *map, IrNode *load); /* fuse_apart.c: scores, at rows that are not beside the reader's */
void fuse_rows_apart(PassCx *cx, IrRegion *r); /* what is made of such scores for each pair (softmax), at rows that are not beside the reader's, goes there */
void fuse_put_rows(PassCx *cx, IrNode *map); /* the same of the map alone, if what else reads it reduces it */
void fuse_hold_row(PassCx *cx, IrNode *load); /* of such a load: within the rows, of which there are some, so that no choice around it need be asked before */

FuseBody fuse_body(const Fuse *f, const IrNode *map);
bool fuse_can_wait(const Fuse *f, const IrNode *map, const FuseBody *b);
void fuse_wait(Fuse *f, IrNode *map, const FuseBody *b);
void fuse_now(Fuse *f); /* all that wait */

#endif
