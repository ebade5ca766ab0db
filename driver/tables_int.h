/* tables_int.h - what the files of tables share: tables.c (modules, structs, functions), tables_dim.c (sizes as postfix programs),
 * tables_param.c (parameters and results as C sees them). */
#ifndef MLC_DRIVER_TABLES_INT_H
#define MLC_DRIVER_TABLES_INT_H

#include "driver/tables.h"

/* A function's: position of each dim in MlcrtCall.dims. flat: it is a statement of a script, whose variables keep lists leaf by leaf. */
typedef struct DimList { Tables *t; VEC(DimSym *) syms; bool flat; } DimList;

/* tables_dim.c */
int dim_position(const DimList *l, const DimSym *s);              /* -1: not there */
const int64_t *dim_program(const DimList *l, Dim d);              /* NULL of NULL */
const int64_t *const *dim_programs(const DimList *l, const IrType *t);
DimList dims_of(Tables *t, const CoreFn *fn, const IrFn *ir);     /* bound by the plan, then integer scalars that sizes mention */

/* tables_param.c */
int place_of_param(const DimList *l, const CoreFn *fn, int surface);                /* the row of a surface parameter; -1 of -1 */
void params_of(const DimList *l, const CoreFn *fn, const IrFn *ir, MlcrtFn *m);

#endif
