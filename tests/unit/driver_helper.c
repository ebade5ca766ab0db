/* driver_helper.c - code generation in a process of its own: what its end, its limits and its silence become. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/codegen_int.h"
#include "runtime/loader.h"
#include "test_main.h"

static const char text[] = "tile fn @twice[N](%x: f32[N]) -> (f32[N]) {\n"
                           "  %0 = buffer param 0 : f32[N]\n"
                           "  %1 = buffer result 0 : f32[N]\n"
                           "  kernel [i: N] {\n"
                           "    %2 = load %0[i] : f32\n"
                           "    %3 = add %2, %2 : f32\n"
                           "    store %1[i], %3\n"
                           "  }\n"
                           "}\n";

typedef struct Fixture { Mem mem; Arena *arena; IrModule *m; Codegen *codegen; BeResult result; int status; Buf errors; } Fixture;

static void set_up(Fixture *f, int seconds, uint64_t memory)
{
    mem_init(&f->mem, mem_malloc_hooks(), 0);
    f->arena = arena_new(&f->mem);
    Sources *ss = sources_new(f->arena);
    Diags *d = diags_new(f->arena, ss);
    f->m = ir_module_new(f->arena, names_new(f->arena), dims_new(f->arena), ss);
    ck_assert(ir_parse(f->m, source_add(ss, "tile", text, sizeof text - 1), d));
    UnitOptions o = { .isolated = true, .library_path = MLC_BUILD_DIR, .helper_seconds = seconds, .helper_memory = memory };
    f->codegen = codegen_new(f->arena, &o);
}

static void tear_down(Fixture *f)
{
    codegen_free(f->codegen);
    mem_drop(&f->mem);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

static bool compile(Fixture *f)
{
    BeOptions o = { .opt = 1 };
    f->errors = buf_new(f->arena);
    return codegen_compile(f->codegen, f->m, &o, &f->result, &f->status, &f->errors);
}

static void compiles(Fixture *f)
{
    RtObject *object;
    RtError err;
    ck_assert_msg(compile(f), "%s", buf_text(&f->errors));
    ck_assert_int_eq(f->status, MLCRT_OK);
    ck_assert_int_eq(rt_object_load(NULL, f->result.object, f->result.size, NULL, &object, &err), MLCRT_OK);
    ck_assert_ptr_nonnull(rt_object_symbol(object, "mlc_body_twice"));
    rt_object_unload(object);
}

static int open_files(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

START_TEST(a_helper_serves_many_compilations)
{
    Fixture f;
    int before = open_files();
    set_up(&f, 0, 0);
    compiles(&f);
    pid_t pid = f.codegen->helper.pid;
    compiles(&f);
    ck_assert_int_eq(f.codegen->helper.pid, pid);
    tear_down(&f);
    ck_assert_int_eq(open_files(), before);
}
END_TEST

START_TEST(one_that_was_killed_while_idle_is_replaced)
{
    Fixture f;
    set_up(&f, 0, 0);
    compiles(&f);
    kill(f.codegen->helper.pid, SIGKILL);
    usleep(100000);
    compiles(&f);
    tear_down(&f);
}
END_TEST

static void *kill_soon(void *arg)
{
    usleep(200000);
    kill(*(pid_t *)arg, SIGKILL);
    return NULL;
}

/* Stopped, it takes the request and says nothing; then it is gone. */
START_TEST(one_that_is_killed_at_work_gives_a_status)
{
    Fixture f;
    pthread_t thread;
    set_up(&f, 0, 0);
    compiles(&f);
    pid_t pid = f.codegen->helper.pid;
    kill(pid, SIGSTOP);
    pthread_create(&thread, NULL, kill_soon, &pid);
    ck_assert(!compile(&f));
    pthread_join(thread, NULL);
    ck_assert_int_eq(f.status, MLCRT_EINTERNAL);
    ck_assert_str_eq(buf_text(&f.errors), "the code generator ended (signal 9)");
    compiles(&f);
    tear_down(&f);
}
END_TEST

START_TEST(one_that_hangs_gives_a_status)
{
    Fixture f;
    int before = open_files();
    set_up(&f, 1, 0);
    compiles(&f);
    kill(f.codegen->helper.pid, SIGSTOP);
    ck_assert(!compile(&f));
    ck_assert_int_eq(f.status, MLCRT_ELIMIT);
    compiles(&f);
    tear_down(&f);
    ck_assert_int_eq(open_files(), before);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__) /* a sanitized helper runs without a limit */
START_TEST(too_little_memory_gives_a_status)
{
    Fixture f;
    set_up(&f, 0, 24 << 20); /* less than the code generator is */
    ck_assert(!compile(&f));
    ck_assert_int_ne(f.status, MLCRT_OK);
    ck_assert_int_gt(f.errors.n, 0);
    f.codegen->memory = (uint64_t)4 << 30;
    compiles(&f);
    tear_down(&f);
}
END_TEST
#endif

/* Two processes on one socket would get each other's answers. */
START_TEST(after_a_fork_each_process_has_its_own)
{
    Fixture f;
    int how = 0;
    set_up(&f, 0, 0);
    compiles(&f);
    pid_t helper = f.codegen->helper.pid, child = fork();
    if (child == 0) {
        bool own = compile(&f) && f.status == MLCRT_OK && f.codegen->helper.pid != helper;
        helper_stop(&f.codegen->helper);
        _exit(own && !kill(helper, 0) ? 0 : 1);
    }
    compiles(&f);
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_int_eq(how, 0);
    compiles(&f);
    ck_assert_int_eq(f.codegen->helper.pid, helper);
    tear_down(&f);
}
END_TEST

START_TEST(without_the_program_there_is_a_sentence)
{
    Fixture f;
    set_up(&f, 0, 0);
    f.codegen->directory = "/nowhere";
    ck_assert(!compile(&f));
    ck_assert_int_eq(f.status, MLCRT_EINTERNAL);
    ck_assert_ptr_nonnull(strstr(buf_text(&f.errors), "cannot be started"));
    tear_down(&f);
}
END_TEST

int main(void)
{
    if (access(MLC_BUILD_DIR "/mlc-codegen", X_OK) || access(MLC_BUILD_DIR "/libmlc-llvm.so", R_OK))
        return 77;
    Suite *s = suite_create("driver: helper");
    TCase *t = tcase_create("helper");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_helper_serves_many_compilations);
    tcase_add_test(t, one_that_was_killed_while_idle_is_replaced);
    tcase_add_test(t, one_that_is_killed_at_work_gives_a_status);
    tcase_add_test(t, one_that_hangs_gives_a_status);
#if !defined(__SANITIZE_ADDRESS__)
    tcase_add_test(t, too_little_memory_gives_a_status);
#endif
    tcase_add_test(t, after_a_fork_each_process_has_its_own);
    tcase_add_test(t, without_the_program_there_is_a_sentence);
    suite_add_tcase(s, t);
    return test_main(s);
}
