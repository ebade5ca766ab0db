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
    RtShared *shared;                 /* as in RtBoxLeaf */
} RtReady;

struct RtPrepared {
    struct RtPrepared *older; /* kept for a reader that may be in it, until somebody has the box alone */
    size_t n, room;
    RtReady ready[];
};

const RtReady *rt_ready_find(const struct RtPrepared *p, uint64_t key, int32_t leaf, size_t *hint);
/* Adds one to the box's array, which owns its data then; false: no memory. If another thread was faster, its is taken. */
bool rt_ready_add(RtBox *b, const RtReady *r);
/* Its data becomes that of others with the same bytes; another one with the same data, false: it is not shared; lets it go. */
void rt_ready_share(RtBox *b, RtReady *r);
bool rt_ready_again(RtBox *b, const RtReady *r, RtReady *again);
void rt_ready_drop(RtBox *b, const RtReady *r);
/* Drops those that are not asked for, and older arrays. Nobody else is in the box. */
typedef bool RtReadyAsk(const void *user, const RtReady *r);
void rt_ready_keep(RtBox *b, RtReadyAsk *ask, const void *user);
/* A packed form of the leaf, from which it can be had back; NULL: there is none. */
const RtReady *rt_ready_packed(const RtBox *b, int32_t leaf);

bool rt_leaf_is_gone(const RtBoxLeaf *l); /* only a packed form is kept */
/* Gets it back, in the form that it had. Nobody else is in the box. */
MlcrtStatus rt_leaf_restore(RtSession *s, RtBox *b, int32_t leaf);

/* Parameter `param` of fn, a function of m, takes handles of b's type. */
bool rt_param_is_of(const MlcrtModule *m, const MlcrtFn *fn, int32_t param, const RtBox *b);

#endif
