/* core_int.h - struct bodies and helpers shared by the files of the core: contexts, sessions, calls, handles.
 *
 *     context.c slot.c tensor.c cpu.c     what outlives a call
 *     invoke.c                            one call: args.c -> plan.c -> frame.c (memory) -> the body -> fault.c
 *     pool.c watch.c                      threads: work and deadlines
 *     handle*.c prep.c                    models and structs
 */
#ifndef RT_CORE_INT_H
#define RT_CORE_INT_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "files_int.h" /* rt_context_is, _alloc, _fail */
#include "mem.h"
#include "mlcrt.h"
#include "slot.h"
#include "status.h"

/* Element types by the number that MlcrtLeaf.dtype has. */
enum {
    RT_DT_none,
#define DTYPE(name, file_name, code, bits) RT_DT_##name,
#include "dtype.def"
#undef DTYPE
    RT_DT_key,
    RT_DT_str,
    RT_DT_count
};

typedef struct RtType {
    const char *name;
    uint8_t code, bits; /* DLPack's; bits 0: never an element of a tensor */
    uint8_t bytes;
} RtType;
extern const RtType rt_types[RT_DT_count];

/* ---- context ---------------------------------------------------------------------------------------------- */

struct RtSlotBlock;
typedef struct RtSlots {
    struct RtSlotBlock *blocks;
    RtSlot *oldest, *newest;
    size_t nfree;
} RtSlots;

typedef struct RtPool RtPool;
typedef struct RtWatch RtWatch;

typedef struct RtShared RtShared;
enum { RT_SHARED_BUCKETS = 256 };

struct MlcrtContext {
    uint64_t magic;
    MlcrtAlloc alloc;   /* the embedder's */
    MlcrtAlloc counted; /* the same, counted against the budget; user is the context */
    MlcrtOptions options;
    uint64_t features;  /* MLCRT_CPU_* of this machine */
    _Atomic uint64_t allowed; /* those that the system was asked for */
    _Atomic uint64_t held, most;
    pthread_mutex_t lock; /* slots, shared memory, error, deadlines */
    RtSlots slots;
    RtShared *shared[RT_SHARED_BUCKETS];
    RtError error;
    _Atomic uint32_t *alive; /* a word that fork clears in the child, see rt_context_forked */
    int pid;            /* not 0: compared instead */
    RtPool *_Atomic pool;
    RtWatch *watch;
};

void rt_context_lock(MlcrtContext *c);
void rt_context_unlock(MlcrtContext *c);
/* Repairs locks and threads in the child of a fork; cheap if there was none. Called before a lock is taken or a thread needed. */
void rt_context_forked(MlcrtContext *c);
bool rt_slots_idle(const RtSlots *t);
void rt_slots_drop(MlcrtContext *c);
uint64_t rt_cpu_features(void);
/* Asks the system for registers that it hands out on request only (AMX); a larger signal frame is the price, so it is done when
 * a module needs them. */
bool rt_cpu_allow(uint64_t features);
const char *rt_cpu_missing(uint64_t features); /* the name of one of them */

/* Memory of tensors that the library gives away; NULL: none. Released only through rt_tensor_release (NULL is ignored). */
void *rt_tensor_memory(MlcrtContext *c, uint64_t bytes);
bool rt_tensor_release(MlcrtContext *c, void *data); /* false: not of this context */

/* ---- session ---------------------------------------------------------------------------------------------- */

typedef struct RtFault {
    _Atomic int32_t lock;
    _Atomic int64_t check; /* INT64_MAX: none */
    _Atomic int64_t element;
    int64_t value, extent;
} RtFault;

struct RtBox;

/* A tensor of the arena and its place; best: of the best order so far. */
typedef struct RtLife { int64_t size, at, best; double weight; int32_t first, last; } RtLife;
enum { RT_LIFE_ROOM = 3 }; /* int32_t that placing wants for each */

/* The last places of a function, and room behind them. */
typedef struct RtPlaces {
    const MlcrtFn *fn;
    RtLife *lives;
    size_t size;
    int64_t bytes;   /* of the arena */
    int32_t placed;  /* how many; 0: none */
} RtPlaces;
enum { RT_PLACES = 8 }; /* functions that a session calls in turn */

