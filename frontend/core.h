/* core.h - the checked tree: what the checker makes, what the interpreter walks and lowering turns into tensor IR.
 *
 * Values are leaves: scalars and tensors. A struct or model value is its leaves in declaration order, depth first; a list of n equal
 * elements is one set of leaves with n as a new leading axis; a tuple is its parts. Functions, trees and strings written in the
 * program are compile-time and do not appear, except through what they were specialised to.
 *
 * Absence (LANGUAGE.md section 6) is dynamic here: `guard` makes an absent value, operations treat it as said there, `let` and
 * `map` keep it (a tensor may have absent elements), everything else reads it as 0.
 */
#ifndef MLC_FRONTEND_CORE_H
#define MLC_FRONTEND_CORE_H

#include "base/base.h"
#include "ir/dim.h"
#include "ir/ir.h"
#include "ir/type.h"

typedef struct Core Core;
typedef struct CoreVar CoreVar;
typedef struct CoreIndex CoreIndex;
typedef struct CoreFn CoreFn;
typedef struct CoreStruct CoreStruct;
typedef struct CoreSty CoreSty;

typedef enum CoreKind {
#define CORE(kind, fields) C_##kind,
#include "frontend/core.def"
#undef CORE
    C_count
} CoreKind;

struct CoreVar {
    uint32_t id;     /* unique in the CoreFn, dense from 0 */
    Name name;
    Span span;
    IrType type;
    bool mut;        /* assigned more than once */
    bool param;
    DimSym *sym;     /* immutable int scalars that dims may mention (sym->user is this var); else NULL */
};

struct CoreIndex { /* runs over [lo, lo + extent); one object per binding place */
    Name name;
    Span span;
    DimSym *sym;     /* stands for it in dims; sym->user is this CoreIndex, sym->index is set */
    Dim lo, extent;  /* lo is never NULL here; they may mention symbols of CoreVars and outer indices */
    uint32_t id;     /* unique in the CoreFn, dense from 0 */
};

typedef struct CoreRecEq { CoreVar *var; /* tensor, type known */ int nindices; CoreIndex **indices; Core *body; } CoreRecEq;
typedef struct CoreRec {
    /* Evaluated for each value of the scan indices in order (axis order; backwards where step is -1); members in `eqs` order within
     * one place: equation bodies read members (their own or others') through C_var of CoreRecEq.var. */
    int n;
    CoreRecEq *eqs;
    int nscan;       /* the first nscan entries of scan_axis: axes over which the group recurs */
    int *step;       /* +1 forwards, -1 backwards, per scan axis */
    int **scan_axis; /* [eq][scan]: which index of that equation is the scan index, -1 if it lacks it */
    Dim *scan_extent;
} CoreRec;

typedef struct CoreArg { Name name; CoreSty *sty; int nleaves; Core **leaves; } CoreArg;
typedef struct CoreEffect { Name name; Span span; int nargs; CoreArg *args; CoreSty *result; } CoreEffect;

struct Core {
    uint8_t kind, redop, order;
    bool bound;        /* a subscript that is inside only under the conditions around it: it does not leave them */
    bool checked;      /* C_dim: each step of its arithmetic is asked whether it fits, where the value is computed */
    bool down, before; /* C_cum: from the last place to the first; without the place itself */
    bool moves;        /* C_if: it only says where an element comes from, so an absent one stays absent */
    uint16_t op;       /* C_op */
    int nkids, nindices, nouts;
    Core **kids;
    IrType type;
    Span span;
    union {
        int64_t ival;
        double fval;
        uint64_t key[2];
        Dim dim;
        CoreVar *var;
        CoreIndex *index;
        CoreRec *rec;
        CoreEffect *effect;
        struct { CoreFn *callee; Dim *dims; };
        Dim *box;
        const char *str;
    };
    CoreIndex **indices;
    CoreVar **outs;
    CoreVar *target;   /* update: the var */
    const char *text;  /* check, clampi, nonzero, narrow: the sentence of the fault */
    int code;          /* check: MlcrtStatus value */
};

/* ---- surface types: what users and C see ------------------------------------------------------------------ */

typedef enum StyKind { STY_none, STY_value, STY_struct, STY_list, STY_tuple, STY_fn, STY_tree, STY_static } StyKind;
struct CoreSty {
    StyKind kind;
    IrType type;          /* STY_value: scalar or tensor (weak int is i64, real f64; str, key are dtypes) */
    bool weak;            /* STY_value scalar: `int` or `real` (adapts) */
    CoreStruct *strct;    /* STY_struct */
    int n;                /* tuple: parts; struct: header arguments */
    CoreSty **parts;
    Dim *args;            /* struct: values of its header numbers */
    CoreSty *elem;        /* list */
    Dim count;
};

typedef enum LeafRole { LEAF_field, LEAF_param, LEAF_frozen, LEAF_input } LeafRole;
typedef struct CoreLeaf {
    const char *path;     /* "layers.*.attention.wq.weight": one `*` per enclosing list, outermost first */
    IrType type;          /* with the list counts as leading axes; dims in the struct's own number symbols */
    int nstack;           /* how many leading axes are list counts */
    LeafRole role;
    Span span;
} CoreLeaf;

