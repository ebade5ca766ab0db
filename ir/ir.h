/* ir.h - the one door of room ir: operations, nodes and regions of both IR levels, builder, printer, parser, verifier.
 *
 * A function is a region of nodes in order. Tensor IR is pure and in SSA form; tile IR has buffers and runs in order.
 * Nodes are never freed (arena); ir_drop unlinks one. Types carry symbolic dims of the module's DimCx.
 */
#ifndef MLC_IR_H
#define MLC_IR_H

#include "base/base.h"
#include "ir/dim.h"
#include "ir/type.h"

typedef struct IrNode IrNode;
typedef struct IrRegion IrRegion;
typedef struct IrFn IrFn;
typedef struct IrModule IrModule;

enum { PURE = 1, COMMUTES = 2, FAULTS = 4, PINNED = 8 };
typedef enum IrLevel { ANY, TENSOR, TILE } IrLevel;
typedef struct IrOpInfo { const char *name; int in; int effects; IrLevel level; bool scalar; const char *meaning; } IrOpInfo;
extern const IrOpInfo ir_ops[OP_count];

typedef enum IrPlace { PLACE_arena, PLACE_param, PLACE_result, PLACE_prep, PLACE_view, PLACE_local, PLACE_scratch, PLACE_block } IrPlace;
/* arena: at node.offset bytes; imm: 1 + its slot (buffers in other slots are apart), or 0. param: leaf parameter imm (a `var` leaf is
 * written in place). result: leaf result imm, counted after the var ones. prep: prepared tensor imm (IrFn.preps). view: operand 0 under another shape. local: stack of a kernel, constant size.
 * scratch: a part of the arena of its own for each task of a kernel (IR_TASKS of them), at node.offset. block: leaf parameter imm, which is
 * packed, as bytes (or as f16, of which its blocks' scales are some): [.., blocks of the last axis, bytes of a block]. */
enum { IR_TASKS = 16 }; /* pieces that a kernel with scratch is cut into at most */
enum { IR_PHASES_MOST = 24 }; /* kernels of one parallel region at most */
typedef enum IrLoop { LOOP_seq, LOOP_lanes, LOOP_rows } IrLoop;
typedef enum IrOrder { ORDER_chain, ORDER_contract, ORDER_lanes16 } IrOrder; /* of a reduce: ir/IR.md, Orders of reductions */

typedef enum IrForm {
#define FORM(name, elements, bytes) FORM_##name,
#include "ir/forms.def"
#undef FORM
    FORM_count
} IrForm;
typedef struct IrFormInfo { const char *name; int elements, bytes; } IrFormInfo;
extern const IrFormInfo ir_forms[FORM_count];

typedef struct IrUse { IrNode *user; int slot; struct IrUse *prev, *next; } IrUse;

struct IrNode {
    uint16_t op;     /* IrOp */
    uint8_t redop;   /* reduce, scatter */
    uint8_t order;   /* reduce: IrOrder, set by lowering from the form of the reduction (IR.md) */
    uint8_t place, loop; /* buffer; tfor */
    uint8_t factor;  /* tfor lanes: vectors at once; rows: rows at once (0: 1) */
    uint8_t forms;   /* param that is load_time: bit f if its memory may have IrForm f (0: plain only) */
    uint8_t packed, tiled; /* param that is load_time: 1 + the axis in panels of which another function has it, or 0, and the row's IrPrep.tiled */
    bool dropped;
    bool stream;     /* reduce: computed in blocks of 256 that are combined, with the other ones of its region (IR.md) */
    bool spare;      /* buffer: an axis of 0 counts as one of 1 in its bytes: a subscript that fails is 0 (passes/plan.c) */
    bool inplace;    /* update: a copy of the old value is an error (@inplace) */
    bool load_time;  /* param: belongs to a handle that is neither var nor differentiated: fixed when it is loaded */
    uint32_t id;     /* unique in the function; printed as %id */
    int nin, nregions;
    IrNode **in;
    IrUse *use;      /* by slot: what stands in the operand's uses */
    IrRegion **regions;
    IrType type;     /* DT_none for nodes with several or no results */
    union {
        int64_t imm; /* const of integer or bool, param/result number, check row, effect number */
        double fimm; /* const of a float dtype */
        uint64_t key[2]; /* const of Key */
        const char *str; /* const of str */
        Dim dim;     /* dim; index: its extent */
        Dim *box;    /* update */
        struct { Dim flops, bytes; }; /* kernel: what --profile counts, of the function's dims; NULL: unknown, or nobody asked */
        struct { IrFn *callee; Dim *dims; }; /* call: one Dim for each of callee->dims */
    };
    Dim offset;      /* buffer in the arena: bytes */
    Dim lo;          /* index: first value (NULL: 0); it runs over [lo, lo + dim) */
    Dim from, to;    /* index: a part [from, to) of its range outside of which the guard is known false (NULL: all of it); positions still count from lo */
    DimSym *sym;     /* index, and integers that dims mention: the symbol that stands for this node's value */
    Name name;       /* a hint for printing, or NULL */
    Span span;
    IrUse *uses;
    IrNode *prev, *next;
    IrRegion *parent;
};

