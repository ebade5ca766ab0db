# Header numbers that a signature leaves open come with the model.
# > true
import std.nn: Linear
model Two(D, F) {
    a = Linear(D, F)
    b = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = b(a(x))
}
export fn forward(net: Two, x: f32[B, net.D]) -> f32[B, net.D] = net(x)
fn half(net: Two(D, _), x: f32[D]) -> f32[D] = net(x)
let net = Two(2, 3)
print(len(forward(net, zeros(4, 2))) == 4 and len(half(net, zeros(2))) == 2)
