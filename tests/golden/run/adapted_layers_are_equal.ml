# An adapter that adds nothing changes no bit, wherever it stands in attention, and whatever else a statement computes of the plain model.
import std.nn: Linear
import std.adapters: Lora

model Attention(D, H) {
    K  = D / H
    wq = Linear(D, H * K)
    wk = Linear(D, H * K)
    wv = Linear(D, H * K)
    wo = Linear(H * K, D)

    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let q = permute(reshape(wq(x), B, T, H, K), 0, 2, 1, 3)
        let k = permute(reshape(wk(x), B, T, H, K), 0, 2, 1, 3)
        let v = permute(reshape(wv(x), B, T, H, K), 0, 2, 1, 3)
        wo(reshape(permute(attend(q, k, v), 0, 2, 1, 3), B, T, D))
    }
    fn attend(q: f32[B, H, T, K], k: f32[B, H, S, K], v: f32[B, H, S, K]) -> f32[B, H, T, K] {
        let s[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h, j, d]) / sqrt(K)
        let p[b, h, i, j] = softmax[j | j <= i + S - T](s[b, h, i, j])
        out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h, j, d])
    }
}
fn far(a: f32[B, T, D], b: f32[B, T, D]) -> f32 = max(abs(a - b))

let net = Attention(64, 4)
let mq  = adapt(net, Lora(8, 16), at: "wq")
let mv  = adapt(net, Lora(8, 16), at: "wv")
let all_ = adapt(net, Lora(8, 16), at: "*")
let x[b: 2, t: 19, d: 64] ~ normal(0, 1)
print(far(mv(x), net(x)), far(mq(x), net(x)), far(all_(x), net(x)))
# > 0.0 0.0 0.0
