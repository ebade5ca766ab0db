import std.adapters: bottleneck, pfeiffer
import std.nn: layer_norm

## Behind the sub-layer, then the block's residual and norm.
fn houlsby(f: float[.., D], x: float[.., D], w1: float[R, D], b1: float[R], w2: float[D, R], b2: float[D], w: float[D], b: float[D], eps: real,
           act: fn(float) -> float) -> float[.., D] = layer_norm(x + f + bottleneck(f, w1, b1, w2, b2, act), w, b, eps: eps)

## Beside the sub-layer.
fn parallel(f: float[.., D], x: float[.., D], w1: float[R, D], b1: float[R], w2: float[D, R], b2: float[D], w: float[D], b: float[D], eps: real,
            s: float, act: fn(float) -> float) -> float[.., D] = layer_norm(x + f + s * bottleneck(x, w1, b1, w2, b2, act), w, b, eps: eps)
