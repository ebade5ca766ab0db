## A softmax over the rows of scores, where what is mixed differs by row and not by place: there is one place.
fn f(q: f32[B, T, D], k: f32[B, S, D], v: f32[B, S, D], len: i32[B], ok: bool[T, S], w: int) -> f32[B, T, D] where S >= 1, D >= 1 {
    let turned[b, j: S, d] = v[b, (j + 2) % S, d]
    let s[b, i, j] = sum[d](q[b, i, d] * k[b, j, d])
    let p[b, i, j] = softmax[i | j == w - len[b] - j and ok[i, j]](s[b, i, j])
    out[b, i, d] = sum[j](p[b, i, j] * turned[b, j, d])
}
let q[b: 2, i: 33, d: 1] = f32((b * 7 + i * 5) % 11) / 8.0
let k[b: 2, j: 1, d: 1] = f32(b + 1)
let v[b: 2, j: 1, d: 1] = f32(b * 3 + 2)
let ok[i: 33, j: 1] = i * 5 % 7 < 4
let y = f(q, k, v, i32([3, 2]), ok, 3)
print(sum[i](y[0, i, 0]), sum[i](y[1, i, 0]), y[0, 0, 0])
# > 2.0 0.0 0.05126
