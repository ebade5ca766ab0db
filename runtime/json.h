/* json.h - a strict pull reader for JSON (RFC 8259) in memory.
 *
 *     {"a": [1, 2.5]}     OBJECT  KEY "a"  ARRAY  INT 1  NUMBER  ARRAY_END  OBJECT_END  END
 *
 * Refuses what lenient readers let pass: bad UTF-8, control characters in strings, half surrogates, equal keys in one
 * object (compared after unescaping), more than 16 levels, anything but white space after the value. No recursion.
 * Memory: four bytes for each key of the objects that are open. Keys are compared when their object closes.
 */
#ifndef RT_JSON_H
#define RT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

enum { RT_JSON_DEPTH = 16 };

typedef enum RtJsonKind {
    RT_JSON_END, /* after the outermost value */
    RT_JSON_OBJECT,
    RT_JSON_OBJECT_END,
    RT_JSON_ARRAY,
    RT_JSON_ARRAY_END,
    RT_JSON_KEY,
    RT_JSON_STRING,
    RT_JSON_INT,    /* a plain decimal from -2^63 to 2^63 - 1, exact, in `integer`; not "-0" */
    RT_JSON_NUMBER, /* any other number: only its text, `raw` */
    RT_JSON_TRUE,
    RT_JSON_FALSE,
    RT_JSON_NULL,
    RT_JSON_ERROR /* described in `err`; every later call returns it again */
} RtJsonKind;

/** The reader. What the last rt_json_next found: */
typedef struct RtJson {
    RtJsonKind kind;
    const char *raw;   /* KEY and STRING: between the quotes, still escaped; NUMBER: all of it */
    size_t raw_length;
    int64_t integer;   /* INT */
    size_t offset;     /* where it begins, in bytes from the start of the text */
    MlcrtStatus status; /* ERROR: what rt_json_next put into err */

    /* private */
    const MlcrtAlloc *alloc;
    RtError *err;
    const char *text;
    size_t length, at;
    int expect, depth;
    struct {
        bool object;
        size_t first_key;
    } open[RT_JSON_DEPTH];
    uint32_t *keys; /* offsets of the keys of the open objects */
    size_t nkeys, keys_room;
} RtJson;

/** Begins to read; the text must stay until rt_json_drop and be shorter than 2^32 bytes (else the first token is ERROR,
 *  ELIMIT). `err` receives the description of an error and may be NULL. Allocates nothing yet.
 */
void rt_json_init(RtJson *j, const MlcrtAlloc *alloc, const char *text, size_t length, RtError *err);

/** The next token. Errors: EFORMAT, ELIMIT (depth), EMEMORY. */
RtJsonKind rt_json_next(RtJson *j);

/** After OBJECT, ARRAY or KEY: passes over the rest of it (of KEY: its value). False on an error. */
bool rt_json_skip(RtJson *j);

/** True if the last KEY or STRING is `text`. */
bool rt_json_is(const RtJson *j, const char *text);

/** The last INT or NUMBER as a double: within two units in the last place (at most 18 digits count), in any locale; infinite if it is too large. */
double rt_json_real(const RtJson *j);

/** The last KEY or STRING, unescaped, into `out`, which has room for raw_length bytes. Returns its length, at most
 *  raw_length. Not NUL-terminated; it may contain NUL.
 */
size_t rt_json_unescape(const RtJson *j, char *out);

/** An error of the caller's own about the last token, in the words of the reader: "byte 17: " and the text.
 *  Always returns `status`.
 */
MlcrtStatus rt_json_fail(RtJson *j, MlcrtStatus status, const char *text);

void rt_json_drop(RtJson *j);

#endif
