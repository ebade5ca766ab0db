/* files.c - source files, the embedded standard library, and where this library lies. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/embedded.h"
#include "driver/unit.h"

enum { MOST = 16 << 20 };

char *file_read(Arena *a, const char *path, size_t *len, const char **error)
{
    bool in = !strcmp(path, "-");
    struct stat st;
    FILE *f = in ? stdin : fopen(path, "rb");
    *error = "";
    if (!f || (!in && (fstat(fileno(f), &st) || S_ISDIR(st.st_mode)))) {
        *error = !f ? strerror(errno) : "it is a directory";
        if (f)
            fclose(f);
        return NULL;
    }
    Buf b = buf_new(a);
    char chunk[8192];
    size_t k;
    while (b.n <= MOST && (k = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, k);
    bool bad = ferror(f) != 0;
    if (!in)
        fclose(f);
    if (bad || b.n > MOST) {
        *error = bad ? "it cannot be read" : "it is larger than 16 MiB";
        return NULL;
    }
    *len = b.n;
    return buf_text(&b);
}

bool file_all(int fd, void *p, size_t n, FileStep *step)
{
    for (char *at = p; n;) {
        ssize_t k = step(fd, at, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        at += k;
        n -= (size_t)k;
    }
    return true;
}

static ssize_t write_some(int fd, void *p, size_t n) { return write(fd, p, n); }

bool file_is_stream(const char *path)
{
    struct stat st;
    return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

bool file_is_directory(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Into what is there: a device or a pipe must not be replaced by a file. */
static const char *write_stream(const char *path, const void *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return strerror(errno);
    int error = file_all(fd, (void *)(uintptr_t)p, n, write_some) ? 0 : errno;
    if (close(fd) && !error)
        error = errno;
    return error ? strerror(error) : NULL;
}

const char *file_replace(Arena *a, const char *path, const void *p, size_t n)
{
    struct stat st;
    bool exists = !lstat(path, &st) && S_ISREG(st.st_mode);
    char *tmp = arena_printf(a, "%s.%ld.tmp", path, (long)getpid());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return strerror(errno);
    bool ok = file_all(fd, (void *)(uintptr_t)p, n, write_some);
    int error = ok ? 0 : errno;
    if (!error && exists && fchmod(fd, st.st_mode & 07777)) /* its rights stay */
        error = errno;
    if (close(fd) && !error)
        error = errno;
    if (!error && rename(tmp, path))
        error = errno;
    if (error)
        unlink(tmp);
    return error ? strerror(error) : NULL;
}

const char *file_write(Arena *a, const char *path, const void *p, size_t n)
{
    if (file_is_stream(path))
        return write_stream(path, p, n);
    char *real = realpath(path, NULL); /* what a link names is replaced, not the link */
    if (real)
        path = arena_text(a, real, strlen(real));
    free(real);
    return file_replace(a, path, p, n);
}

static const MlcEmbedded *embedded_find(const char *path)
{
    for (int i = 0; i < mlc_stdlib_count; i++)
        if (!strcmp(mlc_stdlib[i].path, path))
            return &mlc_stdlib[i];
    return NULL;
}

/* "a.b" is a/b.ml beside the importing file, then in the library. */
const char *file_of_module(void *user, Arena *a, const char *path, const char *importer, const char **name, size_t *len)
{
    (void)user;
    char *rel = arena_printf(a, "%s.ml", path);
    const char *slash = importer ? strrchr(importer, '/') : NULL, *error;
    for (char *p = rel; p[3]; p++)
        if (*p == '.')
            *p = '/';
    char *beside = slash ? arena_printf(a, "%.*s/%s", (int)(slash - importer), importer, rel) : rel;
    struct stat st;
    if (!stat(beside, &st)) {
        *name = beside;
        return file_read(a, beside, len, &error);
    }
    const MlcEmbedded *e = embedded_find(rel);
    if (!e)
        return NULL;
    *name = arena_printf(a, "<library>/%s", rel);
    *len = e->length;
    return e->text;
}

const char *file_of_library(void *user, Arena *a, int i, const char **text)
{
    (void)user;
    if (i >= mlc_stdlib_count)
        return NULL;
    char *path = arena_text(a, mlc_stdlib[i].path, strlen(mlc_stdlib[i].path) - 3); /* "std/nn.ml" is std.nn */
    for (char *p = path; *p; p++)
        if (*p == '/')
            *p = '.';
    *text = mlc_stdlib[i].text;
    return path;
}

#ifndef MLC_LIBRARIES
#define MLC_LIBRARIES "." /* from the folder of programs to that of libraries where both are installed */
#endif

/* The file that holds this code, without links. The loader names a shared object by its path, a program only by what it was started as. */
static bool own_file(char path[static PATH_MAX])
{
    Dl_info info;
    if (!dladdr((void *)(uintptr_t)&library_directory, &info) || !info.dli_fname)
        return false;
    return realpath(*info.dli_fname == '/' ? info.dli_fname : "/proc/self/exe", path) != NULL;
}

const char *file_of_code(Arena *a)
{
    char path[PATH_MAX];
    return own_file(path) ? arena_text(a, path, strlen(path)) : NULL;
}

const char *library_directory(Arena *a)
{
    char path[PATH_MAX];
    struct stat st;
    if (!own_file(path))
        return NULL;
    const char *here = arena_text(a, path, (size_t)(strrchr(path, '/') - path)), *there = arena_printf(a, "%s/" MLC_LIBRARIES, here);
    bool apart = stat(arena_printf(a, "%s/libmlc-llvm.so", here), &st) && !stat(arena_printf(a, "%s/libmlc-llvm.so", there), &st);
    return apart ? there : here;
}
