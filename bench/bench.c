/* bench.c - runs cases: ours and the peer interleaved (A B B A ...), medians of pairwise ratios with bootstrap intervals.
 *
 *     build/bench [--list] [--case PATTERN] [--threads N] [--seconds S] [--peers A,B] [--json FILE] [--no-peaks] [--programs DIR] [--target-cpu CPU]
 */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

enum { MOST_PAIRS = 4000, DRAWS = 400, PEERS_MOST = 8 };

static const Case cases[] = {
#define D(...) { __VA_ARGS__ }
#define CASE(name, file, fn, kind, dims) { name, file, fn, kind, dims },
#include "cases.def"
#undef CASE
#undef D
};
enum { NCASES = sizeof cases / sizeof cases[0] };

typedef struct Args { const char *pattern, *json, *programs, *peers, *cpu; double seconds; int threads; bool list, no_peaks; } Args;

typedef struct Result {
    const Case *c;
    int threads, pairs;
    double ours, theirs;          /* median seconds of one call; theirs 0: no peer */
    double best, their_best;      /* the shortest */
    double ratio, low, high;      /* how many times as fast as the peer: median, 95 % interval */
    double error, peer_error, compile;
    char peer[16], version[96];   /* peer "": none */
} Result;

/* ---- statistics --------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, ascending);
    return n ? x[n / 2] : 0;
}

static void interval(const double *ratios, int n, double *low, double *high)
{
    static double draw[MOST_PAIRS], medians[DRAWS];
    uint64_t seed = 1;
    for (int i = 0; i < DRAWS; i++) {
        for (int k = 0; k < n; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1;
            draw[k] = ratios[(seed >> 33) % (uint64_t)n];
        }
        medians[i] = median(draw, n);
    }
    qsort(medians, DRAWS, sizeof *medians, ascending);
    *low = medians[DRAWS / 40];
    *high = medians[DRAWS - 1 - DRAWS / 40];
}

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- one case ----------------------------------------------------------------------------------------------- */

/* Seconds of one call, of as many as take at least 20 us together. */
static double time_of(Work *w, Peer *peer, int calls)
{
    double start = bench_now();
    if (peer)
        return peer->time(peer, w, calls);
    for (int i = 0; i < calls; i++)
        if (!work_run(w))
            return -1;
    return (bench_now() - start) / calls;
}

static bool pairs(Work *w, Peer *peer, double seconds, Result *r)
{
    static double ours[MOST_PAIRS], theirs[MOST_PAIRS], ratios[MOST_PAIRS];
    double once = time_of(w, NULL, 3), begin = bench_now();
    int calls = once > 0 && once < 2e-5 ? (int)(2e-5 / once) + 1 : 1, n = 0;
    if (once < 0)
        return false;
    for (; n < MOST_PAIRS && (n < 15 || bench_now() - begin < seconds) && bench_now() - begin < 20 * seconds; n++) {
        for (int k = 0; k < 2; k++) {
            bool we = (k == 0) == (n % 2 == 0);
            double *t = we ? &ours[n] : &theirs[n];
            *t = we || peer ? time_of(w, we ? NULL : peer, calls) : 0;
        }
        ratios[n] = theirs[n] / ours[n];
    }
    r->pairs = n;
    if (peer) {
        interval(ratios, n, &r->low, &r->high);
        r->ratio = median(ratios, n);
        r->theirs = median(theirs, n);
    }
    r->ours = median(ours, n); /* sorts: the shortest are first */
    r->best = ours[0];
    r->their_best = theirs[0];
    return true;
}

static MlcModule *compile(MlcCompiler *c, const Args *a, const Case *x, double *seconds)
{
    char path[4096];
    MlcModule *m;
    const struct MlcrtFn *fn;
    snprintf(path, sizeof path, "%s/%s", a->programs, x->file);
    double start = bench_now();
    if (mlc_compile_file(c, path, &m) || mlc_function(m, x->fn, &fn)) {
        fprintf(stderr, "%s: %s\n", x->name, mlc_diagnostics(c));
        return NULL;
    }
    *seconds = bench_now() - start;
    return m;
}

static bool wanted(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = list; p && (p = strstr(p, name)); p += n)
        if ((p == list || p[-1] == ',') && (!p[n] || p[n] == ','))
            return true;
    return !list;
}

