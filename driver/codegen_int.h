/* codegen_int.h - the two ways to LLVM: the opened library (codegen.c) and the helper process (helper.c, codegen_main.c). */
#ifndef MLC_DRIVER_CODEGEN_INT_H
#define MLC_DRIVER_CODEGEN_INT_H

#include <sys/types.h>

#include "driver/unit.h"

typedef struct Helper { pid_t pid, owner; int fd; bool talking; } Helper; /* pid 0: none runs; owner: who started it; talking: in the middle of a conversation */

struct Codegen {
    bool isolated;
    unsigned packed; /* UnitOptions.packed, for whole programs */
    int seconds;
    uint64_t memory;
    const char *directory;
    const char *cache; /* folder of objects, NULL: none */
    CacheKey key;      /* of the last object, if it is */
    bool kept;         /* in that folder */
    void *library;
    const BeApi *api;
    Helper helper;
};

/* What goes over the socket, before the bytes it announces. To the helper: printed tile IR, or (whole) a program as prefix, name and text,
 * each ended by a NUL, of which all exports are wanted. Back: an object, or an error text. */
typedef struct HelperRequest { uint32_t magic, opt; uint64_t size; uint64_t memory; uint32_t seconds, whole, packed, reserved; char cpu[64]; } HelperRequest;
typedef struct HelperReply { uint32_t magic; int32_t status; uint64_t size; } HelperReply;
enum { HELPER_MAGIC = 0x6d6c6332 };

/* From printed tile IR, or a whole program, to an object in arena a. */
bool helper_ask(Codegen *c, Arena *a, const BeOptions *o, bool whole, const Buf *text, BeResult *out, int *status, Buf *errors);
bool helper_compile(Codegen *c, IrModule *m, const BeOptions *o, BeResult *out, int *status, Buf *errors);
void helper_stop(Helper *h);
bool helper_read(int fd, void *p, size_t n);        /* false: the other side is gone */
bool helper_write(int fd, const void *p, size_t n); /* no signal when the other side is gone */

#endif
