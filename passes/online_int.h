/* online_int.h - shared by the files of the pass `online`. */
#ifndef MLC_ONLINE_INT_H
#define MLC_ONLINE_INT_H

#include "passes/stream_int.h"

enum { TWINS_MOST = 4 };

/* Tries each index as the column, the last one first, then none. instead: what the map was made of. others (NULL: not asked for): room for
 * TWINS_MOST maps, those that read what would have to die; returns how many, -1 for success. */
int online_try_map(PassCx *cx, IrNode *map, IrNode *const *instead, int ninstead, IrNode **others);
void online_see_held(void *user, IrNode *n);  /* *(bool *)user: a load of what a map reduces for each row from what is dear */

/* ---- online_form.c */
void online_flatten(PassCx *cx, IrRegion *r);   /* reductions over several indices become reductions over their places, in branches too */
void online_load_flat(PassCx *cx, IrNode *map); /* tensors that are read along such places get them as an axis */
bool online_split(PassCx *cx, IrRegion *r);     /* sums whose value has a sum of two weights as a factor become two; false: there are none */

/* ---- online_join.c */
void online_try_together(PassCx *cx, IrNode *map, IrNode **others, int n);
void online_try_reduction(PassCx *cx, IrNode *reduce);

#endif
