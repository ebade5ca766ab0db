fn f(logits: f32[B, T, V], y: i32[B, T]) -> f32 {
    let lp[b, t] = log_softmax[v](logits[b, t, v])[y[b, t]]
    -mean(lp)
}
