/* tile_int.h - shared by the files of the tile pass.
 *
 * The pass walks a function of tensor IR in order and writes the same program as tile IR into a new body: every tensor value gets a
 * buffer, every map that is left a kernel. Old nodes are looked up in `nodes` (scalars) and `buffers` (tensors).
 */
#ifndef MLC_TILE_INT_H
#define MLC_TILE_INT_H

#include "passes/pass_int.h"

typedef struct Tile {
    PassCx *cx;
    IrFn *fn;
    IrRegion *old_body;
    IrBuilder b;       /* where tile IR is being written */
    Map nodes;         /* old scalar node -> new node */
    Map buffers;       /* old tensor node -> buffer node */
    Map members;       /* buffer that is no view -> list of the old values that live in it */
    Map order;         /* old nodes of the function, its loops and choices: their places in it */
    Map joined;        /* maps and scatters that another one's kernel has computed */
    SymMap syms;       /* old symbols -> Dims over new ones */
    VEC(IrNode *) param_buffers; /* by leaf parameter; NULL until asked for */
    bool failed;
} Tile;

/* Shape of the loops of one kernel. */
typedef struct Nest {
    IrNode *lanes;     /* index of the map that runs in vectors, or NULL */
    IrNode *rows;      /* index of the map that is blocked over rows, or NULL */
    IrNode *turned;    /* index along which what lanes read lies side by side: a loop within the lanes; or NULL */
    int row_factor, lane_factor;
    int64_t chunk;     /* lanes of one grid point; 0: all of them */
    const IrNode *panels; /* the contraction that reads a weight in panels, if it is the only one, or NULL */
    int panel_bytes;      /* of an element there; of packed blocks about as many */
} Nest;

void tile_number(Tile *t, const IrRegion *r); /* tile_place.c: what stands in r goes to t->order */
void tile_last(PassCx *cx, IrFn *fn, IrRegion *r); /* tile_last.c: new values of variables behind the readers of the old ones */
enum { PAIR_ROWS = 4 }; /* of sums over two rows that are no products */
Nest tile_nest(PassCx *cx, IrNode *map);
int tile_rows_at_once(PassCx *cx, IrNode *map, IrNode *lanes); /* of a product, where lanes are read for all of them */
IrNode *tile_lane_axis(PassCx *cx, IrNode *map);
IrNode *tile_unpack_index(PassCx *cx, IrNode *map, const Nest *nest); /* tile_unpack.c: of rows that lie in panels and are taken one after the other; NULL: none are */
typedef struct UnpackAt { IrNode *panel; Dim first, count, most; } UnpackAt; /* of a point: its panel; its lanes, of which all points have `most` (first NULL: all) */
void tile_unpack(Tile *t, IrNode *map, const Nest *nest, IrNode *index, const UnpackAt *where, IrBuilder at); /* those of a panel are copied at `at`; the map's loads read the copies */

IrNode *tile_buffer(Tile *t, IrPlace place, IrType type, int64_t imm, Span span, Name name);
IrNode *tile_buffer_of(Tile *t, IrNode *old); /* the buffer of a tensor value of the old function */
IrNode *tile_scalar(Tile *t, IrNode *old);    /* the new node of a scalar of the old function */
IrNode *tile_param_buffer(Tile *t, IrNode *param); /* its memory, wherever its old value lies by now */
IrNode *tile_memory(Tile *t, IrNode *value, IrNode *after); /* new memory for a value that becomes `after` there (NULL: nothing): a result's own or the arena */
void tile_copy(Tile *t, IrNode *to, IrNode *from);
IrType tile_type(Tile *t, IrType type);       /* dims in new symbols */
IrNode *tile_clone(Tile *t, IrBuilder *b, IrNode *old);
void tile_bind(Tile *t, IrNode *old, IrNode *buffer); /* old lives in buffer from here on */

