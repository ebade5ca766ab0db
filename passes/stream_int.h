/* stream_int.h - a cascade: reductions over one axis, later ones with factors that depend on earlier ones (rule 2 of PASSES.md).
 *
 *     %m = reduce max [j] { s(j) }         no factor
 *     %l = reduce sum [j] { exp(s(j) - %m) }                  the factor exp(u - w(%m)) is corrected when %m changes
 *     %o = reduce sum [j] { exp(s(j) - %m) / %l * v(j, d) }   the factor 1 / %l leaves the sum
 *
 * The bodies of all members are copied into one region over one index (the host), where equal values are computed once. The host is a
 * node of the map that cascade_drop takes away again.
 */
#ifndef MLC_STREAM_INT_H
#define MLC_STREAM_INT_H

#include "passes/pass_int.h"

enum { STREAM_BLOCK = 256, MEMBERS_MOST = 8, FACTORS_MOST = 8, SPREADS_MOST = 8 };

typedef struct Member {
    IrNode *reduce;               /* in the map's body */
    IrNode *value;                /* in the host, without the factors that leave; NULL: all of them leave */
    IrNode *linear, *offset;      /* the factor u - w of the host, as far as w needs extremes only; what it lacks of the whole factor (NULL: nothing) */
    IrNode *bare;                 /* value without the linear factor */
    IrNode *guard;                /* in the host, where it says more than the guard of all; NULL: it is that one */
    int weights;                  /* the member whose value that is; -1: there is no linear factor */
    int best;                     /* of argmax and argmin: the extreme of the same value; else -1 */
    bool column;                  /* depends on the column index */
    int nexps, nouts;
    IrNode *exps[FACTORS_MOST];   /* exp nodes of the host with an earlier member in them */
    IrNode *outs[FACTORS_MOST];   /* factors that do not depend on the axis: they leave */
    bool over[FACTORS_MOST];      /* which of them divide */
} Member;

typedef struct Cascade {
    PassCx *cx;
    IrNode *map, *host, *j;       /* j: the host's index */
    IrNode *row, *column;         /* indices of the map; NULL: none */
    IrNode *head, *group;         /* head // per is an index of its own, group: what varies along the axis needs no more of head; NULL: none */
    Dim per;                      /* heads of a group */
    IrNode *mix;                  /* an index of the map that what is summed in sums like m[mix, g] * x(g, j) does not need; NULL: none (cascade_spread.c) */
    bool spreads, bare;           /* there are such sums; one cannot be computed for all of `mix` at once */
    IrNode *guard;                /* in the host, of all members; NULL: none */
    const IrNode *axis;           /* the index whose bounds hold for all of them */
    bool exact;                   /* the guard says no more than the bounds of the members' indices */
    IrNode *const *among; int namong; /* while it is sought: those that may be members; none: all of the axis */
    int n;
    Member m[MEMBERS_MOST];
    Map stages;                   /* node -> 2 + stage */
} Cascade;

/* sum [index] { .. * value }, or of the value alone, in which the value, or a part of it, is a reduction itself. */
typedef struct Spread { IrNode *sum, *index, *value; } Spread;

/* Takes the reductions of the map's body over the axis of `like` (NULL: those that are marked) and analyses them; false: they are no
 * cascade that one pass can do, and nothing is left behind but perhaps a sum of ones. */
