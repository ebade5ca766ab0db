## q @ k without the transpose of k, over heads.
fn attention(q: f32[B, H, T, D], k: f32[B, H, S, D], v: f32[B, H, S, D]) -> f32[B, H, T, D] {
    let s = q @ k / sqrt(D)
    softmax(s, axis: -1) @ v
}
