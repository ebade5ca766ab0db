/* abi.h - layouts that generated objects and the runtime share. Internal and versioned: MLCRT_ABI changes with any change here.
 *
 * Everything an object says about itself is constant data (MlcrtModule and what hangs on it), walked by the runtime: entry plans
 * and sizes are small postfix programs over the function's dims, so an object holds no checking code of its own.
 * C11; pointers are relocations into the object itself.
 */
#ifndef MLCRT_ABI_H
#define MLCRT_ABI_H

#include <stdint.h>

#define MLCRT_ABI 7

typedef struct MlcrtKey { uint64_t w[2]; } MlcrtKey;

/* Operations of rt->math1 and math2. Not the numbers of operations of the IR, which may change: take MLCRT_M_<name>. */
enum {
#define MATH(name, number, in, value) MLCRT_M_##name = number,
#include "math.def"
#undef MATH
};

/* Postfix programs on a stack of at most 32 int64: each op is one int64, CONST and DIM are followed by an operand word. */
typedef enum MlcrtDimOp {
    MLCRT_D_END, MLCRT_D_CONST, MLCRT_D_DIM, MLCRT_D_ADD, MLCRT_D_SUB, MLCRT_D_MUL, MLCRT_D_FLOORDIV, MLCRT_D_MOD,
    MLCRT_D_EXACTDIV, MLCRT_D_MIN, MLCRT_D_MAX
} MlcrtDimOp;

/* Element types: low byte as in DLPack plus ours; see ir/dtypes.def for the order (the value is IrDtype). */

/* Forms of the memory of a weight whose elements are f32 in the language. Blocks run along the last axis; a block is an f16 scale d, then the numbers:
 * Q8_0 32 x i8 q, d * q; Q4_0 16 x 2 x u4 q, d * (q - 8), the low halves are elements 0 to 15. As in GGUF; same order as ir/forms.def. */
typedef enum MlcrtForm { MLCRT_FORM_PLAIN, MLCRT_FORM_Q8_0, MLCRT_FORM_Q4_0, MLCRT_FORMS } MlcrtForm;

typedef enum MlcrtPlanOp { /* one row of an entry plan, in order; same meaning as PlanKind of the checker */
    MLCRT_P_BIND,   /* dim[dst] = axis of leaf tensor */
    MLCRT_P_NUMBER, /* dim[dst] = number `axis` of the handle `param` */
    MLCRT_P_SCALAR, /* dim[dst] = integer scalar leaf */
    MLCRT_P_SOLVE,  /* dim[dst] = a / b, whole (b NULL: a) */
    MLCRT_P_AXIS,   /* axis of leaf == a */
    MLCRT_P_NUMEQ,  /* number of handle == a */
    MLCRT_P_EQ, MLCRT_P_NE, MLCRT_P_LE, MLCRT_P_LT, MLCRT_P_DIVIDES
} MlcrtPlanOp;

typedef struct MlcrtPlanRow {
    int32_t op, dst, param, leaf, axis, line, column, reserved;
    const int64_t *a, *b;  /* postfix programs */
    const char *text;      /* what the row says, in the user's words: "T <= S", "q has D = 64 as axis 3" */
} MlcrtPlanRow;

typedef struct MlcrtLeaf { /* a leaf parameter or result of a function, or a leaf of a struct */
    const char *path;      /* inside its parameter, "" for the parameter itself; "layers.*.wq.weight" */
    int32_t dtype, rank;
    int32_t nstack, role;  /* struct leaves: leading list axes; LeafRole */
    const int64_t *const *dims; /* rank postfix programs: over the function's dims, or the struct's numbers */
} MlcrtLeaf;

typedef enum MlcrtParamKind { MLCRT_PARAM_TENSOR, MLCRT_PARAM_SCALAR, MLCRT_PARAM_HANDLE } MlcrtParamKind;
enum { MLCRT_VAR = 1, MLCRT_NAMED = 2, MLCRT_RESULT = 4, MLCRT_DEFAULT = 8 };

typedef struct MlcrtParam { /* as in the C signature, in its order: parameters, then results */
    const char *name, *type;    /* type in the language's words */
    int32_t kind, flags, dtype, first, nleaves, strct; /* strct: index in MlcrtModule.structs, -1 if none */
    uint64_t fallback[2];       /* bits of the default of a named scalar */
    const int64_t *const *numbers; /* of a result that is a handle: programs of its header numbers, over the function's dims; else NULL */
} MlcrtParam;

