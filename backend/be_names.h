/* be_names.h - how things of a module are called in C. Needs no LLVM. */
#ifndef MLC_BE_NAMES_H
#define MLC_BE_NAMES_H

#include "backend/backend.h"

/* "Llama.call" -> "Llama_call"; a name that C or C++ keeps for itself gets a trailing underscore. */
const char *be_identifier(Arena *a, const char *name);
const char *be_fn_name(Arena *a, const char *prefix, const MlcrtFn *fn);              /* llama_step */
const char *be_type_name(Arena *a, const char *prefix, const MlcrtStruct *s);         /* llama_Llama */
const char *be_struct_symbol(Arena *a, const char *prefix, const MlcrtStruct *s);     /* llama_Llama_type: its MlcrtStruct */
bool be_by_pointer(const MlcrtParam *p); /* a scalar that the callee writes */

#endif
