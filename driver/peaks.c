/* peaks.c - what this machine reaches just now: fused multiply-adds in registers, reading 16 MiB and much more. Best of several tries. */
#define _GNU_SOURCE
#include <immintrin.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "peaks.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { CHAINS = 12, TURNS = 2000000 };

#define FMA_LOOP(type, set, fma)                                                       \
    type a[CHAINS], x = set(0.999f), y = set(0.001f);                                  \
    for (int i = 0; i < CHAINS; i++)                                                   \
        a[i] = set((float)i);                                                          \
    for (int t = 0; t < TURNS; t++) {                                                  \
        _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) a[i] = fma(a[i], x, y); \
        __asm__ volatile("" : "+x"(x));                                                \
    }                                                                                  \
    float sum = 0;                                                                     \
    for (int i = 0; i < CHAINS; i++)                                                   \
        sum += ((float *)&a[i])[0];                                                    \
    return sum

__attribute__((target("avx512f"))) static float wide(void) { FMA_LOOP(__m512, _mm512_set1_ps, _mm512_fmadd_ps); }
__attribute__((target("avx2,fma"))) static float narrow(void) { FMA_LOOP(__m256, _mm256_set1_ps, _mm256_fmadd_ps); }

typedef struct Read { const uint64_t *p; size_t n; int turns; bool wide; uint64_t sum; } Read; /* p NULL: multiply-adds */

static uint64_t read_all(const uint64_t *p, size_t n)
{
    uint64_t s[16] = { 0 };
    for (size_t i = 0; i + 16 <= n; i += 16)
        for (int k = 0; k < 16; k++)
            s[k] ^= p[i + (size_t)k];
    for (int k = 1; k < 16; k++)
        s[0] ^= s[k];
    return s[0];
}

static void *work(void *arg)
{
    Read *r = arg;
    if (!r->p)
        r->sum = (uint64_t)(r->wide ? wide() : __builtin_cpu_supports("fma") ? narrow() : 0);
    for (int i = 0; r->p && i < r->turns; i++) {
        r->sum ^= read_all(r->p, r->n);
        __asm__ volatile("" ::: "memory");
    }
    return NULL;
}

/* Seconds until all threads are done with their part. */
static double together(int threads, const uint64_t *p, size_t n, int turns, bool wide)
{
    pthread_t t[64];
    Read r[64];
    double start = now();
    for (int i = 0; i < threads; i++) {
        r[i] = (Read){ p ? p + n / (size_t)threads * (size_t)i : NULL, n / (size_t)threads, turns, wide, 0 };
        if (i && pthread_create(&t[i], NULL, work, &r[i]))
            return 1e9;
    }
    work(&r[0]);
    for (int i = 1; i < threads; i++)
        pthread_join(t[i], NULL);
    return now() - start;
}

static double best(int threads, const uint64_t *p, size_t n, int turns, bool wide, double amount)
{
    double rate = 0;
    for (int i = 0; i < 5; i++) {
        double r = amount / together(threads, p, n, turns, wide);
        rate = r > rate ? r : rate;
    }
    return rate;
}

enum { HUGE_PAGE = 2 << 20 };

Peaks peaks_measure(int threads, size_t large, int vector_bytes)
{
    size_t small = (size_t)16 << 20;
    bool wide = vector_bytes >= 64 && __builtin_cpu_supports("avx512f");
    int lanes = wide ? 16 : 8;
    uint64_t *p = aligned_alloc(HUGE_PAGE, large);
    threads = threads > 64 ? 64 : threads;
    Peaks k = { .flops = best(threads, NULL, 0, 1, wide, 2.0 * lanes * (double)CHAINS * (double)TURNS * threads) };
    if (!p)
        return k;
    madvise(p, large, MADV_HUGEPAGE); /* as the runtime's own large blocks */
    memset(p, 1, large);
    k.cache = best(threads, p, small / 8, 16, wide, 16.0 * (double)small);
    k.memory = best(threads, p, large / 8, 1, wide, (double)large);
    free(p);
    return k;
}
