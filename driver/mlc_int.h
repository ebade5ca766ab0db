/* mlc_int.h - what the files of libmlc's interface share: mlc.c (compilers, modules, messages), mlc_call.c (functions). */
#ifndef MLC_DRIVER_MLC_INT_H
#define MLC_DRIVER_MLC_INT_H

#include "driver/mlc.h"
#include "driver/unit.h"

/* A Mem whose blocks come from the embedder, and whether he refused one: else it was the limit that was reached. */
typedef struct MlcMem { Mem mem; MemHooks hooks; bool refused; } MlcMem;

struct MlcCompiler {
    MlcMem own;             /* holds the compiler itself */
    MlcOptions options;
    UnitOptions unit;
    MlcrtContext *context;
    bool owns_context;
    Codegen *codegen;
    MlcModule *modules;
    MlcMem messages;        /* of the last compilation */
    const char *text;
    MlcDiagnostic *list;
    int32_t count;
};

struct MlcModule {
    MlcCompiler *compiler;
    MlcModule *next, **link;
    MlcMem memory;
    Unit *unit;
    bool spent;             /* memory ended in the middle of something: what it was at is not touched again */
};

void mlc_mem_init(MlcMem *m, MemHooks hooks, size_t limit);
/* Runs f(arg); else EMEMORY or ELIMIT. */
MlcrtStatus mlc_mem_try(MlcMem *m, void (*f)(void *arg), void *arg);
/* Messages of the unit become those of the compiler; what there were before are dropped. EMEMORY. */
MlcrtStatus mlc_keep_messages(MlcCompiler *c, const Diags *d);

#endif
