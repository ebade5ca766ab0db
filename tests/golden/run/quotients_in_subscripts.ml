## In a subscript a quotient of sizes is whole, in sums and products with indices, too.
fn by_head(x: f32[T, D], w: f32[H]) -> f32[T, D] {
    let y[t, h, k: D / H] = x[t, h * (D / H) + k] * w[h]
    reshape(y, T, D)
}
fn named(x: f32[T, D], H: int) -> f32[T, D] where H >= 1 {
    let d = D / H
    let y[t, h: H, k: d] = x[t, k - h * d + D - d] ?? 9
    let z[t, h: H, k: d] = sum[c: d](x[t, h * d : (h + 1) * d][c])
    reshape(y, T, D) + 100 * reshape(z, T, D)
}
let x = [[1.0, 2.0, 3.0, 4.0]]
print(by_head(x, [1.0, 10.0]))
print(named(x, 2), named(x, 1))
# > [[1.0, 2.0, 30.0, 40.0]]
# > [[303.0, 304.0, 701.0, 702.0]] [[1001.0, 1002.0, 1003.0, 1004.0]]
print(f32(1) * (3 / 2), 6 / 4 * 2)
# > 1.5 3
