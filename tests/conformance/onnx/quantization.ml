## Numbers as small integers: a scale, and the code that stands for zero.

## The nearest code, ties to even, held in [low, high].
fn code(x: float, scale: float, zero: f32, low: f32, high: f32) = clip(round(x / scale) + zero, low, high)

## What a code stands for.
fn value(code: f32, zero: f32, scale: float) = (code - zero) * scale
