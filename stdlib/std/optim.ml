## Optimisers.

## State of AdamW (Loshchilov and Hutter 2019) for a model of type M.
struct AdamW(M: model) {
    m: M
    v: M
    step: int = 0
    lr: f32 = 1e-3
    beta1: f32 = 0.9
    beta2: f32 = 0.999
    eps: f32 = 1e-8
    decay: f32 = 0.01
}

## The state before the first step: moments 0.
fn adamw_state[M: model](net: M; lr = 1e-3, decay = 0.01) -> AdamW(M) =
    AdamW(m: zeros_like(net), v: zeros_like(net), lr: lr, decay: decay)

## g, scaled so that its norm over all parameters is at most `limit`.
fn clipped[M: model](g: M, limit: f32) -> M = g * min(1, limit / (norm(g) + 1e-6))

## One step: the model and the state after it.
fn adamw[M: model](net: M, g: M, opt: AdamW(M)) -> (M, AdamW(M)) {
    var o = opt
    o.step += 1
    o.m = o.beta1 * o.m + (1 - o.beta1) * g
    o.v = o.beta2 * o.v + (1 - o.beta2) * g ^ 2
    let m = o.m / (1 - o.beta1 ^ o.step)
    let v = o.v / (1 - o.beta2 ^ o.step)
    (net - o.lr * (m / (sqrt(v) + o.eps) + o.decay * net), o)
}
