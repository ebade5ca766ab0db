/* check_int.h - what the files of the checker share.
 *
 *     Tree ──names, types──▶ Val (a value while it is being checked) ──▶ Core (what is left for run time)
 *
 * One Fx is one function being checked with concrete element types. Statements go to the innermost Frame; an index scope, a
 * branch and a guard are frames of their own, so that what does not depend on an index can be placed outside of it.
 */
#ifndef MLC_FRONTEND_CHECK_INT_H
#define MLC_FRONTEND_CHECK_INT_H

#include "frontend/check/check_types.h"

#define W(f, id) ((f)->cx->w->id)

#define PUSH(f, v, x) vec_push((f)->a, (v), (x))

/* ---- core_build.c: nodes ---------------------------------------------------------------------------------- */
Core *core_new(Fx *f, CoreKind k, IrType t, int nkids);
Core *core_kids(Fx *f, CoreKind k, IrType t, int n, Core *const *kids);
Core *core_i64(Fx *f, int64_t v);
Core *core_number(Fx *f, IrDtype t, double v); /* a constant of any numeric dtype */
Core *core_bool(Fx *f, bool v);
Core *core_of_dim(Fx *f, Dim d);
Core *core_of_var(Fx *f, CoreVar *v);
Core *core_of_index(Fx *f, CoreIndex *x);
Core *core_op1(Fx *f, IrOp op, IrDtype t, Core *x);
Core *core_op2(Fx *f, IrOp op, IrDtype t, Core *x, Core *y);
Core *core_op3(Fx *f, IrOp op, IrDtype t, Core *x, Core *y, Core *z);
Core *core_load(Fx *f, Core *tensor, int n, Core *const *subs);
Core *core_map(Fx *f, int n, CoreIndex *const *idx, Core *body);
Core *core_reduce(Fx *f, RedOp op, int n, CoreIndex *const *idx, Core *body, Core *guard);
Core *core_slicebox(Fx *f, Core *tensor, Core *const *starts, Dim const *box); /* box[i] NULL drops the axis */
Core *core_if(Fx *f, Core *cond, Core *yes, Core *no);
Dim dim_of_core(Fx *f, const Core *c); /* of an i64 expression; NULL: it has no normal form */
bool core_is_const(const Core *c, double *v);
bool core_is_int_const(const Core *c, int64_t *v);
bool core_is_true(const Core *c);
IrType tensor_type(Fx *f, IrDtype t, int rank, Dim const *dims);

/* ---- core_clone.c: free variables, copies ------------------------------------------------------------------- */
typedef struct Subst { int n; CoreIndex *const *from; Core *const *to; Dim const *to_dim; Map vars, idx; Fx *f; int expand; } Subst;
enum { CLONE_NODES_MOST = 1 << 20 };
Core *core_clone(Fx *f, const Core *c, int n, CoreIndex *const *from, CoreIndex *const *to);
Core *core_clone_out(Fx *f, const Core *c, int n, CoreIndex *const *from, CoreIndex *const *to, int depth); /* without variables deeper than that */
Core *core_clone_to(Fx *f, const Core *c, int n, CoreIndex *const *from, Core *const *to, Dim const *to_dim);
Dim dim_at(Fx *f, Dim d, int n, CoreIndex *const *from, Dim const *to);
typedef struct Free { VEC(CoreIndex *) idx; int depth; int var_depth; bool inner; } Free; /* depth: of the innermost frame it needs */
Free core_free(Fx *f, const Core *c);
bool core_has(const Core *c, CoreKind k);
bool core_is_cheap(const Core *c);  /* may be written twice */
bool core_is_safe(const Core *c);   /* no fault, no subscript that conditions hold inside, no statement: may be evaluated anywhere */
Core *core_grouped(Fx *f, int n, CoreIndex *const *idx, Core *body);             /* the product of a sum in two groups, where that costs less */
Core *core_nested(Fx *f, int n, CoreIndex *const *idx, Core *body, Core *guard); /* a sum of sums, where that costs less; else NULL */
Core *core_terms(Fx *f, int n, CoreIndex *const *idx, Core *body, Core *guard);  /* a sum for each term, where one is a contraction; else NULL */
bool core_contracts(Fx *f, int n, CoreIndex *const *idx, const Core *body);      /* a product of which some factor lacks a free index of another */
IrOrder core_order(Fx *f, RedOp op, int n, CoreIndex *const *idx, const Core *body, const Core *guard);

