/* work.c - data, calls and float64 checks of the cases. Inputs are random, from a fixed seed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "abi.h"

/* ---- data --------------------------------------------------------------------------------------------------- */

static float value(const Spec *s, int64_t i, float u)
{
    switch (s->values) {
    case POSITIVE: return u;
    case HUNDREDS: return (float)(i / 100);
    case SLOPES: return ldexpf(1, (int)(-8 * (i + 1) / s->n));
    default: return 2 * u - 1;
    }
}

static void fill(float *x, const Spec *s, uint64_t seed)
{
    for (int64_t i = 0; i < s->n; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        if (spec_is_bytes(s)) {
            ((unsigned char *)x)[i] = (unsigned char)(seed >> 40);
            continue;
        }
        int32_t whole = s->values == WHOLE ? (int32_t)((int64_t)(seed >> 33) % s->limit) : 0;
        if (s->values == WHOLE)
            memcpy(&x[i], &whole, 4);
        else
            x[i] = value(s, i, (float)(seed >> 40) * 0x1p-24f);
    }
}

static float *memory(int64_t n)
{
    void *p = NULL;
    return posix_memalign(&p, 64, (size_t)(n * 4 + 64)) ? NULL : memset(p, 0, (size_t)(n * 4 + 64));
}

static MlcrtTensor head_of(float *data, Spec *s)
{
    bool bytes = spec_is_bytes(s);
    return (MlcrtTensor){ .data = data, .device = 1, .rank = s->rank, .code = s->values == UNSIGNED ? 1 : bytes || s->values == WHOLE ? 0 : 2,
                          .bits = bytes ? 8 : 32, .lanes = 1, .shape = s->d };
}

static bool data(Work *w)
{
    const char *at = w->c->inputs;
    for (; w->n < BENCH_ARGS && spec_next(&at, &w->spec[w->n]); w->n++) {
        Spec *s = &w->spec[w->n];
        if (!(w->in[w->n] = memory(s->n)))
            return false;
        fill(w->in[w->n], s, (uint64_t)(w->n + 1));
        w->heads[w->n] = head_of(w->in[w->n], s);
    }
    at = w->c->result;
    Spec *s = &w->spec[BENCH_ARGS];
    if (!spec_next(&at, s))
        return true;
    w->out = memory(s->n);
    w->theirs = memory(s->n);
    w->heads[BENCH_ARGS] = head_of(w->out, s);
    return w->out && w->theirs;
}

static bool said(Work *w, MlcrtStatus status)
{
    if (status)
        fprintf(stderr, "%s: %s\n", w->c->name, mlcrt_error(w->session)->sentence);
    return !status;
}

/* "TYPE FILE NUMBER...": the path of the file; false: it is another kind of model. */
static bool file_of(const Case *c, char *type, char *path, size_t room, const char **numbers)
{
    char file[256];
    int n = 0;
    const char *folder = getenv("MLC_BENCH_MODELS");
    if (!c->model || sscanf(c->model, "%63s %255s%n", type, file, &n) != 2)
        return false;
    snprintf(path, room, "%s/%s", folder ? folder : "MLC_BENCH_MODELS", file);
    *numbers = c->model + n;
    return true;
}

bool work_needs_file(const Case *c)
{
    char type[64], path[4096];
    const char *numbers;
    if (!file_of(c, type, path, sizeof path, &numbers) || !access(path, R_OK))
        return false;
    fprintf(stderr, "%s: skipped, '%s' is not there (MLC_BENCH_MODELS names the folder of models)\n", c->name, path);
    return true;
}

static bool load_net(Work *w, MlcModule *m, const char *name, const char *path, const char *numbers)
{
    const struct MlcrtStruct *type;
    int64_t number[16];
    int n = 0;
    for (char *end; n < 16 && *numbers; numbers = end)
        number[n++] = strtoll(numbers, &end, 10);
    return !mlc_struct(m, name, &type) && said(w, mlcrt_handle_load(w->session, mlc_tables(m), type, path, NULL, number, &w->net));
}

static bool make_net(Work *w, MlcModule *m)
{
    char name[64], path[4096];
    const char *numbers;
    const struct MlcrtStruct *type;
    int weight = 0;
    if (!w->c->model)
        return true;
    if (file_of(w->c, name, path, sizeof path, &numbers))
        return load_net(w, m, name, path, numbers);
    while (weight < w->n - 1 && !w->spec[weight].constant)
        weight++;
    const int64_t sizes[] = { w->spec[weight].d[1], w->spec[weight].d[0] };
    if (mlc_struct(m, "Net", &type) || (case_is_packed(w->c) && !packed_net(w, m, type)))
        return false;
    return said(w, mlcrt_handle_from_tensors(w->session, mlc_tables(m), type, sizes, &w->heads[weight], case_is_packed(w->c) ? &w->plain : &w->net));
}

