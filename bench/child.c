/* child.c - a peer that lives in a Python process: peers/child.py gets the case and the data in a file, and runs and times calls when it is told.
 *
 *     ->  case KIND FUNCTION D0 D1 D2 D3 THREADS FILE       <-  ready VERSION | none REASON
 *     ->  run N                                             <-  SECONDS of one call; the result is in FILE
 *
 * The file holds the inputs in order, then the result, as f32. MLC_BENCH_PYTHON names the interpreter (python3); one that cannot import
 * the library answers `none`.
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
    size_t n = (size_t)w->n_out;
    for (int i = 0; i < BENCH_ARGS; i++)
        n += (size_t)w->n_in[i];
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
    for (int i = 0; i < BENCH_ARGS; at += w->n_in[i++])
        if (w->n_in[i])
            memcpy(at, w->in[i], (size_t)w->n_in[i] * 4);
    return true;
}

static double child_time(Peer *p, Work *w, int calls)
{
    char line[64], answer[256];
    snprintf(line, sizeof line, "run %d\n", calls);
    if (!ask(p, line, answer, sizeof answer) || atof(answer) <= 0)
        return -1;
    if (w->theirs && !p->compared)
        memcpy(w->theirs, p->shared + (p->shared_size / 4 - (size_t)w->n_out), (size_t)w->n_out * 4);
    p->compared = true;
    return atof(answer);
}

bool child_open(Peer *p, Work *w)
{
    static const char *const kinds[] = { "matmul", "linear", "attention", "causal", "map", "adamw", [DECODE] = "decode", [SCORE] = "score" };
    char line[512], answer[256];
    const int64_t *d = w->c->d;
    signal(SIGPIPE, SIG_IGN); /* a child that ends is a peer that is left out */
    p->time = child_time;
    p->close = child_close;
    if ((size_t)w->c->kind < sizeof kinds / sizeof kinds[0] && kinds[w->c->kind] && share(p, w) && start(p)) {
        snprintf(line, sizeof line, "case %s %s %lld %lld %lld %lld %d /proc/%d/fd/%d\n", kinds[w->c->kind], w->c->fn, (long long)d[0], (long long)d[1],
                 (long long)d[2], (long long)d[3], w->threads, (int)getpid(), p->shared_fd);
        if (ask(p, line, answer, sizeof answer) && !strncmp(answer, "ready ", 6)) {
            snprintf(p->version, sizeof p->version, "%.90s", answer + 6);
            return true;
        }
    }
    child_close(p);
    return false;
}
