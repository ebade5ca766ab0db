/* main.c - products of bf16 in tiles, compared with a model of the instruction, element by element and bit by bit. Where the CPU has no
 * AMX, its instructions are emulated. Prints what is wrong; exit status 0 or 1. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi.h"
#include "emulate_tiles.h"
#include "products.h"

static int bad;
enum { MOST_THREADS = 2 };
static uint32_t seed = 1;

static void complain(const char *what, int64_t m, int64_t k, int64_t n, int64_t count)
{
    if (count) {
        bad = 1;
        printf("%lld x %lld x %lld: %s: %lld\n", (long long)m, (long long)k, (long long)n, what, (long long)count);
    }
}

static float from_bf16(uint16_t h)
{
    uint32_t w = (uint32_t)h << 16;
    float f;
    memcpy(&f, &w, 4);
    return f;
}

static uint16_t to_bf16(float f)
{
    uint32_t w;
    memcpy(&w, &f, 4);
    return (uint16_t)(f != f ? w >> 16 | 64 : (w + 0x7fff + (w >> 16 & 1)) >> 16);
}

/* Uniform in [-1, 1); `odd`: with subnormal numbers, infinities, NaN and huge ones among them. */
static void fill(uint16_t *x, int64_t n, int odd)
{
    static const uint16_t kinds[] = { 0x0001, 0x8003, 0x7f80, 0x7fc0, 0x7f7f, 0x0080, 0x8000 };
    for (int64_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = odd && i % 97 == 0 ? kinds[i % 7] : to_bf16((float)(int32_t)seed / 2147483648.0f);
    }
}

static MlcrtTensor tensor(void *p, int bits, int32_t rank, int64_t *shape)
{
    return (MlcrtTensor){ .data = p, .device = MLCRT_CPU, .rank = rank, .code = bits == 16 ? MLCRT_BFLOAT : MLCRT_FLOAT, .bits = (uint8_t)bits, .lanes = 1, .shape = shape };
}

static void fail(MlcrtSession *s, const char *what)
{
    const MlcrtError *e = mlcrt_error(s);
    printf("%s: %s\n", what, e ? e->sentence : "?");
    exit(1);
}

/* Groups of 32 places go on from the sum so far; places beyond the end are 0. step_*: from one place to the next. */
static float model(const uint16_t *x, const uint16_t *w, int64_t w_step, int64_t k)
{
    float sum = 0;
    for (int64_t g = 0; g < k; g += 32) {
        uint16_t a[32] = { 0 }, b[32] = { 0 };
        for (int64_t i = 0; i < 32 && g + i < k; i++) {
            a[i] = x[g + i];
            b[i] = w[(g + i) * w_step];
        }
        dot_step(&sum, a, b, 16, 2);
    }
    return sum;
}

static int same(float a, float b) { return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b); }

/* The order of floats: chains of 256, their sums ascending. */
static float chain(const uint16_t *x, const uint16_t *w, int64_t w_step, int64_t k)
{
    float total = 0;
    for (int64_t lo = 0; lo < k; lo += 256) {
        float sum = 0;
        for (int64_t i = lo; i < k && i < lo + 256; i++)
            sum = fmaf(from_bf16(x[i]), from_bf16(w[i * w_step]), sum);
        total += sum;
    }
    return total;
}

typedef struct Case { MlcrtContext *c; MlcrtSession *s; products_Net *net; int64_t m, k, n; uint16_t *x, *weight, *across, *y; float *bias, *z; } Case;

static void *room(int64_t n, size_t size) { return malloc((size_t)n * size + 1); }

static Case make(int64_t m, int64_t k, int64_t n, int threads, int odd)
{
    Case c = { .m = m, .k = k, .n = n, .x = room(m * k, 2), .weight = room(n * k, 2), .across = room(k * n, 2), .y = room(m * n, 2), .bias = room(n, 4), .z = room(m * n, 4) };
    MlcrtOptions o = { .size = sizeof o, .threads = threads };
    fill(c.x, m * k, odd);
    fill(c.weight, n * k, 0);
    fill(c.across, k * n, 0);
    for (int64_t i = 0; i < n; i++)
        c.bias[i] = (float)i / 8;
    if (mlcrt_context_new(&o, &c.c) || mlcrt_session_new(c.c, &c.s))
        fail(NULL, "context");
    MlcrtTensor leaves[] = { tensor(c.weight, 16, 2, (int64_t[]){ n, k }), tensor(c.across, 16, 2, (int64_t[]){ k, n }) };
    if (products_Net_from_tensors(c.s, (int64_t[]){ k, n }, leaves, &c.net))
        fail(c.s, "a model");
    return c;
}

