/* interp_int.h - values and environments of the interpreter. */
#ifndef MLC_INTERP_INT_H
#define MLC_INTERP_INT_H

#include <setjmp.h>

#include "interp/interp.h"
#include "runtime/mlcrt_status.h"
#include "runtime/random.h"

typedef union Cell { double f; int64_t i; } Cell;

typedef struct Val { /* a scalar; of two words, which are returned in registers */
    union {
        Cell c;
        const MlcrtKey *key; /* NULL: that of zeros */
    };
    bool absent;
} Val;

typedef struct Tensor {
    IrDtype dtype;
    int rank;
    int64_t shape[16], count;
    Cell *cells;       /* keys: two for each element; NULL: they are read at `from` */
    const void *from;
    bool *absent;      /* NULL: nothing is */
    bool shared;       /* more than one variable may hold it: an update copies */
    void *image;       /* its elements as memory of its dtype, given or made for a call of compiled code; NULL: none, or changed since */
    bool away;         /* the image is a name */
} Tensor;

typedef struct Slot { Val v; Tensor *t; } Slot;

typedef enum Flow { FLOW_next, FLOW_break, FLOW_continue, FLOW_return } Flow;

typedef struct Interp { /* one outermost call */
    Arena *arena;
    const InterpOptions *o;
    InterpError *err;
    Map fns;           /* CoreFn -> Map of its symbols */
    jmp_buf fail;
    int64_t ticks;
} Interp;

typedef struct EnvDim { const DimSym *sym; int64_t value; } EnvDim;

typedef struct Env { /* one activation */
    Interp *in;
    const CoreFn *fn;
    Slot *vars;
    int64_t *index;
    int64_t *dims;     /* by position in fn->dims */
    Map *syms;         /* DimSym -> 1 + (kind << 32 | number) */
    Slot *ret;
    const Core *scope; /* innermost, or NULL: a return gives the function's results */
    VEC(EnvDim) found; /* sizes that effects gave */
} Env;

_Noreturn void interp_fail(Interp *in, int status, Span s, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void interp_tick(Interp *in, Span s);

/* value.c */
double round_to(const Env *e, IrDtype t, double x);
static inline Val cell_int(int64_t i) { return (Val){ .c.i = i }; }
static inline Val cell_float(double f) { return (Val){ .c.f = f }; }
Val val_of_key(Interp *in, MlcrtKey k);
MlcrtKey val_key(Val v);
bool int_below(IrDtype t, int64_t x, int64_t y); /* x < y of integers of type t */
Tensor *tensor_new(Interp *in, IrDtype t, int rank, const int64_t *shape, Span at);
Val tensor_get(Interp *in, const Tensor *t, int64_t at);
void tensor_set(Interp *in, Tensor *t, int64_t at, Val v);
Tensor *tensor_copy(Interp *in, const Tensor *t);
Tensor *tensor_clear(Interp *in, Tensor *t);
Tensor *tensor_read(Interp *in, const InterpTensor *x, Span at);
Tensor *tensor_view(Interp *in, const InterpTensor *x, Span at); /* x's memory is read when it is needed, and is not changed till the end */
InterpTensor tensor_image(const Tensor *t);
Tensor *tensor_here(Interp *in, Tensor *t);                      /* t; if it was away, its elements can be read now */
void tensor_write(Interp *in, Tensor *t, InterpTensor *out);
Val scalar_read(Interp *in, const InterpTensor *x);
InterpTensor scalar_pass(IrDtype t, Val v, void *room); /* as C passes it; room: 8 bytes */
void scalar_write(Interp *in, IrDtype t, Val v, InterpTensor *out);

/* dims.c */
void dims_found(Env *e, const IrType *t, const int64_t *shape); /* an effect, or a call with one, gave a tensor of this shape */
int64_t dim_value(Env *e, Dim d, Span at);
int64_t dim_fitting(Env *e, Dim d, Span at); /* the same: what it is not whole for was asked before */
Map *symbols_of(Interp *in, const CoreFn *fn);
bool run_plan(Env *e, const InterpTensor *args, const int64_t *numbers);

/* ops.c */
Val eval_op(Env *e, const Core *n, const Val *x);

/* expr.c */
Val eval(Env *e, const Core *n);
Tensor *eval_tensor(Env *e, const Core *n);
bool eval_factors(Env *e, const Core *n, Val x[2]);
void eval_into(Env *e, const Core *n, Slot *s);

/* reduce.c */
Val eval_reduce(Env *e, const Core *n);
Tensor *eval_rec(Env *e, const Core *n);
Tensor *eval_cum(Env *e, const Core *n);

/* stmt.c */
Flow run_stmt(Env *e, const Core *n);
void call_fn(Interp *in, const CoreFn *fn, Env *callee, Slot *results);
Env *env_new(Interp *in, const CoreFn *fn);

/* sort.c */
void run_sort(Env *e, const Core *n, bool top);

#endif
