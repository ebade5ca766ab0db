# Draws depend on key, place and index only: the same for any size around them.
# > true true true
# > true true
fn noise(n: int, key: Key) -> f32[n] {
    let u[i: n] ~ uniform(2, 3, key: key)
    u
}
fn normals(n: int, key: Key) -> f32[n] {
    let z[i: n] ~ normal(0, 1, key: key)
    z
}
fn choices(n: int, key: Key) -> i64[n] {
    let logits = [-1e9, 0.0, 0.0, -1e9]
    let c[i: n] ~ categorical[v](logits[v], key: key)
    c
}
let (a, b) = (noise(4, key(1)), noise(1000, key(1)))
print(all(a == b[:4]), min(b) >= 2, max(b) < 3)
let z = normals(4000, key(5))
let c = choices(100, fold(key(1), 3))
print(abs(mean(z)) < 0.05 and abs(variance(z) - 1) < 0.1, min(c) == 1 and max(c) == 2)
