/* absent_int.h - which values of a function may be absent (LANGUAGE.md section 6), from its checked tree alone. */
#ifndef MLC_FRONTEND_ABSENT_INT_H
#define MLC_FRONTEND_ABSENT_INT_H

#include "frontend/core.h"

/* Which leaves of a call's value may be absent, args saying it of its arguments; NULL: none is. */
typedef const bool *AbsentResults(void *user, const Core *call, const bool *args);

typedef struct Absence {
    Arena *arena;
    bool *var;          /* by CoreVar.id: may the variable be absent; those of the parameters are set before the scan */
    const Core *ret;    /* the last `return` of the function itself */
    int nreturns;       /* with more than one, what they give is merged, and read as 0 */
    bool given;         /* some return gives a value that may be absent */
    AbsentResults *results;
    void *user;
} Absence;

void absence_scan(Absence *a, const Core *statements);
bool absence_of(const bool *var, const Core *e); /* may the expression be absent */
bool absence_op(const bool *var, const Core *e); /* of a C_op */
/* AbsentResults for whoever has only the tree; user is the Arena that answers are kept in, for as long as the functions live. */
const bool *absence_results(void *arena, const Core *call, const bool *args);

#endif
