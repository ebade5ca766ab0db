let k = key(1)
fn f(x: f32[N]) -> f32 {
    let m[n] ~ bernoulli(0.5, key: k)           # error[E0301]: the range of n is not determined
    sum[n](if m[n] { x[n] } else { 0 })
}
let t[b] ~ categorical[v: 4 | v >= b](0.0, key: k)      # error[E0301]: the range of b is not determined
let u[b: 3] ~ categorical[v | v >= b](0.0, key: k)      # error[E0301]: the range of v is not determined
let g[i] = read_bytes("x")[i + 1]                       # error[E0301]: the range of i is not determined