/* ---- check_frame.c: frames, variables, placing ---------------------------------------------------------------- */
Frame *frame_push(Fx *f, FrameKind k);
Core *frame_pop(Fx *f, Core *value); /* value behind the frame's statements */
void frame_merge(Fx *f);             /* its statements go to the outer one */
Core *frame_pop_block(Fx *f);        /* a C_block of its statements */
void emit(Fx *f, Core *stmt);
void emit_at(Fx *f, Frame *at, Core *stmt);
CoreVar *var_new(Fx *f, Name name, Span s, IrType t, bool mut);
CoreIndex *index_new(Fx *f, Name name, Span s, Dim lo, Dim extent); /* in no frame yet */
void index_enter(Fx *f, CoreIndex *x); /* belongs to the frame; its range is a fact */
CoreIndex *index_copy(Fx *f, const CoreIndex *x);
Core *let_here(Fx *f, Core *value, const char *hint);  /* in the innermost frame */
Core *let_out(Fx *f, Core *value, const char *hint);   /* as far out as it can stand */
Core *let_stat(Fx *f, Core *value, const char *hint);  /* a scalar that does not need all indices: as a tensor over those it needs */
Core *let_table(Fx *f, Core *value, const char *hint); /* a scalar as a tensor over its indices; as it is if that cannot be */
Core *let_running(Fx *f, RedOp op, bool down, bool before, Core *value, CoreIndex *x);
bool frame_in_index(Fx *f);
bool frame_has_index(Fx *f, const CoreIndex *x); /* between the innermost block and here */
Core *running_reduce(Fx *f, RedOp op, const Group *g, Core *body); /* check_running.c; NULL: it is none */
bool is_addressable(const Core *c);
Core *addressable(Fx *f, Core *tensor); /* what elements may be read from */
CoreVar *snapshot(Fx *f, CoreVar *v);
Core *let_at(Fx *f, Frame *at, Core *value, const char *hint); /* a variable with that value, in this frame or one around */

/* ---- check_later.c: what an expression changes further on ---- */
bool later_begin(Fx *f, const Tree *t); /* of an outermost expression; false: one is being checked */
void later_end(Fx *f);
/* Statements inside an expression, or the text of a function that is called at s (s.file 0: where it stands), have expressions of their own. */
void later_inside(Fx *f, Later *outside, Span s);
/* Is the variable, read at s, changed by what stands behind s in the expression? Then the block in which a copy is made, else NULL. */
Frame *later_changes(Fx *f, Name n, Span s);
bool place_is_steady(Fx *f, const Tree *place); /* of a place that is read and then changed; else reported */
void path_cut(const Tree **a, const Tree **b); /* to as many steps from their variables as the shorter one has */
bool places_meet(const Tree *a, const Tree *b); /* are two places of variables certainly one, or one in the other? */
CoreVar *snap_find(Fx *f, const CoreVar *v); /* the copy that still holds, or NULL */
void snap_put(Fx *f, CoreVar *v, CoreVar *copy);
Frame *block_frame(Fx *f); /* the innermost block: statements before what is being evaluated go there */
void assigned(Fx *f, CoreVar *v);
typedef struct Trial { Diags *diags; Frame *frame; Snap *snaps; Facts *facts; Scope *scope; int vars, indices, plan, draws, models; } Trial;
Trial trial_begin(Fx *f);
void trial_end(Fx *f, Trial *t);

/* ---- check_home.c ---------------------------------------------------------------------------------------- */
Frame *frame_home(Fx *f, const Core *value);         /* the outermost frame in which it may be computed */
void emit_home(Fx *f, Frame *at, Core *stmt);        /* what has its home in `at`: under the conditions that it left, if it can fail */
bool home_is_block(Fx *f, const Core *value);        /* can it be made in the innermost block, though it can fail? */

Core *call_behind(Fx *f, int nchecks, Core *const *checks, Core *call, int n, const IrType *types);

