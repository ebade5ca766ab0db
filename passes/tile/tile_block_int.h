/* tile_block_int.h - shared by the files that write large contractions in blocks. */
#ifndef MLC_TILE_BLOCK_INT_H
#define MLC_TILE_BLOCK_INT_H

#include "passes/stage/stage_int.h"
#include "passes/tile/tile_stream_int.h"

enum { K_BLOCK = 256, MOST_BLOCKS = 4, LEAST_ROWS = 512, MOST_ROWS = 2048, POINTS = 8, LEAST_WORK = 256 };
/* Lanes x k of a quarter of what stays in half of the second level are copied for many rows. Zen 4, 256 x 128, 181 x 181 and 256 x 256 of f32 beside
 * the plain loops (medians of 61 pairs): 192 rows 0.2 to 0.7 % faster, 256 rows 1 %, 384 and more up to 2 %; with fewer rows the copies cost more. */
enum { MANY_ROWS = 192, FEWER = 4 };
/* What is transposed where it is copied (x @ w.T of two tensors) the plain loops transpose for each step of rows. With 32 registers, 16 turns at once:
 * 12, 16, 20 rows in blocks take 1.3, 1.03, 1.07 times as long as there (256 x 256; 1024 x 1024: 1.3, 1.1, 1.1), 24 and 32 rows 0.95, 0.93. With 16, in
 * blocks 8 rows of 1024 x 1024 are 1.9 times as fast, of 256 x 256 0.83, of 512 x 512, which the second level holds, 0.82; 12 rows of 128 x 64 1.1, of
 * 1024 x 1024 2.9. */
enum { TURNED_WIDE = 21, TURNED_FAR = 8, TURNED_NEAR = 12 };
enum { ROW_PARTS = 4 }; /* indices of the map that rows count, at most */

/* An index of the sum that moves along rows of an image: right needs `outer` and it through by * outer + step * index alone (by or step is 1).
 * It has `extent` places, those behind it `inner` together, and those before it are counted by one number q. */
typedef struct Slide {
    IrNode *index;              /* NULL: none, right is copied for each place of the sum */
    IrNode *right;              /* of reduce, not of flat */
    int axis;                   /* of index in the sum */
    int64_t by, step, extent, inner;
    int64_t phases, more;       /* remainders modulo by that are copied apart; rows that are read beyond those of the outer index */
    int64_t across;             /* right needs the lanes and the one index behind through lane + across * index alone; 0: else */
    IrNode *line;               /* scratch: a row of right with its edges, where across is not 0 */
    IrNode *from;               /* scratch: where in the copy lane 0 of each place of the stretch lies, from `first` on */
    Dim first;
    bool panels;                /* all rows take 16 lanes before the next ones, which are copied once more; else they read them in the copy */
    IrNode *panel;              /* scratch [places of the stretch, 16], of these */
    Dim panel_lo;               /* its first lane */
} Slide;

typedef struct Block {
    Stream s;
    Nest nest;
    IrNode *reduce;             /* of the old function */
    IrNode *flat, *k;           /* the same over one index k; reduce itself if it has one */
    IrNode *left, *right;       /* factors of flat: of rows, of lanes */
    int nrow;                   /* x[.., k0, k1]: subscripts before those of the sum, where a row of left lies in one piece; else -1 */
    bool pairs;                 /* no product, but something else that is made of both (tile_block_pairs.c) */
    bool slow;                  /* the plain loops would compute much, or turn often, for each product */
    bool ready;                 /* they would read both factors as they lie */
    int64_t run;                /* right is unpacked from blocks of so many places; 0: from none */
    VEC(IrNode *) quotients;    /* k // c and k % c of the old function, c a multiple of run */
    IrNode *packed;             /* right is computed from a weight that lies in panels: the load of that; else NULL */
    IrNode *outer;              /* index of the map along which right varies and left does not; several of its places are lanes side by side; or NULL */
    IrNode *part[ROW_PARTS];    /* indices that rows count, the last one fastest: those of the nest and others that left alone needs */
    int nparts;
    IrNode *places_of_rows;     /* scratch [rows of the chunk, indices], where there are several */
    bool long_runs;             /* runs are asked for: they are long enough */
    IrNode *runs;               /* left of reduce, if it is copied in runs of the last index of the sum; else NULL */
    bool simple;                /* what follows the sum is a few operations */
    bool direct;                /* left is read where it lies */
    bool along_rows;            /* left's elements lie side by side along the rows: a[k, r] */
    IrDtype dtype;              /* in which products are added */
    int R;
    int64_t stretch, most;      /* places of k, and lanes, that are copied at a time */
    Dim many;                   /* 1 where the copies pay, else 0 */
    Dim again;                  /* 1 if there are several stretches, else 0 */
    Dim chunk_rows, chunk_lanes, row_lo, rows, lane_lo, lanes; /* of this point of the grid: its rows and lanes */
    Dim outers, outer_lo, outer_all; /* places of outer of this point; of all points but the last one */
    Dim pitch;                  /* lanes from one place of outer to the next */
    Slide slide;
    Dim turn, ks, group;        /* stretch of k and its places; group of rows */
    Dim sums_rows;
    IrNode *sums, *a, *b;
    bool some;                  /* a guard, or bounds, leave some places of the sum only */
    IrNode *inside;             /* of flat: is this one of them; NULL: all are */
    bool ragged;                /* each row has places of its own (tile_block_ragged.c) */
    IrNode *places, *counts;    /* scratch: those of the stretch, block by block, and how many there are in each */
    IrNode *view;               /* left's tensor with a row as its last axis; NULL: as it is */
} Block;

