## Guards that are computed for each pair (points within a radius, a layer between two features), also where they and the scores share what is computed; and what lies
## a row apart for each place (features of heads last, a decay of each). 300 places: blocks, and a rest.
fn within(p: f32[N, 3], x: f32[N, D], w: f32[3], r: f32) -> f32[N, D] {
    let d2[i, j] = sum[c]((p[i, c] - p[j, c]) ^ 2)
    let a[i, j] = softmax[j | d2[i, j] <= r * r](sum[c](w[c] * (p[i, c] - p[j, c])))
    out[i, d] = sum[j](a[i, j] * x[j, d])
}
## The distance is guard and score; no point is its own neighbour, so some have none.
fn nearest(p: f32[N, 3], x: f32[N, D], r: f32) -> (f32[N, D], f32[N], i64[N]) {
    let d2[i, j] = sum[c]((p[i, c] - p[j, c]) ^ 2)
    let a[i, j] = softmax[j | i != j and exp(-d2[i, j]) > r](-d2[i, j])
    let o[i, d] = sum[j](a[i, j] * x[j, d])
    let best[i] = max[j | i != j and exp(-d2[i, j]) > r](-d2[i, j])
    let n[i] = count[j: N](i != j and exp(-d2[i, j]) > r)
    (o, best, n)
}
## Heads last: what each place has lies a row apart, and the guard is one of pairs that are looked up.
fn graph(x: f32[N, H, D], l: f32[N, H], r: f32[N, H], near: bool[N, N]) -> f32[N, H, D] {
    let a[h, i, j] = softmax[j | near[i, j]](leaky_relu(l[i, h] + r[j, h], 0.2))
    out[i, h, d] = sum[j](a[h, i, j] * x[j, h, d])
}
fn gated(q: f32[N, H, D], k: f32[N, H, D], c: f32[N, H], e: i32[N, H]) -> f32[N, H, D] {
    let a[h, i, j] = softmax[j | j <= i and e[j, h] != 2](sum[d](q[i, h, d] * k[j, h, d]) + c[i, h] - c[j, h])
    out[i, h, d] = sum[j](a[h, i, j] * k[j, h, d])
}
## The expert that a layer chooses for each token: tokens see those of their expert.
fn routed(x: f32[T, D], w: f32[D, E]) -> f32[T, D] {
    let e[t] = argmax[n: E](sum[d](x[t, d] * w[d, n]))
    let p[i, j] = softmax[j | e[i] == e[j] and j <= i](sum[d](x[i, d] * x[j, d]))
    out[i, d] = sum[j](p[i, j] * x[j, d])
}
## Dropout behind a softmax with a guard: a choice in a choice, of scores that are products.
fn dropped(q: f32[H, N, D], k: f32[H, N, D], keep: bool[N, N]) -> f32[H, N, D] {
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let w[h, i, j] = if keep[i, j] { p[h, i, j] / 0.9 } else { 0.0 }
    out[h, i, d] = sum[j](w[h, i, j] * k[h, j, d])
}

let p[n: 300, c: 3] = f32((n * 7 + c * 5 + n * n % 11) % 23) * 0.1
let x[n: 300, d: 5] = f32((n * 5 + d * 13) % 17) / 9.0 - 1.0
let y[n: 300, h: 3, d: 4] = f32((n * 5 + d * 13 + h * 3) % 17) / 9.0 - 1.0
let l[n: 300, h: 3] = f32((n * 11 + h * 5) % 13) * 0.2 - 1.0
let e[n: 300, h: 3] = i32((n * 3 + h) % 5)
let near[i: 300, j: 300] = (i * j + i + 2 * j) % 7 < 2 and i % 50 != 3
let w = within(p, x, [0.5, -1.0, 2.0], 0.7)
print(w[:3], sum(w))
let (o, best, n) = nearest(p, x, 0.8)
print(o[298], sum(o), best[:4], min(n), max(n), sum(n))
let g = graph(y, l, l, near)
print(g[298], sum(g), g[3, 0])
let t = gated(y, y, l, e)
print(t[299], sum(t))
let r = routed(x, x[:5].T)
print(r[299], sum(r))
let heads[h, i, d] = y[i, h, d]
let u = dropped(heads, heads, near)
print(u[1, 298], sum(u))
# > [[-0.07497, -0.03015, -0.1206, -0.1186, -0.1378],
# >  [-0.1136, -0.1312, -0.09219, -0.09924, -0.1167],
# >  [-0.1034, -0.1399, -0.07997, -0.149, -0.1029]] -168.3
# > [-0.06551, -0.1304, -0.1428, -0.06576, -0.09506] -166.4 [-0.0, -0.0, -0.0, -0.0] 36 68 16276
# > [[-0.1721, -0.135, -0.04673, -0.05074],
# >  [-0.1211, -0.08186, -0.121, -0.1098],
# >  [-0.1064, -0.214, -0.1715, -0.05174]] -342.1 [0.0, 0.0, 0.0, 0.0]
# > [[0.1851, 0.01909, -0.2279, -0.3933],
# >  [-0.4051, 0.184, 0.0477, -0.1927],
# >  [-0.2826, -0.462, 0.185, 0.05066]] -442.1
# > [0.06759, 0.4509, 0.006486, -0.438, -0.8824] -180.5
# > [0.005321, -0.02468, -0.06076, -0.07145] -111.4
