/* be_int.h - shared by the files of room backend.
 *
 * A `Be` is one LLVM module of a compile, an `Em` one LLVM function being written. Inside the vector loops of a kernel each IR value is a block
 * (`Val`): rows x vectors of LLVM values, smaller where it does not depend on the row or the lane.
 *
 * Instructions are written through em_*: each goes to the outermost loop in which its operands exist (what LICM would do), and an
 * equal one that is still in sight is used again (what CSE would do). So no LLVM pass needs to run.
 */
#ifndef MLC_BE_INT_H
#define MLC_BE_INT_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "backend/backend.h"

typedef LLVMValueRef LV; /* an LLVM value */
typedef LLVMTypeRef LT;  /* an LLVM type */

enum { BLOCK = 256, LANES16 = 16, MAX_MULT = 4096 }; /* of the orders of reduction; of Val.mult */

/* What the modules of a compile have in common. */
typedef struct Whole {
    Map kernels;                  /* text of a kernel or part -> SameKernel */
    int nkernels;
    VEC(LLVMBuilderRef) builders; /* open ones, for when memory ends in between */
    VEC(struct Be *) modules;     /* the first one holds the bodies that are not worth optimising */
    struct Threads *threads;      /* that generate code, once a module is complete */
    LLVMTargetMachineRef tm;
    Map names;                    /* of functions that any module may call: name -> itself */
    bool failed;
} Whole;

typedef struct Be {
    Arena *a;
    Whole *whole;
    const BeOptions *opt;
    BeTarget target;
    IrModule *ir;
    LLVMContextRef cx;
    LLVMModuleRef mod;
    LT i1, i8, i16, i32, i64, i128, f16, f32, f64, ptr, none, kernel_t, part_t, body_t;
    LV zeros;      /* 16 bytes of 0: what a load outside of its mask reads */
    int written;   /* instructions, each as often as it costs what one of a plain function does */
    bool plain;    /* registers are given out as they come: bodies, kernels that only call their parts */
    int open;      /* functions that are being written into it */
    bool sent;     /* its code is being generated: nobody else touches what is LLVM's in it */
    struct Be *next; /* that waits to be generated */
    LLVMMemoryBufferRef object;
    char *error;   /* of malloc or LLVM's; NULL: none */
    Buf *errors;
    const MlcrtModule *tables; /* ahead of time: written as constants */
    const char *prefix;
} Be;

typedef struct Val {
    IrDtype t;
    int nr, nv;    /* 1 or the rows, 1 or the vectors of the context */
    bool vec;      /* elements are vectors of em->W lanes; then nv is em->V */
    int64_t coef;  /* i64 that is not vec: lane l of vector j is v + coef * l (nv 1: v + coef * (j * W + l)) */
    int mult;      /* i64 that is not vec: a power of two that divides every v */
    LV *v;         /* [nr][nv] */
    bool natural;  /* i64: known never to be negative, so that division is the machine's */
    bool positive; /* i64: known to be greater than 0 */
    int share;     /* i64 or pointers that are vec: `share` lanes side by side have one value, the next ones 1 (element) more; 0: not known */
    struct Val *first; /* with share: that of lane 0 of each vector, no vec */
    struct Val *even;   /* i64 or pointers that are vec: a lane index which they are in most vectors (be_even.c); NULL: not known */
    struct Val *evenly; /* with even: bool, whether they are, for each vector */
} Val;

typedef struct Scope {
    bool branch;    /* entered under a condition: only what cannot trap and costs little moves out of it */
    bool seldom;    /* code that hardly ever runs: nothing at all moves out of it */
    LV anchor;      /* instruction before which this scope's code goes while a deeper one is open */
    uint32_t stamp;
} Scope;

enum { DEP_LANES = 1, DEP_ROWS = 2 };

/* A choice (NULL: none) between whose sides conditions have decided, or of the conditions that must all hold for the first one some do: `settled`, by node id. */
typedef struct Choice { const IrNode *n; uint8_t *settled; bool other; } Choice;