/* ---- check_scope.c ---------------------------------------------------------------------------------------- */
Val *decl_value(Fx *f, Decl *d);         /* what a declaration is where it is named */
Scope *scope_push(Fx *f, ScopeKind k);
void scope_pop(Fx *f);
Ent *scope_add(Fx *f, EntKind k, Name n, Span s); /* reports a name declared twice in the scope, or an index that hides a variable */
Ent *scope_enter(Fx *f, Scope *at, EntKind k, Name n, Span s); /* no questions asked; n NULL: a name that nobody can say */
Ent *scope_find(Scope *s, Name n);                /* variables and indices only */
Ent *scope_own(const Scope *s, Name n);           /* of this scope alone; the one declared last */
Ent *scope_let(Fx *f, Name n, Span s, Val *v);
Decl *decl_find(Fx *f, Scope *s, Name n);
Val *name_value(Fx *f, const Tree *t);            /* of a name in an expression */
Val *ent_value(Fx *f, Ent *e, Span s);
Val *place_value(Fx *f, CoreSty *sty, CoreVar **leaves);
bool unknown_name(Fx *f, Span s, Name n); /* false: it was said before */
void unknown_type(Fx *f, Span s, Name n);

/* ---- check_val.c ------------------------------------------------------------------------------------------ */
Val *val_error(void);
Val *val_none(Fx *f);
Val *val_new(Fx *f, ValKind k);
Val *val_core(Fx *f, Core *c, bool weak);
Val *val_int(Fx *f, Core *c, Dim d);
Val *val_dim(Fx *f, Dim d);
Val *val_real(Fx *f, double v);
Val *val_bool(Fx *f, bool v);
Val *val_leaves(Fx *f, CoreSty *sty, Core **leaves); /* a value of this type from its leaves */
bool val_is_scalar(const Val *v);
bool val_is_tensor(const Val *v);
bool val_is_int(const Val *v);
bool val_is_str(const Val *v);
bool is_error(const Val *v);
const char *val_text(Fx *f, const Val *v);        /* its type, for messages */
CoreSty *val_sty(Fx *f, Val *v);                  /* NULL: not a value that is stored */
Val *val_plain(Fx *f, Val *v);                    /* a ratio becomes a real, a written list a tensor or a stacked list */
Val *val_unify(Fx *f, Val *v, CoreSty *sty, Span s, const char *what); /* converted to sty; reports */
Val *val_fill(Fx *f, Val *v, CoreSty *sty, Span s, const char *what);  /* a scalar fills a tensor, too */
Core *core_as(Fx *f, Val *v, IrDtype t, Span s);  /* scalar or tensor of dtype t by the implicit rules; NULL: reported */
Core *core_cast(Fx *f, Core *c, IrDtype t, IrOp op);
bool dtype_converts(IrDtype from, bool weak, IrDtype to);
bool dtype_join(const Val *a, const Val *b, IrDtype *t, bool *weak);
int val_leaves_of(Fx *f, Val *v, Core ***leaves); /* flattens a value of a stored type */
bool sty_equal(Fx *f, const CoreSty *a, const CoreSty *b);
int sty_nleaves(const CoreSty *s);
IrType *sty_leaf_types(Fx *f, const CoreSty *s, int *n);
CoreSty *sty_value(Fx *f, IrType t, bool weak);
CoreSty *list_sty(Fx *f, CoreSty *elem, Dim n);
CoreSty *sty_subst(Fx *f, const CoreSty *s, DimSubst g, void *user);

/* ---- check_dim.c ------------------------------------------------------------------------------------------ */
Dim dim_of(Fx *f, Val *v, Span s);                /* as a dim (a ratio must be whole); NULL: reported */
Dim dim_expr(Fx *f, const Tree *t);
Dim dim_int(Fx *f, int64_t v);
bool dim_at_entry(Fx *f, Dim d);
bool dim_of_effect(Dim d);                        /* of sizes that effects give, and such that are known at entry */
void take_for_granted(Fx *f, PlanKind k, Dim a, Dim b);
bool dim_has_index(Dim d);
bool dims_equal(Fx *f, Dim a, Dim b);
const char *dim_say(Fx *f, Dim d);
bool size_known(Fx *f, Dim d, Span s);            /* E0306 if a tensor of this size has no place at entry */
/* A condition that must hold: proved, or a row of the plan, or a check where it stands; E0309 if it cannot hold. */
bool oblige(Fx *f, PlanKind k, Dim a, Dim b, Span s, const char *text);
bool dim_known_at_entry(Fx *f, Dim d);            /* dim_at_entry, where values that `var` parameters have at entry count, too */
void check_statement(Fx *f, Core *cond, int code, const char *text, Span s);
void assume(Fx *f, const Cond *c);
const Cond *cond_new(Fx *f, Rel r, Dim a, Dim b, const Cond *next);
const Cond *cond_join(Fx *f, const Cond *a, const Cond *b);
void facts_push(Fx *f);
Dim dim_subst_syms(Fx *f, Dim d, Map *syms);      /* DimSym -> Dim */