bool work_make(Work *w, const Case *c, MlcModule *m, MlcrtSession *s, int threads)
{
    *w = (Work){ .c = c, .module = m, .session = s, .threads = threads };
    if (mlc_function(m, c->fn, &w->fn) || !data(w) || !make_net(w, m)) {
        fprintf(stderr, "%s: could not be set up\n", c->name);
        return false;
    }
    int n = 0;
    if (w->net)
        w->args[n++] = w->net;
    for (int i = 0; i < w->n; i++)
        if (!w->spec[i].constant)
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
    free(w->exact);
    free(w->part_head.data);
    mlcrt_handle_free(w->net);
    mlcrt_handle_free(w->plain);
}

bool work_run(Work *w)
{
    return w->c->check == ANEW ? work_anew(w) : said(w, mlcrt_invoke(w->session, w->fn, w->args));
}

bool work_part(Work *w)
{
    const char *words = NULL;
    char name[64];
    if (!case_line(w->c, "own-product", &words) || sscanf(words, "%63s", name) != 1 || mlc_function(w->module, name, &w->part))
        return false;
    words += strlen(name);
    if (!w->part_head.data && spec_next(&words, &w->part_spec))
        w->part_head = head_of(memory(w->part_spec.n), &w->part_spec);
    return w->part_head.data;
}

void work_run_part(Work *w)
{
    void *args[BENCH_ARGS + 2];
    memcpy(args, w->args, sizeof args);
    int n = 0;
    while (args[n] && args[n] != &w->heads[BENCH_ARGS])
        n++;
    args[n] = &w->part_head;
    said(w, mlcrt_invoke(w->session, w->part, args));
}

void work_run_plain(Work *w)
{
    MlcrtTensor out = w->heads[BENCH_ARGS];
    out.data = w->theirs;
    said(w, mlcrt_invoke(w->session, w->fn, (void *[]){ w->plain, &w->heads[0], &out }));
}

/* ---- float64 ------------------------------------------------------------------------------------------------ */

static double element(const float *x, const Spec *s, int64_t i)
{
    int32_t whole;
    if (spec_is_bytes(s))
        return s->values == SIGNED ? ((const signed char *)x)[i] : ((const unsigned char *)x)[i];
    memcpy(&whole, &x[i], 4);
    return s->values == WHOLE ? whole : (double)x[i];
}

static double product(const Work *w, int64_t i)
{
    Check check = w->c->check;
    const Spec *a = &w->spec[0], *r = &w->spec[BENCH_ARGS];
    int64_t columns = r->d[r->rank - 1], rows = r->d[r->rank - 2], depth = a->d[a->rank - (check == PRODUCT_LEFT ? 2 : 1)];
    int64_t row = i / columns, column = i % columns;
    int64_t first = row / rows * depth * columns; /* rows count through batches */
    double sum = 0;
    for (int64_t k = 0; k < depth; k++)
        sum += element(w->in[0], a, check == PRODUCT_LEFT ? k * rows + row : row * depth + k) *
               element(w->in[1], &w->spec[1], first + (check == PRODUCT_RIGHT ? column * depth + k : k * columns + column));
    return sum;
}

static double convolved(const Work *w, int64_t i)
{
    const int64_t *r = w->spec[BENCH_ARGS].d, channels = w->spec[0].d[1], s = r[2];
    int64_t z = i % s, y = i / s % s, o = i / (s * s) % r[1], n = i / (s * s) / r[1];
    double sum = 0;
    for (int64_t k = 0; k < 9 * channels; k++) {
        int64_t c = k / 9, row = y + k / 3 % 3 - 1, column = z + k % 3 - 1;
        if (row >= 0 && row < s && column >= 0 && column < s)
            sum += (double)w->in[0][((n * channels + c) * s + row) * s + column] * w->in[1][o * 9 * channels + k];
    }
    return sum;
}

/* The score of a changed attention; -inf: the key is not seen. */
static double changed(const Work *w, double s, int64_t head, int64_t i, int64_t j)
{
    switch (w->c->check) {
    case WINDOW: return i - j < 128 ? s : -INFINITY;
    case ALIBI: return s - (double)w->in[3][head] * (double)(i - j);
    case SOFTCAP: return 20 * tanh(s / 20);
    case DOCUMENTS: return w->in[3][i] == w->in[3][j] ? s : -INFINITY;
    default: return s;
    }
}

