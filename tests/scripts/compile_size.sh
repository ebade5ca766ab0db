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

at_most 122 3 one
at_most 1877 8 product # plain loops and blocks, each with a rest of rows and with its last lanes
at_most 3797 18 attention # rows left over are one more step, or one row; what parts know before they run comes from outside; keys are copied in fours
at_most 4367 18 causal
at_most 13865 50 gpt # a power of f64 (frequencies of places) is a function of 150; draws are loops of rounds

printf 'export fn turned(x: f32[M, K], w: f32[N, K]) -> f32[M, N] {\n    out[i, j] = sum[k](x[i, k] * w[j, k])\n}\n' >turned.ml
"$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 -o code.ll turned.ml || complain "turned: no code"
grep -q '^cut' code.ll || complain "turned: LLVM sees transpositions in one block"

# A list that is written out is data.
for n in 100 1000; do
    echo "export fn f(x: f32[$n]) -> f32[$n] = x * [$(seq -s ', ' 1.5 "$n.5")]" >list.ml
    "$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 -o code.ll list.ml || complain "a list of $n: no code"
    lists+=("$(grep -cE '^  ' code.ll)")
done
[ "${lists[0]}" = "${lists[1]}" ] || complain "a list of 100 is ${lists[0]} instructions, one of 1000 ${lists[1]}"

# Places of memory are computed, printed and proved: an end of ends of ends would be written with millions of symbols.
"$MLC_BUILD/mlc" --emit=tile -o code.tile "$MLC_SOURCE/tests/golden/run/streams_read_pages.ml" || complain "streams_read_pages: no tile IR"
[ "$(wc -c <code.tile)" -le 2000000 ] || complain "streams_read_pages: $(wc -c <code.tile) bytes of tile IR, at most 2000000"

# Layers that are written out share kernels, what packs their weights and what draws them: a layer more is calls alone, and for each of them where
# its memory lies, which a call chooses.
written_out() { # layers
    local fields='' calls=''
    for i in $(seq "$1"); do
        fields="$fields    h$i = Block(D, H)\\n"
        calls="$calls        x = h$i(x)\\n"
    done
    sed -E "s/^    h +=.*/$fields/; s/^ +for block in h .*/$calls/; s/Gpt\\(V, P, (L|4), D, H\\)/Gpt(V, P, D, H)/" "$MLC_SOURCE/bench/programs/compile/gpt.ml"
}
lines=() functions=()
for layers in 4 8; do
    written_out $layers >layers.ml
    "$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 -o code.ll layers.ml || complain "$layers layers: no code"
    lines+=("$(grep -cE '^  ' code.ll)")
    functions+=("$(grep -c '^define.*_k[0-9]*(' code.ll)")
done
[ "${functions[0]}" = "${functions[1]}" ] || complain "4 layers have ${functions[0]} kernels, 8 have ${functions[1]}"
[ $((lines[1] - lines[0])) -le 2350 ] || complain "4 layers more are $((lines[1] - lines[0])) instructions more, at most 2350"
verdict
