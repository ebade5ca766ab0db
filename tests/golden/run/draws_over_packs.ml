## `..` on the left alone stands for the leading axes of the signature: each of their places has a draw of its own.
fn noise(x: f32[.., D], key: Key) -> f32[.., D] {
    let e[.., d: D] ~ uniform(0, 1, key: key)
    e
}
fn dropped(x: f32[.., D], rate: f32, key: Key) -> f32[.., D] {
    let keep[..] ~ bernoulli(1 - rate, key: key)
    out[.., d] = if keep[..] { x[.., d] / (1 - rate) } else { 0 }
}
fn sevens(x: f32[.., D]) -> f32[.., D] {
    let y[.., d: D] = 7.0
    y
}
let k = key(3)
let a = noise(ones(3, 4), k)
print(norm(a[0] - a[1]) > 0, norm(a[1] - a[2]) > 0, len(noise(ones(5), k)), norm(noise(ones(2, 4), k) - a[:2]))
# > true true 5 0.0
let b = dropped(ones(100, 2), 0.5, k)
print(norm(b[:, 0] - b[:, 1]), 0.7 < mean(b) < 1.3, max(b), min(b))
# > 0.0 true 2.0 0.0
print(sevens(ones(2, 1)), sevens([0.0]), sum(sevens(ones(3, 4))))
# > [[7.0],
# >  [7.0]] [7.0] 84.0
