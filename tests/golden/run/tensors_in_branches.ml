# Tensors, recurrences and loops that only some elements of another tensor need.
let x = [[1.0, 2.0], [3.0, 4.0], [0.0, 7.0]]
fn products(x: f32[M, N], w: f32[N, N]) -> f32[M] {
    out[i] = if x[i, 0] > 1 { sum(x[i] @ w) } else { 0.0 }
}
print(products(x, [[1.0, 0.0], [0.0, 2.0]]))
# > [0.0, 11.0, 0.0]
fn decayed(x: f32[M, N]) -> f32[M] {
    out[i] = if x[i, 0] < 2 {
        rec y[t] = x[i, t] + 0.5 * (y[t - 1] ?? 0)
        y[N - 1]
    } else { -1.0 }
}
print(decayed(x))
# > [2.5, -1.0, 7.0]
fn pairs(x: f32[M, N]) -> f32[M] {
    out[i] = if x[i, 0] > 1 {
        let c = cumsum(x[i], axis: 0)
        let s[j] = c[j] * c[N - 1 - j]
        max(s) + sum(s)
    } else if x[i, 1] > 5 {
        let p = softmax(x[i], axis: 0)
        sum[a](p[a] * sum[b](p[b] * x[i, b]))
    } else { 0 }
}
print(pairs(x))
# > [0.0, 63.0, 6.994]
fn rows_of(x: f32[M, N]) -> f32[M, N] {
    out[i] = if x[i, 0] > 1 {
        let (v, _) = sort(x[i], axis: 0, descending: true)
        v
    } else { x[i] - mean(x[i]) }
}
print(rows_of(x))
# > [[-0.5, 0.5],
# >  [4.0, 3.0],
# >  [-3.5, 3.5]]
# only where the divisor is not 0, and the place is inside
fn shares(x: i32[M, N], at: i32[M]) -> i32[M] {
    out[i] = if at[i] >= 0 and at[i] < N and x[i, at[i]] != 0 {
        let q[j] = x[i, j] // x[i, at[i]]
        sum(q) + q[N - 1 - at[i]]
    } else { -1 }
}
print(shares([[1, 2], [4, 2], [0, 7]], [7, 1, 0]))
# > [-1, 5, -1]
fn any_sure(x: f32[M, N]) -> bool = any[i](x[i, 0] > 1 and max(softmax(x[i], axis: 0)) > 0.7)
fn guarded(x: f32[M, N]) -> f32 = sum[i | x[i, 0] > 1](max(softmax(x[i], axis: 0)))
print(any_sure(x), guarded(x))
# > true 0.7311
fn chained(x: f32[M, N]) -> f32[M] {
    rec y[i] = if i > 0 {
        let p = softmax(x[i] * y[i - 1], axis: 0)
        sum(p * x[i])
    } else { 1.0 }
    y
}
print(chained(x))
# > [1.0, 3.731, 7.0]
# groups, both directions and two axes, one for each row
fn grids(x: f32[M, N, N]) -> f32[M] {
    out[m] = if N > 0 {
        rec {
            a[i, j] = x[m, i, j] + (a[i - 1, j] ?? 0) + 0.5 * (b[i, j - 1] ?? 0)
            b[i, j] = a[i, j] - (b[i - 1, j] ?? 1)
        }
        rec c[i] = a[i, 0] + 2 * (c[i + 1] ?? 0)
        b[N - 1, N - 1] + c[0]
    } else { 0 }
}
print(grids([[[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [1.0, 0.0]]]))
# > [16.0, 4.0]
