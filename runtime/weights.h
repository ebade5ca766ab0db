/* weights.h - an opened weight file: named tensors and named numbers, whatever the format.
 *
 *     safetensors                                    llama2.c
 *     "layers.0.norm1.weight" f32[64]                "layers.*.norm1.weight" f32[5, 64], stacked: one block for all layers
 *     "layers.1.norm1.weight" f32[64]                n_layers 5, n_heads 8, ...
 *
 * Nothing in a file is trusted: every length was checked against the size of the file before anything was allocated for
 * it, and an entry's bytes lie inside the file.
 */
#ifndef RT_WEIGHTS_H
#define RT_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "dtype.h"
#include "file.h"
#include "status.h"

/** One tensor of a file, row-major. */
typedef struct RtEntry {
    const char *name;     /* valid UTF-8 without NUL; of a stacked one with `*` in the place of the layer's number */
    const int64_t *shape; /* of a stacked one with the number of layers first */
    const uint8_t *data;  /* aligned to its elements (if it has any) */
    size_t bytes;
    int32_t rank;
    uint8_t code, bits;   /* of a packed one those that its elements get */
    bool stacked;
    const struct RtPacking *packing; /* data are blocks of it (dequant.h); NULL: elements one after the other */
} RtEntry;

/** A number that the file knows: of llama2.c a field of the header, of safetensors a metadata text that is a decimal, of GGUF an
 *  integer or bool of the metadata. */
typedef struct RtNumber {
    const char *name;
    int64_t value;
} RtNumber;

/** A pair of texts of the metadata of a safetensors or GGUF file. */
typedef struct RtMeta {
    const char *key, *value;
} RtMeta;

/** An opened file. Constant after opening, so any number of threads may read it. */
typedef struct RtWeights {
    RtEntry *entries; /* sorted by name */
    size_t count;
    RtNumber *numbers;
    size_t nnumbers;
    RtMeta *meta;
    size_t nmeta;

    /* private: what holds the above */
    RtFile file;
    char *text;
    int64_t *dims;
    uint8_t *copies, *unpacked;
    size_t copies_room, unpacked_room, entries_room, numbers_room, meta_room, dims_room, text_room;
    bool any_stacked, keep_packed;
    struct RtWeights *shards; /* of a file in parts: what the entries lie in */
    size_t nshards, shards_room;
} RtWeights;

/** Limits of a file; more is ELIMIT. */
enum { RT_MAX_TENSORS = 1000000, RT_MAX_NAME = 4096, RT_MAX_HEADER = 100000000 };

/** Opens a file and finds out its format (safetensors, GGUF or llama2.c version 0) from its bytes. Packed
 *  tensors of GGUF are unpacked to f32. Of an index of a safetensors file in parts ("model.safetensors.index.json") the parts are opened, too; they
 *  lie in its folder or beneath.
 *
 *  Memory   `w` holds the whole file; rt_weights_close releases it; after an error there is nothing to release
 *  Errors   EARG, EIO, EMEMORY, ELIMIT; EFORMAT with what is wrong and where; EDTYPE for an element type that
 *           exists in the format but not here
 */
MlcrtStatus rt_weights_open(const MlcrtAlloc *alloc, const char *path, RtWeights *w, RtError *err);
/** The same, but packed tensors of GGUF stay as they are: their entries have a `packing`. */
MlcrtStatus rt_weights_open_packed(const MlcrtAlloc *alloc, const char *path, RtWeights *w, RtError *err);
void rt_weights_close(RtWeights *w);

/** The entry of that very name (a stacked one also by its name without the `*`: "layers.norm1.weight"); NULL if none. */
const RtEntry *rt_weights_find(const RtWeights *w, const char *name);

/** The number of that name; false if the file has none. */
bool rt_weights_number(const RtWeights *w, const char *name, int64_t *value);

/** A tensor inside a file: an entry, or one layer of a stacked entry. */
typedef struct RtSlice {
    const RtEntry *entry;
    const int64_t *shape; /* without the axis of the layers */
    const uint8_t *data;
    size_t bytes;
    int32_t rank;
    int64_t layer; /* -1: the whole entry */
} RtSlice;

/** Copies a slice into memory of its own element type, or, if the slice is f16 or bf16 and `code`, `bits` are f32's,
 *  widens it (exactly). A packed one is unpacked. `to` is aligned and has room for all elements. Errors: EDTYPE.
 */
MlcrtStatus rt_slice_copy(void *to, uint8_t code, uint8_t bits, const RtSlice *s, RtError *err);

