/* bench.c - runs cases: ours and the peer interleaved (A B B A ...), medians of pairwise ratios with bootstrap intervals.
 *
 *     build/bench [--list] [--case PATTERN] [--threads N,...] [--seconds S] [--peers A,B] [--json FILE] [--markdown FILE] [--no-peaks]
 *                 [--programs DIR] [--target-cpu CPU]
 */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "abi.h"
#include "bench.h"

enum { MOST_PAIRS = 4000, DRAWS = 400 };

static const Case cases[] = {
#define CASE(name, file, fn, model, inputs, result, flops, check, peers) { name, file, fn, model, inputs, result, flops, check, peers },
#include "cases.def"
#undef CASE
};
enum { NCASES = sizeof cases / sizeof cases[0] };

typedef struct Args {
    const char *pattern, *json, *markdown, *programs, *peers, *cpu;
    double seconds;
    int threads[BENCH_THREADS], nthreads;
    bool list, no_peaks;
} Args;

/* What a number of threads has of its own: a compiler for programs, and one that keeps weights packed. */
typedef struct Side { MlcrtContext *context; MlcCompiler *plain, *packed; } Side;

typedef struct Run { const Args *a; Side side[BENCH_THREADS]; Machine machine; Result *results; int n; } Run;

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

/* Threads of pools go on looking for work for a while after a call (those of onnxruntime and of OpenMP for milliseconds), and would take a processor
 * from the other side's call. So each side waits until the other's sleep, and then calls for 3 ms without being measured: its own are awake. */
static double turn_of(Work *w, Peer *peer, bool rests, int calls)
{
    const struct timespec rest = { .tv_nsec = 20000000 };
    if (rests) {
        nanosleep(&rest, NULL);
        for (double begin = bench_now(); bench_now() - begin < 3e-3;)
            if (time_of(w, peer, 1) < 0)
                return -1;
    }
    return time_of(w, peer, calls);
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
            *t = we || peer ? turn_of(w, we ? NULL : peer, peer && w->threads > 1, calls) : 0;
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

static MlcModule *compile(MlcCompiler *c, const char *path, const Case *x, double *seconds)
{
    MlcModule *m;
    const struct MlcrtFn *fn;
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
        r->peer_first = peer->first;
        if (peer->time(peer, w, 1) < 0)
            return false;
        r->peer_error = peer->elsewhere ? -1 : w->c->check == NO_CHECK ? work_difference(w, w->theirs) : work_error(w, w->theirs);
    }
    return pairs(w, peer, a->seconds, r);
}

static void add(Run *run, const Result *r, const Peaks *p)
{
    Result *more = realloc(run->results, (size_t)(run->n + 1) * sizeof *more);
    report_row(r, p);
    if (more) {
        run->results = more;
        run->results[run->n++] = *r;
    }
}

/* A result for each peer that is there, or one alone. */
static bool all_peers(Run *run, int t, Work *w, const Result *common)
{
    int n = run->n;
    for (int i = 0; peer_name(i); i++) {
        Peer peer;
        if (!wanted(run->a->peers, peer_name(i)))
            continue;
        if (!peer_open(&peer, i, w)) {
            if (run->a->peers)
                fprintf(stderr, "%s: %s is left out: %s\n", common->c->name, peer.name, peer.version);
            continue;
        }
        Result r = *common;
        if (against(w, &peer, run->a, &r))
            add(run, &r, &run->machine.before[t]);
        else
            fprintf(stderr, "%s: %s failed\n", common->c->name, peer.name);
        peer.close(&peer);
    }
    Result r = *common;
    if (run->n == n && against(w, NULL, run->a, &r))
        add(run, &r, &run->machine.before[t]);
    return run->n > n;
}

/* A case with one number of threads. Its data and program stay until done() is called. */
typedef struct Made { MlcModule *module; MlcrtSession *session; Work work; } Made;