typedef struct MlcrtCheck { int32_t code, line, column, reserved; const char *file, *text; } MlcrtCheck;

typedef struct MlcrtCall MlcrtCall;
typedef void MlcrtBody(MlcrtCall *c);

/* A tensor of the arena whose place is computed at entry (lives.c): dims[dim], bytes from its beginning. */
typedef struct MlcrtLife {
    int32_t dim, like;             /* like: the first one of as many bytes for all sizes */
    int32_t first, last;           /* those that live at one time are apart */
    int32_t bytes;                 /* where its postfix program begins in MlcrtFn.sizes; of one that is like another no more is said */
} MlcrtLife;

typedef struct MlcrtFn {
    const char *name, *symbol, *doc, *signature, *file;
    int32_t nparams, nleaves, ndims, nplan, nchecks, nvars; /* nleaves: of parameters; there are nresults more */
    const MlcrtParam *params;
    const MlcrtLeaf *leaves;       /* leaf parameters, then leaf results that are not var (result i of the value) */
    int32_t nresults, nscratch;    /* leaf results without var ones; nscratch: bytes of one task's scratch */
    const char *const *dim_names;
    const MlcrtPlanRow *plan;
    const MlcrtCheck *checks;
    const int64_t *arena;          /* postfix program: bytes of the arena; of nlives it is what they take */
    MlcrtBody *body;
    const struct MlcrtPrep *preps; /* prepared tensors it uses, see below */
    int32_t npreps, line;
    const char *const *effects;    /* names of script effects, in the order of rt->effect's number */
    int32_t neffects, nlives;
    const struct MlcrtModule *module; /* the one it belongs to; never NULL */
    const unsigned char *unread;   /* for each leaf parameter 1 if the body takes prepared forms of it only, or nothing; NULL: it reads them all */
    const unsigned char *forms;    /* for each leaf parameter bit f if it may come in MlcrtForm f (0: plain only); NULL: all plain */
    const MlcrtLife *lives;        /* none: the places of the arena are fixed functions of the dims, as its size is */
    const int64_t *sizes;          /* programs of lives, one behind the other */
    int32_t nsizes, reserved;      /* words */
} MlcrtFn;

/* A prepared tensor: computed once from one leaf of a handle when it is loaded (packing, transposing); fn has that leaf as its only
 * parameter and the prepared tensor as its only result. Two functions of a module share equal ones by `key`.
 * panel > 0: the form is the leaf with `axis` cut into panels (the last one padded), the place within a panel last, so that the leaf
 * itself can be had back: element [.., i, .., k] is [.., i / panel, .., k, i % panel]. panel 0: some other form.
 * form: of the leaf's memory from which it is computed, a function of bytes then [.., k / 32, byte of the block]; the panel is
 * [.., i / panel, .., k / 32, byte, i % panel], but the scales stand first, as panel f16 in a row; q4_0 is [.., i / panel, ..,
 * k / 64, 8 words (k % 8 / 2 the byte, k % 2 its half) of each lane, then the scales of two blocks]. Where the leaf has another form the
 * tensor is not there, and the body does not ask for it.
 * tiled > 0: axis tiled - 1 is cut into groups of 32, too, and places of a pair are neighbours (a tile of AMX): element [.., i, .., k, ..]
 * is [.., i / 16, .., k / 32, k % 32 / 2 * 32 + i % 16 * 2 + k % 2], wherever the axis of k was; panels are an even number, zeros stand beyond the ends.
 * Of bytes axis tiled - 1 is cut into groups of 4, any number of panels: [.., i / 16, .., k / 4, i % 16 * 4 + k % 4]. */
typedef struct MlcrtPrep {
    const struct MlcrtFn *fn;
    int32_t param, leaf; /* leaf: counted within param */
    uint64_t key;
    int32_t axis, panel;
    int32_t form, tiled;
} MlcrtPrep;

typedef struct MlcrtStruct {
    const char *name, *doc;
    int32_t is_model, nnumbers, nleaves, id;
    const char *const *numbers;    /* names */
    const MlcrtLeaf *leaves;
    const MlcrtFn *init;           /* from numbers (dims 0..nnumbers-1) and perhaps a Key; NULL if there is none */
    uint64_t type_hash;            /* equal types in different modules have equal hashes */
} MlcrtStruct;