/* What one call works on; the arrays lie in one block that only grows. */
typedef struct RtFrame {
    MlcrtCall call; /* leaf, dims, arena, prep */
    int64_t stop;   /* of the call and its copies */
    struct RtSession *session;
    const MlcrtFn *fn;
    const int64_t **shape;    /* of each leaf */
    struct RtBox **box;       /* of each parameter that is a handle, else NULL */
    RtSlot **entered;         /* handles to leave afterwards */
    RtSlot **made;            /* of each parameter that is a new handle: the result, the caller's on success; else NULL */
    struct RtRange *ranges;   /* memory of arguments, for the overlap check */
    int64_t (*slots)[2];      /* of each leaf that is a scalar */
    int32_t nentered, nranges, nwritten;
    char *block, *arena, *blank; /* blank: what stands for tensors that are empty; NULL: there were none yet */
    size_t block_size, arena_size, blank_size;
    RtPlaces places[RT_PLACES];
    int32_t next_places;      /* of which the next new function takes the memory */
    uint64_t beside;          /* most bytes of such a tensor, without its axes of 0 */
    RtFault fault;
} RtFrame;

typedef struct RtRange { uintptr_t lo, hi; int32_t param; bool written; } RtRange;

/* A script effect: the driver's. `in` and `out` as in MlcrtRt.effect. A status other than 0 ends the call with it. */
typedef MlcrtStatus RtEffect(void *user, const MlcrtCall *c, int64_t number, void **in, void **out);

typedef struct RtSession {
    RtFrame frame;
    MlcrtContext *context;
    RtSlot *slot;
    MlcrtError error;
    RtError text;
    char *details; /* of the error */
    size_t details_size;
    _Atomic int32_t cancelled;
    _Atomic int64_t deadline; /* CLOCK_MONOTONIC ns; 0: none */
    struct RtSession *next_watched;
    void (*mark)(void *user, const char *where, int64_t flops, int64_t bytes); /* of code that is profiled; NULL: nobody asks */
    void *mark_user;
    RtEffect *effect;
    void *effect_user;
    MlcrtStatus effect_status;
} RtSession;

struct MlcrtSession { RtSlot slot; };
struct MlcrtHandle { RtSlot slot; };

/* The session behind a handle, taken for one call; NULL with *status if it is none, freed or busy. Its error is cleared. */
RtSession *rt_session_enter(MlcrtSession *s, MlcrtStatus *status);
void rt_session_leave(RtSession *s);

/* Where a failure is. */
typedef struct RtPlace { const char *file, *argument; int32_t line, column, position; } RtPlace;
extern const RtPlace rt_nowhere;

/* Sets the session's error (and logs it); returns `status`. Cold: what leads to it is compiled for size. */
MlcrtStatus rt_session_fail(RtSession *s, MlcrtStatus status, RtPlace place, const char *format, ...)
    __attribute__((cold, format(printf, 4, 5)));
MlcrtStatus rt_session_fail_error(RtSession *s, const RtError *err) __attribute__((cold));
/* The same with more than a sentence, memory of the context's counted allocator that becomes the session's; NULL: none. */
MlcrtStatus rt_session_fail_details(RtSession *s, const RtError *err, char *details, size_t size) __attribute__((cold));
MlcrtStatus rt_session_fail_memory(RtSession *s, uint64_t bytes) __attribute__((cold));

/* ---- a call ----------------------------------------------------------------------------------------------- */

extern const MlcrtRt rt_table;

/* Leaf parameters and leaf results. */
static inline int32_t rt_leaves(const MlcrtFn *fn) { return fn->nleaves + fn->nresults; }

MlcrtStatus rt_frame_reserve(RtSession *s, RtFrame *f, const MlcrtFn *fn);
MlcrtStatus rt_frame_arena(RtSession *s, RtFrame *f);
MlcrtStatus rt_lives_reserve(RtSession *s, RtFrame *f, RtPlaces **p);
MlcrtStatus rt_lives_bytes(RtFrame *f, RtPlaces *p, int64_t *need);  /* sets the dims that are places */
int64_t rt_lives_least(const RtLife *l, int32_t n);                  /* bytes: the most that lives at one time */
int64_t rt_lives_place(RtLife *l, int32_t n, int64_t held, int32_t *room); /* sets `best` of each; bytes, as few as it finds or `held` at most */
MlcrtStatus rt_frame_blank(RtSession *s, RtFrame *f); /* for leaves without memory */
static inline bool rt_is_blank(const RtFrame *f, const void *leaf) { return leaf && leaf == f->blank; }
void rt_frame_drop(MlcrtContext *c, RtFrame *f);

