/* cache.h - objects of earlier compilations on disk, so that a second start needs no LLVM.
 *
 *     DIR/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.o      the name is the hash of all that the code depends on; the file says its own hash
 *     DIR/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.rows   what a script was compiled to (kept.h)
 *
 * A cache never changes what a compilation gives: what cannot be read, is damaged or belongs to somebody else counts as not there; what
 * cannot be written is left out.
 */
#ifndef MLC_DRIVER_CACHE_H
#define MLC_DRIVER_CACHE_H

#include "driver/unit.h"

/* The cache of this user, made if it is not there: $XDG_CACHE_HOME/mlc, by default ~/.cache/mlc. NULL: there is no place for one. */
const char *cache_directory(Arena *a);

/* What the object of m under these options depends on; `generator`: file of the code generator. false: there is no such key. */
bool cache_key(IrModule *m, const BeOptions *o, const char *generator, CacheKey *key);
CacheKey cache_text_key(const Buf *text);
/* A line about a file that is another one when the file was built or installed anew. false: there is none. */
bool cache_identity(const char *file, Buf *b);
bool cache_generator(const char *generator, Buf *b); /* lines about the code generator, and about LLVM */
void cache_target(const BeTarget *t, Buf *b); /* all of it, as text */
/* The contents of DIR/key.kind, "o" or "rows", in arena a; NULL if it is not there. */
const unsigned char *cache_find(Arena *a, const char *dir, const char *kind, CacheKey key, size_t *size);
void cache_add(Arena *a, const char *dir, const char *kind, CacheKey key, const unsigned char *p, size_t size);

#endif
