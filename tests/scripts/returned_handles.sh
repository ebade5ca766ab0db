#!/bin/bash
# Functions that return structs, models and lists of them: from C through the generated header, and with `mlc call`.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cp "$MLC_SOURCE"/tests/support/returned_handles/* "$work" && cd "$work" || exit 1

"$mlc" -c -o returns.o returns.ml 2>errors || { complain "does not compile: $(head -n 5 errors)"; verdict; }
# shellcheck disable=SC2086
"$CC" -std=c99 -Wall -Wextra -Werror $MLC_CFLAGS -I . -I "$MLC_BUILD/include" main.c returns.o "$MLC_BUILD/libmlcrt.a" -lm -pthread \
    -o main 2>errors || { complain "the C program does not compile: $(head -n 5 errors)"; verdict; }
./main || complain "the C program: exit status $?"

same() { # expected text, arguments
    local want=$1 way
    shift
    for way in "" --interp; do
        "$mlc" call $way "$@" >got 2>errors || complain "call $way $*: exit status $?: $(head -n 3 errors)"
        [ "$(cat got)" = "$want" ] || complain "call $way $*: prints '$(cat got)', not '$want'"
    done
}
same "result.mean: f32[2] = [1.0, 2.0]
result.count: i64 = 1" returns.ml first 'x=[1,2]'
same "result.0.mean: f32[1] = [1.0]
result.1.mean: f32[1] = [3.0]
result.0.count: i64 = 1
result.1.count: i64 = 1" --repeat 2 returns.ml both 'x=[1]' 'y=[3]'
same "result0.mean: f32[1] = [5.0]
result0.count: i64 = 0
result1.mean: f32[2] = [5.0, 5.0]
result1.count: i64 = 0" returns.ml pair 'x=[5]' i=0
# What came out goes in again: of a model all numbers but the one that no shape shows, of a list its count.
"$mlc" call --out two.safetensors returns.ml both 'x=[1]' 'y=[3]' 2>errors || complain "--out: $(head -n 3 errors)"
"$mlc" call --in two.safetensors returns.ml total 2>errors && complain "a list that is missing: exit status 0"
"$mlc" call returns.ml total list=two.safetensors >got 2>&1 && complain "a list from a file with other names: exit status 0"
verdict
