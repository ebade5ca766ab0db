## A softmax over the queries needs a transpose that does not fit afterwards.
fn attention(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[T, D] {
    let s = q @ k.T
    softmax(s, axis: 0).T @ v
}