struct IrRegion {
    IrNode *owner;         /* NULL: the function's body */
    IrFn *fn;
    VEC(IrNode *) params;  /* index and arg nodes */
    IrNode *first, *last;  /* last is yield, ret, or (tile kernel/tfor) any */
};

typedef struct IrCheck { /* a row of the constant table in the object */
    int code;            /* MlcrtStatus value */
    Span span;
    const char *text;    /* the sentence; for clampi "%lld" twice: value, extent */
} IrCheck;

typedef struct IrEffect { Name name; const void *payload; /* CoreEffect of the front end */ int nresults; IrType *results; } IrEffect;

/* A tensor computed once from one load-time leaf when its handle is loaded; fn: that leaf -> the prepared tensor. */
typedef struct IrPrep { struct IrFn *fn; int leaf; IrType type; int axis, panel, form, tiled; } IrPrep;
/* panel > 0: the leaf with that axis cut into panels, which come last. form: of the leaf's memory; fn takes the blocks of a packed one.
 * tiled: 0, or 1 + the axis that is cut into groups of 32, pairs of places side by side, or of four bytes (passes/stage/stage_tiles.c). */

/* What is asked of the sizes where the function is entered, so that it holds in all of it: a == b, else a <= b. Of its dims alone. */
typedef struct IrGiven { bool equal; Dim a, b; } IrGiven;

/* A tensor of the arena whose place is known when a call is entered: `at`, one of the function's dims. Those whose lives meet are apart. */
typedef struct IrLife { DimSym *at; Dim bytes; int first, last; } IrLife;

typedef struct IrFn {
    IrModule *module;
    Name name;
    Span span;
    VEC(DimSym *) dims;    /* bound at entry, in this order */
    VEC(IrNode *) params;  /* leaf parameters */
    VEC(IrType) results;   /* leaf results; the first nvars are the new values of `var` leaves */
    VEC(int) vars;         /* leaf parameter numbers that are `var`, in order */
    VEC(IrGiven) given;
    VEC(IrCheck) checks;
    VEC(IrEffect) effects;
    IrRegion *body;
    IrLevel level;
    uint32_t next_id, ndropped; /* nodes that were made, and dropped one by one */
    Dim arena_bytes;       /* tile IR after plan; NULL: `lives` give it */
    VEC(IrLife) lives;     /* tile IR after plan, where places are functions of the dims that a call has, not of all */
    VEC(IrPrep) preps; /* tile IR: prepared tensors */
    VEC(Span) copies;  /* tile IR: updates marked `inplace` that copy what they change all the same */
    const void *sig;       /* CoreFn of the front end (names, entry plan), opaque here */
    void *user;
} IrFn;

struct IrModule { Arena *arena; Names *names; DimCx *dims; Sources *sources; VEC(IrFn *) fns; };

/* ---- building ------------------------------------------------------------------------------------------- */

IrModule *ir_module_new(Arena *a, Names *ns, DimCx *dims, Sources *ss);
IrFn *ir_fn_new(IrModule *m, Name name, IrLevel level, Span span);
IrNode *ir_param_new(IrFn *fn, Name name, IrType t, Span span);
IrRegion *ir_region_new(IrFn *fn, IrNode *owner); /* appended to owner->regions (owner may be set later with ir_attach) */
void ir_attach(IrNode *owner, IrRegion *r);

