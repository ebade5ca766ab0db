#!/bin/bash
# What speed depends on and can be counted: kernels of a function (a barrier each), memory between them, passes over memory, and how much
# code LLVM is given, which is what its time is proportional to. Bounds are today's counts, those of code with a quarter more.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
cd "$work" || exit 1

# "name kernels arena" of each function of a tile program; blanks of the arena's formula are left out.
functions() {
    awk '/^tile fn/ { name = $3; sub(/^@/, "", name); sub(/\..*/, "", name); kernels = 0; arena = "" }
         /^ +kernel \[/ { kernels++ }
         /^  arena / { sub(/^  arena /, ""); gsub(/ /, ""); arena = $0 }
         /^}/ { print name, kernels, arena }' "$1"
}

# program; then pairs: function, most kernels
kernels() {
    local program=$1 name found
    shift
    "$MLC_BUILD/mlc" --emit=tile "--target-cpu=x86-64-v3" -o code.tile "$MLC_SOURCE/$program" || complain "$program: no tile code"
    functions code.tile >found
    while [ $# -gt 0 ]; do
        name=$1
        found=$(awk -v name="$name" '$1 == name { print $2 }' found)
        [ -n "$found" ] && [ "$found" -le "$2" ] || complain "$program: $name has '$found' kernels, not at most $2"
        shift 2
    done
}
arena_of() { awk -v name="$1" '$1 == name { print $3 }' found; }

kernels examples/stories/stories.ml step 17 choose 1
kernels bench/programs/vit.ml logits 12
kernels bench/programs/linear.ml linear 1
kernels bench/programs/matmul.ml matmul 2
kernels bench/programs/rows.ml normalised 1 centred 1
kernels tests/golden/fusion/norms.ml layer 1 group 1 low 1 residual 1 embedding 1 standard 2 batch 2 columns 2

# One pass over memory and none of its own: what is updated is loaded and stored once, and the gradient loaded once.
kernels bench/programs/elementwise.ml exponential 1 gaussian 1 adamw 1
for f in exponential gaussian adamw; do
    [ "$(arena_of "$f")" = 0 ] || complain "$f takes memory: $(arena_of "$f")"
done
passes=$(awk '/^tile fn @adamw/, /^}/' code.tile | grep -cE ' = load | store ')
[ "$passes" -le 7 ] || complain "adamw touches memory $passes times for each element, not 7"
kernels tests/golden/fusion/updates.ml momentum 1 adam 1 lion 1 mixed 1 exchanged 1 step 6 # a norm of three parameters: parts of each
for f in "momentum 5" "adam 7" "lion 5" "mixed 6" "exchanged 4" "step 30"; do
    passes=$(awk "/^tile fn @${f% *}/, /^}/" code.tile | grep -cE ' = load | store ')
    [ "$passes" -le "${f#* }" ] || complain "${f% *} touches memory $passes times for each element, not ${f#* }"
done

# Attention and losses over a vocabulary hold blocks: no memory grows with the rows (what 64 rows at most take, more do not).
grows() { arena_of "$1" | sed -E 's/min\((\(?H\*T\)?\/G|128),(\(?H\*T\)?\/G|128|T)\)//g; s/min\(\(H\*T\)\/G,128\)//g; s/min\(1,64\/\/\(max\(1,(B\*H\*)?T\)\)\)//g' | grep -E '(^|[^A-Za-z])T([^A-Za-z]|$)'; }
kernels bench/programs/attention.ml full 2 causal 2
for f in full causal; do
    ! grows "$f" || complain "$f: memory grows with the rows"
done
kernels bench/programs/losses.ml cross_entropy 2 entropy 2
for f in cross_entropy entropy; do
    ! grows "$f" || complain "$f: memory grows with the rows"
done

# A guard that divides places by a step of the call does so once for a block, not for each row and each time it is asked.
cat >strided.ml <<'END'
export fn strided(q: f32[T, D], k: f32[T, D], v: f32[T, D], step: int) -> f32[T, D] where step >= 1 {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i and (i - j < step or j % step == 0)](s[i, j])
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
END
"$MLC_BUILD/mlc" --emit=tile -o code.tile strided.ml || complain "strided: no tile code"
divides=$(grep -c ' = mod .*%step' code.tile)
[ "$divides" -ge 1 ] && [ "$divides" -le 2 ] || complain "strided divides by the step in $divides places, not in 1 or 2"

# Instructions that LLVM is given, for AVX-512.
code() {
    local n
    n=$("$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 "$MLC_SOURCE/bench/programs/$1.ml" | grep -c '^  [^ ]')
    [ "$n" -gt 0 ] && [ "$((n * 4))" -le "$(($2 * 5))" ] || complain "$1: $n instructions of LLVM, not at most a quarter more than $2"
}
if [ -e "$MLC_BUILD/libmlc-llvm.so" ]; then
    code matmul 3414
    code linear 1399
    code elementwise 602
    code rows 692
    code attention 7519
    code losses 8303
    code products 13404
    code vit 13988
    # A query against a cache of keys and values: what later lanes and rows have is fetched while a block is read, keys at a line of each of four
    # lanes (copied for many rows, and of few rows), values at as many lines as a row has vectors (1, 2, 4).
    "$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 "$MLC_SOURCE/bench/programs/decode.ml" >decode.ll
    runs=$(awk '/call.*llvm.prefetch/ { n++; next } /getelementptr/ { next } n { runs[n]++; n = 0 } END { print runs[4] + 0, runs[1] + runs[2] + 0 }' decode.ll)
    read -r keys values <<<"$runs"
    [ "$keys" -ge 3 ] && [ "$values" -ge 3 ] || complain "decode: $runs runs of 4 and of 1 or 2 lines are fetched ahead, not 3 3"
    # A choice between a score and a number (relu) asks for the score: it is no question to a block, for which all scores would be computed once more.
    cat >rectified.ml <<'END'
export fn rectified(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[T, D] {
    out[i, d] = sum[j | j <= i](relu(sum[e](q[i, e] * k[j, e])) * v[j, d])
}
END
    "$MLC_BUILD/mlc" --emit=tile -o rectified.tile rectified.ml || complain "rectified: no tile IR"
    asked=$(grep -c 'reduce all' rectified.tile) packed=$(grep -c 'tfor rows [48]' rectified.tile)
    [ "$asked" -eq 0 ] && [ "$packed" -ge 2 ] || complain "rectified: $asked questions to blocks, $packed loops over four rows"
    # Scores that are only compared (a rank, by a count or by a choice) are computed for four rows at once, too, and once.
    cat >ranks.ml <<'END'
export fn counted(x: f32[N, D], w: f32[V, D], y: i32[N]) -> i64[N] {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    out[t] = count[v](z[t, v] > z[t, y[t]])
}
export fn chosen(x: f32[N, D], w: f32[V, D], y: i32[N]) -> f32[N] {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    out[t] = sum[v](if z[t, v] > z[t, y[t]] { 1.0 } else { 0.0 })
}
END
    "$MLC_BUILD/mlc" --emit=tile -o ranks.tile ranks.ml || complain "ranks: no tile IR"
    packed=$(awk '/tfor rows [48]/ { rows = 1 } /tfor rows 1/ { rows = 0 } rows && /contract/ { n++ } END { print n + 0 }' ranks.tile)
    [ "$packed" -ge 4 ] || complain "ranks: $packed products of four rows"
    # A guard with alternatives cuts each block to what a tile's rows can have of it: a window beside sinks skips the blocks between them.
    cat >sinks.ml <<'END'
export fn sinks(q: f32[T, D], k: f32[T, D], v: f32[T, D], w: int) -> f32[T, D] where w >= 0, w < 100000 {
    let p[i, j] = softmax[j | j <= i and (i - j < w or j < 4)](sum[d](q[i, d] * k[j, d]))
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
END
    "$MLC_BUILD/mlc" --emit=tile -o sinks.tile sinks.ml || complain "sinks: no tile IR"
    cuts=$(awk '/^ *for .*\[block:/ { on = 1 } /tfor rows/ { on = 0 } on && / = select / { n++ } END { print n + 0 }' sinks.tile)
    [ "$cuts" -ge 6 ] || complain "sinks: $cuts choices of bounds in front of a block's rows"
    # A sum over neighbours is written out: four rows of 3 x 3 places read six rows of the picture at three places, not twelve.
    cat >neighbours.ml <<'END'
export fn neighbours(x: f32[N, C, Y, X], w: f32[C, 3, 3]) -> f32[N, C, Y, X] {
    out[n, c, y, z] = sum[i, j](w[c, i, j] * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
END
    "$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 -o neighbours.ll neighbours.ml || complain "neighbours: no code"
    loads=$(grep -c 'call.*masked.load' neighbours.ll) sums=$(grep -c 'call.*llvm.fma' neighbours.ll)
    [ "$sums" -ge 100 ] && [ "$((loads * 4))" -le "$((sums * 3))" ] || complain "neighbours: $loads vectors are read for $sums multiply-adds"
    # A pool runs in lanes, two elements apart: vectors are loaded whole and taken apart.
    cat >pools.ml <<'END'
export fn means(x: f32[N, C, 2 * Y, 2 * X]) -> f32[N, C, Y, X] {
    out[n, c, i, j] = mean[u: 2, v: 2](x[n, c, 2 * i + u, 2 * j + v])
}
export fn largest(x: f32[N, C, 2 * Y, 2 * X]) -> f32[N, C, Y, X] {
    out[n, c, i, j] = max[u: 3, v: 3](x[n, c, 2 * i + u - 1, 2 * j + v - 1] ?? -inf)
}
END
    "$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 -o pools.ll pools.ml || complain "pools: no code"
    apart=$(grep -c 'masked.gather' pools.ll) vectors=$(grep -cE 'load <16 x float>|call.*masked.load' pools.ll)
    [ "$apart" -eq 0 ] && [ "$vectors" -ge 20 ] && [ "$vectors" -le 120 ] || complain "pools: $apart gathers, $vectors vectors"
    # A convolution with channels last and a small weight reads both as they lie: nothing is copied, no lane is read apart.
    cat >last.ml <<'END'
export fn last(x: f32[Y, X, 64], w: f32[3, 3, 64, 64]) -> f32[Y, X, 64] {
    out[y, z, o] = sum[i, j, c](w[i, j, c, o] * (x[y + i - 1, z + j - 1, c] ?? 0))
}
END
    "$MLC_BUILD/mlc" --emit=tile -o last.tile last.ml || complain "last: no tile code"
    ! grep -q scratch last.tile || complain "last: a small weight is copied"
    # Sums over two rows that are no product (distances): four rows of the second tensor are read beside one of the first.
    cat >pairs.ml <<'END'
export fn apart(a: f32[N, D], b: f32[M, D]) -> f32[N, M] {
    out[i, j] = sum[d]((a[i, d] - b[j, d]) ^ 2)
}
END
    "$MLC_BUILD/mlc" --emit=tile -o pairs.tile pairs.ml || complain "pairs: no tile code"
    grep -q 'tfor rows 4 \[j' pairs.tile || complain "pairs: each of them is a point of the grid"
    # A decay that all channels of a head share is computed once for these in each turn of the recurrence, wherever it is written.
    cat >decay.ml <<'END'
export fn decayed(x: f32[T, H, P], a: f32[H], b: f32[T, N], c: f32[T, N], d: f32[T, H]) -> f32[T, H, P] {
    rec s[t, h: H, p: P, n: N] = exp(-a[h] * softplus(d[t, h])) * (s[t - 1, h, p, n] ?? 0.0) + b[t, n] * x[t, h, p]
    out[t, h, p] = sum[n](c[t, n] * s[t, h, p, n])
}
END
    "$MLC_BUILD/mlc" --emit=tile -o decay.tile decay.ml || complain "decay: no tile code"
    awk '/kernel \[/ { points = /p: P/ } points && / exp / { found = 1 } END { exit found }' decay.tile || complain "decay: the exponential is computed for each channel"
    # What gathers would read for each pair of places is turned first: a long filter for each channel, channels last.
    cat >filter.ml <<'END'
export fn filtered(x: f32[T, D], f: f32[D, T]) -> f32[T, D] {
    out[t, d] = sum[j: T | j <= t](f[d, t - j] * x[j, d])
}
END
    "$MLC_BUILD/mlc" --emit=tile -o filter.tile filter.ml || complain "filter: no tile code"
    awk '/reduce sum contract/ { in_sum = 1 } in_sum && /load %f\.1\[d/ { found = 1 } /yield/ { in_sum = 0 } END { exit found }' filter.tile || complain "filter: lanes read it a row apart"
    # Lanes of packed weights lie side by side, whatever the number of rows is a formula of: loads of lanes apart are few.
    apart=$("$MLC_BUILD/mlc" --emit=llvm --target-cpu=x86-64-v4 "$MLC_SOURCE/bench/programs/vit.ml" | grep -c 'masked.gather')
    [ "$apart" -le 16 ] || complain "vit: $apart loads of lanes that lie apart, not at most 16"
fi
verdict
