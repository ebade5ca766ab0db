/* mlcrt.h - the runtime library: what a compiled module and a C program that calls it link. C99 and C++.
 *
 *     MlcrtContext *ctx;  MlcrtSession *s;
 *     mlcrt_context_new(NULL, &ctx);                        memory, threads, handles: shared by all threads
 *     mlcrt_session_new(ctx, &s);                           one for each thread: scratch memory, error, cancel, deadline
 *     if (llama_step(s, net, &tokens, cache, &logits))      a function of a generated header
 *         puts(mlcrt_error(s)->sentence);
 *     mlcrt_context_free(ctx);                              and everything that belongs to it
 *
 * Every function returns a status and never aborts, prints, installs a handler or keeps a global. A handle that was freed, or is
 * of another context, is an error (MLCRT_EARG), as long as its context lives.
 */
#ifndef MLCRT_H
#define MLCRT_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "api.h"
#include "mlcrt_status.h"
#include "tensor.h"
#include "mlcrt_files.h"

MLCRT_BEGIN

typedef struct MlcrtContext MlcrtContext;
typedef struct MlcrtSession MlcrtSession;
typedef struct MlcrtHandle MlcrtHandle; /* a model or a struct; generated headers give each type a name of its own */

/* Constant data of a compiled module, see abi.h; a generated header declares its own. */
struct MlcrtFn;
struct MlcrtModule;
struct MlcrtStruct;
struct MlcrtKey;

/* ---- context ---------------------------------------------------------------------------------------------- */

/** One piece of a parallel loop. */
typedef void MlcrtTask(void *job, int64_t i);

/** What a context is made of. Set `size`, clear the rest, and fill in what you want to change. */
typedef struct MlcrtOptions {
    size_t size;             /* sizeof(MlcrtOptions) */
    const MlcrtAlloc *alloc; /* copied; NULL: the C library's */
    void (*log)(void *user, MlcrtStatus status, const char *sentence); /* every failure, from any thread; may be NULL */
    void *log_user;
    int32_t threads;         /* threads of one call, the caller included; 0: as many as this process has CPUs */
    int32_t pin;             /* not 0: own threads are bound to one CPU each, those of the caller's mask in turn */
    uint64_t budget;         /* bytes that the context may hold at once; 0: no limit */
    /* Runs task(job, i) for each i in [0, n), in any order, and returns when all are done; NULL: the context's own threads.
     * A task never waits for another. */
    void (*parallel)(void *user, int64_t n, MlcrtTask *task, void *job);
    void *parallel_user;
} MlcrtOptions;

/** Makes a context.
 *
 *  options  NULL: the defaults. Options of an older, smaller `size` are taken; what they lack has its default
 *  Memory   *context is released with mlcrt_context_free
 *  Errors   EARG (NULL, a size that is too small, a negative number); EMEMORY. *context is NULL then
 *  Threads  a context may be used by any number of threads. Own threads start with the first call that has work for them;
 *           after fork the child's first such call starts new ones
 */
MLCRT_API MlcrtStatus mlcrt_context_new(const MlcrtOptions *options, MlcrtContext **context);

/** Releases a context and all that belongs to it: sessions, handles, files, tensors excepted (mlcrt_tensor_free before).
 *  NULL is ignored. Errors: EARG for what is no context; EBUSY while a call runs: nothing is released then.
 */
MLCRT_API MlcrtStatus mlcrt_context_free(MlcrtContext *context);

/** The sentence of the last failure that has no session, such as mlcrt_file_open's: at most `room` bytes with the NUL into
 *  `text`. Returns its status, 0 if there was none. */
MLCRT_API MlcrtStatus mlcrt_context_error(MlcrtContext *context, char *text, size_t room);

/** Bytes that the context holds now, and the most it has held. Either may be NULL. Errors: EARG. */
MLCRT_API MlcrtStatus mlcrt_context_memory(const MlcrtContext *context, uint64_t *now, uint64_t *most);

/* ---- session ---------------------------------------------------------------------------------------------- */

