/* pattern.h - dotted names, and patterns of them in which `*` is one part and `**` any number of parts. */
#ifndef RT_PATTERN_H
#define RT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RT_MAX_PARTS = 64 };

/** A name cut at its dots. It points into the name. */
typedef struct RtParts {
    struct {
        const char *text;
        size_t length;
    } part[RT_MAX_PARTS];
    int count;
} RtParts;

/** False if the name has more than RT_MAX_PARTS parts. The empty name has one part, the empty one. */
bool rt_parts_cut(const char *name, RtParts *p);

/** True if part i is `text`. */
bool rt_part_is(const RtParts *p, int i, const char *text);

/** True if part i is `*` or `**`. */
bool rt_part_is_wild(const RtParts *p, int i);

/** The value of part i if it is a plain decimal below 2^62 without leading zeros; -1 otherwise. */
int64_t rt_part_number(const RtParts *p, int i);

/** What the wildcards of a pattern stood for: parts from[i] to to[i] - 1 of the name. */
typedef struct RtCaptures {
    int from[RT_MAX_PARTS], to[RT_MAX_PARTS], count;
} RtCaptures;

/** Matches a whole name. The pattern has at most one `**`. */
bool rt_pattern_match(const RtParts *pattern, const RtParts *name, RtCaptures *c);

/** Writes `pattern` with its wildcards replaced, from left to right, by the captured parts of `name`, NUL-terminated.
 *  Returns the length; `room` or more if it does not fit (nothing useful is written then).
 */
size_t rt_pattern_fill(const RtParts *pattern, const RtParts *name, const RtCaptures *c, char *out, size_t room);

#endif
