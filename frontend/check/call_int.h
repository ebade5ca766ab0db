/* call_int.h - what the files of calls share: one call on its way from arguments to statement. */
#ifndef MLC_FRONTEND_CALL_INT_H
#define MLC_FRONTEND_CALL_INT_H

#include "frontend/check/check_int.h"

typedef struct Call {
    Fx *f;
    Val *fn;
    Decl *d;
    const Tree *params;
    Span span;
    int n;             /* parameters */
    Val **args;        /* by parameter; NULL: default */
    const Tree **trees;
    bool *var;
    Val *key;          /* of a draw: what the parameter 'key' gets */
    CoreVar ***copied; /* by parameter: variables that stand for a changed element; else NULL */
    Inst *in;
    Map syms;          /* DimSym of the callee -> Dim */
    Held held;         /* what must hold for it, until its place is known */
    Core **leaves;
    Val **captured;    /* by surface parameter: variables of the script that the callee reads */
} Call;

int call_param_named(const Tree *params, Name n); /* -1: none */
void call_note_declared(Call *c);                 /* a note: where the callee stands */
Val *call_surface_arg(Call *c, int i);            /* what was given for surface parameter i of the instance */
bool call_has_closure(const Call *c);             /* a function written in the program is among the arguments */
Val *call_in_place(Call *c, const Env *env);      /* the call as the callee's body with the arguments */
bool call_flatten(Call *c);                       /* leaves of the arguments; reports those of another kind */
bool call_elements_apart(Call *c, int i, int k);  /* var arguments i and k, two places: reports one that is certainly both, else checks it when it runs */
bool call_walk_plan(Call *c);                     /* the callee's entry plan with this call's sizes */

#endif
