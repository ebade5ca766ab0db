/* linear_int.h - sums of products in which one tensor stands once (check_linear.c). */
#ifndef MLC_FRONTEND_LINEAR_INT_H
#define MLC_FRONTEND_LINEAR_INT_H

#include "frontend/check_int.h"

/* sum over `sum` of x[rows, at] * coef. */
typedef struct LinearTerm { CoreIndex *at; Core *coef; VEC(CoreIndex *) sum; } LinearTerm;
typedef struct LinearForm { VEC(LinearTerm) terms; Core *constant; /* NULL: 0 */ } LinearForm;

typedef struct Linear {
    Fx *f;
    CoreVar *x;          /* its leading axes are rows */
    CoreIndex **rows;    /* those of the element that is asked for */
    DimSym **sizes;      /* of the leading axes: how many rows there are is no part of a form */
    int nsizes;
    Map dependent;       /* CoreVar -> its value (Core), or &opaque: what mentions x */
    Map locals;          /* CoreVar -> its value: of blocks inside of formulas */
    Core opaque;
    const char *why;     /* what is in the way, and where */
    bool seen;           /* while sizes are looked through */
    bool unknown;        /* it may be linear, but has no form that is known here */
    Span where, span, top; /* of what is looked at; of the function */
} Linear;

/** Whether the dim counts rows. */
bool linear_counts(Linear *l, Dim d);
/** Takes note of a statement; true: it mentions x. In order, before linear_form. */
bool linear_statement(Linear *l, Core *stmt);
/** The form of an element (a scalar); false: why, where, unknown. */
bool linear_form(Linear *l, Core *element, LinearForm *out);

#endif
