/* peers.c - other libraries. OpenBLAS, oneDNN and glibc's vector functions are opened with dlopen; PyTorch, onnxruntime and jax run in a
 * small child process each (child.c). What is not installed is left out; nothing here is needed to build or test mlc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static void *symbol(Peer *p, const char *library, const char *name)
{
    p->library = p->library ? p->library : dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return p->library ? dlsym(p->library, name) : NULL;
}

static double time_calls(Peer *p, Work *w, int calls)
{
    double start = bench_now();
    for (int i = 0; i < calls; i++)
        p->call(p, w);
    return (bench_now() - start) / calls;
}

static void close_library(Peer *p)
{
    if (p->library && !p->stays)
        dlclose(p->library);
}

/* ---- matrix products -------------------------------------------------------------------------------------------- */

typedef void Sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb, float beta,
                   float *c, int ldc);
typedef int DnnlSgemm(char ta, char tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb,
                      float beta, float *c, int64_t ldc);

static void openblas(Peer *p, Work *w)
{
    const int64_t *d = w->c->d;
    Sgemm *f;
    memcpy(&f, &p->routine, sizeof f);
    bool nt = w->c->kind == LINEAR;
    f(101, 111, nt ? 112 : 111, (int)d[0], (int)d[2], (int)d[1], 1, w->in[0], (int)d[1], w->in[1], (int)(nt ? d[1] : d[2]), 0, w->theirs, (int)d[2]);
}

static void onednn(Peer *p, Work *w)
{
    const int64_t *d = w->c->d;
    DnnlSgemm *f;
    memcpy(&f, &p->routine, sizeof f);
    bool nt = w->c->kind == LINEAR;
    f('N', nt ? 'T' : 'N', d[0], d[2], d[1], 1, w->in[0], d[1], w->in[1], nt ? d[1] : d[2], 0, w->theirs, d[2]);
}

static bool is_product(const Work *w) { return w->c->kind == MATMUL || w->c->kind == LINEAR; }

static bool open_openblas(Peer *p, Work *w)
{
    static const char library[] = "libopenblas.so.0";
    void *set, *config;
    if (!is_product(w) || !(p->routine = symbol(p, library, "cblas_sgemm")) || !(set = symbol(p, library, "openblas_set_num_threads")))
        return false;
    void (*set_threads)(int);
    memcpy(&set_threads, &set, sizeof set);
    set_threads(w->threads);
    char *(*get)(void);
    if ((config = symbol(p, library, "openblas_get_config"))) {
        memcpy(&get, &config, sizeof get);
        snprintf(p->version, sizeof p->version, "%s", get());
    }
    p->call = openblas;
    p->stays = true; /* its threads */
    return true;
}

static bool open_onednn(Peer *p, Work *w)
{
    static const char library[] = "libdnnl.so.2";
    typedef struct Version { int major, minor, patch; } Version; /* the first fields of dnnl_version_t */
    char threads[16];
    void *get;
    snprintf(threads, sizeof threads, "%d", w->threads);
    setenv("OMP_NUM_THREADS", threads, 1); /* read when the library is opened */
    if (!is_product(w) || !(p->routine = symbol(p, library, "dnnl_sgemm")))
        return false;
    const Version *(*version)(void);
    if ((get = symbol(p, library, "dnnl_version"))) {
        memcpy(&version, &get, sizeof version);
        snprintf(p->version, sizeof p->version, "oneDNN %d.%d.%d", version()->major, version()->minor, version()->patch);
    }
    p->call = onednn;
    p->stays = true;
    return true;
}

/* ---- elementary functions ---------------------------------------------------------------------------------------- */

typedef __m256 VectorExp(__m256);

__attribute__((target("avx2"))) static void glibc_exp(Peer *p, Work *w)
{
    VectorExp *f;
    memcpy(&f, &p->routine, sizeof f);
    for (int64_t i = 0; i + 8 <= w->n_out; i += 8)
        _mm256_storeu_ps(w->theirs + i, f(_mm256_loadu_ps(w->in[0] + i)));
}

static bool open_glibc(Peer *p, Work *w)
{
    if (w->c->kind != MAP || strcmp(w->c->fn, "exponential") || w->threads != 1 || !__builtin_cpu_supports("avx2"))
        return false;
    p->routine = symbol(p, "libmvec.so.1", "_ZGVdN8v_expf");
    snprintf(p->version, sizeof p->version, "glibc vector expf, 8 lanes");
    p->call = glibc_exp;
    return p->routine;
}

/* ---- our own, with the weight as f32 -------------------------------------------------------------------------------- */

static void own_f32(Peer *p, Work *w)
{
    (void)p;
    work_run_plain(w);
}

static bool open_own(Peer *p, Work *w)
{
    p->call = own_f32;
    return case_is_packed(w->c);
}

/* ---- a loss's product alone ----------------------------------------------------------------------------------------- */

static void own_product(Peer *p, Work *w)
{
    (void)p;
    work_run_product(w);
}

static bool open_product(Peer *p, Work *w)
{
    p->call = own_product;
    return w->c->kind == LOSS;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

typedef struct Row { const char *name; bool (*open)(Peer *, Work *); } Row; /* open NULL: a child process */
static const Row rows[] = { { "openblas", open_openblas }, { "onednn", open_onednn }, { "glibc", open_glibc }, { "own-f32", open_own }, { "own-product", open_product }, { "torch", NULL },
                            { "onnxruntime", NULL }, { "jax", NULL } };

const char *peer_name(int i) { return i < (int)(sizeof rows / sizeof rows[0]) ? rows[i].name : NULL; }

bool peer_open(Peer *p, int i, Work *w)
{
    *p = (Peer){ .name = rows[i].name, .to = -1, .from = -1 };
    snprintf(p->version, sizeof p->version, "%s", p->name);
    if (!rows[i].open)
        return child_open(p, w);
    p->time = time_calls;
    p->close = close_library;
    if (rows[i].open(p, w))
        return true;
    close_library(p);
    return false;
}
