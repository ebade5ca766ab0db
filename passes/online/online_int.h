/* online_int.h - shared by the files of the pass `online`. */
#ifndef MLC_ONLINE_INT_H
#define MLC_ONLINE_INT_H

#include "passes/stream_int.h"

enum { TWINS_MOST = 8, APART_MOST = 16, PARTS_MOST = 8 };
enum { MAPS_DEEP = 3 }; /* how far behind other maps a reduction is looked for */
enum { ROWS_MOST = 8, LEFT_MOST = 8 };
enum { TAKEN_MOST = 64, TAKES_MOST = 64, TAKES_STEP = 8 }; /* tensors, and loads that they replace: a chain of whole layers is left alone before it costs much */

typedef struct Online {
    PassCx *cx;
    IrNode *map, *copy, *column;       /* column: of the copy; NULL: none */
    IrNode *const *instead; int ninstead; /* what the map was made of: it reads no more */
    IrNode *other[TWINS_MOST]; int nother; /* maps that read what was taken in, too */
    bool stays;                        /* something else does */
    IrNode *load, *of;                 /* the next load to be replaced, and the map it reads */
    IrNode *wide[TAKEN_MOST]; int nwide; /* maps that have an element for each row and place of the axis */
    IrNode *taken[TAKEN_MOST]; int ntaken;
    const char *faults[TAKEN_MOST];    /* of `taken`, when they go: over which indices what may fault is looked for; NULL: it is not */
    bool dear;                         /* one of them is worth not being stored */
    bool deep;                         /* what is reduced for a row may be MAPS_DEEP maps away */
    bool shares;                       /* others may read what is taken in: they will be passes of their own */
    IrNode *left[LEFT_MOST]; int nleft; /* maps that are not taken in */
    bool again;                        /* `left` has grown: another try may do */
    bool quiet;                        /* what may fault is looked for before, in the map and in all that it takes in: nothing in the copy faults (fault_quiet.c) */
    bool fails;                        /* something in it does, for which there may be no pass: another try that is quiet may do */
    bool ranges;                       /* one that is quiet would have more of its reductions go over whole axes (online_ranges.c) */
    bool seams, parts;                 /* there are reductions over places that are joined with few others; they are parted (online_seams.c) */
    bool mixes;                        /* may take in what is mixed over another index (online_mix.c) */
    bool whole;                        /* takes nothing for a part of what is mixed (online_mix_parts) */
    const IrNode *lacks;               /* the index along which parts of what is mixed are the same (online_mix_parts); NULL: there are none */
    IrNode *mixed[LEFT_MOST]; int nmixed; /* of those that are taken in */
    IrNode *rows[ROWS_MOST]; int nrows; /* maps before the copy: what earlier passes give each row (online_stage.c) */
    IrNode *picks[ROWS_MOST]; int npicks; /* maps before the copy: elements that are the same for all rows (online_picks.c) */
} Online;

/* Tries each index as the column, the last one first, then none. instead: what the map was made of. mixes: may it take in what is mixed over
 * another index? Cleared where that makes no difference. others (NULL: not asked for): room for
 * TWINS_MOST maps, those that read what would have to die; returns how many, -1 for success. */
int online_try_map(PassCx *cx, IrNode *map, IrNode *const *instead, int ninstead, bool *mixes, IrNode **others);
bool online_try_rows(PassCx *cx, IrNode *map, bool *shared); /* a map of one element a row that is made of what is reduced for it, without a column; shared: others read what would have to die */
bool online_try(Online *o, int k);                         /* a copy with index k as its column (-1: none) that is a cascade; false: there is none */
bool online_leave_results(const Online *o, IrNode **left, int *n); /* what it has taken in of each row is a tensor all the same, as a result: more of those that the next try leaves */
void online_commit(Online *o);                             /* it takes the map's place */
void online_abandon(Online *o);                            /* it goes, with what was made for it */
bool online_reads_inside(const Online *o, const IrNode *user); /* in the map or what was taken in */

/* ---- online_take.c */
bool online_take_one(Online *o);                        /* into the copy; false: there is no more */
void online_open_choices(PassCx *cx, IrRegion *r, bool all); /* reductions under a choice run always, where that cannot be noticed; in reductions those for each row only */
void online_see_dear(void *user, IrNode *n); /* *(bool *)user: such a load */
bool online_subscripts_use(const Online *o, const IrNode *load, const IrNode *index);
void online_see_held(void *user, IrNode *n);  /* *(bool *)user: a load of what a map reduces for each row from what is dear */

/* ---- online_spare.c */
bool online_spares(const Online *o, const Cascade *c);  /* one pass is worth more than the tensors that it spares */
bool online_fails_in_pairs(Online *o, const Cascade *c); /* a subscript of a product, by row and place, may fault: rows share it only where that is looked for before */
bool online_fails_beside(Online *o, const Cascade *c);   /* what faults is needed by no value: a pass would not compute it, so it is looked for before */
bool online_fails_in_guard(Online *o, const Cascade *c); /* does a guard that has loops? */
bool online_is_prepared(const Cascade *c);              /* a member reads weights that are packed when they are loaded */

