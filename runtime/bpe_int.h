/* bpe_int.h - a tokenizer, between its readers and its encoder. */
#ifndef RT_BPE_INT_H
#define RT_BPE_INT_H

#include "bpe.h"
#include "words.h"

enum { RT_BPE_TOKEN = 1024, RT_BPE_TOKENS = 1 << 20, RT_BPE_BYTES = 256 };
enum { RT_BPE_RULES = 8, RT_BPE_RULE_TEXT = 16, RT_BPE_AROUND = 8 };

typedef struct RtToken {
    uint32_t start, length; /* in text */
    float score;            /* llama2.c */
} RtToken;

/** Two neighbours that may become one. */
typedef struct RtMerge {
    int32_t left, right, id;
    uint32_t rank; /* the lowest is joined first */
} RtMerge;

/** A short text that becomes another. */
typedef struct RtRule {
    char from[RT_BPE_RULE_TEXT], to[RT_BPE_RULE_TEXT];
} RtRule;

/** A token that is found in a text as it is written. */
typedef struct RtSpecial {
    uint32_t id, start, length; /* the text that is looked for, in special_text */
    bool normalized;            /* looked for after normalization, and so is its own text */
    bool alone;                 /* not beside letters, numbers or '_' */
    bool left, right;           /* takes the white space before it, after it */
} RtSpecial;

/** What a tokenizer.json says beside its vocabulary. */
typedef struct RtBpeRules {
    RtMerge *merges; /* by left, then right */
    size_t nmerges;
    double *score; /* of a unigram model: a log-probability for each token, NaN for those outside of the model; NULL: byte pairs */
    size_t nscore;
    double unknown_score;
    RtToken *shown; /* what each token adds to a text, in shown_text */
    char *shown_text;
    size_t nshown, shown_room;
    RtSpecial *special; /* the longest text first */
    char *special_text;
    size_t nspecial, special_room, special_text_room;
    bool special_first[2][RT_BPE_BYTES]; /* bytes that one of them begins with; [1]: of those that are normalized */
    RtRule normal[RT_BPE_RULES]; /* on the text, in order; a `from` that is empty: put in front of the text */
    int nnormal;
    RtRule decoder[RT_BPE_RULES];
    int ndecoder;
    int32_t before[RT_BPE_AROUND], after[RT_BPE_AROUND]; /* tokens around every text */
    int nbefore, nafter;
    int32_t byte_token[RT_BPE_BYTES]; /* -1: none */
    int32_t unknown;                  /* -1: what has no token is left out */
    RtCut cut;
    bool byte_level;    /* symbols are bytes; else characters */
    bool space_first;   /* a text begins with a space: one is added if it does not */
    bool space_once;    /* that is so at the very beginning only, not behind special tokens */
    bool space_marks;   /* spaces become U+2581 after that */
    bool byte_fallback; /* what has no token becomes bytes, "<0x0A>" */
    bool fuse_unknown, ignore_merges, strip;
} RtBpeRules;

struct RtBpe {
    MlcrtAlloc alloc;
    RtToken *tokens;
    uint32_t *order; /* by text; of equal ones the lowest id first */
    char *text;
    size_t count, text_size;
    char bytes[RT_BPE_BYTES]; /* what decoding of byte tokens points to */
    RtBpeRules *rules;        /* NULL: llama2.c */
};

/** The lowest id with this text; -1 if there is none. */
int32_t rt_bpe_lookup(const RtBpe *p, const char *s, size_t n);

/** Fills `order`. */
void rt_bpe_sort(RtBpe *p);

/** Allocates for `count` tokens with `text` bytes in all. Errors: EMEMORY. */
MlcrtStatus rt_bpe_new(const MlcrtAlloc *alloc, size_t count, size_t text, RtBpe **bpe, RtError *err);

/** The byte of "<0x0A>"; -1 for any other text. */
int rt_bpe_raw_byte(const char *s, size_t n);

/** Bytes of the character that a text (not empty) begins with: one with up to three continuation bytes, valid UTF-8 or not. */
size_t rt_bpe_character(const char *text, size_t length);

/** The merge of two neighbours; NULL if there is none. */
const RtMerge *rt_bpe_merge(const RtBpeRules *r, int32_t left, int32_t right);

/** Reads a tokenizer.json. Errors: as rt_bpe_read. */
MlcrtStatus rt_tokenizer_json_read(const MlcrtAlloc *alloc, const uint8_t *bytes, size_t size, RtBpe **bpe, RtError *err);

#endif
