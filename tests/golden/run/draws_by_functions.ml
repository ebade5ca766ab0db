## A function that takes a key stands behind `~`: every element has a key of its own, for a parameter of a model, too.
import std.random: truncated_normal

fn ring(r: float, key: Key) -> float[2] {
    let a ~ uniform(0, 6.283185307179586, key: key)
    [r * cos(a), r * sin(a)]
}

model Net(N) {
    param w: f32[N, 3] ~ truncated_normal(0, 0.02, -0.04, 0.04)
    fn call(x: f32[N]) -> f32[3] = x @ w
}

fn two(k: Key) -> f32[2] {
    let x[i: 2] ~ truncated_normal(0, 1, -2, 2, key: k)
    x
}

let p[i: 5] ~ ring(2)
let one ~ ring(3)
print(all[i](abs(norm[d](p[i, d]) - 2) < 1e-5), p[0, 0] != p[1, 0], abs(norm(one) - 3) < 1e-5)
let net = Net(50)
print(max(abs(net.w)) <= 0.04, net.w[0, 0] != net.w[1, 0], abs(variance(net.w) / 0.02 ^ 2 - 0.774) < 0.15)
print(norm(two(key(1)) - two(key(1))), two(key(1))[0] != two(key(2))[0], two(key(1))[0] != two(key(1))[1])
# > true true true
# > true true true
# > 0.0 true true
