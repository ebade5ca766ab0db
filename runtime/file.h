/* file.h - reads a whole regular file into memory, or maps it. */
#ifndef RT_FILE_H
#define RT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

/** The bytes of a file, constant until rt_file_close. */
typedef struct RtFile {
    const uint8_t *data; /* aligned to 64 bytes; never NULL after a successful open */
    size_t size;
    bool mapped;
    MlcrtAlloc alloc;
} RtFile;

enum {
    RT_FILE_READ = 0, /* a private copy: nobody can change it */
    RT_FILE_MAP = 1   /* mapped: faster for huge files, but if another process cuts the file short, access is SIGBUS */
};

/** Opens a regular file: no directory, pipe or device, however it is linked.
 *
 *  Errors   EARG (NULL), EIO with the path and the system's reason, EMEMORY, ELIMIT for 2^62 bytes or more
 */
MlcrtStatus rt_file_open(const MlcrtAlloc *alloc, const char *path, int how, RtFile *file, RtError *err);

/** True for a path that cannot leave the folder it is looked up in: relative, parts between single slashes, no `.` or `..`. */
bool rt_file_is_beneath(const char *path);

/** Opens `path` in a folder: no part of it may be a symbolic link. A path that rt_file_is_beneath refuses is EFORMAT. */
MlcrtStatus rt_file_open_beneath(const MlcrtAlloc *alloc, const char *folder, const char *path, int how, RtFile *file, RtError *err);

/** Releases the bytes; a file that is all zero is ignored. */
void rt_file_close(RtFile *file);

/** "cannot <verb> '<path>': <system's reason for errno>", as EIO. */
MlcrtStatus rt_fail_file(RtError *err, const char *verb, const char *path, int error);

#endif