static void drop(Case *c)
{
    products_Net_free(c->net);
    mlcrt_session_free(c->s);
    mlcrt_context_free(c->c);
    free(c->x), free(c->weight), free(c->across), free(c->y), free(c->bias), free(c->z);
}

static void run_product(Case *c, int64_t from, int64_t m, uint16_t *y)
{
    MlcrtTensor x = tensor(c->x + from * c->k, 16, 2, (int64_t[]){ m, c->k }), out = tensor(y, 16, 2, (int64_t[]){ m, c->n });
    if (products_product(c->s, c->net, &x, &out))
        fail(c->s, "product");
}

static void look_at_products(Case *c)
{
    int64_t wrong = 0, apart = 0;
    uint16_t *alone = room(c->n, 2);
    run_product(c, 0, c->m, c->y);
    for (int64_t i = 0; i < c->m * c->n; i++)
        wrong += !same(from_bf16(c->y[i]), from_bf16(to_bf16(model(c->x + i / c->n * c->k, c->weight + i % c->n * c->k, 1, c->k))));
    complain("elements that the instruction does not give", c->m, c->k, c->n, wrong);
    for (int64_t i = 0; i < c->m; i += c->m / 3 + 1) {
        run_product(c, i, 1, alone);
        apart += memcmp(alone, c->y + i * c->n, (size_t)c->n * 2) != 0;
    }
    complain("rows that are others alone", c->m, c->k, c->n, apart);
    free(alone);
}

/* The other orientation with what follows the sum; the same weight in the order of floats. */
static void look_across(Case *c)
{
    int64_t wrong = 0;
    MlcrtTensor x = tensor(c->x, 16, 2, (int64_t[]){ c->m, c->k }), bias = tensor(c->bias, 32, 1, (int64_t[]){ c->n }), out = tensor(c->z, 32, 2, (int64_t[]){ c->m, c->n });
    if (products_second(c->s, c->net, &x, &bias, &out))
        fail(c->s, "second");
    for (int64_t i = 0; i < c->m * c->n; i++) {
        float sum = model(c->x + i / c->n * c->k, c->across + i % c->n, c->n, c->k);
        wrong += !same(c->z[i], from_bf16(to_bf16(sum)) + c->bias[i % c->n]);
    }
    complain("elements with a bias are wrong", c->m, c->k, c->n, wrong);
    if (products_floats(c->s, c->net, &x, &out))
        fail(c->s, "floats");
    wrong = 0;
    for (int64_t i = 0; i < c->m * c->n; i++)
        wrong += !same(c->z[i], chain(c->x + i / c->n * c->k, c->across + i % c->n, c->n, c->k));
    complain("products of floats have another order", c->m, c->k, c->n, wrong);
}

/* Sums along the lanes of the tiles, whose blocks are copied. */
static void look_along(Case *c)
{
    int64_t wrong = 0, apart = 0;
    uint16_t *y = room(c->m * c->n, 2), *moved = room(c->m * c->k, 2), *alone = room(c->k, 2);
    float *z = room(c->m * c->k, 4), *bias = room(c->k, 4);
    fill(y, c->m * c->n, 0);
    for (int64_t i = 0; i < c->k; i++)
        bias[i] = (float)i / 8;
    MlcrtTensor ty = tensor(y, 16, 2, (int64_t[]){ c->m, c->n }), out = tensor(moved, 16, 2, (int64_t[]){ c->m, c->k });
    MlcrtTensor tb = tensor(bias, 32, 1, (int64_t[]){ c->k }), tz = tensor(z, 32, 2, (int64_t[]){ c->m, c->k });
    if (products_back(c->s, c->net, &ty, &out) || products_back_across(c->s, c->net, &ty, &tb, &tz))
        fail(c->s, "back");
    for (int64_t i = 0; i < c->m * c->k; i++) {
        const uint16_t *row = y + i / c->k * c->n;
        float across = model(row, c->across + i % c->k * c->n, 1, c->n);
        wrong += !same(from_bf16(moved[i]), from_bf16(to_bf16(model(row, c->weight + i % c->k, c->k, c->n))));
        wrong += !same(z[i], from_bf16(to_bf16(across)) + bias[i % c->k]);
    }
    complain("elements along the lanes of tiles are wrong", c->m, c->k, c->n, wrong);
    for (int64_t i = 0; i < c->m; i += c->m / 3 + 1) {
        MlcrtTensor one = tensor(y + i * c->n, 16, 2, (int64_t[]){ 1, c->n }), to = tensor(alone, 16, 2, (int64_t[]){ 1, c->k });
        if (products_back(c->s, c->net, &one, &to))
            fail(c->s, "back");
        apart += memcmp(alone, moved + i * c->k, (size_t)c->k * 2) != 0;
    }
    complain("rows along the lanes of tiles are others alone", c->m, c->k, c->n, apart);
    free(y), free(moved), free(alone), free(z), free(bias);
}

