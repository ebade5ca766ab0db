/* script_int.h - what the files of scripts share: script.c (variables, statements), effect*.c (what effects do), plot.c. */
#ifndef MLC_DRIVER_SCRIPT_INT_H
#define MLC_DRIVER_SCRIPT_INT_H

#include "driver/script.h"
#include "driver/value.h"
#include "runtime/core_int.h"
#include "runtime/files.h"

/* The value of a variable, or of an expression. A struct or model is a handle; anything else its leaves. */
typedef struct ScriptValue {
    const CoreSty *sty;
    MlcrtHandle *handle;
    int nleaves;
    InterpTensor *leaf;    /* memory of the context; scalars: 16 bytes in the arena */
    MlcrtTensor *owner;    /* [leaf]: what mlcrt_tensor_free wants */
    Arena *arena;
} ScriptValue;

typedef struct ScriptWords { Name path; MlcrtTokenizer *bpe; } ScriptWords;
typedef struct ScriptProgress { int64_t steps; double start, shown; bool on_terminal, prints, mid_line; } ScriptProgress;
typedef struct ScriptDim { const DimSym *sym; int64_t value; } ScriptDim;
typedef struct ScriptVar { const CoreScriptVar *core; ScriptValue value; } ScriptVar;

typedef struct GrowingList { VEC(int64_t) cells; } GrowingList; /* elements, each in the first bytes of a cell */
typedef struct CallHandle { const CoreStruct *type; int n; const InterpTensor *leaves; MlcrtHandle *handle; } CallHandle;

struct Script {
    Unit *u;
    ScriptOptions o;
    Mem mem;
    Arena *arena, *scratch; /* scratch: of one effect */
    MlcrtSession *session, *side; /* side: for what an effect does during a call on session */
    RtFile file;            /* the last one read */
    VEC(ScriptDim) dims;    /* of the statement that runs */
    Names *texts;           /* texts that were made at run time: equal ones once, for as long as the script lives */
    VEC(ScriptVar) vars;    /* in no order; by `core` */
    VEC(ScriptWords) tokenizers;
    ScriptValue last;       /* of the last expression statement */
    ScriptProgress progress; /* of the loop that runs */
    Arena *known;
    Map sized, compiled;    /* in `known`: CoreFn -> what script_call.c found out about it */
    VEC(GrowingList) lists;  /* by number */
    VEC(CallHandle) handles; /* arguments of calls in the step that runs */
    bool load_failed;       /* the effect `load` of the statement that runs */
    VEC(MlcrtHandle *) loaded; /* by the effect `load` in the statement that runs, until its variable takes them; NULL: taken */
    bool lent;              /* elements of a model are read in the step that runs: no weight changes its form before it ends */
};

/* effect_list.c: a list that grows, by its number, as a line of the REPL */
void list_show(const Script *s, int64_t number, IrDtype t, const char *name, Buf *out);

/* script_value.c */
void value_drop(Script *s, ScriptValue *v);
void value_keep_texts(Script *s, InterpTensor *t); /* its texts are replaced by some that live as long as the script */
/* A value of n leaves: copies of them, or (not copy) their memory, which the context gave. false: no memory. */
bool value_new(Script *s, ScriptValue *v, const CoreSty *sty, const InterpTensor *leaves, int n, bool copy);
void value_leaves(const ScriptValue *v, InterpTensor *out); /* views; tensors of a model, which may be packed, are away */
/* Its elements, until the step ends, if it is a leaf of a model at hand that is away. false: no memory, with the session's error. */
bool value_fetch(Script *s, InterpTensor *leaf);
/* The model or struct at hand (of a variable, or loaded) that has just these leaves; NULL. */
MlcrtHandle **value_handle(Script *s, CoreStruct *type, const InterpTensor *leaves, int n);
int value_nleaves(const ScriptValue *v);

/* script.c */
bool script_dim(Script *s, Dim d, int64_t *v); /* a dim of the statement that runs; false: it is not known */
bool script_dim_sym(Script *s, DimSym *sym, int64_t *v);
ScriptValue *script_value(Script *s, const CoreScriptVar *v);  /* NULL: it has none */
void script_set(Script *s, const CoreScriptVar *v, ScriptValue value);
bool script_in_place(const CoreStmt *st, const CoreScriptVar *v);
/* Before a call of fn the model h takes the forms that fn wants, whose leaves begin at `first`; after it, one of them. fn NULL: it was
 * interpreted. */
void script_settle(Script *s, MlcrtHandle *h, const MlcrtFn *fn, int first, bool after);
/* A value of a struct: copies of the leaves, or (taken) their memory, which the context gave. false: with the session's error. */
bool script_make_handle(Script *s, ScriptValue *v, const CoreSty *sty, InterpTensor *leaves, int n, bool taken);

/* script_step.c */
bool script_is_step(Script *s, const CoreStmt *st);
bool script_adopt(Script *s, ScriptValue *v, const CoreSty *sty, const InterpTensor *leaves, int n);
void script_forget(Script *s); /* what a statement had at hand: models that were loaded or made for calls */
bool script_step(Script *s, Arena *a, const CoreStmt *st, const InterpTensor *leaves); /* leaves: of the parameters */

/* script_call.c */
bool script_has_sized_effect(Script *s, const CoreFn *fn); /* in it or in what it calls: an effect that gives a tensor */
bool script_takes(void *script, const CoreFn *fn);         /* hooks of the interpreter: calls that compiled code does */
int script_call(void *script, Arena *a, const CoreFn *fn, const int64_t *dims, const InterpTensor *args, InterpTensor *results);
void script_forget_calls(Script *s);                       /* handles that were made for arguments in a step */

/* effect.c */
typedef struct Effect { /* one that is being done */
    Script *s;
    const CoreEffect *e;
    const InterpTensor *args;  /* leaves of all arguments in order */
    int nargs;
    InterpTensor *results;
    int nresults;
    int *first;                /* [e->nargs]: first leaf of an argument */
} Effect;

int effect_fail(Effect *x, MlcrtStatus status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int effect_fail_context(Effect *x, MlcrtStatus status, const char *what); /* with the context's sentence */
const InterpTensor *effect_arg(Effect *x, int i);                 /* first leaf of argument i, by position; NULL */
int effect_named(const Effect *x, const char *name);              /* which argument has this name; -1 */
int effect_position(const Effect *x, int i);                      /* which argument is positional argument i; -1 */
const char *effect_text(Effect *x, int i);                        /* positional argument i, a text; NULL with an error */
bool effect_int(Effect *x, int i, int64_t *v);
void effect_result_text(Effect *x, const char *text, size_t n);   /* result 0 */
void effect_result_scalar(Effect *x, IrDtype t, const void *value);
void effect_result_tensor(Effect *x, IrDtype t, int64_t n, const void *data); /* of rank 1 */

RtEffect script_native_effect;
typedef int EffectFn(Effect *x);
#define EFFECT(name, meaning) EffectFn effect_##name;
#include "driver/effects.def"
#undef EFFECT

#endif
