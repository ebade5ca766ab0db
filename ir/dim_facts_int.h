/* dim_facts_int.h - what the files of facts and proofs share.
 *
 *     Facts (scopes)  --equations-->  rules: atom := Dim, applied to everything
 *                     --the rest--->  Know: inequalities  sum >= 0  with whole coefficients, and numeric bounds of atoms
 *
 * A chain of Knows is what is known: that of a scope goes up to its outer one; a query and a case of a split put one of
 * their own, in scratch memory, in front. Points where some Dim of a fact or a question has no value (a division by
 * zero or one that is not exact) do not count: every divisor that occurs is taken to be other than zero.
 */
#ifndef MLC_IR_DIM_FACTS_INT_H
#define MLC_IR_DIM_FACTS_INT_H

#include "ir/dim_int.h"

typedef struct Ineq { int n; uint32_t hash; Term t[]; } Ineq; /* the sum is >= 0; no powers below zero */

typedef struct Range { int64_t lo, hi; } Range; /* inclusive; INT64_MIN and INT64_MAX: no bound */
typedef struct Bound { const Atom *a; Range r; } Bound;

typedef struct Rule { const Atom *from; Dim to; } Rule;
typedef struct Rules { const Rule *p; int n; } Rules;

typedef struct Seen { const Atom *a; bool told; } Seen; /* told: its own laws are among the inequalities */

typedef struct Know {
    const struct Know *up;
    DimCx *cx;
    Rules rules;
    bool scratch; /* arrays live in scratch memory */
    VEC(const Ineq *) ineqs;
    VEC(Bound) bounds;
    VEC(Seen) seen;
    Map bound_at; /* atom -> 1 + its bound, where there are more than a few and they are not scratch */
} Know;

typedef struct Said { Dim ge0; bool eq; } Said; /* ge0 >= 0, or == 0 */

Dim rules_apply(DimCx *cx, Rules r, Dim d); /* dim_facts.c */

/* ---- dim_points.c ---- */
enum { POINTS = 12 };
typedef struct Points Points; /* values of symbols for which all that was said holds */
typedef struct PointSigns { bool below, zero, above; } PointSigns; /* than 0, at some point */
/* up's points (NULL: any), where `said` holds, too. */
Points *points_with(DimCx *cx, const Points *up, const Said *const *said, int n);
int points_count(const Points *p);
PointSigns points_signs(const Points *p, Dim d);

/* ---- dim_know.c ---- */
Know *know_copy(const Know *k);   /* the same, to which more is said */
void know_ge0(Know *k, Dim d);    /* d >= 0 */
void know_atoms(Know *k, Dim d);  /* the laws of the atoms in d: 0 <= p % q < q and so on */
void know_divisors(Know *k, Dim d); /* that those in d are not 0 */
void know_again(Know *k); /* once more: bounds and laws that needed later inequalities */
Range know_range(const Know *k, Dim d);
bool know_nonneg(const Know *k, const Atom *a);
/* d * q >= 0 where d >= 0 and the other way round: q, a product of denominators (or its square), is positive. */
Dim know_clear(const Know *k, Dim d, Dim *q);

/* ---- dim_search.c, dim_prove.c ---- */
bool search_ge0(const Know *k, Dim whole, bool deep, int *budget); /* adds up inequalities; `whole` has no denominators */
bool prove_ge0(const Know *k, Dim d);
bool dim_has_atom(Dim d, const Atom *a);

#endif
