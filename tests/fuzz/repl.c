/* repl.c - libFuzzer target: any text typed into the REPL, its commands among it, never ends it: no crash, no leak, no endless loop. What is
 * typed runs in the interpreter; after half a second it is interrupted as by Ctrl-C. Texts that would read or write files are left out.
 */
#define _GNU_SOURCE 1
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "driver/cmd.h"

typedef struct Input { Mem mem; MlcrtContext *context; FILE *typed, *nowhere; } Input;

/* The command's own prints to standard error. */
int cmd_report(const Options *o, Unit *u)
{
    (void)o;
    Buf b = buf_new(u->arena);
    diags_render(u->diags, &b, true);
    return u->diags->errors > 0;
}

static bool uses_files(const char *text)
{
    static const char *const words[] = { "save", "append", "report", "plot", "load", "read", "token", "exists", "import" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(text, words[i]))
            return true;
    return false;
}

static timer_t interrupts(void)
{
    timer_t t;
    struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGINT };
    struct itimerspec often = { { 0, 100000000 }, { 0, 500000000 } };
    if (timer_create(CLOCK_MONOTONIC, &e, &t) || timer_settime(t, 0, &often, NULL))
        __builtin_trap();
    return t;
}

static void run(void *arg)
{
    Input *in = arg;
    Options o = { .interp = true, .verb = "repl" };
    UnitOptions uo = { .cpu = "x86-64-v3", .verify = true };
    Unit *u = unit_new(&in->mem, &uo, NULL, in->context);
    FILE *in_, *out, *err;
    in_ = stdin, out = stdout, err = stderr; /* the C library reads these variables anew each time */
    stdin = in->typed, stdout = in->nowhere, stderr = in->nowhere;
    cmd_repl(&o, u);
    stdin = in_, stdout = out, stderr = err;
    unit_drop(u);
}

static void session(char *text, size_t size)
{
    Input in = { .typed = fmemopen(text, size, "r"), .nowhere = fopen("/dev/null", "w") };
    timer_t t = interrupts();
    if (in.typed && in.nowhere && !mlcrt_context_new(NULL, &in.context)) {
        mem_init(&in.mem, mem_malloc_hooks(), 256 << 20);
        mem_try(&in.mem, run, &in);
        mem_drop(&in.mem);
        mlcrt_context_free(in.context);
    }
    timer_delete(t);
    fclose(in.typed);
    fclose(in.nowhere);
}

static void hold_interrupts(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* Before libFuzzer starts threads of its own, which would take the interrupts. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    sigset_t set;
    (void)argc, (void)argv;
    hold_interrupts(&set);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct timespec now;
    char text[4097];
    sigset_t set;
    if (size == 0 || size > 4096 || memchr(data, 0, size))
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    if (uses_files(text))
        return 0;
    hold_interrupts(&set);
    session(text, size);
    while (sigtimedwait(&set, NULL, &now) > 0) { /* one that came late */
    }
    return 0;
}
