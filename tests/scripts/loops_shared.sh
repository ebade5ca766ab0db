#!/bin/bash
# Work that is large goes to the threads in several pieces, whatever its sizes leave for the last chunk; small work does not.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
cd "$work" || exit 1

cat >shared.ml <<'END'
export fn product(a: f32[M, K], b: f32[K, N]) -> f32[M, N] = a @ b
END
cat >main.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include "shared.h"

static void pieces(void *user, int64_t n, MlcrtTask *task, void *job)
{
    *(int64_t *)user = n;
    for (int64_t i = 0; i < n; i++)
        task(job, i);
}

int main(void)
{
    static const int64_t sizes[] = { 8, 255, 256, 300, 512, 700 };
    int64_t count;
    MlcrtOptions o = { .size = sizeof o, .threads = 2, .parallel = pieces, .parallel_user = &count };
    MlcrtContext *c;
    MlcrtSession *s;
    if (mlcrt_context_new(&o, &c) || mlcrt_session_new(c, &s))
        return 2;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int64_t n = sizes[i], shape[] = { n, n }, out[2];
        float *x = calloc((size_t)(n * n), sizeof *x);
        MlcrtTensor a = { x, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, shape, NULL, 0 }, y = { NULL, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, out, NULL, 0 };
        count = 1;
        if (!x || shared_product(s, &a, &a, &y))
            return 1;
        printf("%d %s\n", (int)n, count > 1 ? "shared" : "alone");
        mlcrt_tensor_free(c, &y);
        free(x);
    }
    return mlcrt_context_free(c) ? 2 : 0;
}
END
cat >expected <<'END'
8 alone
255 shared
256 shared
300 shared
512 shared
700 shared
END
# shellcheck disable=SC2086
"$MLC_BUILD/mlc" -c shared.ml >messages 2>&1 && $CC $MLC_CFLAGS -I"$MLC_SOURCE/runtime" main.c shared.o "$MLC_BUILD/libmlcrt.a" -lm -lpthread -o main >>messages 2>&1 ||
    { complain "$(head -n 5 messages)"; verdict; }
./main >found || complain "status $?"
cmp -s found expected || complain "$(diff expected found)"
verdict
