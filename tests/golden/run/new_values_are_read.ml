## A new value of a variable is read before the last reader of the old one: it cannot be computed behind that one.
fn turns(x: f32[N, D], w: f32[D, D]) -> (f32[N, D], f32[N, D]) {
    var m: f32[N, D] = x
    var kept: f32[N, D] = x
    for _t in 0..3 {
        let old = m
        let next[n, d] = sum[e](old[n, e] * w[e, d])
        let c[n, d] = sum[e](next[n, e] * w[d, e])
        let after[n, d] = sum[e](old[n, e] * w[d, e]) + c[n, d] * kept[n, d]
        m = next
        kept = after
    }
    (m, kept)
}

let w = [[0.5, 1.0], [-1.0, 0.25]]
print(turns([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]], w))
# > ([[0.0, -2.531],
# >  [-3.938, -0.7031],
# >  [-0.5625, -0.2812]], [[14.36, -3.267],
# >  [-89.66, -16.94],
# >  [-0.2234, 0.2919]])