MlcrtStatus rt_args_bind(RtSession *s, RtFrame *f, void *const *args);
MlcrtStatus rt_args_results(RtSession *s, RtFrame *f, void *const *args);
MlcrtStatus rt_args_finish(RtSession *s, RtFrame *f); /* after the body; the last that may fail */
void rt_args_commit(RtFrame *f, void *const *args);
void rt_args_undo(RtSession *s, RtFrame *f, void *const *args);
void rt_args_leave(RtFrame *f);

/* Compact, row-major, aligned, of that element type; the same for one argument of anything. */
MlcrtStatus rt_tensor_check(RtSession *s, const MlcrtTensor *t, int32_t dtype, int32_t rank, const char *name, int32_t position,
                            uint64_t *bytes);

MlcrtStatus rt_plan_run(RtSession *s, RtFrame *f);
/* Evaluates a postfix program; OK, EDIVIDE, ESHAPE (a division that is not whole) or ELIMIT (overflow, or a bad program). */
MlcrtStatus rt_dim_eval(const int64_t *program, const int64_t *dims, int32_t ndims, int64_t *value);
/* The same as text, "2 * D", at most `room` bytes. */
void rt_dim_text(const int64_t *program, const char *const *names, int32_t ndims, char *text, size_t room);
/* "D is 64 (axis 3 of 'q'), H is 2" for every dim of the program, appended. */
void rt_dim_where(const RtFrame *f, const int64_t *program, char *text, size_t room);
/* "not 64", "but D is 64 (axis 3 of 'q')" or "but 2 * D is 128: D is 64 (axis 3 of 'q')". */
void rt_dim_expected(const RtFrame *f, const int64_t *program, int64_t value, char *text, size_t room);

MlcrtStatus rt_module_check(RtSession *s, const MlcrtModule *m);
/* Runs the body of a frame that is ready; a fault, cancel or deadline becomes the error. */
MlcrtStatus rt_frame_body(RtSession *s, RtFrame *f);
MlcrtStatus rt_fault_report(RtSession *s, RtFrame *f);

void rt_fault(const MlcrtCall *c, int64_t check, int64_t element, int64_t value, int64_t extent);
double rt_math1(int64_t op, double x);
double rt_math2(int64_t op, double x, double y);
void rt_sort_rows(const MlcrtCall *c, int64_t dtype, const void *x, int64_t rows, int64_t n, int64_t k, int32_t descending,
                  void *values, int64_t *indices, void *scratch);

/* ---- threads ---------------------------------------------------------------------------------------------- */

void rt_parallel(const MlcrtCall *c, MlcrtKernel *k, int64_t n, int64_t grain);
void rt_phases(const MlcrtCall *c, const MlcrtPhase *p, int64_t count, int64_t work);
void rt_pool_free(MlcrtContext *c, bool forked);
MlcrtStatus rt_watch_set(MlcrtContext *c, RtSession *s, int64_t deadline); /* 0: no more */
void rt_watch_again(MlcrtContext *c, RtSession *s); /* the session has a deadline; after a fork nobody watches it */
void rt_watch_free(MlcrtContext *c, bool forked);
sigset_t rt_host_signals(void); /* that threads of ours take none of: all but those that an instruction of theirs raises, which a handler of the host may see */
int64_t rt_now(void);

/* Compiled code computes with MXCSR 0x1F80: nearest, no flushing, nothing trapped. */
enum { RT_MXCSR = 0x1F80 };
#if defined(__x86_64__)
static inline uint32_t rt_mxcsr_get(void) { return __builtin_ia32_stmxcsr(); }
static inline void rt_mxcsr_set(uint32_t v) { __builtin_ia32_ldmxcsr(v); }
#else
static inline uint32_t rt_mxcsr_get(void) { return RT_MXCSR; }
static inline void rt_mxcsr_set(uint32_t v) { (void)v; }
#endif

/* ---- handles ---------------------------------------------------------------------------------------------- */

