/* cache.h - objects of earlier compilations on disk, so that a second start needs no LLVM.
 *
 *     DIR/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.o      the name is the hash of all that the code depends on; the file says its own hash
 *
 * A cache never changes what a compilation gives: what cannot be read, is damaged or belongs to somebody else counts as not there; what
 * cannot be written is left out.
 */
#ifndef MLC_DRIVER_CACHE_H
#define MLC_DRIVER_CACHE_H

#include "driver/unit.h"

typedef struct CacheKey { uint64_t w[2]; } CacheKey;

/* The cache of this user, made if it is not there: $XDG_CACHE_HOME/mlc, by default ~/.cache/mlc. NULL: there is no place for one. */
const char *cache_directory(Arena *a);

/* What the object of m under these options depends on; `generator`: file of the code generator. false: there is no such key. */
bool cache_key(IrModule *m, const BeOptions *o, const char *generator, CacheKey *key);
/* The object, in arena a; NULL if it is not there. */
const unsigned char *cache_find(Arena *a, const char *dir, CacheKey key, size_t *size);
void cache_add(Arena *a, const char *dir, CacheKey key, const unsigned char *object, size_t size);

#endif