/* A module of libmlc grows while others call its functions: what an array has so far never changes, and it is written before its number is. */
typedef struct MlcrtModule {
    uint32_t abi, size;            /* MLCRT_ABI, sizeof(MlcrtModule) */
    const char *name, *target;     /* target CPU name */
    uint64_t features;             /* CPUID features it needs: MLCRT_CPU_* */
    int32_t nfns, nstructs;
    const MlcrtFn *const *fns;
    const MlcrtStruct *const *structs;
} MlcrtModule;

enum { MLCRT_CPU_AVX2 = 1, MLCRT_CPU_FMA = 2, MLCRT_CPU_F16C = 4, MLCRT_CPU_BMI2 = 8, MLCRT_CPU_AVX512 = 16 /* F BW CD DQ VL */,
       MLCRT_CPU_AVX512BF16 = 32, MLCRT_CPU_AVX512FP16 = 64, MLCRT_CPU_AMX_BF16 = 128, MLCRT_CPU_AMX_INT8 = 256, MLCRT_CPU_SSE42 = 512,
       MLCRT_CPU_AVX512VNNI = 1024, MLCRT_CPU_AVXVNNI = 2048 };

typedef void MlcrtKernel(const MlcrtCall *c, int64_t first, int64_t last);

/* A kernel of a region: it may begin when all phases of the region up to number `after` are done (-1: at once). env: its scalars
 * (MlcrtCall.locals[0]; locals[1] is 0 where it begins). grain as in `parallel`. */
typedef struct MlcrtPhase { MlcrtKernel *kernel; void *env; int64_t n, grain, after; } MlcrtPhase;
enum { MLCRT_PHASES_MOST = 24 };

typedef struct MlcrtRt { /* functions that generated code may call; no other undefined symbol than memcpy memmove memset and mlcrt_invoke */
    void (*parallel)(const MlcrtCall *c, MlcrtKernel *k, int64_t n, int64_t grain); /* runs [0, n) in tasks of about grain points */
    void (*fault)(const MlcrtCall *c, int64_t check, int64_t element, int64_t value, int64_t extent); /* keeps the smallest (check, element); any thread */
    void (*effect)(const MlcrtCall *c, int64_t number, void **in, void **out); /* script effects: pointers to leaves (tensor data or scalars) and the dims by MlcrtCall */
    double (*math1)(int64_t op, double x);            /* op: MLCRT_M_<name of the operation>; f64 and rare functions, scalar */
    double (*math2)(int64_t op, double x, double y);
    /* the k first of each row of n in sorted order (ascending; descending: largest first; stable, NaN is largest), and their
     * places; k <= n; values or indices may be NULL; scratch: 16 * n bytes, aligned to 8 */
    void (*sort)(const MlcrtCall *c, int64_t dtype, const void *x, int64_t rows, int64_t n, int64_t k, int32_t descending, void *values, int64_t *indices, void *scratch);
    /* before a kernel with where NULL, behind it with its place in the program, floating point operations and bytes (0: unknown); code
     * that is to be profiled only */
    void (*mark)(const MlcrtCall *c, const char *where, int64_t flops, int64_t bytes);
    /* runs up to MLCRT_PHASES_MOST kernels; after one of them *c->stop ends the region. work: about cycles in those kernels that are worth
     * several threads, which decides whether others than the calling one take part */
    void (*phases)(const MlcrtCall *c, const MlcrtPhase *p, int64_t count, int64_t work);
    void *reserved[6];
} MlcrtRt;

enum { MLCRT_STOP_FAULT = 1, MLCRT_STOP_CANCEL = 2, MLCRT_STOP_DEADLINE = 4 }; /* bits of *MlcrtCall.stop */

struct MlcrtCall {
    void **leaf;                /* data pointers: leaf parameters, then leaf results; scalars: pointer to their 16-byte slot */
    int64_t *dims;
    char *arena;                /* 64-byte aligned */
    void **prep;                /* prepared tensors */
    unsigned char *form;        /* MlcrtForm of the memory of each leaf parameter */
    volatile int64_t *stop;     /* not 0 there after a fault, a cancel or a deadline: the body returns after the kernel. Copies have the same one */
    const MlcrtRt *rt;
    void *state;                /* the runtime's */
    int64_t locals[16];         /* scalars that kernels of one body share live in the arena; these are the body's own for small needs */
};

#endif
