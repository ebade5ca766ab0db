/* unigram.h - the likeliest cut of a text into tokens with scores. */
#ifndef RT_UNIGRAM_H
#define RT_UNIGRAM_H

#include "bpe_int.h"

/** Receives one piece of the cut; id -1: it is unknown. False ends the walk. */
typedef bool RtUnigramFn(void *user, const char *text, size_t n, int32_t id);

/** Cuts one word (n below 2^28). Tokens whose score is NaN are not used. Memory: 24 bytes for each byte of the word.
 *  Cost: the length of the longest token times the logarithm of their number, for each character. False: no memory, or `fn` said so.
 */
bool rt_unigram_cut(const RtBpe *p, const char *text, size_t n, RtUnigramFn *fn, void *user);

#endif
