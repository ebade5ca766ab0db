/* loader_int.h - what the two files of the loader share: an object that is being loaded. */
#ifndef RT_LOADER_INT_H
#define RT_LOADER_INT_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

#include "loader.h"
#include "mem.h"

#define RT_NOWHERE UINT64_MAX

typedef enum RtPart { RT_CODE, RT_CONSTANTS, RT_DATA, RT_PARTS } RtPart;

typedef struct RtLoad {
    MlcrtAlloc alloc;
    const unsigned char *bytes;
    size_t size;
    const RtSymbol *given;
    RtError *err;
    char *memory;          /* the mapping */
    Elf64_Ehdr head;
    Elf64_Shdr *sections;  /* copies, as the file may be unaligned */
    uint64_t *place;       /* of each section in the mapping; RT_NOWHERE: not loaded */
    Elf64_Sym *symbols;
    uint64_t *outside;     /* of each undefined symbol: its address, once it was looked up */
    uint64_t *thunk, *got; /* of each symbol: place in the mapping, RT_NOWHERE: none yet */
    size_t nsymbols, strings_size;
    const char *strings;   /* with a NUL at the end */
    uint64_t begin[RT_PARTS], end[RT_PARTS]; /* in the mapping */
    uint64_t next_thunk, next_got;
} RtLoad;

/** Copies the lists of sections and symbols; afterwards every section lies inside the file, and every name inside its table. */
MlcrtStatus rt_load_read(RtLoad *l);
void rt_load_drop(RtLoad *l);

/** EFORMAT: "the object is damaged: ..." */
MlcrtStatus rt_load_bad(RtLoad *l, const char *what);

/** The name of a section; "" if it has none. */
const char *rt_load_section_name(const RtLoad *l, const Elf64_Shdr *s);

#endif
