#!/bin/bash
# Inner loops of products: no vector of theirs lies on the stack, and about two instructions a multiply-add, for AVX-512 and AVX2.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
cd "$work" || exit 1

# "label multiply-adds instructions vectors-on-the-stack" of each innermost loop with at least 8 multiply-adds.
# It may have one label inside, behind what is not done in each turn.
loops() {
    awk '/^\.L[A-Za-z0-9_]+:/ { before = label; label = $1; sub(/:.*/, "", label); old_fma = fma; old_n = n; old_stack = stack; fma = n = stack = 0; next }
         /^[ \t]+[a-z]/ { n += $1 !~ /^(prefetch|lea)/ # what memory is asked for ahead does not count
             if ($1 ~ /^vfn?madd/) fma++
             if ($0 ~ /\(%rsp/ && $0 ~ /%[xyz]mm/) stack++
             if ($1 ~ /^j/ && $2 == label) inner[label] = 1
             if ($1 ~ /^j/ && $2 == label && fma >= 8) print label, fma, n, stack
             if ($1 ~ /^j/ && $2 == before && !inner[before] && !fma && n <= 16 && old_fma >= 8) print before, old_fma, old_n + n, old_stack + stack }' "$1"
}

check_loops() { # target, program, multiply-adds that one of its loops has
    local program="$MLC_SOURCE/bench/programs/$2.ml"
    [ -f "$2.ml" ] && program=$2.ml
    "$MLC_BUILD/mlc" --emit=asm "--target-cpu=$1" -o code.s "$program" || complain "$2 for $1: no code"
    loops code.s >found
    awk -v most="$3" '$2 == most { seen = 1 }
                      $4 > 0 { print "loop " $1 ": " $4 " vectors on the stack"; bad = 1 }
                      $3 > 2.75 * $2 { print "loop " $1 ": " $3 " instructions for " $2 " multiply-adds"; bad = 1 }
                      END { if (!seen) print "no loop has " most " multiply-adds"; exit bad || !seen }' found || complain "$2 for $1"
}

# Loops that are no plain products: attention, losses, copies that transpose.
check_stack() { # target, program, vectors on the stack that a loop may have
    local program="$MLC_SOURCE/bench/programs/$2.ml"
    [ -f "$2.ml" ] && program=$2.ml
    "$MLC_BUILD/mlc" --emit=asm "--target-cpu=$1" -o code.s "$program" || complain "$2 for $1: no code"
    loops code.s >found
    awk -v most="$3" '$4 > most { print "loop " $1 ": " $4 " vectors on the stack"; bad = 1 } END { exit bad || !NR }' found || complain "$2 for $1"
}

cat >copied.ml <<'END'
export fn left(a: f32[K, M], b: f32[K, N]) -> f32[M, N] = a.T @ b
END
cat >image.ml <<'END'
export fn convolution(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[c, i, j](w[o, c, i, j] * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
END
cat >patches.ml <<'END'
model Patches(N, P, D) { # as many rows as a quotient says
    param weight: f32[3 * D, D] = 0
}
export fn patches(net: Patches(N, P, D), x: f32[(N / P) * (N / P) + 1, D]) -> f32[(N / P) * (N / P) + 1, 3 * D] where N % P == 0 = x @ net.weight.T
END

cat >rotated.ml <<'END'
export fn rotated(x: f32[T, K], c: f32[T, K / 2], s: f32[T, K / 2]) -> f32[T, K] where K % 2 == 0 {
    out[t, d] = if d % 2 == 0 { x[t, d] * c[t, d // 2] - x[t, d + 1] * s[t, d // 2] } else { x[t, d] * c[t, d // 2] + x[t, d - 1] * s[t, d // 2] }
}
END
# A loop that writes three tensors is whole vectors and a rest, where a masked load and a store behind a branch for each would limit it.
cat >update.ml <<'END'
export fn update(var p: f32[N], g: f32[N], var m: f32[N], var v: f32[N]) {
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    p = p - 0.001 * (m / (sqrt(v) + 0.00000001) + 0.01 * p)
}
END
"$MLC_BUILD/mlc" --emit=asm --target-cpu=x86-64-v3 -o code.s update.ml || complain "update: no code"
awk '/^\.L[A-Za-z0-9_]+:/ { label = $1; sub(/:.*/, "", label); root = mask = 0; next }
     /vsqrtps/ { root = 1 } /vmaskmov/ { mask = 1 }
     $1 ~ /^j/ && $2 == label && root && !mask { plain = 1 } END { exit !plain }' code.s || complain "update for x86-64-v3: every turn has masks"

# Lanes that share an element are no gathers, and no subscript is checked where an odd place has one before it.
for cpu in x86-64-v3 x86-64-v4; do
    "$MLC_BUILD/mlc" --emit=asm "--target-cpu=$cpu" -o code.s rotated.ml || complain "rotated for $cpu: no code"
    ! grep -qE '[ \t]v(p?)gather' code.s || complain "rotated for $cpu: gathers"
done
"$MLC_BUILD/mlc" --emit=tile -o code.tile rotated.ml && ! grep -q clampi code.tile || complain "rotated: a subscript is checked"

# Scores that a choice masks, and rows of heads that only a guard shares: both products of attention take packed keys and several rows.
cat >masked.ml <<'END'
export fn masked(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s = q @ permute(k, 0, 2, 1)
    let m[h, i, j] = if j <= i { s[h, i, j] } else { -1e9 }
    softmax(m, axis: -1) @ v
}
END
cat >flagged.ml <<'END'
export fn flagged(q: f32[T, H, D], k: f32[S, H, D], v: f32[S, H, D], on: bool[S]) -> f32[T, H, D] {
    let s[h, i, j] = sum[d](q[i, h, d] * k[j, h, d])
    let p[h, i, j] = softmax[j | on[j]](s[h, i, j])
    out[i, h, d] = sum[j](p[h, i, j] * v[j, h, d])
}
END
check_shared() { # program, loops of four rows and two or four vectors, or eight rows, in which an operand is loaded once for all rows
    "$MLC_BUILD/mlc" --emit=asm --target-cpu=x86-64-v4 -o code.s "$1.ml" || complain "$1: no code"
    loops code.s >found
    [ "$(awk '($2 == 8 && $3 <= 20) || ($2 == 16 && $3 <= 32)' found | wc -l)" -ge "$2" ] || complain "$1: fewer than $2 loops of eight or sixteen multiply-adds share what they load"
}
check_shared masked 2
check_shared flagged 1

check_loops x86-64-v4 matmul 16
check_loops x86-64-v4 matmul 8 # the last 16 columns or fewer: no idle vector
check_loops x86-64-v4 linear 16
check_loops x86-64-v3 matmul 12
[ "$(grep -c vmaskmovps code.s)" -le 40 ] || complain "matmul for x86-64-v3: whole tiles are stored with masks" # which are slow there
check_loops x86-64-v3 linear 12
check_loops x86-64-v3 linear 8 # the rest of rows
# Two short vectors of a panel share a line: it is fetched once.
awk '/^\.L[A-Za-z0-9_]+:/ { fma = n = 0 } $1 ~ /^vfn?madd/ { fma++ } $1 ~ /^prefetch/ { n++ } $1 ~ /^j/ && fma == 12 && n != 1 { bad = 1 } END { exit bad }' code.s ||
    complain "linear for x86-64-v3: lines are fetched twice"
check_loops x86-64-v4 copied 16
check_loops x86-64-v3 copied 12
check_loops x86-64-v4 patches 16
check_loops x86-64-v3 patches 12
check_loops x86-64-v4 image 16
check_loops x86-64-v3 image 12
check_stack x86-64-v4 attention 0
check_stack x86-64-v4 losses 10 # x @ w.T of two tensors: eight rows, sixteen turns at once, 1.0 to 2.8 times as fast as four turns and two vectors, which need none
check_stack x86-64-v4 products 10
check_stack x86-64-v3 attention 2
check_stack x86-64-v3 elementwise 2
check_stack x86-64-v3 losses 18 # four rows, two vectors, four turns at once: a tenth faster than one vector, which needs none
check_stack x86-64-v3 products 18
verdict
