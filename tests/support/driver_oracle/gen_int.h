/* gen_int.h - what the files of the generator share. */
#ifndef ORACLE_GEN_INT_H
#define ORACLE_GEN_INT_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gen.h"

/* kinds: f a float tensor or scalar of the program's dtype, o a float of another, m a mutable one, n i32, b bool */
typedef struct Var { const char *name; char kind; int rank, dims[3]; } Var;
typedef struct Scope { int n, dim[12]; const char *name[12]; } Scope; /* indices in scope */

typedef struct Gen {
    Arena *a;
    Rng r;
    Program *p;
    Var vars[160];
    int nvars, serial;
    int first_dim, ndims;              /* the dims that may be used: M, N, K, or P alone inside a function of rows */
    const char *type;                  /* of its arithmetic: "f32" */
    int nscalar, nrow, nrows, ninout, nop, npoint; /* functions and operators that may be called so far */
    unsigned forms;                    /* groups of declarations of gen_form.c that the program has */
} Gen;

extern const char *const dim_names[];

bool chance(Gen *g, int percent);
const char *pick(Gen *g, const char *const *list, int n);
const char *fresh(Gen *g, const char *stem);
const char *say(Gen *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
Node *piece(Gen *g, char sort, const char *text, ...); /* kids, then NULL */
int some_dim(Gen *g);
int dim_within(Gen *g, const Scope *s, int64_t most);
const char *index_of_dim(Gen *g, const Scope *s, int dim);
const Var *some_var(Gen *g, const Scope *s, const char *kinds);
Scope inside(Gen *g, const Scope *s, int dim);
Var *declare(Gen *g, const char *name, char kind, int rank, const int *dims);

Node *number(Gen *g);
Node *random_expr(Gen *g, const Scope *s, int depth);
Node *random_guard(Gen *g, const Scope *s, int depth);
Node *bar(Gen *g, const Scope *s, int depth, int percent); /* " | guard", or nothing */
Node *read_of(Gen *g, const Scope *s, const Var *v);
Node *place(Gen *g, const Scope *s, int dim);
Node *scalar_call(Gen *g, const Scope *s, int depth); /* NULL: nothing to call */
Node *reduction(Gen *g, const Scope *s, int depth);

bool random_tensor(Gen *g, int rank, Var *copy); /* a float tensor of that rank, if there is one */

void declarations(Gen *g);
void form_declarations(Gen *g);
void form(Gen *g);
void form_of_matrix(Gen *g, const char *args, const char *text, const char *gives); /* statements about some tensor of rank 2, in the words of gen_form.c */
void fault(Gen *g);  /* scores of which some may fail */
void block(Gen *g);  /* products with many rows */
void stream(Gen *g); /* attention over many keys */
void some_statement(Gen *g);

#endif
