## Attention and what belongs to it. q has H heads, k and v have G; head h reads head h // (H / G).

fn to_heads[H](x: float[B, T, N]) -> float[B, H, T, N / H] = permute(reshape(x, B, T, H, N / H), 0, 2, 1, 3)

fn from_heads(x: float[B, H, T, D]) -> float[B, T, H * D] = reshape(permute(x, 0, 2, 1, 3), B, T, H * D)

fn scores(q: float[B, H, T, D], k: float[B, G, S, D], scale: real) -> float[B, H, T, S] {
    out[b, h, i, j] = scale * sum[d](q[b, h, i, d] * k[b, h // (H / G), j, d])
}

fn mix(p: float[B, H, T, S], v: float[B, G, S, D]) -> float[B, H, T, D] {
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h // (H / G), j, d])
}

fn cap(s: float[..], most: real) -> float[..] = most * tanh(s / most)

## The pair (i, i + R), or (2 i, 2 i + 1), of the first 2 R numbers turns by an angle whose cosine and sine are given.
fn turn_halves(x: float[B, H, T, D], c: float[B, T, R], s: float[B, T, R]) -> float[B, H, T, D] where 2 * R <= D {
    let (u, v) = (x[.., :R], x[.., R:2 * R])
    let first[b, h, t, r] = u[b, h, t, r] * c[b, t, r] - v[b, h, t, r] * s[b, t, r]
    let second[b, h, t, r] = v[b, h, t, r] * c[b, t, r] + u[b, h, t, r] * s[b, t, r]
    concat(first, second, x[.., 2 * R:], axis: -1)
}

fn turn_pairs(x: float[B, H, T, D], c: float[B, T, R], s: float[B, T, R]) -> float[B, H, T, D] where 2 * R <= D {
    let y = reshape(x[.., :2 * R], B, H, T, R, 2)
    let z[b, h, t, i, e: 2] = if e == 0 { y[b, h, t, i, 0] * c[b, t, i] - y[b, h, t, i, 1] * s[b, t, i] }
        else { y[b, h, t, i, 1] * c[b, t, i] + y[b, h, t, i, 0] * s[b, t, i] }
    concat(reshape(z, B, H, T, 2 * R), x[.., 2 * R:], axis: -1)
}

## Rows of a table by position.
fn rows(table: float[P, R], position: i64[B, T]) -> float[B, T, R] {
    out[b, t, r] = table[position[b, t], r]
}

## A convolution along time for each channel, over z = the K - 1 places before the input and the input.
fn causal_conv(z: float[B, C, L + K - 1], w: float[C, 1, K], bias: float[C]) -> float[B, C, L] {
    out[b, c, t] = sum[j](w[c, 0, j] * z[b, c, t + j]) + bias[c]
}

## S[t] = e^g[t] S[t-1] + k[t] v[t]^T, out[t] = scale q[t]^T S[t]; also the last S.
fn gated(q: float[B, H, T, K], k: float[B, G, T, K], v: float[B, G, T, D], g: float[B, G, T, K], start: float[B, G, K, D], scale: real)
    -> (float[B, H, T, D], float[B, G, K, D]) {
    rec s[b, h, t, i, j] = exp(g[b, h, t, i]) * (s[b, h, t - 1, i, j] ?? start[b, h, i, j]) + k[b, h, t, i] * v[b, h, t, j]
    let y[b, h, t, j] = scale * sum[i](q[b, h, t, i] * s[b, h // (H / G), t, i, j])
    (y, s[:, :, T - 1])
}

## The same with the delta rule: beta[t] (v[t] - S^T k[t]) is written, S being the faded state.
fn gated_delta(q: float[B, H, T, K], k: float[B, G, T, K], v: float[B, G, T, D], g: float[B, G, T, K], beta: float[B, G, T],
               start: float[B, G, K, D], scale: real) -> (float[B, H, T, D], float[B, G, K, D]) {
    rec {
        faded[b, h, t, i, j] = exp(g[b, h, t, i]) * (s[b, h, t - 1, i, j] ?? start[b, h, i, j])
        known[b, h, t, j] = sum[i](k[b, h, t, i] * faded[b, h, t, i, j])
        s[b, h, t, i, j] = faded[b, h, t, i, j] + beta[b, h, t] * k[b, h, t, i] * (v[b, h, t, j] - known[b, h, t, j])
    }
    let y[b, h, t, j] = scale * sum[i](q[b, h, t, i] * s[b, h // (H / G), t, i, j])
    (y, s[:, :, T - 1])
}
