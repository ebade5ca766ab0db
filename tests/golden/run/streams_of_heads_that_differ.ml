## Guards that differ by head: windows of some heads, of each, of none; keys of four heads each, of which the last group may lack some; many rows (tiles of one
## head each) and few. A row alone has the bits of the row among others, a head alone those of the head in its group.
fn some(q: f32[H, T, D], k: f32[(H + 3) // 4, S, D], v: f32[(H + 3) // 4, S, D], after: int) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // 4, j, d])
    let p[h, i, j] = softmax[j | j <= i + after and (h % 2 == 0 or i + after - j < 50)](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // 4, j, d])
}
fn said(q: f32[H, T, D], k: f32[(H + 3) // 4, S, D], v: f32[(H + 3) // 4, S, D], local: bool[H], w: int) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // 4, j, d])
    let p[h, i, j] = softmax[j | if not local[h] { j <= i } else { i - j < w and (h > 0 or j >= 3) and j <= i }](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // 4, j, d])
}
fn each(q: f32[H, T, D], k: f32[(H + 3) // 4, S, D], v: f32[(H + 3) // 4, S, D], w: i32[H]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // 4, j, d])
    let p[h, i, j] = softmax[j | abs(i - j) <= int(w[h])](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // 4, j, d])
}
fn wrapping(q: f32[H, T, D], k: f32[(H + 3) // 4, S, D], v: f32[(H + 3) // 4, S, D], w: i32[H]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // 4, j, d])
    let p[h, i, j] = softmax[j | j <= i and j > i32(i) - w[h]](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // 4, j, d])
}
## Bounds that fall with the row; a choice of a choice.
fn falling(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], n: int[H]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j | (n[h] > 4 or (if h == 1 { i + j >= n[h] } else { i + j < 300 + n[h] })) and j != 7](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}

let q[h: 6, i: 300, d: 3] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[g: 2, j: 300, d: 3] = f32((g * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let v[g: 2, j: 300, d: 3] = f32((g * 5 + d * 13 + j * 7) % 19) / 9.0 - 1.0
let local = [true, false, false, true, true, false]
let w: i32[6] = [0, 3, 400, 70, -5, 128]
let a = some(q, k, v, 0)
print(a[:, 299, 0], sum[h, i, d](a[h, i, d] * f32((h + i) % 7)))
let row = some(q[:, 299:], k, v, 299)
let head = some(q[:1], k[:1], v[:1], 0)
print(max[h, d](abs(row[h, 0, d] - a[h, 299, d])), max[i, d](abs(head[0, i, d] - a[0, i, d])))
let b = said(q, k, v, local, 100)
print(b[:, 299, 0], sum[h, i, d](b[h, i, d] * f32((h + i) % 7)))
print(said(q[:, :3], k, v, local, 2)[:, :, 1])
let c = each(q, k, v, w)
print(c[:, 299, 0], c[:, 0, 0], sum[h, i, d](c[h, i, d] * f32((h + i) % 7)))
let e = wrapping(q, k, v, w)
print(e[:, 299, 0], e[:, 0, 0], sum[h, i, d](e[h, i, d] * f32((h + i) % 7)))
let m: f32[2, 300, 3] = q[2:4]
let f = falling(q[:2], m, m, [3, 4])
let g = falling(q[:2], m, m, [5, 4])
print(f[:, 299, 0], f[:, 0, 0], sum(f), sum(g))
# long
# > [-0.004326, -0.005799, -0.0008569, -0.01909, -0.001564, -0.02984] -54.92
# > 0.0 0.0
# > [0.01174, -0.003215, -0.0008569, -0.0083, 0.00763, -0.00637] -41.64
# > [[0.0, 0.0, 0.0],
# >  [0.4444, -0.3323, -0.2598],
# >  [0.4444, -0.3179, -0.09996],
# >  [0.4444, -0.1339, -0.5237],
# >  [1.0, 0.2669, -0.1965],
# >  [1.0, 0.2816, 0.3982]]
# > [-0.6667, -0.181, -0.0008569, 0.003306, 0.0, -0.03178] [-1.0, -0.3611, -0.0008569, -0.01186, 0.0, 0.005738] 0.3767
# > [0.0, -0.02456, -0.0008569, 0.007519, 0.0, -0.02731] [0.0, -1.0, -1.0, -1.0, 0.0, -0.4444] -36.43
# > [-0.6536, -0.02496] [-0.4389, -0.02512] 266.0 259.7
