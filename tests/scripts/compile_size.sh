#!/bin/bash
# How much code the programs of bench/programs/compile give to LLVM, whose time goes with it: a twentieth more than it was is an error.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
cd "$work" || exit 1

at_most() { # instructions, functions, program
    "$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 -o code.ll "$MLC_SOURCE/bench/programs/compile/$3.ml" || complain "$3: no code"
    local n f
    n=$(grep -cE '^  ' code.ll)
    f=$(grep -c '^define' code.ll)
    [ "$n" -le "$1" ] && [ "$f" -le "$2" ] || complain "$3: $n instructions in $f functions, at most $1 in $2"
}

at_most 130 3 one
at_most 1760 8 product # plain loops and blocks, each with a rest of rows and with its last lanes
at_most 4600 17 attention
grep -q '^cut' code.ll || complain "attention: LLVM sees transpositions in one block"
at_most 5100 17 causal
at_most 14000 52 gpt
verdict
