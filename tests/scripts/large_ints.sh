#!/bin/bash
# Ints that pass 2^63 are a fault, compiled and interpreted, of the same code and place; what fits next to it comes out. Sized integers wrap. C gets a status.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cp "$MLC_SOURCE"/tests/support/large_ints/* "$work" && cd "$work" || exit 1

gives() { # expected value, arguments
    local want=$1 way
    shift
    for way in "" --interp; do
        "$mlc" call $way ints.ml "$@" >got 2>errors || complain "call $way $*: exit status $?: $(head -n 3 errors)"
        [ "$(sed 's/.* = //' got)" = "$want" ] || complain "call $way $*: prints '$(cat got)', not '$want'"
    done
}
fails() { # a part of what is said, arguments
    local want=$1 way
    shift
    for way in "" --interp; do
        "$mlc" call $way ints.ml "$@" >got 2>errors && complain "call $way $*: exit status 0, prints '$(cat got)'"
        grep -q "error\[E0701\]: .*$want" errors || complain "call $way $*: says '$(head -n 1 errors)', not '$want'"
    done
}
gives 9223372030926249001 square n=3037000499
fails 'n ^ 2 passes 2^63\|n \* n passes 2^63' square n=3037000500
gives 7 guarded n=5000000000
gives 998001000000 guarded n=-999000
gives 0 cube n=3000000000 k=0
fails 'n ^ 3 + k passes 2^63' cube n=3000000000 k=1
gives -9223372036854775807 negated n=9223372036854775807
gives 9223372036854775807 size n=-9223372036854775807
fails 'passes 2^63' size n=-9223372036854775808
fails 'passes 2^63' negated n=-9223372036854775808
gives 9223372036854775807 cut n=9223372036854775807 m=1
fails 'does not fit\|passes 2^63' cut n=-9223372036854775808 m=-1
gives 9223372036854775807 next n=9223372036854775806
fails 'passes 2^63' next n=9223372036854775807
gives -9223372036854775808 power n=-2 k=63
fails 'passes 2^63' power n=2 k=63
fails 'passes 2^63' power n=-2 k=64
fails 'passes 2^63' power n=10 k=400
gives 0 power n=0 k=400
gives 1000000000000000000 tens n=18
fails 'passes 2^63' tens n=19
gives 5 counted a=-4 b=5
fails 'passes 2^63' counted a=-9000000000000000000 b=9000000000000000000
gives 499500 places n=1000
fails 'passes 2^63' places n=9000000000000000000
gives 2432902008176640000 factorial n=20
fails 'passes 2^63' factorial n=21
gives 9223372036854775802 either n=1 m=9223372036854775800 'a=[1,1,0]'
gives -12 either n=9223372036854775800 m=-9223372036854775806 'a=[1,0,1,0]'
fails 'passes 2^63' either n=5 m=9223372036854775800 'a=[1,1,0]'
gives '[0, 8, 9]' shifted 'x=[0,1,1]' k=7
fails 'passes 2^63' shifted 'x=[0,1,1]' k=9223372036854775807
gives '[0, 9000000000000000000, 0]' scaled 'x=[0,1,0]' k=9000000000000000000
fails 'passes 2^63' scaled 'x=[0,1,1]' k=9000000000000000000
gives '[1.0, 3.0, 6.0]' window 'x=[1,2,3]' w=9223372036854775807
gives 2.0 kept 'x=[1,2,3]' n=1
gives 0.0 kept 'x=[1,2,3]' n=2
fails 'passes 2^63' kept 'x=[1,2,3]' n=4294967296
gives 9.0 squares n=3
fails 'passes 2^63' squares n=4294967296
gives 0 wrapped n=4294967296

# What is known when a program is compiled.
says() { # an expected diagnostic, the program's lines
    local want=$1 way
    shift
    printf '%s\n' "$@" >known.ml
    for way in --no-cache --interp; do
        "$mlc" run $way known.ml >got 2>errors && complain "run $way '$*': exit status 0, prints '$(cat got)'"
        grep -q "$want" errors || complain "run $way '$*': says '$(head -n 1 errors)', not '$want'"
    done
}
says 'error\[E0309\].*within 64 bits' 'fn g(n: int) -> int = n * n' 'print(g(5000000000))'
says 'error\[E0701\].*passes 2^63' 'print(5000000000 * 5000000000)'
says 'error\[E0701\].*passes 2^63' 'fn g(n: int, b: bool) -> int = if b { n * n } else { 0 }' 'print(g(5000000000, true))'
printf '%s\n' 'fn g(n: int, b: bool) -> int = if b { n * n } else { 0 }' 'print(g(5000000000, false))' >known.ml
[ "$("$mlc" run --no-cache known.ml 2>&1)" = 0 ] || complain "a product in a branch that is not taken: $("$mlc" run --no-cache known.ml 2>&1 | head -n 1)"

"$mlc" -c -o ints.o ints.ml 2>errors || { complain "does not compile: $(head -n 5 errors)"; verdict; }
# shellcheck disable=SC2086
"$CC" -std=c99 -Wall -Wextra -Werror $MLC_CFLAGS -I . -I "$MLC_BUILD/include" main.c ints.o "$MLC_BUILD/libmlcrt.a" -lm -pthread \
    -o main 2>errors || { complain "the C program does not compile: $(head -n 5 errors)"; verdict; }
./main || complain "the C program: exit status $?"
verdict
