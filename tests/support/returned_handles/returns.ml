## A running mean and how many values it has seen.
struct Stats(N) {
    mean: f32[N] = 0
    count: int = 0
}
## One linear layer; H is in no shape.
model Lin(D, N, H) {
    param w: f32[D, N] ~ normal(0, 1)
    param b: f32[N] = 0
    fn call(x: f32[B, D]) -> f32[B, N] { out[i, n] = sum[d](x[i, d] * w[d, n]) + b[n] * H }
}
## New statistics of one row.
export fn first(x: f32[N]) -> Stats(N) = Stats(N, mean: x, count: 1)
## Statistics with one more row, and how far it was from the mean.
export fn more(s: Stats(N), x: f32[N]) -> (Stats(N), f32) where N >= 1 {
    let n = s.count + 1
    let delta[i] = x[i] - s.mean[i]
    let mean[i: N] = s.mean[i] + delta[i] / f32(n)
    (Stats(N, mean: mean, count: n), max[i](abs(delta[i])))
}
## All weights times a number.
export fn scaled(net: Lin(D, N, H), by: f32) -> Lin(D, N, H) = Lin(D, N, H, w: by * net.w, b: by * net.b)
export fn apply(net: Lin(D, N, H), x: f32[B, D]) -> f32[B, N] = net(x)
## Two of them.
export fn both(x: f32[N], y: f32[N]) -> [Stats(N); 2] = [first(x), first(y)]
export fn total(list: [Stats(N); K]) -> f32[N] { out[n] = sum[k: K](list[k].mean[n] * list[k].count) }
export fn pair(x: f32[N], i: int) -> (Stats(N), Stats(N + 1)) where N >= 1 {
    let v = x[i]
    let longer[n: N + 1] = if n < N { x[n] } else { v }
    (Stats(N, mean: x), Stats(N + 1, mean: longer, count: i))
}
## Fails when its work is done already.
export fn late(x: f32[N], n: int) -> Stats(N) {
    var k = 0
    while k < n { k += 1 }
    check(k < 3, "too far")
    Stats(N, mean: x, count: k)
}