/* Memory that nobody writes: shared, or of one owner; given: as in RtBoxLeaf (share.c). */
typedef struct RtMemory { RtShared *shared; char *data; uint64_t bytes; bool given; } RtMemory;
/* It becomes that of others in the context with the same bytes, and its own is let go. Small memory, or without memory for a note: as it is. */
void rt_memory_share(MlcrtContext *c, RtMemory *m);
/* The same once more; false: it is not shared. */
bool rt_memory_again(MlcrtContext *c, const RtMemory *m, RtMemory *again);
void rt_memory_drop(MlcrtContext *c, RtMemory *m);
/* Of its own, to be written; false: no memory. */
bool rt_memory_own(MlcrtContext *c, RtMemory *m);

typedef struct RtBoxLeaf {
    const char *path;
    int32_t dtype, rank, nstack, role;
    int64_t *shape;
    char *data;      /* NULL with bytes > 0: only a prepared form is kept (prep_plain.c); of a model memory of its own */
    uint64_t bytes;  /* of its elements, one after the other */
    uint64_t stored; /* that it takes in memory: less, if they are packed */
    int32_t form;    /* MlcrtForm of its memory; other than plain only in models */
    bool given;      /* of a model: the memory is that of a tensor (tensor.c) */
    RtShared *shared; /* of a model: the memory is that of other leaves, too (share.c); NULL: its own */
} RtBoxLeaf;

enum { RT_ROLE_FIELD, RT_ROLE_PARAM, RT_ROLE_FROZEN, RT_ROLE_INPUT }; /* LeafRole of the checker */

struct RtPrepared;

/* A model or struct. Holds no pointer into the module that made it. */
typedef struct RtBox {
    MlcrtContext *context;
    char *name;
    uint64_t hash;
    bool is_model;
    int32_t nnumbers, nleaves;
    int64_t *numbers;
    const char **number_names;
    RtBoxLeaf *leaves;
    size_t size;       /* of the block with this struct and all that the above point to, but the data */
    char *data;        /* of a struct: all leaves, each 64-byte aligned; scalars have 16 bytes */
    size_t data_size;
    struct RtPrepared *_Atomic prepared;
    _Atomic bool fresh; /* something was prepared since rt_prep_settle */
} RtBox;

/* A box with its shapes, for numbers that are all known, and then its memory, cleared; or that of one leaf of a model. */
/* The type of a handle; NULL: of another parameter. Types may be added to a module while other threads call. */
const MlcrtStruct *rt_type_of(const MlcrtModule *m, const MlcrtParam *p);
MlcrtStatus rt_box_new(RtSession *s, const MlcrtStruct *type, const int64_t *numbers, RtBox **box);
MlcrtStatus rt_box_memory(RtSession *s, RtBox *b);
MlcrtStatus rt_box_leaf_memory(RtSession *s, RtBox *b, int32_t leaf);
void rt_leaf_let_go(RtBox *b, int32_t leaf); /* of a model */
RtMemory rt_leaf_take(RtBox *b, int32_t leaf); /* the same, but the memory is the caller's */
void rt_leaf_share(RtBox *b, int32_t leaf);  /* of a model that is as it will stay */
MlcrtStatus rt_leaf_own(RtSession *s, RtBox *b, int32_t leaf); /* of a model: before it is written; nobody else is in the box */
void rt_box_drop(MlcrtContext *c, void *box);
/* The box becomes a handle, which owns it; if that fails it is dropped. */
MlcrtStatus rt_box_publish(RtSession *s, RtBox *b, MlcrtHandle **handle);
/* One element of a list's leaf, or the whole leaf of nstack 0, in `data`, which is laid out as the leaf is. */
MlcrtTensor rt_box_element(const RtBoxLeaf *l, const char *data, int64_t element);
/* Do files have a tensor for it? */
bool rt_box_is_stored(const RtBoxLeaf *l);
/* What the numbers must fulfil. */
MlcrtStatus rt_box_oblige(RtSession *s, const MlcrtStruct *type, const int64_t *numbers);

/* Refuses a module or type that cannot be made here, and numbers that are NULL. */
MlcrtStatus rt_handle_type(RtSession *s, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers);