bool cascade_find(PassCx *cx, IrNode *map, const IrNode *like, Cascade *c);
bool cascade_find_among(PassCx *cx, IrNode *map, const IrNode *like, IrNode *const *among, int n, Cascade *c); /* of these only, MEMBERS_MOST at most; sums of ones and extremes that they lack join them */
bool cascade_may_be_member(const IrNode *n, const IrNode *like); /* by its form: one axis, that of `like` (NULL: any) */
void cascade_drop(Cascade *c);
bool cascade_is_extreme(const Member *m); /* max, min */
bool cascade_is_place(const Member *m);   /* argmax, argmin: the index of an extreme that is a member, too */
bool cascade_is_tally(const Member *m);   /* count, any, all, sums of integers: needs no other member and is corrected by none */
bool cascade_implies(const IrNode *a, const IrNode *b); /* guards: where a holds, b does; NULL holds everywhere */
bool cascade_factors(Cascade *c, int i, IrNode *value);      /* cascade_factor.c: member i's value as a product; false: no stream can correct it */
bool cascade_find_weights(Cascade *c, const IrNode **lacking); /* for linear factors; false: one has none; lacking: the sum of ones would do */
bool cascade_find_best(Cascade *c, const IrNode **lacking);    /* for places; false: one lacks its extreme */
bool cascade_shifts(Cascade *c, const IrNode *n);            /* n = u(j) + w, where w is made of maxima and minima alone */
void cascade_find_mix(Cascade *c);                           /* cascade_spread.c: sets mix, spreads and bare, from the members' bodies */
int cascade_spreads(Cascade *c, IrRegion *home, const IrNode *axis, Spread *out, bool *bare); /* of sums that stand in `home`; SPREADS_MOST */
IrNode *cascade_side(const IrNode *n, int k);                /* the value of a choice where its condition holds (0) or not (1); NULL: n is none, or computes there */
IrNode *cascade_scale(Cascade *c, IrNode *n);                /* cascade_scale.c: the exponential that n scales as when members change; NULL: none */
int cascade_stage(Cascade *c, const IrNode *n);              /* 0: needs no member; else 1 + the last one it needs */
bool cascade_varies(Cascade *c, const IrNode *n);            /* along the axis */
bool cascade_is_loose(const Cascade *c, const IrNode *x);    /* an index that no member needs: results differ along it, the stream does not */
bool cascade_is_index(const IrNode *x);                      /* an index: one of a single place only if something reads it, as in programs of many places */
void strip_products(PassCx *cx, IrRegion *r); /* strip_products.c: what products along both of its axes read is computed once, by strips: loops of cx->strips */
void pass_merge_equal(PassCx *cx, IrRegion *r);              /* cse.c */
void pass_merge_turned(PassCx *cx, IrRegion *r);             /* cse.c: passes that differ in the order of their indices alone are one: what softmax[h, i] and a gradient [i, h] need of each row */
bool pass_same_places(PassCx *cx, const IrNode *a, const IrNode *b); /* cse.c: reductions over the same indices under the same guard */
bool pass_same_under(Map *pairs, const IrNode *a, const IrNode *b); /* cse.c: equal values, if those of `pairs` are (b by a); pairs grows */
bool pass_same_value_under(Map *pairs, const IrNode *a, const IrNode *b); /* the same, whatever they are made of; pairs: a by b, for this question only */
const IrNode *pass_computed_for(PassCx *cx, const IrNode *n, const IrNode *host); /* explain_again.c: what is made of n, for each of whose elements it is
                                                                                    * computed; host: of a stream, or NULL */
const IrNode *pass_lane_of(PassCx *cx, const IrNode *n, const IrNode *of, const IrNode *kernel, const IrNode *host); /* the index that turns fastest; or NULL */
const char *pass_repeats(PassCx *cx, const IrNode *n, const PassTurns *turns); /* that n, in these loops, has the same operands again; or NULL */
bool pass_bounds_axis(PassCx *cx, const IrNode *j, IrNode *n);  /* explain_mask.c: would the condition, as a guard, make bounds of index j? */
void pass_explain_mask(Cascade *c);                          /* explain_mask.c: says, if options ask for remarks, that its scores are masked by a number */
void pass_explain_zeros(PassCx *cx, const IrNode *map);       /* that a factor of one of its sums is 0.0 under a condition */
bool pass_has_stream(const IrNode *map);                     /* fuse.c: one of its reductions is marked */
typedef struct Walked { Dim size; VEC(IrNode *) clamps; } Walked; /* axis.c; clamps: of places, to be inside of it: that may fault */
bool pass_find_axis(PassCx *cx, IrNode *reduce, IrNode *x, Walked *axis); /* the one that index x, whose ends differ by row, walks a part of; false: there is none, or x walks it whole */
/* again.c: a number in the loops of root becomes a tensor before it, of the indices that it needs; NULL: it cannot. pairs: only if nothing that it reads is
 * as large. */
