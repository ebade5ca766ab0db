/* cache.c - objects of earlier compilations on disk.
 *
 * Writers make a temporary file and rename it, so readers see whole files or none, and of two writers of one key either wins: both wrote
 * the same. Hits renew a file's time; when the folder has grown too large the oldest files go.
 * The hash is SipHash-2-4 with 128 bits (Aumasson and Bernstein 2012), here against accidents, not against enemies: who can write the
 * folder can run code as its user anyway, which is why one that others can write is not used.
 */
#define _GNU_SOURCE
#include "driver/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_BYTES (UINT64_C(256) << 20) /* of all files together */
#define MOST_OBJECT (UINT64_C(1) << 30)
#ifndef MLC_LLVM_LIBRARY
#define MLC_LLVM_LIBRARY "" /* file of LLVM at build time; unknown: the code generator alone speaks for it */
#endif
#define MAGIC UINT64_C(0x316a626f2d636c6d) /* "mlc-obj1" */

typedef struct Head { uint64_t magic, key[2], size, hash[2]; } Head;

/* ---- SipHash-2-4-128 ------------------------------------------------------------------------------------------------- */

static uint64_t turn(uint64_t x, int by) { return x << by | x >> (64 - by); }

static void sip_round(uint64_t v[4])
{
    v[0] += v[1], v[1] = turn(v[1], 13) ^ v[0], v[0] = turn(v[0], 32);
    v[2] += v[3], v[3] = turn(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = turn(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = turn(v[1], 17) ^ v[2], v[2] = turn(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
}

static CacheKey sip_hash(const unsigned char *p, size_t n, CacheKey seed)
{
    uint64_t v[4] = { seed.w[0] ^ UINT64_C(0x736f6d6570736575), seed.w[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
                      seed.w[0] ^ UINT64_C(0x6c7967656e657261), seed.w[1] ^ UINT64_C(0x7465646279746573) };
    uint64_t last = (uint64_t)n << 56, word;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&word, p + i, 8);
        sip_word(v, word);
    }
    for (int shift = 0; i < n; i++, shift += 8)
        last |= (uint64_t)p[i] << shift;
    sip_word(v, last);
    CacheKey k;
    v[2] ^= 0xee;
    for (int half = 0; half < 2; half++) {
        for (int r = 0; r < 4; r++)
            sip_round(v);
        k.w[half] = v[0] ^ v[1] ^ v[2] ^ v[3];
        v[1] ^= 0xdd;
    }
    return k;
}

/* ---- the key --------------------------------------------------------------------------------------------------------- */

CacheKey cache_text_key(const Buf *text)
{
    return sip_hash((const unsigned char *)text->p, text->n, (CacheKey){ { MAGIC, 0 } });
}

void cache_target(const BeTarget *t, Buf *b)
{
    buf_printf(b, "target %s %s %llx vectors %d %d amx %d caches %lld %lld %lld\n", t->cpu, t->features, (unsigned long long)t->needs, t->vector_bytes,
               t->registers, t->amx, (long long)t->l1, (long long)t->l2, (long long)t->l3);
}

bool cache_identity(const char *file, Buf *b)
{
    struct stat st;
    if (stat(file, &st))
        return false;
    buf_printf(b, "%s %lld %lld %lld.%09ld\n", file, (long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
               (long)st.st_mtim.tv_nsec);
    return true;
}

bool cache_generator(const char *generator, Buf *b)
{
    bool ok = cache_identity(generator, b);
    cache_identity(MLC_LLVM_LIBRARY, b); /* where it lies elsewhere than at build time, the generator alone speaks for it */
    return ok;
}

bool cache_key(IrModule *m, const BeOptions *o, const char *generator, CacheKey *key)
{
    BeTarget t;
    Buf b = buf_new(m->arena);
    if (o->emit_llvm || o->emit_asm || !be_target(o->cpu, &t, &b) || !cache_generator(generator, &b))
        return false;
    buf_printf(&b, "target %s %s %llx opt %d lanes %d parallel %d\n", t.cpu, t.features, (unsigned long long)t.needs, o->opt, o->max_lanes,
               !o->no_parallel);
    ir_print(m, &b);
    *key = cache_text_key(&b);
    return true;
}

/* ---- the folder ------------------------------------------------------------------------------------------------------ */

static bool is_mine(const char *dir)
{
    struct stat st;
    return !lstat(dir, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022);
}

const char *cache_directory(Arena *a)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if ((!base || *base != '/') && (!home || *home != '/'))
        return NULL;
    if (!base || *base != '/')
        base = arena_printf(a, "%s/.cache", home);
    mkdir(base, 0700); /* as the XDG specification asks of who writes first */
    const char *dir = arena_printf(a, "%s/mlc", base);
    mkdir(dir, 0700);
    return is_mine(dir) ? dir : NULL;
}

static char *path_of(Arena *a, const char *dir, const char *kind, CacheKey k)
{
    return arena_printf(a, "%s/%016llx%016llx.%s", dir, (unsigned long long)k.w[0], (unsigned long long)k.w[1], kind);
}

typedef struct Old { char name[64]; uint64_t size; struct timespec time; } Old;

static int older_first(const void *x, const void *y)
{
    const Old *a = x, *b = y;
    if (a->time.tv_sec != b->time.tv_sec)
        return a->time.tv_sec < b->time.tv_sec ? -1 : 1;
    return (a->time.tv_nsec > b->time.tv_nsec) - (a->time.tv_nsec < b->time.tv_nsec);
}

/* At most `room` files of the folder; counts only without `files`. Nothing is allocated while it is open. */
static int list_files(const char *dir, Old *files, int room)
{
    DIR *d = opendir(dir);
    int n = 0;
    for (struct dirent *e; d && n < room && (e = readdir(d));) {
        struct stat st;
        size_t length = strlen(e->d_name);
        if (length >= sizeof files->name || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
            continue;
        if (files) {
            files[n] = (Old){ .size = (uint64_t)st.st_size, .time = st.st_mtim };
            memcpy(files[n].name, e->d_name, length + 1);
        }
        n++;
    }
    if (d)
        closedir(d);
    return n;
}

/* Above the limit: the oldest files go until three quarters are left. Others may do the same at the same time. */
static void sweep(Arena *a, const char *dir)
{
    int n = list_files(dir, NULL, 1000000);
    Old *files = NEWN(a, Old, n + 1);
    uint64_t all = 0;
    n = list_files(dir, files, n);
    for (int i = 0; i < n; i++)
        all += files[i].size;
    if (all <= MOST_BYTES)
        return;
    qsort(files, (size_t)n, sizeof *files, older_first);
    for (int i = 0; i < n && all > MOST_BYTES / 4 * 3; i++)
        if (!unlink(arena_printf(a, "%s/%s", dir, files[i].name)))
            all -= files[i].size;
}

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static bool is_whole(const Head *h, CacheKey key, size_t size)
{
    if (size < sizeof *h || h->magic != MAGIC || h->key[0] != key.w[0] || h->key[1] != key.w[1] || h->size != size - sizeof *h)
        return false;
    CacheKey hash = sip_hash((const unsigned char *)(h + 1), h->size, key);
    return hash.w[0] == h->hash[0] && hash.w[1] == h->hash[1];
}

/* The file as it was when its size was asked for; another size by now: not there. */
static bool read_file(const char *path, void *to, size_t size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() && (uint64_t)st.st_size == size
              && file_all(fd, to, size, read);
    if (ok)
        futimens(fd, NULL);
    if (fd >= 0)
        close(fd);
    return ok;
}

const unsigned char *cache_find(Arena *a, const char *dir, const char *kind, CacheKey key, size_t *size)
{
    struct stat st;
    char *path = path_of(a, dir, kind, key);
    if (!is_mine(dir) || lstat(path, &st) || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > MOST_OBJECT)
        return NULL;
    Head *file = arena_alloc(a, (size_t)st.st_size + sizeof *file);
    if (!read_file(path, file, (size_t)st.st_size))
        return NULL;
    if (!is_whole(file, key, (size_t)st.st_size)) {
        unlink(path); /* damaged: it is written anew */
        return NULL;
    }
    *size = file->size;
    return (const unsigned char *)(file + 1);
}

void cache_add(Arena *a, const char *dir, const char *kind, CacheKey key, const unsigned char *p, size_t size)
{
    CacheKey hash = sip_hash(p, size, key);
    Head h = { MAGIC, { key.w[0], key.w[1] }, size, { hash.w[0], hash.w[1] } };
    if (!is_mine(dir))
        return;
    if (hash.w[0] % 16 == 0)
        sweep(a, dir);
    unsigned char *file = arena_alloc(a, sizeof h + size);
    memcpy(file, &h, sizeof h);
    memcpy(file + sizeof h, p, size);
    file_replace(a, path_of(a, dir, kind, key), file, sizeof h + size);
}
