/* pass_int.h - what the passes share: the context and small questions about nodes. */
#ifndef MLC_PASS_INT_H
#define MLC_PASS_INT_H

#include "passes/passes.h"

typedef struct PassCx {
    Arena *arena;
    IrModule *module;
    const PassOptions *options;
    Buf *errors;
    Map sym_nodes; /* DimSym -> the node whose value it is; built before each pass that follows one which changed something */
    struct { const struct IrFn *fn; uint32_t made, dropped; int changed; } noted; /* when it was built */
    Map stored;    /* of `online`: tensors that are needed as such, whatever becomes of their other readers */
    Map bare;      /* maps that run down, whose first place is not added to 0 (online_running.c) */
    Map begun;     /* those of a loop that began with a tensor */
    Map strips;    /* loops over strips, in which what is stored is small */
    int changed;
} PassCx;

#define PASS(name, level, meaning) bool pass_##name(PassCx *cx, IrFn *fn);
#include "passes/passes.def"
#undef PASS

bool pass_fail(PassCx *cx, const IrNode *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The value of an i64 node as a Dim; an opaque one gets a symbol of its own (node->sym). */
Dim pass_dim_of(PassCx *cx, IrNode *n);
Dim pass_dim_through(PassCx *cx, IrNode *n); /* what arithmetic says, where pass_dim_of may say no more than its symbol */
/* Indices, sizes and constants, added up: pass_dim_of gives it no symbol of its own. */
bool pass_is_affine(const IrNode *x);
/* Does n need a parameter of r (directly, through operands inside r, or through dims)? */
bool pass_depends(PassCx *cx, const IrNode *n, const IrRegion *r);
bool pass_depends_on(PassCx *cx, const IrNode *n, const IrNode *index);
void pass_note_cone(const IrRegion *r, const IrNode *n, Map *cone); /* what n is computed from, in r: keys of the map */
bool pass_dim_depends(PassCx *cx, Dim d, const IrRegion *r); /* the same of a size or bound; NULL: no */
bool pass_dim_depends_on(PassCx *cx, Dim d, const IrNode *index);
/* The region that lies directly in `outer` and holds n, or n itself if it stands in outer: its node there. NULL if n is not inside. */
IrNode *pass_ancestor_in(IrNode *n, const IrRegion *outer);
bool pass_asks_again(PassCx *cx, const IrNode *load, IrNode *const *index, int n); /* for an element that other values of the indices, which it uses, have asked for (asks.c) */
bool pass_is_subscript(const IrNode *load, const IrNode *index); /* one of them as it is */
bool pass_from_zero(const IrNode *index);                        /* its first place is 0 for sure */
Dim pass_end_of(PassCx *cx, const IrNode *index); /* where its range ends, if it has a place: of a length max(0, end - begin), the end */
bool pass_is_whole(const IrNode *index); /* it runs from 0 to its extent, without bounds of its own */
/* Does x stand before `place`, or around it? Not in another region beside it. */
bool pass_is_before(const IrNode *x, const IrNode *place);
/* n, and what it needs of what stands behind `place`, before that; false: something may not (may NULL: all may), or needs sizes that are known later (cx NULL: not asked). */
bool pass_move_up(PassCx *cx, IrNode *n, IrNode *place, bool (*may)(const void *user, IrNode *n), const void *user);
bool pass_is_fault(const IrNode *n);          /* n itself can fault; pass_faults: or what stands in it */
/* Can n (and all it computes inside) run at any time without a fault or a read outside of a tensor? */
bool pass_is_inside(PassCx *cx, const IrNode *load, int i); /* is subscript i (from 1) inside of its axis, whatever the indices around it are? */
bool pass_is_total(PassCx *cx, const IrNode *n);
IrNode *pass_root(IrNode *buffer); /* what a view views, else the buffer itself */
void pass_each_bound(const IrNode *n, void (*f)(void *, DimSym *), void *user); /* symbols of the dim that it is, and of its regions' indices */
void pass_each_dim(const IrNode *n, void (*f)(void *, DimSym *), void *user); /* symbols of the dims that it and its regions' indices say */
void pass_inline_checks(PassCx *cx, IrFn *fn); /* a choice for what relies on a check of an element */
IrNode *pass_keeps_symbol(PassCx *cx, IrNode *n, IrNode *by);
bool pass_is_spoken_of(const IrNode *n);            /* spoken.c: does a dim where n can be seen say its symbol? */
void pass_forget_symbols(PassCx *cx, IrFn *fn);    /* of values within loops, where no dim says them */
void pass_drop_cone(IrNode *n, const IrRegion *r); /* n, which nobody uses any more, and what in r it alone was made of; r NULL: what faults nowhere but by a subscript, up to maps */
bool pass_is_tensor(const IrNode *n);
bool pass_holds_tensors(const IrNode *n); /* is one computed inside of n? */
void pass_each_map(PassCx *cx, IrRegion *r, void (*f)(PassCx *cx, IrNode *map)); /* in loops and choices of the function, too; f may replace it */
void pass_note_symbols(PassCx *cx, IrRegion *r);
bool pass_known_at_entry(const IrFn *fn, Dim d); /* made of its dims and `int` parameters: so is the arena's size */
bool pass_known_by_shapes(const IrFn *fn, Dim d); /* of its dims alone, of which tensors exist: what grows with it is not larger than these */
Dim pass_bytes(PassCx *cx, IrType t); /* of a tensor's elements */
/* ---- what --explain-fusion tells (explain.c); nothing happens unless somebody asks */
void pass_remark(PassCx *cx, PassChoice choice, const IrNode *tensor, const char *why);
void pass_explain(PassCx *cx, IrFn *fn); /* what is stored, of tensor IR as `tile` gets it */
typedef struct PassTurn { const IrNode *index, *bounds; } PassTurn; /* bounds: the index whose `from` and `to` hold, or the same */
typedef VEC(PassTurn) PassTurns; /* inner loops first */
/* How often a nest turns within its bounds (turns.c), of fn's dims; *narrowed: that is less than the product of all extents. */
Dim pass_turns(PassCx *cx, const IrFn *fn, const PassTurns *t, bool *narrowed);
Dim pass_turns_whole(PassCx *cx, const PassTurns *t); /* without bounds */
Dim pass_turns_inside(PassCx *cx, const IrNode *n); /* of the indices of n's region */
typedef struct PassCost { Dim flops, bytes; } PassCost;
PassCost pass_cost(PassCx *cx, IrNode *map); /* of the function's dims; NULL where they do not tell, or nobody asks */
void pass_explain_plain(PassCx *cx, IrFn *fn); /* explain_plain.c: kernels of tile IR without lanes, or for one thread */
void pass_explain_regions(PassCx *cx, IrFn *fn); /* how many parallel regions the kernels make, a turn of a loop once */
void pass_explain_arena(PassCx *cx, IrFn *fn, int waste, int most, const int64_t *live); /* per cent; of tensors, of scratch: bytes; plan_entry.c */
bool pass_slides(PassCx *cx, const IrNode *reduce, const IrNode *row, const IrNode *lane); /* window.c: a sum over few neighbours, along the row, of what lies in lanes */
bool pass_is_part(const IrNode *map);         /* share.c: it holds parts of one reduction */
const char *pass_why_stored(PassCx *cx, IrNode *map); /* fuse.c */
bool pass_faults(const IrNode *n);            /* fuse_faults.c: it, or what stands in it, can fault */
bool pass_loses_faults(PassCx *cx, const IrNode *map); /* computed where it is read it might not: no load surely asks for every element */
void pass_leave_faults(PassCx *cx, IrNode *map); /* what can fault in it is done before it, unless its readers do */
bool pass_leave_faults_of(PassCx *cx, IrNode *map, const IrNode *reader, IrNode *const *going, int n, Buf *over); /* the same of one of n maps that go together, into reader; true: for all sizes, and appended is over which indices */
bool pass_covers_faults(PassCx *cx, const IrNode *reader, const IrNode *map, Dim *empty); /* fault_cover.c: all that may fault in the map does in the reader, wherever; unless the size *empty is 0 (NULL: always) */
bool pass_repeats_fault(PassCx *cx, const IrNode *map, const IrNode *fault, const IrNode *other); /* of two in one map: wherever the first is asked for, so is the other, which is equal */
bool pass_search_faults(PassCx *cx, IrBuilder b, const IrNode *map, Buf *over); /* fault_slice.c: at b, what can fault in the map's elements, over the indices that it needs; false: nothing can. over: where these are named, or NULL */
bool pass_search_some(PassCx *cx, IrBuilder b, const IrNode *map, IrNode *const *faults, int n); /* the same of these n of them only */
bool pass_limits(const IrNode *n, int64_t *lo, int64_t *hi); /* limits.c: numbers between which an integer lies; false: not known, or beyond 64 bits */
void pass_sizes_fit(PassCx *cx, IrFn *fn); /* arithmetic of the function's sizes alone that fits for all that tensors may have is not asked for faults */
bool pass_never_faults(PassCx *cx, IrNode *n); /* fault_slice.c: what the ranges of indices and sizes keep inside */
void pass_quiet_fault(PassCx *cx, IrNode *n); /* fault_quiet.c: n, and what stands in it */
void pass_quiet_faults(PassCx *cx, IrRegion *r); /* fault_quiet.c: nothing in it faults any more; where it would have, values are defined and of no use */
Facts *pass_ranges_around(PassCx *cx, const IrRegion *r); /* sizes are not negative, and indices of r and around it lie in their ranges */
Dim pass_decide(PassCx *cx, Facts *f, Dim of); /* without the quotients, remainders, minima and maxima of which f knows what they are */
bool pass_is_blank(const IrNode *map); /* no element is defined: memory that others fill */
IrNode *pass_identity(IrBuilder *b, RedOp op, IrDtype t); /* of an operator that combines */
void pass_guard_choice(PassCx *cx, IrNode *reduce, bool any); /* guard_choice.c: guarded by the condition outside of which it takes its operator's identity; any: not only where that compares places */
IrNode *pass_guard(const IrRegion *r); /* second operand of its yield, or NULL */
IrNode *pass_opposite(IrBuilder *b, IrNode *x);         /* condition.c: what holds where the condition x does not; NULL: no more can be said of it than `not` */
IrNode *pass_joined_condition(IrBuilder *b, IrNode *c, IrNode *yes, IrNode *no); /* the choice of two values of which one is a known bool: `and` or `or`; else NULL */
bool pass_open_choice(PassCx *cx, IrNode *n, bool loads); /* `if` likewise, where the other branch may be asked always (loads: and reads); `if c { false } else { y }` becomes `if not c { y } else { false }`; whether anything changed */
IrNode *pass_and_then(const IrNode *n);  /* of `if c { .. } else { false }`, an `and` whose right side may fail: c; else NULL */

/* The choice is known to take region k: what that computes stands in its place. */
void pass_take_branch(IrNode *choice, int k);

typedef struct SymMap { DimCx *dims; Map syms; } SymMap; /* DimSym -> Dim */
SymMap symmap_new(PassCx *cx);
void symmap_put(SymMap *m, DimSym *s, Dim d);
IrNode *pass_copied(PassCx *cx, IrBuilder *b, IrNode *n, const IrRegion *r, Map *nodes, SymMap *syms); /* n, and what of r it needs that is not in nodes yet, at b */
void pass_copy_index(PassCx *cx, IrRegion *in, IrNode *old, Map *nodes, SymMap *syms);
Dim symmap_subst(void *m, DimSym *s); /* a DimSubst */

#endif
