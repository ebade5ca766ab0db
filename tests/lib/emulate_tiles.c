/* emulate_tiles.c - AMX tiles of bf16 in software: a handler of SIGILL decodes the instruction and does what the manual says.
 *
 * The model of TDPBF16PS agrees with the instruction of a Sapphire Rapids in every element that tests/scripts/tile_products.sh looks at.
 * Source: Intel SDM volume 2, LDTILECFG, TILELOADD, TILESTORED, TDPBF16PS, TILERELEASE; Bochs adds in the same order (cpu/avx/amx.cc).
 */
#define _GNU_SOURCE
#include "emulate_tiles.h"

#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { TILES = 8, ROWS = 16, ROW = 64 };
static _Thread_local unsigned char tile[TILES][ROWS][ROW];
static _Thread_local int rows[TILES], bytes[TILES];

static float of_bf16(uint16_t h)
{
    uint32_t w = (uint32_t)h << 16;
    float f;
    memcpy(&f, &w, 4);
    return f;
}

static __attribute__((target("fma"), noinline)) void add_products(float *sum, const uint16_t *a, const uint16_t *b, int pairs, int step)
{
    float even = 0, odd = 0;
    for (int k = 0; k < pairs; k++) {
        even = fmaf(of_bf16(a[2 * k]), of_bf16(b[k * step]), even);
        odd = fmaf(of_bf16(a[2 * k + 1]), of_bf16(b[k * step + 1]), odd);
    }
    *sum += even + odd;
}

/* Even places and odd ones are two chains from 0, whose sum is added; to nearest, subnormal numbers are 0 everywhere. */
void dot_step(float *sum, const uint16_t *a, const uint16_t *b, int pairs, int step)
{
    enum { MASKED = 0x1f80, DENORMALS_ARE_ZERO = 0x40, FLUSH_TO_ZERO = 0x8000 };
    unsigned mode = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(MASKED | DENORMALS_ARE_ZERO | FLUSH_TO_ZERO);
    add_products(sum, a, b, pairs, step);
    __builtin_ia32_ldmxcsr(mode);
}

static void multiply(int c, int a, int b)
{
    for (int m = 0; m < rows[c]; m++)
        for (int n = 0; n < bytes[c] / 4; n++) {
            float s;
            memcpy(&s, &tile[c][m][4 * n], 4);
            dot_step(&s, (const uint16_t *)(const void *)tile[a][m], (const uint16_t *)(const void *)tile[b][0] + 2 * n, bytes[a] / 4, ROW / 2);
            memcpy(&tile[c][m][4 * n], &s, 4);
        }
}

static void configure(const unsigned char *p)
{
    for (int i = 0; i < TILES; i++) {
        bytes[i] = p[16 + 2 * i] | p[17 + 2 * i] << 8;
        rows[i] = p[48 + i];
    }
    memset(tile, 0, sizeof tile);
}

/* ---- decoding ------------------------------------------------------------------------------------------------------------ */

static long long reg(const ucontext_t *u, int i)
{
    static const int map[] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                               REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };
    return u->uc_mcontext.gregs[map[i]];
}

typedef struct Place { unsigned char *at; long long stride; int length; } Place;

/* ModRM at p, SIB, displacement; x and b extend index and base. A byte offset follows at mod 1, four at mod 2. */
static Place place(const ucontext_t *u, const unsigned char *p, int x, int b)
{
    int mod = p[0] >> 6, rm = p[0] & 7, n = 1, base = rm | b << 3, index = -1, scale = 0, disp = 0;
    if (rm == 4) {
        index = (p[1] >> 3 & 7) | x << 3;
        scale = p[1] >> 6;
        base = (p[1] & 7) | b << 3;
        n = 2;
    }
    bool absolute = mod == 0 && (base & 7) == 5, relative = mod == 0 && rm == 5;
    if (mod == 1) {
        disp = (signed char)p[n];
        n += 1;
    } else if (mod == 2 || absolute) {
        memcpy(&disp, p + n, 4);
        n += 4;
    }
    long long at = relative ? (long long)(p + n) : absolute ? 0 : reg(u, base);
    long long stride = index >= 0 && index != 4 ? (long long)((unsigned long long)reg(u, index) << scale) : 0;
    return (Place){ (unsigned char *)(at + disp), stride, n };
}

/* The instruction at p with a place in memory; its length behind the opcode, or 0. */
static int with_memory(const ucontext_t *u, const unsigned char *p)
{
    int x = !(p[1] >> 6 & 1), b = !(p[1] >> 5 & 1), pp = p[2] & 3, op = p[3], t = p[4] >> 3 & 7;
    Place at = place(u, p + 4, x, b);
    if (op == 0x49 && pp == 0)
        configure(at.at);
    else if (op == 0x4b && pp == 3)
        for (int r = 0; r < rows[t]; r++)
            memcpy(tile[t][r], at.at + r * at.stride, (size_t)bytes[t]);
    else if (op == 0x4b && pp == 2)
        for (int r = 0; r < rows[t]; r++)
            memcpy(at.at + r * at.stride, tile[t][r], (size_t)bytes[t]);
    else
        return 0;
    return at.length;
}

static void on_unknown(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    const unsigned char *p = (const unsigned char *)u->uc_mcontext.gregs[REG_RIP];
    int length = 0;
    (void)sig, (void)info;
    if (p[0] == 0xc4 && (p[1] & 0x1f) == 2) { /* VEX, second map of opcodes */
        int pp = p[2] & 3, op = p[3], v = ~p[2] >> 3 & 15;
        length = 1;
        if (op == 0x5c && pp == 2)
            multiply(p[4] >> 3 & 7, p[4] & 7, v);
        else if (op == 0x49 && pp == 0 && p[4] == 0xc0)
            memset(rows, 0, sizeof rows);
        else
            length = with_memory(u, p);
    }
    if (length)
        u->uc_mcontext.gregs[REG_RIP] += 4 + length;
    else
        signal(SIGILL, SIG_DFL);
}

/* Where the CPU has tiles and the system has not allowed them yet, LDTILECFG works and TILELOADD does not: so it is asked. */
void emulate_tiles(void)
{
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    struct sigaction a;
    syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA);
    memset(&a, 0, sizeof a);
    a.sa_sigaction = on_unknown;
    a.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGILL, &a, NULL);
}
