/* bpe.h - tokenizers, of llama2.c and of tokenizer.json (pairs of bytes, or Unigram): text to token numbers and back.
 *
 *     "Once upon a time"  ->  1 (BOS)  403 " Once"  407 " upon"  261 " a"  378 " time"
 */
#ifndef RT_BPE_H
#define RT_BPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

/** A tokenizer; constant once it is loaded, so any number of threads may use it. */
typedef struct RtBpe RtBpe;

enum { RT_BPE_UNKNOWN = 0, RT_BPE_BOS = 1, RT_BPE_EOS = 2, RT_BPE_BYTE = 3 /* + the byte */ };

/** Reads a llama2.c tokenizer file (tokenizer.bin, tok512.bin) or a tokenizer.json; which of the two, its bytes tell.
 *
 *  Memory   release with rt_bpe_free
 *  Errors   EARG, EIO, EMEMORY; EFORMAT with the token that is wrong (over 1024 bytes is wrong) or the part of a tokenizer.json that is
 *           not supported (FILES.md has those that are); ELIMIT for more than 2^20 tokens
 */
MlcrtStatus rt_bpe_load(const MlcrtAlloc *alloc, const char *path, RtBpe **bpe, RtError *err);

/** The same from memory; the bytes are not needed afterwards. */
MlcrtStatus rt_bpe_read(const MlcrtAlloc *alloc, const uint8_t *bytes, size_t size, RtBpe **bpe, RtError *err);
void rt_bpe_free(RtBpe *bpe);

/** Number of tokens. */
int32_t rt_bpe_size(const RtBpe *bpe);

/** The text of a token as the file has it, NUL-terminated; NULL outside 0 to rt_bpe_size - 1. */
const char *rt_bpe_piece(const RtBpe *bpe, int32_t id, size_t *length);

/** The tokens of a text (any bytes). With a tokenizer.json: as that says, `bos` being all the tokens that it puts around a text.
 *  With llama2.c: a space is put before a text that is not empty; characters without a token become
 *  their bytes; then the neighbours whose union is the token of the highest score are joined, the leftmost of equals first,
 *  until no two join.
 *
 *  bos      the first token is RT_BPE_BOS
 *  ids      may be NULL if `room` is 0: only to count
 *  count    receives the number of tokens; of llama2.c at most length + 2
 *  Errors   EARG, EMEMORY; ELIMIT if there are more than `room` (nothing is written, `count` is set) or for texts of
 *           2^28 bytes or more
 *  Cost     n log n for n bytes
 *  Source   run.c of llama2.c (encode), whose result it gives
 */
MlcrtStatus rt_bpe_encode(const RtBpe *bpe, const char *text, size_t length, bool bos, int32_t *ids, size_t room,
                          size_t *count, RtError *err);

/** The text that a token adds to a text whose last token is `previous`: right after BOS a leading space is dropped, and
 *  "<0x0A>" is that byte, so a character of several bytes may come in pieces.
 *
 *  text     points to constant memory that lives as long as the tokenizer; not NUL-terminated
 *  Errors   EINDEX for an id that is no token (`previous` may be any number)
 */
MlcrtStatus rt_bpe_decode(const RtBpe *bpe, int32_t previous, int32_t id, const char **text, size_t *length, RtError *err);

#endif
