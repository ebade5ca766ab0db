/* check_types.h - what the checker is made of: values, scopes, frames, declarations, a function being checked. check_int.h has what is done with them. */
#ifndef MLC_FRONTEND_CHECK_TYPES_H
#define MLC_FRONTEND_CHECK_TYPES_H

#include "frontend/frontend.h"

enum { STATUS_CHECK = 12, STATUS_DIVIDE = 10, STATUS_RANGE = 11 }; /* MLCRT_ECHECK, MLCRT_EDIVIDE, MLCRT_ERANGE of status.def */
enum { RANK_MOST = IR_RANK_MOST, INST_DEPTH_MOST = 200, EXPR_DEPTH_MOST = 2000, OP_DEPTH_MOST = 60, TRIAL_NODES_MOST = 1 << 21 };

typedef struct Frontend Cx;
typedef struct Fx Fx;
typedef struct Val Val;
typedef struct Ent Ent;
typedef struct Scope Scope;
typedef struct Frame Frame;
typedef struct Group Group;
typedef struct Decl Decl;
typedef struct Unit Unit;
typedef struct Inst Inst;
typedef struct Struct Struct;
typedef struct Cond Cond;
typedef struct Snap Snap;
typedef struct Sig Sig;
typedef struct ScriptUses ScriptUses;

/* ---- values ------------------------------------------------------------------------------------------- */

typedef enum ValKind {
    V_error,  /* already reported; silences what follows */
    V_none,   /* no value */
    V_core,   /* scalar or tensor: core, type */
    V_ratio,  /* dim / den of ints known at entry */
    V_agg,    /* struct or list of equal elements: sty, leaves */
    V_tuple,  /* parts */
    V_list,   /* parts: a list written in the program, not stacked yet */
    V_fn,     /* decl or tree + scope; self, statics */
    V_type,   /* decl: a struct or model; or a dtype name */
    V_module, /* unit */
    V_tree,   /* a decode tree */
    V_adapter,/* decl with its header arguments: statics, one for each parameter */
    V_open    /* `_` in a place for a number */
} ValKind;

struct Val {
    ValKind kind;
    bool weak;            /* core scalar: int or real */
    bool settled;         /* a let of an int: dim stands for a variable */
    IrType type;
    Core *core;
    Dim dim, den;         /* int scalar: normal form, or NULL; ratio: dim / den */
    const Cond *when, *unless; /* bool: what is known if it is true, if it is false */
    CoreSty *sty;
    int n;
    Core **leaves;
    Val **parts;
    Decl *decl;
    const Tree *tree;
    Scope *scope;
    Fx *fx;               /* closure: the function it stands in */
    Val *self, **statics; /* agg: its level (check_member.c), or NULL */
    int nstatics;
    Name name;
    Unit *unit;
};

typedef enum Rel { REL_le, REL_eq, REL_ne } Rel;
struct Cond { Rel rel; Dim a, b; const Cond *next; }; /* a rel b */

/* ---- scopes ------------------------------------------------------------------------------------------- */

struct Group { /* the indices that one binder stands for: one, or those of a use of an operator */
    int n;
    CoreIndex **idx;
    Core *guard;     /* over idx; NULL: all */
    bool phantom;    /* the range of a reducing operator, outside of any operator over it */
    bool pack;       /* the axes of `..` */
};

typedef struct Grown { IrDtype dtype; } Grown; /* of the elements; DT_none until the first is appended */

typedef enum EntKind { ENT_val, ENT_var, ENT_index, ENT_script } EntKind;

typedef struct Carry { Name binder; Group *group; } Carry; /* a value made under this group, which the binder named then */

struct Ent {
    EntKind kind;
    Name name;
    Span span;
    Val *val;              /* val */
    VEC(Carry) carry;
    CoreSty *sty;          /* var, script */
    CoreVar **leaves;
    int nleaves;
    Group *group;          /* index */
    bool hides;            /* index: it hides a variable, which was reported */
    bool op_binder;        /* index: stands for all binders of a use */
    struct CoreScriptVar *script;
    Grown *grows;          /* var, script: a list that grows; the variable holds its number */
    CoreVar *held;         /* of a list that grows: what a Snap of its elements is for; no value itself */
    Dim ahead;             /* of a list that grows: its size when it is read next, known from trials */
    DimSym *size;          /* script, an int: its value in sizes of other variables */
    Ent *next;
};

typedef enum ScopeKind { SCOPE_unit, SCOPE_self, SCOPE_fn, SCOPE_block, SCOPE_index } ScopeKind;

struct Scope {
    Scope *outer;
    ScopeKind kind;
    Unit *unit;            /* unit */
    Val *self;             /* self: members are in scope */
    Fx *fx;
    Ent *ents;
    int n;
    Map names;             /* Name -> Ent, once there are many */
};