static bool run_threads(Run *run, int t, const Case *x, Made *made, Made *first)
{
    MlcCompiler *c = case_is_packed(x) ? run->side[t].packed : run->side[t].plain;
    Result common = { .c = x, .threads = run->a->threads[t] };
    Work *w = &made->work;
    char path[sizeof w->path];
    snprintf(path, sizeof path, "%s/%s", run->a->programs, x->file);
    made->module = compile(c, path, x, &common.compile);
    if (!made->module || mlcrt_session_new(mlc_context(c), &made->session) || !work_make(w, x, made->module, made->session, common.threads))
        return false;
    w->compiler = c;
    memcpy(w->path, path, sizeof path);
    if (!work_run(w)) /* compared before `var` arguments change */
        return false;
    if (t > 0 && first->work.out && first->work.exact) {
        w->exact = first->work.exact; /* the data are the same */
        first->work.exact = NULL;
    } else {
        child_exact(w);
    }
    w->alone = t > 0 && run->a->threads[0] == 1 ? &first->work : NULL;
    common.error = work_error(w, w->out);
    bool ok = all_peers(run, t, w, &common);
    if (t == 0)
        return ok;
    first->work.exact = w->exact;
    w->exact = NULL;
    return ok;
}

static void done(Made *m)
{
    work_free(&m->work);
    mlcrt_session_free(m->session);
    mlc_module_free(m->module);
}

static bool run_case(Run *run, const Case *x)
{
    Made made[BENCH_THREADS] = { 0 };
    bool ok = true;
    for (int t = 0; ok && t < run->a->nthreads; t++)
        ok = run_threads(run, t, x, &made[t], &made[0]);
    for (int t = 0; t < run->a->nthreads; t++)
        done(&made[t]);
    return ok;
}

/* ---- all ------------------------------------------------------------------------------------------------------ */

static bool open_side(Side *s, int threads, const char *cpu)
{
    MlcrtOptions ro = { .size = sizeof ro, .threads = threads };
    MlcOptions o = { .size = sizeof o, .in_process = 1, .target_cpu = cpu }, po = { .size = sizeof o, .in_process = 1, .target_cpu = cpu, .packed = "q8_0,q4_0" };
    if (mlcrt_context_new(&ro, &s->context))
        return false;
    o.context = po.context = s->context;
    return !mlc_compiler_new(&o, &s->plain) && !mlc_compiler_new(&po, &s->packed);
}

static void close_side(Side *s)
{
    mlc_compiler_free(s->plain);
    mlc_compiler_free(s->packed);
    mlcrt_context_free(s->context);
}

/* What our code is compiled for, where that was asked: any program tells. */
static void find_target(Run *run)
{
    char path[4096];
    MlcModule *m;
    snprintf(path, sizeof path, "%s/elementwise.ml", run->a->programs);
    run->machine.vector_bytes = 64;
    if (!run->a->cpu || mlc_compile_file(run->side[0].plain, path, &m))
        return; /* this machine has what it has; what does not compile, its case says */
    const MlcrtModule *tables = mlc_tables(m);
    run->machine.vector_bytes = tables->features & MLCRT_CPU_AVX512 ? 64 : 32;
    snprintf(run->machine.target, sizeof run->machine.target, "%s", tables->target);
    mlc_module_free(m);
}

static void measure(Run *run, const char *when, Peaks *to)
{
    for (int t = 0; t < run->a->nthreads && !run->a->no_peaks; t++) {
        to[t] = peaks_measure(run->a->threads[t], (size_t)1 << 30, run->machine.vector_bytes);
        report_peaks(when, run->a->threads[t], &to[t]);
    }
}

static int run(const Args *a)
{
    Run run = { .a = a, .machine.n = a->nthreads };
    int failed = 0;
    memcpy(run.machine.threads, a->threads, sizeof a->threads);
    for (int t = 0; t < a->nthreads; t++)
        if (!open_side(&run.side[t], a->threads[t], a->cpu))
            return 1;
    find_target(&run);
    measure(&run, "before", run.machine.before);
    for (int i = 0; i < NCASES; i++)
        if (!fnmatch(a->pattern, cases[i].name, 0) && !work_needs_file(&cases[i]))
            failed += !run_case(&run, &cases[i]);
    measure(&run, "after", run.machine.after);
    if (!a->no_peaks && !machine_is_steady(&run.machine))
        puts("not steady: the machine's rates moved during the run; only the ratios of pairs count, and another run is better");
    bool written = (!a->json || report_json(a->json, run.results, run.n, &run.machine)) &&
                   (!a->markdown || report_markdown(a->markdown, run.results, run.n, &run.machine));
    for (int t = 0; t < a->nthreads; t++)
        close_side(&run.side[t]);
    free(run.results);
    return failed || !written;
}

