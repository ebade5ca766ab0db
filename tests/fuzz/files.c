/* files.c - libFuzzer target: any bytes as JSON, as a tokenizer or as a weight file give a status, never a crash, a leak or an
 * endless loop; a text has at most two tokens more than bytes, which all decode; the tensors of a file are no larger than the
 * file, those of a GGUF file, which are unpacked, than 13 times the file. The first byte chooses.
 *
 *     clang -fsanitize=fuzzer,address,undefined -I. tests/fuzz/files.c runtime/{bpe,dtype,...}.c -o files_fuzz && ./files_fuzz CORPUS
 */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/files.h"

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void read_json(const MlcrtAlloc *a, const char *text, size_t n)
{
    RtJson j;
    RtError err;
    char *out = malloc(n + 1);
    rt_json_init(&j, a, text, n, &err);
    for (RtJsonKind k = RT_JSON_NULL; k != RT_JSON_END && k != RT_JSON_ERROR;) {
        k = rt_json_next(&j);
        if (k == RT_JSON_STRING || k == RT_JSON_KEY)
            check(rt_json_unescape(&j, out) <= j.raw_length && rt_utf8_valid(out, rt_json_unescape(&j, out)));
    }
    rt_json_drop(&j);
    free(out);
}

static void read_tokenizer(const MlcrtAlloc *a, const uint8_t *bytes, size_t n)
{
    RtBpe *p;
    RtError err;
    int32_t ids[600];
    size_t count, length;
    const char *text;
    if (rt_bpe_read(a, bytes, n, &p, &err))
        return;
    size_t most = n < 64 ? n : 64;
    check(rt_bpe_encode(p, (const char *)bytes + n - most, most, true, ids, 600, &count, &err) == MLCRT_OK ||
          err.status == MLCRT_ELIMIT); /* rules of a tokenizer.json may make a text longer */
    if (count > 600)
        count = 0;
    for (size_t i = 1; i < count; i++)
        check(rt_bpe_decode(p, ids[i - 1], ids[i], &text, &length, &err) == MLCRT_OK);
    rt_bpe_free(p);
}

static void use_names(const MlcrtAlloc *a, const RtWeights *w)
{
    static const RtRename rules[] = { { "a.**", "**" }, { "layers.*.norm1.weight", "x.*" }, { "**.drop", "" } };
    static int64_t shape[] = { 2, -1 };
    RtNames names;
    RtSlice s;
    RtMatch m;
    RtError err;
    if (rt_names_init(a, w, rules, 3, &names, &err))
        return;
    rt_names_find(&names, "layers.0.norm2.weight", &s);
    int64_t layers = rt_names_length(&names, "layers.*", 0), few = layers < 4 ? layers : 4;
    check(layers >= 0);
    RtWanted wanted = { "layers.*.w", &few, shape, 2, MLCRT_FLOAT, 32 };
    rt_match(a, &names, &wanted, 1, RT_MATCH_WIDEN, &m, &err);
    rt_match_drop(&m);
    rt_names_drop(&names);
}

static void read_weights(const MlcrtAlloc *a, const uint8_t *bytes, size_t n)
{
    RtWeights w;
    RtError err;
    char path[64];
    int fd = memfd_create("weights", 0);
    check(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (!rt_weights_open(a, path, &w, &err)) {
        size_t total = 0;
        for (size_t i = 0; i < w.count; i++) {
            volatile uint8_t seen = 0; /* a byte too far is for the sanitizer */
            for (size_t k = 0; k < w.entries[i].bytes; k++)
                seen = w.entries[i].data[k];
            (void)seen;
            total += w.entries[i].bytes;
        }
        check(total <= (w.unpacked_room ? 13 * n : n));
        use_names(a, &w);
        rt_weights_close(&w);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MlcrtAlloc a = rt_libc_alloc();
    if (size == 0)
        return 0;
    if (data[0] % 3 == 0)
        read_json(&a, (const char *)data + 1, size - 1);
    else if (data[0] % 3 == 1)
        read_tokenizer(&a, data + 1, size - 1);
    else
        read_weights(&a, data + 1, size - 1);
    return 0;
}
