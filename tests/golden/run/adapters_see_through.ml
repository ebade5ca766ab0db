# A function of the base that an adapter does not declare runs with the adapter's functions in it; fields stay those of the base.
model Attention(D) {
    gain = 3
    param scale: f32[D] = 2
    fn call(x: f32[D]) -> f32[D] = gain * attend(x)
    fn attend(x: f32[D]) -> f32[D] = scale * x
    fn run(g: fn(f32[D]) -> f32[D], x: f32[D]) -> f32[D] = attend(g(x)) + self.scale
}
adapter Shift(P) for Attention(D) {
    param by: f32[D] = 100
    fn attend(x: f32[D]) -> f32[D] = base.attend(x) + by + P
}
adapter Twice for Attention(D) {
    param by: f32 = 2
    fn attend(x: f32[D]) -> f32[D] = by * base.attend(x)
}
let net = Attention(2)
let x: f32[2] = 1
let shifted = adapt(net, Shift(7))
print(net(x), shifted(x), shifted.base(x))
# > [6.0, 6.0] [327.0, 327.0] [6.0, 6.0]
let k = 5
print(shifted.run(fn(y) = k * y, x))
# > [119.0, 119.0]
let both = adapt(shifted, Twice())
print(both(x), both.by, both.base.by, both.gain)
# > [654.0, 654.0] 2.0 [100.0, 100.0] 3
