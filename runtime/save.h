/* save.h - writes a file so that its path always holds the old file or the whole new one. */
#ifndef RT_SAVE_H
#define RT_SAVE_H

#include <stddef.h>

#include "alloc.h"
#include "status.h"

/** A file being written. */
typedef struct RtSave {
    int directory, fd;  /* -1: not open */
    const char *path;   /* the caller's; must stay until the end */
    const char *base;   /* its last part */
    char temporary[48]; /* name beside it */
} RtSave;

/** Makes a temporary file in the directory of `path`. If `path` names something, it must be a regular file; of a
 *  symbolic link the link is replaced, not the file behind it.
 *
 *  Errors   EARG, EIO with the path and the system's reason; nothing is left behind then
 */
MlcrtStatus rt_save_begin(const char *path, RtSave *s, RtError *err);

/** Appends bytes. On an error (EIO) the temporary is gone and `s` is closed. */
MlcrtStatus rt_save_write(RtSave *s, const void *bytes, size_t size, RtError *err);

/** Syncs the temporary, renames it to `path`, syncs the directory. On an error the temporary is gone and the old file is
 *  untouched, with one exception that the sentence names: the directory could not be synced after the renaming.
 */
MlcrtStatus rt_save_end(RtSave *s, RtError *err);

/** Gives up: removes the temporary. Ignores one that has ended. */
void rt_save_drop(RtSave *s);

#endif
