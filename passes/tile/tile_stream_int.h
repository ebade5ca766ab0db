/* tile_stream_int.h - shared by the files that write the loops of a stream. */
#ifndef MLC_TILE_STREAM_INT_H
#define MLC_TILE_STREAM_INT_H

#include "passes/stream_int.h"
#include "passes/tile/tile_int.h"

enum { ROW_TILE = 128, LEVELS_MOST = 6, LOOSE_MOST = 2, STREAM_PANEL = 16, PLACES_STEP = 32,
       BAND = 128, /* columns that all rows take before the next ones: what they read of a block stays near */
       STRIP = 64 }; /* places whose packed operands are in scratch at a time: a part of the nearest caches */
enum { ROWS_AT_ONCE = 4, SIX_ROWS = 6, VECTORS = 2, MORE_VECTORS = 4, SMALL_ROWS = 1, PACKED_ROWS = 8 }; /* contractions have eight accumulators, of 32 registers sixteen; rows that wait for an extreme or a sum each */

/* A loop that is open; index: of the old function, NULL for the first, two for rows of heads, three for what is asked over a tile; mark: what was made before it. */
enum { INDICES = 3 };
typedef struct Level { IrBuilder b; IrNode *index[INDICES]; int mark; } Level;

/* A comparison of the guard: up: place op row, down: row op place (le or lt; both: they are equal); the least and most of the row's side
 * over the tile (NULL: not needed). */
enum { LIMITS_MOST = 4 };
typedef struct Limit { IrOp op; IrNode *place, *row, *least, *most; bool up, down; } Limit;

/* A factor of a sum over `index` that is computed for a block and all of the index at once (tile_stream_spread.c). value: its copy, in a loop of its own. */
typedef struct SpreadAt { IrNode *sum, *old, *index, *value, *buffer; } SpreadAt;

/* A value that rows share and that is computed, or gathered, in scratch [places of a block, index] (tile_stream_shared.c). skew: of whose distances (NULL: of places); of: the
 * node in whose stead it is read, by `read` (NULL: by several loads); home: the region that computes it, if it is not the host's; turned: scratch [index, distances] (NULL: none);
 * joined: a choice of two tensors by place; gathered: read by a table, or by quotients of the place; direct: rows are few, and read these themselves at present
 * (tile_stream_sides.c); faults: what may fault in it (tile_stream_tables.c). */
enum { SHARED_MOST = 8, RUNS_MOST = 4 };
typedef struct SharedAt { IrNode *value, *index, *buffer, *read; const struct SkewAt *skew; const IrNode *of; const IrRegion *home; IrNode *turned; bool joined, gathered, direct; VEC(IrNode *) faults; } SharedAt;

/* A contraction that is computed for distances of places and rows (tile_stream_skew.c), or of which some factors are. sum: its copy (NULL: factors only), in a
 * region over `index`, which has a node that stands for the place among distances; buffer: scratch [rows, distances]; some: 0 where there is nothing to read
 * (NULL: never). */
enum { SKEWED_MOST = 4 };
typedef struct SkewAt { IrNode *sum, *index, *here, *buffer; const IrRegion *home; Dim some; } SkewAt;

/* A row's factor that is computed, in scratch [rows, index] (tile_stream_held.c). */
enum { HELD_MOST = 4 };
typedef struct HeldAt { IrNode *value, *index, *buffer; } HeldAt;

/* A map that becomes part of the stream of another one: its value, in that one's body, where it goes. */
enum { ALSO_MOST = 5 };
typedef struct Also { IrNode *map, *value; Dest dest; } Also;

