# Each row of a batch takes its own adapter, chosen by an input; -1 takes the model alone. Models that are bound stay bound.
import std.nn: Linear

adapter Bank(N, rank, alpha) for Linear(In, Out) {
    param down: f32[N, rank, In] = 1
    param up:   f32[N, Out, rank] = 1
    input pick: i32[B]
    fn call(x: f32[B, T, In]) -> f32[B, T, Out] {
        let low[b, t, r] = sum[i](x[b, t, i] * (down[pick[b], r, i] ?? 0))
        let add[b, t, o] = sum[r](low[b, t, r] * (up[pick[b], o, r] ?? 0))
        base(x) + (alpha / rank) * add
    }
}
adapter Scale for Linear {
    param by: f32 = 2
    fn call(x: f32[.., base.In]) -> f32[.., base.Out] = by * base(x)
}
model Mlp(D, F) {
    up   = Linear(D, F)
    down = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = down(up(x))
}
fn rows(net: adapt(Mlp(D, F), Bank(N, R, A), at: "{up,down}"), ids: i32[B], x: f32[B, T, D]) -> f32[B, T, D] = bind(net, pick: ids)(x)

let plain = Mlp(2, 3)
var net = adapt(plain, Bank(2, 1, 2), at: "{up,down}")
net.up.up[1] = 0
net.down.up[1] = 0
let x: f32[3, 1, 2] = 1
let ids: i32[3] = [1, -1, 0]
let y = bind(net, pick: ids)(x)
let z = plain(x)
print(max(abs(y[0] - z[0])), max(abs(y[1] - z[1])), max(abs(y[2] - z[2])) > 1, max(abs(rows(net, ids, x) - y)))
# > 0.0 0.0 true 0.0
let bound = adapt(bind(net, pick: ids), Scale(), at: "down")
print(max(abs(bound(x) - 2 * y)))
# > 0.0
