# The type of an adapted model is written as it is made: a part, a parameter, what a file holds.
import std.nn: Linear

adapter Lora(rank, alpha) for Linear(In, Out) {
    param a: f32[rank, In] ~ normal(0, 1)
    param b: f32[Out, rank] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = base(x) + (alpha / rank) * (x @ a.T) @ b.T
}
model Mlp(D, F) {
    up   = Linear(D, F)
    down = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = down(up(x))
}
model Tuned(D, R) {
    net = adapt(Mlp(D, 4 * D), Lora(R, 2 * R), at: "up")
    fn call(x: f32[.., D]) -> f32[.., D] = 2 * net(x)
}
fn run(net: adapt(Mlp(D, F), Lora(R, A), at: "up"), x: f32[D]) -> f32[D] = net(x) / R
fn wide(net: Mlp(D, F), x: f32[D]) -> f32[D] = adapt(net, Lora(D, F), at: "up")(x)
fn any[M: model](net: M, x: f32[net.D]) -> f32[net.D] = net(x)

let t = Tuned(3, 2)
let x: f32[3] = 1
print(max(abs(run(t.net, x) * 4 - t(x))) < 1e-6, max(abs(any(t, x) - t(x))), t.net.up.alpha, len(wide(Mlp(3, 5), x)))
# > true 0.0 4 3
