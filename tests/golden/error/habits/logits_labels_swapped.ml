## Labels and logits in the other order.
fn loss(logits: f32[B, V], label: i32[B]) -> f32 {
    let lp[b, v] = log_softmax[v](logits[b, v])
    -mean[b](lp[b, label[b]])
}
fn f(x: f32[B, V], y: i32[B]) -> f32 = loss(y, x)
