/* emulate.h - tiles of bf16 in software. */
#ifndef EMULATE_H
#define EMULATE_H

#include <stdint.h>

/* From now on instructions of AMX that this CPU does not know work; for one thread at a time each has tiles of its own. */
void emulate_tiles(void);

/* sum += the products of 2 * pairs places, as TDPBF16PS adds them; b's pairs are `step` elements apart. */
void dot_step(float *sum, const uint16_t *a, const uint16_t *b, int pairs, int step);

#endif