/* ---- check_fits.c: ints beyond 2^63 ------------------------------------------------------------------------- */
bool int_fits(Fx *f, Dim d);                      /* is its value sure to fit, and each step to it? */
bool oblige_fits(Fx *f, Dim d, Span s);           /* as `oblige`: it fits */
bool oblige_size(Fx *f, Dim d, Span s);           /* as `oblige`: an axis of a tensor that a function gets may have it */
Val *int_of_sizes(Fx *f, Dim d, Span s);          /* a dim at entry as a value; that it fits is a condition, or asked where it is computed */
Val *int_made(Fx *f, IrOp op, Core *a, Core *b, Dim d, Span s); /* of i64 values; d: in normal form, or NULL */
bool oblige_range(Fx *f, Dim d, Span s);          /* the same, of an end or the length of a range, which may have indices around it */
Val *int_abs(Fx *f, Core *x, Dim d, Span s); /* d: of x in normal form, or NULL */
Core *core_asked(Fx *f, IrOp op, Core *x, Core *y, Span s); /* iadd, isub, imul */
bool int_sum_fits(Fx *f, const Group *g, const Val *v, Span s); /* of v over g: sure, or a condition at entry now */
bool int_power_fits(Fx *f, const Core *a, const Core *k);
Core *int_power_asked(Fx *f, Core *a, Core *k, Span s); /* check_fits_reduce.c, and: */
Core *int_reduce(Fx *f, RedOp op, const Group *g, const Val *v, Span s); /* a sum or product that is asked; NULL: it need not be */
bool core_is_asked(const Core *c);                /* does something in it fault where an int does not fit? */
Core *core_unasked(Fx *f, Core *c);               /* c without these questions, as far as its value, which fits, does not need them */
bool always_runs(Fx *f);                          /* check_index.c: no condition stands around here */

/* ---- check_type.c, check_sig.c ---------------------------------------------------------------------------- */
CoreSty *type_of(Fx *f, const Tree *t);           /* NULL: reported */
/* The type of a parameter: what is written, or its default's; the default's value goes to `fallback`, NULL if it has none. NULL: reported. */
CoreSty *param_type(Fx *f, const Tree *p, Val **fallback);
IrDtype dtype_named(Fx *f, Name n, bool *weak);
bool sig_infer(Fx *f, const Tree *params, const Tree *result, Env *env, Val **args); /* args by parameter, or NULL */
void sig_bind(Fx *f, Struct *self, const Tree *statics, const Tree *params, const Tree *result, const Tree *where);
bool env_equal(const Env *a, const Env *b);
/* check_absent.c: absent values from statement to statement of a script */
void absent_meanings(ScriptUses *st); /* before the statement's own variables are there */
void absent_read(ScriptUses *st, CoreStmt *out, const ScriptResult *r);
void absent_keep(ScriptUses *st, CoreStmt *out, ScriptResult *r);
void absent_prune(CoreModule *m);     /* of a script that is all there: what nobody reads is not kept */

Ent *param_entry(Fx *f, Name n, Span s, CoreSty *sty, bool var, bool named);
int static_place(const Inst *in, int k);
DimSym *sig_new_dim(Sig *g, Name n, Span s);
Sig *sig_script(Fx *f);
void sig_script_param(Sig *g, int param, DimSym *size);
void sig_script_value(Sig *g, DimSym *size, Dim value, Span s);
void sig_order_rows(Fx *f); /* of the plan: names are bound before they are used */
DimSym *sig_script_solve(Sig *g); /* a symbol that nothing tells, or NULL */

/* ---- check_expr.c ------------------------------------------------------------------------------------------- */
Val *expr(Fx *f, const Tree *t);
Val *whole_expr(Fx *f, const Tree *t); /* a subscript or size: quotients in its sum of products are whole */
Val *expr_plain(Fx *f, const Tree *t);
Val *expr_want(Fx *f, const Tree *t, CoreSty *want, const char *what);
Core *expr_bool(Fx *f, const Tree *t, Val **v);   /* a scalar condition */
Val *if_expr(Fx *f, const Tree *t);
bool source_range(Fx *f, const Tree *t, Dim *lo, Dim *extent); /* a..b; false: it is none */
Val *as_expr(Fx *f, const Tree *t);
Val *bigop_expr(Fx *f, const Tree *t);
Val *chain_expr(Fx *f, const Tree *t);
Val *not_value(Fx *f, Val *v, Span s);
Val *logic_expr(Fx *f, const Tree *t);