/* Where a kernel writes: a buffer, for each of its axes the subscript or the map index that it takes. */
typedef struct Dest { IrNode *buffer; int rank; IrNode **start; int *axis, *rest; Dim *step; } Dest;
/* start[i]: new scalar node added to the subscript (NULL: 0); axis[i]: number of the map's index (-1: none); where step[i] is not NULL the subscript
 * is step[i] times that index plus index rest[i] (step NULL: nowhere). */

void tile_forms(Tile *t, IrNode *map, Dest dest);  /* kernels for each form that its weights may have; else for the map as it is */
void tile_kernel(Tile *t, IrNode *map, Dest dest);
/* tile_keyed.c: rows that look up which weight they are multiplied by go weight by weight; false: the map has none. Row `order[i]` is one of weight e for i of
 * first[e] to first[e + 1]; `key`, a node of the map, is e there. */
typedef struct Keyed { IrNode *key, *first, *order; Dim keys; } Keyed;
bool tile_keyed(Tile *t, IrNode *map, Dest dest);
void tile_kernel_by_key(Tile *t, IrNode *map, Dest dest, const Keyed *by); /* all indices but the lanes are the row */
bool tile_block(Tile *t, IrNode *map, Dest dest); /* false: the map has no contraction that gains by blocking for the caches */

/* A sum of products of bf16 with a weight, for targets that multiply tiles (tile_dot16.c). */
typedef struct Dot16 {
    Nest nest;
    IrNode *reduce, *k, *left, *right; /* factors of rows and of lanes; right is a load of the weight */
    int axis, k_axis;                  /* of the weight: which is cut into panels of lanes, which into groups of k */
    bool packed;                       /* the weight lies in tiles already */
    bool copied, turned;               /* .. of another product: its blocks are copied; turned: that one's lanes are the places here, its places the lanes */
} Dot16;
bool tile_find_dot16(PassCx *cx, IrNode *map, Dot16 *d);
bool tile_dot16(Tile *t, IrNode *map, Dest dest); /* false: the map has no such sum */

/* tile_flat.c: weights in panels that parts of reductions walk in one piece. The copy has no memory of its own, for such parts alone read it; how many parts
 * a point of the map's kernel takes (NULL: it reads none); what these need is unpacked at `at`. */
bool tile_flat_takes(PassCx *cx, const IrNode *copy);
Dim tile_flat_parts(Tile *t, const IrNode *map);
void tile_flat(Tile *t, IrNode *map, const IrNode *chunk, Dim parts, IrBuilder at);
bool tile_flat_rows(Tile *t, IrNode *map, Dest dest); /* tile_flat_rows.c: kernels for parts that are pieces of rows, and for others; false: they never are */

bool tile_copy_panels(Tile *t, IrNode *map, Dest dest); /* tile_copy.c; false: the map is no copy of a weight that lies in panels */
bool tile_words(Tile *t, IrNode *map, Dest dest); /* false: the map sums no products of bytes of which one factor is worth packing */

/* A reduction whose values lie in `sums` already, from row row_lo and lane lane_lo on; the part of the map: `rows` many from `first` of them on, `lanes`.
 * skip: how far in `sums` lanes lie behind their places; NULL: not. nest: rows and lanes, if the map has no others; NULL: those of tile_nest */