/* Query [1, H, T, D], keys and values [1, G, S, D], shared by H / G heads. */
static double attended(const Work *w, int64_t i)
{
    const int64_t *d = w->spec[0].d, depth = d[3], queries = d[2], keys = w->spec[1].d[2], share = d[1] / w->spec[1].d[1];
    int64_t row = i / depth, column = i % depth, head = row / queries / share, at = row % queries;
    int64_t seen = w->c->check == ATTENTION ? keys : at + 1 + keys - queries;
    const float *q = w->in[0] + row * depth, *k = w->in[1] + head * keys * depth, *v = w->in[2] + head * keys * depth;
    double most = -INFINITY, all = 0, sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t j = 0; j < seen; j++) {
            double s = 0;
            for (int64_t x = 0; x < depth; x++)
                s += (double)q[x] * k[j * depth + x];
            s = changed(w, s / sqrt((double)depth), row / queries, at, j);
            if (pass == 0) {
                most = s > most ? s : most;
                continue;
            }
            all += exp(s - most);
            sum += exp(s - most) * v[j * depth + column];
        }
    return sum / (w->c->check == SINK ? all + exp((double)w->in[3][head] - most) : all);
}

static double logit(const Work *w, int64_t row, int64_t v)
{
    int64_t depth = w->spec[0].d[1];
    double sum = 0;
    for (int64_t k = 0; k < depth; k++)
        sum += (double)w->in[0][row * depth + k] * w->in[1][v * depth + k];
    return sum;
}

static double lost(const Work *w, int64_t row)
{
    int64_t n = w->spec[1].d[0];
    double most = -INFINITY, all = 0, mean = 0, at = logit(w, row, row * 7919 % n);
    for (int64_t v = 0; v < n; v++) {
        double z = logit(w, row, v), m = z > most ? z : most, keep = exp(most - m);
        all = all * keep + exp(z - m);
        mean = mean * keep + exp(z - m) * z;
        most = m;
    }
    double lse = most + log(all), lp = at - lse;
    return w->c->check == LOSS ? -lp : lp + lse - mean / all;
}

/* x [M, B, J] times numbers [N, B, J] with scales [N, B], nothing rounded. */
static double of_blocks(const Work *w, int64_t i)
{
    int64_t n = w->spec[1].d[0], blocks = w->spec[1].d[1], size = w->spec[1].d[2], depth = blocks * size, row = i / n, column = i % n;
    double sum = 0;
    for (int64_t k = 0; k < depth; k++)
        sum += (double)w->in[0][row * depth + k] * element(w->in[1], &w->spec[1], column * depth + k) * w->in[2][column * blocks + k / size];
    return sum;
}

static double exact(const Work *w, int64_t i)
{
    double x = w->in[0][i < w->spec[0].n ? i : 0];
    switch (w->c->check) {
    case EXP: return exp(x);
    case TANH: return tanh(x);
    case GELU: return 0.5 * x * (1 + erf(x / sqrt(2)));
    case TWICE: return x + x;
    case CONVOLUTION: return convolved(w, i);
    case PRODUCT: case PRODUCT_LEFT: case PRODUCT_RIGHT: return product(w, i);
    case LOSS: case ENTROPY: return lost(w, i);
    case BLOCKS: return of_blocks(w, i);
    default: return attended(w, i);
    }
}

static double worse(double worst, double y, double x)
{
    double e = fabs(y - x) / fmax(1, fabs(x));
    return e > worst || isnan(e) ? e : worst;
}

double work_error(const Work *w, const float *out)
{
    double worst = 0;
    bool loss = w->c->check == LOSS || w->c->check == ENTROPY; /* takes all logits of its row */
    int64_t n = w->spec[BENCH_ARGS].n, step = w->exact ? 1 : n / (loss ? 3 : 61) + 1;
    if (!out || w->c->check == NO_CHECK || w->c->check == ANEW || (w->c->check == FLOAT64_LINE && !w->exact))
        return -1;
    for (int64_t i = 0; i < n; i += step)
        worst = worse(worst, element(out, &w->spec[BENCH_ARGS], i), w->exact ? w->exact[i] : exact(w, i));
    return worst;
}

double work_difference(const Work *w, const float *out)
{
    double worst = 0;
    for (int64_t i = 0; out && i < w->spec[BENCH_ARGS].n; i++)
        worst = worse(worst, element(out, &w->spec[BENCH_ARGS], i), element(w->out, &w->spec[BENCH_ARGS], i));
    return out ? worst : -1;
}
