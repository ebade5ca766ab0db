# The parameters of all adapters are a set of their own; an update with it leaves the others alone.
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
let net = adapt(adapt(Net(2, 3), Lora(1), at: "layers.*.up"), Lora(2), at: "layers.*.{up,down}")
let set = net.trainable
print(dot(set, set), norm(set - net.trainable), all_finite(set))
# > 120.0 0.0 true
let next = net - 0.5 * set
print(next.layers[0].up.a, next.layers[1].up.base.a, max(abs(next.layers[0].up.weight - net.layers[0].up.weight)))
# > [[1.0, 1.0, 1.0],
# >  [1.0, 1.0, 1.0]] [[1.0, 1.0, 1.0]] 0.0
save(set, "adapters_train_alone.safetensors")
print(norm((net + set).trainable - 2 * set))
# > 0.0
