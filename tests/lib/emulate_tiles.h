/* emulate_tiles.h - tiles of bf16 in software. */
#ifndef TESTS_LIB_EMULATE_TILES_H
#define TESTS_LIB_EMULATE_TILES_H

#include <stdint.h>

/* From now on instructions of AMX that this CPU does not know, or that the system has not allowed, work; each thread has tiles of its own. */
void emulate_tiles(void);

/* sum += the products of 2 * pairs places, as TDPBF16PS adds them; b's pairs are `step` elements apart. */
void dot_step(float *sum, const uint16_t *a, const uint16_t *b, int pairs, int step);

#endif
