import std.sample
fn f(logits: f32[B, V]) -> i32[B] = sample.gredy(logits) # error[E0210]: module 'std.sample' has no 'gredy'