/* ---- check_arith.c ------------------------------------------------------------------------------------------ */
Val *arith(Fx *f, Name op, Val *a, Val *b, Span s);
Val *negate(Fx *f, Val *v, Span s);
Val *compare(Fx *f, Name op, Val *a, Val *b, Span s);
typedef Val *(*ScalarN)(Fx *f, const void *user, int n, Val **args, Span s);
Val *elementwise(Fx *f, int n, Val **args, ScalarN g, const void *user, Span s); /* broadcasting */
Val *elementwise_set(Fx *f, int n, Val **given, ScalarN g, const void *user, Span s); /* the same, and of parameter sets */

/* ---- check_tensor.c ------------------------------------------------------------------------------------------- */
Val *matmul(Fx *f, Val *a, Val *b, Span s);
Val *transpose(Fx *f, Val *x, Span s);
Val *stack(Fx *f, int n, Val **parts, Span s);
Core *zero_of(Fx *f, IrType t); /* a value of the type that is 0 */
Val *fill(Fx *f, Core *x, int rank, Dim *dims); /* every element is the scalar x */
Val *val_at(Fx *f, Val *tensor, int n, CoreIndex *const *idx); /* element at indices of the leading axes */
Val *tabulate(Fx *f, int n, CoreIndex *const *idx, Val *body, Span s); /* leaves the frame of idx: a tensor with these axes, then the body's */

/* ---- check_index.c ------------------------------------------------------------------------------------------- */
Val *index_expr(Fx *f, const Tree *t);
Val *index_list(Fx *f, Val *list, const Tree *t);
typedef struct Sub { Core *start; Dim dim, extent, stride; bool whole; const Tree *tree; } Sub; /* extent NULL: one place */
int subs_of(Fx *f, const Tree *list, const IrType *t, Span s, Sub *subs); /* one per axis; -1: reported */
Core *checked(Fx *f, Val *v, Dim extent, Span s);
Val *coalesce(Fx *f, const Tree *t);

/* ---- check_range.c --------------------------------------------------------------------------------------------- */
typedef struct Binder { Name name; Span span; Group *group; bool written, pack, told; Dim lo, extent; const Tree *tree; } Binder; /* told: a place says how many axes a pack has */
bool binders_of(Fx *f, const Tree *subs, int *n, Binder *b);
void binders_enter(Fx *f, int n, Binder *b); /* into the scope, without ranges */
/* given: dims known from elsewhere (`from`), or NULL. */
bool ranges_find(Fx *f, int n, Binder *b, Dim const *given, const char *from, Span from_span, int nbodies, const Tree *const *bodies);
bool ranges_search(Fx *f, int n, Binder *b, const Tree *body, const Tree **bad); /* bad: something indexed that is wrong itself */
void ranges_settle(Fx *f, Binder *b);
void range_help(Fx *f, const Tree *index, const Val *v, int n, Binder *b, Dim const *ranges); /* check_suggest.c */
typedef struct Origin { Dim dim; Span span; const char *text; const Tree *tree; } Origin;

/* ---- check_op.c -------------------------------------------------------------------------------------------------- */
typedef struct OpRef { Decl *decl; int row; bool is_map; } OpRef; /* declared, or a row of builtins */
bool op_named(Fx *f, const Tree *base, OpRef *op);
bool op_scope(Fx *f, const Tree *base, bool *binds);
Val *op_use(Fx *f, const Tree *base, const Tree *subs, const Tree *guard, const Tree *args, Span s);
Val *reduce_value(Fx *f, RedOp op, Group *g, Val *v, Span s);
Val *op_axis(Fx *f, OpRef op, const Tree *args, Span s);
Val *set_norm(Fx *f, Val *set, Span s);
Val *map_use(Fx *f, const Tree *subs, const Tree *args, Span s);

void check_op_decl(Fx *f, Decl *d);
struct Draw;
Val *op_categorical(Fx *f, const Tree *subs, const Tree *guard, const Tree *args, struct Draw *d, Span s);
Val *gumbel(Fx *f, struct Draw *d, Val *logit, CoreIndex *v);