struct CoreStruct {       /* one per declaration and type arguments; numbers stay symbolic */
    Name name;
    const char *doc;
    bool is_model;
    Span span;
    VEC(DimSym *) numbers;
    VEC(CoreLeaf) leaves;
    CoreFn *init;         /* numbers (dims) and, if it draws, a Key parameter -> leaves; NULL if a field has no default */
    CoreFn *obliged;      /* unused; obligations on the numbers are in init's plan */
    const void *decl;     /* the Tree */
    int id;
};

typedef struct CoreParam {
    Name name;
    Span span;
    CoreSty *sty;
    bool var, named;
    Core *fallback;       /* default of a named parameter (a constant), or NULL */
    int first, nleaves;   /* its leaves in CoreFn.params */
} CoreParam;

/* One row of the entry plan, in order. Leaves are numbered as CoreFn.params. */
typedef enum PlanKind {
    PLAN_bind,    /* sym = axis `axis` of leaf `leaf` (param `param`) */
    PLAN_number,  /* sym = header number `axis` of the handle of surface parameter `param` */
    PLAN_solve,   /* sym = a / b, which must be whole (b NULL: a) */
    PLAN_axis,    /* axis `axis` of leaf `leaf` must equal a */
    PLAN_numeq,   /* header number `axis` of surface parameter `param` must equal a */
    PLAN_eq, PLAN_ne, PLAN_le, PLAN_lt, PLAN_divides /* obligation a ? b (divides: a divides b); text says it in the user's words */
} PlanKind;
typedef struct PlanRow { PlanKind kind; DimSym *sym; int param, leaf, axis; Dim a, b; Span span; const char *text; } PlanRow;

struct CoreFn {
    Name name;            /* "step"; methods "Llama.call"; script statements "script.3" */
    Name symbol;          /* unique in the module */
    const char *doc;
    Span span;
    bool exported, is_static_only; /* needs static or function arguments: not callable by name */
    bool statement;       /* of a script: its lists and tuples come as their leaves */
    uint8_t fails;        /* the checker's: whether a call of it can fail (check_home.c) */
    bool inplace;         /* @inplace: its updates may not copy */
    bool failed;          /* has errors, or needs something that is not there yet: may not be called */
    const char *why;      /* failed by E05xx only: the sentence, reported where it is called or exported */
    DiagCode why_code;    /* with `why`: E0501 .. E0504 */
    Span why_span;        /* with `why`: what is not there yet */
    VEC(CoreParam) surface;
    CoreSty *result;
    VEC(CoreVar *) params;   /* leaves */
    VEC(CoreVar *) vars;     /* all variables, params first */
    int nindices;
    VEC(DimSym *) dims;      /* bound by the plan, or by the caller */
    VEC(PlanRow) plan;
    VEC(IrType) results;     /* leaf results: `var` leaves first, then the value's leaves */
    Core *body;              /* a C_block of statements; every path ends in C_return */
    IrFn *ir;                /* set by lowering */
    struct LowFn *lowered;   /* lowering's own: its versions */
    struct AbsentKnown *absent; /* core_absent.c's own: results that may be absent, by arguments */
    void *user;
};

typedef struct CoreStmt { /* a top-level statement of a script */
    Span span;
    CoreFn *fn;            /* leaves of `reads` -> leaves of `writes` (and effects inside) */
    VEC(struct CoreScriptVar *) reads;
    VEC(struct CoreScriptVar *) writes;
    CoreSty *value;        /* of an expression statement (REPL prints it): the function's results after the writes; else STY_none */
} CoreStmt;

typedef struct CoreScriptVar {
    Name name;
    Span span;
    CoreSty *sty;
    bool mut;
    int id;
    struct CoreScriptVar **present; /* by leaf: the hidden variable that says where it is not absent, NULL: always; or NULL: all are */
    const struct CoreScriptVar *of; /* of a hidden variable: whose leaf it tells of */
    int leaf;             /* of a hidden variable: which */
    bool read;            /* of a hidden variable: some statement reads it */
    const IrDtype *grows; /* a list that grows: what it holds, DT_none while nobody has said (its value is the list's number); else NULL */
} CoreScriptVar;

typedef struct CoreModule {
    Arena *arena;
    Names *names;
    DimCx *dims;
    Sources *sources;
    VEC(CoreFn *) fns;        /* every instance that is needed, callees before callers */
    VEC(CoreFn *) named;      /* top-level functions callable by name (concrete ones) */
    VEC(CoreStruct *) structs;
    VEC(CoreStmt) script;
    VEC(CoreScriptVar *) script_vars;
} CoreModule;

const char *core_sty_text(Arena *a, const CoreSty *s); /* "f32[B, T]", "Llama(V, L, D, H, G, F)" */
void core_print(const CoreFn *fn, Buf *out);           /* for tests and debugging */

#endif
