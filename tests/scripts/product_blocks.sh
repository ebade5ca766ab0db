#!/bin/bash
# Large products, which run in blocks with operands copied, have the bits of a few rows alone, which are read where they lie.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
cd "$work" || exit 1

cat >blocks.ml <<'END'
fn product(a: f32[M, K], b: f32[K, N], c: f32[M, N]) -> f32[M, N] = 2 * (a @ b) + c
fn curved(a: f32[M, K], b: f32[K, N], c: f32[M, N]) -> f32[M, N] = gelu(a @ b + c)
fn left(a: f32[K, M], b: f32[K, N]) -> f32[M, N] = a.T @ b
fn right(a: f32[M, K], b: f32[N, K]) -> f32[M, N] = a @ b.T
fn vector(a: f32[M, K], x: f32[K]) -> f32[M] = a @ x
fn double(a: f64[M, K], b: f64[K, N]) -> f64[M, N] = a @ b
fn gated(a: f32[M, K], b: f32[N, K], c: f32[K, N]) -> f32[M, N] = silu(a @ b.T) * (a @ c) + a @ b.T
fn half(a: bf16[M, K], b: bf16[K, N]) -> bf16[M, N] = a @ b
fn convolution(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[c, i, j](w[o, c, i, j] * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
fn wrong(all: f32[M, N], alone: f32[M, N]) -> int = count[m, n](abs(all[m, n] - alone[m, n]) > 0 or abs(all[m, n]) > 1000000)

fn products(m: int, k: int, n: int) {
    let a[i: m, j: k] = f32(i * 7919 % 1000 - j * 31 % 997) / 997
    let b[i: k, j: n] = f32(i * 31 % 1009 - j * 7919 % 1000) / 1009
    let c[i: m, j: n] = f32(i + j) / 100
    let p = product(a, b, c)
    let q = curved(a, b, c)
    let l = left(a.T, b)
    let r = right(a, b.T)
    let d = f32(double(f64(a), f64(b)))
    let h = f32(half(bf16(a), bf16(b)))
    let v = vector(a, b[:, 0])
    let g = gated(a, b.T, b)
    var bad: i64[6] = 0
    bad[2] = count[i](abs(v[i] - l[i, 0]) > 0)
    for t in 0..m {
        let x = a[t : t + 1]
        let y = c[t : t + 1]
        bad[0] = bad[0] + wrong(p[t : t + 1], product(x, b, y))
        bad[1] = bad[1] + wrong(q[t : t + 1], curved(x, b, y))
        bad[2] = bad[2] + wrong(l[t : t + 1], left(x.T, b))
        bad[3] = bad[3] + wrong(r[t : t + 1], right(x, b.T))
        bad[4] = bad[4] + wrong(d[t : t + 1], f32(double(f64(x), f64(b))))
        bad[3] = bad[3] + wrong(g[t : t + 1], gated(x, b.T, b))
        bad[5] = bad[5] + wrong(h[t : t + 1], f32(half(bf16(x), bf16(b))))
    }
    print(m, k, n, bad)
}

fn convolutions(o: int, c: int, s: int) {
    let x[i: 2, j: c, y: s, z: s] = f32((i * 31 + j * 7 + y * 13 + z * 29) % 101) / 101 - 0.5
    let w[i: o, j: c, y: 3, z: 3] = f32((i * 17 + j * 23 + y * 5 + z * 11) % 103) / 103 - 0.5
    let all = convolution(x, w)
    var bad = 0
    for t in 0..o {
        let one = convolution(x, w[t : t + 1])
        bad = bad + count[n, y, z](abs(all[n, t, y, z] - one[n, 0, y, z]) > 0)
    }
    print(o, c, s, bad)
}

products(67, 1100, 161)
products(40, 2500, 75)
products(530, 300, 450)
convolutions(37, 5, 14)
convolutions(40, 130, 9)
convolutions(33, 30, 40)
END

cat >expected <<'END'
67 1100 161 [0, 0, 0, 0, 0, 0]
40 2500 75 [0, 0, 0, 0, 0, 0]
530 300 450 [0, 0, 0, 0, 0, 0]
37 5 14 0
40 130 9 0
33 30 40 0
END

# Rows of a packed weight, and of two tensors, go in steps of several: any number of them has the bits of one row alone, whether outputs fill panels or not.
cat >rows.ml <<'END'
model Layer(In, Out) {
    param weight: f32[Out, In] ~ uniform(-1, 1)
    param bias: f32[Out] ~ uniform(-1, 1)
    fn call(x: f32[T, In]) -> f32[T, Out] = x @ weight.T + bias
}
fn layer(net: Layer(In, Out), x: f32[T, In]) -> f32[T, Out] = net(x)
fn plain(x: f32[T, K], w: f32[K, N]) -> f32[T, N] = x @ w
fn turned(x: f32[T, K], w: f32[N, K]) -> f32[T, N] = x @ w.T
fn wrong(all: f32[M, N], alone: f32[M, N]) -> int = count[m, n](abs(all[m, n] - alone[m, n]) > 0 or abs(all[m, n]) > 1000000)

fn rows(net: Layer(In, Out), m: int) -> int {
    let x[i: m, j: In] = f32(i * 7919 % 1000 - j * 31 % 997) / 997
    let w[j: In, n: Out] = f32(j * 613 % 911 - n * 17 % 401) / 911
    let v[n: Out, j: In] = w[j, n]
    let y = layer(net, x)
    let p = plain(x, w)
    let q = turned(x, v)
    var bad = wrong(p, q)
    for t in 0..m {
        bad = bad + wrong(y[t : t + 1], layer(net, x[t : t + 1]))
        bad = bad + wrong(p[t : t + 1], plain(x[t : t + 1], w)) + wrong(q[t : t + 1], turned(x[t : t + 1], v))
    }
    return bad
}
let a = Layer(300, 7)
let b = Layer(40, 16)
let c = Layer(270, 44)
let d = Layer(3000, 133)
END
for m in 2 3 5 6 7 8 9 11 13 20 64 69; do
    echo "print($m, rows(a, $m), rows(b, $m), rows(c, $m), rows(d, $m))" >>rows.ml
done

for cpu in native x86-64-v3; do
    "$MLC_BUILD/mlc" run --no-cache "--target-cpu=$cpu" --threads=2 blocks.ml >found || complain "$cpu: not run"
    cmp -s found expected || complain "$cpu: $(diff expected found | head -3)"
    "$MLC_BUILD/mlc" run --no-cache "--target-cpu=$cpu" --threads=2 rows.ml >found || complain "$cpu: rows not run"
    [ "$(grep -c ' 0 0 0 0$' found)" = 12 ] || complain "$cpu: rows alone differ: $(cat found)"
done

# A sum of products in a stream adds them unrounded, whether or not the factors are computed in its loop.
cat >stream.ml <<'END'
fn windowed(c: f32[K], z: f32, N: int) -> f32[N] where N >= 0 {
    let p[i: N, j: K] = softmax[j | j <= i + 3 and j >= i - 3](clip(z + f32(i) * 0, -20, 20))
    out[i] = sum[j: K](p[i, j] * c[j])
}
let c[i: 60] = sin(f32(i) * 1.7)
let o = windowed(c, 0.3, 70)
print(sum[i](i64(f64(o[i]) * 1e9) % 999983), [i64(f64(o[i]) * 1e9) for i in 0..6])
END
"$MLC_BUILD/mlc" run --no-cache stream.ml >expected 2>report || complain "a stream: $(cat report)"
"$MLC_BUILD/mlc" run --no-cache --skip-passes=hoist stream.ml >found 2>report && cmp -s expected found || complain "a stream has other bits without hoist: $(cat expected found report)"
verdict
