/* merge_int.h - shared by the files that make kernels one. */
#ifndef MLC_MERGE_INT_H
#define MLC_MERGE_INT_H

#include "passes/pass_int.h"

void merge_rename(PassCx *cx, IrRegion *in, SymMap *syms); /* merge.c: dims and indices in there say the new symbols */
bool pass_merge_points(PassCx *cx, IrNode *a, IrNode *b); /* merge_points.c: b into a, which comes first; false: they stay two */

#endif
