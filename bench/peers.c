/* peers.c - other libraries. OpenBLAS, oneDNN and glibc's vector functions are opened with dlopen; those in Python run in a small
 * child process each (child.c). What is not installed is left out; nothing here is needed to build or test mlc. */
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

/* One product or, for a batch, one after the other: sizes, and which operand is transposed. */
typedef struct Sizes { int64_t m, n, k, count; bool left, right; } Sizes;

static Sizes sizes_of(const Work *w)
{
    const Spec *a = &w->spec[0], *r = &w->spec[BENCH_ARGS];
    bool left = w->c->check == PRODUCT_LEFT, right = w->c->check == PRODUCT_RIGHT;
    Sizes s = { r->d[r->rank - 2], r->d[r->rank - 1], a->d[a->rank - (left ? 2 : 1)], 1, left, right };
    s.count = r->n / (s.m * s.n);
    return s;
}

static void openblas(Peer *p, Work *w)
{
    Sizes s = sizes_of(w);
    Sgemm *f;
    memcpy(&f, &p->routine, sizeof f);
    for (int64_t i = 0; i < s.count; i++)
        f(101, s.left ? 112 : 111, s.right ? 112 : 111, (int)s.m, (int)s.n, (int)s.k, 1, w->in[0] + i * s.m * s.k, (int)(s.left ? s.m : s.k),
          w->in[1] + i * s.k * s.n, (int)(s.right ? s.k : s.n), 0, w->theirs + i * s.m * s.n, (int)s.n);
}

static void onednn(Peer *p, Work *w)
{
    Sizes s = sizes_of(w);
    DnnlSgemm *f;
    memcpy(&f, &p->routine, sizeof f);
    for (int64_t i = 0; i < s.count; i++)
        f(s.left ? 'T' : 'N', s.right ? 'T' : 'N', s.m, s.n, s.k, 1, w->in[0] + i * s.m * s.k, s.left ? s.m : s.k, w->in[1] + i * s.k * s.n,
          s.right ? s.k : s.n, 0, w->theirs + i * s.m * s.n, s.n);
}

static bool is_product(const Work *w)
{
    Check c = w->c->check;
    return (c == PRODUCT || c == PRODUCT_LEFT || c == PRODUCT_RIGHT) && !case_is_packed(w->c) && !spec_is_bytes(&w->spec[0]);
}

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
    setenv("OMP_NUM_THREADS", threads, 0); /* read when the library is opened the first time */
    if (!is_product(w) || !(p->routine = symbol(p, library, "dnnl_sgemm")))
        return false;
    void *set;
    void (*set_threads)(int);
    if ((set = symbol(p, library, "omp_set_num_threads"))) {
        memcpy(&set_threads, &set, sizeof set);
        set_threads(w->threads);
    }
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
    for (int64_t i = 0; i + 8 <= w->spec[BENCH_ARGS].n; i += 8)
        _mm256_storeu_ps(w->theirs + i, f(_mm256_loadu_ps(w->in[0] + i)));
}

static bool open_glibc(Peer *p, Work *w)
{
    if (w->c->check != EXP || w->threads != 1 || !__builtin_cpu_supports("avx2"))
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

/* A part of the case, which another function of its program computes. */
static void own_part(Peer *p, Work *w)
{
    (void)p;
    work_run_part(w);
}

static bool open_part(Peer *p, Work *w)
{
    p->call = own_part;
    p->elsewhere = true;
    return work_part(w);
}

/* The same call with one thread: how much more threads bring. */
static double time_alone(Peer *p, Work *w, int calls)
{
    double start = bench_now();
    for (int i = 0; i < calls; i++)
        if (!work_run(w->alone))
            return -1;
    double seconds = (bench_now() - start) / calls;
    if (w->theirs && !p->compared)
        memcpy(w->theirs, w->alone->out, (size_t)w->spec[BENCH_ARGS].n * 4);
    p->compared = true;
    return seconds;
}

static bool open_alone(Peer *p, Work *w)
{
    p->time = time_alone;
    return w->alone;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

typedef struct Row { const char *name; bool (*open)(Peer *, Work *); const char *line; } Row; /* line: a child process that reads these words */
static const Row rows[] = { { "openblas", open_openblas, NULL }, { "onednn", open_onednn, NULL }, { "glibc", open_glibc, NULL },
                            { "own-f32", open_own, NULL },       { "own-product", open_part, NULL }, { "one-thread", open_alone, NULL },
                            { "torch", NULL, "torch" },
                            { "onnxruntime", NULL, "onnx" },     { "openvino", NULL, "onnx" },   { "jax", NULL, "jax" },
                            { "ggml", NULL, "ggml" },            { "llama", NULL, "llama" } };

const char *peer_name(int i) { return i < (int)(sizeof rows / sizeof rows[0]) ? rows[i].name : NULL; }

bool peer_open(Peer *p, int i, Work *w)
{
    *p = (Peer){ .name = rows[i].name, .to = -1, .from = -1 };
    snprintf(p->version, sizeof p->version, "%s", p->name);
    if (rows[i].line)
        return child_open(p, w, rows[i].line);
    p->time = time_calls;
    p->close = close_library;
    if (rows[i].open(p, w))
        return true;
    close_library(p);
    snprintf(p->version, sizeof p->version, "%s", "its library is not there, or has nothing for this case");
    return false;
}
