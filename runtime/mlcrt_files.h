/* mlcrt_files.h - weight files and tokenizers for C programs. C99 and C++. Included by mlcrt.h. */
#ifndef MLCRT_FILES_H
#define MLCRT_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "api.h"
#include "mlcrt_status.h"
#include "tensor.h"

MLCRT_BEGIN

struct MlcrtContext;

/** A tensor and its name, for mlcrt_file_save. */
typedef struct MlcrtNamedTensor {
    const char *name; /* UTF-8 */
    MlcrtTensor tensor;
} MlcrtNamedTensor;

/** An opened weight file, held in memory. */
typedef struct MlcrtFile MlcrtFile;

/** Opens a safetensors, GGUF or llama2.c file (version 0). Weight files are data: every length is checked against the file
 *  before anything is allocated for it, nothing is executed. No other file is opened, but for an index of a safetensors file in
 *  parts ("model.safetensors.index.json") the parts in its folder or beneath.
 *
 *  Memory   *file is released with mlcrt_file_close, at the latest with its context
 *  Errors   EARG; EIO; EFORMAT with what is wrong; EDTYPE for an element type that mlc does not have; ELIMIT (header over
 *           100,000,000 bytes, 1,000,000 tensors, rank over 16); EMEMORY. *file is NULL then
 *  Threads  an opened file is constant: several threads may read it
 */
MLCRT_API MlcrtStatus mlcrt_file_open(struct MlcrtContext *context, const char *path, MlcrtFile **file);

/** Number of tensors. Errors: EARG. */
MLCRT_API MlcrtStatus mlcrt_file_count(const MlcrtFile *file, size_t *count);

/** Tensor number `i`, in the order of the names.
 *
 *  name     may be NULL; of a tensor that a llama2.c file stores for all layers at once, `*` stands for the layer's number and
 *           the layers are the first axis
 *  Memory   *name, view->data and view->shape belong to the file and may not be written
 *  Errors   EARG, EINDEX
 */
MLCRT_API MlcrtStatus mlcrt_file_get(const MlcrtFile *file, size_t i, const char **name, MlcrtTensor *view);

/** The tensor of a name: "layers.3.norm1.weight", whichever way the file stores layers.
 *
 *  Memory   as mlcrt_file_get
 *  Errors   EARG; EINDEX if there is none
 */
MLCRT_API MlcrtStatus mlcrt_file_find(const MlcrtFile *file, const char *name, MlcrtTensor *view);

/** A number that the file knows beside its tensors: a field of the llama2.c header ("n_heads"), or metadata of a
 *  safetensors file that is a plain decimal, an integer of a GGUF file ("llama.block_count"). Errors: EARG; EINDEX if there is none.
 */
MLCRT_API MlcrtStatus mlcrt_file_number(const MlcrtFile *file, const char *name, int64_t *value);

/** Releases a file; NULL is ignored. Errors: EARG for a handle that is no open file. */
MLCRT_API MlcrtStatus mlcrt_file_close(MlcrtFile *file);

/** Saves `n` tensors as a safetensors file. The path holds the old file or the whole new one, whatever happens: the data goes
 *  to a temporary file beside it, is synced, and takes the name at the end. Equal tensors give equal bytes.
 *
 *  Errors   EARG (NULL, equal names, a name that is not UTF-8); EDTYPE, ERANK, ESHAPE, ESTRIDE, EALIGN, EDEVICE of a
 *           tensor, with its name; ELIMIT; EIO with the path and the system's reason; EMEMORY
 *  Threads  may run at once on different paths
 */
MLCRT_API MlcrtStatus mlcrt_file_save(struct MlcrtContext *context, const char *path, const MlcrtNamedTensor *tensors, size_t n);

/** A tokenizer. */
typedef struct MlcrtTokenizer MlcrtTokenizer;

/** Reads a tokenizer file of llama2.c (tokenizer.bin) or a tokenizer.json: byte-pair encoding, byte-level or SentencePiece-like, or Unigram.
 *
 *  Memory   *tokenizer is released with mlcrt_tokenizer_free, at the latest with its context
 *  Errors   EARG, EIO, EFORMAT, ELIMIT, EMEMORY; *tokenizer is NULL then
 *  Threads  a loaded tokenizer is constant: several threads may use it
 */
MLCRT_API MlcrtStatus mlcrt_tokenizer_load(struct MlcrtContext *context, const char *path, MlcrtTokenizer **tokenizer);

/** Number of tokens; ids are 0 to size - 1. Of llama2.c 1 begins a text (BOS) and 2 ends it. Errors: EARG. */
MLCRT_API MlcrtStatus mlcrt_tokenizer_size(const MlcrtTokenizer *tokenizer, int32_t *size);

/** The tokens of `length` bytes of text.
 *
 *  bos      not 0: with the tokens that go around a text, of llama2.c BOS at its beginning
 *  ids      may be NULL if `room` is 0, only to count
 *  count    receives the number of tokens; of llama2.c never more than length + 2
 *  Errors   EARG; ELIMIT if they are more than `room` (*count is set, ids untouched); EMEMORY
 */
MLCRT_API MlcrtStatus mlcrt_tokenizer_encode(const MlcrtTokenizer *tokenizer, const char *text, size_t length, int bos,
                                             int32_t *ids, size_t room, size_t *count);

/** The text that token `id` adds after token `previous`.
 *
 *  text     receives the address of `length` bytes that belong to the tokenizer, without a NUL at the end; a character of
 *           several bytes may come in several tokens
 *  Errors   EARG; EINDEX for an id that is no token (`previous` may be any number)
 */
MLCRT_API MlcrtStatus mlcrt_tokenizer_decode(const MlcrtTokenizer *tokenizer, int32_t previous, int32_t id, const char **text,
                                             size_t *length);

/** Releases a tokenizer; NULL is ignored. Errors: EARG for a handle that is no tokenizer. */
MLCRT_API MlcrtStatus mlcrt_tokenizer_free(MlcrtTokenizer *tokenizer);

MLCRT_END

#endif
