/* tokenizer_int.h - between the parts of the reader of tokenizer.json. */
#ifndef RT_TOKENIZER_INT_H
#define RT_TOKENIZER_INT_H

#include "bpe_int.h"
#include "json.h"
#include "unicode.h"

typedef enum TokStage { TOK_COUNT, TOK_VOCAB, TOK_MERGES } TokStage;
typedef enum TokPart { TOK_NORMALIZER, TOK_PRE_TOKENIZER, TOK_POST_PROCESSOR, TOK_DECODER } TokPart;

enum { TOK_NAME = 128, TOK_KNOWN = 1, TOK_HIDDEN = 2 };

typedef struct Tok {
    const MlcrtAlloc *alloc;
    RtJson json;
    TokStage stage;
    RtBpe *bpe;       /* from the second walk on */
    RtBpeRules rules; /* what the first one gathers */
    uint8_t *known;   /* tokens that have a text: TOK_KNOWN, and TOK_HIDDEN if decoding does not show them */
    size_t count, text, nmerges, nspecial;
    uint32_t text_used;
    bool has_decoder, decodes_bytes;
    bool unigram;        /* the vocabulary is a list with scores */
    size_t nscores;      /* its length */
    double least;        /* the lowest score */
    char unknown[TOK_NAME];
    char before[RT_BPE_AROUND][TOK_NAME], after[RT_BPE_AROUND][TOK_NAME]; /* names, until all tokens are known */
    char scratch[6 * 2 * RT_BPE_TOKEN + 8];
    RtError *err;
} Tok;

/** The next token of the file, which must be of this kind. */
bool rt_tok_expect(Tok *t, RtJsonKind kind, const char *otherwise);

/** The last KEY or STRING into `out`, with a NUL. */
bool rt_tok_text(Tok *t, char *out, size_t room);

/** A value that is true or false; null counts as false. */
bool rt_tok_flag(Tok *t, bool *flag);

/** Reads one of the parts around the model into t->rules. */
bool rt_tok_part(Tok *t, TokPart part);

/** When all tokens are known: the unknown token, those for bytes, special ones, and what each one shows. */
MlcrtStatus rt_tok_finish(Tok *t);

#endif
