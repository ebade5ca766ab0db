## Data on its way to a model: orders and splits of N examples, batches, sequences of unequal length, windows of a long text. What is random
## takes a key, so that an epoch is the same again.
import std.random: permutation

# ---- choosing examples

## The rows index[b] of x [N, D]; an index outside of 0 .. N - 1 is a status.
fn pick(x: num[N, D], index: i64[B]) -> num[B, D] {
    out[b, d] = x[index[b], d]
}

## The batches of one epoch in random order, as indices [N // size, size]; what is left over is not used.
fn batches(n: int, size: int, key: Key) -> i64[n // size, size] where size >= 1 {
    let p = permutation(n, key)
    out[b, i] = p[b * size + i]
}

## Two disjoint sets of indices, `n - held` to train on and `held` to test with.
fn split(n: int, held: int, key: Key) -> (i64[n - held], i64[held]) where 0 <= held, held <= n {
    let p = permutation(n, key)
    (p[held:], p[:held])
}

## For each of n examples the one of `folds` folds that tests it; sizes differ by at most one.
fn folds(n: int, folds: int, key: Key) -> i64[n] where folds >= 1 {
    let p = permutation(n, key)
    out[i] = p[i] % folds
}

## Draws b of n examples in proportion to their weights, with repetition; a weight below 0 or NaN and weights that are all 0 are a status.
fn weighted(weight: float[N], b: int, key: Key) -> i64[b] where b >= 0 {
    check(b <= 0 or (all[n](weight[n] >= 0) and any[n](weight[n] > 0)), "weights are numbers from 0 on, and one is above 0")
    let at[i: b] ~ categorical[n](log(weight[n]), key: key)
    at
}

# ---- sequences of unequal length

## Rows of T places from one long row: sequence b is flat[start[b]], .. flat[start[b] + length[b] - 1], cut at T, filled up at the end.
fn padded(flat: num[M], start: i64[B], length: i64[B], T: int, fill: num) -> num[B, T] where T >= 0 {
    out[b, t] = if t < length[b] { flat[start[b] + t] } else { fill }
}

## The same, filled up at the beginning, as for the prompts of a decoder.
fn padded_left(flat: num[M], start: i64[B], length: i64[B], T: int, fill: num) -> num[B, T] where T >= 0 {
    let n[b] = min(length[b], T)
    out[b, t] = if t >= T - n[b] { flat[start[b] + t - (T - n[b])] } else { fill }
}

## Which places of `padded` are real.
fn is_real(length: i64[B], T: int) -> bool[B, T] where T >= 0 {
    out[b, t] = t < length[b]
}

## Where each sequence begins in the flat row: the sum of the lengths before it.
fn starts(length: i64[B]) -> i64[B] {
    let c[b] = cumsum[b](length[b])
    out[b] = c[b] - length[b]
}

## The document of each token of a packed row: how many `end` tokens stand before it.
fn documents(tokens: i64[N], end: int) -> i64[N] {
    let last[n] = if tokens[n] == end { 1 } else { 0 }
    let c[n] = cumsum[n](last[n])
    out[n] = c[n] - last[n]
}

## The place of each token in its own document.
fn positions(document: i64[N]) -> i64[N] {
    rec p[n] = if n == 0 { 0 } else if document[n] == document[max(n - 1, 0)] { p[n - 1] + 1 } else { 0 }
    p
}

# ---- a long text

## Windows of T tokens, one every `stride`: [(N - T) // stride + 1, T].
fn windows(tokens: num[N], T: int, stride: int) -> num[(N - T) // stride + 1, T] where 1 <= T, T <= N, stride >= 1 {
    out[w, t] = tokens[w * stride + t]
}

## b windows of T + 1 tokens that begin anywhere: what is read and, one place on, what is to be predicted.
fn passages(tokens: num[N], b: int, T: int, key: Key) -> (num[b, T], num[b, T]) where 1 <= T, T + 1 <= N {
    let at[i: b] ~ integer(0, N - T, key: key)
    let x[i: b, t: T] = tokens[at[i] + t]
    let y[i: b, t: T] = tokens[at[i] + t + 1]
    (x, y)
}

# ---- numbers

## 1 at each label, 0 elsewhere; a label outside of 0 .. C - 1 gives a row of zeros.
fn one_hot(label: i64[..], C: int) -> f32[.., C] where C >= 0 {
    out[.., c] = if label[..] == c { 1 } else { 0 }
}

## Each column with mean 0 and variance 1 (a constant one: 0), and the means and standard deviations (0 of a constant one), for new data.
fn standardised(x: float[N, D]) -> (float[N, D], float[D], float[D]) where N >= 1 {
    let same[d] = min[n](x[n, d]) >= max[n](x[n, d])                # their rounded mean may be another number
    let m[d] = if same[d] { x[0, d] } else { mean[n](x[n, d]) }
    let s[d] = if same[d] { 0 } else { sqrt(variance[n](x[n, d])) }
    let y[n, d] = if s[d] > 0 { (x[n, d] - m[d]) / s[d] } else { 0 }
    (y, m, s)
}

## Each column from 0 to 1 (a constant one: 0).
fn rescaled(x: float[N, D]) -> float[N, D] where N >= 1 {
    let low[d] = min[n](x[n, d])
    let high[d] = max[n](x[n, d])
    out[n, d] = if high[d] > low[d] { (x[n, d] - low[d]) / (high[d] - low[d]) } else { 0 }
}

## Pictures u8[.., Y, X, 3], as `read_image` gives one, as numbers in [-1, 1] with the colours first.
fn pixels(x: u8[.., Y, X, 3]) -> f32[.., 3, Y, X] {
    out[.., c, y, z] = f32(x[.., y, z, c]) / 127.5 - 1
}
