/* runtime_save.c - files are read whole or not at all, and written whole or not at all. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "runtime_test.h"

static MlcrtStatus open_status(const char *path, RtError *err)
{
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    RtFile f;
    MlcrtStatus status = rt_file_open(&a, path, RT_FILE_READ, &f, err);
    ck_assert_int_eq(t.live, status == MLCRT_OK);
    rt_file_close(&f);
    ck_assert_uint_eq(t.live, 0);
    return status;
}

START_TEST(a_file_is_read_or_mapped)
{
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    size_t sizes[] = { 0, 1, 5000 };
    char bytes[5000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 31);
    for (size_t i = 0; i < 3; i++)
        for (int how = RT_FILE_READ; how <= RT_FILE_MAP; how++) {
            RtFile f;
            test_write(test_path("x"), bytes, sizes[i]);
            ck_assert_int_eq(rt_file_open(&a, test_path("x"), how, &f, NULL), MLCRT_OK);
            ck_assert_uint_eq(f.size, sizes[i]);
            ck_assert_ptr_nonnull(f.data);
            ck_assert_uint_eq((uintptr_t)f.data % 64, 0);
            ck_assert_int_eq(memcmp(f.data, bytes, f.size), 0);
            rt_file_close(&f);
            rt_file_close(&f); /* nothing left to close */
        }
    ck_assert_uint_eq(t.live, 0);
}
END_TEST

START_TEST(only_regular_files_are_read)
{
    RtError err;
    ck_assert_int_eq(open_status(NULL, &err), MLCRT_EARG);
    ck_assert_int_eq(open_status(test_path("missing"), &err), MLCRT_EIO);
    ck_assert_ptr_nonnull(strstr(err.text, "missing"));
    ck_assert_ptr_nonnull(strstr(err.text, strerror(ENOENT)));
    ck_assert_int_eq(open_status(test_dir, &err), MLCRT_EIO);
    ck_assert_int_eq(open_status("/dev/zero", &err), MLCRT_EIO);
    ck_assert_int_eq(mkfifo(test_path("pipe"), 0600), 0);
    ck_assert_int_eq(open_status(test_path("pipe"), &err), MLCRT_EIO); /* and it does not wait */
    ck_assert_ptr_nonnull(strstr(err.text, "no regular file"));
    ck_assert_int_eq(open_status(test_path("bad\x1b[31m\n"), &err), MLCRT_EIO);
    ck_assert_ptr_null(strchr(err.text, 0x1b)); /* a name must not write to the terminal */
}
END_TEST

/* Saves `text` in two pieces. */
static MlcrtStatus save_text(const char *path, const char *text, RtError *err)
{
    RtSave s;
    size_t n = strlen(text);
    MlcrtStatus status = rt_save_begin(path, &s, err);
    if (!status)
        status = rt_save_write(&s, text, n / 2, err);
    if (!status)
        status = rt_save_write(&s, text + n / 2, n - n / 2, err);
    return status ? status : rt_save_end(&s, err);
}

static void expect_text(const char *path, const char *text)
{
    size_t n;
    uint8_t *bytes = test_read(path, &n);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(n, strlen(text));
    ck_assert_mem_eq(bytes, text, n);
    free(bytes);
}

