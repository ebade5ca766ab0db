# Tensors that become functions of their own rows, and what only looks like it: a row from behind, another row, the old one read again.
fn gated(a: f32[T, D], w: f32[D, D]) -> f32[T, D] {
    var x = a @ w
    x = softmax(x, axis: -1)
    let m = mean(x ^ 2, axis: -1)
    let y[t, d] = x[t, d] / sqrt(m[t] + 0.5)
    y
}
fn backwards(a: f32[T, D], w: f32[D, D]) -> f32[T, D] {
    let x = tanh(a @ w)
    let y[t, d: D] = x[t, D - 1 - d] / sum[j](x[t, j] * x[t, j])
    y
}
fn lower(a: f32[T, D], w: f32[D, D]) -> f32[T, D] {
    let x = tanh(a @ w)
    let y[t: T, d] = x[T - 1 - t, d] / sum[j](x[t, j] * x[t, j])
    y
}
fn again(a: f32[T, D], w: f32[D, D]) -> f32[T, D] {
    let x = tanh(a @ w)
    softmax(x, axis: -1) @ w + x
}
fn repeated(var x: f32[T, D], n: int) { for _ in 0..n { x = softmax(3 * x, axis: -1) } }

let a: f32[5, 19] = [[f32((7 * t + 3 * d) % 11) / 8 - 0.6 for d in 0..19] for t in 0..5]
let w: f32[19, 19] = [[f32((5 * i + 2 * j) % 13) / 16 - 0.4 for j in 0..19] for i in 0..19]
var x = a
repeated(var x, 3)
fn shown(x: f32[T, D]) -> f32[3] = [x[0, 0], x[T - 1, D - 1], sum[t, d](x[t, d] * f32(t + d))]
print(shown(gated(a, w)))
print(shown(backwards(a, w)))
print(shown(lower(a, w)))
print(shown(again(a, w)))
print(shown(x))
# > [0.1249, 0.1034, 77.49]
# > [0.1372, 0.02154, -12.54]
# > [0.01984, 0.149, -12.23]
# > [0.4495, 0.3412, -46.6]
# > [0.05139, 0.05189, 55.01]
