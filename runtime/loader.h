/* loader.h - maps a compiled object into this process, without a linker and without LLVM. */
#ifndef RT_LOADER_H
#define RT_LOADER_H

#include <stddef.h>

#include "alloc.h"
#include "status.h"

typedef struct RtObject RtObject;

/** An address for an undefined symbol. */
typedef struct RtSymbol {
    const char *name;
    void *address;
} RtSymbol;

/** Maps an ELF relocatable object for x86-64.
 *
 *  alloc    for the list of symbols; NULL: the C library's. The code itself is mapped by the system
 *  symbols  what the object may use beside memcpy, memmove, memset, mlcrt_invoke and mlcrt_handle_*: up to one with `name`
 *           NULL; may be NULL. Any other undefined symbol is an error
 *  Memory   `bytes` are not needed afterwards. No page is ever writable and executable at once
 *  Errors   EFORMAT with what is wrong, whatever the bytes are; ELIMIT (1 GiB of sections); EMEMORY; EIO if the system
 *           does not allow new code. *object is NULL then
 */
MlcrtStatus rt_object_load(const MlcrtAlloc *alloc, const void *bytes, size_t size, const RtSymbol *symbols, RtObject **object,
                           RtError *err);

/** The address of a global symbol that the object defines; NULL if there is none. */
void *rt_object_symbol(const RtObject *object, const char *name);

/** Unmaps it; nothing may run in it, or use its tables, any more. NULL is ignored. */
void rt_object_unload(RtObject *object);

#endif