/* ---- online_form.c */
void online_flatten(PassCx *cx, IrRegion *r);   /* reductions over several indices become reductions over their places, in branches too */
void online_guard_sums(PassCx *cx, IrRegion *r); /* of the region's sums: what is 0 outside of a condition is guarded by it */
void online_go_over_groups(PassCx *cx, IrRegion *r); /* online_groups.c: sums under `h // R == n` */
void online_open_guards(PassCx *cx, IrRegion *r); /* of the region's reductions: `and` instead of choices, where nothing can fault */
void online_choose_late(PassCx *cx, IrNode *map); /* in its streams: choices between what costs little compute both */
void online_merge(PassCx *cx, IrRegion *r);     /* equal values, those too that could be sizes (a window of each head) and are none: bounds may use their symbols later */
void online_know_quotients(PassCx *cx, IrRegion *r); /* what ranges of indices tell of quotients and remainders */
void online_load_flat(PassCx *cx, IrNode *map); /* tensors that are read along such places get them as an axis */
bool online_split(PassCx *cx, IrRegion *r);     /* sums whose value has a sum of two weights as a factor become two; false: there are none */

/* ---- online_terms.c */
void online_split_terms(PassCx *cx, IrNode *map); /* in its streams: sums of products that are contractions each */
bool online_contracts(PassCx *cx, IrNode *map, IrNode *sum); /* is the sum's value a product that makes it a contraction? */

/* ---- online_sides.c */
void online_open_sides(PassCx *cx, IrNode *map); /* in its streams: sums of products in a choice by place run for all places */

/* ---- online_factors.c */
void online_let_factors_leave(PassCx *cx, IrNode *map); /* in its streams: what sums need not compute for each of their places */

/* ---- online_join.c */
bool online_try_together(PassCx *cx, IrNode *map, IrNode **others, int n); /* false: nothing has changed */

/* ---- online_rows.c: sum [b] { f(b) } of the function as a map of its rows and a sum over that */
typedef struct Rewritten { IrNode *reduce, *map, *reader; int rows; } Rewritten; /* reduce: stays, without a use, until its map is committed */
bool online_needs_outside_only(PassCx *cx, IrNode *n);         /* nothing of the region that it stands in */
void online_open_branches(PassCx *cx, IrNode *choice);         /* such reductions out of a choice of the function, where that cannot be noticed */
void online_sweep(PassCx *cx, IrRegion *r, bool faults);                              /* what nobody uses */
bool online_rewrite(PassCx *cx, IrNode *reduce, bool whole, Rewritten *w); /* whole: of all its indices, if there is something to reduce for each place of them; else of the first. false: it has no use for that, and nothing has changed */
bool online_has_rows(PassCx *cx, const IrNode *reduce);        /* is there something to reduce for each place of all its indices? */
bool online_splits(const IrNode *n);                           /* is there something to reduce for each place of its first index, with the others? */
bool online_has_plain_indices(const IrNode *n);                /* whose sizes are known at entry */
void online_undo(PassCx *cx, Rewritten *w);                                /* the map has no copy any more */
bool online_holds_rows(PassCx *cx, IrNode *load, int rows);    /* a load: is it made of what is reduced for each place of as many indices, of a tensor worth not being stored? */

/* ---- online_residues.c: (i - j) % r == 0 as i % r == j % r */
void online_part_residues(IrRegion *r, bool quiet); /* quiet: whether the difference fits its type is looked for elsewhere */
void online_part_residues_of_streams(IrNode *map);

/* ---- online_picks.c */
void online_name_picks(Online *o);                   /* elements of what was taken in that are numbers of a place, no row's */
bool online_is_along(PassCx *cx, const IrNode *map, bool loops); /* online_take.c: is something that it reads as large as it (of what loops and is summed there)? */

/* ---- online_absent.c: what a number masks along the copy's axis is left out by a guard; false: nothing has changed */
bool online_absent(Online *o);

/* ---- online_ranges.c: of the region's reductions, those whose ends differ by row, in branches too; asked: faults of places outside of an axis are looked for elsewhere */
void online_widen_ranges(Online *o, IrRegion *r, bool asked);

/* ---- online_seams.c: of the region's reductions, those over places that are joined with few others; true: there are some. Nothing is changed where the copy is not parted */
bool online_part_at_seams(Online *o, IrRegion *r);

/* ---- online_mix.c */
bool online_is_mixed(Online *o, const IrNode *load); /* x[g, .., j] in sum [g] in a reduction over j, of all rows but one index at most */
bool online_is_mixture(PassCx *cx, const IrNode *map, const IrNode *axis); /* of scores, sum [g] { .. x[g, .., axis] }; axis: an index of the map */
void online_mix_parts(Online *o);                    /* what is read of one head (a[0, t, j]) where others are mixed becomes a mixture of it alone */
const IrNode *online_mixing_index(const IrNode *load); /* g of such a load */
void online_open_mixture(Online *o, const IrNode *load); /* a guard of the sum: a choice behind it, or of its factors where it differs by g */
bool online_leave_mixed(Online *o);                  /* the next try leaves them; false: there are none */

