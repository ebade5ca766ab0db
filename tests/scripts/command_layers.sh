#!/bin/bash
# Equal layers are compiled once: the code of a model of 32 layers is that of one of 2 layers, the numbers written in the program.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
sizes=()
for layers in 2 32; do
    sed -e '/^let folder/,$d' -e "s|net: Llama(V, L, D, H, G, F), tokens: i32\[B, T\], var c: Cache(L, B, G, S, D / H)) -> f32\[B, V\]|net: Llama(512, $layers, 64, 8, 4, 172), tokens: i32[B, T], var c: Cache($layers, B, 4, S, 8)) -> f32[B, 512]|" \
        "$MLC_SOURCE/examples/stories/stories.ml" >"$work/m.ml"
    grep -q "Llama(512, $layers" "$work/m.ml" || complain "the story's signature is another one now"
    "$MLC_BUILD/mlc" -c "$work/m.ml" -o "$work/m.o" || complain "$layers layers do not compile"
    sizes+=("$(stat -c %s "$work/m.o")")
done
[ $((sizes[1] * 10)) -le $((sizes[0] * 12)) ] || complain "2 layers: ${sizes[0]} bytes of object, 32 layers: ${sizes[1]}"
verdict
