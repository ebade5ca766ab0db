/* cpu.c - what this processor can do, as bits MLCRT_CPU_*: its own flags and what the system saves of its registers.
 * Source: Intel SDM volume 1, chapters 13 to 18 (CPUID, XGETBV, detection of AVX, AVX-512 and AMX). */
#define _GNU_SOURCE
#include "core_int.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct Leaf { uint32_t eax, ebx, ecx, edx; } Leaf;

static Leaf cpuid(uint32_t leaf, uint32_t sub)
{
    Leaf l = { 0, 0, 0, 0 };
    if (!__get_cpuid_count(leaf, sub, &l.eax, &l.ebx, &l.ecx, &l.edx))
        l = (Leaf){ 0, 0, 0, 0 };
    return l;
}

static uint64_t xgetbv(void)
{
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

static bool bit(uint32_t word, int n)
{
    return word >> n & 1;
}

bool rt_cpu_allow(uint64_t features)
{
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    if (!(features & (MLCRT_CPU_AMX_BF16 | MLCRT_CPU_AMX_INT8)))
        return true;
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

uint64_t rt_cpu_features(void)
{
    enum { YMM = 6, ZMM = 0xE6, TILE = 0x60000 };
    Leaf one = cpuid(1, 0), seven = cpuid(7, 0), seven1 = cpuid(7, 1);
    uint64_t f = 0, saved = bit(one.ecx, 27) ? xgetbv() : 0;
    if (bit(one.ecx, 20))
        f |= MLCRT_CPU_SSE42;
    if (bit(seven.ebx, 8) && bit(seven.ebx, 3))
        f |= MLCRT_CPU_BMI2;
    if ((saved & YMM) == YMM) {
        f |= bit(seven.ebx, 5) ? MLCRT_CPU_AVX2 : 0;
        f |= bit(one.ecx, 12) ? MLCRT_CPU_FMA : 0;
        f |= bit(one.ecx, 29) ? MLCRT_CPU_F16C : 0;
        f |= bit(seven1.eax, 4) ? MLCRT_CPU_AVXVNNI : 0;
    }
    bool avx512 = bit(seven.ebx, 16) && bit(seven.ebx, 17) && bit(seven.ebx, 28) && bit(seven.ebx, 30) && bit(seven.ebx, 31);
    if ((saved & ZMM) == ZMM && avx512) {
        f |= MLCRT_CPU_AVX512;
        f |= bit(seven.ecx, 11) ? MLCRT_CPU_AVX512VNNI : 0;
        f |= bit(seven1.eax, 5) ? MLCRT_CPU_AVX512BF16 : 0;
        f |= bit(seven.edx, 23) ? MLCRT_CPU_AVX512FP16 : 0;
    }
    if ((saved & TILE) == TILE && bit(seven.edx, 24)) {
        f |= bit(seven.edx, 22) ? MLCRT_CPU_AMX_BF16 : 0;
        f |= bit(seven.edx, 25) ? MLCRT_CPU_AMX_INT8 : 0;
    }
    return f;
}
#else
uint64_t rt_cpu_features(void) { return 0; }
bool rt_cpu_allow(uint64_t features) { return features == 0; }
#endif

const char *rt_cpu_missing(uint64_t features)
{
    static const struct { uint64_t bit; const char *name; } names[] = {
        { MLCRT_CPU_SSE42, "SSE4.2" }, { MLCRT_CPU_AVX2, "AVX2" }, { MLCRT_CPU_FMA, "FMA" }, { MLCRT_CPU_F16C, "F16C" },
        { MLCRT_CPU_BMI2, "BMI2" }, { MLCRT_CPU_AVX512, "AVX-512" }, { MLCRT_CPU_AVX512BF16, "AVX-512 BF16" },
        { MLCRT_CPU_AVX512FP16, "AVX-512 FP16" }, { MLCRT_CPU_AMX_BF16, "AMX BF16" }, { MLCRT_CPU_AMX_INT8, "AMX INT8" },
        { MLCRT_CPU_AVX512VNNI, "AVX-512 VNNI" }, { MLCRT_CPU_AVXVNNI, "AVX-VNNI" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (features & names[i].bit)
            return names[i].name;
    return "an unknown feature";
}