typedef struct Em {
    Be *be;
    struct Em *outer;  /* the body that this kernel belongs to, the kernel that this part belongs to; NULL in a body */
    IrFn *ir;
    LV fn, call;
    LLVMBuilderRef b;
    LLVMBasicBlockRef block;
    VEC(Scope) scopes;
    uint32_t stamps;
    Map levels;        /* LV -> scope number */
    struct Cse *cse;
    int ncse, cse_cap;
    Val **vals;        /* by node id */
    Map *syms;         /* DimSym -> IrNode or dim number (odd); of the function */
    Map bases;         /* buffer node -> LV */
    int W, V, R;       /* lanes of a vector (0: no vector context), vectors, rows */
    bool half;         /* rows are half of what the loop asks for: twice the vectors keep as many accumulators */
    uint8_t *dep;      /* by node id: DEP_* in the current context */
    Val *mask;         /* what is on; NULL: everything. Never false everywhere: such code is jumped over */
    int mem_level;     /* loads of memory that this function writes do not leave this scope */
    IrRegion *kernel;  /* region of the kernel or part, NULL in a body */
    LV task;           /* part of the scratch; NULL: the kernel has none */
    LLVMBasicBlockRef leave; /* of a kernel or part that a cancel ends in the middle: what it does at its end; NULL: none does */
    LV point;          /* number of the grid point, for faults */
    bool plain;        /* be_attributes_plain: what it holds runs rarely */
    bool split;        /* a kernel whose loops are functions of their own */
    LV env;            /* of a part: where the captures lie; of a kernel c->locals says it */
    VEC(IrNode *) captures; /* scalars and buffers from outside that the kernel or part uses, in the order of their slots */
    Map quotients;          /* Dim -> the node that stands for it in captures */
    Map known;              /* of a part: its loads of MEM_KNOWN */
    Val *tail_mask;        /* of the lanes beyond the end of a loop, which come last */
    LV tail_count;         /* how many lanes are on, or more than there are */
    bool mostly_on;        /* a loop every turn of which takes tail_mask: all but the last have all lanes */
    LV all_on;             /* whether tail_mask has all lanes on: only then several turns are read at once, without it; NULL: they take it */
    int turn, turns_at_once; /* of those that a strided load reads at once (be_transpose.c); -1: none */
    IrRegion *turn_region;
    bool turn_panels;      /* they begin at multiples of 16 */
    const IrNode *fetched;    /* a load whose later places be_fetch_rows will ask for */
    LV first_rows;            /* whether the rows at hand are the first ones of all; NULL: there are no others */
    Map turns;             /* load -> its values */
    bool written_out;       /* within a place of a sum over neighbours that is written out */
    Choice choice;          /* of which more is known while a side of it is written */
    const IrNode *skip;     /* a product that a fused contraction takes apart */
    struct { const IrNode *index; int64_t length; LV number, rest; } run; /* index = number * length + rest, where a loop runs in such parts */
} Em;

/* ---- be_module.c, be_threads.c, be_merge.c ---------------------------------------------------------------- */

bool be_module_open(Be *be);               /* its context and module */
Be *be_module_next(Be *be);                /* where the next function goes: a new module when the last one is long enough */
Be *be_module_other(Be *be);               /* the same, but not this one, unless it is the only one */
LV be_function_new(Be *be, const char *name, LT type);     /* to be written here, called from any module */
LV be_function(Be *be, const char *name, LT type);         /* of whatever module, to be called here */
void be_close(Whole *w);                   /* all that LLVM holds */
void be_send_complete(Be *be);             /* modules into which nothing more is written: their code is generated from now on */
bool be_generate(Be *be, BeResult *out);   /* all modules to one object */
void be_threads_end(Whole *w);             /* what they have not begun is not done */
bool be_merge(Be *be, BeResult *out);

/* ---- be_object.c, be_types.c ------------------------------------------------------------------------------ */

