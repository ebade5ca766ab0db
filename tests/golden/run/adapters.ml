# An adapter stands over a part, which stays as `base`; what it does not declare is that of its base.
model Linear(In, Out) {
    param weight: f32[Out, In] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = x @ weight.T
    fn size() -> int = In * Out
}
adapter Lora(rank, alpha) for Linear(I, O) {
    param a: f32[rank, I] = 2
    param b: f32[O, rank] = 0
    fn call(x: f32[.., I]) -> f32[.., O] = base(x) + (alpha / rank) * (x @ a.T) @ b.T
}
adapter Scale for Linear {
    param factor: f32 = 10
    fn call(x: f32[.., base.In]) -> f32[.., base.Out] = factor * base(x)
}
model Mlp(D, F) {
    up   = Linear(D, F)
    down = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = down(up(x))
}

let net = Mlp(2, 3)
let x: f32[2] = 1
print(net(x))
# > [6.0, 6.0]
var tuned = adapt(net, Lora(4, 8), at: "{up,down}")
print(tuned(x), tuned.up.rank, tuned.D, tuned.up.size(), len(tuned.down.a), tuned.up.weight[0])
# > [6.0, 6.0] 4 2 6 4 [1.0, 1.0]
tuned.up.b[0, 0] = 1
tuned.up.weight[1, 1] = 5
print(tuned(x), net(x), tuned.up.base.weight)
# > [18.0, 18.0] [6.0, 6.0] [[1.0, 1.0],
# >  [1.0, 5.0],
# >  [1.0, 1.0]]
# Adapters over adapted parts, and over a model itself.
print(adapt(tuned, Scale(), at: "down")(x), adapt(adapt(net.up, Lora(1, 1)), Scale())(x))
# > [180.0, 180.0] [20.0, 20.0, 20.0]
# Models of one adapted type are a vector space.
let twice = 2 * tuned
print(twice.up.a[0], norm(twice - tuned - tuned), dot(adapt(net, Scale(), at: "up"), adapt(net, Scale(), at: "up")))
# > [4.0, 4.0] 0.0 112.0
