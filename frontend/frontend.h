/* frontend.h - the one door of room frontend: text to checked tree to tensor IR. */
#ifndef MLC_FRONTEND_H
#define MLC_FRONTEND_H

#include "frontend/core.h"
#include "frontend/tree.h"

/* How imports are found: returns the text of module "std.nn" (importer is the importing file's name), or NULL. */
typedef struct FrontendFiles {
    void *user;
    const char *(*read_module)(void *user, Arena *a, const char *path, const char *importer, const char **name, size_t *len);
    const char *(*library)(void *user, Arena *a, int i, const char **text); /* name and text of its i-th module; NULL behind the last; may be absent */
} FrontendFiles;

typedef struct Frontend Frontend; /* one per compilation or REPL session; lives in the arena */
Frontend *frontend_new(Arena *a, Names *ns, Sources *ss, Diags *d, FrontendFiles files);
DimCx *frontend_dims(Frontend *fe); /* of all its types; IR of its functions lives in the same one */

/* Checks a whole file. Never NULL; errors are in the Diags. */
CoreModule *frontend_check(Frontend *fe, const Tree *file, const Source *src);
/* REPL: checks one more input in the session's scope (names may be declared again); adds to the session's module. */
CoreModule *frontend_check_more(Frontend *fe, const Tree *file, const Source *src);
/* REPL: statements from this one on did not run, so the variables that they were to make are not there. What an input that is wrong
 * declares is forgotten by itself. */
void frontend_forget(Frontend *fe, int first);
/* Draws of a script that name no key are functions of the seed and of the statement's number; `done` statements came before. */
void frontend_seed(Frontend *fe, int64_t seed, int done);
/* An instance of a top-level function by name, NULL (with a diagnostic) if it cannot be called by name. */
CoreFn *frontend_function(Frontend *fe, const char *name);

/* For a session that begins anew: an expression of the struct's or model's type, `load("") as Net(D: 4)`, with its header numbers (one for
 * each of s->numbers), type arguments and adapters. `imports` gets import statements for modules that the session does not know by name.
 * false: it cannot be written; `out` has a part of it then. */
bool frontend_load_text(Frontend *fe, const CoreStruct *s, const int64_t *numbers, Buf *out, Buf *imports);

/* Likewise: the variable that `hidden`, of the session before, tells of has such a one here, too. false: it has no such leaf. */
bool frontend_keep_absent(Frontend *fe, const CoreScriptVar *hidden);

/* The C functions that what was checked calls, "library:name"; how many. */
int frontend_externs(const Frontend *fe, const char *const **symbols);

/* Tensor IR of fn and all it calls, added to m (once each). */
IrFn *frontend_lower(IrModule *m, CoreFn *fn, Diags *d);
/* Of a lowered function: does its caller get 0 where it gives an absent value (as C and scripts want it). */
bool frontend_reads_absent(const CoreFn *fn);

#endif
