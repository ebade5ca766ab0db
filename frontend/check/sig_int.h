/* sig_int.h - what the files of signatures share: names that are being bound, and the equations that sizes give. */
#ifndef MLC_FRONTEND_SIG_INT_H
#define MLC_FRONTEND_SIG_INT_H

#include "frontend/check/check_int.h"

typedef struct Eq { Dim d; PlanRow row; DimSym *tmp; bool done; } Eq;

struct Sig {
    Fx *f;
    VEC(DimSym *) fresh;  /* names that stand for new dims */
    VEC(bool) bound;
    VEC(Eq) eqs;
};

int sig_fresh_at(const Sig *g, const DimSym *s);  /* -1: no new name */
void sig_add_row(Fx *f, PlanRow r);
void sig_bind_param(Sig *g, int param);           /* names that stand alone in its type; other sizes are equations */
void sig_solve_all(Sig *g);
void sig_report_unsolved(Sig *g);

#endif
