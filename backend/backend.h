/* backend.h - the one door of room backend: tile IR to native code, object files, C headers.
 *
 *     tile IR --be_compile--> ELF object bytes: mlc_body_<fn> (MlcrtBody) for each function
 *     tile IR + tables --be_compile_aot--> the same, the tables as constants, one typed C function per export
 *     tables --be_header--> the C header of that object
 *
 * be_target and be_header need no LLVM (be_target.c and be_header.c are linked where LLVM is not). The others may be called from any
 * number of threads. LLVM ends its process when memory runs out: a host that must not die compiles in a helper process.
 */
#ifndef MLC_BACKEND_H
#define MLC_BACKEND_H

#include "base/base.h"
#include "ir/ir.h"
#include "runtime/abi.h"

typedef struct BeTarget { /* what tiling and code generation know of a machine; sizes in bytes */
    char name[32];        /* of be_target.def */
    char cpu[32];         /* LLVM's name */
    char features[256];   /* LLVM's feature string, beyond what cpu implies */
    uint64_t needs;       /* MLCRT_CPU_* that code for this target may use */
    int vector_bytes, registers; /* of the widest vectors; how many vector registers */
    bool fma, f16c, avx2, avx512, vnni, amx; /* vnni: sums of products of bytes; amx: tiles of bf16 */
    int64_t l1, l2, l3;
} BeTarget;

/** Describes a target: "native" (this machine, by CPUID), "x86-64", "x86-64-v2", "-v3", "-v4" or a name of be_target.def.
 *  false: an unknown name; errors says which there are. NULL is "native". */
bool be_target(const char *cpu, BeTarget *t, Buf *errors);

typedef struct BeOptions {
    const char *cpu;           /* as in be_target */
    int opt;                   /* 0..3; 0 compiles fastest, without vectors */
    int max_lanes;             /* 0: what the target has; else no wider vectors (1: none): for tests, results are the same bits */
    bool emit_llvm, emit_asm;  /* fill BeResult.llvm, .assembly */
    bool no_parallel;          /* kernels are called directly */
    bool verify;               /* run LLVM's verifier */
    bool profile;              /* MlcrtRt.mark before and after each kernel */
    int threads;               /* that generate code; 0: as many as this process may run on. The object is the same for any number */
} BeOptions;

typedef struct BeResult {
    const unsigned char *object; /* in the arena of the module */
    size_t size;
    const char *llvm, *assembly; /* NULL unless asked for */
    BeTarget target;
} BeResult;

/** Compiles every function of tile IR in m. Memory: the result lives in m's arena.
 *  false: a text in errors (something not implemented, an unknown target, a broken invariant).
 *  Threads: its own for code generation, joined before it returns; fewer where the system gives no more. */
bool be_compile(IrModule *m, const BeOptions *o, BeResult *out, Buf *errors);

/** The same, and `const MlcrtModule <prefix>_module`, which is `tables` written as constants (bodies are matched by the symbol of each
 *  MlcrtFn), and for each exported function `MlcrtStatus <prefix>_<name>(MlcrtSession *, ...)`. */
bool be_compile_aot(IrModule *m, const MlcrtModule *tables, const char *prefix, const BeOptions *o, BeResult *out, Buf *errors);

/** The C header of such an object: C99 and C++. */
void be_header(const MlcrtModule *tables, const char *prefix, Buf *out);

/* What libmlc-llvm.so gives to whoever opens it: one exported symbol, mlcbe_api. */
typedef struct BeApi {
    uint32_t version; /* BE_API_VERSION */
    bool (*compile)(IrModule *m, const BeOptions *o, BeResult *out, Buf *errors);
    bool (*compile_aot)(IrModule *m, const MlcrtModule *tables, const char *prefix, const BeOptions *o, BeResult *out, Buf *errors);
    const char *(*llvm_version)(void);
} BeApi;
enum { BE_API_VERSION = 3 };
__attribute__((visibility("default"))) const BeApi *mlcbe_api(void);

#endif
