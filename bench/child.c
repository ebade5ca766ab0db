/* child.c - a peer that lives in a Python process: peers/child.py gets the case and the data in a file, and runs and times calls when it is told.
 *
 *     ->  case THREADS FILE            <-  ready SECONDS VERSION | none REASON       until the first result, compiling included
 *         INPUTS                            as in cases.def
 *         RESULT
 *         WORDS                             what to compute, in the peer's own words
 *     ->  run N                        <-  SECONDS of one call; the result is in FILE
 *
 * The file holds the inputs in order, then the result, each element in four bytes. MLC_BENCH_PYTHON names the interpreter (python3); one
 * that cannot import the library answers `none`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

extern char **environ;

enum { PATIENCE = 120 }; /* seconds until an answer begins, compiling included; a peer that takes longer is left out */

static bool start(Peer *p)
{
    int to[2], from[2];
    char script[4096], *python = getenv("MLC_BENCH_PYTHON");
    posix_spawn_file_actions_t actions;
    snprintf(script, sizeof script, "%s/../peers/child.py", MLC_BENCH_PROGRAMS);
    char *argv[] = { python ? python : (char *)"python3", script, (char *)(uintptr_t)p->name, NULL };
    if (pipe2(to, O_CLOEXEC))
        return false;
    if (pipe2(from, O_CLOEXEC)) {
        close(to[0]);
        close(to[1]);
        return false;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    bool ok = !posix_spawnp(&p->pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    p->to = to[1];
    p->from = from[0];
    return ok;
}

static void child_close(Peer *p)
{
    close(p->to);
    close(p->from);
    if (p->pid > 0) {
        kill(p->pid, SIGKILL); /* it holds nothing */
        waitpid(p->pid, NULL, 0);
    }
    if (p->shared)
        munmap(p->shared, p->shared_size);
    if (p->shared_fd > 0)
        close(p->shared_fd);
}

/* One line to it, one line from it. */
static bool ask(Peer *p, const char *line, char *answer, size_t size)
{
    size_t n = strlen(line), got = 0;
    if (write(p->to, line, n) != (ssize_t)n)
        return false;
    while (got + 1 < size) {
        struct pollfd ready = { .fd = p->from, .events = POLLIN };
        if (poll(&ready, 1, PATIENCE * 1000) != 1)
            return false;
        ssize_t k = read(p->from, answer + got, 1);
        if (k != 1)
            return false;
        if (answer[got++] == '\n')
            break;
    }
    answer[got ? got - 1 : 0] = 0;
    return got > 0;
}

static bool share(Peer *p, Work *w)
{
    size_t n = (size_t)(w->out ? w->spec[BENCH_ARGS].n : 0);
    for (int i = 0; i < w->n; i++)
        n += (size_t)w->spec[i].n;
    p->shared_size = n * 4;
    p->shared_fd = memfd_create("bench", 0);
    if (p->shared_fd < 0 || ftruncate(p->shared_fd, (off_t)p->shared_size))
        return false;
    p->shared = mmap(NULL, p->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED, p->shared_fd, 0);
    if (p->shared == MAP_FAILED) {
        p->shared = NULL;
        return false;
    }
    float *at = p->shared;
    for (int i = 0; i < w->n; at += w->spec[i++].n)
        memcpy(at, w->in[i], (size_t)w->spec[i].n * 4);
    return true;
}

static void take_result(const Peer *p, const Work *w, float *to)
{
    size_t n = (size_t)w->spec[BENCH_ARGS].n;
    memcpy(to, p->shared + (p->shared_size / 4 - n), n * 4);
}

static double child_time(Peer *p, Work *w, int calls)
{
    char line[64], answer[256];
    snprintf(line, sizeof line, "run %d\n", calls);
    if (!ask(p, line, answer, sizeof answer) || atof(answer) <= 0)
        return -1;
    if (w->theirs && !p->compared)
        take_result(p, w, w->theirs);
    p->compared = true;
    return atof(answer);
}

bool child_open(Peer *p, Work *w, const char *line)
{
    char text[8192], answer[256] = "";
    const char *words = NULL;
    int n = case_line(w->c, line, &words);
    signal(SIGPIPE, SIG_IGN); /* a child that ends is a peer that is left out */
    p->time = child_time;
    p->close = child_close;
    snprintf(p->version, sizeof p->version, "%s", n ? "it did not start; MLC_BENCH_PYTHON names the interpreter" : "it has no words for this case");
    if (n && share(p, w) && start(p)) {
        snprintf(text, sizeof text, "case %d /proc/%d/fd/%d\n%s\n%s\n%.*s\n", w->threads, (int)getpid(), p->shared_fd, w->c->inputs, w->c->result, n,
                 words);
        if (ask(p, text, answer, sizeof answer) && !strncmp(answer, "ready ", 6)) {
            char *version;
            p->first = strtod(answer + 6, &version);
            snprintf(p->version, sizeof p->version, "%.90s", version + (*version == ' '));
            return true;
        }
        if (!strncmp(answer, "none ", 5))
            snprintf(p->version, sizeof p->version, "%.90s", answer + 5);
    }
    child_close(p);
    return false;
}

void child_exact(Work *w)
{
    Peer p = { .name = "float64", .to = -1, .from = -1 };
    if (w->c->check != FLOAT64_LINE || !w->out || !child_open(&p, w, "float64"))
        return;
    w->exact = malloc((size_t)w->spec[BENCH_ARGS].n * 4);
    if (w->exact)
        take_result(&p, w, w->exact);
    child_close(&p);
}
