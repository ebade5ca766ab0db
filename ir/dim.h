/* dim.h - symbolic integers: sizes of axes, index expressions, and what is known about them.
 *
 * A Dim is an interned normal form: a polynomial with integer coefficients over atoms. Equal normal forms are equal
 * pointers within one DimCx. Atoms are symbols (dim names, immutable ints, index variables) and the terms
 * p // q, p % q, p / q (exact), min(p, q), max(p, q). `p / q` is simplified when q divides every term; otherwise it is an
 * atom K with the rewrite q * K = p (applied when it cancels), and "q divides p" is an obligation of whoever wrote it.
 */
#ifndef MLC_IR_DIM_H
#define MLC_IR_DIM_H

#include "base/base.h"

typedef const struct DimNode *Dim;
typedef struct DimCx DimCx;
typedef struct DimSym DimSym;

struct DimSym {
    uint32_t id; /* from 1, unique in the DimCx */
    Name name;   /* for printing; need not be unique */
    Span span;   /* where it was introduced */
    void *user;  /* the owner's: a CoreVar, an IrNode, ... */
    bool index;  /* an index variable, not a size */
    bool late;   /* a size that is known when an effect has run, not at entry */
    bool bound;  /* the front end's: of an input of a model (check_bind.c) */
    bool scratch;
};

DimCx *dims_new(Arena *a);
Arena *dims_arena(DimCx *cx);
DimSym *dim_sym_new(DimCx *cx, Name name, Span span);
Dim dim_sym(DimCx *cx, DimSym *s);
Dim dim_const(DimCx *cx, int64_t v);
Dim dim_add(DimCx *cx, Dim a, Dim b);
Dim dim_sub(DimCx *cx, Dim a, Dim b);
Dim dim_neg(DimCx *cx, Dim a);
Dim dim_mul(DimCx *cx, Dim a, Dim b);
Dim dim_floordiv(DimCx *cx, Dim a, Dim b);
Dim dim_mod(DimCx *cx, Dim a, Dim b);
Dim dim_exactdiv(DimCx *cx, Dim a, Dim b); /* the quotient, taken to be whole */
Dim dim_min(DimCx *cx, Dim a, Dim b);
Dim dim_max(DimCx *cx, Dim a, Dim b);

/* What overflows 64 bits, divides by the constant 0 or grows beyond fixed limits is poison: it equals nothing, proves
 * nothing, evaluates to false, and makes poison of what it goes into; it prints as "1 / 0". */
bool dim_is_poison(Dim d);
bool dim_is_const(Dim d, int64_t *v);
bool dim_is_sym(Dim d, DimSym **s); /* exactly one symbol with coefficient 1 */
bool dim_mentions(Dim d, const DimSym *s);
int dim_size(Dim d); /* symbols, as it is written: what it costs to evaluate and to prove */
void dim_syms(Dim d, void (*f)(void *user, DimSym *s), void *user); /* each once */
/* Solves lhs == rhs for s where it is linear in s: s == *out, valid if *divisor is not 0 and divides (NULL if no division).
 * A factor that cancels is taken to be other than 0: H * K == 3 * H gives K == 3. */
bool dim_solve(DimCx *cx, Dim lhs, Dim rhs, DimSym *s, Dim *out, Dim *divisor);
typedef Dim (*DimSubst)(void *user, DimSym *s); /* NULL: stays */
Dim dim_subst(DimCx *cx, Dim d, DimSubst f, void *user);
/* false: overflow, division by zero, or an exact division that is not whole. */
bool dim_eval(Dim d, bool (*value)(void *user, DimSym *s, int64_t *v), void *user, int64_t *out);
void dim_print(Dim d, Buf *out); /* "2 * R + 1", "H // G"; parses back as an expression of the language */
const char *dim_text(DimCx *cx, Dim d);

/* Structure, for those who emit or print: a sum of terms, each a coefficient times a product of atom powers. */
typedef enum DimAtomKind { DA_SYM, DA_FLOORDIV, DA_MOD, DA_EXACTDIV, DA_MIN, DA_MAX } DimAtomKind;
typedef struct DimAtom { DimAtomKind kind; DimSym *sym; Dim a, b; } DimAtom; /* interned */
typedef struct DimFactor { const DimAtom *atom; int power; } DimFactor;
typedef struct DimTerm { int64_t coef; int nfactors; const DimFactor *factors; } DimTerm; /* no factors: constant */
Dim dim_of_atom(const DimAtom *a); /* the size that is this atom alone */
int dim_terms(Dim d, const DimTerm **terms); /* 0 terms: zero; the constant term, if any, is last */

/* ---- facts: what is known at a point of a program ------------------------------------------------------- */

typedef enum Truth { NO, YES, UNKNOWN } Truth;
typedef struct Facts Facts;
Facts *facts_new(DimCx *cx, Facts *outer); /* a scope: sees outer's, adds its own; outer may be NULL */
void facts_eq(Facts *f, Dim a, Dim b);
void facts_le(Facts *f, Dim a, Dim b);
void facts_range(Facts *f, DimSym *s, Dim lo, Dim hi); /* lo <= s < hi, assumed non-empty while s is in scope */
/* Sizes are known to be >= 0: say it with facts_le(f, 0, size). Each is sound, not complete; NO means "for all values false".
 * Values where a Dim of a fact or of the question has none (a divisor 0, a quotient that is not whole) do not count. Facts
 * that contradict one another prove anything. Costs microseconds for what programs ask, a few milliseconds at most. */
Truth facts_prove_eq(Facts *f, Dim a, Dim b);
Truth facts_prove_le(Facts *f, Dim a, Dim b);
static inline Truth facts_prove_lt(Facts *f, DimCx *cx, Dim a, Dim b)
{
    return facts_prove_le(f, dim_add(cx, a, dim_const(cx, 1)), b);
}
Dim facts_normal(Facts *f, Dim d); /* rewritten with the equations in scope */

#endif
