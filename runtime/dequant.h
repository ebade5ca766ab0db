/* dequant.h - element types of GGUF files, blocks of packed numbers among them, and what they stand for in f32. */
#ifndef RT_DEQUANT_H
#define RT_DEQUANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Unpacks `n` blocks. */
typedef void RtUnpack(float *out, const uint8_t *blocks, size_t n);

/** A row of the table of types. */
typedef struct RtPacking {
    uint32_t id;        /* in the file */
    const char *name;   /* "Q8_0" */
    uint32_t elements;  /* in a block; 1: not packed */
    uint32_t bytes;     /* of a block */
    RtUnpack *unpack;   /* NULL: the elements are as `code` and `bits` say */
    uint8_t code, bits; /* of the result */
    uint8_t form;       /* MlcrtForm that compiled code takes; 0: none */
} RtPacking;

/** The row of a type; NULL if there is none. */
const RtPacking *rt_packing_find(uint32_t id);

/** The row whose blocks compiled code takes as this MlcrtForm, which is not plain. */
const RtPacking *rt_packing_of_form(int32_t form);

/** The name of a type that GGUF has and this table has not; NULL if there is none. */
const char *rt_packing_foreign(uint32_t id);

#endif
