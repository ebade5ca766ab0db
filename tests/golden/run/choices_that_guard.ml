# What is the operator's identity under a condition is left out: the same values where the rest has infinities and NaN, over nothing, and under a guard of its own whose condition may fail.
fn sums(x: f32[N, M]) -> f32[N] {
    out[i] = sum[j](if j <= i { x[i, j] } else { 0.0 })
}
fn products(x: i32[N, M]) -> i32[N] {
    out[i] = prod[j](if i < j { x[i, j] } else { 1 })
}
fn largest(x: f32[N, M]) -> f32[N] {
    out[i] = max[j](if j < i { x[i, j] } else { -inf })
}
fn some(x: f32[N, M], at: i32[M]) -> f32[N] {
    out[i] = sum[j | at[j] < N](if x[at[j], j] > -18.0 and j <= i { x[i, j] } else { 0.0 })
}
fn every(x: f32[N, M]) -> bool[N] {
    out[i] = all[j](if j == i { x[i, j] > -15.0 } else { true })
}
let z = 0.0
let x[i: 4, j: 50] = if i == 1 and j == 40 { 1.0 / z } else if i == 2 and j == 1 { 0.0 / z } else { f32(i + 2 * j) - 20.0 }
print(sums(x))
print(products([[1, 2, 3], [4, 5, 6], [7, 8, 9]]))
print(largest(x))
let at[j: 50] = i32(j) // 10
print(some(x, at))
print(every(x))
# > [-20.0, -36.0, nan, -56.0]
# > [6, 6, 1]
# > [-inf, -19.0, nan, -13.0]
# > [0.0, 0.0, -14.0, -24.0]
# > [false, false, true, true]