START_TEST(saving_makes_or_replaces_a_file)
{
    ck_assert_int_eq(save_text(test_path("x"), "first", NULL), MLCRT_OK);
    expect_text(test_path("x"), "first");
    ck_assert_int_eq(chmod(test_path("x"), 0600), 0);
    ck_assert_int_eq(save_text(test_path("x"), "second", NULL), MLCRT_OK);
    expect_text(test_path("x"), "second");
    struct stat info;
    ck_assert_int_eq(stat(test_path("x"), &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600); /* private stays private */
    ck_assert_int_eq(test_dir_count(), 1);
    ck_assert_int_eq(chdir(test_dir), 0);
    ck_assert_int_eq(save_text("y", "relative", NULL), MLCRT_OK);
    expect_text(test_path("y"), "relative");
}
END_TEST

START_TEST(what_cannot_be_saved_leaves_nothing)
{
    RtError err;
    char longest[300];
    ck_assert_int_eq(save_text(NULL, "x", &err), MLCRT_EARG);
    ck_assert_int_eq(save_text("", "x", &err), MLCRT_EIO);
    ck_assert_int_eq(save_text(test_path("no/x"), "x", &err), MLCRT_EIO);
    ck_assert_ptr_nonnull(strstr(err.text, strerror(ENOENT)));
    ck_assert_int_eq(mkdir(test_path("dir"), 0700), 0);
    ck_assert_int_eq(save_text(test_path("dir"), "x", &err), MLCRT_EIO);
    ck_assert_int_eq(save_text(test_path("dir/"), "x", &err), MLCRT_EIO);
    ck_assert_int_eq(save_text(test_path("new/"), "x", &err), MLCRT_EIO);
    ck_assert_int_eq(mkfifo(test_path("pipe"), 0600), 0);
    ck_assert_int_eq(save_text(test_path("pipe"), "x", &err), MLCRT_EIO);
    ck_assert_int_eq(save_text("/dev/null", "x", &err), MLCRT_EIO);
    memset(longest, 'n', sizeof longest);
    longest[sizeof longest - 1] = 0;
    ck_assert_int_eq(save_text(test_path(longest), "x", &err), MLCRT_EIO); /* only the renaming fails */
    ck_assert_int_eq(test_dir_count(), 2);
}
END_TEST

START_TEST(a_full_disk_keeps_the_old_file)
{
    RtError err;
    RtSave s;
    static char big[100000];
    ck_assert_int_eq(save_text(test_path("x"), "old", NULL), MLCRT_OK);
    struct rlimit limit = { 50000, RLIM_INFINITY }, before;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(rt_save_begin(test_path("x"), &s, &err), MLCRT_OK);
    ck_assert_int_eq(rt_save_write(&s, big, sizeof big, &err), MLCRT_EIO); /* a short write first, then EFBIG */
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert_ptr_nonnull(strstr(err.text, strerror(EFBIG)));
    rt_save_drop(&s);
    expect_text(test_path("x"), "old");
    ck_assert_int_eq(test_dir_count(), 1);
}
END_TEST

START_TEST(dropping_a_save_keeps_the_old_file)
{
    RtSave s;
    ck_assert_int_eq(save_text(test_path("x"), "old", NULL), MLCRT_OK);
    ck_assert_int_eq(rt_save_begin(test_path("x"), &s, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_save_write(&s, "new", 3, NULL), MLCRT_OK);
    rt_save_drop(&s);
    rt_save_drop(&s);
    expect_text(test_path("x"), "old");
    ck_assert_int_eq(test_dir_count(), 1);
}
END_TEST

START_TEST(two_savers_and_stale_temporaries_do_not_meet)
{
    RtSave a, b;
    ck_assert_int_eq(rt_save_begin(test_path("x"), &a, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_save_begin(test_path("x"), &b, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_save_write(&a, "a", 1, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_save_write(&b, "b", 1, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_save_end(&b, NULL), MLCRT_OK);
    expect_text(test_path("x"), "b");
    ck_assert_int_eq(rt_save_end(&a, NULL), MLCRT_OK);
    expect_text(test_path("x"), "a");
    ck_assert_int_eq(test_dir_count(), 1);
}
END_TEST

START_TEST(statuses_have_names_that_never_change)
{
    static const char *const in_order[] = { "OK", "EARG", "EDTYPE", "ERANK", "ESHAPE", "ESTRIDE", "EALIGN", "EOVERLAP", "EDEVICE",
                                            "EINDEX", "EDIVIDE", "ERANGE", "ECHECK", "EMEMORY", "EIO", "EFORMAT", "ELIMIT",
                                            "EBUSY", "ECANCEL", "EDEADLINE", "ECPU", "EVERSION", "EINTERNAL" };
    ck_assert_int_eq(MLCRT_STATUS_END, 23);
    for (int i = 0; i < MLCRT_STATUS_END; i++) {
        ck_assert_str_eq(rt_status_name(i), in_order[i]);
        ck_assert_uint_gt(strlen(rt_status_text(i)), 5);
    }
    ck_assert_str_eq(rt_status_name(-1), "?");
    ck_assert_str_eq(rt_status_name(MLCRT_STATUS_END), "?");
    ck_assert_str_eq(rt_status_text(INT32_MAX), "unknown status");
}
END_TEST

START_TEST(long_messages_are_cut_at_a_character)
{
    RtError err;
    char text[1000];
    for (size_t i = 0; i + 3 < sizeof text; i += 2)
        memcpy(text + i, "\xC3\xA9", 3);
    for (int shift = 0; shift < 2; shift++) {
        ck_assert_int_eq(rt_fail(&err, MLCRT_EIO, "%s", text + 2), MLCRT_EIO);
        ck_assert_uint_lt(strlen(err.text), sizeof err.text);
        ck_assert_str_eq(err.text + strlen(err.text) - 3, "...");
        ck_assert(rt_utf8_valid(err.text, strlen(err.text)));
        rt_fail(&err, MLCRT_EIO, "x%s", text + 2);
        ck_assert(rt_utf8_valid(err.text, strlen(err.text)));
    }
    for (size_t n = 0; n < 300; n++) { /* any bytes become a valid short text */
        char bytes[300];
        uint64_t state = n;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)test_random(&state);
        RtShown s = rt_shown(bytes, n);
        ck_assert_uint_lt(strlen(s.text), sizeof s.text);
        ck_assert(rt_utf8_valid(s.text, strlen(s.text)));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("runtime files and saving");
    TCase *t = tcase_create("files");
    tcase_add_checked_fixture(t, test_dir_make, test_dir_drop);
    tcase_add_test(t, a_file_is_read_or_mapped);
    tcase_add_test(t, only_regular_files_are_read);
    tcase_add_test(t, saving_makes_or_replaces_a_file);
    tcase_add_test(t, what_cannot_be_saved_leaves_nothing);
    tcase_add_test(t, a_full_disk_keeps_the_old_file);
    tcase_add_test(t, dropping_a_save_keeps_the_old_file);
    tcase_add_test(t, two_savers_and_stale_temporaries_do_not_meet);
    tcase_add_test(t, statuses_have_names_that_never_change);
    tcase_add_test(t, long_messages_are_cut_at_a_character);
    suite_add_tcase(s, t);
    return test_main(s);
}
