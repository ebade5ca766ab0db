## Sizes are at least 0, and what `where` and the conditions around say is known: a comparison of them may have one answer.
fn f(x: f32[N], y: f32[M], n: int, m: int) -> f32[N] where N >= 1, M >= 0 {     # warning[W0003]: this is always true: M >= 0
    let a = if N > 0 { 1.0 } else { 2.0 }                       # warning[W0003]: this is always true: N > 0
    let b = if n == n and n < m { 1.0 } else { 2.0 }            # warning[W0003]: this is always true: n == n
    let c = if N < M or len(x) < 0 { 1.0 } else { 2.0 }         # warning[W0003]: this is always false: N < 0
    let d = if n < m { if n < m + 1 { 1.0 } else { 2.0 } } else { 3.0 }     # warning[W0003]: this is always true: n < m + 1
    if N == M { return x * (a + b) }
    if len(y) == 0 { return x * (c + d) }
    x
}

## What a caller chose says nothing about the function: not of static arguments, not of what is written out where it is called.
fn g[k](h: fn(f32[N]) -> f32[N], x: f32[N], y: f32[M]) -> f32[N] = if k < 3 and N == M { x } else { h(x) }
fn twice(x: f32[N], s: f32) -> f32[N] = g[2](fn(y) = y * s, x, x)

let one = [1.0]
let scale = 2
if len(one) > 2 or scale < 3 { print(twice(one, 2)) }
