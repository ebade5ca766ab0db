/* base_int.h - what the files of room base share and nobody else sees. */
#ifndef MLC_BASE_INT_H
#define MLC_BASE_INT_H

#include "base/base.h"

/* Makes the piece p of `size` bytes `wanted` bytes long: in place if it is the newest of its arena, else by a copy.
 * The bytes beyond `size` are not zeroed. */
void *arena_regrow(Arena *a, void *p, size_t size, size_t wanted);

/* Decodes one code point of s[0, n); returns its length in bytes, 0 if it is not valid UTF-8 (n >= 1). */
int utf8_decode(const char *s, size_t n, uint32_t *cp);

#endif
