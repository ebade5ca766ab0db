/* mlc.h - the compiler as a library. C99 and C++. Link with -lmlc.
 *
 *     MlcCompiler *c;  MlcModule *m;
 *     mlc_compiler_new(NULL, &c);
 *     if (mlc_compile_file(c, "model.ml", &m))
 *         puts(mlc_diagnostics(c));
 *     mlc_call(m, session, "step", args);                   tensors are checked; see mlcrt.h
 *
 * Nothing here aborts, exits, prints, or keeps a global. Code is generated in a helper process by default, so that a fault or the end
 * of memory inside the code generator is a status; `in_process` is faster to start and gives that promise up.
 */
#ifndef MLC_H
#define MLC_H

#include "mlcrt.h"

MLCRT_BEGIN

typedef struct MlcCompiler MlcCompiler;
typedef struct MlcModule MlcModule;

/** What a compiler is made of. Set `size`, clear the rest, and fill in what you want to change. */
typedef struct MlcOptions {
    size_t size;              /* sizeof(MlcOptions) */
    MlcrtContext *context;    /* whose memory and threads calls use; NULL: the compiler makes one of its own */
    void *user;               /* for the hooks below */
    void *(*alloc)(void *user, size_t size); /* memory of the compiler itself; both NULL: the C library's */
    void (*free)(void *user, void *p, size_t size);
    void (*log)(void *user, const char *text);
    uint64_t memory_limit;    /* bytes that one compilation may use; 0: no limit */
    int32_t in_process;       /* generate code in this process instead of a helper */
    int32_t optimise;         /* 0..3; default 2, said as 0 with `size` alone; -1 for none */
    const char *target_cpu;   /* NULL or "native": this machine */
    const char *library_path; /* directory of libmlc-llvm.so and mlc-codegen; NULL: beside libmlc */
    int32_t helper_seconds;   /* limit of CPU time of one helper compile; 0: 120 */
    uint64_t helper_memory;   /* bytes of address space of the helper; 0: 4 GiB */
    const char *cache_path;   /* folder where compiled objects are kept for later compilers and processes; it must belong to this user and
                                 be writable by nobody else; NULL: none. Damaged files, a full disk or other writers change no result */
    int32_t no_extern;        /* not 0: programs that call C functions (`extern`) are refused */
    const char *packed;       /* forms in which weights of files may stay in memory, "q8_0,q4_0"; functions of models get code for each.
                                 NULL: such weights are unpacked when a model is loaded */
} MlcOptions;

/** Makes a compiler. Errors: EARG, EMEMORY. Threads: one at a time for each compiler; several compilers are independent. */
MLCRT_API MlcrtStatus mlc_compiler_new(const MlcOptions *options, MlcCompiler **compiler);
/** Releases it with its modules; NULL is ignored. */
MLCRT_API void mlc_compiler_free(MlcCompiler *compiler);
/** The context that its calls use. */
MLCRT_API MlcrtContext *mlc_context(MlcCompiler *compiler);

/** Compiles a program. Errors: EARG, EFORMAT (the program has errors: see mlc_diagnostics), EIO, EMEMORY, ELIMIT. *module is NULL then. */
MLCRT_API MlcrtStatus mlc_compile_text(MlcCompiler *compiler, const char *name, const char *text, size_t length, MlcModule **module);
MLCRT_API MlcrtStatus mlc_compile_file(MlcCompiler *compiler, const char *path, MlcModule **module);
/** Releases a module; handles made with it stay usable with equal modules. NULL is ignored. */
MLCRT_API void mlc_module_free(MlcModule *module);

/** One message of the last compilation. */
typedef struct MlcDiagnostic {
    const char *code, *text, *file; /* "E0302" */
    int32_t is_error, line, column;
} MlcDiagnostic;

/** All messages of the last compilation as the command prints them; "" if there are none. Valid until the next compilation. */
MLCRT_API const char *mlc_diagnostics(MlcCompiler *compiler);
MLCRT_API int32_t mlc_diagnostic_count(MlcCompiler *compiler);
/** Message `i`. Errors: EARG, EINDEX. */
MLCRT_API MlcrtStatus mlc_diagnostic(MlcCompiler *compiler, int32_t i, MlcDiagnostic *d);

/** Functions that can be called by name. */
MLCRT_API int32_t mlc_function_count(const MlcModule *module);
MLCRT_API const char *mlc_function_name(const MlcModule *module, int32_t i); /* NULL if there is none */
/** Name, parameters, dims of a function as data (abi.h), compiled on first use. Errors: EARG; EINDEX if there is no such function;
 *  EFORMAT (it needs what is not there yet; see mlc_diagnostics); EINTERNAL, EMEMORY, ELIMIT of code generation. */
MLCRT_API MlcrtStatus mlc_function(MlcModule *module, const char *name, const struct MlcrtFn **fn);
MLCRT_API MlcrtStatus mlc_struct(MlcModule *module, const char *name, const struct MlcrtStruct **type);
/** The tables of everything compiled so far; for mlcrt_handle_*. */
MLCRT_API const struct MlcrtModule *mlc_tables(MlcModule *module);

/** Calls a function: mlc_function and mlcrt_invoke in one. */
MLCRT_API MlcrtStatus mlc_call(MlcModule *module, MlcrtSession *session, const char *name, void *const *args);
/** The same in the reference interpreter, without generated code: the oracle. Handles, tensors and errors as mlc_call. */
MLCRT_API MlcrtStatus mlc_interpret(MlcModule *module, MlcrtSession *session, const char *name, void *const *args);

/** What `mlc model.ml` writes: all `export fn`s as an object file and a C header. NULL for what is not wanted.
 *  Errors: EFORMAT, EIO, EMEMORY, EINTERNAL. */
MLCRT_API MlcrtStatus mlc_write_object(MlcModule *module, const char *prefix, const char *object_path, const char *header_path);

MLCRT_END

#endif