typedef struct Stream {
    Tile *t;
    Cascade c;
    const Dest *dest;
    IrRegion *body, *kernel;
    IrBuilder at;              /* where nests are written */
    IrNode *chunk, *block;     /* indices: tile of rows (NULL: no rows), block of the axis */
    IrNode *loose[LOOSE_MOST]; /* indices that no member needs: loops around what is done with the final values */
    int nloose;
    Also *also;
    int nalso;
    IrNode *strip;             /* index: part of the block that loops over places take; NULL: all of it */
    IrNode *band;              /* index: part of the columns; NULL: all of them */
    Level level[LEVELS_MOST];
    int nlevels, outermost;    /* that one, or what is inside of it, is where values are written; 0: any */
    VEC(IrNode *) asked, sure; /* what may fault: in the host, the same for all places of a row; before the reductions (tile_stream_asked.c) */
    VEC(IrNode *) made;        /* old nodes that have a new one while their loop is open */
    Map stored;                /* node of the host -> its scratch [rows, places of a block] */
    Map placed;                /* node of the host that is the same for all rows and divides, or lies a row apart -> its scratch [places of a block] */
    bool decided;              /* choices hold in the whole block (tile_stream_choice.c) */
    IrNode *defining;          /* the one that is being computed */
    IrNode *li, *place;        /* row in its tile; place in the block */
    IrNode *state[MEMBERS_MOST], *part[MEMBERS_MOST], *safe[MEMBERS_MOST], *keep[MEMBERS_MOST], *gain[MEMBERS_MOST];
    IrNode *any;               /* scratch [rows]: the row has met the guard; NULL: its bounds tell */
    bool filled[MEMBERS_MOST];
    Limit limit[LIMITS_MOST];
    int nlimits;
    Dim near_from, near_to;    /* places of the block that some row of the tile may have; NULL: not known */
    Dim few;                   /* 1 where parts of the blocks are shared among threads, else 0; NULL: never */
    IrNode *split;             /* index of the grid: part of the blocks; NULL: there are none */
    bool merging;              /* the kernel that combines what the parts have left */
    IrNode *left[MEMBERS_MOST], *left_any; /* [block, row of all points, ..] in the arena: state of each part */
    IrNode *row_from, *row_to, *whole; /* scratch [rows], of a guard that is more than bounds: places of the block that it leaves (tile_stream_mask.c); NULL: not known */
    bool direct;               /* rows are few, and read what they share where it lies */
    bool masks;                /* the guard is known from these: they are the places, not only bounds of them */
    bool bounded;              /* they are filled */
    IrNode *here;              /* a node of the host that stands for the place in the block */
    IrNode *here_row;          /* and for the row in its tile; NULL: nobody asks */
    IrNode *mix;               /* index of the map that is a loop in each block; NULL: none */
    bool in_mix;               /* that loop is open */
    SpreadAt spread[SPREADS_MOST];
    int nspreads;
    SharedAt shared[SHARED_MOST];
    int nshared;
    HeldAt held[HELD_MOST];
    int nheld;
    SkewAt skewed[SKEWED_MOST];
    int nskewed;
    const SkewAt *skew;        /* whose distances take the part of places at present; NULL: none */
    IrNode *skew_first;        /* a node of the host: this - row + place is where a pair lies; NULL: nobody asks */
    const IrRegion *home;      /* where what is computed now stands: the host's region, or that of a spread */
    IrNode *run[RUNS_MOST], *run_state[RUNS_MOST]; /* running values of the host, and scratch [rows]: what they have come to (tile_stream_running.c) */
    int nruns;
    Map along;                 /* scratch -> the index of the old function that is its first subscript */
    int rows;                  /* of a tile, at most */
    bool apart;                /* of many rows each tile has one head */
    Dim tile_from, tile_to;    /* bounds of the axis over the rows of the tile; NULL: none */
} Stream;

/* A reduction over the places of a block that is open. */
typedef struct Reduction { IrNode *reduce, *outer; int mark; } Reduction;

/* ---- tile_stream_asked.c: what may fault and needs no place */
void stream_find_asked(Stream *s);                            /* before anything is written; nothing of it faults elsewhere any more */
void stream_ask(Stream *s, IrNode *met, bool column);         /* in a row that ends (and a column): what needs that (or does not), if the row has met any place */
void stream_need_results(Stream *s);                          /* no point in the grid, where something may fault and an index that is no part of the grid has no place */

/* ---- tile_beside.c: maps that may be one pass */
bool stream_is_map(const IrNode *n);                          /* one that streams */
bool stream_has_rows_of(const IrNode *map, const IrNode *main); /* its indices are the first ones of main */
bool stream_fits(PassCx *cx, IrNode *a, IrNode *b);           /* b, of as many indices or less */

/* ---- tile_stream_also.c */
IrNode *stream_join(PassCx *cx, IrNode **maps, int n, IrNode *place, Also *also);
void stream_store_also(Stream *s, bool column);               /* in a row (or a column) that ends */

/* ---- tile_stream.c */
bool stream_find(Tile *t, IrNode *map, Stream *s);            /* false: the map has no cascade that is marked; s is set in any case */
void stream_write(Stream *s);                                 /* dest and also are set */

/* ---- tile_stream_spread.c */
void stream_find_spreads(Stream *s);                          /* before anything is written; sets mix and rows */
void stream_place_spreads(Stream *s);                         /* gives them scratch */
void stream_fill_spreads(Stream *s);                          /* begins a block */
IrNode *stream_busy(Stream *s);                               /* tile_stream_idle.c: has the open block a weight that is not 0, or another factor that is not finite? NULL: not asked */
void stream_each_mix(Stream *s, void (*part)(Stream *));      /* in a loop over `mix`, if there is one */
bool stream_is_mixture(const Stream *s, const IrNode *n);     /* one of their sums */