IrNode *pass_give_name(PassCx *cx, IrNode *root, IrNode *value, bool pairs);
IrNode *pass_name_whole(PassCx *cx, IrNode *root, IrNode *value, bool pairs); /* also where an index walks a part of an axis that differs by row: for all of it */
/* The same of what has a place for each that something in it has; its subscripts may fault where a place of the root asks for it. */
IrNode *pass_give_name_as_asked(PassCx *cx, IrNode *root, IrNode *value);
void pass_tables_of_distances(PassCx *cx, IrNode *map);        /* distance.c: what costs much and needs the difference of two indices alone is a tensor of these, before the map */
void pass_gather_before(PassCx *cx, IrNode *loop);            /* gather.c: what it takes by a table of a tensor that costs much becomes a tensor before it */
void pass_read_elements_apart(PassCx *cx, IrNode *loop, IrNode *of); /* what the loop asks for of one element of it is computed before the loop */
void pass_read_rows_apart(PassCx *cx, IrNode *of);             /* gather_row.c: what asks for one row of it has that row alone */
bool pass_takes_by_table(const IrNode *map);                  /* gather.c: such a tensor, or one that the program has given a name */
void pass_tensors_of_shifts(PassCx *cx, IrNode *root);        /* shifted.c: what costs much and needs fewer sums of indices than indices is a tensor of these, before the root */
void pass_ask_early(PassCx *cx, IrNode *map);                 /* fault_early.c: what may fault in a map, or a reduction of the function, and is the same for all elements is asked before it */
void pass_ask_guards(PassCx *cx, IrNode *root);              /* fault_guard.c: what may fault in a guard beside other parts of it is looked for before root, and faults there no more */
IrNode *pass_split_rows(PassCx *cx, IrNode *map);             /* split.c: an index of which rows of another map need the quotient alone (`p[c // K, i, j]`) is two; the map that stands for this one */
/* Of pairs of a row and a place, asked outside of `online`, too. */
bool online_is_plain_map(const IrNode *n); /* online_take.c */
bool online_is_among(IrNode *const *v, int n, const IrNode *x);
bool online_is_dear(const IrNode *load);   /* online_rows.c: of a map that has loops or elementary functions, or that is made of one (a kernel divided by its sum) */
bool online_is_of_pairs(PassCx *cx, const IrNode *load, const IrNode *row, const IrNode *place); /* online_pairs.c: are the map's elements sums of what rows have and of
                                                                                                  * what places have, as scores and what is made of them? */
/* online_running.c: a loop that makes a running reduction, begun with nothing in place of the tensor that it is one of, or with that; NULL: it is none. */
IrNode *pass_begin_loop(PassCx *cx, IrNode *loop, bool blank);
void pass_inline_load(PassCx *cx, IrNode *map, IrNode *load); /* fuse.c: the element is computed where it is loaded, or further out */
bool pass_is_elementary(IrOp op);                            /* fuse.c: exp, tanh, .. */
void pass_compute_found(PassCx *cx, IrFn *fn);                /* found.c: elements at places that are found in their tensors themselves are computed where they are asked for */
IrNode *pass_join_columns(PassCx *cx, IrNode *map, IrNode **whole); /* collapse.c: a copy of the map, before it, with one column where it has several axes of them, and what reads as the map does; NULL: it has not */
bool pass_picks(PassCx *cx, IrNode *load, const IrNode *dead); /* fuse.c: one element of each row of a map that reduces, which no one else reads but `dead` */
bool pass_is_dear(const IrNode *map);                        /* fuse.c: has loops or elementary functions */
bool pass_loops(const IrNode *map);                          /* fuse.c: has loops */
void pass_drop_unused(IrRegion *r);                           /* what the old guard alone was made of */
void pass_cut_guard(PassCx *cx, IrRegion *r);                  /* reach.c: whole numbers beyond any size in what a guard compares */
void pass_cut_guards(PassCx *cx, IrFn *fn);
void pass_choose_bounds(PassCx *cx, IrFn *fn);                 /* narrow_choice.c: of streams, guards that a condition chooses */
bool pass_bound_of_slope(PassCx *cx, const IrRegion *r, const IrNode *x, Dim a, Dim b, bool strict, bool *upper, Dim *bound); /* narrow_slope.c: what a <= b (strict: a < b) says of index x of r, which sizes or numbers multiply; false: nothing */
bool pass_bound_of_difference(PassCx *cx, const IrRegion *r, const IrNode *x, Dim a, Dim b, bool strict, bool *upper, Dim *bound); /* narrow_difference.c: what it says where a quotient of x is one term of the difference */
void pass_drop_bounds(PassCx *cx, IrNode *reduce);           /* unswitch_bounds.c: what its bounds say leaves its guard */
void pass_narrow_first(PassCx *cx, IrRegion *r);             /* narrow.c: bounds of the first index of a region, from its guard */
void pass_know_region(PassCx *cx, IrRegion *r);              /* known.c: choices by what guards around them say; equal conditions are one node */
void pass_open_guards(PassCx *cx, IrRegion *r, bool loads);  /* online_form.c: `if a { b } else { false }` is `a and b` where b may be asked always (loads: and reads), so that equal guards can be seen to be equal */
void pass_hoist_region(PassCx *cx, IrRegion *r);             /* hoist.c */
IrNode *pass_loop_around(IrNode *n, const IrNode *tensor);   /* transpose.c: the outermost loop around n, with nothing but loops between, in which the tensor does not change; NULL: there is none */
IrNode *pass_turned(PassCx *cx, IrNode *before, IrNode *tensor, const int *of); /* transpose.c: before that node, the tensor with its axes in another order: axis i is of[i] of it */
void pass_take_turned(PassCx *cx, IrNode *load, IrNode *tensor, const int *of); /* transpose.c: the load from a tensor in that order in place of one */

#endif
