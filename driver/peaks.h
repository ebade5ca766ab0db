/* peaks.h - what this machine reaches just now, for profiles and for bench/. */
#ifndef MLC_DRIVER_PEAKS_H
#define MLC_DRIVER_PEAKS_H

#include <stddef.h>

typedef struct Peaks { double flops, cache, memory; } Peaks; /* per second, with that many threads: f32 operations; bytes read of 16 MiB, of large */

/* large: bytes of the slow reading, at least 16 MiB. Without memory for it cache and memory are 0. vector_bytes: of the code that is
 * compared with it; 64: with AVX-512 where the machine has it, less: with AVX2. */
Peaks peaks_measure(int threads, size_t large, int vector_bytes);

#endif
