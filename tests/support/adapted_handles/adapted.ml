# An adapted model in exported functions: as it is made, and as a part of another.
import std.nn: Linear

adapter Lora(rank, alpha) for Linear(In, Out) {
    param a: f32[rank, In] ~ normal(0, 1)
    param b: f32[Out, rank] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = base(x) + (alpha / rank) * (x @ a.T) @ b.T
}
model Mlp(D, F) {
    up   = Linear(D, F)
    down = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = x + down(silu(up(x)))
}
model Tuned(D) {
    net = adapt(Mlp(D, 2 * D), Lora(2, 4), at: "{up,down}")
    fn call(x: f32[.., D]) -> f32[.., D] = 2 * net(x)
}
export fn run(net: adapt(Mlp(D, F), Lora(R, A), at: "{up,down}"), x: f32[B, D]) -> f32[B, D] = net(x)
export fn twice(net: Tuned(D), x: f32[B, D]) -> f32[B, D] = net(x)
export fn start(net: Mlp(D, F)) -> adapt(Mlp(D, F), Lora(2, 4), at: "{up,down}") = adapt(net, Lora(2, 4), at: "{up,down}")
## The saved parameters of the adapters in place of those that it has.
export fn restore(net: adapt(Mlp(D, F), Lora(R, A), at: "{up,down}"), set: net.trainable) -> adapt(Mlp(D, F), Lora(R, A), at: "{up,down}") {
    var y = net
    y.trainable = set
    y
}
export fn fresh(net: Mlp(D, F), x: f32[B, D]) -> f32[B, D] = adapt(net, Lora(1, 2), at: "up")(x)