/* ---- tile_stream_shared.c: what rows share and is computed */
void stream_find_shared(Stream *s);                           /* gives it scratch, from which it is read then */
void stream_fill_shared(Stream *s);                           /* begins a block */

void stream_each_side(Stream *s, void (*part)(Stream *));     /* tile_stream_sides.c: in a block: once for each side of what is joined, and once for blocks of both */
bool stream_lies_in_panels(Stream *s, const IrNode *load);    /* of a packed weight: places of the block lie side by side */
void stream_share_factors(Stream *s, IrNode *sum);            /* of a contraction */
bool stream_is_total_cone(Stream *s, const IrNode *n);        /* nothing of the host that it needs can fault, whatever row and place */
void stream_sweep(Stream *s, IrRegion *r);                    /* drops what nobody uses */

/* ---- tile_stream_tables.c: what rows share and may fault */
bool stream_may_look_before(Stream *s, const IrNode *n, const IrNode *x); /* may its faults, the same for all of index x, be looked for before it is computed? */
void stream_find_faults(Stream *s, SharedAt *x, IrNode *n);   /* of n and all that it needs */
void stream_look_for_faults(Stream *s, const SharedAt *x);    /* in a block, before it is filled */

/* ---- tile_stream_running.c: values that run along the places */
void stream_find_runs(Stream *s);                             /* before anything is written */
bool stream_needs_run(Stream *s, const IrNode *n);            /* does one of them need n? */
void stream_place_runs(Stream *s);                            /* gives them scratch */
void stream_begin_runs(Stream *s);                            /* in rows, before the blocks */
void stream_fill_run(Stream *s, IrNode *n);                   /* in a row that is open */
static inline bool stream_runs_down(const Stream *s) { return s->nruns && running_is_down(s->run[0]->imm); } /* blocks descend */

/* ---- tile_stream_held.c: what rows compute for all places */
void stream_find_held(Stream *s);                             /* gives it scratch, from which it is read then */
void stream_fill_held(Stream *s);                             /* before the blocks */

/* ---- tile_stream_skew.c: contractions with operands that are known by the distance of row and place */
void stream_find_skewed(Stream *s);                           /* gives them scratch, from which they are read then */
void stream_fill_skewed(Stream *s);                           /* begins a block */
bool stream_is_turned(const Stream *s, const IrNode *load);   /* of a factor by distance that lies in scratch in both ways */
IrNode *stream_turned(Stream *s, IrNode *load);               /* one that reads it as [d, distance], not as [distance, d] */
Dim stream_skew_first(Stream *s);
void stream_skew_range(Stream *s, Dim end, Dim *from, Dim *to); /* distances that pairs of the tile and of the block's places before `end` have */
void stream_skew_bounds(Stream *s, Dim *from, Dim *to);       /* places of the open row, made its distances */
enum { TURNED_ROW = STREAM_BLOCK + ROW_TILE + STREAM_PANEL }; /* of [d, distance]: rows that are no whole number of powers of two apart lie in different sets of a cache */
/* A sum over features, of products or of anything else ((q[i, d] - k[j, d]) ^ 2), whose operands rows may share. */
static inline bool stream_is_over_features(const IrNode *n) { return n->op == OP_reduce && !n->stream && (n->order == ORDER_contract || (n->order == ORDER_lanes16 && n->redop == RED_sum && dtype_is_float(n->type.dtype))); }
static inline int stream_span(const Stream *s) { return s->skew ? STREAM_BLOCK + ROW_TILE : STREAM_BLOCK; } /* places at a time */

/* ---- tile_stream_part.c: what rows have of a block */
static inline bool stream_is_sum(const Member *m) { return m->reduce->redop == RED_sum && !cascade_is_tally(m); }
IrDtype stream_wide(IrDtype t);
bool stream_takes(const Member *m, const IrNode *x);          /* does its reduction read the value x as it is? */
void stream_bind_member(Stream *s, const Member *m, IrNode *x);
IrNode *stream_identity(IrBuilder *b, const Member *m);
IrNode *stream_partial(Stream *s, const Member *m);           /* its reduction over the block, in the loops that are open */
void stream_write_part(Stream *s, int i);                     /* of a member without columns, to its scratch */
void stream_write_any(Stream *s);                             /* has the row met the guard? */
void stream_open_reduction(Stream *s, Reduction *r, const IrNode *axis, RedOp op, IrOrder order, IrDtype t);
IrNode *stream_close_reduction(Stream *s, Reduction *r);      /* its yield is there */
IrDtype stream_type(const Member *m);                         /* in which it is accumulated */

