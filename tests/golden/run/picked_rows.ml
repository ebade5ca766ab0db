# status: 1
# stderr: subscript 37 is outside an axis of size 37
# One element of each row of what is reduced along the rows: the others are not computed, and nothing else changes.
fn wave(n: int, m: int) -> f32[n, m] {
    out[i, j] = f32(sin(1.7 * i + 0.9 * j + 0.03 * i * j))
}
fn nll(z: f32[T, V], y: i32[T]) -> f32 {
    let lp[t, v] = log_softmax[v](z[t, v])
    mean[t](-lp[t, y[t]])
}
fn each(z: f32[T, V], y: i32[T]) -> f32[T] {
    let lp[t, v] = log_softmax[v](z[t, v])
    out[t] = lp[t, y[t]] + 0.5 * lp[t, t % V]
}
fn masked(z: f32[T, V], y: i32[T], len: int) -> f32 {
    let lp[t, v] = log_softmax[v](z[t, v])
    sum[t | t < len](lp[t, y[t]])
}
fn looked_up(z: f32[T, V], at: i32[N], y: i32[N]) -> f32 {
    let c[t, v] = z[t, v] / sum[u](z[t, u] * z[t, u])
    sum[n](c[at[n], y[n]])
}
fn diagonal(z: f32[T, V]) -> f32 where V >= T {
    let c[t, v] = z[t, v] / sum[u](z[t, u] * z[t, u])
    sum[t](c[t, t]) + sum[t](c[t, T - 1 - t])
}
let z = wave(5, 37)
let y: i32[5] = [3, 36, 0, 11, 20]
print(nll(z, y))
print(each(z, y))
print(masked(z, [3, 36, 0, 99, -1], 3))
print(looked_up(z, [4, 4, 0], y[:3]))
print(diagonal(z))
print(nll(z[:0], y[:0]))
print(nll(z, [3, 36, 0, 37, 20]))
# > 3.81
# > [-5.368, -6.14, -6.36, -5.588, -5.387]
# > -11.94
# > -0.04696
# > -0.1259
# > 0.0
