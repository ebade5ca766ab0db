/* regroup_int.h - a sum of products over one tensor that is itself a sum of products (rule 4 of PASSES.md); regroup.c says when, regroup_build.c how. */
#ifndef MLC_REGROUP_INT_H
#define MLC_REGROUP_INT_H

#include "passes/pass_int.h"

enum { REGROUP_FACTORS = 12, REGROUP_INDICES = 8 };

typedef struct Factor {
    IrNode *n;
    bool over;    /* divides */
    bool guard;   /* a condition of the sum that it goes into */
    bool element; /* stands in the tensor's element, not in the reader */
    bool early;   /* depends on an index that the reader sums over: goes into the sum that is taken first */
    bool late;    /* of the others: depends on an index that the tensor sums over */
} Factor;

/* One reader, sum [j] { .. s[i, j] .. }, of s = map [i, j] { .. sum [d] { .. } .. }. */
typedef struct Reader {
    PassCx *cx;
    IrNode *s, *inner;   /* the tensor; the sum in its element */
    IrNode *reduce, *load;
    IrNode *top;         /* the reader's map beside s: what is summed first goes before it */
    int nfactors, nkept;
    Factor factors[REGROUP_FACTORS];
    IrNode *kept[REGROUP_INDICES]; /* indices of the first sum's result */
} Reader;

/* Does factor f need index x: of the loops around the reader, of the reader, or of the inner sum? */
bool regroup_needs(const Reader *r, const Factor *f, IrNode *x);
/* Can each factor be computed where it would go? */
bool regroup_can_build(const Reader *r);
/* Takes the first sum before r->top, and puts the second one in the place of r->reduce. */
void regroup_build(Reader *r);

#endif
