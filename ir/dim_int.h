/* dim_int.h - what the files of dims share.
 *
 * A Dim is kept as a sum of rational multiples of monomials whose powers may be negative, over one denominator:
 *
 *     (N / P) ^ 2 + K / 2 - 1   is   (2 N^2 P^-2  +  K  -  2) / 2
 *
 * so that exact division needs no rewrite rules: H * (D / H) is D because the powers of H add up to zero. A divisor with
 * several terms becomes one atom (ATOM_SUM) that occurs with negative powers only. Every Dim is whole where it has a
 * value: "q divides p" is an obligation of whoever wrote p / q. What others see (dim_terms) is derived once: the terms
 * with whole coefficients and no denominator, and at most one exact quotient with the rest.
 *
 * Nodes, monomials and atoms are interned. Their order (dim_cmp) looks at symbol numbers and structure only, never at
 * addresses or at the order of creation, so texts are stable.
 */
#ifndef MLC_IR_DIM_INT_H
#define MLC_IR_DIM_INT_H

#include "ir/dim.h"

enum {
    DIM_TERMS = 512,  /* a sum with more terms, */
    DIM_POWER = 64,   /* a power beyond this, */
    DIM_DEPTH = 200,  /* terms nested deeper, or one that is written with more symbols */
    DIM_SIZE = 1 << 14, /* is given up: poison */
    DIM_TMP = 1 << 16 /* bytes of scratch memory */
};

#define ATOM_SUM ((DimAtomKind)(DA_MAX + 1)) /* a: a sum, primitive, in powers below zero; in no public term */

typedef struct Atom {
    DimAtom pub; /* first: the atom of a DimFactor is one of these */
    Dim dim;     /* this atom alone (NULL for ATOM_SUM) */
    uint32_t hash;
    int depth;
    int size; /* symbols as it is written; at most DIM_SIZE + 1 */
    DimSym **syms; /* in it, by number */
    int nsyms;
} Atom;

typedef struct Mono {
    uint32_t hash;
    int n, degree;
    uint64_t mask;  /* of the atoms: a divisor's bits are in its multiple's */
    bool below;     /* some power is negative */
    bool sums;      /* has an ATOM_SUM */
    DimFactor f[];  /* by atom_cmp */
} Mono;

typedef struct Term { int64_t c; const Mono *m; } Term;

struct DimNode {
    DimCx *cx;
    const Term *t; /* by mono_cmp */
    int n;
    int64_t den; /* > 0; no common factor with all coefficients */
    const DimTerm *pub;
    int npub;
    DimSym **syms; /* in it, by number */
    int nsyms;
    uint32_t hash;
    int depth, size; /* the atoms' greatest, and their sum */
    bool poison, whole; /* whole: no denominators at all */
};

typedef struct Poly { Term *t; int n; int64_t den; bool bad; } Poly; /* scratch; the form of a DimNode, not interned */

typedef struct DimSet { struct DimSlot *slots; int n, cap; } DimSet;

struct DimCx {
    Arena *arena;
    DimSet nodes, monos, atoms;
    VEC(const Atom *) syms; /* by DimSym.id - 1 */
    struct Heard *heard; /* nothing yet: the root of all that was said (dim_facts.c) */
    Map quotients; /* atom p % q that facts know: the DimSym for p // q */
    const Mono *one;
    Dim zero, unit;
    char *tmp;
    size_t tmp_used;
};

/* ---- interning: dim_node.c ---- */
static inline const Atom *factor_atom(DimFactor f)
{
    return (const Atom *)f.atom;
}
const Mono *mono_make(DimCx *cx, const DimFactor *f, int n); /* f sorted, no zero powers */
const Mono *mono_atom(DimCx *cx, const Atom *a, int power);
const Mono *mono_mul(DimCx *cx, const Mono *a, const Mono *b, int sign); /* a * b ^ sign; NULL: a power too large */
bool mono_divides(const Mono *a, const Mono *b); /* every power of a is at most that of b */
int mono_cmp(const Mono *a, const Mono *b);      /* higher degree first, then lexical; compatible with products */
int mono_power(const Mono *m, const Atom *a);
int atom_cmp(const Atom *a, const Atom *b);
int dim_cmp(Dim a, Dim b);
const Atom *atom_make(DimCx *cx, DimAtomKind kind, Dim a, Dim b);
const Atom *dim_atom(Dim d); /* d is this atom alone, or NULL */
Dim node_make(DimCx *cx, Poly p);
Dim dim_poison(DimCx *cx);
const DimTerm *node_terms(DimCx *cx, Dim d, int *n); /* dim_terms.c; NULL: too large to be written */

/* ---- scratch memory and polynomials: dim_poly.c ---- */
void *tmp_alloc(DimCx *cx, size_t size); /* until tmp_used is set back */
Poly poly_of(Dim d);
Poly poly_const(DimCx *cx, int64_t v);
Poly poly_term(DimCx *cx, int64_t c, const Mono *m);
Poly poly_add(DimCx *cx, Poly a, Poly b, int sign);
Poly poly_mul(DimCx *cx, Poly a, Poly b);
Poly poly_scale(DimCx *cx, Poly a, int64_t num, int64_t den, const Mono *m, int sign); /* a * num / den * m ^ sign */
Poly poly_pow(DimCx *cx, Poly a, int power);
const Mono *poly_common(DimCx *cx, Poly a); /* the greatest that divides every term, powers below zero included */
Poly poly_inverse(DimCx *cx, Poly a);
Poly poly_fix(DimCx *cx, Poly a); /* no positive power of a sum; sums divided out where they divide */
Dim poly_dim(DimCx *cx, Poly a);
int64_t gcd_int(int64_t a, int64_t b); /* >= 0; -1 for the least integer */
int64_t dim_common_factor(Dim d, int64_t *c); /* of all terms but the constant *c; as gcd_int */

Dim dim_denominator(DimCx *cx, Dim d); /* d times it has no denominators */
/* a // b, a % b, a / b, the less or the greater; false: it has no value. */
bool dim_pair(DimAtomKind kind, int64_t a, int64_t b, int64_t *out);
/* Rewrites atoms, outer before inner: f gives what stands for an atom, or NULL to look into it. */
Dim dim_map(DimCx *cx, Dim d, Dim (*f)(void *user, const Atom *a), void *user);

#endif
