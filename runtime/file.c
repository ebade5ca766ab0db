/* file.c - reads a whole regular file into memory, or maps it.
 *
 * The size is that of the open descriptor, so the file that was checked is the file that is read. A file that shrinks
 * meanwhile is an error; one that grows is read up to its first size.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* strerror_r in the form that returns the text */
#endif
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

MlcrtStatus rt_fail_file(RtError *err, const char *verb, const char *path, int error)
{
    char room[128];
    const char *reason = strerror_r(error, room, sizeof room); /* the GNU form; plain strerror is not for threads */
    return rt_fail(err, MLCRT_EIO, "cannot %s '%s': %s", verb, rt_shown(path, strlen(path)).text, reason);
}

static MlcrtStatus read_all(int fd, const char *path, uint8_t *data, size_t size, RtError *err)
{
    enum { PIECE = 1 << 30 }; /* one read transfers less than 2 GiB */
    for (size_t at = 0; at < size;) {
        size_t want = size - at < PIECE ? size - at : PIECE;
        ssize_t n = read(fd, data + at, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return rt_fail_file(err, "read", path, errno);
        if (n == 0)
            return rt_fail(err, MLCRT_EIO, "cannot read '%s': it became shorter while it was read",
                           rt_shown(path, strlen(path)).text);
        at += (size_t)n;
    }
    return MLCRT_OK;
}

static MlcrtStatus take_bytes(int fd, const char *path, int how, RtFile *file, RtError *err)
{
    if (how == RT_FILE_MAP && file->size > 0) {
        void *p = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED)
            return rt_fail_file(err, "map", path, errno);
        file->data = p;
        file->mapped = true;
        return MLCRT_OK;
    }
    uint8_t *data = rt_alloc(&file->alloc, file->size, 1);
    if (!data)
        return rt_fail_memory(err, file->size);
    MlcrtStatus status = read_all(fd, path, data, file->size, err);
    if (status)
        rt_free(&file->alloc, data, file->size, 1);
    else
        file->data = data;
    return status;
}

static MlcrtStatus take_size(int fd, const char *path, RtFile *file, RtError *err)
{
    struct stat info;
    uint64_t size;
    if (fstat(fd, &info) != 0)
        return rt_fail_file(err, "read", path, errno);
    if (!S_ISREG(info.st_mode))
        return rt_fail(err, MLCRT_EIO, "cannot read '%s': it is no regular file", rt_shown(path, strlen(path)).text);
    if (info.st_size < 0 || !rt_add((uint64_t)info.st_size, 0, &size))
        return rt_fail(err, MLCRT_ELIMIT, "'%s' has 2^62 bytes or more", rt_shown(path, strlen(path)).text);
    file->size = (size_t)size;
    return MLCRT_OK;
}

enum { READ_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY }; /* O_NONBLOCK: to open a pipe must not wait for its writer */

static int open_again(int folder, const char *path, int flags)
{
    int fd;
    do
        fd = openat(folder, path, flags);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Reads an open file, and closes it. */
static MlcrtStatus take_file(int fd, const char *path, int how, RtFile *file, RtError *err)
{
    if (fd < 0)
        return rt_fail_file(err, "open", path, errno);
    MlcrtStatus status = take_size(fd, path, file, err);
    if (!status)
        status = take_bytes(fd, path, how, file, err);
    close(fd);
    if (status)
        *file = (RtFile){ 0 };
    return status;
}

MlcrtStatus rt_file_open(const MlcrtAlloc *alloc, const char *path, int how, RtFile *file, RtError *err)
{
    *file = (RtFile){ .alloc = *alloc };
    if (!path)
        return rt_fail(err, MLCRT_EARG, "the path is NULL");
    return take_file(open_again(AT_FDCWD, path, READ_FLAGS), path, how, file, err);
}

/* The next part of a path between slashes into `part`; where the rest begins, or NULL if the part leads elsewhere. */
static const char *next_part(const char *path, char part[NAME_MAX + 1])
{
    size_t n = strcspn(path, "/");
    if (n == 0 || n > NAME_MAX)
        return NULL;
    memcpy(part, path, n);
    part[n] = 0;
    bool last = path[n] == 0, ends_in_slash = !last && path[n + 1] == 0;
    if (strcmp(part, ".") == 0 || strcmp(part, "..") == 0 || ends_in_slash)
        return NULL;
    return path + n + !last;
}

bool rt_file_is_beneath(const char *path)
{
    char part[NAME_MAX + 1];
    const char *rest = path;
    while (rest && (rest == path || *rest))
        rest = next_part(rest, part);
    return rest != NULL;
}

/* Folder by folder, none of them a link: what lies outside cannot be reached. */
static int open_beneath(int folder, const char *path)
{
    char part[NAME_MAX + 1];
    for (const char *rest = next_part(path, part); rest; rest = next_part(rest, part)) {
        int fd = open_again(folder, part, *rest ? O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW : READ_FLAGS | O_NOFOLLOW);
        int error = errno;
        close(folder);
        errno = error;
        if (fd < 0 || !*rest)
            return fd;
        folder = fd;
    }
    close(folder);
    errno = EINVAL;
    return -1;
}

MlcrtStatus rt_file_open_beneath(const MlcrtAlloc *alloc, const char *folder, const char *path, int how, RtFile *file, RtError *err)
{
    *file = (RtFile){ .alloc = *alloc };
    if (!rt_file_is_beneath(path))
        return rt_fail(err, MLCRT_EFORMAT, "'%s' does not name a file in this folder", rt_shown(path, strlen(path)).text);
    int fd = open_again(AT_FDCWD, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? rt_fail_file(err, "open", folder, errno) : take_file(open_beneath(fd, path), path, how, file, err);
}

void rt_file_close(RtFile *file)
{
    if (file->mapped)
        munmap((void *)(uintptr_t)file->data, file->size);
    else if (file->data)
        rt_free(&file->alloc, (void *)(uintptr_t)file->data, file->size, 1);
    *file = (RtFile){ 0 };
}