static bool against(Work *w, Peer *peer, const Args *a, Result *r)
{
    if (peer) {
        snprintf(r->peer, sizeof r->peer, "%s", peer->name);
        memcpy(r->version, peer->version, sizeof r->version);
        if (peer->time(peer, w, 1) < 0)
            return false;
        r->peer_error = work_error(w, w->theirs);
    }
    return pairs(w, peer, a->seconds, r);
}

/* A result for each peer that is there, or one alone. */
static int all_peers(Work *w, const Args *a, const Result *common, Result *r)
{
    int n = 0;
    for (int i = 0; peer_name(i) && n < PEERS_MOST; i++) {
        Peer peer;
        if (!wanted(a->peers, peer_name(i)) || !peer_open(&peer, i, w))
            continue;
        r[n] = *common;
        if (against(w, &peer, a, &r[n]))
            n++;
        else
            fprintf(stderr, "%s: %s failed\n", common->c->name, peer.name);
        peer.close(&peer);
    }
    r[n] = *common;
    return n ? n : against(w, NULL, a, &r[0]) ? 1 : 0;
}

/* How many results; 0: it failed, which was said. */
static int run_case(MlcCompiler *c, const Args *a, const Case *x, Result *r)
{
    MlcrtSession *s;
    Work w;
    int n = 0;
    Result common = { .c = x, .threads = a->threads };
    MlcModule *m = compile(c, a, x, &common.compile);
    if (!m || mlcrt_session_new(mlc_context(c), &s))
        return 0;
    if (work_make(&w, x, m, s, a->threads) && work_run(&w)) { /* compared before `var` arguments change */
        common.error = work_error(&w, w.out);
        n = all_peers(&w, a, &common, r);
    }
    work_free(&w);
    mlcrt_session_free(s);
    mlc_module_free(m);
    return n;
}

/* ---- reports ------------------------------------------------------------------------------------------------ */

static void print_row(const Result *r, const Peaks *p)
{
    double flops = case_flops(r->c) / r->ours, bytes = case_bytes(r->c) / r->ours;
    printf("%-28s %2d  %10.2f us  %8.1f GFLOP/s", r->c->name, r->threads, r->ours * 1e6, flops / 1e9);
    if (p->flops > 0)
        printf(" %3.0f %%", 100 * flops / p->flops);
    printf("  %7.1f GB/s  error %.1e", bytes / 1e9, r->error);
    if (r->theirs > 0)
        printf("  %.2f x %s [%.2f, %.2f]", r->ratio, r->peer, r->low, r->high);
    printf("  best %.1f GFLOP/s", case_flops(r->c) / r->best / 1e9);
    if (r->theirs > 0)
        printf(" %.2f x", r->their_best / r->best);
    putchar('\n');
    fflush(stdout);
}

static void json_row(FILE *f, const Result *r, bool first)
{
    fprintf(f, "%s\n  {\"case\": \"%s\", \"threads\": %d, \"pairs\": %d, \"seconds\": %.9g, \"best_seconds\": %.9g, \"flops\": %.9g, \"bytes\": %.9g, \"error\": %.3g, \"compile_seconds\": %.6g",
            first ? "" : ",", r->c->name, r->threads, r->pairs, r->ours, r->best, case_flops(r->c), case_bytes(r->c), r->error, r->compile);
    if (r->theirs > 0)
        fprintf(f, ", \"peer\": \"%s\", \"version\": \"%s\", \"peer_seconds\": %.9g, \"peer_error\": %.3g, \"ratio\": %.4f, \"low\": %.4f, \"high\": %.4f",
                r->peer, r->version, r->theirs, r->peer_error, r->ratio, r->low, r->high);
    fputc('}', f);
}

static void print_peaks(const char *when, int threads, const Peaks *p)
{
    printf("%s, %d thread%s: %.1f GFLOP/s f32, reading 16 MiB %.1f GB/s, 1 GiB %.1f GB/s\n", when, threads, threads == 1 ? "" : "s", p->flops / 1e9,
           p->cache / 1e9, p->memory / 1e9);
}

