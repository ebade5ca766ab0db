/* packed.c - a GGUF file with one packed matrix, from a weight in f32, and the model that it makes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { BLOCK = 32, SCALE = 2, HEAD = 4 + 4 + 8 + 8 + 8 + 6 + 4 + 8 + 8 + 4 + 8, DATA = (HEAD + 31) / 32 * 32 };

typedef struct Form { int type, bytes, most; } Form; /* number of the type in the file, bytes of a block, largest number */

static Form form_of(const Case *c)
{
    return c->model[1] == '8' ? (Form){ 8, 34, 127 } : (Form){ 2, 18, 7 };
}

/* The scale as an f16 with few bits: normal for these weights, exact to copy. */
static uint16_t half_of(float x, float *value)
{
    int e;
    float m = frexpf(x, &e);
    int bits = (int)ceilf(m * 2048);
    e += bits == 2048;
    bits = bits == 2048 ? 1024 : bits;
    *value = ldexpf((float)bits, e - 11);
    return (uint16_t)((e + 14) << 10 | (bits - 1024));
}

static void pack(float *x, unsigned char *to, Form f)
{
    float most = 1e-3f, d;
    for (int i = 0; i < BLOCK; i++)
        most = fmaxf(most, fabsf(x[i]));
    uint16_t h = half_of(most / (float)f.most, &d);
    memcpy(to, &h, SCALE);
    memset(to + SCALE, 0, (size_t)f.bytes - SCALE);
    for (int i = 0; i < BLOCK; i++) {
        int q = (int)lrintf(x[i] / d);
        x[i] = (float)q * d;
        if (f.type == 8)
            to[SCALE + i] = (unsigned char)q;
        else
            to[SCALE + i % 16] |= (unsigned char)((q + 8) << (i < 16 ? 0 : 4));
    }
}

static unsigned char *put(unsigned char *at, uint64_t v, int bytes)
{
    memcpy(at, &v, (size_t)bytes); /* little-endian, like the file */
    return at + bytes;
}

static void put_head(unsigned char *at, const int64_t *d, Form f)
{
    memcpy(at, "GGUF", 4);
    at = put(at + 4, 3, 4);
    at = put(at, 1, 8);
    at = put(at, 0, 8);
    at = put(at, 6, 8);
    memcpy(at, "weight", 6);
    at = put(at + 6, 2, 4);
    at = put(at, (uint64_t)d[0], 8);
    at = put(at, (uint64_t)d[1], 8);
    at = put(at, (uint64_t)f.type, 4);
    put(at, 0, 8);
}

static bool write_all(int fd, const unsigned char *p, size_t n)
{
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

bool packed_net(Work *w, MlcModule *m, const struct MlcrtStruct *type)
{
    const int64_t *d = w->spec[1].d, sizes[] = { d[1], d[0] };
    Form f = form_of(w->c);
    char path[] = "/tmp/mlc-bench-XXXXXX";
    size_t blocks = (size_t)(d[0] * d[1]) / BLOCK, size = DATA + (blocks * (size_t)f.bytes + 31) / 32 * 32;
    unsigned char *file = calloc(size, 1);
    int fd = file ? mkstemp(path) : -1;
    bool ok = fd >= 0;
    if (ok) {
        put_head(file, sizes, f);
        for (size_t i = 0; i < blocks; i++)
            pack(w->in[1] + i * BLOCK, file + DATA + i * (size_t)f.bytes, f);
        ok = write_all(fd, file, size) &&
             !mlcrt_handle_load(w->session, mlc_tables(m), type, path, NULL, (const int64_t[]){ -1, -1 }, &w->net);
        if (!ok)
            fprintf(stderr, "%s: %s\n", w->c->name, mlcrt_error(w->session)->sentence);
        close(fd);
        unlink(path);
    }
    free(file);
    return ok;
}
