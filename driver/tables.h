/* tables.h - what a compiled module says about itself: MlcrtModule (runtime/abi.h) built from checked functions and tile IR. */
#ifndef MLC_DRIVER_TABLES_H
#define MLC_DRIVER_TABLES_H

#include "frontend/frontend.h"
#include "ir/ir.h"
#include "runtime/abi.h"

typedef struct Tables {
    Arena *arena;
    Sources *sources;
    DimCx *dims;
    Map fns;               /* IrFn -> MlcrtFn, also of preps and inits */
    Map tiles;             /* CoreFn -> its tile IR; filled by the owner before tables_fn and tables_struct */
    Map structs;           /* CoreStruct -> MlcrtStruct */
    Map lists;             /* CoreStruct -> the CoreStruct of a list of them */
    VEC(const MlcrtFn *) list;      /* functions that can be called by name */
    VEC(const MlcrtStruct *) types;
    VEC(IrFn *) bodies;    /* tile functions whose code the module needs, in the order they were met */
    MlcrtModule module;    /* grows with list and types */
    MlcrtBody *body;       /* of every function, when there is no code of its own; NULL: set by who loads the code */
    void *user;
} Tables;

/* The rows of a function, and what they were made of. Every MlcrtFn of Tables is the first member of one. */
typedef struct TableFn { MlcrtFn rows; Tables *tables; CoreFn *core; IrFn *ir; } TableFn; /* core NULL: a prepared tensor's */

Tables *tables_new(Arena *a, Sources *ss, DimCx *dims);
/* Rows of fn, whose tile IR is in `tiles`; callable: listed by name. The same fn twice gives the same rows. */
MlcrtFn *tables_fn(Tables *t, CoreFn *fn, bool callable);
/* The same for a statement of a script: all its results are leaves. */
MlcrtFn *tables_statement(Tables *t, CoreFn *fn);
/* v[i]: 1 if tile IR does not use leaf parameter i, or only prepared forms of it. */
void tables_unread(const IrFn *ir, unsigned char *v);
/* Rows of a struct; init (may be NULL) must have tile IR if it is to be used. */
MlcrtStruct *tables_struct(Tables *t, CoreStruct *s);
const MlcrtModule *tables_module(Tables *t, const char *name, const char *target, uint64_t features);
/* Symbol of the code of a tile function: "mlc_body_NAME". */
const char *tables_symbol(Arena *a, const IrFn *fn);
/* Where a header number of a list's structs is seen, as no handle has it: axis `axis` of leaf `leaf`. False: row is about a handle, or
 * no leaf shows the number. */
bool tables_list_number(const CoreFn *fn, const PlanRow *row, int *leaf, int *axis);
int core_sty_leaves(const CoreSty *s); /* 0 of NULL */
/* The struct or model that a type is, or is a list (of lists) of; else NULL. */
CoreStruct *core_sty_struct(const CoreSty *s);
/* The struct of a type of which core_sty_struct is not NULL. For a list, one made for it, passed as one handle as well: `Layer_list` has
 * the counts as its first numbers and the leaves of all elements, stacked ("*.norm.weight"). */
CoreStruct *tables_list_struct(Tables *t, const CoreSty *s);

#endif
