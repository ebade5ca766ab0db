/* words.h - cuts a text into the words that a byte-pair tokenizer does not join across. */
#ifndef RT_WORDS_H
#define RT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/** Ways to cut, each known by the regular expression that tokenizer files state it with. */
typedef enum RtCut {
    RT_CUT_NONE,  /* the whole text is one word */
    RT_CUT_MARK,  /* a word begins at each U+2581 */
    RT_CUT_GPT2,  /* 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
    RT_CUT_LLAMA3, /* that of Llama 3 (and cl100k): numbers in threes, line ends by themselves */
    RT_CUT_QWEN2  /* that of Qwen 2: as Llama 3, numbers one by one */
} RtCut;

/** The way whose regular expression is `pattern`; RT_CUT_NONE if there is none. */
RtCut rt_cut_find(const char *pattern, size_t length);

/** Bytes of the first word of a text that is not empty; at least 1. */
size_t rt_cut_next(RtCut cut, const char *text, size_t length);

#endif
