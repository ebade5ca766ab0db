/* helper.c - code generation in a process of its own: LLVM may die of memory, of a fault or of time, and the host goes on.
 *
 * One helper is kept for a compiler, started when it is first needed, with a socket as its standard input; it ends when the socket
 * closes. One that ends, is silent or says nonsense is reaped and a status returned; the next compile starts a new one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/codegen_int.h"

extern char **environ;

static ssize_t send_some(int fd, void *p, size_t n) { return send(fd, p, n, MSG_NOSIGNAL); }

bool helper_write(int fd, const void *p, size_t n) { return file_all(fd, (void *)(uintptr_t)p, n, send_some); }
bool helper_read(int fd, void *p, size_t n) { return file_all(fd, p, n, read); }

/* After `fork` it goes on working for the process that started it. */
static bool is_ours(const Helper *h) { return h->pid > 0 && h->owner == getpid(); }

void helper_stop(Helper *h)
{
    if (h->fd >= 0)
        close(h->fd);
    if (is_ours(h)) {
        kill(h->pid, SIGKILL);
        while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    *h = (Helper){ .pid = 0, .fd = -1 };
}

static bool start(Codegen *c, Buf *errors)
{
    int fds[2];
    posix_spawn_file_actions_t actions;
    const char *path = arena_printf(errors->arena, "%s/mlc-codegen", c->directory);
    char *argv[] = { (char *)"mlc-codegen", NULL };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
        buf_printf(errors, "no socket for the code generator: %s", strerror(errno));
        return false;
    }
    int failed = posix_spawn_file_actions_init(&actions);
    if (!failed) {
        failed = posix_spawn_file_actions_adddup2(&actions, fds[1], 0);
        if (!failed)
            failed = posix_spawn(&c->helper.pid, path, &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(fds[1]);
    c->helper.fd = fds[0];
    c->helper.owner = getpid();
    if (failed) {
        c->helper.pid = 0;
        helper_stop(&c->helper);
        buf_printf(errors, "the code generator '%s' cannot be started: %s", path, strerror(failed));
        return false;
    }
    return true;
}

static bool ask(Codegen *c, const BeOptions *o, bool whole, const Buf *text)
{
    HelperRequest r = { .magic = HELPER_MAGIC, .opt = (uint32_t)o->opt, .size = text->n, .memory = c->memory,
                        .seconds = (uint32_t)c->seconds, .whole = whole, .packed = c->packed };
    strncpy(r.cpu, o->cpu ? o->cpu : "native", sizeof r.cpu - 1);
    return helper_write(c->helper.fd, &r, sizeof r) && helper_write(c->helper.fd, text->p, text->n);
}

/* Waits no longer than the limit of CPU time and some room for a busy machine. */
static bool wait_for_reply(Codegen *c, bool *hangs)
{
    struct pollfd p = { .fd = c->helper.fd, .events = POLLIN };
    int r;
    do
        r = poll(&p, 1, (c->seconds * 2 + 5) * 1000);
    while (r < 0 && errno == EINTR);
    *hangs = r == 0;
    return r > 0;
}

static bool answer(Codegen *c, Arena *a, BeResult *out, int *status, Buf *errors, bool *hangs)
{
    HelperReply r;
    if (!wait_for_reply(c, hangs) || !helper_read(c->helper.fd, &r, sizeof r) || r.magic != HELPER_MAGIC || r.size > ((uint64_t)1 << 32))
        return false;
    unsigned char *bytes = arena_alloc(a, r.size + 1);
    if (!helper_read(c->helper.fd, bytes, r.size))
        return false;
    *status = r.status;
    if (r.status)
        buf_printf(errors, "%.*s", (int)(r.size < 2000 ? r.size : 2000), (const char *)bytes);
    out->object = bytes;
    out->size = r.size;
    return true;
}

/* Its socket is closed, so that a signal now does not change how it ended. */
static void say_how_it_ended(Codegen *c, Buf *errors, int *status)
{
    int how = 0;
    kill(c->helper.pid, SIGKILL);
    while (waitpid(c->helper.pid, &how, 0) < 0 && errno == EINTR) {
    }
    c->helper.pid = 0;
    *status = WIFSIGNALED(how) && WTERMSIG(how) == SIGXCPU ? MLCRT_ELIMIT : MLCRT_EINTERNAL;
    buf_printf(errors, "the code generator ended (%s %d)", WIFSIGNALED(how) ? "signal" : "exit status",
               WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
}

/* One that ended while it had nothing to do is replaced, and one that a fork left behind. */
static void drop_the_dead(Codegen *c)
{
    if (is_ours(&c->helper) && waitpid(c->helper.pid, NULL, WNOHANG) == c->helper.pid)
        c->helper.pid = 0;
    if (!is_ours(&c->helper) || c->helper.talking) /* talking: memory ended in the middle of it */
        helper_stop(&c->helper);
}

bool helper_ask(Codegen *c, Arena *a, const BeOptions *o, bool whole, const Buf *text, BeResult *out, int *status, Buf *errors)
{
    bool hangs = false;
    *status = MLCRT_EINTERNAL;
    drop_the_dead(c);
    if (c->helper.pid == 0 && !start(c, errors))
        return false;
    c->helper.talking = true;
    if (ask(c, o, whole, text) && answer(c, a, out, status, errors, &hangs)) {
        c->helper.talking = false;
        return *status == 0;
    }
    if (hangs) {
        *status = MLCRT_ELIMIT;
        buf_printf(errors, "the code generator did not answer within %d seconds", c->seconds * 2 + 5);
    } else {
        say_how_it_ended(c, errors, status);
    }
    helper_stop(&c->helper);
    return false;
}

bool helper_compile(Codegen *c, IrModule *m, const BeOptions *o, BeResult *out, int *status, Buf *errors)
{
    Buf text = buf_new(m->arena);
    for (int i = 0; i < m->fns.n; i++)
        ir_print_fn(m->fns.p[i], &text);
    return helper_ask(c, m->arena, o, false, &text, out, status, errors);
}
