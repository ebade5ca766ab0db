# What may fail stays in its branch.
fn half(x: f32[N], d: i32) -> f32[N] = x * f32(100 // d)
fn blocks(x: f32[N], d: i32) -> f32[N] {
    out[i] = if d != 0 { let q = 100 // d; x[i] * f32(q) } else { 0 }
}
fn calls(x: f32[N], d: i32[M]) -> f32[M] {
    out[j] = if d[j] != 0 { half(x, d[j])[0] } else { -1 }
}
fn pick(x: f32[N], at: int) -> f32[N] {
    out[i] = if at < N and at >= 0 { let y = x[at]; y * 2 + x[i] } else { x[i] }
}
fn slices(x: f32[N, D], at: int) -> f32[N] {
    out[i] = if at < N and at >= 0 { let y = x[at]; sum[d](y[d] * x[i, d]) } else { 0 }
}
fn max_of(x: f32[N], d: i32) -> f32 {
    if d != 0 { max[i](x[i] * f32(100 // d)) } else { 0 }
}
fn quotient(d: i32) -> i32 = 100 // d
fn thing(x: f32[N], d: i32) -> f32 = sum[i](x[i]) * f32(100 // d)
fn when(x: f32[N], d: i32) -> f32 {
    if d != 0 and quotient(d) > 3 { x[0] } else { -1 }
}
fn element(x: f32[N], k: i32[M]) -> f32[M] {
    out[i] = sum[j | k[i] != 0](x[j] * f32(quotient(k[i])))
}
fn element2(x: f32[N], k: i32[M]) -> f32[M] {
    out[i] = max[j](if k[i] != 0 { x[j] * f32(quotient(k[i])) + thing(x, k[i]) } else { x[j] })
}
fn both(x: f32[N], k: i32[M]) -> bool[M] {
    out[i] = k[i] != 0 and quotient(k[i]) > 3 and thing(x, k[i]) > 0
}
print(blocks([1.0, 2.0], 0), blocks([1.0, 2.0], 5))
print(calls([1.0, 2.0], i32([0, 4])))
print(pick([1.0, 2.0], 7), pick([1.0, 2.0], 1))
print(slices([[1.0, 2.0], [3.0, 4.0]], 5), slices([[1.0, 2.0], [3.0, 4.0]], 1))
print(max_of([1.0, 2.0], 0), max_of([1.0, 2.0], 10))
print(when([1.0, 2.0], 0), when([1.0, 2.0], 50), when([1.0, 2.0], 5))
print(element([1.0, 2.0], i32([0, 4])))
print(element2([1.0, 2.0], i32([0, 4])))
print(both([1.0, 2.0], i32([0, 4])))
# > [0.0, 0.0] [20.0, 40.0]
# > [-1.0, 25.0]
# > [1.0, 2.0] [5.0, 6.0]
# > [0.0, 0.0] [11.0, 25.0]
# > 0.0 20.0
# > -1.0 -1.0 1.0
# > [0.0, 75.0]
# > [2.0, 125.0]
# > [false, true]
