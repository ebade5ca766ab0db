## A row's own score beside those of all words has the bits of its word's: the best word has no better one, and each word is one of as many as itself.
fn better(x: f32[T, D], w: f32[V, D], y: i64[T]) -> i64[T] {
    let l[t, v] = sum[d](x[t, d] * w[v, d])
    out[t] = count[v](l[t, v] > l[t, y[t]])
}
fn as_good(x: f32[T, D], w: f32[V, D], y: i64[T]) -> i64[T] {
    let l[t, v] = sum[d](x[t, d] * w[v, d])
    let own[t] = l[t, y[t]]
    out[t] = count[v](l[t, v] >= own[t])
}
fn best(x: f32[T, D], w: f32[V, D]) -> i64[T] {
    let l[t, v] = sum[d](x[t, d] * w[v, d])
    out[t] = argmax[v](l[t, v])
}
let x[t: 40, d: 19] = sin(f32(t * 19 + d) * 0.37) / 3.0
let w[v: 97, d: 19] = cos(f32(v * 19 + d) * 0.73) / 7.0
let y = best(x, w)
let third[t: 40] = (t * 7) % 97
print(sum(better(x, w, y)), sum(as_good(x, w, y)), sum(as_good(x, w, third)) - sum(better(x, w, third)))
# > 0 40 40