/* ---- online_rowwise.c */
typedef struct RowMap { IrNode *map, *top, *outer; } RowMap; /* outer: the sum over it that was one over pairs; NULL: there is none */
int online_part_rows(PassCx *cx, IrNode *top, RowMap *maps); /* what reductions in the loops of `top` need of each row becomes maps before it; how many. maps: room for MEMBERS_MOST */

/* ---- online_pairs.c */
int online_rows_of_pairs(PassCx *cx, const IrNode *n); /* how many of a reduction's indices tell a row, where it reduces what products of rows and places give; 0: none */
int online_split_pairs(PassCx *cx, IrNode *map, IrNode **outer); /* how many sums over pairs in the map are now sums of sums. outer: room for MEMBERS_MOST */
bool online_has_few_places(const IrNode *index); /* online_pairs.c: as few as a number says (a point's coordinates): no row that a pass goes over */
void online_join_pairs(PassCx *cx, IrNode *outer);               /* one of them as it was */
IrNode *online_split_sum(PassCx *cx, IrNode *n, int first, int end); /* a sum over its indices from the first on, of sums over the others; returns the outer one */

/* ---- online_tables.c */
typedef struct OwnMap { IrNode *old, *copy, *reader; int place; } OwnMap; /* reader: the scatter that has the copy; copy NULL: nobody else reads it; place: the axis of the places */
typedef struct OwnMaps { VEC(OwnMap) of; } OwnMaps;
void online_own_tables(PassCx *cx, const IrRegion *r, OwnMaps *m); /* what the region's scatters over pairs read is computed for them alone */
bool online_is_own(const OwnMaps *m, const IrNode *map);          /* one that such a scatter has for itself: no pass */
void online_share_tables(const OwnMaps *m);                        /* but for what is stored for others all the same */
void online_own(PassCx *cx, OwnMaps *m, IrNode *n);                /* n is no pass */
void online_own_pairs(PassCx *cx, OwnMaps *m, IrNode *reader, const IrNode *row, const IrNode *place); /* what that map reads of a row and a place is computed for it alone; neither is a pass */

/* ---- online_turns.c */
void online_make_in_turns(PassCx *cx, IrNode *loop, OwnMaps *made); /* copies in the loop of tensors whose rows and columns it reduces in turn */
void online_read_from_outside(const OwnMaps *made);                /* but for what a pass has taken in */

/* ---- online_compare.c */
void online_compare(PassCx *cx, IrRegion *r, OwnMaps *own); /* sums over pairs that compare the weights of several heads are sums over rows, which strips hold */

/* ---- online_part.c */
typedef struct Part { IrNode *of[MEMBERS_MOST], *index[IR_RANK_MOST]; int n, rank; } Part; /* reductions of a map, of one type; the indices that they differ along */
bool online_part_indices(PassCx *cx, const IrNode *map, Part *w); /* false: none, or there is no map of them */
/* A map before `map` that has them; NULL: it might fault where `map` has no element. copies: of the n others in `all`, in it, dropped where it does not need them. */
IrNode *online_part_map(PassCx *cx, const IrNode *map, const Part *w, IrNode *const *all, int n, IrNode **copies);
void online_part_load(const Part *w, IrNode *part);              /* takes their places */
int online_part_axes(PassCx *cx, IrNode *map, IrNode **parts);    /* reductions of scores over other axes than the last one's go into maps of their own; how many. parts: room for PARTS_MOST */
int online_other_rows(PassCx *cx, IrNode *map, IrNode **others); /* maps that it reads which reduce scores along axes along which it does not, or the last of them; how many. others: room for PARTS_MOST */
void online_part(PassCx *cx, IrNode *map, const IrNode *x);      /* those that differ along index x, and not along all, go into maps of their own */

/* ---- online_running.c: running reductions, as an operation of the element */
IrNode *online_running_of(PassCx *cx, IrNode *loop); /* online_running_find.c: the map that the loop makes, before it; NULL: it is none */
void online_open_running(PassCx *cx, IrRegion *r);   /* loops that make them are maps */
void online_close_running(PassCx *cx, IrRegion *r);  /* what no pass has taken in is a loop again */
bool online_is_running(const IrNode *map);
bool online_may_take_running(const Online *o, const IrNode *load); /* of such a map: it is read at the places of a reduction, each at its own */
bool online_runs_within(Online *o);                  /* do guards leave out nothing that what runs in them needs? */
bool online_fails_by_running(Online *o);              /* may something in it fault by what runs? A search would store that */
bool online_leave_running(Online *o);                /* the next try leaves them; false: none was taken in */

/* ---- online_stage.c */
bool online_rows_differ(const Cascade *c); /* some of its members, which need none of the others, would have operands in common for other rows than those of the tile: they are a pass of their own */
bool online_try_stages(Online *o); /* are the copy's reductions passes one after the other? false: what is made is left to online_abandon */

/* ---- online_apart.c */
bool online_try_apart(PassCx *cx, IrNode *map, IrNode *instead, bool each); /* the map and all that read what it would take in, a pass each; instead (NULL: nothing): what the map was made of; each: what reduces is one of them, too */

#endif
