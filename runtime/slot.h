/* slot.h - what a handle points to: 64 bytes that outlive their contents, so that a freed handle is an error, not a crash.
 *
 *     MlcrtHandle *h --> slot { kind, use, context, contents --> the model }
 *     after mlcrt_handle_free(h): slot { kind 0, use -1, ... }, which is reused last, after all others that are free
 *
 * Whoever makes an object that a C program holds takes a slot for it; the context drops what is left when it is freed.
 */
#ifndef RT_SLOT_H
#define RT_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "status.h"

struct MlcrtContext;

typedef enum RtKind { RT_NOTHING, RT_SESSION, RT_MODEL, RT_STRUCT, RT_FILE_HANDLE, RT_TOKENIZER } RtKind;

typedef void RtDrop(struct MlcrtContext *context, void *contents);

typedef struct RtSlot {
    uint64_t magic;
    struct MlcrtContext *context;
    void *contents;
    RtDrop *drop;
    struct RtSlot *next;    /* free list */
    uint64_t type;          /* of a model or struct: MlcrtStruct.type_hash */
    uint32_t generation;    /* how often it was reused */
    _Atomic uint32_t kind;  /* RtKind */
    _Atomic int32_t use;    /* calls that use it now; -1: free; 1 << 30 and more: one that has it for itself */
    uint32_t reserved;
} RtSlot;

_Static_assert(sizeof(RtSlot) == 64, "a slot is one cache line");

/** Takes a slot; `drop` releases the contents, at the latest with the context. NULL: no memory. Any thread. */
RtSlot *rt_slot_new(struct MlcrtContext *context, RtKind kind, void *contents, RtDrop *drop);

/** True if `p` is a live slot of that kind. Any pointer that once was a handle of a living context may be asked about. */
bool rt_slot_is(const RtSlot *p, RtKind kind);

/** Shared use: any number at once. False if it is free or used alone. */
bool rt_slot_enter(RtSlot *slot);

/** Use alone. EBUSY if somebody uses it, EARG if it is free. */
MlcrtStatus rt_slot_enter_alone(RtSlot *slot);

/** For one who uses it shared, and nobody else does: alone until rt_slot_alone_end, which must come at once, for who wants to enter waits. */
bool rt_slot_alone_begin(RtSlot *slot);
void rt_slot_alone_end(RtSlot *slot);

/** Ends either use. */
void rt_slot_leave(RtSlot *slot);

/** Drops the contents and frees the slot. EBUSY while it is used, EARG if it is free or of another kind. */
MlcrtStatus rt_slot_free(RtSlot *slot, RtKind kind);

#endif
