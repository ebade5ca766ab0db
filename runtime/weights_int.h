/* weights_int.h - between weights.c and the readers of formats. */
#ifndef RT_WEIGHTS_INT_H
#define RT_WEIGHTS_INT_H

#include "weights.h"

/** Fills `w`, whose file is set, from a safetensors file. After an error the caller closes `w`. */
MlcrtStatus rt_safetensors_read(RtWeights *w, RtError *err);

/** The same for a llama2.c file. */
MlcrtStatus rt_llama2c_read(RtWeights *w, RtError *err);

/** The same for the index of a safetensors file in parts; `path` is its own. */
MlcrtStatus rt_shards_read(RtWeights *w, const char *path, RtError *err);

/** The same for a GGUF file, whose magic has been seen. */
MlcrtStatus rt_gguf_read(RtWeights *w, RtError *err);

/** True if the first bytes can be a llama2.c header: seven numbers of a size that models have. */
bool rt_llama2c_likely(const RtFile *file);

/** Sorts the entries by name. Errors: EMEMORY. */
MlcrtStatus rt_weights_sort(RtWeights *w, RtError *err);

/** How much a reader will fill in. */
typedef struct RtWeightsRoom {
    size_t entries, numbers, meta, dims, text;
} RtWeightsRoom;

/** Allocates all arrays, once; they are empty then. */
MlcrtStatus rt_weights_reserve(RtWeights *w, const RtWeightsRoom *room, RtError *err);

/** Little-endian numbers at any address. */
uint32_t rt_get_u32(const uint8_t *p);
uint64_t rt_get_u64(const uint8_t *p);

#endif
