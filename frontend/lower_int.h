/* lower_int.h - what the files of lowering (lower*.c: checked tree to tensor IR) share.
 *
 * A Core expression has two IR values: its number, and whether it is present (NULL: always). The rule of use is
 *
 *     low_present(e)   the predicate; safe to evaluate anywhere
 *     low_value(e)     the number, emitted at the builder's place: evaluated only where the predicate holds, because that place
 *                      is a region under it, or because the caller yields the predicate as the region's guard
 *     low_read(e)      the number, 0 where absent: safe anywhere
 */
#ifndef MLC_FRONTEND_LOWER_INT_H
#define MLC_FRONTEND_LOWER_INT_H

#include "frontend/frontend.h"

/* Statuses of faults: values of the binary interface (runtime/status.def), fixed for ever. */
enum { FAULT_index = 9, FAULT_divide = 10, FAULT_range = 11, FAULT_check = 12 };

typedef struct LowVal { IrNode *value, *present; } LowVal;

/* One lowered version of a function. Which arguments may be absent is part of it; results that may be absent are followed, after all
 * results proper, by their predicates. */
typedef struct LowFn {
    struct LowFn *next;     /* of CoreFn.lowered */
    IrModule *module;
    bool cleared;           /* absent results were read as 0, as C and scripts want them: not for calls from functions */
    bool keeps;             /* some result is followed by its predicate: not for C and scripts */
    bool *absent_param;
    bool *absent_result;    /* of the value's leaves (without `var` ones) */
    IrFn *ir;
} LowFn;

/* Values that control flow carries beside the variables, as further slots of the environment. NULL: its usual value. */
enum { SLOT_alive, SLOT_again, SLOT_returned, SLOT_result0 }; /* usually true, true, false; result0 + k: leaf k of the result */

typedef struct Low {
    IrModule *m;
    Diags *diags;
    CoreFn *fn;
    LowFn *version;
    IrFn *ir;
    IrBuilder b;
    bool *absent;           /* by CoreVar.id: may the variable be absent (scan) */
    int nvars, nslots;
    LowVal *env;            /* by CoreVar.id, then nvars + SLOT_...; value NULL: not defined here */
    VEC(int) declared;      /* slots defined in open scopes, to be undefined at their ends */
    IrNode **index;         /* by CoreIndex.id */
    Map syms;               /* DimSym of the front end -> Dim of the IR */
    Map sym_nodes;          /* DimSym of the IR -> IrNode */
    const CoreRec *rec;     /* the group evaluated last, in this region */
    IrRegion *rec_region;
    int nreturns, nresults; /* results: without `var` leaves; inside a scope: its own */
    const IrType *result_types;
    bool absent_return;     /* some return gives a value that may be absent */
    bool keeps;             /* absent results stay absent, with their predicates as further results */
    bool want_alive, want_again, want_returned; /* is somebody going to look at the flag */
    bool failed;
} Low;

/* A list of statements and what follows it. */
typedef struct Cont { Core *const *kids; int n; const struct Cont *next; } Cont;

/* lower.c */
LowFn *low_version(IrModule *m, CoreFn *fn, const bool *absent_param, bool entry, Diags *d);
void low_fail(Low *l, Span at, const char *what);

/* lower_env.c */
Arena *low_arena(const Low *l);
Dim low_dim(Low *l, Dim d);
Dim *low_dims(Low *l, Dim const *dims, int n);
IrType low_type(Low *l, IrType t);
IrNode *low_asked_dim(Low *l, const Core *e);       /* of a `dim` that is `checked`: lower_asked.c */
IrNode *low_dim_node(Low *l, Dim d);              /* of a front end dim, as i64 */
Dim low_value_dim(Low *l, IrNode *n, Name name);  /* the value of an integer node; one that is opaque gets a symbol */
void low_bind_sym(Low *l, DimSym *s, IrNode *n);  /* s now stands for n's value */
void low_bind_index(Low *l, CoreIndex *x, IrNode *n);
void low_define(Low *l, CoreVar *v, LowVal x);
int low_slot(const Low *l, int slot);
IrNode *low_bool(Low *l, bool v);
IrNode *low_and(Low *l, IrNode *a, IrNode *b);    /* either may be NULL: true */
IrNode *low_zero(Low *l, IrType t);               /* IR type; tensors: a map */
int low_open(Low *l);
void low_close(Low *l, int mark);
IrBuilder low_enter(Low *l, IrRegion *r);         /* builds in r; gives the builder to go back to */

/* lower_absent.c */
void low_scan(Low *l, const Core *body);          /* fills l->absent; lowers the versions of callees that it meets */
bool low_may_absent(const Low *l, const Core *e);
IrNode *low_present(Low *l, const Core *e);
IrNode *low_presence(Low *l, const Core *e);      /* of a C_present: the predicate as a value */
bool low_is_total(const Low *l, const Core *e);   /* cheap, and can neither fault nor read outside of a tensor */
LowFn *low_callee(Low *l, const Core *call);

/* lower_expr.c */
IrNode *low_value(Low *l, const Core *e);
IrNode *low_read(Low *l, const Core *e);
IrNode *low_truth(Low *l, const Core *e);
IrNode *low_and_then(Low *l, IrNode *c, const Core *e, IrNode *(*f)(Low *, const Core *)); /* c and, where it holds, f(e) */

/* lower_tensor.c */
LowVal low_tensor(Low *l, const Core *e);
IrNode *low_tensor_read(Low *l, const Core *e);
IrNode *low_clear(Low *l, LowVal x);              /* a tensor with 0 where it is absent */
IrNode **low_map_indices(Low *l, IrRegion *r, CoreIndex *const *indices, int n); /* from 0; binds the CoreIndex values */
IrNode *low_whole(Low *l, IrNode *tensor, IrRegion *r, IrNode **subs); /* indices over a tensor's axes in r; its element there */

/* lower_rec.c */
LowVal low_rec(Low *l, const Core *e);
LowVal low_cum(Low *l, const Core *e);

/* lower_flow.c */
enum { ESC_break = 1, ESC_continue = 2, ESC_return = 4 };
int low_escapes(const Core *s);
void low_list(Low *l, const Cont *k);
void low_branch(Low *l, IrNode *cond, const Cont *then, const Cont *other);
IrNode *low_if_value(Low *l, const Core *e);      /* C_if as an expression; absent branches read as 0 */
void low_scope(Low *l, const Core *s);
LowVal *low_env_copy(const Low *l);
IrNode *low_slot_value(Low *l, int slot, LowVal x, IrType like); /* x, or the slot's usual value; like: of undefined results */

/* lower_loop.c */
void low_while(Low *l, const Core *s);
void low_for(Low *l, const Core *s);

/* lower_stmt.c */
void low_stmt(Low *l, const Core *s);             /* one that cannot leave its list */

#endif