#define CX(b) ((b)->s.t->cx)
#define DIM(b) ((b)->s.t->cx->module->dims)

/* ---- tile_block_find.c: what can be blocked, and when it pays */
bool block_find(Block *b, Tile *t, IrNode *map);
Dim block_pays(Block *b);
bool block_lies_along(PassCx *cx, const IrNode *x, const IrNode *index); /* elements lie side by side in memory along the index */

/* ---- tile_block.c */
IrNode *block_scratch(Block *b, IrDtype t, Dim d0, Dim d1);     /* d1 NULL: of one axis */

/* ---- tile_block_pairs.c: sums that are no products */
bool block_find_pairs(Block *b, IrNode *map);                  /* sets reduce, left, right and the nest; false: there is no such sum, or the map has lanes */
IrNode *block_pair(Block *b, IrNode *left, IrNode *right);     /* what is summed, of values of both factors */

/* ---- tile_block_rows.c: what rows count, and copies of them */
void rows_find(Block *b, IrNode *left);                        /* left as reduce has it */
bool rows_has(const Block *b, const IrNode *x);                /* x is one of their indices */
Dim rows_all(Block *b);
void rows_scratch(Block *b);
void rows_write_places(Block *b);                              /* of the chunk */
void rows_write_runs(Block *b);
bool rows_may_be_short(Block *b);                              /* runs of less than half a panel, which are no vectors: only a call tells */
void block_bind_dim(Block *b, IrNode *old, Dim v);
void block_bind_places(Block *b, IrNode *const *old, int n, Dim x); /* n indices have the places that x counts, the last one fastest */

/* ---- tile_block_places.c: sums of whose places some are left */
bool places_need(Block *b, const IrNode *index);               /* which ones, differs along the index */
IrNode *places_inside(Block *b, IrBuilder *at, IrNode *guard, const Map *nodes, SymMap *syms); /* guard (NULL: none) and bounds of reduce, in new nodes and symbols */
void places_scratch(Block *b);
void places_write(Block *b);                                   /* of the stretch */
Dim places_count(Block *b, IrBuilder *at, Dim lo);             /* of the block from lo of the stretch on */
IrNode *places_at(Block *b, IrBuilder *at, IrNode *i, Dim lo); /* the i-th of it */
IrNode *block_open_places(Block *b);                           /* a loop over the places of the stretch: k stands for each */

/* ---- tile_block_ragged.c: sums of which each row has places of its own */
bool ragged_find(Block *b);                                    /* left, right and the nest are known; false: that is not seen to be safe */
IrNode *ragged_element(Block *b, IrNode *x);                   /* x, left's element in the open loops, inside; 0 outside */
void block_span(Block *b, Dim *lo, Dim *hi);                   /* of the stretch: places that rows of the group may have, lo a multiple of 256 */
IrNode *ragged_asks(Block *b, IrNode *many);                   /* many, and right is finite */

/* ---- tile_block_slide.c, tile_block_shift.c: images of which several places of the sum read the same rows */
void slide_find(Block *b, IrNode *right);                      /* right as reduce has it; the outer index is known */
void slide_sizes(Block *b, int64_t bytes);
Dim slide_width(Block *b, Dim lanes);                          /* of a chunk of lanes */
Dim slide_places(Block *b, Dim width);                         /* of the outer index that a point takes at most */
void slide_scratch(Block *b);
void slide_copy(Block *b);
Dim slide_panel_lanes(Block *b);                               /* that are copied and read */
void slide_copy_panel(Block *b);                               /* the next 16 lanes, from panel_lo on */
IrNode *slide_load(Block *b, IrBuilder *at, IrNode *x, IrNode *k, Dim k_lo); /* lane x, place k_lo + k of the stretch */
bool shift_find(PassCx *cx, IrNode *x, IrNode *outer, IrNode *index, int64_t *by, int64_t *step); /* x needs both through by * outer + step * index alone */

/* ---- tile_block_copy.c: operands */
void block_bind_at(Block *b, IrNode *old, Dim base, IrNode *x); /* the old index stands for base + x */
void block_bind_row(Block *b, IrNode *x, bool whole);          /* row x of the group; whole: no row lies beyond the last one */
IrNode *block_element(Block *b, IrNode *factor);
void block_put(Block *b, IrNode *buffer, IrNode *value, int n, IrNode *const *subs);
Dim block_lanes(Block *b);                                     /* of this point, side by side */
void block_subs(Block *b, IrBuilder *at, IrNode *x, IrNode *k, IrNode **subs); /* of lane x, place k in the copy of right: three, or two where there is an outer index */
Dim block_k_lo(Block *b);                                      /* of the stretch */
IrBuilder block_open_if(Block *b, IrOp op, Dim x, Dim y, IrNode **choice);
void block_copy_right(Block *b);
void block_copy_left(Block *b);
IrNode *block_left(Block *b, IrBuilder *at, IrNode *r, IrNode *place); /* as it was copied */

#endif
