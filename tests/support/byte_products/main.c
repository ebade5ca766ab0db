/* Products of bytes of all sizes around the steps of the loops, compared with plain sums; and the weight, which is kept in words, read back. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "products.h"

enum { SS, US, SU, UU, TURNED, RIGHT, PRODUCT, KINDS };

typedef struct Case {
    MlcrtSession *s;
    int kind;
    int64_t m, n, k;
    unsigned char *x, *w;
    int32_t *y;
    void *net;
} Case;

static int failures;

static void complain(const Case *c, const char *what, long long number)
{
    if (failures++ < 10)
        printf("kind %d, %lld x %lld x %lld: %s: %lld\n", c->kind, (long long)c->m, (long long)c->n, (long long)c->k, what, number);
}

static int by_columns(int kind) { return kind == TURNED || kind == PRODUCT; }

/* All of the greatest and the least products, too. */
static void fill(unsigned char *p, int64_t n, int64_t row, unsigned seed)
{
    for (int64_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = i < row ? 0x80 : i < 2 * row ? 0xff : (unsigned char)(seed >> 24);
    }
}

static int number(unsigned char byte, int is_unsigned) { return is_unsigned ? byte : (signed char)byte; }

static void compare(const Case *c)
{
    int x_unsigned = c->kind == US || c->kind == UU, w_unsigned = c->kind == SU || c->kind == UU;
    for (int64_t i = 0; i < c->m; i++)
        for (int64_t j = 0; j < c->n; j++) {
            int32_t sum = 0;
            for (int64_t k = 0; k < c->k; k++)
                sum += number(c->x[i * c->k + k], x_unsigned) * number(c->w[by_columns(c->kind) ? k * c->n + j : j * c->k + k], w_unsigned);
            if (sum != c->y[i * c->n + j]) {
                complain(c, "another sum", c->y[i * c->n + j]);
                return;
            }
        }
}

static MlcrtStatus load(Case *c, const MlcrtTensor *w)
{
    const int64_t numbers[] = { w->shape[0], w->shape[1] };
    if (c->kind == TURNED)
        return products_Turned_from_tensors(c->s, numbers, w, (products_Turned **)&c->net);
    if (c->kind == SU || c->kind == UU)
        return products_Unsigned_from_tensors(c->s, numbers, w, (products_Unsigned **)&c->net);
    return c->kind < TURNED ? products_Signed_from_tensors(c->s, numbers, w, (products_Signed **)&c->net) : MLCRT_OK;
}

static MlcrtStatus call(Case *c, const MlcrtTensor *x, const MlcrtTensor *w, MlcrtTensor *y)
{
    switch (c->kind) {
    case SS: return products_ss(c->s, c->net, x, y);
    case US: return products_us(c->s, c->net, x, y);
    case SU: return products_su(c->s, c->net, x, y);
    case UU: return products_uu(c->s, c->net, x, y);
    case TURNED: return products_turned(c->s, c->net, x, y);
    case RIGHT: return products_right(c->s, x, w, y);
    default: return products_product(c->s, x, w, y);
    }
}

static void read_back(Case *c, MlcrtTensor t)
{
    t.data = malloc((size_t)(c->n * c->k));
    if (!t.data)
        exit(2);
    MlcrtStatus status = c->kind == TURNED ? products_Turned_get(c->s, c->net, "weight", &t)
                         : c->kind == SU || c->kind == UU ? products_Unsigned_get(c->s, c->net, "weight", &t) : products_Signed_get(c->s, c->net, "weight", &t);
    if (status || memcmp(t.data, c->w, (size_t)(c->n * c->k)))
        complain(c, "the weight is not what it was", status);
    free(t.data);
}

static void run(MlcrtSession *s, int kind, int64_t m, int64_t n, int64_t k)
{
    Case c = { .s = s, .kind = kind, .m = m, .n = n, .k = k };
    int64_t xs[] = { m, k }, ws[] = { by_columns(kind) ? k : n, by_columns(kind) ? n : k }, ys[] = { m, n };
    MlcrtTensor x = { .device = MLCRT_CPU, .rank = 2, .code = kind == US || kind == UU ? MLCRT_UINT : MLCRT_INT, .bits = 8, .lanes = 1, .shape = xs }, w = x, y = x;
    c.x = malloc((size_t)(m * k));
    c.w = malloc((size_t)(n * k));
    c.y = malloc((size_t)(m * n) * 4);
    if (!c.x || !c.w || !c.y)
        exit(2);
    fill(c.x, m * k, k > 8 ? k : 0, 1);
    fill(c.w, n * k, k > 8 ? k : 0, 2);
    x.data = c.x;
    w.data = c.w;
    w.shape = ws;
    w.code = kind == SU || kind == UU ? MLCRT_UINT : MLCRT_INT;
    y.data = c.y;
    y.shape = ys;
    y.code = MLCRT_INT;
    y.bits = 32;
    if (load(&c, &w) || call(&c, &x, &w, &y))
        complain(&c, mlcrt_error(s)->sentence, 0);
    else
        compare(&c);
    if (c.net)
        read_back(&c, w);
    mlcrt_handle_free(c.net);
    free(c.x);
    free(c.w);
    free(c.y);
}

int main(void)
{
    static const int64_t m[] = { 1, 2, 5, 8, 11, 16, 33 }, n[] = { 1, 16, 33, 100 }, k[] = { 1, 3, 4, 7, 64, 130, 260 };
    MlcrtContext *context = NULL;
    MlcrtSession *s = NULL;
    if (mlcrt_context_new(NULL, &context) || mlcrt_session_new(context, &s))
        return 2;
    for (int kind = 0; kind < KINDS; kind++)
        for (int a = 0; a < 7; a++)
            for (int b = 0; b < 4; b++)
                for (int c = 0; c < 7; c++)
                    run(s, kind, m[a], n[b], k[c]);
    mlcrt_session_free(s);
    mlcrt_context_free(context);
    return failures != 0;
}
