## Row and class of a lookup are swapped.
fn f(logits: f32[B, V], label: i32[B]) -> f32 {
    let lp[b, v] = log_softmax[v](logits[b, v])
    -mean[b](lp[label[b], b])
}
