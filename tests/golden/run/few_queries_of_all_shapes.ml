# A few queries, whose keys are transposed as they are read, attend as they do among many: keys that end inside of a vector, fewer keys
# than a vector has lanes, a last block with a few, sizes of heads that no step divides.
# long
fn attend(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let p[i, j] = softmax[j](s[i, j])
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
# Whether rows are those among twelve, and a number of the result; S keys, heads of size D.
fn compare(keys: f32[S], size: f32[D]) -> f32[2] {
    let q[i: 12, d: D] = f32((d * 3 + i * 5) % 23) * 0.1 - 1.0
    let k[j: S, d: D] = f32((d * 13 + j * 2) % 17) / 9.0 - 1.0
    let v[j: S, d: D] = f32((d * 13 + j * 7) % 19) / 9.0 - 1.0
    let all = attend(q, k, v)
    let one = attend(q[:1], k, v)
    let two = attend(q[:2], k, v)
    let three = attend(q[:3], k, v)
    let seven = attend(q[:7], k, v)
    let off[i: 7, d: D] = abs(all[i, d] - seven[i, d]) + abs(all[i % 3, d] - three[i % 3, d]) + abs(all[i % 2, d] - two[i % 2, d]) + abs(all[0, d] - one[0, d])
    let most = max[i, d](off[i, d])
    [if most < 1e-6 { 1.0 } else { most }, sum[d: D](all[0, d] * f32(d + 1))]
}
let a[i: 3] = 0.0
let b[i: 8] = 0.0
let c[i: 13] = 0.0
let d[i: 64] = 0.0
let k1[j: 1] = 0.0
print(compare(k1, a), compare(k1, c), compare(k1, d))
let k5[j: 5] = 0.0
print(compare(k5, b), compare(k5, c))
let k16[j: 16] = 0.0
print(compare(k16, a), compare(k16, d))
let k35[j: 35] = 0.0
print(compare(k35, a), compare(k35, b), compare(k35, c), compare(k35, d))
let k261[j: 261] = 0.0
print(compare(k261, a), compare(k261, b), compare(k261, c), compare(k261, d))
let k300[j: 300] = 0.0
print(compare(k300, b), compare(k300, c))
# > [1.0, -0.7778] [1.0, -6.333] [1.0, -64.67]
# > [1.0, 0.769] [1.0, 8.689]
# > [1.0, -0.1283] [1.0, -5.433]
# > [1.0, -0.1046] [1.0, 0.03976] [1.0, 1.826] [1.0, -1.087]
# > [1.0, -0.03238] [1.0, 0.01652] [1.0, 0.2757] [1.0, -0.6977]
# > [1.0, -0.05982] [1.0, 0.05886]
