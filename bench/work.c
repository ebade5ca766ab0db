/* work.c - data, calls and float64 checks of the cases. Inputs are random, from a fixed seed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "abi.h"

double case_flops(const Case *c)
{
    const int64_t *d = c->d;
    switch (c->kind) {
    case MATMUL: case LINEAR: case PACKED8: case PACKED4: case LEFT: case RIGHT: case LOSS: return 2.0 * (double)d[0] * (double)d[1] * (double)d[2];
    case BATCHED: return 2.0 * (double)d[0] * (double)d[1] * (double)d[2] * (double)d[3];
    case CONV: return 18.0 * (double)d[0] * (double)d[1] * (double)(d[2] * d[2]) * (double)d[3];
    case ATTENTION: return 4.0 * (double)(d[0] * d[1] * d[2]) * (double)d[2] * (double)d[3];
    case SCORE: /* window and documents need less */
    case CAUSAL: return 4.0 * (double)(d[0] * d[1]) * (double)d[2] * ((double)d[2] + 1) / 2 * (double)d[3];
    case DECODE: return 4.0 * (double)d[0] * (double)(d[2] * d[3]);
    case MAP: return (double)d[0];
    default: return 14.0 * (double)d[0];
    }
}

double case_bytes(const Case *c)
{
    const int64_t *d = c->d;
    switch (c->kind) {
    case MATMUL: case LINEAR: case LEFT: case RIGHT: return 4.0 * (double)(d[0] * d[1] + d[1] * d[2] + d[0] * d[2]);
    case PACKED8: case PACKED4:
        return 4.0 * (double)(d[0] * d[1] + d[0] * d[2]) + (c->kind == PACKED8 ? 34.0 : 18.0) / 32.0 * (double)(d[1] * d[2]);
    case BATCHED: return 4.0 * (double)d[0] * (double)(d[1] * d[2] + d[2] * d[3] + d[1] * d[3]);
    case CONV: return 4.0 * ((double)(d[0] * d[2] * d[2]) * (double)(d[1] + d[3]) + 9.0 * (double)(d[1] * d[3]));
    case ATTENTION: case CAUSAL: case SCORE: return 16.0 * (double)(d[0] * d[1] * d[2] * d[3]);
    case DECODE: return 8.0 * (double)d[1] * (double)(d[2] * d[3]); /* keys and values, each once */
    case LOSS: return 4.0 * (double)(d[0] * d[1] + d[1] * d[2] + d[0]);
    case MAP: return 8.0 * (double)d[0];
    default: return 28.0 * (double)d[0]; /* p m v read and written, g read */
    }
}

/* ---- data --------------------------------------------------------------------------------------------------- */

static void fill(float *x, int64_t n, uint64_t seed, bool positive)
{
    for (int64_t i = 0; i < n; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        float u = (float)(seed >> 40) * 0x1p-24f;
        x[i] = positive ? u : 2 * u - 1;
    }
}

static float *memory(int64_t n)
{
    void *p = NULL;
    return posix_memalign(&p, 64, (size_t)(n * 4 + 64)) ? NULL : memset(p, 0, (size_t)(n * 4 + 64));
}

static bool tensor(Work *w, int i, int rank, const int64_t *shape)
{
    int64_t n = 1;
    for (int k = 0; k < rank; k++)
        n *= w->shapes[i][k] = shape[k];
    w->in[i] = memory(n);
    if (!w->in[i])
        return false;
    w->n_in[i] = n;
    fill(w->in[i], n, (uint64_t)(i + 1), w->c->kind == ADAMW && i >= 2);
    w->heads[i] = (MlcrtTensor){ .data = w->in[i], .device = 1, .rank = rank, .code = 2, .bits = 32, .lanes = 1, .shape = w->shapes[i] };
    return true;
}

static bool result(Work *w, int rank, const int64_t *shape)
{
    int i = BENCH_ARGS;
    w->n_out = 1;
    for (int k = 0; k < rank; k++)
        w->n_out *= w->shapes[i][k] = shape[k];
    w->out = memory(w->n_out);
    w->theirs = memory(w->n_out);
    w->heads[i] = (MlcrtTensor){ .data = w->out, .device = 1, .rank = rank, .code = 2, .bits = 32, .lanes = 1, .shape = w->shapes[i] };
    return w->out && w->theirs;
}

#define SHAPE(...) (const int64_t[]){ __VA_ARGS__ }

/* Slopes of heads, documents of 100 places, sinks. */
static bool more(Work *w)
{
    bool documents = w->c->fn[0] == 'd';
    int64_t n = documents ? w->c->d[2] : w->c->d[1];
    if (!tensor(w, 3, 1, &n))
        return false;
    for (int64_t i = 0; i < n; i++)
        w->in[3][i] = documents ? (float)(i / 100) : ldexpf(1, (int)(-8 * (i + 1) / n));
    return true;
}

