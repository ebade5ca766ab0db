/* unicode.h - the classes of characters that tokenizers split texts by. */
#ifndef RT_UNICODE_H
#define RT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** General category L. */
bool rt_is_letter(uint32_t c);
/** General category N. */
bool rt_is_number(uint32_t c);
/** White_Space. */
bool rt_is_space(uint32_t c);

/** The character at `text` (at least one byte) into *c; its bytes. What is no valid UTF-8 is one byte and the character UINT32_MAX. */
size_t rt_utf8_get(const char *text, size_t length, uint32_t *c);

#endif
