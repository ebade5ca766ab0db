## What lies across the lanes is read for several places at once: transposed tensors of all sizes beside vectors.
fn turned(x: f32[M, N]) -> f32[N, M] { out[i, j] = x[j, i] }
fn doubles(x: f64[M, N]) -> f64[N, M] { out[i, j] = x[j, i] }
fn halves(x: f16[M, N]) -> f16[N, M] { out[i, j] = x[j, i] * 2 }
fn bytes(x: i8[M, N]) -> i8[N, M] { out[i, j] = x[j, i] }
fn both(x: f32[M, N], y: f32[N, M], b: f32[M]) -> f32[N, M] { out[i, j] = x[j, i] * y[i, j] + b[j] }
fn last(x: f32[B, C, H, W]) -> f32[B, H, W, C] { out[n, y, z: W, c] = x[n, c, y, z] }
fn first(x: f32[B, H, W, C]) -> f32[B, C, H, W] { out[n, c, y, z] = x[n, y, z, c] }
fn moved(x: f32[M, N]) -> f32[N, M] { out[i, j] = x[M - 1 - j, i] }

## How far a sum that tells places apart is from the same of what was turned.
fn off(x: f32[M, N]) -> f64 {
    let y = turned(x)
    let d = doubles(f64(x))
    let h = halves(f16(x))
    let k = bytes(i8(x))
    let p = both(x, y, x[:, 0])
    let m = moved(x)
    sum[i: N, j: M](abs(f64(y[i, j] - x[j, i])) + abs(d[i, j] - f64(x[j, i])) + abs(f64(h[i, j]) - 2 * f64(x[j, i])) + abs(f64(k[i, j]) - f64(x[j, i]))
        + abs(f64(p[i, j]) - f64(x[j, i]) ^ 2 - f64(x[j, 0])) + abs(f64(m[i, j] - x[M - 1 - j, i])))
}
let x[i: 70, j: 70] = f32((i * 31 + j * 7) % 23 - 11)
print(off(x), off(x[:, :1]), off(x[:1]), off(x[:16, :16]), off(x[:17, :3]), off(x[:3, :17]), off(x[:15, :33]), off(x[:64, 1:50]), off(x[3:35, :47]))
# > 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
let z[n: 2, c: 5, h: 6, w: 19] = f32(n + 3 * c + 7 * h + 11 * w)
let u = first(last(z))
print(max[n: 2, c: 5, h: 6, w: 19](abs(u[n, c, h, w] - z[n, c, h, w])), last(z)[1, 5, 18, 4], i64(sum(last(z))))
# > 0.0 246.0 140220