/* ---- tile_stream_combine.c: states become one */
void stream_combine(Stream *s);                               /* members without columns; what corrects the others is left in scratch */
void stream_combine_column(Stream *s, int i);
void stream_combine_left(Stream *s);                          /* with what a part has left of the open block, instead of the block */
IrNode *stream_final_value(Stream *s, int i, IrNode *const *values, IrNode *met); /* of member i, in the open row (and column); met: was there any place? */

/* ---- tile_stream_nest.c: loops and values in them */
IrNode *stream_scratch(Stream *s, IrDtype t, int n, Dim d0, Dim d1);
IrNode *stream_scratch_along(Stream *s, IrDtype t, IrNode *index, Dim rows, Dim places); /* [index, rows, places], or without places (NULL); index: NULL, or in the subscript as it is */
IrNode *stream_panels(Stream *s, IrDtype t, Dim extent);      /* [places of a strip / 16, extent, 16], for PACKED_ROWS rows and more */
IrNode *stream_emit(Stream *s, IrNode *old);                  /* the value of a node of the map's body or of the host, in the open loops */
void stream_bind(Stream *s, IrNode *old, IrNode *new_);
void stream_bind_place(Stream *s, IrNode *place);             /* the host's index in a loop over places of a block: position 256 * block + place; a distance in a loop over distances */
void stream_undo(Stream *s, int mark);
Level *stream_top(Stream *s);
void stream_start(Stream *s);                                 /* a nest, if none is open */
IrNode *stream_open_loop(Stream *s, IrNode *old, IrNode *other, IrLoop kind, int factor, Dim lo, Dim extent); /* binds nothing */
void stream_open(Stream *s, IrNode *old, IrLoop kind, int factor, Dim lo, Dim extent);
void stream_open_places(Stream *s, int factor);               /* places of the block, in lanes */
void stream_open_places_in_turn(Stream *s);                   /* those that any row of the tile may have, one after the other */
Dim stream_places_begin(Stream *s);                           /* of all rows of the tile, in the block */
Dim stream_places_end(Stream *s);                             /* of all rows of the tile, in the block; may lie beyond it */
void stream_open_columns(Stream *s, int factor);
IrNode *stream_open_area(Stream *s, RedOp op);                /* a reduction over the places that any row may have, and over the columns */
IrBuilder stream_open_bands(Stream *s);                       /* a loop over bands of the columns, around nests */
void stream_pop(Stream *s);                                   /* closes the innermost loop */
void stream_close(Stream *s);                                 /* all loops since the last open nest */
void stream_bounds(Stream *s, const IrNode *x, Dim *from, Dim *to); /* part of the block in which the guard may hold, for index x of a member */
IrNode *stream_at(Stream *s, IrNode *buffer, IrNode *sub);    /* load [row, sub], or [row] */
void stream_put(Stream *s, IrNode *buffer, IrNode *sub, IrNode *value);
void stream_block_range(Stream *s, Dim *lo, Dim *hi);
IrNode *stream_row_allows(Stream *s);                         /* may the open row have any place, as the bounds say? */

/* ---- tile_stream_rows.c: the rows of a tile */
bool stream_has_rows(Stream *s);
void stream_find_apart(Stream *s);                            /* before anything is written; sets apart */
Dim stream_rows(Stream *s);                                   /* extent of scratch over rows */
Dim stream_tiles(Stream *s);                                  /* of rows */
Dim stream_row_extent(Stream *s);                             /* of this tile */
void stream_open_rows(Stream *s, int factor);
void stream_open_lanes_rows(Stream *s);                       /* rows as lanes */
void stream_open_step_rows(Stream *s, bool bounds); /* all, some at once; bounds: each has its own */
bool stream_few_registers(const Stream *s);      /* less than 32 */
int stream_packed_rows(const Stream *s);            /* rows of which a step beside packed operands takes a multiple */
void stream_open_whole_rows(Stream *s, int least, int by); /* as many as are a multiple of that; none, if they are less than `least`; by: at once, 0: as many as sums of products take */
void stream_open_rest_rows(Stream *s, int factor, int least, int by); /* the others */
void stream_tile_span(Stream *s, Dim *lo, Dim *n);            /* of the row's index: where it begins in this tile, and how many */
void stream_head_span(Stream *s, Dim *lo, Dim *n);            /* of the heads of a group, the same */
IrNode *stream_tile_of_rows(Stream *s);                       /* an index that stands for the rows of a tile in bounds only; NULL: no rows */
Dim stream_over_tile(Stream *s, Dim bound, bool upper);       /* the widest bound over the rows of a tile, by its formula; NULL: that does not tell */