/* ---- check_call.c, check_apply.c ----------------------------------------------------------------------------------- */
Val *call_expr(Fx *f, const Tree *t);
Val *call_fn(Fx *f, Val *fn, const Tree *args, Span s);
Val *call_decl(Fx *f, Val *fn, const Tree *args, Val *key, Span s); /* key: of a draw, for the parameter of that name; else NULL */
bool takes_key(Fx *f, const Val *fn);
void check_extern(Fx *f, const Decl *d);
Val *call_extern(Fx *f, const Decl *d, const Tree *args, Span s); /* a C function, element by element */
Val *call_inline(Fx *f, Decl *d, int n, Val **args, Span s); /* an elementwise function, written out */
Val *inline_block(Fx *f, const Tree *body, CoreSty *result, Span s, const char *what); /* a body in the scope of its parameters; result NULL: not said */
Val *var_argument(Fx *f, const Tree *t);
Inst *inst_get(Fx *f, Decl *d, Struct *self, const Env *env, Span s);
bool inst_usable(Fx *f, Inst *in, Span s, const char *name);
const char *row_text(Fx *f, PlanKind k, Dim a, Dim b);

/* ---- check_struct.c, check_member.c, check_new.c -------------------------------------------------------------------- */
Struct *struct_get(Fx *f, Decl *d, const Env *env, Span s);
CoreSty *struct_type(Fx *f, Decl *d, const Tree *args, Span s, bool quiet);
CoreSty *struct_type_arg(Fx *f, const CoreSty *sty, int k);
void struct_number(Fx *f, Struct *st, Name n, Span s, Scope *named);
/* check_bind.c: inputs of models */
void input_numbers(Fx *f, Struct *st, Field *fd, const Tree *t); /* before its type is read */
CoreSty *part_inputs(Fx *f, Struct *st, CoreSty *sty, Name part); /* the numbers of a part's inputs become numbers of the whole */
int struct_nheader(const Struct *st);
int hidden_number(Fx *f, Struct *st, const char *name, Span s, Scope *named, Dim unbound); /* unbound NULL: it belongs to no input */
bool input_is_set(Fx *f, const CoreSty *sty, const Field *fd, Span s); /* false: reported */
bool input_row(Fx *f, const PlanRow *r, Dim have, Span s, bool *ok); /* false: it is another condition */
bool dim_of_input(Dim d); /* it is known only where the model is */
Val *input_unset(Fx *f, CoreSty *want, Span s);
Dim struct_subst(void *sty, DimSym *s); /* a number of a struct type: its value */
const Tree *struct_params(const Decl *d); /* of the header; or NULL */
const Tree *struct_members(const Decl *d);
bool struct_header(Fx *f, Decl *d, const Tree *args, Span s, Val **vals); /* a value for each header parameter; an int is a dim */
bool is_static_value(const Val *v); /* part of the type, not a number of it */
Dim struct_hidden_arg(Fx *f, const Struct *st, int i, Span s);
void struct_owed(Fx *f, const Struct *st, CoreSty *sty, Span s);
Field *field_add(Fx *f, Struct *st, FieldKind k, const Tree *t);
void field_leaves_add(Fx *f, Struct *st, Field *fd);
void struct_scope(Fx *f, Struct *st, CoreSty *sty); /* its names with the numbers that this type has */
/* check_adapt.c, check_select.c, check_lift.c: adapters */
void adapter_header(Fx *f, Struct *st);
void adapter_compare(Fx *f, Struct *st);
CoreSty *part_adapted(Fx *f, Struct *st, CoreSty *sty, Name part); /* of a model that has adapted parts: the part's type in it; NULL: as it is declared */
const char *struct_name(Fx *f, const Struct *st);
Val *adapter_value(Fx *f, Decl *d, const Tree *args, Span s);
CoreSty *adapted_type(Fx *f, const Tree *args, Span s); /* of adapt(Type, A(..), at: "..") */
bool is_adapt(Fx *f, const Tree *name);
Decl *adapter_target(Fx *f, const Decl *adapter, bool tell); /* the model after `for`; NULL: it is none */
void adapter_base(Fx *f, Env *env, const Struct *model);
int adapt_depth(const Struct *st); /* how many adapters stand over one another */
Val *adapt_lift(Fx *f, Val *v, CoreSty *want, Span s); /* a value of the type before adapt; what adapters store gets its initial value */
Val *trainable_value(Fx *f, const Val *v); /* tuned.trainable; NULL: no part is adapted */
/* The same of variables, as a place: *leaves and *n become those of the set. NULL: no part is adapted. */
CoreSty *trainable_place(Fx *f, const CoreSty *model, CoreVar ***leaves, int *n);
bool path_is_trainable(Fx *f, const Tree *path); /* tuned.trainable where a type stands; `tuned` is no module */
CoreSty *trainable_type(Fx *f, const Tree *path); /* NULL: reported */
Val *trainable_update(Fx *f, Name op, const Val *net, const Val *set, Span s); /* NULL: set is none of net's */
Decl *path_decl(Fx *f, const Tree *path);
void struct_paths(Fx *f, const CoreSty *s, const char *prefix, int stack, const char **out, int *stacks, int *n);
void struct_where(Fx *f, const Tree *t);
CoreSty *part_type(Fx *f, const Tree *t, bool *is_type);
Field *field_find(Struct *s, Name n);
Val *field_value(Fx *f, Val *v, const Field *fd);
Val *member(Fx *f, Val *v, Name n, Span s, Span at);
Val *member_expr(Fx *f, const Tree *t);
Val *self_member(Fx *f, Scope *s, Name n, Span at, bool *found);
Val *struct_new(Fx *f, Decl *d, const Tree *args, Span s);
Val *struct_make(Fx *f, CoreSty *sty, Map *vals, Span s);
Val *field_initial(Fx *f, Struct *st, const Field *fd, CoreSty *sty, Val *base, Span s); /* base: of an adapter, else NULL */
Val *base_of(Fx *f, Val *v);
Val *level_of(Fx *f, Val *whole, const Struct *owner);
Field *method_find(Struct *st, Name n); /* its own, or one of its base */
void self_scope(Fx *f, const Decl *method, Val *whole); /* the scopes around a method's parameters */
Val *number_value(Fx *f, const CoreSty *sty, Name n);
Core *fold_name(Fx *f, Core *key, const char *name);
Core *model_key(Fx *f);
void structs_init(Cx *cx);
Val *list_at(Fx *f, Val *list, Core *at, Dim dim);

