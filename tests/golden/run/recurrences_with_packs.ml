## '..' in recurrences: whatever axes stand in front.
fn logcumsum(x: float[.., D]) -> float[.., D] {
    rec y[.., d] = logsum(x[.., d], y[.., d - 1] ?? -inf)
    y
}
@elementwise fn logsum(a: float, b: float) -> float = max(a, b) + log1p(exp(-abs(a - b)))
fn both(a: float[.., T], x: float[.., T, K]) -> (float[.., T, K], float[.., T]) {
    rec {
        s[.., t, k] = a[.., t] * (s[.., t - 1, k] ?? 0) + x[.., t, k] + (n[.., t - 1] ?? 0)
        n[.., t] = (n[.., t - 1] ?? 0) + s[.., t, 0]
    }
    (s, n)
}
fn back(x: float[.., T]) -> float[.., T] {
    rec y[.., t] = x[.., t] + 0.5 * (y[.., t + 1] ?? 0)
    y
}
let x[i: 2, j: 3] = f64(3 * i + j)
print(logcumsum(x[0]))
# > [0.0, 1.313, 2.408]
print(logcumsum(x))
# > [[0.0, 1.313, 2.408],
# >  [3.0, 4.313, 5.408]]
print(back(x[0]), back(x))
# > [1.0, 2.0, 2.0] [[1.0, 2.0, 2.0],
# >  [6.25, 6.5, 5.0]]
let z[i: 2, j: 2, t: 3, k: 2] = f32(i + j + t * k)
print(both(x[0], x[:, 0:3].T))
# > ([[0.0, 3.0],
# >  [1.0, 7.0],
# >  [5.0, 20.0]], [0.0, 1.0, 6.0])
print(both(z[:, :, :, 1], z))
# > ([[[[0.0, 0.0],
# >    [0.0, 1.0],
# >    [0.0, 4.0]],
# >   [[1.0, 1.0],
# >    [4.0, 5.0],
# >    [18.0, 23.0]]],
# >  [[[1.0, 1.0],
# >    [4.0, 5.0],
# >    [18.0, 23.0]],
# >   [[2.0, 2.0],
# >    [10.0, 11.0],
# >    [54.0, 60.0]]]], [[[0.0, 0.0, 0.0],
# >   [1.0, 5.0, 23.0]],
# >  [[1.0, 5.0, 23.0],
# >   [2.0, 12.0, 66.0]]])
