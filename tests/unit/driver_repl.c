/* driver_repl.c - `mlc repl` at a terminal and at the end of a pipe. */
#define _GNU_SOURCE
#include <check.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test_main.h"

static const char command[] = MLC_BUILD_DIR "/mlc";

/* A running REPL; what it printed and was not waited for yet. */
typedef struct Repl { pid_t pid; int in, out; char text[1 << 16]; size_t n; } Repl;

static void at_terminal(Repl *r, const char *state)
{
    r->n = 0;
    struct winsize size = { .ws_row = 40, .ws_col = 200 };
    r->pid = forkpty(&r->in, NULL, NULL, &size);
    ck_assert_int_ge(r->pid, 0);
    if (r->pid == 0) {
        setenv("XDG_STATE_HOME", state, 1);
        setenv("TERM", "dumb", 1);
        setenv("NO_COLOR", "1", 1);
        setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* libedit keeps the names of functions that are added to it */
        execl(command, "mlc", "repl", NULL);
        _exit(127);
    }
    r->out = r->in;
}

static void at_pipe(Repl *r)
{
    int in[2], out[2];
    r->n = 0;
    ck_assert(!pipe(in) && !pipe(out));
    r->pid = fork();
    if (r->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(out[1], 2);
        close(in[1]);
        close(out[0]);
        execl(command, "mlc", "repl", "--no-cache", NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    r->in = in[1];
    r->out = out[0];
}

static void put(Repl *r, const char *text)
{
    for (size_t n = strlen(text); n;) {
        ssize_t k = write(r->in, text, n);
        ck_assert_int_gt(k, 0);
        text += k;
        n -= (size_t)k;
    }
}

/* Waits until it has printed `text`, and forgets everything up to it. */
static void wait_for(Repl *r, const char *text)
{
    for (time_t last = time(NULL) + 30; time(NULL) < last;) {
        r->text[r->n] = 0;
        char *at = memmem(r->text, r->n, text, strlen(text));
        if (at) {
            at += strlen(text);
            r->n -= (size_t)(at - r->text);
            memmove(r->text, at, r->n);
            return;
        }
        if (r->n > sizeof r->text / 2) {
            memmove(r->text, r->text + r->n / 2, r->n - r->n / 2);
            r->n -= r->n / 2;
        }
        fd_set set;
        struct timeval tv = { 0, 100000 };
        FD_ZERO(&set);
        FD_SET(r->out, &set);
        if (select(r->out + 1, &set, NULL, NULL, &tv) > 0) {
            ssize_t k = read(r->out, r->text + r->n, sizeof r->text - r->n - 1);
            if (k <= 0)
                break;
            r->n += (size_t)k;
        }
    }
    ck_abort_msg("it did not print '%s' but '%.*s'", text, (int)r->n, r->text);
}

static int end(Repl *r)
{
    int how = 0;
    char rest[256];
    close(r->in == r->out ? -1 : r->in);
    while (read(r->out, rest, sizeof rest) > 0) {
    }
    ck_assert_int_eq(waitpid(r->pid, &how, 0), r->pid);
    close(r->out);
    return WIFEXITED(how) ? WEXITSTATUS(how) : 1000 + WTERMSIG(how);
}

static char *scratch(char *folder)
{
    strcpy(folder, "/tmp/mlc-repl-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    return folder;
}

static void drop(const char *folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/mlc/history", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/mlc", folder);
    rmdir(path);
    rmdir(folder);
}

static Repl repl;

START_TEST(a_terminal_gets_prompts_values_and_more_lines)
{
    Repl *r = &repl;
    char folder[64], path[128];
    struct stat st;
    at_terminal(r, scratch(folder));
    wait_for(r, "mlc> ");
    put(r, "1 + 1\n");
    wait_for(r, "int = 2");
    put(r, "fn f(x: f32[N]) -> f32[N] {\n");
    wait_for(r, "... ");
    put(r, "    out[i] = x[i] * 3\n}\n");
    wait_for(r, "mlc> ");
    put(r, "f([1.0, 2.0])\n");
    wait_for(r, "f32[2] = [3.0, 6.0]");
    put(r, "y\n");
    wait_for(r, "error[E0201]");
    put(r, "let abcdef = 41\n");
    wait_for(r, "int = 41");
    put(r, "abcd\t + 1\n");
    wait_for(r, "int = 42");
    put(r, ":quit\n");
    ck_assert_int_eq(end(r), 0);
    snprintf(path, sizeof path, "%s/mlc/history", folder);
    ck_assert(!stat(path, &st) && st.st_size > 0);
    drop(folder);
}
END_TEST

static const char forever[] = "fn forever(x: int) -> int {\n    var i = x\n    while i != 0 { i = (i * 3 + 1) % 1000003 + 1 }\n    i\n}\n";

START_TEST(control_c_stops_what_runs_or_what_was_typed)
{
    Repl *r = &repl;
    char folder[64];
    at_terminal(r, scratch(folder));
    wait_for(r, "mlc> ");
    put(r, forever);
    put(r, "forever(5)\n");
    usleep(1000000);
    put(r, "\003");
    wait_for(r, "cancelled");
    wait_for(r, "mlc> ");
    usleep(200000); /* the terminal drops what is typed while it changes its mode */
    put(r, "20 + 3\n");
    wait_for(r, "int = 23");
    put(r, "nonsense that is not");
    usleep(300000);
    put(r, "\003");
    wait_for(r, "^C");
    wait_for(r, "mlc> ");
    usleep(200000); /* the terminal drops what is typed while it changes its mode */
    put(r, "fn half(x: f32) -> f32 {\n");
    wait_for(r, "... ");
    put(r, "\003");
    wait_for(r, "^C");
    wait_for(r, "mlc> ");
    usleep(200000); /* the terminal drops what is typed while it changes its mode */
    put(r, "30 + 3\n");
    wait_for(r, "int = 33");
    wait_for(r, "mlc> ");
    usleep(100000); /* the terminal is in the editor's mode */
    put(r, "\004");
    ck_assert_int_eq(end(r), 0);
    drop(folder);
}
END_TEST

START_TEST(a_pipe_gets_no_prompt_and_a_status)
{
    Repl *r = &repl;
    at_pipe(r);
    put(r, "1 + 1\n");
    ck_assert_int_eq(end(r), 0);
    at_pipe(r);
    put(r, "unknown\n2 + 2\n");
    wait_for(r, "error[E0201]");
    wait_for(r, "int = 4");
    ck_assert_ptr_null(strstr(r->text, "mlc>"));
    ck_assert_int_eq(end(r), 1);
    at_pipe(r);
    put(r, "fn f(x: int) -> int {\n");
    ck_assert_int_eq(end(r), 1);
}
END_TEST

static long resident(const Repl *r)
{
    char path[64];
    long size = 0, pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", r->pid);
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fscanf(f, "%ld %ld", &size, &pages), 2);
    fclose(f);
    return pages;
}

static void redefine(Repl *r, int from, int to)
{
    char text[128];
    for (int i = from; i < to; i++) {
        snprintf(text, sizeof text, "fn f(x: f32[N]) -> f32[N] { out[i] = x[i] * %d }\nlet scale = %d\n", i, i);
        put(r, text);
        snprintf(text, sizeof text, "scale: int = %d\n", i);
        wait_for(r, text);
    }
    snprintf(text, sizeof text, "f32[2] = [%d.0, 0.0]\n", to - 1);
    put(r, "f([1.0, 0.0])\n");
    wait_for(r, text);
}

START_TEST(ten_thousand_redefinitions_take_the_memory_of_one)
{
    Repl *r = &repl;
    if (getenv("MLC_SANITIZED") && atoi(getenv("MLC_SANITIZED")))
        return; /* freed memory is kept for a while there */
    at_pipe(r);
    redefine(r, 1, 1000);
    long before = resident(r);
    redefine(r, 1000, 5000);
    redefine(r, 5000, 9999);
    long after = resident(r);
    ck_assert_msg(after * 100 <= before * 104, "%ld pages, then %ld", before, after); /* 1 KB of each kept would be 14 % */
    ck_assert_int_eq(end(r), 0);
}
END_TEST

/* A session that is renewed now and then: lists that grow go on growing. */
START_TEST(lists_go_on_growing)
{
    Repl *r = &repl;
    at_pipe(r);
    put(r, "var some = []\n");
    wait_for(r, "some: [] = []\n");
    put(r, "append(var some, 1.5)\nvar none = []\n");
    wait_for(r, "none: [] = []\n");
    redefine(r, 1, 150);
    put(r, "append(var some, 2.5)\nappend(var none, 7)\nprint(some, none)\n");
    wait_for(r, "[1.5, 2.5] [7]\n");
    put(r, "some = []\n");
    wait_for(r, "some: f32[0] = []\n");
    ck_assert_int_eq(end(r), 0);
}
END_TEST

/* .. and models keep their header numbers, by name, and the inputs that are bound. */
START_TEST(models_stay_what_they_are)
{
    Repl *r = &repl;
    at_pipe(r);
    put(r, "model Part(D; K = 2) { input at: i32[B]\n param w: f32[K, D] = 1\n fn call(x: f32[B, D]) -> f32[B, D] { out[b, d] = x[b, d] * w[at[b], d] } }\n"
           "model Net(D) { a = Part(D)\n b = Part(D, K: 3)\n input by: f32 = 2\n fn call(x: f32[B, D]) -> f32[B, D] = by * b(a(x)) }\n"
           "let net = Net(2)\nlet set = bind(net, at: i32([1, 0, 1]))\nlet list = [Net(2) for _ in 0..3]\n");
    wait_for(r, "list: ");
    redefine(r, 1, 100);
    put(r, "set(ones(3, 2))[0]\nlen(list)\nnet.a.K + net.b.K\n");
    wait_for(r, "f32[2] = [2.0, 2.0]\n");
    wait_for(r, "int = 3\n");
    wait_for(r, "int = 5\n");
    put(r, "net(ones(3, 2))\n");
    wait_for(r, "error[E0205]: input 'at' of 'Part' is not set");
    ck_assert_int_eq(end(r), 1);
}
END_TEST

/* .. and so do types with type arguments, adapted models, the sets of their adapters, and models of modules that have no name here: such a
 * session is renewed as others are. */
START_TEST(adapted_models_stay_what_they_are)
{
    Repl *r = &repl;
    at_pipe(r);
    put(r, "import std.nn: Linear\nimport std.adapters: Lora\nimport std.optim\n"
           "model Mlp(D, F; scale = 2.0) { up = Linear(D, F)\n down = Linear(F, D)\n fn call(x: f32[.., D]) -> f32[.., D] = scale * down(silu(up(x))) }\n"
           "model Net(L, D) { layers = [Mlp(D, 2 * D) for _ in 0..L]\n"
           "  fn call(x: f32[.., D]) -> f32[.., D] { var y = x\n for l in layers { y = y + l(y) }\n y } }\n"
           "let net = Net(2, 4)\n"
           "let tuned = adapt(adapt(net, Lora(2, 4), at: \"layers.*.{up,down}\"), Lora(3, 6), at: \"layers.*.up\")\n"
           "let set = tuned.trainable\nlet state = optim.adamw_state(tuned)\nlet other = Mlp(2, 3, scale: 0.5)\n"
           "let x = [1.0, 2.0, 3.0, 4.0]\nlet y = tuned(x)\nlet one = adapt(Linear(2, 3), Lora(1, 5))\n");
    wait_for(r, "one: ");
    redefine(r, 1, 300);
    long before = resident(r);
    redefine(r, 300, 1500);
    long after = resident(r);
    put(r, "norm(tuned.trainable - set)\n");
    wait_for(r, "f32 = 0.0\n");
    put(r, "max(abs(tuned(x) - y)) + norm(state.m)\n");
    wait_for(r, "f32 = 0.0\n");
    put(r, "(other.scale, one.alpha)\n");
    wait_for(r, "(real, int) = (0.5, 5)\n");
    if (!getenv("MLC_SANITIZED") || !atoi(getenv("MLC_SANITIZED")))
        ck_assert_msg(after * 100 <= before * 115, "%ld pages, then %ld", before, after);
    ck_assert_int_eq(end(r), 0);
}
END_TEST

int main(void)
{
    if (access(command, X_OK) || access(MLC_BUILD_DIR "/libmlc-llvm.so", R_OK))
        return 77;
    Suite *s = suite_create("driver: repl");
    TCase *t = tcase_create("repl");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_terminal_gets_prompts_values_and_more_lines);
    tcase_add_test(t, control_c_stops_what_runs_or_what_was_typed);
    tcase_add_test(t, a_pipe_gets_no_prompt_and_a_status);
    tcase_add_test(t, lists_go_on_growing);
    tcase_add_test(t, models_stay_what_they_are);
    tcase_add_test(t, adapted_models_stay_what_they_are);
    tcase_add_test(t, ten_thousand_redefinitions_take_the_memory_of_one);
    suite_add_tcase(s, t);
    return test_main(s);
}