/* ---- frames: where statements go ---------------------------------------------------------------------- */

typedef enum FrameKind { FRAME_block, FRAME_index, FRAME_cond, FRAME_guard } FrameKind;

struct Frame {
    Frame *outer;
    FrameKind kind;
    int depth;
    VEC(Core *) stmts;
    VEC(CoreIndex *) idx;
    Core *where;   /* cond, guard: it is entered where this holds, a condition of the frame around it; NULL: always */
    Facts *facts;  /* that hold in it */
    Snap *snaps;   /* block: those at its start */
    bool impure;   /* block: assigns, jumps or calls with var arguments */
    bool ended;    /* block: what follows is not reached */
    bool list;     /* index: of a list; with structs as elements it becomes a loop, of which these are the statements */
};

typedef struct Var { /* every CoreVar is one */
    CoreVar pub;
    int depth;              /* of the frame that it is in */
    CoreVar *entry;         /* a copy of this `var` parameter's value at entry */
    VEC(CoreIndex *) deps;  /* indices that its value needs */
    Core *def;              /* its value, to be made again under other indices */
    bool assigned;
} Var;
typedef struct Idx { CoreIndex pub; int depth; bool unknown; } Idx; /* every CoreIndex is one; unknown: in a trial */
struct Snap { CoreVar *var; CoreVar *copy; struct Snap *next; }; /* copy NULL: assigned since */

/* ---- declarations ------------------------------------------------------------------------------------- */

typedef enum DeclKind { DECL_fn, DECL_extern, DECL_op, DECL_struct, DECL_adapter, DECL_tree, DECL_unit, DECL_const, DECL_error } DeclKind; /* const: of the file `target`; error: an import that failed, reported */

struct Decl {
    DeclKind kind;
    Name name;
    const Tree *tree;
    Unit *unit;
    Struct *owner;         /* a method's */
    bool elementwise, inplace;
    VEC(Inst *) insts;     /* fn */
    VEC(Struct *) structs; /* struct, model */
    Unit *target;          /* unit: an imported module by name */
    bool checked;
    bool compared;         /* adapter: with the functions of its model */
};

struct Unit {
    Name name;             /* a.b, as it was imported; of the main file the file */
    Name file;             /* which its imports stand beside; a module is one unit, by whatever path it is imported */
    const Tree *tree;
    Map decls;             /* Name -> Decl */
    VEC(Decl *) order;
    Scope *scope;
    Map lets;              /* Name -> Tree: top-level lets of its script */
    bool loading;
    bool prelude;
};

typedef struct StaticArg { Name name; Val *val; } StaticArg;

typedef struct Env { /* what a signature is specialised to */
    IrDtype fdtype, ndtype; /* of `float` and `num`; DT_none: not used */
    bool fweak, nweak;      /* all arguments are weak */
    int pack;               /* number of axes of `..`; -1: not used */
    VEC(StaticArg) statics; /* model types, trees, functions, strings; and int ones by name (val NULL: a dim) */
} Env;

struct Inst {
    Decl *decl;
    Struct *self;
    Env env;
    CoreFn *fn;
    enum { INST_new, INST_checking, INST_done } state;
    VEC(DimSym *) statics;   /* dims that static int parameters are, in order */
    VEC(bool) modified;      /* per leaf of fn->params: a var leaf that is assigned */
    bool effects;            /* has effects of scripts */
    const char *effect;      /* one of them, and where it stands */
    Span effect_place;
    int constants;           /* Cx.constants when it was checked */
    ScriptUses *uses;        /* variables of the script that it reads, or NULL */
    Span place;
};

typedef enum FieldKind { FIELD_field, FIELD_param, FIELD_frozen, FIELD_input, FIELD_part, FIELD_const, FIELD_method } FieldKind;
typedef struct Field {
    FieldKind kind;
    Name name;
    Span span;
    const Tree *tree;
    CoreSty *sty;          /* in the struct's own numbers */
    int first, nleaves;
    Val *val;              /* const */
    Decl *method;
    int set;               /* input: the number of the struct that is 1 if it is set, else 0; -1: it has a default */
} Field;

struct Struct {
    CoreStruct pub;
    Decl *decl;
    Env env;               /* type arguments and static header values */
    VEC(Field) fields;
    VEC(Dim) hidden;       /* numbers behind those of the header: of inputs (check_bind.c), with their values while nothing is bound; of adapters of parts: NULL */
    Scope *scope;          /* numbers and constants */
    const CoreSty *over;   /* adapter: the type of `base`, its first field, in its own numbers; else NULL */
    int nown;              /* adapter: how many numbers are of its own header; those of the base's header follow */
    Struct *trainable;     /* made when it is first asked for (check_trainable.c) */
    Struct *whole;         /* of a trainable set: the model; places: its leaves' places there */
    VEC(int) places;
    const char *tag;       /* adapter: its name in the paths of what it stores */
    Fx *fx;                /* in which its constants were made */
    Inst *init;
    bool failed, ready;
    int depth;             /* of the parts in it */
};

