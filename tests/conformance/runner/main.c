/* main.c - the conformance runner: vectors that other projects computed against programs of the language.
 *
 *     conformance SUITE DIR [--case PATTERN] [--verbose] [--interpret]
 *
 * SUITE (onnx, opinfo, golden, rl) says the form of the manifests in DIR and the rules: README.md of the parent folder. Ends with
 * "N passed, N failed"; status 0 if none failed, 1 otherwise, 2 if the cases or rules cannot be read.
 */
#include "runner.h"

#include <string.h>

typedef struct Options { const char *suite, *dir, *pattern; bool verbose, interpret, good; } Options;

static Options options(int argc, char **argv)
{
    Options o = { .good = true };
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--verbose"))
            o.verbose = true;
        else if (!strcmp(argv[i], "--interpret"))
            o.interpret = true;
        else if (!strcmp(argv[i], "--case") && i + 1 < argc)
            o.pattern = argv[++i];
        else if (argv[i][0] == '-' || o.dir)
            o.good = false;
        else
            *(o.suite ? &o.dir : &o.suite) = argv[i];
    }
    static const char *const suites[] = { "onnx", "opinfo", "golden", "rl" };
    bool known = false;
    for (size_t i = 0; o.suite && i < sizeof suites / sizeof *suites; i++)
        known |= !strcmp(suites[i], o.suite);
    o.good &= known && o.dir != NULL;
    return o;
}

typedef struct Run { Options o; Mem mem; Runner r; int status; } Run;

static int all_cases(Run *run)
{
    Runner *r = &run->r;
    int counts[3] = { 0 };
    for (int i = 0; i < r->suite.cases.n; i++) {
        const Case *c = &r->suite.cases.p[i];
        if (run->o.pattern && !strstr(c->name, run->o.pattern))
            continue;
        Arena *a = arena_new(&run->mem);
        Buf report = buf_new(a);
        Verdict v = run_case(r, c, &report);
        counts[v]++;
        if (v == FAILED || run->o.verbose)
            printf("%s %s\n%s", v == FAILED ? "FAILED" : v == SKIPPED ? "skipped" : "passed", c->name, buf_text(&report));
        fflush(stdout);
        arena_drop(a);
    }
    if (counts[SKIPPED])
        printf("%d skipped (--verbose says why)\n", counts[SKIPPED]);
    printf("%d passed, %d failed\n", counts[PASSED], counts[FAILED]);
    return counts[FAILED] || !counts[PASSED];
}

static int unusable(const char *why)
{
    fprintf(stderr, "conformance: %s\n", why);
    return 2;
}

static void run_all(void *arg)
{
    Run *run = arg;
    Runner *r = &run->r;
    Arena *a = arena_new(&run->mem);
    MlcOptions mo = { .size = sizeof mo, .in_process = 1, .library_path = MLC_BUILD_DIR };
    *r = (Runner){ .interpret = run->o.interpret, .verbose = run->o.verbose };
    if (mlc_compiler_new(&mo, &r->compiler) || mlcrt_session_new(mlc_context(r->compiler), &r->session)) {
        run->status = unusable("the compiler cannot be made");
        return;
    }
    r->suite = (Suite){ .arena = a, .context = mlc_context(r->compiler), .kind = run->o.suite };
    r->rules = (Rules){ .arena = a };
    if (!suite_read(&r->suite, run->o.dir))
        run->status = unusable(r->suite.error);
    else if (!rules_read(&r->rules, arena_printf(a, "%s/tests/conformance/%s", MLC_SOURCE_DIR, run->o.suite)))
        run->status = unusable(r->rules.error);
    else
        run->status = all_cases(run);
}

int main(int argc, char **argv)
{
    Run run = { .o = options(argc, argv), .status = 2 };
    if (!run.o.good) {
        fputs("usage: conformance onnx|opinfo|golden|rl DIR [--case PATTERN] [--verbose] [--interpret]\n", stderr);
        return 2;
    }
    mem_init(&run.mem, mem_malloc_hooks(), 0);
    if (!mem_try(&run.mem, run_all, &run))
        run.status = unusable("out of memory");
    mlc_compiler_free(run.r.compiler);
    mem_drop(&run.mem);
    return run.status;
}