typedef struct IrBuilder { IrFn *fn; IrRegion *region; IrNode *before; Span span; } IrBuilder; /* before NULL: at the end */
IrNode *ir_add(IrBuilder *b, IrOp op, IrType t, int nin, IrNode *const *in);
IrNode *ir_add0(IrBuilder *b, IrOp op, IrType t);
IrNode *ir_add1(IrBuilder *b, IrOp op, IrType t, IrNode *x);
IrNode *ir_add2(IrBuilder *b, IrOp op, IrType t, IrNode *x, IrNode *y);
IrNode *ir_add3(IrBuilder *b, IrOp op, IrType t, IrNode *x, IrNode *y, IrNode *z);
IrNode *ir_int(IrBuilder *b, int64_t v);               /* i64 const */
IrNode *ir_const_int(IrBuilder *b, IrDtype t, int64_t v);
IrNode *ir_const_float(IrBuilder *b, IrDtype t, double v);
IrNode *ir_dim_value(IrBuilder *b, Dim d);             /* const or dim node */
IrNode *ir_index_new(IrRegion *r, Name name, Dim lo, Dim extent, Span span); /* with a fresh index symbol */
IrNode *ir_arg_new(IrRegion *r, Name name, IrType t);
IrNode *ir_load(IrBuilder *b, IrNode *tensor, int n, IrNode *const *subs);
IrNode *ir_yield(IrBuilder *b, int n, IrNode *const *values);
int ir_check_row(IrFn *fn, int code, Span span, const char *text);
int ir_check_row_equal(IrFn *fn, int code, Span span, const char *text); /* one that is there says the same, or a new one: copies of a value stay equal */

/* ---- changing ------------------------------------------------------------------------------------------- */

void ir_set_in(IrNode *n, int slot, IrNode *x);
void ir_take_in(IrFn *fn, IrNode *n, IrNode *x); /* of a node without operands: its first */
void ir_replace(IrNode *old, IrNode *by); /* every use; old stays */
void ir_drop(IrNode *n);                  /* unlinks it and its regions; it must have no uses left */
void ir_move_before(IrNode *n, IrNode *place);
int ir_nuses(const IrNode *n);
const IrOpInfo *ir_info(const IrNode *n);
bool ir_is_scalar_op(const IrNode *n);
IrNode *ir_terminator(const IrRegion *r);
bool ir_inside(const IrNode *n, const IrRegion *r); /* n lies in r or below it */
/* Copies the nodes of r (not its params) to the builder's place; map from old to new nodes given and extended. Dims are
 * rewritten with subst (NULL: none): index symbols of copied regions are always fresh. Returns the terminator's new operands. */
IrNode **ir_clone_region(IrBuilder *b, const IrRegion *r, Map *nodes, DimSubst subst, void *user);
/* The same for a region that is not needed any more: the nodes themselves, before b->before. All its params are mapped. */
IrNode **ir_move_region(IrBuilder *b, IrRegion *r, Map *nodes, DimSubst subst, void *user);
IrNode *ir_clone_node(IrBuilder *b, const IrNode *n, Map *nodes, DimSubst subst, void *user);
IrFn *ir_fn_clone(IrFn *fn, Name name);
typedef void (*IrVisit)(void *user, IrNode *n);
void ir_walk(IrRegion *r, IrVisit f, void *user); /* every node, outer before inner, in order; no unbounded recursion: depth <= nesting */

/* ---- text ----------------------------------------------------------------------------------------------- */

void ir_print_fn(const IrFn *fn, Buf *out);
/* Kernels from `first` (a kernel, or a choice between kernels) on that make one parallel region, with nothing between them but values that
 * do not need them (phases.c): phase k may begin when phases up to after[k] are done (-1: at once). barriers: how often a thread waits.
 * choice[k]: the `if` in whose region side[k] it stands; NULL: in none. Units are the nodes that stand in the run, the last one is `last`; level
 * of a unit: the longest chain of others that it needs. */
typedef struct IrPhases {
    int n, nunits, barriers;
    IrNode *kernel[IR_PHASES_MOST], *choice[IR_PHASES_MOST], *unit[IR_PHASES_MOST], *last;
    int side[IR_PHASES_MOST], after[IR_PHASES_MOST], in_unit[IR_PHASES_MOST], level[IR_PHASES_MOST];
} IrPhases;
Dim ir_buffer_bytes(DimCx *cx, const IrNode *buffer); /* of its place in the arena, whole lines of 64; of scratch all parts together */
IrPhases ir_phases(IrNode *first, Arena *a); /* n 0: first is neither */
void ir_print_fn_spans(const IrFn *fn, Buf *out); /* with places: a trailing @file:lo-hi where there is one */
void ir_print(const IrModule *m, Buf *out);
bool ir_parse(IrModule *m, const Source *src, Diags *d); /* E0606; adds the functions of src to m */
IrFn *ir_fn_find(const IrModule *m, const char *name);   /* NULL if there is none */
void ir_dot(const IrFn *fn, Buf *out);
/* Structure, types, scopes, level; reports E0603-like internal errors as text; true if sound. */
bool ir_verify(const IrFn *fn, Buf *errors);

#endif
