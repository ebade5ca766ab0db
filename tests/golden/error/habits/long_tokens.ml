## Tokens of 64 bits for an embedding of 32.
import std.nn: Embedding
fn f(e: Embedding(V, D), t: i64[B, T]) -> f32[B, T, D] = e(t)
