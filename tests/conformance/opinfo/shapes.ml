## Moving elements about.

fn flip(x: num[.., N]) -> num[.., N] {
    out[.., i] = x[.., N - 1 - i]
}
fn roll(x: num[.., N], by: int) -> num[.., N] {
    out[.., i] = x[.., (i - by) % N]
}
## The last axis `times` over.
fn tile(x: num[.., N], times: int) -> num[.., times * N] {
    out[.., i] = x[.., i % N]
}
fn tril(x: num[.., M, N], k: int) -> num[.., M, N] {
    out[.., i, j] = if j - i <= k { x[.., i, j] } else { 0 }
}
fn triu(x: num[.., M, N], k: int) -> num[.., M, N] {
    out[.., i, j] = if j - i >= k { x[.., i, j] } else { 0 }
}