/* ---- check_stmt.c, check_assign.c, check_fn.c, check_draw.c, check_rec.c ---------------------------------------------- */
Val *block_value(Fx *f, const Tree *t);   /* items of a block in a scope of its own; its value */
Val *body_items(Fx *f, const Tree *t);
Val *items_value(Fx *f, const Tree *list, bool tail);
void statement(Fx *f, const Tree *t);
void assign_statement(Fx *f, const Tree *t);
void assign_value(Fx *f, const Tree *left, Val *v, Span s);
void while_statement(Fx *f, const Tree *t);
void for_statement(Fx *f, const Tree *t);
void jump_statement(Fx *f, const Tree *t, CoreKind k);
Core *stmt_new(Fx *f, CoreKind k, Span s, int n, Core *const *kids);
bool stmt_needs_block(Fx *f, Span s, const char *what); /* reports what stands inside an index scope */
void stmt_impure(Fx *f);
void return_statement(Fx *f, Val *v, Span s);
void let_pattern(Fx *f, const Tree *pattern, Val *v);
Ent *var_declare(Fx *f, Name n, Span s, CoreSty *sty, Val *v);
Val *bound_value(Fx *f, Name n, Val *v);  /* as a variable, unless it is simple */
Val *source_at(Fx *f, Val *list, CoreIndex *x);
bool loop_range(Fx *f, const Tree *t, Val **list, Dim *lo, Dim *extent); /* a range (list NULL), a list, a zip; false: reported */
Core *steady(Fx *f, Core *c);
CoreVar **temp_vars(Fx *f, CoreSty *sty, const char *hint, Span s);
Val *equation_value(Fx *f, const Tree *subs, const Tree *body, CoreSty *out, IrDtype want, Span s, bool drawn); /* want: of elements, or DT_none */
bool draw_binds(const Tree *dist);         /* categorical[v](logits): a distribution with an index of its own */
Val *draw(Fx *f, const Tree *t, int n, CoreIndex *const *idx, IrDtype want, Span s);
Val *draw_param(Fx *f, const Tree *e, IrType t, Core *key, Span s);
void rec_statement(Fx *f, const Tree *t);
Fx *fx_new(Cx *cx, Fx *caller, Name name, Span s);
void check_body(Fx *f, Inst *in);
Val *self_param(Fx *f, Struct *st);
void not_yet(Fx *f, DiagCode c, Span s, const char *what);
void not_yet_like(Fx *f, const CoreFn *callee);

