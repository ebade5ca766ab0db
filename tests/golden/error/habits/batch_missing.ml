## One row for a function of a batch.
import std.nn: Linear
model Net(D) {
    l = Linear(D, D)
    fn call(x: f32[B, D]) -> f32[B, D] = l(x)
}
fn f(net: Net(D), x: f32[D]) -> f32[D] = net(x)