typedef struct Warning { DiagCode code; Span span; const char *text, *help; } Warning;

/* local: the parameter that it is; now: the variable whose value it gets, which may be a newer one of that name */
typedef struct ScriptUse { Ent *ent, *local; struct CoreScriptVar *now; bool writes; int param; } ScriptUse;
typedef struct ScriptResult { VEC(Core *) leaves; int nvars; } ScriptResult; /* nvars: leaves of new variables; a value's follow */
struct ScriptUses { Fx *f; Scope *script, *params; VEC(ScriptUse) uses; Sig *sig; Map later; VEC(Core *) present; }; /* later: DimSym -> Dim, of sizes that its effects give; present: check_absent.c */

/* ---- a function being checked --------------------------------------------------------------------------- */

typedef struct Bound { DimSym *sym; bool known; } Bound;

typedef struct Held { VEC(Core *) checks; } Held;

typedef struct Change { Name name; uint32_t from; } Change; /* reads of the name that begin before `from` come before it */
/* Of the expression that is being checked; `outer`: of the one that it, its statement or its function's text stands in; `at`: there. */
typedef struct Later { bool on; Span whole, at; VEC(Change) changes; Frame *frame; const struct Later *outer; } Later;

struct Fx {
    Cx *cx;
    Arena *a;
    DimCx *dims;
    CoreFn *fn;
    Inst *inst;
    Fx *caller;
    Frame *frame;
    Scope *scope;
    Facts *facts;
    Snap *snaps;
    Later later;
    Name defines;          /* of the equation that is being checked */
    Env env;
    CoreSty *result;       /* declared result, or NULL */
    bool inferred;         /* result is made from the first value */
    int trial;             /* > 0: nothing is kept, nothing reported */
    int dimctx;            /* > 0: ints that are read are wanted as dims */
    bool hides;            /* an index hides a variable: what follows from that is not reported */
    bool whole;            /* in a sum of products that is a subscript: quotients in it are whole */
    Core *key;             /* of the model that is being made, or NULL */
    Sig *sig;              /* while parameters are read */
    Scope *params;         /* of its parameters */
    ScriptUses *script_uses; /* variables of the script that it reads */
    Map *peeked;           /* Tree -> value of a base, during a search for ranges */
    int peek_depth;
    bool in_params;        /* types of parameters */
    bool open_numbers;     /* `_` in a type leaves a number open */
    int loops, draws, op_depth;
    int written_out;       /* functions around here whose text stands where they are called */
    int models, made;      /* with keys of their own; all */
    Name drawn_in;         /* the function that is written out here: places of draws are in it; NULL: this one */
    Dim pack[RANK_MOST];   /* the axes of `..` in the signature */
    Held *held;            /* where conditions of a call are kept until its place is known, or NULL: they are said at once */
    int write_out;         /* > 0: calls are written out where they stand */
    bool is_script;
    bool in_result;        /* the result's type is read: its sizes are known */
    bool weak_reads;       /* element types of a recurrence are being found: its members may be weak as scalars are */
};

struct Frontend {
    Arena *a;
    Names *names;
    Sources *sources;
    Diags *diags;
    FrontendFiles files;
    CoreModule *module;
    DimCx *dims;
    Facts *facts;
    Map units;             /* Name of the module -> Unit */
    Unit *prelude, *main;
    Scope *builtins;
    int depth;             /* of expressions being checked, over all functions */
    int inst_depth;
    int constants;          /* REPL: how often a declaration or a name that stood for a constant was replaced: functions may have been checked with it */
    uint32_t serial;
    Map exact;             /* names of functions of the prelude */
    Map builtin_rows;
    Map unknown;           /* Name -> the function in which it was reported as not declared */
    Diags *loud;           /* diags, when a trial has put them aside */
    int clone_nodes, trial_nodes;
    Scope *script;         /* variables of the script */
    Map script_home;       /* DimSym -> Ent that brought it */
    int64_t seed;          /* of draws of the script that name no key */
    int script_numbers;
    bool repl;
    const struct Before *before; /* REPL: what names meant before the last input */
    VEC(const char *) externs; /* "library:name" of each C function that is called */
    VEC(Warning) warnings; /* of the file that is being checked */
    int structs_done;
    Struct *reading;       /* whose members are being read, or NULL */
    bool structs_too_deep; /* reported */
    struct Words *w;
};

typedef struct Words { /* names that the checker looks for */
#define WORD(id, text) Name id;
#include "frontend/words.def"
#undef WORD
} Words;

#endif
