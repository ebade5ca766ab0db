# An adapter for an adapter meets it where it stands, under others too; its own parts are adapted like any.
import std.nn: Linear, Dense

adapter Gate(R; s = 0.5, n = 3) for Linear(In, Out) {
    K = R * n
    down = Linear(In, K)
    up = Dense(K, Out)
    param g: f32 = s
    fn call(x: f32[.., In]) -> f32[.., Out] = base(x) + g * inner(x)
    fn inner(x: f32[.., In]) -> f32[.., Out] = up(tanh(down(x)))
}
adapter Scale(s) for Linear(In, Out) {
    fn call(x: f32[.., In]) -> f32[.., Out] = s * base(x)
}
adapter Closed(by) for Gate(R, s, n) {
    fn inner(x: f32[.., base.In]) -> f32[.., base.Out] = (by * n) * base.inner(x)
}
let net = Linear(3, 2)
let x: f32[3] = 1
let g = adapt(net, Gate(2, s: 0.25))
let c = adapt(adapt(g, Closed(4)), Scale(1))
print(g.K, c.s, max(abs(c(x) - net(x) - 12 * (g(x) - net(x)))) < 1e-5, max(abs(c.inner(x) - 12 * g.inner(x))) < 1e-5)
# > 6 1 true true
let d = adapt(c, Scale(0), at: "Gate.{down}")
print(max(abs(d.inner(x) - 12 * g.up.bias)) < 1e-6)
# > true
