## Nothing here is unused but the last name: sizes that only a parameter's type tells, `var` parameters, closures, `_` names, what
## another file may import, what only a guard, a type, a static argument or an inner function reads.
fn zeros_of(x: f32[T, D]) -> f32[T, D] = zeros(T, D)

struct State(N) {
    at: f32[N] = 0
}

fn clear(var s: State(N)) { s.at = zeros(N) }

fn mask(x: f32[T, T], n: int, _unused: f32) -> f32[T, T] {
    let limit = n + 1
    let (a, _) = (x, x)
    let shifted = fn(y: f32[T, T], z: f32) = y + 1
    let kept[i, j] = softmax[j | j <= i + limit](a[i, j])
    shifted(kept, 1.0)
}

let nobody_reads_this = 3
fn last(x: f32[T]) -> f32[T] {
    let y = x                              # warning[W0001]: 'y' is never used
    x
}
