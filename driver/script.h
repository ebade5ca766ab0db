/* script.h - running scripts: values of variables, statements, effects. Shared by `mlc run` and the REPL.
 *
 * A statement is a function of the variables that it reads (CoreStmt): compiled, or interpreted, and called through the runtime like
 * any other. Variables hold leaves in memory of the context; a struct or model is a handle, so that what is prepared of its
 * weights is kept from statement to statement, and a `var` one is updated in place. Effects come back through script_effect.
 */
#ifndef MLC_DRIVER_SCRIPT_H
#define MLC_DRIVER_SCRIPT_H

#include <stdio.h>

#include "driver/unit.h"
#include "interp/interp.h"

typedef struct ScriptOptions {
    bool interp;
    int nargs;               /* args(0) is the file's name */
    char **args;
    FILE *out, *err;
} ScriptOptions;

typedef struct Script Script;

/* NULL: no memory. The unit must outlive it, or be replaced with script_unit. */
Script *script_new(Unit *u, const ScriptOptions *o);
void script_free(Script *s);
/* The session that runs statements: its calls can be cancelled (mlcrt_cancel). */
MlcrtSession *script_session(Script *s);

/* Gives variables values by effects on constants and variables alone: there is nothing to compile. */
bool script_is_given(const CoreStmt *st);
/* Compiles what the statements need, all at once, for the models that the variables hold by then. false: a diagnostic. */
bool script_prepare(Script *s, const CoreStmt *st, int n);
/* Runs one statement; the value of an expression is kept until the next one. false: a diagnostic in the unit's. */
bool script_run(Script *s, const CoreStmt *st);
/* The program is now that of another unit, which has variables of the same names and types. Values of others are dropped. */
void script_rebind(Script *s, Unit *u);
const CoreScriptVar *script_newest(const Unit *u, const char *name); /* the last variable of that name; NULL: none */
/* Appends "name: type = value" for the variables that the statement wrote, or its value. */
void script_show(Script *s, const CoreStmt *st, Buf *out);

/* An effect, natively or interpreted: leaves of the arguments in, leaves of the result out (memory of the script, until the next
 * effect). Returns a status; the session's error says why. */
int script_effect(Script *s, const CoreEffect *e, InterpTensor *args, int nargs, InterpTensor *results, int nresults);

#endif
