#!/bin/bash
# Products of bf16 with a weight, compiled for a CPU with AMX, have the bits that its instruction gives: emulated where there is none.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
grep -q -w avx512vl /proc/cpuinfo && grep -q -w avx512dq /proc/cpuinfo || skip "this CPU has no AVX-512, which stands around tiles"
cp "$MLC_SOURCE"/tests/support/tile_products/* "$MLC_SOURCE"/tests/lib/emulate_tiles.* "$work" && cd "$work" || exit 1

"$MLC_BUILD/mlc" -c --target-cpu=sapphirerapids -o products.o products.ml 2>errors || { complain "does not compile: $(head -n 5 errors)"; verdict; }
# shellcheck disable=SC2086
"$CC" -std=c99 -O2 -Wall -Wextra -Werror $MLC_CFLAGS -I . -I "$MLC_BUILD/include" -I "$MLC_SOURCE/runtime" main.c emulate_tiles.c products.o \
    "$MLC_BUILD/libmlcrt.a" -lm -pthread -o main 2>errors || { complain "the C program does not compile: $(head -n 5 errors)"; verdict; }
timeout 120 ./main || complain "exit status $?"
verdict