/** Makes a session. Errors: EARG, EMEMORY. Threads: a session is used by one thread at a time (EBUSY). */
MLCRT_API MlcrtStatus mlcrt_session_new(MlcrtContext *context, MlcrtSession **session);

/** Releases a session; NULL is ignored. Errors: EARG; EBUSY while a call runs. */
MLCRT_API MlcrtStatus mlcrt_session_free(MlcrtSession *session);

/** What went wrong in the last call on a session. */
typedef struct MlcrtError {
    MlcrtStatus status;     /* 0: nothing */
    int32_t line, column;   /* in `file`; 0 if unknown */
    int32_t position;       /* of the argument, from 0; -1 if it is about none */
    const char *sentence;   /* lower case, no full stop; "" if nothing */
    const char *argument;   /* its name, or NULL */
    const char *file;       /* the .ml file, or NULL */
    const char *details;    /* every problem of a weight file, a line each; or NULL */
} MlcrtError;

/** Never NULL; valid until the next call on the session. Allocates nothing. */
MLCRT_API const MlcrtError *mlcrt_error(const MlcrtSession *session);

/** Ends the call that runs on the session, or else its next one, with ECANCEL. From any thread or signal handler. */
MLCRT_API MlcrtStatus mlcrt_cancel(MlcrtSession *session);

/** Forgets a cancel that no call has seen. */
MLCRT_API MlcrtStatus mlcrt_cancel_clear(MlcrtSession *session);

/** Calls on the session end with EDEADLINE once `milliseconds` have passed from now; negative: no deadline.
 *  Errors: EARG; EBUSY while a call runs; EMEMORY if the thread that watches the clock cannot be had. */
MLCRT_API MlcrtStatus mlcrt_deadline(MlcrtSession *session, int64_t milliseconds);

/* ---- calls ------------------------------------------------------------------------------------------------ */

/** Calls a function of a module. Generated functions do this; so does libmlc.
 *
 *  args     one pointer for each parameter and then each result, in the order of the C signature: a tensor is an
 *           MlcrtTensor *, a scalar (a result or `var`, too) a pointer to the value, a model, a struct or a list of them its
 *           handle; as a result the address of an MlcrtHandle *, which gets a new handle, on success only
 *  Models   what a call packs of a model that was made before the function was compiled is kept in place of what it was made from, if no
 *           other call is in the model, and the functions of the module so far need nothing else
 *  Results  with `data` NULL memory is allocated (mlcrt_tensor_free) and the shape filled in; else the shape is checked
 *  Errors   at entry (arguments, shapes, conditions, memory, version): everything is untouched. Later (ECHECK, EINDEX,
 *           EDIVIDE, ERANGE, ECANCEL, EDEADLINE): tensors that are written are unspecified, scalars are untouched
 */
MLCRT_API MlcrtStatus mlcrt_invoke(MlcrtSession *session, const struct MlcrtFn *fn, void *const *args);

/* ---- tensors ---------------------------------------------------------------------------------------------- */

/** A tensor with memory of the context, not cleared; `shape` is copied. Errors: EARG, EDTYPE, ERANK, ESHAPE, ELIMIT, EMEMORY. */
MLCRT_API MlcrtStatus mlcrt_tensor_new(MlcrtContext *context, uint8_t code, uint8_t bits, int32_t rank, const int64_t *shape,
                                       MlcrtTensor *tensor);

/** Releases the memory of a tensor that a call or mlcrt_tensor_new or mlcrt_copy gave, and sets `data` to NULL. One with
 *  `data` NULL is ignored. Errors: EARG for memory that is not of this context. */
MLCRT_API MlcrtStatus mlcrt_tensor_free(MlcrtContext *context, MlcrtTensor *tensor);

/** Copies a tensor with any strides (also 0 and negative) into a new compact one, as mlcrt_tensor_new makes it.
 *  Errors: EARG, EDTYPE, EDEVICE, EALIGN and those of mlcrt_tensor_new. */
MLCRT_API MlcrtStatus mlcrt_copy(MlcrtContext *context, const MlcrtTensor *from, MlcrtTensor *to);

