/* foreign.h - C functions that programs declare with `extern` (foreign.c). A symbol is "library:name", as in the IR. */
#ifndef MLC_DRIVER_FOREIGN_H
#define MLC_DRIVER_FOREIGN_H

#include "driver/unit.h"
#include "interp/interp.h"
#include "runtime/loader.h"

typedef struct Foreign Foreign;
typedef struct ForeignUse { const char *symbol; Span span; } ForeignUse;
typedef VEC(ForeignUse) ForeignUses;

const char *foreign_name(const char *symbol);
const char *foreign_library(Arena *a, const char *symbol); /* NULL: the C library, or whatever is linked already */
bool foreign_is_file(const char *library);                 /* a path, not a name to search for */
ForeignUses foreign_uses(Arena *a, IrFn *const *fns, int n); /* each symbol once */

/* Addresses of what tile functions call, ended by a NULL name; false: E0607. */
bool foreign_symbols(Unit *u, IrFn *const *fns, int n, RtSymbol **out);
bool foreign_allowed(Unit *u, IrFn *const *fns, int n); /* false: E0607, C functions are refused */
bool foreign_found(Unit *u, const CoreFn *fn);          /* what a checked function calls, for foreign_call; false: E0607 */
const char *foreign_call(void *unit, Arena *a, const char *symbol, const InterpTensor *args, int nargs, InterpTensor *result);
void foreign_drop(Unit *u);                             /* closes the libraries: no code may run that calls them */

#endif
