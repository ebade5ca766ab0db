/* bpe_text.h - a text on its way to tokens, for tokenizers with rules: special tokens, normalization, words. */
#ifndef RT_BPE_TEXT_H
#define RT_BPE_TEXT_H

#include "bpe_int.h"

/** Receives one piece of a text: a word, or a special token (`id` not -1). False ends the walk. */
typedef bool RtPieceFn(void *user, const char *text, size_t n, int32_t id);

/** Writes what a special token is looked for as behind the `used` bytes of special_text. Errors: EMEMORY. */
MlcrtStatus rt_bpe_special_text(RtBpe *p, RtSpecial *s, size_t *used, RtError *err);

/** Cuts a text as the rules say. Errors: EMEMORY; `why` of a false callback is the caller's. */
MlcrtStatus rt_bpe_pieces(const RtBpe *p, const char *text, size_t length, RtPieceFn *fn, void *user, RtError *err);

#endif
