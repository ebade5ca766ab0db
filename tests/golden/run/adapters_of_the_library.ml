# Adapters of std.adapters give at the start what the layer gives.
import std.adapters: Lora, RsLora, Dora, Ia3, Ia3Input, Bank, Houlsby, LoraDense, HoulsbyDense, LoraConv2d, Parallel
import std.nn: Dense, Conv2d, SwiGlu

model Net(D, F) {
    mlp = SwiGlu(D, F)
    head = Dense(D, 2)
    fn call(x: f32[B, T, D]) -> f32[B, T, 2] = head(x + mlp(x))
}
fn far[M: model](net: M, y: f32[B, T, 2], x: f32[B, T, net.D]) -> f32 = max(abs(net(x) - y))

let net = Net(8, 12)
let x[b: 2, t: 3, d: 8] ~ normal(0, 1)
let y = net(x)
print(far(adapt(net, Lora(2, 4), at: "mlp.*"), y, x) < 1e-5, far(adapt(net, RsLora(2, 4), at: "mlp.{gate,up}"), y, x) < 1e-5)
print(far(adapt(net, Dora(2, 4), at: "mlp.*"), y, x) < 1e-5, far(adapt(net, Ia3(), at: "mlp.up"), y, x) < 1e-5, far(adapt(net, Ia3Input(), at: "mlp.down"), y, x) < 1e-5)
print(far(adapt(net, Houlsby(3), at: "mlp.down"), y, x) < 1e-3, far(adapt(net, HoulsbyDense(3), at: "head"), y, x) < 1e-3)
print(far(adapt(adapt(net, Parallel(4, 4), at: "mlp"), Lora(1, 1), at: "mlp.down"), y, x) < 1e-5, far(adapt(net, LoraDense(2, 4), at: "head"), y, x) < 1e-5)
let bank = adapt(net, Bank(3, 2, 4), at: "mlp.*")
let ids: i32[2] = [2, -1]
print(far(bind(bank, pick: ids), y, x) < 1e-5)
let conv = Conv2d(2, 3, 3, stride: 2, padding: 1)
let image[n: 1, c: 2, i: 5, j: 5] ~ normal(0, 1)
print(max(abs(adapt(conv, LoraConv2d(2, 2))(image) - conv(image))) < 1e-5)
# > true true
# > true true true
# > true true
# > true true
# > true
# > true
