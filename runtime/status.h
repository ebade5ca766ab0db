/* status.h - how a function inside the runtime reports a failure: a status and one sentence.
 *
 *     if (size > room)
 *         return rt_fail(err, MLCRT_ELIMIT, "the name has %zu bytes, at most %zu are allowed", size, room);
 */
#ifndef RT_STATUS_H
#define RT_STATUS_H

#include <stddef.h>

#include "mlcrt_status.h"

/** Room for one sentence; a longer one is cut at a character and ends in "...". */
enum { RT_ERROR_TEXT = 512 };

/** Where a failure is described. The caller owns it, it needs no freeing, and NULL is allowed wherever one is taken. */
typedef struct RtError {
    MlcrtStatus status;
    char text[RT_ERROR_TEXT];
} RtError;

/** Text of unknown origin made fit for a message: control characters and bad UTF-8 as \xHH, cut after about 100 bytes. */
typedef struct RtShown {
    char text[128];
} RtShown;

/** "EFORMAT" for MLCRT_EFORMAT; "?" for a value that is no status. */
const char *rt_status_name(MlcrtStatus status);

/** The sentence of the status's row. */
const char *rt_status_text(MlcrtStatus status);

/** Fills `err` and returns `status`. */
MlcrtStatus rt_fail(RtError *err, MlcrtStatus status, const char *format, ...) __attribute__((cold, format(printf, 3, 4)));

/** The same for memory that could not be had: `size` is what was asked for. */
MlcrtStatus rt_fail_memory(RtError *err, size_t size);

/** `rt_shown(name, length).text` inside the arguments of rt_fail. */
RtShown rt_shown(const char *text, size_t length);

#endif
