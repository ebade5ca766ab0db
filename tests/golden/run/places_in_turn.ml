## Places that go round, are held at an edge, reflected or turned around: rows of all lengths beside vectors.
# long
fn round(x: f32[B, N], s: i64) -> f32[B, N] where N >= 1 { out[b, n] = x[b, (n + s) % N] }
fn round_by_pieces(x: f32[B, N], s: i64) -> f32[B, N] where N >= 1 {
    let t = s % N
    out[b, n] = if n < N - t { x[b, n + t] } else { x[b, n + t - N] }
}
fn held(x: f32[B, N], s: i64) -> f32[B, N] where N >= 1 { out[b, n] = x[b, clip(n - s, 0, N - 1)] }
fn held_by_pieces(x: f32[B, N], s: i64) -> f32[B, N] where N >= 1 {
    out[b, n] = if n - s < 0 { x[b, 0] } else if n - s >= N { x[b, N - 1] } else { x[b, n - s] }
}
fn reflected(x: f32[B, N]) -> f32[B, N] where N >= 4 { out[b, n] = x[b, N - 1 - abs(N - 1 - abs(n - 3))] }
fn reflected_by_pieces(x: f32[B, N]) -> f32[B, N] where N >= 4 { out[b, n] = if n < 3 { x[b, 3 - n] } else { x[b, n - 3] } }
fn backwards(x: f32[B, N]) -> f32[B, N] { out[b, n] = x[b, N - 1 - n] }
fn neighbours(x: f32[B, N], w: f32[3]) -> f32[B, N] where N >= 1 { out[b, n] = sum[i: 3](w[i] * x[b, (n + i + N - 1) % N]) }
fn neighbours_by_pieces(x: f32[B, N], w: f32[3]) -> f32[B, N] where N >= 1 {
    let a[b, n: N] = if n == 0 { x[b, N - 1] } else { x[b, n - 1] }
    let c[b, n: N] = if n == N - 1 { x[b, 0] } else { x[b, n + 1] }
    out[b, n] = sum[i: 3](w[i] * (if i == 0 { a[b, n] } else if i == 1 { x[b, n] } else { c[b, n] }))
}
fn differ(x: f32[B, N], y: f32[B, N]) -> i64 = count[b, n](abs(x[b, n] - y[b, n]) > 0)
fn wrong(x: f32[B, N], w: f32[3], s: i64) -> i64 where N >= 4 {
    differ(round(x, s), round_by_pieces(x, s)) + differ(held(x, s), held_by_pieces(x, s)) + differ(reflected(x), reflected_by_pieces(x)) +
        differ(backwards(backwards(x)), x) + differ(neighbours(x, w), neighbours_by_pieces(x, w))
}
fn all(x: f32[B, N]) -> i64 where N >= 4 = wrong(x, [0.5, 2, -1], 3) + wrong(x, [0.5, 2, -1], 40) + wrong(x, [0.5, 2, -1], -5)
let x[b: 2, i: 80] = f32((i * i + 7 * b) % 17 + i)
print(all(x[:, :4]), all(x[:, :7]), all(x[:, :8]), all(x[:, :15]), all(x[:, :16]), all(x[:, :17]), all(x[:, :20]), all(x[:, :28]))
# > 0 0 0 0 0 0 0 0
print(all(x[:, 1:32]), all(x[:, 1:33]), all(x[:, 1:34]), all(x[:, 1:48]), all(x[:, 1:49]), all(x[:, 1:51]), all(x[:, 1:65]), all(x[:, 1:80]))
# > 0 0 0 0 0 0 0 0