/* What is let go is read in tiles, element by element, and had back by name. */
static void look_back(Case *c)
{
    uint16_t *moved = room(c->m * c->k, 2);
    int64_t wrong = 0, shape[MLCRT_MAX_RANK], at = c->n / 2;
    MlcrtTensor x = tensor(c->x, 16, 2, (int64_t[]){ c->m, c->k }), out = tensor(c->y, 16, 2, (int64_t[]){ c->m, c->n });
    if (products_mixed(c->s, c->net, &x, at, &out))
        fail(c->s, "mixed");
    for (int64_t i = 0; i < c->m * c->k; i++)
        moved[i] = to_bf16(from_bf16(c->x[i]) - from_bf16(c->across[i % c->k * c->n + at]));
    for (int64_t i = 0; i < c->m * c->n; i++) {
        const uint16_t *w = c->weight + i % c->n * c->k;
        float y = from_bf16(to_bf16(model(moved + i / c->n * c->k, w, 1, c->k)));
        wrong += !same(from_bf16(c->y[i]), from_bf16(to_bf16(y + from_bf16(w[0]))));
    }
    complain("elements of a product with more of the model are wrong", c->m, c->k, c->n, wrong);
    const char *const paths[] = { "weight", "across" };
    for (int i = 0; i < 2; i++) {
        MlcrtTensor all = tensor(NULL, 16, 2, shape);
        if (products_Net_get(c->s, c->net, paths[i], &all))
            fail(c->s, paths[i]);
        complain("a weight is not what it was", c->m, c->k, c->n, memcmp(all.data, i ? c->across : c->weight, (size_t)(c->k * c->n) * 2) != 0);
        mlcrt_tensor_free(c->c, &all);
    }
    free(moved);
}

static void look(int64_t m, int64_t k, int64_t n, int threads, int odd)
{
    Case c = make(m, k, n, threads, odd);
    look_at_products(&c);
    if (!odd) {
        look_across(&c);
        look_along(&c);
        look_back(&c);
    }
    drop(&c);
}

/* Both are kept in tiles only, whichever functions take them. */
static void weigh(void)
{
    enum { K = 512, N = 1024 };
    uint64_t now;
    Case c = make(1, K, N, 1, 0);
    mlcrt_context_memory(c.c, &now, NULL);
    if (now > 2 * 2 * K * N + (256 << 10)) {
        bad = 1;
        printf("a model of 2 x %d bytes holds %llu\n", 2 * K * N, (unsigned long long)now);
    }
    drop(&c);
}

/* Without AMX the module says that it needs none, and SIGILL does the work. */
static void begin(void)
{
    MlcrtContext *c = NULL;
    MlcrtSession *s = NULL;
    products_Net *net = NULL;
    if (mlcrt_context_new(NULL, &c) || mlcrt_session_new(c, &s))
        fail(NULL, "context");
    MlcrtStatus status = products_Net_new(s, (int64_t[]){ 1, 1 }, NULL, &net);
    if (status == MLCRT_ECPU) {
        uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = (uintptr_t)&products_module & ~(page - 1);
        mprotect((void *)first, 2 * page, PROT_READ | PROT_WRITE);
        ((MlcrtModule *)(uintptr_t)&products_module)->features &= ~(uint64_t)MLCRT_CPU_AMX_BF16;
        emulate_tiles();
    } else if (status) {
        fail(s, "a model");
    }
    products_Net_free(net);
    mlcrt_session_free(s);
    mlcrt_context_free(c);
}

int main(void)
{
    static const int64_t shapes[][3] = { { 1, 32, 16 }, { 1, 31, 5 }, { 3, 64, 33 }, { 33, 700, 47 }, { 20, 1030, 530 }, { 300, 40, 35 } };
    begin();
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int odd = 0; odd < 2; odd++)
            look(shapes[i][0], shapes[i][1], shapes[i][2], 1 + (int)i % MOST_THREADS, odd);
    weigh();
    return bad;
}
