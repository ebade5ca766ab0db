## RETSim (Zhang et al. 2023): a text to a unit vector, near-duplicates close together. Its attention is no softmax:
## relu(q k / T + bias)^2, gated (Hua et al. 2022, "Transformer Quality in Linear Time").
## `mlc run examples/retsim/retsim.ml model.safetensors "a text" "another"` prints the vector of the first and the cosine of both.
import std.nn: Dense

## x / rms(x) * scale, one scale for all.
model ScaledNorm() {
    param scale: f32 = 1
    fn call(x: f32[.., D]) -> f32[.., D] {
        let r[..] = rsqrt(mean[d](x[.., d] * x[.., d]) + 1e-6)
        out[.., d] = x[.., d] * r[..] * scale
    }
}

## The vector `w` turned by each position: pair (k, k + T/2) by position * 10000^(-2k/T).
fn turned(w: f32[T]) -> f32[T, T] where T % 2 == 0 {
    let c[t: T, k: T / 2] = cos(t * 10000.0 ^ (-2 * k / T))
    let s[t: T, k: T / 2] = sin(t * 10000.0 ^ (-2 * k / T))
    let (u, v) = (w[:T / 2], w[T / 2:])
    concat(u * c - v * s, v * c + u * s, axis: -1)
}

## A bias for each distance, as products of two turned vectors.
model Distance(T) {
    param a: f32[T] ~ normal(0, 0.02)
    param b: f32[T] ~ normal(0, 0.02)
    fn bias() -> f32[T, T] where T % 2 == 0 = turned(a) @ turned(b).T
}

## A gated attention unit: queries and keys are two scalings of one base.
model Gau(T, D, E, S) {
    norm  = ScaledNorm()
    proj1 = Dense(D, 2 * E + S)
    proj2 = Dense(E, D)
    param gamma: f32[2, S] ~ normal(0, 0.02)
    param beta:  f32[2, S] = 0
    positional_encoding = Distance(T)

    fn call(x: f32[T, D]) -> f32[T, D] where T % 2 == 0 {
        let z = silu(proj1(norm(x)))
        let (u, v, base) = (z[:, 0:E], z[:, E:2 * E], z[:, 2 * E:])
        let q[i, s] = base[i, s] * gamma[0, s] + beta[0, s]
        let k[i, s] = base[i, s] * gamma[1, s] + beta[1, s]
        let bias = positional_encoding.bias()
        let w[i, j] = max(sum[s](q[i, s] * k[j, s]) / T + bias[i, j], 0) ^ 2
        let o[i, e] = u[i, e] * sum[j](w[i, j] * v[j, e])
        x + proj2(o)
    }
}

model Scale() {
    param scale: f32 = 1
}

model Metric(D) {
    linear = Dense(D, D)
}

model Retsim(T, D, E, S, L) {
    positional_embedding = Scale()
    encoder_start = Dense(24, D)
    gau_layers = [Gau(T, D, E, S) for _ in 0..L]
    metric_embedding = Metric(D)

    ## The unit vector of a text of characters, 0 behind its end.
    fn call(text: i32[T]) -> f32[D] where T % 2 == 0 {
        let bits[t, b: 24] = f32(text[t] // 2 ^ (23 - b) % 2)                      # the highest first
        let place[t: T, b: 24] = if b < 12 { sin(t * 10000.0 ^ (-b / 11)) } else { cos(t * 10000.0 ^ ((12 - b) / 11)) }
        var x = silu(encoder_start(bits + positional_embedding.scale * place))
        for g in gau_layers { x = g(x) }

        let least[d] = min[t](x[t, d])                                             # generalised mean, power 3, of what is above 1
        let m[d] = mean[t]((x[t, d] - least[d] + 1) ^ 3) ^ (1 / 3) + least[d] - 1
        let y = metric_embedding.linear(m)
        y / sqrt(max(sum(y * y), 1e-12))
    }
}

## The first 512 characters; those of a longer text are left out.
fn padded(text: i32[N]) -> i32[512] where N >= 1 {
    out[t] = if t < N { text[min(t, N - 1)] } else { 0 }
}

let net = load(args(1)) as Retsim(512, _, 256, _, _)
let (first, second) = (code_points(args(2)), code_points(args(3)))
let (a, b) = (net(padded(first)), net(padded(second)))
print("cosine", i64(1e6 * sum(a * b)))
for i in 0..net.D { print("part", i64(1e6 * a[i])) }
