/* linear_int.h - sums of products in which one tensor stands once (check_linear.c). */
#ifndef MLC_FRONTEND_LINEAR_INT_H
#define MLC_FRONTEND_LINEAR_INT_H

#include "frontend/check/check_int.h"

/* sum over `sum` of x[at] * coef; one place for each axis of x, in indices of the element and of the sum. */
typedef struct LinearTerm { Dim at[RANK_MOST]; Core *coef; VEC(CoreIndex *) sum; } LinearTerm;
typedef struct LinearForm { VEC(LinearTerm) terms; Core *constant; /* NULL: 0 */ } LinearForm;

typedef struct Linear {
    Fx *f;
    CoreVar *x;
    DimSym **sizes;      /* of axes that the layer does not say: how many there are is no part of a form */
    int nsizes;
    Map dependent;       /* CoreVar -> its value (Core), or &opaque: what mentions x */
    Map locals;          /* CoreVar -> its value: of blocks inside of formulas */
    Core opaque;
    CoreIndex *token;    /* stands for an input of integers (linear_row), */
    Dim token_at[RANK_MOST]; /* at this place */
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
/** Of an input of integers: the element with l->token in place of the input, which is read at one place; NULL: why, where, unknown. */
Core *linear_row(Linear *l, Core *element);
/* what check_linear.c and check_linear_row.c share */
bool linear_is_input(const Linear *l, const Core *c); /* x[..] */
bool linear_mentions(Linear *l, const Core *c);
Core *linear_closed(Linear *l, Core *c);
Core *linear_value(Linear *l, const CoreVar *v);      /* a copy of what it is; NULL: it mentions no input, or is no value */
Core *linear_element(Linear *l, const Core *load, Core *const *subs); /* of a tensor that is a formula of its places, at subs; l->span is set to it. NULL: refused */
bool linear_lets(Linear *l, const Core *block);       /* takes note of the variables of a block; false: refused */
Dim linear_place(Linear *l, const Core *c); /* NULL: it is computed from more than indices and sizes */
bool linear_refuse(Linear *l, Span s, bool unknown, const char *what);

#endif