/* ---- check_builtin.c, check_effect.c ---------------------------------------------------------------------------------- */
void builtins_init(Cx *cx);
int builtin_find(Fx *f, Name n);           /* -1: none */
const char *builtin_name(int row);
bool builtin_is_op(int row);
bool builtin_is_cum(int row);
bool builtin_is_compact(int row);
RedOp builtin_redop(int row);
Val *builtin_call(Fx *f, int row, const Tree *args, Span s);
Val *min_max(Fx *f, bool max, Val *a, Val *b, Span s);
const char *effect_find(Name n);
bool effects_allowed(Fx *f, Span s, const char *what);
void effect_seen(Inst *in, const char *what, Span s); /* the function has this effect */
void effect_note(Fx *f, const Inst *in); /* names it behind an error */
Val *effect_of_values(Fx *f, const char *name, int n, Val **args, const char *what, Span s);
Val *effect_call(Fx *f, Name n, const Tree *args, Span s);
void effect_progress_step(Fx *f, CoreIndex *x, Span s);
void effect_progress_end(Fx *f, Span s);
void grow_declare(Fx *f, Name n, Span s);
void grow_holds(Fx *f, Ent *e);
Val *grow_value(Fx *f, Ent *e, Span s);
void grow_assign(Fx *f, const Ent *e, const Val *v, Span s);
Val *effect_as(Fx *f, const Tree *call, const Tree *type);

/* ---- check_decl.c, check_script.c --------------------------------------------------------------------------------------- */
Unit *unit_load(Fx *f, const char *path, const char *importer, Span s);
typedef void LetName(void *user, Name n, const Tree *t);
void each_let(const Tree *t, LetName *g, void *user); /* names that the statement t gives a value at the top of a file: let, var, rec */
void unit_collect(Fx *f, Unit *u, const Tree *file, bool replace);
void let_help(Fx *f, const Unit *u, Name n);
void unit_help(Fx *f, const Unit *from, Name n); /* the module has no such name */
Name import_name(const Tree *t); /* that an import without a list of names declares */
/* What names of a session mean before an input (check_undo.c). */
typedef struct Meaning { Name name; void *decl, *let; } Meaning;
typedef struct Before { Ent *script, *unit; int order, named, vars, statements; VEC(Meaning) meanings; } Before;
Before *undo_mark(Fx *f, const Tree *file);
void undo(Fx *f, const Before *b);
void decl_annotations(Fx *f, Decl *d);
void script_check(Cx *cx, Unit *u, const Tree *file, bool more);
Val *script_read(Fx *f, Ent *e, Span s);
const Tree *unit_constant(const Unit *u, Name n);   /* a constant that importing files may read: its `let`, or NULL */
Val *unit_constant_value(Fx *f, Unit *u, Name n, Span s);
Val *script_let(Fx *f, Name n, Span s); /* a constant of the script in a function; NULL: there is none of that name */

/* ---- check_foreign.c ------------------------------------------------------------------------------------------------------- */
void module_help(Fx *f, const char *path); /* of a module that is not found */
bool library_help(Fx *f, Name n); /* a module of the library has it */
bool foreign_help(Fx *f, Name n); /* to the last error: what a word of another language is here; false: nothing is known of it */
void method_help(Fx *f, Name n);

/* ---- check_warn.c, lint.c ------------------------------------------------------------------------------------------------ */
void warning(Cx *cx, DiagCode c, Span s, const char *help, const char *fmt, ...) __attribute__((format(printf, 5, 6))); /* help: or NULL */
void warn_comparison(Fx *f, const Tree *t, int i, const Val *a, const Val *b); /* operator i - 1 of a chain: a op b */
void warn_guard(Fx *f, const Tree *t);
void warn_draw(Fx *f, Span s); /* one that names no key */
void warn_bounds(Fx *f, Dim d, Dim extent, Span s); /* a subscript that is checked for each element */
void warnings_tell(Cx *cx, bool right); /* right: the file has no error */
void lint(Cx *cx, const Tree *file, bool session);

const char *source_text(Fx *f, Span s); /* as it is written; "" of no place */
void note_call(Cx *cx, int errors, Name callee, Span s); /* to the last of the errors beyond `errors`, which stands in the callee's text */
void report(Fx *f, DiagCode c, Span s, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