static bool data(Work *w)
{
    const int64_t *d = w->c->d;
    switch (w->c->kind) {
    case MATMUL: return tensor(w, 0, 2, SHAPE(d[0], d[1])) && tensor(w, 1, 2, SHAPE(d[1], d[2])) && result(w, 2, SHAPE(d[0], d[2]));
    case LINEAR: case PACKED8: case PACKED4: return tensor(w, 0, 2, SHAPE(d[0], d[1])) && tensor(w, 1, 2, SHAPE(d[2], d[1])) && result(w, 2, SHAPE(d[0], d[2]));
    case LEFT: return tensor(w, 0, 2, SHAPE(d[1], d[0])) && tensor(w, 1, 2, SHAPE(d[1], d[2])) && result(w, 2, SHAPE(d[0], d[2]));
    case RIGHT: return tensor(w, 0, 2, SHAPE(d[0], d[1])) && tensor(w, 1, 2, SHAPE(d[2], d[1])) && result(w, 2, SHAPE(d[0], d[2]));
    case LOSS:
        w->logits = memory(d[0] * d[2]);
        return w->logits && tensor(w, 0, 2, SHAPE(d[0], d[1])) && tensor(w, 1, 2, SHAPE(d[2], d[1])) && result(w, 1, d);
    case BATCHED: return tensor(w, 0, 3, d) && tensor(w, 1, 3, SHAPE(d[0], d[2], d[3])) && result(w, 3, SHAPE(d[0], d[1], d[3]));
    case CONV: return tensor(w, 0, 4, SHAPE(d[0], d[1], d[2], d[2])) && tensor(w, 1, 4, SHAPE(d[3], d[1], 3, 3)) && result(w, 4, SHAPE(d[0], d[3], d[2], d[2]));
    case DECODE: return tensor(w, 0, 4, SHAPE(1, d[0], 1, d[3])) && tensor(w, 1, 4, SHAPE(1, d[1], d[2], d[3])) && tensor(w, 2, 4, SHAPE(1, d[1], d[2], d[3])) && result(w, 4, SHAPE(1, d[0], 1, d[3]));
    case SCORE: return tensor(w, 0, 4, d) && tensor(w, 1, 4, d) && tensor(w, 2, 4, d) && more(w) && result(w, 4, d);
    case MAP: return tensor(w, 0, 1, d) && result(w, 1, d);
    case ADAMW:
        for (int i = 0; i < 4; i++)
            if (!tensor(w, i, 1, d))
                return false;
        return true;
    default: return tensor(w, 0, 4, d) && tensor(w, 1, 4, d) && tensor(w, 2, 4, d) && result(w, 4, d);
    }
}

static bool said(Work *w, MlcrtStatus status)
{
    if (status)
        fprintf(stderr, "%s: %s\n", w->c->name, mlcrt_error(w->session)->sentence);
    return !status;
}

static bool make_net(Work *w, MlcModule *m)
{
    const struct MlcrtStruct *type;
    const int64_t numbers[] = { w->c->d[1], w->c->d[2] };
    if (mlc_struct(m, "Net", &type))
        return false;
    if (case_is_packed(w->c))
        return packed_net(w, m, type) &&
               said(w, mlcrt_handle_from_tensors(w->session, mlc_tables(m), type, numbers, &w->heads[1], &w->plain));
    return said(w, mlcrt_handle_from_tensors(w->session, mlc_tables(m), type, numbers, &w->heads[1], &w->net));
}

bool work_make(Work *w, const Case *c, MlcModule *m, MlcrtSession *s, int threads)
{
    *w = (Work){ .c = c, .session = s, .threads = threads };
    if (mlc_function(m, c->fn, &w->fn) || (c->kind == LOSS && mlc_function(m, "logits", &w->product)) || !data(w) || (case_is_linear(c) && !make_net(w, m))) {
        fprintf(stderr, "%s: could not be set up\n", c->name);
        return false;
    }
    int n = 0;
    if (case_is_linear(c)) {
        w->args[n++] = w->net;
        w->args[n++] = &w->heads[0];
    }
    for (int i = 0; i < BENCH_ARGS && !case_is_linear(c) && w->in[i]; i++)
        w->args[n++] = &w->heads[i];
    if (w->out)
        w->args[n++] = &w->heads[BENCH_ARGS];
    return true;
}

void work_free(Work *w)
{
    for (int i = 0; i < BENCH_ARGS; i++)
        free(w->in[i]);
    free(w->out);
    free(w->theirs);
    free(w->logits);
    mlcrt_handle_free(w->net);
    mlcrt_handle_free(w->plain);
}

bool work_run(Work *w)
{
    return said(w, mlcrt_invoke(w->session, w->fn, w->args));
}

void work_run_product(Work *w)
{
    int64_t shape[] = { w->c->d[0], w->c->d[2] };
    MlcrtTensor out = w->heads[0];
    out.data = w->logits;
    out.shape = shape;
    said(w, mlcrt_invoke(w->session, w->product, (void *[]){ &w->heads[0], &w->heads[1], &out }));
}

void work_run_plain(Work *w)
{
    MlcrtTensor out = w->heads[BENCH_ARGS];
    out.data = w->theirs;
    said(w, mlcrt_invoke(w->session, w->fn, (void *[]){ w->plain, &w->heads[0], &out }));
}

