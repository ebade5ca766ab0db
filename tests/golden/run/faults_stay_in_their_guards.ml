# What may fail is computed only where its condition holds, though it does not depend on the index of the condition.
fn guarded(d: i32, x: f32[N]) -> f32 = sum[i | d != 0](x[i] * f32(100 // d))
fn reduced(d: i32, x: f32[N], y: f32[M]) -> f32 = sum[i | d != 0](x[i] * sum[k](y[k] * f32(100 // d)))
fn ratio(d: i32, x: f32[N], y: i32[M]) -> f32 = sum[i | d != 0](x[i] * f32(sum[k](y[k] // d)))
fn looked_up(x: f32[N], n: i32[M], at: int) -> f32[M] {
    out[j] = sum[i: N | at < N](x[at] * f32(i * n[j]))
}
fn looked_up_inside(x: f32[N], n: i32[M], at: int) -> f32[M] {
    out[j] = sum[i: N | at < N](max[k: 3](x[at] * f32(k)) * f32(i * n[j]))
}
fn chosen(d: i32, x: f32[N]) -> f32[N] {
    out[i] = if d == 0 { x[i] } else { x[i] * f32(100 // d) }
}
fn in_rows(d: i32[K], x: f32[N]) -> f32[K] {
    out[k] = max[i | d[k] != 0](x[i] + sum[j](x[j] * f32(100 // d[k])))
}
print(guarded(0, [1.0, 2.0]), guarded(50, [1.0, 2.0]))
print(reduced(0, [1.0, 2.0], [1.0, 3.0]), reduced(50, [1.0, 2.0], [1.0, 3.0]))
let (y, _) = sort(i32([30, 20]))
print(ratio(0, [1.0, 2.0], y), ratio(10, [1.0, 2.0], y))
print(looked_up([1.0, 2.0], i32([1, 2, 3]), 5), looked_up([1.0, 2.0], i32([1, 2, 3]), 1))
print(looked_up_inside([1.0, 2.0], i32([1, 2, 3]), 5), looked_up_inside([1.0, 2.0], i32([1, 2, 3]), 1))
print(chosen(0, [1.0, 2.0]), chosen(25, [1.0, 2.0]))
print(in_rows(i32([0, 5, 0]), [1.0, 2.0, 3.0]))
# > 0.0 6.0
# > 0.0 24.0
# > 0.0 15.0
# > [0.0, 0.0, 0.0] [2.0, 4.0, 6.0]
# > [0.0, 0.0, 0.0] [4.0, 8.0, 12.0]
# > [1.0, 2.0] [4.0, 8.0]
# > [-inf, 123.0, -inf]
