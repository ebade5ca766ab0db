# A row of a layer with a packed weight has the same bits alone and among any number of others: steps of eight rows, of four, rows alone, in
# parts and chunks of many rows.
model Layer(D, F) {
    param w: f32[F, D] ~ normal(0, 1)
    fn call(x: f32[T, D]) -> f32[T, F] = x @ w.T
}

fn wrong(net: Layer(D, F), x: f32[T, D]) -> int {
    let all = net(x)
    var alone: f32[T, F] = 0
    for t in 0..T { alone[t : t + 1] = net(x[t : t + 1]) }
    count[t, f](abs(all[t, f] - alone[t, f]) > 0 or abs(all[t, f]) > 1000)
}

let net = Layer(300, 70)
let x[t: 20, d: 300] = sin(f32(t * 300 + d))
print(wrong(net, x[:1]), wrong(net, x[:2]), wrong(net, x[:3]), wrong(net, x[:4]), wrong(net, x[:5]), wrong(net, x[:7]), wrong(net, x[:8]))
print(wrong(net, x[:9]), wrong(net, x[:10]), wrong(net, x[:12]), wrong(net, x[:13]), wrong(net, x[:16]), wrong(net, x[:17]), wrong(net, x))
let small = Layer(20, 37)
let y[t: 197, d: 20] = sin(f32(t * 20 + d))
print(wrong(small, y[:63]), wrong(small, y[:64]), wrong(small, y[:65]), wrong(small, y[:81]), wrong(small, y[:128]), wrong(small, y[:133]), wrong(small, y))
# > 0 0 0 0 0 0 0
# > 0 0 0 0 0 0 0
# > 0 0 0 0 0 0 0
