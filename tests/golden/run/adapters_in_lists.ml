# Parts of a list are adapted together; each gets its own draw, whose key is its path. Files keep the paths of the old model.
import std.nn: Linear

adapter Lora(rank) for Linear(In, Out) {
    param a: f32[rank, In] ~ normal(0, 1)
    param b: f32[Out, rank] = 0
    param long: f32[Out] = norm(base.weight, axis: -1)
    fn call(x: f32[.., In]) -> f32[.., Out] = base(x) + (x @ a.T) @ b.T
}
model Block(D) {
    first = Linear(D, D)
    second = Linear(D, D)
    fn call(x: f32[.., D]) -> f32[.., D] = x + second(tanh(first(x)))
}
model Stack(L, D) {
    layers = [Block(D) for _ in 0..L]
    head = Linear(D, 1)
    fn call(x: f32[.., D]) -> f32[.., 1] {
        var y = x
        for l in layers { y = l(y) }
        head(y)
    }
}
let net = Stack(3, 4)
let x: f32[2, 4] = 1
let tuned = adapt(net, Lora(2), at: "layers.*.{first,second}")
print(max(abs(tuned(x) - net(x))) < 1e-5)
# > true
let a = tuned.layers[0].first.a
let b = tuned.layers[2].first.a
print(max(abs(a - b)) > 0, max(abs(a - tuned.layers[0].second.a)) > 0)
# > true true
print(max(abs(tuned.layers[1].second.long - norm(net.layers[1].second.weight, axis: -1))))
# > 0.0
print(max(abs(adapt(net, Lora(2), at: "**.first")(x) - net(x))) < 1e-5)
# > true
save(tuned, "adapters_in_lists.safetensors")
let back = load("adapters_in_lists.safetensors") as adapt(Stack(3, 4), Lora(_), at: "layers.*.{first,second}")
print(max(abs(back(x) - tuned(x))), back.layers[0].first.rank)
# > 0.0 2
save(net, "adapters_in_lists.safetensors")
let old = adapt(load("adapters_in_lists.safetensors") as Stack(3, 4), Lora(1), at: "**.second")
print(max(abs(old(x) - net(x))) < 1e-5)
# > true
