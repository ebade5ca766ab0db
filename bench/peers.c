/* peers.c - other libraries, opened when they are installed; nothing here is needed to build or test mlc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <immintrin.h>
#include <string.h>

#include "bench.h"

typedef void Sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb, float beta,
                   float *c, int ldc);

static Sgemm *sgemm; /* a benchmark is one program with one set of peers */
static __m256 (*vector_exp)(__m256);

static void *symbol(const char *library, const char *name)
{
    void *l = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return l ? dlsym(l, name) : NULL;
}

static void blas_nn(Work *w)
{
    const int64_t *d = w->c->d;
    sgemm(101, 111, 111, (int)d[0], (int)d[2], (int)d[1], 1, w->in[0], (int)d[1], w->in[1], (int)d[2], 0, w->theirs, (int)d[2]);
}

static void blas_nt(Work *w)
{
    const int64_t *d = w->c->d;
    sgemm(101, 111, 112, (int)d[0], (int)d[2], (int)d[1], 1, w->in[0], (int)d[1], w->in[1], (int)d[1], 0, w->theirs, (int)d[2]);
}

__attribute__((target("avx2"))) static void glibc_exp(Work *w)
{
    for (int64_t i = 0; i + 8 <= w->n_out; i += 8)
        _mm256_storeu_ps(w->theirs + i, vector_exp(_mm256_loadu_ps(w->in[0] + i)));
}

static Peer *open_blas(int threads, Peer *peer, const char **version)
{
    static const char library[] = "libopenblas.so.0";
    void *f = symbol(library, "cblas_sgemm"), *set = symbol(library, "openblas_set_num_threads"), *config = symbol(library, "openblas_get_config");
    if (!f || !set)
        return NULL;
    void (*set_threads)(int);
    memcpy(&sgemm, &f, sizeof f);
    memcpy(&set_threads, &set, sizeof set);
    set_threads(threads);
    char *(*get)(void) = NULL;
    memcpy(&get, &config, sizeof config);
    *version = get ? get() : "OpenBLAS";
    return peer;
}

Peer *peer_find(const char *name, int threads, const char **version)
{
    if (name && !strcmp(name, "openblas-sgemm"))
        return open_blas(threads, blas_nn, version);
    if (name && !strcmp(name, "openblas-sgemm-nt"))
        return open_blas(threads, blas_nt, version);
    if (name && !strcmp(name, "glibc-exp") && threads == 1 && __builtin_cpu_supports("avx2")) {
        void *f = symbol("libmvec.so.1", "_ZGVdN8v_expf");
        memcpy(&vector_exp, &f, sizeof f);
        *version = "glibc vector expf, 8 lanes";
        return f ? glibc_exp : NULL;
    }
    return NULL;
}