void be_fail(Be *be, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void be_types(Be *be);
LT be_mem_type(Be *be, IrDtype t);   /* as stored */
LT be_val_type(Be *be, IrDtype t);   /* as computed with: bool i1, 16-bit floats float, Key i128 */
LT be_vector(LT t, int lanes);       /* lanes 0: t itself */
int be_lanes_of(LV v);               /* 0: a scalar */
LT be_elem(LT t);
LV be_int(Be *be, int64_t v);
LV be_const(LT t, int64_t v);        /* of an integer or integer vector type */
LV be_real(LT t, double v);          /* of a floating type or vector of them */
LV be_zero(LT t);
bool be_const_value(LV v, int64_t *out);

/* ---- be_emit.c: scopes and instructions ------------------------------------------------------------------- */

typedef enum Move { MOVE_FREE, MOVE_SAFE, MOVE_READ, MOVE_NONE } Move; /* how far out an instruction may go: any scope, not out of a branch, nor out of a loop that writes memory, nowhere */

void em_init(Em *em, Be *be, IrFn *fn, LV llvm_fn, Em *outer); /* outer: the body a kernel belongs to, or NULL */
void em_drop_idle(Em *em); /* instructions without effect that nobody uses */
void em_drop(Em *em);
int em_level(Em *em, LV v);
LV em_bin(Em *em, LLVMOpcode op, LV a, LV b);
LV em_icmp(Em *em, LLVMIntPredicate p, LV a, LV b);
LV em_fcmp(Em *em, LLVMRealPredicate p, LV a, LV b);
LV em_select(Em *em, LV c, LV a, LV b);
LV em_cast(Em *em, LLVMOpcode op, LV x, LT to);
LV em_fneg(Em *em, LV x);
LV em_gep(Em *em, LT elem, LV p, LV i);
LV em_splat(Em *em, LV x, int lanes);
LV em_extract(Em *em, LV v, LV i);
LV em_insert(Em *em, LV v, LV x, LV i);
LV em_shuffle(Em *em, LV a, LV b, LV mask);
LV em_intrinsic(Em *em, Move m, const char *name, LT overload, LT overload2, int n, LV *x); /* pure */
LV em_callptr(Em *em, Move m, LT type, LV f, int n, LV *x);
/* What is known of memory: written during the call; constant during it; constant and readable whatever else holds. */
typedef enum MemKind { MEM_WRITTEN, MEM_CONSTANT, MEM_KNOWN } MemKind;
LV em_load(Em *em, LT t, LV p, unsigned align, MemKind kind);
LV em_load_now(Em *em, LT t, LV p); /* at the current place, whatever was stored before */
void em_store(Em *em, LV v, LV p, unsigned align);
/* v at the beginning of slot i of p, memory that nobody else writes and that is read below only: once, where v is known, not in each turn
 * of the loops around. */
void em_store_early(Em *em, LV v, LT slot, LV p, int64_t i);
LV em_raw(Em *em, LV v); /* notes a value written through em->b at the current place */
LV em_alloca(Em *em, LT t, unsigned align);
LLVMBasicBlockRef em_new_block(Em *em, const char *name);
void em_go(Em *em, LLVMBasicBlockRef b); /* goes on in b */
void em_cut(Em *em);                     /* goes on in a block of its own, so that LLVM selects what follows apart from what is written */

typedef struct Loop { LV lo, hi, iv; LLVMBasicBlockRef before, head, exit; int n, level; LV *init, *phis; int64_t step; bool guarded, once; } Loop; /* once: one turn, known here: no loop */
/* for iv in lo, lo + step, .. below hi; the n values in state become phis, and after the end the last turn's values. */
Loop em_loop(Em *em, LV lo, LV hi, int64_t step, int n, LV *state);
typedef enum LoopRuns { RUNS_maybe, RUNS_surely, RUNS_seldom } LoopRuns; /* surely: lo < hi is known; seldom: it hardly ever has a turn */
Loop em_loop_if(Em *em, LV lo, LV hi, int64_t step, int n, LV *state, LoopRuns runs);
void em_loop_end(Em *em, Loop *l, LV *state);
typedef struct Cond { LLVMBasicBlockRef from, other, other_end, join; int n; LV *init; bool in_else; LV *first; LLVMBasicBlockRef first_end; LV br; } Cond;
Cond em_if(Em *em, LV c, int n, LV *state);       /* state: values where the condition is false and there is no else */
void em_else(Em *em, Cond *c, LV *state);         /* state in: values of the first branch */
void em_end_if(Em *em, Cond *c, LV *state);       /* in: values of the last branch; out: merged */
void em_open(Em *em, bool branch, LV anchor);     /* a scope */
void em_close(Em *em);

/* ---- be_value.c: blocks ----------------------------------------------------------------------------------- */

Val *val_new(Em *em, IrDtype t, int nr, int nv, bool vec);
Val *val_scalar(Em *em, IrDtype t, LV v);
Val *val_int(Em *em, int64_t v);
LV val_at(Em *em, const Val *x, int r, int j);     /* scalar element (the base, if it has a coef) */
LV val_vec(Em *em, const Val *x, int r, int j);    /* as a vector */
LV val_get(Em *em, const Val *x, bool vec, int r, int j);
Val *val_spread(Em *em, const Val *x, int nr, int nv, bool vec); /* broadcast */
bool val_varies(const Val *x);                      /* over the lanes */
bool val_is_const(const Val *x, int64_t *v);
int val_level(Em *em, const Val *x);
typedef LV (*ElemFn)(Em *em, void *user, LV *x);
Val *be_divide_shared(Em *em, const IrNode *n, Val *const *x); /* NULL: it is not such a division */
Val *val_map(Em *em, IrDtype t, int n, Val *const *x, ElemFn f, void *user);
Val *val_map_mixed(Em *em, IrDtype t, int n, Val *const *x, ElemFn f, void *user); /* what all lanes share stays a scalar */
Val *val_add(Em *em, Val *a, Val *b);               /* i64, with what is known about lanes */
Val *val_sub(Em *em, Val *a, Val *b);
Val *val_mul(Em *em, Val *a, Val *b);
Val *val_floordiv(Em *em, Val *a, Val *b);
Val *val_exactdiv(Em *em, Val *a, Val *b);
Val *val_mod(Em *em, Val *a, Val *b);
Val *val_minmax(Em *em, Val *a, Val *b, bool max);
Val *val_lanes_below(Em *em, LV base, LV end); /* base + lane < end, of all vectors; where it counts, base < end */
Val *val_compare(Em *em, int predicate, Val *a, Val *b); /* of i64: an LLVMIntPredicate, signed */
LV be_carried_mask(Em *em, LV m);
Val *val_and(Em *em, Val *a, Val *b);               /* bools; NULL is true */
Val *be_not(Em *em, Val *a);
Val *val_select(Em *em, Val *c, Val *a, Val *b);
/* be_even.c: lanes that are a lane index in most vectors. */
LV val_count_on(Em *em, int j);             /* of vector j so many lanes count, at least 1 */
void val_even_rest(Em *em, Val *y, const Val *a, LV d); /* y: the rest of a lane index by d > 0 */
void val_even_bound(Em *em, Val *y, Val *a, Val *b, bool max);
void val_even_sum(Em *em, Val *y, bool minus, Val *a, Val *b);
Val *val_abs(Em *em, Val *x);
LV val_any(Em *em, const Val *mask);                /* i1: true anywhere */
LV val_bound(Em *em, const Val *x, bool max);       /* the least or greatest over rows and lanes */
LV be_floordiv(Em *em, LV a, LV b);                 /* signed; 1 for a divisor of 0 */
LV be_floormod(Em *em, LV a, LV b);
int be_pow2_of(int64_t v);                          /* greatest power of two that divides v, up to MAX_MULT */

/* ---- be_dim.c --------------------------------------------------------------------------------------------- */

Val *be_dim(Em *em, Dim d);
LV be_dim_scalar(Em *em, Dim d); /* must not vary */

/* ---- be_terms.c ------------------------------------------------------------------------------------------- */

IrNode *be_terms(Em *em, IrNode *sum); /* the loop before a sum that writes its terms and may run with it; NULL: none does */

/* ---- be_window.c ------------------------------------------------------------------------------------------ */

typedef enum BeWindow { WINDOW_none, WINDOW_last, WINDOW_all } BeWindow; /* which indices of a sum over neighbours are written out */
BeWindow be_window(const IrNode *reduce);
bool be_is_quiet(Em *em, const IrRegion *side, int bit); /* of a choice: needs no jump around it where all lanes, or all rows, are off */
bool be_is_zero_outside(LV x);                  /* a load that gives zeros where its mask is off */

/* ---- be_load.c -------------------------------------------------------------------------------------------- */

LV be_base(Em *em, IrNode *buffer);                 /* pointer to the first element */
const IrNode *be_root(const IrNode *buffer);        /* the memory that a view is a view of */
bool be_is_block(const IrNode *index);     /* of a block of a longer axis */
bool be_may_be_far(const IrNode *buffer); /* no scratch, no packed weight */
bool be_is_constant(const Em *em, const IrNode *b); /* memory that nobody writes during the call */
Val *be_load_node(Em *em, IrNode *n);
Val *be_load_word(Em *em, IrNode *n); /* of a load of bytes: the element and the three behind it as one i32, the first one lowest */
int64_t be_panel_lanes(const IrNode *load); /* of a load from panels, w[.., n % 16] or w[.., n % 16 * 4 + k % 4]: lanes that a panel has; 0: none */
void be_store_node(Em *em, IrNode *n);
enum { LINE = 64 }; /* bytes that a cache holds together */
/* Asks for the line at p; level: the cache that it comes to, 3 the first, 2 the second. */
void be_fetch(Em *em, LV p, int level);
void be_fetch_rows(Em *em, const IrRegion *turn); /* places that a load of that turn will read later, once in a loop over rows */
void be_prefetch_node(Em *em, IrNode *n);
bool be_has_dot16(const IrRegion *r); /* be_dot16.c: tiles of 16-bit floats */
void be_dot16_begin(Em *em);          /* before the first one of a function */
void be_dot16_end(Em *em);
void be_dot16(Em *em, IrNode *n);
LV be_leaf_pointer(Em *em, int64_t leaf);
LV be_call_field(Em *em, size_t offset, LT t);      /* a field of MlcrtCall that does not change */
LV be_rt(Em *em, size_t offset);                    /* a function of MlcrtRt */

/* ---- be_transpose.c ---------------------------------------------------------------------------------------- */

LV be_turns_end(Em *em, LV lo, LV hi, int turns); /* where the whole steps of so many turns end that begin at lo; not above hi, maybe below lo */
/* How many turns at a time loads of a reduction over r gain by; 0: none do. panels: they begin at multiples of 16. */
int be_wants_turns(Em *em, IrRegion *r, bool panels);
bool be_depends_on(const IrNode *n, const IrNode *index); /* a subscript on an index of the reduction around it; perhaps, where that is not seen at once */
bool be_takes_panels(Em *em, const IrRegion *r); /* of a sum over r some load reads several turns from panels */
Val *be_load_turn(Em *em, IrNode *n);     /* NULL: an ordinary load */

Val *be_table(Em *em, IrNode *n);         /* be_table.c: a choice among constants as constant memory; NULL: none */

/* ---- be_region.c: nodes ----------------------------------------------------------------------------------- */

Val *be_val(Em *em, IrNode *n);
void be_set(Em *em, IrNode *n, Val *v);
void be_region(Em *em, IrRegion *r);                /* its nodes in order, without the terminator */
void be_nodes(Em *em, IrRegion *r, const uint8_t *only, bool wanted); /* those whose only[id] == wanted */
void be_depend(Em *em, IrRegion *r, IrNode *index, int bit); /* fills em->dep below r */
void be_depend_end(Em *em, IrRegion *r, int bit);
bool be_dim_depends(Em *em, Dim d, int bit);         /* of the lanes or rows that be_depend has marked; d may be NULL */
bool be_needs_serial(Em *em, IrRegion *r, int bit);  /* has inner loops of a different length for each lane or row, or memory */
bool be_varies(Em *em, const IrNode *n, int bit);
void be_tfor(Em *em, IrNode *n);
void be_if(Em *em, IrNode *n);
void be_for(Em *em, IrNode *n);
void be_while(Em *em, IrNode *n);
void be_return_if_stopped(Em *em);   /* in a body */
void be_leave_if_cancelled(Em *em);  /* in a kernel or part: jumps to what it does at its end, which be_leave_here begins */
void be_leave_here(Em *em);
void be_mark(Em *em, const IrNode *n, LV bytes); /* be_kernel.c: for a profile, after what takes time in a body; n NULL: before it; bytes NULL: a kernel's */
void be_end_of_block(Em *em, const IrNode *loop); /* after each block of a reduction */

/* Places of a reduction without blocks, or of a serial loop, some at a time, between which a kernel may leave; all at once where they are few. */
typedef struct Stretch { const IrNode *of; LV p0, p1; bool inside; Loop loop; } Stretch;
Stretch be_stretch(Em *em, const IrNode *loop, LV p0, LV p1, int n, LV *state);
void be_stretch_end(Em *em, Stretch *s, LV *state);

/* ---- be_ops.c, be_math_*.c: scalar operations -------------------------------------------------------------- */

typedef struct OpCx { IrNode *n; IrDtype in, out; int lanes; } OpCx; /* dtype of the (first) operand and of the result */
Val *be_op(Em *em, IrNode *n);
LV be_round16(Em *em, IrDtype t, LV x);             /* a float to the nearest f16 or bf16; others as they are */
LV be_fma(Em *em, LV a, LV b, LV c);                /* one rounding, whatever the target has */
LV be_fma_fast(Em *em, LV a, LV b, LV c);           /* one rounding where the target has it, else two */
LV be_math1(Em *em, IrOp op, LV x);                 /* through the runtime, lane by lane */
LV be_math2(Em *em, IrOp op, LV x, LV y);
LV be_f32_math(Em *em, IrOp op, LV x, LV y);        /* emitted code; NULL: none for this operation */
LV be_f64_math(Em *em, IrOp op, LV x, LV y);        /* or for this target */
bool be_has_f64_math(IrOp op);
void be_fault(Em *em, int64_t check, Val *bad, Val *value, Val *extent);
LV be_rounding(Em *em, IrOp op, LV x);              /* floor ceil round trunc */
LV be_round_odd(Em *em, LV x);                      /* f64 to f32, for a second rounding to 16 bits */
LV be_from_mem(Em *em, IrDtype t, LV x);            /* as loaded -> as computed with */
LV be_to_mem(Em *em, IrDtype t, LV x);
LV be_max(Em *em, IrDtype t, LV a, LV b, bool max); /* NaN wins */
Val *be_draw(Em *em, IrNode *n, Val **x);           /* random_bits, key_fold */
LV be_key_new(Em *em, LV seed);

typedef LV Outlined(Em *em, const void *user, LV *x);
/* A call of the function that `write` fills, which is written when it is first asked for. The name tells what and the lanes of x[0]. */
LV be_outlined(Em *em, const char *what, LT result, int n, LV *x, Outlined *write, const void *user);

/* be_scratch.c */
LV be_scratch_take(Em *em);            /* a part of the scratch for this task of a kernel */
void be_scratch_give(Em *em, LV part); /* at the end of the task */
void be_scratch_clear(Em *em);         /* in the body, before the kernel: all parts are free */

/* ---- be_reduce.c ------------------------------------------------------------------------------------------ */

Val *be_reduce(Em *em, IrNode *n);
Val *be_run_part(Em *em, const IrNode *n); /* index // c or index % c of the loop that runs in parts; NULL: another node */

/* ---- be_kernel.c, be_part.c, be_body.c -------------------------------------------------------------------------------- */

/* be_before.c: what the caller of a part computes for it. The values are constants, c, slots of the captures and earlier steps. */
typedef enum BeRefKind { REF_const, REF_call, REF_slot, REF_step } BeRefKind;
typedef struct BeRef { BeRefKind kind; int64_t value; } BeRef;
typedef struct BeKind { LLVMTypeKind kind; int bits; } BeKind;
/* type: of a load, or the element of an address; what: a predicate or an alignment; slot: where the part reads it, -1: it does not */
typedef struct BeStep { LLVMOpcode opcode; int what, n, slot; BeKind type; BeRef x[3]; } BeStep;

typedef struct SameKernel {
    const char *fn; /* NULL: not written */
    int nouter, ncaptures, *captures; /* which of the outer scalars, by slot; -1: a quotient of sizes */
    Dim *quotients;                   /* by slot, in sizes of `ir` */
    IrFn *ir;
    bool leaves;                      /* a cancel may end it in the middle */
    bool *read;                       /* slots that it reads itself; NULL: all */
    BeStep *steps;
    int nsteps, nafter;               /* nafter: slots behind the captures, of steps */
} SameKernel;
/* The kernels or parts that read as this one, whose text begins with `head`; outer gets what it mentions of outside, in the order of the text. */
bool be_is_passed(const IrNode *b); /* a kernel's own memory, whose place comes with the captures */
SameKernel *be_same_kernel(Em *em, IrRegion *r, const char *head, IrNode ***outer);
bool be_captures(Em *em, SameKernel *same, IrNode **outer); /* notes what the function written by em took from outside */
LV be_pass_captures(Em *em, const SameKernel *k, IrNode **outer); /* writes them down for a call; NULL: there are none */
LV be_captured(Em *em, IrNode *n);                /* the slot's value; of a buffer its address */
LV be_captured_quotient(Em *em, Dim d);           /* d: of sizes of the function only, divided once in the body */
void be_before(Em *em, SameKernel *same); /* of a part that is written: what its caller knows enough for moves there */
void be_pass_steps(Em *em, const SameKernel *same, LV *slots, LV env); /* in the caller; slots: the values of the captures */
bool be_wants_parts(const IrRegion *kernel);
bool be_parts_are_all(const IrRegion *kernel); /* what is left beside the parts takes little time */
bool be_part(Em *em, IrNode *n);                  /* a loop as a call of a function; false: it is written here */
const char *be_new_name(Em *em);
void be_kernel(Em *em, IrNode *n);
void be_phases(Em *em, const IrPhases *p); /* several kernels as one region; what stands between them has its values already */
double be_weight(const IrNode *n); /* about how many simple operations */
void be_copy(Em *em, IrNode *n);
void be_setscalar(Em *em, IrNode *n);
void be_effect(Em *em, IrNode *n);
void be_sortrow(Em *em, IrNode *n);
void be_body(Be *be, IrFn *fn);

/* ---- be_settings.c ------------------------------------------------------------------------------------------ */

extern const char be_triple[];
LLVMTargetMachineRef be_machine(Be *be, bool plain); /* NULL: said */
void be_attributes(Be *be, LV f);
void be_call_is_cold(Be *be, LV call);
void be_attributes_plain(Be *be, LV f); /* code that runs rarely: LLVM does not look for better instructions */

/* ---- be_object.c, be_aot.c --------------------------------------------------------------------------------- */

void be_aot(Be *be);
enum { BE_HARD = 6 }; /* what an instruction costs that is generated with all passes, against one of a plain function */
const char *be_body_symbol(Be *be, const char *fn);

#endif
