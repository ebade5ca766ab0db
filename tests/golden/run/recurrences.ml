fn total(x: f32[T]) -> f32[T] {
    rec s[t] = (s[t - 1] ?? 0) + x[t]
    s
}
fn decayed(x: f32[T], start: f32) -> f32[T] {
    rec h[t] = 0.5 * (h[t - 1] ?? start) + x[t]
    h
}
fn from_the_end(x: f32[T]) -> f32[T] {
    rec g[t] = x[t] + 0.5 * (g[t + 1] ?? 0)
    g
}
fn fibonacci(n: int) -> i64[n] {
    rec f[i: n] = if i < 2 { 1 } else { f[i - 1] + f[i - 2] }
    f
}
fn paths(M: int, N: int) -> i64[M, N] {
    rec p[i: M, j: N] = if i == 0 or j == 0 { 1 } else { p[i - 1, j] + p[i, j - 1] }
    p
}
print(total([1.0, 2.0, 3.0]), decayed([1.0, 1.0, 1.0], 4), from_the_end([1.0, 2.0, 4.0]))
# > [1.0, 3.0, 6.0] [3.0, 2.5, 2.25] [3.0, 4.0, 4.0]
print(fibonacci(6), paths(3, 3))
# > [1, 1, 2, 3, 5, 8] [[1, 1, 1],
# >  [1, 2, 3],
# >  [1, 3, 6]]
fn rotation(n: int) -> (f32[n], f32[n]) {
    rec {
        a[t: n] = if t == 0 { 1 } else { -b[t - 1] }
        b[t: n] = if t == 0 { 0 } else { a[t - 1] }
    }
    (f32(a), f32(b))
}
print(rotation(5))
# > ([1.0, 0.0, -1.0, 0.0, 1.0], [0.0, 1.0, 0.0, -1.0, 0.0])

# What leaves the first place out: a choice by the place, by data, one side of `and`, the guard of a sum, `??` behind `??`.
fn runs(x: f32[T], fresh: bool[T]) -> f32[T] {
    rec y[t] = x[t] + (if fresh[t] { 0 } else { y[t - 1] })
    y
}
fn climbs(x: f32[T]) -> i64[T] {
    rec n[t: T] = if t > 0 and n[t - 1] < 2 { n[t - 1] + 1 } else { 0 }
    let y[t] = i64(n[t]) + i64(x[t])
    y
}
fn mixed(w: f32[D, D], x: f32[T, D]) -> f32[T, D] {
    rec h[t, d] = x[t, d] + sum[e | t != 0](w[d, e] * h[t - 1, e])
    h
}
fn both_ends(x: f32[T]) -> f32[T] {
    rec y[t] = x[t] + (if t + 1 == T { 0 } else { y[t + 1] }) + (y[t + 2] ?? (y[t + 1] ?? 1))
    y
}
print(runs([1.0, 2.0, 3.0, 4.0], [true, false, true, false]), climbs([0.0, 0.0, 0.0, 0.0]))
print(mixed([[0.0, 1.0], [1.0, 1.0]], [[1.0, 2.0], [0.0, 0.0], [1.0, 1.0]]), both_ends([1.0, 1.0, 1.0]))
# > [1.0, 3.0, 3.0, 7.0] [0, 1, 2, 0]
# > [[1.0, 2.0],
# >  [2.0, 3.0],
# >  [4.0, 6.0]] [8.0, 5.0, 2.0]
