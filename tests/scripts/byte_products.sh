#!/bin/bash
# Sums of products of bytes are exact and weights of bytes come back as they were, with VNNI and without; targets that have it use it.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
cp "$MLC_SOURCE"/tests/support/byte_products/* "$work" && cd "$work" || exit 1

run_for() { # CPU
    "$MLC_BUILD/mlc" -c --target-cpu="$1" -o products.o products.ml 2>errors || { complain "$1: does not compile: $(head -n 5 errors)"; return; }
    # shellcheck disable=SC2086
    "$CC" -std=c99 -O2 -Wall -Wextra -Werror $MLC_CFLAGS -I . -I "$MLC_BUILD/include" -I "$MLC_SOURCE/runtime" main.c products.o \
        "$MLC_BUILD/libmlcrt.a" -lm -pthread -o main 2>errors || { complain "the C program does not compile: $(head -n 5 errors)"; return; }
    timeout 120 ./main || complain "$1: exit status $?"
}

uses() { # CPU, instruction, register
    "$MLC_BUILD/mlc" --emit=asm --target-cpu="$1" one.ml | grep "$2.*%$3" >/dev/null || complain "$1: no $2 of $3"
}

sed '/^export fn [^s]/d; /^export fn su/d' products.ml >one.ml
run_for native
grep -q -w avx2 /proc/cpuinfo && grep -q -w fma /proc/cpuinfo && run_for x86-64-v3
uses icelake-server vpdpbusd zmm
uses alderlake vpdpbusd ymm
uses x86-64-v3 vpmaddwd ymm
verdict