static Peaks peaks_of(const Args *a, const char *when)
{
    Peaks p = { 0 };
    if (a->no_peaks)
        return p;
    p = peaks_measure(a->threads, (size_t)1 << 30);
    print_peaks(when, a->threads, &p);
    return p;
}

/* Sources of noise: other programs, other guests of the machine. Limits of steadiness: 5 % of the compute rate, 15 % of the read rates. */
static bool is_steady(const Peaks *a, const Peaks *b)
{
    double flops = b->flops / a->flops, cache = b->cache / a->cache, memory = b->memory / a->memory;
    return flops > 0.95 && flops < 1.05 && cache > 0.85 && cache < 1.18 && memory > 0.85 && memory < 1.18;
}

static int run(const Args *a)
{
    MlcCompiler *c, *packed;
    MlcrtContext *context;
    MlcrtOptions ro = { .size = sizeof ro, .threads = a->threads };
    int failed = 0;
    bool first = true;
    MlcOptions o = { .size = sizeof o, .in_process = 1, .target_cpu = a->cpu }, po = { .size = sizeof o, .in_process = 1, .target_cpu = a->cpu, .packed = "q8_0,q4_0" };
    if (mlcrt_context_new(&ro, &context))
        return 1;
    o.context = po.context = context;
    if (mlc_compiler_new(&o, &c) || mlc_compiler_new(&po, &packed))
        return 1;
    FILE *json = a->json ? fopen(a->json, "w") : NULL;
    Peaks before = peaks_of(a, "before"), after;
    if (json)
        fprintf(json, "{\"peak_flops\": %.6g, \"peak_read_16MiB\": %.6g, \"peak_read_1GiB\": %.6g, \"results\": [", before.flops, before.cache, before.memory);
    for (int i = 0; i < NCASES; i++) {
        Result r[PEERS_MOST + 1];
        if (fnmatch(a->pattern, cases[i].name, 0))
            continue;
        int n = run_case(case_is_packed(&cases[i]) ? packed : c, a, &cases[i], r);
        failed += !n;
        for (int k = 0; k < n; k++) {
            print_row(&r[k], &before);
            if (json)
                json_row(json, &r[k], first);
            first = false;
        }
    }
    after = peaks_of(a, "after");
    if (!a->no_peaks && !is_steady(&before, &after))
        puts("not steady: the machine's rates moved during the run; only the ratios of pairs count, and another run is better");
    if (json)
        fprintf(json, "\n], \"steady\": %s}\n", is_steady(&before, &after) ? "true" : "false");
    bool written = !a->json || (json && !fclose(json));
    if (!written)
        fprintf(stderr, "bench: '%s' could not be written\n", a->json);
    mlc_compiler_free(c);
    mlc_compiler_free(packed);
    mlcrt_context_free(context);
    return failed || !written;
}

static bool read_args(int argc, char **argv, Args *a)
{
    *a = (Args){ .pattern = "*", .seconds = 1, .threads = 1, .programs = MLC_BENCH_PROGRAMS };
    for (int i = 1; i < argc; i++) {
        const char *w = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(w, "--list") || !strcmp(w, "--no-peaks")) {
            *(w[2] == 'l' ? &a->list : &a->no_peaks) = true;
            continue;
        }
        i++;
        if (v && !strcmp(w, "--case"))
            a->pattern = v;
        else if (v && !strcmp(w, "--json"))
            a->json = v;
        else if (v && !strcmp(w, "--peers"))
            a->peers = v;
        else if (v && !strcmp(w, "--programs"))
            a->programs = v;
        else if (v && !strcmp(w, "--target-cpu"))
            a->cpu = v;
        else if (v && !strcmp(w, "--seconds") && atof(v) > 0)
            a->seconds = atof(v);
        else if (v && !strcmp(w, "--threads") && atoi(v) > 0)
            a->threads = atoi(v);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    Args a;
    if (!read_args(argc, argv, &a)) {
        fputs("usage: bench [--list] [--case PATTERN] [--threads N] [--seconds S] [--peers A,B] [--json FILE] [--no-peaks] [--programs DIR] [--target-cpu CPU]\n", stderr);
        return 2;
    }
    for (int i = 0; a.list && i < NCASES; i++)
        if (!fnmatch(a.pattern, cases[i].name, 0))
            printf("%s\n", cases[i].name);
    return a.list ? 0 : run(&a);
}