/** The values of an f16 and a bf16, exactly. */
float rt_f16_value(uint16_t h);
float rt_bf16_value(uint16_t h);

/** What `name` is called in the program: patterns of parts between dots, `*` any one part, `**` any parts (or none);
 *  the n-th wildcard of `to` becomes what the n-th of `from` stood for. The first rule that matches a name is used.
 *  A rule whose `to` is "" (or NULL) leaves the tensor out. Names that no rule matches stay.
 *
 *      { "model.layers.*.self_attn.q_proj.weight", "layers.*.attention.wq.weight" }, { "model.**", "**" }
 *
 *  At most one `**` in a pattern. A name of more than 64 parts matches no rule.
 */
typedef struct RtRename {
    const char *from; /* in the file */
    const char *to;   /* in the program */
} RtRename;

/** The names of a file as the program sees them. Constant after rt_names_init. */
typedef struct RtNames {
    const RtWeights *weights;
    const char **names; /* of each entry; NULL: left out */
    uint32_t *order;    /* numbers of the entries that are not left out, by name */
    size_t count;

    /* private */
    MlcrtAlloc alloc;
    char *text;
    size_t text_room;
} RtNames;

/** Renames all entries. `w` must stay until rt_names_drop.
 *
 *  Errors   EARG for a rule without `from`, with too many parts, with two `**` on a side, or with more wildcards on the
 *           right than on the left; EFORMAT if two tensors get one name, ELIMIT for
 *           a name over RT_MAX_NAME bytes, EMEMORY; nothing to drop then
 */
MlcrtStatus rt_names_init(const MlcrtAlloc *alloc, const RtWeights *w, const RtRename *rules, size_t nrules, RtNames *n,
                          RtError *err);
void rt_names_drop(RtNames *n);

/** The tensor at a path without wildcards, "layers.3.norm1.weight"; false if there is none. */
bool rt_names_find(const RtNames *n, const char *path, RtSlice *s);

/** How long the list before the `star`-th `*` (from 0) of `pattern` is: one more than the largest number that stands there
 *  in any name that begins like the pattern up to that `*`; earlier `*` match any number. 0 if there is none.
 *  rt_names_length(n, "layers.*", 0) is 5 for the file above.
 */
int64_t rt_names_length(const RtNames *n, const char *pattern, int star);

/** A parameter, or a list of equal ones, that the program wants. */
typedef struct RtWanted {
    const char *path;      /* "layers.*.norm1.weight" */
    const int64_t *counts; /* how many, for each `*`, from left to right */
    const int64_t *shape;  /* of one; -1: any, the same for all of the list */
    int32_t rank;
    uint8_t code, bits;
} RtWanted;

enum {
    RT_MATCH_WIDEN = 1,  /* f16 and bf16 may stand for f32 */
    RT_MATCH_SURPLUS = 2 /* tensors that nobody wants are no error */
};

/** Where each wanted tensor is. */
typedef struct RtMatch {
    RtSlice *slices; /* of wanted[i]: slices[first[i]] to slices[first[i + 1] - 1], the last `*` running fastest */
    size_t *first;   /* one more than there are wanted */
    char *report;    /* after a mismatch: every problem, a line each (the first 64 KiB of them); else NULL */

    /* private */
    MlcrtAlloc alloc;
    size_t nwanted, nslices, report_room;
} RtMatch;

/** Finds every wanted tensor, or says everything that is missing, surplus, or of the wrong type or shape, at once.
 *
 *  Memory   release with rt_match_drop, after an error too: `report` may be set
 *  Errors   ESHAPE or EDTYPE if that is all that is wrong, else EFORMAT; `err` has the number of problems and
 *           as many of them as fit; EARG for a count or rank below 0, ELIMIT, EMEMORY
 */
MlcrtStatus rt_match(const MlcrtAlloc *alloc, const RtNames *names, const RtWanted *wanted, size_t nwanted, int flags,
                     RtMatch *match, RtError *err);
void rt_match_drop(RtMatch *match);

/** Copies all tensors of wanted[i] one behind the other, which is the list as one row-major tensor, as rt_slice_copy does. */
MlcrtStatus rt_match_copy(const RtMatch *match, size_t i, void *to, uint8_t code, uint8_t bits, RtError *err);

/** The packing that all tensors of wanted[i] have; NULL if they are not packed, or not alike. */
const struct RtPacking *rt_match_packing(const RtMatch *match, size_t i);

/** Copies the blocks of all tensors of wanted[i], which have a packing, one behind the other. */
void rt_match_copy_blocks(const RtMatch *match, size_t i, void *to);

#endif
