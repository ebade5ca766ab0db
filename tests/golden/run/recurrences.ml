# Equations that read their own elements, alone and in a group; a function of a row at an index.
# > [1.0, -1.5, 2.75, 1.625]
# > [0.75, 1.5, 3.0, 6.0]
# > [1.0, 1.0, 3.0, 10.0]
# > [[1, 1, 1, 1],
# >  [1, 2, 3, 4],
# >  [1, 3, 6, 10]]
# > [10.0, 1.0]
let x = [1.0, -2.0, 3.5, 0.25]
fn decayed(x: f32[N]; decay = 0.5) -> f32[N] {
    rec h[i] = decay * (h[i - 1] ?? 0) + x[i]
    h
}
fn later(x: f32[N]) -> f32[N] {
    rec h[i] = 0.5 * (h[i + 1] ?? 12) + 0 * x[i]
    h
}
fn pair(n: int) -> f32[n] {
    rec {
        a[i: n] = if i == 0 { 1.0 } else { (b[i - 1] ?? 0) + i }
        b[i: n] = a[i] * i + (b[i - 1] ?? 0)
    }
    a
}
fn pascal(n: int, m: int) -> i64[n, m] {
    rec c[i: n, j: m] = if i == 0 or j == 0 { 1 } else { (c[i - 1, j] ?? 0) + (c[i, j - 1] ?? 0) }
    c
}
fn best(row: f32[N]) -> f32 {
    var m = row[0]
    for i in 1..N { if row[i] > m { m = row[i] } }
    m
}
fn all_best(x: f32[B, N]) -> f32[B] where N >= 1 { out[b] = best(x[b]) }
print(decayed(x))
print(later(x))
print(pair(4))
print(pascal(3, 4))
print(all_best([[1.0, 10.0, 2.0], [1.0, 0.0, -1.0]]))
