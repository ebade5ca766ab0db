/* save.c - temporary, write, sync, rename, sync the directory.
 *
 *     weights.safetensors          old        old        old         new
 *     .mlcrt-4711-0.tmp             -         growing    complete     -
 *                                  begin      write      end: fsync   end: renameat, fsync of the directory
 *
 * All names are relative to one open directory, so a changed working directory or a renamed parent cannot part them.
 * A failed fsync is final: the kernel marks the pages clean, a second try would lie (Rebello et al., ATC 2020).
 */
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

void rt_save_drop(RtSave *s)
{
    if (s->fd >= 0) {
        close(s->fd);
        unlinkat(s->directory, s->temporary, 0);
    }
    if (s->directory >= 0)
        close(s->directory);
    s->fd = s->directory = -1;
}

static MlcrtStatus give_up(RtSave *s, int error, RtError *err)
{
    const char *path = s->path;
    rt_save_drop(s);
    return rt_fail_file(err, "save", path, error);
}

static int open_again(int directory, const char *name, int flags)
{
    int fd;
    do
        fd = openat(directory, name, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Opens the directory part of the path and points s->base behind it; errno tells why not. */
static bool open_directory(RtSave *s)
{
    char part[PATH_MAX];
    const char *slash = strrchr(s->path, '/');
    size_t n = slash ? (size_t)(slash - s->path) + 1 : 0; /* with the slash, so that "/x" has "/" */
    s->base = s->path + n;
    if (n >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(part, n ? s->path : ".", n ? n : 1);
    part[n ? n : 1] = 0;
    s->directory = open_again(AT_FDCWD, part, O_RDONLY | O_DIRECTORY);
    return s->directory >= 0;
}

/* A name that no file has: our process's number, and a count past what an earlier process of that number left. */
static bool open_temporary(RtSave *s)
{
    enum { TRIES = 1000 };
    for (int i = 0; i < TRIES; i++) {
        snprintf(s->temporary, sizeof s->temporary, ".mlcrt-%ld-%d.tmp", (long)getpid(), i);
        s->fd = open_again(s->directory, s->temporary, O_WRONLY | O_CREAT | O_EXCL);
        if (s->fd >= 0 || errno != EEXIST)
            break;
    }
    return s->fd >= 0;
}

MlcrtStatus rt_save_begin(const char *path, RtSave *s, RtError *err)
{
    *s = (RtSave){ .directory = -1, .fd = -1, .path = path };
    if (!path)
        return rt_fail(err, MLCRT_EARG, "the path is NULL");
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && !S_ISREG(old.st_mode))
        return rt_fail(err, MLCRT_EIO, "cannot save '%s': it is no regular file", rt_shown(path, strlen(path)).text);
    if (!open_directory(s))
        return give_up(s, errno, err);
    if (*s->base == 0)
        return give_up(s, ENOENT, err);
    if (!open_temporary(s))
        return give_up(s, errno, err);
    if (exists && fchmod(s->fd, old.st_mode & 0777) != 0) /* what was private stays so */
        return give_up(s, errno, err);
    return MLCRT_OK;
}

MlcrtStatus rt_save_write(RtSave *s, const void *bytes, size_t size, RtError *err)
{
    enum { PIECE = 1 << 30 };
    const uint8_t *p = bytes;
    while (size > 0) {
        ssize_t n = write(s->fd, p, size < PIECE ? size : PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return give_up(s, n < 0 ? errno : ENOSPC, err);
        p += n;
        size -= (size_t)n;
    }
    return MLCRT_OK;
}

static int sync_again(int fd)
{
    int result;
    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result;
}

MlcrtStatus rt_save_end(RtSave *s, RtError *err)
{
    if (sync_again(s->fd) != 0)
        return give_up(s, errno, err);
    if (renameat(s->directory, s->temporary, s->directory, s->base) != 0)
        return give_up(s, errno, err);
    int closed = close(s->fd), error = errno; /* after fsync a failing close loses nothing, but it is told */
    s->fd = -1;
    /* some file systems cannot sync a directory and say EINVAL */
    if (sync_again(s->directory) != 0 && errno != EINVAL) {
        closed = -1;
        error = errno;
    }
    const char *path = s->path;
    rt_save_drop(s);
    if (closed != 0)
        return rt_fail_file(err, "make sure after a power failure of the new file", path, error);
    return MLCRT_OK;
}
