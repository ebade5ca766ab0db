/* random.h - draws as pure functions: Philox 4x32-10 of a key, a place in the source and an element.
 *
 *     key { w0, w1 }
 *     block(key, place, element):  Philox 4x32-10 with key words    low32(w0), high32(w0)
 *                                                  and counter words low32(element), high32(element), low32(t), high32(t)
 *                                  where t = w1 xor (place * 0x9E3779B97F4A7C15 mod 2^64)
 *     random_bits(key, place, element) = word 0 | word 1 << 32 of the block
 *     key_fold(key, n)                 = { word 0 | word 1 << 32, word 2 | word 3 << 32 } of block(key, -1, n)
 *     key_new(seed)                    = { seed, 0 }
 *
 * Places in a program are not negative, so a folded key never comes out of the numbers that are drawn. Generated code computes
 * the same words in vectors; the interpreter calls this. Source: Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as
 * easy as 1, 2, 3" (multipliers, Weyl constants, ten rounds).
 */
#ifndef RT_RANDOM_H
#define RT_RANDOM_H

#include <stdint.h>

#include "abi.h"

#define RT_PHILOX_M0 UINT32_C(0xD2511F53)
#define RT_PHILOX_M1 UINT32_C(0xCD9E8D57)
#define RT_PHILOX_W0 UINT32_C(0x9E3779B9)
#define RT_PHILOX_W1 UINT32_C(0xBB67AE85)
#define RT_PLACE UINT64_C(0x9E3779B97F4A7C15)
enum { RT_PHILOX_ROUNDS = 10 };

/** Four words in place of a counter. */
static inline void rt_philox(uint32_t x[4], uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < RT_PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)RT_PHILOX_M0 * x[0], p1 = (uint64_t)RT_PHILOX_M1 * x[2];
        uint32_t y0 = (uint32_t)(p1 >> 32) ^ x[1] ^ k0, y2 = (uint32_t)(p0 >> 32) ^ x[3] ^ k1;
        x[0] = y0;
        x[1] = (uint32_t)p1;
        x[2] = y2;
        x[3] = (uint32_t)p0;
        k0 += RT_PHILOX_W0;
        k1 += RT_PHILOX_W1;
    }
}

/** All 128 bits of one block. */
static inline MlcrtKey rt_random_block(MlcrtKey key, int64_t place, int64_t element)
{
    uint64_t t = key.w[1] ^ ((uint64_t)place * RT_PLACE), e = (uint64_t)element;
    uint32_t x[4] = { (uint32_t)e, (uint32_t)(e >> 32), (uint32_t)t, (uint32_t)(t >> 32) };
    rt_philox(x, (uint32_t)key.w[0], (uint32_t)(key.w[0] >> 32));
    return (MlcrtKey){ { (uint64_t)x[1] << 32 | x[0], (uint64_t)x[3] << 32 | x[2] } };
}

static inline uint64_t rt_random_bits(MlcrtKey key, int64_t place, int64_t element)
{
    return rt_random_block(key, place, element).w[0];
}

static inline MlcrtKey rt_key_fold(MlcrtKey key, int64_t n)
{
    return rt_random_block(key, -1, n);
}

static inline MlcrtKey rt_key_new(int64_t seed)
{
    return (MlcrtKey){ { (uint64_t)seed, 0 } };
}

#endif
