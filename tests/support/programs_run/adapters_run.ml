# The adapters of two programs, forwards: what they give at the start, what merging gives, and a prefix against keys that are written out.
import adapters: Lora, Dora, Scale, Houlsby, Parallel, Prefix, Layer
import qlora

let net = Layer(64, 4, 2)
let x[b: 2, t: 16, d: 64] ~ normal(0, 1)
fn far(a: f32[B, T, D], b: f32[B, T, D]) -> f32 = max(abs(a - b))

var tuned = adapt(adapt(net, Lora(8, 16), at: "attention.{wq,wv}"), Parallel(32, 4.0), at: "mlp")
print(far(tuned(x), net(x)) < 1e-5, far(adapt(net, Scale(), at: "**.{wo,inner}")(x), net(x)) < 1e-5)
# > true true
print(far(adapt(net, Dora(4, 8), at: "attention.*")(x), net(x)) < 1e-4, far(adapt(net, Houlsby(4), at: "{attention.wo,mlp.outer}")(x), net(x)) < 1e-2)
# > true true

let lift[o: 64, r: 8] ~ normal(0, 0.1)
var small = adapt(net, Lora(8, 16), at: "attention.{wq,wv}")
small.attention.wq.b = lift
let merged = merge(small)
print(far(merged(x), small(x)) < 1e-4, far(net(x), small(x)) > 1e-3, max(abs(merged.attention.wv.weight - net.attention.wv.weight)))
# > true true 0.0

let learned = adapt(net, Prefix(5), at: "attention")
let q[b: 1, h: 4, t: 3, e: 16] ~ normal(0, 1)
let keys[b: 1, g: 2, t: 3, e: 16] ~ normal(0, 1)
let long_k = concat(learned.attention.key, keys, axis: -2)
let long_v = concat(learned.attention.value, keys, axis: -2)
print(max(abs(learned.attention.attend(q, keys, keys) - net.attention.attend(q, long_k, long_v))) < 1e-5, far(learned(x), net(x)) > 1e-4)
# > true true

# A base in four bits under a LoRA.
let w[o: 32, i: 128] ~ normal(0, 1)
let packed = qlora.Linear4(128, 32, weight: qlora.quantise(w))
var four = adapt(packed, qlora.Lora(4, 8))
let y[b: 3, i: 128] ~ normal(0, 1)
print(max(abs(four(y) - y @ qlora.dequantise(qlora.quantise(w)).T)) < 1e-3, max(abs(packed(y) - four(y))))
# > true 0.0
let up[o: 32, r: 4] ~ normal(0, 1)
four.b = up
print(max(abs(four(y) - packed(y) - 2 * (y @ four.a.T) @ up.T)) < 1e-4)
# > true
save(four, "four.safetensors")
let back = load("four.safetensors") as adapt(qlora.Linear4(128, 32), qlora.Lora(4, 8))
print(max(abs(back(y) - four(y))))
# > 0.0
