/* bpe_text.h - a text on its way to tokens, for tokenizers with rules: special tokens, normalization, words. */
#ifndef RT_BPE_TEXT_H
#define RT_BPE_TEXT_H

#include "bpe_int.h"

/** Receives one piece of a text: a word, or a special token (`id` not -1). False ends the walk. */
typedef bool RtPieceFn(void *user, const char *text, size_t n, int32_t id);

/** Cuts a text as the rules say. Errors: EMEMORY; `why` of a false callback is the caller's. */
MlcrtStatus rt_bpe_pieces(const RtBpe *p, const char *text, size_t length, RtPieceFn *fn, void *user, RtError *err);

#endif