/* ---- models and structs (generated headers give these their types) ----------------------------------------- */

/** What a tensor of a file is called in the program: "model.layers.*.wq" -> "layers.*.wq". See RUNTIME.md. */
typedef struct MlcrtRename {
    const char *from, *to;
} MlcrtRename;

/** Makes a model or a struct: its fields get their defaults, its parameters are drawn.
 *
 *  numbers  one for each header number
 *  key      for those that draw: { { seed, 0 } } (MlcrtKey of abi.h); else it may be NULL
 *  Errors   EARG, ECHECK (a condition on the numbers), ELIMIT, EMEMORY, EVERSION, ECPU; *handle is NULL then
 */
MLCRT_API MlcrtStatus mlcrt_handle_new(MlcrtSession *session, const struct MlcrtModule *module, const struct MlcrtStruct *type,
                                       const int64_t *numbers, const struct MlcrtKey *key, MlcrtHandle **handle);

/** Makes a model or struct from tensors: `leaves` has one for each of its leaves, in order; they are copied. Of a
 *  `Key` or `str` leaf only `data` is read: an MlcrtKey, or a const char * whose text must live as long as the handle. Errors: as
 *  above, and those of a tensor argument. */
MLCRT_API MlcrtStatus mlcrt_handle_from_tensors(MlcrtSession *session, const struct MlcrtModule *module,
                                                const struct MlcrtStruct *type, const int64_t *numbers,
                                                const MlcrtTensor *leaves, MlcrtHandle **handle);

/** Loads a model from a safetensors, GGUF or llama2.c file.
 *
 *  renames  up to one with `from` NULL; may be NULL
 *  numbers  header numbers; -1 is solved from names and shapes of the file, or from the number of that name in the file.
 *           NULL: all are -1
 *  Errors   EARG; EIO; EFORMAT, ESHAPE, EDTYPE with all that is missing, surplus or wrong; ELIMIT; EMEMORY
 */
MLCRT_API MlcrtStatus mlcrt_handle_load(MlcrtSession *session, const struct MlcrtModule *module, const struct MlcrtStruct *type,
                                        const char *path, const MlcrtRename *renames, const int64_t *numbers,
                                        MlcrtHandle **handle);

/** Saves all leaves as a safetensors file, whole or not at all; a list's elements have names of their own. */
MLCRT_API MlcrtStatus mlcrt_handle_save(MlcrtSession *session, MlcrtHandle *handle, const char *path);

/** A second, independent one with the same contents. */
MLCRT_API MlcrtStatus mlcrt_handle_copy(MlcrtSession *session, MlcrtHandle *handle, MlcrtHandle **copy);

/** Releases a handle; NULL is ignored. Errors: EARG; EBUSY while a call uses it. */
MLCRT_API MlcrtStatus mlcrt_handle_free(MlcrtHandle *handle);

/** Header number `i`; -1 if the handle is none, or has none. */
MLCRT_API int64_t mlcrt_handle_number(const MlcrtHandle *handle, int32_t i);

/** Copies one leaf out, or one element of a list: "layers.3.norm1.weight". `tensor` is treated as a result of a call. */
MLCRT_API MlcrtStatus mlcrt_handle_get(MlcrtSession *session, MlcrtHandle *handle, const char *path, MlcrtTensor *tensor);

/** A view of leaf `i` of a struct: row-major, 64-byte aligned, to be read and written between calls, valid until the struct
 *  is freed. Errors: EARG, also for models, which nobody may change. */
MLCRT_API MlcrtStatus mlcrt_handle_view(MlcrtHandle *handle, int32_t i, MlcrtTensor *view);

/** Reads and writes the scalar leaf `i` of a struct. Errors: EARG; EBUSY while a call uses the struct. */
MLCRT_API MlcrtStatus mlcrt_handle_field(MlcrtHandle *handle, int32_t i, void *value);
MLCRT_API MlcrtStatus mlcrt_handle_set_field(MlcrtHandle *handle, int32_t i, const void *value);

MLCRT_END

#endif
