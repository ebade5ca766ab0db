import std.nn: Linear

adapter Lora(rank) for Linear(In, Out) {
    param a: f32[rank, In] = 2
    param b: f32[Out, rank] = 0
    frozen scale: f32 = 0.5
    fn call(x: f32[.., In]) -> f32[.., Out] = base(x) + scale * (x @ a.T) @ b.T
}
model Block(D) {
    up   = Linear(D, D)
    down = Linear(D, D)
    fn call(x: f32[.., D]) -> f32[.., D] = down(up(x))
}
model Net(L, D) {
    layers = [Block(D) for _ in 0..L]
    param bias: f32[D] = 0
    fn call(x: f32[.., D]) -> f32[.., D] {
        var y = x
        for l in layers { y = l(y) }
        y + bias
    }
}
let net = Net(2, 3)
let tuned = adapt(net, Lora(1), at: "layers.*.up")
print(norm(net.trainable)) # error[E0210]: has no member 'trainable'
let other = net + tuned.trainable # error[E0204]: '+' of Net(2, 3) and
let product = tuned * tuned.trainable # error[E0204]: '*' of
