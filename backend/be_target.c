/* be_target.c - what a target CPU has. Needs no LLVM: tiling, in the host process, asks too.
 *
 * This machine is described by the highest psABI level that it has in full (5: and AMX of bf16), and by whether it sums products of
 * bytes, so machines with equal features make equal code.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend/backend.h"

typedef struct Row { const char *name, *llvm; int level; const char *extra; } Row;

static const Row rows[] = {
#define TARGET(name, llvm, level, extra) { name, llvm, level, extra },
#include "backend/be_target.def"
#undef TARGET
};
enum { NROWS = sizeof rows / sizeof rows[0] };

static void set_level(BeTarget *t, int level, const char *extra)
{
    t->vector_bytes = level >= 4 ? 64 : level >= 3 ? 32 : 16;
    t->registers = level >= 4 ? 32 : 16;
    t->fma = t->avx2 = t->f16c = level >= 3;
    t->avx512 = level >= 4;
    if (level >= 2)
        t->needs |= MLCRT_CPU_SSE42;
    if (level >= 3)
        t->needs |= MLCRT_CPU_AVX2 | MLCRT_CPU_FMA | MLCRT_CPU_F16C | MLCRT_CPU_BMI2;
    if (level >= 4)
        t->needs |= MLCRT_CPU_AVX512;
    t->vnni = strstr(extra, "vnni") != NULL;
    if (t->vnni)
        t->needs |= level >= 4 ? MLCRT_CPU_AVX512VNNI : MLCRT_CPU_AVXVNNI;
    t->amx = level >= 5;
    if (level >= 5)
        t->needs |= MLCRT_CPU_AMX_BF16;
}

static bool os_saves(uint32_t mask)
{
    uint32_t a, b, c, d, lo, hi;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return false;
    __asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (lo & mask) == mask;
}

/* Whether this process may use the registers of AMX; asking again does no harm. */
static bool tiles_allowed(void)
{
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return os_saves(0x60000) && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

static int native_level(void)
{
    uint32_t a, b, c, d, b7 = 0, c7 = 0, d7 = 0, xa, xb, xc = 0, xd;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return 1;
    __get_cpuid_count(7, 0, &a, &b7, &c7, &d7);
    __get_cpuid(0x80000001, &xa, &xb, &xc, &xd);
    uint32_t v2 = bit_SSE4_2 | bit_SSE4_1 | bit_SSSE3 | bit_SSE3 | bit_POPCNT | bit_CMPXCHG16B;
    uint32_t v3 = bit_AVX | bit_FMA | bit_F16C | bit_MOVBE, v3b = bit_AVX2 | bit_BMI | bit_BMI2;
    uint32_t v4b = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
    if ((c & v2) != v2)
        return 1;
    if ((c & v3) != v3 || (b7 & v3b) != v3b || !(xc & bit_LZCNT) || !os_saves(6))
        return 2;
    if ((b7 & v4b) != v4b || !os_saves(0xe6))
        return 3;
    bool amx = (d7 & (1u << 24)) && (d7 & (1u << 22)); /* tiles; of bf16 */
    return amx && (c7 & (1u << 11)) && tiles_allowed() ? 5 : 4;
}

/* The row of be_target.def that is this machine. */
static const char *native_name(void)
{
    static const char *const levels[] = { "", "x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "sapphirerapids" };
    uint32_t most = 0, b, c = 0, d, a = 0;
    int level = native_level();
    __get_cpuid_count(7, 0, &most, &b, &c, &d);
    bool zmm = c & (1u << 11); /* AVX512-VNNI */
    if (most >= 1)
        __get_cpuid_count(7, 1, &a, &b, &c, &d);
    bool ymm = a & (1u << 4); /* AVX-VNNI */
    return level == 4 && zmm ? "icelake-server" : level == 3 && ymm ? "alderlake" : levels[level];
}

static void set_caches(BeTarget *t, bool native)
{
    long l1 = 0, l2 = 0, l3 = 0;
    if (native) {
        l1 = sysconf(_SC_LEVEL1_DCACHE_SIZE);
        l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
        l3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
    }
    t->l1 = l1 > 0 ? l1 : t->amx ? 48 << 10 : 32 << 10;
    t->l2 = l2 > 0 ? l2 : t->amx ? 2 << 20 : 512 << 10; /* all that have AMX have these */
    t->l3 = l3 > 0 ? l3 : 8 << 20;
}

bool be_target(const char *cpu, BeTarget *t, Buf *errors)
{
    bool native = !cpu || strcmp(cpu, "native") == 0;
    const char *want = native ? native_name() : cpu;
    *t = (BeTarget){ 0 };
    for (int i = 0; i < NROWS; i++)
        if (strcmp(rows[i].name, want) == 0) {
            snprintf(t->name, sizeof t->name, "%s", rows[i].name);
            snprintf(t->cpu, sizeof t->cpu, "%s", rows[i].llvm);
            snprintf(t->features, sizeof t->features, "%s", rows[i].extra);
            set_level(t, rows[i].level, rows[i].extra);
            set_caches(t, native);
            return true;
        }
    if (errors) {
        buf_printf(errors, "unknown target CPU '%s'; known are native", want);
        for (int i = 0; i < NROWS; i++)
            buf_printf(errors, ", %s", rows[i].name);
    }
    return false;
}