/* ---- tile_stream_split.c: blocks shared among threads */
void stream_find_split(Stream *s);                            /* sets few, and makes the memory between both kernels */
void stream_split_grid(Stream *s);                            /* index of the parts */
void stream_split_range(Stream *s, Dim *lo, Dim *hi);         /* blocks of a part */
void stream_leave(Stream *s);                                 /* a part's state */
IrNode *stream_left(Stream *s, IrNode *buffer, bool column);  /* of the open block and row */

/* ---- tile_stream_mask.c: guards row by row */
void stream_mask_scratch(Stream *s);
static inline bool stream_asks(const Stream *s) { return s->bounded && !s->masks; } /* rare, where the other factor is not finite: less code instead of more rows at once */
IrNode *stream_mask_rows(Stream *s);                          /* in a block: has any row a place? NULL: the guard is bounds, or there is none */
IrNode *stream_mask_whole(Stream *s);                         /* are these the places from each row's first to its last? */

/* ---- tile_stream_zero.c */
IrNode *stream_clear(Stream *s, IrNode *whole);               /* behind the parts of a block: may sums with columns leave the guard out? NULL: no */

/* ---- tile_stream_choice.c: values that are nearly always the same side of a choice */
bool stream_is_choice(Stream *s, const IrNode *n);
bool stream_has_choice(Stream *s, const IrNode *n);           /* in what it is made of */
bool stream_chooses_sums(Stream *s, const IrNode *n);          /* what they take where they do not hold are contractions, by place: many blocks may */
IrNode *stream_choices_hold(Stream *s, const IrNode *n);      /* in a block: for all rows and places? */
static inline int stream_operands(Stream *s, const IrNode *n) { return s->decided && stream_is_choice(s, n) ? 2 : n->nin; } /* of a node that is computed: what a choice that holds does not take is the last one */

/* ---- tile_stream_near.c: guards over data */
void stream_find_ends(Stream *s);                             /* written before the blocks: tile_from, tile_to */
void stream_find_limits(Stream *s);                           /* written before the blocks */
void stream_stand_for(Stream *s, IrRegion *in, IrNode *old, Dim lo, Dim extent); /* a new index of the reduction, for one of the map's */
IrNode *stream_near_places(Stream *s);                        /* in a block: is there any place that some row may have? NULL: it is not known */
bool stream_ranges(Stream *s, IrNode **from, IrNode **to); /* tile_stream_ranges.c: places of the block that a guard with alternatives leaves the tile; false: it has none */

/* ---- tile_stream_fill.c: values that lie in scratch, a block at a time */
void stream_find_stored(Stream *s);                           /* gives them scratch */
bool stream_guard_is_ready(Stream *s);                        /* reads it nothing that could be stored for a block? */
bool stream_guard_waits(Stream *s);                           /* does the guard read what is stored for a block, and is not kept itself? */
static inline bool stream_keeps_guard(const Stream *s) { return s->c.guard && map_find(&s->stored, s->c.guard); } /* for each pair of a block, in scratch */
enum { GUARD_STAGE = -1 };                                    /* what is filled before it is known which places rows have */
void stream_fill_places(Stream *s);                           /* begins a block: what divides along the axis, or lies a row apart, once for all rows */
void stream_fill_stage(Stream *s, int stage);                 /* computes those that need `stage` members */
void stream_fill_contracted(Stream *s, IrNode *n);            /* in loops of its own */
void stream_open_row(Stream *s);                              /* rows in which nothing contracts; open already: nothing happens */
void stream_close_row(Stream *s);
void stream_bind_block(Stream *s);                            /* earlier members as the block knows them */
IrNode *stream_as(IrBuilder *b, IrNode *x, IrDtype t);        /* cast, where it is not that already */
IrBuilder stream_open_branch(Stream *s, IrNode *choice);      /* the next region of an if or a for */
void stream_close_branch(Stream *s, IrBuilder outer);

static inline IrNode *stream_op2(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, x->type, x, y); }
static inline IrNode *stream_equal(IrBuilder *b, IrNode *x, IrNode *y) { return ir_add2(b, OP_eq, ir_scalar(DT_bool), x, y); }
static inline IrNode *stream_choose(IrBuilder *b, IrNode *c, IrNode *x, IrNode *y) { return ir_add3(b, OP_select, x->type, c, x, y); }

#endif
