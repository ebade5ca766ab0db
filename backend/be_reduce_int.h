/* be_reduce_int.h - shared by the files that write reductions. */
#ifndef MLC_BE_REDUCE_INT_H
#define MLC_BE_REDUCE_INT_H

#include "backend/be_int.h"

typedef struct Red {
    IrNode *n;
    IrRegion *r;
    IrNode *value, *guard;   /* guard: NULL if there is none */
    RedOp op;
    IrDtype in, out;         /* of the value; of the result */
    bool blocked;            /* the order has blocks of 256 (float sums and products, not chain) */
    bool fused;              /* contract of a product: fma */
    bool idle;               /* of products that may be computed where the guard says no (be_reduce_idle.c) */
    uint8_t *in_guard;       /* by node id: nodes of the region that the guard needs */
    int nr, k;               /* accumulators: rows, all elements */
    bool keys;               /* max and min of floats through integers: greatest and least of each (be_reduce16.c) */
    int joined;              /* so many of the last indices are one walk over memory (be_reduce16.c) */
    bool vec;
    BeWindow window;         /* which indices are written out */
    LV identity;             /* of one element */
    IrNode *terms;           /* the loop that writes what is added (be_terms.c), which runs along; NULL: there is none */
    LV *few;                 /* lanes16 of few places that are written out: each element of each; else NULL */
    LV memory;               /* lanes16 beside other lanes: 16 accumulators for each element, else NULL */
} Red;

/* Positions [p0, p1), the widest of rows and lanes; extent, from and to (positions) where they vary and no guard says the same; else NULL. */
typedef struct Range { Val *lo; LV p0, p1; Val *extent, *from, *to; } Range;

void red_init(Em *em, Red *red, IrNode *n);
void red_find_guard(Em *em, Red *red); /* fills in_guard */
bool red_may_idle(const Red *red);
LV red_ask_before(Em *em, Red *red, int axis, bool *all); /* what the guard says that needs this axis and outer ones alone; NULL: nothing. all: that is all it says */
/* What this axis says, for all rows and lanes, of the conditions of the first choice of which it says any; NULL: of none. choice: which, and of what. */
LV red_choice_before(Em *em, Red *red, int axis, Choice *choice);
bool red_side_loads(const Choice *choice, int side);
Range red_range(Em *em, const Red *red, IrNode *index);
LV red_combine(Em *em, const Red *red, LV a, LV b);
LV red_identity(Em *em, RedOp op, IrDtype t, int lanes);
Val *red_finish(Em *em, const Red *red, LV *acc);
/* Evaluates one element (indices are set) and updates state with f where it is inside the range, the guard and `on` (NULL: all). */
typedef void RedStep(Em *em, Red *red, Val *on, LV *state, void *user);
void red_element(Em *em, Red *red, Val *on, int n, LV *state, RedStep *step, void *user);
Val *red_value(Em *em, Red *red);            /* spread to the shape of the accumulators */
void red_update(Em *em, Red *red, Val *on, LV *state, void *user); /* acc = acc op value */
Val *red_in_range(Em *em, const Range *g, Val *p); /* where position p is inside bounds that vary; NULL: everywhere */

/* ---- be_reduce_memory.c: lanes16 beside other lanes */
void red_memory_clear(Em *em, Red *red);
void red_memory_update(Em *em, Red *red, Val *on, LV place);
LV red_memory_sum(Em *em, Red *red, int i); /* the tree over the 16 accumulators of element i */

Val *be_reduce_sets(Em *em, Red *red); /* be_reduce_sets.c: of several rows, in registers; NULL: not this one */

/* ---- be_reduce_quads.c: the same of bytes; p0 is a multiple of 4, and g->lo is 0 */
const char *red_quad_instruction(const Em *em, const Red *red);
LV red_quads(Em *em, Red *red, int nstate, LV *state, LV p0, LV p1, const Range *g, const char *instruction);

/* ---- be_reduce_pairs.c */
const char *red_pair_instruction(const Em *em, const Red *red); /* NULL: the sum is none of products of small integers, or the target has none */
LV red_pairs(Em *em, Red *red, int nstate, LV *state, LV p0, LV p1, const Range *g, const char *instruction); /* returns where the rest begins */

bool be_can_vectorise(Em *em, Red *red);
void red_update_arg(Em *em, Red *red, Val *on, LV *state, void *user); /* argmax, argmin: state is values, then indices */
Val *be_reduce_lanes(Em *em, Red *red); /* be_reduce16.c: 16 places of the last index at once */
void be_terms_begin(Em *em, Red *red); /* around the loop of a sum in lanes, whose terms may be written along */
void be_terms_write(Em *em, Red *red);
void be_terms_end(Em *em, Red *red);
Val *be_arg_lanes(Em *em, Red *red);    /* the same for argmax and argmin over one index */

#endif
