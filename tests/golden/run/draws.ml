## A draw is a function of its key and its index: the same for the same key, whatever else is drawn around it.
fn noise(k: Key, n: int) -> f32[n] {
    let e[i: n] ~ normal(0, 1, key: k)
    e
}
fn flat(k: Key, n: int) -> f32[n] {
    let u[i: n] ~ uniform(2, 3, key: k)
    u
}
fn die(k: Key, n: int) -> i32[n] {
    let d[i: n] ~ integer(0, 6, key: k)
    out[i] = i32(d[i])
}
fn pick(k: Key, logits: f32[V]) -> int {
    let c ~ categorical[v](logits[v], key: k)
    c
}
let (a, b) = (noise(key(1), 5), noise(key(1), 5))
print(all[i](a[i] == b[i]), all[i](a[i] == noise(key(2), 5)[i]))
# > true false
let longer = noise(key(1), 9)
print(all[i: 5](a[i] == longer[i]))
# > true
print(any[i](noise(fold(key(1), 0), 5)[i] == noise(fold(key(1), 1), 5)[i]))
# > false
let u = flat(key(3), 10_000)
print(all(u >= 2), all(u < 3), abs(mean(u) - 2.5) < 0.02)
# > true true true
let e = noise(key(4), 10_000)
print(abs(mean(e)) < 0.05, abs(mean(e ^ 2) - 1) < 0.06)
# > true true
let d = die(key(5), 1_000)
print(min(d), max(d), all[v: 6](any[i](d[i] == v)))
# > 0 5 true
print(pick(key(6), [-inf, 0.0, -inf]), pick(key(7), [-inf, -inf, 3.0]))
# > 1 2