/* ---- float64 ------------------------------------------------------------------------------------------------ */

static double product(const Work *w, int64_t i)
{
    Kind kind = w->c->kind;
    const int64_t *d = w->c->d + (kind == BATCHED);
    int64_t row = i / d[2], column = i % d[2], batch = row / d[0];
    const float *a = w->in[0], *b = w->in[1] + batch * d[1] * d[2]; /* rows count through batches */
    double sum = 0;
    for (int64_t k = 0; k < d[1]; k++)
        sum += (double)a[kind == LEFT ? k * d[0] + row : row * d[1] + k] * b[case_is_linear(w->c) || kind == RIGHT ? column * d[1] + k : k * d[2] + column];
    return sum;
}

static double convolved(const Work *w, int64_t i)
{
    const int64_t *d = w->c->d, s = d[2];
    int64_t z = i % s, y = i / s % s, o = i / (s * s) % d[3], n = i / (s * s) / d[3];
    double sum = 0;
    for (int64_t k = 0; k < 9 * d[1]; k++) {
        int64_t c = k / 9, row = y + k / 3 % 3 - 1, column = z + k % 3 - 1;
        if (row >= 0 && row < s && column >= 0 && column < s)
            sum += (double)w->in[0][((n * d[1] + c) * s + row) * s + column] * w->in[1][o * 9 * d[1] + k];
    }
    return sum;
}

/* The score of a changed attention; -inf: the key is not seen. */
static double changed(const Work *w, double s, int64_t head, int64_t i, int64_t j)
{
    switch (w->c->fn[0] + w->c->fn[1]) {
    case 'w' + 'i': return i - j < 128 ? s : -INFINITY;
    case 'a' + 'l': return s - (double)w->in[3][head] * (double)(i - j);
    case 's' + 'o': return 20 * tanh(s / 20);
    case 'd' + 'o': return w->in[3][i] == w->in[3][j] ? s : -INFINITY;
    default: return s;
    }
}

static double attended(const Work *w, int64_t i)
{
    const int64_t *c = w->c->d, depth = c[3], n = c[2], row = i / depth, column = i % depth;
    int64_t head = w->c->kind == DECODE ? row / (c[0] / c[1]) : row / n, keys = w->c->kind == CAUSAL || w->c->kind == SCORE ? row % n + 1 : n;
    const float *q = w->in[0] + row * depth, *k = w->in[1] + head * n * depth, *v = w->in[2] + head * n * depth;
    double most = -INFINITY, all = 0, sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t j = 0; j < keys; j++) {
            double s = 0;
            for (int64_t x = 0; x < depth; x++)
                s += (double)q[x] * k[j * depth + x];
            s /= sqrt((double)depth);
            s = w->c->kind == SCORE ? changed(w, s, head % c[1], row % n, j) : s;
            if (pass == 0) {
                most = s > most ? s : most;
                continue;
            }
            all += exp(s - most);
            sum += exp(s - most) * v[j * depth + column];
        }
    bool sink = w->c->kind == SCORE && w->c->fn[1] == 'i' && w->c->fn[0] == 's';
    return sum / (sink ? all + exp((double)w->in[3][head % c[1]] - most) : all);
}

static double logit(const Work *w, int64_t row, int64_t v)
{
    double sum = 0;
    for (int64_t k = 0; k < w->c->d[1]; k++)
        sum += (double)w->in[0][row * w->c->d[1] + k] * w->in[1][v * w->c->d[1] + k];
    return sum;
}

static double lost(const Work *w, int64_t row)
{
    int64_t n = w->c->d[2];
    double most = -INFINITY, all = 0, mean = 0, at = logit(w, row, row * 7919 % n);
    for (int64_t v = 0; v < n; v++) {
        double z = logit(w, row, v), m = z > most ? z : most, keep = exp(most - m);
        all = all * keep + exp(z - m);
        mean = mean * keep + exp(z - m) * z;
        most = m;
    }
    double lse = most + log(all), lp = at - lse;
    return w->c->fn[0] == 'c' ? -lp : lp + lse - mean / all;
}

static double mapped(const Work *w, int64_t i)
{
    double x = w->in[0][i];
    switch (w->c->fn[0]) {
    case 'e': return exp(x);
    case 't': return w->c->fn[1] == 'a' ? tanh(x) : x + x;
    default: return 0.5 * x * (1 + erf(x / sqrt(2)));
    }
}

double work_error(const Work *w, const float *out)
{
    double worst = 0;
    int64_t step = w->n_out / (w->c->kind == LOSS ? 3 : 61) + 1; /* a loss takes all logits of its row */
    for (int64_t i = 0; out && i < w->n_out; i += step) {
        Kind k = w->c->kind;
        double x = k == MAP ? mapped(w, i) : k == CONV ? convolved(w, i) : k == LOSS ? lost(w, i) : k == ATTENTION || k == CAUSAL || k == DECODE || k == SCORE ? attended(w, i) : product(w, i);
        double e = fabs(out[i] - x) / fmax(1, fabs(x));
        worst = e > worst || isnan(e) ? e : worst;
    }
    return worst;
}
