/* type.h - types of values: an element type and symbolic dims. Rank 0 is a scalar. */
#ifndef MLC_IR_TYPE_H
#define MLC_IR_TYPE_H

#include "ir/dim.h"

typedef enum IrDtype {
    DT_none, /* no value (several results, effects) */
#define DTYPE(name, code, bits, ctype) DT_##name,
#include "ir/dtypes.def"
#undef DTYPE
    DT_count
} IrDtype;

enum { IR_RANK_MOST = 16 };
typedef struct IrType { IrDtype dtype; int rank; Dim *dims; } IrType; /* dims in an arena, rank at most IR_RANK_MOST */

static inline IrType ir_scalar(IrDtype t) { return (IrType){ t, 0, NULL }; }
const char *dtype_name(IrDtype t);
IrDtype dtype_find(const char *name); /* DT_none if there is none */
int dtype_bytes(IrDtype t);
int dtype_dlpack_code(IrDtype t);
bool dtype_is_float(IrDtype t);
bool dtype_is_int(IrDtype t); /* sized integers, not bool */
bool dtype_is_signed(IrDtype t);
/* Numbers of two bytes: f16, and bf16 for `brain`. Towards bits: to the nearest, ties to even; what is too large is an infinity. */
double half_value(uint16_t bits);
uint16_t half_bits(double x);
double brain_value(uint16_t bits);
uint16_t brain_bits(double x);
bool ir_type_equal(IrType a, IrType b); /* dims by normal form */
void ir_type_print(IrType t, Buf *out); /* "f32[B, H, T]" */

/* Scalar and structural operations share one enum; scalar ones come first. */
typedef enum IrOp {
    OP_none,
#define OP(name, in, rule, effects, code, meaning) OP_##name,
#include "ir/ops.def"
#undef OP
    OP_scalar_end,
#define NODE(name, level, effects, meaning) OP_##name,
#include "ir/nodes.def"
#undef NODE
    OP_count
} IrOp;

/* Reducing operators of the language that are loops; mean, count, variance, logsumexp are written with them. */
typedef enum RedOp { RED_sum, RED_prod, RED_max, RED_min, RED_all, RED_any, RED_argmax, RED_argmin, RED_count } RedOp;
/* sum prod max min: dtype of the body. all any: bool. argmax argmin: i64, the value of the (single) index, -1 over nothing,
 * the lowest among ties, the first NaN if any. Over nothing: sum 0, prod 1, max lowest (-inf or the least integer), min highest. */
const char *redop_name(RedOp r);

/* Which places a running reduction takes: up to its place, or without it; from it on, or without it. In ascending order, or in descending order. */
typedef enum IrRunning { RUNNING_upto, RUNNING_below, RUNNING_from, RUNNING_above, RUNNING_count } IrRunning;
static inline bool running_is_down(int64_t r) { return r >= RUNNING_from; }
static inline bool running_has_place(int64_t r) { return r == RUNNING_upto || r == RUNNING_from; }
const char *running_name(IrRunning r);

#endif
