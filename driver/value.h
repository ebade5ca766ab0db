/* value.h - values as text: what `print`, the REPL and `mlc call` show, and what a command line gives. */
#ifndef MLC_DRIVER_VALUE_H
#define MLC_DRIVER_VALUE_H

#include "base/base.h"
#include "interp/interp.h"
#include "runtime/mlcrt.h"

/* At most 6 elements of an axis, 4 digits; rows below one another, indented by `indent`. Keys and texts, too. */
void value_show(Buf *out, const InterpTensor *t, int indent);
/* "name: f32[3] = [1.0, 2.0, 3.0]" and the end of the line; name may be empty. */
void value_echo(Buf *out, const char *name, const InterpTensor *t);
void value_show_type(Buf *out, const InterpTensor *t); /* "f32[3]" */
void value_show_quoted(Buf *out, const InterpTensor *t, int indent); /* texts in quotes */
double value_float(IrDtype t, const void *data, int64_t i); /* element i of any numeric dtype */
/* "3", "-inf", "[1, 8, 6]", "[[1, 2], [3, 4]]" as a value of dtype t; rank < 0: any. Memory from a. false: errors says why. */
bool value_read(Arena *a, const char *text, IrDtype t, int rank, InterpTensor *out, Buf *errors);
int64_t value_count(const InterpTensor *t); /* elements */
size_t value_bytes(const InterpTensor *t);

/* "layers.3.wq" of "layers.*.wq" for one element of its list axes (the last runs fastest), after `prefix`. */
const char *value_element_name(Arena *a, const char *prefix, const char *path, int nstack, const int64_t *shape, int64_t element);

/* The same memory seen from the other side. Neither str nor key has an MlcrtTensor. */
bool value_is_opaque(IrDtype t); /* keys and texts */
MlcrtTensor value_tensor(InterpTensor *t); /* shape stays t's */
InterpTensor value_of_tensor(const MlcrtTensor *t);

#endif
