## Imports what stands beside it.
import inner: level
fn outer(x: f32) -> f32 = level(level(x))
