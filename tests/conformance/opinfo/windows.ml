## Convolutions and borders.

## In G groups: O of the outputs see C of the inputs. Zeros outside.
fn conv1d(x: float[B, G, C, L], weight: float[G, O, C, K], bias: float[G, O], stride: int, before: int, after: int, dilation: int)
    -> float[B, G, O, (L + before + after - dilation * (K - 1) - 1) // stride + 1] {
    out[b, g, o, t] = bias[g, o] + sum[c, k](weight[g, o, c, k] * (x[b, g, c, t * stride + k * dilation - before] ?? 0))
}

## The last axis with `before` and `after` more elements; fewer where negative.
fn pad_constant(x: num[.., N], before: int, after: int, value: num) -> num[.., before + N + after] {
    out[.., i] = x[.., i - before] ?? value
}

## Mirrored at the first and the last element.
fn pad_reflect(x: num[.., N], before: int, after: int) -> num[.., before + N + after] {
    out[.., i] = x[.., N - 1 - abs(N - 1 - abs(i - before))]
}

## The first and the last element repeated.
fn pad_replicate(x: num[.., N], before: int, after: int) -> num[.., before + N + after] {
    out[.., i] = x[.., clip(i - before, 0, N - 1)]
}

## From the other end.
fn pad_circular(x: num[.., N], before: int, after: int) -> num[.., before + N + after] {
    out[.., i] = x[.., (i - before) % N]
}

## Without the first and the last elements.
fn crop(x: num[.., N], before: int, after: int) -> num[.., N - before - after] {
    out[.., i] = x[.., i + before]
}
