/* utf8.h - strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef RT_UTF8_H
#define RT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes of the character at `text`, 1 to 4; 0 if there is no valid one in `length` bytes. */
size_t rt_utf8_length(const char *text, size_t length);

/** Writes a code point that is no surrogate and at most 0x10FFFF; returns its 1 to 4 bytes. */
size_t rt_utf8_put(char *out, uint32_t code);

bool rt_utf8_valid(const char *text, size_t length);

#endif
