#!/bin/bash
# A C program with a compiled library loads weights in Q8_0 and Q4_0: results have the bits that unpacked weights give, memory holds the blocks.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
cd "$work" || exit 1

cat >zoo.ml <<'END'
model Zoo(N, K) {
    param a: f32[N, K] = 0
    param b: f32[N, K] = 0
}
export fn apply(net: Zoo(N, K), x: f32[T, K]) -> f32[T, N] {
    out[t, n] = sum[k](x[t, k] * net.a[n, k]) + sum[k](x[t, k] * net.b[n, k])
}
END
cat >main.c <<'END'
#include <stdio.h>
#include <string.h>
#include "zoo.h"

/* Prints the results' bits to standard output, the bytes of the model to standard error. */
int main(int argc, char **argv)
{
    static const MlcrtRename renames[] = { { "q8_0", "a" }, { "q4_0", "b" }, { "**", "" }, { 0 } };
    static float x[3][768], y[3][16];
    int64_t xs[] = { 3, 768 }, ys[] = { 3, 16 };
    uint64_t before, after;
    MlcrtContext *c;
    MlcrtSession *s;
    zoo_Zoo *net;
    MlcrtTensor in = { x, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, xs, NULL, 0 }, out = { y, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, ys, NULL, 0 };
    for (int i = 0; i < 3 * 768; i++)
        x[i / 768][i % 768] = (float)(i * 37 % 101 - 50) / 64;
    if (argc < 2 || mlcrt_context_new(NULL, &c) || mlcrt_session_new(c, &s))
        return 2;
    mlcrt_context_memory(c, &before, NULL);
    if (zoo_Zoo_load(s, argv[1], renames, NULL, &net) || zoo_apply(s, net, &in, &out)) {
        printf("%s\n", mlcrt_error(s)->sentence);
        return 1;
    }
    mlcrt_context_memory(c, &after, NULL);
    fprintf(stderr, "%llu\n", (unsigned long long)(after - before));
    for (int i = 0; i < 48; i++) {
        uint32_t bits;
        memcpy(&bits, &y[i / 16][i % 16], 4);
        printf("%08x\n", bits);
    }
    return mlcrt_context_free(c);
}
END

build() { # name, options
    local name=$1
    shift
    # shellcheck disable=SC2086
    "$MLC_BUILD/mlc" -c "$@" zoo.ml >messages 2>&1 && $CC $MLC_CFLAGS -I"$MLC_SOURCE/runtime" main.c zoo.o "$MLC_BUILD/libmlcrt.a" -lm -lpthread -o "$name" >>messages 2>&1 ||
        { complain "$name: $(head -n 5 messages)"; verdict; }
}
tell() { ./"$1" "$MLC_SOURCE/tests/data/gguf/quant-zoo.gguf" >"$1.out" 2>"$1.bytes" || complain "$1: $(head -n 3 "$1.out")"; }
build plain
build packed --packed=q8_0,q4_0
tell plain
tell packed
cmp plain.out packed.out || complain "packed weights give other bits"
[ "$(wc -l <packed.out)" = 48 ] && grep -qv 00000000 packed.out || complain "no results"
# Both weights are needed in panels only: 16 x 768 in 34 and 18 bytes for 32, and what a model and a call take beside.
[ "$(cat packed.bytes)" -lt $((16 * 24 * (34 + 18) + 8192)) ] || complain "the packed model takes $(cat packed.bytes) bytes"
[ "$(cat plain.bytes)" -gt $((16 * 768 * 4 * 2)) ] || complain "the plain model takes $(cat plain.bytes) bytes"
"$MLC_BUILD/mlc" -c --packed=q9 zoo.ml 2>messages && complain "q9 is taken for a form"
grep -q "q8_0, q4_0" messages || complain "q9: $(cat messages)"

# A script: a model from a branch, which is interpreted, beside one that stays packed; a copy of it, and it saved and loaded again.
cat >zoo_script.ml <<'END'
model Zoo(N, K) {
    param a: f32[N, K] = 0
    param b: f32[N, K] = 0
    fn call(x: f32[T, K]) -> f32[T, N] = x @ a.T + x @ b.T
}
let path = args(1)
let chosen = if exists(path) { load(path, rename: [("q8_0", "a"), ("q4_0", "b"), ("**", "")]) as Zoo(16, 768) } else { Zoo(16, 768) }
let net = load(path, rename: [("q8_0", "a"), ("q4_0", "b"), ("**", "")]) as Zoo(16, 768)
let other = net
let x[t: 2, k: 768] = f32((t * 37 + k * 11) % 17) / 16
save(net, args(2))
let again = load(args(2)) as Zoo(16, 768)
let y = net(x)
print(max[i, j](abs(chosen(x)[i, j] - y[i, j])), max[i, j](abs(other(x)[i, j] - y[i, j])), max[i, j](abs(again(x)[i, j] - y[i, j])))
print(again.a[7, 700] - net.a[7, 700], chosen.b[15, 767] - net.b[15, 767], max[i, j](abs(y[i, j])) > 0)
END
for way in "" --interp --skip-passes=stage --skip-passes=unswitch; do
    # shellcheck disable=SC2086
    "$MLC_BUILD/mlc" run $way zoo_script.ml "$MLC_SOURCE/tests/data/gguf/quant-zoo.gguf" saved.safetensors >script.out 2>&1
    [ "$(cat script.out)" = "0.0 0.0 0.0
0.0 0.0 true" ] || complain "run $way: $(head -n 5 script.out)"
done
verdict
