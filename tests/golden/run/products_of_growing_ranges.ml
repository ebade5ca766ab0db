# Sums of products over two indices, of which one grows with the row: no blocks, whose size would have to be known at entry.
fn weighted(a: f32[M, N], h: f32[N, M]) -> f32[N, N] {
    out[j, c] = sum[m: M, u: 0..j + 1](h[c, m] * a[m, j])
}

fn attended(q: f32[K, N], a: f32[M, N], h: f32[N, M], v: f32[N, E]) -> f32[K, E] {
    let k[j: N, c: N] = sum[m: M, u: 0..j + 1](h[c, m] * a[m, j])
    let s[i: K, j: N] = sum[c: N](q[i, c] * k[j, c])
    let p[i: K, j: N] = softmax[j](s[i, j])
    out[i, e] = sum[j: N](p[i, j] * v[j, e])
}

print(weighted([[1.0, 2.0, 3.0], [0.5, -1.0, 0.25]], [[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]]))
# > [[2.0, 0.5, 2.5],
# >  [0.0, -2.0, 14.0],
# >  [10.5, 0.75, 26.25]]
print(attended([[0.125, 0.0, -0.125]], [[1.0, 2.0, 3.0], [0.5, -1.0, 0.25]], [[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]], [[1.0], [2.0], [4.0]]))
# > [[1.473]]

let many = sum(weighted(f32(ones(17, 40)), f32(ones(40, 17))))
print(i64(many) == 17 * 40 * 40 * 41 // 2)
# > true
