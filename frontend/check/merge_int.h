/* merge_int.h - what the files of merge share (check_merge.c). */
#ifndef MLC_FRONTEND_MERGE_INT_H
#define MLC_FRONTEND_MERGE_INT_H

#include "frontend/check/linear_int.h"

typedef struct Merge {
    Fx *f;
    Span span;
    VEC(Dim) counts; /* of the lists around the part */
    int pack;        /* axes that `..` of the input stands for where a layer is written out */
} Merge;

/* A layer's function, written out for an input that nobody gives. */
typedef struct Called {
    Linear l;
    int rank, nsizes, nout;
    Dim dims[RANK_MOST];         /* of the input */
    DimSym **sizes;              /* those of them that may be any */
    IrDtype dtype;               /* of the input */
    CoreIndex *out[RANK_MOST];   /* of the result */
    LinearForm form;
    bool table;                  /* the input are integers that name rows: */
    Core *row;                   /* the element, with l.token for the input */
} Called;

/* An axis of a stored tensor: number of an index of the result, or of the sum; the other is -1. Of a table the number that the input gives counts as its sum. */
typedef struct LayerAxis { int out, sum; } LayerAxis;

/* What a layer is: y[out] = sum of x[places] weight[axes] + bias[axes]; leaves of the model, bias -1: none. */
typedef struct Layer {
    int weight, bias, nweight, nbias;
    LayerAxis weight_axes[RANK_MOST], bias_axes[RANK_MOST];
    LinearTerm term;
    Called called;
} Layer;

/** Reports what is in the way of a merge, E0410 or (unknown) E0503; false. */
bool merge_refused(Merge *m, const Linear *l, const char *who);
bool merge_refused_for(Merge *m, bool unknown, Span where, const char *who, const char *why);

/** The value itself; NULL, reported as `what`: it mentions an index of the result of c, so no leaf can hold it. */
Core *merge_same_rows(Merge *m, const Called *c, Core *v, const char *who, const char *what);
/* ---- check_merge_place.c: elements of the merged leaves, at these axes; NULL: reported */
Core *merge_weight(Merge *m, Called *c, const Layer *layer, CoreIndex *const *axes, const char *who);
Core *merge_constant(Merge *m, Called *c, const Layer *layer, CoreIndex *const *axes, const char *who);
/* ---- check_merge_table.c */
Core *merge_row(Merge *m, Called *c, const Layer *layer, CoreIndex *const *axes, const char *who);

#endif
