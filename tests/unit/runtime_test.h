/* runtime_test.h - what the unit tests of the runtime's files share: an allocator that counts and fails on demand, files in
 * a scratch directory, a fixed sequence of random numbers, and the test data of the repository.
 */
#ifndef RUNTIME_TEST_H
#define RUNTIME_TEST_H

#include <check.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/files.h"
#include "test_main.h"

#ifndef MLC_SOURCE_DIR
#define MLC_SOURCE_DIR "."
#endif

/* ---- allocator ---- */

typedef struct TestAlloc {
    size_t calls, live, live_bytes;
    size_t fail_at; /* this call fails; 0: none */
    bool fail_on;   /* and all later ones */
} TestAlloc;

static inline void *test_alloc(void *user, size_t size, size_t align)
{
    TestAlloc *t = user;
    t->calls++;
    if (t->fail_at && (t->calls == t->fail_at || (t->fail_on && t->calls > t->fail_at)))
        return NULL;
    void *p = NULL;
    if (posix_memalign(&p, align, size) != 0)
        return NULL;
    memset(p, 0xA5, size < 4096 ? size : 4096); /* nothing may rely on cleared memory */
    t->live++;
    t->live_bytes += size;
    return p;
}

static inline void test_free(void *user, void *p, size_t size)
{
    TestAlloc *t = user;
    t->live--;
    t->live_bytes -= size;
    free(p);
}

static inline MlcrtAlloc test_hook(TestAlloc *t)
{
    return (MlcrtAlloc){ t, test_alloc, test_free };
}

/* Runs `body(hook, data)` with the 1st, 2nd, ... allocation failing until it succeeds; each failure must be EMEMORY and
 * leave nothing allocated.
 */
static inline void test_each_failure(MlcrtStatus (*body)(const MlcrtAlloc *, void *), void *data)
{
    for (int on = 0; on < 2; on++)
        for (size_t k = 1;; k++) {
            TestAlloc t = { .fail_at = k, .fail_on = on };
            MlcrtAlloc a = test_hook(&t);
            MlcrtStatus status = body(&a, data);
            ck_assert_msg(t.live == 0 && t.live_bytes == 0, "allocation %zu failed: %zu blocks left", k, t.live);
            if (t.calls < k) {
                ck_assert_int_eq(status, MLCRT_OK);
                ck_assert_msg(k > 1, "nothing was allocated");
                break;
            }
            ck_assert_msg(status == MLCRT_EMEMORY, "allocation %zu failed: status %s", k, rt_status_name(status));
        }
}

/* ---- random numbers: splitmix64 ---- */

static inline uint64_t test_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* ---- files ---- */

static char test_dir[PATH_MAX / 2];

static inline void test_dir_make(void)
{
    const char *own = getenv("TMPDIR");
    snprintf(test_dir, sizeof test_dir, "%s/mlcrt-test-XXXXXX", own ? own : P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(test_dir));
}

/* "<scratch>/<name>"; valid until the 4th next call. */
static inline const char *test_path(const char *name)
{
    static char paths[4][PATH_MAX];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_MAX, "%s/%s", test_dir, name);
    return path;
}

/* Number of files in the scratch directory. */
static inline int test_dir_count(void)
{
    int n = 0;
    DIR *d = opendir(test_dir);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static inline void test_dir_drop(void)
{
    DIR *d = opendir(test_dir);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.' || strncmp(e->d_name, ".mlcrt", 6) == 0)
            if (unlink(test_path(e->d_name)) != 0)
                rmdir(test_path(e->d_name));
    if (d)
        closedir(d);
    rmdir(test_dir);
}

static inline void test_write(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

/* The bytes of a file, malloc'ed; NULL if there is none. */
static inline uint8_t *test_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
    *n = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = malloc(*n + 1);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, *n, f), *n);
    fclose(f);
    return bytes;
}

/* Opens bytes as a file of weights and closes it again; whatever happens, nothing stays allocated. */
static inline MlcrtStatus test_open_weights(const uint8_t *bytes, size_t n, RtError *err)
{
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    RtWeights w;
    test_write(test_path("x"), bytes, n);
    MlcrtStatus status = rt_weights_open(&a, test_path("x"), &w, err);
    if (!status)
        rt_weights_close(&w);
    ck_assert_uint_eq(t.live, 0);
    return status;
}

/* Path of a file of the repository's data ("stories260K/tok512.bin"), or NULL with a remark. Also looked for in the folder
 * with more test data, if there is one.
 */
static inline const char *test_data(const char *name)
{
    static char path[PATH_MAX];
    const char *shared = getenv("MLC_SHARED"), *base = strrchr(name, '/');
    if (!shared)
        shared = "";
    const char *places[][3] = { { MLC_SOURCE_DIR, "/tests/data/", name },
                                { MLC_SOURCE_DIR, "/examples/stories", base ? base : name },
                                { shared, "/models/", name },
                                { shared, "/vectors/", name } };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(path, sizeof path, "%s%s%s", places[i][0], places[i][1], places[i][2]);
        if (access(path, R_OK) == 0)
            return path;
    }
    fprintf(stderr, "skipped: there is no test data '%s'\n", name);
    return NULL;
}

#endif
