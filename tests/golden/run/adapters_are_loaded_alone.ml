# The parameters of the adapters of a model, saved alone, are loaded into another one: at the top, in a function, in a list of layers.
import std.nn: Linear
import std.adapters: Lora

model Mlp(D, F) {
    up   = Linear(D, F)
    down = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = down(silu(up(x)))
}
model Net(L, D, F) {
    layers = [Mlp(D, F) for _ in 0..L]
    param bias: f32[D] = 0
    fn call(x: f32[.., D]) -> f32[.., D] {
        var y = x
        for l in layers { y = y + l(y) }
        y + bias
    }
}
fn scaled(net: adapt(Net(L, D, F), Lora(R, A), at: "layers.*.up"), by: f32) -> adapt(Net(L, D, F), Lora(R, A), at: "layers.*.up") {
    var y = net
    y.trainable = by * net.trainable
    y
}
fn restore(var net: adapt(Net(L, D, F), Lora(R, A), at: "layers.*.up"), path: str) {
    net.trainable = load(path) as net.trainable
}
fn length(net: adapt(Net(L, D, F), Lora(R, A), at: "layers.*.up"), set: net.trainable) -> f32 = norm(set - net.trainable)

let net = Net(3, 4, 8)
save(net, "loaded_alone_net.safetensors")
var tuned = scaled(adapt(net, Lora(2, 4), at: "layers.*.up"), 3)
tuned.layers[1].up.b[2, 0] = 1
save(tuned.trainable, "loaded_alone_set.safetensors")

var other = adapt(load("loaded_alone_net.safetensors") as Net(3, 4, 8), Lora(2, 4), at: "layers.*.up")
let x = [1.0, -2.0, 3.0, 0.5]
print(max(abs(other(x) - tuned(x))) > 0, length(other, tuned.trainable) > 0)
other.trainable = load("loaded_alone_set.safetensors") as other.trainable
print(max(abs(other(x) - tuned(x))), length(other, tuned.trainable))
# > true true
# > 0.0 0.0
var again = adapt(net, Lora(2, 4), at: "layers.*.up")
restore(var again, "loaded_alone_set.safetensors")
let set: again.trainable = again.trainable
print(max(abs(again(x) - tuned(x))), norm(set - tuned.trainable))
again.trainable -= set
print(norm(again.trainable), norm(again.layers[0].up.a), max(abs(again.layers[1].down.weight - net.layers[1].down.weight)))
# > 0.0 0.0
# > 0.0 0.0 0.0
var wider = adapt(net, Lora(3, 4), at: "layers.*.up")
wider.trainable = load("loaded_alone_set.safetensors") as wider.trainable
# status: 1
# stderr: 'layers.0.up.Lora.a' is f32[2, 4], wanted f32[3, 4]