static bool read_threads(const char *text, Args *a)
{
    char *end;
    for (a->nthreads = 0; a->nthreads < BENCH_THREADS; text = end + 1) {
        long n = strtol(text, &end, 10);
        if (n < 1 || n > 1024 || (*end && *end != ','))
            return false;
        a->threads[a->nthreads++] = (int)n;
        if (!*end)
            return true;
    }
    return false;
}

static bool wrong(const char *word, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", word, why);
    return false;
}

static bool are_peers(const char *list)
{
    for (size_t n; *list; list += n + (list[n] == ',')) {
        bool known = (n = strcspn(list, ",")) == 4 && !memcmp(list, "none", 4);
        for (int i = 0; peer_name(i) && !known; i++)
            known = strlen(peer_name(i)) == n && !memcmp(peer_name(i), list, n);
        if (!known)
            return wrong(list, "there is no such peer; bench/README.md lists them, and `none` is one");
    }
    return true;
}

/* Asked before hours of cases are run. */
static bool can_write(const char *path)
{
    FILE *f = fopen(path, "a");
    if (!f)
        return wrong(path, "it cannot be written");
    fclose(f);
    return true;
}

static bool values_fit(const Args *a)
{
    bool some = false;
    for (int i = 0; i < NCASES; i++)
        some = some || !fnmatch(a->pattern, cases[i].name, 0);
    if (!some)
        return wrong(a->pattern, "no case has such a name; --list shows all");
    return (!a->peers || are_peers(a->peers)) && (!a->json || can_write(a->json)) && (!a->markdown || can_write(a->markdown));
}

static bool read_args(int argc, char **argv, Args *a)
{
    *a = (Args){ .pattern = "*", .seconds = 1, .threads = { 1 }, .nthreads = 1, .programs = MLC_BENCH_PROGRAMS };
    for (int i = 1; i < argc; i++) {
        const char *w = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(w, "--list") || !strcmp(w, "--no-peaks")) {
            *(w[2] == 'l' ? &a->list : &a->no_peaks) = true;
            continue;
        }
        i++;
        if (!v && !strcmp(w, "--help"))
            return false;
        if (v && !strcmp(w, "--case"))
            a->pattern = v;
        else if (v && !strcmp(w, "--json"))
            a->json = v;
        else if (v && !strcmp(w, "--markdown"))
            a->markdown = v;
        else if (v && !strcmp(w, "--peers"))
            a->peers = v;
        else if (v && !strcmp(w, "--programs"))
            a->programs = v;
        else if (v && !strcmp(w, "--target-cpu"))
            a->cpu = v;
        else if (v && !strcmp(w, "--seconds") && atof(v) > 0)
            a->seconds = atof(v);
        else if (v && !strcmp(w, "--threads") && read_threads(v, a))
            continue;
        else
            return wrong(w, !strcmp(w, "--threads") ? "wants one to four numbers with commas between" : !strcmp(w, "--seconds") ? "wants a number above 0"
                         : "there is no such option, or its value is missing");
    }
    return values_fit(a);
}

int main(int argc, char **argv)
{
    Args a;
    if (!read_args(argc, argv, &a)) {
        fputs("usage: bench [--list] [--case PATTERN] [--threads N,...] [--seconds S] [--peers A,B] [--json FILE] [--markdown FILE] "
              "[--no-peaks] [--programs DIR] [--target-cpu CPU]\n", stderr);
        return 2;
    }
    for (int i = 0; a.list && i < NCASES; i++)
        if (!fnmatch(a.pattern, cases[i].name, 0))
            printf("%s\n", cases[i].name);
    return a.list ? 0 : run(&a);
}