typedef struct Part { IrNode *reduce, *sums; Dim row_lo, first, rows, lane_lo, lanes, skip; const Nest *nest; } Part;
void tile_rest(Tile *t, IrNode *map, const Dest *dest, IrRegion *in, const Part *part); /* what follows the reduction, in region `in` of a kernel */
/* shared with the loops of streams */
Dim tile_ceil_div(DimCx *d, Dim n, int64_t k);
Dim tile_dim(Tile *t, Dim d);                               /* in new symbols; NULL stays NULL */
IrNode *tile_as_words(Tile *t, IrNode *of);                  /* tile_words.c: a buffer as words of four bytes, along its last axis */
IrNode *tile_rows_of_tiles(IrBuilder *b, IrNode *tiles, IrDtype word); /* tile_words.c: [.., groups, 512] of bf16 as [.., rows of all groups, words of a row] */
IrNode *tile_open_loop(Tile *t, IrBuilder *b, IrLoop kind, int factor, const char *name, Dim lo, Dim extent); /* tile_words.c: at b, which stands in it then; its index */
void tile_map_index(Tile *t, IrNode *old, IrNode *new_);
Dim tile_over_rows(Tile *t, Dim bound, IrNode *row, bool upper);
void tile_store_element(Tile *t, IrNode *map, const Dest *d, IrBuilder *b, IrNode *value);
typedef Dest TileDestination(Tile *t, IrNode *n);  /* where a tensor's elements go; it lives there from here on */
IrNode *tile_reorders(PassCx *cx, const IrNode *n); /* the map behind n, its only reader, that puts n's elements elsewhere; NULL: there is none */
Dest tile_reordered(Tile *t, IrNode *n, IrNode *p, TileDestination *destination); /* n's elements go where those of that map would */
void tile_note_cost(Tile *t, IrRegion *r, PassCost cost); /* of the kernel that was made last, for reports */
void tile_beside(PassCx *cx, IrRegion *r);                    /* tile_beside.c: streams that share what they make of pairs stand side by side */
bool tile_stream_several(Tile *t, IrNode *first, TileDestination *destination); /* first and those behind it, marked in t->joined; false: nothing was made */
bool tile_stream(Tile *t, IrNode *map, Dest dest); /* false: the map has no cascade that is marked */
/* A scatter, its value in the body that is written, and where its elements go. */
enum { SCATTERS_MOST = 8 };
typedef struct ScatterPart { IrNode *n, *value; Dest dest; } ScatterPart;
void tile_scatter(Tile *t, IrNode *n, const ScatterPart *parts, int nparts); /* n has the turns, guard and places of all parts */
bool tile_scatter_several(Tile *t, IrNode *first, TileDestination *destination); /* first and those of the same places behind it, marked in t->joined; false: nothing was made */
void tile_scalar_kernel(Tile *t, IrNode *reduce); /* a reduction at function level: a kernel of one point */
void tile_region(Tile *t, IrRegion *r);

/* tile_update.c: values that replace others, and the end of the function */
IrNode *tile_writable(Tile *t, IrNode *x, IrNode *by, IrNode *after); /* memory in which `by` replaces x; what it leaves there is `after` */
void tile_update(Tile *t, IrNode *n);
void tile_ret(Tile *t, IrNode *n);

/* tile_place.c: where values live */
IrNode *tile_left_by(IrNode *n, int64_t slot); /* the one value that stands for result `slot` of n; NULL: none, or several */
IrNode *tile_final(Tile *t, IrNode *v);        /* the memory of the result that v becomes in place, step by step; NULL: it does not */
bool tile_is_var_in_the_end(Tile *t, IrNode *v, int64_t param);        /* v becomes, in place, what the `var` parameter holds at the end */
bool tile_moves(Tile *t, IrNode *root);                  /* no other shape of the values in it */
void tile_move(Tile *t, IrNode *from, IrNode *to);       /* all values of one memory are read from the other one, from here on */
bool tile_knows(const Tile *t, DimSym *s);               /* the symbol of a size has its meaning in the new function already */
bool tile_is_ready(Tile *t, IrNode *n);                  /* a tensor that has its memory, a scalar that can be computed here */
IrNode *tile_now(Tile *t, IrNode *scalar);               /* its new node, computed here if it is not yet; it is ready */
bool tile_dies_at(Tile *t, IrNode *value, IrNode *user); /* nobody reads value's memory after user, and user reads it once */
bool tile_dies_after(Tile *t, IrNode *value, IrNode *n); /* the same of all that stands in n */
Dest tile_dest_of(Tile *t, IrNode *buffer, IrNode *map); /* all of the buffer, by the axes of the map or scatter */
bool tile_destination(Tile *t, IrNode *map, Dest *dest); /* memory that takes the map's value directly; false: a new buffer */

#endif
