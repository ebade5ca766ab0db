# A draw of a script has the key of its statement: in a loop it says the same in each turn.
import std.random: laplace

fn noise(n: int, key: Key) -> f32 {
    var s: f32 = 0
    for i in 0..n {
        let z ~ normal(0, 1, key: fold(key, i))
        s += z
    }
    s
}

let start[i: 3] ~ uniform(0, 1)
var last = start[0]
for t in 0..3 {
    let a[i: 3] ~ normal(0, 1)                      # warning[W0006]: without a key, this draw gives the same numbers in each turn of the loop
    let b[i: 3] ~ normal(0, 1, key: fold(key(1), t))
    let c ~ laplace(0, 1)                           # warning[W0006]: the same numbers
    let d ~ categorical[v](a[v])                    # warning[W0006]: the same numbers
    last += a[0] + b[0] + c + f32(d) + noise(t, key(t))
    while last > 100 {
        let e ~ bernoulli(0.5)                      # warning[W0006]: the same numbers
        last = if e { last - 100 } else { 0.0 }
    }
}
print(last)
