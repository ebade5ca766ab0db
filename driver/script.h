/* script.h - running scripts: values of variables, statements, effects. Shared by `mlc run` and the REPL. */
#ifndef MLC_DRIVER_SCRIPT_H
#define MLC_DRIVER_SCRIPT_H

#include "driver/unit.h"
#include "interp/interp.h"

typedef struct Script Script;

/* An effect, natively or interpreted: leaves of the arguments in, leaves of the result out (memory from a). Returns a status. */
int script_effect(Script *s, Arena *a, const CoreEffect *e, const InterpTensor *args, int nargs, InterpTensor *results, int nresults);

#endif
