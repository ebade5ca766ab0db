/* peaks.h - what this machine reaches just now, for profiles and for bench/. */
#ifndef MLC_DRIVER_PEAKS_H
#define MLC_DRIVER_PEAKS_H

#include <stddef.h>

typedef struct Peaks { double flops, cache, memory; } Peaks; /* per second, with that many threads: f32 operations; bytes read of 16 MiB, of large */

/* large: bytes of the slow reading, at least 16 MiB. Without memory for it cache and memory are 0. */
Peaks peaks_measure(int threads, size_t large);

#endif
