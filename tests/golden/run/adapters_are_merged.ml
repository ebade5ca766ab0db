# merge gives the model before adapt, with weights that do what the adapted one does: derived from the functions, whatever they are.
import std.adapters: LoraDense, DoraDense, Ia3Dense, Ia3InputDense, LoraConv1d, Lora
import std.models
import std.nn: Linear, Dense

model Net(L, D) {
    first = Dense(D, D)
    layers = [Linear(D, D) for _ in 0..L]
    last = models.Conv1d(D, 3)
    fn call(x: f32[.., D]) -> f32[.., 3] {
        var y = first(x)
        for l in layers { y = tanh(l(y)) }
        last(y)
    }
}
## A rank of one, twice, written with sums; and a step along the input itself.
adapter Own(s) for Linear(In, Out) where In == Out {
    param u: f32[Out] = 0.5
    param v: f32[In] ~ normal(0, 1)
    param skip: f32[In] = 0.25
    fn call(x: f32[.., In]) -> f32[.., Out] {
        let low[..] = sum[i](v[i] * x[.., i])
        let y = base(2 * x)
        let z[.., o] = (y[.., o] - base(x)[.., o]) + low[..] * u[o] * s - skip[o] * x[.., o] / 2
        z
    }
}
fn far[M: model](a: M, y: f32[B, 3], x: f32[B, a.D]) -> f32 = max(abs(a(x) - y))

let net = Net(2, 4)
let x[b: 3, d: 4] ~ normal(0, 1)
var t = adapt(net, LoraDense(2, 4), at: "first")
let b[o: 4, r: 2] ~ normal(0, 1)
t.first.b = b
let m = merge(t)
print(far(m, t(x), x) < 1e-5, max(abs(m.first.weight - (net.first.weight + 2 * b @ t.first.a))) < 1e-6, max(abs(m.first.bias - net.first.bias)))
# > true true 0.0
var many = adapt(adapt(adapt(t, DoraDense(1, 2), at: "first"), Ia3Dense(), at: "first"), Ia3InputDense(), at: "first")
many.first.factor = [1.0, 2.0, 3.0, 4.0]
many.first.base.factor = [0.5, -1.0, 1.0, 2.0]
many.first.length = [1.0, 2.0, 1.0, 0.5]
print(far(merge(many), many(x), x) < 1e-5, far(net, many(x), x) > 1e-2, norm(merge(many) - merge(many)))
# > true true 0.0
# In lists, over a weight (in, out), and written with sums.
let own = adapt(net, Own(3), at: "layers.*")
let two = adapt(adapt(own, Lora(2, 2), at: "layers.*"), LoraConv1d(1, 2), at: "last")
print(far(merge(own), own(x), x) < 1e-5, far(net, own(x), x) > 1e-2, far(merge(two), two(x), x) < 1e-5)
# > true true true
save(merge(two), "adapters_are_merged.safetensors")
print(far(load("adapters_are_merged.safetensors") as Net(2, 4), two(x), x) < 1e-5)
# > true
print(max(abs(merge(adapt(net.first, LoraDense(1, 1)))(x) - net.first(x))))
# > 0.0
