## A width of 10 does not divide into 3 heads.
import std.nn: Linear
model Attention(D, H) {
    q = Linear(D, D)
    fn call(x: f32[B, T, D]) -> f32[B, T, H, D / H] = reshape(q(x), B, T, H, D / H)
}
let net = Attention(10, 3)
let x: f32[1, 2, 10] = 1
print(net(x))
