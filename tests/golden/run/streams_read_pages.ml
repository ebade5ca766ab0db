# Keys and values by a table of pages: what a contiguous cache gives, for one row and for many, and a page that is none is a failure where a row asks for it.
fn plain(q: f32[B, H, T, D], k: f32[B, G, S, D], v: f32[B, G, S, D], len: i32[B]) -> f32[B, H, T, D] {
    let s[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h // (H // G), j, d])
    let p[b, h, i, j] = softmax[j | j < len[b] and j <= i + len[b] - T](s[b, h, i, j])
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h // (H // G), j, d])
}
fn paged(q: f32[B, H, T, D], kc: f32[P, X, G, D], vc: f32[P, X, G, D], table: i32[B, N], len: i32[B]) -> f32[B, H, T, D] {
    let p[b, h, i, j: N * X] = softmax[j | j < len[b] and j <= i + len[b] - T](sum[d](q[b, h, i, d] * kc[table[b, j // X], j % X, h // (H // G), d]))
    out[b, h, i, d] = sum[j | j < len[b] and j <= i + len[b] - T](p[b, h, i, j] * vc[table[b, j // X], j % X, h // (H // G), d])
}
## Pages of 16, those of a layer, values made of what is stored.
fn layer(q: f32[T, D], kc: f16[L, P, 16, D], vc: bf16[L, P, 16, D], table: i64[N], l: int, len: int) -> f32[T, D] {
    let p[i, j: 16 * N] = softmax[j | j < len](sum[d](q[i, d] * f32(kc[l, table[j // 16], j % 16, d])))
    out[i, d] = sum[j | j < len](p[i, j] * silu(f32(vc[l, table[j // 16], j % 16, d])))
}
fn layer_of(q: f32[T, D], k: f16[S, D], v: bf16[S, D], len: int) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * f32(k[j, d]))
    let p[i, j] = softmax[j | j < len](s[i, j])
    out[i, d] = sum[j](p[i, j] * silu(f32(v[j, d])))
}
## A slot for each word, computed.
fn slots(q: f32[T, D], kc: f32[R, D], vc: f32[R, D], slot: i32[S]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * kc[slot[j] * 2 + 1, d])
    let p[i, j] = softmax[j](s[i, j])
    out[i, d] = sum[j](p[i, j] * vc[slot[j] * 2 + 1, d])
}
fn slots_of(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j](s[i, j])
    out[i, d] = sum[j](p[i, j] * v[j, d])
}

fn weight(a: int, b: int) -> f32 = sin(f32(a * 7 + b * 13) / 5)
fn differ(rows: int) -> f32 {
    let q[b: 2, h: 4, i: rows, d: 17] = weight(b + 3 * h + i, d)
    let kc[p: 45, x: 16, g: 2, d: 17] = weight(p * 16 + x + g, d + 1)
    let vc[p: 45, x: 16, g: 2, d: 17] = weight(p + x * 5 + g, d * 3)
    let len = i32([333, 290])
    let table[b: 2, n: 25] = if n * 16 < int(len[b]) { i32((n * 17 + b * 11) % 45) } else { i32(-7) }
    let k[b: 2, g: 2, j: 400, d: 17] = if j < int(len[b]) { kc[(j // 16 * 17 + b * 11) % 45, j % 16, g, d] } else { 0 }
    let v[b: 2, g: 2, j: 400, d: 17] = if j < int(len[b]) { vc[(j // 16 * 17 + b * 11) % 45, j % 16, g, d] } else { 0 }
    let a = paged(q, kc, vc, table, len)
    let c = plain(q, k, v, len)
    let lk[l: 2, p: 45, x: 16, d: 17] = f16(kc[p, x, l, d])
    let lv[l: 2, p: 45, x: 16, d: 17] = bf16(vc[p, x, l, d])
    let one[i: rows, d: 17] = q[0, 0, i, d]
    let pages[n: 25] = if n < 21 { n * 17 % 45 } else { 45 }
    let k1[j: 400, d: 17] = if j < 333 { lk[1, j // 16 * 17 % 45, j % 16, d] } else { f16(0) }
    let v1[j: 400, d: 17] = if j < 333 { lv[1, j // 16 * 17 % 45, j % 16, d] } else { bf16(0) }
    let e = layer(one, lk, lv, pages, 1, 333)
    let f = layer_of(one, k1, v1, 333)
    let at[j: 300] = i32(j * 31 % 350)
    let flat[r: 720, d: 17] = kc[r // 16, r % 16, 0, d]
    let k2[j: 300, d: 17] = flat[j * 31 % 350 * 2 + 1, d]
    let s1 = slots(one, flat, flat, at)
    let s2 = slots_of(one, k2, k2)
    max[b, h, i, d](abs(a[b, h, i, d] - c[b, h, i, d])) + max[i, d](abs(e[i, d] - f[i, d]) + abs(s1[i, d] - s2[i, d]))
}
let none: f32[2, 4, 3, 0] = 0
let nothing: f32[45, 16, 2, 0] = 0
let no_pages: f32[0, 16, 2, 17] = 0
let q: f32[1, 4, 9, 17] = 1
print(differ(1), differ(2), differ(5), differ(35))
print(len(paged(none, nothing, nothing, i32([[99], [99]]), i32([16, 16]))), paged(q, no_pages, no_pages, i32([[3]]), i32([0]))[0, 0, 0, 0])
let few[p: 3, x: 16, g: 2, d: 17] = f32(p)
print(paged(q, few, few, i32([[2, 1, 3]]), i32([32]))[0, 0, 0, 0])
print(paged(q, few, few, i32([[2, 1, 3]]), i32([33]))[0, 0, 0, 0])
# long
# > 0.0 0.0 0.0 0.0
# > 2 0.0
# > 2.0
# status: 1
# stderr: streams_read_pages.ml:8:106: error[E0701]: subscript 3 is outside an axis of size 3
