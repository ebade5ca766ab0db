# A place that is looked for among values made of a sum, added within another sum over the same axis: no stream holds both.
fn f(x: f32[N, M], b: f32[7]) -> f32[M] {
    let o[i] = sum[j](x[j, i])
    let t[i, j: N] = f32(argmin[k: M](abs(o[i] - f32(k)))) + b[j % 7]
    out[i] = sum[j](t[i, j])
}
let x[j: 50, i: 4] = f32((j * 7 + i * 3) % 11) * 0.01
let b[k: 7] = f32(k) * 0.25
print(f(x, b))
# > [136.8, 186.8, 186.8, 136.8]