/* How a handle's leaves come about: `ask` refuses what `fill` could not use, before any memory is taken, which `fill` does; both get `from`. */
typedef struct RtMaking {
    const MlcrtModule *module;
    const MlcrtStruct *type;
    const int64_t *numbers;
    MlcrtStatus (*ask)(RtSession *s, const MlcrtStruct *t, const void *from);
    MlcrtStatus (*fill)(RtSession *s, const MlcrtStruct *t, RtBox *b, const void *from);
} RtMaking;
MlcrtStatus rt_handle_make(MlcrtSession *session, const RtMaking *k, const void *from, MlcrtHandle **handle);
/* As mlcrt_handle_from_tensors, of tensors of the context: a model takes over their memory. What is left is the caller's. */
MlcrtStatus rt_handle_take_tensors(MlcrtSession *session, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers,
                                   MlcrtTensor *leaves, MlcrtHandle **handle);

/* The contents of a handle, entered shared or alone by a call that is not an invoke; NULL with the session's error. */
RtBox *rt_handle_enter(RtSession *s, MlcrtHandle *h, bool alone, MlcrtStatus *status);

/* Solves open numbers (-1) that occur in dim program `p`, whose value is `v`; true if it found one. */
bool rt_number_solve(const int64_t *p, int64_t *numbers, int32_t n, int64_t v);

/* In which form a function takes a leaf: the one that it has, or plain. Leaf: counted among those of the function; results are plain. */
static inline int32_t rt_form_taken(const MlcrtFn *fn, int32_t leaf, int32_t form)
{
    return fn->forms && leaf < fn->nleaves && (fn->forms[leaf] >> form & 1) ? form : MLCRT_FORM_PLAIN;
}
/* The code was not made for this form: it asked for others only. */
static inline bool rt_form_refused(const MlcrtFn *fn, int32_t leaf, int32_t form)
{
    return fn->forms && leaf < fn->nleaves && fn->forms[leaf] && !(fn->forms[leaf] >> form & 1);
}
/* Whether all functions of m that take such handles take the leaf in this form; true if there are none. */
bool rt_form_fits(const RtBox *b, const MlcrtModule *m, int32_t leaf, int32_t form);

/* A leaf as it is in the language, for a moment: its own memory, or unpacked into memory that rt_plain_give takes back. */
typedef struct RtPlain { const char *data; char *owned; size_t bytes; } RtPlain;
MlcrtStatus rt_plain_take(RtSession *s, const RtBox *b, int32_t leaf, RtPlain *p);
void rt_plain_give(const RtBox *b, RtPlain *p);
/* The same for as long as the box lives; calls that share it may ask at once. */
MlcrtStatus rt_plain_keep(RtSession *s, RtBox *b, int32_t leaf, void **data);
/* The leaf in the form that it has, though only a prepared one was kept; for as long as the box lives. */
MlcrtStatus rt_form_keep(RtSession *s, RtBox *b, int32_t leaf, void **data);
/* All leaves as they are in the language, in their own memory and in no other, for a call that has the box alone and writes it. */
MlcrtStatus rt_plain_all(RtSession *s, RtBox *b);

/* Pointers to prepared tensors for f->call.prep; computes those that are not there yet. */
MlcrtStatus rt_prep_bind(RtSession *s, RtFrame *f);
/* Computes what the functions of a module want prepared of a model, or of one leaf, and lets go of what they read in prepared forms only.
 * Before the box is published: nobody else is in it. */
MlcrtStatus rt_prep_module(RtSession *s, RtBox *b, const MlcrtModule *m);
MlcrtStatus rt_prep_leaf(RtSession *s, RtBox *b, const MlcrtModule *m, int32_t leaf);
void rt_prep_drop(RtBox *b);
/* After a call of fn: where it prepared something of a model that was there before fn was, what all functions of the module so far take in prepared
 * forms only is let go, if no other call is in the model. Functions may be added to the module meanwhile (MlcrtModule in abi.h). */
void rt_prep_settle(const MlcrtFn *fn, void *const *args);

/* For one who has the box alone and gives it to one function after the other: before a call of fn, whose parameter it is, each leaf takes
 * the forms that fn wants of it and no other; after it, one of them. A leaf that fn does not look at stays as it is. Without memory a
 * leaf has some more or other form, which a call can do with. */
MlcrtStatus rt_prep_turn(RtSession *s, RtBox *b, const MlcrtFn *fn, int32_t param);
void rt_prep_rest(RtBox *b, const MlcrtFn *fn, int32_t param);

#endif
