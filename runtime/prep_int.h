/* prep_int.h - prepared tensors of a box, shared by prep.c (making and finding them) and prep_plain.c (the leaves they stand for). */
#ifndef MLCRT_PREP_INT_H
#define MLCRT_PREP_INT_H

#include "core_int.h"

typedef struct RtReady {
    uint64_t key;
    int64_t leaf;
    char *data;
    size_t bytes;
    int32_t axis, panel, form, tiled; /* as in MlcrtPrep */
} RtReady;

struct RtPrepared {
    struct RtPrepared *older; /* kept until the box goes: a reader may be in it */
    size_t n;
    RtReady ready[];
};

const RtReady *rt_ready_find(const struct RtPrepared *p, uint64_t key, int32_t leaf, size_t *hint);
/* Adds one to the box's array, which owns its data then; false: no memory. If another thread was faster, its is taken. */
bool rt_ready_add(RtBox *b, const RtReady *r);
/* Parameter `param` of fn, a function of m, takes handles of b's type. */
bool rt_param_is_of(const MlcrtModule *m, const MlcrtFn *fn, int32_t param, const RtBox *b);

#endif
