/* main.c - the command `mlc`. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/cache.h"
#include "driver/cmd.h"
#include "driver/profile.h"

typedef struct Main { Options o; Mem mem; int status; double started; } Main;

typedef struct TimeRow { const char *what; double seconds; } TimeRow;
typedef struct Report { TimeRow rows[64]; int n; } Report;

int cmd_report(const Options *o, Unit *u)
{
    Buf b = buf_new(u->arena);
    bool json = o->diagnostics && !strcmp(o->diagnostics, "json");
    if (json)
        diags_render_json(u->diags, &b);
    else
        diags_render(u->diags, &b, isatty(2) && !getenv("NO_COLOR"));
    if (b.n)
        fwrite(b.p, 1, b.n, stderr);
    return u->diags->errors || (o->werror && u->diags->warnings) ? 1 : 0;
}

static void timed(void *user, const char *what, double seconds)
{
    Report *r = user;
    for (int i = 0; i < r->n; i++)
        if (!strcmp(r->rows[i].what, what)) {
            r->rows[i].seconds += seconds;
            return;
        }
    if (r->n < 64)
        r->rows[r->n++] = (TimeRow){ what, seconds };
}

static void print_times(const Report *r, double total)
{
    fprintf(stderr, "%-24s %10s\n", "time in", "ms");
    for (int i = 0; i < r->n; i++)
        fprintf(stderr, "%-24s %10.3f\n", r->rows[i].what, r->rows[i].seconds * 1e3);
    fprintf(stderr, "%-24s %10.3f\n", "whole command", total * 1e3);
}

static void printed(void *user, const char *pass, const char *text)
{
    (void)user;
    printf("// after %s\n%s", pass, text);
}

static void warnings_wanted(const Options *o, Diags *d)
{
    d->werror = o->werror;
    d->silent[W0001] = o->no_unused;
    d->silent[W0002] = o->no_unreachable;
    d->silent[W0003] = o->no_constant;
    d->silent[W0004] = o->no_float_equal;
    d->silent[W0005] = o->no_bounds;
    d->silent[W0006] = o->no_draws;
}

static int dispatch(const Options *o, Unit *u)
{
    if (o->emit)
        return cmd_emit(o, u);
    if (o->fusion)
        return cmd_fusion(o, u);
    if (!strcmp(o->verb, "check"))
        return cmd_check(o, u);
    if (!strcmp(o->verb, "run"))
        return cmd_run(o, u);
    if (!strcmp(o->verb, "call"))
        return cmd_call(o, u);
    if (!strcmp(o->verb, "repl"))
        return cmd_repl(o, u);
    if (!strcmp(o->verb, "fmt"))
        return cmd_fmt(o, u);
    if (!strcmp(o->verb, "doc"))
        return cmd_doc(o, u);
    return cmd_compile(o, u);
}

static int tell_profile(const Options *o, Unit *u)
{
    uint64_t held = 0;
    int threads = o->threads > 0 ? (int)o->threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
    fflush(stdout);
    mlcrt_context_memory(u->context, NULL, &held);
    if (o->profile)
        profile_print(u->o.profile, threads, u->target.vector_bytes, held, stderr);
    if (o->trace) {
        Buf b = buf_new(u->arena);
        profile_trace(u->o.profile, &b);
        if (!cmd_write(u, o->trace, b.p, b.n))
            return cmd_report(o, u);
    }
    return 0;
}

static void with_memory(void *arg)
{
    Main *m = arg;
    Report report = { .n = 0 };
    bool file = !strcmp(m->o.verb, "compile");
    UnitOptions uo = { .cpu = m->o.cpu ? m->o.cpu : file && !m->o.emit ? "x86-64-v3" : "native", .optimise = (int)m->o.optimise,
                       .pipeline = m->o.pipeline, .skip = m->o.skip, .print_after = m->o.print_after, .verify = m->o.verify,
                       .isolated = m->o.isolated, .no_extern = m->o.no_extern, .seed = m->o.seed, .user = &report, .printed = printed,
                       .timed = m->o.time_report ? timed : NULL };
    Arena *a = arena_new(&m->mem);
    if (!unit_forms_read(m->o.packed, &uo.packed)) {
        fprintf(stderr, "mlc: --packed=%s: it can be q8_0, q4_0, both with a comma, or none\n", m->o.packed);
        m->status = 2;
        return;
    }
    bool marks = m->o.profile || m->o.trace;
    uo.profile = marks ? profile_new(a, m->o.trace) : NULL;
    uo.cache = m->o.no_cache || marks ? NULL : cache_directory(a);
    MlcrtContext *context = NULL;
    MlcrtOptions co = { .size = sizeof co, .threads = (int32_t)m->o.threads };
    Codegen *codegen = codegen_new(a, &uo);
    m->status = 1;
    if (mlcrt_context_new(&co, &context)) {
        fputs("mlc: out of memory\n", stderr);
    } else {
        Unit *u = unit_new(&m->mem, &uo, codegen, context);
        warnings_wanted(&m->o, u->diags);
        m->status = dispatch(&m->o, u);
        if (marks && tell_profile(&m->o, u))
            m->status = 1;
        unit_drop(u);
    }
    mlcrt_context_free(context);
    codegen_free(codegen);
    if (m->o.time_report)
        print_times(&report, unit_now() - m->started);
}

static bool wants_nothing(const Options *o, int *status)
{
    *status = 0;
    if (o->help)
        options_help();
    else if (o->version)
        puts("mlc 0.1.0");
    else if (o->explain)
        *status = cmd_explain(o);
    else if ((o->profile || o->trace) && ((strcmp(o->verb, "run") && strcmp(o->verb, "call")) || o->interp || o->isolated)) {
        fputs("mlc: --profile and --trace are of run and call, of code that is generated in this process\n", stderr);
        *status = 2;
    } else if (!o->nargs && strcmp(o->verb, "repl")) {
        fputs("mlc: no file\n(mlc --help lists the options)\n", stderr);
        *status = 2;
    } else
        return false;
    return true;
}

static int end(int status)
{
    if (!fflush(stdout) && !ferror(stdout))
        return status;
    fputs("mlc: standard output cannot be written\n", stderr);
    return status ? status : 1;
}

/* LLVM ends its process where memory ends. */
static void aborted(int number)
{
    static const char said[] = "mlc: ended by abort: memory ended in the code generator (--isolated keeps that apart), or a C function did it\n";
    (void)number;
    if (write(STDERR_FILENO, said, sizeof said - 1) < 0)
        _exit(2);
    _exit(1);
}

int main(int argc, char **argv)
{
    Main m = { .started = unit_now() };
    signal(SIGABRT, aborted);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow any more is a failed write, with its message; so for what this command starts */
    if (!options_read(argc, argv, &m.o))
        return 2;
    if (wants_nothing(&m.o, &m.status))
        return end(m.status);
    mem_init(&m.mem, mem_malloc_hooks(), 0);
    if (!mem_try(&m.mem, with_memory, &m)) {
        fputs("mlc: out of memory\n", stderr);
        m.status = 1;
    }
    mem_drop(&m.mem);
    return end(m.status);
}
